//! What is known of a person beside consent for a purpose: objections, restrictions, demands, age,
//! agreements. Each stands on its own, each is stronger than consent, and each is kept with its proof.

use serde::{Deserialize, Serialize};

use super::{ConsentActor, ConsentEntry, ConsentSource, ConsentStatus, Evidence, standing};
use crate::{
    engine::Inner,
    people::Person,
    policy::{HoursAgreement, ObjectionFacts, ObjectionScope},
    storage::{Record, Write},
    values::{
        error::{Error, Result},
        ids::PersonId,
        quiet::quiet_debug,
        time::{Timestamp, to_millis},
    },
    vault::Sealed,
};

/// Why processing is restricted (GDPR 18(1), POPIA s14(6)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestrictionGround {
    /// The person contests the data's accuracy.
    AccuracyContested,
    /// The processing is unlawful, and the person wants the data kept.
    Unlawful,
    /// The account needs the data no more; the person does, for a claim.
    NeededForClaims,
    /// An objection is pending.
    ObjectionPending,
}

/// How a person's age is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgeEvidence {
    /// The person said how old they are.
    Declared {
        /// In years, on the day it was said.
        years: i32,
    },
    /// The day of birth.
    BirthDate {
        /// `YYYY-MM-DD`.
        date: String,
    },
}

/// What is declared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Statement {
    /// The person objects (POPIA s11(3), GDPR 21). To direct marketing it is absolute, and also puts the
    /// number on the suppression list.
    Objects {
        /// To what.
        scope: ObjectionScope,
    },
    /// The person takes an objection back.
    ObjectsNoMore {
        /// To what.
        scope: ObjectionScope,
    },
    /// The account has compelling grounds against an objection to what rests on legitimate interests
    /// (GDPR 21(1)). POPIA knows none, and nothing stands against an objection to direct marketing.
    CompellingGrounds {
        /// Which they are.
        grounds: String,
    },
    /// The person demands an end to direct marketing, or blocks it in advance (CPA s11(2)).
    DemandsDesist {},
    /// Processing is restricted: the data is stored, and nothing else is done with it.
    Restricted {
        /// Why.
        ground: RestrictionGround,
    },
    /// The restriction ends. The person must have been told before (GDPR 18(3)).
    RestrictionLifted {
        /// When the person was told.
        informed_at: Timestamp,
    },
    /// The person agreed to be contacted outside marketing hours.
    AgreesToHours {
        /// How.
        agreement: HoursAgreement,
    },
    /// How old the person is.
    Age {
        /// How that is known.
        evidence: AgeEvidence,
    },
    /// A parent or guardian says that the person is a child: everything stops, and the person is erased.
    ReportedAsChild {},
    /// A competent person or holder of parental responsibility consents (POPIA s35(1)(a), GDPR 8(1)).
    GuardianConsents {},
    /// The number has another owner now: every consent ends, and the window of the conversation too.
    NumberReassigned {},
    /// The person is a juristic one. POPIA protects them alike; the Consumer Protection Act up to a size.
    Juristic {
        /// Whether assets or turnover reach R2 million (CPA s5(2)(b)).
        over_cpa_threshold: bool,
    },
}

/// Something to declare about a person.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Declaration {
    /// About whom.
    pub person: PersonId,
    /// What.
    pub statement: Statement,
    /// By what way it came.
    pub source: ConsentSource,
    /// What proves it. An agreement to hours needs it.
    pub evidence: Evidence,
    /// When it was said; now, if missing.
    pub acted_at: Option<Timestamp>,
}

/// A declaration as kept.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    /// Its id; later ones have greater ids.
    pub id: String,
    /// About whom.
    pub person: PersonId,
    /// What.
    pub statement: Statement,
    /// By what way it came.
    pub source: ConsentSource,
    /// What proves it.
    pub evidence: Evidence,
    /// When it was said.
    pub acted_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}
quiet_debug! { Declaration { person, source } Declared { id, person, source, recorded_at } }

/// The end that a declaration puts to sends on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halt {
    Nothing,
    Marketing,
    Everything,
}

