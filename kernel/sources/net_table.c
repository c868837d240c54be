// SPDX-License-Identifier: GPL-2.0
/* The sockets that the source "net" remembers: a hash table of fixed size. */
#include <linux/hash.h>
#include <linux/log2.h>
#include "net.h"

static struct net_bucket *bucket_of(struct net_table *table, const struct sock *sk)
{
	return &table->buckets[hash_ptr(sk, ilog2(NET_BUCKETS))];
}

/* The bucket's lock is held; sk NULL finds a free place */
static struct net_socket *find(struct net_bucket *bucket, const struct sock *sk)
{
	u32 i;

	for (i = 0; i < NET_BUCKET; i++)
		if (bucket->sockets[i].sk == sk)
			return &bucket->sockets[i];
	return NULL;
}

void net_table_init(struct net_table *table)
{
	u32 i;

	for (i = 0; i < NET_BUCKETS; i++)
		raw_spin_lock_init(&table->buckets[i].lock);
}

void net_remember(struct net_table *table, const struct net_socket *socket)
{
	struct net_bucket *bucket = bucket_of(table, socket->sk);
	struct net_socket *place;
	unsigned long flags;

	raw_spin_lock_irqsave(&bucket->lock, flags);
	place = find(bucket, socket->sk) ?: find(bucket, NULL);
	if (place)
		*place = *socket;
	raw_spin_unlock_irqrestore(&bucket->lock, flags);
}

static bool take(struct net_table *table, const struct sock *sk, struct net_socket *socket,
		 bool forget)
{
	struct net_bucket *bucket = bucket_of(table, sk);
	struct net_socket *place;
	unsigned long flags;

	raw_spin_lock_irqsave(&bucket->lock, flags);
	place = find(bucket, sk);
	if (place) {
		*socket = *place;
		place->connecting = false;
		if (forget)
			place->sk = NULL;
	} else {
		*socket = (struct net_socket) {};
	}
	raw_spin_unlock_irqrestore(&bucket->lock, flags);
	return place;
}

/* What it was; from now on it is connecting no more */
bool net_connected(struct net_table *table, const struct sock *sk, struct net_socket *socket)
{
	return take(table, sk, socket, false);
}

bool net_forget(struct net_table *table, const struct sock *sk, struct net_socket *socket)
{
	return take(table, sk, socket, true);
}

void net_count(struct net_table *table, const struct sock *sk, u64 sent, u64 received)
{
	struct net_bucket *bucket = bucket_of(table, sk);
	struct net_socket *place;
	unsigned long flags;

	raw_spin_lock_irqsave(&bucket->lock, flags);
	place = find(bucket, sk);
	if (place) {
		place->sent += sent;
		place->received += received;
	}
	raw_spin_unlock_irqrestore(&bucket->lock, flags);
}
