// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Whoever is refused is told why, once, through libbpf's print callback: the caller's mistakes as warnings,
 * what is not to be had here for those who debug. Answers about a key print nothing.
 */
#include <pthread.h>
#include <sys/wait.h>
#include <bpf/bpf.h>
#include "common.h"

#define PROG BPF_MAP_COMPARE_SYSCALL_PROG

static char said[512];
static enum libbpf_print_level level;
static int times;

static int hear(enum libbpf_print_level at, const char *format, va_list args)
{
	vsnprintf(said, sizeof(said), format, args);
	level = at;
	times++;
	return 0;
}

static void heard(int got, int want, enum libbpf_print_level at, const char *what)
{
	const char *reason = libbpf_compare_reason();
	bool pass = got == want && times == 1 && level == at && strstr(said, what) &&
		    (got ? !!strstr(reason, what) : !*reason) &&
		    !strncmp(said, "libbpf-compare: ", 16) && said[strlen(said) - 1] == '\n';

	if (!tap_ok(pass, "%d: %s", want, what))
		printf("# got %d, level %d, %d times: %s\n", got, level, times, said);
	times = 0;
	said[0] = '\0';
}

struct value {
	__u64 first, second, third;
};

static const __u32 key = 1;
static const struct value value = { 1, 2, 3 }, other = { 1, 2, 4 };
static int fd;

static struct bpf_map_delete_elem_opts call;

static void compare(__u32 offset, __u32 size)
{
	memset(&call, 0, sizeof(call));
	call.sz = sizeof(call);
	call.flags = BPF_F_COMPARE;
	call.compare = &other;
	call.compare_offset = offset;
	call.compare_size = size;
	call.backend = PROG;
}

static void claims(const void *word, __u32 offset, __u32 size)
{
	call.claim = word;
	call.claim_offset = offset;
	call.claim_size = size;
}

static int run(void)
{
	return bpf_map_delete_elem_opts(fd, &key, &call);
}

static void test_mistakes(void)
{
	const __u64 word = 77;

#define MISTAKE(what) heard(run(), -EINVAL, LIBBPF_WARN, what)
	compare(0, 0);
	call.sz = 3;
	MISTAKE("sz of struct bpf_map_delete_elem_opts is 3");
	compare(0, 0);
	call.flags = 64;
	MISTAKE("flags 0x40: only BPF_F_COMPARE is known");
	compare(0, 0);
	call.flags = 0;
	MISTAKE("compare or claim fields without BPF_F_COMPARE in flags");
	compare(0, 0);
	call.backend = 9;
	MISTAKE("backend 9 is unknown");
	compare(20, 8);
	MISTAKE("compare_offset 20 + compare_size 8 is past the value's end: value_size 24");
	compare(0, 0);
	claims(NULL, 8, 0);
	MISTAKE("claim_offset or claim_size without claim");
	claims(&word, 8, 3);
	MISTAKE("claim_size is 3, not 4 or 8");
	claims(&word, 4, 8);
	MISTAKE("claim_offset 4 is no multiple of claim_size 8");
	compare(0, 8);
	claims(&word, 8, 8);
	MISTAKE("the claim's 8 bytes at 8 are not within the compared region, from 0 to 8");
	compare(0, 24);
	claims(&other.third, 16, 8);
	MISTAKE("the claim equals the expected word");
#undef MISTAKE
	compare(0, 0);
	heard(bpf_map_delete_elem_opts(fd, NULL, &call), -EFAULT, LIBBPF_WARN, "key is NULL");
	call.compare = NULL;
	if (kernel_has("syscall_prog"))
		heard(run(), -EFAULT, LIBBPF_WARN, "compare is NULL");
	heard(bpf_map__delete_elem_opts(NULL, &key, 4, NULL), -EINVAL, LIBBPF_WARN, "map is NULL");
	heard(bpf_map_delete_batch_opts(fd, &key, NULL, NULL), -EINVAL, LIBBPF_WARN,
	      "count is NULL");
}

static void test_map(int map_fd, int want, const char *what)
{
	compare(0, 1);
	heard(bpf_map_delete_elem_opts(map_fd, &key, &call), want, LIBBPF_DEBUG, what);
	close(map_fd);
}

