// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use std::ffi::CStr;
use std::fmt;
use std::ptr;

use libbpf_compare_sys as sys;

use crate::error::{check, Error};

/// The types of maps that are served, by the kernel's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum MapType {
    /// `BPF_MAP_TYPE_HASH`
    Hash = 1,
    /// `BPF_MAP_TYPE_LRU_HASH`
    LruHash = 9,
}

/// A way to delete by compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum Backend {
    /// `Native` where it serves the map and the options, else `SyscallProg`.
    #[default]
    Auto = sys::BPF_MAP_COMPARE_AUTO,
    /// The kernel's own `BPF_F_COMPARE`.
    Native = sys::BPF_MAP_COMPARE_NATIVE,
    /// A BPF syscall program.
    SyscallProg = sys::BPF_MAP_COMPARE_SYSCALL_PROG,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Native => "native",
            Self::SyscallProg => "syscall_prog",
        })
    }
}

/// Tells whether the running kernel can delete by compare from maps of a type, for this process; an error where that
/// could not be told, among them [`Error::Permission`]. With [`Backend::Auto`] it asks for either backend.
pub fn probe(map_type: MapType, backend: Backend) -> Result<bool, Error> {
    // SAFETY: it takes numbers alone
    let answer = unsafe { sys::libbpf_probe_bpf_map_compare(map_type as u32, backend as u32, ptr::null()) };
    Ok(check(answer)? == 1)
}

/// The version of the C library, as "major.minor.patch".
pub fn version() -> &'static str {
    // SAFETY: it is a string that stays
    let version = unsafe { CStr::from_ptr(sys::libbpf_compare_version_string()) };
    version.to_str().unwrap_or_default()
}
