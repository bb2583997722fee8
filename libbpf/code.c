// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Instructions that are being written, and the pieces that fields of a value are read in.
 */
#include <stdlib.h>
#include "compare_internal.h"

void code_add(struct code *code, const struct bpf_insn *insns, __u32 count)
{
	struct bpf_insn *grown = code->insns;
	__u32 room = code->room ? code->room : 256;

	while (room - code->count < count)
		room *= 2;
	if (room != code->room) {
		grown = realloc(grown, room * sizeof(*grown));
		if (!grown) {
			code->failed = true;
			return;
		}
		code->insns = grown;
		code->room = room;
	}
	memcpy(code->insns + code->count, insns, count * sizeof(*insns));
	code->count += count;
}

void emit(struct code *code, __u8 op, __u8 dst, __u8 src, __s16 off, __s32 imm)
{
	const struct bpf_insn insn = { op, dst, src, off, imm };

	code_add(code, &insn, 1);
}

void emit_move(struct code *code, __u8 to, __u8 from)
{
	emit(code, BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
}

void emit_set(struct code *code, __u8 to, __s32 number)
{
	emit(code, BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, number);
}

void emit_add(struct code *code, __u8 to, __s32 number)
{
	if (number)
		emit(code, BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, number);
}

/* The jump that was emitted there leads here. */
void land(struct code *code, __u32 jump)
{
	if (!code->failed)
		code->insns[jump].off = code->count - jump - 1;
}

/* Of a load's or store's op. */
__u8 size_bits(__u32 size)
{
	switch (size) {
	case 1:
		return BPF_B;
	case 2:
		return BPF_H;
	case 4:
		return BPF_W;
	}
	return BPF_DW;
}

/* How much of the bytes that begin at offset can be loaded at once. */
__u32 aligned_piece(__u32 offset, __u32 left)
{
	__u32 size = 8;

	while (offset % size || size > left)
		size /= 2;
	return size;
}
