// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What the emulation keeps between calls: it is bounded and let go of, and never answers for another
 * map, whatever becomes of fd numbers and processes.
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include "common.h"

#define PROG BPF_MAP_COMPARE_SYSCALL_PROG

static const __u32 key = 1;
static const __u64 ones = 1, twos = 2;

static int map_with(__u64 value)
{
	int fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), sizeof(value), 4, 0);

	put(fd, &key, &value);
	return fd;
}

static bool has_key(int fd)
{
	__u64 value;

	return !bpf_map_lookup_elem(fd, &key, &value);
}

#define JUST_STANDARD_FDS 3

/* Waits for the kernel to free a map, which it does in its own time after the last reference. */
static bool map_goes_away(__u32 id)
{
	int fd;

	for (int i = 0; i < 1000; i++) {
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0)
			return errno == ENOENT;
		close(fd);
		usleep(10000);
	}
	return false;
}

static void test_release(void)
{
	int fd, fds = open_fds();
	__u32 id;

	fd = map_with(ones);
	id = map_id(fd);
	tap_is(delete_if(fd, &key, &twos, 0, 0, PROG), -EBUSY, "a program is loaded");
	tap_ok(open_fds() > fds + 1, "and kept");
	tap_is(bpf_map_compare_release(fd), 0, "release");
	tap_is(open_fds(), fds + 1, "nothing is left open");
	tap_is(delete_if(fd, &key, &twos, 0, 0, PROG), -EBUSY, "a later call starts afresh");
	tap_is(bpf_map_compare_release(fd), 0, "release again");
	tap_is(bpf_map_compare_release(fd), 0, "release of nothing");
	close(fd);
	tap_ok(map_goes_away(id), "the kernel frees the map after release and close");
	tap_is(open_fds(), fds, "no fd leaked");
}

/* The same number for another map, between two calls. */
static void test_reused_number(void)
{
	int fd = map_with(ones), first = dup(fd), second = map_with(twos);

	tap_is(delete_if(fd, &key, &twos, 0, 0, PROG), -EBUSY, "first map differs");
	dup2(second, fd);
	tap_is(delete_if(fd, &key, &ones, 0, 0, PROG), -EBUSY, "second map, same number, differs");
	tap_ok(has_key(first) && has_key(second), "both entries are there");
	tap_is(delete_if(fd, &key, &twos, 0, 0, PROG), 0, "second map, same number, equals");
	tap_ok(has_key(first) && !has_key(second), "the second map's entry is gone");
	bpf_map_compare_release(fd);
	bpf_map_compare_release(first);
	close(first);
	close(second);

	/* And a map of another shape. */
	second = make_map(BPF_MAP_TYPE_LRU_HASH, 38, 56, 4, 0);
	dup2(second, fd);
	close(second);
	{
		char other_key[38] = "longer", value[56] = "value";

		put(fd, other_key, value);
		tap_is(delete_if(fd, other_key, value + 1, 1, 55, PROG), 0, "another shape");
	}
	bpf_map_compare_release(fd);
	close(fd);
}

/* What agents with a map for each of many things have: all are kept. */
static void test_many_maps(void)
{
	enum {
		MAPS = 300
	};
	int fds[MAPS], before = open_fds(), kept;
	bool pass = true;

	for (int i = 0; i < MAPS; i++)
		fds[i] = map_with(i);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < MAPS; i++) {
			__u64 wrong = i + 1;

			pass &= delete_if(fds[i], &key, &wrong, 0, 0, PROG) == -EBUSY;
		}
	kept = open_fds() - before - MAPS;
	tap_is(kept, MAPS, "%d maps used, and a program kept for each", MAPS);
	for (__u64 i = 0; i < MAPS; i++) {
		pass &= delete_if(fds[i], &key, &i, 0, 0, PROG) == 0;
		pass &= !has_key(fds[i]);
		bpf_map_compare_release(fds[i]);
		close(fds[i]);
	}
	tap_ok(pass, "each map gave its own answers");
	tap_is(open_fds(), before, "no fd leaked");
}

/* The program behind an fd; 0 where there is none. */
static __u32 program_id(int fd)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (fcntl(fd, F_GETFD) < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) ||
	    !is_library_program(&info))
		return 0;
	return info.id;
}

static int programs_open(void)
{
	int count = 0;

	for (int fd = 0; fd < 2000; fd++)
		count += program_id(fd) != 0;
	return count;
}

