// The present, for what says how far away something is.
import { signal } from "../vendor/signals.js";

const EVERY = 15000; // milliseconds

// now is a moment at most EVERY ago, in milliseconds.
export const now = signal(Date.now());

setInterval(() => { now.value = Date.now(); }, EVERY);
