// Who is signed in: undefined until it is known, null for nobody, otherwise {scope, name}.
import { signal } from "../vendor/signals.js";
import { call, onSignedOut, Problem } from "./server.js";

export const session = signal(undefined);

// outside is why there is nobody although nobody signed out: "ended", a Problem of the server that could not be asked,
// or "".
export const outside = signal("");

function leave(why) {
  outside.value = why;
  session.value = null;
}

// may says whether the session covers a scope; admin covers every one.
export const may = (scope) => session.value?.scope === "admin" || session.value?.scope === scope;

onSignedOut(() => leave("ended"));

export async function look() {
  try {
    session.value = await call("GET", "/v1/session"); // 204 = nobody: null
    outside.value = "";
  } catch (error) {
    leave(error);
  }
}

// check asks whether the session still counts, and closes the page when it does not. It throws when the server does not answer.
export async function check() {
  const who = await call("GET", "/v1/session");
  if (!who) leave("ended");
  return Boolean(who);
}

export async function signIn(token) {
  await call("POST", "/v1/session", { token });
  await look();
  if (session.value === null && !outside.value) throw new Problem(0, "", [{ field: "cookie" }]); // it was given and did not come back
}

export async function signOut() {
  await call("DELETE", "/v1/session").catch(() => {}); // without an answer the cookie stays, the page closes all the same
  leave("");
}
