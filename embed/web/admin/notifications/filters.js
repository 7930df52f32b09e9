// What the list is narrowed to: a state, a category. Both stand in the address.
import { useEffect } from "../../vendor/preact-hooks.js";
import { signal } from "../../vendor/signals.js";
import { number, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { categories } from "../categories.js";
import { go, to } from "../route.js";
import { get, query } from "../server.js";
import { list, path } from "./feed.js";

const words = { all: () => t("notifications.all"), scheduled: () => t("notifications.scheduled"), sending: () => t("outcome.sending"), ended: () => t("notifications.ended") };

const MOST = 100; // that are counted

const counts = signal({});

// recount asks how many wait and how many are under way.
async function recount(category) {
  const { items, next } = await get(path + query({ state: "scheduled,sending", category, limit: MOST }));
  const some = (state) => items.filter((n) => n.state === state).length;
  counts.value = next ? {} : { scheduled: some("scheduled"), sending: some("sending") };
}

export function Filters({ state, filters }) {
  const { category } = filters;
  const mark = (list.items.value || []).map((n) => n.state).join();
  useEffect(() => { recount(category).catch(() => {}); }, [category, mark]);
  useEffect(() => { categories.load(); }, []);
  const names = (categories.items.value || []).map(({ name }) => name).sort((a, b) => a.localeCompare(b));
  if (category && !names.includes(category)) names.unshift(category);
  return html`<div class="card-head filters">
    <div class="seg" role="group" aria-label=${t("notifications.state")}>${Object.entries(words).map(([name, word]) => html`<a key=${name} href=${to("notifications", { ...filters, state: name === "all" ? undefined : name })}
      aria-current=${name === state ? "true" : undefined}>${word()} ${counts.value[name] > 0 && html`<span class="num">${number(counts.value[name])}</span>`}</a>`)}</div>
    ${names.length > 0 && html`<select class="fit" aria-label=${t("notifications.category")} value=${category || ""} onChange=${(event) => go("notifications", { ...filters, category: event.currentTarget.value || undefined })}>
      <option value="">${t("notifications.category.any")}</option>
      ${names.map((name) => html`<option key=${name} value=${name} selected=${name === category}>${name}</option>`)}
    </select>`}
  </div>`;
}
