// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The contract of updates by compare and in place, row by row, of one key and of a batch: what is wrong with a call,
 * alone and with every other wrong thing that comes later in the order of checks.
 */
#include "common.h"

#define KEY	   7u
#define VALUE_SIZE 24u
#define PROG	   BPF_MAP_COMPARE_SYSCALL_PROG

/* A call that writes to its entry, until something is made wrong with it. */
struct call {
	__u32 map_type;
	bool read_only, frozen, closed, program, no_key, no_value, absent;
	struct {
		struct bpf_map_update_elem_opts opts;
		__u64 tail;
	} newer;
};

static const char value[VALUE_SIZE + 1] = "the value, as it was put";
static const char other[VALUE_SIZE + 1] = "another one that is new!";

static void unknown_flag(struct call *call)
{
	call->newer.opts.flags |= 1u << 7;
}

static void lock_flag(struct call *call)
{
	call->newer.opts.flags |= BPF_F_LOCK;
}

static void high_flag(struct call *call)
{
	call->newer.opts.flags |= 1ull << 37;
}

static void exist_too(struct call *call)
{
	call->newer.opts.flags |= BPF_EXIST;
}

static void no_exist_too(struct call *call)
{
	call->newer.opts.flags |= BPF_NOEXIST;
}

static void exist_or_not(struct call *call)
{
	call->newer.opts.flags = BPF_NOEXIST | BPF_EXIST;
}

static void no_compare_flag(struct call *call)
{
	call->newer.opts.flags &= ~(__u64)BPF_F_COMPARE;
}

static void no_in_place_flag(struct call *call)
{
	call->newer.opts.flags &= ~(__u64)BPF_F_IN_PLACE;
}

static void no_flags(struct call *call)
{
	memset((char *)&call->newer.opts + sizeof(size_t), 0,
	       sizeof(call->newer.opts) - sizeof(size_t));
}

static void old_without_flags(struct call *call)
{
	void *old = call->newer.opts.old;

	no_flags(call);
	call->newer.opts.old = old;
}

static void range_without_flags(struct call *call)
{
	no_flags(call);
	call->newer.opts.claim_last = 1;
}

static void op_without_place(struct call *call)
{
	no_flags(call);
	call->newer.opts.op = BPF_MAP_UPDATE_ADD;
}

static void unknown_op(struct call *call)
{
	call->newer.opts.op = BPF_MAP_UPDATE_XOR + 1;
}

static void unknown_backend(struct call *call)
{
	call->newer.opts.backend = PROG + 1;
}

static void range_backwards(struct call *call)
{
	call->newer.opts.claim_first = 2;
	call->newer.opts.claim_last = 1;
}

static void add_to_many(struct call *call)
{
	call->newer.opts.op = BPF_MAP_UPDATE_ADD;
	call->newer.opts.size = 12;
}

static void add_beside_word(struct call *call)
{
	call->newer.opts.op = BPF_MAP_UPDATE_ADD;
	call->newer.opts.offset = 4;
}

static void add_to_byte(struct call *call)
{
	call->newer.opts.op = BPF_MAP_UPDATE_OR;
	call->newer.opts.size = 1;
}

static void range_of_many(struct call *call)
{
	call->newer.opts.size = 16;
	call->newer.opts.claim_last = 5;
}

static void range_past_words(struct call *call)
{
	call->newer.opts.size = 4;
	call->newer.opts.claim_first = call->newer.opts.claim_last = -1ull;
}

static void size_of_nothing(struct call *call)
{
	call->newer.opts.sz = sizeof(size_t) - 1;
}

static void size_never_set(struct call *call)
{
	call->newer.opts.sz = (size_t)-1;
}

static void tail_not_zero(struct call *call)
{
	call->newer.opts.sz = sizeof(call->newer);
	call->newer.tail = 1;
}

static void closed(struct call *call)
{
	call->closed = true;
}

static void program(struct call *call)
{
	call->program = true;
}

