// A time in a list: short, and exact for whoever points at it.
import { exact, when } from "../lang.js";
import { html } from "./html.js";

export function Time({ at, none = "–" }) {
  return at ? html`<time datetime=${at} title=${exact(at)}>${when(at)}</time>` : html`<span class="muted">${none}</span>`;
}
