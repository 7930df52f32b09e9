// The address of the operator's page: #/notifications/ID?a=b is the screen "notifications" with the rest ["ID"]
// and the query {a: "b"}.
import { signal } from "../vendor/signals.js";
import { query } from "./server.js";

const names = ["live", "send", "notifications", "subscriptions", "categories", "invites", "tokens", "system"];

function read() {
  const [path, asked = ""] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [name, ...rest] = path.split("/").map((part) => {
    try { return decodeURIComponent(part); } catch { return part; }
  });
  if (!names.includes(name)) return { name: names[0], rest: [], query: {} };
  return { name, rest, query: Object.fromEntries(new URLSearchParams(asked)) };
}

export const route = signal(read());

addEventListener("hashchange", () => { route.value = read(); });

// to is the address of a screen, for links. An object at the end is the query; what has no value in it is left out.
export function to(name, ...rest) {
  const asked = typeof rest.at(-1) === "object" ? rest.pop() : {};
  return "#/" + [name, ...rest].map(encodeURIComponent).join("/") + query(asked);
}

// go opens a screen as a press on its link would; replace leaves no step to go back to.
export function go(...where) {
  location.hash = to(...where);
}

export function replace(...where) {
  history.replaceState(null, "", to(...where));
  route.value = read();
}
