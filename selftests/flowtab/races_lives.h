/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The races' oracle: goes through the lives that entries had in a round, when all have stopped. Who includes it defines
 * _GNU_SOURCE.
 */
#ifndef SELFTESTS_FLOWTAB_RACES_LIVES_H
#define SELFTESTS_FLOWTAB_RACES_LIVES_H

#include "races_run.h"

#define COLLECTORS_MAX 2
#define KEYS_MAX       (1u << 16)

enum collects {
	SWEEPS,	  /* with a callback that writes down what is deleted */
	BY_SEEN,  /* what a look-up has seen */
	BY_KEY,	  /* whatever is there */
	BY_STORE, /* what a look-up has seen, by a store */
};

struct race {
	const char *name;
	struct field field;
	__u32 keys;
	__u32 flags;
	struct chances chances;
	enum collects collects[COLLECTORS_MAX];
	__u32 collectors;
	bool processes; /* that they are, else threads */
	unsigned long refreshes, deletes;
};

/* What came of all rounds. */
struct tally {
	unsigned long rounds, discarded;
	unsigned long refreshed, created, deleted, by_programs, refused, full;
	unsigned long lost;  /* ended, or set back in time, though a visit was told of them later */
	unsigned long twice; /* ended twice, or that are there after their end */
	unsigned long vanished; /* that nobody deleted, less those that nobody created */
	unsigned long early;	/* began before the one before was past its grace */
	unsigned long damaged;
	unsigned long twins;
};

static inline __u64 told(const struct life *life)
{
	__u64 last = life->created;

	for (int i = 0; i < WRITERS; i++)
		if (life->told[i] > last)
			last = life->told[i];
	return last;
}

static inline int by_slot_and_time(const void *a, const void *b)
{
	const struct life *one = *(const struct life *const *)a;
	const struct life *other = *(const struct life *const *)b;

	if (one->slot != other->slot)
		return one->slot < other->slot ? -1 : 1;
	return one->created < other->created ? -1 : one->created > other->created;
}

/* Of two lives of a slot the later one began a grace after the last visit to the other. */
static inline void check_order(const struct race *race, struct tally *tally)
{
	const struct life **lives = calloc(LIVES, sizeof(*lives));
	__u64 grace = (GRACE_MS * 1000000ull >> BPF_FLOWTAB_TICK_SHIFT) + 2;
	__u32 count = 0;

	if (!lives)
		tap_bail("out of memory");
	for (__u32 i = 0; i < LIVES; i++)
		if (race->field.races->lives[i].created)
			lives[count++] = &race->field.races->lives[i];
	qsort(lives, count, sizeof(*lives), by_slot_and_time);
	for (__u32 i = 1; i < count; i++)
		if (lives[i]->slot == lives[i - 1]->slot &&
		    lives[i]->created < told(lives[i - 1]) + grace)
			tally->early++;
	free(lives);
}

static inline void check_lives(const struct race *race, struct tally *tally)
{
	const struct field *field = &race->field;
	static bool has_entry[KEYS_MAX];
	static __u64 there[LIVES]; /* the time of those that are LIVE */
	struct bpf_flowtab_seen seen;
	struct race_value value;
	struct race_key key;
	__u32 cursor = 0;
	long unended = 0;

	memset(has_entry, 0, sizeof(has_entry));
	memset(there, 0, sizeof(there));
	while (!bpf_flowtab__next(field->table, &cursor, &key, NULL, &value, &seen)) {
		__u32 number = field->pairs ? key.number / 2 : key.number;

		if (number >= race->keys || value.number != number || value.life >= LIVES ||
		    there[value.life]) {
			tally->damaged++;
			continue;
		}
		tally->twins += has_entry[number];
		has_entry[number] = true;
		there[value.life] = stamp_of(field, seen.word);
	}
	for (__u32 i = 0; i < LIVES; i++) {
		const struct life *life = &field->races->lives[i];
		__u64 last = told(life);

		if (!life->created) {
			tally->damaged += life->ended || there[i];
		} else if (life->ended == ~0ull || (life->ended && there[i])) {
			tally->twice++;
		} else if (life->ended || there[i]) {
			tally->lost += (life->ended ?: there[i]) < last;
		} else {
			unended++;
		}
	}
	/* Those that were evicted nobody counted. */
	unended -= field->signs->by_key;
	for (int i = 0; i < WRITERS; i++)
		unended -= field->races->writers[i].deleted;
	if (!race->flags)
		tally->vanished += labs(unended);
}

static inline void count_writers(const struct race *race, struct tally *tally)
{
	for (int i = 0; i < WRITERS; i++) {
		const struct writer *writer = &race->field.races->writers[i];

		tally->refreshed += writer->refreshed;
		tally->created += writer->created;
		tally->by_programs += writer->deleted;
		tally->refused += writer->refused + writer->changing;
		tally->full += writer->full;
		tally->damaged += writer->damaged;
	}
	tally->deleted += race->field.signs->deletes;
}

static inline bool is_overlong(const struct race *race)
{
	__u64 overlong = 0;

	for (int i = 0; i < WRITERS; i++)
		overlong += race->field.races->writers[i].overlong;
	return overlong;
}

#endif /* SELFTESTS_FLOWTAB_RACES_LIVES_H */
