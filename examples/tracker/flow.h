/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* What the datapath and its collector have in common. */
#ifndef FLOW_H
#define FLOW_H

#include <linux/types.h>

#define SECOND 1000000000ULL

/* By so much words lie behind the clock when they are collected, and ahead by twice that when written. */
#define MARGIN SECOND
/* How long a connection is known that was closed, in place of how long one may be idle. */
#define CLOSING (3 * SECOND)

/* Words that no clock gets to: a collector takes one of them, and nobody else writes them. */
#define CLAIM_FIRST (-16ULL)
#define CLAIM_LAST  (-1ULL)

/* One direction of a connection. An IPv4 address is ::ffff:a.b.c.d. */
struct flow_key {
	__be32 saddr[4];
	__be32 daddr[4];
	__be16 sport;
	__be16 dport;
	__u32 proto;
};

struct flow {
	__u64 expires; /* the word: CLOCK_MONOTONIC in ns */
	__u64 packets;
	__u64 bytes;
	__u64 closing; /* a FIN or an RST was seen, in either direction */
};

struct host_key {
	__be32 addr[4];
};

/* Whoever sends. */
struct host {
	__u64 expires; /* likewise */
	__u64 packets;
};

#endif /* FLOW_H */
