// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A datapath that tracks TCP connections and masquerades them, in the manner of Cilium's and Calico's:
 * at the ingress of a router's two devices, with an LRU map of connections and one of NAT mappings.
 * What its entries live by is a word: until when they are known.
 *
 * It also is the judge of whoever collects from these maps. With each packet that it lets pass it has
 * written a word, and writes the same one down as a promise (oracle.bpf.h) where nobody deletes. An
 * entry or a mapping that is gone while the promise holds was deleted by mistake: the connection is
 * broken, and both ends are told by a reset, so that they count it as well. Where the promise has run
 * out the connection timed out, which is nobody's mistake: it is taken up again by the next packet of
 * either end, by what the judge remembers of it, and neither ever knows. An entry that has expired and
 * is still there serves on, as it does elsewhere; that renews the promise, and is what a collector must
 * not overlook.
 *
 * This is exact. The promise is made and judged by the clock reading and in the run by which the entry
 * was written, and all runs go one after the other, on one CPU, to which the kernel steers what comes in
 * by both devices; runs that overlapped would be counted. The datapath's own deletes end the promise in
 * the same run. What is evicted would show as entries that nobody is known to have deleted. Not counted
 * is what nobody needed: what was deleted by mistake, and not looked for before the promise ran out.
 *
 * As runs go one after the other, no element can be made another key's between a run's look-up and its
 * write: what the protocol promises less of elsewhere, see bpf_compare_store64(), is not tried here.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_compare.bpf.h>

#include "ct.h"
#include "way.bpf.h"
#include "packet.bpf.h"
#include "oracle.bpf.h"
#include "nat.bpf.h"
#include "table.bpf.h"

__u32 running;

static __noinline int drop_broken(struct __sk_buff *skb, const struct packet *p,
				  const struct ct_tuple *client, struct promise *promise)
{
	if (!promise->broken)
		count(broken);
	else
		count(stray);
	promise->broken = 1;
	promise->until = 0;
	if (!(p->flags & TCP_RST))
		reset_both(skb, p, client, promise->port);
	return TC_ACT_SHOT;
}

/* Neither refreshed nor created, or without its mapping. held: the promise as it was. */
static __always_inline int drop(struct __sk_buff *skb, const struct packet *p,
				const struct ct_tuple *client, struct promise *promise, bool held,
				int answer)
{
	if (held || promise->broken)
		return drop_broken(skb, p, client, promise);
	if (answer < 0)
		count(failed);
	else if (answer == BPF_COMPARE_CLAIMED || answer == BPF_COMPARE_BUSY)
		count(claimed);
	else
		count(stray);
	return TC_ACT_SHOT;
}

static __always_inline int translate(struct __sk_buff *skb, const struct packet *p,
				     const struct ct_tuple *client, __be16 port)
{
	if (p->dir == CT_FROM_CLIENT)
		return packet_translate(skb, p, bpf_htonl(CT_NAT), port);
	return packet_translate(skb, p, client->saddr, client->sport);
}

/* The first packet of a connection: its entry is there, and needs mappings. */
static __noinline int send_first(struct __sk_buff *skb, const struct packet *p,
				 const struct ct_tuple *client, struct promise *promise)
{
	__be16 port = nat_open(client, p->now);

	if (!port) {
		/* A mapping is about to be deleted, and without it the entry is of no use. */
		count(claimed);
		ct_remove(client, promise);
		return TC_ACT_SHOT;
	}
	promise->port = port;
	return translate(skb, p, client, port);
}

/* A SYN: of a new connection, or of one whose entry is still there. */
static __noinline int open_conn(struct __sk_buff *skb, const struct packet *p,
				const struct ct_tuple *client, struct promise *promise)
{
	bool held = promise_holds(promise, p->now);
	int answer = ct_refresh(client, p, promise);

	if (answer != BPF_COMPARE_DONE && held && promise->until)
		count(vanished);
	if (answer != BPF_COMPARE_DONE)
		promise->until = 0;
	promise->broken = 0;
	if (answer == BPF_COMPARE_NO_ENTRY)
		answer = ct_create(client, p, promise);
	if (answer != BPF_COMPARE_DONE)
		return drop(skb, p, client, promise, false, answer);
	return send_first(skb, p, client, promise);
}

