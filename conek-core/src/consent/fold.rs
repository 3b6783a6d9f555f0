//! From events to where consent stands. The one place that says which event changes what.

use super::{ConsentActor, ConsentStatus};
use crate::{
    policy::{ConsentFact, ConsentFacts},
    values::time::Timestamp,
};

/// What an event makes of where consent stood; `None` where it changes nothing. Time has already been
/// looked at.
///
/// - What speaks against consent always counts.
/// - Only an act of the person, or of whoever may act for them, gives consent; the account cannot.
/// - A request changes nothing that somebody has said.
pub(crate) fn step(stood: ConsentStatus, event: ConsentStatus, by: ConsentActor) -> Option<ConsentStatus> {
    use ConsentStatus::{
        Expired, Given, Invalidated, Refused, Renewed, Requested, Revoked, Unknown, Withdrawn,
    };
    let counts = match event {
        Withdrawn | Revoked | Refused | Invalidated => true,
        Requested => matches!(stood, Unknown | Requested | Expired),
        Given => by.may_consent(),
        // Only what was given, and has at most run out, can be renewed.
        Renewed => by.may_consent() && matches!(stood, Given | Renewed | Expired),
        Expired => stood.is_valid(),
        Unknown => false,
    };
    counts.then_some(event)
}

/// The fold of a history given as data, for the moment `now`.
///
/// Events count in the order in which the person acted; of two at the same moment, the one against
/// consent counts last. Consent from the future, or recorded before it was given, is no consent: such
/// a clock proves nothing. What speaks against consent counts whenever it is dated.
pub(crate) fn fold(history: &[ConsentFact], now: Timestamp) -> ConsentFacts {
    let mut events: Vec<&ConsentFact> = history.iter().filter(|e| counts(e, now)).collect();
    // Undated refusals and withdrawals come last: nobody can show that consent came after them.
    events.sort_by_key(|e| (e.at.unwrap_or(Timestamp::MAX_UTC), !e.status.is_valid(), e.status));
    let mut folded = ConsentFacts::default();
    for event in events {
        if let Some(status) = step(folded.status, event.status, event.by) {
            folded.status = status;
            folded.since = event.at;
            folded.demonstrable = event.demonstrable;
            folded.valid_until = event.valid_until;
            folded.goods.clone_from(&event.goods);
            folded.channels.clone_from(&event.channels);
            folded.confirmed_at = event.confirmed_at;
        }
    }
    folded
}

fn counts(event: &ConsentFact, now: Timestamp) -> bool {
    if !event.status.is_valid() {
        return true;
    }
    let Some(at) = event.at else { return false };
    at <= now && event.recorded_at.is_none_or(|recorded| recorded >= at)
}

/// Whether a history holds consent that does not count because of its clocks.
pub(crate) fn is_contradictory(history: &[ConsentFact], now: Timestamp) -> bool {
    history.iter().any(|e| e.status.is_valid() && !counts(e, now))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        chrono::DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap()
    }

    fn event(status: ConsentStatus, minute: i64) -> ConsentFact {
        ConsentFact {
            status,
            at: Some(at(minute)),
            recorded_at: Some(at(minute)),
            demonstrable: true,
            ..ConsentFact::default()
        }
    }

    #[test]
    fn the_later_act_counts_and_of_two_at_once_the_one_against() {
        use ConsentStatus::{Given, Withdrawn};
        let stands = |events: &[ConsentFact]| fold(events, at(100)).status;
        assert_eq!(stands(&[event(Given, 1), event(Withdrawn, 2)]), Withdrawn);
        assert_eq!(stands(&[event(Withdrawn, 2), event(Given, 1)]), Withdrawn);
        assert_eq!(stands(&[event(Withdrawn, 1), event(Given, 2)]), Given);
        assert_eq!(stands(&[event(Given, 1), event(Withdrawn, 1)]), Withdrawn);
        assert_eq!(stands(&[event(Withdrawn, 1), event(Given, 1)]), Withdrawn);
    }

    #[test]
    fn clocks_that_run_backwards_give_no_consent() {
        let future = event(ConsentStatus::Given, 200);
        assert_eq!(fold(std::slice::from_ref(&future), at(100)).status, ConsentStatus::Unknown);
        let before_itself = ConsentFact { recorded_at: Some(at(1)), ..event(ConsentStatus::Given, 50) };
        assert_eq!(fold(std::slice::from_ref(&before_itself), at(100)).status, ConsentStatus::Unknown);
        assert!(is_contradictory(&[before_itself], at(100)));
        let undated = ConsentFact { at: None, ..event(ConsentStatus::Withdrawn, 1) };
        assert_eq!(
            fold(&[event(ConsentStatus::Given, 5), undated], at(100)).status,
            ConsentStatus::Withdrawn
        );
    }

    #[test]
    fn the_account_cannot_consent_for_the_person() {
        let theirs = ConsentFact { by: ConsentActor::Controller, ..event(ConsentStatus::Given, 1) };
        assert_eq!(fold(&[theirs], at(100)).status, ConsentStatus::Unknown);
        let platform = ConsentFact { by: ConsentActor::Platform, ..event(ConsentStatus::Renewed, 2) };
        assert_eq!(
            fold(&[event(ConsentStatus::Withdrawn, 1), platform], at(100)).status,
            ConsentStatus::Withdrawn
        );
    }

    fn any_event() -> impl Strategy<Value = ConsentFact> {
        let status = prop::sample::select(ConsentStatus::ALL.to_vec());
        let by = prop::sample::select(ConsentActor::ALL.to_vec());
        (status, by, 0i64..50).prop_map(|(status, by, minute)| ConsentFact { by, ..event(status, minute) })
    }

    proptest! {
        /// Withdrawn never becomes given without a later act of the person.
        #[test]
        fn withdrawn_stays_withdrawn_without_a_new_act(
            history in prop::collection::vec(any_event(), 0..12),
            more in prop::collection::vec(any_event(), 0..6),
        ) {
            let mut all = history;
            all.push(event(ConsentStatus::Withdrawn, 60));
            // Whatever else is added, unless it is a later consent of somebody who may give it.
            all.extend(more.into_iter().filter(|e| !(e.status.is_valid() && e.at > Some(at(60)))));
            prop_assert!(!fold(&all, at(100)).status.is_valid());
        }

        /// The order in which events are listed says nothing.
        #[test]
        fn the_fold_does_not_depend_on_the_order(
            mut history in prop::collection::vec(any_event(), 0..8),
        ) {
            let before = fold(&history, at(100)).status.is_valid();
            history.reverse();
            prop_assert_eq!(before, fold(&history, at(100)).status.is_valid());
        }
    }
}
