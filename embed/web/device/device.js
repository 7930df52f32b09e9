// This device: where it stands, and what the person can do about it. Screens read the signals and call the verbs.
import { signal } from "../vendor/signals.js";
import { instance } from "../instance.js";
import { language, t } from "../lang.js";
import { browser, missing, system } from "./browser.js";
import * as invite from "./invite.js";
import * as push from "./push.js";
import * as server from "./server.js";
import { Obstacle } from "./server.js";

const { settings } = self.recado;

export const screen = signal("loading");  // "loading", "new", "on", or the kind of an obstacle
export const detail = signal("");         // what the other side said about the obstacle
export const host = signal("");           // the push service that the server refuses
export const trouble = signal("");        // an obstacle that leaves the screen as it is
export const busy = signal("");           // the verb that is under way
export const said = signal("");           // for screen readers
export const label = signal("");
export const categories = signal([]);     // what this server offers
export const chosen = signal(null);       // names; null = never chosen here
export const invited = signal(false);     // an invite chose for this device

let registration = null;
let queue = Promise.resolve();
let last = null; // the verb that met an obstacle, for "Try again"
let device = {}; // remembered: {id, endpoint, public_key, declarative, label, categories, wanted}

async function remember(change) {
  device = { ...device, ...change };
  // A browser that keeps nothing still gets its messages; only changes need the id, and the endpoint serves too.
  await settings.set("device", device).catch(() => {});
}

export function guess() {
  if (browser && system) return t("device.guess", { browser, system });
  return browser || system || t("device.unknown");
}

// rememberWords leaves the worker what it says when a message has no words of its own.
export function rememberWords() {
  return settings.set("words", { name: instance, language: language.value.code, unreadable: t("message.unreadable") }).catch(() => {});
}

// during runs the verbs one after the other and turns their obstacles into a screen or a notice.
function during(verb, work) {
  if (busy.value === verb && verb !== "change") return queue; // pressed twice
  queue = queue.then(async () => {
    busy.value = verb;
    trouble.value = "";
    try {
      await work();
    } catch (error) {
      last = verb;
      meet(error instanceof Obstacle ? error : new Obstacle("refused", error.message));
    } finally {
      busy.value = "";
    }
  });
  return queue;
}

export function retry() {
  if ([screen.value, trouble.value].includes("badinvite")) {
    invite.drop();
    return look(); // back to the choice that the invite had taken over
  }
  return last === "on" && registration ? turnOn() : look();
}

function meet(obstacle) {
  detail.value = obstacle.detail;
  const stays = obstacle.kind === "dismissed" || screen.value === "on" && obstacle.kind !== "blocked";
  if (stays) trouble.value = obstacle.kind;
  else screen.value = obstacle.kind;
}

// look finds out where this device stands; at every load, when the permission changes, and on "Check again".
export const look = () => during("look", async () => {
  const obstacle = missing();
  if (obstacle) throw new Obstacle(obstacle);
  device = (await settings.get("device").catch(() => null)) || {};
  label.value = device.label || guess();
  chosen.value = device.categories || null;
  invited.value = Boolean(device.invited);
  registration = await push.worker();
  const subscription = await registration.pushManager.getSubscription();
  if (Notification.permission === "denied") throw new Obstacle("blocked");
  if (Notification.permission !== "granted" || !(subscription || device.wanted)) {
    screen.value = "new";
    offer();
    return;
  }
  if (subscription) screen.value = "on";
  offer();
  await sync(subscription);
  screen.value = "on";
});

// offer fetches what can be heard about. Without it everything else still works.
async function offer() {
  categories.value = await server.categories().catch(() => categories.value);
  if (chosen.value === null && screen.value === "new" && !invite.current()) chosen.value = categories.value.map(({ name }) => name);
}

// sync brings the browser's subscription and the server's together: at every load, since Safari on iOS
// never fires pushsubscriptionchange, and since the server's key may be another by now.
async function sync(subscription) {
  const key = await server.publicKey();
  let current = subscription;
  if (current && !push.usesKey(current, key)) {
    await remember({ wanted: true, endpoint: current.endpoint });
    await current.unsubscribe();
    current = null;
  }
  if (!current) current = await push.subscribe(registration, key);
  await store(current, key, {});
}

