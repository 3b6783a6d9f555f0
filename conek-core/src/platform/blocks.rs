//! The block list: people who cannot write to a number, and to whom it cannot write.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Platform;
use crate::{
    audit::{FieldMask, Scope},
    engine::{Inner, Session},
    messaging::Recipient,
    people::contacts::check_bsuid,
    transport::{
        Address,
        call::{Call, items, list, next_page, refusal, text, unreadable},
    },
    values::{
        error::{Error, Result},
        ids::PersonId,
        phone::Phone,
        quiet::quiet_debug,
    },
};

const WHAT: &str = "block list";
/// In one call. WhatsApp's own list holds 64,000.
const MOST: usize = 1000;

/// Somebody on the block list. Whoever may not see numbers gets the person alone. `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedPerson {
    /// The contact, if they are one of this account.
    pub person: Option<PersonId>,
    /// Their number, with `+`.
    pub phone: Option<String>,
    /// Their business-scoped id.
    pub bsuid: Option<String>,
}

/// A page of a number's block list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedPage {
    /// The people.
    pub people: Vec<BlockedPerson>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// Why somebody stayed as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockRefusal {
    /// Who, by their place among those who were given, from 0.
    pub index: i32,
    /// WhatsApp's code, where it said one. 131047: they did not write within the last 24 hours.
    pub code: Option<i32>,
}

/// What became of a change of the block list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockReport {
    /// For whom it was done, by their place among those who were given, from 0.
    pub done: Vec<i32>,
    /// For whom it was not.
    pub refused: Vec<BlockRefusal>,
}

quiet_debug! { BlockedPerson {} }

impl Inner {
    /// By what WhatsApp knows somebody, and who they are here.
    pub(super) async fn blockable(&self, who: Recipient) -> Result<(Address, Option<PersonId>)> {
        match who {
            Recipient::Person { id } => Ok((self.person(&id).await?.0.address()?, Some(id))),
            Recipient::Phone { number } => {
                let phone = self.parse_phone(&number)?;
                let person = self.find_person(Some(&phone), None).await?;
                Ok((Address::Phone { number: phone.as_e164().to_owned() }, person))
            }
            Recipient::Bsuid { id } => {
                let id = check_bsuid(&id)?;
                let person = self.find_person(None, Some(&id)).await?;
                Ok((Address::Bsuid { id }, person))
            }
        }
    }

    pub(super) async fn blocked(&self, session: &Session, json: &Json) -> Result<BlockedPerson> {
        let phone = text(json, "wa_id").map(|n| format!("+{}", n.trim_start_matches('+')));
        let bsuid = text(json, "user_id");
        let parsed = phone.as_deref().and_then(|n| Phone::parse(n, None).ok());
        // A number and an id that belong to two contacts are nobody's in particular.
        let person = match self.find_person(parsed.as_ref(), bsuid.as_deref()).await {
            Err(Error::Conflict { .. }) => None,
            found => found?,
        };
        let shown = session.actor().sees(FieldMask::Phone);
        Ok(BlockedPerson { person, phone: phone.filter(|_| shown), bsuid: bsuid.filter(|_| shown) })
    }
}

fn report(given: &[Address], answer: &Json, done: &str) -> BlockReport {
    let key = |address: &str| -> String {
        address.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
    };
    let given: Vec<String> = given
        .iter()
        .map(|address| match address {
            Address::Phone { number } => key(number),
            Address::Bsuid { id } => key(id),
        })
        .collect();
    let place = |user: &Json| {
        let named = ["input", "wa_id", "user_id"].into_iter().filter_map(|name| text(user, name));
        let mut places = named.filter_map(|name| given.iter().position(|g| *g == key(&name)));
        places.next().and_then(|at| i32::try_from(at).ok())
    };
    let mut done: Vec<i32> = list(&answer["block_users"], done).iter().filter_map(place).collect();
    done.sort_unstable();
    done.dedup();
    let codes: Vec<(i32, Option<i32>)> = list(&answer["block_users"], "failed_users")
        .iter()
        .filter_map(|user| {
            let code = user["errors"][0]["code"].as_i64().and_then(|code| i32::try_from(code).ok());
            Some((place(user)?, code))
        })
        .collect();
    // Whoever is in neither list was not changed either.
    let refused = (0..i32::try_from(given.len()).unwrap_or(i32::MAX))
        .filter(|index| !done.contains(index))
        .map(|index| BlockRefusal {
            index,
            code: codes.iter().find(|(at, _)| *at == index).and_then(|(_, code)| *code),
        })
        .collect();
    BlockReport { done, refused }
}

