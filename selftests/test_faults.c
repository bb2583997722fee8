// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Every system call and allocation of every function fails once, in each way that passes. The answer
 * is then the right one or that very error, what it says of the entries is true, nothing leaks, and
 * the next call works.
 */
#include "faults_run.h"
#include "sweeps.h"
#include "test_claim.skel.h"

/* More of this size than one run of the emulation's program takes; what takes no such run takes few. */
#define KEYS	 160
#define FEW_KEYS 6
#define KEY_SIZE 512
#define PROG	 BPF_MAP_COMPARE_SYSCALL_PROG

static const __u32 claim = -1u;

static int map_fd;
static int linked_fd;	    /* each key has a linked entry here, whatever its value is */
static struct bpf_map *map; /* likewise, as libbpf's objects have it */
static bool conditional;    /* what the call that is tested asked for */
static __u32 nr_keys;
static __u32 compared[KEYS];
static int results[KEYS];
static int linked_results[KEYS];
static struct key {
	__u32 number;
	char rest[KEY_SIZE - sizeof(__u32)];
} keys[KEYS];

/* One of three keys is to be deleted, of one the value differs, and one is missing. */
static int wanted_result(__u32 key)
{
	if (key % 3 == 2)
		return -ENOENT;
	return key % 3 && conditional ? -EBUSY : 0;
}

static void fill(void)
{
	for (__u32 key = 0; key < nr_keys; key++) {
		keys[key].number = key;
		compared[key] = key % 3 ? key + 1 : key;
		results[key] = 1;
		linked_results[key] = -ECANCELED;
		put(linked_fd, &keys[key], &key);
		if (key % 3 == 2)
			bpf_map_delete_elem(map_fd, &keys[key]);
		else
			put(map_fd, &keys[key], &key);
	}
}

static int call_single(const struct subject *s, bool by_map, __u32 key)
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE,
		    .compare = &compared[key], .backend = s->backend,
		    .claim = s->claims ? &claim : NULL,
		    .claim_size = s->claims ? sizeof(claim) : 0);
	int err;

	conditional = true;
	err = by_map ? bpf_map__delete_elem_opts(map, &keys[key], KEY_SIZE, &opts)
		     : bpf_map_delete_elem_opts(map_fd, &keys[key], &opts);
	results[key] = err;
	return err;
}

static int call_equal(const struct subject *s)
{
	return call_single(s, false, 0);
}

static int call_differs(const struct subject *s)
{
	return call_single(s, false, 1);
}

static int call_by_map(const struct subject *s)
{
	return call_single(s, true, 0);
}

static int call_plain(const struct subject *s)
{
	(void)s;
	conditional = false;
	return results[0] = bpf_map_delete_elem_opts(map_fd, &keys[0], NULL);
}

static int call_batch(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = compared, .backend = s->backend, .results = results,
		    .claim = s->claims ? &claim : NULL,
		    .claim_size = s->claims ? sizeof(claim) : 0);
	__u32 count = nr_keys, deleted = 0;
	int err;

	conditional = true;
	err = bpf_map_delete_batch_opts(map_fd, keys, &count, &opts);
	for (__u32 key = 0; key < nr_keys; key++)
		deleted += !results[key];
	return count == deleted ? err : -EUCLEAN;
}

/* With entries of another map, and the values. */
static int call_linked(const struct subject *s)
{
	static __u32 values[KEYS];
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = compared, .backend = s->backend, .results = results,
		    .claim = s->claims ? &claim : NULL, .claim_size = s->claims ? sizeof(claim) : 0,
		    .values = values, .linked_keys = keys, .linked_fd = linked_fd,
		    .linked_results = linked_results, .linked_claim = s->claims ? &claim : NULL,
		    .linked_claim_size = s->claims ? sizeof(claim) : 0);
	__u32 count = nr_keys, deleted = 0;
	int err;

	conditional = true;
	err = bpf_map_delete_batch_opts(map_fd, keys, &count, &opts);
	for (__u32 key = 0; key < nr_keys; key++) {
		deleted += !results[key];
		if (!results[key] && values[key] != key)
			return -EUCLEAN;
	}
	return count == deleted ? err : -EUCLEAN;
}

