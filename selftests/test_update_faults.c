// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Every system call and allocation of an update fails once, as in test_faults.c. An entry is then as it was or
 * written to once, as its answer says, and the old bytes are those of the ones that were written to alone.
 */
#include "faults_run.h"
#include "update_shared.h"
#include "test_update.skel.h"

/* As there. */
#define KEYS	  160
#define FEW_KEYS  6
#define KEY_SIZE  512

#define ADDED	  1000u
#define UNTOUCHED 77u

/* What begins values as it does struct guarded's. */
struct value {
	__u32 number;
	__u32 rest;
	__u64 word;
	__u64 more;
};

static int map_fd, guarded_fd;
static struct test_update_bpf *skel; /* whose map of counters is map_fd's */
static struct bpf_map *map;
static __u32 nr_keys;
static struct key {
	__u32 number;
	char rest[KEY_SIZE - sizeof(__u32)];
} keys[KEYS];
static struct value compared[KEYS], to_write[KEYS], old_values[KEYS];
static __u64 addends[KEYS], old_words[KEYS];
static int results[KEYS];

/* What the call that is tested asks for. */
static struct asks {
	bool compares, whole, hands_out, creates, locked;
} asked;

static int fd_asked(void)
{
	return asked.locked ? guarded_fd : map_fd;
}

/* Of one key in three the value differs, and one is missing. */
static int wanted_result(__u32 key)
{
	if (key % 3 == 2)
		return asked.creates ? 0 : -ENOENT;
	return key % 3 && asked.compares ? -EBUSY : 0;
}

static struct value value_of(__u32 key)
{
	return (struct value){ key, 0, key, ~(__u64)key };
}

static struct value written_value(__u32 key)
{
	struct value value = value_of(key);

	if (asked.whole)
		return to_write[key];
	value.word = asked.locked ? to_write[key].word : key + ADDED;
	if (asked.locked)
		value.more = to_write[key].more;
	return value;
}

static void fill(void)
{
	struct guarded guarded = {};

	for (__u32 key = 0; key < FEW_KEYS; key++) {
		struct value value = value_of(key);

		memcpy(&guarded, &value, sizeof(value));
		put(guarded_fd, &key, &guarded);
	}
	for (__u32 key = 0; key < nr_keys; key++) {
		struct value value = value_of(key);

		keys[key].number = key;
		compared[key] = value;
		compared[key].word += key % 3;
		to_write[key] = (struct value){ key, 0, key + 5000, 1 };
		addends[key] = ADDED;
		old_words[key] = UNTOUCHED;
		memset(&old_values[key], UNTOUCHED, sizeof(old_values[key]));
		results[key] = 1;
		if (key % 3 == 2)
			bpf_map_delete_elem(map_fd, &keys[key]);
		else
			put(map_fd, &keys[key], &value);
	}
}

static int call_one(const struct subject *s, struct asks asks, __u32 key,
		    struct bpf_map_update_elem_opts *opts, const void *value)
{
	asked = asks;
	opts->backend = s->backend;
	return results[key] = bpf_map_update_elem_opts(fd_asked(), &keys[key], value, opts);
}

static int call_whole_of(const struct subject *s, __u32 key)
{
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_COMPARE,
		    .compare = &compared[key], .old = &old_values[key]);

	return call_one(s, (struct asks){ .compares = true, .whole = true, .hands_out = true }, key,
			&opts, &to_write[key]);
}

static int call_whole(const struct subject *s)
{
	return call_whole_of(s, 0);
}

static int call_whole_differs(const struct subject *s)
{
	return call_whole_of(s, 1);
}

static int call_word(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_IN_PLACE, .offset = 8, .size = 8,
		    .op = BPF_MAP_UPDATE_ADD, .old = &old_words[0]);

	return call_one(s, (struct asks){ .hands_out = true }, 0, &opts, &addends[0]);
}

static int call_word_if(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_COMPARE | BPF_F_IN_PLACE,
		    .offset = 8, .size = 8, .op = BPF_MAP_UPDATE_ADD, .old = &old_words[0],
		    .compare = &compared[0].word, .compare_offset = 8, .compare_size = 8);

	return call_one(s, (struct asks){ .compares = true, .hands_out = true }, 0, &opts,
			&addends[0]);
}