static void read_only(struct call *call)
{
	call->read_only = true;
}

static void frozen(struct call *call)
{
	call->frozen = true;
}

static void no_key(struct call *call)
{
	call->no_key = true;
}

static void no_value(struct call *call)
{
	call->no_value = true;
}

static void region_past_end(struct call *call)
{
	call->newer.opts.compare_offset = VALUE_SIZE - 3;
	call->newer.opts.compare_size = 4;
}

static void region_overflows(struct call *call)
{
	call->newer.opts.compare_offset = -4u;
	call->newer.opts.compare_size = 8;
}

static void written_past_end(struct call *call)
{
	call->newer.opts.offset = VALUE_SIZE;
}

static void written_overflows(struct call *call)
{
	call->newer.opts.offset = -8u;
	call->newer.opts.size = 16;
}

static void size_overflows(struct call *call)
{
	call->newer.opts.size = -8u;
}

static void add_to_whole_value(struct call *call)
{
	call->newer.opts.op = BPF_MAP_UPDATE_ADD;
	call->newer.opts.offset = call->newer.opts.size = 0;
}

static void array(struct call *call)
{
	call->map_type = BPF_MAP_TYPE_ARRAY;
}

static void per_cpu(struct call *call)
{
	call->map_type = BPF_MAP_TYPE_PERCPU_HASH;
}

static void byte_in_place(struct call *call)
{
	call->newer.opts.size = 1;
}

static void half_word_in_place(struct call *call)
{
	call->newer.opts.size = 2;
}

static void many_without_lock(struct call *call)
{
	call->newer.opts.size = 12;
}

static void word_across(struct call *call)
{
	call->newer.opts.offset = 4;
}

static void whole_value_in_place(struct call *call)
{
	call->newer.opts.offset = call->newer.opts.size = 0;
}

static void natively(struct call *call)
{
	call->newer.opts.backend = BPF_MAP_COMPARE_NATIVE;
}

static void no_compare(struct call *call)
{
	call->newer.opts.compare = NULL;
}

static void differs(struct call *call)
{
	call->newer.opts.compare = other;
}

static void absent(struct call *call)
{
	call->absent = true;
}

/* In the order of checks: of two, the one of the lower rank is answered. */
static const struct wrong {
	const char *name;
	void (*make)(struct call *call);
	int rank;
	int want;
} wrongs[] = {
	{ "sz of nothing", size_of_nothing, 0, -EINVAL },
	{ "sz never set", size_never_set, 0, -EINVAL },
	{ "a tail that is not 0", tail_not_zero, 0, -EINVAL },
	{ "an unknown flag", unknown_flag, 1, -EINVAL },
	{ "BPF_F_LOCK", lock_flag, 1, -EINVAL },
	{ "a flag above 32 bits", high_flag, 1, -EINVAL },
	{ "BPF_EXIST too", exist_too, 1, -EINVAL },
	{ "BPF_NOEXIST too", no_exist_too, 1, -EINVAL },
	{ "BPF_NOEXIST | BPF_EXIST", exist_or_not, 1, -EINVAL },
	{ "compare without its flag", no_compare_flag, 1, -EINVAL },
	{ "offset and size without their flag", no_in_place_flag, 1, -EINVAL },
	{ "old without flags", old_without_flags, 1, -EINVAL },
	{ "claim_last without flags", range_without_flags, 1, -EINVAL },
	{ "op without flags", op_without_place, 1, -EINVAL },
	{ "an unknown op", unknown_op, 1, -EINVAL },
	{ "an unknown backend", unknown_backend, 1, -EINVAL },
	{ "claim_first over claim_last", range_backwards, 1, -EINVAL },
	{ "add to 12 bytes", add_to_many, 1, -EINVAL },
	{ "add beside a word", add_beside_word, 1, -EINVAL },
	{ "or to a byte", add_to_byte, 1, -EINVAL },
	{ "claims among 16 bytes", range_of_many, 1, -EINVAL },
	{ "claims that no word can be", range_past_words, 1, -EINVAL },
	{ "a closed fd", closed, 2, -EBADF },
	{ "a program's fd", program, 2, -EINVAL },
	{ "a read-only fd", read_only, 3, -EPERM },
	{ "a frozen map", frozen, 3, -EPERM },
	{ "no key", no_key, 4, -EFAULT },
	{ "no value", no_value, 4, -EFAULT },
	{ "a region past the end", region_past_end, 5, -EINVAL },
	{ "a region that overflows", region_overflows, 5, -EINVAL },
	{ "bytes past the end", written_past_end, 5, -EINVAL },
	{ "bytes that overflow", written_overflows, 5, -EINVAL },
	{ "a size that overflows", size_overflows, 5, -EINVAL },
	{ "add to all of a value", add_to_whole_value, 5, -EINVAL },
	{ "an array", array, 6, -EOPNOTSUPP },
	{ "values per CPU", per_cpu, 6, -EOPNOTSUPP },
	{ "a byte in place", byte_in_place, 7, -EOPNOTSUPP },
	{ "2 bytes in place", half_word_in_place, 7, -EOPNOTSUPP },
	{ "12 bytes without a lock", many_without_lock, 7, -EOPNOTSUPP },
	{ "8 bytes across words", word_across, 7, -EOPNOTSUPP },
	{ "a whole value without a lock", whole_value_in_place, 7, -EOPNOTSUPP },
	{ "the native backend", natively, 8, -EOPNOTSUPP },
	{ "no compare", no_compare, 9, -EFAULT },
	{ "no such key", absent, 10, -ENOENT },
	{ "a region that differs", differs, 11, -EBUSY },
};

