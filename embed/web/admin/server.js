// recado's /v1 as the operator's page sees it. Every failure is a Problem with a sentence for people.
import { t } from "../lang.js";

const PATIENCE = 20000; // milliseconds

export class Problem extends Error {
  // status is 0 when the server did not answer; errors are the fields that a 422 names.
  constructor(status, message, errors = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }

  // of is what is wrong with one field, "" when nothing.
  of(field) {
    return this.errors.filter((error) => error.field === field).map((error) => error.message).join(" ");
  }
}

let signedOut = () => {};

// onSignedOut sets what happens when the server no longer knows the session.
export function onSignedOut(callback) { signedOut = callback; }

// call resolves with the answer's JSON, null when it has none.
export async function call(method, path, body, headers = {}) {
  const request = { method, headers: { Accept: "application/json", ...headers }, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) };
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new Problem(0, t("problem.unreachable"));
  }
  const data = await answer.json().catch(() => null);
  if (answer.ok) return data;
  if (answer.status === 401 && path !== "/v1/session") signedOut();
  throw problem(answer, data || {});
}

function problem(answer, data) {
  const said = data.detail || data.message || "";
  if (answer.status === 429) return new Problem(429, t("problem.busy", { seconds: answer.headers.get("Retry-After") || "60" }));
  if (answer.status >= 500) return new Problem(answer.status, said || t("problem.server"));
  return new Problem(answer.status, said || t("problem.status", { status: answer.status }), data.errors || []);
}

export const get = (path) => call("GET", path);
export const post = (path, body, headers) => call("POST", path, body, headers);
export const put = (path, body) => call("PUT", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const remove = (path) => call("DELETE", path);

// query is "?a=1&b=2" of what has a value.
export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  return given.length ? "?" + new URLSearchParams(given) : "";
}
