// Sending: each press once, whatever becomes of the answer.
import { batch, signal } from "../../vendor/signals.js";
import { t } from "../../lang.js";
import { devices } from "../../parts/device.js";
import { go } from "../route.js";
import { get, post, put } from "../server.js";
import { toast } from "../toasts.js";
import { count, left, path, refused, tried, wrong } from "./check.js";
import { bodyOf, draft, reset } from "./draft.js";

const { settings } = self.recado;

export const busy = signal("");    // "send" or "test"
export const problem = signal(null); // why it was not sent, where no field is to blame
export const stranger = signal(false); // this browser is not subscribed

let attempt = { text: "", key: "" };

// once is the header that makes the same request again the same notification, until it is known to be there.
function once(body) {
  const text = JSON.stringify(body);
  if (attempt.text !== text) {
    const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    attempt = { text, key }; // randomUUID would need https
  }
  return { "Idempotency-Key": attempt.key };
}

const done = () => { attempt = { text: "", key: "" }; };

// point puts the focus on the first field that is wrong, in the order of the form.
function point() {
  const fields = wrong.value.map(({ field }) => field);
  const form = document.querySelector("form.send");
  const input = [...form.querySelectorAll("[name], [data-field] input")].find((one) => fields.includes(one.name) || fields.includes(one.closest("[data-field]")?.dataset.field));
  if (!input) return;
  const fold = input.closest("details");
  if (fold) fold.open = true;
  input.focus();
  (input.closest(".field, [data-field]") || input).scrollIntoView({ block: "nearest" });
}

const pointSoon = () => requestAnimationFrame(() => requestAnimationFrame(point)); // after the errors are drawn

async function during(kind, work) {
  if (busy.value) return;
  batch(() => { busy.value = kind; problem.value = null; stranger.value = false; });
  try {
    await work();
  } catch (error) {
    batch(() => {
      refused.value = error.errors || [];
      if (!error.errors?.length) problem.value = error;
    });
    if (error.errors?.length) pointSoon();
  }
  busy.value = "";
}

// said is the button's deed, done.
function said(n) {
  const some = count.value === null ? "" : devices(count.value);
  if (n.state !== "scheduled") return some ? t("send.done.now", { devices: some }) : t("send.done");
  return some ? t("send.done.later", { devices: some }) : t("send.done.scheduled");
}

// clear is a form as new.
export function clear() {
  batch(() => {
    reset();
    left.value = new Set();
    tried.value = false;
    refused.value = [];
    problem.value = null;
  });
}

export function send() {
  tried.value = true;
  if (wrong.value.length) { pointSoon(); return undefined; }
  return during("send", async () => {
    const { editing } = draft.value;
    const body = bodyOf(draft.value);
    const n = editing ? await put(`${path}/${editing}`, body) : await post(path, body, once(body));
    const words = editing ? t("send.done.edit") : said(n);
    done();
    clear();
    go("notifications", n.id);
    toast(words);
  });
}

// own is this browser's subscription, as the subscriber's page has kept it; null when the server sends it nothing.
async function own() {
  const device = await settings.get("device").catch(() => null);
  if (!device?.id || device.wanted === false) return null;
  try {
    const subscription = await get(`/v1/subscriptions/${device.id}`);
    return subscription.removed_at ? null : subscription;
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

// test sends the message to this browser alone, now. Whom and when the draft means has no part in that.
export function test() {
  tried.value = true;
  const elsewhere = ["target", "scheduled_at", "expires_at", "repeat"];
  if (wrong.value.some(({ field }) => !elsewhere.includes(field))) { pointSoon(); return undefined; }
  return during("test", async () => {
    const me = await own();
    if (!me) { stranger.value = true; return; }
    const { scheduled_at, repeat, time_zone, expires_at, ...body } = bodyOf(draft.value);
    const request = { ...body, target: { subscriptions: [me.id] } };
    await post(path, request, once(request));
    done();
    toast(t("send.done.test"));
  });
}
