// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Times the first call on a map, which loads a program for it, beside what the kernel takes for the least
 * that there is to load.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>

#include "fail.h"
#include "stats.h"

#define ROUNDS	   101
#define VALUE_SIZE 56

enum {
	LEAST,
	BY_FD,
	BY_FD_CLAIM,
	OPEN,
	CALLS
};

static const char *const titles[CALLS] = {
	[LEAST] = "a program of two instructions",
	[BY_FD] = "bpf_map_delete_elem_opts()",
	[BY_FD_CLAIM] = "the same with a claim",
	[OPEN] = "bpf_map_comparer__open()",
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void load_least(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_SLEEPABLE);
	int fd = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, NULL, "GPL", insns, 2, &opts);

	if (fd < 0)
		fail_errno("cannot load a syscall program");
	close(fd);
}

static void delete_first(int fd, const void *claim)
{
	const char key[16] = "", value[VALUE_SIZE] = "";
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = value,
		    .compare_size = 8, .claim = claim, .claim_size = claim ? 4 : 0,
		    .backend = BPF_MAP_COMPARE_SYSCALL_PROG);

	if (bpf_map_delete_elem_opts(fd, key, &opts) != -ENOENT)
		fail_errno("bpf_map_delete_elem_opts");
}

static void open_first(int fd)
{
	LIBBPF_OPTS(bpf_map_comparer_opts, opts, .compare_size = 8,
		    .backend = BPF_MAP_COMPARE_SYSCALL_PROG);
	struct bpf_map_comparer *comparer = bpf_map_comparer__open(fd, &opts);

	if (!comparer)
		fail_errno("bpf_map_comparer__open");
	bpf_map_comparer__close(comparer);
}

/* In ms, on a map of its own. */
static double time_call(int call)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, "first", 16, VALUE_SIZE, 1024, NULL);
	const __u32 claim = -1u;
	double start, end;

	if (fd < 0)
		fail_errno("bpf_map_create");
	start = now();
	switch (call) {
	case LEAST:
		load_least();
		break;
	case BY_FD:
		delete_first(fd, NULL);
		break;
	case BY_FD_CLAIM:
		delete_first(fd, &claim);
		break;
	case OPEN:
		open_first(fd);
		break;
	}
	end = now();
	bpf_map_compare_release(fd);
	close(fd);
	return end - start;
}

int main(int argc, char **argv)
{
	double ms[CALLS][ROUNDS];
	struct spread spread;

	if (argc > 1) {
		fprintf(strcmp(argv[1], "--help") ? stderr : stdout,
			"Usage: first\n"
			"Times the first call on a map, which loads a program. Takes root.\n");
		return strcmp(argv[1], "--help") ? 2 : 0;
	}
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < CALLS; i++) {
			int call = (round + i) % CALLS;

			ms[call][round] = time_call(call);
		}
		/* Some kernels come to a standstill where too many programs are freed at one time. */
		if (round % 10 == 9)
			syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	}
	printf("\n%-38s %8s %16s\n", "the first call on a map", "ms", "quartiles ");
	for (int i = 0; i < CALLS; i++) {
		spread = spread_of(ms[i], ROUNDS);
		printf("%-38s %8.3f %8.3f..%-6.3f\n", titles[i], spread.median, spread.q1,
		       spread.q3);
	}
	return 0;
}
