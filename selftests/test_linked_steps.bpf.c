// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Interrupts whoever deletes linked entries, wherever he is: an entry that is not claimed yet is deleted and
 * created anew, and its element becomes another key's, which carries the expected word.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <bpf/bpf_helpers.h>

__u32 recycled; /* this key's entry, */
__u32 other;	/* and whose its element becomes */
__u64 word, newer;
__u32 steps; /* that were done since the last call */
int err;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} target SEC(".maps");

SEC("perf_event")
int step_in(void *context)
{
	__u32 from = recycled, to = other;
	__u64 was = word, is = newer, *now = bpf_map_lookup_elem(&target, &from);

	if (!now || *now != was)
		return 0;
	/* What is freed first is taken first. */
	err = bpf_map_delete_elem(&target, &from);
	if (!err)
		err = bpf_map_update_elem(&target, &to, &was, BPF_NOEXIST);
	if (!err)
		err = bpf_map_update_elem(&target, &from, &is, BPF_NOEXIST);
	steps++;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
