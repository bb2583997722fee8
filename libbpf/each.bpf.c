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
	if (pass->visits++ >= sweep->until)
		return 1;
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

static __always_inline int serve(struct request *request)
{
	struct sweep_request *sweep = (struct sweep_request *)request;
	struct pass pass = { .sweep = sweep };

	request->result = 0;
	bpf_for_each_map_elem(target, visit, &pass, 0);
	if (!pass.stops)
		sweep->next = sweep->until;
	else if (sweep->flags & SWEEPS_COUNT)
		sweep->seen = pass.visits;
	else
		sweep->scanned = sweep->deleted; /* the rest is seen again */
	return request->result;
}

int each(void *ctx)
{
	return walk();
}
