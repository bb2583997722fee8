// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Where a sweep comes in: it is checked, a way through the map is chosen, and that is gone in steps, until
 * all of the map was seen or the capacity is used up.
 */
#include <sched.h>
#include <time.h>
#include "compare_internal.h"
#include "request.h"

#define SCAN_US_DEFAULT 250u
#define SCAN_US_NONE	(-1u)

/* What an entry takes, about. */
#define ENTRY_NS 200u

/* A lock that is held for so long is not given back. */
#define LOCK_TRIES 100

/*
 * What a cursor has: the part of how many that it is of, the way that was gone, and how far: up to which
 * element or bucket, and how many matches, or entries, of that are not to be counted again.
 */
#define CURSOR_PARTS(cursor) ((__u32)((cursor) >> 56))
#define CURSOR_PART(cursor)  ((__u32)((cursor) >> 48) & 0xff)
#define CURSOR_WAY(cursor)   ((enum sweep_way)((cursor) >> 46 & 3))
#define CURSOR_SKIP(cursor)  ((cursor) >> 32 & SKIP_MAX)
#define CURSOR_PLACE(cursor) ((__u32)(cursor))
#define SKIP_MAX	     ((1u << 14) - 1)

static __u64 make_cursor(const struct sweep *sweep, enum sweep_way way)
{
	__u64 skip = sweep->skip < SKIP_MAX ? sweep->skip : SKIP_MAX;
	__u64 ours = (__u64)sweep->parts << 56 | (__u64)sweep->part << 48 | (__u64)way << 46;

	/* All of the map at once has no place in it. */
	return ours | skip << 32 | (way == WAY_EACH ? 0 : (__u32)sweep->next);
}

bool sweep_counts(const struct sweep *sweep)
{
	return sweep->flags & BPF_MAP_SWEEP_COUNT;
}

bool sweep_hands_out(const struct sweep *sweep)
{
	return sweep->keys || sweep->values;
}

/* How many more may be deleted, or are to be found. */
__u64 sweep_room(const struct sweep *sweep)
{
	__u64 used = sweep_counts(sweep) ? sweep->matched : sweep->deleted;

	if (!sweep->capacity || (sweep_counts(sweep) && !sweep_hands_out(sweep)))
		return UINT64_MAX;
	return sweep->capacity - used;
}

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

bool sweep_is_over_time(const struct sweep *sweep)
{
	return sweep->stop_at && now_ns() >= sweep->stop_at;
}

/* What a run came to: 0 to go on. What it could not delete for a lock is seen by the next one. */
static int check_run(const struct sweep *sweep, int result, __u64 before, int *tries)
{
	*tries = result == -EAGAIN ? *tries + 1 : 0;
	if (result == -EPERM)
		return refuse(-EPERM, "the map was frozen meanwhile");
	if (result && result != -EAGAIN)
		return result;
	if (*tries == LOCK_TRIES)
		return -EAGAIN;
	if (*tries)
		sched_yield();
	else if (sweep->next <= sweep->from && sweep->deleted + sweep->matched == before)
		return refuse(-EOPNOTSUPP, "the walk through the map does not get on");
	return 0;
}

/* One run of the program after the other. */
int sweep_by_program(const struct target *target, struct job *job)
{
	struct sweep *sweep = job->sweep;
	struct answer answer;
	int err, tries = 0;
	__u64 before;
	__u32 count;

	for (sweep->next = sweep->from; sweep->next < sweep->until && sweep_room(sweep);) {
		sweep->from = sweep->next;
		before = sweep->deleted + sweep->matched;
		count = 1;
		err = sweep->runs ? map_check_same(target->fd, &target->info) : 0;
		if (!err)
			err = emulate_run(target, job, 0, &count, &answer);
		if (err)
			return err;
		sweep->runs++;
		err = check_run(sweep, answer.result, before, &tries);
		if (err)
			return err;
		if (!tries && sweep_is_over_time(sweep))
			break;
	}
	return sweep->next < sweep->until;
}

/* In one run. What is found has to fit into its memory. */
static int sweep_by_each(const struct target *target, struct job *job)
{
	struct sweep *sweep = job->sweep;

	job->action = ACTION_SWEEP_EACH;
	sweep->out = sweep_hands_out(sweep) ? target->info.max_entries : 0;
	sweep->from = 0;
	/* Kernels have gone astray where the current element is deleted: then it is no whole pass. */
	sweep->until = 4ull * target->info.max_entries;
	return sweep_by_program(target, job);
}

