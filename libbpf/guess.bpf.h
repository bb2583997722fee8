/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What walks have in common that go along the kernel's own memory of a hash map, by its BTF. Whatever they
 * read there may be something else already, or gone: it is a guess where entries are, and no more.
 */
#ifndef LIBBPF_COMPARE_GUESS_BPF_H
#define LIBBPF_COMPARE_GUESS_BPF_H

#include "sweep.bpf.h"

/* Written by match.c: the 64 bits at an address of the kernel's, 0 where nothing is; */
__u64 peek(__u64 address);
/* whether an element there seems to match. */
int glance(__u64 elem, const struct sweep_request *sweep);

/* What hashtab.c knows. */
extern char hashtab_buckets[], hashtab_n_buckets[], hashtab_bucket_size[], hashtab_head[],
	hashtab_elems[], hashtab_elem_size[], hashtab_elem_key[], hashtab_lru_free[],
	hashtab_lru_local_free[];
/* Weak, as a compiler takes other symbols for none that is 0: of another map than an LRU one it is. */
extern char hashtab_lru_type[] __attribute__((weak));
/* The most elements there are, and buckets. */
extern char elems_max[], buckets_max[];

#define NUMBER(symbol) ((unsigned long)(symbol))

/* How far a run can get: more than its time allows for. */
#define WALK_MAX (1u << 22)

/* Where the kernel has the map: on the stack a pointer is a number like any. */
static __always_inline __u64 map_address(void)
{
	void *map = target;
	__u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), &map);
	return address;
}

struct pass {
	struct sweep_request *sweep;
	__u64 start, first, buckets;
	__u64 elems, elem_size, buckets_size; /* of pre-allocated maps */
	__u64 elem;			      /* in a bucket: where the walk is, */
	__u64 skip, seen; /* entries to leave out, and those that were not deleted */
	__u32 stops;
};

/* What ends a bucket: an odd number, which tells which one it was; 0 where nothing is. */
#define IS_END(elem) (!(elem) || ((elem)&1))

/* The time is asked for once in so many steps. */
#define TIME_EVERY 8

static __always_inline bool is_over(const struct pass *pass, __u32 i)
{
	return i && !(i % TIME_EVERY) && bpf_ktime_get_ns() - pass->start > pass->sweep->budget;
}

/* What was found seems to be an entry. */
static __noinline int visit(struct sweep_request *sweep, __u64 elem)
{
	struct request *place;

	sweep->scanned++;
	if (!glance(elem, sweep))
		return 0;
	place = place_for_next(sweep);
	if (!place)
		return 1;
	bpf_probe_read_kernel(place + 1, NUMBER(key_size),
			      (void *)(elem + NUMBER(hashtab_elem_key)));
	return collect(sweep, place + 1);
}

#endif /* LIBBPF_COMPARE_GUESS_BPF_H */
