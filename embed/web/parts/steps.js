// The pictures of the steps, drawn so that they follow theme and language.
import { html } from "./html.js";
import { Icon, Mark } from "./icon.js";
import { instance } from "../instance.js";
import { rich, t } from "../lang.js";

export function Picture({ height = 96, label, children }) {
  return html`<svg class="pic" viewBox="0 0 352 ${height}" role="img" aria-label=${label}>${children}</svg>`;
}

export function AddressBar() {
  return html`<${Picture} height="118" label=${t("blocked.picture")}>
    <rect class="paper" x="14" y="14" width="324" height="34" rx="17" /><circle class="spot" cx="34" cy="31" r="13" />
    <path class="here" d="M28 27.5h5M39 27.5h1.5M28 34.5h1.5M35.5 34.5h5" /><circle class="here" cx="36" cy="27.5" r="2.2" /><circle class="here" cx="32.3" cy="34.5" r="2.2" />
    <text class="ink" x="56" y="35">${location.host}</text>
    <rect class="paper" x="24" y="58" width="214" height="46" rx="8" /><text class="ink" x="40" y="85">${t("blocked.picture.word")}</text>
    <rect class="spot" x="186" y="70" width="38" height="22" rx="11" /><rect class="here" x="186" y="70" width="38" height="22" rx="11" /><circle class="here" cx="213" cy="81" r="6" />
  <//>`;
}

export function ShareBar() {
  return html`<${Picture} label=${t("ios.1.picture")}>
    <rect class="paper" x="14" y="24" width="324" height="48" rx="12" /><path class="line" d="m44 40-8 8 8 8M92 40l8 8-8 8" />
    <circle class="spot" cx="176" cy="48" r="18" /><path class="here" d="M176 51V37M171.5 41l4.5-4.5 4.5 4.5M171 46h-2.5v13h15V46H181" />
    <path class="line" d="M240 42h12v14h-12zM246 42v14M300 40h14v10h-14zM304 54h14V44" />
  <//>`;
}

export function ShareMenu() {
  return html`<${Picture} label=${t("ios.2.picture")}>
    <rect class="paper" x="14" y="12" width="324" height="72" rx="12" /><rect class="faint" x="34" y="26" width="96" height="7" rx="3.5" />
    <path class="line" d="M14 44h324" /><rect class="spot" x="22" y="50" width="308" height="28" rx="7" /><text class="ink" x="34" y="68">${t("ios.2.word")}</text>
    <path class="here" d="M303 56h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-12a2 2 0 0 1-2-2V58a2 2 0 0 1 2-2ZM309 60v8M305 64h8" />
  <//>`;
}

export function HomeScreen() {
  const short = instance.length > 10 ? `${instance.slice(0, 8)}…` : instance;
  return html`<${Picture} label=${t("ios.3.picture")}>
    <rect class="faint" x="40" y="18" width="44" height="44" rx="11" /><rect class="faint" x="110" y="18" width="44" height="44" rx="11" /><rect class="faint" x="250" y="18" width="44" height="44" rx="11" />
    <rect class="spot" x="172" y="10" width="60" height="78" rx="12" /><rect x="180" y="18" width="44" height="44" rx="11" class="tile" />
    <${Mark} class="tile-mark" x="189" y="27" width="26" height="26" /><text class="ink" x="202" y="79" text-anchor="middle">${short}</text>
  <//>`;
}

// HomeScreenSteps is the way that iPhone and iPad want before they show notifications.
export function HomeScreenSteps() {
  return html`<ol class="steps">
    <li>${rich("ios.1", {}, { icon: (name) => html`<${Icon} name=${name} />` })}<${ShareBar} /></li>
    <li>${rich("ios.2")}<${ShareMenu} /></li>
    <li>${t("ios.3")}<${HomeScreen} /></li>
  </ol>`;
}
