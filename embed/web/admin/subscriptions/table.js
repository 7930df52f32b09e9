// The table of subscriptions. A press anywhere on a row opens its drawer, as its name does.
import { t } from "../../lang.js";
import { browserName, deviceName } from "../../parts/device.js";
import { html } from "../../parts/html.js";
import { serviceName } from "../../parts/service.js";
import { Time } from "../../parts/time.js";
import { go, to } from "../route.js";
import { Silent, silenceOf } from "./silence.js";

export function Table({ items, open, filters }) {
  return html`<div class="table-wrap fit"><table class="table fold two">
    <thead><tr>
      <th>${t("subscriptions.device")}</th><th>${t("subscriptions.user")}</th><th>${t("subscriptions.service")}</th><th class="less">${t("subscriptions.browser")}</th>
      <th class="less">${t("subscriptions.categories")}</th><th>${t("subscriptions.sent")}</th><th>${t("subscriptions.displayed")}</th>
    </tr></thead>
    <tbody>${items.map((one) => html`<${Row} key=${one.id} subscription=${one} on=${one.id === open} filters=${filters} />`)}</tbody>
  </table></div>`;
}

function Row({ subscription, on, filters }) {
  const { id, user, categories, service, last_sent_at, last_displayed_at } = subscription;
  const press = (event) => { if (!event.target.closest("a")) go("subscriptions", id, filters); };
  const silence = silenceOf(subscription);
  const browser = browserName(subscription);
  const listed = categories.join(", ");
  return html`<tr class=${["press", on && "on", silence && "flagged"].filter(Boolean).join(" ")} onClick=${press}>
    <td class="fold-b name"><a class="bare" href=${to("subscriptions", id, filters)} aria-current=${on ? "true" : undefined}>${deviceName(subscription)}</a></td>
    <td class="fold-x name">${user && html`<a class="plain" href=${to("subscriptions", { ...filters, user })}>${user}</a>`}</td>
    <td class="fold-x">${serviceName(service)}</td>
    <td class="fold-x less">${browser}</td>
    <td class="fold-x less name" title=${listed}>${listed}</td>
    <td class="fold-x"><${Time} at=${last_sent_at} /></td>
    <td class="fold-c">${silence ? html`<${Silent} silence=${silence} />` : html`<${Time} at=${last_displayed_at} />`}</td>
    <td class="fold-d narrow-only clip">${[user, serviceName(service), browser].filter(Boolean).join(" · ")}</td>
  </tr>`;
}
