// Invites: links that let people subscribe, with a user and categories of the operator's choice.
import { useEffect, useMemo } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { isOne, number, t, when } from "../../lang.js";
import { Act } from "../../parts/acts.js";
import { Confirm } from "../../parts/dialog.js";
import { Empty } from "../../parts/empty.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Listing } from "../../parts/listing.js";
import { Time } from "../../parts/time.js";
import { Form } from "../invites/form.js";
import { Made } from "../invites/made.js";
import { createList } from "../list.js";
import { replace, to } from "../route.js";
import { remove } from "../server.js";
import { toast } from "../toasts.js";

export function Invites({ rest: [asked] }) {
  const list = useMemo(() => createList("/v1/invites", { limit: 500 }), []);
  const made = useSignal(null);
  const doomed = useSignal(null);
  useEffect(() => { list.load(); }, []);
  useEffect(() => { if (made.value) document.getElementById("made-title").focus(); }, [made.value]);
  const close = () => replace("invites");
  const show = (invite) => {
    made.value = invite;
    close();
    list.load();
  };
  const empty = html`<${Empty} icon="ticket" title=${t("invites.empty")}><p>${t("invites.empty.body")}</p>
    <a class="btn" href=${to("invites", "new")}>${t("invites.new")}</a><//>`;
  return html`<main class="page stack" id="main" tabindex="-1">
    <div class="page-head">
      <h1 class="grow" tabindex="-1">${t("nav.invites")}</h1>
      <a class="btn primary" href=${to("invites", "new")}><${Icon} name="plus" />${t("invites.new")}</a>
    </div>
    ${made.value && html`<${Made} key=${made.value.id} invite=${made.value} onClose=${() => { made.value = null; }} />`}
    <${Listing} list=${list} label=${t("nav.invites")} empty=${empty}>
      ${(items) => html`<${Table} items=${items} onDelete=${(one) => { doomed.value = one; }} />`}
    <//>
    ${asked === "new" && html`<${Form} onMade=${show} onClose=${close} />`}
    ${doomed.value && html`<${Doom} invite=${doomed.value} list=${list} onClose=${() => { doomed.value = null; }}
      onDone=${(id) => { if (made.value?.id === id) made.value = null; }} />`}
  </main>`;
}

const left = (count) => (count === 0 ? t("invites.used") : isOne(count) ? t("invites.left.one", { count: number(count) }) : t("invites.left.many", { count: number(count) }));
const ended = ({ uses, expires_at }) => uses === 0 || (expires_at && Date.parse(expires_at) < Date.now());
const whose = ({ user }) => user || t("invites.anyone");

// inShort is the second line of a folded row.
function inShort({ categories, uses, expires_at }) {
  const past = expires_at && Date.parse(expires_at) < Date.now();
  const end = past ? t("invites.expired") : expires_at && t("until", { when: when(expires_at) });
  return [categories.join(", "), left(uses), end].filter(Boolean).join(" · ");
}

function Expires({ at }) {
  if (!at) return html`<span class="muted">${t("never")}</span>`;
  return html`${Date.parse(at) < Date.now() && `${t("invites.expired")} `}<${Time} at=${at} />`;
}

function Table({ items, onDelete }) {
  return html`<table class="table fold two acted">
    <thead><tr>
      <th>${t("invites.for")}</th><th>${t("subscriptions.categories")}</th><th>${t("invites.left")}</th><th>${t("expires")}</th><th>${t("created")}</th>
      <th><span class="sr">${t("acts")}</span></th>
    </tr></thead>
    <tbody>${items.map((one) => html`<tr key=${one.id} class=${ended(one) ? "past" : undefined}>
      <td class="fold-b name">${whose(one)}</td>
      <td class="fold-x fill">${one.categories.join(", ")}</td>
      <td class="fold-x">${left(one.uses)}</td>
      <td class="fold-x"><${Expires} at=${one.expires_at} /></td>
      <td class="fold-x"><${Time} at=${one.created_at} /></td>
      <td class="fold-d narrow-only">${inShort(one)}</td>
      <td class="fold-c acts"><${Act} icon="trash" label=${t("invites.delete", { name: whose(one) })} onPress=${() => onDelete(one)} /></td>
    </tr>`)}</tbody>
  </table>`;
}

function Doom({ invite, list, onDone, onClose }) {
  const deed = async () => {
    await remove(`/v1/invites/${invite.id}`).catch((error) => { if (error.status !== 404) throw error; });
    list.change(invite.id, () => null);
    onDone(invite.id);
    toast(t("invites.deleted"));
  };
  return html`<${Confirm} title=${t("invites.delete.title", { name: whose(invite) })} body=${t("invites.delete.body")} deed=${t("delete")} busy=${t("deleting")}
    onDeed=${deed} onClose=${onClose} />`;
}
