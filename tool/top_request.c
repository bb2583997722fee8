// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The words of bpfcmp top, behind the map's.
 */
#include "top.h"

enum keyword {
	WHERE,
	REFRESHED,
	INTERVAL,
	TIMES,
	JSON,
	KEYWORDS
};

static const char *const names[KEYWORDS] = {
	[WHERE] = "where", [REFRESHED] = "refreshed", [INTERVAL] = "interval",
	[TIMES] = "times", [JSON] = "json",
};

static const struct keywords keywords = { "top", names, KEYWORDS };

static enum status parse_refreshed(char ***words, const struct bpf_map_info *info,
				   struct field *field)
{
	enum status status = parse_one_field(words, info, true, field);

	if (!status && field->flags & BPF_MAP_SWEEP_KEY)
		return fail(STATUS_USAGE, "%s: of a key nothing is refreshed", field->name);
	return status;
}

static enum status parse_times(const char *word, __u32 *times)
{
	enum status status = parse_number(word, names[TIMES], times);

	return !status && !*times ? fail(STATUS_USAGE, "times: 0") : status;
}

static enum status parse_word(char ***words, const struct bpf_map_info *info,
			      struct top_request *request)
{
	enum status status;
	const char *word;
	__u32 keyword;

	status = take_keyword(words, &keywords, &request->given, &keyword);
	if (status)
		return status;
	word = **words;
	switch (keyword) {
	case WHERE:
		return parse_where(words, info, &request->where);
	case REFRESHED:
		return parse_refreshed(words, info, &request->field);
	case INTERVAL:
		*words += !!word;
		return parse_wait(word, names[INTERVAL], &request->interval_ms);
	case TIMES:
		*words += !!word;
		return parse_times(word, &request->times);
	default:
		return STATUS_OK;
	}
}

enum status parse_top_request(char **words, const struct bpf_map_info *info,
			      struct top_request *request)
{
	enum status status = STATUS_OK;

	request->interval_ms = 1000;
	set_output_by_words(words);
	while (*words && !status)
		status = parse_word(&words, info, request);
	return status;
}
