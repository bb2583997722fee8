// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * That nobody is preempted while a claim of his stands, where the kernel can see to that: a program looks, each time
 * that the collector loses its CPU, whether some entry carries the claim. To see that it would be seen, the
 * same is done without what keeps the collector there, on kernels that can be told to preempt it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <time.h>
#include <sys/wait.h>
#include "capabilities.h"
#include "common.h"
#include "sweeps.h"
#include "standing_shared.h"
#include "test_standing.skel.h"

static struct test_standing_bpf *skel;
static int fd, linked_fd;
static __u32 keys[KEYS];
static struct entry values[KEYS];

/* What the library has of the kernel is taken from it, as from a kernel that is older. */
static bool taken;

int __real_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode);

int __wrap_open(const char *path, int flags, mode_t mode)
{
	if (!taken || strcmp(path, "/sys/kernel/btf/vmlinux"))
		return __real_open(path, flags, mode);
	errno = ENOENT;
	return -1;
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static bool loads_raw_tracepoint(const long *arguments)
{
	return (int)arguments[0] == BPF_PROG_LOAD &&
	       ((const union bpf_attr *)arguments[1])->prog_type == BPF_PROG_TYPE_RAW_TRACEPOINT;
}

long __wrap_syscall(long number, ...)
{
	long a[5] = {};
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 5; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number != __NR_bpf || !taken || !loads_raw_tracepoint(a))
		return __real_syscall(number, a[0], a[1], a[2], a[3], a[4]);
	errno = EINVAL;
	return -1;
}

static void fill(void)
{
	__u32 count = KEYS;

	if (bpf_map_update_batch(fd, keys, values, &count, NULL))
		tap_bail("bpf_map_update_batch");
	count = KEYS;
	if (bpf_map_update_batch(linked_fd, keys, values, &count, NULL))
		tap_bail("bpf_map_update_batch");
}

static const __u64 claim = CLAIM;

static int collect_batch(void)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE, .compare = values,
		    .claim = &claim, .claim_size = sizeof(claim));
	__u32 count = KEYS;

	return bpf_map_delete_batch_opts(fd, keys, &count, &opts);
}

static int collect_linked(void)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE, .compare = values,
		    .claim = &claim, .claim_size = sizeof(claim), .linked_keys = keys,
		    .linked_fd = linked_fd, .linked_compare = values, .linked_claim = &claim,
		    .linked_claim_size = sizeof(claim));
	__u32 count = KEYS;

	return bpf_map_delete_batch_opts(fd, keys, &count, &opts);
}

static int sweep(enum way way)
{
	const struct bpf_map_sweep_cond cond = {
		.size = sizeof(__u64),
		.op = BPF_MAP_SWEEP_LE,
		.operand = KEYS,
	};
	/* So little that the walk is taken, or enough for all of the map. */
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .claim = &claim, .claim_size = sizeof(claim),
		    .max_scan_us = way == WALK ? 10 : 1000);

	return bpf_map_sweep(fd, &cond, 1, &opts);
}

static int sweep_by_each(void)
{
	return sweep(EACH);
}

static int sweep_by_walk(void)
{
	return sweep(WALK);
}

/* Takes the CPU of whoever is on it, again and again. */
static void *interrupt(void *unused)
{
	const struct timespec pause = { .tv_nsec = 100000 };

	(void)unused;
	for (;;)
		nanosleep(&pause, NULL);
	return NULL;
}

/* How the kernel preempts what runs in it: "none", "voluntary", "full". */
#define MODEL_FILE "/sys/kernel/debug/sched/preempt"

static void read_model(char *model, size_t size)
{
	FILE *file = fopen(MODEL_FILE, "r");
	char all[64] = "", *begin;

	if (!file || !fgets(all, sizeof(all), file) || !(begin = strchr(all, '(')))
		tap_bail(MODEL_FILE);
	fclose(file);
	snprintf(model, size, "%.*s", (int)strcspn(begin + 1, ")"), begin + 1);
}

static void set_model(const char *model)
{
	FILE *file = fopen(MODEL_FILE, "w");

	if (!file || fputs(model, file) < 0 || fclose(file))
		tap_bail(MODEL_FILE ": %s", model);
}

static void pin_to_one_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		tap_bail("sched_setaffinity");
}

static void start_interrupter(void)
{
	const struct sched_param param = { .sched_priority = 1 };
	pthread_t thread;

	if (pthread_create(&thread, NULL, interrupt, NULL) ||
	    pthread_setschedparam(thread, SCHED_FIFO, &param))
		tap_bail("no thread of real time");
}

#define SWITCHES     (getenv("SLOW_MACHINE") ? 1000u : 5000u)
#define SWITCHES_MAX (20 * SWITCHES)

