// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A comparer: it answers as the calls with a file descriptor do, adds to a call what that leaves out,
 * promises what it can keep, and depends on nothing but itself.
 */
#include <pthread.h>
#include <sys/wait.h>
#include "capabilities.h"
#include "common.h"

#define PROG BPF_MAP_COMPARE_SYSCALL_PROG

struct value {
	__u64 first;
	__u32 word;
	__u32 rest;
};

static const __u32 key = 1, missing = 2, claim = -1u;
static const struct value was = { 1, 2, 3 }, other = { 1, 2, 4 }, claimed = { 1, -1u, 3 };

static int map_with(__u32 type, const struct value *value)
{
	int fd = make_map(type, sizeof(key), sizeof(*value), 1024, 0);

	put(fd, &key, value);
	return fd;
}

static bool has_key(int fd)
{
	struct value value;

	return !bpf_map_lookup_elem(fd, &key, &value);
}

static struct bpf_map_comparer *opened(int fd, const struct bpf_map_comparer_opts *opts)
{
	struct bpf_map_comparer *comparer = bpf_map_comparer__open(fd, opts);

	if (!comparer)
		tap_bail("bpf_map_comparer__open");
	return comparer;
}

static int delete_by(struct bpf_map_comparer *comparer, const void *key, const void *compare)
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = compare);
	int err;

	errno = 0;
	err = bpf_map_comparer__delete(comparer, key, &opts);
	if (err && errno != -err)
		tap_ok(false, "answer %d with errno %d", err, errno);
	return err;
}

static void test_answers(__u32 type, __u32 backend)
{
	LIBBPF_OPTS(bpf_map_comparer_opts, opts, .backend = backend);
	LIBBPF_OPTS(bpf_map_delete_batch_opts, batch_opts, .elem_flags = BPF_F_COMPARE);
	const __u32 keys[] = { key, missing, key };
	const struct value values[] = { was, was, was };
	const char *name = backend_name(backend);
	struct bpf_map_comparer *comparer;
	int fd = map_with(type, &was), results[3];
	__u32 count = 3;

	comparer = opened(fd, &opts);
	tap_is(delete_by(comparer, &key, &other), -EBUSY, "%s: differs", name);
	tap_is(delete_by(comparer, &missing, &was), -ENOENT, "%s: missing", name);
	tap_is(delete_by(comparer, NULL, &was), -EFAULT, "%s: no key", name);
	tap_is(delete_by(comparer, &key, NULL), -EFAULT, "%s: no compare", name);
	tap_ok(has_key(fd), "%s: the entry is there", name);
	tap_is(delete_by(comparer, &key, &was), 0, "%s: equals", name);
	tap_ok(!has_key(fd), "%s: the entry is gone", name);
	put(fd, &key, &was);
	tap_is(bpf_map_comparer__delete(comparer, &key, NULL), 0, "%s: whatever it is", name);
	tap_ok(!has_key(fd), "%s: the entry is gone", name);

	put(fd, &key, &was);
	batch_opts.compare = values;
	batch_opts.results = results;
	tap_is(bpf_map_comparer__delete_batch(comparer, keys, &count, &batch_opts), 0,
	       "%s: a batch", name);
	tap_ok(count == 1 && !results[0] && results[1] == -ENOENT && results[2] == -ENOENT,
	       "%s: deletes the first", name);
	put(fd, &key, &was);
	count = 1;
	tap_is(bpf_map_comparer__delete_batch(comparer, keys, &count, NULL), 0,
	       "%s: a batch of whatever they are", name);
	tap_is(count, 1, "%s: deletes it", name);

	put(fd, &key, &was);
	if (bpf_map_freeze(fd))
		tap_bail("bpf_map_freeze");
	tap_is(delete_by(comparer, &key, &was), -EPERM, "%s: frozen", name);
	tap_is(bpf_map_comparer__delete(comparer, &key, NULL), -EPERM, "%s: frozen, plainly", name);
	count = 1;
	tap_is(bpf_map_comparer__delete_batch(comparer, keys, &count, &batch_opts), -EPERM,
	       "%s: frozen, a batch", name);
	tap_ok(!count && results[0] == -ECANCELED && has_key(fd), "%s: the entry is there", name);
	bpf_map_comparer__close(comparer);
	close(fd);
}

