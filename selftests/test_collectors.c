// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * More than one collector: threads of one process with one claim, processes with a claim each, one
 * that is killed again and again. And where less is promised: entries that are evicted, and writers
 * that replace elements and know nothing of claims.
 */
#define _GNU_SOURCE /* sched_setaffinity() */
#include "races_run.h"

static const struct race two_collectors = {
	.map_type = BPF_MAP_TYPE_HASH,
	.max_entries = 64,
	.keys = 8,
	.equal_words = 1,
	.backend = BPF_MAP_COMPARE_AUTO,
	.claim = true,
	.collectors = 2,
};

static void test_collectors(void)
{
	struct race race = two_collectors;

	race.name = "two threads, one claim";
	race.batch = true;
	race.refreshes = scaled(2000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race.name = "two threads, equal words";
	race.equal_words = 64;
	run_race(race, LOSES_NOTHING);

	race = two_collectors;
	race.name = "two processes, two claims";
	race.processes = true;
	race.refreshes = scaled(2000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race.name = "two processes, one killed";
	race.killed = true;
	race.deletes = scaled(500000);
	run_race(race, LOSES_NOTHING);

	race.name = "one process, killed";
	race.collectors = 1;
	run_race(race, LOSES_NOTHING);
}

/*
 * An evicted entry is no loss, as the writer is told so by the next look; a delete by a word before
 * the last that counted is one.
 */
static void test_eviction(void)
{
	struct race race = {
		.name = "LRU, few keys",
		.map_type = BPF_MAP_TYPE_LRU_HASH,
		.max_entries = 1024,
		.keys = 8,
		.equal_words = 1,
		.backend = BPF_MAP_COMPARE_AUTO,
		.claim = true,
		.collectors = 1,
		.refreshes = scaled(2000000),
		.deletes = scaled(200000),
	};

	run_race(race, LOSES_NOTHING);

	race.name = "LRU, evicting";
	race.max_entries = 64;
	race.keys = 512;
	race.stirred = true;
	race.pauses = 1;
	run_race(race, LOSES_NOTHING);
}

static void test_replacement(void)
{
	struct race race = {
		.name = "replacing writers, native",
		.writer = REPLACES,
		.map_type = BPF_MAP_TYPE_HASH,
		.max_entries = 64,
		.keys = 2,
		.equal_words = 1,
		.backend = BPF_MAP_COMPARE_NATIVE,
		.collectors = 1,
		.refreshes = scaled(2000000),
		.deletes = scaled(200000),
	};

	if (kernel_has("native"))
		run_race(race, LOSES_NOTHING);
	race.name = "replacing writers, emulation";
	race.backend = BPF_MAP_COMPARE_SYSCALL_PROG;
	if (kernel_has("syscall_prog"))
		run_race(race, MAY_LOSE);
}

int main(void)
{
	if (kernel_has("syscall_prog")) {
		test_collectors();
		test_eviction();
	}
	if (kernel_has("native") || kernel_has("syscall_prog"))
		test_replacement();
	if (!tap_tests)
		tap_skip("collectors", "this kernel has no backend");
	return tap_done();
}
