// What every screen hears of the live delivery log: one stream for the whole page while somebody is signed in.
import { batch, computed, effect, signal } from "../vendor/signals.js";
import { stats, statsProblem } from "./stats.js";
import { Stream } from "./stream.js";

const state = signal({ state: "connecting" });

// held is the Live screen's: null, or {waiting, go} while it holds its view; go lets it go on.
export const held = signal(null);

// connection is {state} of "connecting", "live", "offline" ({again, first}: seconds), "paused" ({waiting}: events).
export const connection = computed(() => {
  if (state.value.state !== "live" || !held.value) return state.value;
  return { state: "paused", waiting: held.value.waiting };
});

const listeners = new Set();
const heard = new Map(); // by notification

// listen calls back with what arrives; it answers how to stop.
//   hello({seq, resumed})          connected; resumed after an interruption: read again what is no delivery
//   deliveries(items)              in order of seq, each once
//   notification({id, state, counts})
//   skipped({count, after, until})  deliveries between these seqs were left out; count may be null, until missing
//   reset()                        signed out, or the server has another log: nothing heard before counts
export function listen(callbacks) {
  listeners.add(callbacks);
  return () => listeners.delete(callbacks);
}

// progress is a signal of the latest {state, counts} heard of a notification, null before the first and after an
// interruption: what the server answers then is newer.
export function progress(id) {
  if (!heard.has(id)) heard.set(id, signal(null));
  return heard.get(id);
}

function forget() {
  batch(() => heard.forEach((one) => { one.value = null; }));
}

const hear = {
  hello(frame) {
    forget();
    for (const { hello } of listeners) hello?.(frame);
  },
  deliveries({ items }) {
    for (const { deliveries } of listeners) deliveries?.(items);
  },
  notification(frame) {
    const known = heard.get(frame.id);
    if (known) known.value = frame;
    for (const { notification } of listeners) notification?.(frame);
  },
  skipped(frame) {
    for (const { skipped } of listeners) skipped?.(frame);
  },
  reset() {
    forget();
    for (const { reset } of listeners) reset?.();
  },
};

const stream = new Stream({ hear: (frame) => hear[frame.type]?.(frame), tell: (now) => { state.value = now; } });

// A socket does not tell that it is dead. The server, asked otherwise, tells: it is away, or something does happen.
effect(() => {
  const rates = Object.values(stats.value?.rate || {});
  if (statsProblem.value?.status === 0 || rates.some((rate) => rate > 0)) stream.suspect();
});

export function connect() { stream.start(); }

export function disconnect() {
  stream.stop();
  hear.reset();
  heard.clear();
}
