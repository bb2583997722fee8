/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* The table of connections: looked up, refreshed, opened, closed. */
#ifndef TABLE_BPF_H
#define TABLE_BPF_H

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct ct_tuple);
	__type(value, struct ct_entry);
	__uint(max_entries, 65536);
} conns SEC(".maps");

static __always_inline bool opens(const struct packet *p)
{
	return (p->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

static __always_inline __u32 ct_next_state(__u32 state, const struct packet *p)
{
	if (opens(p))
		return CT_SYN_SENT;
	if (state == CT_CLOSING || p->flags & TCP_FIN)
		return CT_CLOSING;
	if (state == CT_SYN_SENT && p->dir == CT_FROM_SERVER)
		return CT_SYN_SENT;
	return CT_ACTIVE;
}

static __always_inline __u64 ct_lifetime(__u32 state)
{
	return state == CT_SYN_SENT  ? CT_SYN_LIFE
	       : state == CT_CLOSING ? CT_CLOSE_LIFE
				     : CT_ACTIVE_LIFE;
}

/* From here on nothing is promised. The mappings stay, for the next connection or the collector. */
static __noinline int ct_remove(const struct ct_tuple *key, struct promise *promise)
{
	int answer = entry_remove(&conns, key);

	if (answer == BPF_COMPARE_DONE) {
		count(removed);
		promise->until = 0;
	}
	return answer;
}

/* Of the two manners to open a closed connection again, each is half of the clients' ports'. */
static __always_inline bool opens_anew(const struct ct_tuple *key)
{
	return key->sport & bpf_htons(1);
}

/*
 * Refreshes the packet's entry, also one that has expired but is there; the end of a connection cuts
 * its lifetime short. A SYN opens it again in place, as Cilium does; or, where it was closed, deletes
 * it, as Calico does: then there is none.
 */
static __noinline int ct_refresh(const struct ct_tuple *key, const struct packet *p,
				 struct promise *promise)
{
	struct ct_entry *entry = bpf_map_lookup_elem(&conns, key);
	__u64 was, word;
	__u32 state;
	int answer;

	if (!entry)
		return BPF_COMPARE_NO_ENTRY;
	was = entry->expires;
	if (was + CT_MARGIN < p->now)
		count(late);
	if (opens(p) && entry->state == CT_CLOSING && opens_anew(key)) {
		answer = ct_remove(key, promise);
		return answer == BPF_COMPARE_DONE ? BPF_COMPARE_NO_ENTRY : answer;
	}
	state = ct_next_state(entry->state, p);
	word = p->now + ct_lifetime(state);
	answer = word_store(entry, word, p->now);
	if (answer != BPF_COMPARE_DONE)
		return answer;
	if (opens(p) && entry->state != CT_SYN_SENT) {
		count(reopened);
		__builtin_memset(entry->packets, 0, sizeof(entry->packets));
		__builtin_memset(entry->seen, 0, sizeof(entry->seen));
	} else {
		count(refreshed);
	}
	entry->state = state;
	entry->packets[p->dir & 1]++;
	entry->seen[p->dir & 1] |= p->flags;
	promise->until = word;
	return BPF_COMPARE_DONE;
}

static __noinline int ct_create(const struct ct_tuple *key, const struct packet *p,
				struct promise *promise)
{
	bool replies = p->dir == CT_FROM_SERVER;
	struct ct_entry entry = {
		.state = ct_next_state(opens(p) ? CT_SYN_SENT : CT_ACTIVE, p),
		.packets = { !replies, replies },
		.seen = { replies ? 0 : p->flags, replies ? p->flags : 0 },
	};
	int answer;

	entry.expires = p->now + ct_lifetime(entry.state);
	answer = entry_create(&conns, key, &entry);
	if (answer != BPF_COMPARE_DONE)
		return answer;
	if (opens(p))
		count(created);
	else
		count(taken_up);
	promise->until = entry.expires;
	return BPF_COMPARE_DONE;
}

#endif /* TABLE_BPF_H */
