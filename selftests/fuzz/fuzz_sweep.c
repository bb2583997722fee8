// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A libFuzzer target: sweeps of every kind, sane or not, by each way through a map. What is answered must be
 * what the contract says, as a model of it tells in sweep_model.c; an entry is gone only where it matched and
 * was counted, and what stays is as it was; nothing is written behind what the caller has.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <bpf/libbpf.h>
#include "../sweeps.h"
#include "sweep_model.h"

#define ENTRIES 12u
#define FILLER	0xa5 /* bytes that were not written */

/* A program for each shape of conditions, and they are to be freed one after the other. */
#define PROGRAMS_AT_ONCE 50

enum {
	SMALL = TARGETS,
	UNALLOCATED,
	SWEEP_TARGETS
};

static struct target targets[SWEEP_TARGETS] = {
	[HASH] = { "hash", true, false, 0, HASH, -1 },
	[LRU_HASH] = { "LRU hash", true, false, 0, LRU_HASH, -1 },
	[READ_ONLY] = { "read-only", true, true, -EPERM, HASH, -1 },
	[ARRAY] = { "array", false, false, 0, ARRAY, -1 },
	[NOT_BPF] = { "no map", false, false, -EINVAL, NOT_BPF, -1 },
	[NOT_OPEN] = { "not open", false, false, -EBADF, NOT_OPEN, -1 },
	[SMALL] = { "full hash", true, false, 0, SMALL, -1 },
	[UNALLOCATED] = { "hash that allocates", true, false, 0, UNALLOCATED, -1 },
};

struct entry {
	unsigned char key[SWEEP_KEY_SIZE];
	unsigned char value[VALUE_SIZE];
};

static struct entry entries[ENTRIES];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Bytes that are near each other, and near to where signs change. */
static void make_entries(void)
{
	static const unsigned char bytes[] = { 0, 1, 2, 0x7f, 0x80, 0x81, 0xfe, 0xff };
	__u64 state = 1;

	for (__u32 i = 0; i < ENTRIES; i++) {
		unsigned char *entry = (unsigned char *)&entries[i];

		for (size_t at = 0; at < sizeof(entries[i]); at++) {
			state = state * 6364136223846793005ull + 1442695040888963407ull;
			entry[at] = bytes[state >> 61];
		}
		entries[i].key[SWEEP_KEY_SIZE / 2] = i;
	}
}

static int make(enum bpf_map_type type, __u32 max_entries, __u32 flags)
{
	if (type == BPF_MAP_TYPE_ARRAY)
		return make_map(type, sizeof(__u32), VALUE_SIZE, max_entries, flags);
	return make_map(type, SWEEP_KEY_SIZE, VALUE_SIZE, max_entries, flags);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, read_only, .open_flags = BPF_F_RDONLY);

	(void)argc;
	(void)argv;
	libbpf_set_print(NULL);
	make_entries();
	targets[HASH].fd = make(BPF_MAP_TYPE_HASH, 64, 0);
	targets[LRU_HASH].fd = make(BPF_MAP_TYPE_LRU_HASH, 64, 0);
	targets[ARRAY].fd = make(BPF_MAP_TYPE_ARRAY, 64, 0);
	targets[NOT_BPF].fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	targets[SMALL].fd = make(BPF_MAP_TYPE_HASH, ENTRIES, 0);
	targets[UNALLOCATED].fd = make(BPF_MAP_TYPE_HASH, 64, BPF_F_NO_PREALLOC);
	targets[READ_ONLY].fd = bpf_map_get_fd_by_id_opts(map_id(targets[HASH].fd), &read_only);
	if (targets[READ_ONLY].fd < 0)
		abort();
	return 0;
}

/* What the fuzzer gives, read from front to end; zeros after that. */
struct input {
	const unsigned char *data;
	size_t size;
};

static __u64 take(struct input *input, size_t size)
{
	__u64 number = 0;

	if (size > input->size)
		size = input->size;
	memcpy(&number, input->data, size);
	input->data += size;
	input->size -= size;
	return number;
}

/* Mostly small ones, at times any. */
static __u32 take_number(struct input *input)
{
	__u32 number = take(input, 1);

	return number < 0xf0 ? number : take(input, 4);
}

static __u64 number_of(const unsigned char *at, __u32 size, bool big)
{
	__u64 number = 0;

	for (__u32 i = 0; i < size; i++)
		number |= (__u64)at[i] << 8 * (big ? size - 1 - i : i);
	return number;
}

