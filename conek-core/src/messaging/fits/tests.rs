//! Missing, left over, of the wrong kind, too long: each is refused, with the name of the field.

use super::*;
use crate::messaging::{Media, OfferDefinition, ParameterFormat, Place, ProductSection, TemplateCategory};

fn s(text: &str) -> String {
    text.to_owned()
}

fn template(body: &str) -> Template {
    Template::new("order", "en", TemplateCategory::Marketing, body)
}

fn empty() -> Content {
    Content::template("order", "en").unwrap()
}

#[track_caller]
fn refused(template: &Template, content: Content) -> String {
    match check(template, &content) {
        Err(Error::InvalidInput { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn fits(template: &Template, content: Content) {
    assert_eq!(check(template, &content), Ok(()));
}

#[test]
fn numbered_placeholders_are_filled_in_order_and_none_is_left_over() {
    let t = template("{{1}} and {{2}}, {{1}}");
    fits(&t, empty().with_values(["a", "b"]).unwrap());
    assert_eq!(refused(&t, empty().with_values(["a"]).unwrap()), "content.body");
    assert_eq!(refused(&t, empty().with_values(["a", "b", "c"]).unwrap()), "content.body");
    assert_eq!(refused(&t, empty().with_named([("x", "a"), ("y", "b")]).unwrap()), "content.body[0].name");
    assert_eq!(refused(&t, empty().with_values(["a", "b\nc"]).unwrap()), "content.body[1]");
    assert_eq!(refused(&t, empty().with_values(["a", "b     c"]).unwrap()), "content.body[1]");
}

#[test]
fn named_placeholders_are_filled_by_name() {
    let t = template("{{first_name}}, {{total}}");
    fits(&t, empty().with_named([("total", "1"), ("first_name", "a")]).unwrap());
    assert_eq!(refused(&t, empty().with_named([("total", "1")]).unwrap()), "content.body");
    assert_eq!(refused(&t, empty().with_named([("total", "1"), ("name", "a")]).unwrap()), "content.body");
    assert_eq!(refused(&t, empty().with_values(["1", "a"]).unwrap()), "content.body");
}

#[test]
fn what_is_read_in_the_end_has_the_bodys_limit() {
    let t = template("{{1}} {{2}}");
    let of = |a: usize, b: usize| empty().with_values(["é".repeat(a), "é".repeat(b)]).unwrap();
    fits(&t, of(511, 512));
    assert_eq!(refused(&t, of(512, 512)), "content.body");
    let t = template("{{1}}");
    fits(&t, empty().with_values(["é".repeat(32_768)]).unwrap());
    let twice = template("{{1}}{{1}}");
    assert_eq!(refused(&twice, empty().with_values(["é".repeat(16_385)]).unwrap()), "content.body");
}

#[test]
fn money_and_moments_fill_placeholders_like_text() {
    let money = ParameterFormat::Currency { code: s("ZAR"), thousandths: 1 };
    let Content::Template { name, language, header, buttons, cards, offer_ends_at, .. } = empty() else {
        panic!("a template")
    };
    let body = vec![Parameter { format: Some(money), ..Parameter::text("R 1") }];
    let content = Content::Template { name, language, header, body, buttons, cards, offer_ends_at };
    fits(&template("{{1}}"), content);
}

#[test]
fn a_header_is_of_the_templates_kind() {
    let media = || Media::id("7");
    let place = Place { latitude: 0.0, longitude: 0.0, name: Some(s("a")), address: Some(s("b")) };
    let kinds = [
        (TemplateHeader::Image {}, Header::Image { media: media() }),
        (TemplateHeader::Video {}, Header::Video { media: media() }),
        (TemplateHeader::Gif {}, Header::Gif { media: media() }),
        (TemplateHeader::Document {}, Header::Document { media: media(), filename: None }),
        (TemplateHeader::Location {}, Header::Location { place }),
        (TemplateHeader::Text { text: s("Hi {{1}}") }, Header::Text { text: s("Ana") }),
        (
            TemplateHeader::Text { text: s("Hi {{name}}") },
            Header::NamedText { name: s("name"), text: s("Ana") },
        ),
    ];
    for (i, (wanted, _)) in kinds.iter().enumerate() {
        let t = Template { header: Some(wanted.clone()), ..template("b") };
        for (j, (_, given)) in kinds.iter().enumerate() {
            let content = empty().with_header(given.clone()).unwrap();
            match check(&t, &content) {
                Ok(()) => assert_eq!(i, j),
                Err(Error::InvalidInput { field, .. }) => {
                    assert!(i != j && field.starts_with("content.header"), "{i} {j} {field}");
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(refused(&t, empty()), "content.header");
    }
    let image = || empty().with_header(Header::Image { media: media() }).unwrap();
    assert_eq!(refused(&template("b"), image()), "content.header");
    let fixed = Template { header: Some(TemplateHeader::Text { text: s("Hi") }), ..template("b") };
    fits(&fixed, empty());
    let text = |text: String| empty().with_header(Header::Text { text }).unwrap();
    assert_eq!(refused(&fixed, text(s("a"))), "content.header");
    let filled = Template { header: Some(TemplateHeader::Text { text: s("Hi {{1}}") }), ..template("b") };
    fits(&filled, text("é".repeat(57)));
    assert_eq!(refused(&filled, text("é".repeat(58))), "content.header");
    assert_eq!(refused(&filled, text(s("a\nb"))), "content.header.text");
}

#[test]
fn a_button_takes_the_value_of_its_kind_or_none() {
    let text = || s("T");
    let url = |url: &str| ButtonDefinition::Url { text: text(), url: s(url) };
    let sections = vec![ProductSection { title: s("S"), products: vec![s("p")] }];
    let order = order();
    // The definition, the value that it takes, and whether it must have it.
    let rows = [
        (
            ButtonDefinition::QuickReply { text: text() },
            TemplateButton::QuickReply { index: 0, payload: s("p") },
            false,
        ),
        (url("https://a.example/{{1}}"), TemplateButton::Url { index: 0, suffix: s("1") }, true),
        (ButtonDefinition::CopyCode {}, TemplateButton::CopyCode { index: 0, code: s("A1") }, true),
        (
            ButtonDefinition::Flow { text: text() },
            TemplateButton::Flow { index: 0, token: None, data: None },
            false,
        ),
        (
            ButtonDefinition::Catalog { text: text() },
            TemplateButton::Catalog { index: 0, thumbnail: None },
            false,
        ),
        (
            ButtonDefinition::Products { text: text() },
            TemplateButton::Products { index: 0, thumbnail: s("p"), sections },
            true,
        ),
        (
            ButtonDefinition::VoiceCall { text: text() },
            TemplateButton::VoiceCall { index: 0, ttl_minutes: None, payload: None },
            false,
        ),
        (
            ButtonDefinition::OrderDetails { text: text() },
            TemplateButton::OrderDetails { index: 0, order },
            true,
        ),
    ];
    let with = |button: &ButtonDefinition| Template { buttons: vec![button.clone()], ..template("b") };
    for (i, (wanted, _, must)) in rows.iter().enumerate() {
        for (j, (_, given, _)) in rows.iter().enumerate() {
            let content = empty().with_button(given.clone()).unwrap();
            assert_eq!(check(&with(wanted), &content).is_ok(), i == j, "{wanted:?} {given:?}");
        }
        assert_eq!(check(&with(wanted), &empty()).is_err(), *must, "{wanted:?}");
    }
    let fixed = [
        url("https://a.example"),
        ButtonDefinition::PhoneNumber { text: text(), number: s("+27832885137") },
        ButtonDefinition::Product { text: text() },
        ButtonDefinition::Other { text: text() },
    ];
    for wanted in &fixed {
        fits(&with(wanted), empty());
        let given = empty().with_button(TemplateButton::Url { index: 0, suffix: s("1") }).unwrap();
        assert_eq!(refused(&with(wanted), given), "content.buttons[0]");
    }
    let away = empty().with_button(TemplateButton::Url { index: 1, suffix: s("1") }).unwrap();
    assert_eq!(refused(&with(&url("https://a.example/{{1}}")), away), "content.buttons[0].index");
    let code = |length: usize| {
        empty().with_button(TemplateButton::Url { index: 0, suffix: "1".repeat(length) }).unwrap()
    };
    let password = with(&ButtonDefinition::OneTimePassword {});
    fits(&password, code(15));
    assert_eq!(refused(&password, code(16)), "content.buttons[0].suffix");
    assert_eq!(refused(&password, empty()), "content.buttons");
    let long = with(&url("https://a.example/{{1}}"));
    fits(&long, code(1_982));
    assert_eq!(refused(&long, code(1_983)), "content.buttons[0].suffix");
}

fn order() -> crate::messaging::Order {
    use crate::messaging::{Amount, Order, OrderItem, OrderKind, PaymentMethod};
    let money = |hundredths| Amount { hundredths, description: None };
    Order {
        reference: s("r"),
        kind: OrderKind::Digital,
        currency: s("BRL"),
        items: vec![OrderItem {
            product_id: s("p"),
            name: s("P"),
            quantity: 1,
            price: money(1),
            sale_price: None,
        }],
        subtotal: money(1),
        tax: money(0),
        shipping: None,
        discount: None,
        total: money(1),
        payment: vec![PaymentMethod::Boleto { line: s("1") }],
        catalog_id: None,
        payable_until: None,
    }
}

#[test]
fn cards_are_as_many_and_as_the_template_has_them() {
    let definition = CardDefinition {
        header: TemplateHeader::Image {},
        body: Some(s("Only {{1}}")),
        buttons: vec![ButtonDefinition::Url { text: s("Go"), url: s("https://a.example/{{1}}") }],
    };
    let t = Template { cards: vec![definition; 2], ..template("b") };
    let card = || TemplateCard {
        header: Header::Image { media: Media::id("7") },
        body: vec![Parameter::text("10%")],
        buttons: vec![TemplateButton::Url { index: 0, suffix: s("1") }],
    };
    let of = |second: TemplateCard| empty().with_cards(vec![card(), second]).unwrap();
    fits(&t, of(card()));
    assert_eq!(refused(&t, empty()), "content.cards");
    assert_eq!(refused(&t, empty().with_cards(vec![card(); 3]).unwrap()), "content.cards");
    let video = Header::Video { media: Media::id("7") };
    assert_eq!(refused(&t, of(TemplateCard { header: video, ..card() })), "content.cards[1].header");
    assert_eq!(refused(&t, of(TemplateCard { body: vec![], ..card() })), "content.cards[1].body");
    assert_eq!(refused(&t, of(TemplateCard { buttons: vec![], ..card() })), "content.cards[1].buttons");
    assert_eq!(refused(&template("b"), of(card())), "content.cards");
}

#[test]
fn an_offer_that_counts_down_says_when_it_ends() {
    let end = || empty().with_offer_end("2026-12-01T00:00:00Z".parse().unwrap()).unwrap();
    let offer =
        |expires| Template { offer: Some(OfferDefinition { text: s("10% off"), expires }), ..template("b") };
    fits(&offer(true), end());
    fits(&offer(false), empty());
    for (t, content) in [(offer(true), empty()), (offer(false), end()), (template("b"), end())] {
        assert_eq!(refused(&t, content), "content.offer_ends_at");
    }
}

#[test]
fn a_definition_is_what_whatsapp_would_take() {
    let wrong = |t: Template| match crate::messaging::definition::check(&t) {
        Err(Error::InvalidInput { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let url = |url: &str| ButtonDefinition::Url { text: s("Go"), url: s(url) };
    let quick = |length: usize| ButtonDefinition::QuickReply { text: "é".repeat(length) };
    let buttons = |buttons| Template { buttons, ..template("b") };
    let header = |header| Template { header: Some(header), ..template("b") };
    let text = |text: &str| TemplateHeader::Text { text: s(text) };
    assert_eq!(
        crate::messaging::definition::check(&buttons(vec![quick(25), url("https://a.example/{{1}}")])),
        Ok(())
    );
    assert_eq!(wrong(buttons(vec![quick(26)])), "buttons[0].text");
    assert_eq!(wrong(buttons(vec![quick(0)])), "buttons[0].text");
    assert_eq!(wrong(buttons(vec![quick(1); 11])), "buttons");
    assert_eq!(wrong(buttons(vec![url("https://a.example/{{1}}/b")])), "buttons[0].url");
    assert_eq!(wrong(buttons(vec![url("https://a.example/{{1}}{{2}}")])), "buttons[0].url");
    assert_eq!(wrong(header(text(&"é".repeat(61)))), "header");
    assert_eq!(wrong(header(text("{{1}} {{2}}"))), "header");
    assert_eq!(wrong(header(TemplateHeader::Product {})), "header");
    let utility = Template { category: TemplateCategory::Utility, ..header(TemplateHeader::Gif {}) };
    assert_eq!(wrong(utility), "header");
    assert_eq!(wrong(template("{{1}} {{name}}")), "body");
    assert_eq!(wrong(template(&"é".repeat(1025))), "body");
    let offer = |text: &str| Some(OfferDefinition { text: s(text), expires: true });
    assert_eq!(wrong(Template { offer: offer(&"é".repeat(17)), ..template("b") }), "offer.text");
    assert_eq!(wrong(Template { offer: offer("a"), footer: Some(s("f")), ..template("b") }), "offer");
    let card = |header, body: &str| CardDefinition { header, body: Some(s(body)), buttons: vec![] };
    let cards = |cards| Template { cards, ..template("b") };
    let image = || card(TemplateHeader::Image {}, "c");
    assert_eq!(crate::messaging::definition::check(&cards(vec![image(), image()])), Ok(()));
    assert_eq!(wrong(cards(vec![image()])), "cards");
    assert_eq!(wrong(cards(vec![image(), card(TemplateHeader::Video {}, "c")])), "cards[1]");
    assert_eq!(wrong(cards(vec![image(), card(text("t"), "c")])), "cards[1].header");
    assert_eq!(
        wrong(cards(vec![image(), card(TemplateHeader::Image {}, &"é".repeat(161))])),
        "cards[1].body"
    );
}
