// Toasts: what an action did, said once. Five seconds, held by hover and focus; errors stay.
import { signal } from "../vendor/signals.js";
import { t } from "../lang.js";
import { html } from "../parts/html.js";
import { Icon } from "../parts/icon.js";

const SHOWN = 5000; // milliseconds

const toasts = signal([]);
let last = 0;

// toast says text; undo, when given, is offered as a button. Answers the toast's number.
export function toast(text, { undo, trouble = false } = {}) {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-2), { id, text, undo, trouble }];
  if (!trouble) wait(id);
  return id;
}

// troubled says what went wrong with an action; for use as a catch.
export const troubled = (error) => { toast(error.message, { trouble: true }); };

export function dismiss(id) {
  hold(id);
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

const timers = new Map();

function wait(id) {
  timers.set(id, setTimeout(dismiss, SHOWN, id));
}

function hold(id) {
  clearTimeout(timers.get(id));
  timers.delete(id);
}

export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">${toasts.value.map((one) => html`<${Toast} key=${one.id} ...${one} />`)}</div>`;
}

function Toast({ id, text, undo, trouble }) {
  const held = trouble ? {} : { onMouseEnter: () => hold(id), onMouseLeave: () => wait(id), onFocusIn: () => hold(id), onFocusOut: () => wait(id) };
  return html`<div class="toast" role=${trouble ? "alert" : undefined} data-o=${trouble ? "failed" : "sent"} ...${held}>
    <${Icon} name=${trouble ? "warn" : "sent"} />
    <span class="grow">${text}</span>
    ${undo && html`<button class="btn small" type="button" onClick=${() => { dismiss(id); undo(); }}>${t("undo")}</button>`}
    <button class="btn quiet icon small" type="button" aria-label=${t("close")} onClick=${() => dismiss(id)}><${Icon} name="failed" /></button>
  </div>`;
}
