/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* Everything the program says. */
#ifndef CONNTRACK_REPORT_H
#define CONNTRACK_REPORT_H

#include <stdbool.h>

#include "collect.h"
#include "ct.h"

struct result {
	bool ran;
	double seconds;
	/* By the client's count. */
	__u64 opened;
	__u64 rounds;
	__u64 failed;
	__u64 stuck; /* part of failed */
	struct collected collected;
	struct ct_counters datapath;
	__u64 left;    /* entries at the end */
	__s64 evicted; /* neither left nor deleted by anybody */
};

/* Say what failed and exit; the second one adds what errno means. */
__attribute__((format(printf, 1, 2), noreturn)) void fail(const char *fmt, ...);
__attribute__((format(printf, 1, 2), noreturn)) void fail_errno(const char *fmt, ...);

void report_table(const struct result *results);
void report_json(const struct result *results);

#endif /* CONNTRACK_REPORT_H */
