/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The functions of include/bpf/bpf_compare.bpf.h that write to the map of map.pml.
 *
 * Switches of the datapath. Each takes out a rule, or a condition of what is promised, and must give
 * a counterexample:
 *
 *	NO_LOOK_AGAIN		a refresh counts when it has been written
 *	REFRESH_CLAIMED		a refresh writes over a claim
 *	ANY			creators use BPF_ANY
 *	LRU			a create evicts
 *	OLD_WORD		an entry is created with an earlier word than that of a refresh of this
 *				key that is under way: collected by that word while the refresh is
 *				between its last look-up and its last read, it makes that read be of
 *				a stranger's
 *	WAIT_FOR_OLD		(OLD_WORD) no collector expects that word as long as the refresh is
 *				under way: then it does no harm. So where a clock is read before a
 *				create, or lifetimes differ, the rule is one for collectors, as creators
 *				cannot know of refreshes: a word is expected no sooner than two runs of
 *				a program after its clock was read, the creator's and the refresh's. Any
 *				timeout of seconds is longer.
 *	SAME_DONE		a refresh that finds its very word counts without a second look-up. It may
 *				count for a key that has no entry (not_there), as the word may be of a
 *				stranger by then; nothing is lost by it.
 *	STAMP			a word is a stamp, which grows, and a number, which may shrink. A refresh
 *				is dispensable where the stamp there is later, and counts where that is not
 *				earlier; all other words it writes over. Of words with one stamp the
 *				last one written stays, and is what a collector has to expect.
 *	INTEGER_ORDER		(STAMP) the two are compared as one number: a shorter number with the same
 *				stamp is not written, and counts (dropped)
 *	LOW_ORDER		(STAMP) the numbers are compared, not the stamps
 *
 * With -DSTAMP one assertion more:
 *
 *	dropped		a refresh counted, and the key's entry carries another number with the same stamp,
 *			although nobody else has written to it meanwhile
 */

#define DATAPATH (REFRESHERS + KEYS) /* how many processes, the first ones */
#ifdef STAMP
#ifndef WORDS
#define WORDS 4
#endif
#endif
#include "map.pml"

/* Whether a refresh need not write over seen, and counts where it finds it. */
#if !defined(STAMP) || defined(INTEGER_ORDER)
#define need_not(seen, new) ((seen) >= (new))
#define counts(seen, new)   ((seen) >= (new))
#elif defined(LOW_ORDER)
#define low(w)		    (((w) - 1) % LOWS)
#define need_not(seen, new) (low(seen) >= low(new))
#define counts(seen, new)   ((seen) != NONE && low(seen) >= low(new))
#else
#define need_not(seen, new) ((seen) == (new) || order(seen) > order(new))
#define counts(seen, new)   (order(seen) >= order(new))
#endif

/* Datapath programs: bpf_compare_refresh32(). */
#if REFRESHERS > 0
#define me    (_pid + 1)
#define value refresher_value(me)

/* An element that waits to be linked is as good as there. */
inline count()
{
	i = (entry(key) != NONE -> entry(key) : filled(key));
	not_there = only(NOT_THERE) && !excused[me] &&
		    (i == NONE || order(real_word(i)) < order(new));
	assert(!not_there);
#ifdef STAMP
	dropped = only(DROPPED) && !excused[me] && !overtaken[me] && i != NONE &&
		  order(real_word(i)) == order(new) && real_word(i) != new;
	assert(!dropped);
#endif
	if
	:: !excused[me] && order(counted[key]) < order(new) -> counted[key] = new
	:: else
	fi;
	i = 0
}

