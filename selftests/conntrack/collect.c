// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Whichever way, entries have expired whose words lie by the margin behind the clock. Each round reads
 * those, waits as an agent with other things to do would, and deletes:
 *
 * - a connection, with the mapping of its own direction;
 * - mappings that have no connection: that of the other direction, for one.
 *
 * By the protocol what has been read is found by a sweep, and another one then deletes connections that
 * are over: what it finds, at once. Their mappings have no connection then.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>

#include "clock.h"
#include "collect.h"
#include "report.h"

#define ROOM   65536 /* as the maps have */
#define PERIOD (2 * CT_MSEC)
/* Up to so long after the client is told, for its packets to come at any step of a delete. */
#define LAG (CT_MSEC / 10)

const struct collect_way collect_ways[] = {
	{ "plain", "plain stores and deletes", false, false, false },
	{ "compare", "deletes by compare", false, true, false },
	{ "protocol", "future words, claims", true, true, true },
};
const int nr_collect_ways = sizeof(collect_ways) / sizeof(collect_ways[0]);

struct collector {
	const struct collect_way *way;
	struct collect_maps maps;
	struct collected *collected;
	unsigned int seed;
	__u32 nr_conns; /* that have expired */
	__u32 nr_orphans;
	struct ct_tuple conn_keys[ROOM];
	struct ct_entry conns[ROOM];
	struct ct_tuple orphan_keys[ROOM];
	struct nat_entry orphans[ROOM];
	struct ct_tuple missing[ROOM]; /* the connections that orphans do not have */
	int results[ROOM];
	int linked_results[ROOM];
};

static const __u64 claim = CT_COLLECTOR;

/* What fails for now is left to the next round. */
static bool is_fatal(int err)
{
	return err && err != -EAGAIN && err != -ENOMEM && err != -EINTR;
}

/* All of the map; then what has expired of it. */
static __u32 read_by_batches(int map, struct ct_tuple *keys, void *values, size_t value_size,
			     __u64 horizon)
{
	__u32 position, n = 0, got, i, expired = 0;
	void *from = NULL;
	__u64 word;
	int err;

	do {
		got = ROOM - n;
		err = bpf_map_lookup_batch(map, from, &position, keys + n,
					   (char *)values + n * value_size, &got, NULL);
		if (err && err != -ENOENT)
			fail_errno("bpf_map_lookup_batch");
		from = &position;
		n += got;
	} while (!err); /* -ENOENT: that was the last one */

	for (i = 0; i < n; i++) {
		memcpy(&word, (char *)values + i * value_size, sizeof(word));
		if (word >= horizon)
			continue;
		keys[expired] = keys[i];
		memmove((char *)values + expired++ * value_size, (char *)values + i * value_size,
			value_size);
	}
	return expired;
}

static __u32 read_by_sweep(int map, struct ct_tuple *keys, void *values, __u64 horizon)
{
	struct bpf_map_sweep_cond expired = { .size = sizeof(__u64),
					      .op = BPF_MAP_SWEEP_LT,
					      .operand = horizon };
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .flags = BPF_MAP_SWEEP_COUNT, .keys = keys,
		    .values = values, .capacity = ROOM);

	if (bpf_map_sweep(map, &expired, 1, &opts) < 0 && is_fatal(-errno))
		fail_errno("bpf_map_sweep");
	return opts.matched;
}

/* What is claimed has not expired: those are the last words. */
static __u32 read_expired(struct collector *c, int map, struct ct_tuple *keys, void *values,
			  size_t value_size, __u64 horizon)
{
	if (c->way->claims)
		return read_by_sweep(map, keys, values, horizon);
	return read_by_batches(map, keys, values, value_size, horizon);
}

static void read_conns(struct collector *c, __u64 horizon)
{
	c->nr_conns =
		read_expired(c, c->maps.conns, c->conn_keys, c->conns, sizeof(*c->conns), horizon);
}

static struct ct_tuple conn_of(const struct ct_tuple *key, const struct nat_entry *mapping)
{
	struct ct_tuple conn = *key;

	if (key->dir == CT_FROM_SERVER) {
		conn.saddr = mapping->addr;
		conn.sport = mapping->port;
		conn.daddr = key->saddr;
		conn.dport = key->sport;
		conn.dir = CT_FROM_CLIENT;
	}
	return conn;
}

static void read_orphans(struct collector *c, __u64 horizon)
{
	__u32 n = read_expired(c, c->maps.nat, c->orphan_keys, c->orphans, sizeof(*c->orphans),
			       horizon);
	struct ct_entry conn;
	__u32 i, kept = 0;

	for (i = 0; i < n; i++) {
		c->orphan_keys[kept] = c->orphan_keys[i];
		c->orphans[kept] = c->orphans[i];
		c->missing[kept] = conn_of(&c->orphan_keys[i], &c->orphans[i]);
		if (bpf_map_lookup_elem(c->maps.conns, &c->missing[kept], &conn))
			kept++;
	}
	c->nr_orphans = kept;
}

static __u32 delete_batch(struct collector *c, int map, const void *keys, __u32 n,
			  struct bpf_map_delete_batch_opts *opts)
{
	__u32 deleted = n, i;

