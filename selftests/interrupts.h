/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Interrupts of a test's own thread, so many that what takes one at a certain moment takes no luck.
 */
#ifndef SELFTESTS_INTERRUPTS_H
#define SELFTESTS_INTERRUPTS_H

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include "common.h"

/* This thread runs the program every so many nanoseconds of its CPU time, wherever it is; with a cookie. */
static inline struct bpf_link *interrupt_this_thread_as(struct bpf_program *program, __u64 period,
							__u64 cookie)
{
	LIBBPF_OPTS(bpf_perf_event_opts, opts, .bpf_cookie = cookie);
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = period,
	};
	struct bpf_link *link;
	int fd;

	fd = syscall(__NR_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		tap_bail("perf_event_open");
	link = bpf_program__attach_perf_event_opts(program, fd, &opts);
	if (!link)
		tap_bail("bpf_program__attach_perf_event");
	return link;
}

static inline struct bpf_link *interrupt_this_thread(struct bpf_program *program, __u64 period)
{
	return interrupt_this_thread_as(program, period, 0);
}

#endif /* SELFTESTS_INTERRUPTS_H */