// store tells the server about the subscription. What is left out it keeps; a server that
// did not know this device is told label and categories as well.
async function store(subscription, key, given) {
  const body = { ...subscription.toJSON(), public_key: key, declarative: push.declarative, ...given };
  const old = device.id || device.endpoint;
  if (old && device.endpoint !== subscription.endpoint) body.replaces = old;
  const code = invite.current();
  if (code) body.invite = code;
  const known = device.id;
  const id = await submit(body, subscription);
  if (known && id !== known && !given.label) {
    delete body.replaces;
    await offer();
    await submit({ ...body, label: label.value, ...(device.categories && categories.value.length && { categories: offered(device.categories) }) }, subscription);
  }
  invite.drop();
  if (code) invited.value = true;
  await remember({ id, endpoint: subscription.endpoint, public_key: key, declarative: push.declarative, wanted: true, invited: invited.value, ...given });
}

async function submit(body, subscription) {
  try {
    return await server.subscribe(body);
  } catch (error) {
    host.value = new URL(subscription.endpoint).host;
    if (body.invite && error.kind === "invite") throw new Obstacle("badinvite", error.detail);
    throw error;
  }
}

const offered = (names) => names.filter((name) => categories.value.some((category) => category.name === name));

export const turnOn = () => during("on", async () => {
  await push.ask(); // first: browsers count the press of the button for a moment only
  const key = await server.publicKey();
  const subscription = await push.subscribe(registration, key);
  try {
    await store(subscription, key, choice());
  } catch (error) {
    await subscription.unsubscribe().catch(() => {}); // a subscription that the server does not know is none
    throw error;
  }
  screen.value = "on";
  said.value = t("on.title");
});

// choice leaves the categories to an invite: it joins its own when the subscriber names none.
function choice() {
  const given = { label: label.value };
  if (categories.value.length && !invite.current()) given.categories = offered(chosen.value || []);
  return given;
}

export const turnOff = () => during("off", async () => {
  const subscription = await registration.pushManager.getSubscription();
  const which = device.id ? { client_uuid: device.id } : { endpoint: subscription?.endpoint };
  const told = await server.unsubscribe(which).then(() => true, () => false);
  // The browser's side goes off whatever the server says; the push service then answers "gone" by itself.
  if (subscription) await subscription.unsubscribe();
  await remember({ id: undefined, endpoint: undefined, wanted: false });
  screen.value = "new";
  trouble.value = told ? "" : "offlineoff";
  said.value = t("off.done");
  offer();
});

// change sends one new fact about this device. It answers whether the server has it.
async function change(given) {
  let done = false;
  await during("change", async () => {
    const subscription = await registration.pushManager.getSubscription();
    if (!subscription) { screen.value = "new"; return; }
    await store(subscription, device.public_key, given);
    done = true;
    said.value = t("saved");
  });
  return done;
}

export async function rename(name) {
  label.value = name.trim() || guess();
  if (screen.value !== "on" || label.value === device.label) return true;
  return change({ label: label.value });
}

export async function choose(names) {
  const before = chosen.value;
  chosen.value = names;
  if (screen.value !== "on") return;
  if (!await change({ categories: offered(names) })) chosen.value = before;
}

// test shows a message on this device alone. Visitors have no right to publish, so nothing travels
// through the push service: it proves that browser and system show what arrives, not the way to here.
export const test = () => during("test", async () => {
  const message = { id: `test-${Date.now()}`, title: t("test.message", { name: instance }), body: t("test.body"), url: "", test: true, at: Date.now() };
  const options = {
    body: message.body, tag: "recado-test", icon: "/icon-192.png", badge: "/badge-96.png",
    lang: language.value.code, renotify: true, data: { id: message.id },
  };
  try {
    await registration.showNotification(message.title, options);
  } catch {
    throw new Obstacle(Notification.permission === "denied" ? "blocked" : "muted");
  }
  await self.recado.messages.add(message).catch(() => {});
  said.value = t("test.shown");
});
