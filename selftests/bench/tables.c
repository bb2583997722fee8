// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Times flow tables side by side: one in an arena, BPF_MAP_TYPE_HASH and BPF_MAP_TYPE_LRU_HASH; in the datapath, and
 * from user space.
 */
#define _GNU_SOURCE /* sched_setaffinity() */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/bpf_flowtab.h>
#include <bpf/libbpf.h>

#include "../cpus.h"
#include "clock.h"
#include "fail.h"
#include "stats.h"
#include "tables.h"
#include "tables16.skel.h"
#include "tables8.skel.h"

#define ROUNDS_MAX 99
#define SECOND	   1000000000ull
#define AT_ONCE	   4096u

enum kind {
	HASH,
	LRU,
	ARENA,
	KINDS
};

static const char *const kind_names[] = { "HASH", "LRU", "arena" };

/* What is timed of each. */
enum what {
	CREATE_FRESH,
	LOOKUP_RANDOM,
	REFRESH_RANDOM,
	MISS,
	LOOKUP_HOT,
	REFRESH_HOT,
	DELETE_ONE, /* from user space: by what was seen, of hash maps as it is */
	DELETE_BY_KEY,
	COLLECT_1, /* where so many of a hundred have expired */
	COLLECT_10,
	COLLECT_ALL,
	CREATE_AGAIN,
	DELETE_PACKET,
	WHATS
};

static const char *const titles[] = {
	"create, fresh",
	"look-up, at random",
	"refresh, at random",
	"look-up of none",
	"look-up, hot",
	"refresh, hot",
	"delete from user space, as seen",
	"delete from user space, by key",
	"collect, 1 % expired",
	"collect, 10 %",
	"collect, all",
	"create, again",
	"delete by a packet",
};

struct shape {
	__u32 all_slots;
	__u32 slots;   /* of a bucket */
	__u32 percent; /* of all slots have an entry */
	__u32 flows;
};

struct table {
	enum kind kind;
	const struct shape *shape;
	struct tables8_bpf *skel;
	struct bpf_flowtab *flowtab;
	int fd;		   /* the hash map */
	__u64 last_failed; /* of the packets that were timed last */
	__u64 failed;	   /* creates, of the last ones */
};

static double ns[WHATS][KINDS][ROUNDS_MAX];

static const char *name_of(const struct table *table)
{
	return table->kind == ARENA ? "arena" : "hash";
}

static void make_table(struct table *table, enum kind kind, const struct shape *shape)
{
	LIBBPF_OPTS(bpf_flowtab_create_opts, opts, .key_size = sizeof(struct flow_key),
		    .value_size = sizeof(struct flow), .max_entries = shape->all_slots,
		    .slots = shape->slots);
	/* Of one source: they differ in their instructions alone. An object has one arena. */
	struct tables8_bpf *skel =
		shape->slots == 8 ? tables8_bpf__open() : (void *)tables16_bpf__open();
	struct bpf_program *program;
	char prefix[32];

	*table = (struct table){ .kind = kind, .shape = shape, .skel = skel, .fd = -1 };
	if (!skel)
		fail_errno("tables8_bpf__open");
	snprintf(prefix, sizeof(prefix), "on_%s_", name_of(table));
	bpf_object__for_each_program(program, skel->obj)
	{
		const char *name = bpf_program__name(program);

		bpf_program__set_autoload(program, !strcmp(name, "on_nothing") ||
							   !strncmp(name, prefix, strlen(prefix)));
	}
	bpf_map__set_autocreate(skel->maps.arena, kind == ARENA);
	bpf_map__set_autocreate(skel->maps.hash, kind != ARENA);
	if (kind == ARENA) {
		table->flowtab = bpf_flowtab__create(name_of(table), &opts);
		if (!table->flowtab)
			fail("%s", bpf_flowtab_reason());
		if (bpf_map__reuse_fd(skel->maps.arena, bpf_flowtab__fd(table->flowtab)))
			fail_errno("bpf_map__reuse_fd");
	} else if (bpf_map__set_max_entries(skel->maps.hash, shape->flows) ||
		   bpf_map__set_type(skel->maps.hash,
				     kind == LRU ? BPF_MAP_TYPE_LRU_HASH : BPF_MAP_TYPE_HASH)) {
		fail_errno("bpf_map__set_type");
	}
	if (tables8_bpf__load(skel))
		fail_errno("tables8_bpf__load");
	table->fd = kind == ARENA ? -1 : bpf_map__fd(skel->maps.hash);
	skel->bss->now = 2 * SECOND;
}

