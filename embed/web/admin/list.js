// A list of /v1 that grows page by page. What is shown stays while it is read again.
import { batch, signal } from "../vendor/signals.js";
import { get, query } from "./server.js";

// createList reads path with filters, values of its query parameters. items is null until the first answer.
export function createList(path, filters = {}) {
  const list = { items: signal(null), next: signal(null), busy: signal(false), problem: signal(null) };
  let asked = 0;

  async function read(after) {
    const mine = ++asked;
    list.busy.value = true;
    let page = null;
    let problem = null;
    try {
      page = await get(path + query({ ...filters, after }));
    } catch (error) {
      problem = error;
    }
    if (mine !== asked) return; // a later question was asked meanwhile
    batch(() => {
      list.busy.value = false;
      list.problem.value = problem;
      if (!page) return;
      list.items.value = after ? [...list.items.value, ...page.items] : page.items;
      list.next.value = page.next;
    });
  }

  return {
    ...list,
    load: () => read(""),
    more: () => list.next.value && read(list.next.value),
    // filter reads anew with other values.
    filter(values) { filters = { ...filters, ...values }; return read(""); },
    // change replaces the item with that id, or removes it when change answers null.
    change(id, change) {
      if (!list.items.value) return;
      list.items.value = list.items.value.flatMap((item) => (item.id === id ? change(item) ?? [] : [item]));
    },
  };
}
