/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* Everything the demo says. */
#ifndef DEMO_REPORT_H
#define DEMO_REPORT_H

#include <stdbool.h>

#include "demo.h"
#include "flows.h"

struct result {
	bool ran;
	__u64 scanned;
	__u64 deleted;
	__u64 skipped;
	__u64 collecting_ns;
	__u32 left; /* entries that an external collector left; of that nothing above is known */
	struct demo_counters datapath;
};

/* Say what failed and exit; the second one adds what errno means. */
__attribute__((format(printf, 1, 2), noreturn)) void fail(const char *fmt, ...);
__attribute__((format(printf, 1, 2), noreturn)) void fail_errno(const char *fmt, ...);

/*
 * The progress of way number i on stderr: one line, rewritten, on a terminal;
 * elsewhere one line when the way begins.
 */
void report_progress(int way, __u64 sent, __u64 packets, const struct result *so_far);
void report_way_done(void);

void report_table(const struct result *results, const struct flow_plan *plan);
void report_json(const struct result *results, const struct flow_plan *plan, __u64 seed);
void report_external(const struct result *result, const struct flow_plan *plan);

#endif /* DEMO_REPORT_H */
