//! Privacy notices: what people were told, word for word, and who was shown which version.

use std::sync::Arc;

use ring::digest;

use super::{NewNotice, Notice};
use crate::{
    engine::Inner,
    storage::{Committed, Index, Record, Write},
    values::{
        error::{Error, Result},
        hex,
        ids::{NoticeId, PersonId},
        time::to_millis,
    },
    vault::Sealed,
};

/// The account's privacy notices.
#[derive(Debug, Clone)]
pub struct Notices {
    pub(crate) engine: Arc<Inner>,
}

impl Notices {
    /// Publishes a version of the privacy notice. It is never changed afterwards.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::consent::NewNotice;
    /// let notice = engine.notices().publish(NewNotice {
    ///     language: "en".into(),
    ///     title: "How we use your data".into(),
    ///     text: "We are Karoo Coffee. We keep your number to ...".into(),
    ///     summary: String::new(),
    ///     effective_from: None,
    /// }).await?;
    /// assert_eq!(notice.version, 1);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for an empty text, or for a second version without a summary of what changed.
    pub async fn publish(&self, notice: NewNotice) -> Result<Notice> {
        for (field, value) in
            [("language", &notice.language), ("title", &notice.title), ("text", &notice.text)]
        {
            if value.trim().is_empty() {
                return Err(Error::invalid(field, "must not be empty"));
            }
        }
        loop {
            let version = self.latest(&notice.language).await?.map_or(0, |n| n.version) + 1;
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
            };
            let mut record = Record::new(&self.engine.account, "notice", id);
            record.group = Some(format!("notice/{}", notice.language));
            record.retention = "notice".to_owned();
            record.sealed =
                self.engine.vault.seal(Sealed { person: "", kind: "notice", id: &record.id }, &published)?;
            // Somebody else may have published meanwhile: then this one is the next version.
            if let Committed::Done { .. } = self.engine.commit(vec![Write::Insert { record }]).await? {
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
    /// # use conek_core::consent::NewNotice;
    /// # let notice = engine.notices().publish(NewNotice { language: "en".into(), title: "t".into(), text: "x".into(), summary: String::new(), effective_from: None }).await?;
    /// engine.notices().acknowledge(person.clone(), notice.id).await?;
    /// assert!(engine.consent().status(person).await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for an unknown person or notice.
    pub async fn acknowledge(&self, person: PersonId, notice: NoticeId) -> Result<()> {
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
