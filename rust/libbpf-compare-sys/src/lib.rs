// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! Bindings to `<bpf/bpf_compare.h>`, which its manual pages document. The crate `libbpf-compare` is what is safe to
//! use.
//!
//! Structs of options are made by their `new()`, as `LIBBPF_OPTS` does it in C: all is 0 but `sz`, which ends with the
//! last field. What Rust has behind that one is padding, which need not be 0, and so must not count.
//!
//! ```
//! use libbpf_compare_sys::*;
//!
//! let mut opts = bpf_map_delete_elem_opts::new();
//! opts.flags = BPF_F_COMPARE.into();
//! let seen = 100u32;
//! opts.compare = (&seen as *const u32).cast();
//! opts.compare_size = 4;
//! // SAFETY: no map is behind that descriptor, so that neither the key nor what was seen is read
//! let err = unsafe { bpf_map_delete_elem_opts(-1, (&7u32 as *const u32).cast(), &opts) };
//! assert_eq!(err, -9); // EBADF
//! ```
//!
//! # Building
//!
//! With the feature `vendored`, which is on unless it is turned off, the C library is compiled from the text in the
//! crate; without it, the library that pkg-config finds is linked. Either takes libbpf 1.0 or newer with its headers
//! (libbpf-dev) and pkg-config. With the feature `static` all of that is linked statically. `CC`, `CFLAGS`, `AR` and
//! `PKG_CONFIG` are what the names say, as for `make`.

#![allow(non_camel_case_types)]

mod bindings;

pub use bindings::*;

/// Of libbpf.
#[repr(C)]
pub struct bpf_map {
    _private: [u8; 0],
}

/// Of `<linux/bpf.h>`.
pub type bpf_map_type = u32;

macro_rules! opts {
    ($($opts:ident, $last:ident;)*) => {$(
        impl $opts {
            /// All is 0 but `sz`.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                // SAFETY: these are numbers and raw pointers alone
                let mut opts: Self = unsafe { core::mem::zeroed() };
                opts.sz = past(&opts.$last) - &opts as *const Self as usize;
                opts
            }
        }
    )*};
}

fn past<T>(field: &T) -> usize {
    field as *const T as usize + core::mem::size_of::<T>()
}

opts! {
    bpf_map_delete_elem_opts, backend;
    bpf_map_delete_batch_opts, claim_last;
    bpf_map_update_elem_opts, claim_last;
    bpf_map_update_batch_opts, claim_last;
    bpf_map_comparer_opts, claim_size;
    bpf_map_sweep_opts, changed;
    bpf_map_claims_opts, changed;
}