static void drop_table(struct table *table)
{
	tables8_bpf__destroy(table->skel);
	bpf_flowtab__close(table->flowtab);
}

/* ns a packet */
static double run(struct table *table, const char *what, __u32 packets)
{
	char packet[64] = "", name[64];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = packets);

	snprintf(name, sizeof(name), what ? "on_%s_%s" : "on_nothing", name_of(table), what);
	table->skel->bss->packets = 0;
	table->skel->bss->failed = 0;
	if (bpf_prog_test_run_opts(
		    bpf_program__fd(bpf_object__find_program_by_name(table->skel->obj, name)),
		    &opts))
		fail_errno("%s", name);
	return opts.duration;
}

/* A number that no other of its kind has in common with flows, so that each comes once. */
static __u64 step_through(__u32 flows)
{
	__u64 step = 2654435761u % flows, a, b;

	for (;; step++) {
		for (a = flows, b = step; b;) {
			__u64 rest = a % b;

			a = b;
			b = rest;
		}
		if (a == 1)
			return step;
	}
}

/* Less what a run takes that has nothing to do with a table. */
static double time_packets(struct table *table, const char *what, __u32 flows, __u32 base)
{
	struct tables8_bpf *skel = table->skel;
	double all;

	skel->data->flows = flows;
	skel->data->step = step_through(flows);
	skel->bss->base = base;
	all = run(table, what, table->shape->flows);
	table->last_failed = skel->bss->failed;
	return all - run(table, NULL, table->shape->flows);
}

static void must_not_fail(struct table *table, const char *what, __u64 failed)
{
	/* An LRU map evicts some that it has room for. */
	if (table->kind != LRU && table->last_failed > failed)
		fail("%s: %s failed for %llu of %u flows", name_of(table), what, table->last_failed,
		     table->shape->flows);
}

/* All of the packets that know their flow know it, but for those that found no slot. */
static double time_known(struct table *table, const char *what, __u32 flows, __u64 ticks)
{
	double each;

	table->skel->bss->ticks = ticks;
	each = time_packets(table, what, flows, 0);
	table->skel->bss->ticks = 0;
	return each;
}

static double create_all(struct table *table, __u64 expired)
{
	double each;

	table->skel->bss->now += 2 * SECOND; /* past the grace of those before */
	table->skel->bss->expired = expired;
	each = time_packets(table, "create", table->shape->flows, 0);
	table->failed = table->last_failed;
	return each;
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		fail("out of memory");
	return memory;
}

/* As agents do: read in batches, decide, delete in a batch. */
static void collect_hash(struct table *table)
{
	struct flow_key *keys = allocate(table->shape->flows + AT_ONCE, sizeof(*keys)),
			*dead = keys;
	struct flow_key *read = allocate(AT_ONCE, sizeof(*read));
	struct flow *values = allocate(AT_ONCE, sizeof(*values));
	__u32 cursor[4], *in = NULL, count;
	int err = 0;

	while (!err) {
		count = AT_ONCE;
		err = bpf_map_lookup_batch(table->fd, in, cursor, read, values, &count, NULL);
		if (err && err != -ENOENT)
			fail_errno("bpf_map_lookup_batch");
		for (__u32 i = 0; i < count; i++)
			if (values[i].refreshed == 1)
				*dead++ = read[i];
		in = cursor;
	}
	count = dead - keys;
	if (count && bpf_map_delete_batch(table->fd, keys, &count, NULL))
		fail_errno("bpf_map_delete_batch");
	free(keys);
	free(read);
	free(values);
}

