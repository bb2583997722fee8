// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/* What a flow table answers: its programs, and user space, one after the other. */
#include <fcntl.h>
#include <sys/wait.h>
#include "common.h"
#include "program.h"

#define MS 1000000ull
#define S  1000000000ull

static struct program program;
static __u64 start; /* a time well before now, after which nothing is past its grace for long */

static struct flowtab_request *request(void)
{
	return program.request;
}

static int lookup(__u32 key, void *value, struct bpf_flowtab_seen *seen)
{
	__u8 bytes[BPF_FLOWTAB_KEY_MAX];

	number_key(bytes, program.shape->key_size, key);
	return bpf_flowtab__lookup(program.table, bytes, value, seen);
}

static int delete (__u32 key)
{
	__u8 bytes[BPF_FLOWTAB_KEY_MAX];

	number_key(bytes, program.shape->key_size, key);
	return bpf_flowtab__delete(program.table, bytes);
}

static struct bpf_flowtab_stats stats(void)
{
	struct bpf_flowtab_stats stats;

	if (bpf_flowtab__stats(program.table, &stats))
		tap_bail("no statistics: %s", bpf_flowtab_reason());
	return stats;
}

static __u32 class_of(const struct bpf_flowtab_seen *seen)
{
	return (seen->word & BPF_FLOWTAB_CLASS_MASK) >> BPF_FLOWTAB_CLASS_SHIFT;
}

static __u64 time_of(const struct bpf_flowtab_seen *seen)
{
	return seen->word >> BPF_FLOWTAB_TIME_SHIFT;
}

static bool all_are(const void *bytes, __u32 size, __u8 byte)
{
	for (__u32 i = 0; i < size; i++)
		if (((const __u8 *)bytes)[i] != byte)
			return false;
	return true;
}

static void test_one_entry(void)
{
	const __u32 value_size = program.shape->value_size;
	__u8 value[BPF_FLOWTAB_VALUE_MAX];
	struct bpf_flowtab_seen seen, later;

	tap_is(ask(&program, FLOWTAB_LOOKUP, 5, start), BPF_FLOWTAB_NO_ENTRY, "no entry: lookup");
	tap_is(ask(&program, FLOWTAB_REFRESH, 5, start), BPF_FLOWTAB_NO_ENTRY, "refresh");
	tap_is(ask(&program, FLOWTAB_DELETE, 5, start), BPF_FLOWTAB_NO_ENTRY, "delete");
	tap_is(lookup(5, value, NULL), -ENOENT, "user space: lookup");
	tap_is(errno, ENOENT, "which errno has");
	tap_is(delete (5), -ENOENT, "delete");

	request()->class = 3;
	tap_is(create(&program, 5, start), BPF_FLOWTAB_DONE, "create");
	tap_ok(all_are(request()->value, value_size, 5), "its value is the initial one");
	tap_is(lookup(5, value, &seen), 0, "user space finds it");
	tap_ok(all_are(value, value_size, 5) && class_of(&seen) == 3 &&
		       time_of(&seen) == bpf_flowtab_ticks(start),
	       "with that value, class and time");
	tap_is(create(&program, 5, start), BPF_FLOWTAB_EXISTS, "create again");
	tap_is(ask(&program, FLOWTAB_LOOKUP, 5, 0), BPF_FLOWTAB_DONE, "lookup");
	tap_ok(all_are(request()->value, value_size, 5), "the value again");
	lookup(5, value, &later);
	tap_ok(later.word == seen.word, "and nothing is changed");

	request()->class = 4;
	tap_is(ask(&program, FLOWTAB_REFRESH, 5, start + 100 * MS), BPF_FLOWTAB_DONE, "refresh");
	lookup(5, NULL, &later);
	tap_ok(class_of(&later) == 4 && time_of(&later) == bpf_flowtab_ticks(start + 100 * MS),
	       "sets class and time");
	request()->class = BPF_FLOWTAB_CLASSES;
	request()->writes = 9;
	tap_is(ask(&program, FLOWTAB_REFRESH, 5, start + 50 * MS), BPF_FLOWTAB_DONE,
	       "refresh by an earlier clock");
	request()->writes = 0;
	lookup(5, value, &later);
	tap_ok(class_of(&later) == 4 && time_of(&later) == bpf_flowtab_ticks(start + 100 * MS),
	       "leaves the time and, asked to, the class");
	tap_ok(value[0] == 9 && all_are(value + 1, value_size - 1, 5),
	       "the value is written in place");
	tap_is(bpf_flowtab__delete_seen(program.table, &seen), -EBUSY,
	       "what was seen before is left alone");
	tap_is(bpf_flowtab__delete_seen(program.table, &later), 0,
	       "what is as it was seen is deleted");
	tap_is(bpf_flowtab__delete_seen(program.table, &later), -EBUSY, "once");
	tap_is(lookup(5, NULL, NULL), -ENOENT, "it is gone");
	tap_is(ask(&program, FLOWTAB_REFRESH, 5, start), BPF_FLOWTAB_NO_ENTRY, "for programs too");

	create(&program, 5, start + 200 * MS);
	lookup(5, NULL, &seen);
	tap_is(bpf_flowtab__delete_seen(program.table, &later), -EBUSY,
	       "what was seen of an earlier life is left alone");
	tap_is(ask(&program, FLOWTAB_DELETE, 5, 0), BPF_FLOWTAB_DONE, "a program deletes it");
	tap_is(lookup(5, NULL, NULL), -ENOENT, "it is gone");
	create(&program, 5, start + 300 * MS);
	tap_is(delete (5), 0, "user space deletes it");
	tap_is(ask(&program, FLOWTAB_LOOKUP, 5, 0), BPF_FLOWTAB_NO_ENTRY, "it is gone");

	create(&program, 6, clock_ns());
	lookup(6, NULL, &seen);
	tap_is(bpf_flowtab__delete_seen(program.table, &seen), -EBUSY,
	       "what may be refreshed in the very tick is left alone");
	delete (6);
}

