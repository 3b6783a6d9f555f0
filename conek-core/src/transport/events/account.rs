//! What happens to the business account.

use serde::{Deserialize, Serialize};

use crate::values::time::Timestamp;

/// What happened to the business account (Meta: `account_update`, where nothing else is named).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AccountEvent {
    /// It may not do some things for a while (`ACCOUNT_RESTRICTION`).
    Restricted {
        /// What, and until when.
        restrictions: Vec<AccountRestriction>,
    },
    /// It was disabled, will be, or works again (`DISABLED_UPDATE`).
    Banned {
        /// `DISABLE`, `SCHEDULE_FOR_DISABLE` or `REINSTATE`.
        state: String,
        /// Since when, in WhatsApp's words.
        date: Option<String>,
    },
    /// It broke a policy (`ACCOUNT_VIOLATION`).
    Violation {
        /// Which, for example `ADULT`.
        kind: Option<String>,
        /// What can be done about it.
        remediation: Option<String>,
    },
    /// It is deleted (`ACCOUNT_DELETED`).
    Deleted {},
    /// The WhatsApp Business app was set up anew, and the account is off the Cloud API (`ACCOUNT_OFFBOARDED`).
    Offboarded {},
    /// It is back after that (`ACCOUNT_RECONNECTED`).
    Reconnected {},
    /// A test account became a verified one (`VERIFIED_ACCOUNT`).
    Verified {},
    /// It was reviewed against the policies (Meta: `account_review_update`).
    Reviewed {
        /// `APPROVED`, `REJECTED`, `PENDING` or `DEFERRED`.
        decision: String,
    },
    /// Something wants attention: a limit that is not raised, a picture that is lost (Meta: `account_alerts`).
    Alert {
        /// `BUSINESS`, `PHONE_NUMBER` or `CURRENT_STATUS_ID`.
        entity_kind: Option<String>,
        /// Its id.
        entity: Option<String>,
        /// For example `INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED`.
        kind: Option<String>,
        /// `CRITICAL`, `WARNING` or `INFORMATIONAL`.
        severity: Option<String>,
        /// `ACTIVE` or `NONE`.
        status: Option<String>,
        /// WhatsApp's words.
        description: Option<String>,
    },
    /// What the business may do changed (Meta: `business_capability_update`).
    Capability {
        /// How many people it may write to first within 24 hours: `TIER_2K`, `2000`, ...; `-1` is no limit.
        messaging_limit: Option<String>,
        /// How many numbers the business may have.
        numbers_per_business: Option<i32>,
        /// How many numbers one account may have.
        numbers_per_account: Option<i32>,
    },
    /// A partner was let in or out (`PARTNER_ADDED`, `PARTNER_APP_INSTALLED`, `AD_ACCOUNT_LINKED`, ...).
    Partner {
        /// WhatsApp's word for it.
        event: String,
        /// Whom it concerns.
        info: PartnerInfo,
    },
    /// A partner's verification of the business came to something (`PARTNER_CLIENT_CERTIFICATION_*`).
    Certified {
        /// The business portfolio.
        business: Option<String>,
        /// `APPROVED`, `FAILED`, `PENDING`, `DISCARDED` or `REVOKED`; `NEEDED` where it has to be begun.
        status: String,
        /// Why it failed.
        reasons: Vec<String>,
    },
    /// Messages cost less from a volume on (`VOLUME_BASED_PRICING_TIER_UPDATE`).
    PricingTier {
        /// `UTILITY` or `AUTHENTICATION`.
        category: Option<String>,
        /// The volume, for example `25000001:50000000`.
        tier: Option<String>,
        /// The country or region of the recipients.
        region: Option<String>,
        /// The month, `YYYY-MM`.
        month: Option<String>,
        /// Since when.
        at: Option<Timestamp>,
    },
    /// Codes to other countries cost the international rate (`AUTH_INTL_PRICE_ELIGIBILITY_UPDATE`).
    AuthenticationRates {
        /// From when.
        starts_at: Option<Timestamp>,
        /// Countries with a moment of their own.
        exceptions: Vec<RateException>,
    },
    /// Where WhatsApp holds the business to be (`BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE`).
    Location {
        /// ISO 3166-1 alpha-2.
        country: String,
    },
    /// A way to be paid changed (Meta: `payment_configuration_update`; India and Brazil).
    PaymentConfiguration {
        /// Its name.
        name: String,
        /// Who pays out.
        provider: Option<String>,
        /// The merchant's id there.
        merchant: Option<String>,
        /// `Active`, `Needs Connecting` or `Needs Testing`.
        status: Option<String>,
        /// When it was changed.
        at: Option<Timestamp>,
    },
    /// A solution of several partners changed (Meta: `partner_solutions`).
    Solution {
        /// `SOLUTION_CREATED` or `SOLUTION_UPDATED`.
        event: String,
        /// Its id.
        solution: String,
        /// `ACTIVE`, `DRAFT`, `INITIATED`, `REJECTED`, `PENDING_DEACTIVATION` or `DEACTIVATED`.
        status: Option<String>,
    },
    /// An event that conek knows no type for.
    Other {
        /// WhatsApp's word for it.
        event: String,
        /// The update as JSON.
        json: String,
    },
}

/// Something that the account may not do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRestriction {
    /// For example `RESTRICTED_BIZ_INITIATED_MESSAGING`.
    pub kind: String,
    /// Until when; `None` where WhatsApp names no end.
    pub until: Option<Timestamp>,
    /// What can be done about it.
    pub remediation: Option<String>,
}

/// Whom an event about partners concerns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PartnerInfo {
    /// The business account.
    pub account: Option<String>,
    /// The portfolio that owns it.
    pub owner: Option<String>,
    /// The partner's app.
    pub app: Option<String>,
    /// The ad account that was shared.
    pub ad_account: Option<String>,
    /// The solution of several partners.
    pub solution: Option<String>,
    /// The partners' portfolios.
    pub partners: Vec<String>,
    /// Why the app was disconnected, for example `PRIMARY_INACTIVITY`.
    pub reason: Option<String>,
    /// Who did it: `SYSTEM` or `USER`.
    pub initiated_by: Option<String>,
}

/// A country whose rate begins at another moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateException {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// From when.
    pub starts_at: Option<Timestamp>,
}
