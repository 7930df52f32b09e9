// Notifications in words: whom one addresses, when it comes or came, how far it is.
import { conjunction, isOne, moment, number, share, span, stamp, t } from "../../lang.js";
import { devices } from "../../parts/device.js";
import { now } from "../../parts/now.js";
import { rhythm } from "../../parts/rhythm.js";

const home = Intl.DateTimeFormat().resolvedOptions().timeZone;
const UTC = ["UTC", "Etc/UTC"];
const same = (zone) => zone === home || (UTC.includes(zone) && UTC.includes(home));

export const everyone = ({ target: { categories, users, subscriptions } }) => !categories.length && !users.length && !subscriptions.length;

// audience says whom a notification addresses.
export function audience(n) {
  const { categories, users, subscriptions } = n.target;
  if (everyone(n)) return t("notifications.everyone");
  return conjunction([...categories, ...users, ...(subscriptions.length ? [devices(subscriptions.length)] : [])]);
}

// repeats says its rhythm, with the time zone where that is not the reader's.
export function repeats({ repeat, time_zone: zone }) {
  const words = rhythm(repeat);
  return same(zone) ? words : t("notifications.zone", { rhythm: words, zone: zone.replaceAll("_", " ") });
}

// began is the moment that a notification stands at in a list.
export function began(n) {
  if (n.state === "scheduled") return n.next_at || n.scheduled_at || n.created_at;
  return n.started_at || n.finished_at || n.created_at;
}

const goesOn = (n) => n.state === "scheduled" && n.next_at;

// when is that moment as people say it; a rhythm on another clock than the reader's needs more room than a list has.
export function when(n) {
  if (!n.repeat) return stamp(began(n));
  return same(n.time_zone) || !goesOn(n) ? rhythm(n.repeat) : stamp(n.next_at);
}

// comes says when a scheduled one comes next.
export function comes(n) {
  if (!n.repeat) return ahead(n.scheduled_at);
  return goesOn(n) ? t("notifications.next", { moment: moment(n.next_at) }) : t("notifications.next.none");
}

// outlook is what when leaves unsaid.
export const outlook = (n) => (n.repeat && goesOn(n) && !same(n.time_zone) ? repeats(n) : comes(n));

function ahead(at) {
  const rest = Date.parse(at) - now.value;
  return rest > 0 ? t("notifications.in", { span: span(rest) }) : t("notifications.due");
}

// done is how many deliveries have come to an end.
export const done = ({ targeted, pending, retrying }) => targeted - pending - retrying;

// percent rounds down: all is not done before it is.
export const percent = (part, whole) => share(Math.floor((100 * part) / whole) / 100, 1);

// unsent says of one without deliveries why it has none.
export function unsent({ state }) {
  if (state === "sending") return t("notifications.reading");
  return state === "canceled" ? t("notifications.early") : t("notifications.nobody");
}

// tried says how many are tried again.
export function tried(count) {
  return isOne(count) ? t("notifications.tried.one", { count: number(count) }) : t("notifications.tried.many", { count: number(count) });
}
