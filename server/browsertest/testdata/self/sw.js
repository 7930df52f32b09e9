addEventListener("install", () => skipWaiting());
addEventListener("activate", event => event.waitUntil(clients.claim()));
addEventListener("push", event => {
  const m = event.data.json();
  event.waitUntil(registration.showNotification(m.title, {
    body: m.body, icon: "icon.svg", tag: m.tag, data: m.url, silent: m.silent,
    actions: [{ action: "more", title: "More" }],
  }));
});
addEventListener("notificationclick", event => {
  event.notification.close();
  event.waitUntil(clients.openWindow(event.notification.data + (event.action ? "?" + event.action : "")));
});
addEventListener("notificationclose", event => event.waitUntil(fetch("/closed")));
addEventListener("pushsubscriptionchange", event => event.waitUntil(fetch("/changed")));
