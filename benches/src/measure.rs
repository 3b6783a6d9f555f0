//! A row: rounds of several sides in turn, and what came of them.

use std::time::Instant;

use cpu_time::ProcessTime;

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
}

impl Row {
    /// A row that counts `unit`s.
    pub fn new(title: impl Into<String>, unit: &'static str) -> Self {
        Self { title: title.into(), unit, sides: Vec::new() }
    }

    /// Adds a round of a side. `goal` is the ratio to this side that conek wants to reach.
    pub fn add(&mut self, name: &str, goal: Option<f64>, took: Took) {
        match self.sides.iter_mut().find(|s| s.name == name) {
            Some(side) => side.rounds.push(took),
            None => self.sides.push(Side { name: name.to_owned(), rounds: vec![took], goal }),
        }
    }

    /// Prints every side, and conek's ratio to each other one, round by round.
    pub fn print(&self) {
        println!("\n{}", self.title);
        println!(
            "  {:<34} {:>32}   {:>29}",
            "",
            format!("{}s a second: median", self.unit),
            "CPU us each: median"
        );
        for side in &self.sides {
            let rate = spread(side.rounds.iter().map(|r| r.rate()).collect());
            let cpu = spread(side.rounds.iter().map(|r| r.cpu_each() * 1e6).collect());
            println!("  {:<34} {rate:>32}   {cpu:>29}", side.name);
        }
        let Some((conek, others)) = self.sides.split_first() else { return };
        for other in others {
            let pairs = || conek.rounds.iter().zip(&other.rounds);
            let wall: Vec<f64> = pairs().map(|(c, o)| c.rate() / o.rate()).collect();
            let cpu: Vec<f64> = pairs().map(|(c, o)| o.cpu_each() / c.cpu_each()).collect();
            let met = other.goal.map_or(String::new(), |goal| {
                // CPU decides: the wall clock of a shared machine says little.
                format!("   goal {goal}: {}", if median(&cpu) >= goal { "reached" } else { "missed" })
            });
            println!("  {:<34} {:>32}   {:>29}{met}", format!("/ {}", other.name), spread(wall), spread(cpu));
        }
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn spread(values: Vec<f64>) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{} ({} .. {})", digits(median(&values)), digits(least), digits(most))
}

/// Three digits that count.
fn digits(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => {
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
