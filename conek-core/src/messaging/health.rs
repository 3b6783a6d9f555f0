//! How the senders stand with WhatsApp: what it says of numbers and account, by webhook or when asked, and what follows
//! from it for what may leave. Kept in the store, so that a stop outlives a restart; looked at in memory.

mod brake;
mod recipients;

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock, RwLockReadGuard},
};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

pub(crate) use brake::{Brake, SENDER_STOPPED};
pub(crate) use recipients::Recipients;

use super::lane::Lane;
use crate::{
    engine::Inner,
    messaging::Purpose,
    policy::{Facts, Reason, rules::SERVICE_WINDOW},
    storage::{Record, Write},
    transport::{AccountEvent, AccountRestriction, NumberEvent},
    values::{
        error::{Error, Result},
        ids::PersonId,
        phone::digits,
        time::Timestamp,
    },
};

/// Meta: messages a second, in and out together, of a number whose throughput was raised.
const HIGH_PER_SECOND: i32 = 1000;
const KIND: &str = "store";
const ID: &str = "health";

/// What WhatsApp said last of a number.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct KnownNumber {
    /// As people see it, in digits.
    pub(crate) display: Option<String>,
    pub(crate) quality: Option<String>,
    pub(crate) throughput: Option<String>,
    pub(crate) status: Option<String>,
    /// Whether a webhook flagged it and none has taken that back.
    pub(crate) flagged: bool,
    flagged_at: Timestamp,
    throughput_at: Timestamp,
}

/// What WhatsApp said last of numbers and account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Known {
    pub(crate) numbers: BTreeMap<String, KnownNumber>,
    /// The portfolio's messaging limit in WhatsApp's words.
    pub(crate) limit: Option<String>,
    limit_at: Timestamp,
    /// Why nothing may leave: `DISABLE`, `DELETED`, `OFFBOARDED` or `REJECTED`.
    pub(crate) ban: Option<String>,
    ban_at: Timestamp,
    pub(crate) restrictions: Vec<AccountRestriction>,
    restricted_at: Timestamp,
    /// When WhatsApp was asked last.
    pub(crate) read_at: Option<Timestamp>,
}

/// The same in memory, with whom was written to first.
#[derive(Debug, Default)]
pub(crate) struct Health {
    known: RwLock<Known>,
    /// Held while something of it is being stored.
    storing: tokio::sync::Mutex<()>,
    /// Rings when WhatsApp should be asked.
    pub(crate) wake: Arc<Notify>,
    pub(crate) recipients: Recipients,
}

impl Health {
    /// What rings when WhatsApp should be asked.
    pub(crate) fn rung(&self) -> Arc<Notify> {
        self.wake.clone()
    }

    pub(crate) fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(|e| e.into_inner())
    }
}

/// What the API told of a number when it was asked.
pub(crate) struct ReadNumber {
    pub(crate) id: String,
    pub(crate) display: String,
    pub(crate) quality: Option<String>,
    pub(crate) throughput: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) limit: Option<String>,
}

/// How many people a limit in WhatsApp's words is; `None` for no limit, and for words that say nothing.
pub(crate) fn people_of(limit: &str) -> Option<i64> {
    let word = limit.strip_prefix("TIER_").unwrap_or(limit);
    let (digits, times) = match word.strip_suffix(['K', 'M']) {
        Some(digits) => (digits, if word.ends_with('K') { 1_000 } else { 1_000_000 }),
        None => (word, 1),
    };
    digits.parse::<i64>().ok().filter(|n| *n >= 0).and_then(|n| n.checked_mul(times))
}

/// Whether a text is a limit, or that there is none.
fn is_limit(limit: &str) -> bool {
    people_of(limit).is_some() || matches!(limit, "TIER_UNLIMITED" | "UNLIMITED" | "-1")
}

impl Known {
    fn take_limit(&mut self, limit: &str, at: Timestamp) {
        if is_limit(limit) && at >= self.limit_at {
            (self.limit, self.limit_at) = (Some(limit.to_owned()), at);
        }
    }

    fn take_ban(&mut self, ban: Option<&str>, at: Timestamp) {
        if at >= self.ban_at {
            (self.ban, self.ban_at) = (ban.map(str::to_owned), at);
        }
    }
}

