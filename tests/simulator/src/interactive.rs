//! Interactive messages, checked as the Cloud API checks them.

use serde_json::Value;

use crate::{
    outbound::{Checked, media, optional, required},
    refusal::Refusal,
};

fn text<'a>(at: &'a Value, path: &str, key: &str, most: usize) -> Checked<&'a str> {
    required(at, key, &format!("interactive['action']{path}['{key}']"), most)
}

pub(crate) fn interactive(content: &Value) -> Checked {
    let kind = required(content, "type", "interactive['type']", 64)?;
    let action = content["action"]
        .as_object()
        .map(|_| &content["action"])
        .ok_or_else(|| Refusal::missing("interactive['action']"))?;
    header(kind, &content["header"])?;
    if kind != "product" || !content["body"].is_null() {
        required(&content["body"], "text", "interactive['body']['text']", 1_024)?;
    }
    if !content["footer"].is_null() {
        required(&content["footer"], "text", "interactive['footer']['text']", 60)?;
    }
    let parameters = &action["parameters"];
    match kind {
        "button" => reply_buttons(action),
        "list" => list(action),
        "cta_url" => named(action, "cta_url").and_then(|()| url(parameters)),
        "flow" => named(action, "flow").and_then(|()| flow(parameters)),
        "product" => {
            text(action, "", "catalog_id", 256)?;
            text(action, "", "product_retailer_id", 100).map(drop)
        }
        "product_list" => {
            text(action, "", "catalog_id", 256)?;
            products(action)
        }
        "catalog_message" => named(action, "catalog_message"),
        "location_request_message" => named(action, "send_location"),
        "request_contact_info" => named(action, "request_contact_info"),
        "call_permission_request" => named(action, "call_permission_request"),
        "voice_call" => {
            named(action, "voice_call")?;
            optional(parameters, "display_text", "interactive['action']['parameters']['display_text']", 20)?;
            optional(parameters, "payload", "interactive['action']['parameters']['payload']", 512)?;
            match &parameters["ttl_minutes"] {
                Value::Null => Ok(()),
                ttl if ttl.as_u64().is_some_and(|t| (1..=43_200).contains(&t)) => Ok(()),
                _ => Err(Refusal::invalid("Param ttl_minutes must be from 1 to 43200")),
            }
        }
        "carousel" => carousel(action),
        "address_message" => {
            named(action, "address_message")?;
            text(parameters, "['parameters']", "country", 2).map(drop)
        }
        "order_details" => named(action, "review_and_pay").and_then(|()| order(parameters)),
        "order_status" => {
            named(action, "review_order")?;
            text(parameters, "['parameters']", "reference_id", 35)?;
            let status = text(&parameters["order"], "['parameters']['order']", "status", 32)?;
            let known = ["pending", "processing", "partially-shipped", "shipped", "completed", "canceled"];
            if known.contains(&status) {
                return optional(&parameters["order"], "description", "order['description']", 120);
            }
            Err(Refusal::invalid(format!("Param order['status'] {status:?} is not known")))
        }
        _ => Err(Refusal::invalid(format!("Param interactive['type'] {kind:?} is not known"))),
    }
}

fn named(action: &Value, name: &str) -> Checked {
    match text(action, "", "name", 64)? {
        given if given == name => Ok(()),
        _ => Err(Refusal::invalid(format!("Param interactive['action']['name'] must be one of {{{name}}}"))),
    }
}

fn header(kind: &str, header: &Value) -> Checked {
    if header.is_null() {
        return match kind {
            "product_list" => Err(Refusal::missing("interactive['header']")),
            _ => Ok(()),
        };
    }
    let format = required(header, "type", "interactive['header']['type']", 16)?;
    let takes: &[&str] = match kind {
        "list" | "product_list" => &["text"],
        "button" | "cta_url" | "flow" => &["text", "image", "video", "document"],
        "order_details" => &["image"],
        _ => &[],
    };
    if !takes.contains(&format) {
        return Err(Refusal::invalid(format!("A {kind} message has no header of the type {format:?}")));
    }
    match format {
        "text" => required(header, "text", "interactive['header']['text']", 60).map(drop),
        _ => media(format, &header[format]),
    }
}

fn url(parameters: &Value) -> Checked {
    text(parameters, "['parameters']", "display_text", 20)?;
    let url = text(parameters, "['parameters']", "url", 2_000)?;
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(());
    }
    Err(Refusal::invalid("Param interactive['action']['parameters']['url'] is not a valid URL"))
}

fn flow(parameters: &Value) -> Checked {
    text(parameters, "['parameters']", "flow_cta", 30)?;
    if parameters["flow_message_version"] != "3" {
        return Err(Refusal::invalid("Param flow_message_version must be one of {3}"));
    }
    if parameters["flow_id"].is_string() == parameters["flow_name"].is_string() {
        return Err(Refusal::new(100, "A flow message takes either flow_id or flow_name"));
    }
    let payload = &parameters["flow_action_payload"];
    if !payload.is_null() && parameters["flow_action"] == "data_exchange" {
        return Err(Refusal::new(100, "flow_action_payload is for the flow_action navigate only"));
    }
    match &payload["data"] {
        Value::Null => Ok(()),
        Value::Object(map) if !map.is_empty() => Ok(()),
        _ => Err(Refusal::invalid("Param flow_action_payload['data'] must be an object that is not empty")),
    }
}

