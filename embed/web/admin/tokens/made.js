// A token that has just been made: it is here once, ready to be pasted where it is needed.
import { useSignal } from "../../vendor/signals.js";
import { rich, t } from "../../lang.js";
import { Choice } from "../../parts/choice.js";
import { Code } from "../../parts/code.js";
import { Copy } from "../../parts/copy.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { snippets } from "./snippets.js";

const SHORT = 10; // characters, which are sooner chosen or typed than pasted

// Made gets what POST answered: the token, as {token}, among its facts.
export function Made({ made, onClose }) {
  const all = snippets(made);
  const chosen = useSignal(all[0].id);
  const one = all.find(({ id }) => id === chosen.value);
  return html`<section class="card stack" aria-labelledby="made-title">
    <div class="row nowrap"><h2 class="grow" id="made-title" tabindex="-1">${t("tokens.made", { name: made.name })}</h2>
      <button class="btn quiet icon small" type="button" aria-label=${t("close")} onClick=${onClose}><${Icon} name="failed" /></button></div>
    <div class="notice"><${Icon} name="info" /><p class="grow">${rich("tokens.once")}</p></div>
    <${Code} text=${made.token} label=${t("signin.token")} wrap />
    <h3>${t("snippets.title")}</h3>
    <${Choice} name="snippet" label=${t("snippets.title")} value=${chosen.value} onChange=${(id) => { chosen.value = id; }}
      options=${all.map(({ id, name }) => ({ value: id, label: name }))} />
    <${Snippet} key=${one.id} snippet=${one} />
  </section>`;
}

function Snippet({ snippet: { name, lead, code, fields, more, use } }) {
  return html`<div class="stack">
    ${lead && html`<p class="muted">${lead}</p>`}
    ${code && html`<${Code} text=${code} label=${name} />`}
    ${fields && html`<dl class="facts fill-in">${fields.map(([label, value]) => html`
      <dt key=${label}>${label}</dt><dd key=${`${label}-value`}><span class="mono break">${value}</span> ${value.length > SHORT && html`<${Copy} text=${value} of=${label} />`}</dd>`)}</dl>`}
    ${use && html`<p class="muted">${more}</p><${Code} text=${use} label=${more} />`}
  </div>`;
}
