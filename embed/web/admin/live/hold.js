// Why the view stands still: the button, or that somebody is reading. While any reason holds, new rows wait.
import { computed, signal } from "../../vendor/signals.js";

// button: Pause was pressed. scrolled: the page is not at its top. story: a row is open. selected: text of a row is.
// row: the keyboard stands on one. pressed: a pointer is down, and what it meant shall not move away.
const reasons = signal({ button: false, scrolled: false, story: false, selected: false, row: false, pressed: false });

export const holding = computed(() => Object.values(reasons.value).some(Boolean));

export function hold(reason, on) {
  if (reasons.value[reason] !== on) reasons.value = { ...reasons.value, [reason]: on };
}

export function release() {
  reasons.value = Object.fromEntries(Object.keys(reasons.value).map((reason) => [reason, false]));
}
