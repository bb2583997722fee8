/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Writers against collectors, and an oracle that knows exactly what of it was lost.
 *
 * Each key has one writer, who writes down each life of the key's entry: the word it was created
 * with and the last word whose write counted. Collectors write down each delete that returned 0,
 * with the word it compared. When all have stopped, each life but one that still lasts must have
 * ended by one delete, which compared the last word that counted, or one that was written later.
 */
#ifndef SELFTESTS_RACES_H
#define SELFTESTS_RACES_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "clock.h"
#include "common.h"
#include "cpus.h"
#include "interrupts.h"
#include "races_shared.h"
#include "sweeps.h"
#include "test_races.skel.h"

#define COLLECTORS_MAX 2
#define LOG_MAX	       (2 * LIVES_MAX)
_Static_assert(1 + COLLECTORS_MAX <= WRITERS_MAX, "a writer for each collector");

struct deletion {
	__u32 key;
	bool sure; /* else the collector was killed before it knew */
	__u64 word;
};

/* In memory that processes share. */
struct collector {
	const struct race *race;
	__u64 claim;
	unsigned long differed;
	unsigned long missing;
	unsigned long wrong;  /* answers that must not come, deletes of what was never written */
	unsigned long halves; /* pairs of which one entry was deleted and the other was not */
	_Atomic unsigned long deletes;
	_Atomic __u32 logged;
	struct deletion log[LOG_MAX];
};

struct race {
	const char *name;
	enum writer_kind writer;
	__u32 map_type;
	__u32 max_entries;
	__u32 keys;
	bool stirred; /* collectors write to half of the keys, each to its share, between their deletes */
	__u32 equal_words;
	__u32 pauses; /* percent of the look-ups */
	bool long_pauses;
	__u32 hot;    /* percent of the visits that are to the first keys */
	__u32 margin; /* of future words, in us */
	bool deleter; /* a program deletes too, by interrupts of the first keys' writer and collectors */
	__u32 backend;
	bool claim;
	bool batch;
	enum way sweep; /* all of the map at once, by this way; or 0 */
	bool linked; /* each key with the one whose number differs in the last bit, all in one batch */
	bool apart; /* the two of a pair one after the other, as if they did not belong together */
	__u32 linked_flags;
	__u32 collectors;
	bool processes;			  /* that the collectors are, else threads */
	bool killed;			  /* the first one, again and again */
	unsigned long refreshes, deletes; /* how many there shall be, in all rounds */
	void *(*beside)(void *race);	  /* a thread more, in each round, until the stop; or NULL */

	struct test_races_bpf *skel;
	int map_fd;
	int program_fd;
	struct collector *with; /* shared */
	_Atomic bool *stop;
};

struct tally {
	unsigned long rounds;
	unsigned long refreshed, refused, created, deleted, differed, kills;
	unsigned long programs; /* deletes by programs */
	unsigned long lost; /* writes that counted, and were deleted by an older word or vanished */
	unsigned long stuck; /* entries left claimed */
	unsigned long halves;
	unsigned long
		damaged; /* entries that are what nobody wrote, and answers that must not come */
	unsigned long foreign; /* entries with a word that was meant for another key's */
	unsigned long evicted; /* lives that ended without a delete, where that may be */
};

static inline bool is_locked(const struct race *race)
{
	return race->writer == LOCKED || race->writer == UNLOCKED;
}

static inline bool is_claim(__u64 word)
{
	return word >= CLAIM_FIRST && word <= CLAIM_LAST;
}

static inline bool is_future(const struct race *race)
{
	return race->writer == FUTURE || race->writer == FUTURE_KEYED ||
	       race->writer == FUTURE_LATE;
}

/* Of two versions of an entry, the later has the greater one. */
static inline __u64 version(const struct entry *entry)
{
	return entry->count > entry->word ? entry->count : entry->word;
}

static inline bool is_foreign(const struct race *race, __u32 key, const struct entry *entry)
{
	return race->equal_words <= 1 && !is_claim(entry->word) && entry->word % KEYS_MAX != key;
}

