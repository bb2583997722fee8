// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Finds the bpf_spin_lock in a map's values, by the map's BTF.
 */
#include <bpf/btf.h>
#include "compare_internal.h"

/* As deep as the kernel itself looks for its fields, and some more. */
#define DEPTH_MAX 8

/* The lock's offset in bytes is added to *offset; 1 where there is one, 0 where not, or an error. */
static int find_in_type(const struct btf *btf, __u32 id, __u32 *offset, int depth)
{
	const struct btf_type *type;
	const struct btf_member *member;
	const char *name;
	__u32 members;
	int ret;

	type = btf__type_by_id(btf, id);
	while (type && (btf_is_mod(type) || btf_is_typedef(type)))
		type = btf__type_by_id(btf, type->type);
	if (!type || !btf_is_struct(type) || depth > DEPTH_MAX)
		return 0;
	name = btf__name_by_offset(btf, type->name_off);
	if (name && !strcmp(name, "bpf_spin_lock"))
		return 1;
	/* A lock of another kind, which takes other calls. */
	if (name && !strcmp(name, "bpf_res_spin_lock"))
		return refuse(-EOPNOTSUPP, "a claim beside a bpf_res_spin_lock");
	member = btf_members(type);
	/* An int, or unsigned from libbpf 1.8 on. */
	members = btf_vlen(type);
	for (__u32 i = 0; i < members; i++) {
		ret = find_in_type(btf, member[i].type, offset, depth + 1);
		if (ret > 0)
			*offset += btf_member_bit_offset(type, i) / 8;
		if (ret)
			return ret;
	}
	return 0;
}

/*
 * 0, and *offset is the lock's or NO_LOCK; -EPERM where the caller may not read BTF, which takes
 * CAP_SYS_ADMIN; or another error.
 */
int find_lock(const struct bpf_map_info *info, __u32 *offset)
{
	struct btf *btf;
	int ret;

	btf = btf__load_from_kernel_by_id(info->btf_id);
	if (!btf)
		return errno == EPERM ? refuse(-EPERM,
					       "map '%s': whether its values have a bpf_spin_lock "
					       "takes CAP_SYS_ADMIN to know",
					       info->name)
				      : -errno;
	*offset = 0;
	ret = find_in_type(btf, info->btf_value_type_id, offset, 0);
	btf__free(btf);
	if (ret < 1)
		*offset = NO_LOCK;
	return ret < 0 ? ret : 0;
}
