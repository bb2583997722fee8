// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The contract of bpf_map_delete_elem_opts(), row by row, on every backend: what is wrong with a
 * call, alone and with every other wrong thing that comes later in the order of checks.
 */
#include <sys/mman.h>
#include <unistd.h>
#include "common.h"

#define KEY	   7u
#define VALUE_SIZE 24u

/* A call that deletes its entry, until something is made wrong with it. */
struct call {
	__u32 map_type;
	bool read_only;
	bool frozen;
	bool closed;
	bool program;
	bool no_key;
	bool absent;
	struct {
		struct bpf_map_delete_elem_opts opts;
		__u64 tail;
	} newer;
};

static const char value[] = "the value, as it was put";
static const char other[] = "the value, as it wasn't.";

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

static void no_flag(struct call *call)
{
	call->newer.opts.flags = 0;
}

static void unknown_backend(struct call *call)
{
	call->newer.opts.backend = BPF_MAP_COMPARE_SYSCALL_PROG + 1;
}

static void claim_size_without_claim(struct call *call)
{
	call->newer.opts.claim_size = 4;
}

static void claim_offset_without_claim(struct call *call)
{
	call->newer.opts.claim_offset = 4;
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

static void size_past_end(struct call *call)
{
	call->newer.opts.compare_offset = 0;
	call->newer.opts.compare_size = VALUE_SIZE + 1;
}

static void region_past_end(struct call *call)
{
	call->newer.opts.compare_offset = VALUE_SIZE - 3;
	call->newer.opts.compare_size = 4;
}

static void offset_at_end(struct call *call)
{
	call->newer.opts.compare_offset = VALUE_SIZE;
	call->newer.opts.compare_size = 1;
}

static void sum_overflows(struct call *call)
{
	call->newer.opts.compare_offset = -4u;
	call->newer.opts.compare_size = 8;
}

static void size_overflows(struct call *call)
{
	call->newer.opts.compare_offset = 8;
	call->newer.opts.compare_size = -8u;
}

static void whole_value_from_offset(struct call *call)
{
	call->newer.opts.compare_offset = 1;
	call->newer.opts.compare_size = 0;
}

static void wrong_type(struct call *call)
{
	call->map_type = BPF_MAP_TYPE_PERCPU_HASH;
}

/* Not wrong in itself: the wrong that a backend has which this kernel lacks. */
static void as_it_is(struct call *call)
{
	(void)call;
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

/* In the order of the checks; equal ranks do not go together. */
static const struct wrong {
	const char *name;
	void (*make)(struct call *call);
	int answer;
	int rank;
} wrongs[] = {
	{ "opts smaller than sz", size_of_nothing, -EINVAL, 0 },
	{ "opts->sz never set", size_never_set, -EINVAL, 0 },
	{ "opts with a non-zero tail", tail_not_zero, -EINVAL, 0 },
	{ "unknown flag", unknown_flag, -EINVAL, 1 },
	{ "BPF_F_LOCK", lock_flag, -EINVAL, 1 },
	{ "flag over 32 bit", high_flag, -EINVAL, 1 },
	{ "compare without BPF_F_COMPARE", no_flag, -EINVAL, 1 },
	{ "unknown backend", unknown_backend, -EINVAL, 1 },
	{ "claim_size without claim", claim_size_without_claim, -EINVAL, 1 },
	{ "claim_offset without claim", claim_offset_without_claim, -EINVAL, 1 },
	{ "closed fd", closed, -EBADF, 2 },
	{ "a program's fd", program, -EINVAL, 2 },
	{ "read-only fd", read_only, -EPERM, 3 },
	{ "frozen map", frozen, -EPERM, 3 },
	{ "NULL key", no_key, -EFAULT, 4 },
	{ "size over the value's", size_past_end, -EINVAL, 5 },
	{ "region past the value's end", region_past_end, -EINVAL, 5 },
	{ "offset at the value's end", offset_at_end, -EINVAL, 5 },
	{ "offset + size overflows", sum_overflows, -EINVAL, 5 },
	{ "size near 2^32", size_overflows, -EINVAL, 5 },
	{ "whole value from an offset", whole_value_from_offset, -EINVAL, 5 },
	{ "unsupported map type", wrong_type, -EOPNOTSUPP, 6 },
	{ "backend that this kernel lacks", as_it_is, -EOPNOTSUPP, 7 },
	{ "NULL compare", no_compare, -EFAULT, 8 },
	{ "region differs", differs, -EBUSY, 9 },
	{ "no such key", absent, -ENOENT, 9 },
	{ "nothing wrong", as_it_is, 0, 10 },
};

#define LACKS_RANK 7

/* One that is there already: see map_for(). */
static int a_program(void)
{
	static int kept = -1;
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	if (kept < 0)
		kept = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "selftest", "GPL", insns, 2,
				     NULL);
	if (kept < 0)
		tap_bail("bpf_prog_load");
	return dup(kept);
}

/* The same map by a file descriptor that may only read it. */
static int read_only_twin(int fd)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, opts, .open_flags = BPF_F_RDONLY);
	int twin;

	twin = bpf_map_get_fd_by_id_opts(map_id(fd), &opts);
	if (twin < 0)
		tap_bail("bpf_map_get_fd_by_id_opts");
	return twin;
}

