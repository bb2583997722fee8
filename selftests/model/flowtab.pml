/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The flow table in an arena (bpf_flowtab(7)), for spin: programs that look up, refresh, create, evict and
 * delete, beside collectors that delete what has timed out.
 *
 * A slot is a word and a record. The word is time, generation and state, and is read and exchanged as one; tag
 * and class are left out, as if all keys had them in common. The record is the key and the value, stored in steps
 * of their own.
 *
 *	visit	now = the clock
 *		for each slot: word; it is LIVE; its key is ours
 *			its time is now or later, or word is exchanged for word with now; else look again
 *			write the value in place
 *	create	for each slot: word; it is FREE (or LIVE, and to be evicted); its time + GRACE <= now
 *			exchange it for BUSY, a new generation, now
 *		write the key
 *		exchange BUSY for TENT
 *		for each other slot: word; it is TENT or LIVE; its key is ours
 *			it is LIVE, or a lower slot: free our own, there is another one
 *			else exchange it for FREE; where it is another word by now, look at it again
 *		exchange TENT for LIVE; where it is FREE by now there is another one
 *	look	for each slot: word; it is LIVE; its key is ours; the word is the same
 *	delete	word; it is LIVE; its key is ours; exchange it for FREE
 *	collect	now = the clock, at any time before
 *		word; it is LIVE; its time + TIMEOUT <= now; exchange it for FREE
 *
 * Freeing keeps the time, from which the grace counts.
 *
 * The rules, and what each gives:
 *
 *	the exchange		What was read of the record is of the life that is refreshed. Where the time is
 *				now already there is nothing to exchange, nor to read again: such a slot is not
 *				used again in this run, so the key that was read is of the life that was LIVE.
 *	the second load		What who only looks has read of the record is of a life that was LIVE.
 *	never back		Who comes late with an earlier clock takes no refresh back.
 *	TENT, then the search	Of two who create one key, one at least sees the other.
 *	the lower slot wins	and frees the other by exchange, instead of passing it by: the other may have
 *				searched before the lower one was there.
 *	GRACE > RUN		Who was told of an entry writes its value until its run ends, at most RUN after
 *				it began.
 *
 * What is checked, by the assertions named so:
 *
 *	twins		two LIVE slots carry one key
 *	lost		a collector deletes an entry of which a visit was told less than TIMEOUT, by that visit's
 *			clock, before what is now for the collector
 *	damaged		a value is written that is not of the life of which the visit was told
 *	not_there	a visit is told of an entry that was another key's, or was never LIVE since the visit began
 *
 * What a search is made under:
 *
 *	PROGRAMS	2, or 3. The first two have the same key; APART: another each. The third has another.
 *	PAIRS		a record has a second key, from which an alias leads to it: a word of its own, with the slot
 *			and its generation, put there before TENT. Of the record's two keys none may be in another
 *			LIVE record, as either. A visit by the second key goes by the alias; what it exchanges is the
 *			slot's word, so that one exchange ends both. An alias whose slot is FREE, or of another
 *			generation, is nobody's, and is used again. PAIRS=1: the first two programs have each
 *			other's keys; PAIRS=2: they share the second key.
 *	LOOKS		a visit may only look: it is told, and writes nothing
 *	EVICT		LIVE slots past their grace are used, too
 *	SLOTS, COLLECTORS, RUN, GRACE, TIMEOUT, HORIZON (there the clock ends)
 *
 * Switches. Each takes out a rule, and must give a counterexample:
 *
 *	PLAIN_REFRESH	the word is stored
 *	NO_CHECK	(LOOKS) the word is not loaded a second time
 *	BACKWARDS	the time is set to now, whatever it was
 *	NO_TENT		BUSY becomes LIVE, without a search
 *	SEARCH_FIRST	the search comes before TENT
 *	NO_KILL		the lower slot passes the other by
 *	NO_ORDER	each of two frees the other, and goes on to LIVE by a store
 *	NO_GRACE	a slot is used as soon as it is FREE
 *	PLAIN_COLLECT	the collector stores FREE where it is LIVE, whatever its word
 *	ALIAS_LAST	(PAIRS) the alias is put after the search
 *	ONE_KEY		(PAIRS) the search is for the first key alone
 *
 * What is left out, and why that is sound:
 *
 * - Memory is in order: on x86-64 only a load may come before a store that precedes it, and every store of a word is
 *   an exchange.
 * - A program that interrupts another on its CPU is one that runs to its end between two steps.
 * - Buckets: all slots are in those of every key.
 * - How often a visit looks again is any.
 * - That the clock goes round. A generation is not what keeps lives apart here, but for aliases: time does, as no slot
 *   is used again in the tick of its last refresh.
 */
