//! Every kind of message goes from the host's words through the gate to the phone.

use conek_core::{Content, Draft, Engine, Error, Purpose, Recipient, messaging::*};
use conek_simulator::{Fault, FaultRule, Persona, Say};
use conek_tests::{World, consenting, phone, text};
use serde_json::{Value, json};

const THANDI: &str = "+27832885137";

fn s(text: &str) -> String {
    text.to_owned()
}

fn picture() -> Media {
    Media::link("https://shop.example/a.jpg")
}

fn money(hundredths: i64) -> Amount {
    Amount { hundredths, description: None }
}

fn order() -> Order {
    let item = OrderItem {
        product_id: s("beans"),
        name: s("Beans"),
        quantity: 2,
        price: money(5_000),
        sale_price: None,
    };
    Order {
        reference: s("order-4711"),
        kind: OrderKind::Physical,
        currency: s("INR"),
        items: vec![item],
        subtotal: money(10_000),
        tax: money(500),
        shipping: None,
        discount: None,
        total: money(10_500),
        payment: vec![PaymentMethod::Link { url: s("https://pay.example/4711") }],
        catalog_id: None,
        payable_until: None,
    }
}

/// Every kind that is no template, with WhatsApp's name of it and what its object must say.
fn free_kinds(answered: &str) -> Vec<(Content, &'static str, Value)> {
    let place = Place { latitude: -32.25, longitude: 24.54, name: Some(s("Karoo Coffee")), address: None };
    let sections = || vec![ProductSection { title: s("Beans"), products: vec![s("beans")] }];
    let rows = vec![ListRow { id: s("mon"), title: s("Monday"), description: None }];
    let card = |name: &str| CarouselCard {
        header: Header::Image { media: picture() },
        body: Some(s(name)),
        action: CardAction::Url { button: s("Look"), url: s("https://shop.example") },
    };
    let reply_card = |id: &str| CarouselCard {
        action: CardAction::Replies { buttons: vec![Button { id: s(id), title: s("This one") }] },
        ..card(id)
    };
    let interactive = |kind: &str| json!({"type": kind});
    let made = [
        (Content::text("Yes, until five."), "text", json!({"body": "Yes, until five."})),
        (
            Content::image(picture()).and_then(|c| c.with_caption("Beans")),
            "image",
            json!({"caption": "Beans"}),
        ),
        (Content::video(picture()), "video", json!({"link": "https://shop.example/a.jpg"})),
        (Content::audio(picture()), "audio", json!({})),
        (Content::voice(picture()), "audio", json!({"voice": true})),
        (Content::document(picture(), "a.pdf"), "document", json!({"filename": "a.pdf"})),
        (Content::sticker(picture()), "sticker", json!({})),
        (Content::location(place), "location", json!({"name": "Karoo Coffee"})),
        (
            Content::contacts(vec![ContactCard::new("Johan Botha", "Johan", "+27832885138")]),
            "contacts",
            json!([{"name": {"formatted_name": "Johan Botha"}}]),
        ),
        (
            Content::buttons("Shall we?", [("y", "Yes"), ("n", "No")])
                .and_then(|c| c.with_header(Header::Video { media: picture() }))
                .and_then(|c| c.with_footer("Until Friday")),
            "interactive",
            interactive("button"),
        ),
        (
            Content::list("When?", "Choose", vec![ListSection { title: s("Days"), rows }]),
            "interactive",
            interactive("list"),
        ),
        (
            Content::url_button("On its way", "Track it", "https://shop.example/t/4711"),
            "interactive",
            json!({"type": "cta_url", "action": {"parameters": {"display_text": "Track it"}}}),
        ),
        (
            Content::flow("Book a table", "Book", FlowRef::Id { id: s("7") }),
            "interactive",
            json!({"type": "flow", "action": {"parameters": {"flow_id": "7", "flow_cta": "Book"}}}),
        ),
        (Content::location_request("Where?"), "interactive", interactive("location_request_message")),
        (Content::contact_info_request("Your number?"), "interactive", interactive("request_contact_info")),
        (
            Content::call_permission_request("May we call?"),
            "interactive",
            interactive("call_permission_request"),
        ),
        (Content::voice_call("Call us"), "interactive", interactive("voice_call")),
        (Content::product("1", "beans"), "interactive", interactive("product")),
        (
            Content::product_list("New", "This week", "1", sections()),
            "interactive",
            interactive("product_list"),
        ),
        (Content::catalog("All that we roast"), "interactive", interactive("catalog_message")),
        (
            Content::carousel("Our beans", vec![card("Sidamo"), card("Huila")]),
            "interactive",
            interactive("carousel"),
        ),
        (
            Content::carousel("Which?", vec![reply_card("a"), reply_card("b")]),
            "interactive",
            json!({"type": "carousel", "action": {"cards": [{"card_index": 0}, {"card_index": 1}]}}),
        ),
        (Content::address_request("Where to?", "IN"), "interactive", interactive("address_message")),
        (Content::order_details("Your order", order()), "interactive", interactive("order_details")),
        (
            Content::order_status("On its way", "order-4711", OrderStage::Shipped),
            "interactive",
            interactive("order_status"),
        ),
        (Content::reaction(answered, "👍"), "reaction", json!({"emoji": "👍"})),
        (
            Content::raw(
                "interactive",
                r#"{"type": "list", "body": {"text": "Raw"}, "action": {"button": "Open",
                "sections": [{"rows": [{"id": "1", "title": "One"}]}]}}"#,
            ),
            "interactive",
            json!({"type": "list", "body": {"text": "Raw"}}),
        ),
    ];
    made.into_iter().map(|(content, kind, says)| (content.expect(kind), kind, says)).collect()
}