impl Halt {
    /// The stronger of two.
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Everything, _) | (_, Self::Everything) => Self::Everything,
            (Self::Marketing, _) | (_, Self::Marketing) => Self::Marketing,
            _ => Self::Nothing,
        }
    }
}

impl Statement {
    /// The stable code, as stored.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Objects { .. } => "objects",
            Self::ObjectsNoMore { .. } => "objects_no_more",
            Self::CompellingGrounds { .. } => "compelling_grounds",
            Self::DemandsDesist {} => "demands_desist",
            Self::Restricted { .. } => "restricted",
            Self::RestrictionLifted { .. } => "restriction_lifted",
            Self::AgreesToHours { .. } => "agrees_to_hours",
            Self::Age { .. } => "age",
            Self::ReportedAsChild {} => "reported_as_child",
            Self::GuardianConsents {} => "guardian_consents",
            Self::NumberReassigned {} => "number_reassigned",
            Self::Juristic { .. } => "juristic",
        }
    }
    /// What of the person's messages it stops at once.
    pub(crate) fn halt(&self) -> Halt {
        match self {
            Self::Restricted { .. } | Self::ReportedAsChild {} | Self::Age { .. } => Halt::Everything,
            Self::Objects { .. } | Self::DemandsDesist {} | Self::NumberReassigned {} => Halt::Marketing,
            _ => Halt::Nothing,
        }
    }

    fn check(&self, evidence: &Evidence, now: Timestamp) -> Result<()> {
        let blank = |text: &str| text.trim().is_empty();
        match self {
            Self::AgreesToHours { .. } if !evidence.is_demonstrable() => Err(Error::invalid(
                "evidence",
                "an agreement to hours needs proof: a reference, or the text shown together with the reply (GN R293 item 3)",
            )),
            Self::GuardianConsents {} if !evidence.is_demonstrable() => Err(Error::invalid(
                "evidence",
                "a guardian's consent needs proof: a reference, or the text shown together with the reply (GDPR 8(2))",
            )),
            Self::CompellingGrounds { grounds } if blank(grounds) => {
                Err(Error::invalid("grounds", "must say which they are"))
            }
            Self::RestrictionLifted { informed_at } if *informed_at > now => Err(Error::invalid(
                "informed_at",
                "the person must be told before the restriction ends (GDPR 18(3))",
            )),
            Self::Age { evidence: AgeEvidence::Declared { years } } if !(0..=130).contains(years) => {
                Err(Error::invalid("years", "must be 0 to 130"))
            }
            Self::Age { evidence: AgeEvidence::BirthDate { date } } => date
                .parse::<chrono::NaiveDate>()
                .ok()
                .filter(|day| *day <= now.date_naive())
                .map(drop)
                .ok_or_else(|| Error::invalid("date", "must be a date that has been, YYYY-MM-DD")),
            _ => Ok(()),
        }
    }
}

