use super::*;

fn s(text: &str) -> String {
    text.to_owned()
}

fn examples(body: &[(&str, &str)]) -> TemplateExamples {
    let body = body.iter().map(|(name, example)| (s(name), s(example))).collect();
    TemplateExamples { body, ..TemplateExamples::default() }
}

fn offer() -> Template {
    Template {
        header: Some(TemplateHeader::Image {}),
        footer: Some(s("Reply STOP to opt out")),
        buttons: vec![
            ButtonDefinition::Url { text: s("Look"), url: s("https://karoo.example/{{1}}") },
            ButtonDefinition::QuickReply { text: s("Stop") },
            ButtonDefinition::Flow { text: s("Book") },
        ],
        ..Template::new("offer", "en", TemplateCategory::Marketing, "Hello {{2}}, it is {{1}}.")
    }
}

fn with_examples() -> TemplateExamples {
    TemplateExamples {
        header: Some(s("4::handle")),
        buttons: vec![
            ButtonExample { place: 0, value: s("https://karoo.example/beans") },
            ButtonExample { place: 2, value: s("510") },
        ],
        ..examples(&[("1", "spring"), ("2", "Thandi")])
    }
}

#[test]
fn a_submission_has_every_component_with_its_example() {
    let body = submission(&offer(), &with_examples()).unwrap();
    let expected = json!({"name": "offer", "language": "en", "category": "MARKETING", "parameter_format": "POSITIONAL",
        "components": [
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::handle"]}},
            {"type": "BODY", "text": "Hello {{2}}, it is {{1}}.", "example": {"body_text": [["spring", "Thandi"]]}},
            {"type": "FOOTER", "text": "Reply STOP to opt out"},
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "Look", "url": "https://karoo.example/{{1}}",
                    "example": ["https://karoo.example/beans"]},
                {"type": "QUICK_REPLY", "text": "Stop"},
                {"type": "FLOW", "text": "Book", "flow_id": "510"}]}]});
    assert_eq!(body, expected);
}

#[test]
fn what_is_missing_is_named() {
    let missing = |change: fn(&mut TemplateExamples)| {
        let mut examples = with_examples();
        change(&mut examples);
        match submission(&offer(), &examples).unwrap_err() {
            Error::InvalidInput { field, .. } => field,
            other => panic!("{other}"),
        }
    };
    assert_eq!(missing(|e| e.header = None), "header");
    assert_eq!(missing(|e| drop(e.body.remove("2"))), "body");
    assert_eq!(missing(|e| drop(e.body.insert(s("3"), s("left over")))), "body");
    assert_eq!(missing(|e| drop(e.buttons.remove(0))), "buttons[0]");
    assert_eq!(missing(|e| drop(e.buttons.remove(1))), "buttons[2]");
    assert_eq!(missing(|e| e.ttl_seconds = Some(60)), "ttl_seconds");
}

#[test]
fn names_of_placeholders_go_with_their_examples() {
    let template =
        Template::new("hi", "en", TemplateCategory::Utility, "Hello {{first_name}}, your order is here.");
    let body = submission(&template, &examples(&[("first_name", "Thandi")])).unwrap();
    assert_eq!(body["parameter_format"], "NAMED");
    let named = json!({"body_text_named_params": [{"param_name": "first_name", "example": "Thandi"}]});
    assert_eq!(body["components"][0]["example"], named);
}

#[test]
fn a_password_template_leaves_the_words_to_whatsapp() {
    let template = Template {
        buttons: vec![ButtonDefinition::OneTimePassword {}],
        ..Template::new("code", "en", TemplateCategory::Authentication, "{{1}} is your code.")
    };
    let mut examples = TemplateExamples::default();
    let copied = json!([{"type": "BODY", "add_security_recommendation": false},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]}]);
    assert_eq!(components(&template, &examples).unwrap(), copied);
    let app = PasswordApp { package_name: s("com.example.shop"), signature_hash: s("K8a/AINcGX7") };
    let mut settings = PasswordSettings {
        way: PasswordWay::ZeroTap,
        apps: vec![app],
        security_recommendation: true,
        expires_minutes: Some(10),
        ..PasswordSettings::default()
    };
    examples.password = Some(settings.clone());
    assert_eq!(components(&template, &examples).unwrap_err().code(), "invalid_input", "the terms");
    settings.zero_tap_terms_accepted = true;
    examples.password = Some(settings);
    let all = components(&template, &examples).unwrap();
    assert_eq!(all[1]["code_expiration_minutes"], 10);
    assert_eq!(all[2]["buttons"][0]["supported_apps"][0]["package_name"], "com.example.shop");
}

#[test]
fn what_was_submitted_reads_back_as_it_was() {
    let card = CardDefinition {
        header: TemplateHeader::Image {},
        body: Some(s("Beans of {{1}}")),
        buttons: vec![ButtonDefinition::QuickReply { text: s("These") }],
    };
    let carousel = Template { cards: vec![card; 2], header: None, buttons: Vec::new(), ..offer() };
    let card =
        CardExamples { header: Some(s("4::h")), body: [(s("1"), s("Sidamo"))].into(), buttons: Vec::new() };
    let cards = TemplateExamples { cards: vec![card; 2], ..examples(&[("1", "spring"), ("2", "Thandi")]) };
    let sale = Template {
        footer: None,
        offer: Some(OfferDefinition { text: s("10% off"), expires: true }),
        header: Some(TemplateHeader::Text { text: s("Hi {{1}}") }),
        ..offer()
    };
    let sale_examples = TemplateExamples { header: Some(s("Thandi")), ..with_examples() };
    for (template, examples) in [(offer(), with_examples()), (carousel, cards), (sale, sale_examples)] {
        let mut there = submission(&template, &examples).unwrap();
        there["id"] = "900".into();
        there["status"] = "APPROVED".into();
        there["quality_score"] = json!({"score": "GREEN"});
        there["rejected_reason"] = "NONE".into();
        let expected = Template { id: Some(s("900")), quality: Some(s("GREEN")), ..template };
        assert_eq!(read(&there), Ok(expected));
    }
}

#[test]
fn a_template_that_conek_cannot_keep_says_why() {
    let base = json!({"name": "x", "language": "en", "category": "UTILITY", "status": "APPROVED",
        "components": [{"type": "BODY", "text": "Hello."}]});
    assert!(read(&base).is_ok());
    for (at, odd) in [
        ("category", json!("SOMETHING")),
        ("name", json!(null)),
        ("components", json!([{"type": "HOLOGRAM"}])),
        ("components", json!([{"type": "HEADER", "format": "SMELL"}, {"type": "BODY", "text": "Hello."}])),
        ("components", json!([])),
    ] {
        let mut there = base.clone();
        there[at] = odd;
        assert!(read(&there).is_err(), "{there}");
    }
}
