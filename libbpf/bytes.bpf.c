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

static __always_inline const void *key_of(const struct place_request *asked)
{
	return asked + 1;
}

static __always_inline int write_in_place(struct place_request *asked, void *value)
{
	const void *bytes = PART(asked, new_at);
	void *old = PART(asked, old_at);
	bool written = write_bytes(value, EXPECTED(asked), bytes, old);

	barrier_for_all(asked);
	if (is_still(asked, value))
		return written ? 0 : -EBUSY;
	if (written)
		put_back(value, bytes, old);
	return REPLACED;
}

int bytes(void *ctx)
{
	return walk();
}
