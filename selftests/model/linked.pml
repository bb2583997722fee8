/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The protocol of a delete of two linked entries, with a claim on both: A goes only if B, another
 * key's entry, is as expected too, and then both go. Against the functions of datapath.pml, against
 * itself with the keys the other way round, and against the collectors of claim.pml. Whoever changes
 * the protocol changes this model first.
 *
 *	find A, claim it, find it again and claimed
 *	find B, claim it (whatever word it carries, unless a claim, where nothing of it is compared),
 *	find it again and claimed; where it is missing and nothing of it is compared, go on with A alone
 *	delete the one, delete the other
 *	wherever that fails: give back what is claimed and not deleted, in any order
 *
 * What is checked: the assertions of map.pml, for either entry, and one more:
 *
 *	half	of two claimed entries one was deleted and the other was not, for another reason than
 *		that the kernel could not take the lock for the second delete
 *
 * Switches, as in datapath.pml:
 *
 *	LOOK_LATE		A is looked up again after B has been claimed, not before. With one
 *				claim for both, B's element may be found in A's place: claimed as B's
 *				when it had been recycled for A already. So that A goes by what was
 *				said of B, where B may be missing. It takes a third key, for which the
 *				element claimed as A's was recycled. (TWO_CLAIMS, one for A and one for
 *				B, mends that too.)
 *	NO_LOOK_AT_A		A is not looked up again
 *	NO_LOOK_AT_B		B is not looked up again. It takes a third key, too.
 *	KEEP_A			A is not given back where B fails
 *	KEEP_B			B is not given back where it is claimed and then fails
 *	NO_LINKED_CLAIM		B is compared and deleted without a claim
 *	OVER_CLAIM		B's word may be a claim already, of whichever collector: the one that is
 *				expected or, where nothing of B is compared, the one that is there
 *	DELETE_UNCLAIMED	A is deleted before B is claimed
 *	DELETE_UNSEEN		A is deleted after B is claimed, before B is looked up again
 *	SHARED_CLAIM, EXPECT_CLAIM   as in claim.pml
 *	SAME_KEY		A and B may be one and the same key. That alone does no harm, as B is
 *				found claimed then: it does with OVER_CLAIM.
 *
 * OPPOSITE gives collectors of pairs no choice: one links keys 1 and 2, the next 2 and 1.
 *
 * What is left out, beside what map.pml says, and why that is sound:
 *
 * - Whether something of B is compared makes a difference only where B is missing: then either may be
 *   the case. To claim B is one step in either case. Where nothing is compared, its word is read,
 *   and is no claim, and is exchanged if it is still there: nothing else is kept from the read, so it
 *   might as well happen together with the exchange. The word that was claimed counts as compared:
 *   what is promised of such a B is that no refresh that counted after the claim is lost.
 * - Whether B is to go before A is chosen when the first of them goes: nothing before depends on it.
 * - Keys in two maps: their elements are never recycled from one map to the other, and words and
 *   claims may be the same in both. So all that two maps can do is done here by two keys of one map
 *   as well, if it has as many elements as both have together.
 * - A B that is only looked at, that must not be there, or that lies in another map without a claim:
 *   nothing is promised for long of those. A's part is that of a single entry then.
 * - The other bytes of values are claim.pml's to show: each entry is claimed and looked up again there
 *   just as here.
 *
 * A look-up of B may miss it here, as the program then goes on with A alone, and does not end.
 */
#ifndef COLLECTORS
#define COLLECTORS 0
#endif
#ifndef PAIRS
#define PAIRS 2
#endif
#include "claim.pml"

#ifdef TWO_CLAIMS
#define LINKED_CLAIM(me) (WORDS + ALL + (me))
#else
#define LINKED_CLAIM(me) CLAIM(me)
#endif

#ifdef OVER_CLAIM
#define may_link(w) true
#else
#define may_link(w) (!in_range(w))
#endif

#define me	(_pid - DATAPATH + 1)
#define value_a collector_value(me)
#define value_b linked_value(me)
#define again	collector_again(me)

inline look_at_a_again()
{
	/* again = find(a) */
	atomic {
		bpf_map_lookup_elem(a, again);
		printf("collector %d: looks key %d up again: element %d\n", me, a, again);
		if
		:: again == NONE -> goto fail
		:: else
		fi
	}
	/* is_claimed() */
	atomic {
		if
		:: word[again] != CLAIM(me) -> again = NONE; goto fail
		:: else
		fi;
		printf("collector %d: element %d is claimed\n", me, again);
		again = NONE
	}
}

inline look_at_b_again()
{
	/* again = find(b) */
	atomic {
		if
		:: bpf_map_lookup_elem(b, again)
		:: again = NONE
		fi;
		printf("collector %d: looks key %d up again: element %d\n", me, b, again);
		if
		:: again == NONE -> goto fail /* -EBUSY, -ENOENT: B was compared */
		:: again == NONE -> goto a_alone
		:: again != NONE
		fi
	}
	/* is_claimed() */
	atomic {
		if
		:: word[again] != LINKED_CLAIM(me) -> again = NONE; goto fail
		:: else
		fi;
		printf("collector %d: element %d is claimed\n", me, again);
		again = NONE
	}
}

