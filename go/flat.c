// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build cgo && !purego

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "flat.h"

struct flat_map flat_map(int fd)
{
	struct bpf_map_info info = {};
	__u32 size = offsetof(struct bpf_map_info, name);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		/* This one command has a number of its own for what the others call EBADF. */
		return (struct flat_map){ .err = errno == EBADFD ? -EBADF : -errno };
	return (struct flat_map){ .type = info.type,
				  .key_size = info.key_size,
				  .value_size = info.value_size };
}

int flat_duplicate(int fd)
{
	int ours = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return ours < 0 ? -errno : ours;
}

/* What is asked of the duplicate's map holds until end(). */
static int begin(int fd, struct flat_map *map, struct flat_answer *answer)
{
	int ours = flat_duplicate(fd);

	*map = ours < 0 ? (struct flat_map){ .err = ours } : flat_map(ours);
	*answer = (struct flat_answer){ .err = map->err };
	return ours;
}

static void end(int ours)
{
	if (ours >= 0)
		close(ours);
}

/* Of a call of the library, which has why for as long as this thread makes no other. */
static void have(struct flat_answer *answer, int err)
{
	answer->err = err;
	snprintf(answer->reason, sizeof(answer->reason), "%s",
		 err < 0 ? libbpf_compare_reason() : "");
}

static void __attribute__((format(printf, 2, 3)))
misfit(struct flat_answer *answer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(answer->reason, sizeof(answer->reason), format, args);
	va_end(args);
	answer->err = -EINVAL;
	answer->misfit = true;
}

static void fit_key(const struct flat_map *map, struct flat_bytes key, struct flat_answer *answer)
{
	if (!answer->err && key.size != map->key_size)
		misfit(answer, "a key of %zu bytes, for a map with keys of %u", key.size,
		       map->key_size);
}

static void fit_keys(const struct flat_map *map, struct flat_bytes keys, uint32_t count,
		     struct flat_answer *answer)
{
	if (!answer->err && keys.size != (uint64_t)count * map->key_size)
		misfit(answer, "%zu bytes of keys, for a map with keys of %u", keys.size,
		       map->key_size);
}

static void fit_linked_keys(const struct flat_map *map, struct flat_bytes keys, uint32_t count,
			    struct flat_answer *answer)
{
	if (!answer->err && keys.size != (uint64_t)count * map->key_size)
		misfit(answer, "linked entries: %zu bytes of keys, of %u with %u each", keys.size,
		       count, map->key_size);
}

/* Gives the region's size, and from which byte to which one the library has to step. */
static void fit_seen(const struct flat_map *map, const char *whose, struct flat_bytes seen,
		     uint32_t count, struct flat_opts *opts, uint32_t *first, uint32_t *stride,
		     struct flat_answer *answer)
{
	if (answer->err)
		return;
	if (!opts->compare_size)
		opts->compare_size = map->value_size;
	if (opts->compare_size > map->value_size ||
	    opts->compare_offset > map->value_size - opts->compare_size)
		return misfit(answer, "%sa region of %u bytes at %u, for a map with values of %u",
			      whose, opts->compare_size, opts->compare_offset, map->value_size);
	*stride = opts->whole ? map->value_size : opts->compare_size;
	*first = opts->whole && count ? opts->compare_offset : 0;
	if (seen.size != (uint64_t)count * *stride)
		misfit(answer, "%s%zu bytes seen, of %u entries with %u each", whose, seen.size,
		       count, *stride);
}

static void fit_values(const struct flat_map *map, struct flat_bytes values, uint32_t count,
		       struct flat_answer *answer)
{
	if (!answer->err && values.at && values.size != (uint64_t)count * map->value_size)
		misfit(answer, "room for %zu bytes of values, of %u entries with %u each",
		       values.size, count, map->value_size);
}

struct flat_answer flat_delete(int fd, struct flat_bytes key)
{
	struct flat_answer answer;
	struct flat_map map;