#ifndef PROGRAMS
#define PROGRAMS 2
#endif
#ifndef COLLECTORS
#define COLLECTORS 1
#endif
#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef RUN
#define RUN 0
#endif
#ifndef GRACE
#define GRACE (RUN + 1)
#endif
#ifndef TIMEOUT
#define TIMEOUT 1
#endif
#ifndef HORIZON
#define HORIZON 2
#endif
#ifdef NO_GRACE
#undef GRACE
#define GRACE 0
#endif

/* ONLY names the one assertion to be checked. */
#define TWINS	  1
#define LOST	  2
#define DAMAGED	  3
#define NOT_THERE 4
#ifdef ONLY
#define only(what) (ONLY == (what))
#else
#define only(what) true
#endif

#define FREE 0
#define BUSY 1
#define TENT 2
#define LIVE 3

#define NONE 255

/* A word */
byte state[SLOTS];
byte gen[SLOTS];
byte time[SLOTS];
/* A record */
byte key[SLOTS] = NONE;
#ifdef PAIRS
byte reverse[SLOTS] = NONE;
byte to_slot[SLOTS] = NONE; /* an alias: there are as many as slots */
byte to_gen[SLOTS];
#endif

/* What the table does not know, for the assertions. */
byte clock;
byte began[PROGRAMS] = NONE;
byte visited[SLOTS]; /* the latest clock, and one, of a visit that was told of this life */
bool twins, lost, damaged, not_there;
byte i;

#ifdef PAIRS
#define has(slot, k)  (key[slot] == (k) || reverse[slot] == (k))
#define overlap(a, b) (has(a, key[b]) || has(a, reverse[b]))
#else
#define has(slot, k)  (key[slot] == (k))
#define overlap(a, b) has(a, key[b])
#endif

#define same_word(slot) (state[slot] == s && gen[slot] == g && time[slot] == t)

inline load(slot)
{
	d_step {
		s = state[slot];
		g = gen[slot];
		t = time[slot]
	}
}

inline forget()
{
	s = FREE;
	g = 0;
	t = 0
}

/* A slot is LIVE from now on. */
inline check_twins(slot)
{
	for (i : 0 .. SLOTS - 1) {
		twins = twins || (only(TWINS) && i != slot && state[i] == LIVE && overlap(i, slot))
	}
	i = 0;
	assert(!twins)
}

/* A visit is told that the slot is its key's: so it may write the value. */
inline tell(slot)
{
	not_there = only(NOT_THERE) && (gen[slot] != g || !has(slot, mykey));
	assert(!not_there);
	visited[slot] = (visited[slot] > now + 1 -> visited[slot] : now + 1);
	found = slot;
	life = gen[slot];
	printf("program %d: at %d, is told of slot %d\n", _pid, now, slot)
}

#ifdef BACKWARDS
#define settled (t == now)
#else
#define settled (t >= now)
#endif

#ifdef PLAIN_REFRESH
#define unchanged(slot) true
#else
#define unchanged(slot) same_word(slot)
#endif

/* The word was LIVE, and then the record of our key. Where it is another word by now nothing is told. */
inline refresh(slot)
{
	d_step {
		if
		:: settled -> tell(slot)
		:: !settled && unchanged(slot) ->
			state[slot] = s;
			gen[slot] = g;
			time[slot] = now;
			tell(slot)
		:: else
		fi
	}
}

#ifdef NO_CHECK
#define checked(slot) true
#else
#define checked(slot) same_word(slot)
#endif

/* Likewise, to look alone: told is that the key has an entry. */
inline peek(slot)
{
	d_step {
		not_there = only(NOT_THERE) && checked(slot) &&
			    (gen[slot] != g || state[slot] == BUSY || state[slot] == TENT || !has(slot, mykey));
		assert(!not_there)
	}
}

