//! A row: rounds of several sides in turn, and what came of them.

use std::time::Instant;

use cpu_time::ProcessTime;
use serde::Serialize;

use crate::report::Report;

/// What one round of one side took.
#[derive(Clone, Copy)]
pub struct Took {
    units: f64,
    wall: f64,
    cpu: f64,
}

impl Took {
    /// Work of another process, by its own clocks, in seconds.
    pub fn elsewhere(units: usize, wall: f64, cpu: f64) -> Self {
        Self { units: units as f64, wall, cpu }
    }
    fn rate(self) -> f64 {
        self.units / self.wall.max(1e-9)
    }
    fn cpu_each(self) -> f64 {
        self.cpu / self.units
    }
    /// CPU microseconds for each unit.
    pub fn cpu_us(self) -> f64 {
        self.cpu_each() * 1e6
    }
}

/// Takes the time of a round.
pub struct Stopwatch(Instant, ProcessTime);

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Self(Instant::now(), ProcessTime::now())
    }
    /// Stops: so many units of work were done.
    pub fn stop(self, units: usize) -> Took {
        let (wall, cpu) = (self.0.elapsed(), self.1.elapsed());
        Took { units: units as f64, wall: wall.as_secs_f64(), cpu: cpu.as_secs_f64() }
    }
}

/// A side of a row and its rounds.
struct Side {
    name: String,
    rounds: Vec<Took>,
    goal: Option<f64>,
}

/// A row of sides; the first added is conek, the others are what it is compared with.
pub struct Row {
    title: String,
    unit: &'static str,
    sides: Vec<Side>,
    notes: Vec<String>,
}

/// The middle of the rounds, and their ends.
#[derive(Clone, Copy, Serialize)]
pub struct Spread {
    /// Half of the rounds had less.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
}

/// What came of a side.
#[derive(Serialize)]
pub struct Figures {
    /// Who.
    pub name: String,
    /// Units a second by the clock on the wall.
    pub per_second: Spread,
    /// CPU microseconds for each unit.
    pub cpu_us: Spread,
}

/// conek beside another side, round by round: more is better for conek.
#[derive(Serialize)]
pub struct Ratio {
    /// Who the other is.
    pub to: String,
    /// By the clock on the wall.
    pub wall: Spread,
    /// By CPU time.
    pub cpu: Spread,
    /// What conek wants to reach, by CPU time.
    pub goal: Option<f64>,
    /// Whether the median reached it.
    pub reached: Option<bool>,
}

/// A row when all its rounds are done.
#[derive(Serialize)]
pub struct Finished {
    /// What was measured.
    pub title: String,
    /// What was counted.
    pub unit: &'static str,
    /// Each side, conek first.
    pub sides: Vec<Figures>,
    /// conek beside each other side.
    pub ratios: Vec<Ratio>,
    /// What else was seen.
    pub notes: Vec<String>,
}

impl Row {
    /// A row that counts `unit`s.
    pub fn new(title: impl Into<String>, unit: &'static str) -> Self {
        Self { title: title.into(), unit, sides: Vec::new(), notes: Vec::new() }
    }

    /// Adds a round of a side. `goal` is the ratio to this side that conek wants to reach.
    pub fn add(&mut self, name: &str, goal: Option<f64>, took: Took) {
        match self.sides.iter_mut().find(|s| s.name == name) {
            Some(side) => side.rounds.push(took),
            None => self.sides.push(Side { name: name.to_owned(), rounds: vec![took], goal }),
        }
    }

    /// Says something that stands below the figures.
    pub fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    /// Prints every side, and conek's ratio to each other one, round by round; and keeps them for the report.
    pub fn finish(self, report: &mut Report) {
        let figures = |side: &Side| Figures {
            name: side.name.clone(),
            per_second: spread(side.rounds.iter().map(|r| r.rate()).collect()),
            cpu_us: spread(side.rounds.iter().map(|r| r.cpu_us()).collect()),
        };
        let ratio = |conek: &Side, other: &Side| {
            let pairs = || conek.rounds.iter().zip(&other.rounds);
            let cpu = spread(pairs().map(|(c, o)| o.cpu_each() / c.cpu_each()).collect());
            Ratio {
                to: other.name.clone(),
                wall: spread(pairs().map(|(c, o)| c.rate() / o.rate()).collect()),
                cpu,
                goal: other.goal,
                // CPU decides: the wall clock of a shared machine says little.
                reached: other.goal.map(|goal| cpu.median >= goal),
            }
        };
        let finished = Finished {
            sides: self.sides.iter().map(figures).collect(),
            ratios: match self.sides.split_first() {
                Some((conek, others)) => others.iter().map(|other| ratio(conek, other)).collect(),
                None => Vec::new(),
            },
            title: self.title,
            unit: self.unit,
            notes: self.notes,
        };
        finished.print();
        report.rows.push(finished);
    }
}

impl Finished {
    fn print(&self) {
        println!("\n{}", self.title);
        let rate = format!("{}s a second: median", self.unit);
        println!("  {:<34} {rate:>32}   {:>29}", "", "CPU us each: median");
        for side in &self.sides {
            println!(
                "  {:<34} {:>32}   {:>29}",
                side.name,
                side.per_second.to_string(),
                side.cpu_us.to_string()
            );
        }
        for ratio in &self.ratios {
            let met = match (ratio.goal, ratio.reached) {
                (Some(goal), Some(true)) => format!("   goal {goal}: reached"),
                (Some(goal), _) => format!("   goal {goal}: missed"),
                (None, _) => String::new(),
            };
            let to = format!("/ {}", ratio.to);
            println!("  {to:<34} {:>32}   {:>29}{met}", ratio.wall.to_string(), ratio.cpu.to_string());
        }
        for note in &self.notes {
            println!("  {note}");
        }
    }
}

fn spread(mut values: Vec<f64>) -> Spread {
    values.sort_by(f64::total_cmp);
    let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    Spread { median: at(values.len() / 2), min: at(0), max: at(values.len().saturating_sub(1)) }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} .. {})", digits(self.median), digits(self.min), digits(self.max))
    }
}

/// Three digits that count.
pub fn digits(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 || v.fract() == 0.0 => {
            let whole = format!("{value:.0}");
            let mut out = String::new();
            for (i, c) in whole.chars().enumerate() {
                if i > 0 && (whole.len() - i).is_multiple_of(3) {
                    out.push(',');
                }
                out.push(c);
            }
            out
        }
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
