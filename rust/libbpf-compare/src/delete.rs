// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use std::os::raw::{c_int, c_void};
use std::os::unix::io::RawFd;
use std::ptr;

use libbpf_compare_sys as sys;

use crate::error::{check, result, Error, Stopped, CANCELED};
use crate::linked::Linked;
use crate::map::Map;
use crate::options::Options;
use crate::pod::Pod;

/// What became of the keys of a batch, each with an answer of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// In the order of the keys.
    pub results: Vec<Result<(), Error>>,
    /// Of [`Map::delete_linked_if`]: those of the second entries.
    pub linked: Vec<Result<(), Error>>,
    /// How many keys were deleted, or updated.
    pub done: usize,
}

impl Batch {
    pub(crate) fn of(results: &[c_int]) -> Self {
        Self {
            results: results.iter().copied().map(result).collect(),
            linked: Vec::new(),
            done: results.iter().filter(|&&answer| answer == 0).count(),
        }
    }
}

impl<K: Pod, V: Pod> Map<K, V> {
    /// Deletes the entry of a key whatever its value is.
    pub fn delete(&self, key: &K) -> Result<(), Error> {
        // SAFETY: the map has such keys
        check(unsafe { sys::bpf_map_delete_elem_opts(self.raw(), at(key), ptr::null()) }).map(drop)
    }

    /// Deletes the entry of a key if its value, or the region of it that the options name, still is what the caller
    /// saw. With any error nothing was deleted.
    pub fn delete_if(&self, key: &K, seen: &V, opts: &Options<'_, V>) -> Result<(), Error> {
        By::Fd(self.raw()).delete_if(key, seen, opts)
    }

    /// Does [`Map::delete_if`] for many keys in one call. Every key is looked at, in their order, and has an answer of
    /// its own.
    ///
    /// An error is about the call, the map or the process, not about a key: it ends the batch, and keys that were not
    /// reached have [`Error::Canceled`].
    ///
    /// ```no_run
    /// # use libbpf_compare::{field, pod, Error, Map, Options};
    /// # pod! { pub struct Conn { pub packets: u64, pub expires: u32, pub flags: u32 } }
    /// # fn collect(conns: &Map<u32, Conn>, keys: &[u32], seen: &[Conn]) -> Result<(), Error> {
    /// let batch = conns.delete_batch_if(keys, seen, &Options::new().compare(field!(Conn, expires)))?;
    /// for (key, result) in keys.iter().zip(&batch.results) {
    ///     if *result == Err(Error::Mismatch) {
    ///         println!("{key} was refreshed meanwhile, and left alone");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_batch_if(&self, keys: &[K], seen: &[V], opts: &Options<'_, V>) -> Result<Batch, Stopped<Batch>> {
        By::Fd(self.raw()).delete_batch_if(keys, seen, opts, None)
    }

    /// Does [`Map::delete_batch_if`], and hands out the values as they were just before their delete. What was
    /// compared is exact; the rest can be written in place between copy and delete. Of keys that were not deleted they
    /// are undefined.
    pub fn take_batch_if(
        &self,
        keys: &[K],
        seen: &[V],
        opts: &Options<'_, V>,
        values: &mut [V],
    ) -> Result<Batch, Stopped<Batch>> {
        By::Fd(self.raw()).delete_batch_if(keys, seen, opts, Some(values))
    }

    /// Does [`Map::delete_batch_if`] for entries that belong together: each key's entry, and the linked one at the
    /// same place, in this map or in another. Both are looked at before either is deleted, and both have an answer:
    ///
    /// | the entry | the linked entry | `results` | `linked` |
    /// |---|---|---|---|
    /// | missing | not looked at | `NotFound` | `Canceled` |
    /// | differs | not looked at | `Mismatch` | `Canceled` |
    /// | equal | differs; is there, but should be absent; is claimed by another | `Mismatch` | `Mismatch` |
    /// | equal | missing, although it counts | `Mismatch` | `NotFound` |
    /// | equal | missing, and does not count or should be absent | `Ok` | `NotFound` |
    /// | equal | as it has to be | `Ok` | `Ok` |
    /// | one entry is both | | `Invalid` | `Canceled` |
    ///
    /// Where the kernel could not take a lock for the second of the two deletes, that one has [`Error::Again`] and the
    /// other `Ok`: bpf_map_delete_batch_opts(3) says all. Pairs go in their order, and [`Batch::done`] counts first
    /// entries.
    ///
    /// With a claim in the options of both a pair is deleted whole or not at all, under the conditions of claims.
    /// Without, one may be deleted while the other is refreshed, in as short a time as with `delete_batch_if`. It is
    /// no transaction for those who read. It takes [`Backend::SyscallProg`](crate::Backend::SyscallProg).
    pub fn delete_linked_if<LK: Pod, LV: Pod>(
        &self,
        keys: &[K],
        seen: &[V],
        opts: &Options<'_, V>,
        linked: &Linked<'_, LK, LV>,
    ) -> Result<Batch, Stopped<Batch>> {
        let mut batch = sys::bpf_map_delete_batch_opts::new();
        let mut results = vec![CANCELED; keys.len()];
        linked.set(&mut batch, keys.len(), opts)?;
        batch.linked_results = results.as_mut_ptr();
        // SAFETY: as many linked entries are set as there are keys, and results
        let done = unsafe { By::Fd(self.raw()).delete_batch(batch, keys, seen, opts, None) };
        let with_linked = |batch| Batch { linked: Batch::of(&results).results, ..batch };
        done.map(with_linked).map_err(|stopped| Stopped { error: stopped.error, done: with_linked(stopped.done) })
    }
}