static void collect_arena(struct table *table)
{
	__u32 timeouts[BPF_FLOWTAB_CLASSES];
	LIBBPF_OPTS(bpf_flowtab_sweep_opts, opts, .timeouts_ms = timeouts);

	memset(timeouts, 0xff, sizeof(timeouts));
	timeouts[EXPIRED] = 0;
	if (bpf_flowtab__sweep(table->flowtab, &opts))
		fail("%s", bpf_flowtab_reason());
}

/* ns of CPU time an entry; the share that has expired in millionths */
static double time_collection(struct table *table, __u64 share)
{
	double each;

	table->skel->bss->expired = 1000000;
	run(table, "delete", table->shape->flows);
	create_all(table, share);
	each = ns_by(CLOCK_THREAD_CPUTIME_ID);
	if (table->kind == ARENA)
		collect_arena(table);
	else
		collect_hash(table);
	return (ns_by(CLOCK_THREAD_CPUTIME_ID) - each) / table->shape->flows;
}

static struct flow_key key_of(__u32 number)
{
	return (struct flow_key){
		.from = 0x0a000001, .to = 0x0a000002, .from_port = 4242, .number = number
	};
}

/* A thousand of them, anywhere, each with what was seen of it. */
#define SINGLE 1000

static double time_single(struct table *table, bool by_key)
{
	struct bpf_flowtab_seen seen[SINGLE];
	struct flow_key keys[SINGLE];
	__u64 step = step_through(table->shape->flows);
	__u32 deleted = 0;
	double each;

	for (__u32 i = 0; i < SINGLE; i++) {
		keys[i] = key_of(i * step % table->shape->flows);
		if (table->kind == ARENA &&
		    bpf_flowtab__lookup(table->flowtab, &keys[i], NULL, &seen[i]))
			seen[i] = (struct bpf_flowtab_seen){ .word = BPF_FLOWTAB_LIVE };
	}
	each = ns_by(CLOCK_THREAD_CPUTIME_ID);
	for (__u32 i = 0; i < SINGLE && i < table->shape->flows; i++)
		deleted += !(table->kind != ARENA ? bpf_map_delete_elem(table->fd, &keys[i])
			     : by_key		  ? bpf_flowtab__delete(table->flowtab, &keys[i])
				      : bpf_flowtab__delete_seen(table->flowtab, &seen[i]));
	each = (ns_by(CLOCK_THREAD_CPUTIME_ID) - each) / SINGLE;
	if (deleted < SINGLE / 2)
		fail("%s: %u of %u were deleted", name_of(table), deleted, SINGLE);
	return each;
}

static void time_what(struct table *table, enum what what, int round)
{
	const __u32 flows = table->shape->flows;
	double *each = &ns[what][table->kind][round];

	switch (what) {
	case CREATE_FRESH:
		*each = create_all(table, 0);
		break;
	case LOOKUP_RANDOM:
		*each = time_known(table, "lookup", flows, 0);
		must_not_fail(table, "a look-up", table->failed);
		break;
	case REFRESH_RANDOM:
		*each = time_known(table, "refresh", flows, 2000000);
		must_not_fail(table, "a refresh", table->failed);
		break;
	case MISS:
		*each = time_packets(table, "lookup", flows, 0x80000000);
		break;
	case LOOKUP_HOT:
		*each = time_known(table, "lookup", 1, 0);
		break;
	case REFRESH_HOT:
		*each = time_known(table, "refresh", 1, 2000000);
		break;
	case DELETE_ONE:
	case DELETE_BY_KEY:
		*each = time_single(table, what == DELETE_BY_KEY);
		create_all(table, 0);
		break;
	case COLLECT_1:
		*each = time_collection(table, 10000);
		break;
	case COLLECT_10:
		*each = time_collection(table, 100000);
		break;
	case COLLECT_ALL:
		*each = time_collection(table, 1000000);
		break;
	case CREATE_AGAIN:
		*each = create_all(table, 0);
		break;
	case DELETE_PACKET:
		*each = time_packets(table, "delete", flows, 0);
		break;
	case WHATS:
		break;
	}
}

