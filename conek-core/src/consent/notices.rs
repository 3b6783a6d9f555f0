//! Privacy notices: what people were told, word for word, and who was shown which version.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use ring::digest;
use serde::{Deserialize, Serialize};

use super::{NewNotice, Notice, contents};
use crate::{
    audit::Scope,
    engine::Inner,
    people::contacts::limit_within,
    storage::{Committed, Index, Record, Write},
    values::{
        error::{Error, Result},
        hex,
        ids::{NoticeId, PersonId},
        time::{Timestamp, to_millis},
    },
    vault::Sealed,
};

/// That a person was shown a version of a notice. It is no consent, and nothing makes one of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Its id; the next page begins after it.
    pub id: String,
    /// Who was shown it.
    pub person: PersonId,
    /// Which version.
    pub notice: NoticeId,
    /// When.
    pub at: Timestamp,
}

impl Acknowledgement {
    fn read(record: &Record) -> Result<Self> {
        #[derive(Deserialize)]
        struct Clear {
            at: Timestamp,
        }
        let clear: Clear = serde_json::from_str(&record.clear)
            .map_err(|_| Error::internal("an acknowledgement cannot be read"))?;
        let group = record.group.as_deref().unwrap_or_default();
        Ok(Self {
            id: record.id.clone(),
            person: record.subjects.first().map(String::as_str).unwrap_or_default().into(),
            notice: group.strip_prefix("notice/").unwrap_or_default().to_owned().into(),
            at: clear.at,
        })
    }
}

/// People who have to be asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalPage {
    /// They.
    pub people: Vec<PersonId>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// A version as the gate sees it.
#[derive(Debug)]
struct Version {
    number: i32,
    effective_from: Timestamp,
    material: bool,
    purposes: Vec<String>,
}

/// The versions of every language in memory: each decision on consent looks at them.
#[derive(Debug, Default)]
pub(crate) struct NoticeTable(RwLock<HashMap<String, Vec<Version>>>);

impl NoticeTable {
    fn look<T>(&self, notice: Option<&NoticeId>, look: impl FnOnce(i32, &[Version]) -> T) -> Option<T> {
        let (language, number) = notice?.as_str().rsplit_once('/')?;
        let number = number.parse().ok()?;
        let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(look(number, table.get(language)?))
    }
    /// Whether a material change has come into force since this version.
    pub(crate) fn superseded(&self, notice: Option<&NoticeId>, now: Timestamp) -> bool {
        self.look(notice, |number, versions| {
            versions.iter().any(|v| v.number > number && v.material && v.effective_from <= now)
        })
        .unwrap_or(false)
    }
    /// Whether this version names a purpose; `None` where it is not known what it says.
    pub(crate) fn names(&self, notice: Option<&NoticeId>, purpose: &str) -> Option<bool> {
        self.look(notice, |number, versions| {
            let version = versions.iter().find(|v| v.number == number)?;
            (!version.purposes.is_empty()).then(|| version.purposes.iter().any(|p| p == purpose))
        })?
    }
}

impl Inner {
    /// Reads what the gate must know of the notices.
    pub(crate) async fn load_notices(&self) -> Result<()> {
        let mut table: HashMap<String, Vec<Version>> = HashMap::new();
        for record in self.find_all(self.query("notice", Index::Id {}, 1000)).await? {
            let n: Notice = self
                .vault
                .open_sealed(Sealed { person: "", kind: "notice", id: &record.id }, &record.sealed)?;
            table.entry(n.language).or_default().push(Version {
                number: n.version,
                effective_from: n.effective_from,
                material: n.material,
                purposes: n.contents.purposes.into_iter().map(|p| p.code).collect(),
            });
        }
        *self.notices.0.write().unwrap_or_else(PoisonError::into_inner) = table;
        Ok(())
    }
}

/// The account's privacy notices.
#[derive(Debug, Clone)]
pub struct Notices {
    pub(crate) engine: crate::engine::Session,
}

