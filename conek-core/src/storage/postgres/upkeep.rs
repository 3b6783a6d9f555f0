//! Backups, their way back, and the storage's look at itself.

use std::{
    fs,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use deadpool_postgres::Transaction;
use tokio_postgres::{Error as PgError, IsolationLevel, types::ToSql};

use super::{
    super::{
        Batch, Verification, Write, dump,
        packed::{distinct, unpack},
    },
    effects::Effects,
    fault::fault,
    find::Readers,
    fold::insert,
    link::{Link, Place},
    plan::{Plan, Wanted},
    row::{COLUMNS, get, kept, read},
};
use crate::values::error::{Error, Result, StorageFault};

/// How many records are in memory at once.
const STEP: i32 = 1_000;

fn pg(e: PgError) -> Error {
    fault(&e)
}

/// The view of one moment, for as long as it takes.
async fn moment(client: &mut deadpool_postgres::Object) -> Result<Transaction<'_>> {
    let tx = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await
        .map_err(pg)?;
    tx.batch_execute(
        "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '10min';
         SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on;",
    )
    .await
    .map_err(pg)?;
    Ok(tx)
}

fn occupied() -> Error {
    Error::conflict("backup", "a file is there already; choose another path")
}

fn file_fault(e: &io::Error) -> Error {
    match e.kind() {
        io::ErrorKind::AlreadyExists => occupied(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Error::storage(StorageFault::Full, "the backup could not be written; free space and repeat it")
        }
        _ => Error::invalid("to", "the file cannot be written; check its directory and permissions"),
    }
}

/// Writes every record, as all are at one moment, to a new file `to`: how far appending has come, then a line of JSON
/// each. The copy gets its name when it is complete.
pub(super) async fn backup(readers: &Readers, to: &str) -> Result<()> {
    let to = Path::new(to);
    if fs::symlink_metadata(to).is_ok() {
        return Err(occupied());
    }
    let mut name = to.as_os_str().to_owned();
    name.push(".partial");
    let partial = PathBuf::from(name);
    let _ = fs::remove_file(&partial);
    let done = copy(readers, &partial).await.and_then(|()| {
        // A link is never made over a file that came meanwhile.
        fs::hard_link(&partial, to).map_err(|e| file_fault(&e))
    });
    // What is left of a failed copy holds sealed data; its removal can fail no worse than the copy did.
    let _ = fs::remove_file(&partial);
    done
}

async fn copy(readers: &Readers, partial: &Path) -> Result<()> {
    let mut out = BufWriter::new(dump::create(partial).map_err(|e| file_fault(&e))?);
    write(readers, &mut out).await?;
    out.into_inner().map_err(|e| file_fault(e.error())).and_then(|f| f.sync_all().map_err(|e| file_fault(&e)))
}

/// Writes how far appending has come, then every record as all are at one moment.
pub(super) async fn write(readers: &Readers, out: &mut (impl io::Write + Send)) -> Result<()> {
    let mut client = readers.client().await?;
    let tx = moment(&mut client).await?;
    let furthest = "SELECT greatest((SELECT appended FROM about), (SELECT max(appended) FROM sequences))";
    let appended: i64 = get(&tx.query_one(furthest, &[]).await.map_err(pg)?, 0)?;
    dump::begin(out, appended).map_err(|e| file_fault(&e))?;
    let all = tx.prepare(&format!("SELECT {COLUMNS} FROM records r")).await.map_err(pg)?;
    let portal = tx.bind(&all, &[]).await.map_err(pg)?;
    loop {
        let rows = tx.query_portal(&portal, STEP).await.map_err(pg)?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            dump::put(out, &read(row)?).map_err(|e| file_fault(&e))?;
        }
    }
    tx.commit().await.map_err(pg)
}

/// The accounts that have a store here.
pub(super) async fn accounts(readers: &Readers) -> Result<Vec<String>> {
    let mut client = readers.client().await?;
    let tx = moment(&mut client).await?;
    let (kind, id) = dump::LIFE;
    let lives = "SELECT account FROM records WHERE kind = $1 AND id = $2 ORDER BY account";
    let rows = tx.query(lives, &[&kind, &id]).await.map_err(pg)?;
    rows.iter().map(|row| get(row, 0)).collect()
}

