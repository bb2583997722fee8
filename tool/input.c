// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A file that is read character by character, and may be a pipe: where in it we are, and that it ended by an error,
 * or because we are to end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bpfcmp.h"
#include "input.h"

enum status open_input(struct input *input, const char *file)
{
	bool standard = !strcmp(file, "-");

	input->name = standard ? "standard input" : file;
	input->line = 1;
	input->fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	if (input->fd < 0)
		return fail_errno(errno, "open", file);
	input->bytes = malloc(INPUT_BYTES);
	return input->bytes ? STATUS_OK : fail(STATUS_ERROR, "out of memory");
}

void close_input(struct input *input)
{
	if (input->fd > STDIN_FILENO)
		close(input->fd);
	free(input->bytes);
}

/* Other than read(), poll() ends where we are interrupted. */
int fill_input(struct input *input)
{
	struct pollfd ready = { .fd = input->fd, .events = POLLIN };
	ssize_t got = 0;

	if (input->ended)
		return INPUT_END;
	if (poll(&ready, 1, -1) > 0 || !is_interrupted())
		got = read(input->fd, input->bytes, INPUT_BYTES);
	input->ended = got <= 0;
	input->err = got < 0 ? errno : 0;
	if (input->ended)
		return INPUT_END;
	input->at = 0;
	input->end = got;
	return input->bytes[0];
}

enum found found_bad(struct input *input, const char *problem)
{
	if (is_interrupted())
		return FOUND_END;
	snprintf(input->problem, sizeof(input->problem), "%s", problem);
	return FOUND_BAD;
}

enum found found_bad_entry(struct input *input, const char *problem)
{
	input->line = input->began;
	input->entries--;
	return found_bad(input, problem);
}

enum found found_bad_bytes(struct input *input, const char *what, __u32 expected)
{
	char problem[64];

	snprintf(problem, sizeof(problem), "%s: expected %u byte%s", what, expected,
		 expected == 1 ? "" : "s");
	return found_bad(input, problem);
}

enum status fail_input(const struct input *input)
{
	if (input->err)
		return fail_errno(input->err, "read", input->name);
	/* All of a dump in JSON may be one line. */
	if (input->is_json)
		return fail(STATUS_ERROR, "%s, line %u, entry %llu: %s", input->name, input->line,
			    (unsigned long long)input->entries + 1, input->problem);
	return fail(STATUS_ERROR, "%s, line %u: %s", input->name, input->line, input->problem);
}

enum found read_entry(struct input *input, const struct bpf_map_info *info, __u8 *key, __u8 *value)
{
	enum found found;
	int c;

	if (!input->is_told) {
		c = pass_space(input);
		input->is_json = c == '[' || c == '{';
		input->is_told = true;
	}
	found = input->is_json ? read_json_entry(input, info, key, value)
			       : read_line_entry(input, info, key, value);
	if (found == FOUND_END)
		return input->err ? FOUND_BAD : FOUND_END;
	input->entries += found != FOUND_BAD;
	return found;
}
