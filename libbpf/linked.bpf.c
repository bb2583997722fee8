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
	if (asked->asks & ASKS_VALUE)
		value = copy_if_wanted(value, VALUE(asked));
	return is_equal(value, EXPECTED(asked));
}

/*
 * The claim is where it was put, and the key leads there: see claim.bpf.c. That is seen of the first entry
 * before the second one is claimed: by the same claim they could be taken for one another.
 */
static __always_inline int look_again(struct linked_request *asked)
{
	const void *value = find(target, KEY(asked));

	if (!value)
		return -ENOENT;
	if (!is_claimed(copy_if_wanted(value, VALUE(asked)), EXPECTED(asked), asked->first.claim))
		return -EBUSY;
	return 0;
}

static __always_inline int look_at_linked_again(struct linked_request *asked)
{
	const void *value = find(linked_target, LINKED_KEY(asked));

	if (!value)
		return -ENOENT;
	return is_linked_claimed(value, LINKED_EXPECTED(asked), asked->linked_claim) ? 0 : -EBUSY;
}

static __always_inline int delete_first(struct linked_request *asked)
{
	return delete_key(target, KEY(asked));
}

static __always_inline int delete_linked(struct linked_request *asked)
{
	return delete_key(linked_target, LINKED_KEY(asked));
}

/* The second entry is missing: the first one goes, if that is as it may be. */
static __always_inline int go_on_without(struct linked_request *asked)
{
	asked->linked_result = -ENOENT;
	return asked->asks & ASKS_LINKED_COMPARE ? -EBUSY : delete_first(asked);
}

/* Both of them hold. */
static __always_inline int delete_both(struct linked_request *asked)
{
	int err;

	asked->linked_result = -ECANCELED;
	if (asked->asks & ASKS_LINKED_FIRST) {
		err = delete_linked(asked);
		if (err == -ENOENT)
			return go_on_without(asked);
		asked->linked_result = err;
		return err ? err : delete_first(asked);
	}
	err = delete_first(asked);
	if (!err)
		asked->linked_result = delete_linked(asked);
	return err;
}

static __always_inline bool is_any_claim(const struct linked_request *asked, __u64 word)
{
	if (asked->asks & ASKS_CLAIM && word == asked->first.claim)
		return true;
	return word == asked->linked_claim ||
	       (word >= asked->claims_first && word <= asked->claims_last);
}

/* Where nothing is compared it may carry any word that is no claim, and another one a moment later. */
static __always_inline int claim_any_linked(struct linked_request *asked, void *value)
{
	__u64 word;

#pragma clang loop unroll(full)
	for (int tries = 0; tries < 4; tries++) {
		word = linked_word(value);
		if (is_any_claim(asked, word))
			return -EBUSY;
		asked->linked_word = word;
		if (claim_linked_word(value, LINKED_EXPECTED(asked), word, asked->linked_claim))
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

static __always_inline int delete_with_claimed(struct linked_request *asked)
{
	int err = look_at_linked_again(asked);

	if (err == -ENOENT)
		return go_on_without(asked);
	asked->linked_result = err;
	return err ? err : delete_both(asked);
}

static __always_inline int claim_and_delete(struct linked_request *asked, void *value)
{
	int err = asked->asks & ASKS_LINKED_COMPARE ? claim_expected_linked(asked, value)
						    : claim_any_linked(asked, value);

	asked->linked_result = err;
	if (err)
		return err;
	err = delete_with_claimed(asked);
	if (asked->linked_result)
		give_linked_back(value, asked->linked_word, asked->linked_claim);
	return err;
}

/* The first one holds: so it goes, if the second one holds too. */
static __always_inline int judge_linked(struct linked_request *asked)
{
	void *value = find(linked_target, LINKED_KEY(asked));

	if (!value)
		return go_on_without(asked);
	if (asked->asks & ASKS_LINKED_CLAIM)
		return claim_and_delete(asked, value);
	asked->linked_result = -EBUSY;
	if (asked->asks & ASKS_LINKED_ABSENT)
		return -EBUSY;
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

static __always_inline int judge_found(struct linked_request *asked, void *value)
{
	struct claim_request *first = &asked->first;
	int err;

	if (!(asked->asks & ASKS_CLAIM))
		return is_as_expected(asked, value) ? judge_rest(asked) : -EBUSY;
	if (first->word == first->claim ||
	    !claim(value, EXPECTED(asked), first->word, first->claim))
		return -EBUSY;
	err = look_again(asked);
	if (!err)
		err = judge_rest(asked);
	if (err)
		give_back(value, first->word, first->claim);
	return err;
}

static __always_inline int judge(struct linked_request *asked)
{
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
	hold_cpu();
	err = judge_found(asked, value);
	release_cpu();
	return err;
}

static __always_inline int serve(struct request *request)
{
	return judge((struct linked_request *)request);
}

int linked(void *ctx)
{
	return walk();
}
