// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Samples of a map's keys. Which keys are in it is told by a hash of theirs, so that those that are new are as likely
 * to be as others. The map is read as a whole: what is saved is memory, and time to compare.
 */
#define _GNU_SOURCE /* qsort_r() */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "top.h"

/* A sample has about as many at most, and half as many at least where it is not all keys. */
#define SAMPLE_ENTRIES 65536
/* Entries that are handed out at once. */
#define ROOM 4096

/* A record is what was in the field, and the key. */
#define KEY_AT sizeof(__u64)

enum status open_sampler(struct sampler *sampler, int fd, const struct bpf_map_info *info,
			 const struct field *field)
{
	sampler->fd = fd;
	sampler->info = info;
	sampler->field = field;
	sampler->stride = KEY_AT + info->key_size;
	sampler->room = ROOM;
	sampler->keys = calloc(ROOM, info->key_size);
	sampler->values = field->size ? calloc(ROOM, info->value_size) : NULL;
	if (!sampler->keys || (field->size && !sampler->values))
		return fail(STATUS_ERROR, "out of memory");
	return STATUS_OK;
}

void close_sampler(struct sampler *sampler)
{
	free(sampler->keys);
	free(sampler->values);
}

/* FNV-1a, its bits mixed once more: the lowest ones are looked at alone. */
static __u64 hash(const __u8 *key, __u32 size)
{
	__u64 hash = 0xcbf29ce484222325;

	while (size--)
		hash = (hash ^ *key++) * 0x100000001b3;
	hash ^= hash >> 32;
	hash *= 0x9e3779b97f4a7c15;
	return hash >> 32;
}

static bool is_sampled(const struct sampler *sampler, const __u8 *key, __u32 level)
{
	return !level || !(hash(key, sampler->info->key_size) & all_bits(level));
}

static __u64 field_of(const struct field *field, const __u8 *value)
{
	union {
		__u8 one;
		__u16 two;
		__u32 four;
		__u64 eight;
	} word = {};

	memcpy(&word, value + field->offset, field->size);
	word.eight = field->size == 1	? word.one
		     : field->size == 2 ? word.two
		     : field->size == 4 ? word.four
					: word.eight;
	return word.eight >> field->shift & all_bits(field->bits);
}

static const __u8 *record(const struct sampler *sampler, const struct sample *sample, __u32 i)
{
	return sample->records + (size_t)i * sampler->stride;
}

static int add_record(const struct sampler *sampler, struct sample *sample, const __u8 *key,
		      const __u8 *value)
{
	__u32 room = sample->room ? 2 * sample->room : ROOM;
	__u64 word = value ? field_of(sampler->field, value) : 0;
	__u8 *records = sample->records;

	if (sample->count == sample->room) {
		records = realloc(records, (size_t)room * sampler->stride);
		if (!records)
			return -ENOMEM;
		sample->records = records;
		sample->room = room;
	}
	records += (size_t)sample->count++ * sampler->stride;
	memcpy(records, &word, sizeof(word));
	memcpy(records + KEY_AT, key, sampler->info->key_size);
	return 0;
}

static int compare_keys(const void *a, const void *b, void *size)
{
	return memcmp((const __u8 *)a + KEY_AT, (const __u8 *)b + KEY_AT, *(const __u32 *)size);
}

/* A key that was replaced meanwhile can have been seen twice. */
static void sort_records(const struct sampler *sampler, struct sample *sample)
{
	__u32 size = sampler->info->key_size, kept = 0;

	if (!sample->count)
		return;
	qsort_r(sample->records, sample->count, sampler->stride, compare_keys, &size);
	for (__u32 i = 1; i < sample->count; i++) {
		const __u8 *next = record(sampler, sample, i);

		if (!compare_keys(record(sampler, sample, kept), next, &size))
			continue;
		memmove(sample->records + (size_t)++kept * sampler->stride, next, sampler->stride);
	}
	sample->count = kept + 1;
}

int take_sample(const struct sampler *sampler, __u64 entries, struct sample *sample)
{
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .flags = BPF_MAP_SWEEP_COUNT | BPF_MAP_SWEEP_ALL,
		    .keys = sampler->keys, .values = sampler->values, .capacity = sampler->room);
	int more = 1, err = 0;

	sample->count = 0;
	for (sample->level = 0; entries >> sample->level > SAMPLE_ENTRIES;)
		sample->level++;
	while (more == 1 && !err) {
		more = bpf_map_sweep(sampler->fd, NULL, 0, &opts);
		if (more < 0)
			return more;
		for (__u64 i = 0; i < opts.matched && !err; i++) {
			const __u8 *key = sampler->keys + i * sampler->info->key_size;
			const __u8 *value = sampler->values;

			if (value)
				value += i * sampler->info->value_size;
			if (is_sampled(sampler, key, sample->level))
				err = add_record(sampler, sample, key, value);
		}
	}
	sort_records(sampler, sample);
	return err;
}

/* Behind those that the coarser of two samples does not have. */
static __u32 next_in_both(const struct sampler *sampler, const struct sample *sample, __u32 i,
			  __u32 level)
{
	while (i < sample->count &&
	       !is_sampled(sampler, record(sampler, sample, i) + KEY_AT, level))
		i++;
	return i;
}

void compare_samples(const struct sampler *sampler, const struct sample *before,
		     const struct sample *now, struct difference *difference)
{
	__u32 level = before->level > now->level ? before->level : now->level;
	__u32 size = sampler->info->key_size, i = 0, j = 0;

	*difference = (struct difference){ .level = level };
	for (;;) {
		const __u8 *old, *new;
		int order;

		i = next_in_both(sampler, before, i, level);
		j = next_in_both(sampler, now, j, level);
		if (i == before->count && j == now->count)
			break;
		old = record(sampler, before, i);
		new = record(sampler, now, j);
		order = i == before->count ? 1
			: j == now->count  ? -1
					   : compare_keys(old, new, &size);
		difference->deleted += order < 0;
		difference->created += order > 0;
		difference->refreshed += !order && memcmp(old, new, KEY_AT);
		i += order <= 0;
		j += order >= 0;
	}
	difference->created <<= level;
	difference->deleted <<= level;
	difference->refreshed <<= level;
}
