// What has happened to deliveries, in the last hour, day and week.
import { number, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Badge } from "../../parts/outcome.js";
import { stats } from "../stats.js";

const events = ["sent", "displayed", "clicked", "closed", "retrying", "failed", "gone", "expired", "canceled"];

const Number = ({ of }) => (of ? number(of) : html`<span class="muted">0</span>`);

export function Totals() {
  const { hour, day, week } = stats.value.totals;
  return html`<section class="card flush" aria-labelledby="totals-title">
    <div class="card-head"><h2 id="totals-title">${t("system.totals")}</h2></div>
    <table class="table">
      <thead><tr><th>${t("system.event")}</th><th class="r roomy">${t("system.hour")}</th><th class="r">${t("system.day")}</th><th class="r">${t("system.week")}</th></tr></thead>
      <tbody>${events.filter((event) => event === "sent" || week[event] > 0).map((event) => html`<tr key=${event}><td><${Badge} outcome=${event} /></td>
        <td class="r roomy"><${Number} of=${hour[event]} /></td><td class="r"><${Number} of=${day[event]} /></td><td class="r"><${Number} of=${week[event]} /></td></tr>`)}</tbody>
    </table>
  </section>`;
}
