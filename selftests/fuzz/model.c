// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * See model.h.
 */
#include <string.h>
#include "model.h"

/* The call as far as its options reach, which may have been cut off in the middle of a field. */
static int read_options(const struct call *call, const void *opts, struct call *seen)
{
	struct bpf_map_delete_batch_opts batch = {};
	struct bpf_map_delete_elem_opts one = {};
	size_t known = call->batch ? BATCH_OPTS_KNOWN : ELEM_OPTS_KNOWN;
	const char *bytes = opts;

	*seen = *call;
	if (call->sz < sizeof(size_t) || call->sz > OPTS_SIZE_MAX)
		return -EINVAL;
	for (size_t i = known; i < call->sz; i++)
		if (bytes[i])
			return -EINVAL;
	memcpy(call->batch ? (void *)&batch : &one, opts, call->sz < known ? call->sz : known);
	seen->flags = call->batch ? batch.elem_flags : one.flags;
	seen->compare = call->batch ? batch.compare : one.compare;
	seen->offset = call->batch ? batch.compare_offset : one.compare_offset;
	seen->size = call->batch ? batch.compare_size : one.compare_size;
	seen->stride = batch.compare_stride;
	seen->claim = call->batch ? batch.claim : one.claim;
	seen->claim_offset = call->batch ? batch.claim_offset : one.claim_offset;
	seen->claim_size = call->batch ? batch.claim_size : one.claim_size;
	seen->backend = call->batch ? batch.backend : one.backend;
	seen->results = batch.results;
	return 0;
}

static bool carries_claim(const struct call *call, const unsigned char *compare)
{
	return call->claim && compare &&
	       !memcmp(compare + (call->claim_offset - call->offset), call->claim,
		       call->claim_size);
}

static bool claim_is_inside(const struct call *call)
{
	return call->claim_offset >= call->offset &&
	       (!call->size ||
		(__u64)call->claim_offset + call->claim_size <= (__u64)call->offset + call->size);
}

/* What can be said of the options by themselves. */
static int check_options(const struct call *call)
{
	bool any = call->compare || call->offset || call->size || call->claim ||
		   call->claim_offset || call->claim_size || (call->batch && call->stride);

	if (call->flags & ~(__u64)BPF_F_COMPARE || call->backend > BPF_MAP_COMPARE_SYSCALL_PROG ||
	    (!call->flags && any))
		return -EINVAL;
	if (!call->claim)
		return call->claim_offset || call->claim_size ? -EINVAL : 0;
	if ((call->claim_size != 4 && call->claim_size != 8) ||
	    call->claim_offset % call->claim_size || !claim_is_inside(call))
		return -EINVAL;
	return !call->batch && call->size && carries_claim(call, call->compare) ? -EINVAL : 0;
}

/* What the map has to do with it; the region's size is known then. */
static int check_map(struct call *call)
{
	const struct target *target = call->target;

	if (target->error)
		return target->error;
	if (!call->keys_at)
		return -EFAULT;
	if (!call->flags)
		return 0;
	if (!call->size)
		call->size = VALUE_SIZE;
	if ((__u64)call->offset + call->size > VALUE_SIZE)
		return -EINVAL;
	if (call->claim &&
	    (!claim_is_inside(call) || (!call->batch && carries_claim(call, call->compare))))
		return -EINVAL;
	if (!target->serves || call->backend == BPF_MAP_COMPARE_NATIVE)
		return -EOPNOTSUPP;
	return call->compare ? 0 : -EFAULT;
}

static int result_of(const struct call *call, __u32 i, bool *there)
{
	const unsigned char *compare = call->compare;
	__u32 key = call->keys_at[i];

	/* An array's elements cannot be deleted. */
	if (!call->target->serves)
		return -EINVAL;
	if (call->flags) {
		compare += (size_t)i * (call->stride ? call->stride : call->size);
		if (there[key] && (carries_claim(call, compare) ||
				   memcmp(compare, call->value + call->offset, call->size)))
			return -EBUSY;
	}
	if (!there[key])
		return -ENOENT;
	there[key] = false;
	return 0;
}

void predict(const struct call *call, const void *opts, struct answer *answer)
{
	struct call seen;
	int result;

	for (__u32 key = 0; key < KEYS; key++)
		answer->there[key] = key < KEYS - 1;
	answer->err = read_options(call, opts, &seen);
	if (answer->err)
		return;
	for (__u32 i = 0; i < KEYS_MAX; i++)
		answer->results[i] = -ECANCELED;
	answer->has_results = call->batch && seen.results;
	answer->err = check_options(&seen);
	if (!answer->err)
		answer->err = check_map(&seen);
	for (__u32 i = 0; !answer->err && i < call->keys; i++) {
		result = result_of(&seen, i, answer->there);
		/* What is not about its key ends a batch; one key's result is the answer. */
		if (!call->batch || result == -EINVAL) {
			answer->err = result;
			break;
		}
		answer->results[i] = result;
		answer->deleted += !result;
	}
}
