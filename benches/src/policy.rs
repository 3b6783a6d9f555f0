//! A decision over many people, beside the least that looks at the same fields.

use std::hint::black_box;

use conek_core::{
    Purpose, Timestamp,
    consent::ConsentStatus,
    policy::{Decision, Facts, TemplateFacts, decide},
};

use crate::{
    Extent, Failure,
    measure::{Row, Stopwatch},
};

/// Measures the row.
pub async fn run(extent: Extent) -> Result<(), Failure> {
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
                    allowed += usize::from(matches!(black_box(decide(f)), Decision::Allow { .. }));
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
                        black_box(four_rules(f));
                    }
                }
                row.add("four bare comparisons", None, watch.stop(decisions));
            }
        }
        row.print();
    }
    Ok(())
}

/// Consent, suppression, the day's hours and the expiry, without calendar, zones and reasons.
fn four_rules(f: &Facts) -> bool {
    let minute = (f.now.timestamp() + 7_200).rem_euclid(86_400) / 60;
    !f.suppressed
        && f.consent.is_valid()
        && f.consent_demonstrable
        && (480..1200).contains(&minute)
        && f.expires_at.is_none_or(|at| at > f.now)
}

fn facts(i: usize, now: Timestamp) -> Facts {
    Facts {
        now,
        person: format!("0192f1e0-0000-7000-8000-{i:012}").into(),
        purpose: Purpose::Marketing,
        template: Some(TemplateFacts { category: "marketing".into(), approved: true }),
        has_opt_out: true,
        names_sender: true,
        expires_at: Some(now + chrono::TimeDelta::days(4)),
        country: Some("ZA".into()),
        zone: Some("Africa/Johannesburg".into()),
        us_number: false,
        consent: ConsentStatus::Given,
        consent_demonstrable: true,
        consent_valid_until: None,
        consent_requests: 0,
        obtained_in_sale: false,
        objection_offered: false,
        suppressed: false,
        platform_stop: false,
        awaiting_clarification: false,
        last_inbound_at: None,
        hours_agreed: false,
        declared_holidays: Vec::new(),
    }
}
