// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Writes the instructions that tell whether an entry matches the conditions of a sweep, for their fields,
 * operations and masks; operands are read where they run, so that they may change.
 */
#include "compare_internal.h"
#include "request.h"

/* Where things are while they run; r0 and r5 are free. */
#define VALUE	BPF_REG_1
#define KEY	BPF_REG_2
#define REQUEST BPF_REG_3
#define WORD	BPF_REG_4 /* what the claim's word was when it was read */
#define FIELD	BPF_REG_0
#define OPERAND BPF_REG_5

/* FIELD = the bytes there, as the machine reads them; takes OPERAND. */
static void load_bytes(struct code *code, __u8 base, __u32 offset, __u32 size)
{
	__u32 far = offset > OFFSET_MAX ? offset & ~7u : 0, done, shift, now;

	if (far)
		emit_add(code, base, far);
	for (done = 0; done < size; done += now) {
		now = aligned_piece(offset + done, size - done);
		emit(code, BPF_LDX | BPF_MEM | size_bits(now), done ? OPERAND : FIELD, base,
		     offset + done - far, 0);
		if (now == size)
			break;
		shift = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? done : size - done - now;
		if (shift)
			emit(code, BPF_ALU64 | BPF_LSH | BPF_K, done ? OPERAND : FIELD, 0, 0,
			     8 * shift);
		if (done)
			emit(code, BPF_ALU64 | BPF_OR | BPF_X, FIELD, OPERAND, 0, 0);
	}
	if (far)
		emit_add(code, base, -(__s32)far);
}

/* The same of a field that lies in the claim's word: others may have another one there by now. */
static void take_from_word(struct code *code, const struct claim *claim,
			   const struct bpf_map_sweep_cond *cond)
{
	__u32 at = cond->offset - claim->offset;
	__u32 above =
		__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? at : claim->size - at - cond->size;

	emit_move(code, FIELD, WORD);
	if (above)
		emit(code, BPF_ALU64 | BPF_RSH | BPF_K, FIELD, 0, 0, 8 * above);
	if (cond->size < claim->size) {
		emit(code, BPF_ALU64 | BPF_LSH | BPF_K, FIELD, 0, 0, 64 - 8 * cond->size);
		emit(code, BPF_ALU64 | BPF_RSH | BPF_K, FIELD, 0, 0, 64 - 8 * cond->size);
	}
}

static void and_mask(struct code *code, __u64 mask)
{
	emit(code, BPF_LD | BPF_DW | BPF_IMM, OPERAND, 0, 0, (__u32)mask);
	emit(code, 0, 0, 0, 0, mask >> 32);
	emit(code, BPF_ALU64 | BPF_AND | BPF_X, FIELD, OPERAND, 0, 0);
}

static void extend(struct code *code, __u32 size)
{
	if (size == 8)
		return;
	emit(code, BPF_ALU64 | BPF_LSH | BPF_K, FIELD, 0, 0, 64 - 8 * size);
	emit(code, BPF_ALU64 | BPF_ARSH | BPF_K, FIELD, 0, 0, 64 - 8 * size);
}

/* The jump that is taken where the condition does not hold. */
static __u8 jump_unless(const struct bpf_map_sweep_cond *cond)
{
	bool is_signed = cond->flags & BPF_MAP_SWEEP_SIGNED;

	switch (cond->op) {
	case BPF_MAP_SWEEP_EQ:
		return BPF_JNE;
	case BPF_MAP_SWEEP_NE:
		return BPF_JEQ;
	case BPF_MAP_SWEEP_LT:
		return is_signed ? BPF_JSGE : BPF_JGE;
	case BPF_MAP_SWEEP_LE:
		return is_signed ? BPF_JSGT : BPF_JGT;
	case BPF_MAP_SWEEP_GT:
		return is_signed ? BPF_JSLE : BPF_JLE;
	case BPF_MAP_SWEEP_GE:
		return is_signed ? BPF_JSLT : BPF_JLT;
	case BPF_MAP_SWEEP_BEFORE:
		return BPF_JSGE;
	}
	return BPF_JSLE;
}

/* With FIELD loaded; the place of the jump. */
static __u32 compare(struct code *code, __u8 request, const struct bpf_map_sweep_cond *cond,
		     __u32 number)
{
	bool wraps = cond->op == BPF_MAP_SWEEP_BEFORE || cond->op == BPF_MAP_SWEEP_AFTER;

	if (cond->flags & BPF_MAP_SWEEP_BE && cond->size > 1)
		emit(code, BPF_ALU | BPF_END | BPF_TO_BE, FIELD, 0, 0, 8 * cond->size);
	if (cond->mask)
		and_mask(code, cond->mask);
	if (cond->flags & BPF_MAP_SWEEP_SIGNED && !wraps)
		extend(code, cond->size);
	emit(code, BPF_LDX | BPF_MEM | BPF_DW, OPERAND, request,
	     offsetof(struct sweep_request, operands) + number * sizeof(__u64), 0);
	if (wraps) {
		emit(code, BPF_ALU64 | BPF_SUB | BPF_X, FIELD, OPERAND, 0, 0);
		extend(code, cond->size);
		emit(code, BPF_JMP | jump_unless(cond) | BPF_K, FIELD, 0, 0, 0);
	} else {
		emit(code, BPF_JMP | jump_unless(cond) | BPF_X, FIELD, OPERAND, 0, 0);
	}
	return code->count - 1;
}

