// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The caller's fd becomes another map between any two system calls of a call, as when another thread
 * closes it and the number is used again. Whatever the answer, it is true of the map that the fd was,
 * nothing is deleted from the other one nor written to it, whose values all differ, and no program is kept
 * for the wrong one.
 */
#include "faults.h"

/* More of this size than one run of the emulation's program takes; what takes no such run takes few. */
#define KEYS	 160
#define FEW_KEYS 6
#define KEY_SIZE 512
#define PROG	 BPF_MAP_COMPARE_SYSCALL_PROG

static const __u32 claim = -1u;

static struct key {
	__u32 number;
	char rest[KEY_SIZE - sizeof(__u32)];
} keys[KEYS];
static __u64 expected[KEYS];
static __u64 updated[KEYS]; /* what updates make of them */
static int results[KEYS];
static __u32 nr_keys;

static int number; /* what the caller has: one of these */
static int first, second;
static int third; /* where linked entries are what is in those */

static __u64 second_value(__u32 key)
{
	return ~expected[key];
}

static void be(int map_fd)
{
	if (dup2(map_fd, number) != number)
		tap_bail("dup2");
}

static void be_second(void)
{
	be(second);
}

struct subject {
	const char *name;
	int (*call)(const struct subject *subject);
	__u32 backend;
	bool claims;
};

static int call_single(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = expected,
		    .backend = s->backend, .claim = s->claims ? &claim : NULL,
		    .claim_size = s->claims ? sizeof(claim) : 0);

	return results[0] = bpf_map_delete_elem_opts(number, keys, &opts);
}

/* Opened by the number too: from then on it has nothing to do with that. */
static int call_comparer(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_comparer_opts, open_opts, .backend = s->backend,
		    .compare_size = sizeof(expected[0]), .claim = s->claims ? &claim : NULL,
		    .claim_size = s->claims ? sizeof(claim) : 0);
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = expected);
	struct bpf_map_comparer *comparer;
	int err;

	comparer = bpf_map_comparer__open(number, &open_opts);
	if (!comparer)
		return results[0] = -errno;
	err = bpf_map_comparer__delete(comparer, keys, &opts);
	bpf_map_comparer__close(comparer);
	return results[0] = err;
}

static int call_batch(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = expected, .backend = s->backend, .results = results,
		    .claim = s->claims ? &claim : NULL,
		    .claim_size = s->claims ? sizeof(claim) : 0);
	__u32 count = nr_keys, deleted = 0;
	int err;

	err = bpf_map_delete_batch_opts(number, keys, &count, &opts);
	for (__u32 key = 0; key < nr_keys; key++)
		deleted += !results[key];
	return count == deleted ? err : -EUCLEAN;
}

static int call_update(__u64 flags)
{
	__u64 old = 0;
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = flags, .compare = expected,
		    .old = &old);
	int err;

	err = results[0] = bpf_map_update_elem_opts(number, keys, updated, &opts);
	return old != (err ? 0 : expected[0]) ? -EUCLEAN : err;
}

static int call_update_whole(const struct subject *s)
{
	(void)s;
	return call_update(BPF_F_COMPARE);
}

static int call_update_word(const struct subject *s)
{
	(void)s;
	return call_update(BPF_F_COMPARE | BPF_F_IN_PLACE);
}

static int call_update_batch(__u64 flags)
{
	static __u64 old[KEYS];
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = flags, .compare = expected,
		    .old = old, .results = results);
	__u32 count = nr_keys, done = 0;
	int err;

	memset(old, 0, sizeof(old));
	err = bpf_map_update_batch_opts(number, keys, updated, &count, &opts);
	for (__u32 key = 0; key < nr_keys; key++) {
		done += !results[key];
		if (old[key] != (results[key] ? 0 : expected[key]))
			return -EUCLEAN;
	}
	return count == done ? err : -EUCLEAN;
}

static int call_update_batch_whole(const struct subject *s)
{
	(void)s;
	return call_update_batch(BPF_F_COMPARE);
}

static int call_update_batch_word(const struct subject *s)
{
	(void)s;
	return call_update_batch(BPF_F_COMPARE | BPF_F_IN_PLACE);
}

/* The number is that of the linked entries' map. */
static int call_linked(const struct subject *s)
{
	static int first_results[KEYS];
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = expected, .backend = s->backend, .results = first_results,
		    .claim = s->claims ? &claim : NULL, .claim_size = s->claims ? sizeof(claim) : 0,
		    .linked_keys = keys, .linked_compare = expected, .linked_results = results,
		    .linked_fd = number, .linked_claim = s->claims ? &claim : NULL,
		    .linked_claim_size = s->claims ? sizeof(claim) : 0);
	__u32 count = nr_keys, deleted = 0;
	int err;

	err = bpf_map_delete_batch_opts(third, keys, &count, &opts);
	for (__u32 key = 0; key < nr_keys; key++) {
		deleted += !first_results[key];
		if (!first_results[key] != !results[key])
			return -EUCLEAN;
	}
	return count == deleted ? err : -EUCLEAN;
}