impl Inner {
    /// Reads what was known, at start.
    pub(crate) async fn load_health(&self) -> Result<()> {
        if let Some(record) = self.get(KIND, ID).await? {
            let known: Known = serde_json::from_str(&record.clear)
                .map_err(|_| Error::internal("the senders' health has a shape this version does not know"))?;
            *self.health.known.write().unwrap_or_else(|e| e.into_inner()) = known;
        }
        self.load_recipients().await?;
        self.brake_lanes();
        Ok(())
    }

    /// Changes what is known: stored first, then it counts.
    pub(crate) async fn change_health(&self, change: impl FnOnce(&mut Known)) -> Result<()> {
        let _storing = self.health.storing.lock().await;
        let before = self.health.known().clone();
        let mut now = before.clone();
        change(&mut now);
        if now == before {
            return Ok(());
        }
        let mut record = Record::new(&self.account, KIND, ID);
        record.retention = "account".to_owned();
        record.clear =
            serde_json::to_string(&now).map_err(|_| Error::internal("encoding the senders' health"))?;
        self.commit_all(vec![Write::Put { record }], KIND).await?;
        *self.health.known.write().unwrap_or_else(|e| e.into_inner()) = now;
        self.brake_lanes();
        self.changed();
        Ok(())
    }

    /// Brings every lane's speed and brake in line with what is known.
    fn brake_lanes(&self) {
        let known = self.health.known();
        let fallback = KnownNumber::default();
        for lane in self.lanes() {
            let number = known.numbers.get(&lane.sender).unwrap_or(&fallback);
            let brake = Brake::of(&known, number);
            let was = lane.brake();
            if (brake.stopped && !was.stopped) || (brake.marketing && !was.marketing) {
                tracing::warn!(number = %lane.sender, all = brake.stopped, "WhatsApp is against a number: it waits");
            }
            lane.set_rate(brake.rate(self.base_rate(&lane.sender, number)));
            lane.set_brake(brake);
            lane.wake.notify_one();
        }
    }

    /// The number's speed while nothing is against it: what the host says comes first.
    fn base_rate(&self, sender: &str, number: &KnownNumber) -> i32 {
        let raised = number.throughput.as_deref() == Some("HIGH");
        let set = self.numbers.iter().find(|n| n.id == sender).and_then(|n| n.per_second);
        set.unwrap_or(if raised { HIGH_PER_SECOND } else { crate::engine::DEFAULT_PER_SECOND })
    }

    /// The number that an update is about, by its id or as people see it.
    fn number_of(&self, id: Option<&str>, display: Option<&str>) -> Option<String> {
        if let Some(id) = id {
            return Some(id.to_owned());
        }
        let display = digits(display?);
        let known = self.health.known();
        let same = |n: &KnownNumber| n.display.as_deref().is_some_and(|d| digits(d) == display);
        known.numbers.iter().find(|(_, n)| same(n)).map(|(id, _)| id.clone())
    }

