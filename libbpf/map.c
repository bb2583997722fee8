// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What is behind a file descriptor, and what of it can be compared.
 */
#include <string.h>
#include "compare_internal.h"

static int get_info(int fd, struct bpf_map_info *info, __u32 size)
{
	memset(info, 0, sizeof(*info));
	if (!bpf_obj_get_info_by_fd(fd, info, &size))
		return 0;
	/* This one command has a number of its own for what the others call EBADF. */
	return errno == EBADFD ? -EBADF : -errno;
}

/* What each call needs: type, id, sizes and flags. Less to fill for the kernel, and to copy. */
int map_info(int fd, struct bpf_map_info *info)
{
	return get_info(fd, info, offsetof(struct bpf_map_info, name));
}

int map_full_info(int fd, struct bpf_map_info *info)
{
	return get_info(fd, info, sizeof(*info));
}

/*
 * Asks the kernel whether fd is a map that may be written through it: a batch of no keys deletes
 * none, but is refused as any other would be. The emulation's program needs fd for nothing, so
 * nobody else would ask.
 */
int map_check_writable(int fd)
{
	__u32 count = 0;
	int err;

	err = bpf_map_delete_batch(fd, NULL, &count, NULL) ? -errno : 0;
	/* It is a map, writable, of a type without batches. */
	return err == -KERNEL_ENOTSUPP ? 0 : err;
}

bool map_type_serves(__u32 type)
{
	return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH;
}

int map_check_region(const struct bpf_map_info *info, struct region *region)
{
	if (!region->size)
		region->size = info->value_size;
	if (region->size > info->value_size || region->offset > info->value_size - region->size)
		return -EINVAL;
	return 0;
}
