// What can be known about this browser before asking anything of it.
import { readAgent } from "../parts/agent.js";

const agent = navigator.userAgent;

export const isApple = /iPhone|iPad|iPod/.test(agent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
export const isInstalled = navigator.standalone === true || matchMedia("(display-mode: standalone)").matches;
export const isBrave = "brave" in navigator;

const told = readAgent(agent);

export const browser = isBrave ? "Brave" : told.browser;
export const system = isApple && told.system !== "iPhone" ? "iPad" : told.system;

// family decides which steps unblock the permission.
export const family = isApple ? "ios" : browser === "Firefox" ? "firefox" : browser === "Safari" ? "safari" : "chrome";

// missing names the obstacle that this browser puts up by itself, or null.
export function missing() {
  if (!window.isSecureContext) return "insecure";
  if (isApple && !isInstalled && !("PushManager" in window)) return "ios";
  if (!hasWorker()) return browser === "Firefox" || browser === "Safari" ? "private" : "unsupported";
  if (!("PushManager" in window) || !("Notification" in window)) return "unsupported";
  return null;
}

// Firefox has no navigator.serviceWorker in private windows; where site data is forbidden, reading it may throw.
function hasWorker() {
  try { return Boolean(navigator.serviceWorker); } catch { return false; }
}
