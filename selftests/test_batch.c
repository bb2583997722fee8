// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The contract of bpf_map_delete_batch_opts(): every key has its own answer, whatever the others'.
 *
 * Linked with --wrap=bpf_prog_test_run_opts, so that a run of the program can be made to fail.
 */
#include <pthread.h>
#include <sys/mman.h>
#include "common.h"

struct value {
	__u32 first;
	__u32 second;
	__u64 third;
};

#define OFFSET offsetof(struct value, second)
#define SIZE   sizeof(__u32)

static int fail_run = -1; /* counts down; 0 = this one */

int __real_bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *opts);
int __wrap_bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *opts);

int __wrap_bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *opts)
{
	if (fail_run >= 0 && !fail_run--) {
		errno = ENOMEM;
		return -ENOMEM;
	}
	return __real_bpf_prog_test_run_opts(fd, opts);
}

static struct value value_of(__u32 key)
{
	return (struct value){ key, key * 2654435761u, ~(__u64)key };
}

static int map_of(__u32 type, __u32 n)
{
	return make_map(type, sizeof(__u32), sizeof(struct value), n + n / 2 + 64, 0);
}

static void fill(int fd, const __u32 *keys, __u32 n)
{
	struct value *values = calloc(n, sizeof(*values));

	for (__u32 i = 0; i < n; i++)
		values[i] = value_of(keys[i]);
	if (n && bpf_map_update_batch(fd, keys, values, &n, NULL))
		tap_bail("bpf_map_update_batch");
	free(values);
}

static bool has(int fd, __u32 key)
{
	struct value value;

	return !bpf_map_lookup_elem(fd, &key, &value);
}

static __u32 entries(int fd)
{
	__u32 key, next, n = 0;
	void *from = NULL;

	while (!bpf_map_get_next_key(fd, from, &next)) {
		key = next;
		from = &key;
		n++;
	}
	return n;
}

/* Keys 0 to n - 1, every third of which differs and every fifth of which is missing. */
static void test_mixed(__u32 type, __u32 n, __u32 backend)
{
	bool serves = backend_serves(backend, type, 0), pass = true;
	__u32 *keys = calloc(n, sizeof(*keys)), *expected = calloc(n, sizeof(*expected));
	int *results = calloc(n, sizeof(*results)), err, want;
	int fd = map_of(type, n);
	__u32 count = n, deleted = 0, there = 0;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = expected, .compare_offset = OFFSET, .compare_size = SIZE,
		    .results = results, .backend = backend);

	for (__u32 i = 0; i < n; i++) {
		keys[i] = i;
		expected[i] = value_of(i).second + (i % 3 == 2);
	}
	fill(fd, keys, n);
	for (__u32 i = 4; i < n; i += 5)
		bpf_map_delete_elem(fd, &keys[i]);
	err = bpf_map_delete_batch_opts(fd, keys, &count, &opts);
	for (__u32 i = 0; i < n; i++) {
		want = i % 5 == 4 ? -ENOENT : i % 3 == 2 ? -EBUSY : 0;
		if (!serves)
			want = -ECANCELED;
		deleted += !want;
		there += i % 5 != 4 && want;
		pass &= results[i] == want;
		/* An LRU map may have evicted on its own. */
		pass &= type != BPF_MAP_TYPE_HASH || has(fd, i) == (i % 5 != 4 && want);
	}
	pass &= err == (serves ? 0 : -EOPNOTSUPP) && count == deleted;
	pass &= type != BPF_MAP_TYPE_HASH || entries(fd) == there;
	if (!tap_ok(pass, "%s, type %u: %u keys, mixed", backend_name(backend), type, n))
		printf("# answer %d, count %u, should be %u\n", err, count, deleted);
	bpf_map_compare_release(fd);
	close(fd);
	free(keys);
	free(expected);
	free(results);
}

