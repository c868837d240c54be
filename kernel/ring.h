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
 *	fence_mask	who lets a reader sleep until the next record, with a grace
 *			period; or has it back
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

/* kring_ring.fence_mask: where commits have their barrier */
#define KRING_FENCE_EACH	(~0u)		/* at each record */
#define KRING_FENCE_PAGE	(~4095u)	/* where a page of positions begins */

struct kring_ring {
	struct kring_meta *meta;
	u8 *data;			/* mapped twice, one behind the other */
	u64 *marks;			/* per KRING_RECORD_MIN: last late commit */
	u64 size;			/* bytes of data, a power of two */
	u32 max_payload;
	u32 clock;			/* KRING_CLOCK_* */
	u32 fence_mask;			/* bits of a position; F */
	bool locked;			/* reservations are fully ordered; G */
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

/* Whether others look at the order of reservations: other CPUs, or readers of the same clock */
static inline bool kring_locked(u32 mode, u32 clock)
{
	return mode != KRING_MODE_PERCPU ||
	       (clock != KRING_CLOCK_LOCAL && clock != KRING_CLOCK_NONE);
}

/* Where commits have their barrier; light: somebody sleeps until the next record */
static inline u32 kring_fence_mask(u32 mode, bool light)
{
	return mode != KRING_MODE_PERCPU || light ? KRING_FENCE_EACH : KRING_FENCE_PAGE;
}

void kring_ring_init(struct kring_ring *ring, struct kring_meta *meta,
		     void *data, u64 *marks, u64 size, u64 pos, u64 seq);
void *kring_ring_reserve(struct kring_ring *ring, struct kring_slot *slot,
			 u16 type, u32 size, u32 cpu);
struct kring_ring *kring_ring_commit(struct kring_slot *slot, bool discard);
bool kring_ring_arm(struct kring_ring *ring, u64 at);
void kring_ring_miss(struct kring_ring *ring, u32 n);

#endif /* KRING_RING_H */
