//! Conversational components: what people see before they write, and the commands they may choose.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Platform;
use crate::{
    audit::Scope,
    transport::call::{Call, check_length, list, text, texts},
    values::error::{Error, Result},
};

const WHAT: &str = "conversational components";

/// A command that people choose by typing a slash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotCommand {
    /// What is typed behind the slash: 1 to 30 characters.
    pub name: String,
    /// What it does: 1 to 256 characters.
    pub description: String,
}

/// What a number offers before anybody writes (Meta: Conversational Components).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Automation {
    /// Whether a webhook of the kind `request_welcome` tells that somebody opened the chat for the first time.
    pub welcome: bool,
    /// Ice breakers: at most three, of 1 to 80 characters. They come as messages when they are tapped.
    pub prompts: Vec<String>,
    /// Commands: at most 30, each name once.
    pub commands: Vec<BotCommand>,
}

fn check(wanted: &Automation) -> Result<()> {
    if wanted.prompts.len() > 3 {
        return Err(Error::invalid("prompts", "must be three at most"));
    }
    for (i, prompt) in wanted.prompts.iter().enumerate() {
        check_length(&format!("prompts[{i}]"), prompt, 1, 80)?;
    }
    if wanted.commands.len() > 30 {
        return Err(Error::invalid("commands", "must be 30 at most"));
    }
    for (i, command) in wanted.commands.iter().enumerate() {
        check_length(&format!("commands[{i}].name"), &command.name, 1, 30)?;
        check_length(&format!("commands[{i}].description"), &command.description, 1, 256)?;
        if wanted.commands[..i].iter().any(|other| other.name == command.name) {
            return Err(Error::invalid(format!("commands[{i}].name"), "stands in the list twice"));
        }
    }
    Ok(())
}

impl Platform {
    /// What a number offers before anybody writes.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// let automation = engine.platform().automation(None).await?;
    /// assert_eq!(automation.prompts, ["When are you open?"]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `not_found`; `transport`.
    pub async fn automation(&self, number: Option<String>) -> Result<Automation> {
        self.engine.allow("platform.automation", Scope::AccountAdmin)?;
        let call = Call::get(self.number(number)?).with("fields", "conversational_automation");
        let answer = self.engine.graph(WHAT, call).await?;
        let there = &answer["conversational_automation"];
        Ok(Automation {
            welcome: there["enable_welcome_message"].as_bool().unwrap_or(false),
            prompts: texts(there, "prompts"),
            commands: list(there, "commands")
                .iter()
                .filter_map(|c| {
                    let description = text(c, "command_description").unwrap_or_default();
                    Some(BotCommand { name: text(c, "command_name")?, description })
                })
                .collect(),
        })
    }

    /// Sets what a number offers, in place of what it did.
    ///
    /// ```
    /// # conek_core::doctest::run(async |engine| {
    /// use conek_core::platform::{Automation, BotCommand};
    /// let hours = BotCommand { name: "hours".into(), description: "When we are open".into() };
    /// let prompts = vec!["When are you open?".into()];
    /// engine.platform().set_automation(Automation { welcome: false, prompts, commands: vec![hours] }, None).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for too many or too long ones; `not_found`; `transport`.
    pub async fn set_automation(&self, wanted: Automation, number: Option<String>) -> Result<()> {
        self.engine.admit("platform.set_automation", Scope::AccountAdmin, None)?;
        check(&wanted)?;
        let path = format!("{}/conversational_automation", self.number(number)?);
        let commands: Vec<_> = wanted
            .commands
            .iter()
            .map(|c| json!({"command_name": c.name, "command_description": c.description}))
            .collect();
        let body = json!({"enable_welcome_message": wanted.welcome, "prompts": wanted.prompts, "commands": commands});
        self.change(WHAT, Call::post(path, &body)).await.map(drop)
    }
}