    /// A webhook told something of a number. Says which one it is, where that is known.
    pub(crate) async fn number_told(
        &self,
        id: Option<&str>,
        display: Option<&str>,
        at: Timestamp,
        event: &NumberEvent,
    ) -> Result<Option<String>> {
        let sure = self.number_of(id, display);
        if let (Some(id), Some(display)) = (&sure, display)
            && self.lane(id).is_some()
        {
            self.change_health(|known| {
                known.numbers.entry(id.clone()).or_default().display = Some(digits(display));
            })
            .await?;
        }
        let NumberEvent::Quality { event, limit, .. } = event else { return Ok(sure) };
        // What slows down counts for every number that it may be about; what lets go only for the one it is about.
        let maybe: Vec<String> = match &sure {
            Some(id) => vec![id.clone()],
            None => {
                let known = self.health.known();
                let unnamed = |id: &&String| known.numbers.get(*id).is_none_or(|n| n.display.is_none());
                self.lanes().iter().map(|l| &l.sender).filter(unnamed).cloned().collect()
            }
        };
        let only = match (&sure, self.lanes()) {
            (Some(id), _) => Some(id.clone()),
            (None, [lane]) => maybe.iter().find(|id| **id == lane.sender).cloned(),
            _ => None,
        };
        let known_here = |id: &&String| self.lane(id).is_some();
        self.change_health(|known| {
            match event.as_str() {
                "FLAGGED" => {
                    for id in maybe.iter().filter(known_here) {
                        let number = known.numbers.entry(id.clone()).or_default();
                        if at >= number.flagged_at {
                            (number.flagged, number.flagged_at) = (true, at);
                        }
                    }
                }
                "UNFLAGGED" => {
                    for id in only.iter().filter(known_here) {
                        let number = known.numbers.entry(id.clone()).or_default();
                        if at >= number.flagged_at {
                            (number.flagged, number.flagged_at) = (false, at);
                        }
                    }
                }
                "THROUGHPUT_UPGRADE" => {
                    for id in only.iter().filter(known_here) {
                        let number = known.numbers.entry(id.clone()).or_default();
                        if at >= number.throughput_at {
                            (number.throughput, number.throughput_at) = (Some("HIGH".to_owned()), at);
                        }
                    }
                }
                _ => {}
            }
            // Beside a throughput the "limit" is that throughput.
            if let Some(limit) = limit
                && !matches!(event.as_str(), "THROUGHPUT_UPGRADE" | "ONBOARDING")
            {
                known.take_limit(limit, at);
            }
        })
        .await?;
        // The webhook tells that something changed; how the number stands, only the API does.
        self.health.wake.notify_one();
        Ok(sure)
    }

    /// A webhook told something of the account.
    pub(crate) async fn account_told(
        &self,
        account: Option<&str>,
        display: Option<&str>,
        at: Timestamp,
        event: &AccountEvent,
    ) -> Result<()> {
        // An app may be told of several accounts.
        if let (Some(told), Some(own)) = (account, self.business_account.as_deref())
            && told != own
        {
            return Ok(());
        }
        let asks = !matches!(
            event,
            AccountEvent::Other { .. }
                | AccountEvent::Solution { .. }
                | AccountEvent::PaymentConfiguration { .. }
        );
        self.change_health(|known| match event {
            AccountEvent::Banned { state, .. } => match state.as_str() {
                "DISABLE" => known.take_ban(Some("DISABLE"), at),
                "REINSTATE" => known.take_ban(None, at),
                _ => {}
            },
            AccountEvent::Deleted {} => known.take_ban(Some("DELETED"), at),
            AccountEvent::Offboarded {} => known.take_ban(Some("OFFBOARDED"), at),
            AccountEvent::Reconnected {} => known.take_ban(None, at),
            AccountEvent::Reviewed { decision } if decision == "REJECTED" => {
                known.take_ban(Some("REJECTED"), at);
            }
            AccountEvent::Reviewed { decision }
                if decision == "APPROVED" && known.ban.as_deref() == Some("REJECTED") =>
            {
                known.take_ban(None, at);
            }
            // What concerns one number alone is about its calls.
            AccountEvent::Restricted { restrictions } if display.is_none() && at >= known.restricted_at => {
                (known.restrictions, known.restricted_at) = (restrictions.clone(), at);
            }
            AccountEvent::Capability { messaging_limit: Some(limit), .. } => known.take_limit(limit, at),
            _ => {}
        })
        .await?;
        if asks {
            self.health.wake.notify_one();
        }
        Ok(())
    }

    /// The API told how numbers stand: that counts, whatever webhooks said before.
    pub(crate) async fn numbers_read(&self, read: Vec<ReadNumber>, at: Timestamp) -> Result<()> {
        self.change_health(|known| {
            let mut smallest: Option<String> = None;
            for told in read {
                let number = known.numbers.entry(told.id).or_default();
                number.display = Some(digits(&told.display)).filter(|d| !d.is_empty());
                let good =
                    told.quality.as_deref() == Some("GREEN") && told.status.as_deref() != Some("FLAGGED");
                (number.quality, number.status) = (told.quality, told.status);
                if told.throughput.is_some() {
                    (number.throughput, number.throughput_at) = (told.throughput, at);
                }
                if good {
                    (number.flagged, number.flagged_at) = (false, at);
                }
                // Numbers of one portfolio tell the same; of several the strictest holds.
                smallest = match (smallest, told.limit.filter(|l| is_limit(l))) {
                    (Some(a), Some(b)) => {
                        let size = |l: &String| people_of(l).unwrap_or(i64::MAX);
                        Some(if size(&b) < size(&a) { b } else { a })
                    }
                    (a, b) => a.or(b),
                };
            }
            if let Some(limit) = smallest {
                known.take_limit(&limit, at);
            }
            known.read_at = Some(at);
        })
        .await
    }

