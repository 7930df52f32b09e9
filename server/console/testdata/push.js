// Stands in for the browser's vendor: Chromium's own subscribe() never settles without it.
// The service worker, its storage and its notifications stay the real ones.
// setup comes before: {permission, answer, error, missing, standalone}
(() => {
  const store = (value) => (value === undefined ? JSON.parse(localStorage.getItem("fake.push")) : localStorage.setItem("fake.push", JSON.stringify(value)));
  const text = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const bytes = (key) => Uint8Array.from(atob(key.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  window.violations = [];
  window.problems = [];
  window.shownCount = 0;
  new BroadcastChannel("shown").onmessage = () => { window.shownCount += 1; };
  document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  window.addEventListener("error", (event) => window.problems.push(String(event.message)));
  window.addEventListener("unhandledrejection", (event) => window.problems.push(String(event.reason)));
  for (const name of setup.missing || []) {
    if (name === "serviceWorker") delete Navigator.prototype.serviceWorker; else delete window[name];
  }
  if (setup.permission && window.Notification) {
    const now = () => localStorage.getItem("fake.permission") || setup.permission;
    Object.defineProperty(Notification, "permission", { get: now });
    Notification.requestPermission = async () => { localStorage.setItem("fake.permission", setup.answer || "granted"); return now(); };
  }
  if (!window.PushManager) return;
  const wrap = (kept) => kept && {
    endpoint: kept.endpoint,
    options: { applicationServerKey: bytes(kept.key).buffer, userVisibleOnly: true },
    toJSON: () => ({ endpoint: kept.endpoint, expirationTime: null, keys: { p256dh: "BP", auth: "AU" } }),
    unsubscribe: async () => { store(null); return true; },
  };
  PushManager.prototype.getSubscription = async () => wrap(store());
  PushManager.prototype.subscribe = async (options) => {
    if (setup.error) throw new DOMException("as the test wants it", setup.error);
    const kept = store();
    const key = text(options.applicationServerKey);
    if (kept && kept.key !== key) throw new DOMException("another key", "InvalidStateError");
    if (!kept) store({ key, endpoint: `https://push.example.net/${crypto.randomUUID()}` });
    return wrap(store());
  };
})();