/* What is asked for when it is opened. */
static void test_open(void)
{
	LIBBPF_OPTS(bpf_map_comparer_opts, opts);
	int fd = map_with(BPF_MAP_TYPE_HASH, &was), array, twin;
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, read_only, .open_flags = BPF_F_RDONLY);

#define REFUSES(fd, opts, want, what)                                                              \
	tap_ok(!bpf_map_comparer__open(fd, opts) && errno == (want), "open: %s", what)

	REFUSES(-1, NULL, EBADF, "no fd");
	array = make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	REFUSES(array, NULL, EOPNOTSUPP, "an array");
	twin = bpf_map_get_fd_by_id_opts(map_id(fd), &read_only);
	if (twin < 0)
		tap_bail("bpf_map_get_fd_by_id_opts");
	REFUSES(twin, NULL, EPERM, "read-only");
	opts.sz = 1;
	REFUSES(fd, &opts, EINVAL, "sz");
	opts.sz = sizeof(opts);
	opts.backend = 3;
	REFUSES(fd, &opts, EINVAL, "backend");
	opts.backend = 0;
	opts.guarantee = 4;
	REFUSES(fd, &opts, EINVAL, "guarantee");
	opts.guarantee = 0;
	opts.compare_offset = sizeof(was);
	opts.compare_size = 1;
	REFUSES(fd, &opts, EINVAL, "region");
	opts.compare_offset = 8;
	opts.compare_size = 4;
	opts.claim = &claim;
	opts.claim_size = 4;
	REFUSES(fd, &opts, EINVAL, "claim outside the region");
	opts.claim_offset = 8;
	opts.backend = BPF_MAP_COMPARE_NATIVE;
	REFUSES(fd, &opts, EOPNOTSUPP, "native with a claim");
	tap_is(bpf_map_comparer__delete(NULL, &key, NULL), -EINVAL, "no comparer");
	tap_is(bpf_map_comparer__guarantee(NULL), BPF_MAP_COMPARE_GUARANTEE_ANY,
	       "no comparer's guarantee");
	errno = 77;
	bpf_map_comparer__close(NULL);
	tap_is(errno, 77, "to close nothing leaves errno alone");
	close(twin);
	close(array);
	close(fd);
}

static void test_region_and_claim(void)
{
	LIBBPF_OPTS(bpf_map_comparer_opts, opts, .backend = PROG, .compare_offset = 8,
		    .compare_size = 4);
	LIBBPF_OPTS(bpf_map_delete_elem_opts, call, .flags = BPF_F_COMPARE);
	struct bpf_map_comparer *comparer;
	int fd = map_with(BPF_MAP_TYPE_HASH, &other);
	const __u32 word = 2, wrong = 3;
	const __u64 wide = 3;

	comparer = opened(fd, &opts);
	call.compare = &wrong;
	tap_is(bpf_map_comparer__delete(comparer, &key, &call), -EBUSY, "its region differs");
	call.compare = &word;
	call.compare_size = 8;
	tap_is(bpf_map_comparer__delete(comparer, &key, &call), -EINVAL, "another region");
	call.compare_size = 4;
	call.compare_offset = 8;
	call.backend = BPF_MAP_COMPARE_NATIVE;
	tap_is(bpf_map_comparer__delete(comparer, &key, &call), -EINVAL, "another backend");
	call.backend = PROG;
	tap_is(bpf_map_comparer__delete(comparer, &key, &call), 0, "its region, by name, equals");
	put(fd, &key, &other);
	call.compare_size = call.compare_offset = call.backend = 0;
	tap_is(bpf_map_comparer__delete(comparer, &key, &call), 0, "its region equals");
	bpf_map_comparer__close(comparer);

	opts.claim = &claim;
	opts.claim_offset = 8;
	opts.claim_size = 4;
	comparer = opened(fd, &opts);
	put(fd, &key, &claimed);
	call.compare = &claim;
	tap_is(bpf_map_comparer__delete(comparer, &key, &call), -EINVAL, "its claim is expected");
	tap_ok(has_key(fd), "a claimed entry is there");
	put(fd, &key, &was);
	call.compare = &word;
	call.claim = &wide;
	call.claim_offset = 8;
	call.claim_size = 8;
	tap_is(bpf_map_comparer__delete(comparer, &key, &call), -EINVAL, "another claim's size");
	call.claim = NULL;
	call.claim_offset = call.claim_size = 0;
	tap_is(bpf_map_comparer__delete(comparer, &key, &call), 0, "with its claim");
	bpf_map_comparer__close(comparer);
	close(fd);
}

