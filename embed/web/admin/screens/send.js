// Send: write a notification, see what it will be, and send it now, later or again and again.
import { useEffect } from "../../vendor/preact-hooks.js";
import { number, rich, t } from "../../lang.js";
import { devices } from "../../parts/device.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Trouble } from "../../parts/trouble.js";
import { Audience } from "../send/audience.js";
import { count, left, SAFE, useCheck, verdict } from "../send/check.js";
import { begun, draft, set } from "../send/draft.js";
import { Message } from "../send/message.js";
import { useOpened } from "../send/open.js";
import { Preview } from "../send/preview.js";
import { busy, clear, problem, send, stranger, test } from "../send/publish.js";
import { Script } from "../send/script.js";
import { When } from "../send/when.js";
import { toast } from "../toasts.js";

export function Send({ rest }) {
  const { loading, problem: unopened, again } = useOpened(rest);
  useCheck();
  useEffect(() => () => { problem.value = null; stranger.value = false; }, []);
  const submit = (event) => { event.preventDefault(); if (!over()) send(); };
  // Enter in a line of text must not send to thousands; with Ctrl it is meant.
  const type = (event) => {
    if (event.key !== "Enter" || !event.target.matches("input, textarea")) return;
    if (event.ctrlKey || event.metaKey) event.currentTarget.requestSubmit();
    else if (event.target.matches("input")) event.preventDefault();
  };
  const leave = ({ target: { name } }) => { if (name && !left.value.has(name)) left.value = new Set([...left.value, name]); };
  return html`<main class="page" id="main" tabindex="-1">
    <div class="page-head"><h1 class="grow" tabindex="-1">${draft.value.editing ? t("send.headline.edit") : t("send.headline")}</h1><${StartOver} /></div>
    ${loading ? html`<p class="muted" aria-busy="true">${t("loading")}</p>` : html`
      <${Trouble} problem=${unopened} onAgain=${again} />
      <div class="split">
        <form class="stack send" noValidate onSubmit=${submit} onKeyDown=${type} onFocusOut=${leave}>
          <${Message} /><${Audience} /><${When} /><${Foot} />
        </form>
        <aside class="stack sticky" aria-label=${t("send.preview")}><${Preview} /><${Script} /></aside>
      </div>`}
  </main>`;
}

function StartOver() {
  const press = () => {
    const before = draft.value;
    clear();
    toast(before.editing ? t("send.edit.stopped") : t("send.cleared"), { undo: () => { draft.value = before; } });
    document.getElementById("send-title")?.focus();
  };
  return begun.value && html`<button class="btn quiet small" type="button" onClick=${press}>${draft.value.editing ? t("send.edit.stop") : t("send.clear")}</button>`;
}

const over = () => verdict.value.size > verdict.value.limit;

function deed() {
  const { when, editing } = draft.value;
  const some = count.value ? devices(count.value) : "";
  if (busy.value === "send") return editing ? t("send.busy.edit") : when === "now" ? t("send.busy") : t("send.busy.later");
  if (editing && when !== "now") return t("send.button.edit");
  if (when === "now") return some ? t("send.button.now", { devices: some }) : t("send.button");
  return some ? t("send.button.later", { devices: some }) : t("send.button.schedule");
}

function Foot() {
  const blocked = over();
  const warnings = verdict.value.size > SAFE ? [] : verdict.value.warnings; // the meter says it of a long one
  return html`<div class="foot-bar">
    <${Obstacle} />
    ${warnings.map((words) => html`<p class="hint whole" key=${words}><${Icon} name="warn" /> ${words}</p>`)}
    ${blocked && html`<p class="error whole" id="send-blocked"><${Icon} name="warn" />${t("send.size.over", { bytes: number(verdict.value.size - verdict.value.limit) })}</p>`}
    <button class="btn primary" type="submit" disabled=${blocked} aria-describedby=${blocked ? "send-blocked" : undefined} aria-busy=${String(busy.value === "send")}>
      <${Icon} name=${draft.value.when === "now" ? "send" : "scheduled"} />${deed()}</button>
    <button class="btn" type="button" disabled=${blocked} aria-busy=${String(busy.value === "test")} onClick=${test}>
      <${Icon} name="phone" /><span class="wide-only">${t("send.test")}</span><span class="narrow-only">${t("send.test.short")}</span></button>
  </div>`;
}

// Obstacle is what keeps the press from being done, where no field is to blame.
function Obstacle() {
  if (stranger.value) {
    return html`<div class="notice whole" data-o="retrying" role="alert"><${Icon} name="info" />
      <p class="grow">${rich("send.stranger", {}, { a: (words) => html`<a href="/" target="_blank">${words}</a>` })}</p></div>`;
  }
  const trouble = problem.value;
  if (!trouble) return null;
  const started = trouble.status === 409 && draft.value.editing;
  return html`<div class="notice whole" data-o="failed" role="alert"><${Icon} name="warn" />
    <p class="grow">${started ? t("send.started") : trouble.message}</p>
    ${started && html`<button class="btn small" type="button" onClick=${() => { set({ editing: null }); problem.value = null; }}>${t("send.asnew")}</button>`}
  </div>`;
}
