/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * One word of a value changed in place, for spin: an update whose result depends on what was there (add,
 * and, or, exclusive or), that hands it out (set, with `old`), or that compares it first.
 *
 * The map is not that of map.pml. There words have an order, whatever is written is later, and what a
 * stranger's element carries matters to collectors alone. Here words are numbers that go up and down and
 * that sums are made of, and it matters which life they are of: so an element keeps that beside its word,
 * look-ups take time, and a create stores the key and the word one after the other.
 *
 * A call, of which each try is:
 *
 *	value = look the key up		there is none: -ENOENT
 *	seen = the word in value	new = what is made of that
 *	look the key up			it is not value: start over, or -EAGAIN
 *	exchange seen for new		the word is another by now: start over, or -EAGAIN
 *	the answer is 0, and seen is what was there
 *
 * Where seen is not what was expected, or is a claim, or new would be one, nothing is written and the answer
 * is -EBUSY; but the key is looked up and the word read again as if it were exchanged for itself. The
 * same holds where new is seen. Either may be an exchange or a second load: this model does not tell
 * them apart.
 *
 * The rules, and what each gives:
 *
 *	the look between	What was seen is of the key's own entry: value was under the key before it
 *				was read, and is so after. Or the element was recycled twice, for
 *				another key and back: then the word is another one by now.
 *	the exchange		Nothing that others have written since is written over, and nothing
 *				happens to an entry that the element was recycled for since.
 *	no look after it	The call counts as one of the moment of the look between, or of a later
 *				one. An entry that is deleted or replaced after that is so with the
 *				change, also where the exchange came later and went to a free element.
 *				An answer other than 0 says that nothing was written, and seen is
 *				never dropped.
 *
 * What is checked, by the assertions named so:
 *
 *	touched		another key's entry was written to
 *	damaged		a call has ended, and another key's entry is other than it would be without it
 *	not_there	an answer (0 or -EBUSY) tells of a word of a life that the key's entry has not been
 *			of at any time since the call began
 *	unsaid		a call has written to the key's entry, and answers something else than 0
 *			(with LOOK_AFTER: where asked for)
 *	lost, twice	the key's word is less, or more, than what was put there less what was taken out:
 *			by creates, programs, calls that answered 0, and by who deletes it and counts what
 *			was there then (STAYS, CLAIMS, HANDS_OUT)
 *	stuck		the key's entry carries a claim that nobody will take back (CLAIMS)
 * and, only where asked for:
 *	late		the answer is 0, and what was written to was not the key's entry any more as it was
 *			written; with LOOK_AFTER, when that look-up began
 *
 * What a search is made under:
 *
 *	STAYS		the key's entry stays, and programs add to it by fetch-and-add. What they add to an
 *			entry that does not stay they may lose without any call.
 *	CLAIMS		the key's entry is deleted by a collector with a claim alone, and what that claimed
 *			is counted then
 *	HANDS_OUT	it is deleted by anybody, and what was there is counted: read in the very step that
 *			unlinks it, which is more than programs can. Whether that was before the exchange
 *			or after it, no call can tell. As it answers 0 in either case, what a set hands out
 *			may be counted a second time, and an add be lost; nothing that a set has taken is
 *			lost, and no add counts twice. With LOOK_AFTER all four happen.
 *	EQUAL_WORDS	words of different lives may be the same. Else a word carries the life that it is
 *			of, so none is seen in two. Where they may, an entry for which the element is
 *			recycled between the look between and the exchange is written to if it happens to
 *			carry seen: that is a limit, as it is of any exchange through a pointer.
 *	KEY_FIRST	an element that is being created is found by its key before its word is
 *			stored, by a look-up that stood on it when it was recycled. So it is on LRU, where
 *			the hash and the key are stored first. On HASH the hash comes last: there it
 *			takes another key with the same 32 bits of hash, or a CPU that stores in another
 *			order. Then the look between may find an element that was recycled twice with the
 *			other key's word still in it.
 *	OP		ADD (one), CLEAR or READ alone; else what is made of a word is anything
 *
 * Switches. Each takes out a rule, or does something else instead; all but LOOK_TWICE must give a
 * counterexample:
 *
 *	NO_LOOK		no look-up between
 *	LOOK_TWICE	two of them: what KEY_FIRST takes. A look-up finds what was linked, under whatever
 *			key, when it began or since. So the second one does not find what was being created
 *			when the first one ended, unless that has been linked since, with a new word.
 *	PLAIN_STORE	new is stored instead of exchanged
 *	SKIP_SAME	where new is seen the word is not read again: the element may have been recycled
 *			twice, and seen be another entry's
 *	BUSY_AT_ONCE	the answer is -EBUSY without the look between
 *	LOOK_AFTER	the key is looked up after the exchange too: where it is not value, start over, or
 *			-EAGAIN; or -ENOENT, if there is none by then. It drops what a set took, counts an
 *			add twice where who deletes has counted it already, and does not even say that the
 *			key's entry carries the change (late), as it may have been created anew in
 *			the same element.
 *	DELETED_IS_DONE	(LOOK_AFTER) where there is none the answer is 0: there may be another by then
 *	WORD_AFTER	(LOOK_AFTER) what is found must also carry new. Then nothing is late, but where
 *			others write to the word meanwhile adds count twice.
 *	FETCH		fetch-and-add, or an exchange whatever the word, instead of all from the load to the
 *			exchange: exact where the entry stays, and goes to strangers where it does not
 *	TAKE_BACK	(LOOK_AFTER) where it is not value the change is taken back there. With FETCH by the
 *			opposite add: that goes to a stranger where the add itself did not. Else by
 *			exchanging new for seen: as value is dead then, that mends nothing; with EQUAL_WORDS
 *			it goes to strangers too.
 *	OVER_CLAIM	(CLAIMS) a claim is a word as any
 *	MAKES_CLAIM	(CLAIMS) what is written may be a claim
 *
 * What is left out, and why that is sound, beside what map.pml says of buckets and of memory:
 *
 * - A look-up is two steps: as it begins it may come to stand on any element that is linked then, since
 *   all keys may share a bucket, and takes it if that is of the key as it goes on, linked or not; else it
 *   finds what is linked under the key.
 * - One that misses an entry that is being replaced starts over, as if it had found what replaces it,
 *   or ends the call with nothing written.
 * - Whatever creates may come to nothing after the fill, as on LRU. An eviction is a delete.
 * - How many tries there are is any.
 * - Numbers are few: nothing is added to MAX.
 * - All updaters update one key: calls for others have nothing to do with it.
 */
