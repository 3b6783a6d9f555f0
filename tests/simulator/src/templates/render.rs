//! A template as the phone shows it.

use serde_json::{Value, json};

use super::{
    Template,
    check::{button_at, component},
    placeholders,
};

impl Template {
    /// The message as the phone shows it: header, body, footer, buttons, cards, offer.
    pub(crate) fn render(&self, sent: &Value) -> Value {
        let mut shown = part(&self.components, sent);
        shown["template"] = self.name.as_str().into();
        shown["language"] = self.language.as_str().into();
        shown["category"] = self.category.as_str().into();
        if self.category == "AUTHENTICATION" {
            shown["body"] = auth_text(sent).into();
        }
        shown["footer"] = self.text_of("FOOTER").into();
        let cards = component(&self.components, "CAROUSEL").and_then(|c| c["cards"].as_array());
        let given = component(sent, "carousel").map_or(&Value::Null, |c| &c["cards"]);
        shown["cards"] = cards
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(i, card)| part(&card["components"], &given[i]["components"]))
            .collect();
        if let Some(offer) = component(&self.components, "LIMITED_TIME_OFFER") {
            let ends = component(sent, "limited_time_offer")
                .map(|o| o["parameters"][0]["limited_time_offer"]["expiration_time_ms"].clone());
            shown["offer"] = json!({"text": offer["limited_time_offer"]["text"], "ends_at": ends});
        }
        shown
    }
}

/// Header, body and buttons: of a template or of one of its cards.
fn part(definition: &Value, sent: &Value) -> Value {
    let text = |kind: &str| component(definition, kind).and_then(|c| c["text"].as_str()).unwrap_or_default();
    let header = component(definition, "HEADER");
    let media = component(sent, "header").map(|h| &h["parameters"][0]).and_then(|p| {
        let kind = p["type"].as_str().filter(|k| *k != "text")?;
        Some(json!({"kind": kind, "media": p[kind]}))
    });
    let above =
        media.unwrap_or_else(|| json!({"kind": "text", "text": filled(text("HEADER"), sent, "header")}));
    let buttons = component(definition, "BUTTONS").and_then(|c| c["buttons"].as_array());
    json!({
        "header": header.map(|_| above),
        "header_format": header.and_then(|h| h["format"].as_str()).unwrap_or("TEXT"),
        "body": filled(text("BODY"), sent, "body"),
        "buttons": buttons.into_iter().flatten().enumerate().map(|(i, b)| button(i, b, sent)).collect::<Vec<_>>(),
    })
}

fn filled(text: &str, sent: &Value, kind: &str) -> String {
    let mut text = text.to_owned();
    let given = component(sent, kind).and_then(|c| c["parameters"].as_array());
    let given = given.map_or(&[][..], Vec::as_slice);
    for (i, name) in placeholders(&text).iter().enumerate() {
        let p = given.iter().find(|p| p["parameter_name"] == name.as_str()).or_else(|| given.get(i));
        let value = p.and_then(|p| {
            p["text"]
                .as_str()
                .or(p["currency"]["fallback_value"].as_str())
                .or(p["date_time"]["fallback_value"].as_str())
        });
        text = text.replace(&format!("{{{{{name}}}}}"), value.unwrap_or_default());
    }
    text
}

fn button(place: usize, definition: &Value, sent: &Value) -> Value {
    let parameter = button_at(sent, place).map_or(&Value::Null, |b| &b["parameters"][0]);
    let text = parameter["text"].as_str().unwrap_or_default();
    let url = definition["url"].as_str().map(|url| {
        placeholders(url)
            .iter()
            .fold(url.to_owned(), |url, name| url.replace(&format!("{{{{{name}}}}}"), text))
    });
    let code = parameter["coupon_code"].as_str().or_else(|| (definition["type"] == "OTP").then_some(text));
    json!({
        "type": definition["type"], "text": definition["text"], "url": url, "code": code,
        "payload": parameter["payload"].as_str().or(definition["text"].as_str()),
    })
}

fn auth_text(sent: &Value) -> String {
    let code = component(sent, "body").and_then(|b| b["parameters"][0]["text"].as_str()).unwrap_or_default();
    format!("{code} is your verification code.")
}
