// Deliveries that changed in the past, read from the live log itself: it replays what came after a seq.
import { t } from "../lang.js";
import { Problem } from "./server.js";
import { leave, socketTo } from "./stream.js";

// How long to wait, counted in ticks: a page that is held up for a second has not heard what came in it.
const TICK = 350; // milliseconds
const PATIENCE = 28; // until the server has said hello
const QUIET = 2; // after which a replay is over; its frames come every 50 milliseconds,
const SEARCH = 6; // but rarely when they have to pass a filter

// replay resolves with the deliveries that changed last after the one seq and up to the other, in their order,
// and whether the server has lost some to retention: {items, lost}.
export function replay(after, until, filter = {}) {
  const quiet = filter.event || filter.notification || filter.category ? SEARCH : QUIET;
  return new Promise((resolve, reject) => {
    const socket = socketTo({ ...filter, since: after });
    const items = [];
    let lost = false;
    let greeted = false;
    let silent = 0;
    const stop = () => {
      clearInterval(ticks);
      leave(socket);
    };
    const end = () => {
      stop();
      resolve({ items, lost });
    };
    const fail = () => {
      stop();
      reject(new Problem(0, t("problem.unreachable")));
    };
    const ticks = setInterval(() => {
      silent++;
      if (greeted && silent > quiet) end();
      if (!greeted && silent > PATIENCE) fail();
    }, TICK);
    socket.onclose = fail;
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      silent = 0;
      greeted = true;
      if (frame.type === "skipped") lost = true;
      if (frame.type !== "deliveries") return;
      for (const item of frame.items) if (item.seq <= until) items.push(item);
      if (frame.items.at(-1).seq >= until) end();
    };
  });
}
