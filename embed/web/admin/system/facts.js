// How the server is doing, in figures.
import { version } from "../../instance.js";
import { exact, lasts, number, octets, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { now } from "../../parts/now.js";
import { to } from "../route.js";
import { stats } from "../stats.js";

function Queue({ queue: { depth, oldest_due_at } }) {
  const late = oldest_due_at ? now.value - Date.parse(oldest_due_at) : 0;
  return html`<span class="num">${number(depth)}</span>${late > 1000
    && html`, <time class="muted" datetime=${oldest_due_at} title=${exact(oldest_due_at)}>${t("system.queue.oldest", { span: lasts(late) })}</time>`}`;
}

export function Facts() {
  const { queue, subscriptions, silent, database, viewers } = stats.value;
  return html`<section class="card stack" aria-labelledby="facts-title">
    <h2 id="facts-title">${t("system.facts")}</h2>
    <dl class="facts">
      <dt>${t("system.queue")}</dt><dd><${Queue} queue=${queue} /></dd>
      <dt>${t("nav.subscriptions")}</dt><dd class="num"><a class="plain" href=${to("subscriptions")}>${number(subscriptions)}</a></dd>
      <dt>${t("subscriptions.silent")}</dt><dd class="num"><a class="plain" href=${to("subscriptions", { silent: "true" })}>${number(silent)}</a></dd>
      <dt>${t("system.database")}</dt><dd class="num">${octets(database.bytes)}</dd>
      <dt>${t("system.viewers")}</dt><dd class="num">${number(viewers)}</dd>
      <dt>${t("system.version")}</dt><dd class="num">${stats.value.version || version}</dd>
    </dl>
    <p class="small"><a href="/docs">${t("system.docs")}</a></p>
  </section>`;
}