/* More maps than are kept, with so many file descriptors; each map is closed when it was used. */
static void test_bound(int limit, int maps, int want)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		const struct rlimit fds = { limit, limit };
		bool pass = !setrlimit(RLIMIT_NOFILE, &fds);

		for (int i = 0; i < maps; i++) {
			int fd = map_with(ones);

			pass &= delete_if(fd, &key, &twos, 0, 0, PROG) == -EBUSY;
			pass &= delete_if(fd, &key, &ones, 0, 0, PROG) == 0;
			close(fd);
			if (i % 50 == 49)
				let_programs_be_freed();
		}
		_exit(pass && programs_open() == want ? 0 : 1);
	}
	if (waitpid(child, &status, 0) != child)
		tap_bail("waitpid");
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status),
	       "%d maps, with %d file descriptors at most: %d programs are kept", maps, limit,
	       want);
	let_programs_be_freed();
}

/* The last one loaded, of those that are kept. */
static __u32 newest_program(void)
{
	__u32 newest = 0, id;

	for (int fd = 0; fd < 2000; fd++) {
		id = program_id(fd);
		newest = id > newest ? id : newest;
	}
	return newest;
}

/* One that was just loaded stays longer than those whose use is longer ago. */
static void test_last_loaded_stays(void)
{
	enum {
		MAPS = 514
	};
	__u32 newest;
	int fds[MAPS];

	for (int i = 0; i < MAPS; i++) {
		fds[i] = map_with(ones);
		delete_if(fds[i], &key, &twos, 0, 0, PROG);
		if (i % 50 == 49)
			let_programs_be_freed();
	}
	newest = newest_program();
	delete_if(fds[MAPS - 1], &key, &twos, 0, 0, PROG);
	delete_if(fds[MAPS - 2], &key, &twos, 0, 0, PROG);
	tap_is(newest_program(), newest, "the last two that were loaded are kept");
	for (int i = 0; i < MAPS; i++) {
		bpf_map_compare_release(fds[i]);
		close(fds[i]);
	}
}

static void test_many_rounds(void)
{
	int before = open_fds();
	bool pass = true;

	for (int i = 0; i < 100; i++) {
		int fd = map_with(ones);

		pass &= delete_if(fd, &key, &ones, 0, 0, PROG) == 0;
		if (i % 2)
			bpf_map_compare_release(fd);
		close(fd);
	}
	tap_ok(pass, "100 maps created, used and closed");
	tap_ok(open_fds() <= before + 100, "fds stay bounded");
}

/* Somebody closes the library's own fds, and uses their numbers for other things. */
static void test_closed_behind(void)
{
	int first = map_with(ones), second = map_with(twos), other;
	int low = first > second ? first : second;
	bool pass;

	tap_is(delete_if(first, &key, &twos, 0, 0, PROG), -EBUSY, "a program is kept");
	for (int fd = low + 1; fd < low + 200; fd++)
		close(fd);
	tap_is(delete_if(first, &key, &twos, 0, 0, PROG), -EBUSY, "its fds are closed");
	for (int fd = low + 1; fd < low + 200; fd++)
		close(fd);
	/* The second map's program takes the number that the first one's had. */
	tap_is(delete_if(second, &key, &ones, 0, 0, PROG), -EBUSY, "closed and used again");
	tap_is(delete_if(first, &key, &twos, 0, 0, PROG), -EBUSY, "no program is mistaken");
	tap_ok(has_key(first) && has_key(second), "both entries are there");

	for (int fd = low + 1; fd < low + 200; fd++)
		close(fd);
	other = open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (int i = 0; i < 20; i++)
		dup(other);
	bpf_map_compare_release(first);
	bpf_map_compare_release(second);
	pass = true;
	for (int fd = low + 1; fd <= low + 20; fd++)
		pass &= fcntl(fd, F_GETFD) >= 0;
	tap_ok(pass, "release closes nothing that is not the library's");
	for (int fd = low + 1; fd < low + 200; fd++)
		close(fd);
	close(first);
	close(second);
}

/* The fd of the shared memory goes as well, while two programs use that and a third one wants to. */
static void test_memory_closed_behind(void)
{
	int fds[] = { map_with(ones), map_with(ones), map_with(ones) };

	for (int i = 0; i < 2; i++)
		tap_is(delete_if(fds[i], &key, &twos, 0, 0, PROG), -EBUSY, "map %d is used", i);
	for (int fd = fds[2] + 1; fd < fds[2] + 200; fd++)
		close(fd);
	for (int i = 2; i >= 0; i--) {
		tap_is(delete_if(fds[i], &key, &twos, 0, 0, PROG), -EBUSY,
		       "the memory's fd is closed: map %d differs", i);
		tap_is(delete_if(fds[i], &key, &ones, 0, 0, PROG), 0, "map %d equals", i);
	}
	for (int i = 0; i < 3; i++) {
		bpf_map_compare_release(fds[i]);
		close(fds[i]);
	}
}

