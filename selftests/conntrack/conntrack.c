// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A connection tracker with NAT, real TCP connections through it, and a collector that deletes from its
 * maps meanwhile, by each way in turn. Who breaks what is told by the datapath, see conntrack.bpf.c.
 *
 * Nothing has to be cleaned up: all that is made lives as long as this process, however it ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>

#include "clock.h"
#include "collect.h"
#include "conntrack.skel.h"
#include "report.h"
#include "traffic.h"

#define MAX_CONNECTIONS 10000

struct options {
	unsigned long seconds;
	unsigned long connections;
	unsigned long window_us;
	unsigned long seed;
	const char *way;
	bool interrupt;
	bool json;
};

static const char usage[] =
	"Usage: conntrack [--seconds N] [--way WAY] [--connections N] [--window US] [--interrupt]\n"
	"                 [--seed N] [--json]\n"
	"Sends TCP connections through a datapath that tracks and masquerades them, while a\n"
	"collector deletes what has expired from its maps. Reports how many connections were\n"
	"broken by that. Takes root.\n"
	"\n"
	"  --seconds N      how long each way runs (default 10)\n"
	"  --way WAY        one way alone:\n"
	"                   plain     stores, updates and deletes as datapaths have them; the\n"
	"                             collector reads by batches and deletes by key\n"
	"                   compare   the collector deletes by compare, with linked mappings\n"
	"                   protocol  the same with claims, and sweeps; the datapath keeps to\n"
	"                             the protocol for words that lie in the future\n"
	"  --connections N  at one time (default 600)\n"
	"  --window US      microseconds between the collector's reads and its deletes\n"
	"                   (default 2000)\n"
	"  --interrupt      the datapath works on the collector's CPU and interrupts it, in place\n"
	"                   of working beside it on another\n"
	"  --seed N         another traffic pattern (default 1)\n"
	"  --json           the result for programs\n"
	"  --help           this text\n";

static unsigned long number(const char *name, const char *text, unsigned long min,
			    unsigned long max)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value < min || value > max)
		fail("--%s takes a number from %lu to %lu, not \"%s\"", name, min, max, text);
	return value;
}

static void parse_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "way", required_argument, NULL, 'w' },
		{ "connections", required_argument, NULL, 'c' },
		{ "window", required_argument, NULL, 'u' },
		{ "seed", required_argument, NULL, 'r' },
		{ "interrupt", no_argument, NULL, 'i' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	int c, i;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 's':
			options->seconds = number("seconds", optarg, 1, 86400);
			break;
		case 'w':
			options->way = optarg;
			break;
		case 'c':
			options->connections = number("connections", optarg, 1, MAX_CONNECTIONS);
			break;
		case 'u':
			options->window_us = number("window", optarg, 0, 900000);
			break;
		case 'r':
			options->seed = number("seed", optarg, 0, -1UL);
			break;
		case 'i':
			options->interrupt = true;
			break;
		case 'j':
			options->json = true;
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
	for (i = 0; options->way && i < nr_collect_ways; i++)
		if (!strcmp(options->way, collect_ways[i].name))
			return;
	if (options->way)
		fail("--way takes plain, compare or protocol, not \"%s\"", options->way);
}

/* One way, while it runs. */
struct run {
	const struct collect_way *way;
	const struct options *options;
	struct traffic traffic;
	struct conntrack_bpf *skel;
	struct collect_maps maps;
	atomic_bool stop_collecting;
	struct collected collected;
};

/* The nth that this process may use, or the last one. */
static int nth_cpu(int nth)
{
	cpu_set_t allowed;
	int cpu, found = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		fail_errno("asking which CPUs there are");
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		found = cpu;
		if (nth-- == 0)
			break;
	}
	return found;
}

/* Before others, where that may be: who waits for a turn, as beside load, meets nobody. */
static void take_cpu(int cpu)
{
	const struct sched_param first = { .sched_priority = 1 };
	cpu_set_t mine;

	CPU_ZERO(&mine);
	CPU_SET(cpu, &mine);
	sched_setaffinity(0, sizeof(mine), &mine);
	sched_setscheduler(0, SCHED_FIFO, &first);
}

static void *collector(void *arg)
{
	struct run *run = arg;

	take_cpu(nth_cpu(1));
	collect(run->way, &run->maps, run->options->window_us * 1000, &run->stop_collecting,
		&run->traffic.moment, &run->collected);
	return NULL;
}