/*
 * Any other packet. The mapping is looked for once the connection has answered, as nobody deletes it
 * from then on: again, where it was what led to the connection.
 */
static __noinline int go_on(struct __sk_buff *skb, const struct packet *p,
			    const struct ct_tuple *client, const struct ct_tuple *nat_key,
			    struct promise *promise)
{
	bool held = promise_holds(promise, p->now), resets = p->flags & TCP_RST;
	int answer = resets ? ct_remove(client, promise) : ct_refresh(client, p, promise);
	const struct nat_entry *mapping;

	if (answer == BPF_COMPARE_NO_ENTRY && !held && !promise->broken && !resets) {
		answer = ct_create(client, p, promise); /* it timed out, and is taken up */
		if (answer == BPF_COMPARE_DONE)
			return send_first(skb, p, client, promise);
	}
	if (answer != BPF_COMPARE_DONE)
		return drop(skb, p, client, promise, held, answer);

	mapping = nat_lookup(nat_key);
	if (mapping)
		return packet_translate(skb, p, mapping->addr, mapping->port);
	if (held)
		return drop_broken(skb, p, client, promise);
	return send_first(skb, p, client, promise);
}

static __always_inline int from_client(struct __sk_buff *skb, const struct packet *p,
				       const struct ct_tuple *key)
{
	struct promise *promise = promise_get(key);

	if (!promise) {
		count(failed);
		return TC_ACT_SHOT;
	}
	if (opens(p))
		return open_conn(skb, p, key, promise);
	return go_on(skb, p, key, key, promise);
}

/* Whose connection it is a reply's mapping tells; where that is gone, the judge knows. */
static __always_inline int from_server(struct __sk_buff *skb, const struct packet *p,
				       const struct ct_tuple *key)
{
	const struct nat_entry *mapping = nat_lookup(key);
	struct ct_tuple *owner = bpf_map_lookup_elem(&owners, key), client;
	struct promise *promise;

	if (!owner) {
		count(stray);
		return TC_ACT_SHOT;
	}
	client = *owner;
	if (mapping) {
		client.saddr = mapping->addr;
		client.sport = mapping->port;
	}
	promise = promise_get(&client);
	if (!promise) {
		count(failed);
		return TC_ACT_SHOT;
	}
	return go_on(skb, p, &client, key, promise);
}

static __always_inline int track(struct __sk_buff *skb, enum ct_dir dir)
{
	struct packet p = { .now = bpf_ktime_get_ns(), .dir = dir };
	struct ct_tuple key = { .proto = IPPROTO_TCP, .dir = dir };
	int verdict = TC_ACT_SHOT;

	if (__sync_fetch_and_add(&running, 1))
		count(overlaps);
	if (packet_read(skb, &p)) {
		count(packets);
		key.saddr = p.ip.saddr;
		key.daddr = p.ip.daddr;
		key.sport = p.tcp.source;
		key.dport = p.tcp.dest;
		if (dir == CT_FROM_CLIENT)
			verdict = from_client(skb, &p, &key);
		else
			verdict = from_server(skb, &p, &key);
	}
	if (bpf_ktime_get_ns() - p.now > CT_MARGIN)
		count(overlong);
	__sync_fetch_and_add(&running, -1);
	return verdict;
}

SEC("tc")
int track_client(struct __sk_buff *skb)
{
	return track(skb, CT_FROM_CLIENT);
}

SEC("tc")
int track_server(struct __sk_buff *skb)
{
	return track(skb, CT_FROM_SERVER);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
