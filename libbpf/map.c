// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What is behind a file descriptor, and what of it can be compared.
 */
#include "compare_internal.h"

static int get_info(int fd, struct bpf_map_info *info, __u32 size)
{
	memset(info, 0, sizeof(*info));
	if (!bpf_obj_get_info_by_fd(fd, info, &size))
		return 0;
	/* This one command has a number of its own for what the others call EBADF. */
	if (errno == EBADFD || errno == EBADF)
		return refuse(-EBADF, "the file descriptor is not open");
	return errno == EINVAL ? refuse(-EINVAL, "the file descriptor is no map's") : -errno;
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
 * All that was said has to be the same: programs and others have ids too, and could have a map's, but not its
 * sizes where they have other things.
 */
bool map_is_same(const struct bpf_map_info *a, const struct bpf_map_info *b)
{
	return !memcmp(a, b, offsetof(struct bpf_map_info, name));
}

int map_check_same(int fd, const struct bpf_map_info *info)
{
	struct bpf_map_info now;
	int err;

	err = map_info(fd, &now);
	if (!err && !map_is_same(&now, info))
		err = refuse(-EBADF, "the file descriptor has become another map meanwhile");
	return err;
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
	switch (err) {
	case -KERNEL_ENOTSUPP:
		/* It is a map, writable, of a type without batches. */
		return 0;
	case -EINVAL:
		return refuse(err, "the file descriptor is no map's");
	case -EPERM:
		return refuse(err, "the file descriptor is read-only, or the map frozen");
	case -EBADF:
		return refuse(err, "the file descriptor is not open");
	}
	return err;
}

/*
 * Whether fd was opened for writing: all that map_check_writable() asks but whether the map is frozen.
 */
int map_check_mode(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -errno;
	return (flags & O_ACCMODE) == O_RDONLY ? refuse(-EPERM, "the file descriptor is read-only")
					       : 0;
}

/* What a look-up would ask. */
int map_check_readable(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -errno;
	return (flags & O_ACCMODE) == O_WRONLY ? refuse(-EPERM, "the file descriptor is write-only")
					       : 0;
}

/* What is to be said of the map behind fd itself comes before err. */
int map_first_error(int fd, int err)
{
	int first = err ? map_check_writable(fd) : 0;

	return first ? first : err;
}

/*
 * That a comparer's own file descriptor still is its map, asked where nothing else would tell: somebody
 * may have closed the number and got it again. What a program deletes from is not up to it.
 */
int target_check(const struct target *target)
{
	return target->comparer ? map_check_same(target->fd, &target->info) : 0;
}

bool map_type_serves(__u32 type)
{
	return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH;
}

int map_check_type(const struct target *target)
{
	if (map_type_serves(target->info.type))
		return 0;
	return refuse_map(target->fd, -EOPNOTSUPP,
			  "map type %u is neither BPF_MAP_TYPE_HASH nor BPF_MAP_TYPE_LRU_HASH",
			  target->info.type);
}

int map_check_region(const struct target *target, const char *whose, struct region *region)
{
	const struct bpf_map_info *info = &target->info;
	__u32 size = region->size ? region->size : info->value_size;

	if (size > info->value_size || region->offset > info->value_size - size)
		return refuse_map(target->fd, -EINVAL,
				  "%soffset %u + %ssize %u is past the value's "
				  "end: value_size %u",
				  whose, region->offset, whose, size, info->value_size);
	region->size = size;
	return 0;
}
