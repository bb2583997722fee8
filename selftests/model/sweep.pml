/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The protocol of a sweep, which finds entries by a walk along the elements and not by their keys:
 * against the functions of datapath.pml, against itself, and against the collectors of claim.pml and,
 * with PAIRS, of linked.pml. Whoever changes the protocol changes this model first.
 *
 *	at an element whose word is no claim: judge that word and the other bytes, copy the key
 *	claim that element, by compare-exchange with the word that was judged
 *	look the copied key up: what is found must carry the claim, and its other bytes are judged again
 *	delete by the copied key
 *	wherever that fails: give the word back to the element that was claimed
 *
 * What the walk finds is a guess: between any two steps the element may be freed, recycled for this
 * key or another, or be on its way there. So here it is any element at all, also a free one, with
 * whatever it was left with, and the copied key is any key: one of an earlier life of the element or
 * of a later one, copied before or after the claim, or one that is put together from two. Nothing but
 * the claim ties the key to the element, so a sweep has done with one element before it claims the
 * next.
 *
 * What is checked: the assertions of map.pml; rest_differs, as in claim.pml; and without a claim
 *
 *	guessed		a sweep deleted an entry by another key than it looked up; or one that it did
 *			not judge, although the key had no other from the look-up (without one: from
 *			the judgement) until the delete
 *
 * Switches, as in datapath.pml:
 *
 *	BY_KEY			the copied key is looked up first, and what is found is judged and
 *				claimed, not the walk's own element: so does libbpf/sweep.bpf.h. That
 *				takes a look-up more, is what a collector of claim.pml does, and does
 *				no harm.
 *	OWN_KEY			the walk is at a linked element, and the copied key is its key then.
 *				That takes guesses away, and is for counterexamples that a walk along
 *				the buckets can come to, such as that of bpf_for_each_map_elem().
 *	NO_LOOK_AFTER_CLAIM	the copied key is not looked up after the claim. With BY_KEY or OWN_KEY
 *				it takes a second collector, by whose deletes elements are recycled, as
 *				do the next two.
 *	NO_IS_CLAIMED		what that look-up finds may lack the claim
 *	NO_COMPARE_AGAIN	(-DREST) its other bytes are not judged again
 *	CLAIM_UNJUDGED		the claim takes the place of whatever word is there
 *	NO_TAKE_BACK		a claim that leads to no delete stays
 *	BACK_BY_KEY		it is taken back from the element that the key leads to
 *	STORE_BACK		it is taken back by a store, whatever the element carries. It takes an
 *				eviction, or a walk that comes to free elements: one that is linked and
 *				claimed is nobody else's to recycle on a hash map.
 *	HOLD			a second element is claimed before the first is deleted or given back.
 *				With one claim for both, the second is deleted in the first one's
 *				place, by what was said of the first, which then stays claimed.
 *	SHARED_CLAIM, EXPECT_CLAIM   as in claim.pml: with EXPECT_CLAIM others' claims are judged like
 *				any word
 *	LRU, NO_GAP		nothing is evicted that a sweep has seen claimed and is about to delete:
 *				then evictions do no harm
 *	NO_CLAIM		the copied key is looked up, what is found is judged, and the key is
 *				deleted. That loses refreshes, as it must, but does not guess.
 *	NO_LOOK_UP		(NO_CLAIM) what is judged is the walk's own element
 *	ELEMENT_KEY		(NO_CLAIM) the delete goes by the key that the walk's element has then,
 *				as it does where it is passed the element's own key
 *
 * What is left out, beside what map.pml says, and why that is sound:
 *
 * - What the conditions are. Any word that is no claim may match, with any other bytes. Other bytes
 *   match again here if they are the same; the word is the one in whose place the claim was put.
 *   Where they are written in place, nothing is promised of them.
 * - The walk: in which order it goes, and whether it sees each element, or some twice.
 * - To judge a word is one step with the claim, as the exchange takes that very word: nothing is kept
 *   from before, but for the other bytes, which are looked at first.
 * - What key a free element has, and that a creator fills one byte by byte: the copied key is any
 *   key, and whatever is judged before the claim is judged again. A look-up after the claim comes to
 *   an element that was claimed while it was filled only once that is linked. One that stood on it in
 *   its last life might find it by its new key with its old word: that is the claim of whoever
 *   deleted it, so not this one, or on an LRU map, where it was evicted, part of the known gap.
 */
