//! Input that means harm, or was merely made by people: each piece gets a clear answer, everything
//! else still counts, and memory stays small.
#![allow(clippy::unwrap_used, reason = "a test may panic, also in the functions it shares")]

mod answers;
mod files;
mod heap;
mod mutations;
mod odd_files;
mod webhooks;

/// No input may take more memory than this at its peak, in bytes.
const MOST: usize = 64 << 20;

/// One case at a time, so that a peak belongs to it alone.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Runs a case and holds it to the limit.
async fn within_memory<T>(case: impl Future<Output = T>) -> T {
    let _alone = ALONE.lock().await;
    heap::begin();
    let result = case.await;
    let peak = heap::peak();
    assert!(peak <= MOST, "{} MB at the peak", peak >> 20);
    result
}

#[tokio::test]
async fn the_measure_of_memory_sees_what_is_allocated() {
    let _alone = ALONE.lock().await;
    heap::begin();
    let much = std::hint::black_box(vec![1u8; 70 << 20]);
    assert!(heap::peak() > MOST, "{} bytes for {}", heap::peak(), much.len());
}
