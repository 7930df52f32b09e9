// Text to copy: it stands as it is, with the button beside it.
import { Copy } from "./copy.js";
import { html } from "./html.js";

// Code breaks its lines where they end when wrap is set; otherwise it scrolls.
export function Code({ text, label, wrap }) {
  return html`<div class="copied">
    <pre class=${wrap ? "code wrap" : "code"} tabindex="0" role="region" aria-label=${label}>${text}</pre>
    <${Copy} text=${text} />
  </div>`;
}