/* Of some entry what it has in that field, or a number next to it. */
static __u64 operand_near(const struct bpf_map_sweep_cond *cond, __u32 pick)
{
	const struct entry *entry = &entries[(pick >> 2) % ENTRIES];
	const unsigned char *from = cond->flags & BPF_MAP_SWEEP_KEY ? entry->key : entry->value;
	__u64 number = number_of(from + cond->offset, cond->size, cond->flags & BPF_MAP_SWEEP_BE);

	number = (cond->mask ? number & cond->mask : number) + (pick & 3) - 1;
	return cond->size == 8 ? number : number & ((1ull << 8 * cond->size) - 1);
}

static bool is_inside(const struct bpf_map_sweep_cond *cond)
{
	__u32 room = cond->flags & BPF_MAP_SWEEP_KEY ? SWEEP_KEY_SIZE : VALUE_SIZE;

	return cond->size <= 8 && (__u64)cond->offset + cond->size <= room;
}

/* A condition, of which what is not for the fuzzer to choose is as it should be. */
static void take_cond(struct input *input, struct bpf_map_sweep_cond *cond, __u32 before)
{
	__u32 given = take(input, 1), room;

	cond->size = 1 << (given & 3);
	cond->op = given >> 2 & 7;
	cond->group = before + (given >> 5 & 1);
	cond->flags = take(input, 1);
	if (!(cond->flags & 0x80))
		cond->flags &= 7;
	room = cond->flags & BPF_MAP_SWEEP_KEY ? SWEEP_KEY_SIZE : VALUE_SIZE;
	cond->offset = take_number(input);
	if (cond->offset < 0xe0)
		cond->offset %= room - cond->size + 1;
	if (given & 64)
		cond->mask = take(input, cond->size);
	if (given & 128 && take(input, 1) % 8 == 0) {
		/* Anything goes. */
		cond->size = take(input, 1);
		cond->op = take(input, 1);
		cond->group = take(input, 1);
		cond->mask = take(input, 8);
		cond->operand = take(input, 8);
	} else if (given & 128 || !is_inside(cond)) {
		cond->operand = take(input, cond->size);
	} else {
		cond->operand = operand_near(cond, take(input, 1));
	}
}

static void take_claim(struct input *input, struct bpf_map_sweep_opts *opts,
		       const struct bpf_map_sweep_cond *conds, __u32 conds_cnt, __u64 *claim)
{
	__u32 given = take(input, 1);
	const struct bpf_map_sweep_cond *cond = conds + (given >> 5) % (conds_cnt ? conds_cnt : 1);

	opts->claim = given & 1 ? claim : NULL;
	opts->claim_offset = given & 2 ? cond->offset : take_number(input);
	opts->claim_size = given & 2 ? cond->size : take_number(input);
	*claim = take(input, 8);
	if (given & 4 && cond->size <= 8 && opts->claim_offset <= VALUE_SIZE - 8)
		*claim = number_of(entries[*claim % ENTRIES].value + opts->claim_offset, cond->size,
				   false);
	if (given & 8) {
		opts->claim_first = given & 16 ? *claim - take(input, 1) : take(input, 8);
		opts->claim_last = given & 16 ? *claim + take(input, 1) : take(input, 8);
	}
}

/* Options may end in the middle of a field, but what is left of a pointer would be read. */
static size_t with_whole_pointers(size_t sz)
{
	static const size_t at[] = {
		offsetof(struct bpf_map_sweep_opts, claim),
		offsetof(struct bpf_map_sweep_opts, keys),
		offsetof(struct bpf_map_sweep_opts, values),
	};

	for (int i = 0; i < 3; i++)
		if (sz > at[i] && sz < at[i] + sizeof(void *))
			return at[i];
	return sz;
}

static size_t laid_out(const struct sweep_call *call)
{
	return call->sz > OPTS_SIZE_MAX || call->sz < sizeof(size_t) ? sizeof(size_t) : call->sz;
}

/* The options as a caller lays them out, and what of them gets there. */
static unsigned char *lay_out(struct sweep_call *call, struct input *input)
{
	size_t size = laid_out(call), known = SWEEP_OPTS_KNOWN;
	unsigned char *bytes;

	if (!call->sz) {
		memset(&call->opts, 0, sizeof(call->opts));
		return NULL;
	}
	bytes = calloc(1, size);
	if (!bytes)
		abort();
	call->opts.sz = call->sz;
	memcpy(bytes, &call->opts, size < known ? size : known);
	if (size > known && take(input, 1) & 1) {
		bytes[known + take(input, 2) % (size - known)] = 1;
		call->padding = true;
	}
	memset(&call->opts, 0, sizeof(call->opts));
	memcpy(&call->opts, bytes, size < known ? size : known);
	return bytes;
}