    /// The host lets everything go on: what webhooks held against the senders is taken back.
    pub(crate) async fn lift_health(&self) -> Result<()> {
        let now = self.clock.now();
        self.change_health(|known| {
            if known.ban.is_some() {
                (known.ban, known.ban_at) = (None, now);
            }
            if !known.restrictions.is_empty() {
                (known.restrictions, known.restricted_at) = (Vec::new(), now);
            }
            for number in known.numbers.values_mut().filter(|n| n.flagged) {
                (number.flagged, number.flagged_at) = (false, now);
            }
        })
        .await
    }

    /// How many people may be written to first within 24 hours; `None` for no limit, and where none is known.
    pub(crate) fn people_limit(&self) -> Option<i64> {
        self.health.known().limit.as_deref().and_then(people_of)
    }

    /// Whether a message that the gate allows may leave by this number now; otherwise why not and when to look again.
    pub(crate) fn sender_allows(
        &self,
        lane: &Lane,
        person: &PersonId,
        facts: &Facts,
        limit: Option<i64>,
        now: Timestamp,
    ) -> Result<(), (Reason, Timestamp)> {
        let outside = facts.person.last_inbound_at.is_none_or(|at| now - at > SERVICE_WINDOW);
        let marketing = facts.message.purpose.is_direct_marketing()
            || facts.message.template.as_ref().is_some_and(|t| t.category == "marketing");
        // What the law makes the account say is no offer, whatever WhatsApp calls its template.
        let marketing = marketing && facts.message.purpose != Purpose::LegalNotice;
        if let Some(against) = lane.brake().against(marketing, outside, now) {
            return Err(against);
        }
        match outside {
            true => self.health.recipients.admit(person.as_str(), limit, now),
            false => Ok(()),
        }
    }

    /// What keeps messages of a kind from leaving by a number at present.
    pub(crate) fn stops_of(&self, sender: &str, marketing: bool) -> Vec<Reason> {
        let now = self.clock.now();
        let Some(lane) = self.lane(sender) else { return Vec::new() };
        let mut stops = Vec::new();
        if lane.stopped().is_some() {
            stops.push(SENDER_STOPPED.reason());
        }
        stops.extend(lane.brake().all(marketing, now));
        stops.extend(self.health.recipients.is_full(self.people_limit(), now));
        stops
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_in_every_spelling() {
        for (text, people) in [
            ("TIER_50", Some(50)),
            ("TIER_250", Some(250)),
            ("TIER_1K", Some(1_000)),
            ("TIER_2K", Some(2_000)),
            ("TIER_10K", Some(10_000)),
            ("TIER_100K", Some(100_000)),
            ("2000", Some(2_000)),
            ("TIER_UNLIMITED", None),
            ("-1", None),
            ("TIER_NOT_SET", None),
            ("", None),
            ("TIER_99999999999999999999K", None),
        ] {
            assert_eq!(people_of(text), people, "{text}");
        }
        assert!(is_limit("TIER_UNLIMITED") && is_limit("-1") && !is_limit("TIER_NOT_SET"));
    }

    #[test]
    fn what_was_told_later_counts_whatever_came_first() {
        let at = |s: i64| chrono::DateTime::from_timestamp(1_790_000_000 + s, 0).unwrap();
        let mut known = Known::default();
        known.take_ban(None, at(10));
        known.take_ban(Some("DISABLE"), at(5));
        assert_eq!(known.ban, None, "an older ban that came late");
        known.take_ban(Some("DISABLE"), at(20));
        assert_eq!(known.ban.as_deref(), Some("DISABLE"));
        known.take_limit("TIER_10K", at(20));
        known.take_limit("TIER_2K", at(10));
        known.take_limit("something of tomorrow", at(30));
        assert_eq!(known.limit.as_deref(), Some("TIER_10K"));
    }
}
