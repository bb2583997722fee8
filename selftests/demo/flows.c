// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Three kinds of flow:
 * - a short one, which half of them are, sends a few packets and ends, and its
 *   entry becomes garbage;
 * - a quiet one opens, is silent until just before its timeout, sends again,
 *   and once more half a timeout later. By the third packet it is known whether
 *   the collector took the second one for the end of the flow;
 * - one that comes back opens, ends, and is opened again just after its timeout,
 *   when it is being collected; half a timeout later it is known whether it has
 *   the mapping still that it found or made then.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "clock.h"
#include "demo.h"
#include "flows.h"
#include "net.h"
#include "report.h"

#define PACKETS_PER_FLOW 3
#define QUIET_MARGIN_NS	 NS_PER_MSEC	    /* "just before the timeout": the last millisecond */
#define BACK_WITHIN_NS	 (60 * NS_PER_MSEC) /* of the timeout: sooner or later than a sweep */
#define SEND_BATCH	 64

enum kind {
	SHORT,
	QUIET,
	BACK,
};

/* A number below n, by the generator xorshift64 of Marsaglia; n is far below 2^64. */
static __u64 rnd(__u64 *state, __u64 n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state % n;
}

static int by_time(const void *a, const void *b)
{
	const struct flow_event *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->flow < y->flow ? -1 : x->flow > y->flow;
}

static enum kind kind_of(__u32 flow)
{
	static const enum kind kinds[] = { SHORT, QUIET, SHORT, BACK };

	return kinds[flow % 4];
}

/* Between its first packet and its second one. */
static __u64 first_pause(enum kind kind, __u64 *state)
{
	switch (kind) {
	case QUIET:
		return DEMO_TIMEOUT_NS - rnd(state, QUIET_MARGIN_NS);
	case BACK:
		return DEMO_TIMEOUT_NS + rnd(state, BACK_WITHIN_NS);
	default:
		return 1 + rnd(state, DEMO_TIMEOUT_NS / 4);
	}
}

void flows_plan(struct flow_plan *plan, __u64 seed, __u32 nr_flows, __u64 opening_ns)
{
	__u64 state = seed * 2 + 1; /* xorshift's state is never 0 */
	struct flow_event *event;
	__u32 flow;

	plan->nr_flows = nr_flows;
	plan->nr_events = (size_t)nr_flows * PACKETS_PER_FLOW;
	plan->events = calloc(plan->nr_events, sizeof(*plan->events));
	if (!plan->events)
		fail_errno("planning %u flows", nr_flows);

	event = plan->events;
	for (flow = 0; flow < nr_flows; flow++) {
		__u64 at = rnd(&state, opening_ns);
		enum kind kind = kind_of(flow);

		*event++ = (struct flow_event){ .at = at, .flow = flow, .opens = 1 };
		at += first_pause(kind, &state);
		*event++ = (struct flow_event){ .at = at, .flow = flow, .opens = kind == BACK };
		at += kind == SHORT ? 1 + rnd(&state, DEMO_TIMEOUT_NS / 4) : DEMO_TIMEOUT_NS / 2;
		*event++ = (struct flow_event){ .at = at, .flow = flow };
	}
	qsort(plan->events, plan->nr_events, sizeof(*plan->events), by_time);
}

void flows_free(struct flow_plan *plan)
{
	free(plan->events);
}

struct outbox {
	struct mmsghdr messages[SEND_BATCH];
	struct iovec payloads[SEND_BATCH];
	struct sockaddr_in addresses[SEND_BATCH];
	struct demo_packet packets[SEND_BATCH];
};

/* Every flow has a destination, and so a 5-tuple, of its own. */
static void outbox_put(struct outbox *box, int i, const struct flow_event *event)
{
	box->packets[i] = (struct demo_packet){
		.magic = DEMO_MAGIC,
		.flow = event->flow,
		.opens = event->opens,
	};
	box->addresses[i] = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(NET_SERVICES + 1 + event->flow % 4096),
		.sin_port = htons(1024 + event->flow / 4096),
	};
	box->payloads[i].iov_base = &box->packets[i];
	box->payloads[i].iov_len = sizeof(box->packets[i]);
	box->messages[i].msg_hdr = (struct msghdr){
		.msg_name = &box->addresses[i],
		.msg_namelen = sizeof(box->addresses[i]),
		.msg_iov = &box->payloads[i],
		.msg_iovlen = 1,
	};
}

static void outbox_send(struct outbox *box, int n, int sock)
{
	int done = 0, err;

	while (done < n) {
		err = sendmmsg(sock, box->messages + done, n - done, 0);
		if (err < 0 && errno != EINTR && errno != ENOBUFS)
			fail_errno("sending packets");
		if (err > 0)
			done += err;
	}
}

void flows_send(const struct flow_plan *plan, int sock, atomic_ullong *sent)
{
	__u64 start = clock_now(), now;
	struct outbox box = {};
	size_t next = 0;
	int n;

	while (next < plan->nr_events) {
		clock_sleep_until(start + plan->events[next].at);
		now = clock_now() - start;
		for (n = 0; n < SEND_BATCH && next < plan->nr_events; n++, next++) {
			if (plan->events[next].at > now)
				break;
			outbox_put(&box, n, &plan->events[next]);
		}
		outbox_send(&box, n, sock);
		atomic_fetch_add(sent, n);
	}
}
