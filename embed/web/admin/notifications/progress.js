// How far a notification is: percent, rate and time left while it is being sent, and how many it has reached.
import { useRef } from "../../vendor/preact-hooks.js";
import { lasts, number, rich, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Bar, Counts, word } from "../../parts/outcome.js";
import { done, percent, tried, unsent } from "./words.js";

const LOOKS_BACK = 8000; // milliseconds over which a rate is taken
const ENOUGH = 1500; // milliseconds after which there is one

// useRate answers deliveries a second of late, 0 while that is not known.
function useRate(id, count) {
  const samples = useRef({ id, list: [] });
  if (samples.current.id !== id) samples.current = { id, list: [] };
  const { list } = samples.current;
  const at = Date.now();
  if (list.at(-1)?.count !== count) list.push({ at, count });
  while (list.length > 2 && at - list[1].at > LOOKS_BACK) list.shift();
  const [first] = list;
  const last = list.at(-1);
  return last.at - first.at < ENOUGH ? 0 : ((last.count - first.count) * 1000) / (last.at - first.at);
}

function sentence({ targeted, pending, retrying }, rate) {
  const all = t("notifications.done", { done: number(targeted - pending - retrying), targeted: number(targeted) });
  if (pending > 0 && rate > 0) return `${all} ${t("notifications.left", { span: lasts(Math.max(1000, (pending / rate) * 1000)), rate: number(Math.round(rate)) })}`;
  return pending === 0 && retrying > 0 ? `${all} ${tried(retrying)}` : all;
}

export function Progress({ n }) {
  const { counts } = n;
  const rate = useRate(n.id, done(counts));
  return html`<div class="stack tight" role="group" aria-label=${t("notifications.progress")}>
    ${n.state === "sending" && counts.targeted > 0 && html`<div class="row"><b class="big-num">${percent(done(counts), counts.targeted)}</b>
      <span class="small muted">${sentence(counts, rate)}</span></div>`}
    ${counts.targeted > 0 ? html`<${Bar} counts=${counts} big /><${Counts} counts=${counts} />` : html`<p class="small muted">${unsent(n)}</p>`}
  </div>`;
}

export function Reach({ counts }) {
  const { targeted } = counts;
  return targeted > 0 && html`<section class="card stack tight">
    <h3>${rich("notifications.reach", { targeted: number(targeted) }, { small: (words) => html`<span class="muted small">${words}</span>` })}</h3>
    <div class="funnel">${["sent", "displayed", "clicked"].map((part) => html`<${Part} key=${part} part=${part} count=${counts[part]} of=${targeted} />`)}</div>
  </section>`;
}

function Part({ part, count, of }) {
  return html`<span>${word(part)}</span>
    <svg class="bar" role="img" aria-label=${t("bar.label", { parts: `${word(part)} ${number(count)}`, targeted: number(of) })}><rect data-o=${part} width=${`${((100 * count) / of).toFixed(2)}%`} height="100%" /></svg>
    <span class="num"><b>${number(count)}</b> <span class="muted">${percent(count, of)}</span></span>`;
}
