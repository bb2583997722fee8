// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Changes one word of each value where it is: by compare-exchange, so that nothing is lost that others write there
 * meanwhile, and that a recycled element, with another word, is left alone.
 */
#include "place.bpf.h"

/* Written by judge.c: what the word is, and its compare-exchange. */
__u64 word_of(const void *value);
int claim_word(void *value, const void *unused, __u64 word, __u64 to);

static __always_inline __u64 new_word(const struct word_request *asked, __u64 word)
{
	__u64 operand = asked->operand;

	switch (asked->op) {
	case OP_ADD:
		return (word + operand) & asked->mask;
	case OP_AND:
		return word & operand;
	case OP_OR:
		return word | operand;
	case OP_XOR:
		return word ^ operand;
	}
	return operand;
}

static __always_inline bool is_any_claim(const struct word_request *asked, __u64 word)
{
	return word >= asked->claims_first && word <= asked->claims_last;
}

static __noinline int write_in_place(struct request *request, void *value)
{
	struct word_request *asked = (struct word_request *)request;
	const void *key = asked + 1;
	__u64 word = word_of(value), to = new_word(asked, word);
	bool differs =
		(asked->compares && word != asked->word) || !is_equal(value, EXPECTED(asked));

	/* The word that was read was the entry's: so what has another one is not. */
	if (!is_still(key, value))
		return REPLACED;
	if (differs || is_any_claim(asked, word) || is_any_claim(asked, to))
		return -EBUSY;
	if (to != word && !claim_word(value, key, word, to))
		return CHANGED;
	if (!is_still(key, value))
		return REPLACED;
	asked->old = word;
	return 0;
}

static __always_inline int serve(struct request *request)
{
	return try_in_place(request, (struct word_request *)request + 1);
}

int word(void *ctx)
{
	return walk();
}
