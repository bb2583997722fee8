/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The protocol of a delete with a claim, for spin: serve() of libbpf/claim.bpf.c against the
 * functions of include/bpf/bpf_compare.bpf.h and against itself, on the map of map.pml, which says
 * what is checked and what is left out. Whoever changes the protocol changes this model first.
 *
 * A collector here is whoever deletes by claim, with whatever word it expects, so programs of the
 * datapath that do so are collectors too: those that expect a word, and those that delete whatever
 * word there is, unless a claim. (These read it and exchange it if it is still there: nothing else is
 * kept from the read, so it might as well happen together with the exchange.) What is promised of a
 * refresh against the latter is that it is not lost if it counted after their claim. A run that
 * interrupts another on its CPU is one that happens between two steps of that.
 *
 * So each run that is under way needs a claim of its own, against runs on other CPUs and on its
 * own. Where claims are counted round a range, fewer runs must begin while one is under way than the
 * range has claims.
 *
 * With -DREST one assertion more:
 *
 *	rest_differs	a collector deleted an entry whose other bytes it did not compare
 *
 * Switches, as in datapath.pml:
 *
 *	SHARED_CLAIM		all collectors have the same claim
 *	ONE_CPU			(SHARED_CLAIM) it does the same harm where the second collector's runs
 *				interrupt the first one's, and have ended when that goes on
 *	EXPECT_CLAIM		a collector may expect another's claim, as a snapshot may show it: taken
 *				back to that, an entry stays claimed for good
 *	NO_LOOK_AFTER_CLAIM	no second bpf_map_lookup_elem() and is_claimed() in the collector
 *	NO_TAKE_BACK		a claim that leads to no delete stays
 *	PLAIN_DELETE		somebody deletes without a claim
 *	REST, OLD_EXPECTED	a new entry may carry the very word that a collector expects, with
 *				other bytes beside it: recycled for the same key between the
 *				comparison of those and the exchange, it is taken for the old one
 *	NO_COMPARE_AGAIN	(-DREST, OLD_EXPECTED) the word alone is looked at in the element that is
 *				found after the claim, not the other bytes
 */

#ifndef DATAPATH
#include "datapath.pml"
#endif

/* Whether what a collector expects may be what value carries now. */
#ifdef WAIT_FOR_OLD
#define may_match(me, key)                                                                         \
	(may_carry(word[collector_value(me)], me, key) &&                                          \
	 !(older[1] && (entry(r_key[1]) == collector_value(me) ||                                  \
			filled(r_key[1]) == collector_value(me))))
#elif defined(REST) && !defined(OLD_EXPECTED)
#define may_match(me, key) (may_carry(word[collector_value(me)], me, key) && !renewed[me])
#else
#define may_match(me, key) may_carry(word[collector_value(me)], me, key)
#endif

/* On one CPU the second interrupts the first, which goes on when that has ended. */
#ifdef ONE_CPU
#define goes_on me != 1 || collector_value(2) == NONE;
#else
#define goes_on
#endif

#if COLLECTORS > 0
/* Collectors: their numbers are from 1. */
active [COLLECTORS] proctype collector()
{
	byte key;
#ifdef REST
	bit other;
#endif

#define me	 (_pid - DATAPATH + 1)
#define value	 collector_value(me)
#define again	 collector_again(me)
#define expected collector_expected[me]

end:
	do
	:: atomic {
		goes_on
		/* value = find(key) */
		choose(key, KEYS);
		bpf_map_lookup_elem(key, value);
		if
		:: value == NONE -> goto out
		:: else
		fi;
		printf("collector %d: looks key %d up: element %d\n", me, key, value);
		tidy()
	   }
#ifdef REST
	   /* claim(): is_equal(), as far as it is not the word. */
	   d_step {
		other = rest[value];
		printf("collector %d: expects other bytes %d, as element %d has\n", me, other, value);
		renewed[me] = 0
	   }
#endif
	   /* claim(): the compare-exchange */
	   atomic {
		goes_on
		if
		:: goto out /* expected something else */
		:: may_match(me, key) -> claim_elem(value, expected, CLAIM(me), me)
		fi
	   }
#ifndef NO_LOOK_AFTER_CLAIM
	   /* delete_claimed(): again = find(key) */
	   atomic {
		goes_on
		bpf_map_lookup_elem(key, again);
		printf("collector %d: looks key %d up again: element %d\n", me, key, again);
		if
		:: again == NONE -> goto take_back
		:: else
		fi
	   }
	   /*
	    * is_claimed(): the word, then the others. In which order is all the same, as an element
	    * that carries this claim is the one that was claimed, and has not been recycled since.
	    */
	   atomic {
		goes_on
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
#if defined(REST) && !defined(NO_COMPARE_AGAIN)
	   atomic {
		goes_on
		if
		:: rest[again] != other -> again = NONE; goto take_back
		:: else -> again = NONE
		fi
	   }
#endif
#endif
	   /* delete_key(): bpf_map_delete_elem(), once it has the bucket's lock */
	   atomic {
		goes_on
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
		goes_on
#ifndef NO_TAKE_BACK
		give_back(value, expected, CLAIM(me), me);
#else
		skip;
#endif
out:
		value = NONE;
		key = NONE;
		expected = NONE;
#ifdef NO_GAP
		deleting[me] = 0;
#endif
#ifdef REST
		other = 0;
		renewed[me] = 0;
#endif
		tidy();
		check_stuck(CLAIM(me), me)
	   }
	od
#undef me
#undef value
#undef again
#undef expected
}
#endif

#ifdef PLAIN_DELETE
active proctype somebody()
{
	byte key;

end:
	do
	:: atomic {
		choose(key, KEYS);
		if
		:: entry(key) != NONE && filled(key) == NONE -> d_step {
			printf("somebody: deletes key %d: element %d\n", key, entry(key));
			unlink(key, WORDS);
			key = NONE;
			tidy()
		   }
		:: else -> key = NONE
		fi
	   }
	od
}
#endif
