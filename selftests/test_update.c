// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What updates by compare and in place make of values: each op on each word, regions, claims, whole values, several
 * bytes under a lock, batches.
 */
#include "common.h"
#include "update_shared.h"
#include "test_update.skel.h"

#define KEY	   7u
#define VALUE_SIZE 24u
#define PROG	   BPF_MAP_COMPARE_SYSCALL_PROG

static const char value[VALUE_SIZE + 1] = "the value, as it was put";

static __u64 apply(__u32 op, __u64 word, __u64 operand)
{
	switch (op) {
	case BPF_MAP_UPDATE_ADD:
		return word + operand;
	case BPF_MAP_UPDATE_AND:
		return word & operand;
	case BPF_MAP_UPDATE_OR:
		return word | operand;
	case BPF_MAP_UPDATE_XOR:
		return word ^ operand;
	default:
		return operand;
	}
}

static bool look_is(int fd, __u32 key, const void *want, size_t size)
{
	char now[512];

	return !bpf_map_lookup_elem(fd, &key, now) && !memcmp(now, want, size);
}

/* Each op on each word of a value: only that changes, and old is what it was. */
static void test_ops(__u32 type, __u32 flags, const char *map)
{
	static const __u64 words[] = { 0, 1, 0x7fffffff, 0xffffffff, 0x80000000ffffffff, -1ull };
	int fd = make_map(type, 4, VALUE_SIZE, 16, flags), err;
	bool can = backend_serves(PROG, type, flags) && can_write_in_place();
	const __u32 key = KEY;

	for (__u32 op = 0; op <= BPF_MAP_UPDATE_XOR; op++)
		for (__u32 size = 4; size <= 8; size += 4) {
			bool pass = true;

			for (__u32 at = 0; at < VALUE_SIZE; at += size)
				for (size_t i = 0; i < ARRAY_SIZE(words) * ARRAY_SIZE(words); i++) {
					__u64 word = words[i / ARRAY_SIZE(words)], old = 0x55;
					__u64 by = words[i % ARRAY_SIZE(words)];
					__u64 to = apply(op, word, by);
					char was[VALUE_SIZE], want[VALUE_SIZE];
					LIBBPF_OPTS(bpf_map_update_elem_opts, opts,
						    .flags = BPF_F_IN_PLACE, .offset = at,
						    .size = size, .op = op, .old = &old);

					memcpy(was, value, VALUE_SIZE);
					memcpy(was + at, &word, size);
					memcpy(want, was, VALUE_SIZE);
					memcpy(want + at, &to, size);
					put(fd, &key, was);
					err = bpf_map_update_elem_opts(fd, &key, &by, &opts);
					if (!can) {
						pass = pass && err == -EOPNOTSUPP && old == 0x55;
						continue;
					}
					pass = pass && !err && !memcmp(&old, &word, size) &&
					       look_is(fd, key, want, VALUE_SIZE);
				}
			tap_ok(pass, "%s: op %u, of %u bytes", map, op, size);
		}
	close(fd);
}

