/* SPDX-License-Identifier: GPL-2.0 */
/* What the files about holds share; hold.c has the whole story. */
#ifndef KRING_HOLD_H
#define KRING_HOLD_H

#include <internal.h>

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

/* hold.c; channel->hold_lock held */
u64 *kring_cursor(const struct kring_holder *holder, u32 index);
u64 **kring_hold_slot(struct kring_ring *ring, const u64 *cursor);
struct kring_holder *kring_holder_alloc(const struct kring_channel *channel);
int kring_holder_attach(struct kring_channel *channel, struct kring_holder *holder,
			struct kring_hold *hold, u64 *positions);
void kring_holder_drop(struct kring_channel *channel, struct kring_holder *holder);

/* hold_keep.c */
void kring_hold_expiry(struct work_struct *work);

#endif /* KRING_HOLD_H */
