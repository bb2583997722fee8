/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* What the datapath and the collector have in common. */
#ifndef CT_H
#define CT_H

#include <linux/types.h>

#define CT_MSEC 1000000ULL

/* By how much words lie ahead of the clock when written, and behind it when expected. */
#define CT_MARGIN (50 * CT_MSEC)
/* Lifetimes, all of them longer than two margins. */
#define CT_SYN_LIFE    (110 * CT_MSEC)
#define CT_ACTIVE_LIFE (200 * CT_MSEC)
#define CT_CLOSE_LIFE  (110 * CT_MSEC)

/* The last 2^33 words are claims. Those of the datapath, which takes a new one for each delete, come first. */
#define CT_CLAIM_FIRST	  (-(1ULL << 33))
#define CT_CLAIM_LAST	  (-1ULL)
#define CT_DATAPATH_FIRST CT_CLAIM_FIRST
#define CT_DATAPATH_LAST  (CT_CLAIM_FIRST + (1ULL << 32) - 1)
#define CT_COLLECTOR	  (-1ULL)

#define CT_CLIENT	  0xc6336402U /* 198.51.100.2 */
#define CT_SERVER	  0xc0000202U /* 192.0.2.2 */
#define CT_NAT		  0xc0000201U /* 192.0.2.1, which clients are seen as */
#define CT_SERVICE	  7	      /* the server's port */

enum ct_dir {
	CT_FROM_CLIENT,
	CT_FROM_SERVER
};

/* Who sends and to whom; of a connection, as the client's packets say. */
struct ct_tuple {
	__be32 saddr;
	__be32 daddr;
	__be16 sport;
	__be16 dport;
	__u8 proto;
	__u8 dir; /* of a NAT mapping, enum ct_dir */
	__u16 pad;
};

enum ct_state {
	CT_SYN_SENT,
	CT_ACTIVE,
	CT_CLOSING
};

struct ct_entry {
	__u64 expires; /* the word: CLOCK_MONOTONIC in ns */
	__u64 packets[2];
	__u32 state;
	__u8 seen[2]; /* TCP flags */
	__u16 pad;
};

/* Packets do not write it; opening a connection does. */
struct nat_entry {
	__u64 expires; /* the word: until then it is kept also without a connection */
	__be32 addr;   /* in place of the packet's source, or of its destination */
	__be16 port;
	__u16 pad;
};

/* One of the router's two devices, and who is at its other end. */
struct ct_link {
	__u32 ifindex;
	__u8 macs[2 * 6]; /* as a frame begins: theirs, ours */
};

struct ct_counters {
	__u64 packets;
	__u64 created;	/* by a SYN */
	__u64 taken_up; /* by another packet of a connection that had timed out */
	__u64 reopened; /* a SYN reset an entry in place */
	__u64 refreshed;
	__u64 late;	/* found an entry that could have been collected at any moment */
	__u64 adopted;	/* a mapping that had no connection was put to use again */
	__u64 removed;	/* deleted by the datapath */
	__u64 claimed;	/* dropped: found claimed, or there was no port */
	__u64 broken;	/* the entry or the mapping of a connection was gone that had to be there */
	__u64 vanished; /* likewise, but it was a SYN that found it, which does no harm */
	__u64 stray;	/* dropped: of no connection that is known, or of one that is broken */
	__u64 failed;	/* dropped: a helper did what it should never do */
	__u64 overlaps; /* two runs at one time: then this is not exact */
	__u64 overlong; /* runs that took more than the margin: then nothing is promised */
};

#endif /* CT_H */
