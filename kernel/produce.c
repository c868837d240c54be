// SPDX-License-Identifier: GPL-2.0
/* What producers call, from any context. */
#include <linux/export.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <internal.h>
/* Not an object of its own: what is called for each record is then part of what producers call */
#include "ring.c"

/**
 * kring_recording() - Whether an event reported now would be kept.
 * @channel: where
 *
 * For producers that would have to gather what they report.
 */
bool kring_recording(const struct kring_channel *channel)
{
	return READ_ONCE(channel->recording);
}
EXPORT_SYMBOL_GPL(kring_recording);

/**
 * kring_reserve() - Take room for an event.
 * @channel: where; must not be destroyed meanwhile
 * @slot: the caller's, until kring_commit() or kring_discard()
 * @type: of the event, as in the channel's schema
 * @size: bytes of payload
 *
 * Any context. On success preemption stays off until the event is committed
 * or discarded: do not sleep, and let no exception leave in between.
 *
 * Return: the payload, not zeroed, to be filled in whole; or NULL if the
 * channel does not record or the event was refused. What was refused is
 * counted, and readers learn of it.
 */
void *kring_reserve(struct kring_channel *channel, struct kring_slot *slot,
		    u16 type, u32 size)
{
	/* E, F, H: from here to the commit; grace periods wait for it */
	preempt_disable_notrace();
	/* H: pairs with the release and the grace period in recording_update() */
	if (smp_load_acquire(&channel->recording)) {
		u32 cpu = smp_processor_id();
		void *payload = kring_ring_reserve(&channel->by_cpu[cpu]->ring, slot,
						   type, size, cpu);

		if (payload)
			return payload;
	}
	preempt_enable_notrace();	/* E, F, H: nothing was reserved */
	return NULL;
}
EXPORT_SYMBOL_GPL(kring_reserve);

static __always_inline void kring_finish(struct kring_slot *slot, bool discard)
{
	struct kring_ring *ring = kring_ring_commit(slot, discard);

	if (ring)
		irq_work_queue(&container_of(ring, struct kring_buffer, ring)->wake);
	preempt_enable_notrace();	/* E, F, H: the ring is not touched any more */
}

/**
 * kring_commit() - Give a reserved event to the readers.
 * @slot: from kring_reserve(), in the same context
 */
void kring_commit(struct kring_slot *slot)
{
	kring_finish(slot, false);
}
EXPORT_SYMBOL_GPL(kring_commit);

/**
 * kring_discard() - Take a reserved event back.
 * @slot: from kring_reserve(), in the same context
 *
 * Readers do not see it, and do not count it as lost.
 */
void kring_discard(struct kring_slot *slot)
{
	kring_finish(slot, true);
}
EXPORT_SYMBOL_GPL(kring_discard);

/**
 * kring_write() - Report an event that is ready in memory.
 * @channel: where
 * @type: of the event
 * @data: the payload
 * @size: bytes of it
 *
 * Any context. Return: 0; -ENOBUFS if it was refused, and counted; -ENODATA if
 * the channel does not record.
 */
int kring_write(struct kring_channel *channel, u16 type, const void *data,
		u32 size)
{
	struct kring_slot slot;
	void *payload = kring_reserve(channel, &slot, type, size);

	if (!payload)
		return kring_recording(channel) ? -ENOBUFS : -ENODATA;
	memcpy(payload, data, size);
	kring_commit(&slot);
	return 0;
}
EXPORT_SYMBOL_GPL(kring_write);

/**
 * kring_miss() - Report that events happened which nobody could report.
 * @channel: where
 * @events: how many
 *
 * Any context. They count as refused (busy): each takes a sequence number, so
 * that every reader sees how many it lost.
 */
void kring_miss(struct kring_channel *channel, u32 events)
{
	preempt_disable_notrace();	/* H: as in kring_reserve() */
	/* H: pairs with the release and the grace period in recording_update() */
	if (smp_load_acquire(&channel->recording))
		kring_ring_miss(&channel->by_cpu[smp_processor_id()]->ring, events);
	preempt_enable_notrace();	/* H: the ring is not touched any more */
}
EXPORT_SYMBOL_GPL(kring_miss);
