// Opens the form with an earlier notification in it: #/send/again/ID, #/send/edit/ID.
import { useEffect } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { t } from "../../lang.js";
import { replace } from "../route.js";
import { get } from "../server.js";
import { toast } from "../toasts.js";
import { path } from "./check.js";
import { begun, draft, fill } from "./draft.js";
import { clear } from "./publish.js";

const NAMED = 50; // devices whose names are asked for

async function device(id) {
  try {
    const { label, user_agent, service, removed_at } = await get(`/v1/subscriptions/${id}`);
    return { id, label, user_agent, service, ended: Boolean(removed_at) };
  } catch {
    return { id, label: "", service: "", ended: false };
  }
}

async function take(deed, id) {
  const n = await get(`${path}/${id}`);
  const editing = deed === "edit" && n.state === "scheduled";
  const devices = await Promise.all(n.target.subscriptions.map((one, i) => (i < NAMED ? device(one) : { id: one, label: "", service: "" })));
  const before = draft.peek();
  const lost = begun.peek();
  clear();
  fill(n, devices, editing);
  if (lost) toast(t("send.replaced"), { undo: () => { draft.value = before; } });
  if (deed === "edit" && !editing) toast(t("send.started"), { trouble: true });
}

// useOpened answers whether it is still being fetched, why it could not be, and how to try again.
export function useOpened([deed, id]) {
  const loading = useSignal(Boolean(id));
  const problem = useSignal(null);
  const again = async () => {
    loading.value = true;
    problem.value = null;
    try {
      await take(deed, id);
      replace("send");
    } catch (error) {
      problem.value = error;
    }
    loading.value = false;
  };
  useEffect(() => { if (id) again(); }, [deed, id]);
  return { loading: loading.value, problem: problem.value, again };
}
