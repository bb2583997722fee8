// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A sweep along the elements of a pre-allocated map, which lie one after the other.
 */
#include "guess.bpf.h"

/* Of an LRU map's element: the kernel says in it what list it is in. */
static __always_inline bool is_in_free_list(__u64 elem)
{
	__u64 type = peek(elem + NUMBER(hashtab_lru_type)) & 0xff;

	return type == NUMBER(hashtab_lru_free) || type == NUMBER(hashtab_lru_local_free);
}

/*
 * Whether an element is in a bucket: what points to it is a bucket or another element. Of a free one the kernel has
 * something else there, nothing, or no address of these; but of an LRU map's it can be another element.
 */
static __always_inline bool is_in_bucket(const struct pass *pass, __u64 elem)
{
	__u64 from = peek(elem + 8);

	if (NUMBER(hashtab_lru_type) && is_in_free_list(elem))
		return false;
	if (from - pass->buckets < pass->buckets_size)
		return true;
	return from >= pass->elems && !((from - pass->elems) % pass->elem_size);
}

/* Whether the walk stops at an element. */
static __always_inline bool visit_elem(struct pass *pass, __u64 number)
{
	struct sweep_request *sweep = pass->sweep;
	__u64 elem = pass->elems + number * pass->elem_size;

	if (number >= sweep->until || number >= NUMBER(elems_max))
		return true;
	if (is_in_bucket(pass, elem) && visit(sweep, elem)) {
		/* What could not be deleted is seen again. */
		if (sweep->request.result)
			sweep->scanned--;
		else
			sweep->next++;
		return true;
	}
	sweep->next++;
	return false;
}

/* To return takes about as long as to look at an element: so it is done for some at once. */
#define AT_ONCE 4

static long visit_elems(__u32 i, struct pass *pass)
{
	if (is_over(pass, i))
		return 1;
#pragma clang loop unroll(full)
	for (__u32 j = 0; j < AT_ONCE; j++)
		if (visit_elem(pass, pass->first + i * AT_ONCE + j))
			return 1;
	return 0;
}

static __always_inline int serve(struct request *request)
{
	struct sweep_request *sweep = (struct sweep_request *)request;
	struct pass pass = { .sweep = sweep };
	__u64 map = map_address();

	request->result = 0;
	pass.start = bpf_ktime_get_ns();
	pass.first = sweep->next = sweep->from;
	pass.buckets = peek(map + NUMBER(hashtab_buckets));
	pass.buckets_size =
		(peek(map + NUMBER(hashtab_n_buckets)) & ~0u) * NUMBER(hashtab_bucket_size);
	pass.elems = peek(map + NUMBER(hashtab_elems));
	pass.elem_size = peek(map + NUMBER(hashtab_elem_size)) & ~0u;
	if (!pass.elem_size)
		return -EOPNOTSUPP;
	bpf_loop(WALK_MAX / AT_ONCE, visit_elems, &pass, 0);
	return request->result;
}

int elems(void *ctx)
{
	return walk();
}
