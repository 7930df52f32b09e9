// An invite that has just been made: its code and link are here once, the server keeps only what tells them again.
import { moment, rich, t } from "../../lang.js";
import { Code } from "../../parts/code.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { More } from "../../parts/more.js";
import { QR } from "../../parts/qr.js";
import { HomeScreenSteps } from "../../parts/steps.js";
import { instance } from "../../instance.js";

export function Made({ invite, onClose }) {
  const { user, url, qr, expires_at } = invite;
  const share = () => navigator.share({ title: instance, url }).catch(() => {}); // given up, or not possible
  return html`<section class="card stack" aria-labelledby="made-title">
    <div class="row nowrap"><h2 class="grow" id="made-title" tabindex="-1">${user ? t("invites.made.user", { user }) : t("invites.made")}</h2>
      <button class="btn quiet icon small" type="button" aria-label=${t("close")} onClick=${onClose}><${Icon} name="failed" /></button></div>
    <div class="beside">
      <${QR} svg=${qr} label=${t("invites.qr")} />
      <div class="stack">
        <p>${t("invites.scan")}</p>
        <${Code} text=${url} label=${t("invites.link")} wrap />
        ${navigator.share && html`<div><button class="btn small" type="button" onClick=${share}><${Icon} name="share" />${t("share")}</button></div>`}
        <div class="notice"><${Icon} name="info" /><p class="grow small">${rich("invites.once")} ${expires_at && t("invites.until", { when: moment(expires_at) })}</p></div>
        <${More} summary=${t("invites.ios")}><div class="stack more-body"><p class="small muted">${t("ios.lead")} ${t("invites.ios.camera")}</p><${HomeScreenSteps} /></div><//>
      </div>
    </div>
  </section>`;
}
