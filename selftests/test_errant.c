// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Somebody runs the library's own program all the time, as one may whose file descriptor became that: no
 * entry goes but those that were to go, and each answer is true.
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
	return tap_done();
}