pub(crate) fn products(at: &Value) -> Checked {
    let sections = at["sections"].as_array().ok_or_else(|| Refusal::missing("sections"))?;
    let counts = sections.iter().map(|s| s["product_items"].as_array().map_or(0, Vec::len));
    let products: usize = counts.clone().sum();
    if !(1..=10).contains(&sections.len()) || !(1..=30).contains(&products) || counts.min() == Some(0) {
        return Err(Refusal::invalid("A product list has 1 to 10 sections and 1 to 30 products in all"));
    }
    for section in sections {
        match sections.len() {
            1 => optional(section, "title", "sections['title']", 24)?,
            _ => drop(required(section, "title", "sections['title']", 24)?),
        }
    }
    Ok(())
}

fn carousel(action: &Value) -> Checked {
    let cards = action["cards"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !(2..=10).contains(&cards.len()) {
        return Err(Refusal::invalid("A carousel has 2 to 10 cards"));
    }
    let shape = |card: &Value| {
        (card["header"]["type"].clone(), card["action"]["buttons"].as_array().map_or(0, Vec::len))
    };
    for (i, card) in cards.iter().enumerate() {
        if card["card_index"] != i {
            return Err(Refusal::invalid("Param card_index must count the cards from 0"));
        }
        match card["header"]["type"].as_str() {
            Some(kind @ ("image" | "video")) => media(kind, &card["header"][kind])?,
            _ => return Err(Refusal::invalid("A card's header is an image or a video")),
        }
        if !card["body"].is_null() {
            let body = required(&card["body"], "text", "cards['body']['text']", 160)?;
            if body.matches('\n').count() > 2 {
                return Err(Refusal::invalid("A card's body has at most 2 line breaks"));
            }
        }
        if card["action"]["buttons"].is_null() {
            url(&card["action"]["parameters"])?;
        } else {
            choices(&card["action"], "quick_reply")?;
        }
        if shape(card) != shape(&cards[0]) {
            return Err(Refusal::invalid("All cards must have the same header and buttons"));
        }
    }
    Ok(())
}

/// An order whose sums are right.
pub(crate) fn order(parameters: &Value) -> Checked {
    text(parameters, "['parameters']", "reference_id", 35)?;
    text(parameters, "['parameters']", "currency", 3)?;
    if parameters["payment_settings"].as_array().is_none_or(Vec::is_empty) {
        return Err(Refusal::missing("payment_settings"));
    }
    let order = &parameters["order"];
    let money = |at: &Value| at["value"].as_i64().unwrap_or(0);
    let mut items = 0;
    for item in order["items"].as_array().into_iter().flatten() {
        required(item, "name", "items['name']", 60)?;
        let price = if item["sale_amount"].is_null() { &item["amount"] } else { &item["sale_amount"] };
        items += money(price) * item["quantity"].as_i64().unwrap_or(0);
    }
    let total = money(&order["subtotal"]) + money(&order["tax"]) + money(&order["shipping"]);
    if money(&order["subtotal"]) != items
        || total - money(&order["discount"]) != money(&parameters["total_amount"])
    {
        return Err(Refusal::invalid("The amounts of the order do not add up"));
    }
    Ok(())
}

fn reply_buttons(action: &Value) -> Checked {
    choices(action, "reply")
}

fn choices(action: &Value, reply: &str) -> Checked {
    let buttons = action["buttons"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !(1..=3).contains(&buttons.len()) {
        return Err(Refusal::invalid("Param interactive['action']['buttons'] must have 1 to 3 elements"));
    }
    let (mut ids, mut titles) = (Vec::new(), Vec::new());
    for button in buttons {
        ids.push(text(&button[reply], "['buttons']['reply']", "id", 256)?);
        titles.push(text(&button[reply], "['buttons']['reply']", "title", 20)?);
    }
    unique(ids, "button ids")?;
    unique(titles, "button titles")
}

fn list(action: &Value) -> Checked {
    required(action, "button", "interactive['action']['button']", 20)?;
    let sections = action["sections"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: Vec<&Value> = sections.iter().filter_map(|s| s["rows"].as_array()).flatten().collect();
    if !(1..=10).contains(&sections.len()) || !(1..=10).contains(&rows.len()) {
        return Err(Refusal::invalid("A list has 1 to 10 sections and 1 to 10 rows in all"));
    }
    for section in sections {
        match sections.len() {
            1 => optional(section, "title", "interactive['action']['sections']['title']", 24)?,
            _ => drop(required(section, "title", "interactive['action']['sections']['title']", 24)?),
        }
    }
    let mut ids = Vec::new();
    for row in rows {
        ids.push(required(row, "id", "interactive['action']['sections']['rows']['id']", 200)?);
        required(row, "title", "interactive['action']['sections']['rows']['title']", 24)?;
        optional(row, "description", "interactive['action']['sections']['rows']['description']", 72)?;
    }
    unique(ids, "row ids")
}

fn unique(mut all: Vec<&str>, what: &str) -> Checked {
    let before = all.len();
    all.sort_unstable();
    all.dedup();
    if all.len() == before { Ok(()) } else { Err(Refusal::invalid(format!("Duplicate {what}"))) }
}
