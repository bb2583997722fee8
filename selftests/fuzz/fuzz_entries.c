// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What bpfcmp reads of files of keys: any bytes are read to an end, and what was found in them, written as bpftool
 * would, in lines and in JSON, is found again.
 */
#define _GNU_SOURCE /* memfd_create() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include "../../tool/input.h"

#define KEY_SIZE   3
#define VALUE_SIZE 18 /* bpftool has a line for 16 bytes */
#define MOST	   64

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size);

static const struct bpf_map_info info = { .key_size = KEY_SIZE, .value_size = VALUE_SIZE };

struct entry_read {
	enum found found;
	__u8 key[KEY_SIZE], value[VALUE_SIZE];
};

static __u32 read_all(const char *data, size_t size, struct entry_read *entries)
{
	struct input input = {};
	char file[32];
	int fd = memfd_create("entries", 0);
	__u32 count = 0;

	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || open_input(&input, file))
		abort();
	while (count < MOST) {
		struct entry_read *entry = &entries[count];

		entry->found = read_entry(&input, &info, entry->key, entry->value);
		if (entry->found == FOUND_END || entry->found == FOUND_BAD)
			break;
		count++;
	}
	if (count < MOST && entries[count].found == FOUND_BAD && !*input.problem)
		abort();
	close_input(&input);
	close(fd);
	return count;
}

static void write_bytes(FILE *file, const __u8 *bytes, __u32 count, bool json)
{
	for (__u32 i = 0; i < count; i++) {
		if (json)
			fprintf(file, "%s\"0x%02x\"", i ? "," : "[", bytes[i]);
		else
			fprintf(file, "%s%02x", !i ? "" : i % 16 ? " " : "\n", bytes[i]);
	}
	fputs(json ? "]" : "\n", file);
}

static void write_entry(FILE *file, const struct entry_read *entry, bool first, bool json)
{
	if (json)
		fputs(first ? "[{" : ",{", file);
	fputs(json ? "\"key\":" : "key:\n", file);
	write_bytes(file, entry->key, KEY_SIZE, json);
	if (entry->found != FOUND_KEY)
		fputs(json ? ",\"value\":" : "value:\n", file);
	if (entry->found == FOUND_VALUE)
		write_bytes(file, entry->value, VALUE_SIZE, json);
	if (entry->found == FOUND_GONE)
		fputs(json ? "{\"error\":\"none\"}" : "<no entry>\n", file);
	if (json)
		fputs(",\"formatted\":{\"key\":[1,{\"a\":\"]}\"}]}}", file);
}

static bool is_same(const struct entry_read *a, const struct entry_read *b)
{
	return a->found == b->found && !memcmp(a->key, b->key, KEY_SIZE) &&
	       (a->found != FOUND_VALUE || !memcmp(a->value, b->value, VALUE_SIZE));
}

static void read_again(const struct entry_read *entries, __u32 count, bool json)
{
	static struct entry_read again[MOST];
	size_t size;
	char *text;
	FILE *file = open_memstream(&text, &size);

	for (__u32 i = 0; i < count; i++)
		write_entry(file, &entries[i], !i, json);
	fputs(json ? (count ? "]" : "[]") : "Found some elements\n", file);
	fclose(file);
	if (read_all(text, size, again) != count)
		abort();
	for (__u32 i = 0; i < count; i++)
		if (!is_same(&entries[i], &again[i]))
			abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	static struct entry_read entries[MOST];
	__u32 count = read_all((const char *)data, size, entries);

	read_again(entries, count, false);
	read_again(entries, count, true);
	return 0;
}
