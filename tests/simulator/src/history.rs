//! The message history: what became of messages, for those who missed it.

use serde_json::{Value, json};

use crate::{ledger::Status, world::World};

impl World {
    /// The message history of a number: what became of one message, or of all of them, page by page.
    pub(crate) fn history(
        &self,
        number: usize,
        wamid: Option<&str>,
        after: Option<&str>,
        limit: usize,
        here: &str,
    ) -> Value {
        let node = |at: u32| {
            let entry = &self.ledger.all[at as usize];
            let events: Vec<Value> = [Status::Sent, Status::Delivered, Status::Read, Status::Failed]
                .into_iter()
                .filter_map(|status| {
                    let told = if entry.told & (1 << (status as u8)) == 0 { "PENDING" } else { "DELIVERED" };
                    Some(json!({
                        "id": format!("{}", 500_000_000_000_000 + u64::from(at) * 4 + status as u64),
                        "delivery_status": status.name().to_uppercase(),
                        "timestamp": entry.when(status)? / 1_000,
                        "webhook_update_state": told,
                    }))
                })
                .collect();
            json!({"id": format!("{}", 400_000_000_000_000 + u64::from(at)), "message_id": entry.wamid, "events": {"data": events}})
        };
        if let Some(wamid) = wamid {
            let found = self.ledger.find(wamid).filter(|at| self.ledger.all[*at as usize].number == number);
            return json!({"data": found.map(node).into_iter().collect::<Vec<_>>()});
        }
        let from: u32 = after.and_then(|a| a.parse().ok()).unwrap_or(0);
        let places: Vec<u32> = (from..self.ledger.all.len() as u32)
            .filter(|at| self.ledger.all[*at as usize].number == number)
            .take(limit)
            .collect();
        let next = places.last().map_or(from, |at| at + 1);
        let mut body = json!({
            "data": places.iter().map(|at| node(*at)).collect::<Vec<_>>(),
            "paging": {"cursors": {"before": from.to_string(), "after": next.to_string()}},
        });
        if (next as usize) < self.ledger.all.len() {
            body["paging"]["next"] = format!("{here}?limit={limit}&after={next}").into();
        }
        body
    }
}
