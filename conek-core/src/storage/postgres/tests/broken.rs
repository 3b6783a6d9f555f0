//! Connections that break: what was answered is stored, what was not is told apart.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;

/// A way to the server that can be cut.
struct Proxy {
    port: u16,
    cut: tokio::sync::watch::Sender<u32>,
    /// Cuts when the server says that it has committed, before anybody hears it.
    at_commit: AtomicBool,
    /// Lets nobody through.
    closed: AtomicBool,
    commits: AtomicU32,
    target: String,
    said: Mutex<Vec<u8>>,
}

/// What the server says behind a commit.
const COMMITTED: &[u8] = b"C\0\0\0\x0bCOMMIT\0";

impl Proxy {
    async fn start(url: &str) -> (Arc<Self>, String) {
        let target = url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = Arc::new(Self {
            port,
            cut: tokio::sync::watch::channel(0).0,
            at_commit: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            commits: AtomicU32::new(0),
            target: target.clone(),
            said: Mutex::default(),
        });
        let here = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !here.closed.load(Ordering::SeqCst) {
                    tokio::spawn(here.clone().carry(client));
                }
            }
        });
        let url = url.replace(&target, &format!("127.0.0.1:{port}"));
        (proxy, url)
    }

    async fn carry(self: Arc<Self>, client: TcpStream) {
        let server = TcpStream::connect(&self.target).await.unwrap();
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let mut cut = self.cut.subscribe();
        let there = async {
            let mut bytes = [0; 65_536];
            while let Ok(n @ 1..) = from_client.read(&mut bytes).await {
                if to_server.write_all(&bytes[..n]).await.is_err() {
                    break;
                }
            }
        };
        let back = async {
            let mut bytes = [0; 65_536];
            while let Ok(n @ 1..) = from_server.read(&mut bytes).await {
                if bytes[..n].windows(COMMITTED.len()).any(|w| w == COMMITTED) {
                    self.commits.fetch_add(1, Ordering::SeqCst);
                    if self.at_commit.swap(false, Ordering::SeqCst) {
                        self.said.lock().unwrap().extend(&bytes[..n]);
                        break;
                    }
                }
                if to_client.write_all(&bytes[..n]).await.is_err() {
                    break;
                }
            }
        };
        tokio::select! {
            () = there => {}
            () = back => {}
            _ = cut.changed() => {}
        }
    }

    fn cut(&self) {
        self.cut.send_modify(|n| *n += 1);
    }
}

/// A storage behind a way that can be cut, and the server's own address.
async fn behind(server: &Server) -> (Arc<Proxy>, Arc<Postgres>, String) {
    let url = server.store();
    let (proxy, through) = Proxy::start(&url).await;
    let storage = Arc::new(Postgres::open_account(&through, "a").await.unwrap());
    assert!(proxy.port > 0);
    (proxy, storage, url)
}

/// Appends a record and answers its id.
async fn append(storage: &Postgres) -> Result<String> {
    let write = Write::Append { record: record("log", "", b"") };
    match storage.commit(vec![Batch { writes: vec![write] }]).await?.remove(0) {
        Committed::Done { appended } => Ok(appended.into_iter().next().unwrap()),
        conflict @ Committed::Conflict { .. } => panic!("{conflict:?}"),
    }
}

