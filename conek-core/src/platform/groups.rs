//! Groups: chats of a number with several people. Nobody can be added; people join by the group's link.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::Platform;
use crate::{
    audit::Scope,
    engine::Session,
    messaging::Recipient,
    transport::{
        Address,
        call::{Call, check_id, check_length, list, needed, next_page, text},
    },
    values::{
        error::{Error, Result},
        ids::PersonId,
        quiet::quiet_debug,
        time::Timestamp,
    },
};

const WHAT: &str = "group";
const FIELDS: &str = "subject,description,suspended,creation_timestamp,participants,join_approval_mode,\
                      total_participant_count";
/// So many people may be removed in one call.
const MOST_PEOPLE: usize = 8;

/// A group as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSummary {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub subject: String,
    /// When it was made.
    pub created_at: Option<Timestamp>,
}

/// A page of a number's groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupPage {
    /// The groups.
    pub groups: Vec<GroupSummary>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// Somebody in a group, or who wants to be. Whoever may not see numbers gets the person alone. `Debug` shows none of
/// it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupMember {
    /// The contact, if they are one of this account.
    pub person: Option<PersonId>,
    /// Their number, with `+`.
    pub phone: Option<String>,
    /// Their business-scoped id.
    pub bsuid: Option<String>,
}

/// A group (Meta: Groups API > Group management).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub subject: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether people wait for the business's yes (`approval_required`) or are in at once (`auto_approve`).
    pub join_approval: Option<String>,
    /// Whether WhatsApp has suspended it.
    pub suspended: bool,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Who is in it, besides the business.
    pub members: Vec<GroupMember>,
    /// How many they are.
    pub member_count: Option<i32>,
}

/// A group to make.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewGroup {
    /// What it is called, 128 characters at most.
    pub subject: String,
    /// What it is for, 2,048 characters at most.
    pub description: Option<String>,
    /// Whether people who follow the link wait for the business's yes.
    pub approve_joins: bool,
}

/// What is to be changed of a group; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupUpdate {
    /// What it is called, 128 characters at most.
    pub subject: Option<String>,
    /// What it is for, 2,048 characters at most.
    pub description: Option<String>,
}

quiet_debug! { GroupMember {} }

/// A moment in seconds, which stands as a number or as text.
pub(super) fn moment(of: &Json, key: &str) -> Option<Timestamp> {
    Timestamp::from_timestamp(text(of, key)?.parse().ok()?, 0)
}

pub(super) async fn member(engine: &Session, operation: &str, json: &Json) -> Result<GroupMember> {
    let known = engine.blocked(engine, json).await?;
    if let Some(person) = &known.person {
        engine.about(operation, person);
    }
    Ok(GroupMember { person: known.person, phone: known.phone, bsuid: known.bsuid })
}

fn check_texts(subject: Option<&str>, description: Option<&str>) -> Result<()> {
    if let Some(subject) = subject {
        // Spaces around it are cut off by WhatsApp.
        check_length("subject", subject.trim(), 1, 128)?;
    }
    description.map_or(Ok(()), |text| check_length("description", text, 0, 2048))
}

impl Platform {
    /// A number's groups, at most `limit` (1 to 100) of them; the next page begins at `after`.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let page = engine.platform().groups(None, 100, None).await?;
    /// assert_eq!(page.groups[0].subject, "Harvest");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `transport`, with code 131215 for a number that may have no groups.
    pub async fn groups(
        &self,
        after: Option<String>,
        limit: i32,
        number: Option<String>,
    ) -> Result<GroupPage> {
        self.engine.allow("platform.groups", Scope::AccountAdmin)?;
        let call = Call::get(format!("{}/groups", self.number(number)?)).page(after, limit)?;
        let page = self.engine.graph(WHAT, call).await?;
        let group = |json: &Json| {
            Ok(GroupSummary {
                id: needed(WHAT, json, "id", true)?,
                subject: text(json, "subject").unwrap_or_default(),
                created_at: moment(json, "created_at"),
            })
        };
        let groups = list(&page["data"], "groups").iter().map(group).collect::<Result<_>>()?;
        Ok(GroupPage { groups, next: next_page(&page) })
    }

