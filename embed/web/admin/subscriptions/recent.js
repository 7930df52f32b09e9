// What became of the latest notifications on one device.
import { useEffect } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { exact, stamp, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { troubles, word } from "../../parts/outcome.js";
import { reason } from "../../parts/reason.js";
import { to } from "../route.js";
import { get } from "../server.js";

const LOOKED = 12; // notifications, each a question of its own: there is no list of one device's deliveries

async function read(id) {
  const { items } = await get(`/v1/pushnotification?limit=${LOOKED}&state=sending,sent,canceled,expired`);
  const asked = items.map(async ({ id: notification, title, started_at, created_at }) => {
    const page = await get(`/v1/pushnotification/${notification}/deliveries?subscription=${id}`);
    return page.items.map((delivery) => ({ delivery, title, at: delivery.sent_at || started_at || created_at }));
  });
  return (await Promise.all(asked)).flat();
}

// latest is the outcome that speaks for a delivery: what the device did, else what the push service said.
const latest = ({ status, displayed_at, clicked_at, closed_at }) => (clicked_at ? "clicked" : closed_at ? "closed" : displayed_at ? "displayed" : status);

export function Recent({ id }) {
  const rows = useSignal(null);
  const trouble = useSignal("");
  useEffect(() => { read(id).then((found) => { rows.value = found; }, (error) => { trouble.value = error.message; }); }, []);
  return html`<section class="stack tight" aria-busy=${String(!rows.value && !trouble.value)}>
    <h3>${t("recent.title")}</h3>
    ${trouble.value && html`<p class="small muted">${trouble.value}</p>`}
    ${rows.value && !rows.value.length && html`<p class="small muted">${t("recent.none")}</p>`}
    ${rows.value?.length > 0 && html`<ol class="story">${rows.value.map((row) => html`<${Row} key=${row.delivery.notification_id} ...${row} />`)}</ol>`}
  </section>`;
}

function Row({ delivery, title, at }) {
  const outcome = latest(delivery);
  return html`<li>
    <span class="at" data-o=${outcome}><${Icon} name=${outcome} /></span>
    <a class="bare" href=${to("notifications", delivery.notification_id)}>${title}</a>
    <time datetime=${at} title=${exact(at)}>${stamp(at)}</time>
    <p>${troubles.includes(outcome) ? reason(delivery) : word(outcome)}</p>
  </li>`;
}
