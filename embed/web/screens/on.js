// Subscribed: this device, what it has received, what it wants to hear, and the way out.
import { useSignal } from "../vendor/signals.js";
import { moment, t } from "../lang.js";
import { Categories } from "../parts/categories.js";
import { html } from "../parts/html.js";
import { Icon } from "../parts/icon.js";
import { Messages } from "../parts/messages.js";
import { More } from "../parts/more.js";
import { Notice } from "../parts/notice.js";
import { busy, guess, label, rename, test, turnOff } from "../device/device.js";
import { messages } from "../device/messages.js";

export function On() {
  return html`<section class="narrow wide stack">
    <${Notice} />
    <div class="me">
      <div class="card stack">
        <${Status} />
        <${Label} />
        <${Test} />
      </div>
      <${Messages} />
      <div class="stack">
        <${Categories} title=${t("on.categories")} live />
        <div class="row"><button class="btn quiet red" type="button" aria-busy=${String(busy.value === "off")} onClick=${turnOff}>
          ${busy.value !== "off" && html`<${Icon} name="blocked" />`}${busy.value === "off" ? t("on.off.busy") : t("on.off")}
        </button></div>
      </div>
    </div>
  </section>`;
}

function Status() {
  const newest = messages.value[0];
  return html`<div class="row nowrap">
    <span class="okdot" data-o="sent"><${Icon} name="sent" /></span>
    <div class="grow">
      <h1 tabindex="-1">${t("on.title")}</h1>
      <p class="small muted">${newest ? t("on.last", { when: moment(newest.at) }) : t("on.none")}</p>
    </div>
  </div>`;
}

function Label() {
  const saved = useSignal(false);
  const save = async (event) => {
    const input = event.currentTarget;
    saved.value = await rename(input.value);
    input.value = label.value;
  };
  return html`<form class="field" onSubmit=${(event) => { event.preventDefault(); event.currentTarget.label.blur(); }}>
    <label for="label">${t("on.label")} <span class="muted" aria-live="polite">${saved.value && t("saved")}</span></label>
    <input id="label" name="label" type="text" value=${label.value} placeholder=${guess()} maxlength="80" autocomplete="off"
      enterkeyhint="done" aria-describedby="label-hint" onInput=${() => { saved.value = false; }} onChange=${save} />
    <p class="hint" id="label-hint">${t("on.label.hint")}</p>
  </form>`;
}

function Test() {
  const shown = useSignal(false);
  const waits = busy.value === "test";
  const press = async () => { await test(); shown.value = true; };
  return html`<button class="btn wide" type="button" aria-busy=${String(waits)} onClick=${press}>
      ${!waits && html`<${Icon} name="bell" />`}${waits ? t("on.test.busy") : t("on.test")}
    </button>
    ${shown.value && html`<${More} summary=${t("mute.summary")}><p class="small muted">${t("mute.body")}</p><//>`}`;
}
