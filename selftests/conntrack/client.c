// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The client: slots, each with a source port of its own, that open one connection after the other. A
 * connection has a few rounds of request and response. Before some of them it pauses for about as long
 * as its entry lasts, or until just that is being collected; the next rounds follow soon, to find out
 * what became of it. So it goes with the pause before the next connection, of the same tuple.
 *
 * The datapath resets what is broken and nothing else, and each connection that the client sees fail
 * counts: a reset, a wrong answer, or none for longer than any machine is slow.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "report.h"
#include "traffic.h"

#define EVENTS	   64
#define FIRST_PORT 20000
#define MAX_ROUNDS 6
#define STUCK	   (20000 * CT_MSEC)
/* Where packets come when an entry may be collected: so long after that may be at first. */
#define SPREAD (8 * CT_MSEC)
/* Those that meet the collector spin from LEAD before it is to delete until it does, or LATE after. */
#define LEAD	 (CT_MSEC / 20)
#define LATE	 (CT_MSEC / 3)
#define PATIENCE (30 * CT_MSEC) /* with a collector that does not come */
#define NAP	 (CT_MSEC / 5)	/* until a look at whether it will */

enum slot_state {
	CLOSED,
	CONNECTING,
	WAITING,
	PAUSING,
	ENDING
};

struct slot {
	__u64 due; /* when it acts next, or is stuck */
	enum slot_state state;
	int fd;
	bool meets;    /* it acts when the collector does, who has read what was due then */
	__u32 rounds;  /* that are left */
	bool by_reset; /* how it is to end */
	struct message request;
};

struct client {
	struct traffic *traffic;
	struct slot *slots;
	int epoll;
	__u32 open;
	__u64 random;
};

static __u64 draw(struct client *client, __u64 below)
{
	client->random = client->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (client->random >> 33) % below;
}

static void act_in(struct slot *slot, __u64 ns)
{
	slot->due = clock_now() + ns;
	slot->meets = false;
}

/* When what lives for that long is collected, or about then. */
static void act_around(struct client *client, struct slot *slot, __u64 life)
{
	act_in(slot, life + CT_MARGIN);
	slot->meets = draw(client, 4);
	if (!slot->meets)
		slot->due += draw(client, SPREAD) - CT_MSEC;
}

static void end(struct client *client, struct slot *slot, atomic_ullong *how)
{
	const struct linger at_once = { .l_onoff = 1 };

	if (how != &client->traffic->closed || slot->by_reset)
		setsockopt(slot->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(slot->fd);
	++*how;
	client->open--;
	slot->state = CLOSED;
	if (slot->by_reset || !draw(client, 3))
		act_in(slot, draw(client, SPREAD));
	else
		act_around(client, slot, CT_CLOSE_LIFE);
}

static void open_next(struct client *client, struct slot *slot)
{
	struct sockaddr_in from = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(CT_CLIENT),
		.sin_port = htons(FIRST_PORT + (slot - client->slots)),
	};
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(CT_SERVER),
		.sin_port = htons(CT_SERVICE),
	};
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = slot };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&from, sizeof(from)) ||
	    epoll_ctl(client->epoll, EPOLL_CTL_ADD, fd, &event))
		fail_errno("opening a client's socket");
	slot->fd = fd;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS) {
		if (errno != EADDRNOTAVAIL)
			fail_errno("connecting to the server");
		/* The last one of this tuple has not quite gone. */
		close(fd);
		act_in(slot, 20 * CT_MSEC);
		return;
	}
	slot->state = CONNECTING;
	slot->rounds = 2 + draw(client, MAX_ROUNDS - 1);
	slot->by_reset = !draw(client, 3);
	act_in(slot, STUCK);
	client->traffic->opened++;
	client->open++;
}

static void request(struct client *client, struct slot *slot)
{
	slot->rounds--;
	slot->request.nonce = client->random;
	slot->request.slot = slot - client->slots;
	slot->request.last = !slot->rounds && !slot->by_reset;
	if (send(slot->fd, &slot->request, sizeof(slot->request), MSG_NOSIGNAL) < 0) {
		end(client, slot, &client->traffic->reset);
		return;
	}
	slot->state = WAITING;
	act_in(slot, STUCK);
}

