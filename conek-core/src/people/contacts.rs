//! The contacts of the account, open to the host.

use super::{
    Contact, ContactPage, ImportOptions, ImportReport, NewContact, Person, import, zones::zone_of_country,
};
use crate::{
    audit::Scope,
    consent::standing,
    engine::Inner,
    messaging::Recipient,
    storage::{Committed, Index, Write},
    values::{
        error::{Error, Result},
        ids::PersonId,
        phone::Phone,
        time::Timestamp,
    },
};

/// The account's contacts.
#[derive(Debug, Clone)]
pub struct Contacts {
    pub(crate) engine: crate::engine::Session,
}

impl Contacts {
    /// Imports a CSV file of people, row by row, in bounded memory whatever its size.
    ///
    /// The columns are found by their headings (`phone`, `name`, `language`, `time_zone`, `country`,
    /// `source`, `context`, `obtained_at`, `objection_offered`, `evidence`, `consent`,
    /// `consent_evidence`, `consent_at`, and usual synonyms); every other column becomes an attribute.
    /// A bad row is reported and the rest still counts. A file never creates consent without evidence.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::people::ImportOptions;
    /// let missing = engine.contacts().import_file("nowhere.csv".into(), ImportOptions::default()).await;
    /// assert!(missing.unwrap_err().to_string().contains("nowhere.csv"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` when the file is missing, is no CSV, or has neither a phone nor a BSUID column.
    pub async fn import_file(&self, path: String, options: ImportOptions) -> Result<ImportReport> {
        self.engine.admit("contacts.import_file", Scope::ContactsWrite, None)?;
        let file = std::fs::File::open(&path)
            .map_err(|e| Error::invalid("path", format!("{path} cannot be opened: {}", e.kind())))?;
        import::run(self.engine.inner(), file, options).await
    }

    /// Imports the bytes of a CSV file; see [`Contacts::import_file`].
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::people::ImportOptions;
    /// let csv = "phone,name\n083 288 5137,Thandi\nnot a number,Sipho\n";
    /// let report = engine.contacts().import_csv(csv.into(), ImportOptions::default()).await?;
    /// assert_eq!((report.created, report.rejected), (1, 1));
    /// assert_eq!(report.problems[0].row, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// As [`Contacts::import_file`].
    pub async fn import_csv(&self, bytes: Vec<u8>, options: ImportOptions) -> Result<ImportReport> {
        self.engine.admit("contacts.import_csv", Scope::ContactsWrite, None)?;
        import::run(self.engine.inner(), std::io::Cursor::new(bytes), options).await
    }

    /// Creates a contact, or brings the one with the same number or BSUID up to date. What is
    /// `None` stays as it is. The suppression list is checked: who opted out stays opted out.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::people::NewContact;
    /// let new = NewContact { phone: Some("+27 (0)83 288-5137".into()), ..NewContact::default() };
    /// let contact = engine.contacts().upsert(new).await?;
    /// assert_eq!(contact.phone.as_deref(), Some("+27832885137"));
    /// assert_eq!(contact.zone.as_deref(), Some("Africa/Johannesburg"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a number, BSUID, zone or country that is none; `conflict` when number and
    /// BSUID belong to two different contacts.
    pub async fn upsert(&self, contact: NewContact) -> Result<Contact> {
        self.engine.allow("contacts.upsert", Scope::ContactsWrite)?;
        let wanted = Wanted::read(&self.engine, contact)?;
        loop {
            let found = self.engine.find_person(wanted.phone.as_ref(), wanted.bsuid.as_deref()).await?;
            if let Some(id) = found {
                self.engine.about("contacts.upsert", &id);
                let view = |p: &mut Person| Ok((p.clone().view(), Vec::new()));
                let contact = self.engine.merge_contact(&wanted, &id, view).await?;
                return Ok(self.engine.shown(contact));
            }
            let mut person = Person::new(self.engine.new_id()?.into(), self.engine.clock.now());
            self.engine.about("contacts.upsert", &person.id);
            wanted.merge_into(&mut person);
            self.engine.mark_suppressed(&mut [&mut person]).await?;
            let writes = vec![
                Write::Insert { record: person.key_record(&self.engine)? },
                Write::Insert { record: person.record(&self.engine)? },
            ];
            if let Committed::Done { .. } = self.engine.commit(writes).await? {
                return Ok(self.engine.shown(person.view()));
            }
        }
    }

