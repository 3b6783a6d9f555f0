//! A PostgreSQL server for the tests of one process: started once, on loopback, with fsync on, in a directory that
//! vanishes with it.
#![forbid(unsafe_code)]

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// The password of the server's only user, `conek`.
pub const PASSWORD: &str = "between-tests-only";

/// Runs the server until its input ends, which happens however the test process ends.
const SCRIPT: &str = r#"
set -e
bin=$1 port=$2
shift 2
dir=$(mktemp -d "${TMPDIR:-/tmp}/conek-postgres.XXXXXX")
cd "$dir"
server=
end() { [ -z "$server" ] || { kill -INT "$server" 2>/dev/null; wait "$server" 2>/dev/null; } || true; rm -rf "$dir"; }
trap end EXIT
trap 'exit 1' INT TERM
printf '%s' "$CONEK_PASSWORD" >password
"$bin/initdb" -D data -U conek -A scram-sha-256 --pwfile=password -E UTF8 --locale=C -N >log 2>&1 || { cat log >&2; exit 1; }
if [ -n "$CONEK_CERTIFICATE" ]; then
    (umask 077; printf '%s' "$CONEK_CERTIFICATE" >data/server.crt; printf '%s' "$CONEK_KEY" >data/server.key)
    set -- "$@" -c ssl=on
fi
"$bin/postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$dir" \
    -c max_connections=300 -c fsync=on -c log_min_messages=fatal "$@" >>log 2>&1 &
server=$!
for _ in $(seq 300); do
    if "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; then echo ready; break; fi
    kill -0 "$server" 2>/dev/null || { cat log >&2; exit 1; }
    sleep 0.1
done
cat >/dev/null
"#;

/// A running server.
#[derive(Debug)]
pub struct Server {
    url: String,
    /// While this is open the server runs.
    _life: Option<(Child, ChildStdin)>,
}

static STORES: AtomicU32 = AtomicU32::new(0);

impl Server {
    /// The address of a store of its own: a schema that nobody has used before.
    pub fn store(&self) -> String {
        let n = STORES.fetch_add(1, Ordering::Relaxed);
        let now =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos());
        self.with(&format!("schema=t{}_{now}_{n}", std::process::id()))
    }

    /// The server's address with one more parameter.
    pub fn with(&self, parameter: &str) -> String {
        let sign = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{sign}{parameter}", self.url)
    }

    /// The server's address.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// The server of this process: the one that `CONEK_TEST_POSTGRES` names, or one that is started now. Without either the
/// test that asked is skipped, which it says; with `CI=true` that is a failure.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var("CONEK_TEST_POSTGRES") {
        Ok(url) => Ok(Server { url, _life: None }),
        Err(_) => start(&[], None),
    });
    match server {
        Ok(server) => Some(server),
        Err(why) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "with CI=true PostgreSQL is needed: {why}");
            eprintln!("skipped: {why}");
            None
        }
    }
}

/// Starts a server with more arguments and, if it is to speak TLS, a certificate and its key.
///
/// Fails with the reason, in words.
pub fn start(arguments: &[&str], tls: Option<(&str, &str)>) -> Result<Server, String> {
    let bin = programs().ok_or(
        "no PostgreSQL is installed (apt-get install postgresql), and CONEK_TEST_POSTGRES names none",
    )?;
    let mut why = String::new();
    // The port is free when it is chosen and may be taken a moment later.
    for _ in 0..3 {
        let port = TcpListener::bind(("127.0.0.1", 0))
            .and_then(|l| l.local_addr())
            .map_err(|e| e.to_string())?
            .port();
        let mut command = unprivileged();
        command.args(["sh", "-c", SCRIPT, "sh"]).arg(&bin).arg(port.to_string()).args(arguments);
        let (certificate, key) = tls.unwrap_or_default();
        command.env("CONEK_PASSWORD", PASSWORD).env("CONEK_CERTIFICATE", certificate).env("CONEK_KEY", key);
        let mut child = command
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("a shell for PostgreSQL does not start: {e}"))?;
        let (Some(life), Some(said)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the shell for PostgreSQL has no input".to_owned());
        };
        let mut line = String::new();
        let heard = BufReader::new(said).read_line(&mut line);
        if heard.is_ok() && line.trim() == "ready" {
            let url = format!("postgres://conek:{PASSWORD}@127.0.0.1:{port}/postgres");
            return Ok(Server { url, _life: Some((child, life)) });
        }
        drop(life);
        why = format!("PostgreSQL in {} does not start (its reason is above)", bin.display());
        let _ = child.wait();
    }
    Err(why)
}

/// The folder of the newest PostgreSQL's programs.
fn programs() -> Option<PathBuf> {
    let known = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];
    let folders = known.iter().filter_map(|d| fs::read_dir(d).ok()).flatten().flatten();
    let mut found: Vec<PathBuf> = folders.map(|f| f.path().join("bin")).collect();
    let version = |p: &PathBuf| {
        let name = p
            .parent()
            .and_then(|p| p.file_name())
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        name.trim_start_matches("postgresql@").parse::<u32>().unwrap_or(0)
    };
    found.sort_by_key(version);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let beside = std::env::split_paths(&path).collect::<Vec<_>>();
    found
        .into_iter()
        .rev()
        .chain(beside)
        .find(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file())
}

/// A command that does not run as root: PostgreSQL refuses root.
fn unprivileged() -> Command {
    let root = fs::read_to_string("/proc/self/status")
        .is_ok_and(|s| s.lines().any(|l| l.starts_with("Uid:") && l.split_whitespace().nth(1) == Some("0")));
    if !root {
        return Command::new("env");
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--", "env"]);
    command
}