	fd = begin(fd, &map, &answer);
	fit_key(&map, key, &answer);
	if (!answer.err)
		have(&answer, bpf_map_delete_elem_opts(fd, key.at, NULL));
	end(fd);
	return answer;
}

/* With what there is for batches alone. */
static struct flat_answer delete_one_of_batch(int fd, struct flat_bytes key, struct flat_bytes seen,
					      struct flat_opts opts)
{
	struct flat_answer answer;
	int result;

	answer = flat_delete_batch_if(fd, key, 1, seen, opts, &result, (struct flat_linked){});
	if (!answer.err)
		answer.err = result;
	return answer;
}

struct flat_answer flat_delete_if(int fd, struct flat_bytes key, struct flat_bytes seen,
				  struct flat_opts opts)
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, elem, .flags = BPF_F_COMPARE, .claim = opts.claim.at,
		    .claim_offset = opts.claim_offset, .claim_size = opts.claim.size,
		    .backend = opts.backend);
	struct flat_answer answer;
	uint32_t first, stride;
	struct flat_map map;

	if (opts.values.at || opts.claim_first || opts.claim_last)
		return delete_one_of_batch(fd, key, seen, opts);
	fd = begin(fd, &map, &answer);
	fit_key(&map, key, &answer);
	fit_seen(&map, "", seen, 1, &opts, &first, &stride, &answer);
	if (!answer.err) {
		elem.compare = seen.at + first;
		elem.compare_offset = opts.compare_offset;
		elem.compare_size = opts.compare_size;
		have(&answer, bpf_map_delete_elem_opts(fd, key.at, &elem));
	}
	end(fd);
	return answer;
}

/* Gives a descriptor for end(). */
static int add_linked(struct bpf_map_delete_batch_opts *batch, struct flat_linked *linked,
		      uint32_t count, struct flat_answer *answer)
{
	struct flat_opts *opts = &linked->opts;
	uint32_t first, stride;
	struct flat_map map;
	int ours;

	if (answer->err || !linked->results)
		return -1;
	ours = begin(linked->fd, &map, answer);
	if (answer->err)
		snprintf(answer->reason, sizeof(answer->reason), "the linked map's descriptor, %d",
			 linked->fd);
	fit_linked_keys(&map, linked->keys, count, answer);
	if (linked->seen.at)
		fit_seen(&map, "linked entries: ", linked->seen, count, opts, &first, &stride,
			 answer);
	if (answer->err)
		return ours;
	if (linked->seen.at) {
		batch->linked_compare = linked->seen.at + first;
		batch->linked_compare_stride = stride;
	}
	batch->linked_fd = ours;
	batch->linked_keys = linked->keys.at;
	batch->linked_compare_offset = opts->compare_offset;
	batch->linked_compare_size = opts->compare_size;
	batch->linked_claim = opts->claim.at;
	batch->linked_claim_offset = opts->claim_offset;
	batch->linked_claim_size = opts->claim.size;
	batch->linked_flags = linked->flags;
	batch->linked_results = linked->results;
	return ours;
}

static void cancel(int *results, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		results[i] = -ECANCELED;
}

struct flat_answer flat_delete_batch_if(int fd, struct flat_bytes keys, uint32_t count,
					struct flat_bytes seen, struct flat_opts opts, int *results,
					struct flat_linked linked)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, batch, .elem_flags = BPF_F_COMPARE,
		    .claim = opts.claim.at, .claim_offset = opts.claim_offset,
		    .claim_size = opts.claim.size, .claim_first = opts.claim_first,
		    .claim_last = opts.claim_last, .backend = opts.backend, .results = results,
		    .values = opts.values.at);
	struct flat_answer answer;
	uint32_t first, stride;
	struct flat_map map;
	int linked_fd;

	cancel(results, count);
	if (linked.results)
		cancel(linked.results, count);
	fd = begin(fd, &map, &answer);
	fit_keys(&map, keys, count, &answer);
	fit_seen(&map, "", seen, count, &opts, &first, &stride, &answer);
	fit_values(&map, opts.values, count, &answer);
	linked_fd = add_linked(&batch, &linked, count, &answer);
	if (!answer.err) {
		batch.compare = seen.at + first;
		batch.compare_offset = opts.compare_offset;
		batch.compare_size = opts.compare_size;
		batch.compare_stride = stride;
		have(&answer, bpf_map_delete_batch_opts(fd, keys.at, &count, &batch));
	}
	end(linked_fd);
	end(fd);
	return answer;
}

