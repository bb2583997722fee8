// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A sweep along the elements of a pre-allocated map, which lie one after the other.
 */
#include "guess.bpf.h"

/*
 * Whether an element is in a bucket: what points to it is a bucket or another element. Of a free one the kernel
 * has something else there, nothing, or no address of these.
 */
static __always_inline bool is_in_bucket(const struct pass *pass, __u64 elem)
{
	__u64 from = peek(elem + 8);

	if (from - pass->buckets < pass->buckets_size)
		return true;
	return from >= pass->elems && !((from - pass->elems) % pass->elem_size);
}

static long visit_elem(__u32 i, struct pass *pass)
{
	struct sweep_request *sweep = pass->sweep;
	__u64 number = pass->first + i, elem;

	sweep->next = number;
	if (number >= sweep->until || number >= NUMBER(elems_max) || is_over(pass, i))
		return 1;
	elem = pass->elems + number * pass->elem_size;
	if (is_in_bucket(pass, elem) && visit(sweep, elem)) {
		/* What could not be deleted is seen again. */
		if (sweep->request.result)
			sweep->scanned--;
		else
			sweep->next++;
		return 1;
	}
	sweep->next++;
	return 0;
}

static __always_inline int serve(struct request *request)
{
	struct sweep_request *sweep = (struct sweep_request *)request;
	struct pass pass = { .sweep = sweep };
	__u64 map = map_address();

	request->result = 0;
	pass.start = bpf_ktime_get_ns();
	pass.first = sweep->from;
	pass.buckets = peek(map + NUMBER(hashtab_buckets));
	pass.buckets_size =
		(peek(map + NUMBER(hashtab_n_buckets)) & ~0u) * NUMBER(hashtab_bucket_size);
	pass.elems = peek(map + NUMBER(hashtab_elems));
	pass.elem_size = peek(map + NUMBER(hashtab_elem_size)) & ~0u;
	if (!pass.elem_size)
		return 0;
	bpf_loop(WALK_MAX, visit_elem, &pass, 0);
	return request->result;
}

int elems(void *ctx)
{
	return walk();
}
