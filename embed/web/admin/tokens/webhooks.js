// The webhooks of the configuration: what came last for each, and its templates to try on that. Nothing here is kept:
// what is good goes into the configuration file.
import { useEffect, useMemo } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { instance } from "../../instance.js";
import { t } from "../../lang.js";
import { Code } from "../../parts/code.js";
import { Field } from "../../parts/field.js";
import { html } from "../../parts/html.js";
import { Icon, Mark } from "../../parts/icon.js";
import { Time } from "../../parts/time.js";
import { createList } from "../list.js";
import { post } from "../server.js";

const PATIENCE = 400; // milliseconds after the last key

const fields = ["title", "body", "url", "urgency", "tag"];

const words = {
  title: () => t("webhooks.title"),
  body: () => t("webhooks.body"),
  url: () => t("webhooks.url"),
  urgency: () => t("webhooks.urgency"),
  tag: () => t("webhooks.tag"),
};

export function Webhooks() {
  const list = useMemo(() => createList("/v1/webhooks", { limit: 500 }), []);
  useEffect(() => { list.load(); }, []);
  const items = list.items.value || [];
  return items.length > 0 && html`<section class="card flush" aria-labelledby="webhooks">
    <div class="card-head"><h2 class="grow" id="webhooks">${t("webhooks")}</h2>
      <button class="btn quiet small" type="button" aria-busy=${String(list.busy.value)} onClick=${list.load}><${Icon} name="again" />${t("webhooks.again")}</button></div>
    ${items.map((one) => html`<${Webhook} key=${one.name} webhook=${one} />`)}
  </section>`;
}

function Webhook({ webhook }) {
  const open = useSignal(false);
  const { name, last_received_at: at, last_sender: sender, last_error: error } = webhook;
  return html`<details class="more webhook" onToggle=${(event) => { open.value = event.currentTarget.open; }}>
    <summary><${Icon} name="chev" /><b>${name}</b>
      <span class="small muted">${at ? html`${sender} <${Time} at=${at} />` : t("webhooks.nothing")}</span>
      ${error && html`<span class="badge" data-o="failed"><${Icon} name="failed" />${t("webhooks.failing")}</span>`}
    </summary>
    ${open.value && html`<${Try} webhook=${webhook} />`}
  </details>`;
}

// Try asks the server what the templates as they stand here make of the last payload.
function Try({ webhook }) {
  const given = useSignal(Object.fromEntries(fields.map((field) => [field, webhook[field]])));
  const shown = useSignal(null);
  const problem = useSignal(null);
  useEffect(() => {
    const ask = async () => {
      try {
        shown.value = await post("/v1/webhooks/preview", { name: webhook.name, ...given.value });
        problem.value = null;
      } catch (error) { problem.value = error; }
    };
    const timer = setTimeout(ask, PATIENCE);
    return () => clearTimeout(timer);
  }, [given.value, webhook.last_received_at]);
  const wrong = (field) => problem.value?.of(field) || "";
  return html`<div class="split even more-body">
    <div class="stack tight">
      ${fields.map((field) => html`<${Field} key=${field} name=${field} id=${`${webhook.name}-${field}`} label=${words[field]()} optional error=${wrong(field)}>
        ${(described) => html`<textarea class="mono" rows=${field === "body" ? 4 : 1} spellcheck="false" value=${given.value[field]}
          onInput=${(event) => { given.value = { ...given.value, [field]: event.currentTarget.value }; }} ...${described}></textarea>`}
      <//>`)}
    </div>
    <div class="stack tight">
      <h3>${t("webhooks.preview")}</h3>
      ${wrong("payload") ? html`<p class="small muted">${t("webhooks.none")}</p>` : html`<${Note} shown=${shown.value} />`}
      ${problem.value && !problem.value.errors.length && html`<p class="error" role="alert">${problem.value.message}</p>`}
      <p class="small muted">${t("webhooks.keep")}</p>
      <${Code} text=${toml(webhook.name, given.value)} label=${t("webhooks.toml")} />
    </div>
  </div>`;
}

function Note({ shown }) {
  return shown && html`<div class="stage"><figure class="note phone" aria-label=${t("webhooks.preview")}>
    <figcaption class="row nowrap tiny muted"><span class="app"><${Mark} /></span><span class="clip">${instance}</span></figcaption>
    <p><b>${shown.title}</b></p><p class="small muted body">${shown.body}</p>
  </figure></div>`;
}

// toml writes the table as the configuration file has it. JSON's quotes are TOML's basic strings, but for DEL.
function toml(name, given) {
  const key = /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
  const lines = fields.filter((field) => given[field]).map((field) => `${field} = ${JSON.stringify(given[field]).replace(/\u007f/g, "\\u007F")}`);
  return [`[webhook.${key}]`, ...lines].join("\n");
}
