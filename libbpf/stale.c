// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Claims that stand though nobody is at work who would take them back, in a map that was copied, say. A claim
 * is seen again and again, and nobody holds it: then it is held here, and the entries that carry it are deleted as
 * by the collector whose it was.
 */
#include <stdlib.h>
#include <time.h>
#include "compare_internal.h"

#define WAIT_MS_DEFAULT 10000u

/* How often a claim has to be seen after it was found, the last time when its entry is deleted. */
#define LOOKS 8

/* Keys that are handed on at once, and memory for all that were found. */
#define KEYS_AT_ONCE 512u
#define FOUND_SIZE   (16u << 20)

/* A lock of the kernel's that is held for so long is not given back. */
#define CLEAR_TRIES 100

/* A claim that was found, and its entry's key behind it. */
struct found {
	__u64 word;
	__u64 at; /* in what is handed out */
};

struct stale {
	struct target target;
	struct bpf_map_claims_opts *opts;
	struct claims claims;
	struct claim own; /* the caller's; of size 0 where none was given */
	int holding;	  /* a file descriptor, see hold.c */
	char *found;	  /* struct found and the key, stride apart */
	size_t stride;
	__u32 count, room, more; /* more: there were others, for which there was no room */
	char *keys, *value;
	int results[KEYS_AT_ONCE];
	char words[KEYS_AT_ONCE * sizeof(__u64)];
};

static struct found *found_at(const struct stale *s, __u32 i)
{
	return (struct found *)(void *)(s->found + i * s->stride);
}

static char *found_key(const struct stale *s, __u32 i)
{
	return (char *)(found_at(s, i) + 1);
}

static bool keeps(const struct stale *s)
{
	return s->opts->flags & BPF_MAP_CLAIMS_KEEP;
}

static void set_found_result(const struct stale *s, __u32 i, int result)
{
	__u64 at = found_at(s, i)->at;

	if (s->opts->results && at < s->opts->capacity)
		s->opts->results[at] = result;
}

/* 1 where the entry carries a claim, 0 where it does not or is not there. */
static int look_at(const struct stale *s, const void *key, __u64 *word)
{
	if (bpf_map_lookup_elem(s->target.fd, key, s->value))
		return errno == ENOENT ? 0 : -errno;
	*word = read_word(s->value + s->opts->claim_offset, s->opts->claim_size);
	return is_claim(&s->claims, *word);
}

static int make_room_for_found(struct stale *s)
{
	__u32 most = FOUND_SIZE / s->stride, room = s->room ? 2 * s->room : KEYS_AT_ONCE;
	char *found;

	if (s->count < s->room)
		return 0;
	if (room > most)
		room = most;
	found = realloc(s->found, room * s->stride);
	if (!found)
		return -ENOMEM;
	s->found = found;
	s->room = room;
	return 0;
}

static void hand_out_found(const struct stale *s, const void *key, __u64 word)
{
	const struct bpf_map_claims_opts *opts = s->opts;
	__u64 at = opts->found;

	if (at >= opts->capacity)
		return;
	if (opts->keys)
		memcpy((char *)opts->keys + at * s->target.info.key_size, key,
		       s->target.info.key_size);
	if (opts->words)
		opts->words[at] = word;
	if (opts->results)
		opts->results[at] = -ECANCELED;
}

static int add_found(struct stale *s, const void *key, __u64 word)
{
	int err;

	if ((s->count + 1) * s->stride > FOUND_SIZE) {
		s->more++;
		return 0;
	}
	err = make_room_for_found(s);
	if (err)
		return err;
	hand_out_found(s, key, word);
	found_at(s, s->count)->word = word;
	found_at(s, s->count)->at = s->opts->found++;
	memcpy(found_key(s, s->count), key, s->target.info.key_size);
	s->count++;
	return 0;
}

/* What a sweep found carries a claim, or did. */
static int look_first(struct stale *s, __u64 count)
{
	__u64 word = 0;
	int ret = 0;

	for (__u64 i = 0; i < count && ret >= 0; i++) {
		const char *key = s->keys + i * s->target.info.key_size;

		ret = look_at(s, key, &word);
		if (ret == 1)
			ret = add_found(s, key, word);
	}
	return ret < 0 ? ret : 0;
}

