/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Runs a race in rounds, each as long as there is room to write down what happens in it, and counts
 * what was lost.
 */
#ifndef SELFTESTS_RACES_RUN_H
#define SELFTESTS_RACES_RUN_H

#include <signal.h>
#include <sys/wait.h>
#include "races.h"

/* The oracle. */

static inline int by_key_and_word(const void *a, const void *b)
{
	const struct deletion *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->word < y->word ? -1 : x->word > y->word;
}

/*
 * Whether a word that was deleted, or is there in the end, is from before the last write that counted. Words
 * grow with each write, or their stamps do, which two writes have in common; future words are written where they count, and
 * not where they do not.
 */
static inline bool is_lost(const struct race *race, __u64 word, const struct life *life)
{
	switch (race->writer) {
	case SHRINKS:
		return word >> 32 < life->counted >> 32 ||
		       (word >> 32 == life->counted >> 32 && word != life->counted &&
			word != life->tried);
	case SHRINKS_ONLY:
		return word != life->counted && word != life->tried;
	case FUTURE:
	case FUTURE_KEYED:
	case FUTURE_LATE:
		return word != life->counted;
	default:
		return word < life->counted;
	}
}

/* An entry that is there in the end, of the last life that began. */
static inline void check_lasting(const struct race *race, __u32 key, const struct entry *entry,
				 const struct life *life, struct tally *tally)
{
	tally->stuck += is_claim(entry->word);
	tally->damaged += !is_sound(key, entry);
	tally->foreign += is_foreign(race, key, entry);
	tally->lost += !is_claim(entry->word) && is_lost(race, version(entry), life);
}

/*
 * How a life ended, with deletions from *at on that did not end an earlier one: by the one with a
 * word from before the next life. Where words repeat, or shrink, it is the first one, as each ends one life
 * that the writer did not end itself.
 */
static inline void check_ended(const struct race *race, const struct life *life, __u64 next,
			       const struct deletion **at, const struct deletion *end,
			       struct tally *tally)
{
	bool first_one = race->equal_words > 1 || is_future(race);
	bool by_itself = life->deleted || (is_future(race) && life->replaced);
	const struct deletion *by = NULL, *d;

	if (by_itself && first_one)
		return;
	for (d = *at; d < end && (first_one ? !by : d->word < next); d++)
		if (!by || d->sure)
			by = d;
	for (const struct deletion *other = *at; other < d; other++)
		tally->damaged += other->sure && other != by;
	*at = d;
	if (by_itself)
		tally->lost += by && by->sure;
	else if (by)
		tally->lost += is_lost(race, by->word, life);
	else if (race->map_type == BPF_MAP_TYPE_LRU_HASH || life->replaced)
		tally->evicted++;
	else
		tally->lost++;
}

static inline void check_key(const struct race *race, __u32 key, const struct deletion *at,
			     const struct deletion *end, struct tally *tally)
{
	const struct test_races_bpf__bss *bss = race->skel->bss;
	const struct life *lives = &bss->lives[key * bss->lives_per_key];
	__u32 nr = bss->nr_lives[key];
	struct entry entry;
	bool lasting;

	for (const struct deletion *d = at; d < end; d++)
		tally->foreign += race->equal_words <= 1 && d->word % KEYS_MAX != key;
	lasting = look_up(race, key, &entry);
	if (lasting && !nr)
		tally->damaged++;
	else if (lasting)
		check_lasting(race, key, &entry, &lives[nr - 1], tally);
	for (__u32 i = 0; i + lasting < nr; i++)
		check_ended(race, &lives[i], i + 1 < nr ? lives[i + 1].created : ~0ull, &at, end,
			    tally);
	/* Deletes that ended no life. */
	for (; at < end; at++)
		tally->damaged += at->sure;
}

