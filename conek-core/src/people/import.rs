//! Files of people: read row by row on one thread, sealed and stored a thousand at a time.

use std::{collections::BTreeMap, io::Read, sync::Arc};

use chrono::NaiveDate;
use tokio::sync::mpsc;

use super::{
    ImportOptions, ImportReport, NewContact, Person, Provenance, ProvenanceContext, RowProblem,
    contacts::Wanted,
    csv_rows::{CsvRows, Row},
};
use crate::{
    consent::{ConsentEntry, ConsentSource, ConsentStatus, Evidence, EvidenceKind, standing},
    engine::Inner,
    messaging::Purpose,
    storage::{Batch, Committed, Write},
    values::{
        error::{Error, Result},
        phone::{Phone, check_region},
        time::Timestamp,
    },
};

/// Rows sealed and stored together.
const CHUNK: usize = 1000;
/// Problems kept in the report.
const PROBLEMS: usize = 1000;

/// What one of our fields is called in people's files; the first is the documented one.
const HEADINGS: &[(Field, &[&str])] = &[
    (
        Field::Phone,
        &[
            "phone",
            "phone_number",
            "mobile",
            "mobile_number",
            "cell",
            "cellphone",
            "cell_number",
            "number",
            "msisdn",
            "whatsapp",
            "whatsapp_number",
            "telephone",
            "tel",
            "handphone",
            "selfoon",
        ],
    ),
    (Field::Bsuid, &["bsuid", "user_id", "whatsapp_user_id"]),
    (Field::Name, &["name", "full_name", "first_name", "firstname", "naam", "contact_name"]),
    (Field::Language, &["language", "lang", "locale", "taal"]),
    (Field::Zone, &["time_zone", "timezone", "zone", "tz"]),
    (Field::Country, &["country", "country_code", "land"]),
    (Field::Source, &["source", "provenance"]),
    (Field::Context, &["context", "provenance_context", "obtained_in"]),
    (Field::ObtainedAt, &["obtained_at", "collected_at"]),
    (Field::ObjectionOffered, &["objection_offered", "opt_out_offered"]),
    (Field::Evidence, &["evidence", "provenance_evidence"]),
    (Field::Consent, &["consent", "marketing_consent", "opt_in", "optin", "marketing"]),
    (
        Field::ConsentEvidence,
        &["consent_evidence", "consent_reference", "consent_form", "form_id", "consent_proof"],
    ),
    (Field::ConsentAt, &["consent_at", "consent_date", "consented_at", "opt_in_date"]),
    (Field::ConsentText, &["consent_text", "text_shown"]),
    (Field::ConsentReply, &["consent_reply", "reply"]),
    (Field::Goods, &["goods", "goods_sold", "bought", "products"]),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    Phone,
    Bsuid,
    Name,
    Language,
    Zone,
    Country,
    Source,
    Context,
    ObtainedAt,
    ObjectionOffered,
    Evidence,
    Consent,
    ConsentEvidence,
    ConsentAt,
    ConsentText,
    ConsentReply,
    Goods,
}

/// Which column is what.
struct Columns {
    fields: BTreeMap<Field, usize>,
    attributes: Vec<(usize, String)>,
    header: Vec<String>,
}

impl Columns {
    fn of(header: &[String], options: &ImportOptions) -> Result<Self> {
        let mut fields = BTreeMap::new();
        let mut attributes = Vec::new();
        for (heading, ours) in &options.columns {
            if !header.iter().any(|h| h.eq_ignore_ascii_case(heading)) {
                return Err(Error::invalid(
                    "columns",
                    format!("the file has no column {heading:?} (mapped to {ours})"),
                ));
            }
        }
        for (i, heading) in header.iter().enumerate() {
            let mapped =
                options.columns.iter().find(|(h, _)| h.eq_ignore_ascii_case(heading)).map(|(_, ours)| ours);
            let name = normal(mapped.unwrap_or(heading));
            match HEADINGS.iter().find(|(_, names)| names.contains(&name.as_str())) {
                Some((field, _)) if !fields.contains_key(field) => {
                    fields.insert(*field, i);
                }
                _ => attributes.push((i, name)),
            }
        }
        if !fields.contains_key(&Field::Phone) && !fields.contains_key(&Field::Bsuid) {
            return Err(Error::invalid(
                "columns",
                format!(
                    "no column holds phone numbers. The file's columns are: {}. Name one of them `phone`, or map it with `columns`",
                    header.join(", ")
                ),
            ));
        }
        Ok(Self { fields, attributes, header: header.to_vec() })
    }
    fn get<'r>(&self, row: &'r Row, field: Field) -> Option<&'r str> {
        let text = row.get(*self.fields.get(&field)?).trim();
        (!text.is_empty()).then_some(text)
    }
    fn heading(&self, field: Field) -> Option<String> {
        self.fields.get(&field).map(|i| self.header[*i].clone())
    }
}

