// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Where updates come in, of one key or of many: options and map are checked, a way is chosen.
 */
#include <bpf/libbpf.h>
#include "compare_internal.h"
#include "request.h"

#define KERNEL_FLAGS ((__u64)(BPF_NOEXIST | BPF_EXIST))
#define OUR_FLAGS    ((__u64)(BPF_F_COMPARE | BPF_F_IN_PLACE))

/* Whoever updates one key has a batch of one. */
struct updates {
	struct target target;
	struct job job;
	struct update update;
	struct progress progress;
	__u64 flags;
	__u32 backend;
};

static bool is_word(const struct region *written)
{
	return (written->size == sizeof(__u32) || written->size == sizeof(__u64)) &&
	       !(written->offset % written->size);
}

static int check_flags_of_update(const struct bpf_map_update_batch_opts *opts, const char *name)
{
	unsigned long long flags = opts->elem_flags;

	if (flags & ~(KERNEL_FLAGS | OUR_FLAGS))
		return refuse(-EINVAL,
			      "%s 0x%llx: BPF_NOEXIST, BPF_EXIST, BPF_F_COMPARE and BPF_F_IN_PLACE "
			      "alone are known",
			      name, flags);
	if ((flags & KERNEL_FLAGS) == KERNEL_FLAGS || (flags & KERNEL_FLAGS && flags & OUR_FLAGS))
		return refuse(-EINVAL, "%s 0x%llx: BPF_NOEXIST and BPF_EXIST go with no other flag",
			      name, flags);
	if (!(flags & BPF_F_COMPARE) &&
	    (opts->compare || opts->compare_offset || opts->compare_size || opts->compare_stride))
		return refuse(-EINVAL, "compare fields without BPF_F_COMPARE in %s", name);
	if (!(flags & BPF_F_IN_PLACE) && (opts->offset || opts->size || opts->op))
		return refuse(-EINVAL, "offset, size or op without BPF_F_IN_PLACE in %s", name);
	if (!(flags & BPF_F_IN_PLACE) && (opts->claim_first || opts->claim_last))
		return refuse(-EINVAL, "claim_first or claim_last without BPF_F_IN_PLACE in %s",
			      name);
	if (!(flags & OUR_FLAGS) && opts->old)
		return refuse(-EINVAL, "old without BPF_F_COMPARE or BPF_F_IN_PLACE in %s", name);
	return 0;
}

/* What makes sense of a word alone. */
static int check_is_word(const struct job *job, const struct region *written)
{
	if (is_word(written))
		return written->size == sizeof(__u32) && job->claims.first > (__u32)-1
			       ? refuse(-EINVAL, "claim_first 0x%llx: no word of 4 bytes is that",
					(unsigned long long)job->claims.first)
			       : 0;
	if (job->update->op)
		return refuse(-EINVAL,
			      "offset %u, size %u: op %u is for one word, of 4 or 8 bytes at a "
			      "multiple of its size",
			      written->offset, written->size, job->update->op);
	if (job->claims.last)
		return refuse(-EINVAL,
			      "offset %u, size %u: claim_last is for one word, of 4 or 8 bytes at "
			      "a multiple of its size",
			      written->offset, written->size);
	return 0;
}

/* What can be said of the options without the map; what they ask for, where nothing is wrong. */
static int read_update_opts(const struct bpf_map_update_batch_opts *opts, const char *name,
			    struct updates *updates)
{
	struct update *update = &updates->update;
	struct job *job = &updates->job;
	int err;

	err = check_flags_of_update(opts, name);
	if (err)
		return err;
	if (opts->op > BPF_MAP_UPDATE_XOR)
		return refuse(-EINVAL, "op %u is unknown", opts->op);
	if (opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG)
		return refuse(-EINVAL, "backend %u is unknown", opts->backend);
	err = read_claims(&job->claims, opts->claim_first, opts->claim_last);
	if (err)
		return err;
	updates->flags = opts->elem_flags;
	updates->backend = opts->backend;
	update->written.offset = opts->offset;
	update->written.size = opts->size;
	update->op = opts->op;
	update->stride = opts->value_stride;
	/* It is to replace one that was looked at. */
	update->flags = opts->elem_flags & BPF_F_COMPARE ? BPF_EXIST : opts->elem_flags;
	job->action = ACTION_UPDATE;
	job->update = update;
	job->first.compare = opts->compare;
	job->first.stride = opts->compare_stride;
	job->first.region.offset = opts->compare_offset;
	job->first.region.size = opts->compare_size;
	job->values = opts->old;
	return opts->size ? check_is_word(job, &update->written) : 0;
}

