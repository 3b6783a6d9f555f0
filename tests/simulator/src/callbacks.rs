//! Callbacks: where webhooks go that do not go to the app's own address.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::{options::BusinessNumber, webhooks::Update};

/// Where updates go instead of the app's own address: those of one number, or of all numbers of an account.
#[derive(Debug, Default, Clone)]
pub(crate) struct Callbacks {
    accounts: HashMap<String, String>,
    numbers: HashMap<usize, String>,
}

impl Callbacks {
    pub(crate) fn set_account(&mut self, waba: &str, url: Option<&str>) {
        match url {
            Some(url) => self.accounts.insert(waba.to_owned(), url.to_owned()),
            None => self.accounts.remove(waba),
        };
    }
    pub(crate) fn set_number(&mut self, number: usize, url: Option<&str>) {
        match url {
            Some(url) => self.numbers.insert(number, url.to_owned()),
            None => self.numbers.remove(&number),
        };
    }
    pub(crate) fn of_account(&self, waba: &str) -> Option<&str> {
        self.accounts.get(waba).map(String::as_str)
    }
    /// Only messages follow a number; what is about the account follows the account.
    pub(crate) fn of(&self, update: &Update, numbers: &[BusinessNumber]) -> Option<&str> {
        let number = Some(update.number).filter(|_| update.told.field() == "messages");
        let own = number.and_then(|n| self.numbers.get(&n)).map(String::as_str);
        own.or_else(|| self.of_account(&numbers.get(update.number)?.waba))
    }
    /// As a number tells it.
    pub(crate) fn told(&self, number: usize, of: &BusinessNumber) -> Value {
        json!({
            "phone_number": self.numbers.get(&number),
            "whatsapp_business_account": self.of_account(&of.waba),
        })
    }
}
