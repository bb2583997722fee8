/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What test_standing.c and its BPF program have in common.
 */
#ifndef SELFTESTS_STANDING_SHARED_H
#define SELFTESTS_STANDING_SHARED_H

#define KEYS  256u
#define CLAIM 0xfffffffffffffff0ull

struct entry {
	__u64 word;
	__u64 other;
};

struct locked_entry {
	struct bpf_spin_lock lock;
	__u32 other;
	__u64 word;
};

#endif /* SELFTESTS_STANDING_SHARED_H */
