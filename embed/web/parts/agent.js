// What a User-Agent says to people: "Firefox 140 on Android". It imports nothing, so that it can be asked anywhere.

// Order matters: almost everything calls itself Chrome and Safari too. The first group is the version.
const browsers = [
  ["Edge", /Edg(?:e|A|iOS)?\/(\d+)/], ["Opera", /OPR\/(\d+)|OPT\/(\d+)/], ["Samsung Internet", /SamsungBrowser\/(\d+)/], ["Vivaldi", /Vivaldi\/(\d+)/],
  ["Firefox", /(?:Firefox|FxiOS)\/(\d+)/], ["Chrome", /(?:Chrome|CriOS|Chromium)\/(\d+)/], ["Safari", /Version\/(\d+).*Safari\/|Safari\//],
];
const systems = [
  ["iPhone", /iPhone|iPod/], ["iPad", /iPad/], ["Android", /Android/], ["ChromeOS", /CrOS/], ["Windows", /Windows/], ["macOS", /Macintosh|Mac OS X/], ["Linux", /Linux|X11/],
];

// readAgent answers {browser, version, system}, each "" when it is not told. What is no browser is named by its
// first product: okhttp, curl.
export function readAgent(agent) {
  const system = (systems.find(([, pattern]) => pattern.test(agent)) || [""])[0];
  for (const [browser, pattern] of browsers) {
    const found = pattern.exec(agent);
    if (found) return { browser, version: found[1] || found[2] || "", system };
  }
  const [, product = "", version = ""] = /^(?!Mozilla\/)([\w.-]+)(?:\/v?(\d+))?/.exec(agent) || [];
  return { browser: product, version, system };
}

// kindOf is the way a device treats notifications: "ios", "android" or "desktop"; "" when it is not known.
export function kindOf(agent) {
  const { system } = readAgent(agent);
  if (system === "iPhone" || system === "iPad") return "ios";
  return system === "Android" ? "android" : system && "desktop";
}
