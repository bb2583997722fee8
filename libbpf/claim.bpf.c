// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Deletes each key whose value is as expected, and claims it before it does.
 */
#include "steps.bpf.h"

/*
 * The element that was claimed may have been recycled for another key since it was looked up, or for
 * this one since the bytes beside the word were compared, and the delete goes by the key alone: so
 * the key must lead to an element that is claimed and otherwise as expected. Nobody who follows the
 * protocol (see bpf_compare.bpf.h) changes a claimed one, so it stays that.
 */
static __always_inline int delete_claimed(const void *key, const void *expected, __u64 claim)
{
	void *value = find(target, key);

	if (!value)
		return -ENOENT;
	if (!is_claimed(value, expected, claim))
		return -EBUSY;
	return delete_key(target, key);
}

static __always_inline int claim_and_delete(struct claim_request *by, void *value)
{
	const void *key = by + 1, *expected = EXPECTED(by);
	int err;

	if (by->word == by->claim || !claim(value, expected, by->word, by->claim))
		return -EBUSY;
	err = delete_claimed(key, expected, by->claim);
	/* From whichever key has the element now. */
	if (err)
		give_back(value, by->word, by->claim);
	return err;
}

static __always_inline int serve(struct request *request)
{
	struct claim_request *by = (struct claim_request *)request;
	void *value = find(target, by + 1);
	int err;

	if (!value)
		return -ENOENT;
	hold_cpu();
	err = claim_and_delete(by, value);
	release_cpu();
	return err;
}

int claim_first(void *ctx)
{
	return walk();
}