#ifndef KEYS
#define KEYS 2
#endif
#ifndef ELEMS
#define ELEMS 2
#endif
#ifndef UPDATERS
#define UPDATERS 1
#endif
#ifndef MAX
#define MAX 2 /* 3 at most */
#endif

/* ONLY names the one assertion to be checked. */
#define TOUCHED	  1
#define DAMAGED	  2
#define NOT_THERE 3
#define UNSAID	  4
#define LOST	  5
#define TWICE	  6
#define STUCK	  7
#define LATE	  8
#ifdef ONLY
#define only(what)  (ONLY == (what))
#define asked(what) (ONLY == (what))
#else
#define only(what)  true
#define asked(what) false
#endif

#ifdef LOOK_AFTER
#define UNSAID_CHECKED asked(UNSAID)
#else
#define UNSAID_CHECKED only(UNSAID)
#endif

#define ADD   1
#define CLEAR 2
#define READ  3
#ifndef OP
#define OP 0 /* anything */
#endif

#define NONE  0 /* no element, no key, no life; the rest starts at 1 */
#define OWN   1 /* the key that updaters update */
#define START 1 /* what a new entry's word is */
#define CLAIM (MAX + 1)

#if defined(STAYS) || defined(CLAIMS) || defined(HANDS_OUT)
#define COUNTED
#endif