static void check(bool right, const struct sweep_call *call, const char *what, __u64 got,
		  __u64 want)
{
	if (right)
		return;
	fprintf(stderr, "%s: %s is %lld, should be %lld\n", call->target->name, what,
		(long long)got, (long long)want);
	fprintf(stderr,
		"sz %zu flags %#llx claim %u+%u, %#llx to %#llx, capacity %u%s%s us %u cursor "
		"%#llx\n",
		call->sz, (unsigned long long)call->opts.flags, call->opts.claim_offset,
		call->opts.claim_size, (unsigned long long)call->opts.claim_first,
		(unsigned long long)call->opts.claim_last, call->opts.capacity,
		call->opts.keys ? " keys" : "", call->opts.values ? " values" : "",
		call->opts.max_scan_us, (unsigned long long)call->opts.cursor);
	for (__u32 i = 0; call->conds && i < call->conds_cnt; i++)
		fprintf(stderr, "%u: offset %u size %u op %u flags %#x mask %#llx operand %#llx\n",
			call->conds[i].group, call->conds[i].offset, call->conds[i].size,
			call->conds[i].op, call->conds[i].flags,
			(unsigned long long)call->conds[i].mask,
			(unsigned long long)call->conds[i].operand);
	abort();
}

/* What is there before a call, and what of that matches; then what was handed out. */
struct state {
	bool there[ENTRIES], matches[ENTRIES], handed_out[ENTRIES];
	__u64 scanned, found;
};

static void fill(const struct target *target)
{
	int fd = target->read_only ? targets[HASH].fd : target->fd;

	for (__u32 i = 0; target->serves && i < ENTRIES; i++)
		put(fd, entries[i].key, entries[i].value);
}

/* How many are gone: of those that were there, and only such as match. */
static __u32 look(const struct sweep_call *call, struct state *state)
{
	unsigned char now[VALUE_SIZE];
	__u32 gone = 0;

	for (__u32 i = 0; call->target->serves && i < ENTRIES; i++) {
		bool is_there = !bpf_map_lookup_elem(call->target->fd, entries[i].key, now);

		check(is_there <= state->there[i], call, "an entry", is_there, state->there[i]);
		check(is_there || !state->there[i] || state->matches[i], call,
		      "an entry that does not match", is_there, 1);
		check(!is_there || !memcmp(now, entries[i].value, VALUE_SIZE), call, "a value", 0,
		      1);
		gone += state->there[i] && !is_there;
		state->there[i] = is_there;
	}
	return gone;
}

struct outs {
	unsigned char *keys, *values;
	__u32 room;
};

static void check_out(const struct sweep_call *call, struct state *state, const unsigned char *key,
		      const unsigned char *value)
{
	__u32 number = key[SWEEP_KEY_SIZE / 2];

	check(number < ENTRIES && !memcmp(key, entries[number].key, SWEEP_KEY_SIZE), call,
	      "a key that was handed out", number, 0);
	check(state->matches[number], call, "a key that does not match", number, 0);
	check(!state->handed_out[number], call, "a key that was handed out before", number, 0);
	check(!value || !memcmp(value, entries[number].value, VALUE_SIZE), call,
	      "a value that was handed out", number, 0);
	state->handed_out[number] = true;
}

/* Each entry once, with its own value, and nothing behind them. */
static void check_outs(const struct sweep_call *call, struct state *state, const struct outs *outs,
		       __u64 out)
{
	for (__u32 i = 0; i < out && outs->keys; i++)
		check_out(call, state, outs->keys + (size_t)i * SWEEP_KEY_SIZE,
			  outs->values ? outs->values + (size_t)i * VALUE_SIZE : NULL);
	for (size_t i = out * SWEEP_KEY_SIZE; outs->keys && i < (size_t)outs->room * SWEEP_KEY_SIZE;
	     i++)
		check(outs->keys[i] == FILLER, call, "a byte behind the keys", outs->keys[i],
		      FILLER);
	for (size_t i = out * VALUE_SIZE; outs->values && i < (size_t)outs->room * VALUE_SIZE; i++)
		check(outs->values[i] == FILLER, call, "a byte behind the values", outs->values[i],
		      FILLER);
}

/* A call, by whichever way it goes. */
static int sweep_once(const struct sweep_call *call, void *bytes, bool may_walk)
{
	const __u64 no_walk = ~(1ull << CAP_PERFMON | 1ull << CAP_SYS_ADMIN);
	int err, error;

	if (!may_walk)
		set_effective(no_walk);
	errno = 0;
	err = bpf_map_sweep(call->target->fd, call->conds, call->conds_cnt, bytes);
	error = errno;
	if (!may_walk)
		set_effective(~0ull);
	check(err >= 0 || error == -err, call, "errno", -error, err);
	return err;
}