/// Whether everything that is expected stands in what there is.
fn holds(there: &Value, expected: &Value) -> bool {
    match (there, expected) {
        (Value::Object(there), Value::Object(expected)) => {
            expected.iter().all(|(k, v)| there.get(k).is_some_and(|there| holds(there, v)))
        }
        (Value::Array(there), Value::Array(expected)) => {
            there.len() == expected.len() && there.iter().zip(expected).all(|(t, e)| holds(t, e))
        }
        _ => there == expected,
    }
}

async fn world() -> (World, Engine) {
    let world = World::new(|o| {
        o.personas.insert(s(THANDI.trim_start_matches('+')), Persona::Reads);
    })
    .await;
    let engine = world.engine().await;
    (world, engine)
}

async fn last(engine: &Engine, world: &World, draft: Draft) -> Result<Message, Error> {
    let id = engine.messages().send(draft).await?.id;
    world.settle(engine).await;
    // Two messages to the same person are six seconds apart.
    world.clock.advance(std::time::Duration::from_secs(7));
    world.settle(engine).await;
    engine.messages().get(id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_free_kind_reaches_the_phone() {
    let (world, engine) = world().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    let answered = world.simulator.say(THANDI, Say::text("Are you open?")).unwrap();
    world.settle(&engine).await;
    let kinds = free_kinds(&answered);
    for (content, kind, says) in &kinds {
        let before = world.simulator.ledger().len();
        let draft = Draft { content: content.clone(), ..text(&person, "x") };
        let message = last(&engine, &world, draft).await.unwrap();
        assert_eq!(message.state, MessageState::Accepted, "{says} {:?}", message.error_code);
        let entry = world.simulator.ledger().remove(before);
        assert_eq!((entry.kind.as_str(), entry.marketing), (*kind, false));
        assert!(holds(&entry.content[*kind], says), "{}\n{says}", entry.content);
        assert!(message.read_at.is_some(), "{says}");
        // What was sent is what is kept, in every kind.
        assert!(message.content.as_ref() == Some(content), "{says}");
    }
    let chat = world.simulator.chat(THANDI).unwrap();
    let shown: Vec<&Value> = chat["chat"].as_array().unwrap().iter().filter(|l| l["kind"] == "out").collect();
    assert_eq!(shown.len(), kinds.len());
    for (line, (_, kind, says)) in shown.into_iter().zip(&kinds) {
        assert!(holds(&line["message"][*kind], says), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_free_kind_leaves_outside_the_window() {
    let (world, engine) = world().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    for (content, _, says) in free_kinds("wamid.x") {
        let denied = engine.messages().send(Draft { content, ..text(&person, "x") }).await.unwrap_err();
        assert!(
            matches!(&denied, Error::Denied { reasons, .. } if reasons == &["WINDOW_CLOSED"]),
            "{says} {denied}"
        );
    }
    world.settle(&engine).await;
    assert!(world.simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_message_passes_the_gate_like_any_other() {
    let (world, engine) = world().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    let raw = |content, purpose| Draft { content, purpose, ..text(&person, "x") };
    let template = |name: &str| {
        let payload = json!({"name": name, "language": {"code": "en"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Thandi"}]}]});
        Content::raw("template", payload.to_string()).unwrap()
    };
    // A template that is not stored has no category that the gate could judge.
    let unknown = engine.messages().send(raw(template("elsewhere"), Purpose::Marketing)).await.unwrap_err();
    assert_eq!(unknown.code(), "invalid_input");
    let message = last(&engine, &world, raw(template("spring_offer"), Purpose::Marketing)).await.unwrap();
    assert_eq!(message.state, MessageState::Accepted);
    // The category is the stored one's, whatever the purpose says.
    let denied =
        engine.messages().send(raw(template("spring_offer"), Purpose::Transactional)).await.unwrap_err();
    assert_eq!(denied.code(), "denied");
    let stranger = Draft {
        to: Recipient::Phone { number: phone(7) },
        ..raw(template("spring_offer"), Purpose::Marketing)
    };
    assert_eq!(engine.messages().send(stranger).await.unwrap_err().code(), "denied");
    // A kind that WhatsApp does not know is refused by WhatsApp, once it may leave.
    world.simulator.say(THANDI, Say::text("Hello?")).unwrap();
    world.settle(&engine).await;
    let poll = Content::raw("poll", r#"{"question": "Which day?"}"#).unwrap();
    let message = last(&engine, &world, raw(poll, Purpose::Support)).await.unwrap();
    assert_eq!((message.state, message.error_code), (MessageState::Refused, Some(131_051)));
    assert_eq!(world.simulator.ledger().len(), 1);
}

/// A template with everything that one can have, as the host stores it and as WhatsApp keeps it.
fn whole() -> (Vec<Template>, Vec<Value>) {
    let marketing = |name: &str, body: &str| Template::new(name, "en", TemplateCategory::Marketing, body);
    let url = |text: &str| ButtonDefinition::Url { text: s(text), url: s("https://shop.example/{{1}}") };
    let card = CardDefinition {
        header: TemplateHeader::Image {},
        body: Some(s("Only {{1}}")),
        buttons: vec![ButtonDefinition::QuickReply { text: s("More") }, url("Go")],
    };
    let stored = vec![
        Template {
            header: Some(TemplateHeader::Location {}),
            footer: Some(s("Reply STOP to opt out")),
            buttons: vec![
                ButtonDefinition::QuickReply { text: s("Stop") },
                url("Look"),
                ButtonDefinition::CopyCode {},
                ButtonDefinition::Flow { text: s("Book") },
                ButtonDefinition::Catalog { text: s("All") },
                ButtonDefinition::Products { text: s("These") },
                ButtonDefinition::PhoneNumber { text: s("Call"), number: s(THANDI) },
            ],
            ..marketing("all_buttons", "Karoo Coffee: {{first_name}}, {{total}} until {{day}}")
        },
        Template { cards: vec![card; 2], ..marketing("cards", "Karoo Coffee, STOP to opt out. {{1}}") },
        Template {
            header: Some(TemplateHeader::Text { text: s("Hi {{name}}") }),
            offer: Some(OfferDefinition { text: s("10% off"), expires: true }),
            ..marketing("offer", "Karoo Coffee, STOP to opt out.")
        },
    ];
    let look = |text: &str| json!({"type": "URL", "text": text, "url": "https://shop.example/{{1}}"});
    let card = json!({"components": [
        {"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Only {{1}}"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "More"}, look("Go")]}]});
    let kept = |name: &str, components: Value| json!({"name": name, "language": "en", "category": "MARKETING", "components": components});
    let at_whatsapp = vec![
        kept(
            "all_buttons",
            json!([
            {"type": "HEADER", "format": "LOCATION"},
            {"type": "BODY", "text": "Karoo Coffee: {{first_name}}, {{total}} until {{day}}"},
            {"type": "FOOTER", "text": "Reply STOP to opt out"},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Stop"}, look("Look"),
                {"type": "COPY_CODE"}, {"type": "FLOW", "text": "Book"}, {"type": "CATALOG", "text": "All"},
                {"type": "MPM", "text": "These"}, {"type": "PHONE_NUMBER", "text": "Call"}]}]),
        ),
        kept(
            "cards",
            json!([{"type": "BODY", "text": "Karoo Coffee, STOP to opt out. {{1}}"},
            {"type": "CAROUSEL", "cards": [card, card]}]),
        ),
        kept(
            "offer",
            json!([{"type": "HEADER", "format": "TEXT", "text": "Hi {{name}}"},
            {"type": "BODY", "text": "Karoo Coffee, STOP to opt out."},
            {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "10% off", "has_expiration": true}}]),
        ),
    ];
    (stored, at_whatsapp)
}

fn filled_whole() -> Vec<Content> {
    let place =
        Place { latitude: -32.25, longitude: 24.54, name: Some(s("Shop")), address: Some(s("12 Church St")) };
    let sections = vec![ProductSection { title: s("Beans"), products: vec![s("beans")] }];
    let of = |format, name: &str, text: &str| Parameter { format, ..Parameter::named(name, text) };
    let price = ParameterFormat::Currency { code: s("ZAR"), thousandths: 99_000 };
    let mut all = Content::template("all_buttons", "en")
        .and_then(|c| c.with_header(Header::Location { place }))
        .unwrap();
    if let Content::Template { body, .. } = &mut all {
        *body = vec![
            of(None, "first_name", "Thandi"),
            of(Some(price), "total", "R 99"),
            of(Some(ParameterFormat::DateTime {}), "day", "Friday"),
        ];
    }
    let buttons = [
        TemplateButton::QuickReply { index: 0, payload: s("stop") },
        TemplateButton::Url { index: 1, suffix: s("4711") },
        TemplateButton::CopyCode { index: 2, code: s("SPRING25") },
        TemplateButton::Flow { index: 3, token: None, data: Some(s(r#"{"day": 1}"#)) },
        TemplateButton::Catalog { index: 4, thumbnail: None },
        TemplateButton::Products { index: 5, thumbnail: s("beans"), sections },
    ];
    for button in buttons {
        all = all.with_button(button).unwrap();
    }
    let card = |code: &str| TemplateCard {
        header: Header::Image { media: picture() },
        body: vec![Parameter::text("10%")],
        buttons: vec![
            TemplateButton::QuickReply { index: 0, payload: s("more") },
            TemplateButton::Url { index: 1, suffix: s(code) },
        ],
    };
    let cards = Content::template("cards", "en")
        .and_then(|c| c.with_values(["Spring"]))
        .and_then(|c| c.with_cards(vec![card("a"), card("b")]))
        .unwrap();
    let offer = Content::template("offer", "en")
        .and_then(|c| c.with_header(Header::NamedText { name: s("name"), text: s("Thandi") }))
        .and_then(|c| c.with_offer_end("2026-12-01T00:00:00Z".parse().unwrap()))
        .unwrap();
    vec![all, cards, offer]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_component_of_a_template_reaches_the_phone() {
    let (stored, at_whatsapp) = whole();
    let world = World::new(|o| o.templates.extend(at_whatsapp)).await;
    let engine = world.engine().await;
    let person = consenting(&engine, THANDI).await.unwrap();
    for template in stored {
        engine.templates().put(template).await.unwrap();
    }
    let marketing = |content| Draft { content, purpose: Purpose::Marketing, ..text(&person, "x") };
    for content in filled_whole() {
        let message = last(&engine, &world, marketing(content)).await.unwrap();
        assert_eq!(message.state, MessageState::Accepted, "{:?}", message.error_code);
    }
    let chat = world.simulator.chat(THANDI).unwrap();
    let shown: Vec<&Value> =
        chat["chat"].as_array().unwrap().iter().map(|l| &l["message"]["template"]).collect();
    assert_eq!(shown[0]["body"], "Karoo Coffee: Thandi, R 99 until Friday");
    assert_eq!(shown[0]["header"]["kind"], "location");
    assert_eq!(shown[0]["buttons"][1]["url"], "https://shop.example/4711");
    assert_eq!(shown[0]["buttons"][2]["code"], "SPRING25");
    assert_eq!(shown[1]["cards"][1]["body"], "Only 10%");
    assert_eq!(shown[1]["cards"][1]["buttons"][1]["url"], "https://shop.example/b");
    assert_eq!(shown[2]["header"]["text"], "Hi Thandi");
    assert_eq!(shown[2]["offer"]["text"], "10% off");
    // A payload on a card carries the token too: a tap on it is evidence.
    let payload = shown[1]["cards"][0]["buttons"][0]["payload"].as_str().unwrap();
    assert!(payload.starts_with("ck1.") && payload.ends_with("~more"), "{payload}");
    // What does not fit the definition is refused here, and nobody is asked.
    let before = world.simulator.stats()["refused"].clone();
    for content in ["all_buttons", "cards", "offer"] {
        let empty = Content::template(content, "en").unwrap();
        assert_eq!(engine.messages().send(marketing(empty)).await.unwrap_err().code(), "invalid_input");
    }
    assert_eq!(world.simulator.stats()["refused"], before);
}

#[tokio::test(flavor = "multi_thread")]
async fn marketing_leaves_by_its_own_way_where_the_number_can() {
    let world = World::new(|o| o.templates.push(conek_tests::code_at_whatsapp())).await;
    let mut config = world.config();
    config.numbers[0].marketing = Some(conek_core::MarketingMessages::default());
    let engine = Engine::open(config, world.ports()).await.unwrap();
    for template in [conek_tests::spring_offer(), conek_tests::code_template()] {
        engine.templates().put(template).await.unwrap();
    }
    *world.receiver.write().await = Some(engine.clone());
    let person = consenting(&engine, THANDI).await.unwrap();
    last(&engine, &world, conek_tests::offer(&person)).await.unwrap();
    last(&engine, &world, conek_tests::code(THANDI, Purpose::Transactional)).await.unwrap();
    // WhatsApp says that this template does not go there: it goes by the other way, once.
    world.simulator.set_faults(vec![FaultRule {
        times: Some(1),
        ..FaultRule::new(Fault::Refuse { code: 134_102, http: None })
    }]);
    let message = last(&engine, &world, conek_tests::offer(&person)).await.unwrap();
    assert_eq!(message.state, MessageState::Accepted);
    let ledger = world.simulator.ledger();
    let ways: Vec<_> =
        ledger.iter().map(|e| (e.template.as_deref().unwrap_or_default(), e.marketing)).collect();
    assert_eq!(ways, [("spring_offer", true), ("code", false), ("spring_offer", false)]);
    assert_eq!(ledger[0].content["product_policy"], "CLOUD_API_FALLBACK");
    assert_eq!(ledger[0].content["message_activity_sharing"], false);
    assert_eq!(ledger[2].content.get("product_policy"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_whatsapp_counts_as_marketing_is_marketing_for_the_gate() {
    let world = World::new(|o| o.templates.push(conek_tests::code_at_whatsapp())).await;
    let engine = world.engine().await;
    engine.templates().put(conek_tests::code_template()).await.unwrap();
    world.simulator.set_faults(vec![FaultRule {
        times: Some(1),
        ..FaultRule::new(Fault::Refuse { code: 131_063, http: None })
    }]);
    let sent = engine.messages().send(conek_tests::code(THANDI, Purpose::Transactional)).await.unwrap();
    for _ in 0..5 {
        world.settle(&engine).await;
        world.clock.advance(std::time::Duration::from_secs(2));
    }
    world.settle(&engine).await;
    let template = engine.templates().get(s("code"), s("en")).await.unwrap();
    assert_eq!(template.category, TemplateCategory::Marketing);
    // It was no marketing when it was queued, and nobody consented to any.
    assert_eq!(engine.messages().get(sent.id).await.unwrap().state, MessageState::Suppressed);
    assert!(world.simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_business_scoped_id_gets_messages_and_no_passwords() {
    let (world, engine) = world().await;
    let password = Template {
        buttons: vec![ButtonDefinition::OneTimePassword {}],
        ..Template::new("login", "en", TemplateCategory::Authentication, "{{1}} is your code.")
    };
    engine.templates().put(password).await.unwrap();
    let content = Content::template("login", "en")
        .and_then(|c| c.with_values(["123456"]))
        .and_then(|c| c.with_button(TemplateButton::Url { index: 0, suffix: s("123456") }))
        .unwrap();
    for id in ["ZA.13491208655302741918", "ZA.ENT.13491208655302741918"] {
        let draft = Draft::new(Recipient::Bsuid { id: s(id) }, content.clone(), Purpose::Authentication);
        match engine.messages().send(draft).await.unwrap_err() {
            Error::InvalidInput { field, .. } => assert_eq!(field, "to"),
            other => panic!("{other:?}"),
        }
    }
    assert!(world.simulator.ledger().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_sees_that_an_answer_is_written() {
    let (world, engine) = world().await;
    let wamid = world.simulator.say(THANDI, Say::text("Are you there?")).unwrap();
    engine.inbound().show_typing(s(conek_tests::NUMBER), wamid).await.unwrap();
    let chat = world.simulator.chat(THANDI).unwrap();
    let line = &chat["chat"][0];
    assert_eq!((&line["typing"], &line["read"]), (&json!(true), &json!(true)));
}
