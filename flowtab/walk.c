// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/* Goes through all slots: to hand entries out, to delete those that have timed out, to count. */
#include "flowtab_internal.h"

int bpf_flowtab__next(const struct bpf_flowtab *table, __u32 *cursor, void *key, void *second,
		      void *value, struct bpf_flowtab_seen *seen)
{
	int err = check_ours(table);

	if (err)
		return answer(err);
	for (__u32 slot = *cursor; slot < all_slots(table); slot++) {
		__u64 word = load_word(word_of(table, slot));

		if (state_of(word) != BPF_FLOWTAB_LIVE)
			continue;
		copy_record(table, slot, key, second, value);
		if (!same_life(table, slot, word))
			continue;
		if (seen)
			*seen = (struct bpf_flowtab_seen){ .word = word, .slot = slot };
		*cursor = slot + 1;
		return 0;
	}
	*cursor = all_slots(table);
	return answer(-ENOENT);
}

/* In whole ticks, and one, as both clocks were rounded down. */
static __u64 ticks_of(__u32 ms)
{
	if (ms == BPF_FLOWTAB_NEVER)
		return BPF_FLOWTAB_TIME_MASK;
	return ((__u64)ms * 1000000 >> BPF_FLOWTAB_TICK_SHIFT) + 2;
}

struct sweep {
	struct bpf_flowtab *table;
	struct bpf_flowtab_sweep_opts *opts;
	__u64 timeouts[BPF_FLOWTAB_CLASSES + 1];
};

static int judge(struct sweep *sweep, __u32 slot, __u64 word)
{
	struct bpf_flowtab_sweep_opts *opts = sweep->opts;
	__u64 key[BPF_FLOWTAB_KEY_MAX / 8], second[BPF_FLOWTAB_KEY_MAX / 8];
	__u64 value[BPF_FLOWTAB_VALUE_MAX / 8];
	struct bpf_flowtab_entry entry = { .key = key,
					   .value = value,
					   .seen = { .word = word, .slot = slot } };
	int err;

	opts->timed_out++;
	if (opts->callback) {
		if (sweep->table->keys == 2)
			entry.second = second;
		copy_record(sweep->table, slot, key, second, value);
		if (!same_life(sweep->table, slot, word)) {
			opts->changed++;
			return 0;
		}
		err = opts->callback(opts->ctx, &entry);
		if (err)
			return err < 0 ? err : 0;
	}
	if (free_slot(sweep->table, slot, word))
		opts->deleted++;
	else
		opts->changed++;
	return 0;
}

/*
 * A word that seems to be of half a round ago may be of after the clock was read, by more than clocks differ, where
 * the sweep was stopped since: the clock tells, now.
 */
static bool is_ahead(const struct sweep *sweep, __u64 word, __u64 now)
{
	return __bpf_flowtab_skewed_age(word, now) >> (BPF_FLOWTAB_TIME_BITS - 1) &&
	       !bpf_flowtab_has_passed(word, ticks_now(), sweep->timeouts[class_of(word)]);
}

/* Without branches but for what has timed out: what a slot holds is anybody's guess. */
static int sweep_bucket(struct sweep *sweep, __u32 slots, __u64 now)
{
	struct bpf_flowtab_sweep_opts *opts = sweep->opts;
	const __u64 *words = word_of(sweep->table, opts->cursor);
	__u32 live = 0, i;
	int err = 0;

	for (i = 0; i < slots && !err; i++) {
		__u64 word = load_word(words + i);
		bool is_live = state_of(word) == BPF_FLOWTAB_LIVE;

		live += is_live;
		if (is_live & bpf_flowtab_has_passed(word, now, sweep->timeouts[class_of(word)]) &&
		    !is_ahead(sweep, word, now))
			err = judge(sweep, opts->cursor + i, word);
	}
	opts->live += live;
	opts->scanned += i;
	opts->cursor += i;
	return err;
}

static int sweep_slots(struct sweep *sweep, __u32 end)
{
	const __u32 slots = sweep->table->slots;
	__u32 *cursor = &sweep->opts->cursor;
	__u64 now = ticks_now();
	int err = 0;

	while (*cursor < end && !err) {
		__u32 rest = slots - *cursor % slots;

		err = sweep_bucket(sweep, rest < end - *cursor ? rest : end - *cursor, now);
	}
	return err;
}

int bpf_flowtab__sweep(struct bpf_flowtab *table, struct bpf_flowtab_sweep_opts *opts)
{
	struct sweep sweep = { .table = table, .opts = opts };
	__u32 end = all_slots(table);
	int err = check_ours(table);

	if (err)
		return answer(err);
	if (!opts || opts->sz != sizeof(*opts))
		return answer(refuse(-EINVAL, "opts are those of another version of the library"));
	if (!opts->timeouts_ms)
		return answer(refuse(-EINVAL, "timeouts_ms is NULL"));
	if (opts->cursor >= end)
		return answer(
			refuse(-EINVAL, "cursor is %u: the table has %u slots", opts->cursor, end));
	/* A class that no program can set is damage: it stays. */
	sweep.timeouts[BPF_FLOWTAB_CLASSES] = ticks_of(BPF_FLOWTAB_NEVER);
	for (int i = 0; i < BPF_FLOWTAB_CLASSES; i++)
		sweep.timeouts[i] = ticks_of(opts->timeouts_ms[i]);
	opts->scanned = opts->live = opts->timed_out = opts->deleted = opts->changed = 0;
	if (opts->max_slots && opts->max_slots < end - opts->cursor)
		end = opts->cursor + opts->max_slots;
	err = sweep_slots(&sweep, end);
	if (opts->cursor == all_slots(table))
		opts->cursor = 0;
	return answer(err);
}

int bpf_flowtab__stats(const struct bpf_flowtab *table, struct bpf_flowtab_stats *stats)
{
	int err = check_ours(table);
	__u64 now = ticks_now();

	if (err)
		return answer(err);
	memset(stats, 0, sizeof(*stats));
	for (__u32 slot = 0; slot < all_slots(table); slot++) {
		__u64 word = load_word(word_of(table, slot));

		if (state_of(word) == BPF_FLOWTAB_FREE &&
		    bpf_flowtab_has_passed(word, now, table->grace))
			stats->free++;
		else if (state_of(word) == BPF_FLOWTAB_FREE)
			stats->resting++;
		else if (state_of(word) != BPF_FLOWTAB_LIVE)
			stats->creating++;
		else if (class_of(word) < BPF_FLOWTAB_CLASSES)
			stats->live[class_of(word)]++;
		if (table->keys == 2 &&
		    state_of(load_word(alias_of(table, slot))) == BPF_FLOWTAB_LIVE)
			stats->aliases++;
	}
	return 0;
}
