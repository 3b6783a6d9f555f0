//! Asking the gate.

use super::{
    AccountSettings, Assessment, Cleansing, CleansingReport, Decision, Explanation, Loosening, PolicyCase,
    RuleSet, SettingChange, Tightening, gate, rule_set,
};
use crate::{
    audit::Scope,
    messaging::{
        Draft,
        row::{Attempt, Row},
    },
    storage::{Record, Write},
    values::{
        error::{Error, Result},
        ids::MessageId,
    },
};

/// The gate, for questions.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) engine: crate::engine::Session,
}

impl Policy {
    /// What the gate would say about a message now, with every reason and its provision. Nothing is
    /// queued.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// use conek_core::{Content, Draft, Purpose, Recipient};
    /// let why = engine.policy().check(Draft {
    ///     to: Recipient::Person { id: person },
    ///     content: Content::Text { body: "Hello".into(), preview_url: false },
    ///     purpose: Purpose::Marketing,
    ///     sender: None, reply_to: None, identity_hash: None, not_before: None, expires_at: None, dedupe_key: None, goods: None,
    /// }).await?;
    /// assert_eq!(why.decision.reasons()[0].code, "NO_CONSENT");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a draft that could never be sent; `not_found` for an unknown contact id.
    pub async fn check(&self, draft: Draft) -> Result<Explanation> {
        self.engine.admit("policy.check", Scope::MessagesSend, None)?;
        self.engine.explain_draft(draft).await
    }

    /// Why a message was sent, waits, or was not sent, from the facts stored with the decision.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// # conek_core::doctest::template(&engine).await?;
    /// # let offer = conek_core::doctest::offer(&person);
    /// let sent = engine.messages().send(offer).await?;
    /// let why = engine.policy().explain(sent.id).await?;
    /// assert!(why.text.contains("the person consented (POPIA s11(1)(a)") || why.text.contains("GN R293"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for an unknown message; `key` when the person was erased and the facts with them.
    pub async fn explain(&self, message: MessageId) -> Result<Explanation> {
        self.engine.admit("policy.explain", Scope::MessagesRead, None)?;
        let record = self
            .engine
            .get("message", message.as_str())
            .await?
            .ok_or_else(|| Error::not_found("message", message.as_str()))?;
        let row = Row::read(record)?;
        self.engine.load_keys(std::iter::once(row.person())).await?;
        let attempts = row.attempt_ids().into_iter().map(|id| self.engine.key("attempt", id)).collect();
        // The latest attempt's facts are those that its intent rested on.
        if let Some(record) = self.engine.storage.get(attempts).await?.into_iter().flatten().next_back() {
            let attempt = Attempt::read(&self.engine, &record)?;
            if let (Some(facts), Some(decision)) = (attempt.sealed.facts, attempt.sealed.decision) {
                let at = attempt.clear.intent_at;
                let explained =
                    gate::explanation(decision, PolicyCase { at, facts }, attempt.clear.rule_set, at)?;
                return Ok(Explanation { dispatched_at: attempt.clear.dispatched_at, ..explained });
            }
        }
        let body = row.body(&self.engine)?;
        let at = row.clear.created_at;
        if let Some((case, rule_set)) = body.as_ref().and_then(|b| b.case.clone().zip(b.rule_set.clone())) {
            return gate::explanation(row.clear.decision.clone(), case, rule_set, at);
        }
        // Waiting, and not decided about for the last time: what would be decided now.
        let (person, _) = self.engine.person(&row.person().into()).await?;
        let content = body.and_then(|b| b.content);
        let template = content.and_then(|c| self.engine.template_of(&c).ok().flatten());
        let facts = self.engine.facts(&person, Some(&row.record.id), &row.clear, template.as_deref(), at);
        gate::explanation(
            row.clear.decision.clone(),
            PolicyCase { at, facts },
            self.engine.gate.rule_set(),
            at,
        )
    }

    /// Decides once more from the facts stored with a message's latest attempt, by the rules of this
    /// version: the same rules give the same answer, years later.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// # conek_core::doctest::template(&engine).await?;
    /// # let offer = conek_core::doctest::offer(&person);
    /// let sent = engine.messages().send(offer).await?;
    /// engine.settle(0).await?;
    /// let then = engine.policy().explain(sent.id.clone()).await?.decision;
    /// assert_eq!(engine.policy().replay(sent.id).await?, then);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found` for an unknown message, or one that no attempt was made for.
    pub async fn replay(&self, message: MessageId) -> Result<Decision> {
        self.engine.admit("policy.replay", Scope::MessagesRead, None)?;
        let explained = self.explain(message).await?;
        self.engine
            .gate
            .decide(&[PolicyCase { at: explained.at, facts: explained.facts }])
            .await
            .pop()
            .ok_or_else(|| Error::internal("the gate gave no decision"))
    }

    /// The rules in force, each with its provision and dates, and whether they are past their review date.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.policy().rules().await?.rules.iter().any(|r| r.code == "SUPPRESSED"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// None.
    pub async fn rules(&self) -> Result<RuleSet> {
        Ok(rule_set(self.engine.clock.now()))
    }

    /// Makes the gate stricter than the law. It holds from the next decision on, also for what waits.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::policy::Tightening;
    /// engine.policy().tighten(Tightening::ConsentOnly {}, String::new()).await?;
    /// assert_eq!(engine.policy().settings().await?.tightened, [Tightening::ConsentOnly {}]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for an age below 18, hours that are none, or an unknown zone.
    pub async fn tighten(&self, tightening: Tightening, reason: String) -> Result<SettingChange> {
        self.engine.admit("policy.tighten", Scope::AccountAdmin, None)?;
        self.engine.change_setting(Some(tightening), None, false, reason).await
    }

