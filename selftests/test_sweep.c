// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The contract of sweeps, by each way through the map.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include "sweeps.h"

#define ENTRIES 300u
#define CLAIM	0xfffffff0ull

struct key {
	__u32 number;
	__be16 port;
	__u8 kind;
	__u8 zero;
};

struct value {
	__u64 expires;
	__s32 balance;
	__be32 address;
	char rest[8];
};

#define FIELD(type, name)                                                                          \
	.offset = offsetof(struct type, name), .size = sizeof(((struct type *)0)->name)

static struct key key_of(__u32 i)
{
	return (struct key){ i, __builtin_bswap16(i), i % 3, 0 };
}

static struct value value_of(__u32 i)
{
	return (struct value){ 1000 + i, 50 - (__s32)i, __builtin_bswap32(i << 8 | 7), "rest" };
}

static int fd;

static void fill(void)
{
	for (__u32 i = 0; i < ENTRIES; i++) {
		struct key key = key_of(i);
		struct value value = value_of(i);

		put(fd, &key, &value);
	}
}

static bool is_there(__u32 i)
{
	struct key key = key_of(i);
	struct value value;

	return !bpf_map_lookup_elem(fd, &key, &value);
}

static __u32 entries(void)
{
	__u32 count = 0;

	for (__u32 i = 0; i < ENTRIES; i++)
		count += is_there(i);
	return count;
}

/* Entries are those of a full map, of which from to last match. */
static void check_counts(const struct bpf_map_sweep_opts *opts, int err, enum way way,
			 __u32 matching, const char *what)
{
	bool counted = opts->flags & BPF_MAP_SWEEP_COUNT;
	bool good = !err && opts->scanned == ENTRIES && opts->matched == matching &&
		    opts->deleted == (counted ? 0 : matching) && !opts->changed && !opts->cursor &&
		    entries() == ENTRIES - (counted ? 0 : matching);

	if (!tap_ok(good, "%s: %s", way_names[way], what))
		printf("# answer %d, scanned %llu, matched %llu of %u, deleted %llu, changed %llu, "
		       "there are %u\n",
		       err, (unsigned long long)opts->scanned, (unsigned long long)opts->matched,
		       matching, (unsigned long long)opts->deleted,
		       (unsigned long long)opts->changed, entries());
}

