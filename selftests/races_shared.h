/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What the race tests' BPF programs and their user space agree on.
 *
 * Words come from one clock, so that of two writes the later has the greater word. The low bits
 * tell whose word it is, or nothing where words shall be equal across keys.
 */
#ifndef SELFTESTS_RACES_SHARED_H
#define SELFTESTS_RACES_SHARED_H

#include <linux/types.h>

#define KEY_BITS    10
#define KEYS_MAX    (1u << KEY_BITS)
#define LIVES_MAX   (1u << 16)
/*
 * The first writer has a thread of its own; each of the others is a collector's, where those write too.
 * A power of two, so that the verifier sees that what is masked is less.
 */
#define WRITERS_MAX 4u
/* Refreshes in one run of a writer, which stays well under a millisecond. */
#define RUN_STEPS 256u

/*
 * Words that no entry carries but while it is being deleted: below all that the clock makes. The first ones
 * are collectors', the others are taken in turn by programs.
 */
#define CLAIM_FIRST	    1ull
#define PROGRAM_CLAIM_FIRST 16ull
#define CLAIM_LAST	    32767ull
#define CLOCK_START	    65536ull

struct entry {
	__u32 owner; /* the key, once more */
	__u32 unused;
	__u64 word;
	__u64 count; /* written by LOCKED and UNLOCKED alone, twice always being double of it */
	__u64 twice;
};

/* From where on an entry is compared, also one that has a lock at its start. */
#define COMPARE_AT   8u
#define COMPARE_SIZE 24u

/*
 * From an entry's creation to its deletion. Each key has one writer, so that it knows of each life
 * which of its writes was the last that counted.
 */
struct life {
	__u64 created;
	__u64 counted;
	__u64 tried;	/* the first after that, which did not count, but may have been written */
	__u64 replaced; /* its end may have been a replacement */
	__u64 deleted;	/* by the writer itself */
};

/* What a program deleted that is not the key's writer. */
struct own_deletion {
	__u32 key;
	__u64 word;
};

#define PAUSE_LENGTH_MAX  16u /* as long as it takes a collector to come round, and more */

#define OWN_DELETIONS_MAX (1u << 16)

/* Future words: how long they last, in ns, one as likely as the other. */
#define LASTS_SHORT  2000u
#define LASTS_LONG   2000000u
#define ABOUT_TO_AGE 200000u /* a visit then may fall before a delete, or after */

enum writer_kind {
	KEEPS_RULES,	/* refreshes and creates by bpf_compare.bpf.h */
	NO_LOOK_AGAIN,	/* does not look the key up after its write */
	PLAIN_STORE,	/* stores, instead of a compare-exchange */
	KNOWS_NO_RULES, /* looks up and stores, and that is that */
	CREATES_BY_ANY, /* creates with BPF_ANY, also over a claimed entry */
	LOCKED,		/* the fields beside the word too, under the bpf_spin_lock */
	UNLOCKED,	/* likewise, but without taking the lock */
	REPLACES,	/* by bpf_map_update_elem() from user space, BPF_EXIST */
	TAKES_LOOK_UP,	/* as KEEPS_RULES, by refreshes that are handed the look-up */
	READS_KEY,	/* by refreshes that read the element's key */
	DELETES,	/* deletes entries itself, by claims, and creates them anew at once */
	DELETES_BY_KEY, /* likewise, but without a claim */
	SHRINKS,	/* words that shrink, below a stamp */
	SHRINKS_ONLY,	/* the same without a stamp */
	FUTURE,		/* words that lie in the future */
	FUTURE_KEYED,	/* likewise, reading the element's key */
	FUTURE_LATE,	/* likewise, pausing between what it sees and its store */
	WRITER_KINDS
};

/* What became of the tries to write; the first ones are those of enum bpf_compare_answer. */
enum {
	ANSWER_DONE = 0,
	ANSWER_NO_ENTRY,
	ANSWER_EXISTS,
	ANSWER_CLAIMED,
	ANSWER_BUSY,
	ANSWER_CREATED,
	ANSWER_FULL,
	ANSWER_ERROR,
	ANSWER_DELETED, /* by the writer itself */
	ANSWERS = 16,	/* a power of two */
};

struct writer {
	__u32 first_key;
	__u32 keys;
	__u64 answers[ANSWERS];
};

struct writer_call {
	__u32 writer;
	__u32 steps; /* at most RUN_STEPS */
};

#endif /* SELFTESTS_RACES_SHARED_H */
