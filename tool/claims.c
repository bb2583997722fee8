// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp claims: tells which claims stand in a map and whose they are, and clears those that are nobody's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "bpfcmp.h"

/* How many entries are told of one by one, at most. */
#define CLAIMS_MAX 65536

/* The library's. */
#define WAIT_MS_DEFAULT 10000

struct claims {
	int fd;
	struct bpf_map_info info;
	struct claims_request request;
	__u32 room;
	__u8 *keys;
	__u64 *words;
	int *results;
	struct bpf_map_claims_opts opts;
	struct holders holders;
	__u64 started; /* in nanoseconds */
};

static enum status make_room(struct claims *claims)
{
	claims->room =
		claims->info.max_entries < CLAIMS_MAX ? claims->info.max_entries + 1 : CLAIMS_MAX;
	claims->keys = calloc(claims->room, claims->info.key_size);
	claims->words = calloc(claims->room, sizeof(*claims->words));
	claims->results = calloc(claims->room, sizeof(*claims->results));
	if (!claims->keys || !claims->words || !claims->results)
		return fail(STATUS_ERROR, "out of memory");
	return STATUS_OK;
}

static int look(struct claims *claims)
{
	const struct claims_request *request = &claims->request;
	__u32 half = (__u32)request->own_claim;
	int err;

	claims->opts = (struct bpf_map_claims_opts){
		.sz = sizeof(claims->opts),
		.flags = request->clear ? 0 : BPF_MAP_CLAIMS_KEEP,
		.keys = claims->keys,
		.words = claims->words,
		.results = claims->results,
		.claim_offset = request->field.offset,
		.claim_size = request->field.size,
		.claim_first = request->claim_first,
		.claim_last = request->claim_last,
		.capacity = claims->room,
		.wait_ms = request->wait_ms,
	};
	if (request->own)
		claims->opts.claim = request->field.size == sizeof(half) ? (const void *)&half
									 : &request->own_claim;
	err = bpf_map_claims_clear(claims->fd, &claims->opts);
	keep_reason();
	return err;
}

static const char *state_of(const struct claims *claims, int result)
{
	switch (result) {
	case 0:
		return claims->request.clear ? "cleared" : "stale";
	case -EBUSY:
		return "held";
	case -ENOENT:
		return "changed";
	}
	return "seen";
}

/* Each process once, although it may have several files. */
static bool is_first_of_process(const struct claims *claims, size_t i, __u64 word)
{
	const struct holder *all = claims->holders.all;

	for (size_t j = 0; j < i; j++)
		if (all[j].pid == all[i].pid && is_held_by(&all[j], claims->info.id, word))
			return false;
	return is_held_by(&all[i], claims->info.id, word);
}

static void print_holders(const struct claims *claims, __u64 word)
{
	size_t found = 0;

	for (size_t i = 0; i < claims->holders.count; i++)
		if (is_first_of_process(claims, i, word))
			printf("%s%u", found++ ? ", " : " by process ", claims->holders.all[i].pid);
	if (!found)
		printf(claims->holders.hidden ? " by a process that /proc does not show to us"
					      : " by a process that is not seen here");
}

static void print_holders_as_json(const struct claims *claims, __u64 word)
{
	json_open("holders", '[');
	for (size_t i = 0; i < claims->holders.count; i++)
		if (is_first_of_process(claims, i, word))
			json_number(NULL, claims->holders.all[i].pid);
	json_close(']');
}

static void print_claim(const struct claims *claims, __u64 i)
{
	const __u8 *key = claims->keys + i * claims->info.key_size;
	__u64 word = claims->words[i];
	int result = claims->results[i];
	char number[24];

	snprintf(number, sizeof(number), "0x%llx", (unsigned long long)word);
	if (output_is_json()) {
		json_open(NULL, '{');
		json_bytes("key", key, claims->info.key_size);
		json_string("claim", number);
		json_string("state", state_of(claims, result));
		if (result == -EBUSY)
			print_holders_as_json(claims, word);
		json_close('}');
		return;
	}
	print_bytes("key:", key, claims->info.key_size);
	printf("  claim: %s  %s", number, state_of(claims, result));
	if (result == -EBUSY)
		print_holders(claims, word);
	else if (!result)
		fputs(", nobody held it", stdout);
	putchar('\n');
}

