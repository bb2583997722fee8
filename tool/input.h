/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Keys and values that come from a file.
 */
#ifndef BPFCMP_INPUT_H
#define BPFCMP_INPUT_H

#include "bpfcmp.h"

#define INPUT_BYTES 65536
#define INPUT_END   (-1) /* in the place of a character */

/* input.c */
struct input {
	const char *name; /* for messages */
	int fd;
	int err;		  /* that it ended by */
	unsigned int line, began; /* likewise of the entry */
	__u64 entries;		  /* there were */
	char problem[192];	  /* once there was one */
	bool ended;
	size_t at, end;
	unsigned char *bytes;
	/* Of JSON: */
	bool is_json, is_told; /* what it is */
	bool behind;	       /* a value, with no comma since */
	__u32 depth;	       /* of the arrays that are open */
};

/* To be closed in any case. "-" is standard input. */
enum status open_input(struct input *input, const char *file);
void close_input(struct input *input);
/* Reads on, where all that was read is used up: the next character. */
int fill_input(struct input *input);
/* The next character, which stays the next one. */
static inline int peek(struct input *input)
{
	return input->at < input->end ? input->bytes[input->at] : fill_input(input);
}

/* Goes behind what was peeked at. */
static inline void pass(struct input *input)
{
	input->line += input->bytes[input->at++] == '\n';
}

static inline int next(struct input *input)
{
	int c = peek(input);

	if (c != INPUT_END)
		pass(input);
	return c;
}

static inline bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static inline int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' ^ 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind blanks, and behind ends of lines too: the next character. */
static inline int pass_blanks(struct input *input)
{
	while (is_blank(peek(input)))
		pass(input);
	return peek(input);
}

static inline int pass_space(struct input *input)
{
	while (pass_blanks(input) == '\n')
		pass(input);
	return peek(input);
}

/* What there was of an entry. */
enum found {
	FOUND_END, /* of the file */
	FOUND_BAD, /* and why is kept */
	FOUND_KEY,
	FOUND_VALUE, /* and its key */
	FOUND_GONE,  /* a key, and in the value's place that there is no entry */
};

/* Keeps what is wrong there: FOUND_BAD. It is the end where we are to end. */
enum found found_bad(struct input *input, const char *problem);
/* Of the entry that was read last. */
enum found found_bad_entry(struct input *input, const char *problem);
enum found found_bad_bytes(struct input *input, const char *what, __u32 expected);
/* And says it, or why no more could be read. */
enum status fail_input(const struct input *input);

/* line_entries.c, json_entries.c: the next entry; there is room for a key and a value of the map. */
enum found read_line_entry(struct input *input, const struct bpf_map_info *info, __u8 *key,
			   __u8 *value);
enum found read_json_entry(struct input *input, const struct bpf_map_info *info, __u8 *key,
			   __u8 *value);
/* Whichever the file has. */
enum found read_entry(struct input *input, const struct bpf_map_info *info, __u8 *key, __u8 *value);

#endif /* BPFCMP_INPUT_H */
