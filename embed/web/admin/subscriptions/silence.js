// Devices that have stopped receiving: their push service takes the messages, and nothing is shown any more.
import { useEffect } from "../../vendor/preact-hooks.js";
import { signal } from "../../vendor/signals.js";
import { instance } from "../../instance.js";
import { t, when } from "../../lang.js";
import { kindOf } from "../../parts/agent.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Badge } from "../../parts/outcome.js";
import { get } from "../server.js";
import { stats } from "../stats.js";

const FAILING = 3; // deliveries in a row
const MOST = 500; // as many as the server lists at once

// silent holds the ids of those that have stopped receiving. Who has, the server decides.
const silent = signal(new Set());

// followSilent keeps it up to date while a component is shown.
export function followSilent() {
  const count = stats.value?.silent || 0;
  useEffect(() => {
    if (!count) silent.value = new Set();
    else get(`/v1/subscriptions?silent=true&limit=${MOST}`).then(({ items }) => { silent.value = new Set(items.map(({ id }) => id)); }, () => {});
  }, [count]);
}

// silenceOf is null, or since when a subscription has been silent: {since}, or {failures} when they are the reason.
export function silenceOf({ id, created_at, last_displayed_at, failures }) {
  if (!silent.value.has(id)) return null;
  return failures >= FAILING ? { failures } : { since: last_displayed_at || created_at };
}

// Silent says it in a row of the table.
export function Silent({ silence }) {
  return silence.since
    ? html`<${Badge} outcome="retrying">${t("silent.since", { when: when(silence.since) })}<//>`
    : html`<${Badge} outcome="failed">${t("silent.failing")}<//>`;
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
