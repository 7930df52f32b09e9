// How much happens in a second, by outcome, over the last minute; and how fast push services answer.
import { reactions } from "./filter.js";

const SPAN = 60; // seconds
const ANSWERS = 2000; // of which the median is taken

const second = (ms) => Math.floor(ms / 1000);

export class Rates {
  #seconds = new Map(); // by second: {event: count}
  #ahead = null; // milliseconds that the server's clock is ahead of this one
  #answers = []; // {service, latency}, a ring
  #next = 0;

  // add counts events. Those of now count as they arrive, and tell the server's clock; replayed ones by their own time.
  add(items, now) {
    if (now) this.#ahead = Math.max(this.#ahead ?? -Infinity, Date.parse(items.at(-1).at) - Date.now());
    const present = this.#of(this.#now());
    for (const one of items) {
      const counts = now ? present : this.#of(second(Date.parse(one.at)));
      counts[one.event] = (counts[one.event] || 0) + 1;
      if (one.latency_ms === null || reactions.includes(one.event)) continue;
      this.#answers[this.#next] = one;
      this.#next = (this.#next + 1) % ANSWERS;
    }
  }

  #of(at) {
    const oldest = this.#now() - 2 * SPAN;
    if (at < oldest) return {};
    if (!this.#seconds.has(at)) {
      for (const old of this.#seconds.keys()) if (old < oldest) this.#seconds.delete(old);
      this.#seconds.set(at, {});
    }
    return this.#seconds.get(at);
  }

  #now() { return second(Date.now() + (this.#ahead ?? 0)); }

  // rest is how long the second takes that is under way, in milliseconds.
  get rest() { return 1000 - ((Date.now() + (this.#ahead ?? 0)) % 1000 + 1000) % 1000; }

  // minute is the counts of the last seconds that are over, the oldest first.
  minute() {
    const now = this.#now();
    return Array.from({ length: SPAN }, (_, i) => this.#seconds.get(now - SPAN + i) || {});
  }

  // median is of the latest answers in milliseconds, of a service or of all; null without any.
  median(takes = () => true) {
    const spans = this.#answers.filter(({ service }) => takes(service)).map(({ latency_ms }) => latency_ms).sort((a, b) => a - b);
    return spans.length ? spans[spans.length >> 1] : null;
  }

  // forget is for a new connection: clocks may have been set.
  forgetClock() { this.#ahead = null; }

  clear() {
    this.#seconds.clear();
    this.#answers = [];
    [this.#next, this.#ahead] = [0, null];
  }
}
