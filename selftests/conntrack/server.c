// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/* The server: answers each request, and closes when it is told that one is the last. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "report.h"
#include "traffic.h"
#include "ct.h"

#define EVENTS	64
#define SOCKETS 65536

static int open_listener(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(CT_SERVER),
		.sin_port = htons(CT_SERVICE),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 4096))
		fail_errno("opening the server's socket");
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		fail_errno("watching the server's sockets");
}

/* Whether the connection goes on. Requests come one at a time, each in a packet of its own. */
static bool answer(int fd)
{
	struct message message;
	ssize_t size = recv(fd, &message, sizeof(message), 0);

	if (size < 0)
		return errno == EAGAIN;
	if (size != sizeof(message))
		return false;
	message.nonce = message_answer(&message);
	return send(fd, &message, sizeof(message), MSG_NOSIGNAL) == sizeof(message) &&
	       !message.last;
}

void *traffic_server(void *arg)
{
	static bool is_open[SOCKETS];
	const struct linger at_once = { .l_onoff = 1 };
	struct traffic *traffic = arg;
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(EPOLL_CLOEXEC), listener, fd, i, n, on = 1;

	if (epoll < 0)
		fail_errno("making the server's epoll");
	net_enter(traffic->net->server_ns);
	listener = open_listener();
	watch(epoll, listener);
	traffic->serving = true;
	while (!traffic->quit) {
		n = epoll_wait(epoll, events, EVENTS, 100);
		for (i = 0; i < n; i++) {
			fd = events[i].data.fd;
			if (fd != listener) {
				is_open[fd] = answer(fd);
				if (!is_open[fd])
					close(fd);
				continue;
			}
			while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
			       0) {
				if (fd >= SOCKETS)
					fail("the server has too many connections");
				setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
				is_open[fd] = true;
				watch(epoll, fd);
			}
			if (errno != EAGAIN && errno != ECONNABORTED)
				fail_errno("accepting a connection");
		}
	}
	for (fd = 0; fd < SOCKETS; fd++) {
		if (!is_open[fd])
			continue;
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(fd);
		is_open[fd] = false;
	}
	close(listener);
	close(epoll);
	return NULL;
}
