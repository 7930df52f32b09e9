import { t } from "../../lang.js";
import { html } from "../../parts/html.js";

export function Notifications() {
  return html`<main class="page stack" id="main" tabindex="-1"><h1 tabindex="-1">${t("nav.notifications")}</h1></main>`;
}
