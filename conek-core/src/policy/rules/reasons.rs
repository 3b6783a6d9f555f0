//! Every reason that the rules can give, as data: its code, what it rests on, since when it holds, plain words.

use chrono::{DateTime, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{policy::decision::Reason, values::time::Timestamp};

/// The version of these rules, as it stands in every decision.
pub const RULE_SET: &str = "conek 2026-11-28";

/// The day after which these rules want to be looked at again: law changes.
pub const REVIEW_BY: &str = "2027-11-27";

/// A reason as data.
#[derive(Debug)]
pub(crate) struct Why {
    pub(crate) code: &'static str,
    pub(crate) provision: &'static str,
    pub(crate) text: &'static str,
    /// The first second at which it holds; 0: always did.
    valid_from: i64,
}

/// A rule as data: what the gate may say, on what it rests, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The stable code, for example `SUPPRESSED`.
    pub code: String,
    /// What it rests on.
    pub provision: String,
    /// The same in plain words.
    pub text: String,
    /// From when it holds; absent: from before any decision.
    pub valid_from: Option<Timestamp>,
    /// Until when it holds; absent: no end is known.
    pub valid_to: Option<Timestamp>,
}

/// The rule set as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    /// Its version, as it stands in every decision.
    pub version: String,
    /// The day after which it wants to be looked at again, `YYYY-MM-DD`.
    pub review_by: String,
    /// Whether that day has passed.
    pub stale: bool,
    /// Every reason that it can give.
    pub rules: Vec<Rule>,
}

const fn days_to_seconds(days_since_1970: i64) -> i64 {
    days_since_1970 * 86_400
}
/// 1 April 2011, GN R293.
const CPA_HOURS: i64 = days_to_seconds(15_065);
/// 15 April 2026, CPA Amendment Regulations.
const CPA_REGISTRY: i64 = days_to_seconds(20_558);
/// 1 July 2026, registration of direct marketers.
const CPA_REGISTRATION: i64 = days_to_seconds(20_635);
/// 1 April 2025.
const US_PAUSE: i64 = days_to_seconds(20_179);

macro_rules! reasons {
    ($($name:ident $(since $since:ident)? = $provision:literal, $text:literal;)*) => {
        $(pub(crate) const $name: Why = Why {
            code: stringify!($name), provision: $provision, text: $text, valid_from: reasons!(@since $($since)?),
        };)*
        const ALL: &[Why] = &[$($name),*];
        /// Every reason that these rules can give: code, provision, plain words.
        pub const REASONS: &[(&str, &str, &str)] = &[$((stringify!($name), $provision, $text)),*];
    };
    (@since) => { 0 };
    (@since $since:ident) => { $since };
}

