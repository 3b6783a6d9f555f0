//! Breaches of personal data: the clocks that run from the moment of awareness.

mod deadlines;

pub use deadlines::{BreachAudience, BreachDeadline, BreachFacts, BreachRisk, DelayOrder, breach_deadlines};