/*
 * What updates take is kept for each place that is written to, and never serves another: more of them than
 * programs are kept for a map, one after the other, and once more each.
 */
static void test_places(void)
{
	enum {
		WORDS = 20,
		KEPT = 16
	};
	int fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), WORDS * sizeof(__u64), 4, 0);
	int before = open_fds();
	__u64 words[WORDS] = {}, now[WORDS], old;
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_IN_PLACE, .size = sizeof(__u64),
		    .op = BPF_MAP_UPDATE_ADD, .old = &old);
	bool pass = true;

	put(fd, &key, words);
	for (__u64 i = 0; i < 3 * WORDS; i++) {
		__u64 by = 1 + i;

		opts.offset = i % WORDS * sizeof(__u64);
		pass = pass && !bpf_map_update_elem_opts(fd, &key, &by, &opts) &&
		       old == words[i % WORDS];
		words[i % WORDS] += by;
		/* Half of it, by a program of its own. */
		if (i % 5)
			continue;
		opts.size = sizeof(__u32);
		pass = pass && !bpf_map_update_elem_opts(fd, &key, &by, &opts);
		opts.size = sizeof(__u64);
		words[i % WORDS] += __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? by : by << 32;
	}
	pass = pass && !bpf_map_lookup_elem(fd, &key, now) && !memcmp(now, words, sizeof(words));
	tap_ok(pass, "each of %d words is added to by its own program", WORDS);
	tap_is(programs_open(), KEPT, "of which the last ones are kept");
	bpf_map_compare_release(fd);
	tap_is(open_fds(), before, "until they are released");
	close(fd);
}

/* The same number for another map, between two updates, of whichever kind. */
static void test_reused_number_for_updates(__u64 flags, const char *what)
{
	int fd = map_with(ones), first = dup(fd), second = map_with(twos);
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = flags | BPF_F_COMPARE,
		    .compare = &ones);
	const __u64 nines = 9;
	__u64 value;

	tap_is(bpf_map_update_elem_opts(fd, &key, &ones, &opts), 0, "%s: the first map", what);
	dup2(second, fd);
	tap_is(bpf_map_update_elem_opts(fd, &key, &nines, &opts), -EBUSY,
	       "%s: the second one, by the same number", what);
	opts.compare = &twos;
	tap_is(bpf_map_update_elem_opts(fd, &key, &nines, &opts), 0, "%s: which has another value",
	       what);
	tap_ok(!bpf_map_lookup_elem(first, &key, &value) && value == ones,
	       "%s: the first is as it was", what);
	tap_ok(!bpf_map_lookup_elem(second, &key, &value) && value == nines,
	       "%s: the second is not", what);
	bpf_map_compare_release(first);
	bpf_map_compare_release(second);
	close(first);
	close(second);
	close(fd);
}

