// SPDX-License-Identifier: GPL-2.0
/*
 * Kept holds: they outlive their file, so that an agent can be replaced without
 * losing an event. Until their time is over they count as readers, so that the
 * channel goes on recording.
 */
#include <linux/jiffies.h>
#include <linux/workqueue.h>
#include <compat.h>
#include <hold.h>

/*
 * The file is being closed. True if its hold is kept: then the file goes on
 * counting as a reader.
 */
bool kring_hold_close(struct kring_file *file)
{
	struct kring_channel *channel = file->channel;
	struct kring_holder *holder;
	bool kept = false;

	mutex_lock(&channel->hold_lock);
	holder = file->holder;
	if (holder && holder->keep && !channel->holds_ended) {
		holder->orphan = true;
		holder->expires = get_jiffies_64() + nsecs_to_jiffies64(holder->keep) + 1;
		mod_delayed_work(system_wq, &channel->expiry, 0);
		kept = true;
	} else if (holder) {
		kring_holder_drop(channel, holder);
	}
	file->holder = NULL;
	mutex_unlock(&channel->hold_lock);
	return kept;
}

/*
 * Drop the orphans whose time is over, or all of them. Returns how many; *next is
 * when the next one's is. hold_lock held.
 */
static u32 orphans_drop(struct kring_channel *channel, bool all, u64 *next)
{
	struct kring_holder *holder, *tmp;
	u64 now = get_jiffies_64();
	u32 dropped = 0;

	*next = U64_MAX;
	list_for_each_entry_safe(holder, tmp, &channel->holders, link) {
		if (!holder->orphan)
			continue;
		if (!all && holder->expires > now) {
			*next = min(*next, holder->expires - now);
			continue;
		}
		kring_holder_drop(channel, holder);
		dropped++;
	}
	return dropped;
}

void kring_hold_expiry(struct work_struct *work)
{
	struct kring_channel *channel =
		container_of(to_delayed_work(work), struct kring_channel, expiry);
	u32 dropped;
	u64 next;

	mutex_lock(&channel->hold_lock);
	dropped = orphans_drop(channel, false, &next);
	if (next != U64_MAX && !channel->holds_ended)
		schedule_delayed_work(&channel->expiry, next);
	mutex_unlock(&channel->hold_lock);
	while (dropped--)
		kring_channel_close(channel);
}

/* The channel goes: nothing is kept any more */
void kring_holds_end(struct kring_channel *channel)
{
	u32 dropped;
	u64 next;

	mutex_lock(&channel->hold_lock);
	channel->holds_ended = true;
	dropped = orphans_drop(channel, true, &next);
	mutex_unlock(&channel->hold_lock);
	while (dropped--)
		kring_channel_close(channel);
	cancel_delayed_work_sync(&channel->expiry);
}
