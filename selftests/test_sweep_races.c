// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Sweeps beside writers. First with claims, where no refresh may be lost; then, without any claim, beside
 * somebody who deletes and creates all the time, so that elements are recycled while a walk looks at them: what
 * did not match must stay, and what matched all the time must go.
 */
#define _GNU_SOURCE /* sched_setaffinity() */
#include "races_run.h"
#include "test_sweep_races.skel.h"

static const struct race few_keys = {
	.map_type = BPF_MAP_TYPE_HASH,
	.max_entries = 64,
	.keys = 8,
	.equal_words = 1,
	.claim = true,
	.collectors = 1,
};

static void claim(enum way way)
{
	static char names[4][4][40];
	struct race race = few_keys;

	race.sweep = way;
	race.refreshes = scaled(10000000);
	race.deletes = scaled(1000000);
	race.name = strcat(strcpy(names[way][0], way_names[way]), ", few hot keys");
	run_race(race, LOSES_NOTHING);

	race.map_type = BPF_MAP_TYPE_LRU_HASH;
	race.max_entries = 4096;
	race.name = strcat(strcpy(names[way][1], way_names[way]), ", LRU");
	run_race(race, LOSES_NOTHING);

	race = few_keys;
	race.sweep = way;
	race.max_entries = 16;
	race.keys = 256;
	race.stirred = true;
	race.pauses = 5;
	race.refreshes = scaled(1000000);
	race.deletes = scaled(1000000);
	race.name = strcat(strcpy(names[way][2], way_names[way]), ", recycled elements");
	run_race(race, LOSES_NOTHING);

	race = few_keys;
	race.sweep = way;
	race.claim = false;
	race.refreshes = getenv("SLOW_MACHINE") ? 20000 : 200000;
	race.deletes = 1000;
	race.name = strcat(strcpy(names[way][3], way_names[way]), ", without a claim");
	run_race(race, getenv("SLOW_MACHINE") ? MAY_LOSE : MUST_LOSE);
}

/* Two collectors, both by sweeps. */
static void two_collectors(void)
{
	struct race race = few_keys;

	race.sweep = has_way(WALK) ? WALK : EACH;
	race.collectors = 2;
	race.name = "two sweeps at one time";
	race.refreshes = scaled(2000000);
	race.deletes = scaled(200000);
	run_race(race, LOSES_NOTHING);
	race.processes = true;
	race.name = "two processes that sweep";
	run_race(race, LOSES_NOTHING);
}

/* A small map, in which somebody creates and deletes, and what is there from before a sweep until after it. */
#define STEADY 16u
#define HOT    16u
#define ROOM   64u

/* What a value's first word says. */
enum {
	STAYS = 0,
	MATCHES = 1,
};

struct recycler {
	int fd;
	_Atomic bool stop;
	unsigned long created;
	unsigned long gone; /* entries that did not match, and were deleted by another */
};

static void set(int fd, __u64 key, __u64 matches)
{
	const __u64 value[2] = { matches, key };

	if (bpf_map_update_elem(fd, &key, value, BPF_ANY) && errno != E2BIG && errno != EBUSY)
		tap_bail("bpf_map_update_elem: %d", errno);
}

/*
 * Elements that were just freed are used again first: so what matched a moment ago becomes an entry that does
 * not, of another key, and the other way round.
 */
static void *recycle(void *arg)
{
	struct recycler *r = arg;

	pin_to_cpu(1);
	for (__u64 i = 0; !r->stop; i++) {
		__u64 hot = 1000 + i % HOT, live = 2000 + i % HOT;

		set(r->fd, hot, MATCHES);
		bpf_map_delete_elem(r->fd, &hot);
		set(r->fd, live, STAYS);
		r->created += 2;
		/* The sweep may look at it now. */
		for (volatile int wait = 0; wait < (int)(i % 400); wait++)
			;
		r->gone += bpf_map_delete_elem(r->fd, &live) && errno == ENOENT;
	}
	return NULL;
}

struct result {
	unsigned long sweeps, visits, missed, deleted, stolen, created, overrun;
};

/* With few places for what is counted, of which others change some meanwhile. */
static void count_beside(int fd, enum way way, const struct bpf_map_sweep_cond *cond,
			 struct result *all)
{
	enum {
		PLACES = 5
	};
	__u64 keys[STEADY + HOT];
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .flags = BPF_MAP_SWEEP_COUNT, .keys = keys,
		    .capacity = PLACES);

	memset(keys, 0xff, sizeof(keys));
	if (sweep_by(way, fd, cond, 1, &opts) < 0)
		tap_bail("bpf_map_sweep");
	all->overrun += opts.matched > PLACES || keys[PLACES] != -1ull;
	for (__u64 i = 0; i < opts.matched && i < PLACES; i++)
		all->overrun += keys[i] >= 2000 || (keys[i] >= STEADY && keys[i] < 1000);
}

