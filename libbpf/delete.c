// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Where the delete of one key comes in: its options and its map are checked, a backend is chosen.
 */
#include <bpf/libbpf.h>
#include "compare_internal.h"

/* What can be said of the options without the map. */
static int check_opts(const struct bpf_map_delete_elem_opts *opts)
{
	if (opts->flags & ~(__u64)BPF_F_COMPARE)
		return -EINVAL;
	if (opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG)
		return -EINVAL;
	if (!opts->flags && (opts->compare || opts->compare_offset || opts->compare_size ||
			     opts->claim || opts->claim_offset || opts->claim_size))
		return -EINVAL;
	if (!opts->claim && (opts->claim_offset || opts->claim_size))
		return -EINVAL;
	return 0;
}

static int emulate_one(int fd, const struct bpf_map_info *info, const void *key,
		       const void *compare, struct region region)
{
	const struct deletion deletion = {
		.keys = key,
		.conditional = true,
		.compare = compare,
		.region = region,
	};
	__u32 count = 1;
	int err, result;

	err = emulate_delete(fd, info, &deletion, 0, &count, &result);
	return err ? err : result;
}

static int delete_by_compare(int fd, const void *key, const struct bpf_map_delete_elem_opts *opts)
{
	struct region region = { opts->compare_offset, opts->compare_size };
	struct bpf_map_info info;
	int err, native = 0;

	err = map_info(fd, &info);
	if (err)
		return err;
	if (opts->backend != BPF_MAP_COMPARE_SYSCALL_PROG && !opts->claim)
		native = native_probe(info.type);
	if (native == 1) {
		/* The kernel does the checks below itself, in the same order. */
		err = native_delete(fd, key, opts->compare, region);
		if (err != -EOPNOTSUPP || opts->backend == BPF_MAP_COMPARE_NATIVE)
			return err;
	}

	err = map_check_writable(fd);
	if (err)
		return err;
	if (!key)
		return -EFAULT;
	err = map_check_region(&info, &region);
	if (err)
		return err;
	if (!map_type_serves(info.type) || opts->claim)
		return -EOPNOTSUPP;
	if (opts->backend == BPF_MAP_COMPARE_NATIVE)
		return native < 0 ? native : -EOPNOTSUPP;
	err = emulate_one(fd, &info, key, opts->compare, region);
	/* "Unsupported" would be too much said where the native backend could not be asked. */
	return err == -EOPNOTSUPP && native < 0 ? native : err;
}

int bpf_map_delete_elem_opts(int fd, const void *key, const struct bpf_map_delete_elem_opts *opts)
{
	struct bpf_map_delete_elem_opts ours;
	int err;

	err = copy_opts(&ours, offsetof(typeof(ours), backend) + sizeof(ours.backend), opts);
	if (!err)
		err = check_opts(&ours);
	if (err)
		return set_errno(err);
	if (!ours.flags)
		return bpf_map_delete_elem(fd, key);
	return set_errno(delete_by_compare(fd, key, &ours));
}

int bpf_map__delete_elem_opts(const struct bpf_map *map, const void *key, size_t key_sz,
			      const struct bpf_map_delete_elem_opts *opts)
{
	if (!map || key_sz != bpf_map__key_size(map))
		return set_errno(-EINVAL);
	return bpf_map_delete_elem_opts(bpf_map__fd(map), key, opts);
}
