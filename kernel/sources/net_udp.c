// SPDX-License-Identifier: GPL-2.0
/*
 * UDP: sockets that are connected, and what went over them until they are not.
 *
 * A socket that is connected to one address after another has one close, with
 * its last address and all bytes. What sendfile() sends is not counted.
 */
#include <linux/err.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <net/ipv6.h>
#include <net/tcp_states.h>
#include "net.h"

/* Raw sockets share some of the functions */
static bool is_udp(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_UDP && sk->sk_type == SOCK_DGRAM;
}

struct connecting {
	struct sock *sk;
	struct in6_addr remote;
	u16 port;
};

static int enter_connect(struct kretprobe_instance *ri, struct pt_regs *regs, u16 family)
{
	struct connecting *data = (void *)ri->data;
	const struct sockaddr *to = (void *)regs_get_kernel_argument(regs, 1);
	int size = (int)regs_get_kernel_argument(regs, 2);

	*data = (struct connecting) {
		.sk = (void *)regs_get_kernel_argument(regs, 0),
	};
	/* With an IPv4 address an IPv6 socket goes through both functions: once */
	if (!is_udp(data->sk) || data->sk->sk_family != family)
		return 1;
	if (size >= (int)sizeof(struct sockaddr_in) && to->sa_family == AF_INET) {
		const struct sockaddr_in *in = (void *)to;

		ipv6_addr_set_v4mapped(in->sin_addr.s_addr, &data->remote);
		data->port = ntohs(in->sin_port);
	} else if (size >= SIN6_LEN_RFC2133 && to->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (void *)to;

		data->remote = in6->sin6_addr;
		data->port = ntohs(in6->sin6_port);
	}
	return 0;
}

static int enter_connect4(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return enter_connect(ri, regs, AF_INET);
}

static int enter_connect6(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return enter_connect(ri, regs, AF_INET6);
}

static int leave_connect(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct kring_channel *channel = kring_call_channel(ri);
	struct net_table *table = kring_channel_private(channel);
	const struct connecting *data = (void *)ri->data;
	int result = (int)regs_return_value(regs);
	struct net_socket socket = net_socket_of(channel, data->sk), old;
	struct net_flow flow;

	net_flow_fill(&flow, data->sk);
	if (result) {
		flow.remote = data->remote;
		flow.remote_port = data->port;
	} else {
		/* If it was connected already, it has bytes */
		socket.missed = kring_calls_missed(ri);
		if (net_forget(table, data->sk, &old)) {
			socket.since = old.since;
			socket.sent = old.sent;
			socket.received = old.received;
			socket.missed = old.missed;
		}
		net_remember(table, &socket);
	}
	net_report_connect(channel, data->sk, &socket, &flow, result);
	return 0;
}

static int enter_close(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct kring_channel *channel = kring_call_channel(ri);
	struct net_table *table = kring_channel_private(channel);
	const struct sock *sk = (void *)regs_get_kernel_argument(regs, 0);
	struct net_socket socket;
	bool complete;

	if (!is_udp(sk) || sk->sk_state != TCP_ESTABLISHED)
		return 1;
	complete = net_forget(table, sk, &socket) &&
		   socket.missed == kring_calls_missed(ri);
	net_report_close(channel, sk, &socket, socket.sent, socket.received, complete);
	return 1;
}

static int enter_send(struct kretprobe_instance *ri, struct pt_regs *regs, u16 family)
{
	const struct sock *sk = (void *)regs_get_kernel_argument(regs, 0);

	*(const struct sock **)ri->data = sk;
	return !is_udp(sk) || sk->sk_family != family || sk->sk_state != TCP_ESTABLISHED;
}

static int enter_send4(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return enter_send(ri, regs, AF_INET);
}

static int enter_send6(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return enter_send(ri, regs, AF_INET6);
}

static int leave_send(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct net_table *table = kring_channel_private(kring_call_channel(ri));
	int sent = (int)regs_return_value(regs);

	if (sent > 0)
		net_count(table, *(const struct sock **)ri->data, sent, 0);
	return 0;
}

/* A program has taken a packet; it only looked at one if the size is negative */
static int enter_consume(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct net_table *table = kring_channel_private(kring_call_channel(ri));
	const struct sock *sk = (void *)regs_get_kernel_argument(regs, 0);
	int size = (int)regs_get_kernel_argument(regs, 2);

	if (size > 0 && sk->sk_state == TCP_ESTABLISHED)
		net_count(table, sk, 0, size);
	return 1;
}

static const struct kring_call calls[] = {
	{ "__ip4_datagram_connect", enter_connect4, leave_connect,
	  sizeof(struct connecting), 256, .event = true },
	{ "__ip6_datagram_connect", enter_connect6, leave_connect,
	  sizeof(struct connecting), 256, .event = true },
	{ "__udp_disconnect", enter_close, .active = 64, .event = true },
	{ "udp_destroy_sock", enter_close, .active = 64, .event = true },
	{ "udpv6_destroy_sock", enter_close, .active = 64, .event = true },
	{ "udp_sendmsg", enter_send4, leave_send, sizeof(struct sock *), 512 },
	{ "udpv6_sendmsg", enter_send6, leave_send, sizeof(struct sock *), 512 },
	{ "skb_consume_udp", enter_consume, .active = 64 },
};

int net_udp_start(struct kring_channel *channel)
{
	struct net_table *table = kring_channel_private(channel);

	table->udp = kring_calls_start(channel, calls, ARRAY_SIZE(calls));
	return PTR_ERR_OR_ZERO(table->udp);
}

void net_udp_stop(struct kring_channel *channel)
{
	struct net_table *table = kring_channel_private(channel);

	kring_calls_stop(table->udp);
}
