// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Bytes and numbers as they are typed, and as bpftool takes them.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "bpfcmp.h"

static bool read_number(const char *word, int base, unsigned long max, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(word, &end, base);
	/* strtoul() would take a sign or spaces before the number too. */
	return isxdigit((unsigned char)*word) && !*end && !errno && *number <= max;
}

enum status parse_bytes(char **words, size_t count, const char *what, struct bytes *bytes)
{
	unsigned long byte;
	int base = 0;

	if (count && !strcmp(*words, "hex")) {
		base = 16;
		words++;
		count--;
	}
	bytes->at = malloc(count + 1);
	if (!bytes->at)
		return fail(STATUS_ERROR, "out of memory");
	for (bytes->count = 0; bytes->count < count; bytes->count++, words++) {
		if (!read_number(*words, base, UCHAR_MAX, &byte))
			return fail(STATUS_USAGE, "%s: '%s' is no byte, nor a keyword", what,
				    *words);
		bytes->at[bytes->count] = byte;
	}
	return STATUS_OK;
}

enum status parse_number(const char *word, const char *what, __u32 *number)
{
	unsigned long value;

	if (!word)
		return fail(STATUS_USAGE, "%s: no number given", what);
	if (!read_number(word, 0, UINT_MAX, &value))
		return fail(STATUS_USAGE, "%s: '%s' is no number of 32 bits", what, word);
	*number = value;
	return STATUS_OK;
}