static void test_conditions(enum way way)
{
	static const struct {
		const char *what;
		__u32 matching;
		__u32 conds_cnt;
		struct bpf_map_sweep_cond conds[3];
	} cases[] = {
		{ "equal", 1, 1, { { FIELD(value, expires), BPF_MAP_SWEEP_EQ, .operand = 1007 } } },
		{ "not equal",
		  299,
		  1,
		  { { FIELD(value, expires), BPF_MAP_SWEEP_NE, .operand = 1007 } } },
		{ "less", 7, 1, { { FIELD(value, expires), BPF_MAP_SWEEP_LT, .operand = 1007 } } },
		{ "less or equal",
		  8,
		  1,
		  { { FIELD(value, expires), BPF_MAP_SWEEP_LE, .operand = 1007 } } },
		{ "greater",
		  292,
		  1,
		  { { FIELD(value, expires), BPF_MAP_SWEEP_GT, .operand = 1007 } } },
		{ "greater or equal",
		  293,
		  1,
		  { { FIELD(value, expires), BPF_MAP_SWEEP_GE, .operand = 1007 } } },
		{ "signed",
		  249,
		  1,
		  { { FIELD(value, balance), BPF_MAP_SWEEP_LT, BPF_MAP_SWEEP_SIGNED,
		      .operand = 0 } } },
		{ "signed, below 0",
		  248,
		  1,
		  { { FIELD(value, balance), BPF_MAP_SWEEP_LT, BPF_MAP_SWEEP_SIGNED,
		      .operand = (__u32)-1 } } },
		{ "unsigned, of the same",
		  51,
		  1,
		  { { FIELD(value, balance), BPF_MAP_SWEEP_LE, .operand = 50 } } },
		{ "before",
		  249,
		  1,
		  { { FIELD(value, balance), BPF_MAP_SWEEP_BEFORE, .operand = 0 } } },
		{ "after",
		  50,
		  1,
		  { { FIELD(value, balance), BPF_MAP_SWEEP_AFTER, .operand = 0 } } },
		{ "big endian",
		  100,
		  1,
		  { { FIELD(value, address), BPF_MAP_SWEEP_LT, BPF_MAP_SWEEP_BE,
		      .operand = 100 << 8 } } },
		{ "big endian, masked",
		  256,
		  1,
		  { { FIELD(value, address), BPF_MAP_SWEEP_EQ, BPF_MAP_SWEEP_BE, .mask = 0xff0000,
		      .operand = 0 } } },
		{ "a byte of the key",
		  100,
		  1,
		  { { FIELD(key, kind), BPF_MAP_SWEEP_EQ, BPF_MAP_SWEEP_KEY, .operand = 1 } } },
		{ "a port of the key",
		  50,
		  1,
		  { { FIELD(key, port), BPF_MAP_SWEEP_LT, BPF_MAP_SWEEP_KEY | BPF_MAP_SWEEP_BE,
		      .operand = 50 } } },
		{ "not aligned",
		  24,
		  1,
		  { { .offset = 1, .size = 2, .op = BPF_MAP_SWEEP_EQ, .operand = 3 } } },
		{ "not aligned, 8 bytes",
		  300,
		  1,
		  { { .offset = 13, .size = 8, .op = BPF_MAP_SWEEP_NE, .operand = 0 } } },
		{ "two of a group",
		  3,
		  2,
		  { { FIELD(value, expires), BPF_MAP_SWEEP_LT, .operand = 1010 },
		    { FIELD(key, kind), BPF_MAP_SWEEP_EQ, BPF_MAP_SWEEP_KEY, .operand = 2 } } },
		{ "two groups",
		  103,
		  3,
		  { { FIELD(value, expires), BPF_MAP_SWEEP_LT, .operand = 1010 },
		    { FIELD(key, kind), BPF_MAP_SWEEP_EQ, BPF_MAP_SWEEP_KEY, .operand = 2 },
		    { FIELD(key, kind), BPF_MAP_SWEEP_EQ, BPF_MAP_SWEEP_KEY, .group = 1,
		      .operand = 0 } } },
		{ "none", 0, 1, { { FIELD(value, expires), BPF_MAP_SWEEP_LT, .operand = 1000 } } },
		{ "all", 300, 0, {} },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		LIBBPF_OPTS(bpf_map_sweep_opts, opts);
		int err;

		if (way == WALK && !i)
			opts.scanned = opts.changed = 7;
		for (int counted = 1; counted >= 0; counted--) {
			fill();
			opts.flags = (cases[i].conds_cnt ? 0 : BPF_MAP_SWEEP_ALL) |
				     (counted ? BPF_MAP_SWEEP_COUNT : 0);
			err = sweep_by(way, fd, cases[i].conds, cases[i].conds_cnt, &opts);
			check_counts(&opts, err, way, cases[i].matching, cases[i].what);
		}
	}
}

static const struct bpf_map_sweep_cond first_hundred = { FIELD(value, expires), BPF_MAP_SWEEP_LT,
							 .operand = 1100 };

