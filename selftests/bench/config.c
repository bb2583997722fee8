// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <linux/bpf.h>
#include "config.h"

/* A base, and one dimension at a time that is varied from it. */
#define BASE                                                                                       \
	.entries = 1 << 18, .map_type = BPF_MAP_TYPE_HASH, .key_size = 14,                         \
	.region_offset = LIFETIME_OFFSET, .region_size = 4, .threads = 1, .repeats = 1

/* Each entry here overrides what BASE says, which compilers warn of. */
#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#endif

const struct config configs[] = {
	{ BASE, .name = "base", .title = "2^18 entries, the base", .collections = true },
	{ BASE, .name = "small", .title = "2^10 entries", .entries = 1 << 10, .repeats = 64,
	  .collections = true },
	{ BASE, .name = "large", .title = "2^22 entries", .entries = 1 << 22, .max_rounds = 5 },
	{ BASE, .name = "ipv6", .title = "38-byte keys", .key_size = 38, .collections = true },
	{ BASE, .name = "no-prealloc", .title = "BPF_F_NO_PREALLOC", .map_flags = BPF_F_NO_PREALLOC,
	  .collections = true },
	{ BASE, .name = "lru", .title = "LRU", .map_type = BPF_MAP_TYPE_LRU_HASH,
	  .collections = true },
	{ BASE, .name = "region-8", .title = "region of 8 bytes", .region_size = 8 },
	{ BASE, .name = "region-48", .title = "region of 48 bytes", .region_offset = 8,
	  .region_size = 48 },
	{ BASE, .name = "refreshed-1", .title = "1 % refreshed", .refreshed = 1 },
	{ BASE, .name = "refreshed-50", .title = "50 % refreshed", .refreshed = 50 },
	{ BASE, .name = "threads-2", .title = "2 threads", .threads = 2 },
};
const int nr_configs = sizeof(configs) / sizeof(configs[0]);

const char *config_map_type(const struct config *config)
{
	return config->map_type == BPF_MAP_TYPE_LRU_HASH ? "lru_hash" : "hash";
}