static int find_all(struct stale *s)
{
	struct bpf_map_sweep_cond conds[2];
	struct bpf_map_sweep_opts opts;
	int ret = 1;

	memset(conds, 0, sizeof(conds));
	conds[0].offset = conds[1].offset = s->opts->claim_offset;
	conds[0].size = conds[1].size = (__u8)s->opts->claim_size;
	conds[0].op = BPF_MAP_SWEEP_GE;
	conds[0].operand = s->claims.first;
	conds[1].op = BPF_MAP_SWEEP_LE;
	conds[1].operand = s->claims.last;
	memset(&opts, 0, sizeof(opts));
	opts.sz = sizeof(opts);
	opts.flags = BPF_MAP_SWEEP_COUNT;
	opts.keys = s->keys;
	opts.capacity = KEYS_AT_ONCE;
	/* One part of one: the way that cannot go on where it stopped is not gone. */
	opts.cursor = BPF_MAP_SWEEP_PART(0, 1);
	while (ret == 1 && !s->more) {
		ret = bpf_map_sweep(s->target.fd, conds, ARRAY_LEN(conds), &opts);
		if (ret >= 0) {
			int err = look_first(s, opts.matched);

			ret = err ? err : ret;
		}
	}
	return ret < 0 ? ret : 0;
}

static int wait_for_next_look(const struct stale *s)
{
	__u64 ms = s->opts->wait_ms ? s->opts->wait_ms : WAIT_MS_DEFAULT;
	__u64 ns = ms * 1000000 / LOOKS;
	struct timespec time;

	time.tv_sec = (time_t)(ns / 1000000000);
	time.tv_nsec = (long)(ns % 1000000000);
	return nanosleep(&time, NULL) ? -errno : 0;
}

static void has_changed(struct stale *s, __u32 i)
{
	set_found_result(s, i, -ENOENT);
	s->opts->changed++;
}

/* What does not carry the very claim any more is left alone from now on. */
static int look_again(struct stale *s)
{
	__u32 left = 0;
	__u64 word = 0;
	int ret;

	for (__u32 i = 0; i < s->count; i++) {
		ret = look_at(s, found_key(s, i), &word);
		if (ret < 0)
			return ret;
		if (!ret || word != found_at(s, i)->word) {
			has_changed(s, i);
			continue;
		}
		if (left != i)
			memcpy(found_at(s, left), found_at(s, i), s->stride);
		left++;
	}
	s->count = left;
	return 0;
}

static int wait_and_look(struct stale *s)
{
	int err = 0;

	for (int look = 1; look <= LOOKS && s->count && !err; look++) {
		err = wait_for_next_look(s);
		/* The last one is under the claim's lock. */
		if (!err && look < LOOKS)
			err = look_again(s);
	}
	return err;
}

static int compare_words(const void *a, const void *b)
{
	const struct found *one = a, *other = b;

	return one->word < other->word ? -1 : one->word > other->word;
}

/* A few that carry one claim, all of which is held: deletes them, and says which could not be for a lock. */
static int delete_standing(struct stale *s, __u32 first, __u32 count, __u64 by)
{
	__u32 key_size = s->target.info.key_size, deleted = count;
	__u32 half = (__u32)by;
	struct bpf_map_delete_batch_opts opts;

	memset(&opts, 0, sizeof(opts));
	opts.sz = sizeof(opts);
	opts.elem_flags = BPF_F_COMPARE;
	opts.backend = BPF_MAP_COMPARE_SYSCALL_PROG;
	opts.compare = s->words;
	opts.compare_offset = opts.claim_offset = s->opts->claim_offset;
	opts.compare_size = opts.claim_size = s->opts->claim_size;
	opts.claim = opts.claim_size == sizeof(half) ? (const void *)&half : &by;
	opts.results = s->results;
	for (__u32 i = 0; i < count; i++) {
		memcpy(s->keys + (size_t)i * key_size, found_key(s, first + i), key_size);
		store_word(s->words + (size_t)i * opts.claim_size, found_at(s, first + i)->word,
			   opts.claim_size);
	}
	return delete_batch(&s->target, s->keys, &deleted, &opts);
}