static void land_all(struct code *code, const __u32 *jumps, __u32 count)
{
	for (__u32 i = 0; i < count; i++)
		land(code, jumps[i]);
}

/* Loads the field of condition i into FIELD, in its own way. */
typedef void load_fn(struct code *code, const struct judge *judge,
		     const struct bpf_map_sweep_cond *cond);

/* r0 = whether the conditions of any one group hold. Ends with its only return. */
static void write_groups(struct code *code, const struct judge *judge, __u8 request, load_fn *load)
{
	const struct sweep *sweep = judge->sweep;
	__u32 unless[SWEEP_CONDS_MAX], matches[SWEEP_CONDS_MAX], groups = 0, failing, group;

	for (__u32 i = 0; i < sweep->conds_cnt;) {
		group = sweep->conds[i].group;
		for (failing = 0; i < sweep->conds_cnt && sweep->conds[i].group == group; i++) {
			load(code, judge, &sweep->conds[i]);
			unless[failing++] = compare(code, request, &sweep->conds[i], i);
		}
		emit_set(code, BPF_REG_0, 1);
		matches[groups++] = code->count;
		emit(code, BPF_JMP | BPF_JA, 0, 0, 0, 0);
		land_all(code, unless, failing);
	}
	emit_set(code, BPF_REG_0, !sweep->conds_cnt);
	land_all(code, matches, groups);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void load_field(struct code *code, const struct judge *judge,
		       const struct bpf_map_sweep_cond *cond)
{
	if (cond->flags & BPF_MAP_SWEEP_KEY)
		load_bytes(code, KEY, cond->offset, cond->size);
	else if (conditions_is_in_word(cond, &judge->claim))
		take_from_word(code, &judge->claim, cond);
	else
		load_bytes(code, VALUE, cond->offset, cond->size);
}

/* Whether an entry matches: r1 value, r2 key, r3 the request, r4 what the claim's word was. */
void match_write(struct code *code, const struct judge *judge)
{
	write_groups(code, judge, REQUEST, load_field);
}

/*
 * r0 = the bytes that the kernel has where r3 points, which may be nowhere: then 0. As a type that they need not
 * have, where there is bpf_rdonly_cast(), else copied to the stack.
 */
static void load_kernel(struct code *code, const struct judge *judge, __u32 size)
{
	if (judge->hashtab->cast) {
		emit_move(code, BPF_REG_1, BPF_REG_3);
		emit_set(code, BPF_REG_2, judge->hashtab->word_type);
		emit(code, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, judge->hashtab->cast);
		emit(code, BPF_LDX | BPF_MEM | size_bits(size), BPF_REG_0, BPF_REG_0, 0, 0);
		return;
	}
	emit_move(code, BPF_REG_1, BPF_REG_10);
	emit_add(code, BPF_REG_1, -8);
	emit_set(code, BPF_REG_2, size);
	emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel);
	emit(code, BPF_LDX | BPF_MEM | size_bits(size), BPF_REG_0, BPF_REG_10, -8, 0);
}

/* What a walk found, and the request. */
#define ELEM	     BPF_REG_6
#define WALK_REQUEST BPF_REG_7

static void load_guess(struct code *code, const struct judge *judge,
		       const struct bpf_map_sweep_cond *cond)
{
	__u32 at = judge->hashtab->elem_key + cond->offset;

	if (!(cond->flags & BPF_MAP_SWEEP_KEY))
		at += ROUND_UP_8(judge->key_size);
	emit_move(code, BPF_REG_3, ELEM);
	emit_add(code, BPF_REG_3, at);
	load_kernel(code, judge, cond->size);
}

/* Whether what a walk found seems to match: r1 an element's address, r2 the request. Not to be inline. */
void match_write_glance(struct code *code, const struct judge *judge)
{
	emit_move(code, ELEM, BPF_REG_1);
	emit_move(code, WALK_REQUEST, BPF_REG_2);
	write_groups(code, judge, WALK_REQUEST, load_guess);
}

/* The 64 bits at the kernel's address r1. */
void match_write_peek(struct code *code, const struct judge *judge)
{
	emit_move(code, BPF_REG_3, BPF_REG_1);
	load_kernel(code, judge, sizeof(__u64));
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}
