// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Puts a program together from compiled instructions and those that judge.c writes, and loads it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <bpf/btf.h>
#include "compare_internal.h"

/* The part of union bpf_attr for BPF_PROG_LOAD, as far as some UAPI headers do not go yet. */
struct load_attr {
	__u32 prog_type;
	__u32 insn_cnt;
	__aligned_u64 insns;
	__aligned_u64 license;
	__u32 log_level;
	__u32 log_size;
	__aligned_u64 log_buf;
	__u32 kern_version;
	__u32 prog_flags;
	char prog_name[BPF_OBJ_NAME_LEN];
	__u32 prog_ifindex;
	__u32 expected_attach_type;
	__u32 prog_btf_fd;
	__u32 func_info_rec_size;
	__aligned_u64 func_info;
	__u32 func_info_cnt;
	__u32 line_info_rec_size;
	__aligned_u64 line_info;
	__u32 line_info_cnt;
	__u32 attach_btf_id;
	__u32 attach_prog_fd;
	__u32 core_relo_cnt;
	__aligned_u64 fd_array;
	__aligned_u64 core_relos;
	__u32 core_relo_rec_size;
	__u32 unused;
};

STATIC_ASSERT(offsetof(struct load_attr, func_info_cnt) ==
			      offsetof(union bpf_attr, func_info_cnt) &&
		      offsetof(struct load_attr, core_relo_cnt) == 116 &&
		      offsetof(struct load_attr, core_relo_rec_size) == 136,
	      "the kernel's layout");

/* The kernel's struct bpf_core_relo, since 5.17, and one of its kinds. */
struct field_relocation {
	__u32 insn_off; /* in bytes */
	__u32 type_id;
	__u32 access_str_off;
	__u32 kind;
};

#define FIELD_BYTE_OFFSET 0

/* What is put in the place of a compiled program's symbols, see steps.bpf.h. */
enum patch_kind {
	PATCH_target,
	PATCH_requests,
	PATCH_linked_target,

	PATCH_expected_at,
	PATCH_linked_key_at,
	PATCH_linked_expected_at,
	PATCH_value_at,

	PATCH_callback,

	PATCH_is_allowed,
	PATCH_is_frozen,
	PATCH_is_equal,
	PATCH_claim,
	PATCH_is_claimed,
	PATCH_give_back,
	PATCH_copy_if_wanted,
	PATCH_is_linked_frozen,
	PATCH_is_linked_equal,
	PATCH_claim_linked,
	PATCH_claim_linked_word,
	PATCH_is_linked_claimed,
	PATCH_give_linked_back,
	PATCH_linked_word,
	PATCHES,
};

struct patch {
	__u32 insn;
	__u32 kind;
};

#include "emulate.insns.h"

/* The functions among them, for the first entry's map or the linked one's. */
static const struct {
	const char *name;
	enum function function;
	bool linked;
} functions[PATCHES] = {
	[PATCH_is_allowed] = { "is_allowed", FUNCTION_IS_ALLOWED, false },
	[PATCH_is_frozen] = { "is_frozen", FUNCTION_IS_FROZEN, false },
	[PATCH_is_equal] = { "is_equal", FUNCTION_IS_EQUAL, false },
	[PATCH_claim] = { "claim", FUNCTION_CLAIM, false },
	[PATCH_is_claimed] = { "is_claimed", FUNCTION_IS_CLAIMED, false },
	[PATCH_give_back] = { "give_back", FUNCTION_GIVE_BACK, false },
	[PATCH_copy_if_wanted] = { "copy_if_wanted", FUNCTION_COPY, false },
	[PATCH_is_linked_frozen] = { "is_linked_frozen", FUNCTION_IS_FROZEN, true },
	[PATCH_is_linked_equal] = { "is_linked_equal", FUNCTION_IS_EQUAL, true },
	[PATCH_claim_linked] = { "claim_linked", FUNCTION_CLAIM, true },
	[PATCH_claim_linked_word] = { "claim_linked_word", FUNCTION_CLAIM_WORD, true },
	[PATCH_is_linked_claimed] = { "is_linked_claimed", FUNCTION_IS_CLAIMED, true },
	[PATCH_give_linked_back] = { "give_linked_back", FUNCTION_GIVE_BACK, true },
	[PATCH_linked_word] = { "linked_word", FUNCTION_WORD, true },
};

/* A compiled program. */
struct compiled {
	const char *name;
	const struct bpf_insn *insns;
	const struct patch *patches;
	const __u32 *starts; /* of its functions, in their order */
	__u32 insns_cnt, patches_cnt, starts_cnt;
};

