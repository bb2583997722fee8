// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Times counters that are read and cleared, while a BPF program adds to them on another CPU, and counts what is lost: by
 * a batch of updates in place, by reading all of them and writing zeros, by deleting them as they are read.
 */
#define _GNU_SOURCE /* sched_setaffinity() */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>

#include "../cpus.h"
#include "../update_shared.h"
#include "clock.h"
#include "fail.h"
#include "stats.h"
#include "test_update.skel.h"

#define COUNTERS   (1u << 18)
#define ROUNDS_MAX 99
#define WAYS	   3
#define AT_ONCE	   4096u

struct table {
	struct test_update_bpf *skel;
	int fd;
	__u32 *keys;
	__u64 *zeros, *old;
	struct counter *values;
};

static void *allocate(size_t size)
{
	void *memory = calloc(COUNTERS, size);

	if (!memory)
		fail("out of memory");
	return memory;
}

/* As a datapath finds them: in any order. */
static void make_table(struct table *table, __u32 type)
{
	struct counter counter;

	memset(&counter, 0, sizeof(counter));
	table->skel = test_update_bpf__open();
	if (!table->skel || bpf_map__set_type(table->skel->maps.counters, type) ||
	    bpf_map__set_max_entries(table->skel->maps.counters, COUNTERS + COUNTERS / 8) ||
	    test_update_bpf__load(table->skel))
		fail("the counters' program could not be loaded");
	table->skel->data->keys = COUNTERS;
	table->fd = bpf_map__fd(table->skel->maps.counters);
	table->keys = allocate(sizeof(*table->keys));
	table->zeros = allocate(sizeof(*table->zeros));
	table->old = allocate(sizeof(*table->old));
	table->values = allocate(sizeof(*table->values));
	for (__u32 key = 0; key < COUNTERS; key++)
		if (bpf_map_update_elem(table->fd, &key, &counter, BPF_NOEXIST))
			fail_errno("bpf_map_update_elem");
}

static void drop_table(struct table *table)
{
	bpf_map_compare_release(table->fd);
	test_update_bpf__destroy(table->skel);
	free(table->keys);
	free(table->zeros);
	free(table->old);
	free(table->values);
}

/* Reads all of them, and deletes them where that is asked for; in the order in which the map gives them. */
static __u32 read_all(struct table *table, bool deletes)
{
	__u32 cursor[4], *in = NULL, count, n = 0;
	int err = 0;

	while (!err && n < COUNTERS) {
		count = COUNTERS - n < AT_ONCE ? COUNTERS - n : AT_ONCE;
		err = deletes ? bpf_map_lookup_and_delete_batch(table->fd, in, cursor,
								table->keys + n, table->values + n,
								&count, NULL)
			      : bpf_map_lookup_batch(table->fd, in, cursor, table->keys + n,
						     table->values + n, &count, NULL);
		if (err && err != -ENOENT)
			fail_errno("a batched look-up");
		n += count;
		in = cursor;
	}
	return n;
}

/* Keys are those of the round before: none was created or deleted since. */
static __u64 in_place(struct table *table)
{
	__u32 count = COUNTERS;
	__u64 sum = 0;
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = BPF_F_IN_PLACE,
		    .offset = offsetof(struct counter, wide), .size = sizeof(__u64),
		    .old = table->old);

	if (bpf_map_update_batch_opts(table->fd, table->keys, table->zeros, &count, &opts) ||
	    count < COUNTERS - COUNTERS / 100)
		fail_errno("bpf_map_update_batch_opts: %u", count);
	for (__u32 i = 0; i < COUNTERS; i++)
		sum += table->old[i];
	return sum;
}

static __u64 clear(struct table *table, __u32 n)
{
	__u64 sum = 0;

	for (__u32 i = 0; i < n; i++) {
		sum += table->values[i].wide;
		table->values[i].wide = 0;
	}
	if (bpf_map_update_batch(table->fd, table->keys, table->values, &n, NULL))
		fail_errno("bpf_map_update_batch");
	return sum;
}

