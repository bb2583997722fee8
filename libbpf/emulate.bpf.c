// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The emulation's program: for each request look the key up, compare, delete.
 *
 * It loads with CAP_BPF alone on Linux >= 5.14. So it reads no user memory and compares no pointers
 * (both take CAP_PERFMON); its keys lie in a map's value (other kernel memory is no key before 5.18,
 * and 1024 bytes exceed the stack); and it loops by bpf_for_each_map_elem(), as bpf_loop() came with
 * 5.17 and the verifier comes to no end with plain loops of a program whose speculative execution it
 * follows, which it does without CAP_PERFMON.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include "emulate.h"

const volatile struct emulate_config config;

/* Stands for the caller's map, which takes its place, type and sizes when the program is loaded. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(key_size, 8);
	__uint(value_size, 8);
} target SEC(".maps");

/* Likewise for the shared memory, an array with one element a slot. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, SLOT_SIZE);
} slots SEC(".maps");

/* What a loop goes through: only the index counts. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LOOP_MAX);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} steps SEC(".maps");

/*
 * Tells whether value and expected have the same size bytes at pos, an offset from the window's
 * base; size is a constant, 1, 2, 4 or a multiple of 8, and pos a multiple of it or of 8. The mask
 * changes nothing but shows the verifier that the accesses are aligned, the comparisons that they
 * stay within the window: they are with constants, as before Linux 6.8 it learns from no other.
 */
static __always_inline bool same(const char *value, const char *expected, __u64 pos, __u64 size)
{
	__u64 lo = config.lo - window_base(&config);
	__u64 hi = config.hi - window_base(&config);
	__u64 at = pos & ~((size < 8 ? size : 8) - 1), different = 0;

	barrier_var(at);
	if (at < lo || hi < size || at > hi - size)
		return false;
	value += at;
	expected += at;
	switch (size) {
	case 1:
		return *(__u8 *)value == *(__u8 *)expected;
	case 2:
		return *(__u16 *)value == *(__u16 *)expected;
	case 4:
		return *(__u32 *)value == *(__u32 *)expected;
	}
#pragma clang loop unroll(full)
	for (__u64 i = 0; i < size; i += 8)
		different |= *(__u64 *)(value + i) ^ *(__u64 *)(expected + i);
	return !different;
}

struct block_loop {
	const struct emulate_run *run;
	const char *value;
	const char *expected;
	bool same;
};

static long same_block(void *map, const __u32 *i, void *step, struct block_loop *loop)
{
	__u64 pos = loop->run->words + (__u64)*i * BLOCK_SIZE;

	if (pos + BLOCK_SIZE > loop->run->end)
		return 1;
	loop->same = same(loop->value, loop->expected, pos, BLOCK_SIZE);
	return !loop->same;
}

/*
 * Compares the region in pieces of a size that is a power of two: growing ones from its start up to
 * run->words, then blocks, then shrinking ones. Where a piece is follows from the bounds alone, not
 * from the pieces before it: else the verifier would follow each way through them by itself.
 */
static __always_inline bool same_region(const struct emulate_run *run, const char *value,
					const char *expected)
{
	__u64 start = run->start, words = run->words;
	__u64 up = words - start, down = run->end - words;

#define PIECE_UP(size) (!(up & (size)) || same(value, expected, start + (up & ((size) - 1)), size))
#define PIECE_DOWN(size)                                                                           \
	(!(down & (size)) || same(value, expected, words + (down & -2ul * (size)), size))

	if (!PIECE_UP(1) || !PIECE_UP(2) || !PIECE_UP(4))
		return false;
	if (down >= BLOCK_SIZE) {
		struct block_loop loop = { run, value, expected, false };

		bpf_for_each_map_elem(&steps, same_block, &loop, 0);
		if (!loop.same)
			return false;
	}
	return PIECE_DOWN(128) && PIECE_DOWN(64) && PIECE_DOWN(32) && PIECE_DOWN(16) &&
	       PIECE_DOWN(8) && PIECE_DOWN(4) && PIECE_DOWN(2) && PIECE_DOWN(1);
#undef PIECE_UP
#undef PIECE_DOWN
}

static int delete_by_request(const struct emulate_run *run, const char *key, const char *expected)
{
	const char *value;
	long err;

	value = bpf_map_lookup_elem(&target, key);
	if (!value)
		return -ENOENT;
	if (!same_region(run, value + window_base(&config), expected))
		return -EBUSY;
	err = bpf_map_delete_elem(&target, key);
	/* Any other failure is a lock that could not be had; -EBUSY shall mean "differs" alone. */
	return err && err != -ENOENT ? -EAGAIN : err;
}

static long serve_request(void *map, const __u32 *i, void *step, struct emulate_run **arg)
{
	const struct emulate_run *run = *arg;
	__u64 at = (__u64)*i * request_size(&config);
	char *request;

	if (*i >= run->count || at > SLOT_SIZE - sizeof(*run) - request_size(&config))
		return 1;
	request = (char *)(run + 1) + at;
	((struct request *)request)->result = delete_by_request(
		run, request + request_key(), request + request_window(&config));
	return 0;
}

SEC("syscall")
int compare_and_delete(const struct emulate_call *call)
{
	struct emulate_run *run;
	__u32 slot = call->slot;

	if (call->cookie != config.cookie)
		return EMULATE_REFUSED;
	run = bpf_map_lookup_elem(&slots, &slot);
	if (!run || run->start >= run->end || run->start > run->words || run->words > run->end ||
	    run->words - run->start >= 8)
		return EMULATE_REFUSED;
	bpf_for_each_map_elem(&steps, serve_request, &run, 0);
	return EMULATE_RAN;
}

char _license[] SEC("license") = "Dual BSD/GPL";
