//! Generated from conek-core by `cargo run -p conek-codegen`. Do not edit.
use std::collections::BTreeMap;
use pyo3::prelude::*;
use crate::{names::plain, moment::Moment};
/// What is known of the account.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct AccountFacts {
    /// The age from which people may be dealt with; 18 if absent.
    pub min_age: Option<i32>,
    /// Whether the account does without the customer exception.
    pub consent_only: bool,
    /// Whether consent counts only once it was confirmed (double opt-in).
    pub double_opt_in: bool,
    /// Whether direct marketing stops when the rules are past their review date.
    pub stop_when_stale: bool,
    /// Hours in which the account sends nothing, beside the law's.
    pub quiet_hours: Vec<QuietHours>,
    /// Purposes for which a legitimate-interest assessment is on record, for example `comms.feedback`.
    pub assessments: Vec<String>,
    /// Where the account has taken the less strict reading on itself.
    pub loosened: Vec<Loosening>,
}
impl From<conek_core::policy::AccountFacts> for AccountFacts {
    fn from(v: conek_core::policy::AccountFacts) -> Self {
        let conek_core::policy::AccountFacts {
            min_age,
            consent_only,
            double_opt_in,
            stop_when_stale,
            quiet_hours,
            assessments,
            loosened,
        } = v;
        Self {
            min_age: min_age,
            consent_only: consent_only,
            double_opt_in: double_opt_in,
            stop_when_stale: stop_when_stale,
            quiet_hours: quiet_hours.into_iter().map(|x| x.into()).collect(),
            assessments: assessments,
            loosened: loosened.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<AccountFacts> for conek_core::policy::AccountFacts {
    fn from(v: AccountFacts) -> Self {
        let AccountFacts {
            min_age,
            consent_only,
            double_opt_in,
            stop_when_stale,
            quiet_hours,
            assessments,
            loosened,
        } = v;
        Self {
            min_age: min_age,
            consent_only: consent_only,
            double_opt_in: double_opt_in,
            stop_when_stale: stop_when_stale,
            quiet_hours: quiet_hours.into_iter().map(|x| x.into()).collect(),
            assessments: assessments,
            loosened: loosened.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl AccountFacts {
    #[new]
    #[pyo3(
        signature = (
            *,
            min_age = None,
            consent_only = false,
            double_opt_in = false,
            stop_when_stale = false,
            quiet_hours = Vec::new(),
            assessments = Vec::new(),
            loosened = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        min_age: Option<i32>,
        consent_only: bool,
        double_opt_in: bool,
        stop_when_stale: bool,
        quiet_hours: Vec<QuietHours>,
        assessments: Vec<String>,
        loosened: Vec<Loosening>,
    ) -> Self {
        Self {
            min_age,
            consent_only,
            double_opt_in,
            stop_when_stale,
            quiet_hours,
            assessments,
            loosened,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::policy::AccountFacts::from(AccountFacts::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "min_age",
                "consent_only",
                "double_opt_in",
                "stop_when_stale",
                "quiet_hours",
                "assessments",
                "loosened",
            ],
            changes,
        )
    }
}
impl Default for AccountFacts {
    fn default() -> Self {
        conek_core::policy::AccountFacts::default().into()
    }
}
/// The account's settings as they stand.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct AccountSettings {
    /// What was made stricter.
    pub tightened: Vec<Tightening>,
    /// What was made less strict.
    pub loosened: Vec<Loosening>,
    /// Purposes that may rest on a legitimate interest.
    pub assessments: Vec<Assessment>,
    /// When the contacts were last compared with the opt-out registry.
    pub cleansed_at: Option<Moment>,
    /// Whether the account is registered as a direct marketer; absent: not known.
    pub marketer_registered: Option<bool>,
}
impl From<conek_core::policy::AccountSettings> for AccountSettings {
    fn from(v: conek_core::policy::AccountSettings) -> Self {
        let conek_core::policy::AccountSettings {
            tightened,
            loosened,
            assessments,
            cleansed_at,
            marketer_registered,
        } = v;
        Self {
            tightened: tightened.into_iter().map(|x| x.into()).collect(),
            loosened: loosened.into_iter().map(|x| x.into()).collect(),
            assessments: assessments.into_iter().map(|x| x.into()).collect(),
            cleansed_at: cleansed_at.map(|x| x.into()),
            marketer_registered: marketer_registered,
        }
    }
}
impl From<AccountSettings> for conek_core::policy::AccountSettings {
    fn from(v: AccountSettings) -> Self {
        let AccountSettings {
            tightened,
            loosened,
            assessments,
            cleansed_at,
            marketer_registered,
        } = v;
        Self {
            tightened: tightened.into_iter().map(|x| x.into()).collect(),
            loosened: loosened.into_iter().map(|x| x.into()).collect(),
            assessments: assessments.into_iter().map(|x| x.into()).collect(),
            cleansed_at: cleansed_at.map(|x| x.into()),
            marketer_registered: marketer_registered,
        }
    }
}
#[pymethods]
impl AccountSettings {
    #[new]
    #[pyo3(
        signature = (
            *,
            tightened = Vec::new(),
            loosened = Vec::new(),
            assessments = Vec::new(),
            cleansed_at = None,
            marketer_registered = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        tightened: Vec<Tightening>,
        loosened: Vec<Loosening>,
        assessments: Vec<Assessment>,
        cleansed_at: Option<Moment>,
        marketer_registered: Option<bool>,
    ) -> Self {
        Self {
            tightened,
            loosened,
            assessments,
            cleansed_at,
            marketer_registered,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::policy::AccountSettings::from(AccountSettings::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "tightened",
                "loosened",
                "assessments",
                "cleansed_at",
                "marketer_registered",
            ],
            changes,
        )
    }
}
impl Default for AccountSettings {
    fn default() -> Self {
        conek_core::policy::AccountSettings::default().into()
    }
}
/// The answer to a stored webhook. Send 200 to WhatsApp once you have it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Ack {
    /// The stored body's id.
    pub id: String,
    /// Whether exactly this body was stored before.
    pub duplicate: bool,
}
impl From<conek_core::inbound::Ack> for Ack {
    fn from(v: conek_core::inbound::Ack) -> Self {
        let conek_core::inbound::Ack { id, duplicate } = v;
        Self {
            id: id,
            duplicate: duplicate,
        }
    }
}
impl From<Ack> for conek_core::inbound::Ack {
    fn from(v: Ack) -> Self {
        let Ack { id, duplicate } = v;
        Self {
            id: id,
            duplicate: duplicate,
        }
    }
}
#[pymethods]
impl Ack {
    #[new]
    #[pyo3(signature = (id, *, duplicate = false))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, duplicate: bool) -> Self {
        Self { id, duplicate }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::inbound::Ack::from(Ack::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "duplicate"], changes)
    }
}
/// That a person was shown a version of a notice. It is no consent, and nothing makes one of it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Acknowledgement {
    /// Its id; the next page begins after it.
    pub id: String,
    /// Who was shown it.
    pub person: String,
    /// Which version.
    pub notice: String,
    /// When.
    pub at: Moment,
}
impl From<conek_core::consent::Acknowledgement> for Acknowledgement {
    fn from(v: conek_core::consent::Acknowledgement) -> Self {
        let conek_core::consent::Acknowledgement { id, person, notice, at } = v;
        Self {
            id: id,
            person: person.into(),
            notice: notice.into(),
            at: at.into(),
        }
    }
}
impl From<Acknowledgement> for conek_core::consent::Acknowledgement {
    fn from(v: Acknowledgement) -> Self {
        let Acknowledgement { id, person, notice, at } = v;
        Self {
            id: id,
            person: person.into(),
            notice: notice.into(),
            at: at.into(),
        }
    }
}
#[pymethods]
impl Acknowledgement {
    #[new]
    #[pyo3(signature = (id, person, notice, at))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, person: String, notice: String, at: Moment) -> Self {
        Self { id, person, notice, at }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::consent::Acknowledgement::from(Acknowledgement::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "person", "notice", "at"], changes)
    }
}
/// Who calls.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Actor {
    /// The host's id of the person or program. It is sealed in the audit log.
    pub id: String,
    /// What they may do.
    pub scopes: Vec<Scope>,
    /// For what they do it, in the host's words; kept with every entry of the audit log.
    pub purpose: Option<String>,
    /// What they do not see.
    pub masks: Vec<FieldMask>,
}
impl From<conek_core::audit::Actor> for Actor {
    fn from(v: conek_core::audit::Actor) -> Self {
        let conek_core::audit::Actor { id, scopes, purpose, masks } = v;
        Self {
            id: id,
            scopes: scopes.into_iter().map(|x| x.into()).collect(),
            purpose: purpose,
            masks: masks.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<Actor> for conek_core::audit::Actor {
    fn from(v: Actor) -> Self {
        let Actor { id, scopes, purpose, masks } = v;
        Self {
            id: id,
            scopes: scopes.into_iter().map(|x| x.into()).collect(),
            purpose: purpose,
            masks: masks.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl Actor {
    #[new]
    #[pyo3(signature = (id, *, scopes = Vec::new(), purpose = None, masks = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        scopes: Vec<Scope>,
        purpose: Option<String>,
        masks: Vec<FieldMask>,
    ) -> Self {
        Self { id, scopes, purpose, masks }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::audit::Actor::from(Actor::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["id", "scopes", "purpose", "masks"],
            changes,
        )
    }
}
/// Those of some contacts whom a breach concerns, and where to go on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct AffectedPage {
    /// Who.
    pub people: Vec<String>,
    /// How many, by country; `?` where it is not known. For the number in the letters, and which laws bind.
    pub by_country: BTreeMap<String, i64>,
    /// Operations of the actor on many at once, whose log does not say on whom: with one of them, take everybody.
    pub on_many: i64,
    /// Give it back as `after`.
    pub next: Option<String>,
}
impl From<conek_core::incidents::AffectedPage> for AffectedPage {
    fn from(v: conek_core::incidents::AffectedPage) -> Self {
        let conek_core::incidents::AffectedPage { people, by_country, on_many, next } = v;
        Self {
            people: people.into_iter().map(|x| x.into()).collect(),
            by_country: by_country,
            on_many: on_many,
            next: next,
        }
    }
}
impl From<AffectedPage> for conek_core::incidents::AffectedPage {
    fn from(v: AffectedPage) -> Self {
        let AffectedPage { people, by_country, on_many, next } = v;
        Self {
            people: people.into_iter().map(|x| x.into()).collect(),
            by_country: by_country,
            on_many: on_many,
            next: next,
        }
    }
}
#[pymethods]
impl AffectedPage {
    #[new]
    #[pyo3(
        signature = (
            on_many,
            *,
            people = Vec::new(),
            by_country = BTreeMap::new(),
            next = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        on_many: i64,
        people: Vec<String>,
        by_country: BTreeMap<String, i64>,
        next: Option<String>,
    ) -> Self {
        Self {
            people,
            by_country,
            on_many,
            next,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::incidents::AffectedPage::from(AffectedPage::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["people", "by_country", "on_many", "next"],
            changes,
        )
    }
}
impl Default for AffectedPage {
    fn default() -> Self {
        conek_core::incidents::AffectedPage::default().into()
    }
}
/// Who is looked for. Conditions that are left out hold for everybody.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct AffectedQuery {
    /// In one of these countries, ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    /// Known by then, for example when a copy was taken.
    pub known_by: Option<Moment>,
    /// Of whom a record of one of these kinds is kept: `message`, `received`, `consent`, `declaration`,
    /// `disclosure`, `request`, `event`.
    pub kinds: Vec<String>,
    /// Whose data this actor's account read or changed, by the audit log.
    pub actor: Option<String>,
    /// With `actor`: from then on.
    pub since: Option<Moment>,
    /// With `actor`: until then.
    pub until: Option<Moment>,
}
impl From<conek_core::incidents::AffectedQuery> for AffectedQuery {
    fn from(v: conek_core::incidents::AffectedQuery) -> Self {
        let conek_core::incidents::AffectedQuery {
            countries,
            known_by,
            kinds,
            actor,
            since,
            until,
        } = v;
        Self {
            countries: countries,
            known_by: known_by.map(|x| x.into()),
            kinds: kinds,
            actor: actor,
            since: since.map(|x| x.into()),
            until: until.map(|x| x.into()),
        }
    }
}
impl From<AffectedQuery> for conek_core::incidents::AffectedQuery {
    fn from(v: AffectedQuery) -> Self {
        let AffectedQuery { countries, known_by, kinds, actor, since, until } = v;
        Self {
            countries: countries,
            known_by: known_by.map(|x| x.into()),
            kinds: kinds,
            actor: actor,
            since: since.map(|x| x.into()),
            until: until.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl AffectedQuery {
    #[new]
    #[pyo3(
        signature = (
            *,
            countries = Vec::new(),
            known_by = None,
            kinds = Vec::new(),
            actor = None,
            since = None,
            until = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        countries: Vec<String>,
        known_by: Option<Moment>,
        kinds: Vec<String>,
        actor: Option<String>,
        since: Option<Moment>,
        until: Option<Moment>,
    ) -> Self {
        Self {
            countries,
            known_by,
            kinds,
            actor,
            since,
            until,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::incidents::AffectedQuery::from(AffectedQuery::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["countries", "known_by", "kinds", "actor", "since", "until"],
            changes,
        )
    }
}
impl Default for AffectedQuery {
    fn default() -> Self {
        conek_core::incidents::AffectedQuery::default().into()
    }
}
/// What the person agreed to.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct AgreementFacts {
    /// Contact outside marketing hours, and how that was agreed.
    pub hours: Option<HoursAgreement>,
}
impl From<conek_core::policy::AgreementFacts> for AgreementFacts {
    fn from(v: conek_core::policy::AgreementFacts) -> Self {
        let conek_core::policy::AgreementFacts { hours } = v;
        Self {
            hours: hours.map(|x| x.into()),
        }
    }
}
impl From<AgreementFacts> for conek_core::policy::AgreementFacts {
    fn from(v: AgreementFacts) -> Self {
        let AgreementFacts { hours } = v;
        Self {
            hours: hours.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl AgreementFacts {
    #[new]
    #[pyo3(signature = (*, hours = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(hours: Option<HoursAgreement>) -> Self {
        Self { hours }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::policy::AgreementFacts::from(AgreementFacts::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["hours"], changes)
    }
}
impl Default for AgreementFacts {
    fn default() -> Self {
        conek_core::policy::AgreementFacts::default().into()
    }
}
/// An amount of money in the order's currency.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Amount {
    /// In hundredths: 12.50 is 1,250. Whatever the currency, as WhatsApp demands it.
    pub hundredths: i64,
    /// What it is for; at most 60 characters. For tax, shipping and discount only.
    pub description: Option<String>,
}
impl From<conek_core::messaging::content::Amount> for Amount {
    fn from(v: conek_core::messaging::content::Amount) -> Self {
        let conek_core::messaging::content::Amount { hundredths, description } = v;
        Self {
            hundredths: hundredths,
            description: description,
        }
    }
}
impl From<Amount> for conek_core::messaging::content::Amount {
    fn from(v: Amount) -> Self {
        let Amount { hundredths, description } = v;
        Self {
            hundredths: hundredths,
            description: description,
        }
    }
}
#[pymethods]
impl Amount {
    #[new]
    #[pyo3(signature = (hundredths, *, description = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(hundredths: i64, description: Option<String>) -> Self {
        Self { hundredths, description }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::content::Amount::from(Amount::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["hundredths", "description"], changes)
    }
}
/// From when to when, and in which steps.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct AnalyticsRange {
    /// The beginning. WhatsApp looks back a year.
    pub start: Moment,
    /// The end, which is no longer in it.
    pub end: Moment,
    /// The steps.
    pub granularity: Granularity,
}
impl From<conek_core::platform::AnalyticsRange> for AnalyticsRange {
    fn from(v: conek_core::platform::AnalyticsRange) -> Self {
        let conek_core::platform::AnalyticsRange { start, end, granularity } = v;
        Self {
            start: start.into(),
            end: end.into(),
            granularity: granularity.into(),
        }
    }
}
impl From<AnalyticsRange> for conek_core::platform::AnalyticsRange {
    fn from(v: AnalyticsRange) -> Self {
        let AnalyticsRange { start, end, granularity } = v;
        Self {
            start: start.into(),
            end: end.into(),
            granularity: granularity.into(),
        }
    }
}
#[pymethods]
impl AnalyticsRange {
    #[new]
    #[pyo3(signature = (start, end, granularity))]
    #[allow(clippy::too_many_arguments)]
    fn new(start: Moment, end: Moment, granularity: Granularity) -> Self {
        Self { start, end, granularity }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::AnalyticsRange::from(AnalyticsRange::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["start", "end", "granularity"], changes)
    }
}
/// A legitimate-interest assessment: why the processing is needed, and why the person's interests do not outweigh it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Assessment {
    /// For which purpose: its code in the closed list, for example `comms.feedback`.
    pub purpose: String,
    /// The interest, and why the processing is needed for it.
    pub necessity: String,
    /// Why the interests and rights of the person do not outweigh it.
    pub balance: String,
    /// How the person can object.
    pub opt_out: String,
    /// When it was made.
    pub assessed_at: Moment,
    /// When it wants to be looked at again.
    pub review_by: Option<Moment>,
}
impl From<conek_core::policy::Assessment> for Assessment {
    fn from(v: conek_core::policy::Assessment) -> Self {
        let conek_core::policy::Assessment {
            purpose,
            necessity,
            balance,
            opt_out,
            assessed_at,
            review_by,
        } = v;
        Self {
            purpose: purpose,
            necessity: necessity,
            balance: balance,
            opt_out: opt_out,
            assessed_at: assessed_at.into(),
            review_by: review_by.map(|x| x.into()),
        }
    }
}
impl From<Assessment> for conek_core::policy::Assessment {
    fn from(v: Assessment) -> Self {
        let Assessment {
            purpose,
            necessity,
            balance,
            opt_out,
            assessed_at,
            review_by,
        } = v;
        Self {
            purpose: purpose,
            necessity: necessity,
            balance: balance,
            opt_out: opt_out,
            assessed_at: assessed_at.into(),
            review_by: review_by.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl Assessment {
    #[new]
    #[pyo3(
        signature = (
            purpose,
            necessity,
            balance,
            opt_out,
            assessed_at,
            *,
            review_by = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        purpose: String,
        necessity: String,
        balance: String,
        opt_out: String,
        assessed_at: Moment,
        review_by: Option<Moment>,
    ) -> Self {
        Self {
            purpose,
            necessity,
            balance,
            opt_out,
            assessed_at,
            review_by,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::Assessment::from(Assessment::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["purpose", "necessity", "balance", "opt_out", "assessed_at", "review_by"],
            changes,
        )
    }
}
/// One entry: a call that read or changed personal data, or was refused.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct AuditEntry {
    /// Its id; later ones of the same writer have greater ids.
    pub id: String,
    /// When.
    pub at: Moment,
    /// Who: the actor's id, `host` for the embedding program, `conek` for the engine's own work.
    pub actor: String,
    /// For what, as the actor says.
    pub purpose: Option<String>,
    /// The operation, for example `contacts.get`.
    pub operation: String,
    /// Whose data: a pseudonym. `audit.entries` finds a person's.
    pub subject: Option<String>,
    /// How many things it was about; 1 for one.
    pub count: i64,
    /// Whether it was admitted.
    pub outcome: AuditOutcome,
}
impl From<conek_core::audit::AuditEntry> for AuditEntry {
    fn from(v: conek_core::audit::AuditEntry) -> Self {
        let conek_core::audit::AuditEntry {
            id,
            at,
            actor,
            purpose,
            operation,
            subject,
            count,
            outcome,
        } = v;
        Self {
            id: id,
            at: at.into(),
            actor: actor,
            purpose: purpose,
            operation: operation,
            subject: subject,
            count: count,
            outcome: outcome.into(),
        }
    }
}
impl From<AuditEntry> for conek_core::audit::AuditEntry {
    fn from(v: AuditEntry) -> Self {
        let AuditEntry { id, at, actor, purpose, operation, subject, count, outcome } = v;
        Self {
            id: id,
            at: at.into(),
            actor: actor,
            purpose: purpose,
            operation: operation,
            subject: subject,
            count: count,
            outcome: outcome.into(),
        }
    }
}
#[pymethods]
impl AuditEntry {
    #[new]
    #[pyo3(
        signature = (
            id,
            at,
            actor,
            operation,
            count,
            outcome,
            *,
            purpose = None,
            subject = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        at: Moment,
        actor: String,
        operation: String,
        count: i64,
        outcome: AuditOutcome,
        purpose: Option<String>,
        subject: Option<String>,
    ) -> Self {
        Self {
            id,
            at,
            actor,
            purpose,
            operation,
            subject,
            count,
            outcome,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::audit::AuditEntry::from(AuditEntry::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "at",
                "actor",
                "purpose",
                "operation",
                "subject",
                "count",
                "outcome",
            ],
            changes,
        )
    }
}
/// The signed end of the chain. Whoever keeps one elsewhere can prove later that nothing before it was cut off.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct AuditHead {
    /// The checkpoint's id.
    pub id: String,
    /// The hash over everything before, hexadecimal.
    pub hash: String,
    /// When it was signed.
    pub at: Moment,
    /// Ed25519 over account, id, hash and time; base64.
    pub signature: String,
    /// The account's public key; base64.
    pub public_key: String,
}
impl From<conek_core::audit::AuditHead> for AuditHead {
    fn from(v: conek_core::audit::AuditHead) -> Self {
        let conek_core::audit::AuditHead { id, hash, at, signature, public_key } = v;
        Self {
            id: id,
            hash: hash,
            at: at.into(),
            signature: signature,
            public_key: public_key,
        }
    }
}
impl From<AuditHead> for conek_core::audit::AuditHead {
    fn from(v: AuditHead) -> Self {
        let AuditHead { id, hash, at, signature, public_key } = v;
        Self {
            id: id,
            hash: hash,
            at: at.into(),
            signature: signature,
            public_key: public_key,
        }
    }
}
#[pymethods]
impl AuditHead {
    #[new]
    #[pyo3(signature = (id, hash, at, signature, public_key))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        hash: String,
        at: Moment,
        signature: String,
        public_key: String,
    ) -> Self {
        Self {
            id,
            hash,
            at,
            signature,
            public_key,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::audit::AuditHead::from(AuditHead::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["id", "hash", "at", "signature", "public_key"],
            changes,
        )
    }
}
/// Some entries and where to go on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct AuditPage {
    /// The entries, the oldest first.
    pub entries: Vec<AuditEntry>,
    /// Give it back as `after`.
    pub next: Option<String>,
}
impl From<conek_core::audit::AuditPage> for AuditPage {
    fn from(v: conek_core::audit::AuditPage) -> Self {
        let conek_core::audit::AuditPage { entries, next } = v;
        Self {
            entries: entries.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<AuditPage> for conek_core::audit::AuditPage {
    fn from(v: AuditPage) -> Self {
        let AuditPage { entries, next } = v;
        Self {
            entries: entries.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl AuditPage {
    #[new]
    #[pyo3(signature = (*, entries = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(entries: Vec<AuditEntry>, next: Option<String>) -> Self {
        Self { entries, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::audit::AuditPage::from(AuditPage::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["entries", "next"], changes)
    }
}
/// Which entries.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct AuditQuery {
    /// Only about this person.
    pub person: Option<String>,
    /// Only this operation, or with a trailing `.*` all of a room: `contacts.*`.
    pub operation: Option<String>,
    /// Only refused calls.
    pub refused_only: bool,
    /// The cursor of the page before.
    pub after: Option<String>,
}
impl From<conek_core::audit::AuditQuery> for AuditQuery {
    fn from(v: conek_core::audit::AuditQuery) -> Self {
        let conek_core::audit::AuditQuery { person, operation, refused_only, after } = v;
        Self {
            person: person.map(|x| x.into()),
            operation: operation,
            refused_only: refused_only,
            after: after,
        }
    }
}
impl From<AuditQuery> for conek_core::audit::AuditQuery {
    fn from(v: AuditQuery) -> Self {
        let AuditQuery { person, operation, refused_only, after } = v;
        Self {
            person: person.map(|x| x.into()),
            operation: operation,
            refused_only: refused_only,
            after: after,
        }
    }
}
#[pymethods]
impl AuditQuery {
    #[new]
    #[pyo3(
        signature = (
            *,
            person = None,
            operation = None,
            refused_only = false,
            after = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        person: Option<String>,
        operation: Option<String>,
        refused_only: bool,
        after: Option<String>,
    ) -> Self {
        Self {
            person,
            operation,
            refused_only,
            after,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::audit::AuditQuery::from(AuditQuery::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["person", "operation", "refused_only", "after"],
            changes,
        )
    }
}
impl Default for AuditQuery {
    fn default() -> Self {
        conek_core::audit::AuditQuery::default().into()
    }
}
/// What a look over the whole log found.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct AuditReport {
    /// Entries read.
    pub entries: i64,
    /// Checkpoints read.
    pub checkpoints: i64,
    /// What is changed, missing or out of order, one sentence each. Empty means sound.
    pub problems: Vec<String>,
    /// The end of the chain, if there is one.
    pub head: Option<AuditHead>,
}
impl From<conek_core::audit::AuditReport> for AuditReport {
    fn from(v: conek_core::audit::AuditReport) -> Self {
        let conek_core::audit::AuditReport { entries, checkpoints, problems, head } = v;
        Self {
            entries: entries,
            checkpoints: checkpoints,
            problems: problems,
            head: head.map(|x| x.into()),
        }
    }
}
impl From<AuditReport> for conek_core::audit::AuditReport {
    fn from(v: AuditReport) -> Self {
        let AuditReport { entries, checkpoints, problems, head } = v;
        Self {
            entries: entries,
            checkpoints: checkpoints,
            problems: problems,
            head: head.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl AuditReport {
    #[new]
    #[pyo3(signature = (entries, checkpoints, *, problems = Vec::new(), head = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        entries: i64,
        checkpoints: i64,
        problems: Vec<String>,
        head: Option<AuditHead>,
    ) -> Self {
        Self {
            entries,
            checkpoints,
            problems,
            head,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::audit::AuditReport::from(AuditReport::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["entries", "checkpoints", "problems", "head"],
            changes,
        )
    }
}
impl Default for AuditReport {
    fn default() -> Self {
        conek_core::audit::AuditReport::default().into()
    }
}
/// An authority to which people can complain (POPIA s74, GDPR 77).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Authority {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// What it is called.
    pub title: String,
    /// Its site.
    pub website: String,
    /// The day on which the address was last looked at, `YYYY-MM-DD`; `None`: look before you print it.
    pub verified_on: Option<String>,
}
impl From<conek_core::policy::Authority> for Authority {
    fn from(v: conek_core::policy::Authority) -> Self {
        let conek_core::policy::Authority { country, title, website, verified_on } = v;
        Self {
            country: country,
            title: title,
            website: website,
            verified_on: verified_on,
        }
    }
}
impl From<Authority> for conek_core::policy::Authority {
    fn from(v: Authority) -> Self {
        let Authority { country, title, website, verified_on } = v;
        Self {
            country: country,
            title: title,
            website: website,
            verified_on: verified_on,
        }
    }
}
#[pymethods]
impl Authority {
    #[new]
    #[pyo3(signature = (country, title, website, *, verified_on = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        country: String,
        title: String,
        website: String,
        verified_on: Option<String>,
    ) -> Self {
        Self {
            country,
            title,
            website,
            verified_on,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::Authority::from(Authority::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["country", "title", "website", "verified_on"],
            changes,
        )
    }
}
/// What a number offers before anybody writes (Meta: Conversational Components).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Automation {
    /// Whether a webhook of the kind `request_welcome` tells that somebody opened the chat for the first time.
    pub welcome: bool,
    /// Ice breakers: at most three, of 1 to 80 characters. They come as messages when they are tapped.
    pub prompts: Vec<String>,
    /// Commands: at most 30, each name once.
    pub commands: Vec<BotCommand>,
}
impl From<conek_core::platform::Automation> for Automation {
    fn from(v: conek_core::platform::Automation) -> Self {
        let conek_core::platform::Automation { welcome, prompts, commands } = v;
        Self {
            welcome: welcome,
            prompts: prompts,
            commands: commands.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<Automation> for conek_core::platform::Automation {
    fn from(v: Automation) -> Self {
        let Automation { welcome, prompts, commands } = v;
        Self {
            welcome: welcome,
            prompts: prompts,
            commands: commands.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl Automation {
    #[new]
    #[pyo3(
        signature = (*, welcome = false, prompts = Vec::new(), commands = Vec::new())
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(welcome: bool, prompts: Vec<String>, commands: Vec<BotCommand>) -> Self {
        Self { welcome, prompts, commands }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::Automation::from(Automation::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["welcome", "prompts", "commands"],
            changes,
        )
    }
}
impl Default for Automation {
    fn default() -> Self {
        conek_core::platform::Automation::default().into()
    }
}
/// Steps that take effect together or not at all.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Batch {
    /// The steps, applied in order.
    pub writes: Vec<Write>,
}
impl From<conek_core::storage::Batch> for Batch {
    fn from(v: conek_core::storage::Batch) -> Self {
        let conek_core::storage::Batch { writes } = v;
        Self {
            writes: writes.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<Batch> for conek_core::storage::Batch {
    fn from(v: Batch) -> Self {
        let Batch { writes } = v;
        Self {
            writes: writes.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl Batch {
    #[new]
    #[pyo3(signature = (*, writes = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(writes: Vec<Write>) -> Self {
        Self { writes }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::storage::Batch::from(Batch::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["writes"], changes)
    }
}
impl Default for Batch {
    fn default() -> Self {
        conek_core::storage::Batch::default().into()
    }
}
/// Why somebody stayed as they were.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BlockRefusal {
    /// Who, by their place among those who were given, from 0.
    pub index: i32,
    /// WhatsApp's code, where it said one. 131047: they did not write within the last 24 hours.
    pub code: Option<i32>,
}
impl From<conek_core::platform::BlockRefusal> for BlockRefusal {
    fn from(v: conek_core::platform::BlockRefusal) -> Self {
        let conek_core::platform::BlockRefusal { index, code } = v;
        Self { index: index, code: code }
    }
}
impl From<BlockRefusal> for conek_core::platform::BlockRefusal {
    fn from(v: BlockRefusal) -> Self {
        let BlockRefusal { index, code } = v;
        Self { index: index, code: code }
    }
}
#[pymethods]
impl BlockRefusal {
    #[new]
    #[pyo3(signature = (index, *, code = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(index: i32, code: Option<i32>) -> Self {
        Self { index, code }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::BlockRefusal::from(BlockRefusal::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["index", "code"], changes)
    }
}
/// What became of a change of the block list.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BlockReport {
    /// For whom it was done, by their place among those who were given, from 0.
    pub done: Vec<i32>,
    /// For whom it was not.
    pub refused: Vec<BlockRefusal>,
}
impl From<conek_core::platform::BlockReport> for BlockReport {
    fn from(v: conek_core::platform::BlockReport) -> Self {
        let conek_core::platform::BlockReport { done, refused } = v;
        Self {
            done: done,
            refused: refused.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<BlockReport> for conek_core::platform::BlockReport {
    fn from(v: BlockReport) -> Self {
        let BlockReport { done, refused } = v;
        Self {
            done: done,
            refused: refused.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl BlockReport {
    #[new]
    #[pyo3(signature = (*, done = Vec::new(), refused = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(done: Vec<i32>, refused: Vec<BlockRefusal>) -> Self {
        Self { done, refused }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::BlockReport::from(BlockReport::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["done", "refused"], changes)
    }
}
/// A page of a number's block list.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BlockedPage {
    /// The people.
    pub people: Vec<BlockedPerson>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}
impl From<conek_core::platform::BlockedPage> for BlockedPage {
    fn from(v: conek_core::platform::BlockedPage) -> Self {
        let conek_core::platform::BlockedPage { people, next } = v;
        Self {
            people: people.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<BlockedPage> for conek_core::platform::BlockedPage {
    fn from(v: BlockedPage) -> Self {
        let BlockedPage { people, next } = v;
        Self {
            people: people.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl BlockedPage {
    #[new]
    #[pyo3(signature = (*, people = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(people: Vec<BlockedPerson>, next: Option<String>) -> Self {
        Self { people, next }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::BlockedPage::from(BlockedPage::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["people", "next"], changes)
    }
}
/// Somebody on the block list. Whoever may not see numbers gets the person alone. `Debug` shows none of it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BlockedPerson {
    /// The contact, if they are one of this account.
    pub person: Option<String>,
    /// Their number, with `+`.
    pub phone: Option<String>,
    /// Their business-scoped id.
    pub bsuid: Option<String>,
}
impl From<conek_core::platform::BlockedPerson> for BlockedPerson {
    fn from(v: conek_core::platform::BlockedPerson) -> Self {
        let conek_core::platform::BlockedPerson { person, phone, bsuid } = v;
        Self {
            person: person.map(|x| x.into()),
            phone: phone,
            bsuid: bsuid,
        }
    }
}
impl From<BlockedPerson> for conek_core::platform::BlockedPerson {
    fn from(v: BlockedPerson) -> Self {
        let BlockedPerson { person, phone, bsuid } = v;
        Self {
            person: person.map(|x| x.into()),
            phone: phone,
            bsuid: bsuid,
        }
    }
}
#[pymethods]
impl BlockedPerson {
    #[new]
    #[pyo3(signature = (*, person = None, phone = None, bsuid = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        person: Option<String>,
        phone: Option<String>,
        bsuid: Option<String>,
    ) -> Self {
        Self { person, phone, bsuid }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::BlockedPerson::from(BlockedPerson::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["person", "phone", "bsuid"], changes)
    }
}
/// A command that people choose by typing a slash.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BotCommand {
    /// What is typed behind the slash: 1 to 30 characters.
    pub name: String,
    /// What it does: 1 to 256 characters.
    pub description: String,
}
impl From<conek_core::platform::BotCommand> for BotCommand {
    fn from(v: conek_core::platform::BotCommand) -> Self {
        let conek_core::platform::BotCommand { name, description } = v;
        Self {
            name: name,
            description: description,
        }
    }
}
impl From<BotCommand> for conek_core::platform::BotCommand {
    fn from(v: BotCommand) -> Self {
        let BotCommand { name, description } = v;
        Self {
            name: name,
            description: description,
        }
    }
}
#[pymethods]
impl BotCommand {
    #[new]
    #[pyo3(signature = (name, description))]
    #[allow(clippy::too_many_arguments)]
    fn new(name: String, description: String) -> Self {
        Self { name, description }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::BotCommand::from(BotCommand::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["name", "description"], changes)
    }
}
/// How likely harm is, and what follows from it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachAssessment {
    /// How likely harm is. `unknown` is no assessment.
    pub risk: BreachRisk,
    /// Why.
    pub reason: String,
    /// Whether the data were sealed and the key is safe (GDPR 34(3)(a)).
    pub encrypted_and_key_safe: bool,
    /// Whether it cannot be found out whose data they are (POPIA s22(1)(b)).
    pub subjects_unidentifiable: bool,
    /// By what measures the high risk is no longer likely (GDPR 34(3)(b)); missing: it still is.
    pub averted_by: Option<String>,
    /// Why telling each person would be a disproportionate effort (GDPR 34(3)(c)): they are told in public then.
    pub disproportionate: Option<String>,
}
impl From<conek_core::incidents::BreachAssessment> for BreachAssessment {
    fn from(v: conek_core::incidents::BreachAssessment) -> Self {
        let conek_core::incidents::BreachAssessment {
            risk,
            reason,
            encrypted_and_key_safe,
            subjects_unidentifiable,
            averted_by,
            disproportionate,
        } = v;
        Self {
            risk: risk.into(),
            reason: reason,
            encrypted_and_key_safe: encrypted_and_key_safe,
            subjects_unidentifiable: subjects_unidentifiable,
            averted_by: averted_by,
            disproportionate: disproportionate,
        }
    }
}
impl From<BreachAssessment> for conek_core::incidents::BreachAssessment {
    fn from(v: BreachAssessment) -> Self {
        let BreachAssessment {
            risk,
            reason,
            encrypted_and_key_safe,
            subjects_unidentifiable,
            averted_by,
            disproportionate,
        } = v;
        Self {
            risk: risk.into(),
            reason: reason,
            encrypted_and_key_safe: encrypted_and_key_safe,
            subjects_unidentifiable: subjects_unidentifiable,
            averted_by: averted_by,
            disproportionate: disproportionate,
        }
    }
}
#[pymethods]
impl BreachAssessment {
    #[new]
    #[pyo3(
        signature = (
            reason,
            *,
            risk = BreachRisk::default(),
            encrypted_and_key_safe = false,
            subjects_unidentifiable = false,
            averted_by = None,
            disproportionate = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        reason: String,
        risk: BreachRisk,
        encrypted_and_key_safe: bool,
        subjects_unidentifiable: bool,
        averted_by: Option<String>,
        disproportionate: Option<String>,
    ) -> Self {
        Self {
            risk,
            reason,
            encrypted_and_key_safe,
            subjects_unidentifiable,
            averted_by,
            disproportionate,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::incidents::BreachAssessment::from(BreachAssessment::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "risk",
                "reason",
                "encrypted_and_key_safe",
                "subjects_unidentifiable",
                "averted_by",
                "disproportionate",
            ],
            changes,
        )
    }
}
impl Default for BreachAssessment {
    fn default() -> Self {
        conek_core::incidents::BreachAssessment::default().into()
    }
}
/// A breach, from the first suspicion until everybody knows.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachCase {
    /// Its id.
    pub id: String,
    /// Where it stood at its last step.
    pub state: BreachState,
    /// What is known.
    pub details: BreachDetails,
    /// How likely harm is; missing: not assessed.
    pub assessment: Option<BreachAssessment>,
    /// Orders to wait.
    pub delays: Vec<BreachDelay>,
    /// The letters that went out.
    pub notices: Vec<BreachNotice>,
    /// When it was opened.
    pub opened_at: Moment,
    /// When it was closed.
    pub closed_at: Option<Moment>,
    /// What was done about it.
    pub log: Vec<BreachStep>,
}
impl From<conek_core::incidents::BreachCase> for BreachCase {
    fn from(v: conek_core::incidents::BreachCase) -> Self {
        let conek_core::incidents::BreachCase {
            id,
            state,
            details,
            assessment,
            delays,
            notices,
            opened_at,
            closed_at,
            log,
        } = v;
        Self {
            id: id,
            state: state.into(),
            details: details.into(),
            assessment: assessment.map(|x| x.into()),
            delays: delays.into_iter().map(|x| x.into()).collect(),
            notices: notices.into_iter().map(|x| x.into()).collect(),
            opened_at: opened_at.into(),
            closed_at: closed_at.map(|x| x.into()),
            log: log.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<BreachCase> for conek_core::incidents::BreachCase {
    fn from(v: BreachCase) -> Self {
        let BreachCase {
            id,
            state,
            details,
            assessment,
            delays,
            notices,
            opened_at,
            closed_at,
            log,
        } = v;
        Self {
            id: id,
            state: state.into(),
            details: details.into(),
            assessment: assessment.map(|x| x.into()),
            delays: delays.into_iter().map(|x| x.into()).collect(),
            notices: notices.into_iter().map(|x| x.into()).collect(),
            opened_at: opened_at.into(),
            closed_at: closed_at.map(|x| x.into()),
            log: log.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl BreachCase {
    #[new]
    #[pyo3(
        signature = (
            id,
            state,
            details,
            opened_at,
            *,
            assessment = None,
            delays = Vec::new(),
            notices = Vec::new(),
            closed_at = None,
            log = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        state: BreachState,
        details: BreachDetails,
        opened_at: Moment,
        assessment: Option<BreachAssessment>,
        delays: Vec<BreachDelay>,
        notices: Vec<BreachNotice>,
        closed_at: Option<Moment>,
        log: Vec<BreachStep>,
    ) -> Self {
        Self {
            id,
            state,
            details,
            assessment,
            delays,
            notices,
            opened_at,
            closed_at,
            log,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::incidents::BreachCase::from(BreachCase::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "state",
                "details",
                "assessment",
                "delays",
                "notices",
                "opened_at",
                "closed_at",
                "log",
            ],
            changes,
        )
    }
}
/// Something that a letter says, and who demands it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachContent {
    /// To whom.
    pub to: BreachAudience,
    /// What.
    pub item: BreachItem,
    /// Whether the letter is incomplete without it, known or not. A reason for lateness counts where it is late.
    pub required: bool,
    /// What demands it; empty: nothing, it is said where it is known.
    pub provision: String,
    /// What it is, in plain words.
    pub text: String,
}
impl From<conek_core::incidents::BreachContent> for BreachContent {
    fn from(v: conek_core::incidents::BreachContent) -> Self {
        let conek_core::incidents::BreachContent {
            to,
            item,
            required,
            provision,
            text,
        } = v;
        Self {
            to: to.into(),
            item: item.into(),
            required: required,
            provision: provision,
            text: text,
        }
    }
}
impl From<BreachContent> for conek_core::incidents::BreachContent {
    fn from(v: BreachContent) -> Self {
        let BreachContent { to, item, required, provision, text } = v;
        Self {
            to: to.into(),
            item: item.into(),
            required: required,
            provision: provision,
            text: text,
        }
    }
}
#[pymethods]
impl BreachContent {
    #[new]
    #[pyo3(signature = (to, item, provision, text, *, required = false))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        to: BreachAudience,
        item: BreachItem,
        provision: String,
        text: String,
        required: bool,
    ) -> Self {
        Self {
            to,
            item,
            required,
            provision,
            text,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::incidents::BreachContent::from(BreachContent::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["to", "item", "required", "provision", "text"],
            changes,
        )
    }
}
/// Until when somebody is told.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachDeadline {
    /// Who.
    pub audience: BreachAudience,
    /// Whether they must be told at all.
    pub required: bool,
    /// When the account is warned.
    pub warn_at: Option<Moment>,
    /// The latest moment; `None` where nobody must be told, or an order without an end says to wait.
    pub due_at: Option<Moment>,
    /// Whether the law says sooner: as soon as reasonably possible, without undue delay. `due_at` is the latest then.
    pub as_soon_as_possible: bool,
    /// Whether an order puts it off.
    pub delayed: bool,
    /// Where that is written.
    pub provision: String,
}
impl From<conek_core::incidents::BreachDeadline> for BreachDeadline {
    fn from(v: conek_core::incidents::BreachDeadline) -> Self {
        let conek_core::incidents::BreachDeadline {
            audience,
            required,
            warn_at,
            due_at,
            as_soon_as_possible,
            delayed,
            provision,
        } = v;
        Self {
            audience: audience.into(),
            required: required,
            warn_at: warn_at.map(|x| x.into()),
            due_at: due_at.map(|x| x.into()),
            as_soon_as_possible: as_soon_as_possible,
            delayed: delayed,
            provision: provision,
        }
    }
}
impl From<BreachDeadline> for conek_core::incidents::BreachDeadline {
    fn from(v: BreachDeadline) -> Self {
        let BreachDeadline {
            audience,
            required,
            warn_at,
            due_at,
            as_soon_as_possible,
            delayed,
            provision,
        } = v;
        Self {
            audience: audience.into(),
            required: required,
            warn_at: warn_at.map(|x| x.into()),
            due_at: due_at.map(|x| x.into()),
            as_soon_as_possible: as_soon_as_possible,
            delayed: delayed,
            provision: provision,
        }
    }
}
#[pymethods]
impl BreachDeadline {
    #[new]
    #[pyo3(
        signature = (
            audience,
            provision,
            *,
            required = false,
            warn_at = None,
            due_at = None,
            as_soon_as_possible = false,
            delayed = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        audience: BreachAudience,
        provision: String,
        required: bool,
        warn_at: Option<Moment>,
        due_at: Option<Moment>,
        as_soon_as_possible: bool,
        delayed: bool,
    ) -> Self {
        Self {
            audience,
            required,
            warn_at,
            due_at,
            as_soon_as_possible,
            delayed,
            provision,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::incidents::BreachDeadline::from(BreachDeadline::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "audience",
                "required",
                "warn_at",
                "due_at",
                "as_soon_as_possible",
                "delayed",
                "provision",
            ],
            changes,
        )
    }
}
/// An order to wait, in the life of a case.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachDelay {
    /// Who gave it, its reference, and until when.
    pub order: DelayOrder,
    /// What it says: that telling the people would impede a criminal investigation (POPIA s22(3)).
    pub what: String,
    /// When it was entered.
    pub recorded_at: Moment,
    /// When it was taken back.
    pub lifted_at: Option<Moment>,
}
impl From<conek_core::incidents::BreachDelay> for BreachDelay {
    fn from(v: conek_core::incidents::BreachDelay) -> Self {
        let conek_core::incidents::BreachDelay { order, what, recorded_at, lifted_at } = v;
        Self {
            order: order.into(),
            what: what,
            recorded_at: recorded_at.into(),
            lifted_at: lifted_at.map(|x| x.into()),
        }
    }
}
impl From<BreachDelay> for conek_core::incidents::BreachDelay {
    fn from(v: BreachDelay) -> Self {
        let BreachDelay { order, what, recorded_at, lifted_at } = v;
        Self {
            order: order.into(),
            what: what,
            recorded_at: recorded_at.into(),
            lifted_at: lifted_at.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl BreachDelay {
    #[new]
    #[pyo3(signature = (order, what, recorded_at, *, lifted_at = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        order: DelayOrder,
        what: String,
        recorded_at: Moment,
        lifted_at: Option<Moment>,
    ) -> Self {
        Self {
            order,
            what,
            recorded_at,
            lifted_at,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::incidents::BreachDelay::from(BreachDelay::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["order", "what", "recorded_at", "lifted_at"],
            changes,
        )
    }
}
/// What is known of a breach. Whatever is missing is not known.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachDetails {
    /// When there were reasonable grounds to believe that it happened: the clocks run from here.
    pub aware_at: Option<Moment>,
    /// The laws that bind; both, if none is named.
    pub regimes: Vec<Regime>,
    /// Whether the account only processes the data for somebody else.
    pub as_processor: bool,
    /// Whether the account promised its people to tell them within 72 hours; missing: it did.
    pub promised: Option<bool>,
    /// Where the people are, ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    /// What was done to the data.
    pub kinds: Vec<BreachKind>,
    /// Whether it is confirmed, and not only suspected.
    pub confirmed: Option<bool>,
    /// When it began.
    pub began_at: Option<Moment>,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// Which kinds of data, by category, for example `contact`.
    pub categories: Vec<String>,
    /// About how many people.
    pub people: Option<i64>,
    /// About how many records.
    pub records: Option<i64>,
    /// What cannot be found out.
    pub unknown: Vec<BreachUnknown>,
    /// What happened, in words, by language. The first is for everybody whose language is not there.
    pub texts: Vec<BreachText>,
    /// Who did it, if known (POPIA s22(5)(d)). Only letters under POPIA, and to the responsible party, say it.
    pub intruder: Option<String>,
    /// The name of whoever writes the letters.
    pub sender: Option<String>,
    /// Its address.
    pub address: Option<String>,
    /// Whom to ask: the information officer, data protection officer, or another contact (GDPR 33(3)(b)).
    pub contact: Option<String>,
    /// Where people can complain.
    pub authority: Option<String>,
    /// By what ways the people will be told; the Regulator asks.
    pub planned_channels: Vec<BreachChannel>,
    /// The time zone in which letters name days, for example `Africa/Johannesburg`; UTC, if missing.
    pub zone: Option<String>,
}
impl From<conek_core::incidents::BreachDetails> for BreachDetails {
    fn from(v: conek_core::incidents::BreachDetails) -> Self {
        let conek_core::incidents::BreachDetails {
            aware_at,
            regimes,
            as_processor,
            promised,
            countries,
            kinds,
            confirmed,
            began_at,
            ended_at,
            categories,
            people,
            records,
            unknown,
            texts,
            intruder,
            sender,
            address,
            contact,
            authority,
            planned_channels,
            zone,
        } = v;
        Self {
            aware_at: aware_at.map(|x| x.into()),
            regimes: regimes.into_iter().map(|x| x.into()).collect(),
            as_processor: as_processor,
            promised: promised,
            countries: countries,
            kinds: kinds.into_iter().map(|x| x.into()).collect(),
            confirmed: confirmed,
            began_at: began_at.map(|x| x.into()),
            ended_at: ended_at.map(|x| x.into()),
            categories: categories,
            people: people,
            records: records,
            unknown: unknown.into_iter().map(|x| x.into()).collect(),
            texts: texts.into_iter().map(|x| x.into()).collect(),
            intruder: intruder,
            sender: sender,
            address: address,
            contact: contact,
            authority: authority,
            planned_channels: planned_channels.into_iter().map(|x| x.into()).collect(),
            zone: zone,
        }
    }
}
impl From<BreachDetails> for conek_core::incidents::BreachDetails {
    fn from(v: BreachDetails) -> Self {
        let BreachDetails {
            aware_at,
            regimes,
            as_processor,
            promised,
            countries,
            kinds,
            confirmed,
            began_at,
            ended_at,
            categories,
            people,
            records,
            unknown,
            texts,
            intruder,
            sender,
            address,
            contact,
            authority,
            planned_channels,
            zone,
        } = v;
        Self {
            aware_at: aware_at.map(|x| x.into()),
            regimes: regimes.into_iter().map(|x| x.into()).collect(),
            as_processor: as_processor,
            promised: promised,
            countries: countries,
            kinds: kinds.into_iter().map(|x| x.into()).collect(),
            confirmed: confirmed,
            began_at: began_at.map(|x| x.into()),
            ended_at: ended_at.map(|x| x.into()),
            categories: categories,
            people: people,
            records: records,
            unknown: unknown.into_iter().map(|x| x.into()).collect(),
            texts: texts.into_iter().map(|x| x.into()).collect(),
            intruder: intruder,
            sender: sender,
            address: address,
            contact: contact,
            authority: authority,
            planned_channels: planned_channels.into_iter().map(|x| x.into()).collect(),
            zone: zone,
        }
    }
}
#[pymethods]
impl BreachDetails {
    #[new]
    #[pyo3(
        signature = (
            *,
            aware_at = None,
            regimes = Vec::new(),
            as_processor = false,
            promised = None,
            countries = Vec::new(),
            kinds = Vec::new(),
            confirmed = None,
            began_at = None,
            ended_at = None,
            categories = Vec::new(),
            people = None,
            records = None,
            unknown = Vec::new(),
            texts = Vec::new(),
            intruder = None,
            sender = None,
            address = None,
            contact = None,
            authority = None,
            planned_channels = Vec::new(),
            zone = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        aware_at: Option<Moment>,
        regimes: Vec<Regime>,
        as_processor: bool,
        promised: Option<bool>,
        countries: Vec<String>,
        kinds: Vec<BreachKind>,
        confirmed: Option<bool>,
        began_at: Option<Moment>,
        ended_at: Option<Moment>,
        categories: Vec<String>,
        people: Option<i64>,
        records: Option<i64>,
        unknown: Vec<BreachUnknown>,
        texts: Vec<BreachText>,
        intruder: Option<String>,
        sender: Option<String>,
        address: Option<String>,
        contact: Option<String>,
        authority: Option<String>,
        planned_channels: Vec<BreachChannel>,
        zone: Option<String>,
    ) -> Self {
        Self {
            aware_at,
            regimes,
            as_processor,
            promised,
            countries,
            kinds,
            confirmed,
            began_at,
            ended_at,
            categories,
            people,
            records,
            unknown,
            texts,
            intruder,
            sender,
            address,
            contact,
            authority,
            planned_channels,
            zone,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::incidents::BreachDetails::from(BreachDetails::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "aware_at",
                "regimes",
                "as_processor",
                "promised",
                "countries",
                "kinds",
                "confirmed",
                "began_at",
                "ended_at",
                "categories",
                "people",
                "records",
                "unknown",
                "texts",
                "intruder",
                "sender",
                "address",
                "contact",
                "authority",
                "planned_channels",
                "zone",
            ],
            changes,
        )
    }
}
impl Default for BreachDetails {
    fn default() -> Self {
        conek_core::incidents::BreachDetails::default().into()
    }
}
/// A duty to tell somebody.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachDuty {
    /// Whom.
    pub to: BreachAudience,
    /// Where it stands.
    pub state: BreachDutyState,
    /// Why they need not be told.
    pub excuse: Option<BreachExcuse>,
    /// When the account is warned.
    pub warn_at: Option<Moment>,
    /// The latest moment; `None` where nobody must be told, or an order without an end says to wait.
    pub due_at: Option<Moment>,
    /// Whether the law says sooner.
    pub as_soon_as_possible: bool,
    /// When they were first told something, in a way that counts.
    pub first_told_at: Option<Moment>,
    /// When they were told all.
    pub told_at: Option<Moment>,
    /// Whether the first letter came after the latest moment. Nobody counts the minutes of "immediately".
    pub late: bool,
    /// What a letter that goes out now could not say yet.
    pub missing: Vec<BreachMissing>,
    /// Where that is written.
    pub provision: String,
}
impl From<conek_core::incidents::BreachDuty> for BreachDuty {
    fn from(v: conek_core::incidents::BreachDuty) -> Self {
        let conek_core::incidents::BreachDuty {
            to,
            state,
            excuse,
            warn_at,
            due_at,
            as_soon_as_possible,
            first_told_at,
            told_at,
            late,
            missing,
            provision,
        } = v;
        Self {
            to: to.into(),
            state: state.into(),
            excuse: excuse.map(|x| x.into()),
            warn_at: warn_at.map(|x| x.into()),
            due_at: due_at.map(|x| x.into()),
            as_soon_as_possible: as_soon_as_possible,
            first_told_at: first_told_at.map(|x| x.into()),
            told_at: told_at.map(|x| x.into()),
            late: late,
            missing: missing.into_iter().map(|x| x.into()).collect(),
            provision: provision,
        }
    }
}
impl From<BreachDuty> for conek_core::incidents::BreachDuty {
    fn from(v: BreachDuty) -> Self {
        let BreachDuty {
            to,
            state,
            excuse,
            warn_at,
            due_at,
            as_soon_as_possible,
            first_told_at,
            told_at,
            late,
            missing,
            provision,
        } = v;
        Self {
            to: to.into(),
            state: state.into(),
            excuse: excuse.map(|x| x.into()),
            warn_at: warn_at.map(|x| x.into()),
            due_at: due_at.map(|x| x.into()),
            as_soon_as_possible: as_soon_as_possible,
            first_told_at: first_told_at.map(|x| x.into()),
            told_at: told_at.map(|x| x.into()),
            late: late,
            missing: missing.into_iter().map(|x| x.into()).collect(),
            provision: provision,
        }
    }
}
#[pymethods]
impl BreachDuty {
    #[new]
    #[pyo3(
        signature = (
            to,
            state,
            provision,
            *,
            excuse = None,
            warn_at = None,
            due_at = None,
            as_soon_as_possible = false,
            first_told_at = None,
            told_at = None,
            late = false,
            missing = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        to: BreachAudience,
        state: BreachDutyState,
        provision: String,
        excuse: Option<BreachExcuse>,
        warn_at: Option<Moment>,
        due_at: Option<Moment>,
        as_soon_as_possible: bool,
        first_told_at: Option<Moment>,
        told_at: Option<Moment>,
        late: bool,
        missing: Vec<BreachMissing>,
    ) -> Self {
        Self {
            to,
            state,
            excuse,
            warn_at,
            due_at,
            as_soon_as_possible,
            first_told_at,
            told_at,
            late,
            missing,
            provision,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::incidents::BreachDuty::from(BreachDuty::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "to",
                "state",
                "excuse",
                "warn_at",
                "due_at",
                "as_soon_as_possible",
                "first_told_at",
                "told_at",
                "late",
                "missing",
                "provision",
            ],
            changes,
        )
    }
}
/// What is known of a breach. Whatever is missing is not known.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachFacts {
    /// When there were reasonable grounds to believe that it happened: the clocks run from here.
    pub aware_at: Option<Moment>,
    /// The laws that bind; both, if none is named.
    pub regimes: Vec<Regime>,
    /// Whether the account only processes the data for somebody else.
    pub as_processor: bool,
    /// How likely harm is.
    pub risk: BreachRisk,
    /// Whether the data were sealed and the key is safe (GDPR 34(3)(a)).
    pub encrypted_and_key_safe: bool,
    /// Whether it cannot be found out whose data they are (POPIA s22(1)(b)).
    pub subjects_unidentifiable: bool,
    /// Whether the account promised its people to tell them within 72 hours; missing: it did.
    pub promised: Option<bool>,
    /// Orders to wait.
    pub delay_orders: Vec<DelayOrder>,
}
impl From<conek_core::incidents::BreachFacts> for BreachFacts {
    fn from(v: conek_core::incidents::BreachFacts) -> Self {
        let conek_core::incidents::BreachFacts {
            aware_at,
            regimes,
            as_processor,
            risk,
            encrypted_and_key_safe,
            subjects_unidentifiable,
            promised,
            delay_orders,
        } = v;
        Self {
            aware_at: aware_at.map(|x| x.into()),
            regimes: regimes.into_iter().map(|x| x.into()).collect(),
            as_processor: as_processor,
            risk: risk.into(),
            encrypted_and_key_safe: encrypted_and_key_safe,
            subjects_unidentifiable: subjects_unidentifiable,
            promised: promised,
            delay_orders: delay_orders.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<BreachFacts> for conek_core::incidents::BreachFacts {
    fn from(v: BreachFacts) -> Self {
        let BreachFacts {
            aware_at,
            regimes,
            as_processor,
            risk,
            encrypted_and_key_safe,
            subjects_unidentifiable,
            promised,
            delay_orders,
        } = v;
        Self {
            aware_at: aware_at.map(|x| x.into()),
            regimes: regimes.into_iter().map(|x| x.into()).collect(),
            as_processor: as_processor,
            risk: risk.into(),
            encrypted_and_key_safe: encrypted_and_key_safe,
            subjects_unidentifiable: subjects_unidentifiable,
            promised: promised,
            delay_orders: delay_orders.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl BreachFacts {
    #[new]
    #[pyo3(
        signature = (
            *,
            aware_at = None,
            regimes = Vec::new(),
            as_processor = false,
            risk = BreachRisk::default(),
            encrypted_and_key_safe = false,
            subjects_unidentifiable = false,
            promised = None,
            delay_orders = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        aware_at: Option<Moment>,
        regimes: Vec<Regime>,
        as_processor: bool,
        risk: BreachRisk,
        encrypted_and_key_safe: bool,
        subjects_unidentifiable: bool,
        promised: Option<bool>,
        delay_orders: Vec<DelayOrder>,
    ) -> Self {
        Self {
            aware_at,
            regimes,
            as_processor,
            risk,
            encrypted_and_key_safe,
            subjects_unidentifiable,
            promised,
            delay_orders,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::incidents::BreachFacts::from(BreachFacts::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "aware_at",
                "regimes",
                "as_processor",
                "risk",
                "encrypted_and_key_safe",
                "subjects_unidentifiable",
                "promised",
                "delay_orders",
            ],
            changes,
        )
    }
}
impl Default for BreachFacts {
    fn default() -> Self {
        conek_core::incidents::BreachFacts::default().into()
    }
}
/// A letter about a breach.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachLetter {
    /// To whom.
    pub to: BreachAudience,
    /// In which language.
    pub language: String,
    /// Which of several.
    pub phase: BreachPhase,
    /// Its subject.
    pub subject: String,
    /// What stands before the sections.
    pub opening: Vec<String>,
    /// Its sections: for a form, field by field.
    pub sections: Vec<LetterSection>,
    /// All of it, as plain text.
    pub body: String,
    /// What it should say and cannot yet.
    pub missing: Vec<BreachMissing>,
    /// Whether nothing is missing.
    pub complete: bool,
    /// Whether an order says to wait: do not send it (POPIA s22(3)).
    pub held: bool,
    /// The version of the letters' own words.
    pub template_version: String,
}
impl From<conek_core::incidents::BreachLetter> for BreachLetter {
    fn from(v: conek_core::incidents::BreachLetter) -> Self {
        let conek_core::incidents::BreachLetter {
            to,
            language,
            phase,
            subject,
            opening,
            sections,
            body,
            missing,
            complete,
            held,
            template_version,
        } = v;
        Self {
            to: to.into(),
            language: language,
            phase: phase.into(),
            subject: subject,
            opening: opening,
            sections: sections.into_iter().map(|x| x.into()).collect(),
            body: body,
            missing: missing.into_iter().map(|x| x.into()).collect(),
            complete: complete,
            held: held,
            template_version: template_version,
        }
    }
}
impl From<BreachLetter> for conek_core::incidents::BreachLetter {
    fn from(v: BreachLetter) -> Self {
        let BreachLetter {
            to,
            language,
            phase,
            subject,
            opening,
            sections,
            body,
            missing,
            complete,
            held,
            template_version,
        } = v;
        Self {
            to: to.into(),
            language: language,
            phase: phase.into(),
            subject: subject,
            opening: opening,
            sections: sections.into_iter().map(|x| x.into()).collect(),
            body: body,
            missing: missing.into_iter().map(|x| x.into()).collect(),
            complete: complete,
            held: held,
            template_version: template_version,
        }
    }
}
#[pymethods]
impl BreachLetter {
    #[new]
    #[pyo3(
        signature = (
            to,
            language,
            phase,
            subject,
            body,
            template_version,
            *,
            opening = Vec::new(),
            sections = Vec::new(),
            missing = Vec::new(),
            complete = false,
            held = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        to: BreachAudience,
        language: String,
        phase: BreachPhase,
        subject: String,
        body: String,
        template_version: String,
        opening: Vec<String>,
        sections: Vec<LetterSection>,
        missing: Vec<BreachMissing>,
        complete: bool,
        held: bool,
    ) -> Self {
        Self {
            to,
            language,
            phase,
            subject,
            opening,
            sections,
            body,
            missing,
            complete,
            held,
            template_version,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::incidents::BreachLetter::from(BreachLetter::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "to",
                "language",
                "phase",
                "subject",
                "opening",
                "sections",
                "body",
                "missing",
                "complete",
                "held",
                "template_version",
            ],
            changes,
        )
    }
}
/// Something that a letter has to say and does not.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachMissing {
    /// What.
    pub item: BreachItem,
    /// What demands it.
    pub provision: String,
    /// What is missing, in plain words.
    pub text: String,
}
impl From<conek_core::incidents::BreachMissing> for BreachMissing {
    fn from(v: conek_core::incidents::BreachMissing) -> Self {
        let conek_core::incidents::BreachMissing { item, provision, text } = v;
        Self {
            item: item.into(),
            provision: provision,
            text: text,
        }
    }
}
impl From<BreachMissing> for conek_core::incidents::BreachMissing {
    fn from(v: BreachMissing) -> Self {
        let BreachMissing { item, provision, text } = v;
        Self {
            item: item.into(),
            provision: provision,
            text: text,
        }
    }
}
#[pymethods]
impl BreachMissing {
    #[new]
    #[pyo3(signature = (item, provision, text))]
    #[allow(clippy::too_many_arguments)]
    fn new(item: BreachItem, provision: String, text: String) -> Self {
        Self { item, provision, text }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::incidents::BreachMissing::from(BreachMissing::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["item", "provision", "text"], changes)
    }
}
/// A letter that went out.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachNotice {
    /// To whom.
    pub to: BreachAudience,
    /// By what way.
    pub channel: BreachChannel,
    /// Which of several.
    pub phase: BreachPhase,
    /// In which language.
    pub language: String,
    /// When.
    pub sent_at: Moment,
    /// How it is proved.
    pub proof: String,
    /// What it left out.
    pub missing: Vec<BreachItem>,
    /// The version of the letters.
    pub template_version: String,
}
impl From<conek_core::incidents::BreachNotice> for BreachNotice {
    fn from(v: conek_core::incidents::BreachNotice) -> Self {
        let conek_core::incidents::BreachNotice {
            to,
            channel,
            phase,
            language,
            sent_at,
            proof,
            missing,
            template_version,
        } = v;
        Self {
            to: to.into(),
            channel: channel.into(),
            phase: phase.into(),
            language: language,
            sent_at: sent_at.into(),
            proof: proof,
            missing: missing.into_iter().map(|x| x.into()).collect(),
            template_version: template_version,
        }
    }
}
impl From<BreachNotice> for conek_core::incidents::BreachNotice {
    fn from(v: BreachNotice) -> Self {
        let BreachNotice {
            to,
            channel,
            phase,
            language,
            sent_at,
            proof,
            missing,
            template_version,
        } = v;
        Self {
            to: to.into(),
            channel: channel.into(),
            phase: phase.into(),
            language: language,
            sent_at: sent_at.into(),
            proof: proof,
            missing: missing.into_iter().map(|x| x.into()).collect(),
            template_version: template_version,
        }
    }
}
#[pymethods]
impl BreachNotice {
    #[new]
    #[pyo3(
        signature = (
            to,
            channel,
            phase,
            language,
            sent_at,
            proof,
            template_version,
            *,
            missing = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        to: BreachAudience,
        channel: BreachChannel,
        phase: BreachPhase,
        language: String,
        sent_at: Moment,
        proof: String,
        template_version: String,
        missing: Vec<BreachItem>,
    ) -> Self {
        Self {
            to,
            channel,
            phase,
            language,
            sent_at,
            proof,
            missing,
            template_version,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::incidents::BreachNotice::from(BreachNotice::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "to",
                "channel",
                "phase",
                "language",
                "sent_at",
                "proof",
                "missing",
                "template_version",
            ],
            changes,
        )
    }
}
/// Something that keeps a case from being closed.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
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
impl From<conek_core::incidents::BreachObstacle> for BreachObstacle {
    fn from(v: conek_core::incidents::BreachObstacle) -> Self {
        let conek_core::incidents::BreachObstacle { kind, to, text, provision } = v;
        Self {
            kind: kind.into(),
            to: to.map(|x| x.into()),
            text: text,
            provision: provision,
        }
    }
}
impl From<BreachObstacle> for conek_core::incidents::BreachObstacle {
    fn from(v: BreachObstacle) -> Self {
        let BreachObstacle { kind, to, text, provision } = v;
        Self {
            kind: kind.into(),
            to: to.map(|x| x.into()),
            text: text,
            provision: provision,
        }
    }
}
#[pymethods]
impl BreachObstacle {
    #[new]
    #[pyo3(signature = (kind, text, provision, *, to = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        kind: ObstacleKind,
        text: String,
        provision: String,
        to: Option<BreachAudience>,
    ) -> Self {
        Self { kind, to, text, provision }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::incidents::BreachObstacle::from(BreachObstacle::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["kind", "to", "text", "provision"],
            changes,
        )
    }
}
/// Some breach cases and where to go on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachPage {
    /// The cases, the oldest first.
    pub cases: Vec<BreachCase>,
    /// Give it back as `after`.
    pub next: Option<String>,
}
impl From<conek_core::incidents::BreachPage> for BreachPage {
    fn from(v: conek_core::incidents::BreachPage) -> Self {
        let conek_core::incidents::BreachPage { cases, next } = v;
        Self {
            cases: cases.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<BreachPage> for conek_core::incidents::BreachPage {
    fn from(v: BreachPage) -> Self {
        let BreachPage { cases, next } = v;
        Self {
            cases: cases.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl BreachPage {
    #[new]
    #[pyo3(signature = (*, cases = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(cases: Vec<BreachCase>, next: Option<String>) -> Self {
        Self { cases, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::incidents::BreachPage::from(BreachPage::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["cases", "next"], changes)
    }
}
/// One step in the life of a case.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachStep {
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: String,
    /// What, for example `opened`, `assessed`, `closed`.
    pub step: String,
    /// Anything more.
    pub note: Option<String>,
}
impl From<conek_core::incidents::BreachStep> for BreachStep {
    fn from(v: conek_core::incidents::BreachStep) -> Self {
        let conek_core::incidents::BreachStep { at, actor, step, note } = v;
        Self {
            at: at.into(),
            actor: actor,
            step: step,
            note: note,
        }
    }
}
impl From<BreachStep> for conek_core::incidents::BreachStep {
    fn from(v: BreachStep) -> Self {
        let BreachStep { at, actor, step, note } = v;
        Self {
            at: at.into(),
            actor: actor,
            step: step,
            note: note,
        }
    }
}
#[pymethods]
impl BreachStep {
    #[new]
    #[pyo3(signature = (at, actor, step, *, note = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(at: Moment, actor: String, step: String, note: Option<String>) -> Self {
        Self { at, actor, step, note }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::incidents::BreachStep::from(BreachStep::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["at", "actor", "step", "note"], changes)
    }
}
/// What is to be done about one case.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachTask {
    /// The case.
    pub case_id: String,
    /// Whom to tell until when, those who were told and need not be left out.
    pub duties: Vec<BreachDuty>,
    /// What keeps it from being closed.
    pub obstacles: Vec<BreachObstacle>,
}
impl From<conek_core::incidents::BreachTask> for BreachTask {
    fn from(v: conek_core::incidents::BreachTask) -> Self {
        let conek_core::incidents::BreachTask { case_id, duties, obstacles } = v;
        Self {
            case_id: case_id,
            duties: duties.into_iter().map(|x| x.into()).collect(),
            obstacles: obstacles.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<BreachTask> for conek_core::incidents::BreachTask {
    fn from(v: BreachTask) -> Self {
        let BreachTask { case_id, duties, obstacles } = v;
        Self {
            case_id: case_id,
            duties: duties.into_iter().map(|x| x.into()).collect(),
            obstacles: obstacles.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl BreachTask {
    #[new]
    #[pyo3(signature = (case_id, *, duties = Vec::new(), obstacles = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        case_id: String,
        duties: Vec<BreachDuty>,
        obstacles: Vec<BreachObstacle>,
    ) -> Self {
        Self { case_id, duties, obstacles }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::incidents::BreachTask::from(BreachTask::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["case_id", "duties", "obstacles"],
            changes,
        )
    }
}
/// What happened, in the words that the letters use. In one language; nothing about single people, for it goes to
/// many.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachText {
    /// `en`, `af`, `nl`, `de` or `fr`: the languages that letters are written in.
    pub language: String,
    /// What happened, in plain words (GDPR 33(3)(a), 34(2)).
    pub what_happened: Option<String>,
    /// Whose data they are, for example `customers` (GDPR 33(3)(a)).
    pub whose: Option<String>,
    /// What is likely to follow (GDPR 33(3)(c), POPIA s22(5)(a)).
    pub consequences: Option<String>,
    /// What was done and will be done (GDPR 33(3)(d), POPIA s22(5)(b)).
    pub measures: Option<String>,
    /// What the people can do (POPIA s22(5)(c)).
    pub advice: Option<String>,
    /// Why an authority is told late (GDPR 33(1)).
    pub late_reasons: Option<String>,
}
impl From<conek_core::incidents::BreachText> for BreachText {
    fn from(v: conek_core::incidents::BreachText) -> Self {
        let conek_core::incidents::BreachText {
            language,
            what_happened,
            whose,
            consequences,
            measures,
            advice,
            late_reasons,
        } = v;
        Self {
            language: language,
            what_happened: what_happened,
            whose: whose,
            consequences: consequences,
            measures: measures,
            advice: advice,
            late_reasons: late_reasons,
        }
    }
}
impl From<BreachText> for conek_core::incidents::BreachText {
    fn from(v: BreachText) -> Self {
        let BreachText {
            language,
            what_happened,
            whose,
            consequences,
            measures,
            advice,
            late_reasons,
        } = v;
        Self {
            language: language,
            what_happened: what_happened,
            whose: whose,
            consequences: consequences,
            measures: measures,
            advice: advice,
            late_reasons: late_reasons,
        }
    }
}
#[pymethods]
impl BreachText {
    #[new]
    #[pyo3(
        signature = (
            language,
            *,
            what_happened = None,
            whose = None,
            consequences = None,
            measures = None,
            advice = None,
            late_reasons = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        language: String,
        what_happened: Option<String>,
        whose: Option<String>,
        consequences: Option<String>,
        measures: Option<String>,
        advice: Option<String>,
        late_reasons: Option<String>,
    ) -> Self {
        Self {
            language,
            what_happened,
            whose,
            consequences,
            measures,
            advice,
            late_reasons,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::incidents::BreachText::from(BreachText::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "language",
                "what_happened",
                "whose",
                "consequences",
                "measures",
                "advice",
                "late_reasons",
            ],
            changes,
        )
    }
}
impl Default for BreachText {
    fn default() -> Self {
        conek_core::incidents::BreachText::default().into()
    }
}
/// Something that cannot be found out.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BreachUnknown {
    /// What: `moment`, `whose`, `people_count` or `record_count` (GDPR 33(3)(a): where possible).
    pub item: BreachItem,
    /// Why not.
    pub why: String,
}
impl From<conek_core::incidents::BreachUnknown> for BreachUnknown {
    fn from(v: conek_core::incidents::BreachUnknown) -> Self {
        let conek_core::incidents::BreachUnknown { item, why } = v;
        Self {
            item: item.into(),
            why: why,
        }
    }
}
impl From<BreachUnknown> for conek_core::incidents::BreachUnknown {
    fn from(v: BreachUnknown) -> Self {
        let BreachUnknown { item, why } = v;
        Self {
            item: item.into(),
            why: why,
        }
    }
}
#[pymethods]
impl BreachUnknown {
    #[new]
    #[pyo3(signature = (item, why))]
    #[allow(clippy::too_many_arguments)]
    fn new(item: BreachItem, why: String) -> Self {
        Self { item, why }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::incidents::BreachUnknown::from(BreachUnknown::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["item", "why"], changes)
    }
}
/// What people see of a number (Meta: WhatsApp Business Profile).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BusinessProfile {
    /// The line below the name.
    pub about: Option<String>,
    /// Where the business is.
    pub address: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Where its picture can be seen.
    pub picture_url: Option<String>,
    /// Its trade, for example `RETAIL` or `UNDEFINED`.
    pub vertical: Option<String>,
    /// Its sites.
    pub websites: Vec<String>,
}
impl From<conek_core::platform::BusinessProfile> for BusinessProfile {
    fn from(v: conek_core::platform::BusinessProfile) -> Self {
        let conek_core::platform::BusinessProfile {
            about,
            address,
            description,
            email,
            picture_url,
            vertical,
            websites,
        } = v;
        Self {
            about: about,
            address: address,
            description: description,
            email: email,
            picture_url: picture_url,
            vertical: vertical,
            websites: websites,
        }
    }
}
impl From<BusinessProfile> for conek_core::platform::BusinessProfile {
    fn from(v: BusinessProfile) -> Self {
        let BusinessProfile {
            about,
            address,
            description,
            email,
            picture_url,
            vertical,
            websites,
        } = v;
        Self {
            about: about,
            address: address,
            description: description,
            email: email,
            picture_url: picture_url,
            vertical: vertical,
            websites: websites,
        }
    }
}
#[pymethods]
impl BusinessProfile {
    #[new]
    #[pyo3(
        signature = (
            *,
            about = None,
            address = None,
            description = None,
            email = None,
            picture_url = None,
            vertical = None,
            websites = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        about: Option<String>,
        address: Option<String>,
        description: Option<String>,
        email: Option<String>,
        picture_url: Option<String>,
        vertical: Option<String>,
        websites: Vec<String>,
    ) -> Self {
        Self {
            about,
            address,
            description,
            email,
            picture_url,
            vertical,
            websites,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::BusinessProfile::from(BusinessProfile::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "about",
                "address",
                "description",
                "email",
                "picture_url",
                "vertical",
                "websites",
            ],
            changes,
        )
    }
}
impl Default for BusinessProfile {
    fn default() -> Self {
        conek_core::platform::BusinessProfile::default().into()
    }
}
/// A token for what the customer shared. `Debug` does not show it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BusinessToken {
    /// The token: a secret, to be kept where `Config.whatsapp.access_token` comes out of.
    pub access_token: String,
    /// `bearer`, where the answer says so.
    pub kind: Option<String>,
    /// In how many seconds it ends; `None` for one that does not.
    pub expires_in_seconds: Option<i64>,
}
impl From<conek_core::platform::BusinessToken> for BusinessToken {
    fn from(v: conek_core::platform::BusinessToken) -> Self {
        let conek_core::platform::BusinessToken {
            access_token,
            kind,
            expires_in_seconds,
        } = v;
        Self {
            access_token: access_token,
            kind: kind,
            expires_in_seconds: expires_in_seconds,
        }
    }
}
impl From<BusinessToken> for conek_core::platform::BusinessToken {
    fn from(v: BusinessToken) -> Self {
        let BusinessToken { access_token, kind, expires_in_seconds } = v;
        Self {
            access_token: access_token,
            kind: kind,
            expires_in_seconds: expires_in_seconds,
        }
    }
}
#[pymethods]
impl BusinessToken {
    #[new]
    #[pyo3(signature = (access_token, *, kind = None, expires_in_seconds = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        access_token: String,
        kind: Option<String>,
        expires_in_seconds: Option<i64>,
    ) -> Self {
        Self {
            access_token,
            kind,
            expires_in_seconds,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::BusinessToken::from(BusinessToken::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["access_token", "kind", "expires_in_seconds"],
            changes,
        )
    }
}
/// A number's username (Meta: Business-scoped user ids > Business usernames).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct BusinessUsername {
    /// The name, without `@`; `None` where the number has none.
    pub username: Option<String>,
    /// `reserved` until usernames can be seen where the business is, then `approved`.
    pub status: Option<String>,
}
impl From<conek_core::platform::BusinessUsername> for BusinessUsername {
    fn from(v: conek_core::platform::BusinessUsername) -> Self {
        let conek_core::platform::BusinessUsername { username, status } = v;
        Self {
            username: username,
            status: status,
        }
    }
}
impl From<BusinessUsername> for conek_core::platform::BusinessUsername {
    fn from(v: BusinessUsername) -> Self {
        let BusinessUsername { username, status } = v;
        Self {
            username: username,
            status: status,
        }
    }
}
#[pymethods]
impl BusinessUsername {
    #[new]
    #[pyo3(signature = (*, username = None, status = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(username: Option<String>, status: Option<String>) -> Self {
        Self { username, status }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::BusinessUsername::from(BusinessUsername::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["username", "status"], changes)
    }
}
impl Default for BusinessUsername {
    fn default() -> Self {
        conek_core::platform::BusinessUsername::default().into()
    }
}
/// A quick reply.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Button {
    /// Comes back when it is tapped; at most 256 characters.
    pub id: String,
    /// What the button says; at most 20 characters.
    pub title: String,
}
impl From<conek_core::messaging::content::Button> for Button {
    fn from(v: conek_core::messaging::content::Button) -> Self {
        let conek_core::messaging::content::Button { id, title } = v;
        Self { id: id, title: title }
    }
}
impl From<Button> for conek_core::messaging::content::Button {
    fn from(v: Button) -> Self {
        let Button { id, title } = v;
        Self { id: id, title: title }
    }
}
#[pymethods]
impl Button {
    #[new]
    #[pyo3(signature = (id, title))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, title: String) -> Self {
        Self { id, title }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::content::Button::from(Button::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "title"], changes)
    }
}
/// What a button of a submission needs beside its definition.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ButtonExample {
    /// Which button, by its place from 0.
    pub place: i32,
    /// For an address with a placeholder a whole address as it may become; for a code to copy an example of one; for
    /// a form the flow's id.
    pub value: String,
}
impl From<conek_core::messaging::ButtonExample> for ButtonExample {
    fn from(v: conek_core::messaging::ButtonExample) -> Self {
        let conek_core::messaging::ButtonExample { place, value } = v;
        Self { place: place, value: value }
    }
}
impl From<ButtonExample> for conek_core::messaging::ButtonExample {
    fn from(v: ButtonExample) -> Self {
        let ButtonExample { place, value } = v;
        Self { place: place, value: value }
    }
}
#[pymethods]
impl ButtonExample {
    #[new]
    #[pyo3(signature = (place, value))]
    #[allow(clippy::too_many_arguments)]
    fn new(place: i32, value: String) -> Self {
        Self { place, value }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::ButtonExample::from(ButtonExample::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["place", "value"], changes)
    }
}
/// Something that a number may do with a person, or not.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CallAction {
    /// `start_call` or `send_call_permission_request`.
    pub name: String,
    /// Whether it may be done now.
    pub allowed: bool,
    /// How often.
    pub limits: Vec<CallLimit>,
}
impl From<conek_core::platform::CallAction> for CallAction {
    fn from(v: conek_core::platform::CallAction) -> Self {
        let conek_core::platform::CallAction { name, allowed, limits } = v;
        Self {
            name: name,
            allowed: allowed,
            limits: limits.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<CallAction> for conek_core::platform::CallAction {
    fn from(v: CallAction) -> Self {
        let CallAction { name, allowed, limits } = v;
        Self {
            name: name,
            allowed: allowed,
            limits: limits.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl CallAction {
    #[new]
    #[pyo3(signature = (name, *, allowed = false, limits = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(name: String, allowed: bool, limits: Vec<CallLimit>) -> Self {
        Self { name, allowed, limits }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::CallAction::from(CallAction::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["name", "allowed", "limits"], changes)
    }
}
/// How often something may be done.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CallLimit {
    /// Within what time, for example `PT24H`.
    pub time_period: String,
    /// How often it was done.
    pub current_usage: i32,
    /// How often it may be done.
    pub max_allowed: i32,
    /// When the count begins anew.
    pub resets_at: Option<Moment>,
}
impl From<conek_core::platform::CallLimit> for CallLimit {
    fn from(v: conek_core::platform::CallLimit) -> Self {
        let conek_core::platform::CallLimit {
            time_period,
            current_usage,
            max_allowed,
            resets_at,
        } = v;
        Self {
            time_period: time_period,
            current_usage: current_usage,
            max_allowed: max_allowed,
            resets_at: resets_at.map(|x| x.into()),
        }
    }
}
impl From<CallLimit> for conek_core::platform::CallLimit {
    fn from(v: CallLimit) -> Self {
        let CallLimit { time_period, current_usage, max_allowed, resets_at } = v;
        Self {
            time_period: time_period,
            current_usage: current_usage,
            max_allowed: max_allowed,
            resets_at: resets_at.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl CallLimit {
    #[new]
    #[pyo3(signature = (time_period, current_usage, max_allowed, *, resets_at = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        time_period: String,
        current_usage: i32,
        max_allowed: i32,
        resets_at: Option<Moment>,
    ) -> Self {
        Self {
            time_period,
            current_usage,
            max_allowed,
            resets_at,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::CallLimit::from(CallLimit::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["time_period", "current_usage", "max_allowed", "resets_at"],
            changes,
        )
    }
}
/// Whether a number may call a person.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CallPermission {
    /// As WhatsApp says it, for example `no_permission`, `temporary` or `permanent`.
    pub status: String,
    /// Until when, where it ends.
    pub expires_at: Option<Moment>,
    /// What may be done.
    pub actions: Vec<CallAction>,
}
impl From<conek_core::platform::CallPermission> for CallPermission {
    fn from(v: conek_core::platform::CallPermission) -> Self {
        let conek_core::platform::CallPermission { status, expires_at, actions } = v;
        Self {
            status: status,
            expires_at: expires_at.map(|x| x.into()),
            actions: actions.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<CallPermission> for conek_core::platform::CallPermission {
    fn from(v: CallPermission) -> Self {
        let CallPermission { status, expires_at, actions } = v;
        Self {
            status: status,
            expires_at: expires_at.map(|x| x.into()),
            actions: actions.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl CallPermission {
    #[new]
    #[pyo3(signature = (status, *, expires_at = None, actions = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        status: String,
        expires_at: Option<Moment>,
        actions: Vec<CallAction>,
    ) -> Self {
        Self {
            status,
            expires_at,
            actions,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::CallPermission::from(CallPermission::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["status", "expires_at", "actions"],
            changes,
        )
    }
}
/// A session description (RFC 8866). `Debug` does not show it: addresses are in it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CallSession {
    /// `offer` or `answer`.
    pub sdp_type: String,
    /// The description.
    pub sdp: String,
}
impl From<conek_core::transport::CallSession> for CallSession {
    fn from(v: conek_core::transport::CallSession) -> Self {
        let conek_core::transport::CallSession { sdp_type, sdp } = v;
        Self {
            sdp_type: sdp_type,
            sdp: sdp,
        }
    }
}
impl From<CallSession> for conek_core::transport::CallSession {
    fn from(v: CallSession) -> Self {
        let CallSession { sdp_type, sdp } = v;
        Self {
            sdp_type: sdp_type,
            sdp: sdp,
        }
    }
}
#[pymethods]
impl CallSession {
    #[new]
    #[pyo3(signature = (sdp_type, sdp))]
    #[allow(clippy::too_many_arguments)]
    fn new(sdp_type: String, sdp: String) -> Self {
        Self { sdp_type, sdp }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::transport::CallSession::from(CallSession::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["sdp_type", "sdp"], changes)
    }
}
/// Whether and how a number takes calls (Meta: Calling > Call settings).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CallingSettings {
    /// `ENABLED` or `DISABLED`.
    pub status: Option<String>,
    /// Whether chats show the button for calls: `DEFAULT` or `DISABLE_ALL`.
    pub call_icon_visibility: Option<String>,
    /// Whether people who call are asked at once whether the business may call back: `ENABLED` or `DISABLED`.
    pub callback_permission_status: Option<String>,
    /// How the keys of the media are agreed upon: `DTLS` or `SDES`.
    pub srtp_key_exchange_protocol: Option<String>,
    /// When the business takes calls: WhatsApp's `call_hours`, as JSON text.
    pub call_hours: Option<String>,
}
impl From<conek_core::platform::CallingSettings> for CallingSettings {
    fn from(v: conek_core::platform::CallingSettings) -> Self {
        let conek_core::platform::CallingSettings {
            status,
            call_icon_visibility,
            callback_permission_status,
            srtp_key_exchange_protocol,
            call_hours,
        } = v;
        Self {
            status: status,
            call_icon_visibility: call_icon_visibility,
            callback_permission_status: callback_permission_status,
            srtp_key_exchange_protocol: srtp_key_exchange_protocol,
            call_hours: call_hours,
        }
    }
}
impl From<CallingSettings> for conek_core::platform::CallingSettings {
    fn from(v: CallingSettings) -> Self {
        let CallingSettings {
            status,
            call_icon_visibility,
            callback_permission_status,
            srtp_key_exchange_protocol,
            call_hours,
        } = v;
        Self {
            status: status,
            call_icon_visibility: call_icon_visibility,
            callback_permission_status: callback_permission_status,
            srtp_key_exchange_protocol: srtp_key_exchange_protocol,
            call_hours: call_hours,
        }
    }
}
#[pymethods]
impl CallingSettings {
    #[new]
    #[pyo3(
        signature = (
            *,
            status = None,
            call_icon_visibility = None,
            callback_permission_status = None,
            srtp_key_exchange_protocol = None,
            call_hours = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        status: Option<String>,
        call_icon_visibility: Option<String>,
        callback_permission_status: Option<String>,
        srtp_key_exchange_protocol: Option<String>,
        call_hours: Option<String>,
    ) -> Self {
        Self {
            status,
            call_icon_visibility,
            callback_permission_status,
            srtp_key_exchange_protocol,
            call_hours,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::CallingSettings::from(CallingSettings::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "status",
                "call_icon_visibility",
                "callback_permission_status",
                "srtp_key_exchange_protocol",
                "call_hours",
            ],
            changes,
        )
    }
}
impl Default for CallingSettings {
    fn default() -> Self {
        conek_core::platform::CallingSettings::default().into()
    }
}
/// What a campaign would do if it started now: decided by the very code that decides when sending.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CampaignPlan {
    /// The campaign's id; give it to `start`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Everybody in the audience.
    pub planned: i64,
    /// Who will get it as soon as it starts.
    pub now: i64,
    /// Who will get it later.
    pub later: i64,
    /// Who not.
    pub denied: i64,
    /// Why later, by moment.
    pub later_at: Vec<LaterCount>,
    /// Why not, by reason; the most frequent first.
    pub denied_by: Vec<ReasonCount>,
    /// How long sending those of now takes at the number's rate, in seconds.
    pub duration_s: i64,
    /// What it costs, by currency, for those priced by the account's rates.
    pub cost: Vec<Cost>,
    /// How many people's messages have no rate.
    pub unpriced: i64,
    /// SHA-256 over everybody and what was decided for them.
    pub hash: String,
}
impl From<conek_core::campaigns::CampaignPlan> for CampaignPlan {
    fn from(v: conek_core::campaigns::CampaignPlan) -> Self {
        let conek_core::campaigns::CampaignPlan {
            id,
            name,
            planned,
            now,
            later,
            denied,
            later_at,
            denied_by,
            duration_s,
            cost,
            unpriced,
            hash,
        } = v;
        Self {
            id: id.into(),
            name: name,
            planned: planned,
            now: now,
            later: later,
            denied: denied,
            later_at: later_at.into_iter().map(|x| x.into()).collect(),
            denied_by: denied_by.into_iter().map(|x| x.into()).collect(),
            duration_s: duration_s,
            cost: cost.into_iter().map(|x| x.into()).collect(),
            unpriced: unpriced,
            hash: hash,
        }
    }
}
impl From<CampaignPlan> for conek_core::campaigns::CampaignPlan {
    fn from(v: CampaignPlan) -> Self {
        let CampaignPlan {
            id,
            name,
            planned,
            now,
            later,
            denied,
            later_at,
            denied_by,
            duration_s,
            cost,
            unpriced,
            hash,
        } = v;
        Self {
            id: id.into(),
            name: name,
            planned: planned,
            now: now,
            later: later,
            denied: denied,
            later_at: later_at.into_iter().map(|x| x.into()).collect(),
            denied_by: denied_by.into_iter().map(|x| x.into()).collect(),
            duration_s: duration_s,
            cost: cost.into_iter().map(|x| x.into()).collect(),
            unpriced: unpriced,
            hash: hash,
        }
    }
}
#[pymethods]
impl CampaignPlan {
    #[new]
    #[pyo3(
        signature = (
            id,
            name,
            planned,
            now,
            later,
            denied,
            duration_s,
            unpriced,
            hash,
            *,
            later_at = Vec::new(),
            denied_by = Vec::new(),
            cost = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        name: String,
        planned: i64,
        now: i64,
        later: i64,
        denied: i64,
        duration_s: i64,
        unpriced: i64,
        hash: String,
        later_at: Vec<LaterCount>,
        denied_by: Vec<ReasonCount>,
        cost: Vec<Cost>,
    ) -> Self {
        Self {
            id,
            name,
            planned,
            now,
            later,
            denied,
            later_at,
            denied_by,
            duration_s,
            cost,
            unpriced,
            hash,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::campaigns::CampaignPlan::from(CampaignPlan::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "name",
                "planned",
                "now",
                "later",
                "denied",
                "later_at",
                "denied_by",
                "duration_s",
                "cost",
                "unpriced",
                "hash",
            ],
            changes,
        )
    }
}
/// A campaign's numbers, counted from its messages. They add up: `planned` is the sum of all
/// states plus `denied`.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CampaignProgress {
    /// The campaign.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: CampaignState,
    /// Everybody in the audience.
    pub planned: i64,
    /// Waiting for their time or turn, held ones included.
    pub waiting: i64,
    /// Being sent this moment.
    pub sending: i64,
    /// Accepted by WhatsApp.
    pub sent: i64,
    /// On the phone.
    pub delivered: i64,
    /// Opened.
    pub read: i64,
    /// Answered.
    pub replied: i64,
    /// Opted out after it.
    pub opted_out: i64,
    /// Reported as failed after acceptance.
    pub failed: i64,
    /// Refused by WhatsApp.
    pub refused: i64,
    /// Left out by the gate, before or at dispatch.
    pub denied: i64,
    /// Cancelled or expired.
    pub dropped: i64,
    /// Maybe accepted; evidence is awaited.
    pub in_doubt: i64,
    /// In doubt for good.
    pub unresolved: i64,
    /// Why people were left out; the most frequent first.
    pub denied_by: Vec<ReasonCount>,
    /// When the next waiting message is due.
    pub next_due_at: Option<Moment>,
    /// Whether a second person must approve it before it can start.
    pub needs_approval: bool,
    /// Who approved it.
    pub approved_by: Option<String>,
}
impl From<conek_core::campaigns::CampaignProgress> for CampaignProgress {
    fn from(v: conek_core::campaigns::CampaignProgress) -> Self {
        let conek_core::campaigns::CampaignProgress {
            id,
            name,
            state,
            planned,
            waiting,
            sending,
            sent,
            delivered,
            read,
            replied,
            opted_out,
            failed,
            refused,
            denied,
            dropped,
            in_doubt,
            unresolved,
            denied_by,
            next_due_at,
            needs_approval,
            approved_by,
        } = v;
        Self {
            id: id.into(),
            name: name,
            state: state.into(),
            planned: planned,
            waiting: waiting,
            sending: sending,
            sent: sent,
            delivered: delivered,
            read: read,
            replied: replied,
            opted_out: opted_out,
            failed: failed,
            refused: refused,
            denied: denied,
            dropped: dropped,
            in_doubt: in_doubt,
            unresolved: unresolved,
            denied_by: denied_by.into_iter().map(|x| x.into()).collect(),
            next_due_at: next_due_at.map(|x| x.into()),
            needs_approval: needs_approval,
            approved_by: approved_by,
        }
    }
}
impl From<CampaignProgress> for conek_core::campaigns::CampaignProgress {
    fn from(v: CampaignProgress) -> Self {
        let CampaignProgress {
            id,
            name,
            state,
            planned,
            waiting,
            sending,
            sent,
            delivered,
            read,
            replied,
            opted_out,
            failed,
            refused,
            denied,
            dropped,
            in_doubt,
            unresolved,
            denied_by,
            next_due_at,
            needs_approval,
            approved_by,
        } = v;
        Self {
            id: id.into(),
            name: name,
            state: state.into(),
            planned: planned,
            waiting: waiting,
            sending: sending,
            sent: sent,
            delivered: delivered,
            read: read,
            replied: replied,
            opted_out: opted_out,
            failed: failed,
            refused: refused,
            denied: denied,
            dropped: dropped,
            in_doubt: in_doubt,
            unresolved: unresolved,
            denied_by: denied_by.into_iter().map(|x| x.into()).collect(),
            next_due_at: next_due_at.map(|x| x.into()),
            needs_approval: needs_approval,
            approved_by: approved_by,
        }
    }
}
#[pymethods]
impl CampaignProgress {
    #[new]
    #[pyo3(
        signature = (
            id,
            name,
            state,
            planned,
            waiting,
            sending,
            sent,
            delivered,
            read,
            replied,
            opted_out,
            failed,
            refused,
            denied,
            dropped,
            in_doubt,
            unresolved,
            *,
            denied_by = Vec::new(),
            next_due_at = None,
            needs_approval = false,
            approved_by = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        name: String,
        state: CampaignState,
        planned: i64,
        waiting: i64,
        sending: i64,
        sent: i64,
        delivered: i64,
        read: i64,
        replied: i64,
        opted_out: i64,
        failed: i64,
        refused: i64,
        denied: i64,
        dropped: i64,
        in_doubt: i64,
        unresolved: i64,
        denied_by: Vec<ReasonCount>,
        next_due_at: Option<Moment>,
        needs_approval: bool,
        approved_by: Option<String>,
    ) -> Self {
        Self {
            id,
            name,
            state,
            planned,
            waiting,
            sending,
            sent,
            delivered,
            read,
            replied,
            opted_out,
            failed,
            refused,
            denied,
            dropped,
            in_doubt,
            unresolved,
            denied_by,
            next_due_at,
            needs_approval,
            approved_by,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::campaigns::CampaignProgress::from(CampaignProgress::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "name",
                "state",
                "planned",
                "waiting",
                "sending",
                "sent",
                "delivered",
                "read",
                "replied",
                "opted_out",
                "failed",
                "refused",
                "denied",
                "dropped",
                "in_doubt",
                "unresolved",
                "denied_by",
                "next_due_at",
                "needs_approval",
                "approved_by",
            ],
            changes,
        )
    }
}
/// A campaign to plan.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CampaignSpec {
    /// Its name in the host's lists.
    pub name: String,
    /// Who is meant.
    pub audience: Audience,
    /// The template's name.
    pub template: String,
    /// The template's language.
    pub language: String,
    /// Values for the body's placeholders, in order.
    pub variables: Vec<Variable>,
    /// Why; decides what the gate demands.
    pub purpose: Purpose,
    /// From which phone number id; `None` is the account's first.
    pub sender: Option<String>,
    /// Not before this moment.
    pub not_before: Option<Moment>,
    /// Not after this moment; by default four days after the start.
    pub expires_at: Option<Moment>,
    /// What it promotes, in the account's own words; see `Draft.goods`.
    pub goods: Option<String>,
}
impl From<conek_core::campaigns::CampaignSpec> for CampaignSpec {
    fn from(v: conek_core::campaigns::CampaignSpec) -> Self {
        let conek_core::campaigns::CampaignSpec {
            name,
            audience,
            template,
            language,
            variables,
            purpose,
            sender,
            not_before,
            expires_at,
            goods,
        } = v;
        Self {
            name: name,
            audience: audience.into(),
            template: template,
            language: language,
            variables: variables.into_iter().map(|x| x.into()).collect(),
            purpose: purpose.into(),
            sender: sender,
            not_before: not_before.map(|x| x.into()),
            expires_at: expires_at.map(|x| x.into()),
            goods: goods,
        }
    }
}
impl From<CampaignSpec> for conek_core::campaigns::CampaignSpec {
    fn from(v: CampaignSpec) -> Self {
        let CampaignSpec {
            name,
            audience,
            template,
            language,
            variables,
            purpose,
            sender,
            not_before,
            expires_at,
            goods,
        } = v;
        Self {
            name: name,
            audience: audience.into(),
            template: template,
            language: language,
            variables: variables.into_iter().map(|x| x.into()).collect(),
            purpose: purpose.into(),
            sender: sender,
            not_before: not_before.map(|x| x.into()),
            expires_at: expires_at.map(|x| x.into()),
            goods: goods,
        }
    }
}
#[pymethods]
impl CampaignSpec {
    #[new]
    #[pyo3(
        signature = (
            name,
            audience,
            template,
            language,
            purpose,
            *,
            variables = Vec::new(),
            sender = None,
            not_before = None,
            expires_at = None,
            goods = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        name: String,
        audience: Audience,
        template: String,
        language: String,
        purpose: Purpose,
        variables: Vec<Variable>,
        sender: Option<String>,
        not_before: Option<Moment>,
        expires_at: Option<Moment>,
        goods: Option<String>,
    ) -> Self {
        Self {
            name,
            audience,
            template,
            language,
            variables,
            purpose,
            sender,
            not_before,
            expires_at,
            goods,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::campaigns::CampaignSpec::from(CampaignSpec::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "name",
                "audience",
                "template",
                "language",
                "variables",
                "purpose",
                "sender",
                "not_before",
                "expires_at",
                "goods",
            ],
            changes,
        )
    }
}
/// A postal address on a contact card.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CardAddress {
    /// Street and number.
    pub street: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The state or province.
    pub state: Option<String>,
    /// The postal code.
    pub zip: Option<String>,
    /// The country's name.
    pub country: Option<String>,
    /// The country's code, two letters.
    pub country_code: Option<String>,
    /// `HOME` or `WORK`.
    pub label: Option<String>,
}
impl From<conek_core::messaging::content::CardAddress> for CardAddress {
    fn from(v: conek_core::messaging::content::CardAddress) -> Self {
        let conek_core::messaging::content::CardAddress {
            street,
            city,
            state,
            zip,
            country,
            country_code,
            label,
        } = v;
        Self {
            street: street,
            city: city,
            state: state,
            zip: zip,
            country: country,
            country_code: country_code,
            label: label,
        }
    }
}
impl From<CardAddress> for conek_core::messaging::content::CardAddress {
    fn from(v: CardAddress) -> Self {
        let CardAddress { street, city, state, zip, country, country_code, label } = v;
        Self {
            street: street,
            city: city,
            state: state,
            zip: zip,
            country: country,
            country_code: country_code,
            label: label,
        }
    }
}
#[pymethods]
impl CardAddress {
    #[new]
    #[pyo3(
        signature = (
            *,
            street = None,
            city = None,
            state = None,
            zip = None,
            country = None,
            country_code = None,
            label = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        street: Option<String>,
        city: Option<String>,
        state: Option<String>,
        zip: Option<String>,
        country: Option<String>,
        country_code: Option<String>,
        label: Option<String>,
    ) -> Self {
        Self {
            street,
            city,
            state,
            zip,
            country,
            country_code,
            label,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::CardAddress::from(CardAddress::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["street", "city", "state", "zip", "country", "country_code", "label"],
            changes,
        )
    }
}
impl Default for CardAddress {
    fn default() -> Self {
        conek_core::messaging::content::CardAddress::default().into()
    }
}
/// A card of a template's carousel.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CardDefinition {
    /// A picture, a film or a product; the same on every card.
    pub header: TemplateHeader,
    /// At most 160 characters, with placeholders.
    pub body: Option<String>,
    /// At most two, of the same kinds on every card.
    pub buttons: Vec<ButtonDefinition>,
}
impl From<conek_core::messaging::CardDefinition> for CardDefinition {
    fn from(v: conek_core::messaging::CardDefinition) -> Self {
        let conek_core::messaging::CardDefinition { header, body, buttons } = v;
        Self {
            header: header.into(),
            body: body,
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<CardDefinition> for conek_core::messaging::CardDefinition {
    fn from(v: CardDefinition) -> Self {
        let CardDefinition { header, body, buttons } = v;
        Self {
            header: header.into(),
            body: body,
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl CardDefinition {
    #[new]
    #[pyo3(signature = (header, *, body = None, buttons = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        header: TemplateHeader,
        body: Option<String>,
        buttons: Vec<ButtonDefinition>,
    ) -> Self {
        Self { header, body, buttons }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::CardDefinition::from(CardDefinition::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["header", "body", "buttons"], changes)
    }
}
/// An e-mail address on a contact card.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CardEmail {
    /// The address.
    pub email: String,
    /// `HOME` or `WORK`.
    pub label: Option<String>,
}
impl From<conek_core::messaging::content::CardEmail> for CardEmail {
    fn from(v: conek_core::messaging::content::CardEmail) -> Self {
        let conek_core::messaging::content::CardEmail { email, label } = v;
        Self { email: email, label: label }
    }
}
impl From<CardEmail> for conek_core::messaging::content::CardEmail {
    fn from(v: CardEmail) -> Self {
        let CardEmail { email, label } = v;
        Self { email: email, label: label }
    }
}
#[pymethods]
impl CardEmail {
    #[new]
    #[pyo3(signature = (email, *, label = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(email: String, label: Option<String>) -> Self {
        Self { email, label }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::CardEmail::from(CardEmail::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["email", "label"], changes)
    }
}
impl Default for CardEmail {
    fn default() -> Self {
        conek_core::messaging::content::CardEmail::default().into()
    }
}
/// What a card of a submission needs beside its definition.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CardExamples {
    /// The handle of an example of its picture or film, from `platform.upload_sample`.
    pub header: Option<String>,
    /// In place of its body's placeholders, by their names: `1`, `2` or words.
    pub body: BTreeMap<String, String>,
    /// What its buttons need.
    pub buttons: Vec<ButtonExample>,
}
impl From<conek_core::messaging::CardExamples> for CardExamples {
    fn from(v: conek_core::messaging::CardExamples) -> Self {
        let conek_core::messaging::CardExamples { header, body, buttons } = v;
        Self {
            header: header,
            body: body,
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<CardExamples> for conek_core::messaging::CardExamples {
    fn from(v: CardExamples) -> Self {
        let CardExamples { header, body, buttons } = v;
        Self {
            header: header,
            body: body,
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl CardExamples {
    #[new]
    #[pyo3(signature = (*, header = None, body = BTreeMap::new(), buttons = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        header: Option<String>,
        body: BTreeMap<String, String>,
        buttons: Vec<ButtonExample>,
    ) -> Self {
        Self { header, body, buttons }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::CardExamples::from(CardExamples::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["header", "body", "buttons"], changes)
    }
}
impl Default for CardExamples {
    fn default() -> Self {
        conek_core::messaging::CardExamples::default().into()
    }
}
/// A name on a contact card.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CardName {
    /// The whole name as it is shown; must be there.
    pub formatted_name: String,
    /// The first name. At least one part of the name must be there beside the whole.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The name in the middle.
    pub middle_name: Option<String>,
    /// What stands before the name, for example `Dr`.
    pub prefix: Option<String>,
    /// What stands behind the name, for example `Jr`.
    pub suffix: Option<String>,
}
impl From<conek_core::messaging::content::CardName> for CardName {
    fn from(v: conek_core::messaging::content::CardName) -> Self {
        let conek_core::messaging::content::CardName {
            formatted_name,
            first_name,
            last_name,
            middle_name,
            prefix,
            suffix,
        } = v;
        Self {
            formatted_name: formatted_name,
            first_name: first_name,
            last_name: last_name,
            middle_name: middle_name,
            prefix: prefix,
            suffix: suffix,
        }
    }
}
impl From<CardName> for conek_core::messaging::content::CardName {
    fn from(v: CardName) -> Self {
        let CardName {
            formatted_name,
            first_name,
            last_name,
            middle_name,
            prefix,
            suffix,
        } = v;
        Self {
            formatted_name: formatted_name,
            first_name: first_name,
            last_name: last_name,
            middle_name: middle_name,
            prefix: prefix,
            suffix: suffix,
        }
    }
}
#[pymethods]
impl CardName {
    #[new]
    #[pyo3(
        signature = (
            formatted_name,
            *,
            first_name = None,
            last_name = None,
            middle_name = None,
            prefix = None,
            suffix = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        formatted_name: String,
        first_name: Option<String>,
        last_name: Option<String>,
        middle_name: Option<String>,
        prefix: Option<String>,
        suffix: Option<String>,
    ) -> Self {
        Self {
            formatted_name,
            first_name,
            last_name,
            middle_name,
            prefix,
            suffix,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::content::CardName::from(CardName::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "formatted_name",
                "first_name",
                "last_name",
                "middle_name",
                "prefix",
                "suffix",
            ],
            changes,
        )
    }
}
impl Default for CardName {
    fn default() -> Self {
        conek_core::messaging::content::CardName::default().into()
    }
}
/// Where the person of a contact card works.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CardOrganisation {
    /// The company.
    pub company: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The person's title there.
    pub title: Option<String>,
}
impl From<conek_core::messaging::content::CardOrganisation> for CardOrganisation {
    fn from(v: conek_core::messaging::content::CardOrganisation) -> Self {
        let conek_core::messaging::content::CardOrganisation {
            company,
            department,
            title,
        } = v;
        Self {
            company: company,
            department: department,
            title: title,
        }
    }
}
impl From<CardOrganisation> for conek_core::messaging::content::CardOrganisation {
    fn from(v: CardOrganisation) -> Self {
        let CardOrganisation { company, department, title } = v;
        Self {
            company: company,
            department: department,
            title: title,
        }
    }
}
#[pymethods]
impl CardOrganisation {
    #[new]
    #[pyo3(signature = (*, company = None, department = None, title = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        company: Option<String>,
        department: Option<String>,
        title: Option<String>,
    ) -> Self {
        Self { company, department, title }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::CardOrganisation::from(CardOrganisation::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["company", "department", "title"],
            changes,
        )
    }
}
impl Default for CardOrganisation {
    fn default() -> Self {
        conek_core::messaging::content::CardOrganisation::default().into()
    }
}
/// A phone number on a contact card.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CardPhone {
    /// The number as it is shown.
    pub phone: String,
    /// For example `HOME`, `WORK`, `CELL`.
    pub label: Option<String>,
    /// The number's WhatsApp id, in digits; with it the card offers to write.
    pub wa_id: Option<String>,
}
impl From<conek_core::messaging::content::CardPhone> for CardPhone {
    fn from(v: conek_core::messaging::content::CardPhone) -> Self {
        let conek_core::messaging::content::CardPhone { phone, label, wa_id } = v;
        Self {
            phone: phone,
            label: label,
            wa_id: wa_id,
        }
    }
}
impl From<CardPhone> for conek_core::messaging::content::CardPhone {
    fn from(v: CardPhone) -> Self {
        let CardPhone { phone, label, wa_id } = v;
        Self {
            phone: phone,
            label: label,
            wa_id: wa_id,
        }
    }
}
#[pymethods]
impl CardPhone {
    #[new]
    #[pyo3(signature = (phone, *, label = None, wa_id = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(phone: String, label: Option<String>, wa_id: Option<String>) -> Self {
        Self { phone, label, wa_id }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::CardPhone::from(CardPhone::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["phone", "label", "wa_id"], changes)
    }
}
impl Default for CardPhone {
    fn default() -> Self {
        conek_core::messaging::content::CardPhone::default().into()
    }
}
/// A web address on a contact card.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CardUrl {
    /// The address.
    pub url: String,
    /// `HOME` or `WORK`.
    pub label: Option<String>,
}
impl From<conek_core::messaging::content::CardUrl> for CardUrl {
    fn from(v: conek_core::messaging::content::CardUrl) -> Self {
        let conek_core::messaging::content::CardUrl { url, label } = v;
        Self { url: url, label: label }
    }
}
impl From<CardUrl> for conek_core::messaging::content::CardUrl {
    fn from(v: CardUrl) -> Self {
        let CardUrl { url, label } = v;
        Self { url: url, label: label }
    }
}
#[pymethods]
impl CardUrl {
    #[new]
    #[pyo3(signature = (url, *, label = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(url: String, label: Option<String>) -> Self {
        Self { url, label }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::content::CardUrl::from(CardUrl::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["url", "label"], changes)
    }
}
impl Default for CardUrl {
    fn default() -> Self {
        conek_core::messaging::content::CardUrl::default().into()
    }
}
/// A card of a media carousel.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CarouselCard {
    /// A picture or a film; the same kind on every card.
    pub header: Header,
    /// At most 160 characters with at most two line breaks.
    pub body: Option<String>,
    /// What happens when it is tapped.
    pub action: CardAction,
}
impl From<conek_core::messaging::content::CarouselCard> for CarouselCard {
    fn from(v: conek_core::messaging::content::CarouselCard) -> Self {
        let conek_core::messaging::content::CarouselCard { header, body, action } = v;
        Self {
            header: header.into(),
            body: body,
            action: action.into(),
        }
    }
}
impl From<CarouselCard> for conek_core::messaging::content::CarouselCard {
    fn from(v: CarouselCard) -> Self {
        let CarouselCard { header, body, action } = v;
        Self {
            header: header.into(),
            body: body,
            action: action.into(),
        }
    }
}
#[pymethods]
impl CarouselCard {
    #[new]
    #[pyo3(signature = (header, action, *, body = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(header: Header, action: CardAction, body: Option<String>) -> Self {
        Self { header, body, action }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::CarouselCard::from(CarouselCard::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["header", "body", "action"], changes)
    }
}
/// Whether somebody counts as told.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ChannelVerdict {
    /// Whether they do.
    pub accepted: bool,
    /// The ways that count.
    pub by: Vec<BreachChannel>,
    /// The ways that are welcome and do not count.
    pub in_addition: Vec<BreachChannel>,
    /// The ways that would count, the best first.
    pub would_count: Vec<BreachChannel>,
    /// Where that is written.
    pub provision: String,
}
impl From<conek_core::incidents::ChannelVerdict> for ChannelVerdict {
    fn from(v: conek_core::incidents::ChannelVerdict) -> Self {
        let conek_core::incidents::ChannelVerdict {
            accepted,
            by,
            in_addition,
            would_count,
            provision,
        } = v;
        Self {
            accepted: accepted,
            by: by.into_iter().map(|x| x.into()).collect(),
            in_addition: in_addition.into_iter().map(|x| x.into()).collect(),
            would_count: would_count.into_iter().map(|x| x.into()).collect(),
            provision: provision,
        }
    }
}
impl From<ChannelVerdict> for conek_core::incidents::ChannelVerdict {
    fn from(v: ChannelVerdict) -> Self {
        let ChannelVerdict { accepted, by, in_addition, would_count, provision } = v;
        Self {
            accepted: accepted,
            by: by.into_iter().map(|x| x.into()).collect(),
            in_addition: in_addition.into_iter().map(|x| x.into()).collect(),
            would_count: would_count.into_iter().map(|x| x.into()).collect(),
            provision: provision,
        }
    }
}
#[pymethods]
impl ChannelVerdict {
    #[new]
    #[pyo3(
        signature = (
            provision,
            *,
            accepted = false,
            by = Vec::new(),
            in_addition = Vec::new(),
            would_count = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        provision: String,
        accepted: bool,
        by: Vec<BreachChannel>,
        in_addition: Vec<BreachChannel>,
        would_count: Vec<BreachChannel>,
    ) -> Self {
        Self {
            accepted,
            by,
            in_addition,
            would_count,
            provision,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::incidents::ChannelVerdict::from(ChannelVerdict::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["accepted", "by", "in_addition", "would_count", "provision"],
            changes,
        )
    }
}
/// Work to take.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Claim {
    /// The account.
    pub account: String,
    /// The kind.
    pub kind: String,
    /// The queue to take from.
    pub queue: String,
    /// The state a record must be in.
    pub state: String,
    /// The present moment: `due_at` must not be after it.
    pub now: Moment,
    /// At most this many, 1 to 10,000.
    pub limit: i32,
    /// The state of a taken record.
    pub new_state: String,
    /// The queue of a taken record.
    pub new_queue: String,
    /// Its new due time: when the lease ends.
    pub lease_until: Moment,
}
impl From<conek_core::storage::Claim> for Claim {
    fn from(v: conek_core::storage::Claim) -> Self {
        let conek_core::storage::Claim {
            account,
            kind,
            queue,
            state,
            now,
            limit,
            new_state,
            new_queue,
            lease_until,
        } = v;
        Self {
            account: account,
            kind: kind,
            queue: queue,
            state: state,
            now: now.into(),
            limit: limit,
            new_state: new_state,
            new_queue: new_queue,
            lease_until: lease_until.into(),
        }
    }
}
impl From<Claim> for conek_core::storage::Claim {
    fn from(v: Claim) -> Self {
        let Claim {
            account,
            kind,
            queue,
            state,
            now,
            limit,
            new_state,
            new_queue,
            lease_until,
        } = v;
        Self {
            account: account,
            kind: kind,
            queue: queue,
            state: state,
            now: now.into(),
            limit: limit,
            new_state: new_state,
            new_queue: new_queue,
            lease_until: lease_until.into(),
        }
    }
}
#[pymethods]
impl Claim {
    #[new]
    #[pyo3(
        signature = (
            account,
            kind,
            queue,
            state,
            now,
            limit,
            new_state,
            new_queue,
            lease_until
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        account: String,
        kind: String,
        queue: String,
        state: String,
        now: Moment,
        limit: i32,
        new_state: String,
        new_queue: String,
        lease_until: Moment,
    ) -> Self {
        Self {
            account,
            kind,
            queue,
            state,
            now,
            limit,
            new_state,
            new_queue,
            lease_until,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::storage::Claim::from(Claim::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "account",
                "kind",
                "queue",
                "state",
                "now",
                "limit",
                "new_state",
                "new_queue",
                "lease_until",
            ],
            changes,
        )
    }
}
/// A comparison of the contacts with the national opt-out registry (CPA regulation 4).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Cleansing {
    /// When the registry answered; now, if missing.
    pub at: Option<Moment>,
    /// The registry's own name for the list it gave.
    pub list_version: String,
    /// Whether the account is registered as a direct marketer; absent: not known.
    pub marketer_registered: Option<bool>,
    /// The numbers that the registry blocks, written in any way. Others are not blocked any more.
    pub blocked: Vec<String>,
}
impl From<conek_core::policy::Cleansing> for Cleansing {
    fn from(v: conek_core::policy::Cleansing) -> Self {
        let conek_core::policy::Cleansing {
            at,
            list_version,
            marketer_registered,
            blocked,
        } = v;
        Self {
            at: at.map(|x| x.into()),
            list_version: list_version,
            marketer_registered: marketer_registered,
            blocked: blocked,
        }
    }
}
impl From<Cleansing> for conek_core::policy::Cleansing {
    fn from(v: Cleansing) -> Self {
        let Cleansing { at, list_version, marketer_registered, blocked } = v;
        Self {
            at: at.map(|x| x.into()),
            list_version: list_version,
            marketer_registered: marketer_registered,
            blocked: blocked,
        }
    }
}
#[pymethods]
impl Cleansing {
    #[new]
    #[pyo3(
        signature = (
            list_version,
            *,
            at = None,
            marketer_registered = None,
            blocked = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        list_version: String,
        at: Option<Moment>,
        marketer_registered: Option<bool>,
        blocked: Vec<String>,
    ) -> Self {
        Self {
            at,
            list_version,
            marketer_registered,
            blocked,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::Cleansing::from(Cleansing::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["at", "list_version", "marketer_registered", "blocked"],
            changes,
        )
    }
}
/// What a comparison changed.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CleansingReport {
    /// Numbers blocked now, contacts or not.
    pub blocked: i64,
    /// Numbers that were blocked before and are no more.
    pub released: i64,
    /// Entries that are no phone numbers, by their place in the list, counted from 1.
    pub unreadable: Vec<i32>,
}
impl From<conek_core::policy::CleansingReport> for CleansingReport {
    fn from(v: conek_core::policy::CleansingReport) -> Self {
        let conek_core::policy::CleansingReport { blocked, released, unreadable } = v;
        Self {
            blocked: blocked,
            released: released,
            unreadable: unreadable,
        }
    }
}
impl From<CleansingReport> for conek_core::policy::CleansingReport {
    fn from(v: CleansingReport) -> Self {
        let CleansingReport { blocked, released, unreadable } = v;
        Self {
            blocked: blocked,
            released: released,
            unreadable: unreadable,
        }
    }
}
#[pymethods]
impl CleansingReport {
    #[new]
    #[pyo3(signature = (blocked, released, *, unreadable = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(blocked: i64, released: i64, unreadable: Vec<i32>) -> Self {
        Self {
            blocked,
            released,
            unreadable,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::policy::CleansingReport::from(CleansingReport::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["blocked", "released", "unreadable"],
            changes,
        )
    }
}
impl Default for CleansingReport {
    fn default() -> Self {
        conek_core::policy::CleansingReport::default().into()
    }
}
/// What people see of a number's shop (Meta: WhatsApp Commerce Settings). What an answer left out is `None`.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CommerceSettings {
    /// Whether people can gather products in a cart and order them.
    pub cart_enabled: Option<bool>,
    /// Whether the catalog, or the button to it, is seen.
    pub catalog_visible: Option<bool>,
}
impl From<conek_core::platform::CommerceSettings> for CommerceSettings {
    fn from(v: conek_core::platform::CommerceSettings) -> Self {
        let conek_core::platform::CommerceSettings { cart_enabled, catalog_visible } = v;
        Self {
            cart_enabled: cart_enabled,
            catalog_visible: catalog_visible,
        }
    }
}
impl From<CommerceSettings> for conek_core::platform::CommerceSettings {
    fn from(v: CommerceSettings) -> Self {
        let CommerceSettings { cart_enabled, catalog_visible } = v;
        Self {
            cart_enabled: cart_enabled,
            catalog_visible: catalog_visible,
        }
    }
}
#[pymethods]
impl CommerceSettings {
    #[new]
    #[pyo3(signature = (*, cart_enabled = None, catalog_visible = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(cart_enabled: Option<bool>, catalog_visible: Option<bool>) -> Self {
        Self {
            cart_enabled,
            catalog_visible,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::CommerceSettings::from(CommerceSettings::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["cart_enabled", "catalog_visible"],
            changes,
        )
    }
}
impl Default for CommerceSettings {
    fn default() -> Self {
        conek_core::platform::CommerceSettings::default().into()
    }
}
/// What is to be changed of a number's shop; what is left out stays.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct CommerceUpdate {
    /// Whether people can gather products in a cart and order them.
    pub cart_enabled: Option<bool>,
    /// Whether the catalog, or the button to it, is seen.
    pub catalog_visible: Option<bool>,
}
impl From<conek_core::platform::CommerceUpdate> for CommerceUpdate {
    fn from(v: conek_core::platform::CommerceUpdate) -> Self {
        let conek_core::platform::CommerceUpdate { cart_enabled, catalog_visible } = v;
        Self {
            cart_enabled: cart_enabled,
            catalog_visible: catalog_visible,
        }
    }
}
impl From<CommerceUpdate> for conek_core::platform::CommerceUpdate {
    fn from(v: CommerceUpdate) -> Self {
        let CommerceUpdate { cart_enabled, catalog_visible } = v;
        Self {
            cart_enabled: cart_enabled,
            catalog_visible: catalog_visible,
        }
    }
}
#[pymethods]
impl CommerceUpdate {
    #[new]
    #[pyo3(signature = (*, cart_enabled = None, catalog_visible = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(cart_enabled: Option<bool>, catalog_visible: Option<bool>) -> Self {
        Self {
            cart_enabled,
            catalog_visible,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::CommerceUpdate::from(CommerceUpdate::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["cart_enabled", "catalog_visible"],
            changes,
        )
    }
}
impl Default for CommerceUpdate {
    fn default() -> Self {
        conek_core::platform::CommerceUpdate::default().into()
    }
}
/// A template beside another.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ComparedTemplate {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// WhatsApp's id of it.
    pub id: String,
    /// How often it was sent.
    pub sends: Option<i64>,
    /// Why people blocked the business most often after it: `NO_LONGER_NEEDED`, `NO_REASON`, `NO_REASON_GIVEN`,
    /// `NO_SIGN_UP`, `OFFENSIVE_MESSAGES`, `OTHER`, `OTP_DID_NOT_REQUEST`, `SPAM` or `UNKNOWN_BLOCK_REASON`.
    pub top_block_reason: Option<String>,
}
impl From<conek_core::messaging::ComparedTemplate> for ComparedTemplate {
    fn from(v: conek_core::messaging::ComparedTemplate) -> Self {
        let conek_core::messaging::ComparedTemplate {
            name,
            language,
            id,
            sends,
            top_block_reason,
        } = v;
        Self {
            name: name,
            language: language,
            id: id,
            sends: sends,
            top_block_reason: top_block_reason,
        }
    }
}
impl From<ComparedTemplate> for conek_core::messaging::ComparedTemplate {
    fn from(v: ComparedTemplate) -> Self {
        let ComparedTemplate { name, language, id, sends, top_block_reason } = v;
        Self {
            name: name,
            language: language,
            id: id,
            sends: sends,
            top_block_reason: top_block_reason,
        }
    }
}
#[pymethods]
impl ComparedTemplate {
    #[new]
    #[pyo3(signature = (name, language, id, *, sends = None, top_block_reason = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        name: String,
        language: String,
        id: String,
        sends: Option<i64>,
        top_block_reason: Option<String>,
    ) -> Self {
        Self {
            name,
            language,
            id,
            sends,
            top_block_reason,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::ComparedTemplate::from(ComparedTemplate::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["name", "language", "id", "sends", "top_block_reason"],
            changes,
        )
    }
}
/// How to open an engine.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Config {
    /// The database file; made if it is missing. Not needed with `database` or a storage of the host's own.
    pub path: Option<String>,
    /// A PostgreSQL database instead of a file, as a URL: `postgres://user:password@host:port/database`. Beyond
    /// this machine the server must speak TLS. It is a secret, as the password is in it.
    pub database: Option<String>,
    /// The file that holds the wrapping key; `<path>.key` if missing, and needed with `database` unless a key
    /// provider is given. Made on first open, readable by its owner alone. Whoever loses it loses every
    /// person's data in the database.
    pub key_file: Option<String>,
    /// The file that keeps what people ended, beside the database: erasures and opt-outs. It belongs into no
    /// backup, so that a restored database cannot undo them. By default beside the key file, with `.journal` at
    /// its end; none with a storage of the host's own. Two accounts need two.
    pub journal_file: Option<String>,
    /// The account's name within the database; `main` if missing.
    pub account: Option<String>,
    /// The business as it names itself to people. Marketing must name it (POPIA s69(4)(a)).
    pub business: String,
    /// Whom people can ask about their data: an e-mail address or a page (POPIA s18(1), GDPR 13(1)(b)).
    pub privacy_contact: String,
    /// The language in which the account writes (BCP 47). Words of that language opt out beside those of the
    /// person's own, and it is the language of conek's answers to people whose own is not known.
    pub language: Option<String>,
    /// Where people reach `handle_http`, for example `https://shop.example/conek`: the links to their preferences
    /// begin with it.
    pub public_url: Option<String>,
    /// Region of phone numbers without a country code, ISO 3166-1 alpha-2.
    pub region: Option<String>,
    /// The numbers that send; the first is the default.
    pub numbers: Vec<Number>,
    /// Access to WhatsApp. Not needed with a transport of the host's own.
    pub whatsapp: Option<WhatsAppAccess>,
    /// Meta's id of the WhatsApp Business account (WABA) that the numbers belong to. Templates, numbers, flows and
    /// subscriptions are managed by it; nothing else needs it.
    pub business_account: Option<String>,
    /// The private keys of the endpoint of flows (`flow_endpoint`): the present one, and former ones while phones still
    /// have their public halves; 4 at most. They are secrets.
    pub flow_keys: Vec<FlowPrivateKey>,
    /// Messages on their way at once; 64 if missing.
    pub concurrency: Option<i32>,
    /// What messages cost, for plans.
    pub rates: Vec<Rate>,
    /// Days declared public holidays in South Africa, `YYYY-MM-DD`, beyond those the Act fixes.
    pub declared_holidays: Vec<String>,
    /// What is kept for how long, instead of the periods that conek has.
    pub retention: Option<RetentionRules>,
    /// A campaign to more people than this starts only when a second person has approved it; missing: none needs it.
    pub approval_above: Option<i64>,
    /// Days after which the wrapping key is replaced without being asked for (`keys.rotate`), looked at once a day
    /// and for the first time at once; missing: only on request. An older backup opens no more without the key file
    /// of its time: whoever keeps copies of key files for 30 days and rotates every 30 has nothing left, after 60,
    /// that could open what was erased. The log says `keys.rotated`: copy the key file then.
    pub rotate_keys_after_days: Option<i32>,
    /// Repeats every id and key from this seed. Only for tests: such keys protect nothing.
    pub seed: Option<i64>,
}
impl From<conek_core::engine::Config> for Config {
    fn from(v: conek_core::engine::Config) -> Self {
        let conek_core::engine::Config {
            path,
            database,
            key_file,
            journal_file,
            account,
            business,
            privacy_contact,
            language,
            public_url,
            region,
            numbers,
            whatsapp,
            business_account,
            flow_keys,
            concurrency,
            rates,
            declared_holidays,
            retention,
            approval_above,
            rotate_keys_after_days,
            seed,
        } = v;
        Self {
            path: path,
            database: database,
            key_file: key_file,
            journal_file: journal_file,
            account: account,
            business: business,
            privacy_contact: privacy_contact,
            language: language,
            public_url: public_url,
            region: region,
            numbers: numbers.into_iter().map(|x| x.into()).collect(),
            whatsapp: whatsapp.map(|x| x.into()),
            business_account: business_account,
            flow_keys: flow_keys.into_iter().map(|x| x.into()).collect(),
            concurrency: concurrency,
            rates: rates.into_iter().map(|x| x.into()).collect(),
            declared_holidays: declared_holidays,
            retention: retention.map(|x| x.into()),
            approval_above: approval_above,
            rotate_keys_after_days: rotate_keys_after_days,
            seed: seed,
        }
    }
}
impl From<Config> for conek_core::engine::Config {
    fn from(v: Config) -> Self {
        let Config {
            path,
            database,
            key_file,
            journal_file,
            account,
            business,
            privacy_contact,
            language,
            public_url,
            region,
            numbers,
            whatsapp,
            business_account,
            flow_keys,
            concurrency,
            rates,
            declared_holidays,
            retention,
            approval_above,
            rotate_keys_after_days,
            seed,
        } = v;
        Self {
            path: path,
            database: database,
            key_file: key_file,
            journal_file: journal_file,
            account: account,
            business: business,
            privacy_contact: privacy_contact,
            language: language,
            public_url: public_url,
            region: region,
            numbers: numbers.into_iter().map(|x| x.into()).collect(),
            whatsapp: whatsapp.map(|x| x.into()),
            business_account: business_account,
            flow_keys: flow_keys.into_iter().map(|x| x.into()).collect(),
            concurrency: concurrency,
            rates: rates.into_iter().map(|x| x.into()).collect(),
            declared_holidays: declared_holidays,
            retention: retention.map(|x| x.into()),
            approval_above: approval_above,
            rotate_keys_after_days: rotate_keys_after_days,
            seed: seed,
        }
    }
}
#[pymethods]
impl Config {
    #[new]
    #[pyo3(
        signature = (
            business,
            privacy_contact,
            *,
            path = None,
            database = None,
            key_file = None,
            journal_file = None,
            account = None,
            language = None,
            public_url = None,
            region = None,
            numbers = Vec::new(),
            whatsapp = None,
            business_account = None,
            flow_keys = Vec::new(),
            concurrency = None,
            rates = Vec::new(),
            declared_holidays = Vec::new(),
            retention = None,
            approval_above = None,
            rotate_keys_after_days = None,
            seed = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        business: String,
        privacy_contact: String,
        path: Option<String>,
        database: Option<String>,
        key_file: Option<String>,
        journal_file: Option<String>,
        account: Option<String>,
        language: Option<String>,
        public_url: Option<String>,
        region: Option<String>,
        numbers: Vec<Number>,
        whatsapp: Option<WhatsAppAccess>,
        business_account: Option<String>,
        flow_keys: Vec<FlowPrivateKey>,
        concurrency: Option<i32>,
        rates: Vec<Rate>,
        declared_holidays: Vec<String>,
        retention: Option<RetentionRules>,
        approval_above: Option<i64>,
        rotate_keys_after_days: Option<i32>,
        seed: Option<i64>,
    ) -> Self {
        Self {
            path,
            database,
            key_file,
            journal_file,
            account,
            business,
            privacy_contact,
            language,
            public_url,
            region,
            numbers,
            whatsapp,
            business_account,
            flow_keys,
            concurrency,
            rates,
            declared_holidays,
            retention,
            approval_above,
            rotate_keys_after_days,
            seed,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::engine::Config::from(Config::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "path",
                "database",
                "key_file",
                "journal_file",
                "account",
                "business",
                "privacy_contact",
                "language",
                "public_url",
                "region",
                "numbers",
                "whatsapp",
                "business_account",
                "flow_keys",
                "concurrency",
                "rates",
                "declared_holidays",
                "retention",
                "approval_above",
                "rotate_keys_after_days",
                "seed",
            ],
            changes,
        )
    }
}
/// From which age somebody consents alone to a service offered to them online.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ConsentAge {
    /// Years.
    pub years: i32,
    /// Where that is written.
    pub provision: String,
    /// Since when, `YYYY-MM-DD`.
    pub since: String,
}
impl From<conek_core::questions::ConsentAge> for ConsentAge {
    fn from(v: conek_core::questions::ConsentAge) -> Self {
        let conek_core::questions::ConsentAge { years, provision, since } = v;
        Self {
            years: years,
            provision: provision,
            since: since,
        }
    }
}
impl From<ConsentAge> for conek_core::questions::ConsentAge {
    fn from(v: ConsentAge) -> Self {
        let ConsentAge { years, provision, since } = v;
        Self {
            years: years,
            provision: provision,
            since: since,
        }
    }
}
#[pymethods]
impl ConsentAge {
    #[new]
    #[pyo3(signature = (years, provision, since))]
    #[allow(clippy::too_many_arguments)]
    fn new(years: i32, provision: String, since: String) -> Self {
        Self { years, provision, since }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::questions::ConsentAge::from(ConsentAge::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["years", "provision", "since"], changes)
    }
}
/// A consent event to record.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ConsentEntry {
    /// Whose.
    pub person: String,
    /// For what.
    pub purpose: Purpose,
    /// Where consent stands from now on. `expired` and `unknown` cannot be recorded.
    pub status: ConsentStatus,
    /// By what way.
    pub source: ConsentSource,
    /// What proves it; consent that is given needs a reference, or the text shown and the reply.
    pub evidence: Evidence,
    /// The notice the person had before them.
    pub notice: Option<String>,
    /// When the person acted; now, if missing.
    pub acted_at: Option<Moment>,
    /// When the person had the text before them: the form was opened, the call began. Missing: as `acted_at`.
    pub interacted_at: Option<Moment>,
    /// When consent ends by itself.
    pub valid_until: Option<Moment>,
    /// Who acted.
    pub by: ConsentActor,
    /// The goods or services it covers, in the account's own words; none named: any.
    pub goods: Vec<String>,
    /// The channels it covers (`whatsapp`, `email`, `sms`, `phone`); none named: WhatsApp.
    pub channels: Vec<String>,
}
impl From<conek_core::consent::ConsentEntry> for ConsentEntry {
    fn from(v: conek_core::consent::ConsentEntry) -> Self {
        let conek_core::consent::ConsentEntry {
            person,
            purpose,
            status,
            source,
            evidence,
            notice,
            acted_at,
            interacted_at,
            valid_until,
            by,
            goods,
            channels,
        } = v;
        Self {
            person: person.into(),
            purpose: purpose.into(),
            status: status.into(),
            source: source.into(),
            evidence: evidence.into(),
            notice: notice.map(|x| x.into()),
            acted_at: acted_at.map(|x| x.into()),
            interacted_at: interacted_at.map(|x| x.into()),
            valid_until: valid_until.map(|x| x.into()),
            by: by.into(),
            goods: goods,
            channels: channels,
        }
    }
}
impl From<ConsentEntry> for conek_core::consent::ConsentEntry {
    fn from(v: ConsentEntry) -> Self {
        let ConsentEntry {
            person,
            purpose,
            status,
            source,
            evidence,
            notice,
            acted_at,
            interacted_at,
            valid_until,
            by,
            goods,
            channels,
        } = v;
        Self {
            person: person.into(),
            purpose: purpose.into(),
            status: status.into(),
            source: source.into(),
            evidence: evidence.into(),
            notice: notice.map(|x| x.into()),
            acted_at: acted_at.map(|x| x.into()),
            interacted_at: interacted_at.map(|x| x.into()),
            valid_until: valid_until.map(|x| x.into()),
            by: by.into(),
            goods: goods,
            channels: channels,
        }
    }
}
#[pymethods]
impl ConsentEntry {
    #[new]
    #[pyo3(
        signature = (
            person,
            purpose,
            status,
            source,
            evidence,
            *,
            notice = None,
            acted_at = None,
            interacted_at = None,
            valid_until = None,
            by = ConsentActor::default(),
            goods = Vec::new(),
            channels = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        person: String,
        purpose: Purpose,
        status: ConsentStatus,
        source: ConsentSource,
        evidence: Evidence,
        notice: Option<String>,
        acted_at: Option<Moment>,
        interacted_at: Option<Moment>,
        valid_until: Option<Moment>,
        by: ConsentActor,
        goods: Vec<String>,
        channels: Vec<String>,
    ) -> Self {
        Self {
            person,
            purpose,
            status,
            source,
            evidence,
            notice,
            acted_at,
            interacted_at,
            valid_until,
            by,
            goods,
            channels,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::consent::ConsentEntry::from(ConsentEntry::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "person",
                "purpose",
                "status",
                "source",
                "evidence",
                "notice",
                "acted_at",
                "interacted_at",
                "valid_until",
                "by",
                "goods",
                "channels",
            ],
            changes,
        )
    }
}
/// A consent event as recorded. Events are never changed or removed while the person is known.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ConsentEvent {
    /// Its id; later events have greater ids.
    pub id: String,
    /// Whose.
    pub person: String,
    /// For what.
    pub purpose: Purpose,
    /// Where consent stood from then on.
    pub status: ConsentStatus,
    /// By what way.
    pub source: ConsentSource,
    /// What proves it.
    pub evidence: Evidence,
    /// The notice the person had before them.
    pub notice: Option<String>,
    /// When the person acted: the interaction.
    pub acted_at: Moment,
    /// When the person had the text before them, where that was told apart.
    pub interacted_at: Option<Moment>,
    /// When consent stood from: the act, or its confirmation.
    pub confirmed_at: Option<Moment>,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// When consent ends by itself.
    pub valid_until: Option<Moment>,
    /// Who acted.
    pub by: ConsentActor,
    /// The goods or services it covers; none named: any.
    pub goods: Vec<String>,
    /// The channels it covers; none named: WhatsApp.
    pub channels: Vec<String>,
}
impl From<conek_core::consent::ConsentEvent> for ConsentEvent {
    fn from(v: conek_core::consent::ConsentEvent) -> Self {
        let conek_core::consent::ConsentEvent {
            id,
            person,
            purpose,
            status,
            source,
            evidence,
            notice,
            acted_at,
            interacted_at,
            confirmed_at,
            recorded_at,
            valid_until,
            by,
            goods,
            channels,
        } = v;
        Self {
            id: id,
            person: person.into(),
            purpose: purpose.into(),
            status: status.into(),
            source: source.into(),
            evidence: evidence.into(),
            notice: notice.map(|x| x.into()),
            acted_at: acted_at.into(),
            interacted_at: interacted_at.map(|x| x.into()),
            confirmed_at: confirmed_at.map(|x| x.into()),
            recorded_at: recorded_at.into(),
            valid_until: valid_until.map(|x| x.into()),
            by: by.into(),
            goods: goods,
            channels: channels,
        }
    }
}
impl From<ConsentEvent> for conek_core::consent::ConsentEvent {
    fn from(v: ConsentEvent) -> Self {
        let ConsentEvent {
            id,
            person,
            purpose,
            status,
            source,
            evidence,
            notice,
            acted_at,
            interacted_at,
            confirmed_at,
            recorded_at,
            valid_until,
            by,
            goods,
            channels,
        } = v;
        Self {
            id: id,
            person: person.into(),
            purpose: purpose.into(),
            status: status.into(),
            source: source.into(),
            evidence: evidence.into(),
            notice: notice.map(|x| x.into()),
            acted_at: acted_at.into(),
            interacted_at: interacted_at.map(|x| x.into()),
            confirmed_at: confirmed_at.map(|x| x.into()),
            recorded_at: recorded_at.into(),
            valid_until: valid_until.map(|x| x.into()),
            by: by.into(),
            goods: goods,
            channels: channels,
        }
    }
}
#[pymethods]
impl ConsentEvent {
    #[new]
    #[pyo3(
        signature = (
            id,
            person,
            purpose,
            status,
            source,
            evidence,
            acted_at,
            recorded_at,
            by,
            *,
            notice = None,
            interacted_at = None,
            confirmed_at = None,
            valid_until = None,
            goods = Vec::new(),
            channels = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        person: String,
        purpose: Purpose,
        status: ConsentStatus,
        source: ConsentSource,
        evidence: Evidence,
        acted_at: Moment,
        recorded_at: Moment,
        by: ConsentActor,
        notice: Option<String>,
        interacted_at: Option<Moment>,
        confirmed_at: Option<Moment>,
        valid_until: Option<Moment>,
        goods: Vec<String>,
        channels: Vec<String>,
    ) -> Self {
        Self {
            id,
            person,
            purpose,
            status,
            source,
            evidence,
            notice,
            acted_at,
            interacted_at,
            confirmed_at,
            recorded_at,
            valid_until,
            by,
            goods,
            channels,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::consent::ConsentEvent::from(ConsentEvent::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "person",
                "purpose",
                "status",
                "source",
                "evidence",
                "notice",
                "acted_at",
                "interacted_at",
                "confirmed_at",
                "recorded_at",
                "valid_until",
                "by",
                "goods",
                "channels",
            ],
            changes,
        )
    }
}
/// One consent event, as a fact.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ConsentFact {
    /// Where consent stood from then on.
    pub status: ConsentStatus,
    /// When the person acted; absent: unknown, and then consent cannot be given by it.
    pub at: Option<Moment>,
    /// When it was recorded.
    pub recorded_at: Option<Moment>,
    /// Who acted.
    pub by: ConsentActor,
    /// Whether it could be proved.
    pub demonstrable: bool,
    /// When consent ends by itself.
    pub valid_until: Option<Moment>,
    /// The goods or services it covers; none named: any.
    pub goods: Vec<String>,
    /// The channels it covers; none named: WhatsApp.
    pub channels: Vec<String>,
    /// When the person confirmed it (double opt-in).
    pub confirmed_at: Option<Moment>,
}
impl From<conek_core::policy::ConsentFact> for ConsentFact {
    fn from(v: conek_core::policy::ConsentFact) -> Self {
        let conek_core::policy::ConsentFact {
            status,
            at,
            recorded_at,
            by,
            demonstrable,
            valid_until,
            goods,
            channels,
            confirmed_at,
        } = v;
        Self {
            status: status.into(),
            at: at.map(|x| x.into()),
            recorded_at: recorded_at.map(|x| x.into()),
            by: by.into(),
            demonstrable: demonstrable,
            valid_until: valid_until.map(|x| x.into()),
            goods: goods,
            channels: channels,
            confirmed_at: confirmed_at.map(|x| x.into()),
        }
    }
}
impl From<ConsentFact> for conek_core::policy::ConsentFact {
    fn from(v: ConsentFact) -> Self {
        let ConsentFact {
            status,
            at,
            recorded_at,
            by,
            demonstrable,
            valid_until,
            goods,
            channels,
            confirmed_at,
        } = v;
        Self {
            status: status.into(),
            at: at.map(|x| x.into()),
            recorded_at: recorded_at.map(|x| x.into()),
            by: by.into(),
            demonstrable: demonstrable,
            valid_until: valid_until.map(|x| x.into()),
            goods: goods,
            channels: channels,
            confirmed_at: confirmed_at.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl ConsentFact {
    #[new]
    #[pyo3(
        signature = (
            *,
            status = ConsentStatus::default(),
            at = None,
            recorded_at = None,
            by = ConsentActor::default(),
            demonstrable = false,
            valid_until = None,
            goods = Vec::new(),
            channels = Vec::new(),
            confirmed_at = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        status: ConsentStatus,
        at: Option<Moment>,
        recorded_at: Option<Moment>,
        by: ConsentActor,
        demonstrable: bool,
        valid_until: Option<Moment>,
        goods: Vec<String>,
        channels: Vec<String>,
        confirmed_at: Option<Moment>,
    ) -> Self {
        Self {
            status,
            at,
            recorded_at,
            by,
            demonstrable,
            valid_until,
            goods,
            channels,
            confirmed_at,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::ConsentFact::from(ConsentFact::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "status",
                "at",
                "recorded_at",
                "by",
                "demonstrable",
                "valid_until",
                "goods",
                "channels",
                "confirmed_at",
            ],
            changes,
        )
    }
}
impl Default for ConsentFact {
    fn default() -> Self {
        conek_core::policy::ConsentFact::default().into()
    }
}
/// Where consent for the message's purpose stands.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ConsentFacts {
    /// Where it stands. Ignored when `history` is given.
    pub status: ConsentStatus,
    /// When the person last acted.
    pub since: Option<Moment>,
    /// Whether it could be proved (POPIA s11(2)(a), GDPR 7(1)).
    pub demonstrable: bool,
    /// When it ends by itself.
    pub valid_until: Option<Moment>,
    /// The goods or services it covers; none named: any.
    pub goods: Vec<String>,
    /// The channels it covers; none named: WhatsApp.
    pub channels: Vec<String>,
    /// When the person confirmed it (double opt-in).
    pub confirmed_at: Option<Moment>,
    /// Whether the person had the notice before them (POPIA s18, GDPR 13); absent: unknown.
    pub notice_given: Option<bool>,
    /// Whether that notice named the purpose; absent: unknown.
    pub purpose_in_notice: Option<bool>,
    /// Whether a notice with a material change has come since, to which the person has not been asked again.
    pub notice_superseded: bool,
    /// What the person said, event by event, in any order. The state is their fold.
    pub history: Vec<ConsentFact>,
}
impl From<conek_core::policy::ConsentFacts> for ConsentFacts {
    fn from(v: conek_core::policy::ConsentFacts) -> Self {
        let conek_core::policy::ConsentFacts {
            status,
            since,
            demonstrable,
            valid_until,
            goods,
            channels,
            confirmed_at,
            notice_given,
            purpose_in_notice,
            notice_superseded,
            history,
        } = v;
        Self {
            status: status.into(),
            since: since.map(|x| x.into()),
            demonstrable: demonstrable,
            valid_until: valid_until.map(|x| x.into()),
            goods: goods,
            channels: channels,
            confirmed_at: confirmed_at.map(|x| x.into()),
            notice_given: notice_given,
            purpose_in_notice: purpose_in_notice,
            notice_superseded: notice_superseded,
            history: history.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<ConsentFacts> for conek_core::policy::ConsentFacts {
    fn from(v: ConsentFacts) -> Self {
        let ConsentFacts {
            status,
            since,
            demonstrable,
            valid_until,
            goods,
            channels,
            confirmed_at,
            notice_given,
            purpose_in_notice,
            notice_superseded,
            history,
        } = v;
        Self {
            status: status.into(),
            since: since.map(|x| x.into()),
            demonstrable: demonstrable,
            valid_until: valid_until.map(|x| x.into()),
            goods: goods,
            channels: channels,
            confirmed_at: confirmed_at.map(|x| x.into()),
            notice_given: notice_given,
            purpose_in_notice: purpose_in_notice,
            notice_superseded: notice_superseded,
            history: history.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl ConsentFacts {
    #[new]
    #[pyo3(
        signature = (
            *,
            status = ConsentStatus::default(),
            since = None,
            demonstrable = false,
            valid_until = None,
            goods = Vec::new(),
            channels = Vec::new(),
            confirmed_at = None,
            notice_given = None,
            purpose_in_notice = None,
            notice_superseded = false,
            history = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        status: ConsentStatus,
        since: Option<Moment>,
        demonstrable: bool,
        valid_until: Option<Moment>,
        goods: Vec<String>,
        channels: Vec<String>,
        confirmed_at: Option<Moment>,
        notice_given: Option<bool>,
        purpose_in_notice: Option<bool>,
        notice_superseded: bool,
        history: Vec<ConsentFact>,
    ) -> Self {
        Self {
            status,
            since,
            demonstrable,
            valid_until,
            goods,
            channels,
            confirmed_at,
            notice_given,
            purpose_in_notice,
            notice_superseded,
            history,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::policy::ConsentFacts::from(ConsentFacts::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "status",
                "since",
                "demonstrable",
                "valid_until",
                "goods",
                "channels",
                "confirmed_at",
                "notice_given",
                "purpose_in_notice",
                "notice_superseded",
                "history",
            ],
            changes,
        )
    }
}
impl Default for ConsentFacts {
    fn default() -> Self {
        conek_core::policy::ConsentFacts::default().into()
    }
}
/// Where consent for one purpose stands: the fold of its events.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ConsentView {
    /// For what.
    pub purpose: Purpose,
    /// Where it stands.
    pub status: ConsentStatus,
    /// Since when.
    pub since: Moment,
    /// By what way.
    pub source: ConsentSource,
    /// Whether it could be proved.
    pub demonstrable: bool,
    /// The notice it was given under.
    pub notice: Option<String>,
    /// When it ends by itself.
    pub valid_until: Option<Moment>,
    /// When the person confirmed it (double opt-in).
    pub confirmed_at: Option<Moment>,
    /// The goods or services it covers; none named: any.
    pub goods: Vec<String>,
    /// The channels it covers; none named: WhatsApp.
    pub channels: Vec<String>,
}
impl From<conek_core::consent::ConsentView> for ConsentView {
    fn from(v: conek_core::consent::ConsentView) -> Self {
        let conek_core::consent::ConsentView {
            purpose,
            status,
            since,
            source,
            demonstrable,
            notice,
            valid_until,
            confirmed_at,
            goods,
            channels,
        } = v;
        Self {
            purpose: purpose.into(),
            status: status.into(),
            since: since.into(),
            source: source.into(),
            demonstrable: demonstrable,
            notice: notice.map(|x| x.into()),
            valid_until: valid_until.map(|x| x.into()),
            confirmed_at: confirmed_at.map(|x| x.into()),
            goods: goods,
            channels: channels,
        }
    }
}
impl From<ConsentView> for conek_core::consent::ConsentView {
    fn from(v: ConsentView) -> Self {
        let ConsentView {
            purpose,
            status,
            since,
            source,
            demonstrable,
            notice,
            valid_until,
            confirmed_at,
            goods,
            channels,
        } = v;
        Self {
            purpose: purpose.into(),
            status: status.into(),
            since: since.into(),
            source: source.into(),
            demonstrable: demonstrable,
            notice: notice.map(|x| x.into()),
            valid_until: valid_until.map(|x| x.into()),
            confirmed_at: confirmed_at.map(|x| x.into()),
            goods: goods,
            channels: channels,
        }
    }
}
#[pymethods]
impl ConsentView {
    #[new]
    #[pyo3(
        signature = (
            purpose,
            status,
            since,
            source,
            *,
            demonstrable = false,
            notice = None,
            valid_until = None,
            confirmed_at = None,
            goods = Vec::new(),
            channels = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        purpose: Purpose,
        status: ConsentStatus,
        since: Moment,
        source: ConsentSource,
        demonstrable: bool,
        notice: Option<String>,
        valid_until: Option<Moment>,
        confirmed_at: Option<Moment>,
        goods: Vec<String>,
        channels: Vec<String>,
    ) -> Self {
        Self {
            purpose,
            status,
            since,
            source,
            demonstrable,
            notice,
            valid_until,
            confirmed_at,
            goods,
            channels,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::consent::ConsentView::from(ConsentView::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "purpose",
                "status",
                "since",
                "source",
                "demonstrable",
                "notice",
                "valid_until",
                "confirmed_at",
                "goods",
                "channels",
            ],
            changes,
        )
    }
}
/// A contact.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Contact {
    /// Its id.
    pub id: String,
    /// The phone number in E.164; missing for people without one.
    pub phone: Option<String>,
    /// Business-scoped user ids.
    pub bsuids: Vec<String>,
    /// How to address the person.
    pub name: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// IANA zone in which hours are judged; `None` when the country has several and none was given.
    pub zone: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The host's own attributes.
    pub attributes: BTreeMap<String, String>,
    /// Where the data comes from.
    pub provenance: Option<Provenance>,
    /// Where consent stands, by purpose.
    pub consents: Vec<ConsentView>,
    /// Whether the number is on the account's suppression list.
    pub suppressed: bool,
    /// Whether processing is restricted (GDPR 18, POPIA s14(6)).
    pub restricted: bool,
    /// What the person objected to.
    pub objections: Vec<ObjectionScope>,
    /// When the person last wrote.
    pub last_inbound_at: Option<Moment>,
    /// When the contact was made.
    pub created_at: Moment,
}
impl From<conek_core::people::Contact> for Contact {
    fn from(v: conek_core::people::Contact) -> Self {
        let conek_core::people::Contact {
            id,
            phone,
            bsuids,
            name,
            language,
            zone,
            country,
            attributes,
            provenance,
            consents,
            suppressed,
            restricted,
            objections,
            last_inbound_at,
            created_at,
        } = v;
        Self {
            id: id.into(),
            phone: phone,
            bsuids: bsuids,
            name: name,
            language: language,
            zone: zone,
            country: country,
            attributes: attributes,
            provenance: provenance.map(|x| x.into()),
            consents: consents.into_iter().map(|x| x.into()).collect(),
            suppressed: suppressed,
            restricted: restricted,
            objections: objections.into_iter().map(|x| x.into()).collect(),
            last_inbound_at: last_inbound_at.map(|x| x.into()),
            created_at: created_at.into(),
        }
    }
}
impl From<Contact> for conek_core::people::Contact {
    fn from(v: Contact) -> Self {
        let Contact {
            id,
            phone,
            bsuids,
            name,
            language,
            zone,
            country,
            attributes,
            provenance,
            consents,
            suppressed,
            restricted,
            objections,
            last_inbound_at,
            created_at,
        } = v;
        Self {
            id: id.into(),
            phone: phone,
            bsuids: bsuids,
            name: name,
            language: language,
            zone: zone,
            country: country,
            attributes: attributes,
            provenance: provenance.map(|x| x.into()),
            consents: consents.into_iter().map(|x| x.into()).collect(),
            suppressed: suppressed,
            restricted: restricted,
            objections: objections.into_iter().map(|x| x.into()).collect(),
            last_inbound_at: last_inbound_at.map(|x| x.into()),
            created_at: created_at.into(),
        }
    }
}
#[pymethods]
impl Contact {
    #[new]
    #[pyo3(
        signature = (
            id,
            created_at,
            *,
            phone = None,
            bsuids = Vec::new(),
            name = None,
            language = None,
            zone = None,
            country = None,
            attributes = BTreeMap::new(),
            provenance = None,
            consents = Vec::new(),
            suppressed = false,
            restricted = false,
            objections = Vec::new(),
            last_inbound_at = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        created_at: Moment,
        phone: Option<String>,
        bsuids: Vec<String>,
        name: Option<String>,
        language: Option<String>,
        zone: Option<String>,
        country: Option<String>,
        attributes: BTreeMap<String, String>,
        provenance: Option<Provenance>,
        consents: Vec<ConsentView>,
        suppressed: bool,
        restricted: bool,
        objections: Vec<ObjectionScope>,
        last_inbound_at: Option<Moment>,
    ) -> Self {
        Self {
            id,
            phone,
            bsuids,
            name,
            language,
            zone,
            country,
            attributes,
            provenance,
            consents,
            suppressed,
            restricted,
            objections,
            last_inbound_at,
            created_at,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::people::Contact::from(Contact::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "phone",
                "bsuids",
                "name",
                "language",
                "zone",
                "country",
                "attributes",
                "provenance",
                "consents",
                "suppressed",
                "restricted",
                "objections",
                "last_inbound_at",
                "created_at",
            ],
            changes,
        )
    }
}
/// A contact card. It is somebody's personal data: whoever passes it on needs a reason for that too.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ContactCard {
    /// The name.
    pub name: CardName,
    /// Phone numbers.
    pub phones: Vec<CardPhone>,
    /// E-mail addresses.
    pub emails: Vec<CardEmail>,
    /// Web addresses.
    pub urls: Vec<CardUrl>,
    /// Postal addresses.
    pub addresses: Vec<CardAddress>,
    /// Where the person works.
    pub organisation: Option<CardOrganisation>,
    /// The day of birth, `YYYY-MM-DD`.
    pub birthday: Option<String>,
}
impl From<conek_core::messaging::content::ContactCard> for ContactCard {
    fn from(v: conek_core::messaging::content::ContactCard) -> Self {
        let conek_core::messaging::content::ContactCard {
            name,
            phones,
            emails,
            urls,
            addresses,
            organisation,
            birthday,
        } = v;
        Self {
            name: name.into(),
            phones: phones.into_iter().map(|x| x.into()).collect(),
            emails: emails.into_iter().map(|x| x.into()).collect(),
            urls: urls.into_iter().map(|x| x.into()).collect(),
            addresses: addresses.into_iter().map(|x| x.into()).collect(),
            organisation: organisation.map(|x| x.into()),
            birthday: birthday,
        }
    }
}
impl From<ContactCard> for conek_core::messaging::content::ContactCard {
    fn from(v: ContactCard) -> Self {
        let ContactCard {
            name,
            phones,
            emails,
            urls,
            addresses,
            organisation,
            birthday,
        } = v;
        Self {
            name: name.into(),
            phones: phones.into_iter().map(|x| x.into()).collect(),
            emails: emails.into_iter().map(|x| x.into()).collect(),
            urls: urls.into_iter().map(|x| x.into()).collect(),
            addresses: addresses.into_iter().map(|x| x.into()).collect(),
            organisation: organisation.map(|x| x.into()),
            birthday: birthday,
        }
    }
}
#[pymethods]
impl ContactCard {
    #[new]
    #[pyo3(
        signature = (
            *,
            name = CardName::default(),
            phones = Vec::new(),
            emails = Vec::new(),
            urls = Vec::new(),
            addresses = Vec::new(),
            organisation = None,
            birthday = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        name: CardName,
        phones: Vec<CardPhone>,
        emails: Vec<CardEmail>,
        urls: Vec<CardUrl>,
        addresses: Vec<CardAddress>,
        organisation: Option<CardOrganisation>,
        birthday: Option<String>,
    ) -> Self {
        Self {
            name,
            phones,
            emails,
            urls,
            addresses,
            organisation,
            birthday,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::ContactCard::from(ContactCard::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "name",
                "phones",
                "emails",
                "urls",
                "addresses",
                "organisation",
                "birthday",
            ],
            changes,
        )
    }
}
impl Default for ContactCard {
    fn default() -> Self {
        conek_core::messaging::content::ContactCard::default().into()
    }
}
/// Some contacts and where to go on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ContactPage {
    /// The contacts, the oldest first.
    pub contacts: Vec<Contact>,
    /// Give it back as `after`.
    pub next: Option<String>,
}
impl From<conek_core::people::ContactPage> for ContactPage {
    fn from(v: conek_core::people::ContactPage) -> Self {
        let conek_core::people::ContactPage { contacts, next } = v;
        Self {
            contacts: contacts.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<ContactPage> for conek_core::people::ContactPage {
    fn from(v: ContactPage) -> Self {
        let ContactPage { contacts, next } = v;
        Self {
            contacts: contacts.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl ContactPage {
    #[new]
    #[pyo3(signature = (*, contacts = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(contacts: Vec<Contact>, next: Option<String>) -> Self {
        Self { contacts, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::people::ContactPage::from(ContactPage::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["contacts", "next"], changes)
    }
}
/// Which conversations are counted and by what they are told apart; what is left out leaves nothing out.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ConversationFilter {
    /// The business's numbers in E.164.
    pub phone_numbers: Vec<String>,
    /// Of `AUTHENTICATION`, `MARKETING`, `SERVICE` and `UTILITY`.
    pub categories: Vec<String>,
    /// Of `FREE_ENTRY`, `FREE_TIER` and `REGULAR`.
    pub kinds: Vec<String>,
    /// Of `BUSINESS_INITIATED`, `USER_INITIATED` and `UNKNOWN`.
    pub directions: Vec<String>,
    /// By what they are told apart. Without any there is one point for each step.
    pub dimensions: Vec<ConversationDimension>,
}
impl From<conek_core::platform::ConversationFilter> for ConversationFilter {
    fn from(v: conek_core::platform::ConversationFilter) -> Self {
        let conek_core::platform::ConversationFilter {
            phone_numbers,
            categories,
            kinds,
            directions,
            dimensions,
        } = v;
        Self {
            phone_numbers: phone_numbers,
            categories: categories,
            kinds: kinds,
            directions: directions,
            dimensions: dimensions.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<ConversationFilter> for conek_core::platform::ConversationFilter {
    fn from(v: ConversationFilter) -> Self {
        let ConversationFilter {
            phone_numbers,
            categories,
            kinds,
            directions,
            dimensions,
        } = v;
        Self {
            phone_numbers: phone_numbers,
            categories: categories,
            kinds: kinds,
            directions: directions,
            dimensions: dimensions.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl ConversationFilter {
    #[new]
    #[pyo3(
        signature = (
            *,
            phone_numbers = Vec::new(),
            categories = Vec::new(),
            kinds = Vec::new(),
            directions = Vec::new(),
            dimensions = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        phone_numbers: Vec<String>,
        categories: Vec<String>,
        kinds: Vec<String>,
        directions: Vec<String>,
        dimensions: Vec<ConversationDimension>,
    ) -> Self {
        Self {
            phone_numbers,
            categories,
            kinds,
            directions,
            dimensions,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::ConversationFilter::from(ConversationFilter::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["phone_numbers", "categories", "kinds", "directions", "dimensions"],
            changes,
        )
    }
}
impl Default for ConversationFilter {
    fn default() -> Self {
        conek_core::platform::ConversationFilter::default().into()
    }
}
/// Conversations within a step. What they are told apart by is there where it was asked for.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ConversationPoint {
    /// When the step begins.
    pub start: Moment,
    /// When it ends.
    pub end: Moment,
    /// How many.
    pub conversations: i64,
    /// About what they cost, in the account's currency; `None` for an account that pays through a partner.
    pub cost: Option<f64>,
    /// What they are about.
    pub category: Option<String>,
    /// Who began.
    pub direction: Option<String>,
    /// Whether they are charged.
    pub kind: Option<String>,
    /// The country of the people.
    pub country: Option<String>,
    /// The number of the business, in digits.
    pub phone_number: Option<String>,
}
impl From<conek_core::platform::ConversationPoint> for ConversationPoint {
    fn from(v: conek_core::platform::ConversationPoint) -> Self {
        let conek_core::platform::ConversationPoint {
            start,
            end,
            conversations,
            cost,
            category,
            direction,
            kind,
            country,
            phone_number,
        } = v;
        Self {
            start: start.into(),
            end: end.into(),
            conversations: conversations,
            cost: cost,
            category: category,
            direction: direction,
            kind: kind,
            country: country,
            phone_number: phone_number,
        }
    }
}
impl From<ConversationPoint> for conek_core::platform::ConversationPoint {
    fn from(v: ConversationPoint) -> Self {
        let ConversationPoint {
            start,
            end,
            conversations,
            cost,
            category,
            direction,
            kind,
            country,
            phone_number,
        } = v;
        Self {
            start: start.into(),
            end: end.into(),
            conversations: conversations,
            cost: cost,
            category: category,
            direction: direction,
            kind: kind,
            country: country,
            phone_number: phone_number,
        }
    }
}
#[pymethods]
impl ConversationPoint {
    #[new]
    #[pyo3(
        signature = (
            start,
            end,
            conversations,
            *,
            cost = None,
            category = None,
            direction = None,
            kind = None,
            country = None,
            phone_number = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        start: Moment,
        end: Moment,
        conversations: i64,
        cost: Option<f64>,
        category: Option<String>,
        direction: Option<String>,
        kind: Option<String>,
        country: Option<String>,
        phone_number: Option<String>,
    ) -> Self {
        Self {
            start,
            end,
            conversations,
            cost,
            category,
            direction,
            kind,
            country,
            phone_number,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::ConversationPoint::from(ConversationPoint::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "start",
                "end",
                "conversations",
                "cost",
                "category",
                "direction",
                "kind",
                "country",
                "phone_number",
            ],
            changes,
        )
    }
}
/// A sum in one currency.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Cost {
    /// ISO 4217.
    pub currency: String,
    /// Millionths.
    pub micros: i64,
}
impl From<conek_core::campaigns::Cost> for Cost {
    fn from(v: conek_core::campaigns::Cost) -> Self {
        let conek_core::campaigns::Cost { currency, micros } = v;
        Self {
            currency: currency,
            micros: micros,
        }
    }
}
impl From<Cost> for conek_core::campaigns::Cost {
    fn from(v: Cost) -> Self {
        let Cost { currency, micros } = v;
        Self {
            currency: currency,
            micros: micros,
        }
    }
}
#[pymethods]
impl Cost {
    #[new]
    #[pyo3(signature = (currency, micros))]
    #[allow(clippy::too_many_arguments)]
    fn new(currency: String, micros: i64) -> Self {
        Self { currency, micros }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::campaigns::Cost::from(Cost::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["currency", "micros"], changes)
    }
}
/// Something to declare about a person.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Declaration {
    /// About whom.
    pub person: String,
    /// What.
    pub statement: Statement,
    /// By what way it came.
    pub source: ConsentSource,
    /// What proves it. An agreement to hours needs it.
    pub evidence: Evidence,
    /// When it was said; now, if missing.
    pub acted_at: Option<Moment>,
}
impl From<conek_core::consent::Declaration> for Declaration {
    fn from(v: conek_core::consent::Declaration) -> Self {
        let conek_core::consent::Declaration {
            person,
            statement,
            source,
            evidence,
            acted_at,
        } = v;
        Self {
            person: person.into(),
            statement: statement.into(),
            source: source.into(),
            evidence: evidence.into(),
            acted_at: acted_at.map(|x| x.into()),
        }
    }
}
impl From<Declaration> for conek_core::consent::Declaration {
    fn from(v: Declaration) -> Self {
        let Declaration { person, statement, source, evidence, acted_at } = v;
        Self {
            person: person.into(),
            statement: statement.into(),
            source: source.into(),
            evidence: evidence.into(),
            acted_at: acted_at.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl Declaration {
    #[new]
    #[pyo3(signature = (person, statement, source, evidence, *, acted_at = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        person: String,
        statement: Statement,
        source: ConsentSource,
        evidence: Evidence,
        acted_at: Option<Moment>,
    ) -> Self {
        Self {
            person,
            statement,
            source,
            evidence,
            acted_at,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::consent::Declaration::from(Declaration::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["person", "statement", "source", "evidence", "acted_at"],
            changes,
        )
    }
}
/// A declaration as kept.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Declared {
    /// Its id; later ones have greater ids.
    pub id: String,
    /// About whom.
    pub person: String,
    /// What.
    pub statement: Statement,
    /// By what way it came.
    pub source: ConsentSource,
    /// What proves it.
    pub evidence: Evidence,
    /// When it was said.
    pub acted_at: Moment,
    /// When it was recorded.
    pub recorded_at: Moment,
}
impl From<conek_core::consent::Declared> for Declared {
    fn from(v: conek_core::consent::Declared) -> Self {
        let conek_core::consent::Declared {
            id,
            person,
            statement,
            source,
            evidence,
            acted_at,
            recorded_at,
        } = v;
        Self {
            id: id,
            person: person.into(),
            statement: statement.into(),
            source: source.into(),
            evidence: evidence.into(),
            acted_at: acted_at.into(),
            recorded_at: recorded_at.into(),
        }
    }
}
impl From<Declared> for conek_core::consent::Declared {
    fn from(v: Declared) -> Self {
        let Declared {
            id,
            person,
            statement,
            source,
            evidence,
            acted_at,
            recorded_at,
        } = v;
        Self {
            id: id,
            person: person.into(),
            statement: statement.into(),
            source: source.into(),
            evidence: evidence.into(),
            acted_at: acted_at.into(),
            recorded_at: recorded_at.into(),
        }
    }
}
#[pymethods]
impl Declared {
    #[new]
    #[pyo3(signature = (id, person, statement, source, evidence, acted_at, recorded_at))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        person: String,
        statement: Statement,
        source: ConsentSource,
        evidence: Evidence,
        acted_at: Moment,
        recorded_at: Moment,
    ) -> Self {
        Self {
            id,
            person,
            statement,
            source,
            evidence,
            acted_at,
            recorded_at,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::consent::Declared::from(Declared::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "person",
                "statement",
                "source",
                "evidence",
                "acted_at",
                "recorded_at",
            ],
            changes,
        )
    }
}
/// An order or determination that the people are not told yet (POPIA s22(3)).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct DelayOrder {
    /// Who gave it: a public body that prevents, detects or investigates offences, or the Regulator. Nobody else can.
    pub by: String,
    /// Its reference.
    pub reference: String,
    /// Until when; missing: until it is taken back.
    pub until: Option<Moment>,
}
impl From<conek_core::incidents::DelayOrder> for DelayOrder {
    fn from(v: conek_core::incidents::DelayOrder) -> Self {
        let conek_core::incidents::DelayOrder { by, reference, until } = v;
        Self {
            by: by,
            reference: reference,
            until: until.map(|x| x.into()),
        }
    }
}
impl From<DelayOrder> for conek_core::incidents::DelayOrder {
    fn from(v: DelayOrder) -> Self {
        let DelayOrder { by, reference, until } = v;
        Self {
            by: by,
            reference: reference,
            until: until.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl DelayOrder {
    #[new]
    #[pyo3(signature = (by, reference, *, until = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(by: String, reference: String, until: Option<Moment>) -> Self {
        Self { by, reference, until }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::incidents::DelayOrder::from(DelayOrder::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["by", "reference", "until"], changes)
    }
}
/// An entry of the register of disclosures.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Disclosure {
    /// Its id.
    pub id: String,
    /// Who got the data.
    pub recipient: String,
    /// What kind of recipient it is.
    pub recipient_class: RecipientClass,
    /// What the data were for.
    pub purpose: Option<String>,
    /// Which kinds of data.
    pub categories: Vec<String>,
    /// The provision it rests on.
    pub provision: String,
    /// The contract with a service provider.
    pub contract: Option<String>,
    /// The law, order or request that an authority relied on.
    pub legal_reference: Option<String>,
    /// Whose; `None` for those of many.
    pub person: Option<String>,
    /// The first time.
    pub first_at: Moment,
    /// The last time.
    pub last_at: Moment,
    /// How often.
    pub count: i64,
}
impl From<conek_core::registers::Disclosure> for Disclosure {
    fn from(v: conek_core::registers::Disclosure) -> Self {
        let conek_core::registers::Disclosure {
            id,
            recipient,
            recipient_class,
            purpose,
            categories,
            provision,
            contract,
            legal_reference,
            person,
            first_at,
            last_at,
            count,
        } = v;
        Self {
            id: id,
            recipient: recipient,
            recipient_class: recipient_class.into(),
            purpose: purpose,
            categories: categories,
            provision: provision,
            contract: contract,
            legal_reference: legal_reference,
            person: person.map(|x| x.into()),
            first_at: first_at.into(),
            last_at: last_at.into(),
            count: count,
        }
    }
}
impl From<Disclosure> for conek_core::registers::Disclosure {
    fn from(v: Disclosure) -> Self {
        let Disclosure {
            id,
            recipient,
            recipient_class,
            purpose,
            categories,
            provision,
            contract,
            legal_reference,
            person,
            first_at,
            last_at,
            count,
        } = v;
        Self {
            id: id,
            recipient: recipient,
            recipient_class: recipient_class.into(),
            purpose: purpose,
            categories: categories,
            provision: provision,
            contract: contract,
            legal_reference: legal_reference,
            person: person.map(|x| x.into()),
            first_at: first_at.into(),
            last_at: last_at.into(),
            count: count,
        }
    }
}
#[pymethods]
impl Disclosure {
    #[new]
    #[pyo3(
        signature = (
            id,
            recipient,
            recipient_class,
            provision,
            first_at,
            last_at,
            count,
            *,
            purpose = None,
            categories = Vec::new(),
            contract = None,
            legal_reference = None,
            person = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        recipient: String,
        recipient_class: RecipientClass,
        provision: String,
        first_at: Moment,
        last_at: Moment,
        count: i64,
        purpose: Option<String>,
        categories: Vec<String>,
        contract: Option<String>,
        legal_reference: Option<String>,
        person: Option<String>,
    ) -> Self {
        Self {
            id,
            recipient,
            recipient_class,
            purpose,
            categories,
            provision,
            contract,
            legal_reference,
            person,
            first_at,
            last_at,
            count,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::registers::Disclosure::from(Disclosure::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "recipient",
                "recipient_class",
                "purpose",
                "categories",
                "provision",
                "contract",
                "legal_reference",
                "person",
                "first_at",
                "last_at",
                "count",
            ],
            changes,
        )
    }
}
/// Some entries and where to go on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct DisclosurePage {
    /// The entries.
    pub disclosures: Vec<Disclosure>,
    /// Give it back as `after`.
    pub next: Option<String>,
}
impl From<conek_core::registers::DisclosurePage> for DisclosurePage {
    fn from(v: conek_core::registers::DisclosurePage) -> Self {
        let conek_core::registers::DisclosurePage { disclosures, next } = v;
        Self {
            disclosures: disclosures.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<DisclosurePage> for conek_core::registers::DisclosurePage {
    fn from(v: DisclosurePage) -> Self {
        let DisclosurePage { disclosures, next } = v;
        Self {
            disclosures: disclosures.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl DisclosurePage {
    #[new]
    #[pyo3(signature = (*, disclosures = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(disclosures: Vec<Disclosure>, next: Option<String>) -> Self {
        Self { disclosures, next }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::registers::DisclosurePage::from(DisclosurePage::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["disclosures", "next"], changes)
    }
}
/// A message before the gate.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Draft {
    /// To whom.
    pub to: Recipient,
    /// What.
    pub content: Content,
    /// Why.
    pub purpose: Purpose,
    /// From which phone number id; `None` is the account's first.
    pub sender: Option<String>,
    /// WhatsApp's id of the message that this one answers.
    pub reply_to: Option<String>,
    /// The hash of the person's identity key, as a webhook told it: WhatsApp delivers only if it is still theirs, and
    /// refuses with 137000 if it is not. At most 256 characters.
    pub identity_hash: Option<String>,
    /// Not before this moment.
    pub not_before: Option<Moment>,
    /// Not after this moment; `None` is the account's default.
    pub expires_at: Option<Moment>,
    /// The host's own name for this message: a second `send` with the same key is the same message.
    pub dedupe_key: Option<String>,
    /// What it promotes, in the account's own words. Marketing to customers without consent needs it: it
    /// must be similar to what they bought (POPIA s69(3)(b)); and consent may be limited to some goods.
    pub goods: Option<String>,
}
impl From<conek_core::messaging::content::Draft> for Draft {
    fn from(v: conek_core::messaging::content::Draft) -> Self {
        let conek_core::messaging::content::Draft {
            to,
            content,
            purpose,
            sender,
            reply_to,
            identity_hash,
            not_before,
            expires_at,
            dedupe_key,
            goods,
        } = v;
        Self {
            to: to.into(),
            content: content.into(),
            purpose: purpose.into(),
            sender: sender,
            reply_to: reply_to,
            identity_hash: identity_hash,
            not_before: not_before.map(|x| x.into()),
            expires_at: expires_at.map(|x| x.into()),
            dedupe_key: dedupe_key,
            goods: goods,
        }
    }
}
impl From<Draft> for conek_core::messaging::content::Draft {
    fn from(v: Draft) -> Self {
        let Draft {
            to,
            content,
            purpose,
            sender,
            reply_to,
            identity_hash,
            not_before,
            expires_at,
            dedupe_key,
            goods,
        } = v;
        Self {
            to: to.into(),
            content: content.into(),
            purpose: purpose.into(),
            sender: sender,
            reply_to: reply_to,
            identity_hash: identity_hash,
            not_before: not_before.map(|x| x.into()),
            expires_at: expires_at.map(|x| x.into()),
            dedupe_key: dedupe_key,
            goods: goods,
        }
    }
}
#[pymethods]
impl Draft {
    #[new]
    #[pyo3(
        signature = (
            to,
            content,
            purpose,
            *,
            sender = None,
            reply_to = None,
            identity_hash = None,
            not_before = None,
            expires_at = None,
            dedupe_key = None,
            goods = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        to: Recipient,
        content: Content,
        purpose: Purpose,
        sender: Option<String>,
        reply_to: Option<String>,
        identity_hash: Option<String>,
        not_before: Option<Moment>,
        expires_at: Option<Moment>,
        dedupe_key: Option<String>,
        goods: Option<String>,
    ) -> Self {
        Self {
            to,
            content,
            purpose,
            sender,
            reply_to,
            identity_hash,
            not_before,
            expires_at,
            dedupe_key,
            goods,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::messaging::content::Draft::from(Draft::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "to",
                "content",
                "purpose",
                "sender",
                "reply_to",
                "identity_hash",
                "not_before",
                "expires_at",
                "dedupe_key",
                "goods",
            ],
            changes,
        )
    }
}
/// Something that a human must do.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct DueItem {
    /// The request.
    pub request: String,
    /// The right.
    pub right: RightKind,
    /// Where the request stands.
    pub state: RequestState,
    /// What is to be done.
    pub action: String,
    /// By when.
    pub due_at: Moment,
    /// How much of the time is gone: 0, 50, 80 or 100 percent.
    pub alarm: i32,
    /// Whether it is late: then it is a breach of the law or of the account's own promise.
    pub overdue: bool,
    /// Until when the person can be told that it takes longer; `None` where it cannot.
    pub extension_notice_by: Option<Moment>,
}
impl From<conek_core::rights::DueItem> for DueItem {
    fn from(v: conek_core::rights::DueItem) -> Self {
        let conek_core::rights::DueItem {
            request,
            right,
            state,
            action,
            due_at,
            alarm,
            overdue,
            extension_notice_by,
        } = v;
        Self {
            request: request,
            right: right.into(),
            state: state.into(),
            action: action,
            due_at: due_at.into(),
            alarm: alarm,
            overdue: overdue,
            extension_notice_by: extension_notice_by.map(|x| x.into()),
        }
    }
}
impl From<DueItem> for conek_core::rights::DueItem {
    fn from(v: DueItem) -> Self {
        let DueItem {
            request,
            right,
            state,
            action,
            due_at,
            alarm,
            overdue,
            extension_notice_by,
        } = v;
        Self {
            request: request,
            right: right.into(),
            state: state.into(),
            action: action,
            due_at: due_at.into(),
            alarm: alarm,
            overdue: overdue,
            extension_notice_by: extension_notice_by.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl DueItem {
    #[new]
    #[pyo3(
        signature = (
            request,
            right,
            state,
            action,
            due_at,
            alarm,
            *,
            overdue = false,
            extension_notice_by = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        request: String,
        right: RightKind,
        state: RequestState,
        action: String,
        due_at: Moment,
        alarm: i32,
        overdue: bool,
        extension_notice_by: Option<Moment>,
    ) -> Self {
        Self {
            request,
            right,
            state,
            action,
            due_at,
            alarm,
            overdue,
            extension_notice_by,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::rights::DueItem::from(DueItem::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "request",
                "right",
                "state",
                "action",
                "due_at",
                "alarm",
                "overdue",
                "extension_notice_by",
            ],
            changes,
        )
    }
}
/// What a human must do, the most urgent first.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct DueList {
    /// All that is open.
    pub items: Vec<DueItem>,
    /// How many are late.
    pub overdue: i64,
    /// How many are due within a day.
    pub today: i64,
}
impl From<conek_core::rights::DueList> for DueList {
    fn from(v: conek_core::rights::DueList) -> Self {
        let conek_core::rights::DueList { items, overdue, today } = v;
        Self {
            items: items.into_iter().map(|x| x.into()).collect(),
            overdue: overdue,
            today: today,
        }
    }
}
impl From<DueList> for conek_core::rights::DueList {
    fn from(v: DueList) -> Self {
        let DueList { items, overdue, today } = v;
        Self {
            items: items.into_iter().map(|x| x.into()).collect(),
            overdue: overdue,
            today: today,
        }
    }
}
#[pymethods]
impl DueList {
    #[new]
    #[pyo3(signature = (overdue, today, *, items = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(overdue: i64, today: i64, items: Vec<DueItem>) -> Self {
        Self { items, overdue, today }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::rights::DueList::from(DueList::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["items", "overdue", "today"], changes)
    }
}
impl Default for DueList {
    fn default() -> Self {
        conek_core::rights::DueList::default().into()
    }
}
/// What the engine is doing.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct EngineStatus {
    /// Messages waiting for their time or turn.
    pub queued: i64,
    /// Messages taken by a worker or on their way.
    pub in_flight: i64,
    /// Messages that may have been accepted.
    pub in_doubt: i64,
    /// Stored webhooks that are not applied yet.
    pub webhooks: i64,
    /// When the next waiting message is due.
    pub next_due_at: Option<Moment>,
    /// Numbers that were stopped, with the error code that stopped them.
    pub stopped: Vec<StoppedNumber>,
    /// How often this database was restored from a copy.
    pub store_epoch: i32,
    /// Whether this database is a restored copy that sends nothing until `resume` is called.
    pub waiting_to_resume: bool,
    /// The Graph API's version that is used; `None` with a transport of the host's own.
    pub graph: Option<GraphStatus>,
}
impl From<conek_core::engine::EngineStatus> for EngineStatus {
    fn from(v: conek_core::engine::EngineStatus) -> Self {
        let conek_core::engine::EngineStatus {
            queued,
            in_flight,
            in_doubt,
            webhooks,
            next_due_at,
            stopped,
            store_epoch,
            waiting_to_resume,
            graph,
        } = v;
        Self {
            queued: queued,
            in_flight: in_flight,
            in_doubt: in_doubt,
            webhooks: webhooks,
            next_due_at: next_due_at.map(|x| x.into()),
            stopped: stopped.into_iter().map(|x| x.into()).collect(),
            store_epoch: store_epoch,
            waiting_to_resume: waiting_to_resume,
            graph: graph.map(|x| x.into()),
        }
    }
}
impl From<EngineStatus> for conek_core::engine::EngineStatus {
    fn from(v: EngineStatus) -> Self {
        let EngineStatus {
            queued,
            in_flight,
            in_doubt,
            webhooks,
            next_due_at,
            stopped,
            store_epoch,
            waiting_to_resume,
            graph,
        } = v;
        Self {
            queued: queued,
            in_flight: in_flight,
            in_doubt: in_doubt,
            webhooks: webhooks,
            next_due_at: next_due_at.map(|x| x.into()),
            stopped: stopped.into_iter().map(|x| x.into()).collect(),
            store_epoch: store_epoch,
            waiting_to_resume: waiting_to_resume,
            graph: graph.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl EngineStatus {
    #[new]
    #[pyo3(
        signature = (
            queued,
            in_flight,
            in_doubt,
            webhooks,
            store_epoch,
            *,
            next_due_at = None,
            stopped = Vec::new(),
            waiting_to_resume = false,
            graph = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        queued: i64,
        in_flight: i64,
        in_doubt: i64,
        webhooks: i64,
        store_epoch: i32,
        next_due_at: Option<Moment>,
        stopped: Vec<StoppedNumber>,
        waiting_to_resume: bool,
        graph: Option<GraphStatus>,
    ) -> Self {
        Self {
            queued,
            in_flight,
            in_doubt,
            webhooks,
            next_due_at,
            stopped,
            store_epoch,
            waiting_to_resume,
            graph,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::engine::EngineStatus::from(EngineStatus::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "queued",
                "in_flight",
                "in_doubt",
                "webhooks",
                "next_due_at",
                "stopped",
                "store_epoch",
                "waiting_to_resume",
                "graph",
            ],
            changes,
        )
    }
}
/// How to erase somebody.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ErasureOptions {
    /// Why.
    pub ground: ErasureGround,
    /// The request that it answers.
    pub request: Option<String>,
}
impl From<conek_core::rights::ErasureOptions> for ErasureOptions {
    fn from(v: conek_core::rights::ErasureOptions) -> Self {
        let conek_core::rights::ErasureOptions { ground, request } = v;
        Self {
            ground: ground.into(),
            request: request,
        }
    }
}
impl From<ErasureOptions> for conek_core::rights::ErasureOptions {
    fn from(v: ErasureOptions) -> Self {
        let ErasureOptions { ground, request } = v;
        Self {
            ground: ground.into(),
            request: request,
        }
    }
}
#[pymethods]
impl ErasureOptions {
    #[new]
    #[pyo3(signature = (*, ground = ErasureGround::default(), request = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(ground: ErasureGround, request: Option<String>) -> Self {
        Self { ground, request }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::rights::ErasureOptions::from(ErasureOptions::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["ground", "request"], changes)
    }
}
impl Default for ErasureOptions {
    fn default() -> Self {
        conek_core::rights::ErasureOptions::default().into()
    }
}
/// Some proofs and where to go on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ErasurePage {
    /// The proofs.
    pub proofs: Vec<ErasureProof>,
    /// Give it back as `after`.
    pub next: Option<String>,
}
impl From<conek_core::rights::ErasurePage> for ErasurePage {
    fn from(v: conek_core::rights::ErasurePage) -> Self {
        let conek_core::rights::ErasurePage { proofs, next } = v;
        Self {
            proofs: proofs.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<ErasurePage> for conek_core::rights::ErasurePage {
    fn from(v: ErasurePage) -> Self {
        let ErasurePage { proofs, next } = v;
        Self {
            proofs: proofs.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl ErasurePage {
    #[new]
    #[pyo3(signature = (*, proofs = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(proofs: Vec<ErasureProof>, next: Option<String>) -> Self {
        Self { proofs, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::rights::ErasurePage::from(ErasurePage::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["proofs", "next"], changes)
    }
}
/// The proof of an erasure. It names nobody.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ErasureProof {
    /// The person, as nobody but this account can make it and nobody can reverse it.
    pub pseudonym: String,
    /// When.
    pub at: Moment,
    /// Why.
    pub ground: ErasureGround,
    /// Whether it is done. While a legal hold stands the data is kept, restricted, and nothing is sent.
    pub done: bool,
    /// The holds that stand against it, by their reference.
    pub held_by: Vec<String>,
    /// How many records went, by kind.
    pub erased: BTreeMap<String, i64>,
    /// What a law wants kept.
    pub retained: Vec<RetainedPart>,
    /// Who got the data and must be told of the erasure (GDPR 19, POPIA s24(3)).
    pub recipients: Vec<String>,
    /// Whether their addresses stay on the suppression list.
    pub suppressed: bool,
    /// The request that it answers.
    pub request: Option<String>,
    /// How: for the register of processing.
    pub method: String,
}
impl From<conek_core::rights::ErasureProof> for ErasureProof {
    fn from(v: conek_core::rights::ErasureProof) -> Self {
        let conek_core::rights::ErasureProof {
            pseudonym,
            at,
            ground,
            done,
            held_by,
            erased,
            retained,
            recipients,
            suppressed,
            request,
            method,
        } = v;
        Self {
            pseudonym: pseudonym,
            at: at.into(),
            ground: ground.into(),
            done: done,
            held_by: held_by,
            erased: erased,
            retained: retained.into_iter().map(|x| x.into()).collect(),
            recipients: recipients,
            suppressed: suppressed,
            request: request,
            method: method,
        }
    }
}
impl From<ErasureProof> for conek_core::rights::ErasureProof {
    fn from(v: ErasureProof) -> Self {
        let ErasureProof {
            pseudonym,
            at,
            ground,
            done,
            held_by,
            erased,
            retained,
            recipients,
            suppressed,
            request,
            method,
        } = v;
        Self {
            pseudonym: pseudonym,
            at: at.into(),
            ground: ground.into(),
            done: done,
            held_by: held_by,
            erased: erased,
            retained: retained.into_iter().map(|x| x.into()).collect(),
            recipients: recipients,
            suppressed: suppressed,
            request: request,
            method: method,
        }
    }
}
#[pymethods]
impl ErasureProof {
    #[new]
    #[pyo3(
        signature = (
            pseudonym,
            at,
            ground,
            method,
            *,
            done = false,
            held_by = Vec::new(),
            erased = BTreeMap::new(),
            retained = Vec::new(),
            recipients = Vec::new(),
            suppressed = false,
            request = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        pseudonym: String,
        at: Moment,
        ground: ErasureGround,
        method: String,
        done: bool,
        held_by: Vec<String>,
        erased: BTreeMap<String, i64>,
        retained: Vec<RetainedPart>,
        recipients: Vec<String>,
        suppressed: bool,
        request: Option<String>,
    ) -> Self {
        Self {
            pseudonym,
            at,
            ground,
            done,
            held_by,
            erased,
            retained,
            recipients,
            suppressed,
            request,
            method,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::rights::ErasureProof::from(ErasureProof::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "pseudonym",
                "at",
                "ground",
                "done",
                "held_by",
                "erased",
                "retained",
                "recipients",
                "suppressed",
                "request",
                "method",
            ],
            changes,
        )
    }
}
/// One event of the ordered stream.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Event {
    /// Its place in the stream; give it back as `after` to go on behind it.
    pub cursor: String,
    /// When it happened, by WhatsApp's time where it has one.
    pub at: Moment,
    /// Whom it concerns.
    pub person: Option<String>,
    /// Which message of ours it concerns.
    pub message: Option<String>,
    /// What happened.
    pub happening: Happening,
}
impl From<conek_core::inbound::Event> for Event {
    fn from(v: conek_core::inbound::Event) -> Self {
        let conek_core::inbound::Event { cursor, at, person, message, happening } = v;
        Self {
            cursor: cursor,
            at: at.into(),
            person: person.map(|x| x.into()),
            message: message.map(|x| x.into()),
            happening: happening.into(),
        }
    }
}
impl From<Event> for conek_core::inbound::Event {
    fn from(v: Event) -> Self {
        let Event { cursor, at, person, message, happening } = v;
        Self {
            cursor: cursor,
            at: at.into(),
            person: person.map(|x| x.into()),
            message: message.map(|x| x.into()),
            happening: happening.into(),
        }
    }
}
#[pymethods]
impl Event {
    #[new]
    #[pyo3(signature = (cursor, at, happening, *, person = None, message = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        cursor: String,
        at: Moment,
        happening: Happening,
        person: Option<String>,
        message: Option<String>,
    ) -> Self {
        Self {
            cursor,
            at,
            person,
            message,
            happening,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::inbound::Event::from(Event::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["cursor", "at", "person", "message", "happening"],
            changes,
        )
    }
}
/// Some events and where to go on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct EventPage {
    /// The events, in order.
    pub events: Vec<Event>,
    /// The cursor of the last one; stays where it was when there is none.
    pub next: Option<String>,
}
impl From<conek_core::inbound::EventPage> for EventPage {
    fn from(v: conek_core::inbound::EventPage) -> Self {
        let conek_core::inbound::EventPage { events, next } = v;
        Self {
            events: events.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<EventPage> for conek_core::inbound::EventPage {
    fn from(v: EventPage) -> Self {
        let EventPage { events, next } = v;
        Self {
            events: events.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl EventPage {
    #[new]
    #[pyo3(signature = (*, events = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(events: Vec<Event>, next: Option<String>) -> Self {
        Self { events, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::inbound::EventPage::from(EventPage::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["events", "next"], changes)
    }
}
/// What proves a consent event. POPIA s11(2)(a) and GDPR 7(1) put the burden of proof on the account.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Evidence {
    /// What kind of proof it is.
    pub kind: EvidenceKind,
    /// Where the proof is kept: a form's id, a message's id, a recording's reference.
    pub reference: Option<String>,
    /// The words the person saw.
    pub text_shown: Option<String>,
    /// What the person answered.
    pub reply: Option<String>,
}
impl From<conek_core::consent::Evidence> for Evidence {
    fn from(v: conek_core::consent::Evidence) -> Self {
        let conek_core::consent::Evidence { kind, reference, text_shown, reply } = v;
        Self {
            kind: kind.into(),
            reference: reference,
            text_shown: text_shown,
            reply: reply,
        }
    }
}
impl From<Evidence> for conek_core::consent::Evidence {
    fn from(v: Evidence) -> Self {
        let Evidence { kind, reference, text_shown, reply } = v;
        Self {
            kind: kind.into(),
            reference: reference,
            text_shown: text_shown,
            reply: reply,
        }
    }
}
#[pymethods]
impl Evidence {
    #[new]
    #[pyo3(
        signature = (
            *,
            kind = EvidenceKind::default(),
            reference = None,
            text_shown = None,
            reply = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        kind: EvidenceKind,
        reference: Option<String>,
        text_shown: Option<String>,
        reply: Option<String>,
    ) -> Self {
        Self {
            kind,
            reference,
            text_shown,
            reply,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::consent::Evidence::from(Evidence::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["kind", "reference", "text_shown", "reply"],
            changes,
        )
    }
}
impl Default for Evidence {
    fn default() -> Self {
        conek_core::consent::Evidence::default().into()
    }
}
/// Something that is over.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ExpiringItem {
    /// The kind of record.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its retention class.
    pub retention: String,
    /// Since when it is over.
    pub due_at: Moment,
    /// What would be done: `erase`, `minimise`, `held`, `postpone`.
    pub action: String,
}
impl From<conek_core::retention::ExpiringItem> for ExpiringItem {
    fn from(v: conek_core::retention::ExpiringItem) -> Self {
        let conek_core::retention::ExpiringItem {
            kind,
            id,
            retention,
            due_at,
            action,
        } = v;
        Self {
            kind: kind,
            id: id,
            retention: retention,
            due_at: due_at.into(),
            action: action,
        }
    }
}
impl From<ExpiringItem> for conek_core::retention::ExpiringItem {
    fn from(v: ExpiringItem) -> Self {
        let ExpiringItem { kind, id, retention, due_at, action } = v;
        Self {
            kind: kind,
            id: id,
            retention: retention,
            due_at: due_at.into(),
            action: action,
        }
    }
}
#[pymethods]
impl ExpiringItem {
    #[new]
    #[pyo3(signature = (kind, id, retention, due_at, action))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        kind: String,
        id: String,
        retention: String,
        due_at: Moment,
        action: String,
    ) -> Self {
        Self {
            kind,
            id,
            retention,
            due_at,
            action,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::retention::ExpiringItem::from(ExpiringItem::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["kind", "id", "retention", "due_at", "action"],
            changes,
        )
    }
}
/// A decision with all that is needed to understand and repeat it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Explanation {
    /// What the gate said.
    pub decision: Decision,
    /// The same in plain words with the provisions.
    pub text: String,
    /// What it looked at.
    pub facts: Facts,
    /// The moment for which it was decided.
    pub at: Moment,
    /// What does not stand against the message, and ought to be known.
    pub warnings: Vec<Reason>,
    /// The rules' version.
    pub rule_set: String,
    /// SHA-256 of facts and moment, hexadecimal.
    pub input_hash: String,
    /// When it was decided.
    pub decided_at: Moment,
    /// When the request to WhatsApp began: the proof of the hour (GN R293 item 3).
    pub dispatched_at: Option<Moment>,
}
impl From<conek_core::policy::Explanation> for Explanation {
    fn from(v: conek_core::policy::Explanation) -> Self {
        let conek_core::policy::Explanation {
            decision,
            text,
            facts,
            at,
            warnings,
            rule_set,
            input_hash,
            decided_at,
            dispatched_at,
        } = v;
        Self {
            decision: decision.into(),
            text: text,
            facts: facts.into(),
            at: at.into(),
            warnings: warnings.into_iter().map(|x| x.into()).collect(),
            rule_set: rule_set,
            input_hash: input_hash,
            decided_at: decided_at.into(),
            dispatched_at: dispatched_at.map(|x| x.into()),
        }
    }
}
impl From<Explanation> for conek_core::policy::Explanation {
    fn from(v: Explanation) -> Self {
        let Explanation {
            decision,
            text,
            facts,
            at,
            warnings,
            rule_set,
            input_hash,
            decided_at,
            dispatched_at,
        } = v;
        Self {
            decision: decision.into(),
            text: text,
            facts: facts.into(),
            at: at.into(),
            warnings: warnings.into_iter().map(|x| x.into()).collect(),
            rule_set: rule_set,
            input_hash: input_hash,
            decided_at: decided_at.into(),
            dispatched_at: dispatched_at.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl Explanation {
    #[new]
    #[pyo3(
        signature = (
            decision,
            text,
            facts,
            at,
            rule_set,
            input_hash,
            decided_at,
            *,
            warnings = Vec::new(),
            dispatched_at = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        decision: Decision,
        text: String,
        facts: Facts,
        at: Moment,
        rule_set: String,
        input_hash: String,
        decided_at: Moment,
        warnings: Vec<Reason>,
        dispatched_at: Option<Moment>,
    ) -> Self {
        Self {
            decision,
            text,
            facts,
            at,
            warnings,
            rule_set,
            input_hash,
            decided_at,
            dispatched_at,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::Explanation::from(Explanation::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "decision",
                "text",
                "facts",
                "at",
                "warnings",
                "rule_set",
                "input_hash",
                "decided_at",
                "dispatched_at",
            ],
            changes,
        )
    }
}
/// How to export a person's data.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ExportOptions {
    /// What it answers.
    pub kind: ExportKind,
    /// A public key of age (`age1...`): only its owner can open the file then. Missing: a plain ZIP.
    pub recipient: Option<String>,
    /// The language of the page (BCP 47); the person's own, if missing.
    pub language: Option<String>,
}
impl From<conek_core::rights::ExportOptions> for ExportOptions {
    fn from(v: conek_core::rights::ExportOptions) -> Self {
        let conek_core::rights::ExportOptions { kind, recipient, language } = v;
        Self {
            kind: kind.into(),
            recipient: recipient,
            language: language,
        }
    }
}
impl From<ExportOptions> for conek_core::rights::ExportOptions {
    fn from(v: ExportOptions) -> Self {
        let ExportOptions { kind, recipient, language } = v;
        Self {
            kind: kind.into(),
            recipient: recipient,
            language: language,
        }
    }
}
#[pymethods]
impl ExportOptions {
    #[new]
    #[pyo3(
        signature = (*, kind = ExportKind::default(), recipient = None, language = None)
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        kind: ExportKind,
        recipient: Option<String>,
        language: Option<String>,
    ) -> Self {
        Self { kind, recipient, language }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::rights::ExportOptions::from(ExportOptions::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["kind", "recipient", "language"], changes)
    }
}
impl Default for ExportOptions {
    fn default() -> Self {
        conek_core::rights::ExportOptions::default().into()
    }
}
/// What an export holds.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ExportReport {
    /// How many items, by section.
    pub sections: BTreeMap<String, i64>,
    /// How many items portability left out.
    pub left_out: i64,
    /// The file's size in bytes.
    pub bytes: i64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Whether it is encrypted.
    pub encrypted: bool,
}
impl From<conek_core::rights::ExportReport> for ExportReport {
    fn from(v: conek_core::rights::ExportReport) -> Self {
        let conek_core::rights::ExportReport {
            sections,
            left_out,
            bytes,
            sha256,
            encrypted,
        } = v;
        Self {
            sections: sections,
            left_out: left_out,
            bytes: bytes,
            sha256: sha256,
            encrypted: encrypted,
        }
    }
}
impl From<ExportReport> for conek_core::rights::ExportReport {
    fn from(v: ExportReport) -> Self {
        let ExportReport { sections, left_out, bytes, sha256, encrypted } = v;
        Self {
            sections: sections,
            left_out: left_out,
            bytes: bytes,
            sha256: sha256,
            encrypted: encrypted,
        }
    }
}
#[pymethods]
impl ExportReport {
    #[new]
    #[pyo3(
        signature = (
            left_out,
            bytes,
            sha256,
            *,
            sections = BTreeMap::new(),
            encrypted = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        left_out: i64,
        bytes: i64,
        sha256: String,
        sections: BTreeMap<String, i64>,
        encrypted: bool,
    ) -> Self {
        Self {
            sections,
            left_out,
            bytes,
            sha256,
            encrypted,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::rights::ExportReport::from(ExportReport::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["sections", "left_out", "bytes", "sha256", "encrypted"],
            changes,
        )
    }
}
/// Everything that a decision rests on, besides the moment.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Facts {
    /// The data subject.
    pub person: PersonFacts,
    /// The responsible party.
    pub account: AccountFacts,
    /// What is to be sent.
    pub message: MessageFacts,
    /// Where the person's consent for the message's purpose stands.
    pub consent: ConsentFacts,
    /// How the contact was obtained and what the person bought.
    pub relationship: RelationshipFacts,
    /// What the national opt-out registry says; absent where the account uses none.
    pub registry: Option<RegistryFacts>,
    /// What the person agreed to in writing.
    pub agreements: AgreementFacts,
    /// Days declared public holidays in South Africa beyond the Act's own, `YYYY-MM-DD`.
    pub declared_holidays: Vec<String>,
}
impl From<conek_core::policy::Facts> for Facts {
    fn from(v: conek_core::policy::Facts) -> Self {
        let conek_core::policy::Facts {
            person,
            account,
            message,
            consent,
            relationship,
            registry,
            agreements,
            declared_holidays,
        } = v;
        Self {
            person: person.into(),
            account: account.into(),
            message: message.into(),
            consent: consent.into(),
            relationship: relationship.into(),
            registry: registry.map(|x| x.into()),
            agreements: agreements.into(),
            declared_holidays: declared_holidays,
        }
    }
}
impl From<Facts> for conek_core::policy::Facts {
    fn from(v: Facts) -> Self {
        let Facts {
            person,
            account,
            message,
            consent,
            relationship,
            registry,
            agreements,
            declared_holidays,
        } = v;
        Self {
            person: person.into(),
            account: account.into(),
            message: message.into(),
            consent: consent.into(),
            relationship: relationship.into(),
            registry: registry.map(|x| x.into()),
            agreements: agreements.into(),
            declared_holidays: declared_holidays,
        }
    }
}
#[pymethods]
impl Facts {
    #[new]
    #[pyo3(
        signature = (
            *,
            person = PersonFacts::default(),
            account = AccountFacts::default(),
            message = MessageFacts::default(),
            consent = ConsentFacts::default(),
            relationship = RelationshipFacts::default(),
            registry = None,
            agreements = AgreementFacts::default(),
            declared_holidays = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        person: PersonFacts,
        account: AccountFacts,
        message: MessageFacts,
        consent: ConsentFacts,
        relationship: RelationshipFacts,
        registry: Option<RegistryFacts>,
        agreements: AgreementFacts,
        declared_holidays: Vec<String>,
    ) -> Self {
        Self {
            person,
            account,
            message,
            consent,
            relationship,
            registry,
            agreements,
            declared_holidays,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::Facts::from(Facts::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "person",
                "account",
                "message",
                "consent",
                "relationship",
                "registry",
                "agreements",
                "declared_holidays",
            ],
            changes,
        )
    }
}
impl Default for Facts {
    fn default() -> Self {
        conek_core::policy::Facts::default().into()
    }
}
/// A promise that was not kept.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Failure {
    /// The case's name.
    pub name: String,
    /// What was promised.
    pub promise: String,
    /// What was seen instead.
    pub detail: String,
}
impl From<conek_core::conformance::Failure> for Failure {
    fn from(v: conek_core::conformance::Failure) -> Self {
        let conek_core::conformance::Failure { name, promise, detail } = v;
        Self {
            name: name,
            promise: promise,
            detail: detail,
        }
    }
}
impl From<Failure> for conek_core::conformance::Failure {
    fn from(v: Failure) -> Self {
        let Failure { name, promise, detail } = v;
        Self {
            name: name,
            promise: promise,
            detail: detail,
        }
    }
}
#[pymethods]
impl Failure {
    #[new]
    #[pyo3(signature = (name, promise, detail))]
    #[allow(clippy::too_many_arguments)]
    fn new(name: String, promise: String, detail: String) -> Self {
        Self { name, promise, detail }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::conformance::Failure::from(Failure::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["name", "promise", "detail"], changes)
    }
}
/// A form (Meta: WhatsApp Flows > Flows API).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Flow {
    /// Its id.
    pub id: String,
    /// Its name, which people do not see.
    pub name: String,
    /// `DRAFT`, `PUBLISHED`, `DEPRECATED`, `BLOCKED` or `THROTTLED`.
    pub status: String,
    /// What it is for.
    pub categories: Vec<String>,
    /// What is wrong with its file. One with errors is not published.
    pub errors: Vec<FlowError>,
    /// The version of its file's language. Not in lists.
    pub json_version: Option<String>,
    /// The version of the protocol with its endpoint. Not in lists.
    pub data_api_version: Option<String>,
    /// Where its data comes from, if not from the file alone. Not in lists.
    pub endpoint: Option<String>,
    /// Where it can be looked at. Whoever has the address can, so that it is not for everybody. Not in lists.
    pub preview_url: Option<String>,
    /// Until when. Not in lists.
    pub preview_until: Option<Moment>,
    /// When it was changed last. Not in lists.
    pub updated_at: Option<Moment>,
}
impl From<conek_core::platform::Flow> for Flow {
    fn from(v: conek_core::platform::Flow) -> Self {
        let conek_core::platform::Flow {
            id,
            name,
            status,
            categories,
            errors,
            json_version,
            data_api_version,
            endpoint,
            preview_url,
            preview_until,
            updated_at,
        } = v;
        Self {
            id: id,
            name: name,
            status: status,
            categories: categories,
            errors: errors.into_iter().map(|x| x.into()).collect(),
            json_version: json_version,
            data_api_version: data_api_version,
            endpoint: endpoint,
            preview_url: preview_url,
            preview_until: preview_until.map(|x| x.into()),
            updated_at: updated_at.map(|x| x.into()),
        }
    }
}
impl From<Flow> for conek_core::platform::Flow {
    fn from(v: Flow) -> Self {
        let Flow {
            id,
            name,
            status,
            categories,
            errors,
            json_version,
            data_api_version,
            endpoint,
            preview_url,
            preview_until,
            updated_at,
        } = v;
        Self {
            id: id,
            name: name,
            status: status,
            categories: categories,
            errors: errors.into_iter().map(|x| x.into()).collect(),
            json_version: json_version,
            data_api_version: data_api_version,
            endpoint: endpoint,
            preview_url: preview_url,
            preview_until: preview_until.map(|x| x.into()),
            updated_at: updated_at.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl Flow {
    #[new]
    #[pyo3(
        signature = (
            id,
            name,
            status,
            *,
            categories = Vec::new(),
            errors = Vec::new(),
            json_version = None,
            data_api_version = None,
            endpoint = None,
            preview_url = None,
            preview_until = None,
            updated_at = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        name: String,
        status: String,
        categories: Vec<String>,
        errors: Vec<FlowError>,
        json_version: Option<String>,
        data_api_version: Option<String>,
        endpoint: Option<String>,
        preview_url: Option<String>,
        preview_until: Option<Moment>,
        updated_at: Option<Moment>,
    ) -> Self {
        Self {
            id,
            name,
            status,
            categories,
            errors,
            json_version,
            data_api_version,
            endpoint,
            preview_url,
            preview_until,
            updated_at,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::Flow::from(Flow::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "name",
                "status",
                "categories",
                "errors",
                "json_version",
                "data_api_version",
                "endpoint",
                "preview_url",
                "preview_until",
                "updated_at",
            ],
            changes,
        )
    }
}
/// A file of a flow.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct FlowAsset {
    /// Its name: `flow.json`.
    pub name: String,
    /// What it is: `FLOW_JSON`.
    pub kind: String,
    /// Where it can be fetched for a while, without a token.
    pub download_url: Option<String>,
}
impl From<conek_core::platform::FlowAsset> for FlowAsset {
    fn from(v: conek_core::platform::FlowAsset) -> Self {
        let conek_core::platform::FlowAsset { name, kind, download_url } = v;
        Self {
            name: name,
            kind: kind,
            download_url: download_url,
        }
    }
}
impl From<FlowAsset> for conek_core::platform::FlowAsset {
    fn from(v: FlowAsset) -> Self {
        let FlowAsset { name, kind, download_url } = v;
        Self {
            name: name,
            kind: kind,
            download_url: download_url,
        }
    }
}
#[pymethods]
impl FlowAsset {
    #[new]
    #[pyo3(signature = (name, kind, *, download_url = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(name: String, kind: String, download_url: Option<String>) -> Self {
        Self { name, kind, download_url }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::FlowAsset::from(FlowAsset::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["name", "kind", "download_url"], changes)
    }
}
/// What went wrong on the phone with the answer before.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct FlowClientError {
    /// Its name, for example `INVALID_SCREEN_TRANSITION`.
    pub error: String,
    /// In words, where it is said.
    pub message: Option<String>,
}
impl From<conek_core::flow_endpoint::FlowClientError> for FlowClientError {
    fn from(v: conek_core::flow_endpoint::FlowClientError) -> Self {
        let conek_core::flow_endpoint::FlowClientError { error, message } = v;
        Self {
            error: error,
            message: message,
        }
    }
}
impl From<FlowClientError> for conek_core::flow_endpoint::FlowClientError {
    fn from(v: FlowClientError) -> Self {
        let FlowClientError { error, message } = v;
        Self {
            error: error,
            message: message,
        }
    }
}
#[pymethods]
impl FlowClientError {
    #[new]
    #[pyo3(signature = (error, *, message = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(error: String, message: Option<String>) -> Self {
        Self { error, message }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::flow_endpoint::FlowClientError::from(FlowClientError::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["error", "message"], changes)
    }
}
/// What is wrong with a flow's file.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct FlowError {
    /// Its name, for example `INVALID_PROPERTY`.
    pub error: String,
    /// Its kind, for example `FLOW_JSON_ERROR`.
    pub kind: String,
    /// In words.
    pub message: String,
    /// The line on which it begins, from 1.
    pub line: Option<i32>,
    /// The column at which it begins, from 1.
    pub column: Option<i32>,
}
impl From<conek_core::platform::FlowError> for FlowError {
    fn from(v: conek_core::platform::FlowError) -> Self {
        let conek_core::platform::FlowError { error, kind, message, line, column } = v;
        Self {
            error: error,
            kind: kind,
            message: message,
            line: line,
            column: column,
        }
    }
}
impl From<FlowError> for conek_core::platform::FlowError {
    fn from(v: FlowError) -> Self {
        let FlowError { error, kind, message, line, column } = v;
        Self {
            error: error,
            kind: kind,
            message: message,
            line: line,
            column: column,
        }
    }
}
#[pymethods]
impl FlowError {
    #[new]
    #[pyo3(signature = (error, kind, message, *, line = None, column = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        error: String,
        kind: String,
        message: String,
        line: Option<i32>,
        column: Option<i32>,
    ) -> Self {
        Self {
            error,
            kind,
            message,
            line,
            column,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::FlowError::from(FlowError::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["error", "kind", "message", "line", "column"],
            changes,
        )
    }
}
/// What came of an HTTP request: the answer itself, or what the host is to answer.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct FlowHandled {
    /// What to answer WhatsApp with, where nothing has to be decided.
    pub response: Option<HttpResponse>,
    /// Otherwise what the phone asks: give it to `answer`.
    pub request: Option<FlowRequest>,
}
impl From<conek_core::flow_endpoint::FlowHandled> for FlowHandled {
    fn from(v: conek_core::flow_endpoint::FlowHandled) -> Self {
        let conek_core::flow_endpoint::FlowHandled { response, request } = v;
        Self {
            response: response.map(|x| x.into()),
            request: request.map(|x| x.into()),
        }
    }
}
impl From<FlowHandled> for conek_core::flow_endpoint::FlowHandled {
    fn from(v: FlowHandled) -> Self {
        let FlowHandled { response, request } = v;
        Self {
            response: response.map(|x| x.into()),
            request: request.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl FlowHandled {
    #[new]
    #[pyo3(signature = (*, response = None, request = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(response: Option<HttpResponse>, request: Option<FlowRequest>) -> Self {
        Self { response, request }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::flow_endpoint::FlowHandled::from(FlowHandled::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["response", "request"], changes)
    }
}
/// The key for which WhatsApp encrypts what flows of a number send to their endpoint (Meta: Flows > Business
/// encryption).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct FlowKey {
    /// The public key, as PEM; `None` where none is set.
    pub public_key: Option<String>,
    /// `VALID`, or `MISMATCH` where it was signed before the number was registered anew: then it is to be set again.
    pub status: Option<String>,
}
impl From<conek_core::platform::FlowKey> for FlowKey {
    fn from(v: conek_core::platform::FlowKey) -> Self {
        let conek_core::platform::FlowKey { public_key, status } = v;
        Self {
            public_key: public_key,
            status: status,
        }
    }
}
impl From<FlowKey> for conek_core::platform::FlowKey {
    fn from(v: FlowKey) -> Self {
        let FlowKey { public_key, status } = v;
        Self {
            public_key: public_key,
            status: status,
        }
    }
}
#[pymethods]
impl FlowKey {
    #[new]
    #[pyo3(signature = (*, public_key = None, status = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(public_key: Option<String>, status: Option<String>) -> Self {
        Self { public_key, status }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::FlowKey::from(FlowKey::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["public_key", "status"], changes)
    }
}
impl Default for FlowKey {
    fn default() -> Self {
        conek_core::platform::FlowKey::default().into()
    }
}
/// A flow that was made.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct FlowMade {
    /// Its id.
    pub id: String,
    /// What is wrong with the file that it was made with. The flow exists all the same.
    pub errors: Vec<FlowError>,
}
impl From<conek_core::platform::FlowMade> for FlowMade {
    fn from(v: conek_core::platform::FlowMade) -> Self {
        let conek_core::platform::FlowMade { id, errors } = v;
        Self {
            id: id,
            errors: errors.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<FlowMade> for conek_core::platform::FlowMade {
    fn from(v: FlowMade) -> Self {
        let FlowMade { id, errors } = v;
        Self {
            id: id,
            errors: errors.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl FlowMade {
    #[new]
    #[pyo3(signature = (id, *, errors = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, errors: Vec<FlowError>) -> Self {
        Self { id, errors }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::FlowMade::from(FlowMade::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "errors"], changes)
    }
}
/// A file that a person put into a flow. `Debug` shows neither its name nor its bytes.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct FlowMedia {
    /// WhatsApp's id of it.
    pub media_id: String,
    /// Its name on the person's phone.
    pub filename: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}
impl From<conek_core::flow_endpoint::FlowMedia> for FlowMedia {
    fn from(v: conek_core::flow_endpoint::FlowMedia) -> Self {
        let conek_core::flow_endpoint::FlowMedia { media_id, filename, bytes } = v;
        Self {
            media_id: media_id,
            filename: filename,
            bytes: bytes,
        }
    }
}
impl From<FlowMedia> for conek_core::flow_endpoint::FlowMedia {
    fn from(v: FlowMedia) -> Self {
        let FlowMedia { media_id, filename, bytes } = v;
        Self {
            media_id: media_id,
            filename: filename,
            bytes: bytes,
        }
    }
}
#[pymethods]
impl FlowMedia {
    #[new]
    #[pyo3(signature = (media_id, filename, bytes))]
    #[allow(clippy::too_many_arguments)]
    fn new(media_id: String, filename: String, bytes: Vec<u8>) -> Self {
        Self { media_id, filename, bytes }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::flow_endpoint::FlowMedia::from(FlowMedia::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["media_id", "filename", "bytes"], changes)
    }
}
/// What a migration of flows came to.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct FlowMigration {
    /// The copies.
    pub migrated: Vec<MigratedFlow>,
    /// Those that were not copied.
    pub failed: Vec<UnmigratedFlow>,
}
impl From<conek_core::platform::FlowMigration> for FlowMigration {
    fn from(v: conek_core::platform::FlowMigration) -> Self {
        let conek_core::platform::FlowMigration { migrated, failed } = v;
        Self {
            migrated: migrated.into_iter().map(|x| x.into()).collect(),
            failed: failed.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<FlowMigration> for conek_core::platform::FlowMigration {
    fn from(v: FlowMigration) -> Self {
        let FlowMigration { migrated, failed } = v;
        Self {
            migrated: migrated.into_iter().map(|x| x.into()).collect(),
            failed: failed.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl FlowMigration {
    #[new]
    #[pyo3(signature = (*, migrated = Vec::new(), failed = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(migrated: Vec<MigratedFlow>, failed: Vec<UnmigratedFlow>) -> Self {
        Self { migrated, failed }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::FlowMigration::from(FlowMigration::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["migrated", "failed"], changes)
    }
}
impl Default for FlowMigration {
    fn default() -> Self {
        conek_core::platform::FlowMigration::default().into()
    }
}
/// A page of the account's flows.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct FlowPage {
    /// The flows.
    pub flows: Vec<Flow>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}
impl From<conek_core::platform::FlowPage> for FlowPage {
    fn from(v: conek_core::platform::FlowPage) -> Self {
        let conek_core::platform::FlowPage { flows, next } = v;
        Self {
            flows: flows.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<FlowPage> for conek_core::platform::FlowPage {
    fn from(v: FlowPage) -> Self {
        let FlowPage { flows, next } = v;
        Self {
            flows: flows.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl FlowPage {
    #[new]
    #[pyo3(signature = (*, flows = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(flows: Vec<Flow>, next: Option<String>) -> Self {
        Self { flows, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::FlowPage::from(FlowPage::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["flows", "next"], changes)
    }
}
/// A private key of the endpoint of flows. It is a secret: `Debug` shows nothing of it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct FlowPrivateKey {
    /// An RSA key of 2,048 bits in PEM: `PRIVATE KEY` or `ENCRYPTED PRIVATE KEY` (PKCS#8), or `RSA PRIVATE KEY`.
    pub pem: String,
    /// What opens an encrypted one.
    pub passphrase: Option<String>,
}
impl From<conek_core::flow_endpoint::FlowPrivateKey> for FlowPrivateKey {
    fn from(v: conek_core::flow_endpoint::FlowPrivateKey) -> Self {
        let conek_core::flow_endpoint::FlowPrivateKey { pem, passphrase } = v;
        Self {
            pem: pem,
            passphrase: passphrase,
        }
    }
}
impl From<FlowPrivateKey> for conek_core::flow_endpoint::FlowPrivateKey {
    fn from(v: FlowPrivateKey) -> Self {
        let FlowPrivateKey { pem, passphrase } = v;
        Self {
            pem: pem,
            passphrase: passphrase,
        }
    }
}
#[pymethods]
impl FlowPrivateKey {
    #[new]
    #[pyo3(signature = (pem, *, passphrase = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(pem: String, passphrase: Option<String>) -> Self {
        Self { pem, passphrase }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::flow_endpoint::FlowPrivateKey::from(FlowPrivateKey::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["pem", "passphrase"], changes)
    }
}
/// What a phone asks. `Debug` shows nothing that the person entered.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct FlowRequest {
    /// Names the request in `answer`, which takes it once and within a minute.
    pub exchange: String,
    /// Why it asks.
    pub action: FlowAction,
    /// The screen that it comes from; none with `ping` and `init`.
    pub screen: Option<String>,
    /// What was entered or handed over: a JSON object, as text.
    pub data: String,
    /// What the message gave the flow to be recognised by. Whoever is asked decides whether it still counts.
    pub flow_token: Option<String>,
    /// The version of the protocol, for example `3.0`.
    pub version: String,
    /// Where this tells of an error instead of asking. Answer `FlowAnswer.Acknowledged`.
    pub error: Option<FlowClientError>,
}
impl From<conek_core::flow_endpoint::FlowRequest> for FlowRequest {
    fn from(v: conek_core::flow_endpoint::FlowRequest) -> Self {
        let conek_core::flow_endpoint::FlowRequest {
            exchange,
            action,
            screen,
            data,
            flow_token,
            version,
            error,
        } = v;
        Self {
            exchange: exchange,
            action: action.into(),
            screen: screen,
            data: data,
            flow_token: flow_token,
            version: version,
            error: error.map(|x| x.into()),
        }
    }
}
impl From<FlowRequest> for conek_core::flow_endpoint::FlowRequest {
    fn from(v: FlowRequest) -> Self {
        let FlowRequest { exchange, action, screen, data, flow_token, version, error } = v;
        Self {
            exchange: exchange,
            action: action.into(),
            screen: screen,
            data: data,
            flow_token: flow_token,
            version: version,
            error: error.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl FlowRequest {
    #[new]
    #[pyo3(
        signature = (
            exchange,
            action,
            data,
            version,
            *,
            screen = None,
            flow_token = None,
            error = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        exchange: String,
        action: FlowAction,
        data: String,
        version: String,
        screen: Option<String>,
        flow_token: Option<String>,
        error: Option<FlowClientError>,
    ) -> Self {
        Self {
            exchange,
            action,
            screen,
            data,
            flow_token,
            version,
            error,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::flow_endpoint::FlowRequest::from(FlowRequest::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["exchange", "action", "screen", "data", "flow_token", "version", "error"],
            changes,
        )
    }
}
/// What is to be changed of a flow; what is left out stays.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct FlowUpdate {
    /// Its name. Of a draft only.
    pub name: Option<String>,
    /// What it is for, in place of what was said. Of a draft only.
    pub categories: Option<Vec<String>>,
    /// Where its data comes from.
    pub endpoint: Option<String>,
    /// Meta's id of the app that the endpoint belongs to.
    pub application: Option<String>,
}
impl From<conek_core::platform::FlowUpdate> for FlowUpdate {
    fn from(v: conek_core::platform::FlowUpdate) -> Self {
        let conek_core::platform::FlowUpdate {
            name,
            categories,
            endpoint,
            application,
        } = v;
        Self {
            name: name,
            categories: categories,
            endpoint: endpoint,
            application: application,
        }
    }
}
impl From<FlowUpdate> for conek_core::platform::FlowUpdate {
    fn from(v: FlowUpdate) -> Self {
        let FlowUpdate { name, categories, endpoint, application } = v;
        Self {
            name: name,
            categories: categories,
            endpoint: endpoint,
            application: application,
        }
    }
}
#[pymethods]
impl FlowUpdate {
    #[new]
    #[pyo3(
        signature = (
            *,
            name = None,
            categories = None,
            endpoint = None,
            application = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        name: Option<String>,
        categories: Option<Vec<String>>,
        endpoint: Option<String>,
        application: Option<String>,
    ) -> Self {
        Self {
            name,
            categories,
            endpoint,
            application,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::FlowUpdate::from(FlowUpdate::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["name", "categories", "endpoint", "application"],
            changes,
        )
    }
}
impl Default for FlowUpdate {
    fn default() -> Self {
        conek_core::platform::FlowUpdate::default().into()
    }
}
/// What a call was answered, whether it worked or was refused. `Debug` does not show the answer.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct GraphAnswer {
    /// The HTTP status.
    pub status: i32,
    /// The body, which is JSON unless something on the way answered.
    pub json: String,
    /// How much of the hourly calls is used up, in percent, where the answer says so.
    pub used_percent: Option<i32>,
    /// In how many minutes calls work again, where they are used up.
    pub regain_minutes: Option<i32>,
}
impl From<conek_core::transport::GraphAnswer> for GraphAnswer {
    fn from(v: conek_core::transport::GraphAnswer) -> Self {
        let conek_core::transport::GraphAnswer {
            status,
            json,
            used_percent,
            regain_minutes,
        } = v;
        Self {
            status: status,
            json: json,
            used_percent: used_percent,
            regain_minutes: regain_minutes,
        }
    }
}
impl From<GraphAnswer> for conek_core::transport::GraphAnswer {
    fn from(v: GraphAnswer) -> Self {
        let GraphAnswer { status, json, used_percent, regain_minutes } = v;
        Self {
            status: status,
            json: json,
            used_percent: used_percent,
            regain_minutes: regain_minutes,
        }
    }
}
#[pymethods]
impl GraphAnswer {
    #[new]
    #[pyo3(signature = (status, json, *, used_percent = None, regain_minutes = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        status: i32,
        json: String,
        used_percent: Option<i32>,
        regain_minutes: Option<i32>,
    ) -> Self {
        Self {
            status,
            json,
            used_percent,
            regain_minutes,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::transport::GraphAnswer::from(GraphAnswer::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["status", "json", "used_percent", "regain_minutes"],
            changes,
        )
    }
}
/// A call of the Graph API that manages an account. `Debug` shows neither query nor payload.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct GraphCall {
    /// What it does.
    pub method: GraphMethod,
    /// The path behind the API's version, without a slash at its beginning: `1065551234/register`.
    pub path: String,
    /// The query, not yet escaped.
    pub query: BTreeMap<String, String>,
    /// What it carries.
    pub payload: GraphPayload,
}
impl From<conek_core::transport::GraphCall> for GraphCall {
    fn from(v: conek_core::transport::GraphCall) -> Self {
        let conek_core::transport::GraphCall { method, path, query, payload } = v;
        Self {
            method: method.into(),
            path: path,
            query: query,
            payload: payload.into(),
        }
    }
}
impl From<GraphCall> for conek_core::transport::GraphCall {
    fn from(v: GraphCall) -> Self {
        let GraphCall { method, path, query, payload } = v;
        Self {
            method: method.into(),
            path: path,
            query: query,
            payload: payload.into(),
        }
    }
}
#[pymethods]
impl GraphCall {
    #[new]
    #[pyo3(signature = (method, path, payload, *, query = BTreeMap::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        method: GraphMethod,
        path: String,
        payload: GraphPayload,
        query: BTreeMap<String, String>,
    ) -> Self {
        Self {
            method,
            path,
            query,
            payload,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::transport::GraphCall::from(GraphCall::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["method", "path", "query", "payload"],
            changes,
        )
    }
}
/// The Graph API's version that is used, and how long it works.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct GraphStatus {
    /// For example `v25.0`.
    pub version: String,
    /// The day on which it stops working, `YYYY-MM-DD`; `None` while Meta has not announced it, or where this conek
    /// does not know the version.
    pub works_until: Option<String>,
    /// How many days that is from today; negative once it is over.
    pub days_left: Option<i64>,
}
impl From<conek_core::engine::GraphStatus> for GraphStatus {
    fn from(v: conek_core::engine::GraphStatus) -> Self {
        let conek_core::engine::GraphStatus { version, works_until, days_left } = v;
        Self {
            version: version,
            works_until: works_until,
            days_left: days_left,
        }
    }
}
impl From<GraphStatus> for conek_core::engine::GraphStatus {
    fn from(v: GraphStatus) -> Self {
        let GraphStatus { version, works_until, days_left } = v;
        Self {
            version: version,
            works_until: works_until,
            days_left: days_left,
        }
    }
}
#[pymethods]
impl GraphStatus {
    #[new]
    #[pyo3(signature = (version, *, works_until = None, days_left = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        version: String,
        works_until: Option<String>,
        days_left: Option<i64>,
    ) -> Self {
        Self {
            version,
            works_until,
            days_left,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::engine::GraphStatus::from(GraphStatus::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["version", "works_until", "days_left"],
            changes,
        )
    }
}
/// A group (Meta: Groups API > Group management).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub subject: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether people wait for the business's yes (`approval_required`) or are in at once (`auto_approve`).
    pub join_approval: Option<String>,
    /// Whether WhatsApp has suspended it.
    pub suspended: bool,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// Who is in it, besides the business.
    pub members: Vec<GroupMember>,
    /// How many they are.
    pub member_count: Option<i32>,
}
impl From<conek_core::platform::Group> for Group {
    fn from(v: conek_core::platform::Group) -> Self {
        let conek_core::platform::Group {
            id,
            subject,
            description,
            join_approval,
            suspended,
            created_at,
            members,
            member_count,
        } = v;
        Self {
            id: id,
            subject: subject,
            description: description,
            join_approval: join_approval,
            suspended: suspended,
            created_at: created_at.map(|x| x.into()),
            members: members.into_iter().map(|x| x.into()).collect(),
            member_count: member_count,
        }
    }
}
impl From<Group> for conek_core::platform::Group {
    fn from(v: Group) -> Self {
        let Group {
            id,
            subject,
            description,
            join_approval,
            suspended,
            created_at,
            members,
            member_count,
        } = v;
        Self {
            id: id,
            subject: subject,
            description: description,
            join_approval: join_approval,
            suspended: suspended,
            created_at: created_at.map(|x| x.into()),
            members: members.into_iter().map(|x| x.into()).collect(),
            member_count: member_count,
        }
    }
}
#[pymethods]
impl Group {
    #[new]
    #[pyo3(
        signature = (
            id,
            subject,
            *,
            description = None,
            join_approval = None,
            suspended = false,
            created_at = None,
            members = Vec::new(),
            member_count = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        subject: String,
        description: Option<String>,
        join_approval: Option<String>,
        suspended: bool,
        created_at: Option<Moment>,
        members: Vec<GroupMember>,
        member_count: Option<i32>,
    ) -> Self {
        Self {
            id,
            subject,
            description,
            join_approval,
            suspended,
            created_at,
            members,
            member_count,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::Group::from(Group::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "subject",
                "description",
                "join_approval",
                "suspended",
                "created_at",
                "members",
                "member_count",
            ],
            changes,
        )
    }
}
/// Somebody in a group, or who wants to be. Whoever may not see numbers gets the person alone. `Debug` shows none of
/// it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct GroupMember {
    /// The contact, if they are one of this account.
    pub person: Option<String>,
    /// Their number, with `+`.
    pub phone: Option<String>,
    /// Their business-scoped id.
    pub bsuid: Option<String>,
}
impl From<conek_core::platform::GroupMember> for GroupMember {
    fn from(v: conek_core::platform::GroupMember) -> Self {
        let conek_core::platform::GroupMember { person, phone, bsuid } = v;
        Self {
            person: person.map(|x| x.into()),
            phone: phone,
            bsuid: bsuid,
        }
    }
}
impl From<GroupMember> for conek_core::platform::GroupMember {
    fn from(v: GroupMember) -> Self {
        let GroupMember { person, phone, bsuid } = v;
        Self {
            person: person.map(|x| x.into()),
            phone: phone,
            bsuid: bsuid,
        }
    }
}
#[pymethods]
impl GroupMember {
    #[new]
    #[pyo3(signature = (*, person = None, phone = None, bsuid = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        person: Option<String>,
        phone: Option<String>,
        bsuid: Option<String>,
    ) -> Self {
        Self { person, phone, bsuid }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::GroupMember::from(GroupMember::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["person", "phone", "bsuid"], changes)
    }
}
/// A page of a number's groups.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct GroupPage {
    /// The groups.
    pub groups: Vec<GroupSummary>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}
impl From<conek_core::platform::GroupPage> for GroupPage {
    fn from(v: conek_core::platform::GroupPage) -> Self {
        let conek_core::platform::GroupPage { groups, next } = v;
        Self {
            groups: groups.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<GroupPage> for conek_core::platform::GroupPage {
    fn from(v: GroupPage) -> Self {
        let GroupPage { groups, next } = v;
        Self {
            groups: groups.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl GroupPage {
    #[new]
    #[pyo3(signature = (*, groups = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(groups: Vec<GroupSummary>, next: Option<String>) -> Self {
        Self { groups, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::GroupPage::from(GroupPage::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["groups", "next"], changes)
    }
}
/// A group as lists show it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct GroupSummary {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub subject: String,
    /// When it was made.
    pub created_at: Option<Moment>,
}
impl From<conek_core::platform::GroupSummary> for GroupSummary {
    fn from(v: conek_core::platform::GroupSummary) -> Self {
        let conek_core::platform::GroupSummary { id, subject, created_at } = v;
        Self {
            id: id,
            subject: subject,
            created_at: created_at.map(|x| x.into()),
        }
    }
}
impl From<GroupSummary> for conek_core::platform::GroupSummary {
    fn from(v: GroupSummary) -> Self {
        let GroupSummary { id, subject, created_at } = v;
        Self {
            id: id,
            subject: subject,
            created_at: created_at.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl GroupSummary {
    #[new]
    #[pyo3(signature = (id, subject, *, created_at = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, subject: String, created_at: Option<Moment>) -> Self {
        Self { id, subject, created_at }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::GroupSummary::from(GroupSummary::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "subject", "created_at"], changes)
    }
}
/// What is to be changed of a group; what is left out stays.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct GroupUpdate {
    /// What it is called, 128 characters at most.
    pub subject: Option<String>,
    /// What it is for, 2,048 characters at most.
    pub description: Option<String>,
}
impl From<conek_core::platform::GroupUpdate> for GroupUpdate {
    fn from(v: conek_core::platform::GroupUpdate) -> Self {
        let conek_core::platform::GroupUpdate { subject, description } = v;
        Self {
            subject: subject,
            description: description,
        }
    }
}
impl From<GroupUpdate> for conek_core::platform::GroupUpdate {
    fn from(v: GroupUpdate) -> Self {
        let GroupUpdate { subject, description } = v;
        Self {
            subject: subject,
            description: description,
        }
    }
}
#[pymethods]
impl GroupUpdate {
    #[new]
    #[pyo3(signature = (*, subject = None, description = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(subject: Option<String>, description: Option<String>) -> Self {
        Self { subject, description }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::GroupUpdate::from(GroupUpdate::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["subject", "description"], changes)
    }
}
impl Default for GroupUpdate {
    fn default() -> Self {
        conek_core::platform::GroupUpdate::default().into()
    }
}
/// A hold that stands against erasing.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct HoldFacts {
    /// The case or order.
    pub reference: String,
    /// When it ends; missing: when it is lifted.
    pub until: Option<Moment>,
}
impl From<conek_core::retention::HoldFacts> for HoldFacts {
    fn from(v: conek_core::retention::HoldFacts) -> Self {
        let conek_core::retention::HoldFacts { reference, until } = v;
        Self {
            reference: reference,
            until: until.map(|x| x.into()),
        }
    }
}
impl From<HoldFacts> for conek_core::retention::HoldFacts {
    fn from(v: HoldFacts) -> Self {
        let HoldFacts { reference, until } = v;
        Self {
            reference: reference,
            until: until.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl HoldFacts {
    #[new]
    #[pyo3(signature = (reference, *, until = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(reference: String, until: Option<Moment>) -> Self {
        Self { reference, until }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::retention::HoldFacts::from(HoldFacts::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["reference", "until"], changes)
    }
}
/// A public holiday.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Holiday {
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// What it is called.
    pub title: String,
    /// Whether it was declared for this year alone (Public Holidays Act s2A).
    pub declared: bool,
}
impl From<conek_core::questions::Holiday> for Holiday {
    fn from(v: conek_core::questions::Holiday) -> Self {
        let conek_core::questions::Holiday { date, title, declared } = v;
        Self {
            date: date,
            title: title,
            declared: declared,
        }
    }
}
impl From<Holiday> for conek_core::questions::Holiday {
    fn from(v: Holiday) -> Self {
        let Holiday { date, title, declared } = v;
        Self {
            date: date,
            title: title,
            declared: declared,
        }
    }
}
#[pymethods]
impl Holiday {
    #[new]
    #[pyo3(signature = (date, title, *, declared = false))]
    #[allow(clippy::too_many_arguments)]
    fn new(date: String, title: String, declared: bool) -> Self {
        Self { date, title, declared }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::questions::Holiday::from(Holiday::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["date", "title", "declared"], changes)
    }
}
/// An HTTP request, whatever server received it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// The path with its query string.
    pub path: String,
    /// Header names (any case) and values.
    pub headers: BTreeMap<String, String>,
    /// The raw body.
    pub body: Vec<u8>,
}
impl From<conek_core::inbound::HttpRequest> for HttpRequest {
    fn from(v: conek_core::inbound::HttpRequest) -> Self {
        let conek_core::inbound::HttpRequest { method, path, headers, body } = v;
        Self {
            method: method,
            path: path,
            headers: headers,
            body: body,
        }
    }
}
impl From<HttpRequest> for conek_core::inbound::HttpRequest {
    fn from(v: HttpRequest) -> Self {
        let HttpRequest { method, path, headers, body } = v;
        Self {
            method: method,
            path: path,
            headers: headers,
            body: body,
        }
    }
}
#[pymethods]
impl HttpRequest {
    #[new]
    #[pyo3(signature = (method, path, body, *, headers = BTreeMap::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        method: String,
        path: String,
        body: Vec<u8>,
        headers: BTreeMap<String, String>,
    ) -> Self {
        Self {
            method,
            path,
            headers,
            body,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::inbound::HttpRequest::from(HttpRequest::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["method", "path", "headers", "body"],
            changes,
        )
    }
}
/// What to answer.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct HttpResponse {
    /// The status code.
    pub status: i32,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}
impl From<conek_core::inbound::HttpResponse> for HttpResponse {
    fn from(v: conek_core::inbound::HttpResponse) -> Self {
        let conek_core::inbound::HttpResponse { status, headers, body } = v;
        Self {
            status: status,
            headers: headers,
            body: body,
        }
    }
}
impl From<HttpResponse> for conek_core::inbound::HttpResponse {
    fn from(v: HttpResponse) -> Self {
        let HttpResponse { status, headers, body } = v;
        Self {
            status: status,
            headers: headers,
            body: body,
        }
    }
}
#[pymethods]
impl HttpResponse {
    #[new]
    #[pyo3(signature = (status, body, *, headers = BTreeMap::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(status: i32, body: Vec<u8>, headers: BTreeMap<String, String>) -> Self {
        Self { status, headers, body }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::inbound::HttpResponse::from(HttpResponse::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["status", "headers", "body"], changes)
    }
}
/// A check of who asks.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct IdentityCheck {
    /// How, for example `code sent to the number`, `identity document seen, not kept`.
    pub method: String,
    /// Whether it is the person.
    pub passed: bool,
    /// Where the proof is kept.
    pub evidence: Option<String>,
}
impl From<conek_core::rights::IdentityCheck> for IdentityCheck {
    fn from(v: conek_core::rights::IdentityCheck) -> Self {
        let conek_core::rights::IdentityCheck { method, passed, evidence } = v;
        Self {
            method: method,
            passed: passed,
            evidence: evidence,
        }
    }
}
impl From<IdentityCheck> for conek_core::rights::IdentityCheck {
    fn from(v: IdentityCheck) -> Self {
        let IdentityCheck { method, passed, evidence } = v;
        Self {
            method: method,
            passed: passed,
            evidence: evidence,
        }
    }
}
#[pymethods]
impl IdentityCheck {
    #[new]
    #[pyo3(signature = (method, *, passed = false, evidence = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(method: String, passed: bool, evidence: Option<String>) -> Self {
        Self { method, passed, evidence }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::rights::IdentityCheck::from(IdentityCheck::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["method", "passed", "evidence"], changes)
    }
}
/// How to read a file of people.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ImportOptions {
    /// Where the file comes from; used for rows without a `source` column.
    pub source: Option<String>,
    /// Region of numbers without a country code, ISO 3166-1 alpha-2; by default the account's.
    pub region: Option<String>,
    /// Our field for a column that has another heading: `{"Cell": "phone"}`.
    pub columns: BTreeMap<String, String>,
    /// Reads and checks everything and stores nothing.
    pub dry_run: bool,
}
impl From<conek_core::people::ImportOptions> for ImportOptions {
    fn from(v: conek_core::people::ImportOptions) -> Self {
        let conek_core::people::ImportOptions { source, region, columns, dry_run } = v;
        Self {
            source: source,
            region: region,
            columns: columns,
            dry_run: dry_run,
        }
    }
}
impl From<ImportOptions> for conek_core::people::ImportOptions {
    fn from(v: ImportOptions) -> Self {
        let ImportOptions { source, region, columns, dry_run } = v;
        Self {
            source: source,
            region: region,
            columns: columns,
            dry_run: dry_run,
        }
    }
}
#[pymethods]
impl ImportOptions {
    #[new]
    #[pyo3(
        signature = (
            *,
            source = None,
            region = None,
            columns = BTreeMap::new(),
            dry_run = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        source: Option<String>,
        region: Option<String>,
        columns: BTreeMap<String, String>,
        dry_run: bool,
    ) -> Self {
        Self {
            source,
            region,
            columns,
            dry_run,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::people::ImportOptions::from(ImportOptions::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["source", "region", "columns", "dry_run"],
            changes,
        )
    }
}
impl Default for ImportOptions {
    fn default() -> Self {
        conek_core::people::ImportOptions::default().into()
    }
}
/// What an import did.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ImportReport {
    /// The import's id, for a campaign to its people; empty after a dry run.
    pub id: String,
    /// Rows read, without the header.
    pub rows: i64,
    /// New contacts.
    pub created: i64,
    /// Contacts brought up to date.
    pub updated: i64,
    /// Rows that named a person of an earlier row of the same file again.
    pub duplicates: i64,
    /// Rows that could not be taken.
    pub rejected: i64,
    /// Rows whose person is on the suppression list: imported, and never sent marketing.
    pub suppressed: i64,
    /// Rows that brought consent with evidence.
    pub consents: i64,
    /// Rows that claimed consent without evidence: imported without it.
    pub consent_without_evidence: i64,
    /// The first 1,000 problems.
    pub problems: Vec<RowProblem>,
}
impl From<conek_core::people::ImportReport> for ImportReport {
    fn from(v: conek_core::people::ImportReport) -> Self {
        let conek_core::people::ImportReport {
            id,
            rows,
            created,
            updated,
            duplicates,
            rejected,
            suppressed,
            consents,
            consent_without_evidence,
            problems,
        } = v;
        Self {
            id: id,
            rows: rows,
            created: created,
            updated: updated,
            duplicates: duplicates,
            rejected: rejected,
            suppressed: suppressed,
            consents: consents,
            consent_without_evidence: consent_without_evidence,
            problems: problems.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<ImportReport> for conek_core::people::ImportReport {
    fn from(v: ImportReport) -> Self {
        let ImportReport {
            id,
            rows,
            created,
            updated,
            duplicates,
            rejected,
            suppressed,
            consents,
            consent_without_evidence,
            problems,
        } = v;
        Self {
            id: id,
            rows: rows,
            created: created,
            updated: updated,
            duplicates: duplicates,
            rejected: rejected,
            suppressed: suppressed,
            consents: consents,
            consent_without_evidence: consent_without_evidence,
            problems: problems.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl ImportReport {
    #[new]
    #[pyo3(
        signature = (
            id,
            rows,
            created,
            updated,
            duplicates,
            rejected,
            suppressed,
            consents,
            consent_without_evidence,
            *,
            problems = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        rows: i64,
        created: i64,
        updated: i64,
        duplicates: i64,
        rejected: i64,
        suppressed: i64,
        consents: i64,
        consent_without_evidence: i64,
        problems: Vec<RowProblem>,
    ) -> Self {
        Self {
            id,
            rows,
            created,
            updated,
            duplicates,
            rejected,
            suppressed,
            consents,
            consent_without_evidence,
            problems,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::people::ImportReport::from(ImportReport::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "rows",
                "created",
                "updated",
                "duplicates",
                "rejected",
                "suppressed",
                "consents",
                "consent_without_evidence",
                "problems",
            ],
            changes,
        )
    }
}
impl Default for ImportReport {
    fn default() -> Self {
        conek_core::people::ImportReport::default().into()
    }
}
/// Somebody's wish to join a group.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct JoinRequest {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub member: GroupMember,
    /// When they asked.
    pub created_at: Option<Moment>,
}
impl From<conek_core::platform::JoinRequest> for JoinRequest {
    fn from(v: conek_core::platform::JoinRequest) -> Self {
        let conek_core::platform::JoinRequest { id, member, created_at } = v;
        Self {
            id: id,
            member: member.into(),
            created_at: created_at.map(|x| x.into()),
        }
    }
}
impl From<JoinRequest> for conek_core::platform::JoinRequest {
    fn from(v: JoinRequest) -> Self {
        let JoinRequest { id, member, created_at } = v;
        Self {
            id: id,
            member: member.into(),
            created_at: created_at.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl JoinRequest {
    #[new]
    #[pyo3(signature = (id, member, *, created_at = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, member: GroupMember, created_at: Option<Moment>) -> Self {
        Self { id, member, created_at }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::JoinRequest::from(JoinRequest::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "member", "created_at"], changes)
    }
}
/// A page of what people wish.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct JoinRequestPage {
    /// The requests.
    pub requests: Vec<JoinRequest>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}
impl From<conek_core::platform::JoinRequestPage> for JoinRequestPage {
    fn from(v: conek_core::platform::JoinRequestPage) -> Self {
        let conek_core::platform::JoinRequestPage { requests, next } = v;
        Self {
            requests: requests.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<JoinRequestPage> for conek_core::platform::JoinRequestPage {
    fn from(v: JoinRequestPage) -> Self {
        let JoinRequestPage { requests, next } = v;
        Self {
            requests: requests.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl JoinRequestPage {
    #[new]
    #[pyo3(signature = (*, requests = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(requests: Vec<JoinRequest>, next: Option<String>) -> Self {
        Self { requests, next }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::JoinRequestPage::from(JoinRequestPage::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["requests", "next"], changes)
    }
}
/// A request that could not be decided.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct JoinRequestRefusal {
    /// Its id.
    pub id: String,
    /// WhatsApp's code, where it said one.
    pub code: Option<i32>,
}
impl From<conek_core::platform::JoinRequestRefusal> for JoinRequestRefusal {
    fn from(v: conek_core::platform::JoinRequestRefusal) -> Self {
        let conek_core::platform::JoinRequestRefusal { id, code } = v;
        Self { id: id, code: code }
    }
}
impl From<JoinRequestRefusal> for conek_core::platform::JoinRequestRefusal {
    fn from(v: JoinRequestRefusal) -> Self {
        let JoinRequestRefusal { id, code } = v;
        Self { id: id, code: code }
    }
}
#[pymethods]
impl JoinRequestRefusal {
    #[new]
    #[pyo3(signature = (id, *, code = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, code: Option<i32>) -> Self {
        Self { id, code }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::JoinRequestRefusal::from(JoinRequestRefusal::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "code"], changes)
    }
}
/// What became of a decision about requests.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct JoinRequestReport {
    /// The ids of those that were decided.
    pub done: Vec<String>,
    /// Those that were not.
    pub refused: Vec<JoinRequestRefusal>,
}
impl From<conek_core::platform::JoinRequestReport> for JoinRequestReport {
    fn from(v: conek_core::platform::JoinRequestReport) -> Self {
        let conek_core::platform::JoinRequestReport { done, refused } = v;
        Self {
            done: done,
            refused: refused.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<JoinRequestReport> for conek_core::platform::JoinRequestReport {
    fn from(v: JoinRequestReport) -> Self {
        let JoinRequestReport { done, refused } = v;
        Self {
            done: done,
            refused: refused.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl JoinRequestReport {
    #[new]
    #[pyo3(signature = (*, done = Vec::new(), refused = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(done: Vec<String>, refused: Vec<JoinRequestRefusal>) -> Self {
        Self { done, refused }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::JoinRequestReport::from(JoinRequestReport::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["done", "refused"], changes)
    }
}
/// Names a record.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Key {
    /// The account that owns the record.
    pub account: String,
    /// What kind of thing it is, `snake_case`.
    pub kind: String,
    /// Its id within account and kind.
    pub id: String,
}
impl From<conek_core::storage::Key> for Key {
    fn from(v: conek_core::storage::Key) -> Self {
        let conek_core::storage::Key { account, kind, id } = v;
        Self {
            account: account,
            kind: kind,
            id: id,
        }
    }
}
impl From<Key> for conek_core::storage::Key {
    fn from(v: Key) -> Self {
        let Key { account, kind, id } = v;
        Self {
            account: account,
            kind: kind,
            id: id,
        }
    }
}
#[pymethods]
impl Key {
    #[new]
    #[pyo3(signature = (account, kind, id))]
    #[allow(clippy::too_many_arguments)]
    fn new(account: String, kind: String, id: String) -> Self {
        Self { account, kind, id }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::storage::Key::from(Key::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["account", "kind", "id"], changes)
    }
}
/// How many people wait for the same moment.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct LaterCount {
    /// When they are due.
    pub until: Moment,
    /// How many.
    pub people: i64,
}
impl From<conek_core::campaigns::LaterCount> for LaterCount {
    fn from(v: conek_core::campaigns::LaterCount) -> Self {
        let conek_core::campaigns::LaterCount { until, people } = v;
        Self {
            until: until.into(),
            people: people,
        }
    }
}
impl From<LaterCount> for conek_core::campaigns::LaterCount {
    fn from(v: LaterCount) -> Self {
        let LaterCount { until, people } = v;
        Self {
            until: until.into(),
            people: people,
        }
    }
}
#[pymethods]
impl LaterCount {
    #[new]
    #[pyo3(signature = (until, people))]
    #[allow(clippy::too_many_arguments)]
    fn new(until: Moment, people: i64) -> Self {
        Self { until, people }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::campaigns::LaterCount::from(LaterCount::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["until", "people"], changes)
    }
}
/// A person who was left out.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct LeftOut {
    /// Who.
    pub person: String,
    /// Why, the strongest first.
    pub reasons: Vec<Reason>,
}
impl From<conek_core::campaigns::LeftOut> for LeftOut {
    fn from(v: conek_core::campaigns::LeftOut) -> Self {
        let conek_core::campaigns::LeftOut { person, reasons } = v;
        Self {
            person: person.into(),
            reasons: reasons.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<LeftOut> for conek_core::campaigns::LeftOut {
    fn from(v: LeftOut) -> Self {
        let LeftOut { person, reasons } = v;
        Self {
            person: person.into(),
            reasons: reasons.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl LeftOut {
    #[new]
    #[pyo3(signature = (person, *, reasons = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(person: String, reasons: Vec<Reason>) -> Self {
        Self { person, reasons }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::campaigns::LeftOut::from(LeftOut::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["person", "reasons"], changes)
    }
}
/// Some people who were left out and where to go on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct LeftOutPage {
    /// The people.
    pub people: Vec<LeftOut>,
    /// Give it back as `after`.
    pub next: Option<String>,
}
impl From<conek_core::campaigns::LeftOutPage> for LeftOutPage {
    fn from(v: conek_core::campaigns::LeftOutPage) -> Self {
        let conek_core::campaigns::LeftOutPage { people, next } = v;
        Self {
            people: people.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<LeftOutPage> for conek_core::campaigns::LeftOutPage {
    fn from(v: LeftOutPage) -> Self {
        let LeftOutPage { people, next } = v;
        Self {
            people: people.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl LeftOutPage {
    #[new]
    #[pyo3(signature = (*, people = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(people: Vec<LeftOut>, next: Option<String>) -> Self {
        Self { people, next }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::campaigns::LeftOutPage::from(LeftOutPage::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["people", "next"], changes)
    }
}
/// A legal hold: a dispute or an order that forbids erasing (GDPR 17(3)(e)). It keeps data and allows no use.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct LegalHold {
    /// The case or order.
    pub reference: String,
    /// Whose data; missing: everybody's.
    pub person: Option<String>,
    /// When it ends; missing: when it is lifted.
    pub until: Option<Moment>,
    /// Since when.
    pub since: Option<Moment>,
}
impl From<conek_core::retention::LegalHold> for LegalHold {
    fn from(v: conek_core::retention::LegalHold) -> Self {
        let conek_core::retention::LegalHold { reference, person, until, since } = v;
        Self {
            reference: reference,
            person: person.map(|x| x.into()),
            until: until.map(|x| x.into()),
            since: since.map(|x| x.into()),
        }
    }
}
impl From<LegalHold> for conek_core::retention::LegalHold {
    fn from(v: LegalHold) -> Self {
        let LegalHold { reference, person, until, since } = v;
        Self {
            reference: reference,
            person: person.map(|x| x.into()),
            until: until.map(|x| x.into()),
            since: since.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl LegalHold {
    #[new]
    #[pyo3(signature = (reference, *, person = None, until = None, since = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        reference: String,
        person: Option<String>,
        until: Option<Moment>,
        since: Option<Moment>,
    ) -> Self {
        Self {
            reference,
            person,
            until,
            since,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::retention::LegalHold::from(LegalHold::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["reference", "person", "until", "since"],
            changes,
        )
    }
}
/// A part of a letter.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct LetterSection {
    /// What it says.
    pub item: BreachItem,
    /// Its heading.
    pub heading: String,
    /// Its text.
    pub text: String,
}
impl From<conek_core::incidents::LetterSection> for LetterSection {
    fn from(v: conek_core::incidents::LetterSection) -> Self {
        let conek_core::incidents::LetterSection { item, heading, text } = v;
        Self {
            item: item.into(),
            heading: heading,
            text: text,
        }
    }
}
impl From<LetterSection> for conek_core::incidents::LetterSection {
    fn from(v: LetterSection) -> Self {
        let LetterSection { item, heading, text } = v;
        Self {
            item: item.into(),
            heading: heading,
            text: text,
        }
    }
}
#[pymethods]
impl LetterSection {
    #[new]
    #[pyo3(signature = (item, heading, text))]
    #[allow(clippy::too_many_arguments)]
    fn new(item: BreachItem, heading: String, text: String) -> Self {
        Self { item, heading, text }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::incidents::LetterSection::from(LetterSection::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["item", "heading", "text"], changes)
    }
}
/// A button of a library template, with examples of what the business gives it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct LibraryButton {
    /// `URL`, `PHONE_NUMBER`, `QUICK_REPLY`, `FLOW`, `OTP` and others.
    pub kind: String,
    /// What it says.
    pub text: String,
    /// An address, where it opens one.
    pub url: Option<String>,
    /// A number, where it calls one.
    pub phone_number: Option<String>,
}
impl From<conek_core::messaging::LibraryButton> for LibraryButton {
    fn from(v: conek_core::messaging::LibraryButton) -> Self {
        let conek_core::messaging::LibraryButton { kind, text, url, phone_number } = v;
        Self {
            kind: kind,
            text: text,
            url: url,
            phone_number: phone_number,
        }
    }
}
impl From<LibraryButton> for conek_core::messaging::LibraryButton {
    fn from(v: LibraryButton) -> Self {
        let LibraryButton { kind, text, url, phone_number } = v;
        Self {
            kind: kind,
            text: text,
            url: url,
            phone_number: phone_number,
        }
    }
}
#[pymethods]
impl LibraryButton {
    #[new]
    #[pyo3(signature = (kind, text, *, url = None, phone_number = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        kind: String,
        text: String,
        url: Option<String>,
        phone_number: Option<String>,
    ) -> Self {
        Self {
            kind,
            text,
            url,
            phone_number,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::LibraryButton::from(LibraryButton::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["kind", "text", "url", "phone_number"],
            changes,
        )
    }
}
/// A page of the library.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct LibraryPage {
    /// The templates.
    pub templates: Vec<LibraryTemplate>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}
impl From<conek_core::messaging::LibraryPage> for LibraryPage {
    fn from(v: conek_core::messaging::LibraryPage) -> Self {
        let conek_core::messaging::LibraryPage { templates, next } = v;
        Self {
            templates: templates.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<LibraryPage> for conek_core::messaging::LibraryPage {
    fn from(v: LibraryPage) -> Self {
        let LibraryPage { templates, next } = v;
        Self {
            templates: templates.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl LibraryPage {
    #[new]
    #[pyo3(signature = (*, templates = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(templates: Vec<LibraryTemplate>, next: Option<String>) -> Self {
        Self { templates, next }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::LibraryPage::from(LibraryPage::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["templates", "next"], changes)
    }
}
/// What of the library is looked for; what is left out leaves nothing out.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct LibraryQuery {
    /// Words of its name, header, body or footer.
    pub search: Option<String>,
    /// Its name in the library.
    pub name: Option<String>,
    /// For example `ORDER_MANAGEMENT` or `PAYMENTS`.
    pub topic: Option<String>,
    /// For example `SHIPMENT_CONFIRMATION` or `PAYMENT_OVERDUE`.
    pub use_case: Option<String>,
    /// `E_COMMERCE` or `FINANCIAL_SERVICES`.
    pub industry: Option<String>,
    /// For example `en_US`.
    pub language: Option<String>,
}
impl From<conek_core::messaging::LibraryQuery> for LibraryQuery {
    fn from(v: conek_core::messaging::LibraryQuery) -> Self {
        let conek_core::messaging::LibraryQuery {
            search,
            name,
            topic,
            use_case,
            industry,
            language,
        } = v;
        Self {
            search: search,
            name: name,
            topic: topic,
            use_case: use_case,
            industry: industry,
            language: language,
        }
    }
}
impl From<LibraryQuery> for conek_core::messaging::LibraryQuery {
    fn from(v: LibraryQuery) -> Self {
        let LibraryQuery { search, name, topic, use_case, industry, language } = v;
        Self {
            search: search,
            name: name,
            topic: topic,
            use_case: use_case,
            industry: industry,
            language: language,
        }
    }
}
#[pymethods]
impl LibraryQuery {
    #[new]
    #[pyo3(
        signature = (
            *,
            search = None,
            name = None,
            topic = None,
            use_case = None,
            industry = None,
            language = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        search: Option<String>,
        name: Option<String>,
        topic: Option<String>,
        use_case: Option<String>,
        industry: Option<String>,
        language: Option<String>,
    ) -> Self {
        Self {
            search,
            name,
            topic,
            use_case,
            industry,
            language,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::LibraryQuery::from(LibraryQuery::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["search", "name", "topic", "use_case", "industry", "language"],
            changes,
        )
    }
}
impl Default for LibraryQuery {
    fn default() -> Self {
        conek_core::messaging::LibraryQuery::default().into()
    }
}
/// A template of the library (Meta: Template library). Its words are fixed; what stands in place of the placeholders
/// must be of their kind, or the send is refused.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct LibraryTemplate {
    /// Its id.
    pub id: String,
    /// Its name in the library.
    pub name: String,
    /// Its language.
    pub language: String,
    /// `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    /// What it is about.
    pub topic: Option<String>,
    /// What it is for.
    pub use_case: Option<String>,
    /// Whom it is for.
    pub industries: Vec<String>,
    /// Its header.
    pub header: Option<String>,
    /// Its body, with placeholders.
    pub body: String,
    /// Its footer.
    pub footer: Option<String>,
    /// Examples in place of the body's placeholders.
    pub body_examples: Vec<String>,
    /// Of what kind they must be: `TEXT`, `AMOUNT`, `DATE`, `ADDRESS`, `NUMBER` and others.
    pub body_kinds: Vec<String>,
    /// Its buttons.
    pub buttons: Vec<LibraryButton>,
}
impl From<conek_core::messaging::LibraryTemplate> for LibraryTemplate {
    fn from(v: conek_core::messaging::LibraryTemplate) -> Self {
        let conek_core::messaging::LibraryTemplate {
            id,
            name,
            language,
            category,
            topic,
            use_case,
            industries,
            header,
            body,
            footer,
            body_examples,
            body_kinds,
            buttons,
        } = v;
        Self {
            id: id,
            name: name,
            language: language,
            category: category,
            topic: topic,
            use_case: use_case,
            industries: industries,
            header: header,
            body: body,
            footer: footer,
            body_examples: body_examples,
            body_kinds: body_kinds,
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<LibraryTemplate> for conek_core::messaging::LibraryTemplate {
    fn from(v: LibraryTemplate) -> Self {
        let LibraryTemplate {
            id,
            name,
            language,
            category,
            topic,
            use_case,
            industries,
            header,
            body,
            footer,
            body_examples,
            body_kinds,
            buttons,
        } = v;
        Self {
            id: id,
            name: name,
            language: language,
            category: category,
            topic: topic,
            use_case: use_case,
            industries: industries,
            header: header,
            body: body,
            footer: footer,
            body_examples: body_examples,
            body_kinds: body_kinds,
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl LibraryTemplate {
    #[new]
    #[pyo3(
        signature = (
            id,
            name,
            language,
            category,
            body,
            *,
            topic = None,
            use_case = None,
            industries = Vec::new(),
            header = None,
            footer = None,
            body_examples = Vec::new(),
            body_kinds = Vec::new(),
            buttons = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        name: String,
        language: String,
        category: String,
        body: String,
        topic: Option<String>,
        use_case: Option<String>,
        industries: Vec<String>,
        header: Option<String>,
        footer: Option<String>,
        body_examples: Vec<String>,
        body_kinds: Vec<String>,
        buttons: Vec<LibraryButton>,
    ) -> Self {
        Self {
            id,
            name,
            language,
            category,
            topic,
            use_case,
            industries,
            header,
            body,
            footer,
            body_examples,
            body_kinds,
            buttons,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::LibraryTemplate::from(LibraryTemplate::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "name",
                "language",
                "category",
                "topic",
                "use_case",
                "industries",
                "header",
                "body",
                "footer",
                "body_examples",
                "body_kinds",
                "buttons",
            ],
            changes,
        )
    }
}
/// A row of a list.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ListRow {
    /// Comes back when it is chosen; at most 200 characters.
    pub id: String,
    /// At most 24 characters.
    pub title: String,
    /// At most 72 characters.
    pub description: Option<String>,
}
impl From<conek_core::messaging::content::ListRow> for ListRow {
    fn from(v: conek_core::messaging::content::ListRow) -> Self {
        let conek_core::messaging::content::ListRow { id, title, description } = v;
        Self {
            id: id,
            title: title,
            description: description,
        }
    }
}
impl From<ListRow> for conek_core::messaging::content::ListRow {
    fn from(v: ListRow) -> Self {
        let ListRow { id, title, description } = v;
        Self {
            id: id,
            title: title,
            description: description,
        }
    }
}
#[pymethods]
impl ListRow {
    #[new]
    #[pyo3(signature = (id, title, *, description = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, title: String, description: Option<String>) -> Self {
        Self { id, title, description }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::content::ListRow::from(ListRow::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "title", "description"], changes)
    }
}
/// A titled group of rows.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ListSection {
    /// At most 24 characters.
    pub title: String,
    /// At most 10 rows in all sections together.
    pub rows: Vec<ListRow>,
}
impl From<conek_core::messaging::content::ListSection> for ListSection {
    fn from(v: conek_core::messaging::content::ListSection) -> Self {
        let conek_core::messaging::content::ListSection { title, rows } = v;
        Self {
            title: title,
            rows: rows.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<ListSection> for conek_core::messaging::content::ListSection {
    fn from(v: ListSection) -> Self {
        let ListSection { title, rows } = v;
        Self {
            title: title,
            rows: rows.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl ListSection {
    #[new]
    #[pyo3(signature = (title, *, rows = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(title: String, rows: Vec<ListRow>) -> Self {
        Self { title, rows }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::ListSection::from(ListSection::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["title", "rows"], changes)
    }
}
/// A template that was made from one of the library.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct MadeFromLibrary {
    /// WhatsApp's id of it.
    pub id: String,
    /// Its status: `APPROVED` at once, unless WhatsApp looks at it.
    pub status: String,
    /// The template as it is kept here and can be sent; `None` where it exists, but could not be read. Then `sync`
    /// reads it.
    pub template: Option<Template>,
}
impl From<conek_core::messaging::MadeFromLibrary> for MadeFromLibrary {
    fn from(v: conek_core::messaging::MadeFromLibrary) -> Self {
        let conek_core::messaging::MadeFromLibrary { id, status, template } = v;
        Self {
            id: id,
            status: status,
            template: template.map(|x| x.into()),
        }
    }
}
impl From<MadeFromLibrary> for conek_core::messaging::MadeFromLibrary {
    fn from(v: MadeFromLibrary) -> Self {
        let MadeFromLibrary { id, status, template } = v;
        Self {
            id: id,
            status: status,
            template: template.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl MadeFromLibrary {
    #[new]
    #[pyo3(signature = (id, status, *, template = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, status: String, template: Option<Template>) -> Self {
        Self { id, status, template }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::MadeFromLibrary::from(MadeFromLibrary::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "status", "template"], changes)
    }
}
/// How marketing templates leave by `/marketing_messages`.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct MarketingMessages {
    /// Whether a message is not sent at all where that way cannot send it (`STRICT`); otherwise WhatsApp sends it
    /// like any other template (`CLOUD_API_FALLBACK`).
    pub strict: bool,
    /// Whether Meta may use what people do with the messages to choose its audiences. That shares personal data
    /// beyond the sending: it needs a ground and a word in the notice, and is off unless it is asked for.
    pub share_activity: bool,
}
impl From<conek_core::engine::MarketingMessages> for MarketingMessages {
    fn from(v: conek_core::engine::MarketingMessages) -> Self {
        let conek_core::engine::MarketingMessages { strict, share_activity } = v;
        Self {
            strict: strict,
            share_activity: share_activity,
        }
    }
}
impl From<MarketingMessages> for conek_core::engine::MarketingMessages {
    fn from(v: MarketingMessages) -> Self {
        let MarketingMessages { strict, share_activity } = v;
        Self {
            strict: strict,
            share_activity: share_activity,
        }
    }
}
#[pymethods]
impl MarketingMessages {
    #[new]
    #[pyo3(signature = (*, strict = false, share_activity = false))]
    #[allow(clippy::too_many_arguments)]
    fn new(strict: bool, share_activity: bool) -> Self {
        Self { strict, share_activity }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::engine::MarketingMessages::from(MarketingMessages::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["strict", "share_activity"], changes)
    }
}
impl Default for MarketingMessages {
    fn default() -> Self {
        conek_core::engine::MarketingMessages::default().into()
    }
}
/// A file with its bytes. `Debug` does not show them.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct MediaFile {
    /// Its id.
    pub id: String,
    /// Its type, for example `image/jpeg`.
    pub mime: String,
    /// The SHA-256 of the bytes, in hexadecimal, as WhatsApp said it and as it was found.
    pub sha256: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}
impl From<conek_core::messaging::MediaFile> for MediaFile {
    fn from(v: conek_core::messaging::MediaFile) -> Self {
        let conek_core::messaging::MediaFile { id, mime, sha256, bytes } = v;
        Self {
            id: id,
            mime: mime,
            sha256: sha256,
            bytes: bytes,
        }
    }
}
impl From<MediaFile> for conek_core::messaging::MediaFile {
    fn from(v: MediaFile) -> Self {
        let MediaFile { id, mime, sha256, bytes } = v;
        Self {
            id: id,
            mime: mime,
            sha256: sha256,
            bytes: bytes,
        }
    }
}
#[pymethods]
impl MediaFile {
    #[new]
    #[pyo3(signature = (id, mime, sha256, bytes))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, mime: String, sha256: String, bytes: Vec<u8>) -> Self {
        Self { id, mime, sha256, bytes }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::messaging::MediaFile::from(MediaFile::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "mime", "sha256", "bytes"], changes)
    }
}
/// What WhatsApp says of a file (Meta: Media > Retrieve Media URL). `Debug` does not show its address.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct MediaInfo {
    /// Its id.
    pub id: String,
    /// Its type, for example `image/jpeg`.
    pub mime: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// How many bytes it has, where WhatsApp says so.
    pub size: Option<i64>,
    /// Where it is. The address wants the access token, so that `download` is the way to the bytes.
    pub url: String,
    /// Until when the address works: five minutes from the question on.
    pub url_until: Moment,
}
impl From<conek_core::messaging::MediaInfo> for MediaInfo {
    fn from(v: conek_core::messaging::MediaInfo) -> Self {
        let conek_core::messaging::MediaInfo {
            id,
            mime,
            sha256,
            size,
            url,
            url_until,
        } = v;
        Self {
            id: id,
            mime: mime,
            sha256: sha256,
            size: size,
            url: url,
            url_until: url_until.into(),
        }
    }
}
impl From<MediaInfo> for conek_core::messaging::MediaInfo {
    fn from(v: MediaInfo) -> Self {
        let MediaInfo { id, mime, sha256, size, url, url_until } = v;
        Self {
            id: id,
            mime: mime,
            sha256: sha256,
            size: size,
            url: url,
            url_until: url_until.into(),
        }
    }
}
#[pymethods]
impl MediaInfo {
    #[new]
    #[pyo3(signature = (id, mime, sha256, url, url_until, *, size = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        mime: String,
        sha256: String,
        url: String,
        url_until: Moment,
        size: Option<i64>,
    ) -> Self {
        Self {
            id,
            mime,
            sha256,
            size,
            url,
            url_until,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::messaging::MediaInfo::from(MediaInfo::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["id", "mime", "sha256", "size", "url", "url_until"],
            changes,
        )
    }
}
/// A message and what became of it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// To whom.
    pub person: String,
    /// Why.
    pub purpose: Purpose,
    /// The phone number id that sends.
    pub sender: String,
    /// The campaign it belongs to.
    pub campaign: Option<String>,
    /// Where it stands.
    pub state: MessageState,
    /// What the gate said last.
    pub decision: Decision,
    /// What it says; `None` once its content was erased or for a person who was left out.
    pub content: Option<Content>,
    /// How often a send was tried.
    pub attempts: i32,
    /// WhatsApp's id, once accepted.
    pub wamid: Option<String>,
    /// WhatsApp's error code of a refusal or failure.
    pub error_code: Option<i32>,
    /// When it was queued.
    pub created_at: Moment,
    /// When it is due, while it waits.
    pub due_at: Option<Moment>,
    /// When WhatsApp sent it on.
    pub sent_at: Option<Moment>,
    /// When it reached the phone.
    pub delivered_at: Option<Moment>,
    /// When it was opened.
    pub read_at: Option<Moment>,
    /// When WhatsApp reported that it failed.
    pub failed_at: Option<Moment>,
}
impl From<conek_core::messaging::Message> for Message {
    fn from(v: conek_core::messaging::Message) -> Self {
        let conek_core::messaging::Message {
            id,
            person,
            purpose,
            sender,
            campaign,
            state,
            decision,
            content,
            attempts,
            wamid,
            error_code,
            created_at,
            due_at,
            sent_at,
            delivered_at,
            read_at,
            failed_at,
        } = v;
        Self {
            id: id.into(),
            person: person.into(),
            purpose: purpose.into(),
            sender: sender,
            campaign: campaign.map(|x| x.into()),
            state: state.into(),
            decision: decision.into(),
            content: content.map(|x| x.into()),
            attempts: attempts,
            wamid: wamid,
            error_code: error_code,
            created_at: created_at.into(),
            due_at: due_at.map(|x| x.into()),
            sent_at: sent_at.map(|x| x.into()),
            delivered_at: delivered_at.map(|x| x.into()),
            read_at: read_at.map(|x| x.into()),
            failed_at: failed_at.map(|x| x.into()),
        }
    }
}
impl From<Message> for conek_core::messaging::Message {
    fn from(v: Message) -> Self {
        let Message {
            id,
            person,
            purpose,
            sender,
            campaign,
            state,
            decision,
            content,
            attempts,
            wamid,
            error_code,
            created_at,
            due_at,
            sent_at,
            delivered_at,
            read_at,
            failed_at,
        } = v;
        Self {
            id: id.into(),
            person: person.into(),
            purpose: purpose.into(),
            sender: sender,
            campaign: campaign.map(|x| x.into()),
            state: state.into(),
            decision: decision.into(),
            content: content.map(|x| x.into()),
            attempts: attempts,
            wamid: wamid,
            error_code: error_code,
            created_at: created_at.into(),
            due_at: due_at.map(|x| x.into()),
            sent_at: sent_at.map(|x| x.into()),
            delivered_at: delivered_at.map(|x| x.into()),
            read_at: read_at.map(|x| x.into()),
            failed_at: failed_at.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl Message {
    #[new]
    #[pyo3(
        signature = (
            id,
            person,
            purpose,
            sender,
            state,
            decision,
            attempts,
            created_at,
            *,
            campaign = None,
            content = None,
            wamid = None,
            error_code = None,
            due_at = None,
            sent_at = None,
            delivered_at = None,
            read_at = None,
            failed_at = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        person: String,
        purpose: Purpose,
        sender: String,
        state: MessageState,
        decision: Decision,
        attempts: i32,
        created_at: Moment,
        campaign: Option<String>,
        content: Option<Content>,
        wamid: Option<String>,
        error_code: Option<i32>,
        due_at: Option<Moment>,
        sent_at: Option<Moment>,
        delivered_at: Option<Moment>,
        read_at: Option<Moment>,
        failed_at: Option<Moment>,
    ) -> Self {
        Self {
            id,
            person,
            purpose,
            sender,
            campaign,
            state,
            decision,
            content,
            attempts,
            wamid,
            error_code,
            created_at,
            due_at,
            sent_at,
            delivered_at,
            read_at,
            failed_at,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::messaging::Message::from(Message::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "person",
                "purpose",
                "sender",
                "campaign",
                "state",
                "decision",
                "content",
                "attempts",
                "wamid",
                "error_code",
                "created_at",
                "due_at",
                "sent_at",
                "delivered_at",
                "read_at",
                "failed_at",
            ],
            changes,
        )
    }
}
/// What is known of the message.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct MessageFacts {
    /// Why it is sent: the message's class.
    pub purpose: Purpose,
    /// The template, or `None` for a free-form message.
    pub template: Option<TemplateFacts>,
    /// The channel, `whatsapp` if absent.
    pub channel: Option<String>,
    /// Whether it tells the person how to stop (POPIA s69(4)(b), ePrivacy 13(4)).
    pub has_opt_out: bool,
    /// Whether it names who sends it (POPIA s69(4)(a)).
    pub names_sender: bool,
    /// Whether it is the first one to the person. Then the right to object must be presented (GDPR 21(4)).
    pub first_communication: bool,
    /// Whether the right to object is, or was, brought to the person's attention.
    pub presents_right_to_object: bool,
    /// Whether it promotes, whatever its class says; absent: not known to.
    pub promotional: Option<bool>,
    /// What it promotes, in the account's own words.
    pub goods: Option<String>,
    /// Whether that is the account's own, and similar to what the person bought (POPIA s69(3)(b)).
    /// Absent: decided by comparing `goods` with `relationship.goods_sold`.
    pub own_similar_goods: Option<bool>,
    /// Whether it follows one transaction of the person's, as a request to rate a delivery does.
    pub tied_to_transaction: bool,
    /// Whether it may only go to people whose age is known.
    pub age_gated: bool,
    /// When it becomes void.
    pub expires_at: Option<Moment>,
}
impl From<conek_core::policy::MessageFacts> for MessageFacts {
    fn from(v: conek_core::policy::MessageFacts) -> Self {
        let conek_core::policy::MessageFacts {
            purpose,
            template,
            channel,
            has_opt_out,
            names_sender,
            first_communication,
            presents_right_to_object,
            promotional,
            goods,
            own_similar_goods,
            tied_to_transaction,
            age_gated,
            expires_at,
        } = v;
        Self {
            purpose: purpose.into(),
            template: template.map(|x| x.into()),
            channel: channel,
            has_opt_out: has_opt_out,
            names_sender: names_sender,
            first_communication: first_communication,
            presents_right_to_object: presents_right_to_object,
            promotional: promotional,
            goods: goods,
            own_similar_goods: own_similar_goods,
            tied_to_transaction: tied_to_transaction,
            age_gated: age_gated,
            expires_at: expires_at.map(|x| x.into()),
        }
    }
}
impl From<MessageFacts> for conek_core::policy::MessageFacts {
    fn from(v: MessageFacts) -> Self {
        let MessageFacts {
            purpose,
            template,
            channel,
            has_opt_out,
            names_sender,
            first_communication,
            presents_right_to_object,
            promotional,
            goods,
            own_similar_goods,
            tied_to_transaction,
            age_gated,
            expires_at,
        } = v;
        Self {
            purpose: purpose.into(),
            template: template.map(|x| x.into()),
            channel: channel,
            has_opt_out: has_opt_out,
            names_sender: names_sender,
            first_communication: first_communication,
            presents_right_to_object: presents_right_to_object,
            promotional: promotional,
            goods: goods,
            own_similar_goods: own_similar_goods,
            tied_to_transaction: tied_to_transaction,
            age_gated: age_gated,
            expires_at: expires_at.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl MessageFacts {
    #[new]
    #[pyo3(
        signature = (
            *,
            purpose = Purpose::default(),
            template = None,
            channel = None,
            has_opt_out = false,
            names_sender = false,
            first_communication = false,
            presents_right_to_object = false,
            promotional = None,
            goods = None,
            own_similar_goods = None,
            tied_to_transaction = false,
            age_gated = false,
            expires_at = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        purpose: Purpose,
        template: Option<TemplateFacts>,
        channel: Option<String>,
        has_opt_out: bool,
        names_sender: bool,
        first_communication: bool,
        presents_right_to_object: bool,
        promotional: Option<bool>,
        goods: Option<String>,
        own_similar_goods: Option<bool>,
        tied_to_transaction: bool,
        age_gated: bool,
        expires_at: Option<Moment>,
    ) -> Self {
        Self {
            purpose,
            template,
            channel,
            has_opt_out,
            names_sender,
            first_communication,
            presents_right_to_object,
            promotional,
            goods,
            own_similar_goods,
            tied_to_transaction,
            age_gated,
            expires_at,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::policy::MessageFacts::from(MessageFacts::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "purpose",
                "template",
                "channel",
                "has_opt_out",
                "names_sender",
                "first_communication",
                "presents_right_to_object",
                "promotional",
                "goods",
                "own_similar_goods",
                "tied_to_transaction",
                "age_gated",
                "expires_at",
            ],
            changes,
        )
    }
}
impl Default for MessageFacts {
    fn default() -> Self {
        conek_core::policy::MessageFacts::default().into()
    }
}
/// Some messages and where to go on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<Message>,
    /// Give it back as `after`.
    pub next: Option<String>,
}
impl From<conek_core::messaging::MessagePage> for MessagePage {
    fn from(v: conek_core::messaging::MessagePage) -> Self {
        let conek_core::messaging::MessagePage { messages, next } = v;
        Self {
            messages: messages.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<MessagePage> for conek_core::messaging::MessagePage {
    fn from(v: MessagePage) -> Self {
        let MessagePage { messages, next } = v;
        Self {
            messages: messages.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl MessagePage {
    #[new]
    #[pyo3(signature = (*, messages = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(messages: Vec<Message>, next: Option<String>) -> Self {
        Self { messages, next }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::MessagePage::from(MessagePage::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["messages", "next"], changes)
    }
}
/// What of the account's messages is counted; what is left out leaves nothing out.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct MessagingFilter {
    /// The business's numbers in E.164.
    pub phone_numbers: Vec<String>,
    /// The countries of people (ISO 3166-1 alpha-2).
    pub countries: Vec<String>,
    /// Which messages.
    pub messages: Vec<CountedMessages>,
}
impl From<conek_core::platform::MessagingFilter> for MessagingFilter {
    fn from(v: conek_core::platform::MessagingFilter) -> Self {
        let conek_core::platform::MessagingFilter {
            phone_numbers,
            countries,
            messages,
        } = v;
        Self {
            phone_numbers: phone_numbers,
            countries: countries,
            messages: messages.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<MessagingFilter> for conek_core::platform::MessagingFilter {
    fn from(v: MessagingFilter) -> Self {
        let MessagingFilter { phone_numbers, countries, messages } = v;
        Self {
            phone_numbers: phone_numbers,
            countries: countries,
            messages: messages.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl MessagingFilter {
    #[new]
    #[pyo3(
        signature = (
            *,
            phone_numbers = Vec::new(),
            countries = Vec::new(),
            messages = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        phone_numbers: Vec<String>,
        countries: Vec<String>,
        messages: Vec<CountedMessages>,
    ) -> Self {
        Self {
            phone_numbers,
            countries,
            messages,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::MessagingFilter::from(MessagingFilter::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["phone_numbers", "countries", "messages"],
            changes,
        )
    }
}
impl Default for MessagingFilter {
    fn default() -> Self {
        conek_core::platform::MessagingFilter::default().into()
    }
}
/// Messages within a step.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct MessagingPoint {
    /// When the step begins.
    pub start: Moment,
    /// When it ends.
    pub end: Moment,
    /// How many messages were sent.
    pub sent: i64,
    /// How many arrived.
    pub delivered: i64,
}
impl From<conek_core::platform::MessagingPoint> for MessagingPoint {
    fn from(v: conek_core::platform::MessagingPoint) -> Self {
        let conek_core::platform::MessagingPoint { start, end, sent, delivered } = v;
        Self {
            start: start.into(),
            end: end.into(),
            sent: sent,
            delivered: delivered,
        }
    }
}
impl From<MessagingPoint> for conek_core::platform::MessagingPoint {
    fn from(v: MessagingPoint) -> Self {
        let MessagingPoint { start, end, sent, delivered } = v;
        Self {
            start: start.into(),
            end: end.into(),
            sent: sent,
            delivered: delivered,
        }
    }
}
#[pymethods]
impl MessagingPoint {
    #[new]
    #[pyo3(signature = (start, end, sent, delivered))]
    #[allow(clippy::too_many_arguments)]
    fn new(start: Moment, end: Moment, sent: i64, delivered: i64) -> Self {
        Self {
            start,
            end,
            sent,
            delivered,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::MessagingPoint::from(MessagingPoint::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["start", "end", "sent", "delivered"],
            changes,
        )
    }
}
/// What went from one database into another.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Migrated {
    /// Records, of all accounts.
    pub records: i64,
    /// Records by kind.
    pub kinds: BTreeMap<String, i64>,
    /// A fingerprint of all of them: equal on both sides, or nothing would have been reported.
    pub fingerprint: String,
}
impl From<conek_core::storage::Migrated> for Migrated {
    fn from(v: conek_core::storage::Migrated) -> Self {
        let conek_core::storage::Migrated { records, kinds, fingerprint } = v;
        Self {
            records: records,
            kinds: kinds,
            fingerprint: fingerprint,
        }
    }
}
impl From<Migrated> for conek_core::storage::Migrated {
    fn from(v: Migrated) -> Self {
        let Migrated { records, kinds, fingerprint } = v;
        Self {
            records: records,
            kinds: kinds,
            fingerprint: fingerprint,
        }
    }
}
#[pymethods]
impl Migrated {
    #[new]
    #[pyo3(signature = (records, fingerprint, *, kinds = BTreeMap::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(records: i64, fingerprint: String, kinds: BTreeMap<String, i64>) -> Self {
        Self {
            records,
            kinds,
            fingerprint,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::storage::Migrated::from(Migrated::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["records", "kinds", "fingerprint"],
            changes,
        )
    }
}
impl Default for Migrated {
    fn default() -> Self {
        conek_core::storage::Migrated::default().into()
    }
}
/// A flow that was copied.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct MigratedFlow {
    /// Its name, in both accounts.
    pub name: String,
    /// Its id in the account that it was copied out of.
    pub source_id: String,
    /// Its id in this account.
    pub id: String,
}
impl From<conek_core::platform::MigratedFlow> for MigratedFlow {
    fn from(v: conek_core::platform::MigratedFlow) -> Self {
        let conek_core::platform::MigratedFlow { name, source_id, id } = v;
        Self {
            name: name,
            source_id: source_id,
            id: id,
        }
    }
}
impl From<MigratedFlow> for conek_core::platform::MigratedFlow {
    fn from(v: MigratedFlow) -> Self {
        let MigratedFlow { name, source_id, id } = v;
        Self {
            name: name,
            source_id: source_id,
            id: id,
        }
    }
}
#[pymethods]
impl MigratedFlow {
    #[new]
    #[pyo3(signature = (name, source_id, id))]
    #[allow(clippy::too_many_arguments)]
    fn new(name: String, source_id: String, id: String) -> Self {
        Self { name, source_id, id }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::MigratedFlow::from(MigratedFlow::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["name", "source_id", "id"], changes)
    }
}
/// Something that a notice has to say and does not.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct MissingContent {
    /// The field of `NoticeContents`.
    pub field: String,
    /// What demands it.
    pub provision: String,
    /// What is missing, in plain words.
    pub text: String,
}
impl From<conek_core::consent::MissingContent> for MissingContent {
    fn from(v: conek_core::consent::MissingContent) -> Self {
        let conek_core::consent::MissingContent { field, provision, text } = v;
        Self {
            field: field,
            provision: provision,
            text: text,
        }
    }
}
impl From<MissingContent> for conek_core::consent::MissingContent {
    fn from(v: MissingContent) -> Self {
        let MissingContent { field, provision, text } = v;
        Self {
            field: field,
            provision: provision,
            text: text,
        }
    }
}
#[pymethods]
impl MissingContent {
    #[new]
    #[pyo3(signature = (field, provision, text))]
    #[allow(clippy::too_many_arguments)]
    fn new(field: String, provision: String, text: String) -> Self {
        Self { field, provision, text }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::consent::MissingContent::from(MissingContent::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["field", "provision", "text"], changes)
    }
}
/// A letter that went out, to enter.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NewBreachNotice {
    /// To whom.
    pub to: BreachAudience,
    /// By what way. A letter that went in two ways is two notices.
    pub channel: BreachChannel,
    /// Which of several, as the letter says.
    pub phase: BreachPhase,
    /// In which language, as the letter says.
    pub language: Option<String>,
    /// When.
    pub sent_at: Moment,
    /// How it is proved, for example the portal's reference or where the copy is.
    pub proof: String,
}
impl From<conek_core::incidents::NewBreachNotice> for NewBreachNotice {
    fn from(v: conek_core::incidents::NewBreachNotice) -> Self {
        let conek_core::incidents::NewBreachNotice {
            to,
            channel,
            phase,
            language,
            sent_at,
            proof,
        } = v;
        Self {
            to: to.into(),
            channel: channel.into(),
            phase: phase.into(),
            language: language,
            sent_at: sent_at.into(),
            proof: proof,
        }
    }
}
impl From<NewBreachNotice> for conek_core::incidents::NewBreachNotice {
    fn from(v: NewBreachNotice) -> Self {
        let NewBreachNotice { to, channel, phase, language, sent_at, proof } = v;
        Self {
            to: to.into(),
            channel: channel.into(),
            phase: phase.into(),
            language: language,
            sent_at: sent_at.into(),
            proof: proof,
        }
    }
}
#[pymethods]
impl NewBreachNotice {
    #[new]
    #[pyo3(signature = (to, channel, phase, sent_at, proof, *, language = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        to: BreachAudience,
        channel: BreachChannel,
        phase: BreachPhase,
        sent_at: Moment,
        proof: String,
        language: Option<String>,
    ) -> Self {
        Self {
            to,
            channel,
            phase,
            language,
            sent_at,
            proof,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::incidents::NewBreachNotice::from(NewBreachNotice::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["to", "channel", "phase", "language", "sent_at", "proof"],
            changes,
        )
    }
}
/// A contact to create or to bring up to date.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NewContact {
    /// The phone number, written in any way.
    pub phone: Option<String>,
    /// The business-scoped user id.
    pub bsuid: Option<String>,
    /// How to address the person.
    pub name: Option<String>,
    /// BCP 47, for example `en-ZA`.
    pub language: Option<String>,
    /// IANA, for example `Africa/Johannesburg`; by default what the country implies.
    pub zone: Option<String>,
    /// ISO 3166-1 alpha-2; by default the phone number's.
    pub country: Option<String>,
    /// Anything else the host's messages need.
    pub attributes: BTreeMap<String, String>,
    /// Where the data comes from. Without it marketing stays unknown, and unknown is denied.
    pub provenance: Option<Provenance>,
}
impl From<conek_core::people::NewContact> for NewContact {
    fn from(v: conek_core::people::NewContact) -> Self {
        let conek_core::people::NewContact {
            phone,
            bsuid,
            name,
            language,
            zone,
            country,
            attributes,
            provenance,
        } = v;
        Self {
            phone: phone,
            bsuid: bsuid,
            name: name,
            language: language,
            zone: zone,
            country: country,
            attributes: attributes,
            provenance: provenance.map(|x| x.into()),
        }
    }
}
impl From<NewContact> for conek_core::people::NewContact {
    fn from(v: NewContact) -> Self {
        let NewContact {
            phone,
            bsuid,
            name,
            language,
            zone,
            country,
            attributes,
            provenance,
        } = v;
        Self {
            phone: phone,
            bsuid: bsuid,
            name: name,
            language: language,
            zone: zone,
            country: country,
            attributes: attributes,
            provenance: provenance.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl NewContact {
    #[new]
    #[pyo3(
        signature = (
            *,
            phone = None,
            bsuid = None,
            name = None,
            language = None,
            zone = None,
            country = None,
            attributes = BTreeMap::new(),
            provenance = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        phone: Option<String>,
        bsuid: Option<String>,
        name: Option<String>,
        language: Option<String>,
        zone: Option<String>,
        country: Option<String>,
        attributes: BTreeMap<String, String>,
        provenance: Option<Provenance>,
    ) -> Self {
        Self {
            phone,
            bsuid,
            name,
            language,
            zone,
            country,
            attributes,
            provenance,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::people::NewContact::from(NewContact::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "phone",
                "bsuid",
                "name",
                "language",
                "zone",
                "country",
                "attributes",
                "provenance",
            ],
            changes,
        )
    }
}
impl Default for NewContact {
    fn default() -> Self {
        conek_core::people::NewContact::default().into()
    }
}
/// A disclosure to enter. What may not be disclosed cannot be entered.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NewDisclosure {
    /// Who got the data, by name.
    pub recipient: String,
    /// What is known of the disclosure: the class of recipient, the purpose, the basis.
    pub facts: SharingFacts,
    /// Which kinds of data, for example `contact`, `message_content`.
    pub categories: Vec<String>,
    /// Whose; missing: those of many, as with a service provider.
    pub person: Option<String>,
    /// When; now, if missing.
    pub at: Option<Moment>,
    /// How many disclosures it stands for; one, if missing.
    pub count: Option<i64>,
}
impl From<conek_core::registers::NewDisclosure> for NewDisclosure {
    fn from(v: conek_core::registers::NewDisclosure) -> Self {
        let conek_core::registers::NewDisclosure {
            recipient,
            facts,
            categories,
            person,
            at,
            count,
        } = v;
        Self {
            recipient: recipient,
            facts: facts.into(),
            categories: categories,
            person: person.map(|x| x.into()),
            at: at.map(|x| x.into()),
            count: count,
        }
    }
}
impl From<NewDisclosure> for conek_core::registers::NewDisclosure {
    fn from(v: NewDisclosure) -> Self {
        let NewDisclosure { recipient, facts, categories, person, at, count } = v;
        Self {
            recipient: recipient,
            facts: facts.into(),
            categories: categories,
            person: person.map(|x| x.into()),
            at: at.map(|x| x.into()),
            count: count,
        }
    }
}
#[pymethods]
impl NewDisclosure {
    #[new]
    #[pyo3(
        signature = (
            recipient,
            facts,
            *,
            categories = Vec::new(),
            person = None,
            at = None,
            count = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        recipient: String,
        facts: SharingFacts,
        categories: Vec<String>,
        person: Option<String>,
        at: Option<Moment>,
        count: Option<i64>,
    ) -> Self {
        Self {
            recipient,
            facts,
            categories,
            person,
            at,
            count,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::registers::NewDisclosure::from(NewDisclosure::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["recipient", "facts", "categories", "person", "at", "count"],
            changes,
        )
    }
}
/// A flow to make. It begins as a draft.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NewFlow {
    /// Its name, unlike that of every other flow of the account.
    pub name: String,
    /// At least one of `SIGN_UP`, `SIGN_IN`, `APPOINTMENT_BOOKING`, `LEAD_GENERATION`, `CONTACT_US`,
    /// `CUSTOMER_SUPPORT`, `SURVEY` and `OTHER`.
    pub categories: Vec<String>,
    /// Its file, as JSON text.
    pub flow_json: Option<String>,
    /// The flow whose file it begins with instead.
    pub clone_of: Option<String>,
    /// Where its data comes from, `https://...`.
    pub endpoint: Option<String>,
}
impl From<conek_core::platform::NewFlow> for NewFlow {
    fn from(v: conek_core::platform::NewFlow) -> Self {
        let conek_core::platform::NewFlow {
            name,
            categories,
            flow_json,
            clone_of,
            endpoint,
        } = v;
        Self {
            name: name,
            categories: categories,
            flow_json: flow_json,
            clone_of: clone_of,
            endpoint: endpoint,
        }
    }
}
impl From<NewFlow> for conek_core::platform::NewFlow {
    fn from(v: NewFlow) -> Self {
        let NewFlow { name, categories, flow_json, clone_of, endpoint } = v;
        Self {
            name: name,
            categories: categories,
            flow_json: flow_json,
            clone_of: clone_of,
            endpoint: endpoint,
        }
    }
}
#[pymethods]
impl NewFlow {
    #[new]
    #[pyo3(
        signature = (
            name,
            *,
            categories = Vec::new(),
            flow_json = None,
            clone_of = None,
            endpoint = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        name: String,
        categories: Vec<String>,
        flow_json: Option<String>,
        clone_of: Option<String>,
        endpoint: Option<String>,
    ) -> Self {
        Self {
            name,
            categories,
            flow_json,
            clone_of,
            endpoint,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::NewFlow::from(NewFlow::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["name", "categories", "flow_json", "clone_of", "endpoint"],
            changes,
        )
    }
}
impl Default for NewFlow {
    fn default() -> Self {
        conek_core::platform::NewFlow::default().into()
    }
}
/// A template to be made from one of the library.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NewFromLibrary {
    /// The name that it gets: `[a-z0-9_]`, at most 512 characters.
    pub name: String,
    /// The language.
    pub language: String,
    /// Utility or authentication.
    pub category: TemplateCategory,
    /// Its name in the library.
    pub library_name: String,
    /// What its buttons are given, in their order; needed where it has buttons that open or call.
    pub buttons: Vec<LibraryButtonInput>,
    /// Whether it says at which number the business can be asked.
    pub contact_number: bool,
    /// Whether it says where more can be read. Not every account has that.
    pub learn_more_link: bool,
    /// Whether it says where a parcel is. Not every account has that.
    pub track_package_link: bool,
    /// What an authentication template says and does besides; copying, if missing.
    pub password: Option<PasswordSettings>,
}
impl From<conek_core::messaging::NewFromLibrary> for NewFromLibrary {
    fn from(v: conek_core::messaging::NewFromLibrary) -> Self {
        let conek_core::messaging::NewFromLibrary {
            name,
            language,
            category,
            library_name,
            buttons,
            contact_number,
            learn_more_link,
            track_package_link,
            password,
        } = v;
        Self {
            name: name,
            language: language,
            category: category.into(),
            library_name: library_name,
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
            contact_number: contact_number,
            learn_more_link: learn_more_link,
            track_package_link: track_package_link,
            password: password.map(|x| x.into()),
        }
    }
}
impl From<NewFromLibrary> for conek_core::messaging::NewFromLibrary {
    fn from(v: NewFromLibrary) -> Self {
        let NewFromLibrary {
            name,
            language,
            category,
            library_name,
            buttons,
            contact_number,
            learn_more_link,
            track_package_link,
            password,
        } = v;
        Self {
            name: name,
            language: language,
            category: category.into(),
            library_name: library_name,
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
            contact_number: contact_number,
            learn_more_link: learn_more_link,
            track_package_link: track_package_link,
            password: password.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl NewFromLibrary {
    #[new]
    #[pyo3(
        signature = (
            name,
            language,
            category,
            library_name,
            *,
            buttons = Vec::new(),
            contact_number = false,
            learn_more_link = false,
            track_package_link = false,
            password = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        name: String,
        language: String,
        category: TemplateCategory,
        library_name: String,
        buttons: Vec<LibraryButtonInput>,
        contact_number: bool,
        learn_more_link: bool,
        track_package_link: bool,
        password: Option<PasswordSettings>,
    ) -> Self {
        Self {
            name,
            language,
            category,
            library_name,
            buttons,
            contact_number,
            learn_more_link,
            track_package_link,
            password,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::NewFromLibrary::from(NewFromLibrary::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "name",
                "language",
                "category",
                "library_name",
                "buttons",
                "contact_number",
                "learn_more_link",
                "track_package_link",
                "password",
            ],
            changes,
        )
    }
}
/// A group to make.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NewGroup {
    /// What it is called, 128 characters at most.
    pub subject: String,
    /// What it is for, 2,048 characters at most.
    pub description: Option<String>,
    /// Whether people who follow the link wait for the business's yes.
    pub approve_joins: bool,
}
impl From<conek_core::platform::NewGroup> for NewGroup {
    fn from(v: conek_core::platform::NewGroup) -> Self {
        let conek_core::platform::NewGroup { subject, description, approve_joins } = v;
        Self {
            subject: subject,
            description: description,
            approve_joins: approve_joins,
        }
    }
}
impl From<NewGroup> for conek_core::platform::NewGroup {
    fn from(v: NewGroup) -> Self {
        let NewGroup { subject, description, approve_joins } = v;
        Self {
            subject: subject,
            description: description,
            approve_joins: approve_joins,
        }
    }
}
#[pymethods]
impl NewGroup {
    #[new]
    #[pyo3(signature = (subject, *, description = None, approve_joins = false))]
    #[allow(clippy::too_many_arguments)]
    fn new(subject: String, description: Option<String>, approve_joins: bool) -> Self {
        Self {
            subject,
            description,
            approve_joins,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::NewGroup::from(NewGroup::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["subject", "description", "approve_joins"],
            changes,
        )
    }
}
impl Default for NewGroup {
    fn default() -> Self {
        conek_core::platform::NewGroup::default().into()
    }
}
/// A privacy notice to publish.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NewNotice {
    /// BCP 47.
    pub language: String,
    /// Its title.
    pub title: String,
    /// Its whole text.
    pub text: String,
    /// What changed since the version before, in plain words; empty for the first.
    pub summary: String,
    /// From when it holds; now, if missing.
    pub effective_from: Option<Moment>,
    /// What the text says, by the lists of POPIA s18 and GDPR 13 and 14: with something missing, the notice is
    /// not published.
    pub contents: NoticeContents,
    /// Whether people who consented under an older version must be asked again. A new purpose, basis, recipient,
    /// country or kind of information makes a version material whatever is said here.
    pub material: bool,
}
impl From<conek_core::consent::NewNotice> for NewNotice {
    fn from(v: conek_core::consent::NewNotice) -> Self {
        let conek_core::consent::NewNotice {
            language,
            title,
            text,
            summary,
            effective_from,
            contents,
            material,
        } = v;
        Self {
            language: language,
            title: title,
            text: text,
            summary: summary,
            effective_from: effective_from.map(|x| x.into()),
            contents: contents.into(),
            material: material,
        }
    }
}
impl From<NewNotice> for conek_core::consent::NewNotice {
    fn from(v: NewNotice) -> Self {
        let NewNotice {
            language,
            title,
            text,
            summary,
            effective_from,
            contents,
            material,
        } = v;
        Self {
            language: language,
            title: title,
            text: text,
            summary: summary,
            effective_from: effective_from.map(|x| x.into()),
            contents: contents.into(),
            material: material,
        }
    }
}
#[pymethods]
impl NewNotice {
    #[new]
    #[pyo3(
        signature = (
            language,
            title,
            text,
            summary,
            *,
            effective_from = None,
            contents = NoticeContents::default(),
            material = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        language: String,
        title: String,
        text: String,
        summary: String,
        effective_from: Option<Moment>,
        contents: NoticeContents,
        material: bool,
    ) -> Self {
        Self {
            language,
            title,
            text,
            summary,
            effective_from,
            contents,
            material,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::consent::NewNotice::from(NewNotice::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "language",
                "title",
                "text",
                "summary",
                "effective_from",
                "contents",
                "material",
            ],
            changes,
        )
    }
}
/// A number that is to be added to the account.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NewPhoneNumber {
    /// The country's calling code: one to three digits, such as `27`.
    pub country_code: String,
    /// The number behind it: digits, which may be grouped by spaces, dots, dashes and brackets.
    pub phone_number: String,
    /// The business's name on it, which WhatsApp reviews: 2 to 75 characters.
    pub verified_name: String,
}
impl From<conek_core::platform::NewPhoneNumber> for NewPhoneNumber {
    fn from(v: conek_core::platform::NewPhoneNumber) -> Self {
        let conek_core::platform::NewPhoneNumber {
            country_code,
            phone_number,
            verified_name,
        } = v;
        Self {
            country_code: country_code,
            phone_number: phone_number,
            verified_name: verified_name,
        }
    }
}
impl From<NewPhoneNumber> for conek_core::platform::NewPhoneNumber {
    fn from(v: NewPhoneNumber) -> Self {
        let NewPhoneNumber { country_code, phone_number, verified_name } = v;
        Self {
            country_code: country_code,
            phone_number: phone_number,
            verified_name: verified_name,
        }
    }
}
#[pymethods]
impl NewPhoneNumber {
    #[new]
    #[pyo3(signature = (country_code, phone_number, verified_name))]
    #[allow(clippy::too_many_arguments)]
    fn new(country_code: String, phone_number: String, verified_name: String) -> Self {
        Self {
            country_code,
            phone_number,
            verified_name,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::NewPhoneNumber::from(NewPhoneNumber::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["country_code", "phone_number", "verified_name"],
            changes,
        )
    }
}
/// A sign-up to make.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NewSignup {
    /// What people read before they subscribe: 1 to 300 characters. It names the business and says what they will get.
    pub message: String,
    /// What WhatsApp sends them when they have: 1 to 300 characters. `{{promo_code}}` in it becomes the `promo_code`.
    pub confirmation_message: String,
    /// Where the business's privacy policy is, an `https://` or `http://` address. It can never be changed.
    pub privacy_policy_url: String,
    /// Where the business's site is, an `https://` address.
    pub website_url: Option<String>,
    /// What stands in place of `{{promo_code}}`: 1 to 50 letters and digits.
    pub promo_code: Option<String>,
    /// What the business calls it: 1 to 256 characters. People do not see it.
    pub display_name: Option<String>,
    /// Accepts Meta's terms for marketing messages in the business's name. That is a legal act: set it for the first
    /// sign-up of a business, by somebody who may decide it, and never again.
    pub accept_terms: bool,
}
impl From<conek_core::platform::NewSignup> for NewSignup {
    fn from(v: conek_core::platform::NewSignup) -> Self {
        let conek_core::platform::NewSignup {
            message,
            confirmation_message,
            privacy_policy_url,
            website_url,
            promo_code,
            display_name,
            accept_terms,
        } = v;
        Self {
            message: message,
            confirmation_message: confirmation_message,
            privacy_policy_url: privacy_policy_url,
            website_url: website_url,
            promo_code: promo_code,
            display_name: display_name,
            accept_terms: accept_terms,
        }
    }
}
impl From<NewSignup> for conek_core::platform::NewSignup {
    fn from(v: NewSignup) -> Self {
        let NewSignup {
            message,
            confirmation_message,
            privacy_policy_url,
            website_url,
            promo_code,
            display_name,
            accept_terms,
        } = v;
        Self {
            message: message,
            confirmation_message: confirmation_message,
            privacy_policy_url: privacy_policy_url,
            website_url: website_url,
            promo_code: promo_code,
            display_name: display_name,
            accept_terms: accept_terms,
        }
    }
}
#[pymethods]
impl NewSignup {
    #[new]
    #[pyo3(
        signature = (
            message,
            confirmation_message,
            privacy_policy_url,
            *,
            website_url = None,
            promo_code = None,
            display_name = None,
            accept_terms = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        message: String,
        confirmation_message: String,
        privacy_policy_url: String,
        website_url: Option<String>,
        promo_code: Option<String>,
        display_name: Option<String>,
        accept_terms: bool,
    ) -> Self {
        Self {
            message,
            confirmation_message,
            privacy_policy_url,
            website_url,
            promo_code,
            display_name,
            accept_terms,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::NewSignup::from(NewSignup::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "message",
                "confirmation_message",
                "privacy_policy_url",
                "website_url",
                "promo_code",
                "display_name",
                "accept_terms",
            ],
            changes,
        )
    }
}
impl Default for NewSignup {
    fn default() -> Self {
        conek_core::platform::NewSignup::default().into()
    }
}
/// A transfer to enter. What rests on nothing that holds today cannot be entered.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NewTransfer {
    /// Who gets the data there.
    pub recipient: String,
    /// What is known of it.
    pub facts: TransferFacts,
    /// Which kinds of data.
    pub categories: Vec<String>,
    /// Where the assessment of the country's law is kept.
    pub assessment: Option<String>,
    /// When it wants to be looked at again.
    pub review_by: Option<Moment>,
}
impl From<conek_core::registers::NewTransfer> for NewTransfer {
    fn from(v: conek_core::registers::NewTransfer) -> Self {
        let conek_core::registers::NewTransfer {
            recipient,
            facts,
            categories,
            assessment,
            review_by,
        } = v;
        Self {
            recipient: recipient,
            facts: facts.into(),
            categories: categories,
            assessment: assessment,
            review_by: review_by.map(|x| x.into()),
        }
    }
}
impl From<NewTransfer> for conek_core::registers::NewTransfer {
    fn from(v: NewTransfer) -> Self {
        let NewTransfer { recipient, facts, categories, assessment, review_by } = v;
        Self {
            recipient: recipient,
            facts: facts.into(),
            categories: categories,
            assessment: assessment,
            review_by: review_by.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl NewTransfer {
    #[new]
    #[pyo3(
        signature = (
            recipient,
            facts,
            *,
            categories = Vec::new(),
            assessment = None,
            review_by = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        recipient: String,
        facts: TransferFacts,
        categories: Vec<String>,
        assessment: Option<String>,
        review_by: Option<Moment>,
    ) -> Self {
        Self {
            recipient,
            facts,
            categories,
            assessment,
            review_by,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::registers::NewTransfer::from(NewTransfer::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["recipient", "facts", "categories", "assessment", "review_by"],
            changes,
        )
    }
}
/// A published privacy notice. Never changed; a new version takes its place.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Notice {
    /// Its id.
    pub id: String,
    /// 1, 2, ... for each language.
    pub version: i32,
    /// BCP 47.
    pub language: String,
    /// Its title.
    pub title: String,
    /// Its whole text.
    pub text: String,
    /// What changed.
    pub summary: String,
    /// From when it holds.
    pub effective_from: Moment,
    /// SHA-256 of language, title and text, hexadecimal.
    pub sha256: String,
    /// When it was published.
    pub published_at: Moment,
    /// What it says.
    pub contents: NoticeContents,
    /// Whether people who consented under an older version must be asked again.
    pub material: bool,
    /// What changed since the version before, item by item.
    pub changes: Vec<String>,
}
impl From<conek_core::consent::Notice> for Notice {
    fn from(v: conek_core::consent::Notice) -> Self {
        let conek_core::consent::Notice {
            id,
            version,
            language,
            title,
            text,
            summary,
            effective_from,
            sha256,
            published_at,
            contents,
            material,
            changes,
        } = v;
        Self {
            id: id.into(),
            version: version,
            language: language,
            title: title,
            text: text,
            summary: summary,
            effective_from: effective_from.into(),
            sha256: sha256,
            published_at: published_at.into(),
            contents: contents.into(),
            material: material,
            changes: changes,
        }
    }
}
impl From<Notice> for conek_core::consent::Notice {
    fn from(v: Notice) -> Self {
        let Notice {
            id,
            version,
            language,
            title,
            text,
            summary,
            effective_from,
            sha256,
            published_at,
            contents,
            material,
            changes,
        } = v;
        Self {
            id: id.into(),
            version: version,
            language: language,
            title: title,
            text: text,
            summary: summary,
            effective_from: effective_from.into(),
            sha256: sha256,
            published_at: published_at.into(),
            contents: contents.into(),
            material: material,
            changes: changes,
        }
    }
}
#[pymethods]
impl Notice {
    #[new]
    #[pyo3(
        signature = (
            id,
            version,
            language,
            title,
            text,
            summary,
            effective_from,
            sha256,
            published_at,
            *,
            contents = NoticeContents::default(),
            material = false,
            changes = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        version: i32,
        language: String,
        title: String,
        text: String,
        summary: String,
        effective_from: Moment,
        sha256: String,
        published_at: Moment,
        contents: NoticeContents,
        material: bool,
        changes: Vec<String>,
    ) -> Self {
        Self {
            id,
            version,
            language,
            title,
            text,
            summary,
            effective_from,
            sha256,
            published_at,
            contents,
            material,
            changes,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::consent::Notice::from(Notice::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "version",
                "language",
                "title",
                "text",
                "summary",
                "effective_from",
                "sha256",
                "published_at",
                "contents",
                "material",
                "changes",
            ],
            changes,
        )
    }
}
/// What a privacy notice says. Everything left out is not said.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NoticeContents {
    /// The laws it must satisfy; empty: POPIA and GDPR.
    pub regimes: Vec<Regime>,
    /// What is collected, by category (POPIA s18(1)(a), GDPR 14(1)(d)).
    pub categories: Vec<String>,
    /// Whether some of it comes from others than the person.
    pub from_others: bool,
    /// From whom, then (POPIA s18(1)(a), GDPR 14(2)(f)).
    pub source: Option<String>,
    /// The responsible party's name (POPIA s18(1)(b), GDPR 13(1)(a)).
    pub controller: Option<String>,
    /// Its address (POPIA s18(1)(b)).
    pub address: Option<String>,
    /// How to reach it (GDPR 13(1)(a)).
    pub contact: Option<String>,
    /// The information officer, or the data protection officer, and how to reach them (GDPR 13(1)(b)).
    pub officer: Option<String>,
    /// Why the data are used, and on what basis (POPIA s18(1)(c), GDPR 13(1)(c)).
    pub purposes: Vec<NoticePurpose>,
    /// Whether giving them is mandatory (POPIA s18(1)(d), GDPR 13(2)(e)).
    pub mandatory: Option<bool>,
    /// What follows from not giving them (POPIA s18(1)(e), GDPR 13(2)(e)).
    pub consequences: Option<String>,
    /// The law that requires them, where giving them is mandatory (POPIA s18(1)(f)).
    pub law: Option<String>,
    /// Who gets them (POPIA s18(1)(h)(i), GDPR 13(1)(e)).
    pub recipients: Vec<String>,
    /// Whether they go to another country (POPIA s18(1)(g), GDPR 13(1)(f)).
    pub transferred: Option<bool>,
    /// Where to, then, and how they are protected there.
    pub transfers: Vec<NoticeTransfer>,
    /// How long they are kept, or by what that is decided (GDPR 13(2)(a)).
    pub retention: Option<String>,
    /// The rights it tells of (POPIA s18(1)(h)(iii)-(v), GDPR 13(2)(b)-(d)).
    pub rights: Vec<NoticeRight>,
    /// The authority, and how to reach it (POPIA s18(1)(h)(v), GDPR 13(2)(d)).
    pub authority: Option<String>,
    /// Whether decisions with legal or similar effect are made by machine alone (POPIA s71, GDPR 13(2)(f)).
    pub automated_decisions: Option<bool>,
    /// How they are made and what they mean, then.
    pub automated_logic: Option<String>,
}
impl From<conek_core::consent::NoticeContents> for NoticeContents {
    fn from(v: conek_core::consent::NoticeContents) -> Self {
        let conek_core::consent::NoticeContents {
            regimes,
            categories,
            from_others,
            source,
            controller,
            address,
            contact,
            officer,
            purposes,
            mandatory,
            consequences,
            law,
            recipients,
            transferred,
            transfers,
            retention,
            rights,
            authority,
            automated_decisions,
            automated_logic,
        } = v;
        Self {
            regimes: regimes.into_iter().map(|x| x.into()).collect(),
            categories: categories,
            from_others: from_others,
            source: source,
            controller: controller,
            address: address,
            contact: contact,
            officer: officer,
            purposes: purposes.into_iter().map(|x| x.into()).collect(),
            mandatory: mandatory,
            consequences: consequences,
            law: law,
            recipients: recipients,
            transferred: transferred,
            transfers: transfers.into_iter().map(|x| x.into()).collect(),
            retention: retention,
            rights: rights.into_iter().map(|x| x.into()).collect(),
            authority: authority,
            automated_decisions: automated_decisions,
            automated_logic: automated_logic,
        }
    }
}
impl From<NoticeContents> for conek_core::consent::NoticeContents {
    fn from(v: NoticeContents) -> Self {
        let NoticeContents {
            regimes,
            categories,
            from_others,
            source,
            controller,
            address,
            contact,
            officer,
            purposes,
            mandatory,
            consequences,
            law,
            recipients,
            transferred,
            transfers,
            retention,
            rights,
            authority,
            automated_decisions,
            automated_logic,
        } = v;
        Self {
            regimes: regimes.into_iter().map(|x| x.into()).collect(),
            categories: categories,
            from_others: from_others,
            source: source,
            controller: controller,
            address: address,
            contact: contact,
            officer: officer,
            purposes: purposes.into_iter().map(|x| x.into()).collect(),
            mandatory: mandatory,
            consequences: consequences,
            law: law,
            recipients: recipients,
            transferred: transferred,
            transfers: transfers.into_iter().map(|x| x.into()).collect(),
            retention: retention,
            rights: rights.into_iter().map(|x| x.into()).collect(),
            authority: authority,
            automated_decisions: automated_decisions,
            automated_logic: automated_logic,
        }
    }
}
#[pymethods]
impl NoticeContents {
    #[new]
    #[pyo3(
        signature = (
            *,
            regimes = Vec::new(),
            categories = Vec::new(),
            from_others = false,
            source = None,
            controller = None,
            address = None,
            contact = None,
            officer = None,
            purposes = Vec::new(),
            mandatory = None,
            consequences = None,
            law = None,
            recipients = Vec::new(),
            transferred = None,
            transfers = Vec::new(),
            retention = None,
            rights = Vec::new(),
            authority = None,
            automated_decisions = None,
            automated_logic = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        regimes: Vec<Regime>,
        categories: Vec<String>,
        from_others: bool,
        source: Option<String>,
        controller: Option<String>,
        address: Option<String>,
        contact: Option<String>,
        officer: Option<String>,
        purposes: Vec<NoticePurpose>,
        mandatory: Option<bool>,
        consequences: Option<String>,
        law: Option<String>,
        recipients: Vec<String>,
        transferred: Option<bool>,
        transfers: Vec<NoticeTransfer>,
        retention: Option<String>,
        rights: Vec<NoticeRight>,
        authority: Option<String>,
        automated_decisions: Option<bool>,
        automated_logic: Option<String>,
    ) -> Self {
        Self {
            regimes,
            categories,
            from_others,
            source,
            controller,
            address,
            contact,
            officer,
            purposes,
            mandatory,
            consequences,
            law,
            recipients,
            transferred,
            transfers,
            retention,
            rights,
            authority,
            automated_decisions,
            automated_logic,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::consent::NoticeContents::from(NoticeContents::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "regimes",
                "categories",
                "from_others",
                "source",
                "controller",
                "address",
                "contact",
                "officer",
                "purposes",
                "mandatory",
                "consequences",
                "law",
                "recipients",
                "transferred",
                "transfers",
                "retention",
                "rights",
                "authority",
                "automated_decisions",
                "automated_logic",
            ],
            changes,
        )
    }
}
impl Default for NoticeContents {
    fn default() -> Self {
        conek_core::consent::NoticeContents::default().into()
    }
}
/// A purpose as a notice names it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NoticePurpose {
    /// Its code in the closed list, for example `comms.marketing`.
    pub code: String,
    /// On what it rests.
    pub basis: LegalBasis,
    /// The interest, where it rests on a legitimate one (GDPR 13(1)(d)).
    pub interest: Option<String>,
}
impl From<conek_core::consent::NoticePurpose> for NoticePurpose {
    fn from(v: conek_core::consent::NoticePurpose) -> Self {
        let conek_core::consent::NoticePurpose { code, basis, interest } = v;
        Self {
            code: code,
            basis: basis.into(),
            interest: interest,
        }
    }
}
impl From<NoticePurpose> for conek_core::consent::NoticePurpose {
    fn from(v: NoticePurpose) -> Self {
        let NoticePurpose { code, basis, interest } = v;
        Self {
            code: code,
            basis: basis.into(),
            interest: interest,
        }
    }
}
#[pymethods]
impl NoticePurpose {
    #[new]
    #[pyo3(signature = (code, basis, *, interest = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(code: String, basis: LegalBasis, interest: Option<String>) -> Self {
        Self { code, basis, interest }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::consent::NoticePurpose::from(NoticePurpose::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["code", "basis", "interest"], changes)
    }
}
/// Whether a notice says all that it has to.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NoticeReport {
    /// Whether nothing is missing.
    pub complete: bool,
    /// What is, in the order of the fields.
    pub missing: Vec<MissingContent>,
}
impl From<conek_core::consent::NoticeReport> for NoticeReport {
    fn from(v: conek_core::consent::NoticeReport) -> Self {
        let conek_core::consent::NoticeReport { complete, missing } = v;
        Self {
            complete: complete,
            missing: missing.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<NoticeReport> for conek_core::consent::NoticeReport {
    fn from(v: NoticeReport) -> Self {
        let NoticeReport { complete, missing } = v;
        Self {
            complete: complete,
            missing: missing.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl NoticeReport {
    #[new]
    #[pyo3(signature = (*, complete = false, missing = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(complete: bool, missing: Vec<MissingContent>) -> Self {
        Self { complete, missing }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::consent::NoticeReport::from(NoticeReport::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["complete", "missing"], changes)
    }
}
/// A transfer to another country as a notice names it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NoticeTransfer {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The level of protection there, and how to get a copy of the safeguards.
    pub safeguards: String,
}
impl From<conek_core::consent::NoticeTransfer> for NoticeTransfer {
    fn from(v: conek_core::consent::NoticeTransfer) -> Self {
        let conek_core::consent::NoticeTransfer { country, safeguards } = v;
        Self {
            country: country,
            safeguards: safeguards,
        }
    }
}
impl From<NoticeTransfer> for conek_core::consent::NoticeTransfer {
    fn from(v: NoticeTransfer) -> Self {
        let NoticeTransfer { country, safeguards } = v;
        Self {
            country: country,
            safeguards: safeguards,
        }
    }
}
#[pymethods]
impl NoticeTransfer {
    #[new]
    #[pyo3(signature = (country, safeguards))]
    #[allow(clippy::too_many_arguments)]
    fn new(country: String, safeguards: String) -> Self {
        Self { country, safeguards }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::consent::NoticeTransfer::from(NoticeTransfer::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["country", "safeguards"], changes)
    }
}
/// A WhatsApp number that sends.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Number {
    /// Meta's phone number id.
    pub id: String,
    /// Messages per second, in and out together; 80 unless WhatsApp has upgraded the number.
    pub per_second: Option<i32>,
    /// That the number was onboarded for WhatsApp's marketing messages: then marketing templates leave by
    /// `/marketing_messages`. `None`: everything leaves by `/messages`.
    pub marketing: Option<MarketingMessages>,
}
impl From<conek_core::engine::Number> for Number {
    fn from(v: conek_core::engine::Number) -> Self {
        let conek_core::engine::Number { id, per_second, marketing } = v;
        Self {
            id: id,
            per_second: per_second,
            marketing: marketing.map(|x| x.into()),
        }
    }
}
impl From<Number> for conek_core::engine::Number {
    fn from(v: Number) -> Self {
        let Number { id, per_second, marketing } = v;
        Self {
            id: id,
            per_second: per_second,
            marketing: marketing.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl Number {
    #[new]
    #[pyo3(signature = (id, *, per_second = None, marketing = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        per_second: Option<i32>,
        marketing: Option<MarketingMessages>,
    ) -> Self {
        Self { id, per_second, marketing }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::engine::Number::from(Number::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "per_second", "marketing"], changes)
    }
}
/// A page of the account's numbers.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct NumberPage {
    /// The numbers.
    pub numbers: Vec<PhoneNumber>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}
impl From<conek_core::platform::NumberPage> for NumberPage {
    fn from(v: conek_core::platform::NumberPage) -> Self {
        let conek_core::platform::NumberPage { numbers, next } = v;
        Self {
            numbers: numbers.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<NumberPage> for conek_core::platform::NumberPage {
    fn from(v: NumberPage) -> Self {
        let NumberPage { numbers, next } = v;
        Self {
            numbers: numbers.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl NumberPage {
    #[new]
    #[pyo3(signature = (*, numbers = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(numbers: Vec<PhoneNumber>, next: Option<String>) -> Self {
        Self { numbers, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::NumberPage::from(NumberPage::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["numbers", "next"], changes)
    }
}
/// An objection that stands.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ObjectionFacts {
    /// To what.
    pub scope: ObjectionScope,
    /// Whether compelling grounds against it are on record (GDPR 21(1)). POPIA knows none (s11(4)), and
    /// nothing stands against an objection to direct marketing (GDPR 21(3)).
    pub compelling_grounds: bool,
}
impl From<conek_core::policy::ObjectionFacts> for ObjectionFacts {
    fn from(v: conek_core::policy::ObjectionFacts) -> Self {
        let conek_core::policy::ObjectionFacts { scope, compelling_grounds } = v;
        Self {
            scope: scope.into(),
            compelling_grounds: compelling_grounds,
        }
    }
}
impl From<ObjectionFacts> for conek_core::policy::ObjectionFacts {
    fn from(v: ObjectionFacts) -> Self {
        let ObjectionFacts { scope, compelling_grounds } = v;
        Self {
            scope: scope.into(),
            compelling_grounds: compelling_grounds,
        }
    }
}
#[pymethods]
impl ObjectionFacts {
    #[new]
    #[pyo3(
        signature = (*, scope = ObjectionScope::default(), compelling_grounds = false)
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(scope: ObjectionScope, compelling_grounds: bool) -> Self {
        Self { scope, compelling_grounds }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::policy::ObjectionFacts::from(ObjectionFacts::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["scope", "compelling_grounds"], changes)
    }
}
impl Default for ObjectionFacts {
    fn default() -> Self {
        conek_core::policy::ObjectionFacts::default().into()
    }
}
/// A limited-time offer.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct OfferDefinition {
    /// What is offered; at most 16 characters.
    pub text: String,
    /// Whether the phone counts down; then every send says when the offer ends.
    pub expires: bool,
}
impl From<conek_core::messaging::OfferDefinition> for OfferDefinition {
    fn from(v: conek_core::messaging::OfferDefinition) -> Self {
        let conek_core::messaging::OfferDefinition { text, expires } = v;
        Self {
            text: text,
            expires: expires,
        }
    }
}
impl From<OfferDefinition> for conek_core::messaging::OfferDefinition {
    fn from(v: OfferDefinition) -> Self {
        let OfferDefinition { text, expires } = v;
        Self {
            text: text,
            expires: expires,
        }
    }
}
#[pymethods]
impl OfferDefinition {
    #[new]
    #[pyo3(signature = (text, *, expires = false))]
    #[allow(clippy::too_many_arguments)]
    fn new(text: String, expires: bool) -> Self {
        Self { text, expires }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::OfferDefinition::from(OfferDefinition::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["text", "expires"], changes)
    }
}
/// An order that is to be reviewed and paid.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Order {
    /// The account's own name for the order: 1 to 35 of letters, digits, `-`, `_` and `.`. Once per order.
    pub reference: String,
    /// Whether something is delivered.
    pub kind: OrderKind,
    /// The currency, three letters (ISO 4217).
    pub currency: String,
    /// What is ordered.
    pub items: Vec<OrderItem>,
    /// What the items come to.
    pub subtotal: Amount,
    /// The tax.
    pub tax: Amount,
    /// What the delivery costs.
    pub shipping: Option<Amount>,
    /// What is taken off.
    pub discount: Option<Amount>,
    /// What is to be paid: subtotal, tax and shipping without the discount.
    pub total: Amount,
    /// How it can be paid.
    pub payment: Vec<PaymentMethod>,
    /// The catalog that the items are from.
    pub catalog_id: Option<String>,
    /// Until when it can be paid.
    pub payable_until: Option<Moment>,
}
impl From<conek_core::messaging::content::Order> for Order {
    fn from(v: conek_core::messaging::content::Order) -> Self {
        let conek_core::messaging::content::Order {
            reference,
            kind,
            currency,
            items,
            subtotal,
            tax,
            shipping,
            discount,
            total,
            payment,
            catalog_id,
            payable_until,
        } = v;
        Self {
            reference: reference,
            kind: kind.into(),
            currency: currency,
            items: items.into_iter().map(|x| x.into()).collect(),
            subtotal: subtotal.into(),
            tax: tax.into(),
            shipping: shipping.map(|x| x.into()),
            discount: discount.map(|x| x.into()),
            total: total.into(),
            payment: payment.into_iter().map(|x| x.into()).collect(),
            catalog_id: catalog_id,
            payable_until: payable_until.map(|x| x.into()),
        }
    }
}
impl From<Order> for conek_core::messaging::content::Order {
    fn from(v: Order) -> Self {
        let Order {
            reference,
            kind,
            currency,
            items,
            subtotal,
            tax,
            shipping,
            discount,
            total,
            payment,
            catalog_id,
            payable_until,
        } = v;
        Self {
            reference: reference,
            kind: kind.into(),
            currency: currency,
            items: items.into_iter().map(|x| x.into()).collect(),
            subtotal: subtotal.into(),
            tax: tax.into(),
            shipping: shipping.map(|x| x.into()),
            discount: discount.map(|x| x.into()),
            total: total.into(),
            payment: payment.into_iter().map(|x| x.into()).collect(),
            catalog_id: catalog_id,
            payable_until: payable_until.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl Order {
    #[new]
    #[pyo3(
        signature = (
            reference,
            kind,
            currency,
            subtotal,
            tax,
            total,
            *,
            items = Vec::new(),
            shipping = None,
            discount = None,
            payment = Vec::new(),
            catalog_id = None,
            payable_until = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        reference: String,
        kind: OrderKind,
        currency: String,
        subtotal: Amount,
        tax: Amount,
        total: Amount,
        items: Vec<OrderItem>,
        shipping: Option<Amount>,
        discount: Option<Amount>,
        payment: Vec<PaymentMethod>,
        catalog_id: Option<String>,
        payable_until: Option<Moment>,
    ) -> Self {
        Self {
            reference,
            kind,
            currency,
            items,
            subtotal,
            tax,
            shipping,
            discount,
            total,
            payment,
            catalog_id,
            payable_until,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::messaging::content::Order::from(Order::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "reference",
                "kind",
                "currency",
                "items",
                "subtotal",
                "tax",
                "shipping",
                "discount",
                "total",
                "payment",
                "catalog_id",
                "payable_until",
            ],
            changes,
        )
    }
}
/// A line of an order.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct OrderItem {
    /// The product's id, in the catalog where the order names one.
    pub product_id: String,
    /// What it is called; at most 60 characters.
    pub name: String,
    /// How many.
    pub quantity: i32,
    /// The price of one.
    pub price: Amount,
    /// The reduced price of one, less than the price.
    pub sale_price: Option<Amount>,
}
impl From<conek_core::messaging::content::OrderItem> for OrderItem {
    fn from(v: conek_core::messaging::content::OrderItem) -> Self {
        let conek_core::messaging::content::OrderItem {
            product_id,
            name,
            quantity,
            price,
            sale_price,
        } = v;
        Self {
            product_id: product_id,
            name: name,
            quantity: quantity,
            price: price.into(),
            sale_price: sale_price.map(|x| x.into()),
        }
    }
}
impl From<OrderItem> for conek_core::messaging::content::OrderItem {
    fn from(v: OrderItem) -> Self {
        let OrderItem { product_id, name, quantity, price, sale_price } = v;
        Self {
            product_id: product_id,
            name: name,
            quantity: quantity,
            price: price.into(),
            sale_price: sale_price.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl OrderItem {
    #[new]
    #[pyo3(signature = (product_id, name, quantity, price, *, sale_price = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        product_id: String,
        name: String,
        quantity: i32,
        price: Amount,
        sale_price: Option<Amount>,
    ) -> Self {
        Self {
            product_id,
            name,
            quantity,
            price,
            sale_price,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::OrderItem::from(OrderItem::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["product_id", "name", "quantity", "price", "sale_price"],
            changes,
        )
    }
}
/// A message that the gate has let through. `Debug` shows neither to whom nor what.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Outgoing {
    /// The phone number id that sends.
    pub sender: String,
    /// To whom.
    pub to: Address,
    /// What.
    pub content: Content,
    /// WhatsApp's id of the message that this one answers.
    pub reply_to: Option<String>,
    /// The hash that the recipient's identity key must have.
    pub identity_hash: Option<String>,
    /// Comes back in every status of this message. At most 512 characters, no personal data.
    pub echo: String,
    /// By which way.
    pub route: Route,
}
impl From<conek_core::transport::Outgoing> for Outgoing {
    fn from(v: conek_core::transport::Outgoing) -> Self {
        let conek_core::transport::Outgoing {
            sender,
            to,
            content,
            reply_to,
            identity_hash,
            echo,
            route,
        } = v;
        Self {
            sender: sender,
            to: to.into(),
            content: content.into(),
            reply_to: reply_to,
            identity_hash: identity_hash,
            echo: echo,
            route: route.into(),
        }
    }
}
impl From<Outgoing> for conek_core::transport::Outgoing {
    fn from(v: Outgoing) -> Self {
        let Outgoing { sender, to, content, reply_to, identity_hash, echo, route } = v;
        Self {
            sender: sender,
            to: to.into(),
            content: content.into(),
            reply_to: reply_to,
            identity_hash: identity_hash,
            echo: echo,
            route: route.into(),
        }
    }
}
#[pymethods]
impl Outgoing {
    #[new]
    #[pyo3(
        signature = (
            sender,
            to,
            content,
            echo,
            route,
            *,
            reply_to = None,
            identity_hash = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        sender: String,
        to: Address,
        content: Content,
        echo: String,
        route: Route,
        reply_to: Option<String>,
        identity_hash: Option<String>,
    ) -> Self {
        Self {
            sender,
            to,
            content,
            reply_to,
            identity_hash,
            echo,
            route,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::transport::Outgoing::from(Outgoing::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["sender", "to", "content", "reply_to", "identity_hash", "echo", "route"],
            changes,
        )
    }
}
/// Some records and where to go on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// The cursor for the next page, if there is one. Opaque.
    pub next: Option<String>,
}
impl From<conek_core::storage::Page> for Page {
    fn from(v: conek_core::storage::Page) -> Self {
        let conek_core::storage::Page { records, next } = v;
        Self {
            records: records.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<Page> for conek_core::storage::Page {
    fn from(v: Page) -> Self {
        let Page { records, next } = v;
        Self {
            records: records.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl Page {
    #[new]
    #[pyo3(signature = (*, records = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(records: Vec<Record>, next: Option<String>) -> Self {
        Self { records, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::storage::Page::from(Page::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["records", "next"], changes)
    }
}
impl Default for Page {
    fn default() -> Self {
        conek_core::storage::Page::default().into()
    }
}
/// A value for a template's placeholder.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Parameter {
    /// The placeholder's name; empty for numbered placeholders, which are filled in order.
    pub name: String,
    /// The text: at most 1,024 characters, or 32,768 where it is the only value.
    pub text: String,
    /// How it is written; `None` is as it stands.
    pub format: Option<ParameterFormat>,
}
impl From<conek_core::messaging::content::Parameter> for Parameter {
    fn from(v: conek_core::messaging::content::Parameter) -> Self {
        let conek_core::messaging::content::Parameter { name, text, format } = v;
        Self {
            name: name,
            text: text,
            format: format.map(|x| x.into()),
        }
    }
}
impl From<Parameter> for conek_core::messaging::content::Parameter {
    fn from(v: Parameter) -> Self {
        let Parameter { name, text, format } = v;
        Self {
            name: name,
            text: text,
            format: format.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl Parameter {
    #[new]
    #[pyo3(signature = (name, text, *, format = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(name: String, text: String, format: Option<ParameterFormat>) -> Self {
        Self { name, text, format }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::Parameter::from(Parameter::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["name", "text", "format"], changes)
    }
}
/// Everything inside a webhook's body.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Parsed {
    /// The updates in the order of the body.
    pub updates: Vec<Update>,
}
impl From<conek_core::transport::Parsed> for Parsed {
    fn from(v: conek_core::transport::Parsed) -> Self {
        let conek_core::transport::Parsed { updates } = v;
        Self {
            updates: updates.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<Parsed> for conek_core::transport::Parsed {
    fn from(v: Parsed) -> Self {
        let Parsed { updates } = v;
        Self {
            updates: updates.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl Parsed {
    #[new]
    #[pyo3(signature = (*, updates = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(updates: Vec<Update>) -> Self {
        Self { updates }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::transport::Parsed::from(Parsed::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["updates"], changes)
    }
}
/// An Android app that may be handed a one-time password.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct PasswordApp {
    /// Its package, for example `com.example.shop`.
    pub package_name: String,
    /// The hash of its signing key: 11 characters.
    pub signature_hash: String,
}
impl From<conek_core::messaging::PasswordApp> for PasswordApp {
    fn from(v: conek_core::messaging::PasswordApp) -> Self {
        let conek_core::messaging::PasswordApp { package_name, signature_hash } = v;
        Self {
            package_name: package_name,
            signature_hash: signature_hash,
        }
    }
}
impl From<PasswordApp> for conek_core::messaging::PasswordApp {
    fn from(v: PasswordApp) -> Self {
        let PasswordApp { package_name, signature_hash } = v;
        Self {
            package_name: package_name,
            signature_hash: signature_hash,
        }
    }
}
#[pymethods]
impl PasswordApp {
    #[new]
    #[pyo3(signature = (package_name, signature_hash))]
    #[allow(clippy::too_many_arguments)]
    fn new(package_name: String, signature_hash: String) -> Self {
        Self {
            package_name,
            signature_hash,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::PasswordApp::from(PasswordApp::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["package_name", "signature_hash"],
            changes,
        )
    }
}
/// What an authentication template says and does beside the words that WhatsApp chooses.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct PasswordSettings {
    /// How the password reaches the app.
    pub way: PasswordWay,
    /// The apps that may be handed it: one to five; none for copying.
    pub apps: Vec<PasswordApp>,
    /// That the business accepts Meta's terms for handing it over without a tap. A legal act: conek does not assume it.
    pub zero_tap_terms_accepted: bool,
    /// Whether it says that the code is not to be passed on.
    pub security_recommendation: bool,
    /// After how many minutes the code no longer works: 1 to 90. The footer says it.
    pub expires_minutes: Option<i32>,
}
impl From<conek_core::messaging::PasswordSettings> for PasswordSettings {
    fn from(v: conek_core::messaging::PasswordSettings) -> Self {
        let conek_core::messaging::PasswordSettings {
            way,
            apps,
            zero_tap_terms_accepted,
            security_recommendation,
            expires_minutes,
        } = v;
        Self {
            way: way.into(),
            apps: apps.into_iter().map(|x| x.into()).collect(),
            zero_tap_terms_accepted: zero_tap_terms_accepted,
            security_recommendation: security_recommendation,
            expires_minutes: expires_minutes,
        }
    }
}
impl From<PasswordSettings> for conek_core::messaging::PasswordSettings {
    fn from(v: PasswordSettings) -> Self {
        let PasswordSettings {
            way,
            apps,
            zero_tap_terms_accepted,
            security_recommendation,
            expires_minutes,
        } = v;
        Self {
            way: way.into(),
            apps: apps.into_iter().map(|x| x.into()).collect(),
            zero_tap_terms_accepted: zero_tap_terms_accepted,
            security_recommendation: security_recommendation,
            expires_minutes: expires_minutes,
        }
    }
}
#[pymethods]
impl PasswordSettings {
    #[new]
    #[pyo3(
        signature = (
            *,
            way = PasswordWay::default(),
            apps = Vec::new(),
            zero_tap_terms_accepted = false,
            security_recommendation = false,
            expires_minutes = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        way: PasswordWay,
        apps: Vec<PasswordApp>,
        zero_tap_terms_accepted: bool,
        security_recommendation: bool,
        expires_minutes: Option<i32>,
    ) -> Self {
        Self {
            way,
            apps,
            zero_tap_terms_accepted,
            security_recommendation,
            expires_minutes,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::PasswordSettings::from(PasswordSettings::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "way",
                "apps",
                "zero_tap_terms_accepted",
                "security_recommendation",
                "expires_minutes",
            ],
            changes,
        )
    }
}
impl Default for PasswordSettings {
    fn default() -> Self {
        conek_core::messaging::PasswordSettings::default().into()
    }
}
/// A change to a record that leaves most of it as it is.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Patch {
    /// Which record.
    pub key: Key,
    /// The version it must have.
    pub version: i64,
    /// Its new state.
    pub state: String,
    /// Its new queue, or none.
    pub queue: Option<String>,
    /// Its new due time, or none.
    pub due_at: Option<Moment>,
    /// New clear fields; `None` keeps them.
    pub clear: Option<String>,
    /// New sealed bytes; `None` keeps them.
    pub sealed: Option<Vec<u8>>,
    /// New tokens in place of all present ones; `None` keeps them.
    pub tokens: Option<Vec<Token>>,
}
impl From<conek_core::storage::Patch> for Patch {
    fn from(v: conek_core::storage::Patch) -> Self {
        let conek_core::storage::Patch {
            key,
            version,
            state,
            queue,
            due_at,
            clear,
            sealed,
            tokens,
        } = v;
        Self {
            key: key.into(),
            version: version,
            state: state,
            queue: queue,
            due_at: due_at.map(|x| x.into()),
            clear: clear,
            sealed: sealed,
            tokens: tokens.map(|x| x.into_iter().map(|x| x.into()).collect()),
        }
    }
}
impl From<Patch> for conek_core::storage::Patch {
    fn from(v: Patch) -> Self {
        let Patch { key, version, state, queue, due_at, clear, sealed, tokens } = v;
        Self {
            key: key.into(),
            version: version,
            state: state,
            queue: queue,
            due_at: due_at.map(|x| x.into()),
            clear: clear,
            sealed: sealed,
            tokens: tokens.map(|x| x.into_iter().map(|x| x.into()).collect()),
        }
    }
}
#[pymethods]
impl Patch {
    #[new]
    #[pyo3(
        signature = (
            key,
            version,
            state,
            *,
            queue = None,
            due_at = None,
            clear = None,
            sealed = None,
            tokens = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        key: Key,
        version: i64,
        state: String,
        queue: Option<String>,
        due_at: Option<Moment>,
        clear: Option<String>,
        sealed: Option<Vec<u8>>,
        tokens: Option<Vec<Token>>,
    ) -> Self {
        Self {
            key,
            version,
            state,
            queue,
            due_at,
            clear,
            sealed,
            tokens,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::storage::Patch::from(Patch::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["key", "version", "state", "queue", "due_at", "clear", "sealed", "tokens"],
            changes,
        )
    }
}
/// What is known of the person.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct PersonFacts {
    /// Who, by id. No rule of conek's looks at it; a host's may.
    pub id: Option<String>,
    /// Country, ISO 3166-1 alpha-2. Unknown: the rules of all regimes apply together.
    pub country: Option<String>,
    /// IANA zone. For a person in South Africa it may be absent: the country has one.
    pub zone: Option<String>,
    /// Whether the number is a United States number.
    pub us_number: bool,
    /// Whether it is a juristic person. POPIA protects them like natural ones (s1).
    pub juristic: bool,
    /// Whether a juristic person's assets or turnover reach R2 million: the Consumer Protection
    /// Act does not protect those (s5(2)(b)).
    pub over_cpa_threshold: bool,
    /// Age in years; absent: unknown, which is not "a child".
    pub age: Option<i32>,
    /// Whether a guardian reported the person to be a child.
    pub reported_child: bool,
    /// Whether a competent person or holder of parental responsibility consented (POPIA s35(1)(a), GDPR 8(1)).
    pub guardian_consented: bool,
    /// Whether processing is restricted (POPIA s14(6), GDPR 18).
    pub restricted: bool,
    /// Whether the person was erased.
    pub erased: bool,
    /// Whether the address is on the suppression list for marketing.
    pub suppressed: bool,
    /// Whether the address is on the suppression list for everything.
    pub suppressed_for_all: bool,
    /// What the person objected to.
    pub objections: Vec<ObjectionFacts>,
    /// Whether the person demanded an end to direct marketing or blocked it in advance (CPA s11(2)).
    pub desist_demanded: bool,
    /// Whether the person stopped marketing within WhatsApp.
    pub platform_stop: bool,
    /// Whether the person said something that may have meant stop, and has not been understood yet.
    pub awaiting_clarification: bool,
    /// When the number was found to belong to somebody else than the one who consented.
    pub number_reassigned_at: Option<Moment>,
    /// When the person last wrote to the sending number.
    pub last_inbound_at: Option<Moment>,
    /// How often this responsible party has asked the person for consent.
    pub consent_requests: Option<i32>,
}
impl From<conek_core::policy::PersonFacts> for PersonFacts {
    fn from(v: conek_core::policy::PersonFacts) -> Self {
        let conek_core::policy::PersonFacts {
            id,
            country,
            zone,
            us_number,
            juristic,
            over_cpa_threshold,
            age,
            reported_child,
            guardian_consented,
            restricted,
            erased,
            suppressed,
            suppressed_for_all,
            objections,
            desist_demanded,
            platform_stop,
            awaiting_clarification,
            number_reassigned_at,
            last_inbound_at,
            consent_requests,
        } = v;
        Self {
            id: id.map(|x| x.into()),
            country: country,
            zone: zone,
            us_number: us_number,
            juristic: juristic,
            over_cpa_threshold: over_cpa_threshold,
            age: age,
            reported_child: reported_child,
            guardian_consented: guardian_consented,
            restricted: restricted,
            erased: erased,
            suppressed: suppressed,
            suppressed_for_all: suppressed_for_all,
            objections: objections.into_iter().map(|x| x.into()).collect(),
            desist_demanded: desist_demanded,
            platform_stop: platform_stop,
            awaiting_clarification: awaiting_clarification,
            number_reassigned_at: number_reassigned_at.map(|x| x.into()),
            last_inbound_at: last_inbound_at.map(|x| x.into()),
            consent_requests: consent_requests,
        }
    }
}
impl From<PersonFacts> for conek_core::policy::PersonFacts {
    fn from(v: PersonFacts) -> Self {
        let PersonFacts {
            id,
            country,
            zone,
            us_number,
            juristic,
            over_cpa_threshold,
            age,
            reported_child,
            guardian_consented,
            restricted,
            erased,
            suppressed,
            suppressed_for_all,
            objections,
            desist_demanded,
            platform_stop,
            awaiting_clarification,
            number_reassigned_at,
            last_inbound_at,
            consent_requests,
        } = v;
        Self {
            id: id.map(|x| x.into()),
            country: country,
            zone: zone,
            us_number: us_number,
            juristic: juristic,
            over_cpa_threshold: over_cpa_threshold,
            age: age,
            reported_child: reported_child,
            guardian_consented: guardian_consented,
            restricted: restricted,
            erased: erased,
            suppressed: suppressed,
            suppressed_for_all: suppressed_for_all,
            objections: objections.into_iter().map(|x| x.into()).collect(),
            desist_demanded: desist_demanded,
            platform_stop: platform_stop,
            awaiting_clarification: awaiting_clarification,
            number_reassigned_at: number_reassigned_at.map(|x| x.into()),
            last_inbound_at: last_inbound_at.map(|x| x.into()),
            consent_requests: consent_requests,
        }
    }
}
#[pymethods]
impl PersonFacts {
    #[new]
    #[pyo3(
        signature = (
            *,
            id = None,
            country = None,
            zone = None,
            us_number = false,
            juristic = false,
            over_cpa_threshold = false,
            age = None,
            reported_child = false,
            guardian_consented = false,
            restricted = false,
            erased = false,
            suppressed = false,
            suppressed_for_all = false,
            objections = Vec::new(),
            desist_demanded = false,
            platform_stop = false,
            awaiting_clarification = false,
            number_reassigned_at = None,
            last_inbound_at = None,
            consent_requests = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: Option<String>,
        country: Option<String>,
        zone: Option<String>,
        us_number: bool,
        juristic: bool,
        over_cpa_threshold: bool,
        age: Option<i32>,
        reported_child: bool,
        guardian_consented: bool,
        restricted: bool,
        erased: bool,
        suppressed: bool,
        suppressed_for_all: bool,
        objections: Vec<ObjectionFacts>,
        desist_demanded: bool,
        platform_stop: bool,
        awaiting_clarification: bool,
        number_reassigned_at: Option<Moment>,
        last_inbound_at: Option<Moment>,
        consent_requests: Option<i32>,
    ) -> Self {
        Self {
            id,
            country,
            zone,
            us_number,
            juristic,
            over_cpa_threshold,
            age,
            reported_child,
            guardian_consented,
            restricted,
            erased,
            suppressed,
            suppressed_for_all,
            objections,
            desist_demanded,
            platform_stop,
            awaiting_clarification,
            number_reassigned_at,
            last_inbound_at,
            consent_requests,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::PersonFacts::from(PersonFacts::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "country",
                "zone",
                "us_number",
                "juristic",
                "over_cpa_threshold",
                "age",
                "reported_child",
                "guardian_consented",
                "restricted",
                "erased",
                "suppressed",
                "suppressed_for_all",
                "objections",
                "desist_demanded",
                "platform_stop",
                "awaiting_clarification",
                "number_reassigned_at",
                "last_inbound_at",
                "consent_requests",
            ],
            changes,
        )
    }
}
impl Default for PersonFacts {
    fn default() -> Self {
        conek_core::policy::PersonFacts::default().into()
    }
}
/// A phone number as WhatsApp knows it (Meta: WhatsApp Business Account Phone Number). What an answer left out is
/// `None`; words that WhatsApp adds later come as they are.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct PhoneNumber {
    /// Its id, by which everything else names it.
    pub id: String,
    /// The number as people see it.
    pub display_phone_number: String,
    /// The business's name on it, once it is approved.
    pub verified_name: Option<String>,
    /// `PENDING` before its first registration, `CONNECTED` while it is registered, `DISCONNECTED` after it; also
    /// `FLAGGED`, `RESTRICTED`, `BANNED` and others.
    pub status: Option<String>,
    /// How people take its messages: `GREEN`, `YELLOW`, `RED`, `NA` or `UNKNOWN`.
    pub quality: Option<String>,
    /// `STANDARD` (80 messages a second, in and out together), `HIGH` (1,000) or `NOT_APPLICABLE`.
    pub throughput: Option<String>,
    /// How many people the whole business may write to first within 24 hours, for example `TIER_250`.
    pub messaging_limit: Option<String>,
    /// Whether it was proved by a code that it is the business's: `VERIFIED`, `NOT_VERIFIED` or `EXPIRED`.
    pub code_verification: Option<String>,
    /// What became of its name: `APPROVED`, `AVAILABLE_WITHOUT_REVIEW`, `DECLINED`, `EXPIRED`, `PENDING_REVIEW` or
    /// `NONE`.
    pub name_status: Option<String>,
    /// The same of a name that was asked for meanwhile.
    pub new_name_status: Option<String>,
    /// Where it works: `CLOUD_API`, `ON_PREMISE` or `NOT_APPLICABLE`.
    pub platform: Option<String>,
    /// `LIVE`, or `SANDBOX` for a test number.
    pub account_mode: Option<String>,
    /// Whether a two-step PIN is set.
    pub pin_enabled: Option<bool>,
    /// Whether it has the mark of an official business.
    pub official: Option<bool>,
}
impl From<conek_core::platform::PhoneNumber> for PhoneNumber {
    fn from(v: conek_core::platform::PhoneNumber) -> Self {
        let conek_core::platform::PhoneNumber {
            id,
            display_phone_number,
            verified_name,
            status,
            quality,
            throughput,
            messaging_limit,
            code_verification,
            name_status,
            new_name_status,
            platform,
            account_mode,
            pin_enabled,
            official,
        } = v;
        Self {
            id: id,
            display_phone_number: display_phone_number,
            verified_name: verified_name,
            status: status,
            quality: quality,
            throughput: throughput,
            messaging_limit: messaging_limit,
            code_verification: code_verification,
            name_status: name_status,
            new_name_status: new_name_status,
            platform: platform,
            account_mode: account_mode,
            pin_enabled: pin_enabled,
            official: official,
        }
    }
}
impl From<PhoneNumber> for conek_core::platform::PhoneNumber {
    fn from(v: PhoneNumber) -> Self {
        let PhoneNumber {
            id,
            display_phone_number,
            verified_name,
            status,
            quality,
            throughput,
            messaging_limit,
            code_verification,
            name_status,
            new_name_status,
            platform,
            account_mode,
            pin_enabled,
            official,
        } = v;
        Self {
            id: id,
            display_phone_number: display_phone_number,
            verified_name: verified_name,
            status: status,
            quality: quality,
            throughput: throughput,
            messaging_limit: messaging_limit,
            code_verification: code_verification,
            name_status: name_status,
            new_name_status: new_name_status,
            platform: platform,
            account_mode: account_mode,
            pin_enabled: pin_enabled,
            official: official,
        }
    }
}
#[pymethods]
impl PhoneNumber {
    #[new]
    #[pyo3(
        signature = (
            id,
            display_phone_number,
            *,
            verified_name = None,
            status = None,
            quality = None,
            throughput = None,
            messaging_limit = None,
            code_verification = None,
            name_status = None,
            new_name_status = None,
            platform = None,
            account_mode = None,
            pin_enabled = None,
            official = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        display_phone_number: String,
        verified_name: Option<String>,
        status: Option<String>,
        quality: Option<String>,
        throughput: Option<String>,
        messaging_limit: Option<String>,
        code_verification: Option<String>,
        name_status: Option<String>,
        new_name_status: Option<String>,
        platform: Option<String>,
        account_mode: Option<String>,
        pin_enabled: Option<bool>,
        official: Option<bool>,
    ) -> Self {
        Self {
            id,
            display_phone_number,
            verified_name,
            status,
            quality,
            throughput,
            messaging_limit,
            code_verification,
            name_status,
            new_name_status,
            platform,
            account_mode,
            pin_enabled,
            official,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::PhoneNumber::from(PhoneNumber::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "display_phone_number",
                "verified_name",
                "status",
                "quality",
                "throughput",
                "messaging_limit",
                "code_verification",
                "name_status",
                "new_name_status",
                "platform",
                "account_mode",
                "pin_enabled",
                "official",
            ],
            changes,
        )
    }
}
/// A place on the map.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Place {
    /// Degrees north, from -90 to 90.
    pub latitude: f64,
    /// Degrees east, from -180 to 180.
    pub longitude: f64,
    /// What it is called; at most 1,024 characters.
    pub name: Option<String>,
    /// Its address, which is shown under its name only; at most 1,024 characters.
    pub address: Option<String>,
}
impl From<conek_core::messaging::content::Place> for Place {
    fn from(v: conek_core::messaging::content::Place) -> Self {
        let conek_core::messaging::content::Place {
            latitude,
            longitude,
            name,
            address,
        } = v;
        Self {
            latitude: latitude,
            longitude: longitude,
            name: name,
            address: address,
        }
    }
}
impl From<Place> for conek_core::messaging::content::Place {
    fn from(v: Place) -> Self {
        let Place { latitude, longitude, name, address } = v;
        Self {
            latitude: latitude,
            longitude: longitude,
            name: name,
            address: address,
        }
    }
}
#[pymethods]
impl Place {
    #[new]
    #[pyo3(signature = (latitude, longitude, *, name = None, address = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        latitude: f64,
        longitude: f64,
        name: Option<String>,
        address: Option<String>,
    ) -> Self {
        Self {
            latitude,
            longitude,
            name,
            address,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::messaging::content::Place::from(Place::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["latitude", "longitude", "name", "address"],
            changes,
        )
    }
}
/// One question to a policy: these facts, at this moment.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct PolicyCase {
    /// The moment for which is decided.
    pub at: Moment,
    /// Everything else that the decision rests on.
    pub facts: Facts,
}
impl From<conek_core::policy::PolicyCase> for PolicyCase {
    fn from(v: conek_core::policy::PolicyCase) -> Self {
        let conek_core::policy::PolicyCase { at, facts } = v;
        Self {
            at: at.into(),
            facts: facts.into(),
        }
    }
}
impl From<PolicyCase> for conek_core::policy::PolicyCase {
    fn from(v: PolicyCase) -> Self {
        let PolicyCase { at, facts } = v;
        Self {
            at: at.into(),
            facts: facts.into(),
        }
    }
}
#[pymethods]
impl PolicyCase {
    #[new]
    #[pyo3(signature = (at, facts))]
    #[allow(clippy::too_many_arguments)]
    fn new(at: Moment, facts: Facts) -> Self {
        Self { at, facts }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::PolicyCase::from(PolicyCase::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["at", "facts"], changes)
    }
}
/// Which charges are counted and by what they are told apart; what is left out leaves nothing out.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct PricingFilter {
    /// The business's numbers in E.164.
    pub phone_numbers: Vec<String>,
    /// The countries of people (ISO 3166-1 alpha-2).
    pub countries: Vec<String>,
    /// Of `AUTHENTICATION`, `AUTHENTICATION_INTERNATIONAL`, `MARKETING`, `SERVICE`, `UTILITY` and others.
    pub categories: Vec<String>,
    /// Of `FREE_CUSTOMER_SERVICE`, `FREE_ENTRY_POINT` and `REGULAR`.
    pub kinds: Vec<String>,
    /// By what they are told apart. Without any there is one point for each step.
    pub dimensions: Vec<PricingDimension>,
}
impl From<conek_core::platform::PricingFilter> for PricingFilter {
    fn from(v: conek_core::platform::PricingFilter) -> Self {
        let conek_core::platform::PricingFilter {
            phone_numbers,
            countries,
            categories,
            kinds,
            dimensions,
        } = v;
        Self {
            phone_numbers: phone_numbers,
            countries: countries,
            categories: categories,
            kinds: kinds,
            dimensions: dimensions.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<PricingFilter> for conek_core::platform::PricingFilter {
    fn from(v: PricingFilter) -> Self {
        let PricingFilter { phone_numbers, countries, categories, kinds, dimensions } = v;
        Self {
            phone_numbers: phone_numbers,
            countries: countries,
            categories: categories,
            kinds: kinds,
            dimensions: dimensions.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl PricingFilter {
    #[new]
    #[pyo3(
        signature = (
            *,
            phone_numbers = Vec::new(),
            countries = Vec::new(),
            categories = Vec::new(),
            kinds = Vec::new(),
            dimensions = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        phone_numbers: Vec<String>,
        countries: Vec<String>,
        categories: Vec<String>,
        kinds: Vec<String>,
        dimensions: Vec<PricingDimension>,
    ) -> Self {
        Self {
            phone_numbers,
            countries,
            categories,
            kinds,
            dimensions,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::PricingFilter::from(PricingFilter::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["phone_numbers", "countries", "categories", "kinds", "dimensions"],
            changes,
        )
    }
}
impl Default for PricingFilter {
    fn default() -> Self {
        conek_core::platform::PricingFilter::default().into()
    }
}
/// Delivered messages within a step and what they cost. What they are told apart by is there where it was asked for.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct PricingPoint {
    /// When the step begins.
    pub start: Moment,
    /// When it ends.
    pub end: Moment,
    /// How many messages arrived.
    pub volume: i64,
    /// About what they cost, in the account's currency; `None` for an account that pays through a partner.
    pub cost: Option<f64>,
    /// At whose rate.
    pub category: Option<String>,
    /// Whether they are charged.
    pub kind: Option<String>,
    /// The country of the people.
    pub country: Option<String>,
    /// The number of the business, in digits.
    pub phone_number: Option<String>,
    /// The step of volume prices, from and to and both within: `0:750000`, `0:MAX`. Free messages have none.
    pub tier: Option<String>,
}
impl From<conek_core::platform::PricingPoint> for PricingPoint {
    fn from(v: conek_core::platform::PricingPoint) -> Self {
        let conek_core::platform::PricingPoint {
            start,
            end,
            volume,
            cost,
            category,
            kind,
            country,
            phone_number,
            tier,
        } = v;
        Self {
            start: start.into(),
            end: end.into(),
            volume: volume,
            cost: cost,
            category: category,
            kind: kind,
            country: country,
            phone_number: phone_number,
            tier: tier,
        }
    }
}
impl From<PricingPoint> for conek_core::platform::PricingPoint {
    fn from(v: PricingPoint) -> Self {
        let PricingPoint {
            start,
            end,
            volume,
            cost,
            category,
            kind,
            country,
            phone_number,
            tier,
        } = v;
        Self {
            start: start.into(),
            end: end.into(),
            volume: volume,
            cost: cost,
            category: category,
            kind: kind,
            country: country,
            phone_number: phone_number,
            tier: tier,
        }
    }
}
#[pymethods]
impl PricingPoint {
    #[new]
    #[pyo3(
        signature = (
            start,
            end,
            volume,
            *,
            cost = None,
            category = None,
            kind = None,
            country = None,
            phone_number = None,
            tier = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        start: Moment,
        end: Moment,
        volume: i64,
        cost: Option<f64>,
        category: Option<String>,
        kind: Option<String>,
        country: Option<String>,
        phone_number: Option<String>,
        tier: Option<String>,
    ) -> Self {
        Self {
            start,
            end,
            volume,
            cost,
            category,
            kind,
            country,
            phone_number,
            tier,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::PricingPoint::from(PricingPoint::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "start",
                "end",
                "volume",
                "cost",
                "category",
                "kind",
                "country",
                "phone_number",
                "tier",
            ],
            changes,
        )
    }
}
/// What is processed for one purpose.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ProcessingActivity {
    /// The purpose's code.
    pub purpose: String,
    /// The bases that the notices in force name for it.
    pub bases: Vec<LegalBasis>,
    /// Which kinds of data subjects.
    pub data_subjects: Vec<String>,
    /// Which kinds of data.
    pub categories: Vec<String>,
    /// Who gets them.
    pub recipients: Vec<String>,
    /// Other countries they go to, with what that rests on.
    pub transfers: Vec<String>,
    /// When they are erased.
    pub retention: String,
}
impl From<conek_core::registers::ProcessingActivity> for ProcessingActivity {
    fn from(v: conek_core::registers::ProcessingActivity) -> Self {
        let conek_core::registers::ProcessingActivity {
            purpose,
            bases,
            data_subjects,
            categories,
            recipients,
            transfers,
            retention,
        } = v;
        Self {
            purpose: purpose,
            bases: bases.into_iter().map(|x| x.into()).collect(),
            data_subjects: data_subjects,
            categories: categories,
            recipients: recipients,
            transfers: transfers,
            retention: retention,
        }
    }
}
impl From<ProcessingActivity> for conek_core::registers::ProcessingActivity {
    fn from(v: ProcessingActivity) -> Self {
        let ProcessingActivity {
            purpose,
            bases,
            data_subjects,
            categories,
            recipients,
            transfers,
            retention,
        } = v;
        Self {
            purpose: purpose,
            bases: bases.into_iter().map(|x| x.into()).collect(),
            data_subjects: data_subjects,
            categories: categories,
            recipients: recipients,
            transfers: transfers,
            retention: retention,
        }
    }
}
#[pymethods]
impl ProcessingActivity {
    #[new]
    #[pyo3(
        signature = (
            purpose,
            retention,
            *,
            bases = Vec::new(),
            data_subjects = Vec::new(),
            categories = Vec::new(),
            recipients = Vec::new(),
            transfers = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        purpose: String,
        retention: String,
        bases: Vec<LegalBasis>,
        data_subjects: Vec<String>,
        categories: Vec<String>,
        recipients: Vec<String>,
        transfers: Vec<String>,
    ) -> Self {
        Self {
            purpose,
            bases,
            data_subjects,
            categories,
            recipients,
            transfers,
            retention,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::registers::ProcessingActivity::from(ProcessingActivity::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "purpose",
                "bases",
                "data_subjects",
                "categories",
                "recipients",
                "transfers",
                "retention",
            ],
            changes,
        )
    }
}
/// The record of processing activities.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ProcessingRecord {
    /// The controller, or responsible party.
    pub controller: String,
    /// How to reach it.
    pub contact: String,
    /// The data protection officer or information officer, as the notices name them.
    pub officer: Option<String>,
    /// What is processed, by purpose.
    pub activities: Vec<ProcessingActivity>,
    /// The measures of security (GDPR 32(1), POPIA s19).
    pub security: Vec<String>,
    /// When it was made.
    pub made_at: Moment,
}
impl From<conek_core::registers::ProcessingRecord> for ProcessingRecord {
    fn from(v: conek_core::registers::ProcessingRecord) -> Self {
        let conek_core::registers::ProcessingRecord {
            controller,
            contact,
            officer,
            activities,
            security,
            made_at,
        } = v;
        Self {
            controller: controller,
            contact: contact,
            officer: officer,
            activities: activities.into_iter().map(|x| x.into()).collect(),
            security: security,
            made_at: made_at.into(),
        }
    }
}
impl From<ProcessingRecord> for conek_core::registers::ProcessingRecord {
    fn from(v: ProcessingRecord) -> Self {
        let ProcessingRecord {
            controller,
            contact,
            officer,
            activities,
            security,
            made_at,
        } = v;
        Self {
            controller: controller,
            contact: contact,
            officer: officer,
            activities: activities.into_iter().map(|x| x.into()).collect(),
            security: security,
            made_at: made_at.into(),
        }
    }
}
#[pymethods]
impl ProcessingRecord {
    #[new]
    #[pyo3(
        signature = (
            controller,
            contact,
            made_at,
            *,
            officer = None,
            activities = Vec::new(),
            security = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        controller: String,
        contact: String,
        made_at: Moment,
        officer: Option<String>,
        activities: Vec<ProcessingActivity>,
        security: Vec<String>,
    ) -> Self {
        Self {
            controller,
            contact,
            officer,
            activities,
            security,
            made_at,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::registers::ProcessingRecord::from(ProcessingRecord::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["controller", "contact", "officer", "activities", "security", "made_at"],
            changes,
        )
    }
}
/// A titled group of products.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ProductSection {
    /// At most 24 characters; may be empty where there is one section only.
    pub title: String,
    /// The products' ids in the catalog; at most 30 in all sections together.
    pub products: Vec<String>,
}
impl From<conek_core::messaging::content::ProductSection> for ProductSection {
    fn from(v: conek_core::messaging::content::ProductSection) -> Self {
        let conek_core::messaging::content::ProductSection { title, products } = v;
        Self {
            title: title,
            products: products,
        }
    }
}
impl From<ProductSection> for conek_core::messaging::content::ProductSection {
    fn from(v: ProductSection) -> Self {
        let ProductSection { title, products } = v;
        Self {
            title: title,
            products: products,
        }
    }
}
#[pymethods]
impl ProductSection {
    #[new]
    #[pyo3(signature = (title, *, products = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(title: String, products: Vec<String>) -> Self {
        Self { title, products }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::ProductSection::from(ProductSection::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["title", "products"], changes)
    }
}
/// What is to be changed of a profile; what is left out stays. An empty text takes a line away, but for `about`.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ProfileUpdate {
    /// The line below the name: 1 to 139 characters.
    pub about: Option<String>,
    /// Where the business is: at most 256 characters.
    pub address: Option<String>,
    /// What it does: at most 512 characters.
    pub description: Option<String>,
    /// Its e-mail address: at most 128 characters.
    pub email: Option<String>,
    /// Its trade: one of Meta's words, such as `RETAIL`, `RESTAURANT`, `HEALTH` or `OTHER`.
    pub vertical: Option<String>,
    /// Its sites, instead of those that there are: at most two, of 256 characters, with `http://` or `https://`. An
    /// empty list takes them away.
    pub websites: Option<Vec<String>>,
    /// The handle of a picture that `upload_sample` uploaded: JPEG or PNG.
    pub picture_handle: Option<String>,
}
impl From<conek_core::platform::ProfileUpdate> for ProfileUpdate {
    fn from(v: conek_core::platform::ProfileUpdate) -> Self {
        let conek_core::platform::ProfileUpdate {
            about,
            address,
            description,
            email,
            vertical,
            websites,
            picture_handle,
        } = v;
        Self {
            about: about,
            address: address,
            description: description,
            email: email,
            vertical: vertical,
            websites: websites,
            picture_handle: picture_handle,
        }
    }
}
impl From<ProfileUpdate> for conek_core::platform::ProfileUpdate {
    fn from(v: ProfileUpdate) -> Self {
        let ProfileUpdate {
            about,
            address,
            description,
            email,
            vertical,
            websites,
            picture_handle,
        } = v;
        Self {
            about: about,
            address: address,
            description: description,
            email: email,
            vertical: vertical,
            websites: websites,
            picture_handle: picture_handle,
        }
    }
}
#[pymethods]
impl ProfileUpdate {
    #[new]
    #[pyo3(
        signature = (
            *,
            about = None,
            address = None,
            description = None,
            email = None,
            vertical = None,
            websites = None,
            picture_handle = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        about: Option<String>,
        address: Option<String>,
        description: Option<String>,
        email: Option<String>,
        vertical: Option<String>,
        websites: Option<Vec<String>>,
        picture_handle: Option<String>,
    ) -> Self {
        Self {
            about,
            address,
            description,
            email,
            vertical,
            websites,
            picture_handle,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::ProfileUpdate::from(ProfileUpdate::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "about",
                "address",
                "description",
                "email",
                "vertical",
                "websites",
                "picture_handle",
            ],
            changes,
        )
    }
}
impl Default for ProfileUpdate {
    fn default() -> Self {
        conek_core::platform::ProfileUpdate::default().into()
    }
}
/// Where a person's data comes from.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Provenance {
    /// The source in the host's words, for example `web shop checkout`. No personal data.
    pub source: String,
    /// In what context.
    pub context: ProvenanceContext,
    /// When.
    pub obtained_at: Option<Moment>,
    /// Whether the person could object, free of charge, when the data was collected (POPIA s69(3)(c)).
    pub objection_offered: bool,
    /// What was sold, in the account's own words: the exception for customers covers what is similar
    /// (POPIA s69(3)(b)).
    pub goods: Vec<String>,
    /// What proves it, for example a form's id.
    pub evidence: Option<String>,
}
impl From<conek_core::people::Provenance> for Provenance {
    fn from(v: conek_core::people::Provenance) -> Self {
        let conek_core::people::Provenance {
            source,
            context,
            obtained_at,
            objection_offered,
            goods,
            evidence,
        } = v;
        Self {
            source: source,
            context: context.into(),
            obtained_at: obtained_at.map(|x| x.into()),
            objection_offered: objection_offered,
            goods: goods,
            evidence: evidence,
        }
    }
}
impl From<Provenance> for conek_core::people::Provenance {
    fn from(v: Provenance) -> Self {
        let Provenance {
            source,
            context,
            obtained_at,
            objection_offered,
            goods,
            evidence,
        } = v;
        Self {
            source: source,
            context: context.into(),
            obtained_at: obtained_at.map(|x| x.into()),
            objection_offered: objection_offered,
            goods: goods,
            evidence: evidence,
        }
    }
}
#[pymethods]
impl Provenance {
    #[new]
    #[pyo3(
        signature = (
            source,
            context,
            *,
            obtained_at = None,
            objection_offered = false,
            goods = Vec::new(),
            evidence = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        source: String,
        context: ProvenanceContext,
        obtained_at: Option<Moment>,
        objection_offered: bool,
        goods: Vec<String>,
        evidence: Option<String>,
    ) -> Self {
        Self {
            source,
            context,
            obtained_at,
            objection_offered,
            goods,
            evidence,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::people::Provenance::from(Provenance::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "source",
                "context",
                "obtained_at",
                "objection_offered",
                "goods",
                "evidence",
            ],
            changes,
        )
    }
}
/// A purpose of the closed list, and what it may rest on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct PurposeRow {
    /// Its stable code, for example `comms.marketing`.
    pub code: String,
    /// How its messages are treated; `None` for what is no message.
    pub message_class: Option<MessageClass>,
    /// What it may rest on under POPIA; empty: nothing.
    pub popia: Vec<LegalBasis>,
    /// What it may rest on under GDPR; empty: nothing.
    pub gdpr: Vec<LegalBasis>,
    /// Its place in the Fides taxonomy of data uses; empty where it has none.
    pub taxonomy: String,
}
impl From<conek_core::questions::PurposeRow> for PurposeRow {
    fn from(v: conek_core::questions::PurposeRow) -> Self {
        let conek_core::questions::PurposeRow {
            code,
            message_class,
            popia,
            gdpr,
            taxonomy,
        } = v;
        Self {
            code: code,
            message_class: message_class.map(|x| x.into()),
            popia: popia.into_iter().map(|x| x.into()).collect(),
            gdpr: gdpr.into_iter().map(|x| x.into()).collect(),
            taxonomy: taxonomy,
        }
    }
}
impl From<PurposeRow> for conek_core::questions::PurposeRow {
    fn from(v: PurposeRow) -> Self {
        let PurposeRow { code, message_class, popia, gdpr, taxonomy } = v;
        Self {
            code: code,
            message_class: message_class.map(|x| x.into()),
            popia: popia.into_iter().map(|x| x.into()).collect(),
            gdpr: gdpr.into_iter().map(|x| x.into()).collect(),
            taxonomy: taxonomy,
        }
    }
}
#[pymethods]
impl PurposeRow {
    #[new]
    #[pyo3(
        signature = (
            code,
            taxonomy,
            *,
            message_class = None,
            popia = Vec::new(),
            gdpr = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        code: String,
        taxonomy: String,
        message_class: Option<MessageClass>,
        popia: Vec<LegalBasis>,
        gdpr: Vec<LegalBasis>,
    ) -> Self {
        Self {
            code,
            message_class,
            popia,
            gdpr,
            taxonomy,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::questions::PurposeRow::from(PurposeRow::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["code", "message_class", "popia", "gdpr", "taxonomy"],
            changes,
        )
    }
}
/// A code (Meta: WhatsApp Business QR Codes).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct QrCode {
    /// What tells it apart, at the end of its link.
    pub code: String,
    /// The message that is typed already.
    pub message: String,
    /// The link behind it, `https://wa.me/message/...`.
    pub link: String,
    /// Where its picture can be fetched for a while, if one was asked for.
    pub image_url: Option<String>,
}
impl From<conek_core::platform::QrCode> for QrCode {
    fn from(v: conek_core::platform::QrCode) -> Self {
        let conek_core::platform::QrCode { code, message, link, image_url } = v;
        Self {
            code: code,
            message: message,
            link: link,
            image_url: image_url,
        }
    }
}
impl From<QrCode> for conek_core::platform::QrCode {
    fn from(v: QrCode) -> Self {
        let QrCode { code, message, link, image_url } = v;
        Self {
            code: code,
            message: message,
            link: link,
            image_url: image_url,
        }
    }
}
#[pymethods]
impl QrCode {
    #[new]
    #[pyo3(signature = (code, message, link, *, image_url = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        code: String,
        message: String,
        link: String,
        image_url: Option<String>,
    ) -> Self {
        Self {
            code,
            message,
            link,
            image_url,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::QrCode::from(QrCode::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["code", "message", "link", "image_url"],
            changes,
        )
    }
}
/// A page of a number's codes.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct QrPage {
    /// The codes.
    pub codes: Vec<QrCode>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}
impl From<conek_core::platform::QrPage> for QrPage {
    fn from(v: conek_core::platform::QrPage) -> Self {
        let conek_core::platform::QrPage { codes, next } = v;
        Self {
            codes: codes.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<QrPage> for conek_core::platform::QrPage {
    fn from(v: QrPage) -> Self {
        let QrPage { codes, next } = v;
        Self {
            codes: codes.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl QrPage {
    #[new]
    #[pyo3(signature = (*, codes = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(codes: Vec<QrCode>, next: Option<String>) -> Self {
        Self { codes, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::QrPage::from(QrPage::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["codes", "next"], changes)
    }
}
/// One page by one index.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Query {
    /// The account.
    pub account: String,
    /// The kind, or empty where the index allows it.
    pub kind: String,
    /// By what.
    pub index: Index,
    /// Only records in this state.
    pub state: Option<String>,
    /// The cursor of the page before.
    pub after: Option<String>,
    /// At most this many, 1 to 10,000.
    pub limit: i32,
    /// Whether the order is turned round.
    pub descending: bool,
}
impl From<conek_core::storage::Query> for Query {
    fn from(v: conek_core::storage::Query) -> Self {
        let conek_core::storage::Query {
            account,
            kind,
            index,
            state,
            after,
            limit,
            descending,
        } = v;
        Self {
            account: account,
            kind: kind,
            index: index.into(),
            state: state,
            after: after,
            limit: limit,
            descending: descending,
        }
    }
}
impl From<Query> for conek_core::storage::Query {
    fn from(v: Query) -> Self {
        let Query { account, kind, index, state, after, limit, descending } = v;
        Self {
            account: account,
            kind: kind,
            index: index.into(),
            state: state,
            after: after,
            limit: limit,
            descending: descending,
        }
    }
}
#[pymethods]
impl Query {
    #[new]
    #[pyo3(
        signature = (
            account,
            kind,
            index,
            limit,
            *,
            state = None,
            after = None,
            descending = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        account: String,
        kind: String,
        index: Index,
        limit: i32,
        state: Option<String>,
        after: Option<String>,
        descending: bool,
    ) -> Self {
        Self {
            account,
            kind,
            index,
            state,
            after,
            limit,
            descending,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::storage::Query::from(Query::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["account", "kind", "index", "state", "after", "limit", "descending"],
            changes,
        )
    }
}
/// Hours of the person's day in which the account sends nothing. They may span midnight.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct QuietHours {
    /// For this class of message; absent: for all direct marketing.
    pub purpose: Option<Purpose>,
    /// For people in this country, ISO 3166-1 alpha-2; absent: for everybody.
    pub country: Option<String>,
    /// For people in this IANA zone; absent: for everybody.
    pub zone: Option<String>,
    /// The first quiet minute of the local day, 0 to 1,439.
    pub from_minute: i32,
    /// The first minute that is no longer quiet, 0 to 1,440.
    pub to_minute: i32,
}
impl From<conek_core::policy::QuietHours> for QuietHours {
    fn from(v: conek_core::policy::QuietHours) -> Self {
        let conek_core::policy::QuietHours {
            purpose,
            country,
            zone,
            from_minute,
            to_minute,
        } = v;
        Self {
            purpose: purpose.map(|x| x.into()),
            country: country,
            zone: zone,
            from_minute: from_minute,
            to_minute: to_minute,
        }
    }
}
impl From<QuietHours> for conek_core::policy::QuietHours {
    fn from(v: QuietHours) -> Self {
        let QuietHours { purpose, country, zone, from_minute, to_minute } = v;
        Self {
            purpose: purpose.map(|x| x.into()),
            country: country,
            zone: zone,
            from_minute: from_minute,
            to_minute: to_minute,
        }
    }
}
#[pymethods]
impl QuietHours {
    #[new]
    #[pyo3(
        signature = (
            from_minute,
            to_minute,
            *,
            purpose = None,
            country = None,
            zone = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        from_minute: i32,
        to_minute: i32,
        purpose: Option<Purpose>,
        country: Option<String>,
        zone: Option<String>,
    ) -> Self {
        Self {
            purpose,
            country,
            zone,
            from_minute,
            to_minute,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::QuietHours::from(QuietHours::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["purpose", "country", "zone", "from_minute", "to_minute"],
            changes,
        )
    }
}
impl Default for QuietHours {
    fn default() -> Self {
        conek_core::policy::QuietHours::default().into()
    }
}
/// What messages to one country cost.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Rate {
    /// ISO 3166-1 alpha-2, or `*` for every other country.
    pub country: String,
    /// `marketing`, `utility`, `authentication` or `service`.
    pub category: String,
    /// ISO 4217.
    pub currency: String,
    /// Millionths of the currency for one message.
    pub micros: i64,
}
impl From<conek_core::campaigns::Rate> for Rate {
    fn from(v: conek_core::campaigns::Rate) -> Self {
        let conek_core::campaigns::Rate { country, category, currency, micros } = v;
        Self {
            country: country,
            category: category,
            currency: currency,
            micros: micros,
        }
    }
}
impl From<Rate> for conek_core::campaigns::Rate {
    fn from(v: Rate) -> Self {
        let Rate { country, category, currency, micros } = v;
        Self {
            country: country,
            category: category,
            currency: currency,
            micros: micros,
        }
    }
}
#[pymethods]
impl Rate {
    #[new]
    #[pyo3(signature = (country, category, currency, micros))]
    #[allow(clippy::too_many_arguments)]
    fn new(country: String, category: String, currency: String, micros: i64) -> Self {
        Self {
            country,
            category,
            currency,
            micros,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::campaigns::Rate::from(Rate::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["country", "category", "currency", "micros"],
            changes,
        )
    }
}
/// Why the gate says no, or not yet.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Reason {
    /// The stable code, for example `SUPPRESSED`.
    pub code: String,
    /// What it rests on, for example `POPIA s69(1)`.
    pub provision: String,
    /// The same in plain words.
    pub text: String,
}
impl From<conek_core::policy::Reason> for Reason {
    fn from(v: conek_core::policy::Reason) -> Self {
        let conek_core::policy::Reason { code, provision, text } = v;
        Self {
            code: code,
            provision: provision,
            text: text,
        }
    }
}
impl From<Reason> for conek_core::policy::Reason {
    fn from(v: Reason) -> Self {
        let Reason { code, provision, text } = v;
        Self {
            code: code,
            provision: provision,
            text: text,
        }
    }
}
#[pymethods]
impl Reason {
    #[new]
    #[pyo3(signature = (code, provision, text))]
    #[allow(clippy::too_many_arguments)]
    fn new(code: String, provision: String, text: String) -> Self {
        Self { code, provision, text }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::Reason::from(Reason::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["code", "provision", "text"], changes)
    }
}
/// How many people a reason concerns.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ReasonCount {
    /// The reason.
    pub reason: Reason,
    /// How many people it is the strongest reason for.
    pub people: i64,
}
impl From<conek_core::campaigns::ReasonCount> for ReasonCount {
    fn from(v: conek_core::campaigns::ReasonCount) -> Self {
        let conek_core::campaigns::ReasonCount { reason, people } = v;
        Self {
            reason: reason.into(),
            people: people,
        }
    }
}
impl From<ReasonCount> for conek_core::campaigns::ReasonCount {
    fn from(v: ReasonCount) -> Self {
        let ReasonCount { reason, people } = v;
        Self {
            reason: reason.into(),
            people: people,
        }
    }
}
#[pymethods]
impl ReasonCount {
    #[new]
    #[pyo3(signature = (reason, people))]
    #[allow(clippy::too_many_arguments)]
    fn new(reason: Reason, people: i64) -> Self {
        Self { reason, people }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::campaigns::ReasonCount::from(ReasonCount::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["reason", "people"], changes)
    }
}
/// One thing: a contact, a message, an attempt, a consent event, a key.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Record {
    /// The account that owns it.
    pub account: String,
    /// What kind of thing it is.
    pub kind: String,
    /// Its id within account and kind.
    pub id: String,
    /// 1 when inserted, one more with every change. The storage counts; what is given is ignored.
    pub version: i64,
    /// Its state, in the kind's own words.
    pub state: String,
    /// The people it concerns, by person id: all of them.
    pub subjects: Vec<String>,
    /// The larger thing it belongs to, for example a campaign.
    pub group: Option<String>,
    /// The queue it waits in, if it waits.
    pub queue: Option<String>,
    /// When it is due in its queue.
    pub due_at: Option<Moment>,
    /// When it must be gone.
    pub expires_at: Option<Moment>,
    /// Which retention rule governs it.
    pub retention: String,
    /// What it can be found by.
    pub tokens: Vec<Token>,
    /// A JSON object without personal data: times, counters, states, codes.
    pub clear: String,
    /// Personal data, sealed.
    pub sealed: Vec<u8>,
}
impl From<conek_core::storage::Record> for Record {
    fn from(v: conek_core::storage::Record) -> Self {
        let conek_core::storage::Record {
            account,
            kind,
            id,
            version,
            state,
            subjects,
            group,
            queue,
            due_at,
            expires_at,
            retention,
            tokens,
            clear,
            sealed,
        } = v;
        Self {
            account: account,
            kind: kind,
            id: id,
            version: version,
            state: state,
            subjects: subjects,
            group: group,
            queue: queue,
            due_at: due_at.map(|x| x.into()),
            expires_at: expires_at.map(|x| x.into()),
            retention: retention,
            tokens: tokens.into_iter().map(|x| x.into()).collect(),
            clear: clear,
            sealed: sealed,
        }
    }
}
impl From<Record> for conek_core::storage::Record {
    fn from(v: Record) -> Self {
        let Record {
            account,
            kind,
            id,
            version,
            state,
            subjects,
            group,
            queue,
            due_at,
            expires_at,
            retention,
            tokens,
            clear,
            sealed,
        } = v;
        Self {
            account: account,
            kind: kind,
            id: id,
            version: version,
            state: state,
            subjects: subjects,
            group: group,
            queue: queue,
            due_at: due_at.map(|x| x.into()),
            expires_at: expires_at.map(|x| x.into()),
            retention: retention,
            tokens: tokens.into_iter().map(|x| x.into()).collect(),
            clear: clear,
            sealed: sealed,
        }
    }
}
#[pymethods]
impl Record {
    #[new]
    #[pyo3(
        signature = (
            account,
            kind,
            id,
            version,
            state,
            retention,
            clear,
            sealed,
            *,
            subjects = Vec::new(),
            group = None,
            queue = None,
            due_at = None,
            expires_at = None,
            tokens = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        account: String,
        kind: String,
        id: String,
        version: i64,
        state: String,
        retention: String,
        clear: String,
        sealed: Vec<u8>,
        subjects: Vec<String>,
        group: Option<String>,
        queue: Option<String>,
        due_at: Option<Moment>,
        expires_at: Option<Moment>,
        tokens: Vec<Token>,
    ) -> Self {
        Self {
            account,
            kind,
            id,
            version,
            state,
            subjects,
            group,
            queue,
            due_at,
            expires_at,
            retention,
            tokens,
            clear,
            sealed,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::storage::Record::from(Record::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "account",
                "kind",
                "id",
                "version",
                "state",
                "subjects",
                "group",
                "queue",
                "due_at",
                "expires_at",
                "retention",
                "tokens",
                "clear",
                "sealed",
            ],
            changes,
        )
    }
}
/// A correction.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Rectification {
    /// The new values by field: `phone`, `name`, `language`, `zone`, `country`, or an attribute's name. An empty
    /// value removes a name or an attribute.
    pub changes: BTreeMap<String, String>,
    /// The person's own statement, attached where the account does not agree (POPIA s24(2)(d)).
    pub statement: Option<String>,
    /// The request that it answers.
    pub request: Option<String>,
}
impl From<conek_core::rights::Rectification> for Rectification {
    fn from(v: conek_core::rights::Rectification) -> Self {
        let conek_core::rights::Rectification { changes, statement, request } = v;
        Self {
            changes: changes,
            statement: statement,
            request: request,
        }
    }
}
impl From<Rectification> for conek_core::rights::Rectification {
    fn from(v: Rectification) -> Self {
        let Rectification { changes, statement, request } = v;
        Self {
            changes: changes,
            statement: statement,
            request: request,
        }
    }
}
#[pymethods]
impl Rectification {
    #[new]
    #[pyo3(signature = (*, changes = BTreeMap::new(), statement = None, request = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        changes: BTreeMap<String, String>,
        statement: Option<String>,
        request: Option<String>,
    ) -> Self {
        Self {
            changes,
            statement,
            request,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::rights::Rectification::from(Rectification::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["changes", "statement", "request"],
            changes,
        )
    }
}
impl Default for Rectification {
    fn default() -> Self {
        conek_core::rights::Rectification::default().into()
    }
}
/// What the national opt-out registry says (CPA regulation 4).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RegistryFacts {
    /// Whether the person registered a block.
    pub blocked: bool,
    /// When the account's list was last compared with the registry; at most a month ago.
    pub checked_at: Option<Moment>,
    /// Whether the account is registered as a direct marketer; absent: unknown.
    pub marketer_registered: Option<bool>,
}
impl From<conek_core::policy::RegistryFacts> for RegistryFacts {
    fn from(v: conek_core::policy::RegistryFacts) -> Self {
        let conek_core::policy::RegistryFacts {
            blocked,
            checked_at,
            marketer_registered,
        } = v;
        Self {
            blocked: blocked,
            checked_at: checked_at.map(|x| x.into()),
            marketer_registered: marketer_registered,
        }
    }
}
impl From<RegistryFacts> for conek_core::policy::RegistryFacts {
    fn from(v: RegistryFacts) -> Self {
        let RegistryFacts { blocked, checked_at, marketer_registered } = v;
        Self {
            blocked: blocked,
            checked_at: checked_at.map(|x| x.into()),
            marketer_registered: marketer_registered,
        }
    }
}
#[pymethods]
impl RegistryFacts {
    #[new]
    #[pyo3(
        signature = (*, blocked = false, checked_at = None, marketer_registered = None)
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        blocked: bool,
        checked_at: Option<Moment>,
        marketer_registered: Option<bool>,
    ) -> Self {
        Self {
            blocked,
            checked_at,
            marketer_registered,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::policy::RegistryFacts::from(RegistryFacts::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["blocked", "checked_at", "marketer_registered"],
            changes,
        )
    }
}
impl Default for RegistryFacts {
    fn default() -> Self {
        conek_core::policy::RegistryFacts::default().into()
    }
}
/// What makes somebody an existing customer (POPIA s69(3), ePrivacy 13(2)).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RelationshipFacts {
    /// Whether the contact was obtained in the context of a sale. A free account can be one, where it
    /// is part of a paid model (CJEU C-654/23).
    pub obtained_in_sale: bool,
    /// Whether the person could object, free of charge, when the contact was collected.
    pub objection_offered: bool,
    /// What was sold, in the account's own words.
    pub goods_sold: Vec<String>,
}
impl From<conek_core::policy::RelationshipFacts> for RelationshipFacts {
    fn from(v: conek_core::policy::RelationshipFacts) -> Self {
        let conek_core::policy::RelationshipFacts {
            obtained_in_sale,
            objection_offered,
            goods_sold,
        } = v;
        Self {
            obtained_in_sale: obtained_in_sale,
            objection_offered: objection_offered,
            goods_sold: goods_sold,
        }
    }
}
impl From<RelationshipFacts> for conek_core::policy::RelationshipFacts {
    fn from(v: RelationshipFacts) -> Self {
        let RelationshipFacts { obtained_in_sale, objection_offered, goods_sold } = v;
        Self {
            obtained_in_sale: obtained_in_sale,
            objection_offered: objection_offered,
            goods_sold: goods_sold,
        }
    }
}
#[pymethods]
impl RelationshipFacts {
    #[new]
    #[pyo3(
        signature = (
            *,
            obtained_in_sale = false,
            objection_offered = false,
            goods_sold = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        obtained_in_sale: bool,
        objection_offered: bool,
        goods_sold: Vec<String>,
    ) -> Self {
        Self {
            obtained_in_sale,
            objection_offered,
            goods_sold,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::policy::RelationshipFacts::from(RelationshipFacts::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["obtained_in_sale", "objection_offered", "goods_sold"],
            changes,
        )
    }
}
impl Default for RelationshipFacts {
    fn default() -> Self {
        conek_core::policy::RelationshipFacts::default().into()
    }
}
/// People who have to be asked again.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RenewalPage {
    /// They.
    pub people: Vec<String>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}
impl From<conek_core::consent::RenewalPage> for RenewalPage {
    fn from(v: conek_core::consent::RenewalPage) -> Self {
        let conek_core::consent::RenewalPage { people, next } = v;
        Self {
            people: people.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<RenewalPage> for conek_core::consent::RenewalPage {
    fn from(v: RenewalPage) -> Self {
        let RenewalPage { people, next } = v;
        Self {
            people: people.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl RenewalPage {
    #[new]
    #[pyo3(signature = (*, people = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(people: Vec<String>, next: Option<String>) -> Self {
        Self { people, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::consent::RenewalPage::from(RenewalPage::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["people", "next"], changes)
    }
}
/// What is known of the conversation that a message belongs to. Everything left out is unknown.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ReplyContext {
    /// The person's language (BCP 47, for example `zu` or `zu-ZA`).
    pub language: Option<String>,
    /// The language in which the account writes to people. It counts beside the person's.
    pub account_language: Option<String>,
    /// What an open dialogue of the host understands itself, as whole messages; empty when none is open. They
    /// mean nothing here, and CANCEL, END and QUIT among them become a question. No dialogue takes the
    /// other words over.
    pub open_dialogue: Vec<String>,
    /// Whether the person was asked for consent and has not answered: then a plain yes or no is the answer.
    pub consent_requested: bool,
}
impl From<conek_core::consent::words::ReplyContext> for ReplyContext {
    fn from(v: conek_core::consent::words::ReplyContext) -> Self {
        let conek_core::consent::words::ReplyContext {
            language,
            account_language,
            open_dialogue,
            consent_requested,
        } = v;
        Self {
            language: language,
            account_language: account_language,
            open_dialogue: open_dialogue,
            consent_requested: consent_requested,
        }
    }
}
impl From<ReplyContext> for conek_core::consent::words::ReplyContext {
    fn from(v: ReplyContext) -> Self {
        let ReplyContext {
            language,
            account_language,
            open_dialogue,
            consent_requested,
        } = v;
        Self {
            language: language,
            account_language: account_language,
            open_dialogue: open_dialogue,
            consent_requested: consent_requested,
        }
    }
}
#[pymethods]
impl ReplyContext {
    #[new]
    #[pyo3(
        signature = (
            *,
            language = None,
            account_language = None,
            open_dialogue = Vec::new(),
            consent_requested = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        language: Option<String>,
        account_language: Option<String>,
        open_dialogue: Vec<String>,
        consent_requested: bool,
    ) -> Self {
        Self {
            language,
            account_language,
            open_dialogue,
            consent_requested,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::consent::words::ReplyContext::from(ReplyContext::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["language", "account_language", "open_dialogue", "consent_requested"],
            changes,
        )
    }
}
impl Default for ReplyContext {
    fn default() -> Self {
        conek_core::consent::words::ReplyContext::default().into()
    }
}
/// A word that counts as a whole message.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct ReplyWord {
    /// Lower case, without accents, spaces and punctuation: however it is typed, it is read so.
    pub text: String,
    /// The language (ISO 639) that the person or the account must have; `None` counts in any. From
    /// anybody else the word is a question.
    pub language: Option<String>,
    /// What it means.
    pub intent: Intent,
    /// Where it is from.
    pub source: String,
    /// The native speaker who confirmed it; `None` while nobody has.
    pub reviewed_by: Option<String>,
    /// The version of the table.
    pub version: String,
}
impl From<conek_core::questions::ReplyWord> for ReplyWord {
    fn from(v: conek_core::questions::ReplyWord) -> Self {
        let conek_core::questions::ReplyWord {
            text,
            language,
            intent,
            source,
            reviewed_by,
            version,
        } = v;
        Self {
            text: text,
            language: language,
            intent: intent.into(),
            source: source,
            reviewed_by: reviewed_by,
            version: version,
        }
    }
}
impl From<ReplyWord> for conek_core::questions::ReplyWord {
    fn from(v: ReplyWord) -> Self {
        let ReplyWord { text, language, intent, source, reviewed_by, version } = v;
        Self {
            text: text,
            language: language,
            intent: intent.into(),
            source: source,
            reviewed_by: reviewed_by,
            version: version,
        }
    }
}
#[pymethods]
impl ReplyWord {
    #[new]
    #[pyo3(
        signature = (
            text,
            intent,
            source,
            version,
            *,
            language = None,
            reviewed_by = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        text: String,
        intent: Intent,
        source: String,
        version: String,
        language: Option<String>,
        reviewed_by: Option<String>,
    ) -> Self {
        Self {
            text,
            language,
            intent,
            source,
            reviewed_by,
            version,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::questions::ReplyWord::from(ReplyWord::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["text", "language", "intent", "source", "reviewed_by", "version"],
            changes,
        )
    }
}
/// What a run found.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Report {
    /// The names of the cases that passed.
    pub passed: Vec<String>,
    /// The cases that did not.
    pub failed: Vec<Failure>,
}
impl From<conek_core::conformance::Report> for Report {
    fn from(v: conek_core::conformance::Report) -> Self {
        let conek_core::conformance::Report { passed, failed } = v;
        Self {
            passed: passed,
            failed: failed.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<Report> for conek_core::conformance::Report {
    fn from(v: Report) -> Self {
        let Report { passed, failed } = v;
        Self {
            passed: passed,
            failed: failed.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl Report {
    #[new]
    #[pyo3(signature = (*, passed = Vec::new(), failed = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(passed: Vec<String>, failed: Vec<Failure>) -> Self {
        Self { passed, failed }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::conformance::Report::from(Report::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["passed", "failed"], changes)
    }
}
impl Default for Report {
    fn default() -> Self {
        conek_core::conformance::Report::default().into()
    }
}
/// When an answer to a request is due. A day counts to its last millisecond, in the country's own zone.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RequestDeadlines {
    /// The right.
    pub right: RightKind,
    /// The law.
    pub regime: Regime,
    /// When the request was received.
    pub received_at: Moment,
    /// The account's promise: 30 days.
    pub promise_due: Moment,
    /// The law's own time.
    pub legal_due: Moment,
    /// Where that is written.
    pub provision: String,
    /// The earlier of the two.
    pub due: Moment,
    /// The local day of `due`, `YYYY-MM-DD`.
    pub due_on: String,
    /// Whether it takes effect at once: a withdrawal, and an objection to direct marketing, end a use before the next
    /// message goes.
    pub immediate: bool,
    /// Whether the law lets it take longer, once.
    pub extension_possible: bool,
    /// When it is due then.
    pub extended_due: Option<Moment>,
    /// Until when the person must have been told so: within the law's first period.
    pub extension_notice_by: Option<Moment>,
    /// Half of the time to `due` is gone.
    pub alarm_50: Moment,
    /// Four fifths of it are gone.
    pub alarm_80: Moment,
    /// All of it is gone: `due`.
    pub alarm_100: Moment,
}
impl From<conek_core::rights::RequestDeadlines> for RequestDeadlines {
    fn from(v: conek_core::rights::RequestDeadlines) -> Self {
        let conek_core::rights::RequestDeadlines {
            right,
            regime,
            received_at,
            promise_due,
            legal_due,
            provision,
            due,
            due_on,
            immediate,
            extension_possible,
            extended_due,
            extension_notice_by,
            alarm_50,
            alarm_80,
            alarm_100,
        } = v;
        Self {
            right: right.into(),
            regime: regime.into(),
            received_at: received_at.into(),
            promise_due: promise_due.into(),
            legal_due: legal_due.into(),
            provision: provision,
            due: due.into(),
            due_on: due_on,
            immediate: immediate,
            extension_possible: extension_possible,
            extended_due: extended_due.map(|x| x.into()),
            extension_notice_by: extension_notice_by.map(|x| x.into()),
            alarm_50: alarm_50.into(),
            alarm_80: alarm_80.into(),
            alarm_100: alarm_100.into(),
        }
    }
}
impl From<RequestDeadlines> for conek_core::rights::RequestDeadlines {
    fn from(v: RequestDeadlines) -> Self {
        let RequestDeadlines {
            right,
            regime,
            received_at,
            promise_due,
            legal_due,
            provision,
            due,
            due_on,
            immediate,
            extension_possible,
            extended_due,
            extension_notice_by,
            alarm_50,
            alarm_80,
            alarm_100,
        } = v;
        Self {
            right: right.into(),
            regime: regime.into(),
            received_at: received_at.into(),
            promise_due: promise_due.into(),
            legal_due: legal_due.into(),
            provision: provision,
            due: due.into(),
            due_on: due_on,
            immediate: immediate,
            extension_possible: extension_possible,
            extended_due: extended_due.map(|x| x.into()),
            extension_notice_by: extension_notice_by.map(|x| x.into()),
            alarm_50: alarm_50.into(),
            alarm_80: alarm_80.into(),
            alarm_100: alarm_100.into(),
        }
    }
}
#[pymethods]
impl RequestDeadlines {
    #[new]
    #[pyo3(
        signature = (
            right,
            regime,
            received_at,
            promise_due,
            legal_due,
            provision,
            due,
            due_on,
            alarm_50,
            alarm_80,
            alarm_100,
            *,
            immediate = false,
            extension_possible = false,
            extended_due = None,
            extension_notice_by = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        right: RightKind,
        regime: Regime,
        received_at: Moment,
        promise_due: Moment,
        legal_due: Moment,
        provision: String,
        due: Moment,
        due_on: String,
        alarm_50: Moment,
        alarm_80: Moment,
        alarm_100: Moment,
        immediate: bool,
        extension_possible: bool,
        extended_due: Option<Moment>,
        extension_notice_by: Option<Moment>,
    ) -> Self {
        Self {
            right,
            regime,
            received_at,
            promise_due,
            legal_due,
            provision,
            due,
            due_on,
            immediate,
            extension_possible,
            extended_due,
            extension_notice_by,
            alarm_50,
            alarm_80,
            alarm_100,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::rights::RequestDeadlines::from(RequestDeadlines::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "right",
                "regime",
                "received_at",
                "promise_due",
                "legal_due",
                "provision",
                "due",
                "due_on",
                "immediate",
                "extension_possible",
                "extended_due",
                "extension_notice_by",
                "alarm_50",
                "alarm_80",
                "alarm_100",
            ],
            changes,
        )
    }
}
/// Some requests and where to go on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RequestPage {
    /// The requests, the oldest first.
    pub requests: Vec<RightsRequest>,
    /// Give it back as `after`.
    pub next: Option<String>,
}
impl From<conek_core::rights::RequestPage> for RequestPage {
    fn from(v: conek_core::rights::RequestPage) -> Self {
        let conek_core::rights::RequestPage { requests, next } = v;
        Self {
            requests: requests.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<RequestPage> for conek_core::rights::RequestPage {
    fn from(v: RequestPage) -> Self {
        let RequestPage { requests, next } = v;
        Self {
            requests: requests.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl RequestPage {
    #[new]
    #[pyo3(signature = (*, requests = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(requests: Vec<RightsRequest>, next: Option<String>) -> Self {
        Self { requests, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::rights::RequestPage::from(RequestPage::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["requests", "next"], changes)
    }
}
/// One step in the life of a request.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RequestStep {
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: String,
    /// What, for example `opened`, `extended`, `refused`.
    pub step: String,
    /// Anything more.
    pub note: Option<String>,
}
impl From<conek_core::rights::RequestStep> for RequestStep {
    fn from(v: conek_core::rights::RequestStep) -> Self {
        let conek_core::rights::RequestStep { at, actor, step, note } = v;
        Self {
            at: at.into(),
            actor: actor,
            step: step,
            note: note,
        }
    }
}
impl From<RequestStep> for conek_core::rights::RequestStep {
    fn from(v: RequestStep) -> Self {
        let RequestStep { at, actor, step, note } = v;
        Self {
            at: at.into(),
            actor: actor,
            step: step,
            note: note,
        }
    }
}
#[pymethods]
impl RequestStep {
    #[new]
    #[pyo3(signature = (at, actor, step, *, note = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(at: Moment, actor: String, step: String, note: Option<String>) -> Self {
        Self { at, actor, step, note }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::rights::RequestStep::from(RequestStep::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["at", "actor", "step", "note"], changes)
    }
}
/// Something that is kept after an erasure because a law wants it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RetainedItem {
    /// Its id.
    pub id: String,
    /// What it was: `message`.
    pub kind: String,
    /// Its retention class.
    pub retention: String,
    /// The provision that wants it kept.
    pub provision: String,
    /// From when it is.
    pub created_at: Moment,
    /// When it goes.
    pub until: Option<Moment>,
    /// To whom it was, where it was opened.
    pub phone: Option<String>,
    /// Their name, where it was opened.
    pub name: Option<String>,
    /// What it says, as JSON, where it was opened.
    pub content: Option<String>,
}
impl From<conek_core::rights::RetainedItem> for RetainedItem {
    fn from(v: conek_core::rights::RetainedItem) -> Self {
        let conek_core::rights::RetainedItem {
            id,
            kind,
            retention,
            provision,
            created_at,
            until,
            phone,
            name,
            content,
        } = v;
        Self {
            id: id,
            kind: kind,
            retention: retention,
            provision: provision,
            created_at: created_at.into(),
            until: until.map(|x| x.into()),
            phone: phone,
            name: name,
            content: content,
        }
    }
}
impl From<RetainedItem> for conek_core::rights::RetainedItem {
    fn from(v: RetainedItem) -> Self {
        let RetainedItem {
            id,
            kind,
            retention,
            provision,
            created_at,
            until,
            phone,
            name,
            content,
        } = v;
        Self {
            id: id,
            kind: kind,
            retention: retention,
            provision: provision,
            created_at: created_at.into(),
            until: until.map(|x| x.into()),
            phone: phone,
            name: name,
            content: content,
        }
    }
}
#[pymethods]
impl RetainedItem {
    #[new]
    #[pyo3(
        signature = (
            id,
            kind,
            retention,
            provision,
            created_at,
            *,
            until = None,
            phone = None,
            name = None,
            content = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        kind: String,
        retention: String,
        provision: String,
        created_at: Moment,
        until: Option<Moment>,
        phone: Option<String>,
        name: Option<String>,
        content: Option<String>,
    ) -> Self {
        Self {
            id,
            kind,
            retention,
            provision,
            created_at,
            until,
            phone,
            name,
            content,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::rights::RetainedItem::from(RetainedItem::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "kind",
                "retention",
                "provision",
                "created_at",
                "until",
                "phone",
                "name",
                "content",
            ],
            changes,
        )
    }
}
/// Some retained things and where to go on.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RetainedPage {
    /// The things, closed.
    pub items: Vec<RetainedItem>,
    /// Give it back as `after`.
    pub next: Option<String>,
}
impl From<conek_core::rights::RetainedPage> for RetainedPage {
    fn from(v: conek_core::rights::RetainedPage) -> Self {
        let conek_core::rights::RetainedPage { items, next } = v;
        Self {
            items: items.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<RetainedPage> for conek_core::rights::RetainedPage {
    fn from(v: RetainedPage) -> Self {
        let RetainedPage { items, next } = v;
        Self {
            items: items.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl RetainedPage {
    #[new]
    #[pyo3(signature = (*, items = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(items: Vec<RetainedItem>, next: Option<String>) -> Self {
        Self { items, next }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::rights::RetainedPage::from(RetainedPage::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["items", "next"], changes)
    }
}
/// What is kept after an erasure because a law wants it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RetainedPart {
    /// The retention class, for example `transaction`.
    pub retention: String,
    /// How many records.
    pub count: i64,
    /// When the last of them goes.
    pub until: Moment,
    /// The provision that wants it kept.
    pub provision: String,
}
impl From<conek_core::rights::RetainedPart> for RetainedPart {
    fn from(v: conek_core::rights::RetainedPart) -> Self {
        let conek_core::rights::RetainedPart { retention, count, until, provision } = v;
        Self {
            retention: retention,
            count: count,
            until: until.into(),
            provision: provision,
        }
    }
}
impl From<RetainedPart> for conek_core::rights::RetainedPart {
    fn from(v: RetainedPart) -> Self {
        let RetainedPart { retention, count, until, provision } = v;
        Self {
            retention: retention,
            count: count,
            until: until.into(),
            provision: provision,
        }
    }
}
#[pymethods]
impl RetainedPart {
    #[new]
    #[pyo3(signature = (retention, count, until, provision))]
    #[allow(clippy::too_many_arguments)]
    fn new(retention: String, count: i64, until: Moment, provision: String) -> Self {
        Self {
            retention,
            count,
            until,
            provision,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::rights::RetainedPart::from(RetainedPart::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["retention", "count", "until", "provision"],
            changes,
        )
    }
}
/// When a record is over.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RetentionDue {
    /// From when on it is to end; `None`: time does not end it, or a hold without an end keeps it, or it is not
    /// known when its time began.
    pub due_at: Option<Moment>,
    /// What is done then.
    pub action: RetentionAction,
    /// Before when a law forbids it.
    pub floor_at: Option<Moment>,
    /// Whether a hold keeps it beyond its time.
    pub held: bool,
    /// From when on it is stored and not used: the person asked to be erased, and a law wants it kept.
    pub restricted_from: Option<Moment>,
    /// Where the period comes from.
    pub provision: String,
}
impl From<conek_core::retention::RetentionDue> for RetentionDue {
    fn from(v: conek_core::retention::RetentionDue) -> Self {
        let conek_core::retention::RetentionDue {
            due_at,
            action,
            floor_at,
            held,
            restricted_from,
            provision,
        } = v;
        Self {
            due_at: due_at.map(|x| x.into()),
            action: action.into(),
            floor_at: floor_at.map(|x| x.into()),
            held: held,
            restricted_from: restricted_from.map(|x| x.into()),
            provision: provision,
        }
    }
}
impl From<RetentionDue> for conek_core::retention::RetentionDue {
    fn from(v: RetentionDue) -> Self {
        let RetentionDue {
            due_at,
            action,
            floor_at,
            held,
            restricted_from,
            provision,
        } = v;
        Self {
            due_at: due_at.map(|x| x.into()),
            action: action.into(),
            floor_at: floor_at.map(|x| x.into()),
            held: held,
            restricted_from: restricted_from.map(|x| x.into()),
            provision: provision,
        }
    }
}
#[pymethods]
impl RetentionDue {
    #[new]
    #[pyo3(
        signature = (
            action,
            provision,
            *,
            due_at = None,
            floor_at = None,
            held = false,
            restricted_from = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        action: RetentionAction,
        provision: String,
        due_at: Option<Moment>,
        floor_at: Option<Moment>,
        held: bool,
        restricted_from: Option<Moment>,
    ) -> Self {
        Self {
            due_at,
            action,
            floor_at,
            held,
            restricted_from,
            provision,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::retention::RetentionDue::from(RetentionDue::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["due_at", "action", "floor_at", "held", "restricted_from", "provision"],
            changes,
        )
    }
}
/// What is known of a record. Whatever is missing is not known, and what is not known is not over.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RetentionFacts {
    /// Its class.
    pub retention: Option<RetentionClass>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// When the person was last active: a message of theirs, a click, a purchase. Never the account's own sends.
    pub last_activity_at: Option<Moment>,
    /// When the person withdrew consent to marketing.
    pub withdrawn_at: Option<Moment>,
    /// When the subscription or account ended.
    pub subscription_ended_at: Option<Moment>,
    /// The last contact of a conversation.
    pub last_contact_at: Option<Moment>,
    /// When the consent was last relied on.
    pub last_reliance_at: Option<Moment>,
    /// When it was decided.
    pub decided_at: Option<Moment>,
    /// The end of the financial year that a transaction falls into, where its time counts from there.
    pub financial_year_end: Option<Moment>,
    /// Over how many people it is a count; missing: it is of one.
    pub aggregated_over: Option<i32>,
    /// When the person asked to be erased.
    pub erasure_requested_at: Option<Moment>,
    /// Holds.
    pub holds: Vec<HoldFacts>,
}
impl From<conek_core::retention::RetentionFacts> for RetentionFacts {
    fn from(v: conek_core::retention::RetentionFacts) -> Self {
        let conek_core::retention::RetentionFacts {
            retention,
            created_at,
            last_activity_at,
            withdrawn_at,
            subscription_ended_at,
            last_contact_at,
            last_reliance_at,
            decided_at,
            financial_year_end,
            aggregated_over,
            erasure_requested_at,
            holds,
        } = v;
        Self {
            retention: retention.map(|x| x.into()),
            created_at: created_at.map(|x| x.into()),
            last_activity_at: last_activity_at.map(|x| x.into()),
            withdrawn_at: withdrawn_at.map(|x| x.into()),
            subscription_ended_at: subscription_ended_at.map(|x| x.into()),
            last_contact_at: last_contact_at.map(|x| x.into()),
            last_reliance_at: last_reliance_at.map(|x| x.into()),
            decided_at: decided_at.map(|x| x.into()),
            financial_year_end: financial_year_end.map(|x| x.into()),
            aggregated_over: aggregated_over,
            erasure_requested_at: erasure_requested_at.map(|x| x.into()),
            holds: holds.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<RetentionFacts> for conek_core::retention::RetentionFacts {
    fn from(v: RetentionFacts) -> Self {
        let RetentionFacts {
            retention,
            created_at,
            last_activity_at,
            withdrawn_at,
            subscription_ended_at,
            last_contact_at,
            last_reliance_at,
            decided_at,
            financial_year_end,
            aggregated_over,
            erasure_requested_at,
            holds,
        } = v;
        Self {
            retention: retention.map(|x| x.into()),
            created_at: created_at.map(|x| x.into()),
            last_activity_at: last_activity_at.map(|x| x.into()),
            withdrawn_at: withdrawn_at.map(|x| x.into()),
            subscription_ended_at: subscription_ended_at.map(|x| x.into()),
            last_contact_at: last_contact_at.map(|x| x.into()),
            last_reliance_at: last_reliance_at.map(|x| x.into()),
            decided_at: decided_at.map(|x| x.into()),
            financial_year_end: financial_year_end.map(|x| x.into()),
            aggregated_over: aggregated_over,
            erasure_requested_at: erasure_requested_at.map(|x| x.into()),
            holds: holds.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl RetentionFacts {
    #[new]
    #[pyo3(
        signature = (
            *,
            retention = None,
            created_at = None,
            last_activity_at = None,
            withdrawn_at = None,
            subscription_ended_at = None,
            last_contact_at = None,
            last_reliance_at = None,
            decided_at = None,
            financial_year_end = None,
            aggregated_over = None,
            erasure_requested_at = None,
            holds = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        retention: Option<RetentionClass>,
        created_at: Option<Moment>,
        last_activity_at: Option<Moment>,
        withdrawn_at: Option<Moment>,
        subscription_ended_at: Option<Moment>,
        last_contact_at: Option<Moment>,
        last_reliance_at: Option<Moment>,
        decided_at: Option<Moment>,
        financial_year_end: Option<Moment>,
        aggregated_over: Option<i32>,
        erasure_requested_at: Option<Moment>,
        holds: Vec<HoldFacts>,
    ) -> Self {
        Self {
            retention,
            created_at,
            last_activity_at,
            withdrawn_at,
            subscription_ended_at,
            last_contact_at,
            last_reliance_at,
            decided_at,
            financial_year_end,
            aggregated_over,
            erasure_requested_at,
            holds,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::retention::RetentionFacts::from(RetentionFacts::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "retention",
                "created_at",
                "last_activity_at",
                "withdrawn_at",
                "subscription_ended_at",
                "last_contact_at",
                "last_reliance_at",
                "decided_at",
                "financial_year_end",
                "aggregated_over",
                "erasure_requested_at",
                "holds",
            ],
            changes,
        )
    }
}
impl Default for RetentionFacts {
    fn default() -> Self {
        conek_core::retention::RetentionFacts::default().into()
    }
}
/// The periods, in months. They can be lengthened and shortened; a law's floor stays.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
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
impl From<conek_core::retention::RetentionRules> for RetentionRules {
    fn from(v: conek_core::retention::RetentionRules) -> Self {
        let conek_core::retention::RetentionRules {
            active_account,
            transaction,
            marketing,
            support,
            analytics,
            consent,
            decision,
            request,
        } = v;
        Self {
            active_account: active_account,
            transaction: transaction,
            marketing: marketing,
            support: support,
            analytics: analytics,
            consent: consent,
            decision: decision,
            request: request,
        }
    }
}
impl From<RetentionRules> for conek_core::retention::RetentionRules {
    fn from(v: RetentionRules) -> Self {
        let RetentionRules {
            active_account,
            transaction,
            marketing,
            support,
            analytics,
            consent,
            decision,
            request,
        } = v;
        Self {
            active_account: active_account,
            transaction: transaction,
            marketing: marketing,
            support: support,
            analytics: analytics,
            consent: consent,
            decision: decision,
            request: request,
        }
    }
}
#[pymethods]
impl RetentionRules {
    #[new]
    #[pyo3(
        signature = (
            active_account,
            transaction,
            marketing,
            support,
            analytics,
            consent,
            decision,
            request
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        active_account: i32,
        transaction: i32,
        marketing: i32,
        support: i32,
        analytics: i32,
        consent: i32,
        decision: i32,
        request: i32,
    ) -> Self {
        Self {
            active_account,
            transaction,
            marketing,
            support,
            analytics,
            consent,
            decision,
            request,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::retention::RetentionRules::from(RetentionRules::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "active_account",
                "transaction",
                "marketing",
                "support",
                "analytics",
                "consent",
                "decision",
                "request",
            ],
            changes,
        )
    }
}
/// One right of a request.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RightStatus {
    /// Which.
    pub right: RightKind,
    /// Where it stands.
    pub state: RequestState,
    /// Why it was refused.
    pub ground: Option<RefusalGround>,
    /// When it was done or refused.
    pub ended_at: Option<Moment>,
    /// Its clock.
    pub deadlines: RequestDeadlines,
    /// Whether it was done at once, by the engine itself.
    pub at_once: bool,
}
impl From<conek_core::rights::RightStatus> for RightStatus {
    fn from(v: conek_core::rights::RightStatus) -> Self {
        let conek_core::rights::RightStatus {
            right,
            state,
            ground,
            ended_at,
            deadlines,
            at_once,
        } = v;
        Self {
            right: right.into(),
            state: state.into(),
            ground: ground.map(|x| x.into()),
            ended_at: ended_at.map(|x| x.into()),
            deadlines: deadlines.into(),
            at_once: at_once,
        }
    }
}
impl From<RightStatus> for conek_core::rights::RightStatus {
    fn from(v: RightStatus) -> Self {
        let RightStatus { right, state, ground, ended_at, deadlines, at_once } = v;
        Self {
            right: right.into(),
            state: state.into(),
            ground: ground.map(|x| x.into()),
            ended_at: ended_at.map(|x| x.into()),
            deadlines: deadlines.into(),
            at_once: at_once,
        }
    }
}
#[pymethods]
impl RightStatus {
    #[new]
    #[pyo3(
        signature = (
            right,
            state,
            deadlines,
            *,
            ground = None,
            ended_at = None,
            at_once = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        right: RightKind,
        state: RequestState,
        deadlines: RequestDeadlines,
        ground: Option<RefusalGround>,
        ended_at: Option<Moment>,
        at_once: bool,
    ) -> Self {
        Self {
            right,
            state,
            ground,
            ended_at,
            deadlines,
            at_once,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::rights::RightStatus::from(RightStatus::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["right", "state", "ground", "ended_at", "deadlines", "at_once"],
            changes,
        )
    }
}
/// A request of a data subject.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RightsRequest {
    /// Its id.
    pub id: String,
    /// Whose; `None` for somebody the account does not know, or has erased.
    pub person: Option<String>,
    /// Where it stands.
    pub state: RequestState,
    /// Each right.
    pub rights: Vec<RightStatus>,
    /// By what way it came.
    pub channel: RequestChannel,
    /// Whether it is known who asks.
    pub identity: IdentityState,
    /// Which laws bind.
    pub regimes: Vec<Regime>,
    /// Whose holidays count.
    pub country: Option<String>,
    /// When it was received.
    pub received_at: Moment,
    /// When the answer is due: the earliest of what is open.
    pub due_at: Option<Moment>,
    /// When the person was told that it takes longer, and why.
    pub extended_at: Option<Moment>,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// What the person wrote.
    pub details: Option<String>,
    /// How to answer somebody who is no contact.
    pub contact: Option<String>,
    /// To what they object.
    pub objects_to: Option<ObjectionScope>,
    /// What is wrong and what would be right.
    pub corrections: BTreeMap<String, String>,
    /// How the request is proved.
    pub evidence: Option<String>,
    /// What was done about it.
    pub steps: Vec<RequestStep>,
}
impl From<conek_core::rights::RightsRequest> for RightsRequest {
    fn from(v: conek_core::rights::RightsRequest) -> Self {
        let conek_core::rights::RightsRequest {
            id,
            person,
            state,
            rights,
            channel,
            identity,
            regimes,
            country,
            received_at,
            due_at,
            extended_at,
            ended_at,
            details,
            contact,
            objects_to,
            corrections,
            evidence,
            steps,
        } = v;
        Self {
            id: id,
            person: person.map(|x| x.into()),
            state: state.into(),
            rights: rights.into_iter().map(|x| x.into()).collect(),
            channel: channel.into(),
            identity: identity.into(),
            regimes: regimes.into_iter().map(|x| x.into()).collect(),
            country: country,
            received_at: received_at.into(),
            due_at: due_at.map(|x| x.into()),
            extended_at: extended_at.map(|x| x.into()),
            ended_at: ended_at.map(|x| x.into()),
            details: details,
            contact: contact,
            objects_to: objects_to.map(|x| x.into()),
            corrections: corrections,
            evidence: evidence,
            steps: steps.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<RightsRequest> for conek_core::rights::RightsRequest {
    fn from(v: RightsRequest) -> Self {
        let RightsRequest {
            id,
            person,
            state,
            rights,
            channel,
            identity,
            regimes,
            country,
            received_at,
            due_at,
            extended_at,
            ended_at,
            details,
            contact,
            objects_to,
            corrections,
            evidence,
            steps,
        } = v;
        Self {
            id: id,
            person: person.map(|x| x.into()),
            state: state.into(),
            rights: rights.into_iter().map(|x| x.into()).collect(),
            channel: channel.into(),
            identity: identity.into(),
            regimes: regimes.into_iter().map(|x| x.into()).collect(),
            country: country,
            received_at: received_at.into(),
            due_at: due_at.map(|x| x.into()),
            extended_at: extended_at.map(|x| x.into()),
            ended_at: ended_at.map(|x| x.into()),
            details: details,
            contact: contact,
            objects_to: objects_to.map(|x| x.into()),
            corrections: corrections,
            evidence: evidence,
            steps: steps.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl RightsRequest {
    #[new]
    #[pyo3(
        signature = (
            id,
            state,
            channel,
            identity,
            received_at,
            *,
            person = None,
            rights = Vec::new(),
            regimes = Vec::new(),
            country = None,
            due_at = None,
            extended_at = None,
            ended_at = None,
            details = None,
            contact = None,
            objects_to = None,
            corrections = BTreeMap::new(),
            evidence = None,
            steps = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        state: RequestState,
        channel: RequestChannel,
        identity: IdentityState,
        received_at: Moment,
        person: Option<String>,
        rights: Vec<RightStatus>,
        regimes: Vec<Regime>,
        country: Option<String>,
        due_at: Option<Moment>,
        extended_at: Option<Moment>,
        ended_at: Option<Moment>,
        details: Option<String>,
        contact: Option<String>,
        objects_to: Option<ObjectionScope>,
        corrections: BTreeMap<String, String>,
        evidence: Option<String>,
        steps: Vec<RequestStep>,
    ) -> Self {
        Self {
            id,
            person,
            state,
            rights,
            channel,
            identity,
            regimes,
            country,
            received_at,
            due_at,
            extended_at,
            ended_at,
            details,
            contact,
            objects_to,
            corrections,
            evidence,
            steps,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::rights::RightsRequest::from(RightsRequest::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "person",
                "state",
                "rights",
                "channel",
                "identity",
                "regimes",
                "country",
                "received_at",
                "due_at",
                "extended_at",
                "ended_at",
                "details",
                "contact",
                "objects_to",
                "corrections",
                "evidence",
                "steps",
            ],
            changes,
        )
    }
}
/// Where a rotation stands.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RotationReport {
    /// The wrapping key before.
    pub old: i32,
    /// The one that new data keys lie under.
    pub new: i32,
    /// When it began.
    pub began_at: Moment,
    /// When it ended; `None` while it is under way.
    pub ended_at: Option<Moment>,
    /// Data keys that went over in this run.
    pub rewrapped: i64,
    /// Data keys under the old one.
    pub left: i64,
}
impl From<conek_core::vault::RotationReport> for RotationReport {
    fn from(v: conek_core::vault::RotationReport) -> Self {
        let conek_core::vault::RotationReport {
            old,
            new,
            began_at,
            ended_at,
            rewrapped,
            left,
        } = v;
        Self {
            old: old,
            new: new,
            began_at: began_at.into(),
            ended_at: ended_at.map(|x| x.into()),
            rewrapped: rewrapped,
            left: left,
        }
    }
}
impl From<RotationReport> for conek_core::vault::RotationReport {
    fn from(v: RotationReport) -> Self {
        let RotationReport { old, new, began_at, ended_at, rewrapped, left } = v;
        Self {
            old: old,
            new: new,
            began_at: began_at.into(),
            ended_at: ended_at.map(|x| x.into()),
            rewrapped: rewrapped,
            left: left,
        }
    }
}
#[pymethods]
impl RotationReport {
    #[new]
    #[pyo3(signature = (old, new, began_at, rewrapped, left, *, ended_at = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        old: i32,
        new: i32,
        began_at: Moment,
        rewrapped: i64,
        left: i64,
        ended_at: Option<Moment>,
    ) -> Self {
        Self {
            old,
            new,
            began_at,
            ended_at,
            rewrapped,
            left,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::vault::RotationReport::from(RotationReport::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["old", "new", "began_at", "ended_at", "rewrapped", "left"],
            changes,
        )
    }
}
/// A row that could not be taken.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RowProblem {
    /// The row as a spreadsheet numbers it; the header is row 1.
    pub row: i64,
    /// The column's heading, where one cell is to blame.
    pub column: Option<String>,
    /// What is wrong, without the cell's content.
    pub detail: String,
}
impl From<conek_core::people::RowProblem> for RowProblem {
    fn from(v: conek_core::people::RowProblem) -> Self {
        let conek_core::people::RowProblem { row, column, detail } = v;
        Self {
            row: row,
            column: column,
            detail: detail,
        }
    }
}
impl From<RowProblem> for conek_core::people::RowProblem {
    fn from(v: RowProblem) -> Self {
        let RowProblem { row, column, detail } = v;
        Self {
            row: row,
            column: column,
            detail: detail,
        }
    }
}
#[pymethods]
impl RowProblem {
    #[new]
    #[pyo3(signature = (row, detail, *, column = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(row: i64, detail: String, column: Option<String>) -> Self {
        Self { row, column, detail }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::people::RowProblem::from(RowProblem::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["row", "column", "detail"], changes)
    }
}
/// A rule as data: what the gate may say, on what it rests, and since when.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Rule {
    /// The stable code, for example `SUPPRESSED`.
    pub code: String,
    /// What it rests on.
    pub provision: String,
    /// The same in plain words.
    pub text: String,
    /// From when it holds; absent: from before any decision.
    pub valid_from: Option<Moment>,
    /// Until when it holds; absent: no end is known.
    pub valid_to: Option<Moment>,
}
impl From<conek_core::policy::Rule> for Rule {
    fn from(v: conek_core::policy::Rule) -> Self {
        let conek_core::policy::Rule { code, provision, text, valid_from, valid_to } = v;
        Self {
            code: code,
            provision: provision,
            text: text,
            valid_from: valid_from.map(|x| x.into()),
            valid_to: valid_to.map(|x| x.into()),
        }
    }
}
impl From<Rule> for conek_core::policy::Rule {
    fn from(v: Rule) -> Self {
        let Rule { code, provision, text, valid_from, valid_to } = v;
        Self {
            code: code,
            provision: provision,
            text: text,
            valid_from: valid_from.map(|x| x.into()),
            valid_to: valid_to.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl Rule {
    #[new]
    #[pyo3(signature = (code, provision, text, *, valid_from = None, valid_to = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        code: String,
        provision: String,
        text: String,
        valid_from: Option<Moment>,
        valid_to: Option<Moment>,
    ) -> Self {
        Self {
            code,
            provision,
            text,
            valid_from,
            valid_to,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::Rule::from(Rule::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["code", "provision", "text", "valid_from", "valid_to"],
            changes,
        )
    }
}
/// The rule set as it stands.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct RuleSet {
    /// Its version, as it stands in every decision.
    pub version: String,
    /// The day after which it wants to be looked at again, `YYYY-MM-DD`.
    pub review_by: String,
    /// Whether that day has passed.
    pub stale: bool,
    /// Every reason that it can give.
    pub rules: Vec<Rule>,
}
impl From<conek_core::policy::RuleSet> for RuleSet {
    fn from(v: conek_core::policy::RuleSet) -> Self {
        let conek_core::policy::RuleSet { version, review_by, stale, rules } = v;
        Self {
            version: version,
            review_by: review_by,
            stale: stale,
            rules: rules.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<RuleSet> for conek_core::policy::RuleSet {
    fn from(v: RuleSet) -> Self {
        let RuleSet { version, review_by, stale, rules } = v;
        Self {
            version: version,
            review_by: review_by,
            stale: stale,
            rules: rules.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl RuleSet {
    #[new]
    #[pyo3(signature = (version, review_by, *, stale = false, rules = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(version: String, review_by: String, stale: bool, rules: Vec<Rule>) -> Self {
        Self {
            version,
            review_by,
            stale,
            rules,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::RuleSet::from(RuleSet::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["version", "review_by", "stale", "rules"],
            changes,
        )
    }
}
/// A file for a profile's picture or a template's header. `Debug` does not show its bytes.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Sample {
    /// Meta's id of the app whose token the engine has.
    pub app: String,
    /// `image/jpeg`, `image/png`, `video/mp4` or `application/pdf`.
    pub mime: String,
    /// Its name.
    pub filename: String,
    /// Its bytes: at most 100 MB.
    pub bytes: Vec<u8>,
}
impl From<conek_core::platform::Sample> for Sample {
    fn from(v: conek_core::platform::Sample) -> Self {
        let conek_core::platform::Sample { app, mime, filename, bytes } = v;
        Self {
            app: app,
            mime: mime,
            filename: filename,
            bytes: bytes,
        }
    }
}
impl From<Sample> for conek_core::platform::Sample {
    fn from(v: Sample) -> Self {
        let Sample { app, mime, filename, bytes } = v;
        Self {
            app: app,
            mime: mime,
            filename: filename,
            bytes: bytes,
        }
    }
}
#[pymethods]
impl Sample {
    #[new]
    #[pyo3(signature = (app, mime, filename, bytes))]
    #[allow(clippy::too_many_arguments)]
    fn new(app: String, mime: String, filename: String, bytes: Vec<u8>) -> Self {
        Self { app, mime, filename, bytes }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::Sample::from(Sample::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["app", "mime", "filename", "bytes"],
            changes,
        )
    }
}
/// An address that is known and offered again.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct SavedAddress {
    /// Comes back when it is chosen.
    pub id: String,
    /// Its fields by WhatsApp's names, for example `city`.
    pub values: BTreeMap<String, String>,
}
impl From<conek_core::messaging::content::SavedAddress> for SavedAddress {
    fn from(v: conek_core::messaging::content::SavedAddress) -> Self {
        let conek_core::messaging::content::SavedAddress { id, values } = v;
        Self { id: id, values: values }
    }
}
impl From<SavedAddress> for conek_core::messaging::content::SavedAddress {
    fn from(v: SavedAddress) -> Self {
        let SavedAddress { id, values } = v;
        Self { id: id, values: values }
    }
}
#[pymethods]
impl SavedAddress {
    #[new]
    #[pyo3(signature = (id, *, values = BTreeMap::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, values: BTreeMap<String, String>) -> Self {
        Self { id, values }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::SavedAddress::from(SavedAddress::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "values"], changes)
    }
}
/// One result of `send_many`: exactly one of the two is there.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct SendResult {
    /// The message, if it was queued.
    pub sent: Option<Sent>,
    /// The error's code, if not.
    pub error_code: Option<String>,
    /// The error's text, if not.
    pub error_text: Option<String>,
}
impl From<conek_core::messaging::SendResult> for SendResult {
    fn from(v: conek_core::messaging::SendResult) -> Self {
        let conek_core::messaging::SendResult { sent, error_code, error_text } = v;
        Self {
            sent: sent.map(|x| x.into()),
            error_code: error_code,
            error_text: error_text,
        }
    }
}
impl From<SendResult> for conek_core::messaging::SendResult {
    fn from(v: SendResult) -> Self {
        let SendResult { sent, error_code, error_text } = v;
        Self {
            sent: sent.map(|x| x.into()),
            error_code: error_code,
            error_text: error_text,
        }
    }
}
#[pymethods]
impl SendResult {
    #[new]
    #[pyo3(signature = (*, sent = None, error_code = None, error_text = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        sent: Option<Sent>,
        error_code: Option<String>,
        error_text: Option<String>,
    ) -> Self {
        Self {
            sent,
            error_code,
            error_text,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::messaging::SendResult::from(SendResult::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["sent", "error_code", "error_text"],
            changes,
        )
    }
}
/// The answer to `send`.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Sent {
    /// The message's id.
    pub id: String,
    /// The person's id.
    pub person: String,
    /// `queued`, or where the message stands if the dedupe key was known.
    pub state: MessageState,
    /// Whether the dedupe key was known and nothing new was queued.
    pub existed: bool,
    /// When it is due.
    pub due_at: Option<Moment>,
    /// What the gate said.
    pub decision: Decision,
}
impl From<conek_core::messaging::Sent> for Sent {
    fn from(v: conek_core::messaging::Sent) -> Self {
        let conek_core::messaging::Sent {
            id,
            person,
            state,
            existed,
            due_at,
            decision,
        } = v;
        Self {
            id: id.into(),
            person: person.into(),
            state: state.into(),
            existed: existed,
            due_at: due_at.map(|x| x.into()),
            decision: decision.into(),
        }
    }
}
impl From<Sent> for conek_core::messaging::Sent {
    fn from(v: Sent) -> Self {
        let Sent { id, person, state, existed, due_at, decision } = v;
        Self {
            id: id.into(),
            person: person.into(),
            state: state.into(),
            existed: existed,
            due_at: due_at.map(|x| x.into()),
            decision: decision.into(),
        }
    }
}
#[pymethods]
impl Sent {
    #[new]
    #[pyo3(signature = (id, person, state, decision, *, existed = false, due_at = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        person: String,
        state: MessageState,
        decision: Decision,
        existed: bool,
        due_at: Option<Moment>,
    ) -> Self {
        Self {
            id,
            person,
            state,
            existed,
            due_at,
            decision,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::messaging::Sent::from(Sent::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["id", "person", "state", "existed", "due_at", "decision"],
            changes,
        )
    }
}
/// A change of the account's settings, as it stands in their history.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct SettingChange {
    /// Where in the history.
    pub id: String,
    /// When.
    pub at: Moment,
    /// What was made stricter.
    pub tightened: Option<Tightening>,
    /// What was made less strict.
    pub loosened: Option<Loosening>,
    /// Whether the setting was taken back.
    pub undone: bool,
    /// The host's reason; required for what is less strict.
    pub reason: String,
}
impl From<conek_core::policy::SettingChange> for SettingChange {
    fn from(v: conek_core::policy::SettingChange) -> Self {
        let conek_core::policy::SettingChange {
            id,
            at,
            tightened,
            loosened,
            undone,
            reason,
        } = v;
        Self {
            id: id,
            at: at.into(),
            tightened: tightened.map(|x| x.into()),
            loosened: loosened.map(|x| x.into()),
            undone: undone,
            reason: reason,
        }
    }
}
impl From<SettingChange> for conek_core::policy::SettingChange {
    fn from(v: SettingChange) -> Self {
        let SettingChange { id, at, tightened, loosened, undone, reason } = v;
        Self {
            id: id,
            at: at.into(),
            tightened: tightened.map(|x| x.into()),
            loosened: loosened.map(|x| x.into()),
            undone: undone,
            reason: reason,
        }
    }
}
#[pymethods]
impl SettingChange {
    #[new]
    #[pyo3(
        signature = (
            id,
            at,
            reason,
            *,
            tightened = None,
            loosened = None,
            undone = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        at: Moment,
        reason: String,
        tightened: Option<Tightening>,
        loosened: Option<Loosening>,
        undone: bool,
    ) -> Self {
        Self {
            id,
            at,
            tightened,
            loosened,
            undone,
            reason,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::policy::SettingChange::from(SettingChange::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["id", "at", "tightened", "loosened", "undone", "reason"],
            changes,
        )
    }
}
/// What is known of a disclosure. Everything left out is unknown, and unknown never allows.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct SharingFacts {
    /// Who gets the data.
    pub recipient: RecipientClass,
    /// Whether money or another advantage is given for the data themselves, whoever gets them.
    pub for_value: bool,
    /// Whether the recipient competes with the account, whatever else it is.
    pub is_competitor: bool,
    /// What they are for: a code of the closed list, for example `service.deliver_message`.
    pub purpose: Option<String>,
    /// The purpose for which they were collected.
    pub collected_for: Option<String>,
    /// The person consented to this disclosure.
    pub consented: bool,
    /// They did so explicitly, to exactly this recipient or kind of recipient.
    pub explicitly: bool,
    /// The written contract with a service provider (POPIA s21(1), GDPR 28(3)).
    pub contract: Option<String>,
    /// The law, order or request an authority relies on.
    pub legal_reference: Option<String>,
    /// Whether special personal information is in it (POPIA s26, GDPR 9(1)).
    pub special: bool,
    /// Whether the person's data are restricted (POPIA s14(6), GDPR 18).
    pub restricted: bool,
    /// Whether the person objected to this purpose (POPIA s11(3), GDPR 21).
    pub objected: bool,
}
impl From<conek_core::policy::SharingFacts> for SharingFacts {
    fn from(v: conek_core::policy::SharingFacts) -> Self {
        let conek_core::policy::SharingFacts {
            recipient,
            for_value,
            is_competitor,
            purpose,
            collected_for,
            consented,
            explicitly,
            contract,
            legal_reference,
            special,
            restricted,
            objected,
        } = v;
        Self {
            recipient: recipient.into(),
            for_value: for_value,
            is_competitor: is_competitor,
            purpose: purpose,
            collected_for: collected_for,
            consented: consented,
            explicitly: explicitly,
            contract: contract,
            legal_reference: legal_reference,
            special: special,
            restricted: restricted,
            objected: objected,
        }
    }
}
impl From<SharingFacts> for conek_core::policy::SharingFacts {
    fn from(v: SharingFacts) -> Self {
        let SharingFacts {
            recipient,
            for_value,
            is_competitor,
            purpose,
            collected_for,
            consented,
            explicitly,
            contract,
            legal_reference,
            special,
            restricted,
            objected,
        } = v;
        Self {
            recipient: recipient.into(),
            for_value: for_value,
            is_competitor: is_competitor,
            purpose: purpose,
            collected_for: collected_for,
            consented: consented,
            explicitly: explicitly,
            contract: contract,
            legal_reference: legal_reference,
            special: special,
            restricted: restricted,
            objected: objected,
        }
    }
}
#[pymethods]
impl SharingFacts {
    #[new]
    #[pyo3(
        signature = (
            *,
            recipient = RecipientClass::default(),
            for_value = false,
            is_competitor = false,
            purpose = None,
            collected_for = None,
            consented = false,
            explicitly = false,
            contract = None,
            legal_reference = None,
            special = false,
            restricted = false,
            objected = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        recipient: RecipientClass,
        for_value: bool,
        is_competitor: bool,
        purpose: Option<String>,
        collected_for: Option<String>,
        consented: bool,
        explicitly: bool,
        contract: Option<String>,
        legal_reference: Option<String>,
        special: bool,
        restricted: bool,
        objected: bool,
    ) -> Self {
        Self {
            recipient,
            for_value,
            is_competitor,
            purpose,
            collected_for,
            consented,
            explicitly,
            contract,
            legal_reference,
            special,
            restricted,
            objected,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::policy::SharingFacts::from(SharingFacts::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "recipient",
                "for_value",
                "is_competitor",
                "purpose",
                "collected_for",
                "consented",
                "explicitly",
                "contract",
                "legal_reference",
                "special",
                "restricted",
                "objected",
            ],
            changes,
        )
    }
}
impl Default for SharingFacts {
    fn default() -> Self {
        conek_core::policy::SharingFacts::default().into()
    }
}
/// A sign-up (Meta: In-App Signup). Its link is `https://wa.me/<phone number>/signup/<id>`.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Signup {
    /// Its id: the evidence of consent of everybody who subscribes by it.
    pub id: String,
    /// `ACTIVE`, or `DISABLED`: then its links work no more.
    pub status: Option<String>,
    /// What people read before they subscribe.
    pub message: String,
    /// What WhatsApp sends them when they have.
    pub confirmation_message: String,
    /// Where the business's privacy policy is.
    pub privacy_policy_url: String,
    /// Where the business's site is.
    pub website_url: Option<String>,
    /// What stands in place of `{{promo_code}}`.
    pub promo_code: Option<String>,
    /// What the business calls it; people do not see it.
    pub display_name: Option<String>,
}
impl From<conek_core::platform::Signup> for Signup {
    fn from(v: conek_core::platform::Signup) -> Self {
        let conek_core::platform::Signup {
            id,
            status,
            message,
            confirmation_message,
            privacy_policy_url,
            website_url,
            promo_code,
            display_name,
        } = v;
        Self {
            id: id,
            status: status,
            message: message,
            confirmation_message: confirmation_message,
            privacy_policy_url: privacy_policy_url,
            website_url: website_url,
            promo_code: promo_code,
            display_name: display_name,
        }
    }
}
impl From<Signup> for conek_core::platform::Signup {
    fn from(v: Signup) -> Self {
        let Signup {
            id,
            status,
            message,
            confirmation_message,
            privacy_policy_url,
            website_url,
            promo_code,
            display_name,
        } = v;
        Self {
            id: id,
            status: status,
            message: message,
            confirmation_message: confirmation_message,
            privacy_policy_url: privacy_policy_url,
            website_url: website_url,
            promo_code: promo_code,
            display_name: display_name,
        }
    }
}
#[pymethods]
impl Signup {
    #[new]
    #[pyo3(
        signature = (
            id,
            message,
            confirmation_message,
            privacy_policy_url,
            *,
            status = None,
            website_url = None,
            promo_code = None,
            display_name = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        message: String,
        confirmation_message: String,
        privacy_policy_url: String,
        status: Option<String>,
        website_url: Option<String>,
        promo_code: Option<String>,
        display_name: Option<String>,
    ) -> Self {
        Self {
            id,
            status,
            message,
            confirmation_message,
            privacy_policy_url,
            website_url,
            promo_code,
            display_name,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::Signup::from(Signup::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "status",
                "message",
                "confirmation_message",
                "privacy_policy_url",
                "website_url",
                "promo_code",
                "display_name",
            ],
            changes,
        )
    }
}
/// What embedded sign-up handed out, with the app that it was for. `Debug` shows neither secret nor code.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct SignupCode {
    /// Meta's id of the app.
    pub app: String,
    /// The app's secret.
    pub app_secret: String,
    /// The code. It works once, and for 30 seconds.
    pub code: String,
}
impl From<conek_core::platform::SignupCode> for SignupCode {
    fn from(v: conek_core::platform::SignupCode) -> Self {
        let conek_core::platform::SignupCode { app, app_secret, code } = v;
        Self {
            app: app,
            app_secret: app_secret,
            code: code,
        }
    }
}
impl From<SignupCode> for conek_core::platform::SignupCode {
    fn from(v: SignupCode) -> Self {
        let SignupCode { app, app_secret, code } = v;
        Self {
            app: app,
            app_secret: app_secret,
            code: code,
        }
    }
}
#[pymethods]
impl SignupCode {
    #[new]
    #[pyo3(signature = (app, app_secret, code))]
    #[allow(clippy::too_many_arguments)]
    fn new(app: String, app_secret: String, code: String) -> Self {
        Self { app, app_secret, code }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::SignupCode::from(SignupCode::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["app", "app_secret", "code"], changes)
    }
}
/// A page of the account's sign-ups.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct SignupPage {
    /// The sign-ups.
    pub signups: Vec<Signup>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}
impl From<conek_core::platform::SignupPage> for SignupPage {
    fn from(v: conek_core::platform::SignupPage) -> Self {
        let conek_core::platform::SignupPage { signups, next } = v;
        Self {
            signups: signups.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<SignupPage> for conek_core::platform::SignupPage {
    fn from(v: SignupPage) -> Self {
        let SignupPage { signups, next } = v;
        Self {
            signups: signups.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl SignupPage {
    #[new]
    #[pyo3(signature = (*, signups = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(signups: Vec<Signup>, next: Option<String>) -> Self {
        Self { signups, next }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::platform::SignupPage::from(SignupPage::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["signups", "next"], changes)
    }
}
/// What is to be changed of a sign-up; what is left out stays. The privacy policy's address cannot be changed.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct SignupUpdate {
    /// Whether its links work.
    pub active: Option<bool>,
    /// What people read before they subscribe: 1 to 300 characters.
    pub message: Option<String>,
    /// What WhatsApp sends them when they have: 1 to 300 characters.
    pub confirmation_message: Option<String>,
    /// Where the business's site is, an `https://` address.
    pub website_url: Option<String>,
    /// What stands in place of `{{promo_code}}`: 1 to 50 letters and digits.
    pub promo_code: Option<String>,
    /// What the business calls it: 1 to 256 characters.
    pub display_name: Option<String>,
}
impl From<conek_core::platform::SignupUpdate> for SignupUpdate {
    fn from(v: conek_core::platform::SignupUpdate) -> Self {
        let conek_core::platform::SignupUpdate {
            active,
            message,
            confirmation_message,
            website_url,
            promo_code,
            display_name,
        } = v;
        Self {
            active: active,
            message: message,
            confirmation_message: confirmation_message,
            website_url: website_url,
            promo_code: promo_code,
            display_name: display_name,
        }
    }
}
impl From<SignupUpdate> for conek_core::platform::SignupUpdate {
    fn from(v: SignupUpdate) -> Self {
        let SignupUpdate {
            active,
            message,
            confirmation_message,
            website_url,
            promo_code,
            display_name,
        } = v;
        Self {
            active: active,
            message: message,
            confirmation_message: confirmation_message,
            website_url: website_url,
            promo_code: promo_code,
            display_name: display_name,
        }
    }
}
#[pymethods]
impl SignupUpdate {
    #[new]
    #[pyo3(
        signature = (
            *,
            active = None,
            message = None,
            confirmation_message = None,
            website_url = None,
            promo_code = None,
            display_name = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        active: Option<bool>,
        message: Option<String>,
        confirmation_message: Option<String>,
        website_url: Option<String>,
        promo_code: Option<String>,
        display_name: Option<String>,
    ) -> Self {
        Self {
            active,
            message,
            confirmation_message,
            website_url,
            promo_code,
            display_name,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::SignupUpdate::from(SignupUpdate::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "active",
                "message",
                "confirmation_message",
                "website_url",
                "promo_code",
                "display_name",
            ],
            changes,
        )
    }
}
impl Default for SignupUpdate {
    fn default() -> Self {
        conek_core::platform::SignupUpdate::default().into()
    }
}
/// Cells that may be kept and shown, and a count of those that may not.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Statistics {
    /// The cells, each over at least `least_people` people.
    pub cells: Vec<StatisticsCell>,
    /// The totals of each week and purpose, where no left-out cell can be found out from them.
    pub totals: Vec<StatisticsCell>,
    /// The least number of people that a cell is over.
    pub least_people: i32,
    /// Cells left out: too few people, or needed to hide one of those.
    pub left_out: i64,
}
impl From<conek_core::retention::Statistics> for Statistics {
    fn from(v: conek_core::retention::Statistics) -> Self {
        let conek_core::retention::Statistics {
            cells,
            totals,
            least_people,
            left_out,
        } = v;
        Self {
            cells: cells.into_iter().map(|x| x.into()).collect(),
            totals: totals.into_iter().map(|x| x.into()).collect(),
            least_people: least_people,
            left_out: left_out,
        }
    }
}
impl From<Statistics> for conek_core::retention::Statistics {
    fn from(v: Statistics) -> Self {
        let Statistics { cells, totals, least_people, left_out } = v;
        Self {
            cells: cells.into_iter().map(|x| x.into()).collect(),
            totals: totals.into_iter().map(|x| x.into()).collect(),
            least_people: least_people,
            left_out: left_out,
        }
    }
}
#[pymethods]
impl Statistics {
    #[new]
    #[pyo3(
        signature = (least_people, left_out, *, cells = Vec::new(), totals = Vec::new())
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        least_people: i32,
        left_out: i64,
        cells: Vec<StatisticsCell>,
        totals: Vec<StatisticsCell>,
    ) -> Self {
        Self {
            cells,
            totals,
            least_people,
            left_out,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::retention::Statistics::from(Statistics::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["cells", "totals", "least_people", "left_out"],
            changes,
        )
    }
}
impl Default for Statistics {
    fn default() -> Self {
        conek_core::retention::Statistics::default().into()
    }
}
/// Counts over the people of one week, purpose and country.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct StatisticsCell {
    /// The week's Monday, `YYYY-MM-DD`.
    pub week: String,
    /// The purpose of the messages.
    pub purpose: String,
    /// The country of the people, or empty where it is not known.
    pub country: String,
    /// How many people.
    pub people: i64,
    /// Messages accepted by WhatsApp.
    pub sent: i64,
    /// Messages delivered.
    pub delivered: i64,
    /// Messages read.
    pub read: i64,
    /// Messages answered.
    pub answered: i64,
}
impl From<conek_core::retention::StatisticsCell> for StatisticsCell {
    fn from(v: conek_core::retention::StatisticsCell) -> Self {
        let conek_core::retention::StatisticsCell {
            week,
            purpose,
            country,
            people,
            sent,
            delivered,
            read,
            answered,
        } = v;
        Self {
            week: week,
            purpose: purpose,
            country: country,
            people: people,
            sent: sent,
            delivered: delivered,
            read: read,
            answered: answered,
        }
    }
}
impl From<StatisticsCell> for conek_core::retention::StatisticsCell {
    fn from(v: StatisticsCell) -> Self {
        let StatisticsCell {
            week,
            purpose,
            country,
            people,
            sent,
            delivered,
            read,
            answered,
        } = v;
        Self {
            week: week,
            purpose: purpose,
            country: country,
            people: people,
            sent: sent,
            delivered: delivered,
            read: read,
            answered: answered,
        }
    }
}
#[pymethods]
impl StatisticsCell {
    #[new]
    #[pyo3(
        signature = (week, purpose, country, people, sent, delivered, read, answered)
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        week: String,
        purpose: String,
        country: String,
        people: i64,
        sent: i64,
        delivered: i64,
        read: i64,
        answered: i64,
    ) -> Self {
        Self {
            week,
            purpose,
            country,
            people,
            sent,
            delivered,
            read,
            answered,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::retention::StatisticsCell::from(StatisticsCell::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "week",
                "purpose",
                "country",
                "people",
                "sent",
                "delivered",
                "read",
                "answered",
            ],
            changes,
        )
    }
}
impl Default for StatisticsCell {
    fn default() -> Self {
        conek_core::retention::StatisticsCell::default().into()
    }
}
/// A number that does not send.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct StoppedNumber {
    /// The phone number id.
    pub id: String,
    /// WhatsApp's error code.
    pub code: i32,
    /// What it means and what to do.
    pub detail: String,
}
impl From<conek_core::engine::StoppedNumber> for StoppedNumber {
    fn from(v: conek_core::engine::StoppedNumber) -> Self {
        let conek_core::engine::StoppedNumber { id, code, detail } = v;
        Self {
            id: id,
            code: code,
            detail: detail,
        }
    }
}
impl From<StoppedNumber> for conek_core::engine::StoppedNumber {
    fn from(v: StoppedNumber) -> Self {
        let StoppedNumber { id, code, detail } = v;
        Self {
            id: id,
            code: code,
            detail: detail,
        }
    }
}
#[pymethods]
impl StoppedNumber {
    #[new]
    #[pyo3(signature = (id, code, detail))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, code: i32, detail: String) -> Self {
        Self { id, code, detail }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::engine::StoppedNumber::from(StoppedNumber::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "code", "detail"], changes)
    }
}
/// Something that is wrong. It names records by id, and nobody.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct StoreProblem {
    /// Which check found it: `structure`, `audit`, `clock`, `journal`, `seal`, `key`, `index`, `suppression`,
    /// `consent`, `state`, `attempt`, `orphan`.
    pub check: String,
    /// The kind of record; empty where it is about the whole store.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What is wrong, in words.
    pub text: String,
    /// Whether it can be derived anew.
    pub repairable: bool,
    /// Whether it was.
    pub repaired: bool,
}
impl From<conek_core::inspection::StoreProblem> for StoreProblem {
    fn from(v: conek_core::inspection::StoreProblem) -> Self {
        let conek_core::inspection::StoreProblem {
            check,
            kind,
            id,
            text,
            repairable,
            repaired,
        } = v;
        Self {
            check: check,
            kind: kind,
            id: id,
            text: text,
            repairable: repairable,
            repaired: repaired,
        }
    }
}
impl From<StoreProblem> for conek_core::inspection::StoreProblem {
    fn from(v: StoreProblem) -> Self {
        let StoreProblem { check, kind, id, text, repairable, repaired } = v;
        Self {
            check: check,
            kind: kind,
            id: id,
            text: text,
            repairable: repairable,
            repaired: repaired,
        }
    }
}
#[pymethods]
impl StoreProblem {
    #[new]
    #[pyo3(signature = (check, kind, id, text, *, repairable = false, repaired = false))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        check: String,
        kind: String,
        id: String,
        text: String,
        repairable: bool,
        repaired: bool,
    ) -> Self {
        Self {
            check,
            kind,
            id,
            text,
            repairable,
            repaired,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::inspection::StoreProblem::from(StoreProblem::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["check", "kind", "id", "text", "repairable", "repaired"],
            changes,
        )
    }
}
/// What a look at the store found.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct StoreReport {
    /// Whether nothing is wrong, or everything that was is mended.
    pub sound: bool,
    /// Whether every record was opened and compared.
    pub deep: bool,
    /// How many records there are, by kind; only of a deep look.
    pub records: BTreeMap<String, i64>,
    /// What is wrong: the first 1,000 things.
    pub problems: Vec<StoreProblem>,
    /// How many more.
    pub more: i64,
    /// What the audit log's chain says.
    pub audit: AuditReport,
}
impl From<conek_core::inspection::StoreReport> for StoreReport {
    fn from(v: conek_core::inspection::StoreReport) -> Self {
        let conek_core::inspection::StoreReport {
            sound,
            deep,
            records,
            problems,
            more,
            audit,
        } = v;
        Self {
            sound: sound,
            deep: deep,
            records: records,
            problems: problems.into_iter().map(|x| x.into()).collect(),
            more: more,
            audit: audit.into(),
        }
    }
}
impl From<StoreReport> for conek_core::inspection::StoreReport {
    fn from(v: StoreReport) -> Self {
        let StoreReport { sound, deep, records, problems, more, audit } = v;
        Self {
            sound: sound,
            deep: deep,
            records: records,
            problems: problems.into_iter().map(|x| x.into()).collect(),
            more: more,
            audit: audit.into(),
        }
    }
}
#[pymethods]
impl StoreReport {
    #[new]
    #[pyo3(
        signature = (
            more,
            *,
            sound = false,
            deep = false,
            records = BTreeMap::new(),
            problems = Vec::new(),
            audit = AuditReport::default()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        more: i64,
        sound: bool,
        deep: bool,
        records: BTreeMap<String, i64>,
        problems: Vec<StoreProblem>,
        audit: AuditReport,
    ) -> Self {
        Self {
            sound,
            deep,
            records,
            problems,
            more,
            audit,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::inspection::StoreReport::from(StoreReport::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["sound", "deep", "records", "problems", "more", "audit"],
            changes,
        )
    }
}
impl Default for StoreReport {
    fn default() -> Self {
        conek_core::inspection::StoreReport::default().into()
    }
}
/// An app that gets the account's webhooks (Meta: WhatsApp Business Account > Subscribed Apps).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct SubscribedApp {
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Meta's page of it.
    pub link: Option<String>,
    /// Where this account's webhooks go, if not to the app's own address.
    pub callback_url: Option<String>,
}
impl From<conek_core::platform::SubscribedApp> for SubscribedApp {
    fn from(v: conek_core::platform::SubscribedApp) -> Self {
        let conek_core::platform::SubscribedApp { id, name, link, callback_url } = v;
        Self {
            id: id,
            name: name,
            link: link,
            callback_url: callback_url,
        }
    }
}
impl From<SubscribedApp> for conek_core::platform::SubscribedApp {
    fn from(v: SubscribedApp) -> Self {
        let SubscribedApp { id, name, link, callback_url } = v;
        Self {
            id: id,
            name: name,
            link: link,
            callback_url: callback_url,
        }
    }
}
#[pymethods]
impl SubscribedApp {
    #[new]
    #[pyo3(signature = (*, id = None, name = None, link = None, callback_url = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: Option<String>,
        name: Option<String>,
        link: Option<String>,
        callback_url: Option<String>,
    ) -> Self {
        Self {
            id,
            name,
            link,
            callback_url,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::SubscribedApp::from(SubscribedApp::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["id", "name", "link", "callback_url"],
            changes,
        )
    }
}
/// An entry of the list. It names nobody: its key is the keyed hash of an address, and only an engine with the same
/// key and account finds the address in it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct SuppressionEntry {
    /// The keyed hash of the address.
    pub key: String,
    /// What it stops.
    pub scope: SuppressionScope,
    /// Since when; `None` where that is not known.
    pub at: Option<Moment>,
}
impl From<conek_core::consent::SuppressionEntry> for SuppressionEntry {
    fn from(v: conek_core::consent::SuppressionEntry) -> Self {
        let conek_core::consent::SuppressionEntry { key, scope, at } = v;
        Self {
            key: key,
            scope: scope.into(),
            at: at.map(|x| x.into()),
        }
    }
}
impl From<SuppressionEntry> for conek_core::consent::SuppressionEntry {
    fn from(v: SuppressionEntry) -> Self {
        let SuppressionEntry { key, scope, at } = v;
        Self {
            key: key,
            scope: scope.into(),
            at: at.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl SuppressionEntry {
    #[new]
    #[pyo3(signature = (key, scope, *, at = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(key: String, scope: SuppressionScope, at: Option<Moment>) -> Self {
        Self { key, scope, at }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::consent::SuppressionEntry::from(SuppressionEntry::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["key", "scope", "at"], changes)
    }
}
/// A page of the list.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct SuppressionPage {
    /// Its entries.
    pub entries: Vec<SuppressionEntry>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}
impl From<conek_core::consent::SuppressionPage> for SuppressionPage {
    fn from(v: conek_core::consent::SuppressionPage) -> Self {
        let conek_core::consent::SuppressionPage { entries, next } = v;
        Self {
            entries: entries.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
impl From<SuppressionPage> for conek_core::consent::SuppressionPage {
    fn from(v: SuppressionPage) -> Self {
        let SuppressionPage { entries, next } = v;
        Self {
            entries: entries.into_iter().map(|x| x.into()).collect(),
            next: next,
        }
    }
}
#[pymethods]
impl SuppressionPage {
    #[new]
    #[pyo3(signature = (*, entries = Vec::new(), next = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(entries: Vec<SuppressionEntry>, next: Option<String>) -> Self {
        Self { entries, next }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::consent::SuppressionPage::from(SuppressionPage::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["entries", "next"], changes)
    }
}
/// What a sweep would do.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct SweepPreview {
    /// The totals.
    pub report: SweepReport,
    /// The first 1,000 things.
    pub items: Vec<ExpiringItem>,
}
impl From<conek_core::retention::SweepPreview> for SweepPreview {
    fn from(v: conek_core::retention::SweepPreview) -> Self {
        let conek_core::retention::SweepPreview { report, items } = v;
        Self {
            report: report.into(),
            items: items.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<SweepPreview> for conek_core::retention::SweepPreview {
    fn from(v: SweepPreview) -> Self {
        let SweepPreview { report, items } = v;
        Self {
            report: report.into(),
            items: items.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl SweepPreview {
    #[new]
    #[pyo3(signature = (*, report = SweepReport::default(), items = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(report: SweepReport, items: Vec<ExpiringItem>) -> Self {
        Self { report, items }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::retention::SweepPreview::from(SweepPreview::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["report", "items"], changes)
    }
}
impl Default for SweepPreview {
    fn default() -> Self {
        conek_core::retention::SweepPreview::default().into()
    }
}
/// What a sweep ended, or would end.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct SweepReport {
    /// Records that ended, by retention class.
    pub ended: BTreeMap<String, i64>,
    /// Why, in words, by retention class.
    pub reasons: BTreeMap<String, String>,
    /// People erased, as nothing more was kept of them.
    pub people: i64,
    /// People of whom only the proof of their consent was kept.
    pub minimised: i64,
    /// What was over and is kept by a hold.
    pub held: i64,
    /// What turned out not to be over yet, as the person was active meanwhile.
    pub postponed: i64,
    /// Records looked at.
    pub seen: i64,
    /// Whether everything was done that was over.
    pub complete: bool,
}
impl From<conek_core::retention::SweepReport> for SweepReport {
    fn from(v: conek_core::retention::SweepReport) -> Self {
        let conek_core::retention::SweepReport {
            ended,
            reasons,
            people,
            minimised,
            held,
            postponed,
            seen,
            complete,
        } = v;
        Self {
            ended: ended,
            reasons: reasons,
            people: people,
            minimised: minimised,
            held: held,
            postponed: postponed,
            seen: seen,
            complete: complete,
        }
    }
}
impl From<SweepReport> for conek_core::retention::SweepReport {
    fn from(v: SweepReport) -> Self {
        let SweepReport {
            ended,
            reasons,
            people,
            minimised,
            held,
            postponed,
            seen,
            complete,
        } = v;
        Self {
            ended: ended,
            reasons: reasons,
            people: people,
            minimised: minimised,
            held: held,
            postponed: postponed,
            seen: seen,
            complete: complete,
        }
    }
}
#[pymethods]
impl SweepReport {
    #[new]
    #[pyo3(
        signature = (
            people,
            minimised,
            held,
            postponed,
            seen,
            *,
            ended = BTreeMap::new(),
            reasons = BTreeMap::new(),
            complete = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        people: i64,
        minimised: i64,
        held: i64,
        postponed: i64,
        seen: i64,
        ended: BTreeMap<String, i64>,
        reasons: BTreeMap<String, String>,
        complete: bool,
    ) -> Self {
        Self {
            ended,
            reasons,
            people,
            minimised,
            held,
            postponed,
            seen,
            complete,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::retention::SweepReport::from(SweepReport::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "ended",
                "reasons",
                "people",
                "minimised",
                "held",
                "postponed",
                "seen",
                "complete",
            ],
            changes,
        )
    }
}
impl Default for SweepReport {
    fn default() -> Self {
        conek_core::retention::SweepReport::default().into()
    }
}
/// A template as it stands at WhatsApp, kept here so that a send is checked before it leaves.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Template {
    /// `[a-z0-9_]`, at most 512 characters.
    pub name: String,
    /// For example `en` or `pt_BR`.
    pub language: String,
    /// Its category.
    pub category: TemplateCategory,
    /// `APPROVED`, `PAUSED`, `DISABLED`, ...; only an approved one is sent.
    pub status: String,
    /// What stands above, where there is anything.
    pub header: Option<TemplateHeader>,
    /// The body with placeholders `{{1}}` or `{{name}}`, at most 1,024 characters.
    pub body: String,
    /// A footer, at most 60 characters.
    pub footer: Option<String>,
    /// At most ten buttons, in WhatsApp's order: a value names its button by its place.
    pub buttons: Vec<ButtonDefinition>,
    /// Two to ten cards, where the template has a carousel.
    pub cards: Vec<CardDefinition>,
    /// A limited-time offer, where there is one. Marketing only, and without a footer.
    pub offer: Option<OfferDefinition>,
    /// WhatsApp's id of it, once it was submitted or read from there.
    pub id: Option<String>,
    /// How people take it, as WhatsApp said last: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality: Option<String>,
    /// Why WhatsApp rejected it, where it did: for example `INVALID_FORMAT` or `TAG_CONTENT_MISMATCH`.
    pub rejected_reason: Option<String>,
}
impl From<conek_core::messaging::Template> for Template {
    fn from(v: conek_core::messaging::Template) -> Self {
        let conek_core::messaging::Template {
            name,
            language,
            category,
            status,
            header,
            body,
            footer,
            buttons,
            cards,
            offer,
            id,
            quality,
            rejected_reason,
        } = v;
        Self {
            name: name,
            language: language,
            category: category.into(),
            status: status,
            header: header.map(|x| x.into()),
            body: body,
            footer: footer,
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
            cards: cards.into_iter().map(|x| x.into()).collect(),
            offer: offer.map(|x| x.into()),
            id: id,
            quality: quality,
            rejected_reason: rejected_reason,
        }
    }
}
impl From<Template> for conek_core::messaging::Template {
    fn from(v: Template) -> Self {
        let Template {
            name,
            language,
            category,
            status,
            header,
            body,
            footer,
            buttons,
            cards,
            offer,
            id,
            quality,
            rejected_reason,
        } = v;
        Self {
            name: name,
            language: language,
            category: category.into(),
            status: status,
            header: header.map(|x| x.into()),
            body: body,
            footer: footer,
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
            cards: cards.into_iter().map(|x| x.into()).collect(),
            offer: offer.map(|x| x.into()),
            id: id,
            quality: quality,
            rejected_reason: rejected_reason,
        }
    }
}
#[pymethods]
impl Template {
    #[new]
    #[pyo3(
        signature = (
            name,
            language,
            category,
            status,
            body,
            *,
            header = None,
            footer = None,
            buttons = Vec::new(),
            cards = Vec::new(),
            offer = None,
            id = None,
            quality = None,
            rejected_reason = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        name: String,
        language: String,
        category: TemplateCategory,
        status: String,
        body: String,
        header: Option<TemplateHeader>,
        footer: Option<String>,
        buttons: Vec<ButtonDefinition>,
        cards: Vec<CardDefinition>,
        offer: Option<OfferDefinition>,
        id: Option<String>,
        quality: Option<String>,
        rejected_reason: Option<String>,
    ) -> Self {
        Self {
            name,
            language,
            category,
            status,
            header,
            body,
            footer,
            buttons,
            cards,
            offer,
            id,
            quality,
            rejected_reason,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::messaging::Template::from(Template::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "name",
                "language",
                "category",
                "status",
                "header",
                "body",
                "footer",
                "buttons",
                "cards",
                "offer",
                "id",
                "quality",
                "rejected_reason",
            ],
            changes,
        )
    }
}
/// Which templates are counted.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TemplateAnalyticsQuery {
    /// One to ten of WhatsApp's ids, as `Template.id`(crate.messaging.Template) has them.
    pub template_ids: Vec<String>,
    /// The beginning: the day in UTC that the moment is in. WhatsApp looks back 90 days.
    pub start: Moment,
    /// The end: the day in UTC that the moment is in.
    pub end: Moment,
    /// By which way they left: `/messages`, unless it is said.
    pub product: Option<TemplateProduct>,
}
impl From<conek_core::platform::TemplateAnalyticsQuery> for TemplateAnalyticsQuery {
    fn from(v: conek_core::platform::TemplateAnalyticsQuery) -> Self {
        let conek_core::platform::TemplateAnalyticsQuery {
            template_ids,
            start,
            end,
            product,
        } = v;
        Self {
            template_ids: template_ids,
            start: start.into(),
            end: end.into(),
            product: product.map(|x| x.into()),
        }
    }
}
impl From<TemplateAnalyticsQuery> for conek_core::platform::TemplateAnalyticsQuery {
    fn from(v: TemplateAnalyticsQuery) -> Self {
        let TemplateAnalyticsQuery { template_ids, start, end, product } = v;
        Self {
            template_ids: template_ids,
            start: start.into(),
            end: end.into(),
            product: product.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl TemplateAnalyticsQuery {
    #[new]
    #[pyo3(signature = (start, end, *, template_ids = Vec::new(), product = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        start: Moment,
        end: Moment,
        template_ids: Vec<String>,
        product: Option<TemplateProduct>,
    ) -> Self {
        Self {
            template_ids,
            start,
            end,
            product,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::TemplateAnalyticsQuery::from(TemplateAnalyticsQuery::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["template_ids", "start", "end", "product"],
            changes,
        )
    }
}
/// The values of one card of a template's carousel.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TemplateCard {
    /// A picture, a film or a product, as the template's cards have it.
    pub header: Header,
    /// The placeholders of the card's text.
    pub body: Vec<Parameter>,
    /// The buttons that take a value.
    pub buttons: Vec<TemplateButton>,
}
impl From<conek_core::messaging::content::TemplateCard> for TemplateCard {
    fn from(v: conek_core::messaging::content::TemplateCard) -> Self {
        let conek_core::messaging::content::TemplateCard { header, body, buttons } = v;
        Self {
            header: header.into(),
            body: body.into_iter().map(|x| x.into()).collect(),
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<TemplateCard> for conek_core::messaging::content::TemplateCard {
    fn from(v: TemplateCard) -> Self {
        let TemplateCard { header, body, buttons } = v;
        Self {
            header: header.into(),
            body: body.into_iter().map(|x| x.into()).collect(),
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl TemplateCard {
    #[new]
    #[pyo3(signature = (header, *, body = Vec::new(), buttons = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(header: Header, body: Vec<Parameter>, buttons: Vec<TemplateButton>) -> Self {
        Self { header, body, buttons }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::TemplateCard::from(TemplateCard::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["header", "body", "buttons"], changes)
    }
}
/// How often a button was pressed.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TemplateClicks {
    /// `quick_reply_button`, `url_button`, or `unique_url_button` for how many people.
    pub kind: String,
    /// What it says.
    pub button: String,
    /// How often.
    pub clicks: i64,
}
impl From<conek_core::platform::TemplateClicks> for TemplateClicks {
    fn from(v: conek_core::platform::TemplateClicks) -> Self {
        let conek_core::platform::TemplateClicks { kind, button, clicks } = v;
        Self {
            kind: kind,
            button: button,
            clicks: clicks,
        }
    }
}
impl From<TemplateClicks> for conek_core::platform::TemplateClicks {
    fn from(v: TemplateClicks) -> Self {
        let TemplateClicks { kind, button, clicks } = v;
        Self {
            kind: kind,
            button: button,
            clicks: clicks,
        }
    }
}
#[pymethods]
impl TemplateClicks {
    #[new]
    #[pyo3(signature = (kind, button, clicks))]
    #[allow(clippy::too_many_arguments)]
    fn new(kind: String, button: String, clicks: i64) -> Self {
        Self { kind, button, clicks }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::TemplateClicks::from(TemplateClicks::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["kind", "button", "clicks"], changes)
    }
}
/// Two templates beside each other (Meta: Template comparison).
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TemplateComparison {
    /// From when on their messages were counted.
    pub start: Moment,
    /// Until when.
    pub end: Moment,
    /// The two, in the order in which they were named.
    pub templates: Vec<ComparedTemplate>,
    /// Their ids, the one first after which people block the business less often for each message.
    pub by_block_rate: Vec<String>,
}
impl From<conek_core::messaging::TemplateComparison> for TemplateComparison {
    fn from(v: conek_core::messaging::TemplateComparison) -> Self {
        let conek_core::messaging::TemplateComparison {
            start,
            end,
            templates,
            by_block_rate,
        } = v;
        Self {
            start: start.into(),
            end: end.into(),
            templates: templates.into_iter().map(|x| x.into()).collect(),
            by_block_rate: by_block_rate,
        }
    }
}
impl From<TemplateComparison> for conek_core::messaging::TemplateComparison {
    fn from(v: TemplateComparison) -> Self {
        let TemplateComparison { start, end, templates, by_block_rate } = v;
        Self {
            start: start.into(),
            end: end.into(),
            templates: templates.into_iter().map(|x| x.into()).collect(),
            by_block_rate: by_block_rate,
        }
    }
}
#[pymethods]
impl TemplateComparison {
    #[new]
    #[pyo3(
        signature = (start, end, *, templates = Vec::new(), by_block_rate = Vec::new())
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        start: Moment,
        end: Moment,
        templates: Vec<ComparedTemplate>,
        by_block_rate: Vec<String>,
    ) -> Self {
        Self {
            start,
            end,
            templates,
            by_block_rate,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::TemplateComparison::from(TemplateComparison::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["start", "end", "templates", "by_block_rate"],
            changes,
        )
    }
}
/// What a template cost.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TemplateCost {
    /// `amount_spent`, `cost_per_delivered` or `cost_per_url_button_click`.
    pub kind: String,
    /// In the account's currency; `None` where nothing was spent.
    pub amount: Option<f64>,
}
impl From<conek_core::platform::TemplateCost> for TemplateCost {
    fn from(v: conek_core::platform::TemplateCost) -> Self {
        let conek_core::platform::TemplateCost { kind, amount } = v;
        Self { kind: kind, amount: amount }
    }
}
impl From<TemplateCost> for conek_core::platform::TemplateCost {
    fn from(v: TemplateCost) -> Self {
        let TemplateCost { kind, amount } = v;
        Self { kind: kind, amount: amount }
    }
}
#[pymethods]
impl TemplateCost {
    #[new]
    #[pyo3(signature = (kind, *, amount = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(kind: String, amount: Option<f64>) -> Self {
        Self { kind, amount }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::TemplateCost::from(TemplateCost::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["kind", "amount"], changes)
    }
}
/// What WhatsApp's reviewers see in place of values, and what a definition leaves open. Examples are shown to Meta:
/// none of them may be somebody's data.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TemplateExamples {
    /// In place of the header's placeholder; where it is a picture, a film or a PDF, the handle of an example from
    /// `platform.upload_sample`.
    pub header: Option<String>,
    /// In place of the body's placeholders, by their names: `1`, `2` or words.
    pub body: BTreeMap<String, String>,
    /// What buttons need.
    pub buttons: Vec<ButtonExample>,
    /// What the cards need, in their order.
    pub cards: Vec<CardExamples>,
    /// For authentication templates; copying, if missing.
    pub password: Option<PasswordSettings>,
    /// For how many seconds a message may wait for its phone: 30 to 900 for authentication, 30 to 43,200 for utility,
    /// 43,200 to 2,592,000 for marketing by `/marketing_messages`. -1: 30 days. Missing: WhatsApp's own.
    pub ttl_seconds: Option<i32>,
}
impl From<conek_core::messaging::TemplateExamples> for TemplateExamples {
    fn from(v: conek_core::messaging::TemplateExamples) -> Self {
        let conek_core::messaging::TemplateExamples {
            header,
            body,
            buttons,
            cards,
            password,
            ttl_seconds,
        } = v;
        Self {
            header: header,
            body: body,
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
            cards: cards.into_iter().map(|x| x.into()).collect(),
            password: password.map(|x| x.into()),
            ttl_seconds: ttl_seconds,
        }
    }
}
impl From<TemplateExamples> for conek_core::messaging::TemplateExamples {
    fn from(v: TemplateExamples) -> Self {
        let TemplateExamples { header, body, buttons, cards, password, ttl_seconds } = v;
        Self {
            header: header,
            body: body,
            buttons: buttons.into_iter().map(|x| x.into()).collect(),
            cards: cards.into_iter().map(|x| x.into()).collect(),
            password: password.map(|x| x.into()),
            ttl_seconds: ttl_seconds,
        }
    }
}
#[pymethods]
impl TemplateExamples {
    #[new]
    #[pyo3(
        signature = (
            *,
            header = None,
            body = BTreeMap::new(),
            buttons = Vec::new(),
            cards = Vec::new(),
            password = None,
            ttl_seconds = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        header: Option<String>,
        body: BTreeMap<String, String>,
        buttons: Vec<ButtonExample>,
        cards: Vec<CardExamples>,
        password: Option<PasswordSettings>,
        ttl_seconds: Option<i32>,
    ) -> Self {
        Self {
            header,
            body,
            buttons,
            cards,
            password,
            ttl_seconds,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::TemplateExamples::from(TemplateExamples::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["header", "body", "buttons", "cards", "password", "ttl_seconds"],
            changes,
        )
    }
}
impl Default for TemplateExamples {
    fn default() -> Self {
        conek_core::messaging::TemplateExamples::default().into()
    }
}
/// What is known of a template when a decision is made.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TemplateFacts {
    /// `marketing`, `utility` or `authentication`, as WhatsApp classed it.
    pub category: String,
    /// Whether WhatsApp lets it be sent.
    pub approved: bool,
}
impl From<conek_core::policy::TemplateFacts> for TemplateFacts {
    fn from(v: conek_core::policy::TemplateFacts) -> Self {
        let conek_core::policy::TemplateFacts { category, approved } = v;
        Self {
            category: category,
            approved: approved,
        }
    }
}
impl From<TemplateFacts> for conek_core::policy::TemplateFacts {
    fn from(v: TemplateFacts) -> Self {
        let TemplateFacts { category, approved } = v;
        Self {
            category: category,
            approved: approved,
        }
    }
}
#[pymethods]
impl TemplateFacts {
    #[new]
    #[pyo3(signature = (category, *, approved = false))]
    #[allow(clippy::too_many_arguments)]
    fn new(category: String, approved: bool) -> Self {
        Self { category, approved }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::policy::TemplateFacts::from(TemplateFacts::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["category", "approved"], changes)
    }
}
/// What a migration of templates came to.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TemplateMigration {
    /// The ids of the copies, in this account.
    pub migrated: Vec<String>,
    /// Those that were not copied.
    pub failed: Vec<UnmigratedTemplate>,
}
impl From<conek_core::messaging::TemplateMigration> for TemplateMigration {
    fn from(v: conek_core::messaging::TemplateMigration) -> Self {
        let conek_core::messaging::TemplateMigration { migrated, failed } = v;
        Self {
            migrated: migrated,
            failed: failed.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<TemplateMigration> for conek_core::messaging::TemplateMigration {
    fn from(v: TemplateMigration) -> Self {
        let TemplateMigration { migrated, failed } = v;
        Self {
            migrated: migrated,
            failed: failed.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl TemplateMigration {
    #[new]
    #[pyo3(signature = (*, migrated = Vec::new(), failed = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(migrated: Vec<String>, failed: Vec<UnmigratedTemplate>) -> Self {
        Self { migrated, failed }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::TemplateMigration::from(TemplateMigration::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["migrated", "failed"], changes)
    }
}
impl Default for TemplateMigration {
    fn default() -> Self {
        conek_core::messaging::TemplateMigration::default().into()
    }
}
/// A template on a day.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TemplatePoint {
    /// The template's id.
    pub template_id: String,
    /// When the day begins.
    pub start: Moment,
    /// When it ends.
    pub end: Moment,
    /// How many were sent.
    pub sent: i64,
    /// How many arrived.
    pub delivered: i64,
    /// How many were read. WhatsApp counts that for seven days after a message.
    pub read: i64,
    /// Presses of its buttons, of marketing and utility templates.
    pub clicks: Vec<TemplateClicks>,
    /// What it cost; nothing for an account that pays through a partner.
    pub costs: Vec<TemplateCost>,
}
impl From<conek_core::platform::TemplatePoint> for TemplatePoint {
    fn from(v: conek_core::platform::TemplatePoint) -> Self {
        let conek_core::platform::TemplatePoint {
            template_id,
            start,
            end,
            sent,
            delivered,
            read,
            clicks,
            costs,
        } = v;
        Self {
            template_id: template_id,
            start: start.into(),
            end: end.into(),
            sent: sent,
            delivered: delivered,
            read: read,
            clicks: clicks.into_iter().map(|x| x.into()).collect(),
            costs: costs.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<TemplatePoint> for conek_core::platform::TemplatePoint {
    fn from(v: TemplatePoint) -> Self {
        let TemplatePoint {
            template_id,
            start,
            end,
            sent,
            delivered,
            read,
            clicks,
            costs,
        } = v;
        Self {
            template_id: template_id,
            start: start.into(),
            end: end.into(),
            sent: sent,
            delivered: delivered,
            read: read,
            clicks: clicks.into_iter().map(|x| x.into()).collect(),
            costs: costs.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl TemplatePoint {
    #[new]
    #[pyo3(
        signature = (
            template_id,
            start,
            end,
            sent,
            delivered,
            read,
            *,
            clicks = Vec::new(),
            costs = Vec::new()
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        template_id: String,
        start: Moment,
        end: Moment,
        sent: i64,
        delivered: i64,
        read: i64,
        clicks: Vec<TemplateClicks>,
        costs: Vec<TemplateCost>,
    ) -> Self {
        Self {
            template_id,
            start,
            end,
            sent,
            delivered,
            read,
            clicks,
            costs,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::platform::TemplatePoint::from(TemplatePoint::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "template_id",
                "start",
                "end",
                "sent",
                "delivered",
                "read",
                "clicks",
                "costs",
            ],
            changes,
        )
    }
}
/// Templates of another account of the same business.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TemplateSource {
    /// The id of the other account.
    pub account: String,
    /// Which: at most 500 of WhatsApp's ids. All, if none are named.
    pub template_ids: Vec<String>,
    /// Which page of all, from 0; the first, if it is left out.
    pub page: Option<i32>,
    /// How many a page has: 1 to 500. 500, if it is left out; fewer where WhatsApp takes longer than half a minute.
    pub count: Option<i32>,
}
impl From<conek_core::messaging::TemplateSource> for TemplateSource {
    fn from(v: conek_core::messaging::TemplateSource) -> Self {
        let conek_core::messaging::TemplateSource {
            account,
            template_ids,
            page,
            count,
        } = v;
        Self {
            account: account,
            template_ids: template_ids,
            page: page,
            count: count,
        }
    }
}
impl From<TemplateSource> for conek_core::messaging::TemplateSource {
    fn from(v: TemplateSource) -> Self {
        let TemplateSource { account, template_ids, page, count } = v;
        Self {
            account: account,
            template_ids: template_ids,
            page: page,
            count: count,
        }
    }
}
#[pymethods]
impl TemplateSource {
    #[new]
    #[pyo3(
        signature = (account, *, template_ids = Vec::new(), page = None, count = None)
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        account: String,
        template_ids: Vec<String>,
        page: Option<i32>,
        count: Option<i32>,
    ) -> Self {
        Self {
            account,
            template_ids,
            page,
            count,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::TemplateSource::from(TemplateSource::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["account", "template_ids", "page", "count"],
            changes,
        )
    }
}
/// What a look at WhatsApp's templates came to.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TemplateSync {
    /// How many there are at WhatsApp.
    pub seen: i32,
    /// How many of them were new here.
    pub added: i32,
    /// How many stood there otherwise than here.
    pub changed: i32,
    /// How many were approved here and are not there any more. They are kept as `DELETED` and not sent.
    pub gone: i32,
    /// Those whose definition conek cannot keep. Status, category and quality are kept of those that are known here.
    pub unread: Vec<UnreadTemplate>,
}
impl From<conek_core::messaging::TemplateSync> for TemplateSync {
    fn from(v: conek_core::messaging::TemplateSync) -> Self {
        let conek_core::messaging::TemplateSync { seen, added, changed, gone, unread } = v;
        Self {
            seen: seen,
            added: added,
            changed: changed,
            gone: gone,
            unread: unread.into_iter().map(|x| x.into()).collect(),
        }
    }
}
impl From<TemplateSync> for conek_core::messaging::TemplateSync {
    fn from(v: TemplateSync) -> Self {
        let TemplateSync { seen, added, changed, gone, unread } = v;
        Self {
            seen: seen,
            added: added,
            changed: changed,
            gone: gone,
            unread: unread.into_iter().map(|x| x.into()).collect(),
        }
    }
}
#[pymethods]
impl TemplateSync {
    #[new]
    #[pyo3(signature = (seen, added, changed, gone, *, unread = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        seen: i32,
        added: i32,
        changed: i32,
        gone: i32,
        unread: Vec<UnreadTemplate>,
    ) -> Self {
        Self {
            seen,
            added,
            changed,
            gone,
            unread,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::TemplateSync::from(TemplateSync::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["seen", "added", "changed", "gone", "unread"],
            changes,
        )
    }
}
impl Default for TemplateSync {
    fn default() -> Self {
        conek_core::messaging::TemplateSync::default().into()
    }
}
/// A keyed fingerprint by which a record can be found, for example of a phone number.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Token {
    /// What was fingerprinted, for example `phone`.
    pub name: String,
    /// The fingerprint: text that only the holder of the key could have made.
    pub value: String,
    /// Whether at most one record of the account and kind may hold it.
    pub unique: bool,
}
impl From<conek_core::storage::Token> for Token {
    fn from(v: conek_core::storage::Token) -> Self {
        let conek_core::storage::Token { name, value, unique } = v;
        Self {
            name: name,
            value: value,
            unique: unique,
        }
    }
}
impl From<Token> for conek_core::storage::Token {
    fn from(v: Token) -> Self {
        let Token { name, value, unique } = v;
        Self {
            name: name,
            value: value,
            unique: unique,
        }
    }
}
#[pymethods]
impl Token {
    #[new]
    #[pyo3(signature = (name, value, *, unique = false))]
    #[allow(clippy::too_many_arguments)]
    fn new(name: String, value: String, unique: bool) -> Self {
        Self { name, value, unique }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::storage::Token::from(Token::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["name", "value", "unique"], changes)
    }
}
/// What a visitor chose. Everything left out is denied; what is essential needs no choice.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TrackingChoices {
    /// Remembering how the visitor likes things.
    pub functional: bool,
    /// Counting and measuring.
    pub analytics: bool,
    /// Advertising, here and elsewhere.
    pub marketing: bool,
}
impl From<conek_core::consent::TrackingChoices> for TrackingChoices {
    fn from(v: conek_core::consent::TrackingChoices) -> Self {
        let conek_core::consent::TrackingChoices { functional, analytics, marketing } = v;
        Self {
            functional: functional,
            analytics: analytics,
            marketing: marketing,
        }
    }
}
impl From<TrackingChoices> for conek_core::consent::TrackingChoices {
    fn from(v: TrackingChoices) -> Self {
        let TrackingChoices { functional, analytics, marketing } = v;
        Self {
            functional: functional,
            analytics: analytics,
            marketing: marketing,
        }
    }
}
#[pymethods]
impl TrackingChoices {
    #[new]
    #[pyo3(signature = (*, functional = false, analytics = false, marketing = false))]
    #[allow(clippy::too_many_arguments)]
    fn new(functional: bool, analytics: bool, marketing: bool) -> Self {
        Self {
            functional,
            analytics,
            marketing,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::consent::TrackingChoices::from(TrackingChoices::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["functional", "analytics", "marketing"],
            changes,
        )
    }
}
impl Default for TrackingChoices {
    fn default() -> Self {
        conek_core::consent::TrackingChoices::default().into()
    }
}
/// A visitor's choice as it was recorded.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TrackingPreference {
    /// What they chose.
    pub choices: TrackingChoices,
    /// When; `None` for a visitor who has not chosen.
    pub at: Option<Moment>,
    /// The notice that they had before them.
    pub notice: Option<String>,
}
impl From<conek_core::consent::TrackingPreference> for TrackingPreference {
    fn from(v: conek_core::consent::TrackingPreference) -> Self {
        let conek_core::consent::TrackingPreference { choices, at, notice } = v;
        Self {
            choices: choices.into(),
            at: at.map(|x| x.into()),
            notice: notice.map(|x| x.into()),
        }
    }
}
impl From<TrackingPreference> for conek_core::consent::TrackingPreference {
    fn from(v: TrackingPreference) -> Self {
        let TrackingPreference { choices, at, notice } = v;
        Self {
            choices: choices.into(),
            at: at.map(|x| x.into()),
            notice: notice.map(|x| x.into()),
        }
    }
}
#[pymethods]
impl TrackingPreference {
    #[new]
    #[pyo3(signature = (choices, *, at = None, notice = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        choices: TrackingChoices,
        at: Option<Moment>,
        notice: Option<String>,
    ) -> Self {
        Self { choices, at, notice }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::consent::TrackingPreference::from(TrackingPreference::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["choices", "at", "notice"], changes)
    }
}
/// An entry of the register of transfers.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Transfer {
    /// Its id.
    pub id: String,
    /// Who gets the data there.
    pub recipient: String,
    /// What is known of it.
    pub facts: TransferFacts,
    /// Which kinds of data.
    pub categories: Vec<String>,
    /// Where the assessment of the country's law is kept.
    pub assessment: Option<String>,
    /// When it wants to be looked at again.
    pub review_by: Option<Moment>,
    /// When it was entered.
    pub entered_at: Moment,
    /// Whether it may go on today: mechanisms come and go.
    pub decision: TransferDecision,
}
impl From<conek_core::registers::Transfer> for Transfer {
    fn from(v: conek_core::registers::Transfer) -> Self {
        let conek_core::registers::Transfer {
            id,
            recipient,
            facts,
            categories,
            assessment,
            review_by,
            entered_at,
            decision,
        } = v;
        Self {
            id: id,
            recipient: recipient,
            facts: facts.into(),
            categories: categories,
            assessment: assessment,
            review_by: review_by.map(|x| x.into()),
            entered_at: entered_at.into(),
            decision: decision.into(),
        }
    }
}
impl From<Transfer> for conek_core::registers::Transfer {
    fn from(v: Transfer) -> Self {
        let Transfer {
            id,
            recipient,
            facts,
            categories,
            assessment,
            review_by,
            entered_at,
            decision,
        } = v;
        Self {
            id: id,
            recipient: recipient,
            facts: facts.into(),
            categories: categories,
            assessment: assessment,
            review_by: review_by.map(|x| x.into()),
            entered_at: entered_at.into(),
            decision: decision.into(),
        }
    }
}
#[pymethods]
impl Transfer {
    #[new]
    #[pyo3(
        signature = (
            id,
            recipient,
            facts,
            entered_at,
            decision,
            *,
            categories = Vec::new(),
            assessment = None,
            review_by = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        id: String,
        recipient: String,
        facts: TransferFacts,
        entered_at: Moment,
        decision: TransferDecision,
        categories: Vec<String>,
        assessment: Option<String>,
        review_by: Option<Moment>,
    ) -> Self {
        Self {
            id,
            recipient,
            facts,
            categories,
            assessment,
            review_by,
            entered_at,
            decision,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::registers::Transfer::from(Transfer::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "id",
                "recipient",
                "facts",
                "categories",
                "assessment",
                "review_by",
                "entered_at",
                "decision",
            ],
            changes,
        )
    }
}
/// What is known of a transfer. Everything left out is unknown, and unknown never allows.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct TransferFacts {
    /// The country the data leave, ISO 3166-1 alpha-2.
    pub exporter: Option<String>,
    /// The country they go to.
    pub importer: Option<String>,
    /// The laws that bind the exporter. Empty: that of its country; both, where that is unknown or another.
    pub regimes: Vec<Regime>,
    /// What it rests on.
    pub mechanism: Option<TransferMechanism>,
    /// Where the proof is: the contract, the approved rules, the certificate, the assessment of the law.
    pub evidence: Option<String>,
    /// Whether the law of the importing country was assessed for what would undo the safeguard
    /// (C-311/18, Schrems II).
    pub assessed: bool,
    /// Whether the recipient is one that a decision in part covers: certified under the Data Privacy Framework, a
    /// commercial organisation in Canada.
    pub recipient_covered: bool,
    /// Whether the recipient is bound to pass the data on under the same protection only (POPIA s72(1)(a)(ii)).
    pub onward_protected: bool,
    /// Whether the person consented to this transfer, explicitly.
    pub consented: bool,
    /// Whether they had been told its risks (GDPR 49(1)(a)).
    pub informed_of_risks: bool,
    /// Whether it is made again and again, not occasionally.
    pub repeated: bool,
    /// Whether special personal information, or that of children, is in it (POPIA s57(1)(d)).
    pub special: bool,
    /// Whether the Information Regulator has authorised it (POPIA s57, s58).
    pub authorised: bool,
}
impl From<conek_core::policy::TransferFacts> for TransferFacts {
    fn from(v: conek_core::policy::TransferFacts) -> Self {
        let conek_core::policy::TransferFacts {
            exporter,
            importer,
            regimes,
            mechanism,
            evidence,
            assessed,
            recipient_covered,
            onward_protected,
            consented,
            informed_of_risks,
            repeated,
            special,
            authorised,
        } = v;
        Self {
            exporter: exporter,
            importer: importer,
            regimes: regimes.into_iter().map(|x| x.into()).collect(),
            mechanism: mechanism.map(|x| x.into()),
            evidence: evidence,
            assessed: assessed,
            recipient_covered: recipient_covered,
            onward_protected: onward_protected,
            consented: consented,
            informed_of_risks: informed_of_risks,
            repeated: repeated,
            special: special,
            authorised: authorised,
        }
    }
}
impl From<TransferFacts> for conek_core::policy::TransferFacts {
    fn from(v: TransferFacts) -> Self {
        let TransferFacts {
            exporter,
            importer,
            regimes,
            mechanism,
            evidence,
            assessed,
            recipient_covered,
            onward_protected,
            consented,
            informed_of_risks,
            repeated,
            special,
            authorised,
        } = v;
        Self {
            exporter: exporter,
            importer: importer,
            regimes: regimes.into_iter().map(|x| x.into()).collect(),
            mechanism: mechanism.map(|x| x.into()),
            evidence: evidence,
            assessed: assessed,
            recipient_covered: recipient_covered,
            onward_protected: onward_protected,
            consented: consented,
            informed_of_risks: informed_of_risks,
            repeated: repeated,
            special: special,
            authorised: authorised,
        }
    }
}
#[pymethods]
impl TransferFacts {
    #[new]
    #[pyo3(
        signature = (
            *,
            exporter = None,
            importer = None,
            regimes = Vec::new(),
            mechanism = None,
            evidence = None,
            assessed = false,
            recipient_covered = false,
            onward_protected = false,
            consented = false,
            informed_of_risks = false,
            repeated = false,
            special = false,
            authorised = false
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        exporter: Option<String>,
        importer: Option<String>,
        regimes: Vec<Regime>,
        mechanism: Option<TransferMechanism>,
        evidence: Option<String>,
        assessed: bool,
        recipient_covered: bool,
        onward_protected: bool,
        consented: bool,
        informed_of_risks: bool,
        repeated: bool,
        special: bool,
        authorised: bool,
    ) -> Self {
        Self {
            exporter,
            importer,
            regimes,
            mechanism,
            evidence,
            assessed,
            recipient_covered,
            onward_protected,
            consented,
            informed_of_risks,
            repeated,
            special,
            authorised,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::policy::TransferFacts::from(TransferFacts::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "exporter",
                "importer",
                "regimes",
                "mechanism",
                "evidence",
                "assessed",
                "recipient_covered",
                "onward_protected",
                "consented",
                "informed_of_risks",
                "repeated",
                "special",
                "authorised",
            ],
            changes,
        )
    }
}
impl Default for TransferFacts {
    fn default() -> Self {
        conek_core::policy::TransferFacts::default().into()
    }
}
/// A flow that was not copied.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct UnmigratedFlow {
    /// Its name.
    pub name: String,
    /// WhatsApp's code, for example 4233041 for a name that the other account does not have.
    pub code: Option<i32>,
}
impl From<conek_core::platform::UnmigratedFlow> for UnmigratedFlow {
    fn from(v: conek_core::platform::UnmigratedFlow) -> Self {
        let conek_core::platform::UnmigratedFlow { name, code } = v;
        Self { name: name, code: code }
    }
}
impl From<UnmigratedFlow> for conek_core::platform::UnmigratedFlow {
    fn from(v: UnmigratedFlow) -> Self {
        let UnmigratedFlow { name, code } = v;
        Self { name: name, code: code }
    }
}
#[pymethods]
impl UnmigratedFlow {
    #[new]
    #[pyo3(signature = (name, *, code = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(name: String, code: Option<i32>) -> Self {
        Self { name, code }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::UnmigratedFlow::from(UnmigratedFlow::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["name", "code"], changes)
    }
}
/// A template that was not copied.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct UnmigratedTemplate {
    /// Its id in the other account.
    pub id: String,
    /// Why, in WhatsApp's words: for example `Incorrect category`.
    pub reason: String,
}
impl From<conek_core::messaging::UnmigratedTemplate> for UnmigratedTemplate {
    fn from(v: conek_core::messaging::UnmigratedTemplate) -> Self {
        let conek_core::messaging::UnmigratedTemplate { id, reason } = v;
        Self { id: id, reason: reason }
    }
}
impl From<UnmigratedTemplate> for conek_core::messaging::UnmigratedTemplate {
    fn from(v: UnmigratedTemplate) -> Self {
        let UnmigratedTemplate { id, reason } = v;
        Self { id: id, reason: reason }
    }
}
#[pymethods]
impl UnmigratedTemplate {
    #[new]
    #[pyo3(signature = (id, reason))]
    #[allow(clippy::too_many_arguments)]
    fn new(id: String, reason: String) -> Self {
        Self { id, reason }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::UnmigratedTemplate::from(UnmigratedTemplate::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["id", "reason"], changes)
    }
}
/// A template at WhatsApp whose definition conek cannot keep.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct UnreadTemplate {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// Its status.
    pub status: String,
    /// Why, in words.
    pub detail: String,
}
impl From<conek_core::messaging::UnreadTemplate> for UnreadTemplate {
    fn from(v: conek_core::messaging::UnreadTemplate) -> Self {
        let conek_core::messaging::UnreadTemplate { name, language, status, detail } = v;
        Self {
            name: name,
            language: language,
            status: status,
            detail: detail,
        }
    }
}
impl From<UnreadTemplate> for conek_core::messaging::UnreadTemplate {
    fn from(v: UnreadTemplate) -> Self {
        let UnreadTemplate { name, language, status, detail } = v;
        Self {
            name: name,
            language: language,
            status: status,
            detail: detail,
        }
    }
}
#[pymethods]
impl UnreadTemplate {
    #[new]
    #[pyo3(signature = (name, language, status, detail))]
    #[allow(clippy::too_many_arguments)]
    fn new(name: String, language: String, status: String, detail: String) -> Self {
        Self {
            name,
            language,
            status,
            detail,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::UnreadTemplate::from(UnreadTemplate::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["name", "language", "status", "detail"],
            changes,
        )
    }
}
/// A file for people's phones. `Debug` shows neither its name nor its bytes.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Upload {
    /// The phone number id that will send it.
    pub sender: String,
    /// Its type, for example `image/jpeg`.
    pub mime: String,
    /// Its name.
    pub filename: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}
impl From<conek_core::transport::Upload> for Upload {
    fn from(v: conek_core::transport::Upload) -> Self {
        let conek_core::transport::Upload { sender, mime, filename, bytes } = v;
        Self {
            sender: sender,
            mime: mime,
            filename: filename,
            bytes: bytes,
        }
    }
}
impl From<Upload> for conek_core::transport::Upload {
    fn from(v: Upload) -> Self {
        let Upload { sender, mime, filename, bytes } = v;
        Self {
            sender: sender,
            mime: mime,
            filename: filename,
            bytes: bytes,
        }
    }
}
#[pymethods]
impl Upload {
    #[new]
    #[pyo3(signature = (sender, mime, filename, bytes))]
    #[allow(clippy::too_many_arguments)]
    fn new(sender: String, mime: String, filename: String, bytes: Vec<u8>) -> Self {
        Self {
            sender,
            mime,
            filename,
            bytes,
        }
    }
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::transport::Upload::from(Upload::clone(self)))
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &["sender", "mime", "filename", "bytes"],
            changes,
        )
    }
}
/// What a storage found when it looked at itself.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct Verification {
    /// How many records there are.
    pub records: i64,
    /// What is wrong, one sentence each, without personal data. Empty means sound.
    pub problems: Vec<String>,
}
impl From<conek_core::storage::Verification> for Verification {
    fn from(v: conek_core::storage::Verification) -> Self {
        let conek_core::storage::Verification { records, problems } = v;
        Self {
            records: records,
            problems: problems,
        }
    }
}
impl From<Verification> for conek_core::storage::Verification {
    fn from(v: Verification) -> Self {
        let Verification { records, problems } = v;
        Self {
            records: records,
            problems: problems,
        }
    }
}
#[pymethods]
impl Verification {
    #[new]
    #[pyo3(signature = (records, *, problems = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(records: i64, problems: Vec<String>) -> Self {
        Self { records, problems }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::storage::Verification::from(Verification::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["records", "problems"], changes)
    }
}
impl Default for Verification {
    fn default() -> Self {
        conek_core::storage::Verification::default().into()
    }
}
/// Another address for webhooks than the app's own. `Debug` does not show the token.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct WebhookCallback {
    /// The address, `https://...`. WhatsApp calls it with a challenge before it takes it.
    pub url: String,
    /// The word that the challenge brings: what `Config.whatsapp.verify_token` has, where conek answers it.
    pub verify_token: String,
}
impl From<conek_core::platform::WebhookCallback> for WebhookCallback {
    fn from(v: conek_core::platform::WebhookCallback) -> Self {
        let conek_core::platform::WebhookCallback { url, verify_token } = v;
        Self {
            url: url,
            verify_token: verify_token,
        }
    }
}
impl From<WebhookCallback> for conek_core::platform::WebhookCallback {
    fn from(v: WebhookCallback) -> Self {
        let WebhookCallback { url, verify_token } = v;
        Self {
            url: url,
            verify_token: verify_token,
        }
    }
}
#[pymethods]
impl WebhookCallback {
    #[new]
    #[pyo3(signature = (url, verify_token))]
    #[allow(clippy::too_many_arguments)]
    fn new(url: String, verify_token: String) -> Self {
        Self { url, verify_token }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::platform::WebhookCallback::from(WebhookCallback::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["url", "verify_token"], changes)
    }
}
/// A webhook as the host's HTTP server received it.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct WebhookRequest {
    /// Header names (any case) and values.
    pub headers: BTreeMap<String, String>,
    /// The raw bytes, before any decoding.
    pub body: Vec<u8>,
}
impl From<conek_core::transport::WebhookRequest> for WebhookRequest {
    fn from(v: conek_core::transport::WebhookRequest) -> Self {
        let conek_core::transport::WebhookRequest { headers, body } = v;
        Self {
            headers: headers,
            body: body,
        }
    }
}
impl From<WebhookRequest> for conek_core::transport::WebhookRequest {
    fn from(v: WebhookRequest) -> Self {
        let WebhookRequest { headers, body } = v;
        Self {
            headers: headers,
            body: body,
        }
    }
}
#[pymethods]
impl WebhookRequest {
    #[new]
    #[pyo3(signature = (body, *, headers = BTreeMap::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(body: Vec<u8>, headers: BTreeMap<String, String>) -> Self {
        Self { headers, body }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::transport::WebhookRequest::from(WebhookRequest::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(slf.as_any(), &["headers", "body"], changes)
    }
}
/// Access to the WhatsApp Cloud API.
#[pyclass(frozen, get_all, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub struct WhatsAppAccess {
    /// The system user's token. Goes into the Authorization header and nowhere else.
    pub access_token: String,
    /// The app's secret; several while it is being changed. Webhooks are checked against each.
    pub app_secrets: Vec<String>,
    /// What Meta sends back when it verifies the webhook's address.
    pub verify_token: String,
    /// Another address of the API, for example a simulator on loopback.
    pub base_url: Option<String>,
    /// The Graph API's version; `v25.0` if missing.
    pub graph_version: Option<String>,
    /// Certificates in PEM to trust beside the public roots, for an address of your own.
    pub extra_roots_pem: Option<String>,
}
impl From<conek_core::engine::WhatsAppAccess> for WhatsAppAccess {
    fn from(v: conek_core::engine::WhatsAppAccess) -> Self {
        let conek_core::engine::WhatsAppAccess {
            access_token,
            app_secrets,
            verify_token,
            base_url,
            graph_version,
            extra_roots_pem,
        } = v;
        Self {
            access_token: access_token,
            app_secrets: app_secrets,
            verify_token: verify_token,
            base_url: base_url,
            graph_version: graph_version,
            extra_roots_pem: extra_roots_pem,
        }
    }
}
impl From<WhatsAppAccess> for conek_core::engine::WhatsAppAccess {
    fn from(v: WhatsAppAccess) -> Self {
        let WhatsAppAccess {
            access_token,
            app_secrets,
            verify_token,
            base_url,
            graph_version,
            extra_roots_pem,
        } = v;
        Self {
            access_token: access_token,
            app_secrets: app_secrets,
            verify_token: verify_token,
            base_url: base_url,
            graph_version: graph_version,
            extra_roots_pem: extra_roots_pem,
        }
    }
}
#[pymethods]
impl WhatsAppAccess {
    #[new]
    #[pyo3(
        signature = (
            access_token,
            verify_token,
            *,
            app_secrets = Vec::new(),
            base_url = None,
            graph_version = None,
            extra_roots_pem = None
        )
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        access_token: String,
        verify_token: String,
        app_secrets: Vec<String>,
        base_url: Option<String>,
        graph_version: Option<String>,
        extra_roots_pem: Option<String>,
    ) -> Self {
        Self {
            access_token,
            app_secrets,
            verify_token,
            base_url,
            graph_version,
            extra_roots_pem,
        }
    }
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::engine::WhatsAppAccess::from(WhatsAppAccess::clone(self))
        )
    }
    /// The same record with other values for the fields named.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, pyo3::types::PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::names::replaced(
            slf.as_any(),
            &[
                "access_token",
                "app_secrets",
                "verify_token",
                "base_url",
                "graph_version",
                "extra_roots_pem",
            ],
            changes,
        )
    }
}
plain! {
    #[doc =
    " What the engine does about an error code. The table is data: see `whatsapp.errors`."]
    Action : conek_core::transport::Action { #[doc =
    " Try again later, through the pacer."] Retry = "retry", #[doc =
    " Slow this pair of numbers down: 4^n seconds."] RetryPair = "retry_pair", #[doc =
    " Try again after 24 hours at the earliest."] Defer = "defer", #[doc =
    " Never send this message."] Never = "never", #[doc =
    " Never, and the person has opted out."] OptOut = "opt_out", #[doc =
    " Stop this sender."] StopSender = "stop_sender", #[doc = " Stop this template."]
    StopTemplate = "stop_template", #[doc =
    " Another way would work: a template instead of free text, another endpoint."] Switch
    = "switch", #[doc = " It may have been sent: wait for evidence."] Doubt = "doubt", }
}
/// Which identifier of a person a message is addressed by. `Debug` does not show it.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Address {
    /// A phone number in E.164, with `+`.
    #[pyo3(constructor = (number))]
    Phone {
        /// The number.
        number: String,
    },
    /// A business-scoped user id, or a parent's.
    #[pyo3(constructor = (id))]
    Bsuid {
        /// The id.
        id: String,
    },
}
impl From<conek_core::transport::Address> for Address {
    fn from(v: conek_core::transport::Address) -> Self {
        match v {
            conek_core::transport::Address::Phone { number } => {
                Self::Phone { number: number }
            }
            conek_core::transport::Address::Bsuid { id } => Self::Bsuid { id: id },
        }
    }
}
impl From<Address> for conek_core::transport::Address {
    fn from(v: Address) -> Self {
        match v {
            Address::Phone { number } => Self::Phone { number: number },
            Address::Bsuid { id } => Self::Bsuid { id: id },
        }
    }
}
#[pymethods]
impl Address {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::transport::Address::from(Address::clone(self)))
    }
}
/// How a person's age is known.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum AgeEvidence {
    /// The person said how old they are.
    #[pyo3(constructor = (years))]
    Declared {
        /// In years, on the day it was said.
        years: i32,
    },
    /// The day of birth.
    #[pyo3(constructor = (date))]
    BirthDate {
        /// `YYYY-MM-DD`.
        date: String,
    },
}
impl From<conek_core::consent::AgeEvidence> for AgeEvidence {
    fn from(v: conek_core::consent::AgeEvidence) -> Self {
        match v {
            conek_core::consent::AgeEvidence::Declared { years } => {
                Self::Declared { years: years }
            }
            conek_core::consent::AgeEvidence::BirthDate { date } => {
                Self::BirthDate { date: date }
            }
        }
    }
}
impl From<AgeEvidence> for conek_core::consent::AgeEvidence {
    fn from(v: AgeEvidence) -> Self {
        match v {
            AgeEvidence::Declared { years } => Self::Declared { years: years },
            AgeEvidence::BirthDate { date } => Self::BirthDate { date: date },
        }
    }
}
#[pymethods]
impl AgeEvidence {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::consent::AgeEvidence::from(AgeEvidence::clone(self)))
    }
}
/// Who is meant.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Audience {
    /// Every contact.
    #[pyo3(constructor = ())]
    Everyone {},
    /// Contacts whose attribute has this value.
    #[pyo3(constructor = (name, value))]
    Attribute {
        /// The attribute.
        name: String,
        /// Its value.
        value: String,
    },
    /// Whom this import created or brought up to date, and no later import has.
    #[pyo3(constructor = (id))]
    Import {
        /// The import's id, as its report tells it.
        id: String,
    },
    /// These contacts.
    #[pyo3(constructor = (*, ids = Vec::new()))]
    People {
        /// Their ids.
        ids: Vec<String>,
    },
}
impl From<conek_core::campaigns::Audience> for Audience {
    fn from(v: conek_core::campaigns::Audience) -> Self {
        match v {
            conek_core::campaigns::Audience::Everyone {} => Self::Everyone {},
            conek_core::campaigns::Audience::Attribute { name, value } => {
                Self::Attribute {
                    name: name,
                    value: value,
                }
            }
            conek_core::campaigns::Audience::Import { id } => Self::Import { id: id },
            conek_core::campaigns::Audience::People { ids } => {
                Self::People {
                    ids: ids.into_iter().map(|x| x.into()).collect(),
                }
            }
        }
    }
}
impl From<Audience> for conek_core::campaigns::Audience {
    fn from(v: Audience) -> Self {
        match v {
            Audience::Everyone {} => Self::Everyone {},
            Audience::Attribute { name, value } => {
                Self::Attribute {
                    name: name,
                    value: value,
                }
            }
            Audience::Import { id } => Self::Import { id: id },
            Audience::People { ids } => {
                Self::People {
                    ids: ids.into_iter().map(|x| x.into()).collect(),
                }
            }
        }
    }
}
#[pymethods]
impl Audience {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::campaigns::Audience::from(Audience::clone(self)))
    }
}
plain! {
    #[doc = " What became of a call."] AuditOutcome : conek_core::audit::AuditOutcome {
    #[doc = " The caller was admitted."] Admitted = "admitted", #[doc =
    " The caller lacked the scope."] Refused = "refused", }
}
impl Default for AuditOutcome {
    fn default() -> Self {
        conek_core::audit::AuditOutcome::default().into()
    }
}
plain! {
    #[doc = " What makes a message lawful."] Basis : conek_core::policy::Basis { #[doc =
    " POPIA s11(1)(a), s69(1)(a); GDPR 6(1)(a)."] Consent = "consent", #[doc =
    " An existing customer: POPIA s69(3), ePrivacy 13(2)."] CustomerException =
    "customer_exception", #[doc = " The one request for consent: POPIA s69(2)."]
    FirstApproach = "first_approach", #[doc = " POPIA s11(1)(b); GDPR 6(1)(b)."] Contract
    = "contract", #[doc = " POPIA s11(1)(c); GDPR 6(1)(c)."] LegalObligation =
    "legal_obligation", #[doc = " POPIA s11(1)(f); GDPR 6(1)(f)."] LegitimateInterest =
    "legitimate_interest", }
}
plain! {
    #[doc = " Who is told."] BreachAudience : conek_core::incidents::BreachAudience {
    #[doc =
    " The controller, or responsible party, for whom the data are processed (GDPR 33(2), POPIA s21(2))."]
    ResponsibleParty = "responsible_party", #[doc =
    " The supervisory authority (GDPR 33(1))."] AuthorityEu = "authority_eu", #[doc =
    " The Information Regulator (POPIA s22(1)(a))."] RegulatorZa = "regulator_za", #[doc
    = " The people, under GDPR 34."] SubjectEu = "subject_eu", #[doc =
    " The people, under POPIA s22(1)(b)."] SubjectZa = "subject_za", #[doc =
    " The people, as the account promised: within 72 hours, whatever the risk."]
    SubjectPromise = "subject_promise", }
}
plain! {
    #[doc = " By what way a letter went."] BreachChannel :
    conek_core::incidents::BreachChannel { #[doc =
    " To the last known physical or postal address (POPIA s22(4)(a))."] Post = "post",
    #[doc =
    " To the last known e-mail address (POPIA s22(4)(b)), in a message about nothing else."]
    Email = "email", #[doc =
    " In a prominent place on the responsible party's website (POPIA s22(4)(c))."]
    Website = "website", #[doc = " In the news media (POPIA s22(4)(d))."] NewsMedia =
    "news_media", #[doc = " As the authority directed (POPIA s22(4)(e))."] AsDirected =
    "as_directed", #[doc =
    " The authority's own form; in South Africa the Regulator's eServices portal, and nothing else since 1 April 2025."]
    Portal = "portal", #[doc = " A text message about nothing else."] Sms = "sms", #[doc
    = " WhatsApp: only in addition."] Whatsapp = "whatsapp", #[doc =
    " By phone: only in addition, for it is not in writing."] Phone = "phone", }
}
plain! {
    #[doc = " Where a duty to tell somebody stands."] BreachDutyState :
    conek_core::incidents::BreachDutyState { #[doc =
    " Whether they must be told turns on the risk, and that is not assessed."] Undecided
    = "undecided", #[doc = " They are to be told; there is time."] Waiting = "waiting",
    #[doc = " They are to be told, and the warning is out."] Warned = "warned", #[doc =
    " They are to be told, and it is late."] Overdue = "overdue", #[doc =
    " They know some of it (GDPR 33(4))."] Begun = "begun", #[doc =
    " An order says to wait (POPIA s22(3))."] Delayed = "delayed", #[doc =
    " They know all."] Told = "told", #[doc = " They need not be told."] Excused =
    "excused", }
}
plain! {
    #[doc = " Why somebody need not be told."] BreachExcuse :
    conek_core::incidents::BreachExcuse { #[doc = " A risk is unlikely (GDPR 33(1))."]
    RiskUnlikely = "risk_unlikely", #[doc = " A high risk is unlikely (GDPR 34(1))."]
    NoHighRisk = "no_high_risk", #[doc = " Nobody can read the data (GDPR 34(3)(a))."]
    Unintelligible = "unintelligible", #[doc =
    " Measures have taken the high risk away (GDPR 34(3)(b))."] RiskAverted =
    "risk_averted", #[doc =
    " It cannot be found out whose data they are (POPIA s22(1)(b))."] IdentityUnknown =
    "identity_unknown", #[doc = " The account promised nothing."] NotPromised =
    "not_promised", }
}
plain! {
    #[doc = " Something that a letter says."] BreachItem :
    conek_core::incidents::BreachItem { #[doc = " What happened."] Nature = "nature",
    #[doc = " What was done to the data."] Kind = "kind", #[doc =
    " Whether it is confirmed or suspected."] Certainty = "certainty", #[doc =
    " When it happened."] Moment = "moment", #[doc = " Which kinds of data."]
    DataCategories = "data_categories", #[doc = " Whose data."] Whose = "whose", #[doc =
    " About how many people."] PeopleCount = "people_count", #[doc =
    " About how many records."] RecordCount = "record_count", #[doc =
    " What is likely to follow."] Consequences = "consequences", #[doc =
    " What was done and will be done."] Measures = "measures", #[doc =
    " What the people can do."] Advice = "advice", #[doc = " How the people are told."]
    PeopleTold = "people_told", #[doc = " Why the letter is late."] LateReasons =
    "late_reasons", #[doc = " Who did it."] Intruder = "intruder", #[doc =
    " Whom to ask."] Contact = "contact", #[doc = " Where people can complain."]
    Authority = "authority", #[doc = " Who writes."] Sender = "sender", }
}
plain! {
    #[doc = " What was done to the data (GDPR 4(12); the Regulator's form)."] BreachKind
    : conek_core::incidents::BreachKind { #[doc =
    " Somebody saw or took them without authority."] Access = "access", #[doc =
    " They were given to somebody who may not have them."] Disclosure = "disclosure",
    #[doc = " They were lost."] Loss = "loss", #[doc = " They were changed or damaged."]
    Alteration = "alteration", #[doc = " They were destroyed."] Destruction =
    "destruction", #[doc = " They were used unlawfully."] UnlawfulProcessing =
    "unlawful_processing", }
}
plain! {
    #[doc =
    " Which of several letters it is (GDPR 33(4): in phases, where not all is known at once)."]
    BreachPhase : conek_core::incidents::BreachPhase { #[doc =
    " The first, and not all is known."] Initial = "initial", #[doc =
    " A later one, and not all is known."] Supplement = "supplement", #[doc =
    " It says all that must be said."] Final = "final", }
}
plain! {
    #[doc = " How likely it is that somebody is harmed."] BreachRisk :
    conek_core::incidents::BreachRisk { #[doc =
    " Not known yet. It counts as a risk, not as a high one."] Unknown = "unknown", #[doc
    = " Unlikely to result in a risk (GDPR 33(1))."] Unlikely = "unlikely", #[doc =
    " A risk."] Risk = "risk", #[doc = " A high risk (GDPR 34(1))."] High = "high", }
}
impl Default for BreachRisk {
    fn default() -> Self {
        conek_core::incidents::BreachRisk::default().into()
    }
}
plain! {
    #[doc = " Where a case stands."] BreachState : conek_core::incidents::BreachState {
    #[doc = " Its risk is not assessed."] Open = "open", #[doc =
    " It is; somebody waits for a first letter."] Assessed = "assessed", #[doc =
    " Nobody waits for a first letter."] Notified = "notified", #[doc =
    " Everybody was told all, or need not be. Final, unless new facts open it again."]
    Closed = "closed", }
}
impl Default for BreachState {
    fn default() -> Self {
        conek_core::incidents::BreachState::default().into()
    }
}
/// A button of a template. What it says has at most 25 characters.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum ButtonDefinition {
    /// A quick reply. A send may give it a payload.
    #[pyo3(constructor = (text))]
    QuickReply {
        /// What it says, and what comes back where no payload was given.
        text: String,
    },
    /// Opens an address. A send gives the end of it where there is a placeholder.
    #[pyo3(constructor = (text, url))]
    Url {
        /// What it says.
        text: String,
        /// At most 2,000 characters, with at most one placeholder, at its end.
        url: String,
    },
    /// Calls a phone number.
    #[pyo3(constructor = (text, number))]
    PhoneNumber {
        /// What it says.
        text: String,
        /// The number.
        number: String,
    },
    /// Copies a code of at most 15 letters and digits, which every send gives.
    #[pyo3(constructor = ())]
    CopyCode {},
    /// Hands a one-time password over: copied, or filled in by the app. Every send gives it, as the end of an address.
    #[pyo3(constructor = ())]
    OneTimePassword {},
    /// Opens a form. A send may give it a token and data.
    #[pyo3(constructor = (text))]
    Flow {
        /// What it says.
        text: String,
    },
    /// Opens the catalog. A send may say which product's picture is shown.
    #[pyo3(constructor = (text))]
    Catalog {
        /// What it says.
        text: String,
    },
    /// Offers products, which every send names (a multi-product message, `MPM`).
    #[pyo3(constructor = (text))]
    Products {
        /// What it says.
        text: String,
    },
    /// Opens the card's own product (`SPM`).
    #[pyo3(constructor = (text))]
    Product {
        /// What it says.
        text: String,
    },
    /// Calls the business. A send may say how long that works.
    #[pyo3(constructor = (text))]
    VoiceCall {
        /// What it says.
        text: String,
    },
    /// Reviews and pays an order, which every send gives.
    #[pyo3(constructor = (text))]
    OrderDetails {
        /// What it says.
        text: String,
    },
    /// A button that takes no value and that conek has no type for.
    #[pyo3(constructor = (text))]
    Other {
        /// What it says.
        text: String,
    },
}
impl From<conek_core::messaging::ButtonDefinition> for ButtonDefinition {
    fn from(v: conek_core::messaging::ButtonDefinition) -> Self {
        match v {
            conek_core::messaging::ButtonDefinition::QuickReply { text } => {
                Self::QuickReply { text: text }
            }
            conek_core::messaging::ButtonDefinition::Url { text, url } => {
                Self::Url { text: text, url: url }
            }
            conek_core::messaging::ButtonDefinition::PhoneNumber { text, number } => {
                Self::PhoneNumber {
                    text: text,
                    number: number,
                }
            }
            conek_core::messaging::ButtonDefinition::CopyCode {} => Self::CopyCode {},
            conek_core::messaging::ButtonDefinition::OneTimePassword {} => {
                Self::OneTimePassword {}
            }
            conek_core::messaging::ButtonDefinition::Flow { text } => {
                Self::Flow { text: text }
            }
            conek_core::messaging::ButtonDefinition::Catalog { text } => {
                Self::Catalog { text: text }
            }
            conek_core::messaging::ButtonDefinition::Products { text } => {
                Self::Products { text: text }
            }
            conek_core::messaging::ButtonDefinition::Product { text } => {
                Self::Product { text: text }
            }
            conek_core::messaging::ButtonDefinition::VoiceCall { text } => {
                Self::VoiceCall { text: text }
            }
            conek_core::messaging::ButtonDefinition::OrderDetails { text } => {
                Self::OrderDetails { text: text }
            }
            conek_core::messaging::ButtonDefinition::Other { text } => {
                Self::Other { text: text }
            }
        }
    }
}
impl From<ButtonDefinition> for conek_core::messaging::ButtonDefinition {
    fn from(v: ButtonDefinition) -> Self {
        match v {
            ButtonDefinition::QuickReply { text } => Self::QuickReply { text: text },
            ButtonDefinition::Url { text, url } => Self::Url { text: text, url: url },
            ButtonDefinition::PhoneNumber { text, number } => {
                Self::PhoneNumber {
                    text: text,
                    number: number,
                }
            }
            ButtonDefinition::CopyCode {} => Self::CopyCode {},
            ButtonDefinition::OneTimePassword {} => Self::OneTimePassword {},
            ButtonDefinition::Flow { text } => Self::Flow { text: text },
            ButtonDefinition::Catalog { text } => Self::Catalog { text: text },
            ButtonDefinition::Products { text } => Self::Products { text: text },
            ButtonDefinition::Product { text } => Self::Product { text: text },
            ButtonDefinition::VoiceCall { text } => Self::VoiceCall { text: text },
            ButtonDefinition::OrderDetails { text } => Self::OrderDetails { text: text },
            ButtonDefinition::Other { text } => Self::Other { text: text },
        }
    }
}
#[pymethods]
impl ButtonDefinition {
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::ButtonDefinition::from(ButtonDefinition::clone(self))
        )
    }
}
/// What happened to a call.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum CallEvent {
    /// A person calls, with an offer; or the answer to the offer with which the business called them.
    #[pyo3(constructor = (*, by_business = false, session = None))]
    Connect {
        /// Whether the business called.
        by_business: bool,
        /// The offer or the answer.
        session: Option<CallSession>,
    },
    /// It rings on the phone of the person whom the business called.
    #[pyo3(constructor = ())]
    Ringing {},
    /// They took the call.
    #[pyo3(constructor = ())]
    Accepted {},
    /// They did not take it.
    #[pyo3(constructor = ())]
    Rejected {},
    /// It is over.
    #[pyo3(
        constructor = (
            *,
            by_business = false,
            completed = false,
            started_at = None,
            ended_at = None,
            seconds = None,
            tracking = None,
            code = None
        )
    )]
    Terminate {
        /// Whether the business called.
        by_business: bool,
        /// Whether it took place; otherwise nobody took it, or it failed.
        completed: bool,
        /// When it was taken.
        started_at: Option<Moment>,
        /// When it ended.
        ended_at: Option<Moment>,
        /// How long it was, in seconds.
        seconds: Option<i32>,
        /// What the business gave the call to carry.
        tracking: Option<String>,
        /// The error code of a failure.
        code: Option<i32>,
    },
}
impl From<conek_core::transport::CallEvent> for CallEvent {
    fn from(v: conek_core::transport::CallEvent) -> Self {
        match v {
            conek_core::transport::CallEvent::Connect { by_business, session } => {
                Self::Connect {
                    by_business: by_business,
                    session: session.map(|x| x.into()),
                }
            }
            conek_core::transport::CallEvent::Ringing {} => Self::Ringing {},
            conek_core::transport::CallEvent::Accepted {} => Self::Accepted {},
            conek_core::transport::CallEvent::Rejected {} => Self::Rejected {},
            conek_core::transport::CallEvent::Terminate {
                by_business,
                completed,
                started_at,
                ended_at,
                seconds,
                tracking,
                code,
            } => {
                Self::Terminate {
                    by_business: by_business,
                    completed: completed,
                    started_at: started_at.map(|x| x.into()),
                    ended_at: ended_at.map(|x| x.into()),
                    seconds: seconds,
                    tracking: tracking,
                    code: code,
                }
            }
        }
    }
}
impl From<CallEvent> for conek_core::transport::CallEvent {
    fn from(v: CallEvent) -> Self {
        match v {
            CallEvent::Connect { by_business, session } => {
                Self::Connect {
                    by_business: by_business,
                    session: session.map(|x| x.into()),
                }
            }
            CallEvent::Ringing {} => Self::Ringing {},
            CallEvent::Accepted {} => Self::Accepted {},
            CallEvent::Rejected {} => Self::Rejected {},
            CallEvent::Terminate {
                by_business,
                completed,
                started_at,
                ended_at,
                seconds,
                tracking,
                code,
            } => {
                Self::Terminate {
                    by_business: by_business,
                    completed: completed,
                    started_at: started_at.map(|x| x.into()),
                    ended_at: ended_at.map(|x| x.into()),
                    seconds: seconds,
                    tracking: tracking,
                    code: code,
                }
            }
        }
    }
}
#[pymethods]
impl CallEvent {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::transport::CallEvent::from(CallEvent::clone(self)))
    }
}
plain! {
    #[doc = " Where a campaign stands."] CampaignState :
    conek_core::campaigns::CampaignState { #[doc = " Planned, not started."] Planned =
    "planned", #[doc = " Being sent."] Running = "running", #[doc =
    " Stopped for a while by the host."] Paused = "paused", #[doc =
    " Every message is final."] Completed = "completed", #[doc =
    " Ended by the host before its end."] Cancelled = "cancelled", }
}
/// What a card of a carousel does when it is tapped. All cards of one carousel do the same.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum CardAction {
    /// Opens an address.
    #[pyo3(constructor = (button, url))]
    Url {
        /// What the button says; at most 20 characters.
        button: String,
        /// The address, at most 2,000 characters.
        url: String,
    },
    /// One to three quick replies, as many on each card.
    #[pyo3(constructor = (*, buttons = Vec::new()))]
    Replies {
        /// The replies.
        buttons: Vec<Button>,
    },
}
impl From<conek_core::messaging::content::CardAction> for CardAction {
    fn from(v: conek_core::messaging::content::CardAction) -> Self {
        match v {
            conek_core::messaging::content::CardAction::Url { button, url } => {
                Self::Url {
                    button: button,
                    url: url,
                }
            }
            conek_core::messaging::content::CardAction::Replies { buttons } => {
                Self::Replies {
                    buttons: buttons.into_iter().map(|x| x.into()).collect(),
                }
            }
        }
    }
}
impl From<CardAction> for conek_core::messaging::content::CardAction {
    fn from(v: CardAction) -> Self {
        match v {
            CardAction::Url { button, url } => {
                Self::Url {
                    button: button,
                    url: url,
                }
            }
            CardAction::Replies { buttons } => {
                Self::Replies {
                    buttons: buttons.into_iter().map(|x| x.into()).collect(),
                }
            }
        }
    }
}
#[pymethods]
impl CardAction {
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::CardAction::from(CardAction::clone(self))
        )
    }
}
plain! {
    #[doc = " How a code reaches whoever holds the number."] CodeMethod :
    conek_core::platform::CodeMethod { #[doc = " A text message."] Sms = "sms", #[doc =
    " A call."] Voice = "voice", }
}
/// What became of a batch.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Committed {
    /// All of it is stored.
    #[pyo3(constructor = (*, appended = Vec::new()))]
    Done {
        /// The ids given to its `Append` steps, in order.
        appended: Vec<String>,
    },
    /// None of it is stored: `write` is the index of the step that did not fit.
    #[pyo3(constructor = (write, reason))]
    Conflict {
        /// Index into the batch's writes.
        write: i32,
        /// `exists`, `version` or `token:<name>`.
        reason: String,
    },
}
impl From<conek_core::storage::Committed> for Committed {
    fn from(v: conek_core::storage::Committed) -> Self {
        match v {
            conek_core::storage::Committed::Done { appended } => {
                Self::Done { appended: appended }
            }
            conek_core::storage::Committed::Conflict { write, reason } => {
                Self::Conflict {
                    write: write,
                    reason: reason,
                }
            }
        }
    }
}
impl From<Committed> for conek_core::storage::Committed {
    fn from(v: Committed) -> Self {
        match v {
            Committed::Done { appended } => Self::Done { appended: appended },
            Committed::Conflict { write, reason } => {
                Self::Conflict {
                    write: write,
                    reason: reason,
                }
            }
        }
    }
}
#[pymethods]
impl Committed {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::storage::Committed::from(Committed::clone(self)))
    }
}
plain! {
    #[doc = " Who acted in a consent event."] ConsentActor :
    conek_core::consent::ConsentActor { #[doc = " The data subject."] Subject =
    "subject", #[doc =
    " A competent person or holder of parental responsibility, for a child (POPIA s35(1)(a), GDPR 8(1))."]
    CompetentPerson = "competent_person", #[doc =
    " Somebody whom the person authorised."] Representative = "representative", #[doc =
    " The account itself. It can revoke and invalidate; it cannot consent."] Controller =
    "controller", #[doc =
    " WhatsApp, on its own account. It can stop; its \"resume\" gives nothing back that the person took."]
    Platform = "platform", }
}
impl Default for ConsentActor {
    fn default() -> Self {
        conek_core::consent::ConsentActor::default().into()
    }
}
plain! {
    #[doc = " By what way consent came or went."] ConsentSource :
    conek_core::consent::ConsentSource { #[doc = " A checkbox at registration."]
    RegistrationCheckbox = "registration_checkbox", #[doc =
    " A form by e-mail or on the web."] Form = "form", #[doc =
    " An explicit request, answered."] ExplicitRequest = "explicit_request", #[doc =
    " The person's own words on WhatsApp."] WhatsappReply = "whatsapp_reply", #[doc =
    " A file that the host imported, with the evidence's reference."] Import = "import",
    #[doc = " WhatsApp's own stop, resume or sign-up."] Platform = "platform", #[doc =
    " The unsubscribe link or preference page."] PreferencePage = "preference_page",
    #[doc = " A person of the host, for example after a call."] Agent = "agent", }
}
plain! {
    #[doc = " Where consent stands. Only `given` and `renewed` allow anything."]
    ConsentStatus : conek_core::consent::ConsentStatus { #[doc = " Nothing is recorded."]
    Unknown = "unknown", #[doc = " The person was asked and has not answered."] Requested
    = "requested", #[doc = " The person said no."] Refused = "refused", #[doc =
    " The person said yes."] Given = "given", #[doc = " The person said yes again."]
    Renewed = "renewed", #[doc = " Its time is over."] Expired = "expired", #[doc =
    " The person took it back."] Withdrawn = "withdrawn", #[doc =
    " The account took it back."] Revoked = "revoked", #[doc =
    " It never was valid, or the number has another owner now."] Invalidated =
    "invalidated", }
}
impl Default for ConsentStatus {
    fn default() -> Self {
        conek_core::consent::ConsentStatus::default().into()
    }
}
/// What a message says. Everything but a template is free text in the law's and WhatsApp's sense: it leaves only
/// within 24 hours of the person's last message.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Content {
    /// Free text, at most 4,096 characters. Only within 24 hours of the person's last message.
    #[pyo3(constructor = (body, *, preview_url = false))]
    Text {
        /// The text.
        body: String,
        /// Whether WhatsApp shows a preview of the first link.
        preview_url: bool,
    },
    /// An approved template. Its values are checked against the definition that `templates.put` stored.
    #[pyo3(
        constructor = (
            name,
            language,
            *,
            header = None,
            body = Vec::new(),
            buttons = Vec::new(),
            cards = Vec::new(),
            offer_ends_at = None
        )
    )]
    Template {
        /// Its name.
        name: String,
        /// Its language, for example `en` or `pt_BR`.
        language: String,
        /// The header, where the template has one that takes a value.
        header: Option<Header>,
        /// The body's placeholders.
        body: Vec<Parameter>,
        /// The buttons that take a value.
        buttons: Vec<TemplateButton>,
        /// The cards, where the template has a carousel: all of them, in order.
        cards: Vec<TemplateCard>,
        /// When the offer ends, where the template has a limited-time offer that counts down.
        offer_ends_at: Option<Moment>,
    },
    /// A picture: JPEG or PNG, at most 5 MB.
    #[pyo3(constructor = (media, *, caption = None))]
    Image {
        /// The picture.
        media: Media,
        /// At most 1,024 characters.
        caption: Option<String>,
    },
    /// A film: MP4 or 3GP with H.264 and AAC, at most 16 MB.
    #[pyo3(constructor = (media, *, caption = None))]
    Video {
        /// The film.
        media: Media,
        /// At most 1,024 characters.
        caption: Option<String>,
    },
    /// A recording: AAC, AMR, MP3, M4A or OGG, at most 16 MB.
    #[pyo3(constructor = (media, *, voice = false))]
    Audio {
        /// The recording.
        media: Media,
        /// Whether it is shown as a voice message: OGG with Opus, mono, only.
        voice: bool,
    },
    /// A file, at most 100 MB.
    #[pyo3(constructor = (media, *, caption = None, filename = None))]
    Document {
        /// The file.
        media: Media,
        /// At most 1,024 characters.
        caption: Option<String>,
        /// Its name on the phone.
        filename: Option<String>,
    },
    /// A sticker: WebP, at most 100 KB, or 500 KB if it moves.
    #[pyo3(constructor = (media))]
    Sticker {
        /// The sticker.
        media: Media,
    },
    /// A place on the map.
    #[pyo3(constructor = (place))]
    Location {
        /// The place.
        place: Place,
    },
    /// One to 257 contact cards.
    #[pyo3(constructor = (*, contacts = Vec::new()))]
    Contacts {
        /// The cards.
        contacts: Vec<ContactCard>,
    },
    /// Text with one to three quick replies.
    #[pyo3(constructor = (body, *, header = None, footer = None, buttons = Vec::new()))]
    Buttons {
        /// At most 1,024 characters.
        body: String,
        /// What stands above: text, a picture, a film or a document.
        header: Option<Header>,
        /// At most 60 characters.
        footer: Option<String>,
        /// One to three, with different ids and titles.
        buttons: Vec<Button>,
    },
    /// Text with a list to choose from.
    #[pyo3(
        constructor = (
            body,
            button,
            *,
            header = None,
            footer = None,
            sections = Vec::new()
        )
    )]
    List {
        /// At most 1,024 characters (Meta allows 4,096 in lists on some versions; conek keeps the lower).
        body: String,
        /// What opens the list; at most 20 characters.
        button: String,
        /// At most 60 characters.
        header: Option<String>,
        /// At most 60 characters.
        footer: Option<String>,
        /// One to ten sections with at most ten rows in all.
        sections: Vec<ListSection>,
    },
    /// Text with a button that opens an address (`cta_url`).
    #[pyo3(constructor = (body, button, url, *, header = None, footer = None))]
    UrlButton {
        /// At most 1,024 characters.
        body: String,
        /// What the button says; at most 20 characters.
        button: String,
        /// The address, at most 2,000 characters.
        url: String,
        /// What stands above: text, a picture, a film or a document.
        header: Option<Header>,
        /// At most 60 characters.
        footer: Option<String>,
    },
    /// Text with a button that opens a form (WhatsApp Flows).
    #[pyo3(
        constructor = (
            body,
            flow,
            button,
            start,
            *,
            header = None,
            footer = None,
            token = None,
            draft = false
        )
    )]
    Flow {
        /// At most 1,024 characters.
        body: String,
        /// Which form.
        flow: FlowRef,
        /// What the button says; at most 20 characters (Meta says 30 and shows 20).
        button: String,
        /// How the form begins.
        start: FlowStart,
        /// What stands above: text, a picture, a film or a document.
        header: Option<Header>,
        /// At most 60 characters.
        footer: Option<String>,
        /// Comes back with the answers; at most 1,024 characters. `unused` if missing.
        token: Option<String>,
        /// Whether the form is still a draft, which only test numbers are shown.
        draft: bool,
    },
    /// Text with a button that sends the person's location.
    #[pyo3(constructor = (body))]
    LocationRequest {
        /// At most 1,024 characters.
        body: String,
    },
    /// Text with a button that shares the person's phone number: of somebody who is known by a BSUID only.
    #[pyo3(constructor = (body))]
    ContactInfoRequest {
        /// At most 1,024 characters.
        body: String,
    },
    /// Asks whether the business may call.
    #[pyo3(constructor = (body))]
    CallPermissionRequest {
        /// At most 1,024 characters.
        body: String,
    },
    /// Text with a button that calls the business.
    #[pyo3(constructor = (body, *, button = None, ttl_minutes = None, payload = None))]
    VoiceCall {
        /// At most 1,024 characters.
        body: String,
        /// What the button says; at most 20 characters, `Call Now` if missing.
        button: Option<String>,
        /// How long the button works, 1 to 43,200 minutes; 10,080 (7 days) if missing.
        ttl_minutes: Option<i32>,
        /// Comes back with the call; at most 512 characters.
        payload: Option<String>,
    },
    /// One product of a catalog.
    #[pyo3(constructor = (catalog_id, product_id, *, body = None, footer = None))]
    Product {
        /// Meta's id of the catalog.
        catalog_id: String,
        /// The product's id in the catalog.
        product_id: String,
        /// At most 1,024 characters.
        body: Option<String>,
        /// At most 60 characters.
        footer: Option<String>,
    },
    /// Up to 30 products of a catalog.
    #[pyo3(
        constructor = (header, body, catalog_id, *, footer = None, sections = Vec::new())
    )]
    ProductList {
        /// What stands above; at most 60 characters.
        header: String,
        /// At most 1,024 characters.
        body: String,
        /// Meta's id of the catalog.
        catalog_id: String,
        /// At most 60 characters.
        footer: Option<String>,
        /// One to ten sections with at most 30 products in all.
        sections: Vec<ProductSection>,
    },
    /// A whole catalog.
    #[pyo3(constructor = (body, *, footer = None, thumbnail = None))]
    Catalog {
        /// At most 1,024 characters.
        body: String,
        /// At most 60 characters.
        footer: Option<String>,
        /// The product whose picture is shown; the first one's without it.
        thumbnail: Option<String>,
    },
    /// Two to ten cards side by side, each with a picture or a film.
    #[pyo3(constructor = (body, *, cards = Vec::new()))]
    Carousel {
        /// At most 1,024 characters.
        body: String,
        /// The cards, all of one make.
        cards: Vec<CarouselCard>,
    },
    /// Asks for a postal address. Meta offers it between businesses and people of the same
    /// country only: India, at this time.
    #[pyo3(
        constructor = (
            body,
            country,
            *,
            footer = None,
            values = BTreeMap::new(),
            saved = Vec::new(),
            errors = BTreeMap::new()
        )
    )]
    AddressRequest {
        /// At most 1,024 characters.
        body: String,
        /// The country, two letters.
        country: String,
        /// At most 60 characters.
        footer: Option<String>,
        /// What is filled in already, by WhatsApp's names of fields, for example `city`.
        values: BTreeMap<String, String>,
        /// Addresses that are offered.
        saved: Vec<SavedAddress>,
        /// What was wrong with the last answer, by field.
        errors: BTreeMap<String, String>,
    },
    /// An order that is to be reviewed and paid.
    #[pyo3(constructor = (body, order, *, header = None, footer = None))]
    OrderDetails {
        /// At most 1,024 characters.
        body: String,
        /// The order.
        order: Order,
        /// A picture above; the first product's without it.
        header: Option<Header>,
        /// At most 60 characters.
        footer: Option<String>,
    },
    /// Where an order stands that was sent before.
    #[pyo3(constructor = (body, reference, stage, *, footer = None, description = None))]
    OrderStatus {
        /// At most 1,024 characters.
        body: String,
        /// The order's reference.
        reference: String,
        /// Where it stands.
        stage: OrderStage,
        /// At most 60 characters.
        footer: Option<String>,
        /// At most 120 characters.
        description: Option<String>,
    },
    /// An emoji on a message; an empty one takes it back.
    #[pyo3(constructor = (message_id, emoji))]
    Reaction {
        /// WhatsApp's id of the message.
        message_id: String,
        /// The emoji, or empty.
        emoji: String,
    },
    /// A message of a kind that conek has no type for. It passes the gate like any other: as free text, or as the
    /// template that it names, which must be stored. Recipient, sender and echo are conek's alone.
    #[pyo3(constructor = (kind, payload))]
    Raw {
        /// WhatsApp's name of the kind, which is also the name of its object, for example `interactive`.
        kind: String,
        /// That object (or, for contacts, list) as JSON text, at most 64 KB.
        payload: String,
    },
}
impl From<conek_core::messaging::content::Content> for Content {
    fn from(v: conek_core::messaging::content::Content) -> Self {
        match v {
            conek_core::messaging::content::Content::Text { body, preview_url } => {
                Self::Text {
                    body: body,
                    preview_url: preview_url,
                }
            }
            conek_core::messaging::content::Content::Template {
                name,
                language,
                header,
                body,
                buttons,
                cards,
                offer_ends_at,
            } => {
                Self::Template {
                    name: name,
                    language: language,
                    header: header.map(|x| x.into()),
                    body: body.into_iter().map(|x| x.into()).collect(),
                    buttons: buttons.into_iter().map(|x| x.into()).collect(),
                    cards: cards.into_iter().map(|x| x.into()).collect(),
                    offer_ends_at: offer_ends_at.map(|x| x.into()),
                }
            }
            conek_core::messaging::content::Content::Image { media, caption } => {
                Self::Image {
                    media: media.into(),
                    caption: caption,
                }
            }
            conek_core::messaging::content::Content::Video { media, caption } => {
                Self::Video {
                    media: media.into(),
                    caption: caption,
                }
            }
            conek_core::messaging::content::Content::Audio { media, voice } => {
                Self::Audio {
                    media: media.into(),
                    voice: voice,
                }
            }
            conek_core::messaging::content::Content::Document {
                media,
                caption,
                filename,
            } => {
                Self::Document {
                    media: media.into(),
                    caption: caption,
                    filename: filename,
                }
            }
            conek_core::messaging::content::Content::Sticker { media } => {
                Self::Sticker {
                    media: media.into(),
                }
            }
            conek_core::messaging::content::Content::Location { place } => {
                Self::Location {
                    place: place.into(),
                }
            }
            conek_core::messaging::content::Content::Contacts { contacts } => {
                Self::Contacts {
                    contacts: contacts.into_iter().map(|x| x.into()).collect(),
                }
            }
            conek_core::messaging::content::Content::Buttons {
                body,
                header,
                footer,
                buttons,
            } => {
                Self::Buttons {
                    body: body,
                    header: header.map(|x| x.into()),
                    footer: footer,
                    buttons: buttons.into_iter().map(|x| x.into()).collect(),
                }
            }
            conek_core::messaging::content::Content::List {
                body,
                header,
                footer,
                button,
                sections,
            } => {
                Self::List {
                    body: body,
                    header: header,
                    footer: footer,
                    button: button,
                    sections: sections.into_iter().map(|x| x.into()).collect(),
                }
            }
            conek_core::messaging::content::Content::UrlButton {
                body,
                header,
                footer,
                button,
                url,
            } => {
                Self::UrlButton {
                    body: body,
                    header: header.map(|x| x.into()),
                    footer: footer,
                    button: button,
                    url: url,
                }
            }
            conek_core::messaging::content::Content::Flow {
                body,
                header,
                footer,
                flow,
                button,
                token,
                start,
                draft,
            } => {
                Self::Flow {
                    body: body,
                    header: header.map(|x| x.into()),
                    footer: footer,
                    flow: flow.into(),
                    button: button,
                    token: token,
                    start: start.into(),
                    draft: draft,
                }
            }
            conek_core::messaging::content::Content::LocationRequest { body } => {
                Self::LocationRequest {
                    body: body,
                }
            }
            conek_core::messaging::content::Content::ContactInfoRequest { body } => {
                Self::ContactInfoRequest {
                    body: body,
                }
            }
            conek_core::messaging::content::Content::CallPermissionRequest { body } => {
                Self::CallPermissionRequest {
                    body: body,
                }
            }
            conek_core::messaging::content::Content::VoiceCall {
                body,
                button,
                ttl_minutes,
                payload,
            } => {
                Self::VoiceCall {
                    body: body,
                    button: button,
                    ttl_minutes: ttl_minutes,
                    payload: payload,
                }
            }
            conek_core::messaging::content::Content::Product {
                body,
                footer,
                catalog_id,
                product_id,
            } => {
                Self::Product {
                    body: body,
                    footer: footer,
                    catalog_id: catalog_id,
                    product_id: product_id,
                }
            }
            conek_core::messaging::content::Content::ProductList {
                header,
                body,
                footer,
                catalog_id,
                sections,
            } => {
                Self::ProductList {
                    header: header,
                    body: body,
                    footer: footer,
                    catalog_id: catalog_id,
                    sections: sections.into_iter().map(|x| x.into()).collect(),
                }
            }
            conek_core::messaging::content::Content::Catalog {
                body,
                footer,
                thumbnail,
            } => {
                Self::Catalog {
                    body: body,
                    footer: footer,
                    thumbnail: thumbnail,
                }
            }
            conek_core::messaging::content::Content::Carousel { body, cards } => {
                Self::Carousel {
                    body: body,
                    cards: cards.into_iter().map(|x| x.into()).collect(),
                }
            }
            conek_core::messaging::content::Content::AddressRequest {
                body,
                footer,
                country,
                values,
                saved,
                errors,
            } => {
                Self::AddressRequest {
                    body: body,
                    footer: footer,
                    country: country,
                    values: values,
                    saved: saved.into_iter().map(|x| x.into()).collect(),
                    errors: errors,
                }
            }
            conek_core::messaging::content::Content::OrderDetails {
                body,
                header,
                footer,
                order,
            } => {
                Self::OrderDetails {
                    body: body,
                    header: header.map(|x| x.into()),
                    footer: footer,
                    order: order.into(),
                }
            }
            conek_core::messaging::content::Content::OrderStatus {
                body,
                footer,
                reference,
                stage,
                description,
            } => {
                Self::OrderStatus {
                    body: body,
                    footer: footer,
                    reference: reference,
                    stage: stage.into(),
                    description: description,
                }
            }
            conek_core::messaging::content::Content::Reaction { message_id, emoji } => {
                Self::Reaction {
                    message_id: message_id,
                    emoji: emoji,
                }
            }
            conek_core::messaging::content::Content::Raw { kind, payload } => {
                Self::Raw {
                    kind: kind,
                    payload: payload,
                }
            }
        }
    }
}
impl From<Content> for conek_core::messaging::content::Content {
    fn from(v: Content) -> Self {
        match v {
            Content::Text { body, preview_url } => {
                Self::Text {
                    body: body,
                    preview_url: preview_url,
                }
            }
            Content::Template {
                name,
                language,
                header,
                body,
                buttons,
                cards,
                offer_ends_at,
            } => {
                Self::Template {
                    name: name,
                    language: language,
                    header: header.map(|x| x.into()),
                    body: body.into_iter().map(|x| x.into()).collect(),
                    buttons: buttons.into_iter().map(|x| x.into()).collect(),
                    cards: cards.into_iter().map(|x| x.into()).collect(),
                    offer_ends_at: offer_ends_at.map(|x| x.into()),
                }
            }
            Content::Image { media, caption } => {
                Self::Image {
                    media: media.into(),
                    caption: caption,
                }
            }
            Content::Video { media, caption } => {
                Self::Video {
                    media: media.into(),
                    caption: caption,
                }
            }
            Content::Audio { media, voice } => {
                Self::Audio {
                    media: media.into(),
                    voice: voice,
                }
            }
            Content::Document { media, caption, filename } => {
                Self::Document {
                    media: media.into(),
                    caption: caption,
                    filename: filename,
                }
            }
            Content::Sticker { media } => {
                Self::Sticker {
                    media: media.into(),
                }
            }
            Content::Location { place } => {
                Self::Location {
                    place: place.into(),
                }
            }
            Content::Contacts { contacts } => {
                Self::Contacts {
                    contacts: contacts.into_iter().map(|x| x.into()).collect(),
                }
            }
            Content::Buttons { body, header, footer, buttons } => {
                Self::Buttons {
                    body: body,
                    header: header.map(|x| x.into()),
                    footer: footer,
                    buttons: buttons.into_iter().map(|x| x.into()).collect(),
                }
            }
            Content::List { body, header, footer, button, sections } => {
                Self::List {
                    body: body,
                    header: header,
                    footer: footer,
                    button: button,
                    sections: sections.into_iter().map(|x| x.into()).collect(),
                }
            }
            Content::UrlButton { body, header, footer, button, url } => {
                Self::UrlButton {
                    body: body,
                    header: header.map(|x| x.into()),
                    footer: footer,
                    button: button,
                    url: url,
                }
            }
            Content::Flow { body, header, footer, flow, button, token, start, draft } => {
                Self::Flow {
                    body: body,
                    header: header.map(|x| x.into()),
                    footer: footer,
                    flow: flow.into(),
                    button: button,
                    token: token,
                    start: start.into(),
                    draft: draft,
                }
            }
            Content::LocationRequest { body } => {
                Self::LocationRequest {
                    body: body,
                }
            }
            Content::ContactInfoRequest { body } => {
                Self::ContactInfoRequest {
                    body: body,
                }
            }
            Content::CallPermissionRequest { body } => {
                Self::CallPermissionRequest {
                    body: body,
                }
            }
            Content::VoiceCall { body, button, ttl_minutes, payload } => {
                Self::VoiceCall {
                    body: body,
                    button: button,
                    ttl_minutes: ttl_minutes,
                    payload: payload,
                }
            }
            Content::Product { body, footer, catalog_id, product_id } => {
                Self::Product {
                    body: body,
                    footer: footer,
                    catalog_id: catalog_id,
                    product_id: product_id,
                }
            }
            Content::ProductList { header, body, footer, catalog_id, sections } => {
                Self::ProductList {
                    header: header,
                    body: body,
                    footer: footer,
                    catalog_id: catalog_id,
                    sections: sections.into_iter().map(|x| x.into()).collect(),
                }
            }
            Content::Catalog { body, footer, thumbnail } => {
                Self::Catalog {
                    body: body,
                    footer: footer,
                    thumbnail: thumbnail,
                }
            }
            Content::Carousel { body, cards } => {
                Self::Carousel {
                    body: body,
                    cards: cards.into_iter().map(|x| x.into()).collect(),
                }
            }
            Content::AddressRequest { body, footer, country, values, saved, errors } => {
                Self::AddressRequest {
                    body: body,
                    footer: footer,
                    country: country,
                    values: values,
                    saved: saved.into_iter().map(|x| x.into()).collect(),
                    errors: errors,
                }
            }
            Content::OrderDetails { body, header, footer, order } => {
                Self::OrderDetails {
                    body: body,
                    header: header.map(|x| x.into()),
                    footer: footer,
                    order: order.into(),
                }
            }
            Content::OrderStatus { body, footer, reference, stage, description } => {
                Self::OrderStatus {
                    body: body,
                    footer: footer,
                    reference: reference,
                    stage: stage.into(),
                    description: description,
                }
            }
            Content::Reaction { message_id, emoji } => {
                Self::Reaction {
                    message_id: message_id,
                    emoji: emoji,
                }
            }
            Content::Raw { kind, payload } => {
                Self::Raw {
                    kind: kind,
                    payload: payload,
                }
            }
        }
    }
}
#[pymethods]
impl Content {
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::content::Content::from(Content::clone(self))
        )
    }
}
plain! {
    #[doc = " By what conversations are told apart."] ConversationDimension :
    conek_core::platform::ConversationDimension { #[doc = " What they are about."]
    Category = "category", #[doc = " Who began."] Direction = "direction", #[doc =
    " Whether they are charged."] Kind = "kind", #[doc = " The country of the person."]
    Country = "country", #[doc = " The number of the business."] Phone = "phone", }
}
plain! {
    #[doc = " Which messages are counted."] CountedMessages :
    conek_core::platform::CountedMessages { #[doc = " Templates that the business sent."]
    Templates = "templates", #[doc = " Everything else that the business sent."] FreeForm
    = "free_form", #[doc = " What people wrote."] Incoming = "incoming", }
}
/// What the gate says.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Decision {
    /// Yes.
    #[pyo3(constructor = (basis))]
    Allow {
        /// On what basis.
        basis: Basis,
    },
    /// No.
    #[pyo3(constructor = (*, reasons = Vec::new()))]
    Deny {
        /// All reasons, the strongest first.
        reasons: Vec<Reason>,
    },
    /// Not yet.
    #[pyo3(constructor = (until, *, reasons = Vec::new()))]
    Defer {
        /// When to ask again.
        until: Moment,
        /// Why.
        reasons: Vec<Reason>,
    },
    /// Somebody has to answer first.
    #[pyo3(constructor = (question, *, reasons = Vec::new()))]
    Ask {
        /// What must be asked.
        question: String,
        /// Why.
        reasons: Vec<Reason>,
    },
}
impl From<conek_core::policy::Decision> for Decision {
    fn from(v: conek_core::policy::Decision) -> Self {
        match v {
            conek_core::policy::Decision::Allow { basis } => {
                Self::Allow { basis: basis.into() }
            }
            conek_core::policy::Decision::Deny { reasons } => {
                Self::Deny {
                    reasons: reasons.into_iter().map(|x| x.into()).collect(),
                }
            }
            conek_core::policy::Decision::Defer { until, reasons } => {
                Self::Defer {
                    until: until.into(),
                    reasons: reasons.into_iter().map(|x| x.into()).collect(),
                }
            }
            conek_core::policy::Decision::Ask { question, reasons } => {
                Self::Ask {
                    question: question,
                    reasons: reasons.into_iter().map(|x| x.into()).collect(),
                }
            }
        }
    }
}
impl From<Decision> for conek_core::policy::Decision {
    fn from(v: Decision) -> Self {
        match v {
            Decision::Allow { basis } => Self::Allow { basis: basis.into() },
            Decision::Deny { reasons } => {
                Self::Deny {
                    reasons: reasons.into_iter().map(|x| x.into()).collect(),
                }
            }
            Decision::Defer { until, reasons } => {
                Self::Defer {
                    until: until.into(),
                    reasons: reasons.into_iter().map(|x| x.into()).collect(),
                }
            }
            Decision::Ask { question, reasons } => {
                Self::Ask {
                    question: question,
                    reasons: reasons.into_iter().map(|x| x.into()).collect(),
                }
            }
        }
    }
}
#[pymethods]
impl Decision {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::Decision::from(Decision::clone(self)))
    }
}
plain! {
    #[doc = " Why somebody is erased."] ErasureGround : conek_core::rights::ErasureGround
    { #[doc = " They asked for it (GDPR 17, POPIA s24)."] Request = "request", #[doc =
    " They are a child, as a guardian says."] Child = "child", #[doc =
    " Their time is over (POPIA s14, GDPR 5(1)(e))."] Retention = "retention", #[doc =
    " The host decided so."] Host = "host", }
}
impl Default for ErasureGround {
    fn default() -> Self {
        conek_core::rights::ErasureGround::default().into()
    }
}
plain! {
    #[doc = " What kind of proof stands behind a consent event."] EvidenceKind :
    conek_core::consent::EvidenceKind { #[doc = " Not said."] Other = "other", #[doc =
    " A message of the person; the reference is its id."] Message = "message", #[doc =
    " A form, on paper or on the web (POPIA Form 4); the reference is its id."] Form =
    "form", #[doc =
    " A recording, which is given to the person on request and free of charge; the reference is where it is kept."]
    Recording = "recording", #[doc =
    " A sign-up within WhatsApp; the reference is its `signup_id`."] Signup = "signup",
    #[doc = " The page of preferences."] PreferencePage = "preference_page", #[doc =
    " A file that was imported; the reference is what the file said."] Import = "import",
    }
}
impl Default for EvidenceKind {
    fn default() -> Self {
        conek_core::consent::EvidenceKind::default().into()
    }
}
plain! {
    #[doc = " What an export answers."] ExportKind : conek_core::rights::ExportKind {
    #[doc = " Everything that is held (GDPR 15, POPIA s23)."] Access = "access", #[doc =
    " What the person provided, to take along (GDPR 20)."] Portability = "portability", }
}
impl Default for ExportKind {
    fn default() -> Self {
        conek_core::rights::ExportKind::default().into()
    }
}
plain! {
    #[doc = " A field that somebody does not see."] FieldMask :
    conek_core::audit::FieldMask { #[doc =
    " Phone numbers: only the last four digits are shown, and no BSUID."] Phone =
    "phone", #[doc = " Names."] Name = "name", #[doc = " The host's own attributes."]
    Attributes = "attributes", #[doc = " What messages say."] Content = "content", }
}
plain! {
    #[doc = " Why a phone asks."] FlowAction : conek_core::flow_endpoint::FlowAction {
    #[doc =
    " Nobody: WhatsApp looks whether the endpoint is there. Answer `FlowAnswer.Active`."]
    Ping = "ping", #[doc = " The flow was opened, and its first screen is wanted."] Init
    = "init", #[doc =
    " The person went back to a screen that wants to be asked for anew (`refresh_on_back`)."]
    Back = "back", #[doc = " The person submitted a screen."] DataExchange =
    "data_exchange", }
}
/// What to answer.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum FlowAnswer {
    /// To a ping: the endpoint is there.
    #[pyo3(constructor = ())]
    Active {},
    /// To an error that was told.
    #[pyo3(constructor = ())]
    Acknowledged {},
    /// This screen comes next.
    #[pyo3(constructor = (screen, data))]
    Screen {
        /// Its id.
        screen: String,
        /// What it is given: a JSON object, as text. With `error_message` in it, the phone shows that text on the
        /// screen that the person is on.
        data: String,
    },
    /// The flow is done: the phone closes it and sends the message that tells so.
    #[pyo3(constructor = (params))]
    Complete {
        /// What the message carries: a JSON object, as text. The request's `flow_token` is added.
        params: String,
    },
    /// The flow token no longer counts, for example because the order was placed. Status 427: the phone closes the
    /// flow and lets nobody open it from this message again.
    #[pyo3(constructor = (message))]
    TokenEnded {
        /// What the person is told.
        message: String,
    },
}
impl From<conek_core::flow_endpoint::FlowAnswer> for FlowAnswer {
    fn from(v: conek_core::flow_endpoint::FlowAnswer) -> Self {
        match v {
            conek_core::flow_endpoint::FlowAnswer::Active {} => Self::Active {},
            conek_core::flow_endpoint::FlowAnswer::Acknowledged {} => {
                Self::Acknowledged {}
            }
            conek_core::flow_endpoint::FlowAnswer::Screen { screen, data } => {
                Self::Screen {
                    screen: screen,
                    data: data,
                }
            }
            conek_core::flow_endpoint::FlowAnswer::Complete { params } => {
                Self::Complete { params: params }
            }
            conek_core::flow_endpoint::FlowAnswer::TokenEnded { message } => {
                Self::TokenEnded {
                    message: message,
                }
            }
        }
    }
}
impl From<FlowAnswer> for conek_core::flow_endpoint::FlowAnswer {
    fn from(v: FlowAnswer) -> Self {
        match v {
            FlowAnswer::Active {} => Self::Active {},
            FlowAnswer::Acknowledged {} => Self::Acknowledged {},
            FlowAnswer::Screen { screen, data } => {
                Self::Screen {
                    screen: screen,
                    data: data,
                }
            }
            FlowAnswer::Complete { params } => Self::Complete { params: params },
            FlowAnswer::TokenEnded { message } => {
                Self::TokenEnded {
                    message: message,
                }
            }
        }
    }
}
#[pymethods]
impl FlowAnswer {
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::flow_endpoint::FlowAnswer::from(FlowAnswer::clone(self))
        )
    }
}
/// Which form a message opens.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum FlowRef {
    /// By WhatsApp's id of the flow.
    #[pyo3(constructor = (id))]
    Id {
        /// The id.
        id: String,
    },
    /// By the name that the account gave it.
    #[pyo3(constructor = (name))]
    Name {
        /// The name.
        name: String,
    },
}
impl From<conek_core::messaging::content::FlowRef> for FlowRef {
    fn from(v: conek_core::messaging::content::FlowRef) -> Self {
        match v {
            conek_core::messaging::content::FlowRef::Id { id } => Self::Id { id: id },
            conek_core::messaging::content::FlowRef::Name { name } => {
                Self::Name { name: name }
            }
        }
    }
}
impl From<FlowRef> for conek_core::messaging::content::FlowRef {
    fn from(v: FlowRef) -> Self {
        match v {
            FlowRef::Id { id } => Self::Id { id: id },
            FlowRef::Name { name } => Self::Name { name: name },
        }
    }
}
#[pymethods]
impl FlowRef {
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::content::FlowRef::from(FlowRef::clone(self))
        )
    }
}
/// How a form begins.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum FlowStart {
    /// At the first screen that the flow itself names.
    #[pyo3(constructor = ())]
    First {},
    /// At this screen.
    #[pyo3(constructor = (screen, *, data = None))]
    Screen {
        /// The screen's id.
        screen: String,
        /// What the screen is given: a JSON object with at least one key, as text.
        data: Option<String>,
    },
    /// The flow's endpoint is asked for the first screen.
    #[pyo3(constructor = ())]
    Exchange {},
}
impl From<conek_core::messaging::content::FlowStart> for FlowStart {
    fn from(v: conek_core::messaging::content::FlowStart) -> Self {
        match v {
            conek_core::messaging::content::FlowStart::First {} => Self::First {},
            conek_core::messaging::content::FlowStart::Screen { screen, data } => {
                Self::Screen {
                    screen: screen,
                    data: data,
                }
            }
            conek_core::messaging::content::FlowStart::Exchange {} => Self::Exchange {},
        }
    }
}
impl From<FlowStart> for conek_core::messaging::content::FlowStart {
    fn from(v: FlowStart) -> Self {
        match v {
            FlowStart::First {} => Self::First {},
            FlowStart::Screen { screen, data } => {
                Self::Screen {
                    screen: screen,
                    data: data,
                }
            }
            FlowStart::Exchange {} => Self::Exchange {},
        }
    }
}
#[pymethods]
impl FlowStart {
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::FlowStart::from(FlowStart::clone(self))
        )
    }
}
plain! {
    #[doc = " How long the time is that one point stands for."] Granularity :
    conek_core::platform::Granularity { #[doc = " Half an hour."] HalfHour = "half_hour",
    #[doc = " A day, in the account's time zone."] Day = "day", #[doc =
    " A month, in the account's time zone."] Month = "month", }
}
plain! {
    #[doc = " What a call does."] GraphMethod : conek_core::transport::GraphMethod {
    #[doc = " Reads. May be repeated without harm."] Get = "get", #[doc =
    " Makes or changes."] Post = "post", #[doc = " Takes away."] Delete = "delete", }
}
/// What a call carries. `Debug` shows the kind alone: PINs, tokens and numbers of people are in it.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum GraphPayload {
    /// Nothing.
    #[pyo3(constructor = ())]
    Empty {},
    /// A JSON object.
    #[pyo3(constructor = (json))]
    Json {
        /// As text.
        json: String,
    },
    /// A form with one file, `multipart/form-data`; the file's part is called `file`.
    #[pyo3(constructor = (filename, mime, bytes, *, fields = BTreeMap::new()))]
    Form {
        /// The file's name.
        filename: String,
        /// Its type.
        mime: String,
        /// Its bytes.
        bytes: Vec<u8>,
        /// The text fields.
        fields: BTreeMap<String, String>,
    },
    /// Bytes of an upload that was begun, as they are.
    #[pyo3(constructor = (offset, bytes))]
    Bytes {
        /// How many bytes came before; the header `file_offset`.
        offset: i64,
        /// The bytes.
        bytes: Vec<u8>,
    },
}
impl From<conek_core::transport::GraphPayload> for GraphPayload {
    fn from(v: conek_core::transport::GraphPayload) -> Self {
        match v {
            conek_core::transport::GraphPayload::Empty {} => Self::Empty {},
            conek_core::transport::GraphPayload::Json { json } => {
                Self::Json { json: json }
            }
            conek_core::transport::GraphPayload::Form {
                fields,
                filename,
                mime,
                bytes,
            } => {
                Self::Form {
                    fields: fields,
                    filename: filename,
                    mime: mime,
                    bytes: bytes,
                }
            }
            conek_core::transport::GraphPayload::Bytes { offset, bytes } => {
                Self::Bytes {
                    offset: offset,
                    bytes: bytes,
                }
            }
        }
    }
}
impl From<GraphPayload> for conek_core::transport::GraphPayload {
    fn from(v: GraphPayload) -> Self {
        match v {
            GraphPayload::Empty {} => Self::Empty {},
            GraphPayload::Json { json } => Self::Json { json: json },
            GraphPayload::Form { fields, filename, mime, bytes } => {
                Self::Form {
                    fields: fields,
                    filename: filename,
                    mime: mime,
                    bytes: bytes,
                }
            }
            GraphPayload::Bytes { offset, bytes } => {
                Self::Bytes {
                    offset: offset,
                    bytes: bytes,
                }
            }
        }
    }
}
#[pymethods]
impl GraphPayload {
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::transport::GraphPayload::from(GraphPayload::clone(self))
        )
    }
}
/// What happened.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Happening {
    /// A person wrote.
    #[pyo3(constructor = (receiver, wamid, reply))]
    Received {
        /// The phone number id that received it.
        receiver: String,
        /// WhatsApp's id of their message.
        wamid: String,
        /// What it says.
        reply: Reply,
    },
    /// A message of ours moved on.
    #[pyo3(constructor = (kind, *, code = None))]
    Delivery {
        /// How far.
        kind: StatusKind,
        /// The error code of a failure.
        code: Option<i32>,
    },
    /// A person opted out.
    #[pyo3(constructor = (purpose))]
    OptedOut {
        /// Of what.
        purpose: Purpose,
    },
    /// A person opted in again.
    #[pyo3(constructor = (purpose))]
    OptedIn {
        /// To what.
        purpose: Purpose,
    },
    /// A person said something that may mean stop. Marketing to them is suspended until it is clear.
    #[pyo3(constructor = (wamid))]
    Unclear {
        /// WhatsApp's id of their message.
        wamid: String,
    },
    /// A person asked about their data, in a message or on their page: a request was opened.
    #[pyo3(constructor = (request, right))]
    RightAsked {
        /// The request.
        request: String,
        /// What for.
        right: RightKind,
    },
    /// Time for what is owed to a person or an authority runs out: each of the percentages is told of once, within the
    /// hour, until it is done. The case says whom it concerns.
    #[pyo3(constructor = (case, duty, percent, due_at))]
    Alarm {
        /// The request or the breach case.
        case: String,
        /// What is owed: the right that was asked for, or whom the breach must be told to.
        duty: String,
        /// How much of the time is gone: 50, 80 or 100. Of a breach: 80 when its warning is due, 100 when it is late.
        percent: i32,
        /// By when it is due.
        due_at: Moment,
    },
    /// A template's status changed at WhatsApp.
    #[pyo3(constructor = (name, language, status))]
    Template {
        /// Its name.
        name: String,
        /// Its language.
        language: String,
        /// Its new status.
        status: String,
    },
    /// Something happened to a call.
    #[pyo3(constructor = (number, call, event))]
    Call {
        /// The phone number id.
        number: String,
        /// WhatsApp's id of the call.
        call: String,
        /// What happened.
        event: CallEvent,
    },
    /// An update that conek has no type for, whole.
    #[pyo3(constructor = (field, json))]
    Unknown {
        /// The webhook field.
        field: String,
        /// The update as JSON.
        json: String,
    },
}
impl From<conek_core::inbound::Happening> for Happening {
    fn from(v: conek_core::inbound::Happening) -> Self {
        match v {
            conek_core::inbound::Happening::Received { receiver, wamid, reply } => {
                Self::Received {
                    receiver: receiver,
                    wamid: wamid,
                    reply: reply.into(),
                }
            }
            conek_core::inbound::Happening::Delivery { kind, code } => {
                Self::Delivery {
                    kind: kind.into(),
                    code: code,
                }
            }
            conek_core::inbound::Happening::OptedOut { purpose } => {
                Self::OptedOut {
                    purpose: purpose.into(),
                }
            }
            conek_core::inbound::Happening::OptedIn { purpose } => {
                Self::OptedIn {
                    purpose: purpose.into(),
                }
            }
            conek_core::inbound::Happening::Unclear { wamid } => {
                Self::Unclear { wamid: wamid }
            }
            conek_core::inbound::Happening::RightAsked { request, right } => {
                Self::RightAsked {
                    request: request,
                    right: right.into(),
                }
            }
            conek_core::inbound::Happening::Alarm { case, duty, percent, due_at } => {
                Self::Alarm {
                    case: case,
                    duty: duty,
                    percent: percent,
                    due_at: due_at.into(),
                }
            }
            conek_core::inbound::Happening::Template { name, language, status } => {
                Self::Template {
                    name: name,
                    language: language,
                    status: status,
                }
            }
            conek_core::inbound::Happening::Call { number, call, event } => {
                Self::Call {
                    number: number,
                    call: call,
                    event: event.into(),
                }
            }
            conek_core::inbound::Happening::Unknown { field, json } => {
                Self::Unknown {
                    field: field,
                    json: json,
                }
            }
        }
    }
}
impl From<Happening> for conek_core::inbound::Happening {
    fn from(v: Happening) -> Self {
        match v {
            Happening::Received { receiver, wamid, reply } => {
                Self::Received {
                    receiver: receiver,
                    wamid: wamid,
                    reply: reply.into(),
                }
            }
            Happening::Delivery { kind, code } => {
                Self::Delivery {
                    kind: kind.into(),
                    code: code,
                }
            }
            Happening::OptedOut { purpose } => {
                Self::OptedOut {
                    purpose: purpose.into(),
                }
            }
            Happening::OptedIn { purpose } => {
                Self::OptedIn {
                    purpose: purpose.into(),
                }
            }
            Happening::Unclear { wamid } => Self::Unclear { wamid: wamid },
            Happening::RightAsked { request, right } => {
                Self::RightAsked {
                    request: request,
                    right: right.into(),
                }
            }
            Happening::Alarm { case, duty, percent, due_at } => {
                Self::Alarm {
                    case: case,
                    duty: duty,
                    percent: percent,
                    due_at: due_at.into(),
                }
            }
            Happening::Template { name, language, status } => {
                Self::Template {
                    name: name,
                    language: language,
                    status: status,
                }
            }
            Happening::Call { number, call, event } => {
                Self::Call {
                    number: number,
                    call: call,
                    event: event.into(),
                }
            }
            Happening::Unknown { field, json } => {
                Self::Unknown {
                    field: field,
                    json: json,
                }
            }
        }
    }
}
#[pymethods]
impl Happening {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::inbound::Happening::from(Happening::clone(self)))
    }
}
/// What stands above a message: of an interactive one, of a template, or of a template's card.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Header {
    /// At most 60 characters. In a template: the value of the header's numbered placeholder.
    #[pyo3(constructor = (text))]
    Text {
        /// The text.
        text: String,
    },
    /// The value of the named placeholder in a template's header. Templates only.
    #[pyo3(constructor = (name, text))]
    NamedText {
        /// The placeholder's name.
        name: String,
        /// The text.
        text: String,
    },
    /// A picture: JPEG or PNG, at most 5 MB.
    #[pyo3(constructor = (media))]
    Image {
        /// The picture.
        media: Media,
    },
    /// A film: MP4 or 3GP, at most 16 MB.
    #[pyo3(constructor = (media))]
    Video {
        /// The film.
        media: Media,
    },
    /// A moving picture: MP4, at most 3.5 MB. Marketing templates on `/marketing_messages` only.
    #[pyo3(constructor = (media))]
    Gif {
        /// The moving picture.
        media: Media,
    },
    /// A document, at most 100 MB; in a template a PDF.
    #[pyo3(constructor = (media, *, filename = None))]
    Document {
        /// The document.
        media: Media,
        /// Its name on the phone.
        filename: Option<String>,
    },
    /// A place. Templates only.
    #[pyo3(constructor = (place))]
    Location {
        /// The place.
        place: Place,
    },
    /// A product of a catalog. Cards of a template only.
    #[pyo3(constructor = (catalog_id, product_id))]
    Product {
        /// Meta's id of the catalog.
        catalog_id: String,
        /// The product's id in the catalog.
        product_id: String,
    },
}
impl From<conek_core::messaging::content::Header> for Header {
    fn from(v: conek_core::messaging::content::Header) -> Self {
        match v {
            conek_core::messaging::content::Header::Text { text } => {
                Self::Text { text: text }
            }
            conek_core::messaging::content::Header::NamedText { name, text } => {
                Self::NamedText {
                    name: name,
                    text: text,
                }
            }
            conek_core::messaging::content::Header::Image { media } => {
                Self::Image { media: media.into() }
            }
            conek_core::messaging::content::Header::Video { media } => {
                Self::Video { media: media.into() }
            }
            conek_core::messaging::content::Header::Gif { media } => {
                Self::Gif { media: media.into() }
            }
            conek_core::messaging::content::Header::Document { media, filename } => {
                Self::Document {
                    media: media.into(),
                    filename: filename,
                }
            }
            conek_core::messaging::content::Header::Location { place } => {
                Self::Location {
                    place: place.into(),
                }
            }
            conek_core::messaging::content::Header::Product {
                catalog_id,
                product_id,
            } => {
                Self::Product {
                    catalog_id: catalog_id,
                    product_id: product_id,
                }
            }
        }
    }
}
impl From<Header> for conek_core::messaging::content::Header {
    fn from(v: Header) -> Self {
        match v {
            Header::Text { text } => Self::Text { text: text },
            Header::NamedText { name, text } => {
                Self::NamedText {
                    name: name,
                    text: text,
                }
            }
            Header::Image { media } => Self::Image { media: media.into() },
            Header::Video { media } => Self::Video { media: media.into() },
            Header::Gif { media } => Self::Gif { media: media.into() },
            Header::Document { media, filename } => {
                Self::Document {
                    media: media.into(),
                    filename: filename,
                }
            }
            Header::Location { place } => {
                Self::Location {
                    place: place.into(),
                }
            }
            Header::Product { catalog_id, product_id } => {
                Self::Product {
                    catalog_id: catalog_id,
                    product_id: product_id,
                }
            }
        }
    }
}
#[pymethods]
impl Header {
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::messaging::content::Header::from(Header::clone(self))
        )
    }
}
plain! {
    #[doc = " How contact outside marketing hours was agreed."] HoursAgreement :
    conek_core::policy::HoursAgreement { #[doc =
    " By what the person did. An engine's deliveries are timed, so that it is not enough (GN R293 item 2)."]
    Implied = "implied", #[doc = " In words. Not enough either."] Express = "express",
    #[doc = " In writing: marketing hours do not apply to the person."] ExpressWritten =
    "express_written", }
}
plain! {
    #[doc = " Whether it is known who asks."] IdentityState :
    conek_core::rights::IdentityState { #[doc = " Nothing here needs it."] NotNeeded =
    "not_needed", #[doc = " Their channel shows it."] ByChannel = "by_channel", #[doc =
    " Proof is awaited."] Pending = "pending", #[doc = " It was checked."] Confirmed =
    "confirmed", #[doc = " It was checked, and it is somebody else."] Failed = "failed",
    }
}
/// The declared ways to find records; nothing else is searched.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Index {
    /// Every record of the kind, by id.
    #[pyo3(constructor = ())]
    Id {},
    /// Those that hold a token, by id.
    #[pyo3(constructor = (name, value))]
    Token {
        /// The token's name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Those of a group, by id.
    #[pyo3(constructor = (group))]
    Group {
        /// The group.
        group: String,
    },
    /// Those that concern a person, by kind and id. The query's `kind` may be empty: all kinds.
    #[pyo3(constructor = (person))]
    Subject {
        /// The person's id.
        person: String,
    },
    /// Those waiting in a queue and due by `until`, by due time and id.
    #[pyo3(constructor = (queue, until))]
    Due {
        /// The queue.
        queue: String,
        /// The latest due time.
        until: Moment,
    },
    /// Those whose `expires_at` is not after `until`, by that time, kind and id. The query's
    /// `kind` may be empty: all kinds.
    #[pyo3(constructor = (until))]
    Expired {
        /// The latest expiry.
        until: Moment,
    },
}
impl From<conek_core::storage::Index> for Index {
    fn from(v: conek_core::storage::Index) -> Self {
        match v {
            conek_core::storage::Index::Id {} => Self::Id {},
            conek_core::storage::Index::Token { name, value } => {
                Self::Token {
                    name: name,
                    value: value,
                }
            }
            conek_core::storage::Index::Group { group } => Self::Group { group: group },
            conek_core::storage::Index::Subject { person } => {
                Self::Subject { person: person }
            }
            conek_core::storage::Index::Due { queue, until } => {
                Self::Due {
                    queue: queue,
                    until: until.into(),
                }
            }
            conek_core::storage::Index::Expired { until } => {
                Self::Expired {
                    until: until.into(),
                }
            }
        }
    }
}
impl From<Index> for conek_core::storage::Index {
    fn from(v: Index) -> Self {
        match v {
            Index::Id {} => Self::Id {},
            Index::Token { name, value } => {
                Self::Token {
                    name: name,
                    value: value,
                }
            }
            Index::Group { group } => Self::Group { group: group },
            Index::Subject { person } => Self::Subject { person: person },
            Index::Due { queue, until } => {
                Self::Due {
                    queue: queue,
                    until: until.into(),
                }
            }
            Index::Expired { until } => {
                Self::Expired {
                    until: until.into(),
                }
            }
        }
    }
}
#[pymethods]
impl Index {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::storage::Index::from(Index::clone(self)))
    }
}
plain! {
    #[doc = " What a message says about being written to."] Intent :
    conek_core::consent::words::Intent { #[doc =
    " The person wants no more marketing. It holds at once."] OptOut = "opt_out", #[doc =
    " The person wants it again. It needs the evidence of any other consent."] OptIn =
    "opt_in", #[doc = " The person asks who writes and how to end it."] Help = "help",
    #[doc = " It may be an opt-out: hold marketing and ask."] Clarify = "clarify", #[doc
    = " It says nothing about it."] Nothing = "nothing", }
}
plain! {
    #[doc = " What makes a use of personal data lawful."] LegalBasis :
    conek_core::policy::LegalBasis { #[doc = " POPIA s11(1)(a); GDPR 6(1)(a)."] Consent =
    "consent", #[doc =
    " Consent to exactly this, by a clear statement: POPIA s27(1)(a); GDPR 9(2)(a), 49(1)(a)."]
    ExplicitConsent = "explicit_consent", #[doc =
    " An existing customer, similar goods or services: POPIA s69(3); ePrivacy 13(2)."]
    CustomerException = "customer_exception", #[doc =
    " The one request for consent: POPIA s69(2)."] FirstApproach = "first_approach",
    #[doc = " POPIA s11(1)(b); GDPR 6(1)(b)."] Contract = "contract", #[doc =
    " POPIA s11(1)(c); GDPR 6(1)(c)."] LegalObligation = "legal_obligation", #[doc =
    " GDPR 6(1)(d). POPIA has no such basis; the nearest is the data subject's own legitimate interest, s11(1)(d)."]
    VitalInterest = "vital_interest", #[doc =
    " A legitimate interest of the data subject: POPIA s11(1)(d). GDPR has no such basis."]
    SubjectInterest = "subject_interest", #[doc =
    " POPIA s11(1)(e); GDPR 6(1)(e). No purpose of a messaging engine rests on it."]
    PublicTask = "public_task", #[doc =
    " A legitimate interest of the account or of the recipient, with an assessment on record:"]
    #[doc = " POPIA s11(1)(f); GDPR 6(1)(f)."] LegitimateInterest =
    "legitimate_interest", }
}
/// What the business gives a button of a library template.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum LibraryButtonInput {
    /// An address to open.
    #[pyo3(constructor = (base_url, *, example = None))]
    Url {
        /// With or without a placeholder at its end: `https://karoo.example/orders/{{1}}`.
        base_url: String,
        /// A whole address as it may become, where there is a placeholder.
        example: Option<String>,
    },
    /// A number to call.
    #[pyo3(constructor = (number))]
    PhoneNumber {
        /// In E.164.
        number: String,
    },
}
impl From<conek_core::messaging::LibraryButtonInput> for LibraryButtonInput {
    fn from(v: conek_core::messaging::LibraryButtonInput) -> Self {
        match v {
            conek_core::messaging::LibraryButtonInput::Url { base_url, example } => {
                Self::Url {
                    base_url: base_url,
                    example: example,
                }
            }
            conek_core::messaging::LibraryButtonInput::PhoneNumber { number } => {
                Self::PhoneNumber {
                    number: number,
                }
            }
        }
    }
}
impl From<LibraryButtonInput> for conek_core::messaging::LibraryButtonInput {
    fn from(v: LibraryButtonInput) -> Self {
        match v {
            LibraryButtonInput::Url { base_url, example } => {
                Self::Url {
                    base_url: base_url,
                    example: example,
                }
            }
            LibraryButtonInput::PhoneNumber { number } => {
                Self::PhoneNumber {
                    number: number,
                }
            }
        }
    }
}
#[pymethods]
impl LibraryButtonInput {
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::LibraryButtonInput::from(LibraryButtonInput::clone(self))
        )
    }
}
/// Where an account takes a less strict reading on itself, because the law is open there or because
/// conek has no rules. Each is recorded with the reason that the host gives.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Loosening {
    /// Express consent stands against a block in the opt-out registry. South African law names no
    /// order of the two.
    #[pyo3(constructor = ())]
    ConsentOverRegistry {},
    /// Direct marketing to a country for which conek has no rules, by the rules of both regimes that it has.
    #[pyo3(constructor = (country))]
    Country {
        /// ISO 3166-1 alpha-2.
        country: String,
    },
    /// A lower age than 18; the rules for children apply from then on.
    #[pyo3(constructor = (years))]
    MinAge {
        /// In years, at least 13.
        years: i32,
    },
}
impl From<conek_core::policy::Loosening> for Loosening {
    fn from(v: conek_core::policy::Loosening) -> Self {
        match v {
            conek_core::policy::Loosening::ConsentOverRegistry {} => {
                Self::ConsentOverRegistry {}
            }
            conek_core::policy::Loosening::Country { country } => {
                Self::Country { country: country }
            }
            conek_core::policy::Loosening::MinAge { years } => {
                Self::MinAge { years: years }
            }
        }
    }
}
impl From<Loosening> for conek_core::policy::Loosening {
    fn from(v: Loosening) -> Self {
        match v {
            Loosening::ConsentOverRegistry {} => Self::ConsentOverRegistry {},
            Loosening::Country { country } => Self::Country { country: country },
            Loosening::MinAge { years } => Self::MinAge { years: years },
        }
    }
}
#[pymethods]
impl Loosening {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::Loosening::from(Loosening::clone(self)))
    }
}
/// Where a picture or file comes from.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Media {
    /// Uploaded before with `media.upload`; lives 30 days.
    #[pyo3(constructor = (id))]
    Id {
        /// WhatsApp's media id.
        id: String,
    },
    /// Fetched by WhatsApp from a public HTTPS address.
    #[pyo3(constructor = (url))]
    Link {
        /// The address.
        url: String,
    },
}
impl From<conek_core::messaging::content::Media> for Media {
    fn from(v: conek_core::messaging::content::Media) -> Self {
        match v {
            conek_core::messaging::content::Media::Id { id } => Self::Id { id: id },
            conek_core::messaging::content::Media::Link { url } => {
                Self::Link { url: url }
            }
        }
    }
}
impl From<Media> for conek_core::messaging::content::Media {
    fn from(v: Media) -> Self {
        match v {
            Media::Id { id } => Self::Id { id: id },
            Media::Link { url } => Self::Link { url: url },
        }
    }
}
#[pymethods]
impl Media {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::messaging::content::Media::from(Media::clone(self)))
    }
}
plain! {
    #[doc = " How a message of a purpose is treated."] MessageClass :
    conek_core::policy::MessageClass { #[doc =
    " Direct marketing: consent or the customer exception, hours, opt-out."] Marketing =
    "marketing", #[doc = " The one request for consent."] ConsentRequest =
    "consent_request", #[doc =
    " The confirmation that an opt-out was heard: once, without promotion, at any hour."]
    OptOutConfirmation = "opt_out_confirmation", #[doc =
    " What a contract needs, and what a service says about itself."] Service = "service",
    #[doc = " What the law makes the account say; no opt-out stops it."] LegalNotice =
    "legal_notice", #[doc = " Surveys and questions after a sale."] Feedback =
    "feedback", }
}
plain! {
    #[doc = " Where a message stands in the send protocol (see `ARCHITECTURE.md`)."]
    MessageState : conek_core::messaging::MessageState { #[doc =
    " Waits for a release, for example after a restore."] Held = "held", #[doc =
    " Waits for its time and its turn."] Queued = "queued", #[doc =
    " Taken by a worker; nothing has left yet."] Claimed = "claimed", #[doc =
    " The intent is stored and the request may be on its way."] Dispatching =
    "dispatching", #[doc =
    " It may have been accepted; evidence is awaited and nothing is repeated."] InDoubt =
    "in_doubt", #[doc = " WhatsApp accepted it. Final."] Accepted = "accepted", #[doc =
    " WhatsApp refused it for good. Final."] Refused = "refused", #[doc =
    " The gate said no. Final."] Suppressed = "suppressed", #[doc =
    " It stayed in doubt until no evidence can come any more. Final, unless evidence comes after all."]
    Unresolved = "unresolved", #[doc = " The host took it back before it left. Final."]
    Cancelled = "cancelled", #[doc = " Its time ran out before it left. Final."] Expired
    = "expired", }
}
plain! {
    #[doc = " A right that a notice tells people of."] NoticeRight :
    conek_core::consent::NoticeRight { #[doc =
    " To see what is kept (POPIA s23, GDPR 15)."] Access = "access", #[doc =
    " To have it corrected (POPIA s24, GDPR 16)."] Rectification = "rectification", #[doc
    = " To have it deleted (POPIA s24, GDPR 17)."] Erasure = "erasure", #[doc =
    " To have its use restricted (POPIA s14(6), GDPR 18)."] Restriction = "restriction",
    #[doc = " To object (POPIA s11(3), GDPR 21)."] Objection = "objection", #[doc =
    " To take it elsewhere (GDPR 20)."] Portability = "portability", #[doc =
    " To withdraw consent at any time (POPIA s11(2)(b), GDPR 7(3))."] Withdrawal =
    "withdrawal", #[doc = " To complain to the authority (POPIA s74, GDPR 77)."]
    Complaint = "complaint", }
}
plain! {
    #[doc = " What an objection is directed at."] ObjectionScope :
    conek_core::policy::ObjectionScope { #[doc =
    " Direct marketing (POPIA s11(3)(b), GDPR 21(2)): absolute."] DirectMarketing =
    "direct_marketing", #[doc =
    " Whatever rests on legitimate interests, on grounds of the person's situation (POPIA s11(3)(a), GDPR 21(1))."]
    LegitimateInterests = "legitimate_interests", }
}
impl Default for ObjectionScope {
    fn default() -> Self {
        conek_core::policy::ObjectionScope::default().into()
    }
}
plain! {
    #[doc = " What keeps a case from being closed."] ObstacleKind :
    conek_core::incidents::ObstacleKind { #[doc = " The risk is not assessed."]
    RiskNotAssessed = "risk_not_assessed", #[doc = " Somebody was told nothing."] NotTold
    = "not_told", #[doc = " Somebody was told only in ways that do not count."]
    ChannelNotAccepted = "channel_not_accepted", #[doc =
    " Somebody was told only some of it."] ToldIncompletely = "told_incompletely", #[doc
    = " An order with an end says to wait: tell them after it."] Delayed = "delayed", }
}
plain! {
    #[doc = " Whether what was ordered has to be delivered."] OrderKind :
    conek_core::messaging::content::OrderKind { #[doc = " Nothing is delivered."] Digital
    = "digital", #[doc = " Something is delivered."] Physical = "physical", }
}
plain! {
    #[doc = " Where an order stands."] OrderStage :
    conek_core::messaging::content::OrderStage { #[doc = " It is not paid."] Pending =
    "pending", #[doc = " It is paid or accepted, and worked on."] Processing =
    "processing", #[doc = " Some of it is on its way."] PartiallyShipped =
    "partially_shipped", #[doc = " All of it is on its way."] Shipped = "shipped", #[doc
    = " Nothing more will happen."] Completed = "completed", #[doc =
    " It is called off. WhatsApp refuses this once it was paid."] Canceled = "canceled",
    }
}
/// How a placeholder's value is written, where it is more than text.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum ParameterFormat {
    /// As an amount of money, which the phone may write in its own way; the text stands in for it.
    #[pyo3(constructor = (code, thousandths))]
    Currency {
        /// Three letters (ISO 4217).
        code: String,
        /// In thousandths: 12.50 is 12,500.
        thousandths: i64,
    },
    /// As a moment. WhatsApp shows the text.
    #[pyo3(constructor = ())]
    DateTime {},
}
impl From<conek_core::messaging::content::ParameterFormat> for ParameterFormat {
    fn from(v: conek_core::messaging::content::ParameterFormat) -> Self {
        match v {
            conek_core::messaging::content::ParameterFormat::Currency {
                code,
                thousandths,
            } => {
                Self::Currency {
                    code: code,
                    thousandths: thousandths,
                }
            }
            conek_core::messaging::content::ParameterFormat::DateTime {} => {
                Self::DateTime {}
            }
        }
    }
}
impl From<ParameterFormat> for conek_core::messaging::content::ParameterFormat {
    fn from(v: ParameterFormat) -> Self {
        match v {
            ParameterFormat::Currency { code, thousandths } => {
                Self::Currency {
                    code: code,
                    thousandths: thousandths,
                }
            }
            ParameterFormat::DateTime {} => Self::DateTime {},
        }
    }
}
#[pymethods]
impl ParameterFormat {
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::ParameterFormat::from(ParameterFormat::clone(self))
        )
    }
}
plain! {
    #[doc = " How a one-time password reaches the app (Meta: Authentication templates)."]
    PasswordWay : conek_core::messaging::PasswordWay { #[doc = " The person copies it."]
    CopyCode = "copy_code", #[doc = " The person taps, and the app has it."] OneTap =
    "one_tap", #[doc = " The app has it at once. Meta's terms of it must be accepted."]
    ZeroTap = "zero_tap", }
}
impl Default for PasswordWay {
    fn default() -> Self {
        conek_core::messaging::PasswordWay::default().into()
    }
}
/// A way to pay. Which of them work depends on the country of the account and of the person.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum PaymentMethod {
    /// Through a payment gateway that is connected with the account (India, Singapore).
    #[pyo3(constructor = (provider, configuration))]
    Gateway {
        /// The gateway, for example `razorpay`, `payu`, `stripe`.
        provider: String,
        /// The name of the payment configuration.
        configuration: String,
    },
    /// A link at which to pay.
    #[pyo3(constructor = (url))]
    Link {
        /// The address.
        url: String,
    },
    /// A Pix code (Brazil).
    #[pyo3(constructor = (code, merchant, key, key_type))]
    Pix {
        /// The dynamic code.
        code: String,
        /// Who is paid.
        merchant: String,
        /// The Pix key.
        key: String,
        /// `CPF`, `CNPJ`, `EMAIL`, `PHONE` or `EVP`.
        key_type: String,
    },
    /// A boleto (Brazil).
    #[pyo3(constructor = (line))]
    Boleto {
        /// Its digits.
        line: String,
    },
}
impl From<conek_core::messaging::content::PaymentMethod> for PaymentMethod {
    fn from(v: conek_core::messaging::content::PaymentMethod) -> Self {
        match v {
            conek_core::messaging::content::PaymentMethod::Gateway {
                provider,
                configuration,
            } => {
                Self::Gateway {
                    provider: provider,
                    configuration: configuration,
                }
            }
            conek_core::messaging::content::PaymentMethod::Link { url } => {
                Self::Link { url: url }
            }
            conek_core::messaging::content::PaymentMethod::Pix {
                code,
                merchant,
                key,
                key_type,
            } => {
                Self::Pix {
                    code: code,
                    merchant: merchant,
                    key: key,
                    key_type: key_type,
                }
            }
            conek_core::messaging::content::PaymentMethod::Boleto { line } => {
                Self::Boleto { line: line }
            }
        }
    }
}
impl From<PaymentMethod> for conek_core::messaging::content::PaymentMethod {
    fn from(v: PaymentMethod) -> Self {
        match v {
            PaymentMethod::Gateway { provider, configuration } => {
                Self::Gateway {
                    provider: provider,
                    configuration: configuration,
                }
            }
            PaymentMethod::Link { url } => Self::Link { url: url },
            PaymentMethod::Pix { code, merchant, key, key_type } => {
                Self::Pix {
                    code: code,
                    merchant: merchant,
                    key: key,
                    key_type: key_type,
                }
            }
            PaymentMethod::Boleto { line } => Self::Boleto { line: line },
        }
    }
}
#[pymethods]
impl PaymentMethod {
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::PaymentMethod::from(PaymentMethod::clone(self))
        )
    }
}
plain! {
    #[doc = " By what charges are told apart."] PricingDimension :
    conek_core::platform::PricingDimension { #[doc = " At whose rate they are charged."]
    Category = "category", #[doc = " Whether they are charged."] Kind = "kind", #[doc =
    " The country of the person."] Country = "country", #[doc =
    " The number of the business."] Phone = "phone", #[doc =
    " The step of volume prices; told with category and country alone."] Tier = "tier", }
}
plain! {
    #[doc =
    " How the account came by a person's data (POPIA s18(1)(a), GDPR 14(2)(f): \"where did you get my number\")."]
    ProvenanceContext : conek_core::people::ProvenanceContext { #[doc =
    " In the context of a sale (POPIA s69(3)(a))."] Sale = "sale", #[doc =
    " The person filled in a form."] Form = "form", #[doc = " A list from elsewhere."]
    List = "list", #[doc = " Anything else."] Other = "other", }
}
plain! {
    #[doc =
    " Why a message is sent. The law asks for a purpose, and the purpose decides what the gate demands."]
    Purpose : conek_core::messaging::content::Purpose { #[doc =
    " Promoting goods or services. Needs consent or the customer exception (POPIA s69, ePrivacy 13)."]
    #[doc = " What says nothing of its purpose counts as this, the strictest."] Marketing
    = "marketing", #[doc = " Asking for consent, once per person (POPIA s69(2))."]
    ConsentRequest = "consent_request", #[doc =
    " The one confirmation that an opt-out was heard."] OptOutConfirmation =
    "opt_out_confirmation", #[doc =
    " What a contract needs: orders, deliveries, payments."] Transactional =
    "transactional", #[doc = " One-time passwords."] Authentication = "authentication",
    #[doc = " Answers to a person who wrote."] Support = "support", #[doc =
    " What the law makes the account say: policy changes, breaches."] LegalNotice =
    "legal_notice", #[doc = " Surveys and requests for feedback."] Feedback = "feedback",
    }
}
impl Default for Purpose {
    fn default() -> Self {
        conek_core::messaging::content::Purpose::default().into()
    }
}
plain! {
    #[doc = " As what a code is drawn."] QrImage : conek_core::platform::QrImage { #[doc
    = " Pixels."] Png = "png", #[doc = " Shapes."] Svg = "svg", }
}
/// To whom.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Recipient {
    /// A contact by its id.
    #[pyo3(constructor = (id))]
    Person {
        /// The contact's id.
        id: String,
    },
    /// A phone number, written in any way; without a country code the account's region is assumed.
    #[pyo3(constructor = (number))]
    Phone {
        /// The number.
        number: String,
    },
    /// A business-scoped user id, `CC.<alphanumeric>`, or a parent's, `CC.ENT.<alphanumeric>`. Not for authentication
    /// templates.
    #[pyo3(constructor = (id))]
    Bsuid {
        /// The id.
        id: String,
    },
}
impl From<conek_core::messaging::content::Recipient> for Recipient {
    fn from(v: conek_core::messaging::content::Recipient) -> Self {
        match v {
            conek_core::messaging::content::Recipient::Person { id } => {
                Self::Person { id: id.into() }
            }
            conek_core::messaging::content::Recipient::Phone { number } => {
                Self::Phone { number: number }
            }
            conek_core::messaging::content::Recipient::Bsuid { id } => {
                Self::Bsuid { id: id }
            }
        }
    }
}
impl From<Recipient> for conek_core::messaging::content::Recipient {
    fn from(v: Recipient) -> Self {
        match v {
            Recipient::Person { id } => Self::Person { id: id.into() },
            Recipient::Phone { number } => Self::Phone { number: number },
            Recipient::Bsuid { id } => Self::Bsuid { id: id },
        }
    }
}
#[pymethods]
impl Recipient {
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::Recipient::from(Recipient::clone(self))
        )
    }
}
plain! {
    #[doc = " Who gets the data."] RecipientClass : conek_core::policy::RecipientClass {
    #[doc = " Nobody has said."] Unknown = "unknown", #[doc =
    " WhatsApp and Meta, to bring messages to people."] Platform = "platform", #[doc =
    " Somebody who works on the account's instructions: a processor, or operator."]
    ServiceProvider = "service_provider", #[doc = " A partner with purposes of its own."]
    BusinessPartner = "business_partner", #[doc = " An authority or a court."]
    LegalAuthority = "legal_authority", #[doc = " Whoever takes the business over."]
    BusinessTransfer = "business_transfer", #[doc = " An advertiser."] Advertiser =
    "advertiser", #[doc = " A competitor of the account's. Never."] Competitor =
    "competitor", #[doc = " Whoever pays for the data. Never."] Buyer = "buyer", }
}
impl Default for RecipientClass {
    fn default() -> Self {
        conek_core::policy::RecipientClass::default().into()
    }
}
plain! {
    #[doc = " Why a right is refused. Without one of these it is not."] RefusalGround :
    conek_core::rights::RefusalGround { #[doc =
    " Who asks could not be identified (GDPR 11(2), 12(2); POPIA s23(1))."]
    IdentityUnproven = "identity_unproven", #[doc =
    " A law wants the data kept (GDPR 17(3)(b); POPIA s14(1)(a))."] LegalObligation =
    "legal_obligation", #[doc = " Legal claims need them (GDPR 17(3)(e), 21(1))."]
    LegalClaims = "legal_claims", #[doc =
    " Freedom of expression and information (GDPR 17(3)(a))."] FreedomOfExpression =
    "freedom_of_expression", #[doc =
    " Archiving, research or statistics in the public interest (GDPR 17(3)(d))."]
    PublicInterest = "public_interest", #[doc =
    " Compelling grounds against an objection on other grounds than direct marketing (GDPR 21(1))."]
    CompellingGrounds = "compelling_grounds", #[doc =
    " Manifestly unfounded or excessive, above all when repeated (GDPR 12(5)(b))."]
    Excessive = "excessive", #[doc =
    " It would take from the rights of others (GDPR 15(4), 20(4); PAIA s63)."]
    RightsOfOthers = "rights_of_others", #[doc =
    " The data are accurate, as far as could be found out (POPIA s24(2)(d): a statement is attached instead)."]
    Accurate = "accurate", #[doc =
    " The right does not reach these data: not by consent or contract, not given by the person (GDPR 20(1))."]
    OutsideScope = "outside_scope", #[doc = " There are no data."] NoData = "no_data", }
}
plain! {
    #[doc = " A law of data protection."] Regime : conek_core::policy::Regime { #[doc =
    " South Africa's Protection of Personal Information Act, 4 of 2013."] Popia =
    "popia", #[doc = " Regulation (EU) 2016/679."] Gdpr = "gdpr", }
}
/// What a person wrote or tapped.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Reply {
    /// Text.
    #[pyo3(constructor = (body))]
    Text {
        /// The text.
        body: String,
    },
    /// A tapped button or a chosen row.
    #[pyo3(constructor = (id, title))]
    Choice {
        /// The id that the message gave it, or a template button's payload.
        id: String,
        /// What it said.
        title: String,
    },
    /// An emoji on one of our messages; empty takes it back.
    #[pyo3(constructor = (message_id, emoji))]
    Reaction {
        /// WhatsApp's id of that message.
        message_id: String,
        /// The emoji.
        emoji: String,
    },
    /// A picture, document, voice message or sticker.
    #[pyo3(constructor = (kind, media_id, mime, *, caption = None))]
    Media {
        /// `image`, `document`, `audio`, `video` or `sticker`.
        kind: String,
        /// WhatsApp's media id.
        media_id: String,
        /// Its type.
        mime: String,
        /// What was written beside it.
        caption: Option<String>,
    },
    /// Any other kind, as JSON.
    #[pyo3(constructor = (kind, json))]
    Other {
        /// Its `type`.
        kind: String,
        /// The whole message.
        json: String,
    },
}
impl From<conek_core::transport::Reply> for Reply {
    fn from(v: conek_core::transport::Reply) -> Self {
        match v {
            conek_core::transport::Reply::Text { body } => Self::Text { body: body },
            conek_core::transport::Reply::Choice { id, title } => {
                Self::Choice {
                    id: id,
                    title: title,
                }
            }
            conek_core::transport::Reply::Reaction { message_id, emoji } => {
                Self::Reaction {
                    message_id: message_id,
                    emoji: emoji,
                }
            }
            conek_core::transport::Reply::Media { kind, media_id, mime, caption } => {
                Self::Media {
                    kind: kind,
                    media_id: media_id,
                    mime: mime,
                    caption: caption,
                }
            }
            conek_core::transport::Reply::Other { kind, json } => {
                Self::Other {
                    kind: kind,
                    json: json,
                }
            }
        }
    }
}
impl From<Reply> for conek_core::transport::Reply {
    fn from(v: Reply) -> Self {
        match v {
            Reply::Text { body } => Self::Text { body: body },
            Reply::Choice { id, title } => {
                Self::Choice {
                    id: id,
                    title: title,
                }
            }
            Reply::Reaction { message_id, emoji } => {
                Self::Reaction {
                    message_id: message_id,
                    emoji: emoji,
                }
            }
            Reply::Media { kind, media_id, mime, caption } => {
                Self::Media {
                    kind: kind,
                    media_id: media_id,
                    mime: mime,
                    caption: caption,
                }
            }
            Reply::Other { kind, json } => {
                Self::Other {
                    kind: kind,
                    json: json,
                }
            }
        }
    }
}
#[pymethods]
impl Reply {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::transport::Reply::from(Reply::clone(self)))
    }
}
plain! {
    #[doc = " By what way a request came."] RequestChannel :
    conek_core::rights::RequestChannel { #[doc = " The person's own words on WhatsApp."]
    Whatsapp = "whatsapp", #[doc = " Their page of preferences."] PreferencePage =
    "preference_page", #[doc = " By e-mail."] Email = "email", #[doc =
    " By phone. POPIA wants it recorded (regulation 2, 17 April 2025)."] Phone = "phone",
    #[doc = " On paper."] Post = "post", #[doc = " In person."] InPerson = "in_person",
    #[doc = " Any other."] Other = "other", }
}
impl Default for RequestChannel {
    fn default() -> Self {
        conek_core::rights::RequestChannel::default().into()
    }
}
plain! {
    #[doc = " Where a request, or one right of it, stands."] RequestState :
    conek_core::rights::RequestState { #[doc = " It is there; nobody has looked at it."]
    Received = "received", #[doc =
    " It waits for proof of who asks (GDPR 12(6), POPIA s23(1))."] IdentityPending =
    "identity_pending", #[doc = " It is to be answered."] Accepted = "accepted", #[doc =
    " Part of it is done."] InProgress = "in_progress", #[doc = " It is done. Final."]
    Fulfilled = "fulfilled", #[doc = " Some of it is done and some refused. Final."]
    PartiallyFulfilled = "partially_fulfilled", #[doc =
    " It is refused, with a ground. Final."] Refused = "refused", #[doc =
    " The person took it back. Final."] Withdrawn = "withdrawn", #[doc =
    " It repeats another. Final."] Duplicate = "duplicate", }
}
plain! {
    #[doc = " Why processing is restricted (GDPR 18(1), POPIA s14(6))."]
    RestrictionGround : conek_core::consent::RestrictionGround { #[doc =
    " The person contests the data's accuracy."] AccuracyContested =
    "accuracy_contested", #[doc =
    " The processing is unlawful, and the person wants the data kept."] Unlawful =
    "unlawful", #[doc =
    " The account needs the data no more; the person does, for a claim."] NeededForClaims
    = "needed_for_claims", #[doc = " An objection is pending."] ObjectionPending =
    "objection_pending", }
}
plain! {
    #[doc = " What is done when the time is over."] RetentionAction :
    conek_core::retention::RetentionAction { #[doc = " It is erased."] Erase = "erase",
    #[doc = " It is erased; the suppression list and a proof that names nobody stay."]
    EraseKeepSuppression = "erase_keep_suppression", #[doc =
    " Only counts over enough people stay."] Anonymise = "anonymise", #[doc =
    " The person's key is destroyed."] ShredKey = "shred_key", #[doc =
    " Nothing: time does not end it."] Keep = "keep", }
}
plain! {
    #[doc = " The class of a record: which rule governs it."] RetentionClass :
    conek_core::retention::RetentionClass { #[doc =
    " A customer's account with the business."] ActiveAccount = "active_account", #[doc =
    " What documents a transaction."] Transaction = "transaction", #[doc =
    " What is kept to market with."] Marketing = "marketing", #[doc = " Conversations."]
    Support = "support", #[doc = " How the service is used."] Analytics = "analytics",
    #[doc = " The proof of consent and of what was declared."] Consent = "consent", #[doc
    = " The suppression list."] Suppression = "suppression", #[doc =
    " What was decided about messages."] Decision = "decision", #[doc =
    " Requests of data subjects."] Request = "request", #[doc = " The audit log."] Audit
    = "audit", #[doc = " The account's own records."] Account = "account", }
}
plain! {
    #[doc = " Whether calling again can help."] Retry : conek_core::values::error::Retry
    { #[doc = " No: change the call or the configuration first."] Never = "never", #[doc
    = " Yes, after a pause."] Later = "later", #[doc =
    " Nobody can know whether the call took effect. Look before you repeat it."] Unknown
    = "unknown", }
}
plain! {
    #[doc = " What a data subject can ask."] RightKind : conek_core::rights::RightKind {
    #[doc = " A copy of the data, and what is done with them (GDPR 15; POPIA s23)."]
    Access = "access", #[doc = " The data in a form for machines (GDPR 20)."] Portability
    = "portability", #[doc = " Correction (GDPR 16; POPIA s24(1)(a))."] Rectification =
    "rectification", #[doc = " Erasure (GDPR 17; POPIA s24(1)(b))."] Erasure = "erasure",
    #[doc = " Storage and nothing else (GDPR 18; POPIA s14(6))."] Restriction =
    "restriction", #[doc = " An end to a use (GDPR 21; POPIA s11(3))."] Objection =
    "objection", #[doc = " An end to consent (GDPR 7(3); POPIA s11(2)(b))."] Withdrawal =
    "withdrawal", #[doc = " Any question about the data."] Inquiry = "inquiry", }
}
/// By which of WhatsApp's two ways a message leaves.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Route {
    /// `/messages`, which takes every kind.
    #[pyo3(constructor = ())]
    Messages {},
    /// `/marketing_messages`, which takes marketing templates of numbers that were onboarded for it.
    #[pyo3(constructor = (*, fallback = false, share_activity = false))]
    Marketing {
        /// Whether WhatsApp may send by its other way when this one cannot (`CLOUD_API_FALLBACK`).
        fallback: bool,
        /// Whether Meta may use what the person does with the message to choose its audience.
        share_activity: bool,
    },
}
impl From<conek_core::transport::Route> for Route {
    fn from(v: conek_core::transport::Route) -> Self {
        match v {
            conek_core::transport::Route::Messages {} => Self::Messages {},
            conek_core::transport::Route::Marketing { fallback, share_activity } => {
                Self::Marketing {
                    fallback: fallback,
                    share_activity: share_activity,
                }
            }
        }
    }
}
impl From<Route> for conek_core::transport::Route {
    fn from(v: Route) -> Self {
        match v {
            Route::Messages {} => Self::Messages {},
            Route::Marketing { fallback, share_activity } => {
                Self::Marketing {
                    fallback: fallback,
                    share_activity: share_activity,
                }
            }
        }
    }
}
#[pymethods]
impl Route {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::transport::Route::from(Route::clone(self)))
    }
}
plain! {
    #[doc =
    " What somebody may do. The host authenticates people; the engine checks every call of theirs."]
    Scope : conek_core::audit::Scope { #[doc =
    " Read contacts, and what was said about consent."] ContactsRead = "contacts_read",
    #[doc = " Create, change and merge contacts, import files."] ContactsWrite =
    "contacts_write", #[doc =
    " Take personal data out: exports, and the suppression list."] ContactsExport =
    "contacts_export", #[doc =
    " Record and withdraw consent, declare what is known of a person."] ConsentWrite =
    "consent_write", #[doc = " Read messages, events and media."] MessagesRead =
    "messages_read", #[doc = " Send single messages, answer, cancel and release them."]
    MessagesSend = "messages_send", #[doc = " Plan, pause and cancel campaigns."]
    CampaignEdit = "campaign_edit", #[doc =
    " Approve a campaign that somebody else planned."] CampaignApprove =
    "campaign_approve", #[doc = " Start campaigns."] CampaignSend = "campaign_send",
    #[doc = " Work on requests of data subjects."] RightsManage = "rights_manage", #[doc
    = " Erase people, hold them back from erasure, run the retention sweep."]
    PrivacyErase = "privacy_erase", #[doc = " Work on breach cases."] IncidentsManage =
    "incidents_manage", #[doc =
    " Keep the registers of disclosures, transfers and assessments."] RegistersWrite =
    "registers_write", #[doc =
    " Read the audit log and the registers, verify the store."] AuditRead = "audit_read",
    #[doc = " Rotate keys."] KeysRotate = "keys_rotate", #[doc =
    " Change settings, notices and templates; back up, restore, resume and close."]
    AccountAdmin = "account_admin", #[doc =
    " Hand in webhooks and requests from the web."] InboundReceive = "inbound_receive", }
}
/// What is known after a send was tried. There is no third possibility between "it was not
/// accepted" and "it may have been": whoever is not sure says `SendOutcome.Unknown`.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum SendOutcome {
    /// Accepted.
    #[pyo3(constructor = (wamid, status, *, wa_id = None, user_id = None))]
    Accepted {
        /// WhatsApp's id of the message.
        wamid: String,
        /// `accepted`, `held_for_quality_assessment`, `paused`, or empty.
        status: String,
        /// The recipient's WhatsApp id where the answer has one.
        wa_id: Option<String>,
        /// The recipient's business-scoped id where the answer has one.
        user_id: Option<String>,
    },
    /// Refused for good or for now, and certainly not accepted.
    #[pyo3(constructor = (code, action))]
    Refused {
        /// WhatsApp's error code; the HTTP status where the answer had no code.
        code: i32,
        /// What to do about it.
        action: Action,
    },
    /// Proven not sent: no connection, no byte of the request accepted.
    #[pyo3(constructor = (detail))]
    NotSent {
        /// Why, without personal data.
        detail: String,
    },
    /// It may have been accepted. Only evidence resolves it; nothing repeats it.
    #[pyo3(constructor = (detail))]
    Unknown {
        /// Why, without personal data.
        detail: String,
    },
}
impl From<conek_core::transport::SendOutcome> for SendOutcome {
    fn from(v: conek_core::transport::SendOutcome) -> Self {
        match v {
            conek_core::transport::SendOutcome::Accepted {
                wamid,
                status,
                wa_id,
                user_id,
            } => {
                Self::Accepted {
                    wamid: wamid,
                    status: status,
                    wa_id: wa_id,
                    user_id: user_id,
                }
            }
            conek_core::transport::SendOutcome::Refused { code, action } => {
                Self::Refused {
                    code: code,
                    action: action.into(),
                }
            }
            conek_core::transport::SendOutcome::NotSent { detail } => {
                Self::NotSent { detail: detail }
            }
            conek_core::transport::SendOutcome::Unknown { detail } => {
                Self::Unknown { detail: detail }
            }
        }
    }
}
impl From<SendOutcome> for conek_core::transport::SendOutcome {
    fn from(v: SendOutcome) -> Self {
        match v {
            SendOutcome::Accepted { wamid, status, wa_id, user_id } => {
                Self::Accepted {
                    wamid: wamid,
                    status: status,
                    wa_id: wa_id,
                    user_id: user_id,
                }
            }
            SendOutcome::Refused { code, action } => {
                Self::Refused {
                    code: code,
                    action: action.into(),
                }
            }
            SendOutcome::NotSent { detail } => Self::NotSent { detail: detail },
            SendOutcome::Unknown { detail } => Self::Unknown { detail: detail },
        }
    }
}
#[pymethods]
impl SendOutcome {
    fn __repr__(&self) -> String {
        format!(
            "{:?}", conek_core::transport::SendOutcome::from(SendOutcome::clone(self))
        )
    }
}
/// Whether data may be handed over.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum SharingDecision {
    /// They may.
    #[pyo3(constructor = (provision))]
    Allow {
        /// What it rests on.
        provision: String,
    },
    /// They may not.
    #[pyo3(constructor = (*, reasons = Vec::new()))]
    Deny {
        /// All reasons.
        reasons: Vec<Reason>,
    },
}
impl From<conek_core::policy::SharingDecision> for SharingDecision {
    fn from(v: conek_core::policy::SharingDecision) -> Self {
        match v {
            conek_core::policy::SharingDecision::Allow { provision } => {
                Self::Allow {
                    provision: provision,
                }
            }
            conek_core::policy::SharingDecision::Deny { reasons } => {
                Self::Deny {
                    reasons: reasons.into_iter().map(|x| x.into()).collect(),
                }
            }
        }
    }
}
impl From<SharingDecision> for conek_core::policy::SharingDecision {
    fn from(v: SharingDecision) -> Self {
        match v {
            SharingDecision::Allow { provision } => {
                Self::Allow {
                    provision: provision,
                }
            }
            SharingDecision::Deny { reasons } => {
                Self::Deny {
                    reasons: reasons.into_iter().map(|x| x.into()).collect(),
                }
            }
        }
    }
}
#[pymethods]
impl SharingDecision {
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::policy::SharingDecision::from(SharingDecision::clone(self))
        )
    }
}
/// What is declared.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Statement {
    /// The person objects (POPIA s11(3), GDPR 21). To direct marketing it is absolute, and also puts the
    /// number on the suppression list.
    #[pyo3(constructor = (scope))]
    Objects {
        /// To what.
        scope: ObjectionScope,
    },
    /// The person takes an objection back.
    #[pyo3(constructor = (scope))]
    ObjectsNoMore {
        /// To what.
        scope: ObjectionScope,
    },
    /// The account has compelling grounds against an objection to what rests on legitimate interests
    /// (GDPR 21(1)). POPIA knows none, and nothing stands against an objection to direct marketing.
    #[pyo3(constructor = (grounds))]
    CompellingGrounds {
        /// Which they are.
        grounds: String,
    },
    /// The person demands an end to direct marketing, or blocks it in advance (CPA s11(2)).
    #[pyo3(constructor = ())]
    DemandsDesist {},
    /// Processing is restricted: the data is stored, and nothing else is done with it.
    #[pyo3(constructor = (ground))]
    Restricted {
        /// Why.
        ground: RestrictionGround,
    },
    /// The restriction ends. The person must have been told before (GDPR 18(3)).
    #[pyo3(constructor = (informed_at))]
    RestrictionLifted {
        /// When the person was told.
        informed_at: Moment,
    },
    /// The person agreed to be contacted outside marketing hours.
    #[pyo3(constructor = (agreement))]
    AgreesToHours {
        /// How.
        agreement: HoursAgreement,
    },
    /// How old the person is.
    #[pyo3(constructor = (evidence))]
    Age {
        /// How that is known.
        evidence: AgeEvidence,
    },
    /// A parent or guardian says that the person is a child: everything stops, and the person is erased.
    #[pyo3(constructor = ())]
    ReportedAsChild {},
    /// A competent person or holder of parental responsibility consents (POPIA s35(1)(a), GDPR 8(1)).
    #[pyo3(constructor = ())]
    GuardianConsents {},
    /// The number has another owner now: every consent ends, and the window of the conversation too.
    #[pyo3(constructor = ())]
    NumberReassigned {},
    /// The person is a juristic one. POPIA protects them alike; the Consumer Protection Act up to a size.
    #[pyo3(constructor = (*, over_cpa_threshold = false))]
    Juristic {
        /// Whether assets or turnover reach R2 million (CPA s5(2)(b)).
        over_cpa_threshold: bool,
    },
}
impl From<conek_core::consent::Statement> for Statement {
    fn from(v: conek_core::consent::Statement) -> Self {
        match v {
            conek_core::consent::Statement::Objects { scope } => {
                Self::Objects {
                    scope: scope.into(),
                }
            }
            conek_core::consent::Statement::ObjectsNoMore { scope } => {
                Self::ObjectsNoMore {
                    scope: scope.into(),
                }
            }
            conek_core::consent::Statement::CompellingGrounds { grounds } => {
                Self::CompellingGrounds {
                    grounds: grounds,
                }
            }
            conek_core::consent::Statement::DemandsDesist {} => Self::DemandsDesist {},
            conek_core::consent::Statement::Restricted { ground } => {
                Self::Restricted {
                    ground: ground.into(),
                }
            }
            conek_core::consent::Statement::RestrictionLifted { informed_at } => {
                Self::RestrictionLifted {
                    informed_at: informed_at.into(),
                }
            }
            conek_core::consent::Statement::AgreesToHours { agreement } => {
                Self::AgreesToHours {
                    agreement: agreement.into(),
                }
            }
            conek_core::consent::Statement::Age { evidence } => {
                Self::Age {
                    evidence: evidence.into(),
                }
            }
            conek_core::consent::Statement::ReportedAsChild {} => {
                Self::ReportedAsChild {}
            }
            conek_core::consent::Statement::GuardianConsents {} => {
                Self::GuardianConsents {}
            }
            conek_core::consent::Statement::NumberReassigned {} => {
                Self::NumberReassigned {}
            }
            conek_core::consent::Statement::Juristic { over_cpa_threshold } => {
                Self::Juristic {
                    over_cpa_threshold: over_cpa_threshold,
                }
            }
        }
    }
}
impl From<Statement> for conek_core::consent::Statement {
    fn from(v: Statement) -> Self {
        match v {
            Statement::Objects { scope } => {
                Self::Objects {
                    scope: scope.into(),
                }
            }
            Statement::ObjectsNoMore { scope } => {
                Self::ObjectsNoMore {
                    scope: scope.into(),
                }
            }
            Statement::CompellingGrounds { grounds } => {
                Self::CompellingGrounds {
                    grounds: grounds,
                }
            }
            Statement::DemandsDesist {} => Self::DemandsDesist {},
            Statement::Restricted { ground } => {
                Self::Restricted {
                    ground: ground.into(),
                }
            }
            Statement::RestrictionLifted { informed_at } => {
                Self::RestrictionLifted {
                    informed_at: informed_at.into(),
                }
            }
            Statement::AgreesToHours { agreement } => {
                Self::AgreesToHours {
                    agreement: agreement.into(),
                }
            }
            Statement::Age { evidence } => {
                Self::Age {
                    evidence: evidence.into(),
                }
            }
            Statement::ReportedAsChild {} => Self::ReportedAsChild {},
            Statement::GuardianConsents {} => Self::GuardianConsents {},
            Statement::NumberReassigned {} => Self::NumberReassigned {},
            Statement::Juristic { over_cpa_threshold } => {
                Self::Juristic {
                    over_cpa_threshold: over_cpa_threshold,
                }
            }
        }
    }
}
#[pymethods]
impl Statement {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::consent::Statement::from(Statement::clone(self)))
    }
}
plain! {
    #[doc = " What a status says."] StatusKind : conek_core::transport::StatusKind {
    #[doc = " WhatsApp sent it on."] Sent = "sent", #[doc = " It is on the phone."]
    Delivered = "delivered", #[doc = " It was opened."] Read = "read", #[doc =
    " It did not arrive."] Failed = "failed", }
}
plain! {
    #[doc = " What is wrong with the storage."] StorageFault :
    conek_core::values::error::StorageFault { #[doc =
    " The file was written by a newer version of conek. Upgrade the library."] Newer =
    "newer", #[doc =
    " The file is a database of another program, or no database at all. Choose another path."]
    NotOurs = "not_ours", #[doc =
    " The disk or file cannot be written. Check permissions and mount options."] ReadOnly
    = "read_only", #[doc =
    " The disk is full. Free space, then continue; nothing was half written."] Full =
    "full", #[doc =
    " Another process has this file open. Close it, or use that process."] Locked =
    "locked", #[doc = " The database is damaged. Restore a backup."] Corrupt = "corrupt",
    #[doc = " The storage does not answer."] Unavailable = "unavailable", }, _ =>
    Unavailable
}
plain! {
    #[doc = " What an entry stops."] SuppressionScope :
    conek_core::consent::SuppressionScope { #[doc = " Direct marketing."] Marketing =
    "marketing", #[doc = " Everything but what the law makes the account say."] All =
    "all", }
}
/// A value for a template's button. Buttons that take no value are left out.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum TemplateButton {
    /// What comes back when a quick reply is tapped.
    #[pyo3(constructor = (index, payload))]
    QuickReply {
        /// The button's place in the template, from 0.
        index: i32,
        /// At most 256 characters.
        payload: String,
    },
    /// The end of an address; of a button for a one-time password, the code.
    #[pyo3(constructor = (index, suffix))]
    Url {
        /// The button's place in the template, from 0.
        index: i32,
        /// The whole address has at most 2,000 characters, a one-time password at most 15.
        suffix: String,
    },
    /// The code that is copied.
    #[pyo3(constructor = (index, code))]
    CopyCode {
        /// The button's place in the template, from 0.
        index: i32,
        /// 1 to 15 letters and digits.
        code: String,
    },
    /// What a form is given.
    #[pyo3(constructor = (index, *, token = None, data = None))]
    Flow {
        /// The button's place in the template, from 0.
        index: i32,
        /// Comes back with the answers; `unused` if missing.
        token: Option<String>,
        /// What the first screen is given: a JSON object as text.
        data: Option<String>,
    },
    /// Which product's picture stands for the catalog; the first one's without it.
    #[pyo3(constructor = (index, *, thumbnail = None))]
    Catalog {
        /// The button's place in the template, from 0.
        index: i32,
        /// The product's id in the catalog.
        thumbnail: Option<String>,
    },
    /// Which products are offered.
    #[pyo3(constructor = (index, thumbnail, *, sections = Vec::new()))]
    Products {
        /// The button's place in the template, from 0.
        index: i32,
        /// The product whose picture is shown.
        thumbnail: String,
        /// One to ten sections with at most 30 products in all.
        sections: Vec<ProductSection>,
    },
    /// How long a button that calls the business works, and what comes back with the call.
    #[pyo3(constructor = (index, *, ttl_minutes = None, payload = None))]
    VoiceCall {
        /// The button's place in the template, from 0.
        index: i32,
        /// Minutes, 1 to 43,200; 10,080 (7 days) if missing.
        ttl_minutes: Option<i32>,
        /// At most 512 characters.
        payload: Option<String>,
    },
    /// The order that is to be paid.
    #[pyo3(constructor = (index, order))]
    OrderDetails {
        /// The button's place in the template, from 0.
        index: i32,
        /// The order.
        order: Order,
    },
}
impl From<conek_core::messaging::content::TemplateButton> for TemplateButton {
    fn from(v: conek_core::messaging::content::TemplateButton) -> Self {
        match v {
            conek_core::messaging::content::TemplateButton::QuickReply {
                index,
                payload,
            } => {
                Self::QuickReply {
                    index: index,
                    payload: payload,
                }
            }
            conek_core::messaging::content::TemplateButton::Url { index, suffix } => {
                Self::Url {
                    index: index,
                    suffix: suffix,
                }
            }
            conek_core::messaging::content::TemplateButton::CopyCode { index, code } => {
                Self::CopyCode {
                    index: index,
                    code: code,
                }
            }
            conek_core::messaging::content::TemplateButton::Flow {
                index,
                token,
                data,
            } => {
                Self::Flow {
                    index: index,
                    token: token,
                    data: data,
                }
            }
            conek_core::messaging::content::TemplateButton::Catalog {
                index,
                thumbnail,
            } => {
                Self::Catalog {
                    index: index,
                    thumbnail: thumbnail,
                }
            }
            conek_core::messaging::content::TemplateButton::Products {
                index,
                thumbnail,
                sections,
            } => {
                Self::Products {
                    index: index,
                    thumbnail: thumbnail,
                    sections: sections.into_iter().map(|x| x.into()).collect(),
                }
            }
            conek_core::messaging::content::TemplateButton::VoiceCall {
                index,
                ttl_minutes,
                payload,
            } => {
                Self::VoiceCall {
                    index: index,
                    ttl_minutes: ttl_minutes,
                    payload: payload,
                }
            }
            conek_core::messaging::content::TemplateButton::OrderDetails {
                index,
                order,
            } => {
                Self::OrderDetails {
                    index: index,
                    order: order.into(),
                }
            }
        }
    }
}
impl From<TemplateButton> for conek_core::messaging::content::TemplateButton {
    fn from(v: TemplateButton) -> Self {
        match v {
            TemplateButton::QuickReply { index, payload } => {
                Self::QuickReply {
                    index: index,
                    payload: payload,
                }
            }
            TemplateButton::Url { index, suffix } => {
                Self::Url {
                    index: index,
                    suffix: suffix,
                }
            }
            TemplateButton::CopyCode { index, code } => {
                Self::CopyCode {
                    index: index,
                    code: code,
                }
            }
            TemplateButton::Flow { index, token, data } => {
                Self::Flow {
                    index: index,
                    token: token,
                    data: data,
                }
            }
            TemplateButton::Catalog { index, thumbnail } => {
                Self::Catalog {
                    index: index,
                    thumbnail: thumbnail,
                }
            }
            TemplateButton::Products { index, thumbnail, sections } => {
                Self::Products {
                    index: index,
                    thumbnail: thumbnail,
                    sections: sections.into_iter().map(|x| x.into()).collect(),
                }
            }
            TemplateButton::VoiceCall { index, ttl_minutes, payload } => {
                Self::VoiceCall {
                    index: index,
                    ttl_minutes: ttl_minutes,
                    payload: payload,
                }
            }
            TemplateButton::OrderDetails { index, order } => {
                Self::OrderDetails {
                    index: index,
                    order: order.into(),
                }
            }
        }
    }
}
#[pymethods]
impl TemplateButton {
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::content::TemplateButton::from(TemplateButton::clone(self))
        )
    }
}
plain! {
    #[doc = " How WhatsApp classes a template."] TemplateCategory :
    conek_core::messaging::TemplateCategory { #[doc = " Promotion."] Marketing =
    "marketing", #[doc = " Tied to something the person did."] Utility = "utility", #[doc
    = " One-time passwords."] Authentication = "authentication", }
}
/// What stands above a template, or a card of it.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum TemplateHeader {
    /// A text with at most one placeholder; at most 60 characters.
    #[pyo3(constructor = (text))]
    Text {
        /// The text.
        text: String,
    },
    /// A picture, which every send names.
    #[pyo3(constructor = ())]
    Image {},
    /// A film, which every send names.
    #[pyo3(constructor = ())]
    Video {},
    /// A moving picture, which every send names. Marketing on `/marketing_messages` only.
    #[pyo3(constructor = ())]
    Gif {},
    /// A PDF, which every send names.
    #[pyo3(constructor = ())]
    Document {},
    /// A place, which every send names.
    #[pyo3(constructor = ())]
    Location {},
    /// A product, which every send names. On cards only.
    #[pyo3(constructor = ())]
    Product {},
}
impl From<conek_core::messaging::TemplateHeader> for TemplateHeader {
    fn from(v: conek_core::messaging::TemplateHeader) -> Self {
        match v {
            conek_core::messaging::TemplateHeader::Text { text } => {
                Self::Text { text: text }
            }
            conek_core::messaging::TemplateHeader::Image {} => Self::Image {},
            conek_core::messaging::TemplateHeader::Video {} => Self::Video {},
            conek_core::messaging::TemplateHeader::Gif {} => Self::Gif {},
            conek_core::messaging::TemplateHeader::Document {} => Self::Document {},
            conek_core::messaging::TemplateHeader::Location {} => Self::Location {},
            conek_core::messaging::TemplateHeader::Product {} => Self::Product {},
        }
    }
}
impl From<TemplateHeader> for conek_core::messaging::TemplateHeader {
    fn from(v: TemplateHeader) -> Self {
        match v {
            TemplateHeader::Text { text } => Self::Text { text: text },
            TemplateHeader::Image {} => Self::Image {},
            TemplateHeader::Video {} => Self::Video {},
            TemplateHeader::Gif {} => Self::Gif {},
            TemplateHeader::Document {} => Self::Document {},
            TemplateHeader::Location {} => Self::Location {},
            TemplateHeader::Product {} => Self::Product {},
        }
    }
}
#[pymethods]
impl TemplateHeader {
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::messaging::TemplateHeader::from(TemplateHeader::clone(self))
        )
    }
}
plain! {
    #[doc = " By which of WhatsApp's two ways messages left."] TemplateProduct :
    conek_core::platform::TemplateProduct { #[doc = " `/messages`."] CloudApi =
    "cloud_api", #[doc = " `/marketing_messages`."] MarketingMessages =
    "marketing_messages", }
}
/// What an account can make stricter. Nothing has to be proved for it.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Tightening {
    /// People must be at least this old; 18 by default, and no less by this way.
    #[pyo3(constructor = (years))]
    MinAge {
        /// In years.
        years: i32,
    },
    /// Nothing is sent in these hours, beside the law's own.
    #[pyo3(constructor = (hours))]
    Quiet {
        /// When, to whom, what.
        hours: QuietHours,
    },
    /// No marketing without consent, also to customers.
    #[pyo3(constructor = ())]
    ConsentOnly {},
    /// Consent counts once it was confirmed.
    #[pyo3(constructor = ())]
    DoubleOptIn {},
    /// No direct marketing by rules that are past their review date.
    #[pyo3(constructor = ())]
    StopWhenStale {},
}
impl From<conek_core::policy::Tightening> for Tightening {
    fn from(v: conek_core::policy::Tightening) -> Self {
        match v {
            conek_core::policy::Tightening::MinAge { years } => {
                Self::MinAge { years: years }
            }
            conek_core::policy::Tightening::Quiet { hours } => {
                Self::Quiet { hours: hours.into() }
            }
            conek_core::policy::Tightening::ConsentOnly {} => Self::ConsentOnly {},
            conek_core::policy::Tightening::DoubleOptIn {} => Self::DoubleOptIn {},
            conek_core::policy::Tightening::StopWhenStale {} => Self::StopWhenStale {},
        }
    }
}
impl From<Tightening> for conek_core::policy::Tightening {
    fn from(v: Tightening) -> Self {
        match v {
            Tightening::MinAge { years } => Self::MinAge { years: years },
            Tightening::Quiet { hours } => Self::Quiet { hours: hours.into() },
            Tightening::ConsentOnly {} => Self::ConsentOnly {},
            Tightening::DoubleOptIn {} => Self::DoubleOptIn {},
            Tightening::StopWhenStale {} => Self::StopWhenStale {},
        }
    }
}
#[pymethods]
impl Tightening {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::policy::Tightening::from(Tightening::clone(self)))
    }
}
/// Whether data may go.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum TransferDecision {
    /// They may.
    #[pyo3(constructor = (*, provisions = Vec::new(), warnings = Vec::new()))]
    Allow {
        /// What it rests on, under each law that binds.
        provisions: Vec<String>,
        /// What does not stand against it, and ought to be known.
        warnings: Vec<Reason>,
    },
    /// They may not.
    #[pyo3(constructor = (*, reasons = Vec::new()))]
    Deny {
        /// All reasons.
        reasons: Vec<Reason>,
    },
}
impl From<conek_core::policy::TransferDecision> for TransferDecision {
    fn from(v: conek_core::policy::TransferDecision) -> Self {
        match v {
            conek_core::policy::TransferDecision::Allow { provisions, warnings } => {
                Self::Allow {
                    provisions: provisions,
                    warnings: warnings.into_iter().map(|x| x.into()).collect(),
                }
            }
            conek_core::policy::TransferDecision::Deny { reasons } => {
                Self::Deny {
                    reasons: reasons.into_iter().map(|x| x.into()).collect(),
                }
            }
        }
    }
}
impl From<TransferDecision> for conek_core::policy::TransferDecision {
    fn from(v: TransferDecision) -> Self {
        match v {
            TransferDecision::Allow { provisions, warnings } => {
                Self::Allow {
                    provisions: provisions,
                    warnings: warnings.into_iter().map(|x| x.into()).collect(),
                }
            }
            TransferDecision::Deny { reasons } => {
                Self::Deny {
                    reasons: reasons.into_iter().map(|x| x.into()).collect(),
                }
            }
        }
    }
}
#[pymethods]
impl TransferDecision {
    fn __repr__(&self) -> String {
        format!(
            "{:?}",
            conek_core::policy::TransferDecision::from(TransferDecision::clone(self))
        )
    }
}
plain! {
    #[doc = " What a transfer rests on."] TransferMechanism :
    conek_core::policy::TransferMechanism { #[doc =
    " A decision that the country protects data adequately (GDPR 45). For a transfer under POPIA it shows that"]
    #[doc = " the country's law does (s72(1)(a))."] Adequacy = "adequacy", #[doc =
    " The recipient's law, as the account itself has assessed it (POPIA s72(1)(a))."]
    AdequateLaw = "adequate_law", #[doc =
    " The standard contractual clauses of Decision (EU) 2021/914 (GDPR 46(2)(c))."]
    StandardClauses = "standard_clauses", #[doc =
    " Those of 2001, 2004 and 2010, of no effect since 27 December 2022."]
    OldStandardClauses = "old_standard_clauses", #[doc =
    " Binding corporate rules (GDPR 47; POPIA s72(1)(a))."] BindingRules =
    "binding_rules", #[doc =
    " An agreement that binds the recipient to an adequate level (POPIA s72(1)(a))."]
    BindingAgreement = "binding_agreement", #[doc =
    " The EU-US Data Privacy Framework, for whoever is certified."] DataPrivacyFramework
    = "data_privacy_framework", #[doc =
    " The EU-US Privacy Shield, invalid since 16 July 2020."] PrivacyShield =
    "privacy_shield", #[doc = " Safe Harbour, invalid since 6 October 2015."] SafeHarbour
    = "safe_harbour", #[doc =
    " The person's consent to the transfer (POPIA s72(1)(b); GDPR 49(1)(a), explicit)."]
    Consent = "consent", #[doc =
    " A contract with the person needs it (POPIA s72(1)(c); GDPR 49(1)(b))."] Contract =
    "contract", #[doc =
    " A contract in the person's interest needs it (POPIA s72(1)(d); GDPR 49(1)(c))."]
    ContractInInterest = "contract_in_interest", #[doc =
    " It benefits the person, asking is not practicable, and they would agree (POPIA s72(1)(e))."]
    Benefit = "benefit", #[doc =
    " Important reasons of public interest that the law recognises (GDPR 49(1)(d))."]
    PublicInterest = "public_interest", #[doc = " Legal claims (GDPR 49(1)(e))."]
    LegalClaims = "legal_claims", #[doc =
    " Somebody's life, where consent cannot be given (GDPR 49(1)(f))."] VitalInterest =
    "vital_interest", }
}
/// One update of a webhook.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Update {
    /// A person wrote.
    #[pyo3(
        constructor = (
            receiver,
            wamid,
            at,
            reply,
            *,
            wa_id = None,
            user_id = None,
            profile_name = None,
            context = None
        )
    )]
    Message {
        /// The phone number id that received it.
        receiver: String,
        /// WhatsApp's id of the message.
        wamid: String,
        /// When it was written.
        at: Moment,
        /// What it says.
        reply: Reply,
        /// The person's WhatsApp id: digits of a phone number. Missing for people without one.
        wa_id: Option<String>,
        /// The person's business-scoped id.
        user_id: Option<String>,
        /// The person's profile name.
        profile_name: Option<String>,
        /// Our message that it answers, by WhatsApp's id.
        context: Option<String>,
    },
    /// What became of a message of ours.
    #[pyo3(
        constructor = (
            sender,
            wamid,
            kind,
            at,
            *,
            echo = None,
            wa_id = None,
            user_id = None,
            code = None,
            pricing = None
        )
    )]
    Status {
        /// The phone number id that sent it.
        sender: String,
        /// WhatsApp's id of the message.
        wamid: String,
        /// What became of it.
        kind: StatusKind,
        /// When.
        at: Moment,
        /// What we gave the message to carry.
        echo: Option<String>,
        /// The recipient's WhatsApp id.
        wa_id: Option<String>,
        /// The recipient's business-scoped id.
        user_id: Option<String>,
        /// The error code of a failure.
        code: Option<i32>,
        /// The pricing category, where it says one.
        pricing: Option<String>,
    },
    /// A person changed their preference within WhatsApp: `stop`, `resume` or `signup`.
    #[pyo3(
        constructor = (
            receiver,
            value,
            at,
            *,
            wa_id = None,
            user_id = None,
            signup_id = None
        )
    )]
    Preference {
        /// The phone number id.
        receiver: String,
        /// `stop`, `resume` or `signup`.
        value: String,
        /// When.
        at: Moment,
        /// The person's WhatsApp id.
        wa_id: Option<String>,
        /// The person's business-scoped id.
        user_id: Option<String>,
        /// The id of the sign-up, with `signup`: part of the proof of consent.
        signup_id: Option<String>,
    },
    /// A template's status changed.
    #[pyo3(constructor = (name, language, status))]
    Template {
        /// Its name.
        name: String,
        /// Its language.
        language: String,
        /// `APPROVED`, `PAUSED`, `DISABLED`, `REJECTED`, ...
        status: String,
    },
    /// Something happened to a call.
    #[pyo3(
        constructor = (
            number,
            call,
            at,
            event,
            *,
            wa_id = None,
            user_id = None,
            profile_name = None
        )
    )]
    Call {
        /// The phone number id.
        number: String,
        /// WhatsApp's id of the call.
        call: String,
        /// When it happened.
        at: Moment,
        /// What.
        event: CallEvent,
        /// The WhatsApp id of the person on its other end.
        wa_id: Option<String>,
        /// Their business-scoped id.
        user_id: Option<String>,
        /// Their profile name.
        profile_name: Option<String>,
    },
    /// A field that conek knows no type for, or an update that did not fit its type. Kept whole.
    #[pyo3(constructor = (field, json))]
    Unknown {
        /// The webhook field, for example `messages`.
        field: String,
        /// The update as JSON.
        json: String,
    },
}
impl From<conek_core::transport::Update> for Update {
    fn from(v: conek_core::transport::Update) -> Self {
        match v {
            conek_core::transport::Update::Message {
                receiver,
                wamid,
                wa_id,
                user_id,
                profile_name,
                at,
                context,
                reply,
            } => {
                Self::Message {
                    receiver: receiver,
                    wamid: wamid,
                    wa_id: wa_id,
                    user_id: user_id,
                    profile_name: profile_name,
                    at: at.into(),
                    context: context,
                    reply: reply.into(),
                }
            }
            conek_core::transport::Update::Status {
                sender,
                wamid,
                kind,
                at,
                echo,
                wa_id,
                user_id,
                code,
                pricing,
            } => {
                Self::Status {
                    sender: sender,
                    wamid: wamid,
                    kind: kind.into(),
                    at: at.into(),
                    echo: echo,
                    wa_id: wa_id,
                    user_id: user_id,
                    code: code,
                    pricing: pricing,
                }
            }
            conek_core::transport::Update::Preference {
                receiver,
                wa_id,
                user_id,
                value,
                signup_id,
                at,
            } => {
                Self::Preference {
                    receiver: receiver,
                    wa_id: wa_id,
                    user_id: user_id,
                    value: value,
                    signup_id: signup_id,
                    at: at.into(),
                }
            }
            conek_core::transport::Update::Template { name, language, status } => {
                Self::Template {
                    name: name,
                    language: language,
                    status: status,
                }
            }
            conek_core::transport::Update::Call {
                number,
                call,
                wa_id,
                user_id,
                profile_name,
                at,
                event,
            } => {
                Self::Call {
                    number: number,
                    call: call,
                    wa_id: wa_id,
                    user_id: user_id,
                    profile_name: profile_name,
                    at: at.into(),
                    event: event.into(),
                }
            }
            conek_core::transport::Update::Unknown { field, json } => {
                Self::Unknown {
                    field: field,
                    json: json,
                }
            }
        }
    }
}
impl From<Update> for conek_core::transport::Update {
    fn from(v: Update) -> Self {
        match v {
            Update::Message {
                receiver,
                wamid,
                wa_id,
                user_id,
                profile_name,
                at,
                context,
                reply,
            } => {
                Self::Message {
                    receiver: receiver,
                    wamid: wamid,
                    wa_id: wa_id,
                    user_id: user_id,
                    profile_name: profile_name,
                    at: at.into(),
                    context: context,
                    reply: reply.into(),
                }
            }
            Update::Status {
                sender,
                wamid,
                kind,
                at,
                echo,
                wa_id,
                user_id,
                code,
                pricing,
            } => {
                Self::Status {
                    sender: sender,
                    wamid: wamid,
                    kind: kind.into(),
                    at: at.into(),
                    echo: echo,
                    wa_id: wa_id,
                    user_id: user_id,
                    code: code,
                    pricing: pricing,
                }
            }
            Update::Preference { receiver, wa_id, user_id, value, signup_id, at } => {
                Self::Preference {
                    receiver: receiver,
                    wa_id: wa_id,
                    user_id: user_id,
                    value: value,
                    signup_id: signup_id,
                    at: at.into(),
                }
            }
            Update::Template { name, language, status } => {
                Self::Template {
                    name: name,
                    language: language,
                    status: status,
                }
            }
            Update::Call { number, call, wa_id, user_id, profile_name, at, event } => {
                Self::Call {
                    number: number,
                    call: call,
                    wa_id: wa_id,
                    user_id: user_id,
                    profile_name: profile_name,
                    at: at.into(),
                    event: event.into(),
                }
            }
            Update::Unknown { field, json } => {
                Self::Unknown {
                    field: field,
                    json: json,
                }
            }
        }
    }
}
#[pymethods]
impl Update {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::transport::Update::from(Update::clone(self)))
    }
}
/// Where a placeholder's value comes from.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Variable {
    /// The same text for everybody.
    #[pyo3(constructor = (name, text))]
    Literal {
        /// The placeholder's name; empty for numbered ones.
        name: String,
        /// The text.
        text: String,
    },
    /// From the contact: `name`, or one of its attributes.
    #[pyo3(constructor = (name, attribute, *, fallback = None))]
    Attribute {
        /// The placeholder's name; empty for numbered ones.
        name: String,
        /// The contact's field or attribute.
        attribute: String,
        /// Used where the contact has none; without it such a contact is left out.
        fallback: Option<String>,
    },
    /// The address of the person's own page of preferences; needs a `public_url` in the configuration.
    #[pyo3(constructor = (name))]
    PreferenceLink {
        /// The placeholder's name; empty for numbered ones.
        name: String,
    },
}
impl From<conek_core::campaigns::Variable> for Variable {
    fn from(v: conek_core::campaigns::Variable) -> Self {
        match v {
            conek_core::campaigns::Variable::Literal { name, text } => {
                Self::Literal {
                    name: name,
                    text: text,
                }
            }
            conek_core::campaigns::Variable::Attribute { name, attribute, fallback } => {
                Self::Attribute {
                    name: name,
                    attribute: attribute,
                    fallback: fallback,
                }
            }
            conek_core::campaigns::Variable::PreferenceLink { name } => {
                Self::PreferenceLink { name: name }
            }
        }
    }
}
impl From<Variable> for conek_core::campaigns::Variable {
    fn from(v: Variable) -> Self {
        match v {
            Variable::Literal { name, text } => {
                Self::Literal {
                    name: name,
                    text: text,
                }
            }
            Variable::Attribute { name, attribute, fallback } => {
                Self::Attribute {
                    name: name,
                    attribute: attribute,
                    fallback: fallback,
                }
            }
            Variable::PreferenceLink { name } => Self::PreferenceLink { name: name },
        }
    }
}
#[pymethods]
impl Variable {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::campaigns::Variable::from(Variable::clone(self)))
    }
}
/// One step of a batch.
#[pyclass(frozen, eq, from_py_object, module = "conek")]
#[derive(Clone, PartialEq)]
pub enum Write {
    /// A new record.
    #[pyo3(constructor = (record))]
    Insert {
        /// The record.
        record: Record,
    },
    /// A whole record in place of the one at `version`.
    #[pyo3(constructor = (record, version))]
    Replace {
        /// The record.
        record: Record,
        /// The version that must be stored.
        version: i64,
    },
    /// A whole record, whatever was there.
    #[pyo3(constructor = (record))]
    Put {
        /// The record.
        record: Record,
    },
    /// A new record at the end of its kind; the storage gives the id.
    #[pyo3(constructor = (record))]
    Append {
        /// The record; its `id` is ignored.
        record: Record,
    },
    /// A small change.
    #[pyo3(constructor = (patch))]
    Change {
        /// What changes.
        patch: Patch,
    },
    /// The end of a record.
    #[pyo3(constructor = (key, version))]
    Delete {
        /// Which record.
        key: Key,
        /// The version that must be stored.
        version: i64,
    },
    /// Nothing but the condition that the record is at `version` (0: absent).
    #[pyo3(constructor = (key, version))]
    Check {
        /// Which record.
        key: Key,
        /// The version that must be stored.
        version: i64,
    },
}
impl From<conek_core::storage::Write> for Write {
    fn from(v: conek_core::storage::Write) -> Self {
        match v {
            conek_core::storage::Write::Insert { record } => {
                Self::Insert {
                    record: record.into(),
                }
            }
            conek_core::storage::Write::Replace { record, version } => {
                Self::Replace {
                    record: record.into(),
                    version: version,
                }
            }
            conek_core::storage::Write::Put { record } => {
                Self::Put { record: record.into() }
            }
            conek_core::storage::Write::Append { record } => {
                Self::Append {
                    record: record.into(),
                }
            }
            conek_core::storage::Write::Change { patch } => {
                Self::Change {
                    patch: patch.into(),
                }
            }
            conek_core::storage::Write::Delete { key, version } => {
                Self::Delete {
                    key: key.into(),
                    version: version,
                }
            }
            conek_core::storage::Write::Check { key, version } => {
                Self::Check {
                    key: key.into(),
                    version: version,
                }
            }
        }
    }
}
impl From<Write> for conek_core::storage::Write {
    fn from(v: Write) -> Self {
        match v {
            Write::Insert { record } => {
                Self::Insert {
                    record: record.into(),
                }
            }
            Write::Replace { record, version } => {
                Self::Replace {
                    record: record.into(),
                    version: version,
                }
            }
            Write::Put { record } => Self::Put { record: record.into() },
            Write::Append { record } => {
                Self::Append {
                    record: record.into(),
                }
            }
            Write::Change { patch } => {
                Self::Change {
                    patch: patch.into(),
                }
            }
            Write::Delete { key, version } => {
                Self::Delete {
                    key: key.into(),
                    version: version,
                }
            }
            Write::Check { key, version } => {
                Self::Check {
                    key: key.into(),
                    version: version,
                }
            }
        }
    }
}
#[pymethods]
impl Write {
    fn __repr__(&self) -> String {
        format!("{:?}", conek_core::storage::Write::from(Write::clone(self)))
    }
}
/// Sets the error's fields and gives the name of its class.
pub fn error_fields(
    error: conek_core::Error,
    fields: &Bound<'_, pyo3::types::PyDict>,
) -> PyResult<&'static str> {
    Ok(
        match error {
            conek_core::Error::InvalidInput { field, detail } => {
                fields.set_item("field", field)?;
                fields.set_item("detail", detail)?;
                "InvalidInputError"
            }
            conek_core::Error::NotFound { what, id } => {
                fields.set_item("what", what)?;
                fields.set_item("id", id)?;
                "NotFoundError"
            }
            conek_core::Error::Conflict { what, detail } => {
                fields.set_item("what", what)?;
                fields.set_item("detail", detail)?;
                "ConflictError"
            }
            conek_core::Error::Denied { id, reasons, detail } => {
                fields.set_item("id", id)?;
                fields.set_item("reasons", reasons)?;
                fields.set_item("detail", detail)?;
                "DeniedError"
            }
            conek_core::Error::Forbidden { operation, scope } => {
                fields.set_item("operation", operation)?;
                fields.set_item("scope", scope)?;
                "ForbiddenError"
            }
            conek_core::Error::Storage { fault, detail } => {
                fields.set_item("fault", StorageFault::from(fault))?;
                fields.set_item("detail", detail)?;
                "StorageError"
            }
            conek_core::Error::Transport { detail, retry } => {
                fields.set_item("detail", detail)?;
                fields.set_item("retry", Retry::from(retry))?;
                "TransportError"
            }
            conek_core::Error::Unsupported { operation } => {
                fields.set_item("operation", operation)?;
                "UnsupportedError"
            }
            conek_core::Error::Signature { detail } => {
                fields.set_item("detail", detail)?;
                "SignatureError"
            }
            conek_core::Error::Key { detail } => {
                fields.set_item("detail", detail)?;
                "ConekKeyError"
            }
            conek_core::Error::Closed {} => "ClosedError",
            conek_core::Error::Internal { detail } => {
                fields.set_item("detail", detail)?;
                "InternalError"
            }
            other => {
                fields.set_item("detail", other.to_string())?;
                "InternalError"
            }
        },
    )
}
/// The error of that kind with these fields.
pub fn error_of(
    kind: &str,
    fields: &Bound<'_, pyo3::types::PyDict>,
) -> PyResult<conek_core::Error> {
    Ok(
        match kind {
            "InvalidInput" => {
                conek_core::Error::InvalidInput {
                    field: crate::errors::field::<String>(fields, "field")?,
                    detail: crate::errors::field::<String>(fields, "detail")?,
                }
            }
            "NotFound" => {
                conek_core::Error::NotFound {
                    what: crate::errors::field::<String>(fields, "what")?,
                    id: crate::errors::field::<String>(fields, "id")?,
                }
            }
            "Conflict" => {
                conek_core::Error::Conflict {
                    what: crate::errors::field::<String>(fields, "what")?,
                    detail: crate::errors::field::<String>(fields, "detail")?,
                }
            }
            "Denied" => {
                conek_core::Error::Denied {
                    id: crate::errors::field::<String>(fields, "id")?,
                    reasons: crate::errors::field::<Vec<String>>(fields, "reasons")?,
                    detail: crate::errors::field::<String>(fields, "detail")?,
                }
            }
            "Forbidden" => {
                conek_core::Error::Forbidden {
                    operation: crate::errors::field::<String>(fields, "operation")?,
                    scope: crate::errors::field::<String>(fields, "scope")?,
                }
            }
            "Storage" => {
                conek_core::Error::Storage {
                    fault: crate::errors::field::<StorageFault>(fields, "fault")?.into(),
                    detail: crate::errors::field::<String>(fields, "detail")?,
                }
            }
            "Transport" => {
                conek_core::Error::Transport {
                    detail: crate::errors::field::<String>(fields, "detail")?,
                    retry: crate::errors::field::<Retry>(fields, "retry")?.into(),
                }
            }
            "Unsupported" => {
                conek_core::Error::Unsupported {
                    operation: crate::errors::field::<String>(fields, "operation")?,
                }
            }
            "Signature" => {
                conek_core::Error::Signature {
                    detail: crate::errors::field::<String>(fields, "detail")?,
                }
            }
            "Key" => {
                conek_core::Error::Key {
                    detail: crate::errors::field::<String>(fields, "detail")?,
                }
            }
            "Closed" => conek_core::Error::Closed {},
            "Internal" => {
                conek_core::Error::Internal {
                    detail: crate::errors::field::<String>(fields, "detail")?,
                }
            }
            _ => {
                return Err(
                    pyo3::exceptions::PyValueError::new_err("no such kind of error"),
                );
            }
        },
    )
}
