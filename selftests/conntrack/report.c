// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

typedef unsigned long long ull;

void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "conntrack: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	/* Other threads run: no destructors. What there is goes with the process. */
	fflush(NULL);
	_Exit(1);
}

void fail_errno(const char *fmt, ...)
{
	char text[256];
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fail("%s: %s", text, strerror(err));
}

#define FIELD(name, field)                                                                         \
	{                                                                                          \
		name, offsetof(struct result, field)                                               \
	}

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	FIELD("connections", opened),
	FIELD("rounds", rounds),
	FIELD("packets", datapath.packets),
	FIELD("created", datapath.created),
	FIELD("taken_up", datapath.taken_up),
	FIELD("reopened", datapath.reopened),
	FIELD("refreshed", datapath.refreshed),
	FIELD("late", datapath.late),
	FIELD("adopted", datapath.adopted),
	FIELD("removed", datapath.removed),
	FIELD("claimed", datapath.claimed),
	FIELD("stray", datapath.stray),
	FIELD("collections", collected.rounds),
	FIELD("collected", collected.conns),
	FIELD("mappings", collected.mappings),
	FIELD("refused", collected.refused),
	FIELD("broken", datapath.broken),
	FIELD("vanished", datapath.vanished),
	FIELD("failed", failed),
	FIELD("stuck", stuck),
	FIELD("left", left),
	FIELD("evicted", evicted),
	FIELD("errors", datapath.failed),
	FIELD("overlaps", datapath.overlaps),
	FIELD("overlong", datapath.overlong),
};

#define NR_FIELDS (sizeof(fields) / sizeof(fields[0]))

static __u64 value_of(const struct result *r, size_t field)
{
	__u64 value;

	memcpy(&value, (const char *)r + fields[field].offset, sizeof(value));
	return value;
}

void report_json(const struct result *results)
{
	const char *between = "";
	size_t field;
	int i;

	printf("{\"ways\": [");
	for (i = 0; i < nr_collect_ways; i++) {
		if (!results[i].ran)
			continue;
		printf("%s\n  {\"way\": \"%s\", \"seconds\": %.1f", between, collect_ways[i].name,
		       results[i].seconds);
		for (field = 0; field < NR_FIELDS; field++)
			printf(", \"%s\": %lld", fields[field].name,
			       (long long)value_of(&results[i], field));
		printf("}");
		between = ",";
	}
	printf("\n]}\n");
}

void report_table(const struct result *results)
{
	const struct result *r;
	int i;

	printf("%-26s %11s %9s %9s %7s %9s %9s %7s %8s %7s %7s\n", "", "connec-", "", "", "", "",
	       "deleted by", "", "refused,", "", "");
	printf("%-26s %11s %9s %9s %7s %9s %9s %7s %8s %7s %7s\n", "way", "tions", "packets",
	       "refreshed", "late", "collected", "datapath", "claimed", "changed", "broken",
	       "failed");
	for (i = 0; i < nr_collect_ways; i++) {
		r = &results[i];
		if (!r->ran)
			continue;
		printf("%-26s %11llu %9llu %9llu %7llu %9llu %10llu %7llu %8llu %7llu %7llu\n",
		       collect_ways[i].title, (ull)r->opened, (ull)r->datapath.packets,
		       (ull)(r->datapath.refreshed + r->datapath.reopened), (ull)r->datapath.late,
		       (ull)r->collected.conns, (ull)r->datapath.removed, (ull)r->datapath.claimed,
		       (ull)r->collected.refused, (ull)(r->datapath.broken + r->datapath.vanished),
		       (ull)r->failed);
	}
	printf("\n"
	       "Late: packets that found an entry that had expired, and could have been collected\n"
	       "at any moment. Collected: connections, each with its mappings. Claimed: packets\n"
	       "that were dropped as their entry was being deleted. Refused: what the collector\n"
	       "left alone, as it had been refreshed since it was read.\n"
	       "Broken: the datapath had let a packet of the connection pass, with a promise to\n"
	       "know it for so long, and found its entry or its mapping gone within that time.\n"
	       "Failed: connections that the client saw reset, stuck or answered wrongly. Some\n"
	       "break when the client is done with them already.\n");
	for (i = 0; i < nr_collect_ways; i++) {
		r = &results[i];
		if (r->datapath.overlaps || r->datapath.overlong || r->datapath.failed ||
		    r->evicted)
			printf("%s: not exact: %llu runs overlapped, %llu took longer than the "
			       "margin, %llu failed, %lld entries were evicted\n",
			       collect_ways[i].title, (ull)r->datapath.overlaps,
			       (ull)r->datapath.overlong, (ull)r->datapath.failed,
			       (long long)r->evicted);
	}
}
