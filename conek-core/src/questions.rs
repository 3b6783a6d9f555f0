//! Questions that need no store and no engine: pure functions, the same in every language, for what-if
//! questions and for a host's own tests.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    consent::{
        NoticeContents, NoticeReport, TrackingChoices, contents, tracking,
        words::{self, Intent, ReplyContext},
    },
    incidents::{BreachAudience, BreachChannel, BreachContent, BreachDeadline, BreachFacts, ChannelVerdict},
    messaging::{Content, Template, fits},
    policy::{
        Authority, Decision, Facts, LawfulPair, LegalBasis, MessageClass, ProcessingPurpose, Regime, RuleSet,
        SharingDecision, SharingFacts, TransferDecision, TransferFacts, calendar, sharing, transfers,
    },
    retention::{RetentionDue, RetentionFacts, RetentionRules, Statistics, StatisticsCell},
    rights::{RequestDeadlines, RightKind},
    transport::whatsapp::validate,
    values::{
        error::{Error, Result},
        phone::Phone,
        time::Timestamp,
    },
};

/// A word that counts as a whole message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyWord {
    /// Lower case, without accents, spaces and punctuation: however it is typed, it is read so.
    pub text: String,
    /// The language (ISO 639) that the person or the account must have; `None` counts in any. From
    /// anybody else the word is a question.
    pub language: Option<String>,
    /// What it means.
    pub intent: Intent,
    /// Where it is from.
    pub source: String,
    /// The native speaker who confirmed it; `None` while nobody has.
    pub reviewed_by: Option<String>,
    /// The version of the table.
    pub version: String,
}

/// A purpose of the closed list, and what it may rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurposeRow {
    /// Its stable code, for example `comms.marketing`.
    pub code: String,
    /// How its messages are treated; `None` for what is no message.
    pub message_class: Option<MessageClass>,
    /// What it may rest on under POPIA; empty: nothing.
    pub popia: Vec<LegalBasis>,
    /// What it may rest on under GDPR; empty: nothing.
    pub gdpr: Vec<LegalBasis>,
    /// Its place in the Fides taxonomy of data uses; empty where it has none.
    pub taxonomy: String,
}

/// From which age somebody consents alone to a service offered to them online.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentAge {
    /// Years.
    pub years: i32,
    /// Where that is written.
    pub provision: String,
    /// Since when, `YYYY-MM-DD`.
    pub since: String,
}

/// A public holiday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// What it is called.
    pub title: String,
    /// Whether it was declared for this year alone (Public Holidays Act s2A).
    pub declared: bool,
}

/// What the gate would say of these facts at this moment. Whatever the facts leave out means none, or
/// unknown; and unknown never allows.
///
/// ```
/// use conek_core::{policy::{Decision, Facts}, questions::decide};
/// let decision = decide(Facts::default(), "2026-11-27T09:00:00Z".parse().unwrap());
/// assert!(matches!(decision, Decision::Deny { .. }));
/// ```
pub fn decide(facts: Facts, at: Timestamp) -> Decision {
    crate::policy::decide(&facts, at)
}

/// What a person's message says about being written to, read against what is known of the conversation.
///
/// ```
/// use conek_core::{consent::words::{Intent, ReplyContext}, questions::classify_reply};
/// let of = |text: &str| classify_reply(text.into(), ReplyContext::default());
/// assert_eq!(of("Please stop these messages"), Intent::OptOut);
/// assert_eq!(of("don't stop"), Intent::Nothing);
/// assert_eq!(of("sotp"), Intent::Clarify);
/// ```
pub fn classify_reply(text: String, context: ReplyContext) -> Intent {
    words::read_reply(&text, &context)
}

