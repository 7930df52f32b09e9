// The rows of the log, made by hand: at ten thousand events a second they are written again at every frame.
import { exact, number, precise, t } from "../../lang.js";
import { stroke } from "../../parts/icon.js";
import { troubles, word } from "../../parts/outcome.js";
import { to } from "../route.js";
import { named } from "./filter.js";
import { detail, deviceName, took } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function icon() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  return svg.appendChild(document.createElementNS(SVG, "path"));
}

const text = () => document.createTextNode("");
const cell = (name, ...children) => element("span", { class: name, role: "cell" }, ...children);

// write changes a text only when it is another one: most of what stands in a log stands there twice.
function write(node, value) {
  if (node.data !== value) node.data = value;
}

export class EventRow {
  #time = text(); #ms = text(); #event = text(); #label = text(); #title = text(); #service = text(); #detail = text(); #took = text();
  #path = icon();
  #badge = element("span", { class: "badge" }, this.#path.parentNode, this.#event);
  #link = element("a", { draggable: "false" }, this.#label);
  #when = cell("time", this.#time, element("span", { class: "ms" }, this.#ms));
  #titled = cell("title", this.#title);
  #why = cell("why", this.#detail);

  el = element("div", { class: "log-row", role: "row" }, this.#when, cell("ev", this.#badge), cell("dev", this.#link),
    this.#titled, cell("svc", this.#service), this.#why, cell("lat", this.#took));

  item = null;

  show(one) {
    this.item = one;
    const at = precise(one.at);
    const point = /[.,]\d{3}$/.exec(at)?.index ?? at.length;
    write(this.#time, at.slice(0, point));
    write(this.#ms, at.slice(point));
    write(this.#event, word(one.event));
    write(this.#label, deviceName(one.label));
    write(this.#title, one.title);
    write(this.#service, named(one.service));
    write(this.#detail, detail(one));
    write(this.#took, took(one));
    this.#path.setAttribute("d", stroke(one.event));
    this.#badge.dataset.o = one.event;
    this.#link.href = to("live", "story", one.notification_id, one.subscription_id);
    const trouble = troubles.includes(one.event);
    this.el.toggleAttribute("data-trouble", trouble);
    if (trouble) this.el.dataset.o = one.event;
    else delete this.el.dataset.o;
  }

  // explain adds what only a hovering pointer reads.
  explain() {
    this.#when.title = exact(this.item.at);
    this.#titled.title = this.item.title;
    this.#why.title = this.#detail.data;
  }

  focus() { this.#link.focus({ preventScroll: true }); }
}

export class GapRow {
  #text = text();
  #button = element("button", { type: "button", class: "link" });

  el = element("div", { class: "log-gap", role: "row" }, element("span", { role: "cell" }, icon().parentNode, " ", this.#text, " ", this.#button));

  item = null;

  constructor(fill) {
    this.el.querySelector("path").setAttribute("d", stroke("info"));
    this.#button.addEventListener("click", () => fill(this.item));
  }

  show(gap) {
    this.item = gap;
    write(this.#text, gap.count === null ? t("live.gap.old") : t("live.gap", { count: number(gap.count) }));
    this.#button.hidden = gap.count === null;
    this.#button.textContent = gap.busy ? t("live.gap.busy") : t("live.gap.load");
    this.#button.setAttribute("aria-busy", String(gap.busy));
  }

  explain() {}

  focus() { this.#button.focus({ preventScroll: true }); }
}
