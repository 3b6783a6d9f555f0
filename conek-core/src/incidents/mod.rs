//! Breaches of personal data: the clocks that run from the moment of awareness, whom to tell what and how, and the
//! life of a case until everybody knows.

mod affected;
mod case;
mod channels;
mod contents;
mod deadlines;
mod duties;
mod handle;
mod letters;
mod model;
mod steps;
#[cfg(test)]
mod testing;

pub use affected::{AffectedPage, AffectedQuery};
pub use channels::{BreachChannel, ChannelVerdict, accepted};
pub use contents::{BreachContent, BreachItem, BreachMissing, breach_contents, missing};
pub use deadlines::{BreachAudience, BreachDeadline, BreachFacts, BreachRisk, DelayOrder, breach_deadlines};
pub use duties::{
    BreachDuty, BreachDutyState, BreachExcuse, BreachObstacle, ObstacleKind, duties, obstacles,
};
pub use handle::{BreachPage, BreachTask, Incidents};
pub use letters::{BreachLetter, LETTERS_VERSION, LetterSection, letter};
pub use model::{
    BreachAssessment, BreachCase, BreachDelay, BreachDetails, BreachKind, BreachNotice, BreachPhase,
    BreachState, BreachStep, BreachText, BreachUnknown, NewBreachNotice,
};