reasons! {
    RESTRICTED = "POPIA s14(6); GDPR art 18(2)", "processing is restricted at the person's request: the data may be stored and nothing else";
    ERASED = "POPIA s24(1)(b); GDPR art 17", "the person was erased";
    SUPPRESSED = "POPIA s69(1), s11(3)(b); GDPR art 21(3)", "the person asked not to be contacted, and that outlives everything else";
    UNDER_MINIMUM_AGE = "the account's minimum age; POPIA s34; GDPR art 8", "the person is, or was reported to be, younger than the people this business deals with";
    CHILD_NO_COMPETENT_PERSON_CONSENT = "POPIA s34, s35(1)(a)", "the person is a child, and no competent person has consented";
    CHILD_NO_PARENTAL_CONSENT = "GDPR art 8(1)", "the person is too young to consent alone, and no holder of parental responsibility has";
    AGE_UNKNOWN = "the account's minimum age", "the message is for people whose age is known, and this one's is not";
    OBJECTED = "POPIA s11(3)-(4); GDPR art 21", "the person objected";
    DESIST_DEMAND = "CPA s11(2), s11(4)(b)", "the person demanded an end to direct marketing, or blocked it in advance";
    PLATFORM_STOP = "Meta: marketing preferences, error 131050", "the person stopped marketing messages within WhatsApp";
    REGISTRY_BLOCK = "CPA s11(3), regulation 4(3)", "the person registered a block against direct marketing";
    REGISTRY_BLOCK_VS_CONSENT = "CPA s11(3), regulation 4(3)", "the person registered a block against direct marketing and also consented; the law names no order, so the stricter reading holds";
    REGISTRY_CLEANSE_STALE since CPA_REGISTRY = "CPA Amendment Regulations of 15 April 2026, regulation 4(7)-(10)", "the contacts were not compared with the opt-out registry within the last month";
    MARKETER_NOT_REGISTERED since CPA_REGISTRATION = "CPA Amendment Regulations of 15 April 2026, regulation 4(7)-(10)", "the business is not registered as a direct marketer";
    COUNTRY_WITHOUT_RULES = "conek: default is deny", "conek has no rules on direct marketing for this country";
    CONSENT_WITHDRAWN = "POPIA s11(2)(b); GDPR art 7(3)", "the person took their consent back";
    CONSENT_REVOKED = "POPIA s11(2)(a); GDPR art 7", "the business took the consent off its books";
    CONSENT_REFUSED = "POPIA s69(2)(b)", "the person was asked and said no";
    CONSENT_WITHHELD = "POPIA s69(2)(a)(ii)", "the person withheld consent before, and may not be asked again";
    CONSENT_INVALIDATED = "POPIA s11(2)(a); GDPR art 7(1)", "the consent on record is not valid";
    NUMBER_REASSIGNED = "POPIA s11(2)(a), s16; GDPR art 5(1)(d), 7(1)", "the number has another owner than the one who consented";
    CONSENT_EXPIRED = "POPIA s11(1)(a); GDPR art 5(1)(b)", "the consent has run out";
    CONSENT_NOT_DEMONSTRABLE = "POPIA s11(2)(a); GDPR art 7(1)", "there is no evidence of the consent, and the burden of proof is ours";
    CONSENT_CONTRADICTORY = "POPIA s11(2)(a); GDPR art 7(1)", "the events on record contradict each other: one is dated in the future, not at all, or after it was recorded";
    CONSENT_NOT_CONFIRMED = "the account's double opt-in; GDPR art 7(1)", "the consent has not been confirmed";
    NO_CONSENT = "POPIA s69(1)(a); ePrivacy Directive art 13(1)", "the person has not consented to this purpose";
    CUSTOMER_EXCEPTION_CONTACT_NOT_FROM_SALE = "POPIA s69(3)(a); ePrivacy Directive art 13(2)", "the exception for customers does not apply: the contact was not obtained in a sale";
    CUSTOMER_EXCEPTION_NOT_OWN_SIMILAR = "POPIA s69(3)(b); ePrivacy Directive art 13(2)", "the exception for customers does not apply: what is offered is not known to be our own and similar to what the person bought";
    CUSTOMER_EXCEPTION_NO_OBJECTION_AT_COLLECTION = "POPIA s69(3)(c)(i); ePrivacy Directive art 13(2)", "the exception for customers does not apply: the person could not object when the contact was collected";
    ASSESSMENT_MISSING = "POPIA s11(1)(f); GDPR art 6(1)(f)", "no legitimate-interest assessment for this purpose is on record";
    CONSENT_REQUEST_ALREADY_MADE = "POPIA s69(2)(a)", "consent may be requested once, and it was";
    CONSENT_REQUEST_CONTAINS_PROMOTION = "POPIA s69(2); Guidance Note on Direct Marketing 7.2.1", "the request for consent promotes something";
    CHANNEL_NOT_CONSENTED = "POPIA s69, Form 4; GDPR art 4(11)", "the consent covers other channels than this one";
    GOODS_NOT_CONSENTED = "POPIA s69, Form 4; GDPR art 4(11)", "the consent covers other goods or services than this message is known to be about";
    NOTICE_NOT_GIVEN = "POPIA s18; GDPR art 13", "the person consented without having been told what for and by whom";
    PURPOSE_NOT_IN_CONSENTED_NOTICE = "POPIA s13, s18(1)(c); GDPR art 5(1)(b)", "the notice under which the person consented does not name this purpose";
    NOTICE_CHANGED = "GDPR art 4(11), 7; POPIA s18", "the privacy notice has changed materially since, and the person was not asked again";
    CLASS_MISMATCH = "POPIA s69; Meta: template categories", "what the message says and the class it is sent under do not fit";
    OPT_OUT_CONFIRMATION_PROMOTES = "CPA regulation 4(1); Meta: opt-out confirmations", "the confirmation of an opt-out promotes something";
    TEMPLATE_NOT_APPROVED = "Meta: template status, errors 132001, 132015, 132016", "WhatsApp does not let this template be sent at present";
    WINDOW_CLOSED = "Meta: customer service window, error 131047", "more than 24 hours have passed since the person last wrote: only a template may be sent";
    MISSING_OPT_OUT = "POPIA s69(4)(b); ePrivacy Directive art 13(4)", "the message does not say how to stop";
    MISSING_SENDER_IDENTITY = "POPIA s69(4)(a); ePrivacy Directive art 13(4)", "the message does not name who sends it";
    RIGHT_TO_OBJECT_NOT_PRESENTED = "GDPR art 21(4)", "the first message to the person does not present the right to object";
    US_MARKETING_PAUSED since US_PAUSE = "Meta: marketing templates to United States numbers, since 2025-04-01", "WhatsApp delivers no marketing templates to United States numbers";
    NEEDS_CLARIFICATION = "POPIA s11(3)(b)", "the person said something that may have meant stop, and it is not clear yet";
    UNKNOWN_ZONE = "CPA s12(2), GN R293 of 2011; the account's quiet hours", "the person's time zone is not known, so that nobody can say whether it may be sent now";
    HOLIDAY_DATA_INVALID = "Public Holidays Act s2A", "a declared holiday is no date, so that nobody can say which day is one";
    EXPIRED = "the message's own expiry", "the message's time has run out";
    EXPIRED_BEFORE_WINDOW = "CPA s12(2), GN R293 of 2011", "the message's time runs out before it may be sent";
    CPA_PROHIBITED_TIME since CPA_HOURS = "CPA s12(2), GN R293 of 2011 items 1-3", "direct marketing in South Africa waits for the hours in which it is allowed";
    QUIET_HOURS = "the account's quiet hours", "the account sends nothing at this hour of the person's day";
    REGISTRY_NOT_USED since CPA_REGISTRATION = "CPA Amendment Regulations of 15 April 2026, regulation 4(7)-(10)", "no comparison with the opt-out registry is on record; record one with policy.record_cleansing";
    RULESET_EXPIRED = "conek: rules are dated", "the rules are past their review date, and the account does not rely on such";
    MISSING_VARIABLE = "Meta: template parameters, error 132000", "the contact has no value for a placeholder of the template, and no fallback is set";
    POLICY_FAILED = "conek: default is deny", "a rule of the host's own failed or did not answer, and what is not allowed is denied";
}

