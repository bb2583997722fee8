// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A map and all that deleting from it takes, in one object that the caller owns.
 */
#include <stdlib.h>
#include "compare_internal.h"

struct bpf_map_comparer {
	int fd;
	struct bpf_map_info info;
	struct lane *lane;
	struct lane *linked_lane; /* together with another map, the last one that was used so */
	struct bpf_map_info linked_info;
	struct turn turn;
	__u64 process; /* that opened it */
	enum bpf_map_compare_guarantee guarantee;
	bool native; /* what serves deletes without a claim */

	/* What all its calls have in common, or 0. */
	__u32 backend;
	struct region region;
	struct claim claim;
};

/* NULL: out of memory. */
struct lane *comparer_lane(struct bpf_map_comparer *comparer, const struct job *job)
{
	const struct target *linked = job->linked_target;

	if (!linked)
		return comparer->lane;
	if (comparer->linked_lane && map_is_same(&comparer->linked_info, &linked->info))
		return comparer->linked_lane;
	if (comparer->linked_lane)
		lane_close(comparer->linked_lane);
	comparer->linked_info = linked->info;
	comparer->linked_lane = lane_open(&comparer->info, &linked->info, false);
	return comparer->linked_lane;
}

static struct target target_of(struct bpf_map_comparer *comparer)
{
	struct target target = { comparer->fd, comparer->info, comparer };

	return target;
}

static bool is_set(struct region region)
{
	return region.offset || region.size;
}

/* A call takes what it leaves out from its comparer, and contradicts it in nothing. */
int comparer_keeps(const struct bpf_map_comparer *comparer, __u32 *backend, struct job *job)
{
	const struct region *region = &comparer->region;
	const struct claim *claim = &comparer->claim;

	if (!*backend)
		*backend = comparer->backend;
	else if (comparer->backend && comparer->backend != *backend)
		return refuse(-EINVAL, "backend %u is not the comparer's, %u", *backend,
			      comparer->backend);
	if (is_set(*region)) {
		if (!is_set(job->first.region))
			job->first.region = *region;
		else if (job->first.region.offset != region->offset ||
			 job->first.region.size != region->size)
			return refuse(-EINVAL,
				      "compare_offset %u, compare_size %u are not the comparer's, "
				      "%u and %u",
				      job->first.region.offset, job->first.region.size,
				      region->offset, region->size);
	}
	if (claim->size) {
		if (!job->first.claim.size)
			job->first.claim = *claim;
		else if (job->first.claim.offset != claim->offset ||
			 job->first.claim.size != claim->size)
			return refuse(
				-EINVAL,
				"claim_offset %u, claim_size %u are not the comparer's, %u and %u",
				job->first.claim.offset, job->first.claim.size, claim->offset,
				claim->size);
	}
	return 0;
}

static int read_comparer_opts(const struct bpf_map_comparer_opts *opts,
			      struct bpf_map_comparer *comparer)
{
	int err;

	if (opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG)
		return refuse(-EINVAL, "backend %u is unknown", opts->backend);
	if (opts->guarantee > BPF_MAP_COMPARE_GUARANTEE_IN_PLACE)
		return refuse(-EINVAL, "guarantee %u is unknown", opts->guarantee);
	comparer->backend = opts->backend;
	comparer->region.offset = opts->compare_offset;
	comparer->region.size = opts->compare_size;
	err = read_claim(&comparer->claim, "", opts->claim, opts->claim_offset, opts->claim_size);
	return err ? err : check_claim(&comparer->claim, "", comparer->region);
}

/*
 * Chooses the backend, and says what is promised with it: never more than the header's table. The
 * emulation promises less than the kernel's own way: it does not stand in for what could not be told.
 */
static int choose_backend(struct bpf_map_comparer *comparer)
{
	int native = 0;

	if (comparer->backend != BPF_MAP_COMPARE_SYSCALL_PROG && !comparer->claim.size)
		native = native_serves_map(comparer->fd, &comparer->info);
	if (native < 0)
		return native;
	if (native == 0 && comparer->backend == BPF_MAP_COMPARE_NATIVE)
		return refuse(-EOPNOTSUPP, comparer->claim.size
						   ? "the native backend knows no claims"
						   : "the native backend does not serve this map");
	comparer->native = native;
	if (native)
		comparer->guarantee = BPF_MAP_COMPARE_GUARANTEE_REPLACING;
	else if (comparer->claim.size && comparer->info.type == BPF_MAP_TYPE_HASH)
		comparer->guarantee = BPF_MAP_COMPARE_GUARANTEE_IN_PLACE;
	else
		comparer->guarantee = BPF_MAP_COMPARE_GUARANTEE_NARROWED;
	return 0;
}

/* Whether the emulation can serve this map; with what a region needs loaded already. */
static int prepare_emulation(struct bpf_map_comparer *comparer)
{
	struct target target = target_of(comparer);
	struct job job;
	struct region region = comparer->region;
	int err;

	if (!is_set(comparer->region))
		return emulate_serves_map(&target);
	err = map_check_region(&target, "compare_", &region);
	if (err)
		return err;
	memset(&job, 0, sizeof(job));
	job.action = comparer->claim.size ? ACTION_CLAIM : ACTION_COMPARE;
	job.first.region = region;
	job.first.claim = comparer->claim;
	/* Nothing is compared with it yet. */
	job.first.compare = "";
	return emulate_prepare(&target, &job);
}

