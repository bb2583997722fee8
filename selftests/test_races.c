// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * In-place writers, BPF programs that keep the rules of bpf_compare.bpf.h, against a collector that
 * deletes with a claim: nothing may be lost. Then the same with one rule taken out each time:
 * losses must show, or the above would prove nothing.
 */
#define _GNU_SOURCE /* sched_setaffinity() */
#include "races_run.h"

static const struct race few_keys = {
	.name = "few hot keys",
	.map_type = BPF_MAP_TYPE_HASH,
	.max_entries = 64,
	.keys = 8,
	.equal_words = 1,
	.backend = BPF_MAP_COMPARE_AUTO,
	.claim = true,
	.collectors = 1,
};

/* Elements are recycled all the time, also under the pointers that writers hold. */
static const struct race many_keys = {
	.name = "many keys, recycled elements",
	.map_type = BPF_MAP_TYPE_HASH,
	.max_entries = 16,
	.keys = 256,
	.stirred = true,
	.pauses = 5,
	.equal_words = 1,
	.backend = BPF_MAP_COMPARE_AUTO,
	.claim = true,
	.batch = true,
	.collectors = 1,
};

static void keep_rules(void)
{
	struct race race = few_keys;

	race.refreshes = scaled(10000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race.name = "few hot keys, batches";
	race.batch = true;
	run_race(race, LOSES_NOTHING);

	race.name = "few hot keys, equal words";
	race.equal_words = 64;
	run_race(race, LOSES_NOTHING);

	race = many_keys;
	race.refreshes = scaled(1000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race.name = "many keys, equal words";
	race.equal_words = 64;
	run_race(race, LOSES_NOTHING);
}

static void break_rules(void)
{
	struct race race = few_keys;

	race.refreshes = many_refreshes();
	race.deletes = 1000;
	race.name = "without a claim";
	race.claim = false;
	race.backend = BPF_MAP_COMPARE_SYSCALL_PROG;
	run_race(race, MUST_LOSE);

	race.name = "without a claim, equal words";
	race.equal_words = 64;
	run_race(race, MUST_LOSE);

	race = few_keys;
	race.refreshes = many_refreshes();
	race.deletes = 1000;
	race.name = "refresh by a store, no look";
	race.writer = KNOWS_NO_RULES;
	run_race(race, MUST_LOSE);

	race.name = "refresh by a store";
	race.writer = PLAIN_STORE;
	run_race(race, getenv("SLOW_MACHINE") ? MAY_LOSE : MUST_LOSE);

	race.name = "creation by BPF_ANY";
	race.writer = CREATES_BY_ANY;
	run_race(race, MUST_LOSE);

	race = many_keys;
	race.refreshes = 20000;
	race.deletes = 1000;
	race.name = "no look after the refresh";
	race.writer = NO_LOOK_AGAIN;
	run_race(race, MUST_LOSE);

	/*
	 * Revisions are no clock: a stale pointer's may be greater than those of the key that has
	 * the element now, which then takes it for a later word of its own.
	 */
	race.name = "a revision for each key";
	race.writer = KEEPS_RULES;
	race.equal_words = 0;
	run_race(race, MAY_LOSE);
}

/* Several fields, under the value's lock. */
static void lock(void)
{
	struct race race = few_keys;

	race.name = "fields under a spin lock";
	race.writer = LOCKED;
	race.refreshes = scaled(10000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race.name = "fields without the lock";
	race.writer = UNLOCKED;
	race.refreshes = many_refreshes();
	race.deletes = 1000;
	run_race(race, getenv("SLOW_MACHINE") ? MAY_LOSE : MUST_LOSE);
}

int main(void)
{
	if (!kernel_has("syscall_prog")) {
		tap_skip("races", "this kernel has no syscall programs");
		return tap_done();
	}
	keep_rules();
	if (has_two_cpus())
		break_rules();
	else
		tap_skip("broken rules", "one CPU");
	if (kernel_has("spin_lock"))
		lock();
	else
		tap_skip("spin lock", "this kernel's syscall programs take none");
	return tap_done();
}
