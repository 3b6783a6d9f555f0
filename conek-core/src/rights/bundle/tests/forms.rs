//! CSV, vCard and the schemas, by their own rules.

use super::*;
use crate::rights::bundle::schemas::ALL;

fn csv_of(item: Value) -> String {
    let mut b = Bundle::new(Vec::new(), head(ExportKind::Access)).unwrap();
    b.section("other", None, &schemas::OTHER).unwrap();
    b.item(&map(item), true, "ok").unwrap();
    b.end_section().unwrap();
    text(&b.finish(sign, &public()).unwrap().0, "csv/other.csv")
}

/// The cells of RFC 4180 text.
fn cells(csv: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = csv.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' if quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                assert_eq!(letters.next(), Some('\n'));
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(!quoted && cell.is_empty() && row.is_empty());
    rows
}

#[test]
fn no_cell_begins_a_formula() {
    for (given, guarded) in [
        ("=1+1", true),
        ("+27821234567", true),
        ("-1", true),
        ("@SUM(A1)", true),
        ("\tx", true),
        ("\rx", true),
        ("\nx", true),
        ("＝1", true),
        ("＋1", true),
        ("－1", true),
        ("＠x", true),
        ("  =1", true),
        ("\u{200B}=1", true),
        ("\u{FEFF}=1", true),
        ("\u{A0}+1", true),
        ("\u{202E}@x", true),
        ("=cmd|' /C calc'!A0", true),
        ("=HYPERLINK(\"http://x\",\"y\")", true),
        ("", false),
        ("plain", false),
        ("a=b", false),
        ("'=1", false),
        ("a,b", false),
        ("say \"hi\"", false),
        ("two\r\nlines", false),
        ("semi;=1", false),
        ("عربي", false),
    ] {
        let rows = cells(&csv_of(json!({ "id": given })));
        let expected = if guarded { format!("'{given}") } else { given.to_owned() };
        assert_eq!(rows[1][0], expected, "{given:?}");
        assert_eq!(rows.len(), 2, "{given:?}");
    }
    // As a heading too.
    let rows = cells(&csv_of(json!({ "=1+1": 1 })));
    assert!(rows[0].contains(&"'=1+1".to_owned()));
}

#[test]
fn what_another_locale_would_split_is_quoted() {
    assert!(csv_of(json!({ "id": "x;=1+1" })).contains("\"x;=1+1\""));
    assert!(csv_of(json!({ "id": "x\t=1+1" })).contains("\"x\t=1+1\""));
}

#[test]
fn csv_has_a_mark_the_columns_of_all_items_and_json_for_what_is_nested() {
    let csv = csv_of(json!({"zeta": {"a": [1, null]}, "alpha": true, "id": "1", "kind": null, "at": -5.5}));
    assert!(csv.starts_with('\u{FEFF}'));
    let rows = cells(csv.trim_start_matches('\u{FEFF}'));
    let columns =
        ["id", "kind", "details", "at", "created_at", "alpha", "zeta", "portable", "portable_reason"];
    assert_eq!(rows[0], columns);
    assert_eq!(rows[1], ["1", "", "", "-5.5", "", "true", "{\"a\":[1,null]}", "true", "ok"]);
}

fn unfolded(card: &Card) -> Vec<String> {
    let text = card.text();
    assert!(text.ends_with("\r\n"));
    for line in text.trim_end_matches("\r\n").split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        assert!(!line.contains(['\r', '\n']));
    }
    text.replace("\r\n ", "").trim_end().split("\r\n").map(str::to_owned).collect()
}

#[test]
fn a_card_has_the_lines_that_address_books_read() {
    let full = Card {
        given: Some("Naledi".into()),
        family: Some("Mokoena".into()),
        emails: vec!["n@karoo.example".into()],
        language: Some("zu-ZA".into()),
        note: Some("Regular".into()),
        revised_at: Some("2026-11-24T09:30:15.123Z".parse().unwrap()),
        phones: vec!["+27 82 123-4567".into(), "ext. 12; x".into(), " ".into()],
        ..card()
    };
    assert_eq!(
        unfolded(&full),
        [
            "BEGIN:VCARD",
            "VERSION:4.0",
            "UID:urn:uuid:0192f0c4-7b1e-7cc3-98c4-dc0c0c07398f",
            "FN:Naledi Mokoena",
            "N:Mokoena;Naledi;;;",
            "TEL;VALUE=uri;TYPE=cell:tel:+27821234567",
            "TEL;VALUE=text:ext. 12\\; x",
            "EMAIL:n@karoo.example",
            "LANG:zu-ZA",
            "NOTE:Regular",
            "REV:20261124T093015Z",
            "END:VCARD",
        ]
    );
}

