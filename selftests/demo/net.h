/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* Two network namespaces joined by a veth pair. */
#ifndef DEMO_NET_H
#define DEMO_NET_H

/* Where the generator's packets go: any address of 198.18.0.0/15 (RFC 2544). */
#define NET_SERVICES 0xc6120000U

struct net {
	int client_socket;  /* UDP, in the client's namespace */
	int server_ifindex; /* in the server's namespace, which becomes the caller's */
};

void net_open(struct net *net);

#endif /* DEMO_NET_H */
