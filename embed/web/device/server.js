// recado's server as this page sees it. Every failure is an Obstacle of a known kind.

const PATIENCE = 15000; // milliseconds

export class Obstacle extends Error {
  // kind names the screen or notice that explains it; detail is what the other side said.
  constructor(kind, detail = "") {
    super(detail || kind);
    this.kind = kind;
    this.detail = detail;
  }
}

async function call(path, body) {
  const request = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(path, { ...request, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new Obstacle("unreachable");
  }
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw refusal(answer.status, String(data.message || ""));
  return data;
}

function refusal(status, message) {
  if (status === 429) return new Obstacle("busy", message);
  if (status >= 500) return new Obstacle("unreachable", message);
  if (status === 401 || status === 403) return new Obstacle("invite", message);
  // the one refusal that only the operator can lift names its key
  if (message.includes("push.allowed_hosts")) return new Obstacle("host", message);
  return new Obstacle("refused", message);
}

export const publicKey = async () => (await call("/api/subscribe")).public_key;
export const categories = async () => (await call("/api/categories")).items || [];
export const subscribe = async (subscription) => (await call("/api/subscribe", subscription)).id;
export const unsubscribe = (which) => call("/api/unsubscribe", which);
