// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A claim's life: no two processes take the same one, it is free again however its holder ended; one that
 * stands in a map and is nobody's is found and cleared, one that somebody holds, or that is under way, is not.
 */
#define _GNU_SOURCE /* unshare(), F_OFD_GETLK */
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include "capabilities.h"
#include "races_run.h"

#define FIRST		100ull
#define LAST		103ull
#define NR		(LAST - FIRST + 1)
#define WAIT		40 /* ms */

#define NO_CAPABILITIES 0ull

struct value {
	__u64 data;
	__u64 word;
};

static int map_fd;

static int take(int fd, __u64 *claim)
{
	int ret;

	errno = 0;
	*claim = 0;
	ret = bpf_map_claim_take(fd, FIRST, LAST, claim, sizeof(*claim));
	if (ret < 0 && errno != -ret)
		tap_ok(false, "answer %d with errno %d", ret, errno);
	if (ret < 0 ? *claim : *claim < FIRST || *claim > LAST)
		tap_ok(false, "answer %d, claim %llu", ret, (unsigned long long)*claim);
	return ret;
}

static void take_all(int *fds)
{
	__u64 claim;

	for (__u64 i = 0; i < NR; i++) {
		fds[i] = take(map_fd, &claim);
		if (fds[i] < 0 || claim != FIRST + i)
			tap_bail("bpf_map_claim_take: %d", fds[i]);
	}
}

static void close_all(const int *fds)
{
	for (__u64 i = 0; i < NR; i++)
		close(fds[i]);
}

/* What a child answers, which starts as it is told to. */
static int in_child(int (*call)(void))
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(call());
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		tap_bail("fork");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -status;
}

/* An errno, or 0. */
static int take_one(void)
{
	__u64 claim;
	int fd = take(map_fd, &claim);

	return fd < 0 ? -fd : 0;
}

static void test_take(void)
{
	int fds[NR], fd, copy;
	__u64 claim, word = FIRST;
	__u32 half = 7;

	fd = take(map_fd, &claim);
	tap_ok(fd > 2 && claim == FIRST, "the first one of the range");
	tap_is(fcntl(fd, F_GETFD), FD_CLOEXEC, "closed on exec");
	copy = dup(fd);
	close(fd);
	fd = take(map_fd, &claim);
	tap_ok(fd > 2 && claim == FIRST + 1, "a duplicate holds it");
	close(copy);
	close(fd);

	take_all(fds);
	tap_is(take(map_fd, &claim), -EBUSY, "all are taken");
	tap_is(in_child(take_one), EBUSY, "for another process too");
	fd = bpf_map_claim_take(map_fd, FIRST, LAST, &half, sizeof(half));
	tap_ok(fd == -EBUSY && half == 7, "as words of 4 bytes too, and the claim is left alone");
	close(fds[2]);
	fd = bpf_map_claim_take(map_fd, FIRST, LAST, &half, sizeof(half));
	tap_ok(fd > 2 && half == FIRST + 2, "one is free, of 4 bytes");
	close(fd);
	fds[2] = take(map_fd, &word);
	tap_ok(fds[2] > 2 && word == FIRST + 2, "the one that is free");

	copy = make_map(BPF_MAP_TYPE_LRU_HASH, 4, sizeof(struct value), 8, 0);
	fd = take(copy, &claim);
	tap_ok(fd > 2 && claim == FIRST, "another map's are others");
	close(fd);
	close(copy);
	close_all(fds);

	fd = bpf_map_claim_take(map_fd, -16ull, -1ull, &claim, sizeof(claim));
	tap_ok(fd > 2 && claim == -16ull, "the top of all words");
	copy = bpf_map_claim_take(map_fd, -1ull, -1ull, &claim, sizeof(claim));
	tap_ok(copy > 2 && claim == -1ull, "the last one");
	close(fd);
	close(copy);
}

static void test_most(void)
{
	int files = 0;
	struct {
		__s16 type, whence;
		__s64 start, len;
		__s32 pid, unused;
	} all = { F_WRLCK, SEEK_SET, 0, 0, 0, 0 };
	__u64 claim;
	int fd = take(map_fd, &claim), other;

	/* By one lock over all of them: who holds this file can lock what he wants of it. */
	all.start = (__s64)((__u64)map_id(map_fd) << 32 | (__u32)(FIRST + 1));
	all.len = 1 << 20;
	files = fcntl(fd, F_OFD_SETLK, &all);
	other = bpf_map_claim_take(map_fd, FIRST, FIRST + (1 << 17), &claim, sizeof(claim));
	tap_ok(!files && other == -EBUSY, "it stops after a good many");
	close(fd);
}

