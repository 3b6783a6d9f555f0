//! Faults: what goes wrong with a request, chosen by rules.

use serde::{Deserialize, Serialize};

use crate::dice::Dice;

/// One thing that goes wrong.
///
/// `*_before` and refusals happen before a message is accepted: the ledger stays as it is. `*_after` happen
/// afterwards: the message is in the ledger and its statuses follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// A refusal with a code of WhatsApp. Without `http`, the status that belongs to the code.
    Refuse {
        /// The code, such as 130429.
        code: i64,
        /// The HTTP status.
        #[serde(default)]
        http: Option<u16>,
    },
    /// HTTP 429 with code 4.
    TooManyRequests,
    /// HTTP 500 without accepting.
    ErrorBefore,
    /// The connection is reset without accepting.
    ResetBefore,
    /// The connection is closed without accepting and without an answer.
    CloseBefore,
    /// Nothing is accepted and nothing answered, for so long (of the clock), or until the other side leaves;
    /// then the connection closes.
    HangBefore {
        /// How long; without it, for ever.
        #[serde(default)]
        for_ms: Option<u64>,
    },
    /// Accepted, and the connection is closed without an answer.
    CloseAfter,
    /// Accepted, and the connection is reset.
    ResetAfter,
    /// Accepted, and nothing answered for so long (of the clock); then the true answer comes.
    HangAfter {
        /// How long; without it, for ever.
        #[serde(default)]
        for_ms: Option<u64>,
    },
    /// Accepted, and answered with HTTP 500.
    ErrorAfter,
    /// Accepted, and answered with 200 and a body that is not JSON.
    GarbageAfter,
    /// Accepted, and answered with 200 and a body without `messages[0].id`.
    NoIdAfter,
    /// Accepted, and answered with 307 to the same address: who follows it sends twice.
    RedirectAfter,
    /// Accepted, and the answer breaks off after so many bytes, headers included.
    TruncateAfter {
        /// Bytes that still arrive.
        bytes: u64,
    },
}

/// Which requests a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Sends.
    #[default]
    Send,
    /// Read receipts.
    Read,
    /// Media uploads, look-ups, downloads and deletions.
    Media,
    /// Template lists, creations, changes and deletions.
    Templates,
    /// Everything else: numbers, history.
    Other,
    /// All of them.
    Any,
}

/// A fault and when it happens. All conditions that are given must hold; the first rule that fires wins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultRule {
    /// What goes wrong.
    pub fault: Fault,
    /// Which requests.
    #[serde(default)]
    pub target: Target,
    /// Only sends to this number (digits) or user id.
    #[serde(default)]
    pub recipient: Option<String>,
    /// Only requests for this number of the business.
    #[serde(default)]
    pub phone_number_id: Option<String>,
    /// Only sends whose `biz_opaque_callback_data` is this.
    #[serde(default)]
    pub echo: Option<String>,
    /// Only the so-many-th matching request, counted from 1.
    #[serde(default)]
    pub nth: Option<u64>,
    /// Every so-many-th matching request.
    #[serde(default)]
    pub every: Option<u64>,
    /// By chance, 0 to 1, from the seed.
    #[serde(default)]
    pub chance: Option<f64>,
    /// The rule is over after it fired so often.
    #[serde(default)]
    pub times: Option<u64>,
    /// Matching requests so far.
    #[serde(default)]
    pub seen: u64,
    /// How often it fired.
    #[serde(default)]
    pub fired: u64,
}

