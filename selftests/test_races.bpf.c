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
__u32 pause_length; /* in tens of microseconds */
__u32 lives_per_key;
__u64 revisions[KEYS_MAX];
bool full; /* there is no room for a key's further lives */
/* Of 2^32 visits, how many go to the first keys alone. */
__u32 hot;
__u64 margin;	/* of future words, in ns */
__u64 overlong; /* runs that took longer */
__u64 claims;	/* that programs took */
__u64 nr_own_deletions;
struct own_deletion own_deletions[OWN_DELETIONS_MAX];
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

/* About ten microseconds, or so many times that. Not static: so the verifier looks at it once, not at each call. */
__attribute__((noinline)) int take_a_pause(__u32 length)
{
	__u64 sum = length;

	for (__u32 i = 0; i < 256 * PAUSE_LENGTH_MAX && i < 256 * length; i++)
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
		take_a_pause(pause_length);
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

#define WORD   offsetof(struct entry, word)
#define CLAIMS CLAIM_FIRST, CLAIM_LAST

static __always_inline __u64 next_claim(void)
{
	return BPF_COMPARE_CLAIM(claims, PROGRAM_CLAIM_FIRST, CLAIM_LAST);
}

/* A datapath's own delete, wherever another program of the same CPU is. */
SEC("perf_event")
int interrupt_and_delete(void *context)
{
	__u32 key = bpf_get_prandom_u32() % 8;
	struct entry *entry = (bpf_map_lookup_elem)(&target, &key);
	__u64 word, at;

	if (!entry)
		return 0;
	word = *(volatile __u64 *)&entry->word;
	if (bpf_compare_delete64(&target, &key, WORD, word, next_claim(), CLAIMS))
		return 0;
	at = __sync_fetch_and_add(&nr_own_deletions, 1);
	if (at + 1 >= OWN_DELETIONS_MAX)
		full = true;
	own_deletions[at % OWN_DELETIONS_MAX] = (struct own_deletion){ key, word };
	return 0;
}

static __always_inline bool is_future(enum writer_kind kind)
{
	return kind == FUTURE || kind == FUTURE_KEYED || kind == FUTURE_LATE;
}

static __always_inline __u64 future_word(__u32 key, __u64 now)
{
	now += bpf_get_prandom_u32() & 1 ? LASTS_SHORT : LASTS_LONG;
	return (now + margin) >> KEY_BITS << KEY_BITS | key;
}

static __always_inline __u64 random_part(void)
{
	return bpf_get_prandom_u32() & 0xffff;
}

static __always_inline __u64 draw_word(__u32 key, enum writer_kind kind)
{
	__u64 now;

	if (is_future(kind))
		return future_word(key, bpf_ktime_get_ns());
	/* Below a stamp, which comes twice, anything. */
	if (kind == SHRINKS)
		return (__sync_fetch_and_add(&clock, 1) / 2) << 32 | random_part() << KEY_BITS |
		       key;
	if (kind == SHRINKS_ONLY)
		return random_part() << 42 | __sync_fetch_and_add(&clock, 1) << KEY_BITS | key;

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

/* As bpf_compare_store64(), interrupted at the worst moment. */
static __always_inline int store_late(struct entry *entry, __u64 word, __u64 now)
{
	if (!bpf_compare_is_ahead64(entry, WORD, now, margin, CLAIMS))
		return bpf_compare_store64(entry, WORD, word, now, margin, CLAIMS);
	if (bpf_get_prandom_u32() < pauses)
		take_a_pause(PAUSE_LENGTH_MAX);
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

static __always_inline int refresh(__u32 *key, __u64 word, enum writer_kind kind, __u64 *written)
{
	*written = word;
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
		return bpf_compare_refresh_locked64(&locked, key, 0, WORD, word, CLAIMS);
	case TAKES_LOOK_UP: {
		void *value = bpf_map_lookup_elem(&target, key);

		return bpf_compare_refresh_at64(&target, key, &value, WORD, word, CLAIMS);
	}
	case SHRINKS: {
		void *value = bpf_map_lookup_elem(&target, key);

		return bpf_compare_refresh_stamped(&target, key, &value, WORD, word, CLAIMS);
	}
	case READS_KEY: {
		void *value = bpf_map_lookup_elem(&target, key);

		return value ? bpf_compare_refresh_keyed64(value, key, sizeof(*key), WORD, word,
							   CLAIMS)
			     : BPF_COMPARE_NO_ENTRY;
	}
	case FUTURE:
	case FUTURE_LATE:
	case FUTURE_KEYED: {
		__u64 now = bpf_ktime_get_ns();
		void *value = bpf_map_lookup_elem(&target, key);
		int answer;

		word = future_word(*key, now);
		*written = word;
		if (!value)
			return BPF_COMPARE_NO_ENTRY;
		if (kind == FUTURE_LATE)
			answer = store_late(value, word, now);
		else if (kind == FUTURE)
			answer = bpf_compare_store64(value, WORD, word, now, margin, CLAIMS);
		else
			answer = bpf_compare_store_keyed64(value, key, sizeof(*key), WORD, word,
							   now, margin, CLAIMS);
		if (bpf_ktime_get_ns() - now > margin)
			__sync_fetch_and_add(&overlong, 1);
		return answer;
	}
	default:
		return bpf_compare_refresh64(&target, key, WORD, word, CLAIMS);
	}
}

/* A datapath's delete of its own entry: by its word, or whatever that is. */
static __always_inline int delete_own(__u32 *key, enum writer_kind kind)
{
	struct entry *entry;

	if (kind == DELETES_BY_KEY)
		return bpf_map_delete_elem(&target, key) ? BPF_COMPARE_NO_ENTRY : BPF_COMPARE_DONE;
	if (bpf_get_prandom_u32() & 1)
		return bpf_compare_remove64(&target, key, WORD, next_claim(), CLAIMS);
	entry = bpf_map_lookup_elem(&target, key);
	if (!entry)
		return BPF_COMPARE_NO_ENTRY;
	return bpf_compare_delete64(&target, key, WORD, *(volatile __u64 *)&entry->word,
				    next_claim(), CLAIMS);
}

static __always_inline int create(__u32 *key, __u64 word, enum writer_kind kind, bool by_any)
{
	if (kind == LOCKED || kind == UNLOCKED) {
		struct locked_entry entry = { .owner = *key, .word = word };

		return bpf_compare_create64(&locked, key, &entry, WORD, CLAIM_FIRST, CLAIM_LAST);
	} else {
		struct entry entry = { .owner = *key, .word = word };

		if (by_any)
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

/* How a life of an entry may end by what its writer does. */
enum end {
	NOT_ENDED,
	DELETED,
	REPLACED, /* by the next create */
};

/* Future words: an entry of which that is far ahead is deleted by key, or to be replaced by BPF_ANY. */
static __always_inline enum end end_what_is_ahead(__u32 *key)
{
	__u64 now = bpf_ktime_get_ns();
	struct entry *entry = bpf_map_lookup_elem(&target, key);

	if (!entry || !bpf_compare_is_ahead64(entry, WORD, now, margin, CLAIMS))
		return NOT_ENDED;
	if (bpf_get_prandom_u32() & 1)
		return REPLACED;
	return bpf_map_delete_elem(&target, key) ? NOT_ENDED : DELETED;
}

static __always_inline enum end end_life(__u32 *key, enum writer_kind kind)
{
	__u32 chance = bpf_get_prandom_u32();

	/* So that there is room for the lives that collectors end, which are few where the margin is long. */
	if (is_future(kind) && !(chance % 4096) && 2 * nr_lives[*key % KEYS_MAX] < lives_per_key)
		return end_what_is_ahead(key);
	if ((kind == DELETES || kind == DELETES_BY_KEY) && !(chance % 16))
		return delete_own(key, kind) == BPF_COMPARE_DONE ? DELETED : NOT_ENDED;
	return NOT_ENDED;
}

/* A refresh, or an end of the entry, which is DELETED too where there was none. */
static __always_inline enum end visit(struct writer *writer, __u32 *key, struct life *life,
				      enum writer_kind kind)
{
	enum end end = end_life(key, kind);
	__u64 word;
	int answer;

	if (end == DELETED) {
		count(writer, ANSWER_DELETED);
		life->deleted = 1;
	}
	if (end != NOT_ENDED)
		return end;
	answer = refresh(key, draw_word(*key, kind), kind, &word);
	count(writer, answer);
	if (answer == BPF_COMPARE_DONE) {
		life->counted = word;
		life->tried = 0;
	} else if (!life->tried) {
		life->tried = word;
	}
	if (answer == BPF_COMPARE_CLAIMED && kind == CREATES_BY_ANY)
		return REPLACED;
	return answer == BPF_COMPARE_NO_ENTRY ? DELETED : NOT_ENDED;
}

/* Future words: an entry that no collector is about to expect is better left to age. */
static __always_inline bool is_to_age(__u32 key)
{
	struct entry *entry = (bpf_map_lookup_elem)(&target, &key);

	return entry &&
	       *(volatile __u64 *)&entry->word + margin > bpf_ktime_get_ns() + ABOUT_TO_AGE;
}

/* One visit, and a new entry where that leaves or finds none. 1 ends the loop. */
static __always_inline long step(struct writer_call *call, enum writer_kind kind)
{
	struct writer *writer = &writers[call->writer % WRITERS_MAX];
	__u32 among = bpf_get_prandom_u32() < hot ? 8 : writer->keys;
	__u32 key = writer->first_key + bpf_get_prandom_u32() % among;
	__u32 nr;
	__u64 at, word;
	struct life *life;
	enum end end;
	int answer;

	if (is_future(kind) && is_to_age(key))
		key %= 8;
	nr = nr_lives[key % KEYS_MAX];
	at = (__u64)key * lives_per_key + nr;
	/* The life under way is the one before the next that will begin. */
	life = &lives[(at - 1) % LIVES_MAX];
	if (!call->steps--)
		return 1;
	if (nr == lives_per_key) {
		full = true;
		return 1;
	}
	end = visit(writer, &key, life, kind);
	if (end == NOT_ENDED)
		return 0;
	if (end == REPLACED)
		life->replaced = 1;
	if (kind == SHRINKS) /* each life begins with a stamp that no other has had */
		__sync_fetch_and_add(&clock, 2);
	word = draw_word(key, kind);
	answer = create(&key, word, kind, end == REPLACED || kind == CREATES_BY_ANY);
	if (answer) {
		count(writer, answer == -E2BIG	  ? ANSWER_FULL
			      : answer > 0	  ? answer
			      : answer == -EBUSY  ? BPF_COMPARE_BUSY
			      : answer == -ENOMEM ? ANSWER_FULL
						  : ANSWER_ERROR);
		return 0;
	}
	count(writer, ANSWER_CREATED);
	lives[at % LIVES_MAX] = (struct life){ .created = word, .counted = word };
	nr_lives[key % KEYS_MAX] = nr + 1;
	if (kind == SHRINKS)
		__sync_fetch_and_add(&clock, 2);
	return 0;
}

#define STEP(name, kind)                                                                           \
	static long name##_step(void *map, const __u32 *i, void *value, struct writer_call *call)  \
	{                                                                                          \
		return step(call, kind);                                                           \
	}

#define WRITER(name, kind)                                                                         \
	STEP(name, kind)                                                                           \
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
WRITER(takes_look_up, TAKES_LOOK_UP)
WRITER(reads_key, READS_KEY)
WRITER(deletes, DELETES)
WRITER(deletes_by_key, DELETES_BY_KEY)
WRITER(shrinks, SHRINKS)
WRITER(shrinks_only, SHRINKS_ONLY)

/* Time counts for these, so that they must not be preempted: programs of the kind that datapaths are. */
#define WRITER_OF_PACKETS(name, kind)                                                              \
	STEP(name, kind)                                                                           \
                                                                                                   \
	SEC("xdp")                                                                                 \
	int name(struct xdp_md *packet)                                                            \
	{                                                                                          \
		struct writer_call *asked = (void *)(long)packet->data, call;                      \
                                                                                                   \
		if ((void *)(asked + 1) > (void *)(long)packet->data_end)                          \
			return XDP_ABORTED;                                                        \
		call = *asked;                                                                     \
		bpf_for_each_map_elem(&steps, name##_step, &call, 0);                              \
		return XDP_PASS;                                                                   \
	}

WRITER_OF_PACKETS(future, FUTURE)
WRITER_OF_PACKETS(future_keyed, FUTURE_KEYED)
WRITER_OF_PACKETS(future_late, FUTURE_LATE)

char _license[] SEC("license") = "Dual BSD/GPL";
