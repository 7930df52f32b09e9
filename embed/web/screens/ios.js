// iPhone and iPad give push only to pages on the Home Screen: the way there, with pictures.
import { rich, t } from "../lang.js";
import { html } from "../parts/html.js";
import { Icon } from "../parts/icon.js";
import { HomeScreen, ShareBar, ShareMenu } from "../parts/steps.js";
import { Hero } from "./obstacle.js";

export function HomeScreenFirst() {
  return html`<section class="narrow stack">
    <${Hero} icon="phone" title=${t("ios.title")} lead=${t("ios.lead")} />
    <div class="card"><ol class="steps">
      <li>${rich("ios.1", {}, { icon: (name) => html`<${Icon} name=${name} />` })}<${ShareBar} /></li>
      <li>${rich("ios.2")}<${ShareMenu} /></li>
      <li>${t("ios.3")}<${HomeScreen} /></li>
    </ol></div>
    <p class="small muted">${t("ios.other")}</p>
  </section>`;
}