/* Keys and values of what was deleted, each once, in steps of a capacity. */
static void test_handing_out(enum way way, __u32 capacity, bool counted)
{
	struct key keys[ENTRIES];
	struct value values[ENTRIES];
	bool seen[ENTRIES] = {}, good = true;
	__u32 found = 0, steps = 0;
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .keys = keys, .values = values, .capacity = capacity,
		    .flags = counted ? BPF_MAP_SWEEP_COUNT : 0);
	int err;

	fill();
	do {
		__u64 out;

		memset(keys, 0xff, sizeof(keys));
		err = sweep_by(way, fd, &first_hundred, 1, &opts);
		out = counted ? opts.matched : opts.deleted;
		good &= err >= 0 && out <= capacity && (err != 1 || out == capacity);
		for (__u32 i = 0; i < out && good; i++) {
			struct value value = value_of(keys[i].number);

			good &= keys[i].number < 100 && !seen[keys[i].number] &&
				!memcmp(&values[i], &value, sizeof(value));
			seen[keys[i].number] = true;
		}
		good &= out >= ENTRIES || keys[out].number == -1u;
		good &= err != 1 || way_of(opts.cursor) == way;
		found += out;
	} while (err == 1 && ++steps < ENTRIES);
	good &= found == 100 && !err && !opts.cursor;
	good &= entries() == (counted ? ENTRIES : 200);
	if (!tap_ok(good, "%s: hands out keys and values, %u at a time%s", way_names[way], capacity,
		    counted ? ", deletes nothing" : ""))
		printf("# answer %d after %u steps, found %u, there are %u\n", err, steps, found,
		       entries());
}

/* Without keys and values a capacity limits what is deleted. */
static void test_capacity(enum way way)
{
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .capacity = 30);
	int err;

	fill();
	err = sweep_by(way, fd, &first_hundred, 1, &opts);
	tap_ok(err == 1 && opts.deleted == 30 && entries() == ENTRIES - 30 && opts.cursor,
	       "%s: no more than the capacity is deleted", way_names[way]);
	opts.capacity = 0;
	err = sweep_by(way, fd, &first_hundred, 1, &opts);
	tap_ok(!err && opts.deleted == 70 && entries() == 200 && !opts.cursor,
	       "%s: and the rest by the next call", way_names[way]);
}

/* A time that is over ends a sweep after each run, or chunk: in steps it comes to the same as without. */
static void test_timed(enum way way, bool counted)
{
	enum {
		MANY = 10000
	};
	const struct bpf_map_sweep_cond odd = { FIELD(key, number), BPF_MAP_SWEEP_EQ,
						BPF_MAP_SWEEP_KEY, .mask = 1, .operand = 1 };
	__u64 scanned = 0, matched = 0, deleted = 0;
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .flags = counted ? BPF_MAP_SWEEP_COUNT : 0);
	__u32 steps = 0, left = 0;
	struct value value = value_of(0);
	struct key key;
	int map, err;

	map = make_map(BPF_MAP_TYPE_HASH, sizeof(key), sizeof(value), MANY, 0);
	for (__u32 i = 0; i < MANY; i++) {
		key = key_of(i);
		put(map, &key, &value);
	}
	do {
		err = sweep_timed_by(way, map, &odd, 1, &opts, 0);
		scanned += opts.scanned;
		matched += opts.matched;
		deleted += opts.deleted;
	} while (err == 1 && opts.cursor && way_of(opts.cursor) == way && ++steps < MANY);
	for (__u32 i = 0; i < MANY; i++) {
		key = key_of(i);
		left += !bpf_map_lookup_elem(map, &key, &value);
	}
	if (!tap_ok(!err && !opts.cursor && scanned == MANY && matched == MANY / 2 &&
			    deleted == (counted ? 0 : MANY / 2) && left == MANY - deleted &&
			    (way == EACH ? !steps : steps > 2),
		    "%s: in steps of one run%s", way_names[way], counted ? ", counted" : ""))
		printf("# answer %d after %u steps, scanned %llu, matched %llu, deleted %llu, left %u\n",
		       err, steps, (unsigned long long)scanned, (unsigned long long)matched,
		       (unsigned long long)deleted, left);
	opts.cursor = 0;
	err = sweep_timed_by(way, map, &odd, 1, &opts, -1u);
	tap_ok(!err && opts.scanned == left, "%s: in a time that is long enough%s", way_names[way],
	       counted ? ", counted" : "");
	bpf_map_compare_release(map);
	close(map);
}

