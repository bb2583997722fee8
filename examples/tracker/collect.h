/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */
#ifndef COLLECT_H
#define COLLECT_H

#include <linux/types.h>

struct collector;

/* What became of one round. */
struct round {
	__u64 flows;	 /* entries that are there, two of each connection */
	__u64 hosts;	 /* likewise, one of each */
	__u64 pairs;	 /* connections that were deleted, both directions of each */
	__u64 orphans;	 /* entries that were, of connections that had but one */
	__u64 gone;	 /* hosts that were */
	__u64 refreshed; /* what was left alone, as a packet came after it was seen */
};

/* NULL, or of collect() a negative errno: libbpf_compare_reason() may say more. */
struct collector *collector_open(int flows, int hosts);
int collect(struct collector *collector, struct round *round);
void collector_close(struct collector *collector);

#endif /* COLLECT_H */
