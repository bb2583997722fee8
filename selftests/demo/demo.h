/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* What the datapath, the generator and the collector have in common. */
#ifndef DEMO_H
#define DEMO_H

#include <linux/types.h>

#define DEMO_TIMEOUT_NS 1000000000ULL /* a connection lives this long after its last packet */
#define DEMO_MAGIC	0x64656d6f
/* No entry expires in the first nanoseconds of the clock: each collector has one of them. */
#define DEMO_CLAIM_FIRST 1ULL
#define DEMO_CLAIM_LAST	 16ULL

/* The UDP payload that the generator sends. Both ends are on one machine. */
struct demo_packet {
	__u32 magic;
	__u32 flow;  /* index into the datapath's array of promises */
	__u32 opens; /* it opens the flow, or opens it again: it may create an entry */
};

/* Shaped like the IPv4 conntrack of Cilium: 14 bytes of key, 56 of value. */
struct conn_key {
	__be32 saddr;
	__be32 daddr;
	__be16 sport;
	__be16 dport;
	__u8 proto;
	__u8 flags;
} __attribute__((packed));

struct conn {
	__u64 packets;
	__u64 bytes;
	__u64 expires; /* CLOCK_MONOTONIC in ns, the word that the collector compares */
	__u64 opened;
	__u32 flow;
	__u32 flags;
	__u64 reserved[2];
};

/* What a flow's source is translated to; no packet writes it after the first one. */
struct mapping {
	__u64 created; /* a word that is no claim */
	__be32 address;
	__be16 port;
	__u16 flags;
};

/* In an arena one entry is both. */
struct arena_flow {
	struct conn conn;
	struct mapping mapping;
};

_Static_assert(sizeof(struct conn_key) == 14, "conn_key has no padding");
_Static_assert(sizeof(struct conn) == 56, "conn is as large as Cilium's ct_entry");

/* What became of the packets: each one of them is in exactly one of the first six. */
struct demo_counters {
	__u64 created;	      /* opened a flow, or one again that had timed out */
	__u64 refreshed;      /* found its entry */
	__u64 broken;	      /* live flow, but its entry was gone; one a flow */
	__u64 unmapped;	      /* live flow, but its mapping was gone, its entry not; one a flow */
	__u64 timed_out;      /* no entry, and the flow's promise had run out */
	__u64 stray;	      /* of a flow that is broken or was never opened */
	__u64 broken_in_time; /* part of broken: none of the flow's packets was ever late */
	__u64 broken_mapped;  /* part of broken: the flow's mapping was still there */
};

#endif /* DEMO_H */
