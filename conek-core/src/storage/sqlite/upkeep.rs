//! Backups and the storage's look at itself.

use std::{
    fs::{self, OpenOptions},
    io,
    path::Path,
};

use rusqlite::{Connection, Result as SqlResult, backup::Backup};

use super::{
    super::{
        Verification, dump,
        packed::{distinct, unpack},
    },
    apply::Tables,
    fault::{fault, file_fault},
    file::{beside, connect, create, private, sync_directory_of},
    row::{COLUMNS, ROW, read},
};
use crate::values::error::{Error, Result, StorageFault};

fn occupied() -> Error {
    Error::conflict("backup", "a file is there already; choose another path")
}

/// Copies the whole database to a new file `to`, as it is at one moment.
///
/// The copy gets its name when it is complete, so that a crash leaves no half backup under it.
pub(super) fn backup(conn: &Connection, to: &str) -> Result<()> {
    let to = Path::new(to);
    if fs::symlink_metadata(to).is_ok() {
        return Err(occupied());
    }
    let partial = beside(to, ".partial");
    match fs::remove_file(&partial) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(file_fault(&e)),
        _ => {}
    }
    private(OpenOptions::new().write(true).create_new(true)).open(&partial).map_err(|e| file_fault(&e))?;
    let done = copy(conn, &partial).map_err(fault).and_then(|()| {
        OpenOptions::new()
            .write(true)
            .open(&partial)
            .and_then(|f| f.sync_all())
            .map_err(|e| file_fault(&e))?;
        name(&partial, to)
    });
    if done.is_err() {
        // What is left of a failed copy holds sealed data; its removal can fail no worse than the copy did.
        let _ = fs::remove_file(&partial);
    }
    done
}

fn copy(conn: &Connection, partial: &Path) -> SqlResult<()> {
    let mut copy = Connection::open(partial)?;
    copy.execute_batch("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;")?;
    // One step: the copy is of one moment, and in WAL mode nobody waits for it.
    Backup::new(conn, &mut copy)?.step(-1)?;
    copy.close().map_err(|(_, e)| e)
}

/// Writes how far appending has come, then every record as all are at one moment.
pub(super) fn dump(conn: &Connection, out: &mut impl io::Write) -> Result<()> {
    let failed =
        |_| Error::storage(StorageFault::Full, "the copy could not be written; free space and repeat it");
    let tx = conn.unchecked_transaction().map_err(fault)?;
    let appended = tx.query_row("SELECT appended FROM sequence", (), |r| r.get(0)).map_err(fault)?;
    dump::begin(out, appended).map_err(failed)?;
    let sql = format!("SELECT {COLUMNS}, account, kind FROM records r JOIN spaces USING (space)");
    let mut statement = tx.prepare(&sql).map_err(fault)?;
    let mut rows = statement.query(()).map_err(fault)?;
    while let Some(row) = rows.next().map_err(fault)? {
        let text = |n| row.get_ref(n).and_then(|v| v.as_str().map_err(Into::into));
        let record = text(ROW + 1).and_then(|account| read(row, account, text(ROW + 2)?));
        dump::put(out, &record.map_err(fault)?).map_err(failed)?;
    }
    Ok(())
}

/// The accounts that have a store here.
pub(super) fn accounts(conn: &Connection) -> SqlResult<Vec<String>> {
    let (kind, id) = dump::LIFE;
    conn.prepare(
        "SELECT account FROM records JOIN spaces USING (space) WHERE kind = ? AND id = ? ORDER BY account",
    )?
    .query_map((kind, id), |r| r.get(0))?
    .collect()
}

/// Makes a new database at `to` with the records of a dump. It gets its name when it is complete.
pub(super) fn fill(to: &Path, mut records: dump::Reader) -> Result<()> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(occupied());
    }
    let partial = beside(to, ".partial");
    // The log of a copy that was cut off would be read into this one.
    let clear = || {
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(beside(&partial, suffix));
        }
    };
    clear();
    create(&partial)?;
    let conn = connect(&partial)?;
    let done = load(&conn, &mut records);
    let closed = conn.close().map_err(|(_, e)| fault(e));
    let named = done.and(closed).and_then(|()| name(&partial, to));
    if named.is_err() {
        clear();
    }
    named
}

