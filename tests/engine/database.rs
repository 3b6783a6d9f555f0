//! Opening a database by its URL: what must be said, what is refused, and that nobody sees the password.

use conek_core::{Config, Engine, Ports};
use conek_tests::{World, config};

fn with(url: &str) -> Config {
    let mut config = config("", "http://127.0.0.1:9", "token");
    (config.path, config.database) = (None, Some(url.to_owned()));
    config
}

async fn refused(config: Config) -> conek_core::Error {
    assert!(!format!("{config:?}").contains("hunter2"));
    let error = Engine::open(config, Ports::default()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    error
}

#[tokio::test]
async fn a_database_needs_to_be_told_where_its_files_lie_and_stands_alone() {
    let url = "postgres://u:hunter2@127.0.0.1:9/db";
    let said = refused(with(url)).await;
    assert!(said.to_string().starts_with("journal_file"), "{said}");
    let said = refused(Config { path: Some("conek.db".into()), ..with(url) }).await;
    assert!(said.to_string().starts_with("database"), "{said}");
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("conek.key").display().to_string();
    let said = refused(Config { key_file: Some(key.clone()), ..with(url) }).await;
    assert_eq!(said.code(), "storage_unavailable", "{said}");
    let said = refused(Config { key_file: Some(key), ..with("mysql://u:hunter2@127.0.0.1/db") }).await;
    assert_eq!(said.code(), "invalid_input", "{said}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "a refused database left something behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_a_database_has_one_engine_and_another_account_has_its_own() {
    let Some(server) = conek_test_postgres::server() else { return };
    let mut world = World::new(|_| {}).await;
    world.database = Some(server.store());
    let first = world.engine().await;
    let second = Engine::open(world.config(), world.ports()).await.unwrap_err();
    assert_eq!(second.code(), "storage_locked");
    let key = world.dir.path().join("other.key").display().to_string();
    let other = Config { account: Some("other".into()), key_file: Some(key), ..world.config() };
    let other = Engine::open(other, world.ports()).await.unwrap();
    conek_tests::consenting(&first, "+27832885199").await.unwrap();
    assert_eq!(other.contacts().list(None, 10).await.unwrap().contacts.len(), 0);
    first.close().await.unwrap();
    other.close().await.unwrap();
}
