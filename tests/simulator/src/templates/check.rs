//! Whether the parameters of a send are what a template takes.

use serde_json::Value;

use super::{Template, placeholders};
use crate::{
    interactive::{order, products},
    refusal::Refusal,
};

type Fits = Result<(), Refusal>;

/// The component of a kind, in a definition or in a send.
pub(super) fn component<'a>(all: &'a Value, kind: &str) -> Option<&'a Value> {
    all.as_array()?.iter().find(|c| c["type"].as_str().is_some_and(|t| t.eq_ignore_ascii_case(kind)))
}

/// The button of a send at a place.
pub(super) fn button_at(sent: &Value, place: usize) -> Option<&Value> {
    sent.as_array()?.iter().find(|c| {
        let at = c["index"].as_u64().or_else(|| c["index"].as_str()?.parse().ok());
        c["type"].as_str().is_some_and(|t| t.eq_ignore_ascii_case("button")) && at == Some(place as u64)
    })
}

fn parameters(component: Option<&Value>) -> &[Value] {
    component.and_then(|c| c["parameters"].as_array()).map(Vec::as_slice).unwrap_or_default()
}

fn mismatch(text: impl Into<String>) -> Fits {
    Err(Refusal::new(132012, text))
}

impl Template {
    /// Whether the parameters of a send are what this template takes.
    pub(crate) fn check(&self, sent: &Value) -> Fits {
        for component in sent.as_array().into_iter().flatten() {
            let kind = component["type"].as_str().unwrap_or_default().to_ascii_lowercase();
            if !["header", "body", "button", "carousel", "limited_time_offer"].contains(&kind.as_str()) {
                return mismatch(format!("components: the type {kind:?} is not known"));
            }
        }
        let body = self.text_of("BODY");
        // The text of authentication templates is WhatsApp's own and takes the code.
        let authentication = self.category == "AUTHENTICATION";
        part(&self.components, sent, authentication.then_some("{{1}}").or(Some(body)))?;
        let cards = component(&self.components, "CAROUSEL").and_then(|c| c["cards"].as_array());
        let given = component(sent, "carousel").and_then(|c| c["cards"].as_array());
        let (cards, given) = (cards.map_or(&[][..], Vec::as_slice), given.map_or(&[][..], Vec::as_slice));
        if cards.len() != given.len() {
            return Err(Refusal::new(
                132000,
                format!("carousel: {} cards were given, the template has {}", given.len(), cards.len()),
            ));
        }
        for (i, (card, given)) in cards.iter().zip(given).enumerate() {
            if given["card_index"] != i {
                return mismatch("carousel: card_index must count the cards from 0");
            }
            let text = component(&card["components"], "BODY").and_then(|b| b["text"].as_str());
            part(&card["components"], &given["components"], text.or(Some("")))?;
        }
        let expires = component(&self.components, "LIMITED_TIME_OFFER")
            .is_some_and(|o| o["limited_time_offer"]["has_expiration"] == true);
        let offer = component(sent, "limited_time_offer");
        let ends = parameters(offer).first().map(|p| &p["limited_time_offer"]["expiration_time_ms"]);
        match (expires, ends) {
            (true, ends) if !ends.is_some_and(Value::is_i64) => {
                Err(Refusal::missing("limited_time_offer expiration_time_ms"))
            }
            (false, Some(_)) => mismatch("limited_time_offer: the template's offer does not expire"),
            _ => Ok(()),
        }
    }
}

/// Header, body and buttons: of a template or of one of its cards.
fn part(definition: &Value, sent: &Value, body: Option<&str>) -> Fits {
    header(component(definition, "HEADER"), component(sent, "header"))?;
    texts("body", component(sent, "body"), &placeholders(body.unwrap_or_default()))?;
    let buttons = component(definition, "BUTTONS").and_then(|c| c["buttons"].as_array());
    let buttons = buttons.map_or(&[][..], Vec::as_slice);
    let most = sent.as_array().into_iter().flatten().filter(|c| c["type"] == "button").count();
    let found = (0..buttons.len()).filter(|i| button_at(sent, *i).is_some()).count();
    if found != most {
        return mismatch("buttons: a button is not in the template, or twice in the message");
    }
    buttons.iter().enumerate().try_for_each(|(i, b)| button(i, b, button_at(sent, i)))
}