fn load(conn: &Connection, records: &mut dump::Reader) -> Result<()> {
    let mut tables = Tables::prepare(conn).map_err(fault)?;
    tables.appended = records.appended;
    loop {
        let some = records.some(1_000)?;
        if some.is_empty() {
            break;
        }
        let tx = conn.unchecked_transaction().map_err(fault)?;
        for record in &some {
            if !tables.load(record).map_err(fault)? {
                return Err(dump::twice());
            }
        }
        tables.save_sequence().map_err(fault)?;
        tx.commit().map_err(fault)?;
    }
    tables.save_sequence().map_err(fault)
}

/// Gives a finished copy its name, unless somebody took the name meanwhile.
fn name(partial: &Path, to: &Path) -> Result<()> {
    match fs::hard_link(partial, to) {
        Ok(()) => fs::remove_file(partial).map_err(|e| file_fault(&e))?,
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(occupied()),
        // Some file systems have no links; there the name is reserved, then taken.
        Err(_) => {
            private(OpenOptions::new().write(true).create_new(true)).open(to).map_err(|e| {
                match e.kind() {
                    io::ErrorKind::AlreadyExists => occupied(),
                    _ => file_fault(&e),
                }
            })?;
            fs::rename(partial, to).map_err(|e| file_fault(&e))?;
        }
    }
    sync_directory_of(to).map_err(|e| file_fault(&e))
}

/// Checks the file's structure, its indexes, and that records and side tables say the same.
pub(super) fn verify(conn: &Connection) -> SqlResult<Verification> {
    let tx = conn.unchecked_transaction()?;
    let mut problems: Vec<String> = tx
        .prepare("PRAGMA integrity_check(20)")?
        .query_map((), |r| r.get::<_, String>(0))?
        .filter(|line| line.as_deref() != Ok("ok"))
        .collect::<SqlResult<_>>()?;
    let mut complain = |n: i64, what: &str| {
        if n > 0 {
            problems.push(format!("{n} {what}"));
        }
    };
    let one = |sql: &str| tx.query_row(sql, (), |r| r.get::<_, i64>(0));

    let mut holds_unique =
        tx.prepare("SELECT row FROM unique_tokens WHERE space = ? AND name = ? AND value = ?")?;
    let mut holds =
        tx.prepare("SELECT row FROM tokens WHERE space = ? AND name = ? AND value = ? AND id = ?")?;
    let (mut missing, mut unreadable, mut held, mut held_unique) = (0, 0, 0, 0);
    let mut with_tokens =
        tx.prepare("SELECT row, space, id, tokens FROM records WHERE tokens IS NOT NULL")?;
    let mut rows = with_tokens.query(())?;
    while let Some(r) = rows.next()? {
        let (row, space): (i64, i64) = (r.get(0)?, r.get(1)?);
        let id = r.get_ref(2)?.as_str()?;
        let Some(tokens) = unpack(r.get_ref(3)?.as_blob()?) else {
            unreadable += 1;
            continue;
        };
        for t in distinct(&tokens) {
            let found = if t.unique {
                held_unique += 1;
                holds_unique.query_row((space, &t.name, &t.value), |r| r.get::<_, i64>(0))
            } else {
                held += 1;
                holds.query_row((space, &t.name, &t.value, id), |r| r.get::<_, i64>(0))
            };
            missing += i64::from(found.ok() != Some(row));
        }
    }
    drop(rows);
    complain(unreadable, "records with unreadable tokens");
    complain(missing, "tokens of records that cannot be found by them");
    complain(one("SELECT count(*) FROM tokens")? - held, "tokens without a record");
    complain(one("SELECT count(*) FROM unique_tokens")? - held_unique, "unique tokens without a record");
    complain(
        one("SELECT count(*) FROM more_subjects x LEFT JOIN records r
             ON r.row = x.row AND r.space = x.space AND r.id = x.id AND r.more_subjects IS NOT NULL WHERE r.row IS NULL")?,
        "subjects without a record",
    );
    complain(
        one("SELECT count(*) FROM records r LEFT JOIN spaces s USING (space) WHERE s.space IS NULL")?,
        "records without an account",
    );
    let records = one("SELECT count(*) FROM records")?;
    Ok(Verification { records, problems })
}
