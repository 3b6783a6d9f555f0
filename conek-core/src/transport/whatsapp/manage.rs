//! Calls that manage an account: where they go, what they carry, what is read of their answers.

use std::time::Duration;

use reqwest::{
    Client, Method, RequestBuilder, Response, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    multipart::{Form, Part},
};
use serde::Deserialize;

use super::answer::Answer;
use crate::{
    transport::{GraphAnswer, GraphCall, GraphMethod, GraphPayload},
    values::error::{Error, Result, Retry},
};

pub(super) const WHAT: &str = "manage";
/// No file of a message is longer.
pub(super) const MAX_FILE: usize = 101 << 20;
/// A page of a hundred templates with all their parts has some hundred kilobytes.
const MAX_ANSWER: usize = 16 << 20;
/// Where Meta keeps the files of messages. The token goes nowhere else but to the API itself.
const FILES: &str = "lookaside.fbsbx.com";
const USAGE: &str = "x-business-use-case-usage";

fn wrong_path() -> Error {
    Error::invalid(
        "path",
        "must be ids and names between slashes: letters, digits, `_`, `-`, `.`, `:` and `=`",
    )
}

/// Where a call goes. Each piece of the path is put below the API's version: nothing else can be reached.
pub(super) fn address(root: &Url, call: &GraphCall) -> Result<Url> {
    let mut url = root.clone();
    {
        let mut path = url.path_segments_mut().map_err(|()| wrong_path())?;
        path.pop_if_empty();
        for piece in call.path.split('/') {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.:=".contains(&b);
            if piece.is_empty() || piece.len() > 256 || piece.starts_with('.') || !piece.bytes().all(plain) {
                return Err(wrong_path());
            }
            path.push(piece);
        }
    }
    if !call.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&call.query);
    }
    Ok(url)
}

/// Where a file is. Whoever could name another host would be told the token.
pub(super) fn file_address(root: &Url, url: &str) -> Result<Url> {
    let wrong = || Error::invalid("url", "must be an address that WhatsApp told, at the API or at its files");
    let url = Url::parse(url).map_err(|_| wrong())?;
    let at_files = url.scheme() == "https" && url.host_str() == Some(FILES) && url.port().is_none();
    let plain = url.username().is_empty() && url.password().is_none();
    if plain && (at_files || url.origin() == root.origin()) { Ok(url) } else { Err(wrong()) }
}

pub(super) fn request(
    client: &Client,
    url: Url,
    call: GraphCall,
    upload_timeout: Duration,
) -> Result<RequestBuilder> {
    let method = match call.method {
        GraphMethod::Get => Method::GET,
        GraphMethod::Post => Method::POST,
        GraphMethod::Delete => Method::DELETE,
    };
    let request = client.request(method, url);
    Ok(match call.payload {
        GraphPayload::Empty {} => request,
        GraphPayload::Json { json } => {
            request.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(json)
        }
        GraphPayload::Form { fields, filename, mime, bytes } => {
            let file = Part::bytes(bytes)
                .file_name(filename)
                .mime_str(&mime)
                .map_err(|_| Error::invalid("mime", "must be a media type such as application/json"))?;
            let form = fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value));
            request.timeout(upload_timeout).multipart(form.part("file", file))
        }
        GraphPayload::Bytes { offset, bytes } => request
            .timeout(upload_timeout)
            .header(HeaderName::from_static("file_offset"), HeaderValue::from(offset))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))
            .body(bytes),
    })
}

/// Reads an answer. One that broke off says nothing: a change may have taken effect.
pub(super) async fn read(response: Response, reads: bool) -> Result<GraphAnswer> {
    let (used_percent, regain_minutes) = usage(response.headers());
    let answer = Answer::read_up_to(MAX_ANSWER, response).await;
    let status = answer.status.as_u16();
    let Some(body) = answer.body else {
        let retry = if reads { Retry::Later } else { Retry::Unknown };
        let detail = format!("{WHAT}: HTTP {status}, and the answer broke off or was too long");
        return Err(Error::Transport { detail, retry });
    };
    Ok(GraphAnswer {
        status: i32::from(status),
        json: String::from_utf8_lossy(&body).into_owned(),
        used_percent,
        regain_minutes,
    })
}

