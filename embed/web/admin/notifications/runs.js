// The runs of a repeating notification, the newest first.
import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import { moment, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Trouble } from "../../parts/trouble.js";
import { createList } from "../list.js";
import { listen } from "../live.js";
import { Item } from "./item.js";
import { path } from "./feed.js";
import { began } from "./words.js";

const SHOWN = 5; // at a time

// Runs is made anew for another notification (key). A run that begins moves the next one, which loads it again.
export function Runs({ n, filters }) {
  const list = useRef(null);
  list.current ||= createList(path, { parent: n.id, limit: SHOWN });
  const { items, next, busy, problem, load, more, change } = list.current;
  useEffect(() => { load(); }, [n.next_at, n.state]);
  useEffect(() => listen({ notification: ({ id, state, counts }) => change(id, (item) => ({ ...item, state, counts })) }), []);
  return html`<section class="card flush" aria-labelledby="runs">
    <div class="card-head"><h3 id="runs">${t("notifications.runs")}</h3></div>
    <${Trouble} problem=${problem.value} onAgain=${load} />
    ${items.value && (items.value.length
      ? html`<ul class="list">${items.value.map((run) => html`<${Item} key=${run.id} n=${{ ...run, parent_id: null }} name=${moment(began(run))} filters=${filters} />`)}</ul>`
      : html`<p class="small muted padded">${t("notifications.runs.none")}</p>`)}
    ${next.value && html`<div class="card-foot"><button class="btn small wide quiet" type="button" aria-busy=${String(busy.value)} onClick=${more}>${t("older")}</button></div>`}
  </section>`;
}
