// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A sweep along the buckets of a map whose elements are allocated one by one.
 */
#include "guess.bpf.h"

/* More of them than any bucket has, unless a walk has gone astray. */
#define BUCKET_MAX (1u << 16)

static long visit_elem(__u32 i, struct pass *pass)
{
	struct sweep_request *sweep = pass->sweep;
	__u64 elem = pass->elem, deleted = sweep->deleted;

	if (IS_END(elem))
		return 1;
	/* Before it is deleted, and becomes another one's. */
	pass->elem = peek(elem);
	if (pass->skip) {
		pass->skip--;
		pass->seen++;
		return 0;
	}
	pass->stops = visit(sweep, elem);
	pass->seen += sweep->deleted == deleted;
	return pass->stops;
}

/* Of a bucket that was not left behind what stays is seen again, or, where it was handed out, is left out then. */
static __always_inline void stop_within(const struct pass *pass)
{
	if (pass->sweep->flags & SWEEPS_COUNT)
		pass->sweep->seen = pass->seen;
	else
		pass->sweep->scanned -= pass->seen;
}

/* What was recycled led into another bucket, and some of this one may not have been seen. */
static __always_inline bool has_strayed(const struct pass *pass, __u64 number)
{
	return pass->elem != (number << 1 | 1);
}

static long visit_bucket(__u32 i, struct pass *pass)
{
	struct sweep_request *sweep = pass->sweep;
	__u64 number = pass->first + i;
	bool strayed = false;

	if (number >= sweep->until || number >= NUMBER(buckets_max) || is_over(pass, i))
		return 1;
#pragma clang loop unroll(full)
	for (int again = 0; again < 3; again++) {
		pass->elem = peek(pass->buckets + number * NUMBER(hashtab_bucket_size) +
				  NUMBER(hashtab_head));
		pass->seen = 0;
		bpf_loop(BUCKET_MAX, visit_elem, pass, 0);
		if (pass->stops) {
			stop_within(pass);
			return 1;
		}
		strayed = has_strayed(pass, number);
		/* What was counted is not counted again. */
		if (!strayed || sweep->flags & SWEEPS_COUNT)
			break;
		sweep->scanned -= pass->seen;
	}
	if (strayed && !(sweep->flags & SWEEPS_COUNT)) {
		sweep->request.result = -EAGAIN;
		return 1;
	}
	pass->skip = 0;
	sweep->next++;
	return 0;
}

static __always_inline int serve(struct request *request)
{
	struct sweep_request *sweep = (struct sweep_request *)request;
	struct pass pass = { .sweep = sweep };

	request->result = 0;
	pass.start = bpf_ktime_get_ns();
	pass.first = sweep->next = sweep->from;
	pass.skip = sweep->skip;
	pass.buckets = peek(map_address() + NUMBER(hashtab_buckets));
	bpf_loop(WALK_MAX, visit_bucket, &pass, 0);
	return request->result;
}

int buckets(void *ctx)
{
	return walk();
}
