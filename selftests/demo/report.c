// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "collect.h"
#include "report.h"

typedef unsigned long long ull;

static bool line_is_open; /* the progress line has no end yet */

static void complain(const char *fmt, va_list ap)
{
	report_way_done();
	fprintf(stderr, "demo: ");
	vfprintf(stderr, fmt, ap);
}

void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	exit(1);
}

void fail_errno(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(err));
	exit(1);
}

/* Of flow and mapping one was gone, and the other was there. */
static __u64 torn(const struct demo_counters *c)
{
	return c->unmapped + c->broken_mapped;
}

void report_progress(int way, __u64 sent, __u64 packets, const struct result *so_far)
{
	static int announced = -1;

	if (isatty(STDERR_FILENO)) {
		fprintf(stderr,
			"\r[%d/%d] %s: %llu%% sent, %llu deleted, %llu broken, %llu torn\033[K",
			way + 1, nr_collect_ways, collect_ways[way].title,
			(ull)(sent * 100 / packets), (ull)so_far->deleted,
			(ull)so_far->datapath.broken, (ull)torn(&so_far->datapath));
		line_is_open = true;
	} else if (announced != way) {
		fprintf(stderr, "[%d/%d] %s\n", way + 1, nr_collect_ways, collect_ways[way].title);
		announced = way;
	}
}

void report_way_done(void)
{
	if (line_is_open)
		fprintf(stderr, "\n");
	line_is_open = false;
}

static __u64 seen(const struct demo_counters *c)
{
	return c->created + c->refreshed + c->broken + c->unmapped + c->timed_out + c->stray;
}

void report_table(const struct result *results, const struct flow_plan *plan)
{
	const struct result *r;
	int i;

	printf("%u flows, %zu packets each way. Each flow has a NAT mapping in another map.\n"
	       "A quarter of the flows go quiet until just before their timeout and then send\n"
	       "again, a quarter are opened again just after it.\n\n",
	       plan->nr_flows, plan->nr_events);
	printf("%-24s %10s %8s %10s %10s %10s %10s\n", "", "entries", "", "skipped as",
	       "live flows", "live flows", "collecting");
	printf("%-24s %10s %8s %10s %10s %10s %10s\n", "way to delete", "scanned", "deleted",
	       "refreshed", "broken", "torn", "ms");
	for (i = 0; i < nr_collect_ways; i++) {
		r = &results[i];
		if (!r->ran)
			continue;
		printf("%-24s %10llu %8llu %10llu %10llu %10llu %10.1f\n", collect_ways[i].title,
		       (ull)r->scanned, (ull)r->deleted, (ull)r->skipped, (ull)r->datapath.broken,
		       (ull)torn(&r->datapath), (double)r->collecting_ns / NS_PER_MSEC);
	}

	printf("\nBroken: the datapath accepted a packet of the flow, promised to know it for\n"
	       "%llu ms more, and found its entry gone when the next one came within that time.\n",
	       (ull)(DEMO_TIMEOUT_NS / NS_PER_MSEC));
	if (results[0].ran)
		printf("Of the flows that the first way broke, %llu had never sent a packet too "
		       "late.\n",
		       (ull)results[0].datapath.broken_in_time);
	printf("Torn: of the flow's entry and its mapping one was gone, and the other was there.\n"
	       "A flow that is opened again after its entry was deleted, but before its mapping\n"
	       "is, finds that and then loses it. The first three ways delete the two apart, the\n"
	       "third one with a batch in between; linked, they go in one run of a program.\n"
	       "Reading again and comparing, linked or not, leave a narrow window between look\n"
	       "and delete, which a datapath that refreshes in place can still hit: 0 means that\n"
	       "no packet of this run did. With claims, and the datapath's half of them, there\n"
	       "is no such window: 0 is what it has to be.\n"
	       "Collecting: the time that all collections took. All ways but the last two read "
	       "the\n"
	       "whole map in batches. A sweep judges entries inside the kernel; of pairs it "
	       "judges\n"
	       "one half alone, so here it only finds the flows that have expired, and a linked\n"
	       "batch deletes them, as in the way before. In an arena a flow and its mapping are\n"
	       "one entry, which one exchange refreshes or deletes, so that 0 is what it has to\n"
	       "be, too; the collector goes through the memory itself, twice as many slots as\n"
	       "there are flows.\n");

	for (i = 0; i < nr_collect_ways; i++) {
		r = &results[i];
		if (r->ran && seen(&r->datapath) != plan->nr_events)
			printf("%s: %llu packets were lost on the way to the datapath.\n",
			       collect_ways[i].title, (ull)(plan->nr_events - seen(&r->datapath)));
	}
}

void report_json(const struct result *results, const struct flow_plan *plan, __u64 seed)
{
	const char *between = "";
	int i;

	printf("{\n  \"seed\": %llu,\n  \"flows\": %u,\n  \"packets\": %zu,\n  \"ways\": [",
	       (ull)seed, plan->nr_flows, plan->nr_events);
	for (i = 0; i < nr_collect_ways; i++) {
		const struct demo_counters *d = &results[i].datapath;
		const struct result *r = &results[i];

		if (!r->ran)
			continue;
		printf("%s\n    {\"way\": \"%s\", \"scanned\": %llu, \"deleted\": %llu, "
		       "\"skipped\": %llu, \"broken\": %llu, \"broken_in_time\": %llu, "
		       "\"unmapped\": %llu, \"torn\": %llu, "
		       "\"collecting_ns\": %llu, \"created\": %llu, \"refreshed\": %llu, "
		       "\"timed_out\": %llu, \"stray\": %llu, \"lost\": %llu}",
		       between, collect_ways[i].name, (ull)r->scanned, (ull)r->deleted,
		       (ull)r->skipped, (ull)d->broken, (ull)d->broken_in_time, (ull)d->unmapped,
		       (ull)torn(d), (ull)r->collecting_ns, (ull)d->created, (ull)d->refreshed,
		       (ull)d->timed_out, (ull)d->stray, (ull)(plan->nr_events - seen(d)));
		between = ",";
	}
	printf("\n  ]\n}\n");
}

void report_external(const struct result *result, const struct flow_plan *plan)
{
	const struct demo_counters *d = &result->datapath;

	printf("flows %u created %llu left %u broken %llu broken_in_time %llu lost %llu\n",
	       plan->nr_flows, (ull)d->created, result->left, (ull)d->broken,
	       (ull)d->broken_in_time, (ull)(plan->nr_events - seen(d)));
}
