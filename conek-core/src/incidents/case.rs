//! What makes sense in a breach case, and what follows from it at once.

use chrono_tz::Tz;

use super::{
    channels::BreachChannel,
    contents::BreachItem,
    deadlines::{BreachAudience, BreachFacts, BreachRisk, DelayOrder},
    letters,
    model::{BreachCase, BreachDelay, BreachDetails, BreachNotice, BreachText},
};
use crate::{
    consent::words::primary_language,
    policy::Regime,
    values::{
        error::{Error, Result},
        time::{Timestamp, to_millis},
    },
};

/// What one text may hold, in characters.
const MOST_TEXT: usize = 10_000;

/// Whether anything is said.
pub(super) fn is_said(text: &str) -> bool {
    !text.trim().is_empty()
}

/// Whether a letter goes to the people themselves.
pub(super) fn is_to_people(to: BreachAudience) -> bool {
    matches!(to, BreachAudience::SubjectEu | BreachAudience::SubjectZa | BreachAudience::SubjectPromise)
}

/// An e-mail address or a phone number: the mark of a single person in a text that goes to many.
fn points_at_somebody(text: &str) -> bool {
    let address = text.split_whitespace().any(|word| {
        word.split_once('@').is_some_and(|(name, host)| {
            name.ends_with(char::is_alphanumeric) && host.starts_with(char::is_alphanumeric)
        })
    });
    let (mut digits, mut plus) = (0, false);
    let number = text.chars().any(|c| {
        match c {
            '+' => (digits, plus) = (0, true),
            '0'..='9' => digits += 1,
            ' ' | '-' | '(' | ')' if plus => {}
            _ => (digits, plus) = (0, false),
        }
        digits >= if plus { 7 } else { 9 }
    });
    address || number
}

impl BreachText {
    fn check(&self, at: &str) -> Result<()> {
        if !letters::is_language(&self.language) {
            return Err(Error::invalid(format!("{at}.language"), "must be one of en, af, nl, de, fr"));
        }
        for (name, text, of_many) in [
            ("what_happened", &self.what_happened, true),
            ("whose", &self.whose, true),
            ("consequences", &self.consequences, true),
            ("measures", &self.measures, true),
            ("advice", &self.advice, false),
            ("late_reasons", &self.late_reasons, false),
        ] {
            let text = text.as_deref().unwrap_or_default();
            let field = || format!("{at}.{name}");
            if text.chars().count() > MOST_TEXT {
                return Err(Error::invalid(field(), format!("must be at most {MOST_TEXT} characters")));
            }
            if of_many && points_at_somebody(text) {
                return Err(Error::invalid(
                    field(),
                    "must not hold an e-mail address or a phone number: it is told to many people",
                ));
            }
        }
        Ok(())
    }
}

impl BreachDetails {
    /// Whether a law binds.
    pub(super) fn binds(&self, regime: Regime) -> bool {
        self.regimes.is_empty() || self.regimes.contains(&regime)
    }
    /// The words for a reader's language, or else the first.
    pub(super) fn text(&self, language: Option<&str>) -> Option<&BreachText> {
        let primary = primary_language(language.unwrap_or_default());
        self.texts.iter().find(|t| primary_language(&t.language) == primary).or_else(|| self.texts.first())
    }
    pub(super) fn tz(&self) -> Result<Tz> {
        let zone = self.zone.as_deref().unwrap_or("UTC");
        zone.parse()
            .map_err(|_| Error::invalid("zone", "must be an IANA time zone, like Africa/Johannesburg"))
    }
    /// Whether all of it makes sense at `now`.
    ///
    /// # Errors
    /// `invalid_input` with the field.
    pub(super) fn check(&self, now: Timestamp) -> Result<()> {
        let invalid = |field: &str, detail: &str| Err(Error::invalid(field, detail));
        let Some(aware_at) = self.aware_at else {
            return invalid("aware_at", "must say when the account became aware: the clocks run from there");
        };
        if to_millis(aware_at) > now {
            return invalid("aware_at", "must not be in the future");
        }
        if self.began_at.is_some_and(|began| began > aware_at) {
            return invalid("began_at", "must not be after aware_at");
        }
        if self
            .ended_at
            .is_some_and(|ended| to_millis(ended) > now || self.began_at.is_some_and(|began| ended < began))
        {
            return invalid("ended_at", "must be after began_at and not in the future");
        }
        for (field, count) in [("people", self.people), ("records", self.records)] {
            if count.is_some_and(|c| c < 0) {
                return invalid(field, "must not be negative");
            }
        }
        for (i, country) in self.countries.iter().enumerate() {
            if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
                return invalid(&format!("countries[{i}]"), "must be ISO 3166-1 alpha-2, like ZA");
            }
        }
        for (i, unknown) in self.unknown.iter().enumerate() {
            if !unknown.item.may_be_unknown() {
                return invalid(
                    &format!("unknown[{i}].item"),
                    "must be moment, whose, people_count or record_count: the rest must be said",
                );
            }
            if !is_said(&unknown.why) {
                return invalid(&format!("unknown[{i}].why"), "must say why it cannot be found out");
            }
        }
        for (i, text) in self.texts.iter().enumerate() {
            text.check(&format!("texts[{i}]"))?;
            let primary = primary_language(&text.language);
            if self.texts[..i].iter().any(|t| primary_language(&t.language) == primary) {
                return invalid(&format!("texts[{i}].language"), "must be there once");
            }
        }
        self.tz().map(drop)
    }
}

