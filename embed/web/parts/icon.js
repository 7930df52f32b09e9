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
  displayed: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 9.25a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5",
  retrying: "M20 12a8 8 0 1 1-2.5-5.8L20 8.5M20 3.5v5h-5",
  clicked: "m9 9 4.5 12 2-5.5L21 13.5ZM9 2.5v2.5M2.5 9H5M4.4 4.4l1.8 1.8",
  closed: "M6 12h12",
  gone: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM6 6l12 12",
  expired: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7v5l3.5 2",
  canceled: "M7.5 6h9A1.5 1.5 0 0 1 18 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 6 16.5v-9A1.5 1.5 0 0 1 7.5 6Z",
  pending: "M5 12h.01M12 12h.01M19 12h.01",
  scheduled: "M5.5 5h13a2 2 0 0 1 2 2v11.5a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2ZM3.5 10h17M8 2.5v4M16 2.5v4",
  live: "M3 12h4l2.5-7 5 14L17 12h4",
  send: "M20.5 3.5 10 14M20.5 3.5 14 20.5 10 14 3.5 10Z",
  devices: "M14.5 19H16M16 10V6a1.5 1.5 0 0 0-1.5-1.5h-10A1.5 1.5 0 0 0 3 6v7a1.5 1.5 0 0 0 1.5 1.5H14M7 19h5M17.5 10h2.5a1.5 1.5 0 0 1 1.5 1.5v7A1.5 1.5 0 0 1 20 20h-2.5a1.5 1.5 0 0 1-1.5-1.5v-7a1.5 1.5 0 0 1 1.5-1.5Z",
  language: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM3.5 12h17M12 3.5c3 2.5 3.5 5.5 3.5 8.5s-.5 6-3.5 8.5c-3-2.5-3.5-5.5-3.5-8.5s.5-6 3.5-8.5",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  out: "M10 4.5H6a1.5 1.5 0 0 0-1.5 1.5v12A1.5 1.5 0 0 0 6 19.5h4M15 8l4 4-4 4M19 12h-9.5",
  pause: "M8.5 5.5v13M15.5 5.5v13",
  play: "M8 5.5v13l10.5-6.5Z",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM20 20l-4.7-4.7",
  back: "m14.5 6-6 6 6 6",
  trash: "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10 11v5.5M14 11v5.5",
  users: "M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM2.5 20c.4-4 3-6 6.5-6s6.1 2 6.5 6M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.5c2 .8 3.2 2.7 3.5 5.5",
  plus: "M12 5v14M5 12h14",
  key: "M8 11.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM11 12.5l8.5-8.5M15.5 8l3 3",
  edit: "M4.5 19.5h4L19 9l-4-4L4.5 15.5ZM13 7l4 4",
  image: "M5 4.5h14A1.5 1.5 0 0 1 20.5 6v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5ZM8.5 8a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3M4 17l5-4.5 3.5 3 3-2.5 4.5 4",
  tag: "M4 4.5h7.5L20 13l-7 7-8.5-8.5ZM8.5 8.5h.01",
};

// What is made of dots needs more than the usual 1.75 to be seen.
const weights = { dots: 2.75, pending: 3, pause: 2.5, info: 2 };

// stroke is the path of a mark, for what is drawn without a component.
export const stroke = (name) => strokes[name];

export function Icon({ name }) {
  return html`<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d=${strokes[name]} stroke-width=${weights[name]} /></svg>`;
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
