// What every screen hears of the live delivery log: one stream for the whole page while somebody is signed in.
import { computed, effect, signal } from "../vendor/signals.js";
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

const tellAll = (name, what) => { for (const one of listeners) one[name]?.(what); };

const stream = new Stream({
  hear: (frame) => tellAll(frame.type, frame.type === "deliveries" ? frame.items : frame),
  tell: (now) => { state.value = now; },
});

// A socket does not tell that it is dead. The server, asked otherwise, tells: it is away, or something does happen.
effect(() => {
  const rates = Object.values(stats.value?.rate || {});
  if (statsProblem.value?.status === 0 || rates.some((rate) => rate > 0)) stream.suspect();
});

export function connect() { stream.start(); }

export function disconnect() {
  stream.stop();
  tellAll("reset");
}
