// The toolbar of the log: Pause first, then what is shown.
import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { number, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { word } from "../../parts/outcome.js";
import { get } from "../server.js";
import { log } from "./feed.js";
import { events, filter, filtered, named, narrow, passes, problems, reactions, toggle, widen } from "./filter.js";
import { holding } from "./hold.js";

const EVERY = 1000; // milliseconds between two counts

// summary is what there is to choose from: how often each event is held, push services, notifications by id.
function summary() {
  const counts = {};
  const services = new Set();
  const notifications = new Map();
  const pass = passes(filter.peek(), { anyEvent: true });
  for (const one of log.peek().all) {
    if (one.gap) continue;
    services.add(named(one.service));
    notifications.set(one.notification_id, one.title);
    if (!pass || pass(one)) counts[one.event] = (counts[one.event] || 0) + 1;
  }
  return { counts, services: [...services].sort(), notifications: [...notifications].reverse() };
}

// useSummary counts again and again, but not while a list is open: it would change under the pointer.
function useSummary() {
  const found = useSignal(summary());
  const now = filter.value;
  const shown = log.value;
  useEffect(() => {
    const count = () => { if (document.activeElement?.tagName !== "SELECT") found.value = summary(); };
    count();
    const timer = setInterval(count, EVERY);
    return () => clearInterval(timer);
  }, [now, shown]);
  return found.value;
}

function useCategories() {
  const names = useSignal([]);
  useEffect(() => {
    get("/v1/pushnotification/categories?limit=500").then(({ items }) => { names.value = items.map(({ name }) => name); }, () => {}); // then there is no such choice
  }, []);
  return names.value;
}

export function Toolbar({ box, onPause, onGo }) {
  const { counts, services, notifications } = useSummary();
  const categories = useCategories();
  const { service, notification, device, category } = filter.value;
  const known = notification && !notifications.some(([id]) => id === notification);
  return html`<div class="toolbar stuck" role="group" aria-label=${t("live.filter")} ref=${box}>
    <${Pause} onPause=${onPause} onGo=${onGo} />
    <${Groups} counts=${counts} />
    <${Choice} label=${t("live.service")} any=${t("live.service.any")} value=${service} options=${services.map((name) => [name, name])} onChoose=${(value) => narrow({ service: value })} />
    <${Choice} label=${t("live.notification")} any=${t("live.notification.any")} value=${notification}
      options=${known ? [[notification, t("live.notification.one")], ...notifications] : notifications} onChoose=${(value) => narrow({ notification: value })} />
    ${categories.length > 0 && html`<${Choice} label=${t("live.category")} any=${t("live.category.any")} value=${category}
      options=${categories.map((name) => [name, name])} onChoose=${(value) => narrow({ category: value })} />`}
    <${Search} />
    <div class="chips">
      ${device && html`<button class="chip on" type="button" onClick=${() => narrow({ device: null })}>${t("live.only", { device: device.label })}<${Icon} name="failed" /><span class="sr">, ${t("live.only.end")}</span></button>`}
      <${Events} counts=${counts} />
      ${filtered.value && html`<button class="btn quiet small" type="button" onClick=${widen}>${t("live.clear")}</button>`}
    </div>
  </div>`;
}

function Pause({ onPause, onGo }) {
  const on = holding.value;
  return html`<button class="btn pausebtn" type="button" aria-keyshortcuts="Space" onClick=${on ? onGo : onPause}>
    <${Icon} name=${on ? "play" : "pause"} />${on ? t("connection.go") : t("live.pause")}</button>`;
}

const same = (a, b) => String(a) === String(b);

function Groups({ counts }) {
  const chosen = filter.value.events;
  const trouble = problems.reduce((sum, event) => sum + (counts[event] || 0), 0);
  const choices = [[null, t("live.all")], [reactions, t("live.reactions")], [problems, t("live.problems")]];
  return html`<div class="seg" role="radiogroup" aria-label=${t("live.show")}>
    ${choices.map(([list, name], i) => html`<input class="sr" type="radio" name="show" id=${`show-${i}`} checked=${same(chosen, list)} onChange=${() => narrow({ events: list })} />
      <label for=${`show-${i}`}>${name}${list === problems && trouble > 0 && html` <span class="num">${number(trouble)}</span>`}</label>`)}
  </div>`;
}

function Choice({ label, any, value, options, onChoose }) {
  return html`<select aria-label=${label} value=${value} onChange=${(event) => onChoose(event.currentTarget.value)}>
    <option value="">${any}</option>
    ${options.map(([id, name]) => html`<option key=${id} value=${id}>${name}</option>`)}
  </select>`;
}

// Events leaves out what does not occur, unless it was chosen.
function Events({ counts }) {
  const chosen = filter.value.events || [];
  return events.filter((event) => counts[event] || chosen.includes(event)).map((event) => html`<span key=${event}>
    <input class="sr" type="checkbox" id=${`event-${event}`} checked=${chosen.includes(event)} onChange=${() => toggle(event)} />
    <label class="chip" for=${`event-${event}`} data-o=${event}><span class="swatch"></span>${word(event)} <b class="num">${number(counts[event] || 0)}</b></label>
  </span>`);
}

const SLOW = 150; // milliseconds without a key, until twenty thousand rows are searched

function Search() {
  const box = useRef(null);
  const timer = useRef(0);
  const { text } = filter.value;
  useEffect(() => { if (box.current.value.trim() !== text) box.current.value = text; }, [text]);
  const input = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => narrow({ text: box.current?.value.trim() ?? "" }), SLOW);
  };
  return html`<div class="search"><${Icon} name="search" />
    <input type="search" ref=${box} aria-label=${t("live.search.label")} placeholder=${t("live.search")} aria-keyshortcuts="/" onInput=${input} /></div>`;
}