static __u64 told(const struct claims *claims)
{
	return claims->opts.found < claims->room ? claims->opts.found : claims->room;
}

static void print_counts_as_json(const struct claims *claims, int err)
{
	if (err == -EINTR || err >= 0)
		json_string("result", err < 0 ? "interrupted" : err ? "more" : "done");
	json_number("found", claims->opts.found);
	json_number("held", claims->opts.held);
	json_number("stale", claims->opts.stale);
	json_number("cleared", claims->opts.cleared);
	json_number("changed", claims->opts.changed);
	json_number("microseconds", (now_ns() - claims->started) / 1000);
}

static void print_counts(const struct claims *claims, int err)
{
	const struct bpf_map_claims_opts *opts = &claims->opts;

	printf("found %llu, held %llu, stale %llu, cleared %llu, changed %llu, in %.1f ms%s\n",
	       (unsigned long long)opts->found, (unsigned long long)opts->held,
	       (unsigned long long)opts->stale, (unsigned long long)opts->cleared,
	       (unsigned long long)opts->changed, (now_ns() - claims->started) / 1e6,
	       err == -EINTR ? ": interrupted"
	       : err > 0     ? ": there may be more, run it again"
	       : err	     ? ": failed"
			     : "");
}

static enum status fail_to_look(int err, const struct claims *claims)
{
	switch (err) {
	case -EOPNOTSUPP:
	case -EPERM:
		return fail_unserved(err, claims->info.type, "not for this map or word");
	case -EINVAL:
		return fail(STATUS_USAGE, "the word or the claims are not as they have to be");
	case -EBUSY:
		return fail(STATUS_ERROR, "no claim is free to clear others by");
	}
	return fail_errno(-err, "look for", "claims");
}

static enum status report(struct claims *claims, int err)
{
	enum status status = STATUS_OK;

	if (claims->opts.held)
		status = find_holders(&claims->holders);
	if (status)
		return status;
	if (output_is_json()) {
		json_open(NULL, '{');
		json_open("claims", '[');
	}
	for (__u64 i = 0; i < told(claims); i++)
		print_claim(claims, i);
	if (output_is_json())
		json_close(']');
	else if (told(claims) < claims->opts.found)
		printf("and %llu more\n", (unsigned long long)(claims->opts.found - told(claims)));
	if (!output_is_json() && (err >= 0 || err == -EINTR || claims->opts.found))
		print_counts(claims, err);
	if (err < 0 && err != -EINTR)
		status = fail_to_look(err, claims);
	if (output_is_json()) {
		print_counts_as_json(claims, err);
		json_close('}');
	}
	return status;
}

static enum status look_and_report(struct claims *claims)
{
	__u32 ms = claims->request.wait_ms ? claims->request.wait_ms : WAIT_MS_DEFAULT;
	enum status status;
	int err;

	catch_interrupt();
	begin_progress(true);
	show_progress("looking for %u.%03u s whether claims stand", ms / 1000, ms % 1000);
	claims->started = now_ns();
	err = look(claims);
	end_progress();
	status = report(claims, err);
	bpf_map_compare_release(claims->fd);
	return status;
}

static enum status claims_in(int fd, const struct bpf_map_info *info, char **words)
{
	struct claims claims = { .fd = fd, .info = *info };
	enum status status;

	status = parse_claims_request(words, info, &claims.request);
	if (!status)
		status = make_room(&claims);
	if (!status)
		status = look_and_report(&claims);
	free(claims.keys);
	free(claims.words);
	free(claims.results);
	free_holders(&claims.holders);
	return status;
}

enum status do_claims(char **argv)
{
	return with_map(argv, "claims", claims_in);
}
