// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The emulation, by BPF syscall programs: what they can serve at all, and whether the caller may.
 */
#include "compare_internal.h"
#include "request.h"

#define KEY_SIZE_MAX	1024u
#define REGION_SIZE_MAX 65536u

/* What can be said of a map without asking the kernel. */
static int check_limits(const struct target *target, __u32 region_size)
{
	const struct bpf_map_info *info = &target->info;
	int err = map_check_type(target);

	if (err)
		return err;
	if (info->key_size > KEY_SIZE_MAX)
		return refuse_map(target->fd, -EOPNOTSUPP, "key_size %u is over the emulation's %u",
				  info->key_size, KEY_SIZE_MAX);
	if (region_size > REGION_SIZE_MAX)
		return refuse_map(target->fd, -EOPNOTSUPP,
				  "compare_size %u is over the emulation's %u", region_size,
				  REGION_SIZE_MAX);
	if (info->map_flags & (BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG))
		return refuse_map(target->fd, -EOPNOTSUPP,
				  "%s: the emulation's program may not use this map",
				  info->map_flags & BPF_F_RDONLY_PROG ? "BPF_F_RDONLY_PROG"
								      : "BPF_F_WRONLY_PROG");
	return 0;
}

static int check_value_size(const struct target *target)
{
	if (target->info.value_size <= REGION_SIZE_MAX)
		return 0;
	return refuse_map(target->fd, -EOPNOTSUPP,
			  "value_size %u: the emulation hands out and writes values of up to %u "
			  "bytes",
			  target->info.value_size, REGION_SIZE_MAX);
}

static int check_kernel(const struct target *target)
{
	/* First of all: where this is new to the kernel, so is much that libbpf relies on. */
	int ret = verifier_has_syscall_progs();

	if (!ret)
		return refuse_map(target->fd, -EOPNOTSUPP,
				  "this kernel has no BPF_PROG_TYPE_SYSCALL (Linux 5.14)");
	return ret < 0 ? ret : 0;
}

/*
 * A program asks by itself whether the map is frozen, where kernel and caller allow that. A comparer was
 * asked for the rest when it was opened.
 */
static int check_permission(const struct target *target, const struct job *job, bool program_asks)
{
	int err;

	err = has_links(job) ? linked_check_permission(job, target, program_asks) : 0;
	if (!err && (job->values || job->sweep))
		err = map_check_readable(target->fd);
	if (err || (job->sweep && sweep_counts(job->sweep)))
		return err;
	if (program_asks)
		return target->comparer ? 0 : map_check_mode(target->fd);
	err = target_check(target);
	return err ? err : map_check_writable(target->fd);
}

/* A lane that can serve these jobs: the comparer's, or one of those that are kept. */
struct hold {
	struct lane *lane;
	struct kept *kept;
};

static int take_hold(const struct target *target, const struct job *job, bool guarded_will_do,
		     struct hold *hold)
{
	int err;

	hold->kept = NULL;
	if (target->comparer) {
		hold->lane = comparer_lane(target->comparer, job);
		return hold->lane ? 0 : -ENOMEM;
	}
	err = kept_take(target, job, guarded_will_do, &hold->kept);
	if (!err)
		hold->lane = kept_lane(hold->kept);
	return err;
}

static void let_go(const struct hold *hold, bool served)
{
	if (hold->kept)
		kept_put(hold->kept, served);
}

static int prepare(const struct target *target, const struct job *job, struct lane *lane)
{
	bool program_asks;
	int err;

	err = lane_prepare(lane, target->fd, job, &program_asks);
	if (!err)
		err = check_permission(target, job, program_asks);
	if (!err && job->first.region.size && !job->first.compare)
		err = refuse_map(target->fd, -EFAULT, "compare is NULL");
	return err;
}

/* Whether it can be asked for at all, of this map and on this kernel. */
int emulate_check(const struct target *target, const struct job *job)
{
	struct target linked;
	__u64 process;
	int err;

	err = check_limits(target, job->first.region.size);
	if (!err && (job->asks & ASKS_VALUE || job->action == ACTION_UPDATE))
		err = check_value_size(target);
	if (!err && has_links(job)) {
		linked = linked_map_to_judge(target, job);
		err = check_limits(&linked, job->linked.region.size);
	}
	if (!err)
		err = process_number(&process);
	return err ? err : check_kernel(target);
}

/* All that can go wrong before the first key is deleted. */
int emulate_prepare(const struct target *target, const struct job *job)
{
	struct hold hold;
	int err;

	err = emulate_check(target, job);
	if (!err)
		err = take_hold(target, job, false, &hold);
	if (err)
		return err;
	err = prepare(target, job, hold.lane);
	let_go(&hold, true);
	return err;
}

static int run_by(const struct target *target, const struct job *job, __u32 first, __u32 *count,
		  struct answer *answers, bool guarded_will_do)
{
	struct hold hold;
	int err;

	err = take_hold(target, job, guarded_will_do, &hold);
	if (err)
		return err;
	err = prepare(target, job, hold.lane);
	if (!err)
		err = lane_run(hold.lane, target->fd, job, first, count, answers);
	/* It was loaded with what this caller has: so it was not our program that said so. */
	if (err == -EACCES && !guarded_will_do) {
		lane_drop(hold.lane, job);
		err = -ESTALE;
	}
	let_go(&hold, err != -EACCES);
	return err;
}

/* See lane_run(). What a program was loaded for does not serve those who could not load it now. */
int emulate_run(const struct target *target, const struct job *job, __u32 first, __u32 *count,
		struct answer *answers)
{
	bool guarded_will_do = true;
	int err;

	err = emulate_check(target, job);
	if (err)
		return err;
	for (int tries = 0; tries < 3; tries++) {
		err = run_by(target, job, first, count, answers, guarded_will_do);
		if (err != -EACCES && err != -ESTALE)
			return err;
		guarded_will_do = guarded_will_do && err != -EACCES;
	}
	return err == -ESTALE
		       ? refuse(err, "a program's file descriptor was closed, and became another's")
		       : err;
}

int emulate_serves_map(const struct target *target)
{
	sigset_t before;
	int err;

	err = check_limits(target, 0);
	if (!err)
		err = check_kernel(target);
	if (err)
		return err;
	verifier_hold_signals(&before);
	err = verifier_allows_read(target->fd, target->info.key_size, 0, 0);
	verifier_let_signals(&before);
	if (err == -EOPNOTSUPP)
		return refuse(err, "this kernel lets no syscall program use this map");
	return err == -EPERM ? refuse(err, "loading the emulation's program takes CAP_BPF") : err;
}
