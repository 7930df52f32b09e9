// Opened over plain http, the usual case on a home network: where to go, and what the operator can do.
import { base } from "../instance.js";
import { rich, t } from "../lang.js";
import { html } from "../parts/html.js";
import { Again, Hero } from "./obstacle.js";

const port = location.port ? `:${location.port}` : "";
const local = `http://localhost${port}/`;
const secure = base.startsWith("https:") && new URL(base).origin !== location.origin ? new URL(base) : null;

// The way to the https address keeps the query, so that an invite is not lost.
const address = secure && `${secure.origin}/${location.search}`;
const caddyfile = `${secure ? secure.host : "push.example.org"}\nreverse_proxy 127.0.0.1${port || ":80"}`;

export function Insecure() {
  return html`<section class="narrow stack">
    <${Hero} icon="unlock" tone="retrying" title=${t("insecure.title")} lead=${rich("insecure.lead", { origin: location.origin })} />
    ${secure
      ? html`<a class="btn primary big wide" href=${address}><span class="clip">${t("insecure.open", { address: secure.origin })}</span></a>`
      : html`<${Again} />`}
    <div class="card stack">
      <h2>${t("insecure.owner")}</h2>
      <ol class="steps">
        <li>${rich("insecure.https")}<pre class="code" tabindex="0" aria-label="Caddyfile">${caddyfile}</pre></li>
        <li>${rich("insecure.tls")}</li>
        <li>${rich("insecure.local", { address: local }, { a: (text) => html`<a href=${local}>${text}</a>` })}</li>
      </ol>
    </div>
  </section>`;
}
