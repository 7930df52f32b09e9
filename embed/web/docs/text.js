// The little Markdown that the document's descriptions use: paragraphs, `code` and **strong**.
import { html } from "../parts/html.js";

function marked(paragraph) {
  return paragraph.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((piece) => {
    if (piece.startsWith("`") && piece.length > 1) return html`<code>${piece.slice(1, -1)}</code>`;
    return piece.startsWith("**") ? html`<b>${piece.slice(2, -2)}</b>` : piece;
  });
}

export function Rich({ text }) {
  return text.split("\n\n").map((paragraph) => html`<p>${marked(paragraph)}</p>`);
}
