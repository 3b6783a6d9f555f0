//! Whether the store says the truth: structure, keys, chain, and whether what is derived follows from what it is
//! derived from. What can be derived anew is mended; nothing else is touched.

mod checks;
mod model;
mod walk;

pub use model::{StoreProblem, StoreReport};
