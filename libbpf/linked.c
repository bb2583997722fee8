// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Second entries: what may be asked of them, and what their map has to be.
 */
#include "compare_internal.h"
#include "request.h"

#define FLAGS (BPF_MAP_LINKED_KEEP | BPF_MAP_LINKED_ABSENT | BPF_MAP_LINKED_FIRST)

bool has_links(const struct job *job)
{
	return job->asks & ASKS_LINKED;
}

/* The map that they are in. */
const struct target *linked_map(const struct target *target, const struct job *job)
{
	return job->linked_target ? job->linked_target : target;
}

/*
 * The map that they are in, to look at what it is: what is to be said of its fd has been, and that may be
 * read-only where they stay. So whoever asks about fd is told of the first entries'.
 */
struct target linked_map_to_judge(const struct target *target, const struct job *job)
{
	struct target map = *linked_map(target, job);

	map.fd = target->fd;
	return map;
}

static int refuse_without_links(const struct bpf_map_delete_batch_opts *opts)
{
	if (!opts->linked_compare && !opts->linked_claim && !opts->linked_results &&
	    !opts->linked_fd && !opts->linked_flags && !opts->linked_compare_offset &&
	    !opts->linked_compare_size && !opts->linked_compare_stride &&
	    !opts->linked_claim_offset && !opts->linked_claim_size)
		return 0;
	return refuse(-EINVAL, "linked fields without linked_keys");
}

static int check_flags(const struct bpf_map_delete_batch_opts *opts)
{
	__u32 flags = opts->linked_flags;

	if (flags & ~(__u32)FLAGS)
		return refuse(-EINVAL, "linked_flags 0x%x: unknown", flags);
	if (flags & BPF_MAP_LINKED_ABSENT &&
	    (flags != BPF_MAP_LINKED_ABSENT || opts->linked_compare || opts->linked_claim))
		return refuse(-EINVAL, "BPF_MAP_LINKED_ABSENT with another flag, linked_compare or "
				       "linked_claim");
	if (flags & BPF_MAP_LINKED_KEEP && (flags & BPF_MAP_LINKED_FIRST || opts->linked_claim))
		return refuse(-EINVAL,
			      "BPF_MAP_LINKED_KEEP with BPF_MAP_LINKED_FIRST or linked_claim");
	if (!opts->linked_compare && (opts->linked_compare_offset || opts->linked_compare_size ||
				      opts->linked_compare_stride))
		return refuse(-EINVAL, "linked_compare fields without linked_compare");
	return 0;
}

static __u32 what_is_asked(const struct bpf_map_delete_batch_opts *opts)
{
	__u32 asks = ASKS_LINKED;

	if (opts->linked_compare)
		asks |= ASKS_LINKED_COMPARE;
	if (opts->linked_claim)
		asks |= ASKS_LINKED_CLAIM;
	if (opts->linked_flags & BPF_MAP_LINKED_ABSENT)
		asks |= ASKS_LINKED_ABSENT;
	if (!(opts->linked_flags & (BPF_MAP_LINKED_ABSENT | BPF_MAP_LINKED_KEEP)))
		asks |= ASKS_LINKED_DELETE;
	if (opts->linked_flags & BPF_MAP_LINKED_FIRST)
		asks |= ASKS_LINKED_FIRST;
	return asks;
}

/* A delete without a claim breaks the protocol for the others of its map. */
static int check_claims_in_one_map(const struct job *job)
{
	bool first = job->first.claim.size, linked = job->linked.claim.size;

	if (first && !linked && job->asks & ASKS_LINKED_DELETE)
		return refuse(-EINVAL, "claim without linked_claim, on entries of one map that are "
				       "both deleted");
	if (linked && !first)
		return refuse(-EINVAL, "linked_claim without claim, on entries of one map");
	return 0;
}

/* What can be said without the maps. */
int read_linked(struct job *job, const struct bpf_map_delete_batch_opts *opts)
{
	struct entries *linked = &job->linked;
	int err;

	if (!opts->linked_keys)
		return refuse_without_links(opts);
	if (!opts->elem_flags)
		return refuse(-EINVAL, "linked_keys without BPF_F_COMPARE in elem_flags");
	err = check_flags(opts);
	if (err)
		return err;
	job->asks |= what_is_asked(opts);
	linked->keys = opts->linked_keys;
	linked->compare = opts->linked_compare;
	linked->stride = opts->linked_compare_stride;
	linked->region.offset = opts->linked_compare_offset;
	linked->region.size = opts->linked_compare_size;
	err = read_claim(&linked->claim, "linked_", opts->linked_claim, opts->linked_claim_offset,
			 opts->linked_claim_size);
	if (!err && linked->compare)
		err = check_claim(&linked->claim, "linked_", linked->region);
	if (!err && !opts->linked_fd)
		err = check_claims_in_one_map(job);
	return err;
}

/* To have information is not to be a map: programs do too, with ids of their own. */
static int check_is_map(int fd)
{
	bool printing = print_reasons(false);
	int err = map_check_writable(fd);

	print_reasons(printing);
	if (err == -EPERM)
		return 0;
	return err ? map_check_writable(fd) : 0;
}

/* What is behind linked_fd, where that is another map than the first entries'. */
int open_linked(struct job *job, const struct target *target, struct target *linked_target,
		__u32 linked_fd)
{
	int err;

	if (!has_links(job) || !linked_fd)
		return 0;
	linked_target->fd = (int)linked_fd;
	err = job->asks & ASKS_LINKED_DELETE ? map_check_writable(linked_target->fd)
					     : check_is_map(linked_target->fd);
	if (!err)
		err = map_info(linked_target->fd, &linked_target->info);
	if (!err && !map_is_same(&linked_target->info, &target->info))
		job->linked_target = linked_target;
	if (!err && !(job->asks & ASKS_LINKED_DELETE))
		err = map_check_readable(linked_target->fd);
	return err;
}

static int check_word(const struct target *map, const struct claim *claim)
{
	__u32 value_size = map->info.value_size;

	if (claim->offset < value_size && claim->size <= value_size - claim->offset)
		return 0;
	return refuse_map(map->fd, -EINVAL,
			  "linked_claim_offset %u + linked_claim_size %u is past the value's end: "
			  "value_size %u",
			  claim->offset, claim->size, value_size);
}

/* What is asked of them, with the map known. */
int check_linked(struct job *job, const struct target *target)
{
	struct entries *linked = &job->linked;
	struct target map;
	int err = 0;

	if (!has_links(job))
		return 0;
	if (!job->linked_target)
		err = check_claims_in_one_map(job);
	if (err)
		return err;
	map = linked_map_to_judge(target, job);
	if (linked->compare) {
		err = map_check_region(&map, "linked_compare_", &linked->region);
	} else if (linked->claim.size) {
		/* It is the word alone that is looked at. */
		linked->region.offset = linked->claim.offset;
		linked->region.size = linked->claim.size;
		err = check_word(&map, &linked->claim);
	}
	if (!err)
		err = check_claim(&linked->claim, "linked_", linked->region);
	return err ? err : map_check_type(&map);
}

/* As for the first entries; those that are only looked at take no more than a look-up does. */
int linked_check_permission(const struct job *job, const struct target *target, bool program_asks)
{
	const struct target *map = job->linked_target;

	if (!(job->asks & ASKS_LINKED_DELETE))
		return map_check_readable(linked_map(target, job)->fd);
	if (!map)
		return 0;
	return program_asks ? map_check_mode(map->fd) : map_check_writable(map->fd);
}
