// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/* Finds a key's entry, as programs do, to copy or to delete it. */
#include <time.h>
#include "flowtab_internal.h"

/* How often a call starts over before it gives up. */
#define TRIES 16

__u64 ticks_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return bpf_flowtab_ticks(now.tv_sec * 1000000000ull + now.tv_nsec);
}

/* from is a multiple of 8 in the arena, with as many bytes to read as make a multiple of 8 of size. */
static void copy_part(void *to, const char *from, __u32 size)
{
	for (__u32 at = 0; at < size; at += 8) {
		__u64 part = __atomic_load_n((const __u64 *)(from + at), __ATOMIC_RELAXED);

		memcpy((char *)to + at, &part, size - at < 8 ? size - at : 8);
	}
}

void copy_record(const struct bpf_flowtab *table, __u32 slot, void *key, void *second, void *value)
{
	const __u32 key_room = __BPF_FLOWTAB_ALIGN(table->key_size);
	const char *record = record_of(table, slot);

	if (key)
		copy_part(key, record, table->key_size);
	if (second && table->keys == 2)
		copy_part(second, record + key_room, table->key_size);
	if (value)
		copy_part(value, record + table->keys * key_room, table->value_size);
}

static bool has_key(const struct bpf_flowtab *table, __u32 slot, const void *key, bool second)
{
	char there[BPF_FLOWTAB_KEY_MAX];

	copy_record(table, slot, second ? NULL : there, second ? there : NULL, NULL);
	return !memcmp(there, key, table->key_size);
}

bool same_life(const struct bpf_flowtab *table, __u32 slot, __u64 word)
{
	const __u64 life = BPF_FLOWTAB_GENERATION_MASK | BPF_FLOWTAB_MATCH_MASK;

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return !((load_word(word_of(table, slot)) ^ word) & life);
}

/* Whether the slot was the key's, as of its word in seen. */
static bool is_it(const struct bpf_flowtab *table, __u32 slot, const void *key, bool second,
		  __u64 like, __u64 mask, struct bpf_flowtab_seen *seen)
{
	__u64 word = load_word(word_of(table, slot));

	if (((word ^ like) & mask) || !has_key(table, slot, key, second) ||
	    !same_life(table, slot, word))
		return false;
	seen->slot = slot;
	seen->word = word;
	return true;
}

/* The nth of the slots that a key with this hash may have, and of the aliases that lead to it: of both buckets. */
static __u32 nth_slot(const struct bpf_flowtab *table, __u64 hash, __u32 n)
{
	__u32 bucket = bpf_flowtab_bucket(hash, table->bucket_mask, n >= table->slots);

	return bucket * table->slots + n % table->slots;
}

static bool find(const struct bpf_flowtab *table, const void *key, struct bpf_flowtab_seen *seen)
{
	__u64 hash = bpf_flowtab_hash(table->secret, key, table->key_size);
	__u64 like = bpf_flowtab_tag(hash) | BPF_FLOWTAB_LIVE;

	for (__u32 i = 0; i < 2 * table->slots; i++) {
		__u32 slot = nth_slot(table, hash, i);
		__u64 alias, of_slot;

		if (is_it(table, slot, key, false, like, BPF_FLOWTAB_MATCH_MASK, seen))
			return true;
		if (table->keys == 1)
			continue;
		alias = load_word(alias_of(table, slot));
		of_slot = alias >> BPF_FLOWTAB_TIME_SHIFT;
		if (((alias ^ like) & BPF_FLOWTAB_MATCH_MASK) || of_slot >= all_slots(table))
			continue;
		if (is_it(table, of_slot, key, true,
			  (alias & BPF_FLOWTAB_GENERATION_MASK) | BPF_FLOWTAB_LIVE,
			  BPF_FLOWTAB_GENERATION_MASK | BPF_FLOWTAB_STATE_MASK, seen))
			return true;
	}
	return false;
}

int bpf_flowtab__lookup(const struct bpf_flowtab *table, const void *key, void *value,
			struct bpf_flowtab_seen *seen)
{
	int err = check_ours(table);

	if (err)
		return answer(err);
	for (int i = 0; i < TRIES; i++) {
		struct bpf_flowtab_seen found;

		if (!find(table, key, &found))
			return answer(-ENOENT);
		copy_record(table, found.slot, NULL, NULL, value);
		if (!same_life(table, found.slot, found.word))
			continue;
		if (seen)
			*seen = found;
		return 0;
	}
	return answer(refuse(-EAGAIN, "the entry was created anew each time"));
}

/* Of a pair that is gone. Where it is not found now, a create takes it over. */
static void free_alias(struct bpf_flowtab *table, const void *second, __u32 slot, __u64 word)
{
	__u64 hash = bpf_flowtab_hash(table->secret, second, table->key_size);
	__u64 alias = (__u64)slot << BPF_FLOWTAB_TIME_SHIFT | (word & BPF_FLOWTAB_GENERATION_MASK) |
		      bpf_flowtab_tag(hash) | BPF_FLOWTAB_LIVE;

	for (__u32 i = 0; i < 2 * table->slots; i++) {
		__u64 *at = alias_of(table, nth_slot(table, hash, i));

		if (load_word(at) == alias && exchange_word(at, alias, 0))
			return;
	}
}

bool free_slot(struct bpf_flowtab *table, __u32 slot, __u64 seen)
{
	char second[BPF_FLOWTAB_KEY_MAX];

	if (table->keys == 2) /* the record may be another entry's right after */
		copy_record(table, slot, NULL, second, NULL);
	if (!exchange_word(word_of(table, slot), seen, seen & ~BPF_FLOWTAB_STATE_MASK))
		return false;
	if (table->keys == 2)
		free_alias(table, second, slot, seen);
	return true;
}

int bpf_flowtab__delete(struct bpf_flowtab *table, const void *key)
{
	int err = check_ours(table);

	if (err)
		return answer(err);
	for (int i = 0; i < TRIES; i++) {
		struct bpf_flowtab_seen found;

		if (!find(table, key, &found))
			return answer(-ENOENT);
		if (free_slot(table, found.slot, found.word))
			return 0;
	}
	return answer(refuse(-EAGAIN, "the entry was refreshed each time"));
}

int bpf_flowtab__delete_seen(struct bpf_flowtab *table, const struct bpf_flowtab_seen *seen)
{
	int err = check_ours(table);

	if (err)
		return answer(err);
	if (seen->slot >= all_slots(table) || state_of(seen->word) != BPF_FLOWTAB_LIVE)
		return answer(refuse(
			-EINVAL, "slot %u of %u, state %u: what was seen is no entry of this table",
			seen->slot, all_slots(table), (unsigned)state_of(seen->word)));
	/* In the same tick it may have been refreshed since. */
	if (!bpf_flowtab_has_passed(seen->word, ticks_now(), 1) ||
	    !free_slot(table, seen->slot, seen->word))
		return answer(-EBUSY);
	return 0;
}
