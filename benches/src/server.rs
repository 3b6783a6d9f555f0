//! What answers the row `send`: the least that speaks TLS and HTTP, in a process of its own.

use std::{
    convert::Infallible,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Bytes, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::Failure;

/// Serves until standard input ends. Says its address and certificate on standard output.
pub async fn serve() -> Result<(), Failure> {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()])?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("https://{}\n{}\n", listener.local_addr()?, made.cert.pem().trim());
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let count = Arc::new(AtomicU64::new(0));
    let accepting = async {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            let (acceptor, count) = (acceptor.clone(), count.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let service = service_fn(move |request| answer(request, count.clone()));
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    };
    tokio::select! { _ = ended => Ok(()), () = accepting => Ok(()) }
}

async fn answer(
    request: Request<Incoming>,
    count: Arc<AtomicU64>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let _ = request.into_body().collect().await;
    let n = count.fetch_add(1, Ordering::Relaxed);
    let body = format!(
        r#"{{"messaging_product":"whatsapp","contacts":[{{"input":"+27831234567","wa_id":"27831234567"}}],"messages":[{{"id":"wamid.HBgLMjc4MzEyMzQ1NjcVAgARGBI{n:016X}","message_status":"accepted"}}]}}"#
    );
    let mut response = Response::new(Full::new(Bytes::from(body)));
    response
        .headers_mut()
        .insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    Ok(response)
}

/// The server's process; it ends with this.
pub struct Server {
    process: Child,
    /// Where it listens.
    pub url: String,
    /// Its certificate.
    pub pem: String,
}

impl Server {
    /// Starts this program once more, as the server.
    pub fn start() -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("the server has no output")?;
        let mut lines = BufReader::new(output).lines();
        let url = lines.next().ok_or("the server did not start")??;
        let mut pem = String::new();
        for line in lines {
            let line = line?;
            if line.is_empty() {
                break;
            }
            pem.push_str(&line);
            pem.push('\n');
        }
        Ok(Self { process, url, pem })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
