/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The protocol of future words, for spin. The word is an expiry, whatever is written lies in the
 * future, and collectors expect only what has passed. So no collector claims an entry that is not
 * about to expire, and where programs see such a one they write as if there were no collectors. The
 * collectors are those of claim.pml (a sweep by keys does the same), the map is that of map.pml.
 *
 * A program's run, which reads the clock (now), then looks the key up, then reads the word there:
 *
 *	a claim				there is no entry to speak of; it may create one by BPF_NOEXIST
 *	later than now + MARGIN		store, create by BPF_ANY, plain delete: all by the key or through
 *					the pointer, whatever these lead to by then
 *	anything else			exchange that word for the new one; where that comes to another
 *					word: stop at a claim, store over one later than now + MARGIN,
 *					else start over. Or create, by BPF_NOEXIST.
 *	any word but a claim		delete by a claim of its own, as a collector does
 *
 * What is written is now + a lifetime, which is LIFE or longer: one of LIVES lengths. A collector
 * expects words that are LATE or longer in the past by the clock as it claims; that it has read the
 * clock before only makes it expect less.
 *
 * RUN is the longest that a run takes, from the reading of the clock to its last step: how far the
 * clock, as any CPU reads it, can have gone on meanwhile, with all interrupts and preemption. That of a
 * program which deletes by claim is bounded too. A collector may take any time, and be preempted for
 * any time, as nobody writes to or unlinks what it has claimed.
 *
 * The rules:
 *
 *	MARGIN + LATE >= RUN	What a run saw to be later than now + MARGIN is not expired for any
 *				collector before that run has ended.
 *	LIFE + LATE > 3 * RUN	Nor is what others put in its place meanwhile. Their clock was read up to
 *				RUN before they wrote, and what they wrote to may have been found by
 *				somebody who stood on it, up to RUN before it was linked in the place of
 *				another. Where nobody replaces (NO_ANY), 2 * RUN will do.
 *	LIFE > MARGIN + RUN	A word that is expired or about to be cannot have come into a recycled
 *				element during the run, so that an exchange which finds it is of the
 *				key's own entry. Only not_there takes it, and not with LOOK_AGAIN.
 *
 * Each is exact: with one less there is a counterexample. So it is enough that LATE is RUN or longer,
 * with any MARGIN, also 0, and lifetimes longer than three times RUN and than MARGIN + RUN.
 *
 * What is checked, beside not_compared, stuck and stranger of map.pml:
 *
 *	lost		a collector deleted an entry that carries, or carried when it was claimed, a word
 *			that is in the future by now: whatever was written last, by whoever
 *	not_compared	of programs that delete by claim too, if what they expected is LATE or longer in the
 *			past by their clock. With a later word they may delete what was written after
 *			they claimed, as a plain delete may.
 *	not_there	a program has written a word and takes the key for refreshed, and the key has no
 *			entry, or one that a collector has claimed or may claim; unless it was unlinked
 *			since the look-up by another than a collector: replaced, deleted or evicted
 *
 * A store can go to another key's entry, and shorten that one's life: the pointer is to an element
 * that was deleted and recycled before the word was read. What that entry carries then is the word
 * that was written last, and what lost goes by. It is so in any map that is written in place, and the
 * word is one of a lifetime of at least LIFE still.
 *
 * That case is also why a program may take a key for refreshed that has none: the entry was
 * expired when it was looked up, and collected before its word was read. One of these mends it:
 *
 *	LOOK_AGAIN	after the write the key is looked up again, and has to lead to a word later than
 *			now + MARGIN, and no claim
 *	KEY_CHECK	the element's own key is compared after the word was read, or the exchange came to
 *			another, and before the store
 *	WAS_FUTURE	(not a rule: a condition) what was looked up carried a word later than now +
 *			MARGIN then
 *
 * Switches, each of which must give a counterexample:
 *
 *	none of these three	not_there
 *	MARGIN, LATE, LIFE	one less than by the rules
 *	PLAIN_STORE_ALWAYS	programs store without a look at the word
 *	STORE_OVER_CLAIM	they store where they see a claim
 *	ANY_EXPIRED		they create by BPF_ANY over what is expired or about to be
 *	DELETE_EXPIRED		they delete that by key
 *	SHARED_CLAIM, NO_LOOK_AFTER_CLAIM, NO_TAKE_BACK   as in claim.pml
 *	LRU			a create evicts; with NO_GAP nothing is evicted that a collector has seen
 *				claimed and is about to delete: then evictions do no harm
 *
 * NO_ANY, NO_DELETE and NO_REMOVE (by claim) take such steps out of programs, for smaller searches.
 *
 * Time: a word is kept as what remains of it, and a tick takes one off all of them, down to where all
 * are expired for everybody and none can have been written during a run that is under way. So time
 * has no end, and the states do.
 */
