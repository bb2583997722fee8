/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Values that the updates' selftests and their BPF programs share.
 */
#ifndef SELFTESTS_UPDATE_SHARED_H
#define SELFTESTS_UPDATE_SHARED_H

#define UPDATE_KEYS 64

struct counter {
	__u64 wide;
	__u32 narrow;
	__u32 flags;
	__u64 number;
};

struct guarded {
	__u32 flags;
	struct bpf_spin_lock lock;
	struct fields {
		__u64 count;
		char apart[120]; /* in other cache lines */
		__u64 twice;
		char further[80];
		__u64 inverse;
	} fields;
	char rest[300];
};

#endif /* SELFTESTS_UPDATE_SHARED_H */