/*
 * The map for a call, with its entry. Maps are kept from call to call, as what is loaded for a map
 * is: to have a thousand programs loaded and freed at once is more than some kernels can take.
 */
static int map_for(const struct call *call)
{
	static struct {
		__u32 type;
		bool frozen;
		int fd;
	} maps[8];
	char present[VALUE_SIZE * 64] = "";
	const __u32 key = KEY;
	size_t i = 0;

	while (maps[i].type && (maps[i].type != call->map_type || maps[i].frozen != call->frozen))
		i++;
	/* A per-CPU map wants a value for each CPU. */
	memcpy(present, value, VALUE_SIZE);
	if (!maps[i].type) {
		maps[i].type = call->map_type;
		maps[i].frozen = call->frozen;
		maps[i].fd = make_map(call->map_type, sizeof(key), VALUE_SIZE, 4, 0);
		put(maps[i].fd, &key, present);
		if (call->frozen && bpf_map_freeze(maps[i].fd))
			tap_bail("bpf_map_freeze");
	} else if (!call->frozen) {
		put(maps[i].fd, &key, present);
	}
	return maps[i].fd;
}

/* Makes the call; the answer, or 1 where it was not what became of the map. */
static int carry_out(const struct call *call)
{
	__u32 key = KEY, missing = KEY + 1;
	char present[VALUE_SIZE * 64];
	int fd, map_fd, err;

	map_fd = map_for(call);
	fd = map_fd;
	if (call->read_only)
		fd = read_only_twin(map_fd);
	if (call->program)
		fd = a_program();
	if (call->closed)
		fd = 1 << 20;

	errno = 0;
	err = bpf_map_delete_elem_opts(fd, call->no_key ? NULL :
					   call->absent ? &missing :
							  &key,
				       &call->newer.opts);
	if (err && errno != -err)
		err = 1;
	if (!bpf_map_lookup_elem(map_fd, &key, present) != !!err)
		err = 1;
	if (fd != map_fd && !call->closed)
		close(fd);
	return err;
}

/* Not by an initializer: that leaves the padding behind the last field as it happens to be. */
static void good_call(struct call *call, __u32 map_type, __u32 backend)
{
	memset(call, 0, sizeof(*call));
	call->map_type = map_type;
	call->newer.opts.sz = sizeof(call->newer.opts);
	call->newer.opts.flags = BPF_F_COMPARE;
	call->newer.opts.compare = value;
	call->newer.opts.compare_size = VALUE_SIZE;
	call->newer.opts.backend = backend;
}

/* Every wrong with itself and with each later one: the answer is that of the earlier. */
static void test_order(__u32 map_type, const char *map_name, __u32 backend)
{
	const struct wrong *end = wrongs + ARRAY_SIZE(wrongs), *first, *second;
	bool serves = backend_serves(backend, map_type, 0);
	struct call call;
	int answer;

	for (first = wrongs; first < end; first++) {
		if (first->rank == LACKS_RANK && serves)
			continue;
		if (first->rank > LACKS_RANK && !serves)
			continue;
		for (second = first; second < end; second++) {
			if (second != first && second->rank == first->rank)
				continue;
			good_call(&call, map_type, backend);
			second->make(&call);
			first->make(&call);
			answer = carry_out(&call);
			if (first == second)
				tap_is(answer, first->answer, "%s, %s: %s", map_name,
				       backend_name(backend), first->name);
			else if (answer != first->answer)
				tap_is(answer, first->answer, "%s, %s: %s before %s", map_name,
				       backend_name(backend), first->name, second->name);
		}
	}
}

