// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What a datapath does with a packet of a known flow: it looks the flow's entry up and sets its
 * lifetime, by a plain store or by bpf_compare.bpf.h. And what it does with the only packet of one.
 */
#include <linux/bpf.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_compare.bpf.h>
#include "refresh.h"

__u32 now = 1;
/* How far it goes from packet to packet: not at all, and no packet but an entry's first changes a word. */
__u32 ticks = 1;
__u64 packets;
__u64 claims;
/* Whose packets come in turn: a power of two. */
__u32 flows = 1;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FLOWS_MAX + ROOM);
	__type(key, struct flow_key);
	__type(value, struct flow);
} table SEC(".maps");

#define LIFETIME offsetof(struct flow, lifetime)
#define LASTS	 100000 /* as the clock counts */
#define MARGIN	 1000
#define CLAIMS	 FIRST_CLAIM, LAST_CLAIM

/* The flow's key: the packet, but for its number. */
static __always_inline int read_key(struct xdp_md *packet, struct flow_key *key)
{
	void *data = (void *)(long)packet->data, *end = (void *)(long)packet->data_end;

	if (data + sizeof(*key) > end)
		return 0;
	__builtin_memcpy(key, data, sizeof(*key));
	key->number = packets++ & (flows - 1);
	return 1;
}

/* What a packet does with its flow's entry, which it has looked up: XDP_PASS where it is known. */
#define VISIT(name, visit)                                                                         \
	SEC("xdp")                                                                                 \
	int name(struct xdp_md *packet)                                                            \
	{                                                                                          \
		struct flow_key key;                                                               \
		void *value;                                                                       \
                                                                                                   \
		if (!read_key(packet, &key))                                                       \
			return XDP_ABORTED;                                                        \
		now += ticks;                                                                      \
		value = bpf_map_lookup_elem(&table, &key);                                         \
		if (!value)                                                                        \
			return XDP_DROP;                                                           \
		return (visit) ? XDP_DROP : XDP_PASS;                                              \
	}

static __always_inline int store_plainly(struct flow *flow, __u32 word)
{
	*(volatile __u32 *)&flow->lifetime = word;
	return 0;
}

VISIT(look, 0)
VISIT(store, store_plainly(value, now + LASTS))
VISIT(future, bpf_compare_store32(value, LIFETIME, now + LASTS, now, MARGIN, CLAIMS))
VISIT(refresh_at, bpf_compare_refresh_at32(&table, &key, &value, LIFETIME, now + LASTS, CLAIMS))
VISIT(future_keyed, bpf_compare_store_keyed32(value, &key, sizeof(key), LIFETIME, now + LASTS, now,
					      MARGIN, CLAIMS))
VISIT(refresh_keyed,
      bpf_compare_refresh_keyed32(value, &key, sizeof(key), LIFETIME, now + LASTS, CLAIMS))

SEC("xdp")
int refresh(struct xdp_md *packet)
{
	struct flow_key key;

	if (!read_key(packet, &key))
		return XDP_ABORTED;
	now += ticks;
	if (bpf_compare_refresh32(&table, &key, LIFETIME, now + LASTS, CLAIMS))
		return XDP_DROP;
	return XDP_PASS;
}

/* A flow that begins and ends: its entry is created, and deleted by the datapath itself. */
SEC("xdp")
int update_and_delete(struct xdp_md *packet)
{
	struct flow flow = { .lifetime = ++now + LASTS };
	struct flow_key key;

	if (!read_key(packet, &key))
		return XDP_ABORTED;
	key.number += FLOWS_MAX;
	if (bpf_map_lookup_elem(&table, &key) ||
	    bpf_map_update_elem(&table, &key, &flow, BPF_ANY) || bpf_map_delete_elem(&table, &key))
		return XDP_DROP;
	return XDP_PASS;
}

SEC("xdp")
int create_and_delete(struct xdp_md *packet)
{
	struct flow flow = { .lifetime = ++now + LASTS };
	struct flow_key key;
	__u32 claim = BPF_COMPARE_CLAIM(claims, FIRST_CLAIM, LAST_CLAIM);

	if (!read_key(packet, &key))
		return XDP_ABORTED;
	key.number += FLOWS_MAX;
	if (bpf_compare_create32(&table, &key, &flow, LIFETIME, CLAIMS) ||
	    bpf_compare_delete32(&table, &key, LIFETIME, flow.lifetime, claim, CLAIMS))
		return XDP_DROP;
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