/* Who unlinks entries of a key, beside the collector. */
#if defined(STAYS) || defined(CLAIMS)
#define may_delete(key)	 ((key) != OWN)
#define may_replace(key) ((key) != OWN)
#elif defined(HANDS_OUT)
#define may_delete(key)	 true
#define may_replace(key) ((key) != OWN)
#else
#define may_delete(key)	 true
#define may_replace(key) true
#endif

/* The map. */
byte number[ELEMS + 1]; /* an element's word: that, and */
byte life[ELEMS + 1];	/* the life that it is of */
byte key_of[ELEMS + 1]; /* the key beside the value, also when it is free */
bit in_use[ELEMS + 1];	/* not on a free list */
byte entry[KEYS + 1];	/* the element that is linked under a key */
byte taken[KEYS + 1];	/* the one that is about to be, with the bucket's lock held */

byte seen_life[UPDATERS + 1];

/* What the map and the programs do not know, for the assertions. */
byte whose[ELEMS + 1];		   /* the key whose entry's word this is, or will be */
short off[ELEMS + 1];		   /* what updaters have made it differ by, where it is another key's */
#define LIVES (ELEMS + UPDATERS)
bit there[UPDATERS * (LIVES + 1)]; /* the key's entry has been of this life since the call began */
#define was_there(me, life) there[((me) - 1) * (LIVES + 1) + (life)]
#ifdef COUNTED
short due;	  /* what the key's word must be */
byte unanswered; /* calls that have written, and have not answered */
#endif
#ifdef CLAIMS
byte under[ELEMS + 1]; /* the number under a claim */
#define real(elem) (number[elem] == CLAIM -> under[elem] : number[elem])
#else
#define real(elem) number[elem]
#endif

/* For use within a step. */
bool touched, damaged, not_there, unsaid, lost, twice, stuck, late;
byte i, j, fresh;

/* One that no other element's word is of, nor what an updater has seen. */
inline new_life(elem)
{
	life[elem] = NONE;
	for (i : 1 .. LIVES) {
		fresh = i;
		for (j : 1 .. ELEMS) {
			fresh = (life[j] == i -> NONE : fresh)
		}
		for (j : 1 .. UPDATERS) {
			fresh = (seen_life[j] == i -> NONE : fresh)
		}
		for (j : 1 .. UPDATERS) {
			was_there(j, i) = (fresh == NONE && was_there(j, i))
		}
		if
		:: fresh != NONE && life[elem] == NONE -> life[elem] = fresh
		:: else
		fi
	}
	i = 0;
	j = 0;
	fresh = NONE
}

/* A number from 1 to max. */
inline choose(num, max)
{
	if
	:: num = 1
	:: max >= 2 -> num = 2
	:: max >= 3 -> num = 3
	:: max >= 4 -> num = 4
	fi
}

inline check_counts()
{
#ifdef COUNTED
	lost = only(LOST) && unanswered == 0 &&
	       due > (entry[OWN] == NONE -> 0 : real(entry[OWN]));
	assert(!lost);
	twice = only(TWICE) && unanswered == 0 &&
		due < (entry[OWN] == NONE -> 0 : real(entry[OWN]));
	assert(!twice);
	/* Where only the other is asked for */
	due = (unanswered == 0 -> (entry[OWN] == NONE -> 0 : real(entry[OWN])) : due)
#else
	skip
#endif
}

/* What is found after the exchange ends the call, though it is not value. */
#ifdef DELETED_IS_DONE
#define is_done(elem) ((elem) == NONE)
#else
#define is_done(elem) false
#endif

/* Updaters: their numbers are from 1. */
#define me (_pid + 1)

