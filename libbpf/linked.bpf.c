// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Deletes entries that are as expected, each together with a second one that has to be so too, and hands
 * out what the first one's value was. Both are judged, and claimed, before either is deleted.
 */
#include "steps.bpf.h"

#define KEY(asked)	       ((asked) + 1)
#define VALUE(asked)	       PART(asked, value_at)
#define LINKED_KEY(asked)      PART(asked, linked_key_at)
#define LINKED_EXPECTED(asked) PART(asked, linked_expected_at)

/* A value that is wanted is judged where it was copied to: so what is handed out is what was judged. */
static __always_inline bool is_as_expected(struct linked_request *asked, const void *value)
{
	return is_equal(copy_if_wanted(value, VALUE(asked)), EXPECTED(asked));
}

static __always_inline bool is_still_claimed(struct linked_request *asked, const void *value)
{
	return is_claimed(copy_if_wanted(value, VALUE(asked)), EXPECTED(asked), asked->first.claim);
}

/* The claims are where they were put, and the keys lead there: see claim.bpf.c. */
static __always_inline int look_again(struct linked_request *asked)
{
	void *value;

	if (asked->asks & ASKS_CLAIM) {
		value = find(target, KEY(asked));
		if (!value)
			return -ENOENT;
		if (!is_still_claimed(asked, value))
			return -EBUSY;
	}
	return 0;
}

static __always_inline int look_at_linked_again(struct linked_request *asked)
{
	void *value;

	if (asked->asks & ASKS_LINKED_CLAIM) {
		value = find(linked_target, LINKED_KEY(asked));
		if (!value)
			return -ENOENT;
		if (!is_linked_claimed(value, LINKED_EXPECTED(asked), asked->linked_claim))
			return -EBUSY;
	}
	return 0;
}

/* What the second one's answer makes of the first one's, before that is deleted. */
static __always_inline int follow(const struct linked_request *asked, int linked)
{
	if (linked != -ENOENT)
		return linked;
	return asked->asks & ASKS_LINKED_COMPARE ? -EBUSY : 0;
}

/* What is left to do where the second entry is not there, or stays. */
static __noinline int delete_first(struct linked_request *asked)
{
	int err = look_again(asked);

	return err ? err : delete_key(target, KEY(asked));
}

/* Both of them hold: what was given to the second one stands in linked_result. */
static __noinline int delete_both(struct linked_request *asked)
{
	bool linked_first = asked->asks & ASKS_LINKED_FIRST;
	int err, linked;

	asked->linked_result = -ECANCELED;
	err = look_again(asked);
	if (err)
		return err;
	linked = look_at_linked_again(asked);
	if (!linked && linked_first)
		linked = delete_key(linked_target, LINKED_KEY(asked));
	asked->linked_result = linked;
	err = follow(asked, linked);
	if (err)
		return err;
	err = delete_key(target, KEY(asked));
	if (linked || linked_first)
		return err;
	asked->linked_result = err ? -ECANCELED : delete_key(linked_target, LINKED_KEY(asked));
	return err;
}

/* Where nothing is compared it may carry any word that is no claim, and another one a moment later. */
static __always_inline int claim_any_linked(struct linked_request *asked, void *value)
{
	__u64 word;

#pragma clang loop unroll(full)
	for (int tries = 0; tries < 4; tries++) {
		word = linked_word(value);
		if (word == asked->linked_claim ||
		    (word >= asked->claims_first && word <= asked->claims_last))
			return -EBUSY;
		asked->linked_word = word;
		if (claim_linked(value, LINKED_EXPECTED(asked), word, asked->linked_claim))
			return 0;
	}
	return -EAGAIN;
}

static __always_inline int claim_expected_linked(struct linked_request *asked, void *value)
{
	if (asked->linked_word == asked->linked_claim ||
	    !claim_linked(value, LINKED_EXPECTED(asked), asked->linked_word, asked->linked_claim))
		return -EBUSY;
	return 0;
}

static __always_inline int delete_with_claimed(struct linked_request *asked, void *value)
{
	int err = asked->asks & ASKS_LINKED_COMPARE ? claim_expected_linked(asked, value)
						    : claim_any_linked(asked, value);

	if (err) {
		asked->linked_result = err;
		return err;
	}
	err = delete_both(asked);
	if (asked->linked_result)
		give_linked_back(value, asked->linked_word, asked->linked_claim);
	return err;
}

/* The first one holds: so it goes, if the second one holds too. */
static __noinline int judge_linked(struct linked_request *asked)
{
	void *value = find(linked_target, LINKED_KEY(asked));

	if (!value) {
		asked->linked_result = -ENOENT;
		return asked->asks & ASKS_LINKED_COMPARE ? -EBUSY : delete_first(asked);
	}
	asked->linked_result = -EBUSY;
	if (asked->asks & ASKS_LINKED_ABSENT)
		return -EBUSY;
	if (asked->asks & ASKS_LINKED_CLAIM)
		return delete_with_claimed(asked, value);
	if (asked->asks & ASKS_LINKED_COMPARE && !is_linked_equal(value, LINKED_EXPECTED(asked)))
		return -EBUSY;
	if (asked->asks & ASKS_LINKED_DELETE)
		return delete_both(asked);
	asked->linked_result = 0;
	return delete_first(asked);
}

static __always_inline int judge_rest(struct linked_request *asked)
{
	return asked->asks & ASKS_LINKED ? judge_linked(asked) : delete_first(asked);
}

static __always_inline int serve(struct request *request)
{
	struct linked_request *asked = (struct linked_request *)request;
	struct claim_request *first = &asked->first;
	void *value;
	int err;

	asked->linked_result = -ECANCELED;
	if (asked->asks & ASKS_NOTHING)
		return -EINVAL;
	if (asked->asks & ASKS_LINKED_DELETE && is_linked_frozen())
		return -EPERM;
	value = find(target, KEY(asked));
	if (!value)
		return -ENOENT;
	if (!(asked->asks & ASKS_CLAIM))
		return is_as_expected(asked, value) ? judge_rest(asked) : -EBUSY;
	if (first->word == first->claim ||
	    !claim(value, EXPECTED(asked), first->word, first->claim))
		return -EBUSY;
	err = judge_rest(asked);
	if (err)
		give_back(value, first->word, first->claim);
	return err;
}

int linked(void *ctx)
{
	return walk();
}
