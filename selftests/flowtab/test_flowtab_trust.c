// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Whatever programs write into the arena, user space reads and writes nothing outside of it, inside only words
 * of entries that it deletes, and returns. What lies around the arena cannot be touched here without a fault.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include "common.h"
#include "program.h"

#define ARENA_MAX (1ull << 32)

/* Heads. */

static const struct head {
	const char *name;
	__u64 shape;
	__u32 bucket_mask;
	int answer;
} heads[] = {
#define HEAD BPF_FLOWTAB_SHAPE
	{ "the head as it was", HEAD(16, 56, 1, 8), 31, 0 },
	{ "fewer buckets", HEAD(16, 56, 1, 8), 15, 0 },
	{ "smaller records", HEAD(1, 1, 1, 8), 31, 0 },
	{ "fewer buckets of 16", HEAD(16, 56, 1, 16), 15, 0 },
	{ "fewer pairs", HEAD(16, 40, 2, 8), 15, 0 },
	{ "nothing", 0, 31, -EINVAL },
	{ "all bits", ~0ull, 31, -EINVAL },
	{ "another arena's", HEAD(16, 56, 1, 8) ^ 1ull << 48, 31, -EINVAL },
	{ "the next version", HEAD(16, 56, 1, 8) + 1, 31, -EINVAL },
	{ "no key", HEAD(0, 56, 1, 8), 31, -EINVAL },
	{ "a key too large", HEAD(BPF_FLOWTAB_KEY_MAX + 1, 1, 1, 8), 0, -EINVAL },
	{ "the largest key of 16 bits", HEAD(0xffff, 1, 1, 8), 0, -EINVAL },
	{ "no value", HEAD(16, 0, 1, 8), 31, -EINVAL },
	{ "a value too large", HEAD(16, BPF_FLOWTAB_VALUE_MAX + 1, 1, 8), 0, -EINVAL },
	{ "records of no key", HEAD(16, 56, 0, 8), 31, -EINVAL },
	{ "records of three keys", HEAD(16, 56, 3, 8), 0, -EINVAL },
	{ "records of 15 keys", HEAD(16, 56, 15, 8), 0, -EINVAL },
	{ "buckets of no slots", HEAD(16, 56, 1, 0), 31, -EINVAL },
	{ "of 4", HEAD(16, 56, 1, 4), 31, -EINVAL },
	{ "of 255", HEAD(16, 56, 1, 255), 0, -EINVAL },
	{ "buckets that are no power of two", HEAD(16, 56, 1, 8), 30, -EINVAL },
	{ "more buckets than fit", HEAD(16, 56, 1, 8), 63, -EINVAL },
	{ "as many as can be told", HEAD(16, 56, 1, 8), 0xffffffff, -EINVAL },
	{ "half of that", HEAD(16, 56, 1, 16), 0x7fffffff, -EINVAL },
	{ "more slots than fit", HEAD(16, 56, 1, 16), 31, -EINVAL },
	{ "aliases that do not fit", HEAD(16, 56, 2, 8), 31, -EINVAL },
	{ "values that do not fit", HEAD(16, 1024, 1, 8), 31, -EINVAL },
	{ "keys that do not fit", HEAD(256, 56, 1, 8), 31, -EINVAL },
#undef HEAD
};

/* In a child, as this process has the arena already; with what lies around it out of bounds. */
static void add_guards(const struct bpf_flowtab *table)
{
	size_t size;
	char *memory = memory_of(table, &size);
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;

	if (mmap(memory - ARENA_MAX, ARENA_MAX, PROT_NONE, flags, -1, 0) == MAP_FAILED ||
	    mmap(memory + size, 2 * ARENA_MAX - size, PROT_NONE, flags, -1, 0) == MAP_FAILED)
		tap_bail("no guards");
}

static void remove_guards(const struct bpf_flowtab *table)
{
	size_t size;
	char *memory = memory_of(table, &size);

	munmap(memory - ARENA_MAX, ARENA_MAX);
	munmap(memory + size, 2 * ARENA_MAX - size);
}

static void use_all(struct bpf_flowtab *table);

static void test_heads(void)
{
	struct bpf_flowtab *table = create_table(&shapes[0], 256);
	size_t size;
	struct bpf_flowtab_head *head = (void *)memory_of(table, &size);
	const struct bpf_flowtab_head was = *head;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		int status;
		pid_t child;

		head->shape = heads[i].shape;
		head->bucket_mask = heads[i].bucket_mask;
		fflush(stdout);
		child = fork();
		if (!child) {
			struct bpf_flowtab *other = bpf_flowtab__open(bpf_flowtab__fd(table));
			int err = other ? 0 : -errno;

			if (other) {
				add_guards(other);
				use_all(other);
			}
			_exit(err == heads[i].answer && (!err || *bpf_flowtab_reason()) ? 0 : 1);
		}
		waitpid(child, &status, 0);
		tap_ok(!status, "%s: %s", heads[i].name,
		       heads[i].answer ? "is refused" : "is opened, and safe to use");
		*head = was;
	}
	bpf_flowtab__close(table);
}