/* Entries that are claimed, whoever's the claim is, are as if they were not there. */
static void test_claims(enum way way)
{
	static const __u64 claim = CLAIM;
	struct key key;
	struct value value;
	/* A claim matches too. */
	struct bpf_map_sweep_cond cond = { FIELD(value, expires), BPF_MAP_SWEEP_NE,
					   .operand = 1000 };
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .claim = &claim, .claim_size = sizeof(claim),
		    .claim_first = CLAIM, .claim_last = CLAIM + 15);
	struct value values[ENTRIES];
	__u64 sum = 0;
	int err;

	for (int counted = 1; counted >= 0; counted--) {
		fill();
		for (__u32 i = 10; i < 30; i++) {
			key = key_of(i);
			value = value_of(i);
			value.expires = CLAIM + i % 16;
			put(fd, &key, &value);
		}
		opts.flags = counted ? BPF_MAP_SWEEP_COUNT : 0;
		err = sweep_by(way, fd, &cond, 1, &opts);
		check_counts(&opts, err, way, 279, "claims are left alone");
	}
	fill();
	opts.flags = 0;
	opts.values = values;
	opts.capacity = ENTRIES;
	err = sweep_by(way, fd, &first_hundred, 1, &opts);
	for (__u32 i = 0; i < opts.deleted; i++)
		sum += values[i].expires;
	tap_ok(!err && opts.deleted == 100 && sum == 1000 * 100 + 99 * 50,
	       "%s: no claim is seen in what is handed out", way_names[way]);
	fill();
	opts.flags = BPF_MAP_SWEEP_COUNT;
	memset(values, 0xff, sizeof(values));
	err = sweep_by(way, fd, &first_hundred, 1, &opts);
	sum = 0;
	for (__u32 i = 0; i < opts.matched; i++)
		sum += values[i].expires;
	tap_ok(!err && opts.matched == 100 && sum == 1000 * 100 + 99 * 50,
	       "%s: nor in what is counted", way_names[way]);
}

static void test_refused(void)
{
	static const __u64 claim = CLAIM;
	const struct bpf_map_sweep_cond good = first_hundred;
	struct bpf_map_sweep_cond conds[20];
	struct key keys[1];

#define REFUSED(number, count, what, ...)                                                          \
	do {                                                                                       \
		LIBBPF_OPTS(bpf_map_sweep_opts, opts, __VA_ARGS__);                                \
		int err = bpf_map_sweep(fd, conds, count, &opts);                                  \
		tap_ok(err == (number) && errno == -(number) && *libbpf_compare_reason() &&        \
			       entries() == ENTRIES,                                               \
		       "refused: %s", what);                                                       \
	} while (0)
#define WITH(name, number, what)                                                                   \
	do {                                                                                       \
		conds[0] = good;                                                                   \
		conds[0].name = number;                                                            \
		REFUSED(-EINVAL, 1, what);                                                         \
	} while (0)

	fill();
	for (size_t i = 0; i < ARRAY_SIZE(conds); i++)
		conds[i] = good;
	REFUSED(-EINVAL, 17, "17 conditions");
	REFUSED(-EINVAL, 0, "no condition");
	REFUSED(-EINVAL, 1, "all, with a condition", .flags = BPF_MAP_SWEEP_ALL);
	REFUSED(-EINVAL, 1, "an unknown flag", .flags = 4);
	REFUSED(-EINVAL, 1, "keys without capacity", .keys = keys);
	REFUSED(-EINVAL, 1, "values without capacity", .values = keys);
	REFUSED(-EINVAL, 1, "a cursor of a part that is not there",
		.cursor = BPF_MAP_SWEEP_PART(2, 2));
	REFUSED(-EINVAL, 0, "a claim and all", .flags = BPF_MAP_SWEEP_ALL, .claim = &claim,
		.claim_size = 8);
	REFUSED(-EINVAL, 1, "a claim on another field", .claim = &claim, .claim_size = 8,
		.claim_offset = 8);
	REFUSED(-EINVAL, 1, "a claim of another size", .claim = &claim, .claim_size = 4);
	REFUSED(-EINVAL, 1, "a claim past the value", .claim = &claim, .claim_size = 8,
		.claim_offset = 24);
	REFUSED(-EINVAL, 1, "a range without a claim", .claim_last = 9);
	REFUSED(-EINVAL, 1, "a claim out of its range", .claim = &claim, .claim_size = 8,
		.claim_first = 1, .claim_last = 2);
	conds[1].group = 1;
	conds[1].offset = 8;
	REFUSED(-EINVAL, 2, "a claim that one group does not judge", .claim = &claim,
		.claim_size = 8);
	conds[1] = good;
	conds[1].offset = 4;
	REFUSED(-EINVAL, 2, "a field that is the claim's in part", .claim = &claim,
		.claim_size = 8);
	WITH(size, 3, "a size of 3");
	WITH(size, 0, "a size of 0");
	WITH(op, 8, "an unknown op");
	WITH(flags, 8, "an unknown flag of a condition");
	WITH(offset, 17, "a field past the value's end");
	WITH(offset, -1u, "a field far past the value's end");
	conds[0] = good;
	conds[0].offset = 1;
	conds[0].flags = BPF_MAP_SWEEP_KEY;
	REFUSED(-EINVAL, 1, "a field past the key's end");
	WITH(group, 1, "no group 0");
	conds[0] = good;
	conds[0].size = 4;
	conds[0].operand = 1ull << 32;
	REFUSED(-EINVAL, 1, "an operand outside of the field");
	conds[0].operand = 0;
	conds[0].mask = 1ull << 32;
	REFUSED(-EINVAL, 1, "a mask outside of the field");
	for (__u32 i = 0; i < 9; i++) {
		conds[i] = good;
		conds[i].group = i;
	}
	REFUSED(-EINVAL, 9, "9 groups");
	conds[1].group = 2;
	REFUSED(-EINVAL, 2, "a group left out");
#undef WITH
#undef REFUSED
}

