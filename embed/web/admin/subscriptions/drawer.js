// One subscription: what is known of it, what went wrong with it, and what can be done.
import { useEffect } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { exact, isOne, moment, number, rich, t } from "../../lang.js";
import { Confirm } from "../../parts/dialog.js";
import { browserName, deviceName } from "../../parts/device.js";
import { Drawer } from "../../parts/drawer.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { serviceName } from "../../parts/service.js";
import { Trouble } from "../../parts/trouble.js";
import { to } from "../route.js";
import { Problem } from "../server.js";
import { may } from "../session.js";
import { toast } from "../toasts.js";
import { readOne, removeOne } from "./calls.js";
import { Edit } from "./edit.js";
import { Recent } from "./recent.js";
import { silenceOf, SilentNotice } from "./silence.js";
import { Test } from "./test.js";

const RESTORABLE = 7 * 86400000; // milliseconds

export function DeviceDrawer({ id, list, filters, onClose }) {
  const shown = useSignal(list.items.value?.find((one) => one.id === id) || null);
  const problem = useSignal(null);
  const sent = useSignal(0); // tests, so that what is recent is read again
  const read = async () => {
    problem.value = null;
    try {
      update(await readOne(id));
    } catch (error) {
      problem.value = error.status === 404 ? new Problem(404, t("subscriptions.unknown")) : error;
    }
  };
  const update = (subscription) => {
    shown.value = subscription;
    list.change(id, () => (subscription.removed_at ? null : subscription));
  };
  const removed = () => {
    list.change(id, () => null);
    onClose();
  };
  useEffect(() => { read(); }, []);
  const subscription = shown.value;
  const title = subscription ? deviceName(subscription) : t("subscriptions.device");
  return html`<${Drawer} title=${title} onClose=${onClose}>
    <${Trouble} problem=${problem.value} onAgain=${problem.value?.status !== 404 && read} />
    ${subscription && html`
      <${State} subscription=${subscription} />
      <${Facts} subscription=${subscription} filters=${filters} />
      ${may("admin") && !subscription.removed_at
        && html`<${Deeds} subscription=${subscription} onChange=${update} onSent=${() => { sent.value += 1; }} onRemoved=${removed} />`}
      <${Recent} key=${sent.value} id=${id} />`}
  <//>`;
}

// State is what an operator should know first.
function State({ subscription }) {
  const { removed_at, failures } = subscription;
  if (removed_at) {
    return html`<div class="notice" data-o="gone"><${Icon} name="gone" /><div class="grow stack tight">
      <p><b>${t("subscriptions.removed", { when: moment(removed_at) })}</b></p>
      ${Date.now() - Date.parse(removed_at) < RESTORABLE && html`<p class="small">${rich("subscriptions.removed.restore", { service: subscription.service })}</p>`}
    </div></div>`;
  }
  const since = silenceOf(subscription)?.since;
  return html`
    ${failures > 0 && html`<div class="notice" data-o="failed"><${Icon} name="warn" /><p class="grow">${isOne(failures)
      ? t("subscriptions.failure", { count: number(failures) }) : t("subscriptions.failures", { count: number(failures) })}</p></div>`}
    ${since && html`<${SilentNotice} subscription=${subscription} since=${since} />`}`;
}

const Moment = ({ at }) => (at ? html`<time datetime=${at} title=${exact(at)}>${moment(at)}</time>` : html`<span class="muted">${t("never")}</span>`);

// breakable lets a long host go on in the next line at a dot.
const breakable = (host) => host.split(/(?=\.)/).map((part) => html`${part}<wbr />`);

function Facts({ subscription, filters }) {
  const { id, user, categories, service, created_at, seen_at, last_sent_at, last_displayed_at } = subscription;
  const name = serviceName(service);
  return html`<dl class="facts">
    ${user && html`<dt>${t("subscriptions.user")}</dt><dd><a class="plain" href=${to("subscriptions", { ...filters, user })}>${user}</a></dd>`}
    <dt>${t("subscriptions.categories")}</dt><dd>${categories.length ? categories.join(", ") : html`<span class="muted">${t("none")}</span>`}</dd>
    <dt>${t("subscriptions.browser")}</dt><dd>${browserName(subscription) || html`<span class="muted">${t("unknown")}</span>`}</dd>
    <dt>${t("subscriptions.service")}</dt><dd>${name} ${name !== service && html`<span class="muted">${breakable(service)}</span>`}</dd>
    <dt>${t("subscriptions.sent")}</dt><dd><${Moment} at=${last_sent_at} /></dd>
    <dt>${t("subscriptions.displayed")}</dt><dd><${Moment} at=${last_displayed_at} /></dd>
    <dt>${t("subscriptions.seen")}</dt><dd><${Moment} at=${seen_at} /></dd>
    <dt>${t("subscriptions.created")}</dt><dd><${Moment} at=${created_at} /></dd>
    <dt>${t("subscriptions.id")}</dt><dd class="mono break">${id}</dd>
  </dl>`;
}

function Deeds({ subscription, onChange, onSent, onRemoved }) {
  const asked = useSignal(""); // "edit" or "remove"
  const close = () => { asked.value = ""; };
  const name = deviceName(subscription);
  const deed = async () => {
    await removeOne(subscription.id);
    toast(t("subscriptions.remove.done", { name }));
    onRemoved();
  };
  return html`
    <${Test} subscription=${subscription} onSent=${onSent} />
    <div class="row">
      <button class="btn small" type="button" onClick=${() => { asked.value = "edit"; }}><${Icon} name="edit" />${t("edit")}</button>
      <button class="btn quiet red small" type="button" onClick=${() => { asked.value = "remove"; }}><${Icon} name="trash" />${t("remove")}</button>
    </div>
    ${asked.value === "edit" && html`<${Edit} subscription=${subscription} onChange=${onChange} onClose=${close} />`}
    ${asked.value === "remove" && html`<${Confirm} title=${t("subscriptions.remove.title", { name })} body=${t("subscriptions.remove.body")}
      deed=${t("remove")} busy=${t("removing")} onDeed=${deed} onClose=${close} />`}`;
}
