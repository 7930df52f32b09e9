// A button that copies a text and says so.
import { useSignal } from "../vendor/signals.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "../lang.js";

const SAID = 2000; // milliseconds

export function Copy({ text, small = true }) {
  const copied = useSignal(false);
  const press = async (event) => {
    const pre = event.currentTarget.closest(".copied, .card, .notice, dialog")?.querySelector("pre");
    try {
      await navigator.clipboard.writeText(text);
      copied.value = true;
      setTimeout(() => { copied.value = false; }, SAID);
    } catch { // not allowed, or http: select it, so that one key copies it
      if (pre) getSelection().selectAllChildren(pre);
    }
  };
  return html`<button class=${small ? "btn small" : "btn"} type="button" onClick=${press}>
    <${Icon} name=${copied.value ? "sent" : "copy"} /><span aria-live="polite">${copied.value ? t("copied") : t("copy.it")}</span>
  </button>`;
}
