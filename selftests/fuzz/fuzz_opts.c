// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A libFuzzer target: options of every kind, sane or not, on a few maps and on what is none. What is
 * answered must be what the contract says, as a model of it tells in model.c; an entry is gone only
 * where 0 was answered for it; and no byte is read behind what the caller has. On a kernel with syscall
 * programs and without BPF_F_COMPARE.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "model.h"

static struct target targets[TARGETS] = {
	[HASH] = { "hash", true, false, 0, HASH, -1 },
	[LRU_HASH] = { "LRU hash", true, false, 0, LRU_HASH, -1 },
	[READ_ONLY] = { "read-only", true, true, -EPERM, HASH, -1 },
	[ARRAY] = { "array", false, false, 0, ARRAY, -1 },
	[NOT_BPF] = { "no map", false, false, -EINVAL, NOT_BPF, -1 },
	[NOT_OPEN] = { "not open", false, false, -EBADF, NOT_OPEN, -1 },
};

static const unsigned char value[VALUE_SIZE] = "a value that all entries have, of 40 byt";

static unsigned char values[KEYS_MAX][VALUE_SIZE];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static int make(enum bpf_map_type type)
{
	int fd = bpf_map_create(type, "fuzz", sizeof(__u32), VALUE_SIZE, 2 * KEYS, NULL);

	if (fd < 0)
		abort();
	return fd;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, read_only, .open_flags = BPF_F_RDONLY);
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	(void)argc;
	(void)argv;
	targets[HASH].fd = make(BPF_MAP_TYPE_HASH);
	targets[LRU_HASH].fd = make(BPF_MAP_TYPE_LRU_HASH);
	targets[ARRAY].fd = make(BPF_MAP_TYPE_ARRAY);
	targets[NOT_BPF].fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	targets[NOT_OPEN].fd = -1;
	if (bpf_obj_get_info_by_fd(targets[HASH].fd, &info, &size))
		abort();
	targets[READ_ONLY].fd = bpf_map_get_fd_by_id_opts(info.id, &read_only);
	if (targets[READ_ONLY].fd < 0)
		abort();
	return 0;
}

/* What the fuzzer gives, read from front to end; zeros after that. */
struct input {
	const unsigned char *data;
	size_t size;
};