/* The sweeps, or one that knows nothing of recycling. */
static void sweep_beside(int fd, enum way way, int naive_fd, unsigned long most, struct result *all)
{
	const struct bpf_map_sweep_cond cond = { .offset = 0, .size = 8, .operand = MATCHES };
	struct recycler recycler = { .fd = fd };
	cpu_set_t allowed;
	pthread_t thread;

	for (__u64 key = 0; key < STEADY; key++)
		set(fd, 100 + key, STAYS);
	if (pthread_create(&thread, NULL, recycle, &recycler))
		tap_bail("pthread_create");
	sched_getaffinity(0, sizeof(allowed), &allowed);
	pin_to_cpu(0);
	while (all->visits < most) {
		__u64 value[2];

		for (__u64 key = 0; key < STEADY; key++)
			set(fd, key, MATCHES);
		if (naive_fd >= 0) {
			LIBBPF_OPTS(bpf_test_run_opts, opts);

			if (bpf_prog_test_run_opts(naive_fd, &opts))
				tap_bail("bpf_prog_test_run_opts");
		} else {
			LIBBPF_OPTS(bpf_map_sweep_opts, opts);

			count_beside(fd, way, &cond, all);
			if (sweep_by(way, fd, &cond, 1, &opts))
				tap_bail("bpf_map_sweep");
			all->deleted += opts.deleted;
		}
		for (__u64 key = 0; key < STEADY; key++) {
			__u64 stays = 100 + key;

			all->missed += !bpf_map_lookup_elem(fd, &key, value);
			if (bpf_map_lookup_elem(fd, &stays, value)) {
				all->stolen++;
				set(fd, stays, STAYS);
			}
		}
		all->visits += 2 * STEADY;
		all->sweeps++;
		if (naive_fd >= 0 && (all->stolen || recycler.gone))
			break;
	}
	recycler.stop = true;
	pthread_join(thread, NULL);
	sched_setaffinity(0, sizeof(allowed), &allowed);
	all->stolen += recycler.gone;
	all->created += recycler.created;
}

static void recycling(enum way way, __u32 type, __u32 flags)
{
	struct result result = {};
	/* An LRU map evicts what it finds before it is full. */
	__u32 room = type == BPF_MAP_TYPE_LRU_HASH ? 2048 : ROOM;
	int fd = make_map(type, sizeof(__u64), 2 * sizeof(__u64), room, flags);
	const char *kind = type == BPF_MAP_TYPE_LRU_HASH ? "LRU"
			   : flags			 ? "allocated one by one"
							 : "pre-allocated";

	sweep_beside(fd, way, -1, scaled(10000000), &result);
	tap_ok(!result.stolen && !result.missed && !result.overrun,
	       "%s, %s: nothing is deleted that did not match, nothing missed that did",
	       way_names[way], kind);
	printf("# %lu sweeps, %lu visits, %lu missed, %lu deleted, %lu deleted that did not match, "
	       "%lu "
	       "created\n",
	       result.sweeps, result.visits, result.missed, result.deleted, result.stolen,
	       result.created);
	bpf_map_compare_release(fd);
	close(fd);
}

/* Or the above would prove nothing. */
static void naive_recycling(void)
{
	struct test_sweep_races_bpf *skel = test_sweep_races_bpf__open_and_load();
	struct result result = {};

	if (!skel)
		tap_bail("test_sweep_races_bpf__open_and_load");
	sweep_beside(bpf_map__fd(skel->maps.target), 0, bpf_program__fd(skel->progs.naive), -1ul,
		     &result);
	tap_ok(result.stolen, "by an element's own key entries are deleted that did not match");
	printf("# %lu after %lu sweeps\n", result.stolen, result.sweeps);
	test_sweep_races_bpf__destroy(skel);
}

int main(void)
{
	if (!kernel_has("syscall_prog")) {
		tap_skip("races", "this kernel has no syscall programs");
		return tap_done();
	}
	for (enum way way = EACH; way <= BATCH; way++) {
		if (!has_way(way))
			continue;
		claim(way);
		recycling(way, BPF_MAP_TYPE_HASH, 0);
		recycling(way, BPF_MAP_TYPE_LRU_HASH, 0);
		if (kernel_has("no_prealloc"))
			recycling(way, BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC);
	}
	two_collectors();
	if (has_two_cpus())
		naive_recycling();
	return tap_done();
}