#[test]
fn nothing_in_a_card_can_add_a_line() {
    let evil = "a\r\nEMAIL:evil@x\nb\rc;d,e\\f\u{2028}g\u{0}";
    let e = Some(evil.to_owned());
    let card = Card {
        uid: evil.into(),
        name: e.clone(),
        given: e.clone(),
        family: e.clone(),
        phones: vec![evil.into(), "+27\r\nX:1".into()],
        emails: vec![evil.into()],
        language: e.clone(),
        note: e,
        revised_at: None,
    };
    let lines = unfolded(&card);
    assert_eq!(lines.len(), 3 + 2 + 2 + 1 + 1 + 1, "{lines:#?}");
    let escaped = "a\\nEMAIL:evil@x\\nb\\nc\\;d\\,e\\\\f\\ng";
    assert!(lines.contains(&format!("NOTE:{escaped}")), "{lines:#?}");
    assert!(lines.contains(&format!("N:{escaped};{escaped};;;")));
}

#[test]
fn long_lines_fold_between_characters() {
    for unit in ["x", "é", "語", "🦓", "e\u{301}"] {
        for lead in 0..5 {
            let note = format!("{}{}", "a".repeat(lead), unit.repeat(100));
            let lines = unfolded(&Card { note: Some(note.clone()), ..card() });
            assert!(lines.contains(&format!("NOTE:{note}")));
        }
    }
}

#[test]
fn a_card_always_has_a_name() {
    let shown = |c: Card| unfolded(&c).into_iter().find(|l| l.starts_with("FN:")).unwrap();
    assert_eq!(shown(Card { name: None, ..card() }), "FN:+27821234567");
    assert_eq!(shown(Card { name: Some(" ".into()), given: Some("Sipho".into()), ..card() }), "FN:Sipho");
    assert_eq!(shown(Card { uid: "p1".into(), ..Card::default() }), "FN:p1");
}

/// What a schema of ours says of a value, by the words that ours use.
fn conforms(schema: &Value, value: &Value) -> bool {
    let types = match &schema["type"] {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("unknown type {other}"),
    };
    let formed = match (schema["format"].as_str(), value.as_str()) {
        (Some("date-time"), Some(text)) => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
        (Some("date"), Some(text)) => text.parse::<chrono::NaiveDate>().is_ok(),
        _ => true,
    };
    let of_items = value
        .as_array()
        .is_none_or(|list| schema.get("items").is_none_or(|items| list.iter().all(|v| conforms(items, v))));
    let of_fields = schema.get("properties").and_then(Value::as_object).is_none_or(|properties| {
        properties.iter().all(|(name, s)| value.get(name).is_none_or(|v| conforms(s, v)))
    });
    let all_there = schema
        .get("required")
        .and_then(Value::as_array)
        .is_none_or(|names| names.iter().all(|n| value.get(n.as_str().unwrap()).is_some()));
    types.iter().any(|t| is(t.as_str().unwrap())) && formed && of_items && of_fields && all_there
}

#[test]
fn the_data_conform_to_the_schemas_beside_them() {
    for kind in [ExportKind::Access, ExportKind::Portability] {
        let zip = small(kind);
        for name in ["person", "messages", "notices"] {
            let schema = value(&zip, &format!("schemas/{name}.schema.json"));
            assert!(conforms(&schema, &value(&zip, &format!("data/{name}.json"))), "{name}");
            let id = format!("https://conek.dev/schemas/export/v1/{name}.json");
            assert_eq!(schema["$id"], id);
        }
    }
    let schema: Value = serde_json::from_str(&schemas::PERSON.json()).unwrap();
    assert!(!conforms(&schema, &json!([{"name": "x"}])));
    assert!(!conforms(&schema, &json!([{"name": 7, "portable": true, "portable_reason": ""}])));
}

#[test]
fn every_schema_is_named_explained_and_open() {
    for s in ALL {
        let json: Value = serde_json::from_str(&s.json()).unwrap();
        assert_eq!(json["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(json["$id"], s.id());
        assert!(!s.title.is_empty() && !s.about.is_empty());
        assert_eq!(json["items"]["additionalProperties"], true);
        assert!(std::ptr::eq(Schema::of(s.name), Schema::of(s.name)) && *Schema::of(s.name) == s);
        let mut names: Vec<_> = s.fields.iter().map(|f| f.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), s.fields.len(), "{}", s.name);
        for f in s.fields {
            assert!(f.about.ends_with('.') && json["items"]["properties"][f.name]["type"].is_array());
        }
    }
    assert_eq!(Schema::of("orders").name, "other");
}
