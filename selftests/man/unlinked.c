// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Comes between a collector of pairs and the library: the first entries are deleted alone.
 */
#include <stddef.h>
#include <string.h>
#include <bpf/bpf_compare.h>

int __real_bpf_map_delete_batch_opts(int fd, const void *keys, __u32 *count,
				     const struct bpf_map_delete_batch_opts *opts);
int __wrap_bpf_map_delete_batch_opts(int fd, const void *keys, __u32 *count,
				     const struct bpf_map_delete_batch_opts *opts);

int __wrap_bpf_map_delete_batch_opts(int fd, const void *keys, __u32 *count,
				     const struct bpf_map_delete_batch_opts *opts)
{
	struct bpf_map_delete_batch_opts alone = *opts;
	size_t links = offsetof(struct bpf_map_delete_batch_opts, linked_keys);

	memset((char *)&alone + links, 0, sizeof(alone) - links);
	if (opts->linked_results)
		memset(opts->linked_results, 0, *count * sizeof(int));
	return __real_bpf_map_delete_batch_opts(fd, keys, count, &alone);
}
