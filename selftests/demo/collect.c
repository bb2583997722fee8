// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>
#include <bpf/bpf_flowtab.h>

#include "clock.h"
#include "collect.h"
#include "report.h"

#define COLLECT_PERIOD_NS (50 * NS_PER_MSEC)
#define BATCH		  16384 /* two or three batches hold the map, as with an agent's */

/*
 * What came of one delete. Nothing else is foreseen, -ENOENT neither: there is
 * one collector, and nobody else deletes.
 */
static void count_result(int err, const char *call, struct collect_counters *counters)
{
	switch (err) {
	case 0:
		counters->deleted++;
		break;
	case -EBUSY:
		counters->skipped++;
		break;
	case -EAGAIN: /* a lock was not to be had: left to the next collection */
		break;
	default:
		errno = -err;
		fail_errno("%s", call);
	}
}

/* What is not there was deleted from under a flow that was opened again. */
static void delete_mapping(int map, const struct conn_key *key)
{
	int err = bpf_map_delete_elem(map, key);

	if (err && err != -ENOENT)
		fail_errno("bpf_map_delete_elem");
}

static void delete_by_key(const struct collect_maps *maps, const struct conn_key *keys,
			  const struct conn *seen, __u32 n, struct collect_counters *counters)
{
	__u32 i;

	(void)seen;
	for (i = 0; i < n; i++) {
		count_result(bpf_map_delete_elem(maps->conns, &keys[i]), "bpf_map_delete_elem",
			     counters);
		delete_mapping(maps->mappings, &keys[i]);
	}
}

static void delete_after_reading_again(const struct collect_maps *maps, const struct conn_key *keys,
				       const struct conn *seen, __u32 n,
				       struct collect_counters *counters)
{
	struct conn conn;
	__u32 i;
	int err;

	for (i = 0; i < n; i++) {
		err = bpf_map_lookup_elem(maps->conns, &keys[i], &conn);
		if (!err && conn.expires != seen[i].expires)
			err = -EBUSY;
		if (!err)
			err = bpf_map_delete_elem(maps->conns, &keys[i]);
		if (!err)
			delete_mapping(maps->mappings, &keys[i]);
		count_result(err, "bpf_map_lookup_elem, bpf_map_delete_elem", counters);
	}
}

/* What it gives are the results, until the next call. */
static const int *delete_batch(int map, const struct conn_key *keys, __u32 n,
			       struct bpf_map_delete_batch_opts *opts,
			       struct collect_counters *counters)
{
	static int results[BATCH];
	__u32 i, deleted = n;

	opts->results = results;
	if (bpf_map_delete_batch_opts(map, keys, &deleted, opts))
		fail_errno("bpf_map_delete_batch_opts");
	for (i = 0; i < n; i++)
		count_result(results[i], "bpf_map_delete_batch_opts", counters);
	return results;
}

#define COMPARE_EXPIRES(seen)                                                                      \
	.elem_flags = BPF_F_COMPARE, .compare = &(seen)->expires,                                  \
	.compare_stride = sizeof(*(seen)), .compare_offset = offsetof(struct conn, expires),       \
	.compare_size = sizeof((seen)->expires)

/*
 * And then the mappings of those that were deleted, whatever these are by then: to
 * compare them would say nothing, as packets do not write them.
 */
static void delete_by_compare(const struct collect_maps *maps, const struct conn_key *keys,
			      const struct conn *seen, __u32 n, struct collect_counters *counters)
{
	static struct conn_key gone[BATCH];
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, COMPARE_EXPIRES(seen));
	const int *results = delete_batch(maps->conns, keys, n, &opts, counters);
	__u32 i, count = 0;

	for (i = 0; i < n; i++)
		if (!results[i])
			gone[count++] = keys[i];
	if (bpf_map_delete_batch_opts(maps->mappings, gone, &count, NULL))
		fail_errno("bpf_map_delete_batch_opts");
}

static void delete_linked(const struct collect_maps *maps, const struct conn_key *keys,
			  const struct conn *seen, __u32 n, struct collect_counters *counters)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, COMPARE_EXPIRES(seen), .linked_keys = keys,
		    .linked_fd = maps->mappings);

	delete_batch(maps->conns, keys, n, &opts, counters);
}

/* A mapping goes while its flow is claimed: to open that again is refused, or both are gone. */
static void delete_linked_by_claim(const struct collect_maps *maps, const struct conn_key *keys,
				   const struct conn *seen, __u32 n,
				   struct collect_counters *counters)
{
	static const __u64 claim = DEMO_CLAIM_FIRST;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, COMPARE_EXPIRES(seen), .claim = &claim,
		    .claim_offset = offsetof(struct conn, expires), .claim_size = sizeof(claim),
		    .linked_keys = keys, .linked_fd = maps->mappings,
		    .linked_flags = BPF_MAP_LINKED_FIRST, .linked_claim = &claim,
		    .linked_claim_offset = offsetof(struct mapping, created),
		    .linked_claim_size = sizeof(claim), .claim_first = DEMO_CLAIM_FIRST,
		    .claim_last = DEMO_CLAIM_LAST);

	delete_batch(maps->conns, keys, n, &opts, counters);
}

