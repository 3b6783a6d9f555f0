//! kill -9 of a real process at every point of a message's way, and at any moment. The simulator
//! lives on and knows what was really sent.
//!
//! `CONEK_CRASHES=500` sets how many processes are killed at random moments; 40 by default.

mod life;
mod named;
mod random;