/// What deletes are made by.
#[derive(Clone, Copy)]
pub(crate) enum By {
    Fd(RawFd),
    /// One that is open, of a map with the keys and values that are given.
    Comparer(*mut sys::bpf_map_comparer),
}

impl By {
    pub(crate) fn delete_if<K: Pod, V: Pod>(self, key: &K, seen: &V, opts: &Options<'_, V>) -> Result<(), Error> {
        if opts.claim.is_some() {
            // A batch alone knows of others' claims.
            let batch = self.delete_batch_if(std::slice::from_ref(key), std::slice::from_ref(seen), opts, None)?;
            return batch.results.into_iter().collect();
        }
        let mut elem = sys::bpf_map_delete_elem_opts::new();
        let (offset, size) = opts.offset_and_size()?;
        elem.flags = sys::BPF_F_COMPARE.into();
        elem.compare = at(seen).cast::<u8>().wrapping_add(offset as usize).cast();
        elem.compare_offset = offset;
        elem.compare_size = size;
        elem.backend = opts.backend as u32;
        // SAFETY: the map has such keys and values; it is looked whether the region is within them before that is read
        check(unsafe {
            match self {
                Self::Fd(fd) => sys::bpf_map_delete_elem_opts(fd, at(key), &elem),
                Self::Comparer(comparer) => sys::bpf_map_comparer__delete(comparer, at(key), &elem),
            }
        })
        .map(drop)
    }

    pub(crate) fn delete_batch_if<K: Pod, V: Pod>(
        self,
        keys: &[K],
        seen: &[V],
        opts: &Options<'_, V>,
        values: Option<&mut [V]>,
    ) -> Result<Batch, Stopped<Batch>> {
        // SAFETY: there are no linked entries
        unsafe { self.delete_batch(sys::bpf_map_delete_batch_opts::new(), keys, seen, opts, values) }
    }

    /// # Safety
    ///
    /// `batch` has linked entries for each of the keys, with room for their results, or none.
    unsafe fn delete_batch<K: Pod, V: Pod>(
        self,
        mut batch: sys::bpf_map_delete_batch_opts,
        keys: &[K],
        seen: &[V],
        opts: &Options<'_, V>,
        values: Option<&mut [V]>,
    ) -> Result<Batch, Stopped<Batch>> {
        let (offset, size) = opts.offset_and_size()?;
        let mut count = count_of(keys.len())?;
        let mut results = vec![CANCELED; keys.len()];

        as_many("values seen", seen.len(), keys.len())?;
        batch.elem_flags = sys::BPF_F_COMPARE.into();
        batch.compare = seen.as_ptr().cast::<u8>().wrapping_add(offset as usize).cast();
        batch.compare_offset = offset;
        batch.compare_size = size;
        batch.compare_stride = std::mem::size_of::<V>() as u32;
        batch.backend = opts.backend as u32;
        batch.results = results.as_mut_ptr();
        if let Some(claim) = &opts.claim {
            batch.claim = claim.at();
            batch.claim_offset = claim.offset;
            batch.claim_size = claim.size;
            batch.claim_first = claim.first;
            batch.claim_last = claim.last;
        }
        if let Some(values) = values {
            as_many("values' room", values.len(), keys.len())?;
            batch.values = values.as_mut_ptr().cast();
        }
        // SAFETY: the map has such keys and values, and there are as many of each; it is looked whether the region is within
        // values before it is read
        let answer = unsafe {
            match self {
                Self::Fd(fd) => sys::bpf_map_delete_batch_opts(fd, keys.as_ptr().cast(), &mut count, &batch),
                Self::Comparer(comparer) => {
                    sys::bpf_map_comparer__delete_batch(comparer, keys.as_ptr().cast(), &mut count, &batch)
                }
            }
        };
        finish(answer, &results)
    }
}

/// What a batch's call came to.
pub(crate) fn finish(answer: c_int, results: &[c_int]) -> Result<Batch, Stopped<Batch>> {
    let stopped = check(answer).err();
    let done = Batch::of(results);
    match stopped {
        None => Ok(done),
        Some(error) => Err(Stopped { error, done }),
    }
}

pub(crate) fn at<T>(it: &T) -> *const c_void {
    (it as *const T).cast()
}

pub(crate) fn count_of(keys: usize) -> Result<u32, Error> {
    u32::try_from(keys).map_err(|_| Error::invalid(format!("{keys} keys")))
}

pub(crate) fn as_many(what: &str, count: usize, keys: usize) -> Result<(), Error> {
    if count == keys {
        return Ok(());
    }
    Err(Error::invalid(format!("{keys} keys, but {count} {what}")))
}
