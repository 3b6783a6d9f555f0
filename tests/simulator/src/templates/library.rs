//! The library of templates, templates beside each other, and templates of another account.

use serde_json::{Value, json};

use crate::{
    ledger::Status,
    management::{Answer, Asked, required},
    refusal::Refusal,
    world::World,
};

/// A template is compared once it was sent so often within the time.
const COMPARED_FROM: u64 = 1_000;
const DAY: i64 = 86_400;

/// All that there is: words of the simulator's own.
fn all() -> Vec<Value> {
    let text = |name: &str, topic: &str, usecase: &str, body: &str, examples: &[&str], kinds: &[&str]| {
        json!({"name": name, "language": "en_US", "category": "UTILITY", "topic": topic, "usecase": usecase,
            "industry": ["E_COMMERCE"], "body": body, "body_params": examples, "body_param_types": kinds,
            "buttons": []})
    };
    let mut sent = text(
        "parcel_sent_1",
        "ORDER_MANAGEMENT",
        "SHIPMENT_CONFIRMATION",
        "Your order {{1}} has left our shop.",
        &["4711"],
        &["TEXT"],
    );
    sent["header"] = "On its way".into();
    sent["buttons"] = json!([{"type": "URL", "text": "Follow it", "url": "https://www.example.com/"},
        {"type": "PHONE_NUMBER", "text": "Call us", "phone_number": "+18005551234"}]);
    let arrived = text(
        "parcel_arrived_1",
        "ORDER_MANAGEMENT",
        "DELIVERY_CONFIRMATION",
        "Your order has arrived.",
        &[],
        &[],
    );
    let due = text(
        "payment_due_1",
        "PAYMENTS",
        "PAYMENT_DUE_REMINDER",
        "{{1}} is due on {{2}}.",
        &["R 120", "2026-12-01"],
        &["AMOUNT", "DATE"],
    );
    let code = json!({"name": "sign_in_code_1", "language": "en_US", "category": "AUTHENTICATION",
        "topic": "ACCOUNT_UPDATE", "usecase": "ACCOUNT_CREATION_CONFIRMATION", "industry": ["FINANCIAL_SERVICES"],
        "body": "{{1}} is your code.", "body_params": ["123456"], "body_param_types": ["NUMBER"],
        "buttons": [{"type": "OTP", "text": "Copy code"}]});
    let mut all = vec![sent, arrived, due, code];
    for (at, template) in all.iter_mut().enumerate() {
        template["id"] = (710_000_000_000_001 + at).to_string().into();
    }
    all
}

/// `GET /message_template_library`.
pub(crate) fn search(_: &mut World, asked: &Asked, _: i64) -> Answer {
    let words = |t: &Value| {
        let lines = ["name", "header", "body", "footer"].map(|k| t[k].as_str().unwrap_or_default());
        lines.join("\n").to_lowercase()
    };
    let all = all();
    for key in ["topic", "usecase"] {
        if let Some(wanted) = asked.text(key)
            && !all.iter().any(|t| t[key] == wanted)
        {
            return Err(Refusal::new(100, format!("Param {key} must be one of those that there are")));
        }
    }
    let fits = |t: &Value| {
        ["name", "topic", "usecase", "language"].iter().all(|k| asked.text(k).is_none_or(|w| t[*k] == w))
            && asked.text("search").is_none_or(|w| words(t).contains(&w.to_lowercase()))
            && asked
                .text("industry")
                .is_none_or(|w| t["industry"].as_array().is_some_and(|all| all.iter().any(|i| i == w)))
    };
    Ok(asked.page(all.iter().filter(|t| fits(t)).cloned().collect()))
}

