//! Consent as events with evidence, after ISO/IEC TS 27560 and the W3C Data Privacy Vocabulary.

use serde::{Deserialize, Serialize};

use crate::{
    messaging::Purpose,
    values::{
        ids::{NoticeId, PersonId},
        quiet::quiet_debug,
        time::Timestamp,
    },
};

/// Where consent stands. Only `given` and `renewed` allow anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
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

/// What proves a consent event. POPIA s11(2)(a) and GDPR 7(1) put the burden of proof on the account.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Evidence {
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
    /// When consent ends by itself.
    pub valid_until: Option<Timestamp>,
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
    /// When the person acted.
    pub acted_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
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
}
