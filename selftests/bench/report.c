// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <math.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <bpf/bpf_compare.h>

#include "ratio.h"
#include "report.h"
#include "stats.h"

static void print_config(const struct config *config)
{
	printf("\n%s: %s, %u entries%s, keys of %u bytes, values of %u,\n"
	       "a region of %u bytes at %u, %u %% refreshed, %u thread%s\n\n",
	       config->name, config_map_type(config), config->entries,
	       config->map_flags ? ", not pre-allocated" : "", config->key_size, VALUE_SIZE,
	       config->region_size, config->region_offset, config->refreshed, config->threads,
	       config->threads > 1 ? "s" : "");
}

static void print_series(const struct result *result, const struct series *series)
{
	struct spread cpu = spread_of(series->cpu, result->rounds);
	struct spread wall = spread_of(series->wall, result->rounds);
	char title[64];

	if (result->config->threads > 1)
		snprintf(title, sizeof(title), "%s, %u thread%s", series->way->title,
			 series->threads, series->threads > 1 ? "s" : "");
	else
		snprintf(title, sizeof(title), "%s", series->way->title);
	printf("%-38s %8.0f %8.0f..%-6.0f %8.0f %9u %9u  %s\n", title, cpu.median, cpu.q1, cpu.q3,
	       wall.median, series->deleted, series->skipped,
	       series->way->regards ? "" : "regardless");
}

static void print_head(const char *what)
{
	printf("%-38s %8s %16s %8s %9s %9s\n", what, "ns/entry", "quartiles ", "by wall", "deleted",
	       "skipped");
}

static void print_times(const struct result *result)
{
	bool collections = false;

	print_head("to delete what was read");
	for (const struct series *s = result->series; s < result->series + result->nr_series; s++) {
		if (s->way->collects && !collections) {
			print_head("to read in batches, decide, and delete");
			collections = true;
		}
		print_series(result, s);
	}
}

static void print_ratios(const struct result *result)
{
	struct ratio_value value;

	printf("%-38s %8s %16s %8s %9s\n", "ratio of times", "median", "quartiles ", "by wall",
	       "wanted");
	for (const struct ratio *ratio = ratios; ratio < ratios + nr_ratios; ratio++) {
		if (!ratio_of(ratio, result, &value))
			continue;
		printf("%-38s %8.2f %8.2f..%-6.2f %8.2f %9s\n", ratio->title, value.cpu.median,
		       value.cpu.q1, value.cpu.q3, value.wall.median,
		       ratio->wanted && result->config->entries >= 1 << 18 ? ratio->wanted : "");
	}
}

void report_table(const struct result *result)
{
	print_config(result->config);
	print_times(result);
	printf("\n");
	print_ratios(result);
	fflush(stdout);
}

/* JSON has no infinity, which a ratio is where the clock saw no time pass. */
static void json_number(FILE *out, const char *name, double number, const char *after)
{
	if (isfinite(number))
		fprintf(out, "\"%s\": %.4g%s", name, number, after);
	else
		fprintf(out, "\"%s\": null%s", name, after);
}

static void json_spread(FILE *out, const char *name, const struct spread *spread)
{
	fprintf(out, "\"%s\": {", name);
	json_number(out, "min", spread->min, ", ");
	json_number(out, "q1", spread->q1, ", ");
	json_number(out, "median", spread->median, ", ");
	json_number(out, "q3", spread->q3, ", ");
	json_number(out, "max", spread->max, "}");
}

static void json_samples(FILE *out, const char *name, const double *numbers, int count)
{
	fprintf(out, "\"%s\": [", name);
	for (int i = 0; i < count; i++)
		fprintf(out, "%s%.1f", i ? ", " : "", numbers[i]);
	fprintf(out, "]");
}

static void json_series(FILE *out, const struct result *result, const struct series *series)
{
	struct spread cpu = spread_of(series->cpu, result->rounds);
	struct spread wall = spread_of(series->wall, result->rounds);

	fprintf(out, "        {\"way\": \"%s\", \"title\": \"%s\", \"threads\": %u, ",
		series->way->name, series->way->title, series->threads);
	fprintf(out,
		"\"collects\": %s, \"regards_refreshed\": %s, \"deleted\": %u, "
		"\"skipped\": %u, ",
		series->way->collects ? "true" : "false", series->way->regards ? "true" : "false",
		series->deleted, series->skipped);
	json_spread(out, "cpu_ns", &cpu);
	fprintf(out, ", ");
	json_spread(out, "wall_ns", &wall);
	fprintf(out, ", ");
	json_samples(out, "cpu_ns_rounds", series->cpu, result->rounds);
	fprintf(out, ", ");
	json_samples(out, "wall_ns_rounds", series->wall, result->rounds);
	fprintf(out, "}");
}

static void json_ratios(FILE *out, const struct result *result)
{
	struct ratio_value value;
	bool first = true;

	for (const struct ratio *ratio = ratios; ratio < ratios + nr_ratios; ratio++) {
		if (!ratio_of(ratio, result, &value))
			continue;
		fprintf(out, "%s\n        {\"ratio\": \"%s\", \"title\": \"%s\", ",
			first ? "" : ",", ratio->name, ratio->title);
		if (ratio->wanted)
			fprintf(out, "\"wanted\": \"%s\", ", ratio->wanted);
		json_spread(out, "cpu", &value.cpu);
		fprintf(out, ", ");
		json_spread(out, "wall", &value.wall);
		fprintf(out, "}");
		first = false;
	}
}

static void json_result(FILE *out, const struct result *result)
{
	const struct config *config = result->config;

	fprintf(out,
		"    {\"config\": \"%s\", \"title\": \"%s\", \"entries\": %u, \"map_type\": "
		"\"%s\", "
		"\"map_flags\": %u, \"key_size\": %u, \"value_size\": %u, \"region_offset\": %u, "
		"\"region_size\": %u, \"refreshed_percent\": %u, \"threads\": %u, \"rounds\": "
		"%d,\n",
		config->name, config->title, config->entries, config_map_type(config),
		config->map_flags, config->key_size, VALUE_SIZE, config->region_offset,
		config->region_size, config->refreshed, config->threads, result->rounds);
	fprintf(out, "      \"ways\": [\n");
	for (int i = 0; i < result->nr_series; i++) {
		json_series(out, result, &result->series[i]);
		fprintf(out, "%s\n", i + 1 < result->nr_series ? "," : "");
	}
	fprintf(out, "      ],\n      \"ratios\": [");
	json_ratios(out, result);
	fprintf(out, "\n      ]}");
}

/* A way, a ratio, a configuration: a line each, so that awk can read it too. */
void report_json(FILE *out, const struct result *results, int nr_results, bool quick)
{
	struct utsname system = {};

	uname(&system);
	fprintf(out,
		"{\n  \"version\": \"%s\", \"kernel\": \"%s\", \"machine\": \"%s\", \"cpus\": %ld, "
		"\"quick\": %s,\n  \"configs\": [\n",
		libbpf_compare_version_string(), system.release, system.machine,
		sysconf(_SC_NPROCESSORS_ONLN), quick ? "true" : "false");
	for (int i = 0; i < nr_results; i++) {
		json_result(out, &results[i]);
		fprintf(out, "%s\n", i + 1 < nr_results ? "," : "");
	}
	fprintf(out, "  ]\n}\n");
}
