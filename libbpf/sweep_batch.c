// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A sweep by what user space reads: batched look-ups, and batches by compare of what matches. It holds no CPU
 * for long, and takes no privilege beyond the emulation's.
 */
#include <stdlib.h>
#include "compare_internal.h"

/* Entries that are read at once, and memory for them. A bucket has to fit. */
#define CHUNK	   2048u
#define CHUNK_MAX  (1u << 20)
#define CHUNK_SIZE (4u << 20)

/* How often an entry is looked at again that changes, and still matches. */
#define TRIES 16

struct chunk {
	struct target *target;
	struct job *job;
	struct region region; /* of values, that is compared */
	__u32 room, count, matching;
	char *keys, *values, *out; /* out: what was deleted */
	int *results;
};

static char *key_of(const struct chunk *c, __u32 i)
{
	return c->keys + (size_t)i * c->target->info.key_size;
}

static char *value_of(const struct chunk *c, __u32 i)
{
	return c->values + (size_t)i * c->target->info.value_size;
}

static void drop_chunk(struct chunk *c)
{
	free(c->keys);
	free(c->values);
	free(c->out);
	free(c->results);
	c->keys = c->values = c->out = NULL;
	c->results = NULL;
}

static int make_chunk(struct chunk *c)
{
	const struct bpf_map_info *info = &c->target->info;

	drop_chunk(c);
	c->keys = calloc(c->room, info->key_size);
	c->values = calloc(c->room, info->value_size);
	c->results = calloc(c->room, sizeof(*c->results));
	if (c->job->sweep->values)
		c->out = calloc(c->room, info->value_size);
	return !c->keys || !c->values || !c->results || (c->job->sweep->values && !c->out) ? -ENOMEM
											   : 0;
}

static bool is_claimed_by_any(const struct chunk *c, const char *value)
{
	const struct claim *claim = &c->job->first.claim;
	__u64 word = claim->size ? read_word(value + claim->offset, claim->size) : 0;

	return claim->size && (word == claim->word || is_claim(&c->job->claims, word));
}

/* What of a chunk is to be deleted comes to be its first entries. */
static void keep(struct chunk *c, __u32 from, __u32 to)
{
	if (from == to)
		return;
	memcpy(key_of(c, to), key_of(c, from), c->target->info.key_size);
	memcpy(value_of(c, to), value_of(c, from), c->target->info.value_size);
}

/* Behind what was handed out before. */
static void hand_out(const struct chunk *c, const char *values, __u32 i)
{
	struct sweep *sweep = c->job->sweep;
	const struct bpf_map_info *info = &c->target->info;
	__u64 at = sweep_counts(sweep) ? sweep->matched : sweep->deleted;

	if (sweep->keys)
		memcpy(sweep->keys + at * info->key_size, key_of(c, i), info->key_size);
	if (sweep->values)
		memcpy(sweep->values + at * info->value_size, values + (size_t)i * info->value_size,
		       info->value_size);
}

/* Deletes the entries of a chunk that match, those that have changed meanwhile again and again. */
static int delete_once(struct chunk *c)
{
	struct job *job = c->job;
	struct sweep *sweep = job->sweep;
	__u32 count = c->matching, left = 0;
	struct bpf_map_delete_batch_opts opts;
	char claim[sizeof(__u64)];
	int err;

	memset(&opts, 0, sizeof(opts));
	opts.sz = sizeof(opts);
	opts.backend = BPF_MAP_COMPARE_SYSCALL_PROG;
	opts.results = c->results;
	opts.values = c->out;
	if (c->region.size) {
		opts.elem_flags = BPF_F_COMPARE;
		opts.compare = c->values + c->region.offset;
		opts.compare_stride = c->target->info.value_size;
		opts.compare_offset = c->region.offset;
		opts.compare_size = c->region.size;
	}
	if (job->first.claim.size) {
		store_word(claim, job->first.claim.word, job->first.claim.size);
		opts.claim = claim;
		opts.claim_offset = job->first.claim.offset;
		opts.claim_size = job->first.claim.size;
		opts.claim_first = job->claims.first;
		opts.claim_last = job->claims.last;
	}
	err = delete_batch(c->target, c->keys, &count, &opts);
	for (__u32 i = 0; i < c->matching; i++) {
		if (!c->results[i]) {
			hand_out(c, c->out, i);
			sweep->matched++;
			sweep->deleted++;
		} else if (c->results[i] == -ENOENT) {
			sweep->matched++;
			sweep->changed++;
		} else {
			keep(c, i, left++);
		}
	}
	c->matching = left;
	return err;
}

/* What was not deleted, for another value or a lock, is read again; what does not match now is left alone. */
static int read_again(struct chunk *c)
{
	struct sweep *sweep = c->job->sweep;
	__u32 left = 0;
	int err;

	for (__u32 i = 0; i < c->matching; i++) {
		err = bpf_map_lookup_elem(c->target->fd, key_of(c, i), value_of(c, i)) ? -errno : 0;
		if (err && err != -ENOENT)
			return err;
		if (!err && is_claimed_by_any(c, value_of(c, i)))
			continue;
		if (!err && conditions_match(sweep, key_of(c, i), value_of(c, i))) {
			keep(c, i, left++);
			continue;
		}
		sweep->matched++;
		sweep->changed++;
	}
	c->matching = left;
	return 0;
}

