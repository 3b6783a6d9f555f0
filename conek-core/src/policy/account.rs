//! What the account has set: stricter, less strict, and when its list was last compared with the opt-out
//! registry. Kept in the store with its history, and in memory for the gate.

use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::{
    AccountFacts, Assessment, RegistryFacts,
    settings::{Loosening, SettingChange, Tightening},
};
use crate::{
    engine::Inner,
    storage::{Committed, Index, Record, Write},
    values::{
        error::{Error, Result},
        time::{Timestamp, to_millis},
    },
};

/// A comparison of the contacts with the national opt-out registry (CPA regulation 4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cleansing {
    /// When the registry answered; now, if missing.
    pub at: Option<Timestamp>,
    /// The registry's own name for the list it gave.
    pub list_version: String,
    /// Whether the account is registered as a direct marketer; absent: not known.
    pub marketer_registered: Option<bool>,
    /// The numbers that the registry blocks, written in any way. Others are not blocked any more.
    pub blocked: Vec<String>,
}

/// What a comparison changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CleansingReport {
    /// Numbers blocked now, contacts or not.
    pub blocked: i64,
    /// Numbers that were blocked before and are no more.
    pub released: i64,
    /// Entries that are no phone numbers, by their place in the list, counted from 1.
    pub unreadable: Vec<i32>,
}

/// The account's settings as they stand.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AccountSettings {
    /// What was made stricter.
    pub tightened: Vec<Tightening>,
    /// What was made less strict.
    pub loosened: Vec<Loosening>,
    /// Purposes that may rest on a legitimate interest.
    pub assessments: Vec<Assessment>,
    /// When the contacts were last compared with the opt-out registry.
    pub cleansed_at: Option<Timestamp>,
    /// Whether the account is registered as a direct marketer; absent: not known.
    pub marketer_registered: Option<bool>,
}

/// The settings in memory, with what the gate makes of them.
#[derive(Debug, Default)]
pub(crate) struct Settings(RwLock<(AccountSettings, AccountFacts)>);

impl Settings {
    fn read<T>(&self, look: impl FnOnce(&(AccountSettings, AccountFacts)) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
    fn set(&self, settings: AccountSettings) {
        let facts = facts(&settings);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = (settings, facts);
    }
    /// As the host sees them.
    pub(crate) fn view(&self) -> AccountSettings {
        self.read(|s| s.0.clone())
    }
    /// As the gate sees them.
    pub(crate) fn facts(&self) -> AccountFacts {
        self.read(|s| s.1.clone())
    }
    /// What the registry says of a number, once the account has used it.
    pub(crate) fn registry(&self, blocked: bool) -> Option<RegistryFacts> {
        self.read(|s| {
            s.0.cleansed_at.map(|at| RegistryFacts {
                blocked,
                checked_at: Some(at),
                marketer_registered: s.0.marketer_registered,
            })
        })
    }
}

fn facts(settings: &AccountSettings) -> AccountFacts {
    let mut facts = AccountFacts { loosened: settings.loosened.clone(), ..AccountFacts::default() };
    facts.assessments = settings.assessments.iter().map(|a| a.purpose.clone()).collect();
    for tightened in &settings.tightened {
        match tightened {
            Tightening::MinAge { years } => {
                facts.min_age = Some(facts.min_age.map_or(*years, |y| y.max(*years)))
            }
            Tightening::Quiet { hours } => facts.quiet_hours.push(hours.clone()),
            Tightening::ConsentOnly {} => facts.consent_only = true,
            Tightening::DoubleOptIn {} => facts.double_opt_in = true,
            Tightening::StopWhenStale {} => facts.stop_when_stale = true,
        }
    }
    facts
}

/// A line of the settings' history.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kept {
    Changed { change: SettingChange },
    Assessed { assessment: Assessment },
    Cleansed { at: Timestamp, list_version: String, marketer_registered: Option<bool>, blocked: i64 },
}

const KIND: &str = "setting";

impl Inner {
    /// Reads the settings' history into what holds now.
    pub(crate) async fn load_settings(&self) -> Result<()> {
        let mut settings = AccountSettings::default();
        for record in self.find_all(self.query(KIND, Index::Id {}, 1000)).await? {
            match read(&record)? {
                Kept::Changed { change } => apply(&mut settings, change),
                Kept::Assessed { assessment } => {
                    settings.assessments.retain(|a| a.purpose != assessment.purpose);
                    settings.assessments.push(assessment);
                }
                Kept::Cleansed { at, marketer_registered, .. } => {
                    settings.cleansed_at = Some(at);
                    settings.marketer_registered = marketer_registered;
                }
            }
        }
        self.settings.set(settings);
        Ok(())
    }

    async fn keep(&self, kept: &Kept) -> Result<()> {
        // Numbered, because what comes later holds, however close together and whatever the clock says.
        for _ in 0..50 {
            let mut last = self.query(KIND, Index::Id {}, 1);
            last.descending = true;
            let last = self.find(last).await?.records.pop();
            let n = last.and_then(|r| r.id.parse::<u64>().ok()).map_or(1, |n| n + 1);
            let mut record = Record::new(&self.account, KIND, format!("{n:012}"));
            record.retention = "account".to_owned();
            record.clear = serde_json::to_string(kept).map_err(|_| Error::internal("encoding a setting"))?;
            if let Committed::Done { .. } = self.commit(vec![Write::Insert { record }]).await? {
                return self.load_settings().await;
            }
        }
        Err(Error::conflict("setting", "the settings are being changed all the time; try again later"))
    }

