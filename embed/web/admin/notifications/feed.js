// The list of notifications and the one that is looked at, kept up to date: by the live log, and by asking again
// while that is interrupted.
import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { createList } from "../list.js";
import { connection, listen } from "../live.js";
import { get, query } from "../server.js";

export const path = "/v1/pushnotification";

const SOON = 800; // milliseconds in which several reasons to ask are one
const EVERY = 5000; // milliseconds between questions without the live log

export const states = { all: "", scheduled: "scheduled", sending: "sending", ended: "sent,canceled,expired" };

// list is what the screen shows; filters come from its address.
export const list = createList(path);

// refresh brings the newest page up to date, and leaves what has been read of older ones.
async function refresh(filters, wanted) {
  const page = await get(path + query(filters));
  if (!wanted()) return;
  const before = list.items.value;
  const last = page.items.at(-1);
  const meets = last && before?.findIndex(({ id }) => id === last.id);
  if (!before || !page.next || !(meets >= 0)) {
    list.items.value = page.items;
    list.next.value = page.next;
  } else {
    list.items.value = [...page.items, ...before.slice(meets + 1)];
  }
}

// gather calls work with the latest of each notification, a few times a second.
function gather(work) {
  let some = new Map();
  return (frame) => {
    if (some.size === 0) setTimeout(() => { const all = some; some = new Map(); work(all); }, 100);
    some.set(frame.id, frame);
  };
}

const ended = (state) => !["scheduled", "sending"].includes(state);

// useList keeps the list up to date as long as the screen shows it.
export function useList({ state, category }) {
  const filters = { state: states[state], category };
  useEffect(() => {
    let timer = 0;
    let over = false;
    const look = () => { timer = 0; refresh(filters, () => !over).catch(() => {}); }; // the next reason asks again
    const again = () => { timer ||= setTimeout(look, SOON); };
    const heard = new Map(); // states of those that the list does not show
    const take = gather((frames) => {
      const known = new Map((list.items.value || []).map((item) => [item.id, item.state]));
      for (const [id, { state: now }] of frames) {
        if ((known.get(id) ?? heard.get(id)) !== now) again(); // new, or it has other times now
        heard.set(id, now);
      }
      list.items.value = list.items.value?.map((item) => (frames.has(item.id) ? { ...item, counts: frames.get(item.id).counts } : item)) ?? null;
    });
    const stop = listen({ notification: take, hello: ({ resumed }) => resumed && again() });
    const poll = setInterval(() => { if (connection.value.state !== "live" && !document.hidden) again(); }, EVERY);
    list.filter(filters);
    return () => { over = true; stop(); clearInterval(poll); clearTimeout(timer); };
  }, [state, category]);
}

// useOne reads a notification and follows it. n is null before the first answer, and while another one is read.
export function useOne(id) {
  const n = useSignal(null);
  const problem = useSignal(null);
  const reading = useRef(null);
  const read = async () => {
    reading.current = id;
    try {
      const found = await get(`${path}/${id}`);
      if (reading.current === id) { n.value = found; problem.value = null; }
    } catch (error) {
      if (reading.current === id) problem.value = error;
    }
  };
  useEffect(() => {
    n.value = null;
    problem.value = null;
    if (!id) return undefined;
    read();
    const take = gather((frames) => {
      const frame = frames.get(id);
      if (!frame || n.value?.id !== id) return;
      if (frame.state !== n.value.state) read();
      else n.value = { ...n.value, counts: frame.counts };
    });
    const stop = listen({ notification: (frame) => frame.id === id && take(frame), hello: ({ resumed }) => resumed && read() });
    const poll = setInterval(() => { if (connection.value.state !== "live" && !document.hidden && n.value && !ended(n.value.state)) read(); }, EVERY);
    return () => { stop(); clearInterval(poll); reading.current = null; };
  }, [id]);
  return { n: n.value?.id === id ? n.value : null, problem: problem.value, read, set: (value) => { n.value = value; } };
}
