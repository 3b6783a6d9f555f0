//! Everything inside a webhook becomes exactly one update, whatever its shape.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::transport::{
    Reply, StatusKind, TemplateEvent, Update,
    whatsapp::{loose::NO_TIME, parse, statuses, webhook},
};

fn updates(body: &Value) -> Vec<Update> {
    parse(body.to_string().as_bytes()).updates
}

fn hook(field: &str, value: Value) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"value": value, "field": field}]}]})
}

fn value(members: Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
        "contacts": [{"profile": {"name": "Sheena"}, "wa_id": "16505551234"}]
    });
    for (name, member) in members.as_object().unwrap() {
        value[name] = member.clone();
    }
    value
}

fn one(field: &str, members: Value) -> Update {
    let mut all = updates(&hook(field, value(members)));
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn message(part: Value) -> Update {
    let mut message = json!({"from": "16505551234", "id": "wamid.A", "timestamp": "1749416383"});
    for (name, member) in part.as_object().unwrap() {
        message[name] = member.clone();
    }
    one("messages", json!({"messages": [message]}))
}

fn reply(part: Value) -> Reply {
    match message(part) {
        Update::Message { reply, .. } => reply,
        other => panic!("{other:?}"),
    }
}

fn status(part: Value) -> Update {
    let mut status = json!({"id": "wamid.S", "status": "delivered", "timestamp": "1749416383", "recipient_id": "16505551234"});
    for (name, member) in part.as_object().unwrap() {
        status[name] = member.clone();
    }
    one("messages", json!({"statuses": [status], "contacts": null}))
}

fn unknown(update: &Update) -> (&str, Value) {
    match update {
        Update::Unknown { field, json } => (field, serde_json::from_str(json).unwrap()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_is_read_with_who_when_and_what() {
    let expected = Update::Message {
        receiver: "106540352242922".into(),
        wamid: "wamid.A".into(),
        wa_id: Some("16505551234".into()),
        user_id: None,
        profile_name: Some("Sheena".into()),
        at: "2025-06-08T20:59:43Z".parse().unwrap(),
        context: Some("wamid.Q".into()),
        reply: Reply::Text { body: "Does it come in another color? 🎨".into() },
    };
    let part = json!({"type": "text", "text": {"body": "Does it come in another color? 🎨"}, "context": {"from": "1", "id": "wamid.Q"}});
    assert_eq!(message(part), expected);
}

#[test]
fn taps_and_choices_carry_id_and_title() {
    let choice = |id: &str, title: &str| Reply::Choice { id: id.into(), title: title.into() };
    assert_eq!(
        reply(json!({"type": "button", "button": {"payload": "stop", "text": "Stop"}})),
        choice("stop", "Stop")
    );
    assert_eq!(reply(json!({"type": "button", "button": {"text": "Stop"}})), choice("Stop", "Stop"));
    for kind in ["button_reply", "list_reply"] {
        let part = json!({"type": "interactive", "interactive": {"type": kind, kind: {"id": "1", "title": "One", "description": "d"}}});
        assert_eq!(reply(part), choice("1", "One"));
    }
}

#[test]
fn a_reaction_is_taken_back_by_an_empty_or_missing_emoji() {
    for (part, emoji) in [
        (json!({"message_id": "wamid.Q", "emoji": "👍"}), "👍"),
        (json!({"message_id": "wamid.Q", "emoji": ""}), ""),
        (json!({"message_id": "wamid.Q"}), ""),
    ] {
        let expected = Reply::Reaction { message_id: "wamid.Q".into(), emoji: emoji.into() };
        assert_eq!(reply(json!({"type": "reaction", "reaction": part})), expected);
    }
}

#[test]
fn every_kind_of_media_is_read() {
    for kind in ["image", "document", "audio", "video", "sticker"] {
        let part = json!({"type": kind, kind: {"id": 1003383421387256u64, "mime_type": "x/y", "sha256": "h", "caption": "Taj"}});
        let expected = Reply::Media {
            kind: kind.into(),
            media_id: "1003383421387256".into(),
            mime: "x/y".into(),
            caption: Some("Taj".into()),
        };
        assert_eq!(reply(part), expected);
    }
}

#[test]
fn another_kind_of_message_is_kept_whole() {
    for part in [
        json!({"type": "location", "location": {"latitude": 37.4}}),
        json!({"type": "unsupported", "errors": [{"code": 131051}]}),
        json!({"type": "text", "text": "not an object"}),
        json!({"type": "image", "image": {}}),
        json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "{}"}}}),
        json!({"type": 7}),
        json!({}),
    ] {
        match reply(part.clone()) {
            Reply::Other { json, .. } => {
                let kept: Value = serde_json::from_str(&json).unwrap();
                for (name, member) in part.as_object().unwrap() {
                    assert_eq!(&kept[name], member);
                }
            }
            other => panic!("{part}: {other:?}"),
        }
    }
}

