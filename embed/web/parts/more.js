// What not everybody needs to read, behind a line that opens it.
import { html } from "./html.js";
import { Icon } from "./icon.js";

export function More({ summary, children }) {
  return html`<details class="more"><summary><${Icon} name="chev" />${summary}</summary>${children}</details>`;
}
