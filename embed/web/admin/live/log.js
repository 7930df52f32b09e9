// The log as the Live screen shows it: what was heard, what of it passes the filter, and the view that stands still.
import { signal } from "../../vendor/signals.js";
import { replay } from "../history.js";
import { Rows, View } from "./rows.js";

const OLDER = 500; // changes that are asked for at first, and when more are wanted
const ENOUGH = 50; // rows that make a press on "Load earlier" worth it;
const WIDER = 8; // with less it looks so many times as far back,
const LOOKS = 3; // but so often at most
const FILLED = 5000; // changes of a gap that are loaded at once, the latest

export class Log {
  // known is the seq that the server's log stood at, null until it is known; ready says that the past was read too.
  known = signal(null);
  ready = signal(false);
  // loading says that earlier events are on their way, problem why something did not come.
  loading = signal(false);
  problem = signal(null);
  // lost says that what is before the log is not kept any more.
  lost = signal(false);
  // last is the highest seq that was heard.
  last = null;
  // changed is called when there is something new to paint.
  changed = () => {};

  #category;
  #pass = null;
  #events = null; // that the server is asked for, null for all
  #live = new View(new Rows(), null);
  #still = null; // the View that is held
  #stands = false; // whether one is wanted
  #mark = this.#live.mark(); // what was painted last
  #open = null; // a gap that nothing came after yet

  constructor(category = "") { this.#category = category; }

  get rows() { return (this.#still || this.#live).rows; }

  // waiting counts what came since the view stands still.
  get waiting() { return this.#still ? this.#live.rows.added - this.#mark.rows : 0; }

  // all is every row that is held, whatever the filter.
  get all() { return (this.#still || this.#live).all.list; }

  // earlier says whether there may be something before the log.
  get earlier() { return this.rows.from > 0 && !this.lost.value; }

  clear() {
    this.#live = new View(new Rows(), this.#pass);
    this.#mark = this.#live.mark();
    this.#open = this.#still = this.known.value = this.problem.value = null;
    this.ready.value = this.lost.value = false;
    this.changed();
  }

  // begin is for the stream's first hello; it resolves with what happened just before.
  async begin(seq) {
    this.clear();
    const view = this.#live;
    view.filter(null); // what is read first belongs to everything
    this.known.value = this.last = view.all.from = seq;
    try {
      if (seq > 0) await this.#before(view, OLDER, null);
    } catch (error) {
      this.problem.value = error;
    }
    if (view !== this.#live) return [];
    const past = view.all.list.filter((row) => row.seq <= seq);
    this.filter(this.#pass, this.#events);
    this.begun();
    return past;
  }

  // begun says that the past is there.
  begun() {
    if (this.ready.value) return;
    this.ready.value = true;
    if (!this.#stands) return;
    this.#mark = this.#live.mark();
    this.hold();
  }

  // beginAfter is for a stream that replays what came after a seq, and says when it has begun.
  beginAfter(seq) {
    this.clear();
    this.known.value = this.last = this.#live.all.from = seq;
  }

  filter(pass, events) {
    [this.#pass, this.#events] = [pass, events];
    this.#live.filter(pass);
    this.#still?.filter(pass);
    this.#mark = this.#live.mark();
    this.changed();
  }

  add(items) {
    if (this.#open) this.#open.until = items[0].seq - 1;
    this.#open = null;
    this.last = items.at(-1).seq;
    if (this.#live.add(items)) this.changed();
  }

  // skipped marks that deliveries are missing between two seqs.
  skipped({ count, after, until }) {
    const gap = { gap: true, count, after, until, busy: false };
    this.#open = until === undefined ? gap : null;
    this.#live.add([gap]);
    this.changed();
  }

  // painted notes that what is here now is what can be seen.
  painted() { if (!this.#still) this.#mark = this.#live.mark(); }

  // hold lets the view stand still as it was painted last, once there is something to see; go lets it go on.
  hold() {
    this.#stands = true;
    if (this.ready.value) this.#still ??= this.#live.until(this.#mark);
  }

  go() {
    this.#stands = false;
    this.#still = null;
    this.changed();
  }

  // older reads what changed before the log: further and further back until something was found that passes.
  async older() {
    if (this.loading.value || !this.earlier) return;
    this.loading.value = true;
    this.problem.value = null;
    const view = this.#still || this.#live;
    try {
      let found = 0;
      for (let look = 0, span = OLDER; look < LOOKS && found < ENOUGH && this.earlier; look++, span *= WIDER) {
        found += await this.#before(view, span, this.#events);
      }
    } catch (error) {
      this.problem.value = error;
    }
    this.loading.value = false;
  }

  async #before(view, span, events) {
    const { rows } = view;
    const { from } = rows;
    const after = Math.max(0, from - span);
    const { items, lost } = await replay(after, from, { category: this.#category, event: events?.join(",") });
    if (rows !== view.rows || (view !== this.#live && view !== this.#still)) return ENOUGH; // nobody wants it any more
    if (lost) this.lost.value = true;
    if (view !== this.#live && this.#live.rows.from === from) this.#live.before(items, after);
    const found = view.before(items, after);
    this.changed();
    return found;
  }

  // fill reads what is missing in a gap, of a large one the latest.
  async fill(gap) {
    gap.busy = true;
    this.problem.value = null;
    this.changed();
    const until = gap.until ?? gap.after + gap.count;
    const after = Math.max(gap.after, until - FILLED);
    try {
      const { items } = await replay(after, until, { category: this.#category });
      const rest = after > gap.after ? [{ ...gap, busy: false, until: after, count: after - gap.after }] : [];
      this.#live.instead(gap, [...rest, ...items]);
      this.#still?.instead(gap, [...rest, ...items]);
      if (this.#open === gap) this.#open = null;
    } catch (error) {
      this.problem.value = error;
      gap.busy = false;
    }
    this.changed();
  }
}