    pub(crate) async fn change_setting(
        &self,
        tightened: Option<Tightening>,
        loosened: Option<Loosening>,
        undone: bool,
        reason: String,
    ) -> Result<SettingChange> {
        if let Some(tightened) = &tightened {
            tightened.check()?;
        }
        if let Some(loosened) = &loosened {
            loosened.check()?;
        }
        // Whatever makes the gate less strict is somebody's decision, and has a reason.
        let looser = loosened.is_some() != undone && (loosened.is_some() || undone);
        if looser && reason.trim().is_empty() {
            return Err(Error::invalid(
                "reason",
                "must say why: what makes the gate less strict is recorded with its reason",
            ));
        }
        let change =
            SettingChange { id: String::new(), at: self.clock.now(), tightened, loosened, undone, reason };
        tracing::info!(loosened = looser, "the account's settings changed");
        self.keep(&Kept::Changed { change: change.clone() }).await?;
        Ok(change)
    }

    pub(crate) async fn setting_changes(&self) -> Result<Vec<SettingChange>> {
        let records = self.find_all(self.query(KIND, Index::Id {}, 1000)).await?;
        let mut changes = Vec::new();
        for record in records {
            if let Kept::Changed { mut change } = read(&record)? {
                change.id = record.id;
                changes.push(change);
            }
        }
        Ok(changes)
    }

    pub(crate) async fn assess(&self, assessment: Assessment) -> Result<()> {
        assessment.check()?;
        self.keep(&Kept::Assessed { assessment }).await
    }

    /// Marks who is blocked, and who is no more.
    pub(crate) async fn cleanse(&self, cleansing: Cleansing) -> Result<CleansingReport> {
        if cleansing.list_version.trim().is_empty() {
            return Err(Error::invalid("list_version", "must name the list that the registry gave"));
        }
        let now = self.clock.now();
        let at = cleansing.at.map_or(now, to_millis);
        if at > now {
            return Err(Error::invalid("at", "lies in the future"));
        }
        let mut report = CleansingReport::default();
        let mut blocked = std::collections::BTreeMap::new();
        for (i, text) in cleansing.blocked.iter().enumerate() {
            match self.parse_phone(text) {
                Ok(phone) => {
                    blocked.insert(self.vault.fingerprint("registry", phone.as_e164()), phone);
                }
                Err(_) => report.unreadable.push(i32::try_from(i + 1).unwrap_or(i32::MAX)),
            }
        }
        let before = self.find_all(self.query("registry", Index::Id {}, 1000)).await?;
        for record in &before {
            if !blocked.contains_key(&record.id) {
                report.released += 1;
                self.block(&record.id, None).await?;
            }
        }
        for (id, phone) in &blocked {
            self.block(id, Some(phone.as_e164())).await?;
        }
        report.blocked = i64::try_from(blocked.len()).unwrap_or(i64::MAX);
        let kept = Kept::Cleansed {
            at,
            list_version: cleansing.list_version,
            marketer_registered: cleansing.marketer_registered,
            blocked: report.blocked,
        };
        self.keep(&kept).await?;
        Ok(report)
    }

    /// Blocks a number, or releases the one that was blocked under this id.
    async fn block(&self, id: &str, number: Option<&str>) -> Result<()> {
        let holder = self.get("registry", id).await?;
        let mut record = Record::new(&self.account, "registry", id);
        record.retention = "suppression".to_owned();
        let person = match number {
            Some(number) => self.find_person(Some(&crate::Phone::parse(number, None)?), None).await?,
            // Who it was is known by the contact's token: the fingerprint of the same number.
            None => holder.as_ref().and_then(|r| r.group.clone()).map(Into::into),
        };
        record.group = person.as_ref().map(|p: &crate::PersonId| p.as_str().to_owned());
        if let Some(person) = &person
            && self.get("contact", person.as_str()).await?.is_some()
        {
            self.change_person(person, |p| {
                p.registry_blocked = number.is_some();
                Ok(((), Vec::new()))
            })
            .await?;
            self.halt_sends_to(person);
        }
        let write = match (number, holder) {
            (Some(_), _) => Write::Put { record },
            (None, Some(there)) => Write::Delete { key: there.key(), version: there.version },
            (None, None) => return Ok(()),
        };
        self.commit(vec![write]).await.map(drop)
    }
}

fn read(record: &Record) -> Result<Kept> {
    serde_json::from_str(&record.clear)
        .map_err(|_| Error::internal("a setting has a shape this version does not know"))
}

fn apply(settings: &mut AccountSettings, change: SettingChange) {
    if let Some(tightened) = change.tightened {
        settings.tightened.retain(|t| *t != tightened);
        if !change.undone {
            settings.tightened.push(tightened);
        }
    }
    if let Some(loosened) = change.loosened {
        settings.loosened.retain(|l| *l != loosened);
        if !change.undone {
            settings.loosened.push(loosened);
        }
    }
}