/* An updater writes. */
inline put(elem, num)
{
	touched = only(TOUCHED) && whose[elem] != NONE && whose[elem] != OWN;
	assert(!touched);
	off[elem] = (whose[elem] != NONE && whose[elem] != OWN -> off[elem] + num - number[elem] : 0);
	carried = carried || (entry[OWN] == elem);
	printf("updater %d: writes %d over %d in element %d\n", me, num, number[elem], elem);
	number[elem] = num
}

/* The first step of a look-up: where it stands when others go on. */
inline begin_look_up()
{
	choose(stand, KEYS);
	stand = entry[stand]
}

/* The second one */
inline look_up(at)
{
	at = (stand != NONE && key_of[stand] == OWN -> stand : entry[OWN]);
	stand = NONE;
	printf("updater %d: looks the key up: element %d\n", me, at)
}

/* answer is NONE for anything but 0 and -EBUSY */
#define DONE 1
#define BUSY 2
inline end_call(answer)
{
	d_step {
	for (i : 1 .. ELEMS) {
		damaged = only(DAMAGED) && off[i] != 0 && whose[i] != NONE && whose[i] != OWN;
		assert(!damaged)
	}
	for (i : 1 .. LIVES) {
		was_there(me, i) = 0
	}
	i = 0;
	unsaid = UNSAID_CHECKED && carried && answer != DONE;
	assert(!unsaid);
	not_there = only(NOT_THERE) && answer != NONE && elsewhere;
	assert(!not_there);
	late = asked(LATE) && answer == DONE && gone;
	assert(!late);
#ifdef COUNTED
	due = (answer == DONE -> due + change : due);
	unanswered = unanswered - written;
	written = 0;
	change = 0;
#endif
	check_counts();
	value = NONE;
	again = NONE;
	seen = 0;
	new = 0;
	differs = 0;
	seen_life[me] = NONE;
	calling = 0;
	carried = 0;
	elsewhere = 0;
	gone = 0
	}
}

/* What is kept from one try to the next is what it has written. */
inline start_over()
{
	d_step {
#ifdef COUNTED
	unanswered = unanswered - written;
	written = 0;
	change = 0;
#endif
	value = NONE;
	again = NONE;
	seen = 0;
	new = 0;
	differs = 0;
	seen_life[me] = NONE;
	elsewhere = 0;
	gone = 0
	}
}

/* What is found must be value. */
inline must_be_value(at)
{
	if
	:: at != value -> goto try_again
	:: else -> at = NONE
	fi
}

#define same_word(elem, num)                                                                       \
	(number[elem] == (num) && (EQUAL || (num) == CLAIM || life[elem] == seen_life[me]))
#ifdef EQUAL_WORDS
#define EQUAL true
#else
#define EQUAL false
#endif

#ifdef CLAIMS
#define is_claim(num) ((num) == CLAIM)
#else
#define is_claim(num) false
#endif

inline write_new()
{
	elsewhere = !was_there(me, life[value]);
	gone = (entry[OWN] != value);
#ifdef COUNTED
	change = new - (is_claim(seen) -> real(value) : seen);
	written = 1;
	unanswered++;
#endif
#ifdef MAKES_CLAIM
	under[value] = (new == CLAIM -> seen : 0);
	change = (new == CLAIM -> 0 : change);
#endif
	if
	:: differs || new == seen -> printf("updater %d: element %d carries %d\n", me, value, seen)
	:: else -> put(value, new)
	fi
}

