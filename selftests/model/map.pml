/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What the models share: a map whose elements are recycled at once, and what all kinds of collector
 * are made of. What programs write to it is in datapath.pml, and in future.pml.
 *
 * Nothing bounds how often each process goes round: keys, elements and words are few, so the states
 * are, and the search is exhaustive. With -DUNIQUE no word is ever written twice: words run out
 * then, which ends the writers.
 *
 * What is checked, by the assertions named so:
 *
 *	lost		a refresh or a create that counted (BPF_COMPARE_DONE) was deleted by a collector
 *			that compared an earlier word
 *	not_compared	a collector deleted an element other than the one it compared and claimed
 *	not_there	a refresh counted, and the key's entry does not carry the word or a later one,
 *			nor did a collector that compared that one or a later one delete it meanwhile
 *	stuck		a collector has ended and something in the map carries its claim
 *	stranger	a claim was taken back from an element that carried another word before
 *	and no deadlock (spin's "invalid end state").
 *
 * A later word in a stranger, by a refresh that holds a stale pointer, is allowed: it only makes
 * the stranger live longer.
 *
 * What is left out, and why that is sound:
 *
 * - A bucket's lock makes an update or a delete one step as far as others of that bucket go. An
 *   update is two nevertheless, as pointers to recycled elements go by no lock: one that finds
 *   a free element and fills it, one that links it. Each key has its bucket: to share one would
 *   only order more.
 * - bpf_map_lookup_elem() is one step. One that stands on the element while it is recycled in its
 *   bucket may find it before it is linked: so it is here. One that misses an entry would end its
 *   function with nothing changed, which a process may do here by not starting.
 * - Which free element a creator gets is anybody's choice, as each CPU has its list. Those that no
 *   pointer is left to are all alike: their words are forgotten and one stands for all.
 * - The value is one word: what claims and refreshes write. The other bytes come in with -DREST.
 * - Words have an order, and do not wrap around.
 * - A loop that starts over (BPF_COMPARE_TRIES) is a call that gives up, and another call: nothing
 *   is kept from one try to the next. So the number of tries is any.
 * - bpf_compare_create32() looks the key up before each try: that only keeps it from calls that
 *   would fail, so it may as well call at any time. All that creators of one key have in the way of
 *   state is under the bucket's lock, so one process a key stands for any number.
 * - What a collector expects is anything it likes: so nothing is chosen before it claims, and then
 *   it is what is there, or something else (-EBUSY, and nothing has happened).
 * - A collector is a process, or all threads of one: their runs go one after the other. A killed
 *   one finishes its program run.
 * - The bpf_spin_lock variant only makes the steps of a claim one, and those of a refresh that read
 *   and write.
 * - Memory is sequentially consistent: the compare-exchanges are full barriers, look-ups come after
 *   them, and the rest is ordered by address dependency or the bucket's lock.
 */
#ifndef KEYS
#define KEYS 2
#endif
#ifndef ELEMS
#define ELEMS 3
#endif
#ifndef WORDS
#define WORDS 2
#endif
#ifndef COLLECTORS
#define COLLECTORS 2
#endif
#ifndef PAIRS
#define PAIRS 0 /* collectors of pairs: linked.pml */
#endif
#ifndef SWEEPS
#define SWEEPS 0 /* collectors that walk along the elements: sweep.pml */
#endif
#ifndef REFRESHERS
#define REFRESHERS 1
#endif
#ifndef MORE_REFS
#define MORE_REFS 0
#endif

/* ONLY names the one assertion to be checked. */
#define LOST	     1
#define NOT_COMPARED 2
#define NOT_THERE    3
#define STUCK	     4
#define STRANGER     5
#define REST_DIFFERS 6
#define HALF	     7
#define GUESSED	     8
#define DROPPED	     9
#ifdef ONLY
#define only(what) (ONLY == (what))
#else
#define only(what) true
#endif

#define NONE 0 /* no element, no word, nobody; the rest starts at 1 */

#ifdef SHARED_CLAIM
#define CLAIM(me) (WORDS + 1)
#else
#define CLAIM(me) (WORDS + (me))
#endif
#define in_range(w) ((w) > WORDS)

/* The map. */
byte word[ELEMS + 1];	 /* what an element carries, also when it is free */
bit in_use[ELEMS + 1];	 /* not on a free list */

/*
 * Whatever refers to an element: the element that is linked under a key; the one that is about to
 * be, with the bucket's lock held; each collector's value and again, those of a pair's collector
 * twice but for again; each refresher's value. Collectors of pairs are numbered after the others, and
 * sweeps after those. With -DHOLD a sweep has one more. MORE_REFS come last.
 */
#define ALL  (COLLECTORS + PAIRS + SWEEPS)
#ifndef HOLD
#define REFS (2 * KEYS + 2 * ALL + PAIRS + REFRESHERS + MORE_REFS)
#else
#define REFS (2 * KEYS + 2 * ALL + PAIRS + REFRESHERS + SWEEPS + MORE_REFS)
#endif
byte ref[REFS + 1];
#define entry(key)	   ref[key]
#define filled(key)	   ref[KEYS + (key)]
#define collector_value(n) ref[2 * KEYS + (n)]
#define collector_again(n) ref[2 * KEYS + ALL + (n)]
#define linked_value(n)	   ref[2 * KEYS + 2 * ALL + (n) - COLLECTORS]
#define refresher_value(n) ref[2 * KEYS + 2 * ALL + PAIRS + (n)]
#define sweep_held(n)	   ref[2 * KEYS + 2 * ALL + PAIRS + REFRESHERS + (n) - COLLECTORS - PAIRS]
#define more_ref(n)	   ref[REFS - MORE_REFS + (n)]

/*
 * Which of two words is the later one. With -DSTAMP a word is a stamp and, below it, one of LOWS
 * numbers that say nothing of that.
 */
#ifdef STAMP
#ifndef LOWS
#define LOWS 2
#endif
#define order(w) ((w) == NONE -> 0 : ((w) - 1) / LOWS + 1)
#else
#define order(w) (w)
#endif

/* Refreshes that are under way. */
byte r_key[REFRESHERS + 1];
byte r_word[REFRESHERS + 1];

/* What a collector expected in the element that it has claimed. */
byte collector_expected[ALL + 1];

/* Whether what a collector expects may be what value carries now. */
#ifdef may_carry
#elif defined(EXPECT_CLAIM)
#define may_carry(w, me, key) ((w) != CLAIM(me))
#elif defined(UNIQUE)
#define may_carry(w, me, key) (!in_range(w) && issued_for[w] == (key))
#else
#define may_carry(w, me, key) (!in_range(w))
#endif

/* What the map and the programs do not know, for the assertions. */
byte under[ELEMS + 1];	 /* the word under a claim */
byte by[ELEMS + 1];	 /* the collector that put it there */
byte counted[KEYS + 1];	 /* the latest word that counted */
bit excused[REFRESHERS + 1];  /* deleted meanwhile by one that compared as late a word */

#ifdef REST
bit rest[ELEMS + 1];	 /* the value's other bytes */
bit renewed[COLLECTORS + 1]; /* value was filled again since its other bytes were compared */
#endif
#ifdef STAMP
bit overtaken[REFRESHERS + 1]; /* someone else has written to the key's entry meanwhile */
#endif
#ifdef WAIT_FOR_OLD
bit older[REFRESHERS + 1]; /* the key's entry was created meanwhile, with an earlier word */
#endif
#ifdef KEY_CHECK
byte key_of[ELEMS + 1]; /* the key beside the value, also when it is free */
#endif
#ifdef NO_CLAIM
byte looked_up[ALL + 1]; /* the key that a sweep without a claim has looked up */
bit replaced[ALL + 1];	 /* the entry that it had then has been unlinked */
#endif
#ifdef NO_GAP
bit deleting[3]; /* value has been seen under its key with the claim: for two sweeps, no others */
#define evictable(e)                                                                               \
	(!(deleting[1] && collector_value(1) == (e)) && !(deleting[2] && collector_value(2) == (e)))
#else
#define evictable(e) true
#endif
#ifdef UNIQUE
byte issued = 0;
byte issued_for[WORDS + 1];
#endif

/* For use within a step. */
bool lost, not_compared, not_there, stuck, stranger, rest_differs, half, guessed, dropped;
byte i, last, evicted;
byte name[ELEMS + 1], old_word[ELEMS + 1], old_under[ELEMS + 1], old_by[ELEMS + 1];
byte old_key[ELEMS + 1];
bit old_in_use[ELEMS + 1], old_rest[ELEMS + 1];

#define real_word(e) (in_range(word[e]) -> under[e] : word[e])

/* Whether what counted for the key last is newer than what was expected. */
#ifndef is_newer
#define is_newer(key, expected)                                                                    \
	(order(counted[key]) > (in_range(expected) -> 0 : order(expected)))
#endif

/*
 * The end of a step. Elements are all alike, so they are numbered anew, in the order in which they
 * are referred to; a free one that nothing refers to has no number and its word is forgotten.
 * KEEP_NAMES leaves the numbers as they are, for the reader of a counterexample.
 */
inline tidy()
{
	d_step {
	for (i : 1 .. REFS) {
		if
		:: ref[i] != NONE ->
			if
			:: name[ref[i]] == NONE ->
				last++;
#ifdef KEEP_NAMES
				name[ref[i]] = ref[i]
#else
				name[ref[i]] = last
#endif
			:: else
			fi;
			ref[i] = name[ref[i]]
		:: else
		fi
	}
	for (i : 1 .. ELEMS) {
		old_word[i] = word[i];
		old_under[i] = under[i];
		old_by[i] = by[i];
		old_in_use[i] = in_use[i];
		word[i] = NONE;
		under[i] = NONE;
		by[i] = NONE;
		in_use[i] = 0;
#ifdef REST
		old_rest[i] = rest[i];
		rest[i] = 0
#endif
#ifdef KEY_CHECK
		old_key[i] = key_of[i];
		key_of[i] = NONE
#endif
	}
	for (i : 1 .. ELEMS) {
		if
		:: name[i] != NONE ->
			word[name[i]] = old_word[i];
			under[name[i]] = old_under[i];
			by[name[i]] = old_by[i];
			in_use[name[i]] = old_in_use[i];
#ifdef REST
			rest[name[i]] = old_rest[i]
#endif
#ifdef KEY_CHECK
			key_of[name[i]] = old_key[i]
#endif
		:: else
		fi
	}
	for (i : 1 .. ELEMS) {
		name[i] = NONE;
		old_word[i] = NONE;
		old_under[i] = NONE;
		old_by[i] = NONE;
		old_in_use[i] = 0;
#ifdef REST
		old_rest[i] = 0
#endif
#ifdef KEY_CHECK
		old_key[i] = NONE
#endif
	}
	last = 0;
	i = 0
	}
}

/* Whether it is free, and has a number, or would have the next one. */
#define free_elem(e) (!in_use[e] && (word[e] != NONE || (e) == 1 || word[(e) - 1] != NONE))

/* A number from 1 to max. */
inline choose(number, max)
{
	if
	:: number = 1
	:: max >= 2 -> number = 2
	:: max >= 3 -> number = 3
	:: max >= 4 -> number = 4
	fi
}

inline bpf_map_lookup_elem(key, at)
{
	if
	:: at = entry(key)
	:: filled(key) != NONE -> at = filled(key)
	fi
}

/* Unlinks a key's element and puts it on a free list; excuses refreshes of words up to late. */
inline unlink(key, late)
{
	in_use[entry(key)] = 0;
	entry(key) = NONE;
	counted[key] = NONE;
	for (i : 0 .. REFRESHERS) {
#ifdef WAIT_FOR_OLD
		if
		:: r_key[i] == key -> older[i] = 0
		:: else
		fi;
#endif
		if
		:: r_key[i] == key && order(r_word[i]) <= order(late) -> excused[i] = 1
		:: else
		fi
	}
#ifdef NO_CLAIM
	for (i : 1 .. ALL) {
		if
		:: looked_up[i] == key -> replaced[i] = 1
		:: else
		fi
	}
#endif
	i = 0
}

/* An element for a new entry, or none. */
inline take(elem)
{
	choose(elem, ELEMS);
	if
	:: free_elem(elem)
#ifdef LRU
	:: in_use[elem] && evictable(elem) ->
		/* Evicts it, if it is linked under a key whose lock is free. */
		choose(evicted, KEYS);
		if
		:: entry(evicted) == elem && filled(evicted) == NONE -> d_step {
			printf("creator: evicts element %d from key %d\n", elem, evicted);
			unlink(evicted, WORDS);
			evicted = NONE
		   }
		:: else ->
			elem = NONE;
			evicted = NONE
		fi
#endif
	:: else -> elem = NONE
	fi
}

#ifdef STAMP
/* Somebody writes to an element, which is of this key or has been linked under one. */
inline overtake(me, key, elem)
{
	for (i : 1 .. REFRESHERS) {
		if
		:: i != me && r_key[i] != NONE &&
		   (r_key[i] == key || entry(r_key[i]) == elem || filled(r_key[i]) == elem) ->
			overtaken[i] = 1
		:: else
		fi
	}
	i = 0
}
#endif

/* A claim in the place of the word in value, which is what was expected. */
inline claim_elem(value, expected, claim, me)
{
	d_step {
	expected = word[value];
	under[value] = real_word(value);
	word[value] = claim;
	by[value] = me;
	printf("collector %d: expects %d, claims element %d with %d\n", me, expected, value, claim)
	}
}

/* give_back(value, word, claim) */
inline give_back(value, expected, claim, me)
{
	if
	:: word[value] == claim ->
		stranger = only(STRANGER) && under[value] != expected;
		assert(!stranger);
		printf("collector %d: takes element %d back to %d\n", me, value, expected);
		word[value] = expected;
		under[value] = NONE;
		by[value] = NONE
	:: else
	fi
}

/* What bpf_map_delete_elem() finds under the key must be value, as it was claimed. */
inline delete_elem(key, value, expected, claim, me)
{
	printf("collector %d: deletes key %d: element %d with %d\n", me, key, entry(key),
	       word[entry(key)]);
	lost = only(LOST) && is_newer(key, expected);
	assert(!lost);
	not_compared = only(NOT_COMPARED) && (entry(key) != value || by[value] != me ||
					      word[value] != claim || under[value] != expected);
	assert(!not_compared);
	unlink(key, expected)
}

/* A collector has ended. */
inline check_stuck(claim, me)
{
	for (i : 1 .. ELEMS) {
		stuck = only(STUCK) && in_use[i] && word[i] == claim &&
			(by[i] == me || by[i] == NONE);
		assert(!stuck)
	}
	i = 0
}
