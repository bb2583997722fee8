/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What test_datapath.bpf.c is asked to do.
 */
#ifndef SELFTESTS_DATAPATH_SHARED_H
#define SELFTESTS_DATAPATH_SHARED_H

#include <linux/types.h>

#define CLAIM_FIRST 100
#define CLAIM_LAST  107

enum operation {
	IS_CLAIMED = 1,
	REFRESH,
	CREATE,
};

struct request {
	__u32 operation;
	__u32 bits;
	__u32 key;
	__u64 word; /* of both sizes, where an entry is created */
};

#endif /* SELFTESTS_DATAPATH_SHARED_H */