static void test_guarantee(__u32 type, const char *name)
{
	bool native = kernel_has("native") && type == BPF_MAP_TYPE_HASH,
	     hash = type == BPF_MAP_TYPE_HASH;
	LIBBPF_OPTS(bpf_map_comparer_opts, opts);
	struct bpf_map_comparer *comparer;
	int fd = map_with(type, &was);

	struct {
		const char *name;
		__u32 backend;
		bool claims;
		__u32 is;
	} rows[] = {
		{ "auto", BPF_MAP_COMPARE_AUTO, false,
		  native ? BPF_MAP_COMPARE_GUARANTEE_REPLACING
			 : BPF_MAP_COMPARE_GUARANTEE_NARROWED },
		{ "emulation", PROG, false, BPF_MAP_COMPARE_GUARANTEE_NARROWED },
		{ "claim", BPF_MAP_COMPARE_AUTO, true,
		  hash ? BPF_MAP_COMPARE_GUARANTEE_IN_PLACE : BPF_MAP_COMPARE_GUARANTEE_NARROWED },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		opts.backend = rows[i].backend;
		opts.claim = rows[i].claims ? &claim : NULL;
		opts.claim_offset = rows[i].claims ? 8 : 0;
		opts.claim_size = rows[i].claims ? 4 : 0;
		for (__u32 wanted = 0; wanted <= BPF_MAP_COMPARE_GUARANTEE_IN_PLACE; wanted++) {
			opts.guarantee = wanted;
			errno = 0;
			comparer = bpf_map_comparer__open(fd, &opts);
			if (wanted <= rows[i].is)
				tap_is(bpf_map_comparer__guarantee(comparer), rows[i].is,
				       "%s, %s: wants %u", name, rows[i].name, wanted);
			else
				tap_ok(!comparer && errno == EOPNOTSUPP, "%s, %s: wants %u", name,
				       rows[i].name, wanted);
			bpf_map_comparer__close(comparer);
		}
	}
	close(fd);
}

/* The caller's fd is closed, and its number is another map's. */
static void test_closed_fd(void)
{
	int fd = map_with(BPF_MAP_TYPE_HASH, &was), own = dup(fd),
	    second = map_with(BPF_MAP_TYPE_HASH, &other), fds;
	struct bpf_map_comparer *comparer;

	fds = open_fds();
	comparer = opened(fd, NULL);
	dup2(second, fd);
	tap_is(delete_by(comparer, &key, &other), -EBUSY, "its map, not the number's, differs");
	tap_is(delete_by(comparer, &key, &was), 0, "its map equals");
	tap_ok(!has_key(own) && has_key(second), "and is what was deleted from");

	/* Somebody closes the comparer's own fds, and its numbers are the second map's. */
	put(own, &key, &was);
	for (int other_fd = second + 1; other_fd < second + 50; other_fd++)
		if (fcntl(other_fd, F_GETFD) >= 0)
			dup2(second, other_fd);
	tap_is(bpf_map_comparer__delete(comparer, &key, NULL), -EBADF, "closed behind it, plainly");
	tap_ok(delete_by(comparer, &key, &was) < 0, "closed behind it");
	tap_ok(delete_by(comparer, &key, &other) < 0, "whatever it compares");
	tap_ok(has_key(own) && has_key(second), "both entries are there");
	bpf_map_comparer__close(comparer);
	for (int other_fd = second + 1; other_fd < second + 50; other_fd++)
		close(other_fd);
	tap_is(open_fds(), fds, "nobody else's fd is closed");
	close(second);
	close(own);
	close(fd);
}

static void in_child(struct bpf_map_comparer *comparer, int fd)
{
	int surprises = 0, fds = open_fds();
	__u32 count = 1;

	surprises += delete_by(comparer, &key, &was) != -ESTALE;
	surprises += bpf_map_comparer__delete(comparer, &key, NULL) != -ESTALE;
	surprises += bpf_map_comparer__delete_batch(comparer, &key, &count, NULL) != -ESTALE;
	surprises += count != 0;
	surprises += !has_key(fd);
	bpf_map_comparer__close(comparer);
	/* The map's, and the program's. */
	surprises += open_fds() != fds - (kernel_has("native") ? 1 : 2);
	/* Its own. */
	comparer = bpf_map_comparer__open(fd, NULL);
	surprises += delete_by(comparer, &key, &other) != -EBUSY;
	bpf_map_comparer__close(comparer);
	_exit(surprises);
}

