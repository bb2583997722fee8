// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Updates in place of entries that are deleted, created and replaced all the time, so that elements are recycled while
 * they are written to: nothing may be written to another key's entry, or to a later life of the same. And beside
 * collectors that claim: no word that counted may be deleted by an older one.
 */
#define _GNU_SOURCE /* sched_setaffinity() */
#include "update_races.h"

/*
 * Of the keys the first ones are updated, the others are strangers. A word is its life's number, of which no two are
 * the same, and what was added to it.
 */
#define OURS	   4u
#define STRANGERS  4u
#define ALL	   (OURS + STRANGERS)
#define ADDED_BITS 24
#define AT_ONCE	   64
#define ENDED_MIN  100u /* lives, before which it is no race */

struct recycling {
	struct test_update_bpf *skel;
	bool replaces;
	__u32 random;
	__u64 lives;
	__u64 life[ALL]; /* 0: the key has no entry */
	_Atomic unsigned long damaged, ended;
};

static __u32 next_random(struct recycling *r)
{
	r->random = r->random * 1103515245 + 12345;
	return r->random >> 16;
}

/* What became of a life: of its own word, and of those fields that nobody writes to. */
static void look_at_end(struct recycling *r, __u32 key, const struct counter *counter)
{
	__u64 added = counter->wide - (r->life[key] << ADDED_BITS);

	if (counter->number != r->life[key] || counter->flags || counter->narrow ||
	    added >> (ADDED_BITS - 1) || (key >= OURS && added))
		r->damaged++;
	r->ended++;
}

static void recycle(struct beside *beside)
{
	struct recycling *r = beside->arg;
	int fd = bpf_map__fd(r->skel->maps.counters);
	__u32 key = next_random(r) % ALL;
	struct counter counter;

	if (r->life[key] && (key >= OURS || !r->replaces)) {
		if (bpf_map_lookup_and_delete_elem(fd, &key, &counter))
			tap_bail("bpf_map_lookup_and_delete_elem");
		look_at_end(r, key, &counter);
		r->life[key] = 0;
		return;
	}
	memset(&counter, 0, sizeof(counter));
	r->life[key] = counter.number = ++r->lives;
	counter.wide = r->lives << ADDED_BITS;
	put(fd, &key, &counter);
}

/* All of them by one more, again and again; how many were. */
static __u32 add_to_ours(int fd, __u32 op)
{
	static const __u64 ones[AT_ONCE] = { [0 ... AT_ONCE - 1] = 1 };
	__u32 keys[AT_ONCE], count = AT_ONCE;
	int results[AT_ONCE];
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = BPF_F_IN_PLACE,
		    .offset = offsetof(struct counter, wide), .size = 8, .op = op,
		    .results = results);

	for (__u32 i = 0; i < AT_ONCE; i++)
		keys[i] = i % OURS;
	if (bpf_map_update_batch_opts(fd, keys, ones, &count, &opts))
		tap_bail("bpf_map_update_batch_opts");
	for (__u32 i = 0; i < AT_ONCE; i++)
		if (results[i] && results[i] != -ENOENT && results[i] != -EAGAIN)
			tap_bail("%d", results[i]);
	return count;
}

/* Without all this: a look-up, and an addition through what it gave. */
static __u32 add_by_program(struct test_update_bpf *skel)
{
	struct beside once = { .program = skel->progs.add };
	__u64 before = skel->bss->added;

	run_program(&once);
	return skel->bss->added - before;
}

static void race_recycled(const char *name, __u32 type, bool replaces, bool by_program,
			  unsigned long tries)
{
	struct test_update_bpf *skel = load(type, ALL);
	struct recycling r = { .skel = skel, .replaces = replaces, .random = 1 };
	struct beside recycler = { .step = recycle, .arg = &r };
	struct bpf_link *interrupts;
	unsigned long done = 0, tried = 0;

	skel->data->keys = OURS;
	skel->bss->pause = 100;
	beside_start(&recycler);
	pin_to_cpu(0);
	interrupts = interrupt(skel);
	while ((tried < tries || r.ended < ENDED_MIN || !done) && !(by_program && r.damaged)) {
		done += by_program
				? add_by_program(skel)
				: add_to_ours(bpf_map__fd(skel->maps.counters), BPF_MAP_UPDATE_ADD);
		tried += AT_ONCE;
	}
	bpf_link__destroy(interrupts);
	beside_end(&recycler);
	for (__u32 key = 0; key < ALL; key++) {
		struct counter counter;

		if (!r.life[key])
			continue;
		if (bpf_map_lookup_elem(bpf_map__fd(skel->maps.counters), &key, &counter))
			tap_bail("key %u is gone", key);
		look_at_end(&r, key, &counter);
	}
	printf("# %-36s %11lu %11lu %9lu %9lu\n", name, tried, done, r.ended, r.damaged);
	if (by_program)
		tap_ok(r.damaged || getenv("SLOW_MACHINE"), "%s: damages others", name);
	else
		tap_ok(!r.damaged && done, "%s: nothing is written to another's entry", name);
	test_update_bpf__destroy(skel);
	let_programs_be_freed();
}

