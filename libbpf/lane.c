// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What the emulation has for one map, for one call at a time: programs, each with memory that it shares
 * with us. A call writes its requests there, runs the program, reads the answers.
 */
#include <stdlib.h>
#include "compare_internal.h"
#include "request.h"

/* What is to be learned of the kernel takes as long as so many keys are then faster. */
#define LEARN_AFTER (1u << 16)

/* Of different regions and claims, what was used last. */
#define EMULATIONS_MAX 16

struct emulation {
	struct requests requests;
	struct program program;
	__u64 last_use;
	__u32 served; /* keys, up to LEARN_AFTER */
	bool learned; /* loaded after that, or not to be loaded anew */
};

struct lane {
	struct bpf_map_info info;
	struct bpf_map_info linked_info; /* of the linked entries' map: the same, or another */
	struct emulation *emulations[EMULATIONS_MAX];
	__u64 uses;
	bool guarded; /* its programs refuse who lacks what they were loaded with, where they can */
};

/* linked_info is NULL where linked entries, if any, are in the same map. */
struct lane *lane_open(const struct bpf_map_info *info, const struct bpf_map_info *linked_info,
		       bool guarded)
{
	struct lane *lane = calloc(1, sizeof(*lane));

	if (lane) {
		lane->info = *info;
		lane->linked_info = linked_info ? *linked_info : *info;
		lane->guarded = guarded;
	}
	return lane;
}

static void drop(struct emulation **place)
{
	struct emulation *e = *place;

	if (!e)
		return;
	program_close(&e->program);
	requests_close(&e->requests);
	free(e);
	*place = NULL;
}

static int open_emulation(struct lane *lane, int fd, const struct job *job, bool learns,
			  struct emulation **opened)
{
	struct emulation *e = calloc(1, sizeof(*e));
	int requests_fd, err;

	if (!e)
		return -ENOMEM;
	requests_fd = requests_open(&e->requests, &lane->info, &lane->linked_info, job);
	if (requests_fd < 0) {
		free(e);
		return requests_fd;
	}
	err = program_load(&e->program, fd, requests_fd, &lane->info, job, &e->requests.layout,
			   lane->guarded, learns);
	close(requests_fd);
	if (err) {
		requests_close(&e->requests);
		free(e);
		return err;
	}
	e->learned = learns;
	*opened = e;
	return 0;
}

/* Where the emulation for this job is, or NULL. */
static struct emulation **find_emulation(struct lane *lane, const struct job *job)
{
	for (size_t i = 0; i < EMULATIONS_MAX; i++) {
		struct emulation **e = lane->emulations + i;

		if (*e && requests_serve(&(*e)->requests, job))
			return e;
	}
	return NULL;
}

/* Where there is none, or the one that is to make place for another. */
static struct emulation **find_place(struct lane *lane)
{
	struct emulation **place = lane->emulations;

	for (struct emulation **e = place; e < lane->emulations + EMULATIONS_MAX && *place; e++)
		if (!*e || (*e)->last_use < (*place)->last_use)
			place = e;
	return place;
}

/*
 * In the place of one that has served many keys already. It stays where there is no better one: whoever could
 * load it may not be able to any more.
 */
static void replace(struct lane *lane, int fd, const struct job *job, struct emulation **place)
{
	bool printing = print_reasons(false);
	struct emulation *e;

	(*place)->learned = true;
	if (!open_emulation(lane, fd, job, true, &e)) {
		drop(place);
		*place = e;
	}
	print_reasons(printing);
}

/* Makes sure that there is a program; fd is the map's. */
static int get_emulation(struct lane *lane, int fd, const struct job *job, struct emulation **e)
{
	struct emulation **place = find_emulation(lane, job);
	int err;

	if (!place) {
		err = open_emulation(lane, fd, job, false, e);
		if (err)
			return err;
		place = find_place(lane);
		drop(place);
		*place = *e;
	} else if ((*place)->served == LEARN_AFTER && !(*place)->learned && !job->sweep) {
		replace(lane, fd, job, place);
	}
	*e = *place;
	(*e)->last_use = ++lane->uses;
	return 0;
}

/* And tells whether it asks by itself if the map is frozen. */
int lane_prepare(struct lane *lane, int fd, const struct job *job, bool *checks_frozen)
{
	struct emulation *e;
	int err;

	err = get_emulation(lane, fd, job, &e);
	if (!err)
		*checks_frozen = e->program.checks_frozen;
	return err;
}