active [REFRESHERS] proctype refresher()
{
	byte key, new, seen;

end:
	do
	:: atomic {
		/* value = bpf_map_lookup_elem(map, key) */
#ifdef UNIQUE
		issued < WORDS;
#endif
		choose(key, KEYS);
#ifdef UNIQUE
		issued++;
		new = issued;
		issued_for[new] = key;
#else
		choose(new, WORDS);
#endif
		r_key[me] = key;
		r_word[me] = new;
		bpf_map_lookup_elem(key, value);
		if
		:: value == NONE -> goto out /* BPF_COMPARE_NO_ENTRY */
		:: else
		fi;
		printf("refresher %d: word %d: looks key %d up: element %d\n", me, new, key, value);
		tidy()
	   }
	   /* seen = __bpf_compare_read32(value, offset) */
	   atomic {
		seen = word[value];
		printf("refresher %d: reads %d in element %d\n", me, seen, value);
#ifndef REFRESH_CLAIMED
		if
		:: in_range(seen) -> goto out /* BPF_COMPARE_CLAIMED */
		:: else
		fi;
#endif
		if
#ifdef SAME_DONE
		:: seen == new ->
			count();
			goto out
#endif
		:: need_not(seen, new) && !in_range(seen) -> goto look_again
		:: else
		fi
	   }
#if WORDS > 1
	   /* __bpf_compare_write32(value, offset, seen, word) */
	   atomic {
		if
		:: word[value] == seen -> d_step {
			word[value] = new;
			under[value] = NONE;
			by[value] = NONE;
#ifdef STAMP
			overtake(me, NONE, value);
#endif
			printf("refresher %d: writes %d into element %d\n", me, new, value)
		   }
		:: else -> goto out
		fi
	   }
#endif
look_again:
#ifndef NO_LOOK_AGAIN
	   /* __bpf_compare_look_again32(): value = bpf_map_lookup_elem(map, key) */
	   atomic {
		seen = NONE;
		bpf_map_lookup_elem(key, value);
		if
		:: value == NONE -> goto out /* BPF_COMPARE_NO_ENTRY */
		:: else
		fi;
		printf("refresher %d: looks key %d up again: element %d\n", me, key, value);
		tidy()
	   }
	   /* __bpf_compare_look_again32(): seen = __bpf_compare_read32(value, offset) */
#endif
	   atomic {
		if
#ifndef NO_LOOK_AGAIN
		:: in_range(word[value]) || !counts(word[value], new) /* BPF_COMPARE_CLAIMED, BUSY */
#endif
		:: else -> /* BPF_COMPARE_DONE */
			printf("refresher %d: reads %d in element %d: done\n", me, word[value], value);
			count()
		fi;
out:
		value = NONE;
		key = NONE;
		new = NONE;
		seen = NONE;
		r_key[me] = NONE;
		r_word[me] = NONE;
		excused[me] = 0;
#ifdef STAMP
		overtaken[me] = 0;
#endif
#ifdef WAIT_FOR_OLD
		older[me] = 0;
#endif
		tidy()
	   }
	od
#undef me
#undef value
}
#endif

/* Datapath programs: bpf_compare_create32(), all of one key. */
active [KEYS] proctype creator()
{
	byte key = _pid - REFRESHERS + 1;
	byte new, elem;

end:
	do
	:: atomic {
		/* bpf_map_update_elem(map, key, value, BPF_NOEXIST): lock, look, take, fill */
#ifndef ANY
		entry(key) == NONE;
#endif
#ifdef UNIQUE
		issued < WORDS;
		new = issued + 1;
#else
		choose(new, WORDS);
#ifndef OLD_WORD
		d_step {
			for (i : 0 .. REFRESHERS) {
				if
				:: r_key[i] == key && order(r_word[i]) > order(new) -> new = r_word[i]
				:: else
				fi
			}
			i = 0
		}
#endif
#endif
		take(elem);
		if
		:: elem == NONE -> goto not_now
		:: else
		fi;
		d_step {
			in_use[elem] = 1;
			word[elem] = new;
			under[elem] = NONE;
			by[elem] = NONE;
			filled(key) = elem;
#ifdef WAIT_FOR_OLD
			for (i : 1 .. REFRESHERS) {
				if
				:: r_key[i] == key -> older[i] = order(r_word[i]) > order(new)
				:: else
				fi
			}
#endif
#ifdef STAMP
			overtake(NONE, key, elem);
#endif
			printf("creator: fills element %d with %d for key %d\n", elem, new, key);
#ifdef UNIQUE
			issued = new;
			issued_for[new] = key;
#endif
#if defined(REST) && COLLECTORS > 0
			for (i : 1 .. COLLECTORS) {
				if
				:: collector_value(i) == elem -> renewed[i] = 1
				:: else
				fi
			}
#endif
			elem = NONE;
			i = 0
		}
#ifdef REST
		if
		:: rest[filled(key)] = 0
		:: rest[filled(key)] = 1
		fi
#endif
	   }
	   /* ... link, unlock */
	   d_step {
#ifdef ANY
		if
		:: entry(key) != NONE -> unlink(key, WORDS)
		:: else
		fi;
#endif
		printf("creator: links element %d under key %d\n", filled(key), key);
		entry(key) = filled(key);
		filled(key) = NONE;
		counted[key] = new;
		new = NONE;
		tidy()
	   }
	   goto end;
not_now:
	   atomic {
		new = NONE
	   }
	od
}
