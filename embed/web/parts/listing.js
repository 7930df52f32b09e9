// A list of /v1 in a card: its rows, or what will be here; what could not be read, and the way to older ones.
import { t } from "../lang.js";
import { html } from "./html.js";
import { Trouble } from "./trouble.js";

// Listing calls its child with the items; empty stands there while there are none.
export function Listing({ list, label, empty, children }) {
  const { items, next, busy, problem } = list;
  const shown = items.value;
  return html`<${Trouble} problem=${problem.value} onAgain=${list.load} />
    ${shown && html`<section class="card flush" aria-label=${label} aria-busy=${String(busy.value)}>
      ${shown.length ? children(shown) : empty}
      ${next.value && html`<div class="card-foot">
        <button class="btn quiet small wide" type="button" aria-busy=${String(busy.value)} onClick=${list.more}>${t("older")}</button>
      </div>`}
    </section>`}`;
}