impl FaultRule {
    /// A rule for every send, without an end.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            target: Target::Send,
            recipient: None,
            phone_number_id: None,
            echo: None,
            nth: None,
            every: None,
            chance: None,
            times: None,
            seen: 0,
            fired: 0,
        }
    }
    /// For these requests.
    pub fn target(mut self, target: Target) -> Self {
        self.target = target;
        self
    }
    /// For this recipient only: digits or a user id.
    pub fn to(mut self, recipient: &str) -> Self {
        self.recipient = Some(recipient.to_owned());
        self
    }
    /// For the so-many-th matching request only, counted from 1.
    pub fn nth(mut self, n: u64) -> Self {
        self.nth = Some(n);
        self
    }
    /// For every so-many-th matching request.
    pub fn every(mut self, n: u64) -> Self {
        self.every = Some(n);
        self
    }
    /// By chance, 0 to 1.
    pub fn chance(mut self, chance: f64) -> Self {
        self.chance = Some(chance);
        self
    }
    /// So often, then never again.
    pub fn times(mut self, n: u64) -> Self {
        self.times = Some(n);
        self
    }
}

/// What a rule looks at.
#[derive(Debug, Default)]
pub(crate) struct Facts<'a> {
    pub(crate) target: Target,
    pub(crate) recipients: [&'a str; 2],
    pub(crate) phone_number_id: &'a str,
    pub(crate) echo: Option<&'a str>,
}

/// The rules in force.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) rules: Vec<FaultRule>,
}

impl Faults {
    /// Counts a request and says what goes wrong with it.
    pub(crate) fn strike(&mut self, dice: Dice, facts: &Facts<'_>) -> Option<Fault> {
        for (i, rule) in self.rules.iter_mut().enumerate() {
            let given = |wish: &Option<String>, is: &[&str]| {
                wish.as_ref().is_none_or(|w| is.contains(&w.trim_start_matches('+')))
            };
            let matches = (rule.target == Target::Any || rule.target == facts.target)
                && given(&rule.recipient, &facts.recipients)
                && given(&rule.phone_number_id, &[facts.phone_number_id])
                && (rule.echo.is_none() || rule.echo.as_deref() == facts.echo);
            if !matches || rule.times.is_some_and(|times| rule.fired >= times) {
                continue;
            }
            rule.seen += 1;
            let fires = rule.nth.is_none_or(|n| rule.seen == n)
                && rule.every.is_none_or(|n| n > 0 && rule.seen % n == 0)
                && rule.chance.is_none_or(|p| dice.happens(p, "fault", &i.to_string(), rule.seen));
            if fires {
                rule.fired += 1;
                return Some(rule.fault.clone());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fired(rule: FaultRule, n: usize) -> Vec<usize> {
        let mut faults = Faults { rules: vec![rule] };
        let facts = Facts { recipients: ["27820000001", "ZA.1"], ..Facts::default() };
        (1..=n).filter(|_| faults.strike(Dice::new(5), &facts).is_some()).collect::<Vec<_>>()
    }

    #[test]
    fn rules_fire_at_the_nth_at_every_nth_and_so_often_only() {
        let rule = || FaultRule::new(Fault::CloseAfter);
        assert_eq!(fired(rule(), 3), [1, 2, 3]);
        assert_eq!(fired(rule().nth(2), 5), [2]);
        assert_eq!(fired(rule().every(3), 7), [3, 6]);
        assert_eq!(fired(rule().times(2), 5), [1, 2]);
        assert_eq!(fired(rule().every(2).times(2), 9), [2, 4]);
        assert_eq!(fired(rule().to("+27820000001"), 1), [1]);
        assert!(fired(rule().to("27820000002"), 4).is_empty());
        assert!(fired(rule().target(Target::Media), 4).is_empty());
    }

    #[test]
    fn a_chance_repeats_with_its_seed() {
        let run = || fired(FaultRule::new(Fault::ResetAfter).chance(0.3), 1_000);
        assert_eq!(run(), run());
        assert!((230..370).contains(&run().len()));
    }

    #[test]
    fn rules_are_plain_json() {
        let rule: FaultRule =
            serde_json::from_str(r#"{"fault":{"kind":"hang_after"},"every":3,"times":1}"#).unwrap();
        assert_eq!(rule, FaultRule::new(Fault::HangAfter { for_ms: None }).every(3).times(1));
    }
}
