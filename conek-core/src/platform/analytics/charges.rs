//! Conversations and charges, counted by WhatsApp.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{AnalyticsRange, Expression, check_countries, check_words, count, moment, numbers};
use crate::{
    audit::Scope,
    platform::Platform,
    transport::call::text,
    values::{error::Result, time::Timestamp},
};

/// By what conversations are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationDimension {
    /// What they are about.
    Category,
    /// Who began.
    Direction,
    /// Whether they are charged.
    Kind,
    /// The country of the person.
    Country,
    /// The number of the business.
    Phone,
}

/// Which conversations are counted and by what they are told apart; what is left out leaves nothing out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConversationFilter {
    /// The business's numbers in E.164.
    pub phone_numbers: Vec<String>,
    /// Of `AUTHENTICATION`, `MARKETING`, `SERVICE` and `UTILITY`.
    pub categories: Vec<String>,
    /// Of `FREE_ENTRY`, `FREE_TIER` and `REGULAR`.
    pub kinds: Vec<String>,
    /// Of `BUSINESS_INITIATED`, `USER_INITIATED` and `UNKNOWN`.
    pub directions: Vec<String>,
    /// By what they are told apart. Without any there is one point for each step.
    pub dimensions: Vec<ConversationDimension>,
}

/// Conversations within a step. What they are told apart by is there where it was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationPoint {
    /// When the step begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// How many.
    pub conversations: i64,
    /// About what they cost, in the account's currency; `None` for an account that pays through a partner.
    pub cost: Option<f64>,
    /// What they are about.
    pub category: Option<String>,
    /// Who began.
    pub direction: Option<String>,
    /// Whether they are charged.
    pub kind: Option<String>,
    /// The country of the people.
    pub country: Option<String>,
    /// The number of the business, in digits.
    pub phone_number: Option<String>,
}

/// By what charges are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PricingDimension {
    /// At whose rate they are charged.
    Category,
    /// Whether they are charged.
    Kind,
    /// The country of the person.
    Country,
    /// The number of the business.
    Phone,
    /// The step of volume prices; told with category and country alone.
    Tier,
}

/// Which charges are counted and by what they are told apart; what is left out leaves nothing out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PricingFilter {
    /// The business's numbers in E.164.
    pub phone_numbers: Vec<String>,
    /// The countries of people (ISO 3166-1 alpha-2).
    pub countries: Vec<String>,
    /// Of `AUTHENTICATION`, `AUTHENTICATION_INTERNATIONAL`, `MARKETING`, `SERVICE`, `UTILITY` and others.
    pub categories: Vec<String>,
    /// Of `FREE_CUSTOMER_SERVICE`, `FREE_ENTRY_POINT` and `REGULAR`.
    pub kinds: Vec<String>,
    /// By what they are told apart. Without any there is one point for each step.
    pub dimensions: Vec<PricingDimension>,
}

/// Delivered messages within a step and what they cost. What they are told apart by is there where it was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PricingPoint {
    /// When the step begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// How many messages arrived.
    pub volume: i64,
    /// About what they cost, in the account's currency; `None` for an account that pays through a partner.
    pub cost: Option<f64>,
    /// At whose rate.
    pub category: Option<String>,
    /// Whether they are charged.
    pub kind: Option<String>,
    /// The country of the people.
    pub country: Option<String>,
    /// The number of the business, in digits.
    pub phone_number: Option<String>,
    /// The step of volume prices, from and to and both within: `0:750000`, `0:MAX`. Free messages have none.
    pub tier: Option<String>,
}

