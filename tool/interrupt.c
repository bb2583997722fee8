// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * SIGINT, to end what is done in steps after one of them.
 */
#include <signal.h>
#include "bpfcmp.h"

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = true;
}

/* A second one ends us in any case. What is written goes on; a wait does not. */
void catch_interrupt(void)
{
	struct sigaction action = { .sa_handler = interrupt,
				    .sa_flags = SA_RESETHAND | SA_RESTART };

	sigaction(SIGINT, &action, NULL);
}

bool is_interrupted(void)
{
	return interrupted;
}

void end_interrupted(void)
{
	if (interrupted)
		raise(SIGINT);
}
