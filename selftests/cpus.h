/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * For tests whose threads are to run at the same time. Who includes it defines _GNU_SOURCE.
 */
#ifndef SELFTESTS_CPUS_H
#define SELFTESTS_CPUS_H

#include <sched.h>

/* Those that there were at the start: who has one to himself hands that on to his threads. */
static cpu_set_t cpus_at_start;

__attribute__((constructor)) static void note_cpus(void)
{
	if (sched_getaffinity(0, sizeof(cpus_at_start), &cpus_at_start))
		CPU_ZERO(&cpus_at_start);
}

static inline void pin_to_cpu(unsigned int number)
{
	cpu_set_t one;

	/* Only so that they do run at the same time; what cannot be had is no matter. */
	if (CPU_COUNT(&cpus_at_start) < 2)
		return;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &cpus_at_start) || number--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

#endif /* SELFTESTS_CPUS_H */
