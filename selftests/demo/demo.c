// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Shows what the race between a garbage collector and a datapath costs, on real
 * packets. For each way to delete the same traffic runs against fresh maps: one
 * thread sends it, another collects, this one watches.
 *
 * Nothing has to be cleaned up: namespaces, devices, maps and programs live as
 * long as this process holds them, so that they go however it ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "clock.h"
#include "collect.h"
#include "datapath.h"
#include "external.h"
#include "flows.h"
#include "net.h"
#include "report.h"

struct options {
	__u64 seed;
	bool json;
	bool quick;
	const char *how;       /* of the ways those alone; or NULL */
	const char *collector; /* a command, instead of our own ways */
};

/* One way to delete, while it runs. */
struct run {
	const struct collect_way *way;
	const struct flow_plan *plan;
	struct datapath datapath;
	int socket;
	atomic_ullong sent;
	atomic_ullong traffic_end; /* when; 0 = not yet */
	atomic_bool done;
	struct collect_counters counters;
};

static const char usage[] =
	"Usage: demo [--json] [--quick] [--seed N] [--collect HOW] [--collector COMMAND]\n"
	"Sends short flows through an XDP program that tracks connections in a BPF map,\n"
	"and a NAT mapping for each in another, while a collector deletes the expired ones:\n"
	"by key alone, by reading again first, by compare-and-delete, by that of flow and\n"
	"mapping together, and by that with claims: of what it reads in batches, and of what\n"
	"a sweep inside the kernel finds; and flows in an arena, where the kernel has those.\n"
	"Reports for each way how many live flows it broke, and how many it left with one\n"
	"of the two, and how long its collections took. Takes root.\n"
	"\n"
	"  --json    the result for programs\n"
	"  --quick   a third of the traffic\n"
	"  --seed N  another traffic pattern (default 1)\n"
	"  --collect batch, --collect sweep, --collect arena\n"
	"            of the ways those alone that read in batches, that sweep, or that one\n"
	"  --collector COMMAND\n"
	"            COMMAND collects, with the path of the pinned map as its last argument,\n"
	"            from a datapath that keeps to the protocol for claims, which are 1\n"
	"            to 16; the result is one line\n"
	"  --help    this text\n";

static void parse_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "quick", no_argument, NULL, 'q' },
		{ "seed", required_argument, NULL, 's' },
		{ "collect", required_argument, NULL, 'w' },
		{ "collector", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'j':
			options->json = true;
			break;
		case 'q':
			options->quick = true;
			break;
		case 's':
			errno = 0;
			options->seed = strtoull(optarg, &end, 10);
			if (errno || end == optarg || *end)
				fail("--seed takes a number, not \"%s\"", optarg);
			break;
		case 'w':
			options->how = optarg;
			if (strcmp(optarg, "batch") && strcmp(optarg, "sweep") &&
			    strcmp(optarg, "arena"))
				fail("--collect takes batch, sweep or arena, not \"%s\"", optarg);
			break;
		case 'c':
			options->collector = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (optind < argc)
		fail("unexpected argument \"%s\"", argv[optind]);
}

/*
 * Generator and collector each get a CPU where there are two: the datapath runs
 * on the one that sends, and a collector that shared it would race only where
 * it is preempted.
 */
static void take_cpu(int nth)
{
	cpu_set_t allowed, mine;
	int cpu;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) || CPU_COUNT(&allowed) < 2)
		return;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &allowed) && nth-- == 0)
			break;
	}
	CPU_ZERO(&mine);
	CPU_SET(cpu, &mine);
	sched_setaffinity(0, sizeof(mine), &mine);
}

static void *generator(void *arg)
{
	struct run *run = arg;

	take_cpu(0);
	prctl(PR_SET_TIMERSLACK, 1UL); /* the default, 50 us, is much against 1 ms */
	flows_send(run->plan, run->socket, &run->sent);
	run->traffic_end = clock_now();
	return NULL;
}

