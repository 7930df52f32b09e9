// The address of the operator's page: #/notifications/ID is the screen "notifications" with the rest ["ID"].
import { signal } from "../vendor/signals.js";

const names = ["live", "send", "notifications", "subscriptions", "categories", "invites", "tokens", "system"];

function read() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map((part) => {
    try { return decodeURIComponent(part); } catch { return part; }
  });
  return names.includes(name) ? { name, rest } : { name: names[0], rest: [] };
}

export const route = signal(read());

addEventListener("hashchange", () => { route.value = read(); });

// to is the address of a screen, for links.
export const to = (name, ...rest) => "#/" + [name, ...rest].map(encodeURIComponent).join("/");

// go opens a screen as a press on its link would; replace leaves no step to go back to.
export function go(name, ...rest) {
  location.hash = to(name, ...rest);
}

export function replace(name, ...rest) {
  history.replaceState(null, "", to(name, ...rest));
  route.value = read();
}
