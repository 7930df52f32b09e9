// What happens now: deliveries a second, what waits, how fast push services answer, how much is seen.
import { useEffect } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { lasts, number, share, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { word } from "../../parts/outcome.js";
import { to } from "../route.js";
import { refresh, stats } from "../stats.js";
import { Chart, drawn } from "./chart.js";
import { rates } from "./feed.js";
import { named } from "./filter.js";

const LATE = 50; // milliseconds after a second, so that it is over

const total = (counts) => drawn.reduce((sum, one) => sum + (counts[one] || 0), 0);

// useMinute is the last minute, anew with every second.
function useMinute() {
  const minute = useSignal(rates.minute());
  useEffect(() => {
    let timer;
    const tick = () => {
      const before = total(minute.peek().at(-1));
      minute.value = rates.minute();
      if (before && !total(minute.peek().at(-1))) refresh(); // it is done: what waits is another number now
      timer = setTimeout(tick, rates.rest + LATE);
    };
    timer = setTimeout(tick, rates.rest + LATE);
    return () => clearTimeout(timer);
  }, []);
  return minute.value;
}

export function Now() {
  const minute = useMinute();
  const second = minute.at(-1);
  const median = rates.median();
  const some = drawn.filter((one) => minute.some((counts) => counts[one]));
  return html`<section class="card flush" aria-label=${t("live.now")}>
    <div class="rate">
      <div>
        <div><p class="big-num">${number(total(second))}</p><p class="small muted">${t("live.rate")}</p></div>
        <dl class="facts">
          <dt>${word("pending")}</dt><dd class="num">${stats.value ? number(stats.value.queue.depth) : "–"}</dd>
          <dt>${t("live.median")}</dt><dd class="num">${median === null ? "–" : lasts(median)}</dd>
          <${Shown} />
        </dl>
      </div>
      <div>
        <div class="row chart-head"><ul class="counts">${(some.length ? some : ["sent"]).map((one) => html`<li key=${one}>
          <span class="swatch" data-o=${one}></span>${word(one)} <b>${number(second[one] || 0)}</b></li>`)}</ul>
          <span class="grow"></span><span class="tiny muted wide-only">${t("live.span")}</span></div>
        <${Chart} minute=${minute} />
        <div class="axis tiny muted" aria-hidden="true"><span>${t("live.axis.begin")}</span><span>${t("live.axis.middle")}</span><span>${t("live.axis.end")}</span></div>
      </div>
    </div>
    <${Services} minute=${minute} />
  </section>`;
}

// Shown is of the last hour, or of the shortest span in which something was sent.
function Shown() {
  const totals = stats.value?.totals;
  const span = totals && ["hour", "day", "week"].find((name) => totals[name].sent > 0);
  const titles = { hour: () => t("live.shown.hour"), day: () => t("live.shown.day"), week: () => t("live.shown.week") };
  return html`<dt>${word("displayed")}</dt><dd class="num" title=${span && titles[span]()}>
    ${span ? share(Math.min(totals[span].displayed, totals[span].sent), totals[span].sent) : "–"}</dd>`;
}

const looks = { ok: "sent", slowed: "retrying", paused: "failed" };
const worse = ["ok", "slowed", "paused"];

// vendors puts the hosts of one vendor together; the worst state of them is its own.
function vendors(services) {
  const found = new Map();
  for (const one of services) {
    const name = named(one.service);
    const other = found.get(name);
    if (!other || worse.indexOf(one.state) > worse.indexOf(other.state)) found.set(name, one);
  }
  return [...found];
}

// Services is written anew with every minute: medians are no signals.
function Services() {
  const used = (stats.value?.services || []).filter(({ state, totals }) => state !== "ok" || Object.values(totals.week).some((count) => count > 0));
  return used.length > 0 && html`<ul class="services counts" aria-label=${t("live.services")}>
    ${vendors(used).map(([name, service]) => html`<li key=${name}><a class="bare" href=${to("system")} title=${service.error || undefined}>
      <span class="swatch round" data-o=${looks[service.state]}></span>${name} <b>${condition(name, service)}</b></a></li>`)}
  </ul>`;
}

function condition(name, { state, until }) {
  const rest = until ? Date.parse(until) - Date.now() : 0;
  if (state === "paused") return rest > 0 ? t("live.paused.until", { span: lasts(rest) }) : t("live.paused");
  if (state === "slowed") return t("live.slowed");
  const median = rates.median((service) => named(service) === name);
  return median === null ? "" : lasts(median);
}
