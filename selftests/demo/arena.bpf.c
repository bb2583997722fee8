// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The same connection tracker with its flows in an arena, by <bpf/bpf_flowtab.h>: a flow and its NAT mapping are one
 * entry, which one exchange refreshes, or deletes.
 */
#include "judge.bpf.h"
#include <bpf/bpf_flowtab.h>

BPF_FLOWTAB(demo_flows, struct conn_key, struct arena_flow, 8)

static void refresh_flow(const struct judged *judged, struct arena_flow *flow)
{
	/* One that has expired but was not collected yet serves on. */
	if (flow->conn.expires < judged->now)
		judged->promise->was_late = 1;
	judged->promise->expires = judged->now + DEMO_TIMEOUT_NS;
	flow->conn.expires = judged->now + DEMO_TIMEOUT_NS;
	flow->conn.packets++;
	flow->conn.bytes += judged->bytes;
	count(refreshed);
}

static void open_flow(const struct judged *judged)
{
	struct arena_flow *created, flow = {
		.conn.packets = 1,
		.conn.bytes = judged->bytes,
		.conn.expires = judged->now + DEMO_TIMEOUT_NS,
		.conn.opened = judged->now,
		.conn.flow = judged->flow,
		.mapping.created = judged->now,
		.mapping.address = judged->key.daddr,
		.mapping.port = judged->key.dport,
	};

	if (bpf_flowtab_create(demo_flows, &judged->key, &flow, judged->now, 0, 0, &created)) {
		count(stray);
		return;
	}
	judged->promise->expires = flow.conn.expires;
	judged->promise->was_late = judged->promise->unmapped = 0;
	count(created);
}

SEC("xdp")
int demo_track(struct xdp_md *ctx)
{
	struct judged judged = {};
	struct arena_flow *flow;

	if (!read_packet(ctx, &judged))
		return XDP_PASS;
	if (!bpf_flowtab_refresh(demo_flows, &judged.key, judged.now, 0, &flow))
		refresh_flow(&judged, flow);
	else if (judged.opens && judged.promise->expires < judged.now)
		open_flow(&judged);
	else
		miss_flow(judged.now, judged.promise, false);
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