/* Rubbish. */

static __thread __u64 state = 1;

static __u64 any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dull;
}

struct rubbish {
	__u64 *at;
	/* In units of 8 bytes: the head, which is left alone; words and aliases, behind which are records; all */
	size_t first, records, all;
	_Atomic bool stop;
};

/* Bits turned, words from elsewhere in the arena, words that look like an entry, an alias, or nothing. */
static void write_rubbish(struct rubbish *rubbish)
{
	__u64 from = any();
	/* Words more often than records. */
	size_t end = from & 1 ? rubbish->records : rubbish->all;
	volatile __u64 *at = &rubbish->at[rubbish->first + any() % (end - rubbish->first)];

	switch (from >> 1 & 7) {
	case 0:
		*at = any();
		break;
	case 1:
		*at ^= 1ull << (any() & 63);
		break;
	case 2:
		*at |= BPF_FLOWTAB_LIVE;
		break;
	case 3: /* slots that are, or are not */
		*at = (any() % 600) << BPF_FLOWTAB_TIME_SHIFT |
		      (any() & (BPF_FLOWTAB_GENERATION_MASK | BPF_FLOWTAB_TAG_MASK)) |
		      BPF_FLOWTAB_LIVE;
		break;
	default:
		*at = rubbish->at[any() % rubbish->all];
	}
}

static void *write_until_stop(void *arg)
{
	struct rubbish *rubbish = arg;

	state = 88172645463325252ull;
	while (!rubbish->stop)
		write_rubbish(rubbish);
	return NULL;
}

static int let_go_or_not(void *ctx, const struct bpf_flowtab_entry *entry)
{
	const struct bpf_flowtab_info *info = ctx;
	__u8 sum = 0;

	for (__u32 i = 0; i < info->key_size; i++)
		sum += ((const __u8 *)entry->key)[i] +
		       (entry->second ? ((const __u8 *)entry->second)[i] : 0);
	for (__u32 i = 0; i < info->value_size; i++)
		sum += ((const __u8 *)entry->value)[i];
	return sum & 1;
}

/* Blocks of just the size, so that a sanitizer sees a byte too many. */
struct blocks {
	__u8 *key;
	__u8 *second;
	__u8 *value;
};

static struct blocks alloc_blocks(const struct bpf_flowtab_info *info)
{
	struct blocks blocks = { malloc(info->key_size), malloc(info->key_size),
				 malloc(info->value_size) };

	if (!blocks.key || !blocks.second || !blocks.value)
		tap_bail("out of memory");
	return blocks;
}

static void free_blocks(struct blocks *blocks)
{
	free(blocks->key);
	free(blocks->second);
	free(blocks->value);
}

static bool is_one_of(int answer, int a, int b, int c)
{
	return !answer || answer == a || answer == b || answer == c;
}

/* One call; whether it answered what it may. */
static bool use(struct bpf_flowtab *table, const struct bpf_flowtab_info *info,
		const struct blocks *blocks)
{
	__u32 timeouts[BPF_FLOWTAB_CLASSES] = {}, cursor = any() % (info->all_slots + 2);
	LIBBPF_OPTS(bpf_flowtab_sweep_opts, sweep, .timeouts_ms = timeouts, .ctx = (void *)info,
		    .max_slots = any() % 50, .cursor = cursor);
	struct bpf_flowtab_seen seen = { any() & 1 ? any() | BPF_FLOWTAB_LIVE : any(),
					 any() % (info->all_slots + 8) };
	struct bpf_flowtab_stats stats;
	__u32 sum;
	int err;

	number_key(blocks->key, info->key_size, any() % 64);
	switch (any() & 7) {
	case 0:
		err = bpf_flowtab__lookup(table, blocks->key, blocks->value, &seen);
		if (!err && any() & 1)
			err = bpf_flowtab__delete_seen(table, &seen);
		return is_one_of(err, -ENOENT, -EAGAIN, -EBUSY);
	case 1:
		err = bpf_flowtab__delete(table, blocks->key);
		return is_one_of(err, -ENOENT, -EAGAIN, 0);
	case 2:
		err = bpf_flowtab__delete_seen(table, &seen);
		return is_one_of(err, -EINVAL, -EBUSY, 0);
	case 3:
	case 4:
		do
			err = bpf_flowtab__next(table, &cursor, blocks->key, blocks->second,
						blocks->value, &seen);
		while (!err && seen.slot < info->all_slots && cursor == seen.slot + 1);
		return err == -ENOENT && cursor >= info->all_slots;
	case 5:
		err = bpf_flowtab__stats(table, &stats);
		sum = stats.free + stats.resting + stats.creating;
		for (int i = 0; i < BPF_FLOWTAB_CLASSES; i++)
			sum += stats.live[i];
		return !err && sum <= info->all_slots && stats.aliases <= info->all_slots;
	default:
		if (any() & 1)
			sweep.callback = let_go_or_not;
		err = bpf_flowtab__sweep(table, &sweep);
		return cursor >= info->all_slots
			       ? err == -EINVAL
			       : !err && sweep.scanned <= info->all_slots &&
					 sweep.deleted + sweep.changed <= sweep.timed_out;
	}
}