static void test_fork(bool raw)
{
	int fd = map_with(BPF_MAP_TYPE_HASH, &was), status;
	struct bpf_map_comparer *comparer = opened(fd, NULL);
	pid_t child;

	tap_is(delete_by(comparer, &key, &other), -EBUSY, "the parent, before");
	child = raw ? (pid_t)syscall(__NR_clone, SIGCHLD, 0, 0, 0, 0) : fork();
	if (!child)
		in_child(comparer, fd);
	if (waitpid(child, &status, 0) != child)
		tap_bail("waitpid");
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status), "%s: a child has no part in it",
	       raw ? "clone" : "fork");
	tap_is(delete_by(comparer, &key, &was), 0, "the parent, afterwards");
	bpf_map_comparer__close(comparer);
	close(fd);
}

/* What was allowed when it was opened stays so; the calls with a file descriptor ask each time. */
static void test_dropped_capabilities(void)
{
	int fd = map_with(BPF_MAP_TYPE_HASH, &was), status;
	pid_t child = fork();

	if (!child) {
		LIBBPF_OPTS(bpf_map_comparer_opts, opts, .backend = PROG,
			    .compare_size = sizeof(was));
		struct bpf_map_comparer *comparer = opened(fd, &opts);
		int surprises = 0;

		surprises += delete_if(fd, &key, &other, 0, 0, PROG) != -EBUSY;
		keep_capabilities(0);
		surprises += delete_if(fd, &key, &other, 0, 0, PROG) != -EPERM;
		surprises += delete_if(fd, &key, &was, 0, 0, PROG) != -EPERM;
		surprises += delete_by(comparer, &key, &other) != -EBUSY;
		surprises += delete_by(comparer, &key, &was) != 0;
		bpf_map_comparer__close(comparer);
		_exit(surprises);
	}
	if (waitpid(child, &status, 0) != child)
		tap_bail("waitpid");
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status),
	       "a comparer outlives capabilities, what is kept does not");
	tap_ok(!has_key(fd), "it deleted");
	close(fd);
}

static int delete_region(int fd, __u32 size)
{
	return delete_if(fd, &key, &other, 0, size, PROG);
}

/* What is kept answers each caller as what was loaded for it would: capabilities go, and come back. */
static void test_changing_capabilities(void)
{
	int fd = map_with(BPF_MAP_TYPE_HASH, &was), status;
	pid_t child = fork();

	if (!child) {
		const __u64 all = -1ull, no_admin = ~(1ull << CAP_SYS_ADMIN);
		int surprises = 0;

		for (int round = 0; round < 3; round++) {
			surprises += delete_region(fd, 16) != -EBUSY;
			set_effective(no_admin);
			surprises += delete_region(fd, 13) != -EBUSY;
			set_effective(all);
			surprises += delete_region(fd, 13) != -EBUSY;
			set_effective(0);
			surprises += delete_region(fd, 16) != -EPERM;
			surprises += delete_region(fd, 13) != -EPERM;
			set_effective(all);
		}
		_exit(surprises);
	}
	if (waitpid(child, &status, 0) != child)
		tap_bail("waitpid");
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status), "capabilities go, and come back");
	close(fd);
}

/* Without CAP_PERFMON its program cannot ask whether its map is frozen: that map is asked, and no other. */
static void test_frozen_and_closed(void)
{
	int fd = map_with(BPF_MAP_TYPE_HASH, &was), second = map_with(BPF_MAP_TYPE_HASH, &was);
	int status;
	pid_t child = fork();

	if (!child) {
		struct bpf_map_comparer *comparer;
		int surprises = 0;

		keep_capabilities(1ull << CAP_BPF);
		comparer = opened(fd, NULL);
		surprises += delete_by(comparer, &key, &other) != -EBUSY;
		surprises += bpf_map_freeze(fd) != 0;
		surprises += delete_by(comparer, &key, &was) != -EPERM;
		for (int number = second + 1; number < second + 50; number++)
			if (fcntl(number, F_GETFD) >= 0)
				dup2(second, number);
		surprises += delete_by(comparer, &key, &was) >= 0;
		bpf_map_comparer__close(comparer);
		_exit(surprises);
	}
	if (waitpid(child, &status, 0) != child)
		tap_bail("waitpid");
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status), "frozen, and closed behind it");
	tap_ok(has_key(fd) && has_key(second), "both entries are there");
	close(second);
	close(fd);
}

