//! A server that does as it is told, byte by byte.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Hangs up before it reads.
    HangUpAtOnce,
    /// Reads the request, then writes these bytes and hangs up.
    Write(Vec<u8>),
    /// Reads the request, writes these bytes and keeps the line open for ever.
    WriteAndHold(Vec<u8>),
    /// Answers well and keeps the connection for the next request.
    KeepAlive(Vec<u8>),
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Seen {
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(super) async fn start(act: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, act.clone(), record.clone()));
            }
        });
        Self { address, seen, task }
    }
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, act: Act, record: Arc<Mutex<Vec<Seen>>>) {
    if matches!(act, Act::HangUpAtOnce) {
        return;
    }
    while let Some(seen) = read_request(&mut stream).await {
        record.lock().unwrap().push(seen);
        match &act {
            Act::HangUpAtOnce => return,
            Act::Write(bytes) => {
                let _ = stream.write_all(bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Act::WriteAndHold(bytes) => {
                let _ = stream.write_all(bytes).await;
                return std::future::pending().await;
            }
            Act::KeepAlive(bytes) => {
                let _ = stream.write_all(bytes).await;
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let length = length.unwrap_or(0);
    while bytes.len() < head_end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Seen { head, body: bytes[head_end..].to_vec() })
}

/// An HTTP answer.
pub(super) fn answer(status: u16, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Graph's error envelope.
pub(super) fn graph_error(code: i32) -> String {
    format!(
        r#"{{"error":{{"message":"(#{code}) about 27832885137","type":"OAuthException","code":{code},"error_data":{{"messaging_product":"whatsapp","details":"canary words of the message"}},"fbtrace_id":"Ab1"}}}}"#
    )
}

pub(super) const ACCEPTED: &str = r#"{"messaging_product":"whatsapp","contacts":[{"input":"+27832885137","wa_id":"27832885137"}],"messages":[{"id":"wamid.A","message_status":"accepted"}]}"#;
