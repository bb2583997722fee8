/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What the emulation's BPF programs and their caller agree on.
 *
 * Keys and expected bytes reach a program through an array map that its caller has mapped as memory:
 * an element a request, each shaped like this, every part 8-byte aligned:
 *
 *	struct request, or struct claim_request
 *	key			key_size bytes
 *	expected		the region's bytes, each at the offset modulo 8 that it has in the value
 *
 * A program serves the requests from the first on, up to one that nobody asked for: so a run that
 * nobody meant to start finds nothing to do.
 */
#ifndef LIBBPF_COMPARE_REQUEST_H
#define LIBBPF_COMPARE_REQUEST_H

#include <linux/types.h>

/* In struct request's result, by who asks; the program writes 0 or a negative errno over it. */
#define REQUEST_ASKED 1

/* What a program returns. */
#define RUN_DONE    0
#define RUN_REFUSED 1

struct request {
	__s32 result;
	__u32 unused;
};

struct claim_request {
	struct request request;
	__u64 word;  /* the expected word, and the claim that takes its place, */
	__u64 claim; /* both zero-extended */
};

#define ROUND_UP_8(n) (((n) + 7) & ~7u)

#endif /* LIBBPF_COMPARE_REQUEST_H */
