// Facts about Meta's OpenAPI file, one a line: which operations it has, which members their requests and answers have,
// and of which type. `node extract.mjs FILE` prints them; tests/simulator/fidelity/meta.txt keeps them.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { parse } from "yaml";

const METHODS = ["get", "post", "delete", "put", "patch"];
/** How deep members are followed: what lies deeper differs by the kind of message, which Prism checks. */
const DEPTH = 4;
/** Webhooks begin three levels further out. */
const DEPTH_OF_WEBHOOKS = 6;
/** What partners do for other businesses: named, and not told in detail. */
const OF_PARTNERS = /Solution|Pre-Verified|preverified|\{Application-ID\}|obo|OBO|onbehalf|partners|solution|Migration|\{User-ID\}|credits/;

/** What a reference of the file stands for. */
function resolve(file, schema, seen = new Set()) {
    while (schema?.$ref) {
        if (seen.has(schema.$ref)) return {};
        seen.add(schema.$ref);
        schema = schema.$ref.slice(2).split("/").reduce((at, key) => at?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], file);
    }
    return schema ?? {};
}

/** The types that a schema allows: those of all its alternatives. */
function types(file, schema) {
    schema = resolve(file, schema);
    const own = [schema.type ?? []].flat();
    const within = [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])];
    const all = new Set([...own, ...within.flatMap((part) => types(file, part))]);
    if (all.size === 0 && schema.properties) all.add("object");
    return [...all].sort();
}

/** Notes the members of a schema: their path, types, and whether they must be there. */
function members(file, schema, path, depth, out, sure = true, seen = []) {
    schema = resolve(file, schema);
    if (seen.includes(schema)) return;
    seen = [...seen, schema];
    for (const part of schema.allOf ?? []) members(file, part, path, depth, out, sure, seen);
    for (const part of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]) members(file, part, path, depth, out, false, seen);
    if (schema.items) members(file, schema.items, `${path}[]`, depth, out, sure, seen);
    if (depth === 0) return;
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
        const at = path ? `${path}.${name}` : name;
        const list = resolve(file, member).type === "array";
        const needed = sure && (schema.required ?? []).includes(name);
        const known = out.get(at) ?? { types: new Set(), needed };
        for (const type of types(file, member)) known.types.add(type);
        known.needed = known.needed && needed;
        out.set(at, known);
        members(file, list ? resolve(file, member).items : member, list ? `${at}[]` : at, depth - 1, out, sure, seen);
    }
}

function lines(file, kind, schema, depth) {
    const out = new Map();
    members(file, schema, "", depth, out);
    const told = [...out].map(([path, { types, needed }]) => `  ${kind} ${path}${needed ? "!" : ""} ${[...types].sort().join("|") || "any"}`);
    return told.sort();
}

/** The extract of a file's text. */
export function extract(text) {
    const file = parse(text);
    const out = [
        `# Facts about Meta's OpenAPI ${file.info.version}, derived by tests/openapi/extract.mjs; do not edit.`,
        "# An operation, then its parameters, the members given and answered with their types, and its statuses.",
        "# `!` is what must be there, `[]` what a list holds. What partners do for others is named only.",
    ];
    for (const path of Object.keys(file.paths).sort()) {
        for (const method of METHODS) {
            const operation = file.paths[path][method];
            if (!operation) continue;
            const own = path.replace("/{Version}", "");
            const depth = own === "/whatsapp/webhooks" ? DEPTH_OF_WEBHOOKS : DEPTH;
            out.push(`${method.toUpperCase()} ${own}`);
            if (OF_PARTNERS.test(own)) continue;
            const parameters = [...(file.paths[path].parameters ?? []), ...(operation.parameters ?? [])];
            const queries = parameters.map((p) => resolve(file, p)).filter((p) => p.in === "query");
            out.push(...queries.map((q) => `  query ${q.name}${q.required ? "!" : ""} ${types(file, q.schema).join("|") || "any"}`).sort());
            const bodies = Object.values(resolve(file, operation.requestBody).content ?? {});
            out.push(...new Set(bodies.flatMap((body) => lines(file, "given", body.schema, depth)).sort()));
            out.push(`  status ${Object.keys(operation.responses).join(" ")}`);
            const answer = resolve(file, operation.responses["200"]).content?.["application/json"];
            if (answer) out.push(...lines(file, "answer", answer.schema, depth));
        }
    }
    return out.join("\n") + "\n";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    process.stdout.write(extract(readFileSync(process.argv[2], "utf8")));
}
