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
	IS_AHEAD,
	STORE,
	REFRESH_AT,
	REFRESH_STAMPED, /* of 64 bits alone */
	DELETE,
	REMOVE,
};

#define MARGIN 10

struct request {
	__u32 operation;
	__u32 bits;
	__u32 key;
	__u64 word; /* of both sizes, where an entry is created; the expected one of a delete */
	__u64 now;
	__u64 claim; /* none: the next one */
};

#endif /* SELFTESTS_DATAPATH_SHARED_H */
