// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp delete with keys: deletes the entries of many keys, each if its value is what was seen of it, or if all of
 * them have what is given.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "keys.h"

struct deletes {
	const struct request *request;
	__u8 *compare; /* for all of a batch; NULL: it is in the values */
	__u8 *values;  /* that were deleted; NULL: they are not wanted */
};

static int delete_batch(struct keys *keys, __u32 count)
{
	const struct deletes *deletes = keys->what;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .compare = deletes->compare,
		    .results = keys->results, .values = deletes->values);

	set_delete_opts(&opts, deletes->request);
	if (!deletes->compare) {
		opts.compare = keys->values + opts.compare_offset;
		opts.compare_stride = keys->info->value_size;
	}
	return bpf_map_delete_batch_opts(keys->fd, keys->keys, &count, &opts);
}

static void print_key(const struct keys *keys, __u32 i)
{
	const struct bpf_map_info *info = keys->info;
	const struct deletes *deletes = keys->what;
	const __u8 *key = keys->keys + (size_t)i * info->key_size, *value = NULL;
	const char *result = answer_of(keys->results[i], keys->way->done).result;

	if (deletes->values && !keys->results[i])
		value = deletes->values + (size_t)i * info->value_size;
	if (!value && !deletes->request->results)
		return;
	if (output_is_json()) {
		json_open(NULL, '{');
		json_bytes("key", key, info->key_size);
		json_string("result", result);
		if (value)
			json_bytes("value", value, info->value_size);
		json_close('}');
		return;
	}
	print_bytes("key:", key, info->key_size);
	if (deletes->request->results)
		printf("  %s", result);
	if (value)
		print_bytes("  value:", value, info->value_size);
	putchar('\n');
}

static enum status fail_keys(const struct keys *keys, int err)
{
	const struct deletes *deletes = keys->what;

	return fail_to_delete(err, keys->info->type, deletes->request);
}

/* The library takes expected bytes for each key. */
static enum status make_room(struct deletes *deletes, __u32 room, const struct bpf_map_info *info)
{
	const struct request *request = deletes->request;
	const struct bytes *compare = &request->first.compare;

	if (compare->at) {
		deletes->compare = calloc(room, compare->count);
		if (!deletes->compare)
			return fail(STATUS_ERROR, "out of memory");
		for (size_t i = 0; i < room; i++)
			memcpy(deletes->compare + i * compare->count, compare->at, compare->count);
	}
	if (!request->value)
		return STATUS_OK;
	deletes->values = calloc(room, info->value_size);
	return deletes->values ? STATUS_OK : fail(STATUS_ERROR, "out of memory");
}

enum status delete_keys(int fd, const struct bpf_map_info *info, const struct request *request)
{
	const struct keys_way way = {
		.done = "deleted",
		.run = delete_batch,
		.print = request->results || request->value ? print_key : NULL,
		.fail = fail_keys,
	};
	struct deletes deletes = { .request = request };
	struct keys keys = {
		.way = &way,
		.what = &deletes,
		.fd = fd,
		.info = info,
		.with_values = !request->first.compare.at,
	};
	enum status status;

	status = open_keys(&keys, request->keys);
	if (!status)
		status = make_room(&deletes, keys.room, info);
	if (!status)
		status = run_keys(&keys);
	bpf_map_compare_release(fd);
	free(deletes.compare);
	free(deletes.values);
	close_keys(&keys);
	return status;
}
