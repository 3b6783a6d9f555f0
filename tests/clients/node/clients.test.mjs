// whatsapp-api-js, as its users have it, against the simulator. One file, so that the kinds of call add up.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { WhatsAppAPI } from "whatsapp-api-js/middleware/node-http";
import { managing } from "./managing.mjs";
import { messages } from "./messages.mjs";
import { APP_SECRET, Simulator, TOKEN, VERIFY_TOKEN } from "./simulator.mjs";
import { webhooks } from "./webhooks.mjs";

const kinds = new Set();
const tools = {};

before(async () => {
  tools.sim = await Simulator.start();
  tools.client = new WhatsAppAPI({
    token: TOKEN,
    appSecret: APP_SECRET,
    webhookVerifyToken: VERIFY_TOKEN,
    v: "v25.0",
    ponyfill: { fetch: tools.sim.fetch },
  });
});
after(() => tools.sim?.stop());

// A kind of call counts if the client made a request and everything that was expected of it held.
tools.driven = async (name, check) => {
  const before = tools.sim.requests;
  await check();
  assert.ok(tools.sim.requests > before, `${name} made no request`);
  kinds.add(name);
};

messages(tools);
managing(tools);
webhooks(tools);

test("the program of the simulator's README sends a message", async () => {
  const readme = await readFile(new URL("../../simulator/README.md", import.meta.url), "utf8");
  const [, program] = /```js\n(.+?)```/s.exec(readme);
  const here = program.replace("http://127.0.0.1:8080", tools.sim.baseUrl);
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", here], { cwd: import.meta.dirname });
  assert.equal((await tools.sim.entry(stdout.trim())).content.text.body, "Good morning");
});

test("at least 25 kinds of call were driven", () => {
  console.log(`whatsapp-api-js drove the simulator through ${kinds.size} kinds of call`);
  assert.ok(kinds.size >= 25, [...kinds].join(", "));
});
