// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Values of test_update.c and test_update_races.c, and those who write to them and read them in place there.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "update_shared.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, UPDATE_KEYS);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, UPDATE_KEYS);
	__type(key, __u32);
	__type(value, struct guarded);
} guarded SEC(".maps");

/* How many keys there are; what the programs have done, and seen. */
__u32 keys = UPDATE_KEYS;
__u64 turns, added, torn, seen;

static __always_inline __u32 next_key(void)
{
	return turns++ % keys;
}

/* By one, each word, as counters of packets are. */
SEC("xdp")
int add(struct xdp_md *ctx)
{
	__u32 key = next_key();
	struct counter *counter = bpf_map_lookup_elem(&counters, &key);

	if (!counter)
		return XDP_PASS;
	__sync_fetch_and_add(&counter->wide, 1);
	__sync_fetch_and_add(&counter->narrow, 1);
	added++;
	return XDP_PASS;
}

/* All fields follow the first one. */
static __always_inline void check(const struct guarded *now)
{
	seen++;
	if (now->twice != 2 * now->count || now->inverse != ~now->count)
		torn++;
}

SEC("xdp")
int count_locked(struct xdp_md *ctx)
{
	__u32 key = next_key();
	struct guarded *value = bpf_map_lookup_elem(&guarded, &key), now = {};

	if (!value)
		return XDP_PASS;
	bpf_spin_lock(&value->lock);
	now.count = value->count;
	now.twice = value->twice;
	now.inverse = value->inverse;
	value->count++;
	value->twice = 2 * value->count;
	value->inverse = ~value->count;
	bpf_spin_unlock(&value->lock);
	check(&now);
	return XDP_PASS;
}

/* Without the lock it has to see halves. */
SEC("xdp")
int read_unlocked(struct xdp_md *ctx)
{
	__u32 key = next_key();
	struct guarded *value = bpf_map_lookup_elem(&guarded, &key), now = {};

	if (!value)
		return XDP_PASS;
	now.count = *(volatile __u64 *)&value->count;
	now.twice = *(volatile __u64 *)&value->twice;
	now.inverse = *(volatile __u64 *)&value->inverse;
	check(&now);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
