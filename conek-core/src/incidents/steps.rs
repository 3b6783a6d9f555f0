//! The life of a case: opened, assessed, told, closed. Every step either is taken and logged, or fails and changes
//! nothing.

use super::{
    case::is_said,
    contents::missing,
    deadlines::{BreachAudience, BreachRisk, DelayOrder},
    duties::{BreachDutyState, duties, obstacles},
    letters::{LETTERS_VERSION, language_of},
    model::{
        BreachAssessment, BreachCase, BreachDelay, BreachDetails, BreachNotice, BreachPhase, BreachState,
        BreachStep, NewBreachNotice,
    },
};
use crate::{
    policy::Regime,
    values::{
        error::{Error, Result},
        time::{Timestamp, to_millis},
    },
};

const WHAT: &str = "breach case";

fn code_of(to: BreachAudience) -> &'static str {
    match to {
        BreachAudience::ResponsibleParty => "responsible_party",
        BreachAudience::AuthorityEu => "authority_eu",
        BreachAudience::RegulatorZa => "regulator_za",
        BreachAudience::SubjectEu => "subject_eu",
        BreachAudience::SubjectZa => "subject_za",
        BreachAudience::SubjectPromise => "subject_promise",
    }
}

impl BreachCase {
    /// Opens a case.
    ///
    /// # Errors
    /// `invalid_input` for details that make no sense, above all without the moment of awareness.
    pub fn open(id: String, details: BreachDetails, at: Timestamp, actor: &str) -> Result<Self> {
        let at = to_millis(at);
        details.check(at)?;
        let mut case = Self {
            id,
            state: BreachState::Open,
            details,
            assessment: None,
            delays: Vec::new(),
            notices: Vec::new(),
            opened_at: at,
            closed_at: None,
            log: Vec::new(),
        };
        case.step(at, actor, "opened", None)?;
        Ok(case)
    }

    /// Says anew what is known. Letters that went out stay as they were.
    ///
    /// # Errors
    /// `invalid_input` for details that make no sense; `conflict` for a closed case.
    pub fn revise(&mut self, details: BreachDetails, at: Timestamp, actor: &str) -> Result<()> {
        self.must_be_open()?;
        details.check(to_millis(at))?;
        // The clocks run from this moment: whoever moves it is seen.
        let moved = details.aware_at != self.details.aware_at;
        let note =
            self.details.aware_at.filter(|_| moved).map(|was| format!("aware_at was {}", was.to_rfc3339()));
        self.change(at, actor, "revised", note, |case| case.details = details)
    }

    /// Says how likely harm is, and why. It can be said again.
    ///
    /// # Errors
    /// `invalid_input` for a risk that is unknown or has no reason; `conflict` for a closed case.
    pub fn assess(&mut self, assessment: BreachAssessment, at: Timestamp, actor: &str) -> Result<()> {
        self.must_be_open()?;
        if assessment.risk == BreachRisk::Unknown {
            return Err(Error::invalid("risk", "must be unlikely, risk or high"));
        }
        if !is_said(&assessment.reason) {
            return Err(Error::invalid("reason", "must say why: the authority may ask (GDPR art 33(5))"));
        }
        for (field, text) in
            [("averted_by", &assessment.averted_by), ("disproportionate", &assessment.disproportionate)]
        {
            if text.as_deref().is_some_and(|t| !is_said(t)) {
                return Err(Error::invalid(field, "must say why, or be left out (GDPR art 34(3))"));
            }
        }
        self.change(at, actor, "assessed", None, |case| case.assessment = Some(assessment))
    }

    /// Enters a letter that went out. Any way is entered; not every way counts. A letter counts as complete if it is
    /// `final`.
    ///
    /// # Errors
    /// `invalid_input` without proof, for a moment before the awareness or in the future, or for a final letter that
    /// leaves something out; `conflict` for a closed case.
    pub fn record_notice(&mut self, notice: NewBreachNotice, at: Timestamp, actor: &str) -> Result<()> {
        self.must_be_open()?;
        let (now, sent_at) = (to_millis(at), to_millis(notice.sent_at));
        if !is_said(&notice.proof) {
            return Err(Error::invalid("proof", "must say how the letter is proved"));
        }
        if sent_at > now || self.details.aware_at.is_none_or(|aware| sent_at < to_millis(aware)) {
            return Err(Error::invalid("sent_at", "must not be before aware_at or in the future"));
        }
        let language = language_of(self, notice.language.as_deref());
        let missing = missing(self, notice.to, Some(language), sent_at);
        if notice.phase == BreachPhase::Final && !missing.is_empty() {
            let codes: Vec<_> = missing.iter().map(|m| m.item.code()).collect();
            return Err(Error::invalid("phase", format!("cannot be final without {}", codes.join(", "))));
        }
        let note = format!("to {}", code_of(notice.to));
        let entry = BreachNotice {
            to: notice.to,
            channel: notice.channel,
            phase: notice.phase,
            language: language.to_owned(),
            sent_at,
            proof: notice.proof,
            missing: missing.into_iter().map(|m| m.item).collect(),
            template_version: LETTERS_VERSION.to_owned(),
        };
        self.change(at, actor, "notice_recorded", Some(note), |case| case.notices.push(entry))
    }