/* Both sides of a fork go on, at the same time, on the same map. */
static void test_fork(bool raw)
{
	int fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), sizeof(ones), 64, 0);
	const __u32 rounds = getenv("SLOW_MACHINE") ? 4000 : 20000;
	const char *name = raw ? "clone" : "fork";
	struct bpf_map_sweep_cond own = { .size = sizeof(ones), .op = BPF_MAP_SWEEP_EQ };
	LIBBPF_OPTS(bpf_map_sweep_opts, opts);
	LIBBPF_OPTS(bpf_map_update_elem_opts, add, .flags = BPF_F_IN_PLACE,
		    .op = BPF_MAP_UPDATE_ADD);
	const __u32 shared_key = 12;
	/* Not what is swept. */
	const __u64 none = 0, start = 1ull << 62;
	__u64 shared = 0, added = start;
	bool pass = true;
	int status;
	pid_t child;

	put(fd, &shared_key, &start);
	if (can_write_in_place())
		tap_is(bpf_map_update_elem_opts(fd, &shared_key, &none, &add), 0,
		       "%s: the parent adds, before", name);
	tap_is(bpf_map_sweep(fd, &own, 1, NULL), 0, "%s: the parent sweeps, before", name);
	put(fd, &key, &ones);
	tap_is(delete_if(fd, &key, &twos, 0, 0, PROG), -EBUSY, "%s: the parent, before", name);
	/* Without the C library, so that no handler of it runs. */
	child = raw ? (pid_t)syscall(__NR_clone, SIGCHLD, 0, 0, 0, 0) : fork();
	if (child < 0)
		tap_bail("fork");
	for (__u32 round = 0; round < rounds; round++) {
		/* Each side has a key of its own, and a value that the other never compares. */
		__u32 own_key = child ? 10 : 11;
		__u64 own_value = ((__u64)own_key << 32) + round, wrong = own_value + 1;

		pass &= !bpf_map_update_elem(fd, &own_key, &own_value, BPF_ANY);
		pass &= delete_if(fd, &own_key, &wrong, 0, 0, PROG) == -EBUSY;
		pass &= delete_if(fd, &own_key, &own_value, 0, 0, PROG) == 0;
		if (round % 16)
			continue;
		/* Both add to one word. */
		if (can_write_in_place()) {
			pass &= !bpf_map_update_elem_opts(fd, &shared_key, &ones, &add);
			added += 2;
		}
		/* And sweeps it. */
		own.operand = own_value;
		pass &= !bpf_map_update_elem(fd, &own_key, &own_value, BPF_ANY);
		pass &= !bpf_map_sweep(fd, &own, 1, &opts) && opts.deleted == 1;
	}
	if (!child) {
		pass &= !bpf_map_compare_release(fd);
		_exit(pass ? 0 : 1);
	}
	if (waitpid(child, &status, 0) != child)
		tap_bail("waitpid");
	tap_ok(pass, "%s: the parent, beside the child", name);
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status), "%s: the child, beside the parent", name);
	tap_ok(has_key(fd), "%s: the entry that differs is there", name);
	tap_ok(!bpf_map_lookup_elem(fd, &shared_key, &shared) && shared == added,
	       "%s: what both have added is there", name);
	bpf_map_compare_release(fd);
	close(fd);
}

/* What a child inherits it closes on its first call; what it executes inherits nothing. */
static void test_inherited(const char *program)
{
	int fd = map_with(ones), status;
	pid_t child;

	delete_if(fd, &key, &twos, 0, 0, PROG);
	child = fork();
	if (!child) {
		delete_if(fd, &key, &twos, 0, 0, PROG);
		bpf_map_compare_release(fd);
		_exit(open_fds() == JUST_STANDARD_FDS + 1 ? 0 : 1);
	}
	waitpid(child, &status, 0);
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status),
	       "a child leaves none of its parent's fds");

	child = fork();
	if (!child) {
		execl(program, program, "count-fds", NULL);
		_exit(99);
	}
	waitpid(child, &status, 0);
	tap_is(WEXITSTATUS(status), JUST_STANDARD_FDS, "an executed program inherits no fd");
	bpf_map_compare_release(fd);
	close(fd);
}

/* Nor does one that never calls keep any of its parent's maps. */
static void test_silent_child(void)
{
	int fd = map_with(ones), ends[2];
	__u32 id = map_id(fd);
	pid_t child;

	delete_if(fd, &key, &twos, 0, 0, PROG);
	if (pipe(ends))
		tap_bail("pipe");
	child = fork();
	if (!child) {
		char byte;

		close(ends[1]);
		close(fd);
		_exit(read(ends[0], &byte, 1) != 0);
	}
	bpf_map_compare_release(fd);
	close(fd);
	tap_ok(map_goes_away(id), "a child that never calls keeps no map");
	close(ends[1]);
	close(ends[0]);
	waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "count-fds"))
		return open_fds();
	/* Start with the three standard ones only, so that they can be counted. */
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	if (!kernel_has("syscall_prog")) {
		tap_skip("what the emulation keeps", "this kernel has no syscall programs");
		return tap_done();
	}
	/* More than the maps and programs of any test here. */
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 4096, 4096 });
	test_release();
	test_reused_number();
	test_many_maps();
	test_bound(1024, 530, 512);
	test_bound(160, 120, 80);
	test_last_loaded_stays();
	test_many_rounds();
	test_closed_behind();
	test_memory_closed_behind();
	if (can_write_in_place()) {
		test_places();
		test_reused_number_for_updates(BPF_F_IN_PLACE, "in place");
	}
	test_reused_number_for_updates(0, "whole");
	test_fork(false);
	test_fork(true);
	test_inherited(argv[0]);
	test_silent_child();
	return tap_done();
}
