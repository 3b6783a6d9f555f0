//! What the writing connection says, prepared once.

use tokio_postgres::{Client, Error, Statement};

use super::row::COLUMNS;

/// What is stored under the keys of a fold.
const STATES: &str = "SELECT k.n, r.version, r.tokens, r.more_subjects
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS k (account, kind, id, n)
    JOIN records r ON r.account = k.account AND r.kind = k.kind AND r.id = k.id";

/// Who holds the unique tokens that a fold wants.
const HOLDERS: &str = "SELECT k.n, t.id
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS k (account, kind, name, value, n)
    JOIN unique_tokens t ON t.account = k.account AND t.kind = k.kind AND t.name = k.name AND t.value = k.value";

/// How far appending has come; an account that never appended starts where a restored backup says.
const SEQUENCES: &str = "SELECT coalesce(s.appended, a.appended)
    FROM unnest($1::text[]) WITH ORDINALITY AS k (account, n) CROSS JOIN about a
    LEFT JOIN sequences s ON s.account = k.account ORDER BY k.n";

const INSERT: &str = "INSERT INTO records (account, kind, id, version, state, subject, more_subjects, grp, queue, due_at,
        expires_at, retention, tokens, clear, sealed)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::bigint[], $11::bigint[], $12::text[], $13::bytea[], $14::text[], $15::bytea[])
    ON CONFLICT DO NOTHING";

const REPLACE: &str = "UPDATE records r SET version = k.version, state = k.state, subject = k.subject,
        more_subjects = k.more_subjects, grp = k.grp, queue = k.queue, due_at = k.due_at, expires_at = k.expires_at,
        retention = k.retention, tokens = k.tokens, clear = k.clear, sealed = k.sealed
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::bigint[], $11::bigint[], $12::text[], $13::bytea[], $14::text[], $15::bytea[], $16::bigint[])
        AS k (account, kind, id, version, state, subject, more_subjects, grp, queue, due_at, expires_at, retention,
            tokens, clear, sealed, was)
    WHERE r.account = k.account AND r.kind = k.kind AND r.id = k.id AND r.version = k.was";

const CHANGE: &str = "UPDATE records r SET version = k.version, state = k.state, queue = k.queue, due_at = k.due_at,
        clear = coalesce(k.clear, r.clear), sealed = coalesce(k.sealed, r.sealed),
        tokens = CASE WHEN k.keeps THEN r.tokens ELSE k.tokens END
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::text[],
        $9::bytea[], $10::bool[], $11::bytea[], $12::bigint[])
        AS k (account, kind, id, version, state, queue, due_at, clear, sealed, keeps, tokens, was)
    WHERE r.account = k.account AND r.kind = k.kind AND r.id = k.id AND r.version = k.was";

const DELETE: &str = "DELETE FROM records r
    USING unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS k (account, kind, id, was)
    WHERE r.account = k.account AND r.kind = k.kind AND r.id = k.id AND r.version = k.was";

const LET_GO_UNIQUE: &str = "DELETE FROM unique_tokens t
    USING unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS k (account, kind, name, value, id)
    WHERE t.account = k.account AND t.kind = k.kind AND t.name = k.name AND t.value = k.value AND t.id = k.id";

const LET_GO: &str = "DELETE FROM tokens t
    USING unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS k (account, kind, name, value, id)
    WHERE t.account = k.account AND t.kind = k.kind AND t.name = k.name AND t.value = k.value AND t.id = k.id";

const HOLD_UNIQUE: &str = "INSERT INTO unique_tokens (account, kind, name, value, id)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING";

const HOLD: &str = "INSERT INTO tokens (account, kind, name, value, id)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING";

const UNLIST: &str = "DELETE FROM more_subjects s
    USING unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS k (account, person, kind, id)
    WHERE s.account = k.account AND s.person = k.person AND s.kind = k.kind AND s.id = k.id";

const LIST: &str = "INSERT INTO more_subjects (account, person, kind, id)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING";

const APPENDED: &str =
    "INSERT INTO sequences (account, appended) SELECT * FROM unnest($1::text[], $2::bigint[])
    ON CONFLICT (account) DO UPDATE SET appended = excluded.appended";

/// Takes due work. Whoever holds a row outside conek keeps it: the next claim takes it.
fn claim() -> String {
    format!(
        "UPDATE records r SET version = r.version + 1, state = $5, queue = $6, due_at = $7
         FROM (SELECT d.account, d.kind, d.id, d.due_at FROM records d
               WHERE d.account = $1 AND d.kind = $2 AND d.queue = $3 AND d.state = $4 AND d.due_at <= $8
               ORDER BY d.due_at, d.id LIMIT $9 FOR UPDATE SKIP LOCKED) k
         WHERE r.account = k.account AND r.kind = k.kind AND r.id = k.id
         RETURNING {COLUMNS}, k.due_at"
    )
}

/// Notes a commit. Without the writer's row and fence it divides by zero, and so the COMMIT behind it undoes all. What
/// follows in the transaction takes as long as it takes: a commit that was cut short while it waited for a standby
/// would be reported as done.
const TICKET: &str =
    "WITH noted AS (UPDATE writers SET ticket = $2, at = now() WHERE writer = $1 AND fence = $3 RETURNING 1)
    SELECT 1 / (SELECT count(*) FROM noted), set_config('statement_timeout', '0', true)";

/// The statements of the writing connection.
pub(super) struct Statements {
    pub(super) begin: Statement,
    pub(super) lock: Statement,
    pub(super) states: Statement,
    pub(super) holders: Statement,
    pub(super) sequences: Statement,
    pub(super) insert: Statement,
    pub(super) replace: Statement,
    pub(super) change: Statement,
    pub(super) delete: Statement,
    pub(super) let_go_unique: Statement,
    pub(super) let_go: Statement,
    pub(super) hold_unique: Statement,
    pub(super) hold: Statement,
    pub(super) unlist: Statement,
    pub(super) list: Statement,
    pub(super) appended: Statement,
    pub(super) claim: Statement,
    pub(super) ticket: Statement,
    pub(super) commit: Statement,
    pub(super) rollback: Statement,
}

impl Statements {
    pub(super) async fn prepare(client: &Client) -> Result<Self, Error> {
        let claim = claim();
        let (begin, lock, states, holders, sequences, insert, replace, change, delete, let_go_unique) = tokio::try_join!(
            client.prepare("BEGIN"),
            client.prepare("SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS k"),
            client.prepare(STATES),
            client.prepare(HOLDERS),
            client.prepare(SEQUENCES),
            client.prepare(INSERT),
            client.prepare(REPLACE),
            client.prepare(CHANGE),
            client.prepare(DELETE),
            client.prepare(LET_GO_UNIQUE),
        )?;
        let (let_go, hold_unique, hold, unlist, list, appended, claim, ticket, commit, rollback) = tokio::try_join!(
            client.prepare(LET_GO),
            client.prepare(HOLD_UNIQUE),
            client.prepare(HOLD),
            client.prepare(UNLIST),
            client.prepare(LIST),
            client.prepare(APPENDED),
            client.prepare(&claim),
            client.prepare(TICKET),
            client.prepare("COMMIT"),
            client.prepare("ROLLBACK"),
        )?;
        Ok(Self {
            begin,
            lock,
            states,
            holders,
            sequences,
            insert,
            replace,
            change,
            delete,
            let_go_unique,
            let_go,
            hold_unique,
            hold,
            unlist,
            list,
            appended,
            claim,
            ticket,
            commit,
            rollback,
        })
    }
}
