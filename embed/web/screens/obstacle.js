// Whatever stands in the way: what happened, then what to do, and one button.
import { signal } from "../vendor/signals.js";
import { instance } from "../instance.js";
import { rich, t } from "../lang.js";
import { html } from "../parts/html.js";
import { Icon } from "../parts/icon.js";
import { More } from "../parts/more.js";
import { AddressBar } from "../parts/steps.js";
import { busy, detail, host, retry } from "../device/device.js";
import { family } from "../device/browser.js";

// A function each, so that the words follow the language. button: false = waiting is the remedy, or another
// control on the screen is.
export const obstacles = {
  blocked: () => ({ icon: "blocked", tone: "failed", title: t("blocked.title"), lead: t("blocked.lead"), button: t("check") }),
  private: () => ({ icon: "mask", tone: "retrying", title: t("private.title"), lead: t("private.lead"), copy: true }),
  unsupported: () => ({ icon: "window", tone: "retrying", title: t("unsupported.title"), lead: t("unsupported.lead"), copy: true }),
  worker: () => ({ icon: "window", tone: "retrying", title: t("worker.title"), lead: t("worker.lead"), button: t("check") }),
  unreachable: () => ({ icon: "offline", tone: "retrying", title: t("unreachable.title"), lead: t("unreachable.lead"), button: t("again") }),
  service: () => ({ icon: "offline", tone: "retrying", title: t("service.title"), lead: t("service.lead"), button: t("again") }),
  brave: () => ({ icon: "offline", tone: "retrying", title: t("brave.title"), lead: rich("brave.lead"), button: t("again") }),
  host: () => ({ icon: "failed", tone: "failed", title: t("host.title"), lead: t("host.lead"), button: t("again") }),
  invite: () => ({ icon: "ticket", tone: "retrying", title: t("invite.title"), lead: t("invite.lead"), button: t("again") }),
  badinvite: () => ({ icon: "ticket", tone: "retrying", title: t("badinvite.title"), lead: t("badinvite.lead"), button: t("badinvite.button") }),
  busy: () => ({ icon: "info", tone: "retrying", title: t("busy.title"), lead: t("busy.lead"), button: t("again") }),
  refused: () => ({ icon: "failed", tone: "failed", title: t("refused.title"), lead: t("refused.lead"), button: t("again") }),
  muted: () => ({ icon: "blocked", tone: "retrying", title: t("muted.title"), lead: t("muted.lead"), button: false }),
  dismissed: () => ({ icon: "info", tone: "retrying", title: t("dismissed.title"), lead: t("dismissed.lead"), button: false }),
  offlineoff: () => ({ icon: "offline", tone: "retrying", title: t("offlineoff.title"), lead: t("offlineoff.lead"), button: false }),
};

export function Obstacle({ kind }) {
  const { icon, tone, title, lead, button, copy } = (obstacles[kind] || obstacles.refused)();
  return html`<section class="narrow stack">
    <${Hero} icon=${icon} tone=${tone} title=${title} lead=${lead} />
    ${kind === "blocked" && html`<${Unblock} />`}
    <${Remedy} kind=${kind} detail=${detail.value} host=${host.value} />
    ${copy ? html`<${Copy} />` : html`<${Again} words=${button} />`}
    ${kind === "blocked" && html`
      <${More} summary=${t("blocked.private.summary")}><p class="small muted">${t("blocked.private.body")}</p><//>
      <${More} summary=${t("mute.summary")}><p class="small muted">${t("mute.body")}</p><//>`}
  </section>`;
}

export function Hero({ icon, tone, title, lead }) {
  return html`<div class="hero">
    <span class="glyph" data-o=${tone}><${Icon} name=${icon} /></span>
    <h1 tabindex="-1">${title}</h1>
    <p class="lead">${lead}</p>
  </div>`;
}

export function Again({ words = t("check") }) {
  const waits = busy.value !== "";
  return html`<button class="btn primary big wide" type="button" aria-busy=${String(waits)} onClick=${retry}>
    ${!waits && html`<${Icon} name="again" />`}${waits ? t("checking") : words}
  </button>`;
}

// Remedy adds what only this case knows: what the other side said, whom to ask.
export function Remedy({ kind, detail, host }) {
  if (kind === "host") return html`<p class="small">${rich("host.owner", { host })}</p><${Said} words=${t("server.said", { message: detail })} />`;
  if (kind === "unsupported") return html`<p class="small muted">${t("unsupported.inside")}</p>`;
  if (!detail) return null;
  if (["refused", "invite", "badinvite"].includes(kind)) return html`<${Said} words=${t("server.said", { message: detail })} />`;
  if (kind === "service" || kind === "worker") return html`<${Said} words=${t("browser.said", { message: detail })} />`;
  return null;
}

const Said = ({ words }) => html`<p class="small muted">${words}</p>`;

function Unblock() {
  return html`<div class="card"><ol class="steps">
    <li>${steps()[0]}${family === "chrome" && html`<${AddressBar} />`}</li>
    <li>${steps()[1]}</li>
    <li>${t("blocked.3")}</li>
  </ol></div>`;
}

function steps() {
  if (family === "firefox") return [rich("blocked.firefox.1"), rich("blocked.firefox.2")];
  if (family === "safari") return [rich("blocked.safari.1"), rich("blocked.safari.2")];
  if (family === "ios") return [rich("blocked.ios.1", { name: instance }), rich("blocked.ios.2")];
  return [rich("blocked.chrome.1"), rich("blocked.chrome.2")];
}

const copied = signal(false);

function Copy() {
  const copy = async () => {
    await navigator.clipboard.writeText(location.href).catch(() => {});
    copied.value = true;
  };
  return html`<button class="btn primary big wide" type="button" onClick=${copy}>
    <${Icon} name=${copied.value ? "sent" : "copy"} /><span aria-live="polite">${copied.value ? t("copied") : t("copy")}</span>
  </button>`;
}
