// A test to one device: sent, then watched until the device says that it has shown it.
import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { instance } from "../../instance.js";
import { language, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Badge } from "../../parts/outcome.js";
import { reason } from "../../parts/reason.js";
import { serviceName } from "../../parts/service.js";
import { get, post } from "../server.js";
import { troubled } from "../toasts.js";
import { Remedies } from "./silence.js";

const TTL = 600; // seconds: a test that comes an hour later tells nothing
const LOOKS = [0, 500, 1000, 2000, 3000, 4000, 5000, 5000]; // milliseconds from one look to the next

export function Test({ subscription, onSent }) {
  const busy = useSignal(false);
  const delivery = useSignal(null);
  const late = useSignal(false); // it was sent, and not shown in good time
  const gone = useRef(false);
  useEffect(() => () => { gone.current = true; }, []);

  const watch = async (id) => {
    for (const wait of LOOKS) {
      await new Promise((resolve) => { setTimeout(resolve, wait); });
      if (gone.current) return;
      const { items } = await get(`/v1/pushnotification/${id}/deliveries?subscription=${subscription.id}`);
      delivery.value = items[0] || null;
      if (delivery.value) busy.value = false;
      if (delivery.value?.displayed_at || ["failed", "gone", "expired", "canceled"].includes(delivery.value?.status)) return;
    }
    late.value = true;
  };
  const press = async () => {
    busy.value = true;
    late.value = false;
    delivery.value = null;
    try {
      const { id } = await post("/v1/pushnotification", {
        title: t("test.message", { name: instance }), body: t("test.body"), lang: language.value.code, tag: "recado-test",
        ttl: TTL, urgency: "high", target: { subscriptions: [subscription.id] },
      });
      await watch(id);
    } catch (error) {
      troubled(error);
    }
    busy.value = false;
    if (!gone.current) onSent();
  };
  return html`<div class="stack tight">
    <button class="btn wide" type="button" aria-busy=${String(busy.value)} onClick=${press}>
      ${!busy.value && html`<${Icon} name="send" />`}${busy.value ? t("subscriptions.test.busy") : t("subscriptions.test")}
    </button>
    <div role="status" class="stack tight"><${Result} delivery=${delivery.value} late=${late.value} agent=${subscription.user_agent} /></div>
  </div>`;
}

function Result({ delivery, late, agent }) {
  if (!delivery) return null;
  if (delivery.displayed_at) return html`<p class="row small"><${Badge} outcome="displayed" />${t("subscriptions.test.displayed")}</p>`;
  if (delivery.status !== "sent") return html`<p class="row small"><${Badge} outcome=${delivery.status} />${reason(delivery)}</p>`;
  return html`<p class="row small"><${Badge} outcome="sent" />${late ? t("subscriptions.test.late") : t("subscriptions.test.sent", { service: serviceName(delivery.service) })}</p>
    ${late && html`<${Remedies} agent=${agent} />`}`;
}
