//! What happens to a flow, and how its endpoint fares.

use serde::{Deserialize, Serialize};

/// What happened to a flow (Meta: `flows`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FlowEvent {
    /// Its status changed.
    Status {
        /// What it was.
        previous: Option<String>,
        /// `DRAFT`, `PUBLISHED`, `DEPRECATED`, `BLOCKED` or `THROTTLED`.
        status: String,
        /// WhatsApp's words.
        message: Option<String>,
    },
    /// It fails too often or is too slow, or that is over.
    Alert {
        /// `CLIENT_ERROR_RATE`, `ENDPOINT_ERROR_RATE`, `ENDPOINT_LATENCY` or `ENDPOINT_AVAILABILITY`.
        kind: String,
        /// `ACTIVATED` or `DEACTIVATED`.
        state: Option<String>,
        /// The bound that was passed: percent, or milliseconds of a latency.
        threshold: Option<f64>,
        /// How often it fails, in percent.
        error_rate: Option<f64>,
        /// Requests that were counted.
        requests: Option<i64>,
        /// Half of the answers took no longer, in milliseconds.
        p50_latency: Option<f64>,
        /// Nine tenths of the answers took no longer, in milliseconds.
        p90_latency: Option<f64>,
        /// How often it could be reached, in percent.
        availability: Option<f64>,
        /// The errors.
        errors: Vec<FlowErrorCount>,
        /// WhatsApp's words.
        message: Option<String>,
    },
}

/// How often a flow failed in one way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowErrorCount {
    /// For example `TIMEOUT`.
    pub kind: Option<String>,
    /// Its share in percent.
    pub rate: Option<f64>,
    /// How often.
    pub count: Option<i64>,
}
