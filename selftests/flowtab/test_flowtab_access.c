// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Who may have a table, and by what; what several processes that have one do to each other: nothing, also
 * where they are killed. And what is said on a kernel that has no arenas.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "capabilities.h"
#include "common.h"
#include "program.h"

#ifndef CAP_NET_ADMIN
#define CAP_NET_ADMIN 12
#endif

#define S 1000000000ull

static struct bpf_flowtab *create_plain(__u32 max_entries)
{
	LIBBPF_OPTS(bpf_flowtab_create_opts, opts, .key_size = shapes[0].key_size,
		    .value_size = shapes[0].value_size, .max_entries = max_entries);

	return bpf_flowtab__create("access", &opts);
}

static bool is_refused(struct bpf_flowtab *table, int err, const char *why)
{
	bool is = !table && errno == err && strstr(bpf_flowtab_reason(), why);

	if (!is)
		printf("# %s, errno %d, %s\n", table ? "a table" : "none", errno,
		       bpf_flowtab_reason());
	bpf_flowtab__close(table);
	return is;
}

/* File descriptors. */

static int make_arena(__u64 address, __u32 flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE | flags,
		    .map_extra = address);
	int fd = bpf_map_create(33 /* BPF_MAP_TYPE_ARENA */, "access", 0, 0, 1, &opts);

	if (fd < 0)
		tap_bail("no arena");
	return fd;
}

static void test_others(void)
{
	int hash = make_map(BPF_MAP_TYPE_HASH, 4, 4, 4, 0);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int nowhere = make_arena(0, 0), empty = make_arena(0x1e0000000000, 0);
	int faults = make_arena(0x1f0000000000, 1 << 17 /* BPF_F_SEGV_ON_FAULT */);
	int before = open_fds();

	tap_ok(is_refused(bpf_flowtab__open(-1), EBADF, "-1"), "no file descriptor");
	tap_ok(is_refused(bpf_flowtab__open(null), EINVAL, ""), "that of a device");
	tap_ok(is_refused(bpf_flowtab__open(hash), EINVAL, "no arena"), "of a hash map");
	tap_ok(is_refused(bpf_flowtab__open(nowhere), EINVAL, "no arena"),
	       "of an arena without an address");
	tap_ok(is_refused(bpf_flowtab__open(faults), EINVAL, "no arena"),
	       "of an arena that has holes");
	tap_ok(is_refused(bpf_flowtab__open(empty), EINVAL, "no flow table"),
	       "of an arena without a table");
	tap_ok(is_refused(bpf_flowtab__open_id(~0u), ENOENT, "4294967295"), "an id of no map");
	tap_ok(is_refused(bpf_flowtab__open_pinned("/proc/none"), ENOENT, "/proc/none"),
	       "a path where nothing is");
	tap_is(open_fds(), before, "none of them is left open");
	close(hash);
	close(null);
	close(nowhere);
	close(empty);
	close(faults);
}

/* What a child of this process answers: 0 or a positive number. */
static int in_child(int (*call)(void *arg), void *arg)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child < 0)
		tap_bail("fork");
	if (!child)
		_exit(call(arg));
	if (waitpid(child, &status, 0) != child)
		tap_bail("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int open_read_only(void *table)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, opts, .open_flags = BPF_F_RDONLY);
	int fd = bpf_map_get_fd_by_id_opts(map_id(bpf_flowtab__fd(table)), &opts);

	return fd < 0 ? 1 : !is_refused(bpf_flowtab__open(fd), EPERM, "read-only");
}

static int open_by_id(void *table)
{
	struct bpf_flowtab *own = bpf_flowtab__open_id(map_id(bpf_flowtab__fd(table)));
	struct bpf_flowtab_info info;

	return !own || bpf_flowtab__info(own, &info) || info.all_slots != 256;
}

