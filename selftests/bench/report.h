/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdio.h>
#include "measure.h"

void report_table(const struct result *result);
void report_json(FILE *out, const struct result *results, int nr_results, bool quick);

/* A line on stderr, written anew where that is a terminal. */
void report_progress(const struct config *config, int round, int rounds, const struct way *way);
void report_progress_of(int nth, int total); /* which of how many configurations it is */
void report_progress_end(void);

#endif /* BENCH_REPORT_H */
