/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What the races' programs and their user space agree on.
 *
 * Time is fast there: a tick of the table's is about a microsecond, so that visits are told apart, and a grace
 * a few milliseconds. It begins half a round of the table's clock ago, so that to the collectors, whose clock is
 * the real one, everything has timed out.
 */
#ifndef SELFTESTS_FLOWTAB_RACES_H
#define SELFTESTS_FLOWTAB_RACES_H

#include <linux/types.h>

/* The programs of two CPUs, and those that interrupt them. */
#define WRITERS	      4
#define INTERRUPTS(w) ((w) + 2)

#define LIVES	      (1u << 17)
/* Creates of one round, where those race; and the keys that they are of. */
#define STEPS	  (1u << 13)
#define STEP_KEYS (8 * STEPS)

enum rule {
	WITHOUT_NONE,
	WITHOUT_MAX,	  /* a refresh sets its time, be it earlier */
	WITHOUT_EXCHANGE, /* a refresh stores */
	WITHOUT_KILL,	  /* of two that are TENT the lower one passes the other by */
	WITHOUT_TENT,	  /* the search comes before TENT */
	WITHOUT_SECOND,	  /* the search is for the first key alone */
	/* These are the test's: */
	WITHOUT_GRACE,
	WITHOUT_COMPARE, /* a collector stores */
};

struct race_key {
	__u64 number;
};

struct race_value {
	__u32 number; /* of the key; of a pair, that of both by two */
	__u32 life;
	__u32 stamps[WRITERS]; /* the number, by each who wrote in place */
};

/* From an entry's creation to its end. Times are ticks since the round began, and one. */
struct life {
	__u64 created;
	__u64 told[WRITERS]; /* the latest visit of each that was told of it */
	__u64 ended;	     /* the time in the word that a collector deleted */
	__u32 number;
	__u32 slot;
};

struct writer {
	__u32 next_life; /* one that is not used yet, and one; or 0 */
	__u32 visiting;	 /* a key's number */
	__u32 step;
	__u32 twins;
	__u64 refreshed, created, deleted, refused, full, changing;
	__u64 damaged;	/* what was another entry's, or an answer that must not come */
	__u64 overlong; /* runs that took longer than a grace allows */
};

/* How often, of 2^32 times. */
struct chances {
	__u32 hot;    /* the key is one of the first ones */
	__u32 late;   /* a visit pauses after it read the clock */
	__u32 hold;   /* it pauses while it has the value */
	__u32 delete; /* it deletes the entry */
	__u32 second; /* a create is of another pair than the one it races with */
};

struct races {
	/* Set before a round: */
	__u64 began;  /* real */
	__u64 base;   /* in ns of the programs' time */
	__u64 limit;  /* a run's, in real ns */
	__u32 faster; /* than real time, by a power of two */
	__u32 keys;
	__u32 flags;	/* of creates */
	__u32 patience; /* how often a create looks whether the other one is there */
	__u32 churn;	/* who created deletes, and the keys of creates are so many */
	struct chances chances;
	/* What comes of it: */
	__u32 full; /* there is no room for further lives */
	__u32 nr_lives;
	struct writer writers[WRITERS];
	struct life lives[LIVES];
	__u32 there
		[STEP_KEYS]; /* who creates a key's entry adds 1, and who deletes it takes 1 away, before */
};

#endif /* SELFTESTS_FLOWTAB_RACES_H */