#ifndef PROGRAMS
#define PROGRAMS 2
#endif
#ifndef COLLECTORS
#define COLLECTORS 1
#endif
#ifndef RUN
#define RUN 1
#endif
#ifndef LATE
#define LATE 1
#endif
#ifndef MARGIN
#define MARGIN 0
#endif
#ifndef LIFE
#define LIFE 3
#endif
#ifndef LIVES
#define LIVES 2
#endif

#define DATAPATH   0 /* the collectors come first */
#define REFRESHERS PROGRAMS
#define MORE_REFS  PROGRAMS

/* How far words go on counting once they have passed. */
#if LATE >= RUN - MARGIN && LATE >= 2 * RUN + 1 - LIFE
#define DEPTH LATE
#elif RUN - MARGIN >= 2 * RUN + 1 - LIFE
#define DEPTH (RUN - MARGIN)
#else
#define DEPTH (2 * RUN + 1 - LIFE)
#endif
#define NOW   (DEPTH + 1)
#define WORDS (NOW + LIFE + LIVES - 1)

/* What a collector takes for expired, by a clock that it reads as it claims. */
#define may_carry(w, me, key) (!in_range(w) && (w) + LATE <= NOW)
#define is_newer(key, expected) (real_word(entry(key)) > NOW)

#include "map.pml"

byte age[4];			   /* ticks since a run has read the clock, and 1; 0: none is under way */
byte program_seen[PROGRAMS + 1];
#ifdef WAS_FUTURE
bit was_future[PROGRAMS + 1];
#endif

#include "claim.pml"

#define me    (_pid - COLLECTORS + 1)
#define mine  (COLLECTORS + me) /* as one who claims */
#define value refresher_value(me)
#define again more_ref(me)
#define seen  program_seen[me]

#define elapsed	    (age[me] - 1)
#define future(w)   (!in_range(w) && (w) + elapsed > NOW + MARGIN)
#define expired(w)  ((w) + LATE + elapsed <= NOW)
#define written(life) (NOW + (life) > elapsed -> NOW + (life) - elapsed : 1)

inline choose_life()
{
	choose(life, LIVES);
	life = life + LIFE - 1
}

/* Into whatever key's element this is by now. */
inline write()
{
	choose_life();
	d_step {
	printf("program %d: writes %d over %d in element %d\n", me, written(life), word[value], value);
	word[value] = written(life);
	under[value] = NONE;
	by[value] = NONE;
	seen = NONE;
	life = NONE
	}
}

/* The key has an entry, and not one that a collector may delete. */
inline check_there()
{
	d_step {
	i = (entry(key) != NONE -> entry(key) : filled(key));
	not_there = only(NOT_THERE) && !excused[me] &&
#ifdef WAS_FUTURE
		    was_future[me] &&
#endif
		    (i == NONE || may_carry(word[i], me, key) ||
		     (in_range(word[i]) && by[i] <= COLLECTORS));
	printf("program %d: done\n", me);
	assert(!not_there);
	i = 0
	}
}

/* The end of a run, as part of its last step. */
inline end_run()
{
	value = NONE;
	again = NONE;
	seen = NONE;
	key = NONE;
	age[me] = 0;
	r_key[me] = NONE;
	r_word[me] = NONE;
	excused[me] = 0;
#ifdef WAS_FUTURE
	was_future[me] = 0;
#endif
	tidy();
	check_stuck(CLAIM(mine), mine)
}

inline look_up(at)
{
	if
	:: bpf_map_lookup_elem(key, at)
	:: entry(key) == NONE -> at = NONE
	fi;
	printf("program %d: looks key %d up: element %d\n", me, key, at)
}

inline forget()
{
	seen = NONE;
	value = NONE;
	tidy()
}

