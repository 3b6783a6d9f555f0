//! Reads `contacts.csv`, plans a campaign and sends it.
use conek_core::{campaigns::*, messaging::*, people::ImportOptions, *};
#[tokio::main]
#[rustfmt::skip] // 25 lines
async fn main() -> Result<()> {
    let env = |name: &str| std::env::var(name).unwrap_or_default();
    let mut config = Config::new("karoo.db", "Karoo Coffee", "privacy@karoo.example");
    config.region = Some("ZA".into());
    config.numbers = vec![Number::new(env("CONEK_PHONE_NUMBER_ID"))];
    config.whatsapp = Some(WhatsAppAccess {
        access_token: env("CONEK_WHATSAPP_TOKEN"), app_secrets: vec![env("CONEK_APP_SECRET")],
        verify_token: env("CONEK_VERIFY_TOKEN"), base_url: std::env::var("CONEK_WHATSAPP_URL").ok(),
        graph_version: None, extra_roots_pem: None });
    let engine = Engine::open(config, Ports::default()).await?;
    let report = engine.contacts().import_file("contacts.csv".into(), ImportOptions::default()).await?;
    println!("{} people, {} rows to look at", report.created, report.rejected);
    engine.templates().put(Template { footer: Some("Reply STOP to opt out".into()),
        ..Template::new("spring_offer", "en", TemplateCategory::Marketing, "Spring is here at Karoo Coffee.") }).await?;
    let plan = engine.campaigns().plan(CampaignSpec { name: "Spring".into(), audience: Audience::Everyone {},
        template: "spring_offer".into(), language: "en".into(), variables: vec![], purpose: Purpose::Marketing,
        sender: None, not_before: None, expires_at: None, goods: None }).await?;
    println!("{} now, {} later, {} not: {:?}", plan.now, plan.later, plan.denied, plan.denied_by);
    engine.campaigns().start(plan.id).await?;
    engine.settle(60_000).await?; engine.close().await
}