impl BreachCase {
    /// What the clocks go by.
    pub fn facts(&self) -> BreachFacts {
        let judged = self.assessment.clone().unwrap_or_default();
        BreachFacts {
            aware_at: self.details.aware_at,
            regimes: self.details.regimes.clone(),
            as_processor: self.details.as_processor,
            risk: judged.risk,
            encrypted_and_key_safe: judged.encrypted_and_key_safe,
            subjects_unidentifiable: judged.subjects_unidentifiable,
            promised: self.details.promised,
            delay_orders: self.delays.iter().map(BreachDelay::effective).collect(),
        }
    }
    /// Whether telling each person would be a disproportionate effort.
    pub(super) fn disproportionate(&self) -> bool {
        self.assessment.as_ref().and_then(|a| a.disproportionate.as_deref()).is_some_and(is_said)
    }
    /// Whether the risk is assessed. A processor need not: the responsible party does.
    pub(super) fn is_assessed(&self) -> bool {
        self.assessment.as_ref().is_some_and(|a| a.risk != BreachRisk::Unknown)
    }
    /// Whether it was judged that nobody can be identified (POPIA s22(1)(b)).
    pub(super) fn is_unidentifiable(&self) -> bool {
        self.assessment.as_ref().is_some_and(|a| a.subjects_unidentifiable)
    }
    /// Whether something cannot be found out.
    pub(super) fn is_unknown(&self, item: BreachItem) -> bool {
        item.may_be_unknown() && self.details.unknown.iter().any(|u| u.item == item)
    }
    /// By what ways the people are told: those that were used, and those that are planned.
    pub(super) fn people_channels(&self) -> Vec<BreachChannel> {
        let used = self.notices.iter().filter(|n| is_to_people(n.to)).map(|n| n.channel);
        let mut all: Vec<_> = used.chain(self.details.planned_channels.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
    /// Whether an order holds the letters to the people back.
    pub(super) fn is_held(&self, to: BreachAudience, now: Timestamp) -> bool {
        let reached = matches!(to, BreachAudience::SubjectZa | BreachAudience::SubjectPromise);
        reached
            && self.details.binds(Regime::Popia)
            && self.delays.iter().any(|d| d.effective().until.is_none_or(|until| until > now))
    }
    /// The letters that count as telling somebody, by their way.
    pub(super) fn counted(&self, to: BreachAudience) -> impl Iterator<Item = &BreachNotice> {
        let disproportionate = self.disproportionate();
        self.notices.iter().filter(move |n| n.to == to && n.channel.counts(to, disproportionate))
    }
}

impl BreachDelay {
    /// The order with the end that it really has.
    fn effective(&self) -> DelayOrder {
        let until = match (self.order.until, self.lifted_at) {
            (Some(until), Some(lifted)) => Some(until.min(lifted)),
            (until, lifted) => until.or(lifted),
        };
        DelayOrder { until, ..self.order.clone() }
    }
}