/* What a file descriptor may, and a map. */
static void test_access(void)
{
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .flags = BPF_MAP_SWEEP_COUNT);
	LIBBPF_OPTS(bpf_map_create_opts, map, .map_flags = BPF_F_RDONLY);
	int other = bpf_map_create(BPF_MAP_TYPE_ARRAY, "array", 4, 8, 4, NULL);

	tap_ok(bpf_map_sweep(-1, &first_hundred, 1, NULL) == -EBADF, "no file descriptor: EBADF");
	tap_ok(bpf_map_sweep(other, &first_hundred, 1, &opts) == -EOPNOTSUPP,
	       "an array: EOPNOTSUPP");
	close(other);
	other = bpf_map_create(BPF_MAP_TYPE_HASH, "readonly", sizeof(struct key),
			       sizeof(struct value), 4, &map);
	tap_ok(!bpf_map_sweep(other, &first_hundred, 1, &opts), "read-only: it counts");
	opts.flags = 0;
	tap_ok(bpf_map_sweep(other, &first_hundred, 1, &opts) == -EPERM,
	       "and deletes nothing: EPERM");
	close(other);
	map.map_flags = BPF_F_WRONLY;
	other = bpf_map_create(BPF_MAP_TYPE_HASH, "writeonly", sizeof(struct key),
			       sizeof(struct value), 4, &map);
	tap_ok(bpf_map_sweep(other, &first_hundred, 1, &opts) == -EPERM, "write-only: EPERM");
	close(other);
	other = make_map(BPF_MAP_TYPE_HASH, sizeof(struct key), sizeof(struct value), 4, 0);
	if (syscall(__NR_bpf, BPF_MAP_FREEZE, &other, sizeof(other)))
		tap_bail("BPF_MAP_FREEZE");
	tap_ok(bpf_map_sweep(other, &first_hundred, 1, &opts) == -EPERM, "frozen: EPERM");
	opts.flags = BPF_MAP_SWEEP_COUNT;
	tap_ok(!bpf_map_sweep(other, &first_hundred, 1, &opts), "but it counts");
	bpf_map_compare_release(other);
	close(other);
}

