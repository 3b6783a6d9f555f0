//! What the program tells: the import, the plan, the way and the end.

use std::{
    collections::BTreeMap,
    io::{IsTerminal, Write},
    path::Path,
    time::{Duration, Instant},
};

use conek_core::{
    Timestamp,
    campaigns::{CampaignPlan, CampaignProgress},
    people::ImportReport,
};
use indicatif::{ProgressBar, ProgressStyle};

/// Problems shown of an import.
const PROBLEMS: usize = 5;
/// Where there is no terminal, a line is written this often.
const LINE_EVERY: Duration = Duration::from_secs(1);
/// South Africa has no summer time.
const SAST: i32 = 2 * 3600;

/// Writes a line. `println!` would panic once nobody reads any more, as in `quickstart | head`.
macro_rules! say {
    ($($arguments:tt)*) => { $crate::quickstart::report::write_line(format_args!($($arguments)*)) };
}
pub(super) use say;

/// Writes a line, if somebody still reads.
pub(super) fn write_line(line: std::fmt::Arguments<'_>) {
    // A reader who has gone away is no reason to fail.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Writes out what was printed so far.
pub(super) fn flush() {
    let _ = std::io::stdout().flush();
}

/// Something that moves while work goes on; nothing where nobody watches.
pub(super) fn waiting(what: &'static str) -> ProgressBar {
    if !std::io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(what);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// `1234567` as `1,234,567`.
fn number(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n < 0 { format!("-{out}") } else { out }
}

fn line(label: &str, n: i64) {
    say!("  {label:<34}{:>8}", number(n));
}

pub(super) fn moment(at: Timestamp) -> String {
    let zone = chrono::FixedOffset::east_opt(SAST);
    zone.map_or_else(
        || at.to_rfc3339(),
        |zone| at.with_timezone(&zone).format("%a %Y-%m-%d %H:%M SAST").to_string(),
    )
}

fn duration(seconds: i64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn money(currency: &str, micros: i64) -> String {
    format!("{currency} {}.{:02}", number(micros / 1_000_000), micros % 1_000_000 / 10_000)
}

pub(super) fn import(file: Option<&Path>, r: &ImportReport) {
    let name = file.map_or_else(
        || "examples/data/contacts.csv (made-up people)".to_owned(),
        |f| f.display().to_string(),
    );
    say!("\nImport of {name}");
    line("rows", r.rows);
    line("created", r.created);
    line("updated", r.updated);
    line("duplicates", r.duplicates);
    line("rejected", r.rejected);
    line("on the suppression list", r.suppressed);
    line("consents with evidence", r.consents);
    line("consents without evidence", r.consent_without_evidence);
    for p in r.problems.iter().take(PROBLEMS) {
        let column = p.column.as_ref().map_or_else(String::new, |c| format!(", {c}"));
        say!("  row {}{column}: {}", p.row, p.detail);
    }
    if let Some(more) = r.problems.len().checked_sub(PROBLEMS).filter(|more| *more > 0) {
        say!("  and {more} more");
    }
}

pub(super) fn plan(p: &CampaignPlan) {
    say!("\nPlan of the campaign \"{}\"", p.name);
    line("people", p.planned);
    line("get it now", p.now);
    line("get it later", p.later);
    for later in &p.later_at {
        say!("    {:>8}  from {}", number(later.people), moment(later.until));
    }
    line("do not get it", p.denied);
    for r in &p.denied_by {
        say!("    {:>8}  {}", number(r.people), r.reason.code);
        say!("              {} ({})", r.reason.text, r.reason.provision);
    }
    say!("  sending those of now takes        {:>8}", duration(p.duration_s));
    for cost in &p.cost {
        say!("  costs, by example rates           {:>8}", money(&cost.currency, cost.micros));
    }
    if p.unpriced > 0 {
        line("without a rate", p.unpriced);
    }
    flush();
}

/// The way of a campaign: a bar on a terminal, lines elsewhere.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    began: Instant,
    told: Option<Instant>,
}

impl Progress {
    pub(super) fn new(people: i64) -> Self {
        let bar = std::io::stdout().is_terminal().then(|| {
            let bar = ProgressBar::new(u64::try_from(people).unwrap_or(0));
            if let Ok(style) = ProgressStyle::with_template("  {bar:30} {pos}/{len}  {msg}") {
                bar.set_style(style);
            }
            bar
        });
        say!("\nSending");
        Self { bar, began: Instant::now(), told: None }
    }

    pub(super) fn show(&mut self, at: Timestamp, p: &CampaignProgress) {
        let text = format!(
            "{}: {} sent, {} delivered, {} read, {} replied, {} opted out, {} waiting",
            moment(at),
            number(p.sent),
            number(p.delivered),
            number(p.read),
            number(p.replied),
            number(p.opted_out),
            number(p.waiting + p.sending),
        );
        match &self.bar {
            Some(bar) => {
                bar.set_position(u64::try_from(p.sent + p.refused).unwrap_or(0));
                bar.set_message(text);
            }
            None if self.told.is_none_or(|at| at.elapsed() >= LINE_EVERY) => {
                say!("  {text}");
                flush();
                self.told = Some(Instant::now());
            }
            None => {}
        }
    }

    /// Ends it with how long it took in real time.
    pub(super) fn finish(self, sent: i64) {
        if let Some(bar) = self.bar {
            bar.finish();
        }
        say!(
            "  {} messages in {:.1} s of this machine's time",
            number(sent),
            self.began.elapsed().as_secs_f64()
        );
    }
}

/// The table at the end.
pub(super) fn end(p: &CampaignProgress) {
    say!("\nResult of the campaign \"{}\"", p.name);
    for (label, n) in numbers(p) {
        line(label, n);
    }
    let denied: BTreeMap<&str, i64> =
        p.denied_by.iter().map(|r| (r.reason.code.as_str(), r.people)).collect();
    for (code, people) in denied {
        say!("    {:>8}  {code}", number(people));
    }
    flush();
}

/// A campaign's numbers as the table and the page show them.
pub(super) fn numbers(p: &CampaignProgress) -> Vec<(&'static str, i64)> {
    vec![
        ("planned", p.planned),
        ("waiting", p.waiting + p.sending),
        ("sent", p.sent),
        ("delivered", p.delivered),
        ("read", p.read),
        ("replied", p.replied),
        ("opted out", p.opted_out),
        ("failed", p.failed),
        ("refused", p.refused),
        ("dropped", p.dropped),
        ("in doubt", p.in_doubt + p.unresolved),
        ("denied", p.denied),
    ]
}

/// What the audit found.
pub(super) fn audit(faults: &[String]) {
    if faults.is_empty() {
        say!(
            "\nChecked against the phones: the numbers add up, nobody has two copies, nobody who was left out has one."
        );
    } else {
        say!("\nThe phones disagree:");
        for fault in faults {
            say!("  {fault}");
        }
    }
    flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_durations_and_sums_are_written_for_people() {
        assert_eq!(number(0), "0");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(number(-1000), "-1,000");
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(3_700), "1 h 1 min");
        assert_eq!(money("USD", 1_234_560_000), "USD 1,234.56");
        assert_eq!(moment("2026-11-24T05:30:00Z".parse().unwrap()), "Tue 2026-11-24 07:30 SAST");
    }
}
