// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Writes the instructions that judge a value: the functions that steps.bpf.h only declares, for one region
 * and one claim. Straight code with no offset but constants: short, which is most of what the verifier's
 * time depends on, and with no way through it that it could find unsafe.
 *
 * Expected bytes lie as those of the value from the region's offset on, rounded down to 8.
 */
#include <stddef.h>
#include <stdlib.h>
#include "compare_internal.h"

/*
 * r5 |= whether the value at r1 differs from the expected bytes at r2 in the region's part from lo to hi.
 * Takes r3 and r4. r1 and r2 are where they were, afterwards too.
 */
static void emit_differs(struct code *code, const struct judge *judge, __u32 lo, __u32 hi)
{
	__u32 start = judge->region.offset & ~7u, base, at, size;

	base = lo & ~7u;
	emit_add(code, BPF_REG_1, base);
	emit_add(code, BPF_REG_2, base - start);
	for (at = lo; at < hi; at += size) {
		size = aligned_piece(at, hi - at);
		if (at - base > OFFSET_MAX) {
			emit_add(code, BPF_REG_1, OFFSET_MAX);
			emit_add(code, BPF_REG_2, OFFSET_MAX);
			base += OFFSET_MAX;
		}
		emit(code, BPF_LDX | BPF_MEM | size_bits(size), BPF_REG_3, BPF_REG_1, at - base, 0);
		emit(code, BPF_LDX | BPF_MEM | size_bits(size), BPF_REG_4, BPF_REG_2, at - base, 0);
		emit(code, BPF_ALU64 | BPF_XOR | BPF_X, BPF_REG_3, BPF_REG_4, 0, 0);
		emit(code, BPF_ALU64 | BPF_OR | BPF_X, BPF_REG_5, BPF_REG_3, 0, 0);
	}
	emit_add(code, BPF_REG_1, -base);
	emit_add(code, BPF_REG_2, -(base - start));
}

/* The same of all of the region but its word. */
static void emit_rest_differs(struct code *code, const struct judge *judge)
{
	const struct region *region = &judge->region;
	const struct claim *claim = &judge->claim;

	if (region->offset < claim->offset)
		emit_differs(code, judge, region->offset, claim->offset);
	if (claim->offset + claim->size < region->offset + region->size)
		emit_differs(code, judge, claim->offset + claim->size,
			     region->offset + region->size);
}

