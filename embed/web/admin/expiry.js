// When something ends: after a usual span, on a day, or never.
import { useSignal } from "../vendor/signals.js";
import { t } from "../lang.js";
import { Field } from "../parts/field.js";
import { html } from "../parts/html.js";

const DAY = 86400000; // milliseconds

// expiryOf reads the field from a form: a moment as /v1 takes it, "" for never. What is wrong goes into wrong.
export function expiryOf(data, wrong) {
  const span = data.get("expiry");
  if (span !== "day") return span && new Date(Date.now() + Number(span) * DAY).toISOString();
  const day = data.get("expires_at");
  if (!day) wrong.push({ field: "expires_at", message: t("expiry.missing") });
  return day && new Date(`${day}T23:59:59`).toISOString();
}

// today is a day as an input has it, on this device's clock.
function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

export function Expiry({ error, span: usual = "" }) {
  const span = useSignal(usual);
  const spans = [["", t("expiry.never")], ["1", t("expiry.day")], ["7", t("expiry.week")], ["30", t("expiry.month")], ["365", t("expiry.year")], ["day", t("expiry.on")]];
  return html`<div class="pair">
    <${Field} name="expiry" label=${t("expiry")} error=${span.value !== "day" && error}>
      ${(described) => html`<select ...${described} value=${span.value} onChange=${(event) => { span.value = event.currentTarget.value; }}>
        ${spans.map(([value, words]) => html`<option key=${value} value=${value} selected=${value === span.value}>${words}</option>`)}
      </select>`}
    <//>
    ${span.value === "day" && html`<${Field} name="expires_at" label=${t("expiry.on.day")} error=${error}>
      ${(described) => html`<input type="date" min=${today()} max="9999-12-31" required ...${described} />`}
    <//>`}
  </div>`;
}
