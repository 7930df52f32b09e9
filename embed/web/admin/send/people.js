// People and devices by name: search among the subscriptions, what is chosen as chips above.
import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { t } from "../../lang.js";
import { deviceName } from "../../parts/device.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { serviceName } from "../../parts/service.js";
import { createList } from "../list.js";
import { draft, set } from "./draft.js";

const SHOWN = 8; // at a time
const PAUSE = 200; // milliseconds without typing

const without = (list, value) => list.filter((other) => other !== value);

// toggle chooses or drops one, field is the draft's.
export function toggleUser(name, on) {
  const { users } = draft.value;
  set({ users: on ? [...users, name] : without(users, name) });
}

export function toggleDevice({ id, label, user_agent, service }, on) {
  const rest = draft.value.devices.filter((other) => other.id !== id);
  set({ devices: on ? [...rest, { id, label, user_agent, service }] : rest });
}

export function People() {
  return html`<${Chosen} /><${Search} />`;
}

function Chosen() {
  const { also, users, devices } = draft.value;
  if (!also.length && !users.length && !devices.length) return null;
  return html`<ul class="chips" aria-label=${t("send.chosen")}>
    ${also.map((name) => html`<${Drop} key=${`c${name}`} icon="tag" name=${name} onDrop=${() => set({ also: without(also, name) })} />`)}
    ${users.map((name) => html`<${Drop} key=${`u${name}`} icon="users" name=${name} onDrop=${() => toggleUser(name, false)} />`)}
    ${devices.map((device) => html`<${Drop} key=${device.id} icon="phone" name=${deviceName(device)} ended=${device.ended} onDrop=${() => toggleDevice(device, false)} />`)}
  </ul>`;
}

function Drop({ icon, name, ended, onDrop }) {
  const drop = (event) => { // the focus stays near: else a keyboard begins at the top of the page
    const card = event.currentTarget.closest("[data-field]");
    onDrop();
    requestAnimationFrame(() => (card.querySelector(".chips button") || card.querySelector("input[type=search]"))?.focus());
  };
  return html`<li><button class="chip chosen" type="button" aria-label=${t("send.chosen.drop", { name })} onClick=${drop}>
    <${Icon} name=${icon} /><span class="clip">${name}</span>${ended && html`<span class="muted">${t("send.chosen.ended")}</span>`}<${Icon} name="failed" /></button></li>`;
}

function Search() {
  const list = useRef(null);
  list.current ||= createList("/v1/subscriptions", { limit: SHOWN });
  const { items, next, busy, problem, load, more, filter } = list.current;
  const text = useSignal("");
  const timer = useRef(0);
  useEffect(() => {
    load();
    return () => clearTimeout(timer.current);
  }, []);
  const type = (event) => {
    text.value = event.currentTarget.value;
    clearTimeout(timer.current);
    timer.current = setTimeout(filter, PAUSE, { q: text.value.trim() });
  };
  return html`<div class="picker">
    <div class="search"><${Icon} name="search" /><input type="search" id="send-search" aria-label=${t("send.search")} placeholder=${t("send.search")} autocomplete="off" value=${text.value} onInput=${type} /></div>
    ${problem.value && html`<p class="error" role="alert">${problem.value.message}</p>`}
    ${items.value && html`<${Found} items=${items.value} text=${text.value} busy=${busy.value} />`}
    ${next.value && html`<button class="btn quiet small wide" type="button" aria-busy=${String(busy.value)} onClick=${more}>${t("more")}</button>`}
  </div>`;
}

function Found({ items, text, busy }) {
  if (!items.length) return html`<p class="hint" role="status">${text.trim() ? t("send.search.nothing") : t("send.search.nobody")}</p>`;
  const { users, devices } = draft.value;
  const people = [...new Set(items.map(({ user }) => user).filter(Boolean))];
  return html`<div class="found" aria-busy=${String(busy)} role="group" aria-label=${t("send.found")}>
    ${people.map((name) => html`<label class="option" key=${`u${name}`}>
      <input type="checkbox" checked=${users.includes(name)} onChange=${(event) => toggleUser(name, event.currentTarget.checked)} />
      <${Icon} name="users" /><span class="grow clip">${name}</span><span class="small muted">${t("send.user")}</span></label>`)}
    ${items.map((item) => html`<label class="option" key=${item.id}>
      <input type="checkbox" checked=${devices.some(({ id }) => id === item.id)} onChange=${(event) => toggleDevice(item, event.currentTarget.checked)} />
      <${Icon} name="phone" /><span class="grow clip">${deviceName(item)}</span><span class="small muted clip">${[item.user, serviceName(item.service)].filter(Boolean).join(", ")}</span></label>`)}
  </div>`;
}
