// The tables of the law, row by row. What a row means: `tests/law/README.md`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as conek from "../index.mjs";

const table = (name) => JSON.parse(readFileSync(new URL(`../../../tests/law/${name}`, import.meta.url)));
const camel = (name) => name.replace(/_([a-z])/g, (_, c) => c.toUpperCase());
const moments = new Set(["since", "at", "recordedAt", "validUntil", "confirmedAt", "expiresAt", "lastInboundAt",
  "numberReassignedAt", "checkedAt"]);

/** A value's JSON form as Node's surface takes it: names in camel case, moments as dates, nothing that is null. */
function toNode(value, name) {
  if (Array.isArray(value)) return value.map((v) => toNode(v));
  if (value === null || typeof value !== "object") return moments.has(name) ? new Date(value) : value;
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null)
    .map(([k, v]) => [camel(k), toNode(v, camel(k))]));
}

function merged(base, over) {
  if (!base || !over || typeof base !== "object" || typeof over !== "object" || Array.isArray(over)) return over;
  const all = { ...base };
  for (const [k, v] of Object.entries(over)) {
    if (v === null) delete all[k];
    else all[k] = merged(base[k], v);
  }
  return all;
}

const codes = (decision) => (decision.reasons ?? []).map((r) => r.code);

/** Every row as a case of one test; all that differ are told together. */
function run(name, answer) {
  test(name, () => {
    const all = table(name);
    const came = all.rows.map((row) => [row.name, answer(row, all)]);
    assert.deepEqual(Object.fromEntries(came), Object.fromEntries(all.rows.map((row) => [row.name, row.expect])));
  });
}

run("decide.json", (row, all) => {
  const decision = conek.decide(toNode(merged(all.bases[row.from], row.with)), new Date(row.at ?? all.at));
  if (decision.type === "allow") return { type: "allow", basis: decision.basis };
  const said = { type: decision.type, codes: codes(decision) };
  return decision.type === "defer" ? { ...said, until: decision.until.toISOString().replace(".000Z", "Z") } : said;
});
run("transfers.json", (row) => codes(conek.transferAllowed(toNode(row.facts), new Date(row.at))));
run("sharing.json", (row) => codes(conek.sharingAllowed(toNode(row.facts))));
run("replies.json", (row) => conek.classifyReply(row.text, toNode(row.context)));
run("holidays.json", (row) => conek.publicHolidays(row.year, row.declared).map((d) => d.date));
run("bases.json", (row) => {
  const all = conek.purposes().find((p) => p.code === row.purpose)[row.regime];
  for (const basis of Object.values(conek.LegalBasis)) {
    const check = () => conek.checkBasis(row.purpose, basis, row.regime);
    if (all.includes(basis)) assert.ok(check());
    else assert.throws(check, { code: "invalid_input" });
  }
  return all;
});
