// Subscriptions: who receives. The list, and the drawer of the one that the address names.
import { useEffect, useMemo } from "../../vendor/preact-hooks.js";
import { base } from "../../instance.js";
import { number, rich, t } from "../../lang.js";
import { Empty } from "../../parts/empty.js";
import { html } from "../../parts/html.js";
import { Listing } from "../../parts/listing.js";
import { categories } from "../categories.js";
import { createList } from "../list.js";
import { go, replace, route, to } from "../route.js";
import { may } from "../session.js";
import { stats } from "../stats.js";
import { DeviceDrawer } from "../subscriptions/drawer.js";
import { Filters } from "../subscriptions/filters.js";
import { followSilent } from "../subscriptions/silence.js";
import { Table } from "../subscriptions/table.js";

const names = ["q", "category", "service", "user", "key", "silent"];

export function Subscriptions({ rest: [id] }) {
  const { query } = route.value;
  const filters = Object.fromEntries(names.map((name) => [name, query[name] || ""]));
  const list = useMemo(() => createList("/v1/subscriptions"), []);
  useEffect(() => { categories.load(); }, []);
  useEffect(() => { list.filter(filters); }, names.map((name) => filters[name]));
  followSilent();
  const change = (some) => replace("subscriptions", ...(id ? [id] : []), { ...filters, ...some });
  const close = () => go("subscriptions", filters);
  const total = stats.value?.subscriptions;
  return html`<div class="work">
    <main class="page stack" id="main" tabindex="-1">
      <div class="page-head"><h1 class="grow" tabindex="-1">${t("nav.subscriptions")} ${total > 0 && html`<span class="muted">${number(total)}</span>`}</h1></div>
      ${(total !== 0 || filtered(filters)) && html`<${Filters} filters=${filters} onChange=${change} />`}
      <${Listing} list=${list} label=${t("nav.subscriptions")} empty=${html`<${None} filters=${filters} />`}>
        ${(items) => html`<${Table} items=${items} open=${id} filters=${filters} />`}
      <//>
    </main>
    ${id && html`<${DeviceDrawer} key=${id} id=${id} list=${list} filters=${filters} onClose=${close} />`}
  </div>`;
}

const filtered = (filters) => Object.values(filters).some(Boolean);

function None({ filters }) {
  if (filtered(filters)) {
    return html`<${Empty} icon="search" title=${t("nothing")}><a class="btn" href=${to("subscriptions")}>${t("filter.clear")}</a><//>`;
  }
  return html`<${Empty} icon="devices" title=${t("subscriptions.empty")}>
    <p>${rich("subscriptions.empty.body", { address: base }, { a: (address) => html`<a href=${base}>${address}</a>` })}</p>
    ${may("admin") && html`<a class="btn" href=${to("invites", "new")}>${t("subscriptions.empty.invite")}</a>`}
  <//>`;
}