/* What it answers and counts is true of one call. */
static void check_call(const struct sweep_call *call, struct state *state, const struct outs *outs,
		       const unsigned char *bytes, int err)
{
	size_t input = offsetof(struct bpf_map_sweep_opts, cursor);
	bool counts = call->opts.flags & BPF_MAP_SWEEP_COUNT;
	struct bpf_map_sweep_opts now = {};
	__u32 gone = look(call, state);
	__u64 out;

	check(!counts || !gone, call, "entries that are gone", gone, 0);
	if (!bytes)
		return;
	check(!memcmp(bytes, &call->opts, laid_out(call) < input ? laid_out(call) : input), call,
	      "an option that is not an output", 1, 0);
	if (call->sz < SWEEP_OPTS_KNOWN || call->sz > OPTS_SIZE_MAX)
		return;
	memcpy(&now, bytes, SWEEP_OPTS_KNOWN);
	if (call->padding) {
		check(!memcmp(&now, &call->opts, SWEEP_OPTS_KNOWN), call, "an output", 1, 0);
		return;
	}
	check(now.deleted == gone, call, "what was deleted", now.deleted, gone);
	check(counts || now.matched == now.deleted, call, "what matched", now.matched, now.deleted);
	check(!now.changed, call, "what changed", now.changed, 0);
	check(err == 1 || err < 0 || !now.cursor, call, "the cursor", now.cursor, 0);
	out = counts ? now.matched : now.deleted;
	check(err != 1 || out == call->opts.capacity, call, "what there was room for", out,
	      call->opts.capacity);
	check(out <= ENTRIES, call, "what was found", out, ENTRIES);
	if (outs->keys || outs->values)
		check(out <= call->opts.capacity, call, "what was handed out", out,
		      call->opts.capacity);
	check_outs(call, state, outs, outs->room ? out : 0);
	state->scanned += now.scanned;
	state->found += out;
}

/* From a cursor to the end, in as many calls as it takes; the last answer. */
static int sweep_from(struct sweep_call *call, struct state *state, const struct outs *outs,
		      unsigned char *bytes, bool may_walk)
{
	size_t at = offsetof(struct bpf_map_sweep_opts, cursor);
	bool goes_on = call->sz >= SWEEP_OPTS_KNOWN && call->sz <= OPTS_SIZE_MAX;
	int err;

	for (__u32 i = 0;; i++) {
		if (outs->keys)
			memset(outs->keys, FILLER, (size_t)outs->room * SWEEP_KEY_SIZE);
		if (outs->values)
			memset(outs->values, FILLER, (size_t)outs->room * VALUE_SIZE);
		if (goes_on)
			memcpy(&call->opts.cursor, bytes + at, sizeof(__u64));
		err = sweep_once(call, bytes, may_walk);
		check_call(call, state, outs, bytes, err);
		if (err != 1 || !goes_on)
			return err;
		check(i <= ENTRIES, call, "the calls that it takes", i, ENTRIES);
	}
}

static void set_cursor(struct sweep_call *call, unsigned char *bytes, __u64 cursor)
{
	call->opts.cursor = cursor;
	memcpy(bytes + offsetof(struct bpf_map_sweep_opts, cursor), &cursor, sizeof(cursor));
}

/* All of the map, and of what matches all was found, once. */
static void check_whole(const struct sweep_call *call, const struct state *state)
{
	bool counts = call->opts.flags & BPF_MAP_SWEEP_COUNT;
	__u32 matching = 0;

	for (__u32 i = 0; i < ENTRIES; i++) {
		matching += state->matches[i];
		check(counts || state->there[i] == !state->matches[i], call, "an entry at the end",
		      state->there[i], !state->matches[i]);
	}
	if (call->sz < SWEEP_OPTS_KNOWN)
		return;
	check(state->found == matching, call, "all that was found", state->found, matching);
	check(state->scanned == ENTRIES, call, "all that was scanned", state->scanned, ENTRIES);
}

/* A call that is to be served. */
static void serve(struct sweep_call *call, struct state *state, const struct outs *outs,
		  unsigned char *bytes, __u32 parts, bool may_walk)
{
	bool any_cursor = call->opts.cursor;
	int err = 0;

	for (__u32 part = 0; part < (parts ? parts : 1) && !err; part++) {
		if (parts)
			set_cursor(call, bytes, BPF_MAP_SWEEP_PART(part, parts));
		err = sweep_from(call, state, outs, bytes, may_walk);
	}
	/* What no call gave may be taken for a place, or not; or for one that takes a capability. */
	if (any_cursor) {
		check(!err || err == 1 || err == -EINVAL || (err == -EPERM && !may_walk), call,
		      "the answer", err, 0);
		return;
	}
	check(!err || (err == 1 && call->sz < SWEEP_OPTS_KNOWN), call, "the answer", err, 0);
	if (!err)
		check_whole(call, state);
}

