//! What flows stand on beside their files: the key that their data is encrypted for, and their way to another account.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Platform;
use crate::{
    audit::Scope,
    transport::call::{Call, check_id, check_length, items, list, text},
    values::error::{Error, Result},
};

const KEY: &str = "flow key";
const MIGRATION: &str = "flow migration";
/// RSA of 2,048 bits takes some 450 characters as PEM.
const LONGEST_KEY: usize = 4_096;

/// The key for which WhatsApp encrypts what flows of a number send to their endpoint (Meta: Flows > Business
/// encryption).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FlowKey {
    /// The public key, as PEM; `None` where none is set.
    pub public_key: Option<String>,
    /// `VALID`, or `MISMATCH` where it was signed before the number was registered anew: then it is to be set again.
    pub status: Option<String>,
}

/// A flow that was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigratedFlow {
    /// Its name, in both accounts.
    pub name: String,
    /// Its id in the account that it was copied out of.
    pub source_id: String,
    /// Its id in this account.
    pub id: String,
}

/// A flow that was not copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnmigratedFlow {
    /// Its name.
    pub name: String,
    /// WhatsApp's code, for example 4233041 for a name that the other account does not have.
    pub code: Option<i32>,
}

/// What a migration of flows came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FlowMigration {
    /// The copies.
    pub migrated: Vec<MigratedFlow>,
    /// Those that were not copied.
    pub failed: Vec<UnmigratedFlow>,
}

/// Refuses what is no public key. That it is one of 2,048 bits, WhatsApp finds out.
fn check_key(pem: &str) -> Result<()> {
    check_length("public_key", pem, 1, LONGEST_KEY)?;
    // Whoever mixes the halves up would hand the private one out.
    let public = pem.trim();
    let framed =
        public.starts_with("-----BEGIN PUBLIC KEY-----") && public.ends_with("-----END PUBLIC KEY-----");
    match framed && !public.contains("PRIVATE") {
        true => Ok(()),
        false => Err(Error::invalid("public_key", "must be a public key as PEM, and nothing else")),
    }
}

impl Platform {
    /// The key for which what flows of a number send is encrypted.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let key = engine.platform().flow_key(None).await?;
    /// assert_eq!(key.status.as_deref(), Some("VALID"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn flow_key(&self, number: Option<String>) -> Result<FlowKey> {
        self.engine.allow("platform.flow_key", Scope::AccountAdmin)?;
        let call = Call::get(format!("{}/whatsapp_business_encryption", self.number(number)?));
        let page = self.engine.graph(KEY, call).await?;
        let key = |json| FlowKey {
            // A key that does not match any more is told as a space.
            public_key: text(json, "business_public_key").filter(|key| !key.trim().is_empty()),
            status: text(json, "business_public_key_signature_status"),
        };
        Ok(items(&page).first().map(key).unwrap_or_default())
    }

    /// Sets the key for which what flows of a number send is encrypted, in place of the one that there is: an RSA key
    /// of 2,048 bits. Only the public half leaves the business. It is to be set again after each registration.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let pem = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq...\n-----END PUBLIC KEY-----";
    /// engine.platform().set_flow_key(pem.into(), None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for what is no public key; `not_found`; `transport` with code 100 for one of another length.
    pub async fn set_flow_key(&self, public_key: String, number: Option<String>) -> Result<()> {
        self.engine.admit("platform.set_flow_key", Scope::AccountAdmin, None)?;
        check_key(&public_key)?;
        let path = format!("{}/whatsapp_business_encryption", self.number(number)?);
        let body = json!({"business_public_key": public_key.trim()});
        self.change(KEY, Call::post(path, &body)).await.map(drop)
    }

    /// Copies flows of another account of the same business into this one, under the same names and as drafts: those
    /// that are named, or all (Meta: Flows API > Migrate flows).
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let migration =
    ///     engine.platform().migrate_flows("200000000000009".into(), vec!["Survey".into()]).await?;
    /// assert_eq!(migration.migrated[0].name, "Survey");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for an empty name; `transport`. A flow that is not copied is no error: see `failed`.
    pub async fn migrate_flows(&self, source_account: String, names: Vec<String>) -> Result<FlowMigration> {
        self.engine.admit("platform.migrate_flows", Scope::AccountAdmin, None)?;
        for name in &names {
            check_length("names", name, 1, 200)?;
        }
        let mut body = json!({"source_waba_id": check_id("source_account", source_account)?});
        if !names.is_empty() {
            body["source_flow_names"] = names.into();
        }
        let path = format!("{}/migrate_flows", self.engine.business_account()?);
        let answer = self.change(MIGRATION, Call::post(path, &body)).await?;
        let words = |json, key| text(json, key).unwrap_or_default();
        let migrated = list(&answer, "migrated_flows").iter().map(|flow| MigratedFlow {
            name: words(flow, "source_name"),
            source_id: words(flow, "source_id"),
            id: words(flow, "migrated_id"),
        });
        let failed = list(&answer, "failed_flows").iter().map(|flow| UnmigratedFlow {
            name: words(flow, "source_name"),
            code: text(flow, "error_code").and_then(|code| code.parse().ok()),
        });
        Ok(FlowMigration { migrated: migrated.collect(), failed: failed.collect() })
    }
}
