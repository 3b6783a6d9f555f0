//! Contacts as the host sees them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    consent::ConsentView,
    policy::ObjectionScope,
    values::{ids::PersonId, quiet::quiet_debug, time::Timestamp},
};

/// How the account came by a person's data (POPIA s18(1)(a), GDPR 14(2)(f): "where did you get my number").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvenanceContext {
    /// In the context of a sale (POPIA s69(3)(a)).
    Sale,
    /// The person filled in a form.
    Form,
    /// A list from elsewhere.
    List,
    /// Anything else.
    Other,
}

/// Where a person's data comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The source in the host's words, for example `web shop checkout`. No personal data.
    pub source: String,
    /// In what context.
    pub context: ProvenanceContext,
    /// When.
    pub obtained_at: Option<Timestamp>,
    /// Whether the person could object, free of charge, when the data was collected (POPIA s69(3)(c)).
    pub objection_offered: bool,
    /// What was sold, in the account's own words: the exception for customers covers what is similar
    /// (POPIA s69(3)(b)).
    #[serde(default)]
    pub goods: Vec<String>,
    /// What proves it, for example a form's id.
    pub evidence: Option<String>,
}

/// A contact to create or to bring up to date.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NewContact {
    /// The phone number, written in any way.
    pub phone: Option<String>,
    /// The business-scoped user id.
    pub bsuid: Option<String>,
    /// How to address the person.
    pub name: Option<String>,
    /// BCP 47, for example `en-ZA`.
    pub language: Option<String>,
    /// IANA, for example `Africa/Johannesburg`; by default what the country implies.
    pub zone: Option<String>,
    /// ISO 3166-1 alpha-2; by default the phone number's.
    pub country: Option<String>,
    /// Anything else the host's messages need.
    pub attributes: BTreeMap<String, String>,
    /// Where the data comes from. Without it marketing stays unknown, and unknown is denied.
    pub provenance: Option<Provenance>,
}

/// A contact.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Its id.
    pub id: PersonId,
    /// The phone number in E.164; missing for people without one.
    pub phone: Option<String>,
    /// Business-scoped user ids.
    pub bsuids: Vec<String>,
    /// How to address the person.
    pub name: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// IANA zone in which hours are judged; `None` when the country has several and none was given.
    pub zone: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The host's own attributes.
    pub attributes: BTreeMap<String, String>,
    /// Where the data comes from.
    pub provenance: Option<Provenance>,
    /// Where consent stands, by purpose.
    pub consents: Vec<ConsentView>,
    /// Whether the number is on the account's suppression list.
    pub suppressed: bool,
    /// Whether processing is restricted (GDPR 18, POPIA s14(6)).
    pub restricted: bool,
    /// What the person objected to.
    pub objections: Vec<ObjectionScope>,
    /// When the person last wrote.
    pub last_inbound_at: Option<Timestamp>,
    /// When the contact was made.
    pub created_at: Timestamp,
}
quiet_debug! { NewContact {} Contact { id, country, suppressed } }

/// Some contacts and where to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContactPage {
    /// The contacts, the oldest first.
    pub contacts: Vec<Contact>,
    /// Give it back as `after`.
    pub next: Option<String>,
}

/// How to read a file of people.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ImportOptions {
    /// Where the file comes from; used for rows without a `source` column.
    pub source: Option<String>,
    /// Region of numbers without a country code, ISO 3166-1 alpha-2; by default the account's.
    pub region: Option<String>,
    /// Our field for a column that has another heading: `{"Cell": "phone"}`.
    pub columns: BTreeMap<String, String>,
    /// Reads and checks everything and stores nothing.
    pub dry_run: bool,
}

/// A row that could not be taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowProblem {
    /// The row as a spreadsheet numbers it; the header is row 1.
    pub row: i64,
    /// The column's heading, where one cell is to blame.
    pub column: Option<String>,
    /// What is wrong, without the cell's content.
    pub detail: String,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ImportReport {
    /// The import's id, for a campaign to its people; empty after a dry run.
    pub id: String,
    /// Rows read, without the header.
    pub rows: i64,
    /// New contacts.
    pub created: i64,
    /// Contacts brought up to date.
    pub updated: i64,
    /// Rows that named a person of an earlier row of the same file again.
    pub duplicates: i64,
    /// Rows that could not be taken.
    pub rejected: i64,
    /// Rows whose person is on the suppression list: imported, and never sent marketing.
    pub suppressed: i64,
    /// Rows that brought consent with evidence.
    pub consents: i64,
    /// Rows that claimed consent without evidence: imported without it.
    pub consent_without_evidence: i64,
    /// The first 1,000 problems.
    pub problems: Vec<RowProblem>,
}
