// The notification that is being written. It stays while other screens are looked at, and through a reload of the page.
import { computed, effect, signal } from "../../vendor/signals.js";
import { read } from "../../parts/cron.js";
import { session } from "../session.js";
import { home, instant, local } from "./zone.js";

const SAVED = "recado.draft";

const empty = () => ({
  by: "", // the name of who writes it
  editing: null, // the id of the scheduled one that this replaces
  title: "", body: "", url: "", icon: "", image: "", badge: "", actions: [], tag: "", lang: "", dir: "",
  silent: false, require_interaction: false, renotify: false, urgency: "normal", ttl: "", topic: "",
  vibrate: [], data: {}, // not on the form: kept of what a script has made
  audience: "all", // or "categories", "some"
  categories: [],
  also: [], users: [], devices: [], // of "some"; also are categories, devices {id, label, user_agent, service, ended}
  when: "now", // or "later", "repeat"
  at: "", zone: home,
  rhythm: "day", clock: "08:00", weekdays: [1], day: 1, cron: "", // rhythm may be "day", "workdays", "week", "month", "other"
  starts: "", ends: "",
});

function restore() {
  try { return { ...empty(), ...JSON.parse(sessionStorage.getItem(SAVED)) }; } catch { return empty(); }
}

export const draft = signal(restore());
export const set = (change) => { draft.value = { ...draft.value, ...change }; };
export const reset = () => { draft.value = { ...empty(), by: draft.peek().by }; };

// begun says whether the draft holds anything that would be missed.
export const begun = computed(() => ["title", "body", "url"].some((field) => draft.value[field].trim()) || draft.value.editing !== null);

effect(() => {
  const text = JSON.stringify(draft.value);
  try { sessionStorage.setItem(SAVED, text); } catch { /* then a reload loses it */ }
});

// What one operator has written is not for the next one; who has to sign in again finds it.
effect(() => {
  const by = session.value?.name;
  if (by !== undefined && by !== draft.peek().by) draft.value = { ...(draft.peek().by ? empty() : draft.peek()), by };
});

function rhythmOf(expression) {
  const { times, weekdays, days, month } = read(expression) || {};
  if (times?.length !== 1 || month || days?.length > 1) return { rhythm: "other", cron: expression };
  const clock = times[0].map((part) => String(part).padStart(2, "0")).join(":");
  if (days) return { rhythm: "month", day: days[0], clock };
  if (!weekdays) return { rhythm: "day", clock };
  return weekdays.join() === "1,2,3,4,5" ? { rhythm: "workdays", clock } : { rhythm: "week", weekdays, clock };
}

// fill takes a notification over, to send it again or, when editing, to replace it. devices are those that it names.
export function fill(n, devices, editing) {
  const { categories, users } = n.target;
  const zone = n.repeat ? n.time_zone : home;
  const at = (time) => (time ? local(new Date(time), zone) : "");
  const keep = ["title", "body", "url", "icon", "image", "badge", "actions", "tag", "lang", "dir", "silent", "require_interaction", "renotify",
    "urgency", "topic", "vibrate", "data"];
  const some = users.length > 0 || devices.length > 0;
  draft.value = {
    ...empty(), by: draft.peek().by, ...Object.fromEntries(keep.map((field) => [field, n[field]])), ttl: String(n.ttl),
    audience: some ? "some" : categories.length ? "categories" : "all", users, devices, ...(some ? { also: categories } : { categories }),
    ...(editing && { editing: n.id, zone, ends: at(n.expires_at) }),
    ...(editing && (n.repeat ? { when: "repeat", ...rhythmOf(n.repeat), starts: at(n.scheduled_at) } : { when: "later", at: at(n.scheduled_at) })),
  };
}

// expression is the draft's rhythm as cron has it, "" when something is missing.
export function expression({ rhythm, clock, weekdays, day, cron }) {
  if (rhythm === "other") return cron.trim();
  const [, hour, minute] = /^(\d\d):(\d\d)/.exec(clock) || [];
  if (!hour || (rhythm === "week" && !weekdays.length)) return "";
  const days = { day: "* * *", workdays: "* * 1-5", week: `* * ${weekdays.join()}`, month: `${day} * *` };
  return `${Number(minute)} ${Number(hour)} ${days[rhythm]}`;
}

// targetOf is whom the draft addresses; undefined is everyone.
function targetOf({ audience, categories, also, users, devices }) {
  if (audience === "all") return undefined;
  if (audience === "categories") return { categories };
  const some = { categories: also, users, subscriptions: devices.map(({ id }) => id) };
  return Object.fromEntries(Object.entries(some).filter(([, list]) => list.length));
}

const given = (value) => (value !== null && typeof value === "object" ? Object.keys(value).length > 0 : Boolean(value));

// buttons gives each button the word by which receipts name it.
function buttons(actions) {
  const taken = new Set(actions.map(({ action }) => action));
  return actions.map(({ action, title, url, icon }, i) => {
    const plain = title.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || `button-${i + 1}`;
    const name = action || (taken.has(plain) ? `${plain}-${i + 1}` : plain);
    taken.add(name);
    return { action: name, title: title.trim(), ...(icon && { icon }), ...(url && { url: url.trim() }) };
  });
}

const moment = (text, zone) => (text && instant(text, zone)?.toISOString().replace(".000", "")) || undefined;

function timesOf({ when, at, starts, ends, zone, ...d }) {
  if (when === "now") return {};
  const repeat = when === "repeat" ? expression(d) : "";
  return { scheduled_at: moment(when === "later" ? at : starts, zone), repeat, time_zone: repeat && zone, expires_at: moment(ends, zone) };
}

const written = (d, ...fields) => Object.fromEntries(fields.map((field) => [field, d[field].trim()]));

// bodyOf is the draft as the API takes it, with nothing in it that says nothing.
export function bodyOf(d) {
  const { actions, silent, require_interaction, vibrate, data, urgency, ttl, tag, renotify } = d;
  const rest = {
    ...written(d, "body", "url", "icon", "image", "badge"), actions: buttons(actions),
    ...written(d, "tag", "lang", "dir"), silent, require_interaction, renotify: renotify && tag.trim() !== "", vibrate, data,
    urgency: urgency === "normal" ? "" : urgency, ...written(d, "topic"), ...timesOf(d),
  };
  const target = targetOf(d); // given even when it names nobody: that is not everyone
  return {
    title: d.title.trim(), ...Object.fromEntries(Object.entries(rest).filter(([, value]) => given(value))),
    ...(ttl !== "" && { ttl: Number(ttl) }), ...(target && { target }),
  };
}
