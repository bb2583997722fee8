// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Scratch maps, on which the probes see what a kernel does.
 */
#include "compare_internal.h"

int scratch_map(__u32 map_type)
{
	union bpf_attr attr = {
		.map_type = map_type,
		.key_size = sizeof(__u32),
		.value_size = sizeof(struct scratch_value),
		.max_entries = 1,
	};

	return sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

int scratch_add(int fd, const struct scratch_value *value)
{
	const __u32 key = SCRATCH_KEY;

	return bpf_map_update_elem(fd, &key, value, BPF_NOEXIST) ? -errno : 0;
}

/* 1 where the entry is there, 0 where it is not. */
int scratch_has(int fd)
{
	const __u32 key = SCRATCH_KEY;
	struct scratch_value value;

	if (!bpf_map_lookup_elem(fd, &key, &value))
		return 1;
	return errno == ENOENT ? 0 : -errno;
}