    /// Enters an order to tell the people later.
    ///
    /// # Errors
    /// `invalid_input` without who gave it, its reference and what it says; `conflict` for a closed case, an order
    /// that is there, or where POPIA does not bind: no other law here knows such an order.
    pub fn delay(&mut self, order: DelayOrder, what: String, at: Timestamp, actor: &str) -> Result<()> {
        self.must_be_open()?;
        if self.details.as_processor || !self.details.binds(Regime::Popia) {
            return Err(Error::conflict(
                WHAT,
                "only POPIA s22(3) lets an order put off what people are told",
            ));
        }
        for (field, text) in [("by", &order.by), ("reference", &order.reference), ("what", &what)] {
            if !is_said(text) {
                return Err(Error::invalid(
                    field,
                    "must say which public body or the Regulator gave the order, its reference, and what it says \
                     (POPIA s22(3))",
                ));
            }
        }
        if self.delays.iter().any(|d| d.order.reference == order.reference && d.lifted_at.is_none()) {
            return Err(Error::conflict(WHAT, "an order with this reference stands already"));
        }
        let note = Some(order.reference.clone());
        let delay = BreachDelay { order, what, recorded_at: to_millis(at), lifted_at: None };
        self.change(at, actor, "delayed", note, |case| case.delays.push(delay))
    }

    /// Enters that an order was taken back. A case that was closed under it opens again.
    ///
    /// # Errors
    /// `not_found` for an order that does not stand.
    pub fn lift_delay(&mut self, reference: &str, at: Timestamp, actor: &str) -> Result<()> {
        let stands = |d: &BreachDelay| d.order.reference == reference && d.lifted_at.is_none();
        if !self.delays.iter().any(stands) {
            return Err(Error::not_found("order", reference));
        }
        self.change(at, actor, "delay_lifted", Some(reference.to_owned()), |case| {
            for delay in case.delays.iter_mut().filter(|d| stands(d)) {
                delay.lifted_at = Some(to_millis(at));
            }
        })
    }

    /// Closes a case.
    ///
    /// # Errors
    /// `conflict` with everything that is still to be done, by the codes of `obstacles`.
    pub fn close(&mut self, at: Timestamp, actor: &str) -> Result<()> {
        self.must_be_open()?;
        let open: Vec<String> = obstacles(self, to_millis(at))?
            .into_iter()
            .map(|o| match o.to {
                Some(to) => format!("{}: {}", code_of(to), o.kind.code()),
                None => o.kind.code().to_owned(),
            })
            .collect();
        if !open.is_empty() {
            return Err(Error::conflict(WHAT, format!("cannot be closed yet; {}", open.join("; "))));
        }
        self.change(at, actor, "closed", None, |case| case.closed_at = Some(to_millis(at)))
    }

    /// Opens a closed case again, because something new is known.
    ///
    /// # Errors
    /// `invalid_input` without a reason; `conflict` for a case that is open.
    pub fn reopen(&mut self, reason: &str, at: Timestamp, actor: &str) -> Result<()> {
        if self.closed_at.is_none() {
            return Err(Error::conflict(WHAT, "is open"));
        }
        if !is_said(reason) {
            return Err(Error::invalid("reason", "must say what is new"));
        }
        self.change(at, actor, "reopened", Some(reason.to_owned()), |case| case.closed_at = None)
    }

    fn must_be_open(&self) -> Result<()> {
        if self.closed_at.is_some() {
            return Err(Error::conflict(WHAT, "is closed; reopen it first"));
        }
        Ok(())
    }

    /// Changes a copy, so that a step that fails leaves nothing behind.
    fn change(
        &mut self,
        at: Timestamp,
        actor: &str,
        step: &str,
        note: Option<String>,
        how: impl FnOnce(&mut Self),
    ) -> Result<()> {
        let mut next = self.clone();
        how(&mut next);
        next.step(to_millis(at), actor, step, note)?;
        *self = next;
        Ok(())
    }

    fn step(&mut self, at: Timestamp, actor: &str, step: &str, note: Option<String>) -> Result<()> {
        self.log.push(BreachStep { at, actor: actor.to_owned(), step: step.to_owned(), note });
        // What an endless order let rest is owed again.
        if self.closed_at.is_some() && !obstacles(self, at)?.is_empty() {
            self.closed_at = None;
            self.log.push(BreachStep {
                at,
                actor: actor.to_owned(),
                step: "reopened".to_owned(),
                note: None,
            });
        }
        self.state = self.state_at(at)?;
        Ok(())
    }

    /// Where the case stands at `now`. `state` says where it stood at its last step, and an order may have ended since.
    ///
    /// # Errors
    /// As for `duties`.
    pub fn state_at(&self, now: Timestamp) -> Result<BreachState> {
        if self.closed_at.is_some() {
            return Ok(BreachState::Closed);
        }
        if !self.is_assessed() && !self.details.as_processor {
            return Ok(BreachState::Open);
        }
        let waits =
            |s| matches!(s, BreachDutyState::Waiting | BreachDutyState::Warned | BreachDutyState::Overdue);
        let somebody_waits = duties(self, now)?.iter().any(|d| waits(d.state));
        Ok(if somebody_waits { BreachState::Assessed } else { BreachState::Notified })
    }
}

#[cfg(test)]
mod tests;
