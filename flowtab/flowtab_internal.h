/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */
#ifndef FLOWTAB_INTERNAL_H
#define FLOWTAB_INTERNAL_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <bpf/bpf_flowtab.h>

#define INTERNAL __attribute__((visibility("hidden")))

/* From <linux/bpf.h> of 6.9, which may be older here. */
#define MAP_TYPE_ARENA 33
#define SEGV_ON_FAULT  (1U << 17)

struct bpf_flowtab {
	char *memory; /* the arena's, which programs write too */
	size_t size;
	int fd;
	const int *ours; /* is 0 in a child, which does not have the memory */
	/* Copied from the arena, and checked, once. What is there is not looked at again. */
	__u32 key_size;
	__u32 value_size;
	__u32 keys;
	__u32 slots;
	__u32 bucket_mask;
	__u32 grace; /* in ticks */
	__u64 records;
	__u64 secret[1 + BPF_FLOWTAB_KEY_MAX / 4];
};

/* -err, with why. */
INTERNAL int refuse(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What is exported returns so: 0, or a negative error that errno has too. */
INTERNAL int answer(int err);
INTERNAL int check_ours(const struct bpf_flowtab *table);

static inline __u32 all_slots(const struct bpf_flowtab *table)
{
	return (table->bucket_mask + 1) * table->slots;
}

/* slot is below all_slots() */
static inline __u64 *word_of(const struct bpf_flowtab *table, __u32 slot)
{
	return (__u64 *)(table->memory +
			 bpf_flowtab_words(slot / table->slots, table->keys, table->slots)) +
	       slot % table->slots;
}

static inline __u64 *alias_of(const struct bpf_flowtab *table, __u32 slot)
{
	return word_of(table, slot) + table->slots;
}

static inline const char *record_of(const struct bpf_flowtab *table, __u32 slot)
{
	return table->memory + table->records +
	       slot * bpf_flowtab_record_size(table->key_size, table->value_size, table->keys);
}

static inline __u64 load_word(const __u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline bool exchange_word(__u64 *word, __u64 seen, __u64 new)
{
	return __atomic_compare_exchange_n(word, &seen, new, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

static inline __u64 state_of(__u64 word)
{
	return word & BPF_FLOWTAB_STATE_MASK;
}

static inline __u32 class_of(__u64 word)
{
	return (word & BPF_FLOWTAB_CLASS_MASK) >> BPF_FLOWTAB_CLASS_SHIFT;
}

INTERNAL __u64 ticks_now(void);
/* Whether a slot's record is still of the life that word tells, after it was copied. */
INTERNAL bool same_life(const struct bpf_flowtab *table, __u32 slot, __u64 word);
INTERNAL void copy_record(const struct bpf_flowtab *table, __u32 slot, void *key, void *second,
			  void *value);
/* Frees a slot, if its word still is seen, and the alias that leads to it. */
INTERNAL bool free_slot(struct bpf_flowtab *table, __u32 slot, __u64 seen);

#endif /* FLOWTAB_INTERNAL_H */
