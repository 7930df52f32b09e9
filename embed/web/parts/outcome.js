// Outcomes of deliveries and states of notifications as people see them: a word, a glyph, a colour; never colour alone.
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { number, t } from "../lang.js";

const words = {
  sent: () => t("outcome.sent"),
  displayed: () => t("outcome.displayed"),
  clicked: () => t("outcome.clicked"),
  closed: () => t("outcome.closed"),
  retrying: () => t("outcome.retrying"),
  failed: () => t("outcome.failed"),
  gone: () => t("outcome.gone"),
  expired: () => t("outcome.expired"),
  canceled: () => t("outcome.canceled"),
  pending: () => t("outcome.pending"),
  scheduled: () => t("outcome.scheduled"),
  sending: () => t("outcome.sending"),
};

// The order of a bar's parts; what is pending is its empty track.
const parts = ["sent", "retrying", "failed", "gone", "expired", "canceled"];

export const troubles = ["retrying", "failed", "gone", "expired"];

export const word = (outcome) => words[outcome]();

export function Badge({ outcome, children }) {
  return html`<span class="badge" data-o=${outcome}><${Icon} name=${outcome === "sending" ? "send" : outcome} />${children || word(outcome)}</span>`;
}

// shares are widths in per cent: a part that is not zero is at least 1.2 wide, the largest gives way.
function shares(counts) {
  const some = parts.filter((part) => counts[part] > 0).map((part) => ({ part, width: Math.max(1.2, (100 * counts[part]) / counts.targeted) }));
  const over = some.reduce((sum, { width }) => sum + width, 0) - (counts.pending > 0 ? 98.8 : 100);
  if (over > 0) some.reduce((a, b) => (b.width > a.width ? b : a)).width -= over;
  let x = 0;
  return some.map(({ part, width }) => ({ part, width, x: (x += width) - width }));
}

const percent = (value) => `${value.toFixed(2)}%`;

// Bar shows counts as a picture, with the numbers as its label.
export function Bar({ counts, big }) {
  const drawn = counts.targeted ? shares(counts) : [];
  const label = [...parts, "pending"].filter((part) => counts[part] > 0).map((part) => `${word(part)} ${number(counts[part])}`).join(", ");
  return html`<svg class=${big ? "bar big" : "bar"} role="img" aria-label=${t("bar.label", { parts: label || number(0), targeted: number(counts.targeted) })}>
    ${drawn.map(({ part, x, width }) => html`<rect key=${part} data-o=${part} x=${percent(x)} width=${percent(width)} height="100%" />`)}
    ${drawn.slice(1).map(({ part, x }) => html`<rect key=${part} class="gap" x=${percent(x)} width="2" height="100%" />`)}
  </svg>`;
}

// Counts is the bar's legend; it leaves zeros out.
export function Counts({ counts }) {
  return html`<ul class="counts">${[...parts, "pending"].filter((part) => counts[part] > 0).map((part) => html`<li key=${part}>
    <span class="swatch" data-o=${part}></span>${word(part)} <b>${number(counts[part])}</b></li>`)}</ul>`;
}
