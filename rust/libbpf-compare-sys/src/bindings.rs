// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
// Generated from <bpf/bpf_compare.h>: make rust-generate
use super::{bpf_map, bpf_map_type};
pub const BPF_F_COMPARE: u32 = 32;
pub const BPF_F_IN_PLACE: u32 = 1073741824;
pub const BPF_MAP_COMPARE_AUTO: bpf_map_compare_backend = 0;
pub const BPF_MAP_COMPARE_NATIVE: bpf_map_compare_backend = 1;
pub const BPF_MAP_COMPARE_SYSCALL_PROG: bpf_map_compare_backend = 2;
pub type bpf_map_compare_backend = ::std::os::raw::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct bpf_map_delete_elem_opts {
    pub sz: usize,
    pub flags: u64,
    pub compare: *const ::std::os::raw::c_void,
    pub compare_offset: u32,
    pub compare_size: u32,
    pub claim: *const ::std::os::raw::c_void,
    pub claim_offset: u32,
    pub claim_size: u32,
    pub backend: u32,
}
extern "C" {
    pub fn bpf_map_delete_elem_opts(
        fd: ::std::os::raw::c_int,
        key: *const ::std::os::raw::c_void,
        opts: *const bpf_map_delete_elem_opts,
    ) -> ::std::os::raw::c_int;
}
extern "C" {
    pub fn bpf_map__delete_elem_opts(
        map: *const bpf_map,
        key: *const ::std::os::raw::c_void,
        key_sz: usize,
        opts: *const bpf_map_delete_elem_opts,
    ) -> ::std::os::raw::c_int;
}
pub const BPF_MAP_LINKED_KEEP: u32 = 1;
pub const BPF_MAP_LINKED_ABSENT: u32 = 2;
pub const BPF_MAP_LINKED_FIRST: u32 = 4;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct bpf_map_delete_batch_opts {
    pub sz: usize,
    pub elem_flags: u64,
    pub compare: *const ::std::os::raw::c_void,
    pub compare_offset: u32,
    pub compare_size: u32,
    pub compare_stride: u32,
    pub backend: u32,
    pub claim: *const ::std::os::raw::c_void,
    pub claim_offset: u32,
    pub claim_size: u32,
    pub results: *mut ::std::os::raw::c_int,
    pub values: *mut ::std::os::raw::c_void,
    pub linked_keys: *const ::std::os::raw::c_void,
    pub linked_compare: *const ::std::os::raw::c_void,
    pub linked_claim: *const ::std::os::raw::c_void,
    pub linked_results: *mut ::std::os::raw::c_int,
    pub linked_fd: u32,
    pub linked_flags: u32,
    pub linked_compare_offset: u32,
    pub linked_compare_size: u32,
    pub linked_compare_stride: u32,
    pub linked_claim_offset: u32,
    pub linked_claim_size: u32,
    pub claim_first: u64,
    pub claim_last: u64,
}
extern "C" {
    pub fn bpf_map_delete_batch_opts(
        fd: ::std::os::raw::c_int,
        keys: *const ::std::os::raw::c_void,
        count: *mut u32,
        opts: *const bpf_map_delete_batch_opts,
    ) -> ::std::os::raw::c_int;
}
pub const BPF_MAP_UPDATE_SET: bpf_map_update_op = 0;
pub const BPF_MAP_UPDATE_ADD: bpf_map_update_op = 1;
pub const BPF_MAP_UPDATE_AND: bpf_map_update_op = 2;
pub const BPF_MAP_UPDATE_OR: bpf_map_update_op = 3;
pub const BPF_MAP_UPDATE_XOR: bpf_map_update_op = 4;
pub type bpf_map_update_op = ::std::os::raw::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct bpf_map_update_elem_opts {
    pub sz: usize,
    pub flags: u64,
    pub compare: *const ::std::os::raw::c_void,
    pub old: *mut ::std::os::raw::c_void,
    pub compare_offset: u32,
    pub compare_size: u32,
    pub offset: u32,
    pub size: u32,
    pub op: u32,
    pub backend: u32,
    pub claim_first: u64,
    pub claim_last: u64,
}
extern "C" {
    pub fn bpf_map_update_elem_opts(
        fd: ::std::os::raw::c_int,
        key: *const ::std::os::raw::c_void,
        value: *const ::std::os::raw::c_void,
        opts: *const bpf_map_update_elem_opts,
    ) -> ::std::os::raw::c_int;
}
extern "C" {
    pub fn bpf_map__update_elem_opts(
        map: *const bpf_map,
        key: *const ::std::os::raw::c_void,
        key_sz: usize,
        value: *const ::std::os::raw::c_void,
        value_sz: usize,
        opts: *const bpf_map_update_elem_opts,
    ) -> ::std::os::raw::c_int;
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct bpf_map_update_batch_opts {
    pub sz: usize,
    pub elem_flags: u64,
    pub compare: *const ::std::os::raw::c_void,
    pub old: *mut ::std::os::raw::c_void,
    pub results: *mut ::std::os::raw::c_int,
    pub compare_offset: u32,
    pub compare_size: u32,
    pub compare_stride: u32,
    pub offset: u32,
    pub size: u32,
    pub value_stride: u32,
    pub op: u32,
    pub backend: u32,
    pub claim_first: u64,
    pub claim_last: u64,
}
extern "C" {
    pub fn bpf_map_update_batch_opts(
        fd: ::std::os::raw::c_int,
        keys: *const ::std::os::raw::c_void,
        values: *const ::std::os::raw::c_void,
        count: *mut u32,
        opts: *const bpf_map_update_batch_opts,
    ) -> ::std::os::raw::c_int;
}
pub const BPF_MAP_COMPARE_GUARANTEE_ANY: bpf_map_compare_guarantee = 0;
pub const BPF_MAP_COMPARE_GUARANTEE_NARROWED: bpf_map_compare_guarantee = 1;
pub const BPF_MAP_COMPARE_GUARANTEE_REPLACING: bpf_map_compare_guarantee = 2;
pub const BPF_MAP_COMPARE_GUARANTEE_IN_PLACE: bpf_map_compare_guarantee = 3;
pub type bpf_map_compare_guarantee = ::std::os::raw::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct bpf_map_comparer {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct bpf_map_comparer_opts {
    pub sz: usize,
    pub backend: u32,
    pub guarantee: u32,
    pub compare_offset: u32,
    pub compare_size: u32,
    pub claim: *const ::std::os::raw::c_void,
    pub claim_offset: u32,
    pub claim_size: u32,
}
extern "C" {
    pub fn bpf_map_comparer__open(
        fd: ::std::os::raw::c_int,
        opts: *const bpf_map_comparer_opts,
    ) -> *mut bpf_map_comparer;
}
extern "C" {
    pub fn bpf_map_comparer__delete(
        comparer: *mut bpf_map_comparer,
        key: *const ::std::os::raw::c_void,
        opts: *const bpf_map_delete_elem_opts,
    ) -> ::std::os::raw::c_int;
}
extern "C" {
    pub fn bpf_map_comparer__delete_batch(
        comparer: *mut bpf_map_comparer,
        keys: *const ::std::os::raw::c_void,
        count: *mut u32,
        opts: *const bpf_map_delete_batch_opts,
    ) -> ::std::os::raw::c_int;
}
extern "C" {
    pub fn bpf_map_comparer__guarantee(comparer: *const bpf_map_comparer) -> bpf_map_compare_guarantee;
}
extern "C" {
    pub fn bpf_map_comparer__close(comparer: *mut bpf_map_comparer);
}
pub const BPF_MAP_SWEEP_EQ: bpf_map_sweep_op = 0;
pub const BPF_MAP_SWEEP_NE: bpf_map_sweep_op = 1;
pub const BPF_MAP_SWEEP_LT: bpf_map_sweep_op = 2;
pub const BPF_MAP_SWEEP_LE: bpf_map_sweep_op = 3;
pub const BPF_MAP_SWEEP_GT: bpf_map_sweep_op = 4;
pub const BPF_MAP_SWEEP_GE: bpf_map_sweep_op = 5;
pub const BPF_MAP_SWEEP_BEFORE: bpf_map_sweep_op = 6;
pub const BPF_MAP_SWEEP_AFTER: bpf_map_sweep_op = 7;
pub type bpf_map_sweep_op = ::std::os::raw::c_uint;
pub const BPF_MAP_SWEEP_KEY: u32 = 1;
pub const BPF_MAP_SWEEP_SIGNED: u32 = 2;
pub const BPF_MAP_SWEEP_BE: u32 = 4;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct bpf_map_sweep_cond {
    pub offset: u32,
    pub size: u8,
    pub op: u8,
    pub flags: u8,
    pub group: u8,
    pub mask: u64,
    pub operand: u64,
}
pub const BPF_MAP_SWEEP_COUNT: u32 = 1;
pub const BPF_MAP_SWEEP_ALL: u32 = 2;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct bpf_map_sweep_opts {
    pub sz: usize,
    pub flags: u64,
    pub claim: *const ::std::os::raw::c_void,
    pub keys: *mut ::std::os::raw::c_void,
    pub values: *mut ::std::os::raw::c_void,
    pub claim_offset: u32,
    pub claim_size: u32,
    pub claim_first: u64,
    pub claim_last: u64,
    pub capacity: u32,
    pub max_scan_us: u32,
    pub cursor: u64,
    pub scanned: u64,
    pub matched: u64,
    pub deleted: u64,
    pub changed: u64,
}
extern "C" {
    pub fn bpf_map_sweep(
        fd: ::std::os::raw::c_int,
        conds: *const bpf_map_sweep_cond,
        conds_cnt: u32,
        opts: *mut bpf_map_sweep_opts,
    ) -> ::std::os::raw::c_int;
}
extern "C" {
    pub fn bpf_map_sweep_timed(
        fd: ::std::os::raw::c_int,
        conds: *const bpf_map_sweep_cond,
        conds_cnt: u32,
        opts: *mut bpf_map_sweep_opts,
        max_us: u32,
    ) -> ::std::os::raw::c_int;
}
extern "C" {
    pub fn bpf_map_claim_take(
        fd: ::std::os::raw::c_int,
        claim_first: u64,
        claim_last: u64,
        claim: *mut ::std::os::raw::c_void,
        claim_size: u32,
    ) -> ::std::os::raw::c_int;
}
pub const BPF_MAP_CLAIMS_KEEP: u32 = 1;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct bpf_map_claims_opts {
    pub sz: usize,
    pub flags: u64,
    pub claim: *const ::std::os::raw::c_void,
    pub keys: *mut ::std::os::raw::c_void,
    pub words: *mut u64,
    pub results: *mut ::std::os::raw::c_int,
    pub claim_offset: u32,
    pub claim_size: u32,
    pub claim_first: u64,
    pub claim_last: u64,
    pub capacity: u32,
    pub wait_ms: u32,
    pub found: u64,
    pub held: u64,
    pub stale: u64,
    pub cleared: u64,
    pub changed: u64,
}
extern "C" {
    pub fn bpf_map_claims_clear(fd: ::std::os::raw::c_int, opts: *mut bpf_map_claims_opts) -> ::std::os::raw::c_int;
}
extern "C" {
    pub fn libbpf_probe_bpf_map_compare(
        map_type: bpf_map_type,
        backend: bpf_map_compare_backend,
        opts: *const ::std::os::raw::c_void,
    ) -> ::std::os::raw::c_int;
}
extern "C" {
    pub fn bpf_map_get_compare_backend(fd: ::std::os::raw::c_int) -> ::std::os::raw::c_int;
}
extern "C" {
    pub fn libbpf_bpf_map_compare_backend_str(backend: bpf_map_compare_backend) -> *const ::std::os::raw::c_char;
}
extern "C" {
    pub fn bpf_map_compare_release(fd: ::std::os::raw::c_int) -> ::std::os::raw::c_int;
}
extern "C" {
    pub fn libbpf_compare_reason() -> *const ::std::os::raw::c_char;
}
extern "C" {
    pub fn libbpf_compare_major_version() -> u32;
}
extern "C" {
    pub fn libbpf_compare_minor_version() -> u32;
}
extern "C" {
    pub fn libbpf_compare_version_string() -> *const ::std::os::raw::c_char;
}
