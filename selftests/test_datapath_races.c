// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What bpf_compare.bpf.h has for datapaths that delete, that shorten, and that pay for it by each packet: beside
 * collectors that delete with a claim nothing may be lost. Then each without its protection: losses must show.
 */
#define _GNU_SOURCE /* sched_setaffinity() */
#include "races_run.h"

static const struct race few_keys = {
	.map_type = BPF_MAP_TYPE_HASH,
	.max_entries = 64,
	.keys = 8,
	.equal_words = 1,
	.backend = BPF_MAP_COMPARE_AUTO,
	.claim = true,
	.batch = true,
	.collectors = 1,
};

/* Elements are recycled all the time, also under the pointers that writers hold. */
static const struct race many_keys = {
	.map_type = BPF_MAP_TYPE_HASH,
	.max_entries = 16,
	.keys = 64,
	.stirred = true,
	.pauses = 5,
	.long_pauses = true,
	.equal_words = 1,
	.backend = BPF_MAP_COMPARE_AUTO,
	.claim = true,
	.collectors = 1,
};

/* A race that needs two CPUs, and interrupts that are not emulated, to show what it is for. */
static enum outcome must_lose(void)
{
	return has_two_cpus() && is_interrupted() ? MUST_LOSE : MAY_LOSE;
}

static void refreshes(enum writer_kind writer, const char *name, const char *recycled)
{
	struct race race = few_keys;

	race.name = name;
	race.writer = writer;
	race.refreshes = scaled(10000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race = many_keys;
	race.name = recycled;
	race.writer = writer;
	race.refreshes = scaled(100000);
	race.deletes = scaled(100000);
	run_race(race, LOSES_NOTHING);
}

/* In the datapath, which creates anew at once what it deleted. */
static void deletes(void)
{
	struct race race = few_keys;

	race.name = "datapath that deletes by claim";
	race.writer = DELETES;
	race.refreshes = scaled(10000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race.name = "datapath that deletes, two processes";
	race.collectors = 2;
	race.processes = true;
	run_race(race, LOSES_NOTHING);

	race = many_keys;
	race.name = "datapath that deletes, recycled";
	race.writer = DELETES;
	race.refreshes = scaled(100000);
	race.deletes = scaled(100000);
	run_race(race, LOSES_NOTHING);

	race = few_keys;
	race.name = "datapath that deletes by key";
	race.writer = DELETES_BY_KEY;
	race.refreshes = many_refreshes();
	race.deletes = 1000;
	run_race(race, must_lose());
}

/* Programs that interrupt others of their CPU, and collectors, wherever those are. */
static void nested_deletes(void)
{
	struct race race = few_keys;

	if (!is_interrupted()) {
		tap_skip("nested deletes", "interrupts are emulated here");
		return;
	}
	race.name = "deletes by interrupts";
	race.writer = DELETES;
	race.deleter = true;
	race.refreshes = scaled(10000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);
}

static void shrinks(void)
{
	struct race race = few_keys;

	race.name = "words that shrink under a stamp";
	race.writer = SHRINKS;
	race.refreshes = scaled(10000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race.name = "words that shrink without a stamp";
	race.writer = SHRINKS_ONLY;
	race.refreshes = many_refreshes();
	race.deletes = 1000;
	run_race(race, MUST_LOSE);
}

/* Expiries, of which some are cut short: most visits are to few keys, so that the others pass. */
static const struct race future_words = {
	.writer = FUTURE,
	.map_type = BPF_MAP_TYPE_HASH,
	.max_entries = KEYS_MAX,
	.keys = KEYS_MAX,
	.equal_words = 1,
	.hot = 90,
	.backend = BPF_MAP_COMPARE_AUTO,
	.claim = true,
	.batch = true,
	.collectors = 1,
};

/* In us, more than a run takes here: longer where CPUs are emulated, and may have to wait for one. */
static __u32 margin(void)
{
	return getenv("SLOW_MACHINE") ? 1000000 : 20000;
}

static void future(void)
{
	struct race race = future_words;

	race.margin = margin();
	race.name = "future words";
	race.refreshes = scaled(100000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race.name = "future words, LRU";
	race.map_type = BPF_MAP_TYPE_LRU_HASH;
	race.max_entries = 8 * KEYS_MAX;
	run_race(race, LOSES_NOTHING);

	race = future_words;
	race.margin = margin();
	race.name = "future words, recycled";
	race.max_entries = KEYS_MAX / 4;
	race.pauses = 5;
	race.long_pauses = true;
	race.refreshes = scaled(10000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	/* Interrupted between what is seen and the store, which the margin is for. */
	race = future_words;
	race.margin = margin();
	race.name = "future words, late stores";
	race.writer = FUTURE_LATE;
	race.pauses = 5;
	race.refreshes = scaled(10000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);

	race.name = "future words without a margin";
	race.margin = 0;
	race.hot = 0;
	race.keys = 64;
	race.pauses = 50;
	race.refreshes = many_refreshes() / 10;
	race.deletes = 1000;
	run_race(race, must_lose());
}

static void future_keyed(void)
{
	struct race race = future_words;

	race.margin = margin();
	race.name = "future words, keyed";
	race.writer = FUTURE_KEYED;
	race.max_entries = KEYS_MAX / 4;
	race.pauses = 5;
	race.long_pauses = true;
	race.refreshes = scaled(10000000);
	race.deletes = scaled(1000000);
	run_race(race, LOSES_NOTHING);
}

int main(void)
{
	if (!kernel_has("syscall_prog")) {
		tap_skip("races", "this kernel has no syscall programs");
		return tap_done();
	}
	refreshes(TAKES_LOOK_UP, "refreshes that are handed a look-up",
		  "handed a look-up, recycled");
	if (kernel_has("cast")) {
		refreshes(READS_KEY, "refreshes that read the key", "reading the key, recycled");
		future_keyed();
	} else {
		tap_skip("refreshes that read the key", "Linux 6.2 brought bpf_rdonly_cast()");
	}
	deletes();
	nested_deletes();
	shrinks();
	future();
	return tap_done();
}