static int a_program(void)
{
	static int fd;
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	if (!fd)
		fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "selftest", "GPL", insns, 2, NULL);
	if (fd < 0)
		tap_bail("bpf_prog_load");
	return fd;
}

/* A map with the entry, and the fd that the call has of it. */
static int open_for(const struct call *call, int *of_map)
{
	const __u32 key = KEY;
	char values[VALUE_SIZE * 256] = {};
	int fd, other_fd;

	fd = make_map(call->map_type, sizeof(key), VALUE_SIZE, 16, 0);
	memcpy(values, value, VALUE_SIZE);
	if (!call->absent || call->map_type == BPF_MAP_TYPE_ARRAY)
		put(fd, &key, values);
	*of_map = fd;
	if (call->frozen && bpf_map_freeze(fd))
		tap_bail("bpf_map_freeze");
	if (call->closed)
		return 4000;
	if (call->program)
		return a_program();
	if (call->read_only) {
		LIBBPF_OPTS(bpf_get_fd_by_id_opts, opts, .open_flags = BPF_F_RDONLY);

		other_fd = bpf_map_get_fd_by_id_opts(map_id(fd), &opts);
		if (other_fd < 0)
			tap_bail("bpf_map_get_fd_by_id_opts");
		return other_fd;
	}
	return fd;
}

static int call_single(const struct call *call, int fd, const __u32 *key)
{
	return bpf_map_update_elem_opts(fd, call->no_key ? NULL : key,
					call->no_value ? NULL : other, &call->newer.opts);
}

