// The same as a command, to copy.
import { base } from "../../instance.js";
import { rich, t } from "../../lang.js";
import { Copy } from "../../parts/copy.js";
import { html } from "../../parts/html.js";
import { to } from "../route.js";
import { path } from "./check.js";
import { bodyOf, draft } from "./draft.js";

// quote makes one word of a POSIX shell of any text.
export const quote = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

// spaced is JSON in one line, with a space after each comma and colon.
export function spaced(value) {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${spaced(inner)}`).join(", ")}}`;
}

// command is the call of curl that sends body, or with an id replaces the scheduled notification of that id.
export function command(body, id) {
  const fields = Object.entries(body).map(([key, value]) => `    ${JSON.stringify(key)}: ${spaced(value)}`);
  const address = base.replace(/\/$/, "") + (id ? `${path}/${id}` : "/api/notify");
  return [
    `curl ${id ? "-X PUT " : ""}${quote(address)} \\`,
    `  -H "Authorization: Bearer $RECADO_TOKEN" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d ${quote(`{\n${fields.join(",\n")}\n  }`)}`,
  ].join("\n");
}

export function Script() {
  const text = command(bodyOf(draft.value), draft.value.editing);
  return html`<section class="card flush" aria-labelledby="send-script">
    <div class="card-head"><h2 class="grow" id="send-script">${t("send.script")}</h2><${Copy} text=${text} /></div>
    <pre class="code bare" tabindex="0" role="region" aria-label=${t("send.script.label")}>${text}</pre>
    <p class="card-foot hint">${rich("send.script.hint", {}, { a: (words) => html`<a href=${to("tokens")}>${words}</a>` })}</p>
  </section>`;
}
