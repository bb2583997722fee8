// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp sweep and bpfcmp count: go through a map part by part, and say what became of its entries.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "bpfcmp.h"

/* How many entries a part has at least, and at most how many are handed out at once. */
#define PART_ENTRIES 4096
#define PARTS_MAX    255
#define ROOM_MAX     65536

enum ending {
	ENDED, /* all was seen */
	LIMITED,
	INTERRUPTED,
	UNWRITABLE, /* what was to be printed */
	FAILED
};

struct sweep {
	int fd;
	struct bpf_map_info info;
	struct sweep_request request;
	__u32 room; /* in keys and values, which are NULL where they are not wanted */
	__u8 *keys, *values;
	__u64 started; /* in nanoseconds */
	__u64 scanned, matched, deleted, changed;
};

/* What counts towards the limit. */
static __u64 found(const struct sweep *sweep)
{
	return sweep->request.count ? sweep->matched - sweep->changed : sweep->deleted;
}

/* A count has a limit only where it hands something out. */
static enum status make_room(struct sweep *sweep)
{
	const struct sweep_request *request = &sweep->request;
	bool keys = request->keys || (request->count && request->limit != UINT64_MAX);

	sweep->room = sweep->info.max_entries < ROOM_MAX ? sweep->info.max_entries + 1 : ROOM_MAX;
	if (keys)
		sweep->keys = calloc(sweep->room, sweep->info.key_size);
	if (request->values)
		sweep->values = calloc(sweep->room, sweep->info.value_size);
	if ((keys && !sweep->keys) || (request->values && !sweep->values))
		return fail(STATUS_ERROR, "out of memory");
	return STATUS_OK;
}

static void print_entry(const struct sweep *sweep, const __u8 *key, const __u8 *value)
{
	if (output_is_json()) {
		json_open(NULL, '{');
		if (key)
			json_bytes("key", key, sweep->info.key_size);
		if (value)
			json_bytes("value", value, sweep->info.value_size);
		json_close('}');
		return;
	}
	if (key)
		print_bytes("key:", key, sweep->info.key_size);
	if (value)
		print_bytes(key ? "  value:" : "value:", value, sweep->info.value_size);
	putchar('\n');
}

static bool prints_entries(const struct sweep *sweep)
{
	return sweep->request.keys || sweep->request.values;
}

static void print_entries(const struct sweep *sweep, __u64 count)
{
	const __u8 *keys = sweep->request.keys ? sweep->keys : NULL;

	for (__u64 i = 0; i < count && prints_entries(sweep); i++)
		print_entry(sweep, keys ? keys + i * sweep->info.key_size : NULL,
			    sweep->values ? sweep->values + i * sweep->info.value_size : NULL);
}

/* As many as there is room for; the library's answer. */
static int sweep_once(struct sweep *sweep, __u64 *cursor)
{
	const struct sweep_request *request = &sweep->request;
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .keys = sweep->keys, .values = sweep->values,
		    .claim = request->claim.at, .claim_offset = request->claim_offset,
		    .claim_size = request->claim.count, .claim_first = request->claim_first,
		    .claim_last = request->claim_last, .cursor = *cursor);
	__u64 before = found(sweep), left = request->limit - before;
	int err;

	if (sweep->keys || sweep->values || left <= UINT32_MAX)
		opts.capacity = left < sweep->room ? left : sweep->room;
	if (request->count)
		opts.flags |= BPF_MAP_SWEEP_COUNT;
	if (request->all)
		opts.flags |= BPF_MAP_SWEEP_ALL;
	err = bpf_map_sweep(sweep->fd, request->where.conds, request->where.count, &opts);
	keep_reason();
	*cursor = opts.cursor;
	sweep->scanned += opts.scanned;
	sweep->matched += opts.matched;
	sweep->deleted += opts.deleted;
	sweep->changed += opts.changed;
	print_entries(sweep, found(sweep) - before);
	return err;
}

/* In parts, so that between them it can be interrupted; *err is the library's. */
static enum ending sweep_all(struct sweep *sweep, int *err)
{
	__u32 parts = sweep->info.max_entries / PART_ENTRIES + 1, part = 0;
	__u64 cursor;

