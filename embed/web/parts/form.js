// A form in a dialog: what the server finds wrong stands beneath the fields, and nothing that was written is lost.
import { useEffect, useRef } from "../vendor/preact-hooks.js";
import { useSignal } from "../vendor/signals.js";
import { t } from "../lang.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";

// FormDialog calls its child with a function that says what is wrong with a field. onSave gets the form's
// values (FormData) and closes the dialog by what it does; a Problem that it throws is shown. aside stands
// left of the buttons.
export function FormDialog({ title, button, busy, aside, onSave, onClose, children }) {
  const form = useRef(null);
  const working = useSignal(false);
  const problem = useSignal(null);
  useEffect(() => { form.current.querySelector("[aria-invalid]")?.focus(); }, [problem.value]);
  const submit = async (event) => {
    event.preventDefault();
    if (working.value) return;
    working.value = true;
    problem.value = null;
    try {
      await onSave(new FormData(form.current));
    } catch (error) {
      problem.value = error;
    }
    working.value = false;
  };
  return html`<${Dialog} form title=${title} onClose=${onClose}>
    <form class="stack" ref=${form} onSubmit=${submit} novalidate autocomplete="off">
      ${children((field) => problem.value?.of(field) || "")}
      <${Rest} problem=${problem.value} form=${form.current} />
      <div class="row end">${aside}<span class="grow"></span>
        <button class="btn" type="button" onClick=${onClose}>${t("cancel")}</button>
        <button class="btn primary" type="submit" aria-busy=${String(working.value)}>${working.value ? busy : button}</button>
      </div>
    </form>
  <//>`;
}

// Rest says what belongs to no field of the form.
function Rest({ problem, form }) {
  if (!problem) return null;
  const elsewhere = (problem.errors || []).filter(({ field }) => !form.elements[field]).map(({ field, message }) => `${field} ${message}`);
  const said = problem.errors?.length ? elsewhere.join(". ") : problem.message;
  return said && html`<p class="error" role="alert">${said}</p>`;
}
