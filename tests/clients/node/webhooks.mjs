// Webhooks: the client's own handlers prove themselves and understand what they are told.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { ActionButtons, ActionList, Body, Button, Interactive, ListSection, Row, Text } from "whatsapp-api-js/messages";
import { NUMBER, VERIFY_TOKEN } from "./simulator.mjs";

const SIPHO = "27825550120";

export function webhooks(tools) {
  describe("webhooks", () => {
    let server;
    const heard = { message: [], status: [] };
    // The next message, or the next status of a message.
    const next = async (kind, id) => {
      for (const until = Date.now() + 10_000; Date.now() < until; await new Promise((soon) => setTimeout(soon, 5))) {
        const at = heard[kind].findIndex((args) => !id || args.id === id);
        if (at >= 0) return heard[kind].splice(at, 1)[0];
      }
      throw new Error(`no ${kind} came`);
    };
    const say = (say, context) => tools.sim.say(SIPHO, say, context);
    const send = async (message) => (await tools.client.sendMessage(NUMBER, { phone: SIPHO }, message)).messages[0].id;

    before(async () => {
      const { client, sim } = tools;
      client.on.message = (args) => void heard.message.push(args);
      client.on.status = (args) => void heard.status.push(args);
      server = createServer(async (request, response) => {
        try {
          if (request.method === "POST") response.statusCode = await client.handle_post(request);
          response.end(request.method === "GET" ? client.handle_get(request) : undefined);
        } catch (status) {
          response.statusCode = status;
          response.end();
        }
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      await sim.control("clock", { run_until_idle: true });
      await sim.control("webhooks", { url: `http://127.0.0.1:${server.address().port}/`, concurrency: 1 });
    });
    after(() => {
      server?.closeAllConnections();
      server?.close();
    });

    test("the handshake is passed with the right token only", async () => {
      assert.deepEqual(await tools.sim.control("webhooks/verify", {}), { verified: true });
      await tools.sim.control("webhooks", { verify_token: "another" });
      assert.deepEqual(await tools.sim.control("webhooks/verify", {}), { verified: false });
      await tools.sim.control("webhooks", { verify_token: VERIFY_TOKEN });
    });

    test("a text is heard, answered and marked as read", async () => {
      const id = await say({ kind: "text", body: "Ngiyabonga 🙏" });
      const { message, recipient, name, phoneID, reply, received } = await next("message");
      const person = await tools.sim.control(`phones/${SIPHO}`);
      assert.deepEqual([message.id, message.type, message.text.body], [id, "text", "Ngiyabonga 🙏"]);
      assert.deepEqual([recipient.phone, recipient.bsuid, name, phoneID], [SIPHO, person.user_id, person.name, NUMBER]);
      await tools.driven("reply of a message", async () => {
        const answer = await reply(new Text("A pleasure"), true);
        const entry = await tools.sim.entry(answer.messages[0].id);
        assert.deepEqual([entry.to, entry.content.context.message_id], [SIPHO, id]);
      });
      await tools.driven("received of a message", async () => {
        assert.deepEqual(await received("text"), { success: true });
        const { read, typing } = await tools.sim.line(SIPHO, id);
        assert.deepEqual([read, typing], [true, true]);
      });
    });

    test("a picture is heard and fetched", async () => {
      await say({ kind: "image", caption: "My dog" });
      const { image, type } = (await next("message")).message;
      assert.deepEqual([type, image.caption, image.mime_type], ["image", "My dog", "image/png"]);
      const { url } = await tools.client.retrieveMedia(image.id);
      const bytes = Buffer.from(await (await tools.client.fetchMedia(url)).arrayBuffer());
      assert.equal(bytes.subarray(1, 4).toString(), "PNG");
    });

    test("a pressed button and a chosen row are heard", async () => {
      const coffee = await send(new Interactive(new ActionButtons(new Button("coffee-yes", "Yes")), new Body("Coffee?")));
      await say({ kind: "button_reply", id: "coffee-yes", title: "Yes" }, coffee);
      const pressed = (await next("message")).message;
      assert.deepEqual(pressed.interactive, { type: "button_reply", button_reply: { id: "coffee-yes", title: "Yes" } });
      assert.equal(pressed.context.id, coffee);
      const list = new ActionList("Choose", new ListSection("Coffee", new Row("flat", "Flat white", "With milk")));
      const which = await send(new Interactive(list, new Body("Which?")));
      await say({ kind: "list_reply", id: "flat", title: "Flat white", description: "With milk" }, which);
      const chosen = (await next("message")).message;
      assert.deepEqual(chosen.interactive.list_reply, { id: "flat", title: "Flat white", description: "With milk" });
      assert.equal(chosen.context.id, which);
    });

    test("a quick reply, a reaction, a place and a contact are heard", async () => {
      await say({ kind: "button", text: "Stop", payload: "stop-1" });
      assert.deepEqual((await next("message")).message.button, { text: "Stop", payload: "stop-1" });
      const joke = await send(new Text("A joke"));
      await say({ kind: "reaction", message_id: joke, emoji: "😂" });
      assert.deepEqual((await next("message")).message.reaction, { message_id: joke, emoji: "😂" });
      await say({ kind: "location", latitude: -33.92, longitude: 18.42, name: "Cape Town" });
      assert.deepEqual((await next("message")).message.location, { latitude: -33.92, longitude: 18.42, name: "Cape Town" });
      const contacts = [{ name: { formatted_name: "Lerato Nkosi" }, phones: [{ phone: "+27825550121" }] }];
      await say({ kind: "raw", message: { type: "contacts", contacts } });
      assert.deepEqual((await next("message")).message.contacts, contacts);
    });

    test("statuses are told in their order with the echo of their message", async () => {
      const { messages } = await tools.client.sendMessage(NUMBER, { phone: SIPHO }, new Text("Good day"), undefined, "order-9");
      const told = [];
      for (let i = 0; i < 3; i++) told.push(await next("status", messages[0].id));
      assert.deepEqual(told.map((s) => s.status), ["sent", "delivered", "read"]);
      assert.ok(told.every((s) => s.recipient.phone === SIPHO && s.biz_opaque_callback_data === "order-9"));
      assert.equal(told[0].pricing.category, "service");
      const entry = await tools.sim.entry(messages[0].id);
      assert.ok(entry.sent_at && entry.delivered_at && entry.read_at);
    });

    for (const [persona, phone, code] of [["not_on_whatsapp", "27825550122", 131_026], ["reads", "27825550123", 131_047]]) {
      test(`a failure with ${code} is told`, async () => {
        await tools.sim.control(`phones/${phone}`, { persona });
        const { messages } = await tools.client.sendMessage(NUMBER, { phone }, new Text("Anybody there?"));
        const { status, error } = await next("status", messages[0].id);
        assert.deepEqual([status, error.code], ["failed", code]);
        assert.equal((await tools.sim.entry(messages[0].id)).failed_code, code);
      });
    }

    test("a wrong signature is turned away, and the true one heard", async () => {
      await tools.sim.control("webhooks", { bad_signature: 1 });
      await say({ kind: "text", body: "Trust me" });
      assert.equal((await next("message")).message.text.body, "Trust me");
      await tools.sim.control("webhooks", { bad_signature: 0 });
      await tools.sim.control("clock", { run_until_idle: true });
      const { webhooks } = await tools.sim.control("webhooks/log?limit=1000");
      assert.deepEqual(webhooks.at(-1).attempts, [401, 200]);
    });

    test("somebody is blocked by the message they wrote", async () => {
      await say({ kind: "text", body: "Buy my stamps" });
      const { block, recipient } = await next("message");
      await tools.driven("block of a message", async () => {
        assert.equal((await block()).block_users.added_users[0].wa_id, SIPHO);
      });
      await say({ kind: "text", body: "Why not?" });
      await tools.client.unblockUser(NUMBER, recipient);
      await say({ kind: "text", body: "Thank you" });
      assert.equal((await next("message")).message.text.body, "Thank you", "what came between was not told");
    });
  });
}