/// Fills an empty schema with a backup, in one transaction.
pub(super) async fn restore(place: &std::sync::Arc<Place>, mut records: dump::Reader) -> Result<()> {
    let link = Link::open(place, false).await?;
    let client = &link.client;
    client
        .batch_execute(
            "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '10min'; SET LOCAL statement_timeout = '10min';
             LOCK TABLE records IN EXCLUSIVE MODE",
        )
        .await
        .map_err(pg)?;
    if get::<bool>(&client.query_one("SELECT EXISTS (SELECT FROM records)", &[]).await.map_err(pg)?, 0)? {
        return Err(Error::conflict(
            "restore",
            "the schema holds records already; name another with schema= in the URL",
        ));
    }
    client.execute("UPDATE about SET appended = $1", &[&records.appended]).await.map_err(pg)?;
    loop {
        let some = records.some(STEP as usize)?;
        let versions: Vec<i64> = some.iter().map(|r| r.version).collect();
        let batch = Batch { writes: some.into_iter().map(|record| Write::Insert { record }).collect() };
        if versions.is_empty() {
            break;
        }
        let mut plan = Plan::new(Wanted::of(&[&batch]), Vec::new(), Vec::new());
        plan.batch(&batch, &mut [].iter());
        let mut effects = Effects::of(&plan);
        if effects.inserted.version.len() != versions.len() {
            return Err(dump::twice());
        }
        effects.inserted.version = versions;
        insert(&link, &effects).await?;
    }
    client.batch_execute("COMMIT").await.map_err(pg)?;
    link.close().await;
    Ok(())
}

/// Checks that records and side tables say the same, and the indexes where the server lets it.
pub(super) async fn verify(readers: &Readers) -> Result<Verification> {
    let mut client = readers.client().await?;
    let tx = moment(&mut client).await?;
    let mut problems = Vec::new();
    let mut complain = |n: i64, what: &str| {
        if n > 0 {
            problems.push(format!("{n} {what}"));
        }
    };
    let one = async |sql: &str| -> Result<i64> { get(&tx.query_one(sql, &[]).await.map_err(pg)?, 0) };
    let (mut missing, mut unreadable, mut held, mut held_unique) = (0_i64, 0_i64, 0_i64, 0_i64);
    let all = tx
        .prepare("SELECT account, kind, id, tokens FROM records WHERE tokens IS NOT NULL")
        .await
        .map_err(pg)?;
    let portal = tx.bind(&all, &[]).await.map_err(pg)?;
    loop {
        let rows = tx.query_portal(&portal, STEP).await.map_err(pg)?;
        if rows.is_empty() {
            break;
        }
        let mut columns: [[Vec<String>; 5]; 2] = Default::default();
        for row in &rows {
            let Some(tokens) = unpack(get(row, 3)?) else {
                unreadable += 1;
                continue;
            };
            for t in distinct(&tokens) {
                *(if t.unique { &mut held_unique } else { &mut held }) += 1;
                let into = &mut columns[usize::from(t.unique)];
                for (column, n) in into.iter_mut().zip(0..3) {
                    column.push(get(row, n)?);
                }
                into[3].push(kept(&t.name).into_owned());
                into[4].push(kept(&t.value).into_owned());
            }
        }
        for (table, c) in ["tokens", "unique_tokens"].iter().zip(&columns) {
            let sql = format!(
                "SELECT count(*) FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
                    AS k (account, kind, id, name, value)
                 WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.account = k.account AND t.kind = k.kind AND t.id = k.id
                    AND t.name = k.name AND t.value = k.value)"
            );
            let values: [&(dyn ToSql + Sync); 5] = [&c[0], &c[1], &c[2], &c[3], &c[4]];
            missing += get::<i64>(&tx.query_one(&sql, &values).await.map_err(pg)?, 0)?;
        }
    }
    complain(unreadable, "records with unreadable tokens");
    complain(missing, "tokens of records that cannot be found by them");
    complain(one("SELECT count(*) FROM tokens").await? - held, "tokens without a record");
    complain(
        one("SELECT count(*) FROM unique_tokens").await? - held_unique,
        "unique tokens without a record",
    );
    complain(
        one("SELECT count(*) FROM more_subjects x WHERE NOT EXISTS (SELECT FROM records r WHERE r.account = x.account
             AND r.kind = x.kind AND r.id = x.id AND r.more_subjects IS NOT NULL)")
        .await?,
        "subjects without a record",
    );
    complain(
        one("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
             JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND NOT i.indisvalid")
        .await?,
        "indexes that are not valid",
    );
    let records = one("SELECT count(*) FROM records").await?;
    Ok(Verification { records, problems })
}
