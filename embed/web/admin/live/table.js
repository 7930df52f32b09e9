// The table of the log: of twenty thousand rows only those in the window exist. They stand in their order, so that
// reading, selecting and the Tab key go on as in any table, and are painted once a frame at most.
import { EventRow, GapRow } from "./row.js";

const AROUND = 8; // rows beyond the window that exist, so that scrolling finds something
const CALM = 20; // new rows a second; above, they do not flash

export class Table {
  #body; // as high as all rows
  #rows; // those that exist, moved to their place
  #log;
  #told; // painted(count): after each frame
  #isOn; // whether a row belongs to the story that is open
  #ceiling; // where rows come out beneath what sticks to the top
  #shown = [];
  #height = 0; // of a row
  #frame = 0;
  #newest = Infinity; // the highest seq that was painted
  #pace = { since: 0, count: 0, last: 0 };
  #away = new AbortController();

  constructor({ body, log, told, isOn, ceiling }) {
    [this.#body, this.#rows, this.#log] = [body, body.firstElementChild, log];
    [this.#told, this.#isOn, this.#ceiling] = [told, isOn, ceiling];
    const { signal } = this.#away;
    addEventListener("scroll", this.schedule, { signal, passive: true });
    addEventListener("resize", () => { this.#height = 0; this.schedule(); }, { signal });
    body.addEventListener("pointerover", ({ target }) => this.#rowOf(target)?.explain(), { signal });
    log.changed = this.schedule;
    this.schedule();
  }

  end() {
    this.#away.abort();
    cancelAnimationFrame(this.#frame);
    this.#log.changed = () => {};
    this.#rows.replaceChildren();
  }

  schedule = () => { this.#frame ||= requestAnimationFrame(() => this.paint()); };

  // rewrite shows everything anew, for another language.
  rewrite() {
    for (const row of this.#shown) row.show(row.item);
    this.schedule();
  }

  // itemOf is what an element in the table shows.
  itemOf(element) { return this.#rowOf(element)?.item; }

  #rowOf(element) {
    const el = element.closest?.(".log-row, .log-gap");
    return el && this.#shown.find((row) => row.el === el);
  }

  // move puts the focus so many rows further; without one on the first that can be seen whole.
  move(by) {
    const { rows } = this.#log;
    const focused = this.itemOf(document.activeElement);
    const first = Math.ceil((this.#ceiling() - this.#body.getBoundingClientRect().top) / this.#height);
    const wanted = focused ? rows.list.length - 1 - rows.list.lastIndexOf(focused) + by : first;
    const place = Math.min(Math.max(0, wanted), rows.count - 1);
    if (place < 0) return null;
    this.#reveal(place);
    const item = rows.at(place);
    this.#shown.find((row) => row.item === item)?.focus();
    return item;
  }

  #reveal(place) {
    const top = this.#body.getBoundingClientRect().top + place * this.#height;
    const floor = innerHeight - this.#height - parseFloat(getComputedStyle(document.body).paddingBottom);
    if (top < this.#ceiling()) scrollBy(0, top - this.#ceiling());
    else if (top > floor) scrollBy(0, top - floor);
    this.paint();
  }

  paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { rows } = this.#log;
    const { count } = rows;
    this.#height ||= this.#measure();
    const top = this.#body.getBoundingClientRect().top;
    const first = Math.max(0, Math.min(count, Math.floor(-top / this.#height) - AROUND));
    const last = Math.min(count, Math.ceil((innerHeight - top) / this.#height) + AROUND);
    const wanted = [];
    for (let place = first; place < last; place++) wanted.push(rows.at(place));
    this.#body.style.height = `${count * this.#height}px`;
    this.#rows.style.transform = `translateY(${first * this.#height}px)`;
    this.#arrange(wanted, first);
    this.#log.painted();
    this.#told(count);
  }

  #measure() {
    const probe = new EventRow();
    this.#rows.append(probe.el);
    const { height } = probe.el.getBoundingClientRect();
    probe.el.remove();
    return height || 36;
  }

  // arrange lets every row that stays keep its element; what leaves gives its own to what comes.
  #arrange(wanted, first) {
    const before = new Map(this.#shown.map((row) => [row.item, row]));
    const kept = wanted.map((item) => {
      const row = before.get(item);
      before.delete(item);
      return row;
    });
    const spare = [...before.values()].filter((row) => !row.el.contains(document.activeElement));
    // What stays is never moved, it may have the focus; when nothing stays, the others are where they belong.
    if (kept.some(Boolean)) for (const row of spare) row.el.remove();
    const flash = this.#calm(wanted);
    const newest = this.#newest;
    this.#shown = wanted.map((item, i) => {
      const row = kept[i] || this.#row(item, spare);
      if (!kept[i]) row.el.classList.toggle("new", flash && item.seq > newest);
      else if (item.gap) row.show(item); // it may be loading now
      row.el.setAttribute("aria-rowindex", first + i + 2); // the head is 1
      row.el.classList.toggle("on", this.#isOn(item));
      return row;
    });
    if (wanted.length && first === 0) this.#newest = Math.max(newest === Infinity ? 0 : newest, wanted[0].seq || 0);
    this.#place();
  }

  #row(item, spare) {
    const Kind = item.gap ? GapRow : EventRow;
    const i = spare.findIndex((row) => row instanceof Kind);
    const row = i < 0 ? new Kind((gap) => this.#log.fill(gap)) : spare.splice(i, 1)[0];
    row.show(item);
    return row;
  }

  #place() {
    let next = this.#rows.firstChild;
    for (const { el } of this.#shown) {
      if (el === next) next = next.nextSibling;
      else this.#rows.insertBefore(el, next);
    }
    while (next) {
      const after = next.nextSibling;
      next.remove();
      next = after;
    }
  }

  // calm counts how many rows a second are new.
  #calm(wanted) {
    const now = performance.now();
    const pace = this.#pace;
    if (now - pace.since > 1000) [pace.since, pace.last, pace.count] = [now, now - pace.since < 2000 ? pace.count : 0, 0];
    pace.count += wanted.filter(({ seq }) => seq > this.#newest).length;
    return Math.max(pace.count, pace.last) <= CALM;
  }
}
