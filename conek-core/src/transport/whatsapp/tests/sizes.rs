//! What WhatsApp would refuse is refused before it is queued, and the error names the field.

use crate::{
    messaging::{Button, Content, Header, ListRow, ListSection, Media, Parameter, TemplateButton},
    transport::whatsapp::validate,
    values::error::Error,
};

fn refused(content: Content) -> String {
    match validate(&content) {
        Err(Error::InvalidInput { field, .. }) => field,
        other => panic!("{content:?}: {other:?}"),
    }
}

fn s(length: usize) -> String {
    "é".repeat(length)
}

fn text(body: String) -> Content {
    Content::Text { body, preview_url: true }
}

fn button(id: &str, title: &str) -> Button {
    Button { id: id.to_owned(), title: title.to_owned() }
}

fn buttons(buttons: Vec<Button>) -> Content {
    Content::Buttons { body: "b".to_owned(), header: None, footer: None, buttons }
}

fn row(id: &str, title: &str, description: Option<String>) -> ListRow {
    ListRow { id: id.to_owned(), title: title.to_owned(), description }
}

fn rows(count: usize, prefix: &str) -> Vec<ListRow> {
    (0..count).map(|i| row(&format!("{prefix}{i}"), &format!("T{i}"), None)).collect()
}

fn section(title: &str, rows: Vec<ListRow>) -> ListSection {
    ListSection { title: title.to_owned(), rows }
}

fn list(sections: Vec<ListSection>) -> Content {
    Content::List { body: "b".to_owned(), header: None, footer: None, button: "Open".to_owned(), sections }
}

fn link(url: &str) -> Media {
    Media::Link { url: url.to_owned() }
}

fn template(name: &str, language: &str, body: Vec<Parameter>, buttons: Vec<TemplateButton>) -> Content {
    Content::Template {
        name: name.to_owned(),
        language: language.to_owned(),
        header: None,
        body,
        buttons,
        cards: Vec::new(),
        offer_ends_at: None,
    }
}

fn parameter(name: &str, text: String) -> Parameter {
    Parameter::named(name, text)
}

#[test]
fn text_has_one_to_4096_characters() {
    assert_eq!(validate(&text(s(4096))), Ok(()));
    for body in [s(4097), String::new(), " \n\t".to_owned()] {
        assert_eq!(refused(text(body)), "body");
    }
}

#[test]
fn captions_and_links_are_checked() {
    let image = |media, caption| Content::Image { media, caption };
    assert_eq!(validate(&image(link("https://example.com/a.jpg"), Some(s(1024)))), Ok(()));
    assert_eq!(refused(image(link("https://example.com/a.jpg"), Some(s(1025)))), "caption");
    for url in ["http://example.com/a.jpg", "ftp://example.com", "example.com", "", "https://"] {
        assert_eq!(refused(image(link(url), None)), "media.url");
    }
    assert_eq!(refused(image(Media::Id { id: String::new() }, None)), "media.id");
    assert_eq!(refused(image(Media::Id { id: "../7".to_owned() }, None)), "media.id");
    let document = |filename: &str| Content::Document {
        media: Media::Id { id: "7".to_owned() },
        caption: None,
        filename: Some(filename.to_owned()),
    };
    assert_eq!(validate(&document("a.pdf")), Ok(()));
    assert_eq!(refused(document("")), "filename");
    assert_eq!(refused(document("a\nb.pdf")), "filename");
}

#[test]
fn one_to_three_buttons_differ_in_id_and_title() {
    let many = |n: usize| buttons((0..n).map(|i| button(&format!("{i}"), &format!("T{i}"))).collect());
    assert_eq!(validate(&many(1)), Ok(()));
    assert_eq!(validate(&many(3)), Ok(()));
    assert_eq!(refused(many(0)), "buttons");
    assert_eq!(refused(many(4)), "buttons");
    let second = |b: Button| buttons(vec![button("1", "One"), b]);
    assert_eq!(validate(&second(button(&s(256), &s(20)))), Ok(()));
    assert_eq!(refused(second(button(&s(257), "Two"))), "buttons[1].id");
    assert_eq!(refused(second(button("2", &s(21)))), "buttons[1].title");
    assert_eq!(refused(second(button("2", "One"))), "buttons[1].title");
    assert_eq!(refused(second(button("1", "Two"))), "buttons[1].id");
    assert_eq!(refused(second(button(" 2", "Two"))), "buttons[1].id");
    assert_eq!(refused(second(button("2", "Two "))), "buttons[1].title");
    assert_eq!(refused(second(button("2", ""))), "buttons[1].title");
}

#[test]
fn interactive_texts_have_their_limits() {
    let of = |body: usize, header: Option<usize>, footer: Option<usize>| Content::Buttons {
        body: s(body),
        header: header.map(|n| Header::Text { text: s(n) }),
        footer: footer.map(s),
        buttons: vec![button("1", "One")],
    };
    assert_eq!(validate(&of(1024, Some(60), Some(60))), Ok(()));
    assert_eq!(refused(of(1025, None, None)), "body");
    assert_eq!(refused(of(0, None, None)), "body");
    assert_eq!(refused(of(1, Some(61), None)), "header.text");
    assert_eq!(refused(of(1, None, Some(61))), "footer");
}

