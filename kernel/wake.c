// SPDX-License-Identifier: GPL-2.0
/*
 * Sleeping readers.
 *
 * A reader passes its positions and is armed: each ring is told at which head
 * it wants to know (kring_ring_arm(), barrier F). The producer that gets there
 * queues the ring's irq_work, which looks at every armed file: those that have
 * what they wait for become ready, the others are armed again. A latency bound
 * costs one such look, at the first record: it starts a timer.
 *
 * The barrier is the dearest thing in a commit. In a CPU's own ring each record
 * has it only while somebody sleeps lightly: until the very next record. Others
 * have it where a page of positions begins, which is near enough for a reader
 * that is kept busy and whose timer runs: it sleeps soundly. It begins to sleep
 * lightly when the timer has found nothing, and once no producer is left that has
 * not seen that; and sleeps soundly again when its watermark was reached.
 */
#include <linux/nospec.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <compat.h>
#include <internal.h>

#define LATENCY_MAX	(3600ULL * NSEC_PER_SEC)

/* Below either of these nobody sleeps soundly */
#define SOUND_WATERMARK	(16u << 10)
#define SOUND_LATENCY	NSEC_PER_MSEC

/* For a source that reports wakeups: whose readers this CPU is waking */
DEFINE_PER_CPU(struct kring_channel *, kring_waking);

/* Where commits to a ring have their barrier; wait_lock held */
void kring_wake_fence(struct kring_channel *channel, struct kring_ring *ring)
{
	/* F: then a grace period, before anybody sleeps until the next record */
	WRITE_ONCE(ring->fence_mask, kring_fence_mask(channel->mode, channel->light_sleepers));
}

/* Whether it may sleep past a record for a while: it is woken by the next page, or the timer */
static bool may_sleep_soundly(const struct kring_file *file)
{
	return file->channel->mode == KRING_MODE_PERCPU &&
	       file->watermark >= SOUND_WATERMARK && file->latency >= SOUND_LATENCY;
}

/* wait_lock held */
static void file_set_light(struct kring_file *file, bool light)
{
	struct kring_channel *channel = file->channel;
	u32 i;

	if (file->light == light)
		return;
	file->light = light;
	if (file->grace)
		file->stale = true;
	channel->light_sleepers += light ? 1 : -1;
	for (i = 0; i < channel->nr_rings; i++)
		kring_wake_fence(channel, &channel->buffers[i]->ring);
}

/* Before a file is armed that may not sleep soundly; file->lock held */
static void file_sleep_lightly(struct kring_file *file)
{
	struct kring_channel *channel = file->channel;
	bool late;

	spin_lock_irq(&channel->wait_lock);
	late = !file->light || file->grace;
	file_set_light(file, true);
	spin_unlock_irq(&channel->wait_lock);
	/*
	 * F: no producer is left that has not seen it. Expedited, as this reader
	 * reads nothing meanwhile.
	 */
	if (late && channel->mode == KRING_MODE_PERCPU)
		synchronize_rcu_expedited();
}

/* wait_lock held */
static void file_ready(struct kring_file *file)
{
	file->armed = false;
	WRITE_ONCE(file->ready, true);
	this_cpu_write(kring_waking, file->channel);
	wake_up_poll(&file->wait, EPOLLIN | EPOLLRDNORM);
	this_cpu_write(kring_waking, NULL);
}

/* wait_lock held */
static void file_start_timer(struct kring_file *file)
{
	file->timing = true;
	hrtimer_start(&file->timer, ns_to_ktime(file->latency), HRTIMER_MODE_REL);
}

/*
 * Whether the file has what it waits for in this ring; if not, the ring is
 * armed for it. wait_lock held. At most three rounds: each changes `need`.
 */
static bool file_check(struct kring_file *file, struct kring_ring *ring, u64 pos)
{
	/* Never more than may be there while this very reader holds */
	u64 watermark = min(file->watermark, READ_ONCE(ring->room) / 2);
	u64 head, need;

	if (pos == KRING_POS_NOT_READ)
		return false;
	do {
		head = READ_ONCE(ring->meta->head);
		if (head > pos) {
			if (head - pos >= watermark) {
				if (may_sleep_soundly(file))
					file_set_light(file, false);
				return true;
			}
			if (file->latency && !file->timing)
				file_start_timer(file);
		}
		need = file->latency && !file->timing ? 1 : watermark;
	} while (kring_ring_arm(ring, pos + need));
	return false;
}

