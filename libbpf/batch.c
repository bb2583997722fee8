// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Where the delete of many keys comes in: options and map are checked, a way is chosen, and the keys
 * go that way until all are done or one fails for a reason that is not its own.
 */
#include "compare_internal.h"

struct batch {
	struct target *target;
	struct deletion deletion;
	__u32 backend;
	bool packed; /* no stride was given */
	__u32 total;
	__u32 reached; /* keys that have their result */
	__u32 deleted;
	int *results; /* the caller's, or NULL */
};

/* What can be said of the options without the map; what they ask for, where nothing is wrong. */
static int read_batch_opts(const struct bpf_map_delete_batch_opts *opts, struct batch *batch)
{
	struct deletion *deletion = &batch->deletion;
	int err;

	if (opts->elem_flags & ~(__u64)BPF_F_COMPARE)
		return refuse(-EINVAL, "elem_flags 0x%llx: only BPF_F_COMPARE is known",
			      (unsigned long long)opts->elem_flags);
	if (opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG)
		return refuse(-EINVAL, "backend %u is unknown", opts->backend);
	if (!opts->elem_flags &&
	    (opts->compare || opts->compare_offset || opts->compare_size || opts->compare_stride ||
	     opts->claim || opts->claim_offset || opts->claim_size))
		return refuse(-EINVAL,
			      "compare or claim fields without BPF_F_COMPARE in elem_flags");
	batch->backend = opts->backend;
	batch->packed = !opts->compare_stride;
	deletion->compare = opts->compare;
	deletion->stride = opts->compare_stride;
	deletion->region.offset = opts->compare_offset;
	deletion->region.size = opts->compare_size;
	err = read_claim(&deletion->claim, opts->claim, opts->claim_offset, opts->claim_size);
	if (!err && opts->elem_flags && batch->target->comparer)
		err = comparer_keeps(batch->target->comparer, &batch->backend, deletion);
	if (opts->elem_flags)
		deletion->action = deletion->claim.size ? ACTION_CLAIM : ACTION_COMPARE;
	return err ? err : check_claim(&deletion->claim, deletion->region);
}

static void set_result(struct batch *batch, int result)
{
	if (batch->results)
		batch->results[batch->reached] = result;
	batch->reached++;
	batch->deleted += !result;
}

/* Whether a delete's answer is about its key, so that the other keys can go on. */
static bool is_result(int err)
{
	return !err || err == -EBUSY || err == -ENOENT || err == -EAGAIN;
}

static const char *current_key(const struct batch *batch)
{
	return batch->deletion.keys + (size_t)batch->reached * batch->target->info.key_size;
}

/* That the kernel could not take a lock, which is about the key too. */
static bool is_lock_error(int err)
{
	return err == -EDEADLK || err == -ETIMEDOUT;
}

static int delete_natively(struct batch *batch)
{
	const struct deletion *deletion = &batch->deletion;
	int err;

	while (batch->reached < batch->total) {
		err = native_delete(batch->target->fd, current_key(batch),
				    deletion->compare + batch->reached * deletion->stride,
				    deletion->region);
		if (is_lock_error(err))
			err = -EAGAIN;
		if (!is_result(err))
			return native_refuse(err, deletion->region);
		set_result(batch, err);
	}
	return 0;
}

/* Without a condition: one system call a key. */
static int delete_plainly(struct batch *batch, int fd)
{
	int err;

	while (batch->reached < batch->total) {
		err = bpf_map_delete_elem(fd, current_key(batch));
		/* As everywhere but in the kernel's own calls: -EBUSY means "differs" alone. */
		if (err == -EBUSY || is_lock_error(err))
			err = -EAGAIN;
		if (!is_result(err))
			return err;
		set_result(batch, err);
	}
	return 0;
}

/* The caller's fd still has to be the map it was: a batch can take its time. */
static int check_again(const struct batch *batch)
{
	const struct target *target = batch->target;

	return target->comparer ? 0 : map_check_same(target->fd, &target->info);
}

static int delete_by_program(struct batch *batch)
{
	int results[RUN_KEYS_MAX], err;
	__u32 count;

	while (batch->reached < batch->total) {
		err = batch->reached ? check_again(batch) : 0;
		if (err)
			return err;
		count = batch->total - batch->reached;
		err = emulate_delete(batch->target, &batch->deletion, batch->reached, &count,
				     results);
		if (err)
			return err;
		for (__u32 i = 0; i < count; i++) {
			/* Of the map, not of the key: it was frozen meanwhile, say. */
			if (!is_result(results[i]))
				err = results[i];
			set_result(batch, is_result(results[i]) ? results[i] : -ECANCELED);
		}
		if (err)
			return err == -EPERM ? refuse(err, "the map was frozen meanwhile") : err;
	}
	return 0;
}