static void *filled(size_t size)
{
	void *bytes = malloc(size);

	if (!bytes)
		abort();
	return memset(bytes, FILLER, size);
}

/* As many as may be handed out, no more than can be: what is behind them is not the library's to write. */
static void make_outs(struct outs *outs, struct bpf_map_sweep_opts *opts, __u32 given)
{
	outs->room = opts->capacity < ENTRIES ? opts->capacity : ENTRIES;
	if (given & 1)
		opts->keys = outs->keys = filled((size_t)outs->room * SWEEP_KEY_SIZE);
	if (given & 2)
		opts->values = outs->values = filled((size_t)outs->room * VALUE_SIZE);
}

/* What sz has cut off is not written to. */
static void cut_off(struct outs *outs, const struct bpf_map_sweep_opts *opts)
{
	if (!opts->keys) {
		free(outs->keys);
		outs->keys = NULL;
	}
	if (!opts->values) {
		free(outs->values);
		outs->values = NULL;
	}
}

static struct bpf_map_sweep_cond *take_conds(struct input *input, __u32 *conds_cnt)
{
	__u32 count = take(input, 1), before = 0;
	struct bpf_map_sweep_cond *conds;

	count = count & 0x80 ? count % SWEEP_CONDS_MOST : count % 4;
	/* No byte behind them is read. */
	conds = calloc(count ? count : 1, sizeof(*conds));
	if (!conds)
		abort();
	for (__u32 i = 0; i < count; i++) {
		take_cond(input, &conds[i], before);
		if (!i && conds[i].group == 1)
			conds[i].group = 0;
		before = conds[i].group;
	}
	*conds_cnt = count;
	return conds;
}

static void let_some_be_freed(void)
{
	static __u32 served;

	if (++served % PROGRAMS_AT_ONCE == 0)
		let_programs_be_freed();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct input input = { data, size };
	struct bpf_map_sweep_cond *conds;
	struct sweep_call call = {};
	struct state state = {};
	struct outs outs = {};
	unsigned char *bytes;
	__u32 given, more, parts;
	__u64 claim;
	int want;

	call.target = &targets[take(&input, 1) % SWEEP_TARGETS];
	given = take(&input, 1);
	more = take(&input, 1);
	call.conds = conds = take_conds(&input, &call.conds_cnt);
	call.sz = given & 1 ? with_whole_pointers(take_number(&input))
			    : sizeof(struct bpf_map_sweep_opts);
	call.opts.flags = given & 2 ? BPF_MAP_SWEEP_COUNT : 0;
	call.opts.flags |= call.conds_cnt ? 0 : BPF_MAP_SWEEP_ALL;
	if (given & 4)
		call.opts.flags = take_number(&input);
	/* 1 has the hash walked along, 250 read at once, or in batches without the capability. */
	call.opts.max_scan_us = given & 8 ? take_number(&input) : given >> 4 & 1;
	call.opts.capacity = given & 32 ? take_number(&input) : more & 3 ? ENTRIES : 0;
	make_outs(&outs, &call.opts, more);
	if (more & 4)
		take_claim(&input, &call.opts, conds, call.conds_cnt, &claim);
	if (more & 8)
		call.opts.cursor = take(&input, 8);
	parts = more & 16 && !(more & 8) ? 1 + take(&input, 1) % 4 : 0;
	if (more & 32 && !take(&input, 1))
		call.conds = NULL;
	bytes = lay_out(&call, &input);
	cut_off(&outs, &call.opts);
	if (call.sz < SWEEP_OPTS_KNOWN || call.sz > OPTS_SIZE_MAX)
		parts = 0;

	fill(call.target);
	want = predict_sweep(&call);
	for (__u32 i = 0; i < ENTRIES; i++) {
		state.there[i] = true;
		state.matches[i] = !want && sweep_matches(&call, entries[i].key, entries[i].value);
	}
	if (want) {
		int err = sweep_once(&call, bytes, !(more & 64));

		check(err == want, &call, "the answer", err, want);
		check_call(&call, &state, &outs, bytes, err);
	} else {
		serve(&call, &state, &outs, bytes, parts, !(more & 64));
		let_some_be_freed();
	}
	free(conds);
	free(outs.keys);
	free(outs.values);
	free(bytes);
	return 0;
}
