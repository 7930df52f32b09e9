// Categories: what people join and notifications address.
import { useEffect } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { isOne, number, t } from "../../lang.js";
import { Act } from "../../parts/acts.js";
import { Confirm } from "../../parts/dialog.js";
import { Empty } from "../../parts/empty.js";
import { Field } from "../../parts/field.js";
import { FormDialog } from "../../parts/form.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Listing } from "../../parts/listing.js";
import { categories } from "../categories.js";
import { to } from "../route.js";
import { Problem, post, put, remove } from "../server.js";
import { may } from "../session.js";
import { toast, troubled } from "../toasts.js";

const PATH = "/v1/pushnotification/categories";
const pathOf = ({ id }) => `${PATH}/${id}`;

export function Categories() {
  const edited = useSignal(null); // a category, or {} for a new one
  const doomed = useSignal(null);
  useEffect(() => { categories.load(); }, []);
  const create = () => { edited.value = {}; };
  const empty = html`<${Empty} icon="tag" title=${t("categories.empty")}>
    <p>${t("categories.empty.body")}</p>
    ${may("admin") && html`<button class="btn" type="button" onClick=${create}>${t("categories.new")}</button>`}
  <//>`;
  return html`<main class="page stack" id="main" tabindex="-1">
    <div class="page-head">
      <h1 class="grow" tabindex="-1">${t("nav.categories")}</h1>
      ${may("admin") && html`<button class="btn primary" type="button" onClick=${create}><${Icon} name="plus" />${t("categories.new")}</button>`}
    </div>
    <${Listing} list=${categories} label=${t("nav.categories")} empty=${empty}>
      ${(items) => html`<${Table} items=${items} onEdit=${(one) => { edited.value = one; }} onDelete=${(one) => { doomed.value = one; }} />`}
    <//>
    ${edited.value && html`<${Form} category=${edited.value} onClose=${() => { edited.value = null; }} />`}
    ${doomed.value && html`<${Doom} category=${doomed.value} onClose=${() => { doomed.value = null; }} />`}
  </main>`;
}

const subscribers = (count) => (isOne(count) ? t("categories.subscriber", { count: number(count) }) : t("categories.subscribers", { count: number(count) }));
const access = (category) => (category.public ? t("categories.public") : t("categories.private"));

function Table({ items, onEdit, onDelete }) {
  return html`<table class="table fold two acted">
    <thead><tr>
      <th>${t("categories.name")}</th><th>${t("categories.description")}</th><th>${t("categories.access")}</th><th class="r">${t("nav.subscriptions")}</th>
      ${may("admin") && html`<th><span class="sr">${t("acts")}</span></th>`}
    </tr></thead>
    <tbody>${items.map((one) => html`<tr key=${one.id}>
      <td class="fold-b name">${one.name}</td>
      <td class="fold-d fill"><span class="narrow-only">${access(one)}, ${subscribers(one.subscribers)}. </span>${one.description}</td>
      <td class="fold-x">${access(one)}</td>
      <td class="fold-x r"><a class="plain" href=${to("subscriptions", { category: one.name })}
        aria-label=${`${one.name}: ${subscribers(one.subscribers)}`}>${number(one.subscribers)}</a></td>
      ${may("admin") && html`<td class="fold-c acts">
        <${Act} icon="edit" label=${t("categories.edit", { name: one.name })} onPress=${() => onEdit(one)} />
        <${Act} icon="trash" label=${t("categories.delete", { name: one.name })} onPress=${() => onDelete(one)} />
      </td>`}
    </tr>`)}</tbody>
  </table>`;
}

function Form({ category, onClose }) {
  const known = Boolean(category.id);
  const save = async (data) => {
    const body = { name: data.get("name").trim(), description: data.get("description").trim(), public: data.has("public") };
    if (!body.name) throw new Problem(422, "", [{ field: "name", message: t("categories.name.missing") }]);
    try {
      await (known ? put(pathOf(category), body) : post(PATH, body));
    } catch (error) {
      throw error.status === 409 ? new Problem(422, "", [{ field: "name", message: t("categories.name.taken") }]) : error;
    }
    onClose();
    const { id, subscribers: count, ...before } = category;
    const undo = () => put(pathOf(category), before).catch(troubled).then(categories.load);
    if (known) toast(t("categories.saved", { name: body.name }), { undo });
    else toast(t("categories.created", { name: body.name }));
    categories.load();
  };
  return html`<${FormDialog} title=${known ? t("categories.edit", { name: category.name }) : t("categories.new")}
    button=${known ? t("save") : t("create")} busy=${known ? t("saving") : t("creating")} onSave=${save} onClose=${onClose}>
    ${(of) => html`
      <${Field} name="name" label=${t("categories.name")} error=${of("name")}>
        ${(described) => html`<input type="text" defaultValue=${category.name} maxlength="100" autofocus ...${described} />`}
      <//>
      <${Field} name="description" label=${t("categories.description")} optional hint=${t("categories.description.hint")} error=${of("description")}>
        ${(described) => html`<input type="text" defaultValue=${category.description} maxlength="500" ...${described} />`}
      <//>
      <div>
        <label class="option"><input type="checkbox" name="public" defaultChecked=${known ? category.public : true} aria-describedby="public-hint" />${t("categories.public.option")}</label>
        <p class="hint" id="public-hint">${t("categories.public.hint")}</p>
      </div>`}
  <//>`;
}

function Doom({ category, onClose }) {
  const { name } = category;
  const deed = async () => {
    try {
      await remove(pathOf(category));
    } catch (error) {
      if (error.status === 409) throw new Problem(409, t("categories.inuse"));
      if (error.status !== 404) throw error; // 404: somebody else was faster
    }
    categories.change(category.id, () => null);
    toast(t("categories.deleted", { name }));
  };
  return html`<${Confirm} title=${t("categories.delete.title", { name })} deed=${t("delete")} busy=${t("deleting")} onDeed=${deed} onClose=${onClose}
    body=${category.subscribers ? t("categories.delete.body") : t("categories.delete.none")} />`;
}