    /// Says that a dialogue of the host's own is open with a person, which understands these whole messages
    /// as commands until `until`. CANCEL, END or QUIT among them become a question instead of an opt-out;
    /// no dialogue takes STOP over. An empty list closes it.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let id = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// let until = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    /// engine.contacts().open_dialogue(id, vec!["cancel".into(), "book".into()], until).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `invalid_input` for more than 100 commands or one longer than 100 characters.
    pub async fn open_dialogue(&self, id: PersonId, commands: Vec<String>, until: Timestamp) -> Result<()> {
        self.engine.admit("contacts.open_dialogue", Scope::ContactsWrite, Some(&id))?;
        if commands.len() > 100 || commands.iter().any(|c| c.chars().count() > 100) {
            return Err(Error::invalid("commands", "at most 100 commands of at most 100 characters each"));
        }
        self.engine
            .change_person(&id, |p| {
                p.dialogue = (!commands.is_empty()).then(|| (until, commands.clone()));
                Ok(((), Vec::new()))
            })
            .await
    }

    /// Reads a contact.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert_eq!(engine.contacts().get("nobody".into()).await.unwrap_err().code(), "not_found");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, id: PersonId) -> Result<Contact> {
        self.engine.admit("contacts.get", Scope::ContactsRead, Some(&id))?;
        match self.engine.person(&id).await {
            Err(Error::NotFound { .. }) => {
                // An id that the host kept from before a merge still finds its person.
                let now = self
                    .engine
                    .merged_into(&id)
                    .await?
                    .ok_or_else(|| Error::not_found("contact", id.as_str()))?;
                Ok(self.engine.shown(self.engine.person(&now).await?.0.view()))
            }
            other => Ok(self.engine.shown(other?.0.view())),
        }
    }

    /// Makes one contact of two that are one person: a number and a BSUID that were met apart. Everything of the
    /// other becomes the kept one's: messages, consent, answers, in one commit. What is more restrictive holds: a
    /// no of either is the no of both, and both addresses stand on the suppression list if one did. A
    /// campaign's message that waits for the other is taken back where the kept one has its own. The other's id
    /// still finds the contact.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::people::NewContact;
    /// let by_number = NewContact { phone: Some("083 288 5137".into()), ..NewContact::default() };
    /// let by_bsuid = NewContact { bsuid: Some("ZA.13491208655302741918".into()), ..NewContact::default() };
    /// let keep = engine.contacts().upsert(by_number).await?.id;
    /// let other = engine.contacts().upsert(by_bsuid).await?.id;
    /// let contact = engine.contacts().merge(keep.clone(), other.clone()).await?;
    /// assert_eq!(contact.bsuids, ["ZA.13491208655302741918"]);
    /// assert_eq!(engine.contacts().get(other).await?.id, keep);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `conflict` when both have a number of their own; `invalid_input` for one contact twice.
    pub async fn merge(&self, keep: PersonId, other: PersonId) -> Result<Contact> {
        self.engine.admit("contacts.merge", Scope::ContactsWrite, Some(&keep))?;
        let engine = self.engine.clone();
        let merged = self.engine.run(async move { Ok(engine.merge(&keep, &other).await?.view()) }).await?;
        Ok(self.engine.shown(merged))
    }

    /// Takes a merge back: the contact that went is there again under its id, with its identifiers and everything
    /// that was handed over. What came since stays with the one that was kept, and every no, from before or since,
    /// holds for both, as nobody knows whose it was. It can be taken back for 90 days. Gives the contact that is back.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # use conek_core::people::NewContact;
    /// # let by_number = NewContact { phone: Some("083 288 5137".into()), ..NewContact::default() };
    /// # let by_bsuid = NewContact { bsuid: Some("ZA.13491208655302741918".into()), ..NewContact::default() };
    /// # let keep = engine.contacts().upsert(by_number).await?.id;
    /// # let other = engine.contacts().upsert(by_bsuid).await?.id;
    /// engine.contacts().merge(keep.clone(), other.clone()).await?;
    /// let back = engine.contacts().unmerge(other.clone()).await?;
    /// assert_eq!((back.id, back.bsuids), (other, vec!["ZA.13491208655302741918".to_owned()]));
    /// assert!(engine.contacts().get(keep).await?.bsuids.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for a contact that was not merged into another, or too long ago; `conflict` when another contact has one of its
    /// identifiers meanwhile.
    pub async fn unmerge(&self, other: PersonId) -> Result<Contact> {
        self.engine.admit("contacts.unmerge", Scope::ContactsWrite, Some(&other))?;
        let engine = self.engine.clone();
        let back = self.engine.run(async move { Ok(engine.unmerge(&other).await?.1.view()) }).await?;
        Ok(self.engine.shown(back))
    }

    /// Finds a contact by id, number in any notation, or BSUID.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// use conek_core::Recipient;
    /// let number = Recipient::Phone { number: "083-288-5137".into() };
    /// assert!(engine.contacts().lookup(number).await?.is_some());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a number that is none.
    pub async fn lookup(&self, recipient: Recipient) -> Result<Option<Contact>> {
        self.engine.allow("contacts.lookup", Scope::ContactsRead)?;
        let id = match recipient {
            Recipient::Person { id } => Some(id),
            Recipient::Phone { number } => {
                self.engine.find_person(Some(&self.engine.parse_phone(&number)?), None).await?
            }
            Recipient::Bsuid { id } => self.engine.find_person(None, Some(&id)).await?,
        };
        match id {
            Some(id) => match self.engine.person(&id).await {
                Ok((person, _)) => {
                    self.engine.about("contacts.lookup", &id);
                    Ok(Some(self.engine.shown(person.view())))
                }
                Err(Error::NotFound { .. }) => Ok(None),
                Err(e) => Err(e),
            },
            None => Ok(None),
        }
    }

    /// Lists contacts, the oldest first, at most 1,000 a page.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// let page = engine.contacts().list(None, 100).await?;
    /// assert_eq!(page.contacts.len(), 1);
    /// assert_eq!(page.next, None);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a limit outside 1 to 1,000.
    pub async fn list(&self, after: Option<String>, limit: i32) -> Result<ContactPage> {
        self.engine.admit_many(
            "contacts.list",
            Scope::ContactsRead,
            None,
            usize::try_from(limit).unwrap_or(0),
        )?;
        limit_within(limit, 1000)?;
        let mut query = self.engine.query("contact", Index::Id {}, limit);
        query.after = after;
        let page = self.engine.find(query).await?;
        self.engine.load_keys(page.records.iter().map(|r| r.id.as_str())).await?;
        let contacts = page
            .records
            .iter()
            .map(|r| Ok(self.engine.shown(self.engine.open_person(r)?.0.view())))
            .collect::<Result<_>>()?;
        Ok(ContactPage { contacts, next: page.next })
    }

    /// Counts the contacts.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert_eq!(engine.contacts().count().await?, 0);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn count(&self) -> Result<i64> {
        self.engine.allow("contacts.count", Scope::ContactsRead)?;
        self.engine.storage.count(self.engine.query("contact", Index::Id {}, 1)).await
    }
}

