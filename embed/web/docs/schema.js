// A schema as a list of its fields, those of inner objects folded away beneath them.
import { html } from "../parts/html.js";
import { Icon } from "../parts/icon.js";
import { follow, inner, limits, shape } from "./document.js";
import { Rich } from "./text.js";

export function Fields({ schema, request }) {
  const shown = inner(schema);
  if (!shown.length) return null;
  return html`<dl class="fields">${shown.flatMap((s) => Object.entries(s.properties).map(([name, of]) => html`
    <${Field} key=${name} name=${name} of=${of} needed=${request && s.required?.includes(name)} request=${request} />`))}</dl>`;
}

function Field({ name, of, needed, request }) {
  const s = follow(of);
  const values = s.enum?.filter((value) => value !== "");
  return html`<div>
    <dt><code>${name}</code> <span class="muted tiny">${shape(of)}</span>${needed && html` <span class="tiny needed">required</span>`}</dt>
    <dd>
      ${s.description && html`<${Rich} text=${s.description} />`}
      ${values && html`<p class="small muted">${values.map((value, i) => html`${i > 0 && ", "}<code>${value}</code>`)}</p>`}
      ${limits(of).length > 0 && html`<p class="small muted">${limits(of).join(" · ")}</p>`}
      <${Inner} schema=${of} request=${request} />
    </dd>
  </div>`;
}

function Inner({ schema, request }) {
  const found = inner(schema);
  if (!found.length) return null;
  const count = found.reduce((sum, s) => sum + Object.keys(s.properties).length, 0);
  return html`<details class="more"><summary><${Icon} name="chev" />${count} fields</summary><${Fields} schema=${schema} request=${request} /></details>`;
}

export function Parameters({ list }) {
  if (!list.length) return null;
  return html`<dl class="fields">${list.map((p) => html`<div key=${p.name}>
    <dt><code>${p.name}</code> <span class="muted tiny">${p.in} · ${shape(p.schema)}</span>${p.required && html` <span class="tiny needed">required</span>`}</dt>
    <dd>
      <${Rich} text=${p.description} />
      ${p.schema.enum && html`<p class="small muted">${p.schema.enum.map((value, i) => html`${i > 0 && ", "}<code>${value}</code>`)}</p>`}
      ${limits(p.schema).length > 0 && html`<p class="small muted">${limits(p.schema).join(" · ")}</p>`}
    </dd>
  </div>`)}</dl>`;
}
