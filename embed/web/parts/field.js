// A field: label above, hint or error beneath, tied together for a screen reader.
import { html } from "./html.js";
import { t } from "../lang.js";

// Field calls its child with the attributes that the input needs: id, name and what describes it.
export function Field({ name, id = name, label, optional, hint, error, children }) {
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  const attributes = { id, name, "aria-describedby": described || undefined, "aria-invalid": error ? "true" : undefined };
  return html`<div class="field">
    <label for=${id}>${label} ${optional && html`<span class="muted">${t("optional")}</span>`}</label>
    ${children(attributes)}
    ${error && html`<p class="error" id=${`${id}-error`} role="alert">${error}</p>`}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}
