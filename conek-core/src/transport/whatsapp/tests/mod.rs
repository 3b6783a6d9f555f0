//! The promises of the transport, against a scripted server on this computer.

mod calls;
mod events;
mod kinds;
mod send;
mod server;
mod sizes;
mod updates;
mod ways;
mod wire;
mod wire_interactive;
mod wire_template;

use std::sync::Arc;

use server::Server;

use super::{Settings, WhatsApp};
use crate::{
    messaging::Content,
    policy::SendPermit,
    transport::{Address, Outgoing, Route},
    values::{
        secret::Secret,
        time::{Clock, VirtualClock},
    },
};

const TOKEN: &str = "EAAcanaryTOKEN0123";
const PHONE: &str = "+27832885137";
const WORDS: &str = "canary words of the message";
const SENDER: &str = "106540352242922";

fn clock() -> Arc<VirtualClock> {
    Arc::new(VirtualClock::at("2026-11-24T09:00:00Z".parse().unwrap()))
}

fn settings(base_url: String) -> Settings {
    Settings {
        base_url,
        ..Settings::new(Secret::from(TOKEN), vec![Secret::from("app")], Secret::from("word"))
    }
}

fn transport(server: &Server) -> WhatsApp {
    WhatsApp::new(settings(server.url()), clock()).unwrap()
}

fn message() -> Outgoing {
    Outgoing {
        sender: SENDER.to_owned(),
        to: Address::Phone { number: PHONE.to_owned() },
        content: Content::Text { body: WORDS.to_owned(), preview_url: false },
        reply_to: None,
        identity_hash: None,
        echo: "ck1.echo".to_owned(),
        route: Route::Messages {},
    }
}

fn permit(message: &Outgoing) -> SendPermit {
    let valid_until = clock().now() + chrono::TimeDelta::seconds(30);
    SendPermit::mint("permit".to_owned(), message.body_hash().unwrap(), valid_until)
}
