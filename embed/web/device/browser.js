// What can be known about this browser before asking anything of it.

const agent = navigator.userAgent;

export const isApple = /iPhone|iPad|iPod/.test(agent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
export const isInstalled = navigator.standalone === true || matchMedia("(display-mode: standalone)").matches;
export const isBrave = "brave" in navigator;

// Order matters: almost everything calls itself Chrome and Safari too.
const browsers = [
  ["Edge", /Edg(e|A|iOS)?\//], ["Opera", /OPR\/|OPT\//], ["Samsung Internet", /SamsungBrowser\//], ["Vivaldi", /Vivaldi\//],
  ["Firefox", /Firefox\/|FxiOS\//], ["Chrome", /Chrome\/|CriOS\/|Chromium\//], ["Safari", /Safari\//],
];
const systems = [
  ["iPhone", /iPhone|iPod/], ["Android", /Android/], ["ChromeOS", /CrOS/], ["Windows", /Windows/], ["macOS", /Macintosh|Mac OS X/], ["Linux", /Linux|X11/],
];

const first = (table) => (table.find(([, pattern]) => pattern.test(agent)) || [""])[0];

export const browser = isBrave ? "Brave" : first(browsers);
export const system = isApple && !/iPhone|iPod/.test(agent) ? "iPad" : first(systems);

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
