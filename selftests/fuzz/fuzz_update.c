// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A libFuzzer target: updates of every kind, sane or not, of one key and of many. What is answered must be what
 * the contract says, as a model of it tells in update_model.c; entries are changed only where 0 was answered, and
 * exactly as they were to be; what is handed out is what was there; no byte is read or written behind what the
 * caller has. On a kernel with syscall programs that may take values with a bpf_spin_lock.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "../common.h"
#include "update_model.h"

#define FILLER 0xa5 /* bytes that were not written */

/* A program for each region and each place that is written to, and they are to be freed one after the other. */
#define PROGRAMS_AT_ONCE 50

/* More than these bytes a caller does not lay out; then nothing may be read of them. */
#define LAID_OUT_MAX (1u << 20)

static struct update_target targets[] = {
	{ "hash", HASHES, 0, 0, VALUE_SIZE, -1, -1 },
	{ "LRU hash", HASHES, 0, 0, VALUE_SIZE, -1, -1 },
	{ "hash that allocates", HASHES, 0, 0, VALUE_SIZE, -1, -1 },
	{ "full hash", HASHES, 0, UPDATE_THERE + 1, VALUE_SIZE, -1, -1 },
	{ "hash with a lock", LOCKED, 0, 0, VALUE_SIZE, -1, -1 },
	{ "read-only", HASHES, -EPERM, 0, VALUE_SIZE, -1, -1 },
	{ "array", INDEXED, 0, UPDATE_THERE, VALUE_SIZE, -1, -1 },
	{ "hash per CPU", EACH_CPU, 0, 0, VALUE_SIZE, -1, -1 },
	{ "no map", NO_MAP, -EINVAL, 0, VALUE_SIZE, -1, -1 },
	{ "not open", NO_MAP, -EBADF, 0, VALUE_SIZE, -1, -1 },
};

enum {
	PLAIN,
	LRU,
	ALLOCATES,
	FULL,
	WITH_LOCK,
	ONLY_READ,
	IS_ARRAY,
	PER_CPU,
	NOT_A_MAP
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void make(int target, enum bpf_map_type type, __u32 room, __u32 flags)
{
	targets[target].fd = make_map(type, sizeof(__u32), VALUE_SIZE, room, flags);
	targets[target].written_by = targets[target].fd;
}

/* A value of words, of which the second one is the lock. */
static int make_locked(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	struct btf *btf = btf__new_empty();
	int word, lock, rest, value, fd;

	word = btf__add_int(btf, "unsigned int", sizeof(__u32), 0);
	lock = btf__add_struct(btf, "bpf_spin_lock", LOCK_SIZE);
	btf__add_field(btf, "val", word, 0, 0);
	rest = btf__add_array(btf, word, word, (VALUE_SIZE - LOCK_OFFSET - LOCK_SIZE) / 4);
	value = btf__add_struct(btf, "value", VALUE_SIZE);
	btf__add_field(btf, "first", word, 0, 0);
	btf__add_field(btf, "lock", lock, 8 * LOCK_OFFSET, 0);
	btf__add_field(btf, "rest", rest, 8 * (LOCK_OFFSET + LOCK_SIZE), 0);
	if (btf__load_into_kernel(btf))
		tap_bail("btf__load_into_kernel");
	opts.btf_fd = btf__fd(btf);
	opts.btf_key_type_id = word;
	opts.btf_value_type_id = value;
	fd = bpf_map_create(BPF_MAP_TYPE_HASH, "selftest", sizeof(__u32), VALUE_SIZE, 64, &opts);
	if (fd < 0)
		tap_bail("bpf_map_create");
	btf__free(btf);
	return fd;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, read_only, .open_flags = BPF_F_RDONLY);
	int cpus = libbpf_num_possible_cpus();