active [UPDATERS] proctype updater()
{
	byte value, again, stand, seen, new;
	bit differs, calling;
	bit carried, elsewhere, gone;
#ifdef COUNTED
	short change;
	bit written;
#endif

end:
	atomic {
		if
		:: !calling && entry[OWN] != NONE -> was_there(me, life[entry[OWN]]) = 1
		:: else
		fi;
		calling = 1;
		begin_look_up()
	}
	atomic {
		look_up(value);
		if
		:: value == NONE ->
			printf("updater %d: there is no entry\n", me);
			end_call(NONE);
			goto end
		:: else
		fi
	}
#ifdef FETCH
	atomic {
		seen = number[value];
#if OP == CLEAR
		new = 0;
#else
		if
		:: seen < MAX -> new = seen + 1
		:: else -> end_call(NONE); goto end
		fi;
#endif
		write_new();
#ifndef LOOK_AFTER
		printf("updater %d: done, %d was there\n", me, seen);
		end_call(DONE);
		goto end
#endif
	}
#else
	atomic {
		seen = number[value];
		seen_life[me] = life[value];
		printf("updater %d: reads %d in element %d\n", me, seen, value);
		if
#if defined(CLAIMS) && !defined(OVER_CLAIM)
		:: seen == CLAIM -> differs = 1
		:: seen != CLAIM ->
#else
		:: true ->
#endif
			if
#if OP == ADD
			:: seen < MAX -> new = seen + 1
			:: seen >= MAX -> differs = 1
#elif OP == CLEAR
			:: new = 0
#elif OP == READ
			:: new = seen
#else
			:: choose(new, MAX + 1); new--
			:: differs = 1
#endif
#ifdef MAKES_CLAIM
			:: new = CLAIM
#endif
			fi
		fi;
		new = (differs -> seen : new);
#ifdef BUSY_AT_ONCE
		if
		:: differs ->
			printf("updater %d: it is not what was expected\n", me);
			elsewhere = !was_there(me, seen_life[me]);
			end_call(BUSY);
			goto end
		:: else
		fi
#endif
	}
#ifndef NO_LOOK
	atomic { begin_look_up() }
	atomic { look_up(again); must_be_value(again) }
#ifdef LOOK_TWICE
	atomic { begin_look_up() }
	atomic { look_up(again); must_be_value(again) }
#endif
#endif
	atomic {
		if
#ifdef SKIP_SAME
		:: new == seen -> write_new(); elsewhere = !was_there(me, seen_life[me])
#endif
#ifdef PLAIN_STORE
		:: true -> write_new()
#else
		:: same_word(value, seen) -> write_new()
		:: !same_word(value, seen) -> goto try_again
#endif
		fi;
		if
		:: differs ->
			printf("updater %d: it is not what was expected\n", me);
			end_call(BUSY)
		:: else ->
#ifdef LOOK_AFTER
			goto look_after
#else
			printf("updater %d: done, %d was there\n", me, seen);
			end_call(DONE)
#endif
		fi;
		goto end
	}
#endif
#ifdef LOOK_AFTER
look_after:
	atomic {
		gone = gone || (entry[OWN] != value) || !was_there(me, life[value]);
		begin_look_up()
	}
	atomic {
		look_up(again);
		if
		:: again != value && !is_done(again) -> goto take_back
		:: else
		fi;
#ifndef WORD_AFTER
		printf("updater %d: done, %d was there\n", me, seen);
		end_call(DONE);
		goto end
#endif
	}
#ifdef WORD_AFTER
	atomic {
		if
		:: same_word(value, new) ->
			printf("updater %d: done, %d was there\n", me, seen);
			end_call(DONE);
			goto end
		:: else
		fi
	}
#endif
take_back:
#ifdef TAKE_BACK
	atomic {
#ifdef FETCH
		put(value, number[value] + seen - new)
#else
		if
		:: same_word(value, new) -> put(value, seen)
		:: else
		fi
#endif
	}
#endif
#endif
#if !defined(FETCH) || defined(LOOK_AFTER)
try_again:
	atomic {
		if
		:: start_over()
		:: printf("updater %d: gives up\n", me); end_call(NONE)
		fi;
		goto end
	}
#endif
}

