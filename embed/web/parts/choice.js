// Choices that stand side by side: one of a few ways, or any number of many.
import { html } from "./html.js";
import { number } from "../lang.js";

// Choice is 2 to 4 exclusive ways. options are {value, label, count}; label names the group, or labelledby does.
export function Choice({ name, label, labelledby, value, options, onChange }) {
  return html`<div class="seg" role="radiogroup" aria-label=${label} aria-labelledby=${labelledby}>
    ${options.map((option) => html`<input key=${`${option.value}-input`} class="sr" type="radio" name=${name} id=${`${name}-${option.value}`}
      value=${option.value} checked=${option.value === value} onChange=${() => onChange(option.value)} />
      <label key=${option.value} for=${`${name}-${option.value}`}>${option.label} <${Count} of=${option.count} /></label>`)}
  </div>`;
}

const Count = ({ of }) => of > 0 && html`<span class="muted num">${number(of)}</span>`;

// Chips are several of many. options are {value, label, count}; chosen are values, and onChange hears the new ones,
// in the order of the options.
export function Chips({ name, label, options, chosen, onChange, describedby }) {
  const toggle = (value, on) => onChange(options.map((option) => option.value).filter((other) => (other === value ? on : chosen.includes(other))));
  return html`<div class="chips" role="group" aria-label=${label} aria-describedby=${describedby}>
    ${options.map(({ value, label: words, count }, i) => html`<span key=${value}>
      <input class="sr" type="checkbox" name=${name} id=${`${name}-${i}`} checked=${chosen.includes(value)} onChange=${(event) => toggle(value, event.currentTarget.checked)} />
      <label class="chip" for=${`${name}-${i}`}>${words} ${count !== undefined && html`<span class="muted num">${number(count)}</span>`}</label>
    </span>`)}
  </div>`;
}
