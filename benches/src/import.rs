//! A file of people, beside reading it alone and beside a Python program that does the same.

use std::{fmt::Write as _, fs::File, path::Path, process::Command, sync::Arc};

use conek_core::{
    Phone,
    people::{
        ImportOptions,
        csv_rows::{CsvRows, Row as CsvRow},
    },
};

use crate::{
    Extent, Failure,
    measure::{Row, Stopwatch, Took},
    peers,
    report::Report,
    world::{Instant, World, phone},
};

/// Measures the row.
pub async fn run(extent: Extent, report: &mut Report) -> Result<(), Failure> {
    let people = extent.of(100_000);
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("people.csv");
    std::fs::write(&path, file(people))?;
    let python = if extent.alone {
        Err("not asked for".into())
    } else {
        peers::python("import phonenumbers", &["phonenumbers==9.0.*"])
    };
    if let Err(why) = &python {
        println!("\nimport: Python with phonenumbers is skipped: {why}");
    }
    let mut row = Row::new(
        format!(
            "import: {people} people into an empty list, numbers normalised, sealed, indexed, one key each"
        ),
        "row",
    );
    for _ in 0..extent.rounds.min(3) {
        let world = World::open(0, None, Some(Arc::new(Instant))).await?;
        let watch = Stopwatch::start();
        let report =
            world.engine.contacts().import_file(path.display().to_string(), ImportOptions::default()).await?;
        row.add("conek", None, watch.stop(people));
        world.engine.close().await?;
        if usize::try_from(report.created)? != people {
            return Err(format!("{} of {people} people were created", report.created).into());
        }
        if extent.alone {
            continue;
        }
        row.add("rows read alone", None, read(&path, people, false)?);
        row.add("rows read and numbers parsed", None, read(&path, people, true)?);
        if let Ok(python) = &python {
            row.add(
                "Python: csv, phonenumbers, sqlite3",
                Some(3.0),
                by_python(python, &path, dir.path(), people)?,
            );
        }
    }
    row.finish(report);
    Ok(())
}

fn file(people: usize) -> Vec<u8> {
    let mut text = String::from("phone,name,language,town,consent,consent_evidence,consent_at\n");
    for i in 0..people {
        let _ = writeln!(
            text,
            "{},Thandi Nkosi {i},en-ZA,Beaufort West,yes,form {i},2026-10-{:02}",
            phone(i),
            i % 28 + 1
        );
    }
    text.into_bytes()
}

fn read(path: &Path, people: usize, numbers: bool) -> Result<Took, Failure> {
    let watch = Stopwatch::start();
    let mut rows = CsvRows::open(File::open(path)?)?;
    let mut row = CsvRow::default();
    let mut count = 0;
    while let Some(next) = rows.next_row(&mut row) {
        next.map_err(|e| e.detail)?;
        if numbers {
            std::hint::black_box(Phone::parse(row.get(0), Some("ZA"))?);
        }
        count += 1;
    }
    if count != people {
        return Err(format!("{count} of {people} rows were read").into());
    }
    Ok(watch.stop(people))
}

/// Imports the first tenth of the file; the program says how long it took.
fn by_python(python: &Path, file: &Path, dir: &Path, people: usize) -> Result<Took, Failure> {
    let rows = (people / 10).max(1);
    let database = dir.join("python.db");
    let _ = std::fs::remove_file(&database);
    let mut command = Command::new(python);
    command.args(["-c", include_str!("../peers/import.py")]).args([file, &database]).arg(rows.to_string());
    let (took, imported) = peers::timed(&mut command, rows)?;
    if imported != rows {
        return Err(format!("Python imported {imported} of {rows}").into());
    }
    Ok(took)
}