/* A word by compare, with the region elsewhere, around it, across it, and it alone. */
static void test_compares(void)
{
	static const struct region {
		__u32 offset, size;
	} regions[] = {
		{ 8, 8 }, { 0, 8 }, { 16, 3 }, { 0, 24 }, { 4, 12 }, { 10, 3 }, { 12, 12 }
	};
	int fd = make_map(BPF_MAP_TYPE_HASH, 4, VALUE_SIZE, 16, 0);
	const __u32 key = KEY;
	bool can = can_write_in_place();

	for (size_t i = 0; i < ARRAY_SIZE(regions); i++)
		for (__u32 op = 0; op <= BPF_MAP_UPDATE_ADD; op++) {
			const struct region *region = &regions[i];
			char expected[VALUE_SIZE], want[VALUE_SIZE];
			__u64 by = 0x1234567890, was, to;
			bool pass = true;
			LIBBPF_OPTS(bpf_map_update_elem_opts, opts,
				    .flags = BPF_F_IN_PLACE | BPF_F_COMPARE, .offset = 8, .size = 8,
				    .op = op, .compare = expected, .compare_offset = region->offset,
				    .compare_size = region->size);

			put(fd, &key, value);
			memcpy(&was, value + 8, 8);
			to = apply(op, was, by);
			memcpy(want, value, VALUE_SIZE);
			for (__u32 byte = 0; byte < region->size; byte++) {
				memcpy(expected, value + region->offset, region->size);
				expected[byte] ^= 1;
				pass = pass &&
				       bpf_map_update_elem_opts(fd, &key, &by, &opts) ==
					       (can ? -EBUSY : -EOPNOTSUPP) &&
				       look_is(fd, key, want, VALUE_SIZE);
			}
			memcpy(expected, value + region->offset, region->size);
			if (can) {
				pass = pass && !bpf_map_update_elem_opts(fd, &key, &by, &opts);
				memcpy(want + 8, &to, 8);
			}
			pass = pass && look_is(fd, key, want, VALUE_SIZE);
			tap_ok(pass, "op %u at 8, compared %u at %u", op, region->size,
			       region->offset);
		}
	close(fd);
}

static void test_claims(void)
{
	int fd = make_map(BPF_MAP_TYPE_HASH, 4, 8, 16, 0);
	const __u32 key = KEY;
	static const struct {
		__u32 word, by, op;
		int want;
	} cases[] = {
		{ 99, 1, BPF_MAP_UPDATE_SET, 0 },	{ 100, 1, BPF_MAP_UPDATE_SET, -EBUSY },
		{ 110, 1, BPF_MAP_UPDATE_SET, -EBUSY }, { 111, 1, BPF_MAP_UPDATE_SET, 0 },
		{ 1, 99, BPF_MAP_UPDATE_SET, 0 },	{ 1, 100, BPF_MAP_UPDATE_SET, -EBUSY },
		{ 1, 110, BPF_MAP_UPDATE_SET, -EBUSY }, { 90, 9, BPF_MAP_UPDATE_ADD, 0 },
		{ 90, 10, BPF_MAP_UPDATE_ADD, -EBUSY }, { 105, 50, BPF_MAP_UPDATE_ADD, -EBUSY },
		{ 105, 0, BPF_MAP_UPDATE_ADD, -EBUSY }, { 4, 96, BPF_MAP_UPDATE_OR, -EBUSY },
		{ 0, 0, BPF_MAP_UPDATE_SET, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__u32 was[2] = { cases[i].word, 5 }, old = 77, by = cases[i].by;
		__u32 want[2] = { apply(cases[i].op, was[0], by), 5 };
		int err, wanted = can_write_in_place() ? cases[i].want : -EOPNOTSUPP;
		LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_IN_PLACE, .size = 4,
			    .op = cases[i].op, .old = &old, .claim_first = 100, .claim_last = 110);

		put(fd, &key, was);
		err = bpf_map_update_elem_opts(fd, &key, &by, &opts);
		tap_ok(err == wanted && look_is(fd, key, err ? was : want, 8) &&
			       old == (err ? 77 : was[0]),
		       "claims from 100 to 110, word %u, op %u by %u: %d", was[0], cases[i].op, by,
		       wanted);
	}
	close(fd);
}

/* The whole of a value that is a word. */
static void test_small_values(void)
{
	const __u32 key = KEY;

	for (__u32 size = 4; size <= 8; size += 4) {
		int fd = make_map(BPF_MAP_TYPE_HASH, 4, size, 16, 0), err;
		__u64 was = 41, by = 1, old = 0, now = 0;
		LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_IN_PLACE,
			    .op = BPF_MAP_UPDATE_ADD, .old = &old, .claim_first = 50,
			    .claim_last = 60);

		put(fd, &key, &was);
		err = bpf_map_update_elem_opts(fd, &key, &by, &opts);
		bpf_map_lookup_elem(fd, &key, &now);
		if (can_write_in_place())
			tap_ok(!err && old == 41 && now == 42, "all of a value of %u bytes", size);
		else
			tap_is(err, -EOPNOTSUPP, "all of a value of %u bytes", size);
		close(fd);
	}
}

