//! Who works with the engine, and what they may do.

use serde::{Deserialize, Serialize};

use crate::values::quiet::quiet_debug;

/// What somebody may do. The host authenticates people; the engine checks every call of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read contacts, and what was said about consent.
    ContactsRead,
    /// Create, change and merge contacts, import files.
    ContactsWrite,
    /// Take personal data out: exports, and the suppression list.
    ContactsExport,
    /// Record and withdraw consent, declare what is known of a person.
    ConsentWrite,
    /// Read messages, events and media.
    MessagesRead,
    /// Send single messages, answer, cancel and release them.
    MessagesSend,
    /// Plan, pause and cancel campaigns.
    CampaignEdit,
    /// Approve a campaign that somebody else planned.
    CampaignApprove,
    /// Start campaigns.
    CampaignSend,
    /// Work on requests of data subjects.
    RightsManage,
    /// Erase people, hold them back from erasure, run the retention sweep.
    PrivacyErase,
    /// Work on breach cases.
    IncidentsManage,
    /// Keep the registers of disclosures, transfers and assessments.
    RegistersWrite,
    /// Read the audit log and the registers, verify the store.
    AuditRead,
    /// Rotate keys.
    KeysRotate,
    /// Change settings, notices and templates; back up, restore, resume and close.
    AccountAdmin,
    /// Hand in webhooks and requests from the web.
    InboundReceive,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 17] = [
        Self::ContactsRead,
        Self::ContactsWrite,
        Self::ContactsExport,
        Self::ConsentWrite,
        Self::MessagesRead,
        Self::MessagesSend,
        Self::CampaignEdit,
        Self::CampaignApprove,
        Self::CampaignSend,
        Self::RightsManage,
        Self::PrivacyErase,
        Self::IncidentsManage,
        Self::RegistersWrite,
        Self::AuditRead,
        Self::KeysRotate,
        Self::AccountAdmin,
        Self::InboundReceive,
    ];
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::ContactsRead => "contacts_read",
            Self::ContactsWrite => "contacts_write",
            Self::ContactsExport => "contacts_export",
            Self::ConsentWrite => "consent_write",
            Self::MessagesRead => "messages_read",
            Self::MessagesSend => "messages_send",
            Self::CampaignEdit => "campaign_edit",
            Self::CampaignApprove => "campaign_approve",
            Self::CampaignSend => "campaign_send",
            Self::RightsManage => "rights_manage",
            Self::PrivacyErase => "privacy_erase",
            Self::IncidentsManage => "incidents_manage",
            Self::RegistersWrite => "registers_write",
            Self::AuditRead => "audit_read",
            Self::KeysRotate => "keys_rotate",
            Self::AccountAdmin => "account_admin",
            Self::InboundReceive => "inbound_receive",
        }
    }
}

/// A field that somebody does not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldMask {
    /// Phone numbers: only the last four digits are shown, and no BSUID.
    Phone,
    /// Names.
    Name,
    /// The host's own attributes.
    Attributes,
    /// What messages say.
    Content,
}

impl FieldMask {
    /// Everything that can be masked.
    pub(crate) const ALL: [Self; 4] = [Self::Phone, Self::Name, Self::Attributes, Self::Content];
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Name => "name",
            Self::Attributes => "attributes",
            Self::Content => "content",
        }
    }
}

/// Who calls.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Actor {
    /// The host's id of the person or program. It is sealed in the audit log.
    pub id: String,
    /// What they may do.
    pub scopes: Vec<Scope>,
    /// For what they do it, in the host's words; kept with every entry of the audit log.
    pub purpose: Option<String>,
    /// What they do not see.
    #[serde(default)]
    pub masks: Vec<FieldMask>,
}
quiet_debug! { Actor { scopes } }

impl Actor {
    /// The host itself: everything, nothing masked. An engine that was opened and not given to anybody acts as it.
    pub fn host() -> Self {
        Self { id: "host".to_owned(), scopes: Scope::ALL.to_vec(), purpose: None, masks: Vec::new() }
    }
    pub(crate) fn sees(&self, field: FieldMask) -> bool {
        !self.masks.contains(&field)
    }
}
