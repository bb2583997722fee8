// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Updates of entries that stay, beside BPF programs that write to them in place all the time: what both did has to
 * add up exactly, and no reader who takes the lock may see half of what was written. The same by what there was before
 * has to lose.
 */
#define _GNU_SOURCE /* sched_setaffinity() */
#include "update_races.h"

static __u32 keys[UPDATE_KEYS];

/* One try at all keys; what it has added, or, the other way round, taken. */
typedef __u64 try_fn(int fd);

static unsigned long again; /* answers of -EAGAIN, which are no error */

/* Of a batch on a word of all counters: how many were done, and the words as they were. */
static __u32 batch(int fd, __u32 at, __u32 size, __u32 op, const void *values, void *old,
		   const void *compare)
{
	__u32 count = UPDATE_KEYS;
	int results[UPDATE_KEYS], err;
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = BPF_F_IN_PLACE, .offset = at,
		    .size = size, .op = op, .old = old, .results = results);

	if (compare) {
		opts.elem_flags |= BPF_F_COMPARE;
		opts.compare = compare;
		opts.compare_offset = at;
		opts.compare_size = size;
		opts.compare_stride = sizeof(struct counter);
	}
	err = bpf_map_update_batch_opts(fd, keys, values, &count, &opts);
	if (err)
		tap_bail("bpf_map_update_batch_opts: %d", err);
	for (__u32 i = 0; i < UPDATE_KEYS; i++) {
		again += results[i] == -EAGAIN;
		if (results[i] && results[i] != -EAGAIN && !(compare && results[i] == -EBUSY))
			tap_bail("key %u: %d", i, results[i]);
	}
	return count;
}

static void read_all(int fd, struct counter *counters)
{
	for (__u32 i = 0; i < UPDATE_KEYS; i++)
		if (bpf_map_lookup_elem(fd, &keys[i], &counters[i]))
			tap_bail("key %u is gone", i);
}

static __u64 sum_of(int fd, bool narrow)
{
	struct counter counters[UPDATE_KEYS];
	__u64 sum = 0;

	read_all(fd, counters);
	for (__u32 i = 0; i < UPDATE_KEYS; i++)
		sum += narrow ? counters[i].narrow : counters[i].wide;
	return sum;
}

static __u64 add_wide(int fd)
{
	static const __u64 ones[UPDATE_KEYS] = { [0 ... UPDATE_KEYS - 1] = 1 };

	return batch(fd, offsetof(struct counter, wide), 8, BPF_MAP_UPDATE_ADD, ones, NULL, NULL);
}

static __u64 add_narrow(int fd)
{
	static const __u32 ones[UPDATE_KEYS] = { [0 ... UPDATE_KEYS - 1] = 1 };

	return batch(fd, offsetof(struct counter, narrow), 4, BPF_MAP_UPDATE_ADD, ones, NULL, NULL);
}

/* Read and clear. */
static __u64 drain(int fd)
{
	static const __u64 zeros[UPDATE_KEYS];
	__u64 old[UPDATE_KEYS] = {}, sum = 0;

	batch(fd, offsetof(struct counter, wide), 8, BPF_MAP_UPDATE_SET, zeros, old, NULL);
	for (__u32 i = 0; i < UPDATE_KEYS; i++)
		sum += old[i];
	return -sum;
}

/* As it is done without this: read them all, write them back. */
static __u64 drain_plainly(int fd)
{
	struct counter counters[UPDATE_KEYS];
	__u32 count = UPDATE_KEYS;
	__u64 sum = 0;

	read_all(fd, counters);
	for (__u32 i = 0; i < UPDATE_KEYS; i++) {
		sum += counters[i].wide;
		counters[i].wide = 0;
	}
	if (bpf_map_update_batch(fd, keys, counters, &count, NULL))
		tap_bail("bpf_map_update_batch");
	return -sum;
}

/* Or so that they are deleted as they are read, and created anew. */
static __u64 drain_by_delete(int fd)
{
	struct counter counters[UPDATE_KEYS];
	__u32 batch, found[UPDATE_KEYS], count = UPDATE_KEYS;
	__u64 sum = 0;

	if (bpf_map_lookup_and_delete_batch(fd, NULL, &batch, found, counters, &count, NULL) &&
	    errno != ENOENT)
		tap_bail("bpf_map_lookup_and_delete_batch");
	for (__u32 i = 0; i < count; i++) {
		sum += counters[i].wide;
		counters[i].wide = 0;
	}
	if (bpf_map_update_batch(fd, found, counters, &count, NULL))
		tap_bail("bpf_map_update_batch");
	return -sum;
}

