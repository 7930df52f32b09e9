// The service worker: shows what arrives, keeps it for the page, opens what is pressed.
// Browsers take the right to push away from a worker that stays silent (Safari after three times),
// so every push event ends in a notification, whatever came and whatever else fails.
"use strict";

importScripts("/assets/common.js");

const { messages, settings, keyBytes } = self.recado;
const ORIGIN = self.location.origin;
const SHELL = "shell"; // the name of the cache

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => event.waitUntil(receive(event.data).catch(() => {})));

const pressed = new Set(); // receipts of notifications that Firefox will say were closed as well

self.addEventListener("notificationclick", (event) => {
  const { id, url, actions, receipt } = event.notification.data || {};
  pressed.add(receipt);
  event.notification.close();
  event.waitUntil(Promise.allSettled([
    go((actions && actions[event.action]) || url),
    report(receipt, "clicked", event.action),
    id && messages.read(id),
  ]));
});

self.addEventListener("notificationclose", (event) => {
  const { receipt } = event.notification.data || {};
  if (!pressed.delete(receipt)) event.waitUntil(report(receipt, "closed"));
});

self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(resubscribe(event.oldSubscription, event.newSubscription).catch(() => {}));
});

// Without a network the page still opens and shows what this device has kept.
self.addEventListener("fetch", (event) => {
  const path = shellPath(event.request);
  if (path) event.respondWith(fresh(event, path));
});

async function receive(data) {
  const message = await withWords(read(data));
  const seen = await soon(messages.add(kept(message)), false);
  if (await show(message, seen)) await report(message.receipt, "displayed");
}

// read understands recado's usual form, Declarative Web Push (which browsers without it hand over as it is),
// and, as a last resort, plain text. It never throws.
function read(data) {
  let plain = "";
  try { plain = data.text(); } catch { /* no data at all */ }
  let raw = plain;
  try { raw = JSON.parse(plain); } catch { /* not JSON */ }
  if (raw === null || typeof raw !== "object") return usual({ body: text(raw) });
  if (raw.web_push === 8030 && raw.notification && typeof raw.notification === "object") return declarative(raw);
  return usual(raw);
}

function usual(raw) {
  const actions = list(raw.actions).map((action) => ({ ...action, to: action.url }));
  return message(raw, { url: raw.url, keep: raw.require_interaction, actions, id: raw.id, receipt: raw.receipt });
}

function declarative({ notification, id, receipt }) {
  const actions = list(notification.actions).map((action) => ({ ...action, to: action.navigate }));
  return message(notification, { url: notification.navigate, keep: notification.requireInteraction, actions, id, receipt });
}

function message(raw, { url, keep, actions, id, receipt }) {
  const known = text(id) || crypto.randomUUID();
  return {
    id: known,
    receipt: text(receipt),
    title: text(raw.title),
    body: text(raw.body),
    url: address(url),
    tag: text(raw.tag) || known,
    named: Boolean(text(raw.tag)),
    icon: address(raw.icon) || "/icon-192.png",
    badge: address(raw.badge) || "/badge-96.png",
    image: address(raw.image),
    lang: text(raw.lang),
    dir: ["ltr", "rtl"].includes(raw.dir) ? raw.dir : "auto",
    silent: raw.silent === true,
    keep: keep === true,
    renotify: raw.renotify === true,
    vibrate: list(raw.vibrate).filter(Number.isFinite),
    actions: actions.filter((action) => text(action.action) && text(action.title)),
    data: raw.data,
  };
}

// withWords fills in what a message lacks: the instance's name as title, a sentence for an empty one.
async function withWords(message) {
  if (message.title) return message;
  const words = (await soon(settings.get("words"), null)) || {};
  const body = message.body || words.unreadable || "A message arrived without readable text.";
  return { ...message, body, title: words.name || self.location.hostname };
}

const kept = ({ id, title, body, url }) => ({ id, title, body, url, at: Date.now() });

