// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * One collection: opens the map that is at its path now, sees that it is what the configuration says, reads the conditions
 * with the time as it is, and sweeps. Nothing of it is kept from one to the next, so that no map is held that its owner
 * has done with, and none is taken for another.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "bpfcmp.h"
#include "bpfcmpd.h"

const char *const result_names[RESULTS] = {
	[RESULT_DONE] = "done",	    [RESULT_ABSENT] = "absent", [RESULT_UNFIT] = "unfit",
	[RESULT_LOCKED] = "locked", [RESULT_FAILED] = "failed",
};

struct collection {
	int fd;
	struct bpf_map_info info;
	struct where where;
	struct field claims; /* of bits 0: there are none */
	__u64 claim_first, claim_last;
	enum key wrong; /* what the complaint is about */
};

static enum status check_size(const char *what, __u32 expected, __u32 is)
{
	if (!expected || expected == is)
		return STATUS_OK;
	return fail(STATUS_USAGE, "%ss have %u bytes, and are to have %u", what, is, expected);
}

static enum status check_sizes(const struct map *map, struct collection *c)
{
	enum status status;

	c->wrong = KEY_KEY_SIZE;
	status = check_size("key", map->key_size, c->info.key_size);
	if (status)
		return status;
	c->wrong = KEY_VALUE_SIZE;
	return check_size("value", map->value_size, c->info.value_size);
}

static enum status parse_conditions(const struct map *map, struct collection *c)
{
	char **words = map->where;
	enum status status;

	c->wrong = KEY_WHERE;
	forget_now();
	status = parse_where(&words, &c->info, &c->where);
	if (!status && *words)
		status = fail(STATUS_USAGE, "'%s': neither 'and' nor 'or'", *words);
	return status;
}

/* FIELD from N to N */
static enum status parse_claim(const struct map *map, struct collection *c)
{
	char **words = map->claim;
	enum status status;

	if (!words)
		return STATUS_OK;
	c->wrong = KEY_CLAIM;
	if (!*words)
		return fail(STATUS_USAGE, "claim: no field");
	status = parse_one_field(&words, &c->info, false, &c->claims);
	if (!status)
		status = check_is_word(&c->claims, "claims are");
	if (status)
		return status;
	if (!words[0] || strcmp(words[0], "from") || !words[1] || !words[2] ||
	    strcmp(words[2], "to") || !words[3] || words[4])
		return fail(STATUS_USAGE, "claim: not as 'FIELD from N to N'");
	return parse_claims(words[1], words[3], &c->claims, &c->claim_first, &c->claim_last);
}

static enum status parse(const struct map *map, struct collection *c)
{
	enum status status = parse_conditions(map, c);

	return status ? status : parse_claim(map, c);
}

/* To be closed in any case. */
static enum result open_collection(const struct map *map, struct collection *c)
{
	char *words[] = { "pinned", map->values[KEY_MAP].text, NULL };
	enum status status;

	*c = (struct collection){ .fd = -1, .wrong = KEY_MAP };
	status = open_map(words, &c->fd, &c->info);
	if (status && complaint_errno() == ENOENT)
		return RESULT_ABSENT;
	if (!status)
		status = check_sizes(map, c);
	if (!status)
		status = parse(map, c);
	if (!status)
		return RESULT_DONE;
	return status == STATUS_USAGE || (status == STATUS_ERROR && !complaint_errno())
		       ? RESULT_UNFIT
		       : RESULT_FAILED;
}

static void close_collection(struct collection *c)
{
	if (c->fd < 0)
		return;
	bpf_map_compare_release(c->fd);
	close(c->fd);
}

static enum result fail_to_sweep(struct collection *c, int err, const char *doing)
{
	const char *reason = libbpf_compare_reason();

	fail_errno(-err, doing, "the map");
	if (*reason)
		fail(STATUS_ERROR, "%s the map: %s", doing, reason);
	if (err == -EINVAL)
		c->wrong = c->claims.bits ? KEY_CLAIM : KEY_WHERE;
	switch (err) {
	case -EAGAIN:
		return RESULT_LOCKED;
	case -EINVAL:
	case -EOPNOTSUPP:
		return RESULT_UNFIT;
	}
	return RESULT_FAILED;
}

