//! The sizes of the kinds beside text, template, picture and file: each limit holds to the character.

use std::collections::BTreeMap;

use super::wire_interactive::order;
use crate::{
    messaging::{
        Amount, Button, CardAction, CardEmail, CarouselCard, ContactCard, Content, FlowRef, FlowStart,
        Header, Media, Order, OrderItem, OrderStage, PaymentMethod, Place, ProductSection, SavedAddress,
        TemplateCard,
    },
    transport::whatsapp::validate,
    values::error::Error,
};

#[track_caller]
fn refused(content: Content) -> String {
    match validate(&content) {
        Err(Error::InvalidInput { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn fits(content: Content) {
    assert_eq!(validate(&content), Ok(()));
}

fn n(length: usize) -> String {
    "é".repeat(length)
}

fn s(text: &str) -> String {
    text.to_owned()
}

fn media() -> Media {
    Media::id("7")
}

#[test]
fn files_are_ids_or_public_addresses() {
    let bad = || Media::link("http://example.com/a");
    fits(Content::Video { media: media(), caption: Some(n(1024)) });
    assert_eq!(refused(Content::Video { media: media(), caption: Some(n(1025)) }), "caption");
    assert_eq!(refused(Content::Video { media: bad(), caption: None }), "media.url");
    fits(Content::Audio { media: media(), voice: true });
    assert_eq!(refused(Content::Audio { media: bad(), voice: false }), "media.url");
    assert_eq!(refused(Content::Sticker { media: bad() }), "media.url");
}

#[test]
fn a_place_lies_on_earth_and_has_a_name_above_its_address() {
    let at = |latitude, longitude| Place { latitude, longitude, name: None, address: None };
    let of = |place| Content::Location { place };
    fits(of(at(-90.0, 180.0)));
    assert_eq!(refused(of(at(90.1, 0.0))), "place.latitude");
    assert_eq!(refused(of(at(f64::NAN, 0.0))), "place.latitude");
    assert_eq!(refused(of(at(0.0, -180.1))), "place.longitude");
    assert_eq!(refused(of(at(0.0, f64::INFINITY))), "place.longitude");
    assert_eq!(refused(of(Place { address: Some(s("12 Church Street")), ..at(0.0, 0.0) })), "place.name");
    assert_eq!(refused(of(Place { name: Some(n(1025)), ..at(0.0, 0.0) })), "place.name");
}

#[test]
fn a_contact_card_has_a_name_and_readable_parts() {
    let card = || ContactCard::new("Johan Botha", "Johan", "+27832885137");
    let of = |card| Content::Contacts { contacts: vec![card] };
    fits(Content::Contacts { contacts: vec![card(); 257] });
    assert_eq!(refused(Content::Contacts { contacts: vec![card(); 258] }), "contacts");
    assert_eq!(refused(Content::Contacts { contacts: vec![] }), "contacts");
    let with = |change: &dyn Fn(&mut ContactCard)| {
        let mut changed = card();
        change(&mut changed);
        refused(of(changed))
    };
    assert_eq!(with(&|c| c.name.formatted_name.clear()), "contacts[0].name.formatted_name");
    assert_eq!(with(&|c| c.name.first_name = None), "contacts[0].name.first_name");
    assert_eq!(with(&|c| c.phones[0].phone.clear()), "contacts[0].phones[0].phone");
    assert_eq!(with(&|c| c.phones[0].wa_id = Some(s("+27"))), "contacts[0].phones[0].wa_id");
    assert_eq!(
        with(&|c| c.emails = vec![CardEmail { email: s("nobody"), label: None }]),
        "contacts[0].emails[0].email"
    );
    assert_eq!(with(&|c| c.birthday = Some(s("3 Feb 1990"))), "contacts[0].birthday");
}

#[test]
fn a_button_that_opens_an_address_has_twenty_characters() {
    let of = |button: String, url: &str| Content::UrlButton {
        body: s("b"),
        header: None,
        footer: None,
        button,
        url: s(url),
    };
    fits(of(n(20), "https://a.example/1"));
    assert_eq!(refused(of(n(21), "https://a.example/1")), "button");
    for url in ["", "a.example", "javascript:alert(1)", &format!("https://a.example/{}", "x".repeat(1983))] {
        assert_eq!(refused(of(s("Go"), url)), "url", "{url}");
    }
    let header = |header| Content::UrlButton {
        body: s("b"),
        header: Some(header),
        footer: None,
        button: s("Go"),
        url: s("https://a.example"),
    };
    fits(header(Header::Video { media: media() }));
    assert_eq!(refused(header(Header::Gif { media: media() })), "header");
    assert_eq!(refused(header(Header::NamedText { name: s("a"), text: s("b") })), "header");
}

#[test]
fn a_form_has_a_name_a_button_and_data_that_is_an_object() {
    let of = |flow, button: String, start| Content::Flow {
        body: s("b"),
        header: None,
        footer: None,
        flow,
        button,
        token: None,
        start,
        draft: false,
    };
    let id = || FlowRef::Id { id: s("7") };
    fits(of(id(), n(20), FlowStart::First {}));
    assert_eq!(refused(of(id(), n(21), FlowStart::First {})), "button");
    assert_eq!(refused(of(FlowRef::Id { id: s("../7") }, s("Go"), FlowStart::First {})), "flow.id");
    assert_eq!(refused(of(FlowRef::Name { name: s(" ") }, s("Go"), FlowStart::First {})), "flow.name");
    let at = |screen: &str, data: Option<&str>| FlowStart::Screen { screen: s(screen), data: data.map(s) };
    fits(of(id(), s("Go"), at("DAY", Some(r#"{"a":1}"#))));
    assert_eq!(refused(of(id(), s("Go"), at("", None))), "start.screen");
    assert_eq!(refused(of(id(), s("Go"), at("DAY", Some("{}")))), "start.data");
}

#[test]
fn requests_have_a_body() {
    for of in [
        |body| Content::LocationRequest { body },
        |body| Content::ContactInfoRequest { body },
        |body| Content::CallPermissionRequest { body },
        |body| Content::VoiceCall { body, button: None, ttl_minutes: None, payload: None },
    ] {
        fits(of(n(1024)));
        assert_eq!((refused(of(n(1025))), refused(of(n(0)))), (s("body"), s("body")));
    }
    let call = |button: usize, ttl, payload: usize| Content::VoiceCall {
        body: s("b"),
        button: Some(n(button)),
        ttl_minutes: Some(ttl),
        payload: Some(n(payload)),
    };
    fits(call(20, 43_200, 512));
    assert_eq!(refused(call(21, 1, 1)), "button");
    assert_eq!(refused(call(1, 43_201, 1)), "ttl_minutes");
    assert_eq!(refused(call(1, 1, 513)), "payload");
}

#[test]
fn a_list_of_products_has_thirty_in_all() {
    let section = |title: &str, from: usize, count: usize| ProductSection {
        title: s(title),
        products: (from..from + count).map(|i| i.to_string()).collect(),
    };
    let of = |sections| Content::ProductList {
        header: n(60),
        body: s("b"),
        footer: None,
        catalog_id: s("1"),
        sections,
    };
    fits(of(vec![section("", 0, 30)]));
    fits(of(vec![section("A", 0, 15), section("B", 15, 15)]));
    assert_eq!(refused(of(vec![section("A", 0, 15), section("B", 15, 16)])), "sections");
    assert_eq!(refused(of(vec![section("A", 0, 1), section("", 1, 1)])), "sections[1].title");
    assert_eq!(refused(of(vec![section(&n(25), 0, 1)])), "sections[0].title");
    assert_eq!(refused(of(vec![section("A", 0, 0)])), "sections[0].products");
    assert_eq!(refused(of((0..11).map(|i| section("A", i, 1)).collect())), "sections");
    let one = |catalog: &str, product: &str| Content::Product {
        body: None,
        footer: None,
        catalog_id: s(catalog),
        product_id: s(product),
    };
    fits(one("194836987003835", "beans-1kg"));
    assert_eq!(refused(one("", "p")), "catalog_id");
    assert_eq!(refused(one("1", "")), "product_id");
    assert_eq!(refused(Content::Catalog { body: n(1025), footer: None, thumbnail: None }), "body");
}

#[test]
fn a_carousel_has_two_to_ten_cards_of_one_make() {
    let url = || CardAction::Url { button: n(20), url: s("https://a.example") };
    let image = || Header::Image { media: media() };
    let card = |header, body: &str, action| CarouselCard { header, body: Some(s(body)), action };
    let of = |cards| Content::Carousel { body: s("b"), cards };
    let many = |count: usize| of(vec![card(image(), "c", url()); count]);
    fits(many(2));
    fits(many(10));
    assert_eq!((refused(many(1)), refused(many(11))), (s("cards"), s("cards")));
    let second = |other| of(vec![card(image(), "c", url()), other]);
    fits(second(card(image(), &format!("a\nb\n{}", n(156)), url())));
    assert_eq!(refused(second(card(image(), &n(161), url()))), "cards[1].body");
    assert_eq!(refused(second(card(image(), "a\nb\nc\nd", url()))), "cards[1].body");
    assert_eq!(refused(second(card(Header::Text { text: s("t") }, "c", url()))), "cards[1].header");
    assert_eq!(refused(second(card(Header::Video { media: media() }, "c", url()))), "cards[1]");
    let replies = |ids: &[&str]| CardAction::Replies {
        buttons: ids.iter().map(|id| Button { id: s(id), title: s(id) }).collect(),
    };
    assert_eq!(refused(second(card(image(), "c", replies(&["a"])))), "cards[1]");
    let both =
        |a: &[&str], b: &[&str]| of(vec![card(image(), "c", replies(a)), card(image(), "c", replies(b))]);
    fits(both(&["a", "b"], &["c", "d"]));
    assert_eq!(refused(both(&["a", "b"], &["c"])), "cards[1]");
    assert_eq!(refused(both(&["a"], &["a"])), "cards[1].action.buttons[0].id");
}

#[test]
fn an_address_request_has_a_country_and_whatsapps_fields() {
    let map = |name: &str, value: &str| BTreeMap::from([(s(name), s(value))]);
    let of = |country: &str, values, saved| Content::AddressRequest {
        body: s("b"),
        footer: None,
        country: s(country),
        values,
        saved,
        errors: BTreeMap::new(),
    };
    fits(of("IN", map("in_pin_code", "411001"), vec![]));
    assert_eq!(refused(of("India", BTreeMap::new(), vec![])), "country");
    assert_eq!(refused(of("IN", map("Pin Code", "1"), vec![])), "values");
    assert_eq!(refused(of("IN", map("in_pin_code", "4110011"), vec![])), "values.in_pin_code");
    let saved = |id: &str, values| vec![SavedAddress { id: s(id), values }];
    assert_eq!(refused(of("IN", BTreeMap::new(), saved("", map("city", "Pune")))), "saved[0].id");
    assert_eq!(refused(of("IN", BTreeMap::new(), saved("a", BTreeMap::new()))), "saved[0].values");
}

#[test]
fn the_sums_of_an_order_are_right() {
    let of = |order| Content::OrderDetails { body: s("b"), header: None, footer: None, order };
    let money = |hundredths| Amount { hundredths, description: None };
    fits(of(order()));
    assert_eq!(refused(of(Order { total: money(9_951), ..order() })), "order.total");
    assert_eq!(
        refused(of(Order { subtotal: money(9_001), total: money(9_951), ..order() })),
        "order.subtotal"
    );
    assert_eq!(refused(of(Order { tax: money(-1), ..order() })), "order.tax.hundredths");
    assert_eq!(refused(of(Order { currency: s("Rand"), ..order() })), "order.currency");
    assert_eq!(refused(of(Order { reference: s("a b"), ..order() })), "order.reference");
    assert_eq!(refused(of(Order { reference: "r".repeat(36), ..order() })), "order.reference");
    assert_eq!(refused(of(Order { payment: vec![], ..order() })), "order.payment");
    let key = PaymentMethod::Pix { code: s("c"), merchant: s("m"), key: s("k"), key_type: s("RG") };
    assert_eq!(refused(of(Order { payment: vec![key], ..order() })), "order.payment[0].key_type");
    let item = |change: &dyn Fn(&mut OrderItem)| {
        let mut changed = order();
        change(&mut changed.items[0]);
        refused(of(changed))
    };
    assert_eq!(item(&|i| i.name = n(61)), "order.items[0].name");
    assert_eq!(item(&|i| i.quantity = 0), "order.items[0].quantity");
    assert_eq!(item(&|i| i.sale_price = Some(money(5_000))), "order.items[0].sale_price");
    assert_eq!(refused(of(Order { items: vec![], ..order() })), "order.items");
    let status = |reference: &str, description: usize| Content::OrderStatus {
        body: s("b"),
        footer: None,
        reference: s(reference),
        stage: OrderStage::Shipped,
        description: Some(n(description)),
    };
    fits(status("order-4711", 120));
    assert_eq!(refused(status("", 1)), "reference");
    assert_eq!(refused(status("order-4711", 121)), "description");
}

#[test]
fn a_templates_header_and_cards_are_checked() {
    let of = |header, cards| Content::Template {
        name: s("a"),
        language: s("en"),
        header,
        body: vec![],
        buttons: vec![],
        cards,
        offer_ends_at: None,
    };
    let place = |address: Option<&str>| Header::Location {
        place: Place { latitude: 0.0, longitude: 0.0, name: Some(s("Shop")), address: address.map(s) },
    };
    fits(of(Some(place(Some("12 Church Street"))), vec![]));
    assert_eq!(refused(of(Some(place(None)), vec![])), "header.place.address");
    fits(of(Some(Header::Gif { media: media() }), vec![]));
    let product = || Header::Product { catalog_id: s("1"), product_id: s("p") };
    assert_eq!(refused(of(Some(product()), vec![])), "header");
    assert_eq!(refused(of(Some(Header::NamedText { name: s("A"), text: s("t") }), vec![])), "header.name");
    let cards = |count: usize| vec![TemplateCard { header: product(), body: vec![], buttons: vec![] }; count];
    fits(of(None, cards(2)));
    fits(of(None, cards(10)));
    assert_eq!((refused(of(None, cards(1))), refused(of(None, cards(11)))), (s("cards"), s("cards")));
}

#[test]
fn a_raw_message_is_an_object_under_a_name_of_its_own() {
    let of = |kind: &str, payload: &str| Content::Raw { kind: s(kind), payload: s(payload) };
    fits(of("poll", "{}"));
    fits(of("contacts", "[]"));
    for kind in [
        "",
        "Poll",
        "a b",
        "to",
        "recipient",
        "recipient_type",
        "messaging_product",
        "type",
        "context",
        "status",
        "biz_opaque_callback_data",
        "recipient_identity_key_hash",
        "product_policy",
    ] {
        assert_eq!(refused(of(kind, "{}")), "kind", "{kind}");
    }
    for payload in ["", "{", "7", "\"text\"", "null", &format!("{{\"a\":\"{}\"}}", "x".repeat(64 * 1024))] {
        assert_eq!(refused(of("poll", payload)), "payload");
    }
    assert_eq!(refused(of("poll", &"[".repeat(10_000))), "payload");
    fits(of("template", r#"{"name": "spring_offer", "language": {"code": "en"}}"#));
    assert_eq!(refused(of("template", r#"{"language": {"code": "en"}}"#)), "payload.name");
    assert_eq!(refused(of("template", r#"{"name": "spring_offer"}"#)), "payload.language");
}
