// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Where the delete of one key comes in: its options and its map are checked, a backend is chosen.
 */
#include <bpf/libbpf.h>
#include "compare_internal.h"

/* What can be said of the options without the map; what they ask for, where nothing is wrong. */
static int read_opts(const struct target *target, const struct bpf_map_delete_elem_opts *opts,
		     struct job *job, __u32 *backend)
{
	int err;

	if (opts->flags & ~(__u64)BPF_F_COMPARE)
		return refuse(-EINVAL, "flags 0x%llx: only BPF_F_COMPARE is known",
			      (unsigned long long)opts->flags);
	if (opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG)
		return refuse(-EINVAL, "backend %u is unknown", opts->backend);
	if (!opts->flags && (opts->compare || opts->compare_offset || opts->compare_size ||
			     opts->claim || opts->claim_offset || opts->claim_size))
		return refuse(-EINVAL, "compare or claim fields without BPF_F_COMPARE in flags");
	*backend = opts->backend;
	job->first.compare = opts->compare;
	job->first.region.offset = opts->compare_offset;
	job->first.region.size = opts->compare_size;
	err = read_claim(&job->first.claim, "", opts->claim, opts->claim_offset, opts->claim_size);
	if (!err && opts->flags && target->comparer)
		err = comparer_keeps(target->comparer, backend, job);
	if (!err)
		err = check_claim(&job->first.claim, "", job->first.region);
	if (!err && claim_is_expected(&job->first.claim, job->first.region, job->first.compare))
		err = refuse(-EINVAL, "the claim equals the expected word");
	if (opts->flags)
		job->action = job->first.claim.size ? ACTION_CLAIM : ACTION_COMPARE;
	return err;
}

/* What is wrong with the call, or with what the emulation is asked for. */
static int check(const struct target *target, struct job *job)
{
	int err;

	if (!job->first.keys)
		return refuse_map(target->fd, -EFAULT, "key is NULL");
	err = map_check_region(target, "compare_", &job->first.region);
	if (err)
		return err;
	err = check_claim(&job->first.claim, "", job->first.region);
	if (!err && claim_is_expected(&job->first.claim, job->first.region, job->first.compare))
		err = refuse(-EINVAL, "the claim equals the expected word");
	return err ? map_first_error(target->fd, err) : map_check_type(target);
}

static int emulate_one(const struct target *target, const struct job *job, int *result)
{
	struct answer answer;
	__u32 count = 1;
	int err;

	err = emulate_run(target, job, 0, &count, &answer);
	*result = err ? err : answer.result;
	return err;
}

static int delete_by_compare(const struct target *target, struct job *job, __u32 backend)
{
	int err, native = 0, result = 0;

	/* The kernel knows no claims. */
	if (backend != BPF_MAP_COMPARE_SYSCALL_PROG && !job->first.claim.size)
		native = native_probe(target->info.type);
	if (native == 1) {
		err = target_check(target);
		if (err)
			return err;
		/* The kernel does the checks below itself, in the same order. */
		err = native_delete(target->fd, job->first.keys, job->first.compare,
				    job->first.region);
		if (err != -EOPNOTSUPP || backend == BPF_MAP_COMPARE_NATIVE)
			return native_refuse(err, job->first.region);
	}
	err = check(target, job);
	/* The emulation promises less: it does not stand in for what could not be told. */
	if (!err && native < 0)
		err = native;
	if (!err && backend == BPF_MAP_COMPARE_NATIVE)
		err = refuse_map(target->fd, -EOPNOTSUPP,
				 job->first.claim.size
					 ? "the native backend knows no claims"
					 : "the native backend does not serve this map");
	if (!err)
		err = emulate_one(target, job, &result);
	if (!err && result == -EPERM)
		return refuse(result, "the map is frozen");
	return err ? err : result;
}

int delete_elem(struct target *target, const void *key, const struct bpf_map_delete_elem_opts *opts)
{
	struct bpf_map_delete_elem_opts ours;
	struct job job;
	__u32 backend;
	int err;

	memset(&job, 0, sizeof(job));
	job.first.keys = key;
	err = copy_opts(&ours, FIELD_END(struct bpf_map_delete_elem_opts, backend), opts,
			"bpf_map_delete_elem_opts");
	if (!err)
		err = read_opts(target, &ours, &job, &backend);
	if (err)
		return err;
	if (job.action == ACTION_PLAIN) {
		err = target_check(target);
		return err ? err : bpf_map_delete_elem(target->fd, key);
	}
	err = target->comparer ? 0 : map_info(target->fd, &target->info);
	return err ? err : delete_by_compare(target, &job, backend);
}

int bpf_map_delete_elem_opts(int fd, const void *key, const struct bpf_map_delete_elem_opts *opts)
{
	struct target target = TARGET_BY_FD(fd);
	int cancel_state = enter();

	return leave(cancel_state, delete_elem(&target, key, opts));
}

int bpf_map__delete_elem_opts(const struct bpf_map *map, const void *key, size_t key_sz,
			      const struct bpf_map_delete_elem_opts *opts)
{
	int cancel_state = enter(), err = 0;

	if (!map)
		err = refuse(-EINVAL, "map is NULL");
	else if (key_sz != bpf_map__key_size(map))
		err = refuse(-EINVAL, "key_sz %zu is not the key size of map '%s', %u", key_sz,
			     bpf_map__name(map), bpf_map__key_size(map));
	leave(cancel_state, err);
	return err ? err : bpf_map_delete_elem_opts(bpf_map__fd(map), key, opts);
}
