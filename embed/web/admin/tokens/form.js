// Make a token: for whom, what it may do, and what it looks like.
import { useEffect } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { t } from "../../lang.js";
import { Chips, Choice } from "../../parts/choice.js";
import { Field } from "../../parts/field.js";
import { FormDialog } from "../../parts/form.js";
import { html } from "../../parts/html.js";
import { categories } from "../categories.js";
import { Expiry, expiryOf } from "../expiry.js";
import { post, Problem } from "../server.js";
import { scopeWord } from "./words.js";

const hints = { publish: () => t("tokens.publish.hint"), read: () => t("tokens.read.hint"), admin: () => t("tokens.admin.hint") };
const styles = { recado: () => t("tokens.style.recado"), ntfy: () => t("tokens.style.ntfy"), gotify: () => t("tokens.style.gotify") };

export function Form({ onMade, onClose }) {
  const scope = useSignal("publish");
  const chosen = useSignal([]);
  useEffect(() => { categories.load(); }, []);
  const publishes = scope.value === "publish";
  const save = async (data) => {
    const wrong = [];
    const name = data.get("name").trim();
    if (!name) wrong.push({ field: "name", message: t("tokens.name.missing") });
    const body = { name, scope: scope.value, categories: publishes ? chosen.value : [], style: data.get("style"), expires_at: expiryOf(data, wrong) };
    if (wrong.length) throw new Problem(422, "", wrong);
    onMade(await post("/v1/tokens", body));
  };
  const offered = (categories.items.value || []).map(({ name }) => ({ value: name, label: name }));
  return html`<${FormDialog} title=${t("tokens.new")} button=${t("create")} busy=${t("creating")} onSave=${save} onClose=${onClose}>
    ${(of) => html`
      <${Field} name="name" label=${t("tokens.name")} hint=${t("tokens.name.hint")} error=${of("name")}>
        ${(described) => html`<input type="text" maxlength="100" autofocus ...${described} />`}
      <//>
      <div class="field">
        <span class="label" id="token-scope">${t("tokens.scope")}</span>
        <${Choice} name="scope" labelledby="token-scope" value=${scope.value} onChange=${(value) => { scope.value = value; }}
          options=${Object.keys(hints).map((value) => ({ value, label: scopeWord(value) }))} />
        <p class="hint" role="status">${hints[scope.value]()}</p>
      </div>
      ${publishes && offered.length > 0 && html`<div class="field">
        <span class="label">${t("tokens.categories")} <span class="muted">${t("optional")}</span></span>
        <${Chips} name="categories" label=${t("tokens.categories")} options=${offered} chosen=${chosen.value} describedby="token-categories" onChange=${(now) => { chosen.value = now; }} />
        <p class="hint" id="token-categories">${t("tokens.categories.hint")}</p>
        ${of("categories") && html`<p class="error" role="alert">${of("categories")}</p>`}
      </div>`}
      <${Field} name="style" label=${t("tokens.style")} hint=${t("tokens.style.hint")} error=${of("style")}>
        ${(described) => html`<select ...${described}>${Object.entries(styles).map(([value, words]) => html`<option key=${value} value=${value}>${words()}</option>`)}</select>`}
      <//>
      <${Expiry} error=${of("expires_at")} />`}
  <//>`;
}
