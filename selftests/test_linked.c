// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The contract of linked entries: every state that two entries can be in, with everything that can be
 * asked of them, against the table of bpf_map_delete_batch_opts().
 */
#include "common.h"

struct value {
	__u64 other;
	__u32 word;
	__u32 rest;
};

#define KEY	   1u
#define LINKED_KEY 2u
#define WORD	   7u
#define CLAIM	   0xfffffff0u
#define OTHERS	   0xfffffff5u /* another collector's claim */
#define OFFSET	   offsetof(struct value, word)
#define SIZE	   (sizeof(struct value) - OFFSET)

/* What an entry is. */
enum state {
	MISSING,
	EQUAL,
	DIFFERS,
	CLAIMED, /* by us, as an earlier run cannot leave it */
	CLAIMED_BY_OTHER,
	STATES,
};

static const char *const state_names[] = { "missing", "equal", "differs", "claimed",
					   "claimed by another" };

/* What is asked for. */
struct asked {
	bool compare; /* of the linked entry */
	bool claim, linked_claim;
	bool expect_claim; /* the linked entry's expected word is another's claim */
	bool range;
	bool values;
	__u32 flags;
};

/* Where the entries are. */
struct maps {
	const char *name;
	int fd, linked_fd;
	__u32 given; /* as linked_fd */
	bool one;
	__u32 type, linked_type, flags, linked_flags;
};

struct answers {
	int err, result, linked_result;
};

static struct value value_of(enum state state, __u64 other)
{
	struct value value = { other, WORD, 5 };

	if (state == DIFFERS)
		value.rest++;
	if (state == CLAIMED)
		value.word = CLAIM;
	if (state == CLAIMED_BY_OTHER)
		value.word = OTHERS;
	return value;
}

static void set(int fd, __u32 key, enum state state)
{
	struct value value = value_of(state, key);

	bpf_map_delete_elem(fd, &key);
	if (state != MISSING)
		put(fd, &key, &value);
}

static bool is_invalid(const struct maps *maps, const struct asked *a)
{
	bool goes = !(a->flags & (BPF_MAP_LINKED_KEEP | BPF_MAP_LINKED_ABSENT));

	if (a->flags == BPF_MAP_LINKED_ABSENT && (a->compare || a->linked_claim))
		return true;
	if (a->flags == BPF_MAP_LINKED_KEEP && a->linked_claim)
		return true;
	if (a->range && !a->claim && !a->linked_claim)
		return true;
	return maps->one &&
	       ((a->claim && !a->linked_claim && goes) || (!a->claim && a->linked_claim));
}

/* A linked entry that is there, by the table: 0, or what is said of it. */
static int judge_linked(const struct asked *a, enum state state)
{
	if (a->flags == BPF_MAP_LINKED_ABSENT)
		return -EBUSY;
	if (a->linked_claim && a->compare && a->expect_claim && a->range)
		return -EBUSY;
	if (a->compare)
		return state == (a->expect_claim ? CLAIMED_BY_OTHER : EQUAL) ? 0 : -EBUSY;
	if (a->linked_claim && (state == CLAIMED || (state == CLAIMED_BY_OTHER && a->range)))
		return -EBUSY;
	return 0;
}

static struct answers should_be(const struct maps *maps, const struct asked *a, enum state first,
				enum state linked)
{
	struct answers is = { 0, 0, 0 };

	if (is_invalid(maps, a))
		return (struct answers){ -EINVAL, -ECANCELED, -ECANCELED };
	if (!backend_serves(BPF_MAP_COMPARE_SYSCALL_PROG, maps->type, maps->flags))
		return (struct answers){ -EOPNOTSUPP, -ECANCELED, -ECANCELED };
	if (first == MISSING)
		return (struct answers){ 0, -ENOENT, -ECANCELED };
	if (first != EQUAL)
		return (struct answers){ 0, -EBUSY, -ECANCELED };
	if (linked == MISSING)
		return (struct answers){ 0, a->compare ? -EBUSY : 0, -ENOENT };
	is.linked_result = is.result = judge_linked(a, linked);
	return is;
}

static bool is_state(int fd, __u32 key, enum state state)
{
	struct value value, expected = value_of(state, key);

	if (bpf_map_lookup_elem(fd, &key, &value))
		return state == MISSING;
	return state != MISSING && !memcmp(&value, &expected, sizeof(value));
}

static struct answers ask(const struct maps *maps, const struct asked *a, struct value *got)
{
	static const __u32 key = KEY, linked_key = LINKED_KEY, claim = CLAIM;
	struct value expected = value_of(EQUAL, 0), linked = value_of(EQUAL, 0);
	int result = 1, linked_result = 1;
	__u32 count = 1;
	struct answers is;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = &expected.word, .compare_offset = OFFSET, .compare_size = SIZE,
		    .results = &result, .linked_keys = &linked_key,
		    .linked_results = &linked_result, .linked_fd = maps->given,
		    .linked_flags = a->flags);

	if (a->expect_claim)
		linked.word = OTHERS;
	if (a->compare) {
		opts.linked_compare = &linked.word;
		opts.linked_compare_offset = OFFSET;
		opts.linked_compare_size = SIZE;
	}
	if (a->claim) {
		opts.claim = &claim;
		opts.claim_offset = OFFSET;
		opts.claim_size = sizeof(claim);
	}
	if (a->linked_claim) {
		opts.linked_claim = &claim;
		opts.linked_claim_offset = OFFSET;
		opts.linked_claim_size = sizeof(claim);
	}
	if (a->range) {
		opts.claim_first = CLAIM;
		opts.claim_last = CLAIM + 15;
	}
	opts.values = a->values ? got : NULL;
	is.err = bpf_map_delete_batch_opts(maps->fd, &key, &count, &opts);
	is.result = result;
	is.linked_result = linked_result;
	if (count != !result)
		is.err = -1000 - (int)count;
	return is;
}

