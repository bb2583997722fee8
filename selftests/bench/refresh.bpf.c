// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What a datapath does with a packet of a known flow: it looks the flow's entry up and sets its
 * lifetime, by a plain store or by bpf_compare.bpf.h.
 */
#include <linux/bpf.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_compare.bpf.h>
#include "refresh.h"

__u32 now;
__u64 packets;
/* Whose packets come in turn: a power of two. */
__u32 flows = 1;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FLOWS_MAX);
	__type(key, struct flow_key);
	__type(value, struct flow);
} table SEC(".maps");

#define LIFETIME offsetof(struct flow, lifetime)

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

SEC("xdp")
int look(struct xdp_md *packet)
{
	struct flow_key key;

	if (!read_key(packet, &key))
		return XDP_ABORTED;
	now++;
	return bpf_map_lookup_elem(&table, &key) ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int store(struct xdp_md *packet)
{
	struct flow_key key;
	struct flow *flow;

	if (!read_key(packet, &key))
		return XDP_ABORTED;
	flow = bpf_map_lookup_elem(&table, &key);
	if (!flow)
		return XDP_DROP;
	*(volatile __u32 *)&flow->lifetime = ++now;
	return XDP_PASS;
}

SEC("xdp")
int refresh(struct xdp_md *packet)
{
	struct flow_key key;

	if (!read_key(packet, &key))
		return XDP_ABORTED;
	if (bpf_compare_refresh32(&table, &key, LIFETIME, ++now, CLAIM, CLAIM))
		return XDP_DROP;
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