	opts->results = c->results;
	if (bpf_map_delete_batch_opts(map, keys, &deleted, opts) && is_fatal(-errno))
		fail_errno("bpf_map_delete_batch_opts");
	for (i = 0; i < n; i++)
		c->collected->refused += c->results[i] == -EBUSY;
	return deleted;
}

/* Both kinds of values begin with the word, and it is what claims take the place of. */
#define EXPECT(opts, seen)                                                                         \
	do {                                                                                       \
		(opts).compare = &(seen)->expires;                                                 \
		(opts).compare_stride = sizeof(*(seen));                                           \
		(opts).compare_size = sizeof((seen)->expires);                                     \
	} while (0)

#define CLAIM(opts, field)                                                                         \
	do {                                                                                       \
		(opts).field = &claim;                                                             \
		(opts).field##_size = sizeof(claim);                                               \
		(opts).claim_first = CT_CLAIM_FIRST;                                               \
		(opts).claim_last = CT_CLAIM_LAST;                                                 \
	} while (0)

/*
 * The connection as it was read, and its mapping, whatever that is: its word is not judged, as nobody
 * writes that, nor uses the mapping, while the connection is claimed. Or neither.
 */
static void delete_conns(struct collector *c)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts);
	__u32 i;

	if (c->way->compares) {
		opts.elem_flags = BPF_F_COMPARE;
		EXPECT(opts, c->conns);
		opts.linked_fd = c->maps.nat;
		opts.linked_keys = c->conn_keys;
		opts.linked_results = c->linked_results;
	}
	if (c->way->claims) {
		CLAIM(opts, claim);
		CLAIM(opts, linked_claim);
	}
	c->collected->conns += delete_batch(c, c->maps.conns, c->conn_keys, c->nr_conns, &opts);
	if (c->way->compares)
		for (i = 0; i < c->nr_conns; i++)
			c->collected->mappings += !c->linked_results[i];
	else
		c->collected->mappings +=
			delete_batch(c, c->maps.nat, c->conn_keys, c->nr_conns,
				     &(struct bpf_map_delete_batch_opts){ .sz = sizeof(opts) });
}

static void delete_orphans(struct collector *c)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts);

	if (c->way->compares) {
		opts.elem_flags = BPF_F_COMPARE;
		EXPECT(opts, c->orphans);
		opts.linked_fd = c->maps.conns;
		opts.linked_keys = c->missing;
		opts.linked_flags = BPF_MAP_LINKED_ABSENT;
	}
	if (c->way->claims)
		CLAIM(opts, claim);
	c->collected->mappings +=
		delete_batch(c, c->maps.nat, c->orphan_keys, c->nr_orphans, &opts);
}

static void sweep_closed(struct collector *c, __u64 horizon)
{
	struct bpf_map_sweep_cond closed[] = {
		{ .offset = offsetof(struct ct_entry, expires),
		  .size = sizeof(c->conns->expires),
		  .op = BPF_MAP_SWEEP_LT,
		  .operand = horizon },
		{ .offset = offsetof(struct ct_entry, state),
		  .size = sizeof(c->conns->state),
		  .op = BPF_MAP_SWEEP_NE,
		  .operand = CT_ACTIVE },
	};
	LIBBPF_OPTS(bpf_map_sweep_opts, opts);

	CLAIM(opts, claim);
	if (bpf_map_sweep(c->maps.conns, closed, 2, &opts) < 0 && is_fatal(-errno))
		fail_errno("bpf_map_sweep");
	c->collected->conns += opts.deleted;
	c->collected->refused += opts.changed;
}

static void sleep_until(__u64 when)
{
	struct timespec ts = { .tv_sec = when / (1000 * CT_MSEC),
			       .tv_nsec = when % (1000 * CT_MSEC) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL))
		;
}

static void spin_until(__u64 when)
{
	while (clock_now() < when)
		;
}

static void collect_once(struct collector *c, __u64 window_ns, struct moment *moment)
{
	__u64 now = clock_now(), horizon = now - CT_MARGIN;

	read_conns(c, horizon);
	read_orphans(c, horizon);
	moment->read_at = now;
	moment->delete_at = clock_now() + window_ns;
	sleep_until(moment->delete_at);
	moment->begun_at = now;
	spin_until(clock_now() + rand_r(&c->seed) % LAG);
	delete_conns(c);
	delete_orphans(c);
	if (c->way->claims)
		sweep_closed(c, clock_now() - CT_MARGIN);
	c->collected->rounds++;
}

void collect(const struct collect_way *way, const struct collect_maps *maps, __u64 window_ns,
	     const atomic_bool *stop, struct moment *moment, struct collected *collected)
{
	struct collector *c = calloc(1, sizeof(*c));

	if (!c)
		fail_errno("making room for the collector");
	c->way = way;
	c->maps = *maps;
	c->collected = collected;
	prctl(PR_SET_TIMERSLACK, 1UL);
	while (!*stop) {
		collect_once(c, window_ns, moment);
		sleep_until(clock_now() + PERIOD);
	}
	/* A program that is kept for a map would keep the map. */
	bpf_map_compare_release(maps->conns);
	bpf_map_compare_release(maps->nat);
	free(c);
}
