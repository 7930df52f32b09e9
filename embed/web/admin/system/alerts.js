// What an operator should look at, and what to do. The server keeps its alerts until it is restarted; here they can
// be laid aside, on this device.
import { exact, isOne, moment, number, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { More } from "../../parts/more.js";
import { alerts, layAside, stats } from "../stats.js";

const words = {
  many_gone: () => t("system.alert.gone"),
  unauthorized: () => t("system.alert.unauthorized"),
  storage: () => t("system.alert.storage"),
  webhook: () => t("system.alert.webhook"),
};

// grouped puts together what was raised again and again: the latest, and how often.
function grouped(list) {
  const groups = new Map();
  for (const alert of list) { // the oldest first
    const key = `${alert.kind} ${alert.message}`;
    const count = (groups.get(key)?.count || 0) + 1;
    groups.delete(key);
    groups.set(key, { ...alert, key, count });
  }
  return [...groups.values()].reverse();
}

// Sentence is the server's own, with its commands marked as such.
const Sentence = ({ text }) => text.split("`").map((part, i) => (i % 2 ? html`<code>${part}</code>` : part));

function Alert({ kind, at, message, count }) {
  const again = count > 1 && (isOne(count) ? "" : t("system.alert.times", { count: number(count) }));
  return html`<div class="notice" data-o="failed"><${Icon} name="warn" /><div class="grow stack tight">
    <p><b>${(words[kind] || (() => t("system.alert.other")))()}</b> <span class="small muted"><time datetime=${at} title=${exact(at)}>${moment(at)}</time>${again && `, ${again}`}</span></p>
    <p class="small"><${Sentence} text=${message} /></p>
  </div></div>`;
}

export function Alerts() {
  const fresh = grouped(alerts.value);
  const earlier = grouped((stats.value?.alerts || []).filter((alert) => !alerts.value.includes(alert)));
  return html`
    ${fresh.length > 0 && html`<section class="stack tight" aria-label=${t("system.alerts")}>
      ${fresh.map(({ key, ...alert }) => html`<${Alert} key=${key} ...${alert} />`)}
      <div class="row end"><button class="btn small" type="button" onClick=${layAside}><${Icon} name="sent" />${t("system.alerts.aside")}</button></div>
    </section>`}
    ${earlier.length > 0 && html`<${More} summary=${t("system.alerts.earlier", { count: number(earlier.length) })}>
      <div class="stack tight more-body">${earlier.map(({ key, ...alert }) => html`<${Alert} key=${key} ...${alert} />`)}</div><//>`}`;
}