/// The fullest of the hour's quotas in percent, and the longest wait for one that is used up.
fn usage(headers: &HeaderMap) -> (Option<i32>, Option<i32>) {
    #[derive(Deserialize)]
    struct Quota {
        #[serde(default)]
        call_count: f64,
        #[serde(default)]
        total_cputime: f64,
        #[serde(default)]
        total_time: f64,
        #[serde(default)]
        estimated_time_to_regain_access: f64,
    }
    let said = headers.get(USAGE).and_then(|v| v.to_str().ok());
    let read =
        said.and_then(|s| serde_json::from_str::<std::collections::BTreeMap<String, Vec<Quota>>>(s).ok());
    let quotas: Vec<Quota> = read.into_iter().flat_map(|of| of.into_values().flatten()).collect();
    // A float becomes the nearest integer that there is.
    let most = |of: fn(&Quota) -> f64| quotas.iter().map(of).reduce(f64::max).map(|n| n.round() as i32);
    (
        most(|q| q.call_count.max(q.total_cputime).max(q.total_time)),
        most(|q| q.estimated_time_to_regain_access).filter(|minutes| *minutes > 0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Url {
        Url::parse("https://graph.facebook.com/v25.0/").unwrap()
    }

    fn at(path: &str) -> Result<Url> {
        let query = [("after".to_owned(), "a&b=c".to_owned())].into();
        let (method, payload) = (GraphMethod::Get, GraphPayload::Empty {});
        address(&root(), &GraphCall { method, path: path.to_owned(), query, payload })
    }

    #[test]
    fn a_path_stays_below_the_version() {
        let prefix = "https://graph.facebook.com/v25.0/";
        for path in ["1065551234/register", "upload:MTphd", "1/message_qrdls/ABC-D_2"] {
            assert_eq!(at(path).unwrap().as_str(), format!("{prefix}{path}?after=a%26b%3Dc"));
        }
        for path in
            ["", "/1", "1/", "1//2", "../me", "1/..", ".", "1?x=y", "1#x", "https://evil.example/", "1 2"]
        {
            assert_eq!(at(path).unwrap_err().code(), "invalid_input", "{path}");
        }
    }

    #[test]
    fn the_token_goes_to_the_api_and_its_files_alone() {
        for url in ["https://lookaside.fbsbx.com/whatsapp_business/?mid=1", "https://graph.facebook.com/x"] {
            assert!(file_address(&root(), url).is_ok(), "{url}");
        }
        for url in [
            "http://lookaside.fbsbx.com/x",
            "https://lookaside.fbsbx.com:8443/x",
            "https://lookaside.fbsbx.com.evil.example/x",
            "https://u:p@lookaside.fbsbx.com/x",
            "https://graph.facebook.com.evil.example/x",
            "http://graph.facebook.com/x",
            "x",
        ] {
            assert_eq!(file_address(&root(), url).unwrap_err().code(), "invalid_input", "{url}");
        }
    }

    #[test]
    fn the_fullest_quota_counts() {
        let said = |text: &'static str| {
            usage(&HeaderMap::from_iter([(HeaderName::from_static(USAGE), HeaderValue::from_static(text))]))
        };
        let two = r#"{"1": [{"type": "whatsapp", "call_count": 100, "total_cputime": 5, "total_time": 7,
            "estimated_time_to_regain_access": 12}, {"call_count": 3}]}"#;
        assert_eq!(said(Box::leak(two.replace('\n', " ").into_boxed_str())), (Some(100), Some(12)));
        assert_eq!(said(r#"{"1": [{"total_time": 41.6}]}"#), (Some(42), None));
        for odd in ["", "[]", "{}", r#"{"1": {}}"#] {
            assert_eq!(said(odd), (None, None), "{odd}");
        }
    }
}
