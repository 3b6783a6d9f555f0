//! What a run measured, as JSON and as a drawing.

use std::path::Path;

use plotters::{coord::Shift, prelude::*};
use serde::Serialize;

use crate::{
    Extent, Failure,
    measure::{Finished, Ratio, digits},
};

const WIDTH: u32 = 1_000;
const LINE: u32 = 26;
const CURVE: u32 = 320;
const REACHED: RGBColor = RGBColor(0x1b, 0x7f, 0x4b);
const MISSED: RGBColor = RGBColor(0xb3, 0x26, 0x1e);
const PLAIN: RGBColor = RGBColor(0x3a, 0x4a, 0x63);

/// Everything that a run measured.
#[derive(Serialize)]
pub struct Report {
    /// The version of conek.
    version: &'static str,
    /// The kind of machine.
    machine: Machine,
    /// Rounds of each side.
    rounds: usize,
    /// The rows, in the order in which they were measured.
    pub rows: Vec<Finished>,
    /// How cost grows.
    pub curves: Vec<Curve>,
}

#[derive(Serialize)]
struct Machine {
    os: &'static str,
    architecture: &'static str,
    cores: usize,
}

/// How something grows with something else.
#[derive(Serialize)]
pub struct Curve {
    /// What grows.
    pub title: String,
    /// What it grows with.
    pub along: &'static str,
    /// One line for each thing that was measured.
    pub lines: Vec<Line>,
}

/// One thing that was measured, at several places.
#[derive(Serialize)]
pub struct Line {
    /// Its name and unit.
    pub name: String,
    /// Where, and how much.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// A curve without points.
    pub fn new(title: &str, along: &'static str, lines: &[&str]) -> Self {
        let line = |name: &&str| Line { name: (*name).to_owned(), points: Vec::new() };
        Self { title: title.to_owned(), along, lines: lines.iter().map(line).collect() }
    }
    /// Adds a point to each line.
    pub fn at(&mut self, place: usize, values: &[f64]) {
        for (line, value) in self.lines.iter_mut().zip(values) {
            line.points.push((place as f64, *value));
        }
    }
    /// Prints it as a table, and keeps it for the report.
    pub fn finish(self, report: &mut Report) {
        println!("\n{}", self.title);
        println!(
            "  {:<34} {}",
            self.along,
            self.lines.iter().map(|l| l.name.as_str()).collect::<Vec<_>>().join(" | ")
        );
        let places = self.lines.first().map_or(0, |l| l.points.len());
        for i in 0..places {
            let of = |line: &Line| line.points.get(i).copied().unwrap_or((f64::NAN, f64::NAN));
            let place = self.lines.first().map_or(f64::NAN, |l| of(l).0);
            let values: Vec<String> = self.lines.iter().map(|l| digits(of(l).1)).collect();
            println!("  {:<34} {}", digits(place), values.join(" | "));
        }
        report.curves.push(self);
    }
}

