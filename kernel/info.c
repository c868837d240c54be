// SPDX-License-Identifier: GPL-2.0
/* What a channel tells about itself. */
#include <linux/string.h>
#include <internal.h>

static void add_counters(struct kring_info *info, struct kring_meta *meta)
{
	struct kring_counters *sum = &info->counters;
	struct kring_counters at = {
		.overwritten = READ_ONCE(meta->counters.overwritten),
		.refused_held = READ_ONCE(meta->counters.refused_held),
		.refused_busy = READ_ONCE(meta->counters.refused_busy),
		.refused_size = READ_ONCE(meta->counters.refused_size),
		.discarded = READ_ONCE(meta->counters.discarded),
		.wakeups = READ_ONCE(meta->counters.wakeups),
		.refused_critical = READ_ONCE(meta->counters.refused_critical),
		.revoked = READ_ONCE(meta->counters.revoked),
	};
	u64 past = at.overwritten + at.refused_held + at.refused_critical +
		   at.refused_busy + at.refused_size;

	/*
	 * What is past differs from the sequence number by a ring of records at
	 * most, and what producers did meanwhile: so the nearest is meant.
	 */
	info->events += past + (s32)(KRING_RESERVE_SEQ(READ_ONCE(meta->reserve)) -
				     (u32)(meta->start_seq + past));
	sum->overwritten += at.overwritten;
	sum->refused_held += at.refused_held;
	sum->refused_busy += at.refused_busy;
	sum->refused_size += at.refused_size;
	sum->discarded += at.discarded;
	sum->wakeups += at.wakeups;
	sum->refused_critical += at.refused_critical;
	sum->revoked += at.revoked;
}

/* info->size stays the caller's */
void kring_channel_info(struct kring_channel *channel, struct kring_info *info)
{
	u64 stride = (u64)kring_ring_pages(channel) << PAGE_SHIFT;
	u32 i, nr_rings = kring_nr_rings(channel);

	*info = (struct kring_info) {
		.size = info->size,
		.abi = KRING_ABI,
		.id = channel->id,
		.mode = channel->mode,
		.flags = READ_ONCE(channel->flags),
		.nr_rings = nr_rings,
		.clock = channel->clock,
		.ring_size = channel->ring_size,
		.ring_stride = stride,
		.map_size = stride,
		.data_offset = PAGE_SIZE,
		.max_payload = kring_max_payload(channel->ring_size),
		.schema_size = channel->schema->size,
		.readers = READ_ONCE(channel->readers),
		.max_rings = channel->max_rings,
		.holds = READ_ONCE(channel->nr_holders),
		.holds_max = READ_ONCE(channel->holds_max),
		.critical_share = READ_ONCE(channel->critical_share),
		.hold_offset = (u64)kring_hold_offset(channel) << PAGE_SHIFT,
		.hold_size = (u64)kring_hold_pages(channel) << PAGE_SHIFT,
		.lag_limit = READ_ONCE(channel->lag_limit),
		.keep_limit = READ_ONCE(channel->keep_limit),
	};
	strscpy(info->name, channel->name, sizeof(info->name));
	strscpy(info->source, channel->source->name, sizeof(info->source));
	for (i = 0; i < nr_rings; i++)
		add_counters(info, channel->buffers[i]->ring.meta);
}