#ifndef COLLECTORS
#define COLLECTORS 0
#endif
#ifndef SWEEPS
#define SWEEPS 1
#endif
#if PAIRS > 0
#include "linked.pml"
#else
#include "claim.pml"
#endif

#ifdef PLAIN_DELETE
#define me (_pid - DATAPATH)
#else
#define me (_pid - DATAPATH + 1)
#endif
#define value collector_value(me)
#define again collector_again(me)
#define held  sweep_held(me)

#ifdef OWN_KEY
/* at is a linked element, key is its key; or none. */
inline walk_to(at, key)
{
	choose(key, KEYS);
	at = entry(key);
	printf("collector %d: finds element %d with key %d\n", me, at, key)
}
#else
/*
 * at is any element: linked, about to be, or free, with what it was left with; or none. The key is
 * chosen where it is looked up.
 */
inline walk_to(at, key)
{
	choose(at, ELEMS);
	if
	:: in_use[at]
	:: free_elem(at) ->
		if
#ifdef REST
		:: word[at] == NONE -> choose(word[at], WORDS); rest[at] = 1
#endif
		:: word[at] == NONE -> choose(word[at], WORDS)
		:: else
		fi
	:: else -> at = NONE
	fi;
	printf("collector %d: finds element %d\n", me, at)
}
#endif

