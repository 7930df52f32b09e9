// The live delivery log: one WebSocket for the whole page, resumed from the last seq after any interruption.
import { signal } from "../vendor/signals.js";

// connection is {state} of "connecting", "live", "offline" ({again: seconds}); "paused" is the Live screen's own.
export const connection = signal({ state: "connecting" });

export function connect() {}

export function disconnect() {}

// listen calls back with what arrives, {deliveries(items), notification(frame), skipped(count)}; it answers how to stop.
export function listen() { return () => {}; }