/* A whole value by compare, of any size: what was there is handed out. */
static void test_whole(__u32 type, __u32 key_size, __u32 size)
{
	int fd = make_map(type, key_size, size, 16, 0), want = 0;
	char *key = calloc(1, key_size), *was = malloc(size), *to = malloc(size),
	     *old = malloc(size), *now = malloc(size);
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_COMPARE, .old = old,
		    .compare = was, .compare_size = size < 64 ? size : 64);
	int first, second, missing;

	if (!kernel_has("syscall_prog") || size > 65536)
		want = -EOPNOTSUPP;
	memset(was, 'w', size);
	memset(to, 't', size);
	put(fd, key, was);
	first = bpf_map_update_elem_opts(fd, key, to, &opts);
	second = bpf_map_update_elem_opts(fd, key, was, &opts);
	bpf_map_lookup_elem(fd, key, now);
	tap_ok(first == want && second == (want ? want : -EBUSY) &&
		       !memcmp(now, want ? was : to, size) && (want || !memcmp(old, was, size)),
	       "type %u, key %u, value %u: replaced once", type, key_size, size);
	bpf_map_delete_elem(fd, key);
	missing = bpf_map_update_elem_opts(fd, key, to, &opts);
	tap_is(missing, want ? want : -ENOENT, "and not created");
	free(key);
	free(was);
	free(to);
	free(old);
	free(now);
	close(fd);
}

/* More keys than a run takes, with strides, each with its own answer. */
#define MANY 1500u

static void test_batch(__u32 flags, bool strides)
{
	struct wide {
		__u64 pad, word;
	};
	int fd = make_map(BPF_MAP_TYPE_HASH, 4, VALUE_SIZE, MANY, 0), err, *results;
	__u32 *keys = calloc(MANY, sizeof(*keys)), count = MANY, done = 0;
	struct wide *compared = calloc(MANY, sizeof(*compared));
	struct wide *values = calloc(MANY, sizeof(*values));
	__u64 *packed = calloc(MANY, sizeof(*packed)), *old = calloc(MANY, sizeof(*old));
	bool pass = true;
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = BPF_F_IN_PLACE | flags,
		    .offset = 8, .size = 8, .op = BPF_MAP_UPDATE_ADD, .old = old);

	results = calloc(MANY, sizeof(*results));
	opts.results = results;
	for (__u32 i = 0; i < MANY; i++) {
		__u64 value[3] = { 1, 1000 + i, 3 };

		keys[i] = i;
		packed[i] = values[i].word = i;
		compared[i].word = i % 3 ? 1000 + i : 5;
		old[i] = 7;
		if (i % 5)
			put(fd, &keys[i], value);
	}
	/* The last one twice. */
	keys[MANY - 1] = MANY - 2;
	if (flags & BPF_F_COMPARE) {
		opts.compare = &compared[0].word;
		opts.compare_stride = sizeof(*compared);
		opts.compare_offset = opts.compare_size = 8;
	}
	if (strides)
		opts.value_stride = sizeof(*values);
	err = bpf_map_update_batch_opts(fd, keys, strides ? (void *)&values[0].word : packed,
					&count, &opts);
	if (!can_write_in_place()) {
		tap_ok(err == -EOPNOTSUPP && !count && results[0] == -ECANCELED, "batch");
		goto out;
	}
	for (__u32 i = 0; i < MANY; i++) {
		bool twice = i == MANY - 1;
		int want = !(keys[i] % 5) ? -ENOENT : 0;
		__u64 now[3], was = 1000 + keys[i] + (twice ? i - 1 : 0);

		if (!want && flags && (!(i % 3) || twice))
			want = -EBUSY;
		if (twice && flags)
			was = 7;
		done += !want;
		pass = pass && results[i] == want && old[i] == (want ? 7 : was);
		if (i == MANY - 2 && !flags)
			continue;
		if (!want)
			pass = pass && !bpf_map_lookup_elem(fd, &keys[i], now) &&
			       now[1] == was + i && now[0] == 1 && now[2] == 3;
	}
	tap_ok(pass && !err && count == done, "batch%s%s of %u keys", flags ? " by compare" : "",
	       strides ? ", strides" : "", MANY);
