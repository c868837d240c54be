// SPDX-License-Identifier: GPL-2.0
/*
 * Connections of TCP and UDP, and packets that are dropped.
 *
 * Who: the task that connected or accepted, where that was seen. Otherwise (the
 * socket is older than the reader, or too many are open) pid, tgid, ppid are 0
 * and comm is empty; uid is the socket's owner, and cgroup the one that the
 * socket was made in.
 */
#include <linux/cgroup.h>
#include <linux/ipv6.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include "net.h"

struct net_connect {
	struct kring_who who;
	struct net_flow flow;
	s32 result;
	u32 reserved0;
};

struct net_accept {
	struct kring_who who;
	struct net_flow flow;
};

struct net_close {
	struct kring_who who;
	struct net_flow flow;
	u64 sent;			/* bytes that programs sent */
	u64 received;			/* of UDP: that programs took */
	u64 duration;			/* ns; 0: unknown */
	u8 complete;			/* no byte was missed */
	u8 reserved0[7];
};

#define FLOW_FIELDS(type)							\
	KRING_FIELD_NAMED(type, flow.protocol, "protocol", KRING_KIND_TEXT),	\
	KRING_FIELD_NAMED(type, flow.local, "local", KRING_KIND_ADDRESS),	\
	KRING_FIELD_NAMED(type, flow.local_port, "local_port", KRING_KIND_UNSIGNED), \
	KRING_FIELD_NAMED(type, flow.remote, "remote", KRING_KIND_ADDRESS),	\
	KRING_FIELD_NAMED(type, flow.remote_port, "remote_port", KRING_KIND_UNSIGNED)

static const struct kring_field connect_fields[] = {
	KRING_WHO_FIELDS(struct net_connect),
	FLOW_FIELDS(struct net_connect),
	KRING_FIELD(struct net_connect, result, KRING_KIND_RESULT),
};

static const struct kring_field accept_fields[] = {
	KRING_WHO_FIELDS(struct net_accept),
	FLOW_FIELDS(struct net_accept),
};

static const struct kring_field close_fields[] = {
	KRING_WHO_FIELDS(struct net_close),
	FLOW_FIELDS(struct net_close),
	KRING_FIELD(struct net_close, sent, KRING_KIND_UNSIGNED),
	KRING_FIELD(struct net_close, received, KRING_KIND_UNSIGNED),
	KRING_FIELD(struct net_close, complete, KRING_KIND_BOOL),
	KRING_FIELD(struct net_close, duration, KRING_KIND_UNSIGNED),
};

static const struct kring_field drop_fields[] = {
	KRING_FIELD(struct net_drop, protocol, KRING_KIND_TEXT),
	KRING_FIELD(struct net_drop, source, KRING_KIND_ADDRESS),
	KRING_FIELD(struct net_drop, source_port, KRING_KIND_UNSIGNED),
	KRING_FIELD(struct net_drop, destination, KRING_KIND_ADDRESS),
	KRING_FIELD(struct net_drop, destination_port, KRING_KIND_UNSIGNED),
	KRING_FIELD(struct net_drop, ethertype, KRING_KIND_HEX),
	KRING_FIELD(struct net_drop, length, KRING_KIND_UNSIGNED),
	KRING_FIELD(struct net_drop, reason, KRING_KIND_TEXT),
	KRING_FIELD(struct net_drop, location, KRING_KIND_TEXT),
};

static const struct kring_event_type net_types[] = {
	{ "connect", EVENT_CONNECT, ARRAY_SIZE(connect_fields), sizeof(struct net_connect),
	  connect_fields, .critical = true },
	{ "accept", EVENT_ACCEPT, ARRAY_SIZE(accept_fields), sizeof(struct net_accept),
	  accept_fields, .critical = true },
	{ "close", EVENT_CLOSE, ARRAY_SIZE(close_fields), sizeof(struct net_close),
	  close_fields, .critical = true },
	{ "drop", EVENT_DROP, ARRAY_SIZE(drop_fields), sizeof(struct net_drop),
	  drop_fields },
};

