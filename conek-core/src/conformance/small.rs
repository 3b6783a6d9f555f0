//! The suites for the three small ports: policy, key provider and clock.

use std::sync::Arc;

use chrono::TimeDelta;

use super::storage::{Failure, Report, quietly};
use crate::{
    consent::ConsentStatus,
    messaging::Purpose,
    policy::{
        ConsentFacts, ConsentPolicy, Decision, Facts, MessageFacts, PersonFacts, PolicyCase,
        RelationshipFacts, TemplateFacts,
    },
    values::time::{Clock, to_millis},
    vault::KeyProvider,
};

impl Report {
    fn case(&mut self, name: &str, promise: &str, seen: Result<(), String>) {
        match seen {
            Ok(()) => self.passed.push(name.to_owned()),
            Err(detail) => {
                self.failed.push(Failure { name: name.to_owned(), promise: promise.to_owned(), detail })
            }
        }
    }
}

fn demand(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

/// Cases of every kind that a policy must have an answer for.
fn sample_cases() -> Vec<PolicyCase> {
    let mut all = Vec::new();
    let statuses = [ConsentStatus::Unknown, ConsentStatus::Given, ConsentStatus::Withdrawn];
    for (i, purpose) in Purpose::ALL.into_iter().enumerate() {
        for (k, consent) in statuses.into_iter().enumerate() {
            let now = chrono::DateTime::UNIX_EPOCH
                + TimeDelta::days(20_000 + i as i64)
                + TimeDelta::hours(7 * k as i64);
            let facts = Facts {
                person: PersonFacts {
                    id: Some(format!("person-{i}-{k}").into()),
                    country: [Some("ZA".to_owned()), Some("DE".to_owned()), None][k].clone(),
                    zone: [Some("Africa/Johannesburg".to_owned()), None, Some("no zone".to_owned())][k]
                        .clone(),
                    suppressed: k == 2,
                    awaiting_clarification: i == 0 && k == 1,
                    last_inbound_at: (k == 1).then(|| now - TimeDelta::hours(1)),
                    consent_requests: Some(k as i32),
                    ..PersonFacts::default()
                },
                message: MessageFacts {
                    purpose,
                    template: (k != 1)
                        .then(|| TemplateFacts { category: "marketing".to_owned(), approved: k == 0 }),
                    has_opt_out: k != 2,
                    names_sender: i % 2 == 0,
                    expires_at: (k == 2).then(|| now + TimeDelta::hours(1)),
                    ..MessageFacts::default()
                },
                consent: ConsentFacts { status: consent, demonstrable: k == 1, ..ConsentFacts::default() },
                relationship: RelationshipFacts {
                    obtained_in_sale: i % 3 == 0,
                    objection_offered: i % 3 == 0,
                    goods_sold: Vec::new(),
                },
                declared_holidays: vec!["2026-11-04".to_owned()],
                ..Facts::default()
            };
            all.push(PolicyCase { at: now, facts });
        }
    }
    all
}

/// Checks a host's policy.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use std::sync::Arc;
/// use conek_core::{ConsentPolicy, Result, policy::{Basis, PolicyCase, Decision}};
/// #[derive(Debug)] struct Anything;
/// #[async_trait::async_trait]
/// impl ConsentPolicy for Anything {
///     fn name(&self) -> String { "anything 1".into() }
///     async fn decide(&self, cases: Vec<PolicyCase>) -> Result<Vec<Decision>> {
///         Ok(cases.iter().map(|_| Decision::Allow { basis: Basis::Consent }).collect())
///     }
/// }
/// let report = conek_core::conformance::check_policy(Arc::new(Anything)).await;
/// assert!(report.failed.is_empty());
/// # }
/// ```
pub async fn check_policy(policy: Arc<dyn ConsentPolicy>) -> Report {
    let mut report = Report::default();
    let facts = sample_cases();
    let ask = |facts: Vec<PolicyCase>| {
        let policy = policy.clone();
        async move {
            match quietly(async move { policy.decide(facts).await }).await {
                Ok(Ok(decisions)) => Ok(decisions),
                Ok(Err(e)) => Err(format!("it failed: {}", e.code())),
                Err(_) => Err("it panicked".to_owned()),
            }
        }
    };
    let named = demand(!policy.name().trim().is_empty(), "the name is empty");
    report.case("has_a_name", "the rule has a name, as it stands in decisions", named);
    let together = ask(facts.clone()).await;
    let one_each = match &together {
        Ok(d) => demand(d.len() == facts.len(), &format!("{} decisions for {} facts", d.len(), facts.len())),
        Err(e) => Err(e.clone()),
    };
    report.case("one_decision_for_each", "one decision for each of the facts, in order", one_each);
    let again = ask(facts.clone()).await;
    let same = demand(together == again, "asked twice, it answered differently");
    report.case(
        "the_same_facts_give_the_same_answer",
        "the answer depends on the facts and on nothing else",
        same,
    );
    let mut alone = Ok(());
    if let Ok(together) = &together {
        for (f, wanted) in facts.iter().zip(together) {
            match ask(vec![f.clone()]).await {
                Ok(d) if d.first() == Some(wanted) && d.len() == 1 => {}
                _ => alone = Err("alone, one of the facts is decided otherwise than among others".to_owned()),
            }
        }
    }
    report.case("company_changes_nothing", "facts are decided in order, whatever stands beside them", alone);
    let empty = match ask(Vec::new()).await {
        Ok(d) => demand(d.is_empty(), "it decided about nothing"),
        Err(e) => Err(e),
    };
    report.case("nothing_is_decided_about_nothing", "no facts, no decisions", empty);
    let reasons = match &together {
        Ok(d) => demand(
            d.iter().all(|d| matches!(d, Decision::Allow { .. }) || !d.reasons().is_empty()),
            "a refusal has no reason",
        ),
        Err(e) => Err(e.clone()),
    };
    report.case("every_refusal_has_a_reason", "every deny, defer and ask says why", reasons);
    report
}

/// Checks a key provider.
pub async fn check_keys(keys: Arc<dyn KeyProvider>) -> Report {
    let mut report = Report::default();
    let key: Vec<u8> = (0..32).map(|i| i * 7 + 1).collect();
    let wrap = |key: Vec<u8>| {
        let keys = keys.clone();
        async move { quietly(async move { keys.wrap(key).await }).await.map_err(|_| "it panicked".to_owned()) }
    };
    let unwrap = |wrapped: Vec<u8>| {
        let keys = keys.clone();
        async move {
            quietly(async move { keys.unwrap(wrapped).await }).await.map_err(|_| "it panicked".to_owned())
        }
    };
    let wrapped = match wrap(key.clone()).await {
        Ok(Ok(wrapped)) => wrapped,
        other => {
            let detail = format!("wrap failed: {}", other.map(|r| r.is_ok()).unwrap_or_default());
            report.case("wraps", "wrap answers the wrapped key", Err(detail));
            return report;
        }
    };
    let back = match unwrap(wrapped.clone()).await {
        Ok(Ok(back)) => demand(back == key, "other bytes came back"),
        Ok(Err(e)) => Err(format!("unwrap failed: {}", e.code())),
        Err(e) => Err(e),
    };
    report.case("gives_the_same_bytes_back", "unwrap of what wrap returned gives the same bytes", back);
    let hidden =
        demand(!wrapped.windows(8).any(|w| key.windows(8).any(|k| k == w)), "the key can be read in it");
    report.case("hides_the_key", "the wrapped key shows nothing of the key", hidden);
    let mut changed = Ok(());
    for i in 0..wrapped.len() {
        let mut bad = wrapped.clone();
        bad[i] ^= 0x40;
        match unwrap(bad).await {
            Ok(Ok(_)) => changed = Err(format!("byte {i} was changed, and it unwrapped all the same")),
            Ok(Err(e)) if e.code() != "key" => changed = Err(format!("the error is {}, not key", e.code())),
            Ok(Err(_)) => {}
            Err(e) => changed = Err(e),
        }
    }
    report.case("finds_every_change", "unwrap of anything else is a key error, never wrong bytes", changed);
    let short = match unwrap(Vec::new()).await {
        Ok(Err(e)) => demand(e.code() == "key", "the error is another one than key"),
        Ok(Ok(_)) => Err("nothing was unwrapped into something".to_owned()),
        Err(e) => Err(e),
    };
    report.case("refuses_nothing", "unwrap of nothing is a key error", short);
    report
}

/// Checks a clock. Takes a few milliseconds of the clock's own time.
pub async fn check_clock(clock: Arc<dyn Clock>) -> Report {
    let mut report = Report::default();
    let first = clock.now();
    let whole = demand(to_millis(first) == first, "it shows parts of a millisecond");
    report.case("whole_milliseconds", "now is in whole milliseconds", whole);
    let second = clock.now();
    report.case("does_not_go_back", "now never goes back", demand(second >= first, "it went back"));
    let past = clock.clone();
    let passed = quietly(async move { past.sleep_until(first - TimeDelta::hours(1)).await }).await;
    report.case(
        "the_past_is_now",
        "sleep_until a passed moment returns at once",
        passed.map_err(|_| "it panicked".to_owned()),
    );
    let at = clock.now() + TimeDelta::milliseconds(5);
    let sleeper = clock.clone();
    let slept = quietly(async move { sleeper.sleep_until(at).await }).await;
    let late = slept
        .map_err(|_| "it panicked".to_owned())
        .and_then(|()| demand(clock.now() >= at, "it woke too early"));
    report.case("sleeps_until_the_moment", "sleep_until does not return before the moment", late);
    report
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::{
        Result, SystemClock, VirtualClock,
        policy::{Basis, decide},
        values::random::SeededRandomness,
        vault::KeyFile,
    };

    #[derive(Debug)]
    struct Rule(fn(&PolicyCase, usize) -> Decision, std::sync::atomic::AtomicUsize);
    #[async_trait]
    impl ConsentPolicy for Rule {
        fn name(&self) -> String {
            "a rule".to_owned()
        }
        async fn decide(&self, facts: Vec<PolicyCase>) -> Result<Vec<Decision>> {
            let n = self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Ok(facts.iter().map(|f| (self.0)(f, n)).collect())
        }
    }
    fn rule(decide: fn(&PolicyCase, usize) -> Decision) -> Arc<dyn ConsentPolicy> {
        Arc::new(Rule(decide, std::sync::atomic::AtomicUsize::new(0)))
    }
    fn failed(report: &Report) -> Vec<&str> {
        report.failed.iter().map(|f| f.name.as_str()).collect()
    }

    #[tokio::test]
    async fn conek_s_own_rules_keep_the_promises_of_a_policy() {
        assert!(failed(&check_policy(rule(|f, _| decide(&f.facts, f.at))).await).is_empty());
    }

    #[tokio::test]
    async fn a_moody_rule_and_one_without_reasons_are_found() {
        let moody = rule(|_, n| match n % 2 {
            0 => Decision::Allow { basis: Basis::Consent },
            _ => Decision::Deny { reasons: vec![] },
        });
        assert!(failed(&check_policy(moody).await).contains(&"the_same_facts_give_the_same_answer"));
        let silent = rule(|_, _| Decision::Deny { reasons: vec![] });
        assert_eq!(failed(&check_policy(silent).await), ["every_refusal_has_a_reason"]);
    }

    #[derive(Debug)]
    struct NoWrapping;
    #[async_trait]
    impl KeyProvider for NoWrapping {
        async fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>> {
            Ok(key)
        }
        async fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>> {
            Ok(wrapped)
        }
    }

    #[tokio::test]
    async fn the_key_file_keeps_its_promises_and_plain_bytes_do_not() {
        let path = std::env::temp_dir().join(format!("conek-keys-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let keys = KeyFile::open_or_create(&path, Arc::new(SeededRandomness::new(3).unwrap())).unwrap();
        assert!(failed(&check_keys(Arc::new(keys)).await).is_empty());
        let found = check_keys(Arc::new(NoWrapping)).await;
        assert_eq!(failed(&found), ["hides_the_key", "finds_every_change", "refuses_nothing"]);
        std::fs::remove_file(&path).unwrap();
    }

    #[tokio::test]
    async fn the_clocks_keep_their_promises() {
        assert!(failed(&check_clock(Arc::new(SystemClock)).await).is_empty());
        let fast = VirtualClock::at("2026-11-24T09:00:00Z".parse().unwrap());
        fast.set_speed(100.0);
        assert!(failed(&check_clock(Arc::new(fast)).await).is_empty());
    }
}
