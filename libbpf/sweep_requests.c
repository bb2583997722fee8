// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The memory that a sweep's program shares with us: the request, and after it elements for what it finds,
 * each a key and, where it is wanted, a value. Without those one serves all matches, in turn.
 */
#include <stdlib.h>
#include "compare_internal.h"
#include "request.h"

STATIC_ASSERT(CONDS_MAX == SWEEP_CONDS_MAX, "an operand for each condition");

/* For what a run hands out. */
#define OUT_MEMORY_MAX (512u * 1024)

/* What an element takes, with a value or without: the first one is the request. */
static __u32 element_size(__u32 key_size, __u32 value_size)
{
	__u32 size = sizeof(struct request) + ROUND_UP_8(key_size) + ROUND_UP_8(value_size);

	return size < sizeof(struct sweep_request) ? sizeof(struct sweep_request) : size;
}

/* Whether all of a map could be handed out by one run. */
bool sweep_fits(const struct bpf_map_info *info, const struct sweep *sweep)
{
	__u64 size = element_size(info->key_size, sweep->values ? info->value_size : 0);

	return size * info->max_entries <= OUT_MEMORY_MAX;
}

int sweep_lay_out(struct requests *r, const struct job *job)
{
	__u32 key = ROUND_UP_8(r->key_size), out = job->sweep->out;
	__u32 value = job->asks & ASKS_VALUE ? ROUND_UP_8(r->value_size) : 0;
	struct layout *layout = &r->layout;

	layout->value_at = value ? key : 0;
	layout->stride = element_size(r->key_size, value);
	if (out > OUT_MEMORY_MAX / layout->stride)
		out = OUT_MEMORY_MAX / layout->stride;
	r->room = 1 + (out ? out : 1);
	r->memory_size = (size_t)r->room * layout->stride;
	r->sweep = malloc(sizeof(*r->sweep));
	if (!r->sweep)
		return -ENOMEM;
	*r->sweep = *job->sweep;
	return 0;
}

/* What a program has in its instructions of a sweep has to be the same. */
bool sweep_serves(const struct requests *r, const struct job *job)
{
	const struct sweep *a = r->sweep, *b = job->sweep;

	return conditions_are_alike(a, b) && sweep_counts(a) == sweep_counts(b) && a->out == b->out;
}

static __u32 flags_of(const struct job *job)
{
	return (sweep_counts(job->sweep) ? SWEEPS_COUNT : 0) | (job->sweep->out ? SWEEPS_OUT : 0) |
	       (job->first.claim.size ? SWEEPS_CLAIM : 0);
}

static __u32 room_for(const struct requests *r, const struct sweep *sweep)
{
	__u64 room = sweep_room(sweep), max = sweep->out ? r->room - 1 : UINT32_MAX;

	return room < max ? room : max;
}

/* While it claims, others may have to wait for the CPU. */
static __u64 budget_for(const struct job *job)
{
	__u64 budget = job->sweep->budget;

	return job->first.claim.size && budget > HOLD_NS_MAX ? HOLD_NS_MAX : budget;
}

/* All but what says that it is one. */
void sweep_write(struct requests *r, const struct job *job)
{
	struct sweep_request *asked = (struct sweep_request *)r->memory;
	const struct sweep *sweep = job->sweep;

	memset(&asked->flags, 0, sizeof(*asked) - offsetof(struct sweep_request, flags));
	asked->flags = flags_of(job);
	asked->room = room_for(r, sweep);
	asked->from = sweep->from;
	asked->until = sweep->until;
	asked->next = sweep->from;
	asked->skip = sweep->skip;
	asked->budget = budget_for(job);
	asked->claim = job->first.claim.word;
	asked->claims_first = job->claims.last ? job->claims.first : 1;
	asked->claims_last = job->claims.last;
	for (__u32 i = 0; i < sweep->conds_cnt; i++)
		asked->operands[i] = conditions_operand(&sweep->conds[i]);
}

/* Behind those of the runs before. */
static void copy_out(const struct requests *r, struct sweep *sweep, __u64 found)
{
	__u64 before = sweep_counts(sweep) ? sweep->matched : sweep->deleted;

	for (__u64 i = 0; i < found && sweep->out; i++) {
		const char *element =
			r->memory + (size_t)(1 + i) * r->layout.stride + sizeof(struct request);

		if (sweep->keys)
			memcpy(sweep->keys + (before + i) * r->key_size, element, r->key_size);
		if (sweep->values)
			memcpy(sweep->values + (before + i) * r->value_size,
			       element + r->layout.value_at, r->value_size);
	}
}

void sweep_read(const struct requests *r, const struct job *job)
{
	const struct sweep_request *asked = (const struct sweep_request *)r->memory;
	struct sweep *sweep = job->sweep;
	__u64 found;

	/* Others could have written there. */
	found = asked->found < r->room - 1 ? asked->found : r->room - 1;
	if (found > room_for(r, sweep))
		found = room_for(r, sweep);
	copy_out(r, sweep, found);
	sweep->next = asked->next;
	sweep->skip = asked->seen;
	sweep->scanned += asked->scanned;
	sweep->matched += asked->matched;
	sweep->deleted += asked->deleted;
	sweep->changed += asked->changed;
}
