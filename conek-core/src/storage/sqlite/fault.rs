//! What SQLite and the file system say, in conek's words.

use std::io;

use rusqlite::{ErrorCode, ffi};

use crate::values::error::{Error, StorageFault};

/// What a failed statement means to the host.
pub(super) fn fault(e: rusqlite::Error) -> Error {
    let rusqlite::Error::SqliteFailure(code, _) = e else {
        // The texts of the other variants can quote values.
        return Error::storage(
            StorageFault::Corrupt,
            "a stored row has a form that conek never writes; restore a backup",
        );
    };
    let say = |fault, text: &str| Error::storage(fault, format!("{text} (SQLite {})", code.extended_code));
    match code.code {
        ErrorCode::DiskFull => {
            say(StorageFault::Full, "the disk is full; free space and go on, nothing was half written")
        }
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            say(StorageFault::ReadOnly, "the file cannot be written; check its permissions and mount options")
        }
        ErrorCode::DatabaseCorrupt => say(StorageFault::Corrupt, "the database is damaged; restore a backup"),
        ErrorCode::NotADatabase => {
            say(StorageFault::NotOurs, "the file is no database of conek; choose another path")
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            say(StorageFault::Locked, "another program holds the file; close it and repeat")
        }
        // The shared index beside the file is grown block by block; that fails first on a full disk.
        ErrorCode::SystemIoFailure if code.extended_code == ffi::SQLITE_IOERR_SHMSIZE => {
            say(StorageFault::Full, "the disk is full; free space and go on, nothing was half written")
        }
        ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::OutOfMemory => {
            say(StorageFault::Unavailable, "the disk or the system does not answer; check it and repeat")
        }
        ErrorCode::TooBig => Error::invalid("record", "must be smaller than 1 GB"),
        _ => Error::internal(format!("SQLite error {}", code.extended_code)),
    }
}

/// What a failed COMMIT means: after a write error nobody knows whether the disk has it.
pub(super) fn commit_fault(e: rusqlite::Error) -> Error {
    match e.sqlite_error_code() {
        Some(ErrorCode::SystemIoFailure) => {
            Error::internal("the disk failed while a commit was being written; look before you repeat")
        }
        _ => fault(e),
    }
}

/// What a failed file operation on the storage's files means.
pub(super) fn file_fault(e: &io::Error) -> Error {
    use io::ErrorKind as Kind;
    match e.kind() {
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => Error::storage(
            StorageFault::ReadOnly,
            "the file or its directory cannot be written; check permissions and mount options",
        ),
        Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => {
            Error::storage(StorageFault::Full, "the disk is full; free space and repeat")
        }
        Kind::NotFound | Kind::NotADirectory => {
            Error::invalid("path", "its directory does not exist; create the directory first")
        }
        Kind::IsADirectory => Error::invalid("path", "names a directory; add a file name"),
        kind => Error::storage(StorageFault::Unavailable, format!("the file system does not answer: {kind}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: i32) -> Error {
        fault(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn every_way_in_which_sqlite_fails_has_its_own_code() {
        for (code, name) in [
            (ffi::SQLITE_FULL, "storage_full"),
            (ffi::SQLITE_IOERR_SHMSIZE, "storage_full"),
            (ffi::SQLITE_READONLY, "storage_read_only"),
            (ffi::SQLITE_READONLY_DBMOVED, "storage_read_only"),
            (ffi::SQLITE_PERM, "storage_read_only"),
            (ffi::SQLITE_CORRUPT, "storage_corrupt"),
            (ffi::SQLITE_NOTADB, "storage_not_ours"),
            (ffi::SQLITE_BUSY, "storage_locked"),
            (ffi::SQLITE_IOERR_WRITE, "storage_unavailable"),
            (ffi::SQLITE_CANTOPEN, "storage_unavailable"),
        ] {
            assert_eq!(said(code).code(), name, "SQLite {code}");
        }
    }

    #[test]
    fn a_commit_that_the_disk_failed_is_unknown_and_a_full_disk_is_not() {
        let at_commit = |code| commit_fault(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        assert_eq!(at_commit(ffi::SQLITE_IOERR_FSYNC).retry(), crate::Retry::Unknown);
        assert_eq!(at_commit(ffi::SQLITE_FULL).retry(), crate::Retry::Later);
    }

    #[test]
    fn file_system_errors_say_what_to_do() {
        for (kind, name) in [
            (io::ErrorKind::PermissionDenied, "storage_read_only"),
            (io::ErrorKind::ReadOnlyFilesystem, "storage_read_only"),
            (io::ErrorKind::StorageFull, "storage_full"),
            (io::ErrorKind::NotFound, "invalid_input"),
        ] {
            assert_eq!(file_fault(&kind.into()).code(), name);
        }
    }
}