/* Of what a lock was in the way the answer is to come yet. */
static int clear_some(struct stale *s, __u32 first, __u32 count, __u64 by)
{
	__u32 left = count;
	int err = 0;

	for (int tries = 0; left && !err; tries++) {
		if (tries == CLEAR_TRIES)
			return -EAGAIN;
		err = delete_standing(s, first, count, by);
		left = 0;
		for (__u32 i = 0; i < count; i++) {
			if (!s->results[i]) {
				set_found_result(s, first + i, 0);
				s->opts->stale++;
				s->opts->cleared++;
			} else if (s->results[i] == -EBUSY || s->results[i] == -ENOENT) {
				has_changed(s, first + i);
			} else if (first + left++ != first + i) {
				memcpy(found_at(s, first + left - 1), found_at(s, first + i),
				       s->stride);
			}
		}
		count = left;
	}
	return err;
}

static int tell_of(struct stale *s, __u32 first, __u32 count)
{
	__u64 word = 0;
	int ret;

	for (__u32 i = first; i < first + count; i++) {
		ret = look_at(s, found_key(s, i), &word);
		if (ret < 0)
			return ret;
		if (ret && word == found_at(s, i)->word) {
			set_found_result(s, i, 0);
			s->opts->stale++;
		} else {
			has_changed(s, i);
		}
	}
	return 0;
}

/* By the caller's claim, or where it is that one, or there is none, by any other. */
static int clear_all_of(struct stale *s, __u32 first, __u32 count)
{
	__u64 word = found_at(s, first)->word, by = s->own.word;
	bool takes = !s->own.size || by == word;
	int err = 0;

	if (takes)
		err = hold_any(s->holding, s->target.info.id, &s->claims, &word, &by);
	if (err == -EBUSY)
		return refuse(err, "no other claim is free to clear claim 0x%llx by",
			      (unsigned long long)word);
	while (count && !err) {
		__u32 some = count < KEYS_AT_ONCE ? count : KEYS_AT_ONCE;

		err = clear_some(s, first, some, by);
		first += some;
		count -= some;
	}
	if (takes)
		hold_let_go(s->holding, s->target.info.id, by);
	return err;
}

/* Those that carry the same one. While it is held here nobody else can come to have it. */
static int finish_group(struct stale *s, __u32 first, __u32 count)
{
	__u64 word = found_at(s, first)->word;
	bool own = s->own.size && s->own.word == word;
	int err;

	err = own ? 0 : hold_claim(s->holding, s->target.info.id, word);
	if (err == -EBUSY) {
		for (__u32 i = first; i < first + count; i++)
			set_found_result(s, i, -EBUSY);
		s->opts->held += count;
		return 0;
	}
	if (err)
		return err;
	err = keeps(s) ? tell_of(s, first, count) : clear_all_of(s, first, count);
	if (!own)
		hold_let_go(s->holding, s->target.info.id, word);
	return err;
}

static int finish(struct stale *s)
{
	__u32 first = 0, count;
	int err = 0;

	if (s->count)
		qsort(s->found, s->count, s->stride, compare_words);
	for (; first < s->count && !err; first += count) {
		count = 1;
		while (first + count < s->count &&
		       found_at(s, first + count)->word == found_at(s, first)->word)
			count++;
		err = finish_group(s, first, count);
	}
	return err;
}

static int look_and_clear(struct stale *s)
{
	const struct bpf_map_info *info = &s->target.info;
	int err = 0;

	s->stride = sizeof(struct found) + ((info->key_size + 7u) & ~7u);
	s->keys = calloc(KEYS_AT_ONCE, info->key_size);
	s->value = calloc(1, info->value_size);
	if (!s->keys || !s->value)
		err = -ENOMEM;
	/* What it takes to delete is asked before the wait. */
	if (!err && !keeps(s))
		err = delete_standing(s, 0, 0, s->claims.last);
	if (!err)
		err = find_all(s);
	if (!err)
		err = wait_and_look(s);
	if (!err)
		err = finish(s);
	free(s->keys);
	free(s->value);
	free(s->found);
	return err ? err : !!s->more;
}

