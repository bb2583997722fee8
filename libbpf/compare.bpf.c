// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Deletes each key whose value is as expected.
 */
#include "steps.bpf.h"

static __always_inline int serve(struct request *request)
{
	const void *key = request + 1, *value = find(target, key);

	if (!value)
		return -ENOENT;
	if (!is_equal(value, EXPECTED(request)))
		return -EBUSY;
	return delete_key(target, key);
}

int compare(void *ctx)
{
	return walk();
}
