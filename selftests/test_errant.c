// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Somebody runs the library's own program all the time, as one may whose file descriptor became that: no
 * entry goes but those that were to go, what is added is added once, and each answer is true.
 */
#include <pthread.h>
#include "common.h"

#define PROG	   BPF_MAP_COMPARE_SYSCALL_PROG
#define VALUE_SIZE 32768
#define ROUNDS	   (getenv("SLOW_MACHINE") ? 1000 : 4000)

static int program_fd = -1;
static bool stop;
static __u64 errant_runs;

static void *run_program(void *unused)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	(void)unused;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		errant_runs += !bpf_prog_test_run_opts(program_fd, &opts);
	return NULL;
}

/* The one that was opened last. */
static int find_program(void)
{
	struct bpf_prog_info info;
	__u32 size;

	for (int fd = 3; fd < 100; fd++) {
		size = sizeof(info);
		memset(&info, 0, sizeof(info));
		if (fcntl(fd, F_GETFD) >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size) &&
		    is_library_program(&info))
			return fd;
	}
	tap_bail("no program is open");
}

static bool is_there(int fd, __u32 key)
{
	static char value[VALUE_SIZE];

	return !bpf_map_lookup_elem(fd, &key, value);
}

/* The values differ in the last byte alone: to find that takes a program its time. */
static void test(bool claims)
{
	static char first[VALUE_SIZE], second[VALUE_SIZE], wrong[VALUE_SIZE];
	const __u32 claim = -1u, keys[] = { 1, 2 };
	LIBBPF_OPTS(bpf_map_comparer_opts, open_opts, .backend = PROG, .compare_size = VALUE_SIZE,
		    .claim = claims ? &claim : NULL, .claim_size = claims ? sizeof(claim) : 0);
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE);
	int fd = make_map(BPF_MAP_TYPE_HASH, sizeof(__u32), VALUE_SIZE, 4, 0), err;
	unsigned int lost = 0, untrue = 0, failed = 0;
	struct bpf_map_comparer *comparer;
	const int rounds = ROUNDS;
	pthread_t thread;

	second[VALUE_SIZE - 1] = 2;
	wrong[VALUE_SIZE - 1] = 3;
	comparer = bpf_map_comparer__open(fd, &open_opts);
	if (!comparer)
		tap_bail("bpf_map_comparer__open");
	program_fd = find_program();
	stop = false;
	if (pthread_create(&thread, NULL, run_program, NULL))
		tap_bail("pthread_create");
	for (int round = 0; round < rounds; round++) {
		put(fd, &keys[0], first);
		put(fd, &keys[1], second);
		opts.compare = first;
		err = bpf_map_comparer__delete(comparer, &keys[0], &opts);
		untrue += is_there(fd, keys[0]) != !!err || err == -ENOENT;
		failed += err && err != -ENOENT;
		opts.compare = wrong;
		err = bpf_map_comparer__delete(comparer, &keys[1], &opts);
		failed += err != -EBUSY;
		lost += !is_there(fd, keys[1]);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	printf("# %llu runs by somebody else, beside %d rounds\n", (unsigned long long)errant_runs,
	       rounds);
	tap_is(lost, 0, "%s: no entry goes that differs", claims ? "with a claim" : "without");
	tap_is(untrue, 0, "and each answer is true");
	tap_is(failed, 0, "and there is one");
	bpf_map_comparer__close(comparer);
	close(fd);
}

/* Each call adds once, and tells of the word that it added to. */
static void test_additions(void)
{
	int fd = make_map(BPF_MAP_TYPE_HASH, sizeof(__u32), VALUE_SIZE, 4, 0);
	static char value[VALUE_SIZE];
	const __u32 key = 1;
	const __u64 by = 3;
	__u64 old, now = 0;
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_IN_PLACE | BPF_F_COMPARE,
		    .size = sizeof(by), .op = BPF_MAP_UPDATE_ADD, .old = &old,
		    .compare = value + sizeof(by), .compare_offset = sizeof(by),
		    .compare_size = VALUE_SIZE - sizeof(by));
	unsigned int untrue = 0, failed = 0;
	const __u64 rounds = ROUNDS;
	pthread_t thread;

	put(fd, &key, value);
	/* Nothing is to be added before the program is known. */
	opts.compare = memset(malloc(VALUE_SIZE), 1, VALUE_SIZE);
	tap_is(bpf_map_update_elem_opts(fd, &key, &by, &opts), -EBUSY, "a program is kept");
	free((void *)opts.compare);
	opts.compare = value + sizeof(by);
	program_fd = find_program();
	stop = false;
	errant_runs = 0;
	if (pthread_create(&thread, NULL, run_program, NULL))
		tap_bail("pthread_create");
	for (__u64 round = 0; round < rounds; round++) {
		old = -1ull;
		failed += bpf_map_update_elem_opts(fd, &key, &by, &opts) != 0;
		untrue += old != round * by;
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	bpf_map_lookup_elem(fd, &key, value);
	memcpy(&now, value, sizeof(now));
	printf("# %llu runs by somebody else, beside %llu rounds\n",
	       (unsigned long long)errant_runs, (unsigned long long)rounds);
	tap_is(failed, 0, "each addition is served");
	tap_is(untrue, 0, "and told of the right word");
	tap_is(now, rounds * by, "and done once");
	bpf_map_compare_release(fd);
	close(fd);
}

int main(void)
{
	/* Start with the three standard ones only, so that the program's is found. */
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	if (!kernel_has("syscall_prog")) {
		tap_skip("errant runs", "this kernel has no syscall programs");
		return tap_done();
	}
	test(false);
	test(true);
	if (can_write_in_place())
		test_additions();
	return tap_done();
}
