// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Maps for test_claim.c, whose values hold fields that the kernel manages.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct locked {
	struct bpf_spin_lock lock;
	__u32 word;
	__u8 rest[392];
};

/* Inside another struct, and not at the start. */
struct deep {
	__u64 word;
	struct {
		__u32 before;
		struct bpf_spin_lock lock;
	} inner;
	__u64 after;
};

struct timed {
	__u64 word;
	struct bpf_timer timer;
	__u64 after;
};

#define HASH(name, type_of_value)                                                                  \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_HASH);                                                   \
		__uint(max_entries, 4);                                                            \
		__type(key, __u32);                                                                \
		__type(value, type_of_value);                                                      \
	} name SEC(".maps")

HASH(locked, struct locked);
HASH(deep, struct deep);
HASH(timed, struct timed);

char _license[] SEC("license") = "Dual BSD/GPL";
