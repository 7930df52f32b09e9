// What the server thinks of the draft, asked while it is written: size, audience, the next runs, and what is wrong.
import { batch, computed, signal, useSignalEffect } from "../../vendor/signals.js";
import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import { t } from "../../lang.js";
import { now } from "../../parts/now.js";
import { post } from "../server.js";
import { bodyOf, draft, expression } from "./draft.js";
import { instant } from "./zone.js";

export const path = "/v1/pushnotification";
export const SAFE = 2641; // bytes that Firefox on Android is known to take

const PAUSE = 300; // milliseconds without typing

// verdict is the last answer; it stays while a newer one is on its way. targeted is null while nobody knows.
export const verdict = signal({ size: 0, limit: 3993, targeted: null, warnings: [], runs: [] });
export const checking = signal(false);
export const refused = signal([]); // {field, message} as the server said them, of the check or of sending

// What is shown of that: the errors of fields that were left, all after a try to send.
export const left = signal(new Set());
export const tried = signal(false);

// place is the field of the form that shows an error: a target is chosen in one place.
const place = (field) => (field.startsWith("target") ? "target" : field);

// missing is what this page sees for itself.
function missing(d) {
  const all = [];
  const add = (field, message) => all.push({ field, message });
  if (!d.title.trim()) add("title", t("send.wrong.title"));
  d.actions.forEach(({ title }, i) => title.trim() || add(`actions[${i}].title`, t("send.wrong.button")));
  if (d.audience === "categories" && !d.categories.length) add("target", t("send.wrong.categories"));
  if (d.audience === "some" && !d.also.length && !d.users.length && !d.devices.length) add("target", t("send.wrong.some"));
  if (d.when === "later") later(d, add);
  if (d.when === "repeat" && !expression(d)) add("repeat", d.rhythm === "week" && d.clock ? t("send.wrong.weekdays") : t("send.wrong.clock"));
  return all;
}

function later({ at, zone }, add) {
  const moment = at ? instant(at, zone) : null;
  if (!moment) add("scheduled_at", t("send.wrong.at"));
  else if (moment <= Math.max(now.value, Date.now())) add("scheduled_at", t("send.wrong.past"));
}

const words = {
  address: () => t("send.wrong.address"),
  topic: () => t("send.wrong.topic"),
  lang: () => t("send.wrong.lang"),
  scheduled_at: () => t("send.wrong.far"),
  expires_at: () => t("send.wrong.ends"),
};

const kinds = { url: "address", icon: "address", image: "address", badge: "address", topic: "topic", lang: "lang", scheduled_at: "scheduled_at", expires_at: "expires_at" };

// explain says a field's error in the person's language, where the field leaves room for one mistake only.
function explain({ field, message }) {
  const kind = kinds[field.replace(/^actions\[\d+\]\./, "")];
  return kind ? words[kind]() : t("server.said", { message: `${field} ${message}` });
}

// wrong is every error of the draft as {field, message}.
export const wrong = computed(() => {
  const own = missing(draft.value);
  const theirs = refused.value.map((error) => ({ field: place(error.field), message: explain(error) }));
  return [...own, ...theirs.filter(({ field }) => !own.some((other) => other.field === field))];
});

// shown is the error of one field as far as it is to be seen now, "" for none.
export function shown(field) {
  if (!tried.value && !left.value.has(field)) return "";
  return wrong.value.find((error) => error.field === field)?.message || "";
}

// count is how many devices would get it; null while that is not known.
export const count = computed(() => (wrong.value.some(({ field }) => field === "target") ? null : verdict.value.targeted));

const preview = (body) => post(`${path}/preview`, body).then((answer) => ({ answer, errors: [] }), ({ errors }) => ({ errors }));

const whole = ({ title, actions, ...body }) => ({
  title: title || "-", ...body, ...(actions && { actions: actions.map((action) => ({ ...action, title: action.title || "-" })) }),
});

// sound is what of a body has no errors: size and audience are of use before the rest is right.
function sound(body, errors) {
  const bad = errors.map(({ field }) => field.split(/[.[]/)[0]);
  return whole(Object.fromEntries(Object.entries(body).filter(([field]) => !bad.includes(field))));
}

let asked = 0;

async function ask(draftBody) {
  const mine = ++asked;
  checking.value = true;
  const body = sound(draftBody, missing(draft.peek()).filter(({ field }) => field === "target"));
  const { answer, errors } = await preview(body);
  const rest = errors.length ? (await preview(sound(body, errors))).answer : answer;
  if (mine !== asked) return;
  batch(() => {
    checking.value = false;
    refused.value = errors; // none when the server did not answer: sending tells
    if (rest) verdict.value = rest;
  });
}

// useCheck asks while the form is on the screen.
export function useCheck() {
  const timer = useRef(0);
  const last = useRef("");
  useSignalEffect(() => {
    const body = bodyOf(draft.value);
    const text = JSON.stringify(body);
    if (text === last.current) return;
    const pause = last.current ? PAUSE : 0;
    last.current = text;
    clearTimeout(timer.current);
    timer.current = setTimeout(ask, pause, body);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}
