// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use std::ffi::CString;
use std::fmt;
use std::marker::PhantomData;
use std::mem::size_of;
use std::os::raw::{c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::io::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;

use libbpf_compare_sys as sys;

use crate::backend::{Backend, MapType};
use crate::error::{check, Error};
use crate::pod::Pod;

// Of libbpf and the C library, which are linked anyway.
extern "C" {
    fn bpf_obj_get(path: *const c_char) -> c_int;
    fn bpf_obj_get_info_by_fd(fd: c_int, info: *mut c_void, size: *mut u32) -> c_int;
    fn fcntl(fd: c_int, command: c_int, ...) -> c_int;
}

const F_DUPFD_CLOEXEC: c_int = 1030;

/// The first fields of `struct bpf_map_info`, which every kernel has.
#[derive(Default)]
#[repr(C)]
struct Info {
    map_type: u32,
    id: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    map_flags: u32,
}

/// A hash or LRU hash map whose keys are laid out as a `K`, and its values as a `V`.
///
/// It has a descriptor of its own. When it is dropped it lets go of what is kept for the map, see [`Map::release`], and
/// closes that. Threads may share it.
pub struct Map<K, V> {
    fd: OwnedFd,
    of: PhantomData<fn(K) -> V>,
}

impl<K: Pod, V: Pod> Map<K, V> {
    /// Duplicates the descriptor of a map, so that the one that is lent may be closed, and refuses types that cannot
    /// be the map's.
    pub fn new(fd: impl AsFd) -> Result<Self, Error> {
        Self::of(duplicate(fd.as_fd())?)
    }

    /// Opens a map that is pinned to a BPF file system.
    pub fn pinned(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let c_path = CString::new(path.as_os_str().as_bytes())
            .map_err(|_| Error::invalid(format!("{} has a null byte in it", path.display())))?;
        // SAFETY: it is a string
        let fd = unsafe { bpf_obj_get(c_path.as_ptr()) };
        if fd < 0 {
            return Err(Error::last_os());
        }
        // SAFETY: it was opened for us
        Self::of(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    fn of(fd: OwnedFd) -> Result<Self, Error> {
        let map = Self { fd, of: PhantomData };
        let info = map.info()?;
        if ![MapType::Hash as u32, MapType::LruHash as u32].contains(&info.map_type) {
            // It may be no map at all.
            map.backend()?;
            return Err(Error::NotSupported("the map's type".into()));
        }
        fits::<K>("key", info.key_size)?;
        fits::<V>("value", info.value_size)?;
        Ok(map)
    }

    fn info(&self) -> Result<Info, Error> {
        let mut info = Info::default();
        let mut size = size_of::<Info>() as u32;
        // SAFETY: no more than size is written
        let err = unsafe { bpf_obj_get_info_by_fd(self.raw(), (&mut info as *mut Info).cast(), &mut size) };
        if err != 0 {
            // Where it is no object of the BPF subsystem the library says so.
            let error = Error::last_os();
            self.backend()?;
            return Err(error);
        }
        Ok(info)
    }
}

impl<K, V> Map<K, V> {
    pub(crate) fn raw(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Tells which backend [`Backend::Auto`] stands for on this map, without a claim. Nothing is deleted.
    pub fn backend(&self) -> Result<Backend, Error> {
        // SAFETY: it takes a number alone
        match check(unsafe { sys::bpf_map_get_compare_backend(self.raw()) })? as u32 {
            sys::BPF_MAP_COMPARE_NATIVE => Ok(Backend::Native),
            _ => Ok(Backend::SyscallProg),
        }
    }

    /// Lets go of what is kept for the map between calls, by this process: a BPF program, which holds the map in the
    /// kernel although it was closed everywhere else. A dropped `Map` does so by itself.
    pub fn release(&self) -> Result<(), Error> {
        // SAFETY: it takes a number alone
        check(unsafe { sys::bpf_map_compare_release(self.raw()) }).map(drop)
    }
}

impl<K, V> Drop for Map<K, V> {
    fn drop(&mut self) {
        // There is nobody to tell of an error.
        let _ = self.release();
    }
}

impl<K, V> AsFd for Map<K, V> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl<K, V> fmt::Debug for Map<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Map").field(&self.raw()).finish()
    }
}

/// Not one of the standard streams: the library takes 0 for none.
fn duplicate(fd: BorrowedFd<'_>) -> Result<OwnedFd, Error> {
    // SAFETY: the descriptor is open
    let ours = unsafe { fcntl(fd.as_raw_fd(), F_DUPFD_CLOEXEC, 3 as c_int) };
    if ours < 0 {
        return Err(Error::last_os());
    }
    // SAFETY: it was just made
    Ok(unsafe { OwnedFd::from_raw_fd(ours) })
}

fn fits<T>(what: &str, size: u32) -> Result<(), Error> {
    if size_of::<T>() == size as usize {
        return Ok(());
    }
    let name = std::any::type_name::<T>();
    Err(Error::invalid(format!("{name} has {} bytes, the map's {what}s {size}", size_of::<T>())))
}
