// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A key that is there all the time is not said to be missing, where a writer replaces it and another of its
 * bucket without pause: a look-up, which takes no lock, can miss it meanwhile.
 */
#include <pthread.h>
#include "common.h"

#define PROG BPF_MAP_COMPARE_SYSCALL_PROG

static int fd;
static bool stop;

static void *replace(void *unused)
{
	(void)unused;
	for (__u64 value = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED); value++) {
		__u32 key = value & 1;

		put(fd, &key, &value);
	}
	return NULL;
}

struct counts {
	__u32 looks, missed; /* by look-ups, which nobody protects */
	__u32 deletes, missing;
};

static void count(struct counts *counts, bool claims)
{
	const __u64 never = -1, claim = -2;
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = &never,
		    .backend = PROG);
	const __u32 key = 0;
	__u64 value;

	if (claims) {
		opts.claim = &claim;
		opts.claim_size = sizeof(claim);
	}
	for (int i = 0; i < 1000; i++) {
		counts->looks++;
		counts->missed += bpf_map_lookup_elem(fd, &key, &value) && errno == ENOENT;
		counts->deletes++;
		counts->missing += bpf_map_delete_elem_opts(fd, &key, &opts) == -ENOENT;
	}
}

/* Where two keys have one bucket of two is up to the kernel's hash, which each map has of its own. */
static bool try_map(struct counts *counts, bool claims, __u32 rounds)
{
	const __u64 value = 0;
	pthread_t writer;

	fd = make_map(BPF_MAP_TYPE_HASH, sizeof(__u32), sizeof(__u64), 2, 0);
	for (__u32 key = 0; key < 2; key++)
		put(fd, &key, &value);
	stop = false;
	if (pthread_create(&writer, NULL, replace, NULL))
		tap_bail("pthread_create");
	for (__u32 i = 0; i < rounds && (i < 5 || counts->missed); i++)
		count(counts, claims);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(writer, NULL);
	bpf_map_compare_release(fd);
	close(fd);
	return counts->missed;
}

static void test(bool claims)
{
	const __u32 rounds = getenv("SLOW_MACHINE") ? 20 : 100, maps = 40;
	const char *name = claims ? "with a claim" : "without";
	struct counts counts = {};

	for (__u32 i = 0; i < maps && !try_map(&counts, claims, rounds); i++)
		;
	printf("# %s: %u of %u look-ups missed it, %u of %u deletes\n", name, counts.missed,
	       counts.looks, counts.missing, counts.deletes);
	tap_is(counts.missing, 0, "%s: a key that is there is not said to be missing", name);
	if (!counts.missed)
		tap_skip(name, "writer and look-ups never met");
}

int main(void)
{
	if (!kernel_has("syscall_prog")) {
		tap_skip("keys that are there", "this kernel has no syscall programs");
		return tap_done();
	}
	test(false);
	test(true);
	return tap_done();
}
