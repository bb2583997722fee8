// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The words of bpfcmp sweep and bpfcmp count, behind the map's.
 */
#include <stdint.h>
#include <stdlib.h>
#include "bpfcmp.h"

enum keyword {
	WHERE,
	ALL,
	CLAIM,
	CLAIM_OFFSET,
	CLAIM_FIRST,
	CLAIM_LAST,
	DRY_RUN,
	KEYS,
	VALUES,
	LIMIT,
	JSON,
	KEYWORDS
};

static const char *const names[KEYWORDS] = {
	[WHERE] = "where",
	[ALL] = "all",
	[CLAIM] = "claim",
	[CLAIM_OFFSET] = "claim_offset",
	[CLAIM_FIRST] = "claim_first",
	[CLAIM_LAST] = "claim_last",
	[DRY_RUN] = "dry-run",
	[KEYS] = "keys",
	[VALUES] = "values",
	[LIMIT] = "limit",
	[JSON] = "json",
};

static const struct keywords keywords = { "sweep", names, KEYWORDS };

static bool is_given(const struct sweep_request *request, enum keyword keyword)
{
	return request->given & 1U << keyword;
}

static enum status parse_limit(const char *word, __u64 *limit)
{
	__u32 number;
	enum status status = parse_number(word, names[LIMIT], &number);

	if (!status && !number)
		return fail(STATUS_USAGE, "limit: 0 entries");
	*limit = number;
	return status;
}

/* Reads what follows a keyword; *words is then behind it. */
static enum status parse_argument(enum keyword keyword, char ***words,
				  const struct bpf_map_info *info, struct sweep_request *request)
{
	const char *name = names[keyword], *word = **words;

	switch (keyword) {
	case WHERE:
		return parse_where(words, info, &request->where);
	case ALL:
		request->all = true;
		return STATUS_OK;
	case CLAIM:
		return parse_data(words, &keywords, name, &request->claim);
	case DRY_RUN:
		request->count = true;
		return STATUS_OK;
	case KEYS:
		request->keys = true;
		return STATUS_OK;
	case VALUES:
		request->values = true;
		return STATUS_OK;
	case JSON:
		return STATUS_OK;
	default:
		*words += !!word;
	}
	switch (keyword) {
	case CLAIM_OFFSET:
		return parse_number(word, name, &request->claim_offset);
	case CLAIM_FIRST:
		return parse_long_number(word, name, &request->claim_first);
	case CLAIM_LAST:
		return parse_long_number(word, name, &request->claim_last);
	default:
		return parse_limit(word, &request->limit);
	}
}

static enum status parse_word(char ***words, const struct bpf_map_info *info,
			      struct sweep_request *request)
{
	enum status status;
	__u32 keyword;

	status = take_keyword(words, &keywords, &request->given, &keyword);
	return status ? status : parse_argument(keyword, words, info, request);
}

/* Where the claim's word is, if that is not said: where the first field of a value is that is looked at. */
static void place_claim(struct sweep_request *request)
{
	for (__u32 i = request->where.count; i-- > 0;)
		if (!(request->where.conds[i].flags & BPF_MAP_SWEEP_KEY))
			request->claim_offset = request->where.conds[i].offset;
}

static enum status check_claim(struct sweep_request *request)
{
	bool claim = is_given(request, CLAIM);

	if (claim && request->claim.count != 4 && request->claim.count != 8)
		return fail(STATUS_USAGE, "claim: expected 4 or 8 bytes, given %zu",
			    request->claim.count);
	if (is_given(request, CLAIM_OFFSET) && !claim)
		return fail(STATUS_USAGE, "claim_offset without claim");
	if (is_given(request, CLAIM_FIRST) != is_given(request, CLAIM_LAST))
		return fail(STATUS_USAGE, "claim_first and claim_last: one without the other");
	if (is_given(request, CLAIM_FIRST) && !claim)
		return fail(STATUS_USAGE, "claim_first without claim");
	if (claim && request->all)
		return fail(STATUS_USAGE, "all with claim: no condition is on its word");
	if (claim && !is_given(request, CLAIM_OFFSET))
		place_claim(request);
	return STATUS_OK;
}

/* What is to be counted is everything, if nothing is said of it. To be deleted it has to be said. */
static enum status check_request(struct sweep_request *request)
{
	if (request->all && request->where.count)
		return fail(STATUS_USAGE, "all, and where");
	if (!request->all && !request->where.count) {
		if (!request->count || is_given(request, DRY_RUN))
			return fail(STATUS_USAGE, "which entries? where and conditions, or all");
		request->all = true;
	}
	return check_claim(request);
}

enum status parse_sweep_request(char **words, const struct bpf_map_info *info,
				struct sweep_request *request)
{
	enum status status;

	request->limit = UINT64_MAX;
	set_output_by_words(words);
	while (*words) {
		status = parse_word(&words, info, request);
		if (status)
			return status;
	}
	return check_request(request);
}

void free_sweep_request(struct sweep_request *request)
{
	free(request->claim.at);
}
