// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * tracker: attaches the datapath to interfaces, and collects once a second what has expired. The interfaces
 * are let go of when it ends, however that comes.
 */
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf_compare.h>
#include <bpf/libbpf.h>

#include "collect.h"
#include "flow.h"
#include "tracker.skel.h"

#define INTERFACES 16

static const char usage[] =
	"Usage: tracker [-i SECONDS] INTERFACE...\n"
	"\n"
	"Tracks the TCP and UDP connections that come in by these interfaces, and collects\n"
	"those that are over.\n"
	"  -i SECONDS  how long one may be idle, 3 to 86400 (default: 60)\n";

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "tracker: %s: %s\n", what, why);
	return 1;
}

static int attach(struct tracker *skel, char **names, struct bpf_link **links)
{
	for (int i = 0; names[i]; i++) {
		unsigned int index = if_nametoindex(names[i]);

		links[i] = index ? bpf_program__attach_xdp(skel->progs.track, index) : NULL;
		if (!links[i])
			return fail(names[i], strerror(errno));
	}
	return 0;
}

static void print_round(const struct round *round, __u64 untracked)
{
	printf("%llu flows, %llu hosts: %llu pairs, %llu orphans and %llu hosts deleted, "
	       "%llu refreshed meanwhile; %llu packets untracked\n",
	       round->flows, round->hosts, round->pairs, round->orphans, round->gone,
	       round->refreshed, untracked);
	fflush(stdout);
}

/* What passes by itself is left to the next round. */
static int is_fatal(int err)
{
	return err && err != -EAGAIN && err != -ENOMEM && err != -EINTR;
}

static int run(struct tracker *skel, const sigset_t *ends)
{
	const struct timespec second = { .tv_sec = 1 };
	struct collector *collector =
		collector_open(bpf_map__fd(skel->maps.flows), bpf_map__fd(skel->maps.hosts));
	int err = 0;

	if (!collector)
		return fail("collector", strerror(errno));
	while (!is_fatal(err) && sigtimedwait(ends, NULL, &second) < 0) {
		struct round round = {};

		err = collect(collector, &round);
		print_round(&round, skel->bss->untracked);
	}
	if (is_fatal(err))
		fail(strerror(-err), libbpf_compare_reason());
	collector_close(collector);
	return is_fatal(err);
}

static int track(__u64 idle_ns, char **interfaces)
{
	struct bpf_link *links[INTERFACES] = {};
	struct tracker *skel = tracker__open();
	sigset_t ends;
	int failed = 1;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	if (skel)
		skel->rodata->idle_ns = idle_ns;
	if (!skel || tracker__load(skel))
		fail("datapath", strerror(errno));
	else if (!attach(skel, interfaces, links))
		failed = run(skel, &ends);
	for (int i = 0; i < INTERFACES; i++)
		bpf_link__destroy(links[i]);
	tracker__destroy(skel);
	return failed;
}

int main(int argc, char **argv)
{
	long idle = 60;
	int option;

	while ((option = getopt(argc, argv, "i:h")) != -1) {
		if (option == 'h')
			return fputs(usage, stdout) < 0;
		if (option == 'i')
			idle = strtol(optarg, NULL, 10);
		if (option != 'i' || idle < 3 || idle > 86400)
			return fputs(usage, stderr), 2;
	}
	if (optind == argc || argc - optind > INTERFACES)
		return fputs(usage, stderr), 2;
	return track(idle * SECOND, argv + optind);
}
