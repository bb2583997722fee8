/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Masquerading: a mapping for each direction, in one map. Both are made, or put to use again, after
 * the connection's entry: so a collector that finds no entry while it has a mapping claimed deletes
 * none that is in use. For that a mapping has a word of its own, which is written then.
 */
#ifndef NAT_BPF_H
#define NAT_BPF_H

#define NAT_TRIES 4

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct ct_tuple);
	__type(value, struct nat_entry);
	__uint(max_entries, 65536);
} nat SEC(".maps");

static __always_inline void nat_reverse_key(struct ct_tuple *key, const struct ct_tuple *client,
					    __be16 port)
{
	*key = (struct ct_tuple){
		.saddr = client->daddr,
		.sport = client->dport,
		.daddr = bpf_htonl(CT_NAT),
		.dport = port,
		.proto = client->proto,
		.dir = CT_FROM_SERVER,
	};
}

/* NULL: no mapping, or none to count on any longer. */
static __always_inline const struct nat_entry *nat_lookup(const struct ct_tuple *key)
{
	const struct nat_entry *entry = bpf_map_lookup_elem(&nat, key);

	return entry && !word_is_claimed(entry) ? entry : NULL;
}

/* Makes the mapping, or puts it to use again. BPF_COMPARE_EXISTS: it leads elsewhere. */
static __noinline int nat_have(const struct ct_tuple *key, const struct nat_entry *wanted,
			       __u64 now)
{
	struct nat_entry *entry = bpf_map_lookup_elem(&nat, key);
	int answer;

	if (!entry)
		return entry_create(&nat, key, wanted);
	if (entry->addr != wanted->addr || entry->port != wanted->port)
		return BPF_COMPARE_EXISTS;
	answer = word_store(entry, wanted->expires, now);
	if (answer == BPF_COMPARE_DONE)
		count(adopted);
	return answer;
}

/* The port, or 0. The client's own if that is free, as others do; the one that it has already, if any. */
static __noinline __be16 nat_open(const struct ct_tuple *client, __u64 now)
{
	struct nat_entry forward = {
		.expires = now + CT_SYN_LIFE,
		.addr = bpf_htonl(CT_NAT),
		.port = client->sport,
	};
	struct nat_entry reverse = {
		.expires = now + CT_SYN_LIFE,
		.addr = client->saddr,
		.port = client->sport,
	};
	struct ct_tuple forward_key = *client, reverse_key;
	const struct nat_entry *had = nat_lookup(&forward_key);
	int answer = BPF_COMPARE_EXISTS;

	if (had)
		forward.port = had->port;
	for (int i = 0; i < NAT_TRIES && answer == BPF_COMPARE_EXISTS; i++) {
		if (i)
			forward.port = bpf_htons(32768 + bpf_get_prandom_u32() % 28232);
		nat_reverse_key(&reverse_key, client, forward.port);
		answer = nat_have(&reverse_key, &reverse, now);
	}
	if (answer == BPF_COMPARE_DONE)
		answer = nat_have(&forward_key, &forward, now);
	if (answer != BPF_COMPARE_DONE)
		return 0;
	bpf_map_update_elem(&owners, &reverse_key, client, BPF_ANY);
	return forward.port;
}

#endif /* NAT_BPF_H */
