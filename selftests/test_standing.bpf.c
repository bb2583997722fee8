// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Sees each moment in which a thread loses its CPU, and whether a claim stands then.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include "standing_shared.h"

#define ENTRIES_MAP(name)                                                                          \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_HASH);                                                   \
		__uint(max_entries, KEYS);                                                         \
		__type(key, __u32);                                                                \
		__type(value, struct entry);                                                       \
	} name SEC(".maps")

ENTRIES_MAP(entries);
ENTRIES_MAP(linked_entries);

/* Such a map no program can look at that sees how CPUs are given to threads. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct locked_entry);
} locked_entries SEC(".maps");

__u32 collector;
__u64 switches, standing;

static long see_entry(void *map, const __u32 *key, struct entry *entry, bool *stands)
{
	if (entry->word != CLAIM)
		return 0;
	*stands = true;
	return 1;
}

SEC("raw_tp/sched_switch")
int see_switch(void *context)
{
	bool stands = false;

	if ((__u32)bpf_get_current_pid_tgid() != collector)
		return 0;
	bpf_for_each_map_elem(&entries, see_entry, &stands, 0);
	if (!stands)
		bpf_for_each_map_elem(&linked_entries, see_entry, &stands, 0);
	switches++;
	standing += stands;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