/* What this map, this kernel or this caller does not have. */
static void test_not_here(void)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, read_only, .open_flags = BPF_F_RDONLY);
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char large[1 << 17];
	const __u32 word = 0;
	int map_fd;

	test_map(make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0), -EOPNOTSUPP,
		 "map type 2 is neither BPF_MAP_TYPE_HASH nor BPF_MAP_TYPE_LRU_HASH");
	test_map(bpf_map_get_fd_by_id_opts(map_id(fd), &read_only), -EPERM, "is read-only");
	map_fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", insns, 2, NULL);
	compare(0, 1);
	heard(bpf_map_delete_elem_opts(map_fd, &key, &call), -EINVAL, LIBBPF_WARN, "is no map's");
	close(map_fd);
	if (!kernel_has("syscall_prog")) {
		test_map(dup(fd), -EOPNOTSUPP, "no BPF_PROG_TYPE_SYSCALL");
		return;
	}
	test_map(make_map(BPF_MAP_TYPE_HASH, 4, 8, 1, BPF_F_RDONLY_PROG), -EOPNOTSUPP,
		 "BPF_F_RDONLY_PROG");
	map_fd = make_map(BPF_MAP_TYPE_HASH, 4, sizeof(large), 1, 0);
	compare(0, 1 << 17);
	call.compare = large;
	heard(bpf_map_delete_elem_opts(map_fd, &key, &call), -EOPNOTSUPP, LIBBPF_DEBUG,
	      "compare_size 131072 is over the emulation's 65536");
	close(map_fd);
	if (!kernel_has("native")) {
		compare(0, 0);
		call.backend = BPF_MAP_COMPARE_NATIVE;
		heard(run(), -EOPNOTSUPP, LIBBPF_DEBUG, "the native backend does not serve");
	}
	compare(0, 4);
	claims(&word, 0, 4);
	call.backend = BPF_MAP_COMPARE_NATIVE;
	heard(run(), -EOPNOTSUPP, LIBBPF_DEBUG, "the native backend knows no claims");
	if (!kernel_has("no_prealloc")) {
		opts.map_flags = BPF_F_NO_PREALLOC;
		test_map(bpf_map_create(BPF_MAP_TYPE_HASH, "lazy", 4, 8, 1, &opts), -EOPNOTSUPP,
			 "no syscall program use map 'lazy'");
	}
}

static void test_batch(void)
{
	const __u32 keys[] = { 1, 2, 3 };
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE, .backend = PROG,
		    .compare = &value, .compare_offset = 20, .compare_size = 8);
	const struct value values[3] = { { 1, 2, 3 }, { 1, 2, 3 }, { 1, 2, 3 } };
	__u32 count = 3;

	heard(bpf_map_delete_batch_opts(fd, keys, &count, &opts), -EINVAL, LIBBPF_WARN,
	      "compare_offset 20 + compare_size 8 is past the value's end");
	if (!kernel_has("syscall_prog"))
		return;
	/* What is often forgotten. */
	opts.compare = &values[0].second;
	opts.compare_offset = 8;
	count = 3;
	for (__u32 i = 1; i <= 3; i++)
		put(fd, &i, &value);
	heard(bpf_map_delete_batch_opts(fd, keys, &count, &opts), 0, LIBBPF_DEBUG,
	      "compare_stride was 0: expected bytes were taken 8 bytes apart, values are 24 apart");
}

/* Of an update of one word in place, until something is made wrong with it. */
static int update(struct bpf_map_update_elem_opts opts, int map_fd)
{
	const __u64 word = 5;

	opts.sz = sizeof(opts);
	return bpf_map_update_elem_opts(map_fd, &key, &word, &opts);
}

#define UPDATE(map_fd, ...) update((struct bpf_map_update_elem_opts){ __VA_ARGS__ }, map_fd)
#define IN_PLACE	    .flags = BPF_F_IN_PLACE, .size = 8