/* A counter without a lock: it goes up by one from what was seen, or not at all. */
static __u64 count_by_compare(int fd)
{
	struct counter seen[UPDATE_KEYS];
	__u64 next[UPDATE_KEYS];

	read_all(fd, seen);
	for (__u32 i = 0; i < UPDATE_KEYS; i++)
		next[i] = seen[i].wide + 1;
	return batch(fd, offsetof(struct counter, wide), 8, BPF_MAP_UPDATE_SET, next, NULL, seen);
}

/* The same of the whole value: what is written in place between the compare and the update is lost. */
static __u64 replace_by_compare(int fd)
{
	struct counter seen[UPDATE_KEYS], next[UPDATE_KEYS];
	__u32 count = UPDATE_KEYS;
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = BPF_F_COMPARE, .compare = seen);

	read_all(fd, seen);
	memcpy(next, seen, sizeof(next));
	for (__u32 i = 0; i < UPDATE_KEYS; i++)
		next[i].wide++;
	if (bpf_map_update_batch_opts(fd, keys, next, &count, &opts))
		tap_bail("bpf_map_update_batch_opts");
	return count;
}

struct race {
	const char *name;
	__u32 type;
	try_fn *try, *other_try;
	unsigned long tries;
	__u32 spread; /* of so many keys programs add to one after the other; 0: those that there are */
	__u32 pause; /* of programs, between look-up and addition */
	bool must_lose;
};

/* The sum of all counters, modulo 2^64, is what programs and tries have added, or something was lost. */
static __u64 run(const struct race *race, unsigned long *tried, __u64 *by_programs)
{
	struct test_update_bpf *skel = load_counters(race->type);
	int fd = bpf_map__fd(skel->maps.counters);
	struct beside adder = { .step = run_program, .program = skel->progs.add };
	__u64 ours = 0, lost;

	if (race->spread)
		skel->data->keys = race->spread;
	skel->bss->pause = race->pause;
	beside_start(&adder);
	pin_to_cpu(0);
	for (unsigned long i = 0; i < race->tries; i += UPDATE_KEYS) {
		ours += race->try(fd);
		if (race->other_try)
			ours += race->other_try(fd);
		*tried += UPDATE_KEYS;
	}
	beside_end(&adder);
	*by_programs += skel->bss->added;
	lost = skel->bss->added + ours - sum_of(fd, race->try == add_narrow);
	test_update_bpf__destroy(skel);
	let_programs_be_freed();
	return race->try == add_narrow ? (__u32)lost : lost;
}

#define ROUNDS_MAX 50 /* of what has to lose */

static void run_race(const struct race *race)
{
	unsigned long tried = 0;
	__u64 lost = 0, added = 0;

	again = 0;
	for (int rounds = 0; rounds < (race->must_lose ? ROUNDS_MAX : 1) && !lost; rounds++)
		lost = run(race, &tried, &added);
	printf("# %-44s %11lu %13llu %9lld %9lu\n", race->name, tried, (unsigned long long)added,
	       (long long)lost, again);
	if (race->must_lose)
		tap_ok(lost || getenv("SLOW_MACHINE"), "%s: losses show", race->name);
	else
		tap_ok(!lost, "%s: nothing is lost, and nothing counted twice", race->name);
}

/* Three fields that belong together, under their lock. */
static struct fields make_fields(__u64 count)
{
	return (struct fields){ .count = count, .twice = 2 * count, .inverse = ~count };
}

static void look_at_locked(int fd, struct fields *fields)
{
	struct guarded value;

	for (__u32 i = 0; i < UPDATE_KEYS; i++) {
		if (bpf_map_lookup_elem_flags(fd, &keys[i], &value, BPF_F_LOCK))
			tap_bail("key %u is gone", i);
		fields[i] = value.fields;
	}
}

static bool are_whole(const struct fields *fields)
{
	return fields->twice == 2 * fields->count && fields->inverse == ~fields->count;
}

/* Each goes up by one from what was seen; by how many, and whether what was there was whole. */
static __u32 count_locked(int fd, bool *whole)
{
	struct fields seen[UPDATE_KEYS], next[UPDATE_KEYS], old[UPDATE_KEYS];
	__u32 count = UPDATE_KEYS;
	int results[UPDATE_KEYS];
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = BPF_F_IN_PLACE | BPF_F_COMPARE,
		    .offset = offsetof(struct guarded, fields), .size = sizeof(*seen),
		    .compare = seen, .compare_offset = offsetof(struct guarded, fields),
		    .compare_size = sizeof(*seen), .old = old, .results = results);

	look_at_locked(fd, seen);
	for (__u32 i = 0; i < UPDATE_KEYS; i++)
		next[i] = make_fields(seen[i].count + 1);
	if (bpf_map_update_batch_opts(fd, keys, next, &count, &opts))
		tap_bail("bpf_map_update_batch_opts");
	for (__u32 i = 0; i < UPDATE_KEYS; i++)
		if (!results[i] && (!are_whole(&old[i]) || old[i].count != seen[i].count))
			*whole = false;
	return count;
}

