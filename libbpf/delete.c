// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Where the delete of one key comes in: its options and its map are checked, a backend is chosen.
 */
#include <bpf/libbpf.h>
#include "compare_internal.h"

/* What can be said of the options without the map; what they ask for, where nothing is wrong. */
static int read_opts(const struct bpf_map_delete_elem_opts *opts, struct deletion *deletion)
{
	int err;

	if (opts->flags & ~(__u64)BPF_F_COMPARE)
		return -EINVAL;
	if (opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG)
		return -EINVAL;
	if (!opts->flags && (opts->compare || opts->compare_offset || opts->compare_size ||
			     opts->claim || opts->claim_offset || opts->claim_size))
		return -EINVAL;
	deletion->conditional = opts->flags;
	deletion->compare = opts->compare;
	deletion->region = (struct region){ opts->compare_offset, opts->compare_size };
	err = read_claim(&deletion->claim, opts->claim, opts->claim_offset, opts->claim_size);
	if (!err)
		err = check_claim(&deletion->claim, deletion->region);
	if (!err && claim_is_expected(&deletion->claim, deletion->region, opts->compare))
		err = -EINVAL;
	return err;
}

static int emulate_one(int fd, const struct bpf_map_info *info, const struct deletion *deletion)
{
	__u32 count = 1;
	int err, result;

	err = emulate_delete(fd, info, deletion, 0, &count, &result);
	return err ? err : result;
}

static int delete_by_compare(int fd, struct deletion *deletion, __u32 backend)
{
	struct bpf_map_info info;
	int err, native = 0;

	err = map_info(fd, &info);
	if (err)
		return err;
	/* The kernel knows no claims. */
	if (backend != BPF_MAP_COMPARE_SYSCALL_PROG && !deletion->claim.size)
		native = native_probe(info.type);
	if (native == 1) {
		/* The kernel does the checks below itself, in the same order. */
		err = native_delete(fd, deletion->keys, deletion->compare, deletion->region);
		if (err != -EOPNOTSUPP || backend == BPF_MAP_COMPARE_NATIVE)
			return err;
	}

	err = map_check_writable(fd);
	if (err)
		return err;
	if (!deletion->keys)
		return -EFAULT;
	err = map_check_region(&info, &deletion->region);
	if (!err)
		err = check_claim(&deletion->claim, deletion->region);
	if (err)
		return err;
	if (claim_is_expected(&deletion->claim, deletion->region, deletion->compare))
		return -EINVAL;
	if (!map_type_serves(info.type))
		return -EOPNOTSUPP;
	/* The emulation promises less: it does not stand in for what could not be told. */
	if (native < 0)
		return native;
	if (backend == BPF_MAP_COMPARE_NATIVE)
		return -EOPNOTSUPP;
	return emulate_one(fd, &info, deletion);
}

static int delete_by_opts(int fd, const void *key, const struct bpf_map_delete_elem_opts *opts)
{
	struct bpf_map_delete_elem_opts ours;
	struct deletion deletion = { .keys = key };
	int err;

	err = copy_opts(&ours, offsetof(typeof(ours), backend) + sizeof(ours.backend), opts);
	if (!err)
		err = read_opts(&ours, &deletion);
	if (err)
		return err;
	if (!deletion.conditional)
		return bpf_map_delete_elem(fd, key);
	return delete_by_compare(fd, &deletion, ours.backend);
}

int bpf_map_delete_elem_opts(int fd, const void *key, const struct bpf_map_delete_elem_opts *opts)
{
	int cancel_state = enter();

	return leave(cancel_state, delete_by_opts(fd, key, opts));
}

int bpf_map__delete_elem_opts(const struct bpf_map *map, const void *key, size_t key_sz,
			      const struct bpf_map_delete_elem_opts *opts)
{
	if (!map || key_sz != bpf_map__key_size(map))
		return set_errno(-EINVAL);
	return bpf_map_delete_elem_opts(bpf_map__fd(map), key, opts);
}