out:
	count = 0;
	tap_ok(!bpf_map_update_batch_opts(fd, keys, packed, &count, &opts) || !can_write_in_place(),
	       "no keys are none to update");
	tap_is(bpf_map_update_batch_opts(fd, keys, packed, NULL, &opts), -EINVAL, "no count");
	opts.value_stride = -1u;
	if (flags & BPF_F_COMPARE)
		opts.compare_stride = -1u;
	free(keys);
	free(compared);
	free(values);
	free(packed);
	free(old);
	free(results);
	close(fd);
}

/* Of any map, with each key's own answer. */
static void test_unconditional(__u32 type, const char *name)
{
	int fd = make_map(type, 4, 8, 8, 0), results[10], cpus = libbpf_num_possible_cpus(), err;
	bool each_cpu = type == BPF_MAP_TYPE_PERCPU_HASH, is_array = type == BPF_MAP_TYPE_ARRAY;
	size_t size = each_cpu ? 8 * cpus : 8;
	__u64 *values = calloc(10, size), *now = calloc(1, size);
	__u32 keys[10], count = 10;
	bool pass = true;
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .results = results);

	for (__u32 i = 0; i < 10; i++) {
		keys[i] = i;
		for (size_t word = 0; word < size / 8; word++)
			values[i * size / 8 + word] = 100 * i + word;
	}
	/* Half of them, then all: what is there stays, and for the last two there is no room. */
	count = 4;
	tap_ok(!bpf_map_update_batch_opts(fd, keys, values, &count, &opts) && count == 4,
	       "%s: created", name);
	count = 10;
	opts.elem_flags = BPF_NOEXIST;
	err = bpf_map_update_batch_opts(fd, keys, values, &count, &opts);
	for (__u32 i = 0; i < 10; i++) {
		int want = i < 4 ? -EEXIST : i < 8 ? 0 : -E2BIG;

		if (is_array)
			want = i < 8 ? -EEXIST : -E2BIG;
		else if (type == BPF_MAP_TYPE_LRU_HASH && i >= 8)
			want = 0;
		pass = pass && results[i] == want;
		if (!want || want == -EEXIST)
			pass = pass && !bpf_map_lookup_elem(fd, &keys[i], now) &&
			       (!memcmp(now, values + i * size / 8, size) || is_array);
	}
	tap_ok(pass && !err, "%s: BPF_NOEXIST", name);
	opts.elem_flags = BPF_EXIST;
	count = 10;
	keys[0] = 50;
	err = bpf_map_update_batch_opts(fd, keys, values, &count, &opts);
	tap_ok(!err && results[0] == (is_array ? -E2BIG : -ENOENT) && !results[1] && !results[7],
	       "%s: BPF_EXIST", name);
	free(values);
	free(now);
	close(fd);
}

/* Several bytes under the lock, and a word beside it. */
/* The maps alone. */
static struct test_update_bpf *load_maps(void)
{
	struct test_update_bpf *skel = test_update_bpf__open();
	struct bpf_program *program;

	if (!skel)
		tap_bail("test_update_bpf__open");
	bpf_object__for_each_program(program, skel->obj) bpf_program__set_autoload(program, false);
	if (test_update_bpf__load(skel))
		tap_bail("test_update_bpf__load");
	return skel;
}