/* Whatever a writer may write leaves an entry so. */
static inline bool is_sound(__u32 key, const struct entry *entry)
{
	__u32 owner = entry->owner;

	return owner == key && entry->twice == 2 * entry->count;
}

/* An entry, without the lock that it may have. */
static inline bool look_up(const struct race *race, __u32 key, struct entry *entry)
{
	struct {
		__u32 lock;
		__u32 owner;
		__u64 word, count, twice;
	} locked;

	if (!is_locked(race))
		return !bpf_map_lookup_elem(race->map_fd, &key, entry);
	if (bpf_map_lookup_elem(race->map_fd, &key, &locked))
		return false;
	*entry = (struct entry){ locked.owner, 0, locked.word, locked.count, locked.twice };
	return true;
}

/* Future words: what lies a margin behind the clock. Who expects a claim would delete what he has not seen. */
static inline bool may_expect(const struct race *race, const struct entry *entry)
{
	if (is_claim(entry->word))
		return false;
	return !is_future(race) || entry->word + race->margin * 1000ull <= clock_ns();
}

/* Writers. */

static inline void run_writer(const struct race *race, __u32 writer, __u32 steps)
{
	struct writer_call call = { writer, steps };
	char packet[64] = "";
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (is_future(race)) {
		memcpy(packet, &call, sizeof(call));
		opts.data_in = packet;
		opts.data_size_in = sizeof(packet);
		opts.repeat = 1;
	} else {
		opts.ctx_in = &call;
		opts.ctx_size_in = sizeof(call);
	}
	if (bpf_prog_test_run_opts(race->program_fd, &opts))
		tap_bail("bpf_prog_test_run_opts");
}

/* The same from user space: a write is a replacement. */
static inline void replace(const struct race *race, __u32 key)
{
	struct test_races_bpf__bss *bss = race->skel->bss;
	struct life *life = &bss->lives[key * bss->lives_per_key + bss->nr_lives[key]];
	struct entry entry = {
		.owner = key,
		.word = __sync_fetch_and_add(&bss->clock, 1) << KEY_BITS | key,
	};

	if (!bpf_map_update_elem(race->map_fd, &key, &entry, BPF_EXIST)) {
		__atomic_fetch_add(&bss->writers[0].answers[ANSWER_DONE], 1, __ATOMIC_RELAXED);
		life[-1].counted = entry.word;
		return;
	}
	if (bss->nr_lives[key] == bss->lives_per_key) {
		bss->full = true;
		return;
	}
	if (bpf_map_update_elem(race->map_fd, &key, &entry, BPF_NOEXIST))
		tap_bail("bpf_map_update_elem, BPF_NOEXIST");
	bss->writers[0].answers[ANSWER_CREATED]++;
	*life = (struct life){ .created = entry.word, .counted = entry.word };
	bss->nr_lives[key]++;
}

static inline unsigned long deletes_so_far(const struct race *race)
{
	unsigned long sum = 0;

	for (__u32 i = 0; i < race->collectors; i++)
		sum += race->with[i].deletes;
	return sum;
}

/*
 * Writers that never pause would leave the collectors hardly a delete, the fewer the faster they
 * are. So they work in bursts, and wait for the deletes that belong to them. Future words pass nevertheless,
 * of keys that are seldom visited.
 */
static inline bool is_ahead(const struct race *race)
{
	volatile struct test_races_bpf__bss *bss = race->skel->bss;
	unsigned long per_delete = race->refreshes / race->deletes + 1;

	return !is_future(race) &&
	       bss->writers[0].answers[ANSWER_DONE] / per_delete > deletes_so_far(race) + 64;
}

