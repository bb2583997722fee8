// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Entries in JSON, as bpftool dumps them and jq hands them on: objects with "key" and "value", or keys alone, in
 * arrays or one after the other. Bytes are strings or numbers. What else an object has is passed over.
 */
#include <limits.h>
#include <string.h>
#include "input.h"

#define DEPTH_MAX  64
#define NAME_BYTES 16

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* 0x and two digits, or a number. */
static bool read_digits(struct input *input, __u8 *byte)
{
	int number = 0, base = 10, digit;

	if (!is_digit(peek(input)))
		return false;
	if (peek(input) == '0') {
		pass(input);
		if (peek(input) == 'x' || peek(input) == 'X') {
			pass(input);
			base = 16;
			if (hex_digit(peek(input)) < 0)
				return false;
		} else if (is_digit(peek(input))) {
			return false;
		}
	}
	while (digit = hex_digit(peek(input)), digit >= 0 && digit < base) {
		number = number * base + digit;
		if (number > UCHAR_MAX)
			return false;
		pass(input);
	}
	*byte = number;
	return true;
}

static bool take(struct input *input, int c)
{
	if (peek(input) != c)
		return false;
	pass(input);
	return true;
}

static bool read_byte(struct input *input, __u8 *byte)
{
	bool quoted = pass_space(input) == '"';

	if (quoted)
		pass(input);
	return read_digits(input, byte) && (!quoted || take(input, '"'));
}

/* Behind the [. */
static bool read_bytes(struct input *input, __u8 *bytes, __u32 count)
{
	for (__u32 i = 0; i < count; i++) {
		pass_space(input);
		if ((i && !take(input, ',')) || !read_byte(input, &bytes[i]))
			return false;
	}
	pass_space(input);
	return take(input, ']');
}

/* Behind the first quote, to behind the last: as much of it as there is room for, which may be none. */
static bool read_string(struct input *input, char *string)
{
	size_t length = 0;
	int c;

	while ((c = next(input)) != '"') {
		if (c == '\\')
			c = next(input);
		if (c == INPUT_END || c == '\n')
			return false;
		if (string && length < NAME_BYTES - 1)
			string[length++] = c;
	}
	if (string)
		string[length] = '\0';
	return true;
}

static bool is_scalar(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || c == 'E' || c == '-' || c == '+' ||
	       c == '.';
}

static bool pass_scalar(struct input *input)
{
	if (!is_scalar(peek(input)))
		return false;
	while (is_scalar(peek(input)))
		pass(input);
	return true;
}

/* A value whatever it is: brackets have to match, what is between them is not looked at closely. */
static bool pass_value(struct input *input)
{
	char open[DEPTH_MAX];
	__u32 depth = 0;

	do {
		int c = pass_space(input);

		if (c == '[' || c == '{') {
			if (depth == DEPTH_MAX)
				return false;
			open[depth++] = c == '[' ? ']' : '}';
			pass(input);
		} else if (depth && c == open[depth - 1]) {
			depth--;
			pass(input);
		} else if (depth && (c == ',' || c == ':')) {
			pass(input);
		} else if (c == '"') {
			pass(input);
			if (!read_string(input, NULL))
				return false;
		} else if (!pass_scalar(input)) {
			return false;
		}
	} while (depth);
	return true;
}

#define NO_BYTES                                                                                   \
	": no array of as many bytes as the map has: bpftool -j map dump has them, also of maps "  \
	"with BTF"

/* In the place of the value of an entry that it could not read, bpftool has an object that says why. */
static enum found read_member(struct input *input, const struct bpf_map_info *info,
			      const char *name, __u8 *key, __u8 *value)
{
	int c = pass_space(input);

	if (!strcmp(name, "key")) {
		if (take(input, '[') && read_bytes(input, key, info->key_size))
			return FOUND_KEY;
		return found_bad(input, "key" NO_BYTES);
	}
	if (!strcmp(name, "value") && c != '{') {
		if (take(input, '[') && read_bytes(input, value, info->value_size))
			return FOUND_VALUE;
		return found_bad(input, "value" NO_BYTES);
	}
	if (!pass_value(input))
		return found_bad(input, "no JSON");
	return strcmp(name, "value") ? FOUND_END : FOUND_GONE;
}

/* Behind the {. */
static enum found read_object(struct input *input, const struct bpf_map_info *info, __u8 *key,
			      __u8 *value)
{
	bool has_key = false;
	enum found result = FOUND_KEY, found;
	char name[NAME_BYTES];

	for (bool more = pass_space(input) != '}'; more; more = take(input, ',')) {
		pass_space(input);
		if (!take(input, '"') || !read_string(input, name) || pass_space(input) != ':')
			return found_bad(input, "no member of an object");
		pass(input);
		found = read_member(input, info, name, key, value);
		if (found == FOUND_BAD)
			return found;
		has_key |= found == FOUND_KEY;
		if (found == FOUND_VALUE || found == FOUND_GONE)
			result = found;
		pass_space(input);
	}
	if (!take(input, '}'))
		return found_bad(input, "no , or } behind a member of an object");
	return has_key ? result : found_bad(input, "an object without \"key\"");
}

/* Behind the [: a key, or an array of what is looked for. */
static enum found read_array(struct input *input, const struct bpf_map_info *info, __u8 *key)
{
	int c = pass_space(input);

	if (c != '"' && !is_digit(c)) {
		input->behind = false;
		if (input->depth++ < DEPTH_MAX)
			return FOUND_END;
		return found_bad(input, "too many arrays in one another");
	}
	return read_bytes(input, key, info->key_size) ? FOUND_KEY
						      : found_bad(input, "key" NO_BYTES);
}

/* What is between the values; FOUND_END where one may follow. */
static enum found pass_between(struct input *input, bool *comma)
{
	for (;;) {
		int c = pass_space(input);

		if (c == ']' && input->depth && !*comma) {
			input->depth--;
			input->behind = true;
		} else if (c == ',' && input->depth && input->behind) {
			input->behind = false;
			*comma = true;
		} else {
			break;
		}
		pass(input);
	}
	if (input->depth && input->behind)
		return found_bad(input, "no , or ] behind a value");
	return FOUND_END;
}

enum found read_json_entry(struct input *input, const struct bpf_map_info *info, __u8 *key,
			   __u8 *value)
{
	enum found found = FOUND_END;

	while (found == FOUND_END) {
		bool comma = false;

		if (pass_between(input, &comma) == FOUND_BAD)
			return FOUND_BAD;
		if (peek(input) == INPUT_END)
			return input->depth || input->err
				       ? found_bad(input, "it ends in the middle")
				       : FOUND_END;
		input->behind = true;
		input->began = input->line;
		if (take(input, '{'))
			found = read_object(input, info, key, value);
		else if (take(input, '['))
			found = read_array(input, info, key);
		else
			found = found_bad(input, "neither an entry nor an array");
	}
	return found;
}