impl Report {
    /// An empty report of this machine.
    pub fn new(extent: Extent) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            machine: Machine {
                os: std::env::consts::OS,
                architecture: std::env::consts::ARCH,
                cores: std::thread::available_parallelism().map_or(0, usize::from),
            },
            rounds: extent.rounds,
            rows: Vec::new(),
            curves: Vec::new(),
        }
    }

    /// Writes it as JSON.
    pub fn write_json(&self, path: &Path) -> Result<(), Failure> {
        Ok(std::fs::write(path, serde_json::to_vec_pretty(self)?)?)
    }

    /// Draws it as SVG: a line for each ratio, on a scale in which twice is as far everywhere; then the curves.
    pub fn write_plot(&self, path: &Path) -> Result<(), Failure> {
        let ratios: Vec<(&str, &Ratio)> =
            self.rows.iter().flat_map(|row| row.ratios.iter().map(|r| (row.title.as_str(), r))).collect();
        let upper = if ratios.is_empty() { 0 } else { LINE * (ratios.len() as u32 + 4) };
        let height = upper + CURVE * self.curves.len() as u32;
        if height == 0 {
            return Err("nothing was measured that could be drawn".into());
        }
        let area = SVGBackend::new(path, (WIDTH, height)).into_drawing_area();
        area.fill(&WHITE)?;
        let (above, below) = area.split_vertically(upper);
        if !ratios.is_empty() {
            draw_ratios(&above, &ratios)?;
        }
        for (part, curve) in below.split_evenly((self.curves.len().max(1), 1)).iter().zip(&self.curves) {
            draw_curve(part, curve)?;
        }
        area.present()?;
        Ok(())
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn draw_ratios(area: &Area<'_>, ratios: &[(&str, &Ratio)]) -> Result<(), Failure> {
    let values = || ratios.iter().flat_map(|(_, r)| [r.cpu.min, r.cpu.max, 1.0].into_iter().chain(r.goal));
    let least = values().fold(f64::INFINITY, f64::min) * 0.8;
    let most = values().fold(0.0, f64::max) * 1.25;
    let name = |(title, ratio): &(&str, &Ratio)| {
        let row = title.split([':', ',']).next().unwrap_or(title);
        format!("{row} / {}", ratio.to)
    };
    let names: Vec<String> = ratios.iter().map(name).collect();
    let count = ratios.len() as f64;
    let mut chart = ChartBuilder::on(area)
        .caption("conek beside others, by CPU time: right of 1 is better", ("sans-serif", 18))
        .margin(10)
        .x_label_area_size(30)
        .y_label_area_size(360)
        .build_cartesian_2d((least..most).log_scale(), -0.5..count - 0.5)?;
    chart.configure_mesh().disable_y_mesh().y_labels(0).x_label_formatter(&|x| digits(*x)).draw()?;
    chart.draw_series(std::iter::once(PathElement::new(vec![(1.0, -0.5), (1.0, count - 0.5)], BLACK)))?;
    for (i, ((_, ratio), name)) in ratios.iter().zip(&names).enumerate() {
        // The first row stands on top.
        let y = count - 1.0 - i as f64;
        let colour = match ratio.reached {
            Some(true) => REACHED,
            Some(false) => MISSED,
            None => PLAIN,
        };
        let cpu = ratio.cpu;
        chart.draw_series(std::iter::once(PathElement::new(
            vec![(cpu.min, y), (cpu.max, y)],
            colour.stroke_width(3),
        )))?;
        chart.draw_series(std::iter::once(Circle::new((cpu.median, y), 5, colour.filled())))?;
        if let Some(goal) = ratio.goal {
            let tick = vec![(goal, y - 0.35), (goal, y + 0.35)];
            chart.draw_series(std::iter::once(PathElement::new(tick, colour.stroke_width(2))))?;
        }
        let (_, at) = chart.backend_coord(&(1.0, y));
        area.draw_text(name, &("sans-serif", 13).into_text_style(area), (12, at - 7))?;
    }
    Ok(())
}

fn draw_curve(area: &Area<'_>, curve: &Curve) -> Result<(), Failure> {
    let points = || curve.lines.iter().flat_map(|l| &l.points);
    let range = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::INFINITY, 0.0_f64), |(least, most), v| (least.min(v), most.max(v)))
    };
    let (left, right) = range(&mut points().map(|p| p.0));
    let (low, high) = range(&mut points().map(|p| p.1));
    let mut chart = ChartBuilder::on(area)
        .caption(&curve.title, ("sans-serif", 18))
        .margin(10)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d((left * 0.9..right * 1.1).log_scale(), (low * 0.5..high * 2.0).log_scale())?;
    chart
        .configure_mesh()
        .x_desc(curve.along)
        .x_label_formatter(&|x| digits(*x))
        .y_label_formatter(&|y| digits(*y))
        .draw()?;
    for (i, line) in curve.lines.iter().enumerate() {
        let colour = [REACHED, MISSED, PLAIN].get(i % 3).copied().unwrap_or(PLAIN);
        chart
            .draw_series(LineSeries::new(line.points.iter().copied(), colour.stroke_width(2)).point_size(4))?
            .label(&line.name)
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK).draw()?;
    Ok(())
}
