// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use std::mem::size_of;

use libbpf_compare_sys as sys;

use crate::backend::Backend;
use crate::delete::as_many;
use crate::error::Error;
use crate::map::Map;
use crate::options::Options;
use crate::pod::Pod;

/// A second entry for each key of [`Map::delete_linked_if`], and what it has to be. It is deleted after the first one,
/// unless told otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Linked<'a, K, V> {
    map: &'a Map<K, V>,
    keys: &'a [K],
    seen: Option<&'a [V]>,
    flags: u32,
    options: Options<'a, V>,
}

impl<'a, K: Pod, V: Pod> Linked<'a, K, V> {
    fn new(map: &'a Map<K, V>, keys: &'a [K], seen: Option<&'a [V]>, flags: u32) -> Self {
        Self { map, keys, seen, flags, options: Options::new() }
    }

    /// Entries that still have to be what was seen of them, as the options say.
    pub fn seen(map: &'a Map<K, V>, keys: &'a [K], seen: &'a [V]) -> Self {
        Self::new(map, keys, Some(seen), 0)
    }

    /// Entries that go along whatever their values are, or that may be missing.
    pub fn any(map: &'a Map<K, V>, keys: &'a [K]) -> Self {
        Self::new(map, keys, None, 0)
    }

    /// Entries that must not be there.
    pub fn absent(map: &'a Map<K, V>, keys: &'a [K]) -> Self {
        Self::new(map, keys, None, sys::BPF_MAP_LINKED_ABSENT)
    }

    /// They are looked at, and stay.
    pub fn keep(mut self) -> Self {
        self.flags |= sys::BPF_MAP_LINKED_KEEP;
        self
    }

    /// They are deleted before the first ones.
    pub fn first(mut self) -> Self {
        self.flags |= sys::BPF_MAP_LINKED_FIRST;
        self
    }

    /// The region and the claim of these entries. The backend, and which words are claims, is said by those of the
    /// first ones.
    pub fn options(mut self, options: Options<'a, V>) -> Self {
        self.options = options;
        self
    }

    pub(crate) fn set<T>(
        &self,
        batch: &mut sys::bpf_map_delete_batch_opts,
        count: usize,
        first: &Options<'_, T>,
    ) -> Result<(), Error> {
        as_many("linked keys", self.keys.len(), count)?;
        if ![Backend::Auto, first.backend].contains(&self.options.backend) {
            return Err(Error::invalid("linked entries: another backend than that of the first ones"));
        }
        batch.linked_fd = self.map.raw() as u32;
        batch.linked_keys = self.keys.as_ptr().cast();
        batch.linked_flags = self.flags;
        if let Some(seen) = self.seen {
            let (offset, size) = self.options.offset_and_size()?;
            as_many("linked values seen", seen.len(), count)?;
            batch.linked_compare = seen.as_ptr().cast::<u8>().wrapping_add(offset as usize).cast();
            batch.linked_compare_offset = offset;
            batch.linked_compare_size = size;
            batch.linked_compare_stride = size_of::<V>() as u32;
        }
        if let Some(claim) = &self.options.claim {
            if first.claim.as_ref().map_or(false, |of| (of.first, of.last) != (claim.first, claim.last)) {
                return Err(Error::invalid("linked entries: another range of claims than that of the first ones"));
            }
            batch.linked_claim = claim.at();
            batch.linked_claim_offset = claim.offset;
            batch.linked_claim_size = claim.size;
            batch.claim_first = claim.first;
            batch.claim_last = claim.last;
        }
        Ok(())
    }
}
