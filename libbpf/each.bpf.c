// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A sweep over all of a map by bpf_for_each_map_elem(): what it takes any kernel has that the emulation runs
 * on, but it comes to no end before the map does.
 */
#include "sweep.bpf.h"

struct pass {
	struct sweep_request *sweep;
	__u64 visits;
	__u32 stops;
};

static long visit(void *map, const void *key, void *value, struct pass *pass)
{
	struct sweep_request *sweep = pass->sweep;
	__u64 word = 0;
	struct request *place;

	/* Kernels have gone astray where the current element is deleted. */
	if (pass->visits++ >= sweep->until) {
		sweep->request.result = -ELOOP;
		return 1;
	}
	/* Counted by the call before. */
	if (pass->visits <= sweep->skip)
		return 0;
	sweep->scanned++;
	if (sweep->flags & SWEEPS_CLAIM)
		word = word_of(value);
	if (!matches(value, key, sweep, word))
		return 0;
	place = place_for_next(sweep);
	if (!place)
		return 1;
	copy_key(key, place + 1);
	pass->stops = collect(sweep, place + 1);
	return pass->stops;
}

/* What the compiler would make of these three together the verifier refuses, where it follows speculation. */
static __always_inline void store(struct sweep_request *sweep, __u64 next, __u64 seen,
				  __u64 scanned)
{
	barrier_var(next);
	barrier_var(seen);
	barrier_var(scanned);
	sweep->next = next;
	sweep->seen = seen;
	sweep->scanned = scanned;
}

static __always_inline int serve(struct request *request)
{
	struct sweep_request *sweep = (struct sweep_request *)request;
	struct pass pass = { .sweep = sweep };
	__u64 next = 0, seen = 0, scanned;

	request->result = 0;
	bpf_for_each_map_elem(target, visit, &pass, 0);
	scanned = sweep->scanned;
	if (!pass.stops)
		next = sweep->until;
	else if (sweep->flags & SWEEPS_COUNT)
		seen = pass.visits;
	else
		scanned = sweep->deleted; /* the rest is seen again */
	store(sweep, next, seen, scanned);
	return request->result;
}

int each(void *ctx)
{
	return walk();
}