/* The first key's word is a claim, and on the second map not. */
static int call_clear(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_claims_opts, opts, .results = results, .capacity = 1,
		    .claim_size = sizeof(expected[0]), .claim_first = expected[0],
		    .claim_last = expected[0] + 1, .wait_ms = 1);
	int err = bpf_map_claims_clear(number, &opts);

	(void)s;
	if (err || !opts.found)
		results[0] = err ? err : -EBUSY;
	return err;
}

static void fill(void)
{
	for (__u32 key = 0; key < nr_keys; key++) {
		__u64 value = second_value(key);

		put(third, &keys[key], &expected[key]);

		put(first, &keys[key], &expected[key]);
		put(second, &keys[key], &value);
		results[key] = 1;
	}
}

static int surprises;

static void surprise(__u32 nth, const char *what, long which)
{
	surprises++;
	printf("# call %u: %s %ld\n", nth, what, which);
}

static bool is_in_place(const struct subject *s)
{
	return s->call == call_update_word || s->call == call_update_batch_word;
}

static bool is_update(const struct subject *s)
{
	return is_in_place(s) || s->call == call_update_whole || s->call == call_update_batch_whole;
}

/* That each key's result is true of the first map, and that the second has all that it had. */
static void check_maps(const struct subject *s, __u32 nth)
{
	__u64 value;

	for (__u32 key = 0; key < nr_keys; key++) {
		bool is_there = !bpf_map_lookup_elem(first, &keys[key], &value);
		__u64 want = is_update(s) && !results[key] ? updated[key] : expected[key];

		if (is_there != (results[key] || is_update(s)) || (is_there && value != want))
			surprise(nth, "the first map's key, and its result:", results[key]);
		if (bpf_map_lookup_elem(second, &keys[key], &value) || value != second_value(key))
			surprise(nth, "the second map lacks key", key);
	}
}

/* The n-th system call finds the second map behind the number; whether there was one. */
static bool try_once(const struct subject *s, bool kept, __u32 nth, int *answer)
{
	bool met;
	int err;

	be(first);
	if (kept) {
		fill();
		s->call(s);
	} else {
		bpf_map_compare_release(first);
	}
	fill();
	fault_arm_event(be_second, nth);
	*answer = s->call(s);
	met = fault_disarm();
	if (*answer > 0 || *answer == -EUCLEAN)
		surprise(nth, "answer", *answer);
	check_maps(s, nth);

	/* What is kept now serves the one that it was kept for. */
	fill();
	be(second);
	err = s->call(s);
	if (err && err != -EBUSY)
		surprise(nth, "answer to a call on the second map", err);
	check_maps(s, nth);
	be(first);
	err = s->call(s);
	if (err)
		surprise(nth, "answer to a call on the first map", err);
	check_maps(s, nth);
	bpf_map_compare_release(second);
	return met;
}

static void test_subject(const struct subject *s, bool kept)
{
	bool by_runs = (s->call == call_batch || s->call == call_linked ||
			s->call == call_update_batch_whole || s->call == call_update_batch_word) &&
		       s->backend == PROG;
	unsigned int noticed_midway = 0;
	__u32 nth;
	int answer;

	nr_keys = by_runs ? KEYS : s->call == call_batch ? FEW_KEYS : 1;
	surprises = 0;
	for (nth = 0; surprises < 10; nth++) {
		if (!try_once(s, kept, nth, &answer))
			break;
		noticed_midway += answer == -EBADF && !results[0];
	}
	tap_ok(!surprises, "%s, %s, %s: before each of %u system calls", s->name,
	       backend_name(s->backend), kept ? "kept" : "released", nth);
	if (by_runs)
		tap_ok(noticed_midway, "%s, %s, %s: a batch does not go on", s->name,
		       backend_name(s->backend), kept ? "kept" : "released");
}

/* It may be written, and it is this one. */
#define KNOWN_BY 2

