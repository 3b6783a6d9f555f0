//! What the gate looks at. A decision rests on these facts and the moment alone, so that a stored
//! one can be repeated years later, and so that anybody can ask "what if".
//!
//! Whatever is absent means none, or unknown; and unknown never allows.

use serde::{Deserialize, Serialize};

use super::settings::{Loosening, QuietHours};
use crate::{
    consent::{ConsentActor, ConsentStatus},
    messaging::Purpose,
    values::{ids::PersonId, time::Timestamp},
};

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Everything that a decision rests on, besides the moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The data subject.
    #[serde(skip_serializing_if = "is_default")]
    pub person: PersonFacts,
    /// The responsible party.
    #[serde(skip_serializing_if = "is_default")]
    pub account: AccountFacts,
    /// What is to be sent.
    #[serde(skip_serializing_if = "is_default")]
    pub message: MessageFacts,
    /// Where the person's consent for the message's purpose stands.
    #[serde(skip_serializing_if = "is_default")]
    pub consent: ConsentFacts,
    /// How the contact was obtained and what the person bought.
    #[serde(skip_serializing_if = "is_default")]
    pub relationship: RelationshipFacts,
    /// What the national opt-out registry says; absent where the account uses none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<RegistryFacts>,
    /// What the person agreed to in writing.
    #[serde(skip_serializing_if = "is_default")]
    pub agreements: AgreementFacts,
    /// Days declared public holidays in South Africa beyond the Act's own, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub declared_holidays: Vec<String>,
}

/// What is known of the person.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonFacts {
    /// Who, by id. No rule of conek's looks at it; a host's may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<PersonId>,
    /// Country, ISO 3166-1 alpha-2. Unknown: the rules of all regimes apply together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// IANA zone. For a person in South Africa it may be absent: the country has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Whether the number is a United States number.
    #[serde(skip_serializing_if = "is_default")]
    pub us_number: bool,
    /// Whether it is a juristic person. POPIA protects them like natural ones (s1).
    #[serde(skip_serializing_if = "is_default")]
    pub juristic: bool,
    /// Whether a juristic person's assets or turnover reach R2 million: the Consumer Protection
    /// Act does not protect those (s5(2)(b)).
    #[serde(skip_serializing_if = "is_default")]
    pub over_cpa_threshold: bool,
    /// Age in years; absent: unknown, which is not "a child".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<i32>,
    /// Whether a guardian reported the person to be a child.
    #[serde(skip_serializing_if = "is_default")]
    pub reported_child: bool,
    /// Whether a competent person or holder of parental responsibility consented (POPIA s35(1)(a), GDPR 8(1)).
    #[serde(skip_serializing_if = "is_default")]
    pub guardian_consented: bool,
    /// Whether processing is restricted (POPIA s14(6), GDPR 18).
    #[serde(skip_serializing_if = "is_default")]
    pub restricted: bool,
    /// Whether the person was erased.
    #[serde(skip_serializing_if = "is_default")]
    pub erased: bool,
    /// Whether the address is on the suppression list for marketing.
    #[serde(skip_serializing_if = "is_default")]
    pub suppressed: bool,
    /// Whether the address is on the suppression list for everything.
    #[serde(skip_serializing_if = "is_default")]
    pub suppressed_for_all: bool,
    /// What the person objected to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objections: Vec<ObjectionFacts>,
    /// Whether the person demanded an end to direct marketing or blocked it in advance (CPA s11(2)).
    #[serde(skip_serializing_if = "is_default")]
    pub desist_demanded: bool,
    /// Whether the person stopped marketing within WhatsApp.
    #[serde(skip_serializing_if = "is_default")]
    pub platform_stop: bool,
    /// Whether the person said something that may have meant stop, and has not been understood yet.
    #[serde(skip_serializing_if = "is_default")]
    pub awaiting_clarification: bool,
    /// When the number was found to belong to somebody else than the one who consented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_reassigned_at: Option<Timestamp>,
    /// When the person last wrote to the sending number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_inbound_at: Option<Timestamp>,
    /// How often this responsible party has asked the person for consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_requests: Option<i32>,
}

/// An objection that stands.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ObjectionFacts {
    /// To what.
    pub scope: ObjectionScope,
    /// Whether compelling grounds against it are on record (GDPR 21(1)). POPIA knows none (s11(4)), and
    /// nothing stands against an objection to direct marketing (GDPR 21(3)).
    #[serde(skip_serializing_if = "is_default")]
    pub compelling_grounds: bool,
}

/// What an objection is directed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectionScope {
    /// Direct marketing (POPIA s11(3)(b), GDPR 21(2)): absolute.
    #[default]
    DirectMarketing,
    /// Whatever rests on legitimate interests, on grounds of the person's situation (POPIA s11(3)(a), GDPR 21(1)).
    LegitimateInterests,
}

/// What is known of the account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountFacts {
    /// The age from which people may be dealt with; 18 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_age: Option<i32>,
    /// Whether the account does without the customer exception.
    #[serde(skip_serializing_if = "is_default")]
    pub consent_only: bool,
    /// Whether consent counts only once it was confirmed (double opt-in).
    #[serde(skip_serializing_if = "is_default")]
    pub double_opt_in: bool,
    /// Whether direct marketing stops when the rules are past their review date.
    #[serde(skip_serializing_if = "is_default")]
    pub stop_when_stale: bool,
    /// Hours in which the account sends nothing, beside the law's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quiet_hours: Vec<QuietHours>,
    /// Purposes for which a legitimate-interest assessment is on record, for example `comms.feedback`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assessments: Vec<String>,
    /// Where the account has taken the less strict reading on itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loosened: Vec<Loosening>,
}

