// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The life of a process that uses the library: it runs out of file descriptors, its threads come and
 * go and are cancelled, its maps take each other's fd numbers, signals interrupt it. See test_kept.c
 * for forks and for what is kept.
 */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include "common.h"

#define PROG BPF_MAP_COMPARE_SYSCALL_PROG

static const __u32 key = 1;
static const __u64 ones = 1, twos = 2;

static int map_with(__u64 value)
{
	int fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), sizeof(value), 128, 0);

	put(fd, &key, &value);
	return fd;
}

/* With this many fds to spare a library that was not used yet fails, or not, and then works. */
static bool try_with_spare(int map_fd, rlim_t spare)
{
	struct rlimit limit, less;
	int err, status;
	pid_t child;

	child = fork();
	if (!child) {
		getrlimit(RLIMIT_NOFILE, &limit);
		less = limit;
		less.rlim_cur = map_fd + 1 + spare;
		setrlimit(RLIMIT_NOFILE, &less);
		err = delete_if(map_fd, &key, &twos, 0, 0, PROG);
		if (err != -EMFILE && err != -EBUSY)
			printf("# %lu fds to spare: answer %d\n", (unsigned long)spare, err);
		setrlimit(RLIMIT_NOFILE, &limit);
		err = delete_if(map_fd, &key, &twos, 0, 0, PROG);
		if (err != -EBUSY)
			printf("# with enough of them: answer %d\n", err);
		fflush(stdout);
		_exit(err != -EBUSY);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		tap_bail("fork");
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static void test_fd_limit(void)
{
	int fd = map_with(ones);
	bool pass = true;

	libbpf_set_print(NULL);
	for (rlim_t spare = 0; spare < 16; spare++)
		pass &= try_with_spare(fd, spare);
	tap_ok(pass, "few fds to spare on first use: later calls work");
	close(fd);
}

static void *use_once(void *arg)
{
	int fd = map_with(ones);
	bool pass;

	pass = delete_if(fd, &key, &twos, 0, 0, PROG) == -EBUSY &&
	       !delete_if(fd, &key, &ones, 0, 0, PROG) && !bpf_map_compare_release(fd);
	close(fd);
	if (!pass)
		*(bool *)arg = false;
	return NULL;
}

/* What is allocated, and with `make stress`, where no tool is in between, what is in memory at all. */
static size_t memory_used(void)
{
	size_t pages = 0;
	FILE *file;

	if (!getenv("STRESS"))
		return mallinfo2().uordblks;
	file = fopen("/proc/self/statm", "r");
	if (!file || fscanf(file, "%*d %zu", &pages) != 1)
		tap_bail("/proc/self/statm");
	fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

/*
 * Each round has a thread and a map of its own. Few rounds, since each loads a program, of which the
 * kernel takes no more in a hurry; `make stress` does a million, with rests.
 */
static void test_rounds(void)
{
	long rounds = getenv("STRESS") ? 1000000 : getenv("SLOW_MACHINE") ? 50 : 200;
	int fds = open_fds();
	bool pass = true;
	size_t memory = 0;

	for (long round = 0; round < rounds; round++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, use_once, &pass))
			tap_bail("pthread_create");
		pthread_join(thread, NULL);
		if (round == rounds / 4)
			memory = memory_used();
		if (round % 100 == 99)
			let_programs_be_freed();
		if (round % 10000 == 9999)
			printf("# %ld rounds\n", round + 1), fflush(stdout);
	}
	tap_ok(pass, "%ld rounds: a thread starts, makes, uses and closes a map, ends", rounds);
	tap_is(open_fds(), fds, "no fd leaked");
	tap_ok(memory_used() < memory + 65536, "memory is flat: %zu bytes, then %zu", memory,
	       memory_used());
}

static void *release_and_use(void *arg)
{
	int fd = *(int *)arg;

	for (;;) {
		bpf_map_compare_release(fd);
		delete_if(fd, &key, &twos, 0, 0, PROG);
		pthread_testcancel();
	}
	return NULL;
}

/*
 * AddressSanitizer takes the stack of a cancelled thread for still in use, and then finds fault with
 * what it itself does on it for its signal stack as the thread ends.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "use_sigaltstack=0";
}

/* A thread that is cancelled in a call takes no lock with it. */
static void test_cancelled(void)
{
	int fd = map_with(ones), fds = open_fds();
	pthread_t thread;

	for (int i = 0; i < 30; i++) {
		if (pthread_create(&thread, NULL, release_and_use, &fd))
			tap_bail("pthread_create");
		usleep(1000 + 100 * i);
		pthread_cancel(thread);
		pthread_join(thread, NULL);
	}
	let_programs_be_freed();
	tap_is(delete_if(fd, &key, &twos, 0, 0, PROG), -EBUSY, "after 30 threads were cancelled");
	bpf_map_compare_release(fd);
	tap_is(open_fds(), fds, "no fd leaked");
	close(fd);
}

/* Keys and values of whatever map is behind the number fit in here. */
#define SIZE_MAX_HERE 64

static _Atomic bool stop;
static _Atomic unsigned long surprises, calls;
static int shared_fd;

/* Of the three maps one has these bytes, or none: only there may anything be deleted. */
static void *delete_by_number(void *arg)
{
	const char *byte = arg;
	char keys[3 * SIZE_MAX_HERE] = { 1 }, values[3 * SIZE_MAX_HERE];
	LIBBPF_OPTS(bpf_map_delete_elem_opts, one, .flags = BPF_F_COMPARE, .compare = values,
		    .compare_size = 8);
	LIBBPF_OPTS(bpf_map_delete_batch_opts, many, .elem_flags = BPF_F_COMPARE, .compare = values,
		    .compare_size = 8, .backend = PROG);
	__u32 count;
	int err;

	memset(values, *byte, sizeof(values));
	while (!stop) {
		count = 3;
		one.backend = calls % 2 ? PROG : BPF_MAP_COMPARE_AUTO;
		err = bpf_map_delete_elem_opts(shared_fd, keys, &one);
		surprises += !err && *byte != 'b';
		bpf_map_delete_batch_opts(shared_fd, keys, &count, &many);
		surprises += count && *byte != 'b';
		calls++;
	}
	return NULL;
}

static void test_reused_number(void)
{
	enum {
		MAPS = 3,
		THREADS = 4
	};
	static const char bytes[THREADS + 1] = "xbxb";
	const __u32 sizes[MAPS] = { 8, 8, SIZE_MAX_HERE };
	char zeroes[SIZE_MAX_HERE] = { 1 }, value[SIZE_MAX_HERE], now[SIZE_MAX_HERE];
	int maps[MAPS], rounds = getenv("SLOW_MACHINE") ? 300 : 3000;
	pthread_t threads[THREADS];
	bool pass = true;

	for (int i = 0; i < MAPS; i++) {
		maps[i] = make_map(i == 1 ? BPF_MAP_TYPE_LRU_HASH : BPF_MAP_TYPE_HASH, sizes[i],
				   sizes[i], 8, 0);
		memset(value, 'a' + i, sizeof(value));
		put(maps[i], zeroes, value);
	}
	shared_fd = dup(maps[0]);
	stop = false;
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, delete_by_number, (void *)&bytes[i]))
			tap_bail("pthread_create");
	for (int round = 0; round < rounds; round++) {
		/* At times there is nothing behind the number for a moment, or some other file. */
		if (round % 8 == 0)
			close(shared_fd);
		dup2(maps[round % MAPS], shared_fd);
		memset(value, 'b', sizeof(value));
		put(maps[1], zeroes, value);
		usleep(100);
	}
	stop = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < MAPS; i += 2) {
		memset(value, 'a' + i, sizeof(value));
		pass &= !bpf_map_lookup_elem(maps[i], zeroes, now) && !memcmp(now, value, sizes[i]);
	}
	tap_ok(pass, "%d times another map took the number: entries that differ are there", rounds);
	tap_is(surprises, 0, "of %lu calls none deleted what differs", calls);
	bpf_map_delete_elem(maps[1], zeroes);
	put(maps[1], zeroes, value);
	for (int i = 0; i < MAPS; i++) {
		tap_is(delete_if(maps[i], zeroes, "no match", 0, 8, PROG), -EBUSY,
		       "map %d serves on", i);
		bpf_map_compare_release(maps[i]);
		close(maps[i]);
	}
	close(shared_fd);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