fn normal(heading: &str) -> String {
    heading
        .trim()
        .chars()
        .map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect::<String>()
        .trim_matches('_')
        .to_owned()
}

/// A row that can be stored.
struct Ready {
    row: i64,
    wanted: Wanted,
    consent: Claimed,
}

/// What a row says of consent.
enum Claimed {
    Nothing,
    WithoutEvidence,
    Given { evidence: Evidence, at: Option<Timestamp> },
    OptedOut,
}

struct Chunk {
    ready: Vec<Ready>,
    problems: Vec<RowProblem>,
    rejected: i64,
    rows: i64,
}

impl Chunk {
    fn new() -> Self {
        Self { ready: Vec::with_capacity(CHUNK), problems: Vec::new(), rejected: 0, rows: 0 }
    }
}

/// Reads, checks and stores a whole file.
pub(crate) async fn run<R: Read + Send + 'static>(
    engine: Arc<Inner>,
    reader: R,
    options: ImportOptions,
) -> Result<ImportReport> {
    let dry_run = options.dry_run;
    if let Some(region) = &options.region {
        check_region("region", region)?;
    }
    let (to, mut chunks) = mpsc::channel(2);
    let reading = engine.clone();
    let reader = tokio::task::spawn_blocking(move || read(&reading, reader, &options, &to));
    let run = engine.new_id()?;
    // A chunk is sealed while the one before it is stored. Both are the engine's own tasks: a host that
    // stops waiting does not leave a chunk half counted.
    let (to, mut sealed) = mpsc::channel(1);
    let (sealing, of) = (engine.clone(), run.clone());
    engine.spawn(async move {
        while let Some(chunk) = chunks.recv().await {
            let chunk = seal(&sealing, chunk, dry_run, &of).await;
            let failed = chunk.is_err();
            if to.send(chunk).await.is_err() || failed {
                return;
            }
        }
    })?;
    let storing = engine.clone();
    let stored = engine.spawn(async move {
        let id = if dry_run { String::new() } else { run.clone() };
        let mut report = ImportReport { id, ..ImportReport::default() };
        while let Some(chunk) = sealed.recv().await {
            store(&storing, chunk?, dry_run, &run, &mut report).await?;
        }
        Ok::<_, Error>(report)
    })?;
    let report = stored.await.map_err(|_| Error::internal("the import was interrupted"))?;
    reader.await.map_err(|_| Error::internal("reading the file was interrupted"))??;
    report
}

fn read<R: Read>(engine: &Inner, reader: R, options: &ImportOptions, to: &mpsc::Sender<Chunk>) -> Result<()> {
    let mut rows = CsvRows::open(reader)?;
    let columns = Columns::of(rows.header(), options)?;
    let mut row = Row::default();
    let mut chunk = Chunk::new();
    while let Some(next) = rows.next_row(&mut row) {
        chunk.rows += 1;
        let taken = match next {
            Ok(()) => ready(engine, &columns, &row, options, &mut chunk.problems),
            Err(e) => Err(RowProblem { row: e.row, column: e.column, detail: e.detail }),
        };
        match taken {
            Ok(ready) => chunk.ready.push(ready),
            Err(problem) => {
                chunk.rejected += 1;
                chunk.problems.push(problem);
            }
        }
        if chunk.rows >= CHUNK as i64
            && to.blocking_send(std::mem::replace(&mut chunk, Chunk::new())).is_err()
        {
            return Ok(());
        }
    }
    let _ = to.blocking_send(chunk);
    rows.finish()
}

