//! What the examples in the documentation stand on: an engine in memory whose messages go nowhere.

mod flows;
mod graph;

use std::{future::Future, sync::Arc};

use async_trait::async_trait;

pub use flows::flow_request;

use crate::{
    Config, Content, Draft, Engine, Number, PersonId, Ports, Purpose, Recipient, Result,
    campaigns::{Audience, CampaignPlan, CampaignSpec, Variable},
    consent::{
        ConsentEntry, ConsentSource, ConsentStatus, Evidence, NewNotice, Notice, NoticeContents,
        NoticePurpose, NoticeRight, NoticeTransfer,
    },
    messaging::{Parameter, Template, TemplateCategory},
    people::NewContact,
    policy::LegalBasis,
    policy::SendPermit,
    storage::Memory,
    transport::{GraphAnswer, GraphCall, Outgoing, Parsed, SendOutcome, Transport, Upload, WebhookRequest},
    values::random::SystemRandomness,
    vault::KeyFile,
};

#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn send(&self, permit: SendPermit, _: Outgoing) -> SendOutcome {
        SendOutcome::Accepted {
            wamid: format!("wamid.{}", permit.id()),
            status: String::new(),
            wa_id: None,
            user_id: None,
        }
    }
    async fn upload(&self, _: Upload) -> Result<String> {
        Ok("media".to_owned())
    }
    async fn mark_read(&self, _: String, _: String) -> Result<()> {
        Ok(())
    }
    async fn manage(&self, call: GraphCall) -> Result<GraphAnswer> {
        Ok(graph::answer(&call))
    }
    async fn download(&self, _: String) -> Result<Vec<u8>> {
        Ok(graph::FILE.to_vec())
    }
    async fn verify(&self, _: WebhookRequest) -> Result<()> {
        Ok(())
    }
    async fn parse(&self, body: Vec<u8>) -> Parsed {
        crate::transport::whatsapp::parse(&body)
    }
}

/// Runs an example on a new engine.
///
/// # Panics
/// When the example fails.
pub fn run<F: Future<Output = Result<()>>>(example: impl FnOnce(Engine) -> F) {
    run_with(|_| Ok(()), example);
}

/// Runs an example on a new engine that has a key for flows.
///
/// # Panics
/// When the example fails.
pub fn run_flows<F: Future<Output = Result<()>>>(example: impl FnOnce(Engine) -> F) {
    let keyed = |config: &mut Config| {
        config.flow_keys = vec![flows::key()?];
        Ok(())
    };
    run_with(keyed, example);
}

fn run_with<F: Future<Output = Result<()>>>(
    change: impl FnOnce(&mut Config) -> Result<()>,
    example: impl FnOnce(Engine) -> F,
) {
    let done: Result<()> = (|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|_| crate::Error::internal("runtime"))?;
        runtime.block_on(async {
            let mut config = Config::new("", "Karoo Coffee", "privacy@karoo.example");
            config.path = None;
            config.region = Some("ZA".to_owned());
            config.public_url = Some("https://shop.example/conek".to_owned());
            config.numbers = vec![Number::new("1065551234")];
            config.business_account = Some("200000000000001".to_owned());
            change(&mut config)?;
            let random = Arc::new(SystemRandomness::default());
            let file =
                std::env::temp_dir().join(format!("conek-doc-{}-{}.key", std::process::id(), line_of_time()));
            let keys = KeyFile::open_or_create(&file, random)?;
            let _ = std::fs::remove_file(&file);
            let ports = Ports {
                storage: Some(Arc::new(Memory::default())),
                transport: Some(Arc::new(Nowhere)),
                keys: Some(Arc::new(keys)),
                ..Ports::default()
            };
            example(Engine::open(config, ports).await?).await
        })
    })();
    assert_eq!(done, Ok(()), "the example fails");
}

/// A number that no other example of this process has.
fn line_of_time() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// A contact with this number.
///
/// # Errors
/// As `contacts.upsert`.
pub async fn person(engine: &Engine, phone: &str) -> Result<PersonId> {
    let new = NewContact { phone: Some(phone.to_owned()), ..NewContact::default() };
    Ok(engine.contacts().upsert(new).await?.id)
}