/* From its opening to its end. */
static int call_comparer(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_comparer_opts, open_opts, .backend = s->backend,
		    .compare_size = sizeof(compared[0]), .claim = s->claims ? &claim : NULL,
		    .claim_size = s->claims ? sizeof(claim) : 0);
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE,
		    .compare = &compared[0]);
	struct bpf_map_comparer *comparer;
	int err;

	conditional = true;
	comparer = bpf_map_comparer__open(map_fd, &open_opts);
	if (!comparer)
		return results[0] = -errno;
	err = bpf_map_comparer__delete(comparer, &keys[0], &opts);
	bpf_map_comparer__close(comparer);
	return results[0] = err;
}

static int call_batch_plain(const struct subject *s)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .results = results);
	__u32 count = nr_keys;

	(void)s;
	conditional = false;
	return bpf_map_delete_batch_opts(map_fd, keys, &count, &opts);
}

static int call_probe(const struct subject *s)
{
	return libbpf_probe_bpf_map_compare(BPF_MAP_TYPE_HASH, s->backend, NULL);
}

static int call_get_backend(const struct subject *s)
{
	(void)s;
	return bpf_map_get_compare_backend(map_fd);
}

static int call_release(const struct subject *s)
{
	(void)s;
	return bpf_map_compare_release(map_fd);
}

/* Not one of the system calls that fail. */
static void set_capabilities(__u64 wanted)
{
	enum fault_kind kind = fault.kind;

	fault.kind = NO_FAULT;
	set_effective(wanted);
	fault.kind = kind;
}

static int sweep_on(enum way way, __u32 capacity, struct bpf_map_sweep_opts *opts)
{
	static const struct bpf_map_sweep_cond conds[] = {
		{ .size = sizeof(__u32), .op = BPF_MAP_SWEEP_EQ, .operand = 0 },
		{ .size = sizeof(__u32), .op = BPF_MAP_SWEEP_EQ, .operand = 3, .group = 1 },
	};
	int err;

	opts->capacity = capacity;
	opts->max_scan_us = way == EACH ? -1u : 10;
	if (way == BATCH)
		set_capabilities(~(1ull << CAP_PERFMON | 1ull << CAP_SYS_ADMIN));
	err = bpf_map_sweep(map_fd, conds, ARRAY_SIZE(conds), opts);
	if (way == BATCH)
		set_capabilities(~0ull);
	return err;
}

/* Of the few keys it takes one of three; what is gone is what it hands out. */
static int call_sweep(enum way way)
{
	static struct key out[FEW_KEYS];
	static __u32 values[FEW_KEYS];
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .keys = out, .values = values);
	int err = sweep_on(way, FEW_KEYS, &opts);

	conditional = true;
	for (__u32 key = 0; key < nr_keys; key++)
		results[key] = err ? err : wanted_result(key) ? wanted_result(key) : -EUCLEAN;
	for (__u32 i = 0; i < opts.deleted; i++) {
		if (out[i].number >= nr_keys || values[i] != out[i].number)
			return -EUCLEAN;
		results[out[i].number] = 0;
	}
	if (opts.changed || opts.matched != opts.deleted)
		return -EUCLEAN;
	return err;
}

static int call_sweep_each(const struct subject *s)
{
	(void)s;
	return call_sweep(EACH);
}

static int call_sweep_walk(const struct subject *s)
{
	(void)s;
	return call_sweep(WALK);
}

static int call_sweep_batch(const struct subject *s)
{
	(void)s;
	return call_sweep(BATCH);
}

/* To close it is up to the caller. */
static int call_take(const struct subject *s)
{
	__u32 taken;
	int fd = bpf_map_claim_take(map_fd, 10, 20, &taken, sizeof(taken));

	(void)s;
	if (fd < 0)
		return fd;
	close(fd);
	return taken >= 10 && taken <= 20 ? 0 : -EUCLEAN;
}

/* Of the few keys' words 0, 1 and 3 are claims, of which somebody holds one. */
#define HELD 1u