impl Notices {
    /// Publishes a version of the privacy notice. It is never changed afterwards.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let contents = conek_core::doctest::notice_contents();
    /// use conek_core::consent::{NewNotice, NoticeContents};
    /// let notice = NewNotice {
    ///     language: "en".into(),
    ///     title: "How we use your data".into(),
    ///     text: "We are Karoo Coffee. We keep your number to ...".into(),
    ///     summary: String::new(),
    ///     effective_from: None,
    ///     contents,
    ///     material: false,
    /// };
    /// assert_eq!(engine.notices().publish(notice.clone()).await?.version, 1);
    /// // Without what the law demands it stays unpublished, and the error says what is missing.
    /// let contents = NoticeContents { retention: None, ..notice.contents.clone() };
    /// let error = engine.notices().publish(NewNotice { contents, ..notice }).await.unwrap_err();
    /// assert!(error.to_string().contains("how long the information is kept (GDPR art 13(2)(a))"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for an empty text, for a second version without a summary of what changed, and for
    /// contents without what the law demands: it names everything that is missing.
    pub async fn publish(&self, notice: NewNotice) -> Result<Notice> {
        self.engine.admit("notices.publish", Scope::AccountAdmin, None)?;
        for (field, value) in
            [("language", &notice.language), ("title", &notice.title), ("text", &notice.text)]
        {
            if value.trim().is_empty() {
                return Err(Error::invalid(field, "must not be empty"));
            }
        }
        let report = contents::validate(&notice.contents);
        if !report.complete {
            let missing: Vec<_> =
                report.missing.iter().map(|m| format!("{} ({})", m.text, m.provision)).collect();
            return Err(Error::invalid(
                "contents",
                format!("the notice must also say: {}", missing.join("; ")),
            ));
        }
        loop {
            let latest = self.latest(&notice.language).await?;
            let version = latest.as_ref().map_or(0, |n| n.version) + 1;
            if version > 1 && notice.summary.trim().is_empty() {
                return Err(Error::invalid("summary", "must say what changed since the version before"));
            }
            let now = self.engine.clock.now();
            let id = format!("{}/{version:06}", notice.language);
            let mut content = digest::Context::new(&digest::SHA256);
            for part in [&notice.language, &notice.title, &notice.text] {
                content.update(part.as_bytes());
                content.update(&[0]);
            }
            let published = Notice {
                id: id.clone().into(),
                version,
                language: notice.language.clone(),
                title: notice.title.clone(),
                text: notice.text.clone(),
                summary: notice.summary.clone(),
                effective_from: notice.effective_from.map_or(now, to_millis),
                sha256: hex(content.finish().as_ref()),
                published_at: now,
                contents: notice.contents.clone(),
                material: latest.as_ref().is_some_and(|old| {
                    notice.material || contents::is_material(&old.contents, &notice.contents)
                }),
                changes: latest.map_or_else(Vec::new, |old| contents::diff(&old.contents, &notice.contents)),
            };
            let mut record = Record::new(&self.engine.account, "notice", id);
            record.group = Some(format!("notice/{}", notice.language));
            record.retention = "notice".to_owned();
            record.sealed =
                self.engine.vault.seal(Sealed { person: "", kind: "notice", id: &record.id }, &published)?;
            // Somebody else may have published meanwhile: then this one is the next version.
            if let Committed::Done { .. } = self.engine.commit(vec![Write::Insert { record }]).await? {
                self.engine.load_notices().await?;
                return Ok(published);
            }
        }
    }

