// Notifications: all of them at the left, one at the right; on a narrow screen one after the other.
import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import { signal, useSignal } from "../../vendor/signals.js";
import { t } from "../../lang.js";
import { Empty } from "../../parts/empty.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Trouble } from "../../parts/trouble.js";
import { Detail } from "../notifications/detail.js";
import { list, states, useList } from "../notifications/feed.js";
import { Filters } from "../notifications/filters.js";
import { Item } from "../notifications/item.js";
import { route, to } from "../route.js";
import { may } from "../session.js";

const query = matchMedia("(min-width: 960px)"); // as in recado.css
const wide = signal(query.matches);
query.addEventListener("change", () => { wide.value = query.matches; });

// read takes the filters from the address; what it does not know counts for nothing.
function read({ state, category }) {
  return { state: state in states && state !== "all" ? state : undefined, category: category || undefined };
}

export function Notifications({ rest: [id] }) {
  const filters = read(route.value.query);
  const { state = "all", category } = filters;
  useList({ state, category });
  const first = useFirst(`${state} ${category}`);
  useTurns(id);
  const shown = id || first;
  const nothing = !shown && list.items.value?.length === 0;
  return html`<main class="page" id="main" tabindex="-1">
    <div class=${id ? "page-head list-only" : "page-head"}><h1 class="grow" tabindex="-1">${t("nav.notifications")}</h1>
      ${may("admin") && html`<a class="btn primary" href=${to("send")}><${Icon} name="send" />${t("notifications.new")}</a>`}</div>
    <div class=${nothing ? "stack md" : "split even md"} data-shows=${id ? "detail" : "list"}>
      <section class="card flush md-list" aria-label=${t("notifications.list")}>
        <${Filters} state=${state} filters=${filters} />
        <${Trouble} problem=${list.problem.value} onAgain=${list.load} />
        <${Items} filters=${filters} shown=${shown} />
      </section>
      ${shown && html`<${Detail} id=${shown} filters=${filters} />`}
    </div>
  </main>`;
}

function Items({ filters, shown }) {
  const { items, next, busy, more } = list;
  if (!items.value) return html`<p class="small muted padded" aria-busy="true">${t("loading")}</p>`;
  if (!items.value.length) return html`<${Nothing} filters=${filters} />`;
  return html`<ul class="list" aria-busy=${String(busy.value)}>${items.value.map((n) => html`<${Item} key=${n.id} n=${n} filters=${filters} on=${n.id === shown} />`)}</ul>
    ${next.value && html`<div class="card-foot"><button class="btn small wide quiet" type="button" aria-busy=${String(busy.value)} onClick=${more}>${t("older")}</button></div>`}`;
}

function Nothing({ filters }) {
  if (filters.state || filters.category) {
    return html`<${Empty} icon="search" title=${t("nothing")}><a class="btn" href=${to("notifications")}>${t("filter.clear")}</a><//>`;
  }
  return html`<${Empty} icon="bell" title=${t("notifications.empty")}><p>${t("notifications.empty.body")}</p>
    ${may("admin") && html`<a class="btn" href=${to("send")}>${t("notifications.empty.button")}</a>`}<//>`;
}

// useFirst is what a wide screen shows when the address names none: the first of the list, as it was when the list
// was opened. A newer one does not take its place.
function useFirst(filters) {
  const first = useSignal({ filters: "", id: null });
  const head = wide.value && !list.busy.value ? list.items.value?.[0]?.id : null;
  const gone = first.value.id && list.items.value && !list.items.value.some(({ id }) => id === first.value.id);
  useEffect(() => {
    if (head && (first.value.filters !== filters || gone)) first.value = { filters, id: head };
  }, [head, filters, gone]);
  return wide.value && first.value.filters === filters && !gone ? first.value.id : null;
}

// useTurns puts focus and view where they belong when a narrow screen turns from the list to one, and back.
function useTurns(id) {
  const before = useRef({ id, top: 0 });
  useEffect(() => {
    const last = before.current;
    before.current = { id, top: last.top };
    if (wide.value || last.id === id) return;
    if (id) {
      if (!last.id) before.current.top = last.scroll ?? 0;
      scrollTo(0, 0);
      document.querySelector(".md-detail .back")?.focus({ preventScroll: true });
    } else {
      scrollTo(0, last.top);
      document.querySelector(`[data-id="${CSS.escape(last.id)}"] .hit`)?.focus({ preventScroll: true });
    }
  }, [id]);
  useEffect(() => {
    const keep = () => { if (!before.current.id) before.current.scroll = scrollY; };
    addEventListener("scroll", keep, { passive: true });
    return () => removeEventListener("scroll", keep);
  }, []);
}
