// Make an invite: whose devices it brings, what they hear, how many and until when.
import { useEffect } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { t } from "../../lang.js";
import { Chips } from "../../parts/choice.js";
import { Field } from "../../parts/field.js";
import { FormDialog } from "../../parts/form.js";
import { html } from "../../parts/html.js";
import { categories } from "../categories.js";
import { Expiry, expiryOf } from "../expiry.js";
import { post, Problem } from "../server.js";

const WEEK = "7"; // days: an invite that nobody used by then was most likely lost

function usesOf(data, wrong) {
  const uses = Number(data.get("uses"));
  if (!Number.isInteger(uses) || uses < 1 || uses > 1000000) wrong.push({ field: "uses", message: t("invites.uses.wrong") });
  return uses;
}

export function Form({ onMade, onClose }) {
  const chosen = useSignal([]);
  useEffect(() => { categories.load(); }, []);
  const save = async (data) => {
    const wrong = [];
    const body = { user: data.get("user").trim(), categories: chosen.value, uses: usesOf(data, wrong), expires_at: expiryOf(data, wrong) };
    if (wrong.length) throw new Problem(422, "", wrong);
    onMade(await post("/v1/invites", body));
  };
  const offered = (categories.items.value || []).map(({ name }) => ({ value: name, label: name }));
  return html`<${FormDialog} title=${t("invites.new")} button=${t("create")} busy=${t("creating")} onSave=${save} onClose=${onClose}>
    ${(of) => html`
      <${Field} name="user" label=${t("subscriptions.user")} optional hint=${t("invites.user.hint")} error=${of("user")}>
        ${(described) => html`<input type="text" maxlength="100" autocapitalize="none" spellcheck="false" autofocus ...${described} />`}
      <//>
      ${offered.length > 0 && html`<div class="field">
        <span class="label">${t("subscriptions.categories")} <span class="muted">${t("optional")}</span></span>
        <${Chips} name="categories" label=${t("subscriptions.categories")} options=${offered} chosen=${chosen.value} describedby="invite-categories" onChange=${(now) => { chosen.value = now; }} />
        <p class="hint" id="invite-categories">${t("invites.categories.hint")}</p>
        ${of("categories") && html`<p class="error" role="alert">${of("categories")}</p>`}
      </div>`}
      <${Field} name="uses" label=${t("invites.uses")} hint=${t("invites.uses.hint")} error=${of("uses")}>
        ${(described) => html`<input type="number" inputmode="numeric" min="1" max="1000000" step="1" defaultValue="1" ...${described} />`}
      <//>
      <${Expiry} span=${WEEK} error=${of("expires_at")} />`}
  <//>`;
}