fn ready(
    engine: &Inner,
    columns: &Columns,
    row: &Row,
    options: &ImportOptions,
    problems: &mut Vec<RowProblem>,
) -> Result<Ready, RowProblem> {
    let get = |field| columns.get(row, field);
    let owned = |field| get(field).map(str::to_owned);
    let problem = |field: Field, detail: String| RowProblem {
        row: row.number(),
        column: columns.heading(field),
        detail,
    };
    let country = get(Field::Country).filter(|c| c.len() == 2).map(str::to_ascii_uppercase);
    let region = country.as_deref().or(options.region.as_deref()).or(engine.region.as_deref());
    let phone = get(Field::Phone).map(|p| Phone::parse(p, region)).transpose().map_err(|e| {
        let of_the_row = matches!(&e, Error::InvalidInput { field, .. } if field == "default_region");
        problem(if of_the_row { Field::Country } else { Field::Phone }, detail_of(e))
    })?;
    // A moment that cannot be read is reported and left out; the person is kept.
    let mut moment = |field: Field| match get(field).map(parse_moment) {
        Some(None) => {
            problems.push(problem(
                field,
                "is no date; write it as 2026-11-22 or 2026-11-22T09:00:00Z".to_owned(),
            ));
            None
        }
        other => other.flatten(),
    };
    let obtained_at = moment(Field::ObtainedAt);
    let consent_at = moment(Field::ConsentAt);
    let source = owned(Field::Source).or_else(|| options.source.clone());
    let contact = NewContact {
        phone: None,
        bsuid: owned(Field::Bsuid),
        name: owned(Field::Name),
        language: owned(Field::Language),
        zone: owned(Field::Zone),
        country,
        attributes: columns
            .attributes
            .iter()
            .filter(|(i, _)| !row.get(*i).trim().is_empty())
            .map(|(i, name)| (name.clone(), row.get(*i).trim().to_owned()))
            .collect(),
        provenance: source.map(|source| Provenance {
            source,
            context: get(Field::Context).map_or(ProvenanceContext::Other, context),
            obtained_at,
            objection_offered: get(Field::ObjectionOffered).and_then(yes_or_no).unwrap_or(false),
            evidence: owned(Field::Evidence),
            goods: get(Field::Goods).map(listed).unwrap_or_default(),
        }),
    };
    let wanted = Wanted::with_phone(phone, contact).map_err(|e| {
        let field = match &e {
            Error::InvalidInput { field, .. } => match field.as_str() {
                "zone" => Field::Zone,
                "country" => Field::Country,
                "bsuid" => Field::Bsuid,
                _ => Field::Phone,
            },
            _ => Field::Phone,
        };
        problem(field, detail_of(e))
    })?;
    let consent = match get(Field::Consent).map(claim) {
        None => Claimed::Nothing,
        Some(None) => {
            problems.push(problem(Field::Consent, "is neither yes nor no; consent was left out".to_owned()));
            Claimed::Nothing
        }
        Some(Some(false)) => Claimed::OptedOut,
        Some(Some(true)) => {
            let evidence = Evidence {
                kind: EvidenceKind::Import,
                reference: owned(Field::ConsentEvidence),
                text_shown: owned(Field::ConsentText),
                reply: owned(Field::ConsentReply),
            };
            if evidence.is_demonstrable() {
                Claimed::Given { evidence, at: consent_at }
            } else {
                Claimed::WithoutEvidence
            }
        }
    };
    Ok(Ready { row: row.number(), wanted, consent })
}

fn detail_of(e: Error) -> String {
    match e {
        Error::InvalidInput { detail, .. } | Error::Conflict { detail, .. } => detail,
        other => other.to_string(),
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "x" | "ja" | "oui" | "si" | "sim" => Some(true),
        "no" | "n" | "false" | "0" | "nee" | "nein" | "non" => Some(false),
        _ => None,
    }
}

fn claim(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
        "given" | "granted" | "opted_in" | "opt_in" | "subscribed" => Some(true),
        "withdrawn" | "refused" | "opted_out" | "opt_out" | "unsubscribed" | "stop" => Some(false),
        other => yes_or_no(other),
    }
}

fn context(text: &str) -> ProvenanceContext {
    match text.to_ascii_lowercase().as_str() {
        "sale" | "purchase" | "order" | "customer" => ProvenanceContext::Sale,
        "form" | "signup" | "sign-up" | "registration" => ProvenanceContext::Form,
        "list" | "purchased_list" | "broker" => ProvenanceContext::List,
        _ => ProvenanceContext::Other,
    }
}

fn parse_moment(text: &str) -> Option<Timestamp> {
    if let Ok(at) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"] {
        if let Ok(at) = chrono::NaiveDateTime::parse_from_str(text, format) {
            return Some(at.and_utc());
        }
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0).map(|at| at.and_utc())
}

/// A chunk with everything that is stored of it.
struct SealedChunk {
    chunk: Chunk,
    people: Vec<Person>,
    batches: Vec<Batch>,
}

