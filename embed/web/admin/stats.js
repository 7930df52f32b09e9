// What /v1/stats says, shared by the screens that show it; read while somebody looks.
import { computed, effect, signal } from "../vendor/signals.js";
import { get } from "./server.js";
import { session } from "./session.js";

const EVERY = 5000; // milliseconds
const ASIDE = "recado.alerts"; // in localStorage: the latest alert that was laid aside here

// stats is the last answer, null before the first; statsProblem is why the last question failed.
export const stats = signal(null);
export const statsProblem = signal(null);

function saved() {
  try { return localStorage.getItem(ASIDE) || ""; } catch { return ""; }
}

const aside = signal(saved());

// alerts are those that nobody has laid aside on this device.
export const alerts = computed(() => (stats.value?.alerts || []).filter(({ at }) => at > aside.value));

export function layAside() {
  aside.value = alerts.value.reduce((latest, { at }) => (at > latest ? at : latest), aside.value);
  try { localStorage.setItem(ASIDE, aside.value); } catch { /* for this visit only */ }
}

export async function refresh() {
  try {
    stats.value = await get("/v1/stats");
    statsProblem.value = null;
  } catch (error) {
    statsProblem.value = error;
  }
}

function tick() {
  if (session.value && document.visibilityState === "visible") refresh();
}

effect(() => { if (session.value) refresh(); else stats.value = null; });
setInterval(tick, EVERY);
addEventListener("visibilitychange", tick);
