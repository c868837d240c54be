// SPDX-License-Identifier: GPL-2.0
/*
 * ck_ring of Concurrency Kit: one producer, one consumer, records of one size, and none is ever
 * overwritten. A pointer ring: the payloads lie in slots beside it, as its users have it.
 */
#include <ck_ring.h>
#include "queue.h"

static ck_ring_t ring;
static ck_ring_buffer_t buffer[QUEUE_ENTRIES_MAX] __attribute__((aligned(64)));

static void queue_init(unsigned int entries)
{
	ck_ring_init(&ring, entries);
}

static inline bool queue_put(void *slot)
{
	return ck_ring_enqueue_spsc(&ring, buffer, slot);
}

static inline bool queue_put_shared(void *slot)
{
	return ck_ring_enqueue_mpsc(&ring, buffer, slot);
}

static inline unsigned int queue_get(void **slots, unsigned int most)
{
	unsigned int n;

	for (n = 0; n < most && ck_ring_dequeue_spsc(&ring, buffer, &slots[n]); n++)
		;
	return n;
}
