// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Puts a program together, with what the kernel wants to be told of it, and loads it.
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

/* A program that is being put together, and what the kernel wants to be told of it. */
struct draft {
	struct plan *plan;
	const char *name;
	struct code code;
	struct btf *btf;
	__u32 field_types[FIELDS], first_field;
	struct bpf_func_info functions[FUNCTIONS_MAX];
};

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
	int proto, id;

	draft->name = compiled_write(&draft->code, draft->plan);
	if (draft->code.failed)
		return -ENOMEM;
	proto = start_btf(draft);
	if (proto < 0)
		return proto;
	for (__u32 i = 0; i < draft->code.functions_cnt; i++) {
		id = btf__add_func(draft->btf, draft->code.functions[i].name, BTF_FUNC_STATIC,
				   proto);
		if (id < 0)
			return id;
		draft->functions[i].insn_off = draft->code.functions[i].start;
		draft->functions[i].type_id = id;
	}
	return 0;
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

static void relocate_fields(const struct draft *draft, struct field_relocation *fields)
{
	for (__u32 i = 0; i < draft->code.reads_cnt; i++)
		fields[i] = (struct field_relocation){
			.insn_off = draft->code.reads[i].insn * sizeof(struct bpf_insn),
			.type_id = draft->field_types[draft->code.reads[i].field],
			.access_str_off = draft->first_field,
			.kind = FIELD_BYTE_OFFSET,
		};
}

/*
 * A raw tracepoint's program that is run without one is the only kind that all kernels run with preemption off.
 * It takes CAP_PERFMON, and no values with a bpf_spin_lock or a timer.
 */
static __u32 type_for(const struct plan *plan)
{
	return plan->hold == HOLD_RUNS ? BPF_PROG_TYPE_RAW_TRACEPOINT : BPF_PROG_TYPE_SYSCALL;
}

static int load_code(const struct draft *draft)
{
	struct field_relocation fields[READS_MAX];
	struct load_attr attr;
	int btf_fd, fd;

	btf_fd = load_btf(draft->btf);
	if (btf_fd < 0)
		return btf_fd;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type_for(draft->plan);
	attr.prog_flags = attr.prog_type == BPF_PROG_TYPE_SYSCALL ? BPF_F_SLEEPABLE : 0;
	strcpy(attr.prog_name, draft->name);
	attr.insns = (uintptr_t)draft->code.insns;
	attr.insn_cnt = draft->code.count;
	attr.license = (uintptr_t) "Dual BSD/GPL";
	attr.prog_btf_fd = btf_fd;
	attr.func_info = (uintptr_t)draft->functions;
	attr.func_info_cnt = draft->code.functions_cnt;
	attr.func_info_rec_size = sizeof(draft->functions[0]);
	relocate_fields(draft, fields);
	if (draft->code.reads_cnt) {
		attr.core_relo_cnt = draft->code.reads_cnt;
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

/* Of a frozen map too. */
static bool is_only_counted(const struct judge *judge)
{
	return judge->sweep && sweep_counts(judge->sweep);
}

/* With questions to the kernel's own structs, or without. */
int assemble_and_load(struct program *program, struct plan *plan, bool asks)
{
	struct draft draft;
	int err;

	memset(&draft, 0, sizeof(draft));
	draft.plan = plan;
	for (int side = 0; side < SIDES; side++)
		plan->judges[side].map_fd =
			asks && !is_only_counted(&plan->judges[side]) ? plan->map_fds[side] : -1;
	plan->judges[FIRST].guarded = asks && plan->guarded;
	err = assemble(&draft);
	if (!err) {
		err = program->fd = load_code(&draft);
		if (err > 0)
			err = identify(program);
	}
	program->type = type_for(plan);
	program->checks_frozen = asks;
	program->guarded = plan->judges[FIRST].guarded;
	btf__free(draft.btf);
	free(draft.code.insns);
	return err;
}
