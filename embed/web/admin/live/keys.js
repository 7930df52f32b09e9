// The keys of the Live screen: / search, space pause, j k rows, Enter story (the row's own link), Esc close.

const typing = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]";
const pressing = "button, summary, input, label, .seg a";

// listenToKeys calls actions {search, pause, move(by), leave}; leave answers whether there was something to leave.
export function listenToKeys(actions, signal) {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (key === "Escape") {
      if (target.matches?.(typing)) target.blur();
      else actions.leave();
      return;
    }
    if (target.matches?.(typing)) return;
    if (key === " " && target.closest?.(pressing)) return;
    const act = { "/": actions.search, " ": actions.pause, j: () => actions.move(1), k: () => actions.move(-1) }[key];
    if (!act) return;
    event.preventDefault();
    act();
  }, { signal });
}