#ifdef LOOKS
#define visit(slot)                                                                                \
	if                                                                                         \
	:: refresh(slot)                                                                           \
	:: peek(slot)                                                                              \
	fi
#else
#define visit(slot) refresh(slot)
#endif

inline look_up()
{
	for (n : 0 .. SLOTS - 1) {
		load(n);
		if
		:: found == NONE && s == LIVE ->
			if
			:: key[n] == mykey -> visit(n)
			:: else
			fi
		:: else
		fi
#ifdef PAIRS
		d_step {
			o = to_slot[n];
			og = to_gen[n]
		}
		if
		:: found == NONE && o != NONE ->
			load(o);
			if
			:: s == LIVE && g == og ->
				if
				:: reverse[o] == mykey -> visit(o)
				:: else
				fi
			:: else
			fi
		:: else
		fi;
		o = NONE;
		og = 0
#endif
	}
	n = 0;
	forget()
}

#ifdef EVICT
#define to_be_used(s) ((s) == FREE || (s) == LIVE)
#else
#define to_be_used(s) ((s) == FREE)
#endif

/* Takes a slot, or none, for a record of ours. */
inline take()
{
	for (n : 0 .. SLOTS - 1) {
		if
		:: own == NONE ->
			load(n);
			if
			:: to_be_used(s) && t + GRACE <= now ->
				d_step {
					if
					:: same_word(n) ->
						state[n] = BUSY;
						gen[n] = g + 1;
						time[n] = now;
						visited[n] = 0;
						own = n;
						printf("program %d: at %d, takes slot %d\n", _pid, now, n)
					:: else
					fi
				}
			:: else
			fi
		:: else
		fi
	}
	n = 0;
	forget()
}

#ifdef PAIRS
#define nobodys(n) (to_slot[n] == NONE || gen[to_slot[n]] != to_gen[n] || state[to_slot[n]] == FREE)

/* One step: to find that it is nobody's and the exchange are two, but what was nobody's stays so until another takes it. */
inline put_alias()
{
	d_step {
		for (i : 0 .. SLOTS - 1) {
			if
			:: alias == NONE && nobodys(i) ->
				to_slot[i] = own;
				to_gen[i] = gen[own];
				alias = i
			:: else
			fi
		}
		i = 0
	}
}
#endif

/* Another record with a key of ours, in slot o, by its word in s, g, t: it goes, or ours does. */
inline meet()
{
	printf("program %d: slot %d finds slot %d, %d\n", _pid, own, o, s);
	if
	:: s == LIVE -> lose = true
#ifdef NO_KILL
	:: s == TENT && o < own -> lose = true
	:: s == TENT && o > own
#elif defined(NO_ORDER)
	:: s == TENT ->
#else
	:: s == TENT && o < own -> lose = true
	:: s == TENT && o > own ->
#endif
#ifndef NO_KILL
		d_step {
			if
			:: same_word(o) -> state[o] = FREE
			:: else -> again = true
			fi
		}
#endif
	fi
}

inline search()
{
	n = 0;
	do
	:: n < SLOTS ->
		again = false;
		o = n;
		load(o);
		if
		:: o != own && s >= TENT ->
			if
#if defined(PAIRS) && !defined(ONE_KEY)
			:: key[o] == mykey || key[o] == myreverse -> meet()
#else
			:: key[o] == mykey -> meet()
#endif
			:: else
			fi
		:: else
		fi;
#ifdef PAIRS
		d_step {
			o = to_slot[n];
			og = to_gen[n]
		}
		if
		:: o != NONE && o != own ->
			load(o);
			if
			:: s >= TENT && g == og ->
				if
#ifdef ONE_KEY
				:: reverse[o] == mykey -> meet()
#else
				:: reverse[o] == mykey || reverse[o] == myreverse -> meet()
#endif
				:: else
				fi
			:: else
			fi
		:: else
		fi;
		og = 0;
#endif
		if
		:: again
		:: else -> n++
		fi
	:: else -> break
	od;
	n = 0;
	o = NONE;
	again = false;
	forget()
}