// show resolves with whether the person can see it. A message that was here before replaces itself
// without a sound: delivery is at least once, the person sees it once.
async function show(message, seen) {
  const { title, body, tag, icon, badge, lang, dir, data } = message;
  const silent = message.silent || seen;
  const options = {
    body, tag, icon, badge, lang, dir, silent,
    requireInteraction: message.keep,
    renotify: message.renotify && message.named && !seen,
    actions: message.actions.map((action) => ({ action: action.action, title: action.title, icon: address(action.icon) || undefined })),
    data: { id: message.id, url: message.url, receipt: message.receipt, actions: targets(message.actions), data },
  };
  if (message.image) options.image = message.image;
  // Notifications Standard: silent together with vibrate is a TypeError.
  if (message.vibrate.length && !silent) options.vibrate = message.vibrate;
  try {
    await self.registration.showNotification(title, options);
    return true;
  } catch { /* this browser refuses one of the options: the plainest form is left */ }
  try {
    await self.registration.showNotification(title, { body, tag, data: options.data });
    return true;
  } catch {
    return false; // the permission is gone
  }
}

const targets = (actions) => Object.fromEntries(actions.map((action) => [action.action, address(action.to)]));

// report tells the server what became of a message. Its failure must never keep a notification from showing.
async function report(receipt, event, action) {
  if (!receipt) return;
  const body = { receipt, event };
  if (action) body.action = action;
  try {
    await post("/api/receipt", body);
  } catch { /* a receipt is a courtesy */ }
}

function post(path, body) {
  return fetch(ORIGIN + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    keepalive: true,
    credentials: "omit",
    signal: AbortSignal.timeout(10000),
  });
}

// go focuses a window that already shows the address, or opens one.
async function go(target) {
  const url = new URL(target || "/", ORIGIN);
  if (url.origin === ORIGIN) {
    const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const open = windows.find((window) => window.url === url.href) ||
      (!target && windows.find((window) => new URL(window.url).pathname === "/"));
    if (open) {
      try { return await open.focus(); } catch { /* not allowed to: open another */ }
    }
  }
  return self.clients.openWindow(url.href);
}

// shellPath names what is kept of the page: its own files and nothing else, never an answer of the API. Without
// the query, for an invite in it is a secret.
function shellPath({ method, url }) {
  const { origin, pathname } = new URL(url);
  const own = pathname === "/" || pathname.startsWith("/assets/") || /^\/[\w-]+\.(png|svg|webmanifest)$/.test(pathname);
  return method === "GET" && origin === ORIGIN && own ? pathname : "";
}

// fresh answers from the network, as if no worker stood between, and from what was kept only when there is none.
async function fresh(event, path) {
  let answer;
  try {
    answer = await fetch(event.request);
  } catch (error) {
    const kept = await soon(caches.match(path, { cacheName: SHELL, ignoreVary: true }), undefined);
    if (kept) return kept;
    throw error;
  }
  if (answer.status === 200 && answer.type === "basic" && !answer.redirected) event.waitUntil(keep(path, answer.clone()));
  return answer;
}

async function keep(path, answer) {
  try {
    const shell = await caches.open(SHELL);
    await shell.put(path, answer);
  } catch { /* no room, or a browser that keeps nothing */ }
}

async function resubscribe(old, fresh) {
  const device = (await soon(settings.get("device"), null)) || {};
  const answer = await fetch(ORIGIN + "/api/subscribe", { credentials: "omit", signal: AbortSignal.timeout(10000) });
  const { public_key } = await answer.json();
  const subscription = fresh || await self.registration.pushManager.subscribe({
    userVisibleOnly: true, applicationServerKey: keyBytes(public_key),
  });
  const body = { ...subscription.toJSON(), public_key };
  const replaces = (old && old.endpoint) || device.endpoint || device.id;
  if (replaces && replaces !== subscription.endpoint) body.replaces = replaces;
  if (typeof device.declarative === "boolean") body.declarative = device.declarative;
  const stored = await post("/api/subscribe", body);
  if (!stored.ok) return; // the page brings it to the server at its next load
  const { id } = await stored.json();
  await settings.set("device", { ...device, id, endpoint: subscription.endpoint, public_key });
}

// soon gives up on a promise after a second: storage can hang, a notification must not.
function soon(promise, otherwise) {
  const late = new Promise((resolve) => { setTimeout(resolve, 1000, otherwise); });
  return Promise.race([promise, late]).catch(() => otherwise);
}

function text(value) {
  if (typeof value === "string") return value.trim();
  return typeof value === "number" ? String(value) : "";
}

const list = (value) => (Array.isArray(value) ? value.filter((item) => item !== null && item !== undefined) : []);

// address resolves against this server and lets nothing but web pages through.
function address(value) {
  if (typeof value !== "string" || !value) return "";
  try {
    const url = new URL(value, ORIGIN);
    return ["https:", "http:"].includes(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}