void net_flow_fill(struct net_flow *flow, const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);

	*flow = (struct net_flow) {
		.local_port = ntohs(inet->inet_sport),
		.remote_port = ntohs(inet->inet_dport),
	};
	if (sk->sk_family == AF_INET6) {
		flow->local = sk->sk_v6_rcv_saddr;
		flow->remote = sk->sk_v6_daddr;
	} else {
		ipv6_addr_set_v4mapped(inet->inet_saddr, &flow->local);
		ipv6_addr_set_v4mapped(inet->inet_daddr, &flow->remote);
	}
	strscpy(flow->protocol, sk->sk_protocol == IPPROTO_TCP ? "tcp" : "udp",
		sizeof(flow->protocol));
}

/* What to remember of a socket that the current task connects or accepts */
struct net_socket net_socket_of(struct kring_channel *channel, const struct sock *sk)
{
	struct net_socket socket = {
		.sk = sk,
		.since = ktime_get_mono_fast_ns(),
		.wanted = kring_wants(channel, current),
	};

	kring_who_fill(&socket.who, current);
	return socket;
}

static bool wanted(struct kring_channel *channel, const struct net_socket *socket)
{
	return socket->sk ? socket->wanted : kring_wants(channel, NULL);
}

static void fill_who(struct kring_who *who, const struct sock *sk,
		     const struct net_socket *socket)
{
	if (socket->sk) {
		*who = socket->who;
		return;
	}
	*who = (struct kring_who) {
		.uid = from_kuid(&init_user_ns, READ_ONCE(sk->sk_uid)),
#ifdef CONFIG_SOCK_CGROUP_DATA
		.cgroup = cgroup_id(sock_cgroup_ptr((void *)&sk->sk_cgrp_data)),
#endif
	};
}

void net_report_connect(struct kring_channel *channel, const struct sock *sk,
			const struct net_socket *socket, const struct net_flow *flow,
			int result)
{
	struct kring_slot slot;
	struct net_connect *event;

	if (!wanted(channel, socket))
		return;
	event = kring_reserve(channel, &slot, EVENT_CONNECT, sizeof(*event));
	if (!event)
		return;
	fill_who(&event->who, sk, socket);
	event->flow = *flow;
	event->result = result;
	event->reserved0 = 0;
	kring_commit(&slot);
}

void net_report_accept(struct kring_channel *channel, const struct sock *sk,
		       const struct net_socket *socket)
{
	struct kring_slot slot;
	struct net_accept *event;

	if (!wanted(channel, socket))
		return;
	event = kring_reserve(channel, &slot, EVENT_ACCEPT, sizeof(*event));
	if (!event)
		return;
	fill_who(&event->who, sk, socket);
	net_flow_fill(&event->flow, sk);
	kring_commit(&slot);
}

void net_report_close(struct kring_channel *channel, const struct sock *sk,
		      const struct net_socket *socket, u64 sent, u64 received,
		      bool complete)
{
	struct kring_slot slot;
	struct net_close *event;

	if (!wanted(channel, socket))
		return;
	event = kring_reserve(channel, &slot, EVENT_CLOSE, sizeof(*event));
	if (!event)
		return;
	fill_who(&event->who, sk, socket);
	net_flow_fill(&event->flow, sk);
	event->sent = sent;
	event->received = received;
	event->duration = socket->sk ? ktime_get_mono_fast_ns() - socket->since : 0;
	event->complete = complete;
	memset(event->reserved0, 0, sizeof(event->reserved0));
	kring_commit(&slot);
}

static void net_stop(struct kring_channel *channel)
{
	net_drop_stop(channel);
	net_udp_stop(channel);
	net_tcp_stop(channel);
	kvfree(kring_channel_private(channel));
}

static int net_start(struct kring_channel *channel)
{
	struct net_table *table = kvzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!table)
		return -ENOMEM;
	net_table_init(table);
	kring_channel_set_private(channel, table);
	ret = net_tcp_start(channel);
	if (ret)
		goto free;
	ret = net_udp_start(channel);
	if (ret)
		goto stop_tcp;
	ret = net_drop_start(channel);
	if (!ret)
		return 0;
	net_udp_stop(channel);
stop_tcp:
	net_tcp_stop(channel);
free:
	kvfree(table);
	return ret;
}

const struct kring_source kring_source_net = {
	.name = "net",
	.types = net_types,
	.nr_types = ARRAY_SIZE(net_types),
	.start = net_start,
	.stop = net_stop,
	.filters = true,
};
