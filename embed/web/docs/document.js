// The OpenAPI document as the page needs it: references followed, operations grouped by their tag.
let whole = {};

export async function load() {
  const answer = await fetch("/openapi.json");
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  whole = await answer.json();
  return whole;
}

const methods = ["get", "post", "put", "patch", "delete"];

// groups answers the tags with their operations, in the document's order.
export function groups(document) {
  const all = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => ({ ...item[method], method: method.toUpperCase(), path })));
  return document.tags.map((tag) => ({ ...tag, operations: all.filter(({ tags }) => tags.includes(tag.name)) }));
}

// follow answers what a reference points to, with its name.
export function follow(schema) {
  if (!schema?.$ref) return schema;
  const found = schema.$ref.slice(2).split("/").reduce((at, key) => at[key], whole);
  const { $ref, ...beside } = schema;
  return { ...found, ...beside, named: $ref.split("/").pop() };
}

// shape says in a few words what kind of value a schema takes.
export function shape(schema) {
  const s = follow(schema);
  if (s.anyOf) return [...new Set(s.anyOf.map(shape))].join(" or ");
  const kinds = [s.type].flat().filter(Boolean);
  const words = kinds.map((kind) => {
    if (kind === "array") return `list of ${shape(s.items)}`;
    if (kind === "string" && s.format === "uuid") return "id";
    if (kind === "string" && s.format === "date-time") return "time";
    return kind === "string" && s.format === "uri" ? "URL" : kind;
  });
  return words.join(" or ");
}

// limits are what a value has to keep to, each a few words.
export function limits(schema) {
  const s = follow(schema);
  const out = [];
  if (s.minimum !== undefined && s.maximum !== undefined) out.push(`${s.minimum} to ${s.maximum}`);
  if (s.maxLength) out.push(`at most ${s.maxLength} characters`);
  if (s.maxItems) out.push(`at most ${s.maxItems} entries`);
  if (s.default !== undefined && s.default !== "") out.push(`default ${s.default}`);
  return out;
}

// inner are the schemas whose fields belong under a value: of an object, of a list's items, of either choice.
export function inner(schema) {
  const s = follow(schema);
  if (!s) return [];
  if (s.anyOf) return s.anyOf.flatMap(inner);
  if (s.items) return inner(s.items);
  return s.properties ? [s] : [];
}

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// json is on one line while that is easily read.
function json(value) {
  const line = JSON.stringify(value);
  return line.length <= 60 ? line : JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
}

function sample({ schema, name }) {
  const s = follow(schema);
  return s.examples?.[0] ?? s.default ?? name.toUpperCase();
}

// body is what a request carries, in the first of the media types that it may have.
export function body(request) {
  const [media, content] = Object.entries(request?.content || {})[0] || [];
  return { media, ...content };
}

// curl is the operation as a command to paste.
export function curl(document, { method, path, security, parameters = [], requestBody }) {
  const base = document.servers[0].url;
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => name.toUpperCase());
  const query = parameters.filter((p) => p.in === "query" && p.required).map((p) => `${p.name}=${encodeURIComponent(sample(p))}`).join("&");
  const lines = [`curl ${method === "GET" ? "" : `-X ${method} `}${quote(base + filled + (query && `?${query}`))}`];
  if (security.length && security[0].token) lines.push(`-H "Authorization: Bearer $TOKEN"`);
  const { media, example } = body(requestBody);
  if (media === "application/json") lines.push(`-H 'Content-Type: application/json'`);
  if (example) lines.push(`-d ${quote(typeof example === "string" ? example : json(example))}`);
  return lines.join(" \\\n  ");
}
