// The list of the log: the table, what holds it still, and what stands beneath it.
import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import { effect, untracked, useSignal } from "../../vendor/signals.js";
import { language, t } from "../../lang.js";
import { html } from "../../parts/html.js";
import { Trouble } from "../../parts/trouble.js";
import { held } from "../live.js";
import { log } from "./feed.js";
import { hold, holding, release } from "./hold.js";
import { Table } from "./table.js";

const OFTEN = 250; // milliseconds between two numbers of what waits

// useHold lets the view stand still while anything holds it, and tells the header. go lets it go on.
export function useHold(go) {
  useEffect(() => {
    const away = listenToReading();
    const tell = () => {
      if (!document.activeElement.closest(".log-body")) hold("row", false); // its row may have left the window
      if (held.peek()) held.value = { ...held.peek(), waiting: log.peek().waiting };
    };
    const timer = setInterval(tell, OFTEN);
    const stop = effect(() => {
      const [on, one] = [holding.value, log.value];
      untracked(() => {
        if (on) one.hold();
        else one.go();
        held.value = on ? { waiting: one.waiting, go } : null;
      });
    });
    return () => {
      away.abort();
      clearInterval(timer);
      release();
      stop();
      held.value = null;
    };
  }, []);
}

// listenToReading notices that somebody scrolls, selects text or presses a row.
function listenToReading() {
  const away = new AbortController();
  const { signal } = away;
  const inside = (node) => Boolean(document.querySelector(".log-body")?.contains(node));
  const scrolled = () => hold("scrolled", scrollY > 4);
  const selected = () => hold("selected", !getSelection().isCollapsed && inside(getSelection().anchorNode));
  const lifted = () => setTimeout(hold, 0, "pressed", false); // after the click
  addEventListener("scroll", scrolled, { signal, passive: true });
  document.addEventListener("selectionchange", selected, { signal });
  document.addEventListener("pointerdown", ({ target }) => hold("pressed", inside(target)), { signal });
  document.addEventListener("pointerup", lifted, { signal });
  document.addEventListener("pointercancel", lifted, { signal });
  scrolled();
  return away;
}

// List shows the log. table, a ref, gets the Table; empty, a signal, whether no row is there.
export function List({ table, empty, isOn, ceiling, onOpen }) {
  const box = useRef(null);
  const body = useRef(null);
  const earlier = useSignal(false);
  const one = log.value;
  useEffect(() => {
    const made = (table.current = new Table({
      body: body.current, log: one, isOn, ceiling,
      told(count) {
        box.current.setAttribute("aria-rowcount", count + 1);
        empty.value = count === 0;
        earlier.value = one.earlier;
      },
    }));
    return () => {
      made.end();
      table.current = null;
    };
  }, [one]);
  const now = language.value;
  useEffect(() => table.current.rewrite(), [now]);
  const none = empty.value;
  return html`<div class="log ${none ? "none" : ""}" role="table" aria-label=${t("live.table")} ref=${box} aria-busy=${String(!one.ready.value)}>
      <div class="log-row log-head" role="row" aria-rowindex="1">
        <span role="columnheader">${t("live.head.time")}</span><span role="columnheader">${t("live.head.event")}</span><span role="columnheader">${t("live.head.device")}</span>
        <span role="columnheader">${t("live.head.notification")}</span><span role="columnheader" class="svc">${t("live.head.service")}</span>
        <span role="columnheader" class="why">${t("live.head.detail")}</span><span role="columnheader" class="r">${t("live.head.took")}</span>
      </div>
      <div class="log-body" role="rowgroup" ref=${body} ...${listening(table, onOpen)}><div role="presentation"></div></div>
    </div>
    <${Trouble} problem=${one.problem.value} />
    ${one.ready.value && (earlier.value || one.lost.value) && html`<${Earlier} one=${one} />`}`;
}

// listening is what happens in the rows: a press anywhere in one opens it, unless it ended a selection.
function listening(table, onOpen) {
  return {
    onClick(event) {
      const item = table.current.itemOf(event.target);
      if (!item || item.gap || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (getSelection().isCollapsed) onOpen(item);
    },
    onFocusIn({ target }) { hold("row", target.matches(":focus-visible")); },
    onFocusOut({ currentTarget, relatedTarget }) { if (!currentTarget.contains(relatedTarget)) hold("row", false); },
  };
}

function Earlier({ one }) {
  if (one.lost.value) return html`<p class="small muted end">${t("live.gap.old")}</p>`;
  const busy = one.loading.value;
  return html`<div class="end"><button class="btn small" type="button" aria-busy=${String(busy)} onClick=${() => one.older()}>
    ${busy ? t("live.earlier.busy") : t("live.earlier")}</button></div>`;
}
