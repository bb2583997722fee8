// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Where a delete comes in: its options and its map are checked, a backend is chosen.
 */
#include <string.h>
#include <bpf/libbpf.h>
#include "compare_internal.h"

/* More than any version of the struct will ever have; above it opts->sz was never set. */
#define OPTS_SIZE_MAX 4096

/*
 * Copies the caller's options, of an older or newer version, into ours. Fields that the caller does
 * not know are 0. Bytes of a field that lies in his struct in part are taken as they are: to drop
 * them might drop a flag.
 */
static int copy_opts(struct bpf_map_delete_elem_opts *opts,
		     const struct bpf_map_delete_elem_opts *from)
{
	const size_t known = offsetof(struct bpf_map_delete_elem_opts, backend) +
			     sizeof(opts->backend);
	const char *bytes = (const char *)from;

	memset(opts, 0, sizeof(*opts));
	if (!from)
		return 0;
	if (from->sz < sizeof(from->sz) || from->sz > OPTS_SIZE_MAX)
		return -EINVAL;
	for (size_t i = known; i < from->sz; i++)
		if (bytes[i])
			return -EINVAL;
	memcpy(opts, from, from->sz < known ? from->sz : known);
	return 0;
}

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

int map_info(int fd, struct bpf_map_info *info)
{
	__u32 size = sizeof(*info);

	memset(info, 0, size);
	if (!bpf_obj_get_info_by_fd(fd, info, &size))
		return 0;
	/* This one command has a number of its own for what the others call EBADF. */
	return errno == EBADFD ? -EBADF : -errno;
}

bool map_type_serves(__u32 type)
{
	return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH;
}

/*
 * Asks the kernel whether fd is a map that may be written through it: a batch of no keys deletes
 * none, but is refused as any other would be. The emulation's program needs fd for nothing, so
 * nobody else would ask.
 */
static int check_writable(int fd)
{
	__u32 count = 0;
	int err;

	err = bpf_map_delete_batch(fd, NULL, &count, NULL) ? -errno : 0;
	/* It is a map, writable, of a type without batches. */
	return err == -KERNEL_ENOTSUPP ? 0 : err;
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

	err = check_writable(fd);
	if (err)
		return err;
	if (!key)
		return -EFAULT;
	if (!region.size)
		region.size = info.value_size;
	if (region.size > info.value_size || region.offset > info.value_size - region.size)
		return -EINVAL;
	if (!map_type_serves(info.type) || opts->claim)
		return -EOPNOTSUPP;
	if (opts->backend == BPF_MAP_COMPARE_NATIVE)
		return native < 0 ? native : -EOPNOTSUPP;
	err = emulate_delete(fd, &info, key, opts->compare, region);
	/* "Unsupported" would be too much said where the native backend could not be asked. */
	return err == -EOPNOTSUPP && native < 0 ? native : err;
}

int bpf_map_delete_elem_opts(int fd, const void *key, const struct bpf_map_delete_elem_opts *opts)
{
	struct bpf_map_delete_elem_opts ours;
	int err;

	err = copy_opts(&ours, opts);
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

int bpf_map_get_compare_backend(int fd)
{
	struct bpf_map_info info;
	int err, native;

	err = map_info(fd, &info);
	if (!err)
		err = check_writable(fd);
	if (err)
		return set_errno(err);
	native = native_serves_map(fd, &info);
	if (native == 1)
		return BPF_MAP_COMPARE_NATIVE;
	err = emulate_serves_map(fd, &info);
	if (!err)
		return BPF_MAP_COMPARE_SYSCALL_PROG;
	return set_errno(err == -EOPNOTSUPP && native < 0 ? native : err);
}

int bpf_map_compare_release(int fd)
{
	struct bpf_map_info info;
	int err;

	/* To have information is not to be a map: programs do too, with ids of their own. */
	err = check_writable(fd);
	if (!err || err == -EPERM)
		err = map_info(fd, &info);
	if (err)
		return set_errno(err);
	kept_release_map(info.id);
	return 0;
}
