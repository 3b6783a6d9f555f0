//! The quickstart: a file of people, a plan, a campaign, and the numbers at its end.

mod args;
mod audit;
mod panel;
mod people;
mod real;
mod report;
mod shop;
mod simulation;
mod webhook;

use std::{path::Path, process::ExitCode};

use conek_core::{
    CampaignId, Engine, Error, Result,
    campaigns::{Audience, CampaignPlan},
    consent::NewNotice,
    messaging::Template,
    rights::{ExportOptions, NewRequest, RequestChannel, RightKind},
};

pub use args::{Args, Mode, Real};

use self::{
    panel::Shop,
    report::{Progress, say},
    simulation::Simulation,
};

/// Runs the program. `env` reads a variable of the environment.
///
/// # Errors
/// Those of [`Args::mode`] and of the engine.
pub async fn run(args: Args, env: impl Fn(&str) -> Option<String>) -> Result<ExitCode> {
    match args.mode(env)? {
        Mode::Simulated => simulated(&args).await,
        Mode::Real(real) => real::run(&args, &real).await,
    }
}

async fn simulated(args: &Args) -> Result<ExitCode> {
    say!("Simulated WhatsApp on this machine: nothing leaves it, nobody real is written to.");
    let simulation = Simulation::start(args).await?;
    let notice = shop::notice(shop::BUSINESS, shop::PRIVACY_CONTACT);
    let plan =
        prepare(&simulation.engine, args, args.people.as_deref(), &simulation.template, notice).await?;
    let campaign = simulation.engine.campaigns().start(plan.id).await?.id;
    let mut progress = Progress::new(plan.now + plan.later);
    let end = simulation.play(&campaign, args.speed, |at, p| progress.show(at, p)).await?;
    progress.finish(end.sent);
    report::end(&end);
    let faults = audit::audit(&simulation, &end).await?;
    report::audit(&faults);
    if let Some(to) = &args.export {
        answer(&simulation.engine, to).await?;
    }
    if args.serve {
        serve(&simulation, campaign).await?;
    }
    simulation.close().await?;
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Imports the people, publishes the notice, stores the template and plans the campaign.
async fn prepare(
    engine: &Engine,
    args: &Args,
    file: Option<&Path>,
    template: &Template,
    notice: NewNotice,
) -> Result<CampaignPlan> {
    let spinner = report::waiting("reading the people");
    let imported = people::import(engine, file, args.limit).await?;
    spinner.finish_and_clear();
    report::import(file, &imported);
    if engine.notices().current("en".to_owned()).await?.is_none() {
        let notice = engine.notices().publish(notice).await?;
        say!("\nPrivacy notice version {} published (sha256 {}...).", notice.version, &notice.sha256[..12]);
    }
    let template = engine.templates().put(template.clone()).await?;
    say!("Template {} ({}): \"{}\"", template.name, template.language, template.body);
    let spinner = report::waiting("planning");
    // The file's people and nobody else whom the database knows.
    let audience = Audience::Import { id: imported.id };
    let plan = engine.campaigns().plan(shop::campaign(&template, 0, audience)).await?;
    spinner.finish_and_clear();
    report::plan(&plan);
    Ok(plan)
}

/// Somebody who opted out asks what is known of them: their request is opened, answered and closed.
async fn answer(engine: &Engine, to: &Path) -> Result<()> {
    let (mut after, mut asks) = (None, None);
    while asks.is_none() {
        let page = engine.contacts().list(after.take(), 1000).await?;
        asks = page.contacts.into_iter().find(|c| c.suppressed && c.last_inbound_at.is_some());
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let Some(person) = asks else {
        say!("\nNobody opted out, so nobody asks what is known of them.");
        return Ok(());
    };
    let request = NewRequest {
        person: Some(person.id.clone()),
        rights: vec![RightKind::Access],
        channel: RequestChannel::Whatsapp,
        ..NewRequest::default()
    };
    let request = engine.rights().open(request).await?;
    let to = to.display().to_string();
    let report = engine.rights().export(person.id, ExportOptions::default(), to.clone()).await?;
    engine.rights().fulfil(request.id, RightKind::Access, Some("export handed over".to_owned())).await?;
    let items: i64 = report.sections.values().sum();
    say!("\nSomebody who opted out asks what is known of them (GDPR 15, POPIA s23): {items} items.");
    say!("export: {to}");
    Ok(())
}

/// Shows the phones until the program is told to end.
async fn serve(simulation: &Simulation, campaign: CampaignId) -> Result<()> {
    simulation.clock.set_speed(1.0);
    let shop = Shop::new(simulation.engine.clone(), simulation.template.clone(), campaign);
    if simulation.shop.set(shop).is_err() {
        return Err(Error::internal("the page is served already"));
    }
    say!(
        "\nThe phones, at the clock's true speed now. Choose somebody and write STOP as them, then send the"
    );
    say!("next campaign: they are left out, and the page says why. End with Ctrl-C.");
    say!("page: http://127.0.0.1:{}/", simulation.phones.address().port());
    report::flush();
    // Where there is no such signal, the program ends as others do.
    let _ = tokio::signal::ctrl_c().await;
    Ok(())
}
