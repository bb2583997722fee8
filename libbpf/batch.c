// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Where the delete of many keys comes in: options and map are checked, a way is chosen.
 */
#include "compare_internal.h"
#include "request.h"

struct batch {
	struct target *target;
	struct target linked_target;
	__u32 linked_fd;
	struct job job;
	__u32 backend;
	bool compares;
	bool packed; /* no stride was given */
	struct progress progress;
};

static enum action action_of(const struct job *job, __u64 elem_flags)
{
	if (job->asks & (ASKS_LINKED | ASKS_VALUE))
		return ACTION_LINKED;
	if (!elem_flags)
		return ACTION_PLAIN;
	return job->first.claim.size ? ACTION_CLAIM : ACTION_COMPARE;
}

/* Which words are claims, beside the ones that are given. */
static int read_range(struct job *job, const struct bpf_map_delete_batch_opts *opts)
{
	int err;

	err = read_claims(&job->claims, opts->claim_first, opts->claim_last);
	if (!err && opts->claim_last && !job->first.claim.size && !job->linked.claim.size)
		err = refuse(-EINVAL, "claim_first or claim_last without a claim");
	if (!err)
		err = check_in_claims(&job->claims, &job->first.claim, "");
	if (!err)
		err = check_in_claims(&job->claims, &job->linked.claim, "linked_");
	return err;
}

/* What can be said of the options without the map; what they ask for, where nothing is wrong. */
static int read_batch_opts(const struct bpf_map_delete_batch_opts *opts, struct batch *batch)
{
	struct job *job = &batch->job;
	int err;

	if (opts->elem_flags & ~(__u64)BPF_F_COMPARE)
		return refuse(-EINVAL, "elem_flags 0x%llx: only BPF_F_COMPARE is known",
			      (unsigned long long)opts->elem_flags);
	if (opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG)
		return refuse(-EINVAL, "backend %u is unknown", opts->backend);
	if (!opts->elem_flags && (opts->compare || opts->compare_offset || opts->compare_size ||
				  opts->compare_stride || opts->claim || opts->claim_offset ||
				  opts->claim_size || opts->claim_first || opts->claim_last))
		return refuse(-EINVAL,
			      "compare or claim fields without BPF_F_COMPARE in elem_flags");
	batch->backend = opts->backend;
	batch->packed = !opts->compare_stride;
	batch->linked_fd = opts->linked_fd;
	batch->compares = opts->elem_flags;
	job->first.compare = opts->compare;
	job->first.stride = opts->compare_stride;
	job->first.region.offset = opts->compare_offset;
	job->first.region.size = opts->compare_size;
	job->values = opts->values;
	err = read_claim(&job->first.claim, "", opts->claim, opts->claim_offset, opts->claim_size);
	if (!err && opts->elem_flags && batch->target->comparer)
		err = comparer_keeps(batch->target->comparer, &batch->backend, job);
	if (!err)
		err = check_claim(&job->first.claim, "", job->first.region);
	if (!err)
		err = read_linked(job, opts);
	if (!err)
		err = read_range(job, opts);
	if (err)
		return err;
	if (job->values)
		job->asks |= ASKS_VALUE;
	if (job->first.claim.size)
		job->asks |= ASKS_CLAIM;
	job->action = action_of(job, opts->elem_flags);
	return 0;
}

static int delete_natively(const struct target *target, const struct job *job, __u32 i)
{
	return native_delete(target->fd, key_at(target, job, i),
			     job->first.compare + i * job->first.stride, job->first.region);
}

/* Without a condition. */
static int delete_plainly(const struct target *target, const struct job *job, __u32 i)
{
	return progress_plain_error(bpf_map_delete_elem(target->fd, key_at(target, job, i)));
}

/* What is often forgotten: the values of a batched look-up lie apart by more than what is compared of them. */
static void hint_at_stride(const struct batch *batch)
{
	if (batch->packed && batch->progress.total > 1 &&
	    batch->progress.done < batch->progress.total &&
	    batch->job.first.stride < batch->target->info.value_size)
		hint("compare_stride was 0: expected bytes were taken %zu bytes apart, values are "
		     "%u apart",
		     batch->job.first.stride, batch->target->info.value_size);
}

