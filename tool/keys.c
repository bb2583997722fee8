// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Reads keys batch by batch, has done what is to be done with them, and counts what became of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "keys.h"

/* A batch has as many entries as there are in so many bytes, within reason. */
#define BATCH_BYTES   (4U << 20)
#define BATCH_ENTRIES 8192

enum ending {
	ENDED,
	INTERRUPTED,
	UNREADABLE,
	UNWRITABLE,
	REFUSED
};

enum status open_keys(struct keys *keys, const char *file)
{
	__u64 size = (__u64)keys->info->key_size + keys->info->value_size;
	__u64 room = BATCH_BYTES / (size + !size);

	keys->room = room > BATCH_ENTRIES ? BATCH_ENTRIES : room + !room;
	keys->keys = calloc(keys->room, keys->info->key_size);
	keys->values = calloc(keys->with_values ? keys->room : 1, keys->info->value_size);
	keys->results = calloc(keys->room, sizeof(*keys->results));
	if (!keys->keys || !keys->values || !keys->results)
		return fail(STATUS_ERROR, "out of memory");
	return open_input(&keys->input, file);
}

void close_keys(struct keys *keys)
{
	close_input(&keys->input);
	free(keys->keys);
	free(keys->values);
	free(keys->results);
}

static void count_result(struct keys *keys, __u32 i)
{
	int result = keys->results[i];

	/* Those that were not reached are none. */
	if (result == -ECANCELED)
		return;
	keys->seen++;
	keys->done += !result;
	keys->differed += result == -EBUSY;
	keys->absent += result == -ENOENT;
	keys->locked += result && result != -EBUSY && result != -ENOENT;
	if (keys->way->print)
		keys->way->print(keys, i);
}

static enum found read_batch(struct keys *keys, __u32 *count)
{
	const struct bpf_map_info *info = keys->info;
	enum found found = FOUND_KEY;
	__u32 i = 0;

	while (i < keys->room && found != FOUND_END && found != FOUND_BAD) {
		found = read_entry(&keys->input, info, keys->keys + (size_t)i * info->key_size,
				   keys->values +
					   (keys->with_values ? (size_t)i * info->value_size : 0));
		if (keys->with_values && found == FOUND_KEY)
			found = found_bad_entry(&keys->input,
						"no value to compare with, nor 'compare'");
		if (keys->with_values && found == FOUND_GONE) {
			keys->results[i] = -ENOENT;
			count_result(keys, i);
		} else {
			i += found != FOUND_END && found != FOUND_BAD;
		}
	}
	*count = i;
	return found;
}

static enum ending run_batches(struct keys *keys, int *err)
{
	enum found found;
	__u32 count;

	do {
		found = read_batch(keys, &count);
		if (found == FOUND_BAD)
			return UNREADABLE;
		if (is_interrupted())
			return INTERRUPTED;
		for (__u32 i = 0; i < count; i++)
			keys->results[i] = -ECANCELED;
		*err = keys->way->run(keys, count);
		keep_reason();
		for (__u32 i = 0; i < count; i++)
			count_result(keys, i);
		if (*err)
			return REFUSED;
		if (keys->way->print && output_failed())
			return UNWRITABLE;
		show_progress("keys %llu, %s %llu", (unsigned long long)keys->seen, keys->way->done,
			      (unsigned long long)keys->done);
	} while (found != FOUND_END);
	return ENDED;
}

static void print_counts_to(FILE *to, const struct keys *keys, enum ending ending)
{
	const char *end = ending == ENDED	  ? ""
			  : ending == INTERRUPTED ? ": interrupted"
						  : ": failed";

	fprintf(to, "keys %llu, %s %llu, differed %llu, absent %llu, locked %llu, in %.1f ms%s\n",
		(unsigned long long)keys->seen, keys->way->done, (unsigned long long)keys->done,
		(unsigned long long)keys->differed, (unsigned long long)keys->absent,
		(unsigned long long)keys->locked, (now_ns() - keys->started) / 1e6, end);
}

/* Where it cannot be printed, it is said with that. */
static void print_counts(const struct keys *keys, enum ending ending)
{
	print_counts_to(stdout, keys, ending);
	if (output_failed())
		print_counts_to(stderr, keys, ending);
}

static void print_counts_as_json(const struct keys *keys)
{
	json_number("keys", keys->seen);
	json_number(keys->way->done, keys->done);
	json_number("differed", keys->differed);
	json_number("absent", keys->absent);
	json_number("locked", keys->locked);
	json_number("microseconds", (now_ns() - keys->started) / 1000);
}

static enum status fail_by(const struct keys *keys, enum ending ending, int err)
{
	switch (ending) {
	case UNREADABLE:
		return fail_input(&keys->input);
	case REFUSED:
		return keys->way->fail(keys, err);
	default:
		/* An interrupt ends us, and what cannot be written is said at the end. */
		return STATUS_OK;
	}
}

/* What a single key's would be, of the worst of them. */
static enum status status_of(const struct keys *keys)
{
	return keys->locked	? STATUS_ERROR
	       : keys->differed ? STATUS_DIFFERS
	       : keys->absent	? STATUS_ABSENT
				: STATUS_OK;
}

static enum status report(const struct keys *keys, enum ending ending, int err)
{
	static const char *const ends[] = {
		[ENDED] = "done",
		[INTERRUPTED] = "interrupted",
		[UNWRITABLE] = "error",
	};
	enum status status;

	if (!output_is_json()) {
		if (keys->seen || ending == ENDED || ending == INTERRUPTED)
			print_counts(keys, ending);
		status = fail_by(keys, ending, err);
		return status ? status : status_of(keys);
	}
	if (keys->way->print)
		json_close(']');
	status = fail_by(keys, ending, err);
	if (!status)
		json_string("result", ends[ending]);
	print_counts_as_json(keys);
	json_close('}');
	return status ? status : status_of(keys);
}

enum status run_keys(struct keys *keys)
{
	bool lines = keys->way->print;
	enum ending ending;
	int err = 0;

	if (output_is_json()) {
		json_open(NULL, '{');
		if (lines)
			json_open("entries", '[');
	}
	catch_interrupt();
	/* On the terminal that has the lines it would be between them. */
	if (!lines || !isatty(STDOUT_FILENO))
		begin_progress(false);
	keys->started = now_ns();
	ending = run_batches(keys, &err);
	end_progress();
	return report(keys, ending, err);
}
