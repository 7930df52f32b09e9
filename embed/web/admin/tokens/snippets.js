// How a publisher is set up with a token: things to paste, and fields to fill in. Words are keys, so that they follow the language.
import { base } from "../../instance.js";
import { t } from "../../lang.js";
import { quote, spaced } from "../send/script.js";

const origin = base.replace(/\/$/, "");
const bearer = (token) => `Authorization: Bearer ${token}`;

// targeted adds the categories that the token is limited to: without them it may not publish by /api.
const targeted = (fields, categories) => (categories.length ? { ...fields, target: { categories } } : fields);

// form is a call of curl that takes any text as it is.
const form = (token, fields) => `curl -fsS ${quote(`${origin}/message`)} -H ${quote(bearer(token))} \\\n    ${fields.map((field) => `--data-urlencode ${field}`).join(" ")}`;

const curl = ({ token, categories }) => ({
  id: "curl", name: "curl",
  code: [
    `curl ${quote(`${origin}/api/notify`)} \\`,
    `  -H ${quote(bearer(token))} \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d ${quote(spaced(targeted({ title: "Disk full", body: "sda1 at 95 %" }, categories)))}`,
  ].join("\n"),
});

const grafana = ({ token }) => ({
  id: "grafana", name: "Grafana", lead: t("snippets.grafana"),
  fields: [["Integration", "Webhook"], ["URL", `${origin}/hook`], ["HTTP Method", "POST"], ["Authorization Header – Scheme", "Bearer"], ["Authorization Header – Credentials", token]],
});

const kuma = ({ token }) => ({
  id: "kuma", name: "Uptime Kuma", lead: t("snippets.kuma"),
  fields: [["Notification Type", "Webhook"], ["Post URL", `${origin}/hook`], ["Request Body", "Preset - application/json"], ["Additional Headers", spaced({ Authorization: `Bearer ${token}` })]],
});

const home = ({ token }) => ({
  id: "home", name: "Home Assistant", lead: t("snippets.home"),
  code: [
    "rest_command:",
    "  recado:",
    `    url: "${origin}/message"`,
    "    method: post",
    "    content_type: application/json",
    "    headers:",
    `      authorization: "Bearer ${token}"`,
    "    payload: >-",
    '      {{ {"title": title | default(""), "message": message} | to_json }}',
  ].join("\n"),
  more: t("snippets.home.use"),
  use: ["action: rest_command.recado", "data:", "  title: Door left open", "  message: Front door, for 10 minutes"].join("\n"),
});

const shell = ({ token }) => ({
  id: "shell", name: t("snippets.shell.name"), lead: t("snippets.shell"),
  code: ["recado() {", `  ${form(token, ['"title=$1"', '"message=${2:-$1}"'])} > /dev/null`, "}"].join("\n"),
  more: t("snippets.shell.use"),
  use: 'make backup; recado "Backup ended" "with code $?"',
});

const cron = ({ token }) => ({
  id: "cron", name: "cron", lead: t("snippets.cron"),
  code: `0 3 * * * /usr/local/bin/backup.sh || ${form(token, ['"title=Backup failed"', '"message=on $(hostname)"']).replace("\\\n    ", "")} > /dev/null`,
});

const webhook = ({ token }) => ({ id: "webhook", name: "Webhook", lead: t("snippets.webhook"), fields: [["URL", `${origin}/hook/${token}`]] });

// A topic of ntfy's is a category whose name has no other characters.
const topic = /^[-_A-Za-z0-9]{1,64}$/;

const ntfy = ({ token, categories }) => ({
  id: "ntfy", name: "ntfy", lead: t("snippets.ntfy"),
  fields: [[t("snippets.server"), origin], [t("snippets.topic"), categories.find((name) => topic.test(name)) || t("snippets.topic.any")], [t("signin.token"), token]],
});

const gotify = ({ token }) => ({
  id: "gotify", name: "Gotify", lead: t("snippets.gotify"),
  fields: [[t("snippets.server"), origin], [t("snippets.app"), token]],
});

const stats = ({ token }) => ({ id: "curl", name: "curl", code: `curl -H ${quote(bearer(token))} ${quote(`${origin}/v1/stats`)}` });

const prometheus = ({ token }) => ({
  id: "prometheus", name: "Prometheus", lead: t("snippets.prometheus"),
  code: [
    "scrape_configs:",
    "  - job_name: recado",
    ...(origin.startsWith("https:") ? ["    scheme: https"] : []),
    `    authorization: { credentials: ${token} }`,
    `    static_configs: [{ targets: [${JSON.stringify(new URL(origin).host)}] }]`,
  ].join("\n"),
});

const styled = { ntfy: [ntfy], gotify: [gotify] };

// snippets are {id, name} with what to do as lead, and code or fields; more says how use is used.
export function snippets(token) {
  const kinds = token.scope === "read" ? [stats, prometheus] : [...(styled[token.style] || []), curl, grafana, kuma, home, webhook, shell, cron];
  return kinds.map((kind) => kind(token));
}
