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
	const char *ways;
	const char *save;
};

static void print_usage(FILE *out)
{
	fprintf(out,
		"Usage: bench [--quick] [--rounds N] [--only NAME,...] [--ways NAME,...]\n"
		"             [--json] [--save FILE]\n"
		"Times the ways to delete entries from a BPF hash map. Takes root.\n"
		"\n"
		"  --quick       a few seconds, on small maps: to see that it works\n"
		"  --rounds N    measure each way N times, at most %d (default 9, quick 3)\n"
		"  --only NAMES  these configurations, separated by commas:\n",
		ROUNDS_MAX);
	for (int i = 0; i < nr_configs; i++)
		fprintf(out, "                  %-14s%s\n", configs[i].name, configs[i].title);
	fprintf(out, "  --ways NAMES  these ways to delete:\n");
	for (int i = 0; i < nr_ways; i++)
		fprintf(out, "                  %s\n", ways[i].name);
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
		{ "quick", no_argument, NULL, 'q' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "only", required_argument, NULL, 'o' },
		{ "ways", required_argument, NULL, 'w' },
		{ "json", no_argument, NULL, 'j' },
		{ "save", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
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
		case 'w':
			options->ways = optarg;
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

/* The next name of a list that commas separate; its length, 0 = there is none. */
static int next_name(const char **list, const char **name)
{
	int length;

	if (!*list)
		return 0;
	*name = *list;
	length = strcspn(*list, ",");
	if (!length)
		fail("an empty name in the list of --only or --ways");
	*list = (*list)[length] ? *list + length + 1 : NULL;
	return length;
}

static bool is_name(const char *known, const char *name, int length)
{
	return (int)strlen(known) == length && !strncmp(known, name, length);
}

/* Gives the number of configurations chosen. Each is there once, in their own order. */
static int choose_configs(const struct options *options, struct config *chosen)
{
	__u32 wanted = 0;
	const char *list = options->only, *name;
	int length, i, count = 0;

	while ((length = next_name(&list, &name))) {
		for (i = 0; i < nr_configs && !is_name(configs[i].name, name, length); i++)
			;
		if (i == nr_configs)
			fail("no configuration \"%.*s\", see --help", length, name);
		wanted |= 1u << i;
	}
	for (i = 0; i < nr_configs; i++)
		if (!options->only || wanted >> i & 1)
			chosen[count++] = configs[i];
	return count;
}

/* A bit for each way. */
static __u32 choose_ways(const struct options *options)
{
	const char *list = options->ways, *name;
	__u32 chosen = 0;
	int length, i;

	if (!list)
		return ~0u;
	while ((length = next_name(&list, &name))) {
		for (i = 0; i < nr_ways && !is_name(ways[i].name, name, length); i++)
			;
		if (i == nr_ways)
			fail("no way \"%.*s\", see --help", length, name);
		chosen |= 1u << i;
	}
	return chosen;
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
	struct measure_options what = { .progress = report_progress };
	struct options options = {};
	struct result *results;
	struct config *chosen;

	parse_options(&options, argc, argv);
	what.rounds = options.rounds;
	what.ways = choose_ways(&options);
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
		measure(&results[nr_results], &chosen[i], &what);
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
