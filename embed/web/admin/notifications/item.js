// One notification in a list: its title and time, state and audience, and how far it is.
import { exact, number, rich, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Badge, Bar } from "../../parts/outcome.js";
import { to } from "../route.js";
import { audience, began, outlook, unsent, when } from "./words.js";

const rest = {
  retrying: (count) => t("notifications.retrying", { count }),
  failed: (count) => t("notifications.failed", { count }),
  gone: (count) => t("notifications.gone", { count }),
  expired: (count) => t("notifications.expired", { count }),
  canceled: (count) => t("notifications.canceled.count", { count }),
};

// Item's filters stay in its address, so that the way back leads to the same list.
export function Item({ n, filters, on, name }) {
  const soon = n.state === "scheduled" || n.repeat;
  return html`<li class=${on ? "stack tight on" : "stack tight"} data-id=${n.id}>
    <div class="row nowrap"><a class="hit grow clip" href=${to("notifications", n.id, filters)} aria-current=${on ? "true" : undefined}>${name || n.title}</a>
      <time class="tiny muted" datetime=${began(n)} title=${exact(began(n))}>${when(n)}</time></div>
    <div class="row nowrap tiny muted"><${Badge} outcome=${n.state} /><span class="clip">${audience(n)}</span>
      ${n.parent_id && html`<span class="series" title=${t("notifications.run")}><${Icon} name="retrying" /><span class="sr">${t("notifications.run")}</span></span>`}</div>
    ${soon ? html`<p class="small muted">${outlook(n)}</p>` : html`<${Progress} n=${n} />`}
  </li>`;
}

function Progress({ n }) {
  const { counts } = n;
  if (!counts.targeted) return html`<p class="small muted">${unsent(n)}</p>`;
  return html`<${Bar} counts=${counts} />
    <ul class="counts tiny"><li>${sentOf(counts)}</li>
      ${Object.entries(rest).filter(([part]) => counts[part] > 0).map(([part, words]) => html`<li key=${part}><span class="swatch" data-o=${part}></span>${words(number(counts[part]))}</li>`)}
    </ul>`;
}

const sentOf = ({ sent, targeted }) => rich("notifications.sent", { sent: number(sent), targeted: number(targeted) });
