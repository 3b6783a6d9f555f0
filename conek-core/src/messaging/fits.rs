//! Whether the values of a send fit the template's stored definition: each component and each placeholder has
//! its value, of its kind, and none is left over. What WhatsApp would refuse later is refused here at once, and
//! the error names the field.

use super::{
    content::{Content, Header, Parameter, TemplateButton, TemplateCard},
    definition::{ButtonDefinition, CardDefinition, Template, TemplateHeader},
};
use crate::values::error::{Error, Result};

/// The placeholders of a template's text, in order of first appearance: `1`, `2` or names.
pub(crate) fn placeholders(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        rest = &rest[start + 2..];
        let Some(end) = rest.find("}}") else { break };
        let name = rest[..end].trim();
        if !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
        rest = &rest[end + 2..];
    }
    found
}

/// How long a text is without its placeholders, and how many there are, each as often as it stands there.
fn fixed_part(text: &str) -> (usize, Vec<&str>) {
    let (mut fixed, mut names, mut rest) = (0, Vec::new(), text);
    while let Some((before, name, after)) =
        rest.split_once("{{").and_then(|(b, r)| r.split_once("}}").map(|(n, a)| (b, n.trim(), a)))
    {
        fixed += before.chars().count();
        names.push(name);
        rest = after;
    }
    (fixed + rest.chars().count(), names)
}

fn wrong<T>(field: impl Into<String>, detail: impl Into<String>) -> Result<T> {
    Err(Error::invalid(field, detail))
}

/// Checks the values of a send against the definition.
pub(crate) fn check(template: &Template, content: &Content) -> Result<()> {
    let Content::Template { header, body, buttons, cards, offer_ends_at, .. } = content else {
        return Ok(());
    };
    let name = template.name.as_str();
    check_header("content.header", name, template.header.as_ref(), header.as_ref())?;
    check_parameters(template, body)?;
    check_buttons("content.buttons", name, &template.buttons, buttons)?;
    check_cards(name, &template.cards, cards)?;
    match (template.offer.as_ref().is_some_and(|o| o.expires), offer_ends_at) {
        (true, None) => wrong(
            "content.offer_ends_at",
            format!("the template {name} counts down to the end of an offer and needs it"),
        ),
        (false, Some(_)) => {
            wrong("content.offer_ends_at", format!("the template {name} has no offer that counts down"))
        }
        _ => Ok(()),
    }
}

/// Checks that the values fill the template's body: every placeholder one value, and none left over.
pub(crate) fn check_parameters(template: &Template, given: &[Parameter]) -> Result<()> {
    check_text("content.body", &template.name, &template.body, given)
}

fn check_text(at: &str, template: &str, text: &str, given: &[Parameter]) -> Result<()> {
    let wanted = placeholders(text);
    let missing = |name: &str| -> Result<()> {
        wrong(at, format!("the template {template} needs a value for {{{{{name}}}}}"))
    };
    let named = wanted.iter().any(|w| w.parse::<u32>().is_err());
    if named {
        for name in &wanted {
            if !given.iter().any(|p| p.name == *name) {
                return missing(name);
            }
        }
        if let Some(extra) = given.iter().find(|p| !wanted.contains(&p.name.as_str())) {
            return wrong(at, format!("the template {template} has no placeholder {{{{{}}}}}", extra.name));
        }
    } else {
        if let Some(name) = wanted.get(given.len()) {
            return missing(name);
        }
        if given.len() > wanted.len() {
            return wrong(
                at,
                format!(
                    "the template {template} takes {} values, and {} were given",
                    wanted.len(),
                    given.len()
                ),
            );
        }
        if let Some(i) = given.iter().position(|p| !p.name.is_empty()) {
            return wrong(
                format!("{at}[{i}].name"),
                format!("must be empty: the template {template} numbers its placeholders"),
            );
        }
    }
    for (i, p) in given.iter().enumerate() {
        value(&format!("{at}[{i}]"), &p.text)?;
    }
    // A sole value may be long; otherwise the body as people read it has the body's limit.
    let limit = if wanted.len() == 1 { 32_768 } else { 1024 };
    let (fixed, stands) = fixed_part(text);
    let of = |name: &str| {
        let p = if named {
            given.iter().find(|p| p.name == name)
        } else {
            wanted.iter().position(|w| *w == name).and_then(|i| given.get(i))
        };
        p.map_or(0, |p| p.text.chars().count())
    };
    let length = fixed + stands.into_iter().map(of).sum::<usize>();
    if length > limit {
        return wrong(
            at,
            format!("must have at most {limit} characters once it is filled, and has {length}"),
        );
    }
    Ok(())
}

