// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Programs that read ahead, as they do of large maps once they have served many keys: that they know where
 * the kernel has a key, and give the answers that they gave before.
 */
#include <sys/wait.h>
#include "../libbpf/jhash.h"
#include "capabilities.h"
#include "common.h"

#define LARGE 4096u
#define MANY  (1u << 16)

/* The buckets come in their order, so the hashes of the keys do that this map gives. */
static void test_hash(__u32 key_size)
{
	int fd = make_map(BPF_MAP_TYPE_HASH, key_size, sizeof(__u32), LARGE, BPF_F_ZERO_SEED);
	__u32 n = key_size == 1 ? 200 : LARGE, value = 0, last = 0, seen = 0, disorder = 0;
	char *keys[2] = { calloc(1, key_size + 8), calloc(1, key_size + 8) };
	void *before = NULL;

	for (__u32 i = 0; i < n; i++) {
		for (__u32 at = 0; at < key_size; at++)
			keys[0][at] = (char)(at < 4 ? i >> at * 8 : i * (at + 1));
		put(fd, keys[0], &value);
	}
	while (!bpf_map_get_next_key(fd, before, keys[seen % 2])) {
		/* As a request has it: with something behind it. */
		__u32 words[258], hash;

		memset(words, 0xa5, sizeof(words));
		memcpy(words, keys[seen % 2], key_size);
		hash = jhash_key(words, key_size, 0) & (LARGE - 1);
		disorder += hash < last;
		last = hash;
		before = keys[seen++ % 2];
	}
	tap_ok(seen == n && !disorder, "the bucket of a key of %u bytes is known", key_size);
	close(fd);
	free(keys[0]);
	free(keys[1]);
}

/* How many functions the program has that was loaded last for a map. */
static __u32 functions_of_last(int map_fd)
{
	int fd = bpf_prog_get_fd_by_id(last_program_of(map_fd));
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
		tap_bail("no program for the map");
	close(fd);
	return info.nr_func_info;
}

enum way {
	PLAIN,
	COMPARE,
	CLAIM,
	LINKED,
	LINKED_MAPS,
	WAYS,
};

static const char *const way_names[] = { "unconditional", "compared", "claimed", "linked",
					 "linked, in two maps" };

struct value {
	__u64 word;
	char rest[24];
};

struct test {
	enum way way;
	__u32 key_size;
	int fd, linked_fd;
	char *keys, *linked_keys;
	__u64 *words;
	int *results, *linked_results;
};

static char *key_at(const struct test *test, char *keys, __u32 i)
{
	return keys + (size_t)i * test->key_size;
}

static void write_keys(const struct test *test)
{
	for (__u32 i = 0; i < MANY; i++)
		for (__u32 at = 0; at < test->key_size; at++) {
			key_at(test, test->keys, i)[at] = (char)(at < 4 ? i >> at * 8 : i ^ at);
			key_at(test, test->linked_keys, i)[at] =
				(char)(at < 4 ? (i | MANY) >> at * 8 : i + at);
		}
}

static int delete_all(const struct test *test, __u32 count)
{
	static const __u64 claim = ~0ull;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .results = test->results,
		    .backend = BPF_MAP_COMPARE_SYSCALL_PROG);

	if (test->way == PLAIN)
		opts.backend = BPF_MAP_COMPARE_AUTO;
	if (test->way != PLAIN) {
		opts.elem_flags = BPF_F_COMPARE;
		opts.compare = test->words;
		opts.compare_size = sizeof(*test->words);
	}
	if (test->way == CLAIM) {
		opts.claim = &claim;
		opts.claim_size = sizeof(claim);
	}
	if (test->way >= LINKED) {
		opts.linked_keys = test->linked_keys;
		opts.linked_results = test->linked_results;
		opts.linked_fd = test->way == LINKED_MAPS ? test->linked_fd : 0;
	}
	return bpf_map_delete_batch_opts(test->fd, test->keys, &count, &opts);
}

/* One in four is not there, one in four differs. */
static int want(const struct test *test, __u32 i)
{
	if (i % 4 == 1)
		return -ENOENT;
	return i % 4 == 2 && test->way != PLAIN ? -EBUSY : 0;
}

static void fill(const struct test *test, __u32 count)
{
	struct value value = {};

	for (__u32 i = 0; i < count; i++) {
		test->words[i] = i;
		value.word = i % 4 == 2 ? i + 1 : i;
		if (i % 4 != 1)
			put(test->fd, key_at(test, test->keys, i), &value);
		if (test->way >= LINKED)
			put(test->linked_fd, key_at(test, test->linked_keys, i), &value);
	}
}

