//! When a message may be sent: rules and calendars, pure functions of facts and time.

pub mod calendar;