/* What the kernel takes for a value: of maps that have one for each CPU, all of those. */
static int full_value_size(const struct bpf_map_info *info, size_t *size)
{
	int cpus = 1;

	*size = info->value_size;
	switch (info->type) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
		cpus = libbpf_num_possible_cpus();
		*size = (size_t)ROUND_UP_8(info->value_size) * (cpus < 0 ? 0 : cpus);
	}
	return cpus < 0 ? cpus : 0;
}

static int check_written(struct updates *updates)
{
	const struct target *target = &updates->target;
	struct region *written = &updates->update.written;
	struct job *job = &updates->job;
	int err;

	err = map_check_region(target, "", written);
	if (!err)
		err = map_first_error(target->fd, check_is_word(job, written));
	if (!err)
		err = map_check_type(target);
	if (!err && written->size <= 2)
		err = refuse_map(target->fd, -EOPNOTSUPP,
				 "size %u: 1 or 2 bytes are not written in place", written->size);
	job->action = is_word(written) ? ACTION_WORD : ACTION_BYTES;
	return err;
}

/* What is asked for, with the map known. */
static int check_update(struct updates *updates)
{
	const struct target *target = &updates->target;
	struct job *job = &updates->job;
	size_t size;
	int err;

	if (!job->first.keys || !updates->update.values)
		return refuse_map(target->fd, -EFAULT, "%s is NULL",
				  job->first.keys ? "the value" : "the key");
	err = updates->flags & BPF_F_COMPARE
		      ? map_check_region(target, "compare_", &job->first.region)
		      : 0;
	if (!err && updates->flags & BPF_F_IN_PLACE)
		err = check_written(updates);
	else if (!err && updates->flags & BPF_F_COMPARE)
		err = map_check_type(target);
	if (!err)
		err = full_value_size(&target->info, &size);
	if (err)
		return err;
	if (updates->update.written.size)
		size = updates->update.written.size;
	if (job->action == ACTION_UPDATE && job->values)
		job->asks |= ASKS_VALUE;
	err = read_stride(&updates->update.stride, size, "value_", updates->progress.total);
	if (!err)
		err = read_stride(&job->first.stride, job->first.region.size, "compare_",
				  updates->progress.total);
	return err;
}

/* Without a condition. */
static int update_plainly(const struct target *target, const struct job *job, __u32 i)
{
	const char *value = job->update->values + (size_t)i * job->update->stride;

	return progress_plain_error(
		bpf_map_update_elem(target->fd, key_at(target, job, i), value, job->update->flags));
}

static int update_keys(struct updates *updates)
{
	const struct target *target = &updates->target;
	int err;

	err = map_info(target->fd, &updates->target.info);
	if (!err)
		err = check_update(updates);
	if (err)
		return err;
	if (!(updates->flags & OUR_FLAGS))
		return progress_either_way(&updates->progress, &updates->job, target,
					   update_plainly);
	if (updates->backend == BPF_MAP_COMPARE_NATIVE)
		return refuse_map(target->fd, -EOPNOTSUPP,
				  "the native backend knows no updates by compare or in place");
	/* All that can go wrong does so before the first key, if there is one. */
	return updates->progress.total
		       ? progress_by_program(&updates->progress, &updates->job, target)
		       : emulate_prepare(target, &updates->job);
}

static void start_updates(struct updates *updates, int fd, const void *keys, const void *values,
			  __u32 total)
{
	memset(updates, 0, sizeof(*updates));
	updates->target.fd = fd;
	updates->job.first.keys = keys;
	updates->update.values = values;
	updates->progress.total = total;
}

