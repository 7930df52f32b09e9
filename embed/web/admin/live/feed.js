// What the Live screen shows, fed whether it is open or not: the log of everything, beside it one of a category
// while somebody wants that, and the rates.
import { effect, signal, untracked } from "../../vendor/signals.js";
import { listen } from "../live.js";
import { Stream } from "../stream.js";
import { filter, passes, widen } from "./filter.js";
import { Log } from "./log.js";
import { Rates } from "./rates.js";

export const rates = new Rates();

const everything = new Log();

// log is the one that is shown.
export const log = signal(everything);

let replayed = 0; // up to this seq it has happened before

listen({
  hello({ seq, resumed }) {
    replayed = seq;
    rates.forgetClock();
    if (!resumed) everything.begin(seq).then((past) => rates.add(past, false));
  },
  deliveries(items) {
    rates.add(items, items[0].seq > replayed);
    everything.add(items);
  },
  skipped(frame) { everything.skipped(frame); },
  reset() {
    rates.clear();
    everything.clear();
    widen();
  },
});

const RECENT = 500; // changes that a category's log begins with, of whatever category
const REPLAYED = 1000; // milliseconds; what has not come by then is not there

// A category is known to the server alone.
function follow(category) {
  const one = new Log(category);
  const since = everything.last && Math.max(0, everything.last - RECENT);
  const hear = {
    hello({ seq, resumed }) {
      if (resumed) setTimeout(() => one.begun(), REPLAYED);
      else one.begin(seq);
    },
    deliveries({ items }) {
      one.add(items);
      one.begun();
    },
    skipped(frame) { one.skipped(frame); },
    reset() { one.clear(); },
  };
  if (since !== null) one.beginAfter(since);
  const stream = new Stream({ filter: { category }, since, hear: (frame) => hear[frame.type]?.(frame) });
  stream.start();
  log.value = one;
  return () => { stream.stop(); log.value = everything; };
}

let category = "";
let leave = () => {};

effect(() => {
  const wanted = filter.value;
  untracked(() => {
    if (wanted.category !== category) {
      category = wanted.category;
      leave();
      leave = category ? follow(category) : () => {};
    }
    log.value.filter(passes(wanted), wanted.events);
  });
});
