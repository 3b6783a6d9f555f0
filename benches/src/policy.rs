//! A decision over many people, beside the least that looks at the same fields.

use std::{hint::black_box, sync::Arc};

use conek_core::{
    Purpose, Timestamp,
    campaigns::{Audience, CampaignSpec, Variable},
    consent::ConsentStatus,
    policy::{ConsentFacts, Decision, Facts, MessageFacts, PersonFacts, TemplateFacts, decide},
};

use crate::{
    Extent, Failure,
    measure::{Row, Stopwatch},
    report::Report,
    world::{self, Instant, World},
};

/// Measures the row.
pub async fn run(extent: Extent, report: &mut Report) -> Result<(), Failure> {
    let now: Timestamp = "2026-11-24T09:00:00+02:00".parse()?;
    for (what, people) in [("few", 100), ("many", extent.of(50_000))] {
        let facts: Vec<Facts> = (0..people).map(|i| facts(i, now)).collect();
        let decisions = extent.of(1_000_000) / people * people;
        let mut row = Row::new(
            format!("policy: the whole rule set allows, {people} ({what}) people in turn"),
            "decision",
        );
        for _ in 0..extent.rounds {
            let watch = Stopwatch::start();
            let mut allowed = 0;
            for _ in 0..decisions / people {
                for f in &facts {
                    allowed += usize::from(matches!(black_box(decide(f, now)), Decision::Allow { .. }));
                }
            }
            row.add("conek", None, watch.stop(decisions));
            if allowed != decisions {
                return Err("the gate did not allow everything: this is not the path to measure".into());
            }
            if !extent.alone {
                let watch = Stopwatch::start();
                for _ in 0..decisions / people {
                    for f in &facts {
                        black_box(four_rules(f, now));
                    }
                }
                row.add("four bare comparisons", None, watch.stop(decisions));
            }
        }
        row.finish(report);
    }
    batch(extent, report).await
}

/// A batch with storage: people read and decided about, beside people read.
async fn batch(extent: Extent, report: &mut Report) -> Result<(), Failure> {
    const PEOPLE: usize = 1_000;
    let world = World::open(PEOPLE, None, Some(Arc::new(Instant))).await?;
    let spec = CampaignSpec {
        name: "Spring".into(),
        audience: Audience::People { ids: world.people.clone() },
        template: world::template().name,
        language: "en".into(),
        variables: vec![Variable::Attribute {
            name: String::new(),
            attribute: "name".into(),
            fallback: Some("there".into()),
        }],
        purpose: Purpose::Marketing,
        goods: None,
        sender: None,
        not_before: None,
        expires_at: None,
    };
    let mut row =
        Row::new("policy: 1,000 people of a campaign, read, composed for and decided about", "person");
    for _ in 0..extent.rounds {
        const REPEAT: usize = 10;
        let watch = Stopwatch::start();
        for _ in 0..REPEAT {
            let plan = world.engine.campaigns().preview(spec.clone()).await?;
            if usize::try_from(plan.planned)? != PEOPLE {
                return Err("not everybody was looked at".into());
            }
        }
        row.add("conek", None, watch.stop(PEOPLE * REPEAT));
        if !extent.alone {
            let watch = Stopwatch::start();
            for _ in 0..REPEAT {
                let page = world.engine.contacts().list(None, PEOPLE as i32).await?;
                if page.contacts.len() != PEOPLE {
                    return Err("not everybody was read".into());
                }
            }
            // At most one and a half times the lookups.
            row.add("the people read alone", Some(1.0 / 1.5), watch.stop(PEOPLE * REPEAT));
        }
    }
    row.finish(report);
    world.engine.close().await?;
    Ok(())
}

/// Consent, suppression, the day's hours and the expiry, without calendar, zones and reasons.
fn four_rules(f: &Facts, now: Timestamp) -> bool {
    let minute = (now.timestamp() + 7_200).rem_euclid(86_400) / 60;
    !f.person.suppressed
        && f.consent.status.is_valid()
        && f.consent.demonstrable
        && (480..1200).contains(&minute)
        && f.message.expires_at.is_none_or(|at| at > now)
}

fn facts(i: usize, now: Timestamp) -> Facts {
    Facts {
        person: PersonFacts {
            id: Some(format!("0192f1e0-0000-7000-8000-{i:012}").into()),
            country: Some("ZA".into()),
            zone: Some("Africa/Johannesburg".into()),
            ..PersonFacts::default()
        },
        message: MessageFacts {
            purpose: Purpose::Marketing,
            template: Some(TemplateFacts { category: "marketing".into(), approved: true }),
            has_opt_out: true,
            names_sender: true,
            expires_at: Some(now + chrono::TimeDelta::days(4)),
            ..MessageFacts::default()
        },
        consent: ConsentFacts { status: ConsentStatus::Given, demonstrable: true, ..ConsentFacts::default() },
        ..Facts::default()
    }
}
