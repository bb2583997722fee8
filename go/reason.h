/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Why the library refuses a call, as it tells libbpf's print callback. That is the application's: ours is
 * in its place only while calls are under way, and passes on all it gets.
 */
#ifndef REASON_H
#define REASON_H

#include <stddef.h>

/* From begin to end, in one thread, reason holds the last that the library said in it. */
void reason_begin(char *reason, size_t size);
void reason_end(void);

#endif /* REASON_H */