/* That the last key's expected bytes are at an address, and not past all of them. */
static int check_stride(struct batch *batch)
{
	struct deletion *deletion = &batch->deletion;
	size_t last;

	if (!deletion->stride)
		deletion->stride = deletion->region.size;
	if (batch->total &&
	    __builtin_mul_overflow(deletion->stride, (size_t)batch->total - 1, &last))
		return refuse(-EINVAL, "compare_stride %zu times %u keys is past all memory",
			      deletion->stride, batch->total);
	return 0;
}

/* What is often forgotten: the values of a batched look-up lie apart by more than what is compared of them. */
static void hint_at_stride(const struct batch *batch)
{
	if (batch->packed && batch->total > 1 && batch->deleted < batch->total &&
	    batch->deletion.stride < batch->target->info.value_size)
		hint("compare_stride was 0: expected bytes were taken %zu bytes apart, values are "
		     "%u apart",
		     batch->deletion.stride, batch->target->info.value_size);
}

static int delete_if_equal(struct batch *batch)
{
	const struct bpf_map_info *info = &batch->target->info;
	struct deletion *deletion = &batch->deletion;
	int err, native = 0;

	err = map_check_region(batch->target, &deletion->region);
	if (!err)
		err = check_claim(&deletion->claim, deletion->region);
	if (!err)
		err = check_stride(batch);
	if (!err)
		err = map_check_type(batch->target);
	if (err)
		return err;
	/*
	 * The program may be faster, but the kernel's own way promises more (see the header), unless
	 * there is a claim, of which the kernel knows nothing.
	 */
	if (batch->backend != BPF_MAP_COMPARE_SYSCALL_PROG && !deletion->claim.size)
		native = native_serves_map(batch->target->fd, info);
	if (native == 1 && !deletion->compare)
		return refuse(-EFAULT, "compare is NULL");
	if (native == 1) {
		err = target_check(batch->target);
		return err ? err : delete_natively(batch);
	}
	/* The emulation promises less: it does not stand in for what could not be told. */
	if (native < 0)
		return native;
	if (batch->backend == BPF_MAP_COMPARE_NATIVE)
		return refuse(-EOPNOTSUPP, deletion->claim.size
						   ? "the native backend knows no claims"
						   : "the native backend does not serve this map");
	err = emulate_prepare(batch->target, deletion);
	if (!err)
		err = delete_by_program(batch);
	if (!err)
		hint_at_stride(batch);
	return err;
}

static int delete_regardless(struct batch *batch)
{
	bool printing;
	int err, fd;

	/* Only a faster way to the same: where it is not to be had, there is the other. */
	printing = print_reasons(false);
	err = emulate_prepare(batch->target, &batch->deletion);
	print_reasons(printing);
	if (!err)
		return delete_by_program(batch);
	/* Should the caller's fd become another map meanwhile, this one does not. */
	fd = duplicate(batch->target->fd);
	if (fd < 0)
		return fd;
	err = map_check_same(fd, &batch->target->info);
	if (!err)
		err = delete_plainly(batch, fd);
	close(fd);
	return err;
}

static int delete_keys(struct batch *batch)
{
	int err;

	err = map_check_writable(batch->target->fd);
	if (!err)
		err = batch->target->comparer ? target_check(batch->target)
					      : map_info(batch->target->fd, &batch->target->info);
	if (err)
		return err;
	if (!batch->deletion.keys)
		return refuse(-EFAULT, "keys is NULL");
	return batch->deletion.action == ACTION_PLAIN ? delete_regardless(batch)
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
	batch.deletion.keys = keys;
	batch.total = *count;
	*count = 0;
	err = copy_opts(&ours, FIELD_END(struct bpf_map_delete_batch_opts, results), opts,
			"bpf_map_delete_batch_opts");
	if (err)
		return err;
	batch.results = ours.results;
	err = read_batch_opts(&ours, &batch);
	if (!err)
		err = delete_keys(&batch);
	*count = batch.deleted;
	for (__u32 i = batch.reached; batch.results && i < batch.total; i++)
		batch.results[i] = -ECANCELED;
	return err;
}

int bpf_map_delete_batch_opts(int fd, const void *keys, __u32 *count,
			      const struct bpf_map_delete_batch_opts *opts)
{
	struct target target = TARGET_BY_FD(fd);
	int cancel_state = enter();

	return leave(cancel_state, delete_batch(&target, keys, count, opts));
}
