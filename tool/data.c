// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Bytes and numbers as they are typed, and as bpftool takes them; and whether they fit the map.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "bpfcmp.h"

bool read_number(const char *word, int base, unsigned long long max, unsigned long long *number)
{
	char *end;

	errno = 0;
	*number = strtoull(word, &end, base);
	/* strtoull() would take a sign or spaces before the number too. */
	return isxdigit((unsigned char)*word) && !*end && !errno && *number <= max;
}

static enum status parse_bytes(char **words, size_t count, const char *what, struct bytes *bytes)
{
	unsigned long long byte;
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

enum status parse_data(char ***words, const struct keywords *keywords, const char *what,
		       struct bytes *bytes)
{
	char **first = *words;

	while (**words && !is_keyword(**words, keywords))
		++*words;
	return parse_bytes(first, *words - first, what, bytes);
}

static enum status parse_number_to(const char *word, const char *what, int bits,
				   unsigned long long *number)
{
	if (!word)
		return fail(STATUS_USAGE, "%s: no number given", what);
	if (!read_number(word, 0, ULLONG_MAX >> (64 - bits), number))
		return fail(STATUS_USAGE, "%s: '%s' is no number of %d bits", what, word, bits);
	return STATUS_OK;
}

enum status parse_number(const char *word, const char *what, __u32 *number)
{
	unsigned long long value = 0;
	enum status status = parse_number_to(word, what, 32, &value);

	*number = value;
	return status;
}

enum status parse_long_number(const char *word, const char *what, __u64 *number)
{
	unsigned long long value = 0;
	enum status status = parse_number_to(word, what, 64, &value);

	*number = value;
	return status;
}

enum status check_count(const char *whose, const char *what, const struct bytes *bytes,
			size_t expected)
{
	if (bytes->count == expected)
		return STATUS_OK;
	return fail(STATUS_USAGE, "%s%s: expected %zu byte%s, given %zu", whose, what, expected,
		    expected == 1 ? "" : "s", bytes->count);
}

__u32 size_to_end(__u32 offset, const struct bpf_map_info *info)
{
	return offset < info->value_size ? info->value_size - offset : 0;
}

enum status check_region(const char *whose, __u32 offset, __u32 size,
			 const struct bpf_map_info *info)
{
	/* To the library a size of 0 is the whole value. */
	if (size && size <= info->value_size && offset <= info->value_size - size)
		return STATUS_OK;
	return fail(STATUS_USAGE, "%soffset %u and size %u: the value has %u bytes", whose, offset,
		    size, info->value_size);
}
