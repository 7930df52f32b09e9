// The marks of recado: 24 grid, 1.75 stroke, currentColor. Names of outcomes are the outcomes' own.
import { html } from "./html.js";

const strokes = {
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15ZM10 21h4",
  sent: "m4.5 12.5 5 5 10-11",
  blocked: "M6 16.5V11a6 6 0 0 1 9.3-5M18 11v5.5l1.5 1.5H9M10 21h4M3.5 3.5l17 17",
  again: "M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 3.5v5h5",
  chev: "m9.5 6 6 6-6 6",
  unlock: "M7 10.5h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-6a2 2 0 0 1 2-2ZM8 10.5V8a4 4 0 0 1 7.6-1.7",
  phone: "M9 2.5h6A2.5 2.5 0 0 1 17.5 5v14a2.5 2.5 0 0 1-2.5 2.5H9A2.5 2.5 0 0 1 6.5 19V5A2.5 2.5 0 0 1 9 2.5ZM10.5 18.5h3",
  share: "M12 14.5V3M8 6.5 12 2.8l4 3.7M7.5 10H6a1.5 1.5 0 0 0-1.5 1.5v8A1.5 1.5 0 0 0 6 21h12a1.5 1.5 0 0 0 1.5-1.5v-8A1.5 1.5 0 0 0 18 10h-1.5",
  copy: "M10.5 8.5h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2ZM15.5 8.5v-3a2 2 0 0 0-2-2h-8a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h3",
  failed: "m6 6 12 12M18 6 6 18",
  warn: "M12 4 2.8 20h18.4ZM12 10v4.5M12 17.2h.01",
  info: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 11.5v5M12 8h.01",
  offline: "M3 3l18 18M8.5 16.5a5 5 0 0 1 7 0M5 13a10 10 0 0 1 4.6-2.6M19 13a10 10 0 0 0-4.3-2.5M2 9.5a15 15 0 0 1 4.3-2.9M22 9.5A15 15 0 0 0 11 5.1M12 20h.01",
  mask: "M3.5 9.5c5.5-2.5 11.5-2.5 17 0 0 5-2 8-5 8-1.8 0-2.3-1.5-3.5-1.5s-1.7 1.5-3.5 1.5c-3 0-5-3-5-8ZM7.5 12.5h2.5M14 12.5h2.5",
  ticket: "M4 6.5h16v3.3a2.3 2.3 0 0 0 0 4.4v3.3H4v-3.3a2.3 2.3 0 0 0 0-4.4ZM14.5 7v2M14.5 11v2M14.5 15v2",
  window: "M5 4.5h14A1.5 1.5 0 0 1 20.5 6v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5ZM3.5 9h17M6.5 6.8h.01M9 6.8h.01",
};

export function Icon({ name }) {
  return html`<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d=${strokes[name]} /></svg>`;
}

// ThemeIcon is the one mark with a filled half.
export function ThemeIcon() {
  return html`<svg class="i" viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="8.5" /><path d="M12 3.5v17a8.5 8.5 0 0 0 0-17Z" fill="currentColor" />
  </svg>`;
}

// Mark is recado's own: a note with a folded corner and the dot that says unread.
export function Mark(props) {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true" ...${props}>
    <path fill="currentColor" fill-rule="evenodd" d="M6.5 4h7.6A5 5 0 0 0 20 9.9V15h-4.5a2.5 2.5 0 0 0-2.5 2.5V22H6.5A4.5 4.5 0 0 1 2 17.5v-9A4.5 4.5 0 0 1 6.5 4ZM7 10.4a.95.95 0 0 0 0 1.9h6a.95.95 0 0 0 0-1.9Zm0 4.2a.95.95 0 0 0 0 1.9h3a.95.95 0 0 0 0-1.9Z" />
    <path fill="currentColor" fill-opacity=".5" d="m13 22 7-7h-4.5a2.5 2.5 0 0 0-2.5 2.5Z" />
    <circle fill="currentColor" cx="19" cy="5" r="3.25" />
  </svg>`;
}
