// The categories that a person can join. Before turning on they are checkboxes, because a button follows;
// afterwards switches, because each takes effect at once.
import { html } from "./html.js";
import { t } from "../lang.js";
import { categories, choose, chosen, invited } from "../device/device.js";

export function Categories({ title, live }) {
  if (!categories.value.length) return null;
  const on = chosen.value || [];
  const toggle = (name) => choose(on.includes(name) ? on.filter((other) => other !== name) : [...on, name]);
  return html`<div class="card stack tight" role="group" aria-labelledby="categories">
    <h2 id="categories">${title}</h2>
    ${live && invited.value && chosen.value === null && html`<p class="hint">${t("on.categories.invited")}</p>`}
    <div class="options">${categories.value.map(({ name, description }) => html`<label class="option" key=${name}>
      <span class="grow"><b>${name}</b> ${description && html`<span class="small muted">${description}</span>`}</span>
      <input type="checkbox" role=${live ? "switch" : undefined} aria-label=${name} checked=${on.includes(name)} onChange=${() => toggle(name)} />
    </label>`)}</div>
  </div>`;
}
