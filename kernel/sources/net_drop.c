// SPDX-License-Identifier: GPL-2.0
/* Packets that the kernel drops, and why. Any context. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <compat.h>
#include "net.h"

#define FN(reason) \
	[SKB_DROP_REASON_##reason] = #reason,
static const char * const reasons[] = { DEFINE_DROP_REASON(FN, FN) };
#undef FN

/* What lies there, if so much of the packet does in one piece */
static const void *bytes_at(const struct sk_buff *skb, u32 offset, u32 size)
{
	return offset + size <= skb_tail_pointer(skb) - skb->head ? skb->head + offset : NULL;
}

static void fill_ports(struct net_drop *event, const struct sk_buff *skb, u32 offset)
{
	const __be16 *ports = bytes_at(skb, offset, 2 * sizeof(*ports));

	if (ports) {
		event->source_port = ntohs(ports[0]);
		event->destination_port = ntohs(ports[1]);
	}
}

/* After the IP header, where offset is 0 if it is a later fragment */
static void fill_protocol(struct net_drop *event, const struct sk_buff *skb, u8 protocol,
			  u32 offset)
{
	switch (protocol) {
	case IPPROTO_TCP:
		strscpy(event->protocol, "tcp", sizeof(event->protocol));
		break;
	case IPPROTO_UDP:
		strscpy(event->protocol, "udp", sizeof(event->protocol));
		break;
	case IPPROTO_ICMP:
		strscpy(event->protocol, "icmp", sizeof(event->protocol));
		return;
	case IPPROTO_ICMPV6:
		strscpy(event->protocol, "icmp6", sizeof(event->protocol));
		return;
	default:
		snprintf(event->protocol, sizeof(event->protocol), "%u", protocol);
		return;
	}
	if (offset)
		fill_ports(event, skb, offset);
}

static void fill_ip4(struct net_drop *event, const struct sk_buff *skb, u32 offset)
{
	const struct iphdr *ip = bytes_at(skb, offset, sizeof(*ip));

	if (!ip || ip->version != 4 || ip->ihl < 5)
		return;
	ipv6_addr_set_v4mapped(ip->saddr, &event->source);
	ipv6_addr_set_v4mapped(ip->daddr, &event->destination);
	fill_protocol(event, skb, ip->protocol,
		      ip->frag_off & htons(IP_OFFSET) ? 0 : offset + ip->ihl * 4);
}

/* What is behind extension headers is not looked for */
static void fill_ip6(struct net_drop *event, const struct sk_buff *skb, u32 offset)
{
	const struct ipv6hdr *ip = bytes_at(skb, offset, sizeof(*ip));

	if (!ip || ip->version != 6)
		return;
	event->source = ip->saddr;
	event->destination = ip->daddr;
	fill_protocol(event, skb, ip->nexthdr, offset + sizeof(*ip));
}

static void probe_drop(void *data, struct sk_buff *skb, void *location,
		       enum skb_drop_reason reason)
{
	struct kring_channel *channel = data;
	struct net_drop event;

	/* It belongs to nobody who would be known */
	if (!kring_wants(channel, NULL))
		return;
	memset(&event, 0, sizeof(event));
	event.length = skb->len;
	event.ethertype = ntohs(skb->protocol);
	/* At 0 there is none yet: then what lies there is no header */
	if (skb->network_header && skb->protocol == htons(ETH_P_IP))
		fill_ip4(&event, skb, skb->network_header);
	else if (skb->network_header && skb->protocol == htons(ETH_P_IPV6))
		fill_ip6(&event, skb, skb->network_header);
	if (!KRING_DROP_HAS_REASON)
		reason = SKB_DROP_REASON_NOT_SPECIFIED;
	if ((u32)reason < ARRAY_SIZE(reasons) && reasons[reason])
		strscpy(event.reason, reasons[reason], sizeof(event.reason));
	else
		snprintf(event.reason, sizeof(event.reason), "%u", reason);
	snprintf(event.location, sizeof(event.location), "%ps", location);
	/* What has no name is printed as an address: nobody is to see that */
	if (event.location[0] == '0')
		memset(event.location, 0, sizeof(event.location));
	kring_write(channel, EVENT_DROP, &event, sizeof(event));
}

static struct kring_probe probes[] = {
	{ "kfree_skb", probe_drop },
};

int net_drop_start(struct kring_channel *channel)
{
	return kring_probes_start(channel, probes, ARRAY_SIZE(probes));
}

void net_drop_stop(struct kring_channel *channel)
{
	kring_probes_stop(channel, probes, ARRAY_SIZE(probes));
}
