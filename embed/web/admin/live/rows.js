// Runs of the log: deliveries by seq, the oldest first, and gaps among them where some were left out.

const HELD = 20000; // events; older ones are dropped
const SLACK = 5000; // more, before it drops, because that moves all the others

export class Rows {
  list = [];
  // from is a seq: every change after it that belongs here is here, but for the gaps.
  from = 0;
  // added counts the rows that ever came at the end.
  added = 0;
  // asked is how many there were when somebody wanted earlier ones: those stay until newer ones need their place.
  asked = 0;

  constructor(from = 0, list = []) { [this.from, this.list] = [from, list]; }

  // count is how many there are to show.
  get count() { return Math.min(this.list.length, Math.max(HELD, this.asked)); }

  // at answers the row at a place counted from the newest.
  at(place) { return this.list[this.list.length - 1 - place]; }

  add(rows) {
    this.list.push(...rows);
    this.added += rows.length;
    if (this.list.length <= HELD + SLACK) return;
    this.list.splice(0, this.list.length - HELD);
    this.from = this.list[0].gap ? this.list[0].after : this.list[0].seq - 1;
    this.asked = 0;
  }

  // until is a copy as it was when so many had been added.
  until(added) {
    const end = this.list.length - (this.added - added);
    const one = new Rows(this.from, this.list.slice(Math.max(0, end - this.count), Math.max(0, end)));
    one.asked = one.list.length;
    return one;
  }

  before(rows, from) {
    this.list.unshift(...rows);
    this.from = from;
    this.asked = this.list.length;
  }

  // instead puts rows in the place of a gap.
  instead(gap, rows) {
    const place = this.list.indexOf(gap);
    if (place >= 0) this.list.splice(place, 1, ...rows);
  }

  // passing is what of these passes, a run of its own.
  passing(pass) { return new Rows(this.from, this.list.filter((row) => row.gap || pass(row))); }
}

// View is everything, and what of it passes the filter: that holds its own past, so that what is rare stays long.
export class View {
  #pass = null;
  #passing = null;

  constructor(all, pass) {
    this.all = all;
    this.filter(pass);
  }

  get rows() { return this.#passing || this.all; }

  filter(pass) {
    this.#pass = pass;
    this.#passing = pass && this.all.passing(pass);
  }

  // add answers how many of them are shown.
  add(rows) {
    this.all.add(rows);
    const shown = this.#select(rows);
    if (shown.length) this.#passing?.add(shown);
    return shown.length;
  }

  #select(rows) { return this.#pass ? rows.filter((row) => row.gap || this.#pass(row)) : rows; }

  before(rows, from) { this.rows.before(this.#select(rows), from); return this.#select(rows).length; }

  instead(gap, rows) {
    this.all.instead(gap, rows);
    this.#passing?.instead(gap, this.#select(rows));
  }

  mark() { return { all: this.all.added, rows: this.rows.added }; }

  // until is a copy as it was at a mark, while the filter was the same.
  until(mark) {
    const one = new View(this.all.until(mark.all), null);
    one.#pass = this.#pass;
    one.#passing = this.#passing?.until(mark.rows) ?? null;
    return one;
  }
}