static int call_clear(const struct subject *s)
{
	static struct key out[FEW_KEYS];
	static int answers[FEW_KEYS];
	LIBBPF_OPTS(bpf_map_claims_opts, opts, .keys = out, .results = answers,
		    .capacity = FEW_KEYS, .claim_size = sizeof(claim), .claim_first = 0,
		    .claim_last = 3, .wait_ms = 1);
	int err = bpf_map_claims_clear(map_fd, &opts);

	(void)s;
	conditional = true;
	for (__u32 key = 0; key < nr_keys; key++)
		results[key] = err ? err : wanted_result(key) ? wanted_result(key) : -EUCLEAN;
	for (__u64 i = 0; i < opts.found; i++) {
		__u32 key = out[i].number;

		if (key >= nr_keys || (key == HELD && !answers[i]))
			return -EUCLEAN;
		/* A lock that cannot be had is one that somebody has. */
		if (!wanted_result(key))
			results[key] = answers[i] == -EBUSY ? -EAGAIN : answers[i];
	}
	return opts.changed ? -EUCLEAN : err;
}

static bool is_sweep(const struct subject *s)
{
	return s->call == call_sweep_each || s->call == call_sweep_walk ||
	       s->call == call_sweep_batch || s->call == call_clear;
}

/* That each key's result is the right one, or says that it was not deleted, and is true. */
static void check_results(const struct series *series, __u32 nth, int err)
{
	for (__u32 key = 0; key < nr_keys; key++) {
		int result = results[key];
		bool was_there = key % 3 != 2, is_there;
		__u32 value;

		is_there = !bpf_map_lookup_elem(map_fd, &keys[key], &value);
		if (is_there != (was_there && result) || (is_there && value != key))
			surprise("call %u: key %u answered %d, is %s", nth, key, result,
				 is_there ? "there" : "not there");
		is_there = !bpf_map_lookup_elem(linked_fd, &keys[key], &value);
		if (is_there != !!linked_results[key] || (is_there && value != key) ||
		    (series->subject->call == call_linked && !result != !linked_results[key]))
			surprise("call %u: key %u's linked entry answered %d, is %s", nth, key,
				 linked_results[key], is_there ? "there" : "not there");
		if (result == 1 || result == wanted_result(key) || result == err ||
		    (result == -ECANCELED && err) || (result == -EAGAIN && series->err == EAGAIN))
			continue;
		surprise("call %u: key %u answered %d", nth, key, result);
	}
}

/* Whatever failed once: that there is no walk along this kernel's maps is not to be remembered of that. */
static void check_walks(__u32 nth)
{
	LIBBPF_OPTS(bpf_map_sweep_opts, opts);
	int err;

	fill();
	err = sweep_on(WALK, 1, &opts);
	if (err != 1 || way_of(opts.cursor) != WALK)
		surprise("after call %u: sweeps by %s, answered %d", nth,
			 way_names[way_of(opts.cursor)], err);
}

static void check_child(const struct series *series, __u32 nth)
{
	if (series->subject->call == call_sweep_walk && kernel_has("asks") &&
	    series->kind == FAULT_SYSTEM_CALL)
		check_walks(nth);
	close(map_fd);
	close(linked_fd);
}

static void let_go(void)
{
	bpf_map_compare_release(map_fd);
}

static void start_series(const struct subject *s)
{
	nr_keys = ((s->call == call_batch || s->call == call_linked) && s->backend == PROG) ||
				  s->call == call_batch_plain
			  ? KEYS
			  : FEW_KEYS;
}

/* What a sweep has kept depends on the way that it went. */
static bool keeps_by_way(const struct subject *s)
{
	return is_sweep(s);
}

static int without_program(const struct subject *s)
{
	return s->call == call_probe ? 0 : -EOPNOTSUPP;
}

/*
 * A program that has served many keys is loaded anew, to read ahead. Where that fails, the one that there is
 * goes on.
 */
