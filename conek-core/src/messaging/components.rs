//! A template's components as WhatsApp writes them: for a submission from the definition and its examples, and back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{
    definition::{
        ButtonDefinition, CardDefinition, OfferDefinition, Template, TemplateCategory, TemplateHeader,
    },
    fits::placeholders,
};
use crate::{
    transport::call::{list, text},
    values::error::{Error, Result},
};

/// What a button of a submission needs beside its definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ButtonExample {
    /// Which button, by its place from 0.
    pub place: i32,
    /// For an address with a placeholder a whole address as it may become; for a code to copy an example of one; for
    /// a form the flow's id.
    pub value: String,
}

/// What a card of a submission needs beside its definition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CardExamples {
    /// The handle of an example of its picture or film, from `platform.upload_sample`.
    pub header: Option<String>,
    /// In place of its body's placeholders, by their names: `1`, `2` or words.
    pub body: BTreeMap<String, String>,
    /// What its buttons need.
    pub buttons: Vec<ButtonExample>,
}

/// How a one-time password reaches the app (Meta: Authentication templates).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordWay {
    /// The person copies it.
    #[default]
    CopyCode,
    /// The person taps, and the app has it.
    OneTap,
    /// The app has it at once. Meta's terms of it must be accepted.
    ZeroTap,
}

/// An Android app that may be handed a one-time password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordApp {
    /// Its package, for example `com.example.shop`.
    pub package_name: String,
    /// The hash of its signing key: 11 characters.
    pub signature_hash: String,
}

/// What an authentication template says and does beside the words that WhatsApp chooses.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordSettings {
    /// How the password reaches the app.
    pub way: PasswordWay,
    /// The apps that may be handed it: one to five; none for copying.
    pub apps: Vec<PasswordApp>,
    /// That the business accepts Meta's terms for handing it over without a tap. A legal act: conek does not assume it.
    pub zero_tap_terms_accepted: bool,
    /// Whether it says that the code is not to be passed on.
    pub security_recommendation: bool,
    /// After how many minutes the code no longer works: 1 to 90. The footer says it.
    pub expires_minutes: Option<i32>,
}

/// What WhatsApp's reviewers see in place of values, and what a definition leaves open. Examples are shown to Meta:
/// none of them may be somebody's data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplateExamples {
    /// In place of the header's placeholder; where it is a picture, a film or a PDF, the handle of an example from
    /// `platform.upload_sample`.
    pub header: Option<String>,
    /// In place of the body's placeholders, by their names: `1`, `2` or words.
    pub body: BTreeMap<String, String>,
    /// What buttons need.
    pub buttons: Vec<ButtonExample>,
    /// What the cards need, in their order.
    pub cards: Vec<CardExamples>,
    /// For authentication templates; copying, if missing.
    pub password: Option<PasswordSettings>,
    /// For how many seconds a message may wait for its phone: 30 to 900 for authentication, 30 to 43,200 for utility,
    /// 43,200 to 2,592,000 for marketing by `/marketing_messages`. -1: 30 days. Missing: WhatsApp's own.
    pub ttl_seconds: Option<i32>,
}

fn wrong<T>(field: impl Into<String>, detail: impl Into<String>) -> Result<T> {
    Err(Error::invalid(field, detail))
}

fn is_named(text: &str) -> bool {
    placeholders(text).iter().any(|name| name.parse::<u32>().is_err())
}

/// The body of `POST /{waba}/message_templates`.
pub(crate) fn submission(template: &Template, examples: &TemplateExamples) -> Result<Json> {
    let category = template.category.code().to_ascii_uppercase();
    let mut body = json!({
        "name": template.name,
        "language": template.language,
        "category": category,
        "components": components(template, examples)?,
    });
    let header = match &template.header {
        Some(TemplateHeader::Text { text }) => text.as_str(),
        _ => "",
    };
    if template.category != TemplateCategory::Authentication {
        let named = is_named(&template.body) || is_named(header);
        body["parameter_format"] = if named { "NAMED" } else { "POSITIONAL" }.into();
    }
    if let Some(ttl) = examples.ttl_seconds {
        let fits = match template.category {
            TemplateCategory::Authentication => ttl == -1 || (30..=900).contains(&ttl),
            TemplateCategory::Utility => ttl == -1 || (30..=43_200).contains(&ttl),
            TemplateCategory::Marketing => (43_200..=2_592_000).contains(&ttl),
        };
        if !fits {
            return wrong("ttl_seconds", "must lie within what WhatsApp allows for the category");
        }
        body["message_send_ttl_seconds"] = ttl.into();
    }
    Ok(body)
}