static inline void check_round(const struct race *race, struct tally *tally)
{
	static struct deletion all[COLLECTORS_MAX * LOG_MAX + OWN_DELETIONS_MAX];
	const struct test_races_bpf__bss *bss = race->skel->bss;
	const struct deletion *at = all, *end;
	__u32 nr = 0;

	/* Where a run outlasts the margin nothing is promised: that round does not count. */
	if (race->margin && bss->overlong) {
		printf("# %-34s %10llu runs took longer than the margin\n", race->name,
		       (unsigned long long)bss->overlong);
		return;
	}
	for (__u32 c = 0; c < race->collectors; c++) {
		struct collector *collector = &race->with[c];

		memcpy(all + nr, collector->log, collector->logged * sizeof(*all));
		nr += collector->logged;
		tally->deleted += collector->deletes;
		tally->differed += collector->differed;
		tally->damaged += collector->wrong;
		tally->halves += collector->halves;
	}
	for (__u32 i = 0; i < bss->nr_own_deletions && i < OWN_DELETIONS_MAX; i++) {
		all[nr++] = (struct deletion){
			.key = bss->own_deletions[i].key,
			.sure = true,
			.word = bss->own_deletions[i].word,
		};
		tally->programs++;
	}
	qsort(all, nr, sizeof(*all), by_key_and_word);
	for (__u32 key = 0; key < race->keys; key++) {
		for (end = at; end < all + nr && end->key == key; end++)
			;
		check_key(race, key, at, end, tally);
		at = end;
	}
	tally->damaged += all + nr - at;
	for (__u32 w = 0; w < WRITERS_MAX; w++) {
		tally->refreshed += bss->writers[w].answers[ANSWER_DONE];
		tally->refused += bss->writers[w].answers[ANSWER_CLAIMED];
		tally->created += bss->writers[w].answers[ANSWER_CREATED];
		tally->programs += bss->writers[w].answers[ANSWER_DELETED];
		/* What cannot be said to the only writer of a key, and errors. */
		tally->damaged += bss->writers[w].answers[ANSWER_EXISTS] +
				  bss->writers[w].answers[ANSWER_ERROR];
	}
}

/* One round. */

static inline void start_round(struct race *race)
{
	struct test_races_bpf__bss *bss = race->skel->bss;
	__u32 own = race->stirred ? race->keys / 2 : race->keys;
	__u32 share = (race->keys - own) / race->collectors;

	for (__u32 key = 0; key < race->keys; key++)
		if (bpf_map_delete_elem(race->map_fd, &key) && errno != ENOENT)
			tap_bail("bpf_map_delete_elem");
	bss->full = false;
	bss->equal_words = race->equal_words;
	bss->pauses = race->pauses * (~0u / 100);
	bss->pause_length = race->long_pauses ? PAUSE_LENGTH_MAX : 1;
	bss->hot = race->hot * (~0u / 100);
	bss->margin = race->margin * 1000ull;
	bss->nr_own_deletions = 0;
	bss->overlong = 0;
	bss->lives_per_key = LIVES_MAX / race->keys;
	memset(bss->nr_lives, 0, sizeof(bss->nr_lives));
	memset(bss->writers, 0, sizeof(bss->writers));
	bss->writers[0].keys = own;
	for (__u32 i = 0; i < race->collectors; i++) {
		struct collector *c = &race->with[i];

		bss->writers[1 + i].first_key = own + i * share;
		bss->writers[1 + i].keys = share;
		c->race = race;
		/* Of one process all have one claim; of several, each its own. */
		c->claim = CLAIM_FIRST + (race->processes ? i : 0);
		c->differed = c->missing = c->wrong = c->halves = 0;
		c->deletes = 0;
		c->logged = 0;
	}
	*race->stop = false;
}

/* Processes leave by _exit(): the map and the programs are their parent's. */
static inline pid_t start_process(struct collector *c)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child < 0)
		tap_bail("fork");
	if (!child) {
		collect(c);
		_exit(0);
	}
	return child;
}

static inline void end_process(pid_t child, bool kill_it)
{
	int status;

	if (kill_it)
		kill(child, SIGKILL);
	if (waitpid(child, &status, 0) != child)
		tap_bail("waitpid");
	if (!kill_it && status)
		tap_bail("a collector's status is %#x", status);
}

