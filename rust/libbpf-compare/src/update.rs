// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use std::mem::size_of;
use std::slice;

use libbpf_compare_sys as sys;

use crate::delete::{as_many, at, count_of, finish, Batch};
use crate::error::{check, Error, Stopped, CANCELED};
use crate::map::Map;
use crate::options::Options;
use crate::pod::Pod;

/// Whether an entry has to be there for an update without another condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u64)]
pub enum UpdateFlags {
    /// `BPF_ANY`: creates the entry, or replaces it.
    #[default]
    Any = 0,
    /// `BPF_NOEXIST`: creates it, and answers [`Error::Exists`] where it is there.
    NoExist = 1,
    /// `BPF_EXIST`: replaces it, and answers [`Error::NotFound`] where it is not there.
    Exist = 2,
}

impl<K: Pod, V: Pod> Map<K, V> {
    /// Writes the whole value of a key.
    pub fn update(&self, key: &K, value: &V, flags: UpdateFlags) -> Result<(), Error> {
        let mut opts = sys::bpf_map_update_elem_opts::new();
        opts.flags = flags as u64;
        // SAFETY: the map has such keys and values
        check(unsafe { sys::bpf_map_update_elem_opts(self.raw(), at(key), at(value), &opts) }).map(drop)
    }

    /// Does [`Map::update`] for many keys in one call, with the answers of [`Map::update_batch_if`].
    pub fn update_batch(&self, keys: &[K], values: &[V], flags: UpdateFlags) -> Result<Batch, Stopped<Batch>> {
        let mut opts = sys::bpf_map_update_batch_opts::new();
        opts.elem_flags = flags as u64;
        // SAFETY: nothing is compared, nor handed out
        unsafe { self.update_many(keys, values, opts) }
    }

    /// Replaces the whole value of a key if its value, or the region of it that the options name, still is what the
    /// caller saw. With any error nothing was written.
    ///
    /// It takes [`Backend::SyscallProg`](crate::Backend::SyscallProg), and is narrowed against all writers, as a
    /// delete without a claim: what they write between the look at the region and the update right after it is lost. A
    /// [`Word`](crate::Word) is changed without losing anything. Claims have no part in this.
    pub fn update_if(&self, key: &K, seen: &V, value: &V, opts: &Options<'_, V>) -> Result<(), Error> {
        let one = self.update_batch_if(slice::from_ref(key), slice::from_ref(seen), slice::from_ref(value), opts)?;
        one.results.into_iter().collect()
    }

    /// Does [`Map::update_if`] for many keys in one call. Every key is looked at, in their order, and has an answer of
    /// its own. A key that is there twice is updated twice. Errors are as with [`Map::delete_batch_if`].
    pub fn update_batch_if(
        &self,
        keys: &[K],
        seen: &[V],
        values: &[V],
        opts: &Options<'_, V>,
    ) -> Result<Batch, Stopped<Batch>> {
        let batch = condition(keys, seen, opts)?;
        // SAFETY: as many were seen as there are keys
        unsafe { self.update_many(keys, values, batch) }
    }

    /// Carries out what is asked of `batch`.
    ///
    /// # Safety
    ///
    /// `batch` has what it compares with of each of the keys, or nothing, and room for what it hands out, and `T` is
    /// what it writes.
    pub(crate) unsafe fn update_many<T: Pod>(
        &self,
        keys: &[K],
        values: &[T],
        mut batch: sys::bpf_map_update_batch_opts,
    ) -> Result<Batch, Stopped<Batch>> {
        let mut count = count_of(keys.len())?;
        let mut results = vec![CANCELED; keys.len()];
        as_many("values", values.len(), keys.len())?;
        batch.results = results.as_mut_ptr();
        // SAFETY: the map has such keys, and there are as many of each
        let answer = unsafe {
            sys::bpf_map_update_batch_opts(self.raw(), keys.as_ptr().cast(), values.as_ptr().cast(), &mut count, &batch)
        };
        finish(answer, &results)
    }
}

/// An update under the condition that a region still is as it was seen.
pub(crate) fn condition<K, V: Pod>(
    keys: &[K],
    seen: &[V],
    opts: &Options<'_, V>,
) -> Result<sys::bpf_map_update_batch_opts, Error> {
    let mut batch = sys::bpf_map_update_batch_opts::new();
    let (offset, size) = opts.offset_and_size()?;
    if opts.claim.is_some() {
        return Err(Error::invalid("the condition of an update is a region, without a claim"));
    }
    as_many("values seen", seen.len(), keys.len())?;
    batch.elem_flags = sys::BPF_F_COMPARE.into();
    batch.compare = seen.as_ptr().cast::<u8>().wrapping_add(offset as usize).cast();
    batch.compare_offset = offset;
    batch.compare_size = size;
    batch.compare_stride = size_of::<V>() as u32;
    batch.backend = opts.backend as u32;
    Ok(batch)
}
