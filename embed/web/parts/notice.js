// What went wrong without taking the screen away: a sentence, a remedy and one button.
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "../lang.js";
import { busy, detail, host, retry, trouble } from "../device/device.js";
import { obstacles, Remedy } from "../screens/obstacle.js";

export function Notice() {
  const obstacle = obstacles[trouble.value];
  if (!obstacle) return null;
  const { title, lead, button } = obstacle();
  return html`<div class="notice" data-o="retrying" role="alert">
    <${Icon} name="warn" />
    <div class="grow stack tight">
      <p><b>${title}</b></p>
      <p class="small">${lead}</p>
      <${Remedy} kind=${trouble.value} detail=${detail.value} host=${host.value} />
      ${button !== false && html`<div><button class="btn small" type="button" aria-busy=${String(busy.value === "look")} onClick=${retry}>${button || t("again")}</button></div>`}
    </div>
  </div>`;
}
