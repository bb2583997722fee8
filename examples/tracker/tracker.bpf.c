// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Tracks TCP and UDP over IPv4 and IPv6: two entries for a connection, one for each direction, and one for
 * each host that sends. Attached to all interfaces of a router it sees both directions. It lets all packets pass.
 *
 * It keeps to the protocol of future words, see bpf_compare(7): the clock is read before any look-up, each
 * word is written by bpf_compare_store64(), each entry is created by bpf_compare_create64(), and none is deleted
 * here.
 */
#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_compare.bpf.h>

#include "flow.h"

#define WORD   0
#define CLAIMS CLAIM_FIRST, CLAIM_LAST

_Static_assert(offsetof(struct flow, expires) == WORD, "the word's place");
_Static_assert(offsetof(struct host, expires) == WORD, "the word's place");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct host_key);
	__type(value, struct host);
} hosts SEC(".maps");

const volatile __u64 idle_ns = 60 * SECOND;
__u64 untracked; /* packets that found no room, or an entry about to be deleted */

struct packet {
	struct flow_key key;
	__u64 now; /* when the run began */
	__u64 bytes;
	bool opens;
	bool closes;
};

/* These give what is behind the header; NULL where that is nothing that is tracked. */
static __always_inline void *read_ipv4(void *data, void *end, struct flow_key *key)
{
	struct iphdr *ip = data;

	/* Behind the first fragment there are no ports. */
	if ((void *)(ip + 1) > end || ip->ihl < 5 || ip->frag_off & bpf_htons(0x1fff))
		return NULL;
	key->saddr[2] = key->daddr[2] = bpf_htonl(0xffff);
	key->saddr[3] = ip->saddr;
	key->daddr[3] = ip->daddr;
	key->proto = ip->protocol;
	return data + ip->ihl * 4;
}

static __always_inline void *read_ipv6(void *data, void *end, struct flow_key *key)
{
	struct ipv6hdr *ip = data;

	if ((void *)(ip + 1) > end)
		return NULL;
	__builtin_memcpy(key->saddr, &ip->saddr, sizeof(key->saddr));
	__builtin_memcpy(key->daddr, &ip->daddr, sizeof(key->daddr));
	key->proto = ip->nexthdr;
	return ip + 1;
}

static __always_inline bool read_ports(void *data, void *end, struct packet *p)
{
	struct tcphdr *tcp = data;
	struct udphdr *udp = data;

	if (p->key.proto == IPPROTO_TCP && (void *)(tcp + 1) <= end) {
		p->opens = tcp->syn && !tcp->ack;
		p->closes = tcp->fin || tcp->rst;
	} else if (p->key.proto != IPPROTO_UDP || (void *)(udp + 1) > end) {
		return false;
	}
	/* Both begin with them. */
	p->key.sport = udp->source;
	p->key.dport = udp->dest;
	return true;
}

/* A packet to its own sender, which nobody sends but who forges it, has no other direction. */
static __always_inline bool goes_back(const struct flow_key *key)
{
	for (int i = 0; i < 4; i++)
		if (key->saddr[i] != key->daddr[i])
			return false;
	return key->sport == key->dport;
}

static __always_inline bool read_packet(struct xdp_md *ctx, struct packet *p)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return false;
	p->bytes = end - data;
	data = eth + 1;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		data = read_ipv4(data, end, &p->key);
	else if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		data = read_ipv6(data, end, &p->key);
	else
		return false;
	return data && read_ports(data, end, p) && !goes_back(&p->key);
}

static __always_inline int store(void *value, const struct packet *p, __u64 lifetime)
{
	return bpf_compare_store64(value, WORD, p->now + lifetime, p->now, MARGIN, CLAIMS);
}

static __always_inline int create(void *map, const void *key, const void *value)
{
	int answer = bpf_compare_create64(map, key, value, WORD, CLAIMS);

	/* Another CPU was first. */
	return answer == BPF_COMPARE_EXISTS ? BPF_COMPARE_DONE : answer;
}

static __always_inline void reverse(const struct flow_key *key, struct flow_key *back)
{
	__builtin_memcpy(back->saddr, key->daddr, sizeof(back->saddr));
	__builtin_memcpy(back->daddr, key->saddr, sizeof(back->daddr));
	back->sport = key->dport;
	back->dport = key->sport;
	back->proto = key->proto;
}

static __always_inline int open_flow(const struct packet *p, const struct flow_key *back)
{
	struct flow flow = { .expires = p->now + idle_ns };
	int answer = create(&flows, back, &flow);

	flow.packets = 1;
	flow.bytes = p->bytes;
	return answer == BPF_COMPARE_DONE ? create(&flows, &p->key, &flow) : answer;
}

static __always_inline void close_flow(const struct packet *p, const struct flow_key *key)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	if (flow && store(flow, p, CLOSING) == BPF_COMPARE_DONE)
		flow->closing = 1;
}

static __noinline int track_flow(const struct packet *p)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, &p->key);
	struct flow_key back;
	bool closing;
	int answer;

	reverse(&p->key, &back);
	if (!flow)
		return p->closes ? BPF_COMPARE_DONE : open_flow(p, &back);
	closing = p->closes || (flow->closing && !p->opens);
	answer = store(flow, p, closing ? CLOSING : idle_ns);
	if (answer != BPF_COMPARE_DONE)
		return answer;
	flow->closing = closing;
	__sync_fetch_and_add(&flow->packets, 1);
	__sync_fetch_and_add(&flow->bytes, p->bytes);
	if (p->closes)
		close_flow(p, &back);
	return answer;
}

static __noinline int track_host(const struct packet *p)
{
	struct host *host, fresh = { p->now + idle_ns, 1 };
	struct host_key key;
	int answer;

	__builtin_memcpy(key.addr, p->key.saddr, sizeof(key.addr));
	host = bpf_map_lookup_elem(&hosts, &key);
	if (!host)
		return create(&hosts, &key, &fresh);
	answer = store(host, p, idle_ns);
	if (answer == BPF_COMPARE_DONE)
		__sync_fetch_and_add(&host->packets, 1);
	return answer;
}

SEC("xdp")
int track(struct xdp_md *ctx)
{
	struct packet p = { .now = bpf_ktime_get_ns() };

	/* The collector takes a claimed entry for one that is gone, and so does the next packet. */
	if (read_packet(ctx, &p) && (track_flow(&p) || track_host(&p)))
		__sync_fetch_and_add(&untracked, 1);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
