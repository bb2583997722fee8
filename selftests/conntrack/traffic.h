/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* The two ends. */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <stdatomic.h>
#include <linux/types.h>

#include "collect.h"
#include "net.h"

/* A request, and with another answer the response to it. */
struct message {
	__u64 nonce;
	__u32 slot;
	__u32 last; /* the server closes after its response */
};

static inline __u64 message_answer(const struct message *request)
{
	return (request->nonce ^ request->slot) * 0x9e3779b97f4a7c15ULL;
}

struct traffic {
	const struct net *net;
	__u32 slots; /* connections at one time */
	__u64 seed;
	struct moment moment; /* the collector's next deletes */
	atomic_bool stop;     /* no new connections */
	atomic_bool quit;     /* the server's sign to end */
	atomic_bool serving;
	/* By the client's count. */
	atomic_ullong opened;
	atomic_ullong closed; /* as they were to be */
	atomic_ullong rounds;
	atomic_ullong reset;
	atomic_ullong stuck;
	atomic_ullong wrong;
};

/* Bodies of threads. The client's ends when all of its connections have. */
void *traffic_client(void *traffic);
void *traffic_server(void *traffic);

#endif /* TRAFFIC_H */
