// One notification: what it says, how far it is, whom it has reached, and what can be done with it.
import { useEffect } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { exact, lasts, moment, rich, t, time } from "../../lang.js";
import { devices } from "../../parts/device.js";
import { Confirm } from "../../parts/dialog.js";
import { Empty } from "../../parts/empty.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Badge } from "../../parts/outcome.js";
import { Trouble } from "../../parts/trouble.js";
import { replace, to } from "../route.js";
import { post, remove } from "../server.js";
import { may } from "../session.js";
import { toast } from "../toasts.js";
import { Deliveries } from "./deliveries.js";
import { Facts } from "./facts.js";
import { list, path, useOne } from "./feed.js";
import { Progress, Reach } from "./progress.js";
import { Runs } from "./runs.js";
import { comes, everyone, repeats } from "./words.js";

// Detail shows the notification of that id; filters are the list's, for the way back.
export function Detail({ id, filters }) {
  const { n, problem, read, set } = useOne(id);
  const doomed = useSignal(""); // "stop" or "delete"
  return html`<article class="stack md-detail" aria-labelledby="notification" aria-busy=${String(!n && !problem)}>
    <a class="btn quiet small back" href=${to("notifications", filters)}><${Icon} name="back" />${t("nav.notifications")}</a>
    ${problem && (problem.status === 404 ? html`<${Missing} filters=${filters} />` : html`<${Trouble} problem=${problem} onAgain=${read} />`)}
    ${n && html`
      <${Head} n=${n} filters=${filters} onDoom=${(deed) => { doomed.value = deed; }} />
      ${n.repeat && html`<${Runs} key=${n.id} n=${n} filters=${filters} />`}
      ${(n.counts.targeted > 0 || n.state === "sending") && html`<${Reach} counts=${n.counts} /><${Deliveries} key=${n.id} n=${n} />`}
      <${Facts} n=${n} onDelete=${() => { doomed.value = "delete"; }} />`}
    ${n && doomed.value && html`<${Doom} n=${n} deed=${doomed.value} onClose=${() => { doomed.value = ""; }} onStopped=${set} filters=${filters} />`}
  </article>`;
}

function Missing({ filters }) {
  return html`<section class="card"><${Empty} icon="bell" title=${t("notifications.missing")}>
    <p>${t("notifications.missing.body")}</p><a class="btn" href=${to("notifications", filters)}>${t("notifications.missing.back")}</a><//></section>`;
}

function Head({ n, filters, onDoom }) {
  const running = n.state === "scheduled" || n.state === "sending";
  return html`<section class="card stack">
    <div class="with-acts">
      <div class="row"><${Badge} outcome=${n.state} /><span class="small muted"><${History} n=${n} /></span></div>
      <h2 class="big" id="notification" tabindex="-1">${n.title}</h2>
      ${n.body && html`<p class="muted text">${n.body}</p>`}
      ${n.url && html`<p class="small clip"><${Link} url=${n.url} /></p>`}
      ${n.actions.length > 0 && html`<ul class="small muted buttons">${n.actions.map(({ action, title, url }) => html`<li key=${action}><span class="act">${title}</span> ${url && html`<${Link} url=${url} />`}</li>`)}</ul>`}
      ${n.parent_id && html`<p class="small muted">${rich("notifications.parent", {}, { a: (words) => html`<a href=${to("notifications", n.parent_id, filters)}>${words}</a>` })}</p>`}
      ${n.state === "scheduled" && may("admin") && html`<${Outlook} n=${n} />`}
      ${may("admin") && html`<div class="row acts-row">
        ${n.state === "scheduled" && html`<a class="btn small" href=${to("send", "edit", n.id)}><${Icon} name="edit" />${t("edit")}</a>`}
        <a class="btn small" href=${to("send", "again", n.id)}><${Icon} name="again" />${t("notifications.again")}</a>
        ${running && html`<button class="btn small" type="button" onClick=${() => onDoom("stop")}><${Icon} name="canceled" />${n.state === "sending" ? t("notifications.stop") : t("notifications.cancel")}</button>`}
      </div>`}
    </div>
    ${!n.repeat && n.state !== "scheduled" && html`<${Progress} n=${n} />`}
  </section>`;
}

function Link({ url }) {
  return html`<a href=${url} target="_blank" rel="noreferrer">${url.replace(/^https?:\/\//, "").replace(/\/$/, "")}</a>`;
}

const Moment = ({ at, children }) => html`<time datetime=${at} title=${exact(at)}>${children}</time>`;

// Outlook says how many devices a scheduled one would reach now; whoever may not publish is not told.
function Outlook({ n }) {
  const count = useSignal(null);
  const target = everyone(n) ? undefined : n.target;
  useEffect(() => {
    post(`${path}/preview`, { title: "-", target }).then(({ targeted }) => { count.value = targeted; }, () => {});
  }, [n.id, JSON.stringify(target)]);
  return count.value !== null && html`<p class="small muted">${t("notifications.about", { devices: devices(count.value) })}</p>`;
}

// History says when it began and ended, or when it will begin.
function History({ n }) {
  if (n.state === "scheduled" && n.repeat) return html`${repeats(n)}. ${comes(n)}`;
  if (n.state === "scheduled") return html`<${Moment} at=${n.scheduled_at}>${moment(n.scheduled_at)}<//>, ${comes(n)}`;
  if (n.state === "sending") return n.started_at ? html`<${Moment} at=${n.started_at}>${t("notifications.started", { time: time(n.started_at) })}<//>` : t("notifications.waiting");
  const at = n.finished_at || n.created_at;
  const took = n.started_at && n.finished_at ? t("notifications.took", { span: lasts(Date.parse(n.finished_at) - Date.parse(n.started_at)) }) : "";
  return html`<${Moment} at=${at}>${moment(at)}<//>${took && `, ${took}`}${n.repeat && `. ${repeats(n)}`}`;
}

function stopBody(n) {
  if (n.repeat) return t("notifications.cancel.series");
  return n.state === "sending" ? t("notifications.stop.body") : t("notifications.cancel.body");
}

function Doom({ n, deed, onClose, onStopped, filters }) {
  const stop = async () => {
    const after = await post(`${path}/${n.id}/cancel`);
    onStopped(after);
    list.change(n.id, () => after);
    toast(n.state === "sending" ? t("notifications.stopped") : t("notifications.canceled"));
  };
  const doom = async () => {
    await remove(`${path}/${n.id}`);
    list.change(n.id, () => null);
    replace("notifications", filters);
    toast(t("notifications.deleted"));
  };
  if (deed === "delete") {
    return html`<${Confirm} title=${t("notifications.delete.title", { title: n.title })} body=${n.repeat ? t("notifications.delete.series") : t("notifications.delete.body")}
      deed=${t("delete")} busy=${t("deleting")} onDeed=${doom} onClose=${onClose} />`;
  }
  const sending = n.state === "sending";
  return html`<${Confirm} title=${sending ? t("notifications.stop.title", { title: n.title }) : t("notifications.cancel.title", { title: n.title })} body=${stopBody(n)}
    deed=${sending ? t("notifications.stop.deed") : t("notifications.cancel.deed")} busy=${t("notifications.stopping")} onDeed=${stop} onClose=${onClose} />`;
}
