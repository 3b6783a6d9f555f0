//! A phone that opens a flow: it asks the host's endpoint, encrypted as WhatsApp does it, and reads what comes back.

use std::{collections::HashSet, sync::Arc};

use aes_gcm::{
    AesGcm, KeyInit,
    aead::{Aead, consts::U16},
    aes::Aes128,
};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    refusal::Refusal,
    running::{self, Running},
    say::{Say, SayRequest},
    signature,
    world::World,
};

type Cipher = AesGcm<Aes128, U16>;

/// What a phone with an open flow asks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowStep {
    /// The person's number.
    pub from: String,
    /// The phone number id that sent the flow; without it, the first.
    pub to: Option<String>,
    /// The flow's id.
    pub flow: String,
    /// `ping`, `INIT`, `BACK` or `data_exchange`.
    pub action: String,
    /// The screen that the person is on.
    pub screen: Option<String>,
    /// What they entered; or `error` and `error_message` of what went wrong with the answer before.
    pub data: Option<Value>,
    /// What the message gave the flow.
    pub flow_token: Option<String>,
}

/// What the phone got.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowSeen {
    /// The HTTP status; 0 where nobody answered.
    pub status: u16,
    /// What the phone could decrypt of the answer; null where it could not.
    pub answer: Value,
    /// The id of the message that closed the flow.
    pub completion: Option<String>,
}

/// What phones know of flows that were opened.
#[derive(Debug, Default)]
pub(super) struct Steps {
    made: u64,
    /// Tokens whose button is grey.
    ended: HashSet<String>,
}

/// A request on its way.
struct Asked {
    url: String,
    body: Vec<u8>,
    signature: String,
    key: [u8; 16],
    vector: [u8; 16],
}

impl World {
    fn ask_endpoint(&mut self, step: &FlowStep) -> Result<Asked, Refusal> {
        let number = match &step.to {
            Some(id) => self.number(id).ok_or_else(|| Refusal::no_object(id))?,
            None => 0,
        };
        let flow = self.management.flows.find(&step.flow).ok_or_else(|| Refusal::no_object(&step.flow))?;
        let url = flow.endpoint().ok_or_else(|| Refusal::invalid("The flow has no endpoint_uri"))?.to_owned();
        running::check_target(&url).map_err(|e| Refusal::invalid(e.to_string()))?;
        if step.flow_token.as_ref().is_some_and(|t| self.management.steps.ended.contains(t)) {
            return Err(Refusal::invalid("The button is grey: its flow_token no longer counts"));
        }
        let pem = self.management.numbers[number].public_key.as_deref();
        let public =
            pem.and_then(public_key).ok_or_else(|| Refusal::invalid("The number has no public key"))?;
        self.management.steps.made += 1;
        let n = self.management.steps.made;
        let draw = |what: &str| {
            let halves = [0, 1].map(|half| self.dice.draw(what, &step.flow, 2 * n + half).to_le_bytes());
            let mut all = [0; 16];
            all.iter_mut().zip(halves.as_flattened()).for_each(|(to, from)| *to = *from);
            all
        };
        let (key, vector) = (draw("flow key"), draw("flow vector"));
        let mut plain = json!({"version": "3.0", "action": step.action});
        for (name, value) in [("screen", &step.screen), ("flow_token", &step.flow_token)] {
            if let Some(value) = value {
                plain[name] = value.as_str().into();
            }
        }
        if let Some(data) = &step.data {
            plain["data"] = data.clone();
        }
        let cannot = || Refusal::invalid("The request cannot be encrypted");
        let sealed = Cipher::new((&key).into()).encrypt((&vector).into(), plain.to_string().as_bytes());
        let mut room = vec![0; public.ciphertext_size()];
        let wrapped = public.encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut room, None).map_err(|_| cannot())?;
        let body = json!({
            "encrypted_flow_data": STANDARD.encode(sealed.map_err(|_| cannot())?),
            "encrypted_aes_key": STANDARD.encode(wrapped),
            "initial_vector": STANDARD.encode(vector),
        });
        let body = body.to_string().into_bytes();
        let signature = signature::sign(&self.outbox.options.app_secret, &body);
        Ok(Asked { url, body, signature, key, vector })
    }

    /// The flow is closed: the phone sends the message that tells so.
    fn complete_flow(&mut self, step: &FlowStep, params: &Value, now: i64) -> Result<String, Refusal> {
        let reply = json!({"name": "flow", "body": "Sent", "response_json": params.to_string()});
        let message =
            json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": reply}});
        let request = SayRequest {
            from: step.from.clone(),
            to: step.to.clone(),
            context: None,
            say: Say::Raw { message },
        };
        self.say(&request, now)
    }
}

fn public_key(pem: &str) -> Option<OaepPublicEncryptingKey> {
    let inner =
        pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----")?.strip_suffix("-----END PUBLIC KEY-----")?;
    let der = STANDARD.decode(inner.split_whitespace().collect::<String>()).ok()?;
    OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(&der).ok()?).ok()
}

/// The answer, which is encrypted under the flipped vector.
fn opened(asked: &Asked, body: &[u8]) -> Option<Value> {
    let sealed = STANDARD.decode(body).ok()?;
    let flipped = asked.vector.map(|byte| byte ^ 0xff);
    let plain = Cipher::new((&asked.key).into()).decrypt((&flipped).into(), sealed.as_slice()).ok()?;
    serde_json::from_slice(&plain).ok()
}

impl Running {
    /// Asks the endpoint, and does what a phone does with the answer.
    pub(crate) async fn flow_step(self: &Arc<Self>, step: &FlowStep) -> Result<FlowSeen, Refusal> {
        let asked = self.change(|world, _| world.ask_endpoint(step))?;
        let (status, body) = self.post(&asked.url, &asked.signature, asked.body.clone()).await;
        let answer = opened(&asked, &body).unwrap_or_default();
        let params = &answer["data"]["extension_message_response"]["params"];
        let completion = self.change(|world, now| {
            if let (427, Some(token)) = (status, &step.flow_token) {
                world.management.steps.ended.insert(token.clone());
            }
            let done = status == 200 && answer["screen"] == "SUCCESS" && params.is_object();
            done.then(|| world.complete_flow(step, params, now)).transpose()
        })?;
        Ok(FlowSeen { status, answer, completion })
    }
}
