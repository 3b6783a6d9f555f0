//! The database file: whose it is, who holds it, and how it is made and opened.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{
    fault::{fault, file_fault},
    schema::{APPLICATION_ID, migrate, newest},
};
use crate::values::error::{Error, Result, StorageFault};

/// The right to use a database file, held as a lock of the operating system on `<path>.lock`, and on Linux on
/// the file itself: a hard link is another path to the same file.
///
/// It ends with the process, however the process ends; the lock file itself stays.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) path: PathBuf,
    _lock: File,
    _file: Option<File>,
}

/// `path` with `suffix` behind its file name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// New files are the owner's alone.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes a new name in a directory survive a power cut.
pub(super) fn sync_directory_of(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(directory) = path.parent() {
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// One path for one file, so that two names for it meet the same lock.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let Some(name) = path.file_name() else { return Err(io::ErrorKind::IsADirectory.into()) };
            let directory = match path.parent() {
                Some(d) if !d.as_os_str().is_empty() => d,
                _ => Path::new("."),
            };
            Ok(fs::canonicalize(directory)?.join(name))
        }
        other => other,
    }
}

/// Refuses a file that is not conek's, by its first bytes and without touching it.
/// Answers whether there is a database yet.
fn inspect(path: &Path) -> Result<bool> {
    let not_ours =
        || Error::storage(StorageFault::NotOurs, "the file is no database of conek; choose another path");
    let mut header = Vec::with_capacity(100);
    match File::open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(file_fault(&e)),
        Ok(file) => file.take(100).read_to_end(&mut header).map_err(|e| file_fault(&e))?,
    };
    if header.is_empty() {
        return Ok(false);
    }
    let number = |at: usize| header.get(at..at + 4)?.try_into().ok().map(i32::from_be_bytes);
    match (number(60), number(68)) {
        (Some(version), Some(APPLICATION_ID)) if header.starts_with(b"SQLite format 3\0") => {
            check_version(version)?
        }
        _ => return Err(not_ours()),
    }
    // A file cut short is found now, not at some later read. Pages may still be in the log beside it.
    let log = fs::metadata(beside(path, "-wal")).map_or(0, |m| m.len());
    let page = header.get(16..18).and_then(|b| b.try_into().ok()).map_or(0, u16::from_be_bytes);
    let pages = number(28).and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    let length = fs::metadata(path).map_err(|e| file_fault(&e))?.len();
    if log == 0 && length < pages * u64::from(page) {
        return Err(Error::storage(StorageFault::Corrupt, "the file was cut short; restore a backup"));
    }
    Ok(true)
}

fn check_version(version: i32) -> Result<()> {
    if version > newest() {
        return Err(Error::storage(
            StorageFault::Newer,
            format!("the file has format {version}, this library knows {}; upgrade conek", newest()),
        ));
    }
    Ok(())
}

fn lock(path: &Path) -> Result<File> {
    let file = private(OpenOptions::new().write(true).create(true).truncate(false))
        .open(beside(path, ".lock"))
        .map_err(|e| file_fault(&e))?;
    try_lock(file)
}

/// A process that was just begun holds what its parent had open until its own program runs: then the lock of a store
/// that was closed is held a moment longer. It is asked for again that often, a hundredth of a second apart.
const MOMENTS: u32 = 25;

fn try_lock(file: File) -> Result<File> {
    for moment in 0.. {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if moment < MOMENTS => {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::storage(
                    StorageFault::Locked,
                    "this file is open already, in this process or another; close it there, or use the engine that has it",
                ));
            }
            Err(TryLockError::Error(e)) => return Err(file_fault(&e)),
        }
    }
    Ok(file)
}

/// Builds an empty database under another name and moves it into place: a crash leaves none or a whole one.
pub(super) fn create(path: &Path) -> Result<()> {
    let draft = beside(path, ".new");
    for leftover in [&draft, &beside(&draft, "-wal"), &beside(&draft, "-shm"), &beside(&draft, "-journal")] {
        match fs::remove_file(leftover) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(file_fault(&e)),
            _ => {}
        }
    }
    private(OpenOptions::new().write(true).create_new(true)).open(&draft).map_err(|e| file_fault(&e))?;
    let made = || -> rusqlite::Result<()> {
        let conn = Connection::open_with_flags(&draft, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        conn.execute_batch("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        conn.pragma_update(None, "application_id", APPLICATION_ID)?;
        migrate(&conn)?;
        conn.close().map_err(|(_, e)| e)
    };
    made().map_err(fault)?;
    File::open(&draft)
        .and_then(|f| f.sync_all())
        .and_then(|()| fs::rename(&draft, path))
        .and_then(|()| sync_directory_of(path))
        .map_err(|e| file_fault(&e))
}

/// Takes hold of `path`, which is created or migrated where that is due.
pub(super) fn take(path: &Path) -> Result<(Held, Connection)> {
    let path = resolve(path).map_err(|e| file_fault(&e))?;
    if fs::metadata(&path).is_ok_and(|m| m.is_dir()) {
        return Err(file_fault(&io::ErrorKind::IsADirectory.into()));
    }
    inspect(&path)?;
    let mut held = Held { _lock: lock(&path)?, _file: None, path };
    if !inspect(&held.path)? {
        create(&held.path)?;
    }
    // Linux keeps these locks apart from SQLite's own; elsewhere they would shut SQLite out.
    if cfg!(any(target_os = "linux", target_os = "android")) {
        let file = File::open(&held.path).map_err(|e| file_fault(&e))?;
        held._file = Some(try_lock(file)?);
    }
    let writer = connect(&held.path)?;
    if writer.is_readonly("main").map_err(fault)? {
        return Err(file_fault(&io::ErrorKind::PermissionDenied.into()));
    }
    check_version(writer.query_row("PRAGMA user_version", (), |r| r.get(0)).map_err(fault)?)?;
    writer.execute_batch("PRAGMA cache_size = -32768").and_then(|()| migrate(&writer)).map_err(fault)?;
    Ok((held, writer))
}

/// Opens one more connection to an existing database.
pub(super) fn connect(path: &Path) -> Result<Connection> {
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(Duration::from_secs(5))?;
        conn.set_prepared_statement_cache_capacity(128);
        // FULL: what was answered survives a power cut; on Apple's systems only fullfsync reaches the disk.
        // secure_delete: what was deleted is overwritten. temp_store: nothing spills into other files.
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;
             PRAGMA checkpoint_fullfsync = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
             PRAGMA trusted_schema = OFF;",
        )?;
        Ok(conn)
    };
    open().map_err(fault)
}