static __u64 ns_for_all(const struct bpf_map_info *info)
{
	return (__u64)info->max_entries * ENTRY_NS;
}

/* Whether one run over all of the map is no longer than one may be that nobody can preempt. */
bool sweep_is_short(const struct bpf_map_info *info)
{
	return ns_for_all(info) <= HOLD_NS_MAX;
}

/* Whether it takes no longer than the caller allows, and holds what it finds. */
static bool is_small(const struct bpf_map_info *info, const struct sweep *sweep)
{
	if (sweep_hands_out(sweep) && !sweep_fits(info, sweep))
		return false;
	return ns_for_all(info) <= sweep->budget;
}

/* Errors that say that a way cannot be gone here, and not that a sweep has failed. */
static bool is_no_way(const struct sweep *sweep, int err)
{
	return err == -ELOOP ||
	       (!sweep->runs && (err == -EOPNOTSUPP || err == -EPERM || err == -E2BIG));
}

/* Whether there can be a program for this map at all. */
static bool takes_programs(const struct target *target, const struct job *job)
{
	bool printing = print_reasons(false);
	int err = emulate_check(target, job);

	print_reasons(printing);
	return !err;
}

/*
 * The one that was begun is gone on with, where that can be. A walk whose like was tried already costs nothing to
 * begin, and misses less: see bpf_map_sweep().
 */
static int choose_way(const struct target *target, const struct job *job, enum sweep_way begun,
		      enum sweep_way *way)
{
	const struct bpf_map_info *info = &target->info;
	const struct sweep *sweep = job->sweep;
	int walks;

	*way = WAY_BATCH;
	if (begun == WAY_BATCH || !takes_programs(target, job))
		return 0;
	*way = WAY_EACH;
	if (begun == WAY_EACH)
		return 0;
	if (!begun && !sweep->parts && is_small(info, sweep) && !walk_is_known(info))
		return 0;
	walks = walk_serves(info);
	if (walks < 0)
		return walks;
	if (!walks && begun == WAY_WALK && sweep->parts)
		return refuse(-EPERM, "who began this part could walk through the map");
	*way = walks ? WAY_WALK : WAY_BATCH;
	return 0;
}

/* From a place on, with so much of it left out. */
static int go(struct target *target, struct job *job, enum sweep_way way, __u64 place, __u64 skip)
{
	struct sweep *sweep = job->sweep;

	sweep->next = sweep->from = place;
	sweep->skip = skip;
	/* Who cannot share it has the first part do it all. */
	if (way != WAY_WALK && sweep->part)
		return 0;
	switch (way) {
	case WAY_WALK:
		return sweep_by_walk(target, job);
	case WAY_EACH:
		return sweep_by_each(target, job);
	default:
		return sweep_by_batch(target, job);
	}
}

static int sweep_map(struct target *target, struct job *job, __u64 *cursor)
{
	struct sweep *sweep = job->sweep;
	enum sweep_way begun = CURSOR_WAY(*cursor), way;
	int err;

	err = choose_way(target, job, begun, &way);
	if (err)
		return err;
	/* Of another way the place says nothing. */
	err = go(target, job, way, begun == way ? CURSOR_PLACE(*cursor) : 0,
		 begun == way ? CURSOR_SKIP(*cursor) : 0);
	/* Of several parts the others would not know. */
	if (way != WAY_BATCH && !sweep->parts && is_no_way(sweep, err)) {
		forget_reason();
		way = WAY_BATCH;
		sweep->scanned = sweep->deleted;
		err = go(target, job, way, 0, 0);
	}
	*cursor = err ? make_cursor(sweep, way) : 0;
	return err;
}

static int read_sweep_opts(struct job *job, const struct bpf_map_sweep_opts *opts)
{
	struct sweep *sweep = job->sweep;
	__u32 scan_us;
	int err;

	if (opts->flags & ~(__u64)(BPF_MAP_SWEEP_COUNT | BPF_MAP_SWEEP_ALL))
		return refuse(-EINVAL, "unknown flags 0x%llx", (unsigned long long)opts->flags);
	sweep->flags = opts->flags;
	sweep->keys = opts->keys;
	sweep->values = opts->values;
	sweep->capacity = opts->capacity;
	scan_us = opts->max_scan_us ? opts->max_scan_us : SCAN_US_DEFAULT;
	sweep->budget = scan_us == SCAN_US_NONE ? UINT64_MAX : scan_us * 1000ull;
	sweep->parts = CURSOR_PARTS(opts->cursor);
	sweep->part = CURSOR_PART(opts->cursor);
	if (sweep->parts ? sweep->part >= sweep->parts : sweep->part)
		return refuse(-EINVAL, "cursor: part %u of %u", sweep->part, sweep->parts);
	if (sweep_hands_out(sweep) && !sweep->capacity)
		return refuse(-EINVAL, "keys or values without capacity");
	job->asks = sweep->values ? ASKS_VALUE : 0;
	err = read_claim(&job->first.claim, "", opts->claim, opts->claim_offset, opts->claim_size);
	if (!err)
		err = read_claims(&job->claims, opts->claim_first, opts->claim_last);
	if (!err && opts->claim_last && !opts->claim)
		err = refuse(-EINVAL, "claim_first or claim_last without a claim");
	if (!err)
		err = check_in_claims(&job->claims, &job->first.claim, "");
	return err;
}

