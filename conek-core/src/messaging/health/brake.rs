//! What WhatsApp has against a number, as its lane looks at it.

use chrono::TimeDelta;

use super::{Known, KnownNumber};
use crate::{policy::Reason, values::time::Timestamp};

/// After so long what waits is looked at again: nobody says when a number's quality is better.
const LOOK_AGAIN: TimeDelta = TimeDelta::hours(1);

/// A reason of the sender's, as data. It is about the number, never about the person.
pub(crate) struct SenderReason {
    code: &'static str,
    provision: &'static str,
    text: &'static str,
}

impl SenderReason {
    pub(crate) fn reason(&self) -> Reason {
        Reason { code: self.code.into(), provision: self.provision.into(), text: self.text.into() }
    }
}

pub(crate) const SENDER_STOPPED: SenderReason = SenderReason {
    code: "SENDER_STOPPED",
    provision: "Meta: account_update, number status, error codes",
    text: "WhatsApp stopped the number or its account: nothing leaves until that is over",
};
pub(crate) const SENDER_QUALITY: SenderReason = SenderReason {
    code: "SENDER_QUALITY",
    provision: "Meta: phone number quality",
    text: "WhatsApp holds the number's quality to be low: marketing waits until it is better",
};
pub(crate) const SENDER_RESTRICTED: SenderReason = SenderReason {
    code: "SENDER_RESTRICTED",
    provision: "Meta: account_update, restriction_info",
    text: "WhatsApp does not let the account send this kind of message at present",
};
pub(crate) const MESSAGING_LIMIT: SenderReason = SenderReason {
    code: "MESSAGING_LIMIT",
    provision: "Meta: messaging limits",
    text: "the business has written first to as many people within 24 hours as WhatsApp lets it",
};

/// Something that holds: for ever, or until a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    No,
    Until(Timestamp),
    Yes,
}

impl Holds {
    fn at(self, now: Timestamp) -> bool {
        match self {
            Self::No => false,
            Self::Until(end) => now < end,
            Self::Yes => true,
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Until(a), Self::Until(b)) => Self::Until(a.max(b)),
            (Self::No, other) => other,
            (one, Self::No) => one,
        }
    }
}

/// What WhatsApp has against a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Brake {
    /// Nothing leaves.
    pub(crate) stopped: bool,
    /// No marketing leaves.
    pub(crate) marketing: bool,
    /// It sends at half its speed.
    slow: bool,
    /// Nothing leaves to people who have not written within 24 hours.
    outside: Holds,
    /// Nothing leaves to people who have.
    inside: Holds,
}

impl Brake {
    pub(crate) const NONE: Self =
        Self { stopped: false, marketing: false, slow: false, outside: Holds::No, inside: Holds::No };

    pub(super) fn of(known: &Known, number: &KnownNumber) -> Self {
        let status = number.status.as_deref().unwrap_or_default();
        let quality = number.quality.as_deref().unwrap_or_default();
        let restricted = |kind: &str| {
            known
                .restrictions
                .iter()
                .filter(|r| r.kind == kind)
                .map(|r| r.until.map_or(Holds::Yes, Holds::Until))
                .fold(Holds::No, Holds::or)
        };
        let limited = if status == "RESTRICTED" { Holds::Yes } else { Holds::No };
        Self {
            stopped: known.ban.is_some() || status == "BANNED",
            marketing: number.flagged || quality == "RED" || status == "FLAGGED",
            slow: matches!(quality, "YELLOW" | "RED"),
            outside: restricted("RESTRICTED_BIZ_INITIATED_MESSAGING").or(limited),
            inside: restricted("RESTRICTED_CUSTOMER_INITIATED_MESSAGING"),
        }
    }

    /// The speed that is left of a number's own.
    pub(super) fn rate(&self, base: i32) -> i32 {
        if self.slow { (base / 2).max(1) } else { base }
    }

    /// What stands against a message, and when it is looked at again.
    pub(super) fn against(
        &self,
        marketing: bool,
        outside: bool,
        now: Timestamp,
    ) -> Option<(Reason, Timestamp)> {
        let restricted = if outside { self.outside } else { self.inside };
        if restricted.at(now) {
            let again = now + LOOK_AGAIN;
            let until = match restricted {
                Holds::Until(end) => end.min(again),
                _ => again,
            };
            return Some((SENDER_RESTRICTED.reason(), until));
        }
        (marketing && self.marketing).then(|| (SENDER_QUALITY.reason(), now + LOOK_AGAIN))
    }

    /// Everything that stands against messages of a kind. `stopped` is the lane's to say.
    pub(super) fn all(&self, marketing: bool, now: Timestamp) -> Vec<Reason> {
        let mut all = Vec::new();
        if self.outside.at(now) || self.inside.at(now) {
            all.push(SENDER_RESTRICTED.reason());
        }
        if marketing && self.marketing {
            all.push(SENDER_QUALITY.reason());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::AccountRestriction;

    fn at(s: i64) -> Timestamp {
        chrono::DateTime::from_timestamp(1_790_000_000 + s, 0).unwrap()
    }

    fn rated(quality: &str, status: &str) -> Brake {
        let number = KnownNumber {
            quality: Some(quality.into()),
            status: Some(status.into()),
            ..KnownNumber::default()
        };
        Brake::of(&Known::default(), &number)
    }

    #[test]
    fn quality_slows_and_then_stops_marketing_and_nothing_else() {
        assert_eq!(rated("GREEN", "CONNECTED"), Brake::NONE);
        assert_eq!(rated("UNKNOWN", ""), Brake::NONE);
        let yellow = rated("YELLOW", "CONNECTED");
        assert_eq!((yellow.rate(80), yellow.rate(1), yellow.against(true, true, at(0))), (40, 1, None));
        for low in [rated("RED", "CONNECTED"), rated("GREEN", "FLAGGED")] {
            let (why, until) = low.against(true, true, at(0)).unwrap();
            assert_eq!((why.code.as_str(), until), ("SENDER_QUALITY", at(3600)));
            assert_eq!(low.against(false, true, at(0)), None, "what people wait for goes on");
            assert!(!low.stopped);
        }
        assert!(rated("GREEN", "BANNED").stopped);
    }

    #[test]
    fn a_restriction_holds_for_its_side_of_the_window_and_until_its_end() {
        let restriction =
            |kind: &str, until| AccountRestriction { kind: kind.into(), until, remediation: None };
        let known = Known {
            restrictions: vec![restriction("RESTRICTED_BIZ_INITIATED_MESSAGING", Some(at(600)))],
            ..Known::default()
        };
        let brake = Brake::of(&known, &KnownNumber::default());
        assert_eq!(brake.against(false, true, at(0)).unwrap().1, at(600));
        assert_eq!(brake.against(false, false, at(0)), None);
        assert_eq!(brake.against(false, true, at(600)), None);
        let known = Known {
            restrictions: vec![restriction("RESTRICTED_CUSTOMER_INITIATED_MESSAGING", None)],
            ..Known::default()
        };
        let brake = Brake::of(&known, &KnownNumber::default());
        assert_eq!(brake.against(false, false, at(0)).unwrap().1, at(3600));
        assert_eq!(brake.against(false, true, at(0)), None);
        assert_eq!(brake.all(false, at(0)).len(), 1);
        let limited = rated("GREEN", "RESTRICTED");
        assert!(
            limited.against(false, true, at(0)).is_some() && limited.against(true, false, at(0)).is_none()
        );
    }
}
