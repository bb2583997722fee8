/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What is written in place is written to an element, which may be another entry's by then: replaced, or deleted and
 * recycled. So what is there is read, the key is looked up again, and only what was read is written over: of an
 * element that was recycled since it is another. Where the key leads elsewhere, or something else is there, all is
 * done anew. After the write nobody looks again: see selftests/model/word.pml.
 *
 * That an element is another one takes CAP_PERFMON to see, and the loop Linux 5.17.
 */
#ifndef LIBBPF_COMPARE_PLACE_BPF_H
#define LIBBPF_COMPARE_PLACE_BPF_H

#include "steps.bpf.h"

/* What a try can come to that another one may mend: */
#define REPLACED     1 /* the entry is another one, or gone */
#define CHANGED	     2 /* something else is there */

#define REPLACED_MAX 4
#define CHANGED_MAX  64

/* A request's key. */
static __always_inline const void *key_of(const struct place_request *asked);
/* One try: 0, a negative errno, or one of the above. */
static __always_inline int write_in_place(struct place_request *asked, void *value);

/*
 * Whether what was read before was the entry's own. The first look-up may come upon an element that is just being
 * recycled for the key, and not filled yet: the second one does not, unless it has been filled and linked by then. A
 * look-up can miss an entry, which costs a try.
 */
static __always_inline bool is_still(struct place_request *asked, const void *value)
{
	/* A barrier: what was read so far is so before what follows, on every machine. */
	__sync_lock_test_and_set(&asked->barrier, 0);
	return bpf_map_lookup_elem(target, key_of(asked)) == value &&
	       bpf_map_lookup_elem(target, key_of(asked)) == value;
}

/* In a loop of the kernel's, and what it comes to in memory: else the verifier would follow each round by itself. */
static long try_in_place(__u32 i, struct place_request **at)
{
	struct place_request *asked = *at;
	void *value = find(target, key_of(asked));

	asked->request.result = value ? write_in_place(asked, value) : -ENOENT;
	if (asked->request.result == REPLACED)
		return ++asked->replaced >= REPLACED_MAX;
	return asked->request.result != CHANGED;
}

static __always_inline int serve(struct request *request)
{
	struct place_request *asked = (struct place_request *)request;

	asked->replaced = 0;
	bpf_loop(CHANGED_MAX, try_in_place, &asked, 0);
	return request->result > 0 ? -EAGAIN : request->result;
}

#endif /* LIBBPF_COMPARE_PLACE_BPF_H */
