const out = document.getElementById("out");
const key = new URLSearchParams(location.search).get("key");
const say = text => { out.textContent = text; };

document.getElementById("subscribe").onclick = async () => {
  try {
    if (await Notification.requestPermission() !== "granted") return say("denied");
    await navigator.serviceWorker.register("sw.js");
    const registration = await navigator.serviceWorker.ready;
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    say(JSON.stringify(subscription));
  } catch (error) { say(error.name + ": " + error.message); }
};

document.getElementById("unsubscribe").onclick = async () => {
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.getSubscription();
  say(String(await subscription.unsubscribe()));
};
