// SPDX-License-Identifier: GPL-2.0
/*
 * Holds: cursors that producers look at before they overwrite anything.
 *
 * A holder's cursors lie in pages of its own, which it may map writable. The
 * rings point straight to them (kring_ring.holds), so that a consumer releases
 * by a store. What stands there is never more than a number to compare with.
 *
 * A hold is attached by setting the pointer and waiting for a grace period (E):
 * then every producer that has not seen it is gone, and tail, read now, stays
 * unless the cursor moves. It is detached by clearing the pointer; the pages go
 * after a grace period. A hold to be kept stays when its file is closed, counts
 * as a reader, and goes with the channel or when its time is over.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <hold.h>

#define CURSORS_PER_PAGE	(PAGE_SIZE / KRING_CURSOR_STRIDE)

unsigned long kring_hold_pages(const struct kring_channel *channel)
{
	return DIV_ROUND_UP(channel->max_rings, CURSORS_PER_PAGE);
}

u64 *kring_cursor(const struct kring_holder *holder, u32 index)
{
	return page_address(holder->pages[index / CURSORS_PER_PAGE]) +
	       index % CURSORS_PER_PAGE * KRING_CURSOR_STRIDE;
}

/* Pages that are still mapped outlive this */
static void holder_free(struct kring_holder *holder)
{
	unsigned long i;

	for (i = 0; i < holder->nr_pages; i++)
		if (holder->pages[i])
			put_page(holder->pages[i]);
	kfree(holder);
}

static void holder_free_rcu(struct rcu_head *rcu)
{
	holder_free(container_of(rcu, struct kring_holder, rcu));
}

struct kring_holder *kring_holder_alloc(const struct kring_channel *channel)
{
	unsigned long i, nr = kring_hold_pages(channel);
	struct kring_holder *holder;

	holder = kzalloc(struct_size(holder, pages, nr), GFP_KERNEL_ACCOUNT);
	if (!holder)
		return NULL;
	holder->nr_pages = nr;
	for (i = 0; i < nr; i++) {
		holder->pages[i] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!holder->pages[i]) {
			holder_free(holder);
			return NULL;
		}
	}
	return holder;
}

/* The slot with this pointer, or NULL; hold_lock held */
u64 **kring_hold_slot(struct kring_ring *ring, const u64 *cursor)
{
	int i;

	for (i = 0; i < KRING_HOLDS_MAX; i++)
		if (READ_ONCE(ring->holds[i]) == cursor)
			return &ring->holds[i];
	return NULL;
}

static u32 slots_used(struct kring_ring *ring)
{
	u32 i, used = 0;

	for (i = 0; i < KRING_HOLDS_MAX; i++)
		used += !!READ_ONCE(ring->holds[i]);
	return used;
}

/* While a hold stands, a share is for critical events; hold_lock held */
static void ring_update(struct kring_channel *channel, struct kring_ring *ring)
{
	u64 share = slots_used(ring) ? channel->critical_share : 0;

	WRITE_ONCE(ring->room, ring->size - ring->size / 100 * share);
	WRITE_ONCE(ring->lag_limit, channel->lag_limit ?: KRING_LAG_ANY);
}

/* The owner's options, which were checked. Holds that stand stay. */
void kring_holds_set(struct kring_channel *channel, const struct kring_set *set)
{
	u32 i;

	mutex_lock(&channel->hold_lock);
	if (set->options & KRING_SET_HOLDS_MAX)
		channel->holds_max = set->holds_max;
	if (set->options & KRING_SET_CRITICAL_SHARE)
		channel->critical_share = set->critical_share;
	if (set->options & KRING_SET_LAG_LIMIT)
		channel->lag_limit = set->lag_limit;
	if (set->options & KRING_SET_KEEP_LIMIT)
		channel->keep_limit = set->keep_limit;
	for (i = 0; i < channel->nr_rings; i++)
		ring_update(channel, &channel->buffers[i]->ring);
	mutex_unlock(&channel->hold_lock);
	/* What sleepers wait for may not fit any more: they look anew */
	kring_wake_all(channel, 0);
}

/* hold_lock held. False: there is no place for one more. */
static bool ring_attach(struct kring_channel *channel, struct kring_holder *holder,
			u32 index, u64 pos)
{
	struct kring_ring *ring = &channel->buffers[index]->ring;
	u64 *cursor = kring_cursor(holder, index);
	u64 **slot = kring_hold_slot(ring, NULL);

	if (!slot || slots_used(ring) >= channel->holds_max)
		return false;
	WRITE_ONCE(*cursor, pos);
	/* E: the cursor, then the pointer; pairs with evict_stop() */
	smp_store_release(slot, cursor);
	ring_update(channel, ring);
	holder->attached++;
	return true;
}