static bool is_there(int fd, const char *key)
{
	struct value value;

	return !bpf_map_lookup_elem(fd, key, &value);
}

/* Whether what became of the keys is what had to. */
static bool check(const struct test *test, __u32 count)
{
	bool good = true;

	for (__u32 i = 0; i < count; i++) {
		int result = want(test, i);

		good &= test->results[i] == result;
		good &= is_there(test->fd, key_at(test, test->keys, i)) == (result == -EBUSY);
		if (test->way >= LINKED)
			good &= test->linked_results[i] == (result ? -ECANCELED : 0) &&
				is_there(test->linked_fd, key_at(test, test->linked_keys, i)) ==
					!!result;
	}
	return good;
}

static void test_way(enum way way, __u32 type, __u32 key_size)
{
	struct test test = { .way = way, .key_size = key_size };
	__u32 before, after;
	int err;

	test.fd = make_map(type, key_size, sizeof(struct value), 2 * MANY, 0);
	test.linked_fd = way == LINKED_MAPS
				 ? make_map(type, key_size, sizeof(struct value), 2 * MANY, 0)
				 : test.fd;
	test.keys = calloc(MANY, key_size);
	test.linked_keys = calloc(MANY, key_size);
	test.words = calloc(MANY, sizeof(*test.words));
	test.results = calloc(MANY, sizeof(*test.results));
	test.linked_results = calloc(MANY, sizeof(*test.linked_results));
	write_keys(&test);
	/* Whoever has learned it for one map knows it for all. */
	err = delete_all(&test, 1);
	before = functions_of_last(test.fd);
	err = err ? err : delete_all(&test, MANY);
	fill(&test, 1000);
	err = err ? err : delete_all(&test, 1000);
	after = functions_of_last(test.fd);
	tap_ok(!err && check(&test, 1000), "type %u, keys of %u, %s: answers are right", type,
	       key_size, way_names[way]);
	if (way == PLAIN && type == BPF_MAP_TYPE_HASH)
		tap_ok((after > before) == kernel_has("cast"), "it reads ahead where it can");
	bpf_map_compare_release(test.fd);
	close(test.fd);
	if (test.linked_fd != test.fd)
		close(test.linked_fd);
	free(test.keys);
	free(test.linked_keys);
	free(test.words);
	free(test.results);
	free(test.linked_results);
	let_programs_be_freed();
}

/* Where no other program may be loaded the one that there is goes on. */
static void test_without_privilege(void)
{
	static const __u64 words[MANY];
	static __u32 keys[MANY];
	int fd = make_map(BPF_MAP_TYPE_HASH, sizeof(*keys), sizeof(*words), MANY, 0), status;
	LIBBPF_OPTS(bpf_map_comparer_opts, opts, .compare_size = sizeof(*words),
		    .backend = BPF_MAP_COMPARE_SYSCALL_PROG);
	LIBBPF_OPTS(bpf_map_delete_batch_opts, batch, .elem_flags = BPF_F_COMPARE,
		    .compare = words);
	struct bpf_map_comparer *comparer;

	for (__u32 i = 0; i < MANY; i++)
		keys[i] = i;
	if (!fork()) {
		bool good = true;

		comparer = bpf_map_comparer__open(fd, &opts);
		keep_capabilities(0);
		for (int round = 0; round < 3; round++) {
			__u32 count = MANY;

			good &= !bpf_map_comparer__delete_batch(comparer, keys, &count, &batch);
			good &= count == !!round;
			put(fd, &keys[7], words);
		}
		bpf_map_comparer__close(comparer);
		_exit(!good);
	}
	wait(&status);
	tap_ok(!status, "who may not load any more goes on with what there is");
	close(fd);
}

int main(void)
{
	static const __u32 sizes[] = { 1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 16, 23, 24, 36, 40, 1024 };

	if (kernel_has("syscall_prog"))
		test_without_privilege();
	/* Long keys came later than the oldest of the test kernels. */
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (sizes[i] < 512 || kernel_has("syscall_prog"))
			test_hash(sizes[i]);
	if (kernel_has("syscall_prog")) {
		for (int way = 0; way < WAYS; way++) {
			test_way(way, BPF_MAP_TYPE_HASH, 16);
			test_way(way, BPF_MAP_TYPE_LRU_HASH, 13);
		}
		test_way(LINKED, BPF_MAP_TYPE_HASH, 300);
	}
	return tap_done();
}
