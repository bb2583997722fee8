// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "stats.h"

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Between two numbers as far as part lies between their ranks. */
static double quantile(const double *sorted, int count, double part)
{
	double rank = part * (count - 1);
	int below = rank;

	if (below + 1 >= count)
		return sorted[count - 1];
	return sorted[below] + (rank - below) * (sorted[below + 1] - sorted[below]);
}

struct spread spread_of(const double *numbers, int count)
{
	struct spread spread;
	double *sorted;

	sorted = malloc(count * sizeof(*sorted));
	if (!sorted)
		fail_errno("statistics");
	memcpy(sorted, numbers, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_size);
	spread = (struct spread){
		.min = sorted[0],
		.q1 = quantile(sorted, count, 0.25),
		.median = quantile(sorted, count, 0.5),
		.q3 = quantile(sorted, count, 0.75),
		.max = sorted[count - 1],
	};
	free(sorted);
	return spread;
}
