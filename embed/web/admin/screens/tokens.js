// Tokens: who may publish, look and administer. A token itself is seen once, when it has been made.
import { useEffect, useMemo } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { t, when } from "../../lang.js";
import { Act } from "../../parts/acts.js";
import { Confirm } from "../../parts/dialog.js";
import { Empty } from "../../parts/empty.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Listing } from "../../parts/listing.js";
import { Time } from "../../parts/time.js";
import { createList } from "../list.js";
import { replace, to } from "../route.js";
import { Problem, remove } from "../server.js";
import { session } from "../session.js";
import { toast } from "../toasts.js";
import { Form } from "../tokens/form.js";
import { Made } from "../tokens/made.js";
import { Webhooks } from "../tokens/webhooks.js";
import { scopeWord } from "../tokens/words.js";

const CONFIGURED = "config"; // the name of the one that access.admin_token gives; no other has it

export function Tokens({ rest: [asked] }) {
  const list = useMemo(() => createList("/v1/tokens", { limit: 500 }), []);
  const made = useSignal(null);
  const doomed = useSignal(null);
  useEffect(() => { list.load(); }, []);
  useEffect(() => { if (made.value) document.getElementById("made-title").focus(); }, [made.value]);
  const close = () => replace("tokens");
  const show = (token) => {
    made.value = token;
    close();
    list.load();
  };
  const empty = html`<${Empty} icon="key" title=${t("tokens.empty")}><p>${t("tokens.empty.body")}</p><//>`;
  return html`<main class="page stack" id="main" tabindex="-1">
    <div class="page-head">
      <h1 class="grow" tabindex="-1">${t("nav.tokens")}</h1>
      <a class="btn primary" href=${to("tokens", "new")}><${Icon} name="plus" />${t("tokens.new")}</a>
    </div>
    ${made.value && html`<${Made} key=${made.value.id} made=${made.value} onClose=${() => { made.value = null; }} />`}
    <${Listing} list=${list} label=${t("nav.tokens")} empty=${empty}>
      ${(items) => html`<${Table} items=${items} onRevoke=${(one) => { doomed.value = one; }} />`}
    <//>
    <${Webhooks} />
    ${asked === "new" && html`<${Form} onMade=${show} onClose=${close} />`}
    ${doomed.value && html`<${Doom} token=${doomed.value} list=${list} onClose=${() => { doomed.value = null; }}
      onDone=${(id) => { if (made.value?.id === id) made.value = null; }} />`}
  </main>`;
}

const isOver = ({ expires_at }) => expires_at && Date.parse(expires_at) < Date.now();

// grants says what a token may do: Publish, to Alerts.
function grants({ name, scope, categories }) {
  if (name === CONFIGURED) return t("tokens.configured");
  return categories.length ? t("tokens.publish.to", { categories: categories.join(", ") }) : scopeWord(scope);
}

function inShort(token) {
  const used = token.last_used_at ? t("tokens.used", { when: when(token.last_used_at) }) : t("tokens.unused");
  const end = isOver(token) ? t("tokens.expired") : token.expires_at && t("until", { when: when(token.expires_at) });
  return [grants(token), used, end].filter(Boolean).join(" · ");
}

function Table({ items, onRevoke }) {
  return html`<table class="table fold two acted">
    <thead><tr>
      <th>${t("tokens.name")}</th><th>${t("tokens.scope")}</th><th>${t("tokens.style")}</th><th>${t("created")}</th><th>${t("tokens.last")}</th><th>${t("expires")}</th>
      <th><span class="sr">${t("acts")}</span></th>
    </tr></thead>
    <tbody>${items.map((one) => html`<tr key=${one.id} class=${isOver(one) ? "past" : undefined}>
      <td class="fold-b name">${one.name}</td>
      <td class="fold-x fill">${grants(one)}</td>
      <td class="fold-x">${one.style}</td>
      <td class="fold-x"><${Time} at=${one.created_at} /></td>
      <td class="fold-x"><${Time} at=${one.last_used_at} none=${t("never")} /></td>
      <td class="fold-x">${isOver(one) && `${t("tokens.expired")} `}<${Time} at=${one.expires_at} none=${t("never")} /></td>
      <td class="fold-d narrow-only">${inShort(one)}</td>
      <td class="fold-c acts">${one.name !== CONFIGURED && html`<${Act} icon="trash" label=${t("tokens.revoke.named", { name: one.name })} onPress=${() => onRevoke(one)} />`}</td>
    </tr>`)}</tbody>
  </table>`;
}

function Doom({ token, list, onDone, onClose }) {
  const { id, name } = token;
  const own = session.value?.name === name && session.value?.scope === token.scope;
  const deed = async () => {
    try {
      await remove(`/v1/tokens/${id}`);
    } catch (error) {
      if (error.status === 409) throw new Problem(409, t("tokens.last.admin"));
      if (error.status !== 404) throw error;
    }
    list.change(id, () => null);
    onDone(id);
    toast(t("tokens.revoked", { name }));
  };
  return html`<${Confirm} title=${t("tokens.revoke.title", { name })} body=${own ? t("tokens.revoke.own") : t("tokens.revoke.body")} deed=${t("tokens.revoke")} busy=${t("tokens.revoking")}
    onDeed=${deed} onClose=${onClose} />`;
}
