// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Puts an entry with another value in the place of each one whose value is as expected, or of any.
 */
#include "steps.bpf.h"

/* Where in a request the new value is. */
extern char new_at[];

/* A value that is wanted is judged where it was copied to: so what is handed out is what was judged. */
static __always_inline int judge(struct update_request *asked)
{
	const void *value = find(target, asked + 1);

	if (!value)
		return -ENOENT;
	value = copy_if_wanted(value, PART(asked, value_at));
	return is_equal(value, EXPECTED(asked)) ? 0 : -EBUSY;
}

static __always_inline int serve(struct request *request)
{
	struct update_request *asked = (struct update_request *)request;
	int err = asked->compares ? judge(asked) : 0;

	if (err)
		return err;
	/* As delete_key(). */
	err = bpf_map_update_elem(target, asked + 1, PART(asked, new_at), asked->flags);
	return without_lock_errors(err);
}

int update(void *ctx)
{
	return walk();
}