/* Until it lost the CPU so often; or, where it may with a claim standing, until it did. */
static int collect(int (*collect_once)(void), __u64 capabilities)
{
	int err = 0;

	pin_to_one_cpu();
	start_interrupter();
	skel->bss->collector = syscall(__NR_gettid);
	keep_capabilities(capabilities);
	while (!err && (taken ? !skel->bss->standing && skel->bss->switches < SWITCHES_MAX
			      : skel->bss->switches < SWITCHES)) {
		fill();
		err = collect_once();
	}
	skel->bss->collector = 0;
	return err;
}

/* In a child, which knows nothing of the kernel yet. */
static void run(int (*collect_once)(void), __u64 capabilities, const char *name)
{
	int status;
	pid_t child;

	skel->bss->switches = skel->bss->standing = 0;
	fflush(stdout);
	child = fork();
	if (!child)
		_exit(-collect(collect_once, capabilities));
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		tap_bail("fork");
	tap_is(-WEXITSTATUS(status), 0, "%s: collects", name);
	printf("# %s: lost the CPU %llu times, %llu times with a claim standing\n", name,
	       skel->bss->switches, skel->bss->standing);
}

static void test_way(int (*collect_once)(void), __u64 capabilities, const char *name)
{
	run(collect_once, capabilities, name);
	tap_is(skel->bss->standing, 0, "%s: never with a claim standing", name);
}

/* As on a kernel that has nothing against it. */
static void test_without(int (*collect_once)(void), const char *name)
{
	taken = true;
	run(collect_once, ~0ull, name);
	tap_ok(skel->bss->standing, "%s: it would be seen", name);
	taken = false;
}

/* How many calls of the kernel's functions the program has that was loaded last for a map. */
static int kernel_calls(int map_fd)
{
	static struct bpf_insn insns[4096];
	struct bpf_prog_info info = {
		.xlated_prog_insns = (unsigned long)insns,
		.xlated_prog_len = sizeof(insns),
	};
	int program = bpf_prog_get_fd_by_id(last_program_of(map_fd)), count = 0;
	__u32 size = sizeof(info);

	if (program < 0 || bpf_obj_get_info_by_fd(program, &info, &size))
		tap_bail("no program for the map");
	close(program);
	for (__u32 i = 0; i < info.xlated_prog_len / sizeof(*insns); i++)
		count += insns[i].code == (BPF_JMP | BPF_CALL) &&
			 insns[i].src_reg == BPF_PSEUDO_KFUNC_CALL;
	return count;
}

static void test_locked(void)
{
	const int locked_fd = bpf_map__fd(skel->maps.locked_entries);
	struct locked_entry value = { .word = 1 };
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = &value.word,
		    .compare_offset = offsetof(struct locked_entry, word),
		    .compare_size = sizeof(value.word), .claim = &claim,
		    .claim_offset = offsetof(struct locked_entry, word),
		    .claim_size = sizeof(claim));

	put(locked_fd, keys, &value);
	tap_is(bpf_map_delete_elem_opts(locked_fd, keys, &opts), 0, "values with a lock: deletes");
	tap_is(kernel_calls(locked_fd), 2, "values with a lock: the program keeps its CPU");
}

int main(void)
{
	const struct {
		const char *name;
		int (*collect_once)(void);
	} ways[] = {
		{ "batch", collect_batch },
		{ "linked entries", collect_linked },
		{ "sweep by for_each", sweep_by_each },
		{ "sweep by a walk", sweep_by_walk },
	};
	char model[16];

	if (!kernel_has("asks")) {
		tap_skip("claims", "a kernel without tracing cannot be looked at so");
		return tap_done();
	}
	if (kernel_has("preempts")) {
		read_model(model, sizeof(model));
		set_model("full");
	}
	skel = test_standing_bpf__open_and_load();
	if (!skel || test_standing_bpf__attach(skel))
		tap_bail("test_standing_bpf");
	fd = bpf_map__fd(skel->maps.entries);
	linked_fd = bpf_map__fd(skel->maps.linked_entries);
	for (__u32 i = 0; i < KEYS; i++) {
		keys[i] = i;
		values[i].word = i;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		char name[64];

		test_way(ways[i].collect_once, ~0ull, ways[i].name);
		if (!kernel_has("preempts"))
			continue;
		snprintf(name, sizeof(name), "%s, without the kernel's help", ways[i].name);
		test_without(ways[i].collect_once, name);
	}
	if (kernel_has("preempt_kfuncs")) {
		test_way(collect_batch, 1ull << CAP_BPF, "batch, with CAP_BPF alone");
		test_locked();
	}
	test_standing_bpf__destroy(skel);
	if (kernel_has("preempts"))
		set_model(model);
	return tap_done();
}
