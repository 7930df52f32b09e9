// Why a delivery stands where it does, in words: "410, subscription removed".
import { t, time } from "../lang.js";

const again = (at) => (at ? t("reason.again", { when: time(at) }) : t("reason.trying"));

// said is the push service's answer: its status, and its words when they are more than that.
function said({ code, error }, otherwise) {
  const words = error.replace(/\.$/, "");
  if (!code) return words || otherwise;
  return words.startsWith(`${code} `) ? words : `${code} ${words || otherwise}`;
}

function holdup({ code, error, attempts }) {
  if (attempts === 0) return t("reason.held");
  if (code === 429 || code === 406) return t("reason.throttled", { code });
  if (code >= 500) return t("reason.down", { code });
  return said({ code, error }, t("reason.refused"));
}

// reason says it for a delivery, or for an item of the live log.
export function reason(delivery) {
  const { status, code, retry_at } = delivery;
  switch (status) {
    case "sent": return code ? t("reason.sent", { code }) : t("reason.proven");
    case "gone": return code ? t("reason.gone", { code }) : t("reason.removed");
    case "retrying": return `${holdup(delivery)}; ${again(retry_at)}`;
    case "expired": return code || delivery.error ? t("reason.expired.last", { last: holdup(delivery) }) : t("reason.expired");
    case "canceled": return t("reason.canceled");
    default: return said(delivery, t("reason.refused"));
  }
}
