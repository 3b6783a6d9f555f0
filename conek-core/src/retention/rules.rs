//! What is kept for how long, as a pure function of what is known of a record.

use chrono::Months;
use serde::{Deserialize, Serialize};

use crate::{
    people::{Person, ProvenanceContext},
    policy::ProcessingPurpose,
    values::{
        error::{Error, Result},
        quiet::quiet_debug,
        time::Timestamp,
    },
};

/// The class of a record: which rule governs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionClass {
    /// A customer's account with the business.
    ActiveAccount,
    /// What documents a transaction.
    Transaction,
    /// What is kept to market with.
    Marketing,
    /// Conversations.
    Support,
    /// How the service is used.
    Analytics,
    /// The proof of consent and of what was declared.
    Consent,
    /// The suppression list.
    Suppression,
    /// What was decided about messages.
    Decision,
    /// Requests of data subjects.
    Request,
    /// The audit log.
    Audit,
    /// The account's own records.
    Account,
}

impl RetentionClass {
    /// The stable code, as records carry it.
    pub fn code(self) -> &'static str {
        match self {
            Self::ActiveAccount => "active_account",
            Self::Transaction => "transaction",
            Self::Marketing => "marketing",
            Self::Support => "support",
            Self::Analytics => "analytics",
            Self::Consent => "consent",
            Self::Suppression => "suppression",
            Self::Decision => "decision",
            Self::Request => "request",
            Self::Audit => "audit",
            Self::Account => "account",
        }
    }
}

/// A hold that stands against erasing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldFacts {
    /// The case or order.
    pub reference: String,
    /// When it ends; missing: when it is lifted.
    pub until: Option<Timestamp>,
}

/// What is known of a record. Whatever is missing is not known, and what is not known is not over.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RetentionFacts {
    /// Its class.
    pub retention: Option<RetentionClass>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When the person was last active: a message of theirs, a click, a purchase. Never the account's own sends.
    pub last_activity_at: Option<Timestamp>,
    /// When the person withdrew consent to marketing.
    pub withdrawn_at: Option<Timestamp>,
    /// When the subscription or account ended.
    pub subscription_ended_at: Option<Timestamp>,
    /// The last contact of a conversation.
    pub last_contact_at: Option<Timestamp>,
    /// When the consent was last relied on.
    pub last_reliance_at: Option<Timestamp>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// The end of the financial year that a transaction falls into, where its time counts from there.
    pub financial_year_end: Option<Timestamp>,
    /// Over how many people it is a count; missing: it is of one.
    pub aggregated_over: Option<i32>,
    /// When the person asked to be erased.
    pub erasure_requested_at: Option<Timestamp>,
    /// Holds.
    pub holds: Vec<HoldFacts>,
}
quiet_debug! { RetentionFacts { retention } }

/// The periods, in months. They can be lengthened and shortened; a law's floor stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetentionRules {
    /// After the end of a subscription; 12.
    pub active_account: i32,
    /// From a transaction, or the end of its financial year; 84, and not less (Companies Act 71 of 2008 s24).
    pub transaction: i32,
    /// After the last activity; 24. A withdrawal ends it at once.
    pub marketing: i32,
    /// After the last contact; 36.
    pub support: i32,
    /// Raw events of use; 24. Counts over enough people stay.
    pub analytics: i32,
    /// After the consent was last relied on; 36, the period of prescription.
    pub consent: i32,
    /// After the decision; 36.
    pub decision: i32,
    /// After a request of a data subject ended; 36.
    pub request: i32,
}

impl Default for RetentionRules {
    fn default() -> Self {
        Self {
            active_account: 12,
            transaction: FLOOR_TRANSACTION,
            marketing: 24,
            support: 36,
            analytics: 24,
            consent: 36,
            decision: 36,
            request: 36,
        }
    }
}

/// Companies Act s24: seven years. The Tax Administration Act s29(3) has five.
const FLOOR_TRANSACTION: i32 = 84;
/// Counts over fewer people are of people.
const LEAST_PEOPLE: i32 = super::LEAST_PEOPLE;