/* Several bytes under a lock, which has to be found first. */
static int call_locked(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_IN_PLACE, .offset = 8,
		    .size = 16, .old = &old_values[0].word);

	return call_one(s, (struct asks){ .hands_out = true, .locked = true }, 0, &opts,
			&to_write[0].word);
}

static int call_by_map(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_IN_PLACE, .offset = 8, .size = 8,
		    .op = BPF_MAP_UPDATE_ADD, .backend = s->backend);

	asked = (struct asks){};
	return results[0] = bpf_map__update_elem_opts(map, &keys[0], KEY_SIZE, &addends[0],
						      sizeof(addends[0]), &opts);
}

static int call_plain(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_EXIST);

	return call_one(s, (struct asks){ .whole = true }, 0, &opts, &to_write[0]);
}

static int call_batch_of(const struct subject *s, struct asks asks,
			 struct bpf_map_update_batch_opts *opts, const void *values)
{
	__u32 count = nr_keys, updated = 0;
	int err;

	asked = asks;
	opts->backend = s->backend;
	opts->results = results;
	err = bpf_map_update_batch_opts(map_fd, keys, values, &count, opts);
	for (__u32 key = 0; key < nr_keys; key++)
		updated += !results[key];
	return count == updated ? err : -EUCLEAN;
}

static int call_batch_whole(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = compared, .old = old_values);

	return call_batch_of(s, (struct asks){ .compares = true, .whole = true, .hands_out = true },
			     &opts, to_write);
}

static int call_batch_word(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = BPF_F_IN_PLACE, .offset = 8,
		    .size = 8, .op = BPF_MAP_UPDATE_ADD, .old = old_words);

	return call_batch_of(s, (struct asks){ .hands_out = true }, &opts, addends);
}

static int call_batch_word_if(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = BPF_F_COMPARE | BPF_F_IN_PLACE,
		    .offset = 8, .size = 8, .op = BPF_MAP_UPDATE_ADD, .old = old_words,
		    .compare = &compared[0].word, .compare_offset = 8, .compare_size = 8,
		    .compare_stride = sizeof(compared[0]));

	return call_batch_of(s, (struct asks){ .compares = true, .hands_out = true }, &opts,
			     addends);
}

static int call_batch_plain(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts);

	return call_batch_of(s, (struct asks){ .whole = true, .creates = true }, &opts, to_write);
}

static bool is_batch(const struct subject *s)
{
	return s->call == call_batch_whole || s->call == call_batch_word ||
	       s->call == call_batch_word_if || s->call == call_batch_plain;
}

static void start_series(const struct subject *s)
{
	nr_keys = is_batch(s) ? KEYS : FEW_KEYS;
}

/* What is there of an entry, whichever map it is in. */
static bool look(__u32 key, struct value *value)
{
	struct guarded guarded;
	int err;

	err = asked.locked ? bpf_map_lookup_elem(guarded_fd, &key, &guarded)
			   : bpf_map_lookup_elem(map_fd, &keys[key], value);
	if (asked.locked)
		memcpy(value, &guarded, sizeof(*value));
	return !err;
}

/* What was handed out, where anything is to be. */
static bool old_is_true(__u32 key, bool written)
{
	const struct value untouched = { UNTOUCHED * 0x01010101u, UNTOUCHED * 0x01010101u,
					 UNTOUCHED * 0x0101010101010101ull,
					 UNTOUCHED * 0x0101010101010101ull };
	struct value want = value_of(key);

	if (!written || !asked.hands_out)
		return old_words[key] == UNTOUCHED &&
		       !memcmp(&old_values[key], &untouched, sizeof(untouched));
	if (!asked.whole && !asked.locked)
		return old_words[key] == key;
	/* Of several bytes those alone. */
	if (asked.locked) {
		want.number = untouched.number;
		want.rest = untouched.rest;
	}
	return !memcmp(&old_values[key], &want, sizeof(want));
}