/// Whether WhatsApp takes a content, as far as that can be known without asking it; with a template's definition, also
/// whether its values fit that. The same is asked of every message before it is queued.
///
/// ```
/// use conek_core::{Content, messaging::{Template, TemplateCategory}, questions::check_content};
/// assert!(check_content(Content::Text { body: "é".repeat(4_097), preview_url: false }, None).is_err());
/// let template = Template::new("order_sent", "en", TemplateCategory::Utility, "Order {{1}} is on its way.");
/// let content = Content::template("order_sent", "en").unwrap();
/// assert!(check_content(content.clone(), Some(template.clone())).is_err());
/// assert!(check_content(content.with_values(["4711"]).unwrap(), Some(template)).is_ok());
/// ```
///
/// # Errors
/// `invalid_input`, with the name of the field.
pub fn check_content(content: Content, template: Option<Template>) -> Result<()> {
    validate(&content)?;
    template.map_or(Ok(()), |template| fits::check(&template, &content))
}

/// Whether a privacy notice says all that the law demands (POPIA s18(1), GDPR 13 and 14), and what is missing.
///
/// ```
/// use conek_core::{consent::NoticeContents, questions::validate_notice};
/// let report = validate_notice(NoticeContents::default());
/// assert!(!report.complete);
/// assert!(report.missing.iter().any(|m| m.field == "retention" && m.provision == "GDPR art 13(2)(a)"));
/// ```
pub fn validate_notice(notice: NoticeContents) -> NoticeReport {
    contents::validate(&notice)
}

/// The signals of Google's Consent Mode for a visitor's choices: `granted` or `denied` by name. What is essential
/// is granted always.
///
/// ```
/// use conek_core::{consent::TrackingChoices, questions::consent_mode};
/// let mode = consent_mode(TrackingChoices { analytics: true, ..TrackingChoices::default() });
/// assert_eq!((mode["analytics_storage"].as_str(), mode["ad_storage"].as_str()), ("granted", "denied"));
/// ```
pub fn consent_mode(choices: TrackingChoices) -> BTreeMap<String, String> {
    tracking::consent_mode(choices)
}

/// The words that count as whole messages, with where they are from and who reviewed them.
///
/// ```
/// use conek_core::questions::reply_words;
/// assert!(reply_words().iter().any(|w| w.text == "misa" && w.language.as_deref() == Some("zu")));
/// ```
pub fn reply_words() -> Vec<ReplyWord> {
    let entry = |w: &words::Word| ReplyWord {
        text: w.text.to_owned(),
        language: w.language.map(str::to_owned),
        intent: w.intent,
        source: w.source.to_owned(),
        reviewed_by: w.reviewed_by.map(str::to_owned),
        version: words::WORDS_VERSION.to_owned(),
    };
    words::WORDS.iter().chain(words::TIER_B).map(entry).collect()
}

/// Whether personal data may go to another country (POPIA s72, GDPR 44 to 49), at a moment: mechanisms come and
/// go.
///
/// ```
/// use conek_core::{policy::{TransferDecision, TransferFacts, TransferMechanism}, questions::transfer_allowed};
/// let facts = TransferFacts {
///     exporter: Some("DE".into()),
///     importer: Some("US".into()),
///     mechanism: Some(TransferMechanism::PrivacyShield),
///     recipient_covered: true,
///     ..TransferFacts::default()
/// };
/// let then = transfer_allowed(facts.clone(), "2020-07-15T00:00:00Z".parse().unwrap());
/// assert!(matches!(then, TransferDecision::Allow { .. }));
/// let now = transfer_allowed(facts, "2020-07-16T00:00:00Z".parse().unwrap());
/// assert!(matches!(now, TransferDecision::Deny { .. }));
/// ```
pub fn transfer_allowed(facts: TransferFacts, at: Timestamp) -> TransferDecision {
    transfers::decide(&facts, at)
}

