// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Times whole collections: reading a map in batches, deciding, and deleting by a batch by compare, and
 * sweeps of every kind, over the share of entries that have expired.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>

#include "clock.h"
#include "fail.h"
#include "stats.h"

#define ROUNDS_MAX 99
#define CHUNK	   4096u
#define NOW	   1000u
#define CLAIM	   0xffffffffffffff00ull

struct key {
	__u64 flow;
	__u64 direction;
};

struct value {
	__u64 packets, bytes;
	__u64 expires;
	__u32 state, mark;
	__u64 rest[3];
};

typedef int delete_batch_fn(int fd, const void *keys, __u32 *count,
			    const struct bpf_map_delete_batch_opts *opts);

static delete_batch_fn *delete_batch = bpf_map_delete_batch_opts;
static struct key *keys;
static struct value *values;

struct map {
	int fd;
	__u32 type, entries;
	unsigned int percent;
};

static struct map make_map(__u32 type, __u32 entries)
{
	/* An LRU map evicts before it is full: each CPU keeps some for itself. */
	__u32 room = type == BPF_MAP_TYPE_LRU_HASH ? entries / 4 + 1024 : 0;
	struct map map = { .type = type, .entries = entries };

	map.fd = bpf_map_create(type, "sweep", sizeof(struct key), sizeof(struct value),
				entries + room, NULL);
	if (map.fd < 0)
		fail_errno("bpf_map_create");
	return map;
}

/* Of each hundred entries so many have expired. Those that are there stay where they are. */
static void fill(const struct map *map)
{
	for (__u32 i = 0; i < map->entries; i++) {
		struct key key = { i * 0x9e3779b97f4a7c15ull, 1 };
		struct value value = { .expires = NOW + 1, .state = 7, .mark = i };

		if ((__u64)i * 37 % 100 < map->percent)
			value.expires = NOW - 1;
		if (bpf_map_update_elem(map->fd, &key, &value, BPF_ANY))
			fail_errno("bpf_map_update_elem");
	}
}

static __u64 collect_by_batch(const struct map *map)
{
	static struct key chunk[CHUNK];
	static struct value chunk_values[CHUNK];
	static __u64 expected[CHUNK];
	static int results[CHUNK];
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = expected, .compare_offset = offsetof(struct value, expires),
		    .compare_size = sizeof(__u64), .results = results,
		    .backend = BPF_MAP_COMPARE_SYSCALL_PROG);
	__u32 cursor = 0, *in = NULL, count, n;
	__u64 deleted = 0;
	int err = 0;

	while (!err) {
		count = CHUNK;
		err = bpf_map_lookup_batch(map->fd, in, &cursor, chunk, chunk_values, &count, NULL);
		if (err && err != -ENOENT)
			fail_errno("bpf_map_lookup_batch");
		n = 0;
		for (__u32 i = 0; i < count; i++) {
			if (chunk_values[i].expires >= NOW)
				continue;
			chunk[n] = chunk[i];
			expected[n++] = chunk_values[i].expires;
		}
		if (n && delete_batch(map->fd, chunk, &n, &opts))
			fail_errno("bpf_map_delete_batch_opts");
		deleted += n;
		in = &cursor;
	}
	return deleted;
}

static const struct bpf_map_sweep_cond expired = {
	.offset = offsetof(struct value, expires),
	.size = sizeof(__u64),
	.op = BPF_MAP_SWEEP_LT,
	.operand = NOW,
};

static __u64 sweep(const struct map *map, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt,
		   struct bpf_map_sweep_opts *opts)
{
	__u64 deleted = 0;
	int err;

	do {
		err = bpf_map_sweep(map->fd, conds, conds_cnt, opts);
		if (err < 0)
			fail_errno("bpf_map_sweep");
		deleted += opts->deleted;
	} while (err);
	return deleted;
}

static __u64 collect_by_sweep(const struct map *map)
{
	LIBBPF_OPTS(bpf_map_sweep_opts, opts);

	return sweep(map, &expired, 1, &opts);
}

static __u64 collect_with_claim(const struct map *map)
{
	static const __u64 claim = CLAIM;
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .claim = &claim, .claim_size = sizeof(claim),
		    .claim_offset = offsetof(struct value, expires));

	return sweep(map, &expired, 1, &opts);
}

static __u64 collect_and_hand_out(const struct map *map)
{
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .keys = keys, .values = values,
		    .capacity = map->entries);

	return sweep(map, &expired, 1, &opts);
}

/* Seven that hold before the one that decides. */
static __u64 collect_by_eight(const struct map *map)
{
	struct bpf_map_sweep_cond conds[8];
	LIBBPF_OPTS(bpf_map_sweep_opts, opts);

	for (int i = 0; i < 7; i++)
		conds[i] = (struct bpf_map_sweep_cond){
			.offset = offsetof(struct value, state),
			.size = sizeof(__u32),
			.op = i,
			.operand = i == BPF_MAP_SWEEP_EQ || i == BPF_MAP_SWEEP_LE ||
						   i == BPF_MAP_SWEEP_GE
					   ? 7
				   : i == BPF_MAP_SWEEP_GT ? 6
							   : 8,
		};
	conds[7] = expired;
	return sweep(map, conds, 8, &opts);
}

