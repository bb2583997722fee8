// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Times entries that belong together: deleted by one batch of linked entries, and by two batches, the
 * second of what the first one deleted. And what it takes to have the values handed out.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>

#include "clock.h"
#include "fail.h"
#include "stats.h"

#define PAIRS	   (1u << 18)
#define ROUNDS_MAX 99
#define VALUE_SIZE 56

struct key {
	__u64 flow;
	__u32 direction;
	__u32 pad;
};

struct value {
	__u64 expires;
	char rest[VALUE_SIZE - sizeof(__u64)];
};

typedef int delete_batch_fn(int fd, const void *keys, __u32 *count,
			    const struct bpf_map_delete_batch_opts *opts);

/* Forward entries and reverse ones, in one map or in two, and what a collector read of them. */
struct maps {
	int fd, linked_fd;
	__u32 entries;
	struct key *keys, *linked_keys;
	__u64 *expires, *linked_expires;
	int *results;
	struct value *values;
};

static void *allocate(size_t size)
{
	void *memory = calloc(PAIRS, size);

	if (!memory)
		fail("out of memory");
	return memory;
}

static int make_map(__u32 type, __u32 entries)
{
	int fd = bpf_map_create(type, "linked", sizeof(struct key), sizeof(struct value),
				entries + entries / 8, NULL);

	if (fd < 0)
		fail_errno("bpf_map_create");
	return fd;
}

static void create(int fd, __u64 flow, __u32 direction)
{
	const struct key key = { flow, direction, 0 };
	const struct value value = { .expires = flow * 3 + direction };

	if (bpf_map_update_elem(fd, &key, &value, BPF_NOEXIST))
		fail_errno("bpf_map_update_elem");
}

/* As a datapath does: both entries of a flow at once. */
static void fill(const struct maps *maps)
{
	for (__u64 i = 0; i < PAIRS; i++) {
		__u64 flow = i * 0x9e3779b97f4a7c15ull;

		create(maps->fd, flow, 0);
		create(maps->linked_fd, flow, 1);
	}
}

/* As a collector does: in the order in which the map gives them. */
static void read_all(struct maps *maps)
{
	static struct key keys[4096];
	static struct value values[4096];
	__u32 cursor[4], *in = NULL, count, n = 0;
	int err = 0;

	while (!err) {
		count = 4096;
		err = bpf_map_lookup_batch(maps->fd, in, cursor, keys, values, &count, NULL);
		if (err && err != -ENOENT)
			fail_errno("bpf_map_lookup_batch");
		for (__u32 i = 0; i < count; i++) {
			if (keys[i].direction)
				continue;
			maps->keys[n] = maps->linked_keys[n] = keys[i];
			maps->linked_keys[n].direction = 1;
			maps->expires[n] = values[i].expires;
			maps->linked_expires[n++] = values[i].expires + 1;
		}
		in = cursor;
	}
	maps->entries = n;
}

static void make_maps(struct maps *maps, __u32 type, int several)
{
	memset(maps, 0, sizeof(*maps));
	maps->fd = make_map(type, several ? PAIRS : 2 * PAIRS);
	maps->linked_fd = several ? make_map(type, PAIRS) : maps->fd;
	maps->keys = allocate(sizeof(*maps->keys));
	maps->linked_keys = allocate(sizeof(*maps->linked_keys));
	maps->expires = allocate(sizeof(*maps->expires));
	maps->linked_expires = allocate(sizeof(*maps->linked_expires));
	maps->results = allocate(sizeof(*maps->results));
	maps->values = allocate(sizeof(*maps->values));
}

static void drop_maps(struct maps *maps)
{
	bpf_map_compare_release(maps->fd);
	if (maps->linked_fd != maps->fd)
		close(maps->linked_fd);
	close(maps->fd);
	free(maps->keys);
	free(maps->linked_keys);
	free(maps->expires);
	free(maps->linked_expires);
	free(maps->results);
	free(maps->values);
}

static void check(const char *what, int err, __u32 count, __u32 wanted)
{
	if (err)
		fail_errno("%s", what);
	if (count < wanted - wanted / 100)
		fail("%s: %u of %u were deleted", what, count, wanted);
}

static void batch(delete_batch_fn *delete_batch, int fd, const struct key *keys,
		  const __u64 *expires, int *results, __u32 n)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = expires, .compare_size = sizeof(*expires), .results = results,
		    .backend = BPF_MAP_COMPARE_SYSCALL_PROG);
	__u32 count = n;

	check("a batch", delete_batch(fd, keys, &count, &opts), count, n);
}

static void by_two_batches(struct maps *maps, delete_batch_fn *delete_batch)
{
	__u32 n = 0;

	batch(delete_batch, maps->fd, maps->keys, maps->expires, maps->results, maps->entries);
	/* In their place, as a copy would only take longer. */
	for (__u32 i = 0; i < maps->entries; i++) {
		if (maps->results[i])
			continue;
		maps->linked_keys[n] = maps->linked_keys[i];
		maps->linked_expires[n++] = maps->linked_expires[i];
	}
	batch(delete_batch, maps->linked_fd, maps->linked_keys, maps->linked_expires, maps->results,
	      n);
}

