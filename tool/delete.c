// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp delete: opens the maps, calls the library, says what became of the entry and of a linked one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "bpfcmp.h"

struct map {
	int fd; /* -1: not opened */
	struct bpf_map_info info;
};

#define DELETED "deleted"

static struct answer answer_of_linked(int err, __u32 flags)
{
	struct answer answer = answer_of(err, DELETED);

	if (!err && flags & BPF_MAP_LINKED_KEEP)
		return (struct answer){ "kept", "kept", STATUS_OK };
	if (err == -EBUSY && flags & BPF_MAP_LINKED_ABSENT)
		answer.text = "differs: it is there, and left alone";
	/* The first entry's status says what these did. */
	if (err != -EAGAIN)
		answer.status = STATUS_OK;
	return answer;
}

/* value is NULL where there is none to be shown. */
static enum status print_answers(const struct request *request, int result, int linked_result,
				 const struct bpf_map_info *info, const __u8 *value)
{
	struct answer first = answer_of(result, DELETED),
		      linked = answer_of_linked(linked_result, request->linked_flags);
	bool pair = request->linked.map;

	if (pair && result == -EBUSY && linked_result != -ECANCELED)
		first.text = "differs: the linked entry does, and both are left alone";
	if (output_is_json()) {
		json_open(NULL, '{');
		json_string("result", first.result);
		if (pair)
			json_string("linked", linked.result);
		if (value)
			json_bytes("value", value, info->value_size);
		json_close('}');
	} else {
		puts(first.text);
		if (pair)
			printf("linked: %s\n", linked.text);
		if (value) {
			print_bytes("value:", value, info->value_size);
			putchar('\n');
		}
	}
	return first.status || !pair ? first.status : linked.status;
}

static enum status fail_unsupported(enum bpf_map_type type, const struct request *request)
{
	const char *reason, *name = libbpf_bpf_map_type_str(type);

	if (ask_kernel(type, request->backend, &reason) == 1)
		reason = request->linked.map ? "not for these maps, these regions or linked entries"
			 : request->first.claim.at ? "not for this map, this region or a claim"
						   : "not for this map or this region";
	return fail(STATUS_UNSUPPORTED, "not supported: map type %s, backend %s: %s",
		    name ? name : "unknown", libbpf_bpf_map_compare_backend_str(request->backend),
		    reason);
}

enum status fail_to_delete(int err, enum bpf_map_type type, const struct request *request)
{
	switch (err) {
	case -EOPNOTSUPP:
		return fail_unsupported(type, request);
	case -EPERM:
		return fail(STATUS_DENIED,
			    "not permitted: the map is read-only or frozen, or the caller lacks "
			    "CAP_BPF (before Linux 6.1 perhaps CAP_PERFMON; a claim beside a "
			    "bpf_spin_lock: "
			    "CAP_SYS_ADMIN)");
	case -EINVAL:
		if (request->first.claim.at || request->linked.claim.at)
			return fail(STATUS_USAGE,
				    "the claim has to lie in the compared bytes, at a multiple of "
				    "its size in the value, and in the range of claims");
	}
	return fail_errno(-err, "delete", "the entry");
}

static enum status report(int err, int linked_result, const struct request *request,
			  const struct bpf_map_info *info, const __u8 *value)
{
	bool answers =
		!err || err == -EBUSY || err == -ENOENT || (err == -EAGAIN && request->linked.map);

	if (!answers)
		return fail_to_delete(err, info->type, request);
	return print_answers(request, err, linked_result, info, err ? NULL : value);
}

static void set_linked(struct bpf_map_delete_batch_opts *opts, const struct request *request,
		       int linked_fd, int *result)
{
	const struct entry *linked = &request->linked;

	opts->linked_fd = linked_fd;
	opts->linked_keys = linked->key.at;
	opts->linked_flags = request->linked_flags;
	opts->linked_results = result;
	opts->linked_compare = linked->compare.at;
	opts->linked_compare_offset = linked->offset;
	opts->linked_compare_size = linked->size;
	opts->linked_claim = linked->claim.at;
	if (linked->claim.at) {
		opts->linked_claim_offset = linked->claim_offset;
		opts->linked_claim_size = linked->claim.count;
	}
}