/// What a small shop's notice says.
pub fn notice_contents() -> NoticeContents {
    let on = |code: &str, basis| NoticePurpose { code: code.to_owned(), basis, interest: None };
    let some = |text: &str| Some(text.to_owned());
    NoticeContents {
        regimes: Vec::new(),
        categories: vec!["name and number".to_owned(), "what you bought".to_owned()],
        from_others: false,
        source: None,
        controller: some("Karoo Coffee (Pty) Ltd"),
        address: some("12 Church Street, Graaff-Reinet"),
        contact: some("privacy@karoo.example"),
        officer: some("Thandi Maseko, privacy@karoo.example"),
        purposes: vec![
            on("comms.marketing", LegalBasis::Consent),
            on("service.support", LegalBasis::Contract),
        ],
        mandatory: Some(false),
        consequences: some("we cannot send you offers"),
        law: None,
        recipients: vec!["WhatsApp".to_owned()],
        transferred: Some(true),
        transfers: vec![NoticeTransfer {
            country: "US".to_owned(),
            safeguards: "Data Privacy Framework".to_owned(),
        }],
        retention: some("until you withdraw, or two years after your last message"),
        rights: vec![
            NoticeRight::Access,
            NoticeRight::Rectification,
            NoticeRight::Erasure,
            NoticeRight::Restriction,
            NoticeRight::Objection,
            NoticeRight::Portability,
            NoticeRight::Withdrawal,
            NoticeRight::Complaint,
        ],
        authority: some("Information Regulator (South Africa), https://inforegulator.org.za"),
        automated_decisions: Some(false),
        automated_logic: None,
    }
}

/// That notice, published.
///
/// # Errors
/// As `notices.publish`.
pub async fn notice(engine: &Engine) -> Result<Notice> {
    engine
        .notices()
        .publish(NewNotice {
            language: "en".to_owned(),
            title: "How Karoo Coffee uses your data".to_owned(),
            text: "We keep your number to write to you, if you agreed to it.".to_owned(),
            summary: "First version.".to_owned(),
            effective_from: None,
            contents: notice_contents(),
            material: false,
        })
        .await
}

/// A contact with this number who consented to marketing.
///
/// # Errors
/// As `contacts.upsert` and `consent.record`.
pub async fn consenting(engine: &Engine, phone: &str) -> Result<PersonId> {
    let person = person(engine, phone).await?;
    let evidence = Evidence { reference: Some("form 4711".to_owned()), ..Evidence::default() };
    let entry =
        ConsentEntry::new(person.clone(), Purpose::Marketing, ConsentStatus::Given, ConsentSource::Form);
    engine.consent().record(ConsentEntry { evidence, ..entry }).await?;
    Ok(person)
}

/// The spring offer to a person.
pub fn offer(to: &PersonId) -> Draft {
    let content = Content::Template {
        name: "spring_offer".to_owned(),
        language: "en".to_owned(),
        header: None,
        body: vec![Parameter::text("Thandi")],
        buttons: Vec::new(),
        cards: Vec::new(),
        offer_ends_at: None,
    };
    Draft::new(Recipient::Person { id: to.clone() }, content, Purpose::Marketing)
}

/// The plan of a campaign to one person, who has not consented.
///
/// # Errors
/// As `campaigns.plan`.
pub async fn plan(engine: &Engine) -> Result<CampaignPlan> {
    let spec = spec(engine).await?;
    engine.campaigns().plan(spec).await
}

/// A campaign to one person, who has not consented.
///
/// # Errors
/// As `contacts.upsert` and `templates.put`.
pub async fn spec(engine: &Engine) -> Result<CampaignSpec> {
    let id = person(engine, "+27 83 288 5137").await?;
    template(engine).await?;
    let variable = Variable::Literal { name: String::new(), text: "Thandi".to_owned() };
    Ok(CampaignSpec {
        name: "Spring".to_owned(),
        audience: Audience::People { ids: vec![id] },
        template: "spring_offer".to_owned(),
        language: "en".to_owned(),
        variables: vec![variable],
        purpose: Purpose::Marketing,
        goods: None,
        sender: None,
        not_before: None,
        expires_at: None,
    })
}

/// A marketing template with one placeholder.
///
/// # Errors
/// As `templates.put`.
pub async fn template(engine: &Engine) -> Result<()> {
    engine
        .templates()
        .put(Template {
            footer: Some("Reply STOP to opt out".to_owned()),
            ..Template::new(
                "spring_offer",
                "en",
                TemplateCategory::Marketing,
                "Hello {{1}}, spring is here at Karoo Coffee.",
            )
        })
        .await
        .map(drop)
}
