//! Consent as events with evidence, after ISO/IEC TS 27560 and the W3C Data Privacy Vocabulary.

use serde::{Deserialize, Serialize};

use super::contents::NoticeContents;
use crate::{
    messaging::Purpose,
    values::{
        ids::{NoticeId, PersonId},
        quiet::quiet_debug,
        time::Timestamp,
    },
};

/// Where consent stands. Only `given` and `renewed` allow anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentStatus {
    /// Nothing is recorded.
    #[default]
    Unknown,
    /// The person was asked and has not answered.
    Requested,
    /// The person said no.
    Refused,
    /// The person said yes.
    Given,
    /// The person said yes again.
    Renewed,
    /// Its time is over.
    Expired,
    /// The person took it back.
    Withdrawn,
    /// The account took it back.
    Revoked,
    /// It never was valid, or the number has another owner now.
    Invalidated,
}

impl ConsentStatus {
    /// Every status.
    pub const ALL: [Self; 9] = [
        Self::Unknown,
        Self::Requested,
        Self::Refused,
        Self::Given,
        Self::Renewed,
        Self::Expired,
        Self::Withdrawn,
        Self::Revoked,
        Self::Invalidated,
    ];
    /// The stable code, as stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Requested => "requested",
            Self::Refused => "refused",
            Self::Given => "given",
            Self::Renewed => "renewed",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Revoked => "revoked",
            Self::Invalidated => "invalidated",
        }
    }
    /// Whether it allows anything.
    pub fn is_valid(self) -> bool {
        matches!(self, Self::Given | Self::Renewed)
    }
}

/// By what way consent came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentSource {
    /// A checkbox at registration.
    RegistrationCheckbox,
    /// A form by e-mail or on the web.
    Form,
    /// An explicit request, answered.
    ExplicitRequest,
    /// The person's own words on WhatsApp.
    WhatsappReply,
    /// A file that the host imported, with the evidence's reference.
    Import,
    /// WhatsApp's own stop, resume or sign-up.
    Platform,
    /// The unsubscribe link or preference page.
    PreferencePage,
    /// A person of the host, for example after a call.
    Agent,
}

/// Who acted in a consent event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentActor {
    /// The data subject.
    #[default]
    Subject,
    /// A competent person or holder of parental responsibility, for a child (POPIA s35(1)(a), GDPR 8(1)).
    CompetentPerson,
    /// Somebody whom the person authorised.
    Representative,
    /// The account itself. It can revoke and invalidate; it cannot consent.
    Controller,
    /// WhatsApp, on its own account. It can stop; its "resume" gives nothing back that the person took.
    Platform,
}

impl ConsentActor {
    /// Every actor.
    pub const ALL: [Self; 5] =
        [Self::Subject, Self::CompetentPerson, Self::Representative, Self::Controller, Self::Platform];
    /// Whether consent can come from them.
    pub fn may_consent(self) -> bool {
        matches!(self, Self::Subject | Self::CompetentPerson | Self::Representative)
    }
}

/// What kind of proof stands behind a consent event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Not said.
    #[default]
    Other,
    /// A message of the person; the reference is its id.
    Message,
    /// A form, on paper or on the web (POPIA Form 4); the reference is its id.
    Form,
    /// A recording, which is given to the person on request and free of charge; the reference is where it is kept.
    Recording,
    /// A sign-up within WhatsApp; the reference is its `signup_id`.
    Signup,
    /// The page of preferences.
    PreferencePage,
    /// A file that was imported; the reference is what the file said.
    Import,
}

/// What proves a consent event. POPIA s11(2)(a) and GDPR 7(1) put the burden of proof on the account.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// What kind of proof it is.
    #[serde(default)]
    pub kind: EvidenceKind,
    /// Where the proof is kept: a form's id, a message's id, a recording's reference.
    pub reference: Option<String>,
    /// The words the person saw.
    pub text_shown: Option<String>,
    /// What the person answered.
    pub reply: Option<String>,
}

impl Evidence {
    /// Whether it could be shown to a regulator at all.
    pub fn is_demonstrable(&self) -> bool {
        let has = |v: &Option<String>| v.as_deref().is_some_and(|v| !v.trim().is_empty());
        has(&self.reference) || (has(&self.text_shown) && has(&self.reply))
    }
}

