// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! Deletes an entry of a BPF hash map only if its value still is what the caller saw. It is libbpf-compare for Rust:
//! kernels that carry `BPF_F_COMPARE` do it themselves, on all others since Linux 5.14 a BPF syscall program does.
//!
//! Maps come from whatever loads them, as file descriptors: a [`Map`] takes anything that is
//! [`AsFd`](std::os::unix::io::AsFd), and has a duplicate of its own from then on. Keys and values are of types that
//! are plain data, see [`pod!`]:
//!
//! ```no_run
//! use libbpf_compare::{field, pod, Error, Map, Options};
//! # use std::os::unix::io::AsFd;
//!
//! pod! {
//!     pub struct Conn {
//!         pub packets: u64,
//!         pub expires: u32,
//!         pub flags: u32,
//!     }
//! }
//!
//! # fn collect(fd: impl AsFd, key: u32, seen: Conn) -> Result<(), Error> {
//! let conns: Map<u32, Conn> = Map::new(fd)?;
//! // as a look-up gave them
//! match conns.delete_if(&key, &seen, &Options::new().compare(field!(Conn, expires))) {
//!     Err(Error::Mismatch) => println!("it was refreshed meanwhile, and left alone"),
//!     other => other?,
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`Map::delete_batch_if`] does so for many keys, and [`Map::delete_linked_if`] for entries that belong together,
//! such as both directions of a connection. What matches conditions on fields of key and value is deleted by
//! [`Map::sweep`] inside the kernel, without being read first:
//!
//! ```no_run
//! # use libbpf_compare::{field, pod, Error, Map, Sweep};
//! # pod! { pub struct Conn { pub packets: u64, pub expires: u32, pub flags: u32 } }
//! # fn collect(conns: &Map<u32, Conn>, now: u32) -> Result<(), Error> {
//! let expired = Sweep::new().value(field!(Conn, expires).before(now));
//! println!("{} deleted", conns.sweep(&expired)?.deleted);
//! # Ok(())
//! # }
//! ```
//!
//! A [`Word`] is one number of the values: BPF programs and Rust add to it, swap it and change its bits at the same
//! time without losing anything, which is how counters are read and cleared:
//!
//! ```no_run
//! # use libbpf_compare::{field, pod, Error, Map};
//! # pod! { pub struct Conn { pub packets: u64, pub expires: u32, pub flags: u32 } }
//! # fn drain(conns: &Map<u32, Conn>, key: u32) -> Result<u64, Error> {
//! let packets = conns.word(field!(Conn, packets));
//! packets.swap(&key, 0)
//! # }
//! ```
//!
//! # What it is atomic against
//!
//! [`Backend::Native`] is atomic against writers that replace an entry, not against BPF programs that write in place.
//! [`Backend::SyscallProg`] is atomic against neither: it narrows the race to well under a microsecond as a rule, but
//! a writer that never pauses still gets in between nearly every time. With a [`Claim`] the race is closed, where all
//! who share the map keep to the protocol that `<bpf/bpf_compare.bpf.h>` carries out for BPF programs; on an LRU hash
//! map but for an entry that is evicted and created anew between check and delete. No error, old kernel or missing
//! privilege turns a conditional delete into an unconditional one. bpf_compare(7) has the whole story.
//!
//! # Threads and processes
//!
//! All calls may be made by many threads at a time. A child made by `fork()` may use a [`Map`], but not a [`Comparer`].
//!
//! # Building
//!
//! It takes a C compiler, pkg-config and libbpf 1.0 or newer with its headers (libbpf-dev), and no other crate than its
//! `-sys`, which tells what its features `vendored` and `static` are.

#![deny(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]

mod backend;
mod claim;
mod comparer;
mod condition;
mod delete;
mod error;
mod field;
mod linked;
mod map;
mod options;
mod pod;
mod sweep;
mod update;
mod word;

pub use backend::{probe, version, Backend, MapType};
pub use claim::Claim;
pub use comparer::{Comparer, Guarantee};
pub use condition::Condition;
pub use delete::Batch;
pub use error::{Error, Reason, Stopped};
pub use field::Field;
pub use linked::Linked;
pub use map::Map;
pub use options::Options;
pub use pod::{Number, Pod, WordType};
pub use sweep::{Sweep, Sweeper, Swept};
pub use update::UpdateFlags;
pub use word::{Word, WordOp};

#[doc(hidden)]
pub use field::__field;