static void test_wrong(void)
{
	const __u32 key = 1;
	const struct value value = { 0, FIRST };
	int array = make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0), frozen, read_only, pipes[2];
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_RDONLY);
	__u64 claim = 5, first = FIRST, last = LAST;

	frozen = make_map(BPF_MAP_TYPE_HASH, 4, sizeof(value), 1, 0);
	put(frozen, &key, &value);
	read_only = bpf_map_create(BPF_MAP_TYPE_HASH, "selftest", 4, 8, 1, &opts);
	if (bpf_map_freeze(frozen) || read_only < 0 || pipe(pipes))
		tap_bail("bpf_map_freeze");
	const struct {
		const char *name;
		int fd;
		__u64 first, last;
		void *claim;
		__u32 size;
		int err;
	} rows[] = {
		{ "size 0", map_fd, first, last, &claim, 0, -EINVAL },
		{ "size 2", map_fd, first, last, &claim, 2, -EINVAL },
		{ "size 16", map_fd, first, last, &claim, 16, -EINVAL },
		{ "no claim", map_fd, first, last, NULL, 8, -EINVAL },
		{ "no range", map_fd, 0, 0, &claim, 8, -EINVAL },
		{ "a reversed range", map_fd, last, first, &claim, 8, -EINVAL },
		{ "over 4 bytes", map_fd, first, 1ull << 32, &claim, 4, -EINVAL },
		{ "2^32 words", map_fd, first, first + (1ull << 32), &claim, 8, -EINVAL },
		{ "no file", -1, first, last, &claim, 8, -EBADF },
		{ "a pipe", pipes[0], first, last, &claim, 8, -EINVAL },
		{ "a read-only map", read_only, first, last, &claim, 8, -EPERM },
		{ "a frozen map", frozen, first, last, &claim, 8, -EPERM },
		{ "an array", array, first, last, &claim, 8, -EOPNOTSUPP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int got, before = open_fds();

		errno = 0;
		got = bpf_map_claim_take(rows[i].fd, rows[i].first, rows[i].last, rows[i].claim,
					 rows[i].size);
		tap_ok(got == rows[i].err && errno == -got && *libbpf_compare_reason() &&
			       claim == 5 && open_fds() == before,
		       "take: %s: %s", rows[i].name, strerror(-rows[i].err));
		if (got != rows[i].err)
			printf("# %d, %s\n", got, libbpf_compare_reason());
	}
	close(array);
	close(frozen);
	close(read_only);
	close(pipes[0]);
	close(pipes[1]);
}

/* Processes. */

#define TAKERS 6

static _Atomic int *owners; /* of each claim */

static int take_and_let_go(void)
{
	int wrong = 0, none = 0;
	const int me = getpid();

	for (int i = 0; i < (getenv("SLOW_MACHINE") ? 200 : 3000); i++) {
		__u64 claim;
		int fd = take(map_fd, &claim), nobody = 0;

		if (fd == -EBUSY) {
			none++;
			sched_yield();
			continue;
		}
		if (fd < 0)
			return 2;
		wrong += !atomic_compare_exchange_strong(&owners[claim - FIRST], &nobody, me);
		if (i % 4)
			sched_yield();
		owners[claim - FIRST] = 0;
		close(fd);
	}
	return wrong ? 1 : 0;
}

static void test_processes(void)
{
	pid_t children[TAKERS];
	int wrong = 0, status;

	owners = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (owners == MAP_FAILED)
		tap_bail("mmap");
	fflush(stdout);
	for (int i = 0; i < TAKERS; i++) {
		children[i] = fork();
		if (!children[i])
			_exit(take_and_let_go());
	}
	for (int i = 0; i < TAKERS; i++) {
		if (waitpid(children[i], &status, 0) != children[i])
			tap_bail("waitpid");
		wrong += status != 0;
	}
	tap_ok(!wrong, "no two processes have one claim");
	munmap((void *)owners, 4096);
}