/* All the ways to say where each key's expected bytes are. */
static void test_strides(__u32 backend)
{
	enum { N = 700 };
	static __u32 keys[N], packed[N];
	static struct value whole[N];
	const struct {
		const char *name;
		const void *compare;
		__u32 offset, size, stride;
	} ways[] = {
		{ "stride 0, a region", packed, OFFSET, SIZE, 0 },
		{ "stride of the region's size", packed, OFFSET, SIZE, SIZE },
		{ "stride 0, the whole value", whole, 0, 0, 0 },
		{ "stride of the value's size", &whole[0].second, OFFSET, SIZE, sizeof(whole[0]) },
	};
	__u32 count;
	int fd;

	fd = map_of(BPF_MAP_TYPE_HASH, N);
	for (__u32 i = 0; i < N; i++) {
		keys[i] = i;
		packed[i] = value_of(i).second;
		whole[i] = value_of(i);
	}
	for (size_t w = 0; w < ARRAY_SIZE(ways); w++) {
		LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
			    .compare = ways[w].compare, .compare_offset = ways[w].offset,
			    .compare_size = ways[w].size, .compare_stride = ways[w].stride,
			    .backend = backend);

		fill(fd, keys, N);
		count = N;
		tap_is(bpf_map_delete_batch_opts(fd, keys, &count, &opts), 0, "%s, %s",
		       backend_name(backend), ways[w].name);
		tap_ok(count == N && !entries(fd), "and all are gone");
	}
	bpf_map_compare_release(fd);
	close(fd);
}

/* Offsets of expected bytes that do not fit into 32 bits. */
static void test_huge_stride(__u32 backend)
{
	const __u32 keys[] = { 1, 2, 3 }, stride = 0xffff0000u;
	const size_t size = 2ul * stride + 4096;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare_offset = OFFSET, .compare_size = SIZE, .compare_stride = stride,
		    .backend = backend);
	__u32 count = ARRAY_SIZE(keys);
	char *memory;
	int fd;

	memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		tap_skip("huge stride", "no 8 GiB of address space");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		*(__u32 *)(memory + i * stride) = value_of(keys[i]).second;
	opts.compare = memory;
	fd = map_of(BPF_MAP_TYPE_HASH, ARRAY_SIZE(keys));
	fill(fd, keys, ARRAY_SIZE(keys));
	tap_is(bpf_map_delete_batch_opts(fd, keys, &count, &opts), 0, "%s, huge stride",
	       backend_name(backend));
	tap_is(count, ARRAY_SIZE(keys), "and all are gone");
	bpf_map_compare_release(fd);
	close(fd);
	munmap(memory, size);
}

static void test_duplicates(__u32 backend)
{
	const __u32 keys[] = { 1, 2, 1, 3, 2, 1 };
	const int want[] = { 0, 0, -ENOENT, 0, -ENOENT, -ENOENT };
	int results[ARRAY_SIZE(keys)], fd = map_of(BPF_MAP_TYPE_HASH, 8);
	struct value expected[ARRAY_SIZE(keys)];
	__u32 count = ARRAY_SIZE(keys);
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = expected, .results = results, .backend = backend);

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		expected[i] = value_of(keys[i]);
	fill(fd, keys, ARRAY_SIZE(keys));
	tap_is(bpf_map_delete_batch_opts(fd, keys, &count, &opts), 0, "%s, duplicates",
	       backend_name(backend));
	tap_ok(count == 3 && !memcmp(results, want, sizeof(want)), "the first deletes");
	bpf_map_compare_release(fd);
	close(fd);
}

/* What is checked before any key, alone: the order is that of one key, see test_contract.c. */
static void test_arguments(__u32 backend)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, read_only, .open_flags = BPF_F_RDONLY);
	int fd = map_of(BPF_MAP_TYPE_HASH, 4), percpu_fd, rdonly_fd, results[2];
	bool serves = backend_serves(backend, BPF_MAP_TYPE_HASH, 0);
	const __u32 keys[] = { 1, 2 };
	struct value expected[] = { value_of(1), value_of(2) };
	const struct bpf_map_delete_batch_opts good = {
		.elem_flags = BPF_F_COMPARE,
		.compare = expected,
		.results = results,
		.backend = backend,
	};
	struct {
		struct bpf_map_delete_batch_opts opts;
		__u64 tail;
	} newer;
	__u32 count;

	percpu_fd = make_map(BPF_MAP_TYPE_PERCPU_HASH, 4, 16, 4, 0);
	rdonly_fd = bpf_map_get_fd_by_id_opts(map_id(fd), &read_only);
	fill(fd, keys, 2);

