// How the notification will look, roughly, on a phone and on a desktop.
import { base, instance } from "../../instance.js";
import { t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Icon, Mark } from "../../parts/icon.js";
import { draft } from "./draft.js";

const SHOWN = 2; // buttons on most systems

export function Preview() {
  return html`<section class="card flush" aria-labelledby="send-preview">
    <div class="card-head"><h2 class="grow" id="send-preview">${t("send.preview")}</h2><span class="tiny muted">${t("send.preview.hint")}</span></div>
    <div class="previews"><div class="stage"><${Phone} /></div><div class="stage"><${Desktop} /></div></div>
  </section>`;
}

const host = (address) => { try { return new URL(address).host; } catch { return ""; } };

function Words({ clip }) {
  const { title, body, lang, dir } = draft.value;
  return html`<div lang=${lang || undefined} dir=${dir || undefined}>
    <p class=${clip ? "clip" : undefined}><b class=${title.trim() ? undefined : "muted"}>${title.trim() || t("send.title")}</b></p>
    ${body.trim() && html`<p class="small muted body">${body.trim()}</p>`}
  </div>`;
}

// The page may load pictures from nowhere else, so another site's stands as a frame with its host.
function Picture() {
  const from = host(draft.value.image);
  return from && html`<p class="picture tiny muted"><${Icon} name="image" /><span class="clip">${t("send.image.from", { host: from })}</span></p>`;
}

function Acts() {
  const words = draft.value.actions.map(({ title }) => title.trim()).filter(Boolean).slice(0, SHOWN);
  return words.length > 0 && html`<p class="acts">${words.map((word, i) => html`<span class="clip" key=${i}>${word}</span>`)}</p>`;
}

function Phone() {
  return html`<figure class="note phone" aria-label=${t("send.preview.phone")}>
    <figcaption class="row nowrap tiny muted"><span class="app"><${Mark} /></span><span class="clip">${instance}</span><span class="fixed">· ${t("example.now")}</span>
      ${draft.value.silent && html`<${Icon} name="blocked" /><span class="sr">${t("send.silent")}</span>`}</figcaption>
    <${Words} /><${Picture} /><${Acts} />
  </figure>`;
}

function Desktop() {
  return html`<figure class="note desk" aria-label=${t("send.preview.desk")}>
    <span class="app"><${Mark} /></span>
    <div><${Words} clip /><${Picture} /><${Acts} /><figcaption class="tiny muted clip">${host(base) || location.host}</figcaption></div>
  </figure>`;
}