/// What is done when the time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionAction {
    /// It is erased.
    Erase,
    /// It is erased; the suppression list and a proof that names nobody stay.
    EraseKeepSuppression,
    /// Only counts over enough people stay.
    Anonymise,
    /// The person's key is destroyed.
    ShredKey,
    /// Nothing: time does not end it.
    Keep,
}

/// When a record is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionDue {
    /// From when on it is to end; `None`: time does not end it, or a hold without an end keeps it, or it is not
    /// known when its time began.
    pub due_at: Option<Timestamp>,
    /// What is done then.
    pub action: RetentionAction,
    /// Before when a law forbids it.
    pub floor_at: Option<Timestamp>,
    /// Whether a hold keeps it beyond its time.
    pub held: bool,
    /// From when on it is stored and not used: the person asked to be erased, and a law wants it kept.
    pub restricted_from: Option<Timestamp>,
    /// Where the period comes from.
    pub provision: String,
}

fn after(at: Timestamp, months: i32) -> Timestamp {
    at.checked_add_months(Months::new(u32::try_from(months).unwrap_or(0))).unwrap_or(Timestamp::MAX_UTC)
}

impl RetentionRules {
    /// Refuses periods that a law forbids.
    pub(crate) fn check(&self) -> Result<()> {
        if self.transaction < FLOOR_TRANSACTION {
            return Err(Error::invalid("transaction", "at least 84 months (Companies Act 71 of 2008 s24)"));
        }
        let all = [
            ("active_account", self.active_account),
            ("marketing", self.marketing),
            ("support", self.support),
            ("analytics", self.analytics),
            ("consent", self.consent),
            ("decision", self.decision),
            ("request", self.request),
        ];
        match all.iter().find(|(_, months)| !(0..=1200).contains(months)) {
            Some((field, _)) => Err(Error::invalid(*field, "must be 0 to 1,200 months")),
            None => Ok(()),
        }
    }

    pub(crate) fn transaction_until(&self, created_at: Timestamp) -> Timestamp {
        after(created_at, self.transaction)
    }
    pub(crate) fn request_until(&self, ended_at: Timestamp) -> Option<Timestamp> {
        Some(after(ended_at, self.request))
    }
    pub(crate) fn support_until(&self, last: Timestamp) -> Option<Timestamp> {
        Some(after(last, self.support))
    }
    pub(crate) fn decision_until(&self, at: Timestamp) -> Timestamp {
        after(at, self.decision)
    }

    /// What becomes of a contact, and when.
    pub(crate) fn contact_end(&self, p: &Person, now: Timestamp) -> ContactEnd {
        if p.erase_at.is_some() {
            return ContactEnd::Erase;
        }
        let wrote = p.inbound.values().max().copied();
        let active = wrote.max(p.active_at).unwrap_or(p.created_at).max(p.created_at);
        // Data that were there for marketing only end with its consent. Whoever is a customer, or may be one, has
        // other business with the account.
        let for_marketing = p.provenance.as_ref().is_some_and(|o| o.context != ProvenanceContext::Sale);
        let withdrawn = p
            .standing(crate::messaging::Purpose::Marketing)
            .filter(|v| {
                for_marketing && !v.status.is_valid() && v.status != crate::consent::ConsentStatus::Requested
            })
            .map(|v| v.since);
        let marketing = withdrawn.unwrap_or_else(|| after(active, self.marketing));
        let support = wrote.map(|at| after(at, self.support));
        // What proves a yes or a no is kept while somebody could dispute it.
        let proof = p.consents.iter().map(|v| after(v.since, self.consent)).max();
        let use_ends = support.map_or(marketing, |s| s.max(marketing));
        let all_ends = proof.map_or(use_ends, |at| at.max(use_ends));
        if all_ends <= now {
            ContactEnd::Erase
        } else if use_ends <= now && !p.is_minimised() {
            ContactEnd::Minimise
        } else {
            ContactEnd::Not(Some(if p.is_minimised() { all_ends } else { use_ends }))
        }
    }

    /// When a contact is to be looked at.
    pub(crate) fn contact_until(&self, p: &Person, now: Timestamp) -> Option<Timestamp> {
        match self.contact_end(p, now) {
            ContactEnd::Erase | ContactEnd::Minimise => Some(now),
            ContactEnd::Not(at) => at,
        }
    }