static void test_mistakes_of_updates(void)
{
	const struct value word = { 0, 0, 0 };
	__u32 count = 3;
	LIBBPF_OPTS(bpf_map_update_batch_opts, batch, .elem_flags = BPF_F_LOCK);
	LIBBPF_OPTS(bpf_map_update_elem_opts, no_key, IN_PLACE);
	char old[24];

#define MISTAKE(what, ...) heard(UPDATE(fd, __VA_ARGS__), -EINVAL, LIBBPF_WARN, what)
	MISTAKE("flags 0x4: BPF_NOEXIST, BPF_EXIST, BPF_F_COMPARE and BPF_F_IN_PLACE alone are "
		"known",
		.flags = BPF_F_LOCK);
	MISTAKE("flags 0x40000002: BPF_NOEXIST and BPF_EXIST go with no other flag",
		.flags = BPF_F_IN_PLACE | BPF_EXIST);
	MISTAKE("compare fields without BPF_F_COMPARE in flags", IN_PLACE, .compare = &word);
	MISTAKE("offset, size or op without BPF_F_IN_PLACE in flags", .size = 8);
	MISTAKE("claim_first or claim_last without BPF_F_IN_PLACE in flags", .claim_last = 8);
	MISTAKE("old without BPF_F_COMPARE or BPF_F_IN_PLACE in flags", .old = old);
	MISTAKE("op 5 is unknown", IN_PLACE, .op = 5);
	MISTAKE("backend 9 is unknown", IN_PLACE, .backend = 9);
	MISTAKE("claim_first is over claim_last", IN_PLACE, .claim_first = 1);
	MISTAKE("claim_first 0x100000000: no word of 4 bytes is that", .flags = BPF_F_IN_PLACE,
		.size = 4, .claim_first = 1ull << 32, .claim_last = 1ull << 32);
	MISTAKE("offset 4, size 8: op 1 is for one word", IN_PLACE, .offset = 4, .op = 1);
	MISTAKE("offset 0, size 24: op 1 is for one word", .flags = BPF_F_IN_PLACE, .op = 1);
	MISTAKE("offset 0, size 16: claim_last is for one word", .flags = BPF_F_IN_PLACE,
		.size = 16, .claim_last = 1);
	MISTAKE("offset 24 + size 8 is past the value's end: value_size 24", IN_PLACE,
		.offset = 24);
	MISTAKE("compare_offset 20 + compare_size 8 is past the value's end: value_size 24",
		.flags = BPF_F_IN_PLACE | BPF_F_COMPARE, .size = 8, .compare_offset = 20,
		.compare_size = 8);
#undef MISTAKE
	heard(bpf_map_update_elem_opts(fd, NULL, &word, &no_key), -EFAULT, LIBBPF_WARN,
	      "the key is NULL");
	heard(bpf_map_update_batch_opts(fd, &key, NULL, &count, NULL), -EFAULT, LIBBPF_WARN,
	      "the value is NULL");
	heard(bpf_map_update_batch_opts(fd, &key, &word, NULL, NULL), -EINVAL, LIBBPF_WARN,
	      "count is NULL");
	count = 3;
	heard(bpf_map_update_batch_opts(fd, &key, &word, &count, &batch), -EINVAL, LIBBPF_WARN,
	      "elem_flags 0x4: BPF_NOEXIST");
	heard(bpf_map__update_elem_opts(NULL, &key, 4, &word, sizeof(word), NULL), -EINVAL,
	      LIBBPF_WARN, "map is NULL");
}

static void test_updates_not_here(void)
{
	const int prog = kernel_has("syscall_prog");
	int array_fd = make_map(BPF_MAP_TYPE_ARRAY, 4, 24, 1, 0);
	int large_fd = make_map(BPF_MAP_TYPE_HASH, 4, 1 << 17, 1, 0);

#define NOT_HERE(map_fd, what, ...)                                                                \
	heard(UPDATE(map_fd, __VA_ARGS__), -EOPNOTSUPP, LIBBPF_DEBUG, what)
	NOT_HERE(array_fd, "map type 2 is neither", IN_PLACE);
	NOT_HERE(fd, "size 2: 1 or 2 bytes are not written in place", .flags = BPF_F_IN_PLACE,
		 .size = 2);
	NOT_HERE(fd, "the native backend knows no updates by compare or in place", IN_PLACE,
		 .backend = BPF_MAP_COMPARE_NATIVE);
	NOT_HERE(large_fd,
		 "value_size 131072: the emulation hands out and writes values of up to 65536",
		 .flags = BPF_F_COMPARE, .compare = &other, .compare_size = 4);
	if (!prog)
		NOT_HERE(fd, "no BPF_PROG_TYPE_SYSCALL", IN_PLACE);
	else if (!can_write_in_place())
		NOT_HERE(fd, "in place it takes Linux 5.17", IN_PLACE);
	else
		NOT_HERE(fd, "bpf_spin_lock", .flags = BPF_F_IN_PLACE, .size = 16);
#undef NOT_HERE
	if (can_write_in_place()) {
		/* Without a word on what is about the key. */
		tap_is(UPDATE(fd, .flags = BPF_F_IN_PLACE | BPF_F_COMPARE, .size = 8,
			      .compare = &other),
		       -EBUSY, "differs");
		tap_ok(!times && !*libbpf_compare_reason(), "which it says nothing about");
		heard(UPDATE(fd, .flags = BPF_F_IN_PLACE | BPF_F_COMPARE, .size = 8), -EFAULT,
		      LIBBPF_WARN, "compare is NULL");
	}
	close(array_fd);
	close(large_fd);
}