/* Each delete names its region, of a value that no program compares as a whole. */
static void test_claim_alone(void)
{
	LIBBPF_OPTS(bpf_map_comparer_opts, opts, .backend = PROG, .claim = &claim,
		    .claim_offset = 8, .claim_size = 4);
	LIBBPF_OPTS(bpf_map_delete_elem_opts, call, .flags = BPF_F_COMPARE, .compare_size = 16,
		    .compare = &was);
	int fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), 100000, 2, 0);
	struct bpf_map_comparer *comparer = opened(fd, &opts);
	static char value[100000];

	memcpy(value, &was, sizeof(was));
	put(fd, &key, value);
	tap_is(bpf_map_comparer__delete(comparer, &key, &call), 0, "a claim, and regions by call");
	bpf_map_comparer__close(comparer);
	close(fd);
}

#define THREADS 8

struct worker {
	pthread_t thread;
	struct bpf_map_comparer *comparer;
	__u32 first;
	int surprises;
};

/* Each entry by one thread that compares wrongly, and then by all at once. */
static void *work(void *arg)
{
	struct worker *worker = arg;
	const struct value equal = { 7, 7, 7 };

	for (__u32 i = 0; i < 300; i++) {
		__u32 own = worker->first + i;

		worker->surprises += delete_by(worker->comparer, &own, &was) != -EBUSY;
		worker->surprises += delete_by(worker->comparer, &own, &equal) != 0;
		worker->surprises += delete_by(worker->comparer, &own, &equal) != -ENOENT;
	}
	return NULL;
}

static void test_threads(void)
{
	int fd = make_map(BPF_MAP_TYPE_HASH, sizeof(__u32), sizeof(struct value), THREADS * 300, 0);
	const struct value equal = { 7, 7, 7 };
	struct worker workers[THREADS] = {};
	struct bpf_map_comparer *comparer;
	int surprises = 0;

	for (__u32 i = 0; i < THREADS * 300; i++)
		put(fd, &i, &equal);
	comparer = opened(fd, NULL);
	for (int i = 0; i < THREADS; i++) {
		workers[i].comparer = comparer;
		workers[i].first = i * 300;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			tap_bail("pthread_create");
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		surprises += workers[i].surprises;
	}
	tap_is(surprises, 0, "%d threads on one comparer", THREADS);
	bpf_map_comparer__close(comparer);
	close(fd);
}

int main(void)
{
	int fds;

	/* Start with the three standard ones only, so that all others are known. */
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	if (!kernel_has("syscall_prog")) {
		int fd = map_with(BPF_MAP_TYPE_HASH, &was);

		tap_ok(!bpf_map_comparer__open(fd, NULL) && errno == EOPNOTSUPP,
		       "no comparer where there is no backend");
		return tap_done();
	}
	fds = open_fds();
	libbpf_set_print(NULL);
	for (size_t i = 0; i < ARRAY_SIZE(all_backends); i++) {
		if (backend_serves(all_backends[i], BPF_MAP_TYPE_HASH, 0))
			test_answers(BPF_MAP_TYPE_HASH, all_backends[i]);
		if (backend_serves(all_backends[i], BPF_MAP_TYPE_LRU_HASH, 0))
			test_answers(BPF_MAP_TYPE_LRU_HASH, all_backends[i]);
	}
	test_open();
	test_region_and_claim();
	test_guarantee(BPF_MAP_TYPE_HASH, "hash");
	test_guarantee(BPF_MAP_TYPE_LRU_HASH, "LRU hash");
	test_closed_fd();
	test_fork(false);
	test_fork(true);
	test_dropped_capabilities();
	test_changing_capabilities();
	test_frozen_and_closed();
	test_claim_alone();
	test_threads();
	tap_is(open_fds(), fds, "no fd leaked");
	return tap_done();
}
