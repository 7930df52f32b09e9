// A device by the name that people know it by: its label, otherwise its browser, otherwise where it is reached.
import { t } from "../lang.js";
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

export function deviceName({ label, user_agent = "", service }) {
  const { browser, system } = readAgent(user_agent);
  return label || phrase(browser, system) || serviceName(service);
}