/*
 * By bpf_for_each_map_elem(), without a limit of time: a process sweeps so that has not walked along the kernel's
 * memory of a map yet. This one has, so a child of it that is asked to does.
 */
static int to_child[2], from_child[2];

struct collected {
	double ns;
	__u64 deleted;
};

static void sweep_as_child(void)
{
	struct collected now_collected;
	__u32 id;

	while (read(to_child[0], &id, sizeof(id)) == sizeof(id)) {
		LIBBPF_OPTS(bpf_map_sweep_opts, opts, .max_scan_us = -1u);
		struct map map = { .fd = bpf_map_get_fd_by_id(id) };
		double start;

		if (map.fd < 0)
			fail_errno("bpf_map_get_fd_by_id");
		start = ns_by(CLOCK_THREAD_CPUTIME_ID);
		now_collected.deleted = sweep(&map, &expired, 1, &opts);
		now_collected.ns = ns_by(CLOCK_THREAD_CPUTIME_ID) - start;
		close(map.fd);
		if (write(from_child[1], &now_collected, sizeof(now_collected)) < 0)
			break;
	}
	_exit(0);
}

static void start_child(void)
{
	pid_t child;

	if (pipe(to_child) || pipe(from_child))
		fail_errno("pipe");
	child = fork();
	if (child < 0)
		fail_errno("fork");
	if (!child) {
		close(to_child[1]);
		sweep_as_child();
	}
	close(to_child[0]);
}

/* What another thread, or another process, took. */
static double elsewhere;

static __u64 collect_by_each(const struct map *map)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	struct collected collected;

	if (bpf_obj_get_info_by_fd(map->fd, &info, &size))
		fail_errno("bpf_obj_get_info_by_fd");
	if (write(to_child[1], &info.id, sizeof(info.id)) < 0 ||
	    read(from_child[0], &collected, sizeof(collected)) != sizeof(collected))
		fail("the process that sweeps by for_each ended");
	elsewhere = collected.ns;
	return collected.deleted;
}

struct part {
	const struct map *map;
	unsigned int number;
	double ns;
	__u64 deleted;
};

static void *collect_part(void *arg)
{
	struct part *part = arg;
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .cursor = BPF_MAP_SWEEP_PART(part->number, 2));
	double start = ns_by(CLOCK_THREAD_CPUTIME_ID);

	part->deleted = sweep(part->map, &expired, 1, &opts);
	part->ns = ns_by(CLOCK_THREAD_CPUTIME_ID) - start;
	return NULL;
}

static __u64 collect_by_two(const struct map *map)
{
	struct part parts[2] = { { map, 0, 0, 0 }, { map, 1, 0, 0 } };
	pthread_t thread;

	if (pthread_create(&thread, NULL, collect_part, &parts[1]))
		fail("pthread_create");
	collect_part(&parts[0]);
	pthread_join(thread, NULL);
	elsewhere = parts[0].ns > parts[1].ns ? parts[0].ns : parts[1].ns;
	return parts[0].deleted + parts[1].deleted;
}

enum {
	BATCH,
	SWEEP,
	EACH,
	WITH_CLAIM,
	HANDING_OUT,
	EIGHT,
	TWO_THREADS,
	WAYS
};

static const struct {
	const char *name, *title;
	__u64 (*collect)(const struct map *map);
} ways[WAYS] = {
	[BATCH] = { "batch", "batched look-up, batch by compare", collect_by_batch },
	[SWEEP] = { "sweep", "sweep", collect_by_sweep },
	[EACH] = { "for_each", "sweep by for_each", collect_by_each },
	[WITH_CLAIM] = { "claim", "sweep with a claim", collect_with_claim },
	[HANDING_OUT] = { "out", "sweep, keys and values out", collect_and_hand_out },
	[EIGHT] = { "eight", "sweep by 8 conditions", collect_by_eight },
	[TWO_THREADS] = { "threads", "sweep by two threads, the busier", collect_by_two },
};

static double time_way(struct map *map, int way)
{
	double start, ns;
	__u64 deleted;

	fill(map);
	start = ns_by(CLOCK_THREAD_CPUTIME_ID);
	deleted = ways[way].collect(map);
	ns = way == TWO_THREADS || way == EACH ? elsewhere : ns_by(CLOCK_THREAD_CPUTIME_ID) - start;
	if (deleted < (__u64)map->entries * map->percent / 110)
		fail("%s: %llu of %u entries were deleted", ways[way].title,
		     (unsigned long long)deleted, map->entries);
	return ns / map->entries;
}