	(void)argc;
	(void)argv;
	libbpf_set_print(NULL);
	if (cpus < 1 || cpus > CPUS_MAX)
		tap_bail("%d CPUs", cpus);
	make(PLAIN, BPF_MAP_TYPE_HASH, 64, 0);
	make(LRU, BPF_MAP_TYPE_LRU_HASH, 64, 0);
	make(ALLOCATES, BPF_MAP_TYPE_HASH, 64, BPF_F_NO_PREALLOC);
	make(FULL, BPF_MAP_TYPE_HASH, targets[FULL].room, 0);
	make(IS_ARRAY, BPF_MAP_TYPE_ARRAY, targets[IS_ARRAY].room, 0);
	make(PER_CPU, BPF_MAP_TYPE_PERCPU_HASH, 64, 0);
	targets[PER_CPU].full = (size_t)VALUE_SIZE * cpus;
	targets[WITH_LOCK].fd = targets[WITH_LOCK].written_by = make_locked();
	targets[NOT_A_MAP].fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	make(ONLY_READ, BPF_MAP_TYPE_HASH, 64, 0);
	targets[ONLY_READ].fd =
		bpf_map_get_fd_by_id_opts(map_id(targets[ONLY_READ].fd), &read_only);
	if (targets[ONLY_READ].fd < 0)
		tap_bail("bpf_map_get_fd_by_id_opts");
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

static void *allocate(size_t size)
{
	void *bytes = malloc(size ? size : 1);

	if (!bytes)
		abort();
	return bytes;
}

/* Bytes that are near to where words end. */
static void fill_bytes(unsigned char *bytes, size_t size, __u64 *state)
{
	static const unsigned char usual[] = { 0, 0, 1, 2, 0x7f, 0x80, 0xfe, 0xff };

	for (size_t i = 0; i < size; i++) {
		*state = *state * 6364136223846793005ull + 1442695040888963407ull;
		bytes[i] = usual[*state >> 61];
	}
}

static void check(bool right, const struct update_call *call, const char *what, long got, long want)
{
	const struct bpf_map_update_batch_opts *opts = &call->opts;

	if (right)
		return;
	fprintf(stderr, "%s, %s of %u: %s is %ld, should be %ld\n", call->target->name,
		call->batch ? "batch" : "single", call->keys, what, got, want);
	fprintf(stderr,
		"sz %zu flags %#llx compare %u+%u by %u, written %u+%u by %u, op %u, backend %u, "
		"claims "
		"%#llx to %#llx%s%s%s%s\n",
		call->sz, (unsigned long long)opts->elem_flags, opts->compare_offset,
		opts->compare_size, opts->compare_stride, opts->offset, opts->size,
		opts->value_stride, opts->op, opts->backend, (unsigned long long)opts->claim_first,
		(unsigned long long)opts->claim_last, opts->old ? ", old" : "",
		opts->compare ? ", compare" : "", call->values_at ? "" : ", no values",
		call->padding ? ", padding" : "");
	abort();
}

/* The first ones are there, each with another value; of an array all that it has. */
static void fill(const struct update_call *call, struct update_entries *entries, __u64 *state)
{
	const struct update_target *target = call->target;
	int fd = target->written_by;

	for (__u32 key = 0; key < UPDATE_KEYS; key++) {
		entries->values[key] = allocate(target->full);
		fill_bytes(entries->values[key], target->full, state);
		if (target->kind == LOCKED)
			memset(entries->values[key] + LOCK_OFFSET, 0, LOCK_SIZE);
		entries->there[key] = key < UPDATE_THERE;
		if (target->kind != NO_MAP && key >= UPDATE_THERE && target->kind != INDEXED)
			bpf_map_delete_elem(fd, &key);
	}
	for (__u32 key = 0; target->kind != NO_MAP && key < UPDATE_THERE; key++)
		put(fd, &key, entries->values[key]);
}

static void check_entries(const struct update_call *call, const struct update_entries *want)
{
	unsigned char *now = allocate(call->target->full);

	for (__u32 key = 0; call->target->kind != NO_MAP && key < UPDATE_KEYS; key++) {
		bool there = !bpf_map_lookup_elem(call->target->fd, &key, now);

		check(there == want->there[key], call, "an entry", there, want->there[key]);
		check(!there || !memcmp(now, want->values[key], call->target->full), call,
		      "a value", key, key);
	}
	free(now);
}

/* What is asked for, but for what is handed in and out. */
static void take_options(struct update_call *call, struct input *input, __u32 given)
{
	static const __u64 flags[] = {
		BPF_F_IN_PLACE,
		BPF_F_IN_PLACE,
		BPF_F_IN_PLACE | BPF_F_COMPARE,
		BPF_F_COMPARE,
		BPF_F_IN_PLACE | BPF_F_COMPARE,
		BPF_ANY,
		BPF_NOEXIST,
		BPF_EXIST,
	};
	struct bpf_map_update_batch_opts *opts = &call->opts;
	__u32 more = take(input, 1);

	opts->elem_flags = flags[given & 7];
	if (given & 8 && take(input, 1) % 8 == 0)
		opts->elem_flags ^= 1ull << take(input, 1) % 64;
	if (opts->elem_flags & BPF_F_COMPARE || (more & 1 && given & 8)) {
		opts->compare_offset = take_number(input);
		opts->compare_size = take_number(input);
		opts->compare_stride = call->batch && more & 2 ? take_number(input) : 0;
		/* Where it makes sense, mostly. */
		if (!(more & 4)) {
			opts->compare_offset %= VALUE_SIZE;
			opts->compare_size %= VALUE_SIZE - opts->compare_offset + 1;
		}
	}
	if (opts->elem_flags & BPF_F_IN_PLACE || (more & 8 && given & 8)) {
		opts->offset = take_number(input);
		opts->size = take_number(input);
		opts->op = take(input, 1);
		if (!(more & 16)) {
			opts->size = opts->size & 1 ? 4 : 8;
			opts->offset = opts->offset % (VALUE_SIZE / opts->size) * opts->size;
			opts->op %= BPF_MAP_UPDATE_XOR + 1;
		} else if (!(more & 32)) {
			opts->op = 0;
			opts->offset %= VALUE_SIZE;
			opts->size = 1 + opts->size % (VALUE_SIZE - opts->offset);
		}
	}
	if (call->batch && more & 64)
		opts->value_stride = take_number(input);
	if (more & 128)
		opts->backend = take(input, 1) % 4;
}

/* Claims that are near to some word. */
static void take_claims(struct update_call *call, struct input *input,
			const struct update_entries *entries)
{
	struct bpf_map_update_batch_opts *opts = &call->opts;
	__u32 given = take(input, 1), half;
	__u64 word = 0;

	opts->claim_first = opts->claim_last = take(input, 8);
	if (given & 1 && (opts->size == 4 || opts->size == 8) &&
	    opts->offset <= VALUE_SIZE - opts->size) {
		memcpy(&half, entries->values[given >> 6] + opts->offset, sizeof(half));
		memcpy(&word, entries->values[given >> 6] + opts->offset, opts->size);
		word = opts->size == 4 ? half : word;
		opts->claim_first = word - (given & 2 ? take(input, 1) : 0);
		opts->claim_last = word + (given & 4 ? take(input, 1) : 0);
	}
	if (given & 8)
		opts->claim_last = take(input, 8);
}

/* Options may end in the middle of a field, but what is left of a pointer would be read. */
static size_t with_whole_pointers(bool batch, size_t sz)
{
	static const size_t elem[] = {
		offsetof(struct bpf_map_update_elem_opts, compare),
		offsetof(struct bpf_map_update_elem_opts, old),
	}, many[] = {
		offsetof(struct bpf_map_update_batch_opts, compare),
		offsetof(struct bpf_map_update_batch_opts, old),
		offsetof(struct bpf_map_update_batch_opts, results),
	};
	const size_t *at = batch ? many : elem;

	for (int i = 0; i < (batch ? 3 : 2); i++)
		if (sz > at[i] && sz < at[i] + sizeof(void *))
			return at[i];
	return sz;
}

/* The same fields, in the struct of one. */
static struct bpf_map_update_elem_opts as_one(const struct bpf_map_update_batch_opts *many)
{
	return (struct bpf_map_update_elem_opts){
		.sz = many->sz,
		.flags = many->elem_flags,
		.compare = many->compare,
		.old = many->old,
		.compare_offset = many->compare_offset,
		.compare_size = many->compare_size,
		.offset = many->offset,
		.size = many->size,
		.op = many->op,
		.backend = many->backend,
		.claim_first = many->claim_first,
		.claim_last = many->claim_last,
	};
}

static struct bpf_map_update_batch_opts as_many(const struct bpf_map_update_elem_opts *one)
{
	return (struct bpf_map_update_batch_opts){
		.sz = one->sz,
		.elem_flags = one->flags,
		.compare = one->compare,
		.old = one->old,
		.compare_offset = one->compare_offset,
		.compare_size = one->compare_size,
		.offset = one->offset,
		.size = one->size,
		.op = one->op,
		.backend = one->backend,
		.claim_first = one->claim_first,
		.claim_last = one->claim_last,
	};
}

static size_t known(const struct update_call *call)
{
	return call->batch ? BATCH_UPDATE_KNOWN : ELEM_UPDATE_KNOWN;
}

static size_t laid_out(const struct update_call *call)
{
	return call->sz > OPTS_SIZE_MAX || call->sz < sizeof(size_t) ? sizeof(size_t) : call->sz;
}

/* The options as a caller lays them out; what of them gets there is what the call has then. */
static unsigned char *lay_out(struct update_call *call)
{
	size_t size = laid_out(call), copied = size < known(call) ? size : known(call);
	struct bpf_map_update_elem_opts one;
	unsigned char *bytes;

	if (!call->sz) {
		memset(&call->opts, 0, sizeof(call->opts));
		return NULL;
	}
	bytes = calloc(1, size);
	if (!bytes)
		abort();
	call->opts.sz = call->sz;
	if (call->batch) {
		memcpy(bytes, &call->opts, copied);
		memset(&call->opts, 0, sizeof(call->opts));
		memcpy(&call->opts, bytes, copied);
		return bytes;
	}
	one = as_one(&call->opts);
	memcpy(bytes, &one, copied);
	memset(&one, 0, sizeof(one));
	memcpy(&one, bytes, copied);
	call->opts = as_many(&one);
	return bytes;
}

/* Of all keys, each so far from the one before; 0: more than is laid out. */
static size_t bytes_of(const struct update_call *call, size_t stride, size_t size)
{
	size_t all = call->keys ? (call->keys - 1) * (stride ? stride : size) + size : 0;

	return all < LAID_OUT_MAX && size < LAID_OUT_MAX ? all : 0;
}

/* No more than a caller must have. */
static unsigned char *make_values(const struct update_call *call, __u64 *state)
{
	size_t size = bytes_of(call, call->opts.value_stride, update_written_size(call));
	unsigned char *values;

	if (!size && call->keys)
		return NULL;
	values = allocate(size);
	fill_bytes(values, size, state);
	return values;
}

/* What is there of each key's, with one byte that may be wrong. */
static unsigned char *make_compare(const struct update_call *call,
				   const struct update_entries *entries, __u32 wrong_byte)
{
	const struct bpf_map_update_batch_opts *opts = &call->opts;
	size_t region = opts->compare_size ? opts->compare_size : VALUE_SIZE;
	size_t stride = opts->compare_stride ? opts->compare_stride : region;
	size_t size = bytes_of(call, stride, region);
	unsigned char *bytes;

	if (!size && call->keys)
		return NULL;
	bytes = allocate(size);
	memset(bytes, 0, size);
	for (__u32 i = 0; i < call->keys && call->keys_at; i++)
		for (size_t j = 0; j < region; j++)
			bytes[i * stride + j] =
				entries->values[call->keys_at[i]]
					       [(opts->compare_offset + j) % VALUE_SIZE];
	if (wrong_byte < size)
		bytes[wrong_byte] ^= 1;
	return bytes;
}

/* Each that was written over is there, and nothing else was written. */
static void check_old(const struct update_call *call, const struct update_answer *want,
		      const unsigned char *old, size_t room)
{
	size_t size = update_written_size(call);

	for (size_t at = 0; at < room; at++) {
		__u32 i = at / size;
		bool written = !want->err && !want->results[i];
		int byte = written ? want->old[i][at % size] : FILLER;

		check(old[at] == byte, call, "an old byte", old[at], byte);
	}
}

static void let_some_be_freed(void)
{
	static __u32 served;

	if (++served % PROGRAMS_AT_ONCE == 0)
		let_programs_be_freed();
}

static void try_call(struct update_call *call, unsigned char *bytes, const int *results,
		     struct update_entries *entries, const unsigned char *old, size_t old_room)
{
	struct update_answer want = {};
	__u32 count = call->keys;
	int got;

