/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The map that is deleted from, and what an agent saw in it.
 */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "config.h"

/* The lifetime that entries are made with, and the one they are refreshed to. */
#define LIFETIME_SEEN	   1000
#define LIFETIME_REFRESHED 2000
/* What the agent's clock says: all entries that it saw have expired. */
#define LIFETIME_NOW 1500

struct table {
	const struct config *config;
	int fd;
	/* What bpf_map_lookup_batch() gave of the full map, in its order. */
	char *keys;
	char *values;
	__u32 refreshed; /* how many entries table_refresh() changes */
};

void table_make(struct table *table, const struct config *config);
void table_free(struct table *table);
void table_fill(const struct table *table);
void table_refresh(const struct table *table);
/* The number of entries in the map, all of which must have been refreshed. */
__u32 table_count_refreshed(const struct table *table);

#endif /* BENCH_TABLE_H */