static void race_locked(bool reads_locked, unsigned long tries)
{
	struct test_update_bpf *skel = load_counters(BPF_MAP_TYPE_HASH);
	int fd = bpf_map__fd(skel->maps.guarded);
	struct beside program = {
		.step = run_program,
		.program = reads_locked ? skel->progs.count_locked : skel->progs.read_unlocked,
	};
	struct bpf_link *interrupts;
	struct guarded value = { .fields = make_fields(0) };
	struct fields last[UPDATE_KEYS];
	unsigned long done = 0;
	__u64 ours = 0, sum = 0;
	bool whole = true;

	for (__u32 i = 0; i < UPDATE_KEYS; i++)
		put(fd, &keys[i], &value);
	/* So seldom that what was seen mostly still is so; or so that they meet often. */
	skel->data->keys = reads_locked ? UPDATE_KEYS : 4;
	skel->bss->pause = reads_locked ? 1000 : 100;
	beside_start(&program);
	pin_to_cpu(0);
	interrupts = interrupt(skel);
	for (; done < tries &&
	       (reads_locked || !*(volatile __u64 *)&skel->bss->torn || done < tries / 100);
	     done += UPDATE_KEYS)
		ours += count_locked(fd, &whole);
	bpf_link__destroy(interrupts);
	beside_end(&program);
	look_at_locked(fd, last);
	for (__u32 i = 0; i < UPDATE_KEYS; i++) {
		whole = whole && are_whole(&last[i]);
		sum += last[i].count;
	}
	printf("# %-44s %11lu %13llu %9llu\n",
	       reads_locked ? "several fields, under the lock" : "read without the lock", done,
	       (unsigned long long)skel->bss->seen, (unsigned long long)skel->bss->torn);
	if (!reads_locked)
		tap_ok(skel->bss->torn || getenv("SLOW_MACHINE"),
		       "who takes no lock sees half of them");
	else
		tap_ok(whole && !skel->bss->torn && sum == ours + skel->bss->seen,
		       "several fields: none torn, none lost (%llu and %llu of %llu)",
		       (unsigned long long)ours, (unsigned long long)skel->bss->seen,
		       (unsigned long long)sum);
	test_update_bpf__destroy(skel);
}

int main(void)
{
	const unsigned long tries = many(100000000), few = many(2000000) + UPDATE_KEYS;
	const __u32 hash = BPF_MAP_TYPE_HASH, lru = BPF_MAP_TYPE_LRU_HASH;
	const struct race races[] = {
		{ "additions, 8 bytes", hash, add_wide, .tries = tries },
		{ "additions, 4 bytes", hash, add_narrow, .tries = tries },
		{ "additions to a hot word", hash, add_wide, .tries = tries, .spread = 1 },
		{ "additions, LRU", lru, add_wide, .tries = tries },
		{ "additions after a pause", hash, add_wide, drain, .tries = tries, .pause = 50 },
		{ "read and clear", hash, drain, .tries = tries },
		{ "read and clear a hot word", hash, drain, .tries = tries, .spread = 1 },
		{ "read and clear, and additions", hash, drain, add_wide, .tries = tries },
		{ "a counter by compare", hash, count_by_compare, .tries = tries },
		{ "by compare, and read and clear", hash, count_by_compare, drain, .tries = tries },
		{ "look-up, update", hash, drain_plainly, .tries = few, .must_lose = true },
		{ "BPF_MAP_LOOKUP_AND_DELETE_BATCH", hash, drain_by_delete, .tries = few,
		  .spread = 8, .pause = 100, .must_lose = true },
		{ "whole values by compare", hash, replace_by_compare, .tries = few,
		  .spread = 20000, .pause = 100, .must_lose = true },
	};
	if (!can_write_in_place()) {
		tap_skip("races of updates", "this kernel has none in place");
		return tap_done();
	}
	for (__u32 i = 0; i < UPDATE_KEYS; i++)
		keys[i] = i;
	printf("# %-44s %11s %13s %9s %9s\n", "race", "updates", "by programs", "lost", "again");
	for (size_t i = 0; i < ARRAY_SIZE(races); i++)
		run_race(&races[i]);
	if (kernel_has("spin_lock")) {
		race_locked(true, tries);
		race_locked(false, tries);
	}
	return tap_done();
}
