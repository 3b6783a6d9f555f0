//! What an account makes stricter than the law, and where it takes a less strict reading on itself.

use serde::{Deserialize, Serialize};

use super::calendar;
use crate::{
    messaging::Purpose,
    values::{
        error::{Error, Result},
        time::Timestamp,
    },
};

/// Hours of the person's day in which the account sends nothing. They may span midnight.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct QuietHours {
    /// For this class of message; absent: for all direct marketing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// For people in this country, ISO 3166-1 alpha-2; absent: for everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// For people in this IANA zone; absent: for everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The first quiet minute of the local day, 0 to 1,439.
    pub from_minute: i32,
    /// The first minute that is no longer quiet, 0 to 1,440.
    pub to_minute: i32,
}

impl QuietHours {
    pub(crate) fn hours(&self) -> Result<calendar::Hours> {
        let minute = |m: i32| u16::try_from(m).unwrap_or(u16::MAX);
        calendar::Hours::new(minute(self.from_minute), minute(self.to_minute))
    }
}

/// What an account can make stricter. Nothing has to be proved for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tightening {
    /// People must be at least this old; 18 by default, and no less by this way.
    MinAge {
        /// In years.
        years: i32,
    },
    /// Nothing is sent in these hours, beside the law's own.
    Quiet {
        /// When, to whom, what.
        hours: QuietHours,
    },
    /// No marketing without consent, also to customers.
    ConsentOnly {},
    /// Consent counts once it was confirmed.
    DoubleOptIn {},
    /// No direct marketing by rules that are past their review date.
    StopWhenStale {},
}

/// Where an account takes a less strict reading on itself, because the law is open there or because
/// conek has no rules. Each is recorded with the reason that the host gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Loosening {
    /// Express consent stands against a block in the opt-out registry. South African law names no
    /// order of the two.
    ConsentOverRegistry {},
    /// Direct marketing to a country for which conek has no rules, by the rules of both regimes that it has.
    Country {
        /// ISO 3166-1 alpha-2.
        country: String,
    },
    /// A lower age than 18; the rules for children apply from then on.
    MinAge {
        /// In years, at least 13.
        years: i32,
    },
}

/// A change of the account's settings, as it stands in their history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingChange {
    /// Where in the history.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// What was made stricter.
    pub tightened: Option<Tightening>,
    /// What was made less strict.
    pub loosened: Option<Loosening>,
    /// Whether the setting was taken back.
    pub undone: bool,
    /// The host's reason; required for what is less strict.
    pub reason: String,
}

impl Tightening {
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::MinAge { years } if !(18..=120).contains(years) => Err(Error::invalid(
                "years",
                "must be 18 to 120; a lower age needs policy.loosen, with a reason",
            )),
            Self::Quiet { hours } => {
                if let Some(zone) = &hours.zone
                    && zone.parse::<chrono_tz::Tz>().is_err()
                {
                    return Err(Error::invalid("hours.zone", "must be an IANA zone, such as Europe/Berlin"));
                }
                hours.hours().map(drop)
            }
            _ => Ok(()),
        }
    }
}

impl Loosening {
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::MinAge { years } if !(13..18).contains(years) => {
                Err(Error::invalid("years", "must be 13 to 17 (GDPR art 8(1) allows no state less than 13)"))
            }
            Self::Country { country }
                if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) =>
            {
                Err(Error::invalid("country", "must be two capital letters, ISO 3166-1 alpha-2"))
            }
            _ => Ok(()),
        }
    }
}