/* Of free elements the kernel has other things where those that are in a bucket are linked. */
static void test_freed_at_once(void)
{
	enum {
		ALL = 3000,
		LEFT = 50
	};
	int map = make_map(BPF_MAP_TYPE_LRU_HASH, sizeof(__u32), 8, 2 * ALL, 0);
	const struct bpf_map_sweep_cond cond = {
		.offset = 0, .size = 8, .op = BPF_MAP_SWEEP_LT, .operand = ALL
	};
	static __u32 keys[ALL];
	static __u64 values[ALL];
	__u32 cursor, count = ALL;
	LIBBPF_OPTS(bpf_map_sweep_opts, opts);
	int err;

	for (__u32 i = 0; i < ALL; i++)
		put(map, &i, &(__u64){ i });
	if (bpf_map_lookup_and_delete_batch(map, NULL, &cursor, keys, values, &count, NULL) &&
	    errno != ENOENT)
		tap_bail("bpf_map_lookup_and_delete_batch");
	for (__u32 i = 0; i < LEFT; i++)
		put(map, &i, &(__u64){ i });
	err = sweep_by(WALK, map, &cond, 1, &opts);
	tap_ok(!err && opts.scanned == LEFT && opts.matched == LEFT && opts.deleted == LEFT,
	       "free elements are not counted");
	bpf_map_compare_release(map);
	close(map);
}

struct changing {
	__u64 first, middle, last;
};

static _Atomic bool stop_changing;

static void *change(void *arg)
{
	int map = *(int *)arg;
	struct changing value = {};

	while (!stop_changing) {
		value.middle++;
		for (__u32 i = 0; i < 8; i++)
			bpf_map_update_elem(map, &i, &value, BPF_EXIST);
	}
	return NULL;
}

/* What matches all the time, and changes all the time between the fields that are judged, keeps nobody. */
static void test_changing(enum way way)
{
	const struct bpf_map_sweep_cond conds[] = {
		{ FIELD(changing, first), BPF_MAP_SWEEP_EQ },
		{ FIELD(changing, last), BPF_MAP_SWEEP_EQ },
	};
	int map = make_map(BPF_MAP_TYPE_HASH, sizeof(__u32), sizeof(struct changing), 64, 0), err;
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .capacity = 1);
	struct changing value = {};
	pthread_t thread;

	for (__u32 i = 0; i < 64; i++)
		put(map, &i, &value);
	stop_changing = false;
	if (pthread_create(&thread, NULL, change, &map))
		tap_bail("pthread_create");
	for (int i = 0; i < 100; i++) {
		err = sweep_by(way, map, conds, 2, &opts);
		if (err != 1)
			break;
	}
	stop_changing = true;
	pthread_join(thread, NULL);
	tap_ok(!err, "%s: what changes all the time keeps nobody", way_names[way]);
	bpf_map_compare_release(map);
	close(map);
}

/* What no program may use is counted by what user space reads, once, also in parts. */
static void test_without_program(void)
{
	const __u32 count = 5000;
	int map = make_map(BPF_MAP_TYPE_HASH, sizeof(__u32), 8, count, BPF_F_RDONLY_PROG);
	const struct bpf_map_sweep_cond cond = {
		.offset = 0, .size = 8, .op = BPF_MAP_SWEEP_LT, .operand = 100
	};
	LIBBPF_OPTS(bpf_map_sweep_opts, opts);
	__u64 matched = 0;
	int err;

	for (__u32 i = 0; i < count; i++) {
		__u64 value = i;

		put(map, &i, &value);
	}
	err = bpf_map_sweep(map, &cond, 1, &opts);
	tap_ok(err == -EOPNOTSUPP && *libbpf_compare_reason() && !opts.deleted,
	       "BPF_F_RDONLY_PROG: EOPNOTSUPP");
	err = 0;
	for (__u32 part = 0; part < 3; part++) {
		opts.flags = BPF_MAP_SWEEP_COUNT;
		opts.cursor = BPF_MAP_SWEEP_PART(part, 3);
		err |= bpf_map_sweep(map, &cond, 1, &opts);
		matched += opts.matched;
	}
	tap_ok(!err && matched == 100 && !*libbpf_compare_reason(), "but it is counted");
	close(map);
}

