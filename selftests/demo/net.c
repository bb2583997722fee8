// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The namespaces have no names and no mounts: the client's is held by the
 * socket in it, the server's by this process. However the process ends, even
 * by SIGKILL, the kernel takes both away and the veth pair with them. For the
 * same reason any number of demos can run side by side.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net.h"
#include "report.h"

#define SERVER_MAC "02:00:00:00:00:01"

__attribute__((format(printf, 1, 2))) static void ip(const char *fmt, ...)
{
	char command[256];
	va_list ap;
	int len, status;

	len = snprintf(command, sizeof(command), "ip ");
	va_start(ap, fmt);
	vsnprintf(command + len, sizeof(command) - len, fmt, ap);
	va_end(ap);

	status = system(command);
	if (status < 0)
		fail_errno("running \"%s\"", command);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		fail("the command ip was not found: install the package iproute2");
	if (status)
		fail("\"%s\" failed", command);
}

void net_open(struct net *net)
{
	int server;

	if (unshare(CLONE_NEWNET))
		fail_errno("making a network namespace (this takes root)");
	server = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (server < 0)
		fail_errno("opening /proc/thread-self/ns/net");

	if (unshare(CLONE_NEWNET))
		fail_errno("making a second network namespace");
	ip("link add client type veth peer name server address " SERVER_MAC " netns /proc/%d/fd/%d",
	   getpid(), server);
	ip("address add 192.0.2.2/24 dev client");
	ip("link set client up");
	ip("neighbour add 192.0.2.1 lladdr " SERVER_MAC " dev client nud permanent");
	ip("route add 198.18.0.0/15 via 192.0.2.1");
	net->client_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (net->client_socket < 0)
		fail_errno("opening the client's socket");

	if (setns(server, CLONE_NEWNET))
		fail_errno("going back to the server's network namespace");
	close(server);
	ip("link set server up");
	ip("link set lo up");
	net->server_ifindex = if_nametoindex("server");
	if (!net->server_ifindex)
		fail_errno("looking up the server's device");
}