impl Platform {
    /// How many conversations there were and about what they cost, step by step (Meta: Analytics > Conversation
    /// analytics). WhatsApp charges messages one by one since July 2025: `pricing_analytics` tells that.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::{AnalyticsRange, ConversationDimension, ConversationFilter, Granularity};
    /// let end = chrono::Utc::now();
    /// let range =
    ///     AnalyticsRange { start: end - chrono::TimeDelta::days(60), end, granularity: Granularity::Month };
    /// let filter = ConversationFilter {
    ///     dimensions: vec![ConversationDimension::Category],
    ///     ..ConversationFilter::default()
    /// };
    /// let months = engine.platform().conversation_analytics(range, filter).await?;
    /// assert_eq!(months[0].category.as_deref(), Some("SERVICE"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a range without time in it, or a filter that is none; `transport`.
    pub async fn conversation_analytics(
        &self,
        range: AnalyticsRange,
        filter: ConversationFilter,
    ) -> Result<Vec<ConversationPoint>> {
        self.engine.allow("platform.conversation_analytics", Scope::AccountAdmin)?;
        check_words("categories", &filter.categories)?;
        check_words("kinds", &filter.kinds)?;
        check_words("directions", &filter.directions)?;
        let dimension = |d: &ConversationDimension| match d {
            ConversationDimension::Category => "CONVERSATION_CATEGORY",
            ConversationDimension::Direction => "CONVERSATION_DIRECTION",
            ConversationDimension::Kind => "CONVERSATION_TYPE",
            ConversationDimension::Country => "COUNTRY",
            ConversationDimension::Phone => "PHONE",
        };
        let dimensions: Vec<&str> = filter.dimensions.iter().map(dimension).collect();
        let field = "conversation_analytics";
        let asked = Expression::new(field, range, ["HALF_HOUR", "DAILY", "MONTHLY"])?
            .with("phone_numbers", &numbers(&filter.phone_numbers)?)
            .with("conversation_categories", &filter.categories)
            .with("conversation_types", &filter.kinds)
            .with("conversation_directions", &filter.directions)
            .with("dimensions", &dimensions);
        let read = |p: &Json| {
            Ok(ConversationPoint {
                start: moment(p, "start")?,
                end: moment(p, "end")?,
                conversations: count(p, "conversation"),
                cost: p["cost"].as_f64(),
                category: text(p, "conversation_category"),
                direction: text(p, "conversation_direction"),
                kind: text(p, "conversation_type"),
                country: text(p, "country"),
                phone_number: text(p, "phone_number"),
            })
        };
        self.counted(field, asked, read).await
    }

    /// How many messages arrived and about what they cost, step by step (Meta: Analytics > Pricing analytics). What
    /// the invoice says may differ a little.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::{AnalyticsRange, Granularity, PricingDimension, PricingFilter};
    /// let end = chrono::Utc::now();
    /// let range =
    ///     AnalyticsRange { start: end - chrono::TimeDelta::days(7), end, granularity: Granularity::Day };
    /// let filter = PricingFilter {
    ///     dimensions: vec![PricingDimension::Category, PricingDimension::Country, PricingDimension::Tier],
    ///     ..PricingFilter::default()
    /// };
    /// let days = engine.platform().pricing_analytics(range, filter).await?;
    /// assert_eq!((days[0].volume, days[0].tier.as_deref()), (11, Some("0:MAX")));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a range without time in it, or a filter that is none; `transport`.
    pub async fn pricing_analytics(
        &self,
        range: AnalyticsRange,
        filter: PricingFilter,
    ) -> Result<Vec<PricingPoint>> {
        self.engine.allow("platform.pricing_analytics", Scope::AccountAdmin)?;
        check_countries(&filter.countries)?;
        check_words("categories", &filter.categories)?;
        check_words("kinds", &filter.kinds)?;
        let dimension = |d: &PricingDimension| match d {
            PricingDimension::Category => "PRICING_CATEGORY",
            PricingDimension::Kind => "PRICING_TYPE",
            PricingDimension::Country => "COUNTRY",
            PricingDimension::Phone => "PHONE",
            PricingDimension::Tier => "TIER",
        };
        let dimensions: Vec<&str> = filter.dimensions.iter().map(dimension).collect();
        let field = "pricing_analytics";
        let asked = Expression::new(field, range, ["HALF_HOUR", "DAILY", "MONTHLY"])?
            .with("phone_numbers", &numbers(&filter.phone_numbers)?)
            .with("country_codes", &filter.countries)
            .with("pricing_categories", &filter.categories)
            .with("pricing_types", &filter.kinds)
            .with("dimensions", &dimensions);
        let read = |p: &Json| {
            Ok(PricingPoint {
                start: moment(p, "start")?,
                end: moment(p, "end")?,
                volume: count(p, "volume"),
                cost: p["cost"].as_f64(),
                category: text(p, "pricing_category"),
                kind: text(p, "pricing_type"),
                country: text(p, "country"),
                phone_number: text(p, "phone_number"),
                tier: text(p, "tier"),
            })
        };
        self.counted(field, asked, read).await
    }
}