/// Whether personal data may be handed to somebody. A sale and a competitor are denied whatever the facts say.
///
/// ```
/// use conek_core::{policy::{RecipientClass, SharingDecision, SharingFacts}, questions::sharing_allowed};
/// let facts = SharingFacts {
///     recipient: RecipientClass::ServiceProvider,
///     purpose: Some("service.operate".into()),
///     contract: Some("contract 12 of 2026".into()),
///     ..SharingFacts::default()
/// };
/// assert!(matches!(sharing_allowed(facts.clone()), SharingDecision::Allow { .. }));
/// let sale = SharingFacts { for_value: true, consented: true, explicitly: true, ..facts };
/// assert!(matches!(sharing_allowed(sale), SharingDecision::Deny { .. }));
/// ```
pub fn sharing_allowed(facts: SharingFacts) -> SharingDecision {
    sharing::decide(&facts)
}

/// The closed list of purposes with what each may rest on.
///
/// ```
/// use conek_core::{policy::LegalBasis, questions::purposes};
/// let rows = purposes();
/// let marketing = rows.iter().find(|p| p.code == "comms.marketing").unwrap();
/// assert_eq!(marketing.popia, [LegalBasis::Consent, LegalBasis::CustomerException]);
/// ```
pub fn purposes() -> Vec<PurposeRow> {
    ProcessingPurpose::ALL
        .iter()
        .map(|p| PurposeRow {
            code: p.code().to_owned(),
            message_class: p.message_class(),
            popia: p.bases(Regime::Popia),
            gdpr: p.bases(Regime::Gdpr),
            taxonomy: p.taxonomy().to_owned(),
        })
        .collect()
}

/// The provision on which a purpose rests with a basis, or why it cannot.
///
/// ```
/// use conek_core::{policy::{LegalBasis, Regime}, questions::check_basis};
/// let on = |basis| check_basis("comms.marketing".into(), basis, Regime::Popia);
/// assert_eq!(on(LegalBasis::CustomerException).unwrap(), "POPIA s69(3)");
/// assert!(on(LegalBasis::LegitimateInterest).is_err());
/// ```
///
/// # Errors
/// `invalid_input` for a code that is none, and for a pair that is unlawful; it names the lawful ones.
pub fn check_basis(purpose: String, basis: LegalBasis, regime: Regime) -> Result<String> {
    let purpose = ProcessingPurpose::of(&purpose)
        .ok_or_else(|| Error::invalid("purpose", "is none of the closed list; see purposes()"))?;
    Ok(LawfulPair::new(purpose, basis, regime)?.provision().to_owned())
}

/// From which age somebody consents alone to a service offered to them online (GDPR 8(1), POPIA s35(1)(a)).
/// For a country that is not known: 16.
///
/// ```
/// use conek_core::questions::consent_age;
/// assert_eq!(consent_age("FR".into()).years, 15);
/// assert_eq!(consent_age("ZA".into()).years, 18);
/// ```
pub fn consent_age(country: String) -> ConsentAge {
    let (years, provision, since) = crate::policy::digital_age(&country);
    ConsentAge { years, provision: provision.to_owned(), since: since.to_owned() }
}

/// Where people can complain (POPIA s74, GDPR 77): in one country, or in every one that is known.
///
/// ```
/// use conek_core::questions::authorities;
/// assert_eq!(authorities(Some("ZA".into()))[0].website, "https://inforegulator.org.za");
/// ```
pub fn authorities(country: Option<String>) -> Vec<Authority> {
    let mut all = crate::policy::authorities::all();
    if let Some(country) = country {
        all.retain(|a| a.country.eq_ignore_ascii_case(country.trim()));
    }
    all
}

/// The rules in force with their provisions and dates, and whether they are past their review date at `at`.
///
/// ```
/// use conek_core::questions::rules;
/// assert!(rules("2036-01-01T00:00:00Z".parse().unwrap()).stale);
/// ```
pub fn rules(at: Timestamp) -> RuleSet {
    crate::policy::rule_set(at)
}

