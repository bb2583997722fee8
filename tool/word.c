// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp add and bpfcmp set: change one word of a value where it is, and tell what it was and is.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "bpfcmp.h"

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
static void print_number(const char *name, __u64 number, const struct field *field)
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
		printf("%s: %s\n", name, digits);
}

static void print_answer(const struct answer *answer, const struct word_request *request,
			 __u64 before)
{
	const struct field *field = &request->field;
	__u64 after = request->operand;

	if (request->add)
		after = (before + after) & all_bits(field->bits);
	if (output_is_json()) {
		json_open(NULL, '{');
		json_string("result", answer->result);
	} else {
		puts(answer->text);
	}
	if (!answer->status) {
		print_number("old", before, field);
		print_number("new", after, field);
	}
	if (output_is_json())
		json_close('}');
}

static enum status change_word(int fd, const struct bpf_map_info *info,
			       const struct word_request *request)
{
	const struct field *field = &request->field;
	union word operand = word_of(request->operand, field);
	union word expected = word_of(request->expected, field), before = {};
	struct change change = {
		.done = request->add ? "added" : "set",
		.key = request->key.at,
		.value = (const __u8 *)&operand,
		.opts = {
			.sz = sizeof(change.opts),
			.flags = BPF_F_IN_PLACE,
			.op = request->add ? BPF_MAP_UPDATE_ADD : BPF_MAP_UPDATE_SET,
			.offset = field->offset,
			.size = field->size,
			.old = &before,
			.claim_first = request->claim_first,
			.claim_last = request->claim_last,
		},
	};
	struct answer answer;
	enum status status;

	if (request->expected_at) {
		change.opts.flags |= BPF_F_COMPARE;
		change.opts.compare = &expected;
		change.opts.compare_offset = field->offset;
		change.opts.compare_size = field->size;
	}
	status = change_entry(fd, info, &change, &answer);
	if (status)
		return status;
	print_answer(&answer, request, number_of(&before, field));
	return answer.status;
}

static enum status do_it(char **argv, const char *command, bool add)
{
	struct word_request request = { .add = add };
	struct bpf_map_info info;
	enum status status;
	int fd = -1;

	status = check_map_words(argv, command);
	if (!status)
		status = open_map(argv, &fd, &info);
	if (!status)
		status = parse_word_request(argv + MAP_WORDS, &info, &request);
	if (!status)
		status = change_word(fd, &info, &request);
	if (fd >= 0)
		close(fd);
	free_word_request(&request);
	return status;
}

enum status do_add(char **argv)
{
	return do_it(argv, "add", true);
}

enum status do_set(char **argv)
{
	return do_it(argv, "set", false);
}
