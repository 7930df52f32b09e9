// The messages that this device has kept, newest first, and always up to date.
import { signal } from "../vendor/signals.js";

const { CHANNEL, messages: kept } = self.recado;

export const messages = signal([]);

async function load() {
  messages.value = await kept.list().catch(() => messages.value);
}

export const markRead = (id) => kept.read(id).catch(() => {});

export function follow() {
  new BroadcastChannel(CHANNEL).onmessage = load;
  // a page that comes back from sleep may have missed the channel
  document.addEventListener("visibilitychange", () => { if (!document.hidden) load(); });
  return load();
}
