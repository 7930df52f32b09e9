import { t } from "../../lang.js";
import { html } from "../../parts/html.js";

export function Invites() {
  return html`<main class="page stack" id="main" tabindex="-1"><h1 tabindex="-1">${t("nav.invites")}</h1></main>`;
}
