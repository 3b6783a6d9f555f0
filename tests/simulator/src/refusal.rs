//! A refusal: an error as the Graph API words it, in answers and in `failed` statuses.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// An error that the Graph API answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) http: u16,
    pub(crate) code: i64,
    pub(crate) subcode: Option<i64>,
    pub(crate) details: String,
}

impl Refusal {
    pub(crate) fn new(code: i64, details: impl Into<String>) -> Self {
        let http = match code {
            190 => 401,
            3 | 10 | 200..=299 | 131005 => 403,
            1 | 2 | 131000 | 131016 => 500,
            132001 => 404,
            _ => 400,
        };
        Self { http, code, subcode: None, details: details.into() }
    }
    pub(crate) fn with_subcode(mut self, subcode: i64) -> Self {
        self.subcode = Some(subcode);
        self
    }
    /// A parameter is missing.
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::new(131008, format!("Required parameter is missing: {parameter}"))
    }
    /// A parameter's value is out of range.
    pub(crate) fn invalid(details: impl Into<String>) -> Self {
        Self::new(131009, details)
    }
    /// The object of the path does not exist, or the token may not see it.
    pub(crate) fn no_object(id: &str) -> Self {
        Self::new(
            100,
            format!("Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation"),
        )
        .with_subcode(33)
    }
    pub(crate) fn body(&self) -> Value {
        let title = title(self.code);
        let mut error = json!({
            "message": format!("(#{}) {title}", self.code),
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": "ASimulatedTraceIdentifier",
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        json!({ "error": error })
    }
    /// The same error inside a `failed` status.
    pub(crate) fn in_status(code: i64, details: &str) -> Value {
        json!({
            "code": code,
            "title": title(code),
            "message": title(code),
            "error_data": {"details": details},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.http).unwrap_or(StatusCode::BAD_REQUEST);
        let json = [(header::CONTENT_TYPE, "application/json; charset=UTF-8")];
        (status, json, self.body().to_string()).into_response()
    }
}

/// What an error code is called.
pub(crate) fn title(code: i64) -> &'static str {
    match code {
        0 | 190 => "Invalid OAuth access token",
        1 => "API Unknown",
        2 => "API Service",
        101 => "Application not found",
        4 => "API Too Many Calls",
        10 => "Permission Denied",
        33 => "Parameter value is not valid",
        100 => "Invalid parameter",
        368 => "Temporarily blocked for policies violations",
        2200 => "Callback verification failed",
        130403 => "User is blocked by the business",
        130429 => "Rate limit hit",
        130472 => "User's number is part of an experiment",
        131000 => "Something went wrong",
        131005 => "Access denied",
        131008 => "Required parameter is missing",
        131009 => "Parameter value is not valid",
        131016 => "Service unavailable",
        131026 => "Message undeliverable",
        131031 => "Account has been locked",
        131042 => "Business eligibility payment issue",
        131047 => "Re-engagement message",
        131048 => "Spam rate limit hit",
        131049 => "Meta chose not to deliver",
        131050 => "User has stopped receiving marketing messages from this business",
        131051 => "Unsupported message type",
        131052 => "Media download error",
        131053 => "Media upload error",
        131056 => "(Business Account, Consumer Account) pair rate limit hit",
        131057 => "Account in maintenance mode",
        131062 => "Business-scoped user id is not supported for this message",
        131063 => "Marketing messages are disabled on Cloud API",
        132000 => "Number of parameters does not match the expected number of params",
        132001 => "Template name does not exist in the translation",
        132005 => "Translated text too long",
        132012 => "Parameter format does not match format in the created template",
        132015 => "Template is Paused",
        132016 => "Template is Disabled",
        134100 => "Only marketing messages supported",
        133005 => "Two step verification PIN Mismatch",
        133006 => "Phone number re-verification needed",
        133010 => "Phone number Not Registered",
        133016 => "Account register deregister rate limit exceeded",
        136024 => "Request code error",
        136025 => "Verify code error",
        2494164..=2494179 => "In-App Signup failed",
        139001 => "Flow failed to update",
        139002 => "Flow failed to publish",
        139003 => "Flow failed to deprecate",
        139004 => "Flow failed to delete",
        139100 => "Failed to block/unblock users",
        _ => "Unexpected error",
    }
}
