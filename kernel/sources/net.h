/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the source "net" share. */
#ifndef KRING_NET_H
#define KRING_NET_H

#include <linux/in6.h>
#include <linux/spinlock.h>
#include <net/sock.h>
#include "call.h"
#include "probe.h"

enum net_event {
	EVENT_CONNECT = 1,
	EVENT_ACCEPT,
	EVENT_CLOSE,
	EVENT_DROP,
};

/* The two ends of a connection */
struct net_flow {
	struct in6_addr local;
	struct in6_addr remote;
	u16 local_port;
	u16 remote_port;
	char protocol[4];
};

/*
 * What is remembered of a socket while it is connected. `who` connected it or
 * accepted it: what happens to it later is often done by an interrupt, in
 * which `current` is anybody.
 */
struct net_socket {
	const struct sock *sk;		/* the key, never followed; NULL: free */
	u64 since;			/* ns */
	u64 sent;			/* UDP */
	u64 received;			/* UDP */
	struct kring_who who;
	u32 missed;			/* UDP: of kring_calls_missed(), then */
	bool wanted;			/* by the filter, then */
	bool connecting;		/* TCP */
};

#define NET_BUCKET	8u
#define NET_BUCKETS	512u

struct net_bucket {
	raw_spinlock_t lock;
	struct net_socket sockets[NET_BUCKET];
};

/* Of one channel. A socket whose bucket is full is not remembered. */
struct net_table {
	struct kring_calls *tcp;
	struct kring_calls *udp;
	struct net_bucket buckets[NET_BUCKETS];
};

/* net_table.c; true: it is remembered */
void net_table_init(struct net_table *table);
void net_remember(struct net_table *table, const struct net_socket *socket);
bool net_connected(struct net_table *table, const struct sock *sk, struct net_socket *socket);
bool net_forget(struct net_table *table, const struct sock *sk, struct net_socket *socket);
void net_count(struct net_table *table, const struct sock *sk, u64 sent, u64 received);

/*
 * net.c. Here socket->sk NULL says that it was not remembered, or that the
 * event has nothing to do with who did.
 */
void net_flow_fill(struct net_flow *flow, const struct sock *sk);
struct net_socket net_socket_of(struct kring_channel *channel, const struct sock *sk);
void net_report_connect(struct kring_channel *channel, const struct sock *sk,
			const struct net_socket *socket, const struct net_flow *flow,
			int result);
void net_report_accept(struct kring_channel *channel, const struct sock *sk,
		       const struct net_socket *socket);
void net_report_close(struct kring_channel *channel, const struct sock *sk,
		      const struct net_socket *socket, u64 sent, u64 received,
		      bool complete);

/* net_tcp.c, net_udp.c, net_drop.c */
int net_tcp_start(struct kring_channel *channel);
void net_tcp_stop(struct kring_channel *channel);
int net_udp_start(struct kring_channel *channel);
void net_udp_stop(struct kring_channel *channel);
int net_drop_start(struct kring_channel *channel);
void net_drop_stop(struct kring_channel *channel);

struct net_drop {
	struct in6_addr source;
	struct in6_addr destination;
	u16 source_port;
	u16 destination_port;
	u32 length;			/* bytes of the packet that are left */
	u16 ethertype;
	char protocol[6];
	char reason[32];
	char location[64];		/* the function that dropped it */
};

#endif /* KRING_NET_H */
