// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The record of the library's ABI, beside libbpf-compare.map, which has the exported names and their
 * versions: where each field is, what each number is, what each function takes and gives. The build
 * fails where the header is changed and this is not; what is here is changed on purpose alone.
 * Released fields stay where they are, and new ones follow the last.
 */
#include "compare_internal.h"

/* Where it is on machines with pointers of 4 bytes, and of 8. */
#if __SIZEOF_POINTER__ == 8
#define AT(narrow, wide) (wide)
#else
#define AT(narrow, wide) (narrow)
#endif

#define FIELD(type, field, offset, size)                                                           \
	STATIC_ASSERT(offsetof(struct type, field) == (offset) &&                                  \
			      sizeof(((struct type *)0)->field) == (size),                         \
		      "ABI: " #type "." #field)
#define STRUCT(type, size)  STATIC_ASSERT(sizeof(struct type) == (size), "ABI: size of " #type)
#define NUMBER(name, value) STATIC_ASSERT((name) == (value), "ABI: " #name)
#define FUNCTION(result, name, ...)                                                                \
	STATIC_ASSERT(__builtin_types_compatible_p(__typeof__(name), result(__VA_ARGS__)),         \
		      "ABI: " #name "()")

#define POINTER sizeof(void *)

/* On other 32-bit machines the compiler aligns __u64 to 8 bytes, and the fields are elsewhere. */
#if __SIZEOF_POINTER__ == 8 || defined(__i386__)
FIELD(bpf_map_delete_elem_opts, sz, 0, POINTER);
FIELD(bpf_map_delete_elem_opts, flags, AT(4, 8), 8);
FIELD(bpf_map_delete_elem_opts, compare, AT(12, 16), POINTER);
FIELD(bpf_map_delete_elem_opts, compare_offset, AT(16, 24), 4);
FIELD(bpf_map_delete_elem_opts, compare_size, AT(20, 28), 4);
FIELD(bpf_map_delete_elem_opts, claim, AT(24, 32), POINTER);
FIELD(bpf_map_delete_elem_opts, claim_offset, AT(28, 40), 4);
FIELD(bpf_map_delete_elem_opts, claim_size, AT(32, 44), 4);
FIELD(bpf_map_delete_elem_opts, backend, AT(36, 48), 4);
STRUCT(bpf_map_delete_elem_opts, AT(40, 56));

FIELD(bpf_map_delete_batch_opts, sz, 0, POINTER);
FIELD(bpf_map_delete_batch_opts, elem_flags, AT(4, 8), 8);
FIELD(bpf_map_delete_batch_opts, compare, AT(12, 16), POINTER);
FIELD(bpf_map_delete_batch_opts, compare_offset, AT(16, 24), 4);
FIELD(bpf_map_delete_batch_opts, compare_size, AT(20, 28), 4);
FIELD(bpf_map_delete_batch_opts, compare_stride, AT(24, 32), 4);
FIELD(bpf_map_delete_batch_opts, backend, AT(28, 36), 4);
FIELD(bpf_map_delete_batch_opts, claim, AT(32, 40), POINTER);
FIELD(bpf_map_delete_batch_opts, claim_offset, AT(36, 48), 4);
FIELD(bpf_map_delete_batch_opts, claim_size, AT(40, 52), 4);
FIELD(bpf_map_delete_batch_opts, results, AT(44, 56), POINTER);
FIELD(bpf_map_delete_batch_opts, values, AT(48, 64), POINTER);
FIELD(bpf_map_delete_batch_opts, linked_keys, AT(52, 72), POINTER);
FIELD(bpf_map_delete_batch_opts, linked_compare, AT(56, 80), POINTER);
FIELD(bpf_map_delete_batch_opts, linked_claim, AT(60, 88), POINTER);
FIELD(bpf_map_delete_batch_opts, linked_results, AT(64, 96), POINTER);
FIELD(bpf_map_delete_batch_opts, linked_fd, AT(68, 104), 4);
FIELD(bpf_map_delete_batch_opts, linked_flags, AT(72, 108), 4);
FIELD(bpf_map_delete_batch_opts, linked_compare_offset, AT(76, 112), 4);
FIELD(bpf_map_delete_batch_opts, linked_compare_size, AT(80, 116), 4);
FIELD(bpf_map_delete_batch_opts, linked_compare_stride, AT(84, 120), 4);
FIELD(bpf_map_delete_batch_opts, linked_claim_offset, AT(88, 124), 4);
FIELD(bpf_map_delete_batch_opts, linked_claim_size, AT(92, 128), 4);
FIELD(bpf_map_delete_batch_opts, claim_first, AT(96, 136), 8);
FIELD(bpf_map_delete_batch_opts, claim_last, AT(104, 144), 8);
STRUCT(bpf_map_delete_batch_opts, AT(112, 152));

FIELD(bpf_map_update_elem_opts, sz, 0, POINTER);
FIELD(bpf_map_update_elem_opts, flags, AT(4, 8), 8);
FIELD(bpf_map_update_elem_opts, compare, AT(12, 16), POINTER);
FIELD(bpf_map_update_elem_opts, old, AT(16, 24), POINTER);
FIELD(bpf_map_update_elem_opts, compare_offset, AT(20, 32), 4);
FIELD(bpf_map_update_elem_opts, compare_size, AT(24, 36), 4);
FIELD(bpf_map_update_elem_opts, offset, AT(28, 40), 4);
FIELD(bpf_map_update_elem_opts, size, AT(32, 44), 4);
FIELD(bpf_map_update_elem_opts, op, AT(36, 48), 4);
FIELD(bpf_map_update_elem_opts, backend, AT(40, 52), 4);
FIELD(bpf_map_update_elem_opts, claim_first, AT(44, 56), 8);
FIELD(bpf_map_update_elem_opts, claim_last, AT(52, 64), 8);
STRUCT(bpf_map_update_elem_opts, AT(60, 72));

FIELD(bpf_map_update_batch_opts, sz, 0, POINTER);
FIELD(bpf_map_update_batch_opts, elem_flags, AT(4, 8), 8);
FIELD(bpf_map_update_batch_opts, compare, AT(12, 16), POINTER);
FIELD(bpf_map_update_batch_opts, old, AT(16, 24), POINTER);
FIELD(bpf_map_update_batch_opts, results, AT(20, 32), POINTER);
FIELD(bpf_map_update_batch_opts, compare_offset, AT(24, 40), 4);
FIELD(bpf_map_update_batch_opts, compare_size, AT(28, 44), 4);
FIELD(bpf_map_update_batch_opts, compare_stride, AT(32, 48), 4);
FIELD(bpf_map_update_batch_opts, offset, AT(36, 52), 4);
FIELD(bpf_map_update_batch_opts, size, AT(40, 56), 4);
FIELD(bpf_map_update_batch_opts, value_stride, AT(44, 60), 4);
FIELD(bpf_map_update_batch_opts, op, AT(48, 64), 4);
FIELD(bpf_map_update_batch_opts, backend, AT(52, 68), 4);
FIELD(bpf_map_update_batch_opts, claim_first, AT(56, 72), 8);
FIELD(bpf_map_update_batch_opts, claim_last, AT(64, 80), 8);
STRUCT(bpf_map_update_batch_opts, AT(72, 88));

FIELD(bpf_map_comparer_opts, sz, 0, POINTER);
FIELD(bpf_map_comparer_opts, backend, AT(4, 8), 4);
FIELD(bpf_map_comparer_opts, guarantee, AT(8, 12), 4);
FIELD(bpf_map_comparer_opts, compare_offset, AT(12, 16), 4);
FIELD(bpf_map_comparer_opts, compare_size, AT(16, 20), 4);
FIELD(bpf_map_comparer_opts, claim, AT(20, 24), POINTER);
FIELD(bpf_map_comparer_opts, claim_offset, AT(24, 32), 4);
FIELD(bpf_map_comparer_opts, claim_size, AT(28, 36), 4);
STRUCT(bpf_map_comparer_opts, AT(32, 40));

FIELD(bpf_map_sweep_cond, offset, 0, 4);
FIELD(bpf_map_sweep_cond, size, 4, 1);
FIELD(bpf_map_sweep_cond, op, 5, 1);
FIELD(bpf_map_sweep_cond, flags, 6, 1);
FIELD(bpf_map_sweep_cond, group, 7, 1);
FIELD(bpf_map_sweep_cond, mask, 8, 8);
FIELD(bpf_map_sweep_cond, operand, 16, 8);
STRUCT(bpf_map_sweep_cond, 24);

FIELD(bpf_map_sweep_opts, sz, 0, POINTER);
FIELD(bpf_map_sweep_opts, flags, AT(4, 8), 8);
FIELD(bpf_map_sweep_opts, claim, AT(12, 16), POINTER);
FIELD(bpf_map_sweep_opts, keys, AT(16, 24), POINTER);
FIELD(bpf_map_sweep_opts, values, AT(20, 32), POINTER);
FIELD(bpf_map_sweep_opts, claim_offset, AT(24, 40), 4);
FIELD(bpf_map_sweep_opts, claim_size, AT(28, 44), 4);
FIELD(bpf_map_sweep_opts, claim_first, AT(32, 48), 8);
FIELD(bpf_map_sweep_opts, claim_last, AT(40, 56), 8);
FIELD(bpf_map_sweep_opts, capacity, AT(48, 64), 4);
FIELD(bpf_map_sweep_opts, max_scan_us, AT(52, 68), 4);
FIELD(bpf_map_sweep_opts, cursor, AT(56, 72), 8);
FIELD(bpf_map_sweep_opts, scanned, AT(64, 80), 8);
FIELD(bpf_map_sweep_opts, matched, AT(72, 88), 8);
FIELD(bpf_map_sweep_opts, deleted, AT(80, 96), 8);
FIELD(bpf_map_sweep_opts, changed, AT(88, 104), 8);
STRUCT(bpf_map_sweep_opts, AT(96, 112));

FIELD(bpf_map_claims_opts, sz, 0, POINTER);
FIELD(bpf_map_claims_opts, flags, AT(4, 8), 8);
FIELD(bpf_map_claims_opts, claim, AT(12, 16), POINTER);
FIELD(bpf_map_claims_opts, keys, AT(16, 24), POINTER);
FIELD(bpf_map_claims_opts, words, AT(20, 32), POINTER);
FIELD(bpf_map_claims_opts, results, AT(24, 40), POINTER);
FIELD(bpf_map_claims_opts, claim_offset, AT(28, 48), 4);
FIELD(bpf_map_claims_opts, claim_size, AT(32, 52), 4);
FIELD(bpf_map_claims_opts, claim_first, AT(36, 56), 8);
FIELD(bpf_map_claims_opts, claim_last, AT(44, 64), 8);
FIELD(bpf_map_claims_opts, capacity, AT(52, 72), 4);
FIELD(bpf_map_claims_opts, wait_ms, AT(56, 76), 4);
FIELD(bpf_map_claims_opts, found, AT(60, 80), 8);
FIELD(bpf_map_claims_opts, held, AT(68, 88), 8);
FIELD(bpf_map_claims_opts, stale, AT(76, 96), 8);
FIELD(bpf_map_claims_opts, cleared, AT(84, 104), 8);
FIELD(bpf_map_claims_opts, changed, AT(92, 112), 8);
STRUCT(bpf_map_claims_opts, AT(100, 120));
#endif

NUMBER(BPF_F_COMPARE, 32);
NUMBER(BPF_MAP_COMPARE_AUTO, 0);
NUMBER(BPF_MAP_COMPARE_NATIVE, 1);
NUMBER(BPF_MAP_COMPARE_SYSCALL_PROG, 2);
NUMBER(sizeof(enum bpf_map_compare_backend), 4);
NUMBER(BPF_MAP_LINKED_KEEP, 1);
NUMBER(BPF_MAP_LINKED_ABSENT, 2);
NUMBER(BPF_MAP_LINKED_FIRST, 4);
NUMBER(BPF_F_IN_PLACE, 1 << 30);
NUMBER(BPF_MAP_UPDATE_SET, 0);
NUMBER(BPF_MAP_UPDATE_ADD, 1);
NUMBER(BPF_MAP_UPDATE_AND, 2);
NUMBER(BPF_MAP_UPDATE_OR, 3);
NUMBER(BPF_MAP_UPDATE_XOR, 4);
NUMBER(sizeof(enum bpf_map_update_op), 4);
NUMBER(BPF_MAP_SWEEP_EQ, 0);
NUMBER(BPF_MAP_SWEEP_NE, 1);
NUMBER(BPF_MAP_SWEEP_LT, 2);
NUMBER(BPF_MAP_SWEEP_LE, 3);
NUMBER(BPF_MAP_SWEEP_GT, 4);
NUMBER(BPF_MAP_SWEEP_GE, 5);
NUMBER(BPF_MAP_SWEEP_BEFORE, 6);
NUMBER(BPF_MAP_SWEEP_AFTER, 7);
NUMBER(BPF_MAP_SWEEP_KEY, 1);
NUMBER(BPF_MAP_SWEEP_SIGNED, 2);
NUMBER(BPF_MAP_SWEEP_BE, 4);
NUMBER(BPF_MAP_SWEEP_COUNT, 1);
NUMBER(BPF_MAP_SWEEP_ALL, 2);
NUMBER(BPF_MAP_CLAIMS_KEEP, 1);
NUMBER(BPF_MAP_COMPARE_GUARANTEE_ANY, 0);
NUMBER(BPF_MAP_COMPARE_GUARANTEE_NARROWED, 1);
NUMBER(BPF_MAP_COMPARE_GUARANTEE_REPLACING, 2);
NUMBER(BPF_MAP_COMPARE_GUARANTEE_IN_PLACE, 3);
NUMBER(sizeof(enum bpf_map_compare_guarantee), 4);

FUNCTION(int, bpf_map_delete_elem_opts, int, const void *, const struct bpf_map_delete_elem_opts *);
FUNCTION(int, bpf_map__delete_elem_opts, const struct bpf_map *, const void *, size_t,
	 const struct bpf_map_delete_elem_opts *);
FUNCTION(int, bpf_map_delete_batch_opts, int, const void *, __u32 *,
	 const struct bpf_map_delete_batch_opts *);
FUNCTION(int, bpf_map_update_elem_opts, int, const void *, const void *,
	 const struct bpf_map_update_elem_opts *);
FUNCTION(int, bpf_map__update_elem_opts, const struct bpf_map *, const void *, size_t, const void *,
	 size_t, const struct bpf_map_update_elem_opts *);
FUNCTION(int, bpf_map_update_batch_opts, int, const void *, const void *, __u32 *,
	 const struct bpf_map_update_batch_opts *);
FUNCTION(struct bpf_map_comparer *, bpf_map_comparer__open, int,
	 const struct bpf_map_comparer_opts *);
FUNCTION(int, bpf_map_comparer__delete, struct bpf_map_comparer *, const void *,
	 const struct bpf_map_delete_elem_opts *);
FUNCTION(int, bpf_map_comparer__delete_batch, struct bpf_map_comparer *, const void *, __u32 *,
	 const struct bpf_map_delete_batch_opts *);
FUNCTION(enum bpf_map_compare_guarantee, bpf_map_comparer__guarantee,
	 const struct bpf_map_comparer *);
FUNCTION(void, bpf_map_comparer__close, struct bpf_map_comparer *);
FUNCTION(int, bpf_map_sweep, int, const struct bpf_map_sweep_cond *, __u32,
	 struct bpf_map_sweep_opts *);
FUNCTION(int, bpf_map_sweep_timed, int, const struct bpf_map_sweep_cond *, __u32,
	 struct bpf_map_sweep_opts *, __u32);
FUNCTION(int, bpf_map_claim_take, int, __u64, __u64, void *, __u32);
FUNCTION(int, bpf_map_claims_clear, int, struct bpf_map_claims_opts *);
FUNCTION(int, libbpf_probe_bpf_map_compare, enum bpf_map_type, enum bpf_map_compare_backend,
	 const void *);
FUNCTION(int, bpf_map_get_compare_backend, int);
FUNCTION(const char *, libbpf_bpf_map_compare_backend_str, enum bpf_map_compare_backend);
FUNCTION(int, bpf_map_compare_release, int);
FUNCTION(const char *, libbpf_compare_reason, void);
FUNCTION(__u32, libbpf_compare_major_version, void);
FUNCTION(__u32, libbpf_compare_minor_version, void);
FUNCTION(const char *, libbpf_compare_version_string, void);
