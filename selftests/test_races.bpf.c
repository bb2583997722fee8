// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The writers of the race tests: each run refreshes entries, creates those that are missing, and
 * writes down which of that counted. One program keeps the rules of bpf_compare.bpf.h; each of the
 * others breaks one of them.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include "races_shared.h"

__u64 clock; /* from CLOCK_START on */
/*
 * How many words in a row are the same; above 1 they are the same for all keys too. 0: there is no
 * clock but a revision of its own for each key.
 */
__u32 equal_words;
/* Of 2^32 look-ups, how many are followed by a pause. */
__u32 pauses;
__u32 lives_per_key;
__u64 revisions[KEYS_MAX];
bool full; /* there is no room for a key's further lives */
__u32 nr_lives[KEYS_MAX];
struct life lives[LIVES_MAX];
struct writer writers[WRITERS_MAX];

/* Type and size are set before loading. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct entry);
} target SEC(".maps");

struct locked_entry {
	struct bpf_spin_lock lock;
	__u32 owner;
	__u64 word;
	__u64 count;
	__u64 twice;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct locked_entry);
} locked SEC(".maps");

/* What a loop goes through: bpf_loop() came with 5.17 only. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RUN_STEPS);
	__type(key, __u32);
	__type(value, __u32);
} steps SEC(".maps");

/* About ten microseconds. Not static: so the verifier looks at it once, not at each call. */
__attribute__((noinline)) int take_a_pause(__u32 length)
{
	__u64 sum = length;

	for (int i = 0; i < 256; i++)
		sum += bpf_ktime_get_ns();
	return sum;
}

/*
 * As an interrupt would, at the worst moment: an entry has been found, and when it is written to it
 * may be deleted, and another key's. The header below does its look-ups here too.
 */
static __always_inline void *look_up_and_pause(void *map, const void *key)
{
	void *value = bpf_map_lookup_elem(map, key);

	if (bpf_get_prandom_u32() < pauses)
		take_a_pause(1);
	return value;
}

/* The same for a collector, wherever it is. */
SEC("perf_event")
int interrupt(void *context)
{
	return take_a_pause(1) ? 0 : 1;
}

#define bpf_map_lookup_elem look_up_and_pause
#include <bpf/bpf_compare.bpf.h>

#define WORD offsetof(struct entry, word)

static __always_inline __u64 draw_word(__u32 key)
{
	__u64 now;

	if (!equal_words)
		return (CLOCK_START + revisions[key % KEYS_MAX]++) << KEY_BITS | key;
	now = __sync_fetch_and_add(&clock, 1);
	if (equal_words > 1)
		return now / equal_words << KEY_BITS;
	return now << KEY_BITS | key;
}

static __always_inline bool is_claimed(struct entry *entry)
{
	return bpf_compare_is_claimed64(entry, WORD, CLAIM_FIRST, CLAIM_LAST);
}

/* Rules: a write counts only if the key leads to it afterwards. */
static __always_inline int refresh_without_look(__u32 *key, __u64 word)
{
	struct entry *entry = bpf_map_lookup_elem(&target, key);
	__u64 seen;

	if (!entry)
		return BPF_COMPARE_NO_ENTRY;
	seen = *(volatile __u64 *)&entry->word;
	if (seen - CLAIM_FIRST <= CLAIM_LAST - CLAIM_FIRST)
		return BPF_COMPARE_CLAIMED;
	return (__s64)(seen - word) >= 0 ||
			       __sync_val_compare_and_swap(&entry->word, seen, word) == seen
		       ? BPF_COMPARE_DONE
		       : BPF_COMPARE_BUSY;
}

/* About a microsecond, without a call, as there may be none under a lock. */
static __always_inline void dawdle(void)
{
	for (volatile int i = 0; i < 500; i++)
		;
}

/* Rules: no write over a claim. */
static __always_inline int refresh_by_store(__u32 *key, __u64 word)
{
	struct entry *entry = bpf_map_lookup_elem(&target, key);

	if (!entry)
		return BPF_COMPARE_NO_ENTRY;
	if (is_claimed(entry))
		return BPF_COMPARE_CLAIMED;
	dawdle();
	*(volatile __u64 *)&entry->word = word;
	entry = bpf_map_lookup_elem(&target, key);
	if (!entry)
		return BPF_COMPARE_NO_ENTRY;
	return *(volatile __u64 *)&entry->word >= word ? BPF_COMPARE_DONE : BPF_COMPARE_BUSY;
}

/* None of the rules: what datapaths do today. */
static __always_inline int store(__u32 *key, __u64 word)
{
	struct entry *entry = bpf_map_lookup_elem(&target, key);

	if (!entry)
		return BPF_COMPARE_NO_ENTRY;
	*(volatile __u64 *)&entry->word = word;
	return BPF_COMPARE_DONE;
}

