// Sign in: one field, one button, and where the token is.
import { useSignal } from "../../vendor/signals.js";
import { base, instance } from "../../instance.js";
import { rich, t } from "../../lang.js";
import { Field } from "../../parts/field.js";
import { Foot, Top } from "../../parts/frame.js";
import { html } from "../../parts/html.js";
import { Icon } from "../../parts/icon.js";
import { Trouble } from "../../parts/trouble.js";
import { look, outside, signIn } from "../session.js";

// Under this address the browser drops the cookie of a server that has https.
const insecure = base.startsWith("https:") && location.protocol === "http:";
const elsewhere = () => rich("signin.elsewhere", { base }, { a: (words) => html`<a href=${`${base.replace(/\/$/, "")}/admin`}>${words}</a>` });

function said(error) {
  if (error.status === 401) return t("signin.wrong");
  if (error.status === 403) return insecure ? elsewhere() : new URL(base).origin === location.origin ? t("signin.scope") : error.message;
  if (error.errors?.some(({ field }) => field === "cookie")) return insecure ? elsewhere() : t("signin.cookie");
  return error.message;
}

// Outside says why somebody who was in has to come in again.
function Outside() {
  const why = outside.value;
  if (why !== "ended") return html`<${Trouble} problem=${why || null} onAgain=${look} />`;
  return html`<div class="notice" role="status"><${Icon} name="info" /><p class="grow">${t("signin.ended")}</p></div>`;
}

export function SignIn() {
  const busy = useSignal(false);
  const problem = useSignal("");
  const submit = async (event) => {
    event.preventDefault();
    const token = event.currentTarget.token.value.trim();
    problem.value = token ? "" : t("signin.missing");
    if (!token || busy.value) return;
    busy.value = true;
    await signIn(token).catch((error) => { problem.value = said(error); });
    busy.value = false;
  };
  return html`<${Top} />
    <main class="narrow" id="main" tabindex="-1">
      <form class="stack" onSubmit=${submit} novalidate>
        <h1>${t("signin.headline", { name: instance })}</h1>
        <${Outside} />
        <input type="text" name="username" autocomplete="username" value=${instance} readonly hidden />
        <${Field} name="token" label=${t("signin.token")} hint=${rich("signin.hint")} error=${problem.value}>
          ${(described) => html`<input type="password" autocomplete="current-password" spellcheck="false" autocapitalize="none" autofocus ...${described} />`}
        <//>
        <button class="btn primary wide" type="submit" aria-busy=${String(busy.value)}>${busy.value ? t("signin.busy") : t("signin.button")}</button>
        <p class="small muted"><a href="/">${t("signin.subscriber")}</a></p>
      </form>
    </main>
    <${Foot} />`;
}
