// Live: what happens now, and every delivery as it happens.
import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import { useSignal } from "../../vendor/signals.js";
import { base } from "../../instance.js";
import { rich, t } from "../../lang.js";
import { Empty } from "../../parts/empty.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { connection } from "../live.js";
import { log } from "../live/feed.js";
import { filtered, narrow, widen } from "../live/filter.js";
import { hold, holding } from "../live/hold.js";
import { listenToKeys } from "../live/keys.js";
import { List, useHold } from "../live/list.js";
import { Now } from "../live/now.js";
import { Story } from "../live/story.js";
import { Toolbar } from "../live/toolbar.js";
import { go, replace, to } from "../route.js";
import { may } from "../session.js";
import { stats } from "../stats.js";

// The address may name a story, or what alone is to be shown: #/live/notification/ID, device/ID/LABEL, category/NAME.
const narrowing = {
  notification: ([notification]) => ({ notification }),
  device: ([id, label]) => ({ device: { id, label: label || t("live.unnamed") } }),
  category: ([category]) => ({ category }),
};

export function Live({ rest }) {
  const [kind, ...values] = rest;
  const story = kind === "story" && values.length === 2 ? { id: values[0], device: values[1] } : null;
  const table = useRef(null);
  const toolbar = useRef(null);
  const open = useRef(null);
  const stepped = useRef(false); // whether the story that is open left a step to go back to
  const empty = useSignal(true);
  open.current = story;
  if (!story) stepped.current = false;

  const show = ({ notification_id, subscription_id }) => {
    (open.current ? replace : go)("live", "story", notification_id, subscription_id);
    if (!open.current) stepped.current = true;
  };
  const close = () => {
    if (!open.current) return false;
    if (stepped.current) history.back();
    else replace("live");
    return true;
  };
  const goOn = () => {
    close();
    getSelection().removeAllRanges();
    document.activeElement?.closest(".log")?.querySelector(":focus")?.blur();
    hold("button", false);
    scrollTo(0, 0);
  };

  useHold(goOn);
  useEffect(() => {
    hold("story", Boolean(story));
    table.current?.schedule();
  }, [story?.id, story?.device]);
  useEffect(() => {
    if (!narrowing[kind] || !values[0]) return;
    widen();
    narrow(narrowing[kind](values));
    replace("live");
  }, [kind, ...values]);
  useEffect(() => {
    const away = new AbortController();
    listenToKeys({
      search: () => toolbar.current?.querySelector("input[type=search]").focus(),
      pause: () => (holding.peek() ? goOn() : hold("button", true)),
      move(by) {
        const item = table.current?.move(by);
        if (item && open.current && !item.gap) show(item);
      },
      leave: () => document.activeElement?.closest(".log-body") && document.activeElement.blur(),
    }, away.signal);
    return () => away.abort();
  }, []);
  return html`<div class="work">
    <main class="page stack live" id="main" tabindex="-1">
      <h1 class="sr" tabindex="-1">${t("live.title")}</h1>
      <${Elsewhere} />
      <${Now} />
      <${Log} ...${{ table, toolbar, empty, open, show, goOn }} />
    </main>
    ${story && html`<${Story} key="story" ...${story} onClose=${close} back=${() => (document.querySelector(".log-row.on a") || document.querySelector("#main h1"))?.focus({ preventScroll: true })} />`}
  </div>`;
}

// Log is the toolbar with the list, or what to do while there is nothing to list.
function Log({ table, toolbar, empty, open, show, goOn }) {
  const { ready, known } = log.value;
  const some = known.value > 0 || !empty.value || filtered.value;
  useStuck(toolbar, some);
  const isOn = (row) => open.current !== null && row.notification_id === open.current.id && row.subscription_id === open.current.device;
  const ceiling = () => Math.max(...[...document.querySelectorAll(".live .stuck, .log-head")].map((part) => part.getBoundingClientRect().bottom));
  return html`${some && html`<${Toolbar} box=${toolbar} onPause=${() => hold("button", true)} onGo=${goOn} />`}
    ${ready.value && empty.value && html`<div class="card flush">${filtered.value ? html`<${NoMatch} />` : html`<${Nothing} />`}</div>`}
    <${List} table=${table} empty=${empty} isOn=${isOn} ceiling=${ceiling} onOpen=${show} />`;
}

// useStuck tells the stylesheet how high the toolbar is, for what sticks beneath it.
function useStuck(toolbar, some) {
  useEffect(() => {
    const bar = toolbar.current;
    if (!bar) return undefined;
    const size = new ResizeObserver(() => bar.parentNode.style.setProperty("--stuck", `${bar.offsetHeight}px`));
    size.observe(bar);
    return () => size.disconnect();
  }, [some]);
}

function NoMatch() {
  return html`<${Empty} icon="search" title=${t("live.nomatch")}><p class="small">${t("live.nomatch.body")}</p>
    <button class="btn" type="button" onClick=${widen}>${t("live.clear")}</button><//>`;
}

// Nothing says what comes first: a device, or a notification.
function Nothing() {
  const nobody = stats.value?.subscriptions === 0;
  return html`<${Empty} icon="live" title=${t("live.empty")}>
    <p class="small">${nobody ? t("live.empty.subscribe") : t("live.empty.send")}</p>
    ${nobody ? html`<a class="btn primary" href="/">${t("live.empty.subscribe.button")}</a>`
      : may("admin") && html`<a class="btn primary" href=${to("send")}>${t("live.empty.send.button")}</a>`}
  <//>`;
}

// Elsewhere is for a page that was opened under another address than the server knows itself by: the log is refused there.
function Elsewhere() {
  const refused = useRef(false);
  const home = new URL(base).origin;
  const { state } = connection.value;
  if (state !== "connecting") refused.current = state === "offline";
  if (!refused.current || home === location.origin) return null;
  return html`<div class="notice" data-o="retrying" role="alert"><${Icon} name="warn" />
    <p>${rich("live.elsewhere", { here: location.origin, home }, { a: (text) => html`<a href=${`${home}/admin`}>${text}</a>` })}</p></div>`;
}
