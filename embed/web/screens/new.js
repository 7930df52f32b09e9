// Not subscribed: what this is, and the one button.
import { instance } from "../instance.js";
import { t } from "../lang.js";
import { Categories } from "../parts/categories.js";
import { html } from "../parts/html.js";
import { Icon, Mark } from "../parts/icon.js";
import { Notice } from "../parts/notice.js";
import { busy, turnOn } from "../device/device.js";
import * as invite from "../device/invite.js";

export function New() {
  const waits = busy.value === "on";
  return html`<section class="narrow stack">
    <div class="hero">
      <${Example} />
      <h1 tabindex="-1">${t("new.title", { name: instance })}</h1>
      <p class="lead">${t("new.lead")}</p>
    </div>
    <${Notice} />
    ${/* an invite brings categories of its own */ invite.current() ? html`<${Invited} />` : html`<${Categories} title=${t("new.categories")} />`}
    <button class="btn primary big wide" type="button" aria-busy=${String(waits)} onClick=${turnOn}>
      ${!waits && html`<${Icon} name="bell" />`}${waits ? t("new.busy") : t("new.button")}
    </button>
    <p class="small muted">${t("new.hint")}</p>
  </section>`;
}

function Invited() {
  return html`<div class="notice">
    <${Icon} name="ticket" />
    <div class="grow stack tight"><p><b>${t("new.invited")}</b></p><p class="small">${t("new.invited.body")}</p></div>
  </div>`;
}

function Example() {
  return html`<figure class="note phone" aria-label=${t("example.label")}>
    <figcaption class="row tiny muted"><span class="app"><${Mark} /></span>${instance}<span>· ${t("example.now")}</span></figcaption>
    <p><b>${t("example.title")}</b></p>
    <p class="small muted body">${t("example.body")}</p>
  </figure>`;
}
