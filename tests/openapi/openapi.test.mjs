// Every request that the engine makes, against Meta's OpenAPI file: `CONEK_META_OPENAPI` says where a copy of it lies.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { parse } from "yaml";

import { EXCEPTIONS } from "./exceptions.mjs";
import { extract } from "./extract.mjs";
import { repair } from "./repairs.mjs";
import { watch } from "./watcher.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = readFileSync(process.env.CONEK_META_OPENAPI, "utf8");
/** The engine's tests that make every kind of request. */
const TESTS = ["account::", "analytics::", "calls::", "groups::", "kinds::", "library::", "platform::", "signups::", "templates::"];
const CORE = join(root, "conek-core/src");

test("the facts about Meta's file are those of the file", () => {
    assert.equal(readFileSync(join(root, "tests/simulator/fidelity/meta.txt"), "utf8"), extract(text));
});

/** Runs a program; answers its output once it ended, or once `ready` is in it. */
function run(program, args, { env = {}, ready } = {}) {
    const child = spawn(program, args, { cwd: root, env: { ...process.env, ...env }, detached: true });
    let out = "";
    const done = new Promise((resolve, reject) => {
        const take = (part) => {
            out += part;
            if (ready && out.includes(ready)) resolve(out);
        };
        child.stdout.on("data", take);
        child.stderr.on("data", take);
        child.on("error", reject);
        child.on("close", (code) => (code === 0 && !ready ? resolve(out) : reject(new Error(`${program}: ${code}\n${out.slice(-4_000)}`))));
    });
    return { child, done };
}

/** What a pattern finds in the files of the core's source that make calls. */
function inSource(pattern) {
    const files = readdirSync(CORE, { recursive: true }).filter((name) => name.endsWith(".rs"));
    const calling = files.map((name) => readFileSync(join(CORE, name), "utf8")).filter((source) => source.includes("Call::"));
    return new Set(calling.flatMap((source) => [...source.matchAll(pattern)]).map((match) => match[1]));
}

test("every request that the transport makes is one of Meta's file", async () => {
    const { file, nouns } = repair(parse(text));
    const dir = mkdtempSync(join(tmpdir(), "conek-openapi-"));
    writeFileSync(join(dir, "meta.json"), JSON.stringify(file));
    const port = 20_000 + (process.pid % 20_000);
    const bin = fileURLToPath(new URL("node_modules/.bin/prism", import.meta.url));
    const prism = run(bin, ["mock", "--errors", "--port", String(port), join(dir, "meta.json")], { ready: "Prism is listening" });
    let watcher;
    try {
        await prism.done;
        watcher = await watch(port, nouns);
        const args = ["test", "--workspace", "--test", "engine", "--", ...TESTS];
        await run("cargo", args, { env: { CONEK_TEST_THROUGH: watcher.url } }).done;
    } finally {
        await watcher?.close();
        process.kill(-prism.child.pid);
        rmSync(dir, { recursive: true });
    }
    const { seen } = watcher;
    const requests = [...seen.values()].reduce((sum, { requests }) => sum + requests, 0);
    console.log(`# Prism saw ${requests} requests, ${seen.size} operations`);

    const wrong = [], used = new Set();
    for (const [operation, { violations }] of seen) {
        for (const [violation, body] of violations) {
            const excused = EXCEPTIONS.find((e) => e.operation === operation && e.says.test(violation));
            if (excused) used.add(excused);
            else wrong.push(`${operation}: ${violation}\n    ${body}`);
        }
    }
    console.log(`# ${used.size} reasoned exceptions were needed`);
    assert.ok(wrong.length === 0, `requests that Meta's file does not allow, and no exception excuses:\n${wrong.join("\n")}`);
    const idle = EXCEPTIONS.filter((e) => !used.has(e)).map((e) => `${e.operation} ${e.says}`);
    assert.deepEqual(idle, [], "exceptions that nothing needs");

    // What the source can ask for was asked for.
    const names = [...seen.keys()];
    const unseen = [...inSource(/"(?:\{\w*\})\/([a-z_]+)/g)].filter((noun) => !names.some((name) => name.split("/").includes(noun)));
    assert.deepEqual(unseen, [], "nouns of the source that no request had");
    const bodies = [...seen].filter(([name]) => name.includes("/messages/")).flatMap(([, { bodies }]) => bodies);
    const kinds = new Set(bodies.map((body) => JSON.parse(body).interactive?.type).filter(Boolean));
    console.log(`# kinds of messages: ${names.filter((n) => n.includes("/messages/")).map((n) => n.split("/").pop()).sort().join(" ")}`);
    console.log(`# kinds of interactive messages: ${[...kinds].sort().join(" ")}`);
});
