// A button that copies a text and says so.
import { useSignal } from "../vendor/signals.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "../lang.js";

const SAID = 2000; // milliseconds

// Copy is named by its word; of, when given, says what is copied, and then the glyph has to do.
export function Copy({ text, small = true, of }) {
  const copied = useSignal(false);
  const press = async (event) => {
    const shown = event.currentTarget.closest("dd, .copied, .card, .notice, dialog")?.querySelector("pre, .mono");
    try {
      await navigator.clipboard.writeText(text);
      copied.value = true;
      setTimeout(() => { copied.value = false; }, SAID);
    } catch { // not allowed, or http: select it, so that one key copies it
      if (shown) getSelection().selectAllChildren(shown);
    }
  };
  const icon = html`<${Icon} name=${copied.value ? "sent" : "copy"} />`;
  const word = copied.value ? t("copied") : t("copy.it");
  if (of) return html`<button class="btn quiet icon small" type="button" aria-label=${t("copy.of", { what: of })} title=${word} onClick=${press}>${icon}</button>`;
  return html`<button class=${small ? "btn small" : "btn"} type="button" onClick=${press}>${icon}<span aria-live="polite">${word}</span></button>`;
}
