// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The options, wherever on the line they are. A number below 0 is none, nor is a - by itself, which is a file.
 */
#include <ctype.h>
#include <string.h>
#include "bpfcmp.h"

static const struct option {
	char letter;
	const char *name;
} known[] = {
	{ 'j', "json" },
	{ 'p', "pretty" },
	{ 'V', "version" },
	{ 'h', "help" },
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] && !isdigit((unsigned char)word[1]);
}

static bool use_letter(char letter, struct options *options)
{
	switch (letter) {
	case 'j':
		set_output(OUTPUT_JSON);
		return true;
	case 'p':
		set_output(OUTPUT_PRETTY_JSON);
		return true;
	case 'V':
		return options->version = true;
	case 'h':
		return options->help = true;
	}
	return false;
}

/* No two of them begin alike, so that its start will do for each. */
static bool use_name(const char *name, struct options *options)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (!strncmp(known[i].name, name, strlen(name)))
			return use_letter(known[i].letter, options);
	return false;
}

static bool use_option(const char *word, struct options *options)
{
	if (word[1] == '-')
		return use_name(word + 2, options);
	while (*++word)
		if (!use_letter(*word, options))
			return false;
	return true;
}

enum status take_options(char **words, struct options *options)
{
	const char *unknown = NULL;
	char **kept = words;

	for (; *words && strcmp(*words, "--"); words++) {
		if (!is_option(*words))
			*kept++ = *words;
		else if (!use_option(*words, options) && !unknown)
			unknown = *words;
	}
	/* Behind "--" all are words. */
	if (*words)
		words++;
	while (*words)
		*kept++ = *words++;
	*kept = NULL;
	/* Once all are read, as one may say how this is to be told. */
	return unknown ? fail(STATUS_USAGE, "unknown option '%s', see bpfcmp help", unknown)
		       : STATUS_OK;
}