/* The fields of both, by those of many. */
static void opts_of_one(struct bpf_map_update_batch_opts *to,
			const struct bpf_map_update_elem_opts *from)
{
	memset(to, 0, sizeof(*to));
	to->elem_flags = from->flags;
	to->compare = from->compare;
	to->old = from->old;
	to->compare_offset = from->compare_offset;
	to->compare_size = from->compare_size;
	to->offset = from->offset;
	to->size = from->size;
	to->op = from->op;
	to->backend = from->backend;
	to->claim_first = from->claim_first;
	to->claim_last = from->claim_last;
}

static int update_elem(int fd, const void *key, const void *value,
		       const struct bpf_map_update_elem_opts *opts)
{
	struct bpf_map_update_elem_opts ours;
	struct bpf_map_update_batch_opts as_batch;
	struct updates updates;
	int err, result = 0;

	start_updates(&updates, fd, key, value, 1);
	updates.progress.results = &result;
	err = copy_opts(&ours, FIELD_END(struct bpf_map_update_elem_opts, claim_last), opts,
			"bpf_map_update_elem_opts");
	if (err)
		return err;
	opts_of_one(&as_batch, &ours);
	err = read_update_opts(&as_batch, "flags", &updates);
	if (!err && !(updates.flags & OUR_FLAGS))
		return bpf_map_update_elem(fd, key, value, updates.flags);
	if (!err)
		err = update_keys(&updates);
	return err ? err : result;
}

int bpf_map_update_elem_opts(int fd, const void *key, const void *value,
			     const struct bpf_map_update_elem_opts *opts)
{
	int cancel_state = enter();

	return leave(cancel_state, update_elem(fd, key, value, opts));
}

static int check_sizes(const struct bpf_map *map, size_t key_sz, size_t value_sz,
		       const struct bpf_map_update_elem_opts *opts)
{
	struct bpf_map_update_elem_opts ours;
	size_t wanted;
	int err;

	if (!map)
		return refuse(-EINVAL, "map is NULL");
	if (key_sz != bpf_map__key_size(map))
		return refuse(-EINVAL, "key_sz %zu is not the key size of map '%s', %u", key_sz,
			      bpf_map__name(map), bpf_map__key_size(map));
	err = copy_opts(&ours, FIELD_END(struct bpf_map_update_elem_opts, claim_last), opts,
			"bpf_map_update_elem_opts");
	if (err)
		return err;
	wanted = ours.size ? ours.size : bpf_map__value_size(map);
	if (value_sz != wanted)
		return refuse(-EINVAL, "value_sz %zu is not what is written to map '%s', %zu",
			      value_sz, bpf_map__name(map), wanted);
	return 0;
}

int bpf_map__update_elem_opts(const struct bpf_map *map, const void *key, size_t key_sz,
			      const void *value, size_t value_sz,
			      const struct bpf_map_update_elem_opts *opts)
{
	int cancel_state = enter(), err;

	err = leave(cancel_state, check_sizes(map, key_sz, value_sz, opts));
	return err ? err : bpf_map_update_elem_opts(bpf_map__fd(map), key, value, opts);
}

static int update_batch(int fd, const void *keys, const void *values, __u32 *count,
			const struct bpf_map_update_batch_opts *opts)
{
	struct bpf_map_update_batch_opts ours;
	struct updates updates;
	int err;

	if (!count)
		return refuse(-EINVAL, "count is NULL");
	start_updates(&updates, fd, keys, values, *count);
	*count = 0;
	err = copy_opts(&ours, FIELD_END(struct bpf_map_update_batch_opts, claim_last), opts,
			"bpf_map_update_batch_opts");
	if (err)
		return err;
	updates.progress.results = ours.results;
	err = read_update_opts(&ours, "elem_flags", &updates);
	if (!err)
		err = map_check_writable(fd);
	if (!err)
		err = update_keys(&updates);
	*count = updates.progress.done;
	progress_end(&updates.progress);
	return err;
}

int bpf_map_update_batch_opts(int fd, const void *keys, const void *values, __u32 *count,
			      const struct bpf_map_update_batch_opts *opts)
{
	int cancel_state = enter();

	return leave(cancel_state, update_batch(fd, keys, values, count, opts));
}
