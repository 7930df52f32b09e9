// The frame of the operator's page: header with navigation (a tab bar on a phone), connection, theme, language, way out.
import { useEffect, useRef } from "../vendor/preact-hooks.js";
import { instance } from "../instance.js";
import { language, languages, number, speak, t } from "../lang.js";
import { nextTheme, ThemeButton, themeWord } from "../parts/frame.js";
import { html } from "../parts/html.js";
import { Icon, Mark, ThemeIcon } from "../parts/icon.js";
import { connection, held } from "./live.js";
import { route, to } from "./route.js";
import { screens } from "./screens.js";
import { may, signOut } from "./session.js";
import { alerts } from "./stats.js";

const MAIN = 4; // so many screens stand in the bar of a phone, the others under More

export function Header() {
  const mine = Object.entries(screens).filter(([, screen]) => may(screen.scope));
  return html`<header class="top">
    <a class="brand" href=${to("live")} aria-label=${instance}><${Mark} class="mark" /><span class="clip">${instance}</span></a>
    <nav class="nav" aria-label=${t("nav.main")}>
      ${mine.map(([name, screen], i) => html`<${Entry} key=${name} name=${name} screen=${screen} aside=${i >= MAIN} />`)}
      <${More} entries=${mine.slice(MAIN)} />
    </nav>
    <span class="grow"></span>
    <${Connection} />
    <span class="roomy"><${ThemeButton} /></span>
    <span class="roomy"><${LanguageButton} /></span>
    <button class="btn quiet icon small roomy" type="button" aria-label=${t("signout")} title=${t("signout")} onClick=${signOut}><${Icon} name="out" /></button>
  </header>`;
}

function Entry({ name, screen, aside }) {
  return html`<a class=${aside ? "more-only" : undefined} href=${to(name)} aria-current=${route.value.name === name ? "page" : undefined}>
    ${screen.icon && html`<${Icon} name=${screen.icon} />`}${screen.title()}${name === "system" && html`<${Alerts} />`}
  </a>`;
}

function Alerts() {
  const count = alerts.value.length;
  return count > 0 && html`<span class="dot"></span><span class="sr">${t("nav.alerts", { count })}</span>`;
}

// More holds what a narrow window has no room for. A choice of a screen, a press elsewhere or Escape closes it.
function More({ entries }) {
  const box = useRef(null);
  useEffect(() => {
    const close = () => { box.current.open = false; };
    const press = ({ target }) => {
      if (!box.current.contains(target) || target.closest("a")) close();
    };
    const key = (event) => {
      if (event.key !== "Escape" || !box.current.open) return;
      event.preventDefault();
      close();
      box.current.querySelector("summary").focus();
    };
    document.addEventListener("click", press);
    document.addEventListener("keydown", key, true); // before what is beneath it
    return () => {
      document.removeEventListener("click", press);
      document.removeEventListener("keydown", key, true);
    };
  }, []);
  const here = entries.some(([name]) => name === route.value.name);
  return html`<details ref=${box} class=${here ? "on" : undefined}>
    <summary><${Icon} name="dots" />${t("nav.more")}${alerts.value.length > 0 && html`<span class="dot"></span>`}</summary>
    <div class="menu">
      ${entries.map(([name, screen]) => html`<a key=${name} href=${to(name)} aria-current=${route.value.name === name ? "page" : undefined}>
        ${screen.title()}${name === "system" && html`<${Alerts} />`}</a>`)}
      <div class="cramped"><hr />
        <${ThemeEntry} />
        <${LanguageEntry} />
        <button type="button" onClick=${signOut}><${Icon} name="out" />${t("signout")}</button>
      </div>
    </div>
  </details>`;
}

function ThemeEntry() {
  return html`<button type="button" onClick=${nextTheme}><${ThemeIcon} />${themeWord()}</button>`;
}

const otherLanguage = () => languages[(languages.findIndex(({ code }) => code === language.value.code) + 1) % languages.length];

function LanguageEntry() {
  const { code, name } = otherLanguage();
  return html`<button type="button" lang=${code} onClick=${() => speak(code)}><${Icon} name="language" />${name}</button>`;
}

function LanguageButton() {
  const { code, name } = otherLanguage();
  const short = code.slice(0, 2).toUpperCase();
  return html`<button class="btn quiet small" type="button" lang=${code} title=${name} aria-label=${`${short}, ${name}`}
    onClick=${() => speak(code)}>${short}</button>`;
}

const outcome = { live: "sent", paused: "retrying", connecting: "retrying", offline: "failed" };

function words({ state, again, waiting }) {
  if (state === "live") return t("connection.live");
  if (state === "paused") return waiting ? t("connection.paused.new", { count: number(waiting) }) : t("connection.paused");
  return state === "offline" ? t("connection.offline", { seconds: again }) : t("connection.connecting");
}

// Connection is spoken only when the state changes, so its text and its announcement are two things.
function Connection() {
  const now = connection.value;
  const look = { class: "pill", "data-o": outcome[now.state], "data-state": now.state };
  return html`${now.state === "paused"
    ? html`<button ...${look} type="button" title=${t("connection.go")} onClick=${() => held.value.go()}><span class="clip">${words(now)}</span></button>`
    : html`<span ...${look}><span class="clip">${words(now)}</span></span>`}
    <span class="sr" role="status">${words({ state: now.state, again: now.first })}</span>`;
}
