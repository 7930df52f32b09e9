// The buttons of a notification: a word and where it leads.
import { useRef } from "../../vendor/preact-hooks.js";
import { t } from "../../lang.js";
import { Field } from "../../parts/field.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { shown } from "./check.js";
import { draft, set } from "./draft.js";

const MOST = 10;

export function Buttons() {
  const box = useRef(null);
  const { actions } = draft.value;
  const add = () => {
    set({ actions: [...actions, { title: "", url: "" }] });
    requestAnimationFrame(() => box.current?.querySelector(`[name="actions[${actions.length}].title"]`)?.focus());
  };
  const change = (i, some) => set({ actions: actions.map((action, j) => (j === i ? { ...action, ...some } : action)) });
  const drop = (i) => {
    set({ actions: actions.filter((_, j) => j !== i) });
    box.current.querySelector(".add").focus();
  };
  return html`<div class="stack tight" ref=${box} role="group" aria-label=${t("send.buttons")}>
    ${actions.map((action, i) => html`<${Row} key=${i} action=${action} i=${i} onChange=${(some) => change(i, some)} onDrop=${() => drop(i)} />`)}
    <div class="row"><button class="btn small add" type="button" disabled=${actions.length >= MOST} onClick=${add}><${Icon} name="plus" />${t("send.buttons.add")}</button>
      <span class="hint">${t("send.buttons.hint")}</span></div>
  </div>`;
}

function Row({ action, i, onChange, onDrop }) {
  const input = (field, type, label) => html`<${Field} name=${`actions[${i}].${field}`} id=${`send-button-${i}-${field}`} label=${label} optional=${field === "url"} error=${shown(`actions[${i}].${field}`)}>
    ${(described) => html`<input type=${type} autocomplete="off" placeholder=${field === "url" ? "https://" : undefined} value=${action[field]}
      onInput=${(event) => onChange({ [field]: event.currentTarget.value })} ...${described} />`}
  <//>`;
  return html`<div class="button-row">
    ${input("title", "text", t("send.button.title", { n: i + 1 }))}
    ${input("url", "url", t("send.url"))}
    <button class="btn quiet icon" type="button" aria-label=${t("send.button.remove", { n: i + 1 })} title=${t("send.button.remove", { n: i + 1 })} onClick=${onDrop}><${Icon} name="failed" /></button>
  </div>`;
}
