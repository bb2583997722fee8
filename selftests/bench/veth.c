// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#define _GNU_SOURCE /* unshare(), sendmmsg() */
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "fail.h"
#include "veth.h"

/* The addresses are left out that the kernel would send packets for. */
#define SET_UP                                                                                     \
	"ip link add packets type veth peer name datapath && "                                     \
	"ip link set packets addrgenmode none && ip link set datapath addrgenmode none && "        \
	"ip link set packets arp off up && ip link set datapath arp off up"

#define FRAMES_AT_ONCE 64

static int out, datapath;

void veth_start(void)
{
	struct sockaddr_ll device = { .sll_family = AF_PACKET };

	if (unshare(CLONE_NEWNET))
		fail_errno("cannot have a network namespace");
	if (system(SET_UP))
		fail("cannot set up a pair of veth devices by ip");
	datapath = if_nametoindex("datapath");
	device.sll_ifindex = if_nametoindex("packets");
	out = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (out < 0 || bind(out, (struct sockaddr *)&device, sizeof(device)))
		fail_errno("cannot open a packet socket");
	/* For as long as this process lives. */
	if (bpf_enable_stats(BPF_STATS_RUN_TIME) < 0)
		fail_errno("the kernel does not time programs");
}

static struct bpf_prog_info info_of(int program_fd)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program_fd, &info, &size))
		fail_errno("cannot ask about a program");
	return info;
}

static void send_frames(void)
{
	static char frame[64];
	static struct iovec bytes = { frame, sizeof(frame) };
	struct mmsghdr frames[FRAMES_AT_ONCE] = {};

	for (int i = 0; i < FRAMES_AT_ONCE; i++)
		frames[i].msg_hdr = (struct msghdr){ .msg_iov = &bytes, .msg_iovlen = 1 };
	if (sendmmsg(out, frames, FRAMES_AT_ONCE, 0) < 0)
		fail_errno("cannot send packets");
}

double veth_time_packets(int program_fd, int packets)
{
	struct bpf_prog_info before, after;

	if (bpf_xdp_attach(datapath, program_fd, XDP_FLAGS_DRV_MODE, NULL))
		fail_errno("cannot attach a program to a veth device");
	before = info_of(program_fd);
	do {
		send_frames();
		after = info_of(program_fd);
	} while (after.run_cnt - before.run_cnt < (__u64)packets);
	return (double)(after.run_time_ns - before.run_time_ns) / (after.run_cnt - before.run_cnt);
}
