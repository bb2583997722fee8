/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What the emulation's BPF programs and their caller agree on.
 *
 * Keys and expected bytes reach a program through an array map that its caller has mapped as memory:
 * an element a request, each shaped like this, every part 8-byte aligned:
 *
 *	struct request, or one of those below that begin with it
 *	key			key_size bytes
 *	expected		the region's bytes, each at the offset modulo 8 that it has in the value
 *	linked key, expected	likewise of the second entry, where there is one
 *	value			the first entry's, written by the program, where it is wanted
 *	new, old		bytes to write, and those that were there, written by the program: likewise
 *
 * Who asks gives a run a number of its own, writes it into the result of each request and, last of all, into
 * the first one's run. A program takes that number from there, by compare-exchange, serves the requests that
 * have it, and puts its negative there. So each is served once, whoever runs the program, and however often;
 * and nothing is written anew while somebody may still serve it.
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
	__s32 run;    /* of the first request: the number, from 1 on; 0 = taken, negative = done */
};

struct claim_request {
	struct request request;
	/* The expected word, and the claim that takes its place, both zero-extended; two of a kind: none may. */
	__u64 word;
	__u64 claim;
};

/* What a linked_request asks for. */
enum {
	ASKS_CLAIM = 1, /* the first entry is claimed, else compared alone */
	ASKS_VALUE = 2,
	ASKS_LINKED = 4,	 /* there is a second entry; the rest is about that */
	ASKS_LINKED_COMPARE = 8, /* it has to be as expected, and there */
	ASKS_LINKED_ABSENT = 16, /* it may not be there */
	ASKS_LINKED_DELETE = 32, /* it goes with the first one, */
	ASKS_LINKED_FIRST = 64,	 /* before that, */
	ASKS_LINKED_CLAIM = 128, /* and is claimed */
	ASKS_NOTHING = 256,	 /* it makes no sense */
};

struct linked_request {
	struct claim_request first;
	__s32 linked_result; /* 0 or a negative errno; -ECANCELED: it was not looked at, or left alone */
	__u32 asks;
	__u64 linked_word; /* where nothing is compared the program writes it */
	__u64 linked_claim;
	__u64 claims_first; /* words from here to the last are claims; none where it is over that */
	__u64 claims_last;
};

/* Of a whole value: the new one goes with it. */
struct update_request {
	struct request request;
	__u32 flags;	/* of bpf_map_update_elem() */
	__u32 compares; /* whether the entry has to be as expected */
};

/* Of bytes that are written in place. */
struct place_request {
	struct request request;
	__u32 replaced; /* the program's own: so often the entry was another one */
	__u32 barrier;
};

/* A word becomes ((word & keep) ^ flip) + add, whichever op it is, of as many bits as it has. */
struct word_request {
	struct place_request place;
	__u64 keep, flip, add;
	__u64 bits;
	__u64 word;	    /* it has to be this one, */
	__u64 compared;	    /* in these bits, beside all else that has to be as expected */
	__u64 claims_first; /* words from here to the last are claims; none where it is over that */
	__u64 claims_last;
	__u64 old; /* written by the program */
};

/* A sweep is one request; what it finds is in the elements that follow. */
#define SWEEP_CONDS_MAX 16

enum {
	SWEEPS_COUNT = 1, /* deletes nothing */
	SWEEPS_OUT = 2,	  /* each match has an element of its own */
	SWEEPS_CLAIM = 4,
};

struct sweep_request {
	struct request
		request; /* its result: 0, or -EAGAIN where an entry's lock could not be taken */
	__u32 flags;
	__u32 room;   /* no more matches than these */
	__u64 from;   /* the first slot, or bucket */
	__u64 until;  /* the one after the last */
	__u64 skip;   /* entries of the first bucket that were counted already */
	__u64 budget; /* ns */
	__u64 claim, claims_first, claims_last;
	__u64 operands[SWEEP_CONDS_MAX];

	/* Written by the program: */
	__u64 next; /* where it stopped, */
	__u64 seen; /* and how many entries of that bucket were counted */
	__u64 scanned, matched, deleted, changed;
	__u64 found; /* elements that are filled */
};

/* So many requests' entries are read ahead of their look-ups. */
#define TOUCHED_AT_ONCE 16

#define ROUND_UP_8(n)	(((n) + 7) & ~7u)

#endif /* LIBBPF_COMPARE_REQUEST_H */
