// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Writes several bytes of each value where it is, under the value's lock.
 */
#include "place.bpf.h"

/* Where in a request the bytes to write are, and those that were there. */
extern char new_at[], old_at[];

/* Written by judge.c: under the lock, whether it was as expected, and then written to; */
int write_bytes(void *value, const void *expected, const void *bytes, void *old);
/* puts what was there back, where what was written still is. */
void put_back(void *value, const void *bytes, const void *old);

static __noinline int write_in_place(struct request *request, void *value)
{
	const void *bytes = PART(request, new_at);
	void *old = PART(request, old_at);
	bool written = write_bytes(value, EXPECTED(request), bytes, old);

	if (is_still(request + 1, value))
		return written ? 0 : -EBUSY;
	if (written)
		put_back(value, bytes, old);
	return REPLACED;
}

static __always_inline int serve(struct request *request)
{
	return try_in_place(request, request + 1);
}

int bytes(void *ctx)
{
	return walk();
}
