//! Who must still be told by when, and what keeps a case from being closed.

use serde::{Deserialize, Serialize};

use super::{
    channels::accepted,
    contents::{BreachMissing, missing},
    deadlines::{BreachAudience, BreachDeadline, BreachRisk, breach_deadlines},
    model::{BreachCase, BreachPhase},
};
use crate::{
    policy::Regime,
    values::{error::Result, time::Timestamp},
};

/// Where a duty to tell somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachDutyState {
    /// Whether they must be told turns on the risk, and that is not assessed.
    Undecided,
    /// They are to be told; there is time.
    Waiting,
    /// They are to be told, and the warning is out.
    Warned,
    /// They are to be told, and it is late.
    Overdue,
    /// They know some of it (GDPR 33(4)).
    Begun,
    /// An order says to wait (POPIA s22(3)).
    Delayed,
    /// They know all.
    Told,
    /// They need not be told.
    Excused,
}

/// Why somebody need not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachExcuse {
    /// A risk is unlikely (GDPR 33(1)).
    RiskUnlikely,
    /// A high risk is unlikely (GDPR 34(1)).
    NoHighRisk,
    /// Nobody can read the data (GDPR 34(3)(a)).
    Unintelligible,
    /// Measures have taken the high risk away (GDPR 34(3)(b)).
    RiskAverted,
    /// It cannot be found out whose data they are (POPIA s22(1)(b)).
    IdentityUnknown,
    /// The account promised nothing.
    NotPromised,
}

/// A duty to tell somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachDuty {
    /// Whom.
    pub to: BreachAudience,
    /// Where it stands.
    pub state: BreachDutyState,
    /// Why they need not be told.
    pub excuse: Option<BreachExcuse>,
    /// When the account is warned.
    pub warn_at: Option<Timestamp>,
    /// The latest moment; `None` where nobody must be told, or an order without an end says to wait.
    pub due_at: Option<Timestamp>,
    /// Whether the law says sooner.
    pub as_soon_as_possible: bool,
    /// When they were first told something, in a way that counts.
    pub first_told_at: Option<Timestamp>,
    /// When they were told all.
    pub told_at: Option<Timestamp>,
    /// Whether the first letter came after the latest moment. Nobody counts the minutes of "immediately".
    pub late: bool,
    /// What a letter that goes out now could not say yet.
    pub missing: Vec<BreachMissing>,
    /// Where that is written.
    pub provision: String,
}

/// What keeps a case from being closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObstacleKind {
    /// The risk is not assessed.
    RiskNotAssessed,
    /// Somebody was told nothing.
    NotTold,
    /// Somebody was told only in ways that do not count.
    ChannelNotAccepted,
    /// Somebody was told only some of it.
    ToldIncompletely,
    /// An order with an end says to wait: tell them after it.
    Delayed,
}

/// Something that keeps a case from being closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachObstacle {
    /// What.
    pub kind: ObstacleKind,
    /// Whom it concerns; `None`: the whole case.
    pub to: Option<BreachAudience>,
    /// What to do, in plain words.
    pub text: String,
    /// Where that is written.
    pub provision: String,
}

impl BreachExcuse {
    /// Where it is written.
    pub fn provision(self) -> &'static str {
        match self {
            Self::RiskUnlikely => "GDPR art 33(1)",
            Self::NoHighRisk => "GDPR art 34(1)",
            Self::Unintelligible => "GDPR art 34(3)(a)",
            Self::RiskAverted => "GDPR art 34(3)(b)",
            Self::IdentityUnknown => "POPIA s22(1)(b)",
            Self::NotPromised => "the account's own terms",
        }
    }
}

impl ObstacleKind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::RiskNotAssessed => "risk_not_assessed",
            Self::NotTold => "not_told",
            Self::ChannelNotAccepted => "channel_not_accepted",
            Self::ToldIncompletely => "told_incompletely",
            Self::Delayed => "delayed",
        }
    }
}

/// When somebody was first told something, and when all.
#[derive(Clone, Copy, Default, PartialEq)]
struct Knowledge {
    first: Option<Timestamp>,
    all: Option<Timestamp>,
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}

fn knowledge(case: &BreachCase, to: BreachAudience) -> Knowledge {
    let own = Knowledge {
        first: case.counted(to).map(|n| n.sent_at).min(),
        all: case.counted(to).filter(|n| n.phase == BreachPhase::Final).map(|n| n.sent_at).min(),
    };
    if to != BreachAudience::SubjectPromise {
        return own;
    }
    // Whoever was told under each law that binds was told as promised: these letters say no less.
    let by_law: Vec<_> =
        [(Regime::Gdpr, BreachAudience::SubjectEu), (Regime::Popia, BreachAudience::SubjectZa)]
            .into_iter()
            .filter(|(regime, _)| case.details.binds(*regime))
            .map(|(_, people)| knowledge(case, people))
            .collect();
    let last = |of: fn(&Knowledge) -> Option<Timestamp>| {
        by_law.iter().map(of).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max())
    };
    Knowledge { first: earlier(own.first, last(|k| k.first)), all: earlier(own.all, last(|k| k.all)) }
}