    /// A group and who is in it.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// # let person = conek_core::doctest::person(&engine, "+27 83 288 5137").await?;
    /// let group = engine.platform().group("Y2FwaV9ncm91cDox".into()).await?;
    /// assert_eq!((&*group.subject, group.members[0].person.as_ref()), ("Harvest", Some(&person)));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn group(&self, id: String) -> Result<Group> {
        self.engine.admit("platform.group", Scope::AccountAdmin, None)?;
        let call = Call::get(check_id("id", id)?).with("fields", FIELDS);
        let json = self.engine.graph(WHAT, call).await?;
        let mut members = Vec::new();
        for participant in list(&json, "participants") {
            members.push(member(&self.engine, "platform.group", participant).await?);
        }
        Ok(Group {
            id: needed(WHAT, &json, "id", true)?,
            subject: text(&json, "subject").unwrap_or_default(),
            description: text(&json, "description"),
            join_approval: text(&json, "join_approval_mode"),
            suspended: json["suspended"].as_bool().unwrap_or_default(),
            created_at: moment(&json, "creation_timestamp"),
            members,
            member_count: json["total_participant_count"].as_i64().and_then(|n| i32::try_from(n).ok()),
        })
    }

    /// Asks for a group of a number, and answers the request's id. WhatsApp makes the group a little later: the webhook
    /// `group_lifecycle_update` tells its id and link under this request's id, as an event of the kind `unknown`.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::NewGroup;
    /// let harvest = NewGroup { subject: "Harvest".into(), approve_joins: true, ..NewGroup::default() };
    /// let request = engine.platform().create_group(harvest, None).await?;
    /// assert!(!request.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for a subject or description that is too long; `transport`.
    pub async fn create_group(&self, group: NewGroup, number: Option<String>) -> Result<String> {
        self.engine.admit("platform.create_group", Scope::AccountAdmin, None)?;
        check_texts(Some(&group.subject), group.description.as_deref())?;
        let mode = if group.approve_joins { "approval_required" } else { "auto_approve" };
        let mut body =
            json!({"messaging_product": "whatsapp", "subject": group.subject, "join_approval_mode": mode});
        if let Some(description) = group.description {
            body["description"] = description.into();
        }
        let call = Call::post(format!("{}/groups", self.number(number)?), &body);
        needed(WHAT, &self.change(WHAT, call).await?, "request_id", false)
    }

    /// Changes what a group is called or for.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::GroupUpdate;
    /// let update = GroupUpdate { subject: Some("Harvest 2027".into()), ..GroupUpdate::default() };
    /// engine.platform().update_group("Y2FwaV9ncm91cDox".into(), update).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for nothing to change, or texts that are too long; `not_found`; `transport`.
    pub async fn update_group(&self, id: String, update: GroupUpdate) -> Result<()> {
        self.engine.admit("platform.update_group", Scope::AccountAdmin, None)?;
        check_texts(update.subject.as_deref(), update.description.as_deref())?;
        let mut body = Map::from_iter([("messaging_product".to_owned(), "whatsapp".into())]);
        for (key, value) in [("subject", update.subject), ("description", update.description)] {
            if let Some(value) = value {
                body.insert(key.to_owned(), value.into());
            }
        }
        if body.len() == 1 {
            return Err(Error::invalid("update", "must change something"));
        }
        self.change(WHAT, Call::post(check_id("id", id)?, &Json::Object(body))).await.map(drop)
    }

    /// Deletes a group: everybody is out of it, also the business.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// engine.platform().delete_group("Y2FwaV9ncm91cDox".into()).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn delete_group(&self, id: String) -> Result<()> {
        self.engine.admit("platform.delete_group", Scope::AccountAdmin, None)?;
        self.change(WHAT, Call::delete(check_id("id", id)?)).await.map(drop)
    }

    /// Takes people out of a group, at most 8 in a call. Whoever still has the link may come back: reset it, or let nobody in unasked.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::Recipient;
    /// let thandi = Recipient::Phone { number: "083 288 5137".into() };
    /// engine.platform().remove_group_members("Y2FwaV9ncm91cDox".into(), vec![thandi]).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for nobody or more than 8; `not_found`; `transport`.
    pub async fn remove_group_members(&self, id: String, people: Vec<Recipient>) -> Result<()> {
        const NAME: &str = "platform.remove_group_members";
        self.engine.admit_many(NAME, Scope::AccountAdmin, None, people.len())?;
        if people.is_empty() || people.len() > MOST_PEOPLE {
            return Err(Error::invalid("people", "must be 1 to 8"));
        }
        let path = format!("{}/participants", check_id("id", id)?);
        let mut users = Vec::with_capacity(people.len());
        for who in people {
            let (address, person) = self.engine.blockable(who).await?;
            if let Some(person) = person {
                self.engine.about(NAME, &person);
            }
            users.push(match address {
                Address::Phone { number: user } | Address::Bsuid { id: user } => json!({ "user": user }),
            });
        }
        let body = json!({"messaging_product": "whatsapp", "participants": users});
        self.change(WHAT, Call::delete_these(path, &body)).await.map(drop)
    }

    /// The link by which people join a group. Whoever has it can ask to be let in, and where nobody must be asked, is in.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let link = engine.platform().group_invite_link("Y2FwaV9ncm91cDox".into()).await?;
    /// assert!(link.starts_with("https://chat.whatsapp.com/"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn group_invite_link(&self, id: String) -> Result<String> {
        self.engine.allow("platform.group_invite_link", Scope::AccountAdmin)?;
        let call = Call::get(format!("{}/invite_link", check_id("id", id)?));
        needed(WHAT, &self.engine.graph(WHAT, call).await?, "invite_link", true)
    }

    /// Gives a group a new link; the one that it had works no more.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let link = engine.platform().reset_group_invite_link("Y2FwaV9ncm91cDox".into()).await?;
    /// assert!(link.starts_with("https://chat.whatsapp.com/"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn reset_group_invite_link(&self, id: String) -> Result<String> {
        self.engine.admit("platform.reset_group_invite_link", Scope::AccountAdmin, None)?;
        let path = format!("{}/invite_link", check_id("id", id)?);
        let call = Call::post(path, &json!({"messaging_product": "whatsapp"}));
        needed(WHAT, &self.change(WHAT, call).await?, "invite_link", false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_in_a_group_is_not_in_debug() {
        let member = GroupMember { person: None, phone: Some("+27832885137".into()), bsuid: None };
        assert!(!format!("{member:?}").contains("2885137"));
    }
}
