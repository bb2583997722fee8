// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A sweep as one might write it: what matches is deleted by the key that lies in the element, whatever key has
 * that by then.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u64[2]);
} target SEC(".maps");

__u64 sink;

/* So that a test need not wait for the worst moment: some microseconds. */
static __attribute__((noinline)) int take_a_pause(__u32 length)
{
	for (__u32 i = 0; i < 100; i++)
		sink += bpf_ktime_get_ns() + length;
	return sink;
}

static long visit(void *map, const __u64 *key, __u64 *value, void *unused)
{
	if (!value[0])
		return 0;
	take_a_pause(1);
	bpf_map_delete_elem(map, key);
	return 0;
}

SEC("syscall")
int naive(void *context)
{
	bpf_for_each_map_elem(&target, visit, NULL, 0);
	return 0;
}