/// Refuses a page size that is none.
pub(crate) fn limit_within(limit: i32, most: i32) -> Result<()> {
    if (1..=most).contains(&limit) {
        Ok(())
    } else {
        Err(Error::invalid("limit", format!("must lie between 1 and {most}")))
    }
}

/// A new contact after its values were read.
pub(crate) struct Wanted {
    pub(crate) phone: Option<Phone>,
    pub(crate) bsuid: Option<String>,
    rest: NewContact,
}

impl Wanted {
    pub(crate) fn read(engine: &Inner, contact: NewContact) -> Result<Self> {
        let region = contact.country.as_deref().or(engine.region.as_deref());
        let phone = contact.phone.as_deref().map(|p| Phone::parse(p, region)).transpose()?;
        Self::with_phone(phone, contact)
    }

    pub(crate) fn with_phone(phone: Option<Phone>, mut contact: NewContact) -> Result<Self> {
        let bsuid = contact.bsuid.take().map(|b| check_bsuid(&b)).transpose()?;
        if phone.is_none() && bsuid.is_none() {
            return Err(Error::invalid("phone", "a contact needs a phone number or a BSUID"));
        }
        if let Some(zone) = &contact.zone
            && zone.parse::<chrono_tz::Tz>().is_err()
        {
            return Err(Error::invalid(
                "zone",
                "is no IANA time zone; write for example Africa/Johannesburg",
            ));
        }
        if let Some(country) = &mut contact.country {
            country.make_ascii_uppercase();
            if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
                return Err(Error::invalid(
                    "country",
                    "must be two letters, ISO 3166-1 alpha-2, for example ZA",
                ));
            }
        }
        Ok(Self { phone, bsuid, rest: contact })
    }

    /// Brings a person up to date; what is missing here stays there.
    pub(crate) fn merge_into(&self, p: &mut Person) {
        if let Some(phone) = &self.phone {
            p.us_number = phone.is_nanp_us();
            if p.country.is_none() {
                p.country = phone.country();
            }
            p.phone = Some(phone.as_e164().to_owned());
        }
        if let Some(bsuid) = &self.bsuid {
            if p.country.is_none() {
                p.country = bsuid.get(..2).map(str::to_owned);
            }
            if !p.bsuids.contains(bsuid) {
                p.bsuids.push(bsuid.clone());
            }
        }
        let new = &self.rest;
        take(&mut p.name, &new.name);
        take(&mut p.language, &new.language);
        take(&mut p.country, &new.country);
        take(&mut p.zone, &new.zone);
        if p.zone.is_none() {
            p.zone = p.country.as_deref().and_then(zone_of_country).map(str::to_owned);
        }
        for (name, value) in &new.attributes {
            p.attributes.insert(name.clone(), value.clone());
        }
        // What is known of a sale is not lost to a poorer source.
        if let Some(provenance) = &new.provenance
            && !(p.is_from_sale() && provenance.context != super::ProvenanceContext::Sale)
        {
            p.provenance = Some(provenance.clone());
        }
    }
}