static void test_pairs(void)
{
	struct bpf_flowtab_seen seen, by_second;
	struct bpf_flowtab_stats now;

	if (program.shape->keys != 2)
		return;
	request()->class = 1;
	tap_is(create(&program, 20, start), BPF_FLOWTAB_DONE, "a pair");
	tap_ok(!request()->is_second, "its first key");
	tap_is(ask(&program, FLOWTAB_REFRESH, SECOND(20), start + S), BPF_FLOWTAB_DONE,
	       "refresh by the second key");
	tap_ok(request()->is_second, "which is said");
	tap_ok(all_are(request()->value, program.shape->value_size, 20), "the value is one");
	tap_is(lookup(20, NULL, &seen) ?: lookup(SECOND(20), NULL, &by_second), 0,
	       "user space finds both");
	tap_ok(seen.word == by_second.word && seen.slot == by_second.slot &&
		       time_of(&seen) == bpf_flowtab_ticks(start + S),
	       "which are one");
	tap_is(create(&program, 20, start), BPF_FLOWTAB_EXISTS, "none beside it with both keys");
	number_key(request()->second, program.shape->key_size, 20);
	tap_is(ask(&program, FLOWTAB_CREATE, SECOND(20), start), BPF_FLOWTAB_EXISTS,
	       "nor the other way round");
	number_key(request()->second, program.shape->key_size, SECOND(20));
	tap_is(ask(&program, FLOWTAB_CREATE, 21, start), BPF_FLOWTAB_EXISTS,
	       "nor with the second one");
	number_key(request()->second, program.shape->key_size, 20);
	tap_is(ask(&program, FLOWTAB_CREATE, 21, start), BPF_FLOWTAB_EXISTS,
	       "nor with the first one as the second");
	now = stats();
	tap_ok(now.live[1] == 1 && now.aliases == 1, "nothing of those is left");
	tap_is(bpf_flowtab__delete_seen(program.table, &by_second), 0, "one exchange");
	tap_is(lookup(20, NULL, NULL), -ENOENT, "ends both: the first");
	tap_is(lookup(SECOND(20), NULL, NULL), -ENOENT, "and the second");
	tap_is(ask(&program, FLOWTAB_LOOKUP, SECOND(20), 0), BPF_FLOWTAB_NO_ENTRY,
	       "for programs too");
	tap_is(stats().aliases, 0, "the alias is free");
	create(&program, 22, start);
	tap_is(ask(&program, FLOWTAB_DELETE, SECOND(22), 0), BPF_FLOWTAB_DONE,
	       "a program deletes by the second key");
	tap_is(ask(&program, FLOWTAB_LOOKUP, 22, 0), BPF_FLOWTAB_NO_ENTRY, "both are gone");
	tap_is(stats().aliases, 0, "and the alias");
	create(&program, 23, start);
	tap_is(delete (SECOND(23)), 0, "user space likewise");
	tap_is(lookup(23, NULL, NULL), -ENOENT, "both are gone");
	tap_is(stats().aliases, 0, "and the alias");
}

/* Creates until one fails: so many. */
static __u32 fill(__u32 from, __u64 ns)
{
	__u32 count = 0;

	while (create(&program, from + count, ns) == BPF_FLOWTAB_DONE)
		count++;
	return count;
}

