// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Has the library change one entry, or many, for all commands that do, and tells what became of it, or why nothing did.
 */
#include <errno.h>
#include <bpf/libbpf.h>
#include "bpfcmp.h"

static bool compares(const struct change *change)
{
	return change->opts.flags & BPF_F_COMPARE;
}

static bool is_in_place(const struct change *change)
{
	return change->opts.flags & BPF_F_IN_PLACE;
}

struct answer answer_of_change(int err, const struct change *change)
{
	struct answer answer = answer_of(err, change->done);

	if (err == -EEXIST)
		return (struct answer){ "exists", "exists: there is one, which is left alone",
					STATUS_DIFFERS };
	if (err != -EBUSY || !change->opts.claim_last)
		return answer;
	if (!compares(change))
		return (struct answer){
			"claimed", "claimed: the word is a claim, or would be, and is left alone",
			STATUS_DIFFERS
		};
	answer.text = "differs, or its word is a claim or would be: the entry is left alone";
	return answer;
}

enum status fail_to_change(int err, const struct bpf_map_info *info, const struct change *change)
{
	switch (err) {
	case -EOPNOTSUPP:
		return fail_unserved(err, info->type,
				     is_in_place(change) ? "not for this map, or not these bytes"
							 : "not for this map or this region");
	case -EPERM:
		return fail(STATUS_DENIED,
			    "not permitted: the map is read-only or frozen, or the caller lacks "
			    "CAP_BPF%s",
			    is_in_place(change)
				    ? " or CAP_PERFMON (in place, beside a bpf_spin_lock: "
				      "CAP_SYS_ADMIN)"
				    : " (before Linux 6.1 perhaps CAP_PERFMON)");
	case -EINVAL:
		return fail(STATUS_USAGE, "what is written is not as it has to be");
	case -E2BIG:
		return fail(STATUS_ERROR, "update the entry: the map is full, with %u entries",
			    info->max_entries);
	/* Plainly, the kernel's own word for the same. */
	case -EBUSY:
	case -EAGAIN:
		return fail(STATUS_ERROR,
			    "update the entry: others change it all the time, or the kernel could "
			    "not take a lock: nothing was done");
	}
	return fail_errno(-err, "update", "the entry");
}

enum status change_entry(int fd, const struct bpf_map_info *info, const struct change *change,
			 struct answer *answer)
{
	bool plain = !compares(change) && !is_in_place(change);
	int err;

	/* To the kernel values of other maps can be other things: one for each CPU, or another map's fd. */
	if (plain && info->type != BPF_MAP_TYPE_HASH && info->type != BPF_MAP_TYPE_LRU_HASH)
		return fail_to_change(-EOPNOTSUPP, info, change);
	err = bpf_map_update_elem_opts(fd, change->key, change->value, &change->opts);
	keep_reason();
	bpf_map_compare_release(fd);
	*answer = answer_of_change(err, change);
	if (!err || err == -ENOENT || err == -EEXIST || (err == -EBUSY && !plain))
		return STATUS_OK;
	return fail_to_change(err, info, change);
}

int change_entries(int fd, __u32 count, const struct change *change, int *results)
{
	const struct bpf_map_update_elem_opts *one = &change->opts;
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = one->flags,
		    .compare = one->compare, .old = one->old, .results = results,
		    .compare_offset = one->compare_offset, .compare_size = one->compare_size,
		    .offset = one->offset, .size = one->size, .op = one->op,
		    .claim_first = one->claim_first, .claim_last = one->claim_last);

	return bpf_map_update_batch_opts(fd, change->key, change->value, &count, &opts);
}
