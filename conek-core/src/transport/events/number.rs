//! What happens to a phone number of the business.

use serde::{Deserialize, Serialize};

use crate::values::quiet::quiet_sum;

/// What happened to a number of the business. `Debug` shows which, and no content.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NumberEvent {
    /// Its quality, its throughput or the business's messaging limit changed (Meta: `phone_number_quality_update`).
    Quality {
        /// `FLAGGED`, `UNFLAGGED`, `UPGRADE`, `DOWNGRADE`, `ONBOARDING`, `THROUGHPUT_UPGRADE`, ...
        event: String,
        /// The limit now, for example `TIER_2K`.
        limit: Option<String>,
        /// The limit before.
        previous_limit: Option<String>,
    },
    /// Its name was reviewed (Meta: `phone_number_name_update`). A name counts once the number is registered again.
    Name {
        /// `APPROVED`, `REJECTED`, `DEFERRED` or `PENDING`.
        decision: String,
        /// The name that was asked for.
        name: Option<String>,
        /// Why it was rejected.
        reason: Option<String>,
    },
    /// Its username changed (Meta: `business_username_updates`).
    Username {
        /// `approved`, `reserved`, `deleted`, or the outcome of a review.
        status: String,
        /// The username; `None` once it is deleted.
        username: Option<String>,
        /// Why it was rejected.
        reasons: Vec<String>,
    },
    /// Its two-step verification was changed, or somebody asked for that (Meta: `security`).
    Security {
        /// `PIN_CHANGED`, `PIN_RESET_REQUEST` or `PIN_REQUEST_SUCCESS`.
        event: String,
        /// Meta's id of who asked.
        requester: Option<String>,
    },
    /// Its settings were changed, for example of calls (Meta: `account_settings_update`).
    Settings {
        /// `PHONE_NUMBER_SETTINGS`.
        kind: Option<String>,
        /// The update as JSON.
        json: String,
    },
    /// WhatsApp believes that a chat which an ad began came to something (Meta: `automatic_events`).
    Conversion {
        /// `LeadSubmitted` or `Purchase`.
        name: String,
        /// WhatsApp's id of the message that says so.
        wamid: String,
        /// The click on the ad (`ctwa_clid`).
        click_id: Option<String>,
        /// The currency of a purchase, ISO 4217.
        currency: Option<String>,
        /// Its sum in that currency.
        value: Option<f64>,
    },
    /// An error that belongs to no message of ours (Meta: `messages`, list `errors`).
    Failure {
        /// WhatsApp's error code.
        code: i32,
        /// Its title.
        title: Option<String>,
        /// What WhatsApp says of it.
        details: Option<String>,
    },
}

quiet_sum! { NumberEvent { Quality, Name, Username, Security, Settings, Conversion, Failure } }
