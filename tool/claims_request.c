// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The words of bpfcmp claims, behind the map's.
 */
#include <string.h>
#include "bpfcmp.h"

enum keyword {
	CLAIM,
	FROM,
	TO,
	OWN,
	CLEAR,
	WAIT,
	JSON,
	KEYWORDS
};

static const char *const keywords[KEYWORDS] = {
	[CLAIM] = "claim", [FROM] = "from", [TO] = "to",     [OWN] = "own",
	[CLEAR] = "clear", [WAIT] = "wait", [JSON] = "json",
};

static bool is_given(const struct claims_request *request, enum keyword keyword)
{
	return request->given & 1U << keyword;
}

static enum keyword find_keyword(const char *word)
{
	return find_word(word, keywords, KEYWORDS);
}

static enum status parse_claim_field(char ***words, const struct bpf_map_info *info,
				     struct claims_request *request)
{
	struct field *field = &request->field;
	enum status status = parse_one_field(words, info, field);

	if (status)
		return status;
	if (field->flags & (BPF_MAP_SWEEP_KEY | BPF_MAP_SWEEP_BE) ||
	    (field->bits != 32 && field->bits != 64) || field->bits != 8 * field->size)
		return fail(STATUS_USAGE,
			    "%s: claims are words of a value, of 4 or 8 bytes of the machine's "
			    "order",
			    field->name);
	if (field->offset % field->size)
		return fail(STATUS_USAGE, "%s: at %u, which is no multiple of its %u bytes",
			    field->name, field->offset, field->size);
	return STATUS_OK;
}

/* A number follows; what it may be is known with the field. */
static enum status keep_number(char ***words, const char *name, const char **number)
{
	*number = **words;
	if (!*number)
		return fail(STATUS_USAGE, "%s: no number given", name);
	++*words;
	return STATUS_OK;
}

static enum status parse_word(char ***words, const struct bpf_map_info *info,
			      struct claims_request *request)
{
	const char *word = **words;
	enum keyword keyword = find_keyword(word);

	if (keyword == KEYWORDS)
		return fail(STATUS_USAGE, "unknown word '%s', see bpfcmp claims help", word);
	if (is_given(request, keyword))
		return fail(STATUS_USAGE, "'%s' is there twice", word);
	request->given |= 1U << keyword;
	++*words;
	switch (keyword) {
	case CLAIM:
		return parse_claim_field(words, info, request);
	case FROM:
		return keep_number(words, word, &request->from);
	case TO:
		return keep_number(words, word, &request->to);
	case OWN:
		return keep_number(words, word, &request->own);
	case CLEAR:
		request->clear = true;
		return STATUS_OK;
	case WAIT:
		word = **words;
		*words += !!word;
		return parse_wait(word, keywords[WAIT], &request->wait_ms);
	default:
		return STATUS_OK;
	}
}

static enum status check_numbers(struct claims_request *request)
{
	enum status status;

	status = parse_claim(request->from, &request->field, &request->claim_first);
	if (!status)
		status = parse_claim(request->to, &request->field, &request->claim_last);
	if (!status && request->own)
		status = parse_claim(request->own, &request->field, &request->own_claim);
	if (!status && request->claim_first > request->claim_last)
		return fail(STATUS_USAGE, "from %s to %s: as unsigned numbers that is none",
			    request->from, request->to);
	return status;
}

enum status parse_claims_request(char **words, const struct bpf_map_info *info,
				 struct claims_request *request)
{
	enum status status;

	/* Errors, too, wherever it is. */
	for (char **word = words; *word; word++)
		if (!strcmp(*word, keywords[JSON]) && !output_is_json())
			set_output(OUTPUT_JSON);
	while (*words) {
		status = parse_word(&words, info, request);
		if (status)
			return status;
	}
	if (!is_given(request, CLAIM))
		return fail(STATUS_USAGE, "which word? claim, and its field");
	if (!is_given(request, FROM) || !is_given(request, TO))
		return fail(STATUS_USAGE, "which words are claims? from N to N");
	if (is_given(request, OWN) && !request->clear)
		return fail(STATUS_USAGE, "own without clear");
	return check_numbers(request);
}
