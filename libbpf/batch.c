// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Where the delete of many keys comes in: options and map are checked, a way is chosen, and the keys
 * go that way until all are done or one fails for a reason that is not its own.
 */
#include "compare_internal.h"
#include "emulate.h"

struct batch {
	int fd;
	struct bpf_map_info info;
	struct deletion deletion;
	__u32 backend;
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
		return -EINVAL;
	if (opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG)
		return -EINVAL;
	if (!opts->elem_flags &&
	    (opts->compare || opts->compare_offset || opts->compare_size || opts->compare_stride ||
	     opts->claim || opts->claim_offset || opts->claim_size))
		return -EINVAL;
	batch->backend = opts->backend;
	deletion->conditional = opts->elem_flags;
	deletion->compare = opts->compare;
	deletion->stride = opts->compare_stride;
	deletion->region = (struct region){ opts->compare_offset, opts->compare_size };
	err = read_claim(&deletion->claim, opts->claim, opts->claim_offset, opts->claim_size);
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
	return batch->deletion.keys + (size_t)batch->reached * batch->info.key_size;
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
		err = native_delete(batch->fd, current_key(batch),
				    deletion->compare + batch->reached * deletion->stride,
				    deletion->region);
		if (is_lock_error(err))
			err = -EAGAIN;
		if (!is_result(err))
			return err;
		set_result(batch, err);
	}
	return 0;
}

/* Without a condition: one system call a key. */
static int delete_plainly(struct batch *batch)
{
	int err;

	while (batch->reached < batch->total) {
		err = bpf_map_delete_elem(batch->fd, current_key(batch));
		/* As everywhere but in the kernel's own calls: -EBUSY means "differs" alone. */
		if (err == -EBUSY || is_lock_error(err))
			err = -EAGAIN;
		if (!is_result(err))
			return err;
		set_result(batch, err);
	}
	return 0;
}

/* That fd still is the map it was, and may still be written: a batch can take its time. */
static int check_again(const struct batch *batch)
{
	struct bpf_map_info now;
	int err;

	err = map_check_writable(batch->fd);
	if (!err)
		err = map_info(batch->fd, &now);
	if (!err && now.id != batch->info.id)
		err = -EBADF;
	return err;
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
		err = emulate_delete(batch->fd, &batch->info, &batch->deletion, batch->reached,
				     &count, results);
		if (err)
			return err;
		for (__u32 i = 0; i < count; i++)
			set_result(batch, results[i]);
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
		return -EINVAL;
	return 0;
}

static int delete_if_equal(struct batch *batch)
{
	struct deletion *deletion = &batch->deletion;
	int err, native = 0;

	err = map_check_region(&batch->info, &deletion->region);
	if (!err)
		err = check_claim(&deletion->claim, deletion->region);
	if (!err)
		err = check_stride(batch);
	if (err)
		return err;
	if (!map_type_serves(batch->info.type))
		return -EOPNOTSUPP;
	/*
	 * The program may be faster, but the kernel's own way promises more (see the header), unless
	 * there is a claim, of which the kernel knows nothing.
	 */
	if (batch->backend != BPF_MAP_COMPARE_SYSCALL_PROG && !deletion->claim.size)
		native = native_serves_map(batch->fd, &batch->info);
	if (native == 1)
		return deletion->compare ? delete_natively(batch) : -EFAULT;
	/* The emulation promises less: it does not stand in for what could not be told. */
	if (native < 0)
		return native;
	if (batch->backend == BPF_MAP_COMPARE_NATIVE)
		return -EOPNOTSUPP;
	err = emulate_prepare(batch->fd, &batch->info, deletion);
	return err ? err : delete_by_program(batch);
}

static int delete_regardless(struct batch *batch)
{
	/* Only a faster way to the same: where it is not to be had, there is the other. */
	if (emulate_prepare(batch->fd, &batch->info, &batch->deletion))
		return delete_plainly(batch);
	return delete_by_program(batch);
}

static int delete_batch(struct batch *batch)
{
	int err;

	err = map_check_writable(batch->fd);
	if (!err)
		err = map_info(batch->fd, &batch->info);
	if (err)
		return err;
	if (!batch->deletion.keys)
		return -EFAULT;
	return batch->deletion.conditional ? delete_if_equal(batch) : delete_regardless(batch);
}

int bpf_map_delete_batch_opts(int fd, const void *keys, __u32 *count,
			      const struct bpf_map_delete_batch_opts *opts)
{
	struct bpf_map_delete_batch_opts ours;
	struct batch batch = { .fd = fd, .deletion.keys = keys };
	int err, cancel_state;

	if (!count)
		return set_errno(-EINVAL);
	batch.total = *count;
	*count = 0;
	err = copy_opts(&ours, offsetof(typeof(ours), results) + sizeof(ours.results), opts);
	if (err)
		return set_errno(err);
	batch.results = ours.results;
	cancel_state = enter();
	err = read_batch_opts(&ours, &batch);
	if (!err)
		err = delete_batch(&batch);
	*count = batch.deleted;
	for (__u32 i = batch.reached; batch.results && i < batch.total; i++)
		batch.results[i] = -ECANCELED;
	return leave(cancel_state, err);
}
