/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The judge of the collector, which the datapaths have in common. Whenever one accepts a packet it writes
 * down, in an array that nobody deletes from, until when it promised to know
 * that flow. A later packet that finds no entry although the promise still
 * holds belongs to a live flow, and only the collector can have removed its
 * entry. So it is with the mapping. There are no false alarms: promise and entry
 * are written by the same program run from the same clock reading, the device
 * has one receive queue (so no two runs overlap), and a lost or late packet only
 * lets promises run out.
 */
#ifndef DEMO_JUDGE_BPF_H
#define DEMO_JUDGE_BPF_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>

#include "demo.h"

struct promise {
	__u64 expires;	/* 0: the flow is not open */
	__u64 was_late; /* some packet found an entry that had expired, and revived it */
	__u64 unmapped; /* some packet found its entry, but no mapping */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct promise);
	__uint(max_entries, 1);
} demo_promises SEC(".maps");

struct demo_counters counters;

#define count(what) __sync_fetch_and_add(&counters.what, 1)

/* A packet of a flow that is judged. */
struct judged {
	struct conn_key key;
	__u32 flow;
	bool opens;
	__u64 bytes;
	__u64 now;
	struct promise *promise;
};

static __always_inline bool read_packet(struct xdp_md *ctx, struct judged *judged)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct demo_packet *packet;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);

	packet = (void *)(udp + 1);
	if ((void *)(packet + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 ||
	    ip->protocol != IPPROTO_UDP || packet->magic != DEMO_MAGIC)
		return false;
	judged->flow = packet->flow;
	judged->opens = packet->opens;
	judged->promise = bpf_map_lookup_elem(&demo_promises, &judged->flow);
	if (!judged->promise)
		return false;
	judged->key.saddr = ip->saddr;
	judged->key.daddr = ip->daddr;
	judged->key.sport = udp->source;
	judged->key.dport = udp->dest;
	judged->key.proto = ip->protocol;
	judged->bytes = end - data;
	judged->now = bpf_ktime_get_ns();
	return true;
}

/* No entry was found; mapped: but a mapping. */
static __always_inline void miss_flow(__u64 now, struct promise *promise, bool mapped)
{
	if (!promise->expires) {
		count(stray);
		return;
	}
	if (promise->expires < now) {
		count(timed_out);
	} else {
		count(broken);
		if (!promise->was_late)
			count(broken_in_time);
		if (mapped)
			count(broken_mapped);
	}
	promise->expires = 0; /* a flow breaks once */
}

#endif /* DEMO_JUDGE_BPF_H */
