// The simulator as a program: started for the tests, watched and driven over its control addresses.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export const NUMBER = "100000000000001";
export const WABA = "200000000000001";
export const TOKEN = "simulator-token";
export const APP_SECRET = "a-secret-of-the-tests";
export const VERIFY_TOKEN = "a-verify-token-of-the-tests";

export class Simulator {
  static async start() {
    const options = ["--pace", "instant", "--mps", "0", "--app-secret", APP_SECRET, "--verify-token", VERIFY_TOKEN];
    const simulator = new Simulator();
    simulator.process = spawn(process.env.CONEK_SIMULATOR, options, { stdio: ["ignore", "pipe", "inherit"] });
    simulator.requests = 0;
    simulator.baseUrl = await new Promise((found, lost) => {
      createInterface({ input: simulator.process.stdout }).once("line", (line) => found(JSON.parse(line).base_url));
      simulator.process.on("error", lost);
      simulator.process.on("exit", (code) => lost(new Error(`the simulator ended with ${code}`)));
    });
    return simulator;
  }

  stop() {
    this.process.kill();
  }

  // What the client takes as its `fetch`: Meta's address becomes the simulator's, and nothing leaves this machine.
  fetch = (address, options) => {
    const url = String(address).replace(/^https:\/\/graph\.facebook\.com/, this.baseUrl);
    assert.ok(url.startsWith(this.baseUrl), `a request for ${url}`);
    this.requests += 1;
    return fetch(url, options);
  };

  async control(path, body) {
    const options = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(`${this.baseUrl}/_sim/${path}`, options);
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  }

  // The Graph API without a client, for what this client has no method for.
  async graph(path, body) {
    const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
    const options = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
    return (await fetch(`${this.baseUrl}/v25.0/${path}`, options)).json();
  }

  async say(from, say, context) {
    return (await this.control("say", { from, context, say })).id;
  }

  // What the ledger knows of an accepted message.
  async entry(wamid) {
    const { entries } = await this.control(`ledger?wamid=${encodeURIComponent(wamid)}`);
    assert.equal(entries.length, 1, `${wamid} is ${entries.length} times in the ledger`);
    return entries[0];
  }

  async line(from, wamid) {
    const { chat } = await this.control(`phones/${from}`);
    return chat.find(({ id }) => id === wamid);
  }
}
