//! Contact cards.

use serde::Serialize;

use crate::messaging::{CardOrganisation, ContactCard};

#[derive(Serialize)]
pub(super) struct Card<'a> {
    name: Name<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    phones: Vec<Phone<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    emails: Vec<Email<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    urls: Vec<Url<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<Address<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<Organisation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birthday: Option<&'a str>,
}

#[derive(Serialize)]
struct Name<'a> {
    formatted_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    middle_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suffix: Option<&'a str>,
}

#[derive(Serialize)]
struct Phone<'a> {
    phone: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wa_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Email<'a> {
    email: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
}

#[derive(Serialize)]
struct Url<'a> {
    url: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
}

#[derive(Serialize)]
struct Address<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    street: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country_code: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
}

#[derive(Serialize)]
struct Organisation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
}

pub(super) fn card(card: &ContactCard) -> Card<'_> {
    let ContactCard { name, phones, emails, urls, addresses, organisation, birthday } = card;
    Card {
        name: Name {
            formatted_name: &name.formatted_name,
            first_name: name.first_name.as_deref(),
            last_name: name.last_name.as_deref(),
            middle_name: name.middle_name.as_deref(),
            prefix: name.prefix.as_deref(),
            suffix: name.suffix.as_deref(),
        },
        phones: phones
            .iter()
            .map(|p| Phone { phone: &p.phone, label: p.label.as_deref(), wa_id: p.wa_id.as_deref() })
            .collect(),
        emails: emails.iter().map(|e| Email { email: &e.email, label: e.label.as_deref() }).collect(),
        urls: urls.iter().map(|u| Url { url: &u.url, label: u.label.as_deref() }).collect(),
        addresses: addresses
            .iter()
            .map(|a| Address {
                street: a.street.as_deref(),
                city: a.city.as_deref(),
                state: a.state.as_deref(),
                zip: a.zip.as_deref(),
                country: a.country.as_deref(),
                country_code: a.country_code.as_deref(),
                label: a.label.as_deref(),
            })
            .collect(),
        org: organisation.as_ref().map(|CardOrganisation { company, department, title }| Organisation {
            company: company.as_deref(),
            department: department.as_deref(),
            title: title.as_deref(),
        }),
        birthday: birthday.as_deref(),
    }
}
