/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* The traffic: planned once from a seed, sent anew for each way to collect. */
#ifndef DEMO_FLOWS_H
#define DEMO_FLOWS_H

#include <stdatomic.h>
#include <stddef.h>
#include <linux/types.h>

struct flow_event {
	__u64 at; /* ns after the start */
	__u32 flow;
	__u32 opens;
};

struct flow_plan {
	struct flow_event *events; /* one a packet, in the order of their times */
	size_t nr_events;
	__u32 nr_flows;
};

/* Plans flows that open at a steady rate for a while, some of which go quiet or come back. */
void flows_plan(struct flow_plan *plan, __u64 seed, __u32 nr_flows, __u64 opening_ns);
void flows_free(struct flow_plan *plan);

/* Sends all packets of the plan, each at its time or as soon after as the machine can. */
void flows_send(const struct flow_plan *plan, int sock, atomic_ullong *sent);

#endif /* DEMO_FLOWS_H */