static void test_grace(void)
{
	struct bpf_flowtab_info info;
	__u64 now = clock_ns() + 5 * S; /* past the grace of what was there before */
	__u32 many, first, live = 0;

	bpf_flowtab__info(program.table, &info);
	request()->class = 2;
	many = fill(10000, now);
	tap_ok(many > info.all_slots / 4 && many <= info.all_slots, "full with %u of %u", many,
	       info.all_slots);
	tap_is(request()->answer, BPF_FLOWTAB_FULL, "says so");
	tap_is(lookup(10000 + many, NULL, NULL), -ENOENT, "and nothing was created");
	for (__u32 i = 0; i < many; i++)
		live += !lookup(10000 + i, NULL, NULL);
	tap_ok(live == many, "all of them are there");

	request()->flags = BPF_FLOWTAB_EVICT;
	tap_is(create(&program, 10000 + many, now + 500 * MS), BPF_FLOWTAB_FULL,
	       "nothing is evicted in its grace");
	/* The first one is to be the only one that was not refreshed. */
	for (first = 0; first < many; first++)
		ask(&program, FLOWTAB_REFRESH, 10000 + first, now + (first ? 1000 : 0) * MS);
	tap_is(create(&program, 10000 + many, now + 3 * S), BPF_FLOWTAB_DONE, "but past it");
	live = 0;
	for (__u32 i = 0; i <= many; i++)
		live += !lookup(10000 + i, NULL, NULL);
	/* A pair may take the slot of one, and the alias of another. */
	tap_ok(live == many || (live == many - 1 && program.shape->keys == 2), "one for one");
	request()->flags = 0;

	for (__u32 i = 0; i <= many; i++)
		delete (10000 + i);
	tap_ok(stats().live[2] == 0, "all are deleted");
	tap_ok(fill(30000, now + 500 * MS) <= info.all_slots - many, "slots rest for a grace");
	tap_ok(fill(20000, now + 20 * S) > many / 2, "and are used again after that");
	for (__u32 i = 0; i < info.all_slots; i++)
		delete (20000 + i);
}

static int keep_all(void *ctx, const struct bpf_flowtab_entry *entry)
{
	(void)entry;
	++*(__u32 *)ctx;
	return 1;
}

static int stop(void *ctx, const struct bpf_flowtab_entry *entry)
{
	(void)ctx;
	(void)entry;
	return -EINTR;
}

static int check_entry(void *ctx, const struct bpf_flowtab_entry *entry)
{
	__u32 number = *(const __u8 *)entry->value;
	__u8 key[BPF_FLOWTAB_KEY_MAX];

	number_key(key, program.shape->key_size, number);
	*(bool *)ctx &= !memcmp(key, entry->key, program.shape->key_size) &&
			!entry->second == (program.shape->keys == 1) &&
			all_are(entry->value, program.shape->value_size, number);
	return 0;
}

static void test_sweep(void)
{
	__u32 timeouts[BPF_FLOWTAB_CLASSES], kept = 0, cursor = 0, met = 0;
	__u64 now = clock_ns();
	bool right = true;
	LIBBPF_OPTS(bpf_flowtab_sweep_opts, opts, .timeouts_ms = timeouts);
	struct bpf_flowtab_info info;
	struct bpf_flowtab_seen seen;

	bpf_flowtab__info(program.table, &info);
	memset(timeouts, 0xff, sizeof(timeouts));
	timeouts[1] = 1000;
	timeouts[2] = 60000;
	for (__u32 i = 0; i < 30; i++) {
		request()->class = i % 3;
		create(&program, i, now - 10 * S);
	}
	while (!bpf_flowtab__next(program.table, &cursor, NULL, NULL, NULL, &seen))
		met++;
	tap_ok(met == 30 && cursor == info.all_slots, "an iteration meets all");
	opts.callback = keep_all;
	opts.ctx = &kept;
	tap_is(bpf_flowtab__sweep(program.table, &opts), 0, "sweep, the callback keeps all");
	tap_ok(opts.scanned == info.all_slots && opts.live == 30 && opts.timed_out == 10 &&
		       kept == 10 && !opts.deleted && !opts.changed && !opts.cursor,
	       "counts");
	opts.callback = stop;
	tap_is(bpf_flowtab__sweep(program.table, &opts), -EINTR, "the callback ends it");
	tap_ok(opts.timed_out == 1 && !opts.deleted && opts.cursor && opts.cursor < info.all_slots,
	       "at the first one");
	opts.cursor = 0;
	opts.callback = check_entry;
	opts.ctx = &right;
	tap_is(bpf_flowtab__sweep(program.table, &opts), 0, "sweep");
	tap_ok(right, "the callback sees keys and values");
	tap_ok(opts.timed_out == 10 && opts.deleted == 10 && !opts.changed, "ten have timed out");
	tap_ok(lookup(1, NULL, NULL) == -ENOENT && !lookup(0, NULL, NULL) && !lookup(2, NULL, NULL),
	       "the others stay");
	tap_ok(stats().aliases == (program.shape->keys == 2 ? 20 : 0), "aliases go with them");
	opts.callback = NULL;
	timeouts[0] = timeouts[2] = 9000;
	opts.max_slots = 5;
	for (met = 0; !met || opts.cursor; met++)
		if (bpf_flowtab__sweep(program.table, &opts) || opts.scanned > 5)
			break;
	tap_ok(met == (info.all_slots + 4) / 5, "in steps of 5 slots");
	tap_ok(stats().live[0] + stats().live[2] == 0, "all have timed out");

	request()->class = 1;
	create(&program, 1, clock_ns() - 990 * MS);
	opts.max_slots = 0;
	bpf_flowtab__sweep(program.table, &opts);
	tap_ok(!opts.deleted, "not a moment too early");
	delete (1);

	opts.timeouts_ms = NULL;
	tap_is(bpf_flowtab__sweep(program.table, &opts), -EINVAL, "no timeouts");
	tap_ok(strstr(bpf_flowtab_reason(), "timeouts_ms"), "which is said");
	opts.timeouts_ms = timeouts;
	opts.cursor = info.all_slots;
	tap_is(bpf_flowtab__sweep(program.table, &opts), -EINVAL, "a cursor behind the last slot");
	opts.cursor = 0;
	opts.sz--;
	tap_is(bpf_flowtab__sweep(program.table, &opts), -EINVAL, "opts of another version");
}

