//! The HTTP surface as a function: method, path, headers, body in; status, headers, body out.

use std::collections::BTreeMap;

use super::{HttpRequest, HttpResponse, Inbound, preferences};
use crate::{transport::WebhookRequest, values::error::Error};

pub(crate) async fn answer(inbound: &Inbound, request: HttpRequest) -> HttpResponse {
    if let Some(token) = preferences::token_of(&request.path) {
        let method = request.method.to_ascii_uppercase();
        return preferences::answer(&inbound.engine, &method, token, &request.body).await;
    }
    match request.method.to_ascii_uppercase().as_str() {
        "GET" | "HEAD" => {
            let query = query_of(&request.path);
            let get = |name: &str| query.get(name).cloned().unwrap_or_default();
            match inbound.handshake(get("hub.mode"), get("hub.verify_token"), get("hub.challenge")).await {
                Ok(challenge) => text(200, challenge),
                Err(_) => text(403, "forbidden".to_owned()),
            }
        }
        "POST" => match inbound
            .handle_webhook(WebhookRequest { headers: request.headers, body: request.body })
            .await
        {
            Ok(_) => text(200, String::new()),
            Err(Error::Signature { .. }) => text(401, "signature".to_owned()),
            Err(Error::InvalidInput { .. }) => text(413, "too large".to_owned()),
            // Not stored, so not acknowledged: WhatsApp sends it again.
            Err(_) => text(503, "try again".to_owned()),
        },
        _ => text(405, "method not allowed".to_owned()),
    }
}

fn text(status: i32, body: String) -> HttpResponse {
    let headers = BTreeMap::from([
        ("content-type".to_owned(), "text/plain; charset=utf-8".to_owned()),
        ("x-content-type-options".to_owned(), "nosniff".to_owned()),
    ]);
    HttpResponse { status, headers, body: body.into_bytes() }
}

/// The first value of each parameter of a path's query, percent-decoded.
fn query_of(path: &str) -> BTreeMap<String, String> {
    path.split_once('?').map(|(_, query)| form_of(query)).unwrap_or_default()
}

/// The first value of each field of a form (`application/x-www-form-urlencoded`).
pub(super) fn form_of(query: &str) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for pair in query.split('&').take(100) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        values.entry(decode(name)).or_insert_with(|| decode(value));
    }
    values
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let escaped = text.get(i + 1..i + 3).filter(|_| bytes[i] == b'%');
        match escaped.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(value) => {
                out.push(value);
                i += 3;
            }
            None => {
                out.push(if bytes[i] == b'+' { b' ' } else { bytes[i] });
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_and_nothing_in_it_panics() {
        let q = query_of("/w?hub.mode=subscribe&hub.challenge=a%20b%2Bc+d&x=%zz%&y=%E2%82%AC&hub.mode=other");
        assert_eq!(q["hub.mode"], "subscribe");
        assert_eq!(q["hub.challenge"], "a b+c d");
        assert_eq!(q["x"], "%zz%");
        assert_eq!(q["y"], "€");
        assert!(query_of("/w").is_empty());
    }
}
