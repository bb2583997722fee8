// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Values that are handed out: what is in them, and that they are those of what was deleted.
 */
#include "common.h"

enum {
	CLAIMED = 1,
	COMPARED = 2,
	UNCONDITIONAL = 3,
};

static const char *const way_names[] = { "", "with a claim", "compared", "unconditionally" };

/* Byte j of key i's value. */
static char byte(__u32 i, __u32 j)
{
	return (char)(i * 31 + j * 7 + (i >> 8));
}

static void set_value(char *value, __u32 size, __u32 i)
{
	for (__u32 j = 0; j < size; j++)
		value[j] = byte(i, j);
}

/* Key i is missing, differs, or is deleted. */
static int want(int way, __u32 i)
{
	if (i % 5 == 4)
		return -ENOENT;
	return way != UNCONDITIONAL && i % 3 == 2 ? -EBUSY : 0;
}

static void test_way(int way, __u32 type, __u32 key_size, __u32 size, __u32 n)
{
	static const __u64 claim = 0xfefefefefefefefeull;
	__u32 region = size < 16 ? size : 16, offset = size - region, count = n, deleted = 0;
	int fd = make_map(type, key_size, size, n + 64, 0), err;
	char *keys = calloc(n, key_size), *values = calloc(n, size);
	char *expected = calloc(n, region), *value = malloc(size);
	int *results = calloc(n, sizeof(*results));
	bool pass = true;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .results = results, .values = values);

	if (way != UNCONDITIONAL) {
		opts.elem_flags = BPF_F_COMPARE;
		opts.compare = expected;
		opts.compare_offset = offset;
		opts.compare_size = region;
	}
	if (way == CLAIMED) {
		opts.claim = &claim;
		opts.claim_size = sizeof(claim);
		opts.claim_offset = (offset + 7) & ~7u;
	}
	for (__u32 i = 0; i < n; i++) {
		memcpy(keys + (size_t)i * key_size, &i, sizeof(i));
		set_value(value, size, i);
		if (i % 5 != 4)
			put(fd, keys + (size_t)i * key_size, value);
		memcpy(expected + (size_t)i * region, value + offset, region);
		expected[(size_t)i * region] ^= i % 3 == 2;
	}
	err = bpf_map_delete_batch_opts(fd, keys, &count, &opts);
	for (__u32 i = 0; i < n; i++) {
		set_value(value, size, i);
		deleted += !want(way, i);
		pass &= results[i] == want(way, i);
		pass &= results[i] || !memcmp(values + (size_t)i * size, value, size);
		pass &= !bpf_map_lookup_elem(fd, keys + (size_t)i * key_size, value) ==
			(want(way, i) == -EBUSY);
	}
	if (!tap_ok(pass && !err && count == deleted, "type %u, keys of %u, values of %u, %s", type,
		    key_size, size, way_names[way]))
		printf("# answer %d, count %u, should be %u\n", err, count, deleted);
	bpf_map_compare_release(fd);
	close(fd);
	free(keys);
	free(values);
	free(expected);
	free(value);
	free(results);
}

/* The caller's expected bytes are where the values are to be: as they come from a look-up. */
static void test_in_place(void)
{
	enum {
		N = 700
	};
	static struct {
		__u64 word, rest;
	} values[N];
	static __u32 keys[N];
	const __u64 claim = -1ull;
	int fd = make_map(BPF_MAP_TYPE_HASH, 4, sizeof(values[0]), N, 0);
	__u32 count = N;
	bool pass;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE, .compare = values,
		    .claim = &claim, .claim_size = 8, .values = values);

	for (__u32 i = 0; i < N; i++) {
		keys[i] = i;
		values[i].word = i * 3ull;
		values[i].rest = i * 5ull;
		put(fd, &keys[i], &values[i]);
	}
	pass = !bpf_map_delete_batch_opts(fd, keys, &count, &opts) && count == N;
	for (__u32 i = 0; i < N; i++)
		pass &= values[i].word == i * 3ull && values[i].rest == i * 5ull;
	tap_ok(pass, "values where the expected bytes are, with a claim");
	bpf_map_compare_release(fd);
	close(fd);
}

/* A value past what is handed out, and a map that may not be read. */
static void test_refused(void)
{
	static char values[65537];
	int fd = make_map(BPF_MAP_TYPE_HASH, 4, 65537, 2, BPF_F_NO_PREALLOC), write_only;
	const __u32 key = 1;
	__u32 count = 1;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .values = values);
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, by_id, .open_flags = BPF_F_WRONLY);

	put(fd, &key, values);
	tap_ok(bpf_map_delete_batch_opts(fd, &key, &count, &opts) == -EOPNOTSUPP && !count &&
		       !bpf_map_lookup_elem(fd, &key, values),
	       "values of 65537 bytes: -EOPNOTSUPP, and nothing is deleted");
	close(fd);

	if (!kernel_has("syscall_prog"))
		return;
	fd = make_map(BPF_MAP_TYPE_HASH, 4, 8, 2, 0);
	write_only = bpf_map_get_fd_by_id_opts(map_id(fd), &by_id);
	put(fd, &key, values);
	count = 1;
	tap_ok(write_only >= 0 &&
		       bpf_map_delete_batch_opts(write_only, &key, &count, &opts) == -EPERM &&
		       !count && !bpf_map_lookup_elem(fd, &key, values),
	       "a write-only fd: -EPERM, and nothing is deleted");
	bpf_map_compare_release(fd);
	close(write_only);
	close(fd);
}

int main(void)
{
	static const __u32 sizes[] = { 8, 9, 31, 56, 4099, 65536 };

	test_refused();
	if (!kernel_has("syscall_prog"))
		return tap_done();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (int way = CLAIMED; way <= UNCONDITIONAL; way++) {
			/* Where the region begins in the word there is no room for a claim. */
			if (way == CLAIMED && ((sizes[i] - 8) & 7) && sizes[i] < 24)
				continue;
			test_way(way, BPF_MAP_TYPE_HASH, 4, sizes[i], sizes[i] > 1024 ? 20 : 1300);
		}
	test_in_place();
	test_way(COMPARED, BPF_MAP_TYPE_LRU_HASH, 4, 56, 1300);
	test_way(CLAIMED, BPF_MAP_TYPE_LRU_HASH, 16, 56, 1300);
	test_way(COMPARED, BPF_MAP_TYPE_HASH, 1024, 65536, 5);
	test_way(UNCONDITIONAL, BPF_MAP_TYPE_HASH, 1024, 65536, 5);
	return tap_done();
}