static void *collector(void *arg)
{
	struct run *run = arg;

	take_cpu(1);
	collect(run->way, &run->datapath.maps, &run->traffic_end, &run->counters);
	run->done = true;
	return NULL;
}

static void start_thread(pthread_t *thread, void *(*body)(void *), struct run *run)
{
	errno = pthread_create(thread, NULL, body, run);
	if (errno)
		fail_errno("starting a thread");
}

static void take_result(struct run *run, struct result *result)
{
	result->ran = true;
	result->scanned = run->counters.scanned;
	result->deleted = run->counters.deleted;
	result->skipped = run->counters.skipped;
	result->collecting_ns = run->counters.collecting_ns;
	result->datapath = *(const volatile struct demo_counters *)run->datapath.counters;
}

/* Expired, read, and deleted once each: nothing is left, nothing counted twice. */
static void check_end(const struct run *run, const struct result *result)
{
	struct conn_key key;

	if (result->deleted != result->datapath.created)
		fail("%s: %llu entries were created, but %llu deleted", run->way->title,
		     (unsigned long long)result->datapath.created,
		     (unsigned long long)result->deleted);
	if (!run->way->in_arena &&
	    bpf_map_get_next_key(run->datapath.maps.mappings, NULL, &key) != -ENOENT)
		fail("%s: a mapping is left that has no flow", run->way->title);
}

static void run_way(int nr, const struct flow_plan *plan, const struct net *net,
		    struct result *result)
{
	struct run run = {
		.way = &collect_ways[nr],
		.plan = plan,
		.socket = net->client_socket,
	};
	pthread_t generating, collecting;

	datapath_load(&run.datapath, run.way, plan->nr_flows, net->server_ifindex);
	start_thread(&generating, generator, &run);
	start_thread(&collecting, collector, &run);
	do {
		usleep(100000);
		take_result(&run, result);
		report_progress(nr, run.sent, plan->nr_events, result);
	} while (!run.done);
	pthread_join(generating, NULL);
	pthread_join(collecting, NULL);
	report_way_done();

	take_result(&run, result);
	check_end(&run, result);
	datapath_unload(&run.datapath);
}

static void run_external(const char *command, const struct flow_plan *plan, const struct net *net)
{
	static const struct collect_way with_claims = { .claims = true };
	struct run run = {
		.plan = plan,
		.socket = net->client_socket,
	};
	struct result result = {};
	pthread_t generating;
	pid_t pid;
	int map;

	datapath_load(&run.datapath, &with_claims, plan->nr_flows, net->server_ifindex);
	map = run.datapath.maps.conns;
	pid = external_start(command, map);
	start_thread(&generating, generator, &run);
	do {
		usleep(100000);
		external_check(pid);
	} while (!run.traffic_end);
	pthread_join(generating, NULL);
	result.left = external_finish(pid, map);
	take_result(&run, &result);
	report_external(&result, plan);
	datapath_unload(&run.datapath);
}

int main(int argc, char **argv)
{
	struct options options = { .seed = 1 };
	struct result *results = calloc(nr_collect_ways, sizeof(*results));
	struct flow_plan plan;
	struct net net;
	int i;

	if (!results)
		fail_errno("allocating the results");
	parse_options(&options, argc, argv);
	if (options.quick)
		flows_plan(&plan, options.seed, 30000, 3 * NS_PER_SEC / 2);
	else
		flows_plan(&plan, options.seed, 90000, 9 * NS_PER_SEC / 2);
	net_open(&net);

	for (i = 0; i < nr_collect_ways && !options.collector; i++)
		if ((!options.how || !strcmp(collect_ways[i].how, options.how)) &&
		    datapath_is_there(&collect_ways[i]))
			run_way(i, &plan, &net, &results[i]);

	if (options.collector)
		run_external(options.collector, &plan, &net);
	else if (options.json)
		report_json(results, &plan, options.seed);
	else
		report_table(results, &plan);
	close(net.client_socket);
	flows_free(&plan);
	free(results);
	return 0;
}
