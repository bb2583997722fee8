/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What is measured: maps, and what is done with them.
 */
#ifndef BENCH_CONFIG_H
#define BENCH_CONFIG_H

#include <stdbool.h>
#include <linux/types.h>

/* A value has the shape of Cilium's struct ct_entry, whose lifetime is a __u32 at byte 32. */
#define VALUE_SIZE	56
#define LIFETIME_OFFSET 32

struct config {
	const char *name;
	const char *title;
	__u32 entries;
	__u32 map_type;
	__u32 map_flags;
	__u32 key_size;
	__u32 region_offset;
	__u32 region_size;
	__u32 refreshed; /* per cent of the entries, between the look at them and the delete */
	__u32 threads;
	__u32 repeats;	  /* fills and deletes that one sample is made of */
	int max_rounds;	  /* 0 = as many as asked for */
	bool collections; /* whole ones are measured too */
};

extern const struct config configs[];
extern const int nr_configs;

const char *config_map_type(const struct config *config);

#endif /* BENCH_CONFIG_H */
