//! A breach case: what is known, what was judged, who was told. It is also the record that GDPR 33(5) wants of every
//! breach, told or not.

use serde::{Deserialize, Serialize};

use super::{
    channels::BreachChannel,
    contents::BreachItem,
    deadlines::{BreachAudience, BreachRisk, DelayOrder},
};
use crate::{
    policy::Regime,
    values::{quiet::quiet_debug, time::Timestamp},
};

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachState {
    /// Its risk is not assessed.
    #[default]
    Open,
    /// It is; somebody waits for a first letter.
    Assessed,
    /// Nobody waits for a first letter.
    Notified,
    /// Everybody was told all, or need not be. Final, unless new facts open it again.
    Closed,
}

/// What was done to the data (GDPR 4(12); the Regulator's form).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachKind {
    /// Somebody saw or took them without authority.
    Access,
    /// They were given to somebody who may not have them.
    Disclosure,
    /// They were lost.
    Loss,
    /// They were changed or damaged.
    Alteration,
    /// They were destroyed.
    Destruction,
    /// They were used unlawfully.
    UnlawfulProcessing,
}

/// Which of several letters it is (GDPR 33(4): in phases, where not all is known at once).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachPhase {
    /// The first, and not all is known.
    Initial,
    /// A later one, and not all is known.
    Supplement,
    /// It says all that must be said.
    Final,
}

/// What happened, in the words that the letters use. In one language; nothing about single people, for it goes to
/// many.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BreachText {
    /// `en`, `af`, `nl`, `de` or `fr`: the languages that letters are written in.
    pub language: String,
    /// What happened, in plain words (GDPR 33(3)(a), 34(2)).
    pub what_happened: Option<String>,
    /// Whose data they are, for example `customers` (GDPR 33(3)(a)).
    pub whose: Option<String>,
    /// What is likely to follow (GDPR 33(3)(c), POPIA s22(5)(a)).
    pub consequences: Option<String>,
    /// What was done and will be done (GDPR 33(3)(d), POPIA s22(5)(b)).
    pub measures: Option<String>,
    /// What the people can do (POPIA s22(5)(c)).
    pub advice: Option<String>,
    /// Why an authority is told late (GDPR 33(1)).
    pub late_reasons: Option<String>,
}

/// Something that cannot be found out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachUnknown {
    /// What: `moment`, `whose`, `people_count` or `record_count` (GDPR 33(3)(a): where possible).
    pub item: BreachItem,
    /// Why not.
    pub why: String,
}

/// What is known of a breach. Whatever is missing is not known.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BreachDetails {
    /// When there were reasonable grounds to believe that it happened: the clocks run from here.
    pub aware_at: Option<Timestamp>,
    /// The laws that bind; both, if none is named.
    pub regimes: Vec<Regime>,
    /// Whether the account only processes the data for somebody else.
    pub as_processor: bool,
    /// Whether the account promised its people to tell them within 72 hours; missing: it did.
    pub promised: Option<bool>,
    /// Where the people are, ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    /// What was done to the data.
    pub kinds: Vec<BreachKind>,
    /// Whether it is confirmed, and not only suspected.
    pub confirmed: Option<bool>,
    /// When it began.
    pub began_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Which kinds of data, by category, for example `contact`.
    pub categories: Vec<String>,
    /// About how many people.
    pub people: Option<i64>,
    /// About how many records.
    pub records: Option<i64>,
    /// What cannot be found out.
    pub unknown: Vec<BreachUnknown>,
    /// What happened, in words, by language. The first is for everybody whose language is not there.
    pub texts: Vec<BreachText>,
    /// Who did it, if known (POPIA s22(5)(d)). Only letters under POPIA, and to the responsible party, say it.
    pub intruder: Option<String>,
    /// The name of whoever writes the letters.
    pub sender: Option<String>,
    /// Its address.
    pub address: Option<String>,
    /// Whom to ask: the information officer, data protection officer, or another contact (GDPR 33(3)(b)).
    pub contact: Option<String>,
    /// Where people can complain.
    pub authority: Option<String>,
    /// By what ways the people will be told; the Regulator asks.
    pub planned_channels: Vec<BreachChannel>,
    /// The time zone in which letters name days, for example `Africa/Johannesburg`; UTC, if missing.
    pub zone: Option<String>,
}

/// How likely harm is, and what follows from it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BreachAssessment {
    /// How likely harm is. `unknown` is no assessment.
    pub risk: BreachRisk,
    /// Why.
    pub reason: String,
    /// Whether the data were sealed and the key is safe (GDPR 34(3)(a)).
    pub encrypted_and_key_safe: bool,
    /// Whether it cannot be found out whose data they are (POPIA s22(1)(b)).
    pub subjects_unidentifiable: bool,
    /// By what measures the high risk is no longer likely (GDPR 34(3)(b)); missing: it still is.
    pub averted_by: Option<String>,
    /// Why telling each person would be a disproportionate effort (GDPR 34(3)(c)): they are told in public then.
    pub disproportionate: Option<String>,
}

/// An order to wait, in the life of a case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachDelay {
    /// Who gave it, its reference, and until when.
    pub order: DelayOrder,
    /// What it says: that telling the people would impede a criminal investigation (POPIA s22(3)).
    pub what: String,
    /// When it was entered.
    pub recorded_at: Timestamp,
    /// When it was taken back.
    pub lifted_at: Option<Timestamp>,
}

/// A letter that went out, to enter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewBreachNotice {
    /// To whom.
    pub to: BreachAudience,
    /// By what way. A letter that went in two ways is two notices.
    pub channel: BreachChannel,
    /// Which of several, as the letter says.
    pub phase: BreachPhase,
    /// In which language, as the letter says.
    pub language: Option<String>,
    /// When.
    pub sent_at: Timestamp,
    /// How it is proved, for example the portal's reference or where the copy is.
    pub proof: String,
}

/// A letter that went out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachNotice {
    /// To whom.
    pub to: BreachAudience,
    /// By what way.
    pub channel: BreachChannel,
    /// Which of several.
    pub phase: BreachPhase,
    /// In which language.
    pub language: String,
    /// When.
    pub sent_at: Timestamp,
    /// How it is proved.
    pub proof: String,
    /// What it left out.
    pub missing: Vec<BreachItem>,
    /// The version of the letters.
    pub template_version: String,
}

/// One step in the life of a case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachStep {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, for example `opened`, `assessed`, `closed`.
    pub step: String,
    /// Anything more.
    pub note: Option<String>,
}

/// A breach, from the first suspicion until everybody knows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachCase {
    /// Its id.
    pub id: String,
    /// Where it stood at its last step.
    pub state: BreachState,
    /// What is known.
    pub details: BreachDetails,
    /// How likely harm is; missing: not assessed.
    pub assessment: Option<BreachAssessment>,
    /// Orders to wait.
    pub delays: Vec<BreachDelay>,
    /// The letters that went out.
    pub notices: Vec<BreachNotice>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// What was done about it.
    pub log: Vec<BreachStep>,
}

quiet_debug! {
    BreachText { language }
    BreachUnknown { item }
    BreachDetails { aware_at, regimes, as_processor, kinds }
    BreachAssessment { risk, encrypted_and_key_safe, subjects_unidentifiable }
    BreachDelay { recorded_at, lifted_at }
    NewBreachNotice { to, channel, phase, sent_at }
    BreachNotice { to, channel, phase, sent_at, missing }
    BreachStep { at, step }
    BreachCase { id, state, opened_at, closed_at }
}