/// Why a law, or the promise, does not want somebody told; `None` where it does, or where the risk decides and is
/// unknown.
fn excuse(case: &BreachCase, deadline: &BreachDeadline) -> Option<BreachExcuse> {
    let judged = case.assessment.as_ref()?;
    let high = judged.risk == BreachRisk::High;
    let averted = judged.averted_by.as_deref().is_some_and(super::case::is_said);
    match deadline.audience {
        BreachAudience::SubjectEu if judged.risk == BreachRisk::Unknown => None,
        BreachAudience::SubjectEu if !high => Some(BreachExcuse::NoHighRisk),
        BreachAudience::SubjectEu if judged.encrypted_and_key_safe => Some(BreachExcuse::Unintelligible),
        BreachAudience::SubjectEu if averted => Some(BreachExcuse::RiskAverted),
        _ if deadline.required => None,
        BreachAudience::AuthorityEu => Some(BreachExcuse::RiskUnlikely),
        BreachAudience::SubjectZa => Some(BreachExcuse::IdentityUnknown),
        BreachAudience::SubjectPromise if judged.subjects_unidentifiable => {
            Some(BreachExcuse::IdentityUnknown)
        }
        _ => None,
    }
}

/// Who must be told by when, and how far that is, at `now`. `missing` is that of the first text.
///
/// # Errors
/// `invalid_input` without the moment of awareness.
pub fn duties(case: &BreachCase, now: Timestamp) -> Result<Vec<BreachDuty>> {
    let all = breach_deadlines(&case.facts())?.into_iter().map(|d| {
        let known = knowledge(case, d.audience);
        let not_promised =
            d.audience == BreachAudience::SubjectPromise && case.details.promised == Some(false);
        let excuse = if not_promised { Some(BreachExcuse::NotPromised) } else { excuse(case, &d) };
        let passed = |at: Option<Timestamp>| at.is_some_and(|at| now > at);
        let state = match () {
            () if known.all.is_some() => BreachDutyState::Told,
            () if excuse.is_some() => BreachDutyState::Excused,
            () if !d.required => BreachDutyState::Undecided,
            () if case.is_held(d.audience, now) => BreachDutyState::Delayed,
            () if known.first.is_some() => BreachDutyState::Begun,
            () if passed(d.due_at) => BreachDutyState::Overdue,
            () if d.warn_at.is_some_and(|at| now >= at) => BreachDutyState::Warned,
            () => BreachDutyState::Waiting,
        };
        let excused = state == BreachDutyState::Excused;
        let late = d.audience != BreachAudience::ResponsibleParty
            && !excused
            && known.first.zip(d.due_at).is_some_and(|(first, due)| first > due);
        BreachDuty {
            to: d.audience,
            state,
            excuse: excuse.filter(|_| excused),
            warn_at: d.warn_at.filter(|_| !excused),
            due_at: d.due_at.filter(|_| !excused),
            as_soon_as_possible: d.as_soon_as_possible,
            first_told_at: known.first,
            told_at: known.all,
            late,
            missing: missing(case, d.audience, None, now),
            provision: d.provision,
        }
    });
    Ok(all.collect())
}

impl BreachDuty {
    /// How much of the time is gone, in percent: told from the warning on, while nobody was told anything and no
    /// order says to wait.
    pub(super) fn gone(&self) -> Option<i32> {
        match self.state {
            BreachDutyState::Overdue => Some(100),
            BreachDutyState::Warned => Some(80),
            BreachDutyState::Undecided
            | BreachDutyState::Waiting
            | BreachDutyState::Begun
            | BreachDutyState::Delayed
            | BreachDutyState::Told
            | BreachDutyState::Excused => None,
        }
    }
}

/// What keeps a case from being closed at `now`; empty: nothing.
///
/// An order without an end does not: when it is taken back, the case opens again.
///
/// # Errors
/// As for `duties`.
pub fn obstacles(case: &BreachCase, now: Timestamp) -> Result<Vec<BreachObstacle>> {
    let mut all = Vec::new();
    if !case.is_assessed() && !case.details.as_processor {
        all.push(BreachObstacle {
            kind: ObstacleKind::RiskNotAssessed,
            to: None,
            text: "assess how likely it is that somebody is harmed, and say why".into(),
            provision: "GDPR art 33(1), 33(5), 34(1)".into(),
        });
    }
    for duty in duties(case, now)? {
        let (kind, text) = match duty.state {
            BreachDutyState::Told | BreachDutyState::Excused | BreachDutyState::Undecided => continue,
            BreachDutyState::Delayed if duty.due_at.is_none() => continue,
            BreachDutyState::Delayed => {
                (ObstacleKind::Delayed, "wait until the order ends, then tell them".into())
            }
            BreachDutyState::Begun => (ObstacleKind::ToldIncompletely, "tell them the rest".into()),
            BreachDutyState::Waiting | BreachDutyState::Warned | BreachDutyState::Overdue => {
                let used: Vec<_> =
                    case.notices.iter().filter(|n| n.to == duty.to).map(|n| n.channel).collect();
                if used.is_empty() {
                    (ObstacleKind::NotTold, "tell them".into())
                } else {
                    let verdict = accepted(duty.to, &used, case.disproportionate());
                    (
                        ObstacleKind::ChannelNotAccepted,
                        format!("tell them in a way that counts: {}", verdict.provision),
                    )
                }
            }
        };
        all.push(BreachObstacle { kind, to: Some(duty.to), text, provision: duty.provision });
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