active [PROGRAMS] proctype program()
{
	byte key, life, elem;

end:
	do
	:: atomic {
		/* It reads the clock, and then comes to the look-up, which may be later. */
		choose(key, KEYS);
		choose(age[me], RUN + 1);
		printf("program %d: has read the clock %d ago\n", me, elapsed);
		r_key[me] = key;
		r_word[me] = WORDS;
		look_up(value);
#ifdef WAS_FUTURE
		was_future[me] = value != NONE && future(word[value]);
#endif
		tidy();
		if
		:: value == NONE -> goto create
		:: else
		fi
	   }
	   atomic {
		seen = word[value];
		printf("program %d: reads %d in element %d\n", me, seen, value);
#ifdef PLAIN_STORE_ALWAYS
		goto store;
#endif
		if
		:: in_range(seen) ->
			if
			:: forget(); goto create
#ifdef STORE_OVER_CLAIM
			:: seen = NONE; goto store
#endif
			:: end_run(); goto end /* BPF_COMPARE_CLAIMED */
			fi
		:: future(seen) ->
			if
			:: seen = NONE; goto store
#ifndef NO_ANY
			:: forget(); goto replace
#endif
#ifndef NO_DELETE
			:: forget(); goto delete
#endif
#ifndef NO_REMOVE
			:: goto claim
#endif
			fi
		:: else ->
			if
			:: skip
			:: forget(); goto create
#ifdef ANY_EXPIRED
			:: forget(); goto replace
#endif
#ifdef DELETE_EXPIRED
			:: forget(); goto delete
#endif
#ifndef NO_REMOVE
			:: goto claim
#endif
			fi
		fi
	   }
	   /* The compare-exchange, and what it answers */
	   atomic {
		if
		:: word[value] == seen ->
			write();
#ifdef LOOK_AGAIN
			goto look_again
#else
			check_there();
			end_run();
			goto end
#endif
		:: else
		fi;
		if
		:: future(word[value]) -> seen = NONE
		:: else -> end_run(); goto end /* BPF_COMPARE_CLAIMED, or it starts over */
		fi
	   }
store:
#ifdef KEY_CHECK
	   atomic {
		if
		:: key_of[value] != key -> end_run(); goto end
		:: else
		fi
	   }
#endif
	   atomic {
		write();
#ifndef LOOK_AGAIN
		check_there();
		end_run();
		goto end
#endif
	   }
#ifdef LOOK_AGAIN
look_again:
	   atomic {
		look_up(value);
		tidy();
		if
		:: value == NONE -> end_run(); goto end
		:: else
		fi
	   }
	   atomic {
		if
		:: future(word[value]) -> check_there()
		:: else
		fi;
		end_run();
		goto end
	   }
#endif
#ifndef NO_REMOVE
claim:
	   atomic {
		if
		:: word[value] == seen -> claim_elem(value, seen, CLAIM(mine), mine)
		:: else -> end_run(); goto end
		fi
	   }
	   atomic {
		look_up(again);
		if
		:: again == NONE -> goto take_back
		:: else
		fi
	   }
	   atomic {
		if
		:: word[again] != CLAIM(mine) -> again = NONE; goto take_back
		:: else -> again = NONE
		fi
	   }
	   atomic {
		filled(key) == NONE;
		if
		:: goto take_back /* -EAGAIN */
		:: entry(key) == NONE -> goto take_back /* -ENOENT */
		:: entry(key) != NONE ->
			printf("program %d: deletes key %d by claim: element %d with %d\n", me, key,
			       entry(key), word[entry(key)]);
			not_compared = only(NOT_COMPARED) && expired(seen) &&
				       (entry(key) != value || by[value] != mine);
			assert(!not_compared);
			unlink(key, WORDS);
			end_run();
			goto end
		fi
	   }
take_back:
	   atomic {
		give_back(value, seen, CLAIM(mine), mine);
		end_run();
		goto end
	   }
#endif
#if !defined(NO_DELETE) || defined(DELETE_EXPIRED)
delete:
	   atomic {
		filled(key) == NONE;
		if
		:: entry(key) != NONE ->
			printf("program %d: deletes key %d: element %d with %d\n", me, key, entry(key),
			       word[entry(key)]);
			unlink(key, WORDS)
		:: else
		fi;
		end_run();
		goto end
	   }
#endif
create:
	   atomic {
		filled(key) == NONE;
		if
		:: entry(key) != NONE -> end_run(); goto end /* -EEXIST */
		:: else -> goto fill
		fi
	   }
#if !defined(NO_ANY) || defined(ANY_EXPIRED)
replace:
#endif
	   atomic {
		filled(key) == NONE;
fill:
		take(elem);
		if
		:: elem == NONE -> end_run(); goto end
		:: else
		fi;
		choose_life();
		d_step {
			in_use[elem] = 1;
			word[elem] = written(life);
			under[elem] = NONE;
			by[elem] = NONE;
#ifdef KEY_CHECK
			key_of[elem] = key;
#endif
			filled(key) = elem;
			printf("program %d: fills element %d with %d for key %d\n", me, elem, word[elem],
			       key);
			elem = NONE;
			life = NONE;
			tidy()
		}
	   }
	   atomic {
#if !defined(NO_ANY) || defined(ANY_EXPIRED)
		if
		:: entry(key) != NONE -> unlink(key, WORDS)
		:: else
		fi;
#endif
		printf("program %d: links element %d under key %d\n", me, filled(key), key);
		entry(key) = filled(key);
		filled(key) = NONE;
		end_run()
	   }
	od
}
#undef me
#undef value
#undef again
#undef seen

#define passes(w) w = ((w) > 1 && !in_range(w) -> (w) - 1 : (w))

active proctype clock()
{
end:
	do
	:: d_step {
		age[1] <= RUN && age[2] <= RUN && age[3] <= RUN ->
		printf("clock: a tick\n");
		for (i : 1 .. ELEMS) {
			passes(word[i]);
			passes(under[i])
		}
		for (i : 1 .. PROGRAMS) {
			passes(program_seen[i]);
			if
			:: age[i] > 0 -> age[i]++
			:: else
			fi
		}
		for (i : 1 .. ALL) {
			passes(collector_expected[i])
		}
		i = 0
	   }
	od
}