fn header(definition: Option<&Value>, given: Option<&Value>) -> Fits {
    let Some(definition) = definition else {
        return match given {
            Some(_) => Err(Refusal::new(132000, "header: the template has none")),
            None => Ok(()),
        };
    };
    let format = definition["format"].as_str().unwrap_or("TEXT").to_ascii_lowercase();
    if format == "text" {
        return texts("header", given, &placeholders(definition["text"].as_str().unwrap_or_default()));
    }
    let first = parameters(given).first();
    if first.is_none_or(|p| p["type"] != format.as_str() || !p[format.as_str()].is_object()) {
        return mismatch(format!("header: Format mismatch, expected {}", format.to_uppercase()));
    }
    Ok(())
}

fn texts(kind: &str, given: Option<&Value>, expected: &[String]) -> Fits {
    let given = parameters(given);
    if given.len() != expected.len() {
        return Err(Refusal::new(
            132000,
            format!(
                "{kind}: number of localizable_params ({}) does not match the expected number of params ({})",
                given.len(),
                expected.len()
            ),
        ));
    }
    let named = expected.iter().any(|n| n.parse::<u32>().is_err());
    for parameter in given {
        if named && !expected.iter().any(|n| parameter["parameter_name"] == n.as_str()) {
            return mismatch(format!("{kind}: parameter_name is missing or unknown"));
        }
        let text = match parameter["type"].as_str().unwrap_or_default() {
            "text" => parameter["text"].as_str(),
            "currency" if parameter["currency"]["amount_1000"].is_i64() => {
                parameter["currency"]["fallback_value"].as_str()
            }
            "date_time" => parameter["date_time"]["fallback_value"].as_str(),
            _ => return mismatch(format!("{kind}: a text parameter is expected")),
        };
        match text {
            None | Some("") => return Err(Refusal::missing(&format!("template {kind} parameter text"))),
            Some(text) if text.contains(['\n', '\t']) || text.contains("     ") => {
                return Err(Refusal::new(
                    132018,
                    format!(
                        "{kind}: a parameter has new-line or tab characters or more than 4 spaces in a row"
                    ),
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The kind of value that a button takes, the sub_type of its component, and whether it must be there.
fn takes(definition: &Value) -> Option<(&'static str, &'static str, bool)> {
    Some(match definition["type"].as_str().unwrap_or_default().to_ascii_uppercase().as_str() {
        "QUICK_REPLY" => ("payload", "quick_reply", false),
        "URL" if !placeholders(definition["url"].as_str().unwrap_or_default()).is_empty() => {
            ("text", "url", true)
        }
        "OTP" => ("text", "url", true),
        "COPY_CODE" => ("coupon_code", "copy_code", true),
        "FLOW" => ("action", "flow", false),
        "CATALOG" => ("action", "catalog", false),
        "MPM" => ("action", "mpm", true),
        "ORDER_DETAILS" => ("action", "order_details", true),
        "VOICE_CALL" => ("", "voice_call", false),
        _ => return None,
    })
}

fn button(place: usize, definition: &Value, given: Option<&Value>) -> Fits {
    let kind = definition["type"].as_str().unwrap_or_default();
    let Some((value, sub_type, must)) = takes(definition) else {
        return match given {
            Some(_) => mismatch(format!("buttons: Button at index {place} takes no parameter")),
            None => Ok(()),
        };
    };
    let Some(given) = given else {
        return match must {
            true => {
                Err(Refusal::missing(&format!("Button at index {place} of type {kind} requires a parameter")))
            }
            false => Ok(()),
        };
    };
    if !given["sub_type"].as_str().is_some_and(|s| s.eq_ignore_ascii_case(sub_type)) {
        return mismatch(format!("buttons: Button at index {place} is of type {kind}"));
    }
    let given = parameters(Some(given));
    if sub_type == "catalog" && given.is_empty() || sub_type == "voice_call" {
        return Ok(());
    }
    let [first] = given else {
        return Err(Refusal::missing(&format!(
            "Button at index {place} of type {kind} requires a parameter"
        )));
    };
    if first["type"] != value || first[value].is_null() {
        return mismatch(format!("buttons: Button at index {place} takes a parameter of the type {value}"));
    }
    let most = match (sub_type, kind) {
        (_, "OTP") | ("copy_code", _) => 15,
        ("url", _) => 2_000,
        _ => 256,
    };
    if first[value].as_str().is_some_and(|text| text.is_empty() || text.chars().count() > most) {
        return Err(Refusal::new(
            132005,
            format!("buttons: Button at index {place} takes {most} characters"),
        ));
    }
    match sub_type {
        "mpm" => products(&first["action"]),
        "order_details" => order(&first["action"]["order_details"]),
        _ => Ok(()),
    }
}
