// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp add and bpfcmp set: change one word of a value, or of the values of many keys, where it is, and tell what it
 * was and is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "keys.h"

/* As it is in a value. */
union word {
	__u32 half;
	__u64 whole;
};

static union word word_of(__u64 number, const struct field *field)
{
	union word word = { .whole = number };

	if (field->size == sizeof(word.half))
		word.half = (__u32)number;
	return word;
}

static __u64 number_of(const union word *word, const struct field *field)
{
	return field->size == sizeof(word->half) ? word->half : word->whole;
}

/* In JSON as a string: its numbers do not have so many bits. */
static void print_number(const char *before, const char *name, __u64 number,
			 const struct field *field)
{
	char digits[24];
	__s64 value = number;

	if (field->size == sizeof(__u32))
		value = (__s32)number;
	if (field->flags & BPF_MAP_SWEEP_SIGNED)
		snprintf(digits, sizeof(digits), "%lld", (long long)value);
	else
		snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	if (output_is_json())
		json_string(name, digits);
	else
		printf("%s%s: %s", before, name, digits);
}

static void print_numbers(const char *before, const union word *word,
			  const struct word_request *request)
{
	const struct field *field = &request->field;
	__u64 old = number_of(word, field), new = request->operand;

	if (request->add)
		new = (old + new) & all_bits(field->bits);
	print_number(before, "old", old, field);
	print_number(before, "new", new, field);
}

static void print_answer(const struct answer *answer, const struct word_request *request,
			 const union word *old)
{
	if (output_is_json()) {
		json_open(NULL, '{');
		json_string("result", answer->result);
	} else {
		fputs(answer->text, stdout);
	}
	if (!answer->status)
		print_numbers("\n", old, request);
	if (output_is_json())
		json_close('}');
	else
		putchar('\n');
}

/* With the words that it takes, or as many of each as there are keys. */
static struct change change_of(const struct word_request *request, const void *operands,
			       const void *expected, void *old)
{
	const struct field *field = &request->field;
	struct change change = {
		.done = request->add ? "added" : "set",
		.key = request->key.at,
		.value = operands,
		.opts = {
			.sz = sizeof(change.opts),
			.flags = BPF_F_IN_PLACE,
			.op = request->add ? BPF_MAP_UPDATE_ADD : BPF_MAP_UPDATE_SET,
			.offset = field->offset,
			.size = field->size,
			.old = old,
			.claim_first = request->claim_first,
			.claim_last = request->claim_last,
		},
	};

	if (request->expected_at) {
		change.opts.flags |= BPF_F_COMPARE;
		change.opts.compare = expected;
		change.opts.compare_offset = field->offset;
		change.opts.compare_size = field->size;
	}
	return change;
}

static enum status change_word(int fd, const struct bpf_map_info *info,
			       const struct word_request *request)
{
	union word operand = word_of(request->operand, &request->field), old = {};
	union word expected = word_of(request->expected, &request->field);
	struct change change = change_of(request, &operand, &expected, &old);
	struct answer answer;
	enum status status;

	status = change_entry(fd, info, &change, &answer);
	if (status)
		return status;
	print_answer(&answer, request, &old);
	return answer.status;
}

struct changes {
	const struct word_request *request;
	struct change change;
	__u8 *words; /* operands, what is expected, and the old ones, each as many as a batch has keys */
};

static int change_batch(struct keys *keys, __u32 count)
{
	const struct changes *changes = keys->what;
	struct change change = changes->change;

	change.key = keys->keys;
	return change_entries(keys->fd, count, &change, keys->results);
}

static void print_key(const struct keys *keys, __u32 i)
{
	const struct changes *changes = keys->what;
	const struct word_request *request = changes->request;
	const __u8 *key = keys->keys + (size_t)i * keys->info->key_size;
	struct answer answer = answer_of_change(keys->results[i], &changes->change);
	union word old;

	memcpy(&old, (__u8 *)changes->change.opts.old + (size_t)i * request->field.size,
	       request->field.size);
	if (output_is_json()) {
		json_open(NULL, '{');
		json_bytes("key", key, keys->info->key_size);
		json_string("result", answer.result);
	} else {
		print_bytes("key:", key, keys->info->key_size);
		printf("  %s", answer.result);
	}
	if (!answer.status)
		print_numbers("  ", &old, request);
	if (output_is_json())
		json_close('}');
	else
		putchar('\n');
}

static enum status fail_keys(const struct keys *keys, int err)
{
	const struct changes *changes = keys->what;

	return fail_to_change(err, keys->info, &changes->change);
}

/* The library takes an operand, and what is expected, for each key. */
static enum status make_room(struct changes *changes, __u32 room)
{
	const struct word_request *request = changes->request;
	union word operand = word_of(request->operand, &request->field);
	union word expected = word_of(request->expected, &request->field);
	size_t size = request->field.size, all = room * size;

	changes->words = calloc(3, all);
	if (!changes->words)
		return fail(STATUS_ERROR, "out of memory");
	for (size_t at = 0; at < all; at += size) {
		memcpy(changes->words + at, &operand, size);
		memcpy(changes->words + all + at, &expected, size);
	}
	changes->change =
		change_of(request, changes->words, changes->words + all, changes->words + 2 * all);
	return STATUS_OK;
}

static enum status change_keys(int fd, const struct bpf_map_info *info,
			       const struct word_request *request)
{
	const struct keys_way way = {
		.done = request->add ? "added" : "set",
		.run = change_batch,
		.print = print_key,
		.fail = fail_keys,
	};
	struct changes changes = { .request = request };
	struct keys keys = { .way = &way, .what = &changes, .fd = fd, .info = info };
	enum status status;

	status = open_keys(&keys, request->keys);
	if (!status)
		status = make_room(&changes, keys.room);
	if (!status)
		status = run_keys(&keys);
	bpf_map_compare_release(fd);
	free(changes.words);
	close_keys(&keys);
	return status;
}

static enum status parse_and_change(int fd, const struct bpf_map_info *info, char **words, bool add)
{
	struct word_request request = { .add = add };
	enum status status;

	status = parse_word_request(words, info, &request);
	if (!status)
		status = request.keys ? change_keys(fd, info, &request)
				      : change_word(fd, info, &request);
	free_word_request(&request);
	return status;
}

static enum status add_in(int fd, const struct bpf_map_info *info, char **words)
{
	return parse_and_change(fd, info, words, true);
}

static enum status set_in(int fd, const struct bpf_map_info *info, char **words)
{
	return parse_and_change(fd, info, words, false);
}

enum status do_add(char **argv)
{
	return with_map(argv, "add", add_in);
}

enum status do_set(char **argv)
{
	return with_map(argv, "set", set_in);
}
