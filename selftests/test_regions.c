// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Keys and values of all sizes, and regions everywhere in them: a byte that differs inside the
 * region is seen, one outside is not. So it is with updates by compare, which write what they are to
 * write and nothing else, in place or all of it.
 */
#include "common.h"

static char value[1 << 17], expected[1 << 17], key[1024];

static unsigned int random_below(unsigned int limit)
{
	static __u64 state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % limit;
}

static void fill(char *bytes, size_t size)
{
	while (size--)
		bytes[size] = random_below(256);
}

/* One region, with one byte of the value unlike what the caller holds. */
static bool try_region(int fd, __u32 offset, __u32 size, __u32 differing, __u32 backend)
{
	bool inside = differing >= offset && differing < offset + size;
	int want = inside ? -EBUSY : 0, err;
	static __u32 last_offset, last_size, regions;

	if (offset != last_offset || size != last_size)
		if (++regions % 100 == 0)
			let_programs_be_freed();
	last_offset = offset;
	last_size = size;

	expected[differing] ^= 1 + random_below(255);
	err = delete_if(fd, key, expected + offset, offset, size, backend);
	expected[differing] = value[differing];
	if (err == want && !err)
		put(fd, key, value);
	if (err != want)
		printf("# region of %u at %u, byte %u differs: got %d, want %d\n", size, offset,
		       differing, err, want);
	return err == want;
}

/* Every region of a small value with every byte. */
static void test_all_regions(__u32 value_size, __u32 backend)
{
	bool pass = true;
	int fd;

	fd = make_map(BPF_MAP_TYPE_HASH, 4, value_size, 4, 0);
	fill(value, value_size);
	memcpy(expected, value, value_size);
	put(fd, key, value);
	for (__u32 size = 1; pass && size <= value_size; size++)
		for (__u32 offset = 0; pass && offset + size <= value_size; offset++)
			for (__u32 byte = 0; pass && byte < value_size; byte++)
				pass = try_region(fd, offset, size, byte, backend);
	tap_ok(pass, "%s: every region of a value of %u", backend_name(backend), value_size);
	bpf_map_compare_release(fd);
	close(fd);
}

static void test_sizes(__u32 key_size, __u32 value_size, __u32 backend)
{
	const __u32 limit = value_size < 65536 ? value_size : 65536;
	/* Each takes a program of its own. */
	const int regions = getenv("SLOW_MACHINE") ? 6 : 20;
	__u32 offset, size, byte;
	bool pass = true;
	int fd;

	fd = make_map(BPF_MAP_TYPE_HASH, key_size, value_size, 4, 0);
	fill(key, key_size);
	fill(value, value_size);
	memcpy(expected, value, value_size);
	put(fd, key, value);
	/* The largest region, its first and last byte, and one in between. */
	pass = try_region(fd, 0, limit, 0, backend) &&
	       try_region(fd, 0, limit, limit - 1, backend) &&
	       try_region(fd, value_size - limit, limit, value_size - 1, backend) &&
	       try_region(fd, 0, limit, random_below(limit), backend);
	for (int i = 0; pass && i < regions; i++) {
		size = 1 + random_below(i % 2 ? limit : limit < 80 ? limit : 80);
		offset = random_below(value_size - size + 1);
		/* Often a byte at one of the region's ends, or just outside. */
		byte = offset + (i % 3 ? size : 0) - random_below(2);
		if (i % 5 == 0 || byte >= value_size)
			byte = random_below(value_size);
		pass = try_region(fd, offset, size, byte, backend);
	}
	tap_ok(pass, "%s: key of %u, value of %u", backend_name(backend), key_size, value_size);
	bpf_map_compare_release(fd);
	close(fd);
}

/*
 * An update of size bytes at offset in place, or of all of it where size is 0, if a region is equal in which one
 * byte differs, or none where that is outside.
 */
static bool try_update(int fd, __u32 value_size, __u32 offset, __u32 size,
		       const struct bpf_map_update_elem_opts *region, __u32 differing)
{
	static char to[1 << 17], now[1 << 17], old[1 << 17], untouched[1 << 17];
	struct bpf_map_update_elem_opts opts = *region;
	bool inside = differing >= region->compare_offset &&
		      differing - region->compare_offset < region->compare_size;
	__u32 written = size ? size : value_size;
	int err;

	opts.flags = BPF_F_COMPARE | (size ? BPF_F_IN_PLACE : 0);
	opts.compare = expected + region->compare_offset;
	opts.offset = offset;
	opts.size = size;
	opts.old = old;
	fill(to, written);
	fill(untouched, value_size);
	memcpy(old, untouched, value_size);
	expected[differing] ^= 1 + random_below(255);
	err = bpf_map_update_elem_opts(fd, key, to, &opts);
	expected[differing] = value[differing];
	if (!err) {
		memcpy(untouched, value + offset, written);
		memcpy(value + offset, to, written);
		memcpy(expected, value, value_size);
	}
	if (err == (inside ? -EBUSY : 0) && !bpf_map_lookup_elem(fd, key, now) &&
	    !memcmp(now, value, value_size) && !memcmp(old, untouched, value_size))
		return true;
	printf("# %u bytes at %u, region of %u at %u, byte %u differs: got %d\n", written, offset,
	       region->compare_size, region->compare_offset, differing, err);
	return false;
}

