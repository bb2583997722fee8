// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Puts a program together for one map, one region and one claim, from compiled instructions and those that
 * judge.c writes, and loads it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <bpf/btf.h>
#include "compare_internal.h"
#include "request.h"
#include "emulate.insns.h"

/* The longest region that is compared under a value's bpf_spin_lock. */
#define LOCKED_REGION_SIZE_MAX 256u

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

/*
 * The kernel's sets of capabilities are two words, from Linux 6.3 on one of twice the size: of which the
 * lower half comes first on some machines only.
 */
#define HALVES_IN_ORDER (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

/* A compiled program. */
struct compiled {
	const char *name;
	const struct bpf_insn *insns;
	const struct patch *patches;
	__u32 insns_cnt, patches_cnt;
};

#define COMPILED(name)                                                                             \
	{                                                                                          \
		"compare_" #name, name##_insns, name##_patches, ARRAY_LEN(name##_insns),           \
			ARRAY_LEN(name##_patches)                                                  \
	}

static const struct compiled compiled_programs[] = {
	[ACTION_PLAIN] = COMPILED(plain),
	[ACTION_COMPARE] = COMPILED(compare),
	[ACTION_CLAIM] = COMPILED(claim),
};

static const char *const function_names[PATCHES] = {
	[PATCH_callback] = "serve",	 [PATCH_is_allowed] = "is_allowed",
	[PATCH_is_frozen] = "is_frozen", [PATCH_is_equal] = "is_equal",
	[PATCH_claim] = "claim",	 [PATCH_is_claimed] = "is_claimed",
	[PATCH_give_back] = "give_back",
};

/* A program that is being put together. */
struct draft {
	const struct compiled *compiled;
	struct code code;
	struct judge judge;
	int map_fd, requests_fd;
	__u32 expected_at;
	bool guarded;

	/* Its functions, and what the kernel wants to be told of them. */
	__u32 starts[PATCHES];
	struct btf *btf;
	__u32 field_types[FIELDS], first_field;
	struct bpf_func_info functions[PATCHES + 1];
	__u32 functions_cnt;
};

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

static int start_function(struct draft *draft, enum patch_kind kind, int proto)
{
	if (!draft->starts[kind]) {
		draft->starts[kind] = draft->code.count;
		judge_write(&draft->code, &draft->judge, kind);
		return add_function(draft, function_names[kind], draft->starts[kind], proto);
	}
	return 0;
}

static int patch(struct draft *draft, const struct patch *patch, int proto)
{
	struct bpf_insn *insn = draft->code.insns + patch->insn;
	int err;

	switch (patch->kind) {
	case PATCH_target:
		insn->src_reg = BPF_PSEUDO_MAP_FD;
		insn->imm = draft->map_fd;
		return 0;
	case PATCH_requests:
		insn->src_reg = BPF_PSEUDO_MAP_FD;
		insn->imm = draft->requests_fd;
		return 0;
	case PATCH_expected_at:
		insn->imm = draft->expected_at;
		return 0;
	case PATCH_callback:
		err = add_function(draft, function_names[patch->kind], insn->imm, proto);
		insn->src_reg = BPF_PSEUDO_FUNC;
		insn->imm -= patch->insn + 1;
		return err;
	}
	err = start_function(draft, (enum patch_kind)patch->kind, proto);
	insn->imm = draft->starts[patch->kind] - patch->insn - 1;
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

static int link_program(struct draft *draft)
{
	const struct compiled *compiled = draft->compiled;
	int proto, err;

	draft->code.room = compiled->insns_cnt + judge_room(&draft->judge);
	draft->code.insns = malloc(draft->code.room * sizeof(*draft->code.insns));
	if (!draft->code.insns)
		return -ENOMEM;
	memcpy(draft->code.insns, compiled->insns, compiled->insns_cnt * sizeof(*compiled->insns));
	draft->code.count = compiled->insns_cnt;
	proto = start_btf(draft);
	if (proto < 0)
		return proto;
	err = add_function(draft, compiled->name, 0, proto);
	/* Functions are told of in the order of the code: compiled ones come first. */
	for (__u32 i = 0; i < compiled->patches_cnt && !err; i++)
		if (compiled->patches[i].kind == PATCH_callback)
			err = patch(draft, compiled->patches + i, proto);
	for (__u32 i = 0; i < compiled->patches_cnt && !err; i++)
		if (compiled->patches[i].kind != PATCH_callback)
			err = patch(draft, compiled->patches + i, proto);
	if (!err && draft->code.count > draft->code.room)
		err = -E2BIG;
	return err;
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
	__u32 count = 0;

	for (__u32 i = 0; i < FIELDS; i++)
		if (draft->judge.fields[i])
			fields[count++] = (struct field_relocation){
				.insn_off = draft->judge.fields[i] * sizeof(struct bpf_insn),
				.type_id = draft->field_types[i],
				.access_str_off = draft->first_field,
				.kind = FIELD_BYTE_OFFSET,
			};
	return count;
}

static int load_code(const struct draft *draft)
{
	struct field_relocation fields[FIELDS];
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
static int link_and_load(struct program *program, struct draft *draft, bool asks)
{
	int err;

	memset(draft->starts, 0, sizeof(draft->starts));
	memset(draft->judge.fields, 0, sizeof(draft->judge.fields));
	draft->functions_cnt = 0;
	draft->judge.map_fd = asks ? draft->map_fd : -1;
	draft->judge.guarded = asks && draft->guarded;
	err = link_program(draft);
	if (!err) {
		err = program->fd = load_code(draft);
		if (err > 0)
			err = identify(program);
	}
	program->checks_frozen = asks;
	program->guarded = draft->judge.guarded;
	btf__free(draft->btf);
	free(draft->code.insns);
	draft->btf = NULL;
	draft->code.insns = NULL;
	return err;
}

/* Whether the kernel may keep something of the map's values to itself, which it knows by BTF alone. */
static bool may_have_lock(const struct bpf_map_info *info, const struct deletion *deletion)
{
	return deletion->action == ACTION_CLAIM && info->btf_value_type_id;
}

/* Where a program may look at all of a value there is no lock in it: to read BTF takes a privilege. */
static int choose_lock(struct draft *draft, const struct bpf_map_info *info,
		       const struct deletion *deletion)
{
	int err;

	draft->judge.lock = NO_LOCK;
	if (!may_have_lock(info, deletion))
		return 0;
	err = verifier_allows_read(draft->map_fd, info->key_size, 0, info->value_size);
	if (err == -EOPNOTSUPP)
		err = find_lock(info, &draft->judge.lock);
	if (!err && draft->judge.lock != NO_LOCK && deletion->region.size > LOCKED_REGION_SIZE_MAX)
		return refuse(-EOPNOTSUPP,
			      "compare_size %u: at most %u bytes are claimed under the "
			      "bpf_spin_lock of map '%s'",
			      deletion->region.size, LOCKED_REGION_SIZE_MAX, info->name);
	return err;
}

/* What the verifier refused, asked after it did: all of the map, or this region. */
static int say_why(const struct draft *draft, const struct bpf_map_info *info,
		   const struct deletion *deletion)
{
	const struct region *region = &deletion->region;

	if (verifier_allows_read(draft->map_fd, info->key_size, 0, 0) == -EOPNOTSUPP)
		return refuse(-EOPNOTSUPP,
			      "this kernel lets no syscall program use map '%s' (map_flags 0x%x%s)",
			      info->name, info->map_flags,
			      info->btf_value_type_id ? ", values with BTF" : "");
	if (deletion->action != ACTION_PLAIN &&
	    verifier_allows_read(draft->map_fd, info->key_size, region->offset,
				 region->offset + region->size) == -EOPNOTSUPP)
		return refuse(-EOPNOTSUPP,
			      "compare_offset %u, compare_size %u: a field that the kernel manages "
			      "is in that region of map '%s'",
			      region->offset, region->size, info->name);
	return refuse(-EOPNOTSUPP, "the kernel's verifier refused the program for map '%s'",
		      info->name);
}

/*
 * Whether that is what is said where a program may not ask what the kernel has in its structs: it is older
 * than that (E2BIG), lacks BTF or tracing (EFAULT), or the caller lacks CAP_PERFMON.
 */
static bool cannot_ask(int err)
{
	return err == -E2BIG || err == -EFAULT || err == -EPERM ||
	       verifier_refusal(err) == -EOPNOTSUPP;
}

static int load_for_map(struct program *program, const struct bpf_map_info *info,
			const struct deletion *deletion, struct draft *draft)
{
	struct bpf_map_info now;
	int err;

	err = map_full_info(draft->map_fd, &now);
	if (!err && now.id != info->id)
		err = refuse(-EBADF, "the file descriptor has become another map meanwhile");
	if (!err)
		err = choose_lock(draft, &now, deletion);
	if (err)
		return err;
	err = link_and_load(program, draft, true);
	if (cannot_ask(err))
		err = link_and_load(program, draft, false);
	if (verifier_refusal(err) == -EOPNOTSUPP)
		err = say_why(draft, &now, deletion);
	if (err == -EPERM)
		refuse(err, "loading a program for map '%s' takes CAP_BPF", now.name);
	return err < 0 ? err : 0;
}

/*
 * 0, and program is loaded; -EOPNOTSUPP where no program of ours can serve this map and region; another
 * error where that could not be told.
 */
int program_load(struct program *program, int map_fd, int requests_fd,
		 const struct bpf_map_info *info, const struct deletion *deletion,
		 __u32 expected_at, bool guarded)
{
	struct draft draft;
	sigset_t before;
	int err;

	memset(&draft, 0, sizeof(draft));
	draft.compiled = &compiled_programs[deletion->action];
	draft.requests_fd = requests_fd;
	draft.expected_at = expected_at;
	draft.judge.region = deletion->region;
	draft.judge.claim = deletion->claim;
	err = own_capabilities(&draft.judge.capabilities);
	if (err)
		return err;
	draft.guarded = guarded && HALVES_IN_ORDER;
	/* Should the caller's fd become another map meanwhile, this one does not. */
	draft.map_fd = duplicate(map_fd);
	if (draft.map_fd < 0)
		return draft.map_fd;
	verifier_hold_signals(&before);
	err = load_for_map(program, info, deletion, &draft);
	verifier_let_signals(&before);
	close(draft.map_fd);
	return err;
}

/*
 * An application may close numbers that it does not own, and get them again for something else: nothing
 * is closed but what has our id. Where that could not be told it is asked again: what is not known to be
 * ours would never be closed.
 */
void program_close(const struct program *program)
{
	struct bpf_prog_info info;
	__u32 size;

	for (int tries = 0; tries < 3; tries++) {
		size = offsetof(struct bpf_prog_info, tag);
		memset(&info, 0, sizeof(info));
		if (!bpf_obj_get_info_by_fd(program->fd, &info, &size)) {
			if (info.id == program->id && info.type == BPF_PROG_TYPE_SYSCALL)
				close(program->fd);
			return;
		}
		if (errno == EBADFD || errno == EBADF || errno == EINVAL)
			return;
	}
}