static void use_all(struct bpf_flowtab *table)
{
	struct bpf_flowtab_info info;
	struct blocks blocks;

	bpf_flowtab__info(table, &info);
	blocks = alloc_blocks(&info);
	for (int i = 0; i < 1000; i++)
		if (!use(table, &info, &blocks))
			_exit(2);
	free_blocks(&blocks);
}

/* Whether the word in the slot is what a delete makes of it, or as it was; and so of an alias. */
static bool is_left_or_freed(__u64 was, __u64 is, bool alias)
{
	if (is == was)
		return true;
	return (was & BPF_FLOWTAB_STATE_MASK) == BPF_FLOWTAB_LIVE &&
	       is == (alias ? 0 : was & ~BPF_FLOWTAB_STATE_MASK);
}

/* With nobody beside: what changed in the arena? */
static void check_writes(struct bpf_flowtab *table, const struct bpf_flowtab_info *info,
			 struct rubbish *rubbish, unsigned long rounds)
{
	struct blocks blocks = alloc_blocks(info);
	__u64 *was = malloc(rubbish->all * 8);
	unsigned long outside = 0, freed = 0, wrong = 0;

	if (!was)
		tap_bail("out of memory");
	for (unsigned long i = 0; i < rounds; i++) {
		for (int j = 0; j < 500; j++)
			write_rubbish(rubbish);
		memcpy(was, rubbish->at, rubbish->all * 8);
		for (int j = 0; j < 50; j++)
			wrong += !use(table, info, &blocks);
		for (size_t at = 0; at < rubbish->all; at++) {
			bool word = at >= rubbish->first && at < rubbish->records;
			bool alias = word && (at - rubbish->first) / info->slots % info->keys;

			freed += was[at] != rubbish->at[at];
			outside += word ? !is_left_or_freed(was[at], rubbish->at[at], alias)
					: was[at] != rubbish->at[at];
		}
	}
	tap_ok(!wrong, "rubbish: answers are those that are said");
	tap_ok(!outside && freed, "only words of entries are freed: %lu", freed);
	free(was);
	free_blocks(&blocks);
}

static void check_calls(struct bpf_flowtab *table, const struct bpf_flowtab_info *info,
			struct rubbish *rubbish, unsigned long calls)
{
	struct blocks blocks = alloc_blocks(info);
	unsigned long wrong = 0;
	pthread_t thread;

	if (pthread_create(&thread, NULL, write_until_stop, rubbish))
		tap_bail("pthread_create");
	for (unsigned long i = 0; i < calls; i++)
		wrong += !use(table, info, &blocks);
	rubbish->stop = true;
	pthread_join(thread, NULL);
	tap_ok(!wrong, "rubbish while %lu calls are made: answers are those that are said", calls);
	free_blocks(&blocks);
}

/* The kernel bounds what programs do; they are to return, with an answer. */
static void check_program(struct program *program, struct rubbish *rubbish, unsigned long calls)
{
	unsigned long wrong = 0;

	for (unsigned long i = 0; i < calls; i++) {
		for (int j = 0; j < 20; j++)
			write_rubbish(rubbish);
		program->request->flags = any() & BPF_FLOWTAB_EVICT;
		program->request->answer = ~0u;
		if (any() & 1)
			create(program, any() % 64, clock_ns());
		else
			ask(program, any() % 4, any() % 64, clock_ns());
		wrong += program->request->answer > BPF_FLOWTAB_NO_TABLE;
	}
	tap_ok(!wrong, "programs have answers too");
}

static void test_rubbish(const struct shape *shape)
{
	const unsigned long scale = getenv("STRESS") ? 100 : 1;
	struct rubbish rubbish = { .first = BPF_FLOWTAB_PAGE / 8 };
	struct bpf_flowtab_info info;
	struct program program;
	size_t size;

	printf("# %s\n", shape->name);
	load_program(&program, shape, create_table(shape, 256));
	bpf_flowtab__info(program.table, &info);
	add_guards(program.table);
	rubbish.at = (__u64 *)memory_of(program.table, &size);
	rubbish.records = rubbish.first + info.all_slots * info.keys;
	rubbish.all = size / 8;
	for (__u32 i = 0; i < 64; i++)
		create(&program, i, clock_ns());
	/* Nothing of this takes seconds: what does not return is to end, and to fail, all the same. */
	alarm(600 * scale);
	check_writes(program.table, &info, &rubbish, 200 * scale);
	check_program(&program, &rubbish, 20000 * scale);
	check_calls(program.table, &info, &rubbish, 50000 * scale);
	alarm(0);
	remove_guards(program.table);
	close_program(&program);
}

int main(void)
{
	if (!kernel_has("arena")) {
		tap_skip("trust", "this kernel has no arenas that programs can use");
		return tap_done();
	}
	test_heads();
	for (int i = 0; i < SHAPES; i++)
		test_rubbish(&shapes[i]);
	return tap_done();
}