/* Each part by itself, and all of them are the whole. */
static void test_parts(void)
{
	__u64 scanned = 0, deleted = 0;
	bool good = true;

	fill();
	for (__u32 part = 0; part < 7; part++) {
		LIBBPF_OPTS(bpf_map_sweep_opts, opts, .cursor = BPF_MAP_SWEEP_PART(part, 7));

		good &= !sweep_by(WALK, fd, &first_hundred, 1, &opts) && !opts.cursor;
		good &= opts.deleted < 100 || !kernel_has("asks");
		scanned += opts.scanned;
		deleted += opts.deleted;
	}
	tap_ok(good && scanned >= ENTRIES - 100 && scanned <= ENTRIES && deleted == 100 &&
		       entries() == 200,
	       "the parts of a sweep are all of it");
}

static void nothing(int signal)
{
	(void)signal;
}

/* Whatever comes in between, all is seen, and the counts are true. */
static void test_signals(enum way way)
{
	const struct itimerval often = { { 0, 300 }, { 0, 300 } }, never = {};
	const struct sigaction action = { .sa_handler = nothing };
	const __u32 count = getenv("SLOW_MACHINE") ? 2000 : 100000;
	int map = make_map(BPF_MAP_TYPE_HASH, sizeof(__u32), 8, count, 0);
	const struct bpf_map_sweep_cond cond = {
		.offset = 0, .size = 8, .op = BPF_MAP_SWEEP_LT, .operand = count / 2
	};
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .max_scan_us = way == EACH ? -1u : 50);
	int err;

	for (__u32 i = 0; i < count; i++) {
		__u64 value = i;

		put(map, &i, &value);
	}
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	err = sweep_by(way, map, &cond, 1, &opts);
	setitimer(ITIMER_REAL, &never, NULL);
	tap_ok(!err && opts.scanned == count && opts.deleted == count / 2 && !opts.changed,
	       "%s: signals end nothing", way_names[way]);
	bpf_map_compare_release(map);
	close(map);
}

/* The value may be that large, and the key. */
static void test_sizes(enum way way, __u32 type, __u32 key_size, __u32 value_size)
{
	__u32 offset = value_size - 4, count = 40, deleted = 0;
	int map = make_map(type, key_size, value_size, 64, 0);
	char *key = calloc(1, key_size), *value = calloc(1, value_size);
	char *keys = calloc(64, key_size), *values = calloc(64, value_size);
	struct bpf_map_sweep_cond cond = {
		.offset = offset, .size = 4, .op = BPF_MAP_SWEEP_LT, .operand = 1000
	};
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .keys = keys, .values = values, .capacity = 64);
	bool good;
	int err;

	for (__u32 i = 0; i < count; i++) {
		__u32 number = i % 2 ? i : 1000 + i;

		memset(value, i, value_size);
		memcpy(value + offset, &number, 4);
		memset(key, i, key_size);
		put(map, key, value);
		deleted += i % 2;
	}
	err = sweep_by(way, map, &cond, 1, &opts);
	good = !err && opts.deleted == deleted && opts.scanned == count;
	for (__u32 i = 0; i < opts.deleted; i++) {
		unsigned char number = keys[(size_t)i * key_size];

		memset(key, number, key_size);
		memset(value, number, value_size - 4);
		memcpy(value + offset, (__u32[]){ number }, 4);
		good &= number % 2 && !memcmp(keys + (size_t)i * key_size, key, key_size) &&
			!memcmp(values + (size_t)i * value_size, value, value_size);
	}
	if (!tap_ok(good, "%s: type %u, keys of %u, values of %u", way_names[way], type, key_size,
		    value_size))
		printf("# answer %d, scanned %llu, deleted %llu of %u\n", err,
		       (unsigned long long)opts.scanned, (unsigned long long)opts.deleted, deleted);
	bpf_map_compare_release(map);
	close(map);
	free(key);
	free(value);
	free(keys);
	free(values);
}