static inline bool has_enough(const struct race *race, const struct tally *tally,
			      unsigned long times)
{
	return tally->refreshed >= times * race->refreshes &&
	       tally->deleted >= times * race->deletes;
}

/* With the round under way. */
static inline bool will_have_enough(const struct race *race, const struct tally *tally,
				    unsigned long times)
{
	volatile struct test_races_bpf__bss *bss = race->skel->bss;
	struct tally sum = {
		.refreshed = tally->refreshed,
		.deleted = tally->deleted + deletes_so_far(race),
	};

	for (__u32 w = 0; w < WRITERS_MAX; w++)
		sum.refreshed +=
			__atomic_load_n(&bss->writers[w].answers[ANSWER_DONE], __ATOMIC_RELAXED);
	return has_enough(race, &sum, times);
}

static inline void run_round(struct race *race, struct tally *tally, unsigned long times)
{
	volatile bool *full = (volatile bool *)&race->skel->bss->full;
	pthread_t threads[COLLECTORS_MAX], writer, beside;
	pid_t children[COLLECTORS_MAX];
	unsigned long next_kill;

	start_round(race);
	for (__u32 i = 0; i < race->collectors; i++)
		if (race->processes)
			children[i] = start_process(&race->with[i]);
		else if (pthread_create(&threads[i], NULL, collect, &race->with[i]))
			tap_bail("pthread_create");
	if (pthread_create(&writer, NULL, write_entries, race) ||
	    (race->beside && pthread_create(&beside, NULL, race->beside, race)))
		tap_bail("pthread_create");

	next_kill = race->with[0].deletes + 1 + random() % 200;
	while (!*full && !will_have_enough(race, tally, times)) {
		usleep(race->killed ? 50 : 500);
		if (race->killed && race->with[0].deletes >= next_kill && !*full) {
			end_process(children[0], true);
			tally->kills++;
			children[0] = start_process(&race->with[0]);
			next_kill = race->with[0].deletes + 1 + random() % 200;
		}
	}
	*race->stop = true;
	pthread_join(writer, NULL);
	if (race->beside)
		pthread_join(beside, NULL);
	for (__u32 i = 0; i < race->collectors; i++)
		if (race->processes)
			end_process(children[i], false);
		else
			pthread_join(threads[i], NULL);
	tally->rounds++;
	check_round(race, tally);
}

/* A race. */

static const char *const writer_programs[WRITER_KINDS] = {
	[KEEPS_RULES] = "keeps_rules",
	[NO_LOOK_AGAIN] = "no_look_again",
	[PLAIN_STORE] = "plain_store",
	[CREATES_BY_ANY] = "creates_by_any",
	[KNOWS_NO_RULES] = "knows_no_rules",
	[LOCKED] = "locks",
	[UNLOCKED] = "locks_not",
	[TAKES_LOOK_UP] = "takes_look_up",
	[READS_KEY] = "reads_key",
	[DELETES] = "deletes",
	[DELETES_BY_KEY] = "deletes_by_key",
	[SHRINKS] = "shrinks",
	[SHRINKS_ONLY] = "shrinks_only",
	[FUTURE] = "future",
	[FUTURE_KEYED] = "future_keyed",
	[FUTURE_LATE] = "future_late",
};

static inline void open_race(struct race *race)
{
	const char *name = writer_programs[race->writer];
	struct bpf_program *program;
	struct test_races_bpf *skel;
	size_t size;

	skel = test_races_bpf__open();
	if (!skel)
		tap_bail("test_races_bpf__open");
	bpf_object__for_each_program(program, skel->obj) bpf_program__set_autoload(
		program, (is_interrupted() && (program == skel->progs.interrupt ||
					       program == skel->progs.interrupt_and_delete)) ||
				 (name && !strcmp(bpf_program__name(program), name)));
	bpf_map__set_autocreate(skel->maps.locked, is_locked(race));
	bpf_map__set_type(skel->maps.target, race->map_type);
	bpf_map__set_max_entries(skel->maps.target, race->max_entries);
	bpf_map__set_max_entries(skel->maps.locked, race->max_entries);
	if (test_races_bpf__load(skel))
		tap_bail("test_races_bpf__load");
	skel->bss->clock = CLOCK_START;
	race->skel = skel;
	race->map_fd = bpf_map__fd(is_locked(race) ? skel->maps.locked : skel->maps.target);
	if (name)
		race->program_fd =
			bpf_program__fd(bpf_object__find_program_by_name(skel->obj, name));
	size = COLLECTORS_MAX * sizeof(struct collector) + sizeof(*race->stop);
	race->with = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (race->with == MAP_FAILED)
		tap_bail("mmap");
	race->stop = (_Atomic bool *)(race->with + COLLECTORS_MAX);
}

