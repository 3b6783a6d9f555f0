// Messages of every kind: what the client was answered, and what the simulator's ledger has.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as m from "whatsapp-api-js/messages";
import { NUMBER, WABA } from "./simulator.mjs";

const THANDI = "27825550101";
const LINK = "https://karoo.example/picture.png";

export function messages(tools) {
  // Sends, and gives the answer with what the ledger has of it.
  const sent = async (message, to = { phone: THANDI }, context, echo) => {
    const answer = await tools.client.sendMessage(NUMBER, to, message, context, echo);
    assert.ok(answer.messages, JSON.stringify(answer));
    const entry = await tools.sim.entry(answer.messages[0].id);
    assert.equal(entry.to, THANDI);
    return { answer, entry, content: entry.content[entry.kind] };
  };
  // One kind of call that sends one message, whose content must be this.
  const sends = (name, message, expected) =>
    test(`${name} is accepted as it was meant`, () =>
      tools.driven(name, async () => {
        const { content } = await sent(message());
        const told = typeof expected === "function" ? expected(content) : undefined;
        if (told === undefined) assert.deepEqual(content, expected);
      }));

  test("a text reaches a number and a user id, and may answer another", async () => {
    await tools.sim.say(THANDI, { kind: "text", body: "Good morning" });
    const { user_id } = await tools.sim.control(`phones/${THANDI}`);
    let first;
    await tools.driven("Text", async () => {
      first = await sent(new m.Text("Good *morning*", true), { phone: THANDI }, undefined, "order-7");
      assert.deepEqual(first.answer.contacts, [{ input: THANDI, wa_id: THANDI }]);
      assert.deepEqual(first.content, { body: "Good *morning*", preview_url: true });
      assert.equal(first.entry.echo, "order-7");
    });
    await tools.driven("Text as a reply", async () => {
      const { entry } = await sent(new m.Text("And a good day"), { phone: THANDI }, first.entry.wamid);
      assert.deepEqual(entry.content.context, { message_id: first.entry.wamid });
    });
    await tools.driven("Text to a user id", async () => {
      const { answer } = await sent(new m.Text("By id"), { bsuid: user_id });
      assert.deepEqual(answer.contacts, [{ input: user_id, user_id }]);
    });
  });

  sends("Image", () => new m.Image(LINK, false, "A picture"), { link: LINK, caption: "A picture" });
  sends("Video", () => new m.Video("https://karoo.example/a.mp4"), { link: "https://karoo.example/a.mp4" });
  sends("Audio", () => new m.Audio("https://karoo.example/a.mp3"), { link: "https://karoo.example/a.mp3" });
  sends("Audio as a voice message", () => new m.Audio("https://karoo.example/a.ogg", false, true), {
    link: "https://karoo.example/a.ogg",
    voice: true,
  });
  sends("Document", () => new m.Document("https://karoo.example/a.pdf", false, "Menu", "menu.pdf"), {
    link: "https://karoo.example/a.pdf",
    caption: "Menu",
    filename: "menu.pdf",
  });
  sends("Sticker", () => new m.Sticker("https://karoo.example/a.webp"), { link: "https://karoo.example/a.webp" });
  sends("Location", () => new m.Location(18.42, -33.92, "Cape Town", "1 Long Street"), {
    latitude: -33.92,
    longitude: 18.42,
    name: "Cape Town",
    address: "1 Long Street",
  });
  sends(
    "Contacts",
    () => new m.Contacts([new m.Name("Sipho Dlamini", "Sipho"), new m.Phone("+27825550102", "CELL")]),
    ([card]) => {
      assert.equal(card.name.formatted_name, "Sipho Dlamini");
      assert.equal(card.phones[0].phone, "+27825550102");
      return true;
    },
  );

  test("a reaction comes and goes", async () => {
    const message_id = await tools.sim.say(THANDI, { kind: "text", body: "It is raining!" });
    await tools.driven("Reaction", async () => {
      assert.deepEqual((await sent(new m.Reaction(message_id, "☔"))).content, { message_id, emoji: "☔" });
    });
    await tools.driven("Reaction taken back", async () => {
      assert.deepEqual((await sent(new m.Reaction(message_id))).content, { message_id, emoji: "" });
    });
  });

  const interactive = (name, action, check, header) =>
    sends(
      name,
      () => new m.Interactive(action(), new m.Body("What now?"), header && new m.Header(header), new m.Footer("Karoo")),
      (content) => {
        assert.deepEqual([content.body.text, content.footer.text], ["What now?", "Karoo"]);
        check(content.action, content);
        return true;
      },
    );
  interactive(
    "ActionButtons",
    () => new m.ActionButtons(new m.Button("yes", "Yes"), new m.Button("no", "No")),
    ({ buttons }, { header }) => assert.deepEqual([buttons.map((b) => b.reply.id), header.text], [["yes", "no"], "Coffee"]),
    "Coffee",
  );
  interactive(
    "ActionList",
    () => new m.ActionList("Choose", new m.ListSection("Coffee", new m.Row("flat", "Flat white", "With milk"), new m.Row("short", "Espresso"))),
    ({ sections }) => assert.deepEqual(sections[0].rows.map((r) => r.id), ["flat", "short"]),
  );
  interactive(
    "ActionCTA",
    () => new m.ActionCTA("Open", "https://karoo.example/menu"),
    ({ parameters }) => assert.equal(parameters.url, "https://karoo.example/menu"),
  );
  interactive(
    "ActionNavigateFlow",
    () => new m.ActionNavigateFlow("token", "42", "Begin", "FIRST", { a: 1 }),
    ({ parameters }) => assert.deepEqual(parameters.flow_action_payload, { screen: "FIRST", data: { a: 1 } }),
  );
  interactive(
    "ActionDataExchangeFlow",
    () => new m.ActionDataExchangeFlow("token", "42", "Begin"),
    ({ parameters }) => assert.equal(parameters.flow_action, "data_exchange"),
  );
  interactive("ActionLocation", () => new m.ActionLocation(), (action) => assert.deepEqual(action, { name: "send_location" }));
  interactive("ActionContactRequest", () => new m.ActionContactRequest(), ({ name }) => assert.equal(name, "request_contact_info"));
  interactive("ActionCallPermission", () => new m.ActionCallPermission(), ({ name }) => assert.equal(name, "call_permission_request"));
  const beans = () => new m.CatalogProduct("beans", "7");
  interactive("ActionProduct", () => new m.ActionProduct(beans()), (action) =>
    assert.deepEqual(action, { catalog_id: "7", product_retailer_id: "beans" }),
  );
  interactive(
    "ActionProductList",
    () => new m.ActionProductList("7", new m.ProductSection("Beans", beans()), new m.ProductSection("Cups", new m.Product("cup"))),
    ({ sections }) => assert.deepEqual(sections.map((s) => s.product_items.length), [1, 1]),
    "Shop",
  );
  interactive("ActionCatalog", () => new m.ActionCatalog(beans()), ({ parameters }) =>
    assert.deepEqual(parameters, { thumbnail_product_retailer_id: "beans" }),
  );

  test("templates are sent with what they take", async () => {
    const make = async (template) => {
      const made = await tools.sim.graph(`${WABA}/message_templates`, { language: "en", ...template });
      assert.equal(made.status, "APPROVED", JSON.stringify(made));
    };
    const shown = async (template) => {
      const { entry } = await sent(template);
      return (await tools.sim.line(THANDI, entry.wamid)).message.template;
    };
    await make({
      name: "order_ready",
      category: "UTILITY",
      components: [
        { type: "HEADER", format: "IMAGE" },
        { type: "BODY", text: "{{1}}, {{2}} is ready." },
        { type: "BUTTONS", buttons: [{ type: "URL", text: "Track", url: "https://karoo.example/{{1}}" }, { type: "QUICK_REPLY", text: "Stop" }] },
      ],
    });
    await tools.driven("Template", async () => {
      const { body, header, buttons } = await shown(
        new m.Template(
          "order_ready",
          "en",
          new m.HeaderComponent(new m.HeaderParameter(new m.Image(LINK))),
          new m.BodyComponent(new m.BodyParameter("Thandi"), new m.BodyParameter(new m.Currency(45_500, "ZAR", "R45.50"))),
          new m.URLComponent("z9"),
          new m.PayloadComponent("stop-42"),
        ),
      );
      assert.deepEqual([body, header.media.link], ["Thandi, R45.50 is ready.", LINK]);
      assert.deepEqual([buttons[0].url, buttons[1].payload], ["https://karoo.example/z9", "stop-42"]);
    });
    await make({ name: "code", category: "AUTHENTICATION", components: [{ type: "BODY" }, { type: "BUTTONS", buttons: [{ type: "OTP", otp_type: "COPY_CODE" }] }] });
    await tools.driven("Template.OTP", async () => {
      const { buttons, category } = await shown(m.Template.OTP("code", "en", "493817"));
      assert.deepEqual([buttons[0].code, category], ["493817", "AUTHENTICATION"]);
    });
    const card = { components: [{ type: "HEADER", format: "IMAGE" }, { type: "BODY", text: "{{1}}" }] };
    await make({ name: "range", category: "MARKETING", components: [{ type: "BODY", text: "New" }, { type: "CAROUSEL", cards: [card, card] }] });
    await tools.driven("Template with a carousel", async () => {
      const of = (text) => new m.CarouselCard(new m.Image(LINK), new m.BodyComponent(new m.BodyParameter(text)));
      const { cards } = await shown(new m.Template("range", "en", new m.CarouselComponent(of("Dark"), of("Light"))));
      assert.deepEqual(cards.map((c) => c.body), ["Dark", "Light"]);
    });
    // What Meta refuses, the simulator does, and this client hands it over as it is.
    const { error } = await tools.client.sendMessage(NUMBER, { phone: THANDI }, new m.Template("order_ready", "en"));
    assert.equal(error.code, 132_012);
  });

  test("a broadcast reaches everybody once", () =>
    tools.driven("broadcastMessage", async () => {
      const people = [1, 2, 3].map((n) => ({ phone: `2782555013${n}` }));
      const answers = await Promise.all(tools.client.broadcastMessage(NUMBER, people, new m.Text("All of you"), 2, 1));
      const told = await Promise.all(answers.map(async ({ messages }) => (await tools.sim.entry(messages[0].id)).to));
      assert.deepEqual(told, people.map((p) => p.phone));
    }));

  test("what was written is read, and an answer is typed", async () => {
    const wamid = await tools.sim.say(THANDI, { kind: "text", body: "Are you there?" });
    const seen = async () => {
      const { read, typing } = await tools.sim.line(THANDI, wamid);
      return [read, typing];
    };
    assert.deepEqual(await seen(), [false, false]);
    await tools.driven("markAsRead", async () => {
      assert.deepEqual(await tools.client.markAsRead(NUMBER, wamid), { success: true });
      assert.deepEqual(await seen(), [true, false]);
    });
    await tools.driven("markAsRead with a typing indicator", async () => {
      assert.deepEqual(await tools.client.markAsRead(NUMBER, wamid, "text"), { success: true });
      assert.deepEqual(await seen(), [true, true]);
    });
  });

  test("a refusal is handed over with its code, and nothing was accepted", async () => {
    const before = (await tools.sim.control("stats")).accepted;
    const { error } = await tools.client.sendMessage(NUMBER, { phone: THANDI }, new m.Image("karoo.example/no-scheme.png"));
    assert.equal(error.code, 131_009);
    assert.equal((await tools.sim.control("stats")).accepted, before);
  });
}
