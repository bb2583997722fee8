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
	seen->values = batch.values;
	seen->claim_first = batch.claim_first;
	seen->claim_last = batch.claim_last;
	seen->linked.keys_at = batch.linked_keys;
	seen->linked.compare = batch.linked_compare;
	seen->linked.claim = batch.linked_claim;
	seen->linked.results = batch.linked_results;
	seen->linked.fd = batch.linked_fd;
	seen->linked.flags = batch.linked_flags;
	seen->linked.offset = batch.linked_compare_offset;
	seen->linked.size = batch.linked_compare_size;
	seen->linked.stride = batch.linked_compare_stride;
	seen->linked.claim_offset = batch.linked_claim_offset;
	seen->linked.claim_size = batch.linked_claim_size;
	if (!batch.linked_fd)
		seen->linked.target = call->target;
	return 0;
}

static __u64 word_at(const void *at, __u32 size)
{
	__u32 half;
	__u64 word;

	memcpy(&half, at, sizeof(half));
	if (size == sizeof(half))
		return half;
	memcpy(&word, at, sizeof(word));
	return word;
}

static bool is_claim(const struct call *call, const void *claim, __u64 word, __u32 size)
{
	return word == word_at(claim, size) ||
	       (call->claim && word == word_at(call->claim, call->claim_size)) ||
	       (call->linked.claim &&
		word == word_at(call->linked.claim, call->linked.claim_size)) ||
	       (call->claim_last && word >= call->claim_first && word <= call->claim_last);
}

static bool carries_claim(const struct call *call, const unsigned char *compare)
{
	return call->claim && compare &&
	       is_claim(call, call->claim,
			word_at(compare + (call->claim_offset - call->offset), call->claim_size),
			call->claim_size);
}

static bool is_inside(__u32 claim_offset, __u32 claim_size, __u32 offset, __u32 size)
{
	return claim_offset >= offset &&
	       (!size || (__u64)claim_offset + claim_size <= (__u64)offset + size);
}

static bool claim_is_inside(const struct call *call)
{
	return is_inside(call->claim_offset, call->claim_size, call->offset, call->size);
}

static bool is_good_claim(const void *claim, __u32 offset, __u32 size)
{
	if (!claim)
		return !offset && !size;
	return (size == 4 || size == 8) && offset % size == 0;
}

static bool deletes_linked(const struct linked *linked)
{
	return !(linked->flags & (BPF_MAP_LINKED_KEEP | BPF_MAP_LINKED_ABSENT));
}

/* Both entries are of one map: a claim on one of them alone leaves the other's delete a plain one. */
static bool claims_agree(const struct call *call)
{
	const struct linked *linked = &call->linked;

	return !(call->claim && !linked->claim && deletes_linked(linked)) &&
	       !(linked->claim && !call->claim);
}

static int check_linked_options(const struct call *call)
{
	const struct linked *l = &call->linked;

	if (!l->keys_at)
		return l->compare || l->claim || l->results || l->fd || l->flags || l->offset ||
				       l->size || l->stride || l->claim_offset || l->claim_size
			       ? -EINVAL
			       : 0;
	if (!call->flags || l->flags > 7 || (!l->compare && (l->offset || l->size || l->stride)) ||
	    !is_good_claim(l->claim, l->claim_offset, l->claim_size))
		return -EINVAL;
	if (l->flags & BPF_MAP_LINKED_ABSENT &&
	    (l->flags != BPF_MAP_LINKED_ABSENT || l->compare || l->claim))
		return -EINVAL;
	if (l->flags & BPF_MAP_LINKED_KEEP && (l->flags & BPF_MAP_LINKED_FIRST || l->claim))
		return -EINVAL;
	if (l->compare && l->claim &&
	    !is_inside(l->claim_offset, l->claim_size, l->offset, l->size))
		return -EINVAL;
	return !l->fd && !claims_agree(call) ? -EINVAL : 0;
}

static bool is_in_range(const struct call *call, const void *claim, __u32 size)
{
	__u64 word;

	if (!claim || !call->claim_last)
		return true;
	word = word_at(claim, size);
	return word >= call->claim_first && word <= call->claim_last;
}

static int check_range(const struct call *call)
{
	if (call->claim_first > call->claim_last)
		return -EINVAL;
	if (call->claim_last && !call->claim && !call->linked.claim)
		return -EINVAL;
	return is_in_range(call, call->claim, call->claim_size) &&
			       is_in_range(call, call->linked.claim, call->linked.claim_size)
		       ? 0
		       : -EINVAL;
}

/* What can be said of the options by themselves. */
static int check_options(const struct call *call)
{
	bool any = call->compare || call->offset || call->size || call->claim ||
		   call->claim_offset || call->claim_size || (call->batch && call->stride) ||
		   call->claim_first || call->claim_last;

	if (call->flags & ~(__u64)BPF_F_COMPARE || call->backend > BPF_MAP_COMPARE_SYSCALL_PROG ||
	    (!call->flags && any))
		return -EINVAL;
	if (!is_good_claim(call->claim, call->claim_offset, call->claim_size) ||
	    (call->claim && !claim_is_inside(call)) || check_linked_options(call) ||
	    check_range(call))
		return -EINVAL;
	return call->claim && !call->batch && call->size && carries_claim(call, call->compare)
		       ? -EINVAL
		       : 0;
}

