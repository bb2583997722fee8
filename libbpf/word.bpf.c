// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Changes one word of each value where it is, by compare-exchange.
 */
#include "place.bpf.h"

/* Written by judge.c: what the word is, and its compare-exchange. */
__u64 word_of(const void *value);
int claim_word(void *value, const void *unused, __u64 word, __u64 to);

static __always_inline const void *key_of(const struct place_request *place)
{
	return (const struct word_request *)place + 1;
}

static __always_inline __u64 new_word(const struct word_request *asked, __u64 word)
{
	return (((word & asked->keep) ^ asked->flip) + asked->add) & asked->bits;
}

static __always_inline bool is_any_claim(const struct word_request *asked, __u64 word)
{
	return word >= asked->claims_first && word <= asked->claims_last;
}

static __always_inline int write_in_place(struct place_request *place, void *value)
{
	struct word_request *asked = (struct word_request *)place;
	__u64 word = word_of(value), to = new_word(asked, word);
	bool differs =
		((word ^ asked->word) & asked->compared) || !is_equal(value, EXPECTED(asked));

	if (!is_still(place, value))
		return REPLACED;
	if (differs || is_any_claim(asked, word) || is_any_claim(asked, to))
		return word_of(value) == word ? -EBUSY : CHANGED;
	/* Also for itself: what is told of it then is true of the entry. */
	if (!claim_word(value, asked, word, to))
		return CHANGED;
	asked->old = word;
	return 0;
}

int word(void *ctx)
{
	return walk();
}
