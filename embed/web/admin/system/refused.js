// Push services of browsers that wanted to subscribe and may not, and how to let them.
import { isOne, moment, number, rich, t } from "../../lang.js";
import { Code } from "../../parts/code.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { stats } from "../stats.js";

// What push.allowed_hosts is when the configuration does not say; a test compares it.
const usual = ["*.googleapis.com", "*.google.com", "*.mozilla.com", "*.mozaws.net", "*.apple.com", "*.windows.com", "*.microsoft.com"];

export function Refused() {
  const { refused_hosts } = stats.value;
  if (!refused_hosts.length) return null;
  const hosts = refused_hosts.map(({ host }) => host);
  const list = (all) => all.map((host) => JSON.stringify(host)).join(", ");
  return html`<section class="card stack" aria-labelledby="refused-title">
    <h2 id="refused-title">${t("system.refused")}</h2>
    <p class="muted">${rich("system.refused.lead")}</p>
    <ul class="stack tight">${refused_hosts.map(({ host, count, last_at }) => html`<li class="row" key=${host}>
      <${Icon} name="blocked" /><b class="break">${host}</b>
      <span class="small muted">${isOne(count) ? t("system.refused.once", { when: moment(last_at) }) : t("system.refused.times", { count: number(count), when: moment(last_at) })}</span>
    </li>`)}</ul>
    <p>${rich("system.refused.how")}</p>
    <${Code} text=${`[push]\nallowed_hosts = [${list([...usual, ...hosts])}]`} label="push.allowed_hosts" wrap />
    <p class="small muted">${rich("system.refused.have", { hosts: list(hosts) })}</p>
  </section>`;
}
