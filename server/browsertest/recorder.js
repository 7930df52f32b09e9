// Runs in the browser's parent process with chrome rights. It stands in for the
// notification area (nsIAlertsService): it keeps every alert with its listener,
// tells the listener that it is shown, and lets tests look, click and close.
const global = Cu.getGlobalForObject(Services);
const { setTimeout, clearTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
const alerts = [], waiting = new Set();
let forgotten = 0;

function finish(entry) {
  if (!entry.open) return;
  entry.open = false;
  entry.listener?.observe(null, "alertfinished", entry.alert.cookie);
}

function describe(entry, index) {
  const a = entry.alert;
  return {
    index: index + forgotten, name: a.name, title: a.title, body: a.text, icon: a.imageURL,
    origin: a.principal ? a.principal.origin : "", lang: a.lang, dir: a.dir, silent: a.silent,
    requireInteraction: a.requireInteraction, open: entry.open,
    actions: (a.actions || []).map(({ action, title }) => ({ action, title })),
  };
}

function at(index) {
  const entry = alerts[index - forgotten];
  if (!entry) throw new Error("no notification with index " + index);
  return entry;
}

const service = {
  QueryInterface: ChromeUtils.generateQI(["nsIAlertsService", "nsIAlertsDoNotDisturb"]),
  manualDoNotDisturb: false,
  suppressForScreenSharing: false,
  showAlert(alert, listener) {
    // The same name takes the earlier one's place, without an event for it.
    for (const other of alerts) if (other.alert.name === alert.name) other.open = false;
    alerts.push({ alert, listener, open: true });
    listener?.observe(null, "alertshow", alert.cookie);
    for (const check of waiting) check();
  },
  closeAlert(name) {
    for (const entry of alerts) if (entry.alert.name === name) finish(entry);
  },
  getHistory() { return alerts.filter(e => e.open).map(e => e.alert.name); },
  teardown() {},
  pbmTeardown() {},
};

const registrar = Components.manager.QueryInterface(Ci.nsIComponentRegistrar);
registrar.registerFactory(Services.uuid.generateUUID(), "recado notification recorder",
  "@mozilla.org/alerts-service;1", { createInstance: iid => service.QueryInterface(iid) });

global.recadoNotifications = {
  // All that were shown, once there are at least `count` or `timeout` ms are over.
  shown(count, timeout) {
    return new Promise(resolve => {
      const done = () => {
        waiting.delete(check);
        clearTimeout(timer);
        resolve(alerts.map(describe));
      };
      const check = () => { if (alerts.length >= count) done(); };
      const timer = setTimeout(done, timeout);
      waiting.add(check);
      check();
    });
  },
  click(index, action) {
    const entry = at(index);
    const button = action ? (entry.alert.actions || []).find(a => a.action === action) : null;
    if (action && !button) throw new Error("no action " + action);
    entry.listener.observe(button, "alertclickcallback", entry.alert.cookie);
    finish(entry);
  },
  close(index) { finish(at(index)); },
  clear() {
    forgotten += alerts.length;
    alerts.length = 0;
  },
};