static void test_learning(enum fault_kind kind, int err, const char *what)
{
	enum {
		MANY = 1 << 16
	};
	int fd = make_map(BPF_MAP_TYPE_HASH, sizeof(__u32), sizeof(__u32), KEYS, 0);
	static __u32 missing[MANY];
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = missing, .backend = PROG);
	const __u32 key = 1;
	bool met = true;
	long held;
	__u32 nth, count;
	int fds, got;

	surprises = 0;
	for (__u32 i = 0; i < MANY; i++)
		missing[i] = 2 + i;
	for (nth = 0; met && surprises < 10; nth++) {
		held = allocated;
		fds = open_fds();
		count = MANY;
		if (bpf_map_delete_batch_opts(fd, missing, &count, &opts))
			tap_bail("bpf_map_delete_batch_opts");
		for (int failing = 1; failing >= 0; failing--) {
			put(fd, &key, &key);
			if (failing)
				fault_arm(kind, err, nth);
			got = delete_if(fd, &key, &key, 0, 0, PROG);
			if (failing)
				met = fault_disarm();
			if (got && (!failing || kind == FAULT_PROGRAM_LOAD ||
				    (got != -err && got != -ENOMEM)))
				surprise("call %u, %s: answered %d", nth,
					 failing ? "failing" : "then", got);
			if (!got != !!bpf_map_lookup_elem(fd, &key, &count))
				surprise("call %u: answered %d, and is not true", nth, got);
		}
		bpf_map_compare_release(fd);
		if (open_fds() != fds || allocated != held)
			surprise("call %u: %ld blocks and %d fds are left", nth, allocated - held,
				 open_fds() - fds);
	}
	tap_ok(!surprises, "to read ahead: each of %u %s fails with '%s'", nth - 1, what,
	       strerror(err));
	close(fd);
}

/* Kernels may come that give each open file an inode of its own. */
static void test_no_exclusion(void)
{
	const struct subject none = {};
	int fds = open_fds();

	fill();
	locks_are_apart = true;
	tap_ok(call_take(&none) == -EOPNOTSUPP && *libbpf_compare_reason(),
	       "no claim is taken by locks that exclude nobody");
	tap_ok((call_clear(&none) == -EOPNOTSUPP || !kernel_has("syscall_prog")) &&
		       *libbpf_compare_reason(),
	       "nor is one cleared");
	locks_are_apart = false;
	tap_is(call_take(&none), 0, "else it is");
	bpf_map_compare_release(map_fd);
	tap_is(open_fds(), fds, "no file is left open");
}

static bool loads_a_program(const struct subject *s)
{
	if (s->call == call_batch_plain)
		return true;
	return s->call != call_get_backend && s->call != call_plain && s->call != call_take &&
	       s->backend != BPF_MAP_COMPARE_NATIVE &&
	       (s->backend == PROG || !kernel_has("native"));
}

/* They all do it in the same way, and loads are to be few, see faults.h: one is tried in full. */
static bool is_one_of_many(const struct subject *s)
{
	return loads_a_program(s) && (s->backend != PROG || s->call != call_equal || s->claims);
}

