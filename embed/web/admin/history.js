// Deliveries that changed in the past, read from the live log itself: it replays what came after a seq.
import { t } from "../lang.js";
import { Problem } from "./server.js";
import { leave, socketTo } from "./stream.js";

const PATIENCE = 10000; // milliseconds until the server has said hello
const QUIET = 700; // after which a replay is over; its frames come every 50,
const SEARCH = 2000; // but rarely when they have to pass a filter

// replay resolves with the deliveries that changed last after the one seq and up to the other, in their order,
// and whether the server has lost some to retention: {items, lost}.
export function replay(after, until, filter = {}) {
  const quiet = filter.event || filter.notification || filter.category ? SEARCH : QUIET;
  return new Promise((resolve, reject) => {
    const socket = socketTo({ ...filter, since: after });
    const items = [];
    let lost = false;
    let timer = 0;
    const end = () => {
      clearTimeout(timer);
      leave(socket);
      resolve({ items, lost });
    };
    const fail = () => {
      clearTimeout(timer);
      leave(socket);
      reject(new Problem(0, t("problem.unreachable")));
    };
    timer = setTimeout(fail, PATIENCE);
    socket.onclose = fail;
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      clearTimeout(timer);
      timer = setTimeout(end, quiet);
      if (frame.type === "skipped") lost = true;
      if (frame.type !== "deliveries") return;
      for (const item of frame.items) if (item.seq <= until) items.push(item);
      if (frame.items.at(-1).seq >= until) end();
    };
  });
}
