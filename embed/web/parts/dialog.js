// A modal question or form, native <dialog>: Escape closes it and the focus goes back to where it was.
import { useEffect, useRef } from "../vendor/preact-hooks.js";
import { useSignal } from "../vendor/signals.js";
import { html } from "./html.js";
import { t } from "../lang.js";

// Dialog shows its children until onClose. Put autofocus on what is safe to press.
export function Dialog({ title, onClose, children }) {
  const box = useRef(null);
  useEffect(() => {
    box.current.showModal();
    box.current.querySelector("[autofocus]")?.focus();
  }, []);
  const outside = (event) => { if (event.target === box.current) box.current.close(); };
  return html`<dialog ref=${box} aria-labelledby="dialog-title" onClose=${onClose} onMouseDown=${outside}>
    <div class="stack"><h2 id="dialog-title">${title}</h2>${children}</div>
  </dialog>`;
}

// Confirm asks before what cannot be undone: title names the thing, deed is the button. onDeed may fail; then its words are shown.
export function Confirm({ title, body, deed, busy, onDeed, onClose }) {
  const working = useSignal(false);
  const trouble = useSignal("");
  const press = async () => {
    working.value = true;
    try {
      await onDeed();
      onClose();
    } catch (error) {
      trouble.value = error.message;
      working.value = false;
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose}>
    ${body && html`<p class="muted">${body}</p>`}
    ${trouble.value && html`<p class="error" role="alert">${trouble.value}</p>`}
    <div class="row end">
      <button class="btn" type="button" autofocus onClick=${onClose}>${t("keep")}</button>
      <button class="btn danger" type="button" aria-busy=${String(working.value)} onClick=${press}>${working.value ? busy : deed}</button>
    </div>
  <//>`;
}
