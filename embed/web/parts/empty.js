// What will be here once there is something: a glyph, a sentence, one action.
import { html } from "./html.js";
import { Icon } from "./icon.js";

export function Empty({ icon, title, children }) {
  return html`<div class="empty"><${Icon} name=${icon} /><h2>${title}</h2>${children}</div>`;
}
