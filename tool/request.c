// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The words of bpfcmp delete: an entry, what counts for the whole call, and perhaps a linked entry.
 */
#include <stdlib.h>
#include <string.h>
#include "bpfcmp.h"

enum keyword {
	KEY,
	KEYS,
	COMPARE,
	OFFSET,
	SIZE,
	CLAIM,
	CLAIM_OFFSET,
	CLAIM_FIRST,
	CLAIM_LAST,
	BACKEND,
	VALUE,
	RESULTS,
	LINKED,
	KEEP,
	ABSENT,
	FIRST,
	KEYWORDS
};

static const char *const names[KEYWORDS] = {
	[KEY] = "key",
	[KEYS] = "keys",
	[COMPARE] = "compare",
	[OFFSET] = "offset",
	[SIZE] = "size",
	[CLAIM] = "claim",
	[CLAIM_OFFSET] = "claim_offset",
	[CLAIM_FIRST] = "claim_first",
	[CLAIM_LAST] = "claim_last",
	[BACKEND] = "backend",
	[VALUE] = "value",
	[RESULTS] = "results",
	[LINKED] = "linked",
	[KEEP] = "keep",
	[ABSENT] = "absent",
	[FIRST] = "first",
};

static const struct keywords keywords = { "delete", names, KEYWORDS };

#define BIT(keyword) (1U << (keyword))
#define OF_LINKED    (BIT(KEEP) | BIT(ABSENT) | BIT(FIRST))
#define OF_CALL                                                                                    \
	(BIT(KEYS) | BIT(CLAIM_FIRST) | BIT(CLAIM_LAST) | BIT(BACKEND) | BIT(VALUE) |              \
	 BIT(RESULTS) | BIT(LINKED))

static bool is_given(const struct entry *entry, enum keyword keyword)
{
	return entry->given & BIT(keyword);
}

static enum status parse_backend(const char *word, __u32 *backend)
{
	const char *name;

	if (!word)
		return fail(STATUS_USAGE, "backend: none given");
	for (*backend = 0; (name = libbpf_bpf_map_compare_backend_str(*backend)); ++*backend)
		if (!strcmp(word, name))
			return STATUS_OK;
	return fail(STATUS_USAGE, "unknown backend '%s': auto, native or syscall_prog", word);
}

static enum status parse_linked_map(char ***words, struct entry *linked)
{
	enum status status = check_map_words(*words, names[LINKED]);

	linked->map = *words;
	if (!status)
		*words += MAP_WORDS;
	return status;
}

/* Reads what follows a keyword; *words is then behind it. */
static enum status parse_argument(enum keyword keyword, char ***words, struct entry *entry,
				  struct request *request)
{
	const char *name = names[keyword], *word = **words;

	switch (keyword) {
	case KEY:
		return parse_data(words, &keywords, name, &entry->key);
	case KEYS:
		return keep_word(words, name, "file", &request->keys);
	case COMPARE:
		return parse_data(words, &keywords, name, &entry->compare);
	case CLAIM:
		return parse_data(words, &keywords, name, &entry->claim);
	case LINKED:
		return parse_linked_map(words, &request->linked);
	case VALUE:
		request->value = true;
		return STATUS_OK;
	case RESULTS:
		request->results = true;
		return STATUS_OK;
	case KEEP:
		request->linked_flags |= BPF_MAP_LINKED_KEEP;
		return STATUS_OK;
	case ABSENT:
		request->linked_flags |= BPF_MAP_LINKED_ABSENT;
		return STATUS_OK;
	case FIRST:
		request->linked_flags |= BPF_MAP_LINKED_FIRST;
		return STATUS_OK;
	default:
		*words += !!word;
	}
	switch (keyword) {
	case OFFSET:
		return parse_number(word, name, &entry->offset);
	case SIZE:
		return parse_number(word, name, &entry->size);
	case CLAIM_OFFSET:
		return parse_number(word, name, &entry->claim_offset);
	case CLAIM_FIRST:
		return parse_long_number(word, name, &request->claim_first);
	case CLAIM_LAST:
		return parse_long_number(word, name, &request->claim_last);
	default:
		return parse_backend(word, &request->backend);
	}
}

static enum status parse_word(char ***words, struct entry *entry, struct request *request)
{
	bool linked = entry == &request->linked;
	const char *word = **words;
	enum status status;
	__u32 keyword;

	status = take_keyword(words, &keywords, &entry->given, &keyword);
	if (status)
		return status;
	if (BIT(keyword) & OF_LINKED && !linked)
		return fail(STATUS_USAGE, "'%s' before 'linked'", word);
	if (BIT(keyword) & OF_CALL && linked)
		return fail(STATUS_USAGE, "'%s' after 'linked'", word);
	return parse_argument(keyword, words, entry, request);
}

