//! The gate: asks every rule, lets the most restrictive answer win, and alone mints permits.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use ring::digest;

use super::{ConsentPolicy, Decision, Explanation, PolicyCase, SendPermit, rules};
use crate::{
    transport::Outgoing,
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

/// How long a permit holds.
const PERMIT_LIFE: TimeDelta = TimeDelta::seconds(60);
/// How long a host's rule may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// Every rule that has a say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate {
    hosts: Vec<Arc<dyn ConsentPolicy>>,
}

impl Gate {
    pub(crate) fn new(hosts: Vec<Arc<dyn ConsentPolicy>>) -> Self {
        Self { hosts }
    }

    /// The rules' versions, as they stand in decisions.
    pub(crate) fn rule_set(&self) -> String {
        let mut name = rules::RULE_SET.to_owned();
        for host in &self.hosts {
            name.push_str(" + ");
            name.push_str(&host.name());
        }
        name
    }

    /// One decision for each case.
    pub(crate) async fn decide(&self, cases: &[PolicyCase]) -> Vec<Decision> {
        let mut decisions: Vec<Decision> = cases.iter().map(|c| rules::decide(&c.facts, c.at)).collect();
        for host in &self.hosts {
            let theirs = match ask(host, cases.to_vec()).await {
                Some(theirs) if theirs.len() == cases.len() => theirs,
                // Default is deny: a rule that cannot answer has not allowed anything.
                _ => vec![Decision::Deny { reasons: vec![rules::reason(rules::POLICY_FAILED)] }; cases.len()],
            };
            decisions = decisions.into_iter().zip(theirs).map(|(a, b)| stricter(a, b)).collect();
        }
        decisions
    }

    /// A permit for a message that was just allowed.
    pub(crate) fn permit(
        &self,
        decision: &Decision,
        id: &str,
        message: &Outgoing,
        now: Timestamp,
    ) -> Result<SendPermit> {
        match decision {
            Decision::Allow { .. } => {
                Ok(SendPermit::mint(id.to_owned(), message.body_hash()?, now + PERMIT_LIFE))
            }
            _ => Err(Error::internal("a permit was asked for what the gate did not allow")),
        }
    }
}

/// A host's rule may fail, panic or hang: then there is no answer.
async fn ask(host: &Arc<dyn ConsentPolicy>, cases: Vec<PolicyCase>) -> Option<Vec<Decision>> {
    let host = host.clone();
    let mut answer = tokio::spawn(async move { host.decide(cases).await });
    match tokio::time::timeout(PATIENCE, &mut answer).await {
        Ok(Ok(Ok(decisions))) => Some(decisions),
        Ok(_) => None,
        Err(_) => {
            answer.abort();
            None
        }
    }
}

/// SHA-256 of facts and moment as JSON, hexadecimal.
pub(crate) fn input_hash(case: &PolicyCase) -> Result<String> {
    let json = serde_json::to_vec(case).map_err(|_| Error::internal("encoding facts"))?;
    Ok(crate::values::hex(digest::digest(&digest::SHA256, &json).as_ref()))
}

fn strength(d: &Decision) -> u8 {
    match d {
        Decision::Allow { .. } => 0,
        Decision::Defer { .. } => 1,
        Decision::Ask { .. } => 2,
        Decision::Deny { .. } => 3,
    }
}

/// The more restrictive of two answers; of two alike, both reasons and the later moment. In which order
/// rules are asked makes no difference, but to the order in which their reasons are named.
fn stricter(a: Decision, b: Decision) -> Decision {
    match (a, b) {
        (Decision::Deny { reasons }, Decision::Deny { reasons: more }) => {
            Decision::Deny { reasons: together(reasons, more) }
        }
        (Decision::Defer { until: x, reasons }, Decision::Defer { until: y, reasons: more }) => {
            Decision::Defer { until: x.max(y), reasons: together(reasons, more) }
        }
        (Decision::Ask { question: x, reasons }, Decision::Ask { question: y, reasons: more }) => {
            Decision::Ask { question: x.min(y), reasons: together(reasons, more) }
        }
        (a, b) if strength(&b) > strength(&a) => b,
        (a, _) => a,
    }
}

fn together(mut reasons: Vec<super::Reason>, more: Vec<super::Reason>) -> Vec<super::Reason> {
    for reason in more {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// The decision with everything that is needed to understand and repeat it.
pub(crate) fn explanation(
    decision: Decision,
    case: PolicyCase,
    rule_set: String,
    decided_at: Timestamp,
) -> Result<Explanation> {
    let text = match &decision {
        Decision::Allow { basis } => format!("Allowed: {}.", super::decision::basis_text(*basis)),
        Decision::Deny { reasons } => format!("Not allowed: {}.", join(reasons)),
        Decision::Defer { until, reasons } => {
            format!(
                "Not before {}: {}.",
                until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                join(reasons)
            )
        }
        Decision::Ask { question, reasons } => format!("Ask first (\"{question}\"): {}.", join(reasons)),
    };
    let mut text = text;
    let warnings = rules::warnings(&case.facts, case.at);
    if !warnings.is_empty() {
        text.push_str(&format!(" To know: {}.", join(&warnings)));
    }
    Ok(Explanation {
        input_hash: input_hash(&case)?,
        decision,
        text,
        at: case.at,
        facts: case.facts,
        warnings,
        rule_set,
        decided_at,
        dispatched_at: None,
    })
}

pub(crate) fn join(reasons: &[super::Reason]) -> String {
    reasons.iter().map(|r| format!("{} ({})", r.text, r.provision)).collect::<Vec<_>>().join("; ")
}

/// A short random-looking name for a permit, from bytes that are unique already.
pub(crate) fn permit_id(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decision() -> impl Strategy<Value = Decision> {
        let reasons = prop::collection::vec(0..6usize, 0..3).prop_map(|codes| {
            let rule = |n: usize| rules::REASONS[n];
            codes
                .into_iter()
                .map(rule)
                .map(|(code, provision, text)| super::super::Reason {
                    code: code.to_owned(),
                    provision: provision.to_owned(),
                    text: text.to_owned(),
                })
                .collect::<Vec<_>>()
        });
        (0..4u8, 0..3i64, reasons).prop_map(|(kind, n, reasons)| match kind {
            0 => Decision::Allow { basis: super::super::Basis::Consent },
            1 => Decision::Deny { reasons },
            2 => Decision::Ask { question: n.to_string(), reasons },
            _ => Decision::Defer { until: Timestamp::UNIX_EPOCH + chrono::TimeDelta::hours(n), reasons },
        })
    }

    /// Without the order in which reasons are named.
    fn sorted(mut d: Decision) -> Decision {
        if let Decision::Deny { reasons } | Decision::Ask { reasons, .. } | Decision::Defer { reasons, .. } =
            &mut d
        {
            reasons.sort_by(|a, b| a.code.cmp(&b.code));
            reasons.dedup();
        }
        d
    }

    proptest! {
        #[test]
        fn policies_commute_and_associate_and_none_loosens(a in decision(), b in decision(), c in decision()) {
            let ab = stricter(a.clone(), b.clone());
            prop_assert_eq!(sorted(ab.clone()), sorted(stricter(b.clone(), a.clone())));
            prop_assert_eq!(
                sorted(stricter(ab.clone(), c.clone())),
                sorted(stricter(a.clone(), stricter(b.clone(), c)))
            );
            prop_assert_eq!(strength(&ab), strength(&a).max(strength(&b)));
            prop_assert_eq!(sorted(stricter(a.clone(), a.clone())), sorted(a));
        }
    }
}
