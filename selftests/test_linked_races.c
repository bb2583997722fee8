// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Pairs whose entries are refreshed apart, by programs that keep the rules, against collectors that
 * delete them together with claims: nothing may be lost and no pair half deleted. Then without the
 * claims, where losses must show, and with each entry deleted by itself, where halves must: or the
 * above would prove nothing.
 */
#define _GNU_SOURCE /* sched_setaffinity() */
#include "races_run.h"

static const struct race pairs = {
	.map_type = BPF_MAP_TYPE_HASH,
	.max_entries = 64,
	.keys = 8,
	.equal_words = 1,
	.backend = BPF_MAP_COMPARE_AUTO,
	.claim = true,
	.linked = true,
	.collectors = 1,
};

static void test_claims(void)
{
	struct race race = pairs;

	race.name = "pairs";
	race.refreshes = scaled(10000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race.name = "pairs, the linked one first";
	race.linked_flags = BPF_MAP_LINKED_FIRST;
	run_race(race, LOSES_NOTHING);

	race = pairs;
	race.name = "pairs, equal words";
	race.equal_words = 64;
	race.refreshes = scaled(10000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	/* Elements are recycled all the time, also for the other one of a pair. */
	race.name = "pairs, recycled elements";
	race.equal_words = 1;
	race.max_entries = 16;
	race.keys = 24;
	race.stirred = true;
	race.pauses = 5;
	race.refreshes = scaled(1000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race.name = "pairs, recycled, equal words";
	race.equal_words = 64;
	run_race(race, LOSES_NOTHING);
}

/* Each links the pairs from its side, so that they claim in opposite orders. */
static void test_two_collectors(void)
{
	struct race race = pairs;

	race.name = "pairs from both sides, threads";
	race.collectors = 2;
	race.refreshes = scaled(2000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race.name = "pairs from both sides, processes";
	race.processes = true;
	run_race(race, LOSES_NOTHING);

	/* So that what one of them has found the other deletes, and it is another key's. */
	race.name = "pairs from both sides, recycled";
	race.equal_words = 256;
	race.max_entries = 16;
	race.keys = 24;
	race.stirred = true;
	race.pauses = 5;
	run_race(race, LOSES_NOTHING);

	race = pairs;
	race.collectors = 2;
	race.processes = true;
	race.refreshes = scaled(2000000);
	race.name = "pairs, one collector killed";
	race.killed = true;
	race.deletes = scaled(500000);
	run_race(race, LOSES_NOTHING);
}

static void test_without_claims(void)
{
	struct race race = pairs;

	race.name = "pairs without claims";
	race.claim = false;
	race.backend = BPF_MAP_COMPARE_SYSCALL_PROG;
	race.refreshes = getenv("SLOW_MACHINE") ? 20000 : 200000;
	race.deletes = 1000;
	run_race(race, MUST_LOSE);
}

/* What there was before: each by itself as safe as can be. */
static void test_apart(void)
{
	struct race race = pairs;

	race.name = "pairs, each entry by itself";
	race.apart = true;
	race.refreshes = getenv("SLOW_MACHINE") ? 20000 : 200000;
	race.deletes = 1000;
	run_race(race, MUST_LOSE);
}

int main(void)
{
	if (!kernel_has("syscall_prog")) {
		tap_skip("pairs", "this kernel has no syscall programs");
		return tap_done();
	}
	test_claims();
	test_two_collectors();
	if (has_two_cpus()) {
		test_without_claims();
		test_apart();
	} else {
		tap_skip("without claims", "one CPU");
	}
	return tap_done();
}
