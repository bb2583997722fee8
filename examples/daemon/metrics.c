// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What was counted, in Prometheus' text format, for the textfile collector of its node exporter. A file is written beside
 * it and then takes its place, so that nobody reads half of one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf_compare.h>
#include "bpfcmpd.h"

static const struct {
	const char *name, *help;
	size_t offset;
} totals[] = {
	{ "scanned_entries", "Entries that were looked at.", offsetof(struct counters, scanned) },
	{ "matched_entries", "Entries that matched the conditions.",
	  offsetof(struct counters, matched) },
	{ "deleted_entries", "Entries that were deleted.", offsetof(struct counters, deleted) },
	{ "refreshed_entries",
	  "Entries that matched, but not any more when they were to be deleted.",
	  offsetof(struct counters, refreshed) },
};

static void print_head(FILE *file, const char *name, const char *type, const char *help)
{
	fprintf(file, "# HELP bpfcmpd_%s %s\n# TYPE bpfcmpd_%s %s\n", name, help, name, type);
}

static void print_totals(FILE *file, const struct config *config)
{
	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s_total", totals[i].name);
		print_head(file, name, "counter", totals[i].help);
		for (const struct map *map = config->maps; map < config->maps + config->count;
		     map++)
			fprintf(file, "bpfcmpd_%s{map=\"%s\"} %llu\n", name, map->name,
				*(__u64 *)((char *)&map->counters + totals[i].offset));
	}
}

static void print_results(FILE *file, const struct config *config)
{
	print_head(file, "collections_total", "counter",
		   "Collections, by what came of them. Locked: the kernel could not take a lock.");
	for (size_t i = 0; i < config->count; i++)
		for (int result = 0; result < RESULTS; result++)
			fprintf(file, "bpfcmpd_collections_total{map=\"%s\",result=\"%s\"} %llu\n",
				config->maps[i].name, result_names[result],
				config->maps[i].counters.results[result]);
}

static void print_times(FILE *file, const struct config *config)
{
	print_head(file, "collection_duration_seconds", "summary", "How long collections took.");
	for (size_t i = 0; i < config->count; i++) {
		const struct map *map = &config->maps[i];

		fprintf(file, "bpfcmpd_collection_duration_seconds_sum{map=\"%s\"} %.9f\n",
			map->name, map->counters.ns / 1e9);
		fprintf(file, "bpfcmpd_collection_duration_seconds_count{map=\"%s\"} %llu\n",
			map->name, map->counters.sweeps);
	}
	print_head(file, "last_success_timestamp_seconds", "gauge",
		   "When the map was collected from last, 0 if never.");
	for (size_t i = 0; i < config->count; i++)
		fprintf(file, "bpfcmpd_last_success_timestamp_seconds{map=\"%s\"} %llu\n",
			config->maps[i].name, config->maps[i].counters.succeeded);
}

static void print_metrics(FILE *file, const struct config *config, bool reload_failed,
			  __u64 reloaded)
{
	print_totals(file, config);
	print_results(file, config);
	print_times(file, config);
	print_head(file, "config_last_reload_successful", "gauge",
		   "Whether the configuration file was fine when it was read last.");
	fprintf(file, "bpfcmpd_config_last_reload_successful %d\n", !reload_failed);
	print_head(file, "config_last_reload_success_timestamp_seconds", "gauge",
		   "When a configuration file was read that was fine.");
	fprintf(file, "bpfcmpd_config_last_reload_success_timestamp_seconds %llu\n", reloaded);
	print_head(file, "build_info", "gauge", "1, with the version.");
	fprintf(file, "bpfcmpd_build_info{version=\"%s\"} 1\n", libbpf_compare_version_string());
}

/* The folder may be one that others write to: what is there by this name is not written through. */
static FILE *create(const char *name)
{
	int fd;

	if (unlink(name) && errno != ENOENT)
		return NULL;
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

bool write_metrics(const struct config *config, bool reload_failed, __u64 reloaded)
{
	const char *path = config->metrics.text;
	char name[4096];
	FILE *file;
	bool bad;

	if (!path)
		return true;
	/* Not one that ends with .prom, which the node exporter would read. */
	if ((size_t)snprintf(name, sizeof(name), "%s.new", path) >= sizeof(name)) {
		errno = ENAMETOOLONG;
		return false;
	}
	file = create(name);
	if (!file)
		return false;
	print_metrics(file, config, reload_failed, reloaded);
	bad = ferror(file);
	bad |= fclose(file);
	if (!bad && !rename(name, path))
		return true;
	unlink(name);
	return false;
}
