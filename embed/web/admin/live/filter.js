// What of the log is shown. Everything but the category is decided here in the page, over what is held.
import { computed, signal } from "../../vendor/signals.js";
import { serviceName } from "../../parts/service.js";

// Every event in the order of its chips; the groups are shortcuts to some of them.
export const events = ["sent", "displayed", "clicked", "closed", "retrying", "failed", "gone", "expired", "canceled"];
export const reactions = ["displayed", "clicked", "closed"];
export const problems = ["retrying", "failed", "gone", "expired"];

// events is a list, null for all; device is {id, label}; service is a name, notification an id, category a name.
const everything = { events: null, service: "", notification: "", device: null, category: "", text: "" };

export const filter = signal(everything);
export const filtered = computed(() => Object.keys(everything).some((key) => filter.value[key] !== everything[key]));

export function narrow(change) { filter.value = { ...filter.value, ...change }; }
export function widen() { filter.value = everything; }

// toggle adds an event to those that are shown or takes it out; none left means all.
export function toggle(event) {
  const chosen = filter.value.events || [];
  const next = chosen.includes(event) ? chosen.filter((one) => one !== event) : [...chosen, event];
  narrow({ events: next.length && next.length < events.length ? events.filter((one) => next.includes(one)) : null });
}

const names = new Map();

// named is serviceName for ten thousand events a second.
export function named(service) {
  if (!names.has(service)) names.set(service, serviceName(service));
  return names.get(service);
}

const fold = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

// words is what is searched of a delivery; it is kept with it.
function words(one) {
  return (one.words ??= fold(`${one.label}\n${one.title}\n${named(one.service)}\n${one.service}\n${one.code ?? ""} ${one.error}`));
}

// passes makes the question whether an event is shown, null when every one is. With anyEvent its kind does not matter.
export function passes({ events, service, notification, device, text }, { anyEvent = false } = {}) {
  const questions = [];
  if (events && !anyEvent) questions.push((one) => events.includes(one.event));
  if (service) questions.push((one) => named(one.service) === service);
  if (notification) questions.push((one) => one.notification_id === notification);
  if (device) questions.push((one) => one.subscription_id === device.id);
  const wanted = fold(text).split(/\s+/).filter(Boolean);
  if (wanted.length) questions.push((one) => wanted.every((word) => words(one).includes(word)));
  return questions.length ? (one) => questions.every((question) => question(one)) : null;
}
