// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The keywords of a command, in whatever order, each of them once.
 */
#include <string.h>
#include "bpfcmp.h"

static __u32 find_keyword(const char *word, const struct keywords *keywords)
{
	__u32 i = 0;

	while (i < keywords->count && strcmp(word, keywords->words[i]))
		i++;
	return i;
}

bool is_keyword(const char *word, const struct keywords *keywords)
{
	return find_keyword(word, keywords) < keywords->count;
}

enum status take_keyword(char ***words, const struct keywords *keywords, __u32 *given,
			 __u32 *keyword)
{
	const char *word = **words;

	*keyword = find_keyword(word, keywords);
	if (*keyword == keywords->count)
		return fail(STATUS_USAGE, "unknown word '%s', see bpfcmp %s help", word,
			    keywords->command);
	if (*given & 1U << *keyword)
		return fail(STATUS_USAGE, "'%s' is there twice", word);
	*given |= 1U << *keyword;
	++*words;
	return STATUS_OK;
}

enum status keep_word(char ***words, const char *what, const char *kind, const char **word)
{
	*word = **words;
	if (!*word)
		return fail(STATUS_USAGE, "%s: no %s given", what, kind);
	++*words;
	return STATUS_OK;
}