/* Fields beside the word, which stays as it is. The collector compares them under the lock. */
static __always_inline int write_fields(__u32 *key, __u64 count, bool with_lock)
{
	struct locked_entry *entry = bpf_map_lookup_elem(&locked, key);
	bool claimed;

	if (!entry)
		return BPF_COMPARE_NO_ENTRY;
	if (with_lock) {
		bpf_spin_lock(&entry->lock);
		claimed = is_claimed((struct entry *)entry);
		dawdle();
		if (!claimed) {
			entry->count = count;
			entry->twice = 2 * count;
		}
		bpf_spin_unlock(&entry->lock);
	} else {
		claimed = is_claimed((struct entry *)entry);
		dawdle();
		if (!claimed) {
			*(volatile __u64 *)&entry->count = count;
			*(volatile __u64 *)&entry->twice = 2 * count;
		}
	}
	if (claimed)
		return BPF_COMPARE_CLAIMED;
	entry = bpf_map_lookup_elem(&locked, key);
	if (!entry)
		return BPF_COMPARE_NO_ENTRY;
	/* Claimed by now or not: with the lock, who claims has compared what was written. */
	return *(volatile __u64 *)&entry->count < count ? BPF_COMPARE_BUSY : BPF_COMPARE_DONE;
}

static __always_inline int refresh(__u32 *key, __u64 word, enum writer_kind kind)
{
	switch (kind) {
	case NO_LOOK_AGAIN:
		return refresh_without_look(key, word);
	case KNOWS_NO_RULES:
		return store(key, word);
	case PLAIN_STORE:
		return refresh_by_store(key, word);
	case LOCKED:
	case UNLOCKED:
		if (bpf_get_prandom_u32() & 1)
			return write_fields(key, word, kind == LOCKED);
		return bpf_compare_refresh_locked64(&locked, key, 0, WORD, word, CLAIM_FIRST,
						    CLAIM_LAST);
	default:
		return bpf_compare_refresh64(&target, key, WORD, word, CLAIM_FIRST, CLAIM_LAST);
	}
}

static __always_inline int create(__u32 *key, __u64 word, enum writer_kind kind)
{
	if (kind == LOCKED || kind == UNLOCKED) {
		struct locked_entry entry = { .owner = *key, .word = word };

		return bpf_compare_create64(&locked, key, &entry, WORD, CLAIM_FIRST, CLAIM_LAST);
	} else {
		struct entry entry = { .owner = *key, .word = word };

		if (kind == CREATES_BY_ANY)
			return bpf_map_update_elem(&target, key, &entry, BPF_ANY);
		return bpf_compare_create64(&target, key, &entry, WORD, CLAIM_FIRST, CLAIM_LAST);
	}
}

static __always_inline void count(struct writer *writer, __u32 answer)
{
	/* Masked where the verifier can see it. */
	barrier_var(answer);
	writer->answers[answer % ANSWERS]++;
}

/* One refresh, or what stands in for it where the key has no entry. 1 ends the loop. */
static __always_inline long step(struct writer_call *call, enum writer_kind kind)
{
	struct writer *writer = &writers[call->writer % WRITERS_MAX];
	__u32 key = writer->first_key + bpf_get_prandom_u32() % writer->keys;
	__u32 life = nr_lives[key % KEYS_MAX];
	__u64 at = (__u64)key * lives_per_key + life, word = draw_word(key);
	int answer;

	if (!call->steps--)
		return 1;
	answer = refresh(&key, word, kind);
	count(writer, answer);
	if (answer == BPF_COMPARE_DONE) {
		/* The life under way is the one before the next that will begin. */
		lives[(at - 1) % LIVES_MAX].counted = word;
		return 0;
	}
	if (answer != BPF_COMPARE_NO_ENTRY &&
	    !(answer == BPF_COMPARE_CLAIMED && kind == CREATES_BY_ANY))
		return 0;
	if (life == lives_per_key) {
		full = true;
		return 1;
	}
	if (answer == BPF_COMPARE_CLAIMED)
		lives[(at - 1) % LIVES_MAX].replaced = 1;
	word = draw_word(key);
	answer = create(&key, word, kind);
	if (answer) {
		count(writer, answer == -E2BIG	  ? ANSWER_FULL
			      : answer > 0	  ? answer
			      : answer == -EBUSY  ? BPF_COMPARE_BUSY
			      : answer == -ENOMEM ? ANSWER_FULL
						  : ANSWER_ERROR);
		return 0;
	}
	count(writer, ANSWER_CREATED);
	lives[at % LIVES_MAX].created = word;
	lives[at % LIVES_MAX].counted = word;
	lives[at % LIVES_MAX].replaced = 0;
	nr_lives[key % KEYS_MAX] = life + 1;
	return 0;
}

#define WRITER(name, kind)                                                                         \
	static long name##_step(void *map, const __u32 *i, void *value, struct writer_call *call)  \
	{                                                                                          \
		return step(call, kind);                                                           \
	}                                                                                          \
                                                                                                   \
	SEC("syscall")                                                                             \
	int name(const struct writer_call *context)                                                \
	{                                                                                          \
		struct writer_call call = { context->writer, context->steps };                     \
                                                                                                   \
		bpf_for_each_map_elem(&steps, name##_step, &call, 0);                              \
		return 0;                                                                          \
	}

WRITER(keeps_rules, KEEPS_RULES)
WRITER(no_look_again, NO_LOOK_AGAIN)
WRITER(plain_store, PLAIN_STORE)
WRITER(knows_no_rules, KNOWS_NO_RULES)
WRITER(creates_by_any, CREATES_BY_ANY)
WRITER(locks, LOCKED)
WRITER(locks_not, UNLOCKED)

char _license[] SEC("license") = "Dual BSD/GPL";
