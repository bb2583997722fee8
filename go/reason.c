// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "reason.h"

#define PREFIX "libbpf-compare: "

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int calls;	 /* that are under way, in all threads */
static libbpf_print_fn_t others; /* in whose place ours is */

static __thread struct {
	char *reason; /* NULL: no call of ours */
	size_t size;
	bool printing;
} ours;

static void keep(const char *format, va_list args)
{
	char line[512];
	va_list copy;
	size_t length;

	va_copy(copy, args);
	vsnprintf(line, sizeof(line), format, copy);
	va_end(copy);
	if (strncmp(line, PREFIX, strlen(PREFIX)))
		return;
	length = strcspn(line, "\n") - strlen(PREFIX);
	if (length >= ours.size)
		length = ours.size - 1;
	memcpy(ours.reason, line + strlen(PREFIX), length);
	ours.reason[length] = '\0';
}

static int print(enum libbpf_print_level level, const char *format, va_list args)
{
	libbpf_print_fn_t next = __atomic_load_n(&others, __ATOMIC_SEQ_CST);
	int printed = 0;

	if (ours.reason)
		keep(format, args);
	/* Whoever saved ours as the former callback, and passes on to it, may be the next. */
	if (next && !ours.printing) {
		ours.printing = true;
		printed = next(level, format, args);
		ours.printing = false;
	}
	return printed;
}

void reason_begin(char *reason, size_t size)
{
	libbpf_print_fn_t former;

	ours.reason = reason;
	ours.size = size;
	*reason = '\0';
	pthread_mutex_lock(&lock);
	if (!calls++) {
		former = libbpf_set_print(print);
		/* Ours is there already where the application saved it, and put it back. */
		if (former != print)
			__atomic_store_n(&others, former, __ATOMIC_SEQ_CST);
	}
	pthread_mutex_unlock(&lock);
}

void reason_end(void)
{
	libbpf_print_fn_t present;

	pthread_mutex_lock(&lock);
	/*
	 * Where there was none ours stays, and prints nothing: before 1.2 libbpf asks whether there is a
	 * callback, and then calls what is there by then.
	 */
	if (!--calls && others) {
		present = libbpf_set_print(others);
		/* The application has set another meanwhile: that one stays. */
		if (present != print)
			libbpf_set_print(present);
	}
	pthread_mutex_unlock(&lock);
	ours.reason = NULL;
}
