// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The contract of a claim: its rules, and what is answered and left behind, for one key and for a
 * batch of one.
 */
#include <sys/syscall.h>
#include <sys/wait.h>
#include "capabilities.h"
#include "common.h"
#include "test_claim.skel.h"

#define VALUE_MAX 400

/* What live entries do not carry: fill() makes no such byte. */
static const __u64 claim_word = 0xfefefefefefefefe;

struct call {
	__u32 offset;
	__u32 size;
	const void *claim;
	__u32 claim_offset;
	__u32 claim_size;
	__u32 backend;
};

static const __u32 key = 7;
static bool batch; /* which of the two calls is tested */

static const char *kind(void)
{
	return batch ? "batch" : "single";
}

static int delete_claimed(int fd, __u32 of, const struct call *call, const void *compare)
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, one, .flags = BPF_F_COMPARE, .compare = compare,
		    .compare_offset = call->offset, .compare_size = call->size,
		    .claim = call->claim, .claim_offset = call->claim_offset,
		    .claim_size = call->claim_size, .backend = call->backend);
	LIBBPF_OPTS(bpf_map_delete_batch_opts, many, .elem_flags = BPF_F_COMPARE,
		    .compare = compare, .compare_offset = call->offset, .compare_size = call->size,
		    .claim = call->claim, .claim_offset = call->claim_offset,
		    .claim_size = call->claim_size, .backend = call->backend);
	__u32 count = 1;
	int result = 1, err;

	errno = 0;
	if (!batch) {
		err = bpf_map_delete_elem_opts(fd, &of, &one);
		if (err && errno != -err)
			tap_ok(false, "answer %d with errno %d", err, errno);
		return err;
	}
	many.results = &result;
	err = bpf_map_delete_batch_opts(fd, &of, &count, &many);
	if (err && (errno != -err || result != -ECANCELED || count))
		tap_ok(false, "answer %d with errno %d, result %d, count %u", err, errno, result,
		       count);
	if (!err && count != !result)
		tap_ok(false, "count %u with result %d", count, result);
	return err ? err : result;
}

static void fill(char *value, __u32 size)
{
	for (__u32 i = 0; i < size; i++)
		value[i] = 1 + i % 200;
}

static bool is_there(int fd, const char *value, __u32 size)
{
	char now[VALUE_MAX];

	return !bpf_map_lookup_elem(fd, &key, now) && !memcmp(now, value, size);
}

/* What is said before anything is compared. */
static void test_rules(void)
{
	const int no_prog = kernel_has("syscall_prog") ? 0 : -EOPNOTSUPP;
	const struct {
		const char *name;
		struct call call;
		int want;
	} rules[] = {
		{ "size 0", { 0, 24, &claim_word, 8, 0, 0 }, -EINVAL },
		{ "size 1", { 0, 24, &claim_word, 8, 1, 0 }, -EINVAL },
		{ "size 2", { 0, 24, &claim_word, 8, 2, 0 }, -EINVAL },
		{ "size 5", { 0, 24, &claim_word, 0, 5, 0 }, -EINVAL },
		{ "size 16", { 0, 24, &claim_word, 0, 16, 0 }, -EINVAL },
		{ "word of 4 at 2", { 0, 24, &claim_word, 2, 4, 0 }, -EINVAL },
		{ "word of 4 at 7", { 0, 24, &claim_word, 7, 4, 0 }, -EINVAL },
		{ "word of 8 at 4", { 0, 24, &claim_word, 4, 8, 0 }, -EINVAL },
		{ "before the region", { 8, 8, &claim_word, 0, 8, 0 }, -EINVAL },
		{ "partly before the region", { 9, 15, &claim_word, 8, 8, 0 }, -EINVAL },
		{ "behind the region", { 8, 8, &claim_word, 16, 8, 0 }, -EINVAL },
		{ "partly behind the region", { 8, 12, &claim_word, 16, 8, 0 }, -EINVAL },
		{ "larger than the region", { 8, 4, &claim_word, 8, 8, 0 }, -EINVAL },
		{ "behind the whole value", { 0, 0, &claim_word, 24, 8, 0 }, -EINVAL },
		{ "at the end of numbers", { 0, 24, &claim_word, -8u, 8, 0 }, -EINVAL },
		{ "at the end of numbers, whole value", { 0, 0, &claim_word, -8u, 8, 0 }, -EINVAL },
		{ "an offset without a claim", { 0, 24, NULL, 8, 0, 0 }, -EINVAL },
		{ "a size without a claim", { 0, 24, NULL, 0, 8, 0 }, -EINVAL },
		{ "native", { 0, 24, &claim_word, 8, 8, BPF_MAP_COMPARE_NATIVE }, -EOPNOTSUPP },
		{ "first word, syscall program",
		  { 0, 24, &claim_word, 0, 8, BPF_MAP_COMPARE_SYSCALL_PROG },
		  no_prog },
		{ "last word, auto", { 0, 24, &claim_word, 16, 8, 0 }, no_prog },
		{ "the region's only word", { 8, 4, &claim_word, 8, 4, 0 }, no_prog },
	};
	char value[24];
	int fd;

	fill(value, sizeof(value));
	fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), sizeof(value), 4, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		put(fd, &key, value);
		tap_is(delete_claimed(fd, key, &rules[i].call, value + rules[i].call.offset),
		       rules[i].want, "%s: %s", kind(), rules[i].name);
		tap_ok(is_there(fd, value, sizeof(value)) == !!rules[i].want, "%s: %s, the entry",
		       kind(), rules[i].name);
	}
	bpf_map_compare_release(fd);
	close(fd);
}

