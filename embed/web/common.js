// What the page and the service worker share: this device's storage, and the bytes of a key.
// A classic script, because a service worker can only import classic ones everywhere;
// it puts one name, recado, on the global object.
(function (scope) {
  "use strict";

  const KEPT = 200;                           // messages
  const KEPT_FOR = 30 * 24 * 60 * 60 * 1000;  // milliseconds

  // The channel on which the worker tells open pages that something changed.
  const CHANNEL = "recado";

  let opening = null;

  function open() {
    if (opening) return opening;
    opening = new Promise((resolve, reject) => {
      const request = indexedDB.open("recado", 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("messages", { keyPath: "id" }).createIndex("at", "at");
        request.result.createObjectStore("settings");
      };
      request.onsuccess = () => {
        // "Clear site data" in an open page must not be held up by this connection.
        request.result.onversionchange = () => { request.result.close(); opening = null; };
        request.result.onclose = () => { opening = null; };
        resolve(request.result);
      };
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("the storage is blocked by another tab"));
    });
    opening.catch(() => { opening = null; });
    return opening;
  }

  // run gives work the named store and resolves with what it returned (or set by done)
  // only after the transaction is complete.
  async function run(name, mode, work) {
    const db = await open();
    return new Promise((resolve, reject) => {
      const transaction = db.transaction(name, mode);
      let result;
      transaction.oncomplete = () => resolve(result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
      work(transaction.objectStore(name), (value) => { result = value; });
    });
  }

  function changed() {
    const channel = new BroadcastChannel(CHANNEL);
    channel.postMessage("messages");
    channel.close();
  }

  // prune keeps the newest KEPT messages, none older than KEPT_FOR.
  function prune(store) {
    const oldest = Date.now() - KEPT_FOR;
    let count = 0;
    store.index("at").openCursor(null, "prev").onsuccess = (event) => {
      const cursor = event.target.result;
      if (!cursor) return;
      count += 1;
      if (count > KEPT || cursor.value.at < oldest) cursor.delete();
      cursor.continue();
    };
  }

  const messages = {
    // add keeps a message {id, title, body, url, at}; true when its id was here before.
    async add(message) {
      const seen = await run("messages", "readwrite", (store, done) => {
        store.get(message.id).onsuccess = (event) => {
          done(Boolean(event.target.result));
          if (!event.target.result) store.put({ read: false, ...message });
          prune(store);
        };
      });
      changed();
      return seen;
    },

    // list resolves with all that is kept, newest first.
    async list() {
      const all = await run("messages", "readonly", (store, done) => {
        store.index("at").getAll().onsuccess = (event) => done(event.target.result);
      });
      const oldest = Date.now() - KEPT_FOR;
      return all.filter((message) => message.at >= oldest).reverse().slice(0, KEPT);
    },

    async read(id) {
      await run("messages", "readwrite", (store) => {
        store.get(id).onsuccess = (event) => {
          const message = event.target.result;
          if (message && !message.read) store.put({ ...message, read: true });
        };
      });
      changed();
    },
  };

  const settings = {
    get: (key) => run("settings", "readonly", (store, done) => {
      store.get(key).onsuccess = (event) => done(event.target.result);
    }),
    set: (key, value) => run("settings", "readwrite", (store) => { store.put(value, key); }),
  };

  // keyBytes turns a VAPID public key, base64url without padding, into what subscribe() takes everywhere.
  function keyBytes(key) {
    const text = atob(key.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(text, (char) => char.charCodeAt(0));
  }

  // keyText is the way back, from subscription.options.applicationServerKey.
  function keyText(buffer) {
    if (!buffer) return "";
    return btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  scope.recado = { CHANNEL, messages, settings, keyBytes, keyText };
})(self);