static inline void close_race(struct race *race)
{
	bpf_map_compare_release(race->map_fd);
	test_races_bpf__destroy(race->skel);
	munmap(race->with, COLLECTORS_MAX * sizeof(struct collector) + sizeof(*race->stop));
}

static inline void report(const struct race *race, const struct tally *t)
{
	static bool has_head;

	if (!has_head)
		printf("# %-34s %10s %9s %9s %9s %9s %7s %6s %8s %8s %8s\n", "race", "refreshed",
		       "created", "refused", "deleted", "differed", "lost", "stuck", "damaged",
		       "foreign", "evicted");
	has_head = true;
	printf("# %-34s %10lu %9lu %9lu %9lu %9lu %7lu %6lu %8lu %8lu %8lu\n", race->name,
	       t->refreshed, t->created, t->refused, t->deleted, t->differed, t->lost, t->stuck,
	       t->damaged, t->foreign, t->evicted);
	if (t->programs)
		printf("# %-34s %10lu deleted by programs\n", "", t->programs);
	if (race->linked)
		printf("# %-34s %10lu pairs half deleted\n", "", t->halves);
	if (t->kills)
		printf("# %-34s %10lu collectors killed\n", "", t->kills);
	fflush(stdout);
}

enum outcome {
	LOSES_NOTHING,
	MUST_LOSE, /* or the test could not see a loss */
	MAY_LOSE,
};

/* How often a race that has to show a loss, and has not yet, starts over. */
#define PATIENCE 100

static inline bool shows(const struct race *race, const struct tally *tally)
{
	return race->apart ? tally->halves : tally->lost;
}

/* Rounds until there was as much of everything as there shall be. */
static inline void run_race(struct race race, enum outcome outcome)
{
	unsigned long most = outcome == MUST_LOSE ? PATIENCE : 1;
	struct tally tally = {};

	open_race(&race);
	for (unsigned long times = 1;
	     times <= most && !(outcome == MUST_LOSE && shows(&race, &tally)); times++)
		while (!has_enough(&race, &tally, times))
			run_round(&race, &tally, times);
	report(&race, &tally);
	if (outcome == MUST_LOSE)
		tap_ok(shows(&race, &tally), "%s: losses show", race.name);
	else if (outcome == LOSES_NOTHING)
		tap_ok(!tally.lost && !tally.stuck && !tally.damaged && !tally.halves,
		       "%s: nothing lost, stuck, damaged or half deleted", race.name);
	else
		tap_ok(!tally.stuck, "%s: nothing stuck, losses are counted", race.name);
	close_race(&race);
}

/* How much of everything: the long form, the short one, or what a slow machine can do. */
static inline unsigned long scaled(unsigned long stress)
{
	unsigned long part = getenv("STRESS") ? 1 : getenv("SLOW_MACHINE") ? 2000 : 50;

	return stress / part ? stress / part : 1;
}

/* For a thousand deletes: so many that an interrupted collector finds its entry refreshed. */
static inline unsigned long many_refreshes(void)
{
	return getenv("SLOW_MACHINE") ? 20000 : 200000;
}

static inline bool has_two_cpus(void)
{
	cpu_set_t allowed;

	return !sched_getaffinity(0, sizeof(allowed), &allowed) && CPU_COUNT(&allowed) > 1;
}

#endif /* SELFTESTS_RACES_RUN_H */
