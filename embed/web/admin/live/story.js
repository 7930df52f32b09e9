// The story of a delivery: every step from the notification's arrival to the person's reaction, the newest first.
import { useEffect } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { exact, lasts, number, precise, stamp, t } from "../../lang.js";
import { readAgent } from "../../parts/agent.js";
import { Drawer } from "../../parts/drawer.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Badge, word } from "../../parts/outcome.js";
import { reason } from "../../parts/reason.js";
import { Trouble } from "../../parts/trouble.js";
import { replay } from "../history.js";
import { listen } from "../live.js";
import { to } from "../route.js";
import { get, query } from "../server.js";
import { log } from "./feed.js";
import { named, narrow } from "./filter.js";
import { steps } from "./steps.js";
import { detail, deviceName } from "./words.js";

const belongs = (id, device) => (one) => one.notification_id === id && one.subscription_id === device;

// useStory reads what there is to know; known grows as it comes: {notification, subscription, delivery, heard, read}.
function useStory(id, device) {
  const known = useSignal({ heard: [] });
  const problem = useSignal(null);
  const set = (more) => { known.value = { ...known.value, ...more }; };
  const hear = (items) => {
    const mine = items.filter(belongs(id, device));
    const fresh = mine.filter(({ seq }) => !known.value.heard.some((one) => one.seq === seq));
    if (fresh.length) set({ heard: [...known.value.heard, ...fresh].sort((a, b) => a.seq - b.seq), delivery: latest(mine.at(-1), known.value.delivery) });
  };
  const read = async () => {
    problem.value = null;
    const list = get(`/v1/pushnotification/${id}/deliveries${query({ subscription: device })}`).then(async ({ items: [delivery] }) => {
      if (!delivery) return;
      set({ delivery: latest(delivery, known.value.delivery) });
      if (known.value.heard.at(-1)?.seq !== delivery.seq) hear((await replay(delivery.seq - 1, delivery.seq, { notification: id })).items);
    });
    const subscription = get(`/v1/subscriptions/${device}`).then((subscription) => set({ subscription }), () => {}); // purged: its label is known
    const notification = get(`/v1/pushnotification/${id}`).then((notification) => set({ notification }));
    const all = await Promise.allSettled([list, notification, subscription]);
    problem.value = all.find(({ status }) => status === "rejected")?.reason ?? null;
    set({ read: true });
  };
  useEffect(() => {
    known.value = { heard: [] };
    hear(log.peek().all.filter((row) => !row.gap));
    read();
    return listen({ deliveries: hear });
  }, [id, device]);
  return { known: known.value, problem: problem.value, read };
}

const latest = (one, other) => (other && other.seq > one.seq ? other : one);

export function Story({ id, device, onClose, back }) {
  const { known, problem, read } = useStory(id, device);
  const { notification, subscription, delivery, heard } = known;
  const title = notification?.title ?? heard.at(-1)?.title;
  return html`<${Drawer} title=${deviceName(subscription?.label || delivery?.label)} onClose=${onClose} back=${back}>
    <${Trouble} problem=${problem} onAgain=${read} />
    ${delivery && html`<${Latest} one=${heard.at(-1) || { ...delivery, event: delivery.status }} />`}
    ${title && html`<div class="well"><h3>${title}</h3>${notification?.body && html`<p class="small muted text">${notification.body}</p>`}</div>`}
    ${delivery
      ? html`<ol class="story">${steps(notification, delivery, heard).map((step, i, all) => html`<${Step} key=${all.length - i} step=${step} notification=${notification} />`)}</ol>`
      : !problem && html`<p class="muted" aria-busy=${String(!known.read)}>${known.read ? t("story.none") : t("story.loading")}</p>`}
    ${delivery && html`<${Facts} delivery=${delivery} subscription=${subscription} />`}
    <div class="row">
      <a class="btn small" href=${to("notifications", id)}>${t("story.notification")}</a>
      <a class="btn small" href=${to("subscriptions", device)}>${t("story.subscription")}</a>
      <button class="btn small" type="button" onClick=${() => { narrow({ device: { id: device, label: deviceName(delivery?.label) } }); onClose(); }}>${t("story.only")}</button>
    </div>
  <//>`;
}

const Latest = ({ one }) => html`<p class="row"><${Badge} outcome=${one.event} /><span class="small muted">${detail(one)}</span></p>`;

const glyphs = { accepted: "bell", due: "scheduled", missed: "retrying" };

const headlines = {
  accepted: () => t("story.accepted"),
  due: () => t("story.due"),
  missed: ({ count }) => t("story.missed", { count: number(count) }),
};

const sentences = {
  accepted: (step, { scheduled_at }) => (scheduled_at ? t("story.accepted.later", { when: stamp(scheduled_at) }) : t("story.accepted.now")),
  due: () => "",
  missed: () => t("story.missed.body"),
  sent: ({ one }) => answered(one),
  displayed: ({ one, since }) => (one.sent_at && since !== null ? t("story.displayed", { span: lasts(since), service: named(one.service) }) : ""),
  clicked: ({ one }) => detail({ ...one, event: "clicked" }),
  closed: ({ one }) => detail({ ...one, event: "closed" }),
};

// spanned are those whose sentence says how long it took.
const spanned = ["displayed", "clicked", "closed"];

function answered(one) {
  if (!one.code) return reason(one);
  const values = { service: named(one.service), code: one.code, span: lasts(one.latency_ms ?? 0), attempt: number(one.attempts) };
  return one.attempts > 1 ? t("story.sent.again", values) : t("story.sent", values);
}

function Step({ step, notification }) {
  const { kind, at, since, one } = step;
  const said = kind in headlines;
  return html`<li>
    <span class="at" data-o=${said ? undefined : kind}><${Icon} name=${glyphs[kind] || kind} /></span>
    <b>${said ? headlines[kind](step) : word(kind)}</b>
    ${at ? html`<time datetime=${at} title=${exact(at)}>${precise(at)}</time>` : html`<span></span>`}
    <p>${[(sentences[kind] || (() => reason(one)))(step, notification), since !== null && !spanned.includes(kind) && `+${lasts(since)}`].filter(Boolean).join(" · ")}</p>
  </li>`;
}

function Facts({ delivery, subscription }) {
  const { browser, version, system } = readAgent(subscription?.user_agent || "");
  return html`<dl class="facts">
    <dt>${t("story.service")}</dt><dd>${named(delivery.service)}${named(delivery.service) !== delivery.service && html` <span class="muted">${delivery.service}</span>`}</dd>
    ${browser && html`<dt>${t("story.browser")}</dt><dd>${system ? t("device.guess", { browser: `${browser} ${version}`.trim(), system }) : browser}</dd>`}
    ${subscription?.categories.length > 0 && html`<dt>${t("story.categories")}</dt><dd>${subscription.categories.join(", ")}</dd>`}
    ${subscription?.user && html`<dt>${t("story.user")}</dt><dd>${subscription.user}</dd>`}
    <dt>${t("story.attempts")}</dt><dd class="num">${number(delivery.attempts)}</dd>
  </dl>`;
}
