//! Four rules (consent, suppression, the day's hours, expiry) in three engines: conek asks its whole rule set, the
//! others ask these four. Every side decides about the same 1,000 people, of whom most may be written to; requests
//! are made before the time is taken. Rounds alternate, and what is printed is the median of each side.

use std::{error::Error, hint::black_box, time::Instant};

use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};
use cedar_policy::{Authorizer, Context, Decision as Cedar, Entities, PolicySet, Request, RestrictedExpression};
use conek_core::{
    Purpose, Timestamp,
    consent::ConsentStatus,
    policy::{ConsentFacts, Decision, Facts, MessageFacts, PersonFacts, TemplateFacts, decide},
};
use serde::Serialize;

const PEOPLE: usize = 1_000;
const ROUNDS: usize = 9;

const MODEL: &str = r#"
[request_definition]
r = sub, act
[policy_definition]
p = act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && r.sub.consent == "given" && r.sub.demonstrable == true && r.sub.suppressed == false && r.sub.minute >= 480 && r.sub.minute < 1200 && r.sub.expires > r.sub.now
"#;

const POLICIES: &str = r#"
permit(principal, action == Action::"send", resource) when { context.consent == "given" && context.demonstrable };
forbid(principal, action, resource) when { context.suppressed };
forbid(principal, action, resource) when { context.minute < 480 || context.minute >= 1200 };
forbid(principal, action, resource) when { context.expires <= context.now };
"#;

#[derive(Clone, Serialize, Hash)]
struct Subject {
    consent: String,
    demonstrable: bool,
    suppressed: bool,
    minute: i64,
    expires: i64,
    now: i64,
}

/// Every tenth person has withdrawn, every seventh is suppressed, every fifth has an expired message.
fn subject(i: usize, now: Timestamp) -> Subject {
    Subject {
        consent: if i % 10 == 0 { "withdrawn" } else { "given" }.to_owned(),
        demonstrable: true,
        suppressed: i % 7 == 0,
        minute: (now.timestamp() + 7_200).rem_euclid(86_400) / 60,
        expires: now.timestamp() + if i % 5 == 0 { 0 } else { 86_400 },
        now: now.timestamp(),
    }
}

fn facts(s: &Subject) -> Facts {
    Facts {
        person: PersonFacts {
            country: Some("ZA".into()),
            zone: Some("Africa/Johannesburg".into()),
            suppressed: s.suppressed,
            ..PersonFacts::default()
        },
        message: MessageFacts {
            purpose: Purpose::Marketing,
            template: Some(TemplateFacts { category: "marketing".into(), approved: true }),
            has_opt_out: true,
            names_sender: true,
            expires_at: chrono::DateTime::from_timestamp(s.expires, 0),
            ..MessageFacts::default()
        },
        consent: ConsentFacts {
            status: if s.consent == "given" { ConsentStatus::Given } else { ConsentStatus::Withdrawn },
            demonstrable: s.demonstrable,
            ..ConsentFacts::default()
        },
        ..Facts::default()
    }
}

fn request(s: &Subject) -> Result<Request, Box<dyn Error>> {
    let long = RestrictedExpression::new_long;
    let context = Context::from_pairs([
        ("consent".to_owned(), RestrictedExpression::new_string(s.consent.clone())),
        ("demonstrable".to_owned(), RestrictedExpression::new_bool(s.demonstrable)),
        ("suppressed".to_owned(), RestrictedExpression::new_bool(s.suppressed)),
        ("minute".to_owned(), long(s.minute)),
        ("expires".to_owned(), long(s.expires)),
        ("now".to_owned(), long(s.now)),
    ])?;
    let (principal, action, resource) =
        (r#"Account::"karoo""#.parse()?, r#"Action::"send""#.parse()?, r#"Person::"one""#.parse()?);
    Ok(Request::new(principal, action, resource, context, None)?)
}

/// Microseconds for each decision of a round, and how many were allowed.
fn round(mut allows: impl FnMut(usize) -> bool, repeat: usize) -> (f64, usize) {
    let started = Instant::now();
    let mut allowed = 0;
    for _ in 0..repeat {
        allowed = (0..PEOPLE).filter(|i| black_box(allows(*i))).count();
    }
    (started.elapsed().as_secs_f64() * 1e6 / (PEOPLE * repeat) as f64, allowed)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let now: Timestamp = "2026-11-24T09:00:00+02:00".parse::<chrono::DateTime<chrono::FixedOffset>>()?.to_utc();
    let subjects: Vec<Subject> = (0..PEOPLE).map(|i| subject(i, now)).collect();
    let facts: Vec<Facts> = subjects.iter().map(facts).collect();
    let requests = subjects.iter().map(request).collect::<Result<Vec<_>, _>>()?;
    let mut casbin = Enforcer::new(DefaultModel::from_str(MODEL).await?, MemoryAdapter::default()).await?;
    casbin.add_policy(vec!["send".to_owned()]).await?;
    let (policies, entities, authorizer) = (POLICIES.parse::<PolicySet>()?, Entities::empty(), Authorizer::new());
    let mut sides: [(&str, Vec<f64>, usize); 3] =
        [("conek, the whole rule set", vec![], 0), ("casbin", vec![], 0), ("cedar-policy", vec![], 0)];
    for _ in 0..ROUNDS {
        let took = [
            round(|i| matches!(decide(&facts[i], now), Decision::Allow { .. }), 100),
            round(|i| casbin.enforce((subjects[i].clone(), "send")).unwrap_or(false), 1),
            round(|i| authorizer.is_authorized(&requests[i], &policies, &entities).decision() == Cedar::Allow, 10),
        ];
        for (side, (micros, allowed)) in sides.iter_mut().zip(took) {
            side.1.push(micros);
            side.2 = allowed;
        }
    }
    let expected = sides[0].2;
    if expected == 0 || sides.iter().any(|(_, _, allowed)| *allowed != expected) {
        return Err(format!("the sides do not agree: {:?}", sides.map(|s| (s.0, s.2))).into());
    }
    for (_, rounds, _) in &mut sides {
        rounds.sort_by(f64::total_cmp);
    }
    let own = sides[0].1[ROUNDS / 2];
    println!("{expected} of {PEOPLE} allowed by every side; microseconds a decision, median of {ROUNDS} rounds");
    for (name, rounds, _) in &sides {
        let median = rounds[ROUNDS / 2];
        println!("{name:<28} {median:>9.3}   {:>8.1} x conek", median / own);
    }
    Ok(())
}
