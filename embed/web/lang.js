// Words in the person's language: t for a sentence, rich for one with marked parts, and times as people say them.
import { computed, signal } from "./vendor/signals.js";
import en from "./lang/en.js";
import pt from "./lang/pt-BR.js";
import { html } from "./parts/html.js";

const SAVED = "recado.language";

export const languages = [
  { code: "en", name: "English", words: en },
  { code: "pt-BR", name: "Português", words: pt },
];

const primary = (tag) => tag.toLowerCase().split("-")[0];
const find = (tag) => languages.find(({ code }) => primary(code) === primary(tag));

function saved() {
  try { return localStorage.getItem(SAVED); } catch { return null; }
}

function pick() {
  const wanted = [saved(), ...navigator.languages].filter(Boolean);
  return wanted.map(find).find(Boolean) || languages[0];
}

export const language = signal(pick());

export function speak(code) {
  language.value = find(code);
  try { localStorage.setItem(SAVED, code); } catch { /* for this visit only */ }
}

// steady takes out of a text that somebody else wrote the invisible marks which would turn around what stands beside it.
export const steady = (text) => String(text).replace(/[\u202a-\u202e\u2066-\u2069]/g, "");

const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => steady(values[name] ?? whole));

// t answers the sentence of a key, with {name} filled in from values.
export function t(key, values = {}) {
  return fill(language.value.words[key], values);
}

// rich is t for sentences with parts in <b>, <code> and the like: each kind is rendered
// by the function of its name in parts, or as the plain element. Values are text, never markup.
export function rich(key, values = {}, parts = {}) {
  const sentence = language.value.words[key];
  return sentence.split(/(<\w+>.*?<\/\w+>)/).map((piece) => {
    const marked = /^<(\w+)>(.*)<\/\1>$/.exec(piece);
    if (!marked) return fill(piece, values);
    const [, kind, inner] = marked;
    return parts[kind] ? parts[kind](fill(inner, values)) : html`<${kind}>${fill(inner, values)}<//>`;
  });
}

// isOne says whether the language speaks of that many in the singular.
export const isOne = (count) => new Intl.PluralRules(language.value.code).select(count) === "one";

// locale keeps the person's own way of writing times: en-GB stays en-GB.
const locale = computed(() => {
  const { code } = language.value;
  return navigator.languages.find((tag) => primary(tag) === primary(code)) || code;
});

const formatters = new Map();

// intl answers a formatter of Intl for the person. They are kept: making one takes a hundred times as long as using it.
function intl(Kind, options) {
  const key = `${locale.value} ${Kind.name} ${JSON.stringify(options)}`;
  if (!formatters.has(key)) formatters.set(key, new Kind(locale.value, options));
  return formatters.get(key);
}

function daysAgo(date) {
  const midnight = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
  return Math.round((midnight(new Date()) - midnight(date)) / 86400000);
}

// clock is a time of the day: 14:02.
export const clock = (date) => intl(Intl.DateTimeFormat, { timeStyle: "short" }).format(date);

// dayOfYear is 24 December.
export const dayOfYear = (at) => intl(Intl.DateTimeFormat, { day: "numeric", month: "long" }).format(at);

// weekday is Mon, of a day of the week from 0, Sunday.
export const weekday = (day) => intl(Intl.DateTimeFormat, { weekday: "short" }).format(new Date(2000, 0, 2 + day));

// conjunction is a list in a sentence: a, b and c.
export const conjunction = (parts) => intl(Intl.ListFormat, { type: "conjunction" }).format(parts);

function day(date, days, weekday) {
  if (Math.abs(days) < 2) return intl(Intl.RelativeTimeFormat, { numeric: "auto" }).format(-days, "day");
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return intl(Intl.DateTimeFormat, { weekday, day: "numeric", month: "short", year }).format(date);
}

// when is short, for a list: 14:02, yesterday, 20 Nov.
export function when(at) {
  const date = new Date(at);
  const days = daysAgo(date);
  return days === 0 ? clock(date) : day(date, days);
}

// stamp is when with the time of any day: 14:02, yesterday 23:41, tomorrow 17:30, 20 Nov 16:05.
export function stamp(at) {
  const date = new Date(at);
  const days = daysAgo(date);
  return days === 0 ? clock(date) : `${day(date, days)} ${clock(date)}`;
}

// time is a time of the day with its seconds: 14:02:19.
export const time = (at) => intl(Intl.DateTimeFormat, { timeStyle: "medium" }).format(new Date(at));

// moment is for a sentence: today, 14:02; Mon, 30 Nov, 14:02.
export function moment(at) {
  const date = new Date(at);
  return `${day(date, daysAgo(date), "short")}, ${clock(date)}`;
}

export function exact(at) {
  return intl(Intl.DateTimeFormat, { dateStyle: "full", timeStyle: "medium" }).format(new Date(at));
}

export const number = (value) => intl(Intl.NumberFormat).format(value);

// compact is for where there is little room: 12k.
export const compact = (value) => intl(Intl.NumberFormat, { notation: "compact" }).format(value);

// share is a part of a whole in per cent, "" of nothing.
export const share = (part, whole) => (whole ? intl(Intl.NumberFormat, { style: "percent" }).format(part / whole) : "");

// lasts says a span of milliseconds: 84 ms, 1.2 s, 3 min, 5 h, 2 d. The signs are the same in every language.
export function lasts(ms) {
  const say = (value, sign, digits = 0) => `${intl(Intl.NumberFormat, { maximumFractionDigits: digits }).format(value)}\u00a0${sign}`;
  if (ms < 1000) return say(ms, "ms");
  if (ms < 60000) return say(ms / 1000, "s", ms < 10000 ? 1 : 0);
  if (ms < 3600000) return say(ms / 60000, "min");
  return ms < 86400000 ? say(ms / 3600000, "h", 1) : say(ms / 86400000, "d", 1);
}

const toMillisecond = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" };
const toMinute = { day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

// span says how far away a moment is, in minutes and above: 3 h 58 min.
export function span(ms) {
  const minutes = Math.max(1, Math.round(ms / 60000));
  const [hours, days] = [Math.floor(minutes / 60), Math.floor(minutes / 1440)];
  const parts = days ? [days * 1440, (hours % 24) * 60] : hours ? [hours * 60, minutes % 60] : [minutes];
  return parts.filter(Boolean).map((part) => lasts(part * 60000)).join(" ");
}

// capital begins a sentence with what stands elsewhere in the middle of one.
export const capital = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

// precise is a time of today with its milliseconds, 14:02:11.482; of another day, that day and the minute.
export function precise(at) {
  const date = new Date(at);
  return intl(Intl.DateTimeFormat, daysAgo(date) === 0 ? toMillisecond : toMinute).format(date);
}

// octets says a size: 12 kB, 3.4 MB.
export function octets(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return intl(Intl.NumberFormat, { style: "unit", unit: units[step], unitDisplay: "short", maximumFractionDigits: step > 1 ? 1 : 0 }).format(bytes / 1000 ** step);
}