/// A consent event to record.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentEntry {
    /// Whose.
    pub person: PersonId,
    /// For what.
    pub purpose: Purpose,
    /// Where consent stands from now on. `expired` and `unknown` cannot be recorded.
    pub status: ConsentStatus,
    /// By what way.
    pub source: ConsentSource,
    /// What proves it; consent that is given needs a reference, or the text shown and the reply.
    pub evidence: Evidence,
    /// The notice the person had before them.
    pub notice: Option<NoticeId>,
    /// When the person acted; now, if missing.
    pub acted_at: Option<Timestamp>,
    /// When the person had the text before them: the form was opened, the call began. Missing: as `acted_at`.
    #[serde(default)]
    pub interacted_at: Option<Timestamp>,
    /// When consent ends by itself.
    pub valid_until: Option<Timestamp>,
    /// Who acted.
    #[serde(default)]
    pub by: ConsentActor,
    /// The goods or services it covers, in the account's own words; none named: any.
    #[serde(default)]
    pub goods: Vec<String>,
    /// The channels it covers (`whatsapp`, `email`, `sms`, `phone`); none named: WhatsApp.
    #[serde(default)]
    pub channels: Vec<String>,
}

impl ConsentEntry {
    /// An act of the person, now, without proof yet.
    pub fn new(person: PersonId, purpose: Purpose, status: ConsentStatus, source: ConsentSource) -> Self {
        Self {
            person,
            purpose,
            status,
            source,
            evidence: Evidence::default(),
            notice: None,
            acted_at: None,
            interacted_at: None,
            valid_until: None,
            by: ConsentActor::Subject,
            goods: Vec::new(),
            channels: Vec::new(),
        }
    }
}

/// A consent event as recorded. Events are never changed or removed while the person is known.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentEvent {
    /// Its id; later events have greater ids.
    pub id: String,
    /// Whose.
    pub person: PersonId,
    /// For what.
    pub purpose: Purpose,
    /// Where consent stood from then on.
    pub status: ConsentStatus,
    /// By what way.
    pub source: ConsentSource,
    /// What proves it.
    pub evidence: Evidence,
    /// The notice the person had before them.
    pub notice: Option<NoticeId>,
    /// When the person acted: the interaction.
    pub acted_at: Timestamp,
    /// When the person had the text before them, where that was told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interacted_at: Option<Timestamp>,
    /// When consent stood from: the act, or its confirmation.
    pub confirmed_at: Option<Timestamp>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// When consent ends by itself.
    pub valid_until: Option<Timestamp>,
    /// Who acted.
    pub by: ConsentActor,
    /// The goods or services it covers; none named: any.
    pub goods: Vec<String>,
    /// The channels it covers; none named: WhatsApp.
    pub channels: Vec<String>,
}
quiet_debug! {
    Evidence {}
    ConsentEntry { person, purpose, status, source }
    ConsentEvent { id, person, purpose, status, source, recorded_at }
}

/// Where consent for one purpose stands: the fold of its events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentView {
    /// For what.
    pub purpose: Purpose,
    /// Where it stands.
    pub status: ConsentStatus,
    /// Since when.
    pub since: Timestamp,
    /// By what way.
    pub source: ConsentSource,
    /// Whether it could be proved.
    pub demonstrable: bool,
    /// The notice it was given under.
    pub notice: Option<NoticeId>,
    /// When it ends by itself.
    pub valid_until: Option<Timestamp>,
    /// When the person confirmed it (double opt-in).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// The goods or services it covers; none named: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goods: Vec<String>,
    /// The channels it covers; none named: WhatsApp.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
}

/// A privacy notice to publish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewNotice {
    /// BCP 47.
    pub language: String,
    /// Its title.
    pub title: String,
    /// Its whole text.
    pub text: String,
    /// What changed since the version before, in plain words; empty for the first.
    pub summary: String,
    /// From when it holds; now, if missing.
    pub effective_from: Option<Timestamp>,
    /// What the text says, by the lists of POPIA s18 and GDPR 13 and 14: with something missing, the notice is
    /// not published.
    #[serde(default)]
    pub contents: NoticeContents,
    /// Whether people who consented under an older version must be asked again. A new purpose, basis, recipient,
    /// country or kind of information makes a version material whatever is said here.
    pub material: bool,
}

/// A published privacy notice. Never changed; a new version takes its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// 1, 2, ... for each language.
    pub version: i32,
    /// BCP 47.
    pub language: String,
    /// Its title.
    pub title: String,
    /// Its whole text.
    pub text: String,
    /// What changed.
    pub summary: String,
    /// From when it holds.
    pub effective_from: Timestamp,
    /// SHA-256 of language, title and text, hexadecimal.
    pub sha256: String,
    /// When it was published.
    pub published_at: Timestamp,
    /// What it says.
    #[serde(default)]
    pub contents: NoticeContents,
    /// Whether people who consented under an older version must be asked again.
    #[serde(default)]
    pub material: bool,
    /// What changed since the version before, item by item.
    #[serde(default)]
    pub changes: Vec<String>,
}
