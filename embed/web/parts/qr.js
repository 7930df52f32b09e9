// A QR code drawn anew from the server's picture: its squares are taken over, and nothing else that may be in it.
import { html } from "./html.js";

export function QR({ svg, label }) {
  const picture = new DOMParser().parseFromString(svg, "image/svg+xml");
  const paths = [...picture.querySelectorAll("path")].map((path) => ({ d: path.getAttribute("d"), fill: path.getAttribute("fill") || "#000" }));
  return html`<div class="well qr"><svg viewBox=${picture.documentElement.getAttribute("viewBox")} shape-rendering="crispEdges" role="img" aria-label=${label}>
    ${paths.map(({ d, fill }, i) => html`<path key=${i} d=${d} fill=${fill} />`)}
  </svg></div>`;
}
