// The quickstart's job in Node: a file of people, a consented campaign, answers, opt-outs.
//
//   node examples/node/campaign.mjs examples/data/contacts.csv
//
// talks to the WhatsApp at CONEK_WHATSAPP_URL: a `conek-simulator` on this machine.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Engine, Purpose, TemplateCategory, VirtualClock } from "conek";

const env = process.env;

/** Tells the simulator something. Meta is told in its own pages. */
async function simulator(path, body) {
  const answer = await fetch(env.CONEK_WHATSAPP_URL + path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the simulator answered ${answer.status}`);
}

/** One path of an HTTP server, handed to the engine. Any server does. */
async function serveWebhooks(engine) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)]));
    const answer = await engine.inbound.handleHttp({
      method: request.method, path: request.url, headers, body: Buffer.concat(chunks),
    });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return server;
}

// A Tuesday morning, so that marketing hours in South Africa are open whenever you try this.
const clock = VirtualClock.at(new Date("2026-11-24T07:00:00Z"));
clock.setSpeed(20);
await simulator("/_sim/clock", { to: "2026-11-24T07:00:00Z", speed: 20 });
const folder = await mkdtemp(join(tmpdir(), "conek-"));
const engine = await Engine.open({
  path: join(folder, "karoo.db"), business: "Karoo Coffee", privacyContact: "privacy@karoo.example", region: "ZA",
  numbers: [{ id: env.CONEK_PHONE_NUMBER_ID, perSecond: 1000 }],
  whatsapp: {
    accessToken: env.CONEK_WHATSAPP_TOKEN, appSecrets: [env.CONEK_APP_SECRET],
    verifyToken: env.CONEK_VERIFY_TOKEN, baseUrl: env.CONEK_WHATSAPP_URL,
  },
}, { clock });
const server = await serveWebhooks(engine);
await simulator("/_sim/webhooks", { url: `http://127.0.0.1:${server.address().port}/webhook` });
await engine.notices.publish({
  language: "en", title: "Your data at Karoo Coffee", text: "We keep your number to write to you. ...", summary: "",
  contents: {
    categories: ["name and number"], controller: "Karoo Coffee", address: "12 Church Street, Graaff-Reinet",
    contact: "privacy@karoo.example", officer: "Thandi Maseko, privacy@karoo.example",
    purposes: [{ code: "comms.marketing", basis: "consent" }], mandatory: false, consequences: "no offers",
    recipients: ["WhatsApp"], transfers: [{ country: "US", safeguards: "Data Privacy Framework" }],
    retention: "until you say stop", authority: "Information Regulator, inforegulator.org.za",
    rights: ["access", "rectification", "erasure", "restriction", "objection", "portability", "withdrawal", "complaint"],
    automatedDecisions: false,
  },
});
const report = await engine.contacts.importFile(process.argv[2], { source: "examples" });
console.log(`imported ${report.created}, duplicates ${report.duplicates}, rejected ${report.rejected}`);
await engine.templates.put({
  name: "spring_offer", language: "en", category: TemplateCategory.Marketing, status: "APPROVED",
  body: "Spring is here at Karoo Coffee.", footer: "Reply STOP to opt out",
});
const plan = await engine.campaigns.plan({
  name: "Spring", audience: { type: "everyone" }, template: "spring_offer", language: "en", purpose: Purpose.Marketing,
});
console.log(`planned ${plan.planned}: ${plan.now} now, ${plan.later} later, ${plan.denied} not`);
for (const { people, reason } of plan.deniedBy) {
  console.log(`  ${String(people).padStart(6)} ${reason.code}: ${reason.text} (${reason.provision})`);
}
await engine.campaigns.start(plan.id);
let done = await engine.campaigns.progress(plan.id);
for (let i = 0; i < 60; i += 1) {
  if (done.waiting + done.sending + done.inDoubt === 0 && done.delivered + done.failed >= done.sent) break;
  await sleep(250);
  done = await engine.campaigns.progress(plan.id);
}
await sleep(1000);
await engine.settle(10_000);
done = await engine.campaigns.progress(plan.id);
console.log(
  `sent ${done.sent} delivered ${done.delivered} read ${done.read} replied ${done.replied} ` +
  `opted out ${done.optedOut} denied ${done.denied} in doubt ${done.inDoubt}`,
);
server.closeAllConnections();
server.close();
await engine.close();
await rm(folder, { recursive: true });