static inline void *write_entries(void *arg)
{
	const struct race *race = arg;
	volatile bool *full = (volatile bool *)&race->skel->bss->full;
	unsigned long deletes, before = 0;
	struct bpf_link *interrupts = NULL;
	unsigned int rest = 20;

	if (race->deleter)
		interrupts = interrupt_this_thread(race->skel->progs.interrupt_and_delete, 20000);
	pin_to_cpu(1);
	for (__u32 i = 0; !*race->stop && !*full; i++) {
		bool ahead = is_ahead(race);

		if (race->writer == REPLACES)
			replace(race, i % race->keys);
		else
			run_writer(race, 0, ahead ? 8 : RUN_STEPS);
		if (!ahead)
			continue;
		/* The longer the less the collectors get done: slow ones would find no entry as it was. */
		deletes = deletes_so_far(race);
		rest = deletes != before ? 20 : rest < 10000 ? 2 * rest : rest;
		before = deletes;
		usleep(rest);
	}
	bpf_link__destroy(interrupts);
	return NULL;
}

/* Collectors. */

static inline struct deletion *log_intent(struct collector *c, __u32 key, const struct entry *entry)
{
	struct deletion *deletion;

	if (c->logged == LOG_MAX)
		tap_bail("the log is full");
	deletion = &c->log[c->logged];
	*deletion = (struct deletion){ .key = key, .word = version(entry) };
	c->logged++;
	return deletion;
}

static inline void log_result(struct collector *c, struct deletion *deletion, int result)
{
	deletion->sure = !result;
	if (!result) {
		c->deletes++;
		return;
	}
	c->differed += result == -EBUSY || result == -EAGAIN;
	c->missing += result == -ENOENT;
	c->wrong += result != -EBUSY && result != -ENOENT && result != -EAGAIN;
}

static inline void delete_one(struct collector *c, __u32 key)
{
	const struct race *race = c->race;
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE,
		    .compare_offset = COMPARE_AT, .compare_size = COMPARE_SIZE,
		    .backend = race->backend);
	struct deletion *deletion;
	struct entry entry;
	int err;

	if (!look_up(race, key, &entry) || !may_expect(race, &entry))
		return;
	opts.compare = &entry.word;
	if (race->claim) {
		opts.claim = &c->claim;
		opts.claim_offset = offsetof(struct entry, word);
		opts.claim_size = sizeof(c->claim);
	}
	deletion = log_intent(c, key, &entry);
	err = bpf_map_delete_elem_opts(race->map_fd, &key, &opts);
	log_result(c, deletion, err);
	if (!err)
		c->wrong += !is_sound(key, &entry);
	else
		c->logged--;
}

/* Reads the whole map, and deletes what it read. */
static inline void delete_batch(struct collector *c)
{
	const struct race *race = c->race;
	LIBBPF_OPTS(bpf_map_batch_opts, no_opts);
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare_offset = COMPARE_AT, .compare_size = COMPARE_SIZE,
		    .compare_stride = sizeof(struct entry), .backend = race->backend);
	static __thread struct entry entries[KEYS_MAX];
	static __thread __u32 keys[KEYS_MAX];
	static __thread int results[KEYS_MAX];
	__u32 count = KEYS_MAX, read, cursor, first = c->logged, kept = first;

	if (bpf_map_lookup_batch(race->map_fd, NULL, &cursor, keys, entries, &count, &no_opts) &&
	    errno != ENOENT)
		tap_bail("bpf_map_lookup_batch");
	read = count;
	count = 0;
	for (__u32 i = 0; i < read; i++) {
		if (!may_expect(race, &entries[i]))
			continue;
		keys[count] = keys[i];
		entries[count] = entries[i];
		log_intent(c, keys[count], &entries[count]);
		count++;
	}
	opts.compare = &entries[0].word;
	opts.results = results;
	if (race->claim) {
		opts.claim = &c->claim;
		opts.claim_offset = offsetof(struct entry, word);
		opts.claim_size = sizeof(c->claim);
	}
	if (bpf_map_delete_batch_opts(race->map_fd, keys, &count, &opts))
		tap_bail("bpf_map_delete_batch_opts");
	for (__u32 i = first; i < c->logged; i++) {
		log_result(c, &c->log[i], results[i - first]);
		if (!c->log[i].sure)
			continue;
		c->wrong += !is_sound(keys[i - first], &entries[i - first]);
		c->log[kept++] = c->log[i];
	}
	c->logged = kept;
}

