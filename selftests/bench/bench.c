// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Times the ways to delete entries from a BPF hash map, side by side: for each configuration all of
 * them, on one map, in turn, round after round.
 *
 * Nothing has to be cleaned up: maps and programs live as long as this process, however it ends.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "measure.h"
#include "report.h"

struct options {
	int rounds;
	bool quick;
	bool json;
	const char *only;
	const char *save;
};

static void print_usage(FILE *out)
{
	fprintf(out,
		"Usage: bench [--quick] [--rounds N] [--only NAME,...] [--json] [--save FILE]\n"
		"Times the ways to delete entries from a BPF hash map. Takes root.\n"
		"\n"
		"  --quick       a few seconds, on small maps: to see that it works\n"
		"  --rounds N    measure each way N times, at most %d (default 9, quick 3)\n"
		"  --only NAMES  these configurations, separated by commas:\n",
		ROUNDS_MAX);
	for (int i = 0; i < nr_configs; i++)
		fprintf(out, "                  %-14s%s\n", configs[i].name, configs[i].title);
	fprintf(out,
		"  --json        JSON in place of the tables\n"
		"  --save FILE   the JSON into this file as well\n"
		"  --help        this text\n"
		"\n"
		"Times are the CPU time of the thread, or of the busiest one where there are\n"
		"several: what other programs take does not count. Wall time is given as well.\n");
}

static int parse_rounds(const char *text)
{
	char *end;
	long rounds;

	errno = 0;
	rounds = strtol(text, &end, 10);
	if (errno || end == text || *end || rounds < 1 || rounds > ROUNDS_MAX)
		fail("--rounds takes a number from 1 to %d, not \"%s\"", ROUNDS_MAX, text);
	return rounds;
}

static void parse_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{"quick", no_argument, NULL, 'q'},
		{"rounds", required_argument, NULL, 'r'},
		{"only", required_argument, NULL, 'o'},
		{"json", no_argument, NULL, 'j'},
		{"save", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'q':
			options->quick = true;
			break;
		case 'r':
			options->rounds = parse_rounds(optarg);
			break;
		case 'o':
			options->only = optarg;
			break;
		case 'j':
			options->json = true;
			break;
		case 's':
			options->save = optarg;
			break;
		case 'h':
			print_usage(stdout);
			exit(0);
		default:
			print_usage(stderr);
			exit(2);
		}
	}
	if (optind < argc)
		fail("unexpected argument \"%s\"", argv[optind]);
	if (!options->rounds)
		options->rounds = options->quick ? 3 : 9;
}

static const struct config *find_config(const char *name, size_t length)
{
	for (int i = 0; i < nr_configs; i++)
		if (strlen(configs[i].name) == length && !strncmp(configs[i].name, name, length))
			return &configs[i];
	fail("no configuration \"%.*s\", see --help", (int)length, name);
}

static int choose_configs(const struct options *options, struct config *chosen)
{
	const char *name = options->only;
	int count = 0;

	if (!name) {
		memcpy(chosen, configs, nr_configs * sizeof(*configs));
		return nr_configs;
	}
	for (;; name++) {
		size_t length = strcspn(name, ",");

		if (count == nr_configs)
			fail("--only names more than the %d configurations there are", nr_configs);
		chosen[count++] = *find_config(name, length);
		name += length;
		if (!*name)
			return count;
	}
}

static void make_quick(struct config *config)
{
	if (config->entries > 1 << 12)
		config->entries = 1 << 12;
	config->repeats = 1;
}

static void save(const char *path, const struct result *results, int nr_results, bool quick)
{
	FILE *out = fopen(path, "w");

	if (!out)
		fail_errno("%s", path);
	report_json(out, results, nr_results, quick);
	if (ferror(out) | fclose(out))
		fail_errno("%s", path);
}

int main(int argc, char **argv)
{
	int cpus, nr_chosen, nr_results = 0;
	struct options options = {};
	struct result *results;
	struct config *chosen;

	parse_options(&options, argc, argv);
	chosen = calloc(nr_configs, sizeof(*chosen));
	results = calloc(nr_configs, sizeof(*results));
	if (!chosen || !results)
		fail_errno("bench");
	cpus = measure_init();
	nr_chosen = choose_configs(&options, chosen);
	for (int i = 0; i < nr_chosen; i++) {
		if (options.quick)
			make_quick(&chosen[i]);
		if (chosen[i].threads > (__u32)cpus) {
			fprintf(stderr, "bench: %s is left out: it takes %u CPUs, there is %d\n",
				chosen[i].name, chosen[i].threads, cpus);
			continue;
		}
		report_progress_of(i + 1, nr_chosen);
		measure(&results[nr_results], &chosen[i], options.rounds, report_progress);
		report_progress_end();
		if (!options.json)
			report_table(&results[nr_results]);
		nr_results++;
	}
	if (options.json)
		report_json(stdout, results, nr_results, options.quick);
	if (options.save)
		save(options.save, results, nr_results, options.quick);
	free(results);
	free(chosen);
	return 0;
}
