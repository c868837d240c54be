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
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <internal.h>

#define CURSORS_PER_PAGE	(PAGE_SIZE / KRING_CURSOR_STRIDE)

struct kring_holder {
	struct list_head link;		/* in channel->holders */
	struct rcu_head rcu;
	u64 id;
	char name[KRING_NAME_MAX];
	char comm[TASK_COMM_LEN];
	u32 pid;			/* of who made it or took it over */
	bool orphan;			/* kept, without a file */
	bool later;			/* holds rings that are made later too */
	u64 keep;			/* ns */
	u64 expires;			/* an orphan's end, in jiffies */
	u32 attached;			/* rings */
	unsigned long nr_pages;
	struct page *pages[];		/* of cursors */
};

unsigned long kring_hold_pages(const struct kring_channel *channel)
{
	return DIV_ROUND_UP(channel->max_rings, CURSORS_PER_PAGE);
}

static u64 *cursor_of(const struct kring_holder *holder, u32 index)
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

static struct kring_holder *holder_alloc(const struct kring_channel *channel)
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
static u64 **slot_of(struct kring_ring *ring, const u64 *cursor)
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
}

/* hold_lock held. False: there is no place for one more. */
static bool ring_attach(struct kring_channel *channel, struct kring_holder *holder,
			u32 index, u64 pos)
{
	struct kring_ring *ring = &channel->buffers[index]->ring;
	u64 *cursor = cursor_of(holder, index);
	u64 **slot = slot_of(ring, NULL);

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
static void holder_drop(struct kring_channel *channel, struct kring_holder *holder)
{
	u32 i;

	for (i = 0; i < channel->nr_rings; i++) {
		struct kring_ring *ring = &channel->buffers[i]->ring;
		u64 **slot = slot_of(ring, cursor_of(holder, i));

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

static struct kring_holder *holder_find(struct kring_channel *channel, const char *name)
{
	struct kring_holder *holder;

	list_for_each_entry(holder, &channel->holders, link)
		if (!strcmp(holder->name, name))
			return holder;
	return NULL;
}

/* Where the hold will stand, before the grace period */
static u64 first_position(struct kring_ring *ring, u64 asked)
{
	u64 head = READ_ONCE(ring->meta->head);
	u64 tail = READ_ONCE(ring->meta->tail);

	return clamp(asked, tail, max(head, tail));
}

/* hold_lock held. Sets positions to where the hold stands. */
static int holder_attach(struct kring_channel *channel, struct kring_holder *holder,
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
		u64 *cursor = cursor_of(holder, i);
		u64 tail = READ_ONCE(channel->buffers[i]->ring.meta->tail);

		if (positions[i] == KRING_HOLD_NONE)
			continue;
		if (*cursor < tail)
			WRITE_ONCE(*cursor, tail);
		positions[i] = *cursor;
	}
	return 0;
}

/* hold_lock held. A new holder, or an orphan with that name, or ERR_PTR() */
static struct kring_holder *holder_get(struct kring_channel *channel,
				       struct kring_hold *hold, u64 *positions)
{
	struct kring_request *req = &hold->req;
	struct kring_holder *holder = NULL;
	int ret;
	u32 i;

	if (req->name[0])
		holder = holder_find(channel, req->name);
	if (holder && !holder->orphan)
		return ERR_PTR(kring_refuse(req, -EBUSY, "hold \"%s\" is in use by process %u (%s)",
					    req->name, holder->pid, holder->comm));
	if (holder) {
		for (i = 0; i < hold->nr; i++)
			positions[i] = slot_of(&channel->buffers[i]->ring,
					       cursor_of(holder, i)) ?
				       READ_ONCE(*cursor_of(holder, i)) : KRING_HOLD_NONE;
		hold->resumed = 1;
		return holder;
	}

	holder = holder_alloc(channel);
	if (!holder)
		return ERR_PTR(kring_refuse(req, -ENOMEM, "not enough memory for the cursors"));
	holder->id = ++channel->last_holder;
	strscpy(holder->name, req->name, sizeof(holder->name));
	holder->later = hold->flags & KRING_HOLD_LATER;
	list_add_tail(&holder->link, &channel->holders);
	channel->nr_holders++;
	ret = holder_attach(channel, holder, hold, positions);
	if (ret) {
		holder_drop(channel, holder);
		return ERR_PTR(ret);
	}
	return holder;
}

static int hold_check(struct kring_channel *channel, const struct kring_hold *hold,
		      struct kring_request *req)
{
	u64 keep_limit = READ_ONCE(channel->keep_limit);

	if (req->reserved0 || hold->reserved0 || hold->flags & ~KRING_HOLD_LATER)
		return kring_refuse(req, -EINVAL, "flags 0x%x: 0 or 1 (later rings too), reserved fields 0",
				    hold->flags);
	if (strnlen(req->name, KRING_NAME_MAX) == KRING_NAME_MAX)
		return kring_refuse(req, -EINVAL, "a hold's name has at most %d characters",
				    KRING_NAME_MAX - 1);
	if (hold->keep && !req->name[0])
		return kring_refuse(req, -EINVAL, "a hold to be kept needs a name");
	if (hold->keep > keep_limit)
		return kring_refuse(req, -EINVAL,
				    "keep for %llu ns: this channel allows %llu (see ringctl set --keep)",
				    hold->keep, keep_limit);
	if (hold->nr > channel->nr_rings)
		return kring_refuse(req, -EINVAL, "%u positions, but there are %u rings",
				    hold->nr, channel->nr_rings);
	return 0;
}

/* 0 or -errno, then with a message; positions has room for hold->nr */
static int hold_attach(struct kring_file *file, struct kring_hold *hold, u64 *positions)
{
	struct kring_channel *channel = file->channel;
	struct kring_holder *holder;

	if (file->holder)
		return kring_refuse(&hold->req, -EBUSY, "this file holds already");
	if (channel->holds_ended)
		return kring_refuse(&hold->req, -ENODEV, "the channel was removed");
	holder = holder_get(channel, hold, positions);
	if (IS_ERR(holder))
		return PTR_ERR(holder);
	holder->pid = task_tgid_nr(current);
	get_task_comm(holder->comm, current);
	holder->keep = hold->keep;
	holder->orphan = false;
	file->holder = holder;
	return 0;
}

int kring_hold(struct file *filp, struct kring_hold *hold)
{
	struct kring_file *file = filp->private_data;
	u64 __user *user = u64_to_user_ptr(hold->positions);
	struct kring_channel *channel = file->channel;
	size_t size = array_size(hold->nr, sizeof(u64));
	u64 *positions;
	int ret;

	hold->resumed = 0;
	hold->req.message[0] = '\0';
	if (!(filp->f_mode & FMODE_READ) || !(filp->f_mode & FMODE_WRITE))
		return kring_refuse(&hold->req, -EBADF,
				    "to hold, the channel must be open for reading and writing");
	ret = hold_check(channel, hold, &hold->req);
	if (ret)
		return ret;
	positions = memdup_user(user, size);
	if (IS_ERR(positions))
		return PTR_ERR(positions);

	mutex_lock(&channel->hold_lock);
	ret = hold_attach(file, hold, positions);
	mutex_unlock(&channel->hold_lock);
	if (!ret && hold->resumed)
		kring_channel_close(channel);	/* the orphan was a reader */
	if (!ret && copy_to_user(user, positions, size)) {
		kring_hold_drop(file);
		ret = -EFAULT;
	}
	kfree(positions);
	return ret;
}

/* For those who do not map their cursors */
int kring_hold_release(struct kring_file *file, const struct kring_release *release)
{
	struct kring_channel *channel = file->channel;
	u64 *positions;
	int ret = 0;
	u32 i;

	if (release->nr > kring_nr_rings(channel))
		return -EINVAL;
	positions = memdup_user(u64_to_user_ptr(release->positions),
				array_size(release->nr, sizeof(u64)));
	if (IS_ERR(positions))
		return PTR_ERR(positions);
	mutex_lock(&channel->hold_lock);
	if (!file->holder)
		ret = -ENXIO;
	for (i = 0; i < release->nr && !ret; i++)
		if (positions[i] != ~0ULL)
			/* D: the caller's reads, then the cursor */
			smp_store_release(cursor_of(file->holder, i), positions[i]);
	mutex_unlock(&channel->hold_lock);
	kfree(positions);
	return ret;
}

int kring_hold_drop(struct kring_file *file)
{
	struct kring_channel *channel = file->channel;
	struct kring_holder *holder;

	mutex_lock(&channel->hold_lock);
	holder = file->holder;
	file->holder = NULL;
	if (holder)
		holder_drop(channel, holder);
	mutex_unlock(&channel->hold_lock);
	return holder ? 0 : -ENXIO;
}

int kring_hold_mmap(struct kring_file *file, struct vm_area_struct *vma)
{
	unsigned long nr = kring_hold_pages(file->channel);
	struct kring_holder *holder;
	int ret = -ENXIO;

	if (vma_pages(vma) != nr)
		return -EINVAL;
	mutex_lock(&file->channel->hold_lock);
	holder = file->holder;
	if (holder)
		ret = vm_insert_pages(vma, vma->vm_start, holder->pages, &nr);
	mutex_unlock(&file->channel->hold_lock);
	return ret;
}

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
		holder_drop(channel, holder);
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
		holder_drop(channel, holder);
		dropped++;
	}
	return dropped;
}

static void expiry_work(struct work_struct *work)
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

void kring_holds_init(struct kring_channel *channel)
{
	mutex_init(&channel->hold_lock);
	INIT_LIST_HEAD(&channel->holders);
	INIT_DELAYED_WORK(&channel->expiry, expiry_work);
	channel->holds_max = KRING_HOLDS_MAX;
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
			u64 pos = READ_ONCE(*cursor_of(holder, i));
			u64 head = READ_ONCE(ring->meta->head);

			if (!slot_of(ring, cursor_of(holder, i)))
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
