// What the benches ask of whatsapp-api-js. Prints seconds, CPU seconds and how many updates reached a handler.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { WhatsAppAPI } from "whatsapp-api-js";
import { BodyComponent, BodyParameter, Language, Template } from "whatsapp-api-js/messages";

const [what, appSecret, number, ...rest] = process.argv.slice(2);

function stopwatch() {
  const wall = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  return (handled) => {
    const { user, system } = process.cpuUsage(cpu);
    console.log(Number(process.hrtime.bigint() - wall) / 1e9, (user + system) / 1e6, handled);
  };
}

function client(ponyfill) {
  return new WhatsAppAPI({ token: "EAAGbenchtoken", appSecret, webhookVerifyToken: "bench", v: "v25.0", ponyfill });
}

// One body on each line of a file: checked, read, and its statuses handed to a handler.
async function webhook(path) {
  const whatsapp = client();
  let handled = 0;
  whatsapp.on.status = () => {
    handled += 1;
  };
  const bodies = readFileSync(path, "utf8").split("\n").filter(Boolean);
  const signatures = bodies.map((body) => `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}`);
  const stop = stopwatch();
  for (const [i, body] of bodies.entries()) {
    await whatsapp.post(JSON.parse(body), body, signatures[i]);
  }
  stop(handled);
}

// As many template messages over TLS, 64 on their way at once. Node has read the certificate before it came here.
async function send(url, _certificate, messages) {
  const here = (address, options) => fetch(address.replace("https://graph.facebook.com", url), options);
  const whatsapp = client({ fetch: here });
  const one = async (i) => {
    const offer = new Template("spring_offer", new Language("en"), new BodyComponent(new BodyParameter("Thandi")));
    const answer = await whatsapp.sendMessage(number, `27833${String(i).padStart(6, "0")}`, offer, undefined, "ck1.A");
    if (!answer.messages?.[0]?.id) throw new Error(JSON.stringify(answer));
  };
  await one(0);
  const stop = stopwatch();
  let next = 0;
  const loop = async () => {
    while (next < messages) await one(next++);
  };
  await Promise.all(Array.from({ length: 64 }, loop));
  stop(messages);
}

await (what === "webhook" ? webhook(...rest) : send(rest[0], rest[1], Number(rest[2])));