/// Applies a declaration to the person and returns what must be stored with it.
pub(crate) fn apply(engine: &Inner, person: &mut Person, declaration: &Declaration) -> Result<Vec<Write>> {
    let now = engine.clock.now();
    let acted_at = declaration.acted_at.map_or(now, to_millis);
    if acted_at > now {
        return Err(Error::invalid("acted_at", "lies in the future"));
    }
    declaration.statement.check(&declaration.evidence, now)?;
    let mut writes = vec![record(engine, person, declaration, acted_at, now)?];
    match &declaration.statement {
        Statement::Objects { scope } => {
            if !person.objections.iter().any(|o| o.scope == *scope) {
                person.objections.push(ObjectionFacts { scope: *scope, compelling_grounds: false });
            }
            if *scope == ObjectionScope::DirectMarketing {
                writes.extend(standing::suppress(engine, person, now)?);
            }
        }
        Statement::ObjectsNoMore { scope } => person.objections.retain(|o| o.scope != *scope),
        Statement::CompellingGrounds { .. } => {
            let mut pending =
                person.objections.iter_mut().filter(|o| o.scope == ObjectionScope::LegitimateInterests);
            match pending.next() {
                Some(objection) => objection.compelling_grounds = true,
                None => {
                    return Err(Error::invalid(
                        "statement",
                        "there is no objection to legitimate interests that grounds could stand against",
                    ));
                }
            }
        }
        Statement::DemandsDesist {} => {
            person.desist_demanded = true;
            writes.extend(standing::suppress(engine, person, now)?);
        }
        Statement::Restricted { .. } => person.restricted = true,
        Statement::RestrictionLifted { .. } => person.restricted = false,
        Statement::AgreesToHours { agreement } => person.hours = Some(*agreement),
        Statement::Age { evidence } => {
            person.born = match evidence {
                AgeEvidence::BirthDate { date } => date.parse().ok(),
                // The latest day of birth that fits: nobody is taken to be older than they are.
                AgeEvidence::Declared { years } => acted_at
                    .date_naive()
                    .checked_sub_months(chrono::Months::new(12 * u32::try_from(*years).unwrap_or(0))),
            };
        }
        Statement::ReportedAsChild {} => {
            person.reported_child = true;
            writes.extend(standing::suppress_for_all(engine, person, now)?);
        }
        Statement::GuardianConsents {} => person.guardian_consented = true,
        Statement::NumberReassigned {} => {
            person.reassigned_at = Some(acted_at);
            person.inbound.clear();
            for view in person.consents.clone() {
                if view.status.is_valid() {
                    let entry = ConsentEntry {
                        by: ConsentActor::Controller,
                        acted_at: Some(acted_at.max(view.since)),
                        ..ConsentEntry::new(
                            person.id.clone(),
                            view.purpose,
                            ConsentStatus::Invalidated,
                            declaration.source,
                        )
                    };
                    writes.extend(standing::apply(engine, person, &entry)?.1);
                }
            }
        }
        Statement::Juristic { over_cpa_threshold } => {
            person.juristic = true;
            person.over_cpa_threshold = *over_cpa_threshold;
        }
    }
    Ok(writes)
}

#[derive(Serialize, Deserialize)]
struct Kept {
    statement: Statement,
    source: ConsentSource,
    evidence: Evidence,
    acted_at: Timestamp,
    recorded_at: Timestamp,
}

/// The group of a person's declarations.
pub(crate) fn group(person: &PersonId) -> String {
    format!("declaration/{person}")
}

fn record(
    engine: &Inner,
    person: &Person,
    declaration: &Declaration,
    acted_at: Timestamp,
    recorded_at: Timestamp,
) -> Result<Write> {
    let mut record = Record::new(&engine.account, "declaration", engine.new_id()?);
    record.subjects = vec![person.id.as_str().to_owned()];
    record.group = Some(group(&person.id));
    record.state = declaration.statement.code().to_owned();
    record.retention = "consent".to_owned();
    let place = Sealed { person: person.id.as_str(), kind: "declaration", id: &record.id };
    let kept = Kept {
        statement: declaration.statement.clone(),
        source: declaration.source,
        evidence: declaration.evidence.clone(),
        acted_at,
        recorded_at,
    };
    record.sealed = engine.vault.seal(place, &kept)?;
    Ok(Write::Insert { record })
}

impl Inner {
    /// What was declared about a person, the oldest first.
    pub(crate) async fn declared(&self, person: &PersonId) -> Result<Vec<Declared>> {
        let (person, _) = self.person(person).await?;
        let group = crate::storage::Index::Group { group: group(&person.id) };
        let records = self.find_all(self.query("declaration", group, 1000)).await?;
        records.iter().map(|r| open(self, &person.id, r)).collect()
    }
}

/// Opens a kept declaration.
pub(crate) fn open(engine: &Inner, person: &PersonId, record: &Record) -> Result<Declared> {
    let place = Sealed { person: person.as_str(), kind: "declaration", id: &record.id };
    let kept: Kept = engine.vault.open_sealed(place, &record.sealed)?;
    Ok(Declared {
        id: record.id.clone(),
        person: person.clone(),
        statement: kept.statement,
        source: kept.source,
        evidence: kept.evidence,
        acted_at: kept.acted_at,
        recorded_at: kept.recorded_at,
    })
}
