/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * For tests of sweeps: to have them go each way there is, by what they may and by how long they may take.
 */
#ifndef SELFTESTS_SWEEPS_H
#define SELFTESTS_SWEEPS_H

#include "capabilities.h"
#include "common.h"

/* As a cursor has them. */
enum way {
	EACH = 1,
	WALK = 2,
	BATCH = 3,
};

static const char *const way_names[] = { "", "for_each", "walk", "batch" };

/* The way that a sweep had gone which stopped for its capacity. */
static inline enum way way_of(__u64 cursor)
{
	return cursor >> 46 & 3;
}

/* Whether this kernel must have it. */
static inline bool has_way(enum way way)
{
	return kernel_has("syscall_prog") && (way != WALK || kernel_has("asks"));
}

/* Ways that are better are left out for want of time, or of a capability. */
static inline int sweep_timed_by(enum way way, int fd, const struct bpf_map_sweep_cond *conds,
				 __u32 conds_cnt, struct bpf_map_sweep_opts *opts, __s64 max_us)
{
	const __u64 all = ~0ull, no_walk = ~(1ull << CAP_PERFMON | 1ull << CAP_SYS_ADMIN);
	int err;

	if (!opts->max_scan_us)
		opts->max_scan_us = way == EACH ? -1u : 10;
	if (way != WALK)
		set_effective(no_walk);
	if (max_us < 0)
		err = bpf_map_sweep(fd, conds, conds_cnt, opts);
	else
		err = bpf_map_sweep_timed(fd, conds, conds_cnt, opts, max_us);
	if (way != WALK)
		set_effective(all);
	return err;
}

static inline int sweep_by(enum way way, int fd, const struct bpf_map_sweep_cond *conds,
			   __u32 conds_cnt, struct bpf_map_sweep_opts *opts)
{
	return sweep_timed_by(way, fd, conds, conds_cnt, opts, -1);
}

#endif /* SELFTESTS_SWEEPS_H */
