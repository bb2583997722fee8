// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Deletes each key, whatever its value is.
 */
#include "steps.bpf.h"

static __always_inline int serve(struct request *request)
{
	return delete_key(target, request + 1);
}

int plain(void *ctx)
{
	return walk();
}
