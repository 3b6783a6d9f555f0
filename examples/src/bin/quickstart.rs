//! `quickstart`: from a file of people to a finished campaign, without credentials.

use std::process::ExitCode;

use clap::Parser;
use conek_examples::quickstart::{self, Args};

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    match quickstart::run(args, |name| std::env::var(name).ok()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("quickstart: {error}");
            ExitCode::from(2)
        }
    }
}
