// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Answers as text or as JSON. The little JSON there is takes no library, so that bpfcmp needs none
 * but libbpf wherever it is put.
 */
#define _GNU_SOURCE /* vasprintf() */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bpfcmp.h"

static enum output_format format;
static int depth;
static bool first = true; /* nothing yet in the object or array that is open */

void set_output(enum output_format wanted)
{
	format = wanted;
}

bool output_is_json(void)
{
	return format != OUTPUT_TEXT;
}

void set_output_by_words(char **words)
{
	for (; *words; words++)
		if (!strcmp(*words, "json") && !output_is_json())
			set_output(OUTPUT_JSON);
}

static void new_line(void)
{
	if (format == OUTPUT_PRETTY_JSON)
		printf("\n%*s", 4 * depth, "");
}

/* How many bytes the UTF-8 character has that starts here, 0 where none does. */
static size_t character_size(const char *at)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = *at;
	unsigned int character;
	size_t size;

	if (lead < 0x80)
		return 1;
	size = lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 0;
	character = size ? lead & (0x7f >> size) : 0;
	for (size_t i = 1; i < size; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (at[i] & 0x3f);
	}
	if (character < least[size] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return 0;
	return size;
}

/* JSON is UTF-8. What a word or a file's name has that is not gets the character for that. */
static void put_string(const char *string)
{
	size_t size;

	putchar('"');
	for (; *string; string += size) {
		unsigned char c = *string;

		size = character_size(string);
		if (!size) {
			fputs("\\ufffd", stdout);
			size = 1;
		} else if (c == '"' || c == '\\') {
			printf("\\%c", c);
		} else if (c < ' ') {
			printf("\\u%04x", c);
		} else {
			fwrite(string, 1, size, stdout);
		}
	}
	putchar('"');
}

static void begin_value(const char *name)
{
	if (!first)
		putchar(',');
	if (depth)
		new_line();
	if (name) {
		put_string(name);
		fputs(format == OUTPUT_PRETTY_JSON ? ": " : ":", stdout);
	}
	first = false;
}

void json_open(const char *name, char bracket)
{
	begin_value(name);
	putchar(bracket);
	depth++;
	first = true;
}

void json_close(char bracket)
{
	depth--;
	new_line();
	putchar(bracket);
	/* What follows it then is another answer. */
	first = !depth;
	if (!depth)
		putchar('\n');
}

void json_string(const char *name, const char *value)
{
	begin_value(name);
	put_string(value);
}

void json_bool(const char *name, bool value)
{
	begin_value(name);
	fputs(value ? "true" : "false", stdout);
}

void json_null(const char *name)
{
	begin_value(name);
	fputs("null", stdout);
}

void json_number(const char *name, __u64 number)
{
	begin_value(name);
	printf("%llu", (unsigned long long)number);
}

void print_bytes(const char *before, const __u8 *bytes, size_t count)
{
	fputs(before, stdout);
	for (size_t i = 0; i < count; i++)
		printf(" %02x", bytes[i]);
}

void json_bytes(const char *name, const __u8 *bytes, size_t count)
{
	char text[8];

	json_open(name, '[');
	for (size_t i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "0x%02x", bytes[i]);
		json_string(NULL, text);
	}
	json_close(']');
}

struct answer answer_of(int err, const char *done)
{
	switch (err) {
	case 0:
		return (struct answer){ done, done, STATUS_OK };
	case -EBUSY:
		return (struct answer){ "differs", "differs: the entry is left alone",
					STATUS_DIFFERS };
	case -ENOENT:
		return (struct answer){ "absent", "absent: there is no such key", STATUS_ABSENT };
	case -ECANCELED:
		return (struct answer){ "skipped", "skipped: not looked at", STATUS_OK };
	default:
		return (struct answer){ "locked", "locked: the kernel could not take a lock",
					STATUS_ERROR };
	}
}

static int write_error;

bool output_failed(void)
{
	/* What could not be written is tried once more, and says why not. */
	if (!write_error && fflush(stdout))
		write_error = errno;
	else if (!write_error && ferror(stdout))
		write_error = EIO;
	return write_error;
}

enum status end_output(enum status status)
{
	if (!output_failed())
		return status;
	fprintf(stderr, "Error: write what is printed: %s\n", strerror(write_error));
	return STATUS_ERROR;
}

static const char *status_name(enum status status)
{
	switch (status) {
	case STATUS_USAGE:
		return "usage";
	case STATUS_UNSUPPORTED:
		return "unsupported";
	case STATUS_DENIED:
		return "denied";
	default:
		return "error";
	}
}

static char reason[256];

void keep_reason(void)
{
	snprintf(reason, sizeof(reason), "%s", libbpf_compare_reason());
}

enum status fail(enum status status, const char *message, ...)
{
	bool inside = depth;
	char *text;
	va_list args;

	va_start(args, message);
	if (vasprintf(&text, message, args) < 0)
		text = NULL;
	va_end(args);
	if (output_is_json()) {
		if (!inside)
			json_open(NULL, '{');
		json_string("result", status_name(status));
		json_string("error", text ? text : message);
		if (*reason)
			json_string("reason", reason);
		if (!inside)
			json_close('}');
	} else {
		fprintf(stderr, "Error: %s%s%s\n", text ? text : message, *reason ? ": " : "",
			reason);
	}
	free(text);
	return status;
}

enum status fail_errno(int err, const char *doing, const char *what)
{
	bool denied = err == EPERM || err == EACCES;

	return fail(denied ? STATUS_DENIED : STATUS_ERROR, "%s %s: %s", doing, what, strerror(err));
}
