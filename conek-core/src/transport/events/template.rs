//! What happens to a template at WhatsApp.

use serde::{Deserialize, Serialize};

use crate::values::time::Timestamp;

/// What happened to a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TemplateEvent {
    /// Its status changed (Meta: `message_template_status_update`).
    Status {
        /// `APPROVED`, `PAUSED`, `DISABLED`, `REJECTED`, `FLAGGED`, `REINSTATED`, ...
        status: String,
        /// Why it was rejected, for example `INVALID_FORMAT`; `None` where there is no reason.
        reason: Option<String>,
        /// Which pause it is: `FIRST_PAUSE`, `SECOND_PAUSE`, `RATE_LIMITING_PAUSE`, `UNPAUSE` or `DISABLED`.
        pause: Option<String>,
        /// The same in WhatsApp's words.
        detail: Option<String>,
        /// What WhatsApp recommends after a rejection.
        recommendation: Option<String>,
    },
    /// People take it better or worse (Meta: `message_template_quality_update`).
    Quality {
        /// What it was: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
        previous: Option<String>,
        /// What it is.
        quality: String,
    },
    /// WhatsApp will put it into another category (Meta: `template_category_update`).
    CategoryAnnounced {
        /// The one it is in.
        category: Option<String>,
        /// The one it will be in: `MARKETING`, `UTILITY` or `AUTHENTICATION`.
        next: String,
        /// When; otherwise within 24 hours.
        at: Option<Timestamp>,
    },
    /// WhatsApp has put it into another category (Meta: `template_category_update`).
    Category {
        /// The one it was in.
        previous: Option<String>,
        /// The one it is in.
        category: String,
    },
    /// What it was sent for is of another category (Meta: `template_correct_category_detection`).
    Misclassified {
        /// The one it was sent as.
        category: Option<String>,
        /// The one that WhatsApp holds to be right.
        correct: String,
    },
    /// Somebody edited it at WhatsApp (Meta: `message_template_components_update`). What is kept here is older until
    /// `templates.sync` is called.
    Components {
        /// Its header's text.
        header: Option<String>,
        /// Its body.
        body: Option<String>,
        /// Its footer.
        footer: Option<String>,
        /// Its buttons.
        buttons: Vec<ChangedButton>,
    },
}

/// A button of an edited template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedButton {
    /// `URL`, `PHONE_NUMBER`, `QUICK_REPLY`, ...
    pub kind: Option<String>,
    /// What it says.
    pub text: Option<String>,
    /// The address that it opens.
    pub url: Option<String>,
    /// The number that it calls.
    pub phone_number: Option<String>,
}