    /// For the register of processing.
    pub(crate) fn in_words(&self, purpose: Option<ProcessingPurpose>) -> String {
        let code = purpose.map_or("", |p| p.code());
        match code {
            "comms.marketing" | "comms.consent_request" | "comms.feedback" => {
                format!("until consent is withdrawn, or {} months after the last activity", self.marketing)
            }
            "service.payment" => format!("{} months (Companies Act 71 of 2008 s24)", self.transaction),
            "service.support" | "comms.support" => format!("{} months after the last contact", self.support),
            c if c.starts_with("improve.") => {
                format!("{} months, then only counts over at least {LEAST_PEOPLE} people", self.analytics)
            }
            _ => format!(
                "{} months after the decision or the end of the account",
                self.decision.max(self.active_account)
            ),
        }
    }
}

/// What becomes of a contact at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContactEnd {
    /// Nothing of it is wanted any more.
    Erase,
    /// Only what proves consent is.
    Minimise,
    /// It is looked at again then.
    Not(Option<Timestamp>),
}

/// When a record is over: the latest of a law's floor and the earliest date by the rules, and not before every hold
/// has ended.
pub fn retention_due(facts: &RetentionFacts, rules: &RetentionRules) -> Result<RetentionDue> {
    rules.check()?;
    let f = facts;
    let Some(class) = f.retention else {
        return Err(Error::invalid("retention", "must name the class of the record"));
    };
    let plus = |at: Option<Timestamp>, months: i32| at.map(|at| after(at, months));
    let mut floor_at = None;
    let mut restricted_from = None;
    let (due, action, provision) = match class {
        RetentionClass::ActiveAccount => (
            plus(f.subscription_ended_at, rules.active_account),
            RetentionAction::Erase,
            "POPIA s14(1); GDPR art 5(1)(e)",
        ),
        RetentionClass::Transaction => {
            // A later beginning is possible, an earlier one is not.
            let begins = f.created_at.max(f.financial_year_end);
            floor_at = plus(begins, FLOOR_TRANSACTION);
            restricted_from = f.erasure_requested_at;
            (
                plus(begins, rules.transaction),
                RetentionAction::Erase,
                "Companies Act 71 of 2008 s24; TAA s29(3)",
            )
        }
        RetentionClass::Marketing => {
            let inactive = plus(f.last_activity_at.or(f.created_at), rules.marketing);
            let due = [f.withdrawn_at, f.erasure_requested_at, inactive].into_iter().flatten().min();
            (
                due,
                RetentionAction::EraseKeepSuppression,
                "POPIA s14(1), s11(2)(b); GDPR art 5(1)(e), 17(1)(b)",
            )
        }
        RetentionClass::Support => (
            plus(f.last_contact_at.or(f.created_at), rules.support),
            RetentionAction::Erase,
            "POPIA s14(1); GDPR art 5(1)(e)",
        ),
        RetentionClass::Analytics => match f.aggregated_over {
            Some(n) if n >= LEAST_PEOPLE => (None, RetentionAction::Keep, "POPIA s14(5); GDPR recital 26"),
            _ => (
                plus(f.created_at, rules.analytics),
                RetentionAction::Anonymise,
                "POPIA s14(1); GDPR art 5(1)(e)",
            ),
        },
        RetentionClass::Consent => {
            let last = f.last_reliance_at.max(f.withdrawn_at).or(f.created_at);
            floor_at = plus(last, rules.consent);
            (
                plus(last, rules.consent),
                RetentionAction::Erase,
                "POPIA s11(2)(a); GDPR art 7(1); Prescription Act 68 of 1969 s11(d)",
            )
        }
        RetentionClass::Suppression => (None, RetentionAction::Keep, "POPIA s69; GDPR art 21(3)"),
        RetentionClass::Decision => {
            (plus(f.decided_at.or(f.created_at), rules.decision), RetentionAction::ShredKey, "POPIA s14(3)")
        }
        RetentionClass::Request => {
            (plus(f.created_at, rules.request), RetentionAction::Erase, "POPIA s14(1); GDPR art 5(2)")
        }
        RetentionClass::Audit | RetentionClass::Account => {
            (None, RetentionAction::Keep, "POPIA s17; GDPR art 5(2)")
        }
    };
    // Whoever asks to be erased is, where no law stands against it.
    let due = match (class, f.erasure_requested_at) {
        (
            RetentionClass::ActiveAccount
            | RetentionClass::Support
            | RetentionClass::Analytics
            | RetentionClass::Decision,
            Some(at),
        ) => Some(due.map_or(at, |d| d.min(at))),
        _ => due,
    };
    let by_rule = match (due, floor_at) {
        (Some(due), Some(floor)) => Some(due.max(floor)),
        (due, _) => due,
    };
    let mut due_at = by_rule;
    for hold in &f.holds {
        due_at = match (due_at, hold.until) {
            (Some(due), Some(until)) => Some(due.max(until)),
            _ => None,
        };
    }
    let held = due_at != by_rule;
    if held {
        restricted_from = restricted_from.or(f.erasure_requested_at).or(by_rule);
    }
    Ok(RetentionDue { due_at, action, floor_at, held, restricted_from, provision: provision.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use RetentionClass as C;
    use proptest::prelude::*;

    fn at(day: &str) -> Timestamp {
        format!("{day}T08:00:00Z").parse().unwrap()
    }
    fn some(day: &str) -> Option<Timestamp> {
        (!day.is_empty()).then(|| at(day))
    }

    #[test]
    fn every_class_ends_when_its_rule_says() {
        // Class, what is known, when it is over, why.
        type Row = (C, fn(&mut RetentionFacts), &'static str, &'static str);
        let rows: [Row; 22] = [
            (
                C::ActiveAccount,
                |f| f.subscription_ended_at = some("2026-03-01"),
                "2027-03-01",
                "a year after the end",
            ),
            (C::ActiveAccount, |f| f.created_at = some("2020-01-01"), "", "the subscription goes on"),
            (C::Transaction, |f| f.created_at = some("2026-11-27"), "2033-11-27", "s24: seven years"),
            (C::Transaction, |f| f.created_at = some("2024-02-29"), "2031-02-28", "no 29 February in 2031"),
            (
                C::Transaction,
                |f| {
                    f.created_at = some("2026-11-27");
                    f.financial_year_end = some("2027-02-28")
                },
                "2034-02-28",
                "from the end of the year",
            ),
            (
                C::Transaction,
                |f| {
                    f.created_at = some("2026-11-27");
                    f.financial_year_end = some("2026-02-28")
                },
                "2033-11-27",
                "never from an earlier day",
            ),
            (
                C::Transaction,
                |f| {
                    f.created_at = some("2026-11-27");
                    f.erasure_requested_at = some("2027-01-01")
                },
                "2033-11-27",
                "GDPR 17(3)(b): a request does not end it",
            ),
            (
                C::Marketing,
                |f| {
                    f.created_at = some("2024-01-01");
                    f.last_activity_at = some("2025-05-05")
                },
                "2027-05-05",
                "two years without activity",
            ),
            (C::Marketing, |f| f.created_at = some("2024-01-01"), "2026-01-01", "never active"),
            (
                C::Marketing,
                |f| {
                    f.last_activity_at = some("2026-05-05");
                    f.withdrawn_at = some("2026-06-06")
                },
                "2026-06-06",
                "a withdrawal ends it at once",
            ),
            (
                C::Marketing,
                |f| {
                    f.last_activity_at = some("2026-05-05");
                    f.erasure_requested_at = some("2026-06-06")
                },
                "2026-06-06",
                "GDPR 17(1)(b)",
            ),
            (
                C::Support,
                |f| f.last_contact_at = some("2026-11-27"),
                "2029-11-27",
                "three years after the last contact",
            ),
            (
                C::Support,
                |f| {
                    f.last_contact_at = some("2026-11-27");
                    f.erasure_requested_at = some("2027-01-01")
                },
                "2027-01-01",
                "nothing wants it kept",
            ),
            (C::Analytics, |f| f.created_at = some("2026-11-27"), "2028-11-27", "raw events"),
            (
                C::Analytics,
                |f| {
                    f.created_at = some("2026-11-27");
                    f.aggregated_over = Some(9)
                },
                "2028-11-27",
                "nine people are too few",
            ),
            (
                C::Analytics,
                |f| {
                    f.created_at = some("2026-11-27");
                    f.aggregated_over = Some(10)
                },
                "",
                "a count over ten",
            ),
            (C::Consent, |f| f.last_reliance_at = some("2026-11-27"), "2029-11-27", "prescription"),
            (
                C::Consent,
                |f| {
                    f.last_reliance_at = some("2026-11-27");
                    f.withdrawn_at = some("2027-01-01")
                },
                "2030-01-01",
                "the no is proved as long",
            ),
            (
                C::Suppression,
                |f| f.created_at = some("2000-01-01"),
                "",
                "GDPR 21(3): as long as there is an account",
            ),
            (C::Decision, |f| f.decided_at = some("2026-11-27"), "2029-11-27", "POPIA s14(3)"),
            (C::Request, |f| f.created_at = some("2026-11-27"), "2029-11-27", "accountability"),
            (C::Account, |f| f.created_at = some("2000-01-01"), "", "its own"),
        ];
        for (class, known, over, why) in rows {
            let mut facts = RetentionFacts { retention: Some(class), ..RetentionFacts::default() };
            known(&mut facts);
            let due = retention_due(&facts, &RetentionRules::default()).unwrap();
            assert_eq!(due.due_at, some(over), "{class:?}: {why}");
        }
    }

    #[test]
    fn a_hold_keeps_and_restricts() {
        let mut facts = RetentionFacts {
            retention: Some(C::Support),
            last_contact_at: some("2020-01-01"),
            holds: vec![HoldFacts { reference: "case".into(), until: some("2027-01-01") }],
            ..RetentionFacts::default()
        };
        let due = retention_due(&facts, &RetentionRules::default()).unwrap();
        assert_eq!(
            (due.due_at, due.held, due.restricted_from),
            (some("2027-01-01"), true, some("2023-01-01"))
        );
        facts.holds.push(HoldFacts { reference: "order".into(), until: None });
        let due = retention_due(&facts, &RetentionRules::default()).unwrap();
        assert_eq!((due.due_at, due.held), (None, true));
        assert!(retention_due(&RetentionFacts::default(), &RetentionRules::default()).is_err());
        let short = RetentionRules { transaction: 60, ..RetentionRules::default() };
        assert_eq!(retention_due(&facts, &short).unwrap_err().code(), "invalid_input");
    }

    proptest! {
        #[test]
        fn a_hold_or_a_longer_rule_never_makes_it_earlier_and_no_floor_is_undercut(
            class in 0usize..9, days in proptest::collection::vec(proptest::option::of(0i64..4000), 9), more in 0i32..60, until in 0i64..8000,
        ) {
            let classes = [C::ActiveAccount, C::Transaction, C::Marketing, C::Support, C::Analytics, C::Consent, C::Decision, C::Request, C::Suppression];
            let day = |i: usize| days[i].map(|d| at("2020-01-01") + chrono::TimeDelta::days(d));
            let facts = RetentionFacts {
                retention: Some(classes[class]), created_at: day(0), last_activity_at: day(1), withdrawn_at: day(2),
                subscription_ended_at: day(3), last_contact_at: day(4), last_reliance_at: day(5), decided_at: day(6),
                financial_year_end: day(7), erasure_requested_at: day(8), ..RetentionFacts::default()
            };
            let rules = RetentionRules::default();
            let base = retention_due(&facts, &rules).unwrap();
            if let (Some(due), Some(floor)) = (base.due_at, base.floor_at) { prop_assert!(due >= floor); }
            let held = RetentionFacts { holds: vec![HoldFacts { reference: "x".into(), until: Some(at("2020-01-01") + chrono::TimeDelta::days(until)) }], ..facts.clone() };
            let held = retention_due(&held, &rules).unwrap();
            prop_assert!(base.due_at.is_none() == held.due_at.is_none() && held.due_at >= base.due_at);
            let longer = RetentionRules {
                active_account: rules.active_account + more, transaction: rules.transaction + more, marketing: rules.marketing + more,
                support: rules.support + more, analytics: rules.analytics + more, consent: rules.consent + more,
                decision: rules.decision + more, request: rules.request + more,
            };
            prop_assert!(retention_due(&facts, &longer).unwrap().due_at >= base.due_at);
        }
    }
}