static int delete_matching(struct chunk *c)
{
	struct sweep *sweep = c->job->sweep;
	int err = 0;

	for (int tries = 0; tries < TRIES && c->matching && !err; tries++) {
		err = delete_once(c);
		if (!err && c->matching)
			err = read_again(c);
	}
	if (err)
		return err;
	sweep->matched += c->matching;
	sweep->changed += c->matching;
	return 0;
}

/*
 * Finds what matches of what was read, from one of it on, as far as there is room, and was not counted already; how
 * far that was.
 */
static __u32 judge_chunk(struct chunk *c, __u32 from, __u64 *counted)
{
	struct sweep *sweep = c->job->sweep;
	__u64 room = sweep_room(sweep);
	__u32 i;

	c->matching = 0;
	for (i = from; i < c->count && c->matching < room; i++) {
		bool match = !is_claimed_by_any(c, value_of(c, i)) &&
			     conditions_match(sweep, key_of(c, i), value_of(c, i));

		if (*counted) {
			*counted -= match;
			continue;
		}
		sweep->scanned++;
		if (match)
			keep(c, i, c->matching++);
	}
	return i;
}

static int collect_chunk(struct chunk *c)
{
	struct sweep *sweep = c->job->sweep;

	if (!sweep_counts(sweep))
		return delete_matching(c);
	for (__u32 i = 0; i < c->matching; i++) {
		hand_out(c, c->values, i);
		sweep->matched++;
	}
	return 0;
}

/* 0, or 1 at the map's end; a bucket that does not fit takes more room. */
static int read_chunk(struct chunk *c, __u32 *token)
{
	__u32 next = 0;
	int err;

	for (;;) {
		c->count = c->room;
		err = bpf_map_lookup_batch(c->target->fd, *token ? token : NULL, &next, c->keys,
					   c->values, &c->count, NULL)
			      ? -errno
			      : 0;
		if (err != -ENOSPC || c->room >= CHUNK_MAX)
			break;
		c->room *= 2;
		err = make_chunk(c);
		if (err)
			return err;
	}
	if (err && err != -ENOENT)
		return err;
	*token = next;
	return err == -ENOENT;
}

/* All of a chunk, or as much as there is room for: what was not deleted for others makes room again. */
static int sweep_chunk(struct chunk *c, bool *full)
{
	struct sweep *sweep = c->job->sweep;
	__u64 matched = sweep->matched, deleted = sweep->deleted, counted = sweep->skip;
	__u32 judged = 0;
	int err = 0;

	while (judged < c->count && sweep_room(sweep) && !err) {
		judged = judge_chunk(c, judged, &counted);
		err = collect_chunk(c);
	}
	*full = judged < c->count;
	/*
	 * What is left is read again by the next call, with all of the chunk: the matches that were counted are
	 * left out then; where they were deleted, the entries that stay are counted then.
	 */
	if (*full && sweep_counts(sweep))
		sweep->skip += sweep->matched - matched;
	else if (*full)
		sweep->scanned -= judged - (sweep->deleted - deleted);
	return err;
}

static int sweep_chunks(struct chunk *c)
{
	struct sweep *sweep = c->job->sweep;
	__u32 token = sweep->next;
	bool end = false, full;
	int err;

	while (!end) {
		if (!sweep_room(sweep))
			return 1;
		err = map_check_same(c->target->fd, &c->target->info);
		if (err)
			return err;
		err = read_chunk(c, &token);
		if (err < 0)
			return err;
		end = err;
		err = sweep_chunk(c, &full);
		if (err || full)
			return err ? err : 1;
		sweep->skip = 0;
		sweep->next = token;
		if (!end && sweep_is_over_time(sweep))
			return 1;
	}
	return 0;
}

static int check_each_field(const struct target *target, const struct sweep *sweep)
{
	const struct bpf_map_info *info = &target->info;
	int err;

	err = verifier_allows_read(target->fd, info->key_size, 0, info->value_size);
	if (err != -EOPNOTSUPP)
		return err;
	for (__u32 i = 0; i < sweep->conds_cnt; i++) {
		const struct bpf_map_sweep_cond *cond = &sweep->conds[i];

		if (cond->flags & BPF_MAP_SWEEP_KEY)
			continue;
		err = verifier_allows_read(target->fd, info->key_size, cond->offset,
					   cond->offset + cond->size);
		if (err == -EOPNOTSUPP)
			refuse(err, "condition %u: a field that the kernel manages is there", i);
		if (err)
			return err;
	}
	return 0;
}

/* That none of the fields is one that the kernel manages, of which a look-up gives zeroes. */
static int check_fields(const struct target *target, const struct sweep *sweep)
{
	struct bpf_map_info info;
	sigset_t before;
	int err;

	err = map_full_info(target->fd, &info);
	if (err || !info.btf_value_type_id)
		return err;
	verifier_hold_signals(&before);
	err = check_each_field(target, sweep);
	verifier_let_signals(&before);
	return err;
}

int sweep_by_batch(struct target *target, struct job *job)
{
	const struct bpf_map_info *info = &target->info;
	struct chunk c;
	int err;

	memset(&c, 0, sizeof(c));
	c.target = target;
	c.job = job;
	c.region = conditions_region(job->sweep);
	c.room = CHUNK;
	while (c.room > 1 &&
	       (__u64)c.room * ((__u64)info->key_size + info->value_size) > CHUNK_SIZE)
		c.room /= 2;
	err = sweep_counts(job->sweep) ? 0 : emulate_check(target, job);
	if (!err)
		err = check_fields(target, job->sweep);
	if (!err)
		err = make_chunk(&c);
	if (!err)
		err = sweep_chunks(&c);
	drop_chunk(&c);
	return err;
}
