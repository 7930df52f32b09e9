// Push services: how each is treated at the moment, and what it has done with the deliveries.
import { useSignal } from "../../vendor/signals.js";
import { number, t, time } from "../../lang.js";
import { Choice } from "../../parts/choice.js";
import { Empty } from "../../parts/empty.js";
import { html } from "../../parts/html.js";
import { word } from "../../parts/outcome.js";
import { serviceName } from "../../parts/service.js";
import { to } from "../route.js";
import { stats } from "../stats.js";

const shown = ["sent", "displayed", "clicked", "retrying", "failed", "gone", "expired"];
const tones = { ok: "sent", slowed: "retrying", paused: "failed" };

function stateWord({ state, until }) {
  if (state === "paused") return until ? t("system.paused.until", { when: time(until) }) : t("system.paused");
  if (state === "slowed") return until ? t("system.slowed.until", { when: time(until) }) : t("system.slowed");
  return t("system.ok");
}

function State({ service }) {
  return html`<span class="row nowrap"><span class="swatch round" data-o=${tones[service.state] || "retrying"}></span><span>${stateWord(service)}</span></span>`;
}

export const spans = () => [{ value: "hour", label: t("system.hour") }, { value: "day", label: t("system.day") }, { value: "week", label: t("system.week") }];

export function Services() {
  const span = useSignal("day");
  const { services } = stats.value;
  return html`<section class="card flush" aria-labelledby="services-title">
    <div class="card-head wrap"><h2 class="grow" id="services-title">${t("system.services")}</h2>
      ${services.length > 0 && html`<${Choice} name="span" label=${t("system.span")} value=${span.value} options=${spans()} onChange=${(value) => { span.value = value; }} />`}
    </div>
    ${services.length ? html`<${Table} services=${services} span=${span.value} />` : html`<${Empty} icon="send" title=${t("system.services.empty")}><p>${t("system.services.empty.body")}</p><//>`}
  </section>`;
}

function Table({ services, span }) {
  const events = shown.filter((event) => services.some(({ totals }) => totals[span][event] > 0));
  return html`<div class="table-wrap"><table class="table fold two">
    <thead><tr><th>${t("system.service")}</th><th>${t("system.state")}</th>${events.map((event) => html`<th class="r" key=${event}>${word(event)}</th>`)}</tr></thead>
    <tbody>${services.map((one) => html`<${Row} key=${one.service} service=${one} events=${events} span=${span} />`)}</tbody>
  </table></div>`;
}

function Row({ service, events, span }) {
  const name = serviceName(service.service);
  const totals = service.totals[span];
  const counted = events.filter((event) => totals[event] > 0).map((event) => `${word(event)} ${number(totals[event])}`).join(" · ");
  return html`<tr>
    <td class="fold-b name" title=${service.service}><a class="bare" href=${to("subscriptions", { service: service.service })}>${name}</a></td>
    <td class="fold-c"><${State} service=${service} />${service.error && html`<span class="small muted why wide-only" title=${service.error}>${service.error}</span>`}</td>
    ${events.map((event) => html`<td class="fold-x r" key=${event}>${totals[event] ? number(totals[event]) : html`<span class="muted">0</span>`}</td>`)}
    <td class="fold-d narrow-only">${counted || t("system.quiet")}${service.error && html`<br />${service.error}`}</td>
  </tr>`;
}
