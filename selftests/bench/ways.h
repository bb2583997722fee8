/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The ways to delete that are compared.
 */
#ifndef BENCH_WAYS_H
#define BENCH_WAYS_H

#include "table.h"

/* What one thread is to delete, and what it did. */
struct job {
	const struct table *table;
	const struct way *way;
	struct bpf_map_comparer *comparer; /* NULL: by file descriptor */
	__u32 first; /* of the table's snapshot */
	__u32 count;
	/* Memory for results, and for what a collection reads. */
	int *results;
	char *keys;
	char *values;

	__u32 deleted;
	__u32 skipped; /* as they had been refreshed */
};

struct way {
	const char *name;
	const char *title;
	/* Deletes these, whose values were read earlier. */
	void (*delete)(struct job *job, const char *keys, const char *values, __u32 count);
	bool collects; /* reads the map itself, batch by batch, and deletes what has expired */
	bool regards;  /* leaves refreshed entries alone */
	bool claims;   /* an entry, before it deletes it */
	bool owns;     /* a comparer */
	__u32 backend; /* enum bpf_map_compare_backend that it takes; 0 = none */
};

extern const struct way ways[];
extern const int nr_ways;

/* Whether the kernel can do it on this map. What a first use costs is behind us then. */
bool way_works(const struct way *way, const struct table *table);
void job_make(struct job *job, const struct table *table, const struct way *way, __u32 first,
	      __u32 count);
void job_free(struct job *job);
void job_run(struct job *job);

#endif /* BENCH_WAYS_H */
