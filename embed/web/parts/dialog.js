// A modal question or form, native <dialog>: Escape closes it and the focus goes back to where it was.
import { useEffect, useRef } from "../vendor/preact-hooks.js";
import { useSignal } from "../vendor/signals.js";
import { html } from "./html.js";
import { t } from "../lang.js";

// Dialog shows its children until onClose. Put autofocus on what is safe to press. A press beside it closes it
// too, but not what holds a form: that would lose what has been written.
export function Dialog({ title, form, onClose, children }) {
  const box = useRef(null);
  const over = useRef(false);
  useEffect(() => {
    const dialog = box.current;
    dialog.showModal();
    dialog.querySelector("[autofocus]")?.focus();
    return () => { over.current = true; dialog.close(); }; // so that the focus goes back
  }, []);
  const beside = ({ target, clientX: x, clientY: y }) => {
    const { left, right, top, bottom } = box.current.getBoundingClientRect();
    if (!form && target === box.current && (x < left || x > right || y < top || y > bottom)) onClose();
  };
  return html`<dialog ref=${box} aria-labelledby="dialog-title" onClose=${() => over.current || onClose()} onMouseDown=${beside}>
    <div class="stack"><h2 id="dialog-title">${title}</h2>${children}</div>
  </dialog>`;
}

// Confirm asks before what cannot be undone: title names the thing, deed is the button, calm when it takes nothing
// away. onDeed may fail; then its words are shown.
export function Confirm({ title, body, deed, busy, keep, calm, onDeed, onClose }) {
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
      <button class="btn" type="button" autofocus onClick=${onClose}>${keep || t("keep")}</button>
      <button class=${calm ? "btn primary" : "btn danger"} type="button" aria-busy=${String(working.value)} onClick=${press}>${working.value ? busy : deed}</button>
    </div>
  <//>`;
}
