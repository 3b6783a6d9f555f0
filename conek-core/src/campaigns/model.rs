//! Campaigns as the host sees them.

use serde::{Deserialize, Serialize};

use crate::{
    messaging::Purpose,
    policy::Reason,
    values::{
        ids::{CampaignId, PersonId},
        time::Timestamp,
    },
};

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Audience {
    /// Every contact.
    Everyone {},
    /// Contacts whose attribute has this value.
    Attribute {
        /// The attribute.
        name: String,
        /// Its value.
        value: String,
    },
    /// Whom this import created or brought up to date, and no later import has.
    Import {
        /// The import's id, as its report tells it.
        id: String,
    },
    /// These contacts.
    People {
        /// Their ids.
        ids: Vec<PersonId>,
    },
}

/// Where a placeholder's value comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Variable {
    /// The same text for everybody.
    Literal {
        /// The placeholder's name; empty for numbered ones.
        name: String,
        /// The text.
        text: String,
    },
    /// From the contact: `name`, or one of its attributes.
    Attribute {
        /// The placeholder's name; empty for numbered ones.
        name: String,
        /// The contact's field or attribute.
        attribute: String,
        /// Used where the contact has none; without it such a contact is left out.
        fallback: Option<String>,
    },
    /// The address of the person's own page of preferences; needs a `public_url` in the configuration.
    PreferenceLink {
        /// The placeholder's name; empty for numbered ones.
        name: String,
    },
}

/// A campaign to plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CampaignSpec {
    /// Its name in the host's lists.
    pub name: String,
    /// Who is meant.
    pub audience: Audience,
    /// The template's name.
    pub template: String,
    /// The template's language.
    pub language: String,
    /// Values for the body's placeholders, in order.
    pub variables: Vec<Variable>,
    /// Why; decides what the gate demands.
    pub purpose: Purpose,
    /// From which phone number id; `None` is the account's first.
    pub sender: Option<String>,
    /// Not before this moment.
    pub not_before: Option<Timestamp>,
    /// Not after this moment; by default four days after the start.
    pub expires_at: Option<Timestamp>,
    /// What it promotes, in the account's own words; see `Draft.goods`.
    pub goods: Option<String>,
}

/// How many people a reason concerns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReasonCount {
    /// The reason.
    pub reason: Reason,
    /// How many people it is the strongest reason for.
    pub people: i64,
}

/// How many people wait for the same moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LaterCount {
    /// When they are due.
    pub until: Timestamp,
    /// How many.
    pub people: i64,
}

/// What messages to one country cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// ISO 3166-1 alpha-2, or `*` for every other country.
    pub country: String,
    /// `marketing`, `utility`, `authentication` or `service`.
    pub category: String,
    /// ISO 4217.
    pub currency: String,
    /// Millionths of the currency for one message.
    pub micros: i64,
}

/// A sum in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// ISO 4217.
    pub currency: String,
    /// Millionths.
    pub micros: i64,
}

/// What a campaign would do if it started now: decided by the very code that decides when sending.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CampaignPlan {
    /// The campaign's id; give it to `start`.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// Everybody in the audience.
    pub planned: i64,
    /// Who will get it as soon as it starts.
    pub now: i64,
    /// Who will get it later.
    pub later: i64,
    /// Who not.
    pub denied: i64,
    /// Why later, by moment.
    pub later_at: Vec<LaterCount>,
    /// Why not, by reason; the most frequent first.
    pub denied_by: Vec<ReasonCount>,
    /// How long sending those of now takes at the number's rate, in seconds.
    pub duration_s: i64,
    /// What it costs, by currency, for those priced by the account's rates.
    pub cost: Vec<Cost>,
    /// How many people's messages have no rate.
    pub unpriced: i64,
    /// SHA-256 over everybody and what was decided for them.
    pub hash: String,
}

/// Where a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// Planned, not started.
    Planned,
    /// Being sent.
    Running,
    /// Stopped for a while by the host.
    Paused,
    /// Every message is final.
    Completed,
    /// Ended by the host before its end.
    Cancelled,
}

/// A campaign's numbers, counted from its messages. They add up: `planned` is the sum of all
/// states plus `denied`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CampaignProgress {
    /// The campaign.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: CampaignState,
    /// Everybody in the audience.
    pub planned: i64,
    /// Waiting for their time or turn, held ones included.
    pub waiting: i64,
    /// Being sent this moment.
    pub sending: i64,
    /// Accepted by WhatsApp.
    pub sent: i64,
    /// On the phone.
    pub delivered: i64,
    /// Opened.
    pub read: i64,
    /// Answered.
    pub replied: i64,
    /// Opted out after it.
    pub opted_out: i64,
    /// Reported as failed after acceptance.
    pub failed: i64,
    /// Refused by WhatsApp.
    pub refused: i64,
    /// Left out by the gate, before or at dispatch.
    pub denied: i64,
    /// Cancelled or expired.
    pub dropped: i64,
    /// Maybe accepted; evidence is awaited.
    pub in_doubt: i64,
    /// In doubt for good.
    pub unresolved: i64,
    /// Why people were left out; the most frequent first.
    pub denied_by: Vec<ReasonCount>,
    /// When the next waiting message is due.
    pub next_due_at: Option<Timestamp>,
    /// What keeps its messages from leaving at present, beside the hours and the gate's other answers: the number is
    /// stopped (`SENDER_STOPPED`), its quality is low (`SENDER_QUALITY`), the account is restricted
    /// (`SENDER_RESTRICTED`), the messaging limit is used up (`MESSAGING_LIMIT`), the template is paused
    /// (`TEMPLATE_NOT_APPROVED`). They go on by themselves once it is over.
    pub stopped_by: Vec<Reason>,
    /// Whether a second person must approve it before it can start.
    pub needs_approval: bool,
    /// Who approved it.
    pub approved_by: Option<String>,
}

/// A person who was left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Who.
    pub person: PersonId,
    /// Why, the strongest first.
    pub reasons: Vec<Reason>,
}

/// Some people who were left out and where to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeftOutPage {
    /// The people.
    pub people: Vec<LeftOut>,
    /// Give it back as `after`.
    pub next: Option<String>,
}