fn take(there: &mut Option<String>, new: &Option<String>) {
    if new.is_some() {
        there.clone_from(new);
    }
}

/// A business-scoped id has the form `CC.<alphanumeric>` or `CC.ENT.<alphanumeric>`.
pub(crate) fn check_bsuid(text: &str) -> Result<String> {
    let text = text.trim();
    let fits = text.split_once('.').is_some_and(|(country, rest)| {
        let rest = rest.strip_prefix("ENT.").unwrap_or(rest);
        country.len() == 2
            && country.bytes().all(|b| b.is_ascii_uppercase())
            && (1..=128).contains(&rest.len())
            && rest.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    if fits {
        Ok(text.to_owned())
    } else {
        Err(Error::invalid(
            "bsuid",
            "must be a country code, a dot and letters or digits, for example ZA.1A2B3C",
        ))
    }
}

impl Inner {
    /// Reads a number as the account's region writes them.
    pub(crate) fn parse_phone(&self, text: &str) -> Result<Phone> {
        Phone::parse(text, self.region.as_deref())
    }

    /// The id of the person with this number or BSUID.
    pub(crate) async fn find_person(
        &self,
        phone: Option<&Phone>,
        bsuid: Option<&str>,
    ) -> Result<Option<PersonId>> {
        let mut found: Option<String> = None;
        let mut names: Vec<(&str, String)> = Vec::new();
        if let Some(phone) = phone {
            // The same number may stand in the list under the other form that WhatsApp gives it.
            names.extend(phone.variants().into_iter().map(|wa_id| ("phone", format!("+{wa_id}"))));
        }
        if let Some(bsuid) = bsuid {
            names.push(("bsuid", bsuid.to_owned()));
        }
        for (name, value) in names {
            let index = Index::Token { name: name.to_owned(), value: self.vault.fingerprint(name, &value) };
            if let Some(record) = self.find(self.query("contact", index, 1)).await?.records.pop() {
                match &found {
                    Some(other) if *other != record.id => {
                        return Err(Error::conflict(
                            "contact",
                            "the number and the BSUID belong to two different contacts; merge them first",
                        ));
                    }
                    _ => found = Some(record.id),
                }
            }
        }
        Ok(found.map(PersonId::from))
    }

    /// Brings a contact up to date. Whoever is on the suppression list under an address that is new to the
    /// contact is suppressed under all of them, and the other way round.
    pub(crate) async fn merge_contact<T>(
        &self,
        wanted: &Wanted,
        id: &PersonId,
        mut then: impl FnMut(&mut Person) -> Result<(T, Vec<Write>)>,
    ) -> Result<T> {
        let mut listed = Person::new(id.clone(), self.clock.now());
        wanted.merge_into(&mut listed);
        self.mark_suppressed(&mut [&mut listed]).await?;
        let (value, suppressed) = self
            .change_person(id, |p| {
                let known = (p.phone.clone(), p.bsuids.clone());
                wanted.merge_into(p);
                p.suppressed |= listed.suppressed;
                p.suppressed_for_all |= listed.suppressed_for_all;
                let is_new = known != (p.phone.clone(), p.bsuids.clone());
                let mut writes = if p.suppressed && (is_new || listed.suppressed) {
                    standing::suppress(self, p, self.clock.now())?
                } else {
                    Vec::new()
                };
                let (value, more) = then(p)?;
                writes.extend(more);
                Ok(((value, p.suppressed), writes))
            })
            .await?;
        if suppressed {
            self.halt_sends_to(id);
        }
        Ok(value)
    }

    /// Looks new people up on the suppression list, in one read.
    pub(crate) async fn mark_suppressed(&self, people: &mut [&mut Person]) -> Result<()> {
        let mut keys = Vec::with_capacity(people.len());
        let mut owner = Vec::with_capacity(people.len());
        for (i, p) in people.iter().enumerate() {
            for key in standing::suppression_keys(self, p.phone.as_deref(), &p.bsuids) {
                keys.push(key);
                owner.push(i);
            }
        }
        if keys.is_empty() {
            return Ok(());
        }
        for (record, i) in self.storage.get(keys).await?.into_iter().zip(owner) {
            if record.as_ref().is_some_and(standing::holds) {
                people[i].suppressed = true;
                people[i].suppressed_for_all |= record.as_ref().is_some_and(standing::holds_for_all);
            }
        }
        Ok(())
    }
}