/* Who creates, replaces and deletes entries: one process a key, as in map.pml. */
active [KEYS] proctype somebody()
{
	byte elem;

#define key (_pid - UPDATERS + 1)

end:
	do
	:: atomic {
		entry[key] == NONE || may_replace(key);
		choose(elem, ELEMS);
		if
		:: in_use[elem] -> elem = NONE; goto end
		:: else
		fi;
		in_use[elem] = 1;
		taken[key] = elem;
#ifdef KEY_FIRST
		key_of[elem] = key;
#endif
		elem = NONE;
		printf("somebody: takes element %d for key %d\n", taken[key], key)
	   }
	   d_step {
		key_of[taken[key]] = key;
		number[taken[key]] = START;
		new_life(taken[key]);
		whose[taken[key]] = key;
		off[taken[key]] = 0;
		printf("somebody: fills element %d with %d\n", taken[key], START)
	   }
	   atomic {
		if
		:: d_step {
			if
			:: entry[key] != NONE ->
				in_use[entry[key]] = 0;
				whose[entry[key]] = NONE
			:: else
			fi;
			entry[key] = taken[key];
			if
			:: key == OWN ->
#ifdef COUNTED
				due = due + START;
#endif
				for (i : 1 .. UPDATERS) {
					was_there(i, life[taken[key]]) = 1
				}
				i = 0
			:: else
			fi;
			printf("somebody: links element %d under key %d\n", taken[key], key)
		   }
		:: d_step {
			in_use[taken[key]] = 0;
			whose[taken[key]] = NONE;
			printf("somebody: puts element %d back\n", taken[key])
		   }
		fi;
		taken[key] = NONE
	   }
	:: d_step {
		entry[key] != NONE && may_delete(key) ->
		printf("somebody: deletes key %d: element %d with %d\n", key, entry[key],
		       number[entry[key]]);
#ifdef HANDS_OUT
		due = (key == OWN -> due - number[entry[key]] : due);
#endif
		in_use[entry[key]] = 0;
		whose[entry[key]] = NONE;
		entry[key] = NONE
	   }
	od
#undef key
}

#ifdef STAYS
/* Programs that add one, any number of them. */
active proctype program()
{
end:
	do
	:: d_step {
		entry[OWN] != NONE && number[entry[OWN]] < MAX ->
		number[entry[OWN]]++;
		due++;
		printf("program: adds to element %d: %d\n", entry[OWN], number[entry[OWN]])
	   }
	od
}
#endif

#ifdef CLAIMS
/* As in claim.pml. What it expects is what it has found as it claims. */
active proctype collector()
{
	byte value, expected;

end:
	do
	:: atomic { entry[OWN] != NONE -> value = entry[OWN] }
	   atomic {
		if
		:: number[value] == CLAIM -> goto out
		:: else
		fi;
		expected = number[value];
		under[value] = expected;
		number[value] = CLAIM;
		printf("collector: expects %d, claims element %d\n", expected, value)
	   }
	   atomic {
		if
		:: entry[OWN] == NONE || number[entry[OWN]] != CLAIM -> goto take_back
		:: else
		fi;
		printf("collector: element %d is claimed\n", entry[OWN])
	   }
	   atomic {
		if
		:: goto take_back /* -EAGAIN */
		:: entry[OWN] != NONE -> d_step {
			printf("collector: deletes the key: element %d with %d\n", entry[OWN],
			       number[entry[OWN]]);
			due = due - expected;
			in_use[entry[OWN]] = 0;
			whose[entry[OWN]] = NONE;
			entry[OWN] = NONE
		   }
		   goto out
		fi
	   }
take_back:
	   atomic {
		if
		:: number[value] == CLAIM ->
			printf("collector: takes element %d back to %d\n", value, expected);
			number[value] = expected;
			under[value] = 0
		:: else
		fi;
out:
		value = NONE;
		expected = 0;
		check_counts();
		stuck = only(STUCK) && entry[OWN] != NONE && number[entry[OWN]] == CLAIM;
		assert(!stuck)
	   }
	od
}
#endif