/* What is to be said where nobody had the requests. */
static int why_not_run(const struct emulation *e, int err, __u32 retval)
{
	if (!err && retval == RUN_REFUSED && e->program.guarded)
		return -EACCES;
	/* Our program would not have been answered so: this is no fd of it. */
	return !err || err == -EBADF || err == -EINVAL || err == -KERNEL_ENOTSUPP ? -ESTALE : err;
}

/* A run comes to an end, also where it is none of ours: for so long that is waited for. */
#define WAITS	   2000
#define WAIT_USECS 500

static int wait_for_answers(const struct emulation *e, __u32 count, struct answer *answers)
{
	for (int i = 0; i < WAITS; i++) {
		if (requests_read_answers(&e->requests, count, answers))
			return 0;
		usleep(WAIT_USECS);
	}
	return refuse(-ETIMEDOUT, "another run has the keys, and does not come to an end");
}

static int run(const struct emulation *e, __u32 count, struct answer *answers)
{
	struct bpf_test_run_opts opts = { .sz = sizeof(opts) };
	int err;

	err = bpf_prog_test_run_opts(e->program.fd, &opts) ? -errno : 0;
	if (!err && requests_read_answers(&e->requests, count, answers))
		return 0;
	/* What nobody has taken nobody will. */
	if (requests_take_back(&e->requests))
		return why_not_run(e, err, opts.retval);
	return wait_for_answers(e, count, answers);
}

static struct turn *turn_for(const struct part *part, const struct bpf_map_info *info)
{
	return part->claim.size ? claim_turn(info->id) : NULL;
}

/*
 * Runs with a claim take turns on each map that they claim in. Of two the one that comes first in memory is
 * taken first, so that nobody waits for somebody who waits for him.
 */
static int run_in_turn(const struct lane *lane, const struct emulation *e, __u32 count,
		       struct answer *answers)
{
	struct turn *first = turn_for(&e->requests.first, &lane->info);
	struct turn *linked = turn_for(&e->requests.linked, &lane->linked_info);
	struct turn *lower = first < linked ? first : linked;
	struct turn *upper = first < linked ? linked : first;
	int err;

	if (lower)
		turn_take(lower);
	if (upper && upper != lower)
		turn_take(upper);
	err = run(e, count, answers);
	if (upper && upper != lower)
		turn_pass(upper);
	if (lower)
		turn_pass(lower);
	return err;
}

/*
 * Deletes keys from first on, at most *count of them and no more than one run of the program takes;
 * *count is then how many it took, each of which has its answer. On an error none was deleted, but by
 * -ETIMEDOUT. -ESTALE: the program's file descriptor is another's, and it may be tried once more, with
 * another; -EACCES: the program is guarded from this caller.
 */
int lane_run(struct lane *lane, int fd, const struct job *job, __u32 first, __u32 *count,
	     struct answer *answers)
{
	struct emulation *e;
	__u32 taken;
	int err;

	err = get_emulation(lane, fd, job, &e);
	if (err)
		return err;
	taken = requests_write(&e->requests, job, first, *count);
	err = run_in_turn(lane, e, taken, answers);
	if (err == -ESTALE || err == -ETIMEDOUT)
		lane_drop(lane, job);
	if (err)
		return err;
	if (job->sweep)
		sweep_read(&e->requests, job);
	else
		requests_read_values(&e->requests, job, first, taken, answers);
	e->served = taken < LEARN_AFTER - e->served ? e->served + taken : LEARN_AFTER;
	*count = taken;
	return 0;
}

/* The program for this job is not to be used again. */
void lane_drop(struct lane *lane, const struct job *job)
{
	struct emulation **place = find_emulation(lane, job);

	if (place)
		drop(place);
}

void lane_close(struct lane *lane)
{
	for (size_t i = 0; i < EMULATIONS_MAX; i++)
		drop(lane->emulations + i);
	free(lane);
}

/* A parent's, in its child, which has none of the memory, and may find the allocator's lock taken. */
void lane_disown(const struct lane *lane)
{
	for (size_t i = 0; i < EMULATIONS_MAX; i++)
		if (lane->emulations[i])
			program_close(&lane->emulations[i]->program);
}

/* What is left of one that was disowned. */
void lane_free(struct lane *lane)
{
	for (size_t i = 0; i < EMULATIONS_MAX; i++)
		free(lane->emulations[i]);
	free(lane);
}

/* Whether it has a program for this job that asks by itself what its caller may. */
bool lane_has_guarded(struct lane *lane, const struct job *job)
{
	struct emulation **place = find_emulation(lane, job);

	return place && (*place)->program.guarded;
}

__u32 lane_programs(const struct lane *lane)
{
	__u32 count = 0;

	for (size_t i = 0; i < EMULATIONS_MAX; i++)
		count += !!lane->emulations[i];
	return count;
}