/// The next moment, `at` or later, at which direct marketing may go to a person in South Africa who lives in
/// this IANA zone (CPA s12(2), GN R293 of 2011): no Sunday, no public holiday, Saturday 09:00 to 13:00,
/// other days 08:00 to 20:00.
///
/// ```
/// use conek_core::questions::next_open_time;
/// // Friday, Christmas Day 2026, and then a Saturday that is a holiday, and a Sunday.
/// let at = "2026-12-25T10:00:00Z".parse().unwrap();
/// let open = next_open_time(at, "Africa/Johannesburg".into(), Vec::new()).unwrap();
/// assert_eq!(open.to_rfc3339(), "2026-12-28T06:00:00+00:00");
/// ```
///
/// # Errors
/// `invalid_input` for a zone that is none, or a declared day that is no date.
pub fn next_open_time(at: Timestamp, zone: String, declared_holidays: Vec<String>) -> Result<Timestamp> {
    let zone = zone
        .parse()
        .map_err(|_| Error::invalid("zone", "is no IANA time zone; write for example Africa/Johannesburg"))?;
    Ok(calendar::next_open(at, zone, &days("declared_holidays", &declared_holidays)?))
}

/// The public holidays of South Africa in a year (Act 36 of 1994), those that were declared among them.
///
/// ```
/// use conek_core::questions::public_holidays;
/// let days = public_holidays(2026, vec!["2026-11-04".into()]).unwrap();
/// assert_eq!(days.len(), 14);
/// assert!(days.iter().any(|d| d.date == "2026-08-10" && !d.declared)); // the day before was a Sunday
/// ```
///
/// # Errors
/// `invalid_input` for a declared day that is no date.
pub fn public_holidays(year: i32, declared: Vec<String>) -> Result<Vec<Holiday>> {
    let declared = days("declared", &declared)?;
    let holiday = |(date, title): (NaiveDate, &str)| Holiday {
        declared: declared.contains(&date) && !calendar::is_holiday(date, &[]),
        date: date.to_string(),
        title: title.to_owned(),
    };
    Ok(calendar::holidays(year, &declared).into_iter().map(holiday).collect())
}

/// A phone number, written in any of the ways people write them, in E.164.
///
/// ```
/// use conek_core::questions::parse_phone;
/// assert_eq!(parse_phone("+27 (0)83 288-5137".into(), None).unwrap(), "+27832885137");
/// ```
///
/// # Errors
/// `invalid_input` for what is no phone number, or has no country code while no region is given.
pub fn parse_phone(text: String, region: Option<String>) -> Result<String> {
    Ok(Phone::parse(&text, region.as_deref())?.as_e164().to_owned())
}

/// When the answer to a data subject's request is due: by the law (GDPR 12(3) with Regulation 1182/71; POPIA and PAIA
/// with their days) and by the account's promise of 30 days, whichever comes first; with the longer time that a law
/// gives, and the alarms at 50, 80 and 100 percent. `country` gives the zone and the nationwide holidays; `holidays`
/// are days beyond those, `YYYY-MM-DD`.
///
/// ```
/// use conek_core::{policy::Regime, questions::request_deadlines, rights::RightKind};
/// let at = "2027-02-01T10:00:00Z".parse().unwrap();
/// let d = request_deadlines(RightKind::Access, Regime::Gdpr, Some("DE".into()), at, Vec::new()).unwrap();
/// assert_eq!(d.due_on, "2027-03-01"); // 30 days would be 3 March, and late
/// ```
///
/// # Errors
/// `invalid_input` for a holiday that is no date.
pub fn request_deadlines(
    right: RightKind,
    regime: Regime,
    country: Option<String>,
    received: Timestamp,
    holidays: Vec<String>,
) -> Result<RequestDeadlines> {
    let holidays = days("holidays", &holidays)?;
    Ok(crate::rights::request_deadlines(right, regime, country.as_deref(), received, &holidays))
}

