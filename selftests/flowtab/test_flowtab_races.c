// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Programs on two CPUs, and others that interrupt them, refresh and create entries, and delete some; collectors
 * delete whatever they see. Then an oracle goes through the lives that entries had: none ended by an older time
 * than a visit was told of it, each ended once, none began before a grace had passed since the last visit to its
 * slot, nobody saw or wrote another's value. Then each rule is taken out: it must show.
 *
 * A round in which a run took longer than a grace allows proves nothing, and is not counted.
 */
#define _GNU_SOURCE
#include <sys/wait.h>
#include "races_lives.h"

/* Collectors. */

struct collector {
	struct race *race;
	enum collects collects;
	unsigned int seed;
	pthread_t thread;
	/* Of a sweep: what the callback let go last, and how many were deleted by then. */
	struct bpf_flowtab_sweep_opts *opts;
	struct race_value value;
	__u64 word;
	bool is_let_go;
	__u32 before;
};

static void note_end(struct field *field, const struct race_value *value, __u64 word)
{
	struct life *life = &field->races->lives[value->life % LIVES];
	__u64 none = 0;

	/* Twice is more than once. */
	if (!__atomic_compare_exchange_n(&life->ended, &none, stamp_of(field, word), false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		life->ended = ~0ull;
}

/* Between what is seen and the exchange. */
static void take_a_moment(struct collector *c)
{
	unsigned int random = rand_r(&c->seed) % 64;

	if (!random)
		sched_yield();
	for (volatile unsigned int i = 0; i < random; i++)
		;
}

static void note_last(struct collector *c)
{
	if (c->is_let_go && c->opts->deleted != c->before)
		note_end(&c->race->field, &c->value, c->word);
	c->is_let_go = false;
}

static int let_go(void *ctx, const struct bpf_flowtab_entry *entry)
{
	struct collector *c = ctx;

	note_last(c);
	c->value = *(const struct race_value *)entry->value;
	c->word = entry->seen.word;
	c->before = c->opts->deleted;
	c->is_let_go = true;
	take_a_moment(c);
	return 0;
}

static unsigned long sweep(struct collector *c)
{
	__u32 timeouts[BPF_FLOWTAB_CLASSES] = {};
	LIBBPF_OPTS(bpf_flowtab_sweep_opts, opts, .timeouts_ms = timeouts, .callback = let_go,
		    .ctx = c);

	c->opts = &opts;
	if (bpf_flowtab__sweep(c->race->field.table, &opts))
		tap_bail("sweep: %s", bpf_flowtab_reason());
	note_last(c);
	return opts.deleted;
}

static unsigned long delete_one(struct collector *c)
{
	struct field *field = &c->race->field;
	__u32 number = rand_r(&c->seed) % c->race->keys;
	struct race_key key = { field->pairs ? 2 * number + rand_r(&c->seed) % 2 : number };
	struct bpf_flowtab_seen seen;
	struct race_value value;

	if (c->collects == BY_KEY) {
		if (bpf_flowtab__delete(field->table, &key))
			return 0;
		field->signs->by_key++;
		return 1;
	}
	if (bpf_flowtab__lookup(field->table, &key, &value, &seen))
		return 0;
	take_a_moment(c);
	if (c->collects == BY_STORE)
		*(volatile __u64 *)race_word(field, seen.slot) =
			seen.word & ~BPF_FLOWTAB_STATE_MASK;
	else if (bpf_flowtab__delete_seen(field->table, &seen))
		return 0;
	note_end(field, &value, seen.word);
	return 1;
}

static unsigned long refreshed(const struct races *races)
{
	unsigned long sum = 0;

	for (int i = 0; i < WRITERS; i++)
		sum += __atomic_load_n(&races->writers[i].refreshed, __ATOMIC_RELAXED);
	return sum;
}

/* Collectors that never pause would leave nothing to refresh. */
static void *collect(void *arg)
{
	struct collector *c = arg;
	struct race *race = c->race;
	struct signs *signs = race->field.signs;
	unsigned long per_delete = race->refreshes / race->deletes;

	while (!signs->stop) {
		if (signs->deletes * per_delete > refreshed(race->field.races))
			usleep(20);
		else if (c->collects == SWEEPS)
			signs->deletes += sweep(c);
		else
			signs->deletes += delete_one(c);
	}
	return NULL;
}

/* Rounds. */

static bool has_enough(const struct race *race, const struct tally *tally)
{
	return tally->refreshed >= race->refreshes && tally->deleted >= race->deletes;
}

/* As long as there is room for lives; on a busy machine less long, so that not all rounds are discarded. */
static void wait_for_round(struct race *race, unsigned long discarded)
{
	const volatile __u32 *full = &race->field.races->full;

	for (__u64 until = clock_ns() + (400000000 >> discarded % 6); clock_ns() < until && !*full;)
		usleep(500);
	race->field.signs->stop = true;
}

static void start_collector(struct collector *c, pid_t *child)
{
	if (!c->race->processes) {
		if (pthread_create(&c->thread, NULL, collect, c))
			tap_bail("pthread_create");
		return;
	}
	fflush(stdout);
	*child = fork();
	if (*child < 0)
		tap_bail("fork");
	if (*child)
		return;
	c->race->field.table = bpf_flowtab__open(bpf_flowtab__fd(c->race->field.table));
	if (!c->race->field.table)
		_exit(1);
	collect(c);
	_exit(0);
}

static void end_collector(struct collector *c, pid_t child)
{
	int status;

	if (!c->race->processes)
		pthread_join(c->thread, NULL);
	else if (waitpid(child, &status, 0) != child || status)
		tap_bail("a collector's status is %#x", status);
}

static void run_round(struct race *race, struct tally *tally)
{
	struct collector collectors[COLLECTORS_MAX] = {};
	struct runner runners[2];
	pid_t children[COLLECTORS_MAX];

	start_round(&race->field, race->keys, race->flags, race->chances);
	for (__u32 i = 0; i < race->collectors; i++) {
		collectors[i] = (struct collector){ .race = race,
						    .collects = race->collects[i],
						    .seed = tally->rounds * COLLECTORS_MAX + i };
		start_collector(&collectors[i], &children[i]);
	}
	start_runners(&race->field, runners, run_until_stop);
	wait_for_round(race, tally->discarded);
	join_runners(runners);
	for (__u32 i = 0; i < race->collectors; i++)
		end_collector(&collectors[i], children[i]);
	if (is_overlong(race)) {
		tally->discarded++;
		return;
	}
	tally->rounds++;
	count_writers(race, tally);
	check_lives(race, tally);
	check_order(race, tally);
}

static void report(const struct race *race, const struct tally *t)
{
	static bool has_head;

	if (!has_head)
		printf("# %-32s %10s %9s %9s %9s %8s %6s %6s %6s %8s %7s %7s %6s %9s\n", "race",
		       "refreshed", "created", "deleted", "programs", "refused", "lost", "twice",
		       "twins", "vanished", "early", "damaged", "rounds", "discarded");
	has_head = true;
	printf("# %-32s %10lu %9lu %9lu %9lu %8lu %6lu %6lu %6lu %8lu %7lu %7lu %6lu %9lu\n",
	       race->name, t->refreshed, t->created, t->deleted, t->by_programs, t->refused,
	       t->lost, t->twice, t->twins, t->vanished, t->early, t->damaged, t->rounds,
	       t->discarded);
	fflush(stdout);
}

static void run_race(struct race race)
{
	struct tally t = {};

	open_field(&race.field);
	while (!has_enough(&race, &t))
		run_round(&race, &t);
	report(&race, &t);
	tap_ok(!t.lost && !t.twice && !t.twins && !t.vanished && !t.early && !t.damaged,
	       "%s: nothing is lost, twice there, vanished, early or damaged", race.name);
	close_field(&race.field);
}

/* Rounds until what has to go wrong without a rule did. */
static void run_control(struct race race, unsigned long (*shown)(const struct tally *),
			const char *what)
{
	struct tally t = {};

	open_field(&race.field);
	while (!shown(&t) && t.rounds + t.discarded < 1000)
		run_round(&race, &t);
	report(&race, &t);
	tap_ok(shown(&t), "%s: %s", race.name, what);
	close_field(&race.field);
}

static unsigned long lost(const struct tally *t)
{
	return t->lost;
}

/* What is stored over a slot that was freed is there again. */
static unsigned long lost_or_back(const struct tally *t)
{
	return t->lost + t->twice + t->twins;
}

static unsigned long twice(const struct tally *t)
{
	return t->twice;
}

static unsigned long early_and_damaged(const struct tally *t)
{
	return t->early && t->damaged;
}

#define PERCENT(of) ((__u32)((of) * (~0u / 100)))

static struct race like(struct race race, const char *name)
{
	race.name = name;
	race.refreshes = scaled(20000000);
	race.deletes = scaled(2000000);
	return race;
}

/* Few keys, in more slots than they need while those of earlier lives rest. */
static const struct race few_keys = {
	.field = { .max_entries = 4096, .program = "visit" },
	.keys = 256,
	.chances = { .hot = PERCENT(50), .late = PERCENT(1), .hold = PERCENT(1) },
	.collects = { SWEEPS, SWEEPS },
	.collectors = 1,
};

static const struct race few_pairs = {
	.field = { .max_entries = 4096, .program = "visit", .pairs = true },
	.keys = 256,
	.chances = { .hot = PERCENT(50), .late = PERCENT(1), .hold = PERCENT(1) },
	.collects = { SWEEPS, BY_SEEN },
	.collectors = 2,
};

/* More keys than slots: these become other keys' as soon as they may, while programs have their values. */
static const struct race many_keys = {
	.field = { .max_entries = 1024, .program = "visit" },
	.keys = KEYS_MAX,
	.chances = { .hot = PERCENT(60), .late = PERCENT(1), .hold = PERCENT(10) },
	.collects = { SWEEPS, BY_SEEN },
	.collectors = 1,
};

/* Where interrupts are emulated they come when they like, and take what time they like. */
static const char *interrupts(void)
{
	return is_slow() ? NULL : "interrupt_visit";
}

static void collectors(void)
{
	struct race race = like(few_keys, "a sweep");

	run_race(race);

	race = like(few_keys, "what was seen");
	race.collects[0] = BY_SEEN;
	race.keys = 32;
	run_race(race);

	race = like(few_keys, "two sweeps, threads");
	race.collectors = 2;
	run_race(race);

	race.name = "two sweeps, processes";
	race.processes = true;
	run_race(race);

	race = like(few_keys, "by key, and programs that delete");
	race.collects[0] = BY_KEY;
	race.collectors = 2;
	race.chances.delete = PERCENT(5);
	run_race(race);

	race = like(few_keys, "interrupts that delete");
	race.field.interrupt = interrupts();
	race.collects[1] = BY_SEEN;
	race.collectors = 2;
	race.chances.delete = PERCENT(2);
	run_race(race);

	race.name = "the same, late exchanges";
	race.field.pauses = PERCENT(2);
	run_race(race);
}

static void pairs(void)
{
	struct race race = like(few_pairs, "pairs");

	run_race(race);

	race = like(few_pairs, "pairs, interrupts that delete");
	race.field.interrupt = interrupts();
	race.field.pauses = PERCENT(1);
	race.chances.delete = PERCENT(2);
	run_race(race);
}

static void recycling(void)
{
	struct race race = like(many_keys, "recycled");

	race.deletes /= 10;
	run_race(race);

	race.name = "recycled, interrupts that delete";
	race.refreshes /= 10;
	race.field.interrupt = interrupts();
	race.chances.delete = PERCENT(2);
	run_race(race);

	race = like(many_keys, "evicted");
	race.flags = BPF_FLOWTAB_EVICT;
	race.deletes /= 100;
	run_race(race);

	race = like(few_pairs, "pairs, evicted");
	race.keys = KEYS_MAX;
	race.field.max_entries = 1024;
	race.flags = BPF_FLOWTAB_EVICT;
	race.deletes /= 100;
	run_race(race);
}

static void controls(void)
{
	struct race race = like(few_keys, "refreshes that store");

	race.field.without = WITHOUT_EXCHANGE;
	race.field.pauses = PERCENT(20);
	race.refreshes = race.deletes;
	run_control(race, lost_or_back, "losses show");

	race = like(few_keys, "times that are set back");
	race.field.without = WITHOUT_MAX;
	run_control(race, lost, "losses show");

	race = like(few_keys, "a collector that stores");
	race.collects[0] = BY_STORE;
	race.keys = 32;
	run_control(race, lost, "losses show");

	race.name = "two collectors that store";
	race.collects[1] = BY_STORE;
	race.collectors = 2;
	run_control(race, twice, "it shows");

	race = like(many_keys, "no grace");
	race.field.without = WITHOUT_GRACE;
	race.refreshes = race.deletes;
	race.chances.hold = PERCENT(80);
	race.chances.delete = PERCENT(30);
	run_control(race, early_and_damaged, "strangers show");

	race.name = "no grace, evicted";
	race.flags = BPF_FLOWTAB_EVICT;
	run_control(race, early_and_damaged, "strangers show");
}

int main(void)
{
	if (!kernel_has("arena")) {
		tap_skip("races", "this kernel has no arenas that programs can use");
		return tap_done();
	}
	collectors();
	pairs();
	recycling();
	controls();
	return tap_done();
}