#define TRY(map, key, want_if_served, change)                                                      \
	do {                                                                                       \
		int want = want_if_served;                                                         \
		memset(&newer, 0, sizeof(newer));                                                  \
		newer.opts = good;                                                                 \
		newer.opts.sz = sizeof(newer.opts);                                                \
		count = 2;                                                                         \
		results[0] = results[1] = 77;                                                      \
		change;                                                                            \
		tap_is(bpf_map_delete_batch_opts(map, key, &count, &newer.opts), want, "%s: %s",   \
		       backend_name(backend), #change);                                            \
		tap_ok(!count && entries(fd) == 2, "and nothing is deleted");                      \
	} while (0)

	TRY(fd, keys, -EINVAL, newer.opts.elem_flags = BPF_F_LOCK);
	tap_ok(results[0] == -ECANCELED && results[1] == -ECANCELED, "results say so");
	TRY(fd, keys, -EINVAL, newer.opts.elem_flags = 0);
	TRY(fd, keys, -EINVAL, newer.opts.backend = 3);
	TRY(fd, keys, -EINVAL, newer.opts.claim_size = 4);
	TRY(fd, keys, -EINVAL, (newer.opts.sz = sizeof(newer), newer.tail = 1));
	TRY(fd, keys, -EINVAL, newer.opts.compare_offset = 1);
	TRY(fd, keys, -EINVAL, (newer.opts.compare_offset = 13, newer.opts.compare_size = 4));
	TRY(fd, NULL, -EFAULT, newer.tail = 0);
	TRY(fd, keys, serves ? -EFAULT : -EOPNOTSUPP, newer.opts.compare = NULL);
	TRY(rdonly_fd, keys, -EPERM, newer.tail = 0);
	TRY(rdonly_fd, keys, -EPERM, count = 0);
	TRY(percpu_fd, keys, -EOPNOTSUPP, newer.tail = 0);
	TRY(1 << 20, keys, -EBADF, newer.tail = 0);
	TRY(fd, keys, serves ? 0 : -EOPNOTSUPP, count = 0);
	tap_is(bpf_map_delete_batch_opts(fd, keys, NULL, &newer.opts), -EINVAL, "count NULL");
#undef TRY
	bpf_map_compare_release(fd);
	close(rdonly_fd);
	close(percpu_fd);
	close(fd);
}

/* The program cannot be run for the keys in the middle. */
static void test_failing_run(void)
{
	enum { N = 3000, RUN = 512 };
	static __u32 keys[N], expected[N];
	static int results[N];
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = expected, .compare_offset = OFFSET, .compare_size = SIZE,
		    .results = results, .backend = BPF_MAP_COMPARE_SYSCALL_PROG);
	int fd = map_of(BPF_MAP_TYPE_HASH, N), done = 0;
	__u32 count = N;

	for (__u32 i = 0; i < N; i++) {
		keys[i] = i;
		expected[i] = value_of(i).second;
	}
	fill(fd, keys, N);
	fail_run = 2;
	tap_is(bpf_map_delete_batch_opts(fd, keys, &count, &opts), -ENOMEM, "the third run fails");
	tap_is(errno, ENOMEM, "and errno");
	while (done < N && !results[done])
		done++;
	tap_ok(done == 2 * RUN && count == 2 * RUN, "the results before it stand");
	while (done < N && results[done] == -ECANCELED)
		done++;
	tap_is(done, N, "all after it were not reached");
	tap_is(entries(fd), N - 2 * RUN, "and are there");

	count = N;
	tap_is(bpf_map_delete_batch_opts(fd, keys, &count, &opts), 0, "the next call works");
	tap_is(count, N - 2 * RUN, "and deletes the rest");

	/* Without a condition too. */
	fill(fd, keys, N);
	memset(&opts, 0, sizeof(opts));
	opts.sz = sizeof(opts);
	opts.results = results;
	fail_run = 1;
	count = N;
	tap_is(bpf_map_delete_batch_opts(fd, keys, &count, &opts), -ENOMEM,
	       "unconditional: a run fails");
	tap_ok(count && entries(fd) == N - count && results[count] == -ECANCELED, "and count is right");
	bpf_map_compare_release(fd);
	close(fd);
}

