// SPDX-License-Identifier: GPL-2.0
/* TCP: connections made, accepted and closed, from the states of sockets. */
#include <linux/err.h>
#include <linux/tcp.h>
#include <net/tcp_states.h>
#include "net.h"

static void tcp_connected(struct kring_channel *channel, const struct sock *sk,
			  const struct net_socket *socket, int result)
{
	struct net_flow flow;

	net_flow_fill(&flow, sk);
	net_report_connect(channel, sk, socket, &flow, result);
}

static void tcp_closed(struct kring_channel *channel, const struct sock *sk,
		       const struct net_socket *socket)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	/* What is received includes the other end's FIN, if that came */
	net_report_close(channel, sk, socket, tp->bytes_sent - tp->bytes_retrans,
			 tp->bytes_received - sock_flag(sk, SOCK_DONE), true);
}

/* Only on the way to SYN_SENT is `current` known to be who connects */
static void probe_state(void *data, const struct sock *sk, const int old, const int new)
{
	struct kring_channel *channel = data;
	struct net_table *table = kring_channel_private(channel);
	struct net_socket socket;

	if (sk->sk_protocol != IPPROTO_TCP)
		return;
	switch (new) {
	case TCP_SYN_SENT:
		socket = net_socket_of(channel, sk);
		socket.connecting = true;
		net_remember(table, &socket);
		break;
	case TCP_ESTABLISHED:
		/* From SYN_RECV if both ends connect to each other */
		net_connected(table, sk, &socket);
		if (old == TCP_SYN_SENT || socket.connecting)
			tcp_connected(channel, sk, &socket, 0);
		break;
	case TCP_CLOSE:
		if (!net_forget(table, sk, &socket) && (1 << old) &
		    (TCPF_SYN_RECV | TCPF_NEW_SYN_RECV | TCPF_LISTEN | TCPF_CLOSE))
			break;
		/* Without an error it was its own program that gave up */
		if (old == TCP_SYN_SENT || socket.connecting)
			tcp_connected(channel, sk, &socket,
				      -(READ_ONCE(sk->sk_err) ?: ECONNABORTED));
		else
			tcp_closed(channel, sk, &socket);
		break;
	}
}

/*
 * A connection gets the file of the program that accepts it. That holds the
 * connection's lock: its state does not change meanwhile.
 */
static int enter_graft(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct kring_channel *channel = kring_call_channel(ri);
	const struct sock *sk = (void *)regs_get_kernel_argument(regs, 0);
	struct net_socket socket;

	if ((sk->sk_family != AF_INET && sk->sk_family != AF_INET6) ||
	    sk->sk_protocol != IPPROTO_TCP)
		return 1;
	socket = net_socket_of(channel, sk);
	/* One that was closed before it was accepted will not be closed again */
	if (sk->sk_state != TCP_CLOSE)
		net_remember(kring_channel_private(channel), &socket);
	net_report_accept(channel, sk, &socket);
	return 1;
}

static struct kring_probe probes[] = {
	{ "inet_sock_set_state", probe_state },
};

static const struct kring_call calls[] = {
	{ "security_sock_graft", enter_graft, .active = 64, .event = true },
};

int net_tcp_start(struct kring_channel *channel)
{
	struct net_table *table = kring_channel_private(channel);
	int ret;

	table->tcp = kring_calls_start(channel, calls, ARRAY_SIZE(calls));
	if (IS_ERR(table->tcp))
		return PTR_ERR(table->tcp);
	ret = kring_probes_start(channel, probes, ARRAY_SIZE(probes));
	if (ret)
		kring_calls_stop(table->tcp);
	return ret;
}

void net_tcp_stop(struct kring_channel *channel)
{
	struct net_table *table = kring_channel_private(channel);

	kring_probes_stop(channel, probes, ARRAY_SIZE(probes));
	kring_calls_stop(table->tcp);
}
