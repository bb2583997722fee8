// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * See update_model.h.
 */
#include <string.h>
#include "update_model.h"

#define OURS ((__u64)(BPF_F_COMPARE | BPF_F_IN_PLACE))

static bool compares(const struct update_call *call)
{
	return call->opts.elem_flags & BPF_F_COMPARE;
}

static bool is_in_place(const struct update_call *call)
{
	return call->opts.elem_flags & BPF_F_IN_PLACE;
}

static bool is_plain(const struct update_call *call)
{
	return !(call->opts.elem_flags & OURS);
}

static __u32 region_size(const struct update_call *call)
{
	return call->opts.compare_size ? call->opts.compare_size : VALUE_SIZE;
}

size_t update_written_size(const struct update_call *call)
{
	if (call->opts.size)
		return call->opts.size;
	return is_plain(call) ? call->target->full : VALUE_SIZE;
}

static bool is_word(__u32 offset, __u32 size)
{
	return (size == 4 || size == 8) && offset % size == 0;
}

/* What makes sense of a word alone, or of this one not. */
static bool asks_too_much(const struct bpf_map_update_batch_opts *opts, __u32 size)
{
	if (is_word(opts->offset, size))
		return size == 4 && opts->claim_first > 0xffffffff;
	return opts->op || opts->claim_last;
}

/* What can be said of the options by themselves. */
static int check_options(const struct update_call *call)
{
	const struct bpf_map_update_batch_opts *opts = &call->opts;
	__u64 kernel = opts->elem_flags & (BPF_NOEXIST | BPF_EXIST);

	if (opts->elem_flags & ~(OURS | kernel) || kernel == (BPF_NOEXIST | BPF_EXIST) ||
	    (kernel && !is_plain(call)))
		return -EINVAL;
	if (!compares(call) &&
	    (opts->compare || opts->compare_offset || opts->compare_size || opts->compare_stride))
		return -EINVAL;
	if (!is_in_place(call) &&
	    (opts->offset || opts->size || opts->op || opts->claim_first || opts->claim_last))
		return -EINVAL;
	if ((is_plain(call) && opts->old) || opts->op > BPF_MAP_UPDATE_XOR ||
	    opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG || opts->claim_first > opts->claim_last)
		return -EINVAL;
	return opts->size && asks_too_much(opts, opts->size) ? -EINVAL : 0;
}

static bool is_past_end(__u32 offset, __u32 size)
{
	return (__u64)offset + size > VALUE_SIZE;
}

static bool is_over_lock(const struct update_call *call, __u32 offset, __u32 size)
{
	return call->target->kind == LOCKED && offset < LOCK_OFFSET + LOCK_SIZE &&
	       offset + size > LOCK_OFFSET;
}

/* What the map has to do with it. */
static int check_map(const struct update_call *call)
{
	const struct bpf_map_update_batch_opts *opts = &call->opts;
	enum kind kind = call->target->kind;
	__u32 written = opts->size ? opts->size : VALUE_SIZE;

	if (call->target->error)
		return call->target->error;
	if (!call->keys_at || !call->values_at)
		return -EFAULT;
	if (is_plain(call))
		return 0;
	if (compares(call) && is_past_end(opts->compare_offset, region_size(call)))
		return -EINVAL;
	if (is_in_place(call) &&
	    (is_past_end(opts->offset, written) || asks_too_much(opts, written)))
		return -EINVAL;
	if (kind != HASHES && kind != LOCKED)
		return -EOPNOTSUPP;
	if (is_in_place(call) && (written < 3 || is_over_lock(call, opts->offset, written) ||
				  (kind != LOCKED && !is_word(opts->offset, written))))
		return -EOPNOTSUPP;
	if (opts->backend == BPF_MAP_COMPARE_NATIVE)
		return -EOPNOTSUPP;
	if (compares(call) && is_over_lock(call, opts->compare_offset, region_size(call)))
		return -EOPNOTSUPP;
	return compares(call) && !opts->compare ? -EFAULT : 0;
}

static __u64 word_at(const unsigned char *at, __u32 size)
{
	__u32 half;
	__u64 word;

	if (size == 8)
		return memcpy(&word, at, 8), word;
	return memcpy(&half, at, 4), half;
}

