//! Arguments: what the program was asked to do, and whether it may.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use conek_core::{Error, Phone, Result, WhatsAppAccess};

use super::people::{SAMPLE, head};

/// From a file of people to a finished WhatsApp campaign that nobody gets who must not get it.
///
/// Without credentials everything happens on this machine: a simulated WhatsApp, 10,000 made-up
/// people, a clock that runs fast. Nothing leaves the machine.
///
/// With CONEK_WHATSAPP_TOKEN, CONEK_PHONE_NUMBER_ID and CONEK_APP_SECRET in the environment it uses
/// Meta's Cloud API and writes to real people: those of the file named with --people, and only with
/// --yes. Needed then too: CONEK_BUSINESS_NAME and CONEK_PRIVACY_CONTACT; CONEK_VERIFY_TOKEN for
/// webhooks.
#[derive(Debug, Clone, PartialEq, Parser)]
#[command(name = "quickstart", version)]
pub struct Args {
    /// CSV file of people; without it, 10,000 made-up ones
    #[arg(long, value_name = "FILE")]
    pub people: Option<PathBuf>,
    /// Reads only the first N rows
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Repeats the made-up people's behaviour
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u32,
    /// Database file; without it, one that is removed at the end (`conek.db` for real people)
    #[arg(long, value_name = "PATH")]
    pub db: Option<PathBuf>,
    /// How many seconds pass in the simulation for each real one while messages leave
    #[arg(long, value_name = "N", default_value_t = 20.0, value_parser = speed)]
    pub speed: f64,
    /// Loses one answer in fifty after the message was accepted, and repeats one webhook in twenty
    #[arg(long)]
    pub faults: bool,
    /// Afterwards somebody who wrote STOP asks what is known of them: their export goes to this new file
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
    /// Keeps running afterwards, with a page that shows the phones
    #[arg(long)]
    pub serve: bool,
    /// Port of that page; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
    /// Region of phone numbers without a country code
    #[arg(long, value_name = "CC", default_value = "ZA", value_parser = region)]
    pub region: String,
    /// Name of the template, as WhatsApp approved it
    #[arg(long, value_name = "NAME", default_value = "conek_quickstart_offer")]
    pub template: String,
    /// Language of the template
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub language: String,
    /// Body of the template, as WhatsApp approved it, with {{1}} for the name. It must name the
    /// business and say how to stop
    #[arg(long, value_name = "TEXT")]
    pub template_text: Option<String>,
    /// Real people: where webhooks are received; a public HTTPS address must lead here
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Real people: really sends
    #[arg(long)]
    pub yes: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=1000.0).contains(&speed) => Ok(speed),
        _ => Err("write a number between 0.1 and 1000".to_owned()),
    }
}

fn region(text: &str) -> Result<String, String> {
    let known = Phone::parse("0", Some(text)).err();
    match known {
        Some(Error::InvalidInput { field, detail }) if field == "default_region" => Err(detail),
        _ => Ok(text.to_ascii_uppercase()),
    }
}

/// With whom the program talks.
#[derive(Debug, Clone, PartialEq)]
pub enum Mode {
    /// The simulator in this process.
    Simulated,
    /// Meta's Cloud API.
    Real(Box<Real>),
}

/// What is needed to talk to Meta.
#[derive(Debug, Clone, PartialEq)]
pub struct Real {
    /// The phone number id that sends.
    pub number: String,
    /// Token, secret, verify token. Its base address is always Meta's own.
    pub access: WhatsAppAccess,
    /// How the business names itself to people.
    pub business: String,
    /// Whom people can ask about their data.
    pub privacy_contact: String,
    /// The file of people.
    pub people: PathBuf,
    /// The database: it remembers who opted out, so it stays.
    pub db: PathBuf,
    /// Whether `--yes` was given. Without it nothing is sent.
    pub confirmed: bool,
}

impl Args {
    /// Decides with whom to talk, from the arguments and the environment.
    ///
    /// # Errors
    /// `invalid_input` when only a part of the credentials is there, when real people would be
    /// written to without a file that names them, and when that file is the sample.
    pub fn mode(&self, env: impl Fn(&str) -> Option<String>) -> Result<Mode> {
        let get = |name: &str| env(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        const NAMES: [&str; 3] = ["CONEK_WHATSAPP_TOKEN", "CONEK_PHONE_NUMBER_ID", "CONEK_APP_SECRET"];
        let [token, number, secret] = match NAMES.map(get) {
            [None, None, None] => return Ok(Mode::Simulated),
            [Some(token), Some(number), Some(secret)] => [token, number, secret],
            some => {
                let missing: Vec<&str> =
                    NAMES.into_iter().zip(some).filter(|(_, v)| v.is_none()).map(|(n, _)| n).collect();
                return Err(Error::invalid(
                    "environment",
                    format!(
                        "without a value: {}; set all three for real people, or none for the simulation",
                        missing.join(", ")
                    ),
                ));
            }
        };
        let people = self.people.clone().ok_or_else(|| {
            Error::invalid("--people", "name the file of the people who shall be written to; the sample is never used with real WhatsApp")
        })?;
        let start = head(&people, 512)?;
        if start.starts_with(&SAMPLE[..512.min(start.len().max(200))]) {
            return Err(Error::invalid(
                "--people",
                "this is the sample of made-up people; its numbers may belong to somebody",
            ));
        }
        if self.serve {
            return Err(Error::invalid(
                "--serve",
                "the page shows simulated phones; leave it out with real WhatsApp",
            ));
        }
        let business = get("CONEK_BUSINESS_NAME").ok_or_else(|| {
            Error::invalid(
                "environment",
                "CONEK_BUSINESS_NAME is missing: marketing must name who sends it (POPIA s69(4)(a))",
            )
        })?;
        let privacy_contact = get("CONEK_PRIVACY_CONTACT").ok_or_else(|| {
            let why = "CONEK_PRIVACY_CONTACT is missing: an e-mail address or page where people ask about their data (POPIA s18(1))";
            Error::invalid("environment", why)
        })?;
        Ok(Mode::Real(Box::new(Real {
            number,
            access: WhatsAppAccess {
                access_token: token,
                app_secrets: vec![secret],
                verify_token: get("CONEK_VERIFY_TOKEN").unwrap_or_default(),
                base_url: None,
                graph_version: None,
                extra_roots_pem: None,
            },
            business,
            privacy_contact,
            people,
            db: self.db.clone().unwrap_or_else(|| PathBuf::from("conek.db")),
            confirmed: self.yes,
        })))
    }
}
