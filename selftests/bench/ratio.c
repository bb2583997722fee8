// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <stddef.h>
#include "ratio.h"

#define RATIO(a, b, text, figure)                                                                  \
	{                                                                                          \
		.name = a "/" b, .title = text, .over = a, .under = b, .under_threads = 1,         \
		.wanted = figure                                                                   \
	}
#define SCALING(way, text, figure)                                                                 \
	{                                                                                          \
		.name = way ":1/2", .title = text ", 1 / 2 threads", .over = way, .under = way,    \
		.under_threads = 2, .wanted = figure                                               \
	}

const struct ratio ratios[] = {
	RATIO("batch", "kernel-batch", "batch / BPF_MAP_DELETE_BATCH", "<= 0.95"),
	RATIO("batch", "plain", "batch / bpf_map_delete_elem", "<= 0.50"),
	RATIO("batch", "read-again", "batch / lookup, then delete", "<= 0.28"),
	RATIO("batch", "floor", "batch / the same without compare", "<= 1.20"),
	RATIO("single", "read-again", "single / lookup, then delete", "<= 1.20"),
	RATIO("own-single", "read-again", "single, comparer / lookup, then delete", "<= 0.80"),
	RATIO("own-batch", "batch", "batch: by a comparer / by fd", NULL),
	RATIO("claim-single", "single", "single: with a claim / without", "<= 1.15"),
	RATIO("claim-batch", "batch", "batch: with a claim / without", "<= 1.15"),
	RATIO("native", "read-again", "BPF_F_COMPARE / lookup, then delete", NULL),
	RATIO("native", "single", "BPF_F_COMPARE / single", NULL),
	RATIO("batch", "native", "batch / BPF_F_COMPARE", NULL),
	RATIO("collect-batch", "collect-plain", "collection: batch / delete", "<= 0.65"),
	RATIO("collect-read-again", "collect-plain", "collection: lookup, delete / delete", NULL),
	SCALING("plain", "delete", NULL),
	SCALING("read-again", "lookup, delete", NULL),
	SCALING("kernel-batch", "BPF_MAP_DELETE_BATCH", NULL),
	SCALING("single", "single", NULL),
	SCALING("batch", "batch", ">= 1.60"),
	SCALING("floor", "without compare", NULL),
	SCALING("native", "BPF_F_COMPARE", NULL),
};
const int nr_ratios = sizeof(ratios) / sizeof(ratios[0]);

static struct spread spread_of_ratios(const double *over, const double *under, int rounds)
{
	double each[ROUNDS_MAX];

	for (int i = 0; i < rounds; i++)
		each[i] = over[i] / under[i];
	return spread_of(each, rounds);
}

bool ratio_of(const struct ratio *ratio, const struct result *result, struct ratio_value *value)
{
	const struct series *over = result_series(result, ratio->over, 1);
	const struct series *under = result_series(result, ratio->under, ratio->under_threads);

	if (!over || !under)
		return false;
	value->cpu = spread_of_ratios(over->cpu, under->cpu, result->rounds);
	value->wall = spread_of_ratios(over->wall, under->wall, result->rounds);
	return true;
}
