// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! What the tests have of libbpf: maps, and what is in them.
#![allow(dead_code)] // no test uses all of it

use std::ffi::CString;
use std::mem::size_of;
use std::os::raw::{c_char, c_int, c_void};
use std::os::unix::io::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::thread::sleep;
use std::time::Duration;
use std::{env, io, ptr};

use libbpf_compare::{pod, Backend, Pod};

pub const HASH: u32 = 1;
pub const LRU_HASH: u32 = 9;
pub const PERCPU_HASH: u32 = 5;

pub const RDONLY: u32 = 1 << 3;
pub const RDONLY_PROG: u32 = 1 << 7;

pod! {
    #[derive(Debug, PartialEq, Eq)]
    pub struct Conn {
        pub packets: u64,
        pub expires: u32,
        pub flags: u32,
    }
}

pub fn conn(packets: u64, expires: u32) -> Conn {
    Conn { packets, expires, flags: 0 }
}

#[repr(C)]
struct CreateOpts {
    sz: usize,
    btf: [u32; 4],
    inner_map_fd: u32,
    map_flags: u32,
}

#[repr(C)]
struct OpenOpts {
    sz: usize,
    flags: u32,
}

extern "C" {
    fn bpf_map_create(
        map_type: u32,
        name: *const c_char,
        key_size: u32,
        value_size: u32,
        max_entries: u32,
        opts: *const CreateOpts,
    ) -> c_int;
    fn bpf_map_update_elem(fd: c_int, key: *const c_void, value: *const c_void, flags: u64) -> c_int;
    fn bpf_map_lookup_elem(fd: c_int, key: *const c_void, value: *mut c_void) -> c_int;
    fn bpf_map_freeze(fd: c_int) -> c_int;
    fn bpf_map_get_fd_by_id_opts(id: u32, opts: *const OpenOpts) -> c_int;
    fn bpf_obj_get_info_by_fd(fd: c_int, info: *mut c_void, size: *mut u32) -> c_int;
    fn bpf_prog_load(
        prog_type: u32,
        name: *const c_char,
        license: *const c_char,
        insns: *const u64,
        count: usize,
        opts: *const c_void,
    ) -> c_int;
}

fn owned(fd: c_int) -> OwnedFd {
    assert!(fd >= 0, "{}", io::Error::last_os_error());
    // SAFETY: it was just opened
    unsafe { OwnedFd::from_raw_fd(fd) }
}

pub fn create<K, V>(map_type: u32, entries: u32, map_flags: u32) -> OwnedFd {
    let opts = CreateOpts { sz: 32, btf: [0; 4], inner_map_fd: 0, map_flags };
    let name = CString::new("selftest").unwrap();
    // Each CPU takes 128 free elements of an LRU at once, and who runs on another then evicts an entry.
    let spare = if map_type == LRU_HASH { 256 * std::thread::available_parallelism().unwrap().get() as u32 } else { 0 };
    let (key, value) = (size_of::<K>() as u32, size_of::<V>() as u32);
    // SAFETY: it is a string, and options
    owned(unsafe { bpf_map_create(map_type, name.as_ptr(), key, value, entries + spare, &opts) })
}

pub fn put<K: Pod, V: Pod>(map: impl AsFd, key: K, value: V) {
    let (key, value): (*const K, *const V) = (&key, &value);
    // SAFETY: the map has such keys and values
    let err = unsafe { bpf_map_update_elem(map.as_fd().as_raw_fd(), key.cast(), value.cast(), 0) };
    assert_eq!(err, 0, "{}", io::Error::last_os_error());
}

pub fn get<K: Pod, V: Pod>(map: impl AsFd, key: K) -> Option<V> {
    let mut value = std::mem::MaybeUninit::<V>::uninit();
    let key: *const K = &key;
    // SAFETY: the map has such keys and values
    let err = unsafe { bpf_map_lookup_elem(map.as_fd().as_raw_fd(), key.cast(), value.as_mut_ptr().cast()) };
    if err != 0 {
        return None;
    }
    // SAFETY: it was written
    Some(unsafe { value.assume_init() })
}

pub fn freeze(map: impl AsFd) {
    // SAFETY: it takes a number alone
    assert_eq!(unsafe { bpf_map_freeze(map.as_fd().as_raw_fd()) }, 0);
}

pub fn id(map: impl AsFd) -> u32 {
    let mut info = [0u32; 2];
    let mut size = 8;
    // SAFETY: there is room for as much
    let err = unsafe { bpf_obj_get_info_by_fd(map.as_fd().as_raw_fd(), info.as_mut_ptr().cast(), &mut size) };
    assert_eq!(err, 0);
    info[1]
}

fn by_id(id: u32, flags: u32) -> c_int {
    // SAFETY: these are options
    unsafe { bpf_map_get_fd_by_id_opts(id, &OpenOpts { sz: 12, flags }) }
}

/// The same map by a descriptor that may only read it.
pub fn read_only_twin(map: impl AsFd) -> OwnedFd {
    owned(by_id(id(map), RDONLY))
}

pub fn exists(id: u32) -> bool {
    let fd = by_id(id, RDONLY);
    fd >= 0 && owned(fd).as_raw_fd() == fd
}

/// The kernel frees a map a while after its last user.
pub fn is_freed(id: u32) -> bool {
    (0..300).any(|_| {
        let there = exists(id);
        if there {
            sleep(Duration::from_millis(100));
        }
        !there
    })
}

pub fn program() -> OwnedFd {
    let text = CString::new("GPL").unwrap();
    // r0 = 0, exit
    let insns: [[u8; 8]; 2] = [[0xb7, 0, 0, 0, 0, 0, 0, 0], [0x95, 0, 0, 0, 0, 0, 0, 0]];
    let insns: [u64; 2] = insns.map(u64::from_ne_bytes);
    // SAFETY: these are strings and two instructions
    owned(unsafe { bpf_prog_load(1, text.as_ptr(), text.as_ptr(), insns.as_ptr(), 2, ptr::null()) })
}

pub const BACKENDS: [Backend; 3] = [Backend::Auto, Backend::Native, Backend::SyscallProg];

/// Whether a backend must serve maps of this type: KERNEL_HAS says what is not so of a stock kernel.
pub fn serves(backend: Backend, map_type: u32) -> bool {
    let has = env::var("KERNEL_HAS").unwrap_or_else(|_| "syscall_prog".into());
    let has = |what| has.split_whitespace().any(|word| word == what);
    let native = has("native") && map_type == HASH;
    match backend {
        Backend::Auto => native || has("syscall_prog"),
        Backend::Native => native,
        Backend::SyscallProg => has("syscall_prog"),
    }
}