static void measure(struct map *map, int rounds, int ways_cnt, FILE *save)
{
	static double ns[WAYS][ROUNDS_MAX], ratio[ROUNDS_MAX];

	/* What is loaded once, and learned. */
	for (int way = 0; way < ways_cnt; way++)
		time_way(map, way);
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < ways_cnt; i++) {
			int way = (round + i) % ways_cnt;

			ns[way][round] = time_way(map, way);
		}
	for (int way = 0; way < ways_cnt; way++) {
		struct spread spread = spread_of(ns[way], rounds), ratios;

		for (int round = 0; round < rounds; round++)
			ratio[round] = ns[way][round] / ns[BATCH][round];
		ratios = spread_of(ratio, rounds);
		printf("%-8s %8u %4u %%  %-34s %7.1f  %5.2f  %.2f..%.2f\n",
		       map->type == BPF_MAP_TYPE_HASH ? "HASH" : "LRU_HASH", map->entries,
		       map->percent, ways[way].title, spread.median, ratios.median, ratios.q1,
		       ratios.q3);
		if (save)
			fprintf(save, "%s %u %u %s %.2f %.2f %.2f\n",
				map->type == BPF_MAP_TYPE_HASH ? "hash" : "lru", map->entries,
				map->percent, ways[way].name, spread.q1, spread.median, spread.q3);
	}
	fflush(NULL);
}

static void print_usage(FILE *to)
{
	fprintf(to,
		"Usage: sweep [--rounds N] [--quick] [--than LIBRARY] [--save FILE]\n"
		"Times whole collections, by batches and by sweeps, on maps of 2^10 to 2^22\n"
		"entries of which 0 to 100 %% have expired. Takes root.\n\n"
		"  --rounds N      measure each N times (default 7)\n"
		"  --quick         a few seconds, on small maps: to see that it works\n"
		"  --than LIBRARY  the batches by compare are this library's\n"
		"  --save FILE     the times into this file as well: map type, entries, share,\n"
		"                  way, and quartiles in ns of CPU time per entry\n");
}

static void load_other(const char *library)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL), *function;

	function = handle ? dlsym(handle, "bpf_map_delete_batch_opts") : NULL;
	if (!function)
		fail("%s", dlerror());
	delete_batch = (delete_batch_fn *)function;
}

int main(int argc, char **argv)
{
	static const struct {
		__u32 type, entries;
		int ways, rounds_max;
	} configs[] = {
		{ BPF_MAP_TYPE_HASH, 1u << 18, WAYS, ROUNDS_MAX },
		{ BPF_MAP_TYPE_LRU_HASH, 1u << 18, WAYS, ROUNDS_MAX },
		{ BPF_MAP_TYPE_HASH, 1u << 10, EACH, ROUNDS_MAX },
		{ BPF_MAP_TYPE_HASH, 1u << 14, WITH_CLAIM, ROUNDS_MAX },
		{ BPF_MAP_TYPE_HASH, 1u << 22, WITH_CLAIM, 3 },
	};
	static const unsigned int shares[] = { 0, 1, 10, 50, 100 };
	int rounds = 7, quick = 0;
	FILE *save = NULL;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help")) {
			print_usage(stdout);
			return 0;
		} else if (!strcmp(argv[i], "--rounds") && i + 1 < argc) {
			rounds = atoi(argv[++i]);
		} else if (!strcmp(argv[i], "--than") && i + 1 < argc) {
			load_other(argv[++i]);
		} else if (!strcmp(argv[i], "--save") && i + 1 < argc) {
			save = fopen(argv[++i], "w");
			if (!save)
				fail_errno("%s", argv[i]);
		} else if (!strcmp(argv[i], "--quick")) {
			quick = 1;
		} else {
			rounds = 0;
		}
		if (rounds < 1 || rounds > ROUNDS_MAX) {
			print_usage(stderr);
			return 2;
		}
	}
	start_child();
	keys = calloc(1u << 18, sizeof(*keys));
	values = calloc(1u << 18, sizeof(*values));
	if (!keys || !values)
		fail("out of memory");
	printf("\nns of CPU time for each entry, and the ratio to collecting by batches: medians, "
	       "quartiles\n\n%-8s %8s %6s  %-34s %7s  %5s\n",
	       "map", "entries", "share", "way", "ns", "ratio");
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		__u32 entries = quick ? 1u << 11 : configs[i].entries;
		int most = quick ? 1 : configs[i].rounds_max;
		struct map map = make_map(configs[i].type, entries);

		for (size_t share = 0; share < sizeof(shares) / sizeof(shares[0]); share++) {
			map.percent = shares[share];
			measure(&map, rounds < most ? rounds : most, configs[i].ways, save);
		}
		bpf_map_compare_release(map.fd);
		close(map.fd);
		if (quick && i == 1)
			break;
	}
	if (save && fclose(save))
		fail_errno("cannot save");
	return 0;
}