/* What is asked of the first entries, with the map known. */
static int check_first(struct batch *batch)
{
	struct entries *first = &batch->job.first;
	int err;

	if (!batch->compares)
		return map_check_type(batch->target);
	err = map_check_region(batch->target, "compare_", &first->region);
	if (!err)
		err = check_claim(&first->claim, "", first->region);
	if (!err)
		err = read_stride(&first->stride, first->region.size, "compare_",
				  batch->progress.total);
	return err ? err : map_check_type(batch->target);
}

/* What the kernel's own way does not have. */
static const char *beyond_native(const struct job *job)
{
	if (has_links(job))
		return "the native backend knows no linked entries";
	if (job->values)
		return "the native backend hands out no values";
	if (job->first.claim.size)
		return "the native backend knows no claims";
	return NULL;
}

static int delete_if_equal(struct batch *batch)
{
	const struct bpf_map_info *info = &batch->target->info;
	struct job *job = &batch->job;
	const char *beyond = beyond_native(job);
	int err, native = 0;

	err = check_first(batch);
	if (!err)
		err = check_linked(job, batch->target);
	if (!err)
		err = read_stride(&job->linked.stride, job->linked.region.size, "linked_compare_",
				  batch->progress.total);
	if (err)
		return err;
	/* The program may be faster, but the kernel's own way promises more (see the header). */
	if (batch->backend != BPF_MAP_COMPARE_SYSCALL_PROG && !beyond)
		native = native_serves_map(batch->target->fd, info);
	if (native == 1 && !job->first.compare)
		return refuse(-EFAULT, "compare is NULL");
	if (native == 1) {
		err = target_check(batch->target);
		if (err)
			return err;
		err = progress_by_call(&batch->progress, job, batch->target, delete_natively);
		return err ? native_refuse(err, job->first.region) : 0;
	}
	/* The emulation promises less: it does not stand in for what could not be told. */
	if (native < 0)
		return native;
	if (batch->backend == BPF_MAP_COMPARE_NATIVE)
		return refuse(-EOPNOTSUPP, "%s",
			      beyond ? beyond : "the native backend does not serve this map");
	err = emulate_prepare(batch->target, job);
	if (!err)
		err = progress_by_program(&batch->progress, job, batch->target);
	if (!err && batch->compares)
		hint_at_stride(batch);
	return err;
}

static int delete_keys(struct batch *batch)
{
	int err;

	err = map_check_writable(batch->target->fd);
	if (!err)
		err = batch->target->comparer ? target_check(batch->target)
					      : map_info(batch->target->fd, &batch->target->info);
	if (!err)
		err = open_linked(&batch->job, batch->target, &batch->linked_target,
				  batch->linked_fd);
	if (err)
		return err;
	if (!batch->job.first.keys)
		return refuse(-EFAULT, "keys is NULL");
	return batch->job.action == ACTION_PLAIN
		       ? progress_either_way(&batch->progress, &batch->job, batch->target,
					     delete_plainly)
		       : delete_if_equal(batch);
}

int delete_batch(struct target *target, const void *keys, __u32 *count,
		 const struct bpf_map_delete_batch_opts *opts)
{
	struct bpf_map_delete_batch_opts ours;
	struct batch batch;
	int err;

	if (!count)
		return refuse(-EINVAL, "count is NULL");
	memset(&batch, 0, sizeof(batch));
	batch.target = target;
	batch.job.first.keys = keys;
	batch.progress.total = *count;
	*count = 0;
	err = copy_opts(&ours, FIELD_END(struct bpf_map_delete_batch_opts, claim_last), opts,
			"bpf_map_delete_batch_opts");
	if (err)
		return err;
	batch.progress.results = ours.results;
	batch.progress.linked_results = ours.linked_results;
	err = read_batch_opts(&ours, &batch);
	if (!err)
		err = delete_keys(&batch);
	*count = batch.progress.done;
	progress_end(&batch.progress);
	return err;
}

int bpf_map_delete_batch_opts(int fd, const void *keys, __u32 *count,
			      const struct bpf_map_delete_batch_opts *opts)
{
	struct target target = TARGET_BY_FD(fd);
	int cancel_state = enter();

	return leave(cancel_state, delete_batch(&target, keys, count, opts));
}
