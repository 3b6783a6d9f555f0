//! conek for Kotlin and Swift.