/* The expected word is the claim: for a batch that is the key's own matter. */
static void test_equal_word(__u32 size, __u32 claim_size)
{
	const struct call call = { 8, size, &claim_word, 8, claim_size, 0 };
	const int want = !batch ? -EINVAL : !kernel_has("syscall_prog") ? -EOPNOTSUPP : -EBUSY;
	char value[24];
	int fd;

	fill(value, sizeof(value));
	memcpy(value + 8, &claim_word, claim_size);
	/* A whole value starts at 0. */
	fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), size ? sizeof(value) : 16, 4, 0);
	put(fd, &key, value);
	if (size)
		tap_is(delete_claimed(fd, key, &call, value + 8), want,
		       "%s: expected word of %u is the claim", kind(), claim_size);
	else
		tap_is(delete_claimed(fd, key,
				      &(struct call){ 0, 0, &claim_word, 8, claim_size, 0 }, value),
		       want, "%s: expected word of %u is the claim, whole value", kind(),
		       claim_size);
	tap_ok(is_there(fd, value, size ? sizeof(value) : 16), "%s: it is untouched", kind());
	bpf_map_compare_release(fd);
	close(fd);
}

/*
 * All answers for one region and word. Each byte is wrong once, or only those around the region's
 * and the word's ends where there are many.
 */
static bool try_region(int fd, const struct call *call, __u32 value_size)
{
	__u32 size = call->size ? call->size : value_size - call->offset;
	__u32 end = call->offset + size;
	char value[VALUE_MAX], expected[VALUE_MAX];
	bool pass = true;

	fill(value, value_size);
	memcpy(expected, value, sizeof(expected));
	put(fd, &key, value);
	for (__u32 at = call->offset; at < end; at++) {
		if (size > 40 && at > call->offset && at + 1 < end &&
		    (at + 1 < call->claim_offset || at > call->claim_offset + call->claim_size))
			continue;
		expected[at] ^= 0x55;
		pass &= delete_claimed(fd, key, call, expected + call->offset) == -EBUSY;
		expected[at] = value[at];
		/* Never left claimed. */
		pass &= is_there(fd, value, value_size);
	}
	pass &= delete_claimed(fd, key + 1, call, expected + call->offset) == -ENOENT;
	pass &= is_there(fd, value, value_size);
	/* What is not in the region is of no account. */
	memset(expected, 0x33, call->offset);
	memset(expected + end, 0x33, sizeof(expected) - end);
	pass &= delete_claimed(fd, key, call, expected + call->offset) == 0;
	pass &= !is_there(fd, value, value_size);
	pass &= delete_claimed(fd, key, call, expected + call->offset) == -ENOENT;
	if (!pass)
		printf("# region of %u at %u, word of %u at %u\n", call->size, call->offset,
		       call->claim_size, call->claim_offset);
	return pass;
}

/* Of large values only one region in so many. */
static bool try_regions(int fd, __u32 value_size, __u32 claim_size, __u32 backend)
{
	__u32 every = value_size <= 40 ? 1 : getenv("SLOW_MACHINE") ? 29 : 9;
	bool pass = true;

	for (__u32 word = 0; word + claim_size <= value_size; word += claim_size)
		for (__u32 before = 0; before <= word && before < 10; before++)
			for (__u32 after = 0; after < 10; after++) {
				struct call call = { word - before, before + claim_size + after,
						     &claim_word,   word,
						     claim_size,    backend };

				if (call.offset + call.size > value_size ||
				    (before * 7 + after + word) % every)
					continue;
				pass &= try_region(fd, &call, value_size);
			}
	return pass;
}

static void test_regions(__u32 map_type, __u32 map_flags, const char *name)
{
	static const __u32 value_sizes[] = { 4, 8, 13, 24, 56, 264, VALUE_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(value_sizes); i++) {
		__u32 value_size = value_sizes[i];
		int fd = make_map(map_type, sizeof(key), value_size, 4, map_flags);

		tap_ok(try_regions(fd, value_size, 4, BPF_MAP_COMPARE_AUTO),
		       "%s, %s: values of %u, words of 4", kind(), name, value_size);
		if (value_size >= 8)
			tap_ok(try_regions(fd, value_size, 8, BPF_MAP_COMPARE_SYSCALL_PROG),
			       "%s, %s: values of %u, words of 8", kind(), name, value_size);
		tap_ok(try_region(fd, &(struct call){ 0, 0, &claim_word, 0, 4, 0 }, value_size),
		       "%s, %s: whole values of %u", kind(), name, value_size);
		bpf_map_compare_release(fd);
		close(fd);
	}
}