void set_delete_opts(struct bpf_map_delete_batch_opts *opts, const struct request *request)
{
	const struct entry *entry = &request->first;

	opts->elem_flags = BPF_F_COMPARE;
	opts->compare_offset = entry->offset;
	opts->compare_size = entry->size;
	opts->backend = request->backend;
	opts->claim_first = request->claim_first;
	opts->claim_last = request->claim_last;
	opts->claim = entry->claim.at;
	if (entry->claim.at) {
		opts->claim_offset = entry->claim_offset;
		opts->claim_size = entry->claim.count;
	}
}

static int delete_alone(int fd, const struct request *request)
{
	const struct entry *entry = &request->first;
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE,
		    .compare = entry->compare.at, .compare_offset = entry->offset,
		    .compare_size = entry->size, .backend = request->backend,
		    .claim = entry->claim.at);

	if (entry->claim.at) {
		opts.claim_offset = entry->claim_offset;
		opts.claim_size = entry->claim.count;
	}
	return bpf_map_delete_elem_opts(fd, entry->key.at, &opts);
}

/* With what there is for batches alone. */
static int delete_in_batch(int fd, int linked_fd, const struct request *request, __u8 *value,
			   int *linked_result)
{
	const struct entry *entry = &request->first;
	__u32 count = 1;
	int result;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .compare = entry->compare.at,
		    .results = &result, .values = value);
	int err;

	set_delete_opts(&opts, request);
	if (request->linked.map)
		set_linked(&opts, request, linked_fd, linked_result);
	err = bpf_map_delete_batch_opts(fd, entry->key.at, &count, &opts);
	return err ? err : result;
}

static enum status delete_from(const struct map *map, const struct map *linked,
			       const struct request *request)
{
	int err, linked_result = -ECANCELED;
	enum status status;
	__u8 *value = NULL;

	if (request->value) {
		value = malloc(map->info.value_size);
		if (!value)
			return fail(STATUS_ERROR, "out of memory");
	}
	if (request->linked.map || value || request->claim_first || request->claim_last)
		err = delete_in_batch(map->fd, linked->fd, request, value, &linked_result);
	else
		err = delete_alone(map->fd, request);
	keep_reason();
	status = report(err, linked_result, request, &map->info, value);
	bpf_map_compare_release(map->fd);
	free(value);
	return status;
}

static enum status open_for(struct entry *entry, struct map *map)
{
	enum status status = open_map(entry->map, &map->fd, &map->info);

	return status ? status : fit_to_map(entry, &map->info);
}

/* What cannot be said of two entries of one map. */
static enum status check_pair(const struct map *map, const struct map *linked,
			      const struct request *request)
{
	bool goes = !(request->linked_flags & (BPF_MAP_LINKED_KEEP | BPF_MAP_LINKED_ABSENT));
	const struct entry *first = &request->first, *second = &request->linked;

	if (map->info.id != linked->info.id)
		return STATUS_OK;
	if (!memcmp(first->key.at, second->key.at, first->key.count))
		return fail(STATUS_USAGE, "linked: this is the entry itself");
	if (first->claim.at && !second->claim.at && goes)
		return fail(STATUS_USAGE,
			    "linked: no claim, but one for the other entry of the map");
	if (!first->claim.at && second->claim.at)
		return fail(STATUS_USAGE,
			    "linked: a claim, but none for the other entry of the map");
	return STATUS_OK;
}

enum status do_delete(char **argv)
{
	struct map map = { .fd = -1 }, linked = { .fd = -1 };
	struct request request = {};
	enum status status;

	status = parse_request(argv, &request);
	if (!status)
		status = open_for(&request.first, &map);
	if (!status && request.linked.map)
		status = open_for(&request.linked, &linked);
	if (!status && request.linked.map)
		status = check_pair(&map, &linked, &request);
	if (!status && request.keys)
		status = delete_keys(map.fd, &map.info, &request);
	else if (!status)
		status = delete_from(&map, &linked, &request);
	if (linked.fd >= 0)
		close(linked.fd);
	if (map.fd >= 0)
		close(map.fd);
	free_request(&request);
	return status;
}
