/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What the sweeps' programs have in common: what becomes of an entry that matched where a walk found it.
 * That was a guess: its element may be another key's by now. So its key was copied, and from there on all
 * goes by the copy: it is looked up, judged again, claimed, deleted.
 */
#ifndef LIBBPF_COMPARE_SWEEP_BPF_H
#define LIBBPF_COMPARE_SWEEP_BPF_H

#include "steps.bpf.h"

/* Written by match.c: whether an entry matches, with the word that was read of it in the place of its own. */
int matches(const void *value, const void *key, const struct sweep_request *sweep, __u64 word);
/* And by judge.c: what the claim's word is, its compare-exchange, and what puts it into a copy; */
__u64 word_of(const void *value);
int claim_word(void *value, const void *unused, __u64 word, __u64 claim);
void put_word(void *value, __u64 word);
/* a key's copy. */
void copy_key(const void *key, void *to);

/* What the caller's map is like, as numbers. */
extern char key_size[], value_at[];

/*
 * A match's key, and its value, have a place of their own, or share one, each behind what looks like a request
 * that is not to be served.
 */
static __always_inline struct request *place_for_next(const struct sweep_request *sweep)
{
	__u32 number = 1 + (sweep->flags & SWEEPS_OUT ? sweep->found : 0);

	return bpf_map_lookup_elem(requests, &number);
}

static __always_inline bool is_any_claim(const struct sweep_request *sweep, __u64 word)
{
	return word == sweep->claim || (word >= sweep->claims_first && word <= sweep->claims_last);
}

/* A lock that others hold may be free a moment later. */
static __always_inline int delete_soon(const void *key)
{
	int err = delete_key(target, key);

#pragma clang loop unroll(full)
	for (int again = 0; again < 3; again++)
		if (err == -EAGAIN)
			err = delete_key(target, key);
	return err;
}

static __always_inline int delete_or_stop(void *slot)
{
	return is_frozen() ? -EPERM : delete_soon(slot);
}

static __always_inline int delete_matching(struct sweep_request *sweep, void *slot, void *value)
{
	value = (void *)copy_if_wanted(value, PART(slot, value_at));
	if (!matches(value, slot, sweep, 0))
		return -EBUSY;
	return sweep->flags & SWEEPS_COUNT ? 0 : delete_or_stop(slot);
}

/* With a claim, what carries none is counted, as it was judged. */
static __always_inline int count_unclaimed(struct sweep_request *sweep, void *slot,
					   const void *value, __u64 word)
{
	value = copy_if_wanted(value, PART(slot, value_at));
	if (!matches(value, slot, sweep, word))
		return -EBUSY;
	put_word(PART(slot, value_at), word);
	return 0;
}

/* Whether the claim is where the key leads, and all else as it has to be: see claim.bpf.c. */
static __always_inline int delete_if_claimed(struct sweep_request *sweep, void *slot, __u64 word)
{
	const void *value = find(target, slot);

	if (!value)
		return -ENOENT;
	if (word_of(value) != sweep->claim)
		return -EBUSY;
	value = copy_if_wanted(value, PART(slot, value_at));
	if (!matches(value, slot, sweep, word))
		return -EBUSY;
	return delete_or_stop(slot);
}

static __always_inline int claim_matching(struct sweep_request *sweep, void *slot, void *value,
					  __u64 word)
{
	int err;

	if (!matches(value, slot, sweep, word) || !claim_word(value, slot, word, sweep->claim))
		return -EBUSY;
	err = delete_if_claimed(sweep, slot, word);
	if (err)
		give_back(value, word, sweep->claim);
	else
		put_word(PART(slot, value_at), word);
	return err;
}

static __always_inline int claim_and_delete(struct sweep_request *sweep, void *slot, void *value,
					    __u64 word)
{
	int err;

	hold_cpu();
	err = claim_matching(sweep, slot, value, word);
	release_cpu();
	return err;
}

/* 0: the walk goes on, 1: it stops; then an error that is not the entry's own is the request's result. */
static __always_inline int collect(struct sweep_request *sweep, void *slot)
{
	void *value = find(target, slot);
	__u64 word;
	int err;

	if (!value) {
		err = -ENOENT;
	} else if (sweep->flags & SWEEPS_CLAIM) {
		word = word_of(value);
		if (is_any_claim(sweep, word))
			return 0;
		err = sweep->flags & SWEEPS_COUNT ? count_unclaimed(sweep, slot, value, word)
						  : claim_and_delete(sweep, slot, value, word);
	} else {
		err = delete_matching(sweep, slot, value);
	}
	if (err == -EAGAIN || err == -EPERM) {
		sweep->request.result = err;
		return 1;
	}
	if (err)
		sweep->changed++;
	/* What is counted is what can be handed out. */
	if (err && sweep->flags & SWEEPS_COUNT)
		return 0;
	sweep->matched++;
	if (err)
		return 0;
	if (!(sweep->flags & SWEEPS_COUNT))
		sweep->deleted++;
	return ++sweep->found >= sweep->room;
}

#endif /* LIBBPF_COMPARE_SWEEP_BPF_H */
