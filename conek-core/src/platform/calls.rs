//! The signalling of calls. The media flow by WebRTC between the host and WhatsApp; conek carries no sound.

use serde_json::{Value as Json, json};

use super::Platform;
use crate::{
    audit::Scope,
    messaging::{Content, Draft, Purpose, Recipient},
    policy::{Decision, PolicyCase},
    transport::{
        Address, CallSession,
        call::{Call, needed},
    },
    values::{
        error::{Error, Result},
        ids::PersonId,
    },
};

const WHAT: &str = "call";
/// A session description has some kilobytes.
const MOST_SDP: usize = 64 << 10;

fn check_session(session: &CallSession, wanted: &str) -> Result<Json> {
    if session.sdp_type != wanted {
        return Err(Error::invalid("session.sdp_type", format!("must be {wanted}")));
    }
    if session.sdp.is_empty() || session.sdp.len() > MOST_SDP {
        return Err(Error::invalid("session.sdp", "must have 1 to 65,536 bytes"));
    }
    Ok(json!({"sdp_type": session.sdp_type, "sdp": session.sdp}))
}

/// WhatsApp's id of a call, which stands in bodies alone.
fn check_call(id: &str) -> Result<&str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-=+/".contains(&b);
    match !id.is_empty() && id.len() <= 256 && id.bytes().all(plain) {
        true => Ok(id),
        false => Err(Error::invalid("call", "must be WhatsApp's id of a call, wacid...")),
    }
}

impl Platform {
    /// Calls a contact, with an offer, and answers the call's id. Their answer comes as an event with a session. WhatsApp
    /// demands their permission (138006 without). The gate demands what it demands of a message for this purpose, but for
    /// the 24 hours: whoever opted out is not called, and marketing is not possible, as a call carries no way to opt out.
    ///
    /// `tracking` comes back in the event that ends the call: 512 characters at most, no personal data.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// use conek_core::{Purpose, transport::CallSession};
    /// let offer = CallSession { sdp_type: "offer".into(), sdp: "v=0\r\n".into() };
    /// let error = engine.platform().connect_call(person, Purpose::Marketing, offer, None, None).await.unwrap_err();
    /// assert_eq!(error.code(), "denied");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `denied`; `invalid_input` for a session that is no offer; `not_found` for an unknown contact; `transport`.
    pub async fn connect_call(
        &self,
        person: PersonId,
        purpose: Purpose,
        session: CallSession,
        tracking: Option<String>,
        number: Option<String>,
    ) -> Result<String> {
        self.engine.admit("platform.connect_call", Scope::MessagesSend, Some(&person))?;
        let number = self.number(number)?;
        let session = check_session(&session, "offer")?;
        self.may_call(&person, purpose, &number).await?;
        let mut body = json!({"messaging_product": "whatsapp", "action": "connect", "session": session});
        match self.engine.person(&person).await?.0.address()? {
            Address::Phone { number } => body["to"] = number.into(),
            Address::Bsuid { id } => body["recipient"] = id.into(),
        }
        track(&mut body, tracking)?;
        let answer = self.change(WHAT, Call::post(format!("{number}/calls"), &body)).await?;
        needed(WHAT, &answer["calls"][0], "id", false)
    }

    /// What the gate says of a call: the facts are those of a message, and the window, which is for messages, is open.
    async fn may_call(&self, person: &PersonId, purpose: Purpose, number: &str) -> Result<()> {
        let content = Content::call_permission_request("May we call you?")?;
        let mut draft = Draft::new(Recipient::Person { id: person.clone() }, content, purpose);
        draft.sender = Some(number.to_owned());
        let explained = self.engine.explain_draft(draft).await?;
        let mut facts = explained.facts;
        facts.person.last_inbound_at = Some(explained.at);
        let case = PolicyCase { at: explained.at, facts };
        let decision = self.engine.gate.decide(&[case]).await.pop();
        let decision = decision.ok_or_else(|| Error::internal("the gate gave no decision"))?;
        if matches!(decision, Decision::Allow { .. }) {
            return Ok(());
        }
        let reasons = decision.reasons();
        Err(Error::Denied {
            id: String::new(),
            detail: reasons.iter().map(|r| r.text.as_str()).collect::<Vec<_>>().join("; "),
            reasons: reasons.iter().map(|r| r.code.clone()).collect(),
        })
    }

    /// Prepares the media of a person's call, so that there is sound as soon as it is accepted.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::transport::CallSession;
    /// let answer = CallSession { sdp_type: "answer".into(), sdp: "v=0\r\n".into() };
    /// engine.platform().pre_accept_call("wacid.ABGGFjFVU2AfAgo6V".into(), answer, None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a session that is no answer; `transport` for a call that is over or nobody's.
    pub async fn pre_accept_call(
        &self,
        call: String,
        session: CallSession,
        number: Option<String>,
    ) -> Result<()> {
        let session = check_session(&session, "answer")?;
        self.signal("pre_accept", call, Some(session), None, number).await
    }

    /// Takes a person's call, within the 30 to 60 seconds that it rings.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::transport::CallSession;
    /// let answer = CallSession { sdp_type: "answer".into(), sdp: "v=0\r\n".into() };
    /// engine.platform().accept_call("wacid.ABGGFjFVU2AfAgo6V".into(), answer, None, None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a session that is no answer; `transport` for a call that is over or nobody's.
    pub async fn accept_call(
        &self,
        call: String,
        session: CallSession,
        tracking: Option<String>,
        number: Option<String>,
    ) -> Result<()> {
        let session = check_session(&session, "answer")?;
        self.signal("accept", call, Some(session), tracking, number).await
    }

    /// Does not take a person's call.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().reject_call("wacid.ABGGFjFVU2AfAgo6V".into(), None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `transport` for a call that is over or nobody's.
    pub async fn reject_call(&self, call: String, number: Option<String>) -> Result<()> {
        self.signal("reject", call, None, None, number).await
    }

    /// Ends a call, also where the media have ended already: what it costs is counted until then.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().terminate_call("wacid.ABGGFjFVU2AfAgo6V".into(), None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `transport` for a call that is over or nobody's.
    pub async fn terminate_call(&self, call: String, number: Option<String>) -> Result<()> {
        self.signal("terminate", call, None, None, number).await
    }

    async fn signal(
        &self,
        action: &str,
        call: String,
        session: Option<Json>,
        tracking: Option<String>,
        number: Option<String>,
    ) -> Result<()> {
        self.engine.admit(&format!("platform.{action}_call"), Scope::MessagesSend, None)?;
        let mut body =
            json!({"messaging_product": "whatsapp", "call_id": check_call(&call)?, "action": action});
        if let Some(session) = session {
            body["session"] = session;
        }
        track(&mut body, tracking)?;
        self.change(WHAT, Call::post(format!("{}/calls", self.number(number)?), &body)).await.map(drop)
    }
}

fn track(body: &mut Json, tracking: Option<String>) -> Result<()> {
    if let Some(tracking) = tracking {
        if tracking.chars().count() > 512 {
            return Err(Error::invalid("tracking", "must have at most 512 characters"));
        }
        body["biz_opaque_callback_data"] = tracking.into();
    }
    Ok(())
}