/* What the linked map's fd is told, where it is one of its own. */
static int check_linked_fd(const struct call *call)
{
	const struct linked *linked = &call->linked;
	int error = linked->fd && linked->keys_at ? linked->target->error : 0;

	return error == -EPERM && !deletes_linked(linked) ? 0 : error;
}

/* And what is asked of it. */
static int check_linked_map(struct call *call)
{
	struct linked *linked = &call->linked;

	if (!linked->keys_at)
		return 0;
	if (linked->target->map == call->target->map && !claims_agree(call))
		return -EINVAL;
	if (linked->compare && !linked->size)
		linked->size = VALUE_SIZE;
	if ((__u64)linked->offset + linked->size > VALUE_SIZE)
		return -EINVAL;
	if (linked->claim && !is_inside(linked->claim_offset, linked->claim_size, linked->offset,
					linked->compare ? linked->size : VALUE_SIZE))
		return -EINVAL;
	return linked->target->serves ? 0 : -EOPNOTSUPP;
}

/* What the map has to do with it; the region's size is known then. */
static int check_map(struct call *call)
{
	const struct target *target = call->target;
	int err;

	if (target->error)
		return target->error;
	err = check_linked_fd(call);
	if (err)
		return err;
	if (!call->keys_at)
		return -EFAULT;
	if (!call->flags && !call->values)
		return 0;
	if (!call->flags)
		return target->serves && call->backend != BPF_MAP_COMPARE_NATIVE ? 0 : -EOPNOTSUPP;
	if (!call->size)
		call->size = VALUE_SIZE;
	if ((__u64)call->offset + call->size > VALUE_SIZE)
		return -EINVAL;
	if (call->claim &&
	    (!claim_is_inside(call) || (!call->batch && carries_claim(call, call->compare))))
		return -EINVAL;
	if (!target->serves)
		return -EOPNOTSUPP;
	err = check_linked_map(call);
	if (err)
		return err;
	if (call->backend == BPF_MAP_COMPARE_NATIVE)
		return -EOPNOTSUPP;
	return call->compare ? 0 : -EFAULT;
}

/* What becomes of the second entry, and then of the first, which holds. */
static int result_of_linked(const struct call *call, __u32 i, bool *there, int *linked_result)
{
	const struct linked *linked = &call->linked;
	__u32 key = linked->keys_at[i], size = linked->claim_size;
	const unsigned char *compare = linked->compare;
	const unsigned char *word = call->value + linked->claim_offset;
	bool differs = false;

	if (compare) {
		compare += (size_t)i * (linked->stride ? linked->stride : linked->size);
		differs = memcmp(compare, call->value + linked->offset, linked->size);
		word = compare + (linked->claim_offset - linked->offset);
	}
	*linked_result = -ENOENT;
	if (!there[key])
		return compare ? -EBUSY : 0;
	*linked_result = -EBUSY;
	if (differs || linked->flags & BPF_MAP_LINKED_ABSENT ||
	    (linked->claim && is_claim(call, linked->claim, word_at(word, size), size)))
		return -EBUSY;
	*linked_result = 0;
	if (deletes_linked(linked))
		there[key] = false;
	return 0;
}

static int result_of(const struct call *call, __u32 i, struct answer *answer)
{
	bool same_map = call->linked.keys_at && call->linked.target->map == call->target->map;
	const unsigned char *compare = call->compare;
	__u32 key = call->keys_at[i];
	bool *there = answer->there;
	int result;

	/* An array's elements cannot be deleted. */
	if (!call->target->serves)
		return -EINVAL;
	if (same_map && call->linked.keys_at[i] == key)
		return -EINVAL;
	if (call->flags) {
		compare += (size_t)i * (call->stride ? call->stride : call->size);
		if (there[key] && (carries_claim(call, compare) ||
				   memcmp(compare, call->value + call->offset, call->size)))
			return -EBUSY;
	}
	if (!there[key])
		return -ENOENT;
	result = !call->linked.keys_at
			 ? 0
			 : result_of_linked(call, i, same_map ? there : answer->linked_there,
					    &answer->linked_results[i]);
	there[key] = result;
	return result;
}

void predict(const struct call *call, const void *opts, struct answer *answer)
{
	struct call seen;
	int result;

	for (__u32 key = 0; key < KEYS; key++)
		answer->there[key] = answer->linked_there[key] = key < KEYS - 1;
	answer->err = read_options(call, opts, &seen);
	if (answer->err)
		return;
	for (__u32 i = 0; i < KEYS_MAX; i++)
		answer->results[i] = answer->linked_results[i] = -ECANCELED;
	answer->has_results = call->batch && seen.results;
	answer->has_linked_results = call->batch && seen.linked.keys_at && seen.linked.results;
	answer->err = check_options(&seen);
	if (!answer->err)
		answer->err = check_map(&seen);
	for (__u32 i = 0; !answer->err && i < call->keys; i++) {
		result = result_of(&seen, i, answer);
		/* What is not about its key ends a batch; one key's result is the answer. */
		if (!call->batch || (result == -EINVAL && !seen.linked.keys_at)) {
			answer->err = result;
			break;
		}
		answer->results[i] = result;
		answer->deleted += !result;
	}
}