/* A timer at 1 kHz, as a profiler has it, and system calls that are not started again. */
static void test_signals(__u32 backend)
{
	enum {
		KEYS = 100
	};
	const struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = {};
	const struct sigaction action = { .sa_handler = count_signal };
	int fd = map_with(ones), results[KEYS], wanted = getenv("SLOW_MACHINE") ? 100 : 1000;
	__u64 expected[KEYS];
	__u32 keys[KEYS];
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = expected, .results = results, .backend = backend);
	unsigned long rounds = 0;
	bool pass = true;

	signals = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	while (signals < wanted) {
		__u32 count = KEYS;

		for (__u32 i = 0; i < KEYS; i++) {
			__u64 value = keys[i] = i;

			expected[i] = value + i % 2;
			put(fd, &keys[i], &value);
		}
		pass &= !bpf_map_delete_batch_opts(fd, keys, &count, &opts) && count == KEYS / 2;
		for (__u32 i = 0; i < KEYS; i++)
			pass &= results[i] == (i % 2 ? -EBUSY : 0);
		pass &= delete_if(fd, &key, &twos, 0, 0, backend) == -EBUSY;
		pass &= delete_if(fd, &key, &ones, 0, 0, backend) == 0;
		/* What loads programs is interrupted as well, but not often. */
		if (rounds++ % 20 == 0 && rounds < 1000) {
			pass &= bpf_map_get_compare_backend(fd) > 0;
			bpf_map_compare_release(fd);
		}
	}
	setitimer(ITIMER_REAL, &never, NULL);
	tap_ok(pass, "%s: %d signals in %lu rounds change no answer", backend_name(backend),
	       (int)signals, rounds);
	bpf_map_compare_release(fd);
	close(fd);
}

int main(void)
{
	if (kernel_has("syscall_prog")) {
		/* First, while the library was not used. */
		test_fd_limit();
		test_rounds();
		test_cancelled();
		test_reused_number();
	}
	for (size_t i = 0; i < ARRAY_SIZE(all_backends); i++)
		if (backend_serves(all_backends[i], BPF_MAP_TYPE_HASH, 0))
			test_signals(all_backends[i]);
	if (!tap_tests)
		tap_skip("life", "this kernel has no backend");
	return tap_done();
}
