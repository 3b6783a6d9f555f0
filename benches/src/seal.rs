//! Sealing a record, beside bare ring.

use std::hint::black_box;

use conek_core::vault::bench::SealOne;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
    rand::{SecureRandom, SystemRandom},
};

use crate::{
    Extent, Failure,
    measure::{Row, Stopwatch},
    report::Report,
};

/// A message of some length with its parameters.
const RECORD: usize = 300;

/// Measures the row.
pub async fn run(extent: Extent, report: &mut Report) -> Result<(), Failure> {
    let times = extent.of(200_000);
    let record = vec![b'x'; RECORD];
    let conek = SealOne::new().await?;
    let bare = Bare::new()?;
    let mut row = Row::new(
        format!("seal: the person's key unwrapped, a nonce, {RECORD} bytes sealed, a number's blind index"),
        "record",
    );
    for _ in 0..extent.rounds {
        let watch = Stopwatch::start();
        for _ in 0..times {
            black_box(conek.once(&record, "+27832885137")?);
        }
        row.add("conek", None, watch.stop(times));
        if !extent.alone {
            let watch = Stopwatch::start();
            for _ in 0..times {
                black_box(bare.once(&record, "+27832885137")?);
            }
            row.add("bare ring, nonce from the system", Some(0.9), watch.stop(times));
        }
    }
    row.finish(report);
    Ok(())
}

struct Bare {
    wrapping: LessSafeKey,
    wrapped: Vec<u8>,
    index: hmac::Key,
    random: SystemRandom,
}

fn failed(_: ring::error::Unspecified) -> Failure {
    "ring refused".into()
}

fn key(bytes: &[u8]) -> Result<LessSafeKey, Failure> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).map_err(failed)?))
}

impl Bare {
    fn new() -> Result<Self, Failure> {
        let wrapping = key(&[1; 32])?;
        let mut wrapped = vec![2; 32];
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        wrapping.seal_in_place_append_tag(nonce, Aad::empty(), &mut wrapped).map_err(failed)?;
        let index = hmac::Key::new(hmac::HMAC_SHA256, &[3; 32]);
        Ok(Self { wrapping, wrapped, index, random: SystemRandom::new() })
    }

    fn once(&self, record: &[u8], number: &str) -> Result<(Vec<u8>, hmac::Tag), Failure> {
        let mut person = [0; 48];
        person.copy_from_slice(&self.wrapped);
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        let person = key(self.wrapping.open_in_place(nonce, Aad::empty(), &mut person).map_err(failed)?)?;
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(failed)?;
        let mut out = Vec::with_capacity(record.len() + 16);
        out.extend_from_slice(record);
        person
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut out)
            .map_err(failed)?;
        Ok((out, hmac::sign(&self.index, number.as_bytes())))
    }
}
