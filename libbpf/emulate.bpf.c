// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The emulation's programs: for each request look the key up, compare, delete; or look up, compare
 * and claim, look up again, delete.
 *
 * They load on Linux >= 5.14, and on newer ones with CAP_BPF alone. So they read no user memory and
 * compare no pointers (both take CAP_PERFMON); keys lie in a map's value (other kernel memory is no
 * key before 5.18, and 1024 bytes exceed the stack); and loops go by bpf_for_each_map_elem(), as
 * bpf_loop() came with 5.17 and the verifier comes to no end with plain loops of a program whose
 * speculative execution it follows, which it does without CAP_PERFMON.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include "emulate.h"

const volatile struct emulate_config config;

/* Stands for the caller's map, which takes its place, type and sizes when the program is loaded. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(key_size, 8);
	__uint(value_size, 8);
} target SEC(".maps");

/* Likewise for the shared memory, an array with one element a slot. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, SLOT_SIZE);
} slots SEC(".maps");

/* What a loop goes through: only the index counts. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LOOP_MAX);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} steps SEC(".maps");

/* One comparison: of a value, from its window's base on, with expected bytes, from theirs on. */
struct comparison {
	const struct emulate_run *run;
	const char *value;
	const char *expected;
	bool equal;
};

/*
 * Where size bytes at an offset from bytes are, or NULL where they are not within the window; size
 * is a constant, 1, 2, 4 or a multiple of 8, and the offset a multiple of it or of 8. The mask changes
 * nothing but shows the verifier that the access is aligned, the comparisons that it stays within
 * the window: they are with constants, as before Linux 6.8 it learns from no other, and the first of
 * them leaves it no way on where no aligned piece fits, in which it would find contradictions.
 */
static __always_inline void *inside(const void *bytes, __u64 at, __u64 size, __u64 lo)
{
	__u64 hi = config.hi - window_base(&config), align = size < 8 ? size : 8;

	lo = (lo + align - 1) & -align;
	if (hi < lo + size)
		return NULL;
	hi -= size;
	barrier_var(hi);
	at &= -align;
	barrier_var(at);
	if (at < lo || at > hi)
		return NULL;
	/* Not to be computed before it is compared. */
	barrier_var(bytes);
	return (void *)bytes + at;
}

static __always_inline void *inside_value(const void *value, __u64 at, __u64 size)
{
	return inside(value, at, size, config.lo - window_base(&config));
}

static __always_inline void *inside_expected(const struct emulate_run *run, const void *expected,
					     __u64 at, __u64 size)
{
	return inside(expected, at - run->base, size, 0);
}

static __always_inline bool same(const struct comparison *c, __u64 pos, __u64 size)
{
	const void *value = inside_value(c->value, pos, size);
	const void *expected = inside_expected(c->run, c->expected, pos, size);
	__u64 different = 0;

	if (!value || !expected)
		return false;
	switch (size) {
	case 1:
		return *(__u8 *)value == *(__u8 *)expected;
	case 2:
		return *(__u16 *)value == *(__u16 *)expected;
	case 4:
		return *(__u32 *)value == *(__u32 *)expected;
	}
#pragma clang loop unroll(full)
	for (__u64 i = 0; i < size; i += 8)
		different |= *(__u64 *)(value + i) ^ *(__u64 *)(expected + i);
	return !different;
}

static long same_block(void *map, const __u32 *i, void *step, struct comparison *c)
{
	__u64 pos = c->run->words + (__u64)*i * BLOCK_SIZE;

	if (pos + BLOCK_SIZE > c->run->end)
		return 1;
	c->equal = same(c, pos, BLOCK_SIZE);
	return !c->equal;
}

/*
 * Compares the region in pieces of a size that is a power of two: growing ones from its start up to
 * run->words, then blocks, then shrinking ones. Where a piece is follows from the bounds alone, not
 * from the pieces before it: else the verifier would follow each way through them by itself.
 */
static __always_inline bool same_region(const struct emulate_run *run, const char *value,
					const char *expected, bool may_loop)
{
	struct comparison c = { run, value, expected, false };
	__u64 start = run->start, words = run->words;
	__u64 up = words - start, down = run->end - words;

#define PIECE_UP(size)	 (!(up & (size)) || same(&c, start + (up & ((size) - 1)), size))
#define PIECE_DOWN(size) (!(down & (size)) || same(&c, words + (down & -2ul * (size)), size))

	if (!PIECE_UP(1) || !PIECE_UP(2) || !PIECE_UP(4))
		return false;
	if (down >= BLOCK_SIZE) {
		if (may_loop)
			bpf_for_each_map_elem(&steps, same_block, &c, 0);
		else
			c.equal = same(&c, words, BLOCK_SIZE);
		if (!c.equal)
			return false;
	}
	return PIECE_DOWN(128) && PIECE_DOWN(64) && PIECE_DOWN(32) && PIECE_DOWN(16) &&
	       PIECE_DOWN(8) && PIECE_DOWN(4) && PIECE_DOWN(2) && PIECE_DOWN(1);
#undef PIECE_UP
#undef PIECE_DOWN
}

/*
 * Any failure but a missing key is a lock that could not be had; -EBUSY shall mean "differs" alone.
 * Before Linux 6.4 the helper gives an int, of which the register's upper half knows nothing.
 */
static __always_inline int delete_key(const char *key)
{
	int err = bpf_map_delete_elem(&target, key);

	return err && err != -ENOENT ? -EAGAIN : err;
}