#[test]
fn what_nobody_wrote_is_no_message() {
    for part in [
        json!({"type": "system", "system": {"type": "something of tomorrow"}}),
        json!({"type": "system", "system": {"type": "user_changed_number", "wa_id": "nobody"}}),
        json!({"type": "system"}),
        json!({"type": "request_welcome"}),
        json!({"type": "text", "text": {"body": "x"}, "id": null}),
    ] {
        let update = message(part);
        assert_eq!(unknown(&update).0, "messages");
    }
}

#[test]
fn side_details_in_odd_shapes_do_not_cost_the_words() {
    let part = json!({"type": "text", "text": {"body": "STOP"}, "context": "odd", "timestamp": null, "image": 7, "referral": []});
    match message(part) {
        Update::Message { reply, at, context, .. } => {
            assert_eq!((reply, at, context), (Reply::Text { body: "STOP".into() }, NO_TIME, None));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn half_a_surrogate_pair_does_not_cost_the_words() {
    let body = hook(
        "messages",
        value(json!({"messages": [
            {"from": "1", "id": "wamid.A", "timestamp": 1749416383, "type": "text", "text": {"body": "STOP@"}}
        ]})),
    );
    let broken = body.to_string().replace('@', "\\ud83d");
    match &parse(broken.as_bytes()).updates[..] {
        [Update::Message { reply: Reply::Text { body }, .. }] => assert!(body.starts_with("STOP"), "{body}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn escaped_letters_are_read_and_a_broken_byte_costs_nothing_else() {
    let text = |body: &str| json!({"from": "1", "id": "wamid.A", "type": "text", "text": {"body": body}});
    let body = hook("messages", value(json!({"messages": [text("@"), text("#")]}))).to_string();
    let mut bytes = body.replace('@', "caf\\u00e9 \\ud83d\\ude00").into_bytes();
    let at = bytes.iter().position(|b| *b == b'#').unwrap();
    bytes[at] = 0xff;
    let texts: Vec<String> = parse(&bytes)
        .updates
        .into_iter()
        .map(|u| match u {
            Update::Message { reply: Reply::Text { body }, .. } => body,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts, ["café 😀", "\u{fffd}"]);
}

#[test]
fn a_person_without_a_number_is_known_by_their_business_scoped_id() {
    let contacts = json!([{"profile": {"name": "Ana"}, "user_id": "ZA.1"}]);
    let base = json!({"id": "wamid.A", "timestamp": "1749416383", "type": "text", "text": {"body": "x"}});
    for (name, from) in [("from_user_id", "ZA.1"), ("from", "ZA.1"), ("nothing", "")] {
        let mut message = base.clone();
        message[name] = json!(from);
        match one("messages", json!({"contacts": contacts, "messages": [message]})) {
            Update::Message { wa_id, user_id, profile_name, .. } => {
                assert_eq!(
                    (wa_id, user_id, profile_name),
                    (None, Some("ZA.1".into()), Some("Ana".into())),
                    "{name}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
    // The contact beside a number tells the other identifier.
    let both = json!([{"wa_id": "1", "user_id": "ZA.1"}, {"wa_id": "2", "user_id": "ZA.2"}]);
    let mut message = base;
    message["from"] = json!("2");
    match one("messages", json!({"contacts": both, "messages": [message]})) {
        Update::Message { wa_id, user_id, .. } => {
            assert_eq!((wa_id, user_id), (Some("2".into()), Some("ZA.2".into())))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_status_tells_what_became_of_a_message() {
    for (word, kind) in [
        ("sent", StatusKind::Sent),
        ("delivered", StatusKind::Delivered),
        ("read", StatusKind::Read),
        ("failed", StatusKind::Failed),
    ] {
        let part = json!({"status": word, "biz_opaque_callback_data": "ck1.echo", "errors": [{"code": 131026}], "pricing": {"category": "marketing", "billable": true}});
        let expected = Update::Status {
            sender: "106540352242922".into(),
            wamid: "wamid.S".into(),
            kind,
            at: "2025-06-08T20:59:43Z".parse().unwrap(),
            echo: Some("ck1.echo".into()),
            wa_id: Some("16505551234".into()),
            user_id: None,
            code: Some(131_026),
            pricing: Some("marketing".into()),
        };
        assert_eq!(status(part), expected);
    }
    assert_eq!(unknown(&status(json!({"status": "warning"}))).0, "messages");
}

#[test]
fn a_status_survives_every_known_quirk() {
    type Check = fn(&Update) -> bool;
    let cases: Vec<(Value, Check)> = vec![
        (
            json!({"timestamp": 1749416383}),
            |u| matches!(u, Update::Status { at, .. } if at.timestamp() == 1_749_416_383),
        ),
        (
            json!({"timestamp": 1749416383000u64}),
            |u| matches!(u, Update::Status { at, .. } if at.timestamp() == 1_749_416_383),
        ),
        (
            json!({"pricing": null, "conversation": {"id": "c", "pricing": {"category": "utility"}}}),
            |u| matches!(u, Update::Status { pricing: Some(p), .. } if p == "utility"),
        ),
        (
            json!({"conversation": {"origin": {"type": "service"}}}),
            |u| matches!(u, Update::Status { pricing: Some(p), .. } if p == "service"),
        ),
        (json!({"pricing": "odd", "conversation": 7, "errors": "odd"}), |u| {
            matches!(u, Update::Status { pricing: None, code: None, .. })
        }),
        (
            json!({"recipient_id": "G1", "participant_recipient_id": "27"}),
            |u| matches!(u, Update::Status { wa_id: Some(w), .. } if w == "27"),
        ),
        (
            json!({"recipient_id": "G1", "recipient_participant_id": "27"}),
            |u| matches!(u, Update::Status { wa_id: Some(w), .. } if w == "27"),
        ),
        (
            json!({"recipient_id": null, "recipient_user_id": "ZA.1"}),
            |u| matches!(u, Update::Status { wa_id: None, user_id: Some(i), .. } if i == "ZA.1"),
        ),
        (json!({"errors": [{"code": "131049", "error_data": "text"}]}), |u| {
            matches!(u, Update::Status { code: Some(131_049), .. })
        }),
        (json!({"errors": [{"code": 99999999999u64}]}), |u| matches!(u, Update::Status { code: None, .. })),
    ];
    for (part, check) in cases {
        let update = status(part.clone());
        assert!(check(&update), "{part}: {update:?}");
    }
}

#[test]
fn an_absurd_moment_proves_nothing_and_breaks_nothing() {
    for timestamp in [
        json!(0),
        json!(-1),
        json!("9223372036854775807"),
        json!(i64::MIN),
        json!(1e300),
        json!("soon"),
        json!([]),
        json!(""),
    ] {
        match status(json!({"timestamp": timestamp})) {
            Update::Status { at, .. } => assert_eq!(at, NO_TIME, "{timestamp}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn preferences_are_heard_and_a_stop_whatever_it_is_about() {
    let part = |members: Value| {
        let mut p = json!({"wa_id": "16505551234", "detail": "d", "category": "marketing_messages", "value": "stop", "timestamp": 1749416383});
        for (name, member) in members.as_object().unwrap() {
            p[name] = member.clone();
        }
        one("user_preferences", json!({"user_preferences": [p]}))
    };
    for word in ["stop", "resume", "signup", "STOP"] {
        let expected = Update::Preference {
            signup_id: None,
            receiver: "106540352242922".into(),
            wa_id: Some("16505551234".into()),
            user_id: Some("ZA.1".into()),
            value: word.to_lowercase(),
            at: "2025-06-08T20:59:43Z".parse().unwrap(),
        };
        assert_eq!(part(json!({"value": word, "user_id": "ZA.1"})), expected);
    }
    let signed_up = part(json!({"value": "signup", "signup_id": 987_654}));
    assert!(matches!(signed_up, Update::Preference { signup_id: Some(id), .. } if id == "987654"));
    assert!(matches!(part(json!({"category": "new"})), Update::Preference { .. }));
    assert_eq!(unknown(&part(json!({"category": "new", "value": "resume"}))).0, "user_preferences");
    assert_eq!(unknown(&part(json!({"value": "maybe"}))).0, "user_preferences");
}

#[test]
fn a_template_change_names_its_language_as_it_is_sent() {
    for (language, expected) in [
        ("en_US", "en_US"),
        ("en-US", "en_US"),
        ("EN_us", "en_US"),
        ("pt-br", "pt_BR"),
        ("fil", "fil"),
        ("EN", "en"),
    ] {
        let value = json!({"event": "approved", "message_template_id": 7, "message_template_name": "order", "message_template_language": language, "reason": "NONE"});
        let event = TemplateEvent::Status {
            status: "APPROVED".into(),
            reason: None,
            pause: None,
            detail: None,
            recommendation: None,
        };
        let update = Update::Template { name: "order".into(), language: expected.into(), event };
        assert_eq!(updates(&hook("message_template_status_update", value)), [update]);
    }
    let quality = json!({"new_quality_score": "RED", "message_template_name": "order", "message_template_language": "en"});
    let found = updates(&hook("message_template_status_update", quality.clone()));
    assert_eq!(unknown(&found[0]), ("message_template_status_update", quality));
}

#[test]
fn what_has_no_type_is_kept_whole() {
    for field in ["account_update", "tracking_events", "a field of tomorrow", ""] {
        let value = json!({"message_echoes": [{"id": "wamid.E"}], "x": 1});
        let found = updates(&hook(field, value.clone()));
        assert_eq!(found.len(), 1);
        assert_eq!(unknown(&found[0]), (field, value));
    }
    let found = updates(&hook(
        "messages",
        value(json!({"errors": [{"code": null}, {}], "message_echoes": [{"id": "e"}], "calls": {"id": "c"}})),
    ));
    let fields: Vec<_> = found.iter().map(|u| unknown(u).0).collect();
    assert_eq!(fields, ["messages.calls", "messages.errors", "messages.errors", "messages.message_echoes"]);
}

#[test]
fn one_bad_update_never_spoils_the_rest() {
    let good = json!({"id": "wamid.S", "status": "read", "timestamp": "1749416383", "recipient_id": "1"});
    let bad = [
        json!(null),
        json!(7),
        json!("x"),
        json!([]),
        json!({}),
        json!({"id": 1, "status": "read"}),
        json!({"id": "w", "status": "new"}),
    ];
    for bad in bad {
        let found = updates(&hook("messages", value(json!({"statuses": [good, bad, good]}))));
        assert_eq!(found.len(), 3, "{bad}");
        assert!(matches!((&found[0], &found[2]), (Update::Status { .. }, Update::Status { .. })));
        assert_eq!(unknown(&found[1]), ("messages", bad));
    }
    let fine = hook("messages", value(json!({"statuses": [good]})))["entry"][0].clone();
    for bad in [
        json!(null),
        json!({"id": "1"}),
        json!({"changes": [7]}),
        json!({"changes": [{"field": "messages"}]}),
        json!({"changes": [{"value": {}}]}),
        json!({"changes": [{"field": 7, "value": {"x": 1}}]}),
    ] {
        let found = updates(&json!({"entry": [fine, bad, fine]}));
        assert_eq!(found.len(), 3, "{bad}");
        assert!(matches!(
            (&found[0], &found[1], &found[2]),
            (Update::Status { .. }, Update::Unknown { .. }, Update::Status { .. })
        ));
    }
}

#[test]
fn a_body_that_is_no_webhook_is_one_unknown() {
    for body in ["", "hello", "{", "[]", "7", "{}", r#"{"entry":7}"#, "{\"entry\":[]", "\u{0}"] {
        assert_eq!(
            parse(body.as_bytes()).updates,
            [Update::Unknown { field: String::new(), json: body.to_owned() }],
            "{body}"
        );
    }
    assert_eq!(parse(br#"{"entry":[]}"#).updates, []);
    let long = parse(&vec![0xff; 1_000_000]).updates;
    assert!(
        matches!(&long[..], [Update::Unknown { json, .. }] if json.len() <= 64 * 1024 && !json.is_empty())
    );
}

#[test]
fn depth_does_not_matter() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let body = format!(r#"{{"entry":[{{"changes":[{{"field":"new","value":{deep}}}]}}]}}"#);
    assert_eq!(parse(body.as_bytes()).updates, [Update::Unknown { field: "new".into(), json: deep.clone() }]);
    assert_eq!(parse(deep.as_bytes()).updates.len(), 1);
    let inside = format!(
        r#"{{"entry":[{{"changes":[{{"field":"messages","value":{{"statuses":[{{"id":"w","status":"read","errors":{deep}}}]}}}}]}}]}}"#
    );
    assert!(matches!(parse(inside.as_bytes()).updates[..], [Update::Status { code: None, .. }]));
}

#[test]
fn a_thousand_updates_are_a_thousand() {
    let statuses: Vec<Value> = (0..1000).map(|i| json!({"id": format!("wamid.{i}"), "status": "sent", "timestamp": "1749416383", "recipient_id": "1"})).collect();
    let found = updates(&hook("messages", value(json!({"statuses": statuses}))));
    for (i, update) in found.iter().enumerate() {
        assert!(matches!(update, Update::Status { wamid, .. } if *wamid == format!("wamid.{i}")));
    }
    assert_eq!(found.len(), 1000);
}

/// Any JSON, a little deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z_]{1,10}", inner), 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

/// A status or message, sound or with any member replaced by anything.
fn item() -> impl Strategy<Value = Value> {
    let sound = prop_oneof![
        Just(json!({"id": "wamid.S", "status": "sent", "timestamp": "1749416383", "recipient_id": "1"})),
        Just(
            json!({"id": "wamid.M", "from": "1", "timestamp": 1749416383, "type": "text", "text": {"body": "hi"}})
        ),
    ];
    let names = prop::sample::select(vec![
        "id",
        "status",
        "timestamp",
        "from",
        "type",
        "text",
        "errors",
        "pricing",
        "context",
    ]);
    let bent = (sound.clone(), names, any_json()).prop_map(|(mut item, name, odd)| {
        item[name] = odd;
        item
    });
    prop_oneof![sound, bent, any_json()]
}

/// A change, and how many updates are inside.
fn change() -> impl Strategy<Value = (Value, usize)> {
    let lists = (
        prop::collection::vec(item(), 0..6),
        prop::collection::vec(item(), 0..6),
        prop::collection::vec(any_json(), 0..3),
    );
    let messages = lists.prop_map(|(statuses, messages, errors)| {
        let count = statuses.len() + messages.len() + errors.len();
        let value = json!({"metadata": {"phone_number_id": "1"}, "statuses": statuses, "messages": messages, "errors": errors});
        (json!({"field": "messages", "value": value}), count.max(1))
    });
    let preferences = prop::collection::vec(any_json(), 0..4).prop_map(|list| {
        let count = list.len().max(1);
        (json!({"field": "user_preferences", "value": {"user_preferences": list}}), count)
    });
    let other =
        ("[a-z]{1,9}x", any_json()).prop_map(|(field, value)| (json!({"field": field, "value": value}), 1));
    let odd = prop_oneof![Just(json!(7)), Just(json!({"field": "messages"}))].prop_map(|c| (c, 1));
    prop_oneof![messages, preferences, other, odd]
}

/// A status in which every member is missing, sound, or one of its known quirks.
fn quirky_status() -> impl Strategy<Value = Value> {
    let members = vec![
        ("id", vec![json!("wamid.S"), json!(""), json!("w\u{e9}")]),
        ("status", vec![json!("sent"), json!("failed"), json!("new")]),
        ("timestamp", vec![json!("1749416383"), json!(1749416383), json!(null), json!("soon")]),
        (
            "recipient_id",
            vec![json!("1"), json!("+1"), json!("ZA.1"), json!("G"), json!(""), json!(1), json!(null)],
        ),
        ("recipient_user_id", vec![json!("ZA.2"), json!("")]),
        ("participant_recipient_id", vec![json!("2"), json!("")]),
        ("recipient_participant_id", vec![json!("3")]),
        ("biz_opaque_callback_data", vec![json!("ck1.x"), json!(""), json!(7)]),
        (
            "errors",
            vec![
                json!([]),
                json!([{"code": 131026}, {"code": 2}]),
                json!([{"code": "3"}]),
                json!([{}]),
                json!({}),
            ],
        ),
        ("pricing", vec![json!({}), json!({"category": "utility"}), json!({"category": ""}), json!("x")]),
        (
            "conversation",
            vec![
                json!({}),
                json!({"pricing": {"category": "a"}}),
                json!({"origin": {"type": "b"}}),
                json!(7),
            ],
        ),
        ("surprise", vec![json!([[]])]),
    ];
    let choices: Vec<_> = members
        .into_iter()
        .map(|(name, values)| {
            prop::option::weighted(0.7, prop::sample::select(values)).prop_map(move |v| (name, v))
        })
        .collect();
    choices.prop_map(|members| {
        Value::Object(members.into_iter().filter_map(|(name, v)| Some((name.to_owned(), v?))).collect())
    })
}

proptest! {
    #[test]
    fn the_short_way_gives_what_the_long_way_gives(
        list in prop::collection::vec(quirky_status(), 1..3),
        contacts in prop::sample::select(vec![json!(null), json!([]), json!([{"wa_id": "1", "user_id": "ZA.9"}]), json!([{"user_id": "ZA.2", "wa_id": "7"}, {"wa_id": "1"}])]),
    ) {
        let body = hook("messages", value(json!({"statuses": list, "contacts": contacts}))).to_string();
        if let Some(short) = statuses::only(&body) {
            prop_assert_eq!(short, webhook::any(&body));
        }
    }

    #[test]
    fn as_many_updates_come_out_as_are_inside(entries in prop::collection::vec(prop::collection::vec(change(), 0..4), 0..4)) {
        let expected: usize = entries.iter().flatten().map(|(_, count)| count).sum();
        let entry: Vec<Value> = entries
            .into_iter()
            .map(|changes| json!({"id": "1", "changes": changes.into_iter().map(|(c, _)| c).collect::<Vec<_>>()}))
            .collect();
        prop_assert_eq!(updates(&json!({"entry": entry})).len(), expected);
    }

    #[test]
    fn bytes_of_any_kind_never_panic_and_never_vanish(body in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(parse(&body).updates.len(), 1);
    }

    #[test]
    fn a_webhook_with_any_bytes_changed_still_gives_something(
        (change, _) in change(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut bytes = json!({"entry": [{"changes": [change]}]}).to_string().into_bytes();
        for (at, byte) in cuts {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        prop_assert!(!parse(&bytes).updates.is_empty());
    }
}

#[test]
fn many_contacts_are_told_apart_as_few_are() {
    for count in [1, 8, 9, 500] {
        let contacts: Vec<Value> = (0..count)
            .map(|i| json!({"wa_id": format!("{}", 1000 + i), "user_id": format!("ZA.{i}")}))
            .collect();
        let statuses: Vec<Value> = (0..count)
            .map(|i| json!({"id": "w", "status": "sent", "recipient_id": format!("{}", 1000 + i)}))
            .collect();
        for (i, update) in
            updates(&hook("messages", value(json!({"contacts": contacts, "statuses": statuses}))))
                .iter()
                .enumerate()
        {
            assert!(
                matches!(update, Update::Status { user_id: Some(u), .. } if *u == format!("ZA.{i}")),
                "{count} {i}"
            );
        }
    }
}

#[test]
fn sound_statuses_go_the_short_way() {
    let status = json!({"id": "wamid.S", "status": "sent", "timestamp": "1749416383", "recipient_id": "1", "conversation": {"id": "c", "origin": {"type": "utility"}}, "pricing": {"billable": true, "category": "utility"}});
    let body = hook("messages", value(json!({"statuses": [status]}))).to_string();
    assert!(statuses::only(&body).is_some());
}
