//! Contact cards: people and businesses that a message passes on.

use serde::{Deserialize, Serialize};

use crate::values::{phone::digits, quiet::quiet_debug};

/// A name on a contact card.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CardName {
    /// The whole name as it is shown; must be there.
    pub formatted_name: String,
    /// The first name. At least one part of the name must be there beside the whole.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The name in the middle.
    pub middle_name: Option<String>,
    /// What stands before the name, for example `Dr`.
    pub prefix: Option<String>,
    /// What stands behind the name, for example `Jr`.
    pub suffix: Option<String>,
}

/// A phone number on a contact card.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CardPhone {
    /// The number as it is shown.
    pub phone: String,
    /// For example `HOME`, `WORK`, `CELL`.
    pub label: Option<String>,
    /// The number's WhatsApp id, in digits; with it the card offers to write.
    pub wa_id: Option<String>,
}

/// An e-mail address on a contact card.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CardEmail {
    /// The address.
    pub email: String,
    /// `HOME` or `WORK`.
    pub label: Option<String>,
}

/// A web address on a contact card.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CardUrl {
    /// The address.
    pub url: String,
    /// `HOME` or `WORK`.
    pub label: Option<String>,
}

/// A postal address on a contact card.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CardAddress {
    /// Street and number.
    pub street: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The state or province.
    pub state: Option<String>,
    /// The postal code.
    pub zip: Option<String>,
    /// The country's name.
    pub country: Option<String>,
    /// The country's code, two letters.
    pub country_code: Option<String>,
    /// `HOME` or `WORK`.
    pub label: Option<String>,
}

/// Where the person of a contact card works.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CardOrganisation {
    /// The company.
    pub company: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The person's title there.
    pub title: Option<String>,
}

/// A contact card. It is somebody's personal data: whoever passes it on needs a reason for that too.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactCard {
    /// The name.
    pub name: CardName,
    /// Phone numbers.
    pub phones: Vec<CardPhone>,
    /// E-mail addresses.
    pub emails: Vec<CardEmail>,
    /// Web addresses.
    pub urls: Vec<CardUrl>,
    /// Postal addresses.
    pub addresses: Vec<CardAddress>,
    /// Where the person works.
    pub organisation: Option<CardOrganisation>,
    /// The day of birth, `YYYY-MM-DD`.
    pub birthday: Option<String>,
}

impl ContactCard {
    /// A card with a name and one number that is on WhatsApp.
    pub fn new(formatted_name: impl Into<String>, first_name: impl Into<String>, e164: &str) -> Self {
        let name = CardName {
            formatted_name: formatted_name.into(),
            first_name: Some(first_name.into()),
            ..CardName::default()
        };
        let phone = CardPhone { phone: e164.to_owned(), label: None, wa_id: Some(digits(e164)) };
        Self { name, phones: vec![phone], ..Self::default() }
    }
}

quiet_debug! {
    CardName {} CardPhone { label } CardEmail { label } CardUrl { label } CardAddress { label } CardOrganisation {}
    ContactCard {}
}