/// A value on its own.
fn value(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return wrong(field, "must not be empty");
    }
    if text.contains(['\n', '\t']) || text.contains("     ") {
        return wrong(
            field,
            "must not hold line breaks, tabs or more than four spaces in a row (Meta: error 132018)",
        );
    }
    Ok(())
}

fn kind_of(header: &Header) -> &'static str {
    match header {
        Header::Text { .. } | Header::NamedText { .. } => "text",
        Header::Image { .. } => "image",
        Header::Video { .. } => "video",
        Header::Gif { .. } => "gif",
        Header::Document { .. } => "document",
        Header::Location { .. } => "location",
        Header::Product { .. } => "product",
    }
}

fn check_header(
    at: &str,
    template: &str,
    wanted: Option<&TemplateHeader>,
    given: Option<&Header>,
) -> Result<()> {
    let kind = match wanted {
        None if given.is_some() => {
            return wrong(at, format!("must not be there: the template {template} has no header"));
        }
        None => return Ok(()),
        Some(TemplateHeader::Text { text }) => return check_header_text(at, template, text, given),
        Some(TemplateHeader::Image {}) => "image",
        Some(TemplateHeader::Video {}) => "video",
        Some(TemplateHeader::Gif {}) => "gif",
        Some(TemplateHeader::Document {}) => "document",
        Some(TemplateHeader::Location {}) => "location",
        Some(TemplateHeader::Product {}) => "product",
    };
    match given.map(kind_of) {
        Some(given) if given == kind => Ok(()),
        Some(given) => {
            wrong(at, format!("must be of the kind {kind}, as the template {template} has it, not {given}"))
        }
        None => wrong(at, format!("must be there: the template {template} has a header of the kind {kind}")),
    }
}

fn check_header_text(at: &str, template: &str, text: &str, given: Option<&Header>) -> Result<()> {
    let Some(name) = placeholders(text).first().copied() else {
        return match given {
            Some(_) => {
                wrong(at, format!("must not be there: the header of the template {template} takes no value"))
            }
            None => Ok(()),
        };
    };
    let given = match given {
        None => {
            return wrong(
                at,
                format!("must be there: the template {template} needs a value for {{{{{name}}}}}"),
            );
        }
        Some(Header::Text { text }) if name.parse::<u32>().is_ok() => text,
        Some(Header::NamedText { name: given, text }) if given == name => text,
        Some(Header::Text { .. }) => {
            return wrong(at, format!("must be a named text: the header's placeholder is {{{{{name}}}}}"));
        }
        Some(Header::NamedText { .. }) => {
            return wrong(format!("{at}.name"), format!("must be {name:?}, as the header's placeholder"));
        }
        Some(other) => {
            return wrong(
                at,
                format!(
                    "must be of the kind text, as the template {template} has it, not {}",
                    kind_of(other)
                ),
            );
        }
    };
    value(&format!("{at}.text"), given)?;
    let length = fixed_part(text).0 + given.chars().count();
    if length > 60 {
        return wrong(at, format!("must have at most 60 characters once it is filled, and has {length}"));
    }
    Ok(())
}

