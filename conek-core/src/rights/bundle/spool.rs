//! Where a section waits until it is whole: in memory, and beyond that in a temporary file, sealed under a key
//! that is never stored, so that a copy of the disk shows nothing of the person.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
    path::Path,
};

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom, SystemRandom},
};

use super::error::{BundleError, Result};

/// How much waits in memory, in bytes.
const CHUNK: usize = 1 << 20;

/// Bytes to be written once and read back as often as needed.
pub(super) struct Spool {
    buffer: Vec<u8>,
    disk: Option<Disk>,
    length: u64,
}

struct Disk {
    file: File,
    key: LessSafeKey,
    /// How many chunks are in the file; each is as long as [`CHUNK`] and its tag.
    chunks: u64,
}

impl Disk {
    fn open(directory: Option<&Path>) -> io::Result<Self> {
        let file = match directory {
            Some(directory) => tempfile::tempfile_in(directory),
            None => tempfile::tempfile(),
        }?;
        let mut key = [0; 32];
        SystemRandom::new().fill(&mut key).map_err(|_| io::ErrorKind::Other)?;
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| io::ErrorKind::Other)?;
        Ok(Self { file, key: LessSafeKey::new(key), chunks: 0 })
    }
    /// Never the same twice: the key is this file's own, and no chunk is written again.
    fn nonce(chunk: u64) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[..8].copy_from_slice(&chunk.to_be_bytes());
        Nonce::assume_unique_for_key(nonce)
    }
    fn push(&mut self, chunk: &mut Vec<u8>) -> io::Result<()> {
        self.key
            .seal_in_place_append_tag(Self::nonce(self.chunks), Aad::empty(), chunk)
            .map_err(|_| io::ErrorKind::Other)?;
        self.file.write_all(chunk)?;
        self.chunks += 1;
        chunk.clear();
        Ok(())
    }
    fn load(&mut self, number: u64, into: &mut Vec<u8>) -> io::Result<()> {
        into.resize(CHUNK + AES_256_GCM.tag_len(), 0);
        self.file.read_exact(into)?;
        let plain = self
            .key
            .open_in_place(Self::nonce(number), Aad::empty(), into)
            .map_err(|_| io::ErrorKind::InvalidData)?
            .len();
        into.truncate(plain);
        Ok(())
    }
}

impl Spool {
    pub(super) fn new() -> Self {
        Self { buffer: Vec::new(), disk: None, length: 0 }
    }

    /// How many bytes it holds.
    pub(super) fn len(&self) -> u64 {
        self.length
    }

    /// Adds bytes; a file, where one is needed, is made in the directory.
    pub(super) fn push(&mut self, mut bytes: &[u8], directory: Option<&Path>) -> Result<()> {
        self.length += bytes.len() as u64;
        while self.buffer.len() + bytes.len() > CHUNK {
            let (now, later) = bytes.split_at(CHUNK - self.buffer.len());
            self.buffer.extend_from_slice(now);
            bytes = later;
            self.spill(directory).map_err(|e| BundleError::Spool(e.kind()))?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn spill(&mut self, directory: Option<&Path>) -> io::Result<()> {
        if self.disk.is_none() {
            self.disk = Some(Disk::open(directory)?);
        }
        match &mut self.disk {
            Some(disk) => disk.push(&mut self.buffer),
            None => Ok(()),
        }
    }

    /// How many bytes of it are in memory.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.buffer.capacity()
    }

    /// Reads it from the beginning.
    pub(super) fn reader(&mut self) -> Result<Reader<'_>> {
        if let Some(disk) = &mut self.disk {
            disk.file.rewind().map_err(|e| BundleError::Spool(e.kind()))?;
        }
        Ok(Reader { spool: self, chunk: Vec::new(), at: 0, next: 0 })
    }
}

/// Reads a spool from its beginning to its end.
pub(super) struct Reader<'s> {
    spool: &'s mut Spool,
    chunk: Vec<u8>,
    at: usize,
    next: u64,
}

impl Reader<'_> {
    /// The next bytes, or none at the end.
    pub(super) fn bytes(&mut self) -> Result<&[u8]> {
        if self.at == self.chunk.len() {
            self.at = 0;
            self.chunk.clear();
            let chunks = self.spool.disk.as_ref().map_or(0, |d| d.chunks);
            match &mut self.spool.disk {
                Some(disk) if self.next < chunks => {
                    disk.load(self.next, &mut self.chunk).map_err(|e| BundleError::Spool(e.kind()))?;
                }
                _ if self.next == chunks => self.chunk.extend_from_slice(&self.spool.buffer),
                _ => {}
            }
            self.next = self.next.saturating_add(1);
        }
        Ok(&self.chunk[self.at..])
    }

    /// Reads a line without its end into `line`; `false` at the end.
    pub(super) fn line(&mut self, line: &mut Vec<u8>) -> Result<bool> {
        line.clear();
        let mut any = false;
        loop {
            let bytes = self.bytes()?;
            if bytes.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = bytes.iter().position(|b| *b == b'\n');
            line.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
            self.at += end.map_or(bytes.len(), |n| n + 1);
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    /// Hands everything that is left to `to`.
    pub(super) fn copy(&mut self, mut to: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        loop {
            let bytes = self.bytes()?;
            if bytes.is_empty() {
                return Ok(());
            }
            let length = bytes.len();
            to(bytes)?;
            self.at += length;
        }
    }
}
