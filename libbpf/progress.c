// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * How far a batch has come: its keys go one way or another, run by run or call by call, until all are done
 * or one fails for a reason that is not its own. Each has an answer.
 */
#include "compare_internal.h"

const char *key_at(const struct target *target, const struct job *job, __u32 i)
{
	return job->first.keys + (size_t)i * target->info.key_size;
}

/* Of a kernel's own call for one key: elsewhere -EBUSY means "differs" alone. */
int progress_plain_error(int err)
{
	return err == -EBUSY ? -EAGAIN : err;
}

static void set_answer(struct progress *progress, struct answer answer)
{
	if (progress->results)
		progress->results[progress->reached] = answer.result;
	if (progress->linked_results)
		progress->linked_results[progress->reached] = answer.linked_result;
	progress->reached++;
	progress->done += !answer.result;
}

static void set_result(struct progress *progress, int result)
{
	struct answer answer = { result, -ECANCELED };

	set_answer(progress, answer);
}

/* Whether an answer is about its key, so that the other keys can go on. */
static bool is_result(const struct job *job, int err)
{
	switch (err) {
	case 0:
	case -EBUSY:
	case -ENOENT:
	case -EAGAIN:
		return true;
	case -EEXIST:
	case -E2BIG:
	case -ENOMEM:
		return job->update;
	case -EINVAL:
		/* A pair that is one and the same entry is refused by itself. */
		return has_links(job);
	default:
		return false;
	}
}

/* That the kernel could not take a lock, which is about the key too. */
static bool is_lock_error(int err)
{
	return err == -EDEADLK || err == -ETIMEDOUT;
}

/* A call for each key; what it answers that is about no key ends it. */
int progress_by_call(struct progress *progress, const struct job *job, const struct target *target,
		     call_for_key *call)
{
	int err;

	while (progress->reached < progress->total) {
		err = call(target, job, progress->reached);
		if (is_lock_error(err))
			err = -EAGAIN;
		if (!is_result(job, err))
			return err;
		set_result(progress, err);
	}
	return 0;
}

/* The caller's fds still have to be the maps that they were: a batch can take its time. */
static int check_again(const struct target *target, const struct job *job)
{
	const struct target *linked = job->linked_target;
	int err;

	err = target->comparer ? 0 : map_check_same(target->fd, &target->info);
	if (!err && linked)
		err = map_check_same(linked->fd, &linked->info);
	return err;
}

int progress_by_program(struct progress *progress, const struct job *job,
			const struct target *target)
{
	struct answer answers[RUN_KEYS_MAX];
	__u32 count;
	int err;

	while (progress->reached < progress->total) {
		err = progress->reached ? check_again(target, job) : 0;
		if (err)
			return err;
		count = progress->total - progress->reached;
		err = emulate_run(target, job, progress->reached, &count, answers);
		if (err)
			return err;
		for (__u32 i = 0; i < count; i++) {
			/* Of the map, not of the key: it was frozen meanwhile, say. */
			if (!is_result(job, answers[i].result)) {
				err = answers[i].result;
				set_result(progress, -ECANCELED);
			} else {
				set_answer(progress, answers[i]);
			}
		}
		if (err)
			return err == -EPERM ? refuse(err, progress->total == 1
								   ? "the map is frozen"
								   : "a map was frozen meanwhile")
					     : err;
	}
	return 0;
}

/* By a program, which is only a faster way to the same: where it is not to be had, there is the other. */
int progress_either_way(struct progress *progress, const struct job *job,
			const struct target *target, call_for_key *call)
{
	struct target ours = *target;
	bool printing = print_reasons(false);
	int err = emulate_prepare(target, job);

	print_reasons(printing);
	if (!err)
		return progress_by_program(progress, job, target);
	/* Should the caller's fd become another map meanwhile, this one does not. */
	ours.fd = duplicate(target->fd);
	if (ours.fd < 0)
		return ours.fd;
	err = map_check_same(ours.fd, &ours.info);
	if (!err)
		err = progress_by_call(progress, job, &ours, call);
	close(ours.fd);
	return err;
}

/* Those that were not reached. */
void progress_end(struct progress *progress)
{
	while (progress->reached < progress->total &&
	       (progress->results || progress->linked_results))
		set_result(progress, -ECANCELED);
}