impl Platform {
    /// Keeps people from writing to a number, and the number from writing to them. WhatsApp takes only those who wrote
    /// within the last 24 hours; the list holds 64,000. At most 1,000 people in a call.
    ///
    /// Blocking is no withdrawal: what people consented to stays on record. WhatsApp refuses messages to them, and such a
    /// refusal (130403) is kept as an opt-out.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// use conek_core::Recipient;
    /// let report = engine.platform().block(vec![Recipient::Person { id: person }], None).await?;
    /// assert_eq!((report.done, report.refused), (vec![0], vec![]));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for nobody or too many; `not_found` for an unknown contact; `transport`.
    pub async fn block(&self, people: Vec<Recipient>, number: Option<String>) -> Result<BlockReport> {
        self.bar("platform.block", people, number, true).await
    }

    /// Takes people off the block list.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::Recipient;
    /// let thandi = Recipient::Phone { number: "083 288 5137".into() };
    /// assert_eq!(engine.platform().unblock(vec![thandi], None).await?.done, [0]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for nobody or too many; `not_found` for an unknown contact; `transport`.
    pub async fn unblock(&self, people: Vec<Recipient>, number: Option<String>) -> Result<BlockReport> {
        self.bar("platform.unblock", people, number, false).await
    }

    async fn bar(
        &self,
        operation: &str,
        people: Vec<Recipient>,
        number: Option<String>,
        block: bool,
    ) -> Result<BlockReport> {
        self.engine.admit_many(operation, Scope::AccountAdmin, None, people.len())?;
        if people.is_empty() || people.len() > MOST {
            return Err(Error::invalid("people", format!("must be 1 to {MOST}")));
        }
        let path = format!("{}/block_users", self.number(number)?);
        let mut given = Vec::with_capacity(people.len());
        for who in people {
            let (address, person) = self.engine.blockable(who).await?;
            if let Some(person) = person {
                self.engine.about(operation, &person);
            }
            given.push(address);
        }
        let users: Vec<Json> = given
            .iter()
            .map(|address| match address {
                Address::Phone { number } => json!({ "user": number }),
                Address::Bsuid { id } => json!({ "user_id": id }),
            })
            .collect();
        let body = json!({"messaging_product": "whatsapp", "block_users": users});
        let (call, done) = match block {
            true => (Call::post(&*path, &body), "added_users"),
            false => (Call::delete_these(&*path, &body), "removed_users"),
        };
        let engine = self.engine.inner();
        let answer = self.engine.run(async move { engine.graph_answer(call).await }).await?;
        // Where some were refused, the status may be that of an error; who was not is said all the same.
        let json: Option<Json> = serde_json::from_str(&answer.json).ok();
        match json.filter(|json| json["block_users"].is_object()) {
            Some(json) => Ok(report(&given, &json, done)),
            None if (200..300).contains(&answer.status) => Err(unreadable(WHAT, false)),
            None => Err(refusal(WHAT, path.split('/').next().unwrap_or_default(), &answer, false)),
        }
    }

    /// Who is blocked, at most `limit` (1 to 100) of them; the next page begins at `after`.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// let page = engine.platform().blocked(None, 100, None).await?;
    /// assert_eq!(page.people[0].person, Some(person));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn blocked(
        &self,
        after: Option<String>,
        limit: i32,
        number: Option<String>,
    ) -> Result<BlockedPage> {
        self.engine.admit("platform.blocked", Scope::AccountAdmin, None)?;
        let call = Call::get(format!("{}/block_users", self.number(number)?)).page(after, limit)?;
        let page = self.engine.graph(WHAT, call).await?;
        let mut people = Vec::new();
        for user in items(&page) {
            let blocked = self.engine.blocked(&self.engine, user).await?;
            if let Some(person) = &blocked.person {
                self.engine.about("platform.blocked", person);
            }
            people.push(blocked);
        }
        Ok(BlockedPage { people, next: next_page(&page) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> Vec<Address> {
        let phone = |number: &str| Address::Phone { number: number.into() };
        vec![phone("+27832885137"), phone("+27832885138"), Address::Bsuid { id: "ZA.1A2B".into() }]
    }

    #[test]
    fn everybody_who_was_given_is_reported_once() {
        let answer = json!({"block_users": {
            "added_users": [{"input": "+27 83 288 5137", "wa_id": "27832885137"}],
            "failed_users": [{"input": "ZA.1A2B", "errors": [{"code": 131_047}]}, {"input": "nobody"}],
        }});
        let refused = |index, code| BlockRefusal { index, code };
        assert_eq!(
            report(&given(), &answer, "added_users"),
            BlockReport { done: vec![0], refused: vec![refused(1, None), refused(2, Some(131_047))] }
        );
    }

    #[test]
    fn who_is_blocked_is_not_in_debug() {
        let blocked = BlockedPerson { person: None, phone: Some("+27832885137".into()), bsuid: None };
        assert!(!format!("{blocked:?}").contains("2885137"));
    }
}
