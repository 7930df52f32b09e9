// The live delivery log over one WebSocket that outlives interruptions: it goes on after the last seq that it heard,
// without gap or repeat.
import { query } from "./server.js";
import { check } from "./session.js";

const ADDRESS = "/v1/deliveries/live";
const PATIENCE = 10000; // milliseconds until a new socket must have said hello
const SILENCE = 60000; // after which a socket is replaced: an idle one cannot be told from a dead one
const SUSPICION = 10000; // the same when the page comes back or the network changes
const STEADY = 5000; // a socket that lived that long was no failure
const LONGEST = 30000; // between two tries
const FAR = 5000; // changes; after missing more only the latest are asked for
const RECENT = 500;

// socketTo opens the log with these parameters.
export function socketTo(values) {
  const address = new URL(ADDRESS + query(values), location.href);
  address.protocol = address.protocol.replace("http", "ws");
  return new WebSocket(address);
}

// leave closes a socket and hears nothing more of it.
export function leave(socket) {
  if (!socket) return;
  socket.onmessage = socket.onclose = null;
  socket.close();
}

// Stream follows what filter lets pass. hear gets the frames: deliveries without those that it has had, and
//   {type: "hello", seq, resumed}            resumed: what is no delivery may have been missed before
//   {type: "skipped", count, after, until?}  between these seqs deliveries are missing here; count may be null
//   {type: "reset"}                          the server's log is another one; what was heard does not belong to it
// tell gets the state: connecting, live, or offline with the seconds until the next try (again), and at its begin (first).
export class Stream {
  #filter; #hear; #tell;
  #seq; // the last one heard
  #socket = null; // the one that is heard
  #opening = null; // the one that takes its place when it has said hello
  #greeted = 0;
  #heard = 0;
  #tries = 0; // that failed in a row
  #turn = 0; // grows whenever what was under way does not count any more
  #timer;
  #watch = null; // ends the listeners of a stream that runs

  // since is the seq to begin after, null for what happens from now on.
  constructor({ filter = {}, since = null, hear, tell = () => {} }) {
    [this.#filter, this.#seq, this.#hear, this.#tell] = [filter, since, hear, tell];
  }

  start() {
    if (this.#watch) return;
    this.#watch = new AbortController();
    const { signal } = this.#watch;
    const wake = () => this.#wake();
    for (const event of ["online", "offline", "pageshow"]) addEventListener(event, wake, { signal });
    document.addEventListener("visibilitychange", wake, { signal });
    const pulse = setInterval(() => this.#renew(SILENCE), SILENCE / 4);
    signal.addEventListener("abort", () => clearInterval(pulse));
    this.#tell({ state: "connecting" });
    this.#open();
  }

  stop() {
    this.#watch?.abort();
    this.#watch = null;
    this.#drop();
    [this.#seq, this.#tries] = [null, 0];
  }

  // suspect is for signs that the socket is dead: it is replaced unless something came lately.
  suspect() { this.#renew(SUSPICION); }

  #drop() {
    this.#turn++;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    leave(this.#socket);
    leave(this.#opening);
    this.#socket = this.#opening = null;
  }

  #open() {
    const since = this.#seq;
    const one = (this.#opening = socketTo({ ...this.#filter, since }));
    const patience = setTimeout(() => { if (one === this.#opening) this.#lost(); }, PATIENCE);
    one.onclose = () => this.#lost();
    one.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      this.#heard = Date.now();
      if (one === this.#socket) return this.#take(frame);
      clearTimeout(patience);
      if (frame.type === "hello") this.#greet(one, frame.seq, since);
    };
  }

  #greet(one, seq, since) {
    if (since !== null && seq < since) {
      this.#hear({ type: "reset" });
      this.#seq = null;
    } else if (since !== null && seq - since > FAR) {
      const until = seq - RECENT;
      this.#hear({ type: "skipped", count: until - this.#seq, after: this.#seq, until });
      this.#seq = until;
      leave(one);
      return this.#open();
    }
    leave(this.#socket);
    [this.#socket, this.#opening, this.#greeted] = [one, null, Date.now()];
    const resumed = this.#seq !== null;
    this.#seq ??= seq;
    this.#hear({ type: "hello", seq, resumed });
    this.#tell({ state: "live" });
  }

  #take(frame) {
    if (frame.type === "skipped") return this.#hear({ ...frame, after: this.#seq });
    if (frame.type !== "deliveries") return this.#hear(frame);
    const last = this.#seq;
    const items = frame.items.filter(({ seq }) => seq > last); // a replaced socket may have brought some already
    if (!items.length) return;
    this.#seq = items.at(-1).seq;
    this.#hear({ type: "deliveries", items });
  }

  // lost is also for a socket that was to replace one: then that one is not worth more.
  #lost() {
    if (this.#socket && Date.now() - this.#greeted > STEADY) this.#tries = 0;
    this.#drop();
    if (this.#tries++ === 0) {
      // Soon, but not every page of a restarted server in the same moment.
      this.#tell({ state: "connecting" });
      this.#timer = setTimeout(() => this.#attempt(), Math.random() * 1000);
    } else {
      this.#count(Date.now() + Math.min(LONGEST, 500 * 2 ** this.#tries) * (0.5 + Math.random() / 2));
    }
  }

  #count(until, first) {
    const rest = until - Date.now();
    if (rest <= 0) return this.#attempt();
    const again = Math.ceil(rest / 1000);
    this.#tell({ state: "offline", again, first: first ?? again });
    this.#timer = setTimeout(() => this.#count(until, first ?? again), Math.min(1000, rest));
  }

  // A refused upgrade does not say why: whether anybody is signed in is asked before.
  async #attempt() {
    this.#drop();
    const turn = this.#turn;
    this.#tell({ state: "connecting" });
    let signedIn = true;
    try {
      signedIn = await check();
    } catch {
      if (turn === this.#turn) this.#lost();
      return;
    }
    if (signedIn && turn === this.#turn) this.#open();
  }

  #wake() {
    if (document.visibilityState === "hidden") return;
    if (this.#timer) this.#attempt();
    else this.#renew(SUSPICION);
  }

  #renew(silence) {
    if (this.#socket && !this.#opening && Date.now() - this.#heard > silence) this.#open();
  }
}
