// Sign in: one field, one button, and where the token is.
import { useSignal } from "../../vendor/signals.js";
import { instance } from "../../instance.js";
import { rich, t } from "../../lang.js";
import { Field } from "../../parts/field.js";
import { Foot, Top } from "../../parts/frame.js";
import { html } from "../../parts/html.js";
import { signIn } from "../session.js";

export function SignIn() {
  const busy = useSignal(false);
  const problem = useSignal("");
  const submit = async (event) => {
    event.preventDefault();
    const token = event.currentTarget.token.value.trim();
    problem.value = token ? "" : t("signin.missing");
    if (!token || busy.value) return;
    busy.value = true;
    await signIn(token).catch((error) => { problem.value = error.status === 401 ? t("signin.wrong") : error.message; });
    busy.value = false;
  };
  return html`<${Top} />
    <main class="narrow" id="main" tabindex="-1">
      <form class="stack" onSubmit=${submit} novalidate>
        <h1>${t("signin.headline", { name: instance })}</h1>
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
