// What the notification says, how it looks and behaves, and how many bytes of a push message that takes.
import { useRef } from "../../vendor/preact-hooks.js";
import { lasts, number, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Buttons } from "./buttons.js";
import { SAFE, verdict } from "./check.js";
import { draft } from "./draft.js";
import { Address, Check, Input, Select, Text } from "./input.js";

export function Message() {
  return html`<section class="card stack" aria-labelledby="send-message">
    <h2 id="send-message">${t("send.message")}</h2>
    <${Input} name="title" label=${t("send.title")} optional=${false} required />
    <${Text} name="body" label=${t("send.body")} rows="3" />
    <${Address} name="url" label=${t("send.url")} hint=${t("send.url.hint")} />
    <${Looks} />
    <${Manners} />
    <${Size} />
  </section>`;
}

// More unfolds what is seldom needed; it begins open when something of it is set.
function More({ title, uses, children }) {
  const open = useRef(uses.some((field) => draft.peek()[field].length > 0 || draft.peek()[field] === true));
  return html`<details class="more" open=${open.current} onToggle=${(event) => { open.current = event.currentTarget.open; }}>
    <summary><${Icon} name="chev" />${title}</summary>
    <div class="stack more-body">${children}</div>
  </details>`;
}

function Looks() {
  return html`<${More} title=${t("send.looks")} uses=${["icon", "image", "badge", "actions", "lang", "dir"]}>
    <${Buttons} />
    <div class="pair">
      <${Address} name="icon" label=${t("send.icon")} hint=${t("send.icon.hint")} />
      <${Address} name="image" label=${t("send.image")} hint=${t("send.image.hint")} />
      <${Address} name="badge" label=${t("send.badge")} hint=${t("send.badge.hint")} />
    </div>
    <div class="pair">
      <${Input} name="lang" label=${t("send.lang")} hint=${t("send.lang.hint")} spellcheck=${false} autocapitalize="none" />
      <${Select} name="dir" label=${t("send.dir")} options=${[["", t("send.dir.none")], ["auto", t("send.dir.auto")], ["ltr", t("send.dir.ltr")], ["rtl", t("send.dir.rtl")]]} />
    </div>
  <//>`;
}

const HOUR = 3600;
const times = [HOUR, 6 * HOUR, 24 * HOUR, 72 * HOUR, 168 * HOUR, 672 * HOUR];
const kept = (seconds) => lasts(Number(seconds) * 1000);

function Manners() {
  const nameless = !draft.value.tag.trim();
  return html`<${More} title=${t("send.manners")} uses=${["tag", "topic", "silent", "require_interaction", "renotify"]}>
    <div class="pair">
      <${Select} name="urgency" label=${t("send.urgency")} hint=${t("send.urgency.hint")} options=${[["very-low", t("send.urgency.verylow")],
        ["low", t("send.urgency.low")], ["normal", t("send.urgency.normal")], ["high", t("send.urgency.high")]]} />
      <${Select} name="ttl" label=${t("send.ttl")} hint=${t("send.ttl.hint")} other=${kept}
        options=${[["", t("send.ttl.usual")], ["0", t("send.ttl.now")], ...times.map((seconds) => [String(seconds), kept(seconds)])]} />
    </div>
    <div class="pair">
      <${Input} name="tag" label=${t("send.tag")} hint=${t("send.tag.hint")} />
      <${Input} name="topic" label=${t("send.topic")} hint=${t("send.topic.hint")} maxlength="32" spellcheck=${false} autocapitalize="none" />
    </div>
    <div>
      <${Check} name="silent" label=${t("send.silent")} />
      <${Check} name="require_interaction" label=${t("send.stay")} />
      <${Check} name="renotify" label=${t("send.renotify")} disabled=${nameless} />
    </div>
  <//>`;
}

function Size() {
  const { size, limit } = verdict.value;
  const state = size > limit ? "over" : size > SAFE ? "near" : undefined;
  const rest = limit - size;
  const words = { over: t("send.size.over", { bytes: number(-rest) }), near: t("send.size.near", { bytes: number(SAFE) }) };
  return html`<div class="stack tight">
    <div class="row small"><span id="send-size">${t("send.size")}</span><span class="grow"></span>
      <span class="num"><b>${number(Math.max(0, rest))}</b> <span class="muted">${t("send.size.left", { limit: number(limit) })}</span></span></div>
    <svg class="meter" role="meter" aria-labelledby="send-size" aria-valuemin="0" aria-valuemax=${limit} aria-valuenow=${Math.min(size, limit)}
      aria-valuetext=${t("send.size.said", { size: number(size), limit: number(limit) })} data-state=${state}>
      <rect class="used" width=${`${Math.min(100, (100 * size) / limit).toFixed(2)}%`} height="100%" />
      <rect class="tick" x=${`${((100 * SAFE) / limit).toFixed(1)}%`} width="2" height="100%" /></svg>
    <p class="hint size" id="send-size-hint" data-o=${state === "over" ? "failed" : state && "retrying"} role="status">
      ${state && html`<${Icon} name="warn" /> `}${words[state] || t("send.size.hint", { bytes: number(SAFE) })}</p>
  </div>`;
}