/*
 * Collectors that claim. Each key's only updater writes a greater word each time, and creates the entry anew when it is
 * gone; the collector deletes what it sees, by compare and claim. The life that a delete ended must not have
 * had a word that counted after the one that was expected.
 */
#define CLAIM	  1000000000000ull
#define LIVES_MAX 20000u

struct claims {
	int fd;
	__u64 deleted[OURS][LIVES_MAX]; /* by these words */
	_Atomic __u32 deletes[OURS];
	__u64 counted[OURS][LIVES_MAX]; /* the last one of each life */
	__u32 lives[OURS];
	__u64 word;
	unsigned long updates, busy;
};

static void collect(struct beside *beside)
{
	struct claims *claims = beside->arg;
	static const __u64 claim = CLAIM;

	for (__u32 key = 0; key < OURS; key++) {
		struct counter counter;
		LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE,
			    .compare = &counter.wide,
			    .compare_offset = offsetof(struct counter, wide), .compare_size = 8,
			    .claim = &claim, .claim_offset = offsetof(struct counter, wide),
			    .claim_size = 8);

		if (bpf_map_lookup_elem(claims->fd, &key, &counter) || counter.wide == CLAIM ||
		    bpf_map_delete_elem_opts(claims->fd, &key, &opts))
			continue;
		claims->deleted[key][claims->deletes[key]] = counter.wide;
		claims->deletes[key]++;
	}
}

static void create_next(struct claims *claims, __u32 key)
{
	struct counter counter = { .wide = ++claims->word };

	if (bpf_map_update_elem(claims->fd, &key, &counter, BPF_NOEXIST))
		tap_bail("bpf_map_update_elem");
	claims->counted[key][claims->lives[key]] = counter.wide;
	claims->lives[key]++;
}

static bool has_room(const struct claims *claims)
{
	for (__u32 key = 0; key < OURS; key++)
		if (claims->lives[key] == LIVES_MAX)
			return false;
	return true;
}

/* All of them, again and again, each time to a greater word; those that are gone are created after that. */
static void write_next(struct claims *claims, bool minds_claims)
{
	bool gone[OURS] = { false };
	__u32 keys[AT_ONCE], count = AT_ONCE;
	__u64 words[AT_ONCE];
	int results[AT_ONCE], err;
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = BPF_F_IN_PLACE,
		    .offset = offsetof(struct counter, wide), .size = 8, .results = results,
		    .claim_first = minds_claims ? CLAIM : 0,
		    .claim_last = minds_claims ? CLAIM : 0);

	for (__u32 i = 0; i < AT_ONCE; i++) {
		keys[i] = i % OURS;
		words[i] = ++claims->word;
	}
	err = bpf_map_update_batch_opts(claims->fd, keys, words, &count, &opts);
	if (err)
		tap_bail("bpf_map_update_batch_opts: %d", err);
	claims->updates += AT_ONCE;
	for (__u32 i = 0; i < AT_ONCE; i++) {
		if (!results[i])
			claims->counted[keys[i]][claims->lives[keys[i]] - 1] = words[i];
		else if (results[i] == -ENOENT)
			gone[keys[i]] = true;
		else if (results[i] == -EBUSY || results[i] == -EAGAIN)
			claims->busy++;
		else
			tap_bail("%d", results[i]);
	}
	for (__u32 key = 0; key < OURS; key++)
		if (gone[key])
			create_next(claims, key);
}

static unsigned long count_lost(const struct claims *claims)
{
	unsigned long lost = 0;

	for (__u32 key = 0; key < OURS; key++) {
		lost += claims->deletes[key] > claims->lives[key];
		for (__u32 life = 0; life < claims->deletes[key] && life < claims->lives[key];
		     life++)
			lost += claims->deleted[key][life] < claims->counted[key][life];
	}
	return lost;
}

static void race_claims(bool minds_claims, unsigned long tries)
{
	struct test_update_bpf *skel = load(BPF_MAP_TYPE_HASH, UPDATE_KEYS);
	struct claims *claims = calloc(1, sizeof(*claims));
	struct beside collector = { .step = collect, .arg = claims };
	struct bpf_link *interrupts;
	unsigned long updates = 0, deletes = 0, lost = 0, busy = 0;

	if (!claims)
		tap_bail("calloc");
	collector.interrupted = skel;
	while ((updates < tries || !deletes) && !(lost && !minds_claims)) {
		__u64 word = claims->word;

		memset(claims, 0, sizeof(*claims));
		claims->fd = bpf_map__fd(skel->maps.counters);
		claims->word = word;
		for (__u32 key = 0; key < OURS; key++)
			bpf_map_delete_elem(claims->fd, &key);
		beside_start(&collector);
		pin_to_cpu(0);
		interrupts = interrupt(skel);
		for (__u32 i = 0;
		     has_room(claims) && (i < 100 || updates + claims->updates < tries); i++)
			write_next(claims, minds_claims);
		bpf_link__destroy(interrupts);
		beside_end(&collector);
		lost += count_lost(claims);
		updates += claims->updates;
		busy += claims->busy;
		for (__u32 key = 0; key < OURS; key++)
			deletes += claims->deletes[key];
	}
	printf("# %-36s %11lu updates, %lu deletes, %lu lost, %lu found a claim\n",
	       minds_claims ? "beside claims" : "over claims", updates, deletes, lost, busy);
	if (minds_claims)
		tap_ok(!lost && deletes, "beside claims: nothing that counted is lost");
	else
		tap_ok(lost || getenv("SLOW_MACHINE"), "over claims: losses show");
	free(claims);
	test_update_bpf__destroy(skel);
}

