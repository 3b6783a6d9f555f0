//! The audit: what the engine says of a campaign against what the phones received.

use std::collections::HashMap;

use conek_core::{Result, campaigns::CampaignProgress};

use super::simulation::Simulation;

/// Everything in which the engine's numbers are wrong in themselves or differ from the phones'.
pub(super) async fn audit(simulation: &Simulation, p: &CampaignProgress) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut same = |what: &str, engine: i64, phones: usize| {
        if usize::try_from(engine) != Ok(phones) {
            faults.push(format!("{what}: the engine says {engine}, the phones say {phones}"));
        }
    };
    let ledger = simulation.phones.ledger();
    let ours: Vec<_> =
        ledger.iter().filter(|e| e.template.as_deref() == Some(&simulation.template.name)).collect();
    same("accepted", p.sent, ours.len());
    same("delivered", p.delivered, ours.iter().filter(|e| e.delivered_at.is_some()).count());
    same("read", p.read, ours.iter().filter(|e| e.read_at.is_some()).count());
    same("failed", p.failed, ours.iter().filter(|e| e.failed_at.is_some()).count());
    let parts = p.waiting + p.sending + p.sent + p.refused + p.denied + p.dropped + p.in_doubt + p.unresolved;
    if p.planned != parts {
        faults.push(format!("planned are {}, and the parts are {parts}", p.planned));
    }
    if p.in_doubt + p.unresolved > 0 {
        faults.push(format!("{} messages are in doubt", p.in_doubt + p.unresolved));
    }
    let mut copies: HashMap<&str, usize> = HashMap::new();
    for entry in &ours {
        *copies.entry(&entry.to).or_default() += 1;
    }
    let twice = copies.values().filter(|n| **n > 1).count();
    if twice > 0 {
        faults.push(format!("{twice} phones have more than one copy"));
    }
    let wrong =
        left_out_numbers(simulation, p).await?.iter().filter(|n| copies.contains_key(n.as_str())).count();
    if wrong > 0 {
        faults.push(format!("{wrong} people were left out and have a copy"));
    }
    Ok(faults)
}

/// The numbers of everybody who was left out, in digits.
async fn left_out_numbers(simulation: &Simulation, p: &CampaignProgress) -> Result<Vec<String>> {
    let engine = &simulation.engine;
    let mut numbers = HashMap::new();
    let mut after = None;
    loop {
        let page = engine.contacts().list(after, 1000).await?;
        for contact in page.contacts {
            if let Some(phone) = contact.phone {
                numbers.insert(contact.id, phone.trim_start_matches('+').to_owned());
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut out = Vec::new();
    loop {
        let page = engine.campaigns().left_out(p.id.clone(), after, 1000).await?;
        out.extend(page.people.iter().filter_map(|l| numbers.remove(&l.person)));
        after = page.next;
        if after.is_none() {
            return Ok(out);
        }
    }
}