/// The components of a definition, each with its examples.
pub(crate) fn components(template: &Template, examples: &TemplateExamples) -> Result<Json> {
    if template.category == TemplateCategory::Authentication {
        return authentication(template, examples.password.as_ref());
    }
    let mut all = Vec::new();
    if let Some(header) = &template.header {
        all.push(header_of("header", header, examples.header.as_deref())?);
    }
    all.push(body_of("body", &template.body, &examples.body)?);
    if let Some(footer) = &template.footer {
        all.push(json!({"type": "FOOTER", "text": footer}));
    }
    if let Some(offer) = &template.offer {
        let offer = json!({"text": offer.text, "has_expiration": offer.expires});
        all.push(json!({"type": "LIMITED_TIME_OFFER", "limited_time_offer": offer}));
    }
    if !template.buttons.is_empty() {
        all.push(buttons_of("buttons", &template.buttons, &examples.buttons)?);
    }
    if !template.cards.is_empty() {
        if template.cards.len() != examples.cards.len() {
            return wrong("cards", format!("must have examples for all {} cards", template.cards.len()));
        }
        let cards = template.cards.iter().zip(&examples.cards).enumerate();
        let cards = cards
            .map(|(i, (card, examples))| card_of(&format!("cards[{i}]"), card, examples))
            .collect::<Result<Vec<_>>>()?;
        all.push(json!({"type": "CAROUSEL", "cards": cards}));
    }
    Ok(all.into())
}

fn authentication(template: &Template, settings: Option<&PasswordSettings>) -> Result<Json> {
    let settings = settings.cloned().unwrap_or_default();
    let mut all =
        vec![json!({"type": "BODY", "add_security_recommendation": settings.security_recommendation})];
    if let Some(minutes) = expiry(&settings)? {
        all.push(json!({"type": "FOOTER", "code_expiration_minutes": minutes}));
    }
    if !matches!(template.buttons[..], [ButtonDefinition::OneTimePassword {}]) {
        return wrong("buttons", "must be the one that hands the password over");
    }
    all.push(json!({"type": "BUTTONS", "buttons": [password_button(&settings)?]}));
    Ok(all.into())
}

/// After how many minutes a one-time password no longer works.
pub(super) fn expiry(settings: &PasswordSettings) -> Result<Option<i32>> {
    match settings.expires_minutes {
        Some(minutes) if !(1..=90).contains(&minutes) => wrong("password.expires_minutes", "must be 1 to 90"),
        minutes => Ok(minutes),
    }
}

/// The button that hands a one-time password over.
pub(super) fn password_button(settings: &PasswordSettings) -> Result<Json> {
    let way = match settings.way {
        PasswordWay::CopyCode => "COPY_CODE",
        PasswordWay::OneTap => "ONE_TAP",
        PasswordWay::ZeroTap => "ZERO_TAP",
    };
    let mut button = json!({"type": "OTP", "otp_type": way});
    if settings.way == PasswordWay::CopyCode {
        if !settings.apps.is_empty() {
            return wrong("password.apps", "must be empty where the person copies the code");
        }
    } else {
        if settings.apps.is_empty() || settings.apps.len() > 5 {
            return wrong("password.apps", "must name the apps, one to five");
        }
        button["supported_apps"] = json!(settings.apps);
        if settings.way == PasswordWay::ZeroTap {
            if !settings.zero_tap_terms_accepted {
                return wrong(
                    "password.zero_tap_terms_accepted",
                    "must be accepted for handing it over without a tap",
                );
            }
            button["zero_tap_terms_accepted"] = true.into();
        }
    }
    Ok(button)
}

fn card_of(at: &str, card: &CardDefinition, examples: &CardExamples) -> Result<Json> {
    let mut all = vec![header_of(&format!("{at}.header"), &card.header, examples.header.as_deref())?];
    if let Some(body) = &card.body {
        all.push(body_of(&format!("{at}.body"), body, &examples.body)?);
    }
    if !card.buttons.is_empty() {
        all.push(buttons_of(&format!("{at}.buttons"), &card.buttons, &examples.buttons)?);
    }
    Ok(json!({ "components": all }))
}

fn header_of(at: &str, header: &TemplateHeader, example: Option<&str>) -> Result<Json> {
    let format = match header {
        TemplateHeader::Text { text } => return text_header(at, text, example),
        TemplateHeader::Image {} => "IMAGE",
        TemplateHeader::Video {} => "VIDEO",
        TemplateHeader::Gif {} => "GIF",
        TemplateHeader::Document {} => "DOCUMENT",
        TemplateHeader::Location {} => return Ok(json!({"type": "HEADER", "format": "LOCATION"})),
        TemplateHeader::Product {} => return Ok(json!({"type": "HEADER", "format": "PRODUCT"})),
    };
    let Some(handle) = example else {
        return wrong(at, "must have the handle of an example, from platform.upload_sample");
    };
    Ok(json!({"type": "HEADER", "format": format, "example": {"header_handle": [handle]}}))
}

