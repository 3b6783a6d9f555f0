//! The ZIP: each file is hashed while it is written, and what is not finished never looks finished.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{Datelike, Timelike};
use ring::digest::{Context, SHA256};
use zip::{
    CompressionMethod, DateTime, ZipWriter,
    result::ZipError,
    write::{SimpleFileOptions, StreamWriter},
};

use super::{
    BundleFile,
    error::{BundleError, Result},
};
use crate::values::{hex, time::Timestamp};

/// From here on a file's sizes take the wide form of ZIP.
const WIDE: u64 = u32::MAX as u64 / 2;

/// Lets nothing through once it is shut: the ZIP writer would round off an abandoned archive when it is dropped.
struct Gate<W> {
    inner: W,
    shut: Arc<AtomicBool>,
}

impl<W: Write> Write for Gate<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.shut.load(Ordering::Relaxed) {
            return Ok(bytes.len());
        }
        // After an error nothing more: the ZIP writer would go on where the archive has a hole.
        self.inner.write(bytes).inspect_err(|e| {
            let lost = e.kind() != io::ErrorKind::Interrupted;
            self.shut.fetch_or(lost, Ordering::Relaxed);
        })
    }
    fn flush(&mut self) -> io::Result<()> {
        if self.shut.load(Ordering::Relaxed) { Ok(()) } else { self.inner.flush() }
    }
}

pub(super) struct Archive<W: Write> {
    zip: Option<ZipWriter<StreamWriter<Gate<W>>>>,
    shut: Arc<AtomicBool>,
    options: SimpleFileOptions,
    files: Vec<BundleFile>,
}

fn failed(error: ZipError) -> BundleError {
    match error {
        ZipError::Io(e) => BundleError::Io(e.kind()),
        _ => BundleError::Io(io::ErrorKind::InvalidData),
    }
}

/// The time as ZIP keeps it; what it cannot keep becomes its earliest.
fn stamp(at: Timestamp) -> DateTime {
    let part = |n: u32| u8::try_from(n).unwrap_or_default();
    DateTime::from_date_and_time(
        u16::try_from(at.year()).unwrap_or_default(),
        part(at.month()),
        part(at.day()),
        part(at.hour()),
        part(at.minute()),
        part(at.second()),
    )
    .unwrap_or_default()
}

impl<W: Write> Archive<W> {
    pub(super) fn new(writer: W, at: Timestamp) -> Self {
        let shut = Arc::new(AtomicBool::new(false));
        // The same bytes on every system.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(6))
            .last_modified_time(stamp(at))
            .system(zip::System::Unix)
            .unix_permissions(0o644);
        let gate = Gate { inner: writer, shut: shut.clone() };
        Self { zip: Some(ZipWriter::new_stream(gate)), shut, options, files: Vec::new() }
    }

    /// What was written.
    pub(super) fn files(&self) -> &[BundleFile] {
        &self.files
    }

    /// Whether something failed; then there is no going on.
    pub(super) fn is_lost(&self) -> bool {
        self.shut.load(Ordering::Relaxed)
    }

    /// Gives the archive up.
    pub(super) fn lose(&self) {
        self.shut.store(true, Ordering::Relaxed);
    }

    /// Writes a file with what `fill` puts; `bound` is no less than its size.
    pub(super) fn file(
        &mut self,
        path: &str,
        bound: u64,
        fill: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>,
    ) -> Result<&mut BundleFile> {
        match self.try_file(path, bound, fill) {
            Ok(file) => self.files.push(file),
            Err(e) => {
                self.lose();
                return Err(e);
            }
        }
        self.files.last_mut().ok_or(BundleError::Io(io::ErrorKind::Other))
    }

    fn try_file(
        &mut self,
        path: &str,
        bound: u64,
        fill: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>,
    ) -> Result<BundleFile> {
        let zip = match &mut self.zip {
            Some(zip) if !self.shut.load(Ordering::Relaxed) => zip,
            _ => return Err(BundleError::State { detail: "an earlier call failed: make the bundle anew" }),
        };
        zip.start_file(path, self.options.large_file(bound > WIDE)).map_err(failed)?;
        let (mut digest, mut size) = (Context::new(&SHA256), 0);
        fill(&mut |bytes| {
            zip.write_all(bytes).map_err(|e| BundleError::Io(e.kind()))?;
            digest.update(bytes);
            size += bytes.len() as u64;
            Ok(())
        })?;
        let sha256 = hex(digest.finish().as_ref());
        Ok(BundleFile { path: path.to_owned(), size, sha256, records: None, left_out: None, schema: None })
    }

    /// Ends the archive and hands the writer back.
    pub(super) fn finish(mut self) -> Result<W> {
        let Some(zip) = self.zip.take() else { return Err(BundleError::Io(io::ErrorKind::Other)) };
        let mut writer = zip.finish().map_err(failed)?.into_inner().inner;
        if self.is_lost() {
            return Err(BundleError::Io(io::ErrorKind::Other));
        }
        writer.flush().map_err(|e| BundleError::Io(e.kind()))?;
        Ok(writer)
    }
}

impl<W: Write> Drop for Archive<W> {
    fn drop(&mut self) {
        self.lose();
    }
}
