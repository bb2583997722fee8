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

/* What programs have to do otherwise, between a look-up and what comes of it: a function that is verified by itself. */
#define PAUSE_MAX 1000
__u32 pause;

__attribute__((noinline)) int do_other_things(__u32 rounds)
{
	__u32 sum = 0;

	for (__u32 i = 0; i < PAUSE_MAX && i < rounds; i++)
		sum += *(volatile __u32 *)&pause;
	return sum;
}

static __always_inline __u32 next_key(void)
{
	return turns++ % keys;
}

/* By one, each word, as counters of packets are. */
SEC("tc")
int add(struct __sk_buff *ctx)
{
	__u32 key = next_key();
	struct counter *counter = bpf_map_lookup_elem(&counters, &key);

	if (!counter)
		return 0;
	do_other_things(pause);
	__sync_fetch_and_add(&counter->wide, 1);
	__sync_fetch_and_add(&counter->narrow, 1);
	added++;
	return 0;
}

/* At the worst moment: another CPU has time to recycle whatever was found. */
SEC("perf_event")
int interrupt(void *ctx)
{
	return do_other_things(PAUSE_MAX) ? 0 : 1;
}

/* All fields follow the first one. */
static __always_inline void check(__u64 count, __u64 twice, __u64 inverse)
{
	seen++;
	if (twice != 2 * count || inverse != ~count)
		torn++;
}

SEC("tc")
int count_locked(struct __sk_buff *ctx)
{
	__u32 key = next_key();
	struct guarded *value = bpf_map_lookup_elem(&guarded, &key);
	__u64 count, twice, inverse;

	if (!value)
		return 0;
	do_other_things(pause);
	bpf_spin_lock(&value->lock);
	count = value->fields.count;
	twice = value->fields.twice;
	inverse = value->fields.inverse;
	value->fields.count = count + 1;
	value->fields.twice = 2 * (count + 1);
	value->fields.inverse = ~(count + 1);
	bpf_spin_unlock(&value->lock);
	check(count, twice, inverse);
	return 0;
}

/* Without the lock it has to see halves. */
SEC("tc")
int read_unlocked(struct __sk_buff *ctx)
{
	__u32 key = next_key();
	struct guarded *value = bpf_map_lookup_elem(&guarded, &key);
	__u64 count, twice;

	if (!value)
		return 0;
	count = value->fields.count;
	do_other_things(pause);
	twice = value->fields.twice;
	do_other_things(pause);
	check(count, twice, value->fields.inverse);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
