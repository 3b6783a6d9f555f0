//! What PostgreSQL and the network say, in conek's words. A server's own text can quote values and is left out.

use std::error::Error as _;

use tokio_postgres::error::SqlState;

use super::address::unfit;
use crate::values::error::{Error, StorageFault};

/// What a failed statement or connection means to the host.
pub(super) fn fault(e: &tokio_postgres::Error) -> Error {
    match e.code() {
        Some(state) => by_state(state),
        None => by_text(e),
    }
}

/// Whether the connection is of no use any more.
pub(super) fn is_lost(e: &tokio_postgres::Error) -> bool {
    match e.code() {
        Some(state) => {
            let class = state.code().get(..2);
            class == Some("08")
                || (class == Some("57") && *state != SqlState::QUERY_CANCELED)
                || *state == SqlState::READ_ONLY_SQL_TRANSACTION
                || *state == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
        }
        // Without a state it was no answer of the server's; a value that does not fit is no loss.
        None => !said(e).starts_with("error serializing") && !said(e).starts_with("error deserializing"),
    }
}

/// Whether the same transaction can succeed when it is tried again.
pub(super) fn is_passing(e: &tokio_postgres::Error) -> bool {
    e.code()
        .is_some_and(|s| *s == SqlState::T_R_SERIALIZATION_FAILURE || *s == SqlState::T_R_DEADLOCK_DETECTED)
}

fn said(e: &tokio_postgres::Error) -> String {
    // The driver's own words, without their cause: they hold no values.
    e.to_string()
}

fn unavailable(text: impl Into<String>) -> Error {
    Error::storage(StorageFault::Unavailable, text)
}

fn by_state(state: &SqlState) -> Error {
    let code = state.code();
    let say = |fault, text: &str| Error::storage(fault, format!("{text} (PostgreSQL {code})"));
    match code {
        "28P01" | "28000" => {
            unfit("the server refuses this user, password or host; check all three and pg_hba.conf")
        }
        "3D000" => unfit("the server has no database of this name; create it first"),
        "42501" => say(
            StorageFault::ReadOnly,
            "the role may not do this; let it own the schema, or grant it CREATE on the database",
        ),
        "25006" => say(
            StorageFault::ReadOnly,
            "the database takes no writes: it is a standby, or was made read-only; name the primary",
        ),
        "53100" => say(
            StorageFault::Full,
            "the server's disk is full; free space and go on, nothing was half written",
        ),
        "53300" => say(StorageFault::Unavailable, "the server has no connection left; raise max_connections"),
        "55P03" => say(StorageFault::Locked, "another session holds what this one needs; end it and repeat"),
        "57014" => say(StorageFault::Unavailable, "the server ended a statement that took too long; repeat"),
        "54000" => {
            Error::invalid("record", "ids, groups, queues and tokens must be shorter than 600 characters")
        }
        "22P05" | "22021" => {
            Error::invalid("record", "holds text that the database cannot keep; it must be UTF8")
        }
        "42P01" | "42703" | "42P10" => say(
            StorageFault::Corrupt,
            "a table of conek's is missing or was changed by somebody else; restore a backup",
        ),
        _ => match code.get(..2) {
            Some("08" | "53" | "57" | "58" | "40" | "25") => {
                say(StorageFault::Unavailable, "the server does not answer as it should; repeat in a moment")
            }
            Some("XX") => say(StorageFault::Corrupt, "the database is damaged; restore a backup"),
            _ => Error::internal(format!("PostgreSQL error {code}")),
        },
    }
}

fn by_text(e: &tokio_postgres::Error) -> Error {
    let cause = e.source();
    match said(e).as_str() {
        "error performing TLS handshake" => tls(cause),
        "authentication error" | "invalid configuration" => unfit(
            "the server wants to know who asks in a way that the URL does not answer: a password is missing, or a kind of authentication that conek does not know",
        ),
        "error connecting to server" => match cause.and_then(|c| c.downcast_ref::<std::io::Error>()) {
            // What the driver says of a host that must be a primary and is not.
            Some(io) if io.kind() == std::io::ErrorKind::PermissionDenied => {
                by_state(&SqlState::READ_ONLY_SQL_TRANSACTION)
            }
            Some(io) => unavailable(format!(
                "no connection to the database's server: {}; check its address, that it runs, and the network",
                io.kind()
            )),
            None => unavailable("no connection to the database's server; check its address and that it runs"),
        },
        text if text.starts_with("error deserializing") => Error::storage(
            StorageFault::Corrupt,
            "a stored row has a form that conek never writes; restore a backup",
        ),
        text if text.starts_with("error encoding") || text.starts_with("error serializing") => {
            Error::invalid("record", "must be smaller than 1 GB, with whatever is stored beside it")
        }
        _ => unavailable("the connection to the database's server broke; repeat in a moment"),
    }
}

fn tls(cause: Option<&(dyn std::error::Error + 'static)>) -> Error {
    let reason = cause
        .and_then(|c| c.downcast_ref::<std::io::Error>())
        .and_then(std::io::Error::get_ref)
        .and_then(|c| c.downcast_ref::<rustls::Error>());
    match reason {
        Some(rustls::Error::InvalidCertificate(_)) => unfit(
            "the server's certificate is not trusted or not for this host; give its authority with sslrootcert",
        ),
        Some(_) => unfit("the server and conek agree on no TLS; the server must speak TLS 1.2 or newer"),
        None => {
            unfit("the server offers no TLS; turn it on there, or say sslmode=disable on a network you trust")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_in_which_the_server_fails_has_its_own_code() {
        for (code, name) in [
            ("28P01", "invalid_input"),
            ("3D000", "invalid_input"),
            ("42501", "storage_read_only"),
            ("25006", "storage_read_only"),
            ("53100", "storage_full"),
            ("53300", "storage_unavailable"),
            ("55P03", "storage_locked"),
            ("57P01", "storage_unavailable"),
            ("08006", "storage_unavailable"),
            ("40001", "storage_unavailable"),
            ("XX001", "storage_corrupt"),
            ("42P01", "storage_corrupt"),
            ("22012", "internal"),
        ] {
            assert_eq!(by_state(&SqlState::from_code(code)).code(), name, "{code}");
        }
    }
}
