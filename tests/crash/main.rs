//! kill -9 of a real process at every point of a message's way, and at any moment. The simulator
//! lives on and knows what was really sent.
//!
//! `CONEK_CRASHES=500 cargo test -p conek-tests --test crash random -- --nocapture` kills as many processes as the
//! variable says at random moments and prints the tally; without it 40 are killed.
//! `CONEK_DUTY_KILLS` does the same for erasures, rotations of keys, sweeps and restores: see `duties`.

mod book;
mod desk;
mod duties;
mod duty;
mod life;
mod named;
mod random;
