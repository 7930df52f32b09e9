// One route: what it does, who may, what to send and what comes back.
import { html } from "../parts/html.js";
import { Icon } from "../parts/icon.js";
import { body, curl, follow, inner } from "./document.js";
import { Fields, Parameters } from "./schema.js";
import { Rich } from "./text.js";

const danger = (method) => (method === "DELETE" ? "failed" : "closed");
const outcome = (status) => (status < 300 ? "sent" : status < 400 ? "closed" : status < 500 ? "expired" : "failed");

export function Method({ name }) {
  return html`<span class="badge plain method" data-o=${name === "GET" ? "sending" : danger(name)}>${name}</span>`;
}

// scopes are the roles that open the route; admin opens all of them.
function scopes({ security }) {
  const roles = security.filter((way) => !way.session).flatMap(({ token }) => token || ["none"]);
  if (!roles.length) return ["no token"];
  return roles.includes("none") ? ["token optional"] : roles.filter((role) => role !== "admin" || roles.length === 1);
}

function Command({ text }) {
  const copy = (event) => navigator.clipboard?.writeText(text).then(() => {
    const button = event.target.closest("button");
    button.dataset.done = "";
    setTimeout(() => delete button.dataset.done, 2000);
  });
  return html`<div class="stack tight">
    <div class="row command"><h4 class="grow">Example</h4>
      ${navigator.clipboard && html`<button class="btn small quiet" type="button" onClick=${copy}><${Icon} name="copy" /><span class="before">Copy</span><span class="after">Copied</span></button>`}</div>
    <pre class="code" tabindex="0" aria-label="Example">${text}</pre>
  </div>`;
}

function Answer({ status, answer }) {
  const bodies = Object.entries(answer.content || {});
  const headers = Object.entries(answer.headers || {});
  const deep = headers.length > 0 || bodies.some(([, { schema }]) => inner(schema).length > 0);
  const head = html`<span class="badge plain num" data-o=${outcome(status)}>${status}</span><span class="grow"><${Rich} text=${answer.description} /></span>`;
  if (!deep) return html`<li class="answer">${head}</li>`;
  return html`<li><details class="answer-more">
    <summary class="answer">${head}<${Icon} name="chev" /></summary>
    <div class="stack tight answer-body">
      ${headers.length > 0 && html`<dl class="fields">${headers.map(([name, { description }]) => html`<div key=${name}>
        <dt><code>${name}</code> <span class="muted tiny">header</span></dt><dd><${Rich} text=${description} /></dd></div>`)}</dl>`}
      ${bodies.map(([media, { schema, example }]) => html`<div key=${media} class="stack tight">
        <p class="small muted"><code>${media}</code>${follow(schema).named && html` ${follow(schema).named}`}</p>
        <${Fields} schema=${schema} />
        ${typeof example === "object" && html`<pre class="code" tabindex="0" aria-label="Example">${JSON.stringify(example, null, 2)}</pre>`}
      </div>`)}
    </div>
  </details></li>`;
}

function Part({ title, children }) {
  return html`<div class="stack tight"><h4>${title}</h4>${children}</div>`;
}

export function Operation({ document, of }) {
  const { operationId, method, path, summary, description, parameters = [], requestBody, responses } = of;
  const { schema } = body(requestBody);
  return html`<article class="card stack operation" id=${operationId} aria-labelledby=${`${operationId}-title`}>
    <header class="stack tight">
      <div class="row"><h3 class="grow" id=${`${operationId}-title`}><a class="plain" href=${`#${operationId}`}>${summary}</a></h3>
        ${scopes(of).map((scope) => html`<span class="badge plain" data-o="canceled" key=${scope}>${scope}</span>`)}</div>
      <p class="route"><${Method} name=${method} /> <code>${path}</code></p>
    </header>
    <div class="stack tight prose"><${Rich} text=${description} /></div>
    <${Command} text=${curl(document, of)} />
    ${parameters.length > 0 && html`<${Part} title="Parameters"><${Parameters} list=${parameters} /><//>`}
    ${schema && html`<${Part} title="Body">
      <p class="small muted"><code>${Object.keys(requestBody.content).join(", ")}</code></p><${Fields} schema=${schema} request /><//>`}
    <${Part} title="Answers"><ul class="answers">${Object.entries(responses).map(([status, answer]) =>
      html`<${Answer} key=${status} status=${Number(status)} answer=${answer} />`)}</ul><//>
  </article>`;
}
