// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The native backend: BPF_MAP_DELETE_ELEM with BPF_F_COMPARE.
 */
#include <stdint.h>
#include <stdlib.h>
#include "compare_internal.h"

/* The part of union bpf_attr for BPF_MAP_*_ELEM, with the fields that come with BPF_F_COMPARE. */
struct delete_attr {
	__u32 map_fd;
	__u32 unused;
	__aligned_u64 key;
	__aligned_u64 value;
	__aligned_u64 flags;
	__aligned_u64 compare;
	__u32 compare_offset;
	__u32 compare_size;
};

STATIC_ASSERT(offsetof(struct delete_attr, flags) == offsetof(union bpf_attr, flags) &&
		      offsetof(struct delete_attr, compare) == 32 &&
		      sizeof(struct delete_attr) == 48,
	      "the kernel's layout");

static int delete_with(int fd, const void *key, __u64 flags, const void *compare,
		       struct region region)
{
	struct delete_attr attr = {
		.map_fd = fd,
		.key = (uintptr_t)key,
		.flags = flags,
		.compare = (uintptr_t)compare,
		.compare_offset = region.offset,
		.compare_size = region.size,
	};

	return sys_bpf(BPF_MAP_DELETE_ELEM, &attr, sizeof(attr));
}

int native_delete(int fd, const void *key, const void *compare, struct region region)
{
	return delete_with(fd, key, BPF_F_COMPARE, compare, region);
}

/* What the kernel refuses of a call, it gives no reason for. */
int native_refuse(int err, struct region region)
{
	switch (err) {
	case -EPERM:
		return refuse(err, "the file descriptor is read-only, or the map frozen");
	case -EINVAL:
		return refuse(err, "the kernel's BPF_F_COMPARE: compare_offset %u, compare_size %u",
			      region.offset, region.size);
	case -EFAULT:
		return refuse(err, "the kernel's BPF_F_COMPARE: key or compare cannot be read");
	case -EOPNOTSUPP:
		return refuse(err, "the kernel's BPF_F_COMPARE does not serve this map");
	}
	return err;
}

/* In the kernel's half of the address space: whatever user space maps, it cannot be read. */
static const void *unreadable(void)
{
	return (const void *)(uintptr_t)-4096;
}

/*
 * Whether this is what a kernel may say of a flag that it does not know, ignores, or means otherwise.
 * Anything else, such as -EPERM or -ENOMEM, does not tell.
 */
static bool is_answer(int err)
{
	switch (err) {
	case 0:
	case -EINVAL:
	case -EBUSY:
	case -ENOENT:
	case -EFAULT:
	case -E2BIG:
	case -EOPNOTSUPP:
	case -KERNEL_ENOTSUPP:
		return true;
	}
	return false;
}

/*
 * Does to a scratch map whatever tells BPF_F_COMPARE from a flag that is unknown, ignored, or has
 * another meaning. 1: it is what it should be; 0: it is not; negative: could not be told.
 */
static int try_on_scratch(int fd)
{
	const struct scratch_value value = { 1, 2, 3 }, wrong = { 1, 2, 4 };
	const struct region whole = { 0, 0 };
	/* Offset and size unlike each other, should they be taken for one another. */
	const struct region third = { offsetof(struct scratch_value, third), sizeof(value.third) };
	const __u32 key = SCRATCH_KEY;
	const struct {
		__u64 flags;
		const void *compare;
		struct region region;
		int answer;
	} tries[] = {
		/* Without the flag an equal region first: ignored fields would delete. */
		{ 0, &value.third, third, -EINVAL },
		{ BPF_F_COMPARE, &wrong, whole, -EBUSY },
		{ BPF_F_COMPARE, &wrong.third, third, -EBUSY },
		{ BPF_F_COMPARE, unreadable(), whole, -EFAULT },
		{ BPF_F_COMPARE, &value.third, third, 0 },
	};
	int err;

	err = scratch_add(fd, &value);
	if (err)
		return err;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		bool stays = tries[i].answer;

		err = delete_with(fd, &key, tries[i].flags, tries[i].compare, tries[i].region);
		if (!is_answer(err))
			return err;
		if (err != tries[i].answer)
			return 0;
		err = scratch_has(fd);
		if (err < 0)
			return err;
		if (err != stays)
			return 0;
	}
	return 1;
}

/*
 * Whether this kernel has BPF_F_COMPARE for maps of this type, of those the library serves at all.
 * Yes and no are remembered, as no kernel changes its mind; an error is not.
 */
int native_probe(__u32 map_type)
{
	enum {
		UNKNOWN,
		NO,
		YES
	};
	static char answers[BPF_MAP_TYPE_LRU_HASH + 1];
	int fd, ret;
	char known;

	if (!map_type_serves(map_type))
		return 0;
	known = __atomic_load_n(&answers[map_type], __ATOMIC_RELAXED);
	if (known != UNKNOWN)
		return known == YES;
	fd = scratch_map(map_type);
	if (fd < 0)
		return fd;
	ret = try_on_scratch(fd);
	close(fd);
	if (ret >= 0)
		__atomic_store_n(&answers[map_type], ret ? YES : NO, __ATOMIC_RELAXED);
	return ret;
}

/*
 * Whether it has it for this map, whose values may hold fields that it refuses. The kernel looks at
 * those before it reads the expected bytes, which cannot be read.
 */
int native_serves_map(int fd, const struct bpf_map_info *info)
{
	void *key;
	int ret;

	ret = native_probe(info->type);
	if (ret != 1)
		return ret;
	key = calloc(1, info->key_size);
	if (!key)
		return -ENOMEM;
	ret = native_delete(fd, key, unreadable(), (struct region){ 0, 0 });
	free(key);
	switch (ret) {
	case -EFAULT:
		return 1;
	case -EOPNOTSUPP:
		return 0;
	}
	return ret;
}