static void test_descriptors(void)
{
	struct bpf_flowtab *table = create_plain(256);
	struct bpf_flowtab_info info;
	int fd, before;

	if (!table)
		tap_bail("no table: %s", bpf_flowtab_reason());
	before = open_fds();
	tap_ok(is_refused(bpf_flowtab__open(bpf_flowtab__fd(table)), EEXIST, "already"),
	       "a table that this process has open already");
	tap_is(open_fds(), before, "nothing is left open");
	tap_is(in_child(open_read_only, table), 0, "a read-only file descriptor");
	tap_is(in_child(open_by_id, table), 0, "another process opens it by its id");

	/* The one that a table is opened by is the caller's, who may use its number for something else. */
	fd = fcntl(bpf_flowtab__fd(table), F_DUPFD_CLOEXEC, 100);
	bpf_flowtab__close(table);
	table = bpf_flowtab__open(fd);
	tap_ok(table && bpf_flowtab__fd(table) != fd, "a table has a file descriptor of its own");
	if (!table)
		return;
	close(fd);
	if (dup2(STDERR_FILENO, fd) != fd)
		tap_bail("dup2");
	tap_ok(!bpf_flowtab__info(table, &info) && info.all_slots == 256 &&
		       bpf_flowtab__lookup(table, "0123456789abcdef", NULL, NULL) == -ENOENT,
	       "and has it still where the caller's is another file");
	bpf_flowtab__close(table);
	tap_ok(fcntl(fd, F_GETFD) >= 0, "which it does not close");
	close(fd);
}

/* Capabilities. */

static struct bpf_flowtab *as_root;

struct privilege {
	const char *name;
	__u64 capabilities;
	bool creates;
	bool by_id;
	bool loads;
};

static const struct privilege privileges[] = {
	{ "no capability", 0, false, false, false },
	{ "CAP_BPF", 1ull << CAP_BPF, true, false, false },
	{ "CAP_SYS_ADMIN", 1ull << CAP_SYS_ADMIN, true, true, true },
	{ "CAP_BPF and CAP_NET_ADMIN", 1ull << CAP_BPF | 1ull << CAP_NET_ADMIN, true, false,
	  false },
	{ "CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON",
	  1ull << CAP_BPF | 1ull << CAP_NET_ADMIN | 1ull << CAP_PERFMON, true, false, true },
};

static int with_privilege(void *arg)
{
	const struct privilege *privilege = arg;
	__u32 id = map_id(bpf_flowtab__fd(as_root));
	struct bpf_flowtab *table;
	struct program program;

	keep_capabilities(privilege->capabilities);
	table = create_plain(64);
	if (!table != !privilege->creates ||
	    (!table && (errno != EPERM || !strstr(bpf_flowtab_reason(), "CAP_BPF"))))
		return 1;
	bpf_flowtab__close(table);
	table = bpf_flowtab__open_id(id);
	if (!table != !privilege->by_id || (!table && errno != EPERM))
		return 2;
	bpf_flowtab__close(table);
	table = bpf_flowtab__open(bpf_flowtab__fd(as_root));
	if (!table || bpf_flowtab__lookup(table, "0123456789abcdef", NULL, NULL) != -ENOENT)
		return 3;
	/* A tc program takes CAP_NET_ADMIN too, whatever it does. */
	return !try_load_program(&program, &shapes[0], table) != privilege->loads ? 4 : 0;
}

