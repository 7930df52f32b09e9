// The operator's page: a frame, and in it the screen that the address names.
import { effect, untracked } from "./vendor/signals.js";
import { render } from "./vendor/preact.js";
import { instance } from "./instance.js";
import { language, t } from "./lang.js";
import { Header } from "./admin/frame.js";
import { connect, disconnect } from "./admin/live.js";
import { route } from "./admin/route.js";
import { look, may, session } from "./admin/session.js";
import { screens } from "./admin/screens.js";
import { SignIn } from "./admin/screens/signin.js";
import { Toasts } from "./admin/toasts.js";
import { Empty } from "./parts/empty.js";
import { html } from "./parts/html.js";

function skip(event) {
  event.preventDefault(); // the address is the route's
  document.getElementById("main")?.focus();
}

// Closed stands for a screen that the session may not use: an address can name any.
function Closed({ title }) {
  return html`<main class="page" id="main" tabindex="-1">
    <div class="page-head"><h1 tabindex="-1">${title}</h1></div>
    <div class="card"><${Empty} icon="key" title=${t("closed.title")}><p>${t("closed.body")}</p><//></div>
  </main>`;
}

function App() {
  const who = session.value;
  if (who === undefined) return html`<main id="main" aria-busy="true"></main>`;
  if (who === null) return html`<${SignIn} />`;
  const { name, rest } = route.value;
  const { Screen, scope } = screens[name];
  return html`
    <a class="skip" href="#main" onClick=${skip}>${t("skip")}</a>
    <${Header} />
    ${may(scope) ? html`<${Screen} key=${name} rest=${rest} />` : html`<${Closed} title=${screens[name].title()} />`}
    <${Toasts} />`;
}

render(html`<${App} />`, document.getElementById("app"));

effect(() => {
  document.documentElement.lang = language.value.code;
  document.body.className = session.value === null ? "person" : "";
  const title = session.value ? screens[route.value.name].title() : t("signin.title");
  document.title = `${title} · ${instance}`;
});

// The log is followed on every screen: the header tells whether what is shown is up to date.
effect(() => {
  const follow = session.value ? connect : disconnect;
  untracked(follow);
});

// After a press in the navigation the new screen's headline is where a screen reader goes on.
let before = route.value.name;
effect(() => {
  const { name } = route.value;
  const moved = before !== name;
  before = name;
  if (!moved) return;
  scrollTo(0, 0);
  requestAnimationFrame(() => document.querySelector("#main h1")?.focus({ preventScroll: true }));
});

look();
