//! WhatsApp's error codes as data: what the engine does about each, and what a person should know.

use crate::transport::Action;

/// Changes whenever a row of the table changes.
pub const ERROR_TABLE_VERSION: &str = "2026-11-28";

/// One code, or a range of codes that mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorRow {
    /// The first code.
    pub first: i32,
    /// The last code, included.
    pub last: i32,
    /// What the engine does.
    pub action: Action,
    /// What happened and what to do, in plain words.
    pub meaning: &'static str,
}

const fn row(first: i32, last: i32, action: Action, meaning: &'static str) -> ErrorRow {
    ErrorRow { first, last, action, meaning }
}

use Action::{Defer, Doubt, Never, OptOut, Retry, RetryPair, StopSender, StopTemplate, Switch};

/// Every known code in ascending order.
#[rustfmt::skip]
pub const ERROR_TABLE: &[ErrorRow] = &[
    row(0, 0, StopSender, "The access token is not accepted. Make a new one and replace it."),
    row(1, 1, Doubt, "WhatsApp had an unknown problem. The message may have been sent: wait for its status."),
    row(2, 2, Doubt, "WhatsApp is down for a moment. The message may have been sent: wait for its status."),
    row(3, 3, StopSender, "The app may not do this. Give it the permission whatsapp_business_messaging."),
    row(4, 4, Retry, "The app has made too many calls. They go on later."),
    row(10, 10, StopSender, "The permission is missing or was taken away. Check the app and the system user."),
    row(33, 33, Never, "The phone number id is unknown or was deleted. Check it."),
    row(100, 100, Never, "A parameter is wrong or not supported. Correct the message."),
    row(190, 190, StopSender, "The access token has expired or was revoked. Make a new one and replace it."),
    row(200, 299, StopSender, "A permission is missing. Check the app's permissions and the system user's assets."),
    row(368, 368, StopSender, "The account is restricted for breaking a policy. See the account's quality page."),
    row(613, 613, Retry, "Too many calls were placed. They go on later."),
    row(2200, 2200, Never, "The callback did not answer the challenge. Check its address and its verify token."),
    row(80007, 80007, Retry, "The WhatsApp Business account has made too many calls. They go on later."),
    row(130403, 130403, OptOut, "The business has blocked this person. Unblock them before writing again."),
    row(130429, 130429, Retry, "The number sends too fast. It goes on more slowly."),
    row(130472, 130472, Never, "The person is part of a WhatsApp experiment and gets no marketing message for now."),
    row(130497, 130497, Never, "The business may not write to people in this country."),
    row(131000, 131000, Doubt, "Something went wrong at WhatsApp. The message may have been sent: wait for its status."),
    row(131005, 131005, StopSender, "Access denied. Give the app the missing permission."),
    row(131008, 131008, Never, "A required parameter is missing. Correct the message."),
    row(131009, 131009, Never, "A parameter's value is not valid. Correct the message."),
    row(131016, 131016, Doubt, "The service is overloaded. The message may have been sent: wait for its status."),
    row(131020, 131020, Never, "The group does not exist or the number is not in it."),
    row(131021, 131021, Never, "Sender and recipient are the same number."),
    row(131026, 131026, Never, "The message cannot be delivered: no WhatsApp on this number, an old app, or terms not accepted. Use another channel."),
    row(131030, 131030, Never, "A test number writes only to its listed recipients. Add this one, or use a real number."),
    row(131031, 131031, StopSender, "The account is locked. See the account's quality page."),
    row(131037, 131037, StopSender, "The number has no approved display name. Set one."),
    row(131041, 131041, Never, "The group does not accept this message."),
    row(131042, 131042, StopSender, "There is a problem with the payment method. Correct it in the billing settings."),
    row(131044, 131044, StopSender, "There is no valid payment method. Add one in the billing settings."),
    row(131045, 131045, StopSender, "The number is not registered correctly. Register it again."),
    row(131047, 131047, Switch, "More than 24 hours since the person last wrote. Use a template."),
    row(131048, 131048, StopSender, "The number is restricted because people report its messages. Wait; retrying makes it worse."),
    row(131049, 131049, Defer, "The person gets no more marketing messages for now. Try after 24 hours at the earliest."),
    row(131050, 131050, OptOut, "The person has stopped marketing messages from the business. Respect it."),
    row(131051, 131051, Never, "This type of message is not supported."),
    row(131052, 131052, Never, "A received file could not be downloaded. Ask the person to send it again."),
    row(131053, 131053, Never, "The file could not be used. Check its type, size and address."),
    row(131055, 131055, Switch, "This method is not for this kind of template. Use the other endpoint."),
    row(131056, 131056, RetryPair, "Too many messages to this person in a short time. They go on more slowly."),
    row(131057, 131057, Retry, "The account is in maintenance, perhaps for a higher throughput. Sending goes on in a minute."),
    row(131059, 131059, Never, "The group refuses this operation."),
    row(131062, 131062, Switch, "This message needs a phone number: a business-scoped id is not enough."),
    row(131063, 131063, Switch, "Marketing templates are not allowed on this endpoint. Use the other one, and check the template's category."),
    row(131064, 131064, StopSender, "The account is limited after wrongly categorised templates. Wait until it is lifted."),
    row(131201, 131207, Never, "The group operation is not possible."),
    row(131208, 131208, Retry, "The group operation failed for a moment. It is tried again."),
    row(131209, 131215, Never, "The group operation is not possible."),
    row(132000, 132000, Never, "The number of parameters does not match the template. Correct the message."),
    row(132001, 132001, StopTemplate, "The template does not exist in this language, or is not approved."),
    row(132005, 132005, StopTemplate, "The translated template is too long. Shorten it."),
    row(132007, 132007, StopTemplate, "The template breaks a policy. Change it."),
    row(132008, 132008, Never, "A template parameter has the wrong format. Correct the message."),
    row(132012, 132012, Never, "A template parameter has the wrong format. Correct the message."),
    row(132015, 132015, StopTemplate, "The template is paused for low quality. Wait for its approval, or improve it."),
    row(132016, 132016, StopTemplate, "The template is disabled for good for low quality. Make another one."),
    row(132018, 132018, Never, "The template's parameters do not fit. Correct the message."),
    row(132068, 132068, StopTemplate, "The flow is blocked. Correct the flow."),
    row(132069, 132069, StopTemplate, "The flow is throttled: ten messages an hour. Correct the flow."),
    row(133000, 133000, StopSender, "A former deregistration is unfinished. Deregister the number again, then register it."),
    row(133004, 133004, Doubt, "The server is unavailable. The message may have been sent: wait for its status."),
    row(133005, 133005, StopSender, "The two-step PIN is wrong. Check it."),
    row(133006, 133006, StopSender, "The number must be verified before it is registered."),
    row(133008, 133008, StopSender, "Too many wrong PINs. Wait as long as the answer says."),
    row(133009, 133009, StopSender, "The PIN was entered too fast. Wait as long as the answer says."),
    row(133010, 133010, StopSender, "The number is not registered. Register it."),
    row(133015, 133015, StopSender, "The number was deleted a moment ago. Wait five minutes before registering it."),
    row(133016, 133016, StopSender, "Too many registrations. Wait 72 hours."),
    row(134011, 134011, StopSender, "The payment terms are not accepted. Accept them in WhatsApp Manager."),
    row(134100, 134100, Switch, "This endpoint is for marketing templates only. Use the messages endpoint."),
    row(134101, 134101, Retry, "The template is not ready for the marketing endpoint. It takes up to ten minutes."),
    row(134102, 134102, Switch, "The template cannot be used on the marketing endpoint. Use the messages endpoint."),
    row(135000, 135000, Never, "WhatsApp did not understand the message's parameters. Correct the message."),
    row(136024, 136024, Never, "No code could be requested. The number is verified already, or was asked too often."),
    row(136025, 136025, Never, "The code is wrong or has expired. Request another one."),
    row(137000, 137000, Never, "The person's identity key has changed. Verify the person again."),
    row(138000, 138001, Never, "The call is not possible."),
    row(138002, 138002, Retry, "Too many calls at once. Try later."),
    row(138003, 138004, Never, "The call is not possible."),
    row(138005, 138005, Retry, "Too many calls in a short time. Try later."),
    row(138006, 138018, Never, "The call is not possible."),
    row(139000, 139004, Never, "The flow is not valid. Correct it."),
    row(139100, 139102, Never, "The person could not be blocked or unblocked."),
    row(139103, 139103, Retry, "The block list could not be changed for a moment. Try again."),
    row(147001, 147005, Never, "The username is not possible."),
    row(200005, 200007, Never, "WhatsApp does not count the account's templates. Enable it; what is enabled stays enabled."),
    row(1752041, 1752041, Never, "The marketing endpoint was already asked for."),
    row(2388019, 2388019, Never, "The template could not be created: too many templates."),
    row(2388024, 2388024, Never, "The template could not be created: it exists in this language already."),
    row(2388039, 2388040, Never, "The template could not be created: a part is missing or too long."),
    row(2388047, 2388047, Never, "The template could not be created: its header is not valid."),
    row(2388072, 2388073, Never, "The template could not be created: its body or footer is not valid."),
    row(2388293, 2388293, Never, "The template could not be created: too many placeholders for its length."),
    row(2388299, 2388299, Never, "The template could not be created: a placeholder stands at its beginning or end."),
    row(2494100, 2494100, Retry, "The account is in maintenance. Sending goes on in a minute."),
    row(2494164, 2494164, Never, "There is no such sign-up."),
    row(2494165, 2494165, Never, "The account has no sign-ups: they are not available where it is, or not enabled."),
    row(2494166, 2494166, Never, "The confirmation has an unknown placeholder. Use {{promo_code}} only."),
    row(2494167, 2494167, Never, "The confirmation has {{promo_code}} and there is no promo code. Give one."),
    row(2494168, 2494168, Never, "The terms were never accepted. The first sign-up of a business accepts them."),
    row(2494169, 2494175, Never, "The sign-up could not be created or changed."),
    row(2494176, 2494176, Never, "The business has accepted the terms before. Leave it out."),
    row(2494177, 2494178, Never, "The sign-up could not be created or changed."),
    row(2494179, 2494179, Never, "The address of the site does not begin with https://."),
    row(2593107, 2593109, Never, "The app's history can be synchronised once in 24 hours."),
];

