// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use std::mem::size_of;
use std::ops::RangeInclusive;
use std::os::unix::io::{FromRawFd, OwnedFd};

use libbpf_compare_sys as sys;

use crate::error::{check, Error};
use crate::map::Map;
use crate::pod::WordType;

/// A word that no live entry carries, for [`Options::claim`](crate::Options::claim) and
/// [`Sweep::claim`](crate::Sweep::claim), and the range of words that are claims, whoever's.
///
/// One from [`Map::take_claim`] is held until it is dropped, or the process ends, however that comes. A child made by
/// `fork()` holds it too.
#[derive(Debug)]
pub struct Claim<W> {
    word: W,
    words: RangeInclusive<W>,
    _held: Option<OwnedFd>,
}

impl<W: WordType> Claim<W> {
    /// One that is the caller's by agreement among all who collect from the map: nobody holds it.
    pub fn agreed(word: W, words: RangeInclusive<W>) -> Self {
        Self { word, words, _held: None }
    }

    /// The word.
    pub fn word(&self) -> W {
        self.word
    }

    pub(crate) fn words(&self) -> (u64, u64) {
        (self.words.start().bits(), self.words.end().bits())
    }
}

impl<K, V> Map<K, V> {
    /// Takes a claim of a range, that no other process has, nor anyone else in this one: [`Error::Taken`] where there
    /// is none.
    ///
    /// Nothing is held back from those who do not ask: all who collect from the map take their claims, or none does.
    /// bpf_map_claim_take(3) says all.
    ///
    /// ```no_run
    /// # use libbpf_compare::{field, pod, Error, Map, Options};
    /// # pod! { pub struct Conn { pub packets: u64, pub expires: u32, pub flags: u32 } }
    /// # fn collect(conns: &Map<u32, Conn>, keys: &[u32], seen: &[Conn]) -> Result<(), Error> {
    /// let claim = conns.take_claim(1..=16)?;
    /// let opts = Options::new().compare(field!(Conn, expires)).claim(field!(Conn, expires), &claim);
    /// conns.delete_batch_if(keys, seen, &opts)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn take_claim<W: WordType>(&self, words: RangeInclusive<W>) -> Result<Claim<W>, Error> {
        let mut word = *words.start();
        // SAFETY: there is room for a word of that size, and any bytes are one
        let fd = unsafe {
            sys::bpf_map_claim_take(
                self.raw(),
                words.start().bits(),
                words.end().bits(),
                (&mut word as *mut W).cast(),
                size_of::<W>() as u32,
            )
        };
        let fd = check(fd).map_err(|error| if error == Error::Mismatch { Error::Taken } else { error })?;
        // SAFETY: it was made for us
        let held = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Claim { word, words, _held: Some(held) })
    }
}
