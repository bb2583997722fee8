/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* Three network namespaces: a client's, a server's, and between them a router's. */
#ifndef CONNTRACK_NET_H
#define CONNTRACK_NET_H

#include "ct.h"

struct net {
	int client_ns;
	int server_ns;
	int cpu;		 /* which the router works on */
	struct ct_link links[2]; /* by enum ct_dir */
};

/* The caller's namespace is the router's then. */
void net_open(struct net *net, int cpu);
/* Has the caller's thread make its sockets there. */
void net_enter(int ns);
/* Programs at the ingress of the router's devices. */
void net_attach(const struct net *net, int client_prog, int server_prog);
void net_detach(const struct net *net);

#endif /* CONNTRACK_NET_H */
