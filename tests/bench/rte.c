// SPDX-License-Identifier: GPL-2.0
/*
 * DPDK's rte_ring, its headers alone: one producer, one consumer, a pointer each; none is ever
 * overwritten. The payloads lie in slots beside it.
 */
#include <rte_ring.h>
#include "queue.h"

static union {
	struct rte_ring ring;
	char room[sizeof(struct rte_ring) + QUEUE_ENTRIES_MAX * sizeof(void *)];
} queue __attribute__((aligned(128)));

/* What rte_ring_init() does, which lies in a library that wants all of DPDK's */
static void queue_init(unsigned int entries)
{
	struct rte_ring *ring = &queue.ring;

	memset(ring, 0, sizeof(*ring));
	ring->flags = RING_F_SP_ENQ | RING_F_SC_DEQ;
	ring->prod.sync_type = RTE_RING_SYNC_ST;
	ring->cons.sync_type = RTE_RING_SYNC_ST;
	ring->size = entries;
	ring->mask = entries - 1;
	ring->capacity = entries - 1;
}

static inline bool queue_put(void *slot)
{
	return rte_ring_sp_enqueue(&queue.ring, slot) == 0;
}

static inline bool queue_put_shared(void *slot)
{
	return rte_ring_mp_enqueue(&queue.ring, slot) == 0;
}

static inline unsigned int queue_get(void **slots, unsigned int most)
{
	return rte_ring_sc_dequeue_burst(&queue.ring, slots, most, NULL);
}