#ifndef NO_CLAIM
/* Sweeps: numbered after other collectors. */
active [SWEEPS] proctype sweep()
{
	byte key, expected;
#ifdef REST
	bit other;
#endif
#ifdef CLAIM_UNJUDGED
	byte judged;
#endif
#ifdef HOLD
	byte held_key, held_expected;
#endif

end:
	do
	:: atomic {
#ifdef BY_KEY
		choose(key, KEYS);
		bpf_map_lookup_elem(key, value);
		printf("collector %d: looks key %d up: element %d\n", me, key, value);
#else
		walk_to(value, key);
#endif
		if
		:: value == NONE -> goto out
		:: else
		fi;
#ifdef BY_KEY
		tidy()
	   }
	   atomic {
#endif
#ifdef REST
		other = rest[value];
		printf("collector %d: sees other bytes %d in element %d\n", me, other, value);
#endif
#ifdef CLAIM_UNJUDGED
		judged = word[value];
		printf("collector %d: judges %d in element %d\n", me, judged, value);
#endif
#if defined(REST) || defined(OWN_KEY)
		tidy()
	   }
	   atomic {
#endif
		/* Without those, to come to the element is one step with the claim. */
		if
		:: goto out /* does not match, or is another word by now */
		:: may_carry(word[value], me, key) -> claim_elem(value, expected, CLAIM(me), me)
		fi;
#ifdef CLAIM_UNJUDGED
		expected = judged;
		judged = NONE;
#endif
		tidy()
	   }
#ifdef HOLD
	   atomic {
		walk_to(held, held_key);
		if
		:: held != NONE && may_carry(word[held], me, held_key) ->
			claim_elem(held, held_expected, CLAIM(me), me)
		:: else -> held = NONE
		fi;
		tidy()
	   }
look_up:
#endif
#ifndef NO_LOOK_AFTER_CLAIM
	   /* again = find(key) */
	   atomic {
#if defined(BY_KEY) || defined(OWN_KEY)
		bpf_map_lookup_elem(key, again);
#else
		choose(key, KEYS);
		if
		:: bpf_map_lookup_elem(key, again)
		:: again = NONE /* put together from two, and nobody's */
		fi;
#endif
		printf("collector %d: looks key %d up: element %d\n", me, key, again);
		if
		:: again == NONE -> goto take_back
		:: else
		fi
	   }
#ifndef NO_IS_CLAIMED
	   atomic {
		if
		:: word[again] != CLAIM(me) -> again = NONE; goto take_back
		:: else
		fi;
		printf("collector %d: element %d is claimed\n", me, again);
#ifdef NO_GAP
		deleting[me] = 1;
#endif
#if !defined(REST) || defined(NO_COMPARE_AGAIN)
		again = NONE
#endif
	   }
#endif
#if defined(REST) && !defined(NO_COMPARE_AGAIN)
	   atomic {
		if
		:: rest[again] != other -> again = NONE; goto take_back
		:: else -> again = NONE
		fi
	   }
#endif
#endif
	   /* bpf_map_delete_elem() by the copied key, once it has the bucket's lock */
	   atomic {
		filled(key) == NONE;
		if
		:: goto take_back /* -EAGAIN */
		:: entry(key) == NONE -> goto take_back /* -ENOENT */
		:: entry(key) != NONE -> d_step {
#ifdef REST
			rest_differs = only(REST_DIFFERS) && rest[entry(key)] != other;
			assert(!rest_differs);
#endif
			delete_elem(key, value, expected, CLAIM(me), me)
		   }
		   goto out
		fi
	   }
take_back:
	   atomic {
#ifdef BACK_BY_KEY
		value = entry(key);
#endif
#ifdef STORE_BACK
		printf("collector %d: writes %d into element %d\n", me, expected, value);
		word[value] = expected;
		under[value] = NONE;
		by[value] = NONE;
#elif !defined(NO_TAKE_BACK)
		give_back(value, expected, CLAIM(me), me);
#else
		skip;
#endif
out:
#ifdef HOLD
		if
		:: held != NONE ->
			value = held;
			key = held_key;
			expected = held_expected;
			held = NONE;
			held_key = NONE;
			held_expected = NONE;
			tidy();
			goto look_up
		:: else -> held_key = NONE
		fi;
#endif
		value = NONE;
		key = NONE;
		expected = NONE;
#ifdef REST
		other = 0;
#endif
#ifdef CLAIM_UNJUDGED
		judged = NONE;
#endif
#ifdef NO_GAP
		deleting[me] = 0;
#endif
		tidy();
		check_stuck(CLAIM(me), me)
	   }
	od
}
#else
/* Sweeps without a claim. */
active [SWEEPS] proctype sweep()
{
	byte key, expected;
#ifdef REST
	bit other;
#endif

end:
	do
	:: atomic {
#if defined(NO_LOOK_UP) || defined(ELEMENT_KEY)
		walk_to(value, key);
		if
		:: value == NONE -> goto out
		:: else
		fi;
#endif
#ifndef OWN_KEY
		choose(key, KEYS);
#endif
		looked_up[me] = key;
#ifdef NO_LOOK_UP
		again = value;
#else
		bpf_map_lookup_elem(key, again);
		if
		:: again == NONE -> goto out
		:: else
		fi;
		printf("collector %d: looks key %d up: element %d\n", me, key, again);
#endif
		tidy()
	   }
	   d_step {
		expected = word[again];
#ifdef REST
		other = rest[again];
#endif
#ifdef NO_LOOK_UP
		replaced[me] = 0;
#endif
		printf("collector %d: judges element %d with %d\n", me, again, expected)
	   }
	   atomic {
#ifdef ELEMENT_KEY
		choose(key, KEYS);
		if
		:: entry(key) == value
		:: else -> goto out
		fi;
#endif
		if
		:: goto out /* does not match */
		:: filled(key) == NONE && entry(key) != NONE -> d_step {
			printf("collector %d: deletes key %d: element %d with %d\n", me, key,
			       entry(key), word[entry(key)]);
			lost = only(LOST) && counted[key] > (in_range(expected) -> NONE : expected);
			assert(!lost);
			guessed = only(GUESSED) &&
				  (looked_up[me] != key ||
				   (!replaced[me] &&
				    (entry(key) != again ||
				     real_word(again) < (in_range(expected) -> NONE : expected)
#ifdef REST
				     || rest[again] != other
#endif
				    )));
			assert(!guessed);
			unlink(key, expected)
		   }
		fi;
out:
		value = NONE;
		again = NONE;
		key = NONE;
		expected = NONE;
#ifdef REST
		other = 0;
#endif
		looked_up[me] = NONE;
		replaced[me] = 0;
		tidy()
	   }
	od
}
#endif
#undef me
#undef value
#undef again
#undef held