fn text_header(at: &str, text: &str, example: Option<&str>) -> Result<Json> {
    let mut header = json!({"type": "HEADER", "format": "TEXT", "text": text});
    if let Some(name) = placeholders(text).first() {
        let Some(example) = example else {
            return wrong(at, format!("must have an example for {{{{{name}}}}}"));
        };
        header["example"] = match is_named(text) {
            true => json!({"header_text_named_params": [{"param_name": name, "example": example}]}),
            false => json!({ "header_text": [example] }),
        };
    }
    Ok(header)
}

fn body_of(at: &str, text: &str, examples: &BTreeMap<String, String>) -> Result<Json> {
    let mut body = json!({"type": "BODY", "text": text});
    let mut wanted = placeholders(text);
    let named = is_named(text);
    if !named {
        // WhatsApp counts them, wherever they stand in the text.
        wanted.sort_by_key(|name| name.parse::<u32>().unwrap_or(u32::MAX));
    }
    if let Some(name) = examples.keys().find(|name| !wanted.contains(&name.as_str())) {
        return wrong(at, format!("has no placeholder {{{{{name}}}}}"));
    }
    let mut values = Vec::new();
    for name in wanted {
        match examples.get(name).filter(|example| !example.trim().is_empty()) {
            Some(example) if named => values.push(json!({"param_name": name, "example": example})),
            Some(example) => values.push(example.as_str().into()),
            None => return wrong(at, format!("must have an example for {{{{{name}}}}}")),
        }
    }
    if !values.is_empty() {
        body["example"] = match named {
            true => json!({ "body_text_named_params": values }),
            false => json!({ "body_text": [values] }),
        };
    }
    Ok(body)
}

fn buttons_of(at: &str, buttons: &[ButtonDefinition], examples: &[ButtonExample]) -> Result<Json> {
    let mut all = Vec::new();
    for (i, button) in buttons.iter().enumerate() {
        let example = examples.iter().find(|e| usize::try_from(e.place) == Ok(i)).map(|e| e.value.as_str());
        let plain = |kind: &str, text: &str| json!({"type": kind, "text": text});
        let need = |what: &str| {
            example.ok_or_else(|| Error::invalid(format!("{at}[{i}]"), format!("must have {what}")))
        };
        all.push(match button {
            ButtonDefinition::QuickReply { text } => plain("QUICK_REPLY", text),
            ButtonDefinition::Url { text, url } => {
                let mut json = json!({"type": "URL", "text": text, "url": url});
                if !placeholders(url).is_empty() {
                    json["example"] = json!([need("an example of the whole address")?]);
                }
                json
            }
            ButtonDefinition::PhoneNumber { text, number } => {
                json!({"type": "PHONE_NUMBER", "text": text, "phone_number": number})
            }
            ButtonDefinition::CopyCode {} => {
                json!({"type": "COPY_CODE", "example": need("an example of the code")?})
            }
            ButtonDefinition::Flow { text } => {
                json!({"type": "FLOW", "text": text, "flow_id": need("the flow's id")?})
            }
            ButtonDefinition::Catalog { text } => plain("CATALOG", text),
            ButtonDefinition::Products { text } => plain("MPM", text),
            ButtonDefinition::Product { text } => plain("SPM", text),
            ButtonDefinition::VoiceCall { text } => plain("VOICE_CALL", text),
            ButtonDefinition::OrderDetails { text } => plain("ORDER_DETAILS", text),
            ButtonDefinition::OneTimePassword {} => {
                return wrong(format!("{at}[{i}]"), "is for authentication templates only");
            }
            ButtonDefinition::Other { .. } => {
                return wrong(format!("{at}[{i}]"), "has no type by which it could be submitted");
            }
        });
    }
    Ok(json!({"type": "BUTTONS", "buttons": all}))
}

/// The category that WhatsApp says, where conek knows it.
pub(super) fn category(json: &Json) -> Option<TemplateCategory> {
    category_of(&text(json, "category")?)
}

/// A category by WhatsApp's word for it.
pub(super) fn category_of(word: &str) -> Option<TemplateCategory> {
    Some(match word.to_ascii_uppercase().as_str() {
        "MARKETING" => TemplateCategory::Marketing,
        "UTILITY" => TemplateCategory::Utility,
        "AUTHENTICATION" => TemplateCategory::Authentication,
        _ => return None,
    })
}