	if (parts > PARTS_MAX)
		parts = PARTS_MAX;
	cursor = BPF_MAP_SWEEP_PART(part, parts);
	while (part < parts) {
		if (is_interrupted())
			return INTERRUPTED;
		if (prints_entries(sweep) && output_failed())
			return UNWRITABLE;
		if (found(sweep) == sweep->request.limit)
			return LIMITED;
		*err = sweep_once(sweep, &cursor);
		if (*err < 0)
			return FAILED;
		if (!*err)
			cursor = BPF_MAP_SWEEP_PART(++part, parts);
		show_progress("%u %%, matched %llu, deleted %llu", 100 * part / parts,
			      (unsigned long long)sweep->matched,
			      (unsigned long long)sweep->deleted);
	}
	return ENDED;
}

static void print_counts_to(FILE *to, const struct sweep *sweep, enum ending ending)
{
	static const char *const ends[] = { "", ": limit reached", ": interrupted", ": failed",
					    ": failed" };
	double ms = (now_ns() - sweep->started) / 1e6;

	fprintf(to, "scanned %llu, matched %llu, ", (unsigned long long)sweep->scanned,
		(unsigned long long)sweep->matched);
	if (!sweep->request.count)
		fprintf(to, "deleted %llu, changed %llu, ", (unsigned long long)sweep->deleted,
			(unsigned long long)sweep->changed);
	fprintf(to, "in %.1f ms%s\n", ms, ends[ending]);
}

/* Where it cannot be printed, it is said with that. */
static void print_counts(const struct sweep *sweep, enum ending ending)
{
	print_counts_to(stdout, sweep, ending);
	if (output_failed())
		print_counts_to(stderr, sweep, ending);
}

static void print_counts_as_json(const struct sweep *sweep, enum ending ending)
{
	static const char *const ends[] = { "done", "limit", "interrupted", "error" };

	/* What the library refused says so itself. */
	if (ending != FAILED)
		json_string("result", ends[ending]);
	json_number("scanned", sweep->scanned);
	json_number("matched", sweep->matched);
	json_number("deleted", sweep->deleted);
	json_number("changed", sweep->changed);
	json_number("microseconds", (now_ns() - sweep->started) / 1000);
}

static enum status fail_to_sweep(int err, const struct sweep *sweep)
{
	switch (err) {
	case -EOPNOTSUPP:
	case -EPERM:
		return fail_unserved(err, sweep->info.type,
				     "not for this map, these fields or a claim");
	case -EINVAL:
		return fail(STATUS_USAGE, "the conditions or the claim are not as they have to be");
	}
	return fail_errno(-err, "sweep", "the map");
}

static enum status report(const struct sweep *sweep, enum ending ending, int err)
{
	enum status status = STATUS_OK;

	if (output_is_json()) {
		if (prints_entries(sweep))
			json_close(']');
		if (ending == FAILED)
			status = fail_to_sweep(err, sweep);
		print_counts_as_json(sweep, ending);
		json_close('}');
		return status;
	}
	if (ending != FAILED || sweep->scanned)
		print_counts(sweep, ending);
	return ending == FAILED ? fail_to_sweep(err, sweep) : STATUS_OK;
}

static enum status sweep_map(struct sweep *sweep)
{
	enum status status = make_room(sweep);
	enum ending ending;
	int err = 0;

	if (status)
		return status;
	if (output_is_json()) {
		json_open(NULL, '{');
		if (prints_entries(sweep))
			json_open("entries", '[');
	}
	catch_interrupt();
	/* On the terminal that has the entries it would be between them. */
	if (!prints_entries(sweep) || !isatty(STDOUT_FILENO))
		begin_progress(false);
	sweep->started = now_ns();
	ending = sweep_all(sweep, &err);
	end_progress();
	status = report(sweep, ending, err);
	bpf_map_compare_release(sweep->fd);
	return status;
}

static enum status parse_and_sweep(int fd, const struct bpf_map_info *info, char **words,
				   bool count)
{
	struct sweep sweep = { .fd = fd, .info = *info, .request = { .count = count } };
	enum status status;

	status = parse_sweep_request(words, info, &sweep.request);
	if (!status)
		status = sweep_map(&sweep);
	free(sweep.keys);
	free(sweep.values);
	free_sweep_request(&sweep.request);
	return status;
}

static enum status sweep_in(int fd, const struct bpf_map_info *info, char **words)
{
	return parse_and_sweep(fd, info, words, false);
}

static enum status count_in(int fd, const struct bpf_map_info *info, char **words)
{
	return parse_and_sweep(fd, info, words, true);
}

enum status do_sweep(char **argv)
{
	return with_map(argv, "sweep", sweep_in);
}

enum status do_count(char **argv)
{
	return with_map(argv, "count", count_in);
}
