//! What a storage refuses to open, and the wall around an account.

use tokio::task::JoinSet;

use super::*;

async fn refused(url: &str) -> Error {
    let error = Postgres::open(url).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains(conek_test_postgres::PASSWORD), "{error:?}");
    error
}

#[tokio::test]
async fn a_schema_of_a_newer_version_is_refused() {
    let Some(server) = server() else { return };
    let url = server.store();
    Postgres::open(&url).await.unwrap().close().await.unwrap();
    psql(&url, "UPDATE about SET version = 9999").await;
    let error = refused(&url).await;
    assert_eq!(error.code(), "storage_newer");
    assert!(error.to_string().contains("upgrade"), "{error}");
}

#[tokio::test]
async fn a_schema_of_another_program_is_refused_and_stays_as_it_is() {
    let Some(server) = server() else { return };
    for table in [
        "CREATE TABLE t (x int)",
        "CREATE TABLE about (x int)",
        "CREATE TABLE about (mark text, version text)",
    ] {
        let url = server.store();
        let schema = super::super::Address::parse(&url).unwrap().schema;
        psql(&url, &format!("CREATE SCHEMA {schema}; {table}")).await;
        assert_eq!(refused(&url).await.code(), "storage_not_ours", "{table}");
        psql(&url, &format!("DROP TABLE {}", if table.contains("TABLE t ") { "t" } else { "about" })).await;
        // An empty schema is nobody's.
        add(&Postgres::open(&url).await.unwrap(), "one", b"").await.unwrap();
    }
}

#[tokio::test]
async fn whoever_is_away_or_refuses_is_named() {
    let Some(server) = server() else { return };
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let said =
        refused(&format!("postgres://conek:{}@127.0.0.1:{closed}/postgres", conek_test_postgres::PASSWORD))
            .await;
    assert_eq!(said.code(), "storage_unavailable", "{said}");
    if std::env::var("CONEK_TEST_POSTGRES").is_ok() {
        return;
    }
    for (from, to, word) in [
        (conek_test_postgres::PASSWORD, "wrong-password", "password"),
        ("/postgres", "/no_such_database", "database"),
        ("conek:", "nobody:", "user"),
    ] {
        let said = refused(&server.url().replace(from, to)).await;
        assert_eq!(said.code(), "invalid_input", "{said}");
        assert!(said.to_string().contains(word) && !said.to_string().contains("wrong-password"), "{said}");
    }
    let said = refused(&server.with("sslmode=verify-full")).await;
    assert!(said.to_string().contains("offers no TLS"), "{said}");
    let said = refused(&server.url().replace(&format!(":{}", conek_test_postgres::PASSWORD), "")).await;
    assert!(said.to_string().contains("password"), "{said}");
}

#[tokio::test]
async fn tls_is_spoken_with_a_certificate_that_is_checked() {
    if server().is_none() || std::env::var("CONEK_TEST_POSTGRES").is_ok() {
        return;
    }
    let own = rcgen::generate_simple_self_signed(vec!["localhost".into(), "127.0.0.1".into()]).unwrap();
    let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let server = conek_test_postgres::start(&[], Some((&certificate, &key))).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("root.pem");
    fs::write(&path, certificate).unwrap();
    let trusting = format!("sslmode=verify-full&sslrootcert={}", path.display());
    add(&Postgres::open(&server.with(&trusting)).await.unwrap(), "one", b"").await.unwrap();
    let said = refused(&server.with("sslmode=require")).await;
    assert!(said.to_string().contains("certificate is not trusted"), "{said}");
}