/* Of opts, only as many bytes as the caller has count. */
static void test_older_caller(void)
{
	bool serves = backend_serves(BPF_MAP_COMPARE_AUTO, BPF_MAP_TYPE_HASH, 0);
	struct call call;

	good_call(&call, BPF_MAP_TYPE_HASH, BPF_MAP_COMPARE_AUTO);
	call.newer.opts.compare = other;
	call.newer.opts.claim_size = 99;
	call.newer.opts.sz = offsetof(struct bpf_map_delete_elem_opts, claim);
	tap_is(carry_out(&call), serves ? -EBUSY : -EOPNOTSUPP, "older caller: opts without claim");

	call.newer.opts.sz = offsetof(struct bpf_map_delete_elem_opts, flags) + 1;
	tap_is(carry_out(&call), serves ? -EFAULT : -EOPNOTSUPP,
	       "older caller: a part of flags is not dropped");

	call.newer.opts.sz = offsetof(struct bpf_map_delete_elem_opts, flags);
	tap_is(carry_out(&call), 0, "older caller: opts without flags are a plain delete");
}

static void test_newer_caller(__u32 backend)
{
	int want = backend_serves(backend, BPF_MAP_TYPE_HASH, 0) ? 0 : -EOPNOTSUPP;
	struct call call;

	good_call(&call, BPF_MAP_TYPE_HASH, backend);
	call.newer.opts.sz = sizeof(call.newer);
	tap_is(carry_out(&call), want, "%s: larger opts with a zero tail", backend_name(backend));
}

static void test_plain(void)
{
	struct call call;
	__u32 key = KEY;
	int fd;

	good_call(&call, BPF_MAP_TYPE_HASH, 0);
	memset(&call.newer, 0, sizeof(call.newer));
	call.newer.opts.sz = sizeof(call.newer.opts);
	tap_is(carry_out(&call), 0, "flags 0 is a plain delete");
	call.absent = true;
	tap_is(carry_out(&call), -ENOENT, "flags 0 on a missing key");

	fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), VALUE_SIZE, 4, 0);
	put(fd, &key, value);
	tap_is(bpf_map_delete_elem_opts(fd, &key, NULL), 0, "opts NULL is a plain delete");
	tap_is(bpf_map_delete_elem_opts(fd, &key, NULL), -ENOENT, "opts NULL on a missing key");
	close(fd);
	tap_is(bpf_map_delete_elem_opts(fd, &key, NULL), -EBADF, "opts NULL on a closed fd");
}

/* Kernel and program read the bytes that were given, and no byte more. */
static void test_page_end(__u32 backend)
{
	int want = backend_serves(backend, BPF_MAP_TYPE_HASH, 0) ? 0 : -EOPNOTSUPP;
	long page = sysconf(_SC_PAGESIZE);
	char *pages, *key, *compare;
	int fd;

	pages = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED || munmap(pages + page, page) || munmap(pages + 3 * page, page))
		tap_bail("mmap");
	fd = make_map(BPF_MAP_TYPE_HASH, 5, VALUE_SIZE, 4, 0);
	key = pages + page - 5;
	memcpy(key, "12345", 5);
	put(fd, key, value);
	compare = pages + 3 * page - 3;
	memcpy(compare, value + 11, 3);
	tap_is(delete_if(fd, key, compare, 11, 3, backend), want,
	       "%s: key and region end at unmapped pages", backend_name(backend));
	bpf_map_compare_release(fd);
	close(fd);
	munmap(pages, page);
	munmap(pages + 2 * page, page);
}

static void test_frozen_later(__u32 backend)
{
	bool serves = backend_serves(backend, BPF_MAP_TYPE_HASH, 0);
	__u32 key = KEY;
	char present[VALUE_SIZE];
	int fd;

	fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), VALUE_SIZE, 4, 0);
	put(fd, &key, value);
	tap_is(delete_if(fd, &key, other, 0, 0, backend), serves ? -EBUSY : -EOPNOTSUPP,
	       "%s: before the map is frozen", backend_name(backend));
	if (bpf_map_freeze(fd))
		tap_bail("bpf_map_freeze");
	tap_is(delete_if(fd, &key, value, 0, 0, backend), -EPERM,
	       "%s: frozen after the first call", backend_name(backend));
	tap_ok(!bpf_map_lookup_elem(fd, &key, present), "%s: and the entry is there",
	       backend_name(backend));
	tap_is(bpf_map_get_compare_backend(fd), -EPERM, "backend of a frozen map");
	tap_is(bpf_map_compare_release(fd), 0, "release of a frozen map");
	close(fd);
}

/* Reading is not needed to delete: a write-only fd does. */
static void test_write_only(__u32 backend)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, opts, .open_flags = BPF_F_WRONLY);
	bool serves = backend_serves(backend, BPF_MAP_TYPE_HASH, 0);
	__u32 key = KEY;
	int fd, twin;

	fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), VALUE_SIZE, 4, 0);
	put(fd, &key, value);
	twin = bpf_map_get_fd_by_id_opts(map_id(fd), &opts);
	if (twin < 0)
		tap_bail("bpf_map_get_fd_by_id_opts");
	tap_is(delete_if(twin, &key, value, 0, 0, backend), serves ? 0 : -EOPNOTSUPP,
	       "%s: write-only fd", backend_name(backend));
	bpf_map_compare_release(fd);
	close(twin);
	close(fd);
}

