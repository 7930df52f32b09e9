// The subscriber's page: one screen at a time, chosen by where this device stands.
import { effect } from "./vendor/signals.js";
import { render } from "./vendor/preact.js";
import { language, t } from "./lang.js";
import { Foot, Top } from "./parts/frame.js";
import { html } from "./parts/html.js";
import { HomeScreenFirst } from "./screens/ios.js";
import { Insecure } from "./screens/insecure.js";
import { New } from "./screens/new.js";
import { Obstacle } from "./screens/obstacle.js";
import { On } from "./screens/on.js";
import { look, rememberWords, said, screen } from "./device/device.js";
import { keep } from "./device/invite.js";
import { follow } from "./device/messages.js";

function Screen() {
  const kind = screen.value;
  if (kind === "loading") return null;
  if (kind === "new") return html`<${New} />`;
  if (kind === "on") return html`<${On} />`;
  if (kind === "insecure") return html`<${Insecure} />`;
  if (kind === "ios") return html`<${HomeScreenFirst} />`;
  return html`<${Obstacle} kind=${kind} />`;
}

function App() {
  return html`
    <a class="skip" href="#main">${t("skip")}</a>
    <${Top} />
    <main id="main" tabindex="-1" data-screen=${screen.value} aria-busy=${String(screen.value === "loading")}><${Screen} /></main>
    <p class="sr" role="status">${said.value}</p>
    ${screen.value !== "loading" && html`<${Foot} wide=${screen.value === "on"} />`}`;
}

render(html`<${App} />`, document.getElementById("app"));

effect(() => {
  document.documentElement.lang = language.value.code;
  rememberWords();
});

// The pressed button is gone after a change of screen: the new headline takes the focus over.
let before = "loading";
effect(() => {
  const now = screen.value;
  const pressed = before !== "loading" && before !== now;
  before = now;
  if (pressed) requestAnimationFrame(() => document.querySelector("h1")?.focus());
});

// Someone who allows notifications in the browser's own settings need not press anything here.
async function watchPermission() {
  const status = await navigator.permissions?.query({ name: "notifications" });
  if (status) status.onchange = look;
}

keep();
follow();
look();
watchPermission().catch(() => {}); // Safari may not know the name