static __u64 by_reading(struct table *table)
{
	return clear(table, read_all(table, false));
}

static __u64 by_deleting(struct table *table)
{
	return clear(table, read_all(table, true));
}

static const struct {
	const char *name;
	__u64 (*way)(struct table *table);
} ways[WAYS] = {
	{ "batch in place", in_place },
	{ "look-up batch, update batch", by_reading },
	{ "look-up and delete batch, update batch", by_deleting },
};

struct adder {
	int program;
	_Atomic bool stop;
};

static void *add(void *arg)
{
	struct adder *adder = arg;
	char packet[64] = "";
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = 1000);

	pin_to_cpu(1);
	while (!adder->stop)
		if (bpf_prog_test_run_opts(adder->program, &opts))
			fail_errno("bpf_prog_test_run_opts");
	return NULL;
}

static __u64 left(struct table *table)
{
	__u64 sum = 0;
	__u32 n = read_all(table, false);

	for (__u32 i = 0; i < n; i++)
		sum += table->values[i].wide;
	return sum;
}

/* ns a counter; *lost: of what was added meanwhile what is nowhere. */
static double time_way(struct table *table, int way, double *lost)
{
	__u64 before = left(table), added = table->skel->bss->added, sum;
	struct adder adder = { .program = bpf_program__fd(table->skel->progs.add) };
	pthread_t thread;
	double ns;

	if (pthread_create(&thread, NULL, add, &adder))
		fail("pthread_create");
	ns = ns_by(CLOCK_THREAD_CPUTIME_ID);
	sum = ways[way].way(table);
	ns = ns_by(CLOCK_THREAD_CPUTIME_ID) - ns;
	adder.stop = true;
	pthread_join(thread, NULL);
	added = table->skel->bss->added - added;
	*lost += (double)(before + added) - (double)(sum + left(table));
	return ns / COUNTERS;
}

static void compare(__u32 type, int rounds)
{
	double ns[WAYS][ROUNDS_MAX], ratio[WAYS][ROUNDS_MAX], lost[WAYS] = { 0 };
	struct spread spread, ratios;
	struct table table;

	make_table(&table, type);
	pin_to_cpu(0);
	for (int round = 0; round < rounds; round++) {
		for (int turn = 0; turn < WAYS; turn++) {
			int way = (turn + round) % WAYS;

			ns[way][round] = time_way(&table, way, &lost[way]);
		}
		for (int way = 0; way < WAYS; way++)
			ratio[way][round] = ns[way][round] / ns[1][round];
	}
	for (int way = 0; way < WAYS; way++) {
		spread = spread_of(ns[way], rounds);
		ratios = spread_of(ratio[way], rounds);
		printf("%-9s %-40s %6.0f ns  ratio %.2f [%.2f-%.2f]  lost %.0f\n",
		       type == BPF_MAP_TYPE_HASH ? "HASH" : "LRU_HASH", ways[way].name,
		       spread.median, ratios.median, ratios.q1, ratios.q3, lost[way]);
	}
	fflush(stdout);
	drop_table(&table);
}

static void print_usage(FILE *to)
{
	fprintf(to,
		"Usage: update [--rounds N]\n"
		"Times counters that are read and cleared while a BPF program adds to them, in\n"
		"place and as it is done without that, and counts what is lost. Takes root.\n");
}

int main(int argc, char **argv)
{
	int rounds = 9;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help")) {
			print_usage(stdout);
			return 0;
		}
		rounds = !strcmp(argv[i], "--rounds") && i + 1 < argc ? atoi(argv[++i]) : 0;
		if (rounds < 1 || rounds > ROUNDS_MAX) {
			print_usage(stderr);
			return 2;
		}
	}
	printf("\nread and clear %u counters: CPU time for each, medians of %d rounds, ratios to "
	       "the\n"
	       "second way with quartiles; and how many additions were lost in all rounds\n",
	       COUNTERS, rounds);
	compare(BPF_MAP_TYPE_HASH, rounds);
	compare(BPF_MAP_TYPE_LRU_HASH, rounds);
	return 0;
}