/// What is known of the message.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageFacts {
    /// Why it is sent: the message's class.
    pub purpose: Purpose,
    /// The template, or `None` for a free-form message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateFacts>,
    /// The channel, `whatsapp` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Whether it tells the person how to stop (POPIA s69(4)(b), ePrivacy 13(4)).
    #[serde(skip_serializing_if = "is_default")]
    pub has_opt_out: bool,
    /// Whether it names who sends it (POPIA s69(4)(a)).
    #[serde(skip_serializing_if = "is_default")]
    pub names_sender: bool,
    /// Whether it is the first one to the person. Then the right to object must be presented (GDPR 21(4)).
    #[serde(skip_serializing_if = "is_default")]
    pub first_communication: bool,
    /// Whether the right to object is, or was, brought to the person's attention.
    #[serde(skip_serializing_if = "is_default")]
    pub presents_right_to_object: bool,
    /// Whether it promotes, whatever its class says; absent: not known to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotional: Option<bool>,
    /// What it promotes, in the account's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goods: Option<String>,
    /// Whether that is the account's own, and similar to what the person bought (POPIA s69(3)(b)).
    /// Absent: decided by comparing `goods` with `relationship.goods_sold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_similar_goods: Option<bool>,
    /// Whether it follows one transaction of the person's, as a request to rate a delivery does.
    #[serde(skip_serializing_if = "is_default")]
    pub tied_to_transaction: bool,
    /// Whether it may only go to people whose age is known.
    #[serde(skip_serializing_if = "is_default")]
    pub age_gated: bool,
    /// When it becomes void.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// What is known of a template when a decision is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TemplateFacts {
    /// `marketing`, `utility` or `authentication`, as WhatsApp classed it.
    pub category: String,
    /// Whether WhatsApp lets it be sent.
    pub approved: bool,
}

/// Where consent for the message's purpose stands.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsentFacts {
    /// Where it stands. Ignored when `history` is given.
    #[serde(skip_serializing_if = "is_default")]
    pub status: ConsentStatus,
    /// When the person last acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whether it could be proved (POPIA s11(2)(a), GDPR 7(1)).
    #[serde(skip_serializing_if = "is_default")]
    pub demonstrable: bool,
    /// When it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// The goods or services it covers; none named: any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub goods: Vec<String>,
    /// The channels it covers; none named: WhatsApp.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// When the person confirmed it (double opt-in).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// Whether the person had the notice before them (POPIA s18, GDPR 13); absent: unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_given: Option<bool>,
    /// Whether that notice named the purpose; absent: unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose_in_notice: Option<bool>,
    /// Whether a notice with a material change has come since, to which the person has not been asked again.
    #[serde(skip_serializing_if = "is_default")]
    pub notice_superseded: bool,
    /// What the person said, event by event, in any order. The state is their fold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<ConsentFact>,
}

/// One consent event, as a fact.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsentFact {
    /// Where consent stood from then on.
    pub status: ConsentStatus,
    /// When the person acted; absent: unknown, and then consent cannot be given by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// When it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<Timestamp>,
    /// Who acted.
    #[serde(skip_serializing_if = "is_default")]
    pub by: ConsentActor,
    /// Whether it could be proved.
    #[serde(skip_serializing_if = "is_default")]
    pub demonstrable: bool,
    /// When consent ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// The goods or services it covers; none named: any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub goods: Vec<String>,
    /// The channels it covers; none named: WhatsApp.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// When the person confirmed it (double opt-in).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
}

/// What makes somebody an existing customer (POPIA s69(3), ePrivacy 13(2)).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RelationshipFacts {
    /// Whether the contact was obtained in the context of a sale. A free account can be one, where it
    /// is part of a paid model (CJEU C-654/23).
    #[serde(skip_serializing_if = "is_default")]
    pub obtained_in_sale: bool,
    /// Whether the person could object, free of charge, when the contact was collected.
    #[serde(skip_serializing_if = "is_default")]
    pub objection_offered: bool,
    /// What was sold, in the account's own words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub goods_sold: Vec<String>,
}

/// What the national opt-out registry says (CPA regulation 4).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistryFacts {
    /// Whether the person registered a block.
    #[serde(skip_serializing_if = "is_default")]
    pub blocked: bool,
    /// When the account's list was last compared with the registry; at most a month ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<Timestamp>,
    /// Whether the account is registered as a direct marketer; absent: unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marketer_registered: Option<bool>,
}

/// What the person agreed to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AgreementFacts {
    /// Contact outside marketing hours, and how that was agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<HoursAgreement>,
}

/// How contact outside marketing hours was agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoursAgreement {
    /// By what the person did. An engine's deliveries are timed, so that it is not enough (GN R293 item 2).
    Implied,
    /// In words. Not enough either.
    Express,
    /// In writing: marketing hours do not apply to the person.
    ExpressWritten,
}
