// An event of a delivery in words, for the log and the story.
import { lasts, steady, t } from "../../lang.js";
import { reason } from "../../parts/reason.js";

export const between = (from, to) => Math.max(0, Date.parse(to) - Date.parse(from));

const at = { displayed: "displayed_at", clicked: "clicked_at", closed: "closed_at" };

export const deviceName = (label) => steady(label || "") || t("live.unnamed");

// detail says what is behind an event.
export function detail(one) {
  const when = one[at[one.event]];
  if (!when) return reason(one);
  const shown = one.displayed_at;
  if (one.event === "closed" && shown) return t("live.closed", { span: lasts(between(shown, when)) });
  if (one.event === "clicked" && shown) return t("live.clicked", { span: lasts(between(shown, when)) });
  return one.sent_at ? t("live.displayed", { span: lasts(between(one.sent_at, when)) }) : "";
}

// took is how long the push service needed, or with a plus the person after it was sent.
export function took(one) {
  const when = one[at[one.event]];
  if (when) return one.sent_at ? `+${lasts(between(one.sent_at, when))}` : "";
  return one.latency_ms === null ? "" : lasts(one.latency_ms);
}
