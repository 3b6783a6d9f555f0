//! Contact cards.

use super::{optional, required, web_address, wrong};
use crate::{messaging::ContactCard, values::error::Result};

/// Meta's OpenAPI says 5, its guides and clients 257; what WhatsApp took until now is the higher.
const CARDS: usize = 257;

pub(super) fn contacts(contacts: &[ContactCard]) -> Result<()> {
    if !(1..=CARDS).contains(&contacts.len()) {
        return wrong("contacts", format!("must be 1 to {CARDS}"));
    }
    contacts.iter().enumerate().try_for_each(|(i, card)| one(&format!("contacts[{i}]"), card))
}

fn one(at: &str, card: &ContactCard) -> Result<()> {
    let name = &card.name;
    required(&format!("{at}.name.formatted_name"), &name.formatted_name, 1024)?;
    let parts = [&name.first_name, &name.last_name, &name.middle_name, &name.prefix, &name.suffix];
    if parts.iter().all(|part| part.is_none()) {
        return wrong(format!("{at}.name.first_name"), "must be there, or another part of the name");
    }
    for part in parts {
        optional(&format!("{at}.name"), part.as_deref(), 1024)?;
    }
    for (i, phone) in card.phones.iter().enumerate() {
        required(&format!("{at}.phones[{i}].phone"), &phone.phone, 64)?;
        let digits = |id: &str| (5..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
        if phone.wa_id.as_deref().is_some_and(|id| !digits(id)) {
            return wrong(format!("{at}.phones[{i}].wa_id"), "must be digits");
        }
    }
    for (i, email) in card.emails.iter().enumerate() {
        let fits = email.email.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.'));
        if !fits || email.email.len() > 320 {
            return wrong(format!("{at}.emails[{i}].email"), "must be an e-mail address");
        }
    }
    for (i, url) in card.urls.iter().enumerate() {
        web_address(&format!("{at}.urls[{i}].url"), &url.url)?;
    }
    for (i, address) in card.addresses.iter().enumerate() {
        let code = address.country_code.as_deref();
        if code.is_some_and(|c| c.len() != 2 || !c.bytes().all(|b| b.is_ascii_alphabetic())) {
            return wrong(format!("{at}.addresses[{i}].country_code"), "must be two letters");
        }
    }
    if card.birthday.as_deref().is_some_and(|day| day.parse::<chrono::NaiveDate>().is_err()) {
        return wrong(format!("{at}.birthday"), "must be YYYY-MM-DD");
    }
    Ok(())
}