int main(void)
{
	bool native = kernel_has("native"), prog = kernel_has("syscall_prog");
	/* A program for each fault takes long on a slow machine, and on a test kernel very long. */
	const bool slow = getenv("SLOW_MACHINE"), very_slow = getenv("VM_LIMIT");
	const int no = -EOPNOTSUPP;
	struct test_claim_bpf *holder;
	__u32 held;
	int held_fd;
	const struct subject subjects[] = {
		{ "equal", call_equal, BPF_MAP_COMPARE_NATIVE, false, native ? 0 : no },
		{ "equal", call_equal, PROG, false, prog ? 0 : no },
		{ "equal", call_equal, BPF_MAP_COMPARE_AUTO, false, native || prog ? 0 : no },
		{ "differs", call_differs, BPF_MAP_COMPARE_AUTO, false,
		  native || prog ? -EBUSY : no },
		{ "equal, by bpf_map", call_by_map, BPF_MAP_COMPARE_AUTO, false,
		  native || prog ? 0 : no },
		{ "claim", call_equal, PROG, true, prog ? 0 : no },
		{ "comparer", call_comparer, PROG, false, prog ? 0 : no },
		{ "comparer", call_comparer, BPF_MAP_COMPARE_AUTO, false, native || prog ? 0 : no },
		{ "comparer with claim", call_comparer, PROG, true, prog ? 0 : no },
		{ "plain", call_plain, BPF_MAP_COMPARE_AUTO, false, 0 },
		{ "batch", call_batch, BPF_MAP_COMPARE_NATIVE, false, native ? 0 : no },
		{ "batch", call_batch, PROG, false, prog ? 0 : no },
		{ "batch with claim", call_batch, PROG, true, prog ? 0 : no },
		{ "linked", call_linked, PROG, false, prog ? 0 : no },
		{ "linked with claims", call_linked, PROG, true, prog ? 0 : no },
		{ "plain batch", call_batch_plain, BPF_MAP_COMPARE_AUTO, false, 0 },
		{ "probe", call_probe, BPF_MAP_COMPARE_NATIVE, false, native },
		{ "probe", call_probe, PROG, false, prog },
		{ "probe", call_probe, BPF_MAP_COMPARE_AUTO, false, native || prog },
		{ "backend", call_get_backend, BPF_MAP_COMPARE_AUTO, false,
		  native ? BPF_MAP_COMPARE_NATIVE
		  : prog ? PROG
			 : no },
		{ "sweep by for_each", call_sweep_each, PROG, false, prog ? 0 : no },
		{ "sweep by walk", call_sweep_walk, PROG, false, prog ? 0 : no },
		{ "sweep by batch", call_sweep_batch, PROG, false, prog ? 0 : no },
		{ "clear claims", call_clear, PROG, false, prog ? 0 : no },
		{ "take a claim", call_take, BPF_MAP_COMPARE_AUTO, false, 0 },
		{ "release", call_release, PROG, false, 0 },
	};

	libbpf_set_print(NULL);
	fault_init();
	map_fd = make_map(BPF_MAP_TYPE_HASH, KEY_SIZE, sizeof(__u32), KEYS, 0);
	linked_fd = make_map(BPF_MAP_TYPE_HASH, KEY_SIZE, sizeof(__u32), KEYS, 0);
	holder = test_claim_bpf__open();
	if (!holder || bpf_map__reuse_fd(holder->maps.deep, map_fd))
		tap_bail("bpf_map__reuse_fd");
	map = holder->maps.deep;
	held_fd = bpf_map_claim_take(map_fd, HELD, HELD, &held, sizeof(held));
	if (held_fd < 0)
		tap_bail("bpf_map_claim_take");
	if (prog)
		ask_first_question();

	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++) {
		const struct subject *s = &subjects[i];

		if (is_one_of_many(s) && very_slow)
			continue;
		/* They start as the others do, but for what they learn of the kernel's maps. */
		if (is_sweep(s) && s->call != call_sweep_walk)
			continue;
		test_system_calls(s, COLD,
				  is_one_of_many(s) || (loads_a_program(s) && slow)
					  ? 1
					  : ARRAY_SIZE(passing_errors));
		test_series(&(struct series){ s, COLD, FAULT_PROGRAM_LOAD, EINVAL });
	}
	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++) {
		const struct subject *s = &subjects[i];

		if (!is_one_of_many(s) || ((s->claims || is_sweep(s)) && !very_slow))
			test_series(&(struct series){ s, RELEASED, FAULT_ALLOCATION, ENOMEM });
		if (s->call != call_probe)
			test_system_calls(s, KEPT, ARRAY_SIZE(passing_errors));
	}
	if (prog && !very_slow) {
		test_learning(FAULT_PROGRAM_LOAD, EPERM, "program loads");
		test_learning(FAULT_SYSTEM_CALL, EMFILE, "system calls");
		test_learning(FAULT_ALLOCATION, ENOMEM, "allocations");
	}
	test_no_exclusion();
	close(held_fd);
	test_claim_bpf__destroy(holder);
	printf("# %u programs were loaded\n", *program_loads);
	return tap_done();
}
