// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp update: replaces an entry's value, or part of it, and says what became of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "bpfcmp.h"

/* old is NULL where it is not wanted. */
static void print_answer(const struct answer *answer, const __u8 *old, size_t count)
{
	if (output_is_json()) {
		json_open(NULL, '{');
		json_string("result", answer->result);
		if (old)
			json_bytes("old", old, count);
		json_close('}');
		return;
	}
	puts(answer->text);
	if (old) {
		print_bytes("old:", old, count);
		putchar('\n');
	}
}

static void set_compare(struct bpf_map_update_elem_opts *opts, const struct update_request *request)
{
	opts->flags |= BPF_F_COMPARE;
	opts->compare = request->compare.at;
	opts->compare_offset = request->offset;
	opts->compare_size = request->size;
}

static void set_in_place(struct bpf_map_update_elem_opts *opts,
			 const struct update_request *request)
{
	opts->flags |= BPF_F_IN_PLACE;
	opts->offset = request->at;
	opts->size = request->value.count;
	opts->claim_first = request->claim_first;
	opts->claim_last = request->claim_last;
}

static enum status update_entry(int fd, const struct bpf_map_info *info,
				const struct update_request *request)
{
	struct change change = {
		.done = "updated",
		.key = request->key.at,
		.value = request->value.at,
		.opts = { .sz = sizeof(change.opts), .flags = request->flags },
	};
	__u8 *old = request->old ? malloc(request->value.count) : NULL;
	struct answer answer;
	enum status status;

	if (request->old && !old)
		return fail(STATUS_ERROR, "out of memory");
	change.opts.old = old;
	if (request->compare.at)
		set_compare(&change.opts, request);
	if (request->in_place)
		set_in_place(&change.opts, request);
	status = change_entry(fd, info, &change, &answer);
	if (!status) {
		print_answer(&answer, answer.status ? NULL : old, request->value.count);
		status = answer.status;
	}
	free(old);
	return status;
}

static enum status update_in(int fd, const struct bpf_map_info *info, char **words)
{
	struct update_request request = {};
	enum status status;

	status = parse_update_request(words, info, &request);
	if (!status)
		status = update_entry(fd, info, &request);
	free_update_request(&request);
	return status;
}

enum status do_update(char **argv)
{
	return with_map(argv, "update", update_in);
}
