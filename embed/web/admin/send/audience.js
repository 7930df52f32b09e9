// Who gets it: everyone, the members of categories, or people and devices by name.
import { useEffect } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { conjunction, number, t } from "../../lang.js";
import { Chips, Choice } from "../../parts/choice.js";
import { devices } from "../../parts/device.js";
import { Empty } from "../../parts/empty.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { serviceName } from "../../parts/service.js";
import { categories } from "../categories.js";
import { to } from "../route.js";
import { checking, count, shown } from "./check.js";
import { draft, set } from "./draft.js";
import { People } from "./people.js";

const MANY = 24; // categories that one can look through

export function Audience() {
  const { audience } = draft.value;
  const error = shown("target");
  return html`<section class="card stack" aria-labelledby="send-audience" data-field="target">
    <div class="row"><h2 class="grow" id="send-audience">${t("send.audience")}</h2>
      <span class="row small" role="status" aria-busy=${String(checking.value)}>${count.value !== null && html`<${Icon} name="users" /><span>${devices(count.value)}</span>`}</span></div>
    <${Choice} name="audience" labelledby="send-audience" value=${audience} onChange=${(value) => set({ audience: value })} options=${[
      { value: "all", label: t("send.all") }, { value: "categories", label: t("send.categories") }, { value: "some", label: t("send.some") }]} />
    ${audience === "categories" && html`<${Categories} />`}
    ${audience === "some" && html`<${People} />`}
    ${error && html`<p class="error" role="alert"><${Icon} name="warn" />${error}</p>`}
    <p class="hint">${hint(audience)}</p>
  </section>`;
}

function hint(audience) {
  if (count.value === 0) return audience === "all" ? t("send.nobody") : t("send.nobody.some");
  if (audience === "all") return t("send.all.hint");
  const once = draft.value.when === "now" ? t("send.once") : t("send.once.later");
  return audience === "some" ? [split(), once].filter(Boolean).join(" ") : once;
}

// split says how the chosen devices divide among push services; of whole people that is not known.
function split() {
  const { devices: chosen, users, also } = draft.value;
  if (users.length || also.length || chosen.length < 2 || chosen.some(({ service }) => !service)) return "";
  const counts = new Map();
  for (const name of chosen.map(({ service }) => serviceName(service))) counts.set(name, (counts.get(name) || 0) + 1);
  return `${conjunction([...counts].sort((a, b) => b[1] - a[1]).map(([name, some]) => `${name} ${number(some)}`))}.`;
}

function Categories() {
  const search = useSignal("");
  useEffect(() => { categories.load(); }, []);
  const trouble = categories.problem.value;
  if (!categories.items.value) return html`<p class=${trouble ? "error" : "hint"}>${trouble ? trouble.message : t("loading")}</p>`;
  const all = [...categories.items.value].sort((a, b) => a.name.localeCompare(b.name));
  const chosen = draft.value.categories;
  const gone = chosen.filter((name) => !all.some((category) => category.name === name)).map((name) => ({ name }));
  if (!all.length && !gone.length) return html`<${Empty} icon="tag" title=${t("send.categories.none")}><a class="btn" href=${to("categories")}>${t("send.categories.make")}</a><//>`;
  const wanted = search.value.trim().toLowerCase();
  const options = [...gone, ...all].filter(({ name }) => chosen.includes(name) || name.toLowerCase().includes(wanted));
  // What the search hides stays chosen.
  return html`${all.length > MANY && html`<div class="search"><${Icon} name="search" /><input type="search" aria-label=${t("send.categories.search")} placeholder=${t("send.categories.search")}
      value=${search.value} onInput=${(event) => { search.value = event.currentTarget.value; }} /></div>`}
    <${Chips} name="target" label=${t("send.categories")} chosen=${chosen} onChange=${(names) => set({ categories: names })}
      options=${options.map(({ name, subscribers }) => ({ value: name, label: name, count: subscribers }))} />`;
}
