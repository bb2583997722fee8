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
 * Who asks gives a run a number of its own, writes it into the result of each request and, last of all, into
 * the first one's run. A program takes that number from there, by compare-exchange, and serves the requests
 * that have it. So each is served once, whoever runs the program, and however often; and nothing is written
 * anew while somebody may still serve it.
 */
#ifndef LIBBPF_COMPARE_REQUEST_H
#define LIBBPF_COMPARE_REQUEST_H

#include <linux/types.h>

/* What a program returns. */
#define RUN_DONE    0
#define RUN_REFUSED 1 /* to who lacks capabilities */
#define RUN_TAKEN   2 /* by another, or there was none */

struct request {
	__s32 result; /* the run's number, over which the program writes 0 or a negative errno */
	__s32 run;    /* of the first request: the number, from 1 on; 0 = taken */
};

struct claim_request {
	struct request request;
	__u64 word;  /* the expected word, and the claim that takes its place, */
	__u64 claim; /* both zero-extended */
};

#define ROUND_UP_8(n) (((n) + 7) & ~7u)

#endif /* LIBBPF_COMPARE_REQUEST_H */
