//! Real people: the same campaign through Meta's Cloud API.

use std::{process::ExitCode, time::Duration};

use conek_core::{Clock, Config, Engine, Number, Ports, Result, SystemClock, campaigns::CampaignState};

use super::{
    args::{Args, Real},
    prepare,
    report::{self, Progress, say},
    shop,
    webhook::Door,
};

/// Statuses that come this long after the last message are still counted.
const LISTEN: Duration = Duration::from_secs(30);

/// Imports, plans and, with `--yes`, sends.
pub(super) async fn run(args: &Args, real: &Real) -> Result<ExitCode> {
    say!(
        "Meta's WhatsApp Cloud API: with --yes this writes to the real people of {}.",
        real.people.display()
    );
    let engine = Engine::open(real.config(args), Ports::default()).await?;
    let template = shop::template(args, &real.business);
    let plan = prepare(
        &engine,
        args,
        Some(&real.people),
        &template,
        shop::notice(&real.business, &real.privacy_contact),
    )
    .await?;
    say!(
        "\nThe template must be approved at WhatsApp under this name, in this language, with exactly this text."
    );
    say!("{} people get a message: {} now, {} later.", plan.now + plan.later, plan.now, plan.later);
    if !real.confirmed {
        say!("Nothing was sent. To send, run the same command with --yes.");
        engine.close().await?;
        return Ok(ExitCode::from(2));
    }
    let door = Door::open(args.listen).await?;
    door.serve(engine.clone())?;
    say!("Webhooks are received at {}.", door.url());
    say!(
        "A public HTTPS address must lead there; without one, deliveries, answers and STOP stay unknown here."
    );
    let campaign = engine.campaigns().start(plan.id).await?.id;
    let mut progress = Progress::new(plan.now + plan.later);
    let mut listened = Duration::ZERO;
    let pause = Duration::from_millis(500);
    let end = loop {
        let p = engine.campaigns().progress(campaign.clone()).await?;
        progress.show(SystemClock.now(), &p);
        let status = engine.status().await?;
        if let Some(stopped) = status.stopped.first() {
            say!("WhatsApp stopped the number: {} (error {})", stopped.detail, stopped.code);
            break p;
        }
        // What is in doubt is not waited for: evidence may come days later.
        let over = p.state == CampaignState::Completed || p.waiting + p.sending == 0;
        if over && listened >= LISTEN {
            break p;
        }
        let stop = tokio::time::timeout(pause, tokio::signal::ctrl_c()).await;
        if stop.is_ok() {
            say!("Stopped. What waits stays in {} and goes on when an engine opens it.", real.db.display());
            break p;
        }
        listened = if over { listened + pause } else { Duration::ZERO };
    };
    progress.finish(end.sent);
    report::end(&end);
    door.close();
    engine.close().await?;
    Ok(if end.in_doubt + end.unresolved == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Real {
    /// How the engine is opened: with Meta's own address, example rates and the user's database.
    pub fn config(&self, args: &Args) -> Config {
        let mut config =
            Config::new(self.db.to_string_lossy(), self.business.clone(), self.privacy_contact.clone());
        config.region = Some(args.region.clone());
        config.numbers = vec![Number::new(self.number.clone())];
        config.whatsapp = Some(self.access.clone());
        config.rates = shop::rates();
        config
    }
}
