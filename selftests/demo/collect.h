/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* The collector of expired entries, and the ways it can delete them. */
#ifndef DEMO_COLLECT_H
#define DEMO_COLLECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <linux/types.h>

#include "demo.h"

/* By their file descriptors; or the table that has both in an arena. */
struct collect_maps {
	int conns;
	int mappings; /* one a flow, by the same keys */
	struct bpf_flowtab *table;
};

struct collect_counters {
	atomic_ullong scanned;
	atomic_ullong deleted;
	atomic_ullong skipped; /* refreshed since they were read */
	atomic_ullong collecting_ns;
};

struct collect_way {
	const char *name;  /* for programs */
	const char *title; /* for people */
	const char *how;   /* batch, sweep, arena: what --collect takes */
	bool claims;	   /* and the datapath keeps to the protocol for that */
	bool sweeps;	   /* finds what has expired inside the kernel; else by reading all */
	bool in_arena;	   /* all is there, and nothing has to be found first */
	/* Deletes n entries that had expired when they were read, and their mappings. */
	void (*delete_expired)(const struct collect_maps *maps, const struct conn_key *keys,
			       const struct conn *seen, __u32 n, struct collect_counters *counters);
};

extern const struct collect_way collect_ways[];
extern const int nr_collect_ways;

/*
 * Collects from the maps at a steady pace, and ends with a collection that began when
 * everything had expired: later than one timeout after *traffic_end, which is 0
 * as long as there is traffic.
 */
void collect(const struct collect_way *way, const struct collect_maps *maps,
	     const atomic_ullong *traffic_end, struct collect_counters *counters);

#endif /* DEMO_COLLECT_H */
