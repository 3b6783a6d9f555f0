//! What the runnable examples are made of: the sample of made-up people, and the quickstart.
#![forbid(unsafe_code)]

pub mod quickstart;
pub mod sample;
