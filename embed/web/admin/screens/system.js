import { t } from "../../lang.js";
import { html } from "../../parts/html.js";

export function System() {
  return html`<main class="page stack" id="main" tabindex="-1"><h1 tabindex="-1">${t("nav.system")}</h1></main>`;
}