/* The conditions are copied: what was checked is what is gone by. */
static int read_conds(struct sweep *sweep, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt)
{
	if (conds_cnt > CONDS_MAX)
		return refuse(-EINVAL, "%u conditions, of at most %u", conds_cnt, CONDS_MAX);
	if (conds_cnt && !conds)
		return refuse(-EFAULT, "conds is NULL");
	if (conds_cnt)
		memcpy(sweep->conds, conds, conds_cnt * sizeof(*conds));
	sweep->conds_cnt = conds_cnt;
	return 0;
}

static int check_sweep(struct target *target, struct job *job)
{
	struct region none = { 0, 0 };
	int err;

	err = sweep_counts(job->sweep) ? 0 : map_check_writable(target->fd);
	if (!err)
		err = map_info(target->fd, &target->info);
	if (!err)
		err = map_check_type(target);
	if (!err)
		err = map_check_readable(target->fd);
	if (!err)
		err = conditions_check(job->sweep, &target->info, &job->first.claim);
	return err ? err : check_claim(&job->first.claim, "", none);
}

/* By a file descriptor of ours: should the caller's become another map meanwhile, with other sizes, this does not. */
static int sweep_by_ours(struct target *target, struct job *job, __u64 *cursor)
{
	int theirs = target->fd, err;

	target->fd = duplicate(theirs);
	if (target->fd < 0)
		return target->fd;
	err = map_check_same(target->fd, &target->info);
	if (!err)
		err = sweep_map(target, job, cursor);
	close(target->fd);
	return err;
}

static int sweep(int fd, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt,
		 struct bpf_map_sweep_opts *ours, __u64 stop_at)
{
	struct target target = TARGET_BY_FD(fd);
	struct job job;
	struct sweep all;
	int err;

	memset(&job, 0, sizeof(job));
	memset(&all, 0, sizeof(all));
	all.stop_at = stop_at;
	job.sweep = &all;
	err = read_sweep_opts(&job, ours);
	if (!err)
		err = read_conds(&all, conds, conds_cnt);
	if (!err)
		err = check_sweep(&target, &job);
	if (!err)
		err = sweep_by_ours(&target, &job, &ours->cursor);
	ours->scanned = all.scanned;
	ours->matched = all.matched;
	ours->deleted = all.deleted;
	ours->changed = all.changed;
	return err;
}

/* What the caller's struct has room for. */
static void copy_counts(struct bpf_map_sweep_opts *to, const struct bpf_map_sweep_opts *from)
{
	const size_t start = offsetof(struct bpf_map_sweep_opts, cursor);
	const size_t end = FIELD_END(struct bpf_map_sweep_opts, changed);
	size_t size = to->sz < end ? to->sz : end;

	if (size > start)
		memcpy((char *)to + start, (const char *)from + start, size - start);
}

static int sweep_until(int fd, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt,
		       struct bpf_map_sweep_opts *opts, __u64 stop_at)
{
	struct bpf_map_sweep_opts ours;
	int cancel_state = enter(), err;

	err = copy_opts(&ours, FIELD_END(struct bpf_map_sweep_opts, changed), opts,
			"bpf_map_sweep_opts");
	if (err)
		return leave(cancel_state, err);
	err = sweep(fd, conds, conds_cnt, &ours, stop_at);
	if (opts)
		copy_counts(opts, &ours);
	return leave(cancel_state, err);
}

int bpf_map_sweep(int fd, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt,
		  struct bpf_map_sweep_opts *opts)
{
	return sweep_until(fd, conds, conds_cnt, opts, 0);
}

int bpf_map_sweep_timed(int fd, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt,
			struct bpf_map_sweep_opts *opts, __u32 max_us)
{
	return sweep_until(fd, conds, conds_cnt, opts, now_ns() + max_us * 1000ull);
}