#[tokio::test]
async fn a_database_that_takes_no_writes_says_so() {
    let Some(server) = server() else { return };
    let url = server.store();
    let storage = Postgres::open(&url).await.unwrap();
    add(&storage, "one", b"").await.unwrap();
    let said = refused(&format!("{url}&options=-c%20default_transaction_read_only%3Don")).await;
    assert_eq!(said.code(), "storage_read_only");
    // A role that may only look.
    let role = format!("reader_{}", std::process::id());
    let schema = super::super::Address::parse(&url).unwrap().schema;
    psql(
        &url,
        &format!(
            "DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD '{}'; GRANT USAGE ON SCHEMA {schema} TO {role};
             GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}",
            conek_test_postgres::PASSWORD
        ),
    )
    .await;
    if std::env::var("CONEK_TEST_POSTGRES").is_err() {
        assert_eq!(refused(&url.replace("conek:", &format!("{role}:"))).await.code(), "storage_read_only");
    }
    psql(&url, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_starters_one_makes_the_schema() {
    let Some(server) = server() else { return };
    let url = server.store();
    let mut starters = JoinSet::new();
    for n in 0..12 {
        let url = url.clone();
        starters.spawn(async move { add(&Postgres::open(&url).await.unwrap(), &n.to_string(), b"").await });
    }
    while let Some(done) = starters.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!(everything(&Postgres::open(&url).await.unwrap()).await, 12);
}

#[tokio::test]
async fn an_account_has_one_engine_at_a_time() {
    let Some(server) = server() else { return };
    let url = server.store();
    let first = Postgres::open_account(&url, "a").await.unwrap();
    assert_eq!(Postgres::open_account(&url, "a").await.unwrap_err().code(), "storage_locked");
    let other = Postgres::open_account(&url, "b").await.unwrap();
    add(&first, "one", b"").await.unwrap();
    drop(first);
    Postgres::open_account(&url, "a").await.unwrap();
    drop(other);
}

#[tokio::test]
async fn a_storage_whose_account_was_taken_over_writes_nothing_more() {
    let Some(server) = server() else { return };
    let url = server.store();
    let first = Postgres::open_account(&url, "a").await.unwrap();
    add(&first, "one", b"").await.unwrap();
    // As a pooler would that gives its session to somebody else: the lock is gone and the storage does not know.
    psql(&url, "DELETE FROM writers WHERE account = 'a'").await;
    assert_eq!(add(&first, "two", b"").await.unwrap_err().code(), "storage_locked");
    assert_eq!(add(&first, "three", b"").await.unwrap_err().code(), "storage_locked");
    assert_eq!(everything(&first).await, 1);
}

#[tokio::test]
async fn another_account_is_behind_a_wall_that_no_statement_climbs() {
    let Some(server) = server() else { return };
    let url = server.store();
    Postgres::open(&url).await.unwrap().close().await.unwrap();
    // A superuser passes every wall; so the owner is somebody else here.
    let role = format!("owner_{}", std::process::id());
    let schema = super::super::Address::parse(&url).unwrap().schema;
    let own = ["records", "more_subjects", "unique_tokens", "tokens", "sequences", "writers", "about"]
        .map(|t| format!("ALTER TABLE {t} OWNER TO {role};"))
        .concat();
    psql(
        &url,
        &format!(
            "DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD '{}'; ALTER SCHEMA {schema} OWNER TO {role}; {own}",
            conek_test_postgres::PASSWORD
        ),
    )
    .await;
    if std::env::var("CONEK_TEST_POSTGRES").is_err() {
        let url = url.replace("conek:", &format!("{role}:"));
        let every = Postgres::open(&url).await.unwrap();
        let theirs = Record { account: "b".into(), ..record("thing", "theirs", b"") };
        every.commit(vec![insert(theirs.clone())]).await.unwrap();
        add(&every, "mine", b"").await.unwrap();
        let walled = Postgres::open_account(&url, "a").await.unwrap();
        assert_eq!(walled.get(vec![theirs.key()]).await.unwrap(), [None]);
        assert_eq!(walled.verify().await.unwrap().records, 1);
        let outside = Record { account: "b".into(), ..record("thing", "new", b"") };
        assert_eq!(walled.commit(vec![insert(outside)]).await.unwrap_err().code(), "storage_read_only");
        // Whoever names no account sees none.
        let address = super::super::Address::parse(&url).unwrap();
        let (client, _driver) = super::super::link::connect(&address).await.unwrap();
        let seen: i64 =
            client.query_one(&format!("SELECT count(*) FROM {schema}.records"), &[]).await.unwrap().get(0);
        assert_eq!(seen, 0);
        drop((every, walled));
    }
    psql(&url, &format!("DROP SCHEMA {schema} CASCADE; DROP OWNED BY {role}; DROP ROLE {role}")).await;
}
