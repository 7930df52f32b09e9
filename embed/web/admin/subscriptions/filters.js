// What of the subscriptions is shown. The filters stand in the address, so that the way back keeps them.
import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import { t } from "../../lang.js";
import { Choice } from "../../parts/choice.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { serviceName } from "../../parts/service.js";
import { categories } from "../categories.js";
import { stats } from "../stats.js";

const PAUSE = 250; // milliseconds without a key before it is searched

// services are the push services that there are, told apart by their hosts where the names do not.
function services(chosen) {
  const hosts = new Set((stats.value?.services || []).map(({ service }) => service));
  if (chosen) hosts.add(chosen);
  const names = [...hosts].map(serviceName);
  return [...hosts].map((host, i) => ({ host, name: names.filter((name) => name === names[i]).length > 1 ? `${names[i]}, ${host}` : names[i] }));
}

export function Filters({ filters, onChange }) {
  const known = (categories.items.value || []).map(({ name }) => name);
  const { category, service, user, key } = filters;
  if (category && !known.includes(category)) known.push(category);
  return html`<div class="toolbar" role="group" aria-label=${t("filter")}>
    <${Search} value=${filters.q || ""} onChange=${(q) => onChange({ q })} />
    <${Choice} name="silent" label=${t("subscriptions.show")} value=${filters.silent ? "silent" : "all"} onChange=${(value) => onChange({ silent: value === "silent" ? "true" : "" })}
      options=${[{ value: "all", label: t("all") }, { value: "silent", label: t("subscriptions.silent"), count: stats.value?.silent }]} />
    <select aria-label=${t("subscriptions.category")} value=${category || ""} onChange=${(event) => onChange({ category: event.currentTarget.value })}>
      <option value="">${t("subscriptions.category.any")}</option>
      ${known.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
    </select>
    <select aria-label=${t("subscriptions.service")} value=${service || ""} onChange=${(event) => onChange({ service: event.currentTarget.value })}>
      <option value="">${t("subscriptions.service.any")}</option>
      ${services(service).map(({ host, name }) => html`<option key=${host} value=${host}>${name}</option>`)}
    </select>
    ${user && html`<${Only} words=${t("subscriptions.user.only", { user })} onEnd=${() => onChange({ user: "" })} />`}
    ${key && html`<${Only} words=${t("subscriptions.key.only")} onEnd=${() => onChange({ key: "" })} />`}
  </div>`;
}

// Only is a filter that came by a link; a press ends it.
const Only = ({ words, onEnd }) => html`<button class="btn" type="button" aria-label=${t("filter.end", { words })} title=${t("filter.end", { words })} onClick=${onEnd}>
  <span class="clip">${words}</span><${Icon} name="failed" /></button>`;

function Search({ value, onChange }) {
  const timer = useRef(0);
  const asked = useRef(value);
  const field = useRef(null);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => { // cleared by another control
    if (value !== asked.current) field.current.value = asked.current = value;
  }, [value]);
  const ask = () => {
    clearTimeout(timer.current);
    const text = field.current.value.trim();
    if (text !== asked.current) onChange(asked.current = text);
  };
  const type = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(ask, PAUSE);
  };
  return html`<form class="search" role="search" onSubmit=${(event) => { event.preventDefault(); ask(); }}>
    <${Icon} name="search" /><input ref=${field} type="search" defaultValue=${value} aria-label=${t("subscriptions.search")}
      placeholder=${t("subscriptions.search.hint")}
      enterkeyhint="search" autocomplete="off" onInput=${type} />
  </form>`;
}
