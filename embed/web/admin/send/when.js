// When it goes out: now, later, or again and again.
import { capital, isOne, moment, number, span, t, weekday } from "../../lang.js";
import { Chips, Choice } from "../../parts/choice.js";
import { Field } from "../../parts/field.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { now } from "../../parts/now.js";
import { rhythm } from "../../parts/rhythm.js";
import { shown, verdict, wrong } from "./check.js";
import { draft, expression, set } from "./draft.js";
import { Input, Select } from "./input.js";
import { home, instant, soon, zones } from "./zone.js";

export function When() {
  const { when, at, zone } = draft.value;
  const choose = (value) => set({ when: value, ...(value === "later" && !at && { at: soon(zone) }) });
  return html`<section class="card stack" aria-labelledby="send-when">
    <h2 id="send-when">${t("send.when")}</h2>
    <${Choice} name="when" labelledby="send-when" value=${when} onChange=${choose} options=${[
      { value: "now", label: t("send.when.now") }, { value: "later", label: t("send.when.later") }, { value: "repeat", label: t("send.when.repeat") }]} />
    ${when === "later" && html`<${Later} />`}
    ${when === "repeat" && html`<${Repeat} />`}
  </section>`;
}

const Zone = () => html`<${Select} name="time_zone" field="zone" label=${t("send.zone")} options=${zones.map((zone) => [zone, zone.replaceAll("_", " ")])} other=${(zone) => zone} />`;

const time = { type: "datetime-local", max: "9999-12-31T23:59" };

function Later() {
  return html`<div class="pair">
      <${Input} name="scheduled_at" field="at" label=${t("send.at")} optional=${false} required ...${time} />
      <${Zone} />
    </div>
    <${Moment} />
    <${Ends} label=${t("send.expires")} hint=${t("send.expires.hint")} />`;
}

// here says a moment on the clocks of who reads it.
const here = (at, zone) => (zone === home ? moment(at) : t("send.here", { moment: moment(at) }));
function Moment() {
  const { at, zone } = draft.value;
  const when = at && instant(at, zone);
  if (!when || when <= now.value) return null;
  return html`<p class="hint" role="status">${t("send.later.sentence", { moment: capital(here(when, zone)), span: span(when - now.value) })}</p>`;
}

const Ends = (props) => html`<div class="pair"><${Input} name="expires_at" field="ends" ...${time} ...${props} /></div>`;

function Repeat() {
  const { rhythm: kind } = draft.value;
  return html`<div class="pair">
      <${Select} name="rhythm" label=${t("send.rhythm")} options=${[["day", t("send.rhythm.day")], ["workdays", t("send.rhythm.workdays")], ["week", t("send.rhythm.week")],
        ["month", t("send.rhythm.month")], ["other", t("send.rhythm.other")]]} />
      ${kind === "other"
        ? html`<${Input} name="repeat" field="cron" label=${t("send.cron")} optional=${false} hint=${t("send.cron.hint")} placeholder="0 8 * * 1-5" class="mono" spellcheck=${false} autocapitalize="none" required />`
        : html`<${Input} name="repeat" field="clock" label=${t("send.clock")} optional=${false} type="time" required />`}
      ${kind === "month" && html`<${Day} />`}
      <${Zone} />
    </div>
    ${kind === "week" && html`<${Weekdays} />`}
    <${Runs} />
    <div class="pair">
      <${Input} name="scheduled_at" field="starts" label=${t("send.starts")} hint=${t("send.starts.hint")} ...${time} />
      <${Input} name="expires_at" field="ends" label=${t("send.ends")} hint=${t("send.ends.hint")} ...${time} />
    </div>`;
}

const WEEK = [1, 2, 3, 4, 5, 6, 0];

function Weekdays() {
  return html`<${Chips} name="weekdays" label=${t("send.weekdays")} chosen=${draft.value.weekdays} onChange=${(weekdays) => set({ weekdays })}
    options=${WEEK.map((day) => ({ value: day, label: weekday(day) }))} />`;
}

function Day() {
  const { day } = draft.value;
  return html`<${Field} name="day" id="send-day" label=${t("send.day")} hint=${day > 28 && t("send.day.hint")}>
    ${(described) => html`<select value=${day} onChange=${(event) => set({ day: Number(event.currentTarget.value) })} ...${described}>
      ${Array.from({ length: 31 }, (_, i) => html`<option key=${i} value=${i + 1} selected=${day === i + 1}>${i + 1}</option>`)}
    </select>`}
  <//>`;
}

// Runs says the rhythm and, as the server sees it, the next three times.
function Runs() {
  const cron = expression(draft.value);
  const { zone } = draft.value;
  if (!cron || wrong.value.some(({ field }) => field === "repeat")) return null;
  const { runs } = verdict.value;
  return html`<div class="small" role="status">
    <p>${rhythm(cron)}${zone !== home && ` (${zone.replaceAll("_", " ")})`}</p>
    ${runs.length > 0 && html`<p class="muted">${isOne(runs.length) ? t("send.runs.one") : t("send.runs", { count: number(runs.length) })}</p>
    <ol class="muted runs">${runs.map((at) => html`<li key=${at}>${capital(here(new Date(at), zone))}</li>`)}</ol>`}
  </div>`;
}