    /// Takes a tightening back; needs the reason, because it makes the gate less strict.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::policy::Tightening;
    /// engine.policy().tighten(Tightening::ConsentOnly {}, String::new()).await?;
    /// engine.policy().relax(Tightening::ConsentOnly {}, "counsel's advice of 3 May".into()).await?;
    /// assert!(engine.policy().settings().await?.tightened.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without a reason.
    pub async fn relax(&self, tightening: Tightening, reason: String) -> Result<SettingChange> {
        self.engine.admit("policy.relax", Scope::AccountAdmin, None)?;
        self.engine.change_setting(Some(tightening), None, true, reason).await
    }

    /// Takes a less strict reading on the account where the law is open or conek has no rules. It is
    /// recorded with its reason, and stands in the facts of each decision. What the law settles cannot be loosened.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::policy::Loosening;
    /// let reading = Loosening::Country { country: "NA".into() };
    /// assert!(engine.policy().loosen(reading.clone(), String::new()).await.is_err()); // without a reason
    /// engine.policy().loosen(reading, "counsel's advice of 3 May".into()).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` without a reason, for an age below 13, or for what is no country.
    pub async fn loosen(&self, loosening: Loosening, reason: String) -> Result<SettingChange> {
        self.engine.admit("policy.loosen", Scope::AccountAdmin, None)?;
        self.engine.change_setting(None, Some(loosening), false, reason).await
    }

    /// Takes a loosening back.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::policy::Loosening;
    /// engine.policy().loosen(Loosening::ConsentOverRegistry {}, "counsel's advice".into()).await?;
    /// engine.policy().restore(Loosening::ConsentOverRegistry {}, String::new()).await?;
    /// assert!(engine.policy().settings().await?.loosened.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn restore(&self, loosening: Loosening, reason: String) -> Result<SettingChange> {
        self.engine.admit("policy.restore", Scope::AccountAdmin, None)?;
        self.engine.change_setting(None, Some(loosening), true, reason).await
    }

    /// What the account has made stricter and less strict, as it stands.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// assert!(engine.policy().settings().await?.loosened.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// None.
    pub async fn settings(&self) -> Result<AccountSettings> {
        Ok(self.engine.settings.view())
    }

    /// Every change of the settings with its reason, the oldest first.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # use conek_core::policy::Tightening;
    /// engine.policy().tighten(Tightening::DoubleOptIn {}, "campaign of May".into()).await?;
    /// assert_eq!(engine.policy().changes().await?[0].reason, "campaign of May");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn changes(&self) -> Result<Vec<SettingChange>> {
        self.engine.setting_changes().await
    }

    /// Records a legitimate-interest assessment. Without one, nothing rests on a legitimate interest.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::policy::Assessment;
    /// engine.policy().assess(Assessment {
    ///     purpose: "comms.feedback".into(),
    ///     necessity: "we learn of failed deliveries in no other way".into(),
    ///     balance: "one question after an order, and no second one".into(),
    ///     opt_out: "STOP, or the preference page".into(),
    ///     assessed_at: "2026-11-01T00:00:00Z".parse().unwrap(),
    ///     review_by: None,
    /// }).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for an assessment with an empty part.
    pub async fn assess(&self, assessment: Assessment) -> Result<()> {
        self.engine.admit("policy.assess", Scope::AccountAdmin, None)?;
        self.engine.assess(assessment).await
    }

    /// Records a comparison of the contacts with the national opt-out registry (CPA regulation 4). From then
    /// on direct marketing in South Africa needs one from within the last month, and a block stands against it.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::consenting(&engine, "+27 83 288 5137").await?;
    /// use conek_core::policy::Cleansing;
    /// let report = engine.policy().record_cleansing(Cleansing {
    ///     at: None,
    ///     list_version: "2026-11".into(),
    ///     marketer_registered: Some(true),
    ///     blocked: vec!["083 288 5137".into(), "not a number".into()],
    /// }).await?;
    /// assert_eq!((report.blocked, report.unreadable), (1, vec![2]));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a moment in the future or a list without a name.
    pub async fn record_cleansing(&self, cleansing: Cleansing) -> Result<CleansingReport> {
        self.engine.admit("policy.record_cleansing", Scope::AccountAdmin, None)?;
        self.engine.cleanse(cleansing).await
    }

    /// Declares a day a public holiday in South Africa, as the President may (Public Holidays Act
    /// s2A), for example an election day. `YYYY-MM-DD`; declaring it again changes nothing.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.policy().declare_holiday("2026-11-04".into()).await?;
    /// assert!(engine.policy().declare_holiday("4 November".into()).await.is_err());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for anything but a date.
    pub async fn declare_holiday(&self, day: String) -> Result<()> {
        self.engine.admit("policy.declare_holiday", Scope::AccountAdmin, None)?;
        let date: chrono::NaiveDate =
            day.trim().parse().map_err(|_| Error::invalid("day", "must be a date, YYYY-MM-DD"))?;
        let mut record = Record::new(&self.engine.account, "holiday", date.to_string());
        record.retention = "account".to_owned();
        self.engine.commit_all(vec![Write::Put { record }], "holiday").await?;
        self.engine.add_holiday(date.to_string());
        Ok(())
    }
}