/*
 * Counters that are added to and taken, by one thread, and deleted by another one once they are 0: all that was added is
 * taken, or still there.
 */
static void delete_empty(struct beside *beside)
{
	struct claims *claims = beside->arg;
	static const __u64 claim = CLAIM, zero;
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = &zero,
		    .compare_offset = offsetof(struct counter, wide), .compare_size = 8,
		    .claim = &claim, .claim_offset = offsetof(struct counter, wide),
		    .claim_size = 8);

	for (__u32 key = 0; key < OURS; key++)
		claims->deletes[key] += !bpf_map_delete_elem_opts(claims->fd, &key, &opts);
}

/* All of them, again and again: one is added, or they are made with it; or what there is is taken. How much it was. */
static __u64 add_or_take(int fd, __u32 op)
{
	__u32 keys[AT_ONCE], count = AT_ONCE;
	__u64 operands[AT_ONCE], old[AT_ONCE], sum = 0;
	struct counter counter = { .wide = 1 };
	int results[AT_ONCE];
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = BPF_F_IN_PLACE, .op = op,
		    .offset = offsetof(struct counter, wide), .size = 8, .results = results,
		    .old = old, .claim_first = CLAIM, .claim_last = CLAIM);

	for (__u32 i = 0; i < AT_ONCE; i++) {
		keys[i] = i % OURS;
		operands[i] = op == BPF_MAP_UPDATE_ADD;
	}
	if (bpf_map_update_batch_opts(fd, keys, operands, &count, &opts))
		tap_bail("bpf_map_update_batch_opts");
	for (__u32 i = 0; i < AT_ONCE; i++) {
		if (!results[i])
			sum += op == BPF_MAP_UPDATE_ADD ? 1 : old[i];
		else if (op == BPF_MAP_UPDATE_ADD && results[i] == -ENOENT)
			sum += !bpf_map_update_elem(fd, &keys[i], &counter, BPF_NOEXIST);
	}
	return sum;
}

static void race_empty(unsigned long tries)
{
	struct test_update_bpf *skel = load(BPF_MAP_TYPE_HASH, UPDATE_KEYS);
	static struct claims claims;
	struct beside collector = { .step = delete_empty, .arg = &claims, .interrupted = skel };
	unsigned long deletes = 0, tried = 0;
	__u64 added = 0, taken = 0;
	struct bpf_link *interrupts;
	struct counter counter;

	claims.fd = bpf_map__fd(skel->maps.counters);
	beside_start(&collector);
	pin_to_cpu(0);
	interrupts = interrupt(skel);
	for (; tried < tries || !claims.deletes[0]; tried += 2 * AT_ONCE) {
		added += add_or_take(claims.fd, BPF_MAP_UPDATE_ADD);
		taken += add_or_take(claims.fd, BPF_MAP_UPDATE_SET);
	}
	bpf_link__destroy(interrupts);
	beside_end(&collector);
	for (__u32 key = 0; key < OURS; key++) {
		deletes += claims.deletes[key];
		if (!bpf_map_lookup_elem(claims.fd, &key, &counter))
			taken += counter.wide;
	}
	printf("# %-36s %11lu updates, %lu deletes, %lld lost\n", "taken, then deleted", tried,
	       deletes, (long long)(added - taken));
	tap_ok(added == taken, "taken, then deleted: nothing is lost, nothing counted twice");
	test_update_bpf__destroy(skel);
}

int main(void)
{
	const unsigned long tries = many(100000000);

	if (!can_write_in_place()) {
		tap_skip("races of updates", "this kernel has none in place");
		return tap_done();
	}
	printf("# %-36s %11s %11s %9s %9s\n", "race", "updates", "done", "lives", "damaged");
	race_recycled("recycled", BPF_MAP_TYPE_HASH, false, false, tries);
	race_recycled("recycled, LRU", BPF_MAP_TYPE_LRU_HASH, false, false, tries);
	race_recycled("replaced, others recycled", BPF_MAP_TYPE_HASH, true, false, tries);
	race_recycled("by a look-up and an addition", BPF_MAP_TYPE_HASH, false, true, tries);
	race_claims(true, tries);
	race_empty(tries);
	race_claims(false, tries);
	return tap_done();
}