const struct collect_way collect_ways[] = {
	{ "by-key", "by key alone", "batch", .delete_expired = delete_by_key },
	{ "read-again", "read again, then delete", "batch",
	  .delete_expired = delete_after_reading_again },
	{ "compare", "compare-and-delete", "batch", .delete_expired = delete_by_compare },
	{ "linked", "the same, linked", "batch", .delete_expired = delete_linked },
	{ "claim", "linked, with claims", "batch", .claims = true,
	  .delete_expired = delete_linked_by_claim },
	{ "sweep", "the same, by a sweep", "sweep", .claims = true, .sweeps = true,
	  .delete_expired = delete_linked_by_claim },
	{ "arena", "flows in an arena", "arena", .in_arena = true },
};
const int nr_collect_ways = sizeof(collect_ways) / sizeof(collect_ways[0]);

/* By whichever collector. */
static bool is_claimed(const struct conn *conn)
{
	return conn->expires >= DEMO_CLAIM_FIRST && conn->expires <= DEMO_CLAIM_LAST;
}

/* Moves the expired ones to the front. */
static __u32 pick_expired(struct conn_key *keys, struct conn *conns, __u32 n, __u64 now)
{
	__u32 i, expired = 0;

	for (i = 0; i < n; i++) {
		/* What is claimed looks long expired, but is no word to expect. */
		if (conns[i].expires >= now || is_claimed(&conns[i]))
			continue;
		keys[expired] = keys[i];
		conns[expired] = conns[i];
		expired++;
	}
	return expired;
}

/*
 * The window: an entry is read at some time within bpf_map_lookup_batch(),
 * judged by the clock when the batch is there, and deleted when its turn has
 * come. The datapath goes on refreshing all the while.
 */
static void collect_by_batches(const struct collect_way *way, const struct collect_maps *maps,
			       struct conn_key *keys, struct conn *conns,
			       struct collect_counters *counters)
{
	__u32 position, count, expired;
	void *from = NULL;
	int err;

	do {
		count = BATCH;
		err = bpf_map_lookup_batch(maps->conns, from, &position, keys, conns, &count, NULL);
		if (err && err != -ENOENT)
			fail_errno("bpf_map_lookup_batch");
		from = &position;
		counters->scanned += count;

		expired = pick_expired(keys, conns, count, clock_now());
		way->delete_expired(maps, keys, conns, expired, counters);
	} while (!err); /* -ENOENT: that was the last one */
}

/*
 * A sweep judges entries one by one, and would delete a flow without its mapping. So this one only
 * finds what has expired, which saves reading all the rest; pairs are deleted as ever.
 */
static void collect_by_sweep(const struct collect_way *way, const struct collect_maps *maps,
			     struct conn_key *keys, struct conn *conns,
			     struct collect_counters *counters)
{
	/* What is claimed looks long expired, but is no word to expect. */
	struct bpf_map_sweep_cond expired[] = {
		{ .offset = offsetof(struct conn, expires),
		  .size = sizeof(conns->expires),
		  .op = BPF_MAP_SWEEP_LT },
		{ .offset = offsetof(struct conn, expires),
		  .size = sizeof(conns->expires),
		  .op = BPF_MAP_SWEEP_GT,
		  .operand = DEMO_CLAIM_LAST },
	};
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .flags = BPF_MAP_SWEEP_COUNT, .keys = keys,
		    .values = conns, .capacity = BATCH);
	int err;

	do {
		expired[0].operand = clock_now();
		/* What was found is gone before the next call: that is to begin anew. */
		opts.cursor = 0;
		err = bpf_map_sweep(maps->conns, expired, 2, &opts);
		if (err < 0)
			fail_errno("bpf_map_sweep");
		counters->scanned += opts.scanned;
		way->delete_expired(maps, keys, conns, opts.matched, counters);
	} while (err); /* there was room for no more */
}

static void collect_in_arena(const struct collect_maps *maps, struct collect_counters *counters)
{
	static const __u32 timeouts_ms[BPF_FLOWTAB_CLASSES] = { DEMO_TIMEOUT_NS / NS_PER_MSEC };
	LIBBPF_OPTS(bpf_flowtab_sweep_opts, opts, .timeouts_ms = timeouts_ms);

	if (bpf_flowtab__sweep(maps->table, &opts))
		fail("bpf_flowtab__sweep: %s", bpf_flowtab_reason());
	counters->scanned += opts.live;
	counters->deleted += opts.deleted;
	counters->skipped += opts.changed;
}

void collect(const struct collect_way *way, const struct collect_maps *maps,
	     const atomic_ullong *traffic_end, struct collect_counters *counters)
{
	struct conn_key *keys = calloc(BATCH, sizeof(*keys));
	struct conn *conns = calloc(BATCH, sizeof(*conns));
	__u64 next = clock_now(), start, end;
	int last;

	if (!keys || !conns)
		fail_errno("allocating the collector's batch");

	do {
		clock_sleep_until(next);
		next += COLLECT_PERIOD_NS;

		end = *traffic_end;
		start = clock_now();
		/* One tick of an arena's clock later, and another that it allows for. */
		last = end && start > end + DEMO_TIMEOUT_NS + (way->in_arena ? 4 * NS_PER_MSEC : 0);
		if (way->in_arena)
			collect_in_arena(maps, counters);
		else if (way->sweeps)
			collect_by_sweep(way, maps, keys, conns, counters);
		else
			collect_by_batches(way, maps, keys, conns, counters);
		counters->collecting_ns += clock_now() - start;
	} while (!last);

	/* A program that is kept for a map would keep the map. */
	if (!way->in_arena) {
		bpf_map_compare_release(maps->conns);
		bpf_map_compare_release(maps->mappings);
	}
	free(conns);
	free(keys);
}