static void test_locked(void)
{
	struct test_update_bpf *skel = load_maps();
	const bool can = kernel_has("spin_lock");
	struct guarded was, now;
	const __u32 key = KEY;
	struct fields to = { .count = 5, .twice = 10, .inverse = ~5ull }, old = { .count = 1 };
	char many[512] = "";
	__u64 by = 3, old_word = 0;
	int fd, err;
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_IN_PLACE, .old = &old,
		    .offset = offsetof(struct guarded, fields), .size = sizeof(to));

	fd = bpf_map__fd(skel->maps.guarded);
	memset(&was, 0, sizeof(was));
	was.fields.count = 1, was.fields.twice = 2, was.fields.inverse = ~1ull, was.rest[0] = 'r',
	was.flags = 9;
	put(fd, &key, &was);
	err = bpf_map_update_elem_opts(fd, &key, &to, &opts);
	bpf_map_lookup_elem(fd, &key, &now);
	if (!can) {
		tap_is(err, -EOPNOTSUPP, "several bytes under a lock");
		goto out;
	}
	tap_ok(!err && now.fields.count == 5 && now.fields.twice == 10 &&
		       now.fields.inverse == ~5ull && now.flags == 9 && now.rest[0] == 'r' &&
		       old.count == 1 && old.twice == 2 && old.inverse == ~1ull,
	       "several bytes under a lock");

	opts.flags |= BPF_F_COMPARE;
	opts.compare = &was.flags;
	opts.compare_size = 4;
	to.count = 6, to.twice = 12, to.inverse = ~6ull;
	tap_ok(!bpf_map_update_elem_opts(fd, &key, &to, &opts) && old.count == 5,
	       "and by compare of others");
	opts.compare = &to;
	opts.compare_offset = opts.offset;
	opts.compare_size = sizeof(to);
	tap_ok(!bpf_map_update_elem_opts(fd, &key, &to, &opts) && old.count == 6,
	       "and by compare of themselves");
	opts.compare = &was.fields.count;
	tap_is(bpf_map_update_elem_opts(fd, &key, &to, &opts), -EBUSY, "which differ");
	tap_ok(old.count == 6, "and then old is left alone");

	/* Bytes that are no multiple of anything. */
	opts.flags = BPF_F_IN_PLACE;
	opts.compare = NULL;
	opts.compare_offset = opts.compare_size = 0;
	opts.old = many;
	opts.offset = offsetof(struct guarded, rest) + 3;
	opts.size = 251;
	for (size_t i = 0; i < sizeof(now.rest); i++)
		now.rest[i] = (char)(i * 7);
	err = bpf_map_update_elem_opts(fd, &key, &now.rest[3], &opts);
	bpf_map_lookup_elem(fd, &key, &was);
	tap_ok(!err && !memcmp(was.rest + 3, now.rest + 3, 251) && was.rest[0] == 'r' &&
		       !was.rest[2] && !was.rest[254] && !many[0] && was.fields.count == 6,
	       "251 bytes at an odd offset");
	opts.size = 3;
	err = bpf_map_update_elem_opts(fd, &key, many, &opts);
	bpf_map_lookup_elem(fd, &key, &was);
	tap_ok(!err && !was.rest[3] && !was.rest[4] && !was.rest[5] && was.rest[2] == 0 &&
		       was.rest[6] == now.rest[6] && !memcmp(many, now.rest + 3, 3),
	       "3 bytes");
	memset(many, 0, sizeof(many));
	opts.size = 256;
	tap_is(bpf_map_update_elem_opts(fd, &key, many, &opts), 0, "256 bytes");
	opts.size = 257;
	tap_is(bpf_map_update_elem_opts(fd, &key, many, &opts), -EOPNOTSUPP, "257 bytes");
	opts.offset = 0;
	opts.size = 16;
	tap_is(bpf_map_update_elem_opts(fd, &key, many, &opts), -EOPNOTSUPP, "over the lock");
	opts.offset = 4;
	opts.size = 4;
	tap_is(bpf_map_update_elem_opts(fd, &key, many, &opts), -EOPNOTSUPP,
	       "a word that is the lock");
	opts.offset = 0;
	opts.size = 2;
	tap_is(bpf_map_update_elem_opts(fd, &key, many, &opts), -EOPNOTSUPP, "2 bytes");

	opts.old = &old_word;
	opts.offset = offsetof(struct guarded, fields);
	opts.size = 8;
	opts.op = BPF_MAP_UPDATE_ADD;
	err = bpf_map_update_elem_opts(fd, &key, &by, &opts);
	bpf_map_lookup_elem(fd, &key, &was);
	tap_ok(!err && was.fields.count == 9 && old_word == 6, "a word beside a lock");
	now.fields.count = 77;
	LIBBPF_OPTS(bpf_map_update_elem_opts, whole, .flags = BPF_F_COMPARE,
		    .compare = &was.fields.count,
		    .compare_offset = offsetof(struct guarded, fields), .compare_size = 8,
		    .old = &was);
	err = bpf_map_update_elem_opts(fd, &key, &now, &whole);
	bpf_map_lookup_elem(fd, &key, &now);
	tap_ok(!err && now.fields.count == 77 && was.fields.count == 9,
	       "all of a value with a lock");
