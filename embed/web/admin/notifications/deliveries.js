// The deliveries of one notification: outcome, device, and why.
import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { exact, lasts, number, t } from "../../lang.js";
import { deviceName } from "../../parts/device.js";
import { Empty } from "../../parts/empty.js";
import { html } from "../../parts/html.js";
import { Badge, word } from "../../parts/outcome.js";
import { reason } from "../../parts/reason.js";
import { serviceName } from "../../parts/service.js";
import { Trouble } from "../../parts/trouble.js";
import { createList } from "../list.js";
import { to } from "../route.js";
import { path } from "./feed.js";
import { done } from "./words.js";

const outcomes = ["sent", "retrying", "failed", "gone", "expired", "canceled"];
const FIRST = 50; // rows of a page
const PAUSE = 2500; // milliseconds between two looks while it goes on

// Deliveries is made anew for another notification (key).
export function Deliveries({ n }) {
  const list = useRef(null);
  list.current ||= createList(`${path}/${n.id}/deliveries`, { limit: FIRST });
  const { items, next, busy, problem, load, more, filter } = list.current;
  const status = useSignal("");
  useEffect(() => { load(); }, []);
  useFollow(n, () => { if (!items.value || items.value.length <= FIRST) load(); });
  const choose = (value) => { status.value = value; filter({ status: value }); };
  return html`<section class="card flush" aria-labelledby="deliveries">
    <div class="card-head"><h3 class="grow" id="deliveries">${t("deliveries.title")}</h3>
      <select class="fit" aria-label=${t("deliveries.outcome")} value=${status.value} onChange=${(event) => choose(event.currentTarget.value)}>
        <option value="">${t("deliveries.any")}</option>
        ${outcomes.map((outcome) => html`<option key=${outcome} value=${outcome} selected=${outcome === status.value}>${word(outcome)}</option>`)}
      </select></div>
    <${Trouble} problem=${problem.value} onAgain=${load} />
    ${items.value && (items.value.length
      ? html`<${Table} items=${items.value} busy=${busy.value} />`
      : html`<${Nothing} n=${n} filtered=${status.value !== ""} onClear=${() => choose("")} />`)}
    ${next.value && html`<div class="card-foot"><button class="btn small wide quiet" type="button" aria-busy=${String(busy.value)} onClick=${more}>${t("more")}</button></div>`}
  </section>`;
}

// useFollow looks again when deliveries have come to an outcome, at most every PAUSE; the last look sees them all.
function useFollow(n, look) {
  const seen = useRef(null);
  const timer = useRef(0);
  const latest = useRef(look);
  latest.current = look;
  const { retrying, displayed, clicked } = n.counts;
  const mark = [n.state, done(n.counts), retrying, displayed, clicked].join();
  useEffect(() => {
    if (seen.current === null) seen.current = mark;
    if (seen.current === mark || timer.current) return;
    timer.current = setTimeout(() => { timer.current = 0; seen.current = mark; latest.current(); }, PAUSE);
  }, [mark]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

function Nothing({ n, filtered, onClear }) {
  if (filtered) return html`<${Empty} icon="search" title=${t("deliveries.nothing")}><button class="btn" type="button" onClick=${onClear}>${t("deliveries.clear")}</button><//>`;
  if (n.state === "sending") return html`<${Empty} icon="pending" title=${t("deliveries.soon")} />`;
  return html`<${Empty} icon="expired" title=${t("deliveries.swept")} />`; // retention has taken them
}

function Table({ items, busy }) {
  return html`<div class="table-wrap" tabindex="0" role="group" aria-labelledby="deliveries" aria-busy=${String(busy)}>
    <table class="table fold deliveries">
      <thead><tr><th>${t("deliveries.outcome")}</th><th>${t("deliveries.device")}</th><th>${t("deliveries.service")}</th><th>${t("deliveries.detail")}</th>
        <th>${t("deliveries.reaction")}</th><th class="r">${t("deliveries.tries")}</th><th class="r">${t("deliveries.latency")}</th></tr></thead>
      <tbody>${items.map((one) => html`<${Row} key=${one.subscription_id} one=${one} />`)}</tbody>
    </table></div>`;
}

const reactions = [["clicked", "clicked_at"], ["closed", "closed_at"], ["displayed", "displayed_at"]];

function Row({ one }) {
  const [reaction, at] = reactions.find(([, field]) => one[field]) || [];
  const why = reason(one);
  return html`<tr>
    <td class="fold-a"><${Badge} outcome=${one.status} /></td>
    <td class="fold-b device"><a class="plain" href=${to("subscriptions", one.subscription_id)}>${deviceName({ ...one, id: one.subscription_id })}</a></td>
    <td class="fold-x">${serviceName(one.service)}</td>
    <td class=${one.status === "sent" ? "fold-d why muted" : "fold-d why"} title=${why}>${why}</td>
    <td class="fold-x">${reaction && html`<span title=${exact(one[at])}><${Badge} outcome=${reaction} /></span>`}</td>
    <td class="r fold-x">${number(one.attempts)}</td>
    <td class="r fold-c">${one.latency_ms === null ? "" : lasts(one.latency_ms)}</td>
  </tr>`;
}