fn find(code: i32) -> Option<&'static ErrorRow> {
    let after = ERROR_TABLE.partition_point(|row| row.first <= code);
    ERROR_TABLE.get(after.checked_sub(1)?).filter(|row| code <= row.last)
}

/// What the engine does about a code that refuses a send. A code that is not in the table may mean
/// anything: [`Action::Doubt`].
pub fn action(code: i32) -> Action {
    find(code).map_or(Doubt, |row| row.action)
}

/// What a code means and what to do, in plain words; `None` for a code that is not in the table.
pub fn meaning(code: i32) -> Option<&'static str> {
    find(code).map(|row| row.meaning)
}

/// Codes that are given instead of processing a request: also `is_transient` then only says "later".
pub(super) fn is_throttle(code: i32) -> bool {
    matches!(code, 4 | 80007 | 130429 | 131056)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the platform's documentation asks for, written down apart from the table.
    #[test]
    fn every_documented_code_has_its_action() {
        let promise: &[(&[i32], Action)] = &[
            (&[0, 190, 3, 10, 131005, 200, 230, 299], StopSender),
            (&[4, 80007, 130429, 131057, 2494100, 131208, 139103, 134101], Retry),
            (&[131056], RetryPair),
            (&[131048, 131064, 133016, 368, 131031, 131037, 131042, 131044, 134011], StopSender),
            (&[131045, 133000, 133006, 133010, 133015, 133005, 133008, 133009], StopSender),
            (&[130497, 130472, 131026, 131030, 131051, 131052, 131053], Never),
            (&[130403, 131050], OptOut),
            (&[1, 2, 131000, 131016, 133004], Doubt),
            (&[33, 100, 131008, 131009, 131021, 135000, 132000, 132012, 132018, 132008], Never),
            (&[131047, 131055, 134100, 131063, 131062, 134102], Switch),
            (&[131049], Defer),
            (&[132001, 132005, 132007, 132015, 132016, 132068, 132069], StopTemplate),
            (&[137000, 138000, 138018, 139000, 139004, 139100, 139102, 147001, 147005], Never),
            (&[131020, 131041, 131059, 131201, 131207, 131209, 131215], Never),
            (&[2388019, 2388039, 2388040, 2388047, 2388072, 2388073, 2388293, 2388299], Never),
            (&[2494164, 2494165, 2494166, 2494167, 2494168, 2494169, 2494175], Never),
            (&[2494176, 2494177, 2494178, 2494179, 2593107, 2593108, 2593109, 1752041], Never),
            (&[2200, 136024, 136025, 2388024, 200005, 200006, 200007], Never),
        ];
        for (codes, expected) in promise {
            for code in *codes {
                assert_eq!(action(*code), *expected, "{code}");
                assert!(meaning(*code).is_some(), "{code}");
            }
        }
        let named: std::collections::BTreeSet<i32> =
            promise.iter().flat_map(|(codes, _)| *codes).copied().collect();
        for row in ERROR_TABLE {
            let tested = named.range(row.first..=row.last).next().is_some();
            assert!(
                tested || matches!(row.first, 613 | 138_002..=138_006),
                "{} is not in the promise",
                row.first
            );
        }
    }

    #[test]
    fn a_code_nobody_knows_means_doubt() {
        for code in [i32::MIN, -1, 5, 199, 300, 131_216, 999_999, i32::MAX] {
            assert_eq!((action(code), meaning(code)), (Doubt, None), "{code}");
        }
    }

    #[test]
    fn rows_are_in_order_and_do_not_overlap() {
        for pair in ERROR_TABLE.windows(2) {
            assert!(pair[0].last < pair[1].first, "{pair:?}");
        }
        for row in ERROR_TABLE {
            assert!(row.first <= row.last && row.meaning.ends_with('.'), "{row:?}");
        }
    }
}