/* Rounds that come after a late one, or end the connection, come soon. */
static void pause_slot(struct client *client, struct slot *slot)
{
	slot->state = PAUSING;
	if (slot->rounds > 1 && draw(client, 3))
		act_around(client, slot, CT_ACTIVE_LIFE);
	else
		act_in(slot, draw(client, 20 * CT_MSEC));
}

static void receive(struct client *client, struct slot *slot)
{
	struct traffic *traffic = client->traffic;
	struct message response;
	ssize_t size = recv(slot->fd, &response, sizeof(response), 0);
	int on = 1;

	if (size < 0 && errno == EAGAIN)
		return;
	if (size < 0) {
		end(client, slot, &traffic->reset);
	} else if (slot->state == ENDING) {
		end(client, slot, size ? &traffic->wrong : &traffic->closed);
	} else if (size != sizeof(response) || slot->state != WAITING ||
		   response.slot != slot - client->slots ||
		   response.nonce != message_answer(&slot->request)) {
		end(client, slot, &traffic->wrong);
	} else {
		/* The acknowledgement is the entry's last packet: it is not to come later. */
		setsockopt(slot->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
		traffic->rounds++;
		if (slot->rounds) {
			pause_slot(client, slot);
		} else if (slot->by_reset) {
			end(client, slot, &traffic->closed);
		} else {
			slot->state = ENDING;
			act_in(slot, STUCK);
			receive(client, slot); /* the server's end may have come with it */
		}
	}
}

static void serve_event(struct client *client, const struct epoll_event *event)
{
	struct slot *slot = event->data.ptr;

	if (slot->state == CLOSED)
		return;
	if (slot->state == CONNECTING && !(event->events & EPOLLERR) && event->events & EPOLLOUT)
		request(client, slot);
	else if (event->events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		receive(client, slot);
}

/* Sleep is too coarse for what a delete takes. */
static void meet(const struct client *client)
{
	struct moment *moment = &client->traffic->moment;
	__u64 end = moment->delete_at + LATE;

	while (moment->begun_at < moment->read_at && clock_now() < end)
		;
}

static void act(struct client *client, struct slot *slot)
{
	if (slot->meets)
		meet(client);
	if (slot->state == CLOSED)
		open_next(client, slot);
	else if (slot->state == PAUSING)
		request(client, slot);
	else
		end(client, slot, &client->traffic->stuck);
}

/* When the slot acts, as far as is known now. */
static __u64 time_to_act(const struct client *client, const struct slot *slot, __u64 now)
{
	const struct moment *moment = &client->traffic->moment;
	__u64 delete_at = moment->delete_at;

	if (!slot->meets || slot->due > now || slot->due + PATIENCE <= now)
		return slot->due;
	if (slot->due > moment->read_at || delete_at + PATIENCE < now)
		return now + NAP;
	return delete_at - LEAD;
}

void *traffic_client(void *arg)
{
	struct traffic *traffic = arg;
	struct client client = {
		.traffic = traffic,
		.slots = calloc(traffic->slots, sizeof(struct slot)),
		.epoll = epoll_create1(EPOLL_CLOEXEC),
		.random = traffic->seed,
	};
	struct epoll_event events[EVENTS];
	struct timespec wait = {};
	__u64 now, next, when;
	__u32 slot;
	int i, n;

	if (!client.slots || client.epoll < 0)
		fail_errno("making room for the client");
	net_enter(traffic->net->client_ns);
	prctl(PR_SET_TIMERSLACK, 1UL);
	for (slot = 0; slot < traffic->slots; slot++)
		act_in(&client.slots[slot], draw(&client, CT_ACTIVE_LIFE));
	while (!traffic->stop || client.open) {
		now = clock_now();
		next = now + 10 * CT_MSEC;
		for (slot = 0; slot < traffic->slots; slot++) {
			struct slot *at = &client.slots[slot];

			if (at->state == CLOSED && traffic->stop)
				continue;
			if (time_to_act(&client, at, now) <= now)
				act(&client, at);
			when = time_to_act(&client, at, now);
			if (when < next)
				next = when;
		}
		now = clock_now();
		wait.tv_nsec = next > now ? next - now : 0;
		n = epoll_pwait2(client.epoll, events, EVENTS, &wait, NULL);
		for (i = 0; i < n; i++)
			serve_event(&client, &events[i]);
	}
	free(client.slots);
	close(client.epoll);
	return NULL;
}
