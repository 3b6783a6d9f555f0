//! The door through which webhooks come in: an HTTP server that hands every request to the engine.

use std::{net::SocketAddr, sync::Mutex};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use conek_core::{Engine, Error, Result, Retry, inbound::HttpRequest};
use tokio::{net::TcpListener, task::JoinHandle};

/// Larger bodies than WhatsApp ever sends are not read.
const LARGEST: usize = 4 << 20;

/// An address that listens; requests wait until somebody serves it.
pub(super) struct Door {
    address: SocketAddr,
    listener: Mutex<Option<TcpListener>>,
    server: Mutex<Option<JoinHandle<()>>>,
}

impl Door {
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let taken = |e: std::io::Error| Error::Transport {
            detail: format!("cannot listen on {address}: {e}"),
            retry: Retry::Later,
        };
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self { address, listener: Mutex::new(Some(listener)), server: Mutex::default() })
    }

    /// Where webhooks go.
    pub(super) fn url(&self) -> String {
        format!("http://{}/webhook", self.address)
    }

    /// Where people's pages of preferences are.
    pub(super) fn public_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Hands every request to the engine from now on.
    pub(super) fn serve(&self, engine: Engine) -> Result<()> {
        let listener = self.listener.lock().unwrap_or_else(|e| e.into_inner()).take();
        let listener = listener.ok_or_else(|| Error::internal("the webhook's address is served already"))?;
        let app = Router::new().fallback(receive).with_state(engine);
        let server = tokio::spawn(async move {
            // Ends with the task; there is nobody to tell an error.
            let _ = axum::serve(listener, app).await;
        });
        *self.server.lock().unwrap_or_else(|e| e.into_inner()) = Some(server);
        Ok(())
    }

    pub(super) fn close(&self) {
        if let Some(server) = self.server.lock().unwrap_or_else(|e| e.into_inner()).take() {
            server.abort();
        }
    }
}

/// All that an HTTP framework has to do: parts in, parts out.
async fn receive(State(engine): State<Engine>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let request = HttpRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
        headers,
        body: body.to_vec(),
    };
    match engine.inbound().handle_http(request).await {
        Ok(answer) => {
            let status = u16::try_from(answer.status).ok().and_then(|s| StatusCode::from_u16(s).ok());
            let mut response = Bytes::from(answer.body).into_response();
            *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            for (name, value) in answer.headers {
                if let (Ok(name), Ok(value)) = (axum::http::HeaderName::try_from(name), value.try_into()) {
                    response.headers_mut().insert(name, value);
                }
            }
            response
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
