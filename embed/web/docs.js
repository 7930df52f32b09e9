// The page /docs: openapi.json for people.
import { signal } from "./vendor/signals.js";
import { render } from "./vendor/preact.js";
import { groups, load } from "./docs/document.js";
import { Method, Operation } from "./docs/operation.js";
import { Rich } from "./docs/text.js";
import { html } from "./parts/html.js";
import { Icon, Mark, ThemeIcon } from "./parts/icon.js";
import { instance } from "./instance.js";

const themes = ["auto", "light", "dark"];
const theme = signal(window.recadoTheme.read());
const found = signal(null);
const trouble = signal("");

function turn() {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length];
  window.recadoTheme.set(theme.value);
}

function Top() {
  const word = `Theme: ${theme.value === "auto" ? "automatic" : theme.value}`;
  return html`<header class="top">
    <a class="brand" href="/"><${Mark} class="mark" /><span class="clip">${instance}</span></a>
    <span class="muted">API</span>
    <span class="grow"></span>
    <a class="btn small quiet" href="/openapi.json">openapi.json</a>
    <button class="btn quiet icon small" type="button" aria-label=${word} title=${word} onClick=${turn}><${ThemeIcon} /></button>
  </header>`;
}

const anchor = (name) => `tag-${name.toLowerCase().replaceAll(" ", "-")}`;

function Contents({ list }) {
  return html`<nav class="contents" aria-label="Routes">${list.map(({ name, operations }) => html`<div key=${name}>
    <a class="contents-tag" href=${`#${anchor(name)}`}>${name}</a>
    <ul>${operations.map(({ operationId, method, summary }) => html`<li key=${operationId}><a href=${`#${operationId}`}><${Method} name=${method} /><span class="clip">${summary}</span></a></li>`)}</ul>
  </div>`)}</nav>`;
}

function Page({ document }) {
  const list = groups(document);
  return html`
    <aside class="side"><${Contents} list=${list} /></aside>
    <div class="stack content">
      <div class="row"><h1 class="grow">${document.info.title} API</h1><span class="muted small">${document.info.version}</span></div>
      <details class="card side-fold"><summary class="row"><b class="grow">Routes</b><${Icon} name="chev" /></summary><${Contents} list=${list} /></details>
      <div class="stack tight prose"><${Rich} text=${document.info.description} /></div>
      <div class="stack tight prose"><h2>Authorization</h2><${Rich} text=${document.components.securitySchemes.token.description} /></div>
      ${list.map(({ name, description, operations }) => html`<section class="stack" key=${name} aria-labelledby=${anchor(name)}>
        <div class="stack hair group-head"><h2 class="big" id=${anchor(name)}>${name}</h2><div class="muted"><${Rich} text=${description} /></div></div>
        ${operations.map((of) => html`<${Operation} key=${of.operationId} document=${document} of=${of} />`)}
      </section>`)}
    </div>`;
}

function App() {
  return html`
    <a class="skip" href="#main">Skip to content</a>
    <${Top} />
    <main class="page docs-page" id="main" tabindex="-1" aria-busy=${String(!found.value && !trouble.value)}>
      ${found.value && html`<${Page} document=${found.value} />`}
      ${trouble.value && html`<div class="notice" data-o="failed" role="alert"><p>The document did not load (${trouble.value}). Load the page again.</p></div>`}
    </main>`;
}

render(html`<${App} />`, document.getElementById("app"));

load().then((loaded) => {
  found.value = loaded;
  // What the address names is there only now.
  requestAnimationFrame(() => location.hash && document.getElementById(location.hash.slice(1))?.scrollIntoView());
}, (error) => { trouble.value = error.message; });