/* A ring's irq_work: head got to where somebody wanted to know */
void kring_wake_work(struct irq_work *work)
{
	struct kring_buffer *buffer = container_of(work, struct kring_buffer, wake);
	struct kring_channel *channel = buffer->channel;
	struct kring_file *file;
	unsigned long flags;

	spin_lock_irqsave(&channel->wait_lock, flags);
	list_for_each_entry(file, &channel->files, link)
		if (file->armed &&
		    file_check(file, &buffer->ring, file->pos[buffer->index]))
			file_ready(file);
	spin_unlock_irqrestore(&channel->wait_lock, flags);
}

/* As file_check(), for all rings that it reads */
static bool file_check_all(struct kring_file *file)
{
	u32 i, nr = file->channel->nr_rings;

	for (i = 0; i < nr; i++)
		if (file_check(file, &file->channel->buffers[i]->ring, file->pos[i]))
			return true;
	return false;
}

/* Whether a ring has anything for it; wait_lock held */
static bool file_has_news(const struct kring_file *file)
{
	u32 i, nr = file->channel->nr_rings;

	for (i = 0; i < nr; i++)
		if (file->pos[i] != KRING_POS_NOT_READ &&
		    READ_ONCE(file->channel->buffers[i]->ring.meta->head) > file->pos[i])
			return true;
	return false;
}

/* No producer is left that does not know of a light sleeper */
static void sleeps_lightly(struct rcu_head *rcu)
{
	struct kring_file *file = container_of(rcu, struct kring_file, rcu);
	unsigned long flags;

	spin_lock_irqsave(&file->channel->wait_lock, flags);
	file->grace = false;
	if (file->light && file->stale) {
		file->grace = true;
		file->stale = false;
		call_rcu(&file->rcu, sleeps_lightly);	/* F: as in file_lighten() */
	} else if (file->light && file->armed) {
		/* From now on it starts at the first record */
		file->timing = false;
		if (file_check_all(file))
			file_ready(file);
	}
	spin_unlock_irqrestore(&file->channel->wait_lock, flags);
}

/* A sound sleeper's timer found nothing: have the next record tell; wait_lock held */
static void file_lighten(struct kring_file *file)
{
	file_set_light(file, true);
	if (file->grace)
		return;
	file->grace = true;
	file->stale = false;
	/* F: behind the mask; then no producer is left that has not seen it */
	call_rcu(&file->rcu, sleeps_lightly);
}

static enum hrtimer_restart wake_timer(struct hrtimer *timer)
{
	struct kring_file *file = container_of(timer, struct kring_file, timer);
	struct kring_channel *channel = file->channel;
	enum hrtimer_restart restart = HRTIMER_NORESTART;
	unsigned long flags;

	spin_lock_irqsave(&channel->wait_lock, flags);
	if (file->armed && file_has_news(file)) {
		file_ready(file);
	} else if (file->armed && file->timing) {
		file_lighten(file);
		hrtimer_forward_now(timer, ns_to_ktime(file->latency));
		restart = HRTIMER_RESTART;
	}
	spin_unlock_irqrestore(&channel->wait_lock, flags);
	return restart;
}

/* The channel goes (EPOLLHUP) or has one ring more: all who sleep learn of it */
void kring_wake_all(struct kring_channel *channel, __poll_t more)
{
	struct kring_file *file;
	unsigned long flags;

	spin_lock_irqsave(&channel->wait_lock, flags);
	list_for_each_entry(file, &channel->files, link) {
		file_ready(file);
		wake_up_poll(&file->wait, EPOLLIN | EPOLLRDNORM | more);
	}
	spin_unlock_irqrestore(&channel->wait_lock, flags);
}