fn check_buttons(
    at: &str,
    template: &str,
    wanted: &[ButtonDefinition],
    given: &[TemplateButton],
) -> Result<()> {
    for (i, button) in given.iter().enumerate() {
        let place = usize::try_from(button.index()).ok();
        let Some(definition) = place.and_then(|place| wanted.get(place)) else {
            return wrong(
                format!("{at}[{i}].index"),
                format!("the template {template} has {} buttons, counted from 0", wanted.len()),
            );
        };
        check_button(&format!("{at}[{i}]"), definition, button)?;
    }
    for (place, definition) in wanted.iter().enumerate() {
        let is_there = given.iter().any(|b| usize::try_from(b.index()) == Ok(place));
        let need = match definition {
            ButtonDefinition::Url { url, .. } if !placeholders(url).is_empty() => "the end of its address",
            ButtonDefinition::CopyCode {} => "its code",
            ButtonDefinition::OneTimePassword {} => "the one-time password",
            ButtonDefinition::Products { .. } => "its products",
            ButtonDefinition::OrderDetails { .. } => "its order",
            _ => continue,
        };
        if !is_there {
            return wrong(at, format!("the button {place} of the template {template} needs {need}"));
        }
    }
    Ok(())
}

fn check_button(at: &str, definition: &ButtonDefinition, given: &TemplateButton) -> Result<()> {
    use ButtonDefinition as Wanted;
    use TemplateButton as Given;
    match (definition, given) {
        (Wanted::QuickReply { .. }, Given::QuickReply { .. })
        | (Wanted::CopyCode {}, Given::CopyCode { .. })
        | (Wanted::Flow { .. }, Given::Flow { .. })
        | (Wanted::Catalog { .. }, Given::Catalog { .. })
        | (Wanted::Products { .. }, Given::Products { .. })
        | (Wanted::VoiceCall { .. }, Given::VoiceCall { .. })
        | (Wanted::OrderDetails { .. }, Given::OrderDetails { .. }) => Ok(()),
        (Wanted::OneTimePassword {}, Given::Url { suffix, .. }) => match suffix.chars().count() {
            0..=15 => Ok(()),
            _ => wrong(format!("{at}.suffix"), "must have at most 15 characters: it is a one-time password"),
        },
        (Wanted::Url { url, .. }, Given::Url { suffix, .. }) => {
            if placeholders(url).is_empty() {
                return wrong(at, "must not be there: the button's address takes no value");
            }
            let length = fixed_part(url).0 + suffix.chars().count();
            if length > 2000 {
                return wrong(
                    format!("{at}.suffix"),
                    format!("makes an address of {length} characters; it must have at most 2000"),
                );
            }
            Ok(())
        }
        (Wanted::PhoneNumber { .. } | Wanted::Product { .. } | Wanted::Other { .. }, _) => {
            wrong(at, "must not be there: the button takes no value")
        }
        (wanted, given) => wrong(
            at,
            format!("must be a value for a button of the kind {}, not {}", button_kind(wanted), given.kind()),
        ),
    }
}

fn button_kind(button: &ButtonDefinition) -> &'static str {
    match button {
        ButtonDefinition::QuickReply { .. } => "quick_reply",
        ButtonDefinition::Url { .. } | ButtonDefinition::OneTimePassword {} => "url",
        ButtonDefinition::PhoneNumber { .. } => "phone_number",
        ButtonDefinition::CopyCode {} => "copy_code",
        ButtonDefinition::Flow { .. } => "flow",
        ButtonDefinition::Catalog { .. } => "catalog",
        ButtonDefinition::Products { .. } => "products",
        ButtonDefinition::Product { .. } => "product",
        ButtonDefinition::VoiceCall { .. } => "voice_call",
        ButtonDefinition::OrderDetails { .. } => "order_details",
        ButtonDefinition::Other { .. } => "other",
    }
}

fn check_cards(template: &str, wanted: &[CardDefinition], given: &[TemplateCard]) -> Result<()> {
    if wanted.len() != given.len() {
        return wrong(
            "content.cards",
            format!("the template {template} has {} cards, and {} were given", wanted.len(), given.len()),
        );
    }
    for (i, (definition, card)) in wanted.iter().zip(given).enumerate() {
        let field = |name: &str| format!("content.cards[{i}].{name}");
        check_header(&field("header"), template, Some(&definition.header), Some(&card.header))?;
        check_text(&field("body"), template, definition.body.as_deref().unwrap_or_default(), &card.body)?;
        check_buttons(&field("buttons"), template, &definition.buttons, &card.buttons)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