static int open_map(struct test_claim_bpf **skel, const char *name)
{
	struct bpf_map *map;
	int err;

	*skel = test_claim_bpf__open();
	if (!*skel)
		tap_bail("test_claim_bpf__open");
	bpf_object__for_each_map(map, (*skel)->obj)
		bpf_map__set_autocreate(map, !strcmp(bpf_map__name(map), name));
	err = test_claim_bpf__load(*skel);
	if (err)
		tap_bail("test_claim_bpf__load");
	return bpf_object__find_map_fd_by_name((*skel)->obj, name);
}

static void test_field(const char *map, const char *name, const struct call *call, __u32 size,
		       bool serves)
{
	struct test_claim_bpf *skel;
	char value[VALUE_MAX] = "", other[VALUE_MAX], now[VALUE_MAX];
	int fd;

	fd = open_map(&skel, map);
	memset(other, 1, sizeof(other));
	put(fd, &key, value);
	tap_is(delete_claimed(fd, key, call, other), serves ? -EBUSY : -EOPNOTSUPP,
	       "%s, %s: differs", kind(), name);
	tap_ok(is_there(fd, value, size), "%s, %s: untouched", kind(), name);
	tap_is(delete_claimed(fd, key, call, value), serves ? 0 : -EOPNOTSUPP, "%s, %s: equals",
	       kind(), name);
	tap_ok(!!bpf_map_lookup_elem(fd, &key, now) == serves, "%s, %s: the entry", kind(), name);
	bpf_map_compare_release(fd);
	test_claim_bpf__destroy(skel);
}

static void test_fields(void)
{
	bool prog = kernel_has("syscall_prog");
	bool lock = prog && kernel_has("spin_lock");

#define CLAIM(offset, size) &claim_word, offset, size, 0
	test_field("locked", "lock, region of 256", &(struct call){ 8, 256, CLAIM(8, 8) }, 400,
		   lock);
	test_field("locked", "lock, region of 255", &(struct call){ 5, 255, CLAIM(16, 4) }, 400,
		   lock);
	test_field("locked", "lock, region of 257", &(struct call){ 8, 257, CLAIM(8, 8) }, 400,
		   false);
	test_field("locked", "lock, one word", &(struct call){ 4, 4, CLAIM(4, 4) }, 400, lock);
	test_field("locked", "region over the lock", &(struct call){ 0, 16, CLAIM(8, 8) }, 400,
		   false);
	test_field("locked", "whole value with a lock", &(struct call){ 0, 0, CLAIM(8, 8) }, 400,
		   false);
	/* Kernels that look for no lock there see plain bytes: either way it is compared. */
	test_field("deep", "nested lock, before it", &(struct call){ 0, 12, CLAIM(0, 8) }, 24,
		   prog);
	test_field("deep", "nested lock, behind it", &(struct call){ 16, 8, CLAIM(16, 8) }, 24,
		   prog);
	if (!kernel_has("timer"))
		return;
	test_field("timed", "before a timer", &(struct call){ 0, 8, CLAIM(0, 8) }, 32, true);
	test_field("timed", "behind a timer", &(struct call){ 24, 8, CLAIM(28, 4) }, 32, true);
	test_field("timed", "over a timer", &(struct call){ 0, 32, CLAIM(0, 8) }, 32, false);
#undef CLAIM
}

/* Where the lock is takes BTF, and that CAP_SYS_ADMIN: no reason to say "unsupported". */
static void test_privilege(void)
{
	const struct call call = { 8, 16, &claim_word, 8, 8, 0 };
	struct test_claim_bpf *skel;
	char value[VALUE_MAX] = "";
	int fd, status;
	pid_t child;

	fd = open_map(&skel, "locked");
	put(fd, &key, value);
	fflush(stdout);
	child = fork();
	if (!child) {
		keep_capabilities(1ull << CAP_BPF | 1ull << CAP_PERFMON);
		_exit(-delete_claimed(fd, key, &call, value));
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		tap_bail("fork");
	tap_is(-WEXITSTATUS(status), -EPERM, "%s: a lock, without CAP_SYS_ADMIN", kind());
	tap_ok(is_there(fd, value, sizeof(value)), "%s: the entry is untouched", kind());
	test_claim_bpf__destroy(skel);
}

int main(void)
{
	do {
		test_rules();
		test_equal_word(8, 8);
		test_equal_word(9, 4);
		test_equal_word(0, 8);
		test_fields();
		if (!kernel_has("syscall_prog"))
			continue;
		test_regions(BPF_MAP_TYPE_HASH, 0, "hash");
		test_regions(BPF_MAP_TYPE_LRU_HASH, 0, "LRU hash");
		if (kernel_has("no_prealloc"))
			test_regions(BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC,
				     "hash, not preallocated");
		if (kernel_has("spin_lock"))
			test_privilege();
	} while ((batch = !batch));
	return tap_done();
}
