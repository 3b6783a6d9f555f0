//! A webhook that does not fit holds no other one up.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use conek_core::{
    Engine, Ports, Recipient, Result, Storage,
    storage::{Batch, Claim, Committed, Key, Page, Query, Record, Verification, Write},
};
use conek_tests::{APP_SECRET, NUMBER, World, phone, signed};
use serde_json::json;

/// A storage in which the first stored webhook can never be marked as applied.
#[derive(Debug)]
struct Stubborn {
    inner: Arc<dyn Storage>,
    first: Mutex<Option<String>>,
}

#[async_trait]
impl Storage for Stubborn {
    async fn commit(&self, batches: Vec<Batch>) -> Result<Vec<Committed>> {
        for write in batches.iter().flat_map(|b| &b.writes) {
            let mut first = self.first.lock().unwrap();
            match write {
                Write::Insert { record } if record.kind == "webhook" => {
                    let _ = first.get_or_insert(record.id.clone());
                }
                Write::Change { patch }
                    if Some(&patch.key.id) == first.as_ref() && patch.state == "applied" =>
                {
                    return Ok(vec![
                        Committed::Conflict { write: 0, reason: "version".into() };
                        batches.len()
                    ]);
                }
                _ => {}
            }
        }
        self.inner.commit(batches).await
    }
    async fn get(&self, keys: Vec<Key>) -> Result<Vec<Option<Record>>> {
        self.inner.get(keys).await
    }
    async fn find(&self, query: Query) -> Result<Page> {
        self.inner.find(query).await
    }
    async fn count(&self, query: Query) -> Result<i64> {
        self.inner.count(query).await
    }
    async fn claim(&self, work: Claim) -> Result<Vec<Record>> {
        self.inner.claim(work).await
    }
    async fn backup(&self, to: String) -> Result<()> {
        self.inner.backup(to).await
    }
    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
    async fn verify(&self) -> Result<Verification> {
        self.inner.verify().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_cannot_be_applied_does_not_keep_anybody_elses_stop_from_counting() {
    let world = World::new(|_| {}).await;
    let inner = world.storage().await;
    let storage = Arc::new(Stubborn { inner, first: Mutex::default() });
    let engine =
        Engine::open(world.config(), Ports { storage: Some(storage), ..world.ports() }).await.unwrap();
    for n in 0..5 {
        let from = phone(n);
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages",
            "value": {"metadata": {"phone_number_id": NUMBER}, "messages": [{"from": from.trim_start_matches('+'),
                "id": format!("wamid.{n}"), "timestamp": "1795676400", "type": "text", "text": {"body": "STOP"}}]}}]}]});
        let answer =
            engine.inbound().handle_http(signed(body.to_string().as_bytes(), APP_SECRET)).await.unwrap();
        assert_eq!(answer.status, 200);
    }
    engine.settle(20_000).await.unwrap();
    for n in 1..5 {
        assert!(
            engine.consent().is_suppressed(Recipient::Phone { number: phone(n) }).await.unwrap(),
            "person {n}"
        );
    }
    assert_eq!(engine.status().await.unwrap().webhooks, 1, "it is kept and tried again");
}
