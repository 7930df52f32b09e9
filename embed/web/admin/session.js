// Who is signed in: undefined until it is known, null for nobody, otherwise {scope, name}.
import { signal } from "../vendor/signals.js";
import { call, onSignedOut } from "./server.js";

export const session = signal(undefined);

// may says whether the session covers a scope; admin covers every one.
export const may = (scope) => session.value?.scope === "admin" || session.value?.scope === scope;

onSignedOut(() => { session.value = null; });

export async function look() {
  try {
    session.value = await call("GET", "/v1/session"); // 204 = nobody: null
  } catch {
    session.value = null; // the form says what is wrong when it is used
  }
}

// check asks whether the session still counts, and closes the page when it does not. It throws when the server does not answer.
export async function check() {
  const who = await call("GET", "/v1/session");
  if (!who) session.value = null;
  return Boolean(who);
}

export async function signIn(token) {
  await call("POST", "/v1/session", { token });
  await look();
}

export async function signOut() {
  await call("DELETE", "/v1/session").catch(() => {}); // without an answer the cookie stays, the page closes all the same
  session.value = null;
}
