// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use std::ops::RangeInclusive;
use std::slice;

use libbpf_compare_sys as sys;

use crate::delete::{as_many, Batch};
use crate::error::{Error, Stopped};
use crate::field::Field;
use crate::map::Map;
use crate::options::Options;
use crate::pod::{Pod, WordType};
use crate::update::condition;

/// What becomes of a word that is changed where it is, by the word that is there and an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum WordOp {
    /// Makes it the operand.
    Set = sys::BPF_MAP_UPDATE_SET,
    /// Adds the operand. The sum wraps around: to subtract, add the negative.
    Add = sys::BPF_MAP_UPDATE_ADD,
    /// Clears the bits that the operand has not.
    And = sys::BPF_MAP_UPDATE_AND,
    /// Sets the bits of the operand.
    Or = sys::BPF_MAP_UPDATE_OR,
    /// Turns the bits of the operand over.
    Xor = sys::BPF_MAP_UPDATE_XOR,
}

/// One word of the values of a [`Map`]: it is changed where it is, and what others write beside it stays. Of changes
/// by atomic operations of BPF programs none is lost, and each is seen by one caller alone: whoever takes counters by
/// [`Word::swap`] has all that was counted, once, but for what was counted between the last swap and the delete of an
/// entry.
///
/// An entry that is replaced meanwhile is changed as bpf_map_update_elem_opts(3) says. It takes
/// [`Backend::SyscallProg`](crate::Backend::SyscallProg), Linux 5.17, and `CAP_PERFMON` beside `CAP_BPF`.
#[derive(Clone, Debug)]
pub struct Word<'a, K, V, W> {
    map: &'a Map<K, V>,
    field: Field<V, W>,
    claims: (u64, u64),
}

impl<K: Pod, V: Pod> Map<K, V> {
    /// The field of the values, which is at a multiple of its size.
    pub fn word<W: WordType>(&self, field: Field<V, W>) -> Word<'_, K, V, W> {
        Word { map: self, field, claims: (0, 0) }
    }
}

impl<K: Pod, V: Pod, W: WordType> Word<'_, K, V, W> {
    /// Words that are claims, of whichever collector: none is written over, nor written, the answer is
    /// [`Error::Mismatch`].
    pub fn claims(mut self, words: RangeInclusive<W>) -> Self {
        self.claims = (words.start().bits(), words.end().bits());
        self
    }

    /// Adds to the word of a key, and gives what it was. The sum wraps around; adding 0 reads the word.
    pub fn add(&self, key: &K, n: W) -> Result<W, Error> {
        self.apply(key, WordOp::Add, n)
    }

    /// Sets the word of a key, and gives what it was: with 0 it reads and clears.
    pub fn swap(&self, key: &K, to: W) -> Result<W, Error> {
        self.apply(key, WordOp::Set, to)
    }

    /// Sets the word of a key if it still is what the caller saw; else the answer is [`Error::Mismatch`]. Of two who
    /// saw the same, one alone is answered `Ok`.
    pub fn compare_and_swap(&self, key: &K, seen: W, to: W) -> Result<(), Error> {
        let batch = self.compare_and_swap_batch(slice::from_ref(key), &[seen], &[to])?;
        batch.results.into_iter().collect()
    }

    /// Changes the word of a key, and gives what it was. The answer is [`Error::Mismatch`] where a claim is in the
    /// way; with any error nothing was changed.
    pub fn apply(&self, key: &K, op: WordOp, operand: W) -> Result<W, Error> {
        let mut old = [operand];
        let batch = self.apply_batch(slice::from_ref(key), op, &[operand], &mut old)?;
        batch.results.into_iter().collect::<Result<(), Error>>()?;
        Ok(old[0])
    }

    /// Does [`Word::apply`] if the value, or the region of it that the options name, still is what the caller saw. Of
    /// the region the word is compared in the moment of the change, what is beside it just before. The options have no
    /// claim.
    pub fn apply_if(&self, key: &K, seen: &V, op: WordOp, operand: W, opts: &Options<'_, V>) -> Result<W, Error> {
        let mut old = [operand];
        let keys = slice::from_ref(key);
        let how = condition(keys, slice::from_ref(seen), opts)?;
        let batch = self.change(how, keys, op, &[operand], &mut old)?;
        batch.results.into_iter().collect::<Result<(), Error>>()?;
        Ok(old[0])
    }

    /// Does [`Word::add`] for many keys in one call, see [`Word::apply_batch`].
    pub fn add_batch(&self, keys: &[K], n: &[W], old: &mut [W]) -> Result<Batch, Stopped<Batch>> {
        self.apply_batch(keys, WordOp::Add, n, old)
    }

    /// Does [`Word::swap`] for many keys in one call, see [`Word::apply_batch`]:
    ///
    /// ```no_run
    /// # use libbpf_compare::{field, pod, Error, Map};
    /// # pod! { pub struct Conn { pub packets: u64, pub expires: u32, pub flags: u32 } }
    /// # fn drain(conns: &Map<u32, Conn>, keys: &[u32]) -> Result<u64, Error> {
    /// let mut counts = vec![0; keys.len()];
    /// conns.word(field!(Conn, packets)).swap_batch(keys, &vec![0; keys.len()], &mut counts)?;
    /// // of keys that are not there any more it is 0 as before
    /// Ok(counts.iter().sum())
    /// # }
    /// ```
    pub fn swap_batch(&self, keys: &[K], to: &[W], old: &mut [W]) -> Result<Batch, Stopped<Batch>> {
        self.apply_batch(keys, WordOp::Set, to, old)
    }

    /// Does [`Word::compare_and_swap`] for many keys in one call, see [`Word::apply_batch`].
    pub fn compare_and_swap_batch(&self, keys: &[K], seen: &[W], to: &[W]) -> Result<Batch, Stopped<Batch>> {
        let mut how = sys::bpf_map_update_batch_opts::new();
        as_many("words seen", seen.len(), keys.len())?;
        how.elem_flags = sys::BPF_F_COMPARE.into();
        how.compare = seen.as_ptr().cast();
        how.compare_offset = self.field.offset();
        how.compare_size = self.field.size();
        self.change(how, keys, WordOp::Set, to, &mut [])
    }

    /// Does [`Word::apply`] for many keys in one call, each with an operand. Every key is looked at, in their order,
    /// and has an answer of its own. A key that is there twice is changed twice. Errors are as with
    /// [`Map::delete_batch_if`].
    ///
    /// `old` is as long as the keys, or empty, which is not wanted. The old word of a key that was not changed is left
    /// alone.
    pub fn apply_batch(&self, keys: &[K], op: WordOp, operands: &[W], old: &mut [W]) -> Result<Batch, Stopped<Batch>> {
        self.change(sys::bpf_map_update_batch_opts::new(), keys, op, operands, old)
    }

    /// Under the condition of `how`, if there is one: of as many as there are keys.
    fn change(
        &self,
        mut how: sys::bpf_map_update_batch_opts,
        keys: &[K],
        op: WordOp,
        operands: &[W],
        old: &mut [W],
    ) -> Result<Batch, Stopped<Batch>> {
        if !old.is_empty() {
            as_many("old words' room", old.len(), keys.len())?;
            how.old = old.as_mut_ptr().cast();
        }
        how.elem_flags |= u64::from(sys::BPF_F_IN_PLACE);
        how.offset = self.field.offset();
        how.size = self.field.size();
        how.op = op as u32;
        (how.claim_first, how.claim_last) = self.claims;
        // SAFETY: a word is written of each, and there is room for as many
        unsafe { self.map.update_many(keys, operands, how) }
    }
}
