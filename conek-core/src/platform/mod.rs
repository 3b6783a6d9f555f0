//! The account at WhatsApp: its numbers, their profile, shop, QR codes, username and automation, who is blocked,
//! flows, groups, calls, what was counted, sign-ups of both kinds, and where webhooks go. Each noun has a file; `transport::call`
//! makes the calls and classes what was refused.
#![doc = include_str!("../../docs/platform.md")]

mod analytics;
mod apps;
mod automation;
mod blocks;
mod calling;
mod calls;
mod commerce;
mod flow_setup;
mod flows;
mod groups;
mod join_requests;
mod numbers;
mod onboarding;
mod profile;
mod qr_codes;
mod samples;
mod sender_health;
mod signups;
mod usernames;

pub use analytics::{
    AnalyticsRange, ConversationDimension, ConversationFilter, ConversationPoint, CountedMessages,
    Granularity, MessagingFilter, MessagingPoint, PricingDimension, PricingFilter, PricingPoint,
    TemplateAnalyticsQuery, TemplateClicks, TemplateCost, TemplatePoint, TemplateProduct,
};
pub use apps::{SubscribedApp, WebhookCallback};
pub use automation::{Automation, BotCommand};
pub use blocks::{BlockRefusal, BlockReport, BlockedPage, BlockedPerson};
pub use calling::{CallAction, CallLimit, CallPermission, CallingSettings};
pub use commerce::{CommerceSettings, CommerceUpdate};
pub use flow_setup::{FlowKey, FlowMigration, MigratedFlow, UnmigratedFlow};
pub use flows::{Flow, FlowAsset, FlowError, FlowMade, FlowPage, FlowUpdate, NewFlow};
pub use groups::{Group, GroupMember, GroupPage, GroupSummary, GroupUpdate, NewGroup};
pub use join_requests::{JoinRequest, JoinRequestPage, JoinRequestRefusal, JoinRequestReport};
pub use numbers::{CodeMethod, NewPhoneNumber, NumberPage, PhoneNumber};
pub use onboarding::{BusinessToken, SignupCode};
pub use profile::{BusinessProfile, ProfileUpdate};
pub use qr_codes::{QrCode, QrImage, QrPage};
pub use samples::Sample;
pub use sender_health::{NumberHealth, SenderHealth, TemplateHealth};
pub use signups::{NewSignup, Signup, SignupPage, SignupUpdate};
pub use usernames::BusinessUsername;

use serde_json::Value as Json;

use crate::{
    engine::Session,
    transport::call::{Call, check_id},
    values::error::Result,
};

/// The account at WhatsApp. Whoever manages it needs the scope `account_admin`; every change is logged. Nothing is
/// repeated by itself: where an error's retry is `unknown`, look before you repeat the call.
#[derive(Debug, Clone)]
pub struct Platform {
    pub(crate) engine: Session,
}

impl Platform {
    /// The number that is meant: the one that is named, or the account's default.
    fn number(&self, named: Option<String>) -> Result<String> {
        match named {
            Some(id) => check_id("number", id),
            None => self.engine.sender(None),
        }
    }

    /// Makes a change on a task of the engine's own: a caller who goes away does not cut it off.
    async fn change(&self, what: &'static str, call: Call) -> Result<Json> {
        let engine = self.engine.inner();
        self.engine.run(async move { engine.graph(what, call).await }).await
    }
}