/* By file descriptors of ours: the wait is long, and the caller's may become another map's meanwhile. */
static int clear_by_ours(struct stale *s, int fd)
{
	int err;

	s->target.fd = duplicate(fd);
	if (s->target.fd < 0)
		return s->target.fd;
	s->holding = -1;
	err = map_check_same(s->target.fd, &s->target.info);
	if (!err)
		s->holding = err = hold_open();
	if (err >= 0)
		err = look_and_clear(s);
	if (s->holding >= 0)
		close(s->holding);
	close(s->target.fd);
	return err;
}

static int read_claims_opts(struct stale *s)
{
	const struct bpf_map_claims_opts *opts = s->opts;
	int err;

	if (opts->flags & ~(__u64)BPF_MAP_CLAIMS_KEEP)
		return refuse(-EINVAL, "unknown flags 0x%llx", (unsigned long long)opts->flags);
	if ((opts->keys || opts->words || opts->results) && !opts->capacity)
		return refuse(-EINVAL, "keys, words or results without capacity");
	err = read_claims(&s->claims, opts->claim_first, opts->claim_last);
	if (!err)
		err = hold_check_range(&s->claims, opts->claim_size);
	if (!err && opts->claim_offset % opts->claim_size)
		err = refuse(-EINVAL, "claim_offset %u is no multiple of claim_size %u",
			     opts->claim_offset, opts->claim_size);
	if (!err && opts->claim)
		err = read_claim(&s->own, "", opts->claim, opts->claim_offset, opts->claim_size);
	if (!err)
		err = check_in_claims(&s->claims, &s->own, "");
	if (!err && !keeps(s) && s->claims.first == s->claims.last)
		err = refuse(-EINVAL, "a claim is cleared by another one: the range has one alone");
	return err;
}

static int check_claims_map(struct stale *s, int fd)
{
	struct bpf_map_info *info = &s->target.info;
	__u32 offset = s->opts->claim_offset, size = s->opts->claim_size;
	int err;

	s->target.fd = fd;
	err = keeps(s) ? 0 : map_check_writable(fd);
	if (!err)
		err = map_info(fd, info);
	if (!err)
		err = map_check_type(&s->target);
	if (!err)
		err = map_check_readable(fd);
	if (!err && (size > info->value_size || offset > info->value_size - size))
		err = refuse(-EINVAL,
			     "claim_offset %u + claim_size %u is past the value's end: "
			     "value_size %u",
			     offset, size, info->value_size);
	return err;
}

static int clear_map(int fd, struct bpf_map_claims_opts *ours)
{
	struct stale *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->opts = ours;
	ours->found = ours->held = ours->stale = ours->cleared = ours->changed = 0;
	err = read_claims_opts(s);
	if (!err)
		err = check_claims_map(s, fd);
	if (!err)
		err = clear_by_ours(s, fd);
	free(s);
	return err;
}

/* What the caller's struct has room for. */
static void copy_claims_counts(struct bpf_map_claims_opts *to,
			       const struct bpf_map_claims_opts *from)
{
	const size_t start = offsetof(struct bpf_map_claims_opts, found);
	const size_t end = FIELD_END(struct bpf_map_claims_opts, changed);
	size_t size = to->sz < end ? to->sz : end;

	if (size > start)
		memcpy((char *)to + start, (const char *)from + start, size - start);
}

int bpf_map_claims_clear(int fd, struct bpf_map_claims_opts *opts)
{
	struct bpf_map_claims_opts ours;
	int cancel_state = enter(), err;

	if (!opts)
		return leave(cancel_state, refuse(-EINVAL, "opts is NULL"));
	err = copy_opts(&ours, FIELD_END(struct bpf_map_claims_opts, changed), opts,
			"bpf_map_claims_opts");
	if (err)
		return leave(cancel_state, err);
	err = clear_map(fd, &ours);
	copy_claims_counts(opts, &ours);
	return leave(cancel_state, err);
}
