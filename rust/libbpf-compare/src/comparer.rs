// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use libbpf_compare_sys as sys;

use crate::delete::{Batch, By};
use crate::error::{Error, Stopped};
use crate::map::Map;
use crate::options::Options;
use crate::pod::Pod;

/// What deletes by compare are atomic against, each including those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Guarantee {
    /// Whatever is to be had.
    #[default]
    Any = sys::BPF_MAP_COMPARE_GUARANTEE_ANY,
    /// Nothing: the time in which others can write is as short as it gets.
    Narrowed = sys::BPF_MAP_COMPARE_GUARANTEE_NARROWED,
    /// Writers that replace the element: the native backend, or as below.
    Replacing = sys::BPF_MAP_COMPARE_GUARANTEE_REPLACING,
    /// Writers in place too: a claim on a hash map, where all who share it keep to the protocol, which has no writers
    /// that replace.
    InPlace = sys::BPF_MAP_COMPARE_GUARANTEE_IN_PLACE,
}

/// Deletes from one map by the same options each time, with one system call: what the calls of a [`Map`] find out, or
/// keep between them, is in this object. It needs the [`Map`] no more, and holds the map in the kernel until it is
/// dropped.
///
/// Threads may share it; its calls go one after the other. In a child made by `fork()` they answer `ESTALE`.
///
/// ```no_run
/// # use libbpf_compare::{field, pod, Error, Guarantee, Map, Options};
/// # pod! { pub struct Conn { pub packets: u64, pub expires: u32, pub flags: u32 } }
/// # fn collect(conns: &Map<u32, Conn>, key: u32, seen: Conn) -> Result<(), Error> {
/// let claim = conns.take_claim(1..=16)?;
/// let opts = Options::new().compare(field!(Conn, expires)).claim(field!(Conn, expires), &claim);
/// // or an error, where it cannot be had
/// let comparer = conns.comparer(&opts, Guarantee::InPlace)?;
/// comparer.delete_if(&key, &seen)?;
/// # Ok(())
/// # }
/// ```
pub struct Comparer<'a, K, V> {
    comparer: NonNull<sys::bpf_map_comparer>,
    options: Options<'a, V>,
    of: PhantomData<fn(K)>,
}

// SAFETY: the library's comparers are of no thread, and have its calls go one after the other
unsafe impl<K, V> Send for Comparer<'_, K, V> {}
// SAFETY: likewise
unsafe impl<K, V> Sync for Comparer<'_, K, V> {}

impl<K: Pod, V: Pod> Map<K, V> {
    /// Gets ready to delete by these options, with at least this guarantee, or tells why not.
    pub fn comparer<'a>(&self, options: &Options<'a, V>, guarantee: Guarantee) -> Result<Comparer<'a, K, V>, Error> {
        let mut opts = sys::bpf_map_comparer_opts::new();
        (opts.compare_offset, opts.compare_size) = options.offset_and_size()?;
        opts.backend = options.backend as u32;
        opts.guarantee = guarantee as u32;
        if let Some(claim) = &options.claim {
            opts.claim = claim.at();
            opts.claim_offset = claim.offset;
            opts.claim_size = claim.size;
        }
        // SAFETY: what they point to is there
        let comparer = unsafe { sys::bpf_map_comparer__open(self.raw(), &opts) };
        match NonNull::new(comparer) {
            Some(comparer) => Ok(Comparer { comparer, options: *options, of: PhantomData }),
            None => Err(Error::last_refused()),
        }
    }
}

impl<K: Pod, V: Pod> Comparer<'_, K, V> {
    /// What its deletes are atomic against.
    pub fn guarantee(&self) -> Guarantee {
        // SAFETY: it is open
        match unsafe { sys::bpf_map_comparer__guarantee(self.comparer.as_ptr()) } {
            sys::BPF_MAP_COMPARE_GUARANTEE_IN_PLACE => Guarantee::InPlace,
            sys::BPF_MAP_COMPARE_GUARANTEE_REPLACING => Guarantee::Replacing,
            sys::BPF_MAP_COMPARE_GUARANTEE_NARROWED => Guarantee::Narrowed,
            _ => Guarantee::Any,
        }
    }

    /// Does what [`Map::delete_if`] does.
    pub fn delete_if(&self, key: &K, seen: &V) -> Result<(), Error> {
        self.by().delete_if(key, seen, &self.options)
    }

    /// Does what [`Map::delete_batch_if`] does.
    pub fn delete_batch_if(&self, keys: &[K], seen: &[V]) -> Result<Batch, Stopped<Batch>> {
        self.by().delete_batch_if(keys, seen, &self.options, None)
    }

    /// Does what [`Map::take_batch_if`] does.
    pub fn take_batch_if(&self, keys: &[K], seen: &[V], values: &mut [V]) -> Result<Batch, Stopped<Batch>> {
        self.by().delete_batch_if(keys, seen, &self.options, Some(values))
    }

    fn by(&self) -> By {
        By::Comparer(self.comparer.as_ptr())
    }
}

impl<K, V> Drop for Comparer<'_, K, V> {
    fn drop(&mut self) {
        // SAFETY: it is open, and nobody has it any more
        unsafe { sys::bpf_map_comparer__close(self.comparer.as_ptr()) }
    }
}

impl<K, V> fmt::Debug for Comparer<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Comparer").field(&self.comparer).finish()
    }
}