inline give_b_back()
{
#ifndef KEEP_B
	if
	:: value_b != NONE -> give_back(value_b, expected_b, LINKED_CLAIM(me), me)
	:: else
	fi;
#endif
	value_b = NONE;
	expected_b = NONE
}

/* Of the two that have been claimed, one has been deleted and the other has not: half_done. */
inline delete_a()
{
	d_step {
	half_done = half_done && entry(a) != value_a;
	delete_elem(a, value_a, expected_a, CLAIM(me), me);
	value_a = NONE;
	expected_a = NONE
	}
}

inline delete_b()
{
	d_step {
	half_done = half_done && entry(b) != value_b;
	delete_elem(b, value_b, expected_b, LINKED_CLAIM(me), me);
	value_b = NONE;
	expected_b = NONE
	}
}

#define can_delete_a (value_a != NONE && filled(a) == NONE && entry(a) != NONE)
#define can_delete_b (value_b != NONE && filled(b) == NONE && entry(b) != NONE)

/* Collectors of pairs: numbered after those of claim.pml. */
active [PAIRS] proctype pairs()
{
	byte a, b, expected_a, expected_b;
	bit half_done;

end:
	do
	:: atomic {
		/* value_a = find(a) */
#ifdef OPPOSITE
		a = me - COLLECTORS;
		b = 3 - a;
#else
		choose(a, KEYS);
		choose(b, KEYS);
#ifndef SAME_KEY
		if
		:: a == b -> goto out
		:: else
		fi;
#endif
#endif
		bpf_map_lookup_elem(a, value_a);
		if
		:: value_a == NONE -> goto out
		:: else
		fi;
		printf("collector %d: looks key %d up: element %d\n", me, a, value_a);
		tidy()
	   }
	   /* claim() */
	   atomic {
		if
		:: goto out /* -EBUSY: expected something else */
		:: may_carry(word[value_a], me, a) ->
			claim_elem(value_a, expected_a, CLAIM(me), me)
		fi
	   }
#if !defined(LOOK_LATE) && !defined(NO_LOOK_AT_A)
	   look_at_a_again();
#endif
#ifdef DELETE_UNCLAIMED
	   atomic {
		can_delete_a;
		delete_a();
		half_done = 1
	   }
#endif
	   /* value_b = find(b) */
	   atomic {
		if
		:: bpf_map_lookup_elem(b, value_b)
		:: value_b = NONE
		fi;
		printf("collector %d: looks key %d up: element %d\n", me, b, value_b);
		if
		:: value_b == NONE -> goto fail /* -EBUSY, -ENOENT: B was to be compared */
#ifndef LOOK_LATE
		:: value_b == NONE -> goto a_alone
#else
		:: value_b == NONE -> goto a_unseen
#endif
		:: value_b != NONE
		fi;
		tidy()
	   }
	   atomic {
		if
		:: value_b = NONE; goto fail /* -EBUSY: expected something else, or claimed */
#ifndef NO_LINKED_CLAIM
		:: may_link(word[value_b]) ->
			claim_elem(value_b, expected_b, LINKED_CLAIM(me), me)
#else
		:: may_link(word[value_b]) -> expected_b = word[value_b]
#endif
		fi
	   }
#ifdef DELETE_UNSEEN
	   atomic {
		can_delete_a;
		delete_a();
		half_done = 1
	   }
#endif
#ifdef LOOK_LATE
	   look_at_a_again();
#endif
#if !defined(NO_LOOK_AT_B) && !defined(NO_LINKED_CLAIM)
	   look_at_b_again();
#endif
#if !defined(DELETE_UNCLAIMED) && !defined(DELETE_UNSEEN)
	   /* bpf_map_delete_elem() of the first, once it has the bucket's lock */
	   atomic {
		if
		:: goto fail /* -EAGAIN */
		:: can_delete_a -> delete_a()
		:: can_delete_b -> delete_b()
		fi;
		half_done = 1;
		tidy()
	   }
#endif
	   goto second;
#ifdef LOOK_LATE
a_unseen:
	   look_at_a_again();
#endif
a_alone:
	   atomic {
		give_b_back();
		tidy()
	   }
second:
	   /* bpf_map_delete_elem() of the second, or of A alone */
	   atomic {
		if
		:: half_done = 0 /* -EAGAIN */
		:: can_delete_a -> delete_a()
		:: can_delete_b -> delete_b()
		:: value_a != NONE && filled(a) == NONE && entry(a) == NONE /* -ENOENT */
		:: value_b != NONE && filled(b) == NONE && entry(b) == NONE /* -ENOENT */
		fi
	   }
fail:
	   atomic {
		give_b_back();
		tidy()
	   }
	   atomic {
#ifndef KEEP_A
		if
		:: value_a != NONE -> give_back(value_a, expected_a, CLAIM(me), me)
		:: else
		fi;
#else
		skip;
#endif
out:
		half = only(HALF) && half_done;
		assert(!half);
		half_done = 0;
		value_a = NONE;
		a = NONE;
		b = NONE;
		expected_a = NONE;
		tidy();
		check_stuck(CLAIM(me), me);
		check_stuck(LINKED_CLAIM(me), me)
	   }
	od
}
#undef me
#undef value_a
#undef value_b
#undef again