#define COMPILED(name)                                                                             \
	{                                                                                          \
		"compare_" #name, name##_insns, name##_patches, name##_starts,                     \
			ARRAY_LEN(name##_insns), ARRAY_LEN(name##_patches),                        \
			ARRAY_LEN(name##_starts)                                                   \
	}

static const struct compiled compiled_programs[] = {
	[ACTION_PLAIN] = COMPILED(plain),
	[ACTION_COMPARE] = COMPILED(compare),
	[ACTION_CLAIM] = COMPILED(claim),
	[ACTION_LINKED] = COMPILED(linked),
};

#define STARTS_MAX 8

/* A program that is being put together. */
struct draft {
	struct plan *plan;
	const struct compiled *compiled;
	struct code code;

	/* Its functions, and what the kernel wants to be told of them. */
	__u32 starts[PATCHES];
	struct btf *btf;
	__u32 field_types[FIELDS], first_field;
	struct bpf_func_info functions[STARTS_MAX + PATCHES];
	__u32 functions_cnt;
};

STATIC_ASSERT(ARRAY_LEN(plain_starts) <= STARTS_MAX && ARRAY_LEN(compare_starts) <= STARTS_MAX &&
		      ARRAY_LEN(claim_starts) <= STARTS_MAX &&
		      ARRAY_LEN(linked_starts) <= STARTS_MAX,
	      "room for the functions of each program");

static int add_function(struct draft *draft, const char *name, __u32 start, int proto)
{
	struct bpf_func_info *function = &draft->functions[draft->functions_cnt];
	int id;

	id = btf__add_func(draft->btf, name, BTF_FUNC_STATIC, proto);
	if (id < 0)
		return id;
	function->insn_off = start;
	function->type_id = id;
	draft->functions_cnt++;
	return 0;
}

static int start_function(struct draft *draft, __u32 kind, int proto)
{
	if (draft->starts[kind])
		return 0;
	draft->starts[kind] = draft->code.count;
	judge_write(&draft->code, &draft->plan->judges[functions[kind].linked ? LINKED : FIRST],
		    functions[kind].function);
	return add_function(draft, functions[kind].name, draft->starts[kind], proto);
}

static void patch_map(struct bpf_insn *insn, int fd)
{
	insn->src_reg = BPF_PSEUDO_MAP_FD;
	insn->imm = fd;
}

static int patch(struct draft *draft, const struct patch *patch, int proto)
{
	struct bpf_insn *insn = draft->code.insns + patch->insn;
	int err;

	switch (patch->kind) {
	case PATCH_target:
		patch_map(insn, draft->plan->map_fds[FIRST]);
		return 0;
	case PATCH_linked_target:
		patch_map(insn, draft->plan->map_fds[LINKED]);
		return 0;
	case PATCH_requests:
		patch_map(insn, draft->plan->requests_fd);
		return 0;
	case PATCH_expected_at:
		insn->imm = draft->plan->layout->expected_at;
		return 0;
	case PATCH_linked_key_at:
		insn->imm = draft->plan->layout->linked_key_at;
		return 0;
	case PATCH_linked_expected_at:
		insn->imm = draft->plan->layout->linked_expected_at;
		return 0;
	case PATCH_value_at:
		insn->imm = draft->plan->layout->value_at;
		return 0;
	case PATCH_callback:
		insn->src_reg = BPF_PSEUDO_FUNC;
		insn->imm -= patch->insn + 1;
		return 0;
	}
	err = start_function(draft, patch->kind, proto);
	/* Which may have moved them all. */
	if (!draft->code.failed)
		draft->code.insns[patch->insn].imm = draft->starts[patch->kind] - patch->insn - 1;
	return err;
}

/* A struct of the kernel's with one field, which is all that it is known by here. */
static int add_struct(struct btf *btf, const char *name, const char *field, int type)
{
	int id = btf__add_struct(btf, name, 8);

	return id < 0 || btf__add_field(btf, field, type, 0, 0) ? -ENOMEM : id;
}

/* The least BTF that a program with a callback must have, and those fields of the kernel's that it reads. */
static int start_btf(struct draft *draft)
{
	int number, truth, set, cred, pointer, proto, name;
	struct btf *btf = btf__new_empty();

	if (!btf)
		return -errno;
	draft->btf = btf;
	number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	proto = btf__add_func_proto(btf, number);
	truth = btf__add_int(btf, "bool", 1, BTF_INT_BOOL);
	set = btf__add_struct(btf, "kernel_cap_t", 8);
	cred = add_struct(btf, "cred", "cap_effective", set);
	pointer = btf__add_ptr(btf, cred);
	draft->field_types[FIELD_FROZEN] = add_struct(btf, "bpf_map", "frozen", truth);
	draft->field_types[FIELD_CRED] = add_struct(btf, "task_struct", "cred", pointer);
	draft->field_types[FIELD_CAPABILITIES] = cred;
	name = btf__add_str(btf, "0:0");
	for (int i = 0; i < FIELDS; i++)
		if ((int)draft->field_types[i] < 0)
			return -ENOMEM;
	if (proto < 0 || truth < 0 || set < 0 || pointer < 0 || name < 0)
		return -ENOMEM;
	draft->first_field = name;
	return proto;
}

static int assemble(struct draft *draft)
{
	const struct compiled *compiled = draft->compiled;
	int proto, err = 0;

	draft->code.count = draft->code.room = compiled->insns_cnt;
	draft->code.failed = false;
	draft->code.insns = malloc(draft->code.room * sizeof(*draft->code.insns));
	if (!draft->code.insns)
		return -ENOMEM;
	memcpy(draft->code.insns, compiled->insns, compiled->insns_cnt * sizeof(*compiled->insns));
	proto = start_btf(draft);
	if (proto < 0)
		return proto;
	/* Functions are told of in the order of the code: compiled ones come first. */
	for (__u32 i = 0; i < compiled->starts_cnt && !err; i++)
		err = add_function(draft, compiled->name, compiled->starts[i], proto);
	for (__u32 i = 0; i < compiled->patches_cnt && !err; i++)
		err = patch(draft, compiled->patches + i, proto);
	return draft->code.failed ? -ENOMEM : err;
}

/* The same file by a number that is none of the standard streams'. */
static int above_standard(int fd)
{
	int other;

	if (fd < 0 || fd >= FIRST_FD)
		return fd;
	other = duplicate(fd);
	close(fd);
	return other;
}

static int load_btf(const struct btf *btf)
{
	union bpf_attr attr;
	__u32 size;

	memset(&attr, 0, sizeof(attr));
	attr.btf = (uintptr_t)btf__raw_data(btf, &size);
	if (!attr.btf)
		return -ENOMEM;
	attr.btf_size = size;
	return sys_bpf(BPF_BTF_LOAD, &attr, sizeof(attr));
}

static __u32 relocate_fields(const struct draft *draft, struct field_relocation *fields)
{
	__u32 count = 0, at;

	for (__u32 side = 0; side < SIDES; side++)
		for (__u32 i = 0; i < FIELDS; i++) {
			at = draft->plan->judges[side].fields[i] * sizeof(struct bpf_insn);
			if (at)
				fields[count++] = (struct field_relocation){
					.insn_off = at,
					.type_id = draft->field_types[i],
					.access_str_off = draft->first_field,
					.kind = FIELD_BYTE_OFFSET,
				};
		}
	return count;
}

static int load_code(const struct draft *draft)
{
	struct field_relocation fields[SIDES * FIELDS];
	struct load_attr attr;
	int btf_fd, fd;

	btf_fd = load_btf(draft->btf);
	if (btf_fd < 0)
		return btf_fd;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SYSCALL;
	attr.prog_flags = BPF_F_SLEEPABLE;
	strcpy(attr.prog_name, draft->compiled->name);
	attr.insns = (uintptr_t)draft->code.insns;
	attr.insn_cnt = draft->code.count;
	attr.license = (uintptr_t) "Dual BSD/GPL";
	attr.prog_btf_fd = btf_fd;
	attr.func_info = (uintptr_t)draft->functions;
	attr.func_info_cnt = draft->functions_cnt;
	attr.func_info_rec_size = sizeof(draft->functions[0]);
	attr.core_relo_cnt = relocate_fields(draft, fields);
	if (attr.core_relo_cnt) {
		attr.core_relos = (uintptr_t)fields;
		attr.core_relo_rec_size = sizeof(fields[0]);
	}
	fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	close(btf_fd);
	return above_standard(fd);
}

/* The id by which our program is known again, whatever becomes of its file descriptor. */
static int identify(struct program *program)
{
	struct bpf_prog_info info;
	__u32 size = offsetof(struct bpf_prog_info, tag);
	int err;

	memset(&info, 0, sizeof(info));
	if (!bpf_obj_get_info_by_fd(program->fd, &info, &size)) {
		program->id = info.id;
		return 0;
	}
	err = -errno;
	close(program->fd);
	return err;
}

/* With questions to the kernel's own structs, or without. */
int assemble_and_load(struct program *program, struct plan *plan, bool asks)
{
	struct draft draft;
	int err;

	memset(&draft, 0, sizeof(draft));
	draft.plan = plan;
	draft.compiled = &compiled_programs[plan->action];
	for (int side = 0; side < SIDES; side++) {
		struct judge *judge = &plan->judges[side];

		memset(judge->fields, 0, sizeof(judge->fields));
		judge->map_fd = asks ? plan->map_fds[side] : -1;
	}
	plan->judges[FIRST].guarded = asks && plan->guarded;
	err = assemble(&draft);
	if (!err) {
		err = program->fd = load_code(&draft);
		if (err > 0)
			err = identify(program);
	}
	program->checks_frozen = asks;
	program->guarded = plan->judges[FIRST].guarded;
	btf__free(draft.btf);
	free(draft.code.insns);
	return err;
}