/* The same of a batch, whose struct has the same fields in other places, and the same tail. */
static int call_batch(const struct call *call, int fd, const __u32 *key)
{
	const struct bpf_map_update_elem_opts *from = &call->newer.opts;
	__u32 count = 1;
	int result = 1, err;
	struct {
		struct bpf_map_update_batch_opts opts;
		__u64 tail;
	} newer = { .tail = call->newer.tail };

	newer.opts.sz = from->sz == sizeof(*from)	  ? sizeof(newer.opts)
			: from->sz == sizeof(call->newer) ? sizeof(newer)
							  : from->sz;
	newer.opts.elem_flags = from->flags;
	newer.opts.compare = from->compare;
	newer.opts.old = from->old;
	newer.opts.results = &result;
	newer.opts.compare_offset = from->compare_offset;
	newer.opts.compare_size = from->compare_size;
	newer.opts.offset = from->offset;
	newer.opts.size = from->size;
	newer.opts.op = from->op;
	newer.opts.backend = from->backend;
	newer.opts.claim_first = from->claim_first;
	newer.opts.claim_last = from->claim_last;
	err = bpf_map_update_batch_opts(fd, call->no_key ? NULL : key,
					call->no_value ? NULL : other, &count, &newer.opts);
	if (err)
		return count || (result != 1 && result != -ECANCELED) ? -ENOTRECOVERABLE : err;
	return (int)count != !result ? -ENOTRECOVERABLE : result;
}

static bool is_untouched(const struct call *call, int fd)
{
	char now[VALUE_SIZE * 256] = {};
	const __u32 key = KEY;

	if (call->absent && call->map_type != BPF_MAP_TYPE_ARRAY)
		return bpf_map_lookup_elem(fd, &key, now) == -ENOENT;
	return !bpf_map_lookup_elem(fd, &key, now) && !memcmp(now, value, VALUE_SIZE);
}

static bool try_wrong(const struct wrong *first, const struct wrong *second, bool batch)
{
	static const char untouched[VALUE_SIZE] = "as it was";
	const __u32 key = KEY;
	char old[VALUE_SIZE];
	struct call call;
	int fd, of_map, got, want = first->want;
	bool pass;

	memset(&call, 0, sizeof(call));
	call.map_type = BPF_MAP_TYPE_HASH;
	call.newer.opts.sz = sizeof(call.newer.opts);
	call.newer.opts.flags = BPF_F_COMPARE | BPF_F_IN_PLACE;
	call.newer.opts.compare = value;
	call.newer.opts.compare_size = 8;
	call.newer.opts.size = 8;
	call.newer.opts.old = old;
	memcpy(old, untouched, sizeof(old));
	/* The earlier one last, so that it is there. */
	if (second)
		second->make(&call);
	first->make(&call);
	fd = open_for(&call, &of_map);
	if (!can_write_in_place() && first->rank > 5)
		want = -EOPNOTSUPP;
	errno = 0;
	got = batch ? call_batch(&call, fd, &key) : call_single(&call, fd, &key);
	pass = got == want && is_untouched(&call, of_map) && !memcmp(old, untouched, sizeof(old));
	if (!pass)
		printf("# %s, %s: got %d, want %d; untouched: %d, %d\n", first->name,
		       second ? second->name : "alone", got, want, is_untouched(&call, of_map),
		       !memcmp(old, untouched, sizeof(old)));
	if (fd != of_map && call.read_only)
		close(fd);
	close(of_map);
	return pass;
}

/* What two make of a call together has to have both in it. */
static bool go_together(const struct wrong *a, const struct wrong *b)
{
	bool of_flags = a->rank == 1;

	/* The former make the latter another one, or none. */
	if (of_flags && b->rank != 2 && b->rank != 3 && b->rank != 4)
		return false;
	if (a->rank >= 5 && a->rank <= 8 && (b->rank == 7 || b->rank == 5))
		return false;
	return a->rank < b->rank && !(a->make == program && b->rank == 3);
}

static void test_wrongs(bool batch)
{
	const char *how = batch ? "batch" : "single";
	bool pass;

	for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++) {
		pass = try_wrong(&wrongs[i], NULL, batch);
		for (size_t j = 0; j < ARRAY_SIZE(wrongs); j++)
			if (go_together(&wrongs[i], &wrongs[j]))
				pass = try_wrong(&wrongs[i], &wrongs[j], batch) && pass;
		tap_ok(pass, "%s: %s", how, wrongs[i].name);
		let_programs_be_freed();
	}
}

int main(void)
{
	test_wrongs(false);
	test_wrongs(true);
	return tap_done();
}
