/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * One call for many keys, which a file has.
 */
#ifndef BPFCMP_KEYS_H
#define BPFCMP_KEYS_H

#include "input.h"

struct keys;

/* What is done with them. */
struct keys_way {
	const char *done; /* is said of those with which it was */
	/* Of a batch; the library's answer, and each key's in results. */
	int (*run)(struct keys *keys, __u32 count);
	/* Tells what became of one; NULL: that is not wanted. */
	void (*print)(const struct keys *keys, __u32 i);
	/* Says why the library refused. */
	enum status (*fail)(const struct keys *keys, int err);
};

struct keys {
	/* By the caller: */
	const struct keys_way *way;
	const void *what; /* of its own */
	int fd;
	const struct bpf_map_info *info;
	bool with_values; /* each key needs its own */
	/* Of a batch: */
	__u32 room;
	__u8 *keys, *values;
	int *results;
	/* keys.c's own: */
	struct input input;
	__u64 started; /* in nanoseconds */
	__u64 seen, done, differed, absent, locked;
};

/* Makes room for a batch, which the caller's own is to be as large as. Both to be closed in any case. */
enum status open_keys(struct keys *keys, const char *file);
enum status run_keys(struct keys *keys);
void close_keys(struct keys *keys);

#endif /* BPFCMP_KEYS_H */
