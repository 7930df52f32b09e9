// The keys that push services know this server by: every subscription is bound to one.
import { useEffect, useMemo } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { isOne, moment, number, rich, t } from "../../lang.js";
import { Confirm } from "../../parts/dialog.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Trouble } from "../../parts/trouble.js";
import { createList } from "../list.js";
import { to } from "../route.js";
import { post, Problem, remove } from "../server.js";
import { toast } from "../toasts.js";

export function Keys() {
  const list = useMemo(() => createList("/v1/keys", { limit: 500 }), []);
  const asked = useSignal(null); // "rotate", or the key to retire
  useEffect(() => { list.load(); }, []);
  const close = () => { asked.value = null; };
  const items = list.items.value || [];
  return html`<section class="card flush" aria-labelledby="keys-title">
    <div class="card-head wrap"><h2 class="grow" id="keys-title">${t("system.keys")}</h2>
      ${items.length > 0 && html`<button class="btn small" type="button" onClick=${() => { asked.value = "rotate"; }}><${Icon} name="again" />${t("system.keys.rotate")}</button>`}</div>
    <${Trouble} problem=${list.problem.value} onAgain=${list.load} />
    <ul class="list">${items.map((one, i) => html`<${Key} key=${one.id} item=${one} newest=${i === 0} onRetire=${() => { asked.value = one; }} />`)}</ul>
    <p class="card-foot hint">${rich("system.keys.hint")}</p>
    ${asked.value === "rotate" && html`<${Rotate} list=${list} onClose=${close} />`}
    ${asked.value?.id && html`<${Retire} item=${asked.value} list=${list} onClose=${close} />`}
  </section>`;
}

const bound = (count) => (isOne(count) ? t("categories.subscriber", { count: number(count) }) : t("categories.subscribers", { count: number(count) }));

// fate says what becomes of the subscriptions of a key.
function fate(newest, count) {
  if (newest) return t("system.key.newest");
  return count > 0 ? t("system.key.moving") : t("system.key.unused");
}

function Key({ item: { id, created_at, subscriptions }, newest, onRetire }) {
  const name = t("system.key", { when: moment(created_at) });
  return html`<li class="row nowrap">
    <span class="grow stack hair">
      <b>${name}</b>
      <span class="small muted"><a class="plain" href=${to("subscriptions", { key: id })}>${bound(subscriptions)}</a>. ${fate(newest, subscriptions)}</span>
    </span>
    ${!newest && subscriptions === 0 && html`<button class="btn quiet red small" type="button" aria-label=${`${t("system.key.retire")}: ${name}`}
      onClick=${onRetire}>${t("system.key.retire")}</button>`}
  </li>`;
}

function Rotate({ list, onClose }) {
  const deed = async () => {
    await post("/v1/keys/rotate");
    toast(t("system.keys.rotated"));
    list.load();
  };
  return html`<${Confirm} calm title=${t("system.keys.rotate.title")} body=${t("system.keys.rotate.body")}
    deed=${t("system.keys.rotate")} busy=${t("creating")} keep=${t("cancel")}
    onDeed=${deed} onClose=${onClose} />`;
}

function Retire({ item, list, onClose }) {
  const deed = async () => {
    try {
      await remove(`/v1/keys/${encodeURIComponent(item.id)}`);
    } catch (error) {
      if (error.status === 409) {
        list.load(); // somebody has come to it meanwhile
        throw new Problem(409, t("system.key.inuse"));
      }
      if (error.status !== 404) throw error;
    }
    list.change(item.id, () => null);
    toast(t("system.key.retired"));
  };
  return html`<${Confirm} title=${t("system.key.retire.title", { when: moment(item.created_at) })} body=${t("system.key.retire.body")}
    deed=${t("system.key.retire")} busy=${t("system.key.retiring")}
    onDeed=${deed} onClose=${onClose} />`;
}