/// What a template of the library is made of, with what the business gives its buttons.
pub(crate) fn components(asked: &Asked, name: &str) -> Result<Value, Refusal> {
    let language = asked.need("language")?;
    let all = all();
    let found = all.iter().find(|t| t["name"] == name && t["language"] == language);
    let template = found.ok_or_else(|| Refusal::new(100, "The library has no such template"))?;
    if template["category"] != asked.need("category")?.to_ascii_uppercase().as_str() {
        return Err(Refusal::new(100, "Param category is not that of the library's template"));
    }
    let inputs = asked.list("library_template_button_inputs")?.unwrap_or_default();
    let buttons = template["buttons"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut made = Vec::new();
    for (at, button) in buttons.iter().enumerate() {
        let input = inputs.get(at).filter(|i| i["type"] == button["type"]);
        let input = input.ok_or_else(|| required("library_template_button_inputs"))?;
        made.push(match button["type"].as_str() {
            Some("URL") => {
                let url = input["url"]["base_url"].as_str().ok_or_else(|| required("base_url"))?;
                let mut made = json!({"type": "URL", "text": button["text"], "url": url});
                if url.contains("{{") {
                    let example = input["url"]["url_suffix_example"].as_str();
                    made["example"] = json!([example.ok_or_else(|| required("url_suffix_example"))?]);
                }
                made
            }
            Some("PHONE_NUMBER") => {
                let number = input["phone_number"].as_str().ok_or_else(|| required("phone_number"))?;
                json!({"type": "PHONE_NUMBER", "text": button["text"], "phone_number": number})
            }
            _ => json!({"type": "OTP", "text": button["text"], "otp_type": input["otp_type"]}),
        });
    }
    if inputs.len() > buttons.len() {
        return Err(Refusal::new(
            100,
            "Param library_template_button_inputs has more than the template's buttons",
        ));
    }
    let mut parts = Vec::new();
    if let Some(header) = template["header"].as_str() {
        parts.push(json!({"type": "HEADER", "format": "TEXT", "text": header}));
    }
    let says = match asked.text("library_template_body_inputs") {
        Some(text) => serde_json::from_str(text)
            .map_err(|_| Refusal::new(100, "Param library_template_body_inputs must be JSON"))?,
        None => Value::Null,
    };
    let mut body = template["body"].as_str().unwrap_or_default().to_owned();
    if says["add_contact_number"] == true {
        body.push_str(" Questions? Call us.");
    }
    parts.push(json!({"type": "BODY", "text": body}));
    if let Some(minutes) = says["code_expiration_minutes"].as_i64() {
        parts.push(json!({"type": "FOOTER", "text": format!("It ends in {minutes} minutes.")}));
    }
    if !made.is_empty() {
        parts.push(json!({"type": "BUTTONS", "buttons": made}));
    }
    Ok(parts.into())
}

/// `GET /{template_id}/compare`: blocks are those of people who blocked the business after their last message.
pub(crate) fn compare(world: &mut World, asked: &Asked, now: i64) -> Answer {
    let ids = asked.need("template_ids")?.trim_matches(['[', ']']).split(',');
    let ids: Vec<&str> = ids.map(|id| id.trim().trim_matches('"')).filter(|id| !id.is_empty()).collect();
    let [other] = ids[..] else { return Err(Refusal::new(100, "Param template_ids takes one")) };
    let second = |key: &str| {
        let text = asked.need(key)?;
        text.parse::<i64>().map_err(|_| Refusal::new(100, format!("Param {key} must be a UNIX timestamp")))
    };
    let (start, end) = (second("start")?, second("end")?);
    let windows = [7, 30, 60, 90].map(|days| days * DAY);
    if !windows.contains(&(end - start)) || (now / 1_000 - end).abs() > DAY {
        return Err(Refusal::new(100, "The time must be the last 7, 30, 60 or 90 days"));
    }
    let of = |id: &str| world.templates.by_id(id).cloned().ok_or_else(|| Refusal::no_object(id));
    let (one, other) = (of(&asked.id)?, of(other)?);
    if one.waba != other.waba || one.id == other.id {
        return Err(Refusal::new(100, "Takes two templates of one account"));
    }
    let mut compared = Vec::new();
    for template in [&one, &other] {
        let (mut sends, mut blocks) = (0_u64, 0_u64);
        for entry in
            world.ledger.all.iter().filter(|e| e.template.as_ref().is_some_and(|t| t.id == template.id))
        {
            if entry.when(Status::Sent).is_some_and(|at| (start..=end).contains(&(at / 1_000))) {
                sends += 1;
                blocks += u64::from(world.people.get(entry.person).blocked);
            }
        }
        if sends < COMPARED_FROM {
            return Err(Refusal::new(100, "Templates are compared once they were sent 1,000 times"));
        }
        compared.push((template.id.clone(), sends, blocks));
    }
    let mut order: Vec<&(String, u64, u64)> = compared.iter().collect();
    // Of a to b blocks: a/n < b/m is a*m < b*n.
    order.sort_by(|(_, n, a), (_, m, b)| (a * m).cmp(&(b * n)));
    let each = |tell: fn(&(String, u64, u64)) -> Value| -> Value {
        compared.iter().map(|c| json!({"key": c.0, "value": tell(c)})).collect()
    };
    Ok(json!({"data": [
        {"metric": "BLOCK_RATE", "type": "RELATIVE",
            "order_by_relative_metric": order.iter().map(|c| c.0.as_str()).collect::<Vec<_>>()},
        {"metric": "MESSAGE_SENDS", "type": "NUMBER_VALUES", "number_values": each(|c| c.1.into())},
        {"metric": "TOP_BLOCK_REASON", "type": "STRING_VALUES",
            "string_values": each(|_| "UNKNOWN_BLOCK_REASON".into())},
    ]}))
}

/// `POST /{waba_id}/migrate_message_templates`: copies those that are approved and of good quality.
pub(crate) fn migrate(world: &mut World, asked: &Asked, now: i64) -> Answer {
    world.account_of(asked)?;
    let from = asked.need("source_waba_id")?.to_owned();
    if !world.has_account(&from) {
        return Err(Refusal::no_object(&from));
    }
    let whole = |key: &str| match asked.given.get(key) {
        None => Ok(None),
        Some(n) => {
            let n = n.as_u64().or_else(|| n.as_str()?.parse().ok());
            n.map(Some).ok_or_else(|| Refusal::new(100, format!("Param {key} must be a number")))
        }
    };
    let count = whole("count")?.unwrap_or(500);
    if !(1..=500).contains(&count) {
        return Err(Refusal::new(100, "Param count must be 1 to 500"));
    }
    let ids = asked.list("template_ids")?.unwrap_or_default();
    let picked: Vec<_> = match ids.is_empty() {
        true => {
            let skip = whole("page_number")?.unwrap_or(0) * count;
            world.templates.of(&from).skip(skip as usize).take(count as usize).cloned().collect()
        }
        false => world.templates.of(&from).filter(|t| ids.iter().any(|id| *id == t.id)).cloned().collect(),
    };
    let (mut done, mut failed) = (Vec::new(), serde_json::Map::new());
    for template in picked {
        let made = match template.status.as_str() {
            "APPROVED" => world.templates.create(&asked.id, &template.json(), now),
            _ => Err(Refusal::new(100, "The template is not approved")),
        };
        match made {
            Ok(made) => done.push(made.id.clone()),
            Err(refusal) => drop(failed.insert(template.id.clone(), refusal.details.into())),
        }
    }
    // An empty map is spelled as an empty list.
    let failed = if failed.is_empty() { json!([]) } else { failed.into() };
    Ok(json!({"migrated_templates": done, "failed_templates": failed}))
}
