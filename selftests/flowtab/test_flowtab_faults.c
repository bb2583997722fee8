// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Each system call and allocation of a create and an open fails once: the table is refused, with errno and why,
 * and nothing is left behind. And a sweep that read the clock long ago, and a clock that goes round.
 */
#define _GNU_SOURCE
#include <sys/wait.h>
#include "faults.h"
#include "program.h"

/* How long ago it is that the clock was read, the next time. */
static __u64 read_ago;

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int err = __real_clock_gettime(clock, now);

	now->tv_sec -= read_ago;
	read_ago = 0;
	return err;
}

int __real_bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_size,
			  __u32 value_size, __u32 max_entries,
			  const struct bpf_map_create_opts *opts);
int __wrap_bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_size,
			  __u32 value_size, __u32 max_entries,
			  const struct bpf_map_create_opts *opts);

int __wrap_bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_size,
			  __u32 value_size, __u32 max_entries,
			  const struct bpf_map_create_opts *opts)
{
	if (fault_due(FAULT_SYSTEM_CALL))
		return -errno;
	return __real_bpf_map_create(type, name, key_size, value_size, max_entries, opts);
}

int __real_bpf_obj_get_info_by_fd(int fd, void *info, __u32 *size);
int __wrap_bpf_obj_get_info_by_fd(int fd, void *info, __u32 *size);

int __wrap_bpf_obj_get_info_by_fd(int fd, void *info, __u32 *size)
{
	return fault_due(FAULT_SYSTEM_CALL) ? -errno
					    : __real_bpf_obj_get_info_by_fd(fd, info, size);
}

static int table_fd;

static struct bpf_flowtab *create_one(void)
{
	LIBBPF_OPTS(bpf_flowtab_create_opts, opts, .key_size = 4, .value_size = 8,
		    .max_entries = 1000);

	return bpf_flowtab__create("faults", &opts);
}

static struct bpf_flowtab *open_one(void)
{
	return bpf_flowtab__open(table_fd);
}

/* Pages. */
static unsigned long mapped(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (!file || fscanf(file, "%lu", &pages) != 1)
		tap_bail("/proc/self/statm");
	fclose(file);
	return pages;
}

/* EFAULT and EACCES are told as what they mean here. */
static bool is_told_as(int got, int err)
{
	return got == err || (err == EFAULT && got == ENOMEM) || (err == EACCES && got == EPERM);
}

static void fail_each(const char *name, struct bpf_flowtab *(*call)(void), enum fault_kind kind,
		      int err)
{
	struct bpf_flowtab *table;
	unsigned int n, wrong = 0;

	for (n = 0; n < 100; n++) {
		long blocks = allocated;
		int fds = open_fds(), got;
		unsigned long pages = mapped();

		fault_arm(kind, err, n);
		errno = 0;
		table = call();
		got = errno;
		if (!fault_disarm()) {
			bpf_flowtab__close(table);
			break;
		}
		if (table || !is_told_as(got, err) || !*bpf_flowtab_reason() ||
		    allocated != blocks || open_fds() != fds || mapped() != pages) {
			printf("# call %u: %s, errno %d, %s; %ld blocks, %d fds, %ld pages\n", n,
			       table ? "a table" : "none", got, bpf_flowtab_reason(),
			       allocated - blocks, open_fds() - fds, (long)(mapped() - pages));
			wrong++;
			bpf_flowtab__close(table);
		}
	}
	tap_ok(n && n < 100 && !wrong, "%s: each of %u fails with errno %d, nothing is left", name,
	       n, err);
}

static void test_faults(void)
{
	struct bpf_flowtab *table;

	/* What is allocated once for all. */
	bpf_flowtab__close(create_one());
	mapped();
	fail_each("create: allocations", create_one, FAULT_ALLOCATION, ENOMEM);
	fail_each("create: system calls", create_one, FAULT_SYSTEM_CALL, ENOMEM);
	fail_each("create: system calls", create_one, FAULT_SYSTEM_CALL, EPERM);
	fail_each("create: system calls", create_one, FAULT_SYSTEM_CALL, EFAULT);

	table = create_one();
	table_fd = fcntl(bpf_flowtab__fd(table), F_DUPFD_CLOEXEC, 3);
	bpf_flowtab__close(table);
	fail_each("open: allocations", open_one, FAULT_ALLOCATION, ENOMEM);
	fail_each("open: system calls", open_one, FAULT_SYSTEM_CALL, ENOMEM);
	fail_each("open: system calls", open_one, FAULT_SYSTEM_CALL, EACCES);
	close(table_fd);
}

/* Stopped after it read the clock: what was refreshed meanwhile is ahead of that by more than clocks differ. */
static void test_stale_clock(void)
{
	__u32 timeouts[BPF_FLOWTAB_CLASSES] = { [0] = 60000 };
	LIBBPF_OPTS(bpf_flowtab_sweep_opts, opts, .timeouts_ms = timeouts);
	struct program program;

	load_program(&program, &shapes[0], create_table(&shapes[0], 256));
	create(&program, 1, clock_ns());
	create(&program, 2, clock_ns() - 100000000000ull);
	read_ago = 1000;
	bpf_flowtab__sweep(program.table, &opts);
	tap_ok(opts.live == 2 && opts.timed_out == 1 && opts.deleted == 1,
	       "a sweep that was stopped for 1000 s: what was refreshed meanwhile stays");
	close_program(&program);
}

/* The words' clock goes round while programs create. */
static void test_clock_round(const struct shape *shape)
{
	const __u64 round = 1ull << (BPF_FLOWTAB_TIME_BITS + BPF_FLOWTAB_TICK_SHIFT);
	struct program program;
	__u32 created = 0;

	load_program(&program, shape, create_table(shape, 256));
	for (__u32 i = 0; i < 64; i++)
		created += create(&program, i, round + (i - 32ull) * 200000000) == BPF_FLOWTAB_DONE;
	tap_is(created, 64, "%s: slots that were never used may be, while the clock goes round",
	       shape->name);
	close_program(&program);
}

int main(void)
{
	if (!kernel_has("arena")) {
		tap_skip("faults", "this kernel has no arenas that programs can use");
		return tap_done();
	}
	test_faults();
	test_stale_clock();
	test_clock_round(&shapes[0]);
	test_clock_round(&shapes[2]);
	return tap_done();
}
