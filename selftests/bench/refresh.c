// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Times a packet of a known flow in the datapath: with a plain store into the flow's entry, and with
 * a refresh by bpf_compare.bpf.h, side by side on one map.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "fail.h"
#include "refresh.h"
#include "refresh.skel.h"
#include "stats.h"

#define ROUNDS	11
#define PACKETS (1 << 18)
/* So many in one run, which stays well under a second. */
#define PACKETS_IN_RUN (1 << 17)

enum {
	LOOK,
	STORE,
	REFRESH,
	PROGRAMS
};

static const char *const titles[PROGRAMS] = {
	[LOOK] = "look-up alone",
	[STORE] = "look-up and plain store",
	[REFRESH] = "bpf_compare_refresh32()",
};

static void fill(int fd)
{
	struct flow_key key = {};
	struct flow flow = {};

	for (; key.number < FLOWS_MAX; key.number++)
		if (bpf_map_update_elem(fd, &key, &flow, BPF_NOEXIST))
			fail_errno("cannot fill the map");
}

/* In ns a packet. */
static double time_packets(int program_fd)
{
	char packet[64] = {};
	double ns = 0;

	for (int done = 0; done < PACKETS; done += PACKETS_IN_RUN) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet,
			    .data_size_in = sizeof(packet), .repeat = PACKETS_IN_RUN);

		if (bpf_prog_test_run_opts(program_fd, &opts))
			fail_errno("cannot run the program");
		if (opts.retval != 2 /* XDP_PASS */)
			fail("the program answered %u, not XDP_PASS", opts.retval);
		ns += opts.duration;
	}
	return ns * PACKETS_IN_RUN / PACKETS;
}

static void measure(struct refresh_bpf *skel, const int *program_fds, __u32 flows)
{
	double ns[PROGRAMS][ROUNDS], more[ROUNDS], ratio[ROUNDS];
	struct spread spread;

	skel->bss->packets = 0;
	skel->data->flows = flows;
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < PROGRAMS; i++) {
			int program = (round + i) % PROGRAMS;

			ns[program][round] = time_packets(program_fds[program]);
		}
		more[round] = ns[REFRESH][round] - ns[STORE][round];
		ratio[round] = ns[REFRESH][round] / ns[STORE][round];
	}
	printf("\n%-38s %8s %16s\n",
	       flows > 1 ? "a packet of one of 262144 flows" : "a packet of one flow", "ns",
	       "quartiles ");
	for (int i = 0; i < PROGRAMS; i++) {
		spread = spread_of(ns[i], ROUNDS);
		printf("%-38s %8.1f %8.1f..%-6.1f\n", titles[i], spread.median, spread.q1,
		       spread.q3);
	}
	spread = spread_of(more, ROUNDS);
	printf("%-38s %8.1f %8.1f..%-6.1f\n", "refresh - store", spread.median, spread.q1,
	       spread.q3);
	spread = spread_of(ratio, ROUNDS);
	printf("%-38s %8.2f %8.2f..%-6.2f\n", "refresh / store", spread.median, spread.q1,
	       spread.q3);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct refresh_bpf *skel;
	int fds[PROGRAMS];

	if (argc > 1) {
		fprintf(strcmp(argv[1], "--help") ? stderr : stdout,
			"Usage: refresh\n"
			"Times what a packet costs a datapath that refreshes its flow's entry. "
			"Takes root.\n");
		return strcmp(argv[1], "--help") ? 2 : 0;
	}
	skel = refresh_bpf__open_and_load();
	if (!skel)
		fail_errno("cannot load the programs");
	fds[LOOK] = bpf_program__fd(skel->progs.look);
	fds[STORE] = bpf_program__fd(skel->progs.store);
	fds[REFRESH] = bpf_program__fd(skel->progs.refresh);
	fill(bpf_map__fd(skel->maps.table));
	measure(skel, fds, 1);
	measure(skel, fds, FLOWS_MAX);
	refresh_bpf__destroy(skel);
	return 0;
}