/* Deletes whatever was written before, by the way through the map that is asked for. */
static inline void delete_by_sweep(struct collector *c)
{
	const struct race *race = c->race;
	static __thread struct entry entries[KEYS_MAX];
	static __thread __u32 keys[KEYS_MAX];
	const struct bpf_map_sweep_cond before = {
		.offset = offsetof(struct entry, word),
		.size = sizeof(__u64),
		.op = BPF_MAP_SWEEP_LT,
		.operand = is_future(race)
				   ? clock_ns() - race->margin * 1000ull
				   : __atomic_load_n(&race->skel->bss->clock, __ATOMIC_RELAXED)
					     << KEY_BITS,
	};
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .keys = keys, .values = entries,
		    .capacity = KEYS_MAX);

	if (race->claim) {
		opts.claim = &c->claim;
		opts.claim_offset = offsetof(struct entry, word);
		opts.claim_size = sizeof(c->claim);
		opts.claim_first = CLAIM_FIRST;
		opts.claim_last = CLAIM_LAST;
	}
	if (sweep_by(race->sweep, race->map_fd, &before, 1, &opts) < 0)
		tap_bail("bpf_map_sweep");
	c->differed += opts.changed;
	for (__u64 i = 0; i < opts.deleted; i++) {
		log_result(c, log_intent(c, keys[i], &entries[i]), 0);
		c->wrong += !is_sound(keys[i], &entries[i]) || entries[i].word >= before.operand;
	}
}

/* Where in a snapshot each key's entry is, or nowhere. */
static inline void index_keys(const __u32 *keys, __u32 count, __s32 *at)
{
	memset(at, -1, KEYS_MAX * sizeof(*at));
	for (__u32 i = 0; i < count; i++)
		at[keys[i] % KEYS_MAX] = i;
}

/* The answers of one pair, whose intents are the first two at deletion. */
static inline void log_pair(struct collector *c, struct deletion *deletion, int result,
			    int linked_result)
{
	c->halves += !result != !linked_result && result != -EAGAIN && linked_result != -EAGAIN;
	log_result(c, deletion, result);
	if (linked_result == -ECANCELED)
		deletion[1].sure = false;
	else
		log_result(c, deletion + 1, linked_result);
}

/* First the ones, then the others of those that were deleted. */
static inline void delete_apart(const struct race *race, const __u32 *keys, __u32 pairs,
				const struct bpf_map_delete_batch_opts *linked)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = linked->compare, .compare_offset = linked->compare_offset,
		    .compare_size = linked->compare_size, .results = linked->results,
		    .claim = linked->claim, .claim_offset = linked->claim_offset,
		    .claim_size = linked->claim_size);
	const __u32 *linked_keys = linked->linked_keys;
	const char *expected = linked->linked_compare;
	__u32 count = pairs;

	if (bpf_map_delete_batch_opts(race->map_fd, keys, &count, &opts))
		tap_bail("bpf_map_delete_batch_opts");
	for (__u32 i = 0; i < pairs; i++) {
		linked->linked_results[i] = -ECANCELED;
		if (linked->results[i])
			continue;
		count = 1;
		opts.compare = expected + (size_t)i * opts.compare_size;
		opts.results = &linked->linked_results[i];
		if (bpf_map_delete_batch_opts(race->map_fd, &linked_keys[i], &count, &opts))
			tap_bail("bpf_map_delete_batch_opts");
	}
}

