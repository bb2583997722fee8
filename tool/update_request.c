// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The words of bpfcmp update, behind the map's.
 */
#include <stdlib.h>
#include <string.h>
#include "bpfcmp.h"

enum keyword {
	KEY,
	VALUE,
	COMPARE,
	OFFSET,
	SIZE,
	IN_PLACE,
	CLAIM_FIRST,
	CLAIM_LAST,
	ANY,
	NOEXIST,
	EXIST,
	OLD,
	JSON,
	KEYWORDS
};

static const char *const names[KEYWORDS] = {
	[KEY] = "key",
	[VALUE] = "value",
	[COMPARE] = "compare",
	[OFFSET] = "offset",
	[SIZE] = "size",
	[IN_PLACE] = "in_place",
	[CLAIM_FIRST] = "claim_first",
	[CLAIM_LAST] = "claim_last",
	[ANY] = "any",
	[NOEXIST] = "noexist",
	[EXIST] = "exist",
	[OLD] = "old",
	[JSON] = "json",
};

static const struct keywords keywords = { "update", names, KEYWORDS };

#define BIT(keyword) (1U << (keyword))
#define WHATEVER     (BIT(ANY) | BIT(NOEXIST) | BIT(EXIST)) /* the value is */

static bool is_given(const struct update_request *request, enum keyword keyword)
{
	return request->given & BIT(keyword);
}

static enum status parse_at(char ***words, __u32 *offset)
{
	enum status status;

	if (!**words || strcmp(**words, "at"))
		return fail(STATUS_USAGE, "in_place: no 'at' after it, and an offset");
	++*words;
	status = parse_number(**words, "at", offset);
	*words += !status;
	return status;
}

/* Reads what follows a keyword; *words is then behind it. */
static enum status parse_argument(enum keyword keyword, char ***words,
				  struct update_request *request)
{
	const char *name = names[keyword], *word = **words;

	switch (keyword) {
	case KEY:
		return parse_data(words, &keywords, name, &request->key);
	case VALUE:
		return parse_data(words, &keywords, name, &request->value);
	case COMPARE:
		return parse_data(words, &keywords, name, &request->compare);
	case IN_PLACE:
		return parse_at(words, &request->at);
	case CLAIM_FIRST:
		return keep_word(words, name, "number", &request->first);
	case CLAIM_LAST:
		return keep_word(words, name, "number", &request->last);
	case OFFSET:
		*words += !!word;
		return parse_number(word, name, &request->offset);
	case SIZE:
		*words += !!word;
		return parse_number(word, name, &request->size);
	case NOEXIST:
		request->flags = BPF_NOEXIST;
		return STATUS_OK;
	case EXIST:
		request->flags = BPF_EXIST;
		return STATUS_OK;
	default:
		return STATUS_OK;
	}
}

static enum status parse_word(char ***words, struct update_request *request)
{
	enum status status;
	__u32 keyword;

	status = take_keyword(words, &keywords, &request->given, &keyword);
	return status ? status : parse_argument(keyword, words, request);
}

/* An entry is not replaced whatever it is because a word was forgotten. */
static enum status check_condition(const struct update_request *request)
{
	__u32 whatever = request->given & WHATEVER;
	bool guarded = is_given(request, COMPARE) || is_given(request, IN_PLACE);

	if (!whatever && !guarded)
		return fail(STATUS_USAGE, "which entry? compare and its bytes, in_place, or any, "
					  "noexist or exist");
	if (whatever & (whatever - 1))
		return fail(STATUS_USAGE, "more than one of any, noexist and exist");
	if (whatever && guarded)
		return fail(STATUS_USAGE, "any, noexist or exist with compare or in_place");
	if (whatever && is_given(request, OLD))
		return fail(STATUS_USAGE, "old without compare or in_place");
	if (!is_given(request, COMPARE) && (is_given(request, OFFSET) || is_given(request, SIZE)))
		return fail(STATUS_USAGE, "offset or size without compare");
	return STATUS_OK;
}

static enum status check_request(const struct update_request *request)
{
	if (!is_given(request, KEY))
		return fail(STATUS_USAGE, "no key given");
	if (!is_given(request, VALUE))
		return fail(STATUS_USAGE, "no value given");
	if (is_given(request, CLAIM_FIRST) != is_given(request, CLAIM_LAST))
		return fail(STATUS_USAGE, "claim_first and claim_last: one without the other");
	if (is_given(request, CLAIM_FIRST) && !is_given(request, IN_PLACE))
		return fail(STATUS_USAGE, "claim_first without in_place");
	return check_condition(request);
}

/* Claims are words: what is written has to be one. */
static enum status read_claims(struct update_request *request)
{
	struct field word = {
		.name = "value",
		.offset = request->at,
		.size = request->value.count,
		.bits = 8 * request->value.count,
	};
	enum status status;

	if (request->value.count > sizeof(__u64))
		word.bits = 0;
	status = check_is_word(&word, "with claim_first it takes");
	return status ? status
		      : parse_claims(request->first, request->last, &word, &request->claim_first,
				     &request->claim_last);
}

static enum status check_sizes(struct update_request *request, const struct bpf_map_info *info)
{
	enum status status;

	status = check_count("", names[KEY], &request->key, info->key_size);
	if (!status && is_given(request, IN_PLACE))
		status = check_region("in_place: ", request->at, request->value.count, info);
	else if (!status)
		status = check_count("", names[VALUE], &request->value, info->value_size);
	if (status || !is_given(request, COMPARE))
		return status;
	if (!is_given(request, SIZE))
		request->size = size_to_end(request->offset, info);
	status = check_region("", request->offset, request->size, info);
	return status ? status : check_count("", names[COMPARE], &request->compare, request->size);
}

enum status parse_update_request(char **words, const struct bpf_map_info *info,
				 struct update_request *request)
{
	enum status status = STATUS_OK;

	set_output_by_words(words);
	while (*words && !status)
		status = parse_word(&words, request);
	if (!status)
		status = check_request(request);
	if (!status)
		status = check_sizes(request, info);
	request->in_place = is_given(request, IN_PLACE);
	request->old = is_given(request, OLD);
	return !status && request->first ? read_claims(request) : status;
}

void free_update_request(struct update_request *request)
{
	free(request->key.at);
	free(request->value.at);
	free(request->compare.at);
}
