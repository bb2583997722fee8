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
	__u64 count;
	__u64 twice;
	__u64 inverse;
	char rest[300];
};

#endif /* SELFTESTS_UPDATE_SHARED_H */
