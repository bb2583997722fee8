/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* Packets: read, translated and sent on, or answered by a reset to both ends. */
#ifndef PACKET_BPF_H
#define PACKET_BPF_H

#define L4	(ETH_HLEN + sizeof(struct iphdr))

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

const volatile struct ct_link links[2]; /* by enum ct_dir */

struct packet {
	__u64 now; /* when the run began */
	struct iphdr ip;
	struct tcphdr tcp;
	__u8 flags;
	__u8 dir;
};

static __always_inline bool packet_read(struct __sk_buff *skb, struct packet *p)
{
	if (skb->protocol != bpf_htons(ETH_P_IP) ||
	    bpf_skb_load_bytes(skb, ETH_HLEN, &p->ip, sizeof(p->ip)) || p->ip.ihl != 5 ||
	    p->ip.protocol != IPPROTO_TCP || bpf_skb_load_bytes(skb, L4, &p->tcp, sizeof(p->tcp)))
		return false;
	p->flags = ((__u8 *)&p->tcp)[13];
	return true;
}

static __always_inline int packet_send(struct __sk_buff *skb, const volatile struct ct_link *to)
{
	__u8 macs[2 * ETH_ALEN];

	for (int i = 0; i < 2 * ETH_ALEN; i++)
		macs[i] = to->macs[i];
	bpf_skb_store_bytes(skb, 0, macs, sizeof(macs), 0);
	return bpf_redirect(to->ifindex, 0);
}

/* A new source where the client sent it, a new destination where the server did; and off it goes. */
static __always_inline int packet_translate(struct __sk_buff *skb, const struct packet *p,
					    __be32 addr, __be16 port)
{
	bool snat = p->dir == CT_FROM_CLIENT;
	__be32 old_addr = snat ? p->ip.saddr : p->ip.daddr;
	__be16 old_port = snat ? p->tcp.source : p->tcp.dest;
	__u32 addr_at =
		ETH_HLEN + (snat ? offsetof(struct iphdr, saddr) : offsetof(struct iphdr, daddr));
	__u32 port_at =
		L4 + (snat ? offsetof(struct tcphdr, source) : offsetof(struct tcphdr, dest));
	__u32 check_at = L4 + offsetof(struct tcphdr, check);

	bpf_l4_csum_replace(skb, check_at, old_addr, addr, BPF_F_PSEUDO_HDR | sizeof(addr));
	bpf_l4_csum_replace(skb, check_at, old_port, port, sizeof(port));
	bpf_l3_csum_replace(skb, ETH_HLEN + offsetof(struct iphdr, check), old_addr, addr,
			    sizeof(addr));
	bpf_skb_store_bytes(skb, addr_at, &addr, sizeof(addr), 0);
	bpf_skb_store_bytes(skb, port_at, &port, sizeof(port), 0);
	return packet_send(skb, &links[!p->dir]);
}

struct reset {
	__u8 macs[2 * ETH_ALEN];
	__be16 type;
	struct iphdr ip;
	struct tcphdr tcp;
} __attribute__((packed));

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

/* What is sent takes the place of the packet. */
static __noinline int reset_send(struct __sk_buff *skb, const struct ct_tuple *t, __u32 seq,
				 __u32 ack, __u32 dir)
{
	const volatile struct ct_link *to = &links[dir & 1];
	struct reset r = { .type = bpf_htons(ETH_P_IP) };
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.tot_len = bpf_htons(sizeof(r.ip) + sizeof(r.tcp)),
		.ttl = 64,
		.protocol = IPPROTO_TCP,
		.saddr = t->saddr,
		.daddr = t->daddr,
	};
	struct tcphdr tcp = {
		.source = t->sport,
		.dest = t->dport,
		.seq = seq,
		.ack_seq = ack,
		.doff = sizeof(r.tcp) / 4,
		.rst = 1,
		.ack = 1,
	};
	__be32 pseudo[] = { t->saddr, t->daddr, bpf_htonl(IPPROTO_TCP << 16 | sizeof(r.tcp)) };

	ip.check = fold(bpf_csum_diff(NULL, 0, (__be32 *)&ip, sizeof(ip), 0));
	tcp.check = fold(bpf_csum_diff(NULL, 0, (__be32 *)&tcp, sizeof(tcp),
				       bpf_csum_diff(NULL, 0, pseudo, sizeof(pseudo), 0)));
	for (int i = 0; i < 2 * ETH_ALEN; i++)
		r.macs[i] = to->macs[i];
	r.ip = ip;
	r.tcp = tcp;
	if (bpf_skb_store_bytes(skb, 0, &r, sizeof(r), 0))
		return -1;
	return bpf_clone_redirect(skb, to->ifindex, 0);
}

/*
 * As if each end had sent one to the other: with the numbers that this packet says they expect.
 * client: the connection as the client knows it; nat_port: its port as the server knows it.
 */
static __always_inline void reset_both(struct __sk_buff *skb, const struct packet *p,
				       const struct ct_tuple *client, __be16 nat_port)
{
	__u32 payload = bpf_ntohs(p->ip.tot_len) - sizeof(p->ip) - p->tcp.doff * 4;
	__be32 end = bpf_htonl(bpf_ntohl(p->tcp.seq) + payload + !!(p->flags & TCP_SYN) +
			       !!(p->flags & TCP_FIN));
	struct ct_tuple to_server = *client, to_client = *client;
	bool snat = p->dir == CT_FROM_CLIENT;

	to_server.saddr = bpf_htonl(CT_NAT);
	to_server.sport = nat_port;
	to_client.saddr = client->daddr;
	to_client.sport = client->dport;
	to_client.daddr = client->saddr;
	to_client.dport = client->sport;
	if (bpf_skb_change_tail(skb, sizeof(struct reset), 0))
		return;
	/* The end that this packet was for, then the one that it is from. */
	reset_send(skb, snat ? &to_server : &to_client, p->tcp.seq, p->tcp.ack_seq, !p->dir);
	reset_send(skb, snat ? &to_client : &to_server, p->tcp.ack_seq, end, p->dir);
}

#endif /* PACKET_BPF_H */