static void emit_return(struct code *code, __s32 number)
{
	emit_set(code, BPF_REG_0, number);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* return !r5 */
static void emit_return_not_r5(struct code *code)
{
	emit_set(code, BPF_REG_0, 1);
	emit(code, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_5, 0, 1, 0);
	emit_set(code, BPF_REG_0, 0);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* r0 = the word of the value at r1, which becomes to where it is r0; moves r1 */
static void emit_exchange(struct code *code, const struct judge *judge, __u8 to)
{
	emit_add(code, BPF_REG_1, judge->claim.offset);
	emit(code, BPF_STX | BPF_ATOMIC | size_bits(judge->claim.size), BPF_REG_1, to, 0,
	     BPF_CMPXCHG);
}

/* Where on the stack what was read of the kernel is. */
#define READ_AT (-8)

/* The instruction that comes next has a field's offset put into it by the kernel. */
static void add_read(struct code *code, enum field field)
{
	if (code->reads_cnt == READS_MAX)
		code->failed = true;
	else
		code->reads[code->reads_cnt++] = (struct code_read){ code->count, field };
}

/* Reads 8 bytes from where r0 points, but for the field's offset, which the kernel puts there. */
static void emit_read(struct code *code, enum field field)
{
	add_read(code, field);
	emit(code, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_0, 0, 0, 0);
	emit_move(code, BPF_REG_1, BPF_REG_10);
	emit_add(code, BPF_REG_1, READ_AT);
	emit_set(code, BPF_REG_2, 8);
	emit_move(code, BPF_REG_3, BPF_REG_0);
	emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel);
}

/*
 * Whether the current task's effective capabilities, of those that count, are those that are wanted. Read as
 * plain memory, since for typed pointers the verifier searches all of the kernel's types by name.
 */
static void write_is_allowed(struct code *code, const struct judge *judge)
{
	__u32 jumps[2] = { 0, 0 };

	if (judge->guarded) {
		emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_task);
		emit_read(code, FIELD_CRED);
		emit(code, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_0, BPF_REG_10, READ_AT, 0);
		emit_read(code, FIELD_CAPABILITIES);
		emit_set(code, BPF_REG_0, 0);
		for (__u32 half = 0; half < 2; half++) {
			emit(code, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_1, BPF_REG_10,
			     READ_AT + 4 * half, 0);
			emit(code, BPF_ALU | BPF_AND | BPF_K, BPF_REG_1, 0, 0,
			     CAPABILITIES_MASK >> half * 32);
			jumps[half] = code->count;
			emit(code, BPF_JMP32 | BPF_JNE | BPF_K, BPF_REG_1, 0, 0,
			     judge->capabilities >> half * 32);
		}
	}
	emit_set(code, BPF_REG_0, 1);
	if (judge->guarded)
		for (__u32 half = 0; half < 2; half++)
			land(code, jumps[half]);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void write_is_frozen(struct code *code, const struct judge *judge)
{
	emit_set(code, BPF_REG_0, 0);
	if (judge->map_fd >= 0) {
		emit(code, BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0,
		     judge->map_fd);
		emit(code, 0, 0, 0, 0, 0);
		add_read(code, FIELD_FROZEN);
		emit(code, BPF_LDX | BPF_MEM | BPF_B, BPF_REG_0, BPF_REG_1, 0, 0);
	}
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* r1: value, r2: expected */
static void write_is_equal(struct code *code, const struct judge *judge)
{
	emit_set(code, BPF_REG_5, 0);
	emit_differs(code, judge, judge->region.offset, judge->region.offset + judge->region.size);
	emit_return_not_r5(code);
}

static void emit_lock_call(struct code *code, const struct judge *judge, enum bpf_func_id function)
{
	if (judge->lock == NO_LOCK)
		return;
	emit_move(code, BPF_REG_1, BPF_REG_6);
	emit_add(code, BPF_REG_1, judge->lock);
	emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, function);
}

/* r1: value, r2: expected, r3: word, r4: claim. A value's lock is held while it is compared and claimed. */
static void write_claim(struct code *code, const struct judge *judge)
{
	__u32 jump;

	emit_move(code, BPF_REG_6, BPF_REG_1);
	emit_move(code, BPF_REG_7, BPF_REG_2);
	emit_move(code, BPF_REG_8, BPF_REG_3);
	emit_move(code, BPF_REG_9, BPF_REG_4);
	emit_lock_call(code, judge, BPF_FUNC_spin_lock);
	emit_move(code, BPF_REG_1, BPF_REG_6);
	emit_move(code, BPF_REG_2, BPF_REG_7);
	emit_set(code, BPF_REG_5, 0);
	emit_rest_differs(code, judge);
	jump = code->count;
	emit(code, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_5, 0, 0, 0);
	emit_move(code, BPF_REG_0, BPF_REG_8);
	emit_exchange(code, judge, BPF_REG_9);
	emit_move(code, BPF_REG_5, BPF_REG_0);
	emit(code, BPF_ALU64 | BPF_XOR | BPF_X, BPF_REG_5, BPF_REG_8, 0, 0);
	land(code, jump);
	emit_move(code, BPF_REG_7, BPF_REG_5);
	emit_lock_call(code, judge, BPF_FUNC_spin_unlock);
	emit_move(code, BPF_REG_5, BPF_REG_7);
	emit_return_not_r5(code);
}

static void write_claim_word(struct code *code, const struct judge *judge)
{
	struct judge word = *judge;

	if (judge->lock == NO_LOCK) {
		emit_move(code, BPF_REG_0, BPF_REG_3);
		emit_exchange(code, judge, BPF_REG_4);
		emit_move(code, BPF_REG_5, BPF_REG_0);
		emit(code, BPF_ALU64 | BPF_XOR | BPF_X, BPF_REG_5, BPF_REG_3, 0, 0);
		emit_return_not_r5(code);
		return;
	}
	word.region.offset = judge->claim.offset;
	word.region.size = judge->claim.size;
	write_claim(code, &word);
}

/* r1: value, r2: expected, r3: claim */
static void write_is_claimed(struct code *code, const struct judge *judge)
{
	emit_move(code, BPF_REG_5, BPF_REG_3);
	emit_add(code, BPF_REG_1, judge->claim.offset);
	emit(code, BPF_LDX | BPF_MEM | size_bits(judge->claim.size), BPF_REG_3, BPF_REG_1, 0, 0);
	emit_add(code, BPF_REG_1, -judge->claim.offset);
	emit(code, BPF_ALU64 | BPF_XOR | BPF_X, BPF_REG_5, BPF_REG_3, 0, 0);
	emit_rest_differs(code, judge);
	emit_return_not_r5(code);
}

/* r1: value, r2: word, r3: claim */
static void write_give_back(struct code *code, const struct judge *judge)
{
	emit_move(code, BPF_REG_0, BPF_REG_3);
	emit_exchange(code, judge, BPF_REG_2);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* r1: value */
static void write_word(struct code *code, const struct judge *judge)
{
	emit_add(code, BPF_REG_1, judge->claim.offset);
	emit(code, BPF_LDX | BPF_MEM | size_bits(judge->claim.size), BPF_REG_0, BPF_REG_1, 0, 0);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* The part from lo to hi; moves r1 and r2 on from where they are, base. */
static __u32 emit_copy(struct code *code, __u32 base, __u32 lo, __u32 hi)
{
	__u32 size;

	for (__u32 at = lo; at < hi; at += size) {
		size = aligned_piece(at, hi - at);
		if (at - base > OFFSET_MAX) {
			emit_add(code, BPF_REG_1, at - base);
			emit_add(code, BPF_REG_2, at - base);
			base = at;
		}
		emit(code, BPF_LDX | BPF_MEM | size_bits(size), BPF_REG_3, BPF_REG_1, at - base, 0);
		emit(code, BPF_STX | BPF_MEM | size_bits(size), BPF_REG_2, BPF_REG_3, at - base, 0);
	}
	return base;
}

/* The written bytes, from r1 to r2: of a value, and of what lies as expected bytes do. */
static void emit_copy_written(struct code *code, const struct judge *judge)
{
	const struct region *written = &judge->written;

	emit_copy(code, written->offset & ~7u, written->offset, written->offset + written->size);
}

/*
 * r1: value, r2: expected, r3: old bytes, r4: bytes to write instead. Both ways the region is compared with the lock
 * held; then the old bytes are read, or compared too and written over.
 */
static void write_under_lock(struct code *code, const struct judge *judge, bool reads)
{
	__u32 start = judge->written.offset & ~7u, jump;
	struct judge old = *judge;

	old.region = judge->written;
	emit_move(code, BPF_REG_6, BPF_REG_1);
	emit_move(code, BPF_REG_7, BPF_REG_2);
	emit_move(code, BPF_REG_8, BPF_REG_3);
	if (!reads)
		emit_move(code, BPF_REG_9, BPF_REG_4);
	emit_lock_call(code, judge, BPF_FUNC_spin_lock);
	emit_move(code, BPF_REG_1, BPF_REG_6);
	emit_move(code, BPF_REG_2, BPF_REG_7);
	emit_set(code, BPF_REG_5, 0);
	emit_differs(code, judge, judge->region.offset, judge->region.offset + judge->region.size);
	if (!reads) {
		emit_move(code, BPF_REG_2, BPF_REG_8);
		emit_differs(code, &old, old.region.offset, old.region.offset + old.region.size);
	}
	emit_move(code, BPF_REG_7, BPF_REG_5);
	jump = code->count;
	emit(code, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_5, 0, 0, 0);
	emit_move(code, reads ? BPF_REG_1 : BPF_REG_2, BPF_REG_6);
	emit_add(code, reads ? BPF_REG_1 : BPF_REG_2, start);
	emit_move(code, reads ? BPF_REG_2 : BPF_REG_1, reads ? BPF_REG_8 : BPF_REG_9);
	emit_copy_written(code, judge);
	land(code, jump);
	emit_lock_call(code, judge, BPF_FUNC_spin_unlock);
	emit_move(code, BPF_REG_5, BPF_REG_7);
	emit_return_not_r5(code);
}

/* r1: value, r2: to; no parts: it is not wanted */
static void write_copy(struct code *code, const struct judge *judge)
{
	__u32 base = 0;

	for (__u32 i = 0; i < judge->parts_cnt; i++)
		base = emit_copy(code, base, judge->parts[i].offset,
				 judge->parts[i].offset + judge->parts[i].size);
	emit_add(code, BPF_REG_2, -base);
	emit_move(code, BPF_REG_0, judge->parts_cnt ? BPF_REG_2 : BPF_REG_1);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* r1: a value's copy, r2: word; where there is no copy it writes nothing */
static void write_put_word(struct code *code, const struct judge *judge)
{
	if (judge->parts_cnt) {
		emit_add(code, BPF_REG_1, judge->claim.offset);
		emit(code, BPF_STX | BPF_MEM | size_bits(judge->claim.size), BPF_REG_1, BPF_REG_2,
		     0, 0);
	}
	emit_return(code, 0);
}

/* Where there is no word to be claimed nobody calls these. */
static bool is_of_claim(enum function function)
{
	return function == FUNCTION_CLAIM || function == FUNCTION_CLAIM_WORD ||
	       function == FUNCTION_IS_CLAIMED || function == FUNCTION_GIVE_BACK ||
	       function == FUNCTION_WORD || function == FUNCTION_PUT_WORD;
}

/*
 * Whether it can stand in the place of a call: it ends with its only return, and takes no registers but those
 * that are free then, and no stack.
 */
bool judge_is_inline(const struct judge *judge, enum function function)
{
	switch (function) {
	case FUNCTION_IS_ALLOWED:
	case FUNCTION_CLAIM:
	case FUNCTION_GLANCE:
	case FUNCTION_READ_BYTES:
	case FUNCTION_EXCHANGE_BYTES:
		return false;
	case FUNCTION_CLAIM_WORD:
		return judge->lock == NO_LOCK;
	case FUNCTION_PEEK:
		return judge->hashtab->cast;
	default:
		return true;
	}
}

void judge_write(struct code *code, const struct judge *judge, enum function function)
{
	if (is_of_claim(function) && !judge->claim.size) {
		emit_return(code, 0);
		return;
	}
	switch (function) {
	case FUNCTION_NOTHING:
		emit_return(code, 0);
		break;
	case FUNCTION_IS_ALLOWED:
		write_is_allowed(code, judge);
		break;
	case FUNCTION_IS_FROZEN:
		write_is_frozen(code, judge);
		break;
	case FUNCTION_IS_EQUAL:
		write_is_equal(code, judge);
		break;
	case FUNCTION_CLAIM:
		write_claim(code, judge);
		break;
	case FUNCTION_CLAIM_WORD:
		write_claim_word(code, judge);
		break;
	case FUNCTION_IS_CLAIMED:
		write_is_claimed(code, judge);
		break;
	case FUNCTION_GIVE_BACK:
		write_give_back(code, judge);
		break;
	case FUNCTION_WORD:
		write_word(code, judge);
		break;
	case FUNCTION_COPY:
		write_copy(code, judge);
		break;
	case FUNCTION_COPY_KEY:
		emit_copy(code, 0, 0, judge->key_size);
		emit_return(code, 0);
		break;
	case FUNCTION_PUT_WORD:
		write_put_word(code, judge);
		break;
	case FUNCTION_MATCHES:
		match_write(code, judge);
		break;
	case FUNCTION_GLANCE:
		match_write_glance(code, judge);
		break;
	case FUNCTION_PEEK:
		match_write_peek(code, judge);
		break;
	case FUNCTION_READ_BYTES:
		write_under_lock(code, judge, true);
		break;
	case FUNCTION_EXCHANGE_BYTES:
		write_under_lock(code, judge, false);
		break;
	}
}