/// Seals a chunk. Whom an earlier row of the file suppressed meanwhile is in the list already, and is
/// brought up to date instead.
async fn seal(engine: &Inner, chunk: Chunk, dry_run: bool, run: &str) -> Result<SealedChunk> {
    if dry_run {
        return Ok(SealedChunk { chunk, people: Vec::new(), batches: Vec::new() });
    }
    let now = engine.clock.now();
    let mut people: Vec<Person> = Vec::with_capacity(chunk.ready.len());
    for ready in &chunk.ready {
        let mut person = Person::new(engine.new_id()?.into(), now);
        person.import = Some(run.to_owned());
        ready.wanted.merge_into(&mut person);
        people.push(person);
    }
    engine.mark_suppressed(&mut people.iter_mut().collect::<Vec<_>>()).await?;
    // Most rows name a new person: they are inserted without a look, and the storage's own
    // uniqueness tells which of them are known already.
    let mut batches = Vec::with_capacity(people.len());
    for (ready, person) in chunk.ready.iter().zip(&mut people) {
        let mut writes = vec![Write::Insert { record: person.key_record(engine)? }];
        let consent = consent_writes(engine, person, &ready.consent, now)?;
        writes.push(Write::Insert { record: person.record(engine)? });
        writes.extend(consent);
        batches.push(Batch { writes });
    }
    Ok(SealedChunk { chunk, people, batches })
}

async fn store(
    engine: &Inner,
    sealed: SealedChunk,
    dry_run: bool,
    run: &str,
    report: &mut ImportReport,
) -> Result<()> {
    let SealedChunk { chunk, people, batches } = sealed;
    report.rows += chunk.rows;
    report.rejected += chunk.rejected;
    let room = PROBLEMS.saturating_sub(report.problems.len());
    report.problems.extend(chunk.problems.into_iter().take(room));
    if dry_run {
        for ready in &chunk.ready {
            match &ready.consent {
                Claimed::Given { .. } => report.consents += 1,
                Claimed::WithoutEvidence => report.consent_without_evidence += 1,
                Claimed::Nothing | Claimed::OptedOut => {}
            }
        }
        return Ok(());
    }
    let now = engine.clock.now();
    let done = engine.storage.commit(batches).await?;
    for ((ready, person), done) in chunk.ready.into_iter().zip(people).zip(done) {
        let suppressed = match done {
            Committed::Done { .. } => {
                report.created += 1;
                person.suppressed
            }
            Committed::Conflict { .. } => match update(engine, &ready, run, now).await {
                Ok((duplicate, suppressed)) => {
                    if duplicate {
                        report.duplicates += 1;
                    } else {
                        report.updated += 1;
                    }
                    suppressed
                }
                Err(e @ (Error::Conflict { .. } | Error::InvalidInput { .. })) => {
                    report.rejected += 1;
                    if report.problems.len() < PROBLEMS {
                        report.problems.push(RowProblem {
                            row: ready.row,
                            column: None,
                            detail: detail_of(e),
                        });
                    }
                    continue;
                }
                Err(e) => return Err(e),
            },
        };
        report.suppressed += i64::from(suppressed);
        match ready.consent {
            Claimed::Given { .. } => report.consents += 1,
            Claimed::WithoutEvidence => report.consent_without_evidence += 1,
            Claimed::Nothing | Claimed::OptedOut => {}
        }
    }
    Ok(())
}

/// Brings a known person up to date. Returns whether an earlier row of this file named them, and
/// whether they are on the suppression list.
async fn update(engine: &Inner, ready: &Ready, run: &str, now: Timestamp) -> Result<(bool, bool)> {
    let id =
        engine.find_person(ready.wanted.phone.as_ref(), ready.wanted.bsuid.as_deref()).await?.ok_or_else(
            || Error::conflict("contact", "it changed while the file was read; import the row again"),
        )?;
    engine
        .merge_contact(&ready.wanted, &id, |p| {
            let duplicate = p.import.as_deref() == Some(run);
            p.import = Some(run.to_owned());
            let writes = consent_writes(engine, p, &ready.consent, now)?;
            Ok(((duplicate, p.suppressed), writes))
        })
        .await
}

/// Several things in one cell, as spreadsheets hold them: `coffee; tea`.
fn listed(cell: &str) -> Vec<String> {
    cell.split([';', '|']).map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

fn consent_writes(
    engine: &Inner,
    person: &mut Person,
    claimed: &Claimed,
    now: Timestamp,
) -> Result<Vec<Write>> {
    let (status, evidence, acted_at) = match claimed {
        Claimed::Nothing | Claimed::WithoutEvidence => return Ok(Vec::new()),
        // A file does not lift what the person themselves said to us.
        Claimed::Given { .. } if person.suppressed => return Ok(Vec::new()),
        Claimed::Given { evidence, at } => {
            (ConsentStatus::Given, evidence.clone(), at.filter(|at| *at <= now))
        }
        Claimed::OptedOut => (ConsentStatus::Withdrawn, Evidence::default(), None),
    };
    let entry = ConsentEntry {
        evidence,
        acted_at,
        ..ConsentEntry::new(person.id.clone(), Purpose::Marketing, status, ConsentSource::Import)
    };
    Ok(standing::apply(engine, person, &entry)?.1)
}