static void test_updates(__u32 key_size, __u32 value_size)
{
	const int regions = getenv("SLOW_MACHINE") ? 3 : 6;
	int fd = make_map(BPF_MAP_TYPE_HASH, key_size, value_size, 4, 0);
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts);
	bool pass = true;

	fill(key, key_size);
	fill(value, value_size);
	memcpy(expected, value, value_size);
	put(fd, key, value);
	for (int i = 0; pass && i < regions; i++) {
		__u32 word = i % 2 ? 8 : 4, offset, byte;

		opts.compare_size = 1 + random_below(value_size < 80 || i % 3 ? value_size : 80);
		opts.compare_offset = random_below(value_size - opts.compare_size + 1);
		if (value_size < word || i % 3 == 2 || !can_write_in_place())
			word = 0;
		offset = word ? word * random_below(value_size / word) : 0;
		/* The region's first byte and its last, those beside it, those of the word, any. */
		pass = try_update(fd, value_size, offset, word, &opts, opts.compare_offset) &&
		       try_update(fd, value_size, offset, word, &opts,
				  opts.compare_offset + opts.compare_size - 1);
		for (int j = 0; pass && j < 12; j++) {
			byte = j < 4   ? opts.compare_offset - 1 + (j & 1) * (opts.compare_size + 1)
			       : j < 8 ? offset + random_below(word + 1)
				       : random_below(value_size);
			pass = try_update(fd, value_size, offset, word, &opts,
					  byte < value_size ? byte : 0);
		}
	}
	tap_ok(pass, "updates: key of %u, value of %u", key_size, value_size);
	bpf_map_compare_release(fd);
	close(fd);
}

/* The last that a backend does, and the first that it does not. */
static void test_limits(void)
{
	bool prog = kernel_has("syscall_prog");
	int fd;

	fd = make_map(BPF_MAP_TYPE_HASH, 4, 65537, 2, 0);
	put(fd, key, value);
	tap_is(delete_if(fd, key, value, 0, 0, BPF_MAP_COMPARE_SYSCALL_PROG), -EOPNOTSUPP,
	       "region over 64 KiB");
	tap_is(delete_if(fd, key, value + 1, 1, 65536, BPF_MAP_COMPARE_SYSCALL_PROG),
	       prog ? 0 : -EOPNOTSUPP, "region of 64 KiB in a larger value");
	bpf_map_compare_release(fd);
	close(fd);

	fd = bpf_map_create(BPF_MAP_TYPE_HASH, "selftest", 1025, 8, 2, NULL);
	if (fd < 0 && errno == E2BIG) {
		tap_skip("key over 1024 bytes", "this kernel has no such keys");
		return;
	}
	put(fd, value, value);
	tap_is(delete_if(fd, value, value, 0, 0, BPF_MAP_COMPARE_SYSCALL_PROG), -EOPNOTSUPP,
	       "key over 1024 bytes");
	tap_is(bpf_map_get_compare_backend(fd),
	       kernel_has("native") ? BPF_MAP_COMPARE_NATIVE : -EOPNOTSUPP,
	       "backend for keys over 1024 bytes");
	close(fd);
}

int main(void)
{
	static const __u32 key_sizes[] = { 1, 4, 16, 38, 512, 1024 };
	static const __u32 value_sizes[] = { 1, 2, 3, 7, 8, 9, 56, 255, 256, 257, 4096, 65000 };

	const __u32 all_regions_of = getenv("SLOW_MACHINE") ? 12 : 20;

	for (size_t b = 0; b < ARRAY_SIZE(all_backends); b++) {
		if (!backend_serves(all_backends[b], BPF_MAP_TYPE_HASH, 0))
			continue;
		for (__u32 size = 1; size <= all_regions_of; size++)
			test_all_regions(size, all_backends[b]);
		for (size_t k = 0; k < ARRAY_SIZE(key_sizes); k++)
			for (size_t v = 0; v < ARRAY_SIZE(value_sizes); v++)
				test_sizes(key_sizes[k], value_sizes[v], all_backends[b]);
		test_sizes(16, 70001, all_backends[b]);
	}
	for (size_t v = 0; v < ARRAY_SIZE(value_sizes) && kernel_has("syscall_prog"); v++) {
		test_updates(key_sizes[v % ARRAY_SIZE(key_sizes)], value_sizes[v]);
		let_programs_be_freed();
	}
	test_limits();
	return tap_done();
}
