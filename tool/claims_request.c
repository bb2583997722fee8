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
	enum status status = parse_one_field(words, info, false, &request->field);

	return status ? status : check_is_word(&request->field, "claims are");
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
		return keep_word(words, names[FROM], "number", &request->from);
	case TO:
		return keep_word(words, names[TO], "number", &request->to);
	case OWN:
		return keep_word(words, names[OWN], "number", &request->own);
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

	status = parse_range(request->from, request->to, &request->field, &request->claim_first,
			     &request->claim_last);
	if (!status && request->own)
		status = parse_any_sign(request->own, &request->field, &request->own_claim);
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