void kring_file_init(struct kring_file *file, struct kring_channel *channel)
{
	file->channel = channel;
	mutex_init(&file->lock);
	init_waitqueue_head(&file->wait);
	hrtimer_setup(&file->timer, wake_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	file->watermark = 1;
	file->ready = true;
	spin_lock_irq(&channel->wait_lock);
	list_add_tail(&file->link, &channel->files);
	spin_unlock_irq(&channel->wait_lock);
}

/* Not armed and without a timer; file->lock held, or nobody else has the file */
static void file_disarm(struct kring_file *file)
{
	spin_lock_irq(&file->channel->wait_lock);
	file->armed = false;
	file->ready = true;
	spin_unlock_irq(&file->channel->wait_lock);
	hrtimer_cancel(&file->timer);
	file->timing = false;
}

void kring_file_exit(struct kring_file *file)
{
	struct kring_channel *channel = file->channel;
	bool grace;

	file_disarm(file);
	spin_lock_irq(&channel->wait_lock);
	list_del(&file->link);
	file_set_light(file, false);
	grace = file->grace;
	spin_unlock_irq(&channel->wait_lock);
	if (grace)
		rcu_barrier();		/* sleeps_lightly() has the file */
}

int kring_file_set_wake(struct kring_file *file, const struct kring_wake *wake)
{
	if (!wake->watermark || wake->watermark > file->channel->ring_size / 2 ||
	    wake->latency > LATENCY_MAX || wake->reserved0)
		return -EINVAL;
	mutex_lock(&file->lock);
	file_disarm(file);
	file->watermark = wake->watermark;
	file->latency = wake->latency;
	mutex_unlock(&file->lock);
	return 0;
}

/* The file's lock is held. 0, -EFAULT, -EINVAL (where no reader can be) */
static int file_set_positions(struct kring_file *file, const u64 __user *from, u32 nr)
{
	struct kring_channel *channel = file->channel;
	u32 i;

	for (i = nr; i < channel->max_rings; i++)
		file->pos[i] = KRING_POS_NOT_READ;
	if (copy_from_user(file->pos, from, array_size(nr, sizeof(u64))))
		return -EFAULT;
	for (i = 0; i < nr; i++) {
		u64 head = READ_ONCE(channel->buffers[i]->ring.meta->head);

		if (file->pos[i] != KRING_POS_NOT_READ &&
		    file->pos[i] > head + channel->ring_size)
			return -EINVAL;
	}
	return 0;
}

/* 1: there is something to read; 0: poll will tell */
int kring_file_arm(struct kring_file *file, const struct kring_arm *arm)
{
	struct kring_channel *channel = file->channel;
	u32 nr, nr_rings = kring_nr_rings(channel);
	bool ready;
	int ret;

	if (arm->nr > nr_rings)
		return -EINVAL;
	nr = array_index_nospec(arm->nr, nr_rings + 1);
	mutex_lock(&file->lock);
	file_disarm(file);
	ret = file_set_positions(file, u64_to_user_ptr(arm->positions), nr);
	if (ret)
		goto unlock;
	if (!may_sleep_soundly(file))
		file_sleep_lightly(file);

	spin_lock_irq(&channel->wait_lock);
	file->timing = may_sleep_soundly(file) && (!file->light || file->grace);
	/* Under the lock: a ring that is made later wakes whoever is armed */
	ready = channel->gone || nr < channel->nr_rings || file_check_all(file);
	if (!ready && file->timing)
		file_start_timer(file);
	file->ready = ready;
	file->armed = !ready;
	spin_unlock_irq(&channel->wait_lock);
	ret = ready;
unlock:
	mutex_unlock(&file->lock);
	return ret;
}

__poll_t kring_file_poll(struct file *filp, poll_table *wait)
{
	struct kring_file *file = filp->private_data;
	__poll_t mask = 0;

	poll_wait(filp, &file->wait, wait);
	if (file->channel->source->write && (filp->f_mode & FMODE_WRITE))
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (READ_ONCE(file->ready) && (filp->f_mode & FMODE_READ))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(file->channel->gone))
		mask |= EPOLLHUP;
	return mask;
}
