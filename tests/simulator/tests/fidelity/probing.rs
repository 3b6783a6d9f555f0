//! Calls the simulator and notes what was given and answered.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Value, json};

use super::{
    Business,
    extract::{Operations, note},
};

/// What a call carries.
pub enum Given {
    Nothing,
    Json(Value),
    /// Fields of a form, and a file with its media type.
    Form(Vec<(&'static str, String)>, Option<(&'static str, &'static [u8])>),
    /// Bytes from an offset on.
    Bytes(&'static [u8]),
}

/// A simulator that is being called.
pub struct Probing {
    pub b: Business,
    pub seen: Operations,
    /// Method and address as the simulator's source spells it.
    pub called: BTreeSet<(String, String)>,
}

/// The methods that the Graph API has.
const METHODS: [&str; 3] = ["GET", "POST", "DELETE"];

impl Probing {
    pub async fn open() -> Self {
        let b = Business::with(|options| {
            (options.numbers[0].mps, options.numbers[0].display) = (0, "+1 213 373 4200".into())
        })
        .await;
        Self { b, seen: Operations::new(), called: BTreeSet::new() }
    }

    /// Calls an operation, which must succeed; what follows the version is in `path`.
    pub async fn call(&mut self, operation: &str, path: &str, given: Given) -> Value {
        let (status, answer) = self.try_call(operation, path, given).await;
        assert!(status < 300, "{operation}: {status} {answer}");
        answer
    }

    /// Calls an operation; says the status and what was answered.
    pub async fn try_call(&mut self, operation: &str, path: &str, given: Given) -> (u16, Value) {
        self.refused_without_token(operation, path).await;
        let url = if path.starts_with("http") { path.to_owned() } else { self.b.url(path) };
        let seen = self.seen.entry(operation.to_owned()).or_default();
        for (name, value) in reqwest::Url::parse(&url).unwrap().query_pairs() {
            let value = value.parse::<i64>().map_or_else(|_| json!(value), |n| json!(n));
            note(&json!({ name: value }), "", &mut seen.query);
        }
        let method = operation.split(' ').next().unwrap();
        let request = self.b.client.request(method.parse().unwrap(), &url).bearer_auth(self.b.sim.token());
        let request = match given {
            Given::Nothing => request,
            Given::Json(json) => {
                note(&json, "", &mut seen.given);
                request.json(&json)
            }
            Given::Bytes(bytes) => request.header("file_offset", 0).body(bytes),
            Given::Form(fields, file) => {
                let mut form = reqwest::multipart::Form::new();
                for (name, value) in fields {
                    note(&json!({ name: value }), "", &mut seen.given);
                    form = form.text(name, value);
                }
                if let Some((mime, bytes)) = file {
                    note(&json!({"file": ""}), "", &mut seen.given);
                    let part = reqwest::multipart::Part::bytes(bytes).file_name("a").mime_str(mime).unwrap();
                    form = form.part("file", part);
                }
                request.multipart(form)
            }
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        seen.statuses.insert(status);
        let bytes = answer.bytes().await.unwrap();
        let answer = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if status < 300 {
            note(&answer, "", &mut seen.answer);
        }
        self.called.insert((method.to_owned(), url));
        (status, answer)
    }

    /// A wrong token gets 401 and an error of Meta's form.
    async fn refused_without_token(&self, operation: &str, path: &str) {
        let url = if path.starts_with("http") { path.to_owned() } else { self.b.url(path) };
        let method = operation.split(' ').next().unwrap();
        let mut request = self.b.client.request(method.parse().unwrap(), url).bearer_auth("wrong");
        if operation.ends_with("/media") {
            request = request.multipart(reqwest::multipart::Form::new());
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401, "{operation}");
        let error = answer.json::<Value>().await.unwrap()["error"].take();
        let texts = ["message", "type", "fbtrace_id"].iter().all(|key| error[*key].is_string());
        assert!(texts && error["code"] == 190, "{operation}: {error}");
    }

    /// Notes the webhooks that were posted.
    pub fn webhooks(&mut self) {
        let seen = self.seen.entry("POST /whatsapp/webhooks".to_owned()).or_default();
        for post in self.b.hook.posts() {
            note(&post.json(), "", &mut seen.given);
        }
    }

    /// Every method of every address of the Graph API that the simulator has; turns what was called into such.
    pub async fn routes(&mut self, source: &Path) -> BTreeSet<(String, String)> {
        let mut addresses = BTreeSet::new();
        sources(source, &mut addresses);
        let mut routes = BTreeSet::new();
        for address in &addresses {
            let filled = address.replace("{version}", "v25.0").replace("{id}", "1").replace("{item}", "1");
            let url = format!("{}{}", self.b.sim.base_url(), filled.replace("{name}", "a"));
            // A method that no address has is refused with those that it has.
            let refused = self.b.client.patch(url).send().await.unwrap();
            let allowed = refused.headers()["allow"].to_str().unwrap().to_owned();
            let methods = METHODS.iter().filter(|m| allowed.split(',').any(|a| a == **m));
            routes.extend(methods.map(|m| ((*m).to_owned(), address.clone())));
        }
        let base = self.b.sim.base_url().to_owned();
        let matched = |(method, url): &(String, String)| {
            let path = url.strip_prefix(&base)?.split('?').next()?.to_owned();
            let fitting = addresses.iter().filter(|address| fits(address, &path));
            // What is spelled out comes before what may be anything.
            let best = fitting.min_by_key(|address| address.matches('{').count())?;
            Some((method.clone(), best.clone()))
        };
        self.called = self.called.iter().filter_map(matched).collect();
        routes
    }
}

fn fits(address: &str, path: &str) -> bool {
    let (pattern, parts): (Vec<_>, Vec<_>) = (address.split('/').collect(), path.split('/').collect());
    let fit =
        |(pattern, part): (&&str, &&str)| (pattern.starts_with('{') && !part.is_empty()) || pattern == part;
    pattern.len() == parts.len() && pattern.iter().zip(&parts).all(fit)
}

/// The addresses in the simulator's source that are not its own page or control.
fn sources(dir: &Path, out: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for begin in ["/{", "/_media/", "/_files/"] {
                for literal in text.split(&format!("\"{begin}")).skip(1) {
                    out.insert(format!("{begin}{}", literal.split('"').next().unwrap()));
                }
            }
        }
    }
}
