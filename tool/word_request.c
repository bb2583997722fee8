// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The words of bpfcmp add and bpfcmp set, behind the map's.
 */
#include <stdlib.h>
#include "bpfcmp.h"

/* Those of add end with by, those of set with to and if. */
enum keyword {
	KEY,
	KEYS,
	FIELD,
	OFFSET,
	SIZE,
	CLAIM_FIRST,
	CLAIM_LAST,
	JSON,
	OPERAND,
	ADD_KEYWORDS,
	IF = ADD_KEYWORDS,
	SET_KEYWORDS
};

#define OF_BOTH                                                                                    \
	[KEY] = "key", [KEYS] = "keys", [FIELD] = "field", [OFFSET] = "offset", [SIZE] = "size",   \
	[CLAIM_FIRST] = "claim_first", [CLAIM_LAST] = "claim_last", [JSON] = "json"

static const char *const add_names[ADD_KEYWORDS] = { OF_BOTH, [OPERAND] = "by" };
static const char *const set_names[SET_KEYWORDS] = { OF_BOTH, [OPERAND] = "to", [IF] = "if" };

static const struct keywords add_keywords = { "add", add_names, ADD_KEYWORDS };
static const struct keywords set_keywords = { "set", set_names, SET_KEYWORDS };

static const struct keywords *keywords_of(const struct word_request *request)
{
	return request->add ? &add_keywords : &set_keywords;
}

static bool is_given(const struct word_request *request, enum keyword keyword)
{
	return request->given & 1U << keyword;
}

/* It is read when the field is known. */
static enum status keep_operand(char ***words, const char *name, char ***operand)
{
	*operand = *words;
	if (!**words)
		return fail(STATUS_USAGE, "%s: no number given", name);
	skip_operand(words);
	return STATUS_OK;
}

/* Reads what follows a keyword; *words is then behind it. */
static enum status parse_argument(enum keyword keyword, char ***words,
				  const struct bpf_map_info *info, struct word_request *request)
{
	const struct keywords *keywords = keywords_of(request);
	const char *name = keywords->words[keyword], *word = **words;

	switch (keyword) {
	case KEY:
		return parse_data(words, keywords, name, &request->key);
	case KEYS:
		return keep_word(words, name, "file", &request->keys);
	case FIELD:
		return parse_one_field(words, info, true, &request->field);
	case OFFSET:
		*words += !!word;
		return parse_number(word, name, &request->field.offset);
	case SIZE:
		*words += !!word;
		return parse_number(word, name, &request->size);
	case CLAIM_FIRST:
		return keep_word(words, name, "number", &request->first);
	case CLAIM_LAST:
		return keep_word(words, name, "number", &request->last);
	case OPERAND:
		return keep_operand(words, name, &request->operand_at);
	case IF:
		return keep_operand(words, name, &request->expected_at);
	default:
		return STATUS_OK;
	}
}

static enum status parse_word(char ***words, const struct bpf_map_info *info,
			      struct word_request *request)
{
	enum status status;
	__u32 keyword;

	status = take_keyword(words, keywords_of(request), &request->given, &keyword);
	return status ? status : parse_argument(keyword, words, info, request);
}

static enum status check_request(const struct word_request *request)
{
	const char *operand = keywords_of(request)->words[OPERAND];

	if (!is_given(request, KEY) && !is_given(request, KEYS))
		return fail(STATUS_USAGE, "no key given");
	if (is_given(request, KEY) && is_given(request, KEYS))
		return fail(STATUS_USAGE, "key, and keys");
	if (is_given(request, FIELD) && (is_given(request, OFFSET) || is_given(request, SIZE)))
		return fail(STATUS_USAGE, "field, and offset or size");
	if (!is_given(request, FIELD) && !(is_given(request, OFFSET) && is_given(request, SIZE)))
		return fail(STATUS_USAGE, "which word? field and its name, or offset N size N");
	if (!is_given(request, OPERAND))
		return fail(STATUS_USAGE, "no number given: '%s' and one", operand);
	if (is_given(request, CLAIM_FIRST) != is_given(request, CLAIM_LAST))
		return fail(STATUS_USAGE, "claim_first and claim_last: one without the other");
	return STATUS_OK;
}

/* The word that offset and size say. */
static enum status place_field(struct word_request *request, const struct bpf_map_info *info)
{
	struct field *field = &request->field;

	if (request->size != sizeof(__u32) && request->size != sizeof(__u64))
		return fail(STATUS_USAGE, "size %u: a word has 4 or 8 bytes", request->size);
	field->name = request->size == sizeof(__u32) ? "u32" : "u64";
	field->size = request->size;
	field->bits = 8 * request->size;
	return check_region("", field->offset, field->size, info);
}

static enum status read_operands(struct word_request *request)
{
	const struct field *field = &request->field;
	enum status status;

	if (request->add)
		status = parse_any_sign(*request->operand_at, field, &request->operand);
	else
		status = parse_operand(&request->operand_at, field, false, &request->operand);
	if (!status && request->expected_at)
		status = parse_operand(&request->expected_at, field, false, &request->expected);
	if (!status && request->first)
		status = parse_claims(request->first, request->last, field, &request->claim_first,
				      &request->claim_last);
	return status;
}

enum status parse_word_request(char **words, const struct bpf_map_info *info,
			       struct word_request *request)
{
	enum status status = STATUS_OK;

	set_output_by_words(words);
	while (*words && !status)
		status = parse_word(&words, info, request);
	if (!status)
		status = check_request(request);
	if (!status && !is_given(request, FIELD))
		status = place_field(request, info);
	if (!status)
		status = check_is_word(&request->field, request->add ? "add is for" : "set is for");
	if (!status && !request->keys)
		status = check_count("", "key", &request->key, info->key_size);
	return status ? status : read_operands(request);
}

void free_word_request(struct word_request *request)
{
	free(request->key.at);
}
