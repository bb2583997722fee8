/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* The collector, and the ways it can go about it. */
#ifndef COLLECT_H
#define COLLECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <linux/types.h>

struct collected {
	__u64 rounds;
	__u64 conns;
	__u64 mappings;
	__u64 refused; /* of both: had been refreshed, or put to use again */
};

/*
 * When the collector is going to delete what it read at which time, for the client to meet it there: so
 * a race takes no luck.
 */
struct moment {
	atomic_ullong read_at;
	atomic_ullong delete_at;
	atomic_ullong begun_at; /* as read_at; when it does delete */
};

struct collect_maps {
	int conns;
	int nat;
};

struct collect_way {
	const char *name;
	const char *title;
	bool by_protocol; /* the datapath's half */
	bool compares;
	bool claims; /* and sweeps */
};

extern const struct collect_way collect_ways[];
extern const int nr_collect_ways;

/* Until stop is set. It waits window_ns between what it reads and what it deletes. */
void collect(const struct collect_way *way, const struct collect_maps *maps, __u64 window_ns,
	     const atomic_bool *stop, struct moment *moment, struct collected *collected);

#endif /* COLLECT_H */
