// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Why the library refused, as it tells libbpf's print callback. Nothing that is said there is printed
 * by itself: libbpf's own words are for who knows its ways.
 */
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "bpfcmp.h"

#define PREFIX "libbpf-compare: "

static char last[512];
static bool listening;

static int listen_to(enum libbpf_print_level level, const char *format, va_list args)
{
	char line[sizeof(last)];

	(void)level;
	vsnprintf(line, sizeof(line), format, args);
	if (listening && !strncmp(line, PREFIX, strlen(PREFIX))) {
		line[strcspn(line, "\n")] = '\0';
		strcpy(last, line + strlen(PREFIX));
	}
	return 0;
}

void init_reason(void)
{
	libbpf_set_print(listen_to);
}

void listen_for_reason(bool on)
{
	listening = on;
	if (on)
		*last = '\0';
}

const char *get_reason(void)
{
	return *last ? last : NULL;
}
