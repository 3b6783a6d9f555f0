//! What webhooks tell beside messages, statuses and calls. Each noun has a file; words that WhatsApp adds later come
//! as they are.

mod account;
mod app;
mod flow;
mod group;
mod identity;
mod number;
mod template;

pub use account::{AccountEvent, AccountRestriction, PartnerInfo, RateException};
pub use app::{AppEvent, HistoryChat, HistoryMessage};
pub use flow::{FlowErrorCount, FlowEvent};
pub use group::{GroupEvent, GroupPerson, GroupSetting};
pub use identity::IdentityEvent;
pub use number::NumberEvent;
pub use template::{ChangedButton, TemplateEvent};