/* Reads the whole map, and deletes the pairs of which it read both, from the one or the other side. */
static inline void delete_pairs(struct collector *c)
{
	static __thread struct entry entries[KEYS_MAX];
	static __thread __u32 keys[KEYS_MAX], first[KEYS_MAX], linked[KEYS_MAX];
	static __thread __u64 expected[KEYS_MAX][COMPARE_SIZE / 8];
	static __thread __u64 linked_expected[KEYS_MAX][COMPARE_SIZE / 8];
	static __thread int results[KEYS_MAX], linked_results[KEYS_MAX];
	static __thread __s32 at[KEYS_MAX];
	const struct race *race = c->race;
	LIBBPF_OPTS(bpf_map_batch_opts, no_opts);
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = expected, .compare_offset = COMPARE_AT, .compare_size = COMPARE_SIZE,
		    .backend = race->backend, .results = results, .linked_keys = linked,
		    .linked_compare = linked_expected, .linked_compare_offset = COMPARE_AT,
		    .linked_compare_size = COMPARE_SIZE, .linked_results = linked_results,
		    .linked_flags = race->linked_flags);
	__u32 count = KEYS_MAX, cursor, from = c->logged, kept = from, pairs = 0, pairs_deleted;
	__u32 side = (c - race->with) & 1;

	if (bpf_map_lookup_batch(race->map_fd, NULL, &cursor, keys, entries, &count, &no_opts) &&
	    errno != ENOENT)
		tap_bail("bpf_map_lookup_batch");
	index_keys(keys, count, at);
	for (__u32 key = side; key < race->keys; key += 2) {
		const struct entry *one, *other;

		if (at[key] < 0 || at[key ^ 1] < 0)
			continue;
		one = &entries[at[key]];
		other = &entries[at[key ^ 1]];
		if (is_claim(one->word) || is_claim(other->word))
			continue;
		first[pairs] = key;
		linked[pairs] = key ^ 1;
		memcpy(expected[pairs], (const char *)one + COMPARE_AT, COMPARE_SIZE);
		memcpy(linked_expected[pairs], (const char *)other + COMPARE_AT, COMPARE_SIZE);
		log_intent(c, key, one);
		log_intent(c, key ^ 1, other);
		pairs++;
	}
	if (race->claim) {
		opts.claim = opts.linked_claim = &c->claim;
		opts.claim_offset = opts.linked_claim_offset = offsetof(struct entry, word);
		opts.claim_size = opts.linked_claim_size = sizeof(c->claim);
		opts.claim_first = CLAIM_FIRST;
		opts.claim_last = CLAIM_LAST;
	}
	pairs_deleted = pairs;
	if (race->apart)
		delete_apart(race, first, pairs, &opts);
	else if (bpf_map_delete_batch_opts(race->map_fd, first, &pairs_deleted, &opts))
		tap_bail("bpf_map_delete_batch_opts");
	for (__u32 i = 0; i < pairs; i++)
		log_pair(c, &c->log[from + 2 * i], results[i], linked_results[i]);
	for (__u32 i = from; i < c->logged; i++)
		if (c->log[i].sure)
			c->log[kept++] = c->log[i];
	c->logged = kept;
}

/* Where interrupts are emulated, they are slow, and so is all that they could fall into. */
static inline bool is_interrupted(void)
{
	return !getenv("SLOW_MACHINE");
}

static inline void *collect(void *arg)
{
	struct collector *c = arg;
	const struct race *race = c->race;
	volatile bool *full = (volatile bool *)&race->skel->bss->full;
	__u32 own_writer = 1 + (c - race->with); /* no other's: it may be preempted in a run */
	struct bpf_link *interrupts = NULL;

	/* Without them all of a write has to fall between two steps that follow each other at once. */
	if (is_interrupted())
		interrupts =
			interrupt_this_thread(race->deleter ? race->skel->progs.interrupt_and_delete
							    : race->skel->progs.interrupt,
					      20000);
	pin_to_cpu(0);
	for (__u32 i = 0; !*race->stop && !*full; i++) {
		/* Two of them shall not go in step. */
		if (race->linked && i & 3)
			delete_pairs(c);
		else if (race->sweep)
			delete_by_sweep(c);
		else if (race->batch && !(i & 1))
			delete_batch(c);
		else
			delete_one(c, i / (1 + race->batch) % race->keys);
		if (race->stirred)
			run_writer(race, own_writer, 4);
	}
	bpf_link__destroy(interrupts);
	return NULL;
}

#endif /* SELFTESTS_RACES_H */