static void time_all(const struct shape *shape, int rounds, double *failed)
{
	struct table tables[KINDS];

	*failed = 0;
	for (int round = 0; round < rounds; round++) {
		for (int kind = 0; kind < KINDS; kind++)
			make_table(&tables[kind], kind, shape);
		for (int what = 0; what < WHATS; what++)
			for (int turn = 0; turn < KINDS; turn++) {
				int kind = (turn + round + what) % KINDS;

				time_what(&tables[kind], what, round);
				if (what == CREATE_FRESH && kind == ARENA)
					*failed += tables[kind].failed;
			}
		for (int kind = 0; kind < KINDS; kind++)
			drop_table(&tables[kind]);
	}
	*failed = *failed * 1e6 / rounds / shape->flows;
}

static struct spread ratio_to(enum what what, enum kind kind, int rounds)
{
	double ratios[ROUNDS_MAX];

	for (int round = 0; round < rounds; round++)
		ratios[round] = ns[what][ARENA][round] / ns[what][kind][round];
	return spread_of(ratios, rounds);
}

static void report(const struct shape *shape, int rounds)
{
	double failed;

	time_all(shape, rounds, &failed);
	printf("\n%u flows in %u slots (%u %%), buckets of %u; creates that found no slot: %.1f in "
	       "a million\n",
	       shape->flows, shape->all_slots, shape->percent, shape->slots, failed);
	printf("%-34s %8s %8s %8s %14s %14s\n", "ns, medians", kind_names[HASH], kind_names[LRU],
	       kind_names[ARENA], "arena / HASH", "arena / LRU");
	for (int what = 0; what < WHATS; what++) {
		printf("%-34s", titles[what]);
		for (int kind = 0; kind < KINDS; kind++)
			printf(" %8.1f", spread_of(ns[what][kind], rounds).median);
		for (int kind = HASH; kind <= LRU; kind++) {
			struct spread ratio = ratio_to(what, kind, rounds);

			printf("  %.3f %.3f-%.3f", ratio.median, ratio.q1, ratio.q3);
		}
		putchar('\n');
	}
	fflush(stdout);
}

static void print_usage(FILE *to)
{
	fprintf(to, "Usage: tables [--rounds N] [--quick]\n"
		    "Times flow tables in an arena, beside BPF_MAP_TYPE_HASH and "
		    "BPF_MAP_TYPE_LRU_HASH, by packets\n"
		    "and from user space. Takes root, Linux 6.12, x86-64.\n\n"
		    "  --rounds N  medians of so many, 1 to 99; 9 unless told\n"
		    "  --quick     one small table, once: the figures say little\n");
}

int main(int argc, char **argv)
{
	static const __u32 sizes[] = { 1 << 11, 1 << 15, 1 << 19, 1 << 21 };
	static const __u32 percents[] = { 50, 60, 75, 90 };
	int rounds = 9;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help")) {
			print_usage(stdout);
			return 0;
		}
		if (!strcmp(argv[i], "--quick"))
			rounds = 0;
		else
			rounds =
				!strcmp(argv[i], "--rounds") && i + 1 < argc ? atoi(argv[++i]) : -1;
		if (rounds < 0 || rounds > ROUNDS_MAX) {
			print_usage(stderr);
			return 2;
		}
	}
	pin_to_cpu(0);
	if (!rounds) {
		report(&(struct shape){ 1 << 12, 16, 50, 1 << 11 }, 1);
		return 0;
	}
	for (int i = 0; i < 4; i++)
		report(&(struct shape){ sizes[i], 8, 50, sizes[i] / 2 }, rounds);
	for (int i = 0; i < 4; i++)
		for (__u32 slots = 8; slots <= 16; slots += 8)
			report(&(struct shape){ 1 << 19, slots, percents[i],
						(__u64)(1 << 19) * percents[i] / 100 },
			       rounds < 3 ? rounds : 3);
	return 0;
}
