// How the server is: what needs attention first, then push services, keys and figures. It is read anew all the time;
// what was read before stays meanwhile.
import { t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Trouble } from "../../parts/trouble.js";
import { may } from "../session.js";
import { refresh, stats, statsProblem } from "../stats.js";
import { Alerts } from "../system/alerts.js";
import { Facts } from "../system/facts.js";
import { Keys } from "../system/keys.js";
import { Refused } from "../system/refused.js";
import { Services } from "../system/services.js";
import { Totals } from "../system/totals.js";

export function System() {
  return html`<main class="page stack" id="main" tabindex="-1" aria-busy=${String(!stats.value && !statsProblem.value)}>
    <div class="page-head"><h1 tabindex="-1">${t("nav.system")}</h1></div>
    <${Trouble} problem=${statsProblem.value} onAgain=${refresh} />
    ${stats.value && html`
      <${Alerts} />
      <div class="split">
        <div class="stack"><${Services} /><${Refused} /><${Totals} /></div>
        <div class="stack"><${Facts} />${may("admin") && html`<${Keys} />`}</div>
      </div>`}
  </main>`;
}
