//! The tables, and the numbered steps by which an older schema becomes a present one.

use tokio_postgres::Client;

use super::fault::fault;
use crate::values::error::{Error, Result, StorageFault};

/// Marks a schema as conek's.
const MARK: &str = "conek";

/// Step `n` (from 1) brings a schema from version `n - 1` to `n`. Never change one that was released.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql")];

/// The version that this library writes.
pub(super) fn newest() -> i32 {
    i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX)
}

/// Makes the schema or brings it to the newest version, in one transaction. Of many that start at the same
/// moment one does it; the others wait and find it done.
pub(super) async fn migrate(client: &Client, schema: &str, gate: i64) -> Result<()> {
    if version(client, schema).await? == Some(newest()) {
        return Ok(());
    }
    let sql = async |sql: String| client.batch_execute(&sql).await.map_err(|e| fault(&e));
    // The wait for other starters may last longer than a statement otherwise may.
    sql(format!(
        "BEGIN; SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '10min'; SELECT pg_advisory_xact_lock({gate})"
    ))
    .await?;
    let done = async {
        let version = match version(client, schema).await? {
            Some(version) => version,
            None => {
                // Whoever may not create one may use one that was made for it.
                if !exists(client, schema).await? {
                    sql(format!("CREATE SCHEMA {schema}")).await?;
                }
                sql(format!(
                    "CREATE TABLE {schema}.about (mark text PRIMARY KEY, version integer NOT NULL, appended bigint NOT NULL);
                     INSERT INTO {schema}.about VALUES ('{MARK}', 0, 0);"
                ))
                .await?;
                0
            }
        };
        for (to, step) in (1..).zip(MIGRATIONS).filter(|(to, _)| *to > version) {
            sql(format!("SET LOCAL search_path = {schema}, pg_temp; {step}; UPDATE about SET version = {to}")).await?;
        }
        sql("COMMIT".to_owned()).await
    }
    .await;
    if done.is_err() {
        // The first error is the one to tell of; a connection that cannot roll back is dropped by the caller.
        let _ = client.batch_execute("ROLLBACK").await;
    }
    done
}

async fn exists(client: &Client, schema: &str) -> Result<bool> {
    let found = client.query_opt("SELECT FROM pg_namespace WHERE nspname = $1", &[&schema]).await;
    found.map(|row| row.is_some()).map_err(|e| fault(&e))
}

/// The version of the schema; `None` where there is nothing yet. Refuses what is not conek's, and what is newer.
async fn version(client: &Client, schema: &str) -> Result<Option<i32>> {
    let of = |e: tokio_postgres::Error| fault(&e);
    let relations = "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')";
    let names: Vec<String> =
        client.query(relations, &[&schema]).await.map_err(of)?.iter().map(|r| r.get(0)).collect();
    if names.is_empty() {
        return Ok(None);
    }
    let not_ours = || {
        Error::storage(
            StorageFault::NotOurs,
            format!(
                "the schema {schema} holds tables of another program; name another with schema= in the URL"
            ),
        )
    };
    if !names.iter().any(|n| n == "about") {
        return Err(not_ours());
    }
    let about = format!("SELECT version FROM {schema}.about WHERE mark = '{MARK}'");
    let version: i32 = match client.query_opt(&about, &[]).await {
        Ok(Some(row)) => row.try_get(0).map_err(|_| not_ours())?,
        // A table of that name with other columns.
        Err(e) if e.code().is_some_and(|c| c.code().starts_with("42") && c.code() != "42501") => {
            return Err(not_ours());
        }
        Err(e) => return Err(of(e)),
        Ok(None) => return Err(not_ours()),
    };
    if version > newest() {
        return Err(Error::storage(
            StorageFault::Newer,
            format!("the database has format {version}, this library knows {}; upgrade conek", newest()),
        ));
    }
    Ok(Some(version))
}
