// Rename a subscription, say whose it is, and what it hears.
import { useEffect } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { t } from "../../lang.js";
import { Chips } from "../../parts/choice.js";
import { deviceName } from "../../parts/device.js";
import { Field } from "../../parts/field.js";
import { FormDialog } from "../../parts/form.js";
import { html } from "../../parts/html.js";
import { categories } from "../categories.js";
import { toast, troubled } from "../toasts.js";
import { changeOne } from "./calls.js";

export function Edit({ subscription, onChange, onClose }) {
  const { id, label, user } = subscription;
  const chosen = useSignal(subscription.categories);
  useEffect(() => { if (!categories.items.value) categories.load(); }, []);
  const save = async (data) => {
    const after = await changeOne(id, { label: data.get("label").trim(), user: data.get("user").trim(), categories: chosen.value });
    onChange(after);
    onClose();
    const undo = () => changeOne(id, { label, user, categories: subscription.categories }).then(onChange).catch(troubled);
    toast(t("subscriptions.saved", { name: deviceName(after) }), { undo });
  };
  const offered = (categories.items.value || []).map(({ name }) => ({ value: name, label: name }));
  return html`<${FormDialog} title=${t("subscriptions.edit", { name: deviceName(subscription) })} button=${t("save")} busy=${t("saving")} onSave=${save} onClose=${onClose}>
    ${(of) => html`
      <${Field} name="label" label=${t("subscriptions.name")} optional hint=${t("subscriptions.name.hint")} error=${of("label")}>
        ${(described) => html`<input type="text" defaultValue=${label} maxlength="100" autofocus ...${described} />`}
      <//>
      <${Field} name="user" label=${t("subscriptions.user")} optional hint=${t("subscriptions.user.hint")} error=${of("user")}>
        ${(described) => html`<input type="text" defaultValue=${user} maxlength="100" autocapitalize="none" spellcheck="false" ...${described} />`}
      <//>
      ${offered.length > 0 && html`<div class="field">
        <span class="label">${t("subscriptions.categories")}</span>
        <${Chips} name="categories" label=${t("subscriptions.categories")} options=${offered} chosen=${chosen.value} onChange=${(now) => { chosen.value = now; }} />
        ${of("categories") && html`<p class="error" role="alert">${of("categories")}</p>`}
      </div>`}`}
  <//>`;
}
