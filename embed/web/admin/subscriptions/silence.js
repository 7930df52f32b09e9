// Devices that have stopped receiving: their push service takes the messages, and nothing is shown any more.
import { t, when } from "../../lang.js";
import { kindOf } from "../../parts/agent.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Badge } from "../../parts/outcome.js";
import { instance } from "../../instance.js";

const DAY = 86400000; // milliseconds

// silentSince is when a subscription showed something for the last time, or came, if what was sent a day and
// more after that has not been shown; otherwise null.
export function silentSince({ created_at, last_displayed_at, last_sent_at }) {
  const since = last_displayed_at || created_at;
  return last_sent_at && Date.parse(last_sent_at) - Date.parse(since) > DAY ? since : null;
}

export function Silent({ since }) {
  return html`<${Badge} outcome="retrying">${t("silent.since", { when: when(since) })}<//>`;
}

// remedies are what helps on the device, the likeliest first.
function remedies(agent) {
  switch (kindOf(agent)) {
    case "android": return [t("silent.android.1"), t("silent.android.2"), t("silent.open")];
    case "ios": return [t("silent.ios.1", { name: instance }), t("silent.ios.2", { name: instance }), t("silent.open")];
    case "desktop": return [t("silent.desktop.1"), t("silent.desktop.2"), t("silent.open")];
    default: return [t("silent.any"), t("silent.open")];
  }
}

export function Remedies({ agent }) {
  return html`<ul class="stack tight small dashed">${remedies(agent).map((one) => html`<li key=${one}>${one}</li>`)}</ul>`;
}

// SilentNotice says what has happened to a silent device, and what to do.
export function SilentNotice({ subscription, since }) {
  return html`<div class="notice" data-o="retrying"><${Icon} name="retrying" />
    <div class="grow stack tight">
      <p><b>${t("silent.since", { when: when(since) })}</b></p>
      <p class="small">${t("silent.lead")}</p>
      <${Remedies} agent=${subscription.user_agent} />
    </div>
  </div>`;
}
