/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One ring: reserve, commit, make room. Compiled unchanged in user space;
 * ring_port.h is what differs.
 *
 * Who writes what (all may be read by anybody at any time):
 *
 *	meta->reserve	producers, compare-and-swap
 *	meta->head	the producer whose record is at head, by a store;
 *			any producer, compare-and-swap over a marked record
 *	meta->tail	producers, compare-and-swap
 *	data		the producer that reserved it
 *	marks		the producer that reserved the granule
 *	wake_at		readers lower it, producers set it back, compare-and-swap
 *	holds		whoever attaches and detaches consumers, with grace
 *			periods; a producer that revokes one, compare-and-swap
 *	*holds[i]	the consumer, from its own address space: any value
 *	room, lag_limit	the channel's owner
 *	fences		who lets a first reader sleep, with a grace period; or
 *			clears it behind the last
 *
 * Letters in the code name the pairs of Documentation/memory-ordering.md.
 */
#ifndef KRING_RING_H
#define KRING_RING_H

#include <ring_port.h>
#include <linux/kring.h>
#include <kring_slot.h>

#define KRING_WAKE_NEVER	(~0ULL)
#define KRING_LAG_ANY		(~0ULL)

/* kring_ring.fences: for whom its producers order what only others could see out of order */
#define KRING_FENCE_SHARED	1		/* producers on other CPUs */
#define KRING_FENCE_CLOCK	2		/* readers that look at the same clock */
#define KRING_FENCE_SLEEPERS	4		/* readers that sleep */

struct kring_ring {
	struct kring_meta *meta;
	u8 *data;			/* mapped twice, one behind the other */
	u64 *marks;			/* per KRING_RECORD_MIN: last late commit */
	u64 size;			/* bytes of data, a power of two */
	u32 max_payload;
	u32 clock;			/* KRING_CLOCK_* */
	u32 fences;
	u64 room;			/* bytes of it for events that are not critical */
	u64 wake_at;			/* head at which a sleeper wants to know */
	/* Up to here one cache line: what each record takes */
	u64 lag_limit;			/* bytes that a hold may lag */
	u64 critical;			/* a bit per type that is, of those below 64 */
	u64 *holds[KRING_HOLDS_MAX];	/* positions not to overwrite, or NULL */
};

/* Payload bytes that a record in a ring of this size may have */
static inline u32 kring_max_payload(u64 size)
{
	u64 bytes = size / 4 < (64u << 10) ? size / 4 : (64u << 10);

	return bytes - sizeof(struct kring_record);
}

/* Records start at least this far apart, so each has a mark of its own */
#define KRING_RECORD_MIN	KRING_RECORD_BYTES(0)

/* Marks that a ring of this size needs, zeroed */
static inline u64 kring_nr_marks(u64 size)
{
	return size / KRING_RECORD_MIN;
}

/* What the producers of a ring must order while nobody sleeps */
static inline u32 kring_fences(u32 mode, u32 clock)
{
	if (mode != KRING_MODE_PERCPU)
		return KRING_FENCE_SHARED;
	return clock == KRING_CLOCK_LOCAL || clock == KRING_CLOCK_NONE ? 0 : KRING_FENCE_CLOCK;
}

void kring_ring_init(struct kring_ring *ring, struct kring_meta *meta,
		     void *data, u64 *marks, u64 size, u64 pos, u64 seq);
void *kring_ring_reserve(struct kring_ring *ring, struct kring_slot *slot,
			 u16 type, u32 size, u32 cpu);
bool kring_ring_commit(struct kring_slot *slot, bool discard);
bool kring_ring_arm(struct kring_ring *ring, u64 at);
void kring_ring_miss(struct kring_ring *ring, u32 n);

#endif /* KRING_RING_H */
