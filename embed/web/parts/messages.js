// Recent messages of this device: a missed notification can be read later.
import { useSignal } from "../vendor/signals.js";
import { exact, t, when } from "../lang.js";
import { markRead, messages } from "../device/messages.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

const FIRST = 5;
const MORE = 20;

export function Messages() {
  const limit = useSignal(FIRST);
  const all = messages.value;
  return html`<div class="card flush">
    <div class="card-head"><h2 class="grow">${t("messages.title")}</h2><span class="tiny muted">${t("messages.kept")}</span></div>
    ${all.length
      ? html`<ul class="list">${all.slice(0, limit.value).map((message) => html`<${Message} key=${message.id} message=${message} />`)}</ul>`
      : html`<${Empty} />`}
    ${all.length > limit.value && html`<div class="card-foot">
      <button class="btn quiet small wide" type="button" onClick=${() => { limit.value += MORE; }}>${t("messages.older")}</button>
    </div>`}
  </div>`;
}

function Empty() {
  return html`<div class="empty"><${Icon} name="bell" /><h3>${t("messages.empty")}</h3><p class="small">${t("messages.empty.body")}</p></div>`;
}

// Message opens its address, or without one unfolds its text; either way it has been read.
function Message({ message }) {
  const open = useSignal(false);
  const { id, title, body, url, at, read } = message;
  const press = () => { open.value = !open.value; markRead(id); };
  const away = url && new URL(url).origin !== location.origin;
  return html`<li class="stack hair">
    <div class="row nowrap">
      ${!read && html`<span class="unread" role="img" aria-label=${t("messages.new")}></span>`}
      ${url
        ? html`<a class="hit grow clip" href=${url} target=${away ? "_blank" : undefined} rel="noreferrer" onClick=${() => markRead(id)}>${title}</a>`
        : html`<button class="hit grow clip" type="button" aria-expanded=${String(open.value)} onClick=${press}>${title}</button>`}
      ${message.test && html`<span class="badge plain" data-o="closed">${t("messages.test")}</span>`}
      <time class="tiny muted" datetime=${new Date(at).toISOString()} title=${exact(at)}>${when(at)}</time>
    </div>
    ${body && html`<p class="small muted text ${url || open.value ? "" : "folded"}">${body}</p>`}
  </li>`;
}