/* hold_lock held; nobody else has the holder any more */
void kring_holder_drop(struct kring_channel *channel, struct kring_holder *holder)
{
	u32 i;

	for (i = 0; i < channel->nr_rings; i++) {
		struct kring_ring *ring = &channel->buffers[i]->ring;
		u64 **slot = kring_hold_slot(ring, kring_cursor(holder, i));

		if (!slot)
			continue;
		/* D: the holder's last reads, then the pointer; as a cursor's store */
		smp_store_release(slot, NULL);
		ring_update(channel, ring);
	}
	list_del(&holder->link);
	channel->nr_holders--;
	/* E: producers may still look at its cursors */
	call_rcu(&holder->rcu, holder_free_rcu);
}

/*
 * A ring is made, nobody knows of it yet. There is no place only if the others
 * divided the rings among themselves: then that holder has lost it already.
 */
void kring_holds_add_ring(struct kring_channel *channel, struct kring_buffer *buffer)
{
	struct kring_meta *meta = buffer->ring.meta;
	struct kring_holder *holder;

	lockdep_assert_held(&channel->hold_lock);
	buffer->ring.lag_limit = channel->lag_limit ?: KRING_LAG_ANY;
	list_for_each_entry(holder, &channel->holders, link)
		if (holder->later &&
		    !ring_attach(channel, holder, buffer->index, meta->start_pos))
			kring_count(&meta->counters.revoked, 1);
}

/* Where the hold will stand, before the grace period */
static u64 first_position(struct kring_ring *ring, u64 asked)
{
	u64 head = READ_ONCE(ring->meta->head);
	u64 tail = READ_ONCE(ring->meta->tail);

	return clamp(asked, tail, max(head, tail));
}

/* hold_lock held. Sets positions to where the hold stands. */
int kring_holder_attach(struct kring_channel *channel, struct kring_holder *holder,
			struct kring_hold *hold, u64 *positions)
{
	u32 i, nr = hold->nr;

	for (i = 0; i < channel->nr_rings; i++) {
		u64 asked = i < nr ? positions[i] : holder->later ? KRING_HOLD_OLDEST :
								    KRING_HOLD_NONE;

		if (asked == KRING_HOLD_NONE)
			continue;
		if (!ring_attach(channel, holder, i,
				 first_position(&channel->buffers[i]->ring, asked)))
			return kring_refuse(&hold->req, -EBUSY,
					    "ring %u has %u holds already, %u are allowed",
					    i, slots_used(&channel->buffers[i]->ring),
					    channel->holds_max);
	}
	if (!holder->attached)
		return kring_refuse(&hold->req, -EINVAL, "at least one ring must be held");

	/* E: no producer is left that has not seen it; then tail */
	synchronize_rcu();
	for (i = 0; i < nr; i++) {
		u64 *cursor = kring_cursor(holder, i);
		u64 tail = READ_ONCE(channel->buffers[i]->ring.meta->tail);

		if (positions[i] == KRING_HOLD_NONE)
			continue;
		if (*cursor < tail)
			WRITE_ONCE(*cursor, tail);
		positions[i] = *cursor;
	}
	return 0;
}

void kring_holds_init(struct kring_channel *channel)
{
	mutex_init(&channel->hold_lock);
	INIT_LIST_HEAD(&channel->holders);
	INIT_DELAYED_WORK(&channel->expiry, kring_hold_expiry);
	channel->holds_max = KRING_HOLDS_MAX;
}

/* What there is about the hold with the lowest id above info->id, or -ENOENT */
int kring_hold_next(struct kring_channel *channel, struct kring_hold_info *info)
{
	struct kring_holder *holder;
	int ret = -ENOENT;
	u32 i;

	mutex_lock(&channel->hold_lock);
	list_for_each_entry(holder, &channel->holders, link) {
		if (holder->id <= info->id)
			continue;
		info->id = holder->id;
		info->pid = holder->orphan ? 0 : holder->pid;
		info->keep = holder->keep;
		info->rings = 0;
		info->lag = 0;
		strscpy_pad(info->hold, holder->name, sizeof(info->hold));
		strscpy_pad(info->comm, holder->comm, sizeof(info->comm));
		for (i = 0; i < channel->nr_rings; i++) {
			struct kring_ring *ring = &channel->buffers[i]->ring;
			u64 pos = READ_ONCE(*kring_cursor(holder, i));
			u64 head = READ_ONCE(ring->meta->head);

			if (!kring_hold_slot(ring, kring_cursor(holder, i)))
				continue;
			info->rings++;
			pos = clamp(pos, READ_ONCE(ring->meta->tail), head);
			info->lag = max(info->lag, head - pos);
		}
		info->revoked = holder->attached - info->rings;
		ret = 0;
		break;
	}
	mutex_unlock(&channel->hold_lock);
	return ret;
}
