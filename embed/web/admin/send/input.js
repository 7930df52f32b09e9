// The fields of the form, each bound to the draft's field of its name.
import { Field } from "../../parts/field.js";
import { html } from "../../parts/html.js";
import { shown } from "./check.js";
import { draft, set } from "./draft.js";

const keep = (field) => (event) => set({ [field]: event.currentTarget.value });

// Input's name is the API's field, by which errors find it; field is the draft's, where that has another name.
export function Input({ name, field = name, label, hint, optional = true, ...rest }) {
  return html`<${Field} name=${name} id=${`send-${field}`} label=${label} optional=${optional} hint=${hint} error=${shown(name)}>
    ${(described) => html`<input type="text" autocomplete="off" value=${draft.value[field]} onInput=${keep(field)} ...${described} ...${rest} />`}
  <//>`;
}

export function Text({ name, label, hint, ...rest }) {
  return html`<${Field} name=${name} id=${`send-${name}`} label=${label} optional hint=${hint} error=${shown(name)}>
    ${(described) => html`<textarea value=${draft.value[name]} onInput=${keep(name)} ...${described} ...${rest}></textarea>`}
  <//>`;
}

export const Address = (props) => html`<${Input} type="url" inputmode="url" placeholder="https://" spellcheck=${false} ...${props} />`;

// Select's options are [value, label]; one that is not among them is kept and shown as other(value) says it.
export function Select({ name, field = name, label, hint, options, other = String }) {
  const value = draft.value[field];
  const all = options.some(([known]) => known === value) ? options : [[value, other(value)], ...options];
  return html`<${Field} name=${name} id=${`send-${field}`} label=${label} hint=${hint} error=${shown(name)}>
    ${(described) => html`<select value=${value} onChange=${keep(field)} ...${described}>
      ${all.map(([option, words]) => html`<option key=${option} value=${option} selected=${option === value}>${words}</option>`)}
    </select>`}
  <//>`;
}

export function Check({ name, label, disabled }) {
  return html`<label class="option"><input type="checkbox" name=${name} checked=${draft.value[name] && !disabled} disabled=${disabled}
    onChange=${(event) => set({ [name]: event.currentTarget.checked })} /><span>${label}</span></label>`;
}