static __u32 take(struct input *input, size_t size)
{
	__u32 number = 0;

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

static void fill(const struct target *target)
{
	int fd = target->read_only ? targets[HASH].fd : target->fd;

	/* The last one is missing. */
	for (__u32 key = 0; target->serves && key < KEYS - 1; key++)
		if (bpf_map_update_elem(fd, &key, value, BPF_ANY))
			abort();
}

/* Options may end in the middle of a field, but what is left of a pointer would be read. */
static size_t with_whole_pointers(bool batch, size_t sz)
{
	static const size_t elem[] = {
		offsetof(struct bpf_map_delete_elem_opts, compare),
		offsetof(struct bpf_map_delete_elem_opts, claim),
	}, many[] = {
		offsetof(struct bpf_map_delete_batch_opts, compare),
		offsetof(struct bpf_map_delete_batch_opts, claim),
		offsetof(struct bpf_map_delete_batch_opts, results),
		offsetof(struct bpf_map_delete_batch_opts, values),
		offsetof(struct bpf_map_delete_batch_opts, linked_keys),
		offsetof(struct bpf_map_delete_batch_opts, linked_compare),
		offsetof(struct bpf_map_delete_batch_opts, linked_claim),
		offsetof(struct bpf_map_delete_batch_opts, linked_results),
	};
	const size_t *at = batch ? many : elem;

	for (int i = 0; i < (batch ? 8 : 2); i++)
		if (sz > at[i] && sz < at[i] + sizeof(void *))
			return at[i];
	return sz;
}

/* The bytes that a caller expects at all of his keys, no more than he must have. */
static unsigned char *make_compare(__u32 keys, __u32 offset, __u32 region, __u32 stride,
				   __u32 wrong_byte)
{
	size_t size;
	unsigned char *bytes;

	region = region ? region : VALUE_SIZE;
	stride = stride ? stride : region;
	size = region + (keys ? (size_t)(keys - 1) * stride : 0);
	bytes = malloc(size);
	if (!bytes)
		abort();
	for (size_t i = 0; i < size; i++)
		bytes[i] = value[(offset + i % stride) % VALUE_SIZE];
	if (wrong_byte < size)
		bytes[wrong_byte] ^= 1;
	return bytes;
}

/* The options as a caller lays them out: sz bytes, of which what is past his struct is padding. */
static void *lay_out(const struct call *call, const void *opts, size_t known, struct input *input)
{
	size_t size =
		call->sz > OPTS_SIZE_MAX || call->sz < sizeof(size_t) ? sizeof(size_t) : call->sz;
	unsigned char *bytes = calloc(1, size);

	if (!bytes)
		abort();
	memcpy(bytes, opts, size < known ? size : known);
	if (size > known && take(input, 1) & 1)
		bytes[known + take(input, 2) % (size - known)] = 1;
	return bytes;
}

static struct bpf_map_delete_elem_opts elem_opts(const struct call *call)
{
	return (struct bpf_map_delete_elem_opts){
		.sz = call->sz,
		.flags = call->flags,
		.compare = call->compare,
		.compare_offset = call->offset,
		.compare_size = call->size,
		.claim = call->claim,
		.claim_offset = call->claim_offset,
		.claim_size = call->claim_size,
		.backend = call->backend,
	};
}

static struct bpf_map_delete_batch_opts batch_opts(const struct call *call)
{
	return (struct bpf_map_delete_batch_opts){
		.sz = call->sz,
		.elem_flags = call->flags,
		.compare = call->compare,
		.compare_offset = call->offset,
		.compare_size = call->size,
		.compare_stride = call->stride,
		.backend = call->backend,
		.claim = call->claim,
		.claim_offset = call->claim_offset,
		.claim_size = call->claim_size,
		.results = call->results,
		.values = call->values,
		.linked_keys = call->linked.keys_at,
		.linked_compare = call->linked.compare,
		.linked_claim = call->linked.claim,
		.linked_results = call->linked.results,
		.linked_fd = call->linked.fd,
		.linked_flags = call->linked.flags,
		.linked_compare_offset = call->linked.offset,
		.linked_compare_size = call->linked.size,
		.linked_compare_stride = call->linked.stride,
		.linked_claim_offset = call->linked.claim_offset,
		.linked_claim_size = call->linked.claim_size,
		.claim_first = call->claim_first,
		.claim_last = call->claim_last,
	};
}

/* What is left of the numbers that tell how much there is to compare, where sz cuts them off. */
static void cut_off(struct call *call)
{
	struct bpf_map_delete_batch_opts many = batch_opts(call);
	struct bpf_map_delete_elem_opts one = elem_opts(call);

	if (call->batch && call->sz < sizeof(many)) {
		memset((char *)&many + call->sz, 0, sizeof(many) - call->sz);
		call->size = many.compare_size;
		call->stride = many.compare_stride;
		call->offset = many.compare_offset;
		call->linked.size = many.linked_compare_size;
		call->linked.stride = many.linked_compare_stride;
		call->linked.offset = many.linked_compare_offset;
	} else if (!call->batch && call->sz < sizeof(one)) {
		memset((char *)&one + call->sz, 0, sizeof(one) - call->sz);
		call->size = one.compare_size;
		call->offset = one.compare_offset;
	}
}

static void check(bool right, const struct call *call, const char *what, int got, int want)
{
	if (right)
		return;
	fprintf(stderr,
		"%s, %s: %s is %d, should be %d\n"
		"sz %zu flags %#llx offset %u size %u stride %u backend %u claim %u+%u keys %u\n",
		call->target->name, call->batch ? "batch" : "single", what, got, want, call->sz,
		call->flags, call->offset, call->size, call->stride, call->backend,
		call->claim_offset, call->claim_size, call->keys);
	abort();
}

/* The newer half of the options. */
static void take_linked(struct call *call, struct input *input, __u32 *keys, __u32 *claim)
{
	struct linked *linked = &call->linked;
	__u32 given = take(input, 2), wrong_byte, target;

	call->values = given & 1 ? values : NULL;
	if (given & 2) {
		call->claim_first = take_number(input);
		call->claim_last = given & 4 ? -1ull : take_number(input);
	}
	for (__u32 i = 0; i < KEYS_MAX; i++)
		keys[i] = take(input, 1) % KEYS;
	linked->keys_at = given & 8 ? keys : NULL;
	target = take(input, 1) % TARGETS;
	if (given & 16) {
		linked->target = &targets[target];
		linked->fd = targets[target].fd;
	}
	linked->flags = given & 32 ? take_number(input) : 0;
	linked->offset = given & 64 ? take_number(input) : 0;
	linked->size = given & 64 ? take_number(input) : 0;
	linked->stride = given & 128 ? take_number(input) : 0;
	linked->claim_offset = given & 256 ? take_number(input) : 0;
	linked->claim_size = given & 256 ? take_number(input) : 0;
	cut_off(call);
	wrong_byte = take_number(input);
	claim[0] = take(input, 4);
	claim[1] = take(input, 4);
	if (given & 512 && linked->size < 1u << 20 && (__u64)linked->stride * call->keys < 1u << 24)
		linked->compare = make_compare(call->keys, linked->offset, linked->size,
					       linked->stride, wrong_byte);
	if (given & 1024)
		linked->claim = claim;
}

/* What is in a map must be what the answers say. */
static void check_entries(const struct call *call, const struct target *target, const bool *there)
{
	unsigned char now[VALUE_SIZE];

	for (__u32 key = 0; target->serves && key < KEYS; key++) {
		bool is_there = !bpf_map_lookup_elem(target->fd, &key, now);

		check(is_there == there[key], call, "an entry", is_there, there[key]);
		check(!is_there || !memcmp(now, value, VALUE_SIZE), call, "a value", 0, 1);
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct input input = { data, size };
	struct call call = {};
	struct answer want = {};
	int results[KEYS_MAX], linked_results[KEYS_MAX], got;
	__u32 linked_keys[KEYS_MAX], linked_claim[2];
	__u32 keys[KEYS_MAX], count, wrong_byte, given, claim[2];
	void *opts;

	call.batch = take(&input, 1) & 1;
	call.target = &targets[take(&input, 1) % TARGETS];
	given = take(&input, 1);
	call.sz = given & 1 ? take_number(&input) : SANE_SIZE(call.batch);
	call.sz = with_whole_pointers(call.batch, call.sz);
	call.flags = given & 2 ? (__u64)take(&input, 4) << 32 | take(&input, 4) : BPF_F_COMPARE;
	call.offset = take_number(&input);
	call.size = take_number(&input);
	call.stride = take_number(&input);
	call.backend = given & 4 ? take_number(&input) : 0;
	call.claim_offset = given & 8 ? take_number(&input) : 0;
	call.claim_size = given & 8 ? take_number(&input) : 0;
	call.keys = call.batch ? take(&input, 1) % (KEYS_MAX + 1) : 1;
	call.value = value;
	cut_off(&call);
	wrong_byte = take_number(&input);
	for (__u32 i = 0; i < KEYS_MAX; i++)
		keys[i] = take(&input, 1) % KEYS;
	claim[0] = take(&input, 4);
	claim[1] = take(&input, 4);
	/* Larger ones cannot be laid out; in which case nothing may be read of it. */
	if (given & 16 && call.size < 1u << 20 && (__u64)call.stride * call.keys < 1u << 24)
		call.compare = make_compare(call.keys, call.offset, call.size,
					    call.batch ? call.stride : 0, wrong_byte);
	if (given & 32 && (call.compare || call.size < 1u << 20))
		call.claim = claim;
	call.keys_at = given & 64 ? NULL : keys;
	call.results = given & 128 ? NULL : results;

	call.linked.target = call.target;
	if (call.batch)
		take_linked(&call, &input, linked_keys, linked_claim);
	call.linked.results = call.linked.keys_at && call.results ? linked_results : NULL;
	fill(call.target);
	fill(call.linked.target);
	errno = 0;
	if (call.batch) {
		const struct bpf_map_delete_batch_opts many = batch_opts(&call);

		opts = lay_out(&call, &many, BATCH_OPTS_KNOWN, &input);
		count = call.keys;
		got = bpf_map_delete_batch_opts(call.target->fd, call.keys_at, &count, opts);
	} else {
		const struct bpf_map_delete_elem_opts one = elem_opts(&call);

		opts = lay_out(&call, &one, ELEM_OPTS_KNOWN, &input);
		got = bpf_map_delete_elem_opts(call.target->fd, call.keys_at, opts);
	}
	check(got <= 0 && (!got || errno == -got), &call, "errno", -errno, got);
	predict(&call, opts, &want);
	check(got == want.err, &call, "the answer", got, want.err);
	if (call.batch)
		check(count == want.deleted, &call, "the count", count, want.deleted);
	for (__u32 i = 0; want.has_results && i < call.keys; i++)
		check(results[i] == want.results[i], &call, "a result", results[i],
		      want.results[i]);
	for (__u32 i = 0; want.has_linked_results && i < call.keys; i++)
		check(linked_results[i] == want.linked_results[i], &call, "a linked result",
		      linked_results[i], want.linked_results[i]);
	for (__u32 i = 0; call.values && want.has_results && i < call.keys; i++)
		check(results[i] || !memcmp(values[i], value, VALUE_SIZE), &call,
		      "a value that was handed out", 0, 1);
	check_entries(&call, call.target, want.there);
	if (call.linked.target->map != call.target->map)
		check_entries(&call, call.linked.target, want.linked_there);
	free(opts);
	free((void *)call.compare);
	free((void *)call.linked.compare);
	return 0;
}
