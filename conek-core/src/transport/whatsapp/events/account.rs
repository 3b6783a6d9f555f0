//! The fields of the business account.

use serde_json::{Value, value::RawValue};

use super::{all, part, small, text, upper, when};
use crate::transport::{
    AccountEvent, AccountRestriction, PartnerInfo, RateException, Update, call::texts,
    whatsapp::webhook::Origin,
};

pub(super) fn read(field: &str, v: &Value, raw: &RawValue, of: &Origin) -> Option<Update> {
    let event = match field {
        "account_update" => update(v, raw)?,
        "account_review_update" => AccountEvent::Reviewed { decision: upper(v, "decision")? },
        "account_alerts" => {
            // What is said stands in a part of its own by now; it once stood beside the entity.
            let said = part(v, "alert_info").unwrap_or(v);
            let event = AccountEvent::Alert {
                entity_kind: upper(v, "entity_type"),
                entity: text(v, "entity_id"),
                kind: upper(said, "alert_type"),
                severity: upper(said, "alert_severity"),
                status: upper(said, "alert_status"),
                description: text(said, "alert_description"),
            };
            upper(said, "alert_type").or_else(|| upper(said, "alert_severity"))?;
            event
        }
        "business_capability_update" => {
            let limit = ["max_daily_conversations_per_business", "max_daily_conversation_per_phone"];
            let event = AccountEvent::Capability {
                messaging_limit: limit.iter().find_map(|key| upper(v, key)),
                numbers_per_business: small(v, "max_phone_numbers_per_business")
                    .or_else(|| small(v, "max_phone_numbers_per_business_portfolio")),
                numbers_per_account: small(v, "max_phone_numbers_per_waba"),
            };
            match &event {
                AccountEvent::Capability {
                    messaging_limit: None,
                    numbers_per_business: None,
                    numbers_per_account: None,
                } => return None,
                _ => event,
            }
        }
        "payment_configuration_update" => AccountEvent::PaymentConfiguration {
            name: text(v, "configuration_name")?,
            provider: text(v, "provider_name"),
            merchant: text(v, "provider_mid"),
            status: text(v, "status"),
            at: when(v, "updated_timestamp"),
        },
        _ => AccountEvent::Solution {
            event: upper(v, "event")?,
            solution: text(v, "solution_id")?,
            status: upper(v, "solution_status"),
        },
    };
    Some(Update::Account {
        account: of.account.clone(),
        display: text(v, "phone_number").filter(|_| field == "account_update"),
        at: of.at,
        event,
    })
}

fn update(v: &Value, raw: &RawValue) -> Option<AccountEvent> {
    let event = upper(v, "event")?;
    Some(match event.as_str() {
        "ACCOUNT_RESTRICTION" => AccountEvent::Restricted {
            restrictions: all(v, "restriction_info", |r| {
                Some(AccountRestriction {
                    kind: upper(r, "restriction_type")?,
                    until: when(r, "expiration"),
                    remediation: text(r, "remediation"),
                })
            })?,
        },
        "DISABLED_UPDATE" => {
            let ban = part(v, "ban_info")?;
            AccountEvent::Banned { state: upper(ban, "waba_ban_state")?, date: text(ban, "waba_ban_date") }
        }
        "ACCOUNT_VIOLATION" => {
            let violation = part(v, "violation_info")?;
            AccountEvent::Violation {
                kind: upper(violation, "violation_type"),
                remediation: text(violation, "remediation"),
            }
        }
        "ACCOUNT_DELETED" => AccountEvent::Deleted {},
        "ACCOUNT_OFFBOARDED" => AccountEvent::Offboarded {},
        "ACCOUNT_RECONNECTED" => AccountEvent::Reconnected {},
        "VERIFIED_ACCOUNT" => AccountEvent::Verified {},
        "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE" => {
            let info = part(v, "partner_client_certification_info")?;
            AccountEvent::Certified {
                business: text(info, "client_business_id"),
                status: upper(info, "status")?,
                reasons: texts(info, "rejection_reasons").into_iter().filter(|r| r != "NONE").collect(),
            }
        }
        "PARTNER_CLIENT_CERTIFICATION_NEEDED" => AccountEvent::Certified {
            business: part(v, "partner_client_certification_needed_info")
                .and_then(|info| text(info, "client_business_id")),
            status: "NEEDED".to_owned(),
            reasons: Vec::new(),
        },
        "VOLUME_BASED_PRICING_TIER_UPDATE" => {
            let tier = part(v, "volume_tier_info")?;
            AccountEvent::PricingTier {
                category: upper(tier, "pricing_category"),
                tier: text(tier, "tier"),
                region: text(tier, "region"),
                month: text(tier, "effective_month"),
                at: when(tier, "tier_update_time"),
            }
        }
        "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE" => {
            let rates = part(v, "auth_international_rate_eligibility")?;
            AccountEvent::AuthenticationRates {
                starts_at: when(rates, "start_time"),
                exceptions: all(rates, "exception_countries", |e| {
                    Some(RateException {
                        country: upper(e, "country_code")?,
                        starts_at: when(e, "start_time"),
                    })
                })?,
            }
        }
        "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE" => {
            AccountEvent::Location { country: upper(v, "country")? }
        }
        partner
            if partner.starts_with("PARTNER_")
                || matches!(partner, "AD_ACCOUNT_LINKED" | "MM_LITE_TERMS_SIGNED") =>
        {
            let info = part(v, "waba_info").unwrap_or(&Value::Null);
            let end = part(v, "disconnection_info").unwrap_or(&Value::Null);
            let info = PartnerInfo {
                account: text(info, "waba_id"),
                owner: text(info, "owner_business_id"),
                app: text(info, "partner_app_id"),
                ad_account: text(info, "ad_account_linked").or_else(|| text(info, "ad_account_id")),
                solution: text(info, "solution_id"),
                partners: texts(info, "solution_partner_business_ids"),
                reason: upper(end, "reason"),
                initiated_by: upper(end, "initiated_by"),
            };
            AccountEvent::Partner { event, info }
        }
        _ => AccountEvent::Other { event, json: raw.get().to_owned() },
    })
}
