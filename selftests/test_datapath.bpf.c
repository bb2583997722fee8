// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Every function of bpf_compare.bpf.h, in programs of all the types it is for.
 */
#include <linux/bpf.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_compare.bpf.h>
#include "datapath_shared.h"

struct request request;
int answer;
__u32 found;  /* a refresh that was handed a look-up left the value that it is true of */
__u32 fired;  /* timers */
__u64 claims; /* that were taken */

struct entry {
	__u32 first;
	__u32 word32;
	__u64 word64;
	__u64 after;
};

struct locked_entry {
	struct bpf_spin_lock lock;
	__u32 word32;
	__u64 word64;
	__u64 after;
};

/* Its type is set before loading. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct entry);
} plain SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct locked_entry);
} locked SEC(".maps");

#define AT32   offsetof(struct entry, word32)
#define AT64   offsetof(struct entry, word64)
#define CLAIMS CLAIM_FIRST, CLAIM_LAST

static __always_inline int is_claimed(void *value)
{
	if (!value)
		return BPF_COMPARE_NO_ENTRY;
	return request.bits == 32 ? bpf_compare_is_claimed32(value, AT32, CLAIMS)
				  : bpf_compare_is_claimed64(value, AT64, CLAIMS);
}

static __always_inline int is_ahead(void *value)
{
	if (!value)
		return BPF_COMPARE_NO_ENTRY;
	return request.bits == 32
		       ? bpf_compare_is_ahead32(value, AT32, request.now, MARGIN, CLAIMS)
		       : bpf_compare_is_ahead64(value, AT64, request.now, MARGIN, CLAIMS);
}

static __always_inline int store(void *value)
{
	if (!value)
		return BPF_COMPARE_NO_ENTRY;
	return request.bits == 32
		       ? bpf_compare_store32(value, AT32, request.word, request.now, MARGIN, CLAIMS)
		       : bpf_compare_store64(value, AT64, request.word, request.now, MARGIN,
					     CLAIMS);
}

static __always_inline int refresh_at(__u32 *key)
{
	void *value = bpf_map_lookup_elem(&plain, key);
	struct entry *entry;
	int got;

	if (request.operation == REFRESH_STAMPED)
		got = bpf_compare_refresh_stamped(&plain, key, &value, AT64, request.word, CLAIMS);
	else if (request.bits == 32)
		got = bpf_compare_refresh_at32(&plain, key, &value, AT32, request.word, CLAIMS);
	else
		got = bpf_compare_refresh_at64(&plain, key, &value, AT64, request.word, CLAIMS);
	entry = value;
	found = entry && entry->after == 77;
	return got;
}

static __always_inline int delete (__u32 *key)
{
	__u64 claim = request.claim;

	if (!claim)
		claim = BPF_COMPARE_CLAIM(claims, CLAIM_FIRST, CLAIM_LAST);
	if (request.operation == REMOVE)
		return request.bits == 32 ? bpf_compare_remove32(&plain, key, AT32, claim, CLAIMS)
					  : bpf_compare_remove64(&plain, key, AT64, claim, CLAIMS);
	return request.bits == 32
		       ? bpf_compare_delete32(&plain, key, AT32, request.word, claim, CLAIMS)
		       : bpf_compare_delete64(&plain, key, AT64, request.word, claim, CLAIMS);
}

static __always_inline void serve(void)
{
	__u32 key = request.key;
	struct entry value = {
		.word32 = request.word,
		.word64 = request.word,
		.after = 77,
	};

	switch (request.operation) {
	case IS_CLAIMED:
		answer = is_claimed(bpf_map_lookup_elem(&plain, &key));
		break;
	case REFRESH:
		if (request.bits == 32)
			answer = bpf_compare_refresh32(&plain, &key, AT32, request.word, CLAIMS);
		else
			answer = bpf_compare_refresh64(&plain, &key, AT64, request.word, CLAIMS);
		break;
	case CREATE:
		if (request.bits == 32)
			answer = bpf_compare_create32(&plain, &key, &value, AT32, CLAIMS);
		else
			answer = bpf_compare_create64(&plain, &key, &value, AT64, CLAIMS);
		break;
	case IS_AHEAD:
		answer = is_ahead(bpf_map_lookup_elem(&plain, &key));
		break;
	case STORE:
		answer = store(bpf_map_lookup_elem(&plain, &key));
		break;
	case REFRESH_AT:
	case REFRESH_STAMPED:
		answer = refresh_at(&key);
		break;
	case DELETE:
	case REMOVE:
		answer = delete (&key);
		break;
	}
}

static __always_inline void serve_locked(void)
{
	__u32 key = request.key;
	struct locked_entry value = {
		.word32 = request.word,
		.word64 = request.word,
		.after = 77,
	};

	switch (request.operation) {
	case IS_CLAIMED:
		answer = is_claimed(bpf_map_lookup_elem(&locked, &key));
		break;
	case REFRESH:
		if (request.bits == 32)
			answer = bpf_compare_refresh_locked32(&locked, &key, 0, AT32, request.word,
							      CLAIMS);
		else
			answer = bpf_compare_refresh_locked64(&locked, &key, 0, AT64, request.word,
							      CLAIMS);
		break;
	case CREATE:
		if (request.bits == 32)
			answer = bpf_compare_create32(&locked, &key, &value, AT32, CLAIMS);
		else
			answer = bpf_compare_create64(&locked, &key, &value, AT64, CLAIMS);
		break;
	}
}

#define PROGRAM(section, name, work)                                                               \
	SEC(section)                                                                               \
	int name(void *context)                                                                    \
	{                                                                                          \
		work();                                                                            \
		return 0;                                                                          \
	}

PROGRAM("xdp", in_xdp, serve)
PROGRAM("xdp", in_xdp_locked, serve_locked)
PROGRAM("tc", in_tc, serve)
PROGRAM("tc", in_tc_locked, serve_locked)
PROGRAM("cgroup_skb/egress", in_cgroup_skb, serve)
PROGRAM("cgroup_skb/egress", in_cgroup_skb_locked, serve_locked)
/* The kernel has no spin locks for these. */
PROGRAM("syscall", in_syscall, serve)
PROGRAM("raw_tracepoint", in_raw_tracepoint, serve)
PROGRAM("tracepoint", in_tracepoint, serve)

/* In the callback of a walk through a map, and of a timer. */
struct timed {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct timed);
} timers SEC(".maps");

static long serve_element(void *map, const void *key, void *value, void *context)
{
	serve();
	return 1;
}

static long serve_in_for_each(void)
{
	return bpf_for_each_map_elem(&timers, serve_element, NULL, 0);
}

static int serve_when_fired(void *map, __u32 *key, struct timed *value)
{
	serve();
	__sync_fetch_and_add(&fired, 1);
	return 0;
}

static __always_inline void serve_in_timer(void)
{
	struct timed *timed = bpf_map_lookup_elem(&timers, &(__u32){ 0 });

	if (!timed)
		return;
	bpf_timer_init(&timed->timer, &timers, 1 /* CLOCK_MONOTONIC */);
	bpf_timer_set_callback(&timed->timer, serve_when_fired);
	bpf_timer_start(&timed->timer, 0, 0);
}

PROGRAM("xdp", in_for_each, serve_in_for_each)
PROGRAM("tc", in_timer, serve_in_timer)

char _license[] SEC("license") = "Dual BSD/GPL";