static int no_print(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static void test_privileges(void)
{
	libbpf_set_print(no_print);
	as_root = create_plain(256);
	for (size_t i = 0; i < ARRAY_SIZE(privileges); i++)
		tap_is(in_child(with_privilege, (void *)&privileges[i]), 0,
		       "%s: creates %s, opens by fd, by id %s, loads a tc program %s",
		       privileges[i].name, privileges[i].creates ? "yes" : "no",
		       privileges[i].by_id ? "yes" : "no", privileges[i].loads ? "yes" : "no");
	bpf_flowtab__close(as_root);
	libbpf_set_print(NULL);
}

/* Memory. */

#ifdef __SANITIZE_ADDRESS__
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

static int with_little_memory(void *arg)
{
	const struct rlimit limit = { 256 << 20, 256 << 20 };
	int before = open_fds();

	(void)arg;
	if (setrlimit(RLIMIT_AS, &limit))
		return 1;
	if (!is_refused(create_plain(1 << 23), ENOMEM, "bytes"))
		return 2;
	return open_fds() != before;
}

static void test_memory(void)
{
	if (IS_SANITIZED)
		tap_skip("an arena that does not fit into RLIMIT_AS", "sanitizers take more");
	else
		tap_is(in_child(with_little_memory, NULL), 0,
		       "an arena that does not fit into RLIMIT_AS");
	tap_ok(is_refused(create_plain(1u << 31), E2BIG, "4 GiB"), "one above 4 GiB");
}

/* Processes. */

static int delete_until_killed(void *arg)
{
	struct bpf_flowtab *table = bpf_flowtab__open(bpf_flowtab__fd(arg));
	__u32 timeouts[BPF_FLOWTAB_CLASSES] = {};
	LIBBPF_OPTS(bpf_flowtab_sweep_opts, opts, .timeouts_ms = timeouts);

	while (table && !bpf_flowtab__sweep(table, &opts))
		;
	return 1;
}

/* Some pairs, of new keys, each time: whether all were created. */
static bool create_some(struct program *program, __u64 *now)
{
	static __u32 next;
	bool all = true;

	*now += 3 * S;
	for (int i = 0; i < 64; i++)
		all &= create(program, next++, *now) == BPF_FLOWTAB_DONE;
	return all;
}

/* As who was killed between the exchanges of the slot's word and the alias leaves them. */
static void orphan_aliases(struct program *program)
{
	struct bpf_flowtab_seen seen;
	__u32 cursor = 0;
	size_t size;
	char *memory = memory_of(program->table, &size);

	while (!bpf_flowtab__next(program->table, &cursor, NULL, NULL, NULL, &seen)) {
		__u64 *words = (__u64 *)(memory + bpf_flowtab_words(seen.slot / 8, 2, 8));

		words[seen.slot % 8] = seen.word & ~BPF_FLOWTAB_STATE_MASK;
	}
}

static void test_killed(void)
{
	__u64 now = clock_ns() - 100000 * S;
	bool created = true, left = false;
	struct bpf_flowtab_stats stats;
	struct program program;

	load_program(&program, &shapes[2], create_table(&shapes[2], 512));
	for (int i = 0; i < 100; i++) {
		struct bpf_flowtab_seen seen;
		pid_t child[2];
		__u32 cursor = 0;

		fflush(stdout);
		for (int j = 0; j < 2; j++) {
			child[j] = fork();
			if (!child[j])
				_exit(delete_until_killed(program.table));
		}
		created &= create_some(&program, &now);
		usleep(random() % 2000);
		created &= create_some(&program, &now);
		for (int j = 0; j < 2; j++) {
			kill(child[j], SIGKILL);
			waitpid(child[j], NULL, 0);
		}
		while (!bpf_flowtab__next(program.table, &cursor, NULL, NULL, NULL, &seen))
			if (bpf_flowtab__delete_seen(program.table, &seen))
				left = true;
	}
	tap_ok(created, "beside collectors that are killed all creates are done");
	bpf_flowtab__stats(program.table, &stats);
	tap_ok(!left && !stats.creating, "and no slot is stuck: %u aliases are left",
	       stats.aliases);

	created = true;
	for (int i = 0; i < 50; i++) {
		created &= create_some(&program, &now);
		orphan_aliases(&program);
	}
	bpf_flowtab__stats(program.table, &stats);
	tap_ok(created && stats.aliases, "aliases that are nobody's, %u of them, are used again",
	       stats.aliases);
	close_program(&program);
}

int main(void)
{
	if (!kernel_has("arena")) {
		tap_ok(is_refused(create_plain(256), EOPNOTSUPP, "ARENA"),
		       "a kernel without arenas: create is not supported");
		return tap_done();
	}
	test_others();
	test_descriptors();
	test_privileges();
	test_memory();
	test_killed();
	return tap_done();
}