out:
	test_update_bpf__destroy(skel);
}

static void test_map_object(void)
{
	struct test_update_bpf *skel = load_maps();
	struct bpf_map *map;
	struct counter counter = { .wide = 4 };
	const __u32 key = KEY;
	__u64 by = 2;
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_IN_PLACE, .size = 8,
		    .op = BPF_MAP_UPDATE_ADD);

	map = skel->maps.counters;
	tap_is(bpf_map__update_elem_opts(map, &key, 4, &counter, sizeof(counter), NULL), 0,
	       "by bpf_map: created");
	tap_is(bpf_map__update_elem_opts(map, &key, 4, &by, 8, &opts),
	       can_write_in_place() ? 0 : -EOPNOTSUPP, "by bpf_map: in place");
	tap_is(bpf_map__update_elem_opts(map, &key, 3, &by, 8, &opts), -EINVAL, "key_sz 3");
	tap_is(bpf_map__update_elem_opts(map, &key, 4, &by, 4, &opts), -EINVAL, "value_sz 4 for 8");
	tap_is(bpf_map__update_elem_opts(map, &key, 4, &by, 8, NULL), -EINVAL,
	       "value_sz 8 for all of it");
	tap_is(bpf_map__update_elem_opts(NULL, &key, 4, &by, 8, NULL), -EINVAL, "no map");
	test_update_bpf__destroy(skel);
}

int main(void)
{
	test_ops(BPF_MAP_TYPE_HASH, 0, "hash");
	test_ops(BPF_MAP_TYPE_LRU_HASH, 0, "LRU");
	test_ops(BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, "allocated one by one");
	test_compares();
	test_claims();
	test_small_values();
	test_whole(BPF_MAP_TYPE_HASH, 4, 1);
	/* Before 5.14 keys are no longer than the stack. */
	test_whole(BPF_MAP_TYPE_HASH, kernel_has("syscall_prog") ? 1024 : 512, 4096);
	test_whole(BPF_MAP_TYPE_LRU_HASH, 16, 56);
	test_whole(BPF_MAP_TYPE_HASH, 4, 65536);
	test_whole(BPF_MAP_TYPE_HASH, 4, 65544);
	test_batch(0, false);
	test_batch(BPF_F_COMPARE, false);
	test_batch(BPF_F_COMPARE, true);
	test_unconditional(BPF_MAP_TYPE_HASH, "hash");
	test_unconditional(BPF_MAP_TYPE_LRU_HASH, "LRU");
	test_unconditional(BPF_MAP_TYPE_ARRAY, "array");
	test_unconditional(BPF_MAP_TYPE_PERCPU_HASH, "per CPU");
	test_locked();
	test_map_object();
	return tap_done();
}
