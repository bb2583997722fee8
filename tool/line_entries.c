// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Entries in lines: as bpftool dumps them, and as a sweep prints them, where both can be on one line or on several,
 * and bytes are hexadecimal; or a key a line, as it is typed.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "input.h"

#define WORD_BYTES 16

static bool ends_word(int c)
{
	return is_blank(c) || c == '\n' || c == INPUT_END;
}

/* The next word, as much of it as there is room for; empty at the end of the line. */
static void read_word(struct input *input, char *word)
{
	size_t length = 0;

	for (pass_blanks(input); !ends_word(peek(input)); pass(input))
		if (length < WORD_BYTES - 1)
			word[length++] = peek(input);
	word[length] = '\0';
}

static bool read_hex(struct input *input, __u8 *bytes, __u32 count)
{
	int high, low;

	for (__u32 i = 0; i < count; i++) {
		high = hex_digit(pass_space(input));
		if (high < 0)
			return false;
		pass(input);
		low = hex_digit(peek(input));
		if (low < 0)
			return false;
		pass(input);
		if (!ends_word(peek(input)))
			return false;
		bytes[i] = high << 4 | low;
	}
	return true;
}

static void pass_line(struct input *input)
{
	while (peek(input) != '\n' && peek(input) != INPUT_END)
		pass(input);
}

static enum found check_end_of_line(struct input *input, enum found found)
{
	int c = pass_blanks(input);

	return c == '\n' || c == INPUT_END ? found : found_bad(input, "more on the line than that");
}

/* Behind "key:" */
static enum found read_dumped(struct input *input, const struct bpf_map_info *info, __u8 *key,
			      __u8 *value)
{
	enum found found = FOUND_KEY;
	char word[WORD_BYTES];

	if (!read_hex(input, key, info->key_size))
		return found_bad_bytes(input, "key", info->key_size);
	if (pass_blanks(input) != 'v')
		found = check_end_of_line(input, FOUND_KEY);
	if (found != FOUND_KEY)
		return found;
	if (pass_space(input) != 'v')
		return FOUND_KEY;
	read_word(input, word);
	if (strcmp(word, "value:"))
		return found_bad(input, "no 'value:' behind a key");
	/* bpftool says here why it could not read it: it was deleted meanwhile. */
	if (hex_digit(pass_space(input)) < 0 && peek(input) != INPUT_END) {
		pass_line(input);
		return FOUND_GONE;
	}
	if (!read_hex(input, value, info->value_size))
		return found_bad_bytes(input, "value", info->value_size);
	return check_end_of_line(input, FOUND_VALUE);
}

/* In a file 010 is more likely what a dump has for 16, without "key:", than 8. */
static bool read_typed_byte(const char *word, int base, __u8 *byte)
{
	unsigned long long number;

	if (!base && word[0] == '0' && word[1] && word[1] != 'x' && word[1] != 'X')
		return false;
	if (!read_number(word, base, UCHAR_MAX, &number))
		return false;
	*byte = number;
	return true;
}

/* [hex] BYTE... up to the end of the line; word is the first of them. */
static enum found read_typed(struct input *input, const struct bpf_map_info *info, char *word,
			     __u8 *key)
{
	int base = strcmp(word, "hex") ? 0 : 16;
	char problem[80];
	__u32 count = 0;

	if (base)
		read_word(input, word);
	for (; *word; read_word(input, word)) {
		if (count == info->key_size)
			return found_bad_bytes(input, "key", info->key_size);
		if (!read_typed_byte(word, base, &key[count++])) {
			snprintf(problem, sizeof(problem),
				 "'%s' is no byte: 0 to 255, 0x00 to 0xff, or hex and 00 to ff",
				 word);
			return found_bad(input, problem);
		}
	}
	return count == info->key_size ? FOUND_KEY : found_bad_bytes(input, "key", info->key_size);
}

/* What bpftool, a sweep and a delete say below their entries. */
static bool is_summary(const char *word)
{
	return !strcmp(word, "Found") || !strcmp(word, "scanned") || !strcmp(word, "keys");
}

enum found read_line_entry(struct input *input, const struct bpf_map_info *info, __u8 *key,
			   __u8 *value)
{
	char word[WORD_BYTES];

	while (pass_space(input) != INPUT_END) {
		input->began = input->line;
		read_word(input, word);
		if (!strcmp(word, "key:"))
			return read_dumped(input, info, key, value);
		if (!is_summary(word))
			return read_typed(input, info, word, key);
		pass_line(input);
	}
	return FOUND_END;
}