static void by_linked(struct maps *maps, delete_batch_fn *delete_batch)
{
	__u32 count = maps->entries;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = maps->expires, .compare_size = sizeof(*maps->expires),
		    .results = maps->results, .linked_keys = maps->linked_keys,
		    .linked_compare = maps->linked_expires,
		    .linked_compare_size = sizeof(*maps->linked_expires));

	(void)delete_batch;
	if (maps->linked_fd != maps->fd)
		opts.linked_fd = maps->linked_fd;
	check("a linked batch", bpf_map_delete_batch_opts(maps->fd, maps->keys, &count, &opts),
	      count, maps->entries);
}

static void by_batch(struct maps *maps, delete_batch_fn *delete_batch)
{
	batch(delete_batch, maps->fd, maps->keys, maps->expires, maps->results, maps->entries);
}

static void with_values(struct maps *maps, delete_batch_fn *delete_batch)
{
	__u32 count = maps->entries;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = maps->expires, .compare_size = sizeof(*maps->expires),
		    .results = maps->results, .values = maps->values);

	(void)delete_batch;
	check("a batch with values", bpf_map_delete_batch_opts(maps->fd, maps->keys, &count, &opts),
	      count, maps->entries);
}

static const struct {
	const char *title, *short_title, *long_title;
	__u32 type;
	int several;
	void (*way)(struct maps *maps, delete_batch_fn *delete_batch);
	void (*other)(struct maps *maps, delete_batch_fn *delete_batch);
} comparisons[] = {
	{ "one HASH", "linked", "two batches", BPF_MAP_TYPE_HASH, 0, by_linked, by_two_batches },
	{ "two HASH", "linked", "two batches", BPF_MAP_TYPE_HASH, 1, by_linked, by_two_batches },
	{ "one LRU_HASH", "linked", "two batches", BPF_MAP_TYPE_LRU_HASH, 0, by_linked,
	  by_two_batches },
	{ "two LRU_HASH", "linked", "two batches", BPF_MAP_TYPE_LRU_HASH, 1, by_linked,
	  by_two_batches },
	{ "HASH", "values", "without", BPF_MAP_TYPE_HASH, 1, with_values, by_batch },
};

static double time_way(struct maps *maps, void (*way)(struct maps *, delete_batch_fn *),
		       delete_batch_fn *delete_batch)
{
	double start;

	fill(maps);
	read_all(maps);
	start = ns_by(CLOCK_THREAD_CPUTIME_ID);
	way(maps, delete_batch);
	return (ns_by(CLOCK_THREAD_CPUTIME_ID) - start) / PAIRS;
}

static void compare(size_t i, int rounds, delete_batch_fn *delete_batch)
{
	double ns[2][ROUNDS_MAX], ratio[ROUNDS_MAX];
	struct spread spread[2], ratios;
	struct maps maps;

	make_maps(&maps, comparisons[i].type, comparisons[i].several);
	for (int round = 0; round < rounds; round++) {
		for (int turn = 0; turn < 2; turn++) {
			int which = (turn + round) % 2;

			ns[which][round] =
				time_way(&maps, which ? comparisons[i].other : comparisons[i].way,
					 which ? delete_batch : bpf_map_delete_batch_opts);
			/* What is left over, where entries were not pairs any more. */
			if (comparisons[i].way == with_values) {
				drop_maps(&maps);
				make_maps(&maps, comparisons[i].type, comparisons[i].several);
			}
		}
		ratio[round] = ns[0][round] / ns[1][round];
	}
	drop_maps(&maps);
	spread[0] = spread_of(ns[0], rounds);
	spread[1] = spread_of(ns[1], rounds);
	ratios = spread_of(ratio, rounds);
	printf("%-14s %-8s %6.0f  %-12s %6.0f  ratio %.2f [%.2f-%.2f]\n", comparisons[i].title,
	       comparisons[i].short_title, spread[0].median, comparisons[i].long_title,
	       spread[1].median, ratios.median, ratios.q1, ratios.q3);
	fflush(stdout);
}

static void print_usage(FILE *to)
{
	fprintf(to, "Usage: linked [--rounds N] [--than LIBRARY]\n"
		    "Times linked batches beside two batches, of this library or of another\n"
		    "version, and batches with values beside those without. Takes root.\n");
}

static delete_batch_fn *load_other(const char *library)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL), *function;

	if (!handle)
		fail("%s", dlerror());
	function = dlsym(handle, "bpf_map_delete_batch_opts");
	if (!function)
		fail("%s", dlerror());
	return (delete_batch_fn *)function;
}

int main(int argc, char **argv)
{
	delete_batch_fn *delete_batch = bpf_map_delete_batch_opts;
	int rounds = 9;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help")) {
			print_usage(stdout);
			return 0;
		} else if (!strcmp(argv[i], "--rounds") && i + 1 < argc) {
			rounds = atoi(argv[++i]);
		} else if (!strcmp(argv[i], "--than") && i + 1 < argc) {
			delete_batch = load_other(argv[++i]);
		} else {
			rounds = 0;
		}
		if (rounds < 1 || rounds > ROUNDS_MAX) {
			print_usage(stderr);
			return 2;
		}
	}
	printf("\nns of CPU time for each of %u pairs or keys, medians; ratios with quartiles\n",
	       PAIRS);
	for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++)
		compare(i, rounds, delete_batch);
	return 0;
}