/// Whom a breach of personal data must be told to, and until when (GDPR 33 and 34, POPIA s22, and the account's
/// promise of 72 hours).
///
/// ```
/// use conek_core::{incidents::BreachFacts, questions::breach_deadlines};
/// let aware_at = Some("2026-11-27T16:30:00Z".parse().unwrap());
/// let all = breach_deadlines(BreachFacts { aware_at, ..BreachFacts::default() }).unwrap();
/// assert_eq!(all[0].due_at, Some("2026-11-30T16:30:00Z".parse().unwrap()));
/// ```
///
/// # Errors
/// `invalid_input` without the moment of awareness, or for an order to wait that names nobody.
pub fn breach_deadlines(facts: BreachFacts) -> Result<Vec<BreachDeadline>> {
    crate::incidents::breach_deadlines(&facts)
}

/// What a letter about a breach has to say to whom, each with its provision (GDPR 33(3) and 34(2), POPIA s22(5)).
///
/// ```
/// use conek_core::questions::breach_contents;
/// assert!(breach_contents().iter().any(|c| c.required && c.provision.contains("33(3)(a)")));
/// ```
pub fn breach_contents() -> Vec<BreachContent> {
    crate::incidents::breach_contents()
}

/// Whether somebody counts as told by these ways, and which would count (POPIA s22(4), GDPR 34). WhatsApp comes on
/// top. `disproportionate`: whether telling each person would be a disproportionate effort (GDPR 34(3)(c)).
///
/// ```
/// use conek_core::{incidents::{BreachAudience, BreachChannel}, questions::breach_channels};
/// let verdict = breach_channels(BreachAudience::SubjectZa, vec![BreachChannel::Whatsapp], false);
/// assert!(!verdict.accepted);
/// ```
pub fn breach_channels(
    to: BreachAudience,
    channels: Vec<BreachChannel>,
    disproportionate: bool,
) -> ChannelVerdict {
    crate::incidents::accepted(to, &channels, disproportionate)
}

/// When a record is over by the retention rules, and what is done then: the latest of a law's floor and the earliest
/// date by the rules, and not before every hold has ended. Rules left out are conek's own.
///
/// ```
/// use conek_core::{questions::retention_due, retention::{RetentionClass, RetentionFacts, RetentionRules}};
/// let facts = RetentionFacts {
///     retention: Some(RetentionClass::Transaction),
///     created_at: Some("2026-11-27T10:00:00Z".parse().unwrap()),
///     ..RetentionFacts::default()
/// };
/// let due = retention_due(facts, RetentionRules::default()).unwrap();
/// assert_eq!(due.due_at, Some("2033-11-27T10:00:00Z".parse().unwrap()));
/// ```
///
/// # Errors
/// `invalid_input` without a class, or for rules that a law forbids.
pub fn retention_due(facts: RetentionFacts, rules: RetentionRules) -> Result<RetentionDue> {
    crate::retention::retention_due(&facts, &rules)
}

/// Of counts over people, those that may be kept and shown: each over at least `least_people`, and enough left out
/// beside the small ones that no total gives them away.
///
/// ```
/// use conek_core::{questions::publishable, retention::StatisticsCell};
/// let cell = |country: &str, people| StatisticsCell { country: country.into(), people, ..StatisticsCell::default() };
/// let counts = publishable(vec![cell("ZA", 500), cell("DE", 30), cell("FR", 4)], 10).unwrap();
/// assert_eq!((counts.cells.len(), counts.left_out), (1, 2));
/// ```
///
/// # Errors
/// `invalid_input` for fewer than 2 people.
pub fn publishable(cells: Vec<StatisticsCell>, least_people: i32) -> Result<Statistics> {
    crate::retention::publishable(cells, least_people)
}

pub(crate) fn days(field: &str, days: &[String]) -> Result<Vec<NaiveDate>> {
    days.iter()
        .enumerate()
        .map(|(i, day)| {
            day.parse().map_err(|_| Error::invalid(format!("{field}[{i}]"), "must be a date, YYYY-MM-DD"))
        })
        .collect()
}