impl Why {
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        now.timestamp() >= self.valid_from
    }
}

pub(crate) fn reason(why: Why) -> Reason {
    Reason { code: why.code.to_owned(), provision: why.provision.to_owned(), text: why.text.to_owned() }
}

/// The rules in force, and whether they are past their review date at `now`.
///
/// ```
/// let rules = conek_core::policy::rule_set("2026-12-01T00:00:00Z".parse().unwrap());
/// assert!(!rules.stale);
/// assert!(rules.rules.iter().any(|r| r.code == "NO_CONSENT"));
/// ```
pub fn rule_set(now: Timestamp) -> RuleSet {
    let rule = |why: &Why| Rule {
        code: why.code.to_owned(),
        provision: why.provision.to_owned(),
        text: why.text.to_owned(),
        valid_from: (why.valid_from > 0).then(|| DateTime::from_timestamp(why.valid_from, 0)).flatten(),
        valid_to: None,
    };
    RuleSet {
        version: RULE_SET.to_owned(),
        review_by: REVIEW_BY.to_owned(),
        stale: is_stale(now),
        rules: ALL.iter().map(rule).collect(),
    }
}

/// Whether the rules are past their review date.
pub(crate) fn is_stale(now: Timestamp) -> bool {
    REVIEW_BY.parse::<NaiveDate>().is_ok_and(|day| now.date_naive() > day)
}