static void check_results(const struct series *series, __u32 nth, int err)
{
	for (__u32 key = 0; key < nr_keys; key++) {
		bool was_there = asked.locked || key % 3 != 2, written = !results[key];
		struct value want = written ? written_value(key) : value_of(key), now;
		bool is_there = look(key, &now);
		int result = results[key];

		if (is_there != (was_there || written) ||
		    (is_there && memcmp(&now, &want, sizeof(want))))
			surprise("call %u: key %u answered %d, is %s, %llu", nth, key, result,
				 is_there ? "there" : "not there", (unsigned long long)now.word);
		if (!old_is_true(key, written))
			surprise("call %u: key %u answered %d, and what it was is not true", nth,
				 key, result);
		if (result == 1 || result == wanted_result(key) || result == err ||
		    (result == -ECANCELED && err) || (result == -EAGAIN && series->err == EAGAIN))
			continue;
		/* That the kernel had no memory for it is about the key. */
		if (result == -ENOMEM && series->err == ENOMEM && asked.creates)
			continue;
		surprise("call %u: key %u answered %d", nth, key, result);
	}
}

static void let_go(void)
{
	bpf_map_compare_release(map_fd);
	bpf_map_compare_release(guarded_fd);
}

static void check_child(const struct series *series, __u32 nth)
{
	(void)series;
	(void)nth;
	test_update_bpf__destroy(skel);
	close(map_fd);
}

static bool keeps_by_way(const struct subject *s)
{
	(void)s;
	return false;
}

static int without_program(const struct subject *s)
{
	(void)s;
	return -EOPNOTSUPP;
}

/* The maps alone, one of them as large as it takes here. */
static void load_maps(void)
{
	struct bpf_program *program;

	map_fd = make_map(BPF_MAP_TYPE_HASH, KEY_SIZE, sizeof(struct value), KEYS, 0);
	skel = test_update_bpf__open();
	if (!skel)
		tap_bail("test_update_bpf__open");
	bpf_object__for_each_program(program, skel->obj) bpf_program__set_autoload(program, false);
	map = skel->maps.counters;
	if (bpf_map__reuse_fd(map, map_fd) || test_update_bpf__load(skel))
		tap_bail("test_update_bpf__load");
	guarded_fd = bpf_map__fd(skel->maps.guarded);
}

int main(void)
{
	/* A program for each fault takes long on a slow machine, and on a test kernel very long. */
	const bool slow = getenv("SLOW_MACHINE"), very_slow = getenv("VM_LIMIT");
	const __u32 auto_backend = BPF_MAP_COMPARE_AUTO;
	const int prog = kernel_has("syscall_prog") ? 0 : -EOPNOTSUPP;
	const int place = can_write_in_place() ? 0 : -EOPNOTSUPP;
	const int locked = kernel_has("spin_lock") ? 0 : -EOPNOTSUPP;
	const struct subject subjects[] = {
		/* The first one with all that may fail. */
		{ "word", call_word, auto_backend, false, place },
		{ "word by compare", call_word_if, auto_backend, false, place },
		{ "word, by bpf_map", call_by_map, auto_backend, false, place },
		{ "several bytes", call_locked, auto_backend, false, locked },
		{ "whole value", call_whole, auto_backend, false, prog },
		{ "whole value, differs", call_whole_differs, auto_backend, false,
		  prog ? prog : -EBUSY },
		{ "plain", call_plain, auto_backend, false, 0 },
		{ "batch of whole values", call_batch_whole, auto_backend, false, prog },
		{ "batch of words", call_batch_word, auto_backend, false, place },
		{ "batch of words by compare", call_batch_word_if, auto_backend, false, place },
		{ "plain batch", call_batch_plain, auto_backend, false, 0 },
	};

	libbpf_set_print(NULL);
	fault_init();
	load_maps();
	if (!prog)
		ask_first_question();
	for (size_t i = 0; i < ARRAY_SIZE(subjects) && !very_slow; i++) {
		const struct subject *s = &subjects[i];

		test_system_calls(s, COLD, i || slow ? 1 : ARRAY_SIZE(passing_errors));
		test_series(&(struct series){ s, COLD, FAULT_PROGRAM_LOAD, EINVAL });
	}
	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++) {
		const struct subject *s = &subjects[i];

		if (!very_slow)
			test_series(&(struct series){ s, RELEASED, FAULT_ALLOCATION, ENOMEM });
		test_system_calls(s, KEPT, ARRAY_SIZE(passing_errors));
	}
	let_go();
	test_update_bpf__destroy(skel);
	close(map_fd);
	printf("# %u programs were loaded\n", *program_loads);
	return tap_done();
}
