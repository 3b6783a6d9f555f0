//! Everything that stands in the field `calls` is told, as a call or whole.

use serde_json::json;

use crate::transport::{CallEvent, Update, whatsapp::parse};

#[test]
fn each_call_is_told_and_what_stands_beside_is_kept() {
    let value = json!({
        "messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"},
        "calls": [
            {"id": "wacid.1", "event": "terminate", "direction": "USER_INITIATED", "from": "27832885137", "status": "FAILED"},
            {"id": "wacid.2", "event": "something of tomorrow"},
        ],
        "errors": [{"code": 138_000}],
        "recordings": [{"id": "r"}, {"id": "s"}],
    });
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "calls", "value": value}]}]});
    let told = parse(body.to_string().as_bytes()).updates;
    let Update::Call { event: CallEvent::Terminate { code, .. }, .. } = &told[0] else {
        panic!("{told:?}");
    };
    assert_eq!(*code, Some(138_000));
    let kept: Vec<_> = told[1..]
        .iter()
        .map(|u| match u {
            Update::Unknown { field, .. } => field.as_str(),
            _ => panic!("{u:?}"),
        })
        .collect();
    assert_eq!(kept, ["calls", "calls.recordings", "calls.recordings"]);
}
