// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Writes several bytes of each value where it is, under the value's lock.
 */
#include "place.bpf.h"

/* Where in a request the bytes to write are, and those that were there. */
extern char new_at[], old_at[];

/* Written by judge.c, each with the value's lock held: whether it is as expected, and its old bytes then; */
int read_bytes(const void *value, const void *expected, void *old);
/* whether it still is so, with the same old bytes, and then the others written over those. */
int exchange_bytes(void *value, const void *expected, const void *old, const void *bytes);

static __always_inline const void *key_of(const struct place_request *asked)
{
	return asked + 1;
}

static __always_inline int write_in_place(struct place_request *asked, void *value)
{
	void *old = PART(asked, old_at);
	bool equal = read_bytes(value, EXPECTED(asked), old);

	if (!is_still(asked, value))
		return REPLACED;
	if (!equal)
		return -EBUSY;
	return exchange_bytes(value, EXPECTED(asked), old, PART(asked, new_at)) ? 0 : CHANGED;
}

int bytes(void *ctx)
{
	return walk();
}