static bool try(const struct maps *maps, const struct asked *a, enum state first, enum state linked)
{
	struct answers want = should_be(maps, a, first, linked), is;
	struct value got, was = value_of(EQUAL, KEY);
	bool goes = !(a->flags & (BPF_MAP_LINKED_KEEP | BPF_MAP_LINKED_ABSENT)), pass;

	memset(&got, 0xee, sizeof(got));
	set(maps->fd, KEY, first);
	set(maps->linked_fd, LINKED_KEY, linked);
	is = ask(maps, a, &got);
	pass = is.err == want.err && is.result == want.result &&
	       is.linked_result == want.linked_result &&
	       is_state(maps->fd, KEY, is.result ? first : MISSING) &&
	       is_state(maps->linked_fd, LINKED_KEY,
			is.result || (!is.linked_result && goes) ? (is.result ? linked : MISSING)
								 : linked);
	if (a->values && !is.result)
		pass &= !memcmp(&got, &was, sizeof(got));
	if (!pass)
		printf("# %s, linked %s: %scompare%s%s%s%s%s, flags %u: %d, %d, %d; should be %d, "
		       "%d, %d\n",
		       state_names[first], state_names[linked], a->compare ? "" : "no ",
		       a->claim ? ", claim" : "", a->linked_claim ? ", linked claim" : "",
		       a->expect_claim ? ", expects a claim" : "", a->range ? ", range" : "",
		       a->values ? ", values" : "", a->flags, is.err, is.result, is.linked_result,
		       want.err, want.result, want.linked_result);
	return pass;
}

/* Every bit of what can be asked for is one of n. */
static struct asked nth(unsigned int n)
{
	static const __u32 flags[] = { 0, BPF_MAP_LINKED_KEEP, BPF_MAP_LINKED_ABSENT,
				       BPF_MAP_LINKED_FIRST };

	return (struct asked){
		.compare = n & 1,
		.claim = n & 2,
		.linked_claim = n & 4,
		.expect_claim = n & 8,
		.range = n & 16,
		.values = n & 32,
		.flags = flags[n >> 6],
	};
}

static void test_table(const struct maps *maps)
{
	static const char *const flag_names[] = { "none", "KEEP", "ABSENT", "FIRST" };
	bool pass;

	for (unsigned int flags = 0; flags < 4; flags++) {
		pass = true;
		for (unsigned int n = flags << 6; n < (flags + 1) << 6; n++) {
			struct asked a = nth(n);

			for (int state = 0; state < STATES; state++) {
				pass &= try(maps, &a, EQUAL, state);
				pass &= try(maps, &a, state, EQUAL);
			}
		}
		tap_ok(pass, "%s: the table, flags: %s", maps->name, flag_names[flags]);
	}
}

static int linked_map_of(struct maps *maps)
{
	maps->fd = make_map(maps->type, sizeof(__u32), sizeof(struct value), 64, maps->flags);
	maps->linked_fd = maps->fd;
	if (!maps->one)
		maps->linked_fd = make_map(maps->linked_type, sizeof(__u32), sizeof(struct value),
					   64, maps->linked_flags);
	return maps->linked_fd;
}

static void close_maps(const struct maps *maps)
{
	bpf_map_compare_release(maps->fd);
	if (!maps->one) {
		bpf_map_compare_release(maps->linked_fd);
		close(maps->linked_fd);
	}
	close(maps->fd);
}

static void test_maps(struct maps maps)
{
	int duplicate;

	linked_map_of(&maps);
	maps.given = maps.one ? 0 : maps.linked_fd;
	test_table(&maps);
	if (maps.one && !getenv("SLOW_MACHINE")) {
		duplicate = fcntl(maps.fd, F_DUPFD_CLOEXEC, 3);
		maps.given = duplicate;
		maps.name = "one map, by a duplicate";
		test_table(&maps);
		close(duplicate);
	}
	close_maps(&maps);
}

int main(void)
{
	const struct maps all[] = {
		{ .name = "one HASH", .type = BPF_MAP_TYPE_HASH, .one = true },
		{ .name = "one LRU_HASH", .type = BPF_MAP_TYPE_LRU_HASH, .one = true },
		{ .name = "HASH, linked HASH",
		  .type = BPF_MAP_TYPE_HASH,
		  .linked_type = BPF_MAP_TYPE_HASH },
		{ .name = "HASH, linked LRU_HASH",
		  .type = BPF_MAP_TYPE_HASH,
		  .linked_type = BPF_MAP_TYPE_LRU_HASH },
		{ .name = "LRU_HASH, linked HASH",
		  .type = BPF_MAP_TYPE_LRU_HASH,
		  .linked_type = BPF_MAP_TYPE_HASH },
		{ .name = "HASH without prealloc, linked HASH",
		  .type = BPF_MAP_TYPE_HASH,
		  .flags = BPF_F_NO_PREALLOC,
		  .linked_type = BPF_MAP_TYPE_HASH },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (!getenv("SLOW_MACHINE") || i % 2 == 0)
			test_maps(all[i]);
	return tap_done();
}