    /// The version in force in a language.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.notices().current("xh".into()).await?.is_none());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn current(&self, language: String) -> Result<Option<Notice>> {
        let now = self.engine.clock.now();
        let mut versions = self.versions(&language).await?;
        versions.retain(|n| n.effective_from <= now);
        Ok(versions.pop())
    }

    /// Records that a person was shown a notice. This is never consent: nothing turns one into the other.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// # let notice = conek_core::doctest::notice(&engine).await?;
    /// engine.notices().acknowledge(person.clone(), notice.id).await?;
    /// assert!(engine.consent().status(person).await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for an unknown person or notice.
    pub async fn acknowledge(&self, person: PersonId, notice: NoticeId) -> Result<()> {
        self.engine.admit("notices.acknowledge", Scope::ConsentWrite, Some(&person))?;
        self.engine.person(&person).await?;
        if self.engine.get("notice", notice.as_str()).await?.is_none() {
            return Err(Error::not_found("notice", notice.as_str()));
        }
        let mut record = Record::new(&self.engine.account, "acknowledgement", self.engine.new_id()?);
        record.subjects = vec![person.as_str().to_owned()];
        record.group = Some(format!("notice/{notice}"));
        record.retention = "consent".to_owned();
        record.clear = format!("{{\"at\":\"{}\"}}", self.engine.clock.now().to_rfc3339());
        self.engine.commit_all(vec![Write::Insert { record }], "acknowledgement").await.map(drop)
    }

    /// Which versions a person was shown, and when, the oldest first.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// # let notice = conek_core::doctest::notice(&engine).await?;
    /// engine.notices().acknowledge(person.clone(), notice.id.clone()).await?;
    /// assert_eq!(engine.notices().acknowledged(person).await?[0].notice, notice.id);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for an unknown person.
    pub async fn acknowledged(&self, person: PersonId) -> Result<Vec<Acknowledgement>> {
        self.engine.admit("notices.acknowledged", Scope::ContactsRead, Some(&person))?;
        self.engine.person(&person).await?;
        let index = Index::Subject { person: person.as_str().to_owned() };
        let records = self.engine.find_all(self.engine.query("acknowledgement", index, 1000)).await?;
        records.iter().map(Acknowledgement::read).collect()
    }

    /// Who was shown a version, at most 1,000 a page.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let notice = conek_core::doctest::notice(&engine).await?;
    /// assert!(engine.notices().acknowledgements(notice.id, None, 100).await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000.
    pub async fn acknowledgements(
        &self,
        notice: NoticeId,
        after: Option<String>,
        limit: i32,
    ) -> Result<Vec<Acknowledgement>> {
        self.engine.admit("notices.acknowledgements", Scope::ContactsRead, None)?;
        limit_within(limit, 1000)?;
        let index = Index::Group { group: format!("notice/{notice}") };
        let mut query = self.engine.query("acknowledgement", index, limit);
        query.after = after;
        self.engine.find(query).await?.records.iter().map(Acknowledgement::read).collect()
    }

    /// Who consented under a version that a material change has overtaken, and has to be asked again before
    /// marketing goes on; at most 1,000 contacts are looked at for one page.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.notices().needs_renewal(None).await?.people.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn needs_renewal(&self, after: Option<String>) -> Result<RenewalPage> {
        self.engine.admit("notices.needs_renewal", Scope::ContactsRead, None)?;
        let mut query = self.engine.query("contact", Index::Id {}, 1000);
        query.after = after;
        let page = self.engine.find(query).await?;
        let ids: Vec<String> = page.records.into_iter().map(|r| r.id).collect();
        let now = self.engine.clock.now();
        let people = self.engine.people(&ids).await?.into_iter().flatten();
        let people = people
            .filter(|(p, _)| {
                p.consents
                    .iter()
                    .any(|c| c.status.is_valid() && self.engine.notices.superseded(c.notice.as_ref(), now))
            })
            .map(|(p, _)| p.id)
            .collect();
        Ok(RenewalPage { people, next: page.next })
    }

    async fn latest(&self, language: &str) -> Result<Option<Notice>> {
        Ok(self.versions(language).await?.pop())
    }

    async fn versions(&self, language: &str) -> Result<Vec<Notice>> {
        let group = Index::Group { group: format!("notice/{language}") };
        let records = self.engine.find_all(self.engine.query("notice", group, 1000)).await?;
        records
            .iter()
            .map(|r| {
                self.engine.vault.open_sealed(Sealed { person: "", kind: "notice", id: &r.id }, &r.sealed)
            })
            .collect()
    }
}
