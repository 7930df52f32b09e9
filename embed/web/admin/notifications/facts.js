// What else is known about a notification, in a line, and the way to delete it.
import { lasts, moment, number, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { may } from "../session.js";
import { audience } from "./words.js";

const urgencies = {
  "very-low": () => t("facts.urgency.verylow"), low: () => t("facts.urgency.low"), normal: () => t("facts.urgency.normal"), high: () => t("facts.urgency.high"),
};

const host = (url) => new URL(url).host;

function facts(n) {
  return [
    audience(n), urgencies[n.urgency](), n.ttl ? t("facts.kept", { span: lasts(n.ttl * 1000) }) : t("facts.kept.not"),
    n.expires_at && t("facts.expires", { moment: moment(n.expires_at) }),
    n.tag && t("facts.tag", { tag: n.tag }), n.topic && t("facts.topic", { topic: n.topic }),
    n.silent && t("facts.silent"), n.require_interaction && t("facts.stays"), n.renotify && t("facts.renotify"),
    n.icon && t("facts.icon", { host: host(n.icon) }), n.image && t("facts.image", { host: host(n.image) }), n.badge && t("facts.badge", { host: host(n.badge) }),
    n.lang && t("facts.lang", { lang: n.lang }), Object.keys(n.data).length > 0 && t("facts.data", { count: number(Object.keys(n.data).length) }),
  ].filter(Boolean).join(", ");
}

export function Facts({ n, onDelete }) {
  return html`${n.warnings.length > 0 && html`<ul class="notice small" data-o="retrying">${n.warnings.map((words) => html`<li class="row nowrap" key=${words}><${Icon} name="warn" /><span>${words}</span></li>`)}</ul>`}
    <div class="row facts-line"><span class="tiny muted grow">${facts(n)}, <span title=${n.id}>id ${n.id.slice(0, 8)}…${n.id.slice(-4)}</span></span>
      ${may("admin") && html`<button class="btn quiet red small" type="button" onClick=${onDelete}><${Icon} name="trash" />${n.counts.targeted ? t("facts.delete") : t("delete")}</button>`}</div>`;
}
