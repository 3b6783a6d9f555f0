// Files, QR codes and blocked people: what the client changes, it reads back, and the simulator acts upon.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Document, Text } from "whatsapp-api-js/messages";
import { NUMBER } from "./simulator.mjs";

const LERATO = "27825550140";

export function managing(tools) {
  test("a file goes up, is sent, comes down and is deleted", async () => {
    const { client, driven, sim } = tools;
    const bytes = Buffer.alloc(100_000, "%PDF");
    let id;
    await driven("uploadMedia", async () => {
      const form = new FormData();
      form.set("file", new Blob([bytes], { type: "application/pdf" }), "menu.pdf");
      ({ id } = await client.uploadMedia(NUMBER, form));
      assert.match(id, /^\d+$/);
    });
    await driven("Document by its id", async () => {
      const { messages } = await client.sendMessage(NUMBER, { phone: LERATO }, new Document(id, true));
      assert.deepEqual((await sim.entry(messages[0].id)).content.document, { id });
    });
    let url;
    await driven("retrieveMedia", async () => {
      const found = await client.retrieveMedia(id, NUMBER);
      assert.deepEqual([found.mime_type, Number(found.file_size)], ["application/pdf", bytes.length]);
      ({ url } = found);
    });
    await driven("fetchMedia", async () => {
      const answer = await client.fetchMedia(url);
      assert.ok(bytes.equals(Buffer.from(await answer.arrayBuffer())));
    });
    await driven("deleteMedia", async () => {
      assert.deepEqual(await client.deleteMedia(id, NUMBER), { success: true });
      assert.equal((await client.retrieveMedia(id)).error.code, 100);
    });
  });

  test("a QR code is made, found, changed and deleted", async () => {
    const { client, driven, sim } = tools;
    let code;
    await driven("createQR", async () => {
      const made = await client.createQR(NUMBER, "Two coffees", "svg");
      assert.equal(made.deep_link_url, `https://wa.me/message/${made.code}`);
      assert.match(await (await fetch(made.qr_image_url)).text(), /^<svg/);
      ({ code } = made);
    });
    await driven("updateQR", async () => {
      assert.equal((await client.updateQR(NUMBER, code, "Three coffees")).prefilled_message, "Three coffees");
    });
    await driven("retrieveQR", async () => {
      const { data } = await client.retrieveQR(NUMBER, code);
      assert.deepEqual(data.map((q) => q.prefilled_message), ["Three coffees"]);
    });
    await driven("retrieveQR of all", async () => {
      const second = await client.createQR(NUMBER, "Tea");
      const { data } = await client.retrieveQR(NUMBER);
      assert.deepEqual(data.map((q) => q.code), [code, second.code]);
    });
    await driven("deleteQR", async () => {
      assert.deepEqual(await client.deleteQR(NUMBER, code), { success: true });
      assert.equal((await client.deleteQR(NUMBER, code)).error.code, 100);
      const { data } = await sim.graph(`${NUMBER}/message_qrdls`);
      assert.deepEqual(data.map((q) => q.prefilled_message), ["Tea"]);
    });
  });

  test("somebody is blocked and let in again", async () => {
    const { client, driven, sim } = tools;
    const blocked = async () => (await sim.graph(`${NUMBER}/block_users`)).data.map((u) => u.wa_id);
    const told = async () => (await client.sendMessage(NUMBER, { phone: LERATO }, new Text("Hello?"))).error?.code;
    await driven("blockUser", async () => {
      const early = await client.blockUser(NUMBER, { phone: LERATO });
      assert.equal(early.errors.code, 139_100, "they have not written yet");
      await sim.say(LERATO, { kind: "text", body: "Buy my stamps" });
      const { block_users } = await client.blockUser(NUMBER, { phone: LERATO });
      assert.equal(block_users.added_users[0].wa_id, LERATO);
      assert.deepEqual([await blocked(), await told()], [[LERATO], 130_403]);
    });
    await driven("unblockUser", async () => {
      const { user_id } = await sim.control(`phones/${LERATO}`);
      const { block_users } = await client.unblockUser(NUMBER, { bsuid: user_id });
      assert.equal(block_users.removed_users[0].user_id, user_id);
      assert.deepEqual([await blocked(), await told()], [[], undefined]);
    });
  });
}
