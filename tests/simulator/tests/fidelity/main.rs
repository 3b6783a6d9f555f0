//! The fidelity register: every path of the simulator is called and put beside the facts of Meta's OpenAPI file.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "../business/mod.rs"]
mod business;
mod calls;
mod extract;
mod probing;
mod register;

use std::{collections::BTreeSet, path::Path};

use business::*;
use probing::Probing;

/// What is simulated beyond Meta's OpenAPI file, and after whom.
const SOURCES: &[(&str, &str)] = &[
    ("DELETE /{Phone-Number-ID}/username", "Meta: Business-scoped user ids, business usernames; pywa 4.5"),
    ("GET /{Phone-Number-ID}/username", "Meta: Business-scoped user ids, business usernames; pywa 4.5"),
    ("GET /{Phone-Number-ID}/username_suggestions", "Meta: Business-scoped user ids; pywa 4.5"),
    ("POST /{Phone-Number-ID}/username", "Meta: Business-scoped user ids, business usernames; pywa 4.5"),
    ("GET /message_template_library", "Meta: Template library; pywa 4.5"),
    ("GET /oauth/access_token", "Meta: Access tokens, embedded signup; pywa 4.5"),
    ("GET /signups/{Signup-ID}", "Meta: In-App Signup, July 2026; pywa 4.5"),
    ("GET /{WABA-ID}/signups", "Meta: In-App Signup, July 2026; pywa 4.5"),
    ("POST /signups/{Signup-ID}", "Meta: In-App Signup, July 2026; pywa 4.5"),
    ("POST /{WABA-ID}/signups", "Meta: In-App Signup, July 2026; pywa 4.5"),
    ("GET /upload:{Session}", "Meta: Resumable Upload API"),
    ("GET /{Application-ID}/subscriptions", "Meta: App subscriptions"),
    ("GET /{TEMPLATE_ID}/compare", "Meta: Template comparison; pywa 4.5"),
    ("GET /{group_id}/invite_link", "Meta: Groups API, invite links; pywa 4.5"),
    ("GET /{WABA-ID}/template_analytics", "Meta: Analytics"),
    ("POST /upload:{Session}", "Meta: Resumable Upload API; pywa 4.5"),
    ("POST /{Application-ID}/subscriptions", "Meta: App subscriptions; pywa 4.5"),
    ("POST /{Application-ID}/uploads", "Meta: Resumable Upload API; pywa 4.5"),
    ("POST /{TEMPLATE_ID}/unpause", "Meta: Template pausing; pywa 4.5"),
    ("POST /{WABA-ID}/migrate_message_templates", "Meta: Template migration; pywa 4.5"),
    ("POST /{WABA-ID}/upsert_message_templates", "Meta: Authentication templates; pywa 4.5"),
];

#[tokio::test]
async fn the_register_says_what_the_simulator_does() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = extract::read(&std::fs::read_to_string(here.join("fidelity/meta.txt")).unwrap());
    let mut probing = Probing::open().await;
    calls::all(&mut probing).await;
    let routes = probing.routes(&here.join("src")).await;
    let uncalled: Vec<_> = routes.difference(&probing.called).collect();
    assert!(uncalled.is_empty(), "the simulator answers what no call of this test tries: {uncalled:?}");

    let beyond: BTreeSet<&str> =
        probing.seen.keys().map(String::as_str).filter(|name| !file.contains_key(*name)).collect();
    let sourced: BTreeSet<&str> = SOURCES.iter().map(|(name, _)| *name).collect();
    assert_eq!(beyond, sourced, "what is in no file of Meta's has a source");

    let page = register::page(&file, &probing.seen, SOURCES);
    let kept = here.join("FIDELITY.md");
    if std::env::var_os("CONEK_WRITE").is_some() {
        std::fs::write(&kept, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&kept).unwrap_or_default();
    let first = page.lines().zip(committed.lines()).find(|(now, then)| now != then);
    assert!(
        page == committed,
        "the register is stale; CONEK_WRITE=1 writes it anew. First difference: {first:?}"
    );
}
