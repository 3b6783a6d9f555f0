//! The field `flows`.

use serde_json::Value;

use super::{all, decimal, text, upper, whole_number};
use crate::transport::{FlowErrorCount, FlowEvent, Update, whatsapp::webhook::Origin};

pub(super) fn read(v: &Value, of: &Origin) -> Option<Update> {
    let kind = upper(v, "event")?;
    let event = match kind.as_str() {
        "FLOW_STATUS_CHANGE" => FlowEvent::Status {
            previous: upper(v, "old_status"),
            status: upper(v, "new_status")?,
            message: text(v, "message"),
        },
        _ => FlowEvent::Alert {
            kind,
            state: upper(v, "alert_state"),
            threshold: decimal(v, "threshold"),
            error_rate: decimal(v, "error_rate"),
            requests: whole_number(v, "requests_count"),
            p50_latency: decimal(v, "p50_latency"),
            p90_latency: decimal(v, "p90_latency"),
            availability: decimal(v, "availability"),
            errors: all(v, "errors", |e| {
                e.is_object().then(|| FlowErrorCount {
                    kind: upper(e, "error_type"),
                    rate: decimal(e, "error_rate"),
                    count: whole_number(e, "error_count"),
                })
            })?,
            message: text(v, "message"),
        },
    };
    Some(Update::Flow { flow: text(v, "flow_id")?, at: of.at, event })
}
