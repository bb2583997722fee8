/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What the datapath has promised, written down where nobody deletes: of each tuple until when its
 * connection is known, which is the last word that counted. See conntrack.bpf.c for why it is exact.
 */
#ifndef ORACLE_BPF_H
#define ORACLE_BPF_H

struct promise {
	__u64 until; /* 0: nothing is promised */
	__be16 port; /* of NAT, for resets when the mapping is gone */
	__u8 broken; /* until it is opened again */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct ct_tuple);
	__type(value, struct promise);
	__uint(max_entries, 65536);
} promises SEC(".maps");

/* Whose mapping a reverse one is, or was. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct ct_tuple);
	__type(value, struct ct_tuple);
	__uint(max_entries, 65536);
} owners SEC(".maps");

struct ct_counters counters;

#define count(what) __sync_fetch_and_add(&counters.what, 1)

/* NULL where it is full, which it is not: then the packet is dropped. */
static __always_inline struct promise *promise_get(const struct ct_tuple *client)
{
	struct promise *promise = bpf_map_lookup_elem(&promises, client), none = {};

	if (promise)
		return promise;
	bpf_map_update_elem(&promises, client, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&promises, client);
}

static __always_inline bool promise_holds(const struct promise *promise, __u64 now)
{
	return promise->until > now;
}

#endif /* ORACLE_BPF_H */