static int compare_and_delete_one(const struct emulate_run *run, const char *key, char *expected)
{
	const char *value;

	if (run->mode == EMULATE_COMPARE) {
		value = bpf_map_lookup_elem(&target, key);
		if (!value)
			return -ENOENT;
		if (!same_region(run, value + window_base(&config), expected, true))
			return -EBUSY;
	}
	return delete_key(key);
}

/* The word that claims are written into. */
static __always_inline bool exchange_word(const struct emulate_run *run, char *value, __u64 from,
					  __u64 to)
{
	if (run->claim_size == sizeof(__u64)) {
		__u64 *word = inside_value(value, run->claim_at, sizeof(*word));

		return word && __sync_val_compare_and_swap(word, from, to) == from;
	} else {
		__u32 *word = inside_value(value, run->claim_at, sizeof(*word));

		return word && __sync_val_compare_and_swap(word, from, to) == (__u32)from;
	}
}

/* The same word of the expected bytes. */
static __always_inline __u64 expected_word(const struct emulate_run *run, char *expected)
{
	if (run->claim_size == sizeof(__u64)) {
		__u64 *word = inside_expected(run, expected, run->claim_at, sizeof(*word));

		return word ? *word : 0;
	} else {
		__u32 *word = inside_expected(run, expected, run->claim_at, sizeof(*word));

		return word ? *word : 0;
	}
}

static __always_inline void expect_claim(const struct emulate_run *run, char *expected)
{
	if (run->claim_size == sizeof(__u64)) {
		__u64 *word = inside_expected(run, expected, run->claim_at, sizeof(*word));

		if (word)
			*word = run->claim;
	} else {
		__u32 *word = inside_expected(run, expected, run->claim_at, sizeof(*word));

		if (word)
			*word = run->claim;
	}
}

/*
 * Compares, and claims what is equal: no step for a writer between the two as far as the word goes,
 * and none at all for one that holds the value's lock.
 */
static __always_inline bool compare_and_claim(const struct emulate_run *run, char *value,
					      const char *expected, __u64 word)
{
	struct bpf_spin_lock *lock;
	bool claimed;

	if (config.lock == NO_LOCK)
		return same_region(run, value + window_base(&config), expected, true) &&
		       exchange_word(run, value + window_base(&config), word, run->claim);
	lock = (struct bpf_spin_lock *)(value + config.lock);
	bpf_spin_lock(lock);
	claimed = same_region(run, value + window_base(&config), expected, false) &&
		  exchange_word(run, value + window_base(&config), word, run->claim);
	bpf_spin_unlock(lock);
	return claimed;
}

/*
 * The element that was claimed may have been recycled for another key since it was looked up, or for
 * this one since the bytes beside the word were compared, and the delete goes by the key alone: so
 * the key must lead to an element that is claimed and otherwise as expected. Nobody who follows the
 * protocol (see bpf_compare.bpf.h) changes a claimed one, so it stays that.
 */
static int claim_and_delete_one(const struct emulate_run *run, const char *key, char *expected)
{
	__u64 word = expected_word(run, expected);
	char *value, *again;
	int err;

	value = bpf_map_lookup_elem(&target, key);
	if (!value)
		return -ENOENT;
	if (word == run->claim || !compare_and_claim(run, value, expected, word))
		return -EBUSY;
	expect_claim(run, expected);
	again = bpf_map_lookup_elem(&target, key);
	if (!again)
		err = -ENOENT;
	else if (!same_region(run, again + window_base(&config), expected, config.lock == NO_LOCK))
		err = -EBUSY;
	else
		err = delete_key(key);
	/* Take it back, from whichever key has the element now. */
	if (err)
		exchange_word(run, value + window_base(&config), run->claim, word);
	return err;
}

/* Has a request served, the i-th of the run; 1 where there is no such one, which ends the loop. */
static __always_inline long serve(struct emulate_run *run, __u32 i,
				  int (*one)(const struct emulate_run *, const char *, char *))
{
	__u64 at = i * run->stride & ~7ul;
	char *request;

	if (i >= run->count || at > last_request(&config))
		return 1;
	request = (char *)(run + 1) + at;
	((struct request *)request)->result =
		one(run, request + request_key(), request + request_expected(&config));
	return 0;
}

static long serve_compare(void *map, const __u32 *i, void *step, struct emulate_run **run)
{
	return serve(*run, *i, compare_and_delete_one);
}

static long serve_claim(void *map, const __u32 *i, void *step, struct emulate_run **run)
{
	return serve(*run, *i, claim_and_delete_one);
}

static __always_inline struct emulate_run *find_run(const struct emulate_call *call)
{
	__u32 slot = call->slot;

	return call->cookie == config.cookie ? bpf_map_lookup_elem(&slots, &slot) : NULL;
}

static __always_inline bool has_region(const struct emulate_run *run)
{
	return run->start < run->end && run->start <= run->words && run->words - run->start < 8 &&
	       run->words <= run->end;
}

SEC("syscall")
int compare_and_delete(const struct emulate_call *call)
{
	struct emulate_run *run = find_run(call);

	if (!run || !(run->mode == EMULATE_REGARDLESS ||
		      (run->mode == EMULATE_COMPARE && has_region(run))))
		return EMULATE_REFUSED;
	bpf_for_each_map_elem(&steps, serve_compare, &run, 0);
	return EMULATE_RAN;
}

SEC("syscall")
int claim_and_delete(const struct emulate_call *call)
{
	struct emulate_run *run = find_run(call);

	if (!run || run->mode != EMULATE_CLAIM || !has_region(run))
		return EMULATE_REFUSED;
	bpf_for_each_map_elem(&steps, serve_claim, &run, 0);
	return EMULATE_RAN;
}

char _license[] SEC("license") = "Dual BSD/GPL";
