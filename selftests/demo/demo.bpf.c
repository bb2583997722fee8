// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A connection tracker as datapaths have it: entries are refreshed in place,
 * through the pointer that the look-up gave, under no lock. Or, where the
 * collector claims what it deletes, by the protocol of <bpf/bpf_compare.bpf.h>,
 * likewise in place and under no lock. Beside each flow it keeps a NAT mapping in
 * another map, made with the flow unless there is one, looked up for each packet,
 * and never written again.
 */
#include <stddef.h>
#include "judge.bpf.h"
#include <bpf/bpf_compare.bpf.h>

const volatile bool keep_to_protocol; /* the collector deletes by claim */

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

static void open_flow(const struct judged *judged)
{
	struct promise *promise = judged->promise;
	struct conn conn = {
		.packets = 1,
		.bytes = judged->bytes,
		.expires = judged->now + DEMO_TIMEOUT_NS,
		.opened = judged->now,
		.flow = judged->flow,
	};

	if (create_entry(&judged->key, &conn)) {
		count(stray);
		return;
	}
	create_mapping(&judged->key, judged->now);
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

static bool refresh_flow(const struct judged *judged, struct conn *conn)
{
	struct promise *promise = judged->promise;
	/*
	 * An entry that has expired but was not collected yet serves on, as in
	 * Cilium: the flow was late, but is live again from here on.
	 */
	bool late = conn->expires < judged->now;

	if (!refresh_entry(&judged->key, conn, judged->now + DEMO_TIMEOUT_NS))
		return false;
	if (has_mapping(&judged->key))
		count(refreshed);
	else
		miss_mapping(judged->now, promise);
	if (late)
		promise->was_late = 1;
	promise->expires = judged->now + DEMO_TIMEOUT_NS;
	conn->packets++;
	conn->bytes += judged->bytes;
	return true;
}

SEC("xdp")
int demo_track(struct xdp_md *ctx)
{
	struct judged judged = {};
	struct conn *conn;

	if (!read_packet(ctx, &judged))
		return XDP_PASS;
	conn = bpf_map_lookup_elem(&demo_conns, &judged.key);
	/* An entry that is claimed is as good as gone: nothing is promised of it any more. */
	if (conn && refresh_flow(&judged, conn))
		return XDP_DROP;
	if (judged.opens && judged.promise->expires < judged.now)
		open_flow(&judged);
	else
		miss_flow(judged.now, judged.promise, has_mapping(&judged.key));

	/* There is no service behind this device: the road ends here for good packets too. */
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