	predict_update(call, entries, &want);
	errno = 0;
	got = call->batch ? bpf_map_update_batch_opts(call->target->fd, call->keys_at,
						      call->values_at, &count, (void *)bytes)
			  : bpf_map_update_elem_opts(call->target->fd, call->keys_at,
						     call->values_at, (void *)bytes);
	check(got <= 0 && (!got || errno == -got), call, "errno", -errno, got);
	check(got == want.err, call, "the answer", got, want.err);
	if (call->batch)
		check(count == want.updated, call, "the count", count, want.updated);
	for (__u32 i = 0; i < call->keys; i++)
		if (want.has_results)
			check(results[i] == want.results[i], call, "a result", results[i],
			      want.results[i]);
	check_entries(call, entries);
	check_old(call, &want, old, old_room);
	if (!want.err)
		let_some_be_freed();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct input input = { data, size };
	struct update_call call = {};
	struct update_entries entries;
	__u32 given, more, wrong_byte, *keys;
	unsigned char *bytes, *old = NULL, *values, *compare = NULL;
	size_t old_room = 0;
	int *results;
	__u64 state;

	call.target = &targets[take(&input, 1) % ARRAY_SIZE(targets)];
	given = take(&input, 1);
	more = take(&input, 1);
	call.batch = given & 16;
	call.keys = call.batch ? take(&input, 1) % (KEYS_MAX + 1) : 1;
	keys = allocate(call.keys * sizeof(*keys));
	results = allocate(call.keys * sizeof(*results));
	for (__u32 i = 0; i < call.keys; i++)
		keys[i] = take(&input, 1) % UPDATE_KEYS;
	call.keys_at = more & 1 && !take(&input, 1) ? NULL : keys;
	state = take(&input, 2);
	fill(&call, &entries, &state);
	take_options(&call, &input, given);
	if (more & 2)
		take_claims(&call, &input, &entries);
	call.sz = call.batch ? sizeof(struct bpf_map_update_batch_opts)
			     : sizeof(struct bpf_map_update_elem_opts);
	if (given & 32)
		call.sz = with_whole_pointers(call.batch, take_number(&input));
	/* What sz leaves of the numbers is what there has to be. */
	free(lay_out(&call));
	wrong_byte = more & 4 ? take_number(&input) : -1u;
	values = more & 8 && !take(&input, 1) ? NULL : make_values(&call, &state);
	call.values_at = values;
	if (call.opts.elem_flags & BPF_F_COMPARE ? !(more & 16) || take(&input, 1)
						 : (more & 16 && given & 8))
		call.opts.compare = compare = make_compare(&call, &entries, wrong_byte);
	if (more & 32 && (call.opts.elem_flags & (BPF_F_COMPARE | BPF_F_IN_PLACE) || given & 8)) {
		old_room = bytes_of(&call, 0, update_written_size(&call));
		call.opts.old = old = memset(allocate(old_room), FILLER, old_room ? old_room : 1);
	}
	call.opts.results = more & 64 ? NULL : results;
	bytes = lay_out(&call);
	if (bytes && laid_out(&call) > known(&call) && more & 128) {
		size_t at = known(&call) + take(&input, 2) % (laid_out(&call) - known(&call));

		bytes[at] = take(&input, 1);
		call.padding = bytes[at];
	}
	/* What sz has cut off nothing is written to. */
	try_call(&call, bytes, results, &entries, old, call.opts.old ? old_room : 0);
	for (__u32 key = 0; key < UPDATE_KEYS; key++)
		free(entries.values[key]);
	free(keys);
	free(results);
	free(old);
	free(values);
	free(compare);
	free(bytes);
	return 0;
}
