// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Programs on two CPUs, and others that interrupt them, create entries of the same keys at the same time: of pairs
 * that share both keys, in either order, or one. Of each key one at most may be told that it created its entry,
 * and the table may have one. Then each rule is taken out: keys must be there twice.
 */
#define _GNU_SOURCE
#include "races_run.h"

#define PERCENT(of) ((__u32)((of) * (~0u / 100)))

struct tally {
	unsigned long rounds, created, refused, full, changing;
	unsigned long twins, damaged;
};

struct race {
	const char *name;
	struct field field;
	__u32 churn;
	__u32 second;
	unsigned long creates;
};

/* What the table has, beside what programs were told. */
static void check_table(const struct race *race, struct tally *tally)
{
	const struct field *field = &race->field;
	static __u32 there[STEP_KEYS];
	struct race_key key, second;
	__u32 cursor = 0;

	memset(there, 0, sizeof(there));
	while (!bpf_flowtab__next(field->table, &cursor, &key, &second, NULL, NULL)) {
		if (there[key.number % STEP_KEYS]++)
			tally->twins++;
		if (field->pairs && there[second.number % STEP_KEYS]++)
			tally->twins++;
	}
	for (__u32 i = 0; i < STEP_KEYS; i++)
		tally->damaged += there[i] != field->races->there[i];
}

static void check_round(const struct race *race, struct tally *tally)
{
	struct bpf_flowtab_stats stats;
	unsigned long pairs = 0;

	for (int i = 0; i < WRITERS; i++) {
		const struct writer *writer = &race->field.races->writers[i];

		tally->created += writer->created;
		tally->refused += writer->refused;
		tally->full += writer->full;
		tally->changing += writer->changing;
		tally->twins += writer->twins;
		tally->damaged += writer->damaged;
		pairs += writer->created - writer->deleted;
	}
	check_table(race, tally);
	/* Who lost left nothing behind. */
	if (bpf_flowtab__stats(race->field.table, &stats))
		tap_bail("no statistics: %s", bpf_flowtab_reason());
	tally->damaged += stats.creating || stats.live[0] != pairs ||
			  stats.aliases != (race->field.pairs ? pairs : 0);
}

static void run_round(struct race *race, struct tally *tally)
{
	struct runner runners[2];

	start_round(&race->field, 0, 0, (struct chances){ .second = race->second });
	race->field.races->churn = race->churn;
	start_runners(&race->field, runners, run_steps);
	join_runners(runners);
	tally->rounds++;
	check_round(race, tally);
}

static void report(const struct race *race, const struct tally *t)
{
	static bool has_head;

	if (!has_head)
		printf("# %-38s %10s %10s %8s %8s %8s %8s %6s\n", "race", "created", "refused",
		       "full", "changing", "twins", "damaged", "rounds");
	has_head = true;
	printf("# %-38s %10lu %10lu %8lu %8lu %8lu %8lu %6lu\n", race->name, t->created, t->refused,
	       t->full, t->changing, t->twins, t->damaged, t->rounds);
	fflush(stdout);
}

static void run_race(struct race race)
{
	struct tally t = {};

	open_field(&race.field);
	while (t.created < race.creates)
		run_round(&race, &t);
	report(&race, &t);
	tap_ok(!t.twins && !t.damaged, "%s: no key twice, and nothing left behind", race.name);
	close_field(&race.field);
}

static void run_control(struct race race, enum rule without)
{
	struct tally t = {};

	race.field.without = without;
	race.field.pauses = PERCENT(20);
	open_field(&race.field);
	while (!t.twins && t.rounds < 1000)
		run_round(&race, &t);
	report(&race, &t);
	tap_ok(t.twins, "%s: keys are there twice", race.name);
	close_field(&race.field);
}

static struct race plain(const char *name)
{
	return (struct race){
		.name = name,
		.field = { .max_entries = 4 * STEPS,
			   .program = "create",
			   .interrupt = is_slow() ? NULL : "interrupt_create" },
		.creates = scaled(5000000),
	};
}

static struct race pairs(const char *name)
{
	return (struct race){
		.name = name,
		.field = { .max_entries = 8 * STEPS,
			   .program = "create",
			   .interrupt = is_slow() ? NULL : "interrupt_create",
			   .pairs = true },
		.second = PERCENT(50),
		.creates = scaled(5000000),
	};
}

static struct race with_pauses(struct race race)
{
	race.field.pauses = PERCENT(5);
	return race;
}

/* Who created deletes at once, so that slots and aliases are others' soon, all with few keys. */
static struct race with_churn(struct race race, __u32 keys)
{
	race.churn = keys;
	return race;
}

int main(void)
{
	if (!kernel_has("arena")) {
		tap_skip("twins", "this kernel has no arenas that programs can use");
		return tap_done();
	}
	run_race(plain("one key"));
	run_race(with_pauses(plain("one key, late exchanges")));
	run_race(with_churn(plain("one key, deleted at once"), STEPS / 8));
	run_race(pairs("pairs"));
	run_race(with_pauses(pairs("pairs, late exchanges")));
	run_race(with_churn(pairs("pairs, deleted at once"), STEPS / 8));
	run_control(plain("the search comes before TENT"), WITHOUT_TENT);
	run_control(plain("the lower passes the other by"), WITHOUT_KILL);
	run_control(pairs("pairs, the search before TENT"), WITHOUT_TENT);
	run_control(pairs("pairs, the lower passes the other by"), WITHOUT_KILL);
	run_control(pairs("pairs, a search for one key"), WITHOUT_SECOND);
	return tap_done();
}