/* claim: a number of the claims' size, where there are any. */
static enum result sweep(struct collection *c, const void *claim, bool count,
			 struct counters *counters)
{
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .flags = count ? BPF_MAP_SWEEP_COUNT : 0);
	__u64 before = now_ns();
	int err;

	if (c->claims.bits) {
		opts.claim = claim;
		opts.claim_offset = c->claims.offset;
		opts.claim_size = c->claims.size;
		opts.claim_first = c->claim_first;
		opts.claim_last = c->claim_last;
	}
	err = bpf_map_sweep(c->fd, c->where.conds, c->where.count, &opts);
	counters->scanned += opts.scanned;
	counters->matched += opts.matched;
	counters->deleted += opts.deleted;
	counters->refreshed += opts.changed;
	counters->ns += now_ns() - before;
	counters->sweeps++;
	return err < 0 ? fail_to_sweep(c, err, "sweep") : RESULT_DONE;
}

/* A claim is taken for as long as it is needed: nobody else has it meanwhile. */
static enum result claim_and_sweep(struct collection *c, bool count, struct counters *counters)
{
	enum result result;
	__u64 claim = 0;
	int held;

	if (!c->claims.bits)
		return sweep(c, NULL, count, counters);
	held = bpf_map_claim_take(c->fd, c->claim_first, c->claim_last, &claim, c->claims.size);
	if (held < 0)
		return fail_to_sweep(c, held, "take a claim for");
	result = sweep(c, &claim, count, counters);
	close(held);
	return result;
}

static void tell(struct map *map, enum result result, const struct collection *c)
{
	char text[SAID_MAX];

	if (result == RESULT_DONE)
		snprintf(text, sizeof(text), "%s map %u",
			 map->dry_run ? "counting in" : "collecting from", c->info.id);
	else if (result == RESULT_ABSENT)
		snprintf(text, sizeof(text), "waiting for %s", map->values[KEY_MAP].text);
	else
		snprintf(text, sizeof(text), "not collected from: %s", complaint());
	if (!strcmp(text, map->said))
		return;
	snprintf(map->said, sizeof(map->said), "%s", text);
	fprintf(stderr, "[%s] %s\n", map->name, text);
}

void collect(struct map *map)
{
	struct collection c;
	enum result result = open_collection(map, &c);

	if (result == RESULT_DONE)
		result = claim_and_sweep(&c, map->dry_run, &map->counters);
	close_collection(&c);
	map->counters.results[result]++;
	if (result == RESULT_DONE)
		map->counters.succeeded = time(NULL);
	tell(map, result, &c);
}

static size_t count_words(char **words, const char *word)
{
	size_t count = 0;

	for (; words && *words; words++)
		count += !strcmp(*words, word);
	return count;
}

/* A place is one of any map of that size; a name takes the map. */
static enum status parse_places(const struct map *map, struct collection *c)
{
	size_t fields = 1 + count_words(map->where, "and") + count_words(map->where, "or");
	enum status status = STATUS_OK;

	*c = (struct collection){ .info = { .key_size = map->key_size,
					    .value_size = map->value_size } };
	if (count_words(map->where, "at") >= fields)
		status = parse_conditions(map, c);
	if (!status && count_words(map->claim, "at"))
		status = parse_claim(map, c);
	return status;
}

static void complain(const struct config *config, const struct map *map, enum key wrong)
{
	complain_at(config, map->values[wrong].line, "[%s] %s", map->name, complaint());
}

bool check_places(const struct config *config, const struct map *map)
{
	struct collection c;

	if (!parse_places(map, &c))
		return true;
	complain(config, map, c.wrong);
	return false;
}

/* Entries that carry a claim do not match, whichever it is: so any stands for the one that would be taken. */
static enum result count_matches(struct collection *c, struct counters *counters)
{
	__u32 word = c->claim_first;

	return sweep(c, c->claims.size == sizeof(word) ? (void *)&word : &c->claim_first, true,
		     counters);
}

bool check_map(const struct config *config, const struct map *map, bool loud)
{
	struct counters counters = {};
	struct collection c;
	enum result result = open_collection(map, &c);

	if (result == RESULT_DONE)
		result = count_matches(&c, &counters);
	close_collection(&c);
	if (result == RESULT_UNFIT)
		complain(config, map, c.wrong);
	else if (result == RESULT_DONE && loud)
		fprintf(stderr, "[%s] map %u: %llu of %llu entries match\n", map->name, c.info.id,
			counters.matched, counters.scanned);
	else if (loud)
		fprintf(stderr, "[%s] not tried: %s\n", map->name, complaint());
	return result != RESULT_UNFIT;
}