static __u64 apply(__u32 op, __u64 word, __u64 by, __u32 size)
{
	__u64 to = op == BPF_MAP_UPDATE_ADD   ? word + by
		   : op == BPF_MAP_UPDATE_AND ? word & by
		   : op == BPF_MAP_UPDATE_OR  ? word | by
		   : op == BPF_MAP_UPDATE_XOR ? word ^ by
					      : by;

	return size == 8 ? to : (__u32)to;
}

static bool is_claim(const struct bpf_map_update_batch_opts *opts, __u64 word)
{
	return opts->claim_last && word >= opts->claim_first && word <= opts->claim_last;
}

static int change_word(const struct update_call *call, unsigned char *at, const unsigned char *by)
{
	__u32 size = update_written_size(call), half;
	__u64 word = word_at(at, size), to;

	to = apply(call->opts.op, word, word_at(by, size), size);
	if (is_claim(&call->opts, word) || is_claim(&call->opts, to))
		return -EBUSY;
	half = to;
	memcpy(at, size == 8 ? (void *)&to : &half, size);
	return 0;
}

/* As the kernel's own update. */
static int put_all(const struct update_call *call, struct update_entries *entries, __u32 key,
		   const unsigned char *value)
{
	__u64 flags = call->opts.elem_flags & (BPF_NOEXIST | BPF_EXIST);
	const struct update_target *target = call->target;
	__u32 there = 0;

	if (target->kind == INDEXED && key >= target->room)
		return -E2BIG;
	for (__u32 i = 0; i < UPDATE_KEYS; i++)
		there += entries->there[i];
	if (entries->there[key] && flags == BPF_NOEXIST)
		return -EEXIST;
	if (!entries->there[key] && flags == BPF_EXIST)
		return -ENOENT;
	if (!entries->there[key] && target->room && there >= target->room)
		return -E2BIG;
	entries->there[key] = true;
	memcpy(entries->values[key], value, target->full);
	/* That is the kernel's own. */
	if (target->kind == LOCKED)
		memset(entries->values[key] + LOCK_OFFSET, 0, LOCK_SIZE);
	return 0;
}

static int update_one(const struct update_call *call, struct update_entries *entries, __u32 i,
		      unsigned char *old)
{
	const struct bpf_map_update_batch_opts *opts = &call->opts;
	size_t size = update_written_size(call), region = region_size(call);
	const unsigned char *by =
		call->values_at + i * (opts->value_stride ? (size_t)opts->value_stride : size);
	__u32 key = call->keys_at[i];
	unsigned char *value = entries->values[key];
	int err = 0;

	if (is_plain(call))
		return put_all(call, entries, key, by);
	if (!entries->there[key])
		return -ENOENT;
	if (compares(call) &&
	    memcmp((const char *)opts->compare +
			   i * (opts->compare_stride ? (size_t)opts->compare_stride : region),
		   value + opts->compare_offset, region))
		return -EBUSY;
	memcpy(old, value + opts->offset, size);
	if (!is_in_place(call))
		return put_all(call, entries, key, by);
	if (is_word(opts->offset, size))
		err = change_word(call, value + opts->offset, by);
	else
		memcpy(value + opts->offset, by, size);
	return err;
}

void predict_update(const struct update_call *call, struct update_entries *entries,
		    struct update_answer *answer)
{
	int result;

	if (call->sz && (call->sz < sizeof(size_t) || call->sz > OPTS_SIZE_MAX || call->padding)) {
		answer->err = -EINVAL;
		return;
	}
	for (__u32 i = 0; i < KEYS_MAX; i++)
		answer->results[i] = -ECANCELED;
	answer->has_results = call->batch && call->opts.results;
	answer->err = check_options(call);
	if (!answer->err)
		answer->err = check_map(call);
	for (__u32 i = 0; !answer->err && i < call->keys; i++) {
		result = update_one(call, entries, i, answer->old[i]);
		answer->results[i] = result;
		answer->updated += !result;
		if (!call->batch) {
			answer->err = result;
			break;
		}
	}
}
