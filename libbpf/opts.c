// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Options of callers that were built with an older or a newer header, and what those mean that are left out.
 */
#include "compare_internal.h"

/* More than any version of a struct will ever have; above it sz was never set. */
#define OPTS_SIZE_MAX 4096

/*
 * Copies the fields that the caller knows; known is where ours end. Fields that he does not know are
 * 0, and those that we do not know must be. Of a field that lies in his struct in part, the bytes
 * there are taken as they are: to drop them might drop a flag.
 */
int copy_opts(void *to, size_t known, const void *from, const char *name)
{
	const char *bytes = from;
	size_t size;

	memset(to, 0, known);
	if (!from)
		return 0;
	memcpy(&size, from, sizeof(size));
	if (size < sizeof(size) || size > OPTS_SIZE_MAX)
		return refuse(-EINVAL, "sz of struct %s is %zu, and was never set", name, size);
	for (size_t i = known; i < size; i++)
		if (bytes[i])
			return refuse(-EINVAL,
				      "byte %zu of struct %s is not 0: this library knows %zu", i,
				      name, known);
	memcpy(to, from, size < known ? size : known);
	return 0;
}

/* What an omitted one means; and that the last key's bytes are at an address, and not past all of them. */
int read_stride(size_t *stride, size_t packed, const char *whose, __u32 total)
{
	size_t last;

	if (!*stride)
		*stride = packed;
	if (total && __builtin_mul_overflow(*stride, (size_t)total - 1, &last))
		return refuse(-EINVAL, "%sstride %zu times %u keys is past all memory", whose,
			      *stride, total);
	return 0;
}
