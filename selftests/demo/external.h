/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* Another program as the collector: a command that is given the path of the pinned map. */
#ifndef DEMO_EXTERNAL_H
#define DEMO_EXTERNAL_H

#include <sys/types.h>
#include <linux/types.h>

/* Starts the command, and ends the demo where that is not possible. */
pid_t external_start(const char *command, int map);

/* Ends the demo where the command has ended by itself. */
void external_check(pid_t pid);

/*
 * Waits for the command to delete what is left, at most for some seconds, and ends it by SIGTERM,
 * upon which it is to exit with 0. Gives how many entries it left.
 */
__u32 external_finish(pid_t pid, int map);

#endif /* DEMO_EXTERNAL_H */
