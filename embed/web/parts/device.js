// A device by the name that people know it by: its label, otherwise its browser, otherwise where it is reached.
import { isOne, number, steady, t } from "../lang.js";
import { readAgent } from "./agent.js";
import { serviceName } from "./service.js";

function phrase(browser, system) {
  return browser && system ? t("device.guess", { browser, system }) : browser || system;
}

// browserName says "Firefox 140 on Android" of a subscription, "" when its browser did not tell.
export function browserName({ user_agent }) {
  const { browser, version, system } = readAgent(user_agent);
  return phrase([browser, version].filter(Boolean).join(" "), system);
}

export function deviceName({ id, label, user_agent = "", service }) {
  const { browser, system } = readAgent(user_agent);
  return steady(label || "") || phrase(browser, system) || serviceName(service) || t("device.nameless", { id: id.slice(0, 8) });
}

// devices is "42 devices".
export const devices = (count) => (count === 0 ? t("devices.none") : isOne(count) ? t("devices.one", { count: number(count) }) : t("devices.many", { count: number(count) }));
