// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The namespaces have no names and no mounts that others see: this process alone holds them. However it
 * ends, even by SIGKILL, the kernel takes them away, with the devices and what is attached to those. For
 * the same reason any number of these can run side by side.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bpf/libbpf.h>

#include "net.h"
#include "report.h"

#define CLIENT_MAC	  "02:00:00:00:00:01"
#define CLIENT_ROUTER_MAC "02:00:00:00:00:02"
#define SERVER_MAC	  "02:00:00:00:00:03"
#define SERVER_ROUTER_MAC "02:00:00:00:00:04"

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

static int new_ns(void)
{
	int fd;

	if (unshare(CLONE_NEWNET))
		fail_errno("making a network namespace (this takes root)");
	fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_errno("opening /proc/thread-self/ns/net");
	return fd;
}

void net_enter(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		fail_errno("entering a network namespace");
}

/* An end host: one address, one neighbour, who answers to no one. */
static void set_up_end(int ns, const char *address, const char *router, const char *router_mac)
{
	net_enter(ns);
	ip("link set lo up");
	ip("address add %s/24 dev eth", address);
	ip("link set eth up");
	ip("neighbour replace %s lladdr %s dev eth nud permanent", router, router_mac);
	ip("route add default via %s", router);
}

/* What comes in by this device is worked on by that CPU, whichever sent it: Receive Packet Steering. */
static void steer(const char *device, int cpu)
{
	char path[128], mask[64];
	int fd, len, word;

	snprintf(path, sizeof(path), "/sys/class/net/%s/queues/rx-0/rps_cpus", device);
	len = snprintf(mask, sizeof(mask), "%x", 1U << cpu % 32);
	for (word = cpu / 32; word > 0 && len < 50; word--)
		len += snprintf(mask + len, sizeof(mask) - len, ",00000000");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, mask, len) != len)
		fail_errno("writing \"%s\" to %s", mask, path);
	close(fd);
}

/* sysfs shows the devices of the namespace that it was mounted in. */
static void mount_sysfs(void)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL))
		fail_errno("mounting the router's /sys");
}

static void parse_macs(__u8 *to, const char *theirs, const char *ours)
{
	const char *texts[] = { theirs, ours };
	int i;

	for (i = 0; i < 12; i++)
		to[i] = strtoul(texts[i / 6] + i % 6 * 3, NULL, 16);
}

void net_open(struct net *net, int cpu)
{
	int router;

	net->cpu = cpu;
	net->client_ns = new_ns();
	net->server_ns = new_ns();
	router = new_ns();
	ip("link add client address " CLIENT_ROUTER_MAC
	   " type veth peer name eth address " CLIENT_MAC " netns /proc/%d/fd/%d",
	   getpid(), net->client_ns);
	ip("link add server address " SERVER_ROUTER_MAC
	   " type veth peer name eth address " SERVER_MAC " netns /proc/%d/fd/%d",
	   getpid(), net->server_ns);
	set_up_end(net->client_ns, "198.51.100.2", "198.51.100.1", CLIENT_ROUTER_MAC);
	set_up_end(net->server_ns, "192.0.2.2", "192.0.2.1", SERVER_ROUTER_MAC);
	net_enter(router);
	close(router);
	ip("link set client up");
	ip("link set server up");
	mount_sysfs();
	steer("client", cpu);
	steer("server", cpu);
	net->links[CT_FROM_CLIENT].ifindex = if_nametoindex("client");
	net->links[CT_FROM_SERVER].ifindex = if_nametoindex("server");
	parse_macs(net->links[CT_FROM_CLIENT].macs, CLIENT_MAC, CLIENT_ROUTER_MAC);
	parse_macs(net->links[CT_FROM_SERVER].macs, SERVER_MAC, SERVER_ROUTER_MAC);
}

/* bpf_tc_hook_create() and the like: 0 or a negative errno. */
static void check_tc(int err)
{
	errno = -err;
	if (err)
		fail_errno("attaching a program to the router's device, or detaching it");
}

void net_attach(const struct net *net, int client_prog, int server_prog)
{
	const int progs[] = { client_prog, server_prog };
	int i;

	for (i = 0; i < 2; i++) {
		LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = net->links[i].ifindex,
			    .attach_point = BPF_TC_INGRESS);
		LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = progs[i], .handle = 1, .priority = 1);

		check_tc(bpf_tc_hook_create(&hook));
		check_tc(bpf_tc_attach(&hook, &opts));
	}
}

void net_detach(const struct net *net)
{
	int i;

	for (i = 0; i < 2; i++) {
		LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = net->links[i].ifindex,
			    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

		check_tc(bpf_tc_hook_destroy(&hook)); /* with what is attached */
	}
}