/* Operands may be others each time: no program is loaded for that. */
static void test_programs(enum way way)
{
	__u32 before = 0;

	for (int round = 0; round < 40; round++) {
		struct bpf_map_sweep_cond cond = first_hundred;
		LIBBPF_OPTS(bpf_map_sweep_opts, opts);

		cond.operand = 1000 + round;
		sweep_by(way, fd, &cond, 1, &opts);
		before = round ? before : last_program_of(fd);
	}
	tap_ok(before == last_program_of(fd), "%s: other operands take no other program",
	       way_names[way]);
}

/* 16 conditions in 8 groups, with a claim and all that can be handed out, by who has CAP_BPF and nothing else. */
static void test_with_cap_bpf_alone(void)
{
	static const __u64 claim = CLAIM;
	struct bpf_map_sweep_cond conds[16];
	struct key keys[ENTRIES];
	struct value values[ENTRIES];
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .claim = &claim, .claim_size = sizeof(claim),
		    .claim_first = CLAIM, .claim_last = CLAIM + 15, .keys = keys, .values = values,
		    .capacity = ENTRIES);
	int status, other;

	for (__u32 i = 0; i < 16; i++) {
		conds[i] = first_hundred;
		if (i % 2)
			conds[i] = (struct bpf_map_sweep_cond){ .offset = 11, .size = 8 };
		conds[i].group = i / 2;
	}
	conds[15].op = BPF_MAP_SWEEP_NE;
	fill();
	if (!fork()) {
		LIBBPF_OPTS(bpf_map_sweep_opts, few, .capacity = 10, .max_scan_us = -1u);

		keep_capabilities(1ull << CAP_BPF);
		other = bpf_map_sweep(fd, &first_hundred, 1, &few) != 1 ||
			way_of(few.cursor) != EACH || few.deleted != 10;
		opts.max_scan_us = -1u;
		status = bpf_map_sweep(fd, conds, 16, &opts);
		_exit(status || other || opts.deleted != 90);
	}
	wait(&status);
	tap_ok(!status == kernel_has("cap_bpf_alone") && entries() == (status ? ENTRIES : 200),
	       "it loads with CAP_BPF alone where the emulation does");
}

static void test_way(enum way way, __u32 type, __u32 flags)
{
	fd = make_map(type, sizeof(struct key), sizeof(struct value), 2 * ENTRIES, flags);
	test_conditions(way);
	for (int counted = 0; counted < 2; counted++) {
		test_handing_out(way, ENTRIES, counted);
		test_handing_out(way, 100, counted);
		test_handing_out(way, 7, counted);
	}
	test_capacity(way);
	test_claims(way);
	test_programs(way);
	bpf_map_compare_release(fd);
	close(fd);
}

int main(void)
{
	static const __u32 sizes[][2] = { { 1, 4 },	{ 3, 8 },	 { 5, 9 },
					  { 12, 31 },	{ 38, 56 },	 { 64, 4099 },
					  { 1024, 48 }, { 1024, 40000 }, { 8, 65536 } };

	fd = make_map(BPF_MAP_TYPE_HASH, sizeof(struct key), sizeof(struct value), ENTRIES, 0);
	test_refused();
	if (!kernel_has("syscall_prog")) {
		tap_ok(bpf_map_sweep(fd, &first_hundred, 1, NULL) == -EOPNOTSUPP,
		       "without syscall programs: EOPNOTSUPP");
		return tap_done();
	}
	test_access();
	test_parts();
	test_without_program();
	test_freed_at_once();
	test_with_cap_bpf_alone();
	close(fd);
	for (enum way way = EACH; way <= BATCH; way++) {
		if (!has_way(way))
			continue;
		test_way(way, BPF_MAP_TYPE_HASH, 0);
		test_way(way, BPF_MAP_TYPE_LRU_HASH, 0);
		if (kernel_has("no_prealloc"))
			test_way(way, BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC);
		test_signals(way);
		test_changing(way);
		for (int counted = 0; counted < 2; counted++)
			test_timed(way, counted);
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
			test_sizes(way, i % 3 ? BPF_MAP_TYPE_HASH : BPF_MAP_TYPE_LRU_HASH,
				   sizes[i][0], sizes[i][1]);
		let_programs_be_freed();
	}
	return tap_done();
}
