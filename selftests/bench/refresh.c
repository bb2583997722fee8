// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Times a packet of a known flow in the datapath: with a plain store into the flow's entry, and by
 * bpf_compare.bpf.h, side by side on one map; and flows of one packet, likewise.
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
#include "veth.h"

#define ROUNDS_MAX 11
/* So many in one run, which stays well under a second. */
#define PACKETS_IN_RUN (1 << 17)

static int rounds = ROUNDS_MAX;
static int packets = 1 << 18;

/* One thing to time. Each is divided by the last one before it that is plain. */
struct visit {
	const char *title;
	const char *program;
	int ticks;
	int is_plain;
};

static const struct visit visits[] = {
	{ "look-up alone", "look", 1, 0 },
	{ "look-up and plain store", "store", 1, 1 },
	{ "look-up, bpf_compare_store32()", "future", 1, 0 },
	{ "look-up, ..._store_keyed32()", "future_keyed", 1, 0 },
	{ "look-up, ..._refresh_keyed32()", "refresh_keyed", 1, 0 },
	{ "look-up, ..._refresh_at32()", "refresh_at", 1, 0 },
	{ "bpf_compare_refresh32()", "refresh", 1, 0 },
	{ "the same word, plain store", "store", 0, 1 },
	{ "the same word, bpf_compare_store32()", "future", 0, 0 },
	{ "the same word, ..._store_keyed32()", "future_keyed", 0, 0 },
	{ "the same word, ..._refresh_keyed32()", "refresh_keyed", 0, 0 },
	{ "the same word, ..._refresh_at32()", "refresh_at", 0, 0 },
	{ "the same word, bpf_compare_refresh32()", "refresh", 0, 0 },
	{ "look-up, update, delete", "update_and_delete", 1, 1 },
	{ "..._create32(), ..._delete32()", "create_and_delete", 1, 0 },
};

#define VISITS ((int)(sizeof(visits) / sizeof(visits[0])))

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
	int at_once = packets < PACKETS_IN_RUN ? packets : PACKETS_IN_RUN;
	char packet[64] = {};
	double ns = 0;

	for (int done = 0; done < packets; done += at_once) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet,
			    .data_size_in = sizeof(packet), .repeat = at_once);

		if (bpf_prog_test_run_opts(program_fd, &opts))
			fail_errno("cannot run the program");
		if (opts.retval != 2 /* XDP_PASS */)
			fail("the program answered %u, not XDP_PASS", opts.retval);
		ns += opts.duration;
	}
	return ns * at_once / packets;
}

/* Where packets come from: nowhere, or real ones through a device. */
typedef double (*timer)(int program_fd);

static double time_real_packets(int program_fd)
{
	return veth_time_packets(program_fd, packets / 4);
}

static double time_visit(struct refresh_bpf *skel, const struct visit *visit, timer time_packets)
{
	int fd = bpf_program__fd(bpf_object__find_program_by_name(skel->obj, visit->program));

	skel->data->ticks = visit->ticks;
	if (!visit->ticks) /* so that every entry has that word already */
		time_packets(fd);
	return time_packets(fd);
}

static void measure(struct refresh_bpf *skel, const char *type, __u32 flows, timer timer)
{
	double ns[VISITS][ROUNDS_MAX], ratio[ROUNDS_MAX];
	struct spread spread;
	int plain = 0;

	skel->bss->packets = 0;
	skel->data->flows = flows;
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < VISITS; i++) {
			int visit = (round + i) % VISITS;

			ns[visit][round] = time_visit(skel, &visits[visit], timer);
		}
	printf("\n%s, %-*s %6s %15s %11s %12s\n", type, 36 - (int)strlen(type),
	       flows > 1 ? "packets of 262144 flows in turn" : "packets of one flow", "ns",
	       "quartiles ", "/ plain", "quartiles");
	for (int i = 0; i < VISITS; i++) {
		spread = spread_of(ns[i], rounds);
		printf("%-38s %6.1f %6.1f..%-6.1f", visits[i].title, spread.median, spread.q1,
		       spread.q3);
		if (visits[i].is_plain)
			plain = i;
		if (plain && plain != i) {
			for (int round = 0; round < rounds; round++)
				ratio[round] = ns[i][round] / ns[plain][round];
			spread = spread_of(ratio, rounds);
			printf(" %11.2f %7.2f..%.2f", spread.median, spread.q1, spread.q3);
		}
		putchar('\n');
	}
	fflush(stdout);
}

static void measure_type(enum bpf_map_type type, const char *name)
{
	struct refresh_bpf *skel = refresh_bpf__open();

	if (!skel || bpf_map__set_type(skel->maps.table, type) || refresh_bpf__load(skel))
		fail_errno("cannot load the programs");
	fill(bpf_map__fd(skel->maps.table));
	measure(skel, name, 1, time_packets);
	measure(skel, name, FLOWS_MAX, time_packets);
	refresh_bpf__destroy(skel);
}

/* One after the other come from a socket, through a pair of devices. */
static void measure_real_packets(void)
{
	struct refresh_bpf *skel = refresh_bpf__open_and_load();

	if (!skel)
		fail_errno("cannot load the programs");
	fill(bpf_map__fd(skel->maps.table));
	veth_start();
	rounds = rounds < 5 ? rounds : 5;
	measure(skel, "HASH, veth", 1, time_real_packets);
	measure(skel, "HASH, veth", FLOWS_MAX, time_real_packets);
	refresh_bpf__destroy(skel);
}

static int usage(int status)
{
	fprintf(status ? stderr : stdout,
		"Usage: refresh [--quick]\n"
		"Times what a packet costs a datapath that refreshes its flow's entry, and a flow "
		"that is\n"
		"created and deleted, beside plain stores, updates and deletes. Takes root.\n\n"
		"  --quick  few packets, so that the figures say little\n");
	return status;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--help"))
		return usage(0);
	if (argc > 2 || (argc == 2 && strcmp(argv[1], "--quick")))
		return usage(2);
	if (argc == 2) {
		rounds = 1;
		packets = 1 << 12;
	}
	measure_type(BPF_MAP_TYPE_HASH, "HASH");
	measure_type(BPF_MAP_TYPE_LRU_HASH, "LRU");
	measure_real_packets();
	return 0;
}