#[test]
fn a_list_has_at_most_ten_rows_in_all() {
    assert_eq!(validate(&list(vec![section("", rows(10, "a"))])), Ok(()));
    assert_eq!(validate(&list(vec![section("A", rows(5, "a")), section("B", rows(5, "b"))])), Ok(()));
    assert_eq!(refused(list(vec![section("A", rows(6, "a")), section("B", rows(5, "b"))])), "sections");
    assert_eq!(refused(list(vec![])), "sections");
    assert_eq!(refused(list((0..11).map(|i| section("A", rows(1, &format!("{i}-")))).collect())), "sections");
    assert_eq!(refused(list(vec![section("A", vec![])])), "sections[0].rows");
    assert_eq!(
        refused(list(vec![section("A", rows(1, "a")), section("", rows(1, "b"))])),
        "sections[1].title"
    );
    assert_eq!(refused(list(vec![section(&s(25), rows(1, "a"))])), "sections[0].title");
}

#[test]
fn rows_have_their_limits_and_differ() {
    let with = |r: ListRow| list(vec![section("A", vec![row("1", "One", None), r])]);
    assert_eq!(validate(&with(row(&s(200), &s(24), Some(s(72))))), Ok(()));
    assert_eq!(refused(with(row(&s(201), "Two", None))), "sections[0].rows[1].id");
    assert_eq!(refused(with(row("2", &s(25), None))), "sections[0].rows[1].title");
    assert_eq!(refused(with(row("2", "Two", Some(s(73))))), "sections[0].rows[1].description");
    assert_eq!(refused(with(row("1", "Two", None))), "sections[0].rows[1].id");
    let across = list(vec![section("A", rows(1, "a")), section("B", rows(1, "a"))]);
    assert_eq!(refused(across), "sections[1].rows[0].id");
    let long = Content::List {
        body: "b".to_owned(),
        header: None,
        footer: None,
        button: s(21),
        sections: vec![section("A", rows(1, "a"))],
    };
    assert_eq!(refused(long), "button");
}

#[test]
fn a_template_has_a_name_a_language_and_full_placeholders() {
    assert_eq!(validate(&template("order_2", "pt_BR", vec![], vec![])), Ok(()));
    assert_eq!(validate(&template(&"a".repeat(512), "fil", vec![], vec![])), Ok(()));
    for name in ["", "Order", "a b", "a-b", &"a".repeat(513)] {
        assert_eq!(refused(template(name, "en", vec![], vec![])), "name");
    }
    for language in ["", "EN", "en-US", "english", "en_"] {
        assert_eq!(refused(template("a", language, vec![], vec![])), "language");
    }
    let body = |parameters| template("a", "en", parameters, vec![]);
    assert_eq!(validate(&body(vec![parameter("", s(32_768))])), Ok(()));
    assert_eq!(validate(&body(vec![parameter("a", s(1)), parameter("b", s(1))])), Ok(()));
    assert_eq!(refused(body(vec![parameter("", s(1)), parameter("", s(1025))])), "body[1].text");
    assert_eq!(refused(body(vec![parameter("", String::new())])), "body[0].text");
    assert_eq!(refused(body(vec![parameter("a", s(1)), parameter("", s(1))])), "body[1].name");
    assert_eq!(refused(body(vec![parameter("", s(1)), parameter("a", s(1))])), "body[1].name");
    assert_eq!(refused(body(vec![parameter("a", s(1)), parameter("a", s(1))])), "body[1].name");
}

#[test]
fn template_buttons_have_a_place_of_their_own_and_a_value() {
    let url = |index, suffix: &str| TemplateButton::Url { index, suffix: suffix.to_owned() };
    let of = |button| template("a", "en", vec![], vec![url(0, "x"), button]);
    let reply = |index, payload: String| TemplateButton::QuickReply { index, payload };
    assert_eq!(validate(&of(reply(9, s(256)))), Ok(()));
    assert_eq!(refused(of(reply(9, s(257)))), "buttons[1].payload");
    assert_eq!(refused(of(url(10, "x"))), "buttons[1].index");
    assert_eq!(refused(of(url(-1, "x"))), "buttons[1].index");
    assert_eq!(refused(of(url(0, "x"))), "buttons[1].index");
    assert_eq!(refused(of(url(1, ""))), "buttons[1].suffix");
    assert_eq!(refused(of(url(1, &s(2001)))), "buttons[1].suffix");
    let code = |code: &str| of(TemplateButton::CopyCode { index: 1, code: code.to_owned() });
    assert_eq!(validate(&code("SPRING25")), Ok(()));
    for wrong in ["", "SPRING 25", "A123456789012345"] {
        assert_eq!(refused(code(wrong)), "buttons[1].code");
    }
    let flow = |data: &str| of(TemplateButton::Flow { index: 1, token: None, data: Some(data.to_owned()) });
    assert_eq!(validate(&flow(r#"{"a": 1}"#)), Ok(()));
    for wrong in ["", "{}", "[1]", "{"] {
        assert_eq!(refused(flow(wrong)), "buttons[1].data");
    }
    let call = |ttl| of(TemplateButton::VoiceCall { index: 1, ttl_minutes: Some(ttl), payload: None });
    assert_eq!((validate(&call(1)), validate(&call(43_200))), (Ok(()), Ok(())));
    assert_eq!(refused(call(0)), "buttons[1].ttl_minutes");
    assert_eq!(refused(call(43_201)), "buttons[1].ttl_minutes");
}

#[test]
fn a_reaction_is_one_emoji_on_one_message() {
    let of = |message_id: &str, emoji: &str| Content::Reaction {
        message_id: message_id.to_owned(),
        emoji: emoji.to_owned(),
    };
    for emoji in ["👍", "", "👨‍👩‍👧‍👦", "1️⃣"] {
        assert_eq!(validate(&of("wamid.Q", emoji)), Ok(()), "{emoji}");
    }
    assert_eq!(refused(of("wamid.Q", "ok")), "emoji");
    assert_eq!(refused(of("wamid.Q", "👍 👍")), "emoji");
    assert_eq!(refused(of("", "👍")), "message_id");
}
