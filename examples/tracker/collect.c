// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Hosts are collected by one sweep. Of a connection both directions go, or neither: a sweep tells which
 * entries have expired, and they are deleted with the entry of the other direction if that has expired too.
 *
 * All goes by a claim. So nothing is deleted that a packet has refreshed, whenever that came.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>

#include "collect.h"
#include "flow.h"

#define ROOM 4096 /* entries that are handed out at a time */

/* Entries that are to be deleted, with those of the other direction; and on which words that was decided. */
struct batch {
	__u32 count;
	struct flow_key keys[ROOM], back_keys[ROOM];
	__u64 words[ROOM], back_words[ROOM];
};

/* A map, and a claim for it that no other process has, for as long as the fd is open. */
struct claimed_map {
	int fd;
	int claim_fd;
	__u64 claim;
};

struct collector {
	struct claimed_map flows, hosts;
	struct flow_key keys[ROOM]; /* that have expired */
	struct flow values[ROOM];
	struct batch pairs, orphans;
	int results[ROOM];
};

static __u64 clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static int take_claim(struct claimed_map *map)
{
	map->claim_fd = bpf_map_claim_take(map->fd, CLAIM_FIRST, CLAIM_LAST, &map->claim,
					   sizeof(map->claim));
	return map->claim_fd;
}

static void let_go(struct claimed_map *map)
{
	if (map->claim_fd >= 0)
		close(map->claim_fd);
	/* What is kept for a map keeps the map. */
	bpf_map_compare_release(map->fd);
}

struct collector *collector_open(int flows, int hosts)
{
	struct collector *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->flows.fd = flows;
	c->hosts.fd = hosts;
	c->flows.claim_fd = c->hosts.claim_fd = -1;
	if (take_claim(&c->flows) < 0 || take_claim(&c->hosts) < 0) {
		collector_close(c);
		return NULL;
	}
	return c;
}

void collector_close(struct collector *c)
{
	if (!c)
		return;
	let_go(&c->flows);
	let_go(&c->hosts);
	free(c);
}

static int sweep_hosts(struct collector *c, __u64 horizon, struct round *round)
{
	const struct bpf_map_sweep_cond expired = {
		.offset = offsetof(struct host, expires),
		.size = sizeof(__u64),
		.op = BPF_MAP_SWEEP_LT,
		.operand = horizon,
	};
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .claim = &c->hosts.claim,
		    .claim_offset = offsetof(struct host, expires), .claim_size = sizeof(__u64),
		    .claim_first = CLAIM_FIRST, .claim_last = CLAIM_LAST);
	int err = bpf_map_sweep(c->hosts.fd, &expired, 1, &opts);

	round->hosts += opts.scanned - opts.deleted;
	round->gone += opts.deleted;
	round->refreshed += opts.changed;
	return err;
}

static void reverse(const struct flow_key *key, struct flow_key *back)
{
	memcpy(back->saddr, key->daddr, sizeof(back->saddr));
	memcpy(back->daddr, key->saddr, sizeof(back->daddr));
	back->sport = key->dport;
	back->dport = key->sport;
	back->proto = key->proto;
}

static void put(struct batch *batch, const struct flow_key *key, const struct flow_key *back,
		__u64 word, __u64 back_word)
{
	batch->keys[batch->count] = *key;
	batch->back_keys[batch->count] = *back;
	batch->words[batch->count] = word;
	batch->back_words[batch->count++] = back_word;
}

/* One of the two stands for a pair, though both are found. A claim lies ahead of any horizon. */
static int sort_out(struct collector *c, __u32 count, __u64 horizon)
{
	struct flow_key back;
	struct flow other;

	c->pairs.count = c->orphans.count = 0;
	for (__u32 i = 0; i < count; i++) {
		reverse(&c->keys[i], &back);
		if (!bpf_map_lookup_elem(c->flows.fd, &back, &other)) {
			if (other.expires < horizon && memcmp(&c->keys[i], &back, sizeof(back)) < 0)
				put(&c->pairs, &c->keys[i], &back, c->values[i].expires,
				    other.expires);
		} else if (errno == ENOENT) {
			put(&c->orphans, &c->keys[i], &back, c->values[i].expires, 0);
		} else {
			return -errno;
		}
	}
	return 0;
}

static int delete_batch(struct collector *c, const struct batch *batch, bool pairs, __u64 *deleted,
			struct round *round)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = batch->words, .compare_offset = offsetof(struct flow, expires),
		    .compare_size = sizeof(__u64), .claim = &c->flows.claim,
		    .claim_offset = offsetof(struct flow, expires), .claim_size = sizeof(__u64),
		    .claim_first = CLAIM_FIRST, .claim_last = CLAIM_LAST, .results = c->results,
		    .linked_keys = batch->back_keys);
	__u32 count = batch->count;
	int err;

	if (pairs) {
		opts.linked_compare = batch->back_words;
		opts.linked_compare_offset = opts.compare_offset;
		opts.linked_compare_size = opts.compare_size;
		opts.linked_claim = opts.claim;
		opts.linked_claim_offset = opts.claim_offset;
		opts.linked_claim_size = opts.claim_size;
	} else {
		opts.linked_flags = BPF_MAP_LINKED_ABSENT;
	}
	err = bpf_map_delete_batch_opts(c->flows.fd, batch->keys, &count, &opts);
	*deleted += count;
	for (__u32 i = 0; i < batch->count; i++)
		round->refreshed += c->results[i] == -EBUSY;
	return err;
}

static int delete_expired(struct collector *c, __u32 count, __u64 horizon, struct round *round)
{
	int err = sort_out(c, count, horizon);

	if (!err)
		err = delete_batch(c, &c->pairs, true, &round->pairs, round);
	if (!err)
		err = delete_batch(c, &c->orphans, false, &round->orphans, round);
	return err;
}

static int collect_flows(struct collector *c, __u64 horizon, struct round *round)
{
	const struct bpf_map_sweep_cond expired = {
		.offset = offsetof(struct flow, expires),
		.size = sizeof(__u64),
		.op = BPF_MAP_SWEEP_LT,
		.operand = horizon,
	};
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .flags = BPF_MAP_SWEEP_COUNT, .keys = c->keys,
		    .values = c->values, .capacity = ROOM);
	int more, err;

	do {
		more = bpf_map_sweep(c->flows.fd, &expired, 1, &opts);
		if (more < 0)
			return more;
		round->flows += opts.scanned;
		err = delete_expired(c, opts.matched, horizon, round);
	} while (more && !err);
	round->flows -= 2 * round->pairs + round->orphans;
	return err;
}

int collect(struct collector *c, struct round *round)
{
	__u64 horizon = clock_now() - MARGIN;
	int err = sweep_hosts(c, horizon, round);

	return err < 0 ? err : collect_flows(c, horizon, round);
}