/* Whatever the values are: once the batch knows its map, it deletes nothing from the number's next one. */
static void test_plain_batch(bool kept)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .results = results);
	bool met = true, pass = true;
	__u32 nth, count;
	bool gone;

	nr_keys = KEYS;
	for (nth = KNOWN_BY; met && pass; nth++) {
		be(first);
		count = nr_keys;
		if (kept)
			bpf_map_delete_batch_opts(number, keys, &count, &opts);
		else
			bpf_map_compare_release(first);
		fill();
		count = nr_keys;
		fault_arm_event(be_second, nth);
		bpf_map_delete_batch_opts(number, keys, &count, &opts);
		met = fault_disarm();
		for (__u32 key = 0; key < nr_keys; key++) {
			__u64 was;

			pass &= !bpf_map_lookup_elem(second, &keys[key], &was);
			gone = bpf_map_lookup_elem(first, &keys[key], &was);
			pass &= gone == !results[key];
		}
	}
	tap_ok(pass, "plain batch, %s: before each of %u system calls", kept ? "kept" : "released",
	       nth);
	be(first);
	bpf_map_compare_release(second);
}

static void make_maps(__u32 flags)
{
	first = make_map(BPF_MAP_TYPE_HASH, KEY_SIZE, sizeof(__u64), KEYS, flags);
	second = make_map(BPF_MAP_TYPE_HASH, KEY_SIZE, sizeof(__u64), KEYS, flags);
}

/* Of updates without a condition likewise. */
static void test_plain_updates(__u64 flags, bool kept, bool by_call, const char *what)
{
	static __u64 addends[KEYS];
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = flags, .results = results,
		    .op = flags ? BPF_MAP_UPDATE_ADD : 0);
	bool met = true, pass = true;
	__u32 nth, count;

	nr_keys = by_call ? FEW_KEYS : KEYS;
	for (__u32 key = 0; key < KEYS; key++)
		addends[key] = updated[key] - expected[key];
	for (nth = KNOWN_BY; met && pass; nth++) {
		be(first);
		count = nr_keys;
		if (kept)
			bpf_map_update_batch_opts(number, keys, updated, &count, &opts);
		else
			bpf_map_compare_release(first);
		fill();
		count = nr_keys;
		fault_arm_event(be_second, nth);
		bpf_map_update_batch_opts(number, keys, flags ? addends : updated, &count, &opts);
		met = fault_disarm();
		for (__u32 key = 0; key < nr_keys; key++) {
			__u64 was;

			pass = pass && !bpf_map_lookup_elem(second, &keys[key], &was) &&
			       was == second_value(key);
			pass = pass && !bpf_map_lookup_elem(first, &keys[key], &was) &&
			       was == (results[key] ? expected[key] : updated[key]);
		}
	}
	tap_ok(pass, "%s, %s: before each of %u system calls", what, kept ? "kept" : "released",
	       nth);
	be(first);
	bpf_map_compare_release(second);
}

int main(void)
{
	static const struct subject subjects[] = {
		{ "single", call_single, BPF_MAP_COMPARE_NATIVE, false },
		{ "single", call_single, PROG, false },
		{ "single, claim", call_single, PROG, true },
		{ "comparer", call_comparer, BPF_MAP_COMPARE_NATIVE, false },
		{ "comparer", call_comparer, PROG, false },
		{ "comparer, claim", call_comparer, PROG, true },
		{ "batch", call_batch, BPF_MAP_COMPARE_NATIVE, false },
		{ "batch", call_batch, PROG, false },
		{ "batch, claim", call_batch, PROG, true },
		{ "linked", call_linked, PROG, false },
		{ "linked, claims", call_linked, PROG, true },
		{ "clear claims", call_clear, PROG, false },
		{ "update", call_update_whole, PROG, false },
		{ "update in place", call_update_word, PROG, false },
		{ "updates", call_update_batch_whole, PROG, false },
		{ "updates in place", call_update_batch_word, PROG, false },
	};

	fault_init();
	for (__u32 key = 0; key < KEYS; key++) {
		keys[key].number = key;
		expected[key] = key + 1;
		updated[key] = key + 1000000;
	}
	make_maps(0);
	third = make_map(BPF_MAP_TYPE_HASH, KEY_SIZE, sizeof(__u64), KEYS, 0);
	number = dup(first);
	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++) {
		if (!backend_serves(subjects[i].backend, BPF_MAP_TYPE_HASH, 0))
			continue;
		if (is_in_place(&subjects[i]) && !can_write_in_place())
			continue;
		/* On a test kernel loading programs takes very long, and a claim's load like others. */
		if (!subjects[i].claims || !getenv("VM_LIMIT"))
			test_subject(&subjects[i], false);
		test_subject(&subjects[i], true);
	}
	test_plain_batch(false);
	test_plain_batch(true);
	for (int kept = 0; kept <= 1; kept++) {
		test_plain_updates(0, kept, false, "plain updates");
		if (can_write_in_place())
			test_plain_updates(BPF_F_IN_PLACE, kept, false, "additions in place");
	}
	/* Maps that no program may write to. */
	close(first);
	close(second);
	make_maps(BPF_F_RDONLY_PROG);
	test_plain_updates(0, false, true, "plain updates, a call each");
	return tap_done();
}
