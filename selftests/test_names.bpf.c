// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpf_compare.bpf.h in a project that has no <bpf/bpf_helpers.h>, and calls the helpers by names of its own.
 */
#include <linux/bpf.h>
#include <stddef.h>

#define __section(name) __attribute__((section(name), used))
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

static void *(*map_lookup_elem)(const void *map,
				const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static int (*map_update_elem)(const void *map, const void *key, const void *value,
			      __u64 flags) = (void *)BPF_FUNC_map_update_elem;
static int (*map_delete_elem)(const void *map, const void *key) = (void *)BPF_FUNC_map_delete_elem;

#define BPF_COMPARE_LOOKUP_ELEM(map, key)		map_lookup_elem(map, key)
#define BPF_COMPARE_UPDATE_ELEM(map, key, value, flags) map_update_elem(map, key, value, flags)
#define BPF_COMPARE_DELETE_ELEM(map, key)		map_delete_elem(map, key)
#include <bpf/bpf_compare.bpf.h>

struct entry {
	__u64 packets;
	__u32 lifetime;
	__u32 flags;
};

struct {
	int (*type)[BPF_MAP_TYPE_LRU_HASH];
	int (*max_entries)[16];
	__u32 *key;
	struct entry *value;
} entries __section(".maps");

#define WORD   offsetof(struct entry, lifetime)
#define CLAIMS 0xff000000, 0xffffffff
#define MARGIN 2

__u32 now, claims;

/* Creates, refreshes, deletes: XDP_PASS where each of them was done. */
__section("xdp") int use_all(struct xdp_md *packet)
{
	struct entry *entry, new = { .lifetime = now + 10 };
	__u32 key = 1;
	void *value;

	if (bpf_compare_create32(&entries, &key, &new, WORD, CLAIMS))
		return XDP_DROP;
	entry = map_lookup_elem(&entries, &key);
	if (!entry || bpf_compare_is_claimed32(entry, WORD, CLAIMS) ||
	    !bpf_compare_is_ahead32(entry, WORD, now, MARGIN, CLAIMS) ||
	    bpf_compare_store32(entry, WORD, now + 20, now, MARGIN, CLAIMS))
		return XDP_DROP;
	value = entry;
	if (bpf_compare_refresh_at32(&entries, &key, &value, WORD, now + 30, CLAIMS) ||
	    bpf_compare_remove32(&entries, &key, WORD,
				 BPF_COMPARE_CLAIM(claims, 0xff000000, 0xfffffff0), CLAIMS))
		return XDP_DROP;
	return map_lookup_elem(&entries, &key) ? XDP_DROP : XDP_PASS;
}

char _license[] __section("license") = "Dual BSD/GPL";
