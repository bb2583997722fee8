// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A connection tracker as datapaths have it: entries are refreshed in place,
 * through the pointer that the look-up gave, under no lock. Or, where the
 * collector claims what it deletes, by the protocol of <bpf/bpf_compare.bpf.h>,
 * likewise in place and under no lock. Beside each flow it keeps a NAT mapping in
 * another map, made with the flow unless there is one, looked up for each packet,
 * and never written again.
 *
 * It also is the judge of the collector. Whenever it accepts a packet it writes
 * down, in an array that nobody deletes from, until when it promised to know
 * that flow. A later packet that finds no entry although the promise still
 * holds belongs to a live flow, and only the collector can have removed its
 * entry. So it is with the mapping. There are no false alarms: promise and entry
 * are written by the same program run from the same clock reading, the device
 * has one receive queue (so no two runs overlap), and a lost or late packet only
 * lets promises run out.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_compare.bpf.h>

#include "demo.h"

const volatile bool keep_to_protocol; /* the collector deletes by claim */

struct promise {
	__u64 expires;	/* 0: the flow is not open */
	__u64 was_late; /* some packet found an entry that had expired, and revived it */
	__u64 unmapped; /* some packet found its entry, but no mapping */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct conn_key);
	__type(value, struct conn);
	__uint(max_entries, 1); /* set before loading, as below */
} demo_conns SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct conn_key);
	__type(value, struct mapping);
	__uint(max_entries, 1);
} demo_mappings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct promise);
	__uint(max_entries, 1);
} demo_promises SEC(".maps");

struct demo_counters counters;

#define count(what) __sync_fetch_and_add(&counters.what, 1)

static int create_entry(const struct conn_key *key, const struct conn *conn)
{
	if (keep_to_protocol)
		return bpf_compare_create64(&demo_conns, key, conn, offsetof(struct conn, expires),
					    DEMO_CLAIM_FIRST, DEMO_CLAIM_LAST);
	return bpf_map_update_elem(&demo_conns, key, conn, BPF_NOEXIST);
}

/* Where there is one that serves on. Where it fails the next packet finds none, and counts that. */
static void create_mapping(const struct conn_key *key, __u64 now)
{
	struct mapping mapping = {
		.created = now,
		.address = key->daddr,
		.port = key->dport,
	};

	if (keep_to_protocol)
		bpf_compare_create64(&demo_mappings, key, &mapping,
				     offsetof(struct mapping, created), DEMO_CLAIM_FIRST,
				     DEMO_CLAIM_LAST);
	else
		bpf_map_update_elem(&demo_mappings, key, &mapping, BPF_NOEXIST);
}

static bool has_mapping(const struct conn_key *key)
{
	const struct mapping *mapping = bpf_map_lookup_elem(&demo_mappings, key);

	return mapping && !(keep_to_protocol &&
			    bpf_compare_is_claimed64(mapping, offsetof(struct mapping, created),
						     DEMO_CLAIM_FIRST, DEMO_CLAIM_LAST));
}

static void open_flow(const struct conn_key *key, const struct demo_packet *packet, __u64 bytes,
		      __u64 now, struct promise *promise)
{
	struct conn conn = {
		.packets = 1,
		.bytes = bytes,
		.expires = now + DEMO_TIMEOUT_NS,
		.opened = now,
		.flow = packet->flow,
	};

	if (create_entry(key, &conn)) {
		count(stray);
		return;
	}
	create_mapping(key, now);
	promise->expires = conn.expires;
	promise->was_late = promise->unmapped = 0;
	count(created);
}

/* Whether the flow is known until expires. */
static bool refresh_entry(const struct conn_key *key, struct conn *conn, __u64 expires)
{
	if (keep_to_protocol)
		return bpf_compare_refresh64(&demo_conns, key, offsetof(struct conn, expires),
					     expires, DEMO_CLAIM_FIRST,
					     DEMO_CLAIM_LAST) == BPF_COMPARE_DONE;
	*(volatile __u64 *)&conn->expires = expires;
	return true;
}

static void miss_mapping(__u64 now, struct promise *promise)
{
	if (promise->unmapped)
		count(stray);
	else if (promise->expires < now)
		count(timed_out);
	else
		count(unmapped);
	promise->unmapped = 1;
}

static bool refresh_flow(const struct conn_key *key, struct conn *conn, __u64 bytes, __u64 now,
			 struct promise *promise)
{
	/*
	 * An entry that has expired but was not collected yet serves on, as in
	 * Cilium: the flow was late, but is live again from here on.
	 */
	bool late = conn->expires < now;

	if (!refresh_entry(key, conn, now + DEMO_TIMEOUT_NS))
		return false;
	if (has_mapping(key))
		count(refreshed);
	else
		miss_mapping(now, promise);
	if (late)
		promise->was_late = 1;
	promise->expires = now + DEMO_TIMEOUT_NS;
	conn->packets++;
	conn->bytes += bytes;
	return true;
}

static void miss_flow(const struct conn_key *key, __u64 now, struct promise *promise)
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
		if (has_mapping(key))
			count(broken_mapped);
	}
	promise->expires = 0; /* a flow breaks once */
}

SEC("xdp")
int demo_track(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct conn_key key = {};
	struct demo_packet *packet;
	struct promise *promise;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	struct conn *conn;
	__u64 bytes, now;
	__u32 flow;

	packet = (void *)(udp + 1);
	if ((void *)(packet + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 ||
	    ip->protocol != IPPROTO_UDP || packet->magic != DEMO_MAGIC)
		return XDP_PASS;
	flow = packet->flow;
	promise = bpf_map_lookup_elem(&demo_promises, &flow);
	if (!promise)
		return XDP_PASS;

	key.saddr = ip->saddr;
	key.daddr = ip->daddr;
	key.sport = udp->source;
	key.dport = udp->dest;
	key.proto = ip->protocol;
	bytes = end - data;
	now = bpf_ktime_get_ns();

	conn = bpf_map_lookup_elem(&demo_conns, &key);
	/* An entry that is claimed is as good as gone: nothing is promised of it any more. */
	if (conn && refresh_flow(&key, conn, bytes, now, promise))
		return XDP_DROP;
	if (packet->opens && promise->expires < now)
		open_flow(&key, packet, bytes, now, promise);
	else
		miss_flow(&key, now, promise);

	/* There is no service behind this device: the road ends here for good packets too. */
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