static void test_other_shapes(void)
{
	for (int i = 0; i < SHAPES; i++) {
		struct program other;

		if (&shapes[i] == program.shape)
			continue;
		load_program(&other, &shapes[i], program.table);
		tap_ok(create(&other, 1, clock_ns()) == BPF_FLOWTAB_NO_TABLE &&
			       ask(&other, FLOWTAB_REFRESH, 1, clock_ns()) ==
				       BPF_FLOWTAB_NO_TABLE &&
			       ask(&other, FLOWTAB_LOOKUP, 1, 0) == BPF_FLOWTAB_NO_TABLE &&
			       ask(&other, FLOWTAB_DELETE, 1, 0) == BPF_FLOWTAB_NO_TABLE,
		       "a program of %s finds no table", shapes[i].name);
		unload_program(&other);
	}
}

static void test_child(void)
{
	int status, fd = bpf_flowtab__fd(program.table);
	pid_t child;

	create(&program, 1, clock_ns());
	child = fork();
	if (!child) {
		struct bpf_flowtab_seen seen = { .word = BPF_FLOWTAB_LIVE };
		struct bpf_flowtab *table;
		__u32 timeouts[BPF_FLOWTAB_CLASSES] = {}, cursor = 0;
		LIBBPF_OPTS(bpf_flowtab_sweep_opts, opts, .timeouts_ms = timeouts);
		struct bpf_flowtab_stats stats;

		if (lookup(1, NULL, NULL) != -EBADF || delete (1) != -EBADF ||
		    bpf_flowtab__delete_seen(program.table, &seen) != -EBADF ||
		    bpf_flowtab__sweep(program.table, &opts) != -EBADF ||
		    bpf_flowtab__stats(program.table, &stats) != -EBADF ||
		    bpf_flowtab__next(program.table, &cursor, NULL, NULL, NULL, NULL) != -EBADF)
			_exit(1);
		table = bpf_flowtab__open(fd);
		bpf_flowtab__close(program.table);
		program.table = table;
		_exit(table && !lookup(1, NULL, NULL) ? 0 : 2);
	}
	waitpid(child, &status, 0);
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status),
	       "a child does not have it, and opens it anew (%#x)", status);
	tap_is(lookup(1, NULL, NULL), 0, "the parent still has it");
	delete (1);
}

static void test_shape(const struct shape *shape)
{
	printf("# %s\n", shape->name);
	load_program(&program, shape, create_table(shape, 256));
	start = clock_ns() - 60 * S;
	test_one_entry();
	test_pairs();
	test_sweep();
	test_other_shapes();
	test_child();
	test_grace();
	close_program(&program);
}

int main(void)
{
	if (!kernel_has("arena")) {
		tap_skip("flow tables", "this kernel has no arenas that programs can use");
		return tap_done();
	}
	for (int i = 0; i < SHAPES; i++)
		test_shape(&shapes[i]);
	return tap_done();
}