static void *client(void *arg)
{
	struct run *run = arg;

	take_cpu(nth_cpu(0));
	return traffic_client(&run->traffic);
}

static void *server(void *arg)
{
	struct run *run = arg;

	take_cpu(nth_cpu(0));
	return traffic_server(&run->traffic);
}

static void start_thread(pthread_t *thread, void *(*body)(void *), struct run *run)
{
	errno = pthread_create(thread, NULL, body, run);
	if (errno)
		fail_errno("starting a thread");
}

static struct conntrack_bpf *load_datapath(const struct collect_way *way, const struct net *net)
{
	struct conntrack_bpf *skel = conntrack_bpf__open();

	if (!skel)
		fail_errno("opening the datapath's programs");
	skel->rodata->by_protocol = way->by_protocol;
	memcpy((void *)skel->rodata->links, net->links, sizeof(net->links));
	if (conntrack_bpf__load(skel))
		fail_errno("loading the datapath's programs (this takes root)");
	net_attach(net, bpf_program__fd(skel->progs.track_client),
		   bpf_program__fd(skel->progs.track_server));
	return skel;
}

static __u64 count_entries(int map)
{
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .flags = BPF_MAP_SWEEP_COUNT | BPF_MAP_SWEEP_ALL);

	if (bpf_map_sweep(map, NULL, 0, &opts))
		fail_errno("counting what is left");
	bpf_map_compare_release(map);
	return opts.matched;
}

static void take_result(struct run *run, struct result *result)
{
	const struct traffic *traffic = &run->traffic;

	result->ran = true;
	result->opened = traffic->opened;
	result->rounds = traffic->rounds;
	result->stuck = traffic->stuck;
	result->failed = traffic->reset + traffic->stuck + traffic->wrong;
	result->collected = run->collected;
	result->datapath = *(volatile struct ct_counters *)&run->skel->bss->counters;
	result->left = count_entries(run->maps.conns);
	result->evicted = result->datapath.created + result->datapath.taken_up -
			  result->datapath.removed - result->collected.conns - result->left;
}

static void run_way(int nr, const struct options *options, const struct net *net,
		    struct result *result)
{
	struct run run = {
		.way = &collect_ways[nr],
		.options = options,
		.traffic = { .net = net, .slots = options->connections, .seed = options->seed },
		.skel = load_datapath(&collect_ways[nr], net),
	};
	pthread_t collecting, sending, serving;
	__u64 start = clock_now();

	fprintf(stderr, "[%d/%d] %s\n", nr + 1, nr_collect_ways, run.way->title);
	run.maps.conns = bpf_map__fd(run.skel->maps.conns);
	run.maps.nat = bpf_map__fd(run.skel->maps.nat);
	start_thread(&serving, server, &run);
	while (!run.traffic.serving)
		usleep(1000);
	start_thread(&collecting, collector, &run);
	start_thread(&sending, client, &run);
	sleep(options->seconds);
	run.traffic.stop = true;
	pthread_join(sending, NULL);
	run.stop_collecting = true;
	pthread_join(collecting, NULL);
	run.traffic.quit = true;
	pthread_join(serving, NULL);
	net_detach(net);
	result->seconds = (clock_now() - start) / 1e9;
	take_result(&run, result);
	conntrack_bpf__destroy(run.skel);
}

/* Both ends of each connection are here, the server's for a while longer. */
static void allow_sockets(const struct options *options)
{
	rlim_t wanted = 3 * options->connections + 100;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		fail_errno("asking for the limit of file descriptors");
	if (limit.rlim_max < wanted)
		fail("%lu connections take %lu file descriptors, and the limit is %lu",
		     options->connections, wanted, limit.rlim_max);
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		fail_errno("raising the limit of file descriptors");
}

int main(int argc, char **argv)
{
	struct options options = {
		.seconds = 10, .connections = 600, .window_us = 2000, .seed = 1
	};
	struct result *results = calloc(nr_collect_ways, sizeof(*results));
	struct net net;
	int i;

	if (!results)
		fail_errno("making room for the results");
	parse_options(&options, argc, argv);
	allow_sockets(&options);
	net_open(&net, nth_cpu(options.interrupt));
	for (i = 0; i < nr_collect_ways; i++)
		if (!options.way || !strcmp(options.way, collect_ways[i].name))
			run_way(i, &options, &net, &results[i]);
	if (options.json)
		report_json(results);
	else
		report_table(results);
	free(results);
	return 0;
}
