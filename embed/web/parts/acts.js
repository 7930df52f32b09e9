// What can be done with a row: small buttons with a glyph, named by a word and by what they act on.
import { html } from "./html.js";
import { Icon } from "./icon.js";

export function Act({ icon, label, red, onPress }) {
  return html`<button class=${red ? "btn quiet icon small red" : "btn quiet icon small"} type="button" aria-label=${label} title=${label}
    onClick=${onPress}><${Icon} name=${icon} /></button>`;
}
