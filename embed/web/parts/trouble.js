// What a screen could not read: a sentence and the way to try again; what was read before stays.
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "../lang.js";

export function Trouble({ problem, onAgain }) {
  return problem && html`<div class="notice" data-o="failed" role="alert"><${Icon} name="warn" />
    <p class="grow">${problem.message}</p>
    ${onAgain && html`<button class="btn small" type="button" onClick=${onAgain}>${t("again")}</button>`}
  </div>`;
}
