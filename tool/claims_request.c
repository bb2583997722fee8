// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The words of bpfcmp claims, behind the map's.
 */
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

static const char *const names[KEYWORDS] = {
	[CLAIM] = "claim", [FROM] = "from", [TO] = "to",     [OWN] = "own",
	[CLEAR] = "clear", [WAIT] = "wait", [JSON] = "json",
};

static const struct keywords keywords = { "claims", names, KEYWORDS };

static bool is_given(const struct claims_request *request, enum keyword keyword)
{
	return request->given & 1U << keyword;
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

static enum status parse_word(char ***words, const struct bpf_map_info *info,
			      struct claims_request *request)
{
	enum status status;
	const char *word;
	__u32 keyword;

	status = take_keyword(words, &keywords, &request->given, &keyword);
	if (status)
		return status;
	switch (keyword) {
	case CLAIM:
		return parse_claim_field(words, info, request);
	case FROM:
		return keep_word(words, names[FROM], &request->from);
	case TO:
		return keep_word(words, names[TO], &request->to);
	case OWN:
		return keep_word(words, names[OWN], &request->own);
	case CLEAR:
		request->clear = true;
		return STATUS_OK;
	case WAIT:
		word = **words;
		*words += !!word;
		return parse_wait(word, names[WAIT], &request->wait_ms);
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

	set_output_by_words(words);
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