/* What the kernel takes for a value: of maps that have one for each CPU, all of those. */
static uint64_t full_value_size(const struct flat_map *map, struct flat_answer *answer)
{
	int cpus = 1;

	switch (map->type) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
		cpus = libbpf_num_possible_cpus();
		if (cpus < 0)
			answer->err = cpus;
		return (map->value_size + 7ULL) / 8 * 8 * (cpus < 0 ? 0 : cpus);
	}
	return map->value_size;
}

static void fit_written(const struct flat_map *map, struct flat_bytes values, uint32_t count,
			const struct flat_update *update, struct flat_answer *answer)
{
	const struct flat_bytes *old = &update->opts.values;
	uint64_t each = 0;

	if (answer->err)
		return;
	if (update->flags & BPF_F_IN_PLACE)
		each = update->size ? update->size : map->value_size;
	else
		each = full_value_size(map, answer);
	if (answer->err)
		return;
	if (values.size != count * each)
		misfit(answer, "%zu bytes to write, to %u entries with %llu each", values.size,
		       count, (unsigned long long)each);
	else if (old->at && old->size != count * each)
		misfit(answer, "room for %zu bytes of what was there, in %u entries with %llu each",
		       old->size, count, (unsigned long long)each);
}

/* Gives what was seen of the first entry, and from which byte to which one the library has to step. */
static const uint8_t *fit_condition(const struct flat_map *map, uint32_t count,
				    struct flat_update *update, uint32_t *stride,
				    struct flat_answer *answer)
{
	uint32_t first = 0;

	*stride = 0;
	if (!(update->flags & BPF_F_COMPARE))
		return NULL;
	fit_seen(map, "", update->seen, count, &update->opts, &first, stride, answer);
	return update->seen.at + first;
}

/* As everywhere but in the kernel's own update: -EBUSY means "differs" alone. */
static int answer_of_update(uint64_t flags, int err)
{
	bool is_lock_error = err == -EBUSY || err == -EDEADLK || err == -ETIMEDOUT;

	return !(flags & (BPF_F_COMPARE | BPF_F_IN_PLACE)) && is_lock_error ? -EAGAIN : err;
}

struct flat_answer flat_update(int fd, struct flat_bytes key, struct flat_bytes value,
			       struct flat_update update)
{
	LIBBPF_OPTS(bpf_map_update_elem_opts, elem, .flags = update.flags, .offset = update.offset,
		    .size = update.size, .op = update.op, .old = update.opts.values.at,
		    .claim_first = update.opts.claim_first, .claim_last = update.opts.claim_last,
		    .backend = update.opts.backend);
	struct flat_answer answer;
	struct flat_map map;
	uint32_t stride;
	int err;

	fd = begin(fd, &map, &answer);
	fit_key(&map, key, &answer);
	fit_written(&map, value, 1, &update, &answer);
	elem.compare = fit_condition(&map, 1, &update, &stride, &answer);
	if (!answer.err) {
		elem.compare_offset = update.opts.compare_offset;
		elem.compare_size = update.opts.compare_size;
		err = bpf_map_update_elem_opts(fd, key.at, value.at, &elem);
		have(&answer, answer_of_update(elem.flags, err));
	}
	end(fd);
	return answer;
}

