/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The steps that the emulation's programs are made of: walk the requests, find an entry, judge it, claim
 * it, delete it. Each program is one of the .bpf.c files, which says what becomes of one request.
 *
 * They load on Linux >= 5.14, and on newer ones with CAP_BPF alone. So they read no user memory and
 * compare no pointers (both take CAP_PERFMON); keys lie in a map's value (other kernel memory is no
 * key before 5.18, and 1024 bytes exceed the stack); and the walk goes by bpf_for_each_map_elem(), as
 * bpf_loop() came with 5.17 and the verifier comes to no end with plain loops of a program whose
 * speculative execution it follows, which it does without CAP_PERFMON.
 */
#ifndef LIBBPF_COMPARE_STEPS_BPF_H
#define LIBBPF_COMPARE_STEPS_BPF_H

#include <linux/bpf.h>
#include <linux/errno.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include "request.h"

/* Symbols that assemble.c puts something in the place of: the caller's map, the map of the requests, */
extern char target[], requests[];
/* where in a request the expected bytes are, a number, */
extern char expected_at[];
/* the map of the second entries, and where what belongs to those is, and the first one's value; */
extern char linked_target[], linked_key_at[], linked_expected_at[], value_at[];

/* and what judge.c writes for one map and one region of its values. */

/* Whether who runs the program still has the capabilities that it was loaded with, if that matters. */
int is_allowed(void);
/* Whether the caller's map may not be written any more; always false where that cannot be told. */
int is_frozen(void);
/* Whether the region of a value equals the expected bytes. */
int is_equal(const void *value, const void *expected);
/* Likewise, and puts the claim in the word's place in the same moment, as far as others see. */
int claim(void *value, const void *expected, __u64 word, __u64 claim);
/* Whether the word is the claim, and the rest of the region as expected. */
int is_claimed(const void *value, const void *expected, __u64 claim);
/* Puts the word back in the claim's place, where that still stands. */
void give_back(void *value, __u64 word, __u64 claim);
/* All of a value, and where it is then; where it is not wanted that is the value itself. */
const void *copy_if_wanted(const void *value, void *to);

/* The same for the second entry's map. */
int is_linked_frozen(void);
int is_linked_equal(const void *value, const void *expected);
int claim_linked(void *value, const void *expected, __u64 word, __u64 claim);
/* Of the word alone, whatever is beside it. */
int claim_linked_word(void *value, const void *expected, __u64 word, __u64 claim);
int is_linked_claimed(const void *value, const void *expected, __u64 claim);
void give_linked_back(void *value, __u64 word, __u64 claim);
/* What the word is now. */
__u64 linked_word(const void *value);

/* Reads ahead what a run's requests from the first one on will need: see touch.bpf.c. Not always there. */
int touch(__u32 first, __s32 run);
int touch_linked(__u32 first, __s32 run);

/* From the one to the other nobody else has this CPU but interrupts, where that can be had. */
void hold_cpu(void);
void release_cpu(void);

#define PART(request, at) ((char *)(request) + (unsigned long)(at))
#define EXPECTED(request) PART(request, expected_at)

/*
 * The look-up takes no lock: while others delete and create in the key's bucket it can miss what is there
 * all the time. Each time is one in a hundred at worst, where a writer does nothing else.
 */
static __always_inline void *find(void *map, const void *key)
{
	void *value = bpf_map_lookup_elem(map, key);

#pragma clang loop unroll(full)
	for (int again = 0; again < 4; again++)
		if (!value)
			value = bpf_map_lookup_elem(map, key);
	return value;
}

/* That a lock could not be had is -EAGAIN: -EBUSY means "differs" alone. */
static __always_inline int without_lock_errors(int err)
{
	return err == -EBUSY || err == -EDEADLK || err == -ETIMEDOUT ? -EAGAIN : err;
}

/* Before Linux 6.4 the helper gives an int, of which the register's upper half knows nothing. */
static __always_inline int delete_key(void *map, const void *key)
{
	int err = bpf_map_delete_elem(map, key);

	return without_lock_errors(err);
}

/* What a program makes of a request that was asked for: 0 or a negative errno. */
static __always_inline int serve(struct request *request);

static long serve_if_asked(void *map, const __u32 *i, struct request *request, const __s32 *run)
{
	if (request->result != *run)
		return 1;
	if (!(*i % TOUCHED_AT_ONCE)) {
		touch(*i, *run);
		touch_linked(*i, *run);
	}
	request->result = is_frozen() ? -EPERM : serve(request);
	return 0;
}

static __always_inline int walk(void)
{
	const __u32 zero = 0;
	struct request *first;
	__s32 run;

	if (!is_allowed())
		return RUN_REFUSED;
	first = bpf_map_lookup_elem(requests, &zero);
	if (!first)
		return RUN_TAKEN;
	run = first->run;
	if (run <= 0 || __sync_val_compare_and_swap(&first->run, run, 0) != run)
		return RUN_TAKEN;
	bpf_for_each_map_elem(requests, serve_if_asked, &run, 0);
	/* A barrier: whoever sees this sees all answers, and what goes with them. */
	__sync_lock_test_and_set(&first->run, -run);
	return RUN_DONE;
}

#endif /* LIBBPF_COMPARE_STEPS_BPF_H */