/* Without a condition every key is looked at too, on any type that deletes by key. */
static void test_regardless(__u32 type, __u32 flags)
{
	enum { N = 1100 };
	static struct {
		__u32 prefix;
		__u32 data;
	} keys[N];
	static int results[N];
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .results = results);
	static char value[1024];
	__u32 count = N, deleted = 0;
	bool pass = true;
	int fd;

	fd = make_map(type, sizeof(keys[0]), 16, 2 * N, flags);
	for (__u32 i = 0; i < N; i++) {
		keys[i].prefix = 32;
		keys[i].data = i;
		if (i % 7 != 3)
			put(fd, &keys[i], value);
	}
	tap_is(bpf_map_delete_batch_opts(fd, keys, &count, &opts), 0, "type %u, no condition", type);
	for (__u32 i = 0; i < N; i++) {
		pass &= results[i] == (i % 7 == 3 ? -ENOENT : 0);
		deleted += !results[i];
	}
	tap_ok(pass && count == deleted, "every key has its result");
	put(fd, &keys[5], value);
	count = 20;
	tap_is(bpf_map_delete_batch_opts(fd, keys, &count, NULL), 0, "type %u, no opts", type);
	tap_is(count, 1, "one was there");
	bpf_map_compare_release(fd);
	close(fd);
}

static void test_array(void)
{
	int fd = make_map(BPF_MAP_TYPE_ARRAY, 4, 16, 4, 0), results[2];
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .results = results);
	const __u32 keys[] = { 0, 1 };
	__u32 count = 2;

	tap_is(bpf_map_delete_batch_opts(fd, keys, &count, &opts), -EINVAL,
	       "what cannot be deleted from, with no condition");
	tap_ok(!count && results[0] == -ECANCELED && results[1] == -ECANCELED, "is an error");
	close(fd);
}

/* Threads in batches over the same keys: each key is deleted once. */
#define THREADS 6
#define SHARED	20000

static int shared_fd;
static __u32 shared_keys[SHARED], shared_expected[SHARED];
static _Atomic unsigned long shared_deleted, wrong;

static void *delete_shared(void *backend)
{
	static __thread int results[SHARED];
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = shared_expected, .compare_offset = OFFSET, .compare_size = SIZE,
		    .results = results, .backend = *(__u32 *)backend);
	__u32 count = SHARED;

	wrong += !!bpf_map_delete_batch_opts(shared_fd, shared_keys, &count, &opts);
	for (__u32 i = 0; i < SHARED; i++)
		wrong += results[i] && results[i] != -ENOENT && results[i] != -EBUSY;
	shared_deleted += count;
	return NULL;
}

static void test_threads(__u32 backend)
{
	pthread_t threads[THREADS];

	shared_fd = map_of(BPF_MAP_TYPE_HASH, SHARED);
	for (__u32 i = 0; i < SHARED; i++) {
		shared_keys[i] = i;
		shared_expected[i] = value_of(i).second;
	}
	for (int round = 0; round < 5; round++) {
		shared_deleted = wrong = 0;
		fill(shared_fd, shared_keys, SHARED);
		for (int i = 0; i < THREADS; i++)
			if (pthread_create(&threads[i], NULL, delete_shared, &backend))
				tap_bail("pthread_create");
		for (int i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
		if (shared_deleted != SHARED || wrong)
			break;
	}
	tap_ok(shared_deleted == SHARED && !wrong,
	       "%s: %d threads in batches delete each entry once", backend_name(backend), THREADS);
	bpf_map_compare_release(shared_fd);
	close(shared_fd);
}

int main(void)
{
	static const __u32 counts[] = { 0, 1, 2, 511, 512, 513, 1023, 1024, 1025, 5000 };

	for (size_t b = 0; b < ARRAY_SIZE(all_backends); b++) {
		__u32 backend = all_backends[b];

		test_arguments(backend);
		for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
			test_mixed(BPF_MAP_TYPE_HASH, counts[i], backend);
		test_mixed(BPF_MAP_TYPE_LRU_HASH, 513, backend);
		if (!backend_serves(backend, BPF_MAP_TYPE_HASH, 0))
			continue;
		test_mixed(BPF_MAP_TYPE_HASH, getenv("SLOW_MACHINE") ? 20000 : 1000000, backend);
		test_strides(backend);
		test_huge_stride(backend);
		test_duplicates(backend);
		test_threads(backend);
	}
	if (kernel_has("syscall_prog"))
		test_failing_run();
	test_regardless(BPF_MAP_TYPE_HASH, 0);
	test_regardless(BPF_MAP_TYPE_LRU_HASH, 0);
	test_regardless(BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC);
	test_regardless(BPF_MAP_TYPE_PERCPU_HASH, 0);
	test_regardless(BPF_MAP_TYPE_LPM_TRIE, BPF_F_NO_PREALLOC);
	test_array();
	return tap_done();
}