struct flat_answer flat_update_batch(int fd, struct flat_bytes keys, uint32_t count,
				     struct flat_bytes values, struct flat_update update,
				     int *results)
{
	LIBBPF_OPTS(bpf_map_update_batch_opts, batch, .elem_flags = update.flags,
		    .offset = update.offset, .size = update.size, .op = update.op,
		    .old = update.opts.values.at, .claim_first = update.opts.claim_first,
		    .claim_last = update.opts.claim_last, .backend = update.opts.backend,
		    .results = results);
	struct flat_answer answer;
	struct flat_map map;

	cancel(results, count);
	fd = begin(fd, &map, &answer);
	fit_keys(&map, keys, count, &answer);
	fit_written(&map, values, count, &update, &answer);
	batch.compare = fit_condition(&map, count, &update, &batch.compare_stride, &answer);
	if (!answer.err) {
		batch.compare_offset = update.opts.compare_offset;
		batch.compare_size = update.opts.compare_size;
		have(&answer, bpf_map_update_batch_opts(fd, keys.at, values.at, &count, &batch));
	}
	end(fd);
	return answer;
}

/* Lowers most to the number of entries that there is room for. */
static void fit_room(const char *what, struct flat_bytes room, uint32_t size, uint32_t *most,
		     struct flat_answer *answer)
{
	if (answer->err || !room.at)
		return;
	if (!room.size || !size || room.size % size)
		return misfit(answer, "room for %zu bytes of %s, of %u each", room.size, what, size);
	if (!*most || room.size / size < *most)
		*most = room.size / size < UINT32_MAX ? room.size / size : UINT32_MAX;
}

static void fit_both(const struct flat_map *map, struct flat_sweep_opts *opts,
		     struct flat_answer *answer)
{
	fit_room("keys", opts->keys, map->key_size, &opts->most, answer);
	fit_room("values", opts->values, map->value_size, &opts->most, answer);
	if (!answer->err && opts->keys.at && opts->values.at &&
	    opts->keys.size / map->key_size != opts->values.size / map->value_size)
		misfit(answer, "room for %zu keys, but for %zu values",
		       opts->keys.size / map->key_size, opts->values.size / map->value_size);
}

struct flat_swept flat_sweep(int fd, const struct bpf_map_sweep_cond *conds, uint32_t count,
			     struct flat_sweep_opts opts)
{
	LIBBPF_OPTS(bpf_map_sweep_opts, sweep, .flags = opts.flags, .claim = opts.claim.at,
		    .claim_offset = opts.claim_offset, .claim_size = opts.claim.size,
		    .claim_first = opts.claim_first, .claim_last = opts.claim_last,
		    .keys = opts.keys.at, .values = opts.values.at,
		    .max_scan_us = opts.max_scan_us, .cursor = opts.cursor);
	struct flat_swept swept = {};
	struct flat_map map;
	int err;

	fd = begin(fd, &map, &swept.answer);
	fit_both(&map, &opts, &swept.answer);
	if (!swept.answer.err) {
		sweep.capacity = opts.most;
		if (opts.stop_after)
			err = bpf_map_sweep_timed(fd, conds, count, &sweep, opts.stop_after);
		else
			err = bpf_map_sweep(fd, conds, count, &sweep);
		have(&swept.answer, err);
	}
	end(fd);
	swept.cursor = sweep.cursor;
	swept.scanned = sweep.scanned;
	swept.matched = sweep.matched;
	swept.deleted = sweep.deleted;
	swept.changed = sweep.changed;
	return swept;
}

/* These write through no pointer of the caller's: they take fd as it is. */
struct flat_answer flat_backend(int fd)
{
	struct flat_answer answer = {};

	have(&answer, bpf_map_get_compare_backend(fd));
	return answer;
}

struct flat_answer flat_release(int fd)
{
	struct flat_answer answer = {};

	have(&answer, bpf_map_compare_release(fd));
	return answer;
}

struct flat_answer flat_take_claim(int fd, uint64_t first, uint64_t last, uint8_t *claim,
				   uint32_t size)
{
	struct flat_answer answer = {};

	have(&answer, bpf_map_claim_take(fd, first, last, claim, size));
	return answer;
}

struct flat_answer flat_probe(uint32_t map_type, uint32_t backend)
{
	struct flat_answer answer = {};

	have(&answer, libbpf_probe_bpf_map_compare(map_type, backend, NULL));
	return answer;
}
