// The browser's own side of a subscription: worker, permission, push manager.
import { isBrave } from "./browser.js";
import { Obstacle } from "./server.js";

const { keyBytes, keyText } = self.recado;

// Declarative Web Push hangs pushManager on the window as well (Safari 18.5).
export const declarative = "pushManager" in window;

// within fails with an obstacle when a promise does not settle: without its vendor's
// push service Chromium leaves subscribe() open for ever.
function within(milliseconds, promise, kind) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Obstacle(kind)), milliseconds); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export async function worker() {
  try {
    // "none": neither sw.js nor what it imports may come from the cache, so an upgrade is seen at once
    await navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" });
    return await within(15000, navigator.serviceWorker.ready, "worker");
  } catch (error) {
    throw error instanceof Obstacle ? error : new Obstacle("worker", error.message);
  }
}

// ask shows the browser's question; only ever called from a press of the button.
export async function ask() {
  const answer = await Notification.requestPermission();
  if (answer === "denied") throw new Obstacle("blocked");
  if (answer !== "granted") throw new Obstacle("dismissed");
}

export const usesKey = (subscription, key) => keyText(subscription.options?.applicationServerKey) === key;

export async function subscribe(registration, key, again = true) {
  try {
    const options = { userVisibleOnly: true, applicationServerKey: keyBytes(key) };
    return await within(30000, registration.pushManager.subscribe(options), "service");
  } catch (error) {
    if (error instanceof Obstacle) throw error;
    // Push API §7.2: a live subscription with another key; it has to make room
    if (error.name === "InvalidStateError" && again) {
      const old = await registration.pushManager.getSubscription();
      if (old) await old.unsubscribe();
      return subscribe(registration, key, false);
    }
    throw explain(error);
  }
}

function explain(error) {
  if (error.name === "NotAllowedError") return new Obstacle(Notification.permission === "denied" ? "blocked" : "private", error.message);
  if (error.name === "NotSupportedError") return new Obstacle("unsupported", error.message);
  return new Obstacle(isBrave ? "brave" : "service", error.message);
}