inline publish()
{
	d_step {
		if
#ifdef NO_ORDER
		:: !lose ->
#else
		:: !lose && state[own] == TENT ->
#endif
			state[own] = LIVE;
			printf("program %d: slot %d is live\n", _pid, own);
			check_twins(own);
			g = gen[own];
			tell(own);
			g = 0
		:: else -> /* ours, or FREE already */
			state[own] = FREE;
			printf("program %d: slot %d is not\n", _pid, own)
		fi
	}
}

inline create()
{
	take();
	if
	:: own != NONE ->
		key[own] = mykey;
#ifdef PAIRS
		reverse[own] = myreverse;
#ifndef ALIAS_LAST
		put_alias();
		lose = (alias == NONE);
#endif
#endif
#ifdef SEARCH_FIRST
		search();
		state[own] = TENT;
#elif defined(NO_TENT)
		lose = false;
#else
		state[own] = TENT;
		search();
#endif
#if defined(PAIRS) && defined(ALIAS_LAST)
		put_alias();
		lose = lose || (alias == NONE);
#endif
#ifdef NO_TENT
		state[own] = TENT;
#endif
		publish();
#ifdef PAIRS
		alias = NONE;
#endif
		lose = false;
		own = NONE
	:: else
	fi
}

/* By key, whenever it was refreshed. */
inline delete(slot)
{
	load(slot);
	if
	:: s == LIVE && has(slot, mykey) ->
		d_step {
			if
			:: same_word(slot) ->
				state[slot] = FREE;
				printf("program %d: deletes slot %d\n", _pid, slot)
			:: else
			fi
		}
	:: else
	fi;
	forget()
}

/* Programs: their numbers are from 0. */
active [PROGRAMS] proctype program()
{
	byte now, n, s, g, t, mykey, own = NONE, found = NONE, life, o = NONE;
	bool lose, again;
#ifdef PAIRS
	byte og, myreverse, alias = NONE;
#endif

	d_step {
#ifdef PAIRS
		mykey = (_pid == 2 -> 3 : _pid);
		mykey = (PAIRS == 2 && _pid == 1 -> 2 : mykey);
		myreverse = (PAIRS != 2 && _pid == 1 -> 0 : 1);
#else
#ifdef APART
		mykey = _pid;
#else
		mykey = (_pid == 2 -> 1 : 0);
#endif
#endif
	}
end:
	atomic {
		now = clock;
		began[_pid] = now
	}
	look_up();
	if
	:: found == NONE -> create()
	:: else
	fi;
	if
	:: found != NONE ->
		d_step {
			damaged = only(DAMAGED) && gen[found] != life;
			assert(!damaged);
			printf("program %d: writes to slot %d\n", _pid, found)
		}
	:: found != NONE -> delete(found)
	:: else
	fi;
	d_step {
		found = NONE;
		life = 0;
		now = 0;
		began[_pid] = NONE
	}
	goto end
}

active [COLLECTORS] proctype collector()
{
	byte now, n, s, g, t;

end:
	now = clock;
	do
	:: n < SLOTS - 1 -> n++
	:: break
	od;
	load(n);
	if
	:: s == LIVE && t + TIMEOUT <= now ->
		d_step {
			if
#ifdef PLAIN_COLLECT
			:: state[n] == LIVE ->
#else
			:: same_word(n) ->
#endif
				lost = only(LOST) && visited[n] != 0 && visited[n] - 1 + TIMEOUT > now;
				assert(!lost);
				state[n] = FREE;
				printf("collector: at %d, deletes slot %d\n", now, n)
			:: else
			fi
		}
	:: else
	fi;
	d_step {
		n = 0;
		now = 0;
		forget()
	}
	goto end
}

#define may_go_on(p) (began[p] == NONE || clock - began[p] < RUN)
#if PROGRAMS > 2
#define all_may_go_on (may_go_on(0) && may_go_on(1) && may_go_on(2))
#else
#define all_may_go_on (may_go_on(0) && may_go_on(1))
#endif

active proctype the_clock()
{
end:
	do
	:: atomic {
		clock < HORIZON && all_may_go_on -> clock++;
		printf("clock: %d\n", clock)
	   }
	od
}