/* A child that has taken all, and waits to be killed. */
static pid_t start_holder(void)
{
	int fds[NR], pipes[2];
	pid_t child;
	char ready;

	fflush(stdout);
	if (pipe(pipes))
		tap_bail("pipe");
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		take_all(fds);
		if (write(pipes[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(pipes[1]);
	if (child < 0 || read(pipes[0], &ready, 1) != 1)
		tap_bail("fork");
	close(pipes[0]);
	return child;
}

static void test_kill(void)
{
	pid_t holder = start_holder();
	__u64 claim;
	int fd;

	tap_is(take(map_fd, &claim), -EBUSY, "a process has them all");
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	fd = take(map_fd, &claim);
	tap_ok(fd > 2 && claim == FIRST, "it is killed, and has none");
	close(fd);
}

/* Before 5.19 no command of bpf(2) may be given without a privilege, where that is not turned off. */
static int unprivileged(int answer)
{
	return kernel_has("no_prealloc") ? answer : EPERM;
}

static int namespaces;

static int take_elsewhere(void)
{
	if (unshare(namespaces))
		return 200;
	/* Of another PID namespace are the children. */
	return in_child(take_one);
}

static void test_namespaces(void)
{
	static const struct {
		const char *name;
		int flags;
	} rows[] = {
		{ "net", CLONE_NEWNET }, { "mount", CLONE_NEWNS },
		{ "pid", CLONE_NEWPID }, { "user", CLONE_NEWUSER },
		{ "IPC", CLONE_NEWIPC }, { "three", CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID },
	};
	int fds[NR];

	take_all(fds);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int got;

		namespaces = rows[i].flags;
		got = in_child(take_elsewhere);
		if (got == 200)
			tap_skip(rows[i].name, "this kernel has no such namespace");
		else
			tap_is(got, rows[i].flags & CLONE_NEWUSER ? unprivileged(EBUSY) : EBUSY,
			       "all are taken in another namespace: %s", rows[i].name);
	}
	close_all(fds);
}

static void test_fork(void)
{
	int fds[NR], pipes[2];
	__u64 claim;
	pid_t child;
	char ended;
	int fd;

	take_all(fds);
	fflush(stdout);
	if (pipe(pipes))
		tap_bail("pipe");
	child = fork();
	if (!child) {
		close(pipes[1]);
		_exit(read(pipes[0], &ended, 1) != 0);
	}
	close_all(fds);
	tap_is(take(map_fd, &claim), -EBUSY, "a child holds what its parent closed");
	close(pipes[1]);
	waitpid(child, NULL, 0);
	fd = take(map_fd, &claim);
	tap_ok(fd > 2, "until it ends");
	close(fd);
	close(pipes[0]);
}

static int take_unprivileged(void)
{
	keep_capabilities(NO_CAPABILITIES);
	return take_one();
}

static int take_without_streams(void)
{
	__u64 claim;
	int fd;

	for (fd = 0; fd < 3; fd++)
		close(fd);
	fd = bpf_map_claim_take(map_fd, FIRST, LAST, &claim, sizeof(claim));
	return fd > 2 && fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(0, F_GETFD) < 0 ? 0 : 1;
}

/* Clearing. */

static void put_value(__u32 key, __u64 word)
{
	const struct value value = { key, word };

	put(map_fd, &key, &value);
}

static bool is_there(__u32 key, __u64 word)
{
	struct value value;

	return !bpf_map_lookup_elem(map_fd, &key, &value) && value.data == key &&
	       value.word == word;
}

static void empty(int fd)
{
	__u32 key;

	while (!bpf_map_get_next_key(fd, NULL, &key))
		bpf_map_delete_elem(fd, &key);
}

#define OPTS(name, ...)                                                                            \
	LIBBPF_OPTS(bpf_map_claims_opts, name, .claim_offset = offsetof(struct value, word),       \
		    .claim_size = sizeof(__u64), .claim_first = FIRST, .claim_last = LAST,         \
		    .wait_ms = WAIT, __VA_ARGS__)

static int clear(struct bpf_map_claims_opts *opts)
{
	int err;

	errno = 0;
	err = bpf_map_claims_clear(map_fd, opts);
	if (err < 0 && errno != -err)
		tap_ok(false, "answer %d with errno %d", err, errno);
	return err;
}

static bool counts_are(const struct bpf_map_claims_opts *opts, __u64 found, __u64 held, __u64 stale,
		       __u64 cleared, __u64 changed)
{
	if (opts->found == found && opts->held == held && opts->stale == stale &&
	    opts->cleared == cleared && opts->changed == changed)
		return true;
	printf("# found %llu, held %llu, stale %llu, cleared %llu, changed %llu; %s\n",
	       (unsigned long long)opts->found, (unsigned long long)opts->held,
	       (unsigned long long)opts->stale, (unsigned long long)opts->cleared,
	       (unsigned long long)opts->changed, libbpf_compare_reason());
	return false;
}

/* Live ones, and all words of the range but the last: three, two and one. */
static void fill_claims(void)
{
	empty(map_fd);
	for (__u32 key = 0; key < 5; key++)
		put_value(key, key % 2 ? FIRST - 1 - key : LAST + 1 + key);
	for (__u32 key = 5; key < 11; key++)
		put_value(key, FIRST + (key >= 8) + (key == 10));
}

static bool live_ones_are_there(void)
{
	bool all = true;

	for (__u32 key = 0; key < 5; key++)
		all &= is_there(key, key % 2 ? FIRST - 1 - key : LAST + 1 + key);
	return all;
}

static int claimed_ones(void)
{
	int count = 0;

	for (__u32 key = 5; key < 11; key++)
		count += is_there(key, FIRST + (key >= 8) + (key == 10));
	return count;
}

/* What is handed out is true: each key, its word, and what became of it. */
static bool handed_out(const struct bpf_map_claims_opts *opts, int held_word, int result)
{
	const __u32 *keys = opts->keys;
	__u32 seen = 0;

	for (__u64 i = 0; i < opts->found && i < opts->capacity; i++) {
		__u64 word = FIRST + (keys[i] >= 8) + (keys[i] == 10);

		if (keys[i] < 5 || keys[i] > 10 || seen & 1 << keys[i] || opts->words[i] != word)
			return false;
		if (opts->results[i] != (held_word == (int)(word - FIRST) ? -EBUSY : result))
			return false;
		seen |= 1 << keys[i];
	}
	return true;
}

static void test_keep(void)
{
	__u32 keys[7];
	__u64 words[7] = {};
	int results[7], fd;
	__u64 claim;
	OPTS(opts, .flags = BPF_MAP_CLAIMS_KEEP, .keys = keys, .words = words, .results = results,
	     .capacity = 6);

	words[6] = 77;
	fill_claims();
	fd = take(map_fd, &claim);
	tap_is(clear(&opts), 0, "told");
	tap_ok(counts_are(&opts, 6, 3, 3, 0, 0) && handed_out(&opts, 0, 0) && words[6] == 77,
	       "which are held and which are stale");
	tap_ok(live_ones_are_there() && claimed_ones() == 6, "and nothing is deleted");
	opts.capacity = 2;
	words[2] = 99;
	tap_ok(!clear(&opts) && counts_are(&opts, 6, 3, 3, 0, 0) && handed_out(&opts, 0, 0) &&
		       words[2] == 99,
	       "as many are handed out as there is room for");
	close(fd);
	opts.claim_first = opts.claim_last = FIRST + 1;
	opts.capacity = 6;
	tap_ok(!clear(&opts) && counts_are(&opts, 2, 0, 2, 0, 0), "of a range of one word");
	empty(map_fd);
	tap_ok(!clear(&opts) && counts_are(&opts, 0, 0, 0, 0, 0), "of an empty map");
}

static void test_clear(void)
{
	__u32 keys[6];
	__u64 words[6], claim, other;
	int results[6], fd, before;
	OPTS(opts, .keys = keys, .words = words, .results = results, .capacity = 6);

	bpf_map_compare_release(map_fd);
	before = open_fds();
	fill_claims();
	tap_is(clear(&opts), 0, "cleared");
	tap_ok(counts_are(&opts, 6, 0, 6, 6, 0) && handed_out(&opts, -1, 0), "all were stale");
	tap_ok(live_ones_are_there() && !claimed_ones(), "and are gone, and nothing else");

	fill_claims();
	fd = take(map_fd, &claim);
	tap_ok(!clear(&opts) && counts_are(&opts, 6, 3, 3, 3, 0) && handed_out(&opts, 0, 0) &&
		       live_ones_are_there() && claimed_ones() == 3,
	       "those of a claim that is held stay");
	fill_claims();
	opts.claim = &claim;
	tap_ok(!clear(&opts) && counts_are(&opts, 6, 0, 6, 6, 0) && handed_out(&opts, -1, 0) &&
		       live_ones_are_there() && !claimed_ones(),
	       "one's own are cleared too");
	close(fd);
	tap_is(in_child(take_one), 0, "none of them is held afterwards");

	/* All are held but the one that is stale. */
	empty(map_fd);
	put_value(1, FIRST + 1);
	opts.claim = NULL;
	opts.claim_last = FIRST + 1;
	fd = take(map_fd, &other);
	tap_is(clear(&opts), -EBUSY, "none is left to clear by");
	tap_ok(is_there(1, FIRST + 1) && counts_are(&opts, 1, 0, 0, 0, 0) &&
		       results[0] == -ECANCELED && *libbpf_compare_reason(),
	       "so that it stays");
	opts.claim = &other;
	tap_ok(!clear(&opts) && counts_are(&opts, 1, 0, 1, 1, 0), "but by one's own");
	close(fd);
	bpf_map_compare_release(map_fd);
	tap_is(open_fds(), before, "no file is left open");
}

/* Words of 4 bytes, in an LRU map. */
static void test_narrow(void)
{
	int fd = make_map(BPF_MAP_TYPE_LRU_HASH, 4, 12, 64, 0);
	__u32 words[3] = { 1, 0, 2 }, own = -1u, key;
	LIBBPF_OPTS(bpf_map_claims_opts, opts, .claim_offset = 4, .claim_size = 4,
		    .claim_first = -4u, .claim_last = -1u, .claim = &own, .wait_ms = WAIT);

	for (key = 0; key < 8; key++) {
		words[1] = key - 8;
		put(fd, &key, words);
	}
	tap_is(bpf_map_claims_clear(fd, &opts), 0, "words of 4 bytes");
	tap_ok(counts_are(&opts, 4, 0, 4, 4, 0), "all are counted");
	key = 3;
	tap_ok(!bpf_map_lookup_elem(fd, &key, words) && words[1] == -5u, "a neighbour stays");
	key = 4;
	tap_is(bpf_map_lookup_elem(fd, &key, words), -ENOENT, "the lowest is gone");
	bpf_map_compare_release(fd);
	close(fd);
}

/* In ms: what is done meanwhile has to fall into the wait. */
static unsigned int a_while(void)
{
	return getenv("SLOW_MACHINE") ? 2000 : 100;
}

static void *change_some(void *arg)
{
	const __u32 gone = 6;

	(void)arg;
	usleep(a_while() * 1000);
	put_value(5, LAST + 50); /* given back and refreshed */
	bpf_map_delete_elem(map_fd, &gone);
	put_value(8, FIRST); /* claimed by another */
	return NULL;
}

static void test_changes(void)
{
	__u32 keys[6];
	int results[6], right = 0;
	OPTS(opts, .keys = keys, .results = results, .capacity = 6);
	pthread_t thread;

	/* So that all is loaded. */
	fill_claims();
	clear(&opts);
	opts.wait_ms = 4 * a_while();
	fill_claims();
	if (pthread_create(&thread, NULL, change_some, NULL))
		tap_bail("pthread_create");
	tap_is(clear(&opts), 0, "claims that pass");
	pthread_join(thread, NULL);
	for (int i = 0; i < 6; i++)
		right += results[i] == (keys[i] == 5 || keys[i] == 6 || keys[i] == 8 ? -ENOENT : 0);
	tap_ok(counts_are(&opts, 6, 0, 3, 3, 3) && right == 6, "are told from those that stand");
	tap_ok(is_there(5, LAST + 50) && is_there(8, FIRST) && live_ones_are_there(), "and stay");
}

static void ignore(int signal)
{
	(void)signal;
}

static void test_signal(void)
{
	const struct itimerval soon = { .it_value = { .tv_usec = 50000 } };
	struct sigaction action = { .sa_handler = ignore, .sa_flags = SA_RESTART };
	int results[6];
	OPTS(opts, .results = results, .capacity = 6);
	__u64 start = clock_ns();

	fill_claims();
	opts.wait_ms = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	tap_is(clear(&opts), -EINTR, "a signal ends the wait");
	tap_ok(clock_ns() - start < 5000000000ull && counts_are(&opts, 6, 0, 0, 0, 0) &&
		       results[0] == -ECANCELED && results[5] == -ECANCELED && claimed_ones() == 6,
	       "nothing was deleted, and what was found is counted");
}

static void test_wait(void)
{
	OPTS(opts);
	__u64 start = clock_ns();

	fill_claims();
	opts.wait_ms = 400;
	tap_ok(!clear(&opts) && clock_ns() - start >= 400000000ull,
	       "waits for as long as it is told");
}

static int clear_unprivileged(void)
{
	OPTS(opts);

	opts.wait_ms = 600000;
	keep_capabilities(NO_CAPABILITIES);
	return -clear(&opts);
}

static int tell_unprivileged(void)
{
	OPTS(opts, .flags = BPF_MAP_CLAIMS_KEEP);

	keep_capabilities(NO_CAPABILITIES);
	return -clear(&opts);
}

static int clear_with_cap_bpf(void)
{
	OPTS(opts);

	keep_capabilities(1ull << CAP_BPF | 1ull << CAP_PERFMON);
	return clear(&opts) || !counts_are(&opts, 6, 0, 6, 6, 0);
}

static void test_privilege(void)
{
	tap_is(in_child(take_unprivileged), unprivileged(0), "to take one needs no privilege");
	tap_is(in_child(take_without_streams), 0, "the standard streams' numbers are left alone");
	fill_claims();
	if (!kernel_has("syscall_prog"))
		return;
	tap_is(in_child(clear_unprivileged), EPERM, "to clear does, and says so before it waits");
	tap_is(in_child(clear_with_cap_bpf), 0, "CAP_BPF and CAP_PERFMON will do");
	fill_claims();
	tap_is(in_child(tell_unprivileged), 0, "to tell needs none");
}

static void test_wrong_clears(void)
{
	const __u32 key = 1;
	const struct value value = { 0, FIRST };
	int array = make_map(BPF_MAP_TYPE_ARRAY, 4, 16, 1, 0);
	int frozen = make_map(BPF_MAP_TYPE_HASH, 4, sizeof(value), 1, 0), results[1];
	__u64 outside = LAST + 1, own = FIRST;
	OPTS(telling, .flags = BPF_MAP_CLAIMS_KEEP);

	put(frozen, &key, &value);
	if (bpf_map_freeze(frozen))
		tap_bail("bpf_map_freeze");
	put_value(1, FIRST);
#define REFUSED(err, name, fd, ...)                                                                \
	do {                                                                                       \
		OPTS(opts, .cleared = 5);                                                          \
		opts.wait_ms = 600000;                                                             \
		__VA_ARGS__;                                                                       \
		errno = 0;                                                                         \
		tap_ok(bpf_map_claims_clear(fd, &opts) == (err) && errno == -(err) &&              \
			       *libbpf_compare_reason() && !opts.cleared,                          \
		       "clear: %s: %s", name, strerror(-(err)));                                   \
	} while (0)
	REFUSED(-EINVAL, "an unknown flag", map_fd, opts.flags = 2);
	REFUSED(-EINVAL, "results without capacity", map_fd, opts.results = results);
	REFUSED(-EINVAL, "size 2", map_fd, opts.claim_size = 2);
	REFUSED(-EINVAL, "no range", map_fd, opts.claim_first = opts.claim_last = 0);
	REFUSED(-EINVAL, "a reversed range", map_fd, opts.claim_first = LAST + 1);
	REFUSED(-EINVAL, "2^32 words", map_fd, opts.claim_last = FIRST + (1ull << 32));
	REFUSED(-EINVAL, "a range of one word", map_fd, opts.claim_last = FIRST);
	REFUSED(-EINVAL, "not aligned", map_fd, opts.claim_offset = 4);
	REFUSED(-EINVAL, "past the end", map_fd, opts.claim_offset = 16);
	REFUSED(-EINVAL, "far past the end", map_fd, opts.claim_offset = -8u);
	REFUSED(-EINVAL, "a claim outside of the range", map_fd, opts.claim = &outside);
	REFUSED(-EBADF, "no file", -1, opts.claim = &own);
	REFUSED(-EPERM, "a frozen map", frozen, opts.claim = &own);
	REFUSED(-EOPNOTSUPP, "an array", array, opts.claim = &own);
	tap_is(bpf_map_claims_clear(map_fd, NULL), -EINVAL, "clear: no options");
	tap_ok(is_there(1, FIRST), "and nothing was deleted");
	tap_ok(!bpf_map_claims_clear(frozen, &telling) && counts_are(&telling, 1, 0, 1, 0, 0),
	       "a frozen map's are told");
	close(array);
	close(frozen);
}

/* What deletes and sweeps say to a claim that is not in the range. */
static void test_ranges(void)
{
	const __u64 claim = LAST + 1, word = 7;
	const __u32 key = 1;
	const struct bpf_map_sweep_cond cond = { .offset = offsetof(struct value, word),
						 .size = 8,
						 .operand = word };
	LIBBPF_OPTS(bpf_map_delete_batch_opts, batch, .elem_flags = BPF_F_COMPARE, .compare = &word,
		    .compare_offset = offsetof(struct value, word), .compare_size = 8,
		    .claim = &claim, .claim_offset = offsetof(struct value, word), .claim_size = 8,
		    .claim_first = FIRST, .claim_last = LAST);
	LIBBPF_OPTS(bpf_map_sweep_opts, sweep, .claim = &claim,
		    .claim_offset = offsetof(struct value, word), .claim_size = 8,
		    .claim_first = FIRST, .claim_last = LAST);
	struct bpf_map_comparer *comparer = bpf_map_comparer__open(map_fd, NULL);
	__u32 count = 1;

	put_value(key, word);
	tap_is(bpf_map_delete_batch_opts(map_fd, &key, &count, &batch), -EINVAL,
	       "a batch's claim outside of its range");
	count = 1;
	tap_is(bpf_map_comparer__delete_batch(comparer, &key, &count, &batch), -EINVAL,
	       "a comparer's");
	tap_is(bpf_map_sweep(map_fd, &cond, 1, &sweep), -EINVAL, "a sweep's");
	tap_ok(is_there(key, word), "nothing was deleted");
	bpf_map_comparer__close(comparer);
}

/* More than are handed on at once, of several claims, by each way through a map. */
static void test_many(enum way way)
{
	enum {
		MANY = 6000,
		CLAIMED = 2500,
	};
	int fd = make_map(BPF_MAP_TYPE_HASH, 4, sizeof(struct value), MANY, 0), left = 0;
	__u64 claim;
	int holder = take(fd, &claim);
	OPTS(opts);

	for (__u32 key = 0; key < MANY; key++) {
		const struct value value = { key, key % 12 < 5 ? FIRST + key % 3 : LAST + 1 + key };

		put(fd, &key, &value);
	}
	set_effective(way == BATCH ? ~(1ull << CAP_PERFMON | 1ull << CAP_SYS_ADMIN) : ~0ull);
	tap_is(bpf_map_claims_clear(fd, &opts), 0, "many, by %s", way_names[way]);
	set_effective(~0ull);
	for (__u32 key = 0; key < MANY; key++) {
		struct value value;
		bool there = !bpf_map_lookup_elem(fd, &key, &value);

		left += there != (key % 12 >= 5 || key % 3 == 0);
	}
	tap_ok(counts_are(&opts, CLAIMED, 1000, 1500, 1500, 0) && !left,
	       "many: all that are stale, and no other");
	close(holder);
	bpf_map_compare_release(fd);
	close(fd);
}

/* More than a call remembers. */
static void test_more(void)
{
	enum {
		MANY = 17000,
		KEY = 1024,
	};
	int fd = make_map(BPF_MAP_TYPE_HASH, KEY, 8, MANY, 0);
	__u64 word = FIRST;
	__u32 key[KEY / 4] = {};
	OPTS(opts);

	opts.claim_offset = 0;
	for (key[0] = 0; key[0] < MANY; key[0]++)
		put(fd, key, &word);
	tap_is(bpf_map_claims_clear(fd, &opts), 1, "more than a call remembers");
	word = opts.cleared;
	tap_ok(word > 16000 && word < MANY && counts_are(&opts, word, 0, word, word, 0),
	       "are cleared in part");
	tap_is(bpf_map_claims_clear(fd, &opts), 0, "the next call sees the rest");
	tap_ok(opts.cleared + word == MANY && bpf_map_get_next_key(fd, NULL, key), "and clears it");
	bpf_map_compare_release(fd);
	close(fd);
}

/* Beside collectors, whose claims stand for a moment on entries that change all the time. */

#define COPIES	     3
#define COPIED_CLAIM (CLAIM_FIRST + 9)

static _Atomic unsigned long clears, wrong_clears;
static bool collectors_hold;

static void *clear_beside(void *arg)
{
	const struct race *race = arg;
	const __u64 own = CLAIM_FIRST + 8;
	int held[COLLECTORS_MAX];
	__u64 claim;

	/* Or else nobody but us goes by that. */
	for (__u32 i = 0; i < race->collectors && collectors_hold; i++)
		held[i] = bpf_map_claim_take(race->map_fd, CLAIM_FIRST, CLAIM_LAST, &claim,
					     sizeof(claim));
	while (!*race->stop) {
		LIBBPF_OPTS(bpf_map_claims_opts, opts, .claim_offset = offsetof(struct entry, word),
			    .claim_size = sizeof(__u64), .claim_first = CLAIM_FIRST,
			    .claim_last = CLAIM_LAST, .wait_ms = collectors_hold ? 1 : 8,
			    .claim = collectors_hold ? NULL : &own);

		for (__u32 key = race->keys; key < race->keys + COPIES; key++) {
			const struct entry copy = { .owner = key, .word = COPIED_CLAIM };

			put(race->map_fd, &key, &copy);
		}
		if (bpf_map_claims_clear(race->map_fd, &opts))
			tap_bail("bpf_map_claims_clear: %s", libbpf_compare_reason());
		clears++;
		wrong_clears +=
			opts.cleared != COPIES || opts.stale != COPIES || opts.found < COPIES;
	}
	for (__u32 i = 0; i < race->collectors && collectors_hold; i++)
		close(held[i]);
	return NULL;
}

static void race_clears(const char *name, bool holds, enum writer_kind writer)
{
	struct race race = {
		.name = name,
		.writer = writer,
		.map_type = BPF_MAP_TYPE_HASH,
		.max_entries = 64,
		.keys = 4,
		.equal_words = 1,
		.backend = BPF_MAP_COMPARE_AUTO,
		.claim = true,
		.batch = true,
		.collectors = 2,
		.processes = true,
		.refreshes = scaled(4000000),
		.deletes = scaled(2000000),
		.beside = clear_beside,
	};

	clears = wrong_clears = 0;
	collectors_hold = holds;
	run_race(race, LOSES_NOTHING);
	tap_ok(clears && !wrong_clears, "%s: each time the copies are cleared, and nothing else",
	       name);
	printf("# %lu times cleared\n", clears);
}

int main(void)
{
	bool prog = kernel_has("syscall_prog");
	OPTS(opts);

	libbpf_set_print(NULL);
	map_fd = make_map(BPF_MAP_TYPE_HASH, 4, sizeof(struct value), 64, 0);
	test_take();
	test_most();
	test_wrong();
	test_processes();
	test_kill();
	test_namespaces();
	test_fork();
	test_privilege();
	test_keep();
	if (!prog) {
		fill_claims();
		tap_ok(clear(&opts) == -EOPNOTSUPP && claimed_ones() == 6,
		       "there is no program to clear by");
		return tap_done();
	}
	test_clear();
	test_narrow();
	test_changes();
	test_signal();
	test_wait();
	test_wrong_clears();
	test_ranges();
	test_many(EACH);
	test_many(BATCH);
	if (!getenv("SLOW_MACHINE"))
		test_more();
	race_clears("clears beside collectors", false, KEEPS_RULES);
	race_clears("clears, collectors hold claims", true, KEEPS_RULES);
	race_clears("clears, programs delete too", true, DELETES);
	close(map_fd);
	return tap_done();
}