/* What maps' flags change. */
static void test_map_flags(__u32 map_type, __u32 flags, const char *name, __u32 backend)
{
	bool serves = backend_serves(backend, map_type, flags);
	__u32 key = KEY;
	int fd;

	fd = make_map(map_type, sizeof(key), VALUE_SIZE, 16, flags);
	put(fd, &key, value);
	tap_is(delete_if(fd, &key, other, 0, 0, backend), serves ? -EBUSY : -EOPNOTSUPP,
	       "%s, %s: differs", name, backend_name(backend));
	tap_is(delete_if(fd, &key, value, 0, 0, backend), serves ? 0 : -EOPNOTSUPP,
	       "%s, %s: equals", name, backend_name(backend));
	tap_is(delete_if(fd, &key, value, 0, 0, backend), serves ? -ENOENT : -EOPNOTSUPP,
	       "%s, %s: gone", name, backend_name(backend));
	if (backend == BPF_MAP_COMPARE_AUTO && !serves)
		tap_is(bpf_map_get_compare_backend(fd), -EOPNOTSUPP, "%s: backend", name);
	bpf_map_compare_release(fd);
	close(fd);
}

static void test_backend_of_map(void)
{
	bool native = kernel_has("native"), prog = kernel_has("syscall_prog");
	int fd, prog_fd;

	fd = make_map(BPF_MAP_TYPE_HASH, 4, VALUE_SIZE, 4, 0);
	tap_is(bpf_map_get_compare_backend(fd),
	       native ? BPF_MAP_COMPARE_NATIVE :
	       prog   ? BPF_MAP_COMPARE_SYSCALL_PROG :
			-EOPNOTSUPP,
	       "backend of a hash map");
	tap_is(bpf_map_compare_release(fd), 0, "release where nothing is kept");
	close(fd);
	fd = make_map(BPF_MAP_TYPE_LRU_HASH, 4, VALUE_SIZE, 4, 0);
	tap_is(bpf_map_get_compare_backend(fd), prog ? BPF_MAP_COMPARE_SYSCALL_PROG : -EOPNOTSUPP,
	       "backend of an LRU hash map");
	close(fd);
	tap_is(bpf_map_get_compare_backend(fd), -EBADF, "backend of a closed fd");
	tap_is(bpf_map_compare_release(fd), -EBADF, "release of a closed fd");
	prog_fd = a_program();
	tap_is(bpf_map_get_compare_backend(prog_fd), -EINVAL, "backend of a program's fd");
	tap_is(bpf_map_compare_release(prog_fd), -EINVAL, "release of a program's fd");
	close(prog_fd);
}

int main(void)
{
	const struct {
		__u32 type;
		__u32 flags;
		const char *name;
	} maps[] = {
		{ BPF_MAP_TYPE_HASH, 0, "hash" },
		{ BPF_MAP_TYPE_LRU_HASH, 0, "LRU hash" },
		{ BPF_MAP_TYPE_LRU_HASH, BPF_F_NO_COMMON_LRU, "LRU hash, BPF_F_NO_COMMON_LRU" },
		{ BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, "hash, BPF_F_NO_PREALLOC" },
		{ BPF_MAP_TYPE_HASH, BPF_F_RDONLY_PROG, "hash, BPF_F_RDONLY_PROG" },
		{ BPF_MAP_TYPE_HASH, BPF_F_WRONLY_PROG, "hash, BPF_F_WRONLY_PROG" },
		{ BPF_MAP_TYPE_LRU_HASH, BPF_F_RDONLY_PROG, "LRU hash, BPF_F_RDONLY_PROG" },
	};

	test_plain();
	test_backend_of_map();
	test_older_caller();
	for (size_t i = 0; i < ARRAY_SIZE(all_backends); i++) {
		__u32 backend = all_backends[i];

		test_order(BPF_MAP_TYPE_HASH, "hash", backend);
		test_order(BPF_MAP_TYPE_LRU_HASH, "LRU hash", backend);
		test_newer_caller(backend);
		test_page_end(backend);
		test_frozen_later(backend);
		test_write_only(backend);
		for (size_t j = 0; j < ARRAY_SIZE(maps); j++)
			test_map_flags(maps[j].type, maps[j].flags, maps[j].name, backend);
	}
	return tap_done();
}