static int open_on(struct bpf_map_comparer *comparer, int fd,
		   const struct bpf_map_comparer_opts *opts, __u32 wanted)
{
	struct target target;
	struct region region;
	int err;

	err = read_comparer_opts(opts, comparer);
	if (err)
		return err;
	comparer->fd = duplicate(fd);
	if (comparer->fd < 0)
		return comparer->fd;
	err = map_info(comparer->fd, &comparer->info);
	if (err) {
		close(comparer->fd);
		comparer->fd = -1;
		return err;
	}
	err = map_check_writable(comparer->fd);
	target = target_of(comparer);
	region = comparer->region;
	if (!err)
		err = map_check_region(&target, "compare_", &region);
	if (!err)
		err = check_claim(&comparer->claim, "", region);
	if (!err)
		err = map_check_type(&target);
	if (!err)
		err = process_number(&comparer->process);
	if (!err)
		err = choose_backend(comparer);
	if (err)
		return err;
	/* From then on its deletes may do with no less. */
	if (wanted == BPF_MAP_COMPARE_GUARANTEE_REPLACING && comparer->native)
		comparer->backend = BPF_MAP_COMPARE_NATIVE;
	if (comparer->guarantee < wanted)
		return refuse(-EOPNOTSUPP, "guarantee %u is wanted, %u is what there is", wanted,
			      comparer->guarantee);
	comparer->lane = lane_open(&comparer->info, NULL, false);
	if (!comparer->lane)
		return -ENOMEM;
	return comparer->native ? 0 : prepare_emulation(comparer);
}

/* As program_close(): nothing is closed but what is known to be ours. */
static void close_map(const struct bpf_map_comparer *comparer)
{
	struct bpf_map_info now;
	int err = -EINTR;

	for (int tries = 0; tries < 3 && err && err != -EBADF && err != -EINVAL; tries++)
		err = map_info(comparer->fd, &now);
	if (!err && map_is_same(&now, &comparer->info))
		close(comparer->fd);
}

static void close_comparer(struct bpf_map_comparer *comparer)
{
	if (comparer->lane)
		lane_close(comparer->lane);
	if (comparer->linked_lane)
		lane_close(comparer->linked_lane);
	if (comparer->fd >= 0)
		close_map(comparer);
	free(comparer);
}

struct bpf_map_comparer *bpf_map_comparer__open(int fd, const struct bpf_map_comparer_opts *opts)
{
	static const struct turn fresh = TURN_INIT;
	struct bpf_map_comparer *comparer = NULL;
	struct bpf_map_comparer_opts ours;
	int err, cancel_state = enter();

	err = copy_opts(&ours, FIELD_END(struct bpf_map_comparer_opts, claim_size), opts,
			"bpf_map_comparer_opts");
	if (!err) {
		comparer = calloc(1, sizeof(*comparer));
		err = comparer ? 0 : -ENOMEM;
	}
	if (!err) {
		comparer->fd = -1;
		comparer->turn = fresh;
		err = open_on(comparer, fd, &ours, ours.guarantee);
	}
	if (err && comparer) {
		close_comparer(comparer);
		comparer = NULL;
	}
	leave(cancel_state, err);
	return comparer;
}

/* A child has no part in its parent's comparers: it shares neither memory nor turns with it. */
static bool is_inherited(const struct bpf_map_comparer *comparer)
{
	__u64 process;

	return process_number(&process) || process != comparer->process;
}

static int check_owner(const struct bpf_map_comparer *comparer)
{
	if (!comparer)
		return refuse(-EINVAL, "comparer is NULL");
	return is_inherited(comparer)
		       ? refuse(-ESTALE, "this comparer is another process', which forked this one")
		       : 0;
}

int bpf_map_comparer__delete(struct bpf_map_comparer *comparer, const void *key,
			     const struct bpf_map_delete_elem_opts *opts)
{
	int err, cancel_state = enter();

	err = check_owner(comparer);
	if (!err) {
		struct target target = target_of(comparer);

		turn_take(&comparer->turn);
		err = delete_elem(&target, key, opts);
		turn_pass(&comparer->turn);
	}
	return leave(cancel_state, err);
}

int bpf_map_comparer__delete_batch(struct bpf_map_comparer *comparer, const void *keys,
				   __u32 *count, const struct bpf_map_delete_batch_opts *opts)
{
	int err, cancel_state = enter();

	err = check_owner(comparer);
	if (!err) {
		struct target target = target_of(comparer);

		turn_take(&comparer->turn);
		err = delete_batch(&target, keys, count, opts);
		turn_pass(&comparer->turn);
	} else if (count) {
		*count = 0;
	}
	return leave(cancel_state, err);
}

enum bpf_map_compare_guarantee bpf_map_comparer__guarantee(const struct bpf_map_comparer *comparer)
{
	return comparer ? comparer->guarantee : BPF_MAP_COMPARE_GUARANTEE_ANY;
}

static void give_up(struct lane **lane)
{
	if (*lane) {
		lane_disown(*lane);
		lane_free(*lane);
		*lane = NULL;
	}
}

void bpf_map_comparer__close(struct bpf_map_comparer *comparer)
{
	int saved = errno, cancel_state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	if (comparer) {
		/* In a child the memory that it shared is not mapped. */
		if (is_inherited(comparer)) {
			give_up(&comparer->lane);
			give_up(&comparer->linked_lane);
		}
		close_comparer(comparer);
	}
	leave(cancel_state, 0);
	errno = saved;
}