async fn logged(storage: &Postgres) -> i64 {
    let query = Query {
        account: "a".into(),
        kind: "log".into(),
        index: Index::Id {},
        state: None,
        after: None,
        limit: 1,
        descending: false,
    };
    storage.count(query).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_was_lost_is_found_and_not_repeated() {
    let Some(server) = server() else { return };
    let (proxy, storage, _) = behind(server).await;
    append(&storage).await.unwrap();
    for n in 2..6 {
        proxy.at_commit.store(true, Ordering::SeqCst);
        append(&storage).await.unwrap();
        assert!(!proxy.at_commit.load(Ordering::SeqCst), "nothing was cut");
        assert_eq!(logged(&storage).await, n, "an append was lost or done twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_never_reached_the_disk_is_repeated() {
    let Some(server) = server() else { return };
    let (proxy, storage, url) = behind(server).await;
    append(&storage).await.unwrap();
    // Somebody holds the writer's row: the commit stands in the queue behind it when the connection breaks.
    let address = super::super::Address::parse(&url).unwrap();
    let (client, _driver) = super::super::link::connect(&address).await.unwrap();
    let lock = format!("BEGIN; SELECT FROM {}.writers FOR UPDATE", address.schema);
    client.batch_execute(&lock).await.unwrap();
    let waiting = tokio::spawn({
        let storage = storage.clone();
        async move { append(&storage).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    proxy.cut();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%noted%'";
    assert_eq!(client.execute(end, &[]).await.unwrap(), 1, "no commit was waiting");
    client.batch_execute("ROLLBACK").await.unwrap();
    waiting.await.unwrap().unwrap();
    assert_eq!(logged(&storage).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_nobody_can_ask_about_is_unknown_and_the_next_one_goes_on() {
    let Some(server) = server() else { return };
    let (proxy, storage, _) = behind(server).await;
    append(&storage).await.unwrap();
    proxy.at_commit.store(true, Ordering::SeqCst);
    proxy.closed.store(true, Ordering::SeqCst);
    let error = append(&storage).await.unwrap_err();
    assert_eq!(error.retry(), crate::Retry::Unknown, "{error}");
    proxy.closed.store(false, Ordering::SeqCst);
    append(&storage).await.unwrap();
    // It had been stored, and it stays that way.
    assert_eq!(logged(&storage).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn under_cuts_at_any_moment_every_answer_is_true() {
    let Some(server) = server() else { return };
    let (proxy, storage, url) = behind(server).await;
    let callers: Vec<_> = (0..12)
        .map(|caller| {
            let storage = storage.clone();
            tokio::spawn(async move {
                let mut seen = (Vec::new(), Vec::new());
                for n in 0..25 {
                    let id = format!("{caller}-{n}");
                    match add(&storage, &id, b"").await {
                        Ok(()) => seen.0.push(id),
                        Err(e) if e.retry() == crate::Retry::Unknown => {}
                        Err(_) => {
                            seen.1.push(id);
                            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                        }
                    }
                }
                seen
            })
        })
        .collect();
    let cutting = tokio::spawn(async move {
        for n in 0..30 {
            tokio::time::sleep(std::time::Duration::from_millis(60 + n % 11 * 7)).await;
            proxy.cut();
        }
    });
    let (mut stored, mut failed) = (0, 0);
    cutting.await.unwrap();
    for caller in callers {
        let (yes, no) = caller.await.unwrap();
        let found =
            |ids: Vec<String>| ids.iter().map(|id| record("thing", id, b"").key()).collect::<Vec<_>>();
        (stored, failed) = (stored + yes.len(), failed + no.len());
        let beside = Postgres::open(&url).await.unwrap();
        assert!(
            beside.get(found(yes)).await.unwrap().iter().all(Option::is_some),
            "an answered commit is missing"
        );
        assert!(beside.get(found(no)).await.unwrap().iter().all(Option::is_none), "a failed commit is there");
    }
    assert!(stored > 100, "{stored} stored, {failed} failed");
    assert_eq!(storage.verify().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_connections_are_replaced() {
    let Some(server) = server() else { return };
    let (proxy, storage, _) = behind(server).await;
    for n in 0..5 {
        add(&storage, &n.to_string(), b"").await.unwrap();
        proxy.cut();
        assert_eq!(everything(&storage).await, n + 1);
        proxy.cut();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_went_back_behind_what_it_confirmed_is_not_written_to() {
    let Some(server) = server() else { return };
    let (proxy, storage, url) = behind(server).await;
    add(&storage, "one", b"").await.unwrap();
    add(&storage, "two", b"").await.unwrap();
    // As a standby would that had not got the last commit.
    psql(&url, "UPDATE writers SET ticket = ticket - 1; DELETE FROM records WHERE id = 'two'").await;
    proxy.cut();
    for id in ["three", "four"] {
        let error = add(&storage, id, b"").await.unwrap_err();
        assert_eq!(error.code(), "storage_corrupt", "{error}");
    }
}