/// A template as WhatsApp's list has it; in words what conek has no type for.
pub(crate) fn read(json: &Json) -> Result<Template, &'static str> {
    let category = category(json).ok_or("its category is not known")?;
    let all = list(json, "components");
    let mut template = Template {
        status: text(json, "status").unwrap_or_default().to_ascii_uppercase(),
        id: text(json, "id"),
        quality: text(&json["quality_score"], "score"),
        rejected_reason: text(json, "rejected_reason").filter(|reason| reason != "NONE"),
        ..Template::new(
            text(json, "name").ok_or("it has no name")?,
            text(json, "language").ok_or("it has no language")?,
            category,
            "",
        )
    };
    for component in all {
        match kind(component).as_str() {
            "HEADER" => template.header = Some(read_header(component)?),
            "BODY" => template.body = text(component, "text").unwrap_or_default(),
            "FOOTER" => template.footer = text(component, "text"),
            "BUTTONS" => template.buttons = read_buttons(component)?,
            "CAROUSEL" => template.cards = read_cards(component)?,
            "LIMITED_TIME_OFFER" => {
                let offer = &component["limited_time_offer"];
                template.offer = Some(OfferDefinition {
                    text: text(offer, "text").unwrap_or_default(),
                    expires: offer["has_expiration"].as_bool().unwrap_or(false),
                });
            }
            _ => return Err("it has a component that conek does not know"),
        }
    }
    if template.body.is_empty() && category == TemplateCategory::Authentication {
        // The words are WhatsApp's own, around the code.
        "{{1}}".clone_into(&mut template.body);
    }
    super::definition::check(&template).map_err(|_| "it is not as WhatsApp's documentation has templates")?;
    Ok(template)
}

fn kind(of: &Json) -> String {
    text(of, "type").unwrap_or_default().to_ascii_uppercase()
}

fn read_header(component: &Json) -> Result<TemplateHeader, &'static str> {
    Ok(match text(component, "format").unwrap_or_default().to_ascii_uppercase().as_str() {
        "TEXT" => TemplateHeader::Text { text: text(component, "text").ok_or("its header is empty")? },
        "IMAGE" => TemplateHeader::Image {},
        "VIDEO" => TemplateHeader::Video {},
        "GIF" => TemplateHeader::Gif {},
        "DOCUMENT" => TemplateHeader::Document {},
        "LOCATION" => TemplateHeader::Location {},
        "PRODUCT" => TemplateHeader::Product {},
        _ => return Err("its header is of a kind that conek does not know"),
    })
}

fn read_buttons(component: &Json) -> Result<Vec<ButtonDefinition>, &'static str> {
    let all = list(component, "buttons");
    let read = |json: &Json| {
        let says = text(json, "text").unwrap_or_default();
        Ok(match kind(json).as_str() {
            "QUICK_REPLY" => ButtonDefinition::QuickReply { text: says },
            "URL" => {
                ButtonDefinition::Url { text: says, url: text(json, "url").ok_or("a button has no address")? }
            }
            "PHONE_NUMBER" => ButtonDefinition::PhoneNumber {
                text: says,
                number: text(json, "phone_number").ok_or("a button has no number")?,
            },
            "COPY_CODE" => ButtonDefinition::CopyCode {},
            "OTP" => ButtonDefinition::OneTimePassword {},
            "FLOW" => ButtonDefinition::Flow { text: says },
            "CATALOG" => ButtonDefinition::Catalog { text: says },
            "MPM" => ButtonDefinition::Products { text: says },
            "SPM" => ButtonDefinition::Product { text: says },
            "VOICE_CALL" => ButtonDefinition::VoiceCall { text: says },
            "ORDER_DETAILS" => ButtonDefinition::OrderDetails { text: says },
            _ => ButtonDefinition::Other { text: says },
        })
    };
    all.iter().map(read).collect()
}

fn read_cards(component: &Json) -> Result<Vec<CardDefinition>, &'static str> {
    let all = list(component, "cards");
    let read = |json: &Json| {
        let parts = list(json, "components");
        let part = |name: &str| parts.iter().find(|part| kind(part) == name);
        Ok(CardDefinition {
            header: read_header(part("HEADER").ok_or("a card has no header")?)?,
            body: part("BODY").and_then(|body| text(body, "text")),
            buttons: part("BUTTONS").map_or_else(|| Ok(Vec::new()), read_buttons)?,
        })
    };
    all.iter().map(read).collect()
}

#[cfg(test)]
mod tests;