static bool stop;

static void *be_refused(void *unused)
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = 64);

	(void)unused;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		bpf_map_delete_elem_opts(fd, &key, &opts);
	return NULL;
}

static int hear_nothing(enum libbpf_print_level at, const char *format, va_list args)
{
	(void)at;
	(void)format;
	(void)args;
	__atomic_add_fetch(&times, 1, __ATOMIC_RELAXED);
	return 0;
}

/* Children of a process in which another thread is being refused all the time. */
static void test_forks(void)
{
	int wrong = 0, status;
	pthread_t thread;
	pid_t child;

	libbpf_set_print(hear_nothing);
	stop = false;
	if (pthread_create(&thread, NULL, be_refused, NULL))
		tap_bail("pthread_create");
	for (int i = 0; i < 500; i++) {
		child = fork();
		if (!child) {
			/* Where a lock was taken. */
			alarm(60);
			compare(20, 8);
			for (int j = 0; j < 2; j++) {
				times = 0;
				if (run() != -EINVAL || times != 1)
					_exit(1);
			}
			_exit(0);
		}
		if (waitpid(child, &status, 0) != child)
			tap_bail("waitpid");
		wrong += !WIFEXITED(status) || WEXITSTATUS(status);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	tap_is(wrong, 0, "500 children are refused, and hear why");
	times = 0;
	libbpf_set_print(hear);
}

/* What was tried, and done in another way, is nothing to tell. */
static void test_another_way(void)
{
	int map_fd = make_map(BPF_MAP_TYPE_HASH, 4, 8, 1, BPF_F_RDONLY_PROG);
	__u32 count = 1;

	tap_is(bpf_map_delete_batch_opts(map_fd, &key, &count, NULL), 0,
	       "a batch goes another way");
	tap_ok(!times && !*libbpf_compare_reason(), "which it says nothing about");
	count = 1;
	tap_is(bpf_map_update_batch_opts(map_fd, &key, &value, &count, NULL), 0,
	       "one of updates too");
	tap_ok(!times && !*libbpf_compare_reason(), "and says nothing about it");
	close(map_fd);
}

static void test_silence(void)
{
	put(fd, &key, &value);
	compare(0, 0);
	if (kernel_has("syscall_prog")) {
		tap_is(run(), -EBUSY, "differs");
		call.compare = &value;
		tap_is(run(), 0, "equals");
		tap_is(run(), -ENOENT, "missing");
	}
	tap_is(libbpf_probe_bpf_map_compare(BPF_MAP_TYPE_ARRAY, 0, NULL), 0, "a probe");
	tap_is(times, 0, "nothing is said");
	tap_ok(!*libbpf_compare_reason(), "and there is no reason");
	tap_ok(libbpf_set_print(NULL) == hear, "the callback is the application's");
	compare(20, 8);
	tap_is(run(), -EINVAL, "refused without a callback");
	tap_ok(strstr(libbpf_compare_reason(), "past the value's end"), "with a reason");
	tap_is(times, 0, "nothing is said");
}

int main(void)
{
	fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), sizeof(value), 4, 0);
	put(fd, &key, &value);
	libbpf_set_print(hear);
	test_mistakes();
	test_not_here();
	test_batch();
	put(fd, &key, &value);
	test_mistakes_of_updates();
	test_updates_not_here();
	test_another_way();
	test_forks();
	test_silence();
	bpf_map_compare_release(fd);
	close(fd);
	return tap_done();
}
