// iPhone and iPad give push only to pages on the Home Screen: the way there, with pictures.
import { t } from "../lang.js";
import { html } from "../parts/html.js";
import { HomeScreenSteps } from "../parts/steps.js";
import { Hero } from "./obstacle.js";

export function HomeScreenFirst() {
  return html`<section class="narrow stack">
    <${Hero} icon="phone" title=${t("ios.title")} lead=${t("ios.lead")} />
    <div class="card"><${HomeScreenSteps} /></div>
    <p class="small muted">${t("ios.other")}</p>
  </section>`;
}
