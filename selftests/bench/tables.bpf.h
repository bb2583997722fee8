/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* What a datapath does with a table of flows: one in an arena, with so many slots a BUCKET, or a hash map. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_flowtab.h>
#include "tables.h"

/* Whose packets come in turn: flows of them, from base on, in an order that steps give. */
__u64 flows = 1, base, step = 1, packets;
__u64 now, ticks;
/* Of a million flows so many expire. */
__u64 expired;
__u64 failed;

BPF_FLOWTAB(arena, struct flow_key, struct flow, BUCKET)

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct flow_key);
	__type(value, struct flow);
} hash SEC(".maps");

#define PACKET(name, what)                                                                         \
	SEC("tc")                                                                                  \
	int name(struct __sk_buff *packet)                                                         \
	{                                                                                          \
		struct flow_key key = { .from = 0x0a000001, .to = 0x0a000002, .from_port = 4242 }; \
                                                                                                   \
		key.number = base + packets++ * step % flows;                                      \
		now += ticks;                                                                      \
		if (what)                                                                          \
			failed++;                                                                  \
		return 0;                                                                          \
	}

static __always_inline int is_expired(const struct flow_key *key)
{
	return key->number % 1000000 * 2654435761ull % 1000000 < expired;
}

static __always_inline int hash_lookup(const struct flow_key *key)
{
	struct flow *flow = bpf_map_lookup_elem(&hash, key);

	return !flow;
}

static __always_inline int hash_refresh(const struct flow_key *key)
{
	struct flow *flow = bpf_map_lookup_elem(&hash, key);

	if (!flow)
		return 1;
	*(volatile __u64 *)&flow->refreshed = now;
	return 0;
}

static __always_inline int hash_create(const struct flow_key *key)
{
	struct flow flow = { .refreshed = is_expired(key) ? 1 : now };

	return bpf_map_update_elem(&hash, key, &flow, BPF_NOEXIST) != 0;
}

static __always_inline int arena_lookup(const struct flow_key *key)
{
	struct flow *flow;

	return bpf_flowtab_lookup(arena, key, &flow);
}

static __always_inline int arena_refresh(const struct flow_key *key)
{
	struct flow *flow;

	return bpf_flowtab_refresh(arena, key, now, BPF_FLOWTAB_SAME_CLASS, &flow);
}

static __always_inline int arena_create(const struct flow_key *key)
{
	struct flow flow = { .refreshed = now }, *created;

	return bpf_flowtab_create(arena, key, &flow, now, is_expired(key) ? EXPIRED : ALIVE, 0,
				  &created);
}

#define PACKETS(table, delete)                                                                     \
	PACKET(on_##table##_lookup, table##_lookup(&key))                                          \
	PACKET(on_##table##_refresh, table##_refresh(&key))                                        \
	PACKET(on_##table##_create, table##_create(&key))                                          \
	PACKET(on_##table##_delete, delete)

PACKET(on_nothing, key.number == 0xffffffff)
PACKETS(hash, bpf_map_delete_elem(&hash, &key))
PACKETS(arena, bpf_flowtab_delete(arena, &key))

char _license[] SEC("license") = "Dual BSD/GPL";