static enum status check_first(const struct entry *first)
{
	if (!is_given(first, KEY) && !is_given(first, KEYS))
		return fail(STATUS_USAGE, "no key given");
	if (is_given(first, KEY) && is_given(first, KEYS))
		return fail(STATUS_USAGE, "key, and keys");
	if (is_given(first, KEYS) && is_given(first, LINKED))
		return fail(STATUS_USAGE, "linked with keys");
	if (is_given(first, RESULTS) && !is_given(first, KEYS))
		return fail(STATUS_USAGE, "results without keys");
	if (!is_given(first, COMPARE) && !is_given(first, KEYS))
		return fail(STATUS_USAGE, "nothing given to compare with");
	if (is_given(first, CLAIM_OFFSET) && !is_given(first, CLAIM))
		return fail(STATUS_USAGE, "claim_offset without claim");
	if (is_given(first, CLAIM_FIRST) != is_given(first, CLAIM_LAST))
		return fail(STATUS_USAGE, "claim_first and claim_last: one without the other");
	return STATUS_OK;
}

/* Claims are of one of the entries, or of both. */
static enum status check_claims(const struct request *request)
{
	if (is_given(&request->first, CLAIM_FIRST) && !is_given(&request->first, CLAIM) &&
	    !is_given(&request->linked, CLAIM))
		return fail(STATUS_USAGE, "claim_first without claim");
	return STATUS_OK;
}

static enum status check_linked(const struct entry *linked)
{
	__u32 fate = linked->given & OF_LINKED;

	if (!is_given(linked, KEY))
		return fail(STATUS_USAGE, "linked: no key given");
	if (!is_given(linked, COMPARE) && (is_given(linked, OFFSET) || is_given(linked, SIZE)))
		return fail(STATUS_USAGE, "linked: offset or size without compare");
	if (is_given(linked, CLAIM_OFFSET) && !is_given(linked, CLAIM))
		return fail(STATUS_USAGE, "linked: claim_offset without claim");
	if (fate & (fate - 1))
		return fail(STATUS_USAGE, "linked: more than one of keep, absent and first");
	if (is_given(linked, ABSENT) && (is_given(linked, COMPARE) || is_given(linked, CLAIM)))
		return fail(STATUS_USAGE, "linked: compare or claim with absent");
	if (is_given(linked, KEEP) && is_given(linked, CLAIM))
		return fail(STATUS_USAGE, "linked: claim with keep");
	return STATUS_OK;
}

enum status parse_request(char **words, struct request *request)
{
	struct entry *entry = &request->first;
	enum status status;

	request->first.whose = "";
	request->linked.whose = "linked: ";
	status = check_map_words(words, "delete");
	if (status)
		return status;
	entry->map = words;
	words += MAP_WORDS;
	while (*words) {
		status = parse_word(&words, entry, request);
		if (status)
			return status;
		if (request->linked.map)
			entry = &request->linked;
	}
	status = check_first(&request->first);
	if (!status && request->linked.map)
		status = check_linked(&request->linked);
	return status ? status : check_claims(request);
}

static void free_entry(struct entry *entry)
{
	free(entry->key.at);
	free(entry->compare.at);
	free(entry->claim.at);
}

void free_request(struct request *request)
{
	free_entry(&request->first);
	free_entry(&request->linked);
}

static bool claim_is_expected(const struct entry *entry)
{
	__u64 at = (__u64)entry->claim_offset - entry->offset;

	return is_given(entry, COMPARE) && entry->claim_offset >= entry->offset &&
	       at + entry->claim.count <= entry->size &&
	       !memcmp(entry->compare.at + at, entry->claim.at, entry->claim.count);
}

enum status fit_to_map(struct entry *entry, const struct bpf_map_info *info)
{
	bool compares = is_given(entry, COMPARE) || is_given(entry, KEYS);
	enum status status = STATUS_OK;

	if (compares && !is_given(entry, SIZE))
		entry->size = size_to_end(entry->offset, info);
	if (compares)
		status = check_region(entry->whose, entry->offset, entry->size, info);
	if (status)
		return status;
	if (!is_given(entry, CLAIM_OFFSET))
		entry->claim_offset = entry->offset;
	if (is_given(entry, CLAIM) && entry->claim.count != 4 && entry->claim.count != 8)
		return fail(STATUS_USAGE, "%sclaim: expected 4 or 8 bytes, given %zu", entry->whose,
			    entry->claim.count);
	if (!is_given(entry, KEYS))
		status = check_count(entry->whose, "key", &entry->key, info->key_size);
	if (!status && is_given(entry, COMPARE))
		status = check_count(entry->whose, "compare", &entry->compare, entry->size);
	if (status)
		return status;
	/* To the library, in a batch, that is a key's answer: it differs. */
	if (is_given(entry, CLAIM) && claim_is_expected(entry))
		return fail(STATUS_USAGE, "%sclaim: it equals the bytes that it replaces",
			    entry->whose);
	return STATUS_OK;
}
