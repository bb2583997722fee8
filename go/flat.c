// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <errno.h>
#include <bpf/bpf.h>
#include "flat.h"

struct flat_map flat_map(int fd)
{
	struct bpf_map_info info = {};
	__u32 size = offsetof(struct bpf_map_info, name);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		/* This one command has a number of its own for what the others call EBADF. */
		return (struct flat_map){ .err = errno == EBADFD ? -EBADF : -errno };
	return (struct flat_map){ .key_size = info.key_size, .value_size = info.value_size };
}

int flat_delete(int fd, const uint8_t *key)
{
	return bpf_map_delete_elem_opts(fd, key, NULL);
}

int flat_delete_if(int fd, const uint8_t *key, const uint8_t *compare, const uint8_t *claim,
		   struct flat_opts opts)
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, elem, .flags = BPF_F_COMPARE, .compare = compare,
		    .compare_offset = opts.compare_offset, .compare_size = opts.compare_size,
		    .claim = claim, .claim_offset = opts.claim_offset,
		    .claim_size = opts.claim_size, .backend = opts.backend);

	return bpf_map_delete_elem_opts(fd, key, &elem);
}

int flat_delete_batch_if(int fd, const uint8_t *keys, uint32_t count, const uint8_t *compare,
			 const uint8_t *claim, struct flat_opts opts, int *results)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, batch, .elem_flags = BPF_F_COMPARE,
		    .compare = compare, .compare_offset = opts.compare_offset,
		    .compare_size = opts.compare_size, .compare_stride = opts.compare_stride,
		    .claim = claim, .claim_offset = opts.claim_offset,
		    .claim_size = opts.claim_size, .backend = opts.backend, .results = results);

	return bpf_map_delete_batch_opts(fd, keys, &count, &batch);
}
